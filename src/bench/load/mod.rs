//! The load generator, a process of its own (`quittance bench-load`): real sockets, requests
//! from a spool, answers read whole. It holds no key that signs.
//!
//! ```text
//!   spool ──next──▶ connection 1..n ── HTTP/1.1 ──▶ node     closed loop: the next message when the
//!   schedule ──permit──┘                                     one before is answered; or on schedule
//! ```

mod check;
mod connection;
pub(super) mod http;
mod line;

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use tokio::sync::Semaphore;
use tokio::task::{JoinSet, LocalSet};

use super::job::{Job, Measured, Tally};
use super::schedule::{Schedule, Stalls};
use super::spool::{Place, SpoolReader};
use super::{BenchError, gauges};
use crate::clock;
use check::Checker;
use line::{Dialler, Line};

/// Answers of one load that are kept and verified.
const SAMPLES: u64 = 200;

/// What all connections share; they run on one thread.
struct Shared {
    job: Job,
    started: Instant,
    /// One permit a message that is due, if there is a schedule.
    permits: Option<(Schedule, Arc<Semaphore>)>,
    state: RefCell<State>,
}

struct State {
    spool: SpoolReader,
    /// Messages taken from the spool.
    taken: u64,
    stalls: Stalls,
    tallies: Vec<Tally>,
    samples: Vec<(Place, Vec<u8>)>,
}

/// Does what a job says. The job and the answer are JSON.
///
/// # Errors
/// [`BenchError`]; an answer other than good or 503 ends the load.
pub fn run_load(job: &str) -> Result<String, BenchError> {
    let wrong = |error: serde_json::Error| BenchError::Answer(format!("the job: {error}"));
    let job: Job = serde_json::from_str(job).map_err(wrong)?;
    serde_json::to_string(&run(job)?).map_err(wrong)
}

fn run(job: Job) -> Result<Measured, BenchError> {
    let failed = |source| BenchError::Io {
        doing: "sending the load",
        source,
    };
    let checker = Checker::new(&job.log_vkey)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(failed)?;
    let shared = LocalSet::new()
        .block_on(&runtime, send(job))
        .map_err(failed)?;
    let Shared {
        job,
        started,
        state,
        ..
    } = shared;
    let mut state = state.into_inner();
    let answered = state.stalls.since;
    let elapsed = match job.catch_up {
        None => answered,
        Some(admin) => {
            gauges::catch_up(admin)?;
            started.elapsed()
        }
    };
    if job.verify {
        for (place, answer) in &state.samples {
            let request = state.spool.again(*place).map_err(failed)?;
            let at = usize::from(place.series);
            if let (Some(series), Some(tally)) = (job.series.get(at), state.tallies.get_mut(at)) {
                checker.check(series, &request, answer)?;
                tally.verified += 1;
            }
        }
    }
    Ok(Measured {
        seconds: elapsed.as_secs_f64(),
        answered_seconds: answered.as_secs_f64(),
        stalls: state.stalls.count,
        longest_stall_ms: state.stalls.longest.as_secs_f64() * 1_000.0,
        series: state.tallies,
    })
}

async fn send(job: Job) -> io::Result<Shared> {
    let dialler = Dialler::new(job.address, job.ca.as_deref())?;
    let mut lines: Vec<Line> = Vec::with_capacity(job.connections);
    for _ in 0..job.connections {
        lines.push(dialler.open().await?);
    }
    let state = State {
        spool: SpoolReader::open(&job.spool)?,
        taken: 0,
        stalls: Stalls::default(),
        tallies: vec![Tally::default(); job.series.len()],
        samples: Vec::new(),
    };
    let permits = job
        .rate
        .map(|rate| (Schedule::new(rate), Arc::new(Semaphore::new(0))));
    let shared = Rc::new(Shared {
        started: clock::instant(),
        permits,
        state: RefCell::new(state),
        job,
    });
    let over = Arc::new(AtomicBool::new(false));
    if let Some((schedule, permits)) = &shared.permits {
        let (permits, over) = (Arc::clone(permits), Arc::clone(&over));
        schedule.pace(shared.started, shared.job.messages, permits, over)?;
    }
    let mut tasks = JoinSet::new();
    for line in lines {
        tasks.spawn_local(connection::run(line, Rc::clone(&shared)));
    }
    let mut ended = Ok(());
    while let Some(task) = tasks.join_next().await {
        ended = task.map_err(io::Error::other).and_then(|done| done);
        if ended.is_err() {
            break;
        }
    }
    over.store(true, Ordering::Relaxed);
    ended?;
    drop(tasks);
    let shared = Rc::into_inner(shared).ok_or_else(|| io::Error::other("a connection is left"))?;
    let all = shared.job.seconds.is_some() || shared.state.borrow().taken == shared.job.messages;
    match all {
        true => Ok(shared),
        false => Err(io::Error::other("the spool is shorter than it should be")),
    }
}
