//! The RFC 6962 Merkle tree: one algorithm for entries, items and account states.
//!
//! ```text
//! size 7             root
//!                 /        \
//!            (2,0)          o          (level, index) names the complete subtree over the
//!           /     \        / \         leaves index << level .. (index + 1) << level.
//!       (1,0)   (1,1)  (1,2)  6        Only complete subtrees are ever stored: their hashes
//!        / \     / \    / \            never change while the log grows. The nodes marked `o`
//!       0   1   2   3  4   5           are computed when they are asked for.
//! ```
//!
//! [`Frontier`] appends and knows the newest root; [`inclusion_proof`] and [`consistency_proof`]
//! read complete subtrees through [`Nodes`]; [`verify_inclusion`] and [`verify_consistency`] need
//! nothing but hashes.

mod frontier;
mod prove;
mod tree;
mod verify;

pub use frontier::{Frontier, FrontierError};
pub use prove::{Nodes, consistency_proof, inclusion_proof, root_at};
pub use tree::LeafTree;
pub use verify::{verify_consistency, verify_inclusion};

use alloc::vec::Vec;

use crate::hash::Hash;

/// A proof that cannot be made, or does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The tree has no leaf with this index.
    #[error("no leaf {index} in a tree of {size}")]
    Index {
        /// The index asked for or claimed.
        index: u64,
        /// The size of the tree.
        size: u64,
    },
    /// The old tree is larger than the new one.
    #[error("a tree of {old} cannot grow into a tree of {new}")]
    Sizes {
        /// The size claimed to be the earlier one.
        old: u64,
        /// The size claimed to be the later one.
        new: u64,
    },
    /// The source of nodes lacks a hash that the proof needs.
    #[error("missing the hash of subtree {index} at level {level}")]
    MissingNode {
        /// Level of the subtree: it covers `1 << level` leaves.
        level: u8,
        /// Number of the subtree at its level, from the left.
        index: u64,
    },
    /// The proof has fewer hashes than its sizes demand.
    #[error("a proof of {hashes} hashes is too short")]
    TooShort {
        /// The number of hashes given.
        hashes: usize,
    },
    /// The proof has more hashes than its sizes demand.
    #[error("a proof of {hashes} hashes is too long")]
    TooLong {
        /// The number of hashes given.
        hashes: usize,
    },
    /// The proof leads to another root than the one of the (new) tree.
    #[error("the proof leads to root {computed}, not to {expected}")]
    Root {
        /// The root that follows from the proof.
        computed: Hash,
        /// The root that was to be proven.
        expected: Hash,
    },
    /// The proof leads to another root than the one of the old tree.
    #[error("the proof leads to old root {computed}, not to {expected}")]
    OldRoot {
        /// The root that follows from the proof.
        computed: Hash,
        /// The root that was to be proven.
        expected: Hash,
    },
}

/// Returns the root of the tree without leaves: the SHA-256 of nothing.
#[must_use]
pub fn empty_root() -> Hash {
    Hash::sha256(&[])
}

/// Computes the root over a list of leaf hashes.
///
/// Level by level, for nodes side by side do not wait for each other; a node without a neighbour
/// goes up as it is.
#[must_use]
pub fn root_of(leaves: &[Hash]) -> Hash {
    if leaves.is_empty() {
        return empty_root();
    }
    let mut level: Option<Vec<Hash>> = None;
    loop {
        let below = level.as_deref().unwrap_or(leaves);
        if let [root] = below {
            return *root;
        }
        let mut above = Hash::nodes(below);
        if let (1, Some(alone)) = (below.len() % 2, below.last()) {
            above.push(*alone);
        }
        level = Some(above);
    }
}

/// Joins subtree roots, listed from the left, into the root above them all.
fn join(subtrees: &[Hash]) -> Option<Hash> {
    subtrees
        .iter()
        .rev()
        .copied()
        .reduce(|right, left| Hash::node(&left, &right))
}
