//! Who may read what. The parties of one leg never see the others.

use super::excerpt::Excerpt;
use super::{ReadError, Reader, Viewer};
use crate::ledger::{
    Account, Address, Book, Draft, Instruction, InstructionId, LegDraft, Names, Outcome,
    ParticipantId, Role,
};
use crate::node::record::Record;
use crate::node::shared::read;

/// Owners read their own accounts; auditors and operators read all.
pub(super) fn may_read(viewer: &Viewer, account: &Account) -> bool {
    matches!(viewer.role, Role::Auditor | Role::Operator) || viewer.is(account.owner)
}

/// The number of the account that a list is asked for, if it is for one.
///
/// # Errors
/// [`ReadError::NotFound`] if the account is not one that the viewer may read.
pub(super) fn named(
    book: &Book,
    viewer: &Viewer,
    account: Option<&Address>,
) -> Result<Option<u64>, ReadError> {
    let Some(address) = account else {
        return Ok(None);
    };
    let account = book.account(address).filter(|a| may_read(viewer, a));
    Ok(Some(account.ok_or(ReadError::NotFound)?.number))
}

/// The cursor behind the line that was looked at last, if there is a `next` one. That line may be
/// somebody else's, whose id is for nobody: then as little is said of it as there may be, unless it is
/// `shown` on the page.
pub(super) fn cursor(
    shown: Option<InstructionId>,
    last: Option<InstructionId>,
    next: Option<InstructionId>,
) -> Option<InstructionId> {
    let (last, next) = last.zip(next)?;
    Some(match shown == Some(last) {
        true => last,
        false => last.blurred(next),
    })
}

/// How an account is named to somebody who may read a leg of it. Who was named by number, in a
/// binary batch, stays a number to those who may not read the account: numbers are dense, and
/// addresses are not for everybody.
pub(super) fn name_in(numbered: bool, account: &Account, viewer: &Viewer) -> String {
    match numbered && !may_read(viewer, account) {
        true => format!("#{}", account.number),
        false => account.address.to_string(),
    }
}

/// The texts of an account's legs are for its owner and for auditors: operators have no use for
/// names and references of other people's customers.
pub(super) fn may_read_texts(viewer: &Viewer, account: &Account) -> bool {
    viewer.role == Role::Auditor || viewer.is(account.owner)
}

/// Who signed what is for the submitter, the other signers, and auditors.
pub(super) fn is_author(viewer: &Viewer, authorisation: &chain::Authorisation) -> bool {
    let id = viewer.id.as_str();
    let signed = authorisation.signatures.iter().any(|s| {
        s.key_name
            .split_once('/')
            .is_some_and(|(participant, _)| participant == id)
    });
    authorisation.submitter == id || signed
}

/// Whether the viewer may read the stored answer to a participant's submission.
pub(super) fn may_read_answer(viewer: &Viewer, submitter: &str) -> bool {
    viewer.role == Role::Auditor || submitter == viewer.id.as_str()
}

/// What a viewer may read of an entry.
pub(super) struct Sight<'a> {
    excerpt: &'a Excerpt,
    viewer: &'a Viewer,
    /// Wrote or signed the whole body, or is an auditor.
    everything: bool,
}

impl<'a> Sight<'a> {
    pub(super) fn new(
        excerpt: &'a Excerpt,
        viewer: &'a Viewer,
        authorisation: &chain::Authorisation,
    ) -> Self {
        let everything = viewer.role == Role::Auditor || is_author(viewer, authorisation);
        Self {
            excerpt,
            viewer,
            everything,
        }
    }

    /// Whether the viewer owns an account.
    fn owns(&self, account: u64) -> bool {
        self.excerpt
            .account_numbered(account)
            .is_some_and(|a| self.viewer.is(a.owner))
    }

    /// The numbers of the items whose shared part and text the viewer may read.
    pub(super) fn items(&self, record: &Record) -> Vec<u32> {
        let genesis = usize::from(record.genesis.is_some());
        let last = record.drafts.len().saturating_add(genesis);
        let items = 0..=u32::try_from(last).unwrap_or(u32::MAX);
        items.filter(|n| self.sees(record, *n)).collect()
    }

    /// Whether there is such an item, and the viewer may read its shared part and text.
    pub(super) fn sees(&self, record: &Record, n: u32) -> bool {
        match (n, record.draft(n)) {
            (0, _) => self.everything,
            // What a log was founded with, everybody may read.
            (1, None) => record.genesis.is_some(),
            (_, draft) => draft.is_some_and(|draft| self.draft(draft)),
        }
    }

    /// Whether the viewer may read an item, by its draft; item 0 has none.
    pub(super) fn item(&self, draft: Option<&Draft>) -> bool {
        draft.map_or(self.everything, |draft| self.draft(draft))
    }

