//! W7: how long a node takes from its start until it is ready, over a log of W3's transfers.

use super::bodies::Payers;
use super::options::Options;
use super::report::{Report, Run};
use super::sandbox::{Manner, Places};
use super::table::Workload;
use super::{BenchError, Say};

/// Messages that are sent before each end, so that the end comes soon after work: the write-ahead
/// log is not empty, and the newest snapshot is behind.
const BEFORE: u64 = 16;

/// Measures starts after an orderly end, and after none.
pub(super) fn run(
    workload: &Workload,
    options: &Options,
    say: Say<'_>,
) -> Result<Vec<Report>, BenchError> {
    let places = Places::new(options.folder.as_deref());
    let mut site = workload.site(&places, Manner::default(), say)?;
    let connections = options.connections(workload).first().copied().unwrap_or(1);
    let pace = options.pace(workload, connections);
    let kind = workload.kind(Payers::Many);
    let messages = workload.messages(options.settlements(workload));
    site.settle(kind, messages, pace, say)?;
    let before = BEFORE.min(messages);
    let mut settled = (messages * workload.transfers as u64) as f64;
    let (mut stopped, mut killed) = (Vec::new(), Vec::new());
    for n in 1..=options.runs(workload) {
        for orderly in [true, false] {
            site.settle(kind, before, pace, say)?;
            settled += (before * workload.transfers as u64) as f64;
            let end = if orderly { "stop" } else { "kill" };
            say(&format!("W7: {end} and start {n}"));
            let stop = match orderly {
                true => Some(site.sandbox.stop()?.as_secs_f64()),
                false => {
                    site.sandbox.kill()?;
                    None
                }
            };
            let run = Run::of_once(site.start_again()?, 1);
            let run = run
                .figure("transfers in the log", Some(settled))
                .figure("stop, seconds", stop);
            if orderly { &mut stopped } else { &mut killed }.push(run);
        }
    }
    let report = |name: &str| Report {
        unit: "starts".to_owned(),
        ..workload.report(format!("W7, {name}"), 0, None)
    };
    Ok(vec![
        report("after SIGTERM").with(stopped),
        report("after SIGKILL").with(killed),
    ])
}
