//! The state: a pure function of a log prefix.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::convert::Infallible;

use chain::Hash;

use super::book::Book;
use super::calendar;
use super::capture::SNAPSHOT_VERSION;
use super::clearing::{Hints, Outlook};
use super::cycle;
use super::days::Days;
use super::edge::Edge;
use super::freeze::Outstanding;
use super::seal::{Frozen, SealRef};
use super::snapshot::{self, PartReader, SnapshotError};
use super::sparse::Sparse;
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
    pub(super) usages: Sparse<Usage>,
    /// Whether payments that wait can settle, and when.
    pub(super) outlook: Outlook,
    /// What the last look at payments that wait left for the next; no part of what the state says.
    pub(super) hints: Hints,
    /// What is known of the hashes of the log.
    pub(super) edge: Edge,
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
    /// settle, payments that wait settle, recalls end, business days go on; 0 if some of them can at once.
    #[must_use]
    pub fn next_due(&self) -> Option<u64> {
        let run = self.outlook.due();
        if run == Some(0) {
            return run;
        }
        let sealing = self.frozen.is_some();
        let due = [
            run,
            self.book.next_due(),
            cycle::next_due(&self.book),
            calendar::next_due(&self.book, sealing),
        ];
        due.into_iter().flatten().min()
    }

    /// When a business day goes on, nanoseconds since 1970 UTC: its end may take many entries.
    #[must_use]
    pub fn next_due_of_days(&self) -> Option<u64> {
        calendar::next_due(&self.book, self.frozen.is_some())
    }

    /// What is known of the hashes of the log, up to the last entry that was [appended](Self::append).
    #[must_use]
    pub const fn edge(&self) -> &Edge {
        &self.edge
    }

    /// Appends the leaf hash of the entry that was made last. It is made outside of here, of items and
    /// their salts; without it nobody can prove that the entry is in the log, and returns are refused.
    /// `completed` is told of every subtree that it completes, as [`chain::Frontier::push`] does.
    pub fn append(&mut self, leaf: Hash, completed: &mut impl FnMut(u8, u64, Hash)) {
        self.edge.push(leaf, completed);
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

    /// Hash of the whole state, as this version of snapshots writes it: balances, holds, what waits,
    /// positions, days, limits and ids. Two who have replayed the same log have the same.
    ///
    /// # Panics
    /// As [`Self::write_parts`].
    #[must_use]
    pub fn hash(&self) -> Hash {
        let mut last = Hash::ZERO;
        let Ok(()) = self.write_parts(|part, _| {
            // Each part begins with a sum over itself and the sum of the part before.
            let sum = part.first_chunk::<{ Hash::LEN }>();
            last = sum.map_or(Hash::ZERO, |sum| Hash::from_bytes(*sum));
            Ok::<(), Infallible>(())
        });
        last
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
        let (last_seal, outlook) = from.take()?;
        let edge = Edge::read(&mut from)?;
        let mut usages = Sparse::default();
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
            outlook,
            hints: Hints::default(),
            edge,
        })
    }
}
