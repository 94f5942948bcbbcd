//! Mandates: an owner lets somebody else debit an account, within bounds.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::ledger::amount::Amount;
use crate::ledger::id::{Address, InstructionId, ParticipantId};
use crate::ledger::time::Time;

/// How the use of a mandate is counted by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum MandatePeriod {
    /// By days of UTC.
    Day,
    /// By calendar months of UTC.
    Month,
    /// By spans of so many seconds, the first of which begins in 1970 UTC.
    EveryS(u64),
}

/// Lets a participant debit an account of somebody else. The instruction's id names the mandate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantMandate {
    /// Instruction id, and the mandate's.
    pub id: InstructionId,
    /// The account that may be debited; its owner signs.
    pub account: Address,
    /// Who may debit it.
    pub to: ParticipantId,
    /// The largest single debit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_transfer_max: Option<Amount>,
    /// The most that may be debited in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_max: Option<Amount>,
    /// What `period_max` counts in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<MandatePeriod>,
    /// The most that may be debited in one period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period_max: Option<Amount>,
    /// From when on it is no longer in force; until it is revoked, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Time>,
    /// The only accounts that may be credited; any, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creditors: Option<Vec<Address>>,
}

/// Ends a mandate at once: its owner takes it back, or who has it gives it up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevokeMandate {
    /// Instruction id.
    pub id: InstructionId,
    /// The mandate: the id of its `grant_mandate`.
    pub mandate: InstructionId,
}
