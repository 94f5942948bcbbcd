//! `quittance config schema`: the file as JSON Schema, for editors.

use clap::Args;

use crate::cli::Context;
use crate::cli::error::Failure;

/// Prints the JSON Schema of node.toml, with which editors complete and check it
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance config schema > node.schema.json")]
pub(crate) struct SchemaArgs {}

pub(super) fn run(context: &Context, _: &SchemaArgs) -> Result<(), Failure> {
    context.out.text(&format!("{:#}", crate::config::schema()))
}
