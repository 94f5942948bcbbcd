//! Admission at the very index: may this submission become an entry, is it one already, or is it
//! answered and forgotten?

use alloc::vec::Vec;

use super::book::Book;
use super::id::ParticipantId;
use super::message::{Authorisation, Message};
use super::parameter::Parameters;
use super::participant::Role;
use super::state::State;
use super::window::{content_hash, message_key};

/// The verdict of `admit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// Becomes the next entry, at this time.
    Go(Admitted),
    /// Is entry `0` already: same identity, same content.
    Replay(u64),
    /// Is answered with a code and forgotten.
    Drop(Rejection),
}

/// What admission found out and `apply` goes on with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    /// Time of the entry.
    pub time: u64,
    /// The window's floor at that time.
    pub floor: u64,
    /// Number of the submitter.
    pub submitter: u32,
    /// Numbers of the participants whose signing policy is met.
    pub signers: Vec<u32>,
    /// Distinct active keys of the operators that signed, if their policy is met.
    pub operator_keys: u32,
    /// Key of the message in the window.
    pub message_key: [u8; 32],
    /// Content of the submission.
    pub content: [u8; 32],
}

/// Why a submission is not logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// No participant of this id.
    #[error("no participant `{0}` is registered")]
    ParticipantUnknown(ParticipantId),
    /// The participant's role may not submit.
    #[error("the role of `{0}` may not submit")]
    RoleNotAllowed(ParticipantId),
    /// A signature's key is not registered.
    #[error("key `{0}` is not registered")]
    KeyUnknown(alloc::string::String),
    /// A signature's key was revoked.
    #[error("key `{0}` was revoked at index {1}")]
    KeyRevoked(alloc::string::String, u64),
    /// The submitter's own signing policy is not met.
    #[error("{have} of {need} signatures that the submitter's policy asks for")]
    PolicyUnmet {
        /// Distinct active keys that signed.
        have: u32,
        /// The policy's threshold.
        need: u32,
    },
    /// `created` lies outside the window.
    #[error("`created` lies outside the window")]
    CreatedOutsideWindow,
    /// The message id was used for other content, or with another `created`.
    #[error("the message id was used at index {0} for other content")]
    MessageIdReused(u64),
    /// An instruction's id lies outside the window.
    #[error("the id of instruction {0} lies outside the window")]
    IdOutsideWindow(u32),
    /// The participant has as many ids inside the window as it may.
    #[error("the participant has too many ids inside the window")]
    IdWindowFull,
}

/// What the door knows of a participant: enough to foresee a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// What it may do.
    pub role: Role,
    /// How many distinct active keys must sign.
    pub threshold: u32,
}

/// Refuses what [`admit`] would refuse, as far as that can be told without the window: who asks,
/// and by how many keys. `message` is signed by distinct active keys; `standing` is its
/// submitter's in some state that was published.
///
/// # Errors
/// The rejection that [`admit`] gives in that state.
pub fn foresee(standing: Option<&Standing>, message: &Message) -> Result<(), Rejection> {
    let who = &message.authorisation;
    let submitter = standing.ok_or_else(|| Rejection::ParticipantUnknown(who.submitter.clone()))?;
    if submitter.role == Role::Auditor {
        return Err(Rejection::RoleNotAllowed(who.submitter.clone()));
    }
    let own = who.signatures.iter();
    let own = own.filter(|signature| signature.participant == who.submitter);
    let have = u32::try_from(own.count()).unwrap_or(u32::MAX);
    let need = message.keys_needed(submitter.threshold);
    match have < need {
        true => Err(Rejection::PolicyUnmet { have, need }),
        false => Ok(()),
    }
}

/// Refuses what lies outside the window at every time from `now` on: what is too old stays so.
/// What is too far ahead may come inside while it waits, so it is for [`admit`] alone.
///
/// Whoever calls this has made sure that the message is not on its way to the log already: one
/// that is in the log is answered with its entry, however old.
///
/// # Errors
/// The rejection that [`admit`] gives.
pub fn foresee_window(
    parameters: &Parameters,
    now: u64,
    message: &Message,
) -> Result<(), Rejection> {
    let floor = now.saturating_sub(parameters.window_back());
    if message.authorisation.created.nanos() < floor {
        return Err(Rejection::CreatedOutsideWindow);
    }
    match message.ids().find(|(_, id)| id.time() < floor) {
        Some((n, _)) => Err(Rejection::IdOutsideWindow(n)),
        None => Ok(()),
    }
}

