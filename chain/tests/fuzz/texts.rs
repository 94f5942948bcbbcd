//! Parsers of texts: notes, checkpoints, keys, paths, proofs, and the numbers and base64 in them.

use std::collections::BTreeSet;

use chain::{
    Checkpoint, Hash, KeyId, NOTE_BYTES_MAX, NOTE_SIGNATURES_MAX, Note, NoteSignature,
    PROOF_HASHES_MAX, TilePath, TlogProof, VerifierKey, empty_root, is_origin,
};

use crate::common::{hashes, list, load, text};
use crate::kit::{self, canonical, canonical_text, expect_good, expect_good_text, fuzz, metered};
use crate::mutate::{Corpus, Script};

fn reprint_note(input: &[u8]) -> Option<Vec<u8>> {
    let note = metered(input, || Note::parse(input))?;
    assert!(input.len() <= NOTE_BYTES_MAX);
    assert!((1..=NOTE_SIGNATURES_MAX).contains(&note.signatures().len()));
    let keys: BTreeSet<_> = note
        .signatures()
        .iter()
        .map(|s| (s.name(), s.id()))
        .collect();
    assert_eq!(keys.len(), note.signatures().len(), "a key signed twice");
    Some(note.to_string().into_bytes())
}

/// What can be made can be read.
fn made_note(script: &mut Script<'_>) {
    let mut text = script.text();
    if script.one_in(32) {
        let length = NOTE_BYTES_MAX - script.below(200);
        text = "x".repeat(length);
    }
    if !script.one_in(8) {
        text.push('\n');
    }
    let count = if script.one_in(8) {
        95 + script.below(10)
    } else {
        script.below(4)
    };
    let name = script.text();
    let signature = |n: usize| {
        let length = script.below(70);
        let (id, bytes) = (KeyId::new(n as u32), script.take(length));
        NoteSignature::new(&format!("k{name}"), id, bytes).ok()
    };
    let signatures: Vec<NoteSignature> = (0..count).filter_map(signature).collect();
    if let Ok(note) = Note::new(&text, signatures) {
        let printed = note.to_string();
        let read = Note::parse(printed.as_bytes());
        assert!(
            read.as_ref() == Ok(&note),
            "{:?}",
            read.map(|_| printed.len())
        );
    }
}

#[test]
fn note() {
    let mut corpus = Corpus::of_texts("note", ("valid", "note"), ("malformed", "note"));
    let crowd = |count: u32| {
        let signature = |n| NoteSignature::new("a.example", KeyId::new(n), &[7; 64]).unwrap();
        let lines: String = (0..count).map(|n| signature(n).to_line()).collect();
        format!("text\n\n{lines}").into_bytes()
    };
    corpus.good.push(crowd(100));
    corpus.near.push(crowd(101));
    expect_good(&corpus, reprint_note);
    fuzz(bolero::check!(), |script| match script.one_in(4) {
        true => made_note(script),
        false => canonical(&corpus.input(script), reprint_note),
    });
}

/// The signatures of all valid notes.
fn signatures() -> Vec<NoteSignature> {
    let vectors = load("note");
    let notes = list(&vectors, "valid").iter();
    notes
        .flat_map(|case| {
            let note = Note::parse(text(case, "note").as_bytes()).unwrap();
            note.signatures().to_vec()
        })
        .collect()
}

#[test]
fn note_signature_line() {
    let mut corpus = Corpus::of_texts("note", ("keys", ""), ("malformed", "note"));
    corpus.good = signatures()
        .iter()
        .map(|s| s.to_line().into_bytes())
        .collect();
    kit::text(bolero::check!(), &corpus, |text| {
        let line = metered(text.as_bytes(), || NoteSignature::parse_line(text))?;
        Some(line.to_line())
    });
}

#[test]
fn note_signature_header() {
    let mut corpus = Corpus::of_texts("note", ("keys", ""), ("malformed", "note"));
    corpus.good = signatures()
        .iter()
        .map(|s| s.to_header().into_bytes())
        .collect();
    kit::text(bolero::check!(), &corpus, |text| {
        let header = metered(text.as_bytes(), || NoteSignature::parse_header(text))?;
        Some(header.to_header())
    });
}

