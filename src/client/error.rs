//! What can go wrong between a client and a node.

use std::time::Duration;

use crate::wire::{BalanceFileError, ErrorCode, Problem, ReceiptFileError};

/// Why a request has no result that could be relied on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The address cannot be used.
    #[error("{0:?} is not an address of the form http://host:port or https://host")]
    Address(String),
    /// A certificate or key file for TLS cannot be used.
    #[error("{file}: {why}")]
    Tls {
        /// The file.
        file: String,
        /// What is wrong.
        why: String,
    },
    /// The node cannot be reached, or the connection broke.
    #[error("{method} {url}: {source}")]
    Transport {
        /// HTTP method.
        method: &'static str,
        /// The address asked.
        url: String,
        /// The transport's reason.
        source: Box<ureq::Error>,
    },
    /// The node answered with a problem: nothing was logged.
    #[error("{}: {}", problem.code, problem.detail)]
    Problem {
        /// The problem as the node states it.
        problem: Box<Problem>,
        /// How long the node asks to wait before it is asked again (`Retry-After`).
        retry_after: Option<Duration>,
    },
    /// The answer is not one of this interface.
    #[error("{method} {url}: status {status}: {why}")]
    Answer {
        /// HTTP method.
        method: &'static str,
        /// The address asked.
        url: String,
        /// HTTP status.
        status: u16,
        /// What is wrong with the answer.
        why: String,
    },
    /// A tile is not what its path names: short, long, or not in its form.
    #[error("{path} as the node serves it: {why}")]
    Tile {
        /// The tile asked for.
        path: chain::TilePath,
        /// What is wrong with it.
        why: String,
    },
    /// What should be sent is no binary batch.
    #[error("it is no binary batch: {0}")]
    Batch(#[from] chain::BatchError),
    /// A key did not sign.
    #[error("a key did not sign: {0}")]
    Sign(#[from] chain::SignError),
    /// A note could not be made.
    #[error("the note cannot be made: {0}")]
    Note(#[from] chain::NoteError),
    /// The node's checkpoint does not hold.
    #[error("the node's checkpoint does not hold: {0}")]
    Checkpoint(String),
    /// The log's tiles do not make the proof that is asked for.
    #[error("the log's tiles cannot be used: {0}")]
    Proof(String),
    /// The log is shorter than it was.
    #[error("the log has {found} entries, and had {kept} when the receipt was made")]
    Behind {
        /// Entries that the receipt's checkpoint speaks of.
        kept: u64,
        /// Entries now.
        found: u64,
    },
    /// The log is not the one that it was.
    #[error(
        "the log's first {0} entries are not those that the receipt's checkpoint was signed for"
    )]
    Forked(u64),
    /// The witnesses' quorum does not cover the entry yet.
    #[error("the witnesses have cosigned {0} entries so far, and the receipt's is none of them")]
    NotCovered(u64),
    /// The receipt's form is wrong.
    #[error("the receipt cannot be read: {0}")]
    ReceiptForm(#[from] ReceiptFileError),
    /// The receipt proves nothing.
    #[error("the receipt does not hold: {0}")]
    Receipt(#[from] chain::ReceiptError),
    /// The balance proof's form is wrong.
    #[error("the balance proof cannot be read: {0}")]
    BalanceForm(#[from] BalanceFileError),
    /// The balance proof proves nothing.
    #[error("the balance proof does not hold: {0}")]
    Balance(#[from] chain::BalanceError),
    /// The receipt is a good one, for something else than what was sent.
    #[error("the receipt is for another submission: {0}")]
    ReceiptForOther(&'static str),
    /// The node states another key than the one that is trusted.
    #[error("the node's log key is {found}, not the trusted {trusted}")]
    LogKey {
        /// The key that was brought along.
        trusted: String,
        /// The key that the node states.
        found: String,
        /// Whether the node says that the trusted key was this log's once.
        retired: bool,
    },
}

/// Where submissions are sent.
pub(super) const SUBMISSIONS: &str = "/v1/submissions";

impl ClientError {
    /// The problem's code, if the node answered with one that this version knows.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Problem { problem, .. } => problem.error_code(),
            _ => None,
        }
    }

    /// How long to wait before asking again, if the node says so.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Problem { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether identical bytes may be accepted when they are sent again later: no answer, or one
    /// that says "not now".
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Transport { .. } | Self::Answer { .. } => true,
            Self::Problem { problem, .. } => {
                matches!(problem.status, 408 | 429) || problem.status >= 500
            }
            _ => false,
        }
    }

    /// Whether the node may or may not have logged a submission: resend identical bytes. A request that
    /// asks for something, or for a session, logs nothing whatever became of it.
    #[must_use]
    pub fn is_uncertain(&self) -> bool {
        match self {
            Self::Transport { method, url, .. } | Self::Answer { method, url, .. } => {
                *method == "POST" && url.ends_with(SUBMISSIONS)
            }
            Self::Problem { problem, .. } => problem.status >= 500,
            _ => false,
        }
    }
}
