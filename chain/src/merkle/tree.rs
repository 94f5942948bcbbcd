//! A whole tree in memory, for the few thousand items of one entry.

use alloc::vec::Vec;

use super::{Frontier, Nodes, ProofError, inclusion_proof};
use crate::hash::Hash;

/// The complete subtrees over a list of leaf hashes, level by level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafTree {
    levels: Vec<Vec<Hash>>,
    root: Hash,
}

impl LeafTree {
    /// Builds the tree over `leaves`: one hash per leaf.
    #[must_use]
    pub fn new(leaves: Vec<Hash>) -> LeafTree {
        let mut levels = Vec::new();
        let mut level = leaves;
        while level.len() > 1 {
            let above = Hash::nodes(&level);
            levels.push(level);
            level = above;
        }
        levels.push(level);
        let root = frontier_of(&levels).root();
        LeafTree { levels, root }
    }

    /// Returns the number of leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.levels[0].len() as u64
    }

    /// Returns the root.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.root
    }

    /// The roots over each run of 2^`level` leaves, the last of which may be shorter: the leaves of a
    /// tree with the same root. Whoever keeps them proves a leaf with its own run at hand.
    #[must_use]
    pub fn runs(&self, level: u8) -> Vec<Hash> {
        let level = usize::from(level);
        let mut runs = self.levels.get(level).cloned().unwrap_or_default();
        let leaves = &self.levels[0];
        let (_, rest) = leaves.split_at(runs.len() << level);
        if !rest.is_empty() {
            runs.push(super::root_of(rest));
        }
        runs
    }

    /// Makes the proof that leaf `index` is in this tree.
    ///
    /// # Errors
    /// [`ProofError::Index`] if there is no such leaf.
    pub fn inclusion_proof(&self, index: u64) -> Result<Vec<Hash>, ProofError> {
        inclusion_proof(self, index, self.size())
    }
}

impl Nodes for LeafTree {
    fn node(&self, level: u8, index: u64) -> Option<Hash> {
        self.levels
            .get(usize::from(level))?
            .get(usize::try_from(index).ok()?)
            .copied()
    }
}

/// Collects the roots of the complete subtrees: the odd one out at the end of each level.
fn frontier_of(levels: &[Vec<Hash>]) -> Frontier {
    let subtrees = levels
        .iter()
        .rev()
        .filter(|level| level.len() % 2 == 1)
        .filter_map(|level| level.last().copied())
        .collect();
    Frontier::from_parts(levels[0].len() as u64, subtrees)
        .expect("a level has an odd number of subtrees where the size has a set bit")
}
