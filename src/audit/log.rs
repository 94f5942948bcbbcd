//! The log half of an audit: every byte leads to the signed root.
//!
//! ```text
//!   bundle ── entry ──▶ leaf hash ══ tile/0 ══▶ frontier ══ tile/1.. ══▶ root ══ checkpoint
//!               │  └─▶ prev of the next entry
//!               └ payload_root ══ items under the salt
//! ```

use chain::{Checkpoint, Entry, EntryError, Frontier, Hash, Record, TILE_WIDTH, TilePath, salt};

use super::report::Divergence;
use super::saved::Edge;

/// Levels of the tree that one level of tiles spans.
const TILE_LEVELS: u8 = 8;

/// What is known of the log up to some entry.
#[derive(Clone, Default)]
pub(super) struct LogCheck {
    frontier: Frontier,
    prev: Option<Hash>,
    last_time: Option<u64>,
    /// Hashes of the tile of leaves under way.
    edge: Vec<Hash>,
    /// Hashes of the tile under way at each level above the leaves.
    upper: Vec<Vec<Hash>>,
    pub(super) tiles: u64,
}

/// A bundle with its tile: up to 256 entries, twice.
pub(super) struct Block {
    /// Index of its first entry.
    pub(super) first: u64,
    pub(super) tile: TilePath,
    pub(super) bundle: TilePath,
    pub(super) hashes: Vec<Hash>,
    pub(super) entries: Vec<Vec<u8>>,
}

/// The tile above the leaves that is full now or, at the end, as wide as it gets.
pub(super) struct Upper {
    pub(super) level: u8,
    pub(super) path: TilePath,
    pub(super) hashes: Vec<Hash>,
}

/// The leaf hashes of an entry's copies.
pub(super) struct Copies {
    /// Of the one in the bundle.
    pub(super) leaf: Hash,
    /// Of the one in the record.
    pub(super) recorded: Option<Hash>,
}

impl LogCheck {
    /// Goes on from an edge; `None` if it is none.
    pub(super) fn from_edge(edge: &Edge) -> Option<Self> {
        let hashes = |tile: &Vec<[u8; 32]>| tile.iter().copied().map(Hash::from_bytes).collect();
        let mut tiles = edge.tiles.iter().map(hashes);
        let leaves: Vec<Hash> = tiles.next().unwrap_or_default();
        let unfinished = edge.size % u64::from(TILE_WIDTH);
        if usize::try_from(unfinished) != Ok(leaves.len()) {
            return None;
        }
        Some(Self {
            frontier: edge.frontier()?,
            prev: edge.prev.map(Hash::from_bytes),
            last_time: edge.last_time,
            edge: leaves,
            upper: tiles.collect(),
            tiles: 0,
        })
    }

    /// What to go on from.
    pub(super) fn edge(&self) -> Edge {
        let bytes = |tile: &Vec<Hash>| tile.iter().map(|hash| *hash.as_bytes()).collect();
        let (size, subtrees) = self.frontier.parts();
        let tiles = std::iter::once(&self.edge).chain(&self.upper);
        Edge {
            size,
            subtrees: subtrees.iter().map(|hash| *hash.as_bytes()).collect(),
            prev: self.prev.map(|hash| *hash.as_bytes()),
            last_time: self.last_time,
            tiles: tiles.map(bytes).collect(),
        }
    }

    /// Entries checked.
    pub(super) fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// Root over the entries checked.
    pub(super) fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// Begins a bundle: what an earlier audit has seen of it must still be there.
    pub(super) fn open(&mut self, block: &Block) -> Result<(), Divergence> {
        self.tiles += 2;
        let first = self.size() - u64::try_from(self.edge.len()).unwrap_or(0);
        for (index, (k, seen)) in (first..).zip(self.edge.iter().enumerate()) {
            let leaf = block.entries.get(k).map(|entry| Hash::leaf(entry));
            let copies = [
                (block.tile, block.hashes.get(k)),
                (block.bundle, leaf.as_ref()),
            ];
            for (path, found) in copies {
                if found != Some(seen) {
                    let found = found.map_or_else(|| "none".to_owned(), ToString::to_string);
                    let what = format!("{path}, as it was audited before");
                    return Err(Divergence::at(index, what, seen, found));
                }
            }
        }
        Ok(())
    }

