//! The log's private keys: read at the start, and held against what the log says it is signed with.

use chain::{Checkpoint, Entry, EntryKind, VerifierKey};
use keys::{Passphrase, RootGuard, SigningKey};

use super::error::OpenError;
use super::open;
use super::start::Recovery;
use crate::config::{self, Config};
use crate::ledger::signing_at;
use crate::store::Store;
use crate::store::wal::Mark;

/// Entries read from the store at once.
const READ_AHEAD: usize = 1_024;

/// Reads the log's keys. Which of them it is signed with is known when it has been replayed; that
/// they are of this log, at once.
pub(super) fn log_keys(
    config: &Config,
    founded: &open::Founded,
) -> Result<Vec<SigningKey>, OpenError> {
    let passphrase = read_passphrase(config)?;
    let mut keys = Vec::new();
    for path in [Some(&config.keys.log), config.keys.log_next.as_ref()] {
        let Some(path) = path else {
            continue;
        };
        let key = keys::read_key_file(path, &passphrase)?;
        if key.verifier_key().name() != founded.genesis.origin {
            return Err(OpenError::OtherLog {
                key: "keys.log",
                configured: key.verifier_key().to_string(),
                found: founded.genesis.log_vkey.as_str().to_string(),
            });
        }
        keys.push(key);
    }
    Ok(keys)
}

/// Says why nothing was recovered. A store that was founded with another key, and whose log never
/// changed it, is another log's: that explains whatever else was found.
pub(super) fn other_log(config: &Config, store: &dyn Store, error: OpenError) -> OpenError {
    let founded = open::read_genesis(store).ok();
    let founded = founded.map(|founded| founded.genesis.log_vkey.as_str().to_string());
    let files = [Some(&config.keys.log), config.keys.log_next.as_ref()];
    let held: Vec<String> = files
        .into_iter()
        .flatten()
        .filter_map(|path| keys::read_key_file_public(path).ok())
        .map(|key| key.to_string())
        .collect();
    match (founded, held.first()) {
        (Some(found), Some(first)) if !held.contains(&found) && !has_changed_keys(store) => {
            OpenError::OtherLog {
                key: "keys.log",
                configured: first.clone(),
                found,
            }
        }
        _ => error,
    }
}

/// Whether any entry of the store changes the log's keys.
fn has_changed_keys(store: &dyn Store) -> bool {
    let size = store.head().map_or(0, |head| head.size);
    let mut index = 0;
    while index < size {
        let Ok(entries) = store.entries(index, READ_AHEAD) else {
            return true;
        };
        let mut parsed = entries.iter().map(|bytes| Entry::from_bytes(bytes));
        // An erasure may change keys too.
        let changes = |kind| matches!(kind, EntryKind::Key | EntryKind::Erasure);
        if entries.is_empty() || parsed.any(|entry| entry.is_ok_and(|entry| changes(entry.kind))) {
            return true;
        }
        index += entries.len() as u64;
    }
    false
}

/// The keys that sign where the log stands, all of which must be at hand.
pub(super) fn signing(recovery: &Recovery<Vec<SigningKey>>) -> Result<Vec<VerifierKey>, OpenError> {
    let applier = &recovery.replayed.applier;
    let keys = applier.state().book().log_keys();
    let signing = signing_at(keys, applier.mark().size);
    let held = || recovery.key.iter().map(SigningKey::verifier_key);
    let missing = signing.iter().find(|key| held().all(|held| held != *key));
    match missing {
        None => Ok(signing),
        // A log that never changed its key: most likely the file is another log's.
        Some(needed) if keys.len() == 1 => Err(OpenError::OtherLog {
            key: "keys.log",
            configured: held().map(ToString::to_string).next().unwrap_or_default(),
            found: needed.to_string(),
        }),
        Some(needed) => Err(OpenError::LogKeyMissing {
            needed: needed.to_string(),
            held: held()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", "),
        }),
    }
}

/// Signs the checkpoint of where the log stands.
pub(super) fn signer(
    keys: Vec<SigningKey>,
    signing: &[VerifierKey],
    founded: &open::Founded,
    mark: Mark,
) -> Result<(RootGuard, String), OpenError> {
    let origin = &founded.genesis.origin;
    let Mark { size, root } = mark;
    let mut keys = keys.into_iter();
    let first = keys.next().ok_or(OpenError::Empty)?;
    let mut guard = RootGuard::new(origin, Box::new(first), keys::Mark { size, root })?;
    for key in keys {
        guard.hold(Box::new(key))?;
    }
    guard.sign_with(signing)?;
    let checkpoint = guard.sign(&Checkpoint {
        origin: origin.clone(),
        size,
        root,
    })?;
    Ok((guard, checkpoint))
}

fn read_passphrase(config: &Config) -> Result<Passphrase, OpenError> {
    Ok(match &config.keys.passphrase {
        config::Passphrase::File(path) => Passphrase::from_file(path)?,
        config::Passphrase::Variable(name) => Passphrase::from_env(name)?,
        config::Passphrase::Ask => Passphrase::prompt("Passphrase of the log's key: ")?,
    })
}
