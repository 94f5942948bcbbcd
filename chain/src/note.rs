//! Signed notes: the one signature format (C2SP signed-note, version 1.0.0).
//!
//! ```text
//! text, one or more lines
//!                                                      one empty line
//! — bank-a/hsm-1 base64(key id [4] || signature)       one line per signer, U+2014 first
//! ```
//!
//! What is signed is the text with its final line feed. In an HTTP header a signature stands as
//! `bank-a/hsm-1 base64(..)`, without dash and line feed.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use base64ct::{Base64, Encoding};

use crate::text::{array_at, is_key_name, parse_base64};
use crate::vkey::{KeyId, SignatureError, VerifierKey};

/// Largest note that is read, in bytes.
pub const NOTE_BYTES_MAX: usize = 1_000_000;
/// Largest number of signatures on a note. The specification demands at least 16.
pub const NOTE_SIGNATURES_MAX: usize = 100;

const DASH: &str = "\u{2014} ";

/// Makes signatures. Implemented where the secrets are; this crate sees none.
pub trait Signer {
    /// Returns the key that verifies what [`Signer::sign`] makes.
    fn verifier_key(&self) -> &VerifierKey;

    /// Signs exactly these bytes.
    ///
    /// # Errors
    /// [`SignError`] if the key may not or cannot sign.
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError>;
}

/// Why a signer made no signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// A rule forbids this signature; asking again does not help.
    #[error("key {id} refuses to sign: {rule}")]
    Refused {
        /// The key asked.
        id: KeyId,
        /// The rule, in words.
        rule: &'static str,
    },
    /// The device or agent that holds the key does not answer.
    #[error("key {id} cannot sign now: {cause}")]
    Unavailable {
        /// The key asked.
        id: KeyId,
        /// What is missing, in words.
        cause: &'static str,
    },
}

/// One signature of a note: who, with which key, and the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    name: String,
    id: KeyId,
    signature: Vec<u8>,
}

