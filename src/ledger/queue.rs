//! The queue: payments that wait for funds, or for their time (LEDGER F10).
//!
//! ```text
//!  transfer ──▶ warehoused ──its time──▶ waiting ──funds──▶ settled
//!     └──────────────────────────────────┘  └─cancel, or reject time──▶ gone
//! ```
//!
//! A payment stands in the queue of every account that it debits, at its rank: by priority, then by
//! where its sender put it, then by when it was accepted. Ranks differ, so every machine sees the
//! same order.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::ops::Bound;

use serde::{Deserialize, Serialize};

use super::calendar::Date;
use super::id::InstructionId;
use super::instruction::Priority;

/// What names a payment: number of its submitter, and the id that it gave to it.
pub type PaymentKey = (u32, InstructionId);

/// Where a payment stands; the smaller goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Rank {
    /// Urgent before high before normal.
    pub priority: Priority,
    /// Index of the entry that accepted it or put it last; one less than the first, if it was put
    /// first.
    pub order: i64,
    /// Ordinal of that instruction in its entry.
    pub ordinal: u32,
    /// The payment: whatever else is the same, keys differ.
    pub key: PaymentKey,
}

/// One leg of a payment that waits, minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuedLeg {
    /// Number of the account that pays.
    pub debit: u64,
    /// Number of the account that receives.
    pub credit: u64,
    /// How much.
    pub amount: u128,
}

/// A payment that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Where it stands, and its key.
    pub rank: Rank,
    /// Number of who answers for it, and may take it back or move it: its submitter, as long as that signs
    /// for anything that it debits.
    pub answers: u32,
    /// Index of the entry that accepted it.
    pub index: u64,
    /// Time of that entry, nanoseconds since 1970 UTC: when it began to count.
    pub time: u64,
    /// While it is warehoused: when it begins to wait for funds, nanoseconds since 1970 UTC.
    pub settle_from: Option<u64>,
    /// While it is warehoused: the business date with which it begins to wait for funds.
    pub day: Option<Date>,
    /// By when it should have settled, nanoseconds since 1970 UTC.
    pub till: Option<u64>,
    /// Whether its parties were told that it had not.
    pub overdue: bool,
    /// When it is revoked, nanoseconds since 1970 UTC; never, if there is none.
    pub reject_at: Option<u64>,
    /// Whether it is revoked when the day on which it waits is cut off.
    pub until_cutoff: bool,
    /// Its legs, at least one; all debit accounts that the submitter signs for, unless others have agreed to
    /// it.
    pub legs: Vec<QueuedLeg>,
}

impl Payment {
    /// Who submitted it.
    #[must_use]
    pub const fn submitter(&self) -> u32 {
        self.rank.key.0
    }

    /// The id of its instruction.
    #[must_use]
    pub const fn id(&self) -> InstructionId {
        self.rank.key.1
    }

    /// Whether it waits for funds: its time has come.
    #[must_use]
    pub const fn is_waiting(&self) -> bool {
        self.settle_from.is_none() && self.day.is_none()
    }

    /// When something happens to it by time alone.
    fn due(&self) -> Option<u64> {
        let told = self.till.filter(|_| !self.overdue);
        let waits = told.into_iter().chain(self.reject_at).min();
        self.settle_from.or(waits)
    }

    /// The accounts that it debits, each once.
    pub(super) fn payers(&self) -> BTreeSet<u64> {
        self.legs.iter().map(|leg| leg.debit).collect()
    }
}

/// All payments that wait.
#[derive(Debug, Clone, Default)]
pub struct Queue {
    by_key: BTreeMap<PaymentKey, Payment>,
    /// Those that wait for funds, in order.
    waiting: BTreeSet<Rank>,
    /// For each account that is debited: all its payments, in order.
    lines: BTreeMap<u64, BTreeSet<Rank>>,
    /// How many urgent and high ones wait for funds, by account.
    strict: BTreeMap<u64, u32>,
    /// For each account that is credited: by how many legs, and the sum of them.
    incoming: BTreeMap<u64, (u32, u128)>,
    /// What happens by time, soonest first.
    due: BTreeSet<(u64, PaymentKey)>,
    /// Those that somebody else answers for than who sent them: who, which, and by whom it was sent.
    left: BTreeSet<(u32, InstructionId, u32)>,
    /// How many legs wait, by who answers for them.
    legs: BTreeMap<u32, u64>,
}

impl Queue {
    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    /// A payment.
    #[must_use]
    pub fn get(&self, key: PaymentKey) -> Option<&Payment> {
        self.by_key.get(&key)
    }

