//! Writes of an entry in the making, each with what takes it back, and ids, which nothing gives back.

use alloc::boxed::Box;

use super::{Refusal, Work};
use crate::ledger::account::{Counters, ItemRef};
use crate::ledger::book::Effect;
use crate::ledger::calendar::{Calendar, Date};
use crate::ledger::draft::{Change, LegDraft, LegKind};
use crate::ledger::id::InstructionId;
use crate::ledger::instruction::Instruction;
use crate::ledger::outcome::Outcome;
use crate::ledger::queue::Payment;
use crate::ledger::transfer::Place;
use crate::ledger::usage::{Count, Day, Moment, Usage};

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
    /// Uses up `count` ids from `first` on, if none of them was used before; says whether.
    pub(in crate::ledger) fn consume_run(&mut self, first: InstructionId, count: u32) -> bool {
        let window = &mut self.state.window;
        if !window.is_run_free(self.submitter, first, count) {
            return false;
        }
        // In a dry run nothing is used up, and ids that count on never meet each other.
        if self.dry.is_none() {
            window.insert_run(self.submitter, first, count, self.index);
        }
        true
    }

    /// An id is used up by whatever becomes of its instruction.
    pub(in crate::ledger) fn consume(&mut self, id: InstructionId) -> Option<Refusal> {
        let used = |index| Refusal {
            outcome: Outcome::IdAlreadyUsed,
            leg: None,
            detail: index,
        };
        if let Some(index) = self.state.window.id(self.submitter, id) {
            return Some(used(index));
        }
        match &mut self.dry {
            Some(seen) => (!seen.insert(id.to_u128())).then(|| used(self.index)),
            None => {
                self.state.window.insert_id(self.submitter, id, self.index);
                None
            }
        }
    }

    /// Uses up the id of an instruction, and those of what it proposes.
    pub(super) fn consume_all(&mut self, instruction: &Instruction) -> Option<Refusal> {
        let own = self.consume(instruction.id());
        let proposed = instruction.proposed().iter();
        proposed.fold(own, |refusal, proposed| {
            let used = self.consume(proposed.id());
            refusal.or(used)
        })
    }

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
            // What is reserved may be less than before.
            Effect::Account(number, _) | Effect::Reserved(number, _) => self.relieve(*number),
            Effect::Asset(..)
            | Effect::Guard(..)
            | Effect::Participant(..)
            | Effect::Calendar(..)
            // What is due on payments that wait may be less.
            | Effect::Fees(..) => {
                self.all_relieved = true;
            }
            Effect::Queued(key, after) => {
                // Whoever stands in the same lines has another place now, or none before it; and what
                // left may have had the room of an account, or of an entry, that others wait for.
                self.all_relieved |= self.state.book.queue().get(*key).is_some();
                self.relieved.extend(after.iter().flat_map(Payment::payers));
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
        if let Some(usage) = self.state.usages.get_mut(number) {
            usage.change(count, add);
            self.undo.push(Undo::Count(number, *count, add));
        }
    }

    /// Begins the slices and periods of both accounts' limits that this entry lies in, undoably.
    ///
    /// Once an entry, so that of all its counts only the first is undone by a copy.
    pub(in crate::ledger) fn open_usages(&mut self, [debit, credit]: [u64; 2]) {
        let asset = self.state.book.account_numbered(debit).map(|a| a.asset);
        let moment = self.moment(asset.unwrap_or_default());
        for number in [debit, credit] {
            let usage = self.state.usages.get(number);
            let stale = usage.filter(|usage| usage.is_stale(moment));
            if let Some(mut opened) = stale.cloned() {
                opened.open(moment);
                self.set_usage(number, Some(opened));
            }
        }
    }

    /// When something counts that an account of this asset does now: on the business date that opened
    /// last, or the date in UTC while none has.
    pub(in crate::ledger) fn moment(&self, asset: u32) -> Moment {
        let calendars = self.state.book.calendars();
        let calendar = match calendars.is_empty() {
            true => None,
            false => calendars.of_asset(asset),
        };
        let business = calendar.and_then(Calendar::opened);
        Moment {
            time: self.time,
            day: Day {
                business: business.is_some(),
                date: business.unwrap_or_else(|| Date::of_time(self.time)),
            },
        }
    }

    /// Notes that an account may be able to pay more than before, or that there may be more on it.
    fn relieve(&mut self, number: u64) {
        let (book, hints) = (&self.state.book, &self.state.hints);
        if book.queue().line_len(number) > 0 {
            self.relieved.insert(number);
        }
        let limited = |account| book.max_balance(account).is_some();
        self.all_relieved |= hints.may_take(number)
            && book.queue().incoming(number) > 0
            && book.account_numbered(number).is_some_and(limited);
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
