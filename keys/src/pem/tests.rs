//! Texts of our own and of other tools, whole, damaged and hostile.

use pkcs8::PrivateKeyInfoRef;
use pkcs8::der::asn1::{BitStringRef, OctetStringRef};
use pkcs8::der::pem::LineEnding;
use pkcs8::spki::AlgorithmIdentifier;

use super::*;

const OPENSSL: &str = include_str!("../../testdata/throw-away-openssl.pem");
const OPENSSL_ENCRYPTED: &str = include_str!("../../testdata/throw-away-openssl-encrypted.pem");
const OPENSSL_SCRYPT: &str = include_str!("../../testdata/throw-away-openssl-scrypt.pem");
const V2: &str = include_str!("../../testdata/throw-away-v2.pem");
const X25519: &str = include_str!("../../testdata/throw-away-x25519.pem");
const NAME: &str = "bank-a/hsm-1";

fn passphrase() -> Passphrase {
    Passphrase::new("throw-away").unwrap()
}

fn key() -> SigningKey {
    SigningKey::from_seed(NAME, [7; 32]).unwrap()
}

fn encoded() -> String {
    encode(&key(), &passphrase(), PBKDF2_ROUNDS_MIN).unwrap()
}

fn opened(text: &str) -> Result<SigningKey, PemError> {
    decode(text, Unlock::Passphrase(&passphrase()), None)
}

/// What `openssl pkey -text` prints for the public key.
fn begins(key: &SigningKey, start: [u8; 4]) -> bool {
    key.verifier_key().public_key().starts_with(&start)
}

#[test]
fn round_trip_keeps_seed_and_name() {
    let text = encoded();
    assert!(text.starts_with("Quittance-Key: bank-a/hsm-1+"), "{text}");
    let read = opened(&text).unwrap();
    assert_eq!(read.seed(), key().seed());
    assert_eq!(read.verifier_key(), key().verifier_key());
    assert_ne!(encoded(), text, "salt and vector are drawn each time");
}

#[test]
fn line_breaks_may_be_those_of_windows() {
    assert!(opened(&encoded().replace('\n', "\r\n")).is_ok());
}

#[test]
fn wrong_passphrase_is_told() {
    let text = encoded();
    // Enough of them that some yield good padding around garbage.
    for number in 0..1500 {
        let wrong = Passphrase::new(&format!("wrong {number}")).unwrap();
        let error = decode(&text, Unlock::Passphrase(&wrong), None).unwrap_err();
        assert!(
            matches!(error, PemError::WrongPassphrase),
            "{number}: {error}"
        );
    }
}

#[test]
fn no_flipped_bit_gives_another_key() {
    let text = encoded();
    let (label, der) = pem::decode_vec(text.as_bytes()).unwrap();
    let first = text.lines().next().unwrap();
    for bit in 0..der.len() * 8 {
        let mut flipped = der.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let block = pem::encode_string(label, LineEnding::LF, &flipped).unwrap();
        // A flipped bit may ask for millions of rounds; the bounds are tested elsewhere.
        if costly(&flipped) {
            continue;
        }
        // A bit that changes nothing (of the padding, say) may pass; another key may not.
        if let Ok(read) = opened(&format!("{first}\n{block}")) {
            assert_eq!(read.seed(), key().seed(), "bit {bit}");
        }
    }
}

fn costly(der: &[u8]) -> bool {
    let Ok(info) = EncryptedPrivateKeyInfoRef::from_der(der) else {
        return false;
    };
    let scheme = info.encryption_algorithm.pbes2();
    let rounds = scheme
        .and_then(|scheme| scheme.kdf.pbkdf2())
        .map(|kdf| kdf.iteration_count);
    rounds.is_some_and(|rounds| rounds > 2 * PBKDF2_ROUNDS_MIN)
}

#[test]
fn a_seed_damaged_inside_the_encryption_is_noticed() {
    let text = encoded();
    let (label, mut der) = pem::decode_vec(text.as_bytes()).unwrap();
    // The last 64 bytes are four blocks of AES-CBC: prefix, seed, seed, padding. A bit flipped in
    // the second garbles that block and flips one bit of the third; prefix and padding stay whole.
    let end = der.len();
    der[end - 48] ^= 1;
    let block = pem::encode_string(label, LineEnding::LF, &der).unwrap();
    let first = text.lines().next().unwrap();
    let error = opened(&format!("{first}\n{block}")).unwrap_err();
    assert!(matches!(error, PemError::PublicKey { .. }), "{error}");
    // Without our first line nothing notices: why the line is there.
    let other = decode(&block, Unlock::Passphrase(&passphrase()), Some(NAME)).unwrap();
    assert_ne!(other.seed(), key().seed());
}

#[test]
fn truncated_texts_are_refused() {
    let text = encoded();
    for end in 0..text.len() - 1 {
        assert!(opened(&text[..end]).is_err(), "{end}");
    }
    // The last line break is not missed.
    assert!(opened(text.trim_end()).is_ok());
    assert!(opened(&format!("{text}{text}")).is_err());
}

#[test]
fn reads_keys_made_by_openssl() {
    let plain = decode(OPENSSL, Unlock::Unencrypted, Some(NAME)).unwrap();
    assert!(begins(&plain, [0x8e, 0xc2, 0x75, 0x42]));
    let unlock = Unlock::Passphrase(&passphrase());
    let encrypted = decode(OPENSSL_ENCRYPTED, unlock, Some(NAME)).unwrap();
    assert!(begins(&encrypted, [0x85, 0x3d, 0xf6, 0xe8]));
    let scrypt = decode(OPENSSL_SCRYPT, unlock, Some(NAME)).unwrap();
    assert_eq!(scrypt.seed(), plain.seed());
    assert_eq!(scrypt.verifier_key().name(), NAME);
}

