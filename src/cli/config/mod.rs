//! `quittance config`: what the node would run with.

mod check;
mod schema;
mod show;

use std::process::ExitCode;

use clap::Subcommand;

use super::Context;
use super::error::Failure;

/// Checks, shows or describes the node's configuration
#[derive(Debug, Subcommand)]
#[command(before_help = "Example: quittance config check")]
pub(crate) enum Command {
    Check(check::CheckArgs),
    Show(show::ShowArgs),
    Schema(schema::SchemaArgs),
}

pub(super) fn run(context: &Context, command: &Command) -> Result<ExitCode, Failure> {
    let done = match command {
        Command::Check(args) => return check::run(context, args),
        Command::Show(args) => show::run(context, args),
        Command::Schema(args) => schema::run(context, args),
    };
    done.map(|()| ExitCode::SUCCESS)
}
