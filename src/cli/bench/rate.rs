//! `quittance bench rate`: latency at parts of the maximum.

use clap::Args;

use super::{PlanArgs, failed, positive, show, workloads};
use crate::bench::{self, Circumstances, Document, Workload};
use crate::cli::Context;
use crate::cli::error::Failure;

/// Finds the maximum of a workload, then sends on a schedule at 50, 80 and 95 % of it
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance bench rate W1 --seconds 60")]
pub(super) struct RateArgs {
    /// The workload
    #[arg(value_parser = workloads(|workload| ["W1", "W3"].contains(&workload.id)), ignore_case = true)]
    workload: &'static Workload,
    /// How long each part lasts
    #[arg(
        long,
        value_name = "N",
        env = "QUITTANCE_BENCH_SECONDS",
        default_value = "30",
        value_parser = positive
    )]
    seconds: f64,
    #[command(flatten)]
    plan: PlanArgs,
}

pub(super) fn run(context: &Context, args: &RateArgs) -> Result<(), Failure> {
    let circumstances = Circumstances::now();
    let say = &mut |doing: &str| context.out.say(doing);
    let options = args.plan.options();
    let reports = bench::run_rate(args.workload, &options, args.seconds, say).map_err(failed)?;
    let document = Document {
        circumstances,
        reports,
    };
    context
        .out
        .data(&document, || show::reports(&document.reports))
}
