//! `quittance bench flood`: what honest banks keep while bad signatures pour in.

use clap::Args;

use super::{PlanArgs, failed};
use crate::bench::{self, Circumstances, Document, FloodReport};
use crate::cli::Context;
use crate::cli::error::Failure;
use crate::cli::output::Table;

/// Measures W1 alone, and beside 20,000 bad signatures a second
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance bench flood")]
pub(super) struct FloodArgs {
    #[command(flatten)]
    plan: PlanArgs,
}

pub(super) fn run(context: &Context, args: &FloodArgs) -> Result<(), Failure> {
    let circumstances = Circumstances::now();
    let say = &mut |doing: &str| context.out.say(doing);
    let flood = bench::run_flood(&args.plan.options(), say).map_err(failed)?;
    let document = Document {
        circumstances,
        reports: flood,
    };
    context.out.data(&document, || table(&document.reports))
}

fn table(report: &FloodReport) -> Table {
    let mut table = Table::new(&[
        "flood from",
        "settlements/s>",
        "of alone>",
        "p99 ms>",
        "refused>",
        "flood offered/s>",
        "written/s>",
        "connections/s>",
    ]);
    for pass in &report.passes {
        table.row([
            pass.flood.clone(),
            format!("{:.0}", pass.per_second),
            format!("{:.0} %", pass.ratio * 100.0),
            format!("{:.2}", pass.p99_ms),
            pass.refused.to_string(),
            pass.offered_per_second.to_string(),
            format!("{:.0}", pass.written_per_second),
            format!("{:.0}", pass.connections_per_second),
        ]);
    }
    table
}
