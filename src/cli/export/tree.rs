//! The tree of a log, from its signed root downwards: no hash is believed that does not lead there.
//!
//! ```text
//!   checkpoint ══ root over the last, unfinished tile of every level
//!                    └ a hash of level 1 ══ root over a full tile of level 0 ══ entries, records
//! ```
//!
//! A full tile that lies in the folder already is taken from there if it leads to the root, and
//! fetched if not; so an export that is brought up to date asks for what is new.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use chain::{Checkpoint, Hash, Nodes, TILE_WIDTH, TileKind, TilePath, TileWidths, decode_bundle};

use super::untrue;
use crate::cli::error::Failure;
use crate::client::Client;

/// Levels of the tree in one level of tiles.
const LEVEL_BITS: u8 = 8;
/// Levels of tiles that any log can have.
const TILE_LEVELS: u8 = 8;

/// Hashes of tiles, by level and number.
type Tiles = BTreeMap<(u8, u64), Vec<Hash>>;

/// The tree at a checkpoint.
pub(super) struct Tree<'a> {
    client: &'a Client,
    folder: &'a Path,
    size: u64,
    /// Tiles that lead to the root: all above the leaves that were asked for, and some of those.
    known: RefCell<Tiles>,
    /// What went wrong where only "none" could be said.
    failed: RefCell<Option<Failure>>,
}

impl<'a> Tree<'a> {
    /// Reads the unfinished tiles and compares their root with the checkpoint's.
    pub(super) fn open(
        client: &'a Client,
        folder: &'a Path,
        checkpoint: &Checkpoint,
    ) -> Result<Self, Failure> {
        let size = checkpoint.size;
        let tree = Self {
            client,
            folder,
            size,
            known: RefCell::default(),
            failed: RefCell::default(),
        };
        let local = tree.edge(|path| Ok(tree.read(path)))?;
        // What lies there of an export of this very size; anything else comes from the node.
        *tree.known.borrow_mut() = match local {
            Some(edge) if chain::root_at(&Edge(&edge), size) == Some(checkpoint.root) => edge,
            _ => {
                let edge = tree.edge(|path| Ok(Some(client.tile(path)?)))?;
                let edge = edge.unwrap_or_default();
                if chain::root_at(&Edge(&edge), size) != Some(checkpoint.root) {
                    return Err(untrue("the unfinished tiles", "the root in the checkpoint"));
                }
                edge
            }
        };
        Ok(tree)
    }

    /// The unfinished tiles of all levels; `None` if one is not there.
    fn edge(
        &self,
        get: impl Fn(&TilePath) -> Result<Option<Vec<u8>>, Failure>,
    ) -> Result<Option<Tiles>, Failure> {
        let mut edge = BTreeMap::new();
        for level in 0..TILE_LEVELS {
            let widths = TileWidths::at(level, self.size);
            if widths.partial == 0 {
                continue;
            }
            let path = named(TilePath::hashes(level, widths.full, widths.partial))?;
            let Some(bytes) = get(&path)? else {
                return Ok(None);
            };
            let Ok(hashes) = path.decode_hashes(&bytes) else {
                return Ok(None);
            };
            edge.insert((level, widths.full), hashes);
        }
        Ok(Some(edge))
    }

    /// Bytes that lie in the folder, if any do.
    pub(super) fn read(&self, path: &TilePath) -> Option<Vec<u8>> {
        fs::read(self.folder.join("log").join(path.to_string())).ok()
    }

    /// The hashes of a tile at this size.
    pub(super) fn hashes(&self, level: u8, number: u64) -> Result<Vec<Hash>, Failure> {
        if let Some(known) = self.known.borrow().get(&(level, number)) {
            return Ok(known.clone());
        }
        let path = named(TilePath::hashes(level, number, TILE_WIDTH))?;
        if !path.is_within(self.size) || level >= TILE_LEVELS {
            return Err(untrue(path, "a tree of this size"));
        }
        let width = u64::from(TILE_WIDTH);
        let above = self.hashes(level + 1, number / width)?;
        let at = usize::try_from(number % width).unwrap_or(usize::MAX);
        let root = above.get(at).copied();
        let fits = |bytes: &[u8]| {
            let hashes = path.decode_hashes(bytes).ok()?;
            (Some(chain::root_of(&hashes)) == root).then_some(hashes)
        };
        let local = self.read(&path).and_then(|bytes| fits(&bytes));
        let hashes = match local {
            Some(hashes) => hashes,
            None => fits(&self.client.tile(&path)?)
                .ok_or_else(|| untrue(path, "the root in the checkpoint"))?,
        };
        let mut known = self.known.borrow_mut();
        if level == 0 {
            // There are many, and they are asked for in order.
            known.retain(|(level, n), _| *level > 0 || n.saturating_add(4) > number);
        }
        known.insert((level, number), hashes.clone());
        Ok(hashes)
    }

