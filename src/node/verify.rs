//! Every byte of a store against its own root: after damage, and for whoever asks.
//!
//! An ordinary start replays what lies behind the newest snapshot. Where the engine's files were
//! damaged, it may have dropped pages in the middle without a word, so nothing is served before
//! every entry, record, tile and message key below the head was read and compared.

use chain::{Entry, Frontier, Hash};

use super::error::OpenError;
use super::record::Record;
use super::tree::{GroupTree, TileCache};
use crate::ledger::{Authorisation, Book};
use crate::store::Store;
use crate::store::sled::{Damage, SledStore};

/// Entries read at once.
const READ_AHEAD: usize = 1_024;

/// Reads the whole store and compares it with the root in its head. `book` may be of any later
/// size: what items take from it never changes.
///
/// # Errors
/// The first thing that is missing or differs.
pub(super) fn whole_store(store: &dyn Store, book: &Book) -> Result<(), OpenError> {
    let head = store.head().ok_or(OpenError::Empty)?;
    let (mut frontier, mut tiles) = (Frontier::new(), TileCache::default());
    let mut prev = Hash::ZERO;
    while frontier.size() < head.size {
        let first = frontier.size();
        let mut tree = GroupTree::on(&frontier);
        for (index, bytes) in (first..).zip(store.entries(first, READ_AHEAD)?) {
            let entry = one(store, book, index, &bytes, prev)?;
            prev = entry.leaf_hash();
            frontier.push(prev, &mut |level, at, hash| tree.push(level, at, hash));
        }
        if frontier.size() == first {
            return Err(diverged(first, "the entry is missing"));
        }
        let full = tiles.absorb(&tree);
        for (level, number, bytes) in &full {
            if store.tile(*level, *number)?.as_ref() != Some(bytes) {
                return Err(diverged(first, "a tile is missing, or another one"));
            }
        }
        tiles.forget(&full);
    }
    if frontier.root() == head.root {
        Ok(())
    } else {
        Err(diverged(
            head.size,
            "the store's entries do not lead to the root in its head",
        ))
    }
}

fn one(
    store: &dyn Store,
    book: &Book,
    index: u64,
    bytes: &[u8],
    prev: Hash,
) -> Result<Entry, OpenError> {
    let other = |error: &dyn std::fmt::Display| diverged(index, &error.to_string());
    let entry = Entry::from_bytes(bytes).map_err(|error| other(&error))?;
    if entry.index != index || entry.prev != prev {
        return Err(diverged(
            index,
            "the entry does not follow the one before it",
        ));
    }
    let missing = || diverged(index, "the record is missing");
    let record = store.record(index)?.ok_or_else(missing)?;
    let record = Record::from_bytes(&record).map_err(|error| other(&error))?;
    let leads = record.leads_to(book, &entry.payload_root);
    if !leads.map_err(|error| other(&error))? {
        return Err(diverged(
            index,
            "the items do not lead to the entry's payload root",
        ));
    }
    if index > 0 {
        let item = record.authorisation().map_err(|error| other(&error))?;
        let who = Authorisation::from_item(&item).map_err(|error| other(&error))?;
        let id = who.message_id.as_str();
        if store.message(who.created.nanos(), who.submitter.as_str(), id)? != Some(index) {
            return Err(diverged(index, "the message is not found by its id"));
        }
    }
    Ok(entry)
}

fn diverged(index: u64, what: &str) -> OpenError {
    OpenError::Diverged {
        index,
        what: what.to_owned(),
    }
}

/// After a start on damaged files that lost nothing: says so, and removes the copy if this start
/// made it. One from an earlier attempt is the operator's to remove.
pub(super) fn tell(damage: &Damage) {
    let kept = damage.kept.display();
    let wound = &damage.wound;
    if !damage.fresh {
        tracing::warn!(%wound, "every entry was read and nothing is lost; {kept} may be removed");
        return;
    }
    match std::fs::remove_dir_all(&damage.kept) {
        Ok(()) => tracing::warn!(%wound, "every entry was read and nothing is lost"),
        Err(error) => tracing::warn!(%error, "{kept} may be removed, and could not be"),
    }
}

/// Gives the copy of an incident that is over its number.
pub(super) fn end_incident(path: &std::path::Path) {
    match SledStore::end_incident(path) {
        Ok(Some(ended)) => {
            let ended = ended.display();
            tracing::warn!("the copy of the damaged store is {ended}; it may be removed");
        }
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "the copy of the damaged store keeps its name"),
    }
}
