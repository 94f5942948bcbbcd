//! Latency under a load below the maximum: what banks feel on most days.

use super::bodies::Payers;
use super::options::Options;
use super::report::{Report, Run};
use super::sandbox::{Manner, Places};
use super::site::Pace;
use super::table::Workload;
use super::{BenchError, Say};

/// Parts of the maximum, in per cent.
const PARTS: [u32; 3] = [50, 80, 95];

/// Finds the maximum of a workload, then sends on a fixed schedule at parts of it, for so many
/// seconds each.
///
/// # Errors
/// [`BenchError`].
pub fn run_rate(
    workload: &Workload,
    options: &Options,
    seconds: f64,
    say: Say<'_>,
) -> Result<Vec<Report>, BenchError> {
    let places = Places::new(options.folder.as_deref());
    let site = workload.site(&places, Manner::default(), say)?;
    let connections = options.connections(workload).first().copied().unwrap_or(1);
    let pace = Pace {
        rate: None,
        ..options.pace(workload, connections)
    };
    let messages = workload.messages(options.settlements(workload));
    let mut runs = Vec::new();
    for n in 0..=options.runs(workload) {
        say(&format!("{}: looking for the maximum, {n}", workload.id));
        let count = if n == 0 {
            workload.warm_up(messages)
        } else {
            messages
        };
        let run = workload.run(&site, Payers::Many, count, pace, say)?;
        if n > 0 {
            runs.push(run);
        }
    }
    let maximum = workload.report(format!("{}, maximum", workload.id), connections, None);
    let maximum = maximum.with(runs);
    let most = maximum.per_second / workload.transfers as f64;
    let mut reports = vec![maximum];
    for part in PARTS {
        let rate = most * f64::from(part) / 100.0;
        say(&format!(
            "{}: {rate:.1} messages a second for {seconds} s",
            workload.id
        ));
        let pace = Pace {
            rate: Some(rate),
            // Answers are what is measured here; the store catches up before the next part.
            catch_up: false,
            ..pace
        };
        let count = ((rate * seconds) as u64).max(1);
        let measured = site.settle(workload.kind(Payers::Many), count, pace, say)?;
        site.catch_up()?;
        let name = format!("{} at {part} % of its maximum", workload.id);
        let report = workload.report(name, connections, Some(rate));
        let report = Report {
            target: String::new(),
            ..report
        };
        reports.push(report.with(vec![Run::of(&measured, workload.transfers as u64)]));
    }
    Ok(reports)
}
