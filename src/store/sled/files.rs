//! Syncing the engine's files, which it leaves to the operating system.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;

use crate::store::StoreError;

/// How long the engine's own lock is waited for, and how often it is tried.
const LOCK_WAIT: Duration = Duration::from_secs(10);
const LOCK_PAUSE: Duration = Duration::from_millis(5);

/// Waits until nobody holds the engine's lock on its data file.
///
/// The engine takes its lock without waiting, but lets go of it late: jobs of its own threads, and
/// children of this process that have not yet become another program, hold the file for some
/// milliseconds after the store was dropped. Two nodes on one folder are refused before, by the
/// folder's lock. Whoever holds it for longer is reported by the engine itself.
///
/// Says whether nobody holds it.
pub(super) fn wait_for_lock(data: &Path) -> bool {
    // A file that is not there, or that cannot be opened, is the engine's to report.
    let Ok(file) = File::open(data) else {
        return true;
    };
    let tries = LOCK_WAIT.as_millis() / LOCK_PAUSE.as_millis();
    for _ in 0..tries {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
            // Closing the file lets go of it again.
            Ok(()) | Err(TryLockError::Error(_)) => return true,
        }
    }
    false
}

/// Syncs the engine's small files, and the names of all.
pub(super) fn sync_other_files(path: &Path) -> Result<(), StoreError> {
    for folder in [path.to_path_buf(), path.join("blobs")] {
        let listed = fs::read_dir(&folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let listed = match listed {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            listed => listed.map_err(sync_error(&folder))?,
        };
        for file in listed {
            let path = file.path();
            if path.is_file() && file.file_name() != "db" {
                match File::open(&path).and_then(|file| file.sync_data()) {
                    // The engine replaces its snapshot files at any time.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    synced => synced.map_err(sync_error(&path))?,
                }
            }
        }
        sync_folder(&folder)?;
    }
    Ok(())
}

pub(super) fn open_for_sync(path: &Path) -> Result<File, StoreError> {
    File::open(path).map_err(sync_error(path))
}

pub(super) fn sync_folder(path: &Path) -> Result<(), StoreError> {
    open_for_sync(path)?.sync_all().map_err(sync_error(path))
}

pub(super) fn sync_error(path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let path = path.to_path_buf();
    move |source| StoreError::Sync { path, source }
}

/// Removes page tables that the engine did not finish writing: it renames them when they are
/// whole, but at its next start takes `snap.N.generating` for the newest one and refuses to open.
///
/// The table before it is still there, and all that it lacks is in the engine's log.
pub(super) fn drop_unfinished(path: &Path) -> io::Result<()> {
    let files = match fs::read_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        files => files?,
    };
    for file in files {
        let file = file?;
        let name = file.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("snap.") && name.ends_with(".generating") {
            tracing::info!(file = %name, "a page table was not finished; the one before it serves");
            fs::remove_file(file.path())?;
        }
    }
    Ok(())
}
