//! The shapes of splits, conditions, mandates and the posting matrix, for `/openapi.json`: what is
//! submitted and what is answered.

#![expect(dead_code, reason = "read by the derive, which makes schemas of them")]

use utoipa::ToSchema;

use super::openapi_body::AccountKind;
use super::openapi_words::{Address, Amount, AssetId, Balance, InstructionId, ParticipantId, Time};

/// Divides what 1 or more payers pay among 1 or more payees, at most 256 accounts together, all or
/// nothing. An account stands once.
#[derive(ToSchema)]
pub(super) struct Split {
    id: InstructionId,
    /// The asset of all accounts.
    asset: AssetId,
    #[schema(min_items = 1, max_items = 255)]
    payers: Vec<Payer>,
    #[schema(min_items = 1, max_items = 255)]
    payees: Vec<Payee>,
    /// All of them hold just before it, or nothing happens.
    #[schema(min_items = 1, max_items = 16)]
    conditions: Option<Vec<Condition>>,
    /// The payer's reference. Texts can be erased later.
    #[schema(min_length = 1, max_length = 35)]
    end_to_end_id: Option<String>,
    /// What it is for.
    #[schema(min_length = 1, max_length = 140)]
    remittance: Option<String>,
    /// Who pays.
    #[schema(min_length = 1, max_length = 140)]
    debtor_name: Option<String>,
    /// Who is paid.
    #[schema(min_length = 1, max_length = 140)]
    creditor_name: Option<String>,
}

/// An account that pays: one of `amount`, `up_to` and `all_available`.
#[derive(ToSchema)]
pub(super) struct Payer {
    account: Address,
    amount: Option<Amount>,
    /// What is available, and not more than this.
    up_to: Option<Amount>,
    /// `true`: all that is available.
    all_available: Option<bool>,
    /// With `up_to` or `all_available`: the least that it must come to; one minor unit, if left out.
    at_least: Option<Amount>,
}

/// An account that receives: one of `amount`, `ratio` and `remainder`.
#[derive(ToSchema)]
pub(super) struct Payee {
    account: Address,
    amount: Option<Amount>,
    /// So many parts of what stated amounts leave, of as many as all ratios together.
    #[schema(minimum = 1)]
    ratio: Option<u32>,
    /// `true`: what stated amounts leave. Only the last, and not beside ratios.
    remainder: Option<bool>,
}

/// Something that must hold just before an instruction is carried out.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(super) enum Condition {
    /// The time of the entry is not after this one.
    NotAfter(Time),
    BalanceAtLeast(BalanceAtLeast),
    AccountVersion(AccountVersion),
}

/// So much is booked on an account whose owner has signed.
#[derive(ToSchema)]
pub(super) struct BalanceAtLeast {
    account: Address,
    amount: Amount,
}

/// Nothing changed an account whose owner has signed after an entry.
#[derive(ToSchema)]
pub(super) struct AccountVersion {
    account: Address,
    index: u64,
}

/// Lets a participant debit an account of somebody else, within at least one bound.
#[derive(ToSchema)]
pub(super) struct GrantMandate {
    id: InstructionId,
    /// Its owner signs.
    account: Address,
    to: ParticipantId,
    /// The largest single debit.
    per_transfer_max: Option<Amount>,
    /// The most in all.
    total_max: Option<Amount>,
    /// With `period_max`.
    period: Option<MandatePeriod>,
    /// The most in one period.
    period_max: Option<Amount>,
    /// From when on it is no longer in force; until it is revoked, if left out.
    expires_at: Option<Time>,
    /// The only accounts that may be credited; any, if left out.
    #[schema(min_items = 1, max_items = 16)]
    creditors: Option<Vec<Address>>,
}

/// How the use of a mandate is counted by time.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(super) enum MandatePeriod {
    /// By days of UTC.
    Day,
    /// By calendar months of UTC.
    Month,
    /// By spans of so many seconds, the first of which begins in 1970 UTC; at most 31,622,400.
    EveryS(u64),
}

/// Ends a mandate at once, by its owner or by who has it.
#[derive(ToSchema)]
pub(super) struct RevokeMandate {
    id: InstructionId,
    /// The id of the `grant_mandate`.
    mandate: InstructionId,
}

/// Allows accounts of one kind to pay accounts of another, or stops it.
#[derive(ToSchema)]
pub(super) struct SetPosting {
    id: InstructionId,
    debit: AccountKind,
    credit: AccountKind,
    allowed: bool,
}

/// A page of mandates, by id.
#[derive(ToSchema)]
pub(super) struct MandatesPage {
    items: Vec<Mandate>,
    /// The `cursor` of the next page; a page may have no lines before the last.
    next: Option<InstructionId>,
}

/// A mandate: who may debit an account of somebody else, within which bounds.
#[derive(ToSchema)]
pub(super) struct Mandate {
    /// Id of the instruction that granted it.
    id: InstructionId,
    /// Log index of its entry.
    index: u64,
    account: Address,
    owner: ParticipantId,
    to: ParticipantId,
    asset: AssetId,
    per_transfer_max: Option<Balance>,
    total_max: Option<Balance>,
    period: Option<MandatePeriod>,
    period_max: Option<Balance>,
    /// From when on it is no longer in force: compare it with the time.
    expires_at: Option<Time>,
    creditors: Option<Vec<Address>>,
    /// What was debited in all.
    used: Balance,
    /// How many debits.
    debits: u64,
    last_debit_at: Option<Time>,
    /// What was debited in the period of the last.
    used_in_last_period: Balance,
    /// Log index up to which this is true.
    at_index: u64,
}

/// Whether accounts of one kind may pay accounts of another; `issuance` stands for funds in and out.
#[derive(ToSchema)]
pub(super) struct Posting {
    debit: AccountKind,
    credit: AccountKind,
    allowed: bool,
}
