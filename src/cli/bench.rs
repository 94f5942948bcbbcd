//! `quittance bench`: measures this machine with the workloads of the product.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Context;
use super::error::{Failure, Kind};
use super::output::Table;
use crate::bench::{self, BenchError, FloodReport, Report, Workload};

/// Measures a workload on a sandbox of its own
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance bench W1 --output json")]
pub(crate) struct BenchArgs {
    /// W1: one settlement a message, 256 connections; W4: 1,000 a message, 8 connections; W6: an audit
    /// of an export of both, half and half; W9: receipts of random old entries of both; flood: W1
    /// beside 20,000 bad signatures a second
    #[arg(value_enum, ignore_case = true)]
    workload: Name,
    /// Connections, each with one request under way
    #[arg(long, value_name = "N", env = "QUITTANCE_BENCH_CONNECTIONS")]
    connections: Option<usize>,
    /// Settlements in one run
    #[arg(long, value_name = "N", env = "QUITTANCE_BENCH_SETTLEMENTS")]
    settlements: Option<usize>,
    /// Measured runs, after one to warm up
    #[arg(long, value_name = "N", env = "QUITTANCE_BENCH_RUNS")]
    runs: Option<usize>,
    /// Where the sandbox is made; it is kept there [default: a temporary folder]
    #[arg(long, value_name = "DIR", env = "QUITTANCE_BENCH_FOLDER")]
    folder: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Name {
    #[value(name = "W1")]
    W1,
    #[value(name = "W4")]
    W4,
    #[value(name = "W6")]
    W6,
    #[value(name = "W9")]
    W9,
    #[value(name = "flood")]
    Flood,
}

pub(super) fn run(context: &Context, args: &BenchArgs) -> Result<(), Failure> {
    let workload = match args.workload {
        Name::W1 | Name::Flood => Workload::W1,
        Name::W4 | Name::W6 | Name::W9 => Workload::W4,
    };
    let mut plan = workload.plan();
    plan.connections = args
        .connections
        .unwrap_or(plan.connections)
        .clamp(1, 10_000);
    plan.settlements = args
        .settlements
        .unwrap_or(plan.settlements)
        .max(workload.transfers());
    plan.runs = args.runs.unwrap_or(plan.runs).clamp(1, 100);
    plan.folder.clone_from(&args.folder);
    let out = context.out;
    if matches!(args.workload, Name::Flood) {
        let report = bench::run_flood(&plan, &mut |doing| out.say(doing)).map_err(failed)?;
        return out.data(&report, || flood_table(&report));
    }
    if matches!(args.workload, Name::W6) {
        let report = bench::run_audit(&plan, &mut |doing| out.say(doing)).map_err(failed)?;
        return out.data(&report, || table(&report));
    }
    if matches!(args.workload, Name::W9) {
        plan.settlements = args.settlements.unwrap_or(200_000).max(2_000);
        let reports = bench::run_receipts(&plan, &mut |doing| out.say(doing)).map_err(failed)?;
        for report in &reports {
            out.data(report, || table(report))?;
        }
        return Ok(());
    }
    let report = bench::run(&plan, &mut |doing| out.say(doing)).map_err(failed)?;
    out.data(&report, || table(&report))
}

fn failed(error: BenchError) -> Failure {
    Failure::new(Kind::Node, "the benchmark failed").because(error)
}

fn flood_table(report: &FloodReport) -> Table {
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
            pass.flood.to_string(),
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

fn table(report: &Report) -> Table {
    let mut table = Table::new(&[
        "workload",
        "per second>",
        "seconds>",
        "p50 ms>",
        "p99 ms>",
        "p99.9 ms>",
        "max ms>",
        "refused>",
        "receipts checked>",
    ]);
    for run in &report.runs {
        table.row([
            report.workload.to_string(),
            format!("{:.0}", run.per_second),
            format!("{:.2}", run.seconds),
            format!("{:.2}", run.p50_ms),
            format!("{:.2}", run.p99_ms),
            format!("{:.2}", run.p999_ms),
            format!("{:.2}", run.max_ms),
            run.refused.to_string(),
            run.receipts_verified.to_string(),
        ]);
    }
    table.row([
        "median".to_string(),
        format!("{:.0}", report.per_second),
        format!("spread {:.0} %", report.spread * 100.0),
        String::new(),
        String::new(),
        String::new(),
        String::new(),
        String::new(),
        String::new(),
    ]);
    table
}
