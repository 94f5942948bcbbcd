//! Records: what an auditor is given of an entry beside its place in the log.

use chain::{Entry, EntryKind, Hash, Item};
use zeroize::Zeroizing;

use crate::ledger::BATCH_CONTENT_TYPE;

/// One entry with everything that it commits to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// The entry's bytes, as the record repeats them.
    pub(super) entry: Vec<u8>,
    /// The entry's salt.
    pub(super) salt: Hash,
    /// Item bytes, item 0 first.
    pub(super) items: Vec<Vec<u8>>,
    /// The body under its key.
    pub(super) sealed_body: Option<Vec<u8>>,
    /// The body's key, unless it was erased or left out.
    pub(super) body_key: Option<Zeroizing<[u8; 32]>>,
}

impl From<&chain::Record<'_>> for Record {
    fn from(record: &chain::Record<'_>) -> Self {
        let body = record.sealed_body;
        Self {
            entry: record.entry.to_vec(),
            salt: record.salt,
            items: record.items.iter().map(<[u8]>::to_vec).collect(),
            sealed_body: (!body.is_empty()).then(|| body.to_vec()),
            body_key: record.key.map(|key| Zeroizing::new(*key)),
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

/// Checks that a record is the one of the entry with this leaf hash; of the body, only whether
/// there is one. Gives the items.
///
/// # Errors
/// What does not lead there.
pub fn leads_to(record: &chain::Record<'_>, index: u64, leaf: &Hash) -> Result<Vec<Item>, String> {
    if Hash::leaf(record.entry) != *leaf {
        return Err("it is of another entry than the tree's".into());
    }
    let entry = Entry::from_bytes(record.entry).map_err(|error| error.to_string())?;
    if entry.index != index {
        return Err(format!("its entry states index {}", entry.index));
    }
    super::log::record(&entry, &Record::from(record)).map_err(|differs| differs.to_string())?;
    let items = record.items.iter().map(Item::parse);
    let items: Vec<Item> = items
        .collect::<Result<_, _>>()
        .map_err(|error| error.to_string())?;
    let Some(Item::Authorisation(first)) = items.first() else {
        return Err("item 0 is no authorisation".into());
    };
    let bodiless = matches!(entry.kind, EntryKind::Genesis | EntryKind::Seal)
        || first.content_type == BATCH_CONTENT_TYPE;
    if bodiless != record.sealed_body.is_empty() {
        return Err("it has a body too few, or too many".into());
    }
    Ok(items)
}

/// Whether a key opens the body of a record, and the body is the one that was signed.
#[must_use]
pub fn opens(record: &chain::Record<'_>, items: &[Item], key: &[u8; 32]) -> bool {
    let Some(Item::Authorisation(first)) = items.first() else {
        return false;
    };
    super::body::open(key, record.sealed_body)
        .is_some_and(|body| Hash::sha256(&body) == first.body_hash)
}
