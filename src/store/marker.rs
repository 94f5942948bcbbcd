//! The data folder: its format marker and its lock.
//!
//! The file `format` holds the line `quittance data 1` and is checked before anything else is
//! touched: sled opens a folder of another version as an empty database, and would not tell. The
//! file `lock` is locked for as long as a process works on the folder.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::disk::{Disk, DiskLock, OpenMode};

const MARKER: &str = "format";
const MAKING: &str = "format.new";
const FOUNDING: &str = "founding";
const LOCK: &str = "lock";
/// A lock let go of a moment ago may still be held by a child of this process that has not yet
/// become another program, or by a node that is just ending: half a second tells them apart from
/// one that works on the folder.
const LOCK_TRIES: u32 = 50;
const LOCK_PAUSE: Duration = Duration::from_millis(10);
const LINE: &[u8] = b"quittance data 1\n";
/// More than this is no marker of any version.
const LINE_MAX: u64 = 64;

/// Why a data folder was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// The operating system reported an error.
    #[error("data folder {path}: reading or writing failed")]
    Io {
        /// The folder.
        path: PathBuf,
        /// What was reported.
        #[source]
        source: io::Error,
    },
    /// Another process works on the folder.
    #[error("data folder {path} is in use by another process; stop that one first")]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// There is nothing in the folder.
    #[error("data folder {path} is empty; run `quittance init` first")]
    Empty {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds files but no marker.
    #[error(
        "data folder {path} holds {entry:?} but no file `format`: it is not ours, or its marker \
         was lost; nothing was touched"
    )]
    NotOurs {
        /// The folder.
        path: PathBuf,
        /// The first name found.
        entry: String,
    },
    /// The marker is of another version, or damaged.
    #[error(
        "data folder {path}: the file `format` says {found:?}, this version reads \
         \"quittance data 1\\n\"; nothing was touched"
    )]
    Format {
        /// The folder.
        path: PathBuf,
        /// What the marker says.
        found: String,
    },
    /// A marker is there already.
    #[error("data folder {path} is initialised already")]
    Initialised {
        /// The folder.
        path: PathBuf,
    },
}

/// A data folder with the right marker, locked until it is dropped.
pub struct DataFolder {
    disk: Arc<dyn Disk>,
    _lock: Box<dyn DiskLock>,
}

impl DataFolder {
    /// Makes an empty folder into a data folder.
    ///
    /// # Errors
    /// [`FolderError::Initialised`] or [`FolderError::NotOurs`] when it is not empty.
    pub fn init(disk: Arc<dyn Disk>) -> Result<Self, FolderError> {
        let lock = lock(&*disk)?;
        match inspect(&*disk) {
            Err(FolderError::Empty { .. }) => {}
            Ok(()) => return Err(FolderError::Initialised { path: disk.path() }),
            Err(error) => return Err(error),
        }
        write_marker(&*disk).map_err(io_error(&*disk))?;
        Ok(Self { disk, _lock: lock })
    }

    /// Opens a data folder.
    ///
    /// # Errors
    /// Says what is there instead, or that another process works on it.
    pub fn open(disk: Arc<dyn Disk>) -> Result<Self, FolderError> {
        inspect(&*disk)?;
        let lock = lock(&*disk)?;
        Ok(Self { disk, _lock: lock })
    }

    /// Notes that a founding has begun: until [`DataFolder::end_founding`] nothing here was ever
    /// acknowledged, so the folder may be thrown away.
    ///
    /// # Errors
    /// [`FolderError::Io`].
    pub fn begin_founding(&self) -> Result<(), FolderError> {
        let begin = || {
            self.disk.open(FOUNDING, OpenMode::Create)?.sync_data()?;
            self.disk.sync_dir()
        };
        begin().map_err(io_error(&*self.disk))
    }

    /// Notes that the founding is complete. To be called once the head file stands.
    ///
    /// # Errors
    /// [`FolderError::Io`].
    pub fn end_founding(&self) -> Result<(), FolderError> {
        let end = || {
            self.disk.remove(FOUNDING)?;
            self.disk.sync_dir()
        };
        end().map_err(io_error(&*self.disk))
    }

    /// Says whether a founding has begun and not ended.
    ///
    /// # Errors
    /// [`FolderError::Io`].
    pub fn is_founding(&self) -> Result<bool, FolderError> {
        let names = self.disk.list().map_err(io_error(&*self.disk))?;
        Ok(names.iter().any(|name| name == FOUNDING))
    }

