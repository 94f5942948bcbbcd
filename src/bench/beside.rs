//! Writes at full speed beside reads on a schedule: what reading costs those who pay.
//!
//! Each has a load generator of its own. Both share the machine with the node, so that reads also
//! take from the writes what it costs to ask and to check them.

use std::thread::JoinHandle;

use serde::{Deserialize, Serialize};

use super::bodies::Payers;
use super::job::{Job, Measured, Series};
use super::options::Options;
use super::reads::Read;
use super::report::Run;
use super::sandbox::{Manner, Places};
use super::site::{Pace, Site, generate};
use super::table::Workload;
use super::{BenchError, Say};

/// Connections of the reads.
const CONNECTIONS: usize = 32;
/// Settlements signed for a pass, as a multiple of what the warm-up says fits.
const SPARE: f64 = 1.5;

/// One pass: the rate of the settlements, and what became of the reads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BesidePass {
    /// What is read.
    pub reads: String,
    /// Settlements acknowledged per second.
    pub per_second: f64,
    /// 99th percentile of their latency, milliseconds.
    pub p99_ms: f64,
    /// Part of the rate alone in the same round.
    pub ratio: f64,
    /// Reads due per second.
    pub reads_offered_per_second: f64,
    /// Reads answered well per second.
    pub reads_per_second: f64,
    /// Median of the reads' latency, from when they were due, milliseconds.
    pub reads_p50_ms: f64,
    /// 99th percentile of it.
    pub reads_p99_ms: f64,
}

/// All passes of all rounds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BesideReport {
    /// Connections of the settlements.
    pub connections: usize,
    /// Seconds of each pass.
    pub seconds: f64,
    /// A round is a pass alone, then one beside each kind of reads and one beside all.
    pub passes: Vec<BesidePass>,
}

/// Measures W1 in rounds, alone and beside so many reads a second.
///
/// # Errors
/// [`BenchError`].
pub fn run_beside(
    options: &Options,
    reads_per_second: f64,
    seconds: f64,
    say: Say<'_>,
) -> Result<BesideReport, BenchError> {
    let workload = Workload::named("W1");
    let workload = workload.ok_or_else(|| BenchError::Answer("W1 is not in the table".into()))?;
    let places = Places::new(options.folder.as_deref());
    let site = workload.site(&places, Manner::default(), say)?;
    let connections = options.connections(workload).first().copied().unwrap_or(1);
    let kind = workload.kind(Payers::Many);
    let series = [Series::of("messages", kind)];
    let first = site.size()?;
    say("warming up, alone");
    let messages = workload.messages(options.settlements(workload));
    let warm = site.settle(kind, messages, Pace::closed(connections), say)?;
    let receipts = Read::Receipt(first..site.size()?, 1);
    let kinds: [(&str, &[Read]); 5] = [
        ("none", &[]),
        ("balances", &[Read::Account]),
        ("receipts", std::slice::from_ref(&receipts)),
        ("pages of history", &[Read::History]),
        (
            "a third of each",
            &[Read::Account, receipts.clone(), Read::History],
        ),
    ];
    let count = Run::of(&warm, 1).per_second * seconds * SPARE;
    let pace = Pace {
        seconds: Some(seconds),
        ..Pace::closed(connections)
    };
    let mut passes = Vec::new();
    for round in 1..=options.runs(workload) {
        let mut alone = None;
        for (name, reads) in kinds {
            say(&format!("round {round}, reads: {name}"));
            let job = match reads {
                [] => None,
                reads => Some(job(&site, reads, reads_per_second, seconds)?),
            };
            let mut reader = None;
            let mut make = |_| Ok((0, site.banks.request(kind)?));
            let mut begin = || {
                reader = job.as_ref().map(start).transpose()?;
                Ok(())
            };
            let measured =
                site.load_beside(&series, count as u64, pace, &mut make, &mut begin, say)?;
            let read = reader.map_or_else(|| Ok(Measured::default()), end)?;
            let run = Run::of(&measured, 1);
            let answers = read.total();
            passes.push(BesidePass {
                reads: name.to_owned(),
                per_second: run.per_second,
                p99_ms: run.p99_ms,
                ratio: run.per_second / *alone.get_or_insert(run.per_second),
                reads_offered_per_second: job.as_ref().and_then(|job| job.rate).unwrap_or(0.0),
                reads_per_second: answers.good as f64 / read.answered_seconds.max(seconds),
                reads_p50_ms: answers.latencies.ms(0.5),
                reads_p99_ms: answers.latencies.ms(0.99),
            });
        }
    }
    Ok(BesideReport {
        connections,
        seconds,
        passes,
    })
}

/// The requests of a pass in turns, in a file, and how they are sent.
fn job(site: &Site, reads: &[Read], rate: f64, seconds: f64) -> Result<Job, BenchError> {
    let token = site.banks.session(&site.sandbox)?;
    let series: Vec<Series> = reads
        .iter()
        .map(|read| Series::reads("reads", read.answer()))
        .collect();
    let mut make = |n: u64| {
        let which = n as usize % reads.len().max(1);
        let read = reads.get(which);
        let read = read.ok_or_else(|| BenchError::Answer("nothing is read".into()))?;
        Ok((which as u8, read.request(site, &token)))
    };
    let pace = Pace {
        rate: Some(rate),
        seconds: Some(seconds),
        ..Pace::closed(CONNECTIONS)
    };
    site.spooled("reads", &series, (rate * seconds) as u64, pace, &mut make)
}

type Reader = JoinHandle<Result<Measured, BenchError>>;

fn start(job: &Job) -> Result<Reader, BenchError> {
    let job = job.clone();
    std::thread::Builder::new()
        .name("reads".to_owned())
        .spawn(move || generate(&job))
        .map_err(super::io("starting the reads"))
}

fn end(reader: Reader) -> Result<Measured, BenchError> {
    let ended = reader.join();
    ended.unwrap_or_else(|_| Err(BenchError::Load("the reads ended early".to_owned())))
}
