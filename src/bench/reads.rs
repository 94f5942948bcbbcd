//! Workloads that read what others have written: a whole audit (W6), receipts of old entries (W9).

use std::path::Path;
use std::process::{Command, Stdio};

use super::prepare::Bench;
use super::report::{Report, Run};
use super::server::Server;
use super::{BenchError, Plan, Workload, load};
use crate::clock;

/// Connections that ask for receipts, each with one request under way.
const RECEIPT_CONNECTIONS: usize = 8;
/// Receipts in one run.
const RECEIPTS: usize = 100_000;

/// A log of W1's and W4's messages in equal parts of settlements.
struct Made {
    server: Server,
    bench: Bench,
    /// First entry of W1's messages, of W4's, and behind the last.
    marks: [u64; 3],
}

fn make(plan: &Plan, progress: &mut dyn FnMut(&str)) -> Result<Made, BenchError> {
    progress("starting a sandbox");
    let server = Server::start(plan.folder.as_deref())?;
    let bench = Bench::new(&server)?;
    let mut marks = [bench.size()?; 3];
    let half = plan.settlements / 2;
    for (at, workload) in [Workload::W1, Workload::W4].into_iter().enumerate() {
        let count = (half / workload.transfers()).max(1);
        progress(&format!("making {count} messages of {}", workload.name()));
        let requests = bench.requests(workload, count)?;
        load::send(server.address(), &requests, workload.plan().connections)?;
        if let Some(mark) = marks.get_mut(at + 1) {
            *mark = bench.size()?;
        }
    }
    Ok(Made {
        server,
        bench,
        marks,
    })
}

/// W9: a fresh receipt of one item of a random old entry, first of entries with one settlement,
/// then of entries with a thousand.
///
/// # Errors
/// [`BenchError`]; a receipt that does not hold fails the benchmark.
pub fn run_receipts(
    plan: &Plan,
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<Report>, BenchError> {
    let made = make(plan, progress)?;
    let token = made.bench.session()?;
    let [singles, batches, end] = made.marks;
    let mut reports = Vec::new();
    for (name, first, last, items) in [
        ("W9 singles", singles, batches, 1),
        ("W9 of 1,000", batches, end, Workload::W4.transfers()),
    ] {
        let mut runs = Vec::new();
        for n in 0..=plan.runs {
            let count = if n == 0 { RECEIPTS / 10 } else { RECEIPTS };
            let requests = made
                .bench
                .receipt_requests(&token, first..last, items, count);
            progress(&format!("{name}: {count} receipts"));
            let measured = load::send(made.server.address(), &requests, RECEIPT_CONNECTIONS)?;
            let checked = made.bench.check_receipts(&measured.samples)?;
            if n > 0 {
                runs.push(Run::of(&measured, 1, checked));
            }
        }
        reports.push(Report::named(name, RECEIPT_CONNECTIONS, 1, runs));
    }
    Ok(reports)
}

/// W6: an audit of an export by another process, from the first entry to the last.
///
/// # Errors
/// [`BenchError`]; an audit that does not hold fails the benchmark.
pub fn run_audit(plan: &Plan, progress: &mut dyn FnMut(&str)) -> Result<Report, BenchError> {
    let folder = tempfile::tempdir().map_err(|source| BenchError::Io {
        doing: "making a folder",
        source,
    })?;
    let made = make(plan, progress)?;
    let key = made.bench.auditor(folder.path())?;
    progress("exporting");
    let url = format!("http://{}", made.server.address());
    let passphrase = folder.path().join("passphrase");
    let passphrase = passphrase.display().to_string();
    let key = key.display().to_string();
    let export = [
        "export",
        "export",
        "--url",
        &url,
        "--key",
        &key,
        "--passphrase-file",
        &passphrase,
    ];
    child(folder.path(), &export)?;
    let mut runs = Vec::new();
    for n in 1..=plan.runs {
        progress(&format!("audit {n}"));
        let began = clock::instant();
        let args = [
            "audit",
            "export",
            "--log-vkey",
            "export/log.vkey",
            "--output",
            "json",
        ];
        let json = child(folder.path(), &args)?;
        let seconds = began.elapsed().as_secs_f64();
        let wrong = |why: &str| BenchError::Answer(format!("the audit's report: {why}"));
        let report: serde_json::Value =
            serde_json::from_slice(&json).map_err(|error| wrong(&error.to_string()))?;
        let count = |name: &str| {
            let found = report.pointer(&format!("/counts/{name}"));
            found
                .and_then(serde_json::Value::as_u64)
                .ok_or_else(|| wrong(name))
        };
        let entries = usize::try_from(count("entries")?).unwrap_or(0);
        // Every entry has an authorisation beside what it settles.
        let settled = usize::try_from(count("items_replayed")?).unwrap_or(0) - entries;
        runs.push(Run::of_audit(seconds, settled));
    }
    Ok(Report::named("W6", 0, 0, runs))
}

/// Runs this program to its end; it must succeed.
fn child(folder: &Path, args: &[&str]) -> Result<Vec<u8>, BenchError> {
    let io = |source| BenchError::Io {
        doing: "running a child",
        source,
    };
    let program = std::env::current_exe().map_err(io)?;
    let mut command = Command::new(program);
    let output = command
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .map_err(io)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let words = String::from_utf8_lossy(&output.stderr);
    Err(BenchError::Answer(format!(
        "{} ended with {}: {words}",
        args.join(" "),
        output.status
    )))
}
