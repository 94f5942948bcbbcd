//! Freezing: what a state keeps of itself until its seal is in the log.
//!
//! Whoever replays copies the accounts at once. The writer of a node does not: it only says at which
//! size the state is frozen, and the accounts are copied beside it ([`super::Copying`]).

use alloc::sync::Arc;

use super::calendar;
use super::seal::{Frozen, SealRef};
use super::state::State;
use super::time::SECOND;

/// A state that waits for its seal.
#[derive(Debug, Clone)]
pub(super) enum Outstanding {
    /// Its accounts are here.
    Held(Arc<Frozen>),
    /// Somebody else has its accounts; it was frozen at this size.
    Elsewhere(u64),
}

impl Outstanding {
    /// The log size that it was frozen at.
    pub(super) fn size(&self) -> u64 {
        match self {
            Self::Held(frozen) => frozen.size,
            Self::Elsewhere(size) => *size,
        }
    }

    /// Its accounts, if they are here.
    pub(super) const fn held(&self) -> Option<&Arc<Frozen>> {
        match self {
            Self::Held(frozen) => Some(frozen),
            Self::Elsewhere(_) => None,
        }
    }
}

impl State {
    /// Log size of the state that waits for its seal.
    #[must_use]
    pub fn frozen_size(&self) -> Option<u64> {
        self.frozen.as_ref().map(Outstanding::size)
    }

    /// The accounts of the state that waits for its seal, if they are here.
    #[must_use]
    pub fn frozen(&self) -> Option<&Arc<Frozen>> {
        self.frozen.as_ref()?.held()
    }

    /// The newest seal.
    #[must_use]
    pub const fn last_seal(&self) -> Option<SealRef> {
        self.last_seal
    }

    /// From now on a freeze is a number: somebody else copies the accounts, computes the seal over
    /// them and orders it with what came of it.
    pub const fn freeze_elsewhere(&mut self) {
        self.freezes_elsewhere = true;
    }

    /// Before an entry at `time`: freezes the state if a seal falls due and none is outstanding. When a
    /// business day has closed, that is the state to be sealed, and no other takes its place.
    pub(super) fn freeze_if_due(&mut self, time: u64) {
        if self.frozen.is_some() {
            return;
        }
        let interval = self
            .book
            .parameters()
            .seal_interval_s
            .saturating_mul(SECOND);
        let slot = |time: u64| time.checked_div(interval);
        let by_time = slot(self.last_time) < slot(time);
        let due = calendar::is_to_seal(&self.book, self.next_index)
            || by_time && !calendar::closes_by(&self.book, time);
        if due {
            self.frozen = Some(match self.freezes_elsewhere {
                true => Outstanding::Elsewhere(self.next_index),
                false => Outstanding::Held(Arc::new(Frozen::of(&self.book, self.next_index))),
            });
        }
    }
}
