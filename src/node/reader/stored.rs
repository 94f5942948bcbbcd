//! Entries as the store keeps them, for backups: commitments, and records without any key.

use chain::{Entry, Hash};

use super::tile_trees::TileNodes;
use super::{ReadError, Reader};
use crate::node::shared::read;

/// An entry with its record, as bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    /// The entry.
    pub entry: [u8; Entry::LEN],
    /// Its record, see [`crate::node::Record`]: the body in it is sealed, and its key is not here.
    pub record: Vec<u8>,
}

impl Reader {
    /// Entries from `first` on and below `end`, until they exceed `bytes_max` bytes: at least one,
    /// and never one above this view.
    ///
    /// # Errors
    /// [`ReadError::NotFound`] when there is none.
    pub fn stored(
        &self,
        first: u64,
        end: u64,
        bytes_max: usize,
    ) -> Result<Vec<StoredEntry>, ReadError> {
        let end = end.min(self.size());
        let (mut found, mut bytes) = (Vec::new(), 0usize);
        for index in first..end {
            if bytes >= bytes_max {
                break;
            }
            let stored = self.stored_one(index)?;
            bytes = bytes.saturating_add(Entry::LEN + stored.record.len());
            found.push(stored);
        }
        if found.is_empty() {
            return Err(ReadError::NotFound);
        }
        Ok(found)
    }

    fn stored_one(&self, index: u64) -> Result<StoredEntry, ReadError> {
        // The lock is let go of before anything is encoded or read from the disk.
        let recent = read(&self.shared.recent).get(index);
        if let Some(logged) = recent {
            return Ok(StoredEntry {
                entry: logged.entry.to_bytes(),
                record: logged.record.to_bytes(),
            });
        }
        let missing = || ReadError::Damaged(index, "it is missing".to_string());
        let store = &self.shared.store;
        let entry = store.entries(index, 1)?.pop().ok_or_else(missing)?;
        let record = store.record(index)?.ok_or_else(missing)?;
        Ok(StoredEntry { entry, record })
    }

    /// The root over the first `size` entries; `None` above this view.
    #[must_use]
    pub fn root_at(&self, size: u64) -> Option<Hash> {
        if size > self.size() {
            return None;
        }
        chain::root_at(&TileNodes::new(self), size)
    }
}
