//! The same trees, proofs, tiles and notes by three libraries that are not ours: `tlog_tiles` (tree,
//! proofs, tiles, checkpoints), `ct-merkle` (proofs), `signed_note` (notes).

#![expect(clippy::unwrap_used, reason = "whatever fails, fails its test")]

#[path = "common/signer.rs"]
mod signer;

use chain::{
    Checkpoint, Hash, LeafTree, Nodes, Note, TilePath, consistency_proof, inclusion_proof, root_at,
    root_of, tiles_between, verify_consistency, verify_inclusion,
};
use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use sha2::Sha256;
use signed_note::{StandardSigner, StandardVerifier, VerifierList};
use tlog_tiles::{HashReader, Tile};

use signer::TestSigner;

const SMALL: u64 = 1_030;
const LARGE: std::ops::RangeInclusive<u64> = 65_535..=65_537;

fn entry(index: u64) -> Vec<u8> {
    format!("settlement entry {index}").into_bytes()
}

/// A tree as both sides hold it.
struct Trees {
    entries: Vec<Vec<u8>>,
    leaves: Vec<Hash>,
    ours: LeafTree,
    theirs: Stored,
}

#[derive(Default)]
struct Stored(Vec<tlog_tiles::Hash>);

impl HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        Ok(indexes
            .iter()
            .map(|index| self.0[usize::try_from(*index).unwrap()])
            .collect())
    }
}

impl Trees {
    fn new(size: u64) -> Trees {
        let entries: Vec<Vec<u8>> = (0..size).map(entry).collect();
        let leaves: Vec<Hash> = entries.iter().map(|entry| Hash::leaf(entry)).collect();
        let mut theirs = Stored::default();
        for (index, entry) in (0..).zip(&entries) {
            let hashes = tlog_tiles::stored_hashes(index, entry, &theirs).unwrap();
            theirs.0.extend(hashes);
        }
        Trees {
            entries,
            ours: LeafTree::new(leaves.clone()),
            leaves,
            theirs,
        }
    }

    fn root(&self, size: u64) -> Hash {
        let ours = match size {
            0 => root_of(&[]),
            size => root_at(&self.ours, size).unwrap(),
        };
        let theirs = tlog_tiles::tree_hash(size, &self.theirs).unwrap();
        assert_eq!(*ours.as_bytes(), theirs.0, "size {size}");
        ours
    }

    fn inclusion(&self, index: u64, size: u64) {
        let root = self.root(size);
        let leaf = &self.leaves[usize::try_from(index).unwrap()];
        let ours = inclusion_proof(&self.ours, index, size).unwrap();
        let theirs = tlog_tiles::prove_record(size, index, &self.theirs).unwrap();
        assert_eq!(raw(&ours), theirs, "{index} of {size}");
        verify_inclusion(leaf, index, size, &ours, &root).unwrap();
        let (root, leaf) = (theirs_of(&root), theirs_of(leaf));
        tlog_tiles::check_record(&theirs, size, root, index, leaf).unwrap();
        let entry = &self.entries[usize::try_from(index).unwrap()];
        let proof = InclusionProof::<Sha256>::try_from_bytes(flat(&ours)).unwrap();
        third(&root, size)
            .verify_inclusion(entry, index, &proof)
            .unwrap();
    }

    fn consistency(&self, old: u64, new: u64) {
        let (before, after) = (self.root(old), self.root(new));
        let ours = consistency_proof(&self.ours, old, new).unwrap();
        let theirs = tlog_tiles::prove_tree(new, old, &self.theirs).unwrap();
        assert_eq!(raw(&ours), theirs, "{old} to {new}");
        verify_consistency(old, &before, new, &after, &ours).unwrap();
        let (before, after) = (theirs_of(&before), theirs_of(&after));
        tlog_tiles::check_tree(&theirs, new, after, old, before).unwrap();
        let proof = ConsistencyProof::<Sha256>::try_from_bytes(flat(&ours)).unwrap();
        third(&after, new)
            .verify_consistency(&third(&before, old), &proof)
            .unwrap();
    }

    /// All tiles that lead from one size to another, byte for byte.
    fn tiles(&self, old: u64, new: u64) {
        let ours = tiles_between(old, new);
        let theirs = Tile::new_tiles(8, old, new);
        let paths: Vec<String> = ours.iter().map(TilePath::to_string).collect();
        let same: Vec<String> = theirs
            .iter()
            .map(|tile| tile.path().replacen("tile/8/", "tile/", 1))
            .collect();
        assert_eq!(paths, same, "{old} to {new}");
        for (ours, theirs) in ours.iter().zip(&theirs) {
            assert_eq!(
                ours.encode_hashes(&self.ours).unwrap(),
                theirs.read_data(&self.theirs).unwrap(),
                "{ours}"
            );
        }
    }
}

