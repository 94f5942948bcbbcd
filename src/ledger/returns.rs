//! What was given back of which legs of the log, and recalls that wait for an answer (LEDGER F16).
//!
//! ```text
//!  leg in the log ◀──proof── return, return ... together at most its amount
//!                 ◀──proof── recall ──▶ open ──a return, a refusal, or its time──▶ closed
//! ```
//!
//! The state keeps no legs: whoever gives one back brings it, with its proof. Only those of which
//! something was given back are kept here, for as long as anything can be.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::account::ItemRef;
use super::id::InstructionId;
use super::shards::Shards;
use super::snapshot::{PartReader, PartWriter, SnapshotError};

/// What was given back of one leg, and whose it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// Number of the participant that gave it back.
    pub owner: u32,
    /// Number of the account that had paid, and gets it back.
    pub debit: u64,
    /// Number of the account that had received.
    pub credit: u64,
    /// Minor units that it had moved.
    pub whole: u128,
    /// Whether that leg names accounts by number, as those of a binary batch do.
    pub numbered: bool,
    /// Minor units that were given back, of all returns together.
    pub amount: u128,
    /// Index of the entry of the last of them.
    pub last: u64,
    /// From when on nobody may ask for more, nanoseconds since 1970 UTC.
    pub until: u64,
}

/// A recall that waits for its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecallCase {
    /// Id of the instruction that asked.
    pub id: InstructionId,
    /// The leg that is asked back.
    pub original: ItemRef,
    /// Id of that leg's instruction.
    pub of: InstructionId,
    /// Whether that leg names accounts by number, as those of a binary batch do.
    pub numbered: bool,
    /// Number of the participant that paid, and asks.
    pub sender: u32,
    /// Number of the account that paid.
    pub debit: u64,
    /// Number of the account that received.
    pub credit: u64,
    /// What had not been returned when it was asked, minor units.
    pub amount: u128,
    /// Why, an ISO 20022 code.
    pub reason: [u8; 4],
    /// Index of the entry that asked.
    pub index: u64,
    /// When it ends unanswered, nanoseconds since 1970 UTC.
    pub ends: u64,
}

/// A write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReturnsEffect {
    /// What was given back of this leg; `None` forgets it.
    Returned(ItemRef, Option<Returned>),
    /// The recall of this id; `None` closes it.
    Recall(InstructionId, Option<RecallCase>),
}

/// All that was given back, and all open recalls.
#[derive(Debug, Clone, Default)]
pub struct Returns {
    returned: Shards<ItemRef, Returned>,
    recalls: Shards<InstructionId, RecallCase>,
    /// Which may be forgotten, soonest first.
    until: BTreeSet<(u64, ItemRef)>,
    /// Which recalls end, soonest first.
    ends: BTreeSet<(u64, InstructionId)>,
    /// The open recall of each leg.
    by_original: BTreeMap<ItemRef, InstructionId>,
    /// How many legs each participant has given something back of.
    givers: BTreeMap<u32, u64>,
    /// How many recalls of each participant are open.
    askers: BTreeMap<u32, u64>,
}

/// What a snapshot has of it: shared with what it was taken of.
#[derive(Debug, Clone)]
pub(super) struct SavedReturns {
    returned: Shards<ItemRef, Returned>,
    recalls: Shards<InstructionId, RecallCase>,
}

impl Returns {
    /// What was given back of a leg.
    #[must_use]
    pub fn returned(&self, original: ItemRef) -> Option<&Returned> {
        self.returned.get(original)
    }

    /// All legs of which something was given back, by their places.
    pub fn all_returned(&self) -> impl Iterator<Item = (ItemRef, &Returned)> {
        self.returned.iter()
    }

    /// The same, behind one place.
    pub fn returned_after(
        &self,
        at: Option<ItemRef>,
    ) -> impl Iterator<Item = (ItemRef, &Returned)> {
        self.returned.after(at)
    }