    /// All of them, by submitter and id.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Payment> {
        self.by_key.values()
    }

    /// Those behind one with this key, by submitter and id.
    pub fn after(&self, key: Option<PaymentKey>) -> impl Iterator<Item = &Payment> {
        let from = key.map_or(Bound::Unbounded, Bound::Excluded);
        let range = self.by_key.range((from, Bound::Unbounded));
        range.map(|(_, payment)| payment)
    }

    /// Those that wait for funds, in order.
    pub fn waiting(&self) -> impl Iterator<Item = &Payment> {
        self.waiting
            .iter()
            .filter_map(|rank| self.by_key.get(&rank.key))
    }

    /// The payments of an account, in order, warehoused ones too.
    pub fn line(&self, account: u64) -> impl Iterator<Item = &Payment> {
        let ranks = self.lines.get(&account).into_iter().flatten();
        ranks.filter_map(|rank| self.by_key.get(&rank.key))
    }

    /// How many payments of an account wait, warehoused ones too.
    #[must_use]
    pub fn line_len(&self, account: u64) -> usize {
        self.lines.get(&account).map_or(0, BTreeSet::len)
    }

    /// Whether what is on an account is kept for an urgent or high payment that waits.
    #[inline]
    #[must_use]
    pub fn keeps(&self, account: u64) -> bool {
        !self.strict.is_empty() && self.strict.contains_key(&account)
    }

    /// Whether a payment that waits debits or credits an account.
    #[must_use]
    pub fn concerns(&self, account: u64) -> bool {
        self.lines.contains_key(&account) || self.incoming.contains_key(&account)
    }

    /// What payments that wait would bring to an account, minor units.
    #[must_use]
    pub fn incoming(&self, account: u64) -> u128 {
        self.incoming.get(&account).map_or(0, |(_, sum)| *sum)
    }

    /// How many legs wait that a participant answers for.
    #[must_use]
    pub fn legs_of(&self, who: u32) -> u64 {
        self.legs.get(&who).copied().unwrap_or(0)
    }

    /// The payment of this id that a participant answers for: of several the one that it sent itself, else
    /// that of the first submitter.
    #[must_use]
    pub fn answered(&self, who: u32, id: InstructionId) -> Option<&Payment> {
        let answers = |payment: &&Payment| payment.answers == who;
        let own = self.get((who, id)).filter(answers);
        own.or_else(|| {
            let mut left = self.left.range((who, id, 0)..=(who, id, u32::MAX));
            let (_, id, submitter) = left.next()?;
            self.get((*submitter, *id))
        })
    }

    /// How many legs wait in all.
    #[must_use]
    pub fn legs_total(&self) -> u64 {
        self.legs.values().fold(0, |sum, n| sum.saturating_add(*n))
    }

    /// When the next payment is released or revoked, nanoseconds since 1970 UTC.
    pub(super) fn next_due(&self) -> Option<u64> {
        self.due.first().map(|(time, _)| *time)
    }

    /// The first payment that is released or revoked at or before `time`.
    pub(super) fn due_at(&self, time: u64) -> Option<&Payment> {
        let (at, key) = self.due.first()?;
        self.by_key.get(key).filter(|_| *at <= time)
    }

    /// Puts a payment in the place of what was known under its key, or forgets it; gives back what
    /// was.
    pub(super) fn put(&mut self, key: PaymentKey, payment: Option<Payment>) -> Option<Payment> {
        let before = self.by_key.remove(&key);
        if let Some(before) = &before {
            self.count(before, false);
        }
        if let Some(payment) = payment {
            self.count(&payment, true);
            self.by_key.insert(key, payment);
        }
        before
    }

    fn count(&mut self, payment: &Payment, present: bool) {
        let rank = payment.rank;
        if let Some(time) = payment.due() {
            change(&mut self.due, (time, rank.key), present);
        }
        let waits = payment.is_waiting();
        if waits {
            change(&mut self.waiting, rank, present);
        }
        for account in payment.payers() {
            let line = self.lines.entry(account).or_default();
            change(line, rank, present);
            if line.is_empty() {
                self.lines.remove(&account);
            }
            if waits && rank.priority.is_strict() {
                add(&mut self.strict, account, 1, present);
            }
        }
        for leg in &payment.legs {
            let (legs, sum) = self.incoming.entry(leg.credit).or_default();
            (*legs, *sum) = match present {
                true => (legs.saturating_add(1), sum.saturating_add(leg.amount)),
                false => (legs.saturating_sub(1), sum.saturating_sub(leg.amount)),
            };
            if *legs == 0 {
                self.incoming.remove(&leg.credit);
            }
        }
        let legs = u64::try_from(payment.legs.len()).unwrap_or(u64::MAX);
        add(&mut self.legs, payment.answers, legs, present);
        if payment.answers != payment.submitter() {
            let left = (payment.answers, payment.id(), payment.submitter());
            change(&mut self.left, left, present);
        }
    }
}

