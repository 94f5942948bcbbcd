//! A sandbox with its banks, and loads on it: requests are signed into a spool, then the load
//! generator is started.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::banks::Banks;
use super::bodies::Kind;
use super::child;
use super::job::{AnswerForm, Job, Measured, Series, Tally};
use super::sandbox::{Manner, Places, Sandbox, Without};
use super::spool::SpoolWriter;
use super::table::Form;
use super::{BenchError, Say, gauges, io};

/// A longer load is made in pieces, between which the clock stands still: disks are finite, and
/// what was signed more than an hour ago is refused. Each piece ends with its own last answer, and
/// where the clock runs until the store has caught up, each with its own catching up.
const PIECE_BYTES: u64 = 2 << 30;

/// How messages are sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    pub(super) connections: usize,
    /// Messages a second; as fast as they are answered if not said.
    pub(super) rate: Option<f64>,
    /// Nothing is sent after so many seconds.
    pub(super) seconds: Option<f64>,
    /// Whether the clock runs until the store holds the whole log.
    pub(super) catch_up: bool,
}

impl Pace {
    /// As fast as they are answered.
    pub(super) const fn closed(connections: usize) -> Self {
        Self {
            connections,
            rate: None,
            seconds: None,
            catch_up: false,
        }
    }
}

/// Makes a request, given how many were made before; it says which series it belongs to.
pub(super) type Make<'a> = &'a mut dyn FnMut(u64) -> Result<(u8, Vec<u8>), BenchError>;

/// A node with a ledger ready to be measured.
pub(super) struct Site {
    pub(super) sandbox: Sandbox,
    pub(super) banks: Banks,
}

impl Series {
    /// Messages of a kind.
    pub(super) fn of(name: &str, kind: Kind) -> Self {
        Self {
            name: name.to_owned(),
            answer: match kind.form {
                Form::Json => AnswerForm::Json,
                Form::Batch => AnswerForm::Outcomes,
            },
            counts: kind.transfers as u64,
        }
    }

    /// Reads.
    pub(super) fn reads(name: &str, answer: AnswerForm) -> Self {
        Self {
            name: name.to_owned(),
            answer,
            counts: 1,
        }
    }

    /// Transfers that its good answers settled.
    pub(super) const fn settled(&self, tally: &Tally) -> u64 {
        match self.answer {
            AnswerForm::Json | AnswerForm::Outcomes => self.counts * tally.good,
            AnswerForm::Receipt | AnswerForm::Account | AnswerForm::History => 0,
        }
    }
}

impl Site {
    /// Founds a sandbox and sets its ledger up.
    pub(super) fn make(
        places: &Places,
        manner: Manner,
        accounts: usize,
        say: Say<'_>,
    ) -> Result<Self, BenchError> {
        say(&format!("starting a sandbox with {accounts} accounts"));
        let sandbox = Sandbox::start(places, manner)?;
        let banks = Banks::new(&sandbox, accounts)?;
        Ok(Self { sandbox, banks })
    }

    /// Starts the node again after it ended.
    pub(super) fn start_again(&mut self) -> Result<f64, BenchError> {
        let took = self.sandbox.start_again()?;
        self.banks.address = self.sandbox.public;
        Ok(took.as_secs_f64())
    }

    /// Entries in the log.
    pub(super) fn size(&self) -> Result<u64, BenchError> {
        self.gauge("log_size")
    }

    pub(super) fn gauge(&self, name: &str) -> Result<u64, BenchError> {
        gauges::read(self.sandbox.admin)?.value(name)
    }

    /// Sends so many messages of one kind.
    pub(super) fn settle(
        &self,
        kind: Kind,
        messages: u64,
        pace: Pace,
        say: Say<'_>,
    ) -> Result<Measured, BenchError> {
        let series = [Series::of("messages", kind)];
        let mut make = |_| Ok((0, self.banks.request(kind)?));
        self.load(&series, messages, pace, &mut make, say)
    }

    /// Waits until the store holds the whole log.
    pub(super) fn catch_up(&self) -> Result<(), BenchError> {
        gauges::catch_up(self.sandbox.admin)
    }

