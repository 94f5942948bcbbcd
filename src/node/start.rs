//! Starting a node: recover and compare first, then read the key, then start the threads.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use chain::VerifierKey;
use crossbeam_channel::{Sender, bounded, unbounded};
use keys::{RootGuard, SigningKey};

use super::applier::Applier;
use super::beside::Beside;
use super::consult::{Witnesses, consult};
use super::cosigner::Cosigner;
use super::error::OpenError;
use super::group::Job;
use super::sessions::Sessions;
use super::shared::{Backends, Founded, Shared, View};
use super::signing::{log_keys, other_log, signer, signing};
use super::without::Without;
use super::{
    Node, OpenOptions, committer, fatal, filler, open, pace, presence, publisher, replay,
    sequencer, space, verify,
};
use crate::clock::Clock;
use crate::config::Config;
use crate::ledger::{Mode, Time};
use crate::store::Store;
use crate::store::head::{Head, HeadFile};
use crate::store::marker::DataFolder;
use crate::store::slots::KeySlots;
use crate::store::wal::{Mark, Recovered, Wal, WalOptions};

/// Groups that may be between two threads: enough to overlap, few enough to bound memory.
const PIPELINE: usize = 4;

/// The file with the log's key, for whoever looks into the data folder.
const VKEY_FILE: &str = "log.vkey";

/// What was recovered from disk, before anything is signed.
pub(super) struct Recovery<K> {
    head_file: HeadFile,
    pub(super) founded: open::Founded,
    pub(super) key: K,
    slots: KeySlots,
    wal: Wal,
    pub(super) replayed: open::Replayed,
    /// The log names erasures, and nobody knows whether the WAL was cleared of them.
    scrubbing: bool,
}

pub(super) fn open(
    config: &Config,
    options: &OpenOptions,
    folder: DataFolder,
    store: Arc<dyn Store>,
    damaged: bool,
) -> Result<Arc<Node>, OpenError> {
    let keys = |founded: &open::Founded| log_keys(config, founded);
    let mut recovery = recover(config, &folder, &store, damaged, keys)
        .map_err(|error| other_log(config, &*store, error))?;
    let signing = signing(&recovery)?;
    let mode = recovery.founded.genesis.mode()?;
    Without::allowed(options.without, mode)?;
    match options.without {
        Some(Without::Merkle) => recovery.replayed.applier.go_without_hashes(),
        Some(Without::Sync) => recovery.wal.go_without_sync(),
        _ => {}
    }
    let clock = start_clock(options, &recovery.replayed, mode)?;
    let witnesses = consult(config, &folder, &*store, &recovery.replayed, &signing)?;
    let parts = Parts {
        folder,
        store,
        clock,
        recovery,
        signing,
        witnesses,
    };
    parts.start(config, options.without)
}

/// Replays and compares everything; `key` is asked for once it is known which log this is.
pub(super) fn recover<K>(
    config: &Config,
    folder: &DataFolder,
    store: &Arc<dyn Store>,
    damaged: bool,
    key: impl FnOnce(&open::Founded) -> Result<K, OpenError>,
) -> Result<Recovery<K>, OpenError> {
    let head_file = HeadFile::open(Arc::clone(folder.disk()))?;
    let known = match (store.head(), head_file.head()) {
        (Some(_), Some(known)) => known,
        (Some(head), None) => return Err(presence::headless(&config.data_dir, head.size)),
        (None, Some(known)) => return Err(OpenError::EmptyStore { known: known.size }),
        (None, None) => return Err(presence::headless(&config.data_dir, 0)),
    };
    let founded = open::read_genesis(&**store)?;
    compare_with_config(config, &founded)?;
    // Before the replay, which may take minutes: a store of another log is found out at once.
    let key = key(&founded)?;
    expect_slots(folder, known.size)?;
    let slots = KeySlots::open(&**folder.disk())?;
    let (wal, recovered) = open_wal(config, folder, &known)?;
    let mut replayed = replay::replay_store(&**store, &founded)?;
    if damaged {
        verify::whole_store(&**store, replayed.applier.state().book())?;
    }
    let from_wal = open::replay_wal(&wal, &recovered.frames, &mut replayed, &**store, &slots)?;
    open::compare_with_mark(&replayed, &**store, &known)?;
    warn_of_lost_keys(&slots, replayed.applier.mark().size);
    let scrubbing = open::finish_erasures(&replayed, &slots)?;
    if replayed.entries + from_wal > 0 || recovered.cut > 0 {
        tracing::info!(
            from_store = replayed.entries,
            from_wal,
            cut = recovered.cut,
            size = replayed.applier.mark().size,
            "replayed"
        );
    }
    Ok(Recovery {
        head_file,
        founded,
        key,
        slots,
        wal,
        replayed,
        scrubbing,
    })
}

