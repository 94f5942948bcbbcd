//! The state: a pure function of a log prefix.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::convert::Infallible;

use super::book::Book;
use super::capture::SNAPSHOT_VERSION;
use super::cycle;
use super::days::Days;
use super::freeze::Outstanding;
use super::seal::{Frozen, SealRef};
use super::shards::Shards;
use super::snapshot::{self, PartReader, SnapshotError};
use super::time::Time;
use super::usage::Usage;
use super::window::Window;

/// Everything that `apply` reads and writes.
#[derive(Debug, Clone)]
pub struct State {
    pub(super) book: Book,
    pub(super) window: Window,
    pub(super) next_index: u64,
    pub(super) last_time: u64,
    pub(super) days: Days,
    /// The state that waits for its seal.
    pub(super) frozen: Option<Outstanding>,
    /// Somebody else copies the accounts of a state that is frozen from now on.
    pub(super) freezes_elsewhere: bool,
    pub(super) last_seal: Option<SealRef>,
    /// How much of their limits accounts have used, by account number.
    pub(super) usages: Shards<u64, Usage>,
    /// Whether payments that wait can settle: the next entry is theirs.
    pub(super) clearing_due: bool,
    /// Time of the last entry after which somebody looked for freezes that ended.
    pub(super) looked: u64,
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

    /// The earliest time, nanoseconds since 1970 UTC, at which the node itself has something to do:
    /// holds expire then, payments are released or revoked, windows of settlement models close or
    /// settle; 0 if payments that wait can settle.
    #[must_use]
    pub fn next_due(&self) -> Option<u64> {
        if self.clearing_due {
            return Some(0);
        }
        let due = [self.book.next_due(), cycle::next_due(&self.book)];
        due.into_iter().flatten().min()
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

    /// The whole state in one piece.
    #[must_use]
    pub fn to_snapshot(&self) -> Vec<u8> {
        let mut whole = Vec::new();
        let Ok(()) = self.write_parts(|part, _| {
            snapshot::join(&mut whole, &part);
            Ok::<(), Infallible>(())
        });
        whole
    }

    /// Reads a snapshot back that is in one piece.
    ///
    /// # Errors
    /// [`SnapshotError`].
    pub fn from_snapshot(bytes: &[u8]) -> Result<Self, SnapshotError> {
        Self::from_parts(snapshot::cut(bytes))
    }

    /// Hands the whole state to `sink` in parts of about a mebibyte, behind sums: a flipped byte on the
    /// disk is never believed. With each part comes whether it is the last.
    ///
    /// # Errors
    /// That of `sink`, which is then not called again.
    ///
    /// # Panics
    /// If a seal is outstanding whose accounts are kept elsewhere: then only [`Self::capture`] helps.
    pub fn write_parts<E>(
        &self,
        sink: impl FnMut(Vec<u8>, bool) -> Result<(), E>,
    ) -> Result<(), E> {
        let (capture, head) = (self.capture(), self.book.head());
        capture.write_parts(&head, self.book.accounts(), None, sink)
    }

    /// Reads the parts of a snapshot back.
    ///
    /// # Errors
    /// [`SnapshotError`].
    pub fn from_parts(parts: impl IntoIterator<Item = Vec<u8>>) -> Result<Self, SnapshotError> {
        let mut from = PartReader::new(parts.into_iter());
        let version = from.take()?;
        if version != SNAPSHOT_VERSION {
            return Err(SnapshotError::Version(version));
        }
        let (next_index, last_time) = from.take()?;
        let days = from.take()?;
        let (last_seal, clearing_due, looked) = from.take()?;
        let mut usages = Shards::default();
        from.take_all(|(account, usage)| {
            usages.put(account, Some(usage));
            Ok(())
        })?;
        let book = Book::read(&mut from)?;
        let frozen = match from.take()? {
            true => Some(Outstanding::Held(Arc::new(Frozen::read(&mut from)?))),
            false => None,
        };
        let window = Window::read(&mut from)?;
        from.finish()?;
        Ok(Self {
            book,
            window,
            next_index,
            last_time,
            days,
            frozen,
            freezes_elsewhere: false,
            last_seal,
            usages,
            clearing_due,
            looked,
        })
    }
}
