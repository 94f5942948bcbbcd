//! `quittance bench`: the workloads that the product is measured by.
//!
//! ```text
//!  this process: signs everything beforehand, sends, measures      a child: `quittance run`
//!        W1  one settlement a message, 256 connections    ── HTTP on 127.0.0.1 ──▶   a sandbox in
//!        W4  1,000 settlements a message, 8 connections                              a fresh folder
//!        W6  an audit of both, W9 receipts of old entries of both
//! ```
//!
//! Every acknowledged answer is durable. The load generator shares the machine with the node.
//! Signing is done before the clock starts; a sample of receipts is verified after it stops.

mod flood;
mod load;
mod prepare;
mod reads;
mod report;
mod server;

use std::path::PathBuf;

pub use flood::{FloodReport, Pass, run as run_flood};
pub use reads::{run_audit, run_receipts};
pub use report::{Report, Run};

use crate::client::ClientError;

/// Transfers in one message of W4.
const W4_TRANSFERS: usize = 1_000;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workload {
    /// One settlement per signed JSON submission.
    W1,
    /// A thousand settlements per signed JSON submission.
    W4,
}

/// How it is measured.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The workload.
    pub workload: Workload,
    /// Connections, each with one request under way.
    pub connections: usize,
    /// Settlements in one run.
    pub settlements: usize,
    /// Measured runs, after one to warm up.
    pub runs: usize,
    /// Where the sandbox is made; a temporary folder if not said.
    pub folder: Option<PathBuf>,
}

/// Why a benchmark came to nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BenchError {
    /// A file or process.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// What the system reports.
        source: std::io::Error,
    },
    /// The node did not come up.
    #[error("the node did not come up: {0}")]
    Start(String),
    /// Setting the ledger up failed.
    #[error("setting up: {0}")]
    Client(#[from] ClientError),
    /// A key could not be read or made.
    #[error("keys: {0}")]
    Key(String),
    /// An answer was not what it should be.
    #[error("an answer was wrong: {0}")]
    Answer(String),
}

impl Workload {
    /// The name in PERFORMANCE and in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::W1 => "W1",
            Self::W4 => "W4",
        }
    }

    /// Transfers in one message.
    #[must_use]
    pub const fn transfers(self) -> usize {
        match self {
            Self::W1 => 1,
            Self::W4 => W4_TRANSFERS,
        }
    }

    /// The plan that the targets speak of.
    #[must_use]
    pub const fn plan(self) -> Plan {
        let (connections, settlements) = match self {
            Self::W1 => (256, 200_000),
            Self::W4 => (8, 1_000_000),
        };
        Plan {
            workload: self,
            connections,
            settlements,
            runs: 3,
            folder: None,
        }
    }
}

/// Carries a plan out. `progress` is told what is going on.
///
/// # Errors
/// [`BenchError`]; a wrong answer fails the benchmark, a refused one is counted.
pub fn run(plan: &Plan, progress: &mut dyn FnMut(&str)) -> Result<Report, BenchError> {
    progress("starting a sandbox");
    let server = server::Server::start(plan.folder.as_deref())?;
    let bench = prepare::Bench::new(&server)?;
    let messages = (plan.settlements / plan.workload.transfers()).max(1);
    let mut runs = Vec::with_capacity(plan.runs);
    for n in 0..=plan.runs {
        // The warm-up is a quarter of a run.
        let count = if n == 0 {
            (messages / 4).max(1)
        } else {
            messages
        };
        progress(&format!("signing {count} messages"));
        let requests = bench.requests(plan.workload, count)?;
        progress(if n == 0 { "warming up" } else { "measuring" });
        let measured = load::send(server.address(), &requests, plan.connections)?;
        progress("verifying a sample of receipts");
        let checked = bench.check(&measured.samples, plan.workload)?;
        if n > 0 {
            runs.push(Run::of(&measured, plan.workload.transfers(), checked));
        }
    }
    Ok(Report::of(plan, runs))
}
