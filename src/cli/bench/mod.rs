//! `quittance bench`: measures this machine with the workloads of the product.

mod beside;
mod compare;
mod costs;
mod flood;
mod load;
mod mixed;
mod rate;
mod show;

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};

pub(super) use load::{LoadArgs, run as run_load};

use super::Context;
use super::error::{Failure, Kind};
use crate::bench::{self, BenchError, Circumstances, Document, Options, WORKLOADS, Workload};

/// Measures workloads on sandboxes of their own
#[derive(Debug, Args)]
#[command(
    before_help = "Example: quittance bench W1 --output json\n         quittance bench rate W1",
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
pub(crate) struct BenchArgs {
    #[command(subcommand)]
    command: Option<Command>,
    /// The workloads, one after the other
    #[arg(required = true, value_parser = workloads(|_| true), ignore_case = true)]
    workloads: Vec<&'static Workload>,
    /// Messages a second on a fixed schedule: latencies count from when a message was due
    /// [default: the next message is sent when the one before is answered]
    #[arg(long, value_name = "R", env = "QUITTANCE_BENCH_RATE", value_parser = positive)]
    rate: Option<f64>,
    /// Accounts that pay and are paid [default: as in the table]
    #[arg(long, value_name = "N", env = "QUITTANCE_BENCH_ACCOUNTS")]
    accounts: Option<u32>,
    #[command(flatten)]
    plan: PlanArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    Rate(rate::RateArgs),
    Mixed(mixed::MixedArgs),
    Beside(beside::BesideArgs),
    Costs(costs::CostsArgs),
    Flood(flood::FloodArgs),
    Compare(compare::CompareArgs),
}

/// How it is measured.
#[derive(Debug, Args)]
struct PlanArgs {
    /// Connections, each with one request under way [default: as in the table of workloads]
    #[arg(long, value_name = "N", env = "QUITTANCE_BENCH_CONNECTIONS")]
    connections: Option<u16>,
    /// Settlements in one run, or in the log that is made [default: as in the table]
    #[arg(long, value_name = "N", env = "QUITTANCE_BENCH_SETTLEMENTS")]
    settlements: Option<u32>,
    /// Measured runs, after one to warm up [default: 3; W8: 1]
    #[arg(long, value_name = "N", env = "QUITTANCE_BENCH_RUNS")]
    runs: Option<u8>,
    /// Where the sandbox is made; it is kept there [default: a temporary folder]
    #[arg(long, value_name = "DIR", env = "QUITTANCE_BENCH_FOLDER")]
    folder: Option<PathBuf>,
}

impl PlanArgs {
    fn options(&self) -> Options {
        Options {
            connections: self.connections.map(usize::from),
            settlements: self.settlements.map(|count| count as usize),
            runs: self.runs.map(usize::from),
            rate: None,
            folder: self.folder.clone(),
        }
    }
}

/// The names of workloads, for a command that knows some of them.
fn workloads(knows: fn(&Workload) -> bool) -> impl TypedValueParser<Value = &'static Workload> {
    let known = WORKLOADS.iter().filter(move |workload| knows(workload));
    let named = known.map(|workload| PossibleValue::new(workload.id).help(workload.what));
    PossibleValuesParser::new(named.collect::<Vec<_>>())
        .try_map(|id| Workload::named(&id).ok_or("not in the table"))
}

fn positive(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "expected a number".to_owned())?;
    match number.is_finite() && number > 0.0 {
        true => Ok(number),
        false => Err("expected more than 0".to_owned()),
    }
}

pub(super) fn run(context: &Context, args: &BenchArgs) -> Result<(), Failure> {
    match &args.command {
        Some(Command::Rate(args)) => rate::run(context, args),
        Some(Command::Mixed(args)) => mixed::run(context, args),
        Some(Command::Beside(args)) => beside::run(context, args),
        Some(Command::Costs(args)) => costs::run(context, args),
        Some(Command::Flood(args)) => flood::run(context, args),
        Some(Command::Compare(args)) => compare::run(context, args),
        None => measure(context, args),
    }
}

fn measure(context: &Context, args: &BenchArgs) -> Result<(), Failure> {
    let options = Options {
        rate: args.rate,
        ..args.plan.options()
    };
    let circumstances = Circumstances::now();
    let mut reports = Vec::new();
    for workload in &args.workloads {
        let mut options = options.clone();
        if args.workloads.len() > 1 {
            // Two sandboxes cannot be founded in one folder.
            options.folder = options.folder.map(|folder| folder.join(workload.id));
        }
        let workload = Workload {
            accounts: args.accounts.map_or(workload.accounts, |n| n as usize),
            ..**workload
        };
        let measured = bench::run(&workload, &options, &mut |doing| context.out.say(doing));
        reports.extend(measured.map_err(failed)?);
    }
    let document = Document {
        circumstances,
        reports,
    };
    context
        .out
        .data(&document, || show::reports(&document.reports))
}

fn failed(error: BenchError) -> Failure {
    Failure::new(Kind::Node, "the benchmark failed").because(error)
}
