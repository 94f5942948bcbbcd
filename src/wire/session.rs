//! The answer to a session note.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::ledger::Time;

/// A session for reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionAnswer {
    /// Bearer token, `qs_` and random text. The node keeps its SHA-256 only.
    pub token: String,
    /// When it ends.
    pub expires_at: Time,
}
