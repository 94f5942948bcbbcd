//! Files that hold secrets: created once and for their owner only, refused when others may read.
//!
//! The mode is checked on the open file, not on the path, so it cannot be swapped in between. What
//! was read stays in memory that is wiped.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use thiserror::Error;
use zeroize::Zeroizing;

/// Why a file could not be read or created.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FileError {
    /// The file to be created is there already; keys are never overwritten.
    #[error("{}: exists already and is never overwritten", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A secret is readable or writable by others.
    #[error(
        "{}: expected mode 0600 (nothing for group and others), found {mode:04o}; chmod 600 it, \
         and make a new key if others may have read it", path.display()
    )]
    Permissions {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The path names a directory, a pipe or a device.
    #[error("{}: expected a regular file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// The file is too long to be what it should be.
    #[error("{}: expected at most {limit} bytes, found more", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// The longest that is read, in bytes.
        limit: u64,
    },
    /// The file is not text.
    #[error("{}: expected UTF-8 text", path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
    },
    /// The system refused.
    #[error("{}: cannot {action}: {source}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What was tried, e.g. "open".
        action: &'static str,
        /// The system's answer.
        source: io::Error,
    },
}

impl FileError {
    fn io(path: &Path, action: &'static str, source: io::Error) -> FileError {
        FileError::Io {
            path: path.to_owned(),
            action,
            source,
        }
    }
}

/// Who may see what is in a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    /// The owner alone: mode 0600, checked on reading.
    Owner,
    /// Anybody: mode 0644 before the umask, not checked on reading.
    Anybody,
}

/// Reads a whole text file of at most `limit` bytes.
pub(crate) fn read_text(
    path: &Path,
    audience: Audience,
    limit: u64,
) -> Result<Zeroizing<String>, FileError> {
    // Opening a pipe would wait for its writer, so this one check comes before.
    let metadata = fs::metadata(path).map_err(|source| FileError::io(path, "open", source))?;
    if !metadata.is_file() {
        return Err(FileError::NotAFile {
            path: path.to_owned(),
        });
    }
    let file = File::open(path).map_err(|source| FileError::io(path, "open", source))?;
    let metadata = file
        .metadata()
        .map_err(|source| FileError::io(path, "inspect", source))?;
    let mode = metadata.permissions().mode() & 0o7777;
    if audience == Audience::Owner && mode & 0o077 != 0 {
        return Err(FileError::Permissions {
            path: path.to_owned(),
            mode,
        });
    }
    if metadata.len() > limit {
        return Err(FileError::TooLong {
            path: path.to_owned(),
            limit,
        });
    }
    // Large enough from the start: a buffer that grows leaves copies of the secret behind.
    let capacity = usize::try_from(limit)
        .unwrap_or(usize::MAX)
        .saturating_add(1);
    let mut text = Zeroizing::new(String::with_capacity(capacity));
    // The file may grow while it is read, so the limit is kept here as well.
    let read = file.take(limit.saturating_add(1)).read_to_string(&mut text);
    match read {
        Ok(length) if length as u64 > limit => Err(FileError::TooLong {
            path: path.to_owned(),
            limit,
        }),
        Ok(_) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(FileError::NotUtf8 {
            path: path.to_owned(),
        }),
        Err(source) => Err(FileError::io(path, "read", source)),
    }
}

/// Creates a file that must not exist and makes it durable, name included.
pub(crate) fn create_text(path: &Path, audience: Audience, text: &str) -> Result<(), FileError> {
    let mode = match audience {
        Audience::Owner => 0o600,
        Audience::Anybody => 0o644,
    };
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path);
    let file = file.map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => FileError::Exists {
            path: path.to_owned(),
        },
        _ => FileError::io(path, "create", source),
    })?;
    let filled = fill(path, file, text);
    if filled.is_err() {
        // Half a key helps nobody and would block the next try; the first error is the one to
        // report, so a failing removal is left alone.
        let _ = fs::remove_file(path);
    }
    filled
}

fn fill(path: &Path, mut file: File, text: &str) -> Result<(), FileError> {
    file.write_all(text.as_bytes())
        .map_err(|source| FileError::io(path, "write", source))?;
    file.sync_all()
        .map_err(|source| FileError::io(path, "sync", source))?;
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    File::open(directory)
        .and_then(|directory| directory.sync_all())
        .map_err(|source| FileError::io(directory, "sync", source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn creates_for_the_owner_and_never_overwrites() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        create_text(&path, Audience::Owner, "one").unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o7777,
            0o600
        );
        let again = create_text(&path, Audience::Owner, "two");
        assert!(matches!(again, Err(FileError::Exists { .. })));
        assert_eq!(*read_text(&path, Audience::Owner, 3).unwrap(), "one");
    }

    #[test]
    fn refuses_any_bit_of_group_and_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        create_text(&path, Audience::Owner, "one").unwrap();
        for bit in [0o040, 0o020, 0o010, 0o004, 0o002, 0o001] {
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600 | bit)).unwrap();
            let error = read_text(&path, Audience::Owner, 3).unwrap_err();
            assert!(matches!(error, FileError::Permissions { mode, .. } if mode == 0o600 | bit));
            assert!(read_text(&path, Audience::Anybody, 3).is_ok());
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        assert!(read_text(&path, Audience::Owner, 3).is_ok());
    }

    #[test]
    fn refuses_what_is_too_long_not_text_or_not_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        fs::write(&path, b"\xff\xfe").unwrap();
        let read = |path: &Path, limit| read_text(path, Audience::Anybody, limit);
        assert!(matches!(read(&path, 9), Err(FileError::NotUtf8 { .. })));
        assert!(matches!(
            read(&path, 1),
            Err(FileError::TooLong { limit: 1, .. })
        ));
        assert!(matches!(
            read(folder.path(), 9),
            Err(FileError::NotAFile { .. })
        ));
        let missing = read(&folder.path().join("nothing"), 9).unwrap_err();
        assert!(
            missing.to_string().contains("nothing: cannot open"),
            "{missing}"
        );
    }
}
