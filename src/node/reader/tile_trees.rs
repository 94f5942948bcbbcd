//! Trees over the hashes of tiles, kept for the proofs that go through them next.
//!
//! A proof takes a sibling of each height from a tile, and these siblings are made of all of its 256
//! hashes but one: without its tree, every proof hashes every tile on its way anew.

use std::cell::RefCell;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use chain::{Hash, LeafTree, Nodes, TILE_WIDTH};

use super::{Kept, Reader};
use crate::limits::TILE_TREES_BYTES_MAX;
use crate::node::tree::LEVELS;

/// Heights of nodes within a tile.
const HEIGHTS: u8 = 8;

/// Trees of tiles that proofs went through lately.
pub(in crate::node) struct TileTrees {
    /// Of full tiles, which never change.
    full: Kept<LeafTree>,
    /// Of the unfinished tile of each level, as wide as it was.
    edge: [ArcSwapOption<(u64, Arc<LeafTree>)>; LEVELS],
}

impl Default for TileTrees {
    fn default() -> Self {
        Self {
            full: Kept::with_room(TILE_TREES_BYTES_MAX),
            edge: std::array::from_fn(|_| ArcSwapOption::empty()),
        }
    }
}

/// One number for a tile of any level: a level has at most 2^56 tiles.
const fn key(level: u8, number: u64) -> u64 {
    (level as u64) << 56 | number
}

/// About how many bytes a tree takes: its leaves, and as many nodes above them.
fn weight(tree: &LeafTree) -> usize {
    let leaves = usize::try_from(tree.size()).unwrap_or(usize::MAX);
    leaves.saturating_mul(2 * Hash::LEN)
}

impl Reader {
    /// The tree of a tile; `None` if there is no such tile, or the store cannot give it.
    fn tile_tree(&self, level: u8, number: u64) -> Option<Arc<LeafTree>> {
        let trees = &self.shared.tile_trees;
        if let Some(tree) = trees.full.get(key(level, number)) {
            return Some(tree);
        }
        let hashes = self.tile_hashes(level, number).ok().flatten()?;
        if hashes.len() >= usize::from(TILE_WIDTH) {
            let tree = Arc::new(LeafTree::new(hashes));
            trees.full.keep(key(level, number), weight(&tree), &tree);
            return Some(tree);
        }
        // Tiles only grow: one that is as wide as before is the same.
        let edge = trees.edge.get(usize::from(level))?;
        let kept = edge.load();
        let kept = kept.as_ref().filter(|kept| kept.0 == number);
        let kept = kept.filter(|kept| kept.1.size() == hashes.len() as u64);
        if let Some(kept) = kept {
            return Some(Arc::clone(&kept.1));
        }
        let tree = Arc::new(LeafTree::new(hashes));
        edge.store(Some(Arc::new((number, Arc::clone(&tree)))));
        Some(tree)
    }
}

/// The log's nodes for one proof, which takes several from each tile.
pub(super) struct TileNodes<'a> {
    reader: &'a Reader,
    seen: RefCell<Vec<(u64, Option<Arc<LeafTree>>)>>,
}

impl<'a> TileNodes<'a> {
    pub(super) const fn new(reader: &'a Reader) -> Self {
        Self {
            reader,
            seen: RefCell::new(Vec::new()),
        }
    }
}

impl Nodes for TileNodes<'_> {
    fn node(&self, level: u8, index: u64) -> Option<Hash> {
        let (tile_level, height) = (level / HEIGHTS, level % HEIGHTS);
        let width = u64::from(TILE_WIDTH) >> height;
        let (number, at) = (index / width, index % width);
        let mut seen = self.seen.borrow_mut();
        let tile = key(tile_level, number);
        let place = seen.iter().position(|(known, _)| *known == tile);
        let place = place.unwrap_or_else(|| {
            seen.push((tile, self.reader.tile_tree(tile_level, number)));
            seen.len().saturating_sub(1)
        });
        let (_, tree) = seen.get(place)?;
        tree.as_ref()?.node(height, at)
    }
}

impl Nodes for Reader {
    fn node(&self, level: u8, index: u64) -> Option<Hash> {
        TileNodes::new(self).node(level, index)
    }
}