#[test]
fn reads_version_2_and_checks_its_public_key() {
    let v2 = decode(V2, Unlock::Unencrypted, Some(NAME)).unwrap();
    assert!(begins(&v2, [0x8e, 0xc2, 0x75, 0x42]));
    let seed = [&SEED_PREFIX[..], v2.seed()].concat();
    let mut info = PrivateKeyInfoRef::new(
        AlgorithmIdentifier {
            oid: ED25519,
            parameters: None,
        },
        OctetStringRef::new(&seed).unwrap(),
    );
    let another = key().verifier_key().public_key();
    info.public_key = Some(BitStringRef::from_bytes(&another).unwrap());
    let der = info.to_der().unwrap();
    let text = pem::encode_string(LABEL_PLAIN, LineEnding::LF, &der).unwrap();
    let error = decode(&text, Unlock::Unencrypted, Some(NAME)).unwrap_err();
    assert!(matches!(error, PemError::PublicKey { .. }), "{error}");
}

#[test]
fn encryption_is_neither_assumed_nor_skipped() {
    let unlock = Unlock::Passphrase(&passphrase());
    let error = decode(OPENSSL, unlock, Some(NAME)).unwrap_err();
    assert!(matches!(error, PemError::Unencrypted), "{error}");
    let error = decode(&encoded(), Unlock::Unencrypted, None).unwrap_err();
    assert!(matches!(error, PemError::PassphraseNeeded), "{error}");
}

#[test]
fn names_must_be_there_once_and_agree() {
    let text = encoded();
    let unlock = Unlock::Passphrase(&passphrase());
    assert!(decode(&text, unlock, Some(NAME)).is_ok());
    let error = decode(&text, unlock, Some("bank-a/hsm-2")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "expected the key bank-a/hsm-2, found bank-a/hsm-1"
    );
    let error = decode(OPENSSL, Unlock::Unencrypted, None).unwrap_err();
    assert!(matches!(error, PemError::NameMissing), "{error}");
    let first = text.lines().next().unwrap();
    assert!(matches!(
        opened(&format!("{first}\n{text}")),
        Err(PemError::NameTwice)
    ));
    let broken = text.replacen("Quittance-Key: bank-a", "Quittance-Key: bank-b", 1);
    assert!(matches!(opened(&broken), Err(PemError::NameLine(_))));
}

#[test]
fn other_algorithms_and_labels_are_named() {
    let error = decode(X25519, Unlock::Unencrypted, Some(NAME))
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "expected an Ed25519 key (OID 1.3.101.112), found OID 1.3.101.110"
    );
    let other = OPENSSL.replace("PRIVATE KEY", "OPENSSH PRIVATE KEY");
    let error = decode(&other, Unlock::Unencrypted, Some(NAME))
        .unwrap_err()
        .to_string();
    assert!(error.ends_with("found `OPENSSH PRIVATE KEY`"), "{error}");
}

/// An encrypted key whose derivation parameters are ours to choose; it does not open.
fn sealed_with(kdf: pbes2::Kdf) -> String {
    let encryption = pbes2::EncryptionScheme::Aes256Cbc { iv: [0; 16] };
    let info = EncryptedPrivateKeyInfoRef {
        encryption_algorithm: pbes2::Parameters { kdf, encryption }.into(),
        encrypted_data: OctetStringRef::new(&[0; 64]).unwrap(),
    };
    let der = info.to_der().unwrap();
    pem::encode_string(LABEL_ENCRYPTED, LineEnding::LF, &der).unwrap()
}

#[test]
fn work_that_a_file_may_ask_for_is_bounded() {
    let unlock = Unlock::Passphrase(&passphrase());
    for rounds in [0, 1, 999, 10_000_001, 100_000_000] {
        let kdf = pbes2::Pbkdf2Params::hmac_sha256(rounds, b"salt").unwrap();
        let error = decode(&sealed_with(kdf.into()), unlock, Some(NAME)).unwrap_err();
        assert!(
            matches!(error, PemError::Rounds { found } if found == rounds),
            "{error}"
        );
    }
    for (n, r, p) in [
        (0, 8, 1),
        (1 << 9, 8, 1),
        (1 << 18, 8, 1),
        (1 << 14, 8, 9),
        (1 << 63, 8, 8),
    ] {
        let kdf = pbes2::ScryptParams {
            salt: pbes2::Salt::new(b"salt").unwrap(),
            cost_parameter: n,
            block_size: r,
            parallelization: p,
            key_length: None,
        };
        let error = decode(&sealed_with(kdf.into()), unlock, Some(NAME)).unwrap_err();
        assert!(matches!(error, PemError::Cost { .. }), "{error}");
    }
}

#[test]
fn errors_show_no_secret() {
    let text = encoded();
    let wrong = Passphrase::new("hunter2").unwrap();
    let unlock = Unlock::Passphrase(&wrong);
    assert_eq!(format!("{unlock:?}"), "Passphrase(Passphrase(...))");
    let error = decode(&text, unlock, None).unwrap_err();
    assert!(!format!("{error:?} {error}").contains("hunter2"));
    let broken = OPENSSL.replace('M', "?");
    let error = decode(&broken, Unlock::Unencrypted, Some(NAME)).unwrap_err();
    let secret = OPENSSL.lines().nth(2).unwrap();
    assert!(!format!("{error:?} {error}").contains(&secret[24..32]));
}
