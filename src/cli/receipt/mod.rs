//! `quittance receipt`: what a bank keeps, fetched or checked.

mod get;
mod show;
mod verify;

use clap::Subcommand;

use super::Context;
use super::error::Failure;

/// Fetches or verifies receipts
#[derive(Debug, Subcommand)]
#[command(before_help = "Example: quittance receipt verify receipt.json --log-vkey log.vkey")]
pub(crate) enum Command {
    Get(get::GetArgs),
    Verify(verify::VerifyArgs),
}

pub(super) fn run(context: &Context, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Get(args) => get::run(context, args),
        Command::Verify(args) => verify::run(context, args),
    }
}
