//! Whole entries, for auditors.

use chain::Hash;

use super::{ReadError, Reader};
use crate::limits::ENTRIES_PAGE_BYTES;
use crate::wire::{Bytes, EntryView, HashText};

impl Reader {
    /// An entry with its items, salt, sealed body and, unless it was erased, the body's key.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn entry(&self, index: u64) -> Result<EntryView, ReadError> {
        let held = self.held(index)?;
        let authorisation = held.authorisation()?;
        let excerpt = self.excerpt(index, &held.record().drafts, []);
        let items = held.items(&excerpt)?;
        let sealed = held.record().sealed_body();
        let bytes = (0..items.len()).filter_map(|n| items.item(n));
        let key = if sealed.is_empty() {
            None
        } else {
            self.open_body(&held, excerpt.erased).map(|(key, _)| key)
        };
        Ok(EntryView {
            index,
            entry: Bytes(held.entry().to_bytes().to_vec()),
            salt: HashText(Hash::from_bytes(held.record().salt)),
            items: bytes.map(|bytes| Bytes(bytes.to_vec())).collect(),
            content_type: Some(authorisation.content_type),
            sealed_body: (!sealed.is_empty()).then(|| Bytes(sealed.to_vec())),
            body_key: key.map(|key| HashText(Hash::from_bytes(*key))),
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
        let size = self.size();
        if first >= size {
            return Err(ReadError::BeyondLog(size));
        }
        let (mut page, mut bytes, mut next) = (Vec::new(), 0usize, first);
        while next < size && page.len() < limit && bytes < ENTRIES_PAGE_BYTES {
            let entry = self.entry(next)?;
            let items: usize = entry.items.iter().map(|item| item.0.len()).sum();
            let body = entry.sealed_body.as_ref().map_or(0, |body| body.0.len());
            bytes = bytes.saturating_add(items).saturating_add(body);
            page.push(entry);
            next = next.saturating_add(1);
        }
        Ok((page, (next < size).then_some(next)))
    }
}
