//! Checks that strangers rely on: whatever was changed is refused, or says what it said before.

use chain::{
    BalanceProof, Checkpoint, Entry, EntryKind, Hash, ItemOpening, LeafTree, Note, Receipt,
    SealedAccount, TlogProof, Verified, VerifiedItem, VerifierKey, consistency_proof, root_at,
    verify_consistency, verify_inclusion,
};

use crate::common::{TestSigner, bytes, hash, list, load, receipt, text};
use crate::kit::fuzz;
use crate::mutate::{Corpus, Script, change};

/// A signature of a known key holds for texts that it has signed, and for no other.
#[test]
fn signed_note() {
    let vectors = load("note");
    let corpus = Corpus::of_texts("note", ("valid", "note"), ("unbelieved", "note"));
    let all = [&corpus.good[..], &corpus.near].concat();
    let texts: Vec<String> = all
        .iter()
        .map(|note| Note::parse(note).unwrap().text().into())
        .collect();
    let cases = ["valid", "unbelieved"].map(|name| list(&vectors, name));
    let keys = cases
        .iter()
        .flat_map(|cases| *cases)
        .flat_map(|case| list(case, "keys"));
    let keys: Vec<VerifierKey> = keys
        .map(|key| key.as_str().unwrap().parse().unwrap())
        .collect();
    fuzz(bolero::check!(), |script| {
        let Ok(note) = Note::parse(&corpus.input(script)) else {
            return;
        };
        let known = [script.pick(&keys), script.pick(&keys)];
        if let Ok(signed_by) = note.verify(&known) {
            assert!(!signed_by.is_empty());
            assert!(texts.iter().any(|text| text == note.text()), "{note}");
        }
    });
}

/// A proof file holds for one entry under one checkpoint.
#[test]
fn signed_tlog_proof() {
    let vectors = load("checkpoint");
    let mut corpus = Corpus::of_texts(
        "checkpoint",
        ("texts", "text"),
        ("unbelieved_proofs", "text"),
    );
    let (case, log) = (&vectors["proof"], &vectors["signed"]);
    corpus.good = vec![text(case, "text").into()];
    corpus
        .near
        .push(text(&vectors["proof_of_the_only_leaf"], "text").into());
    corpus.near.push(text(log, "cosigned_note").into());
    let (leaf, key) = (
        hash(&case["leaf_hash"]),
        VerifierKey::parse(text(case, "key")).unwrap(),
    );
    let good = TlogProof::parse(text(case, "text")).unwrap();
    let believed = good.verify(&leaf, key.name(), &[&key]).unwrap();
    fuzz(bolero::check!(), |script| {
        let input = corpus.text(script);
        let Ok(proof) = TlogProof::parse(&input) else {
            return;
        };
        match proof.verify(&leaf, key.name(), &[&key]) {
            Ok(checkpoint) => {
                assert_eq!(checkpoint, believed);
                assert_eq!((proof.index, &proof.proof), (good.index, &good.proof));
            }
            Err(refusal) => assert!(!refusal.to_string().is_empty()),
        }
    });
}

/// Changes a list of hashes, whole hashes or bytes of them.
fn change_hashes(hashes: &mut Vec<Hash>, script: &mut Script<'_>) {
    let mut bytes: Vec<u8> = hashes.iter().flat_map(|hash| *hash.as_bytes()).collect();
    if script.one_in(2) || hashes.is_empty() {
        change(&mut bytes, script);
        let (whole, _) = bytes.as_chunks::<{ Hash::LEN }>();
        *hashes = whole.iter().copied().map(Hash::from_bytes).collect();
        return;
    }
    let (n, m) = (script.below(hashes.len()), script.below(hashes.len()));
    match script.byte() % 3 {
        0 => drop(hashes.remove(n)),
        1 => hashes.swap(n, m),
        _ => hashes.insert(n, hashes[m]),
    }
}

fn change_hash(hash: &mut Hash, script: &mut Script<'_>) {
    let mut hashes = vec![*hash];
    change_hashes(&mut hashes, script);
    *hash = hashes.first().copied().unwrap_or_default();
}

