//! Why a node does not open, or does not come into being, and what to do about it.

use std::io;
use std::path::PathBuf;

use chain::Hash;

use super::trouble::Trouble;
use crate::clock::ClockError;
use crate::ledger::GenesisError;
use crate::store::StoreError;
use crate::store::head::HeadError;
use crate::store::marker::FolderError;
use crate::store::slots::SlotsError;
use crate::store::wal::WalError;
use crate::witness::Contradiction;

/// Why a node does not open. Nothing was signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The data folder is not one, or is in use.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system reports.
        source: io::Error,
    },
    /// The log's key file.
    #[error("the log's key: {0}")]
    Key(#[from] keys::KeyFileError),
    /// The passphrase of the log's key.
    #[error("the passphrase of the log's key: {0}")]
    Passphrase(#[from] keys::PassphraseError),
    /// The checkpoint signer.
    #[error("the checkpoint signer: {0}")]
    Guard(#[from] keys::GuardError),
    /// The head file.
    #[error(transparent)]
    Head(#[from] HeadError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The write-ahead log.
    #[error(transparent)]
    Wal(#[from] WalError),
    /// The key slots.
    #[error(transparent)]
    Slots(#[from] SlotsError),
    /// The genesis document.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// The clock.
    #[error("{0}; if the clock is right, start with `run --accept-time RFC3339`")]
    Clock(#[from] ClockError),
    /// There is a log, and the file of erasable keys is gone.
    #[error(
        "the log has {size} entries and `keys.slots` is gone: an empty one is not put in its place. Restore it from its own backup; without one, make an empty file of that name, and the bodies of old entries stay closed for ever"
    )]
    NoSlots {
        /// Size of the log.
        size: u64,
    },
    /// The store is not there.
    #[error(
        "{path} is gone, and the head file says that {known} entries were signed: no empty store is made in its place. Put it back, or make it anew with `quittance rebuild`"
    )]
    NoStore {
        /// Where it should lie.
        path: PathBuf,
        /// Size known to have been signed.
        known: u64,
    },
    /// The store holds no log, while there was one.
    #[error(
        "the store holds no log, and the head file says that {known} entries were signed. Put the right store back, or make it anew with `quittance rebuild`"
    )]
    EmptyStore {
        /// Size known to have been signed.
        known: u64,
    },
    /// The store holds no log and nothing was signed.
    #[error(
        "the store holds no log and nothing was ever signed: the founding was interrupted. Remove the data folder and found again"
    )]
    Empty,
    /// There is a log and no head file: who knows what was signed already.
    #[error(
        "the log has {size} entries and no head file says what was signed already; put the head file back, or go on with `quittance restore --checkpoint FILE` at the newest checkpoint that anybody holds. A copy that was restored without one, or at an index, is for looking at and never signs"
    )]
    NoHead {
        /// Size of the log.
        size: u64,
    },
    /// A founding began and did not end, or there is entry 0 and no head file.
    #[error(
        "a founding was interrupted here, before anything was acknowledged: remove the data folder and found again. If the log ever had more entries, go on only with `restore --checkpoint FILE` at the newest checkpoint that anybody holds"
    )]
    HalfFounded,
    /// Store and WAL together end below what was signed.
    #[error(
        "the log on disk ends at {found} entries, and {known} were signed: this is an old copy, or its tail is lost. Nothing is signed. Put the newest store, write-ahead log and head file in place, together"
    )]
    Behind {
        /// Size found.
        found: u64,
        /// Size known to have been signed.
        known: u64,
    },
    /// The log on disk has another root than was signed.
    #[error(
        "the log on disk has root {found} at size {size}, and another was signed: two logs would share a name. Nothing is signed"
    )]
    Forked {
        /// The size in question.
        size: u64,
        /// The root found.
        found: Hash,
    },
    /// Frames are missing between store and WAL.
    #[error(
        "the store ends at {store} entries and the write-ahead log begins at {wal}: entries between are missing. Put the store back that belongs to this write-ahead log, or `quittance rebuild` from a newer export"
    )]
    Gap {
        /// Size of the store.
        store: u64,
        /// First size in the WAL.
        wal: u64,
    },
    /// Replay computed something else than is stored.
    #[error("replay differs from the log at index {index}: {what}")]
    Diverged {
        /// The first index that differs.
        index: u64,
        /// How.
        what: String,
    },
    /// `node.toml` names another log than the data folder holds.
    #[error("node.toml says `{key}` is {configured}, and the log in the data folder says {found}")]
    OtherLog {
        /// Configuration key.
        key: &'static str,
        /// What is configured.
        configured: String,
        /// What the log says.
        found: String,
    },
    /// The log is signed by a key that no configured file holds.
    #[error("the log is signed by {needed}, and the files of [keys] hold {held}")]
    LogKeyMissing {
        /// The key that is needed.
        needed: String,
        /// Those that are there.
        held: String,
    },
    /// The policy of witnesses cannot be used.
    #[error("the policy {}: {why}", file.display())]
    Policy {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Witnesses hold what the log on disk cannot explain.
    #[error(
        "{0}. Nothing is signed. Put the newest store, write-ahead log and head file of this log in place, together"
    )]
    Witnessed(#[from] Contradiction),
    /// A thread could not be started.
    #[error("a thread could not be started: {0}")]
    Thread(io::Error),
}