/// A text with signatures.
///
/// `Display` and [`Note::parse`] are the text pair. A value is always well formed; whether its
/// signatures hold is told by [`Note::verify`] alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// A note that is malformed, or that cannot be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoteError {
    /// More bytes than [`NOTE_BYTES_MAX`].
    #[error("a note of {0} bytes is too long")]
    Length(usize),
    /// Not UTF-8; the number is the offset of the first wrong byte.
    #[error("the note is not UTF-8 at byte {0}")]
    Utf8(usize),
    /// A control character other than line feed.
    #[error("the note has control character {0:?}")]
    Control(char),
    /// No empty line between a text and signatures, or a part does not end with a line feed.
    #[error("the note has no text and signatures divided by an empty line")]
    Form,
    /// A line that is not `— name base64`, or a header that is not `name base64`.
    #[error("{0:?} is not a signature")]
    SignatureForm(String),
    /// No signature at all, or more than [`NOTE_SIGNATURES_MAX`].
    #[error("a note has 1 to 100 signatures, not {0}")]
    Signatures(usize),
    /// Two signatures name the same key.
    #[error("two signatures name key {id} of {name:?}")]
    Duplicate {
        /// The key name.
        name: String,
        /// The key id.
        id: KeyId,
    },
    /// No signature is by a known key.
    #[error("none of the {signatures} signatures is by a known key")]
    NoKnownKey {
        /// Number of signatures on the note.
        signatures: usize,
    },
    /// The signature of a known key does not hold.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// A signer made no signature.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl NoteSignature {
    /// Puts a signature together.
    ///
    /// # Errors
    /// [`NoteError::SignatureForm`] if `name` cannot be a key name or `signature` is empty.
    pub fn new(name: &str, id: KeyId, signature: &[u8]) -> Result<NoteSignature, NoteError> {
        if !is_key_name(name) || signature.is_empty() {
            return Err(NoteError::SignatureForm(name.into()));
        }
        Ok(NoteSignature {
            name: name.into(),
            id,
            signature: signature.into(),
        })
    }

    /// Asks `signer` for its signature over `text`.
    ///
    /// # Errors
    /// [`SignError`] as the signer gives it.
    pub fn sign(text: &str, signer: &dyn Signer) -> Result<NoteSignature, SignError> {
        let key = signer.verifier_key();
        let signature = signer.sign(text.as_bytes())?.to_vec();
        Ok(NoteSignature {
            name: key.name().into(),
            id: key.id(),
            signature,
        })
    }

    /// Returns the key name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the key id.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// Returns the bytes after the key id: 64 for Ed25519.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Reads a signature line with its line feed.
    ///
    /// # Errors
    /// [`NoteError::SignatureForm`] for any text that [`NoteSignature::to_line`] does not write.
    pub fn parse_line(line: &str) -> Result<NoteSignature, NoteError> {
        line.strip_prefix(DASH)
            .and_then(|rest| rest.strip_suffix('\n'))
            .and_then(parse_signature)
            .ok_or_else(|| NoteError::SignatureForm(line.into()))
    }

    /// Writes the signature line with its line feed.
    #[must_use]
    pub fn to_line(&self) -> String {
        alloc::format!("{DASH}{}\n", self.to_header())
    }

    /// Length of the signature line in bytes.
    fn line_len(&self) -> usize {
        let bytes = self.id.to_bytes().len() + self.signature.len();
        DASH.len() + self.name.len() + " ".len() + bytes.div_ceil(3) * 4 + "\n".len()
    }

    /// Reads the value of a `Quittance-Signature` header.
    ///
    /// # Errors
    /// [`NoteError::SignatureForm`] for any text that [`NoteSignature::to_header`] does not write.
    pub fn parse_header(value: &str) -> Result<NoteSignature, NoteError> {
        parse_signature(value).ok_or_else(|| NoteError::SignatureForm(value.into()))
    }

    /// Writes the value of a `Quittance-Signature` header.
    #[must_use]
    pub fn to_header(&self) -> String {
        let bytes = [&self.id.to_bytes()[..], &self.signature].concat();
        alloc::format!("{} {}", self.name, Base64::encode_string(&bytes))
    }

    /// Checks this signature over `text` with the key it names.
    ///
    /// # Errors
    /// [`SignatureError`] if it names another key, has another length or does not hold.
    pub fn verify(&self, text: &str, key: &VerifierKey) -> Result<(), SignatureError> {
        if !self.is_by(key) {
            return Err(SignatureError::OtherKey {
                found: self.id,
                expected: key.id(),
            });
        }
        let signature =
            self.signature
                .as_slice()
                .try_into()
                .map_err(|_| SignatureError::Length {
                    id: self.id,
                    found: self.signature.len(),
                })?;
        key.verify(text.as_bytes(), signature)
    }

    /// Tells whether this signature names `key`, by name and id.
    #[must_use]
    pub fn is_by(&self, key: &VerifierKey) -> bool {
        self.id == key.id() && self.name == key.name()
    }
}

fn parse_signature(text: &str) -> Option<NoteSignature> {
    let (name, base64) = text.split_once(' ')?;
    let bytes = parse_base64(base64)?;
    if !is_key_name(name) || bytes.len() < 5 {
        return None;
    }
    let id = KeyId::new(u32::from_be_bytes(array_at(&bytes, 0)));
    Some(NoteSignature {
        name: name.to_owned(),
        id,
        signature: bytes[4..].to_vec(),
    })
}

impl Note {
    /// Joins a text and its signatures.
    ///
    /// # Errors
    /// [`NoteError`] if the result could not be read back.
    pub fn new(text: &str, signatures: Vec<NoteSignature>) -> Result<Note, NoteError> {
        check_text(text)?;
        check_signatures(&signatures)?;
        let lines = signatures.iter().map(NoteSignature::line_len);
        let length = text.len() + 1 + lines.sum::<usize>();
        if length > NOTE_BYTES_MAX {
            return Err(NoteError::Length(length));
        }
        Ok(Note {
            text: text.into(),
            signatures,
        })
    }

    /// Signs `text`, which ends with a line feed, with every signer in order.
    ///
    /// # Errors
    /// [`NoteError`] if the text is malformed, two signers share a key, or a signer fails.
    pub fn sign(text: &str, signers: &[&dyn Signer]) -> Result<Note, NoteError> {
        check_text(text)?;
        let signatures = signers
            .iter()
            .map(|signer| NoteSignature::sign(text, *signer))
            .collect::<Result<_, _>>()?;
        Note::new(text, signatures)
    }

