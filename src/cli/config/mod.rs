//! `quittance config`: what the node would run with.

mod check;
mod show;

use clap::Subcommand;

use super::Context;
use super::error::Failure;

/// Checks or shows the node's configuration
#[derive(Debug, Subcommand)]
#[command(before_help = "Example: quittance config show")]
pub(crate) enum Command {
    Check(check::CheckArgs),
    Show(show::ShowArgs),
}

pub(super) fn run(context: &Context, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Check(args) => check::run(context, args),
        Command::Show(args) => show::run(context, args),
    }
}
