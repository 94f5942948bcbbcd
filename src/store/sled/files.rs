//! Syncing the engine's files, which it leaves to the operating system.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use crate::store::StoreError;

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
