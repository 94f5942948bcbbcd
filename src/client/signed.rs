//! A message on its way between those who sign it: exact bytes, for which log, signatures so far.
//!
//! ```text
//!   submit --sign-only ──▶ file ──▶ sign ──▶ sign ──▶ submit
//! ```
//!
//! Every signer signs the same statement (`chain::statement`), so the file says all that it is made
//! of. Nothing in the file is believed: what is shown before a signature is what the statement and
//! the bytes under it say.

use chain::statement::{Purpose, StatementError, parse_submission, submission_text};
use chain::{Hash, NoteError, NoteSignature, SignError, Signer};
use serde::{Deserialize, Serialize};

use super::Outgoing;
use crate::limits;
use crate::wire::base64::{Bytes, HashText};

/// The version of the file that this code reads and writes.
const VERSION: u32 = 1;

/// A message with some of its signatures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedMessage {
    /// Version of the file; it also tells it from a body.
    pub quittance_message: u32,
    /// Origin of the log that it is for.
    pub origin: String,
    /// Leaf hash of that log's entry 0.
    pub genesis_hash: HashText,
    /// `live` or `sandbox`, as the node said; no signature speaks for it.
    pub mode: String,
    /// Participant that submits.
    pub submitter: String,
    /// Content type of the body.
    pub content_type: String,
    /// The exact bytes.
    pub body: Bytes,
    /// Signatures, as in the header `Quittance-Signature`.
    pub signatures: Vec<String>,
}

