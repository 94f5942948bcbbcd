//! Sending what the journal holds, until the log has answered or patience ends.

use std::time::Duration;

use chain::Signer;
use indicatif::ProgressBar;

use super::journal::{Body, Journal, Logged, Message, State};
use super::receipts::is_of;
use super::results::ids;
use crate::cli::error::Failure;
use crate::client::{Client, ClientError, Outgoing};
use crate::clock;
use crate::wire::{ErrorCode, OutcomeView};

/// The content type of messages that are not binary.
const JSON: &str = "application/json";
/// The first wait after a failure, doubled with each further one.
const WAIT_MIN: Duration = Duration::from_millis(200);
/// The longest wait that nobody asked for.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// A node, who asks it, and for how long.
pub(super) struct Sender<'a> {
    pub(super) client: &'a Client,
    pub(super) submitter: &'a str,
    pub(super) signers: &'a [&'a dyn Signer],
    /// How long nothing may come forward before it is given up.
    pub(super) patience: Duration,
}

impl Sender<'_> {
    /// Sends every message without an answer, in order. The journal knows what became of each,
    /// also when this fails.
    pub(super) fn send(&self, journal: &mut Journal, bar: &ProgressBar) -> Result<(), Failure> {
        for n in 0..journal.messages.len() {
            let Some(message) = journal.messages.get(n) else {
                break;
            };
            let rows = message.rows.len() as u64;
            if matches!(message.state, State::Open) {
                let state = self.settle(message)?;
                journal.note(n, state)?;
            }
            bar.inc(rows);
        }
        Ok(())
    }

    /// Sends one message until there is an answer.
    fn settle(&self, message: &Message) -> Result<State, Failure> {
        let sent = self.patiently(|| self.submit(message));
        match sent {
            Ok(logged) => Ok(State::Logged(fitting(logged, message)?)),
            // The node has looked it up: it was never logged. It was inside the window when it was
            // made (it was tried then), and the window only moves on: it never will be.
            Err(error) if is_outside(&error) => Ok(State::Expired),
            Err(error) => Err(stopped(error, message)),
        }
    }

    fn submit(&self, message: &Message) -> Result<Logged, ClientError> {
        match &message.body {
            Body::Json(text) => {
                let sent = self.client.submit(&self.json(text), self.signers)?;
                let shown = sent
                    .verified
                    .map_or_else(Vec::new, |verified| verified.items);
                let ids = ids(message).into_iter();
                // Fees may stand between payments, so that items do not count on.
                let item = |id| {
                    shown
                        .iter()
                        .find(|item| is_of(&item.item, id))
                        .map(|item| item.n)
                };
                Ok(Logged {
                    index: sent.answer.index,
                    time: sent.answer.time,
                    outcomes: sent.answer.outcomes,
                    items: ids.map(item).collect(),
                })
            }
            Body::Binary(bytes) => {
                let sent = self
                    .client
                    .submit_batch(self.submitter, &bytes.0, self.signers)?;
                Ok(Logged {
                    index: sent.answer.index,
                    time: sent.answer.time,
                    outcomes: sent.answer.outcomes,
                    items: Vec::new(),
                })
            }
        }
    }

    /// Asks what would become of a message; nothing is logged.
    pub(super) fn try_out(&self, message: &Message) -> Result<Vec<OutcomeView>, ClientError> {
        self.patiently(|| match &message.body {
            Body::Json(text) => {
                let answer = self.client.dry_run(&self.json(text), self.signers)?;
                Ok(answer.outcomes)
            }
            Body::Binary(bytes) => {
                let (who, client) = (self.submitter, self.client);
                Ok(client.dry_run_batch(who, &bytes.0, self.signers)?.outcomes)
            }
        })
    }

    fn json<'m>(&'m self, body: &'m str) -> Outgoing<'m> {
        Outgoing {
            submitter: self.submitter,
            content_type: JSON,
            body: body.as_bytes(),
        }
    }

    /// Asks again while it may help, and no sooner than the node asks for.
    fn patiently<T>(&self, ask: impl Fn() -> Result<T, ClientError>) -> Result<T, ClientError> {
        let began = clock::instant();
        let mut wait = WAIT_MIN;
        loop {
            let error = match ask() {
                Ok(done) => return Ok(done),
                Err(error) if !error.is_passing() => return Err(error),
                Err(error) => error,
            };
            let pause = error.retry_after().unwrap_or(Duration::ZERO).max(wait);
            if began.elapsed() + pause > self.patience {
                return Err(error);
            }
            std::thread::sleep(pause);
            wait = (wait * 2).min(WAIT_MAX);
        }
    }
}

fn is_outside(error: &ClientError) -> bool {
    let code = error.code();
    matches!(
        code,
        Some(ErrorCode::CreatedOutsideWindow | ErrorCode::IdOutsideWindow)
    )
}

/// An answer must have an outcome for each payment.
fn fitting(logged: Logged, message: &Message) -> Result<Logged, Failure> {
    let (outcomes, payments) = (logged.outcomes.len(), message.rows.len());
    if outcomes != payments {
        let why = format!("{outcomes} outcomes for {payments} payments");
        return Err(
            Failure::unanswered("the node's answer does not fit what was sent").because(why),
        );
    }
    Ok(logged)
}

/// The failure that ends a run: what is open stays open, and the same command goes on.
fn stopped(error: ClientError, message: &Message) -> Failure {
    let code = error.code();
    let failure = Failure::from(error).into_unanswered();
    let id = &message.message_id;
    match code {
        Some(ErrorCode::MessageIdReused) => failure.hint(format_args!(
            "message {id} is in the log with other bytes: was this file sent with other results?"
        )),
        _ => failure.hint("the same command goes on where this one stopped; nothing moves twice"),
    }
}
