//! `quittance config check`: everything that is wrong, with its place.

use clap::Args;

use crate::cli::Context;
use crate::cli::error::Failure;

/// Checks the configuration; every mistake is told with its place
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance config check --config node.toml")]
pub(crate) struct CheckArgs {}

pub(super) fn run(context: &Context, _: &CheckArgs) -> Result<(), Failure> {
    context.config()?;
    context.out.say("the configuration is good");
    Ok(())
}
