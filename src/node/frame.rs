//! What a WAL frame holds: the inputs of one group, from which everything is computed again.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::body;
use super::bytes::{Bytes, BytesRef};
use super::packed::{Unpackable, unpack_batch};
use super::submission::Submission;
use crate::ledger::{
    Authorisation, BATCH_CONTENT_TYPE, Message, ParticipantId, SEAL_CONTENT_TYPE, SealOrder,
    Signature, TICK_CONTENT_TYPE, Time,
};
use crate::wire::{BodyLimits, parse_body};

const VERSION: u8 = 1;

/// One submission of a group with the salt that the sequencer drew for it.
#[derive(Debug)]
pub(super) struct Input {
    /// Entry salt.
    pub salt: [u8; 32],
    /// The submission.
    pub submission: Box<Submission>,
}

/// The inputs of one group.
#[derive(Debug)]
pub(super) struct Group {
    /// The time that the sequencer proposes, nanoseconds since 1970 UTC.
    pub proposed: u64,
    /// The submissions, in order.
    pub inputs: Vec<Input>,
}

#[derive(Serialize, Deserialize)]
struct Head {
    version: u8,
    proposed: u64,
    inputs: u32,
}

#[derive(Serialize)]
struct StoredRef<'a> {
    salt: [u8; 32],
    key: [u8; 32],
    submitter: &'a str,
    content_type: &'a str,
    signatures: Vec<(&'a str, u32, BytesRef<'a>)>,
    body: BytesRef<'a>,
}

#[derive(Deserialize)]
struct Stored {
    salt: [u8; 32],
    key: [u8; 32],
    submitter: ParticipantId,
    content_type: String,
    signatures: Vec<(String, u32, Bytes)>,
    body: Bytes,
}

/// Why a frame's payload cannot be read. Its checksum held, so this is a fault of the software
/// that wrote it or of the software that reads it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(super) enum FrameError {
    /// The encoding is broken.
    #[error("the group cannot be decoded: {0}")]
    Encoding(#[from] postcard::Error),
    /// The version is not one this code knows.
    #[error("the group has version {0}")]
    Version(u8),
    /// A body does not open.
    #[error("input {0}: {1}")]
    Body(u32, body::Unopenable),
    /// A body that was accepted once is not accepted now.
    #[error("input {0}: the body is refused with {1} at {2}")]
    Refused(u32, &'static str, String),
    /// A batch cannot be unpacked.
    #[error("input {0}: {1}")]
    Batch(u32, Unpackable),
    /// A batch cannot have been sent.
    #[error("input {0}: {1}")]
    Header(u32, chain::BatchError),
    /// A signature has the wrong length, or its name no participant.
    #[error("input {0}: a signature is malformed")]
    Signature(u32),
}

impl Group {
    /// Encodes the group.
    ///
    /// # Panics
    /// Never: every part has an encoding.
    #[must_use]
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let len: usize = self.inputs.iter().map(|i| i.submission.frame_len()).sum();
        let inputs = u32::try_from(self.inputs.len()).expect("groups are limited");
        let head = Head {
            version: VERSION,
            proposed: self.proposed,
            inputs,
        };
        let out = Vec::with_capacity(len + 64);
        let mut out = postcard::to_extend(&head, out).expect("every part has an encoding");
        for Input { salt, submission } in &self.inputs {
            let who = &submission.message.authorisation;
            let order = submission.message.seal.as_ref();
            let order = order.map(|order| {
                let created = who.created.nanos().to_be_bytes();
                [&created[..], &order.to_bytes()].concat()
            });
            let stored = StoredRef {
                salt: *salt,
                key: *submission.key,
                submitter: who.submitter.as_str(),
                content_type: &who.content_type,
                signatures: who
                    .signatures
                    .iter()
                    .map(|s| (s.key_name.as_str(), s.key_id, BytesRef(&s.signature)))
                    .collect(),
                body: BytesRef(order.as_deref().unwrap_or(&submission.sealed_body)),
            };
            out = postcard::to_extend(&stored, out).expect("every part has an encoding");
        }
        out
    }

    /// Decodes a group: opens and parses the bodies again.
    ///
    /// # Errors
    /// [`FrameError`].
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, FrameError> {
        let (head, mut rest): (Head, _) = postcard::take_from_bytes(bytes)?;
        if head.version != VERSION {
            return Err(FrameError::Version(head.version));
        }
        let mut inputs = Vec::new();
        for n in 0..head.inputs {
            let (stored, after): (Stored, _) = postcard::take_from_bytes(rest)?;
            rest = after;
            inputs.push(stored.into_input(n)?);
        }
        Ok(Self {
            proposed: head.proposed,
            inputs,
        })
    }
}

