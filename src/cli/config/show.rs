//! `quittance config show`: every key, its value, and where that came from.

use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::cli::Context;
use crate::cli::error::Failure;
use crate::cli::output::Table;

/// Shows every key with its value and where it was set
#[derive(Debug, Args)]
#[command(
    before_help = "Example: quittance config show --origin file,env,flag --set api.listen=127.0.0.1:0"
)]
pub(crate) struct ShowArgs {
    /// Only keys that were set there; may be given again
    #[arg(
        long,
        value_enum,
        value_name = "LAYER",
        value_delimiter = ',',
        env = "QUITTANCE_ORIGIN"
    )]
    origin: Vec<Origin>,
}

/// Where a value may come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Origin {
    /// Nobody set it
    Default,
    /// node.toml
    File,
    /// A QUITTANCE__SECTION__KEY variable
    Env,
    /// --set
    Flag,
}

impl Origin {
    const fn word(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::File => "file",
            Self::Env => "env",
            Self::Flag => "flag",
        }
    }
}

#[derive(Debug, Serialize)]
struct Line {
    key: &'static str,
    value: String,
    origin: &'static str,
    place: String,
}

impl ShowArgs {
    fn wants(&self, origin: &str) -> bool {
        self.origin.iter().any(|wanted| wanted.word() == origin)
    }
}

pub(super) fn run(context: &Context, args: &ShowArgs) -> Result<(), Failure> {
    let config = context.config()?;
    let lines: Vec<Line> = config
        .show()
        .iter()
        .filter(|row| args.origin.is_empty() || args.wants(row.origin()))
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
