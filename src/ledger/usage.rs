//! How much of its limits an account has used: what is left of each rule on what moves within some
//! seconds, on one date, in one week or month, and towards whom.
//!
//! ```text
//!   window of S seconds = 50 slices of S/50      the slice under way and the 50 before it count
//!   ... |##|##|##|##|##| ... |##|##|#>           so what moved counts for S to S + S/50 seconds
//!                                   now
//! ```
//!
//! A window of seconds is counted in slices, so that an account takes the same few kilobytes whatever
//! it does. The rounding never lets more through: a debit counts up to a fiftieth of the window too
//! long, and what a net rule sets off against debits counts up to a fiftieth too short. A period of
//! the calendar is counted as one: it is over when the date of the asset lies in another.
//!
//! What is reserved counts from then on, at that time; when it is given back it is taken off where
//! it was counted. A rule counts from the entry on that sets it: what moved before, and what was
//! reserved before and is given back later, is not in the count.

mod rule;
mod slices;

use alloc::boxed::Box;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use self::rule::{Room, Terms};
use self::slices::Slice;
use super::bounds::Bounds;
use super::calendar::Date;
use super::outcome::Outcome;

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
    /// When what is given back was counted, nanoseconds since 1970 UTC; `None` if this counts now.
    pub(super) back: Option<u64>,
}

/// A date of an asset: those in UTC before its first business date opens, and its business dates then,
/// have nothing in common, so that whichever was counted for is never come back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Day {
    /// Whether it is a business date.
    pub(super) business: bool,
    pub(super) date: Date,
}

/// When something counts that counts now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// Nanoseconds since 1970 UTC.
    pub(super) time: u64,
    /// The date of the account's asset.
    pub(super) day: Day,
}

/// What is left of the limits of one account, and the limits themselves: whoever asks them looks at
/// one place in memory, and at little of it. Most have three rules, and one of them a window of
/// seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Usage {
    /// The most that may be on the account, minor units; all there can be, if there is no limit.
    max_balance: u128,
    /// Until when no slice ends, nanoseconds since 1970 UTC; what is left was true before it.
    until: u64,
    /// The day that what is left is of.
    day: Day,
    /// What each rule lets through now, in the order in which they are asked.
    rooms: SmallVec<[Room; 3]>,
    /// The slice under way of each rule on a window of seconds.
    now: SmallVec<[Slice; 1]>,
    /// What is looked at rarely: of each rule, what it says, and since when it counts.
    terms: Box<[Terms]>,
}

impl Usage {
    /// Counts for these limits from a moment on, and goes on with what is counted already of rules that
    /// stay, whatever amounts they allow now. `None` if nothing has to be counted.
    pub(super) fn retarget(before: Option<&Self>, bounds: &Bounds, moment: Moment) -> Option<Self> {
        if !bounds.are_counted() {
            return None;
        }
        let mut usage = Self {
            max_balance: bounds.max_balance.unwrap_or(u128::MAX),
            until: before.map_or(u64::MAX, |before| before.until),
            day: before.map_or(moment.day, |before| before.day),
            rooms: SmallVec::new(),
            now: SmallVec::new(),
            terms: Box::default(),
        };
        let mut all = Vec::new();
        for mut terms in Terms::of(bounds, moment.time) {
            let known = before.and_then(|before| before.rule(&terms));
            let mut room = Room::of(&terms);
            let mut now = Slice::default();
            if let Some((known, left, slice)) = known {
                room.go_on(left, known, &terms);
                now = slice;
                terms.go_on(known);
            }
            if terms.seconds().is_some() {
                room.slice = u8::try_from(usage.now.len()).unwrap_or(u8::MAX);
                usage.now.push(now);
                // A rule that is new has no slice under way.
                usage.until = if known.is_some() { usage.until } else { 0 };
            }
            usage.rooms.push(room);
            all.push(terms);
        }
        usage.terms = all.into_boxed_slice();
        Some(usage)
    }

    /// The rule that counts the same as `terms`: what it says, what is left of it, and its slice under
    /// way.
    fn rule(&self, terms: &Terms) -> Option<(&Terms, &Room, Slice)> {
        let mut rules = self.terms.iter().zip(&self.rooms);
        let (known, room) = rules.find(|(known, _)| known.counts_as(terms))?;
        let now = self.now.get(usize::from(room.slice));
        Some((known, room, now.copied().unwrap_or_default()))
    }

    /// The most that may be on the account with what is reserved for it, minor units.
    #[inline]
    pub(super) const fn max_balance(&self) -> u128 {
        self.max_balance
    }

    /// A value that takes a look at most of the memory that a leg needs of it.
    #[inline]
    pub(super) fn glance(&self) -> u128 {
        let now = self.now.first().map_or(0, |slice| slice.amount);
        let last = self.rooms.last().map_or(0, Room::glance);
        self.max_balance ^ last ^ now
    }

