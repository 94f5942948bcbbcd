//! Verifying a backup: every byte hashed, every entry replayed, the root compared with what was
//! signed.

use std::sync::Arc;

use chain::{Hash, VerifierKey};

use super::Progress;
use super::error::BackupError;
use super::frame::Frame;
use super::manifest::{MANIFEST, Manifest, Signed};
use super::replay::{Replay, Stepped};
use super::segment::{self, Loaded};
use crate::ledger::signing_at;
use crate::store::disk::Disk;

/// A backup that holds.
pub struct Verified {
    /// What it says of itself.
    pub manifest: Manifest,
    /// Entries verified: all, or those up to the index asked for.
    pub size: u64,
    /// Root over them; the signed one if these are all.
    pub root: Hash,
    /// Bytes of all segments read.
    pub bytes: u64,
    /// Everything as replayed.
    pub replay: Replay,
}

/// Reads a backup and computes everything in it again, up to `end` entries if it is given.
///
/// The log's key must be `trusted`, if one is given; otherwise the backup vouches for its key
/// itself.
///
/// # Errors
/// [`BackupError`]: [`BackupError::is_no`] tells a backup that does not hold from one that could
/// not be read.
pub fn verify(
    disk: &Arc<dyn Disk>,
    trusted: Option<&VerifierKey>,
    end: Option<u64>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Verified, BackupError> {
    let (manifest, signed) = open(disk, trusted)?;
    let end = end.unwrap_or(signed.checkpoint.size);
    walk(
        disk,
        manifest,
        &signed,
        end,
        progress,
        &mut |_, _, _| Ok(()),
    )
}

/// Reads manifest and checkpoint.
pub(super) fn open(
    disk: &Arc<dyn Disk>,
    trusted: Option<&VerifierKey>,
) -> Result<(Manifest, Signed), BackupError> {
    let none = || BackupError::None { path: disk.path() };
    let manifest = Manifest::read(&**disk)?.ok_or_else(none)?;
    let signed = manifest.verified(trusted)?;
    Ok((manifest, signed))
}

/// What is done with every entry that holds.
pub(super) type Each<'a> =
    &'a mut dyn FnMut(Frame<'_>, Stepped, &Replay) -> Result<(), BackupError>;

/// Replays the first `end` entries of a backup, hands each on, and compares the root.
pub(super) fn walk(
    disk: &Arc<dyn Disk>,
    manifest: Manifest,
    signed: &Signed,
    end: u64,
    progress: &mut dyn FnMut(Progress),
    each: Each<'_>,
) -> Result<Verified, BackupError> {
    let size = signed.checkpoint.size;
    if end > size || end == 0 {
        let index = end.saturating_sub(1);
        return Err(BackupError::NoSuchIndex { index, size });
    }
    let segments = segment::folder(&**disk)?;
    let mut replay = Replay::default();
    let mut bytes = 0;
    for segment in &manifest.segments {
        if segment.first >= end {
            break;
        }
        let loaded = Loaded::listed(&*segments, segment, &manifest.genesis_hash.0)?;
        bytes += segment.bytes;
        for frame in loaded.frames() {
            if replay.size() == end {
                break;
            }
            let stepped = replay.step(frame)?;
            if stepped.entry.index == 0 {
                compare_genesis(&manifest, &replay)?;
            }
            each(frame, stepped, &replay)?;
        }
        let entries = replay.size();
        progress(Progress { entries, of: end });
    }
    replay.conservation()?;
    if end == size && replay.root() != signed.checkpoint.root {
        let what = "the entries do not lead to the root that was signed";
        return Err(BackupError::wrong(size - 1, what));
    }
    if end == size {
        compare_key(&manifest, &replay)?;
    }
    Ok(Verified {
        size: replay.size(),
        root: replay.root(),
        manifest,
        bytes,
        replay,
    })
}

/// The genesis document names the log that the manifest names.
fn compare_genesis(manifest: &Manifest, replay: &Replay) -> Result<(), BackupError> {
    let genesis = replay.genesis();
    let same = genesis.is_some_and(|genesis| genesis.origin == manifest.origin);
    if same && replay.genesis_hash() == Some(manifest.genesis_hash.0) {
        return Ok(());
    }
    let why = "origin or genesis hash are not those of entry 0";
    Err(BackupError::damaged(MANIFEST, why))
}

/// The key in the manifest is one that signs checkpoints where the backup ends.
fn compare_key(manifest: &Manifest, replay: &Replay) -> Result<(), BackupError> {
    let keys = replay.state().map(|state| state.book().log_keys());
    let signing = signing_at(keys.unwrap_or_default(), replay.size());
    if signing
        .iter()
        .any(|key| key.to_string() == manifest.log_vkey)
    {
        return Ok(());
    }
    let why = "its key is not the one that the log is signed with there";
    Err(BackupError::damaged(MANIFEST, why))
}
