//! How `submit` ends: an exit code for each thing that a script does next.

use std::process::ExitCode;

use super::Body;
use crate::cli::error::Failure;
use crate::client::ClientError;
use crate::ledger::Outcome;
use crate::wire::Answer;

/// The ledger or the node said no.
const REFUSED: u8 = 1;
/// Nothing was sent.
const NOT_SENT: u8 = 2;
/// Nothing was refused, and something waits.
const WAITS: u8 = 3;
/// It was sent, and nobody knows what became of it.
const UNKNOWN: u8 = 4;

/// The table, for `--help`.
pub(super) const TABLE: &str = "\
Exit codes:
  0  All of it took effect: settled, reserved, applied. It is final
  1  Refused: by the ledger (the outcomes say what, and the rest of the message stands, unless it is
     all-or-nothing), or by the node, which then logged nothing. What was refused moved nothing
  2  Not sent: the command line, a file, a key, or no node that answers
  3  Accepted, and not done yet: a payment waits for funds or its date (QUEUED, WAREHOUSED,
     ROLLED) or settles with its window (CLEARED), a proposal waits for others (PROPOSED,
     APPROVED), a recall for its answer (RECALLED). Nothing was refused. Of a payment
     `quittance find --instruction ID` tells what becomes of it
  4  Unknown: it was sent, and no answer came that could be relied on. Send the same bytes again

A dry run ends as the message would.";

/// Whether an outcome was accepted, and what it is about is not done yet.
pub(in crate::cli) const fn waits(outcome: Outcome) -> bool {
    matches!(
        outcome,
        Outcome::Queued
            | Outcome::Warehoused
            | Outcome::Rolled
            | Outcome::Cleared
            | Outcome::Proposed
            | Outcome::Approved
            | Outcome::Recalled
    )
}

/// The exit code of an answer: the worst of its outcomes.
pub(super) fn of(answer: &Answer) -> ExitCode {
    ExitCode::from(number(answer.outcomes.iter().map(|outcome| outcome.code)))
}

fn number(outcomes: impl Iterator<Item = Outcome>) -> u8 {
    let one = |outcome: Outcome| match outcome {
        outcome if !outcome.is_good() => REFUSED,
        outcome if waits(outcome) => WAITS,
        _ => 0,
    };
    let codes: Vec<u8> = outcomes.map(one).collect();
    let worst = [REFUSED, WAITS].into_iter().find(|c| codes.contains(c));
    worst.unwrap_or(0)
}

/// A failure before anything was sent, whatever kind it is of.
pub(in crate::cli) fn not_sent(failure: Failure) -> Failure {
    failure.ending(NOT_SENT)
}

/// A question that logs nothing: refused, or not answered.
pub(super) fn asked(error: ClientError) -> Failure {
    let refused = matches!(error, ClientError::Problem { .. }) && !error.is_passing();
    let failure = Failure::from(error);
    failure.ending(if refused { REFUSED } else { NOT_SENT })
}

/// A failure of sending, or of what came back.
pub(super) fn sent(error: ClientError, body: &Body) -> Failure {
    let code = match &error {
        // It was never sent.
        ClientError::Sign(_) | ClientError::Address(_) | ClientError::Tls { .. } => NOT_SENT,
        ClientError::Problem { .. } if !error.is_uncertain() => REFUSED,
        _ => UNKNOWN,
    };
    let failure = Failure::from(error).ending(code);
    if code != UNKNOWN {
        return failure;
    }
    let again = match &body.file {
        Some(file) => format!("submit {} again", file.display()),
        None => "send the same bytes again".to_owned(),
    };
    let hint = format!(
        "nobody knows whether it was logged: {again}; identical bytes never move money twice"
    );
    failure.hint(hint)
}

/// A failure behind an answer that says that it was logged: the same bytes bring the answer again.
pub(super) fn logged(failure: Failure, answer: &Answer) -> Failure {
    let index = answer.index;
    failure.ending(UNKNOWN).hint(format_args!(
        "it is in the log, entry {index}: send the same bytes again, and the answer comes again"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Outcome as O;

    #[test]
    fn the_worst_outcome_decides() {
        for (outcomes, code) in [
            (&[O::Settled, O::Applied, O::Reserved][..], 0),
            (&[O::CarriedOut, O::Settled], 0),
            (&[O::Voided, O::Withdrawn, O::Declined], 0),
            (&[O::Settled, O::Queued], WAITS),
            (&[O::CarriedOut, O::Queued], WAITS),
            (&[O::Warehoused], WAITS),
            (&[O::Rolled], WAITS),
            (&[O::Cleared], WAITS),
            (&[O::Proposed], WAITS),
            (&[O::Approved], WAITS),
            (&[O::Recalled], WAITS),
            (&[O::Queued, O::InsufficientFunds, O::Settled], REFUSED),
            (&[], 0),
        ] {
            assert_eq!(number(outcomes.iter().copied()), code, "{outcomes:?}");
        }
    }

    #[test]
    fn whatever_waits_is_accepted_and_not_final() {
        for outcome in O::ALL.iter().copied().filter(|outcome| waits(*outcome)) {
            assert!(outcome.is_good(), "{}", outcome.code());
            assert_ne!(outcome.iso_status(), "ACSC", "{}", outcome.code());
            assert!(TABLE.contains(outcome.code()), "{}", outcome.code());
        }
    }
}
