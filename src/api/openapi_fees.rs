//! The shapes of fees, for `/openapi.json`.

#![expect(dead_code, reason = "read by the derive, which makes schemas of them")]

use utoipa::ToSchema;

use super::openapi_body::AccountKind;
use super::openapi_words::{Address, Amount, AssetId, Balance, InstructionId, ParticipantId, Time};

/// Sets the whole schedule of fees of an asset, in the place of the one before, by two operators;
/// without any rule it has none.
#[derive(ToSchema)]
pub(super) struct SetFees {
    id: InstructionId,
    asset: AssetId,
    /// The account that fees go to, of kind `fee`; with rules, and only with them.
    account: Option<Address>,
    tax: Option<FeeTax>,
    /// The first that is for a leg's pair of accounts says what is due on it.
    #[schema(min_items = 0, max_items = 64)]
    rules: Vec<FeeRule>,
    /// The first that is for an account says what is due of it for a period; the asset has a calendar.
    #[schema(max_items = 64)]
    periodic: Option<Vec<PeriodicFee>>,
}

/// What is due of some accounts for a period, at the end of its last business date.
#[derive(ToSchema)]
pub(super) struct PeriodicFee {
    /// Only of accounts of this kind, `settlement` or `customer`.
    account_kind: Option<AccountKind>,
    /// Only of accounts of this participant.
    account_owner: Option<ParticipantId>,
    period: FeePeriod,
    /// Of 0, nothing is due and nothing is recorded.
    flat: Amount,
}

/// A period of business dates.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(super) enum FeePeriod {
    Month,
}

/// Tax on every fee, on top of it.
#[derive(ToSchema)]
pub(super) struct FeeTax {
    /// The account that it goes to, of kind `fee`.
    account: Address,
    /// Hundredths of a percent of the fee.
    #[schema(minimum = 1, maximum = 10000)]
    bps: u32,
}

/// What is due on legs between some accounts, of kinds `settlement` and `customer`.
#[derive(ToSchema)]
pub(super) struct FeeRule {
    /// Only if the leg debits an account of this kind.
    debit_kind: Option<AccountKind>,
    /// Only if it credits an account of this kind.
    credit_kind: Option<AccountKind>,
    /// Only if the account debited is this participant's.
    debit_owner: Option<ParticipantId>,
    /// Only if the account credited is this participant's.
    credit_owner: Option<ParticipantId>,
    basis: FeeBasis,
    /// The least that it comes to.
    min: Option<Amount>,
    /// The most.
    max: Option<Amount>,
    payer: Option<FeePayer>,
}

/// How a fee follows from the amount of its leg.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(super) enum FeeBasis {
    /// Nothing is due, and nothing is recorded; such a rule has no payer.
    None,
    /// The same for every amount.
    Flat(Amount),
    /// Hundredths of a percent of the amount, at most 10,000.
    Bps(u32),
    /// By the first tier that the amount lies in, as a whole; 1 to 16 of them.
    Tiered(Vec<FeeTier>),
}

/// What is due on amounts up to a bound.
#[derive(ToSchema)]
pub(super) struct FeeTier {
    /// The largest amount in it; the last tier has none, and each other one a larger one than before.
    up_to: Option<Amount>,
    /// The same for every amount in it.
    flat: Option<Amount>,
    /// Hundredths of a percent of the amount, beside that.
    #[schema(maximum = 10000)]
    bps: Option<u32>,
}

/// Who pays: the debtor (ISO 20022 `DEBT`), the creditor out of what it receives (`CRED`), or both
/// half of it (`SHAR`).
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(super) enum FeePayer {
    Debtor,
    Creditor,
    Shared,
}

/// One version of the schedule of an asset.
#[derive(ToSchema)]
pub(super) struct Fees {
    asset: AssetId,
    /// From 1 on.
    version: u64,
    /// Id of the instruction that set it.
    id: InstructionId,
    /// Log index of its entry.
    index: u64,
    from: Time,
    /// Until the next version; null of the last.
    until: Option<Time>,
    /// The account that fees go to; null if nothing is charged.
    account: Option<Address>,
    tax_account: Option<Address>,
    /// Hundredths of a percent of the fee.
    tax_bps: Option<u32>,
    rules: Vec<FeeRuleInForce>,
    periodic: Vec<PeriodicFeeInForce>,
}

/// What is due of some accounts for a period.
#[derive(ToSchema)]
pub(super) struct PeriodicFeeInForce {
    account_kind: Option<AccountKind>,
    account_owner: Option<ParticipantId>,
    period: FeePeriod,
    flat: Balance,
}

/// One rule of a schedule.
#[derive(ToSchema)]
pub(super) struct FeeRuleInForce {
    debit_kind: Option<AccountKind>,
    credit_kind: Option<AccountKind>,
    debit_owner: Option<ParticipantId>,
    credit_owner: Option<ParticipantId>,
    /// What is due, by the leg's amount; none if nothing is.
    tiers: Vec<FeeTierInForce>,
    /// The least that it comes to.
    min: Balance,
    /// The most.
    max: Option<Balance>,
    payer: Option<FeePayer>,
    /// The same as ISO 20022 has it.
    #[schema(pattern = "^(DEBT|CRED|SHAR)$")]
    charge_bearer: Option<String>,
}

/// What is due on amounts up to a bound.
#[derive(ToSchema)]
pub(super) struct FeeTierInForce {
    /// Null of the last.
    up_to: Option<Balance>,
    flat: Balance,
    /// Hundredths of a percent of the amount, beside that.
    bps: u32,
}

/// Schedules in force by asset, or all that are remembered of one, the newest first.
#[derive(ToSchema)]
pub(super) struct FeesPage {
    items: Vec<Fees>,
    /// The `cursor` of the next page.
    next: Option<AssetId>,
    /// Log index up to which this is true.
    at_index: u64,
}

/// What an account of the submitter's pays as a fee.
#[derive(ToSchema)]
pub(super) struct FeeRow {
    /// Ordinal of the instruction.
    instruction: u32,
    /// The leg that it is due on.
    leg: u16,
    /// A fee, or tax on one.
    #[schema(pattern = "^(fee|fee_tax)$")]
    kind: String,
    /// The account that pays it.
    account: Address,
    asset: AssetId,
    /// It may be nothing.
    amount: Balance,
}