/// Decides what becomes of a submission. Changes nothing.
#[must_use]
pub fn admit(state: &State, proposed: u64, message: &Message) -> Admission {
    match examine(state, proposed, message) {
        Ok(admission) => admission,
        Err(rejection) => Admission::Drop(rejection),
    }
}

fn examine(state: &State, proposed: u64, message: &Message) -> Result<Admission, Rejection> {
    let who = &message.authorisation;
    let book = state.book();
    let submitter = book
        .participant(&who.submitter)
        .ok_or_else(|| Rejection::ParticipantUnknown(who.submitter.clone()))?;
    if submitter.role == Role::Auditor {
        return Err(Rejection::RoleNotAllowed(who.submitter.clone()));
    }
    let signers = policies_met(book, who)?;
    // By keys of its own: whoever is reached via another never submits.
    if submitter.via.is_some() || !signers.contains(&submitter.number) {
        let have = distinct_keys(book, who, submitter.number);
        let need = message.keys_needed(submitter.threshold);
        if have < need {
            return Err(Rejection::PolicyUnmet { have, need });
        }
    }

    let time = state.last_time.saturating_add(1).max(proposed);
    let parameters = book.parameters();
    let floor = state
        .window
        .floor()
        .max(time.saturating_sub(parameters.window_back()));
    let ceiling = time.saturating_add(parameters.window_ahead());
    let inside = |t: u64| floor <= t && t <= ceiling;

    let message_key = message_key(submitter.number, &who.message_id);
    let content = content_hash(who);
    let created = who.created.nanos();
    if let Some(known) = state.window.message(&message_key) {
        let same = known.created == created && known.content == content;
        if same {
            return Ok(Admission::Replay(known.index));
        }
        // A record whose `created` fell below the floor is as good as forgotten: when its shard
        // is dropped, which takes an entry, must not decide what becomes of this message. And a
        // message that lies outside itself is only looked up.
        if inside(known.created) && inside(created) {
            return Err(Rejection::MessageIdReused(known.index));
        }
    }
    if !inside(created) {
        return Err(Rejection::CreatedOutsideWindow);
    }
    if let Some((n, _)) = message.ids().find(|(_, id)| !inside(id.time())) {
        return Err(Rejection::IdOutsideWindow(n));
    }
    let wanted = message.ids_used();
    let count = state.window.count(submitter.number).saturating_add(wanted);
    if count > parameters.window_ids_max {
        return Err(Rejection::IdWindowFull);
    }
    let submitter = submitter.number;
    let operator_keys = match signers.contains(&0) {
        true => distinct_keys(book, who, 0),
        false => 0,
    };
    Ok(Admission::Go(Admitted {
        time,
        floor,
        submitter,
        signers,
        operator_keys,
        message_key,
        content,
    }))
}

/// The participants whose signing policy the signatures meet, and those that are reached via them. Every signature must be by a key
/// that is registered and active: a signature that counts for nothing has no place in the log.
fn policies_met(book: &Book, who: &Authorisation) -> Result<Vec<u32>, Rejection> {
    let mut signers: Vec<u32> = Vec::new();
    for signature in &who.signatures {
        let name = || signature.key_name.clone();
        let participant = book
            .participant(&signature.participant)
            .ok_or_else(|| Rejection::ParticipantUnknown(signature.participant.clone()))?;
        let key = participant
            .key(&signature.key_name, signature.key_id)
            .ok_or_else(|| Rejection::KeyUnknown(name()))?;
        if let Some(index) = key.revoked {
            return Err(Rejection::KeyRevoked(name(), index));
        }
        let number = participant.number;
        if !signers.contains(&number) && distinct_keys(book, who, number) >= participant.threshold {
            signers.push(number);
        }
    }
    Ok(book.with_indirect(signers))
}

/// How many distinct active public keys of a participant signed.
fn distinct_keys(book: &Book, who: &Authorisation, number: u32) -> u32 {
    let Some(participant) = book.participant_numbered(number) else {
        return 0;
    };
    let signed = participant.keys.iter().filter(|key| {
        key.revoked.is_none()
            && who
                .signatures
                .iter()
                .any(|s| s.key_id == key.id && s.key_name == key.name)
    });
    u32::try_from(signed.count()).unwrap_or(u32::MAX)
}