fn theirs_of(hash: &Hash) -> tlog_tiles::Hash {
    tlog_tiles::Hash(*hash.as_bytes())
}

fn raw(hashes: &[Hash]) -> Vec<tlog_tiles::Hash> {
    hashes.iter().map(theirs_of).collect()
}

fn flat(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

fn third(root: &tlog_tiles::Hash, size: u64) -> RootHash<Sha256> {
    RootHash::new(root.0.into(), size)
}

/// Places worth a look in a tree of `size`: all of a small one.
fn places(size: u64) -> Vec<u64> {
    if size <= 300 || (254..=258).contains(&size) {
        return (0..size).collect();
    }
    let mut places = vec![0, 1, size / 2, size - 2, size - 1];
    places.extend((0..64).map(|bit| 1 << bit).take_while(|n| *n < size));
    places.extend([255, 256, 257].into_iter().filter(|n| *n < size));
    places.sort_unstable();
    places.dedup();
    places
}

#[test]
fn every_size_to_1030_is_the_same_everywhere() {
    let trees = Trees::new(SMALL);
    assert_eq!(trees.root(0), chain::empty_root());
    for size in 1..=SMALL {
        for place in places(size) {
            trees.inclusion(place, size);
            if place > 0 {
                trees.consistency(place, size);
            }
        }
        trees.consistency(size, size);
        trees.tiles(size - 1, size);
    }
    trees.tiles(0, SMALL);
}

#[test]
fn sizes_around_a_full_tile_of_the_second_level_are_the_same() {
    let trees = Trees::new(*LARGE.end());
    for size in LARGE {
        for place in places(size) {
            trees.inclusion(place, size);
            if place > 0 {
                trees.consistency(place, size);
            }
        }
        trees.tiles(size - 1, size);
    }
    trees.tiles(0, *LARGE.end());
    assert!(trees.ours.node(16, 0).is_some());
}

#[test]
fn notes_and_checkpoints_are_the_same() {
    let seed: Vec<u8> = (0..32).collect();
    let signer = TestSigner::new("settle.example/log1", &seed);
    let vkey = chain::Signer::verifier_key(&signer).to_string();
    let trees = Trees::new(9);
    for size in 0..=9 {
        let checkpoint = Checkpoint {
            origin: "settle.example/log1".to_owned(),
            size,
            root: trees.root(size),
        };
        // Ours, read by them.
        let ours = checkpoint.sign(&[&signer]).unwrap().to_string();
        let theirs = signed_note::Note::from_bytes(ours.as_bytes()).unwrap();
        let verifier = || Box::new(StandardVerifier::new(&vkey).unwrap());
        let known = VerifierList::new(vec![verifier()]);
        let (good, unknown) = theirs.verify(&known).unwrap();
        assert_eq!((good.len(), unknown.len()), (1, 0));
        let read = tlog_tiles::Checkpoint::from_bytes(theirs.text()).unwrap();
        assert_eq!(read.origin(), checkpoint.origin);
        assert_eq!(read.size(), size);
        assert_eq!(read.hash().0, *checkpoint.root.as_bytes());
        assert_eq!(read.to_bytes(), checkpoint.to_text().as_bytes());
        // Theirs, read by us.
        let skey = format!(
            "PRIVATE+KEY+settle.example/log1+{}+{}",
            vkey.split('+').nth(1).unwrap(),
            "AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
        );
        let mut note = signed_note::Note::new(checkpoint.to_text().as_bytes(), &[]).unwrap();
        note.add_sigs(&[&StandardSigner::new(&skey).unwrap()])
            .unwrap();
        assert_eq!(note.to_bytes(), ours.as_bytes());
        let parsed = Note::parse(&note.to_bytes()).unwrap();
        let key = chain::Signer::verifier_key(&signer);
        assert_eq!(
            Checkpoint::from_note(&parsed, &checkpoint.origin, &[key]).unwrap(),
            checkpoint
        );
        // A flipped bit of the signature is refused on both sides.
        let at = ours.len() - 10;
        let mut bad = ours.into_bytes();
        bad[at] = if bad[at] == b'A' { b'B' } else { b'A' };
        let known = VerifierList::new(vec![verifier()]);
        let seen = signed_note::Note::from_bytes(&bad).unwrap().verify(&known);
        assert!(seen.is_err());
        let seen = Note::parse(&bad).map(|note| note.verify(&[key]).map(|keys| keys.len()));
        assert!(!matches!(seen, Ok(Ok(_))), "{seen:?}");
    }
}
