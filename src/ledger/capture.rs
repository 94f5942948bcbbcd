//! A capture: a state at one log size without its accounts, which the writer takes at once, and the
//! snapshot that comes of it with the accounts that are copied beside the writer ([`super::Copying`]).
//!
//! There is one way to write a snapshot, so that its bytes say nothing of how it was taken.

use alloc::vec::Vec;
use core::borrow::Borrow;

use super::account::Account;
use super::book::BookHead;
use super::clearing::Outlook;
use super::days::Days;
use super::edge::Edge;
use super::freeze::Outstanding;
use super::seal::{Frozen, SealRef};
use super::snapshot::PartWriter;
use super::sparse::Sparse;
use super::state::State;
use super::usage::Usage;
use super::window::SavedWindow;

/// Version of the snapshot encoding; a snapshot of another version is ignored and replayed anew.
pub(super) const SNAPSHOT_VERSION: u16 = 13;

/// What a snapshot has of a state beside its book. What is large in it is shared with the state.
#[derive(Debug, Clone)]
pub struct StateCapture {
    next_index: u64,
    last_time: u64,
    days: Days,
    last_seal: Option<SealRef>,
    usages: Sparse<Usage>,
    outlook: Outlook,
    edge: Edge,
    frozen: Option<Outstanding>,
    window: SavedWindow,
}

impl State {
    /// Takes what a snapshot has of the state beside its book, at once: it costs the same for a million
    /// accounts as for none.
    #[must_use]
    pub fn capture(&self) -> StateCapture {
        StateCapture {
            next_index: self.next_index,
            last_time: self.last_time,
            days: self.days.clone(),
            last_seal: self.last_seal,
            usages: self.usages.clone(),
            outlook: self.outlook,
            edge: self.edge.clone(),
            frozen: self.frozen.clone(),
            window: self.window.save(),
        }
    }
}

impl StateCapture {
    /// Size of the log that the state is of.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.next_index
    }

    /// Size of the log at which the state was frozen that waits for its seal, if its accounts are kept
    /// elsewhere.
    #[must_use]
    pub const fn frozen_elsewhere(&self) -> Option<u64> {
        match &self.frozen {
            Some(Outstanding::Elsewhere(size)) => Some(*size),
            _ => None,
        }
    }

    /// Hands the whole state to `sink` in parts of about a mebibyte, behind sums, and with each part
    /// whether it is the last: with the book's head and accounts of the same log size, and with what
    /// [`Self::frozen_elsewhere`] asks for.
    ///
    /// # Errors
    /// That of `sink`, which is then not called again.
    ///
    /// # Panics
    /// If there are more or fewer accounts than the head says, or the frozen accounts are missing: a
    /// snapshot of something else than the state must never be stored.
    pub fn write_parts<E>(
        &self,
        head: &BookHead,
        accounts: impl IntoIterator<Item: Borrow<Account>>,
        frozen: Option<&Frozen>,
        sink: impl FnMut(Vec<u8>, bool) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut out = PartWriter::new(sink);
        out.put(&SNAPSHOT_VERSION)?;
        out.put(&(self.next_index, self.last_time))?;
        out.put(&self.days)?;
        out.put(&(self.last_seal, self.outlook))?;
        self.edge.write(&mut out)?;
        out.put(&self.usages.len())?;
        for usage in self.usages.iter() {
            out.put(&usage)?;
        }
        head.write(&mut out)?;
        let mut count = 0usize;
        for account in accounts {
            out.put(account.borrow())?;
            count = count.saturating_add(1);
        }
        assert_eq!(count, head.accounts(), "the accounts are those of the head");
        out.put(&self.frozen.is_some())?;
        if let Some(outstanding) = &self.frozen {
            let held = outstanding.held().map(|held| &**held).or(frozen);
            let frozen = held.filter(|frozen| frozen.size == outstanding.size());
            let frozen = frozen.expect("whoever keeps the frozen accounts gives them");
            frozen.write(&mut out)?;
        }
        self.window.write(&mut out)?;
        out.finish()
    }
}
