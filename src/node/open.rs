//! Opening a node: marker, head file, store, WAL; replay and compare before anything is signed.
//!
//! ```text
//!  newest snapshot ──records of the store──▶ store's head ──frames of the WAL──▶ now
//!        every outcome is computed again and must come out equal
//!  then: not below the head file, and the same root where it stood
//! ```

use std::sync::Arc;

use chain::{Entry, Frontier, Hash, Item, Nodes, node_from_tiles};

use super::applier::{Applier, Verdict, due_key, due_salt};
use super::error::OpenError;
use super::filler::{erasures, store_entries};
use super::frame::Group;
use super::group::Logged;
use super::record::Record;
use super::tree::{GroupTree, TileCache};
use crate::ledger::{Authorisation, Genesis, Time};
use crate::store::Store;
use crate::store::head::Head;
use crate::store::slots::{KeySlots, Slot};
use crate::store::wal::{Frame, FrameKind, Mark, Wal};

/// Hashes in a tile.
const WIDTH: u64 = 256;

/// The founding facts of a log.
pub(super) struct Founded {
    pub(super) genesis: Genesis,
    pub(super) hash: Hash,
    pub(super) time: Time,
}

/// The log as the store has it: the ledger's state at its head, and the edge of the tree.
pub(super) struct Replayed {
    pub(super) applier: Applier,
    pub(super) tiles: TileCache,
    pub(super) entries: u64,
}

/// Reads entry 0 and verifies that the founders signed it.
pub(super) fn read_genesis(store: &dyn Store) -> Result<Founded, OpenError> {
    let damaged = |what: &str| OpenError::Diverged {
        index: 0,
        what: what.to_string(),
    };
    let (entry, record) = read_one(store, 0)?;
    let json = record
        .genesis
        .as_deref()
        .ok_or_else(|| damaged("entry 0 is not a genesis"))?;
    let genesis = Genesis::from_json(json)?;
    let item = record
        .authorisation()
        .map_err(|error| damaged(&error.to_string()))?;
    let who = Authorisation::from_item(&item).map_err(|error| damaged(&error.to_string()))?;
    genesis.verify(&who.signatures)?;
    let salt = Hash::from_bytes(record.salt);
    let items = crate::ledger::SealedItems::of_genesis(&item, json, &salt);
    let kept = items.item(1) == Some(Item::Genesis(json.to_string()).to_bytes().as_slice());
    if !kept || items.root() != entry.payload_root || entry.index != 0 {
        return Err(damaged(
            "the genesis item is not the one that entry 0 commits to",
        ));
    }
    Ok(Founded {
        genesis,
        hash: entry.leaf_hash(),
        time: Time::from_nanos(entry.time),
    })
}

pub(super) fn read_one(store: &dyn Store, index: u64) -> Result<(Entry, Record), OpenError> {
    let missing = || OpenError::Diverged {
        index,
        what: "the entry is missing".to_string(),
    };
    let bytes = store.entries(index, 1)?.pop().ok_or_else(missing)?;
    let entry = Entry::from_bytes(&bytes).map_err(|error| OpenError::Diverged {
        index,
        what: error.to_string(),
    })?;
    let record = store.record(index)?.ok_or_else(missing)?;
    let record = Record::from_bytes(&record).map_err(|error| OpenError::Diverged {
        index,
        what: error.to_string(),
    })?;
    Ok((entry, record))
}

/// Rebuilds the unfinished tiles: level 0 from the entries, the others from the tiles below.
pub(super) fn restore_tiles(store: &dyn Store, size: u64) -> Result<TileCache, OpenError> {
    let mut cache = TileCache::default();
    let damaged = |index| OpenError::Diverged {
        index,
        what: "a tile is missing".into(),
    };
    for level in 0..8u8 {
        let count = size.checked_shr(8 * u32::from(level)).unwrap_or(0);
        let (number, width) = (count / WIDTH, count % WIDTH);
        if width == 0 {
            continue;
        }
        let first = number * WIDTH;
        let mut hashes = Vec::new();
        for index in first..first + width {
            hashes.push(match level.checked_sub(1) {
                None => Hash::ZERO,
                Some(below) => {
                    let bytes = store.tile(below, index)?.ok_or_else(|| damaged(index))?;
                    chain::root_of(&hashes_of(&bytes))
                }
            });
        }
        if level == 0 {
            let entries = store.entries(first, hashes.len())?;
            hashes = entries.iter().map(|bytes| Hash::leaf(bytes)).collect();
            if hashes.len() as u64 != width {
                return Err(damaged(first));
            }
        }
        cache.restore(level, number, hashes);
    }
    Ok(cache)
}

