//! `quittance config show`: every key, its value, and where that came from.

use clap::Args;
use serde::Serialize;

use crate::cli::Context;
use crate::cli::error::Failure;
use crate::cli::output::Table;

/// Shows every key with its value and where it was set
#[derive(Debug, Args)]
#[command(
    before_help = "Example: quittance config show --set api.listen=127.0.0.1:0 --output json"
)]
pub(crate) struct ShowArgs {}

#[derive(Debug, Serialize)]
struct Line {
    key: &'static str,
    value: String,
    origin: &'static str,
    place: String,
}

pub(super) fn run(context: &Context, _: &ShowArgs) -> Result<(), Failure> {
    let config = context.config()?;
    let lines: Vec<Line> = config
        .show()
        .iter()
        .map(|row| Line {
            key: row.key,
            value: row.value.clone(),
            origin: row.origin(),
            place: row.place.to_string(),
        })
        .collect();
    context.out.data(&lines, || {
        let mut table = Table::new(&["key", "value", "set by"]);
        for line in &lines {
            table.row([line.key, &line.value, &line.place]);
        }
        table
    })
}
