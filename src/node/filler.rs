//! The storing thread: fills the store behind the log, in the same order, and releases WAL frames
//! once they are provably stored.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::committer::{Commit, Scrub};
use super::fatal;
use super::group::{Logged, Part, Published, ToStore};
use super::pace::Pace;
use super::shared::Shared;
use super::tree::FullTile;
use crate::clock;
use crate::ledger::Effect;
use crate::store::head::{Head, HeadFile};
use crate::store::wal::{Mark, Tail};
use crate::store::{Batch, Store, StoreError};

/// Enough for one batch: larger ones only delay the readers of the store.
const BATCH_BYTES: usize = 4 << 20;

pub(super) struct Filler {
    pub(super) published: Receiver<ToStore>,
    /// Gives the copying thread room for another part of a snapshot.
    pub(super) room: Receiver<()>,
    pub(super) pace: Arc<Pace>,
    pub(super) commits: Sender<Commit>,
    pub(super) shared: Arc<Shared>,
    pub(super) tail: Tail,
    pub(super) head: HeadFile,
    pub(super) flush_interval: Duration,
    /// How much disk space must stay free, and how to ask.
    pub(super) reserve: super::space::Reserve,
    pub(super) state: FillState,
}

/// What the storing thread remembers between batches.
#[derive(Default)]
pub(super) struct FillState {
    /// Head of the store, not yet synced if `dirty`.
    pub(super) head: Option<Head>,
    /// WAL frame of the newest group in the store.
    pub(super) sequence: u64,
    pub(super) dirty: bool,
    /// Erasures whose WAL segments are not cleared yet.
    pub(super) scrubbing: bool,
    /// Some of them the commit thread has not heard of.
    pub(super) fresh: bool,
}

impl FillState {
    /// At a start: a store that may not be synced, as far as WAL frame `sequence`.
    pub(super) fn at_start(head: Option<Head>, sequence: u64, scrubbing: bool) -> Self {
        Self {
            head,
            sequence,
            dirty: true,
            scrubbing,
            fresh: false,
        }
    }
}