fn reprint_checkpoint(text: &str) -> Option<String> {
    let checkpoint = metered(text.as_bytes(), || Checkpoint::parse_text(text))?;
    assert!(is_origin(&checkpoint.origin));
    assert!(checkpoint.size != 0 || checkpoint.root == empty_root());
    Some(checkpoint.to_text())
}

#[test]
fn checkpoint_text() {
    let corpus = Corpus::of_texts("checkpoint", ("texts", "text"), ("malformed", "text"));
    kit::text(bolero::check!(), &corpus, reprint_checkpoint);
}

fn reprint_key(text: &str) -> Option<String> {
    let key = metered(text.as_bytes(), || VerifierKey::parse(text))?;
    let _ = key.check_registration();
    assert_eq!(
        VerifierKey::new(key.name(), &key.public_key()).as_ref(),
        Ok(&key)
    );
    Some(key.to_string())
}

/// A name and any 32 bytes under the id that belongs to them: half of them are points.
fn made_key(script: &mut Script<'_>) {
    let (name, mut public_key) = (script.text(), script.array::<32>());
    if script.one_in(4) {
        public_key[1..31].fill(0xff);
    }
    if let Ok(key) = VerifierKey::new(&name, &public_key) {
        let _ = key.check_registration();
        assert_eq!(key.public_key(), public_key);
        assert_eq!(VerifierKey::parse(&key.to_string()), Ok(key));
    }
}

#[test]
fn verifier_key() {
    let corpus = Corpus::of_texts("note", ("keys", ""), ("refused_keys", "key"));
    expect_good_text(&corpus, reprint_key);
    fuzz(bolero::check!(), |script| match script.one_in(4) {
        true => made_key(script),
        false => canonical_text(&corpus.text(script), reprint_key),
    });
}

#[test]
fn key_id() {
    let mut corpus = Corpus::of_texts("note", ("keys", ""), ("refused_keys", "key"));
    corpus.good = vec![
        b"00000000".to_vec(),
        b"34576c8c".to_vec(),
        b"ffffffff".to_vec(),
    ];
    kit::text(bolero::check!(), &corpus, |text| {
        let id = metered(text.as_bytes(), || text.parse::<KeyId>())?;
        assert_eq!(KeyId::new(id.get()).to_bytes(), id.to_bytes());
        Some(id.to_string())
    });
}

fn reprint_path(text: &str) -> Option<String> {
    let path = metered(text.as_bytes(), || text.parse::<TilePath>())?;
    assert!((1..=256).contains(&path.width()));
    Some(path.to_string())
}

fn made_path(script: &mut Script<'_>) {
    let (index, width) = (script.number(), u16::from(script.byte()) + 1);
    let path = match script.one_in(4) {
        true => TilePath::entries(index, width),
        false => TilePath::hashes(script.byte() % 70, index, width),
    };
    if let Ok(path) = path {
        assert_eq!(path.to_string().parse(), Ok(path));
        let size = script.number();
        assert!(!path.to_full().is_within(size) || path.is_within(size));
    }
}

#[test]
fn tile_path() {
    let mut corpus = Corpus::of_texts("tile", ("paths", "path"), ("refused_paths", ""));
    corpus.words = &[
        "tile/", "entries/", ".p/", "x000/", "/", "000", "x", "0", "256",
    ];
    expect_good_text(&corpus, reprint_path);
    fuzz(bolero::check!(), |script| match script.one_in(4) {
        true => made_path(script),
        false => canonical_text(&corpus.text(script), reprint_path),
    });
}

#[test]
fn tlog_proof() {
    let mut corpus = Corpus::of_texts(
        "checkpoint",
        ("malformed_proofs", "text"),
        ("malformed_proofs", "text"),
    );
    let vectors = load("checkpoint");
    let proofs = ["proof", "proof_of_the_only_leaf"].map(|name| text(&vectors[name], "text"));
    let hash_line = format!("\n{}", Hash::ZERO);
    let longest = |count: usize| {
        let lines = format!("index 5{}", hash_line.repeat(count - 3));
        proofs[0].replacen("index 5", &lines, 1)
    };
    corpus.good = proofs.iter().map(|text| text.as_bytes().to_vec()).collect();
    corpus.good.push(longest(PROOF_HASHES_MAX).into_bytes());
    corpus.near.push(longest(PROOF_HASHES_MAX + 1).into_bytes());
    kit::text(bolero::check!(), &corpus, |text| {
        let proof = metered(text.as_bytes(), || TlogProof::parse(text))?;
        assert!(proof.proof.len() <= PROOF_HASHES_MAX);
        Some(proof.to_string())
    });
}

