//! Where a backup is taken from: a node that runs (over the operators' listener), or one that this
//! process has opened.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::frame::{FrameError, decode_run};
use crate::client::{Admin, ClientError};
use crate::node::{Node, ReadError, Reader, StoredEntry};
use crate::wire::{HashText, LogView};

/// About how many bytes travel in one answer: enough to be fast, few enough to hold up nobody.
pub const RUN_BYTES: usize = 4 << 20;

/// Which log it is, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogState {
    /// Which log it is.
    pub log: LogView,
    /// The newest signed checkpoint, verbatim.
    pub checkpoint: String,
    /// The root at the size that was asked about; none if the log is shorter.
    pub root_at: Option<HashText>,
}

/// Why a source gives no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The node does not answer, or refuses.
    #[error(transparent)]
    Client(#[from] Box<ClientError>),
    /// The node's answer is not one.
    #[error("the node's answer cannot be read: {0}")]
    Frames(#[from] FrameError),
    /// The log cannot be read.
    #[error("the log cannot be read: {0}")]
    Read(#[from] ReadError),
    /// The node answered with nothing, or with something else than was asked for.
    #[error("the node did not give entry {0}")]
    Missing(u64),
}

impl From<ClientError> for SourceError {
    fn from(error: ClientError) -> Self {
        Self::Client(Box::new(error))
    }
}

/// What a backup asks.
pub trait Source {
    /// Which log it is, where it stands, and its root at size `at`.
    ///
    /// # Errors
    /// [`SourceError`].
    fn state(&mut self, at: u64) -> Result<LogState, SourceError>;

    /// Entries from `first` on, below `end`: at least one.
    ///
    /// # Errors
    /// [`SourceError`].
    fn run(&mut self, first: u64, end: u64) -> Result<Vec<StoredEntry>, SourceError>;
}

/// What a node says about its log, at the durable watermark.
#[must_use]
pub fn log_state(node: &Node, reader: &Reader, at: u64) -> LogState {
    LogState {
        log: node.log_view(),
        checkpoint: reader.checkpoint().to_string(),
        root_at: reader.root_at(at).map(HashText),
    }
}

/// A node in this process, while nobody else writes to it.
pub struct NodeSource {
    node: Arc<Node>,
    reader: Reader,
}

impl NodeSource {
    /// A source of everything that is in the log now.
    #[must_use]
    pub fn new(node: Arc<Node>) -> Self {
        let reader = node.reader();
        Self { node, reader }
    }
}

impl Source for NodeSource {
    fn state(&mut self, at: u64) -> Result<LogState, SourceError> {
        Ok(log_state(&self.node, &self.reader, at))
    }

    fn run(&mut self, first: u64, end: u64) -> Result<Vec<StoredEntry>, SourceError> {
        Ok(self.reader.stored(first, end, RUN_BYTES)?)
    }
}

/// A node that runs elsewhere, through its operators' listener.
pub struct AdminSource(pub Admin);

impl Source for AdminSource {
    fn state(&mut self, at: u64) -> Result<LogState, SourceError> {
        Ok(self.0.json(&format!("/backup/log?at={at}"))?)
    }

    fn run(&mut self, first: u64, end: u64) -> Result<Vec<StoredEntry>, SourceError> {
        let path = format!("/backup/entries?first={first}&end={end}");
        Ok(decode_run(&self.0.bytes(&path)?)?)
    }
}
