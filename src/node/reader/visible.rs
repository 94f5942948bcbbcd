//! Who may read which item. The parties of one leg never see the others.

use chain::Item;

use super::{Held, ReadError, Reader, Viewer};
use crate::ledger::{Book, Instruction, Outcome, ParticipantId, Role};

/// What a viewer may read of an entry.
pub(super) struct Sight<'a> {
    book: &'a Book,
    viewer: &'a Viewer,
    /// Wrote or signed the whole body.
    author: bool,
}

impl<'a> Sight<'a> {
    pub(super) fn new(
        book: &'a Book,
        viewer: &'a Viewer,
        authorisation: &chain::Authorisation,
    ) -> Self {
        let id = viewer.id.as_str();
        let signed = authorisation.signatures.iter().any(|s| {
            s.key_name
                .split_once('/')
                .is_some_and(|(participant, _)| participant == id)
        });
        let author = authorisation.submitter == id || signed;
        Self {
            book,
            viewer,
            author,
        }
    }

    fn is_auditor(&self) -> bool {
        self.viewer.role == Role::Auditor
    }

    /// Whether the viewer owns an account.
    pub(super) fn owns(&self, account: u64) -> bool {
        self.book
            .account_numbered(account)
            .is_some_and(|a| a.owner == self.viewer.number)
    }

    /// Whether the viewer may read the shared part and the text of an item.
    pub(super) fn item(&self, item: &Item) -> bool {
        if self.author || self.is_auditor() {
            return true;
        }
        match item {
            Item::Genesis(_) => true,
            Item::Leg(leg) => self.owns(leg.debit) || self.owns(leg.credit),
            Item::Instruction(i) => {
                i.outcome == Outcome::Applied.number() && self.concerns(&i.json)
            }
            _ => false,
        }
    }

    /// Whether the viewer may read the private part of an account.
    pub(super) fn private(&self, account: u64) -> bool {
        self.is_auditor() || self.owns(account)
    }

    /// Whether a governance instruction is about the viewer.
    fn concerns(&self, json: &str) -> bool {
        let Ok(instruction) = serde_json::from_str::<Instruction>(json) else {
            return false;
        };
        let about = |id: &ParticipantId| *id == self.viewer.id;
        match &instruction {
            Instruction::AddParticipant(i) => about(&i.participant),
            Instruction::AddKey(i) => about(&i.participant),
            Instruction::RevokeKey(i) => about(&i.participant),
            Instruction::OpenAccount(i) => about(&i.owner),
            Instruction::CloseAccount(i) => self
                .book
                .account(&i.address)
                .is_some_and(|a| self.owns(a.number)),
            Instruction::SetLimits(i) => self
                .book
                .account(&i.address)
                .is_some_and(|a| self.owns(a.number)),
            // What everybody's rules are, everybody may read.
            Instruction::AddAsset(_)
            | Instruction::SetAssetStatus(_)
            | Instruction::SetParameter(_)
            | Instruction::Protocol(_) => true,
            _ => false,
        }
    }
}

impl Reader {
    /// Reads the items of an entry.
    pub(super) fn parsed(held: &Held) -> Result<Vec<Item>, ReadError> {
        let index = held.entry().index;
        let items = held.items();
        let parse = |n| {
            let bytes = items.item(n).unwrap_or_default();
            Item::parse(bytes).map_err(|error| ReadError::Damaged(index, error.to_string()))
        };
        (0..items.len()).map(parse).collect()
    }
}
