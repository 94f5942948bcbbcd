//! Runs the language-neutral vectors in `vectors/`: every valid case, every refused one.

#![expect(
    clippy::unwrap_used,
    reason = "a vector that cannot be read fails its test"
)]

mod common;
mod formats;
mod items;
mod seals;
mod strict;

use chain::{
    Checkpoint, Hash, LeafTree, Note, NoteSignature, RegistrationError, TileKind, TilePath,
    TileWidths, TlogProof, VerifierKey, consistency_proof, decode_bundle, encode_bundle,
    inclusion_proof, root_at, root_of, tiles_between, verify_consistency, verify_inclusion,
};
use common::{TestSigner, bytes, hash, hashes, list, load, number, text};
use serde_json::Value;

fn key(value: &Value) -> VerifierKey {
    VerifierKey::parse(value.as_str().unwrap()).unwrap()
}

fn note(value: &Value) -> Result<Note, chain::NoteError> {
    Note::parse(value.as_str().unwrap().as_bytes())
}

#[test]
fn tree() {
    let vectors = load("tree");
    let entries: Vec<Vec<u8>> = list(&vectors, "entries").iter().map(bytes).collect();
    let leaves: Vec<Hash> = entries.iter().map(|entry| Hash::leaf(entry)).collect();
    let roots = hashes(&vectors, "roots");
    assert_eq!(leaves, hashes(&vectors, "leaf_hashes"));
    let tree = LeafTree::new(leaves.clone());
    for (size, root) in roots.iter().enumerate() {
        assert_eq!(root_of(&leaves[..size]), *root);
        assert_eq!(LeafTree::new(leaves[..size].to_vec()).root(), *root);
        assert_eq!(root_at(&tree, size as u64), Some(*root));
    }
    let root = |size: u64| &roots[usize::try_from(size).unwrap()];
    for case in list(&vectors, "inclusion") {
        let (index, size) = (number(case, "index"), number(case, "size"));
        let proof = hashes(case, "proof");
        let leaf = leaves[usize::try_from(index).unwrap()];
        assert_eq!(inclusion_proof(&tree, index, size).as_ref(), Ok(&proof));
        assert_eq!(
            verify_inclusion(&leaf, index, size, &proof, root(size)),
            Ok(())
        );
    }
    for case in list(&vectors, "consistency") {
        let (old, new) = (number(case, "old"), number(case, "new"));
        let proof = hashes(case, "proof");
        assert_eq!(consistency_proof(&tree, old, new).as_ref(), Ok(&proof));
        assert_eq!(
            verify_consistency(old, root(old), new, root(new), &proof),
            Ok(())
        );
    }
    for case in list(&vectors, "refused_inclusion") {
        let (index, size) = (number(case, "index"), number(case, "size"));
        let leaf = leaves
            .get(usize::try_from(index).unwrap())
            .unwrap_or(&leaves[5]);
        let proof = hashes(case, "proof");
        assert!(
            verify_inclusion(leaf, index, size, &proof, root(size)).is_err(),
            "{case}"
        );
    }
    for case in list(&vectors, "refused_consistency") {
        let (old, new) = (number(case, "old"), number(case, "new"));
        let proof = hashes(case, "proof");
        assert!(
            verify_consistency(old, root(old), new, root(new), &proof).is_err(),
            "{case}"
        );
    }
}

#[test]
fn verifier_keys() {
    let vectors = load("note");
    for case in list(&vectors, "keys") {
        let key = key(case);
        assert_eq!(key.to_string(), case.as_str().unwrap());
        assert_eq!(
            VerifierKey::new(key.name(), &key.public_key()),
            Ok(key.clone())
        );
        assert_eq!(key.check_registration(), Ok(()));
    }
    for case in list(&vectors, "refused_keys") {
        assert!(VerifierKey::parse(text(case, "key")).is_err(), "{case}");
    }
    for case in list(&vectors, "unregistrable") {
        let key = key(&case["key"]);
        let expected = match text(case, "refusal") {
            "weak" => RegistrationError::Weak(key.id()),
            "torsion" => RegistrationError::Torsion(key.id()),
            "not_canonical" => RegistrationError::NotCanonical(key.id()),
            other => panic!("unknown refusal {other}"),
        };
        assert_eq!(key.check_registration(), Err(expected), "{case}");
    }
}

#[test]
fn notes() {
    let vectors = load("note");
    for case in list(&vectors, "valid") {
        let note = note(&case["note"]).unwrap();
        assert_eq!(note.to_string(), text(case, "note"));
        let keys: Vec<VerifierKey> = list(case, "keys").iter().map(key).collect();
        let signed_by = note.verify(&keys.iter().collect::<Vec<_>>()).unwrap();
        let names: Vec<&str> = signed_by.iter().map(|key| key.name()).collect();
        let expected: Vec<&str> = list(case, "signed_by")
            .iter()
            .map(|name| name.as_str().unwrap())
            .collect();
        assert_eq!(names, expected, "{case}");
        for signature in note.signatures() {
            assert_eq!(
                NoteSignature::parse_line(&signature.to_line()).as_ref(),
                Ok(signature)
            );
            assert_eq!(
                NoteSignature::parse_header(&signature.to_header()).as_ref(),
                Ok(signature)
            );
        }
    }
    for case in list(&vectors, "unbelieved") {
        let keys: Vec<VerifierKey> = list(case, "keys").iter().map(key).collect();
        let note = note(&case["note"]).unwrap();
        assert!(
            note.verify(&keys.iter().collect::<Vec<_>>()).is_err(),
            "{case}"
        );
        assert!(note.verify(&[]).is_err());
    }
    for case in list(&vectors, "malformed") {
        assert!(note(&case["note"]).is_err(), "{case}");
    }
}