fn change<T: Ord>(set: &mut BTreeSet<T>, key: T, present: bool) {
    match present {
        true => set.insert(key),
        false => set.remove(&key),
    };
}

/// Counts up or down; what is zero is not kept.
fn add<K, N>(counts: &mut BTreeMap<K, N>, key: K, by: N, up: bool)
where
    K: Ord + Copy,
    N: Copy + Default + PartialEq + Into<u64> + TryFrom<u64>,
{
    let before: u64 = counts.get(&key).copied().unwrap_or_default().into();
    let after = match up {
        true => before.saturating_add(by.into()),
        false => before.saturating_sub(by.into()),
    };
    match N::try_from(after) {
        Ok(after) if after != N::default() => counts.insert(key, after),
        _ => counts.remove(&key),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payment(n: u128, priority: Priority, order: i64, from: Option<u64>) -> Payment {
        let leg = |debit, credit| QueuedLeg {
            debit,
            credit,
            amount: 10,
        };
        Payment {
            rank: Rank {
                priority,
                order,
                ordinal: 0,
                key: (7, InstructionId::from_parts(1, n)),
            },
            answers: 7,
            index: 1,
            time: 1,
            settle_from: from,
            day: None,
            till: None,
            overdue: false,
            reject_at: Some(50),
            until_cutoff: false,
            legs: alloc::vec![leg(1, 2), leg(1, 3), leg(4, 2)],
        }
    }

    #[test]
    fn who_answers_for_a_payment_finds_it() {
        let mut queue = Queue::default();
        let sent = payment(1, Priority::Normal, 3, None);
        let (key, id) = (sent.rank.key, sent.id());
        queue.put(key, Some(sent.clone()));
        let found = |queue: &Queue, who| queue.answered(who, id).map(Payment::submitter);
        assert_eq!((found(&queue, 7), found(&queue, 8)), (Some(7), None));
        let mut left = sent;
        left.answers = 8;
        queue.put(key, Some(left.clone()));
        assert_eq!((found(&queue, 7), found(&queue, 8)), (None, Some(7)));
        assert_eq!((queue.legs_of(7), queue.legs_of(8)), (0, 3));
        // One of its own goes first, and another submitter's behind that.
        for submitter in [8, 6] {
            let mut other = left.clone();
            other.rank.key.0 = submitter;
            queue.put(other.rank.key, Some(other));
        }
        assert_eq!(found(&queue, 8), Some(8));
        queue.put((8, id), None);
        assert_eq!(found(&queue, 8), Some(6));
        for submitter in [6, 7] {
            queue.put((submitter, id), None);
        }
        assert!(queue.left.is_empty() && queue.legs.is_empty());
    }

    #[test]
    fn everything_that_is_counted_follows_every_change_and_its_undoing() {
        let mut queue = Queue::default();
        let late = payment(1, Priority::Normal, 3, None);
        let first = payment(2, Priority::High, 9, None);
        let held = payment(3, Priority::Urgent, 4, Some(20));
        for payment in [&late, &first, &held] {
            assert_eq!(queue.put(payment.rank.key, Some(payment.clone())), None);
        }
        let ids = |queue: &Queue| queue.waiting().map(Payment::id).collect::<Vec<_>>();
        assert_eq!(ids(&queue), [first.id(), late.id()]);
        assert_eq!((queue.line_len(1), queue.line_len(2)), (3, 0));
        assert!(queue.keeps(4) && !queue.keeps(2));
        assert_eq!((queue.incoming(2), queue.legs_of(7)), (60, 9));
        assert_eq!((queue.next_due(), queue.due_at(19)), (Some(20), None));
        assert_eq!(queue.due_at(20), Some(&held));
        let mut free = held.clone();
        free.settle_from = None;
        assert_eq!(
            queue.put(held.rank.key, Some(free.clone())),
            Some(held.clone())
        );
        assert_eq!(ids(&queue), [held.id(), first.id(), late.id()]);
        assert_eq!(queue.next_due(), Some(50));
        // Undone.
        assert_eq!(queue.put(held.rank.key, Some(held.clone())), Some(free));
        assert_eq!(queue.next_due(), Some(20));
        for payment in [late, first, held] {
            assert_eq!(queue.put(payment.rank.key, None), Some(payment));
        }
        assert!(queue.is_empty() && !queue.concerns(1) && !queue.concerns(2));
        assert!(!queue.keeps(1) && queue.legs_total() == 0 && queue.next_due().is_none());
    }
}