    /// An open recall.
    #[must_use]
    pub fn recall(&self, id: InstructionId) -> Option<&RecallCase> {
        self.recalls.get(id)
    }

    /// The open recall of a leg.
    #[must_use]
    pub fn recall_of(&self, original: ItemRef) -> Option<&RecallCase> {
        self.recall(*self.by_original.get(&original)?)
    }

    /// The open recalls behind one with this id, by id.
    pub fn recalls_after(&self, id: Option<InstructionId>) -> impl Iterator<Item = &RecallCase> {
        self.recalls.after(id).map(|(_, recall)| recall)
    }

    /// Whether there are `max` legs that a participant has given something back of, and of which more
    /// may be asked at `floor`.
    pub(super) fn is_full(&self, participant: u32, max: u64, floor: u64) -> bool {
        let kept = self.givers.get(&participant).copied().unwrap_or(0);
        if kept < max {
            return false;
        }
        // Those that wait to be forgotten count no more, however many they are.
        let over = self.until.iter().take_while(|(until, _)| *until < floor);
        let own = over.filter(|(_, at)| {
            let returned = self.returned.get(*at);
            returned.is_some_and(|returned| returned.owner == participant)
        });
        let own = u64::try_from(own.count()).unwrap_or(u64::MAX);
        kept.saturating_sub(own) >= max
    }

    /// How many recalls of a participant are open.
    pub(super) fn recalls_of(&self, participant: u32) -> u64 {
        self.askers.get(&participant).copied().unwrap_or(0)
    }

    /// When the next recall ends, nanoseconds since 1970 UTC.
    pub(super) fn next_due(&self) -> Option<u64> {
        self.ends.first().map(|(time, _)| *time)
    }

    /// The first recall that ends at or before `time`.
    pub(super) fn due_at(&self, time: u64) -> Option<&RecallCase> {
        let (at, id) = self.ends.first()?;
        self.recalls.get(*id).filter(|_| *at <= time)
    }

    /// The first leg of which nobody may give anything back any more before `floor`.
    pub(super) fn to_forget(&self, floor: u64) -> Option<ItemRef> {
        let (until, original) = self.until.first()?;
        (*until < floor).then_some(*original)
    }

    /// Applies a write; gives the one that undoes it.
    pub(super) fn put(&mut self, effect: ReturnsEffect) -> ReturnsEffect {
        match effect {
            ReturnsEffect::Returned(at, returned) => {
                if let Some(before) = self.returned.get(at).copied() {
                    self.until.remove(&(before.until, at));
                    count(&mut self.givers, before.owner, false);
                }
                if let Some(returned) = &returned {
                    self.until.insert((returned.until, at));
                    count(&mut self.givers, returned.owner, true);
                }
                ReturnsEffect::Returned(at, self.returned.put(at, returned))
            }
            ReturnsEffect::Recall(id, recall) => {
                if let Some(before) = self.recalls.get(id).copied() {
                    self.ends.remove(&(before.ends, id));
                    self.by_original.remove(&before.original);
                    count(&mut self.askers, before.sender, false);
                }
                if let Some(recall) = &recall {
                    self.ends.insert((recall.ends, id));
                    self.by_original.insert(recall.original, id);
                    count(&mut self.askers, recall.sender, true);
                }
                ReturnsEffect::Recall(id, self.recalls.put(id, recall))
            }
        }
    }

    /// What a snapshot has of it.
    pub(super) fn save(&self) -> SavedReturns {
        SavedReturns {
            returned: self.returned.clone(),
            recalls: self.recalls.clone(),
        }
    }

    /// Reads what a snapshot has of it.
    pub(super) fn read<I: Iterator<Item = Vec<u8>>>(
        from: &mut PartReader<I>,
    ) -> Result<Self, SnapshotError> {
        let mut returns = Self::default();
        from.take_all(|(at, returned)| {
            returns.put(ReturnsEffect::Returned(at, Some(returned)));
            Ok(())
        })?;
        from.take_all(|recall: RecallCase| {
            returns.put(ReturnsEffect::Recall(recall.id, Some(recall)));
            Ok(())
        })?;
        Ok(returns)
    }
}