fn change_entry(entry: &mut Entry, script: &mut Script<'_>) {
    let mut bytes = entry.to_bytes().to_vec();
    change(&mut bytes, script);
    *entry = Entry::from_bytes(&bytes).unwrap_or(*entry);
}

fn change_opening(item: &mut ItemOpening, script: &mut Script<'_>) {
    match script.byte() % 8 {
        0 => item.n = script.number() as u32,
        1 => change(&mut item.bytes, script),
        2 => change_hash(&mut item.salt, script),
        3 => change_hashes(&mut item.proof, script),
        4 => item.private.extend(item.private.clone()),
        5 => {
            if let Some((part, opening)) = item.private.first_mut() {
                match script.byte() % 3 {
                    0 => *part = u16::from(script.byte() % 4),
                    1 => change(&mut opening.bytes, script),
                    _ => change_hash(&mut opening.salt, script),
                }
            }
        }
        6 => item.text = None,
        _ => {
            if let Some(text) = &mut item.text {
                match script.one_in(2) {
                    true => change(&mut text.bytes, script),
                    false => change_hash(&mut text.salt, script),
                }
            }
        }
    }
}

fn change_receipt(receipt: &mut Receipt, other: &Receipt, script: &mut Script<'_>) {
    let (count, others) = (receipt.items.len(), other.items.len());
    match script.byte() % 12 {
        0 => change_entry(&mut receipt.entry, script),
        1 => change_hashes(&mut receipt.proof, script),
        2 => change(&mut receipt.checkpoint, script),
        3 => receipt
            .items
            .push(other.items[script.below(others)].clone()),
        4 if count > 0 => drop(receipt.items.remove(script.below(count))),
        5 if count > 0 => receipt.items.swap(script.below(count), script.below(count)),
        6 if count > 0 => {
            let at = script.below(count);
            receipt.items[at] = other.items[script.below(others)].clone();
        }
        _ if count > 0 => change_opening(&mut receipt.items[script.below(count)], script),
        _ => receipt.items.clone_from(&other.items),
    }
}

/// What a changed receipt still proves is part of what the unchanged ones prove.
fn is_part_of(verified: &Verified, whole: &[Verified]) {
    for found in &verified.items {
        let same = |item: &&VerifiedItem| {
            let text = found.text.is_none() || found.text == item.text;
            (item.n, &item.item) == (found.n, &found.item) && text
        };
        let stated = whole.iter().flat_map(|whole| &whole.items).filter(same);
        let stated: Vec<&VerifiedItem> = stated.collect();
        assert!(!stated.is_empty(), "{found:?}");
        let known = |part| stated.iter().any(|item| item.private.contains(part));
        assert!(found.private.iter().all(known), "{found:?}");
    }
    let numbers = verified.items.iter().map(|item| item.n);
    assert!(numbers.is_sorted_by(|a, b| a < b));
    assert_eq!(verified.checkpoint, whole[0].checkpoint);
}

#[test]
fn receipts() {
    let vectors = load("receipt");
    let key = VerifierKey::parse(text(&vectors, "key")).unwrap();
    let valid = list(&vectors, "valid").iter();
    let valid: Vec<Receipt> = valid.map(|case| receipt(&case["receipt"])).collect();
    let whole: Vec<Verified> = valid
        .iter()
        .map(|receipt| receipt.verify(&key).unwrap())
        .collect();
    fuzz(bolero::check!(), |script| {
        let (mut receipt, other) = (script.pick(&valid).clone(), script.pick(&valid));
        for _ in 0..=script.below(3) {
            change_receipt(&mut receipt, other, script);
        }
        match receipt.verify(&key) {
            Ok(verified) => is_part_of(&verified, &whole),
            Err(refusal) => assert!(!refusal.to_string().is_empty()),
        }
    });
}

