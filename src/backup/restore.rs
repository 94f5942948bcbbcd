//! Restoring a backup: a new data folder, filled by replay. It may go on as the log only where
//! somebody outside confirms the newest signed state; otherwise it is a copy that cannot sign.

use std::path::Path;
use std::sync::Arc;

use chain::{Hash, VerifierKey};

use super::Progress;
use super::error::BackupError;
use super::manifest::{Manifest, Signed, signed};
use super::replay::Replay;
use super::verify::{open, walk};
use crate::store::disk::{Disk, RealDisk};
use crate::store::head::{Head, HeadFile};
use crate::store::marker::DataFolder;
use crate::store::sled::{SledOptions, SledStore};
use crate::store::slots::KeySlots;
use crate::store::wal::{Wal, WalOptions};
use crate::store::{Batch, Store};

/// Memory for the store's pages while it is filled, in bytes.
pub(super) const CACHE_BYTES: u64 = 256 << 20;
/// Entries written to the store at once, and about how many bytes.
const BATCH_ENTRIES: u64 = 1_024;
const BATCH_BYTES: usize = 4 << 20;
/// Bytes between two syncs of the store.
const SYNC_BYTES: usize = 256 << 20;

/// A checkpoint that somebody outside has kept.
#[derive(Debug, Clone)]
pub struct Confirmed {
    /// Where it comes from, for messages.
    pub by: String,
    /// The signed note.
    pub note: Vec<u8>,
}

/// What to restore.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The state after the entry at this index, for a copy; everything otherwise.
    pub at_index: Option<u64>,
    /// What others have kept; the newest must be where the backup ends. None: a copy.
    pub confirmed: Vec<Confirmed>,
    /// The log's key, as it was had by another way.
    pub trusted: Option<VerifierKey>,
}

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The log's origin.
    pub origin: String,
    /// Entries.
    pub size: u64,
    /// Root over them.
    pub root: Hash,
    /// Whether a node may go on signing from here; otherwise this is a copy.
    pub may_sign: bool,
}

/// Fills a new data folder at `into` from the backup in `disk`.
///
/// Everything is verified while it is written. The head file is written last, and only when the
/// newest confirmed checkpoint is exactly where the backup ends: without a head file no node signs.
///
/// # Errors
/// [`BackupError`]; a folder that was begun has no head file, and is to be removed.
pub fn restore(
    disk: &Arc<dyn Disk>,
    into: &Path,
    plan: &Plan,
    progress: &mut dyn FnMut(Progress),
) -> Result<Restored, BackupError> {
    refuse_full(into)?;
    let (manifest, signed) = open(disk, plan.trusted.as_ref())?;
    let (end, sizes) = agree(plan, &manifest, &signed)?;
    let io = |source| BackupError::Io {
        path: into.to_owned(),
        source,
    };
    let data = RealDisk::create(into).map_err(io)?;
    let folder = DataFolder::init(Arc::new(data))?;
    let store = SledStore::open(&SledOptions {
        path: into.join("sled"),
        cache_bytes: CACHE_BYTES,
    })?;
    let mut filler = Filler::new(&store, sizes);
    let verified = walk(
        disk,
        manifest,
        &signed,
        end,
        progress,
        &mut |frame, stepped, replay| filler.take(frame, &stepped, replay),
    )?;
    let head = filler.finish(&verified.replay)?;
    let may_sign = !plan.confirmed.is_empty();
    if may_sign {
        make_wal(folder.disk(), into)?;
        // A log without the file does not open: here the keys are known to be elsewhere.
        KeySlots::open(&**folder.disk()).map_err(|error| io(std::io::Error::other(error)))?;
        HeadFile::open(Arc::clone(folder.disk()))?.write(&head)?;
    }
    Ok(Restored {
        origin: verified.manifest.origin,
        size: head.size,
        root: head.root,
        may_sign,
    })
}

/// Makes an empty write-ahead log: a log of more than its founding without one does not open, for
/// somebody might have removed it.
fn make_wal(disk: &Arc<dyn Disk>, into: &Path) -> Result<(), BackupError> {
    let io = |source| BackupError::Io {
        path: into.join("wal"),
        source,
    };
    let mut salt = [0u8; 32];
    getrandom::fill(&mut salt).map_err(|error| io(std::io::Error::other(error.to_string())))?;
    let mut options = WalOptions::new(salt);
    options.segments = 1;
    Wal::open(disk.folder("wal").map_err(io)?, &options, None)?;
    Ok(())
}

