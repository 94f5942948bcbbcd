//! Compares the tree with the plain recursive definition, for all sizes up to 300, and checks that
//! no changed proof is believed.

use chain::{
    Frontier, Hash, LeafTree, Nodes, ProofError, consistency_proof, inclusion_proof, root_at,
    root_of, verify_consistency, verify_inclusion,
};
use proptest::prelude::*;

const SIZE_MAX: usize = 300;

/// RFC 6962, section 2.1, word for word: every range root, proof and subproof by recursion.
struct Definition {
    /// `roots[start][count]` is the root over `count` leaves from `start`.
    roots: Vec<Vec<Hash>>,
}

fn split(count: usize) -> usize {
    count.next_power_of_two() / 2
}

impl Definition {
    fn new(leaves: &[Hash]) -> Definition {
        let mut roots = vec![vec![Hash::sha256(b"")]; leaves.len() + 1];
        for count in 1..=leaves.len() {
            for start in 0..=leaves.len() - count {
                let left = split(count);
                let root = if count == 1 {
                    leaves[start]
                } else {
                    Hash::node(&roots[start][left], &roots[start + left][count - left])
                };
                roots[start].push(root);
            }
        }
        Definition { roots }
    }

    fn root(&self, size: usize) -> &Hash {
        &self.roots[0][size]
    }

    fn path(&self, index: usize, start: usize, count: usize) -> Vec<Hash> {
        if count == 1 {
            return Vec::new();
        }
        let left = split(count);
        let (mut path, sibling) = if index < left {
            (
                self.path(index, start, left),
                self.roots[start + left][count - left],
            )
        } else {
            (
                self.path(index - left, start + left, count - left),
                self.roots[start][left],
            )
        };
        path.push(sibling);
        path
    }

    fn subproof(&self, old: usize, start: usize, count: usize, whole: bool) -> Vec<Hash> {
        if old == count {
            return if whole {
                Vec::new()
            } else {
                vec![self.roots[start][count]]
            };
        }
        let left = split(count);
        let (mut proof, sibling) = if old <= left {
            (
                self.subproof(old, start, left, whole),
                self.roots[start + left][count - left],
            )
        } else {
            let proof = self.subproof(old - left, start + left, count - left, false);
            (proof, self.roots[start][left])
        };
        proof.push(sibling);
        proof
    }
}

fn leaves(count: usize) -> Vec<Hash> {
    (0..count).map(|i| Hash::leaf(&i.to_be_bytes())).collect()
}

#[test]
fn every_size_index_and_pair_up_to_300() {
    let leaves = leaves(SIZE_MAX);
    let definition = Definition::new(&leaves);
    let tree = LeafTree::new(leaves.clone());
    let mut frontier = Frontier::new();
    for size in 0..=SIZE_MAX {
        let root = definition.root(size);
        assert_eq!(frontier.root(), *root);
        assert_eq!(root_of(&leaves[..size]), *root);
        assert_eq!(root_at(&tree, size as u64).as_ref(), Some(root));
        assert_eq!(LeafTree::new(leaves[..size].to_vec()).root(), *root);
        for (index, leaf) in leaves[..size].iter().enumerate() {
            let proof = inclusion_proof(&tree, index as u64, size as u64).unwrap();
            assert_eq!(proof, definition.path(index, 0, size), "{index} in {size}");
            verify_inclusion(leaf, index as u64, size as u64, &proof, root).unwrap();
        }
        for old in 0..=size {
            let proof = consistency_proof(&tree, old as u64, size as u64).unwrap();
            let expected = if old == 0 {
                Vec::new()
            } else {
                definition.subproof(old, 0, size, true)
            };
            assert_eq!(proof, expected, "{old} to {size}");
            let old_root = definition.root(old);
            verify_consistency(old as u64, old_root, size as u64, root, &proof).unwrap();
        }
        if let Some(leaf) = leaves.get(size) {
            frontier.push(*leaf, &mut |level, index, hash| {
                assert_eq!(tree.node(level, index), Some(hash));
            });
        }
    }
}

#[test]
fn impossible_requests_are_refused() {
    let tree = LeafTree::new(leaves(5));
    let zero = Hash::ZERO;
    assert_eq!(
        inclusion_proof(&tree, 5, 5),
        Err(ProofError::Index { index: 5, size: 5 })
    );
    assert_eq!(
        inclusion_proof(&tree, 0, 0),
        Err(ProofError::Index { index: 0, size: 0 })
    );
    assert_eq!(
        consistency_proof(&tree, 4, 3),
        Err(ProofError::Sizes { old: 4, new: 3 })
    );
    assert_eq!(
        inclusion_proof(&tree, 0, 8),
        Err(ProofError::MissingNode { level: 2, index: 1 })
    );
    assert_eq!(root_at(&tree, 6), None);
    assert_eq!(
        verify_inclusion(&zero, u64::MAX, u64::MAX, &[], &zero),
        Err(ProofError::Index {
            index: u64::MAX,
            size: u64::MAX
        })
    );
    assert_eq!(
        verify_inclusion(&zero, 0, u64::MAX, &[zero; 65], &zero),
        Err(ProofError::TooLong { hashes: 65 })
    );
}

/// A source in which every subtree is known, for trees too large to build.
struct Endless;

impl Nodes for Endless {
    fn node(&self, level: u8, index: u64) -> Option<Hash> {
        Some(Hash::sha256_parts(&[&[level], &index.to_be_bytes()]))
    }
}

