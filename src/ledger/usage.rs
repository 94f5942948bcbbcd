//! How much of its limits an account has used: what moved inside the windows of its velocity rules,
//! and in the running day of UTC.
//!
//! ```text
//!   window of S seconds = 50 slices of S/50      the slice under way and the 50 before it count
//!   ... |##|##|##|##|##| ... |##|##|#>           so what moved counts for S to S + S/50 seconds
//!                                   now
//! ```
//!
//! A window is counted in slices, so that an account takes the same few kilobytes whatever it does.
//! The rounding never lets more through: a debit counts up to a fiftieth of the window too long, and
//! what a net rule sets off against debits counts up to a fiftieth too short.
//!
//! What is reserved counts from then on, at that time; when it is given back it is taken off where
//! it was counted. An account is counted from the entry on that sets a limit of that kind: what
//! moved before, and what was reserved before and is given back later, is not in the count.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::bounds::{BilateralLimit, Bounds, VelocityDirection, VelocityRule};
use super::outcome::Outcome;
use super::time::{DAY, SECOND};
use crate::limits::VELOCITY_SLICES;

const _: () = assert!(SECOND.is_multiple_of(VELOCITY_SLICES));

/// One more, or one less, on one side of a leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count {
    /// Whether the account pays; else it receives.
    pub(super) pays: bool,
    /// Number of the participant on the other side, unless funds come in or go out.
    pub(super) counterparty: Option<u32>,
    /// What moves, or is reserved to, minor units.
    pub(super) amount: u128,
    /// What is booked now, minor units.
    pub(super) booked: u128,
    /// Legs: one, or none for the rest of a leg that counts already.
    pub(super) legs: u32,
    /// When it counts, nanoseconds since 1970 UTC.
    pub(super) time: u64,
    /// Whether something is given back that was counted at that time.
    pub(super) back: bool,
}

/// What moved in one slice of a window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Slice {
    /// Its number: time divided by its length.
    at: u64,
    debits: u128,
    credits: u128,
    /// Credits that were booked.
    booked: u128,
    debit_legs: u32,
    credit_legs: u32,
}

/// What moved in a window of so many seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Rolling {
    seconds: u32,
    /// Time of the entry from which on it is counted.
    since: u64,
    /// Oldest first; those without anything may be missing.
    slices: Vec<Slice>,
}

/// What moved in a day towards one participant, or towards all others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Daily {
    counterparty: Option<u32>,
    /// Time of the entry from which on it is counted.
    since: u64,
    /// Paid, from the time it was reserved.
    out: u128,
    /// Booked.
    received: u128,
}

/// How much of its limits an account has used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Usage {
    windows: Vec<Rolling>,
    /// The day of the sums below, days since 1970 UTC.
    day: u64,
    days: Vec<Daily>,
}

impl Rolling {
    /// Nanoseconds of a slice. Windows have whole seconds, so this is exact.
    const fn slice(&self) -> u64 {
        (self.seconds as u64).saturating_mul(SECOND / VELOCITY_SLICES)
    }

    /// The number of the slice that a time lies in. No window has 0 seconds.
    fn at(&self, time: u64) -> u64 {
        time.checked_div(self.slice()).unwrap_or(0)
    }

    /// Sums up the window that ends at `time`.
    fn sums(&self, time: u64) -> Slice {
        let now = self.at(time);
        let mut sums = Slice::default();
        for slice in &self.slices {
            if slice.at.saturating_add(VELOCITY_SLICES) >= now {
                sums.debits = sums.debits.saturating_add(slice.debits);
                sums.credits = sums.credits.saturating_add(slice.credits);
                sums.debit_legs = sums.debit_legs.saturating_add(slice.debit_legs);
                sums.credit_legs = sums.credit_legs.saturating_add(slice.credit_legs);
            }
            // What is set off must lie inside the window for certain.
            if slice.at.saturating_add(VELOCITY_SLICES) > now {
                sums.booked = sums.booked.saturating_add(slice.booked);
            }
        }
        sums
    }

    fn change(&mut self, count: &Count, add: bool) {
        if count.back && count.time <= self.since {
            return;
        }
        let at = self.at(count.time);
        let Ok(place) = self.slices.binary_search_by_key(&at, |slice| slice.at) else {
            debug_assert!(count.back, "the present slice is open");
            return;
        };
        let Some(slice) = self.slices.get_mut(place) else {
            return;
        };
        let (amount, legs) = match count.pays {
            true => (&mut slice.debits, &mut slice.debit_legs),
            false => (&mut slice.credits, &mut slice.credit_legs),
        };
        shift(amount, count.amount, add);
        *legs = match add {
            true => legs.saturating_add(count.legs),
            false => legs.saturating_sub(count.legs),
        };
        if !count.pays {
            shift(&mut slice.booked, count.booked, add);
        }
    }
}

