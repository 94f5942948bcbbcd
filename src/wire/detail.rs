//! What the `detail` of an outcome is: one table for whoever shows outcomes.

use crate::ledger::Outcome;

/// What the number beside an outcome counts or names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Log index of an entry.
    Entry,
    /// The number that the ledger gave to what the instruction is about.
    Number,
    /// Number of an account.
    Account,
    /// Number of a participant.
    Participant,
    /// Number of a settlement model.
    Model,
    /// Number of a netting window.
    Window,
    /// Number of a condition, from 0.
    Condition,
    /// A business date, as in 20261224.
    Date,
    /// Seconds since 1970 UTC.
    Seconds,
}

impl Detail {
    /// What the `detail` of an outcome is; `None` if it refers to nothing.
    #[must_use]
    pub const fn of(outcome: Outcome) -> Option<Self> {
        match outcome {
            Outcome::Applied => Some(Self::Number),
            Outcome::IdAlreadyUsed
            | Outcome::HoldAlreadyCaptured
            | Outcome::HoldAlreadyVoided
            | Outcome::HoldExpired
            | Outcome::Approved
            | Outcome::CarriedOut
            | Outcome::Withdrawn
            | Outcome::Declined
            | Outcome::ProposalExpired
            | Outcome::ProposalOver
            | Outcome::ApprovalExpired
            | Outcome::AlreadyReturned
            | Outcome::RecallAlreadyOpen
            | Outcome::QuoteUsed
            | Outcome::QuoteWithdrawn
            | Outcome::QuoteExpired
            | Outcome::CaseOpen => Some(Self::Entry),
            Outcome::BalanceLeft | Outcome::HoldOpen | Outcome::PaymentWaits => Some(Self::Account),
            Outcome::IndirectLeft => Some(Self::Participant),
            Outcome::PositionOpen => Some(Self::Model),
            Outcome::WindowClosed | Outcome::Defaulted => Some(Self::Window),
            Outcome::PreconditionFailed => Some(Self::Condition),
            Outcome::DayOpened
            | Outcome::CustomerCutoff
            | Outcome::InterbankCutoff
            | Outcome::DayClosed
            | Outcome::NextDate
            | Outcome::Warehoused
            | Outcome::Rolled
            | Outcome::FeesCharged => Some(Self::Date),
            Outcome::RetentionActive => Some(Self::Seconds),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_promises_a_detail_has_one() {
        for outcome in Outcome::ALL {
            let promised = outcome.meaning().contains("`detail`") || *outcome == Outcome::Applied;
            assert_eq!(
                Detail::of(*outcome).is_some(),
                promised,
                "{}",
                outcome.code()
            );
        }
    }
}
