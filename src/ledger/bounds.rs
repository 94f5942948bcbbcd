//! Limits that few accounts have: how much may be on one, and how much may move in a time or
//! towards whom (LEDGER F02). They stand beside the accounts, not in them.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

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

/// A rule on what moves within so many seconds of log time; see the module `usage` for how it is
/// counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VelocityRule {
    /// How long the window is.
    pub seconds: u32,
    /// What is counted.
    pub direction: VelocityDirection,
    /// The most that may move, minor units.
    pub amount: Option<u128>,
    /// How many legs may move it.
    pub count: Option<u32>,
}

/// A limit on the net debit towards the accounts of one participant in a day of UTC.
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
    /// How much net to one participant in a day.
    pub bilateral: Vec<BilateralLimit>,
    /// How much net to all other participants in a day, minor units.
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
