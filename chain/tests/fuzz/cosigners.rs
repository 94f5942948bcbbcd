//! Parsers of what stands between a log and its witnesses: their keys, requests and policies.

use chain::{
    AddCheckpoint, NoteSignature, POLICY_BYTES_MAX, Policy, WITNESS_PROOF_HASHES_MAX, WitnessKey,
};

use crate::kit::{self, canonical, expect_good, fuzz, metered};
use crate::mutate::Corpus;

const WITNESS: &str = "witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X";
const LOG: &str = "settle.example/log1+34576c8c+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
const BODY: &str = "old 6\nDrxdNDf74tsVi58Sah0RjjCBgQMdCpSfje3t68VY72o=\nyoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=\n\
     037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=\n\nsettle.example/log1\n8\n\
     XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n\u{2014} settle.example/log1 \
     NFdsjNv3TgnjuH7ndFIUZz9tYUcVh0oBn0XP6cTJzsI2IgdNlM9nWvRAdFx9/jKrKL9qtrqswFftUaTDV0/cuXqEjwc=\n";
/// Signed by the witness of [`WITNESS`], with the text that it is over (C2SP tlog-cosignature).
const COSIGNED: &str = "settle.example/log1\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n";
const COSIGNATURE: &str = "witness.example/w1 IDJKvgAAAABkGFDL8t0gcWho7NJlX9iJLJiCPPI2ynzyK6ivWidT9+hVxkD3gQzMKCWMtAIxoaJnh6zU7SwkXYzxoTBHdbyEXMVbDg==";

/// Examples, beside what is no key, path or note.
fn corpus(good: &[&str]) -> Corpus {
    let mut corpus = Corpus::of_texts("note", ("keys", ""), ("malformed", "note"));
    corpus.good = good.iter().map(|text| text.as_bytes().to_vec()).collect();
    corpus
}

#[test]
fn witness_key() {
    let mut corpus = corpus(&[WITNESS]);
    corpus.near.push(LOG.as_bytes().to_vec());
    kit::text(bolero::check!(), &corpus, |text| {
        let key = metered(text.as_bytes(), || WitnessKey::parse(text))?;
        let again = WitnessKey::new(key.name(), &key.public_key());
        assert_eq!(again.as_ref(), Ok(&key));
        Some(key.to_string())
    });
}

#[test]
fn add_checkpoint() {
    kit::bytes(bolero::check!(), &corpus(&[BODY]), |input| {
        let body = metered(input, || AddCheckpoint::parse(input))?;
        assert!(body.proof.len() <= WITNESS_PROOF_HASHES_MAX);
        Some(body.to_string().into_bytes())
    });
}

/// A changed line is another time, another signature or no cosignature, and never believed.
#[test]
fn cosignature() {
    let (corpus, key) = (corpus(&[COSIGNATURE]), WitnessKey::parse(WITNESS).unwrap());
    let time = |text: &str| {
        let line = NoteSignature::parse_header(text).ok()?;
        key.verify(COSIGNED, &line).ok()
    };
    assert_eq!(time(COSIGNATURE), Some(1_679_315_147));
    fuzz(bolero::check!(), |script| {
        let text = corpus.text(script);
        assert!(text == COSIGNATURE || time(&text).is_none(), "{text:?}");
    });
}

/// A policy is not printed again: a quorum that all witnesses do not meet could never be met, and
/// without any witness one is met only if it needs none.
fn reread_policy(input: &[u8]) -> Option<Vec<u8>> {
    let text = str::from_utf8(input).ok()?;
    let policy = metered(text.as_bytes(), || Policy::parse(text))?;
    assert!(text.len() <= POLICY_BYTES_MAX);
    let all: Vec<usize> = (0..policy.witnesses().len()).collect();
    assert!(policy.quorum_met(&all));
    assert_eq!(policy.quorum_met(&[]), !policy.needs_witnesses());
    assert!(!policy.logs().is_empty());
    Some(input.to_vec())
}

#[test]
fn policy() {
    let log = format!("log {LOG} https://settle.example/log\n");
    let witness = format!("# a comment\nwitness w1 {WITNESS}\n");
    let mut corpus = corpus(&[
        &format!("{log}{witness}group one any w1\nquorum one\n"),
        &format!("{log}{witness}group g 1 w1\ngroup h all g w1\nquorum h\n"),
        &format!("{log}quorum none\n"),
    ]);
    corpus.words = &[
        "log ", "witness ", "group ", "quorum ", "none", "any", "all", "1", "w1", "g", "\n", " ",
        "\t", "#",
    ];
    expect_good(&corpus, reread_policy);
    fuzz(bolero::check!(), |script| {
        canonical(&corpus.input(script), reread_policy);
    });
}
