//! What a log makes of every answer that a witness may give.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;

use chain::{Checkpoint, Hash, LeafTree, Note, Policy, WitnessKey, cosignature_message};
use keys::SigningKey;

use super::peers::{PeerFault, Peers, Round};
use crate::client::Trust;

const ORIGIN: &str = "settle.example/eu1";

/// A witness that gives one answer after the other.
fn answering(answers: Vec<String>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            let mut chunk = [0; 4096];
            // The body ends with the log's signature line.
            while !request.ends_with(b"=\n") {
                let read = stream.read(&mut chunk).unwrap();
                request.extend_from_slice(&chunk[..read]);
            }
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    format!("http://{address}")
}

fn answer(status: &str, kind: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

fn tree() -> LeafTree {
    LeafTree::new((0..8u64).map(|n| Hash::leaf(&n.to_be_bytes())).collect())
}

fn note() -> (Checkpoint, Note) {
    let log = SigningKey::from_seed(ORIGIN, [7; 32]).unwrap();
    let checkpoint = Checkpoint {
        origin: ORIGIN.to_owned(),
        size: 8,
        root: tree().root(),
    };
    let note = checkpoint.sign(&[&log]).unwrap();
    (checkpoint, note)
}

fn witness() -> (WitnessKey, SigningKey) {
    let secret = SigningKey::from_seed("witness.example/w1", [9; 32]).unwrap();
    let public = secret.verifier_key().public_key();
    (
        WitnessKey::new("witness.example/w1", &public).unwrap(),
        secret,
    )
}

/// The line of a witness that signs this text.
fn line(text: &str) -> String {
    use chain::Signer;
    let (key, secret) = witness();
    let signature = secret
        .sign(cosignature_message(5, text).as_bytes())
        .unwrap();
    key.cosignature(5, &signature).unwrap().to_line()
}

fn peers(url: &str) -> Peers {
    let log = SigningKey::from_seed(ORIGIN, [7; 32]).unwrap();
    let text = format!(
        "log {}\nwitness w1 {} {url}\nquorum w1\n",
        log.verifier_key(),
        witness().0
    );
    let policy = Policy::parse(&text).unwrap();
    Peers::new(policy, ORIGIN, &Trust::default(), Duration::from_secs(2)).unwrap()
}

fn round(answers: &[String]) -> Round {
    let (checkpoint, note) = note();
    peers(&answering(answers.to_vec())).round(&tree(), &checkpoint, &note)
}

#[test]
fn a_cosignature_that_holds_makes_the_quorum_and_no_other_does() {
    let text = note().1.text().to_owned();
    let plain = "text/plain";
    let good = round(&[answer("200 OK", plain, &line(&text))]);
    assert!(good.quorum && good.cosigned == [("w1".to_owned(), 5)]);
    assert_eq!(good.note.signatures().len(), 2);
    let other = line("another text\n");
    for (body, fault) in [
        (other.as_str(), "does not hold"),
        ("", "no line"),
        ("words\n", "no line"),
    ] {
        let bad = round(&[answer("200 OK", plain, body)]);
        assert!(!bad.quorum && bad.cosigned.is_empty());
        assert_eq!(bad.note.signatures().len(), 1, "nothing unproven is kept");
        let told = bad.faults[0].1.to_string();
        assert!(
            told.contains(fault) || told.contains("signature"),
            "{body}: {told}"
        );
    }
}

#[test]
fn every_status_is_told_apart() {
    let plain = "text/plain";
    for (status, expected) in [
        ("400 Bad Request", PeerFault::Status(400, "why".into())),
        ("403 Forbidden", PeerFault::Untrusted("why".into())),
        ("404 Not Found", PeerFault::Unknown),
        (
            "422 Unprocessable Entity",
            PeerFault::Inconsistent("why".into()),
        ),
        (
            "500 Internal Server Error",
            PeerFault::Status(500, "why".into()),
        ),
        (
            "503 Service Unavailable",
            PeerFault::Status(503, "why".into()),
        ),
    ] {
        let round = round(&[answer(status, plain, "why\n")]);
        assert!(!round.quorum);
        assert_eq!(round.faults, [("w1".to_owned(), expected)]);
    }
}

#[test]
fn a_conflict_is_asked_again_from_the_size_that_the_witness_remembers() {
    let text = note().1.text().to_owned();
    let size = super::ask::SIZE_TYPE;
    let conflict = answer("409 Conflict", size, "5\n");
    let good = answer("200 OK", "text/plain", &line(&text));
    assert!(round(&[conflict.clone(), good]).quorum);
    // Not for ever, and not beyond the log.
    let again = round(&[conflict, answer("409 Conflict", size, "6\n")]);
    assert!(!again.quorum);
    let ahead = round(&[answer("409 Conflict", size, "9\n")]);
    assert_eq!(ahead.faults, [("w1".to_owned(), PeerFault::Ahead(9))]);
    assert!(ahead.faults[0].1.is_suspicious());
    for (kind, body) in [
        ("text/plain", "5\n"),
        (size, "five\n"),
        (size, "-5\n"),
        (size, ""),
    ] {
        let unread = round(&[answer("409 Conflict", kind, body)]);
        assert!(
            matches!(unread.faults[0].1, PeerFault::Ask(_)),
            "{kind} {body}"
        );
    }
}

#[test]
fn a_witness_that_fails_is_left_alone_for_a_while_and_asked_again() {
    let (checkpoint, note) = note();
    // Nobody listens there.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let mut peers = peers(&url);
    let asked: Vec<bool> = (0..20)
        .map(|_| !peers.round(&tree(), &checkpoint, &note).faults.is_empty())
        .collect();
    let rounds: Vec<usize> = (0..20).filter(|at| asked[*at]).collect();
    assert_eq!(rounds, [0, 1, 4, 9, 18], "after 0, 2, 4 and 8 rounds");
}
