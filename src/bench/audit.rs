//! W6: an audit of an export by another process, from the first entry to the last.

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use super::child;
use super::made::Made;
use super::options::Options;
use super::report::{Report, Run};
use super::table::Workload;
use super::{BenchError, Say, gauges, io};
use crate::clock;

/// What is audited: the report's name, and the messages that the log is made of by equal parts.
const LOGS: &[(&str, &[&str])] = &[
    ("W6, single and JSON messages", &["W1", "W4"]),
    ("W6, binary batches", &["W3"]),
];
/// How often the memory of the auditing process is looked at.
const STEP: Duration = Duration::from_millis(10);

/// Measures audits of both logs.
pub(super) fn run(
    workload: &Workload,
    options: &Options,
    say: Say<'_>,
) -> Result<Vec<Report>, BenchError> {
    let mut reports = Vec::new();
    for (name, parts) in LOGS {
        let folder = tempfile::tempdir().map_err(io("making a folder"))?;
        export(folder.path(), parts, workload, options, say)?;
        let mut runs = Vec::new();
        for n in 1..=options.runs(workload) {
            say(&format!("{name}: audit {n}"));
            runs.push(audit(folder.path())?);
        }
        let report = Report {
            unit: "items".to_owned(),
            transfers_per_message: 0,
            ..workload.report((*name).to_owned(), 0, None)
        };
        reports.push(report.with(runs));
    }
    Ok(reports)
}

/// Makes a log and exports it; the node is gone afterwards.
fn export(
    folder: &Path,
    parts: &[&'static str],
    workload: &Workload,
    options: &Options,
    say: Say<'_>,
) -> Result<(), BenchError> {
    let mut own = options.clone();
    // The second log is another one: it stands in a folder beside the first.
    own.folder = options
        .folder
        .as_ref()
        .map(|folder| folder.join(parts.concat()));
    let made = Made::new(parts, options.settlements(workload), &own, say)?;
    let client = made.site.sandbox.client()?;
    let (key, passphrase) = made.site.banks.auditor(&client, folder)?;
    say("exporting");
    let (key, passphrase) = (key.display().to_string(), passphrase.display().to_string());
    let url = made.site.sandbox.url();
    let args = ["export", "export", "--url", &url, "--key", &key];
    let child = start(
        folder,
        &[&args[..], &["--passphrase-file", &passphrase]].concat(),
    )?;
    end(child, "export").map(drop)
}

fn audit(folder: &Path) -> Result<Run, BenchError> {
    let began = clock::instant();
    let args = [
        "audit",
        "export",
        "--log-vkey",
        "export/log.vkey",
        "--output",
        "json",
    ];
    let mut child = start(folder, &args)?;
    let mut peak = None;
    while child.try_wait().map_err(io("auditing"))?.is_none() {
        peak = gauges::memory(child.id(), "VmHWM").or(peak);
        std::thread::sleep(STEP);
    }
    let seconds = began.elapsed().as_secs_f64();
    let wrong = |why: &str| BenchError::Answer(format!("the audit's report: {why}"));
    let json = end(child, "audit")?;
    let report: serde_json::Value =
        serde_json::from_slice(&json).map_err(|error| wrong(&error.to_string()))?;
    let count = |name: &str| {
        let found = report.pointer(&format!("/counts/{name}"));
        found
            .and_then(serde_json::Value::as_u64)
            .ok_or_else(|| wrong(name))
    };
    // Every entry has an authorisation beside what it settles.
    let settled = count("items_replayed")?.saturating_sub(count("entries")?);
    let run = Run::of_once(seconds, settled);
    Ok(run.figure("peak memory, bytes", peak.map(|bytes| bytes as f64)))
}

/// Starts this program with these arguments.
fn start(folder: &Path, args: &[&str]) -> Result<Child, BenchError> {
    let mut command = child::program()?;
    command.args(args).current_dir(folder).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().map_err(io("running a child"))
}

/// Waits for its end and gives what it printed; it must succeed.
fn end(child: Child, what: &str) -> Result<Vec<u8>, BenchError> {
    let output = child.wait_with_output().map_err(io("running a child"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let words = String::from_utf8_lossy(&output.stderr);
    Err(BenchError::Answer(format!(
        "{what} ended with {}: {words}",
        output.status
    )))
}
