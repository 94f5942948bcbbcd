//! Writes of an entry in the making, each with what takes it back.

use alloc::boxed::Box;

use super::Work;
use crate::ledger::account::{Counters, ItemRef};
use crate::ledger::book::Effect;
use crate::ledger::draft::{Change, LegDraft, LegKind};
use crate::ledger::queue::Payment;
use crate::ledger::transfer::Place;
use crate::ledger::usage::{Count, Usage};

/// What takes a write back.
pub(super) enum Undo {
    Counters(u64, Counters, Option<ItemRef>),
    Effect(Effect),
    /// What an account had used of its limits.
    Usage(u64, Option<Box<Usage>>),
    /// A count to take off an account's again, or to add to them.
    Count(u64, Count, bool),
}

impl Work<'_> {
    /// Sets an account's counters, undoably.
    pub(in crate::ledger) fn post(&mut self, number: u64, counters: Counters, at: ItemRef) {
        if let Some((before, last)) = self.state.book.set_counters(number, counters, Some(at)) {
            if !self.state.book.queue().is_empty() {
                self.relieve(number);
            }
            self.undo.push(Undo::Counters(number, before, last));
        }
    }

    /// Posts the counters of both accounts of a leg, debited and credited, by the next item; gives the
    /// leg, for that item to be drafted.
    pub(in crate::ledger) fn post_leg(
        &mut self,
        place: &Place,
        kind: LegKind,
        amount: u128,
        after: [(u64, Counters); 2],
    ) -> LegDraft {
        let at = self.next_item();
        let changes = after.map(|(number, counters)| {
            let account = self.state.book.account_numbered(number);
            Change {
                account: number,
                counters,
                previous: account.and_then(|account| account.last),
            }
        });
        for change in &changes {
            self.post(change.account, change.counters, at);
        }
        LegDraft {
            kind,
            instruction: place.ordinal,
            leg: place.leg,
            id: place.id,
            amount,
            changes,
            numbered: None,
        }
    }

    /// Writes to the book, undoably.
    pub(in crate::ledger) fn write(&mut self, effect: Effect) {
        self.effects.push(effect.clone());
        match &effect {
            Effect::Account(number, _) => self.relieve(*number),
            Effect::Asset(..) | Effect::Guard(..) | Effect::Participant(..) => {
                self.all_relieved = true;
            }
            // Whoever stands in the same lines has another place now, or none before it.
            Effect::Queued(key, after) => {
                let before = self.state.book.queue().get(*key);
                let payers = before.into_iter().chain(after).map(Payment::payers);
                self.relieved.extend(payers.flatten());
            }
            _ => {}
        }
        self.undo.push(Undo::Effect(self.state.book.absorb(effect)));
    }

    /// Sets what an account has used of its limits, undoably.
    pub(in crate::ledger) fn set_usage(&mut self, number: u64, usage: Option<Usage>) {
        let before = self.state.usages.put(number, usage);
        self.undo.push(Undo::Usage(number, before.map(Box::new)));
    }

    /// Counts something on an account, or takes it off again, undoably; nothing on those without
    /// limits of this kind.
    pub(in crate::ledger) fn count(&mut self, number: u64, count: &Count, add: bool) {
        let time = self.time;
        let Some(usage) = self.state.usages.get_mut(number) else {
            return;
        };
        // Once an entry, so that of all its counts only the first is undone by a copy.
        if add && usage.is_stale(time) {
            let before = Some(Box::new(usage.clone()));
            usage.open(time);
            self.undo.push(Undo::Usage(number, before));
        }
        usage.change(count, add);
        self.undo.push(Undo::Count(number, *count, add));
    }

    /// Notes that an account may be able to pay more than before.
    fn relieve(&mut self, number: u64) {
        if self.state.book.queue().line_len(number) > 0 {
            self.relieved.insert(number);
        }
    }

    pub(super) fn revert(&mut self, mark: usize) {
        while self.undo.len() > mark {
            match self.undo.pop() {
                Some(Undo::Counters(number, counters, last)) => {
                    self.state.book.set_counters(number, counters, last);
                }
                Some(Undo::Effect(effect)) => {
                    self.state.book.absorb(effect);
                }
                Some(Undo::Usage(number, before)) => {
                    self.state.usages.put(number, before.map(|usage| *usage));
                }
                Some(Undo::Count(number, count, add)) => {
                    if let Some(usage) = self.state.usages.get_mut(number) {
                        usage.change(&count, !add);
                    }
                }
                None => return,
            }
        }
    }
}
