//! The node: the composition root, the only place that knows all parts below it.
//!
//! ```text
//!  workers ──Job──▶ sequencer ──Group──▶ committer (WAL + fdatasync)
//!                      │ applies meanwhile          │ durable
//!                      └──────Done──▶ publisher ◀───┘ ──▶ answers, readers
//!                                         ├──Published──▶ filler (store, slots, head file)
//!                                         └──Order──▶ copier ──Part──▶ filler (snapshots)
//!                                                       └──Frozen──▶ sealer (seals)
//! ```
//!
//! One writer; nothing above the durable watermark leaves the node; any error of the WAL or the
//! store ends the process, and the next start recovers.

mod applier;
mod beside;
pub mod body;
mod bytes;
mod committer;
mod consult;
mod copier;
mod cosigner;
pub mod doctor;
mod error;
mod filler;
mod founding;
mod frame;
mod group;
mod hashing;
mod metrics;
mod open;
mod pace;
mod packed;
mod presence;
mod publisher;
mod queue;
mod reader;
mod rebuild;
mod record;
mod record_head;
mod replay;
mod sealed;
mod sealer;
mod sequencer;
mod sessions;
mod shared;
mod signing;
mod space;
mod start;
mod submission;
mod tree;
mod trouble;
mod verify;
mod without;

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use chain::{Hash, VerifierKey};
use crossbeam_channel::{Sender, TrySendError};
use tokio::sync::oneshot;

pub use error::{InitError, OpenError};
pub use founding::{Founded, Founding, draft_genesis, found_on, init, sign_genesis};
pub use group::{Applied, BalanceThen, DryRun, Logged, Reply};
pub use metrics::Metrics;
pub use packed::pack_batch;
pub use reader::{
    At, FeesQuery, HistoryQuery, HoldsQuery, MandatesQuery, MessageQuery, PaymentsQuery,
    ProposalsQuery, QuotesQuery, RatesQuery, ReadError, Reader, RecallsQuery, ReturnsQuery,
    StatementQuery, StoredEntry, Viewer,
};
pub use rebuild::{complete, groups};
pub use record::{Record, RecordError};
pub use sessions::{SessionError, Sessions};
pub use shared::{KeyTable, KnownKey};
pub use submission::Submission;
pub use trouble::Trouble;
pub use without::{WITHOUT, Without};

use crate::clock::Clock;
use crate::config::Config;
use crate::ledger::{Instruction, Message, Mode, PROTOCOL_VERSION, Rejection};
use crate::store::Store;
use crate::store::disk::RealDisk;
use crate::store::marker::DataFolder;
use crate::store::sled::{SledOptions, SledStore, swap};
use crate::wire::{LogKeyView, LogView};
use group::{Asker, Job};
use queue::Queue;
use shared::Shared;

/// How a node is opened.
#[derive(Debug, Clone, Default)]
pub struct OpenOptions {
    /// The time that an operator vouches for, nanoseconds since 1970 UTC.
    pub accept_time: Option<u64>,
    /// What a sandbox goes without, for measuring.
    pub without: Option<Without>,
}

/// Why a submission is not taken right now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unavailable {
    /// The queue is full.
    #[error("the queue is full")]
    QueueFull,
    /// The participant has its share of the queue.
    #[error("the participant has its share of the queue")]
    QueueShare,
    /// Disk space is below the reserve.
    #[error("disk space is below the reserve")]
    StorageReserve,
    /// The node is going down.
    #[error("the node is going down")]
    ShuttingDown,
    /// A key that the log is to have is in none of the node's files.
    #[error("a key that the log is to have is in none of the node's files")]
    LogKeyNotHeld,
    /// The node has failed.
    #[error("the node has failed")]
    Failed,
}

/// How the pipeline moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pulse {
    /// Submissions that wait for their answers.
    pub waiting: usize,
    /// Submissions answered since the start.
    pub answered: u64,
}

/// A running node.
pub struct Node {
    shared: Arc<Shared>,
    queue: Arc<Queue>,
    sessions: Sessions,
    jobs: Mutex<Option<Sender<Job>>>,
    /// Cloned per thread: the lock above is for shutdown only.
    submit: arc_swap::ArcSwapOption<Sender<Job>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// Hung up to end the cosigner, which waits for nobody then.
    cosigning: Mutex<Option<Sender<()>>>,
    without: Option<Without>,
    _folder: DataFolder,
}

