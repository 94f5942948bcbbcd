//! What handlers share: the node, the limits of this door, and its connections.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Semaphore;

use super::budget::Budget;
use super::lines::Lines;
use super::numbers::Numbers;
use super::rates::Rates;
use super::tls::Tls;
use crate::config::{Assets, Config};
use crate::limits::READS_AT_ONCE_MAX;
use crate::node::Node;
use crate::wire::{BodyLimits, base64 as wire};

/// The state of the door, shared by all workers of both listeners.
pub(super) struct State {
    pub(super) node: Arc<Node>,
    /// The public listener's TLS, if it speaks it.
    pub(super) tls: Option<Arc<Tls>>,
    pub(super) body_bytes_max: usize,
    pub(super) body_timeout: Duration,
    pub(super) body_limits: BodyLimits,
    pub(super) assets: Assets,
    pub(super) numbers: Numbers,
    pub(super) rates: Arc<Rates>,
    pub(super) bodies: Arc<Budget>,
    pub(super) lines: Lines,
    /// What whoever takes backups has read from the data folder.
    pub(super) backup_token: String,
    /// One piece of a backup is read at a time.
    pub(super) backup_turn: Semaphore,
    /// Reads of the log's past, as many as may run at one time; the others wait.
    pub(super) reads: Arc<Semaphore>,
    ids: Ids,
    closing: AtomicBool,
}

/// Request ids: a random start per process, and a count.
struct Ids {
    process: u32,
    next: AtomicU64,
}

/// Names one request of one run of the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RequestId {
    process: u32,
    number: u64,
}

impl State {
    pub(super) fn new(
        node: Arc<Node>,
        config: &Config,
        tls: Option<Arc<Tls>>,
    ) -> Result<State, getrandom::Error> {
        let mut token = [0u8; 32];
        getrandom::fill(&mut token)?;
        let rates = Arc::new(Rates::new(&config.api.limits));
        Ok(State {
            node,
            tls,
            body_bytes_max: config.api.body_bytes_max,
            body_timeout: config.api.body_timeout,
            body_limits: BodyLimits {
                instructions_max: config.api.instructions_max,
                batch_records_max: config.api.batch_records_max,
            },
            assets: config.assets.clone(),
            numbers: Numbers::default(),
            backup_token: wire::encode(&token),
            backup_turn: Semaphore::new(1),
            reads: Arc::new(Semaphore::new(READS_AT_ONCE_MAX)),
            lines: Lines::new(Arc::clone(&rates)),
            rates,
            bodies: Budget::new(config.api.limits.body_bytes_in_flight_max),
            ids: Ids {
                process: getrandom::u32()?,
                next: AtomicU64::new(0),
            },
            closing: AtomicBool::new(false),
        })
    }

    pub(super) fn next_request(&self) -> RequestId {
        RequestId {
            process: self.ids.process,
            number: self.ids.next.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// From now on the node is not ready.
    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::Release);
    }

    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}-{:x}", self.process, self.number)
    }
}
