//! The log half of an audit: every byte leads to the signed root.
//!
//! ```text
//!   bundle ── entry ──▶ leaf hash ══ tile/0 ══▶ frontier ══ tile/1.. ══▶ root ══ checkpoint
//!               │  └─▶ prev of the next entry
//!               └ payload_root ══ items under the salt
//! ```

use chain::{Checkpoint, Entry, Frontier, Hash, TILE_WIDTH, TilePath, decode_bundle, salt};

use super::Stop;
use super::record::Record;
use super::report::Divergence;
use super::saved::Edge;
use super::source::{Fault, Source};

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
    tile: TilePath,
    bundle: TilePath,
    hashes: Vec<Hash>,
    entries: Vec<Vec<u8>>,
    /// Where it begins to be new: an earlier audit has checked the entries before.
    start: usize,
}

impl Block {
    /// The entries that are to be checked.
    pub(super) fn new_bytes(&self) -> &[Vec<u8>] {
        self.entries.get(self.start..).unwrap_or_default()
    }

    /// The numbers of the entries that are to be checked.
    pub(super) fn new_entries(&self) -> std::ops::Range<usize> {
        self.start..self.entries.len()
    }
}

fn malformed(path: impl std::fmt::Display, expected: &str, error: impl std::fmt::Display) -> Stop {
    Divergence::of_log(path, expected, error).into()
}