fn shift(sum: &mut u128, by: u128, add: bool) {
    *sum = match add {
        // Amounts have 96 bits, and nobody counts 2^32 of them.
        true => sum.saturating_add(by),
        false => sum
            .checked_sub(by)
            .expect("what is taken off was counted before"),
    };
}

impl Daily {
    /// Whether a count towards `counterparty` concerns it.
    fn concerns(&self, counterparty: u32) -> bool {
        self.counterparty.is_none_or(|own| own == counterparty)
    }
}

impl Usage {
    /// Counts for these limits from `time` on, and goes on with what is counted already. `None` if
    /// nothing has to be counted.
    pub(super) fn retarget(self, bounds: &Bounds, time: u64) -> Option<Self> {
        if !bounds.are_counted() {
            return None;
        }
        let mut windows: Vec<Rolling> = Vec::new();
        for rule in &bounds.velocity {
            if windows.iter().any(|w| w.seconds == rule.seconds) {
                continue;
            }
            let known = self.windows.iter().find(|w| w.seconds == rule.seconds);
            windows.push(known.cloned().unwrap_or(Rolling {
                seconds: rule.seconds,
                since: time,
                slices: Vec::new(),
            }));
        }
        let listed = bounds
            .bilateral
            .iter()
            .map(|limit| Some(limit.counterparty));
        let all = bounds.multilateral.map(|_| None);
        let days = listed.chain(all).map(|counterparty| {
            let known = self.days.iter().find(|d| d.counterparty == counterparty);
            known.cloned().unwrap_or(Daily {
                counterparty,
                since: time,
                out: 0,
                received: 0,
            })
        });
        Some(Self {
            windows,
            days: days.collect(),
            day: self.day,
        })
    }

    /// Whether [`Usage::open`] would change anything.
    pub(super) fn is_stale(&self, time: u64) -> bool {
        let open = |window: &Rolling| {
            let last = window.slices.last();
            last.is_some_and(|slice| slice.at == window.at(time))
        };
        self.day != time / DAY || !self.windows.iter().all(open)
    }

    /// Begins the day and the slices that `time` lies in, and forgets what counts no more.
    pub(super) fn open(&mut self, time: u64) {
        if self.day != time / DAY {
            self.day = time / DAY;
            for daily in &mut self.days {
                (daily.out, daily.received) = (0, 0);
            }
        }
        for window in &mut self.windows {
            let at = window.at(time);
            if window.slices.last().is_some_and(|slice| slice.at == at) {
                continue;
            }
            window
                .slices
                .retain(|slice| slice.at.saturating_add(VELOCITY_SLICES) >= at);
            window.slices.push(Slice {
                at,
                ..Slice::default()
            });
        }
    }

    /// Counts, or takes off again what was counted; the slices must be open.
    pub(super) fn change(&mut self, count: &Count, add: bool) {
        for window in &mut self.windows {
            window.change(count, add);
        }
        let Some(counterparty) = count.counterparty else {
            return;
        };
        for daily in &mut self.days {
            // What was reserved on another day is no part of this one.
            let other = count.time / DAY != self.day || count.time <= daily.since;
            if !daily.concerns(counterparty) || count.back && other {
                continue;
            }
            match count.pays {
                true => shift(&mut daily.out, count.amount, add),
                false => shift(&mut daily.received, count.booked, add),
            }
        }
    }

    /// Whether velocity rules let one more leg through.
    pub(super) fn velocity(&self, rules: &[VelocityRule], count: &Count) -> Result<(), Outcome> {
        for rule in rules {
            let Some(window) = self.windows.iter().find(|w| w.seconds == rule.seconds) else {
                continue;
            };
            let sums = window.sums(count.time);
            let (moved, set_off, legs) = match (rule.direction, count.pays) {
                (VelocityDirection::Debit, true) => (sums.debits, 0, sums.debit_legs),
                (VelocityDirection::Credit, false) => (sums.credits, 0, sums.credit_legs),
                (VelocityDirection::Net, true) => (sums.debits, sums.booked, 0),
                _ => continue,
            };
            let moved = moved.saturating_add(count.amount);
            let above = |most: u128| moved > most.saturating_add(set_off);
            let often = |most: u32| legs.saturating_add(count.legs) > most;
            if rule.amount.is_some_and(above) || rule.count.is_some_and(often) {
                return Err(Outcome::LimitVelocity);
            }
        }
        Ok(())
    }