impl OpenError {
    /// The stable code that `quittance explain` knows.
    #[must_use]
    pub fn trouble(&self) -> Trouble {
        match self {
            Self::Folder(error) => of_folder(error),
            Self::Io { .. } => Trouble::FileUnreadable,
            Self::Key(_) | Self::Passphrase(_) | Self::Guard(_) => Trouble::KeyUnusable,
            Self::Head(HeadError::Io(_)) => Trouble::FileUnreadable,
            Self::Head(_) => Trouble::HeadDamaged,
            Self::Store(error) => of_store(error),
            Self::Wal(error) => of_wal(error),
            Self::Slots(_) => Trouble::SlotsUnreadable,
            Self::NoSlots { .. } => Trouble::SlotsMissing,
            Self::Genesis(_) | Self::Diverged { .. } => Trouble::LogDiverged,
            Self::Clock(_) => Trouble::ClockOff,
            Self::NoStore { .. } | Self::EmptyStore { .. } => Trouble::StoreMissing,
            Self::Empty | Self::HalfFounded => Trouble::FoundingUnfinished,
            Self::NoHead { .. } => Trouble::HeadMissing,
            Self::Behind { .. } => Trouble::LogBehind,
            Self::Forked { .. } => Trouble::LogForked,
            Self::Gap { .. } => Trouble::StoreGap,
            Self::OtherLog { .. } | Self::LogKeyMissing { .. } => Trouble::OtherLog,
            Self::Policy { .. } => Trouble::PolicyUnusable,
            Self::Witnessed(Contradiction::Fork { .. }) => Trouble::LogForked,
            Self::Witnessed(_) => Trouble::LogBehind,
            Self::Thread(_) => Trouble::SystemRefused,
        }
    }
}

fn of_folder(error: &FolderError) -> Trouble {
    match error {
        FolderError::InUse { .. } => Trouble::FolderInUse,
        FolderError::Empty { .. } => Trouble::FolderEmpty,
        FolderError::NotOurs { .. } => Trouble::FolderForeign,
        FolderError::Format { .. } => Trouble::FolderFormat,
        FolderError::Io { .. } | FolderError::Initialised { .. } => Trouble::FileUnreadable,
    }
}

fn of_store(error: &StoreError) -> Trouble {
    match error {
        StoreError::Open { .. } | StoreError::OpenPanicked { .. } => Trouble::StoreUnopened,
        StoreError::Keep { .. } => Trouble::StoreNotKept,
        StoreError::Look { .. } | StoreError::Sync { .. } => Trouble::FileUnreadable,
        _ => Trouble::StoreDamaged,
    }
}

fn of_wal(error: &WalError) -> Trouble {
    match error {
        WalError::NoSegments { .. } | WalError::SegmentMissing { .. } => Trouble::WalMissing,
        WalError::Io { .. } | WalError::SegmentSize { .. } | WalError::Stopped => {
            Trouble::WalUnreadable
        }
        WalError::BelowMark { .. } => Trouble::LogBehind,
        WalError::Root { .. } => Trouble::LogForked,
        _ => Trouble::WalDamaged,
    }
}

/// Why a log could not be founded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InitError {
    /// The data folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system reports.
        source: io::Error,
    },
    /// A key file.
    #[error(transparent)]
    KeyFile(#[from] keys::KeyFileError),
    /// A key.
    #[error(transparent)]
    Key(#[from] keys::KeyError),
    /// A verifier key file.
    #[error(transparent)]
    Vkey(#[from] keys::VkeyFileError),
    /// A passphrase.
    #[error(transparent)]
    Passphrase(#[from] keys::PassphraseError),
    /// The genesis document.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The head file.
    #[error(transparent)]
    Head(#[from] HeadError),
    /// Signing failed.
    #[error("signing the genesis failed: {0}")]
    Sign(chain::SignError),
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Random(getrandom::Error),
    /// Live logs are founded with signatures made elsewhere.
    #[error("a live log needs its founders' signatures: `quittance init --live` says how")]
    Live,
}
