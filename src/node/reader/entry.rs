//! Whole entries, for auditors.

use chain::Hash;

use super::{ReadError, Reader};
use crate::node::shared::read;
use crate::wire::{Bytes, EntryView, HashText};

impl Reader {
    /// An entry with its items, salt, sealed body and, unless it was erased, the body's key.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn entry(&self, index: u64) -> Result<EntryView, ReadError> {
        let held = self.held(index)?;
        let authorisation = held.authorisation()?;
        let items = held.items();
        let sealed = held.record().sealed_body();
        let bytes = (0..items.len()).filter_map(|n| items.item(n));
        let key = if sealed.is_empty() {
            None
        } else {
            self.entry_key(&read(&self.shared.book).book, &held)
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
}
