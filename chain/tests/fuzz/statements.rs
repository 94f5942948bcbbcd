//! Parsers of the texts that are signed. No text may be a statement of two kinds.

use chain::Hash;
use chain::statement::{
    self, Purpose, genesis_text, is_content_type, is_participant, parse_genesis, parse_session,
    parse_submission, session_text, submission_text,
};

use crate::common::{list, load, text};
use crate::kit::{canonical_text, expect_good_text, fuzz, metered};
use crate::mutate::{Corpus, Script};

fn corpus(kinds: &[&str]) -> Corpus {
    let mut corpus = Corpus::of_texts("statement", ("statements", "text"), ("refused", "text"));
    let vectors = load("statement");
    let good = list(&vectors, "statements")
        .iter()
        .filter(|case| kinds.contains(&text(case, "kind")));
    corpus.good = good
        .map(|case| text(case, "text").as_bytes().to_vec())
        .collect();
    assert!(!corpus.good.is_empty());
    corpus
}

fn reprint_submission(text: &str) -> Option<String> {
    let s = metered(text.as_bytes(), || parse_submission(text))?;
    assert!(parse_session(text).is_err() && parse_genesis(text).is_err());
    assert!(is_participant(&s.submitter) && is_content_type(&s.content_type));
    let (who, what) = (&s.submitter, &s.content_type);
    Some(submission_text(
        s.purpose,
        &s.origin,
        &s.genesis,
        who,
        what,
        &s.body_hash,
    ))
}

fn reprint_session(text: &str) -> Option<String> {
    let s = metered(text.as_bytes(), || parse_session(text))?;
    assert!(parse_submission(text).is_err() && parse_genesis(text).is_err());
    assert!(is_participant(&s.participant));
    Some(session_text(
        &s.origin,
        &s.genesis,
        &s.participant,
        &s.time,
        &s.nonce,
    ))
}

fn reprint_genesis(text: &str) -> Option<String> {
    let s = metered(text.as_bytes(), || parse_genesis(text))?;
    assert!(parse_submission(text).is_err() && parse_session(text).is_err());
    Some(genesis_text(&s.origin, &s.item_hash))
}

/// A field that is right, or anything.
fn field(script: &mut Script<'_>, right: &str) -> String {
    match script.one_in(4) {
        true => script.text(),
        false => right.into(),
    }
}

#[test]
fn submission() {
    let corpus = corpus(&["submission", "dry-run"]);
    expect_good_text(&corpus, reprint_submission);
    fuzz(bolero::check!(), |script| {
        if !script.one_in(4) {
            return canonical_text(&corpus.text(script), reprint_submission);
        }
        // Whatever the fields are, what is read back is what was put in.
        let made = statement::Submission {
            purpose: if script.one_in(2) {
                Purpose::DryRun
            } else {
                Purpose::Submission
            },
            origin: field(script, "a.example/1"),
            genesis: Hash::from_bytes(script.array()),
            submitter: field(script, "bank-a"),
            content_type: field(script, "application/json"),
            body_hash: Hash::from_bytes(script.array()),
        };
        let (who, what) = (&made.submitter, &made.content_type);
        let text = submission_text(
            made.purpose,
            &made.origin,
            &made.genesis,
            who,
            what,
            &made.body_hash,
        );
        if let Ok(read) = parse_submission(&text) {
            assert_eq!(read, made);
        }
    });
}

#[test]
fn session() {
    let corpus = corpus(&["session"]);
    expect_good_text(&corpus, reprint_session);
    fuzz(bolero::check!(), |script| {
        if !script.one_in(4) {
            return canonical_text(&corpus.text(script), reprint_session);
        }
        let made = statement::Session {
            origin: field(script, "a.example/1"),
            genesis: Hash::from_bytes(script.array()),
            participant: field(script, "bank-a"),
            time: field(script, "2026-11-23T09:30:00Z"),
            nonce: script.array(),
        };
        let text = session_text(
            &made.origin,
            &made.genesis,
            &made.participant,
            &made.time,
            &made.nonce,
        );
        if let Ok(read) = parse_session(&text) {
            assert_eq!(read, made);
        }
    });
}

#[test]
fn genesis() {
    let corpus = corpus(&["genesis"]);
    expect_good_text(&corpus, reprint_genesis);
    fuzz(bolero::check!(), |script| {
        if !script.one_in(4) {
            return canonical_text(&corpus.text(script), reprint_genesis);
        }
        let made = statement::Genesis {
            origin: field(script, "a.example/1"),
            item_hash: Hash::from_bytes(script.array()),
        };
        if let Ok(read) = parse_genesis(&genesis_text(&made.origin, &made.item_hash)) {
            assert_eq!(read, made);
        }
    });
}
