//! `quittance bench compare`: what has changed between two measurements.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::bench::{self, Comparison, Document, Report, Verdict};
use crate::cli::Context;
use crate::cli::error::{Failure, Kind};
use crate::cli::output::Table;

/// Compares two documents of `bench --output json`
///
/// A difference counts when it is larger than the spread of the runs on either side.
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance bench compare before.json after.json")]
pub(super) struct CompareArgs {
    /// The one to compare with
    #[arg(value_name = "A.json")]
    a: PathBuf,
    /// The one that is compared
    #[arg(value_name = "B.json")]
    b: PathBuf,
}

pub(super) fn run(context: &Context, args: &CompareArgs) -> Result<(), Failure> {
    let comparison = bench::compare(&read(&args.a)?, &read(&args.b)?);
    for remark in &comparison.remarks {
        context.out.say(remark);
    }
    context.out.data(&comparison, || table(&comparison))
}

fn read(path: &Path) -> Result<Document<Vec<Report>>, Failure> {
    let wrong = |why: &str| Failure::new(Kind::File, format_args!("{}: {why}", path.display()));
    let json = std::fs::read(path).map_err(|error| wrong("cannot be read").because(error))?;
    serde_json::from_slice(&json)
        .map_err(|error| wrong("is no document of `bench --output json`").because(error))
}

const fn said(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Better => "better",
        Verdict::Worse => "WORSE",
        Verdict::WithinSpread => "within the spread",
        Verdict::OneRun => "one run: unknown",
    }
}

fn table(comparison: &Comparison) -> Table {
    let mut table = Table::new(&[
        "workload",
        "figure",
        "a>",
        "b>",
        "b / a>",
        "spread a>",
        "spread b>",
        "is",
    ]);
    for row in &comparison.rows {
        let digits = if row.a >= 1_000.0 { 0 } else { 2 };
        table.row([
            row.name.clone(),
            row.figure.to_owned(),
            format!("{:.digits$}", row.a),
            format!("{:.digits$}", row.b),
            format!("{:.2}", row.ratio),
            format!("{:.0} %", row.spread_a * 100.0),
            format!("{:.0} %", row.spread_b * 100.0),
            said(row.verdict).to_owned(),
        ]);
    }
    table
}
