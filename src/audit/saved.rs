//! What an audit leaves behind for the next one: everything that was checked, at one size.
//!
//! ```text
//!   SHA-256 of the rest [32] | postcard: version, names, checkpoint, edge of the tree, ledger
//! ```
//!
//! It is the auditor's own word: whoever can write the file can make the next audit believe
//! anything, so it belongs where only the auditor writes. It holds every balance.

use std::fmt;

use chain::{Checkpoint, Frontier, Hash, Note};
use serde::{Deserialize, Serialize};

use super::log::LogCheck;
use super::replay::Replay;
use super::report::Divergence;
use super::trust::signed_checkpoint;
use crate::ledger::{Key, State};

/// Version of the file's form.
const VERSION: u16 = 1;

/// An audit that held, saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    version: u16,
    origin: String,
    genesis: [u8; 32],
    /// The note that the audit ended with, verbatim.
    checkpoint: String,
    /// Whether the auditor had brought something that shows whose log it is.
    known: bool,
    edge: Edge,
    /// The ledger's state as a snapshot.
    state: Vec<u8>,
}

/// The edge of the tree: what the next entry is appended to, and the hashes of unfinished tiles.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Edge {
    pub(super) size: u64,
    pub(super) subtrees: Vec<[u8; 32]>,
    pub(super) prev: Option<[u8; 32]>,
    pub(super) last_time: Option<u64>,
    /// Hashes of the unfinished tile at each level, leaves first.
    pub(super) tiles: Vec<Vec<[u8; 32]>>,
}

/// A file that is no saved audit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SavedError {
    /// Cut off, or changed.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// Another version of this program wrote it.
    #[error("it has version {0}, which this program does not read: audit from the beginning")]
    Version(u16),
}

impl Saved {
    pub(super) fn new(checkpoint: &[u8], genesis: Hash, log: &LogCheck, replay: &Replay) -> Self {
        Self {
            version: VERSION,
            origin: replay.origin().to_owned(),
            genesis: *genesis.as_bytes(),
            checkpoint: String::from_utf8_lossy(checkpoint).into_owned(),
            known: false,
            edge: log.edge(),
            state: replay.snapshot(),
        }
    }

    /// The file's bytes.
    ///
    /// # Panics
    /// Never: every part has an encoding.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let body = postcard::to_allocvec(self).expect("every part has an encoding");
        [Hash::sha256(&body).as_bytes(), &body[..]].concat()
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`SavedError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SavedError> {
        let damaged = |why: &str| SavedError::Damaged(why.to_owned());
        let (sum, body) = bytes
            .split_at_checked(Hash::LEN)
            .ok_or_else(|| damaged("it is cut off"))?;
        if sum != Hash::sha256(body).as_bytes() {
            return Err(damaged("its bytes are not those that were written"));
        }
        let (version, _) = postcard::take_from_bytes::<u16>(body)
            .map_err(|error| SavedError::Damaged(error.to_string()))?;
        if version != VERSION {
            return Err(SavedError::Version(version));
        }
        let saved: Self =
            postcard::from_bytes(body).map_err(|error| SavedError::Damaged(error.to_string()))?;
        match (saved.log().is_some(), saved.replay(), saved.checkpoint()) {
            (true, Some(_), Some(kept)) if kept.size == saved.edge.size => Ok(saved),
            (_, None, _) => Err(damaged("its ledger is one of another version")),
            _ => Err(damaged("its parts do not fit")),
        }
    }

    /// Entries that were checked.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.edge.size
    }

    /// The checkpoint that the audit ended with; its signature was verified then.
    ///
    /// # Panics
    /// Never: it was read when the file was.
    #[must_use]
    pub fn checkpoint(&self) -> Option<Checkpoint> {
        let note = Note::parse(self.checkpoint.as_bytes()).ok()?;
        Checkpoint::parse_text(note.text()).ok()
    }

    /// The note that the audit ended with.
    #[must_use]
    pub fn note(&self) -> &str {
        &self.checkpoint
    }

    /// Whether it was known whose log it is.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        self.known
    }

    /// The same, with whether it is known whose log it is.
    pub(super) fn known(mut self, known: bool) -> Self {
        self.known = known;
        self
    }

    pub(super) const fn genesis(&self) -> Hash {
        Hash::from_bytes(self.genesis)
    }

    /// The log goes on from here: same log, not shorter, same root.
    pub(super) fn extended_by(&self, genesis: Hash, now: &Checkpoint) -> Result<(), Divergence> {
        let of = |what: &str, expected: &dyn fmt::Display, found: &dyn fmt::Display| {
            Err(Divergence::of_log(what, expected, found))
        };
        let Some(before) = self.checkpoint() else {
            return Ok(());
        };
        if self.origin != now.origin {
            let what = "the origin beside the saved audit";
            return of(what, &self.origin, &now.origin);
        }
        if self.genesis() != genesis {
            let what = "the genesis hash beside the saved audit";
            return of(what, &self.genesis(), &genesis);
        }
        if now.size < before.size {
            let what = "the size of the log beside the saved audit";
            return of(what, &format!("{} or more", before.size), &now.size);
        }
        if now.size == before.size && now.root != before.root {
            let what = "the root at the size of the saved audit";
            return of(what, &before.root, &now.root);
        }
        Ok(())
    }

    /// Whether a key that the log had, then or before, has signed a note: only its own word can be
    /// held against it.
    #[must_use]
    pub fn is_signer_of(&self, note: &[u8]) -> bool {
        let state = State::from_snapshot(&self.state);
        let keys = state.map_or_else(|_| Vec::new(), |state| state.book().log_keys().to_vec());
        let mut keys = keys.iter().filter_map(Key::verifier_key);
        keys.any(|key| signed_checkpoint(note, &key).is_ok())
    }

    pub(super) fn log(&self) -> Option<LogCheck> {
        LogCheck::from_edge(&self.edge)
    }

    pub(super) fn replay(&self) -> Option<Replay> {
        let state = State::from_snapshot(&self.state).ok()?;
        Some(Replay::of(state, &self.origin, self.genesis()))
    }
}

impl Edge {
    /// The frontier, if the parts make one.
    pub(super) fn frontier(&self) -> Option<Frontier> {
        let subtrees = self.subtrees.iter().copied().map(Hash::from_bytes);
        Frontier::from_parts(self.size, subtrees.collect()).ok()
    }
}
