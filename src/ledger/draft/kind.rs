//! Kinds of legs, as the ledger knows them.

use serde::{Deserialize, Serialize};

use crate::ledger::outcome::Outcome;

/// Every kind once, with the word that readers see: whatever there is about kinds is made of this list.
/// Kinds are stored by their place in it, so a new one goes to its end.
macro_rules! leg_kinds {
    ($then:ident) => {
        $then! {
            /// Between two accounts.
            Transfer "transfer",
            /// Funds in.
            Issue "issue",
            /// Funds out.
            Redeem "redeem",
            /// Reserved: pending on both sides, and not booked.
            Reserve "reserve",
            /// Booked out of a hold.
            Capture "capture",
            /// What was left of a hold, given back by somebody; not booked.
            Void "void",
            /// The same by the hold's expiry.
            Expire "expire",
            /// Booked by the node: a payment that waited.
            Queued "queued",
            /// What became of a payment that waits; not booked.
            Notice "notice",
            /// Counts in a netting window; not booked.
            Clear "clear",
            /// The net of a window, booked.
            Net "net",
            /// What somebody lacked for its net, from a pool; booked.
            Draw "draw",
            /// What came earlier, given back; booked.
            Return "return",
            /// A recall: asked for, refused or ended; not booked.
            Recall "recall",
            /// A leg of a split, booked; it may have come to nothing.
            Split "split",
            /// Between two accounts under a mandate, booked.
            Mandated "mandated",
            /// One side of a conversion, booked.
            Exchange "exchange",
            /// Between two accounts with a value date of its own, booked.
            Valued "valued",
            /// What is due on another leg, booked; it may have come to nothing.
            Fee "fee",
            /// Tax on a fee, booked.
            FeeTax "fee_tax",
            /// What is due of the account for a month, booked.
            PeriodFee "period_fee",
            /// Tax on that, booked.
            PeriodTax "period_tax",
            /// What was due for a month and could not be paid; not booked.
            Owed "owed",
        }
    };
}
pub(crate) use leg_kinds;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $word:literal,)*) => {
        /// What moved the money of a leg; the numbers are those of [`chain::LegKind`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum LegKind {
            $($(#[$doc])* $kind,)*
        }

        impl From<LegKind> for chain::LegKind {
            fn from(kind: LegKind) -> Self {
                match kind {
                    $(LegKind::$kind => Self::$kind,)*
                }
            }
        }

        impl From<chain::LegKind> for LegKind {
            fn from(kind: chain::LegKind) -> Self {
                match kind {
                    $(chain::LegKind::$kind => Self::$kind,)*
                }
            }
        }
    };
}

leg_kinds!(kinds);

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