#[test]
fn checkpoints() {
    let vectors = load("checkpoint");
    for case in list(&vectors, "texts") {
        let checkpoint = Checkpoint::parse_text(text(case, "text")).unwrap();
        assert_eq!(checkpoint.to_text(), text(case, "text"));
        assert_eq!(checkpoint.origin, text(case, "origin"));
        assert_eq!(checkpoint.size, number(case, "size"));
        assert_eq!(checkpoint.root, hash(&case["root"]));
    }
    for case in list(&vectors, "malformed") {
        assert!(
            Checkpoint::parse_text(text(case, "text")).is_err(),
            "{case}"
        );
    }
    let signed = &vectors["signed"];
    let log = key(&signed["vkey"]);
    let signer = TestSigner::new(log.name(), &bytes(&signed["seed"]));
    let checkpoint = Checkpoint::parse_text(text(signed, "text")).unwrap();
    assert_eq!(
        checkpoint.sign(&[&signer]).unwrap().to_string(),
        text(signed, "note")
    );
    for form in ["note", "cosigned_note"] {
        let note = note(&signed[form]).unwrap();
        assert_eq!(
            Checkpoint::from_note(&note, &checkpoint.origin, &[&log]).as_ref(),
            Ok(&checkpoint)
        );
    }
    for case in list(&vectors, "unbelieved") {
        let (key, note) = (key(&case["key"]), note(&case["note"]).unwrap());
        assert!(
            Checkpoint::from_note(&note, text(case, "origin"), &[&key]).is_err(),
            "{case}"
        );
    }
}

#[test]
fn tlog_proofs() {
    let vectors = load("checkpoint");
    for name in ["proof", "proof_of_the_only_leaf"] {
        let case = &vectors[name];
        let proof = TlogProof::parse(text(case, "text")).unwrap();
        assert_eq!(proof.to_string(), text(case, "text"));
        assert_eq!(proof.index, number(case, "index"));
        let (leaf, key) = (hash(&case["leaf_hash"]), key(&case["key"]));
        proof.verify(&leaf, text(case, "origin"), &[&key]).unwrap();
        assert!(
            proof
                .verify(&Hash::leaf(b"x"), text(case, "origin"), &[&key])
                .is_err()
        );
        assert!(proof.verify(&leaf, "other.example", &[&key]).is_err());
        assert!(proof.verify(&leaf, text(case, "origin"), &[]).is_err());
    }
    for case in list(&vectors, "malformed_proofs") {
        assert!(TlogProof::parse(text(case, "text")).is_err(), "{case}");
    }
    let good = &vectors["proof"];
    let (leaf, key) = (hash(&good["leaf_hash"]), key(&good["key"]));
    for case in list(&vectors, "unbelieved_proofs") {
        let proof = TlogProof::parse(text(case, "text")).unwrap();
        assert!(
            proof.verify(&leaf, text(good, "origin"), &[&key]).is_err(),
            "{case}"
        );
    }
}

#[test]
fn a_log_made_by_another_program() {
    let vectors = load("checkpoint");
    let tessera = &vectors["tessera"];
    let key = key(&tessera["vkey"]);
    let entries: Vec<&str> = list(tessera, "entries")
        .iter()
        .map(|entry| entry.as_str().unwrap())
        .collect();
    let leaves: Vec<Hash> = entries
        .iter()
        .map(|entry| Hash::leaf(entry.as_bytes()))
        .collect();
    for case in list(tessera, "roots").iter().take(leaves.len()) {
        let size = usize::try_from(number(case, "size")).unwrap();
        assert_eq!(root_of(&leaves[..size]), hash(&case["root"]));
    }
    for case in list(tessera, "notes") {
        let note = note(&case["note"]).unwrap();
        let checkpoint = Checkpoint::from_note(&note, key.name(), &[&key]).unwrap();
        assert_eq!(checkpoint.size, number(case, "size"));
        let root = list(tessera, "roots")
            .iter()
            .find(|root| root["size"] == case["size"]);
        assert_eq!(checkpoint.root, hash(&root.unwrap()["root"]));
    }
    check_tiles(list(tessera, "tiles"), &entries);
}

