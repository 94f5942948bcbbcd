//! Public keys in files: `*.vkey`, one line each, as signed notes write them.
//!
//! ```text
//! bank-a/hsm-1+1f8e5a02+AZ...
//! ```

use std::path::{Path, PathBuf};

use chain::VerifierKey;
use thiserror::Error;

use crate::disk::{Audience, FileError, create_text, read_text};

/// The longest vkey file that is read, in bytes.
const LEN_MAX: u64 = 4 * 1024;

/// Why a vkey file could not be read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VkeyFileError {
    /// The file itself.
    #[error(transparent)]
    File(#[from] FileError),
    /// What stands in it.
    #[error("{}: expected one line `name+id+key`: {source}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: chain::VerifierKeyError,
    },
}

/// Writes a public key to a new file, for anybody to read.
///
/// # Errors
/// [`FileError::Exists`] when there is such a file.
pub fn write_vkey_file(path: &Path, key: &VerifierKey) -> Result<(), VkeyFileError> {
    Ok(create_text(path, Audience::Anybody, &format!("{key}\n"))?)
}

/// Reads a public key from a file of one line. Whoever wrote the file chose the key: where trust
/// hangs on it, compare it by another way.
///
/// # Errors
/// [`VkeyFileError::Content`] unless the file is one vkey, with or without a line break after it.
pub fn read_vkey_file(path: &Path) -> Result<VerifierKey, VkeyFileError> {
    let text = read_text(path, Audience::Anybody, LEN_MAX)?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    VerifierKey::parse(line.strip_suffix('\r').unwrap_or(line)).map_err(|source| {
        VkeyFileError::Content {
            path: path.to_owned(),
            source,
        }
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::SigningKey;

    #[test]
    fn reads_what_it_wrote_and_nothing_looser() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.vkey");
        let key = SigningKey::from_seed("settle.example/eu1", [7; 32]).unwrap();
        let vkey = key.verifier_key();
        write_vkey_file(&path, vkey).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("{vkey}\n"));
        assert_eq!(&read_vkey_file(&path).unwrap(), vkey);
        assert!(write_vkey_file(&path, vkey).is_err());
        for content in [format!("{vkey}"), format!("{vkey}\r\n")] {
            fs::write(&path, content).unwrap();
            assert_eq!(&read_vkey_file(&path).unwrap(), vkey);
        }
        for content in [
            String::new(),
            format!(" {vkey}\n"),
            format!("{vkey}\n{vkey}\n"),
        ] {
            fs::write(&path, content).unwrap();
            let error = read_vkey_file(&path).unwrap_err().to_string();
            assert!(error.contains("log.vkey: expected one line"), "{error}");
        }
    }
}
