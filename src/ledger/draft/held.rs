//! Legs that are no instruction by themselves.

use serde::{Deserialize, Serialize};

use super::{LegDraft, LegKind, OfHold, OfWindow};
use crate::ledger::calendar::{Date, Month};
use crate::ledger::fx::OfExchange;
use crate::ledger::id::InstructionId;
use crate::ledger::outcome::Outcome;

/// What more a leg is about. In the store the first two are what no window and a window were before
/// there was more: the order must not change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum About {
    /// Nothing more.
    Nothing,
    /// A netting window.
    Window(OfWindow),
    /// A rate or a quote.
    Exchange(OfExchange),
    /// A value date.
    ValueDate(Date),
    /// A month that something is due for.
    Month(Month),
}

/// A leg that is no instruction by itself: of a hold, of a transfer whose instruction is an item
/// before it, of a queued payment, or of a netting window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldLeg {
    /// The leg.
    pub leg: LegDraft,
    /// Of which hold, if the leg's own id does not tell. Of kind mandated: of which mandate, and
    /// nothing is unreserved. One field, so that records which were stored before mandates stay as
    /// they are.
    pub of: Option<OfHold>,
    /// Of a queued payment: index of the entry that put it into the queue.
    pub since: Option<u64>,
    /// What became of it.
    pub outcome: Outcome,
    /// What more it is about.
    pub about: About,
}

impl HeldLeg {
    /// Of which netting window it is.
    #[must_use]
    pub const fn window(&self) -> Option<&OfWindow> {
        match &self.about {
            About::Window(of) => Some(of),
            _ => None,
        }
    }

    /// At which rate or quote it is.
    #[must_use]
    pub const fn exchange(&self) -> Option<OfExchange> {
        match &self.about {
            About::Exchange(of) => Some(*of),
            _ => None,
        }
    }

    /// From which date on it counts in value-dated balances, if it says so.
    #[must_use]
    pub const fn value_date(&self) -> Option<Date> {
        match &self.about {
            About::ValueDate(date) => Some(*date),
            _ => None,
        }
    }

    /// For which month it is, if something is due for one.
    #[must_use]
    pub const fn month(&self) -> Option<Month> {
        match &self.about {
            About::Month(month) => Some(*month),
            _ => None,
        }
    }

    /// Of which hold it is, where its own id does not tell.
    #[must_use]
    pub const fn of_hold(&self) -> Option<OfHold> {
        match self.leg.kind {
            LegKind::Mandated => None,
            _ => self.of,
        }
    }

    /// The mandate that it is under.
    #[must_use]
    pub const fn mandate(&self) -> Option<InstructionId> {
        match (self.leg.kind, self.of) {
            (LegKind::Mandated, Some(of)) => Some(of.hold),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_stored_as_a_window_or_none_is_read_as_that() {
        let of = OfWindow {
            model: "ach".parse().unwrap(),
            window: 17,
        };
        for before in [None, Some(of)] {
            let stored = postcard::to_allocvec(&before).unwrap();
            let expected = before.map_or(About::Nothing, About::Window);
            assert_eq!(postcard::from_bytes(&stored), Ok(expected.clone()));
            assert_eq!(postcard::to_allocvec(&expected).unwrap(), stored);
        }
    }
}
