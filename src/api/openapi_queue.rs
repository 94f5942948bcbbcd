//! What is asked of queues and told of them, in the words of the interface's document.

#![expect(dead_code, reason = "read by the derive, which makes schemas of them")]

use utoipa::ToSchema;

use super::openapi_words::{
    Address, Amount, AssetId, DateText, InstructionId, ParticipantId, Time,
};

/// How a transfer waits if only funds are missing.
#[derive(ToSchema)]
pub(super) struct QueueTerms {
    /// `normal`, if left out. What an `urgent` or `high` payment waits for is kept for it.
    #[schema(pattern = "^(urgent|high|normal)$")]
    priority: Option<String>,
    /// When it is revoked if it has not settled; at most 400 days ahead. Never, if left out.
    reject_at: Option<Time>,
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

/// A payment that waits, with the legs that concern the reader. What only its sender knows is null for
/// whom it would pay.
#[derive(ToSchema)]
pub(super) struct Payment {
    id: InstructionId,
    submitter: ParticipantId,
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
