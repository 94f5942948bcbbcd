//! Cosignatures of witnesses and how they are asked for (C2SP tlog-cosignature 1.0.1,
//! tlog-witness 1.0.0).
//!
//! ```text
//! cosignature/v1                                  what an Ed25519 witness signs
//! time 1679315147                                 seconds since 1970
//! <text of the checkpoint note>
//! ```
//!
//! The signature line holds key id, time (eight bytes, big-endian) and the 64-byte signature.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use base64ct::{Base64, Encoding};

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::hash::{Hash, HashError};
use crate::note::{NOTE_BYTES_MAX, Note, NoteError, NoteSignature};
use crate::text::{array_at, parse_base64, parse_decimal};
use crate::vkey::{KeyId, SignatureError, VerifierKey, VerifierKeyError};

/// Largest number of hashes in a consistency proof that a witness reads.
pub const WITNESS_PROOF_HASHES_MAX: usize = 63;
/// Latest time of a cosignature, in seconds since 1970.
pub const COSIGNATURE_TIME_MAX: u64 = i64::MAX as u64;

const COSIGNATURE_V1: u8 = 0x04;
const SIGNATURE_BYTES: usize = 8 + 64;

/// The public key of a witness; `Display` and [`WitnessKey::parse`] are the text pair.
///
/// It differs from a [`VerifierKey`] in the algorithm byte 0x04, and so in the key id: a signature
/// of the one is never taken for one of the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessKey {
    key: VerifierKey,
    id: KeyId,
}

/// A cosignature that does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CosignatureError {
    /// The line names another key, or the signature does not hold at the time in the line.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The bytes after the key id are not time and signature.
    #[error("cosignature by key {id} has {found} bytes, not 72")]
    Length {
        /// The key named.
        id: KeyId,
        /// The length found.
        found: usize,
    },
    /// The time is above [`COSIGNATURE_TIME_MAX`].
    #[error("a cosignature cannot be made at second {0}")]
    Time(u64),
}

impl WitnessKey {
    /// Joins a name and the 32 bytes of an Ed25519 public key.
    ///
    /// # Errors
    /// [`VerifierKeyError::Name`] or [`VerifierKeyError::Point`].
    pub fn new(name: &str, public_key: &[u8; 32]) -> Result<WitnessKey, VerifierKeyError> {
        Ok(WitnessKey {
            key: VerifierKey::new(name, public_key)?,
            id: KeyId::derive(name, COSIGNATURE_V1, public_key),
        })
    }

    /// Reads `name+id+base64(0x04 || public key)`, the text that `Display` writes.
    ///
    /// # Errors
    /// [`VerifierKeyError`] for any other text, keys of another algorithm included.
    pub fn parse(text: &str) -> Result<WitnessKey, VerifierKeyError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(VerifierKeyError::Form(text.into()));
        };
        let stated: KeyId = id.parse()?;
        let bytes = parse_base64(key).ok_or_else(|| VerifierKeyError::Base64(key.into()))?;
        let Some((&COSIGNATURE_V1, public_key)) = bytes.split_first() else {
            return Err(VerifierKeyError::NotWitness(bytes.first().copied()));
        };
        let public_key = public_key
            .try_into()
            .map_err(|_| VerifierKeyError::KeyLength(public_key.len()))?;
        let key = WitnessKey::new(name, public_key)?;
        if key.id == stated {
            Ok(key)
        } else {
            Err(VerifierKeyError::KeyIdMismatch {
                stated,
                computed: key.id,
            })
        }
    }

    /// Returns the name in the witness's signature lines.
    #[must_use]
    pub fn name(&self) -> &str {
        self.key.name()
    }

    /// Returns the key id, which covers the algorithm byte 0x04.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// Returns the 32 bytes of the public key.
    #[must_use]
    pub fn public_key(&self) -> [u8; 32] {
        self.key.public_key()
    }

    /// Tells whether `signature` names this key, by name and id.
    #[must_use]
    pub fn signed(&self, signature: &NoteSignature) -> bool {
        signature.id() == self.id && signature.name() == self.name()
    }

    /// Checks a cosignature of the note text `text` and returns its time in seconds since 1970.
    ///
    /// # Errors
    /// [`CosignatureError`] if the line names another key, is malformed or does not hold.
    pub fn verify(&self, text: &str, signature: &NoteSignature) -> Result<u64, CosignatureError> {
        if !self.signed(signature) {
            return Err(CosignatureError::Signature(SignatureError::OtherKey {
                found: signature.id(),
                expected: self.id,
            }));
        }
        let bytes = signature.signature();
        if bytes.len() != SIGNATURE_BYTES {
            return Err(CosignatureError::Length {
                id: self.id,
                found: bytes.len(),
            });
        }
        let time = u64::from_be_bytes(array_at(bytes, 0));
        if time > COSIGNATURE_TIME_MAX {
            return Err(CosignatureError::Time(time));
        }
        self.key
            .verify(
                cosignature_message(time, text).as_bytes(),
                &array_at(bytes, 8),
            )
            .map_err(|_| CosignatureError::Signature(SignatureError::Invalid(self.id)))?;
        Ok(time)
    }

    /// Puts a signature line together from the signature over [`cosignature_message`].
    ///
    /// # Errors
    /// [`CosignatureError::Time`] if no reader would accept the time.
    ///
    /// # Panics
    /// Never: the name was checked when the key was made.
    pub fn cosignature(
        &self,
        time: u64,
        signature: &[u8; 64],
    ) -> Result<NoteSignature, CosignatureError> {
        if time > COSIGNATURE_TIME_MAX {
            return Err(CosignatureError::Time(time));
        }
        let bytes = [&time.to_be_bytes()[..], signature].concat();
        Ok(NoteSignature::new(self.name(), self.id, &bytes)
            .expect("the name was checked with the key and 72 bytes are not empty"))
    }
}

