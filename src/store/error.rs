//! What can go wrong with the store.

use std::io;
use std::path::PathBuf;

use super::batch::BatchError;
use super::table::Table;

/// An error of the storage engine, which only this module knows by name.
pub type EngineError = Box<dyn std::error::Error + Send + Sync>;

/// Where a copy of the engine's files lies, in the words of an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept(pub Option<PathBuf>);

impl std::fmt::Display for Kept {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Some(path) => write!(out, " (as it was it is kept in {})", path.display()),
            None => Ok(()),
        }
    }
}

/// Why the store could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The engine refused to open its files.
    #[error(
        "the store in {path} does not open{kept}. `quittance doctor` looks at it more closely; \
         `quittance rebuild` makes a new one and loses nothing that can be read or proven"
    )]
    Open {
        /// The folder.
        path: PathBuf,
        /// The copy made before.
        kept: Kept,
        /// What the engine says.
        #[source]
        source: EngineError,
    },
    /// The engine panicked on its files, which it does on most damage.
    #[error(
        "the store in {path} is damaged{kept}: opening it failed with \"{panic}\". `quittance \
         doctor` looks at it more closely (a damaged `snap.` file may be moved away, the engine \
         makes it anew); `quittance rebuild` makes a new store"
    )]
    OpenPanicked {
        /// The folder.
        path: PathBuf,
        /// The copy made before.
        kept: Kept,
        /// What the engine said.
        panic: String,
    },
    /// The engine's files could not be read.
    #[error("the store's files in {path} cannot be read")]
    Look {
        /// The folder.
        path: PathBuf,
        /// What was reported.
        #[source]
        source: io::Error,
    },
    /// The engine's files are damaged, and the copy that must be kept before they are opened
    /// could not be made.
    #[error(
        "the store is damaged, and a copy could not be kept in {path} before opening it, which \
         may rewrite it. Nothing was touched: make room, or open it on another disk"
    )]
    Keep {
        /// Where the copy was to lie.
        path: PathBuf,
        /// What was reported.
        #[source]
        source: io::Error,
    },
    /// The engine panicked; the process must stop.
    #[error("the store is damaged: {doing} it failed with \"{panic}\"")]
    EnginePanicked {
        /// What was being done.
        doing: &'static str,
        /// What the engine said.
        panic: String,
    },
    /// The engine reported an error; the process must stop.
    #[error("the store failed while {doing}")]
    Engine {
        /// What was being done.
        doing: &'static str,
        /// What was reported.
        #[source]
        source: EngineError,
    },
    /// Syncing the engine's files failed; the process must stop.
    #[error("the store could not sync {path}")]
    Sync {
        /// The file or folder.
        path: PathBuf,
        /// What was reported.
        #[source]
        source: io::Error,
    },
    /// After a sync, another head was read back than was written.
    #[error("the store gives back a head of size {found:?} after a sync, expected {expected:?}")]
    HeadChanged {
        /// Size of the head written.
        expected: Option<u64>,
        /// Size of the head read.
        found: Option<u64>,
    },
    /// The store was written by another version.
    #[error("the store has format {found}, this version reads format {expected}")]
    Format {
        /// The format this version reads.
        expected: u8,
        /// The format stated.
        found: u8,
    },
    /// Something below the head is missing or cannot be read.
    #[error("the store is damaged: {table} of {index} is missing or unreadable")]
    Damaged {
        /// The table.
        table: Table,
        /// Index of the entry, tile or snapshot.
        index: u64,
    },
    /// The batch contradicts itself.
    #[error("the batch contradicts itself")]
    Batch(#[from] BatchError),
    /// The batch does not begin where the store ends.
    #[error("the batch begins at entry {found}, the store ends at {expected}")]
    Gap {
        /// The store's size.
        expected: u64,
        /// The batch's first index.
        found: u64,
    },
    /// The batch states something else for entries that the store has.
    #[error("the batch differs from the store at entry {index}")]
    Conflict {
        /// The first entry that differs, or the size when the heads differ.
        index: u64,
    },
}
