//! What travels between the node's threads.

use std::sync::Arc;

use chain::{Entry, Hash, LeafTree};
use tokio::sync::oneshot;

use super::body::EntryKey;
use super::queue::Place;
use super::record::Record;
use super::submission::Submission;
use super::tree::GroupTree;
use crate::ledger::{
    Authorisation, Draft, Effect, InstructionId, ItemRef, OutcomeRow, Rejection, SealedItems,
    StateCapture, outcomes,
};
use crate::store::wal::Mark;
use crate::wire::FeeRow;

/// What a logged entry takes beside its items and body: names, signatures, tree.
const LOGGED_BYTES: usize = 1_024;

/// A submission on its way to the sequencer, and where its answer goes.
pub(super) struct Job {
    pub(super) submission: Box<Submission>,
    pub(super) dry: bool,
    pub(super) asker: Asker,
}

/// Where an answer goes.
pub(super) struct Asker {
    pub(super) reply: oneshot::Sender<Reply>,
    /// Held until the answer is given.
    pub(super) place: Place,
}

impl Asker {
    /// Answers. A client that hung up still finds its answer by sending the same bytes again.
    pub(super) fn answer(self, reply: Reply) {
        // The place first: whoever has its answer finds room for the next.
        drop(self.place);
        let _ = self.reply.send(reply);
    }
}

/// An entry of the log with all that belongs to it.
pub struct Logged {
    /// The entry.
    pub entry: Entry,
    /// What the store keeps of it.
    pub record: Record,
    /// The items.
    pub(super) items: LoggedItems,
    /// The erasable key.
    pub(super) key: EntryKey,
    /// Who asked, for the look-up by message id.
    pub(super) authorisation: Authorisation,
    /// Writes to the book.
    pub(super) effects: Vec<Effect>,
}

/// What is at hand of the items of an entry that was just made.
pub(super) enum LoggedItems {
    /// All of them.
    Whole(SealedItems),
    /// Of a batch, the proof of item 0, which its answer opens: the others are made again for
    /// whoever asks.
    First(Vec<Hash>),
}

impl LoggedItems {
    pub(super) fn first_of(tree: &LeafTree) -> Self {
        // Every entry has an item 0.
        Self::First(tree.inclusion_proof(0).unwrap_or_default())
    }
}

impl std::fmt::Debug for Logged {
    /// Neither the erasable key nor the salt: whoever has them opens what others must not see.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Logged")
            .field("entry", &self.entry)
            .field("outcomes", &self.outcomes())
            .finish_non_exhaustive()
    }
}

impl Logged {
    /// The outcomes, one an instruction.
    #[must_use]
    pub fn outcomes(&self) -> Vec<OutcomeRow> {
        outcomes(&self.record.drafts)
    }

    /// About how many bytes of memory it takes until the store has it.
    pub(super) fn weight(&self) -> u64 {
        let drafts = self.record.drafts.len() * size_of::<Draft>();
        let items = match &self.items {
            LoggedItems::Whole(items) => items.weight(),
            LoggedItems::First(proof) => proof.len() * Hash::LEN,
        };
        (drafts + items + self.record.sealed_body().len() + LOGGED_BYTES) as u64
    }

    /// The changes to accounts, with the items that made them.
    pub(super) fn changes(&self) -> impl Iterator<Item = (ItemRef, &crate::ledger::Change)> {
        let index = self.entry.index;
        self.record
            .drafts
            .iter()
            .zip(1u32..)
            .flat_map(move |(draft, item)| {
                draft
                    .changes()
                    .iter()
                    .map(move |change| (ItemRef { index, item }, change))
            })
    }

    /// The drafts.
    #[must_use]
    pub fn drafts(&self) -> &[Draft] {
        &self.record.drafts
    }
}

/// The balance of one account right after an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BalanceThen {
    /// Account number.
    pub account: u64,
    /// Posted balance, minor units.
    pub posted: i128,
    /// Pending debits, minor units.
    pub pending_debits: u128,
    /// What may still be debited, minor units.
    pub available: i128,
}

/// The answer to a submission that became an entry.
#[derive(Debug)]
pub struct Applied {
    /// The entry.
    pub logged: Arc<Logged>,
    /// The submitter's own accounts right after the entry.
    pub balances: Vec<BalanceThen>,
    /// Inclusion proof of the entry in the checkpoint's tree.
    pub proof: Vec<Hash>,
    /// The signed checkpoint of the group.
    pub checkpoint: Arc<str>,
}

/// The answer to a dry run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DryRun {
    /// Size of the log that the answer is exact at.
    pub size: u64,
    /// The would-be outcomes.
    pub outcomes: Vec<OutcomeRow>,
    /// What accounts of the submitter's would pay as fees.
    pub fees: Vec<FeeRow>,
    /// Payments of the submitter that would settle right behind it.
    pub settles: Vec<InstructionId>,
}

/// What the sequencer answers.
#[derive(Debug)]
pub enum Reply {
    /// The submission is an entry now, durable and signed for.
    Applied(Box<Applied>),
    /// It was this entry already.
    Replay {
        /// Log index.
        index: u64,
    },
    /// It is answered and forgotten.
    Drop(Rejection),
    /// Nothing happened.
    DryRun(DryRun),
}

/// An answer that waits for the watermark.
pub(super) enum Waiting {
    Applied {
        at: usize,
        balances: Vec<BalanceThen>,
    },
    Ready(Reply),
}

/// A part of a snapshot of the state at log size `size`.
pub(super) struct Part {
    pub(super) size: u64,
    pub(super) number: u32,
    pub(super) bytes: Vec<u8>,
    pub(super) last: bool,
}

/// What the storing thread takes, in this order.
pub(super) enum ToStore {
    Group(Published),
    Part(Part),
}

/// A group that has been applied and waits to be durable.
pub(super) struct Done {
    /// Whether the group has a WAL frame; dry runs alone have none.
    pub(super) framed: bool,
    pub(super) entries: Vec<Arc<Logged>>,
    pub(super) waiting: Vec<(Asker, Waiting)>,
    pub(super) tree: GroupTree,
    /// The log after the group.
    pub(super) mark: Mark,
    /// Leaf hash of the last entry.
    pub(super) leaf: Hash,
    /// The size that the state was frozen at in this group: an entry of it has this index.
    pub(super) frozen: Option<u64>,
    /// The state after the group, if there is to be a snapshot of it.
    pub(super) snapshot: Option<Box<StateCapture>>,
}

/// A group that is durable and published, on its way to the store.
pub(super) struct Published {
    pub(super) entries: Vec<Arc<Logged>>,
    pub(super) tiles: Vec<super::tree::FullTile>,
    pub(super) mark: Mark,
    pub(super) leaf: Hash,
    /// The group's WAL frame.
    pub(super) sequence: u64,
}
