//! Bringing the ledger to the store's head: the newest snapshot, and every record behind it.

use chain::{Entry, Hash};

use super::applier::Applier;
use super::error::OpenError;
use super::open::{Founded, Replayed, read_one, restore_frontier, restore_tiles};
use super::record::Record;
use crate::assets;
use crate::ledger::{
    Authorisation, SnapshotError, State, apply_again, is_entry_of, message_from_drafts,
};
use crate::store::{Store, StoreError};

/// Entries read from the store at once.
const READ_AHEAD: usize = 1_024;
/// Parts of a snapshot that are fetched ahead.
const PARTS_AHEAD: usize = 4;

/// Brings the ledger to the store's head: newest snapshot, then every record behind it.
pub(super) fn replay_store(store: &dyn Store, founded: &Founded) -> Result<Replayed, OpenError> {
    let head = store.head().ok_or(OpenError::Empty)?;
    let mut state = newest_snapshot(store, head.size)?;
    if state.is_none() {
        let mut at_founding = founded.genesis.state(founded.time)?;
        at_founding.append(read_one(store, 0)?.0.leaf_hash(), &mut |_, _, _| {});
        state = Some(at_founding);
    }
    let mut state = state.ok_or(OpenError::Empty)?;
    let from = state.next_index();
    let mut index = from;
    let mut leaf = match from.checked_sub(1) {
        Some(last) => read_one(store, last)?.0.leaf_hash(),
        None => Hash::ZERO,
    };
    while index < head.size {
        let entries = store.entries(index, READ_AHEAD)?;
        if entries.is_empty() {
            return Err(OpenError::Diverged {
                index,
                what: "the entry is missing".into(),
            });
        }
        for bytes in entries {
            leaf = replay_entry(store, &mut state, index, &bytes, leaf)?;
            index += 1;
        }
    }
    let tiles = restore_tiles(store, head.size)?;
    let frontier = restore_frontier(store, &tiles, head.size)?;
    let edge = state.edge().frontier();
    if frontier.root() != head.root || leaf != head.leaf || *edge != frontier {
        return Err(OpenError::Diverged {
            index: head.size,
            what: "the store's entries do not lead to the root in its head".into(),
        });
    }
    let applier = Applier::new(state, leaf);
    Ok(Replayed {
        applier,
        tiles,
        entries: head.size - from,
    })
}

fn newest_snapshot(store: &dyn Store, size: u64) -> Result<Option<State>, OpenError> {
    let mut at_or_below = size;
    // A snapshot only saves time: one that cannot be read is passed over, with a word.
    for _ in 0..2 {
        let (found, state) = read_snapshot(store, at_or_below);
        let below = match &found {
            Ok(index) => index.and_then(|index| index.checked_sub(1)),
            Err(StoreError::Damaged { index, .. }) => index.checked_sub(1),
            Err(_) => None,
        };
        match found {
            Ok(None) => return Ok(None),
            Ok(Some(index)) => match state {
                Ok(state) if state.next_index() == index => return Ok(Some(state)),
                Ok(_) => tracing::warn!(index, "the snapshot is not of its index; passed over"),
                Err(error) => tracing::warn!(index, %error, "the snapshot is passed over"),
            },
            Err(error) => tracing::warn!(error = %super::chain_of(&error), "snapshot unreadable"),
        }
        match below {
            Some(below) => at_or_below = below,
            None => return Ok(None),
        }
    }
    Ok(None)
}

/// Reads a snapshot: one thread fetches its parts, another makes the state of them.
fn read_snapshot(
    store: &dyn Store,
    at_or_below: u64,
) -> (
    Result<Option<u64>, StoreError>,
    Result<State, SnapshotError>,
) {
    let (parts, fetched) = crossbeam_channel::bounded(PARTS_AHEAD);
    std::thread::scope(|scope| {
        let state = scope.spawn(move || State::from_parts(fetched));
        let found = store.snapshot(at_or_below, &mut |part| {
            // Whoever has seen enough to refuse it takes no more.
            let _ = parts.send(part);
        });
        drop(parts);
        match state.join() {
            Ok(state) => (found, state),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Applies one stored entry again and compares; gives its leaf hash.
fn replay_entry(
    store: &dyn Store,
    state: &mut State,
    index: u64,
    bytes: &[u8],
    prev: Hash,
) -> Result<Hash, OpenError> {
    let diverged = |what: String| OpenError::Diverged { index, what };
    let entry = Entry::from_bytes(bytes).map_err(|error| diverged(error.to_string()))?;
    if entry.index != index || entry.prev != prev {
        return Err(diverged(
            "the entry does not follow the one before it".into(),
        ));
    }
    let record = store
        .record(index)?
        .ok_or_else(|| diverged("the record is missing".into()))?;
    let record = Record::from_bytes(&record).map_err(|error| diverged(error.to_string()))?;
    let item = record
        .authorisation()
        .map_err(|error| diverged(error.to_string()))?;
    let who = Authorisation::from_item(&item).map_err(|error| diverged(error.to_string()))?;
    let message =
        message_from_drafts(who, &record.drafts).map_err(|error| diverged(error.to_string()))?;
    let applied = apply_again(state, entry.time, &message, &assets::modules())
        .map_err(|error| diverged(error.to_string()))?;
    if applied.drafts != record.drafts || !is_entry_of(&applied, &entry) {
        let what = "the outcomes computed again are not those stored";
        return Err(diverged(what.into()));
    }
    let leads = record
        .leads_to(state.book(), &entry.payload_root)
        .map_err(|error| diverged(error.to_string()))?;
    match leads {
        true => {
            let leaf = entry.leaf_hash();
            state.append(leaf, &mut |_, _, _| {});
            Ok(leaf)
        }
        false => Err(diverged(
            "the items do not lead to the entry's payload root".into(),
        )),
    }
}