/// Opens the write-ahead segments, which the head file must not contradict.
pub(super) fn open_wal(
    config: &Config,
    folder: &DataFolder,
    known: &Head,
) -> Result<(Wal, Recovered), OpenError> {
    let io = |source| OpenError::Io {
        path: config.data_dir.join("wal"),
        source,
    };
    let disk = folder.disk().folder("wal").map_err(io)?;
    let mark = Mark {
        size: known.size,
        root: known.root,
    };
    Ok(Wal::open(disk, &wal_options(config), Some(&mark))?)
}

/// An empty file in place of the lost one would hide the loss, and stand in the way of the backup.
/// The first start after the founding makes it.
fn expect_slots(folder: &DataFolder, size: u64) -> Result<(), OpenError> {
    let lost = size > 1 && !KeySlots::exist(&**folder.disk())?;
    if lost {
        return Err(OpenError::NoSlots { size });
    }
    Ok(())
}

/// Money and proofs do without the keys of bodies, so the node goes on; but not without a word.
/// Entry 0 has none; every other entry has written its slot, or the WAL has just done it.
fn warn_of_lost_keys(slots: &KeySlots, size: u64) {
    let written = slots.written();
    if size > 1 && written < size {
        tracing::warn!(
            slots = written,
            entries = size,
            "the key slots end before the log: the bodies behind cannot be read; restore `keys.slots` from its own backup"
        );
    }
}

/// Everything that was recovered, before the threads start.
struct Parts {
    folder: DataFolder,
    store: Arc<dyn Store>,
    clock: Clock,
    recovery: Recovery<Vec<SigningKey>>,
    /// Those of them that sign where the log stands.
    signing: Vec<VerifierKey>,
    witnesses: Option<Witnesses>,
}

impl Parts {
    fn start(self, config: &Config, without: Option<Without>) -> Result<Arc<Node>, OpenError> {
        let Self {
            folder,
            store,
            clock,
            recovery,
            signing,
            witnesses,
        } = self;
        let Recovery {
            head_file,
            founded,
            key,
            slots,
            wal,
            replayed,
            scrubbing,
        } = recovery;
        let open::Replayed { applier, tiles, .. } = replayed;
        let mark = applier.mark();
        write_changed_key(config, &applier, &signing);
        let (guard, checkpoint) = signer(key, &signing, &founded, mark)?;
        let shared = Arc::new(Shared::new(
            Founded {
                origin: founded.genesis.origin.clone(),
                genesis_hash: founded.hash,
                held: guard.held(),
                mode: founded.genesis.mode()?,
            },
            Backends {
                clock,
                store,
                slots,
                read_bytes_max: config.api.limits.read_bytes_max,
            },
            applier.state().book().clone(),
            tiles,
            View {
                mark,
                checkpoint: checkpoint.into(),
            },
            applier.state().last_seal(),
        ));
        let reserve = reserve(config);
        reserve.watch(&shared);
        let sequence = wal.last_sequence();
        let state = filler::FillState::at_start(shared.store.head(), sequence, scrubbing);
        let threads = Threads {
            wal,
            applier,
            guard,
            head_file,
            reserve,
            state,
            sequence,
        };
        let (jobs, mut threads) = threads.start(config, &shared)?;
        let cosigning = cosigning(witnesses, config, &folder, &shared, &mut threads)?;
        Ok(Arc::new(Node {
            sessions: Sessions::new(&shared, &config.sessions),
            shared,
            queue: super::queue::Queue::new(&config.sequencer),
            submit: arc_swap::ArcSwapOption::from_pointee(jobs.clone()),
            jobs: Mutex::new(Some(jobs)),
            threads: Mutex::new(threads),
            cosigning: Mutex::new(cosigning),
            without,
            _folder: folder,
        }))
    }
}

/// How much disk space must stay free, and where.
fn reserve(config: &Config) -> space::Reserve {
    space::Reserve {
        path: config.data_dir.clone(),
        bytes: config.store.reserve_bytes,
    }
}

/// What the threads own.
struct Threads {
    wal: Wal,
    applier: Applier,
    guard: RootGuard,
    head_file: HeadFile,
    reserve: space::Reserve,
    state: filler::FillState,
    sequence: u64,
}

