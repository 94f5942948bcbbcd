//! Cosignatures, `add-checkpoint` bodies and policies: one worked example and what is refused.

#![expect(
    clippy::unwrap_used,
    reason = "an example that cannot be read fails its test"
)]

use chain::{
    AddCheckpoint, AddCheckpointError, CosignatureError, Hash, Note, Policy, PolicyFault,
    PolicyRefusal, SignatureError, WitnessKey, cosignature_message,
};
use ed25519_dalek::{Signer, SigningKey};

const ORIGIN: &str = "settle.example/log1";
const LOG: &str = "settle.example/log1+34576c8c+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
const W1: &str = "witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X";
const TEXT: &str = "settle.example/log1\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n";
const LOG_LINE: &str = "— settle.example/log1 NFdsjNv3TgnjuH7ndFIUZz9tYUcVh0oBn0XP6cTJzsI2IgdNlM9nWvRAdFx9/jKrKL9qtrqswFftUaTDV0/cuXqEjwc=\n";
const W1_LINE: &str = "— witness.example/w1 IDJKvgAAAABkGFDL8t0gcWho7NJlX9iJLJiCPPI2ynzyK6ivWidT9+hVxkD3gQzMKCWMtAIxoaJnh6zU7SwkXYzxoTBHdbyEXMVbDg==\n";
const PROOF: &str = "DrxdNDf74tsVi58Sah0RjjCBgQMdCpSfje3t68VY72o=\nyoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=\n037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=\n";
const TIME: u64 = 1_679_315_147;

fn note(lines: &[&str]) -> Note {
    Note::parse(format!("{TEXT}\n{}", lines.concat()).as_bytes()).unwrap()
}

fn seed_of_w1() -> SigningKey {
    SigningKey::from_bytes(&std::array::from_fn(|at| 0x20 + u8::try_from(at).unwrap()))
}

fn key_of(name: &str, seed: u8) -> (WitnessKey, SigningKey) {
    let secret = SigningKey::from_bytes(&[seed; 32]);
    let key = WitnessKey::new(name, secret.verifying_key().as_bytes()).unwrap();
    (key, secret)
}

fn line(key: &WitnessKey, secret: &SigningKey, time: u64) -> String {
    let signature = secret.sign(cosignature_message(time, TEXT).as_bytes());
    let line = key.cosignature(time, &signature.to_bytes()).unwrap();
    line.to_line()
}

#[test]
fn the_worked_cosignature_is_made_and_verified() {
    let key = WitnessKey::parse(W1).unwrap();
    assert_eq!(key.to_string(), W1);
    assert_eq!(key.id().to_string(), "20324abe");
    let secret = seed_of_w1();
    assert_eq!(line(&key, &secret, TIME), W1_LINE);
    let note = note(&[LOG_LINE, W1_LINE]);
    assert_eq!(key.verify(TEXT, &note.signatures()[1]), Ok(TIME));
}

#[test]
fn a_cosignature_with_another_time_length_key_or_text_is_refused() {
    let key = WitnessKey::parse(W1).unwrap();
    let good = note(&[LOG_LINE, W1_LINE]).signatures()[1].clone();
    let with = |bytes: &[u8]| chain::NoteSignature::new(key.name(), key.id(), bytes).unwrap();
    let invalid = Err(CosignatureError::Signature(SignatureError::Invalid(
        key.id(),
    )));
    let mut later = good.signature().to_vec();
    later[7] ^= 1;
    assert_eq!(key.verify(TEXT, &with(&later)), invalid);
    assert_eq!(key.verify("another\n8\n", &good), invalid);
    let mut negative = good.signature().to_vec();
    negative[0] = 0x80;
    assert!(matches!(
        key.verify(TEXT, &with(&negative)),
        Err(CosignatureError::Time(_))
    ));
    assert!(matches!(
        key.verify(TEXT, &with(&good.signature()[8..])),
        Err(CosignatureError::Length { found: 64, .. })
    ));
    let (other, _) = key_of("witness.example/w2", 9);
    assert!(other.verify(TEXT, &good).is_err());
    assert!(key.cosignature(u64::MAX, &[0; 64]).is_err());
    assert!(WitnessKey::parse(LOG).is_err(), "0x01 is no witness key");
    assert!(chain::VerifierKey::parse(W1).is_err(), "0x04 is no log key");
}

#[test]
fn the_worked_add_checkpoint_body_is_read_and_written() {
    let body = format!("old 6\n{PROOF}\n{TEXT}\n{LOG_LINE}");
    let digest = Hash::sha256_parts(&[body.as_bytes()]);
    let hex: Vec<String> = digest
        .as_bytes()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    assert_eq!(
        hex.concat(),
        "9fc00e16a5e19ed11af8c2b9ac28989ab64f2632ea543bbab42d9795a11da33f"
    );
    let read = AddCheckpoint::parse(body.as_bytes()).unwrap();
    assert_eq!((read.old, read.proof.len()), (6, 3));
    assert_eq!(read.to_string(), body);
}

