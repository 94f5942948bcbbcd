//! Why a backup is not taken, does not hold, or is not restored.

use std::io;
use std::path::PathBuf;

use chain::Hash;

use super::source::SourceError;
use crate::store::StoreError;
use crate::store::head::HeadError;
use crate::store::marker::FolderError;
use crate::store::wal::WalError;

/// Why a backup is not taken, does not hold, or is not restored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system reports.
        source: io::Error,
    },
    /// Another backup into the same folder is under way.
    #[error("another backup into {} is under way", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds other things.
    #[error("{} holds {entry:?} and no backup.json: it is no backup, and nothing was touched", path.display())]
    NotOurs {
        /// The folder.
        path: PathBuf,
        /// The first name found.
        entry: String,
    },
    /// There is no backup.
    #[error("there is no backup in {}", path.display())]
    None {
        /// The folder.
        path: PathBuf,
    },
    /// A file of the backup is missing, or is not what the manifest says.
    #[error("{file}: {why}")]
    Damaged {
        /// The file, inside the backup.
        file: String,
        /// What is wrong with it.
        why: String,
    },
    /// The log in the backup breaks the rules of logs, or of the ledger.
    #[error("entry {index}: {what}")]
    Wrong {
        /// Index of the entry.
        index: u64,
        /// What is wrong with it.
        what: String,
    },
    /// What the store is to be made of ends where the write-ahead log does not go on.
    #[error(
        "what can be read and proven ends at {size} entries, and the write-ahead log goes on from {wal} at the earliest: a newer export or backup is needed. Nothing was changed"
    )]
    Short {
        /// Entries that were proven.
        size: u64,
        /// The first size at which it goes on.
        wal: u64,
    },
    /// The export cannot be read.
    #[error("the export: {0}")]
    Export(String),
    /// The log with its tail does not hold, or ends below what was signed.
    #[error("the rebuilt log was not put in place: {0}")]
    Open(#[from] crate::node::OpenError),
    /// The log's key is not the one brought along.
    #[error("the log's key is {found}, and the trusted one is {trusted}")]
    Key {
        /// The key brought along.
        trusted: String,
        /// The key found.
        found: String,
    },
    /// The checkpoint is not signed by the log.
    #[error("{of}: the checkpoint does not hold: {why}")]
    Checkpoint {
        /// Whose checkpoint.
        of: String,
        /// What is wrong with it.
        why: String,
    },
    /// The backup is of another log than the node has.
    #[error("this is a backup of another log: its {what} is {backup}, the node's is {node}")]
    OtherLog {
        /// What differs.
        what: &'static str,
        /// As the backup has it.
        backup: String,
        /// As the node has it.
        node: String,
    },
    /// The node has fewer entries than the backup, which its own key has signed.
    #[error(
        "the node ends at {node} entries and the backup at {backup}: the node was rolled back. Stop it; what it signs from here on is a second log under the same name"
    )]
    RolledBack {
        /// Size of the node's log.
        node: u64,
        /// Size of the backup.
        backup: u64,
    },
    /// The node has other entries than the backup.
    #[error(
        "the backup has another root than the node at size {size}: the node's log has forked from what its key signed before. Stop it, and keep this backup as evidence"
    )]
    Forked {
        /// The size compared.
        size: u64,
    },
    /// What the node sent does not lead to what it signed.
    #[error(
        "what the node sent leads to root {found} at size {size}, and it signed {signed}; nothing was added to the backup"
    )]
    Root {
        /// The size.
        size: u64,
        /// The root in the node's checkpoint.
        signed: Hash,
        /// The root computed.
        found: Hash,
    },
    /// The node could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The target of a restore is not empty.
    #[error("{} is not empty: a restore fills a new folder only", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// The backup does not reach the index.
    #[error("the backup ends at {size} entries, before index {index}")]
    NoSuchIndex {
        /// The index asked for.
        index: u64,
        /// Size of the backup.
        size: u64,
    },
    /// The log went on after the backup.
    #[error(
        "the backup ends at {backup} entries, and the log has signed {newest} since ({by}): a node started on it would sign a second history. Restore a newer backup, or rebuild with the write-ahead log of the lost node; if neither exists, found a new log whose origin names this one"
    )]
    EndsBelow {
        /// Size of the backup.
        backup: u64,
        /// Newest size known to be signed.
        newest: u64,
        /// Whose checkpoint says so.
        by: String,
    },
    /// The checkpoint given is older than the backup.
    #[error(
        "the newest checkpoint given is of {given} entries, and the backup itself is signed at {backup}: ask the partners, auditors and witnesses for their newest"
    )]
    NotNewest {
        /// Newest size given.
        given: u64,
        /// Size of the backup.
        backup: u64,
    },
    /// A copy at an earlier index can never sign.
    #[error(
        "a copy at index {index} is for looking at, and can never go on as the log: the backup is signed at {backup} entries. Leave --checkpoint out"
    )]
    CopyOnly {
        /// The index asked for.
        index: u64,
        /// Size of the backup.
        backup: u64,
    },
    /// A confirmed checkpoint has another root than the backup.
    #[error(
        "{by} has another root at size {size} than the backup: one of the two is of a forked log. Nothing was made that could sign"
    )]
    OtherRoot {
        /// The size compared.
        size: u64,
        /// Whose checkpoint.
        by: String,
    },
    /// The data folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The store that is filled.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The write-ahead log of the new folder.
    #[error(transparent)]
    Wal(#[from] WalError),
    /// The head file.
    #[error(transparent)]
    Head(#[from] HeadError),
}

impl BackupError {
    /// Whether the answer is no, rather than that there is no answer.
    #[must_use]
    pub fn is_no(&self) -> bool {
        !matches!(
            self,
            Self::Io { .. }
                | Self::InUse { .. }
                | Self::NotOurs { .. }
                | Self::None { .. }
                | Self::Source(_)
                | Self::Export(_)
                | Self::NotEmpty { .. }
                | Self::NoSuchIndex { .. }
                | Self::Folder(_)
                | Self::Store(_)
                | Self::Wal(_)
                | Self::Head(_)
        )
    }

    pub(super) fn damaged(file: impl Into<String>, why: impl ToString) -> Self {
        Self::Damaged {
            file: file.into(),
            why: why.to_string(),
        }
    }

    pub(super) fn wrong(index: u64, what: impl ToString) -> Self {
        Self::Wrong {
            index,
            what: what.to_string(),
        }
    }
}
