//! The proven statement: one JSON object with all that changed an account between two seals.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::balance::BalanceFile;
use super::receipt::ReceiptFile;

/// The version of the file's form.
pub const PROVEN_VERSION: u32 = 1;

/// A statement that proves itself offline, completeness included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProvenStatement {
    /// Version of the form: 1.
    pub version: u32,
    /// The older end; `null` for the account's opening.
    pub from: Option<BalanceFile>,
    /// The newer end.
    pub to: BalanceFile,
    /// A receipt of each item between them, oldest first; each opens one item.
    pub receipts: Vec<ReceiptFile>,
}

/// Why a file is not a proven statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProvenError {
    /// Not the JSON it should be.
    #[error("the statement cannot be read: {0}")]
    Json(String),
    /// A version this code does not know.
    #[error("statement version {0} is unknown")]
    Version(u32),
}

impl ProvenStatement {
    /// Reads a file; nothing in it is verified yet.
    ///
    /// # Errors
    /// [`ProvenError`].
    pub fn from_json(json: &[u8]) -> Result<Self, ProvenError> {
        let file: Self =
            serde_json::from_slice(json).map_err(|error| ProvenError::Json(error.to_string()))?;
        match file.version {
            PROVEN_VERSION => Ok(file),
            other => Err(ProvenError::Version(other)),
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
}
