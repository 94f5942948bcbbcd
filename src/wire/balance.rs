//! The balance file: one JSON object that proves, offline and for ever, what an account held.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use chain::{BalanceProof, Entry, EntryError, TlogProof, TlogProofError};
use serde::{Deserialize, Serialize};

use super::base64::{Bytes, HashText};

/// The version of the file's form.
pub const BALANCE_VERSION: u32 = 1;

/// A balance proof as a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BalanceFile {
    /// Version of the form: 1.
    pub version: u32,
    /// The log's key as the log says it; the verifier brings its own.
    pub log_vkey: String,
    /// The account as the seal states it.
    pub account: Bytes,
    /// The salt of its leaf.
    pub salt: HashText,
    /// From the leaf to the seal's `aux`, the leaf's sibling first.
    pub account_proof: Vec<HashText>,
    /// The seal's entry, 120 bytes.
    pub entry: Bytes,
    /// Inclusion proof of the entry, and checkpoint (C2SP tlog-proof).
    pub tlog_proof: String,
}

/// Why a file is not a balance file. Whether one *proves* anything, [`BalanceProof::verify`] says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BalanceFileError {
    /// Not the JSON it should be.
    #[error("the balance file cannot be read: {0}")]
    Json(String),
    /// A version this code does not know.
    #[error("balance file version {0} is unknown")]
    Version(u32),
    /// The entry's bytes are not an entry.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// The proof's text is not one.
    #[error(transparent)]
    Proof(#[from] TlogProofError),
    /// The proof is for another entry.
    #[error("the proof is for index {proof}, the entry has index {entry}")]
    Index {
        /// Index in the proof.
        proof: u64,
        /// Index in the entry.
        entry: u64,
    },
}

impl BalanceFile {
    /// Puts a proof into a file.
    ///
    /// # Errors
    /// [`BalanceFileError::Proof`] if the checkpoint is not UTF-8 text.
    pub fn from_proof(proof: &BalanceProof, log_vkey: &str) -> Result<Self, BalanceFileError> {
        let checkpoint = core::str::from_utf8(&proof.checkpoint)
            .map_err(|_| BalanceFileError::Proof(TlogProofError::Form))?;
        let in_log = TlogProof {
            index: proof.entry.index,
            proof: proof.proof.clone(),
            checkpoint: checkpoint.to_owned(),
        };
        Ok(Self {
            version: BALANCE_VERSION,
            log_vkey: log_vkey.into(),
            account: Bytes(proof.account.clone()),
            salt: HashText(proof.salt),
            account_proof: proof.account_proof.iter().copied().map(HashText).collect(),
            entry: Bytes(proof.entry.to_bytes().to_vec()),
            tlog_proof: in_log.to_string(),
        })
    }

    /// Reads a file; nothing in it is verified yet.
    ///
    /// # Errors
    /// [`BalanceFileError`].
    pub fn from_json(json: &[u8]) -> Result<Self, BalanceFileError> {
        let file: Self = serde_json::from_slice(json)
            .map_err(|error| BalanceFileError::Json(error.to_string()))?;
        match file.version {
            BALANCE_VERSION => Ok(file),
            other => Err(BalanceFileError::Version(other)),
        }
    }

    /// The file as JSON.
    ///
    /// # Panics
    /// Never: every field has a JSON form.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("every field has a JSON form")
    }

    /// The proof in the file, to be verified.
    ///
    /// # Errors
    /// [`BalanceFileError`].
    pub fn to_proof(&self) -> Result<BalanceProof, BalanceFileError> {
        let entry = Entry::from_bytes(&self.entry.0)?;
        let in_log = TlogProof::parse(&self.tlog_proof)?;
        if in_log.index != entry.index {
            return Err(BalanceFileError::Index {
                proof: in_log.index,
                entry: entry.index,
            });
        }
        Ok(BalanceProof {
            account: self.account.0.clone(),
            salt: self.salt.0,
            account_proof: self.account_proof.iter().map(|hash| hash.0).collect(),
            entry,
            proof: in_log.proof,
            checkpoint: in_log.checkpoint.into_bytes(),
        })
    }
}
