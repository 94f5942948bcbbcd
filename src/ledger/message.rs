//! A message: a submission's body, read, together with who signed it. What `apply` takes.

use alloc::string::String;
use alloc::vec::Vec;

use super::batch::Batch;
use super::id::{InstructionId, MessageId, ParticipantId};
use super::instruction::Instruction;
use super::seal::SealOrder;
use super::time::Time;

/// One signature whose bytes have been verified against a registered key. Whether the key is
/// still active is for `admit` to say, at the very index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The participant named in the key name.
    pub participant: ParticipantId,
    /// Key name, `<participant>/<label>`.
    pub key_name: String,
    /// Key id.
    pub key_id: u32,
    /// Ed25519 signature over the statement.
    pub signature: [u8; 64],
}

/// Who asked: everything item 0 holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorisation {
    /// The submitter.
    pub submitter: ParticipantId,
    /// Content type of the body, without parameters.
    pub content_type: String,
    /// SHA-256 of the exact body bytes.
    pub body_hash: [u8; 32],
    /// When the message says it was made.
    pub created: Time,
    /// The submitter's id for the message.
    pub message_id: MessageId,
    /// Whether the message is all-or-nothing.
    pub atomic: bool,
    /// The signatures.
    pub signatures: Vec<Signature>,
}

/// A message, ready to be applied. Its instructions carry no text: texts are not the ledger's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Who asked.
    pub authorisation: Authorisation,
    /// What is asked for, in order; empty in a batch.
    pub instructions: Vec<Instruction>,
    /// What a binary batch asks for.
    pub batch: Option<Batch>,
    /// In the node's own messages, which have no instructions: the seal to be logged.
    pub seal: Option<SealOrder>,
}

impl Message {
    /// How many instructions there are; transfers of a batch are instructions.
    #[must_use]
    pub fn len(&self) -> u32 {
        match &self.batch {
            Some(batch) => batch.len(),
            None => u32::try_from(self.instructions.len()).unwrap_or(u32::MAX),
        }
    }

    /// Whether there are none, as in messages of the node's own.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The ids that decide whether a message lies inside the window, with their ordinals: those of
    /// a batch have all the time of the first. What is proposed stands behind everything else.
    pub(super) fn ids(&self) -> impl Iterator<Item = (u32, InstructionId)> {
        let batch = self.batch.iter().map(|batch| (0, batch.first_id));
        let ids = self.instructions.iter().map(Instruction::id);
        let proposed = (0u32..).zip(&self.instructions);
        let proposed = proposed.filter(|(_, instruction)| !instruction.proposed().is_empty());
        let proposed = proposed.flat_map(|(n, instruction)| {
            let proposed = instruction.proposed().iter();
            proposed.map(move |proposed| (n, proposed.id()))
        });
        batch.chain((0u32..).zip(ids)).chain(proposed)
    }

    /// How many ids it uses up.
    pub(super) fn ids_used(&self) -> u64 {
        let proposed = self.instructions.iter().map(|i| i.proposed().len());
        let proposed = proposed.fold(0usize, usize::saturating_add);
        u64::from(self.len()).saturating_add(u64::try_from(proposed).unwrap_or(u64::MAX))
    }

    /// How many keys of its submitter must sign it where its policy asks for so many: one is enough
    /// where it only proposes, approves, withdraws or declines.
    #[must_use]
    pub fn keys_needed(&self, threshold: u32) -> u32 {
        let mut instructions = self.instructions.iter();
        let about_proposals =
            !self.instructions.is_empty() && instructions.all(Instruction::is_about_proposal);
        if about_proposals { 1 } else { threshold }
    }
}

impl Authorisation {
    /// Turns this into item 0.
    #[must_use]
    pub fn to_item(&self, instructions: u32) -> chain::Authorisation {
        chain::Authorisation {
            submitter: self.submitter.as_str().into(),
            content_type: self.content_type.clone(),
            body_hash: chain::Hash::from_bytes(self.body_hash),
            created: self.created.nanos(),
            message_id: self.message_id.as_str().into(),
            atomic: self.atomic,
            instructions,
            signatures: self
                .signatures
                .iter()
                .map(|s| chain::AuthorisationSignature {
                    key_name: s.key_name.clone(),
                    key_id: chain::KeyId::new(s.key_id),
                    signature: s.signature,
                })
                .collect(),
        }
    }

    /// Reads item 0 back.
    ///
    /// # Errors
    /// [`super::Invalid`] if a name in it breaks its grammar.
    pub fn from_item(item: &chain::Authorisation) -> Result<Self, super::Invalid> {
        let mut signatures = Vec::with_capacity(item.signatures.len());
        for s in &item.signatures {
            let name = s
                .key_name
                .split_once('/')
                .map_or("", |(participant, _)| participant);
            signatures.push(Signature {
                participant: ParticipantId::new(name)?,
                key_name: s.key_name.clone(),
                key_id: s.key_id.get(),
                signature: s.signature,
            });
        }
        Ok(Self {
            submitter: ParticipantId::new(&item.submitter)?,
            content_type: item.content_type.clone(),
            body_hash: *item.body_hash.as_bytes(),
            created: Time::from_nanos(item.created),
            message_id: MessageId::new(&item.message_id)?,
            atomic: item.atomic,
            signatures,
        })
    }
}
