//! The log's keys over its life: which of them must have signed what the auditor holds.

use chain::{Checkpoint, Hash, Note, VerifierKey};

use super::report::{Divergence, Verdict};
use super::trust::{Trust, signed_checkpoint};
use super::{AuditError, Run};
use crate::ledger::{Key, signing_at};

/// A checkpoint kept from before that the newest key has not signed: an older key may have.
pub(super) struct Older {
    pub(super) name: String,
    note: Vec<u8>,
    checkpoint: Checkpoint,
    /// The root that the log had at this size.
    found: Option<Hash>,
}

/// What becomes of an older checkpoint once the log's keys are known.
pub(super) enum Judged {
    /// A key of that time has signed it, and the log extends it.
    Extended,
    /// None of the log's keys of that time has signed it.
    Foreign(String),
}

impl Older {
    /// Takes a checkpoint of this origin for later; `None` if it is none.
    pub(super) fn of(name: &str, note: &[u8], origin: &str, since: u64) -> Option<Self> {
        let text = Note::parse(note).ok()?;
        let checkpoint = Checkpoint::parse_text(text.text()).ok()?;
        let seen = checkpoint.origin == origin && checkpoint.size >= since;
        seen.then(|| Self {
            name: name.to_owned(),
            note: note.to_vec(),
            checkpoint,
            found: None,
        })
    }

    /// Sees the log at one of its sizes.
    pub(super) fn see(&mut self, size: u64, root: Hash) {
        if self.checkpoint.size == size {
            self.found = Some(root);
        }
    }

    /// Judges it by the keys that the log had.
    pub(super) fn judge(&self, keys: &[Key], size: u64) -> Result<Judged, Divergence> {
        let kept = &self.checkpoint;
        let signed = |key: &VerifierKey| signed_checkpoint(&self.note, key).is_ok();
        if !signing_at(keys, kept.size).iter().any(signed) {
            let why = format!(
                "no key that the log had at size {} has signed it",
                kept.size
            );
            return Ok(Judged::Foreign(why));
        }
        match self.found {
            Some(found) if found == kept.root => Ok(Judged::Extended),
            Some(found) => {
                let what = format!("the root at size {}, as in {}", kept.size, self.name);
                let at = kept.size.saturating_sub(1);
                Err(Divergence::at(at, what, kept.root, found))
            }
            None => {
                let what = format!("the size of the log beside {}", self.name);
                let expected = format!("{} or more", kept.size);
                Err(Divergence::of_log(what, expected, size))
            }
        }
    }
}

/// The newest checkpoint has the signatures of all keys that the log had there, and the one that it
/// states is one of them.
pub(super) fn check_signers(
    keys: &[Key],
    stated: &VerifierKey,
    note: &[u8],
    size: u64,
) -> Result<(), Divergence> {
    let signing = signing_at(keys, size);
    if !signing.contains(stated) {
        let newest = signing.last().map_or_else(String::new, ToString::to_string);
        return Err(if keys.len() == 1 {
            let what = "the log key in the genesis document";
            Divergence::at(0, what, stated, newest)
        } else {
            let what = "the log's key where it ends";
            Divergence::at(size.saturating_sub(1), what, newest, stated)
        });
    }
    for key in &signing {
        if signed_checkpoint(note, key).is_err() {
            let what = format!("the signature of the checkpoint by {key}");
            return Err(Divergence::at(size.saturating_sub(1), what, "one", "none"));
        }
    }
    Ok(())
}

impl Run {
    /// Holds signatures against the keys that the log had, as its own entries say.
    pub(super) fn judge_keys(
        &mut self,
        stated: &VerifierKey,
        note: &[u8],
        trust: &Trust,
    ) -> Result<(), Divergence> {
        let size = self.report.size;
        let keys = self
            .replay
            .as_ref()
            .map(|replay| replay.book().log_keys().to_vec());
        let keys = keys.unwrap_or_default();
        for older in &self.older {
            match older.judge(&keys, size)? {
                Judged::Extended => self.report.counts.kept_checkpoints += 1,
                Judged::Foreign(why) => {
                    let name = older.name.clone();
                    self.kept_error = Some(AuditError::Kept { name, why });
                }
            }
        }
        if let Some(other) = self.changed.take() {
            let yours = trust.log_vkey.as_ref();
            let known = |yours: &VerifierKey| {
                let mut every = keys.iter().filter_map(crate::ledger::Key::verifier_key);
                every.any(|key| key == *yours)
            };
            if !yours.is_some_and(known) {
                self.report.signer = other;
            }
        }
        let checked = match &self.replay {
            None => Ok(()),
            Some(_) => check_signers(&keys, stated, note, size),
        };
        if let Err(divergence) = checked {
            self.replay = None;
            self.report.ledger = Verdict::Broken(divergence);
        }
        Ok(())
    }
}
