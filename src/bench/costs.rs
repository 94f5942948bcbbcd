//! What each guarantee costs: W1 and W3 with one of them turned off at a time.

use super::bodies::Payers;
use super::options::Options;
use super::report::{Report, Run};
use super::sandbox::{Manner, Places, Without};
use super::table::Workload;
use super::{BenchError, Say};

/// What W3 is made of here: shorter, since it is measured five times over.
const BATCH_PART: usize = 5;

/// Measures both workloads with everything, and without each guarantee.
///
/// # Errors
/// [`BenchError::Start`] if the node does not say that it goes without.
pub fn run_costs(options: &Options, say: Say<'_>) -> Result<Vec<Report>, BenchError> {
    let places = Places::new(options.folder.as_deref());
    let mut reports = Vec::new();
    for id in ["W1", "W3"] {
        let Some(workload) = Workload::named(id) else {
            continue;
        };
        let mut options = options.clone();
        options.settlements = options.settlements.or(match workload.transfers {
            1 => None,
            _ => Some(workload.settlements / BATCH_PART),
        });
        let whole = measure(workload, &options, &places, None, say)?;
        for without in Without::ALL {
            let report = measure(workload, &options, &places, Some(without), say)?;
            let against = |(run, base): (Run, &Run)| run.against(base);
            let runs = report.runs.clone().into_iter().zip(&whole.runs);
            let runs = runs.map(against).collect();
            let report = Report {
                ratio_to: Some(whole.name.clone()),
                ..report
            };
            reports.push(report.with(runs));
        }
        let at = reports.len() - Without::ALL.len();
        reports.insert(at, whole);
    }
    Ok(reports)
}

fn measure(
    workload: &Workload,
    options: &Options,
    places: &Places,
    without: Option<Without>,
    say: Say<'_>,
) -> Result<Report, BenchError> {
    let manner = Manner {
        without,
        ..Manner::default()
    };
    let site = workload.site(places, manner, say)?;
    let connections = options.connections(workload).first().copied().unwrap_or(1);
    let pace = options.pace(workload, connections);
    let messages = workload.messages(options.settlements(workload));
    let name = match without {
        None => format!("{}, every guarantee", workload.id),
        Some(without) => format!("{} without {}", workload.id, without.name()),
    };
    say(&format!("{name}: warming up"));
    workload.run(&site, Payers::Many, workload.warm_up(messages), pace, say)?;
    let mut runs = Vec::new();
    for n in 1..=options.runs(workload) {
        say(&format!("{name}: run {n}"));
        runs.push(workload.run(&site, Payers::Many, messages, pace, say)?);
    }
    let report = workload.report(name, connections, options.rate);
    let report = Report {
        target: String::new(),
        ..report
    };
    Ok(report.with(runs))
}