impl Threads {
    fn start(
        self,
        config: &Config,
        shared: &Arc<Shared>,
    ) -> Result<(Sender<Job>, Vec<JoinHandle<()>>), OpenError> {
        let (jobs, job_queue) = bounded(config.sequencer.queue_len_max);
        let (commits, commit_queue) = bounded(PIPELINE);
        let (durable, durable_queue) = unbounded();
        let (done, done_queue) = bounded(PIPELINE);
        let (published, published_queue) = unbounded();
        let tail = self.wal.tail();
        let mut applier = self.applier;
        let beside = Beside::of(&mut applier, shared, published.clone());
        let pace = Arc::new(pace::Pace::of(config.snapshot_every_instructions));
        let sequencer = sequencer::Sequencer {
            applier,
            jobs: job_queue,
            commits: commits.clone(),
            done,
            shared: Arc::clone(shared),
            tail: tail.clone(),
            bounds: sequencer::Bounds {
                submissions_max: config.sequencer.group_submissions_max,
                bytes_max: config.sequencer.group_bytes_max,
                wait_max: config.sequencer.group_wait_max,
                lag_bytes_max: config.store.lag_bytes_max,
            },
            pace: Arc::clone(&pace),
            seals: beside.seals,
        };
        let publisher = publisher::Publisher {
            done: done_queue,
            durable: durable_queue,
            store: published,
            orders: beside.orders,
            guard: self.guard,
            shared: Arc::clone(shared),
            vkey_file: config.data_dir.join(VKEY_FILE),
            sequence: self.sequence,
        };
        let filler = filler::Filler {
            published: published_queue,
            room: beside.room,
            pace,
            commits,
            shared: Arc::clone(shared),
            tail,
            head: self.head_file,
            flush_interval: config.store.flush_interval,
            reserve: self.reserve,
            state: self.state,
        };
        let Beside { sealer, copier, .. } = beside;
        let (wal, start) = (self.wal, sequencer.applier.mark());
        let took = shared.metrics.sync_seconds.clone();
        let threads = vec![
            spawn("sequencer", move || sequencer.run())?,
            spawn("committer", move || {
                committer::run(wal, start, &commit_queue, &durable, &took)
            })?,
            spawn("sealer", move || sealer.run())?,
            spawn("publisher", move || publisher.run())?,
            spawn("copier", move || copier.run())?,
            spawn("filler", move || filler.run())?,
        ];
        Ok((jobs, threads))
    }
}

/// Brings the file with the log's key up to date, if the log has changed its key.
fn write_changed_key(config: &Config, applier: &Applier, signing: &[VerifierKey]) {
    let changed = applier.state().book().log_keys().len() > 1;
    if let Some(newest) = signing.last().filter(|_| changed) {
        publisher::write_vkey(&config.data_dir.join(VKEY_FILE), newest);
    }
}

/// Starts asking for cosignatures, if the configuration names witnesses; gives back what ends it.
fn cosigning(
    witnesses: Option<Witnesses>,
    config: &Config,
    folder: &DataFolder,
    shared: &Arc<Shared>,
    threads: &mut Vec<JoinHandle<()>>,
) -> Result<Option<Sender<()>>, OpenError> {
    let (Some(witnesses), Some(config)) = (witnesses, &config.witness) else {
        return Ok(None);
    };
    let Witnesses { mut peers, newest } = witnesses;
    if let Some(newest) = newest {
        shared.metrics.witnessed_size.set(newest.checkpoint.size);
        shared.metrics.witnessed_time.set(newest.time);
        shared.witnessed.store(Some(Arc::new(newest)));
    }
    let (hold, stop) = bounded(0);
    peers.until(stop.clone());
    let cosigner = Cosigner {
        peers,
        shared: Arc::clone(shared),
        disk: Arc::clone(folder.disk()),
        every: config.every,
        stop,
        told: BTreeMap::new(),
        waiting_since: None,
    };
    threads.push(spawn("cosigner", move || cosigner.run())?);
    Ok(Some(hold))
}

/// Starts a thread whose panic ends the process: half a node must not go on.
fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, OpenError> {
    let panicked = format!("the {name} thread panicked");
    let guarded = move || {
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).is_err() {
            fatal(&panicked);
        }
    };
    std::thread::Builder::new()
        .name(name.to_string())
        .spawn(guarded)
        .map_err(OpenError::Thread)
}

fn wal_options(config: &Config) -> WalOptions {
    let mut salt = [0u8; 32];
    if let Err(error) = getrandom::fill(&mut salt) {
        fatal(&format!("the system gives no random numbers: {error}"));
    }
    let mut options = WalOptions::new(salt);
    options.segment_bytes = config.wal.segment_bytes;
    options.segments = u32::try_from(config.wal.segments_min).unwrap_or(u32::MAX);
    options
}

pub(super) fn compare_with_config(
    config: &Config,
    founded: &open::Founded,
) -> Result<(), OpenError> {
    let genesis = &founded.genesis;
    let other = |key, configured: &str, found: &str| OpenError::OtherLog {
        key,
        configured: configured.to_string(),
        found: found.to_string(),
    };
    if config.log.origin != genesis.origin {
        return Err(other("log.origin", &config.log.origin, &genesis.origin));
    }
    if config.log.mode.as_str() != genesis.mode {
        return Err(other("log.mode", config.log.mode.as_str(), &genesis.mode));
    }
    Ok(())
}

/// Starts the clock and compares it with the log's last time. A sandbox may sleep for weeks.
fn start_clock(
    options: &OpenOptions,
    replayed: &open::Replayed,
    mode: Mode,
) -> Result<Clock, OpenError> {
    if let Some(time) = options.accept_time {
        return Ok(Clock::starting_at(time));
    }
    let clock = Clock::start();
    let last: Time = replayed.applier.state().last_time();
    match clock.check(last.nanos()) {
        Err(crate::clock::ClockError::Ahead { .. }) if mode == Mode::Sandbox => Ok(clock),
        Err(error) => Err(error.into()),
        Ok(()) => Ok(clock),
    }
}