    /// Returns the folder's files.
    #[must_use]
    pub fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }
}

fn lock(disk: &dyn Disk) -> Result<Box<dyn DiskLock>, FolderError> {
    for _ in 0..LOCK_TRIES {
        if let Some(lock) = disk.try_lock(LOCK).map_err(io_error(disk))? {
            return Ok(lock);
        }
        std::thread::sleep(LOCK_PAUSE);
    }
    Err(FolderError::InUse { path: disk.path() })
}

/// Looks at the marker, changing nothing.
///
/// # Errors
/// Says what is there instead.
pub fn inspect(disk: &dyn Disk) -> Result<(), FolderError> {
    let found = match read_marker(disk) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let names = disk.list().map_err(io_error(disk))?;
            let other = names
                .into_iter()
                .find(|name| name != LOCK && name != MAKING);
            return Err(match other {
                Some(entry) => FolderError::NotOurs {
                    path: disk.path(),
                    entry,
                },
                None => FolderError::Empty { path: disk.path() },
            });
        }
        Err(error) => return Err(io_error(disk)(error)),
    };
    if found == LINE {
        return Ok(());
    }
    let found = String::from_utf8_lossy(&found).into_owned();
    Err(FolderError::Format {
        path: disk.path(),
        found,
    })
}

fn read_marker(disk: &dyn Disk) -> io::Result<Vec<u8>> {
    let file = disk.open(MARKER, OpenMode::Existing)?;
    let length = file.len()?.min(LINE_MAX);
    let mut found = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    file.read_at(&mut found, 0)?;
    Ok(found)
}

fn write_marker(disk: &dyn Disk) -> io::Result<()> {
    let file = disk.open(MAKING, OpenMode::Create)?;
    file.set_len(0)?;
    file.write_at(LINE, 0)?;
    file.sync_data()?;
    disk.rename(MAKING, MARKER)?;
    disk.sync_dir()
}

fn io_error(disk: &dyn Disk) -> impl Fn(io::Error) -> FolderError {
    move |source| FolderError::Io {
        path: disk.path(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::disk::RealDisk;
    use crate::store::simdisk::SimDisk;

    #[test]
    fn an_empty_folder_is_initialised_once() {
        let disk = SimDisk::new();
        let open = || DataFolder::open(disk.shared());
        assert!(matches!(open(), Err(FolderError::Empty { .. })));
        drop(DataFolder::init(disk.shared()).unwrap());
        disk.power_cut(1);
        drop(open().unwrap());
        let again = DataFolder::init(disk.shared());
        assert!(matches!(again, Err(FolderError::Initialised { .. })));
    }

    #[test]
    fn a_power_cut_during_init_leaves_empty_or_whole() {
        for seed in 0..50 {
            let disk = SimDisk::new();
            let file = disk.open(MAKING, OpenMode::Create).unwrap();
            file.write_at(LINE, 0).unwrap();
            disk.power_cut(seed);
            drop(DataFolder::init(disk.shared()).unwrap());
            drop(DataFolder::open(disk.shared()).unwrap());
        }
    }

    #[test]
    fn foreign_folders_and_other_formats_are_refused_untouched() {
        let disk = SimDisk::new();
        disk.put("db", b"something");
        for tried in [
            DataFolder::open(disk.shared()),
            DataFolder::init(disk.shared()),
        ] {
            assert!(matches!(tried, Err(FolderError::NotOurs { entry, .. }) if entry == "db"));
        }
        for other in [
            &b"quittance data 2\n"[..],
            b"",
            b"quittance data 1",
            &[0; 17],
        ] {
            disk.put(MARKER, other);
            assert!(matches!(
                DataFolder::open(disk.shared()),
                Err(FolderError::Format { .. })
            ));
            assert!(matches!(
                DataFolder::init(disk.shared()),
                Err(FolderError::Format { .. })
            ));
        }
    }

    #[test]
    fn a_second_holder_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let disk = || Arc::new(RealDisk::create(place.path()).unwrap());
        let first = DataFolder::init(disk()).unwrap();
        let second = DataFolder::open(disk()).err().unwrap();
        assert!(matches!(second, FolderError::InUse { .. }), "{second}");
        drop(first);
        DataFolder::open(disk()).unwrap();
    }
}
