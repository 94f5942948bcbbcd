//! `quittance bench-load`: the load generator, started by `quittance bench` and by nobody else.

use std::io::Read;

use clap::Args;

use super::failed;
use crate::bench;
use crate::cli::Context;
use crate::cli::error::{Failure, Kind};

/// Sends a load: the job comes as JSON on stdin, what was measured goes as JSON to stdout
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance bench-load < job.json", hide = true)]
pub(crate) struct LoadArgs {}

pub(crate) fn run(context: &Context, _: &LoadArgs) -> Result<(), Failure> {
    let mut job = String::new();
    let read = std::io::stdin().read_to_string(&mut job);
    read.map_err(|error| Failure::new(Kind::File, "the job cannot be read").because(error))?;
    let measured = bench::run_load(&job).map_err(failed)?;
    context.out.text(&measured)
}