    /// Checks entry `k` of a block, as it was read ahead, and appends it.
    pub(super) fn entry(
        &mut self,
        block: &Block,
        k: usize,
        entry: Result<Entry, EntryError>,
        copies: &Copies,
    ) -> Result<Entry, Divergence> {
        let index = self.size();
        let Some(hash) = block.hashes.get(k) else {
            return Err(Divergence::at(index, block.bundle, "an entry", "none"));
        };
        blame(index, block, hash, copies)?;
        let entry =
            entry.map_err(|error| Divergence::at(index, "the entry's bytes", "an entry", error))?;
        if entry.index != index {
            let what = "the entry's index";
            return Err(Divergence::at(index, what, index, entry.index));
        }
        let prev = self.prev.unwrap_or(Hash::ZERO);
        if entry.prev != prev {
            let what = "the link to the entry before";
            return Err(Divergence::at(index, what, prev, entry.prev));
        }
        if let Some(last) = self.last_time
            && entry.time <= last
        {
            let expected = format!("more than {last} ns");
            return Err(Divergence::at(
                index,
                "the entry's time",
                expected,
                entry.time,
            ));
        }
        self.prev = Some(*hash);
        self.edge.push(*hash);
        if self.edge.len() == usize::from(TILE_WIDTH) {
            self.edge.clear();
        }
        self.last_time = Some(entry.time);
        let upper = &mut self.upper;
        self.frontier.push(*hash, &mut |level, _, hash| {
            let (tile_level, rest) = (usize::from(level / TILE_LEVELS), level % TILE_LEVELS);
            if tile_level > 0 && rest == 0 {
                if upper.len() < tile_level {
                    upper.resize_with(tile_level, Vec::new);
                }
                if let Some(hashes) = upper.get_mut(tile_level - 1) {
                    hashes.push(hash);
                }
            }
        });
        Ok(entry)
    }

    /// Compares a tile above the leaves.
    pub(super) fn upper(&mut self, stated: &Upper) -> Result<(), Divergence> {
        self.tiles += 1;
        let at = usize::from(stated.level).checked_sub(1);
        let computed = at.and_then(|at| self.upper.get_mut(at));
        let mut none = Vec::new();
        let computed = computed.unwrap_or(&mut none);
        if computed.len() != stated.hashes.len() {
            let (expected, found) = (computed.len(), stated.hashes.len());
            return Err(Divergence::of_log(stated.path, expected, found));
        }
        for (k, (computed, found)) in computed.iter().zip(&stated.hashes).enumerate() {
            if computed != found {
                let what = format!("hash {k} of {}", stated.path);
                return Err(Divergence::of_log(what, computed, found));
            }
        }
        if computed.len() == usize::from(TILE_WIDTH) {
            computed.clear();
        }
        Ok(())
    }

    /// Compares the root with the checkpoint.
    pub(super) fn finish(&self, checkpoint: &Checkpoint) -> Result<(), Divergence> {
        match self.root() == checkpoint.root {
            true => Ok(()),
            false => {
                let what = "the root over all entries";
                Err(Divergence::of_log(what, checkpoint.root, self.root()))
            }
        }
    }
}

/// Compares the copies of an entry and says which one stands alone.
fn blame(index: u64, block: &Block, hash: &Hash, copies: &Copies) -> Result<(), Divergence> {
    let leaf = copies.leaf;
    let k = index % u64::from(TILE_WIDTH);
    let at =
        |what: String, expected: &Hash, found: &Hash| Divergence::at(index, what, expected, found);
    let Some(recorded) = copies.recorded else {
        if leaf == *hash {
            return Ok(());
        }
        let what = format!("{} (or hash {k} of {})", block.bundle, block.tile);
        return Err(at(what, hash, &leaf));
    };
    match (leaf == *hash, recorded == leaf, recorded == *hash) {
        (true, true, _) => Ok(()),
        (true, false, _) => Err(at(
            "the record's copy of the entry".into(),
            &leaf,
            &recorded,
        )),
        (false, true, _) => Err(at(format!("hash {k} of {}", block.tile), &leaf, hash)),
        (false, false, true) => Err(at(block.bundle.to_string(), hash, &leaf)),
        (false, false, false) => Err(at(
            format!("{}, {} and the record", block.bundle, block.tile),
            hash,
            &leaf,
        )),
    }
}

/// Checks that a record is what the entry commits to.
pub(super) fn record(entry: &Entry, record: &Record<'_>) -> Result<(), Divergence> {
    let index = entry.index;
    let count = u32::try_from(record.items.len()).unwrap_or(u32::MAX);
    if count != entry.items {
        return Err(Divergence::at(
            index,
            "the number of items",
            entry.items,
            count,
        ));
    }
    let mut leaves = Vec::with_capacity(record.items.len());
    salt::item_leaves(&record.salt, 0, record.items.iter(), &mut leaves);
    let root = chain::root_of(&leaves);
    if root != entry.payload_root {
        let what = "the root over the items under the entry's salt";
        return Err(Divergence::at(index, what, entry.payload_root, root));
    }
    Ok(())
}
