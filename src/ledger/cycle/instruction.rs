//! What may be asked of settlement models.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::daily::DayEvent;
use crate::ledger::amount::Amount;
use crate::ledger::id::{Address, AssetId, InstructionId, ModelId, ParticipantId};

/// When a window closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum CloseRule {
    /// When the operators say so.
    Manual,
    /// At every multiple of so many seconds since 1970 UTC too.
    EveryS(u64),
}

/// What unsettled credits count for in a position.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountUnsettled {
    /// Nothing: all that a participant sent and that is not settled must be within its cap.
    None,
    /// In full: what it sent less what it received, of the same model, must be within its cap.
    #[default]
    SameModel,
}

/// Opens a settlement model: multilateral, net, deferred, in one asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenModel {
    /// Instruction id.
    pub id: InstructionId,
    /// Name of the model, which nobody else's has.
    pub model: ModelId,
    /// Its asset.
    pub asset: AssetId,
    /// When its windows close.
    pub close: CloseRule,
    /// How long after its close a window may wait for funds before that is a default, seconds.
    pub funding_s: u64,
    /// What unsettled credits count for; `same_model`, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count_unsettled_credits: Option<CountUnsettled>,
    /// The event of the asset's business day with which its windows close too; and at the end of the
    /// date, whatever the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close_with_day: Option<DayEvent>,
    /// The account from which windows are funded that the debtors did not fund in time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<Address>,
}

/// Closes a model and its open window for good; what waits for settlement still settles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloseModel {
    /// Instruction id.
    pub id: InstructionId,
    /// The model.
    pub model: ModelId,
}

/// Joins a participant to a model by its settlement account, or sets the cap of one that has joined, or
/// says what it owes the pool still.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JoinModel {
    /// Instruction id.
    pub id: InstructionId,
    /// The model.
    pub model: ModelId,
    /// The account that its nets are settled on; its owner is the participant.
    pub account: Address,
    /// How far below zero its position may go.
    pub net_debit_cap: Amount,
    /// What it owes the pool from now on, at most what it did; left out, that stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub still_owed: Option<Amount>,
}

/// One payment that is cleared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClearPayment {
    /// The participant that pays.
    pub from: ParticipantId,
    /// The participant that receives.
    pub to: ParticipantId,
    /// The amount.
    pub amount: Amount,
}

/// Clears 1 to 256 payments in the open window of a model, all or nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clear {
    /// Instruction id.
    pub id: InstructionId,
    /// The model.
    pub model: ModelId,
    /// Payments, counted in this order.
    pub payments: Vec<ClearPayment>,
    /// The payer's reference, kept in the erasable text part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_to_end_id: Option<String>,
    /// What it is for, kept in the erasable text part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remittance: Option<String>,
    /// Who pays, kept in the erasable text part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub debtor_name: Option<String>,
    /// Who receives, kept in the erasable text part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creditor_name: Option<String>,
}

/// Closes the open window of a model; the next begins with the next entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloseWindow {
    /// Instruction id.
    pub id: InstructionId,
    /// The model.
    pub model: ModelId,
}
