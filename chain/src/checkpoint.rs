//! Checkpoints: the signed statement of a log about its size and root (C2SP tlog-checkpoint 1.0.0).
//!
//! ```text
//! settle.example/log1                             origin, also the name of the log's key
//! 8                                               size in ASCII decimal
//! XcnaeacG...QyhM=                                base64 of the root
//! ```
//!
//! Extension lines are refused: no monitor can audit them, and ours carry none.

use alloc::format;
use alloc::string::String;

use crate::hash::{Hash, HashError};
use crate::merkle::empty_root;
use crate::note::{Note, NoteError, Signer};
use crate::text::{is_key_name, parse_decimal, split_lines};
use crate::vkey::VerifierKey;

/// Longest origin in bytes: cosignature formats give its length in one byte.
pub const ORIGIN_BYTES_MAX: usize = 255;

/// What a log says of itself: (origin, size, root).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Name of the log, such as `settle.example/log1`.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// Root over the leaf hashes of the entries.
    pub root: Hash,
}

/// A text that is no checkpoint, or a checkpoint that cannot be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// Not three lines that each end with a line feed; the number counts the line feeds.
    #[error("a checkpoint has three lines, not {0}")]
    Lines(usize),
    /// The origin cannot be a key name or is longer than [`ORIGIN_BYTES_MAX`].
    #[error("{0:?} cannot be the origin of a log")]
    Origin(String),
    /// The size is not a plain decimal number.
    #[error("{0:?} is not the size of a log")]
    Size(String),
    /// The root is not a hash.
    #[error(transparent)]
    Root(#[from] HashError),
    /// Size 0 with a root that is not that of the empty tree.
    #[error("a log without entries cannot have root {0}")]
    EmptyRoot(Hash),
    /// The note around the checkpoint is malformed or not signed by a known key.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The checkpoint is that of another log.
    #[error("the checkpoint is of log {found:?}, expected {expected:?}")]
    OtherLog {
        /// The origin found.
        found: String,
        /// The origin expected.
        expected: String,
    },
}

impl Checkpoint {
    /// Writes the note text that the log signs.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, self.root)
    }

    /// Reads the text that [`Checkpoint::to_text`] writes. Nothing is verified.
    ///
    /// # Errors
    /// [`CheckpointError`] for any other text, extension lines included.
    pub fn parse_text(text: &str) -> Result<Checkpoint, CheckpointError> {
        let [origin, size, root] = split_lines(text).map_err(CheckpointError::Lines)?;
        if !is_origin(origin) {
            return Err(CheckpointError::Origin(origin.into()));
        }
        let size = parse_decimal(size).ok_or_else(|| CheckpointError::Size(size.into()))?;
        let root = Hash::from_base64(root)?;
        if size == 0 && root != empty_root() {
            return Err(CheckpointError::EmptyRoot(root));
        }
        Ok(Checkpoint {
            origin: origin.into(),
            size,
            root,
        })
    }

    /// Signs the checkpoint.
    ///
    /// # Errors
    /// [`NoteError`] as from [`Note::sign`].
    pub fn sign(&self, signers: &[&dyn Signer]) -> Result<Note, NoteError> {
        Note::sign(&self.to_text(), signers)
    }

    /// Reads the checkpoint of the log `origin` from a note that at least one of the log's `keys`
    /// has signed. Keys of witnesses do not belong in `keys`.
    ///
    /// # Errors
    /// [`CheckpointError`] if the note is not so signed, malformed, or of another log.
    pub fn from_note(
        note: &Note,
        origin: &str,
        keys: &[&VerifierKey],
    ) -> Result<Checkpoint, CheckpointError> {
        note.verify(keys)?;
        let checkpoint = Checkpoint::parse_text(note.text())?;
        if checkpoint.origin != origin {
            return Err(CheckpointError::OtherLog {
                found: checkpoint.origin,
                expected: origin.into(),
            });
        }
        Ok(checkpoint)
    }
}

/// Tells whether `origin` can name a log: it is also the name of the log's key.
#[must_use]
pub fn is_origin(origin: &str) -> bool {
    origin.len() <= ORIGIN_BYTES_MAX && is_key_name(origin)
}
