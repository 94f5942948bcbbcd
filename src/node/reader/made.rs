//! Stored entries of many items that were made again, for the next who asks for one of them.

use std::sync::Arc;

use chain::Entry;

use super::parts::Found;
use super::{Held, ReadError, Reader};
use crate::ledger::{Draft, SealedItems};
use crate::node::record::Record;

/// Items from which on an entry is worth its place: fewer are made sooner than a body is parsed.
const ITEMS_MIN: usize = 64;

/// An entry from the store with its items. Neither texts nor keys: who may read those is asked each
/// time, and they may be erased.
pub(in crate::node) struct Made {
    pub(super) entry: Entry,
    pub(super) record: Record,
    pub(super) items: SealedItems,
    /// Bytes that were read for it.
    pub(super) read: usize,
}

impl Made {
    /// About how many bytes of memory it takes.
    fn weight(&self) -> usize {
        let drafts = self.record.drafts.len().saturating_mul(size_of::<Draft>());
        let rest = self.items.weight().saturating_add(size_of::<Self>());
        self.read.saturating_add(drafts).saturating_add(rest)
    }
}

impl Reader {
    /// Makes the items of an entry that was found as a whole in the store, and keeps them.
    pub(super) fn made(&self, found: Found) -> Result<Found, ReadError> {
        let Found::Whole(Held::Stored(stored)) = found else {
            return Ok(found);
        };
        if stored.1.drafts.len() < ITEMS_MIN {
            return Ok(Found::Whole(Held::Stored(stored)));
        }
        let (entry, record, read) = *stored;
        let excerpt = self.excerpt(entry.index, &record.drafts, []);
        let items = record
            .items(&excerpt)
            .map_err(|error| ReadError::Damaged(entry.index, error.to_string()))?;
        let made = Arc::new(Made {
            entry,
            record,
            items,
            read,
        });
        self.shared.made.keep(entry.index, made.weight(), &made);
        Ok(Found::Whole(Held::Made(made)))
    }
}