    /// The leaf hash of an entry.
    pub(super) fn leaf(&self, index: u64) -> Result<Hash, Failure> {
        let width = u64::from(TILE_WIDTH);
        let hashes = self.hashes(0, index / width)?;
        let at = usize::try_from(index % width).unwrap_or(usize::MAX);
        let leaf = hashes.get(at).copied();
        leaf.ok_or_else(|| untrue(format_args!("entry {index}"), "the checkpoint"))
    }

    /// The bytes of a tile or bundle, from the folder if they are right there (then `true`), or
    /// else from the node.
    pub(super) fn bytes(&self, path: &TilePath) -> Result<(Vec<u8>, bool), Failure> {
        let (level, bundle) = match path.kind() {
            TileKind::Hashes(level) => (level, false),
            TileKind::Entries => (0, true),
        };
        let mut hashes = self.hashes(level, path.index())?;
        hashes.truncate(usize::from(path.width()));
        if !bundle {
            let bytes: Vec<u8> = hashes.iter().flat_map(|hash| *hash.as_bytes()).collect();
            path.check_len(bytes.len())
                .map_err(|error| untrue(path, "its path").because(error))?;
            let there = self.read(path).as_ref() == Some(&bytes);
            return Ok((bytes, there));
        }
        let fits = |bytes: &[u8]| {
            let entries = decode_bundle(*path, bytes).ok()?;
            let leaves = entries.iter().map(|entry| Hash::leaf(entry));
            Some(leaves.eq(hashes.iter().copied()))
        };
        if let Some(bytes) = self.read(path).filter(|bytes| fits(bytes) == Some(true)) {
            return Ok((bytes, true));
        }
        let bytes = self.client.tile(path)?;
        match fits(&bytes) {
            Some(true) => Ok((bytes, false)),
            _ => Err(untrue(path, "the hashes under the checkpoint")),
        }
    }

    /// The root over the first `size` entries of this tree.
    pub(super) fn root_at(&self, size: u64) -> Result<Hash, Failure> {
        let root = chain::root_at(self, size);
        if let Some(failure) = self.failed.take() {
            return Err(failure);
        }
        root.ok_or_else(|| untrue(format_args!("the tree at {size} entries"), "the checkpoint"))
    }
}

impl Nodes for Tree<'_> {
    fn node(&self, level: u8, index: u64) -> Option<Hash> {
        subtree(level, index, |tile_level, number| {
            let hashes = self.hashes(tile_level, number);
            hashes
                .map_err(|failure| self.failed.replace(Some(failure)))
                .ok()
        })
    }
}

/// Unfinished tiles by themselves.
struct Edge<'a>(&'a Tiles);

impl Nodes for Edge<'_> {
    fn node(&self, level: u8, index: u64) -> Option<Hash> {
        subtree(level, index, |tile_level, number| {
            self.0.get(&(tile_level, number)).cloned()
        })
    }
}

/// The root of a complete subtree, from the tile in which it stands.
fn subtree(level: u8, index: u64, tile: impl FnOnce(u8, u64) -> Option<Vec<Hash>>) -> Option<Hash> {
    let height = level % LEVEL_BITS;
    let first = index.checked_mul(1 << height)?;
    let width = u64::from(TILE_WIDTH);
    let hashes = tile(level / LEVEL_BITS, first / width)?;
    let start = usize::try_from(first % width).ok()?;
    let nodes = hashes.get(start..start.checked_add(1 << height)?)?;
    Some(chain::root_of(nodes))
}

pub(super) fn named(path: Result<TilePath, chain::TileError>) -> Result<TilePath, Failure> {
    path.map_err(|error| Failure::unanswered("no such tile").because(error))
}
