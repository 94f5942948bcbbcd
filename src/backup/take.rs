//! Taking a backup: compare with what is there, fetch what is new, sign off with a manifest.

use std::collections::BTreeSet;
use std::sync::Arc;

use chain::{Checkpoint, Entry, Frontier, Hash, VerifierKey};

use super::Progress;
use super::error::BackupError;
use super::manifest::{LOCK, MANIFEST, Manifest, SEGMENTS, Segment, segment_prefix, signed};
use super::segment::{self, Loaded, Open, SEGMENT_BYTES};
use super::source::{LogState, Source, SourceError};
use crate::node::StoredEntry;
use crate::store::disk::{Disk, DiskLock};
use crate::wire::HashText;

/// What a run has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Entries that were in the backup before.
    pub before: u64,
    /// Entries in it now.
    pub size: u64,
    /// Of the new ones, those that an interrupted run had fetched already.
    pub taken_over: u64,
    /// Root at this size, as signed.
    pub root: Hash,
    /// The log's origin.
    pub origin: String,
}

/// How a backup is taken.
#[derive(Debug, Clone)]
pub struct Order<'a> {
    /// The time by the caller's clock (RFC 3339).
    pub taken_at: &'a str,
    /// The log's key, as it was had by another way.
    pub trusted: Option<&'a VerifierKey>,
    /// A segment is closed when it has this many bytes; at most, and by default, 64 MiB.
    pub segment_bytes: u64,
}

impl<'a> Order<'a> {
    /// An order with the largest segments, which trusts the node's own word for the log's key.
    #[must_use]
    pub const fn at(taken_at: &'a str) -> Self {
        Self {
            taken_at,
            trusted: None,
            segment_bytes: SEGMENT_BYTES,
        }
    }
}

