//! What is proposed and told of proposals, in the words of the interface's document.

#![expect(dead_code, reason = "read by the derive, which makes schemas of them")]

use utoipa::ToSchema;

use super::openapi_body::Instruction;
use super::openapi_words::{HashText, InstructionId, ParticipantId, Time};

/// Proposes instructions to everybody whose signature they take. They are carried out, all or nothing,
/// with the last approval.
#[derive(ToSchema)]
pub(super) struct Propose {
    id: InstructionId,
    /// When it ends, if it was not carried out by then; at most 31 days ahead.
    expires_at: Time,
    /// In this order, without texts; not about proposals, and no `add_log_key`.
    #[schema(min_items = 1, max_items = 16, no_recursion)]
    instructions: Vec<Instruction>,
}

/// Agrees to a proposal.
#[derive(ToSchema)]
pub(super) struct Approve {
    id: InstructionId,
    /// The id of the `propose`.
    of: InstructionId,
    /// Its hash, as `GET /v1/proposals/{id}` gives it and anybody can make it again.
    hash: HashText,
}

/// Ends a proposal: `withdraw` by who made it, `decline` by whoever is asked.
#[derive(ToSchema)]
pub(super) struct EndProposal {
    id: InstructionId,
    /// The id of the `propose`.
    of: InstructionId,
}

/// A proposal, to whoever is asked for a signature.
#[derive(ToSchema)]
pub(super) struct Proposal {
    id: InstructionId,
    maker: ParticipantId,
    /// Log index of its entry.
    index: u64,
    #[schema(pattern = "^(open|carried_out|withdrawn|declined|expired)$")]
    state: String,
    expires_at: Time,
    /// SHA-256 of the line `quittance proposal v1`, a line with the maker, and `content`.
    hash: HashText,
    /// The `propose` as the log has it, exactly: read what is asked out of this text, and make the
    /// hash again. Null when it has ended.
    content: Option<String>,
    /// Whose signatures it takes.
    asked: Vec<Asked>,
    /// Who ended it; null of what is open or has expired.
    ended_by: Option<ParticipantId>,
    /// Log index of the entry that ended it.
    ended_index: Option<u64>,
    ended_at: Option<Time>,
    /// Log index up to which this is true.
    at_index: u64,
}

/// Somebody whose signature a proposal takes.
#[derive(ToSchema)]
pub(super) struct Asked {
    participant: ParticipantId,
    /// How many of its active keys have signed.
    signed: u32,
    /// How many more must.
    missing: u32,
}

/// A page of proposals, oldest first.
#[derive(ToSchema)]
pub(super) struct ProposalsPage {
    items: Vec<Proposal>,
    /// The `cursor` of the next page.
    next: Option<InstructionId>,
}