impl Stored {
    fn into_input(self, n: u32) -> Result<Input, FrameError> {
        let key = Zeroizing::new(self.key);
        if self.content_type == SEAL_CONTENT_TYPE {
            return self.into_seal(key, n);
        }
        if self.content_type == TICK_CONTENT_TYPE {
            return Ok(Input {
                salt: self.salt,
                submission: Box::new(Submission::of_tick()),
            });
        }
        let signatures = read_signatures(self.signatures, n)?;
        if self.content_type == BATCH_CONTENT_TYPE {
            return Self::batch(self.salt, self.submitter, key, signatures, self.body.0, n);
        }
        let plain = body::open(&key, &self.body.0).map_err(|error| FrameError::Body(n, error))?;
        let parsed = parse_body(&plain, &BodyLimits::default())
            .map_err(|error| FrameError::Refused(n, error.code, error.pointer))?;
        let authorisation = Authorisation {
            submitter: self.submitter,
            content_type: self.content_type,
            body_hash: *chain::Hash::sha256(&plain).as_bytes(),
            created: parsed.created,
            message_id: parsed.message_id,
            atomic: parsed.atomic,
            signatures,
        };
        let submission = Submission {
            message: Message {
                authorisation,
                instructions: parsed.instructions,
                batch: None,
                seal: None,
            },
            texts: parsed.texts,
            key,
            sealed_body: self.body.0,
        };
        Ok(Input {
            salt: self.salt,
            submission: Box::new(submission),
        })
    }

    /// A batch, which is not sealed: its records are the money part.
    fn batch(
        salt: [u8; 32],
        submitter: ParticipantId,
        key: body::EntryKey,
        signatures: Vec<Signature>,
        packed: Arc<Vec<u8>>,
        n: u32,
    ) -> Result<Input, FrameError> {
        let unpacked = unpack_batch(&packed).map_err(|error| FrameError::Batch(n, error))?;
        let mut authorisation = Authorisation {
            submitter,
            content_type: BATCH_CONTENT_TYPE.to_owned(),
            body_hash: [0; 32],
            created: unpacked.created,
            message_id: unpacked.message_id,
            atomic: unpacked.atomic,
            signatures,
        };
        let body = unpacked.batch.to_body(&authorisation);
        let body = body.map_err(|error| FrameError::Header(n, error))?;
        authorisation.body_hash = *chain::Hash::sha256(&body).as_bytes();
        let submission = Submission {
            message: Message {
                authorisation,
                instructions: Vec::new(),
                batch: Some(unpacked.batch),
                seal: None,
            },
            texts: Vec::new(),
            key,
            sealed_body: packed,
        };
        let submission = Box::new(submission);
        Ok(Input { salt, submission })
    }

    /// The node's own input: a seal. In the place of a body stand its `created`, which says when it
    /// was computed, and the order.
    fn into_seal(self, key: body::EntryKey, n: u32) -> Result<Input, FrameError> {
        let malformed = || FrameError::Body(n, body::Unopenable);
        let (created, order) = self.body.0.split_first_chunk::<8>().ok_or_else(malformed)?;
        let order = SealOrder::from_bytes(order).ok_or_else(malformed)?;
        let created = Time::from_nanos(u64::from_be_bytes(*created));
        Ok(Input {
            salt: self.salt,
            submission: Box::new(Submission::of_seal(order, created, key)),
        })
    }
}

/// Reads the signatures of input `n`.
fn read_signatures(
    stored: Vec<(String, u32, Bytes)>,
    n: u32,
) -> Result<Vec<Signature>, FrameError> {
    let read = |(key_name, key_id, bytes): (String, u32, Bytes)| {
        let participant = key_name.split_once('/').and_then(|(p, _)| p.parse().ok());
        let signature = <[u8; 64]>::try_from(bytes.0.as_slice()).ok();
        match (participant, signature) {
            (Some(participant), Some(signature)) => Ok(Signature {
                participant,
                key_name,
                key_id,
                signature,
            }),
            _ => Err(FrameError::Signature(n)),
        }
    };
    stored.into_iter().map(read).collect()
}
