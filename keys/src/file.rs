//! Key files: one encrypted key each, mode 0600, created once and never overwritten.
//!
//! What stands in them is told in `pem.rs`; how they are protected on disk in `disk.rs`.

use std::path::{Path, PathBuf};

use chain::VerifierKey;
use thiserror::Error;

use crate::disk::{Audience, FileError, create_text, read_text};
use crate::key::SigningKey;
use crate::passphrase::Passphrase;
use crate::pem::{self, PBKDF2_ROUNDS, PBKDF2_ROUNDS_MIN, PemError, Unlock};

/// The longest key file that is read, in bytes. Ours are about 400.
const LEN_MAX: u64 = 16 * 1024;

/// Why a key file could not be read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// The file itself: missing, there already, open to others.
    #[error(transparent)]
    File(#[from] FileError),
    /// What stands in it.
    #[error("{}: {source}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: PemError,
    },
}

/// Writes a key to a new file of mode 0600, encrypted with [`PBKDF2_ROUNDS`] rounds, and syncs the
/// file and its directory. Takes a fraction of a second, on purpose.
///
/// # Errors
/// [`FileError::Exists`] when there is such a file: a key is never overwritten.
pub fn write_key_file(
    path: &Path,
    key: &SigningKey,
    passphrase: &Passphrase,
) -> Result<(), KeyFileError> {
    write_with_rounds(path, key, passphrase, PBKDF2_ROUNDS)
}

/// [`write_key_file`] with as few rounds as are read, so that tests take no time. The file is weak.
///
/// # Errors
/// Those of [`write_key_file`].
#[doc(hidden)]
pub fn write_key_file_for_tests(
    path: &Path,
    key: &SigningKey,
    passphrase: &Passphrase,
) -> Result<(), KeyFileError> {
    write_with_rounds(path, key, passphrase, PBKDF2_ROUNDS_MIN)
}

fn write_with_rounds(
    path: &Path,
    key: &SigningKey,
    passphrase: &Passphrase,
    rounds: u32,
) -> Result<(), KeyFileError> {
    let text = pem::encode(key, passphrase, rounds).map_err(|source| content(path, source))?;
    Ok(create_text(path, Audience::Owner, &text)?)
}

/// Reads a key file that [`write_key_file`] wrote.
///
/// # Errors
/// [`FileError::Permissions`] when group or others have any right to the file;
/// [`PemError::WrongPassphrase`], [`PemError::PublicKey`] and the rest of [`PemError`] for what
/// stands in it.
pub fn read_key_file(path: &Path, passphrase: &Passphrase) -> Result<SigningKey, KeyFileError> {
    let text = read_text(path, Audience::Owner, LEN_MAX)?;
    pem::decode(&text, Unlock::Passphrase(passphrase), None).map_err(|source| content(path, source))
}

/// Reads a key that another tool made, under the name it shall sign by: PKCS#8 version 1 or 2,
/// encrypted (PBKDF2 or scrypt) or, where `unlock` says so, not.
///
/// A file without our first line carries no check of its own: compare the public key.
///
/// # Errors
/// Those of [`read_key_file`]; [`PemError::Name`] when the file names another key.
pub fn import_key_file(
    path: &Path,
    name: &str,
    unlock: Unlock<'_>,
) -> Result<SigningKey, KeyFileError> {
    let text = read_text(path, Audience::Owner, LEN_MAX)?;
    pem::decode(&text, unlock, Some(name)).map_err(|source| content(path, source))
}

/// Reads the public half that a key file states, without its passphrase. Only [`read_key_file`]
/// checks that the private key belongs to it.
///
/// # Errors
/// Those of [`read_key_file`]; [`PemError::NameMissing`] when the file states none.
pub fn read_key_file_public(path: &Path) -> Result<VerifierKey, KeyFileError> {
    let text = read_text(path, Audience::Owner, LEN_MAX)?;
    pem::decode_public(&text)
        .and_then(|stated| stated.ok_or(PemError::NameMissing))
        .map_err(|source| content(path, source))
}

fn content(path: &Path, source: PemError) -> KeyFileError {
    KeyFileError::Content {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn passphrase() -> Passphrase {
        Passphrase::new("throw-away").unwrap()
    }

    #[test]
    fn reads_what_it_wrote() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hsm-1.pem");
        let key = SigningKey::generate("bank-a/hsm-1").unwrap();
        write_key_file_for_tests(&path, &key, &passphrase()).unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o7777,
            0o600
        );
        let read = read_key_file(&path, &passphrase()).unwrap();
        assert_eq!(read.seed(), key.seed());
        assert_eq!(read.verifier_key(), key.verifier_key());
        assert_eq!(&read_key_file_public(&path).unwrap(), key.verifier_key());
    }

    #[test]
    fn production_files_have_all_the_rounds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.pem");
        let key = SigningKey::generate("settle.example/eu1").unwrap();
        write_key_file(&path, &key, &passphrase()).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let der = pkcs8::der::pem::decode_vec(text.as_bytes()).unwrap().1;
        // INTEGER 600,000
        assert!(
            der.windows(5)
                .any(|bytes| bytes == [0x02, 0x03, 0x09, 0x27, 0xc0])
        );
    }

    #[test]
    fn refuses_to_overwrite_a_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hsm-1.pem");
        let key = SigningKey::generate("bank-a/hsm-1").unwrap();
        write_key_file_for_tests(&path, &key, &passphrase()).unwrap();
        let other = SigningKey::generate("bank-a/hsm-1").unwrap();
        let error = write_key_file_for_tests(&path, &other, &passphrase()).unwrap_err();
        assert!(
            matches!(error, KeyFileError::File(FileError::Exists { .. })),
            "{error}"
        );
        assert_eq!(
            read_key_file(&path, &passphrase()).unwrap().seed(),
            key.seed()
        );
    }

    #[test]
    fn refuses_a_key_that_others_may_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hsm-1.pem");
        let key = SigningKey::generate("bank-a/hsm-1").unwrap();
        write_key_file_for_tests(&path, &key, &passphrase()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let error = read_key_file(&path, &passphrase()).unwrap_err().to_string();
        assert!(error.contains("hsm-1.pem: expected mode 0600"), "{error}");
        assert!(error.contains("found 0644"), "{error}");
    }

    #[test]
    fn errors_name_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hsm-1.pem");
        let key = SigningKey::generate("bank-a/hsm-1").unwrap();
        write_key_file_for_tests(&path, &key, &passphrase()).unwrap();
        let error = read_key_file(&path, &Passphrase::new("another").unwrap()).unwrap_err();
        let shown = error.to_string();
        assert!(
            shown.ends_with("hsm-1.pem: wrong passphrase, or the file is damaged"),
            "{shown}"
        );
    }

    #[test]
    fn imports_a_key_under_a_name_and_keeps_it_encrypted() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("openssl.pem");
        let text = include_str!("../testdata/throw-away-openssl.pem");
        create_text(&source, Audience::Owner, text).unwrap();
        let key = import_key_file(&source, "bank-a/imported", Unlock::Unencrypted).unwrap();
        let target = folder.path().join("imported.pem");
        write_key_file_for_tests(&target, &key, &passphrase()).unwrap();
        let read = read_key_file(&target, &passphrase()).unwrap();
        assert_eq!(read.verifier_key().name(), "bank-a/imported");
        assert_eq!(read.seed(), key.seed());
        assert!(read_key_file_public(&source).is_err());
    }
}
