//! The log's tree as the node holds it: full tiles in the store, the unfinished edge in memory.

use std::collections::BTreeMap;

use chain::{FULL_TILE_BYTES, Frontier, Hash, Nodes, TILE_WIDTH};

/// Tile levels that a log of 2^64 entries can have.
pub(super) const LEVELS: usize = 8;

/// The nodes that one group needs for the inclusion proofs of its own entries: the subtrees that
/// were complete before it, and those that it completed.
#[derive(Debug, Default)]
pub(super) struct GroupTree {
    old_size: u64,
    old: Vec<Hash>,
    /// Per level: index of the first node completed by the group, and the nodes.
    new: Vec<(u64, Vec<Hash>)>,
}

impl GroupTree {
    /// Starts a group on top of `frontier`.
    #[must_use]
    pub(super) fn on(frontier: &Frontier) -> Self {
        let (old_size, old) = frontier.parts();
        Self {
            old_size,
            old: old.to_vec(),
            new: Vec::new(),
        }
    }

    /// Takes a node that the group completed; per level they come in order.
    pub(super) fn push(&mut self, level: u8, index: u64, hash: Hash) {
        let level = usize::from(level);
        if self.new.len() <= level {
            self.new.resize_with(level + 1, Default::default);
        }
        let nodes = &mut self.new[level];
        if nodes.1.is_empty() {
            nodes.0 = index;
        }
        nodes.1.push(hash);
    }

    /// The completed nodes of one level, with the index of the first.
    #[must_use]
    pub(super) fn level(&self, level: u8) -> (u64, &[Hash]) {
        match self.new.get(usize::from(level)) {
            Some((first, nodes)) => (*first, nodes),
            None => (0, &[]),
        }
    }
}

impl Nodes for GroupTree {
    fn node(&self, level: u8, index: u64) -> Option<Hash> {
        if let Some((first, nodes)) = self.new.get(usize::from(level))
            && let Some(at) = index.checked_sub(*first)
            && let Some(hash) = usize::try_from(at).ok().and_then(|at| nodes.get(at))
        {
            return Some(*hash);
        }
        // The subtrees of the old frontier stand from the largest to the smallest.
        if level >= 64 || (self.old_size >> level) & 1 == 0 {
            return None;
        }
        if (self.old_size >> level).checked_sub(1) != Some(index) {
            return None;
        }
        let larger = (self.old_size >> level >> 1).count_ones();
        self.old.get(usize::try_from(larger).ok()?).copied()
    }
}

/// Hash tiles that the store does not hold: the unfinished ones, and finished ones on their way.
#[derive(Debug, Default)]
pub(super) struct TileCache {
    levels: [BTreeMap<u64, Vec<Hash>>; LEVELS],
}

/// A finished tile: level, number, 8,192 bytes.
pub(super) type FullTile = (u8, u64, Vec<u8>);

impl TileCache {
    /// Puts the beginning of a tile in, at open.
    pub(super) fn restore(&mut self, level: u8, number: u64, hashes: Vec<Hash>) {
        if let Some(tiles) = self.levels.get_mut(usize::from(level))
            && !hashes.is_empty()
        {
            tiles.insert(number, hashes);
        }
    }

    /// Takes the nodes of a group over; gives back the tiles it finished, ready for the store.
    pub(super) fn absorb(&mut self, group: &GroupTree) -> Vec<FullTile> {
        let mut full = Vec::new();
        for (level, tiles) in self.levels.iter_mut().enumerate() {
            let tile_level = u8::try_from(level).expect("eight levels");
            let (first, nodes) = group.level(tile_level * 8);
            for (index, hash) in (first..).zip(nodes) {
                let number = index / u64::from(TILE_WIDTH);
                let tile = tiles.entry(number).or_default();
                tile.push(*hash);
                if tile.len() == usize::from(TILE_WIDTH) {
                    full.push((tile_level, number, tile_bytes(tile)));
                }
            }
        }
        full
    }

    /// Forgets finished tiles once the store holds them.
    pub(super) fn forget(&mut self, stored: &[FullTile]) {
        for (level, number, _) in stored {
            if let Some(tiles) = self.levels.get_mut(usize::from(*level)) {
                tiles.remove(number);
            }
        }
    }

    /// The hashes of a tile, as many as there are.
    #[must_use]
    pub(super) fn tile(&self, level: u8, number: u64) -> Option<&[Hash]> {
        self.levels
            .get(usize::from(level))?
            .get(&number)
            .map(Vec::as_slice)
    }
}

fn tile_bytes(hashes: &[Hash]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(FULL_TILE_BYTES);
    for hash in hashes {
        bytes.extend_from_slice(hash.as_bytes());
    }
    debug_assert_eq!(bytes.len(), FULL_TILE_BYTES, "a full tile has 8,192 bytes");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proofs made from a group's own nodes equal those of a tree that knows everything.
    #[test]
    fn group_tree_proves_its_own_entries() {
        for old in [0u64, 1, 2, 3, 5, 6, 7, 8, 13, 100, 255, 256] {
            for added in [1u64, 2, 3, 7, 40] {
                let leaves: Vec<Hash> = (0..old + added)
                    .map(|i| Hash::leaf(&i.to_be_bytes()))
                    .collect();
                let mut frontier = Frontier::new();
                for leaf in &leaves[..usize::try_from(old).unwrap()] {
                    frontier.push(*leaf, &mut |_, _, _| {});
                }
                let mut group = GroupTree::on(&frontier);
                for leaf in &leaves[usize::try_from(old).unwrap()..] {
                    frontier.push(*leaf, &mut |level, index, hash| {
                        group.push(level, index, hash)
                    });
                }
                let whole = chain::LeafTree::new(leaves.clone());
                for index in old..old + added {
                    let proof = chain::inclusion_proof(&group, index, old + added).unwrap();
                    assert_eq!(proof, whole.inclusion_proof(index).unwrap());
                }
                assert_eq!(chain::root_at(&group, old + added), Some(frontier.root()));
            }
        }
    }

    #[test]
    fn tiles_give_every_node() {
        let mut frontier = Frontier::new();
        let mut cache = TileCache::default();
        let mut full: BTreeMap<(u8, u64), Vec<Hash>> = BTreeMap::new();
        let mut known = BTreeMap::new();
        for i in 0..1_030u64 {
            let mut group = GroupTree::on(&frontier);
            frontier.push(Hash::leaf(&i.to_be_bytes()), &mut |level, index, hash| {
                known.insert((level, index), hash);
                group.push(level, index, hash);
            });
            let done = cache.absorb(&group);
            cache.forget(&done);
            for (level, number, bytes) in done {
                let hashes = bytes
                    .chunks_exact(32)
                    .map(|c| Hash::from_bytes(c.try_into().unwrap()))
                    .collect();
                full.insert((level, number), hashes);
            }
        }
        for ((level, index), hash) in known {
            let found = chain::node_from_tiles(level, index, |l, n| {
                cache
                    .tile(l, n)
                    .map(<[Hash]>::to_vec)
                    .or_else(|| full.get(&(l, n)).cloned())
            });
            assert_eq!(found, Some(hash), "level {level} index {index}");
        }
    }
}