/// The accounts of the vector under a seal, in a log of seven entries.
fn balances() -> (VerifierKey, Vec<BalanceProof>) {
    let vectors = load("seal");
    let signer = TestSigner::new("settle.example/eu1", &[7; 32]);
    let entry = Entry {
        kind: EntryKind::Seal,
        items: 2,
        index: 5,
        time: 1_795_426_200_000_000_000,
        prev: Hash::leaf(b"before"),
        payload_root: Hash::leaf(b"items"),
        aux: hash(&vectors["aux"]),
    };
    let mut leaves: Vec<Hash> = (0..7).map(|n| Hash::leaf(&[n])).collect();
    leaves[5] = entry.leaf_hash();
    let tree = LeafTree::new(leaves);
    let key = chain::Signer::verifier_key(&signer).clone();
    let checkpoint = Checkpoint {
        origin: key.name().into(),
        size: 7,
        root: tree.root(),
    };
    let checkpoint = checkpoint.sign(&[&signer]).unwrap().to_string();
    let accounts = list(&vectors, "accounts")
        .iter()
        .zip(list(&vectors, "proofs"));
    let proofs = accounts.map(|(account, proof)| BalanceProof {
        account: bytes(&account["bytes"]),
        salt: hash(&account["salt"]),
        account_proof: proof.as_array().unwrap().iter().map(hash).collect(),
        entry,
        proof: tree.inclusion_proof(5).unwrap(),
        checkpoint: checkpoint.clone().into_bytes(),
    });
    (key, proofs.collect())
}

#[test]
fn balance() {
    let (key, valid) = balances();
    let whole: Vec<_> = valid
        .iter()
        .map(|proof| proof.verify(&key).unwrap())
        .collect();
    fuzz(bolero::check!(), |script| {
        let (mut proof, other) = (script.pick(&valid).clone(), script.pick(&valid));
        for _ in 0..=script.below(3) {
            match script.byte() % 8 {
                0 => change_entry(&mut proof.entry, script),
                1 => change_hashes(&mut proof.proof, script),
                2 => change(&mut proof.checkpoint, script),
                3 => change_hashes(&mut proof.account_proof, script),
                4 => change_hash(&mut proof.salt, script),
                5 => proof.account.clone_from(&other.account),
                6 => proof.account_proof.clone_from(&other.account_proof),
                _ => change(&mut proof.account, script),
            }
        }
        match proof.verify(&key) {
            Ok(proven) => {
                assert!(whole.contains(&proven));
                assert_eq!(SealedAccount::parse(&proof.account), Ok(proven.account));
            }
            Err(refusal) => assert!(!refusal.to_string().is_empty()),
        }
    });
}

/// A size, an index or another size near those of a tree, or far away.
fn near(script: &mut Script<'_>, number: u64) -> u64 {
    match script.byte() % 4 {
        0 => number.wrapping_add(1),
        1 => number.wrapping_sub(1),
        2 => number ^ 1 << (script.byte() % 64),
        _ => script.number(),
    }
}

/// Under one size and one root a leaf has one place and one proof, and so has an older tree.
#[test]
fn tree_proofs() {
    let tree = LeafTree::new((0..64_u64).map(|n| Hash::leaf(&n.to_be_bytes())).collect());
    let root = |size| root_at(&tree, size).unwrap();
    fuzz(bolero::check!(), |script| {
        let size = 1 + script.below(64) as u64;
        let old = script.below(size as usize) as u64;
        let leaf = Hash::leaf(&old.to_be_bytes());
        let mut proof = chain::inclusion_proof(&tree, old, size).unwrap();
        assert_eq!(
            verify_inclusion(&leaf, old, size, &proof, &root(size)),
            Ok(())
        );
        let good = proof.clone();
        change_hashes(&mut proof, script);
        let index = if script.one_in(2) {
            near(script, old)
        } else {
            old
        };
        let held = verify_inclusion(&leaf, index, size, &proof, &root(size)).is_ok();
        assert_eq!(held, (index, &proof) == (old, &good));
        let _ = verify_inclusion(&leaf, index, near(script, size), &proof, &root(size));

        let mut proof = consistency_proof(&tree, old, size).unwrap();
        let held = verify_consistency(old, &root(old), size, &root(size), &proof);
        assert_eq!(held, Ok(()));
        let good = proof.clone();
        change_hashes(&mut proof, script);
        let held = verify_consistency(old, &root(old), size, &root(size), &proof).is_ok();
        assert_eq!(held, proof == good);
        let (old_size, new_size) = (near(script, old), near(script, size));
        let _ = verify_consistency(old_size, &root(old), new_size, &root(size), &proof);
    });
}
