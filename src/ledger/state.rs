//! The state: a pure function of a log prefix.

use alloc::sync::Arc;
use alloc::vec::Vec;

use chain::Hash;
use serde::{Deserialize, Serialize};

use super::book::Book;
use super::days::Days;
use super::seal::{Frozen, SealRef};
use super::time::Time;
use super::window::{Window, WindowSnapshot};

/// Version of the snapshot encoding; a snapshot of another version is ignored and replayed anew.
const SNAPSHOT_VERSION: u16 = 5;

/// Everything that `apply` reads and writes.
#[derive(Debug, Clone)]
pub struct State {
    pub(super) book: Book,
    pub(super) window: Window,
    pub(super) next_index: u64,
    pub(super) last_time: u64,
    pub(super) days: Days,
    /// The state that waits for its seal.
    pub(super) frozen: Option<Arc<Frozen>>,
    pub(super) last_seal: Option<SealRef>,
}

#[derive(Serialize, Deserialize)]
struct Snapshot {
    version: u16,
    book: Book,
    window: WindowSnapshot,
    next_index: u64,
    last_time: u64,
    days: Days,
    frozen: Option<Frozen>,
    last_seal: Option<SealRef>,
}

/// Why bytes are not a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// The bytes cannot be read.
    #[error("the snapshot cannot be read")]
    Unreadable,
    /// The snapshot has another version.
    #[error("the snapshot has version {0}")]
    Version(u16),
}

impl State {
    /// The book: what readers may ask about.
    #[must_use]
    pub const fn book(&self) -> &Book {
        &self.book
    }

    /// The window of ids.
    #[must_use]
    pub const fn window(&self) -> &Window {
        &self.window
    }

    /// Index that the next entry gets: the size of the log.
    #[must_use]
    pub const fn next_index(&self) -> u64 {
        self.next_index
    }

    /// Time of the last entry.
    #[must_use]
    pub const fn last_time(&self) -> Time {
        Time::from_nanos(self.last_time)
    }

    /// The whole state as bytes, behind their SHA-256: a flipped byte on the disk is never believed.
    ///
    /// # Panics
    /// Never: every part of the state has an encoding.
    #[must_use]
    pub fn to_snapshot(&self) -> Vec<u8> {
        let snapshot = Snapshot {
            version: SNAPSHOT_VERSION,
            book: self.book.clone(),
            window: self.window.snapshot(),
            next_index: self.next_index,
            last_time: self.last_time,
            days: self.days.clone(),
            frozen: self.frozen.as_deref().cloned(),
            last_seal: self.last_seal,
        };
        let out = alloc::vec![0u8; Hash::LEN];
        let mut out =
            postcard::to_extend(&snapshot, out).expect("every part of the state has an encoding");
        let (sum, body) = out.split_at_mut(Hash::LEN);
        sum.copy_from_slice(Hash::sha256(body).as_bytes());
        out
    }

    /// Reads a snapshot back.
    ///
    /// # Errors
    /// [`SnapshotError`].
    pub fn from_snapshot(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let (sum, body) = bytes
            .split_at_checked(Hash::LEN)
            .ok_or(SnapshotError::Unreadable)?;
        if sum != Hash::sha256(body).as_bytes() {
            return Err(SnapshotError::Unreadable);
        }
        let snapshot: Snapshot =
            postcard::from_bytes(body).map_err(|_| SnapshotError::Unreadable)?;
        if snapshot.version != SNAPSHOT_VERSION {
            return Err(SnapshotError::Version(snapshot.version));
        }
        let mut book = snapshot.book;
        book.reindex();
        Ok(Self {
            book,
            window: Window::restore(snapshot.window),
            next_index: snapshot.next_index,
            last_time: snapshot.last_time,
            days: snapshot.days,
            frozen: snapshot.frozen.map(Arc::new),
            last_seal: snapshot.last_seal,
        })
    }
}
