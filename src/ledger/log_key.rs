//! Keys of the log itself: one, or two while one takes over from the other.
//!
//! ```text
//!   sizes      1 ......... a | a+1 ......... r | r+1 ...
//!   old key    signs         | signs           |
//!   new key                  | signs           | signs        added at entry a, old retired at r
//! ```
//!
//! The log's name stays: whoever knows the old key finds the new one in an entry that the old key
//! has signed for.

use alloc::string::ToString;
use alloc::vec::Vec;

use chain::{NoteSignature, VerifierKey, statement};

use super::apply::Work;
use super::book::Effect;
use super::instruction::{AddLogKey, RetireLogKey};
use super::outcome::Outcome;
use super::participant::Key;
use crate::limits::LOG_KEYS_MAX;

/// Keys that sign a checkpoint of this size.
#[must_use]
pub fn signing_at(keys: &[Key], size: u64) -> Vec<VerifierKey> {
    let signs = |key: &&Key| key.added < size && key.revoked.is_none_or(|index| size <= index);
    keys.iter()
        .filter(signs)
        .filter_map(Key::verifier_key)
        .collect()
}

fn active(keys: &[Key]) -> usize {
    keys.iter().filter(|key| key.revoked.is_none()).count()
}

pub(super) fn add(work: &mut Work<'_>, i: &AddLogKey) -> Result<u64, Outcome> {
    let vkey: VerifierKey = i
        .vkey
        .as_str()
        .parse()
        .map_err(|_| Outcome::KeyUnacceptable)?;
    let book = work.state.book();
    let mut keys = book.log_keys().to_vec();
    if keys.first().is_none_or(|first| first.name != vkey.name()) {
        return Err(Outcome::KeyNameMismatch);
    }
    vkey.check_registration()
        .map_err(|_| Outcome::KeyUnacceptable)?;
    // A key that nobody holds would leave checkpoints without one of their signatures.
    let shown = NoteSignature::parse_header(&i.proof)
        .is_ok_and(|proof| proof.verify(&statement::log_key_text(&vkey), &vkey).is_ok());
    if !shown {
        return Err(Outcome::KeyUnacceptable);
    }
    let public = vkey.public_key();
    if book.knows_public_key(&public) || keys.iter().any(|key| key.id == vkey.id().get()) {
        return Err(Outcome::KeyAlreadyRegistered);
    }
    if active(&keys) >= LOG_KEYS_MAX {
        return Err(Outcome::KeysTooMany);
    }
    let number = u64::try_from(keys.len()).unwrap_or(u64::MAX);
    keys.push(Key {
        name: vkey.name().to_string(),
        id: vkey.id().get(),
        public,
        added: work.index,
        revoked: None,
    });
    work.write(Effect::PublicKey(public, true));
    work.write(Effect::LogKeys(keys));
    Ok(number)
}

pub(super) fn retire(work: &mut Work<'_>, i: &RetireLogKey) -> Result<u64, Outcome> {
    let mut keys = work.state.book().log_keys().to_vec();
    let index = work.index;
    let found = keys
        .iter_mut()
        .zip(0u64..)
        .find(|(key, _)| key.id == i.key_id.to_u32() && key.revoked.is_none());
    let (key, number) = found.ok_or(Outcome::KeyUnknown)?;
    key.revoked = Some(index);
    if active(&keys) == 0 {
        return Err(Outcome::ThresholdInvalid);
    }
    work.write(Effect::LogKeys(keys));
    Ok(number)
}
