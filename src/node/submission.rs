//! A submission on its way to the sequencer: verified, parsed, sealed.

use std::fmt;
use std::sync::Arc;

use chain::{Hash, salt};

use super::body::EntryKey;
use crate::ledger::{Message, SealOrder, Time};

/// What the door hands to the sequencer, and what a WAL frame is replayed into.
pub struct Submission {
    /// The message, without its texts.
    pub message: Message,
    /// The text part of each instruction.
    pub texts: Vec<Option<Box<str>>>,
    /// The erasable key.
    pub key: EntryKey,
    /// The body, encrypted under the key; of a batch, which holds nothing but the money part, the
    /// transfers, packed.
    pub sealed_body: Arc<Vec<u8>>,
}

impl fmt::Debug for Submission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Submission")
            .field("submitter", &self.message.authorisation.submitter)
            .field("message_id", &self.message.authorisation.message_id)
            .finish_non_exhaustive()
    }
}

impl Submission {
    /// The node's own wish to log a seal, computed at `created`. It has no body and no texts.
    #[must_use]
    pub fn of_seal(order: SealOrder, created: Time, key: EntryKey) -> Self {
        Self {
            message: order.into_message(created),
            texts: Vec::new(),
            key,
            sealed_body: Arc::default(),
        }
    }

    /// The node's own wish for whatever is due. It has no body, no texts, and nothing to encrypt.
    #[must_use]
    pub fn of_tick() -> Self {
        Self {
            message: Message::of_tick(),
            texts: Vec::new(),
            key: EntryKey::default(),
            sealed_body: Arc::default(),
        }
    }

    /// The commitment to the text part of item `n`, which belongs to the given instruction.
    #[must_use]
    pub fn text_commitment(&self, n: u32, instruction: u32) -> Option<Hash> {
        let text = self
            .texts
            .get(usize::try_from(instruction).ok()?)?
            .as_ref()?;
        Some(salt::commit(
            &salt::text_salt(&self.key, n),
            text.as_bytes(),
        ))
    }

    /// About how many bytes the submission adds to a WAL frame.
    #[must_use]
    pub fn frame_len(&self) -> usize {
        let signatures = self
            .message
            .authorisation
            .signatures
            .len()
            .saturating_mul(200);
        self.sealed_body
            .len()
            .saturating_add(signatures)
            .saturating_add(512)
    }
}
