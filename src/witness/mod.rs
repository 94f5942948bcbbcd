//! Witnesses: others who remember a log's newest checkpoint and cosign only what continues it.
//!
//! ```text
//!   log ──▶ peers ──▶ ask ──add-checkpoint──▶ server ──▶ memory (disk first, then the answer)
//!            │ cosignatures, verified
//!            └──▶ policy: quorum or not
//! ```
//!
//! Both sides of C2SP tlog-witness are here: the one that a node asks with, and the strict, small
//! witness that any bank or auditor can run.

mod ask;
mod memory;
#[cfg(test)]
mod memory_tests;
mod peers;
#[cfg(test)]
mod peers_tests;
mod seen;
mod server;

use std::path::Path;

use chain::Policy;

pub use ask::{AskError, WitnessClient};
pub use memory::{MemoryError, Refusal, Witness};
pub use peers::{PeerFault, Peers, Round};
pub use seen::{Contradiction, Seen};
pub use server::serve;

/// A policy file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {why}")]
pub struct PolicyFileError {
    /// The file.
    pub file: String,
    /// What is wrong with it.
    pub why: String,
}

/// Reads a policy (C2SP tlog-policy) from a file.
///
/// # Errors
/// [`PolicyFileError`] if it cannot be read, or one of its lines is wrong.
pub fn read_policy(path: &Path) -> Result<Policy, PolicyFileError> {
    let wrong = |why: String| PolicyFileError {
        file: path.display().to_string(),
        why,
    };
    let bytes = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| wrong("not UTF-8".to_owned()))?;
    Policy::parse(&text).map_err(|error| wrong(error.to_string()))
}
