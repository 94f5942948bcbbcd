//! `quittance bench costs`: what each guarantee costs.

use std::path::PathBuf;

use clap::Args;

use super::{PlanArgs, failed, show};
use crate::bench::{self, Bar, Circumstances, Document, Report};
use crate::cli::Context;
use crate::cli::error::Failure;
use crate::cli::files;
use crate::cli::output::Table;

/// Measures W1 and W3 with one guarantee turned off at a time
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance bench costs --svg costs.svg")]
pub(super) struct CostsArgs {
    /// Also draws a chart into this file
    #[arg(long, value_name = "FILE", env = "QUITTANCE_BENCH_SVG")]
    svg: Option<PathBuf>,
    #[command(flatten)]
    plan: PlanArgs,
}

pub(super) fn run(context: &Context, args: &CostsArgs) -> Result<(), Failure> {
    let circumstances = Circumstances::now();
    let say = &mut |doing: &str| context.out.say(doing);
    let reports = bench::run_costs(&args.plan.options(), say).map_err(failed)?;
    if let Some(file) = &args.svg {
        let title = format!(
            "Settlements a second without one guarantee at a time ({})",
            circumstances.machine.processor
        );
        let bars: Vec<Bar> = reports.iter().map(bar).collect();
        files::write_atomic(file, bench::svg(&title, &bars).as_bytes(), 0o644)?;
        context
            .out
            .say(format_args!("the chart is in {}", file.display()));
    }
    let document = Document {
        circumstances,
        reports,
    };
    context.out.data(&document, || table(&document.reports))
}

/// The part of the time for each settlement that goes when the guarantee does.
fn share(report: &Report) -> Option<f64> {
    report.ratio.map(|ratio| 1.0 - 1.0 / ratio)
}

fn bar(report: &Report) -> Bar {
    let rate = show::rate(report.per_second);
    Bar {
        label: report.name.clone(),
        value: report.per_second,
        note: match share(report) {
            None => rate,
            Some(share) => format!("{rate} ({:.0} % of the time)", share * 100.0),
        },
        first: report.ratio.is_none(),
    }
}

fn table(reports: &[Report]) -> Table {
    let mut table = Table::new(&[
        "workload",
        "per second>",
        "spread>",
        "p99 ms>",
        "ratio>",
        "share of the time>",
    ]);
    let per_cent = |part: Option<f64>| match part {
        None => String::new(),
        Some(part) => format!("{:.0} %", part * 100.0),
    };
    for report in reports {
        table.row([
            report.name.clone(),
            show::rate(report.per_second),
            per_cent(Some(report.spread)),
            format!("{:.2}", report.p99_ms),
            per_cent(report.ratio),
            per_cent(share(report)),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guarantee_costs_the_time_that_is_saved_without_it() {
        let report = |name: &str, per_second, ratio| Report {
            name: name.to_owned(),
            per_second,
            ratio,
            ..Report::default()
        };
        let whole = report("W1, every guarantee", 100.0, None);
        let without = report("W1 without sync", 125.0, Some(1.25));
        assert_eq!(share(&whole), None);
        assert!((share(&without).unwrap() - 0.2).abs() < 1e-9);
        assert!(bar(&whole).first && bar(&whole).note == "100");
        assert_eq!(bar(&without).note, "125 (20 % of the time)");
        let text = format!("{:?}", table(&[whole, without]));
        assert!(text.contains("125 %") && text.contains("20 %"), "{text}");
    }
}
