//! Verifier keys: the public half of a signed-note key.
//!
//! ```text
//! settle.example/log1+34576c8c+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4
//! name                key id   base64(0x01 || 32-byte Ed25519 public key)
//! ```
//!
//! The key id is the first four bytes of `SHA-256(name || 0x0A || 0x01 || public key)`: it finds
//! the key and proves nothing. Form and rules are those of C2SP signed-note; 0x01 is Ed25519.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use base64ct::{Base64, Encoding};
use ed25519_dalek::{Signature, Verifier, VerifyingKey};

use crate::hash::Hash;
use crate::text::{array_at, is_key_name, parse_base64};

const ED25519: u8 = 0x01;
const KEY_BYTES: usize = 1 + 32;

/// The canonical texts of all points of small order: the eight of edwards25519's torsion (RFC 8032,
/// section 5.1; a test compares them with the curve's).
const SMALL_ORDER: [[u8; 32]; 8] = {
    let (mut zero, mut one, mut last) = ([0; 32], [0; 32], [0xff; 32]);
    zero[31] = 0x80;
    one[0] = 1;
    (last[0], last[31]) = (0xec, 0x7f);
    let (third, fourth) = (EIGHTH_ORDER[0], EIGHTH_ORDER[1]);
    let (mut fifth, mut sixth) = (third, fourth);
    (fifth[31], sixth[31]) = (third[31] | 0x80, fourth[31] | 0x80);
    [[0; 32], zero, one, last, third, fourth, fifth, sixth]
};

/// The two of order eight whose sign is not set.
const EIGHTH_ORDER: [[u8; 32]; 2] = [
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

/// The short number of a key in signature lines; `Display` is eight lower-case hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(u32);

impl KeyId {
    /// Takes the number as it is.
    #[must_use]
    pub const fn new(number: u32) -> KeyId {
        KeyId(number)
    }

    /// Computes the id of a key from its name, algorithm byte and public key.
    #[must_use]
    pub fn derive(name: &str, algorithm: u8, public_key: &[u8]) -> KeyId {
        let hash = Hash::sha256_parts(&[name.as_bytes(), b"\n", &[algorithm], public_key]);
        KeyId(u32::from_be_bytes(array_at(hash.as_bytes(), 0)))
    }

    /// Returns the number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Returns the four big-endian bytes that precede a signature.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 4] {
        self.0.to_be_bytes()
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

impl FromStr for KeyId {
    type Err = VerifierKeyError;

    fn from_str(text: &str) -> Result<KeyId, VerifierKeyError> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 8 || !text.bytes().all(is_digit) {
            return Err(VerifierKeyError::KeyIdText(text.into()));
        }
        u32::from_str_radix(text, 16)
            .map(KeyId)
            .map_err(|_| VerifierKeyError::KeyIdText(text.into()))
    }
}

/// A name and an Ed25519 public key; `Display` and [`VerifierKey::parse`] are the text pair.
///
/// The decompressed curve point is kept, so a verification does not pay for it again.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: KeyId,
    key: VerifyingKey,
    /// Whether the key's point has small order: nothing holds under it.
    weak: bool,
}

/// A text or bytes that are not a verifier key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifierKeyError {
    /// Not three parts joined by `+`.
    #[error("a verifier key is `name+id+key`, not {0:?}")]
    Form(String),
    /// The name is empty or has white space, `+` or a control character.
    #[error("{0:?} cannot be a key name")]
    Name(String),
    /// The key id is not eight lower-case hex digits.
    #[error("{0:?} is not a key id of eight lower-case hex digits")]
    KeyIdText(String),
    /// The key part is not canonical base64.
    #[error("{0:?} is not canonical base64")]
    Base64(String),
    /// The algorithm byte is absent or not 0x01.
    #[error("unknown key algorithm {0:?}, expected 1 (Ed25519)")]
    Algorithm(Option<u8>),
    /// The algorithm byte is absent or not 0x04, that of a witness's key.
    #[error(
        "key algorithm {0:?} is not a witness's, which is 4: the same key as a witness's has another text"
    )]
    NotWitness(Option<u8>),
    /// The key has not 32 bytes.
    #[error("an Ed25519 public key has 32 bytes, not {0}")]
    KeyLength(usize),
    /// The bytes are not the encoding of a curve point.
    #[error("{0} is not the encoding of a curve point")]
    Point(Hash),
    /// The stated key id is not that of this name and key.
    #[error("the key id is {computed}, not {stated}")]
    KeyIdMismatch {
        /// The id in the text.
        stated: KeyId,
        /// The id that follows from name and key.
        computed: KeyId,
    },
}

/// A signature that does not hold under a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The signature is not one of this key over this message.
    #[error("signature by key {0} does not verify")]
    Invalid(KeyId),
    /// The signature has not the length of its algorithm.
    #[error("signature by key {id} has {found} bytes, not 64")]
    Length {
        /// The key named beside the signature.
        id: KeyId,
        /// The length found.
        found: usize,
    },
    /// The signature names another key than the one it is checked with.
    #[error("signature names key {found}, expected {expected}")]
    OtherKey {
        /// The key named beside the signature.
        found: KeyId,
        /// The key it was to be checked with.
        expected: KeyId,
    },
}

