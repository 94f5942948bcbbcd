//! The edge of the log's tree: what the ledger itself knows of the log's hashes.
//!
//! ```text
//!  level 2   ( . . . . )           roots of complete subtrees: the newest of each level are kept
//!  level 1   ( . . )( . . )
//!  level 0    . . . . . . .        the root of a complete subtree never changes
//! ```
//!
//! Whoever proves that an entry is in the log shows the way from its leaf to one of these roots. A
//! proof leads to a subtree that was complete when it was made; it is good until so many subtrees of
//! that level have followed. The older the entry, the larger the subtree, and the longer that lasts.

use alloc::vec::Vec;

use chain::{Frontier, Hash};

use super::snapshot::{PartReader, PartWriter, SnapshotError};
use crate::limits::TREE_NODES_KEPT;

/// The newest complete subtrees of each level, and the tree's append frontier.
#[derive(Debug, Clone, Default)]
pub struct Edge {
    frontier: Frontier,
    /// By level: the roots of the newest subtrees, number `n` at place `n % TREE_NODES_KEPT`.
    levels: Vec<Vec<Hash>>,
}

/// What is known of a subtree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Node {
    /// Its root.
    Kept(Hash),
    /// It is complete, and too many have followed it.
    Forgotten,
    /// The log has not come to its end.
    Ahead,
}

impl Edge {
    /// How many entries are in the tree.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The tree's append frontier.
    #[must_use]
    pub const fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// Appends an entry's leaf hash; `completed` is told of every subtree that it completes, as
    /// [`Frontier::push`] does.
    pub fn push(&mut self, leaf: Hash, completed: &mut impl FnMut(u8, u64, Hash)) {
        let levels = &mut self.levels;
        self.frontier.push(leaf, &mut |level, index, hash| {
            keep(levels, level, index, hash);
            completed(level, index, hash);
        });
    }

    /// The root of the subtree number `index` of those with `2^level` leaves.
    #[must_use]
    pub fn node(&self, level: u8, index: u64) -> Node {
        let count = self.size().checked_shr(u32::from(level)).unwrap_or(0);
        match count.checked_sub(index) {
            None | Some(0) => return Node::Ahead,
            Some(behind) if behind > TREE_NODES_KEPT => return Node::Forgotten,
            Some(_) => {}
        }
        let nodes = self.levels.get(usize::from(level));
        let hash = nodes.and_then(|nodes| nodes.get(place(index)));
        hash.map_or(Node::Forgotten, |hash| Node::Kept(*hash))
    }

    /// Writes it to a snapshot.
    pub(super) fn write<E, F>(&self, out: &mut PartWriter<F>) -> Result<(), E>
    where
        F: FnMut(Vec<u8>, bool) -> Result<(), E>,
    {
        out.put(&self.size())?;
        out.put_all(self.levels.iter().map(|nodes| {
            let bytes = nodes.iter().map(|hash| *hash.as_bytes());
            bytes.collect::<Vec<[u8; Hash::LEN]>>()
        }))
    }

    /// Reads it from a snapshot.
    pub(super) fn read<I: Iterator<Item = Vec<u8>>>(
        from: &mut PartReader<I>,
    ) -> Result<Self, SnapshotError> {
        let size: u64 = from.take()?;
        let levels: Vec<Vec<[u8; Hash::LEN]>> = from.take_list()?;
        let mut edge = Self::default();
        for (level, nodes) in (0u32..).zip(levels) {
            let count = size.checked_shr(level).unwrap_or(0).min(TREE_NODES_KEPT);
            if u64::try_from(nodes.len()) != Ok(count) || count == 0 {
                return Err(SnapshotError::Unreadable);
            }
            let hashes = nodes.into_iter().map(Hash::from_bytes);
            edge.levels.push(hashes.collect());
        }
        // The subtrees that make up a tree are the newest of the levels that are set in its size.
        let newest = |level: u32| {
            let index = size.checked_shr(level)?.checked_sub(1)?;
            let nodes = edge.levels.get(usize::try_from(level).ok()?)?;
            nodes.get(place(index)).copied()
        };
        let is_set = |level: &u32| size.checked_shr(*level).is_some_and(|size| size % 2 == 1);
        let set = (0..u64::BITS).rev().filter(is_set);
        let subtrees: Option<Vec<Hash>> = set.map(newest).collect();
        let subtrees = subtrees.ok_or(SnapshotError::Unreadable)?;
        let frontier = Frontier::from_parts(size, subtrees);
        edge.frontier = frontier.map_err(|_| SnapshotError::Unreadable)?;
        Ok(edge)
    }
}

fn place(index: u64) -> usize {
    usize::try_from(index % TREE_NODES_KEPT).unwrap_or(0)
}

fn keep(levels: &mut Vec<Vec<Hash>>, level: u8, index: u64, hash: Hash) {
    let level = usize::from(level);
    if levels.len() == level {
        levels.push(Vec::new());
    }
    let Some(nodes) = levels.get_mut(level) else {
        return;
    };
    match nodes.get_mut(place(index)) {
        Some(node) => *node = hash,
        None => nodes.push(hash),
    }
}

#[cfg(test)]
mod tests {
    use core::convert::Infallible;

    use super::*;

    fn leaf(n: u64) -> Hash {
        Hash::leaf(&n.to_be_bytes())
    }

    fn saved(edge: &Edge) -> Vec<Vec<u8>> {
        let mut parts = Vec::new();
        let mut out = PartWriter::new(|part, _| {
            parts.push(part);
            Ok::<(), Infallible>(())
        });
        edge.write(&mut out).unwrap();
        out.finish().unwrap();
        parts
    }

    #[test]
    fn the_newest_subtrees_of_each_level_are_known_and_no_others() {
        let size = 3 * TREE_NODES_KEPT + 5;
        let mut edge = Edge::default();
        let mut completed = Vec::new();
        for n in 0..size {
            edge.push(leaf(n), &mut |level, index, hash| {
                completed.push((level, index, hash));
            });
        }
        for (level, index, hash) in completed {
            let count = size >> level;
            let expected = match count - index <= TREE_NODES_KEPT {
                true => Node::Kept(hash),
                false => Node::Forgotten,
            };
            assert_eq!(edge.node(level, index), expected, "{level} {index}");
        }
        for level in 0..=64 {
            let count = size.checked_shr(u32::from(level)).unwrap_or(0);
            assert_eq!(edge.node(level, count), Node::Ahead);
            assert_eq!(edge.node(level, u64::MAX), Node::Ahead);
        }
    }

    #[test]
    fn what_was_saved_goes_on_as_if_it_had_not_been() {
        let mut edge = Edge::default();
        for n in 0..2 * TREE_NODES_KEPT + 9 {
            let read = &mut PartReader::new(saved(&edge).into_iter());
            let mut read = Edge::read(read).unwrap();
            for edge in [&mut edge, &mut read] {
                edge.push(leaf(n), &mut |_, _, _| {});
            }
            assert_eq!(read.frontier(), edge.frontier());
            assert_eq!(saved(&read), saved(&edge), "{n}");
        }
    }
}
