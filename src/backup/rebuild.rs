//! Rebuilding the store of a data folder whose own is damaged or gone.
//!
//! ```text
//!  what lies there, a backup or an export ──replay──▶ sled.new ◀──frames── wal/
//!                                        every root, signature and outcome   │
//!                      not below the head file?  then: sled ▶ sled.damaged-N, sled.new ▶ sled
//! ```
//!
//! Nothing is believed because of where it lies: entries are replayed from the founding on, and the
//! end must be at or above what the head file says was signed. What was there is kept aside.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chain::{Hash, VerifierKey};

use super::error::BackupError;
use super::frame::Frame;
use super::manifest::signed;
use super::replay::{Items, Replay};
use super::restore::{CACHE_BYTES, Filler};
use super::verify::{open, walk};
use super::{Progress, readable};
use crate::config::Config;
use crate::ledger::signing_at;
use crate::node;
use crate::store::Store;
use crate::store::disk::RealDisk;
use crate::store::marker::DataFolder;
use crate::store::sled::{SledOptions, SledStore, swap};
use crate::store::wal::Mark;

/// The log's public key in a data folder.
const VKEY: &str = "log.vkey";
/// Whose checkpoint is meant in an error.
const EXPORT: &str = "the export";

/// What the store is made of.
pub enum Origin<'a> {
    /// What can still be read of the damaged store.
    Store,
    /// A backup in this folder.
    Backup(PathBuf),
    /// An export.
    Export(Export<'a>),
}

/// An export as it lies there: nothing in it is believed before its checkpoint is verified.
pub struct Export<'a> {
    /// The signed checkpoint.
    pub checkpoint: Vec<u8>,
    /// The entries: one by one, `None` behind the last.
    pub next: &'a mut dyn FnMut(u64) -> Result<Option<Items>, BackupError>,
}

/// What was rebuilt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    /// Entries that the origin gave.
    pub given: u64,
    /// Entries now, with the tail from the write-ahead log.
    pub size: u64,
    /// Root over them.
    pub root: Hash,
    /// Hash of the ledger's state after them.
    pub state: Hash,
    /// Where the former store lies.
    pub aside: Option<PathBuf>,
}

/// Makes a new store for the data folder of `config`.
///
/// # Errors
/// [`BackupError`]; the former store is where it was then.
pub fn rebuild(
    config: &Config,
    origin: Origin<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Rebuilt, BackupError> {
    let data = &config.data_dir;
    let io = |source| BackupError::Io {
        path: data.clone(),
        source,
    };
    let disk = RealDisk::open_existing(data).map_err(io)?;
    let folder = DataFolder::open(Arc::new(disk))?;
    // An earlier one may have been interrupted when its store was whole.
    swap::finish(data).map_err(io)?;
    let sizes = node::groups(config, &folder)?.unwrap_or_default();
    let made = make(config, &folder, origin, &sizes, progress);
    for copy in ["sled.look", "sled.look.kept"] {
        remove(&data.join(copy)).map_err(io)?;
    }
    let making = data.join("sled.new");
    let (given, mark, state) = match made {
        Ok(made) => made,
        Err(error) => {
            remove(&making).map_err(io)?;
            return Err(error);
        }
    };
    let aside = swap::swap(data, &mut |_| Ok(())).map_err(io)?;
    Ok(Rebuilt {
        given,
        size: mark.size,
        root: mark.root,
        state,
        aside,
    })
}

/// Fills `sled.new`, completes it, and closes it again.
fn make(
    config: &Config,
    folder: &DataFolder,
    origin: Origin<'_>,
    sizes: &[u64],
    progress: &mut dyn FnMut(Progress),
) -> Result<(u64, Mark, Hash), BackupError> {
    let data = &config.data_dir;
    let making = data.join("sled.new");
    remove(&making).map_err(|source| BackupError::Io {
        path: making.clone(),
        source,
    })?;
    let store = Arc::new(open_store(&making)?);
    let given = match origin {
        Origin::Store => salvage(data, &store, sizes, progress)?,
        Origin::Backup(folder) => from_backup(config, &folder, &store, progress)?,
        Origin::Export(export) => from_export(config, export, &store, progress)?,
    };
    let shared: Arc<dyn Store> = Arc::<SledStore>::clone(&store);
    let (mark, state) = node::complete(config, folder, &shared)?;
    Ok((given, mark, state))
}

fn open_store(path: &Path) -> Result<SledStore, BackupError> {
    Ok(SledStore::open(&SledOptions {
        path: path.to_owned(),
        cache_bytes: CACHE_BYTES,
    })?)
}

/// The log's key as the data folder has it; `None` if the file is gone.
fn trusted(config: &Config) -> Result<Option<VerifierKey>, BackupError> {
    let path = config.data_dir.join(VKEY);
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        text => text.map_err(|source| BackupError::Io { path, source })?,
    };
    let key = VerifierKey::parse(text.trim_end());
    key.map(Some)
        .map_err(|error| BackupError::damaged(VKEY, error))
}