fn refuse_full(into: &Path) -> Result<(), BackupError> {
    let path = into.to_owned();
    match std::fs::read_dir(into) {
        Ok(mut names) => match names.next() {
            None => Ok(()),
            Some(_) => Err(BackupError::NotEmpty { path }),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(BackupError::Io { path, source }),
    }
}

/// A confirmed size and root, and who confirms it.
pub(super) type Known = (u64, Hash, String);

/// Decides how far to restore; gives the confirmed roots to compare on the way.
fn agree(
    plan: &Plan,
    manifest: &Manifest,
    signed_at: &Signed,
) -> Result<(u64, Vec<Known>), BackupError> {
    let backup = signed_at.checkpoint.size;
    let end = match plan.at_index {
        None => backup,
        Some(index) if index < backup => index + 1,
        Some(index) => {
            return Err(BackupError::NoSuchIndex {
                index,
                size: backup,
            });
        }
    };
    let mut known = Vec::new();
    for confirmed in &plan.confirmed {
        let (by, note) = (&confirmed.by, &confirmed.note);
        let checkpoint = signed(by, note, &manifest.origin, &signed_at.key)?;
        known.push((checkpoint.size, checkpoint.root, by.clone()));
    }
    known.sort();
    let Some((newest, _, by)) = known.last() else {
        return Ok((end, known));
    };
    if *newest > backup {
        return Err(BackupError::EndsBelow {
            backup,
            newest: *newest,
            by: by.clone(),
        });
    }
    if *newest < backup {
        let given = *newest;
        return Err(BackupError::NotNewest { given, backup });
    }
    if end != backup {
        let index = end - 1;
        return Err(BackupError::CopyOnly { index, backup });
    }
    // Compared before anything is written; what is below is compared on the way.
    if let Some((size, _, by)) = known
        .iter()
        .find(|(size, root, _)| *size == backup && *root != signed_at.checkpoint.root)
    {
        let (size, by) = (*size, by.clone());
        return Err(BackupError::OtherRoot { size, by });
    }
    Ok((end, known))
}

/// Fills a store with entries that were replayed, in order.
pub(super) struct Filler<'a> {
    store: &'a SledStore,
    batch: Batch,
    unsynced: usize,
    known: std::iter::Peekable<std::vec::IntoIter<Known>>,
}

impl<'a> Filler<'a> {
    pub(super) fn new(store: &'a SledStore, known: Vec<Known>) -> Self {
        Self {
            store,
            batch: Batch::new(0),
            unsynced: 0,
            known: known.into_iter().peekable(),
        }
    }

    pub(super) fn take(
        &mut self,
        frame: super::frame::Frame<'_>,
        stepped: &super::replay::Stepped,
        replay: &Replay,
    ) -> Result<(), BackupError> {
        let index = stepped.entry.index;
        self.batch.entry(*frame.entry, frame.record.to_vec());
        if index > 0 {
            let who = &stepped.authorisation;
            let (submitter, id) = (who.submitter.as_str(), who.message_id.as_str());
            self.batch
                .message(who.created.nanos(), submitter, id, index);
        }
        for (level, number, bytes) in &stepped.tiles {
            self.batch.tile(*level, *number, bytes.clone());
        }
        while let Some((size, root, by)) = self.known.next_if(|known| known.0 <= replay.size()) {
            if size == replay.size() && root != replay.root() {
                return Err(BackupError::OtherRoot { size, by });
            }
        }
        let full = (index + 1).is_multiple_of(BATCH_ENTRIES);
        if full || self.batch.bytes() >= BATCH_BYTES {
            self.flush(&head(replay, stepped.entry.time))?;
        }
        Ok(())
    }

    fn flush(&mut self, head: &Head) -> Result<(), BackupError> {
        let mut batch = std::mem::replace(&mut self.batch, Batch::new(head.size));
        self.unsynced += batch.bytes();
        batch.head(*head);
        self.store.apply(&batch)?;
        if self.unsynced >= SYNC_BYTES {
            self.store.sync()?;
            self.unsynced = 0;
        }
        Ok(())
    }

    /// Writes what is left and a snapshot, so that the first start is a quick one.
    pub(super) fn finish(mut self, replay: &Replay) -> Result<Head, BackupError> {
        let time = replay.state().map_or(0, |state| state.last_time().nanos());
        let head = head(replay, time);
        if self.batch.bytes() > 0 {
            self.flush(&head)?;
        }
        if let Some(state) = replay.state() {
            let mut number = 0;
            state.write_parts(|part, last| {
                let mut batch = Batch::default();
                batch.snapshot_part(head.size, number, part, last);
                number += 1;
                self.store.apply(&batch)
            })?;
        }
        self.store.sync()?;
        Ok(head)
    }
}

fn head(replay: &Replay, time: u64) -> Head {
    Head {
        size: replay.size(),
        root: replay.root(),
        leaf: replay.leaf(),
        time,
    }
}