impl fmt::Display for WitnessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&[COSIGNATURE_V1][..], &self.public_key()].concat();
        let key = Base64::encode_string(&bytes);
        write!(f, "{}+{}+{key}", self.name(), self.id)
    }
}

/// Returns what a witness signs: the time and the whole text of the note.
#[must_use]
pub fn cosignature_message(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

/// What a log sends to `add-checkpoint`; `Display` and [`AddCheckpoint::parse`] are the text pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size that the log believes the witness saw last.
    pub old: u64,
    /// Consistency proof from `old` to the checkpoint.
    pub proof: Vec<Hash>,
    /// The checkpoint with the log's signature.
    pub checkpoint: Note,
}

/// A body of `add-checkpoint` that is malformed (status 400). Nothing is verified by reading.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddCheckpointError {
    /// Not UTF-8, or longer than any note with its proof.
    #[error("the body is no text of a checkpoint with its proof")]
    Form,
    /// The first line is not `old` and a plain decimal number.
    #[error("{0:?} is not an old line")]
    Old(String),
    /// More than [`WITNESS_PROOF_HASHES_MAX`] hashes.
    #[error("a consistency proof of {0} hashes is too long")]
    Hashes(usize),
    /// A line of the proof is not a hash.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The checkpoint is not a signed note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The text of the note is no checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The old size is above that of the checkpoint.
    #[error("old size {old} is above {size}")]
    Sizes {
        /// The old size.
        old: u64,
        /// The size of the checkpoint.
        size: u64,
    },
}

impl AddCheckpoint {
    /// Reads the body that `Display` writes. Nothing is verified.
    ///
    /// # Errors
    /// [`AddCheckpointError`] for any other body; a witness answers 400.
    pub fn parse(body: &[u8]) -> Result<AddCheckpoint, AddCheckpointError> {
        let longest = NOTE_BYTES_MAX + 45 * (WITNESS_PROOF_HASHES_MAX + 1);
        if body.len() > longest {
            return Err(AddCheckpointError::Form);
        }
        let body = core::str::from_utf8(body).map_err(|_| AddCheckpointError::Form)?;
        let (head, note) = body.split_once("\n\n").ok_or(AddCheckpointError::Form)?;
        let mut lines = head.split('\n');
        let line = lines.next().unwrap_or_default();
        let old = line
            .strip_prefix("old ")
            .and_then(parse_decimal)
            .ok_or_else(|| AddCheckpointError::Old(line.into()))?;
        let hashes = lines.clone().count();
        if hashes > WITNESS_PROOF_HASHES_MAX {
            return Err(AddCheckpointError::Hashes(hashes));
        }
        let proof = lines.map(Hash::from_base64).collect::<Result<_, _>>()?;
        let checkpoint = Note::parse(note.as_bytes())?;
        let size = Checkpoint::parse_text(checkpoint.text())?.size;
        if old > size {
            return Err(AddCheckpointError::Sizes { old, size });
        }
        Ok(AddCheckpoint {
            old,
            proof,
            checkpoint,
        })
    }
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.proof
            .iter()
            .try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}
