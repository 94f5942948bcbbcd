//! Stored entries of many items that were decoded, or whose items were made again, for the next who asks
//! for one of them: pages of history come by one message many times.

use std::sync::Arc;

use chain::Entry;

use super::parts::Found;
use super::{Held, ReadError, Reader};
use crate::ledger::{Draft, SealedItems};
use crate::node::record::Record;

/// Items from which on an entry is worth its place: fewer are made sooner than a body is parsed.
const ITEMS_MIN: usize = 64;

/// An entry from the store. Neither texts nor keys: who may read those is asked each time, and they may
/// be erased.
pub(in crate::node) struct Stored {
    pub(super) entry: Entry,
    pub(super) record: Record,
    /// Bytes that were read for it.
    pub(super) read: usize,
}

/// The same with its items.
pub(in crate::node) struct Made {
    pub(super) stored: Arc<Stored>,
    pub(super) items: SealedItems,
}

impl Stored {
    /// About how many bytes of memory it takes.
    fn weight(&self) -> usize {
        let drafts = self.record.drafts.len().saturating_mul(size_of::<Draft>());
        self.read
            .saturating_add(drafts)
            .saturating_add(size_of::<Self>())
    }

    /// Whether it is worth its place. A batch is read in runs, also when somebody read it as a whole.
    const fn is_large(&self) -> bool {
        self.record.runs.is_empty() && self.record.drafts.len() >= ITEMS_MIN
    }
}

impl Made {
    /// The same of it all.
    fn weight(&self) -> usize {
        let items = self.items.weight().saturating_add(size_of::<Self>());
        self.stored.weight().saturating_add(items)
    }
}

impl Reader {
    /// Makes the items of an entry that was found as a whole in the store, and keeps them.
    pub(super) fn made(&self, found: Found) -> Result<Found, ReadError> {
        let Found::Whole(Held::Stored(stored)) = found else {
            return Ok(found);
        };
        if !stored.is_large() {
            return Ok(Found::Whole(Held::Stored(stored)));
        }
        let index = stored.entry.index;
        let excerpt = self.excerpt(index, &stored.record.drafts, []);
        let items = stored
            .record
            .items(&excerpt)
            .map_err(|error| ReadError::Damaged(index, error.to_string()))?;
        let made = Arc::new(Made { stored, items });
        self.shared.made.keep(index, made.weight(), &made);
        Ok(Found::Whole(Held::Made(made)))
    }

    /// An entry from the store, decoded from its record; a large one is kept.
    pub(super) fn decoded(&self, index: u64, record: &[u8]) -> Result<Held, ReadError> {
        let entry = self.stored_entry(index)?;
        let read = record.len();
        let record = Record::from_bytes(record)
            .map_err(|error| ReadError::Damaged(index, error.to_string()))?;
        let stored = Arc::new(Stored {
            entry,
            record,
            read,
        });
        if stored.is_large() {
            self.shared.decoded.keep(index, stored.weight(), &stored);
        }
        Ok(Held::Stored(stored))
    }
}
