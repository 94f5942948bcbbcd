//! `quittance bench beside`: what settlements keep of their rate while banks read.

use clap::Args;

use super::{PlanArgs, failed, positive};
use crate::bench::{self, BesideReport, Circumstances, Document};
use crate::cli::Context;
use crate::cli::error::Failure;
use crate::cli::output::Table;

/// Measures W1 alone, and beside reads on a schedule
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance bench beside")]
pub(super) struct BesideArgs {
    /// Reads due per second
    #[arg(
        long,
        value_name = "R",
        env = "QUITTANCE_BENCH_RATE",
        default_value = "20000",
        value_parser = positive
    )]
    rate: f64,
    /// How long each pass lasts
    #[arg(
        long,
        value_name = "N",
        env = "QUITTANCE_BENCH_SECONDS",
        default_value = "8",
        value_parser = positive
    )]
    seconds: f64,
    #[command(flatten)]
    plan: PlanArgs,
}

pub(super) fn run(context: &Context, args: &BesideArgs) -> Result<(), Failure> {
    let circumstances = Circumstances::now();
    let say = &mut |doing: &str| context.out.say(doing);
    let options = args.plan.options();
    let reports = bench::run_beside(&options, args.rate, args.seconds, say).map_err(failed)?;
    let document = Document {
        circumstances,
        reports,
    };
    context.out.data(&document, || table(&document.reports))
}

fn table(report: &BesideReport) -> Table {
    let mut table = Table::new(&[
        "reads",
        "settlements/s>",
        "of alone>",
        "p99 ms>",
        "reads offered/s>",
        "answered/s>",
        "reads p50 ms>",
        "p99 ms>",
    ]);
    for pass in &report.passes {
        table.row([
            pass.reads.clone(),
            format!("{:.0}", pass.per_second),
            format!("{:.0} %", pass.ratio * 100.0),
            format!("{:.2}", pass.p99_ms),
            format!("{:.0}", pass.reads_offered_per_second),
            format!("{:.0}", pass.reads_per_second),
            format!("{:.2}", pass.reads_p50_ms),
            format!("{:.2}", pass.reads_p99_ms),
        ]);
    }
    table
}