    /// Whether the limits of the day let one more debit through.
    pub(super) fn daily(&self, bounds: &Bounds, count: &Count) -> Result<(), Outcome> {
        let Some(counterparty) = count.counterparty else {
            return Ok(());
        };
        let above = |of: Option<u32>, most: u128| {
            let daily = self.days.iter().find(|daily| daily.counterparty == of);
            let today = daily.filter(|_| count.time / DAY == self.day);
            let (out, received) = today.map_or((0, 0), |daily| (daily.out, daily.received));
            out.saturating_add(count.amount) > most.saturating_add(received)
        };
        let listed = |limit: &&BilateralLimit| limit.counterparty == counterparty;
        let bilateral = bounds.bilateral.iter().find(listed);
        if bilateral.is_some_and(|limit| above(Some(counterparty), limit.amount)) {
            return Err(Outcome::LimitBilateral);
        }
        if bounds.multilateral.is_some_and(|most| above(None, most)) {
            return Err(Outcome::LimitMultilateral);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::indexing_slicing, reason = "a test may panic")]

    use super::*;

    fn rule(seconds: u32, direction: VelocityDirection, amount: u128) -> VelocityRule {
        VelocityRule {
            seconds,
            direction,
            amount: Some(amount),
            count: None,
        }
    }

    fn count(pays: bool, amount: u128, time: u64) -> Count {
        Count {
            pays,
            counterparty: Some(2),
            amount,
            booked: amount,
            legs: 1,
            time,
            back: false,
        }
    }

    fn usage(bounds: &Bounds) -> Usage {
        Usage::default().retarget(bounds, 1).unwrap()
    }

    fn add(usage: &mut Usage, count: &Count) {
        usage.open(count.time);
        usage.change(count, true);
    }

    #[test]
    fn a_debit_counts_for_the_window_and_a_fiftieth_of_it_at_most() {
        let rules = [rule(50, VelocityDirection::Debit, 10)];
        let bounds = Bounds {
            velocity: rules.to_vec(),
            ..Bounds::default()
        };
        let mut usage = usage(&bounds);
        let start = 1_000 * SECOND;
        add(&mut usage, &count(true, 10, start + SECOND / 2));
        let free = |usage: &Usage, time| usage.velocity(&rules, &count(true, 1, time)).is_ok();
        assert!(!free(&usage, start + SECOND / 2));
        assert!(!free(&usage, start + 50 * SECOND + SECOND / 2));
        assert!(!free(&usage, start + 51 * SECOND - 1));
        assert!(free(&usage, start + 51 * SECOND));
        usage.open(start + 51 * SECOND);
        assert_eq!(usage.windows[0].slices.len(), 1, "it is forgotten too");
    }

    #[test]
    fn what_is_set_off_counts_for_less_than_the_window() {
        let rules = [rule(50, VelocityDirection::Net, 10)];
        let bounds = Bounds {
            velocity: rules.to_vec(),
            ..Bounds::default()
        };
        let mut usage = usage(&bounds);
        let start = 1_000 * SECOND;
        add(&mut usage, &count(false, 5, start + SECOND / 2));
        let free = |time| usage.velocity(&rules, &count(true, 15, time)).is_ok();
        assert!(free(start + 50 * SECOND - 1));
        assert!(!free(start + 50 * SECOND));
    }

    #[test]
    fn what_is_given_back_is_taken_off_where_it_was_counted() {
        let bounds = Bounds {
            velocity: alloc::vec![rule(50, VelocityDirection::Debit, 10)],
            multilateral: Some(10),
            ..Bounds::default()
        };
        let mut usage = usage(&bounds);
        let made = DAY + 1_000 * SECOND;
        let held = Count {
            booked: 0,
            ..count(true, 10, made)
        };
        add(&mut usage, &held);
        let before = usage.clone();
        let back = Count { back: true, ..held };
        usage.change(&back, false);
        assert_eq!(usage.windows[0].sums(made).debits, 0);
        assert_eq!(usage.days[0].out, 0);
        // Undone: as if it had never been given back.
        usage.change(&back, true);
        assert_eq!(usage, before);
        // What was reserved before anybody counted is not in the count.
        let early = Count { time: 1, ..back };
        usage.change(&early, false);
        assert_eq!(usage, before);
        // On the next day nothing of it is left, and nothing is taken off.
        usage.open(made + DAY);
        usage.change(&back, false);
        assert_eq!(usage.days[0].out, 0);
        assert!(usage.windows[0].slices.iter().all(|s| s.debits == 0));
    }

    #[test]
    fn limits_that_stay_go_on_counting() {
        let bounds = |seconds, multilateral| Bounds {
            velocity: alloc::vec![rule(seconds, VelocityDirection::Debit, 10)],
            multilateral,
            ..Bounds::default()
        };
        let mut usage = usage(&bounds(50, Some(9)));
        add(&mut usage, &count(true, 7, 100 * SECOND));
        let kept = usage.clone().retarget(&bounds(50, Some(8)), 200 * SECOND);
        assert_eq!(kept.as_ref(), Some(&usage));
        let other = usage.clone().retarget(&bounds(60, None), 200 * SECOND);
        let other = other.unwrap();
        assert_eq!(other.windows[0].sums(200 * SECOND).debits, 0);
        assert!(other.days.is_empty());
        assert_eq!(usage.retarget(&Bounds::default(), 200 * SECOND), None);
    }
}
