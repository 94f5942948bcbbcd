//! One rule on what moves: what it says, and what it still lets through.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::slices::{Slice, Slices};
use super::{Count, Day};
use crate::ledger::bounds::{Bounds, Period, VelocityDirection, VelocityWindow};
use crate::ledger::outcome::Outcome;

/// What is left of an amount that is not limited: more than ever moves, and far from the end.
const UNLIMITED: u128 = 1 << 125;
/// Stands for none among the slices.
const NO_SLICE: u8 = u8::MAX;

/// Which limit a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[repr(u8)]
pub(super) enum Limit {
    /// On all that moves.
    Velocity,
    /// Towards one participant.
    Bilateral,
    /// Towards all others.
    Multilateral,
}

impl Limit {
    pub(super) const fn outcome(self) -> Outcome {
        match self {
            Self::Velocity => Outcome::LimitVelocity,
            Self::Bilateral => Outcome::LimitBilateral,
            Self::Multilateral => Outcome::LimitMultilateral,
        }
    }
}

/// What a count is to one rule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Moved {
    /// What it counts, minor units.
    pub(super) amount: u128,
    /// What it sets off, minor units.
    pub(super) set_off: u128,
    pub(super) legs: u32,
}

/// What a rule lets through now: all that a leg looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Room {
    /// Minor units; less than nothing, if the limit was lowered below what had moved.
    left: i128,
    /// How many legs moved it, and how many may.
    legs: u32,
    legs_max: u32,
    /// Number of the participant that a bilateral limit is towards.
    towards: u32,
    direction: VelocityDirection,
    pub(super) limit: Limit,
    /// Which slice is under way of a rule on seconds.
    pub(super) slice: u8,
}

const _: () = assert!(size_of::<Room>() == 32);

/// A sum of minor units as one that may be negative.
fn signed(sum: u128) -> i128 {
    i128::try_from(sum).unwrap_or(i128::MAX)
}

impl Room {
    /// All of what a rule lets through.
    pub(super) fn of(terms: &Terms) -> Self {
        Self {
            left: signed(terms.most()),
            legs: 0,
            legs_max: terms.legs_max.unwrap_or(u32::MAX),
            towards: terms.towards.unwrap_or(0),
            direction: terms.direction,
            limit: terms.limit,
            slice: NO_SLICE,
        }
    }

    /// Goes on from what was left under earlier terms.
    pub(super) fn go_on(&mut self, left: &Self, before: &Terms, terms: &Terms) {
        let used = signed(before.most()).saturating_sub(left.left);
        self.left = signed(terms.most()).saturating_sub(used);
        self.legs = left.legs;
    }

    /// What is left when so much has moved.
    pub(super) fn less(&mut self, most: u128, moved: &Moved) {
        let sum = signed(most).saturating_add(signed(moved.set_off));
        self.left = sum.saturating_sub(signed(moved.amount));
        self.legs = moved.legs;
    }

    #[inline]
    pub(super) const fn glance(&self) -> u128 {
        self.left.unsigned_abs()
    }

    /// Whether it is about what goes to or comes from that side.
    #[inline]
    fn concerns(&self, counterparty: Option<u32>) -> bool {
        match self.limit {
            Limit::Velocity => true,
            Limit::Bilateral => counterparty == Some(self.towards),
            Limit::Multilateral => counterparty.is_some(),
        }
    }

    /// What a count is to it, if anything.
    #[inline]
    pub(super) fn moved(&self, count: &Count) -> Option<Moved> {
        if !self.concerns(count.counterparty) {
            return None;
        }
        let (amount, set_off) = match (self.direction, count.pays) {
            (VelocityDirection::Debit | VelocityDirection::Net, true)
            | (VelocityDirection::Credit, false) => (count.amount, 0),
            (VelocityDirection::Net, false) => (0, count.booked),
            _ => return None,
        };
        let legs = if self.direction == VelocityDirection::Net {
            0
        } else {
            count.legs
        };
        Some(Moved {
            amount,
            set_off,
            legs,
        })
    }

    #[inline]
    pub(super) fn shift(&mut self, moved: &Moved, add: bool) {
        let by = signed(moved.set_off).saturating_sub(signed(moved.amount));
        (self.left, self.legs) = match add {
            true => (
                self.left.saturating_add(by),
                self.legs.saturating_add(moved.legs),
            ),
            false => (
                self.left.saturating_sub(by),
                self.legs.saturating_sub(moved.legs),
            ),
        };
    }