/// Why a public key must not be registered in a log.
///
/// Such keys verify signatures that their holder never made, or verify under one Ed25519
/// implementation and not under another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegistrationError {
    /// The point has small order: a signature exists for almost any message.
    #[error("key {0} has small order")]
    Weak(KeyId),
    /// The point has a component of small order: implementations disagree about its signatures.
    #[error("key {0} is not torsion free")]
    Torsion(KeyId),
    /// The bytes are a second spelling of a point.
    #[error("key {0} is not the canonical encoding of its point")]
    NotCanonical(KeyId),
}

impl VerifierKey {
    /// Joins a name and the 32 bytes of an Ed25519 public key.
    ///
    /// # Errors
    /// [`VerifierKeyError::Name`] or [`VerifierKeyError::Point`].
    pub fn new(name: &str, public_key: &[u8; 32]) -> Result<VerifierKey, VerifierKeyError> {
        if !is_key_name(name) {
            return Err(VerifierKeyError::Name(name.into()));
        }
        let key = VerifyingKey::from_bytes(public_key)
            .map_err(|_| VerifierKeyError::Point(Hash::from_bytes(*public_key)))?;
        let id = KeyId::derive(name, ED25519, public_key);
        Ok(VerifierKey {
            name: name.into(),
            id,
            weak: key.is_weak(),
            key,
        })
    }

    /// Reads `name+id+base64`, the text that `Display` writes.
    ///
    /// # Errors
    /// [`VerifierKeyError`] for any other text, also if the id does not belong to the key.
    pub fn parse(text: &str) -> Result<VerifierKey, VerifierKeyError> {
        // The base64 may hold `+`; name and id cannot.
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(VerifierKeyError::Form(text.into()));
        };
        let stated: KeyId = id.parse()?;
        let bytes = parse_base64(key).ok_or_else(|| VerifierKeyError::Base64(key.into()))?;
        let Some((&ED25519, public_key)) = bytes.split_first() else {
            return Err(VerifierKeyError::Algorithm(bytes.first().copied()));
        };
        let public_key = public_key
            .try_into()
            .map_err(|_| VerifierKeyError::KeyLength(public_key.len()))?;
        let key = VerifierKey::new(name, public_key)?;
        if key.id != stated {
            return Err(VerifierKeyError::KeyIdMismatch {
                stated,
                computed: key.id,
            });
        }
        Ok(key)
    }

    /// Returns the name, such as `bank-a/hsm-1`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the key id.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// Returns the 32 bytes of the public key, as they were given.
    #[must_use]
    pub fn public_key(&self) -> [u8; 32] {
        self.key.to_bytes()
    }

    /// Checks an Ed25519 signature, strictly: no small-order `R` or key, canonical `R` and `s`.
    ///
    /// It accepts what dalek's `verify_strict` does, without decompressing `R`: a verification makes
    /// `R` anew and compares bytes, so whatever it accepts is the canonical text of a point, and of those
    /// only eight have small order.
    ///
    /// # Errors
    /// [`SignatureError::Invalid`] if it does not hold.
    pub fn verify(&self, message: &[u8], signature: &[u8; 64]) -> Result<(), SignatureError> {
        let invalid = SignatureError::Invalid(self.id);
        if self.weak || SMALL_ORDER.iter().any(|small| signature.starts_with(small)) {
            return Err(invalid);
        }
        let signature = Signature::from_bytes(signature);
        let held = self.key.verify(message, &signature);
        held.map_err(|_| invalid)
    }

    /// Checks that the key is fit to be registered: canonical, of full order, without torsion.
    ///
    /// # Errors
    /// [`RegistrationError`] naming the first test that fails.
    pub fn check_registration(&self) -> Result<(), RegistrationError> {
        let point = self.key.to_edwards();
        if self.key.is_weak() {
            return Err(RegistrationError::Weak(self.id));
        }
        if point.compress().to_bytes() != self.public_key() {
            return Err(RegistrationError::NotCanonical(self.id));
        }
        if !point.is_torsion_free() {
            return Err(RegistrationError::Torsion(self.id));
        }
        Ok(())
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [ED25519; KEY_BYTES];
        bytes[1..].copy_from_slice(self.key.as_bytes());
        let mut buffer = [0; KEY_BYTES.div_ceil(3) * 4];
        let key = Base64::encode(&bytes, &mut buffer).expect("33 bytes are 44 characters");
        write!(f, "{}+{}+{key}", self.name, self.id)
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierKey({self})")
    }
}

impl FromStr for VerifierKey {
    type Err = VerifierKeyError;

    fn from_str(text: &str) -> Result<VerifierKey, VerifierKeyError> {
        VerifierKey::parse(text)
    }
}