impl SavedReturns {
    /// Writes it to a snapshot.
    pub(super) fn write<E, F>(&self, out: &mut PartWriter<F>) -> Result<(), E>
    where
        F: FnMut(Vec<u8>, bool) -> Result<(), E>,
    {
        out.put(&self.returned.len())?;
        for returned in self.returned.iter() {
            out.put(&returned)?;
        }
        out.put(&self.recalls.len())?;
        for (_, recall) in self.recalls.iter() {
            out.put(recall)?;
        }
        Ok(())
    }
}

/// Counts one more, or one less.
fn count(counts: &mut BTreeMap<u32, u64>, participant: u32, more: bool) {
    let count = counts.entry(participant).or_insert(0);
    *count = match more {
        true => count.saturating_add(1),
        false => count.saturating_sub(1),
    };
    if *count == 0 {
        counts.remove(&participant);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(index: u64) -> ItemRef {
        ItemRef { index, item: 1 }
    }

    fn recall(n: u128, original: u64, ends: u64) -> RecallCase {
        RecallCase {
            id: InstructionId::from_parts(1, n),
            original: at(original),
            of: InstructionId::from_parts(1, 9),
            numbered: false,
            sender: 7,
            debit: 1,
            credit: 2,
            amount: 5,
            reason: *b"DUPL",
            index: 3,
            ends,
        }
    }

    #[test]
    fn sums_and_recalls_follow_every_write_and_its_undoing() {
        let mut returns = Returns::default();
        let sum = |amount, until| Returned {
            owner: 7,
            debit: 1,
            credit: 2,
            whole: 5,
            numbered: false,
            amount,
            last: 1,
            until,
        };
        let write = ReturnsEffect::Returned(at(5_000), Some(sum(3, 20)));
        let undo = returns.put(write.clone());
        assert_eq!(undo, ReturnsEffect::Returned(at(5_000), None));
        returns.put(ReturnsEffect::Returned(at(2), Some(sum(1, 10))));
        let more = returns.put(ReturnsEffect::Returned(at(5_000), Some(sum(4, 20))));
        // One of the two may be forgotten from 11 on.
        let full = |floor| [1, 2, 3].map(|max| returns.is_full(7, max, floor));
        assert_eq!(
            (full(10), full(11)),
            ([true, true, false], [true, false, false])
        );
        assert_eq!(
            (returns.to_forget(10), returns.to_forget(11)),
            (None, Some(at(2)))
        );
        returns.put(ReturnsEffect::Returned(at(2), None));
        assert_eq!(
            (returns.to_forget(20), returns.to_forget(21)),
            (None, Some(at(5_000)))
        );
        assert_eq!(more, write);
        returns.put(more);
        assert_eq!(returns.returned(at(5_000)), Some(&sum(3, 20)));
        returns.put(undo);
        assert_eq!(
            (returns.is_full(7, 1, 0), returns.to_forget(99)),
            (false, None)
        );

        let (late, early) = (recall(1, 4, 9), recall(2, 8, 5));
        for case in [late, early] {
            returns.put(ReturnsEffect::Recall(case.id, Some(case)));
        }
        assert_eq!((returns.next_due(), returns.recalls_of(7)), (Some(5), 2));
        assert_eq!((returns.due_at(4), returns.due_at(5)), (None, Some(&early)));
        assert_eq!(returns.recall_of(at(4)), Some(&late));
        let undo = returns.put(ReturnsEffect::Recall(early.id, None));
        assert_eq!(
            (returns.next_due(), returns.recall_of(at(8))),
            (Some(9), None)
        );
        returns.put(undo);
        assert_eq!(returns.recalls_after(None).count(), 2);
        assert_eq!(returns.recalls_after(Some(late.id)).next(), Some(&early));
    }
}