/// Brings the backup in `disk` up to the newest checkpoint of the source.
///
/// Until the last step the backup that was there stays as it is, and valid.
///
/// # Errors
/// [`BackupError`]: the backup that was there is untouched.
pub fn take(
    source: &mut dyn Source,
    disk: &Arc<dyn Disk>,
    order: &Order<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Taken, BackupError> {
    let trusted = order.trusted;
    let _lock = lock(&**disk)?;
    let before = Manifest::read(&**disk)?;
    if before.is_none() {
        refuse_foreign(&**disk)?;
    }
    let known = before
        .as_ref()
        // By its own key: the log may have changed it since, and the node's log must extend it.
        .map(|manifest| manifest.verified(None))
        .transpose()?;
    let known = known.map_or_else(Frontier::new, |signed| signed.frontier);
    let state = source.state(known.size())?;
    let target = newest(&state, trusted)?;
    if let Some(before) = &before {
        compare(before, &known, &state, &target)?;
    }
    let before_size = known.size();
    let mut manifest = before.unwrap_or_else(|| {
        let log = &state.log;
        Manifest::new(log.origin.clone(), log.genesis_hash, log.vkey.clone())
    });
    let mut run = Run {
        segments: segment::folder(&**disk)?,
        genesis: state.log.genesis_hash.0,
        frontier: known,
        prev: None,
        target,
        new: Vec::new(),
        segment_bytes: order.segment_bytes.min(SEGMENT_BYTES),
        progress,
    };
    let taken_over = run.take_over(source)?;
    let open = run.fetch(source)?;
    if run.end(open, &mut manifest)? {
        manifest.checkpoint.clone_from(&state.checkpoint);
        manifest.log_vkey.clone_from(&state.log.vkey);
        let (_, parts) = run.frontier.parts();
        manifest.frontier = parts.iter().copied().map(HashText).collect();
        order.taken_at.clone_into(&mut manifest.taken_at);
        manifest.write(&**disk)?;
    }
    run.sweep(&manifest)?;
    Ok(Taken {
        before: before_size,
        size: run.target.size,
        taken_over,
        root: run.target.root,
        origin: state.log.origin,
    })
}

fn lock(disk: &dyn Disk) -> Result<Box<dyn DiskLock>, BackupError> {
    let path = disk.path();
    match disk.try_lock(LOCK) {
        Ok(Some(lock)) => Ok(lock),
        Ok(None) => Err(BackupError::InUse { path }),
        Err(source) => Err(BackupError::Io { path, source }),
    }
}

/// A folder without a manifest may hold what an interrupted first run left, and nothing else.
fn refuse_foreign(disk: &dyn Disk) -> Result<(), BackupError> {
    let path = disk.path();
    let names = disk.list().map_err(|source| BackupError::Io {
        path: path.clone(),
        source,
    })?;
    let making = format!("{MANIFEST}.new");
    let ours = [LOCK, SEGMENTS, making.as_str()];
    // What file systems put into a fresh volume by themselves.
    let other = names
        .into_iter()
        .find(|name| !ours.contains(&name.as_str()) && name != "lost+found");
    match other {
        Some(entry) => Err(BackupError::NotOurs { path, entry }),
        None => Ok(()),
    }
}

/// The source's newest checkpoint, verified under the key that it states.
fn newest(state: &LogState, trusted: Option<&VerifierKey>) -> Result<Checkpoint, BackupError> {
    let of = "the node".to_owned();
    let key = VerifierKey::parse(&state.log.vkey).map_err(|error| BackupError::Checkpoint {
        of: of.clone(),
        why: error.to_string(),
    })?;
    let (note, origin) = (state.checkpoint.as_bytes(), &state.log.origin);
    let newest = signed(&of, note, origin, &key)?;
    // While one key takes over from another, both have signed.
    match trusted.filter(|trusted| **trusted != key) {
        Some(trusted) if signed(&of, note, origin, trusted).is_err() => Err(BackupError::Key {
            trusted: trusted.to_string(),
            found: key.to_string(),
        }),
        _ => Ok(newest),
    }
}

/// The backup must be a prefix of the node's log: the same log, not longer, the same root.
fn compare(
    before: &Manifest,
    known: &Frontier,
    state: &LogState,
    target: &Checkpoint,
) -> Result<(), BackupError> {
    let log = &state.log;
    let (genesis, node_genesis) = (before.genesis_hash.0, log.genesis_hash.0);
    for (what, backup, node) in [
        ("origin", before.origin.clone(), log.origin.clone()),
        ("genesis", genesis.to_string(), node_genesis.to_string()),
    ] {
        if backup != node {
            return Err(BackupError::OtherLog { what, backup, node });
        }
    }
    // A log may have changed its key since.
    if !log.keys.iter().any(|key| key.vkey == before.log_vkey) {
        let (backup, node) = (before.log_vkey.clone(), log.vkey.clone());
        let what = "key";
        return Err(BackupError::OtherLog { what, backup, node });
    }
    let size = known.size();
    if target.size < size {
        return Err(BackupError::RolledBack {
            node: target.size,
            backup: size,
        });
    }
    match &state.root_at {
        Some(root) if root.0 == known.root() => Ok(()),
        _ => Err(BackupError::Forked { size }),
    }
}

/// A run that adds to a backup.
struct Run<'a> {
    segments: Arc<dyn Disk>,
    genesis: Hash,
    /// The edge of the tree over everything in segments.
    frontier: Frontier,
    /// Leaf hash of the last entry, once one was seen.
    prev: Option<Hash>,
    target: Checkpoint,
    new: Vec<Segment>,
    segment_bytes: u64,
    progress: &'a mut dyn FnMut(Progress),
}