/// Makes each tile from the entries, and takes it apart again.
fn check_tiles<E: AsRef<[u8]>>(cases: &[Value], entries: &[E]) {
    let tree = LeafTree::new(
        entries
            .iter()
            .map(|entry| Hash::leaf(entry.as_ref()))
            .collect(),
    );
    for case in cases {
        let path: TilePath = text(case, "path").parse().unwrap();
        assert!(path.is_within(tree.size()));
        let start = usize::try_from(path.index()).unwrap() * 256;
        let made = if path.kind() == TileKind::Entries {
            let entries = &entries[start..start + usize::from(path.width())];
            let made = encode_bundle(path, entries).unwrap();
            let found = decode_bundle(path, &made).unwrap();
            assert!(found.iter().copied().eq(entries.iter().map(AsRef::as_ref)));
            made
        } else {
            let made = path.encode_hashes(&tree).unwrap();
            assert_eq!(
                path.decode_hashes(&made).unwrap().len(),
                usize::from(path.width())
            );
            made
        };
        if let Some(length) = case["length"].as_u64() {
            assert_eq!(made.len() as u64, length);
            assert_eq!(Hash::sha256(&made), hash(&case["sha256"]));
        } else {
            assert_eq!(made, bytes(&case["bytes"]));
        }
    }
}

#[test]
fn tiles() {
    let vectors = load("tile");
    for case in list(&vectors, "paths") {
        let width = u16::try_from(number(case, "width")).unwrap();
        let index = number(case, "index");
        let path = if text(case, "kind") == "entries" {
            TilePath::entries(index, width)
        } else {
            TilePath::hashes(u8::try_from(number(case, "level")).unwrap(), index, width)
        };
        let path = path.unwrap();
        assert_eq!(path.to_string(), text(case, "path"));
        assert_eq!(text(case, "path").parse(), Ok(path));
    }
    for case in list(&vectors, "refused_paths") {
        assert!(
            case.as_str().unwrap().parse::<TilePath>().is_err(),
            "{case}"
        );
    }
    for case in list(&vectors, "levels") {
        let size = number(case, "size");
        let levels = list(case, "levels");
        for (level, expected) in levels.iter().enumerate() {
            let widths = TileWidths::at(u8::try_from(level).unwrap(), size);
            assert_eq!(Some(widths.full), expected[0].as_u64(), "{case}");
            assert_eq!(
                Some(u64::from(widths.partial)),
                expected[1].as_u64(),
                "{case}"
            );
        }
        let count: u64 = levels
            .iter()
            .map(|level| level[0].as_u64().unwrap() + u64::from(level[1] != 0))
            .sum();
        assert_eq!(tiles_between(0, size).len() as u64, count);
        assert!(
            tiles_between(0, size)
                .iter()
                .all(|tile| tile.is_within(size))
        );
    }
    let entries: Vec<Vec<u8>> = list(&load("tree"), "entries").iter().map(bytes).collect();
    check_tiles(list(&vectors, "small"), &entries);
    for case in list(&vectors, "refused_bundles") {
        let path = text(case, "path").parse().unwrap();
        assert!(
            decode_bundle(path, &bytes(&case["bytes"])).is_err(),
            "{case}"
        );
    }
    for case in list(&vectors, "refused_tile_lengths") {
        let path: TilePath = text(case, "path").parse().unwrap();
        let length = usize::try_from(number(case, "length")).unwrap();
        assert!(path.check_len(length).is_err(), "{case}");
        assert!(path.decode_hashes(&vec![0; length]).is_err(), "{case}");
    }
}

#[test]
fn a_log_across_a_tile_boundary() {
    let vectors = load("tile");
    let boundary = &vectors["boundary"];
    let entries: Vec<String> = (0..300).map(|i| format!("settlement entry {i}")).collect();
    check_tiles(list(boundary, "files"), &entries);
    let mut written: Vec<String> = tiles_between(0, 300)
        .iter()
        .map(TilePath::to_string)
        .collect();
    written.extend(["tile/entries/000".into(), "tile/entries/001.p/44".into()]);
    let expected = list(boundary, "files")
        .iter()
        .map(|file| text(file, "path"));
    assert!(
        expected.eq(["tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"]
            .into_iter()
            .chain(written[3..].iter().map(String::as_str)))
    );

    let tree = LeafTree::new(
        entries
            .iter()
            .map(|entry| Hash::leaf(entry.as_bytes()))
            .collect(),
    );
    let root = hash(&boundary["root"]);
    assert_eq!(tree.root(), root);
    let case = &boundary["inclusion"];
    let (leaf, index, proof) = (
        hash(&case["leaf_hash"]),
        number(case, "index"),
        hashes(case, "proof"),
    );
    assert_eq!(tree.inclusion_proof(index).as_ref(), Ok(&proof));
    assert_eq!(verify_inclusion(&leaf, index, 300, &proof, &root), Ok(()));
    let case = &boundary["consistency"];
    let (old, proof) = (number(case, "old"), hashes(case, "proof"));
    assert_eq!(consistency_proof(&tree, old, 300).as_ref(), Ok(&proof));
    let old_root = root_at(&tree, old).unwrap();
    assert_eq!(
        verify_consistency(old, &old_root, 300, &root, &proof),
        Ok(())
    );
}