    /// Whether the viewer may read the shared part and the text of an item.
    pub(super) fn draft(&self, draft: &Draft) -> bool {
        self.everything
            || match draft {
                Draft::Leg(leg) => self.leg(leg),
                Draft::Held(held) => self.leg(&held.leg),
                Draft::Linked(linked) => self.leg(&linked.leg),
                Draft::Instruction(i) => match i.outcome {
                    Outcome::Applied | Outcome::WindowClosed => self.concerns(&i.json),
                    Outcome::Proposed
                    | Outcome::Approved
                    | Outcome::CarriedOut
                    | Outcome::Withdrawn
                    | Outcome::Declined => self.excerpt.asks(i.id, self.viewer.number),
                    Outcome::ProposalExpired => asked(&i.json).contains(&self.viewer.id),
                    outcome => is_of_day(outcome),
                },
                // It holds the secret of all salts.
                Draft::Seal(_) => false,
            }
    }

    fn leg(&self, leg: &LegDraft) -> bool {
        leg.changes.iter().any(|change| self.owns(change.account))
    }

    /// Whether the viewer may read the private part of an account.
    pub(super) fn private(&self, account: u64) -> bool {
        self.viewer.role == Role::Auditor || self.owns(account)
    }

    /// Whether a governance instruction is about the viewer.
    fn concerns(&self, json: &str) -> bool {
        let Ok(instruction) = serde_json::from_str::<Instruction>(json) else {
            return false;
        };
        let about = |id: &ParticipantId| self.viewer.is_named(id);
        match &instruction {
            Instruction::AddParticipant(i) => about(&i.participant),
            Instruction::AddKey(i) => about(&i.participant),
            Instruction::RevokeKey(i) => about(&i.participant),
            Instruction::OpenAccount(i) => about(&i.owner),
            Instruction::CloseAccount(i) => self
                .excerpt
                .account(&i.address)
                .is_some_and(|a| self.owns(a.number)),
            Instruction::ReopenAccount(i) => self
                .excerpt
                .account(&i.address)
                .is_some_and(|a| self.owns(a.number)),
            // Freezes name cases, which are for nobody else; the account tells its owner the rest.
            Instruction::SuspendParticipant(i) => about(&i.participant),
            Instruction::ResumeParticipant(i) | Instruction::TerminateParticipant(i) => {
                about(&i.participant)
            }
            Instruction::AdmitParticipant(i) => about(&i.participant),
            Instruction::IdentifyParticipant(i) => about(&i.participant),
            Instruction::SetVia(i) => about(&i.participant) || about(&i.via),
            Instruction::SetLimits(i) => self
                .excerpt
                .account(&i.address)
                .is_some_and(|a| self.owns(a.number)),
            Instruction::GrantMandate(i) => about(&i.to),
            Instruction::JoinModel(i) => self
                .excerpt
                .account(&i.account)
                .is_some_and(|a| self.owns(a.number)),
            // What everybody's rules are, everybody may read.
            Instruction::AddAsset(_)
            | Instruction::SetAssetStatus(_)
            | Instruction::SetParameter(_)
            | Instruction::Protocol(_)
            | Instruction::AddLogKey(_)
            | Instruction::RetireLogKey(_)
            | Instruction::OpenModel(_)
            | Instruction::CloseModel(_)
            | Instruction::CloseWindow(_)
            | Instruction::SetCalendar(_)
            | Instruction::SetParticipantDays(_)
            | Instruction::SetPosting(_)
            | Instruction::SetFees(_)
            | Instruction::SetProvider(_) => true,
            _ => false,
        }
    }
}

/// Whose signatures a proposal took that has expired.
fn asked(json: &str) -> Vec<ParticipantId> {
    #[derive(serde::Deserialize)]
    struct Said {
        proposal_expired: Expired,
    }
    #[derive(serde::Deserialize)]
    struct Expired {
        asked: Vec<ParticipantId>,
    }
    serde_json::from_str::<Said>(json)
        .map_or_else(|_| Vec::new(), |said| said.proposal_expired.asked)
}

/// Whether an item says how far a business day has come, which everybody may read.
const fn is_of_day(outcome: Outcome) -> bool {
    matches!(
        outcome,
        Outcome::DayOpened
            | Outcome::CustomerCutoff
            | Outcome::InterbankCutoff
            | Outcome::DayClosed
            | Outcome::NextDate
            | Outcome::FeesCharged
    )
}

impl Reader {
    /// A copy of an account that the viewer may read, and the log size that it is exact at.
    pub(super) fn readable(
        &self,
        address: &str,
        viewer: &Viewer,
    ) -> Result<(Account, u64), super::ReadError> {
        let missing = || super::ReadError::NotFound;
        let address = crate::ledger::Address::new(address).map_err(|_| missing())?;
        let at = read(&self.shared.book);
        let account = at.book.account(&address).filter(|a| may_read(viewer, a));
        Ok((account.cloned().ok_or_else(missing)?, at.size))
    }
}