    /// Whether it lets one more leg through.
    #[inline]
    pub(super) fn lets(&self, count: &Count) -> bool {
        let Some(moved) = self.moved(count) else {
            return true;
        };
        // A net rule refuses debits alone, also when a limit was lowered below what is used.
        let receives = self.direction == VelocityDirection::Net && !count.pays;
        receives
            || signed(moved.amount) <= self.left
                && self.legs.saturating_add(moved.legs) <= self.legs_max
    }
}

/// What is counted as one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Span {
    Seconds(Slices),
    Period(Period),
}

/// What a rule says, and since when it counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Terms {
    limit: Limit,
    direction: VelocityDirection,
    /// Number of the participant that a bilateral limit is towards.
    towards: Option<u32>,
    /// Minor units.
    amount: Option<u128>,
    legs_max: Option<u32>,
    span: Span,
    /// Time of the entry that set it.
    since: u64,
    /// Time of the first count in the present period.
    began: u64,
}

impl Terms {
    /// The rules of limits, in the order in which they are asked, as they count from a time on.
    pub(super) fn of(bounds: &Bounds, time: u64) -> Vec<Self> {
        let daily = |limit, towards, amount| Self {
            limit,
            direction: VelocityDirection::Net,
            towards,
            amount: Some(amount),
            legs_max: None,
            span: Span::Period(Period::Day),
            since: time,
            began: time,
        };
        let velocity = bounds.velocity.iter().map(|rule| Self {
            limit: Limit::Velocity,
            direction: rule.direction,
            towards: None,
            amount: rule.amount,
            legs_max: rule.count,
            span: match rule.window {
                VelocityWindow::Seconds(seconds) => Span::Seconds(Slices::new(seconds)),
                VelocityWindow::Period(period) => Span::Period(period),
            },
            since: time,
            began: time,
        });
        let pairs = bounds.bilateral.iter();
        let pairs = pairs.map(|l| daily(Limit::Bilateral, Some(l.counterparty), l.amount));
        let all = bounds
            .multilateral
            .map(|most| daily(Limit::Multilateral, None, most));
        velocity.chain(pairs).chain(all).collect()
    }

    /// Whether another counts the same things in the same time, whatever it allows.
    pub(super) fn counts_as(&self, other: &Self) -> bool {
        let same = match (&self.span, &other.span) {
            (Span::Seconds(a), Span::Seconds(b)) => a.seconds == b.seconds,
            (Span::Period(a), Span::Period(b)) => a == b,
            _ => false,
        };
        let whom = |terms: &Self| (terms.limit, terms.direction, terms.towards);
        same && whom(self) == whom(other)
    }

    /// Counts since when the same rule did before.
    pub(super) fn go_on(&mut self, before: &Self) {
        self.span = before.span.clone();
        (self.since, self.began) = (before.since, before.began);
    }

    /// The most that may move, minor units.
    fn most(&self) -> u128 {
        self.amount.map_or(UNLIMITED, |most| most.min(UNLIMITED))
    }

    pub(super) const fn seconds(&self) -> Option<u32> {
        match &self.span {
            Span::Seconds(slices) => Some(slices.seconds),
            Span::Period(_) => None,
        }
    }

    /// Whether its period is over by a change of the day.
    pub(super) fn ends(&self, before: Day, day: Day) -> bool {
        match &self.span {
            Span::Period(period) => {
                before.business != day.business
                    || period.number(before.date) != period.number(day.date)
            }
            Span::Seconds(_) => false,
        }
    }

    /// Begins a new period.
    pub(super) const fn begin(&mut self, time: u64) {
        self.began = time;
    }

    /// Begins the slice that `time` lies in, and says when it ends.
    pub(super) fn open(&mut self, room: &mut Room, now: &mut Slice, time: u64) -> u64 {
        let most = self.most();
        let Span::Seconds(slices) = &mut self.span else {
            return u64::MAX;
        };
        let (moved, end) = slices.open(now, time);
        room.less(most, &moved);
        end
    }

    /// Takes off what was counted at a time, or counts it there again. Says whether what is left is
    /// another for it: not if that time is over, or was before it counted.
    pub(super) fn had(
        &mut self,
        time: u64,
        now: Option<&mut Slice>,
        moved: &Moved,
        add: bool,
    ) -> bool {
        if time <= self.since {
            return false;
        }
        match (&mut self.span, now) {
            (Span::Seconds(slices), Some(now)) => slices.change(now, time, moved, add),
            _ => time >= self.began,
        }
    }

    #[cfg(test)]
    pub(super) const fn has_no_past(&self) -> bool {
        match &self.span {
            Span::Seconds(slices) => slices.has_no_past(),
            Span::Period(_) => true,
        }
    }
}
