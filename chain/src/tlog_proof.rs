//! The inclusion proof of an entry with the checkpoint it leads to (C2SP tlog-proof, draft).
//!
//! ```text
//! c2sp.org/tlog-proof@v1
//! index 5
//! vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=         the leaf's sibling first
//! ...
//!                                                      one empty line
//! settle.example/log1                                  the checkpoint note, verbatim
//! ...
//! ```
//!
//! The draft's `extra` line is refused: nothing authenticates it, and ours carry none.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::hash::{HASH_TEXT_BYTES, Hash, HashError};
use crate::merkle::{ProofError, verify_inclusion};
use crate::note::{Note, NoteError};
use crate::text::parse_decimal;
use crate::vkey::VerifierKey;

/// Largest number of hashes in a proof: enough for 2^63 entries.
pub const PROOF_HASHES_MAX: usize = 63;

const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// Proof that an entry stands in a signed log; `Display` and [`TlogProof::parse`] are the text pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// Index of the entry.
    pub index: u64,
    /// Inclusion proof, the leaf's sibling first.
    pub proof: Vec<Hash>,
    /// The checkpoint note with its signatures, as the log published it.
    pub checkpoint: String,
}

/// A text that is no proof, or a proof that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TlogProofError {
    /// The first line is another one.
    #[error("{0:?} is not the first line of a tlog proof")]
    Header(String),
    /// No empty line divides the proof from the checkpoint.
    #[error("no empty line before the checkpoint")]
    Form,
    /// The second line is not `index` and a plain decimal number.
    #[error("{0:?} is not an index line")]
    Index(String),
    /// A line of the proof is not a hash.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// More than [`PROOF_HASHES_MAX`] hashes.
    #[error("a proof of {0} hashes is too long")]
    Hashes(usize),
    /// The checkpoint is not a signed note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The checkpoint is malformed, of another log or not signed by it.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The proof does not lead from the leaf to the root in the checkpoint.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

impl TlogProof {
    /// Reads the text that `Display` writes. The checkpoint must be well formed; nothing is
    /// verified.
    ///
    /// # Errors
    /// [`TlogProofError`] for any other text.
    pub fn parse(text: &str) -> Result<TlogProof, TlogProofError> {
        let (proof_text, checkpoint) = text.split_once("\n\n").ok_or(TlogProofError::Form)?;
        let mut lines = proof_text.split('\n');
        let header = lines.next().unwrap_or_default();
        if header != HEADER {
            return Err(TlogProofError::Header(header.into()));
        }
        let line = lines.next().unwrap_or_default();
        let index = line
            .strip_prefix("index ")
            .and_then(parse_decimal)
            .ok_or_else(|| TlogProofError::Index(line.into()))?;
        let hashes = lines.clone().count();
        if hashes > PROOF_HASHES_MAX {
            return Err(TlogProofError::Hashes(hashes));
        }
        let proof = lines.map(Hash::from_base64).collect::<Result<_, _>>()?;
        Checkpoint::parse_text(Note::parse(checkpoint.as_bytes())?.text())?;
        Ok(TlogProof {
            index,
            proof,
            checkpoint: checkpoint.into(),
        })
    }

    /// Checks everything this file proves of `leaf`: the checkpoint is of the log `origin`, one of
    /// the log's `keys` signed it, and entry [`TlogProof::index`] has this leaf hash.
    ///
    /// Returns the checkpoint, so that the caller can apply a witness policy to it.
    ///
    /// # Errors
    /// [`TlogProofError`] naming the first link that fails.
    pub fn verify(
        &self,
        leaf: &Hash,
        origin: &str,
        keys: &[&VerifierKey],
    ) -> Result<Checkpoint, TlogProofError> {
        let note = Note::parse(self.checkpoint.as_bytes())?;
        let checkpoint = Checkpoint::from_note(&note, origin, keys)?;
        verify_inclusion(
            leaf,
            self.index,
            checkpoint.size,
            &self.proof,
            &checkpoint.root,
        )?;
        Ok(checkpoint)
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}\nindex {}", self.index)?;
        for hash in &self.proof {
            f.write_str(hash.text(&mut [0; HASH_TEXT_BYTES]))?;
            f.write_str("\n")?;
        }
        f.write_str("\n")?;
        f.write_str(&self.checkpoint)
    }
}