    /// Sends so many requests; `make` gives each with the number of its series.
    pub(super) fn load(
        &self,
        series: &[Series],
        messages: u64,
        pace: Pace,
        make: Make<'_>,
        say: Say<'_>,
    ) -> Result<Measured, BenchError> {
        self.load_beside(series, messages, pace, make, &mut || Ok(()), say)
    }

    /// The same; `begin` is called when everything is signed, just before the load begins.
    pub(super) fn load_beside(
        &self,
        series: &[Series],
        messages: u64,
        pace: Pace,
        make: Make<'_>,
        begin: &mut dyn FnMut() -> Result<(), BenchError>,
        say: Say<'_>,
    ) -> Result<Measured, BenchError> {
        let file = self.file("spool");
        let before = self.gauge("settled_total")?;
        let mut measured = Measured::default();
        let mut made = 0;
        while made < messages {
            say(&format!("making {} requests", messages - made));
            let mut spool = SpoolWriter::create(&file).map_err(io("writing the spool"))?;
            while made < messages && spool.bytes < PIECE_BYTES {
                let (series, request) = make(made)?;
                spool
                    .push(series, &request)
                    .map_err(io("writing the spool"))?;
                made += 1;
            }
            let count = spool.messages;
            spool.finish().map_err(io("writing the spool"))?;
            say(&format!("sending {count} requests"));
            let left = pace
                .seconds
                .map(|seconds| seconds - measured.answered_seconds);
            if left.is_some_and(|left| left <= 0.0) {
                break;
            }
            let mut job = self.job(series, &file, count, pace);
            job.seconds = left;
            begin()?;
            measured.append(&generate(&job)?);
        }
        // The spool of the next load takes its place; the last one is not kept.
        std::fs::remove_file(&file).map_err(io("removing the spool"))?;
        let settled = series.iter().zip(&measured.series);
        let settled: u64 = settled.map(|(series, tally)| series.settled(tally)).sum();
        let found = self.gauge("settled_total")? - before;
        match found == settled {
            true => Ok(measured),
            false => Err(BenchError::Answer(format!(
                "the answers say that {settled} instructions settled, the node counts {found}"
            ))),
        }
    }

    /// Writes so many requests into a file of this name, for [`generate`].
    pub(super) fn spooled(
        &self,
        name: &str,
        series: &[Series],
        messages: u64,
        pace: Pace,
        make: Make<'_>,
    ) -> Result<Job, BenchError> {
        let file = self.file(name);
        let failed = || io("writing the spool");
        let mut spool = SpoolWriter::create(&file).map_err(failed())?;
        for n in 0..messages {
            let (series, request) = make(n)?;
            spool.push(series, &request).map_err(failed())?;
        }
        let count = spool.messages;
        spool.finish().map_err(failed())?;
        let mut job = self.job(series, &file, count, pace);
        job.seconds = pace.seconds;
        Ok(job)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.sandbox.folder().join(name)
    }

    fn job(&self, series: &[Series], spool: &Path, messages: u64, pace: Pace) -> Job {
        let without = self.sandbox.manner.without;
        // A store that is given nothing never catches up.
        let catch_up = pace.catch_up && without != Some(Without::Store);
        Job {
            address: self.sandbox.public,
            ca: self.sandbox.ca(),
            log_vkey: self.banks.log_vkey.clone(),
            spool: spool.to_owned(),
            messages,
            connections: pace.connections,
            rate: pace.rate,
            seconds: None,
            catch_up: catch_up.then_some(self.sandbox.admin),
            verify: without.is_none(),
            series: series.to_vec(),
        }
    }
}

/// Runs the load generator to its end.
pub(super) fn generate(job: &Job) -> Result<Measured, BenchError> {
    let json = serde_json::to_vec(job).map_err(|error| BenchError::Load(error.to_string()))?;
    let failed = io("running the load generator");
    let child = child::program()?
        .arg("bench-load")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let output = child.and_then(|mut child| {
        // It reads the job to its end before it writes anything.
        child
            .stdin
            .take()
            .map_or(Ok(()), |mut stdin| stdin.write_all(&json))?;
        child.wait_with_output()
    });
    let output = output.map_err(failed)?;
    let words = || String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if !output.status.success() {
        return Err(BenchError::Load(words()));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| BenchError::Load(error.to_string()))
}
