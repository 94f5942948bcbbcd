//! Records: what an auditor is given of an entry beside its place in the log.

use chain::{Entry, EntryKind, Hash, Item};
use zeroize::Zeroizing;

use crate::ledger::BATCH_CONTENT_TYPE;
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

impl Record {
    /// Whether it is of a binary batch, whose body is made from its items and never kept.
    pub(super) fn is_batch(&self) -> bool {
        let first = self.items.first().map(|item| Item::parse(item));
        matches!(first, Some(Ok(Item::Authorisation(who))) if who.content_type == BATCH_CONTENT_TYPE)
    }
}

/// Checks that a record is the one of the entry with this leaf hash, down to the content type; of
/// the body, only whether there is one. Gives the items.
///
/// # Errors
/// What does not lead there.
pub fn leads_to(view: &EntryView, index: u64, leaf: &Hash) -> Result<Vec<Item>, String> {
    let record = Record::from(view.clone());
    if Hash::leaf(&record.entry) != *leaf {
        return Err("it is of another entry than the tree's".into());
    }
    let entry = Entry::from_bytes(&record.entry).map_err(|error| error.to_string())?;
    if entry.index != index {
        return Err(format!("its entry states index {}", entry.index));
    }
    super::log::record(&entry, &record).map_err(|differs| differs.to_string())?;
    let items = record.items.iter().map(|item| Item::parse(item));
    let items: Vec<Item> = items
        .collect::<Result<_, _>>()
        .map_err(|error| error.to_string())?;
    let Some(Item::Authorisation(first)) = items.first() else {
        return Err("item 0 is no authorisation".into());
    };
    if view.content_type.as_ref() != Some(&first.content_type) {
        return Err("its content type is not the one that was signed".into());
    }
    let bodiless = matches!(entry.kind, EntryKind::Genesis | EntryKind::Seal)
        || first.content_type == BATCH_CONTENT_TYPE;
    if bodiless == view.sealed_body.is_some() {
        return Err("it has a body too few, or too many".into());
    }
    Ok(items)
}

/// Whether a key opens the body of a record, and the body is the one that was signed.
#[must_use]
pub fn opens(view: &EntryView, items: &[Item], key: &[u8; 32]) -> bool {
    let (Some(sealed), Some(Item::Authorisation(first))) = (&view.sealed_body, items.first())
    else {
        return false;
    };
    super::body::open(key, &sealed.0).is_some_and(|body| Hash::sha256(&body) == first.body_hash)
}
