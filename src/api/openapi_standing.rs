//! The shapes of how far participants take part, for `/openapi.json`: mirrors of the ledger's.

#![expect(dead_code, reason = "read by the derive, which makes schemas of them")]

use utoipa::ToSchema;

use super::openapi_words::{Bic, DateText, InstructionId, Lei, ParticipantId};

/// How far a participant takes part.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(super) enum ParticipantState {
    Onboarding,
    Test,
    Active,
    Suspended,
    Terminated,
}

/// Lets a bank that is being prepared take part: in `test`, or `active`.
#[derive(ToSchema)]
pub(super) struct AdmitParticipant {
    id: InstructionId,
    participant: ParticipantId,
    to: ParticipantState,
}

/// Stops the accounts of a bank from paying.
#[derive(ToSchema)]
pub(super) struct SuspendParticipant {
    id: InstructionId,
    participant: ParticipantId,
    incoming: Option<Incoming>,
    queued: Option<Queued>,
}

/// Whether what others pay to a bank that is suspended comes in; `accept` if left out.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(super) enum Incoming {
    Accept,
    Refuse,
}

/// What becomes of payments that wait when their payer is suspended; `keep` if left out.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(super) enum Queued {
    Keep,
    Revoke,
}

/// Lets a bank that is suspended go on (`resume_participant`), or ends its part for ever
/// (`terminate_participant`); two operators sign.
#[derive(ToSchema)]
pub(super) struct OfParticipant {
    id: InstructionId,
    participant: ParticipantId,
}

/// Sets both identifiers of a participant; one that is left out is none.
#[derive(ToSchema)]
pub(super) struct IdentifyParticipant {
    id: InstructionId,
    participant: ParticipantId,
    bic: Option<Bic>,
    lei: Option<Lei>,
}

/// Has a bank without keys of its own be reached via another one than before, by two operators.
#[derive(ToSchema)]
pub(super) struct SetVia {
    id: InstructionId,
    participant: ParticipantId,
    /// The bank whose keys sign for it from now on.
    via: ParticipantId,
}

/// States the dates on which a bank is closed, in every asset that has a calendar; in the place of those
/// that were stated before.
#[derive(ToSchema)]
pub(super) struct SetParticipantDays {
    id: InstructionId,
    participant: ParticipantId,
    /// The dates, in order, up to ten years ahead; it is closed on none, if there are none.
    #[schema(max_items = 400)]
    holidays: Vec<DateText>,
}
