//! `quittance batch`: a file of payments, from the first row to the last answer.
//!
//! ```text
//!   FILE.csv ──table──▶ rows ──plan──▶ messages ──journal, fsync──▶ send ──▶ OUT.csv
//!               │ one bad row:                ▲                      │
//!               └ nothing is sent             └── the same bytes ◀───┘ after kill -9, 503, no line
//! ```
//!
//! Messages are binary batches where the rows allow it (`form`), else JSON. For a batch `records`
//! asks the node which numbers the addresses have, and which decimals the assets.
//!
//! **No payment is doubled.** Bytes are on disk before they are sent, and what is sent again is
//! those bytes: inside its window the log knows every message and instruction id, and outside of
//! it executes nothing. New ids are made for a row only when its message cannot execute any more.

mod columns;
mod form;
mod journal;
mod plan;
mod receipts;
mod records;
mod results;
mod send;
mod submit;
mod table;
mod trial;

use std::process::ExitCode;

use clap::Subcommand;

use super::Context;
use super::error::Failure;

/// Sends files of payments
#[derive(Debug, Subcommand)]
#[command(
    before_help = "Example: quittance batch submit payroll.csv --results out.csv --key hsm-1.pem"
)]
pub(crate) enum Command {
    Submit(submit::SubmitArgs),
}

pub(super) fn run(context: &Context, command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Submit(args) => submit::run(context, args),
    }
}
