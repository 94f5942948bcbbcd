//! What may be asked of rates, quotes and conversions.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use super::ratio::Ratio;
use crate::ledger::amount::Amount;
use crate::ledger::id::{Address, AssetId, InstructionId, ParticipantId, SourceId};
use crate::ledger::time::Time;

/// Lets a bank state rates, or ends that: its rates go with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetProvider {
    /// Instruction id.
    pub id: InstructionId,
    /// The bank.
    pub participant: ParticipantId,
    /// Whether it states rates from now on.
    pub active: bool,
}

/// On which accounts conversions at a rate are executed, and how much one may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Execution {
    /// The provider's account in the base asset.
    pub base: Address,
    /// The provider's account in the quote asset.
    pub quote: Address,
    /// The most that one conversion may be, in the base asset.
    pub max: Amount,
}

/// States a rate: of a bank that is a provider, or of the operators, whose rates are never executed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetRate {
    /// Instruction id, and the rate's.
    pub id: InstructionId,
    /// The asset that is priced.
    pub base: AssetId,
    /// The asset that it is priced in.
    pub quote: AssetId,
    /// Where the rate comes from; rates of one source and pair follow each other.
    pub source: SourceId,
    /// Units of the quote asset that are paid for one of the base asset.
    pub bid: Ratio,
    /// Units of the quote asset that one of the base asset costs.
    pub ask: Ratio,
    /// From when on it is in force; at once, if left out or past.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Time>,
    /// Until when; not at that time itself.
    pub valid_to: Time,
    /// The accounts that conversions at it go through; without them it is indicative.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execute: Option<Execution>,
}

/// Ends all rates of one source and pair, at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WithdrawRate {
    /// Instruction id.
    pub id: InstructionId,
    /// The asset that is priced.
    pub base: AssetId,
    /// The asset that it is priced in.
    pub quote: AssetId,
    /// Where the rate comes from.
    pub source: SourceId,
}

/// A firm quote: reserves what it pays until it is used once, withdrawn, or expires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quote {
    /// Instruction id, and the quote's: the id of a hold.
    pub id: InstructionId,
    /// The participant that may use it.
    #[serde(rename = "for")]
    pub taker: ParticipantId,
    /// The dealer's account that the source amount is paid to.
    pub receive: Address,
    /// What has to be paid.
    pub source_amount: Amount,
    /// The dealer's account that the target amount is reserved on.
    pub debit: Address,
    /// The account that the target amount is for.
    pub credit: Address,
    /// What is paid for it.
    pub target_amount: Amount,
    /// When it ends unused.
    pub expires_at: Time,
}

/// Which amount of a conversion is stated; the other one follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fixed {
    /// What is paid.
    Source,
    /// What is received.
    Target,
}

/// Whose rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateName {
    /// Who states it.
    pub provider: ParticipantId,
    /// Where it comes from.
    pub source: SourceId,
}

/// What a conversion is at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ConvertAt {
    /// A firm quote.
    Quote(InstructionId),
    /// The rate in force, of the pair of both accounts.
    Rate(RateName),
}

/// Pays an amount of one asset for an amount of another, both or none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Convert {
    /// Instruction id.
    pub id: InstructionId,
    /// The account that pays the source amount.
    pub debit: Address,
    /// The account that receives the target amount.
    pub credit: Address,
    /// Which amount is stated.
    pub fixed: Fixed,
    /// It.
    pub amount: Amount,
    /// The worst that the other amount may be: the least that is received, or the most that is paid.
    pub limit: Amount,
    /// At which quote or rate.
    pub at: ConvertAt,
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
