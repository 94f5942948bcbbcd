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

mod rolling;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use self::rolling::Rolling;
use super::bounds::Bounds;
use super::outcome::Outcome;
use super::time::DAY;

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

/// What moved in a day towards one participant, or towards all others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Daily {
    counterparty: Option<u32>,
    /// Time of the entry from which on it is counted.
    since: u64,
    /// The most that may go there net, minor units.
    most: u128,
    /// Paid, from the time it was reserved.
    out: u128,
    /// Booked.
    received: u128,
}

/// How much of its limits an account has used, and the limits themselves: whoever asks them looks at
/// one place in memory. That of most has one window and two sums.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Usage {
    windows: SmallVec<[Rolling; 1]>,
    /// The most that may be on the account, minor units.
    max_balance: Option<u128>,
    /// The day of the sums below, days since 1970 UTC.
    day: u64,
    /// Those towards one participant come first.
    days: SmallVec<[Daily; 2]>,
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
        let mut windows: SmallVec<[Rolling; 1]> = SmallVec::new();
        for rule in &bounds.velocity {
            if windows.iter().any(|w| w.seconds() == rule.seconds) {
                continue;
            }
            let known = self.windows.iter().find(|w| w.seconds() == rule.seconds);
            let known = known.cloned();
            let window = known.unwrap_or_else(|| Rolling::new(rule.seconds, time));
            windows.push(window.with_rules(&bounds.velocity));
        }
        let listed = bounds.bilateral.iter();
        let listed = listed.map(|limit| (Some(limit.counterparty), limit.amount));
        let all = bounds.multilateral.map(|most| (None, most));
        let days = listed.chain(all).map(|(counterparty, most)| {
            let known = self.days.iter().find(|d| d.counterparty == counterparty);
            let known = known.cloned().unwrap_or(Daily {
                counterparty,
                since: time,
                most,
                out: 0,
                received: 0,
            });
            Daily { most, ..known }
        });
        Some(Self {
            windows,
            max_balance: bounds.max_balance,
            days: days.collect(),
            day: self.day,
        })
    }

    /// The most that may be on the account with what is reserved for it, minor units.
    pub(super) const fn max_balance(&self) -> Option<u128> {
        self.max_balance
    }

    /// A value that takes a look at most of the memory that a leg needs of it.
    #[inline]
    pub(super) fn glance(&self) -> u128 {
        let windows = self.windows.first().map_or(0, Rolling::glance);
        let days = self.days.iter().fold(0, |sum, daily| sum ^ daily.out);
        windows ^ days
    }

    /// Whether [`Usage::open`] would change anything.
    pub(super) fn is_stale(&self, time: u64) -> bool {
        self.day != time / DAY || !self.windows.iter().all(|window| window.is_open(time))
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
            window.open(time);
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
    pub(super) fn velocity(&self, count: &Count) -> Result<(), Outcome> {
        match self.windows.iter().all(|window| window.lets(count)) {
            true => Ok(()),
            false => Err(Outcome::LimitVelocity),
        }
    }

    /// Whether the limits of the day let one more debit through.
    pub(super) fn daily(&self, count: &Count) -> Result<(), Outcome> {
        let Some(counterparty) = count.counterparty else {
            return Ok(());
        };
        let today = count.time / DAY == self.day;
        for daily in self.days.iter().filter(|d| d.concerns(counterparty)) {
            let (out, received) = match today {
                true => (daily.out, daily.received),
                false => (0, 0),
            };
            if out.saturating_add(count.amount) > daily.most.saturating_add(received) {
                return Err(match daily.counterparty {
                    Some(_) => Outcome::LimitBilateral,
                    None => Outcome::LimitMultilateral,
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::indexing_slicing, reason = "a test may panic")]

    use super::*;
    use crate::ledger::bounds::{VelocityDirection, VelocityRule};
    use crate::ledger::time::SECOND;

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
        let free = |usage: &Usage, time| usage.velocity(&count(true, 1, time)).is_ok();
        assert!(!free(&usage, start + SECOND / 2));
        assert!(!free(&usage, start + 50 * SECOND + SECOND / 2));
        assert!(!free(&usage, start + 51 * SECOND - 1));
        assert!(free(&usage, start + 51 * SECOND));
        usage.open(start + 51 * SECOND);
        assert!(usage.windows[0].has_no_past(), "it is forgotten too");
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
        let free = |time| usage.velocity(&count(true, 15, time)).is_ok();
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
        assert_eq!(usage.windows[0].sums(made + DAY).debits, 0);
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
        let kept = kept.unwrap();
        assert_eq!(kept.windows, usage.windows);
        assert_eq!((kept.days[0].out, kept.days[0].most), (7, 8));
        let other = usage.clone().retarget(&bounds(60, None), 200 * SECOND);
        let other = other.unwrap();
        assert_eq!(other.windows[0].sums(200 * SECOND).debits, 0);
        assert!(other.days.is_empty());
        assert_eq!(usage.retarget(&Bounds::default(), 200 * SECOND), None);
    }
}
