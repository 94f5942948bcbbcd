//! Folders of backups: to write to, and to read from without changing anything.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::BackupError;
use crate::store::disk::{Disk, DiskFile, DiskLock, OpenMode, RealDisk};

/// A folder to back up to, made when it is not there.
///
/// # Errors
/// [`BackupError::Io`].
pub fn writable(path: &Path) -> Result<Arc<dyn Disk>, BackupError> {
    let fresh = !path.exists();
    let disk = RealDisk::create(path).map_err(|source| io_error(path, source))?;
    if fresh {
        // Records are everybody's: nobody but the owner needs to list them.
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))
            .map_err(|source| io_error(path, source))?;
    }
    Ok(Arc::new(disk))
}

/// A folder to verify or restore from: a read-only medium will do, and nothing is ever changed.
///
/// # Errors
/// [`BackupError::None`] if there is no such folder.
pub fn readable(path: &Path) -> Result<Arc<dyn Disk>, BackupError> {
    if path.is_dir() {
        return Ok(Arc::new(ReadDisk(path.to_owned())));
    }
    Err(BackupError::None {
        path: path.to_owned(),
    })
}

fn io_error(path: &Path, source: io::Error) -> BackupError {
    BackupError::Io {
        path: path.to_owned(),
        source,
    }
}

/// A folder that is read, and never changed.
struct ReadDisk(PathBuf);

/// A file in it.
struct ReadFile(File);

fn refused<T>() -> io::Result<T> {
    Err(io::Error::from(io::ErrorKind::ReadOnlyFilesystem))
}

impl Disk for ReadDisk {
    fn open(&self, name: &str, _: OpenMode) -> io::Result<Arc<dyn DiskFile>> {
        Ok(Arc::new(ReadFile(File::open(self.0.join(name))?)))
    }

    fn remove(&self, _: &str) -> io::Result<()> {
        refused()
    }

    fn rename(&self, _: &str, _: &str) -> io::Result<()> {
        refused()
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.0)? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort_unstable();
        Ok(names)
    }

    fn sync_dir(&self) -> io::Result<()> {
        refused()
    }

    fn folder(&self, name: &str) -> io::Result<Arc<dyn Disk>> {
        Ok(Arc::new(Self(self.0.join(name))))
    }

    fn try_lock(&self, _: &str) -> io::Result<Option<Box<dyn DiskLock>>> {
        refused()
    }

    fn path(&self) -> PathBuf {
        self.0.clone()
    }
}

impl DiskFile for ReadFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn set_len(&self, _: u64) -> io::Result<()> {
        refused()
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.0.read_exact_at(buffer, offset)
    }

    fn write_at(&self, _: &[u8], _: u64) -> io::Result<()> {
        refused()
    }

    fn sync_data(&self) -> io::Result<()> {
        refused()
    }
}
