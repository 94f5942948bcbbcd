//! Backups: the log in segments of files, and a manifest that speaks for them.
//!
//! ```text
//!  DIR/backup.json                  the manifest: written last, whole or not at all
//!  DIR/segments/000000000000-42.seg entries and records: 42 from index 0 on, behind a header
//!  DIR/lock                         one backup at a time
//! ```
//!
//! A backup holds what the node signed for: entries and records, whose bodies are ciphertext. It
//! never holds the head file (it says what was signed, and an old one must not say it again), the
//! key slots (an erased body must stay erased), frames of the write-ahead log, or any private key.
//!
//! [`take`] fills a backup from a node, [`verify`] computes everything in it again, [`restore`]
//! does the same while it fills a store. The clock is the caller's.

mod error;
mod frame;
mod manifest;
mod place;
mod rebuild;
mod replay;
mod restore;
mod segment;
mod source;
mod take;
mod verify;

pub use error::BackupError;
pub use frame::{FrameError, decode_run, encode_run};
pub use manifest::{MANIFEST, Manifest, Segment};
pub use place::{readable, writable};
pub use rebuild::{Export, Origin, Rebuilt, rebuild};
pub use replay::{Items, Replay, Stepped};
pub use restore::{Confirmed, Plan, Restored, restore};
pub use source::{AdminSource, LogState, NodeSource, RUN_BYTES, Source, SourceError, log_state};
pub use take::{Order, Taken, take};
pub use verify::{Verified, verify};

/// How far a long run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Entries done.
    pub entries: u64,
    /// Entries there are.
    pub of: u64,
}
