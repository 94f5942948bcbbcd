//! What moved the money of a line of history.

use serde::{Deserialize, Serialize};

/// What moved the money of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HistoryKind {
    /// Between two accounts.
    Transfer,
    /// Funds in.
    Issue,
    /// Funds out.
    Redeem,
    /// Reserved: pending on both sides, and not booked.
    Reserve,
    /// Booked out of a hold.
    Capture,
    /// What was left of a hold, given back by somebody; not booked.
    Void,
    /// The same by the hold's expiry.
    Expire,
    /// Booked by the node: a payment that waited.
    Queued,
    /// What became of a payment that waits; not booked.
    Notice,
    /// Counts in a netting window; not booked.
    Clear,
    /// The net of a window, booked.
    Net,
    /// What somebody lacked for its net, from a pool; booked.
    Draw,
    /// What came earlier, given back; booked.
    Return,
    /// A recall: asked for, refused or ended; not booked.
    Recall,
    /// A leg of a split, booked; it may have come to nothing.
    Split,
    /// Between two accounts under a mandate, booked.
    Mandated,
    /// One side of a conversion, booked.
    Exchange,
    /// Between two accounts with a value date of its own, booked.
    Valued,
    /// What is due on another leg, booked; it may have come to nothing.
    Fee,
    /// Tax on a fee, booked.
    FeeTax,
    /// What is due of the account for a month, booked.
    PeriodFee,
    /// Tax on that, booked.
    PeriodTax,
    /// What was due for a month and could not be paid; not booked.
    Owed,
}

impl From<chain::LegKind> for HistoryKind {
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
