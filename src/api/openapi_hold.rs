//! The shapes of holds for `/openapi.json`.

#![expect(dead_code, reason = "read by the derive, which makes schemas of them")]

use utoipa::ToSchema;

use super::openapi_words::{Address, AssetId, Balance, InstructionId, ParticipantId, Time};

/// A hold, with the legs that concern the reader.
#[derive(ToSchema)]
pub(super) struct Hold {
    id: InstructionId,
    submitter: ParticipantId,
    /// Log index of its entry.
    index: u64,
    #[schema(pattern = "^(open|captured|voided|expired)$")]
    state: String,
    /// When it expires, unless it ends before.
    expires_at: Option<Time>,
    /// Whether a capture may leave something reserved for the next one.
    multi: bool,
    /// How far captures together may go above what was reserved, in basis points of it.
    over_capture_bp: u16,
    /// Whether the payer cannot void it.
    guaranteed: bool,
    /// Whether it is a firm quote, which a conversion uses and nobody captures.
    quote: bool,
    /// How many legs it has; the reader may see fewer.
    legs_total: u32,
    legs: Vec<HoldLeg>,
    /// Log index of the entry that ended it.
    ended_index: Option<u64>,
    /// Time of that entry.
    ended_at: Option<Time>,
    /// Log index up to which this is true.
    at_index: u64,
}

/// One leg of a hold.
#[derive(ToSchema)]
pub(super) struct HoldLeg {
    leg: u16,
    debit: Address,
    credit: Address,
    asset: AssetId,
    reserved: Balance,
    /// Posted so far.
    captured: Balance,
    /// Still reserved.
    remaining: Balance,
}

/// A page of holds, by id, which is by time.
#[derive(ToSchema)]
pub(super) struct HoldsPage {
    items: Vec<Hold>,
    /// The `cursor` of the next page.
    next: Option<InstructionId>,
}
