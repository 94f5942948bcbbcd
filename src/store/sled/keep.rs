//! A copy of the engine's files as they were, made before an open that would rewrite them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::files::sync_folder;
use crate::store::StoreError;

/// Added to the folder's name.
const SUFFIX: &str = ".kept";
const MAKING: &str = ".kept.new";

/// How many copies of incidents that are over stay; the oldest goes first.
pub const KEPT_MAX: usize = 3;

/// Where the copy of a folder lies.
#[must_use]
pub(super) fn kept_path(path: &Path) -> PathBuf {
    with_suffix(path, SUFFIX)
}

/// Copies the folder beside itself and makes the copy durable. One that is there already is left
/// as it is: no start has succeeded since ([`end_incident`]), so it is of the same incident, from
/// before the first attempt, and nearer to what was lost.
///
/// File systems that share blocks between files (XFS, btrfs) do so here; others need the room.
///
/// # Errors
/// [`StoreError::Keep`], with nothing half made under the copy's name.
pub(super) fn keep(path: &Path) -> Result<PathBuf, StoreError> {
    let kept = kept_path(path);
    if kept.exists() {
        return Ok(kept);
    }
    let making = with_suffix(path, MAKING);
    let failed = |source| StoreError::Keep {
        path: kept.clone(),
        source,
    };
    copy(path, &making).map_err(failed)?;
    fs::rename(&making, &kept).map_err(failed)?;
    if let Some(parent) = path.parent().filter(|parent| parent.is_dir()) {
        sync_folder(parent)?;
    }
    Ok(kept)
}

/// Numbers the copy of an incident that is over, and removes the oldest above [`KEPT_MAX`].
pub(super) fn end_incident(path: &Path) -> io::Result<Option<PathBuf>> {
    let kept = kept_path(path);
    if !kept.exists() {
        return Ok(None);
    }
    let parent = path.parent().unwrap_or(path);
    let mut numbers = Vec::new();
    let prefix = format!(
        "{}-",
        kept.file_name().unwrap_or_default().to_string_lossy()
    );
    for entry in fs::read_dir(parent)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let number = name.strip_prefix(&prefix).map(str::parse::<u64>);
        numbers.extend(number.and_then(Result::ok));
    }
    numbers.sort_unstable();
    let next = numbers.last().map_or(1, |last| last.saturating_add(1));
    let ended = parent.join(format!("{prefix}{next}"));
    fs::rename(&kept, &ended)?;
    fs::File::open(parent)?.sync_all()?;
    let over = (numbers.len() + 1).saturating_sub(KEPT_MAX);
    for number in numbers.iter().take(over) {
        fs::remove_dir_all(parent.join(format!("{prefix}{number}")))?;
    }
    Ok(Some(ended))
}

/// Copies a folder to look into, replacing an earlier copy.
///
/// # Errors
/// [`StoreError::Look`].
pub(super) fn copy_for_look(from: &Path, to: &Path) -> Result<(), StoreError> {
    copy(from, to).map_err(|source| StoreError::Look {
        path: from.to_path_buf(),
        source,
    })
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    match fs::remove_dir_all(to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let copied = copy_files(from, to);
    if copied.is_err() {
        // The room is needed more than half a copy; the error that matters is on its way.
        let _ = fs::remove_dir_all(to);
    }
    copied
}

fn copy_files(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_files(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
            fs::File::open(&target)?.sync_all()?;
        }
    }
    fs::File::open(to)?.sync_all()
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(suffix);
    path.with_file_name(name)
}