impl Node {
    /// Opens the log in the data folder: recovers, compares, and starts the threads.
    ///
    /// # Errors
    /// [`OpenError`] says what was found and what to do. Nothing was signed then.
    pub fn open(config: &Config, options: &OpenOptions) -> Result<Arc<Self>, OpenError> {
        let io = |source| OpenError::Io {
            path: config.data_dir.clone(),
            source,
        };
        let disk = RealDisk::open_existing(&config.data_dir).map_err(io)?;
        let folder = DataFolder::open(Arc::new(disk))?;
        let path = config.data_dir.join("sled");
        presence::expect_founded(&folder)?;
        if swap::finish(&config.data_dir).map_err(io)? {
            tracing::info!("a rebuild was interrupted while its store was put in place: finished");
        }
        presence::expect_store(&folder, &path)?;
        // Files that an earlier attempt has rewritten look whole.
        let rewritten = SledStore::kept(&path).is_some();
        let store = SledStore::open(&SledOptions {
            path: path.clone(),
            cache_bytes: config.store.cache_bytes,
        })?;
        let damage = store.damage().cloned();
        let store: Arc<dyn Store> = Arc::new(store);
        let store = match options.without {
            Some(Without::Store) => Arc::new(without::Forgetful::new(store)),
            _ => store,
        };
        let node = start::open(
            config,
            options,
            folder,
            store,
            rewritten || damage.is_some(),
        )?;
        if let Some(damage) = damage {
            verify::tell(&damage);
        }
        verify::end_incident(&path);
        Ok(node)
    }

