//! `quittance bench mixed`: everything side by side for a time.

use clap::Args;

use super::{PlanArgs, failed, positive};
use crate::bench::{self, Circumstances, Document, MixedReport, Stretch};
use crate::cli::Context;
use crate::cli::error::Failure;
use crate::cli::output::Table;

/// Rows of a table: a long run shows its beginning, its end and every so many between.
const ROWS: usize = 20;

/// Loads a sandbox with settlements, full batches and reads side by side
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance bench mixed --seconds 600")]
pub(super) struct MixedArgs {
    /// How long; the time in which requests are signed does not count
    #[arg(
        long,
        value_name = "N",
        env = "QUITTANCE_BENCH_SECONDS",
        default_value = "60",
        value_parser = positive
    )]
    seconds: f64,
    /// Connections, each with one request under way [default: 64]
    #[arg(long, value_name = "N", env = "QUITTANCE_BENCH_CONNECTIONS")]
    connections: Option<u16>,
    /// Where the sandbox is made; it is kept there [default: a temporary folder]
    #[arg(long, value_name = "DIR", env = "QUITTANCE_BENCH_FOLDER")]
    folder: Option<std::path::PathBuf>,
}

pub(super) fn run(context: &Context, args: &MixedArgs) -> Result<(), Failure> {
    let circumstances = Circumstances::now();
    let plan = PlanArgs {
        connections: args.connections,
        settlements: None,
        runs: None,
        folder: args.folder.clone(),
    };
    let say = &mut |doing: &str| context.out.say(doing);
    let mixed = bench::run_mixed(&plan.options(), args.seconds, say).map_err(failed)?;
    let document = Document {
        circumstances,
        reports: mixed,
    };
    context.out.data(&document, || table(&document.reports))
}

fn table(report: &MixedReport) -> Table {
    let mut columns = vec![
        "after s>".to_owned(),
        "transfers/s>".to_owned(),
        "memory MiB>".to_owned(),
        "disk MiB>".to_owned(),
        "entries>".to_owned(),
        "refused>".to_owned(),
        "late>".to_owned(),
        "stalls>".to_owned(),
    ];
    let first = report.stretches.first();
    for kind in first.iter().flat_map(|stretch| &stretch.kinds) {
        columns.push(format!("{}/s>", kind.name));
        columns.push("p99 ms>".to_owned());
    }
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let mut table = Table::new(&columns);
    let every = report.stretches.len().div_ceil(ROWS).max(1);
    let last = report.stretches.len().saturating_sub(1);
    for (n, stretch) in report.stretches.iter().enumerate() {
        if n.is_multiple_of(every) || n == last {
            table.row(row(stretch));
        }
    }
    table
}

fn row(stretch: &Stretch) -> Vec<String> {
    let mut cells = vec![
        format!("{:.0}", stretch.after_s),
        format!("{:.0}", stretch.transfers_per_second),
        (stretch.memory_bytes >> 20).to_string(),
        (stretch.disk_bytes >> 20).to_string(),
        stretch.entries.to_string(),
        stretch.refused.to_string(),
        stretch.late.to_string(),
        stretch.stalls.to_string(),
    ];
    for kind in &stretch.kinds {
        cells.push(format!("{:.0}", kind.per_second));
        cells.push(format!("{:.2}", kind.p99_ms));
    }
    cells
}