/// A file that is no message, or a signature that cannot be added.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignedMessageError {
    /// Not the JSON it should be.
    #[error("{0}")]
    Json(String),
    /// A version this code does not know.
    #[error("its version is {0}, not {VERSION}")]
    Version(u32),
    /// Its fields make no statement that a node would rebuild.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// One of its signatures has not the form of one.
    #[error(transparent)]
    Signature(#[from] NoteError),
    /// It says too much or too little.
    #[error("its body has {found} bytes, at most {max} are taken")]
    Body {
        /// Bytes in the file.
        found: usize,
        /// The limit.
        max: usize,
    },
    /// More signatures than a node takes.
    #[error("a message has at most {} signatures", limits::SIGNATURES_MAX)]
    Full,
    /// The key did not sign.
    #[error("the key did not sign: {0}")]
    Sign(#[from] SignError),
}

impl SignedMessage {
    /// A message for a log, without a signature yet.
    ///
    /// # Errors
    /// [`SignedMessageError`] if no node could take it.
    pub fn new(log: &crate::wire::LogView, out: &Outgoing<'_>) -> Result<Self, SignedMessageError> {
        let message = Self {
            quittance_message: VERSION,
            origin: log.origin.clone(),
            genesis_hash: log.genesis_hash,
            mode: log.mode.clone(),
            submitter: out.submitter.to_owned(),
            content_type: out.content_type.to_owned(),
            body: Bytes(out.body.to_vec()),
            signatures: Vec::new(),
        };
        message.check()?;
        Ok(message)
    }

    /// Whether bytes claim to be such a file, be they whole or not: a body never has its field.
    #[must_use]
    pub fn is_meant(bytes: &[u8]) -> bool {
        let start = bytes.trim_ascii_start();
        let inner = start.strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
        inner.is_some_and(|inner| inner.starts_with(b"\"quittance_message\""))
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`SignedMessageError`], which names the first thing that is wrong.
    pub fn from_json(bytes: &[u8]) -> Result<Self, SignedMessageError> {
        let message: Self = serde_json::from_slice(bytes)
            .map_err(|error| SignedMessageError::Json(error.to_string()))?;
        message.check()?;
        Ok(message)
    }

    /// The file's text, with a line end.
    ///
    /// # Panics
    /// Never: every field has a JSON form.
    #[must_use]
    pub fn to_json(&self) -> String {
        let json = serde_json::to_string_pretty(self);
        json.expect("every field has a JSON form") + "\n"
    }

    fn check(&self) -> Result<(), SignedMessageError> {
        if self.quittance_message != VERSION {
            return Err(SignedMessageError::Version(self.quittance_message));
        }
        let (found, max) = (self.body.0.len(), limits::BODY_BYTES_MAX);
        if found > max {
            return Err(SignedMessageError::Body { found, max });
        }
        if self.signatures.len() > limits::SIGNATURES_MAX {
            return Err(SignedMessageError::Full);
        }
        parse_submission(&self.statement())?;
        self.signed().map(|_| ())
    }

    /// What every signer signs.
    #[must_use]
    pub fn statement(&self) -> String {
        submission_text(
            Purpose::Submission,
            &self.origin,
            &self.genesis_hash.0,
            &self.submitter,
            &self.content_type,
            &Hash::sha256(&self.body.0),
        )
    }

    /// The signatures so far. Whether they hold is for the node to say, which knows the keys.
    ///
    /// # Errors
    /// [`SignedMessageError::Signature`].
    pub fn signed(&self) -> Result<Vec<NoteSignature>, SignedMessageError> {
        let parse = |text: &String| NoteSignature::parse_header(text).map_err(Into::into);
        self.signatures.iter().map(parse).collect()
    }

    /// Adds a key's signature; false if the same key has signed before.
    ///
    /// # Errors
    /// [`SignedMessageError`] if the key does not sign, or there are too many.
    pub fn sign(&mut self, signer: &dyn Signer) -> Result<bool, SignedMessageError> {
        let signature = NoteSignature::sign(&self.statement(), signer)?;
        self.add(&signature)
    }

    /// Takes over the signatures of a copy of the same message; tells how many were new, or `None`
    /// if it is another message.
    ///
    /// # Errors
    /// [`SignedMessageError`] if there are too many.
    pub fn take(&mut self, copy: &Self) -> Result<Option<usize>, SignedMessageError> {
        if copy.statement() != self.statement() {
            return Ok(None);
        }
        let mut taken = 0;
        for signature in copy.signed()? {
            taken += usize::from(self.add(&signature)?);
        }
        Ok(Some(taken))
    }

    fn add(&mut self, signature: &NoteSignature) -> Result<bool, SignedMessageError> {
        let same = |is: &NoteSignature| is.name() == signature.name() && is.id() == signature.id();
        if self.signed()?.iter().any(same) {
            return Ok(false);
        }
        if self.signatures.len() >= limits::SIGNATURES_MAX {
            return Err(SignedMessageError::Full);
        }
        self.signatures.push(signature.to_header());
        Ok(true)
    }

    /// What is sent through the door.
    #[must_use]
    pub fn outgoing(&self) -> Outgoing<'_> {
        Outgoing {
            submitter: &self.submitter,
            content_type: &self.content_type,
            body: &self.body.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keys::SigningKey;

    fn message() -> SignedMessage {
        SignedMessage {
            quittance_message: VERSION,
            origin: "settle.example/eu1".into(),
            genesis_hash: HashText(Hash::sha256(b"genesis")),
            mode: "live".into(),
            submitter: "bank-a".into(),
            content_type: "application/json".into(),
            body: Bytes(b"{}".to_vec()),
            signatures: Vec::new(),
        }
    }

    #[test]
    fn signatures_come_one_by_one_or_from_copies_and_never_twice() {
        let (one, two) = ("bank-a/one", "bank-b/one");
        let [one, two] = [one, two].map(|name| SigningKey::generate(name).unwrap());
        let (mut first, mut second) = (message(), message());
        assert!(first.sign(&one).unwrap() && !first.sign(&one).unwrap());
        assert!(second.sign(&two).unwrap());
        assert_eq!(first.take(&second).unwrap(), Some(1));
        assert_eq!(first.take(&second).unwrap(), Some(0));
        let again = SignedMessage::from_json(first.to_json().as_bytes()).unwrap();
        assert!(SignedMessage::is_meant(first.to_json().as_bytes()));
        for (signature, key) in again.signed().unwrap().iter().zip([&one, &two]) {
            let text = again.statement();
            signature.verify(&text, key.verifier_key()).unwrap();
        }
        second.body.0.push(b' ');
        assert_eq!(first.take(&second).unwrap(), None);
    }

    #[test]
    fn a_file_that_no_node_would_take_is_refused() {
        let refused = |change: fn(&mut SignedMessage)| {
            let mut wrong = message();
            change(&mut wrong);
            SignedMessage::from_json(wrong.to_json().as_bytes()).is_err()
        };
        assert!(!refused(|_| ()));
        assert!(refused(|m| m.quittance_message = 2));
        assert!(refused(|m| m.origin.push_str("\noperators")));
        assert!(refused(|m| m.submitter = "Bank A".into()));
        assert!(refused(|m| m.content_type = "text/plain; x".into()));
        assert!(refused(
            |m| m.body.0 = vec![b' '; limits::BODY_BYTES_MAX + 1]
        ));
        assert!(refused(|m| m.signatures = vec!["nobody".into()]));
        let mut full = message();
        for n in 0..limits::SIGNATURES_MAX {
            let key = SigningKey::generate(&format!("bank-a/{n}")).unwrap();
            assert!(full.sign(&key).unwrap());
        }
        let one_more = SigningKey::generate("bank-a/more").unwrap();
        assert!(matches!(
            full.sign(&one_more),
            Err(SignedMessageError::Full)
        ));
    }
}
