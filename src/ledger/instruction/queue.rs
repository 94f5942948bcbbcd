//! What may be asked of queues: payments that wait for funds (LEDGER F10).

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{Leg, Transfer};
use crate::ledger::amount::Amount;
use crate::ledger::id::{Address, InstructionId};
use crate::ledger::time::Time;

/// How the legs of a transfer are looked at together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// Funds must be there for what is left when all legs are set off against each other.
    Net,
}

/// How urgent a payment is. The order is that in which payments of an account go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Before all others, strictly in its turn (ISO 20022 `URGT`).
    Urgent,
    /// Before normal ones, strictly in its turn (`HIGH`).
    High,
    /// A smaller one that is behind may go first (`NORM`).
    #[default]
    Normal,
}

impl Priority {
    /// Whether what such a payment waits for is kept for it.
    #[must_use]
    pub const fn is_strict(self) -> bool {
        matches!(self, Self::Urgent | Self::High)
    }
}

/// How a transfer waits for funds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueTerms {
    /// How urgent it is; `normal`, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// When it is revoked if it has not settled; never, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reject_at: Option<Time>,
    /// By when it should have settled: its parties are told then that it has not; nobody, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub till: Option<Time>,
    /// When it may settle at the earliest; at once, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settle_from: Option<Time>,
    /// Whether it is revoked when the day on which it waits is cut off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Until>,
}

/// Until when a payment waits for funds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    /// Until the cut-off of the business day on which it waits.
    Cutoff,
}

/// Takes a payment of the submitter out of the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cancel {
    /// Instruction id.
    pub id: InstructionId,
    /// The payment: the id of its `transfer`.
    pub of: InstructionId,
}

/// Changes where a payment of the submitter stands in the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requeue {
    /// Instruction id.
    pub id: InstructionId,
    /// The payment: the id of its `transfer`.
    pub of: InstructionId,
    /// Its priority from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// Its place among those of its priority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
}

/// A place in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// Before all others of its priority.
    First,
    /// Behind them, as if it were accepted now.
    Last,
}

/// Sets what is reserved on an account for urgent and for high payments; by its owner. What is left
/// out stays as it is, and zero takes it off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetReservation {
    /// Instruction id.
    pub id: InstructionId,
    /// The account's address.
    pub address: Address,
    /// What is reserved for payments that are urgent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgent: Option<Amount>,
    /// What is reserved for payments that are high; urgent ones may use it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<Amount>,
}

impl Transfer {
    /// A transfer of these legs without anything else.
    #[must_use]
    pub const fn of_legs(id: InstructionId, legs: Vec<Leg>) -> Self {
        Self {
            id,
            legs,
            check: None,
            queue: None,
            settlement_date: None,
            value_date: None,
            conditions: None,
            mandate: None,
            reference: None,
            end_to_end_id: None,
            remittance: None,
            debtor_name: None,
            creditor_name: None,
        }
    }

    /// Whether its legs alone say what was asked for; otherwise the instruction is an item too.
    #[must_use]
    pub const fn is_plain(&self) -> bool {
        let told = self.conditions.is_some() || self.mandate.is_some();
        !self.is_set() && !told && self.value_date.is_none()
    }

    /// Whether its legs are looked at together.
    #[must_use]
    pub const fn is_set(&self) -> bool {
        self.check.is_some() || self.queue.is_some() || self.settlement_date.is_some()
    }
}