/// The leaf hashes of [`Endless`] have no parents that hash right, so only lengths are compared.
fn inclusion_length(index: u64, size: u64) -> u32 {
    let shared = 64 - (index ^ (size - 1)).leading_zeros();
    shared + index.checked_shr(shared).unwrap_or(0).count_ones()
}

fn with_flipped_bit(hash: &Hash, bit: usize) -> Hash {
    let mut bytes = *hash.as_bytes();
    bytes[bit / 8] ^= 1 << (bit % 8);
    Hash::from_bytes(bytes)
}

/// Lists the ways to spoil a proof that must never be believed.
fn spoiled(proof: &[Hash], at: usize, bit: usize) -> Vec<Vec<Hash>> {
    let mut all = vec![
        [proof, &[Hash::ZERO]].concat(),
        [&[Hash::ZERO], proof].concat(),
        [
            proof,
            proof.last().map_or(&[][..], std::slice::from_ref),
            &[Hash::ZERO],
        ]
        .concat(),
    ];
    if !proof.is_empty() {
        let at = at % proof.len();
        let mut flipped = proof.to_vec();
        flipped[at] = with_flipped_bit(&proof[at], bit);
        let mut shorter = proof.to_vec();
        shorter.remove(at);
        let mut longer = proof.to_vec();
        longer.insert(at, proof[at]);
        all.extend([flipped, shorter, longer, Vec::new(), proof[1..].to_vec()]);
    }
    if proof.len() > 1 {
        let mut rotated = proof.to_vec();
        rotated.rotate_left(1);
        let reversed: Vec<Hash> = proof.iter().rev().copied().collect();
        all.extend([rotated, reversed]);
    }
    all
}

proptest! {
    #[test]
    fn no_spoiled_inclusion_proof_is_believed(
        size in 1_usize..=300, pick: prop::sample::Index, at: usize, bit in 0_usize..256,
    ) {
        let leaves = leaves(size);
        let tree = LeafTree::new(leaves.clone());
        let (index, root) = (pick.index(size), tree.root());
        let (i, n) = (index as u64, size as u64);
        let proof = tree.inclusion_proof(i).unwrap();
        let verify = |leaf: &Hash, i, n, proof: &[Hash], root: &Hash| {
            verify_inclusion(leaf, i, n, proof, root)
        };
        prop_assert_eq!(verify(&leaves[index], i, n, &proof, &root), Ok(()));
        for wrong in spoiled(&proof, at, bit) {
            prop_assert!(verify(&leaves[index], i, n, &wrong, &root).is_err());
        }
        let leaf = with_flipped_bit(&leaves[index], bit);
        prop_assert!(verify(&leaf, i, n, &proof, &root).is_err());
        let wrong_root = with_flipped_bit(&root, bit);
        prop_assert!(verify(&leaves[index], i, n, &proof, &wrong_root).is_err());
        for other in (0..n + 2).filter(|other| *other != i) {
            prop_assert!(verify(&leaves[index], other, n, &proof, &root).is_err());
        }
    }

    #[test]
    fn no_spoiled_consistency_proof_is_believed(
        new in 2_usize..=300, pick: prop::sample::Index, at: usize, bit in 0_usize..256,
    ) {
        let leaves = leaves(new);
        let tree = LeafTree::new(leaves);
        let old = 1 + pick.index(new - 1) as u64;
        let new = new as u64;
        let (old_root, new_root) = (root_at(&tree, old).unwrap(), tree.root());
        let proof = consistency_proof(&tree, old, new).unwrap();
        let verify = |old_root: &Hash, new_root: &Hash, proof: &[Hash]| {
            verify_consistency(old, old_root, new, new_root, proof)
        };
        prop_assert_eq!(verify(&old_root, &new_root, &proof), Ok(()));
        for wrong in spoiled(&proof, at, bit) {
            prop_assert!(verify(&old_root, &new_root, &wrong).is_err());
        }
        prop_assert!(verify(&with_flipped_bit(&old_root, bit), &new_root, &proof).is_err());
        prop_assert!(verify(&old_root, &with_flipped_bit(&new_root, bit), &proof).is_err());
        prop_assert!(verify(&new_root, &old_root, &proof).is_err());
    }

    #[test]
    fn proofs_of_huge_trees_have_the_right_length(size in 1_u64.., pick: u64) {
        let index = pick % size;
        let proof = inclusion_proof(&Endless, index, size).unwrap();
        prop_assert_eq!(proof.len(), inclusion_length(index, size) as usize);
        let result = verify_inclusion(&Hash::ZERO, index, size, &proof, &Hash::ZERO);
        let wrong_root = matches!(result, Err(ProofError::Root { .. }));
        prop_assert!(wrong_root);
        let proof = consistency_proof(&Endless, index.max(1), size).unwrap();
        let result =
            verify_consistency(index.max(1), &Hash::ZERO, size, &Hash::ZERO, &proof);
        let wrong_root = matches!(
            result,
            Err(ProofError::Root { .. } | ProofError::OldRoot { .. })
        );
        prop_assert!(wrong_root || (index.max(1) == size && result.is_ok()));
    }

    #[test]
    fn a_frontier_taken_apart_grows_as_if_it_were_whole(size in 0_usize..200, more in 0_usize..100) {
        let leaves = leaves(size + more);
        let mut frontier = Frontier::new();
        leaves[..size].iter().for_each(|leaf| frontier.push(*leaf, &mut |_, _, _| ()));
        let (count, subtrees) = frontier.parts();
        let mut again = Frontier::from_parts(count, subtrees.to_vec()).unwrap();
        leaves[size..].iter().for_each(|leaf| again.push(*leaf, &mut |_, _, _| ()));
        prop_assert_eq!(again.root(), root_of(&leaves));
    }
}
