//! Records beside the entries that they are of.

use chain::{Authorisation, Entry, EntryKind, Hash, Item, Record};

use crate::ledger::BATCH_CONTENT_TYPE;

/// Whether an entry has no body of its own: the log's own entries have none, and the items of a
/// binary batch are its body.
pub(super) fn is_bodiless(entry: &Entry, who: &Authorisation) -> bool {
    matches!(
        entry.kind,
        EntryKind::Genesis | EntryKind::Seal | EntryKind::System
    ) || who.content_type == BATCH_CONTENT_TYPE
}

/// Checks that a record is the one of the entry with this leaf hash; of the body, only whether
/// there is one. Gives the items.
///
/// # Errors
/// What does not lead there.
pub fn leads_to(record: &Record<'_>, index: u64, leaf: &Hash) -> Result<Vec<Item>, String> {
    if Hash::leaf(record.entry) != *leaf {
        return Err("it is of another entry than the tree's".into());
    }
    let entry = Entry::from_bytes(record.entry).map_err(|error| error.to_string())?;
    if entry.index != index {
        return Err(format!("its entry states index {}", entry.index));
    }
    super::log::record(&entry, record).map_err(|differs| differs.to_string())?;
    let items = record.items.iter().map(Item::parse);
    let items: Vec<Item> = items
        .collect::<Result<_, _>>()
        .map_err(|error| error.to_string())?;
    let Some(Item::Authorisation(first)) = items.first() else {
        return Err("item 0 is no authorisation".into());
    };
    if is_bodiless(&entry, first) != record.sealed_body.is_empty() {
        return Err("it has a body too few, or too many".into());
    }
    Ok(items)
}

/// Whether a key opens the body of a record, and the body is the one that was signed.
#[must_use]
pub fn opens(record: &Record<'_>, items: &[Item], key: &[u8; 32]) -> bool {
    let Some(Item::Authorisation(first)) = items.first() else {
        return false;
    };
    super::body::open(key, record.sealed_body)
        .is_some_and(|body| Hash::sha256(&body) == first.body_hash)
}
