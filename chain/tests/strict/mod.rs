//! Flips every bit of every valid text and record: what a parser still accepts must print as the
//! changed bytes, and a changed proof must never be believed.

use crate::common::{bytes, hash, list, load, text};
use chain::statement::{
    genesis_text, parse_genesis, parse_session, parse_submission, session_text, submission_text,
};
use chain::{
    BatchHeader, BatchRecord, Checkpoint, Entry, KeyId, Note, TilePath, TlogProof, VerifierKey,
};

/// Calls `check` with each copy of `good` that differs in one bit.
fn for_each_flip(good: &[u8], mut check: impl FnMut(&[u8])) {
    let mut changed = good.to_vec();
    for bit in 0..good.len() * 8 {
        changed[bit / 8] ^= 1 << (bit % 8);
        check(&changed);
        changed[bit / 8] ^= 1 << (bit % 8);
    }
}

/// Checks that `reprint` gives back each changed text that it accepts.
fn check_text(good: &str, reprint: impl Fn(&str) -> Option<String>) {
    assert_eq!(reprint(good).as_deref(), Some(good));
    for_each_flip(good.as_bytes(), |changed| {
        if let Ok(changed) = std::str::from_utf8(changed)
            && let Some(printed) = reprint(changed)
        {
            assert_eq!(printed, changed);
        }
    });
}

fn check_bytes(good: &[u8], reprint: impl Fn(&[u8]) -> Option<Vec<u8>>) {
    assert_eq!(reprint(good).as_deref(), Some(good));
    for_each_flip(good, |changed| {
        if let Some(printed) = reprint(changed) {
            assert_eq!(printed, changed);
        }
    });
    assert_eq!(reprint(&good[1..]), None);
    assert_eq!(reprint(&[good, &[0]].concat()), None);
}

#[test]
fn texts() {
    let vectors = load("note");
    for case in list(&vectors, "valid") {
        let reprint = |text: &str| {
            Note::parse(text.as_bytes())
                .ok()
                .map(|note| note.to_string())
        };
        check_text(text(case, "note"), reprint);
    }
    for case in list(&vectors, "keys") {
        let key = case.as_str().unwrap();
        check_text(key, |text| {
            VerifierKey::parse(text).ok().map(|key| key.to_string())
        });
        let id = key.split('+').nth(1).unwrap();
        check_text(id, |text| {
            text.parse::<KeyId>().ok().map(|id| id.to_string())
        });
    }
    let vectors = load("checkpoint");
    for case in list(&vectors, "texts") {
        let reprint = |text: &str| Checkpoint::parse_text(text).ok().map(|text| text.to_text());
        check_text(text(case, "text"), reprint);
    }
    for case in ["proof", "proof_of_the_only_leaf"] {
        let reprint = |text: &str| TlogProof::parse(text).ok().map(|proof| proof.to_string());
        check_text(text(&vectors[case], "text"), reprint);
    }
    for case in list(&load("tile"), "paths") {
        let reprint = |text: &str| text.parse::<TilePath>().ok().map(|path| path.to_string());
        check_text(text(case, "path"), reprint);
    }
}

#[test]
fn statements() {
    for case in list(&load("statement"), "statements") {
        let reprint = |text: &str| {
            let submission = parse_submission(text).ok().map(|s| {
                let (submitter, content_type) = (&s.submitter, &s.content_type);
                submission_text(
                    s.purpose,
                    &s.origin,
                    &s.genesis,
                    submitter,
                    content_type,
                    &s.body_hash,
                )
            });
            let session = parse_session(text).ok();
            let session = session
                .map(|s| session_text(&s.origin, &s.genesis, &s.participant, &s.time, &s.nonce));
            let genesis = parse_genesis(text)
                .ok()
                .map(|s| genesis_text(&s.origin, &s.item_hash));
            let readings: Vec<String> = [submission, session, genesis]
                .into_iter()
                .flatten()
                .collect();
            assert!(readings.len() <= 1, "{text:?} has two meanings");
            readings.into_iter().next()
        };
        check_text(text(case, "text"), reprint);
    }
}

#[test]
fn records() {
    for case in list(&load("entry"), "entries") {
        let reprint = |bytes: &[u8]| Some(Entry::from_bytes(bytes).ok()?.to_bytes().to_vec());
        check_bytes(&bytes(&case["bytes"]), reprint);
    }
    let vectors = load("batch");
    let reprint = |bytes: &[u8]| {
        Some(
            BatchHeader::from_bytes(bytes)
                .ok()?
                .to_bytes()
                .ok()?
                .to_vec(),
        )
    };
    check_bytes(&bytes(&vectors["header_bytes"]), reprint);
    for case in list(&vectors, "record_bytes") {
        let reprint = |bytes: &[u8]| Some(BatchRecord::from_bytes(bytes).ok()?.to_bytes().to_vec());
        check_bytes(&bytes(case), reprint);
    }
}

#[test]
fn no_changed_proof_is_believed() {
    let vectors = load("checkpoint");
    let case = &vectors["proof_of_the_only_leaf"];
    let key = VerifierKey::parse(text(case, "key")).unwrap();
    let leaf = hash(&case["leaf_hash"]);
    let believed = |text: &[u8]| {
        let proof = TlogProof::parse(std::str::from_utf8(text).ok()?).ok()?;
        proof.verify(&leaf, key.name(), &[&key]).ok()
    };
    let good = text(case, "text").as_bytes();
    assert!(believed(good).is_some());
    for_each_flip(good, |changed| assert_eq!(believed(changed), None));
    for end in 0..good.len() {
        assert_eq!(believed(&good[..end]), None);
    }
}