impl Filler {
    /// Runs until the publisher and the copying thread hang up, then syncs everything.
    pub(super) fn run(mut self) {
        let mut next_sync = clock::instant() + self.flush_interval;
        loop {
            match self.published.recv_deadline(next_sync) {
                Ok(first) => {
                    self.take(first);
                    // A steady stream must not put the sync off.
                    if clock::instant() < next_sync {
                        continue;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.sync();
            next_sync = clock::instant() + self.flush_interval;
        }
        self.sync();
    }

    /// Stores what has arrived. Parts come behind the groups that were published before them.
    fn take(&mut self, first: ToStore) {
        let (mut run, mut parts, mut bytes) = (Vec::new(), Vec::new(), 0);
        let mut next = Some(first);
        while let Some(arrived) = next {
            match arrived {
                ToStore::Group(published) => {
                    bytes += weight(&published);
                    run.push(published);
                }
                ToStore::Part(part) => {
                    bytes += part.bytes.len();
                    parts.push(part);
                }
            }
            let more = bytes < BATCH_BYTES;
            next = more.then(|| self.published.try_recv().ok()).flatten();
        }
        let mut stored = self.store(run);
        for part in parts {
            stored = stored.and_then(|()| self.store_part(part));
        }
        if let Err(error) = stored {
            fatal(&format!("the store failed: {}", super::chain_of(&error)));
        }
    }

    fn store_part(&mut self, part: Part) -> Result<(), StoreError> {
        let (size, last) = (part.size, part.last);
        let mut batch = Batch::default();
        batch.snapshot_part(size, part.number, part.bytes, last);
        self.shared.store.apply(&batch)?;
        self.state.dirty = true;
        // The copying thread has left a word for each part.
        let _ = self.room.try_recv();
        if last {
            self.shared.metrics.snapshot_size.set(size);
            self.pace.stored();
        }
        Ok(())
    }

    fn store(&mut self, run: Vec<Published>) -> Result<(), StoreError> {
        let shared = Arc::clone(&self.shared);
        let entries: Vec<Arc<Logged>> =
            run.iter().flat_map(|p| p.entries.iter().cloned()).collect();
        let mut tiles = Vec::new();
        let mut last: Option<(Mark, chain::Hash)> = None;
        for published in run {
            tiles.extend(published.tiles);
            self.state.sequence = published.sequence;
            last = Some((published.mark, published.leaf));
        }
        self.put_keys(&entries);
        if let Some((mark, leaf)) = last {
            let time = entries.last().map(|e| e.entry.time);
            let time = time.or(self.state.head.map(|h| h.time)).unwrap_or(0);
            let head = Head {
                size: mark.size,
                root: mark.root,
                leaf,
                time,
            };
            store_entries(&*shared.store, &entries, &tiles, head)?;
            self.state.head = Some(head);
        }
        shared.stored(self.state.head.map_or(0, |head| head.size), &tiles);
        let weight: u64 = entries.iter().map(|logged| logged.weight()).sum();
        shared.unstored_bytes.fetch_sub(weight, Ordering::Relaxed);
        self.state.dirty = true;
        self.erase(&entries);
        Ok(())
    }

    /// Writes the keys of entries into their slots.
    fn put_keys(&self, entries: &[Arc<Logged>]) {
        if let Err(error) = put_keys(&self.shared, entries) {
            fatal(&format!("the key slots failed: {error}"));
        }
    }

    /// Destroys the keys of erased entries; their WAL segments are cleared at the next sync.
    fn erase(&mut self, entries: &[Arc<Logged>]) {
        for index in erasures(entries) {
            if let Err(error) = self.shared.slots.erase(index) {
                fatal(&format!("the key slots failed: {error}"));
            }
            (self.state.scrubbing, self.state.fresh) = (true, true);
        }
        if self.state.scrubbing {
            self.sync();
        }
    }

    /// Makes what is stored durable, notes the head, and releases WAL frames; in this order.
    fn sync(&mut self) {
        self.reserve.watch(&self.shared);
        if self.state.dirty {
            let slots = self.shared.slots.sync().map_err(|error| error.to_string());
            let store = self
                .shared
                .store
                .sync()
                .map_err(|error| super::chain_of(&error));
            let head = self.state.head.map(|head| self.head.write(&head));
            let head = head.transpose().map_err(|error| super::chain_of(&error));
            for result in [slots, store.map(|_| ()), head.map(|_| ())] {
                if let Err(error) = result {
                    fatal(&format!("making the store durable failed: {error}"));
                }
            }
            self.tail.release(self.state.sequence);
            self.state.dirty = false;
        }
        let metrics = &self.shared.metrics;
        metrics
            .unstored_bytes
            .set(self.shared.unstored_bytes.load(Ordering::Relaxed));
        metrics.wal_live_bytes.set(self.tail.live_bytes());
        metrics
            .stored_size
            .set(self.state.head.map_or(0, |head| head.size));
        if self.state.scrubbing {
            self.scrub();
        }
    }

    fn scrub(&mut self) {
        let (done, answer) = bounded(1);
        let fresh = std::mem::take(&mut self.state.fresh);
        // A commit thread that is gone has taken the process with it.
        if self
            .commits
            .send(Commit::Scrub(Scrub { fresh, done }))
            .is_ok()
            && let Ok(clear) = answer.recv()
        {
            self.state.scrubbing = !clear;
        }
    }
}

/// About how many bytes a group adds to the store.
fn weight(published: &Published) -> usize {
    let each = published.entries.iter().map(|logged| {
        let body = logged.record.sealed_body().len();
        body + logged.record.drafts.len() * 80 + 400
    });
    each.sum::<usize>() + published.tiles.len() * 8_192
}

/// The entries whose bodies a run of entries erases.
pub(super) fn erasures(entries: &[Arc<Logged>]) -> Vec<u64> {
    let effects = entries.iter().flat_map(|logged| &logged.effects);
    let erased = effects.filter_map(|effect| match effect {
        Effect::Erased(index, true) => Some(*index),
        _ => None,
    });
    erased.collect()
}

pub(super) fn put_keys(
    shared: &Shared,
    entries: &[Arc<Logged>],
) -> Result<(), crate::store::slots::SlotsError> {
    let Some(first) = entries.first() else {
        return Ok(());
    };
    let keys: zeroize::Zeroizing<Vec<[u8; 32]>> =
        zeroize::Zeroizing::new(entries.iter().map(|logged| *logged.key).collect());
    shared.slots.put_run(first.entry.index, &keys)
}

/// Writes entries with all that belongs to them, and the head that makes them visible.
pub(super) fn store_entries(
    store: &dyn Store,
    entries: &[Arc<Logged>],
    tiles: &[FullTile],
    head: Head,
) -> Result<(), StoreError> {
    let Some(first) = entries.first() else {
        return Ok(());
    };
    let mut batch = Batch::new(first.entry.index);
    for logged in entries {
        let index = logged.entry.index;
        batch.entry(logged.entry.to_bytes(), logged.record.to_bytes());
        let who = &logged.authorisation;
        let (submitter, id) = (who.submitter.as_str(), who.message_id.as_str());
        batch.message(who.created.nanos(), submitter, id, index);
    }
    for (level, number, bytes) in tiles {
        batch.tile(*level, *number, bytes.clone());
    }
    batch.head(head);
    store.apply(&batch)
}
