//! Files that commands write: whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, IsTerminal, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::error::{Failure, Kind};

/// The longest file or standard input that a command takes in, in bytes.
const READ_BYTES_MAX: u64 = 64 << 20;

/// A file under way: it appears under its name when it is whole, or never.
#[derive(Debug)]
pub(crate) struct AtomicFile {
    path: PathBuf,
    new: PathBuf,
    file: Option<BufWriter<File>>,
}

impl AtomicFile {
    /// Begins a file; `mode` is that of a new file, e.g. `0o644`.
    pub(crate) fn create(path: &Path, mode: u32) -> Result<Self, Failure> {
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(path.file_name().unwrap_or_default());
        hidden.push(format!(".{}.new", std::process::id()));
        let new = path.with_file_name(hidden);
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(mode)
            .open(&new);
        let file = file.map_err(|error| unwritable(path, error))?;
        Ok(Self {
            path: path.to_owned(),
            new,
            file: Some(BufWriter::new(file)),
        })
    }

    /// Appends bytes.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        match &mut self.file {
            Some(file) => file
                .write_all(bytes)
                .map_err(|error| unwritable(&self.path, error)),
            None => Ok(()),
        }
    }

    /// Appends what a reader gives, to its end.
    pub(crate) fn copy(&mut self, from: &mut impl Read) -> Result<(), Failure> {
        match &mut self.file {
            Some(file) => io::copy(from, file)
                .map(drop)
                .map_err(|error| unwritable(&self.path, error)),
            None => Ok(()),
        }
    }

    /// Makes the file appear: readers see the old or the new, never half.
    pub(crate) fn commit(mut self) -> Result<(), Failure> {
        let Some(file) = self.file.take() else {
            return Ok(());
        };
        let folder = match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let done = file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)
            .and_then(|file| file.sync_all())
            .and_then(|()| fs::rename(&self.new, &self.path))
            .and_then(|()| File::open(folder)?.sync_all());
        done.map_err(|error| unwritable(&self.path, error))
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if self.file.is_some() {
            // Begun and given up; the error that matters is already on its way.
            let _ = fs::remove_file(&self.new);
        }
    }
}

/// Writes a whole file at once, atomically.
pub(crate) fn write_atomic(path: &Path, bytes: &[u8], mode: u32) -> Result<(), Failure> {
    let mut file = AtomicFile::create(path, mode)?;
    file.write(bytes)?;
    file.commit()
}

/// Makes a folder and those above it.
pub(crate) fn make_dir(path: &Path) -> Result<(), Failure> {
    fs::create_dir_all(path).map_err(|error| unwritable(path, error))
}

/// Removes a file.
pub(crate) fn remove(path: &Path) -> Result<(), Failure> {
    fs::remove_file(path).map_err(|error| unwritable(path, error))
}

/// Removes a folder with all that is in it.
pub(crate) fn remove_dir(path: &Path) -> Result<(), Failure> {
    fs::remove_dir_all(path).map_err(|error| unwritable(path, error))
}

/// Removes what [`AtomicFile`]s of a process that was killed left below a folder.
pub(crate) fn remove_unfinished(folder: &Path) -> Result<(), Failure> {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_unfinished(&path)?;
        } else if name.starts_with('.') && name.ends_with(".new") {
            remove(&path)?;
        }
    }
    Ok(())
}

/// Holds a folder for as long as the file is open, so that two commands do not write into it at
/// once; `None` where the file system knows no locks.
pub(crate) fn lock_dir(path: &Path) -> Result<Option<File>, Failure> {
    let folder = File::open(path).map_err(|error| unwritable(path, error))?;
    match folder.try_lock() {
        Ok(()) => Ok(Some(folder)),
        Err(fs::TryLockError::WouldBlock) => Err(Failure::new(
            Kind::File,
            format_args!("{} is being written by another command", path.display()),
        )),
        Err(fs::TryLockError::Error(_)) => Ok(None),
    }
}

/// Reads a file, or standard input for `-`.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin()
            .lock()
            .take(READ_BYTES_MAX + 1)
            .read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(READ_BYTES_MAX + 1).read_to_end(&mut bytes))
    };
    let failure = |error: io::Error| {
        Failure::new(
            Kind::File,
            format_args!("{} cannot be read", path.display()),
        )
        .because(error)
    };
    read.map_err(failure)?;
    if u64::try_from(bytes.len()).is_ok_and(|len| len <= READ_BYTES_MAX) {
        return Ok(bytes);
    }
    Err(failure(io::Error::other(format!(
        "longer than {READ_BYTES_MAX} bytes"
    ))))
}

/// The file to read when none was named: standard input, unless a person sits there.
pub(crate) fn or_stdin(file: Option<&Path>, what: &str) -> Result<PathBuf, Failure> {
    match file {
        Some(file) => Ok(file.to_owned()),
        None if io::stdin().is_terminal() => Err(Failure::usage(format_args!(
            "there is no {what}: name a file, or pipe one in"
        ))
        .hint("`-` reads what you type, up to Ctrl-D")),
        None => Ok(PathBuf::from("-")),
    }
}

pub(crate) fn unwritable(path: &Path, error: io::Error) -> Failure {
    Failure::new(
        Kind::File,
        format_args!("{} cannot be written", path.display()),
    )
    .because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.json");
        write_atomic(&path, b"one", 0o644).unwrap();
        write_atomic(&path, b"two", 0o644).unwrap();
        assert_eq!(read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(write_atomic(&folder.path().join("none/run.json"), b"", 0o644).is_err());
    }
}