/// Reads all of a backup.
fn from_backup(
    config: &Config,
    folder: &Path,
    store: &SledStore,
    progress: &mut dyn FnMut(Progress),
) -> Result<u64, BackupError> {
    let disk = readable(folder)?;
    let (manifest, signed) = open(&disk, trusted(config)?.as_ref())?;
    let end = signed.checkpoint.size;
    let mut filler = Filler::new(store, Vec::new());
    let verified = walk(
        &disk,
        manifest,
        &signed,
        end,
        progress,
        &mut |frame, stepped, replay| filler.take(frame, &stepped, replay),
    )?;
    Ok(filler.finish(&verified.replay)?.size)
}

/// Takes the entries of an export, and makes the records that their items come from. They count
/// only if they lead to the root of its checkpoint, which the log's key must have signed: the key
/// in the data folder, or without that file the one that the log itself names.
fn from_export(
    config: &Config,
    export: Export<'_>,
    store: &SledStore,
    progress: &mut dyn FnMut(Progress),
) -> Result<u64, BackupError> {
    let Export { checkpoint, next } = export;
    let verify = |key: &VerifierKey| signed(EXPORT, &checkpoint, &config.log.origin, key);
    let trusted = trusted(config)?;
    let mut checked = trusted.as_ref().map(verify).transpose()?;
    let (mut replay, mut filler) = (Replay::default(), Filler::new(store, Vec::new()));
    while let Some(kept) = next(replay.size())? {
        let (stepped, record) = replay.step_items(&kept)?;
        let record = record.to_bytes();
        let frame = Frame {
            entry: &stepped.entry.to_bytes(),
            record: &record,
        };
        filler.take(frame, &stepped, &replay)?;
        let entries = replay.size();
        progress(Progress {
            entries,
            of: entries,
        });
    }
    replay.conservation()?;
    let key = signing_key(&replay, trusted.as_ref())?;
    checked = Some(checked.map_or_else(|| verify(&key), Ok)?);
    let reached =
        checked.is_some_and(|signed| signed.size == replay.size() && signed.root == replay.root());
    if !reached {
        let last = replay.size().saturating_sub(1);
        let what = "the export's entries do not lead to the root that was signed";
        return Err(BackupError::wrong(last, what));
    }
    Ok(filler.finish(&replay)?.size)
}

/// The newest key that signs where the log ends; the trusted one must be one of them.
fn signing_key(replay: &Replay, trusted: Option<&VerifierKey>) -> Result<VerifierKey, BackupError> {
    let keys = replay.state().map(|state| state.book().log_keys());
    let keys = signing_at(keys.unwrap_or_default(), replay.size());
    let Some(newest) = keys.last() else {
        return Err(BackupError::wrong(0, "the log has no key"));
    };
    match trusted.filter(|trusted| !keys.contains(trusted)) {
        Some(trusted) => Err(BackupError::Key {
            trusted: trusted.to_string(),
            found: newest.to_string(),
        }),
        None => Ok(newest.clone()),
    }
}

/// Takes what can be read and proven of the damaged store, from a copy: up to the last size from
/// which the write-ahead log goes on.
fn salvage(
    data: &Path,
    store: &SledStore,
    sizes: &[u64],
    progress: &mut dyn FnMut(Progress),
) -> Result<u64, BackupError> {
    let old = SledStore::open_damaged(&data.join("sled"), &data.join("sled.look"), CACHE_BYTES)?;
    let proven = read(&old, u64::MAX, &mut |_, _, _| Ok(()))?.size();
    let whole = old.head().is_some_and(|head| head.size == proven);
    let end = sizes.iter().copied().filter(|size| *size <= proven).max();
    let end = if whole { Some(proven) } else { end };
    let end = end.filter(|end| *end > 0).ok_or(BackupError::Short {
        size: proven,
        wal: sizes
            .iter()
            .copied()
            .find(|size| *size > proven)
            .unwrap_or(proven),
    })?;
    let mut filler = Filler::new(store, Vec::new());
    let replay = read(&old, end, &mut |frame, stepped, replay| {
        progress(Progress {
            entries: replay.size(),
            of: end,
        });
        filler.take(frame, &stepped, replay)
    })?;
    replay.conservation()?;
    drop(old);
    Ok(filler.finish(&replay)?.size)
}

/// Replays entries of a store until one is missing or does not hold.
fn read(old: &SledStore, end: u64, each: super::verify::Each<'_>) -> Result<Replay, BackupError> {
    let mut replay = Replay::default();
    while replay.size() < end {
        let index = replay.size();
        let entry = old.entries(index, 1).ok().and_then(|mut found| found.pop());
        let record = old.record(index).ok().flatten();
        let (Some(entry), Some(record)) = (entry, record) else {
            break;
        };
        let frame = Frame {
            entry: &entry,
            record: &record,
        };
        // What was applied and then failed a comparison is not gone on from.
        let Ok(stepped) = replay.step(frame) else {
            break;
        };
        each(frame, stepped, &replay)?;
    }
    Ok(replay)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
