//! W8: the same load over and over: does the rate stay, and what does it cost in disk and memory?

use std::time::Duration;

use super::bodies::Payers;
use super::options::Options;
use super::report::{Report, Run};
use super::sandbox::{Manner, Places};
use super::site::{Pace, Site};
use super::table::Workload;
use super::{BenchError, Say, gauges};

/// The rate is measured at the start and after each of so many equal steps.
const STEPS: usize = 5;
/// Each time over this part of a step.
const WINDOW_PART: u64 = 5;
/// Accounts that are opened at the end, to see what one costs.
const ACCOUNTS: usize = 100_000;

/// The histogram of pauses.
const PAUSE: &str = "snapshot_pause_seconds";

/// What is stored reaches the disk with the store's next flush, every two seconds.
const FLUSHED: Duration = Duration::from_secs(3);

/// Bytes of the node, on disk and in memory.
struct Size {
    disk: f64,
    memory: f64,
}

impl Size {
    fn of(site: &Site) -> Self {
        std::thread::sleep(FLUSHED);
        let memory = gauges::memory(site.sandbox.pid(), "VmRSS").unwrap_or(0);
        Self {
            disk: gauges::disk(&site.sandbox.data()) as f64,
            memory: memory as f64,
        }
    }

    /// Puts into a run what has come since `before`, for each of so many.
    fn since(&self, before: &Self, run: Run, count: f64, each: &str) -> Run {
        let disk = (self.disk - before.disk) / count;
        let memory = (self.memory - before.memory) / count;
        run.figure("disk, bytes", Some(self.disk))
            .figure("memory, bytes", Some(self.memory))
            .figure(&format!("disk bytes {each}"), Some(disk))
            .figure(&format!("memory bytes {each}"), Some(memory))
    }
}

/// Measures it once; every window is a run of the report.
pub(super) fn run(
    workload: &Workload,
    options: &Options,
    say: Say<'_>,
) -> Result<Vec<Report>, BenchError> {
    let places = Places::new(options.folder.as_deref());
    let mut reports = Vec::new();
    for n in 1..=options.runs(workload) {
        let name = match n {
            1 => "W8".to_owned(),
            _ => format!("W8, round {n}"),
        };
        let site = workload.site(&places, Manner::default(), say)?;
        let connections = options.connections(workload).first().copied().unwrap_or(1);
        let pace = options.pace(workload, connections);
        workload.run(&site, Payers::Many, 1, pace, say)?;
        let report = workload.report(name.clone(), connections, options.rate);
        let report = report.with(windows(workload, options, &site, pace, say)?);
        reports.push(Report {
            // What is asked is whether the rate stays, not what it is half way.
            ratio: report.runs.last().and_then(|run| run.ratio),
            ratio_to: Some("its first window".to_owned()),
            ..report
        });
        reports.push(accounts(workload, &name, &site, say)?);
    }
    Ok(reports)
}

fn windows(
    workload: &Workload,
    options: &Options,
    site: &Site,
    pace: Pace,
    say: Say<'_>,
) -> Result<Vec<Run>, BenchError> {
    let step = workload.messages(options.settlements(workload) / STEPS);
    let window = (step / WINDOW_PART).max(1);
    let begin = Size::of(site);
    let (mut sent, mut runs) = (0, Vec::<Run>::new());
    for n in 0..=STEPS as u64 {
        let fill = (step * n).saturating_sub(sent);
        if fill > 0 {
            say(&format!("W8: on to step {n}"));
            workload.run(site, Payers::Many, fill, pace, say)?;
            sent += fill;
        }
        let at = (sent * workload.transfers as u64) as f64;
        say(&format!("W8: measuring after {at} transfers"));
        let run = workload.run(site, Payers::Many, window, pace, say)?;
        sent += window;
        let run = match runs.first() {
            Some(first) => run.against(first),
            None => run,
        };
        let run = run.figure("transfers before", Some(at));
        let settled = (sent * workload.transfers as u64) as f64;
        let run = Size::of(site).since(&begin, run, settled, "a transfer");
        runs.push(state(site, run)?);
    }
    Ok(runs)
}

/// What the node remembers of ids, and what snapshots have stopped so far.
fn state(site: &Site, run: Run) -> Result<Run, BenchError> {
    let gauges = gauges::read(site.sandbox.admin)?;
    let held = gauges.value("window_ids")? as f64;
    let bytes = gauges.value("window_id_bytes")? as f64;
    Ok(run
        .figure("ids held", Some(held))
        .figure("bytes an id held", Some(bytes / held.max(1.0)))
        .figure("pause by a snapshot at most, s", gauges.at_most(PAUSE)))
}

/// What an account costs that nothing happens on.
fn accounts(
    workload: &Workload,
    name: &str,
    site: &Site,
    say: Say<'_>,
) -> Result<Report, BenchError> {
    say(&format!("W8: opening {ACCOUNTS} accounts"));
    let before = Size::of(site);
    let began = crate::clock::instant();
    let client = site.sandbox.client()?;
    site.banks.open(&client, "bench-b", "idle", ACCOUNTS)?;
    let run = Run::of_once(began.elapsed().as_secs_f64(), ACCOUNTS as u64);
    site.catch_up()?;
    let run = Size::of(site).since(&before, run, ACCOUNTS as f64, "an account");
    let report = Report {
        unit: "accounts opened".to_owned(),
        target: String::new(),
        transfers_per_message: 0,
        ..workload.report(format!("{name}, accounts"), 1, None)
    };
    Ok(report.with(vec![run]))
}
