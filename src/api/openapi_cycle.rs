//! The shapes of settlement models, for `/openapi.json`: what is submitted and what is answered.

#![expect(dead_code, reason = "read by the derive, which makes schemas of them")]

use utoipa::ToSchema;

use super::openapi_words::{Address, Amount, AssetId, Balance, InstructionId, ParticipantId, Time};

pub(super) use super::openapi_words::ModelId;

/// When windows close.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(super) enum CloseRule {
    /// When the operators say so.
    Manual,
    /// At every multiple of so many seconds since 1970 UTC too.
    EveryS(u64),
}

/// What unsettled credits count for in a position.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(super) enum CountUnsettled {
    None,
    SameModel,
}

/// Opens a settlement model: multilateral, net, deferred, in one asset.
#[derive(ToSchema)]
pub(super) struct OpenModel {
    id: InstructionId,
    model: ModelId,
    asset: AssetId,
    close: CloseRule,
    /// How long after its close a window may wait for funds before that is a default, seconds.
    #[schema(maximum = 2_678_400)]
    funding_s: u64,
    /// `same_model`, if left out.
    count_unsettled_credits: Option<CountUnsettled>,
    /// The event of the asset's business day with which its windows close too, and at the end of the
    /// date; left out, the day closes none.
    close_with_day: Option<DayEvent>,
    /// An account of kind `pool`, from which windows are funded that were not in time.
    pool: Option<Address>,
}

/// An event of a business day: the cut-off for customers, that for banks, the end of the date.
#[derive(ToSchema)]
pub(super) enum DayEvent {
    #[schema(rename = "CUSC")]
    CustomerCutoff,
    #[schema(rename = "IBKC")]
    InterbankCutoff,
    #[schema(rename = "SYSC")]
    Close,
}

/// Closes a model and its open window for good; what waits for settlement still settles.
#[derive(ToSchema)]
pub(super) struct CloseModel {
    id: InstructionId,
    model: ModelId,
}

/// Joins a participant to a model by its settlement account, or sets the cap of one that has joined.
#[derive(ToSchema)]
pub(super) struct JoinModel {
    id: InstructionId,
    model: ModelId,
    /// Its owner is the participant.
    account: Address,
    /// How far below zero its position may go.
    net_debit_cap: Amount,
    /// What the member owes the pool from now on, at most what it did.
    still_owed: Option<Amount>,
}

/// Clears 1 to 256 payments in the open window of a model, all or nothing.
#[derive(ToSchema)]
pub(super) struct Clear {
    id: InstructionId,
    model: ModelId,
    /// Counted in this order.
    #[schema(min_items = 1, max_items = 256)]
    payments: Vec<PaymentToClear>,
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

/// One payment that is cleared.
#[derive(ToSchema)]
pub(super) struct PaymentToClear {
    from: ParticipantId,
    to: ParticipantId,
    amount: Amount,
}

/// Closes the open window of a model; the next begins with the next entry.
#[derive(ToSchema)]
pub(super) struct CloseWindow {
    id: InstructionId,
    model: ModelId,
}

/// The settlement models that the reader may see.
#[derive(ToSchema)]
pub(super) struct CyclesPage {
    items: Vec<SettlementModel>,
}

/// A settlement model.
#[derive(ToSchema)]
pub(super) struct SettlementModel {
    model: ModelId,
    /// Id of the instruction that opened it; the nets of its windows have it.
    id: InstructionId,
    asset: AssetId,
    /// Whether it takes payments.
    open: bool,
    /// Seconds between closes by schedule.
    close_every_s: Option<u64>,
    close_with_day: Option<DayEvent>,
    /// When its window closes next, by schedule.
    closes_at: Option<Time>,
    funding_s: u64,
    #[schema(pattern = "^(none|same_model)$")]
    count_unsettled_credits: String,
    /// The account from which windows are funded that were not in time.
    pool: Option<Address>,
    members: Vec<ModelMember>,
    /// Newest first, without `nets`.
    windows: Vec<Window>,
    /// Log index up to which this is true.
    at_index: u64,
}

/// A participant of a model, with all that is not settled.
#[derive(ToSchema)]
pub(super) struct ModelMember {
    participant: ParticipantId,
    account: Address,
    net_debit_cap: Balance,
    sent: Balance,
    received: Balance,
    /// `received` less `sent`.
    position: Balance,
    /// What may still be sent; negative if the cap was lowered below present use.
    room: Balance,
    /// What was drawn for it from the pool and is owed still.
    owed: Balance,
}

/// A window of a model.
#[derive(ToSchema)]
pub(super) struct Window {
    model: ModelId,
    window: u64,
    #[schema(pattern = "^(open|pending|defaulted|settled)$")]
    state: String,
    /// Index of the first entry in it.
    from_index: u64,
    /// Index of the last entry in it, which closed it.
    to_index: Option<u64>,
    closed_at: Option<Time>,
    /// Index of the entry that settled it.
    settled_index: Option<u64>,
    settled_at: Option<Time>,
    /// Index of the entry that said who had not funded it in time.
    defaulted_index: Option<u64>,
    /// What those sent and received that the reader may see.
    nets: Option<Vec<WindowNet>>,
    /// Log index up to which this is true.
    at_index: u64,
}

/// One participant's part in a window.
#[derive(ToSchema)]
pub(super) struct WindowNet {
    participant: ParticipantId,
    account: Address,
    /// Payments that it sent.
    payments: u64,
    sent: Balance,
    received: Balance,
    /// `received` less `sent`: what it is paid, or pays if it is negative.
    net: Balance,
    /// What of that was drawn from the pool.
    drawn: Balance,
}
