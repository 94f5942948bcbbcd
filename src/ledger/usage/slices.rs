//! A window of seconds, counted in slices.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::rule::Moved;
use crate::ledger::time::SECOND;
use crate::limits::VELOCITY_SLICES;

const _: () = assert!(SECOND.is_multiple_of(VELOCITY_SLICES));

/// What one rule counts in one slice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Slice {
    /// What moved, minor units.
    pub(super) amount: u128,
    /// What is set off against it, minor units.
    pub(super) set_off: u128,
    /// Its number: time divided by its length.
    pub(super) at: u64,
    pub(super) legs: u32,
}

impl Slice {
    pub(super) const fn empty(at: u64) -> Self {
        Self {
            amount: 0,
            set_off: 0,
            at,
            legs: 0,
        }
    }

    const fn is_empty(&self) -> bool {
        self.amount == 0 && self.set_off == 0 && self.legs == 0
    }

    /// Whether it is a part of the window that ends in slice `now`.
    const fn counts(&self, now: u64) -> bool {
        self.at.saturating_add(VELOCITY_SLICES) >= now
    }

    /// What is set off must lie inside the window for certain.
    const fn sets_off(&self, now: u64) -> bool {
        self.at.saturating_add(VELOCITY_SLICES) > now
    }

    #[inline]
    pub(super) fn shift(&mut self, moved: &Moved, add: bool) {
        // Amounts have 96 bits, and nobody counts 2^32 of them; what is taken off was counted before.
        let by = |sum: u128, by| match add {
            true => sum.saturating_add(by),
            false => sum.saturating_sub(by),
        };
        self.amount = by(self.amount, moved.amount);
        self.set_off = by(self.set_off, moved.set_off);
        self.legs = match add {
            true => self.legs.saturating_add(moved.legs),
            false => self.legs.saturating_sub(moved.legs),
        };
    }
}

/// The slices of one rule before the one under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Slices {
    pub(super) seconds: u32,
    /// Oldest first; without those in which nothing moved, and those that count no more.
    earlier: Vec<Slice>,
}

impl Slices {
    pub(super) const fn new(seconds: u32) -> Self {
        Self {
            seconds,
            earlier: Vec::new(),
        }
    }

    /// Nanoseconds of a slice. Windows have whole seconds, so this is exact.
    const fn length(&self) -> u64 {
        (self.seconds as u64).saturating_mul(SECOND / VELOCITY_SLICES)
    }

    /// The number of the slice that a time lies in. No window has 0 seconds.
    fn at(&self, time: u64) -> u64 {
        time.checked_div(self.length()).unwrap_or(0)
    }

    /// Begins the slice that `time` lies in behind that of before, forgets what counts no more, and sums
    /// up what is left of them. Says when the new slice ends, nanoseconds since 1970 UTC.
    pub(super) fn open(&mut self, now: &mut Slice, time: u64) -> (Moved, u64) {
        let at = self.at(time);
        if now.at != at {
            let last = core::mem::replace(now, Slice::empty(at));
            self.earlier.retain(|slice| slice.counts(at));
            if !last.is_empty() && last.counts(at) {
                self.earlier.push(last);
            }
        }
        let mut sums = Moved::default();
        for slice in self.earlier.iter().chain([&*now]) {
            let set_off = if slice.sets_off(at) { slice.set_off } else { 0 };
            sums.amount = sums.amount.saturating_add(slice.amount);
            sums.set_off = sums.set_off.saturating_add(set_off);
            sums.legs = sums.legs.saturating_add(slice.legs);
        }
        let end = at.saturating_add(1).saturating_mul(self.length());
        (sums, end)
    }

    /// Takes off what was counted at a time, or counts it there again. Says whether it is still in the
    /// count; nothing that is set off is ever given back.
    pub(super) fn change(&mut self, now: &mut Slice, time: u64, moved: &Moved, add: bool) -> bool {
        let at = self.at(time);
        let slice = match now.at == at {
            true => Some(now),
            false => {
                let place = self.earlier.binary_search_by_key(&at, |slice| slice.at);
                place.ok().and_then(|place| self.earlier.get_mut(place))
            }
        };
        slice.map(|slice| slice.shift(moved, add)).is_some()
    }

    #[cfg(test)]
    pub(super) const fn has_no_past(&self) -> bool {
        self.earlier.is_empty()
    }
}