impl Run<'_> {
    /// Takes segments over that an interrupted run has written. They are believed when their own
    /// sums hold and the node has the same root behind them; others are removed.
    fn take_over(&mut self, source: &mut dyn Source) -> Result<u64, BackupError> {
        let before = self.frontier.size();
        loop {
            let first = self.frontier.size();
            // What a manifest names begins below: these are nobody's yet.
            let names = segment::names(&*self.segments)?;
            let prefix = segment_prefix(first);
            let Some(name) = names.iter().find(|name| name.starts_with(&prefix)) else {
                return Ok(first - before);
            };
            let loaded = match Loaded::left_over(&*self.segments, name, first, &self.genesis) {
                Ok(loaded) => loaded,
                Err(BackupError::Damaged { .. }) => {
                    segment::remove(&*self.segments, name)?;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let (mut frontier, mut prev) = (self.frontier.clone(), self.prev);
            for frame in loaded.frames() {
                let leaf = Hash::leaf(frame.entry);
                frontier.push(leaf, &mut |_, _, _| ());
                prev = Some(leaf);
            }
            let size = frontier.size();
            let segment = loaded.segment();
            let same = size > first
                && size <= self.target.size
                && segment.name() == *name
                && source.state(size)?.root_at == Some(HashText(frontier.root()));
            if same {
                self.new.push(segment);
                (self.frontier, self.prev) = (frontier, prev);
            } else {
                segment::remove(&*self.segments, name)?;
            }
        }
    }

    /// Fetches what is missing; gives back the last segment, which is not written yet.
    fn fetch(&mut self, source: &mut dyn Source) -> Result<Open, BackupError> {
        let mut open = Open::new(self.frontier.size(), &self.genesis);
        while self.frontier.size() < self.target.size {
            let first = self.frontier.size();
            let entries = source.run(first, self.target.size)?;
            if entries.is_empty() || entries.len() as u64 > self.target.size - first {
                return Err(SourceError::Missing(first).into());
            }
            for stored in &entries {
                self.check(stored)?;
                open.put(stored);
                if open.len() >= self.segment_bytes {
                    let next = Open::new(self.frontier.size(), &self.genesis);
                    let full = std::mem::replace(&mut open, next);
                    self.new.push(full.close(&*self.segments)?);
                }
            }
            (self.progress)(Progress {
                entries: self.frontier.size(),
                of: self.target.size,
            });
        }
        Ok(open)
    }

    /// Checks that an entry is the next one, and appends it to the tree.
    fn check(&mut self, stored: &StoredEntry) -> Result<(), BackupError> {
        let index = self.frontier.size();
        let entry = Entry::from_bytes(&stored.entry)
            .map_err(|error| BackupError::wrong(index, format_args!("from the node: {error}")))?;
        let leaf = entry.leaf_hash();
        let follows = match self.prev {
            Some(prev) => entry.prev == prev,
            // The first of a run: the root at the end tells.
            None => index > 0 || leaf == self.genesis,
        };
        if entry.index != index || !follows {
            let what = "the node sent another entry than the next one";
            return Err(BackupError::wrong(index, what));
        }
        self.frontier.push(leaf, &mut |_, _, _| ());
        self.prev = Some(leaf);
        Ok(())
    }

    /// Compares with what the node signed, and writes the last segment. Says whether the manifest
    /// has changed.
    fn end(&mut self, open: Open, manifest: &mut Manifest) -> Result<bool, BackupError> {
        if self.frontier.root() != self.target.root {
            for segment in self.new.drain(..) {
                segment::remove(&*self.segments, &segment.name())?;
            }
            return Err(BackupError::Root {
                size: self.target.size,
                signed: self.target.root,
                found: self.frontier.root(),
            });
        }
        if !open.is_empty() {
            let open = if self.new.is_empty() {
                self.merge(open, &mut manifest.segments)?
            } else {
                open
            };
            self.new.push(open.close(&*self.segments)?);
        }
        let changed = !self.new.is_empty();
        manifest.segments.append(&mut self.new);
        Ok(changed)
    }

    /// Puts the newest segments that are no larger into the new one, as a binary counter carries:
    /// a backup a minute leaves a few dozen files and not half a million a year. The old files
    /// stay until a manifest without them is written.
    fn merge(&self, open: Open, listed: &mut Vec<Segment>) -> Result<Open, BackupError> {
        let (mut entries, mut bytes) = (open.entries(), open.len());
        let mut before = Vec::new();
        while let Some(last) = listed.last() {
            let together = bytes.saturating_add(last.bytes);
            if last.entries > entries || together >= self.segment_bytes {
                break;
            }
            before.push(Loaded::listed(&*self.segments, last, &self.genesis)?);
            (entries, bytes) = (entries.saturating_add(last.entries), together);
            listed.pop();
        }
        Ok(open.behind(&before, &self.genesis))
    }

    /// Removes what nothing speaks for: merged segments, and what interrupted runs left.
    fn sweep(&self, manifest: &Manifest) -> Result<(), BackupError> {
        let listed: BTreeSet<String> = manifest.segments.iter().map(Segment::name).collect();
        for name in segment::names(&*self.segments)? {
            let ours = name.ends_with(".seg") || name.ends_with(".new");
            if ours && !listed.contains(&name) {
                segment::remove(&*self.segments, &name)?;
            }
        }
        Ok(())
    }
}
