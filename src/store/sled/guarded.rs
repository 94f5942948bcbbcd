//! The seam, with every panic of the engine turned into an error.

use std::sync::PoisonError;

use super::{SledStore, panics::guarded};
use crate::store::batch::{Batch, EntryBytes};
use crate::store::head::Head;
use crate::store::{Store, StoreError};

impl Store for SledStore {
    fn apply(&self, batch: &Batch) -> Result<(), StoreError> {
        guarded("writing", || self.put(batch))
    }

    fn head(&self) -> Option<Head> {
        *self.head.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn entries(&self, first: u64, max: usize) -> Result<Vec<EntryBytes>, StoreError> {
        guarded("reading", || self.find_entries(first, max))
    }

    fn record(&self, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        guarded("reading", || self.find_record(index))
    }

    fn record_part(
        &self,
        index: u64,
        from: usize,
        len: usize,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        guarded("reading", || self.find_record_part(index, from, len))
    }

    fn tile(&self, level: u8, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        guarded("reading", || self.find_tile(level, number))
    }

    fn message(
        &self,
        created: u64,
        participant: &str,
        id: &str,
    ) -> Result<Option<u64>, StoreError> {
        guarded("reading", || self.find_message(created, participant, id))
    }

    fn snapshot(
        &self,
        at_or_below: u64,
        each: &mut dyn FnMut(Vec<u8>),
    ) -> Result<Option<u64>, StoreError> {
        guarded("reading", || self.find_snapshot(at_or_below, each))
    }

    fn sync(&self) -> Result<Option<Head>, StoreError> {
        guarded("flushing", || self.sync_all())
    }
}
