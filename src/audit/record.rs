//! Records: what an auditor is given of an entry beside its place in the log.

use chain::{Entry, Hash};
use zeroize::Zeroizing;

use crate::wire::EntryView;

/// One entry with everything that it commits to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// Log index that the record claims.
    pub(super) index: u64,
    /// The entry's bytes, as the record repeats them.
    pub(super) entry: Vec<u8>,
    /// The entry's salt.
    pub(super) salt: Hash,
    /// Item bytes, item 0 first.
    pub(super) items: Vec<Vec<u8>>,
    /// Content type of the body; entry 0 has none.
    pub(super) content_type: Option<String>,
    /// The body under its key.
    pub(super) sealed_body: Option<Vec<u8>>,
    /// The body's key, unless it was erased or left out.
    pub(super) body_key: Option<Zeroizing<[u8; 32]>>,
}

impl From<EntryView> for Record {
    fn from(view: EntryView) -> Self {
        Self {
            index: view.index,
            entry: view.entry.0,
            salt: view.salt.0,
            items: view.items.into_iter().map(|item| item.0).collect(),
            content_type: view.content_type,
            sealed_body: view.sealed_body.map(|body| body.0),
            body_key: view.body_key.map(|key| Zeroizing::new(*key.0.as_bytes())),
        }
    }
}

/// Whether a record's items are what its own copy of the entry commits to, and its body, if its key
/// is there, what was signed.
#[must_use]
pub fn holds(view: &EntryView) -> bool {
    let Ok(entry) = Entry::from_bytes(&view.entry.0) else {
        return false;
    };
    let record = Record::from(view.clone());
    super::log::record(&entry, &record).is_ok()
        && super::body::open_and_compare(&entry, &record).is_ok()
}