#[test]
fn hash_base64() {
    let mut corpus = Corpus::of_texts("tile", ("paths", "path"), ("refused_paths", ""));
    let roots = hashes(&load("tree"), "roots");
    corpus.good = roots
        .iter()
        .map(|root| root.to_string().into_bytes())
        .collect();
    expect_good(&corpus, |good| {
        let hash = Hash::from_base64(str::from_utf8(good).unwrap()).ok()?;
        Some(hash.to_string().into_bytes())
    });
    fuzz(bolero::check!(), |script| {
        let text = corpus.text(script);
        let found = metered(text.as_bytes(), || Hash::from_base64(&text));
        let expected = decoded(&text).and_then(|bytes| bytes.try_into().ok());
        assert_eq!(found, expected.map(Hash::from_bytes), "{text:?}");
    });
}

/// Base64 by its definition (RFC 4648, section 4): padded, and unused bits are zero.
fn decoded(text: &str) -> Option<Vec<u8>> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    if !text.len().is_multiple_of(4) || padding > 2 {
        return None;
    }
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for digit in digits.bytes() {
        let value = ALPHABET.iter().position(|letter| *letter == digit)?;
        (bits, count) = (bits << 6 | value as u32, count + 6);
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    (bits == 0 && count == 2 * padding).then_some(bytes)
}

/// The base64 of any length stands in signatures: five bytes or more.
#[test]
fn base64() {
    let mut corpus = Corpus::of_texts("tile", ("paths", "path"), ("refused_paths", ""));
    let base64 = |header: String| header.split_once(' ').unwrap().1.as_bytes().to_vec();
    corpus.good = signatures().iter().map(|s| base64(s.to_header())).collect();
    for length in 1..9 {
        let short = NoteSignature::new("k", KeyId::new(length), &vec![0xfe; length as usize]);
        corpus.good.push(base64(short.unwrap().to_header()));
    }
    fuzz(bolero::check!(), |script| {
        let text = corpus.text(script);
        let header = format!("k {text}");
        let found = metered(header.as_bytes(), || NoteSignature::parse_header(&header));
        let found = found.map(|s| [&s.id().to_bytes()[..], s.signature()].concat());
        let expected = decoded(&text).filter(|bytes| bytes.len() >= 5);
        assert_eq!(found, expected, "{text:?}");
    });
}

/// The decimal numbers stand in checkpoints, paths and proofs.
#[test]
fn decimal() {
    let mut corpus = Corpus::of_texts("tile", ("paths", "path"), ("refused_paths", ""));
    let numbers = [
        "0",
        "1",
        "8",
        "4294967296",
        "18446744073709551615",
        "18446744073709551614",
    ];
    corpus.good = numbers.map(|number| number.as_bytes().to_vec()).to_vec();
    fuzz(bolero::check!(), |script| {
        let text = match script.one_in(4) {
            true => script.number().to_string(),
            false => corpus.text(script),
        };
        let expected = text
            .parse::<u64>()
            .ok()
            .filter(|size| size.to_string() == text);
        let root = if text == "0" {
            empty_root()
        } else {
            Hash::ZERO
        };
        let found = Checkpoint::parse_text(&format!("a.example\n{text}\n{root}\n")).ok();
        assert_eq!(
            found.map(|checkpoint| checkpoint.size),
            expected,
            "{text:?}"
        );
        // With a slash it is more than one part of a path.
        if text.contains('/') {
            return;
        }
        let path = format!("tile/{text}/000").parse::<TilePath>();
        assert_eq!(
            path.is_ok(),
            text == "entries" || expected.is_some_and(|level| level < 64)
        );
        let path = format!("tile/0/000.p/{text}").parse::<TilePath>();
        assert_eq!(
            path.is_ok(),
            expected.is_some_and(|width| (1..256).contains(&width))
        );
    });
}
