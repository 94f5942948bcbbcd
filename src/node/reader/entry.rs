//! Whole entries, for auditors: as JSON, or as records.

use chain::{Hash, RecordParts};

use super::{Held, Items, ReadError, Reader};
use crate::limits::ENTRIES_PAGE_BYTES;
use crate::node::body::EntryKey;
use crate::wire::{Bytes, EntryView, HashText};

/// An entry with everything that belongs to it.
struct Whole<'a> {
    held: &'a Held,
    items: Items<'a>,
    key: Option<EntryKey>,
}

impl Whole<'_> {
    /// Bytes of items and body.
    fn weight(&self) -> usize {
        let items = (0..self.items.len()).filter_map(|n| self.items.item(n));
        let items: usize = items.map(<[u8]>::len).sum();
        items.saturating_add(self.held.record().sealed_body().len())
    }

    fn view(self) -> Result<EntryView, ReadError> {
        let authorisation = self.held.authorisation()?;
        let record = self.held.record();
        let bytes = (0..self.items.len()).filter_map(|n| self.items.item(n));
        let sealed = record.sealed_body();
        Ok(EntryView {
            index: self.held.entry().index,
            entry: Bytes(self.held.entry().to_bytes().to_vec()),
            salt: HashText(Hash::from_bytes(record.salt)),
            items: bytes.map(|bytes| Bytes(bytes.to_vec())).collect(),
            content_type: Some(authorisation.content_type),
            sealed_body: (!sealed.is_empty()).then(|| Bytes(sealed.to_vec())),
            body_key: self.key.map(|key| HashText(Hash::from_bytes(*key))),
        })
    }

    /// Appends the record.
    fn write(&self, out: &mut Vec<u8>) {
        let record = self.held.record();
        let parts = RecordParts {
            entry: &self.held.entry().to_bytes(),
            salt: &Hash::from_bytes(record.salt),
            key: self.key.as_deref(),
            sealed_body: record.sealed_body(),
        };
        let item = |n| self.items.item(n).unwrap_or_default();
        parts.write(out, (0..self.items.len()).map(item));
    }
}

impl Reader {
    fn whole<T>(
        &self,
        index: u64,
        take: impl FnOnce(Whole<'_>) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        let held = &self.held(index)?;
        let excerpt = self.excerpt(index, &held.record().drafts, []);
        let items = held.items(&excerpt)?;
        let key = if held.record().sealed_body().is_empty() {
            None
        } else {
            self.open_body(held, excerpt.erased).map(|(key, _)| key)
        };
        take(Whole { held, items, key })
    }

    /// An entry with its items, salt, sealed body and, unless it was erased, the body's key.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn entry(&self, index: u64) -> Result<EntryView, ReadError> {
        self.whole(index, |whole| whole.view())
    }

    /// The same as a record (`chain/SPEC.md`, "Export").
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn entry_record(&self, index: u64) -> Result<Vec<u8>, ReadError> {
        self.whole(index, |whole| {
            let mut record = Vec::new();
            whole.write(&mut record);
            Ok(record)
        })
    }

    /// Entries from `first` on, at most `limit`, and where to go on if there are more. A page ends
    /// early where the entries are large.
    ///
    /// # Errors
    /// [`ReadError::BeyondLog`].
    pub fn entry_page(
        &self,
        first: u64,
        limit: usize,
    ) -> Result<(Vec<EntryView>, Option<u64>), ReadError> {
        let mut page = Vec::new();
        let next = self.page(first, limit, |whole| {
            page.push(whole.view()?);
            Ok(())
        })?;
        Ok((page, next))
    }

    /// The same as records, one behind the other.
    ///
    /// # Errors
    /// [`ReadError::BeyondLog`].
    pub fn record_page(
        &self,
        first: u64,
        limit: usize,
    ) -> Result<(Vec<u8>, Option<u64>), ReadError> {
        let mut page = Vec::new();
        let next = self.page(first, limit, |whole| {
            whole.write(&mut page);
            Ok(())
        })?;
        Ok((page, next))
    }

    fn page(
        &self,
        first: u64,
        limit: usize,
        mut put: impl FnMut(Whole<'_>) -> Result<(), ReadError>,
    ) -> Result<Option<u64>, ReadError> {
        let size = self.size();
        if first >= size {
            return Err(ReadError::BeyondLog(size));
        }
        let (mut entries, mut bytes, mut next) = (0usize, 0usize, first);
        while next < size && entries < limit && bytes < ENTRIES_PAGE_BYTES {
            let weight = self.whole(next, |whole| {
                let weight = whole.weight();
                put(whole).map(|()| weight)
            })?;
            bytes = bytes.saturating_add(weight);
            entries = entries.saturating_add(1);
            next = next.saturating_add(1);
        }
        Ok((next < size).then_some(next))
    }
}
