//! Proofs from stored subtree hashes.

use alloc::vec::Vec;

use super::{ProofError, empty_root, join};
use crate::hash::Hash;

/// A source of the hashes of complete subtrees: memory, tiles or a database.
pub trait Nodes {
    /// Returns the hash over the leaves `index << level .. (index + 1) << level`, if known.
    fn node(&self, level: u8, index: u64) -> Option<Hash>;
}

impl<N: Nodes + ?Sized> Nodes for &N {
    fn node(&self, level: u8, index: u64) -> Option<Hash> {
        (**self).node(level, index)
    }
}

/// Computes the root of the first `size` leaves; `None` if a node is missing.
#[must_use]
pub fn root_at(nodes: &impl Nodes, size: u64) -> Option<Hash> {
    if size == 0 {
        return Some(empty_root());
    }
    range_root(nodes, 0, size).ok()
}

/// Makes the proof that leaf `index` is in the tree of the first `size` leaves, the leaf's sibling
/// first (RFC 6962, section 2.1.1).
///
/// # Errors
/// [`ProofError::Index`] if there is no such leaf, [`ProofError::MissingNode`] if a hash is missing.
pub fn inclusion_proof(nodes: &impl Nodes, index: u64, size: u64) -> Result<Vec<Hash>, ProofError> {
    if index >= size {
        return Err(ProofError::Index { index, size });
    }
    let mut proof = Vec::new();
    let (mut start, mut count) = (0, size);
    while count > 1 {
        let left = left_count(count);
        if index - start < left {
            proof.push(range_root(nodes, start + left, count - left)?);
            count = left;
        } else {
            proof.push(range_root(nodes, start, left)?);
            start += left;
            count -= left;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// Makes the proof that the tree of `old` leaves is the beginning of the tree of `new` leaves
/// (RFC 6962, section 2.1.2). Empty if `old` is 0 or equals `new`.
///
/// # Errors
/// [`ProofError::Sizes`] if `old > new`, [`ProofError::MissingNode`] if a hash is missing.
pub fn consistency_proof(nodes: &impl Nodes, old: u64, new: u64) -> Result<Vec<Hash>, ProofError> {
    if old > new {
        return Err(ProofError::Sizes { old, new });
    }
    if old == 0 {
        return Ok(Vec::new());
    }
    let mut proof = Vec::new();
    let (mut start, mut count) = (0, new);
    // Invariant: start < old <= start + count.
    while old - start != count {
        let left = left_count(count);
        if old - start <= left {
            proof.push(range_root(nodes, start + left, count - left)?);
            count = left;
        } else {
            proof.push(range_root(nodes, start, left)?);
            start += left;
            count -= left;
        }
    }
    // With start == 0 the subtree is the old tree itself, whose root the verifier knows.
    if start != 0 {
        proof.push(range_root(nodes, start, count)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Returns the size of the left half: the largest power of two below `count`, which is at least 2.
fn left_count(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}

/// Computes the root over `count > 0` leaves from `start`, which is a multiple of the smallest
/// power of two not below `count`.
fn range_root(nodes: &impl Nodes, start: u64, count: u64) -> Result<Hash, ProofError> {
    let mut subtrees = Vec::new();
    let (mut position, mut rest) = (start, count);
    while rest != 0 {
        let bit = rest.ilog2();
        let (level, index) = (bit as u8, position >> bit);
        let missing = ProofError::MissingNode { level, index };
        subtrees.push(nodes.node(level, index).ok_or(missing)?);
        position += 1 << bit;
        rest -= 1 << bit;
    }
    Ok(join(&subtrees).expect("a range with leaves has a subtree"))
}
