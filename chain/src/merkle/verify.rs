//! Proof checks that need nothing but hashes: the bit walks of RFC 9162, sections 2.1.3.2 and
//! 2.1.4.2.
//!
//! The walk follows the path from a leaf (or the last leaf of the old tree) to the root. `node` is
//! the number of the current node at its level and `last` that of the rightmost node there. Where
//! `node` is the rightmost of its level and a left child, it has no sibling: the path skips levels.

use super::{ProofError, empty_root};
use crate::hash::Hash;

/// Checks that `leaf` is leaf `index` of the tree with this `size` and `root`.
///
/// # Errors
/// [`ProofError`] if the index is not below the size, if the proof is too short or too long, or if
/// it leads to another root.
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::Index { index, size });
    }
    let hashes = proof.len();
    let (mut node, mut last) = (index, size - 1);
    let mut computed = *leaf;
    for sibling in proof {
        if last == 0 {
            return Err(ProofError::TooLong { hashes });
        }
        if node % 2 == 1 || node == last {
            computed = Hash::node(sibling, &computed);
            skip_levels_without_sibling(&mut node, &mut last);
        } else {
            computed = Hash::node(&computed, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::TooShort { hashes });
    }
    expect_root(computed, *root)
}

/// Checks that the tree with `old_size` and `old_root` is the beginning of the new one.
///
/// An empty old tree is the beginning of every tree; its proof is empty.
///
/// # Errors
/// [`ProofError`] if the sizes are out of order, if the proof is too short or too long, or if it
/// leads to another old or new root.
pub fn verify_consistency(
    old_size: u64,
    old_root: &Hash,
    new_size: u64,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if old_size > new_size {
        return Err(ProofError::Sizes {
            old: old_size,
            new: new_size,
        });
    }
    let hashes = proof.len();
    if old_size == 0 {
        expect_old_root(empty_root(), *old_root)?;
    }
    if old_size == 0 || old_size == new_size {
        if hashes != 0 {
            return Err(ProofError::TooLong { hashes });
        }
        return if old_size == new_size {
            expect_root(*old_root, *new_root)
        } else {
            Ok(())
        };
    }
    // The walk starts at the largest complete subtree that ends where the old tree ends.
    let skip = (old_size - 1).trailing_ones();
    let (mut node, mut last) = ((old_size - 1) >> skip, (new_size - 1) >> skip);
    let (start, rest) = if old_size.is_power_of_two() {
        (*old_root, proof)
    } else {
        let (first, rest) = proof.split_first().ok_or(ProofError::TooShort { hashes })?;
        (*first, rest)
    };
    let (mut computed_old, mut computed_new) = (start, start);
    for sibling in rest {
        if last == 0 {
            return Err(ProofError::TooLong { hashes });
        }
        if node % 2 == 1 || node == last {
            computed_old = Hash::node(sibling, &computed_old);
            computed_new = Hash::node(sibling, &computed_new);
            skip_levels_without_sibling(&mut node, &mut last);
        } else {
            computed_new = Hash::node(&computed_new, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::TooShort { hashes });
    }
    expect_old_root(computed_old, *old_root)?;
    expect_root(computed_new, *new_root)
}

/// Shifts a `node` that is odd (by nothing) or equal to a `last` above zero, so never zero itself.
fn skip_levels_without_sibling(node: &mut u64, last: &mut u64) {
    let skip = node.trailing_zeros();
    *node >>= skip;
    *last >>= skip;
}

fn expect_root(computed: Hash, expected: Hash) -> Result<(), ProofError> {
    if computed == expected {
        Ok(())
    } else {
        Err(ProofError::Root { computed, expected })
    }
}

fn expect_old_root(computed: Hash, expected: Hash) -> Result<(), ProofError> {
    if computed == expected {
        Ok(())
    } else {
        Err(ProofError::OldRoot { computed, expected })
    }
}
