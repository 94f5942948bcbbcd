//! What is there before anything is opened: a log, the beginning of one, or traces of one.

use std::path::Path;
use std::sync::Arc;

use super::error::OpenError;
use crate::store::head::HeadFile;
use crate::store::marker::DataFolder;

/// Refuses what a founding left that was cut short: the head file is its last write. With that
/// file the log is whole, and only the note was not yet taken away.
pub(super) fn expect_founded(folder: &DataFolder) -> Result<(), OpenError> {
    if !folder.is_founding()? {
        return Ok(());
    }
    if HeadFile::open(Arc::clone(folder.disk()))?.head().is_none() {
        return Err(OpenError::HalfFounded);
    }
    Ok(folder.end_founding()?)
}

/// Says what a folder without a head file is. Only where a founding noted that it had begun, or
/// where nothing at all was written by a node, may anybody be told to remove it: a store may have
/// come up empty, or young, while the write-ahead log still holds what was acknowledged.
pub(super) fn headless(data: &Path, size: u64) -> OpenError {
    if data.join("founding").exists() {
        return OpenError::HalfFounded;
    }
    let written = ["wal", "keys.slots"]
        .iter()
        .any(|name| data.join(name).exists());
    if size == 0 && !written {
        OpenError::Empty
    } else {
        OpenError::NoHead { size }
    }
}

/// The engine makes an empty database where it finds none: not in place of a log that is gone.
pub(super) fn expect_store(folder: &DataFolder, path: &Path) -> Result<(), OpenError> {
    let Some(known) = HeadFile::open(Arc::clone(folder.disk()))?.head() else {
        return Ok(());
    };
    match std::fs::metadata(path.join("db")) {
        Ok(file) if file.is_file() && file.len() > 0 => Ok(()),
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => Err(OpenError::Io {
            path: path.join("db"),
            source,
        }),
        _ => Err(OpenError::NoStore {
            path: path.join("db"),
            known: known.size,
        }),
    }
}
