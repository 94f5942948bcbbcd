//! What is asked of an outcome: its number, whether it is a good one, its ISO 20022 status.

use super::Outcome;

impl Outcome {
    /// The outcome's number, as it stands in the log.
    #[must_use]
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// Reads an outcome's code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|o| o.code() == code)
    }

    /// Whether the instruction took effect.
    #[must_use]
    pub const fn is_good(self) -> bool {
        matches!(
            self,
            Self::Settled
                | Self::Applied
                | Self::Reserved
                | Self::Voided
                | Self::Expired
                | Self::Queued
                | Self::Proposed
                | Self::Approved
                | Self::CarriedOut
                | Self::Withdrawn
                | Self::Declined
                | Self::Cleared
                | Self::Warehoused
                | Self::Rolled
                | Self::Recalled
                | Self::Overdue
        ) || self.is_notice()
    }

    /// Whether only the node's own entries state it: what comes due, and nobody asked for.
    #[must_use]
    pub const fn is_notice(self) -> bool {
        matches!(
            self,
            Self::WindowClosed
                | Self::Defaulted
                | Self::ProposalExpired
                | Self::DayOpened
                | Self::CustomerCutoff
                | Self::InterbankCutoff
                | Self::DayClosed
                | Self::NextDate
                | Self::FeesCharged
        )
    }

    /// The ISO 20022 transaction status: settled, reserved, cancelled or rejected.
    #[must_use]
    pub const fn iso_status(self) -> &'static str {
        if self.is_good() {
            self.iso_reason()
        } else {
            "RJCT"
        }
    }
}
