//! Limits that few accounts have: how much may be on one, and how much may move in a time or
//! towards whom (LEDGER F02). They stand beside the accounts, not in them.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::calendar::{Date, Month};

/// What a velocity rule counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VelocityDirection {
    /// What the account pays, from the time it is reserved.
    Debit,
    /// What the account receives, from the time it is reserved.
    Credit,
    /// What it pays less what was booked to it; refuses debits alone.
    Net,
}

/// A period of the calendar, by the dates of the account's asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// A date.
    Day,
    /// Seven dates from a Monday on (ISO 8601).
    Week,
    /// A month of a year.
    Month,
}

impl Period {
    /// Which one a date lies in, as a number.
    pub(super) fn number(self, date: Date) -> u32 {
        match self {
            Self::Day => date.days(),
            // 1970-01-01 was a Thursday.
            Self::Week => date.days().saturating_add(3) / 7,
            Self::Month => Month::of(date).number(),
        }
    }
}

/// Within what time something moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum VelocityWindow {
    /// The last so many seconds of log time.
    Seconds(u32),
    /// The period that the present date lies in.
    Period(Period),
}

impl VelocityWindow {
    /// The seconds, if it has any.
    #[must_use]
    pub const fn seconds(self) -> Option<u32> {
        match self {
            Self::Seconds(seconds) => Some(seconds),
            Self::Period(_) => None,
        }
    }

    /// The period, if it is one.
    #[must_use]
    pub const fn period(self) -> Option<Period> {
        match self {
            Self::Seconds(_) => None,
            Self::Period(period) => Some(period),
        }
    }
}

/// A rule on what moves within a time; see the module `usage` for how it is counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VelocityRule {
    /// Within what time.
    pub window: VelocityWindow,
    /// What is counted.
    pub direction: VelocityDirection,
    /// The most that may move, minor units.
    pub amount: Option<u128>,
    /// How many legs may move it.
    pub count: Option<u32>,
}

/// A limit on the net debit towards the accounts of one participant on one date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BilateralLimit {
    /// Number of the participant.
    pub counterparty: u32,
    /// The most that may go to them net, minor units.
    pub amount: u128,
}

/// The limits of one account besides [`super::Limits`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    /// The most that may be on it with what is reserved for it, minor units.
    pub max_balance: Option<u128>,
    /// How much and how often within a time.
    pub velocity: Vec<VelocityRule>,
    /// How much net to one participant on one date.
    pub bilateral: Vec<BilateralLimit>,
    /// How much net to all other participants on one date, minor units.
    pub multilateral: Option<u128>,
}

impl Bounds {
    /// Whether there are none.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Whether what moves must be counted for them.
    #[must_use]
    pub fn are_counted(&self) -> bool {
        !self.velocity.is_empty() || !self.bilateral.is_empty() || self.multilateral.is_some()
    }
}
