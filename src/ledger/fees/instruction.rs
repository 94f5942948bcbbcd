//! What may be asked of fees.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::ledger::account::AccountKind;
use crate::ledger::amount::Amount;
use crate::ledger::id::{Address, AssetId, InstructionId, ParticipantId};

/// Sets the whole schedule of an asset, in the place of the one before; without any rule it has none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetFees {
    /// Instruction id.
    pub id: InstructionId,
    /// The asset whose payments are charged.
    pub asset: AssetId,
    /// The account that fees go to, of kind `fee`; only with rules, and always with them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Address>,
    /// The tax on every fee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<FeeTax>,
    /// The rules: the first that is for a leg's pair of accounts says what is due on it.
    pub rules: Vec<FeeRule>,
    /// What is due for a period: the first that is for an account says how much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub periodic: Option<Vec<PeriodicFee>>,
}

impl SetFees {
    /// What is due for a period, in order.
    #[must_use]
    pub fn by_period(&self) -> &[PeriodicFee] {
        self.periodic.as_deref().unwrap_or_default()
    }
}

/// What is due of some accounts for a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeriodicFee {
    /// Only of accounts of this kind: `settlement` or `customer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_kind: Option<AccountKind>,
    /// Only of accounts of this participant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_owner: Option<ParticipantId>,
    /// For which period.
    pub period: FeePeriod,
    /// How much; of 0, nothing is due and nothing is recorded.
    pub flat: Amount,
}

/// A period of business dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeePeriod {
    /// A month.
    Month,
}

/// A tax on fees, on top of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeeTax {
    /// The account that it goes to, of kind `fee`.
    pub account: Address,
    /// Hundredths of a percent of the fee.
    pub bps: u32,
}

/// What is due on legs between some accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeeRule {
    /// Only if the leg debits an account of this kind: `settlement` or `customer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub debit_kind: Option<AccountKind>,
    /// Only if it credits an account of this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit_kind: Option<AccountKind>,
    /// Only if the account debited is this participant's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub debit_owner: Option<ParticipantId>,
    /// Only if the account credited is this participant's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit_owner: Option<ParticipantId>,
    /// How much.
    pub basis: FeeBasis,
    /// The least that it comes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Amount>,
    /// The most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Amount>,
    /// Who pays it; nobody if the basis is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payer: Option<FeePayer>,
}

/// How a fee follows from the amount of its leg.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeeBasis {
    /// Nothing is due, and nothing is recorded.
    None,
    /// The same for every amount.
    Flat(Amount),
    /// Hundredths of a percent of the amount.
    Bps(u32),
    /// By the first tier that the amount lies in, as a whole.
    Tiered(Vec<FeeTier>),
}

/// What is due on amounts up to a bound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeeTier {
    /// The largest amount that lies in it; the last tier has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<Amount>,
    /// The same for every amount in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flat: Option<Amount>,
    /// Hundredths of a percent of the amount, beside that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bps: Option<u32>,
}

/// Who pays a fee: the charge bearer of ISO 20022.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeePayer {
    /// Whoever pays the leg (`DEBT`).
    Debtor,
    /// Whoever receives it (`CRED`).
    Creditor,
    /// Both, half of it each; the odd unit is the debtor's (`SHAR`).
    Shared,
}
