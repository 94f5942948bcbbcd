//! Kinds of legs, as the ledger knows them.

use serde::{Deserialize, Serialize};

use crate::ledger::outcome::Outcome;

/// What moved the money of a leg; the numbers are those of [`chain::LegKind`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "the variants are those of chain::LegKind, documented there"
)]
pub enum LegKind {
    Transfer,
    Issue,
    Redeem,
    Reserve,
    Capture,
    Void,
    Expire,
    Queued,
    Notice,
    Clear,
    Net,
    Draw,
    Return,
    Recall,
    Split,
    Mandated,
    Exchange,
    Valued,
    Fee,
    FeeTax,
    PeriodFee,
    PeriodTax,
    Owed,
}

impl From<LegKind> for chain::LegKind {
    fn from(kind: LegKind) -> Self {
        match kind {
            LegKind::Transfer => Self::Transfer,
            LegKind::Issue => Self::Issue,
            LegKind::Redeem => Self::Redeem,
            LegKind::Reserve => Self::Reserve,
            LegKind::Capture => Self::Capture,
            LegKind::Void => Self::Void,
            LegKind::Expire => Self::Expire,
            LegKind::Queued => Self::Queued,
            LegKind::Notice => Self::Notice,
            LegKind::Clear => Self::Clear,
            LegKind::Net => Self::Net,
            LegKind::Draw => Self::Draw,
            LegKind::Return => Self::Return,
            LegKind::Recall => Self::Recall,
            LegKind::Split => Self::Split,
            LegKind::Mandated => Self::Mandated,
            LegKind::Exchange => Self::Exchange,
            LegKind::Valued => Self::Valued,
            LegKind::Fee => Self::Fee,
            LegKind::FeeTax => Self::FeeTax,
            LegKind::PeriodFee => Self::PeriodFee,
            LegKind::PeriodTax => Self::PeriodTax,
            LegKind::Owed => Self::Owed,
        }
    }
}

impl From<chain::LegKind> for LegKind {
    fn from(kind: chain::LegKind) -> Self {
        match kind {
            chain::LegKind::Transfer => Self::Transfer,
            chain::LegKind::Issue => Self::Issue,
            chain::LegKind::Redeem => Self::Redeem,
            chain::LegKind::Reserve => Self::Reserve,
            chain::LegKind::Capture => Self::Capture,
            chain::LegKind::Void => Self::Void,
            chain::LegKind::Expire => Self::Expire,
            chain::LegKind::Queued => Self::Queued,
            chain::LegKind::Notice => Self::Notice,
            chain::LegKind::Clear => Self::Clear,
            chain::LegKind::Net => Self::Net,
            chain::LegKind::Draw => Self::Draw,
            chain::LegKind::Return => Self::Return,
            chain::LegKind::Recall => Self::Recall,
            chain::LegKind::Split => Self::Split,
            chain::LegKind::Mandated => Self::Mandated,
            chain::LegKind::Exchange => Self::Exchange,
            chain::LegKind::Valued => Self::Valued,
            chain::LegKind::Fee => Self::Fee,
            chain::LegKind::FeeTax => Self::FeeTax,
            chain::LegKind::PeriodFee => Self::PeriodFee,
            chain::LegKind::PeriodTax => Self::PeriodTax,
            chain::LegKind::Owed => Self::Owed,
        }
    }
}

impl LegKind {
    /// The outcome that a leg's item states; of a notice, when the payment is free to go; of a recall,
    /// when it is made.
    #[must_use]
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::Transfer
            | Self::Issue
            | Self::Redeem
            | Self::Capture
            | Self::Queued
            | Self::Net
            | Self::Draw
            | Self::Return
            | Self::Split
            | Self::Mandated
            | Self::Exchange
            | Self::Valued
            | Self::Fee
            | Self::FeeTax
            | Self::PeriodFee
            | Self::PeriodTax => Outcome::Settled,
            Self::Reserve => Outcome::Reserved,
            Self::Void => Outcome::Voided,
            Self::Expire => Outcome::Expired,
            Self::Notice => Outcome::Queued,
            Self::Clear => Outcome::Cleared,
            Self::Recall => Outcome::Recalled,
            Self::Owed => Outcome::FeeOwed,
        }
    }
}