    /// Whether [`Usage::open`] would change anything.
    #[inline]
    pub(super) fn is_stale(&self, moment: Moment) -> bool {
        moment.time >= self.until || moment.day != self.day
    }

    /// Begins the slices and periods that a moment lies in, and forgets what counts no more.
    pub(super) fn open(&mut self, moment: Moment) {
        let mut until = u64::MAX;
        for (room, terms) in self.rooms.iter_mut().zip(&mut self.terms) {
            match self.now.get_mut(usize::from(room.slice)) {
                Some(now) => until = until.min(terms.open(room, now, moment.time)),
                None if terms.ends(self.day, moment.day) => {
                    terms.begin(moment.time);
                    *room = Room::of(terms);
                }
                None => {}
            }
        }
        (self.until, self.day) = (until, moment.day);
    }

    /// Counts, or takes off again what was counted; what counts now needs its slices to be open.
    #[inline]
    pub(super) fn change(&mut self, count: &Count, add: bool) {
        for (n, room) in self.rooms.iter_mut().enumerate() {
            let Some(moved) = room.moved(count) else {
                continue;
            };
            let now = self.now.get_mut(usize::from(room.slice));
            let Some(time) = count.back else {
                room.shift(&moved, add);
                if let Some(now) = now {
                    now.shift(&moved, add);
                }
                continue;
            };
            if let Some(terms) = self.terms.get_mut(n)
                && terms.had(time, now, &moved, add)
            {
                room.shift(&moved, add);
            }
        }
    }

