//! Indirect participants: banks without keys of their own, for whose accounts a direct participant's
//! keys sign (LEDGER F17).
//!
//! ```text
//!  keys of bank-a ──sign──▶ accounts of bank-a
//!                     └───▶ accounts of coop, which is reached via bank-a
//! ```
//!
//! Who signs for an owner is decided here, and nowhere else: [`Book::signer_of`] for one owner, and
//! [`Book::with_indirect`] for all whose policies a message's signatures meet.
//!
//! Invariants: whoever is reached via another has no keys and reaches nobody; whom it is reached via is a
//! bank that takes part for good, and is not terminated before it.

use alloc::vec::Vec;

use super::account::Account;
use super::apply::{Refusal, Work};
use super::book::{Book, Effect};
use super::id::ParticipantId;
use super::instruction::SetVia;
use super::outcome::Outcome;
use super::participant::{Participant, ParticipantState, Role};
use super::queue::QueuedLeg;
use super::standing::{self, bank, find, is_not_over};

impl Book {
    /// Who signs for the accounts of a participant: itself, or the direct one that it is reached via.
    #[must_use]
    pub fn signer_of(&self, owner: u32) -> u32 {
        if self.indirect.is_empty() {
            return owner;
        }
        self.indirect.get(&owner).copied().unwrap_or(owner)
    }

    /// Participants that are reached via one, by number.
    pub fn reached_via(&self, direct: u32) -> impl Iterator<Item = u32> {
        let via = self.indirect.iter().filter(move |(_, via)| **via == direct);
        via.map(|(number, _)| *number)
    }

    /// These participants, whose signing policies are met, and all that they sign for.
    pub(super) fn with_indirect(&self, mut signers: Vec<u32>) -> Vec<u32> {
        if !self.indirect.is_empty() {
            let all = self.indirect.iter();
            let signed = all.filter(|(_, via)| signers.contains(via));
            let more: Vec<u32> = signed.map(|(number, _)| *number).collect();
            signers.extend(more);
        }
        signers
    }

    /// Whether the accounts of a participant pay nothing new for who signs for them is suspended.
    pub(super) fn signer_suspended(&self, account: &Account) -> bool {
        let signer = self.signer_of(account.owner);
        signer != account.owner
            && self
                .participant_numbered(signer)
                .is_some_and(Participant::is_suspended)
    }
}

/// Whether somebody may be reached via a bank: it has keys of its own, and takes part for good.
fn may_reach(direct: &Participant) -> Result<u32, Outcome> {
    if direct.state != ParticipantState::Active {
        return Err(Outcome::StateNotAllowed);
    }
    is_direct(direct)?;
    Ok(direct.number)
}

/// Whom a new participant is reached via, if via anybody; it has so many keys.
pub(super) fn via(
    work: &Work<'_>,
    (role, keys): (Role, usize),
    via: Option<&ParticipantId>,
) -> Result<Option<u32>, Outcome> {
    let Some(via) = via else {
        return Ok(None);
    };
    let direct = bank(work, via)?;
    if role != Role::Bank {
        return Err(Outcome::ParticipantNotBank);
    }
    let direct = may_reach(&direct)?;
    match keys {
        0 => Ok(Some(direct)),
        _ => Err(Outcome::ParticipantIndirect),
    }
}

/// Has an indirect participant be reached via another bank, by two operators; gives its number.
pub(super) fn set_via(work: &mut Work<'_>, i: &SetVia) -> Result<u64, Outcome> {
    let (participant, direct) = (find(work, &i.participant)?, find(work, &i.via)?);
    if participant.via == Some(direct.number) {
        return Err(Outcome::NoChange);
    }
    let (mut participant, direct) = (bank(work, &i.participant)?, bank(work, &i.via)?);
    if !work.four_eyes() {
        return Err(Outcome::FourEyesNeeded);
    }
    is_not_over(&participant)?;
    let direct = may_reach(&direct)?;
    if participant.via.is_none() {
        return Err(Outcome::ParticipantDirect);
    }
    participant.via = Some(direct);
    let number = participant.number;
    work.write(Effect::Participant(number, Some(participant)));
    hand_over(work, number, direct);
    Ok(u64::from(number))
}

/// Has the direct bank answer for what waits to debit accounts of who is reached via it now, unless its
/// sender signs for anything else that it debits.
fn hand_over(work: &mut Work<'_>, number: u32, direct: u32) {
    for mut payment in standing::payments_of(work.state.book(), number) {
        let book = work.state.book();
        let sender = payment.submitter();
        let signs = |leg: &QueuedLeg| {
            let account = book.account_numbered(leg.debit);
            account.is_some_and(|account| book.signer_of(account.owner) == sender)
        };
        let answers = match payment.legs.iter().any(signs) {
            true => sender,
            false => direct,
        };
        if payment.answers != answers {
            payment.answers = answers;
            work.write(Effect::Queued(payment.rank.key, Some(payment)));
        }
    }
}

/// Whether nobody that is not terminated is reached via a participant.
pub(super) fn reaches_nobody(book: &Book, direct: u32) -> Result<(), Refusal> {
    let lives = |number: &u32| {
        let participant = book.participant_numbered(*number);
        participant.is_some_and(|it| it.state != ParticipantState::Terminated)
    };
    match book.reached_via(direct).find(lives) {
        Some(number) => Err(Refusal {
            outcome: Outcome::IndirectLeft,
            leg: None,
            detail: u64::from(number),
        }),
        None => Ok(()),
    }
}

/// Whether a participant is a direct one.
pub(super) const fn is_direct(participant: &Participant) -> Result<(), Outcome> {
    match participant.via {
        Some(_) => Err(Outcome::ParticipantIndirect),
        None => Ok(()),
    }
}
