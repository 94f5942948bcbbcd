//! The shapes of what operators limit and freeze by, and of what is in force, for `/openapi.json`:
//! mirrors of the ledger's and the wire's.

#![expect(dead_code, reason = "read by the derive, which makes schemas of them")]

use utoipa::ToSchema;

use super::openapi_words::{Address, Amount, Balance, CaseId, InstructionId, ParticipantId, Time};

/// Sets all limits of an account; those left out are lifted.
#[derive(ToSchema)]
pub(super) struct SetLimits {
    id: InstructionId,
    address: Address,
    /// How far below zero it may go.
    credit_line: Option<Amount>,
    /// What must stay on it.
    min_balance: Option<Amount>,
    /// The largest single debit.
    per_transfer_max: Option<Amount>,
    /// The most that may be on it with what is reserved for it.
    max_balance: Option<Amount>,
    /// How much and how often within a time.
    #[schema(min_items = 1, max_items = 4)]
    velocity: Option<Vec<Velocity>>,
    /// How much net to the accounts of one participant on one date.
    #[schema(min_items = 1, max_items = 32)]
    bilateral: Option<Vec<Bilateral>>,
    /// How much net to all other participants on one date.
    multilateral: Option<Amount>,
}

/// A rule on what moves within so many seconds of log time, or within a period of the calendar.
#[derive(ToSchema)]
pub(super) struct Velocity {
    /// Length of the window; it is counted in fifty slices, and what moved counts up to one too long.
    #[schema(minimum = 1, maximum = 2678400)]
    seconds: Option<u32>,
    /// In the place of `seconds`: the period that the present date lies in.
    period: Option<Period>,
    direction: VelocityDirection,
    /// The most that may move. An amount, a count, or both.
    amount: Option<Amount>,
    /// How many legs may move it; not for `net`.
    count: Option<u32>,
}

/// A period of the calendar, by the business dates of the account's asset, or dates in UTC if it has no
/// calendar; a week begins on Monday.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(super) enum Period {
    Day,
    Week,
    Month,
}

/// What a velocity rule counts: `net` is debits less booked credits.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(super) enum VelocityDirection {
    Debit,
    Credit,
    Net,
}

/// A limit towards one participant.
#[derive(ToSchema)]
pub(super) struct Bilateral {
    counterparty: ParticipantId,
    /// The most that may go to its accounts net.
    amount: Amount,
}

/// Freezes an account, or all accounts of a bank.
#[derive(ToSchema)]
pub(super) struct Freeze {
    id: InstructionId,
    /// This or `participant`.
    account: Option<Address>,
    /// This or `account`.
    participant: Option<ParticipantId>,
    case: CaseId,
    level: FreezeLevel,
    /// How much stays on the account, at the level `amount`.
    amount: Option<Amount>,
    /// From when on it is no longer in force; until it is lifted, if left out.
    expires_at: Option<Time>,
}

/// What a freeze stops.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(super) enum FreezeLevel {
    NoDebit,
    NoCredit,
    NoneAllowed,
    Amount,
}

/// Ends a freeze; two operators sign.
#[derive(ToSchema)]
pub(super) struct Lift {
    id: InstructionId,
    /// This or `participant`, as in the freeze.
    account: Option<Address>,
    /// This or `account`, as in the freeze.
    participant: Option<ParticipantId>,
    case: CaseId,
}

/// Opens a closed account again.
#[derive(ToSchema)]
pub(super) struct ReopenAccount {
    id: InstructionId,
    address: Address,
}

/// A velocity rule of an account.
#[derive(ToSchema)]
pub(super) struct VelocityLimit {
    /// Length of the window; this or `period`.
    seconds: Option<u32>,
    period: Option<Period>,
    direction: VelocityDirection,
    /// The most that may move.
    amount: Option<Balance>,
    /// How many legs may move it.
    count: Option<u32>,
}

/// A limit towards one participant.
#[derive(ToSchema)]
pub(super) struct BilateralLimit {
    counterparty: ParticipantId,
    /// The most that may go to it net.
    amount: Balance,
}

/// A freeze.
#[derive(ToSchema)]
pub(super) struct FreezeInForce {
    /// Whether it is the account's own, or one of all accounts of its owner.
    #[schema(pattern = "^(account|participant)$")]
    of: String,
    level: FreezeLevel,
    /// What stays on the account, at the level `amount`.
    amount: Option<Balance>,
    /// From when on it is no longer in force; until it is lifted, if there is none.
    expires_at: Option<Time>,
    /// The operators' file on it, for operators and auditors.
    case: Option<CaseId>,
}