/// Cuts a tile into hashes.
pub(super) fn hashes_of(bytes: &[u8]) -> Vec<Hash> {
    let (hashes, _) = bytes.as_chunks::<32>();
    hashes.iter().map(|hash| Hash::from_bytes(*hash)).collect()
}

pub(super) fn restore_frontier(
    store: &dyn Store,
    tiles: &TileCache,
    size: u64,
) -> Result<Frontier, OpenError> {
    let mut parts = Vec::new();
    for level in (0..64u8).rev() {
        if (size >> level) & 1 == 0 {
            continue;
        }
        let index = (size >> level) - 1;
        let node = node_from_tiles(level, index, |level, number| {
            let cached = tiles.tile(level, number).map(<[Hash]>::to_vec);
            cached.or_else(|| {
                store
                    .tile(level, number)
                    .ok()
                    .flatten()
                    .map(|b| hashes_of(&b))
            })
        });
        let missing = || OpenError::Diverged {
            index,
            what: "a tile is missing".into(),
        };
        parts.push(node.ok_or_else(missing)?);
    }
    Frontier::from_parts(size, parts).map_err(|error| OpenError::Diverged {
        index: size,
        what: error.to_string(),
    })
}

/// Applies the frames that the store lacks, and stores what they lead to.
pub(super) fn replay_wal(
    wal: &Wal,
    frames: &[Frame],
    replayed: &mut Replayed,
    store: &dyn Store,
    slots: &KeySlots,
) -> Result<u64, OpenError> {
    let mut replayed_entries = 0;
    let mut passed_over = None;
    for frame in frames {
        let mark = replayed.applier.mark();
        if frame.mark.size > mark.size {
            return Err(OpenError::Gap {
                store: mark.size,
                wal: frame.mark.size,
            });
        }
        if frame.mark.size < mark.size {
            passed_over = Some(frame.mark);
            // The store holds this group: heads stand between groups only. Its keys may be lost
            // all the same, for the slots are synced by themselves.
            if frame.kind == FrameKind::Group {
                restore_keys(wal, frame, store, slots)?;
            }
            continue;
        }
        if frame.mark.root != mark.root {
            return Err(OpenError::Forked {
                size: mark.size,
                found: mark.root,
            });
        }
        if frame.kind == FrameKind::Group {
            replayed_entries += replay_group(wal, frame, replayed, store, slots)?;
        }
    }
    if let Some(mark) = passed_over {
        same_prefix(replayed, store, mark.size, mark.root)?;
    }
    Ok(replayed_entries)
}

fn read_group(wal: &Wal, frame: &Frame) -> Result<Group, OpenError> {
    let payload = zeroize::Zeroizing::new(wal.payload(frame)?);
    Group::from_bytes(&payload).map_err(|error| OpenError::Diverged {
        index: frame.mark.size,
        what: error.to_string(),
    })
}

/// Writes the keys of a group that the store holds into their slots again. Replays and refusals
/// have no entry: an input and its entry are known by their salt.
fn restore_keys(
    wal: &Wal,
    frame: &Frame,
    store: &dyn Store,
    slots: &KeySlots,
) -> Result<(), OpenError> {
    let mut index = frame.mark.size;
    let salt_of = |index: u64| -> Result<Option<[u8; 32]>, OpenError> {
        let Some(record) = store.record(index)? else {
            return Ok(None);
        };
        let record = Record::from_bytes(&record).map_err(|error| OpenError::Diverged {
            index,
            what: error.to_string(),
        })?;
        Ok(Some(record.salt))
    };
    for input in &read_group(wal, frame)?.inputs {
        let mut found = salt_of(index)?;
        for j in 0.. {
            let salt = due_salt(&input.salt, j);
            if found != Some(salt) {
                break;
            }
            slots.put(index, &due_key(&salt))?;
            index += 1;
            found = salt_of(index)?;
        }
        match found {
            Some(salt) if salt == input.salt => {
                slots.put(index, &input.submission.key)?;
                index += 1;
            }
            Some(_) => {}
            None => break,
        }
    }
    Ok(())
}

