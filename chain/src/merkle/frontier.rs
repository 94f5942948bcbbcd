//! The append frontier: the roots of the complete subtrees that make up a tree of some size.

use alloc::vec::Vec;

use super::{empty_root, join};
use crate::hash::Hash;

const LEVELS: usize = 64;

/// A growing tree, held as at most 64 hashes.
///
/// The hashes are the roots of the complete subtrees from the left: one for every set bit of the
/// size, the largest first. A push costs two hashes on average and allocates nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    subtrees: Vec<Hash>,
}

/// Parts that are no frontier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrontierError {
    /// The number of subtree roots is not the number of set bits of the size.
    #[error("a tree of {size} has {} complete subtrees, not {found}", size.count_ones())]
    Subtrees {
        /// The size given.
        size: u64,
        /// The number of hashes given.
        found: usize,
    },
}

impl Frontier {
    /// Makes the frontier of an empty tree.
    #[must_use]
    pub fn new() -> Frontier {
        Frontier {
            size: 0,
            subtrees: Vec::with_capacity(LEVELS),
        }
    }

    /// Puts together what [`Frontier::parts`] took apart. The hashes are believed.
    ///
    /// # Errors
    /// [`FrontierError::Subtrees`] if `size` needs another number of hashes.
    pub fn from_parts(size: u64, subtrees: Vec<Hash>) -> Result<Frontier, FrontierError> {
        if subtrees.len() != size.count_ones() as usize {
            return Err(FrontierError::Subtrees {
                size,
                found: subtrees.len(),
            });
        }
        let mut frontier = Frontier::new();
        frontier.size = size;
        frontier.subtrees.extend_from_slice(&subtrees);
        Ok(frontier)
    }

    /// Returns the size and the roots of the complete subtrees, the leftmost (largest) first.
    #[must_use]
    pub fn parts(&self) -> (u64, &[Hash]) {
        (self.size, &self.subtrees)
    }

    /// Returns the number of leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Computes the root: up to 63 hashes, one fewer than the size has set bits.
    #[must_use]
    pub fn root(&self) -> Hash {
        join(&self.subtrees).unwrap_or_else(empty_root)
    }

    /// Appends a leaf hash and reports each subtree that it completes, from level 0 upwards.
    ///
    /// `completed` is called as `(level, index, hash)`, first with `(0, old size, leaf)`.
    ///
    /// # Panics
    /// If the tree already has `u64::MAX` leaves.
    pub fn push(&mut self, leaf: Hash, completed: &mut impl FnMut(u8, u64, Hash)) {
        let index = self.size;
        self.size = index
            .checked_add(1)
            .expect("a log never reaches 2^64 leaves");
        let mut hash = leaf;
        completed(0, index, hash);
        // A set bit of the old size is a subtree that waits for its right neighbour.
        for level in 1..=index.trailing_ones() {
            let left = self
                .subtrees
                .pop()
                .expect("one subtree per set bit of the size");
            hash = Hash::node(&left, &hash);
            completed(level as u8, index >> level, hash);
        }
        self.subtrees.push(hash);
    }
}

impl Default for Frontier {
    fn default() -> Frontier {
        Frontier::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_every_complete_subtree_once_and_upwards() {
        let mut frontier = Frontier::new();
        let mut seen = Vec::new();
        for byte in 0..4 {
            frontier.push(Hash::leaf(&[byte]), &mut |level, index, _| {
                seen.push((level, index))
            });
        }
        assert_eq!(
            seen,
            [(0, 0), (0, 1), (1, 0), (0, 2), (0, 3), (1, 1), (2, 0)]
        );
    }

    #[test]
    fn parts_round_trip_and_are_counted() {
        let mut frontier = Frontier::new();
        for byte in 0..7 {
            let (size, subtrees) = frontier.parts();
            assert_eq!(
                Frontier::from_parts(size, subtrees.to_vec()).as_ref(),
                Ok(&frontier)
            );
            frontier.push(Hash::leaf(&[byte]), &mut |_, _, _| ());
        }
        assert_eq!(
            Frontier::from_parts(7, Vec::new()),
            Err(FrontierError::Subtrees { size: 7, found: 0 })
        );
    }

    #[test]
    fn push_does_not_grow_the_list() {
        let mut frontier = Frontier::from_parts(u64::MAX - 1, alloc::vec![Hash::ZERO; 63]).unwrap();
        let before = frontier.subtrees.as_ptr();
        frontier.push(Hash::ZERO, &mut |_, _, _| ());
        assert_eq!(frontier.parts().1.len(), 64);
        assert_eq!(frontier.subtrees.as_ptr(), before);
    }
}
