//! A window of a velocity rule, counted in slices.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::{Count, shift};
use crate::ledger::bounds::{VelocityDirection, VelocityRule};
use crate::ledger::time::SECOND;
use crate::limits::VELOCITY_SLICES;

const _: () = assert!(SECOND.is_multiple_of(VELOCITY_SLICES));

/// What moved in one slice of a window, or in several.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Slice {
    /// Its number: time divided by its length.
    at: u64,
    pub(super) debits: u128,
    pub(super) credits: u128,
    /// Credits that were booked.
    booked: u128,
    debit_legs: u32,
    credit_legs: u32,
}

impl Slice {
    const fn empty(at: u64) -> Self {
        Self {
            at,
            debits: 0,
            credits: 0,
            booked: 0,
            debit_legs: 0,
            credit_legs: 0,
        }
    }

    /// Adds a slice to sums that are wanted for slice `now`.
    const fn add(&mut self, slice: &Self, now: u64) {
        if slice.counts(now) {
            self.debits = self.debits.saturating_add(slice.debits);
            self.credits = self.credits.saturating_add(slice.credits);
            self.debit_legs = self.debit_legs.saturating_add(slice.debit_legs);
            self.credit_legs = self.credit_legs.saturating_add(slice.credit_legs);
        }
        if slice.sets_off(now) {
            self.booked = self.booked.saturating_add(slice.booked);
        }
    }

    /// Whether it is a part of the window that ends in slice `now`.
    const fn counts(&self, now: u64) -> bool {
        self.at.saturating_add(VELOCITY_SLICES) >= now
    }

    /// What is set off must lie inside the window for certain.
    const fn sets_off(&self, now: u64) -> bool {
        self.at.saturating_add(VELOCITY_SLICES) > now
    }

    fn change(&mut self, count: &Count, add: bool) {
        let (amount, legs) = match count.pays {
            true => (&mut self.debits, &mut self.debit_legs),
            false => (&mut self.credits, &mut self.credit_legs),
        };
        shift(amount, count.amount, add);
        *legs = match add {
            true => legs.saturating_add(count.legs),
            false => legs.saturating_sub(count.legs),
        };
    }

    fn change_booked(&mut self, count: &Count, add: bool) {
        if !count.pays {
            shift(&mut self.booked, count.booked, add);
        }
    }
}

/// What one rule of a window lets through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Most {
    direction: VelocityDirection,
    /// Minor units.
    amount: Option<u128>,
    legs: Option<u32>,
}

/// What moved in a window of so many seconds, and its rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Rolling {
    seconds: u32,
    /// Time of the entry from which on it is counted.
    since: u64,
    /// The slice that was opened last.
    now: Slice,
    /// The sums of those before it, as they count while it is the last.
    before: Slice,
    /// Those before it, oldest first; without those in which nothing moved.
    earlier: Vec<Slice>,
    rules: SmallVec<[Most; 1]>,
}

impl Rolling {
    /// A window in which nothing has moved, counted from `since` on.
    pub(super) const fn new(seconds: u32, since: u64) -> Self {
        Self {
            seconds,
            since,
            now: Slice::empty(0),
            before: Slice::empty(0),
            earlier: Vec::new(),
            rules: SmallVec::new_const(),
        }
    }

    /// The same under those of some rules that are for windows of its length.
    pub(super) fn with_rules(mut self, rules: &[VelocityRule]) -> Self {
        let own = rules.iter().filter(|rule| rule.seconds == self.seconds);
        let own = own.map(|rule| Most {
            direction: rule.direction,
            amount: rule.amount,
            legs: rule.count,
        });
        self.rules = own.collect();
        self
    }

    pub(super) const fn seconds(&self) -> u32 {
        self.seconds
    }

    /// See [`super::Usage::glance`].
    #[inline]
    pub(super) fn glance(&self) -> u128 {
        let rule = self.rules.first().and_then(|rule| rule.amount);
        self.now.debits ^ self.before.debits ^ rule.unwrap_or(0)
    }

    /// Nanoseconds of a slice. Windows have whole seconds, so this is exact.
    const fn slice(&self) -> u64 {
        (self.seconds as u64).saturating_mul(SECOND / VELOCITY_SLICES)
    }

    /// The number of the slice that a time lies in. No window has 0 seconds.
    fn at(&self, time: u64) -> u64 {
        time.checked_div(self.slice()).unwrap_or(0)
    }

    /// Whether the slice that `time` lies in is the last; without a division, as every leg asks.
    #[inline]
    pub(super) const fn is_open(&self, time: u64) -> bool {
        let length = self.slice();
        let begin = self.now.at.saturating_mul(length);
        time >= begin && time.saturating_sub(begin) < length
    }

    /// Begins the slice that `time` lies in, and forgets what counts no more.
    pub(super) fn open(&mut self, time: u64) {
        if self.is_open(time) {
            return;
        }
        let at = self.at(time);
        let last = core::mem::replace(&mut self.now, Slice::empty(at));
        self.earlier.retain(|slice| slice.counts(at));
        if last != Slice::empty(last.at) && last.counts(at) {
            self.earlier.push(last);
        }
        self.before = Slice::empty(0);
        for slice in &self.earlier {
            self.before.add(slice, at);
        }
    }

    /// Sums up the window that ends at `time`.
    pub(super) fn sums(&self, time: u64) -> Slice {
        let now = if self.is_open(time) {
            self.now.at
        } else {
            self.at(time)
        };
        if now == self.now.at {
            let mut sums = self.before;
            sums.add(&self.now, now);
            return sums;
        }
        let mut sums = Slice::empty(0);
        for slice in self.earlier.iter().chain([&self.now]) {
            sums.add(slice, now);
        }
        sums
    }

    /// Counts, or takes off again what was counted; the slice of what is counted must be open.
    pub(super) fn change(&mut self, count: &Count, add: bool) {
        if count.back && count.time <= self.since {
            return;
        }
        if self.is_open(count.time) {
            self.now.change(count, add);
            self.now.change_booked(count, add);
            return;
        }
        let at = self.at(count.time);
        let Ok(place) = self.earlier.binary_search_by_key(&at, |slice| slice.at) else {
            debug_assert!(count.back, "the present slice is open");
            return;
        };
        let Some(slice) = self.earlier.get_mut(place) else {
            return;
        };
        slice.change(count, add);
        slice.change_booked(count, add);
        // None is kept that does not count.
        self.before.change(count, add);
        if slice.sets_off(self.now.at) {
            self.before.change_booked(count, add);
        }
    }

    /// Whether its rules let one more leg through.
    #[inline]
    pub(super) fn lets(&self, count: &Count) -> bool {
        let sums = self.sums(count.time);
        self.rules.iter().all(|rule| {
            let (moved, set_off, legs) = match (rule.direction, count.pays) {
                (VelocityDirection::Debit, true) => (sums.debits, 0, sums.debit_legs),
                (VelocityDirection::Credit, false) => (sums.credits, 0, sums.credit_legs),
                (VelocityDirection::Net, true) => (sums.debits, sums.booked, 0),
                _ => return true,
            };
            let moved = moved.saturating_add(count.amount);
            let above = |most: u128| moved > most.saturating_add(set_off);
            let often = |most: u32| legs.saturating_add(count.legs) > most;
            !rule.amount.is_some_and(above) && !rule.legs.is_some_and(often)
        })
    }

    #[cfg(test)]
    pub(super) const fn has_no_past(&self) -> bool {
        self.earlier.is_empty()
    }
}