    /// Reads a note, verifying nothing.
    ///
    /// # Errors
    /// [`NoteError`] for any bytes that `Display` does not write.
    pub fn parse(bytes: &[u8]) -> Result<Note, NoteError> {
        if bytes.len() > NOTE_BYTES_MAX {
            return Err(NoteError::Length(bytes.len()));
        }
        let note =
            core::str::from_utf8(bytes).map_err(|error| NoteError::Utf8(error.valid_up_to()))?;
        // Signature lines are never empty, so the last empty line ends the text.
        let split = note.rfind("\n\n").ok_or(NoteError::Form)?;
        let (text, lines) = (&note[..=split], &note[split + 2..]);
        // Counted before any is read: a hostile note has room for 60,000.
        let count = lines.matches('\n').count();
        if count > NOTE_SIGNATURES_MAX {
            return Err(NoteError::Signatures(count));
        }
        let signatures = lines
            .split_inclusive('\n')
            .map(NoteSignature::parse_line)
            .collect::<Result<_, _>>()?;
        Note::new(text, signatures)
    }

    /// Returns the signed text with its final line feed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the signatures, known and unknown, in their order.
    #[must_use]
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Checks the note against the keys the caller trusts and returns those that signed it.
    ///
    /// Signatures of unknown keys are passed over; that of a known key must hold, even beside
    /// others that do.
    ///
    /// # Errors
    /// [`NoteError::Signature`] if a known key's signature does not hold,
    /// [`NoteError::NoKnownKey`] if no known key signed.
    pub fn verify<'k>(&self, keys: &[&'k VerifierKey]) -> Result<Vec<&'k VerifierKey>, NoteError> {
        let mut signed_by = Vec::new();
        for signature in &self.signatures {
            if let Some(key) = keys.iter().find(|key| signature.is_by(key)) {
                signature.verify(&self.text, key)?;
                signed_by.push(*key);
            }
        }
        if signed_by.is_empty() {
            return Err(NoteError::NoKnownKey {
                signatures: self.signatures.len(),
            });
        }
        Ok(signed_by)
    }
}

fn check_text(text: &str) -> Result<(), NoteError> {
    if let Some(control) = text.chars().find(|c| *c < ' ' && *c != '\n') {
        return Err(NoteError::Control(control));
    }
    if text.ends_with('\n') {
        Ok(())
    } else {
        Err(NoteError::Form)
    }
}

fn check_signatures(signatures: &[NoteSignature]) -> Result<(), NoteError> {
    if !(1..=NOTE_SIGNATURES_MAX).contains(&signatures.len()) {
        return Err(NoteError::Signatures(signatures.len()));
    }
    for (position, this) in signatures.iter().enumerate() {
        let same = |other: &NoteSignature| other.id == this.id && other.name == this.name;
        if signatures[..position].iter().any(same) {
            return Err(NoteError::Duplicate {
                name: this.name.clone(),
                id: this.id,
            });
        }
    }
    Ok(())
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures
            .iter()
            .try_for_each(|signature| f.write_str(&signature.to_line()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn a_note_that_could_not_be_read_back_is_not_made() {
        for length in 1..8 {
            let id = KeyId::new(length);
            let bytes = alloc::vec![7; length as usize];
            let signature = NoteSignature::new("k\u{e9}y", id, &bytes).unwrap();
            assert_eq!(signature.line_len(), signature.to_line().len());
            let overhead = 2 + signature.line_len();
            let text = |length: usize| "x".repeat(length - overhead) + "\n";
            let longest = Note::new(&text(NOTE_BYTES_MAX), alloc::vec![signature.clone()]).unwrap();
            let printed = longest.to_string();
            assert_eq!(printed.len(), NOTE_BYTES_MAX);
            assert_eq!(Note::parse(printed.as_bytes()), Ok(longest));
            assert_eq!(
                Note::new(&text(NOTE_BYTES_MAX + 1), alloc::vec![signature]),
                Err(NoteError::Length(NOTE_BYTES_MAX + 1))
            );
        }
    }

    #[test]
    fn signatures_are_counted_before_they_are_read() {
        let note = alloc::format!("text\n\n{}", "no signature\n".repeat(101));
        assert_eq!(
            Note::parse(note.as_bytes()),
            Err(NoteError::Signatures(101))
        );
    }
}
