//! Against floods: what is asked before anything is done for somebody.
//!
//! ```text
//!  connection ── as many as the address may have? ──▶ closed at once
//!  request    ── rate of the address ──▶ 429 RATE_LIMITED
//!  signature  ── address turned away, and the connection not proven? ──▶ a pause, 429 ADDRESS_BLOCKED
//!             ── holds? ── no ──▶ 401, and it counts against the address
//!  signer     ── rate of the participant ──▶ 429 RATE_LIMITED
//! ```
//!
//! A connection is proven while its last signature was good. So whoever floods from the address of
//! an honest bank (both behind one gateway, say) takes from it new connections, not the open ones.

use std::time::Duration;

use actix_web::http::Version;

use super::failure::Failure;
use super::lines::Line;
use super::numbers::Turned;
use super::rates::TooSoon;
use super::state::State;
use crate::ledger::{Instruction, Message, ParticipantId};
use crate::limits::{PENALTY_PAUSE_MS, PROPOSAL_INSTRUCTIONS_MAX};
use crate::wire::ErrorCode;

/// Counts a request against its address.
pub(super) fn admit(state: &State, line: &Line) -> Result<(), Failure> {
    let taken = state.rates.request(line.origin());
    taken.map_err(|soon| limited(state, Turned::Address, "from this address", soon))
}

/// Turns away, before anything is verified, who comes from an address that sent too many bad
/// signatures; after a pause, so that a flood waits and not the node.
pub(super) async fn not_blocked(
    state: &State,
    version: Version,
    line: Option<&Line>,
) -> Result<(), Failure> {
    let Some(line) = line.filter(|line| !line.is_proven()) else {
        return Ok(());
    };
    let Some(TooSoon { seconds }) = state.rates.blocked(line.origin()) else {
        return Ok(());
    };
    state.numbers.turned_away(Turned::Blocked);
    if line.warn() || version == Version::HTTP_2 {
        // Who sends one request behind the other does not read answers, and the framework would
        // go through all that it has taken in already. In HTTP/2 they would all wait at once.
        line.hang_up();
    } else if !state.is_closing() {
        tokio::time::sleep(Duration::from_millis(PENALTY_PAUSE_MS)).await;
    }
    let code = ErrorCode::AddressBlocked;
    Err(Failure::too_soon(code, code.what_to_do(), seconds))
}

/// Notes how the signatures of a request were.
pub(super) fn judged<T>(state: &State, line: Option<&Line>, result: &Result<T, Failure>) {
    let bad = match result {
        Ok(_) => false,
        Err(failure) => match failure.code() {
            ErrorCode::SignatureInvalid | ErrorCode::KeyUnknown | ErrorCode::KeyRevoked => true,
            // Nothing was found out about a signature.
            _ => return,
        },
    };
    if bad {
        state.numbers.bad_signature();
    }
    let Some(line) = line else { return };
    line.prove(!bad);
    if bad && state.rates.bad_signature(line.origin()) {
        tracing::debug!("an address is turned away: too many bad signatures");
    }
}

/// Counts a verified request against its participant.
pub(super) fn within_rate(state: &State, who: &ParticipantId) -> Result<(), Failure> {
    let taken = state.rates.verified(who);
    taken.map_err(|soon| limited(state, Turned::Participant, "by this participant", soon))
}

/// Counts the legs of a dry run: they are computed on the one writer's thread.
pub(super) fn trial(state: &State, message: &Message) -> Result<(), Failure> {
    let legs = |instruction: &Instruction| match instruction {
        Instruction::Transfer(transfer) => transfer.legs.len(),
        // What it may carry out is known to the writer alone.
        Instruction::Approve(_) => PROPOSAL_INSTRUCTIONS_MAX,
        _ => 1,
    };
    let legs: usize = message.instructions.iter().map(legs).sum();
    let legs = legs + message.batch.as_ref().map_or(0, |b| b.transfers.len());
    let taken = state.rates.trial(&message.authorisation.submitter, legs);
    taken.map_err(|soon| {
        limited(
            state,
            Turned::DryRun,
            "in dry runs of this participant",
            soon,
        )
    })
}

fn limited(state: &State, why: Turned, whose: &str, soon: TooSoon) -> Failure {
    state.numbers.turned_away(why);
    let TooSoon { seconds } = soon;
    let detail = format!("too much in too short a time {whose}; come again in {seconds} s");
    Failure::too_soon(ErrorCode::RateLimited, detail, seconds)
}