#[test]
fn malformed_add_checkpoint_bodies_are_refused() {
    let rest = format!("\n{TEXT}\n{LOG_LINE}");
    let hash = PROOF.split_inclusive('\n').next().unwrap();
    let parse = |head: &str| AddCheckpoint::parse(format!("{head}{rest}").as_bytes());
    assert!(parse("old 0\n").is_ok());
    assert!(parse(&format!("old 1\n{}", hash.repeat(63))).is_ok());
    assert_eq!(
        parse(&format!("old 1\n{}", hash.repeat(64))),
        Err(AddCheckpointError::Hashes(64))
    );
    for old in [
        "old 08\n",
        "old -1\n",
        "old +8\n",
        "old 6\r\n",
        "old\n",
        "6\n",
    ] {
        assert!(
            matches!(parse(old), Err(AddCheckpointError::Old(_))),
            "{old:?}"
        );
    }
    assert_eq!(
        parse("old 9\n"),
        Err(AddCheckpointError::Sizes { old: 9, size: 8 })
    );
    assert!(parse("old 6\nAAAA\n").is_err());
    let crlf = format!("old 0\n\n{TEXT}\n{LOG_LINE}").replace('\n', "\r\n");
    for wrong in ["", "old 0\n", "old 0\n\n", crlf.as_str()] {
        assert!(AddCheckpoint::parse(wrong.as_bytes()).is_err(), "{wrong:?}");
    }
    let cut = format!("old 0{rest}");
    assert!(AddCheckpoint::parse(cut.trim_end().as_bytes()).is_err());
    let extended = format!("old 0\n\n{TEXT}more\n\n{LOG_LINE}");
    assert!(AddCheckpoint::parse(extended.as_bytes()).is_err());
}

#[test]
fn a_policy_tells_whether_the_quorum_is_met() {
    let ((w2, s2), (w3, s3)) = (key_of("w2.example", 2), key_of("w3.example", 3));
    let text = format!(
        "# trust\nlog {LOG} https://settle.example/log\n\nwitness w1 {W1} https://w1.example\n\
         witness w2 {w2}\nwitness\tw3 {w3}\ngroup banks any w2 w3\ngroup top 2 w1 banks\nquorum top\n"
    );
    let policy = Policy::parse(&text).unwrap();
    assert!(policy.needs_witnesses());
    assert_eq!(
        policy.logs()[0].url.as_deref(),
        Some("https://settle.example/log")
    );
    let (l2, l3) = (line(&w2, &s2, 7), line(&w3, &s3, 8));
    let quorum = |lines: &[&str]| policy.evaluate(&note(lines), ORIGIN).unwrap().quorum;
    assert!(!quorum(&[LOG_LINE]));
    assert!(!quorum(&[LOG_LINE, W1_LINE]));
    assert!(!quorum(&[LOG_LINE, &l2, &l3]));
    assert!(quorum(&[LOG_LINE, W1_LINE, &l3]));
    let verdict = policy
        .evaluate(&note(&[LOG_LINE, W1_LINE, &l2]), ORIGIN)
        .unwrap();
    assert_eq!(verdict.cosigned, [(0, TIME), (1, 7)]);
    assert_eq!(verdict.checkpoint.size, 8);
    let none = Policy::parse(&format!("log {LOG}\nquorum none")).unwrap();
    assert!(none.evaluate(&note(&[LOG_LINE]), ORIGIN).unwrap().quorum);
    assert!(!none.needs_witnesses());
}

#[test]
fn a_policy_refuses_bad_lines_of_known_keys_and_notes_of_other_logs() {
    let (w2, s2) = key_of("w2.example", 2);
    let text = format!("log {LOG}\nwitness w1 {W1}\nwitness w2 {w2}\nquorum w2\n");
    let policy = Policy::parse(&text).unwrap();
    let good = line(&w2, &s2, 7);
    // Signed for another time: the line is well formed and does not hold.
    let signature = s2.sign(cosignature_message(6, TEXT).as_bytes()).to_bytes();
    let bad = w2.cosignature(7, &signature).unwrap().to_line();
    assert!(matches!(
        policy.evaluate(&note(&[LOG_LINE, W1_LINE, &bad]), ORIGIN),
        Err(PolicyRefusal::Cosignature { .. })
    ));
    assert!(
        policy.evaluate(&note(&[&good]), ORIGIN).is_err(),
        "no line of the log"
    );
    assert!(
        policy
            .evaluate(&note(&[LOG_LINE, &good]), "other.example")
            .is_err()
    );
}

#[test]
fn a_policy_that_is_wrong_names_the_line() {
    let two = |line: &str| format!("log {LOG}\nwitness w1 {W1}\n{line}\n");
    let fault = |text: &str| {
        let error = Policy::parse(text).unwrap_err();
        (error.line, error.fault)
    };
    for (line, expected) in [
        ("quorom w1", PolicyFault::Keyword("quorom".into())),
        ("quorum w2", PolicyFault::Unknown("w2".into())),
        ("quorum", PolicyFault::Words("quorum")),
        ("group g any", PolicyFault::Words("group")),
        ("group g 0 w1", PolicyFault::Threshold("0".into())),
        ("group g 2 w1", PolicyFault::Threshold("2".into())),
        ("group g 01 w1", PolicyFault::Threshold("01".into())),
        (
            "group g any w1 w1",
            PolicyFault::DuplicateMember("w1".into()),
        ),
        ("group g any g", PolicyFault::Unknown("g".into())),
        ("group w1 any w1", PolicyFault::DuplicateName("w1".into())),
        (
            "group none any w1",
            PolicyFault::DuplicateName("none".into()),
        ),
        ("quorum w1\r", PolicyFault::Control('\r')),
    ] {
        assert_eq!(fault(&two(line)), (3, expected), "{line}");
    }
    let again = format!("witness w9 {W1}");
    assert!(matches!(
        fault(&two(&again)),
        (3, PolicyFault::DuplicateKey(_))
    ));
    assert_eq!(
        fault(&two("quorum w1\nquorum w1")),
        (4, PolicyFault::SecondQuorum)
    );
    assert_eq!(fault(&two("")).1, PolicyFault::NoQuorum);
    assert_eq!(fault("quorum none\n").1, PolicyFault::NoLog);
    assert!(matches!(
        fault(&format!("log {W1}")),
        (1, PolicyFault::Key(_))
    ));
}
