//! The few things the store asks of a file system, and the real one.
//!
//! Durability is never assumed: bytes count as kept after [`DiskFile::sync_data`], names count as
//! kept after [`Disk::sync_dir`]. [`crate::store::simdisk::SimDisk`] takes this literally and loses
//! everything else at a power cut.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Says whether a missing file is an error or is made on the spot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// The file must be there.
    Existing,
    /// The file is made, empty, when it is not there.
    Create,
}

/// One open file, read and written at offsets by any thread.
pub trait DiskFile: Send + Sync {
    /// Returns the length in bytes.
    ///
    /// # Errors
    /// What the operating system reports.
    fn len(&self) -> io::Result<u64>;

    /// Says whether the file has no bytes.
    ///
    /// # Errors
    /// What the operating system reports.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Cuts the file, or lengthens it with zeros.
    ///
    /// # Errors
    /// What the operating system reports.
    fn set_len(&self, len: u64) -> io::Result<()>;

    /// Fills the whole buffer from `offset`.
    ///
    /// # Errors
    /// `UnexpectedEof` when the file ends before the buffer is full.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;

    /// Writes all bytes at `offset`, lengthening the file where needed.
    ///
    /// # Errors
    /// What the operating system reports; some of the bytes may have been written.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Makes all bytes written so far (and the length) survive a power cut: `fdatasync`.
    ///
    /// # Errors
    /// After an error nothing is known about any byte written since the last success; asking again
    /// proves nothing, so the caller must stop.
    fn sync_data(&self) -> io::Result<()>;
}

/// Keeps a folder locked against other processes until it is dropped.
pub trait DiskLock: Send + Sync {}

/// One folder of files, named without separators.
pub trait Disk: Send + Sync {
    /// Opens a file for reading and writing.
    ///
    /// # Errors
    /// `NotFound` for a missing file in [`OpenMode::Existing`].
    fn open(&self, name: &str, mode: OpenMode) -> io::Result<Arc<dyn DiskFile>>;

    /// Removes a file.
    ///
    /// # Errors
    /// `NotFound` when there is none.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Renames a file, replacing the target.
    ///
    /// # Errors
    /// `NotFound` when there is no source.
    fn rename(&self, source: &str, target: &str) -> io::Result<()>;

    /// Lists the names of files and folders inside, in byte order.
    ///
    /// # Errors
    /// What the operating system reports.
    fn list(&self) -> io::Result<Vec<String>>;

    /// Makes the names (created, renamed, removed) survive a power cut.
    ///
    /// # Errors
    /// As [`DiskFile::sync_data`].
    fn sync_dir(&self) -> io::Result<()>;

    /// Opens a folder inside this one, making it (durably) when it is not there.
    ///
    /// # Errors
    /// What the operating system reports.
    fn folder(&self, name: &str) -> io::Result<Arc<dyn Disk>>;

    /// Takes the exclusive lock on the file `name`; `None` when somebody else holds it.
    ///
    /// # Errors
    /// What the operating system reports, other than that the lock is held.
    fn try_lock(&self, name: &str) -> io::Result<Option<Box<dyn DiskLock>>>;

    /// Returns the path for people to read in messages.
    fn path(&self) -> PathBuf;
}

/// A folder of the real file system.
///
/// Files are made readable by their owner alone.
#[derive(Debug)]
pub struct RealDisk {
    path: PathBuf,
}

impl RealDisk {
    /// Opens a folder, making it and its parents when they are not there, for their owner alone:
    /// what lies in it is the business of all banks.
    ///
    /// # Errors
    /// What the operating system reports.
    pub fn create(path: &Path) -> io::Result<Self> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)?;
        Self::open_existing(path)
    }

    /// Opens a folder that must be there.
    ///
    /// # Errors
    /// `NotFound` or `NotADirectory` when it is not.
    pub fn open_existing(path: &Path) -> io::Result<Self> {
        if fs::metadata(path)?.is_dir() {
            Ok(Self {
                path: path.to_path_buf(),
            })
        } else {
            Err(io::Error::from(io::ErrorKind::NotADirectory))
        }
    }

    fn open_file(&self, name: &str, mode: OpenMode) -> io::Result<File> {
        OpenOptions::new()
            .read(true)
            .write(true)
            .create(mode == OpenMode::Create)
            .truncate(false)
            .mode(0o600)
            .open(self.path.join(name))
    }
}

impl Disk for RealDisk {
    fn open(&self, name: &str, mode: OpenMode) -> io::Result<Arc<dyn DiskFile>> {
        Ok(Arc::new(RealFile(self.open_file(name, mode)?)))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path.join(name))
    }

    fn rename(&self, source: &str, target: &str) -> io::Result<()> {
        fs::rename(self.path.join(source), self.path.join(target))
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort_unstable();
        Ok(names)
    }

    fn sync_dir(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }

    fn folder(&self, name: &str) -> io::Result<Arc<dyn Disk>> {
        let path = self.path.join(name);
        match fs::create_dir(&path) {
            Ok(()) => self.sync_dir()?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
        Ok(Arc::new(Self::open_existing(&path)?))
    }

    fn try_lock(&self, name: &str) -> io::Result<Option<Box<dyn DiskLock>>> {
        let file = self.open_file(name, OpenMode::Create)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Box::new(RealLock { _file: file }))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn path(&self) -> PathBuf {
        self.path.clone()
    }
}

struct RealFile(File);

impl DiskFile for RealFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.0.read_exact_at(buffer, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.0.write_all_at(bytes, offset)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }
}

/// The operating system lets go of the lock when the file is closed, also when the process dies.
struct RealLock {
    _file: File,
}

impl DiskLock for RealLock {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_written_read_renamed_and_listed() {
        let place = tempfile::tempdir().unwrap();
        let disk = RealDisk::create(&place.path().join("a/b")).unwrap();
        let file = disk.open("one", OpenMode::Create).unwrap();
        file.write_at(b"hello", 3).unwrap();
        file.sync_data().unwrap();
        assert_eq!(file.len().unwrap(), 8);
        let mut read = [9; 8];
        file.read_at(&mut read, 0).unwrap();
        assert_eq!(&read, b"\0\0\0hello");
        disk.rename("one", "two").unwrap();
        disk.folder("inner").unwrap();
        assert_eq!(disk.list().unwrap(), ["inner", "two"]);
        assert!(disk.open("one", OpenMode::Existing).is_err());
    }

    #[test]
    fn a_second_lock_is_refused_until_the_first_is_dropped() {
        let place = tempfile::tempdir().unwrap();
        let disk = RealDisk::create(place.path()).unwrap();
        let first = disk.try_lock("lock").unwrap();
        assert!(first.is_some());
        assert!(disk.try_lock("lock").unwrap().is_none());
        drop(first);
        assert!(disk.try_lock("lock").unwrap().is_some());
    }
}
