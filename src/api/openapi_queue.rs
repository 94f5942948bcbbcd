//! What is asked of queues and told of them, in the words of the interface's document.

#![expect(dead_code, reason = "read by the derive, which makes schemas of them")]

use utoipa::ToSchema;

use super::openapi_words::{
    Address, Amount, AssetId, Balance, DateText, InstructionId, ParticipantId, Time,
};

/// How a transfer waits if only funds are missing.
#[derive(ToSchema)]
pub(super) struct QueueTerms {
    /// `normal`, if left out. What an `urgent` or `high` payment waits for is kept for it.
    #[schema(pattern = "^(urgent|high|normal)$")]
    priority: Option<String>,
    /// When it is revoked if it has not settled; at most 400 days ahead. Never, if left out.
    reject_at: Option<Time>,
    /// By when it should have settled, before `reject_at`: its parties are told then that it has not
    /// (`OVERDUE`).
    till: Option<Time>,
    /// When it may settle at the earliest; at most 400 days ahead. At once, if left out.
    settle_from: Option<Time>,
    /// `cutoff`: it is revoked when the business day on which it waits is cut off.
    #[schema(pattern = "^cutoff$")]
    until: Option<String>,
}

/// Takes a payment of the submitter out of the queue.
#[derive(ToSchema)]
pub(super) struct Cancel {
    id: InstructionId,
    /// The id of the `transfer`.
    of: InstructionId,
}

/// Changes where a payment of the submitter stands in the queue.
#[derive(ToSchema)]
pub(super) struct Requeue {
    id: InstructionId,
    /// The id of the `transfer`.
    of: InstructionId,
    /// Its priority from now on.
    #[schema(pattern = "^(urgent|high|normal)$")]
    priority: Option<String>,
    /// Its place among those of its priority: before all of them, or as if it were accepted now.
    #[schema(pattern = "^(first|last)$")]
    position: Option<String>,
}

/// Sets what is reserved on an account for urgent and for high payments; by its owner. What is left out
/// stays as it is, and zero takes it off.
#[derive(ToSchema)]
pub(super) struct SetReservation {
    id: InstructionId,
    address: Address,
    /// For payments that are urgent.
    urgent: Option<Amount>,
    /// For payments that are high; urgent ones may use it last.
    high: Option<Amount>,
}

/// What is reserved on an account for urgent and high payments, and what others may debit. All are null
/// for a moment before the last 16 changes.
#[derive(ToSchema)]
#[schema(as = Reserved)]
pub(super) struct ReservedInForce {
    /// For payments that are urgent.
    urgent: Option<Balance>,
    /// For payments that are high; urgent ones may use it last.
    high: Option<Balance>,
    /// What is available beside that: to normal payments, and to all that does not wait.
    unreserved: Option<Balance>,
}

/// A payment that waits, with the legs that concern the reader. What only its sender knows is null for
/// whom it would pay.
#[derive(ToSchema)]
pub(super) struct Payment {
    id: InstructionId,
    submitter: ParticipantId,
    /// Who may take it back or move it, if that is another than its submitter.
    answers: Option<ParticipantId>,
    /// Log index of its entry.
    index: u64,
    /// For its time, or for funds.
    #[schema(pattern = "^(warehoused|waiting)$")]
    state: String,
    #[schema(pattern = "^(urgent|high|normal)$")]
    priority: Option<String>,
    /// Its place among all payments of the first account that it debits, from 1.
    place: Option<u64>,
    /// When it may settle at the earliest, while it is warehoused.
    settle_from: Option<Time>,
    /// The business date with which it begins to wait for funds, while it is warehoused.
    settlement_date: Option<DateText>,
    /// By when it should have settled.
    till: Option<Time>,
    /// Whether it had not by then, and its parties were told.
    #[schema(required = false)]
    overdue: bool,
    /// When it is revoked, unless it settles before.
    reject_at: Option<Time>,
    /// Whether it is revoked when the business day on which it waits is cut off.
    until_cutoff: Option<bool>,
    /// How many legs it has; the reader may see fewer.
    legs_total: u32,
    legs: Vec<PaymentLeg>,
    /// Log index up to which this is true.
    at_index: u64,
}

/// How a payment stands that waited.
#[derive(ToSchema)]
pub(super) struct PaymentNow {
    /// Whether it waits for its time or for funds, has settled, or left the queue and moved nothing.
    #[schema(pattern = "^(warehoused|waiting|settled|ended)$")]
    state: String,
    /// What became of it, once it waits no longer: `SETTLED`, `CANCELLED_BY_SENDER`,
    /// `REVOKED_AT_REJECT_TIME`, `REVOKED_AT_CUTOFF` or `REVOKED_AT_SUSPENSION`.
    code: Option<super::openapi_words::Code>,
    /// Log index of the entry that says so.
    index: Option<u64>,
    /// Time of that entry.
    time: Option<Time>,
    /// Numbers of its items in that entry that the reader may see.
    items: Vec<u32>,
    /// Its settled legs that the reader may see.
    legs: Vec<super::openapi_schema::InstructionLeg>,
    /// Log index up to which this is true.
    at_index: u64,
}

/// One leg of a payment that waits.
#[derive(ToSchema)]
pub(super) struct PaymentLeg {
    leg: u16,
    debit: Address,
    credit: Address,
    asset: AssetId,
    amount: Amount,
}

/// A page of payments that wait, by submitter and id.
#[derive(ToSchema)]
pub(super) struct PaymentsPage {
    items: Vec<Payment>,
    /// The `cursor` of the next page.
    next: Option<String>,
}
