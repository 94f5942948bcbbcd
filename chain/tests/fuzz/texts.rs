//! Texts: notes, keys, checkpoints, statements, proofs, policies, paths.

use chain::statement::{
    genesis_text, parse_genesis, parse_session, parse_submission, session_text, submission_text,
};
use chain::{
    AddCheckpoint, Checkpoint, Hash, Note, NoteSignature, Policy, TilePath, TlogProof, VerifierKey,
    WitnessKey,
};

use crate::target;

/// Hands a text parser what is UTF-8; what it takes must be written back the same.
fn text<T, E>(
    bytes: &[u8],
    parse: impl Fn(&str) -> Result<T, E>,
    write: impl Fn(&T) -> String,
) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    parse(text).is_ok_and(|parsed| {
        assert_eq!(write(&parsed), text);
        true
    })
}

fn note(bytes: &[u8]) -> bool {
    Note::parse(bytes).is_ok_and(|note| {
        assert_eq!(note.to_string().as_bytes(), bytes);
        assert!(!note.signatures().is_empty() && note.text().ends_with('\n'));
        true
    })
}

fn signature_line(bytes: &[u8]) -> bool {
    let line = |text: &str| NoteSignature::parse_line(&format!("\u{2014} {text}\n"));
    let lined = text(bytes, line, NoteSignature::to_header);
    assert_eq!(
        lined,
        text(bytes, NoteSignature::parse_header, NoteSignature::to_header)
    );
    lined
}

fn vkey(bytes: &[u8]) -> bool {
    text(bytes, VerifierKey::parse, ToString::to_string)
}

fn witness_key(bytes: &[u8]) -> bool {
    text(bytes, WitnessKey::parse, ToString::to_string)
}

fn checkpoint(bytes: &[u8]) -> bool {
    text(bytes, Checkpoint::parse_text, Checkpoint::to_text)
}

fn hash(bytes: &[u8]) -> bool {
    text(bytes, Hash::from_base64, ToString::to_string)
}

fn tile_path(bytes: &[u8]) -> bool {
    let write = |path: &TilePath| {
        assert!((1..=256).contains(&path.width()));
        assert!(path.is_full() == (path.width() == 256));
        path.to_string()
    };
    text(bytes, str::parse::<TilePath>, write)
}

fn tlog_proof(bytes: &[u8]) -> bool {
    text(bytes, TlogProof::parse, ToString::to_string)
}

fn add_checkpoint(bytes: &[u8]) -> bool {
    AddCheckpoint::parse(bytes).is_ok_and(|body| {
        assert_eq!(body.to_string().as_bytes(), bytes);
        assert!(body.proof.len() <= chain::WITNESS_PROOF_HASHES_MAX);
        true
    })
}

fn submission(bytes: &[u8]) -> bool {
    text(bytes, parse_submission, |s| {
        let (origin, submitter) = (&s.origin, &s.submitter);
        submission_text(
            s.purpose,
            origin,
            &s.genesis,
            submitter,
            &s.content_type,
            &s.body_hash,
        )
    })
}

fn session(bytes: &[u8]) -> bool {
    text(bytes, parse_session, |s| {
        session_text(&s.origin, &s.genesis, &s.participant, &s.time, &s.nonce)
    })
}

fn genesis(bytes: &[u8]) -> bool {
    text(bytes, parse_genesis, |g| {
        genesis_text(&g.origin, &g.item_hash)
    })
}

/// A policy has no text of its own: a quorum that all witnesses do not meet could never be met, and
/// without any witness it is met only if it needs none.
fn policy(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    Policy::parse(text).is_ok_and(|policy| {
        let all: Vec<usize> = (0..policy.witnesses().len()).collect();
        assert!(policy.quorum_met(&all));
        assert_eq!(policy.quorum_met(&[]), !policy.needs_witnesses());
        assert!(!policy.logs().is_empty());
        true
    })
}

target!(notes, note);
target!(signature_lines, signature_line);
target!(verifier_keys, vkey);
target!(witness_keys, witness_key);
target!(checkpoints, checkpoint);
target!(hashes, hash);
target!(tile_paths, tile_path);
target!(tlog_proofs, tlog_proof);
target!(add_checkpoint_bodies, add_checkpoint);
target!(submission_statements, submission);
target!(session_statements, session);
target!(genesis_statements, genesis);
target!(policies, policy);