fn wide(width: usize) -> u16 {
    u16::try_from(width).unwrap_or(TILE_WIDTH).min(TILE_WIDTH)
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

    /// Reads the next bundle and its tile.
    pub(super) fn block(&mut self, source: &mut Source, size: u64) -> Result<Block, Stop> {
        let n = self.size() / u64::from(TILE_WIDTH);
        let first = n * u64::from(TILE_WIDTH);
        let left = usize::try_from(size.saturating_sub(first)).unwrap_or(usize::MAX);
        let width = wide(left);
        let tile = TilePath::hashes(0, n, width).map_err(|e| malformed("tile", "a tile", e))?;
        let bundle = TilePath::entries(n, width).map_err(|e| malformed("tile", "a bundle", e))?;
        let hashes = self.tile(source, tile)?;
        let bytes = source.tile(&bundle)?;
        self.tiles += 1;
        let entries = decode_bundle(bundle, &bytes)
            .map_err(|error| malformed(bundle, "a bundle of entries", error))?;
        let entries: Vec<Vec<u8>> = entries.into_iter().map(<[u8]>::to_vec).collect();
        // What an earlier audit has seen must still be there.
        for (index, (k, seen)) in (first..).zip(self.edge.iter().enumerate()) {
            let leaf = entries.get(k).map(|entry| Hash::leaf(entry));
            for (path, found) in [(tile, hashes.get(k)), (bundle, leaf.as_ref())] {
                if found != Some(seen) {
                    let found = found.map_or_else(|| "none".to_owned(), ToString::to_string);
                    let what = format!("{path}, as it was audited before");
                    return Err(Divergence::at(index, what, seen, found).into());
                }
            }
        }
        Ok(Block {
            tile,
            bundle,
            hashes,
            entries,
            start: self.edge.len(),
        })
    }

    /// Reads the unfinished bundle again, when nothing is new behind it.
    pub(super) fn unfinished(&mut self, source: &mut Source) -> Result<(), Stop> {
        match self.edge.is_empty() {
            true => Ok(()),
            false => self.block(source, self.size()).map(drop),
        }
    }

    fn tile(&mut self, source: &mut Source, path: TilePath) -> Result<Vec<Hash>, Stop> {
        let bytes = source.tile(&path)?;
        self.tiles += 1;
        path.decode_hashes(&bytes)
            .map_err(|error| malformed(path, "a tile of hashes", error))
    }

    /// Checks entry `k` of a block and appends it.
    pub(super) fn entry(
        &mut self,
        block: &Block,
        k: usize,
        record: Option<&Record>,
    ) -> Result<Entry, Stop> {
        let index = self.size();
        let (Some(bytes), Some(hash)) = (block.entries.get(k), block.hashes.get(k)) else {
            return Err(Divergence::at(index, block.bundle, "an entry", "none").into());
        };
        blame(index, block, bytes, hash, record)?;
        let entry = Entry::from_bytes(bytes)
            .map_err(|error| Divergence::at(index, "the entry's bytes", "an entry", error))?;
        if entry.index != index {
            return Err(Divergence::at(index, "the entry's index", index, entry.index).into());
        }
        let prev = self.prev.unwrap_or(Hash::ZERO);
        if entry.prev != prev {
            return Err(
                Divergence::at(index, "the link to the entry before", prev, entry.prev).into(),
            );
        }
        if let Some(last) = self.last_time
            && entry.time <= last
        {
            let expected = format!("more than {last} ns");
            return Err(Divergence::at(index, "the entry's time", expected, entry.time).into());
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

    /// Compares the tiles above the leaves that are full now or, at the end, as wide as they get.
    pub(super) fn upper_tiles(&mut self, source: &mut Source, at_end: bool) -> Result<(), Stop> {
        for at in 0..self.upper.len() {
            let Some(hashes) = self.upper.get_mut(at) else {
                continue;
            };
            let full = hashes.len() == usize::from(TILE_WIDTH);
            if hashes.is_empty() || (!full && !at_end) {
                continue;
            }
            let computed = std::mem::take(hashes);
            let level = u8::try_from(at + 1).unwrap_or(u8::MAX);
            let bits = u32::from(level) * u32::from(TILE_LEVELS);
            let complete = self.size() >> bits.min(63);
            let n = complete.saturating_sub(1) / u64::from(TILE_WIDTH);
            let path = TilePath::hashes(level, n, wide(computed.len()))
                .map_err(|error| malformed("tile", "a tile path", error))?;
            let stated = self.tile(source, path)?;
            for (k, (computed, stated)) in computed.iter().zip(&stated).enumerate() {
                if computed != stated {
                    return Err(Divergence::of_log(
                        format!("hash {k} of {path}"),
                        computed,
                        stated,
                    )
                    .into());
                }
            }
        }
        Ok(())
    }

    /// Compares the root with the checkpoint, and the source's end with the log's.
    pub(super) fn finish(
        &mut self,
        source: &mut Source,
        checkpoint: &Checkpoint,
    ) -> Result<(), Stop> {
        self.upper_tiles(source, true)?;
        if self.root() != checkpoint.root {
            let what = "the root over all entries";
            return Err(Divergence::of_log(what, checkpoint.root, self.root()).into());
        }
        Ok(source.finish(checkpoint.size)?)
    }
}

/// Compares the copies of an entry and says which one stands alone.
fn blame(
    index: u64,
    block: &Block,
    bytes: &[u8],
    hash: &Hash,
    record: Option<&Record>,
) -> Result<(), Divergence> {
    let leaf = Hash::leaf(bytes);
    let k = index % u64::from(TILE_WIDTH);
    let at =
        |what: String, expected: &Hash, found: &Hash| Divergence::at(index, what, expected, found);
    let Some(record) = record else {
        if leaf == *hash {
            return Ok(());
        }
        let what = format!("{} (or hash {k} of {})", block.bundle, block.tile);
        return Err(at(what, hash, &leaf));
    };
    let recorded = Hash::leaf(&record.entry);
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
pub(super) fn record(entry: &Entry, record: &Record) -> Result<(), Divergence> {
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
    let leaf =
        |(n, item): (u32, &Vec<u8>)| salt::item_leaf(&salt::item_salt(&record.salt, n), item);
    let leaves: Vec<Hash> = (0u32..).zip(&record.items).map(leaf).collect();
    let root = chain::root_of(&leaves);
    if root != entry.payload_root {
        let what = "the root over the items under the entry's salt";
        return Err(Divergence::at(index, what, entry.payload_root, root));
    }
    Ok(())
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Source(error) => Self::Source(error),
            Fault::Malformed { what, why } => {
                Self::Log(Divergence::of_log(what, "what the format says", why))
            }
        }
    }
}