/// Destroys the keys that erasures in the log have named and that are still there: the power may
/// have failed between the two. Says whether copies may lie in the WAL.
pub(super) fn finish_erasures(replayed: &Replayed, slots: &KeySlots) -> Result<bool, OpenError> {
    let erased = replayed.applier.state().book().erased();
    for index in erased {
        if slots.get(*index)? != Slot::Erased {
            slots.erase(*index)?;
        }
    }
    Ok(!erased.is_empty())
}

fn replay_group(
    wal: &Wal,
    frame: &Frame,
    replayed: &mut Replayed,
    store: &dyn Store,
    slots: &KeySlots,
) -> Result<u64, OpenError> {
    let group = read_group(wal, frame)?;
    let mut tree = GroupTree::on(replayed.applier.frontier());
    let mut entries: Vec<Arc<Logged>> = Vec::new();
    for input in &group.inputs {
        let applies = replayed.applier.apply(group.proposed, input, &mut tree);
        entries.extend(applies.due);
        if let Verdict::Logged(logged, _) = applies.verdict {
            entries.push(logged);
        }
    }
    let Some(last) = entries.last() else {
        return Ok(0);
    };
    let Mark { size, root } = replayed.applier.mark();
    let head = Head {
        size,
        root,
        leaf: replayed.applier.leaf(),
        time: last.entry.time,
    };
    for logged in &entries {
        slots.put(logged.entry.index, &logged.key)?;
    }
    let tiles = replayed.tiles.absorb(&tree);
    store_entries(store, &entries, &tiles, head)?;
    replayed.tiles.forget(&tiles);
    for index in erasures(&entries) {
        slots.erase(index)?;
    }
    Ok(entries.len() as u64)
}

/// Compares where replay ended with what the head file knows: never behind it, never beside it.
pub(super) fn compare_with_mark(
    replayed: &Replayed,
    store: &dyn Store,
    head: &Head,
) -> Result<(), OpenError> {
    let mark = replayed.applier.mark();
    if mark.size < head.size {
        return Err(OpenError::Behind {
            found: mark.size,
            known: head.size,
        });
    }
    same_prefix(replayed, store, head.size, head.root)
}

/// Whether the log had this root when it had this size.
fn same_prefix(
    replayed: &Replayed,
    store: &dyn Store,
    size: u64,
    root: Hash,
) -> Result<(), OpenError> {
    let nodes = nodes(replayed, store);
    match chain::root_at(&nodes, size) {
        Some(found) if found == root => Ok(()),
        Some(found) => Err(OpenError::Forked { size, found }),
        None => Err(OpenError::Diverged {
            index: size,
            what: "a tile is missing".into(),
        }),
    }
}

/// The tree of what was replayed.
pub(super) fn nodes<'a>(replayed: &'a Replayed, store: &'a dyn Store) -> impl Nodes + 'a {
    StoredNodes {
        store,
        tiles: &replayed.tiles,
    }
}

/// The tree of the log while nobody else reads it.
struct StoredNodes<'a> {
    store: &'a dyn Store,
    tiles: &'a TileCache,
}

impl Nodes for StoredNodes<'_> {
    fn node(&self, level: u8, index: u64) -> Option<Hash> {
        node_from_tiles(level, index, |level, number| {
            let cached = self.tiles.tile(level, number).map(<[Hash]>::to_vec);
            cached.or_else(|| {
                self.store
                    .tile(level, number)
                    .ok()
                    .flatten()
                    .map(|b| hashes_of(&b))
            })
        })
    }
}
