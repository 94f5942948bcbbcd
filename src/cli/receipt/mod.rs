//! `quittance receipt`: what a bank keeps, fetched or checked.

mod get;
mod refresh;
mod show;
mod verify;

use clap::Subcommand;

pub(super) use verify::read as read_receipt;

use super::Context;
use super::error::Failure;

/// Fetches, renews or verifies receipts
#[derive(Debug, Subcommand)]
#[command(before_help = "Example: quittance receipt verify receipt.json --log-vkey log.vkey")]
pub(crate) enum Command {
    Get(get::GetArgs),
    Refresh(refresh::RefreshArgs),
    Verify(verify::VerifyArgs),
}

pub(super) fn run(context: &Context, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Get(args) => get::run(context, args),
        Command::Refresh(args) => refresh::run(context, args),
        Command::Verify(args) => verify::run(context, args),
    }
}
