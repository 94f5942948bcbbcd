//! Passphrases and keys: where they come from, in which order.
//!
//! A flag or its variable, then a file named `passphrase` beside the key (as sandboxes have it),
//! then the terminal. Nothing is asked when there is no terminal.

use std::path::{Path, PathBuf};

use keys::{FileError, KeyFileError, Passphrase, PassphraseError, PemError, SigningKey};

use super::error::{Failure, Kind};

/// The variable that may hold the passphrase.
pub(crate) const VARIABLE: &str = "QUITTANCE_PASSPHRASE";

/// A key that is ready to sign.
#[derive(Debug)]
pub(crate) struct Unlocked {
    pub(crate) key: SigningKey,
    pub(crate) path: PathBuf,
    /// Whether its passphrase lay beside it: good enough for a sandbox only.
    pub(crate) beside: bool,
}

/// Opens a key file.
pub(crate) fn unlock(path: &Path, passphrase_file: Option<&Path>) -> Result<Unlocked, Failure> {
    // A missing or open key is told before anybody is asked for a passphrase.
    match keys::read_key_file_public(path) {
        Ok(_) => {}
        Err(KeyFileError::Content {
            source: PemError::NameMissing,
            ..
        }) => {
            return Err(
                Failure::new(Kind::File, format_args!("{} names no key", path.display()))
                    .hint("`quittance keys import` takes over keys made by other tools"),
            );
        }
        Err(error) => return Err(key_file(path, error)),
    }
    let name = format!("Passphrase of {}: ", path.display());
    let (passphrase, beside) =
        passphrase(passphrase_file, Some(path), || Passphrase::prompt(&name))?;
    let key = keys::read_key_file(path, &passphrase).map_err(|error| key_file(path, error))?;
    Ok(Unlocked {
        key,
        path: path.to_owned(),
        beside,
    })
}

/// The passphrase for a key that is about to be written.
pub(crate) fn for_new_key(passphrase_file: Option<&Path>) -> Result<Passphrase, Failure> {
    let ask = || Passphrase::prompt_twice("Passphrase for the new key: ", "Once more: ");
    passphrase(passphrase_file, None, ask).map(|(passphrase, _)| passphrase)
}

fn passphrase(
    file: Option<&Path>,
    key: Option<&Path>,
    ask: impl FnOnce() -> Result<Passphrase, PassphraseError>,
) -> Result<(Passphrase, bool), Failure> {
    if let Some(file) = file {
        return Passphrase::from_file(file)
            .map(|p| (p, false))
            .map_err(no_passphrase);
    }
    if std::env::var_os(VARIABLE).is_some() {
        return Passphrase::from_env(VARIABLE)
            .map(|p| (p, false))
            .map_err(no_passphrase);
    }
    if let Some(beside) = key
        .map(|key| key.with_file_name("passphrase"))
        .filter(|p| p.exists())
    {
        return Passphrase::from_file(&beside)
            .map(|p| (p, true))
            .map_err(no_passphrase);
    }
    ask().map(|p| (p, false)).map_err(no_passphrase)
}

/// What a key file's failure means for the person in front of it.
pub(crate) fn key_file(path: &Path, error: KeyFileError) -> Failure {
    let hint = match &error {
        KeyFileError::File(FileError::Permissions { .. }) => {
            Some(format!("chmod 600 {}", path.display()))
        }
        KeyFileError::File(FileError::Exists { .. }) => {
            Some("keys are never overwritten: name another file".to_owned())
        }
        _ => None,
    };
    let failure = Failure::new(
        Kind::File,
        format_args!("the key {} cannot be used", path.display()),
    );
    let failure = failure.because(error);
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

fn no_passphrase(error: PassphraseError) -> Failure {
    let hint = match &error {
        PassphraseError::File(FileError::Permissions { path, .. }) => {
            format!("chmod 600 {}", path.display())
        }
        _ => format!("name a file with --passphrase-file, or set {VARIABLE}"),
    };
    let failure = Failure::new(Kind::File, "there is no passphrase to open the key with");
    failure.because(error).hint(hint)
}
