//! `quittance bench`: the workloads that the product is measured by.
//!
//! ```text
//!  this process: signs everything         a child, `quittance bench-load`:        a child, `quittance run`:
//!  beforehand into a spool; then waits ──▶ reads the spool, sends, measures, ──▶   a sandbox in a
//!  and reports                             verifies a sample of answers    HTTP    fresh folder
//! ```
//!
//! Every acknowledged answer is durable. All three share the machine, and the first is idle while
//! the clock runs. [`WORKLOADS`] is the table; `docs/reference/performance.md` says what each
//! figure means.

mod audit;
mod banks;
mod beside;
mod bodies;
mod certificate;
mod chart;
mod child;
mod compare;
mod costs;
mod flood;
mod gauges;
mod growth;
mod histogram;
mod job;
mod load;
mod machine;
mod made;
mod mixed;
mod options;
mod rate;
mod reads;
mod report;
mod restart;
mod rules;
mod sandbox;
mod schedule;
mod settle;
mod site;
mod spool;
mod table;

pub use beside::{BesidePass, BesideReport, run_beside};
pub use chart::{Bar, svg};
pub use child::end_with_parent;
pub use compare::{Comparison, Row, Verdict, compare};
pub use costs::run_costs;
pub use flood::{FloodReport, Pass, run_flood};
pub use load::run_load;
pub use machine::{Circumstances, Document, Machine};
pub use mixed::{KindRate, MixedReport, Stretch, run_mixed};
pub use options::Options;
pub use rate::run_rate;
pub use report::{Report, Run};
pub use sandbox::Without;
pub use table::{Form, Method, WORKLOADS, Workload};

use crate::client::ClientError;

/// Is told what is going on.
pub type Say<'a> = &'a mut dyn FnMut(&str);

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
    /// The node did not come up, or did not end.
    #[error("the node did not come up: {0}")]
    Start(String),
    /// Setting the ledger up failed.
    #[error("setting up: {0}")]
    Client(#[from] ClientError),
    /// A key could not be read or made.
    #[error("keys: {0}")]
    Key(String),
    /// The load generator ended early.
    #[error("the load generator: {0}")]
    Load(String),
    /// An answer was not what it should be.
    #[error("an answer was wrong: {0}")]
    Answer(String),
}

fn io(doing: &'static str) -> impl FnOnce(std::io::Error) -> BenchError {
    move |source| BenchError::Io { doing, source }
}

/// Measures one workload. `say` is told what is going on.
///
/// # Errors
/// [`BenchError`]; a wrong answer fails the benchmark, a refused one is counted.
pub fn run(
    workload: &Workload,
    options: &Options,
    say: Say<'_>,
) -> Result<Vec<Report>, BenchError> {
    match workload.method {
        Method::Settle => settle::run(workload, options, say),
        Method::Audit => audit::run(workload, options, say),
        Method::Restart => restart::run(workload, options, say),
        Method::Growth => growth::run(workload, options, say),
        Method::Reads => reads::run(workload, options, say),
        Method::Hot => settle::run_hot(workload, options, say),
        Method::Tls => settle::run_tls(workload, options, say),
        Method::Rules => rules::run(workload, options, say),
    }
}
