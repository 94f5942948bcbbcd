//! Instructions by which the operators limit, freeze and reopen. The JSON shapes are those
//! of the wire page; a field that is not known is refused.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::amount::Amount;
use super::bounds::{Period, VelocityDirection};
use super::freezes::FreezeLevel;
use super::id::{Address, CaseId, InstructionId, ParticipantId};
use super::time::Time;

/// Sets all limits of an account; one that is left out goes back to none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetLimits {
    /// Instruction id.
    pub id: InstructionId,
    /// The account.
    pub address: Address,
    /// How far below zero it may go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit_line: Option<Amount>,
    /// What must stay on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_balance: Option<Amount>,
    /// The largest single debit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_transfer_max: Option<Amount>,
    /// The most that may be on it, with what is reserved for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_balance: Option<Amount>,
    /// How much and how often within a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub velocity: Option<Vec<Velocity>>,
    /// How much net to the accounts of a participant on one date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bilateral: Option<Vec<Bilateral>>,
    /// How much net to all other participants on one date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multilateral: Option<Amount>,
}

/// A rule on what moves within so many seconds of log time, or within a period of the calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Velocity {
    /// How long the window is; this or a period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u32>,
    /// The period that the present date lies in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// What is counted.
    pub direction: VelocityDirection,
    /// The most that may move.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// How often it may move.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
}

/// A limit on the net debit towards one participant on one date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bilateral {
    /// Whose accounts.
    pub counterparty: ParticipantId,
    /// The most that may go to them net.
    pub amount: Amount,
}

/// Freezes an account, or all accounts of a participant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Freeze {
    /// Instruction id.
    pub id: InstructionId,
    /// The account; or else the participant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Address>,
    /// The participant; or else the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub participant: Option<ParticipantId>,
    /// The operators' file on it.
    pub case: CaseId,
    /// What it stops.
    pub level: FreezeLevel,
    /// How much stays on the account, for the level `amount`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// From when on it is no longer in force; until it is lifted, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Time>,
}

/// Ends a freeze; needs the signatures of two operators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lift {
    /// Instruction id.
    pub id: InstructionId,
    /// The account; or else the participant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Address>,
    /// The participant; or else the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub participant: Option<ParticipantId>,
    /// The case that the freeze was imposed for.
    pub case: CaseId,
}

/// Opens a closed account again, as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReopenAccount {
    /// Instruction id.
    pub id: InstructionId,
    /// Its address.
    pub address: Address,
}