    /// Whether all rules let one more leg through, which counts now.
    #[inline]
    pub(super) fn lets(&self, count: &Count) -> Result<(), Outcome> {
        let refused = self.rooms.iter().find(|room| !room.lets(count));
        refused.map_or(Ok(()), |room| Err(room.limit.outcome()))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::indexing_slicing, reason = "a test may panic")]

    use super::*;
    use crate::ledger::bounds::{Period, VelocityDirection, VelocityRule, VelocityWindow};
    use crate::ledger::time::{DAY, SECOND};

    fn at(time: u64) -> Moment {
        Moment {
            time,
            day: Day {
                business: false,
                date: Date::of_time(time),
            },
        }
    }

    fn business(time: u64, date: &str) -> Moment {
        let date = date.parse().unwrap();
        let day = Day {
            business: true,
            date,
        };
        Moment { time, day }
    }

    fn rule(window: VelocityWindow, direction: VelocityDirection, amount: u128) -> Bounds {
        let rule = VelocityRule {
            window,
            direction,
            amount: Some(amount),
            count: None,
        };
        Bounds {
            velocity: alloc::vec![rule],
            ..Bounds::default()
        }
    }

    fn seconds(seconds: u32, direction: VelocityDirection, amount: u128) -> Bounds {
        rule(VelocityWindow::Seconds(seconds), direction, amount)
    }

    fn count(pays: bool, amount: u128) -> Count {
        Count {
            pays,
            counterparty: Some(2),
            amount,
            booked: amount,
            legs: 1,
            back: None,
        }
    }

    fn usage(bounds: &Bounds) -> Usage {
        Usage::retarget(None, bounds, at(1)).unwrap()
    }

    fn add(usage: &mut Usage, moment: Moment, count: &Count) {
        usage.open(moment);
        usage.change(count, true);
    }

    /// Whether a debit of that amount is let through at a moment.
    fn pays(usage: &Usage, moment: Moment, amount: u128) -> bool {
        let mut then = usage.clone();
        then.open(moment);
        assert!(!then.is_stale(moment));
        then.lets(&count(true, amount)).is_ok()
    }

    #[test]
    fn a_debit_counts_for_the_window_and_a_fiftieth_of_it_at_most() {
        let mut usage = usage(&seconds(50, VelocityDirection::Debit, 10));
        let start = 1_000 * SECOND;
        add(&mut usage, at(start + SECOND / 2), &count(true, 10));
        assert!(!pays(&usage, at(start + SECOND / 2), 1));
        assert!(!pays(&usage, at(start + 50 * SECOND + SECOND / 2), 1));
        assert!(!pays(&usage, at(start + 51 * SECOND - 1), 1));
        assert!(pays(&usage, at(start + 51 * SECOND), 1));
        usage.open(at(start + 51 * SECOND));
        assert!(usage.terms[0].has_no_past(), "it is forgotten too");
    }

    #[test]
    fn what_is_set_off_counts_for_less_than_the_window() {
        let mut usage = usage(&seconds(50, VelocityDirection::Net, 10));
        let start = 1_000 * SECOND;
        add(&mut usage, at(start + SECOND / 2), &count(false, 5));
        assert!(pays(&usage, at(start + 50 * SECOND - 1), 15));
        assert!(!pays(&usage, at(start + 50 * SECOND), 15));
        assert!(pays(&usage, at(start + 50 * SECOND), 10));
    }

    #[test]
    fn who_has_used_more_than_it_may_receives_all_the_same() {
        let used = Bounds {
            multilateral: Some(10),
            ..seconds(50, VelocityDirection::Net, 10)
        };
        let mut usage = usage(&used);
        let now = at(100 * SECOND);
        add(&mut usage, now, &count(true, 7));
        let lowered = Bounds {
            multilateral: Some(5),
            ..seconds(50, VelocityDirection::Net, 5)
        };
        let mut usage = Usage::retarget(Some(&usage), &lowered, now).unwrap();
        usage.open(now);
        let reserved = Count {
            booked: 0,
            ..count(false, 3)
        };
        assert_eq!(usage.lets(&reserved), Ok(()));
        assert_eq!(usage.lets(&count(false, 3)), Ok(()));
        assert_eq!(usage.lets(&count(true, 1)), Err(Outcome::LimitVelocity));
    }

    #[test]
    fn a_period_begins_anew_with_the_dates_of_the_asset() {
        let week = VelocityWindow::Period(Period::Week);
        let mut usage = usage(&rule(week, VelocityDirection::Debit, 10));
        add(&mut usage, business(5, "2026-11-30"), &count(true, 7));
        add(&mut usage, business(6, "2026-12-06"), &count(true, 3));
        assert!(!pays(&usage, business(7, "2026-12-06"), 1));
        assert!(pays(&usage, business(8, "2026-12-07"), 10));
        // A date in UTC has nothing to do with it.
        let utc = "2026-12-05".parse::<Date>().unwrap().days();
        assert!(pays(&usage, at(u64::from(utc) * DAY), 10));
        let month = VelocityWindow::Period(Period::Month);
        let mut usage = self::usage(&rule(month, VelocityDirection::Debit, 10));
        add(&mut usage, business(5, "2026-12-01"), &count(true, 7));
        assert!(!pays(&usage, business(6, "2026-12-31"), 4));
        assert!(pays(&usage, business(7, "2027-01-01"), 10));
    }

    #[test]
    fn what_is_given_back_is_taken_off_where_it_was_counted() {
        let bounds = Bounds {
            multilateral: Some(10),
            ..seconds(50, VelocityDirection::Debit, 10)
        };
        let mut usage = usage(&bounds);
        let made = DAY + 1_000 * SECOND;
        let held = Count {
            booked: 0,
            ..count(true, 10)
        };
        let fresh = usage.clone();
        add(&mut usage, at(made), &held);
        let before = usage.clone();
        let back = Count {
            back: Some(made),
            ..held
        };
        usage.change(&back, false);
        assert_eq!(usage.rooms, fresh.rooms);
        // Undone: as if it had never been given back.
        usage.change(&back, true);
        assert_eq!(usage, before);
        // What was reserved before anybody counted is not in the count.
        let early = Count {
            back: Some(1),
            ..back
        };
        usage.change(&early, false);
        assert_eq!(usage, before);
        // On the next day nothing of it is left, and nothing is taken off.
        usage.open(at(made + DAY));
        usage.change(&back, false);
        assert_eq!(usage.rooms, fresh.rooms);
    }

    #[test]
    fn limits_that_stay_go_on_counting() {
        let bounds = |window, multilateral| Bounds {
            multilateral,
            ..seconds(window, VelocityDirection::Debit, 10)
        };
        let mut usage = usage(&bounds(50, Some(9)));
        add(&mut usage, at(100 * SECOND), &count(true, 7));
        let later = at(120 * SECOND);
        let kept = Usage::retarget(Some(&usage), &bounds(50, Some(8)), later).unwrap();
        let lets = |usage: &Usage, amount| {
            let mut then = usage.clone();
            then.open(later);
            then.lets(&count(true, amount))
        };
        assert_eq!(lets(&kept, 1), Ok(()));
        assert_eq!(lets(&kept, 2), Err(Outcome::LimitMultilateral));
        assert_eq!(lets(&kept, 4), Err(Outcome::LimitVelocity));
        let other = Usage::retarget(Some(&usage), &bounds(60, None), later).unwrap();
        assert_eq!(lets(&other, 10), Ok(()));
        let none = Bounds::default();
        assert_eq!(Usage::retarget(Some(&usage), &none, later), None);
    }

    #[test]
    fn what_a_leg_looks_at_is_small() {
        assert!(size_of::<Usage>() <= 256, "{}", size_of::<Usage>());
    }
}