    /// The same on a given folder and store: tests put doubles there that lose power.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open_on(
        config: &Config,
        options: &OpenOptions,
        folder: DataFolder,
        store: Arc<dyn Store>,
    ) -> Result<Arc<Self>, OpenError> {
        start::open(config, options, folder, store, false)
    }

    /// Origin of the log.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.shared.origin
    }

    /// Leaf hash of entry 0.
    #[must_use]
    pub fn genesis_hash(&self) -> Hash {
        self.shared.genesis_hash
    }

    /// Live or sandbox.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.shared.mode
    }

    /// The log's verifier key: while one takes over from another, the new one.
    #[must_use]
    pub fn log_key(&self) -> VerifierKey {
        self.shared.log_key()
    }

    /// The node's clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// What clients compare out of band once.
    #[must_use]
    pub fn log_view(&self) -> LogView {
        LogView {
            origin: self.shared.origin.clone(),
            genesis_hash: self.shared.genesis_hash.into(),
            vkey: self.shared.log_key().to_string(),
            keys: log_keys(&self.shared),
            mode: self.shared.mode.as_str().to_string(),
            protocol: PROTOCOL_VERSION,
        }
    }

    /// Whether signatures are verified; not in a sandbox that measures what this costs.
    #[must_use]
    pub fn verifies(&self) -> bool {
        self.without != Some(Without::Signatures)
    }

    /// Every registered key.
    #[must_use]
    pub fn keys(&self) -> Arc<KeyTable> {
        self.shared.keys.load_full()
    }

    /// The read sessions.
    #[must_use]
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// Numbers about the pipeline.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.shared.metrics
    }

    /// The numbers as Prometheus text, with those that are looked up only when somebody asks.
    #[must_use]
    pub fn metrics_text(&self) -> String {
        let metrics = &self.shared.metrics;
        let (submissions, bytes) = self.queue.len();
        metrics.queue_length.set(submissions as u64);
        metrics.queue_bytes.set(bytes as u64);
        metrics
            .applied_size
            .set(self.shared.applied_size.load(Ordering::Relaxed));
        metrics.encode()
    }

    /// Whether the pipeline moves: what waits now, and what has been answered since the start.
    #[must_use]
    pub fn pulse(&self) -> Pulse {
        Pulse {
            waiting: self.queue.len().0,
            answered: self.queue.answered(),
        }
    }

    /// A view at the durable watermark.
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader::new(Arc::clone(&self.shared))
    }

    /// Whether submissions are taken.
    ///
    /// # Errors
    /// Why not.
    pub fn ready(&self) -> Result<(), Unavailable> {
        if self.shared.stopping.load(Ordering::Relaxed) {
            return Err(Unavailable::ShuttingDown);
        }
        if self.shared.reserve_low.load(Ordering::Relaxed) {
            return Err(Unavailable::StorageReserve);
        }
        Ok(())
    }

    /// Draws the erasable key of a new entry.
    ///
    /// # Errors
    /// [`Unavailable::Failed`] if the system gives no random numbers.
    pub fn draw_key() -> Result<body::EntryKey, Unavailable> {
        let mut key = zeroize::Zeroizing::new([0u8; 32]);
        getrandom::fill(&mut *key).map_err(|_| Unavailable::Failed)?;
        Ok(key)
    }

    /// Hands a submission to the sequencer and waits for its answer, which is durable.
    ///
    /// # Errors
    /// [`Unavailable`]: nothing was logged, except that after [`Unavailable::Failed`] nobody knows
    /// before the node is back; sending the same bytes again is always right.
    pub async fn submit(&self, submission: Submission) -> Result<Reply, Unavailable> {
        self.send(submission, false).await
    }

    /// Says what would become of a submission; nothing is appended.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub async fn dry_run(&self, submission: Submission) -> Result<Reply, Unavailable> {
        self.send(submission, true).await
    }

    async fn send(&self, submission: Submission, dry: bool) -> Result<Reply, Unavailable> {
        self.ready()?;
        if let Err(rejection) = self.foresee(&submission.message) {
            self.shared.metrics.foreseen.inc();
            return Ok(Reply::Drop(rejection));
        }
        // Or the next checkpoint could not be signed.
        if !self.holds_keys_of(&submission.message) {
            return Err(Unavailable::LogKeyNotHeld);
        }
        let submitter = &submission.message.authorisation.submitter;
        let place = self.queue.enter(submitter, submission.frame_len());
        let place = place.inspect_err(|_| {
            self.shared.metrics.queue_full.inc();
        })?;
        let (reply, answer) = oneshot::channel();
        {
            let sender = self.submit.load();
            let sender = sender.as_ref().ok_or(Unavailable::ShuttingDown)?;
            match sender.try_send(Job {
                submission: Box::new(submission),
                dry,
                asker: Asker { reply, place },
            }) {
                Ok(()) => {}
                Err(TrySendError::Full(_)) => {
                    self.shared.metrics.queue_full.inc();
                    return Err(Unavailable::QueueFull);
                }
                Err(TrySendError::Disconnected(_)) => return Err(Unavailable::Failed),
            }
        }
        answer.await.map_err(|_| Unavailable::Failed)
    }

    /// Whether every key that a message adds to the log is at hand, or in the log already.
    fn holds_keys_of(&self, message: &Message) -> bool {
        message.instructions.iter().all(|instruction| {
            let Instruction::AddLogKey(i) = instruction else {
                return true;
            };
            let is = |key: &VerifierKey| key.to_string() == i.vkey.as_str();
            let known = || {
                let at = shared::read(&self.shared.book);
                let mut keys = at.book.log_keys().iter();
                keys.any(|key| key.verifier_key().is_some_and(|key| is(&key)))
            };
            self.shared.held.iter().any(is) || known()
        })
    }

    /// What the sequencer would drop costs no frame and no sync: it is refused here, in the
    /// published state. That state has all that was answered before this submission came, so the
    /// refusal is the answer that it would have got if it had been ordered right then.
    fn foresee(&self, message: &Message) -> Result<(), Rejection> {
        // In this order: what leaves the queue after the look has been published before the load.
        let quiet = !self.queue.has(&message.authorisation.submitter);
        let now = self.shared.clock.now_ns();
        self.shared.keys.load().foresee(now, message, quiet)
    }

    /// Stops admission, answers what was let in, and makes everything durable. Returns when all
    /// threads have ended.
    pub fn shutdown(&self) {
        self.shared.stopping.store(true, Ordering::Relaxed);
        self.submit.store(None);
        let jobs = self
            .jobs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        drop(jobs);
        drop(
            self.cosigning
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        let threads =
            std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            if thread.join().is_err() {
                fatal("a thread of the node panicked");
            }
        }
    }
}

/// Every key that the log ever had.
fn log_keys(shared: &Shared) -> Vec<LogKeyView> {
    let at = shared::read(&shared.book);
    let keys = at.book.log_keys().iter();
    keys.filter_map(|key| {
        Some(LogKeyView {
            vkey: key.verifier_key()?.to_string(),
            added: key.added,
            retired: key.revoked,
        })
    })
    .collect()
}

/// Says why, and ends the process at once: what was applied beyond the watermark dies unseen.
fn fatal(why: &str) -> ! {
    tracing::error!("{why}; the process ends, the next start recovers");
    std::process::abort()
}

/// An error with all its causes, in one line.
fn chain_of(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        // A transparent error repeats its source, and some repeat it in their own words.
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}
