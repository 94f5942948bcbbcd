//! Proofs: whatever is changed in a good one, it proves nothing any more.

use chain::{
    Hash, LeafTree, consistency_proof, inclusion_proof, verify_consistency, verify_inclusion,
};

use crate::ITERATIONS;

fn tree(size: u64) -> LeafTree {
    LeafTree::new((0..size).map(|n| Hash::leaf(&n.to_be_bytes())).collect())
}

fn hashes(bytes: &[u8]) -> Vec<Hash> {
    let chunks = bytes.chunks_exact(Hash::LEN);
    chunks
        .map(|chunk| Hash::from_bytes(chunk.try_into().unwrap()))
        .collect()
}

fn flat(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

#[test]
fn inclusion() {
    bolero::check!()
        .with_iterations(ITERATIONS)
        .for_each(|input: &[u8]| {
            let [size, index, rest @ ..] = input else {
                return;
            };
            let size = u64::from(*size) + 1;
            let index = u64::from(*index) % size;
            let tree = tree(size);
            let good = inclusion_proof(&tree, index, size).unwrap();
            let leaf = Hash::leaf(&index.to_be_bytes());
            verify_inclusion(&leaf, index, size, &good, &tree.root()).unwrap();
            let spoilt = hashes(&crate::seeds::spoilt(&[&flat(&good)], rest));
            let verdict = verify_inclusion(&leaf, index, size, &spoilt, &tree.root());
            assert_eq!(verdict.is_ok(), spoilt == good, "another proof of the same");
        });
}

#[test]
fn consistency() {
    bolero::check!()
        .with_iterations(ITERATIONS)
        .for_each(|input: &[u8]| {
            let [size, old, rest @ ..] = input else {
                return;
            };
            let size = u64::from(*size) + 1;
            let old = u64::from(*old) % size + 1;
            let (before, after) = (tree(old), tree(size));
            let good = consistency_proof(&after, old, size).unwrap();
            let verify = |proof: &[Hash]| {
                verify_consistency(old, &before.root(), size, &after.root(), proof)
            };
            verify(&good).unwrap();
            let spoilt = hashes(&crate::seeds::spoilt(&[&flat(&good)], rest));
            assert_eq!(verify(&spoilt).is_ok(), spoilt == good);
        });
}
