//! What a node would say: before anything is sent, and instead of it.

use std::process::ExitCode;

use super::journal::Message;
use super::results::{self, Line};
use super::submit::{Batch, SENT_BEFORE};
use crate::cli::connect::signers;
use crate::cli::error::Failure;
use crate::client::ClientError;
use crate::wire::ErrorCode;

impl Batch<'_> {
    /// Has the node judge messages that could be refused whole, before anything is written down:
    /// the first, the largest, and those with ids of the bank's own.
    pub(super) fn preflight(&self, messages: &[Message]) -> Result<(), Failure> {
        let signers = signers(&self.keys);
        let sender = self.sender(&signers);
        let size = |n: &usize| messages.get(*n).map(|message| message.body.bytes().len());
        // The first of the largest ones.
        let largest = (0..messages.len()).rev().max_by_key(size);
        for (n, message) in messages.iter().enumerate() {
            let own_ids = message.rows.iter().any(|row| {
                let row = self.table.rows.get(*row).map(|row| &row.payment);
                matches!(row, Some(Ok(payment)) if !payment.id.is_empty())
            });
            if n == 0 || own_ids || Some(n) == largest {
                sender
                    .try_out(message)
                    .map_err(|error| self.unfit(error, message))?;
            }
        }
        Ok(())
    }

    /// Says why a message that was tried out can never be sent.
    fn unfit(&self, error: ClientError, message: &Message) -> Failure {
        let code = error.code();
        let pointer = match &error {
            ClientError::Problem { problem, .. } => {
                problem.errors.first().map(|e| e.pointer.clone())
            }
            _ => None,
        };
        let row = pointer.as_deref().and_then(|pointer| {
            let place = pointer.strip_prefix("/instructions/");
            let place = place.or_else(|| pointer.strip_prefix("/records/"))?;
            let n = place.split('/').next()?;
            let row = message.rows.get(n.parse::<usize>().ok()?)?;
            self.table.rows.get(*row)
        });
        let failure = Failure::from(error).into_unanswered();
        match (code, row) {
            (Some(ErrorCode::MessageIdReused), _) => failure.hint(SENT_BEFORE),
            (Some(ErrorCode::IdOutsideWindow), Some(row)) => failure.hint(format_args!(
                "line {}: the id is too old or too new; leave it out, and a fresh one is made",
                row.line
            )),
            (_, Some(row)) => failure.hint(format_args!(
                "line {} is to blame; nothing was sent",
                row.line
            )),
            (Some(ErrorCode::InstructionsCount | ErrorCode::BodyTooLarge), _) => {
                failure.hint("the node allows less in one message: lower --per-message")
            }
            _ => failure,
        }
    }

    /// Each message is judged by itself: none sees what the one before would have moved.
    pub(super) fn dry_run(mut self) -> Result<ExitCode, Failure> {
        let rows: Vec<usize> = (0..self.table.rows.len()).collect();
        let messages = self.messages(0, &rows, false)?;
        let signers = signers(&self.keys);
        let sender = self.sender(&signers);
        let mut lines: Vec<Line> = Vec::new();
        for message in &messages {
            let outcomes = sender
                .try_out(message)
                .map_err(|error| self.unfit(error, message))?;
            for (row, outcome) in message.rows.iter().zip(&outcomes) {
                let line = self.table.rows.get(*row).map_or(0, |row| row.line);
                let status = if outcome.code.is_good() {
                    results::SETTLED
                } else {
                    results::REFUSED
                };
                lines.push(Line {
                    line,
                    status,
                    code: outcome.code.code().to_owned(),
                    words: outcome.code.meaning().to_owned(),
                    ..Line::default()
                });
            }
        }
        for (line, bad) in self.table.bad() {
            self.context.out.say(bad.told(line));
            lines.push(Line {
                line,
                status: results::BAD,
                ..Line::default()
            });
        }
        for line in lines.iter().filter(|line| line.status == results::REFUSED) {
            let Line {
                line, code, words, ..
            } = line;
            self.context
                .out
                .say(format_args!("line {line}: {code}: {words}"));
        }
        let counts = results::counts(&lines);
        self.context.out.data(&counts, || counts.table())?;
        self.context
            .out
            .say("a dry run: nothing was logged, and each message is judged by itself");
        Ok(ExitCode::from(counts.exit()))
    }
}
