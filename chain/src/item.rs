//! Items: the leaves of an entry's payload tree, and the bytes they are hashed from.
//!
//! ```text
//! item 0      authorisation   who asked: submitter, body hash, signatures
//! items 1..   leg             one leg of an instruction that settled, for its two parties
//!             instruction     a governance instruction, or any instruction that was refused
//!             genesis         item 1 of entry 0
//!             seal            item 1 of a seal
//! ```
//!
//! Integers are big-endian; a text is a length (one byte, for JSON four) and its UTF-8 bytes.
//! Field tables with worked vectors: `SPEC.md`, section "Items".

use alloc::string::String;
use alloc::vec::Vec;

use crate::codec::{Reader, put_text};
use crate::leg::{LegItem, LegView};
use crate::seal::SealItem;
use crate::{Hash, KeyId};

/// The version byte that opens every item.
pub const ITEM_VERSION: u8 = 1;
/// The number that stands for "no leg" in an instruction item.
const NO_LEG: u16 = u16::MAX;

const TYPE_AUTHORISATION: u8 = 0;
pub(crate) const TYPE_LEG: u8 = 1;
const TYPE_INSTRUCTION: u8 = 2;
const TYPE_GENESIS: u8 = 3;
pub(crate) const TYPE_SEAL: u8 = 4;
/// A signature under an empty key name.
const SIGNATURE_BYTES_MIN: usize = 1 + 4 + 64;
pub(crate) const FLAG_TEXT: u8 = 1;
const FLAG_ATOMIC: u8 = 1;

/// Why bytes are not an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ItemError {
    /// The bytes end before the field does.
    #[error("item ends at byte {0}, inside a field")]
    Truncated(usize),
    /// Bytes are left over behind the last field.
    #[error("{0} bytes left over behind the item")]
    Trailing(usize),
    /// The version byte is not one this code knows.
    #[error("item version {0} is unknown")]
    Version(u8),
    /// The type byte is not one this code knows.
    #[error("item type {0} is unknown")]
    Type(u8),
    /// A field holds a value that its table does not allow.
    #[error("item field `{0}` holds a value that is not allowed")]
    Field(&'static str),
}

/// One signature of an authorisation, as in a signed note line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorisationSignature {
    /// Key name, `<participant>/<label>`.
    pub key_name: String,
    /// First four bytes of the key's hash, as in signed notes.
    pub key_id: KeyId,
    /// Ed25519 signature over the statement.
    pub signature: [u8; 64],
}

/// Item 0: who asked for the entry. Kept for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorisation {
    /// Participant id of the submitter.
    pub submitter: String,
    /// Content type of the body, without parameters.
    pub content_type: String,
    /// SHA-256 of the exact body bytes.
    pub body_hash: Hash,
    /// `created` of the message, nanoseconds since 1970 UTC.
    pub created: u64,
    /// Message id.
    pub message_id: String,
    /// Whether the message is all-or-nothing.
    pub atomic: bool,
    /// Number of instructions in the message.
    pub instructions: u32,
    /// The signatures that were counted.
    pub signatures: Vec<AuthorisationSignature>,
}

/// A governance instruction, or an instruction that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstructionItem {
    /// Ordinal of the instruction in its message.
    pub instruction: u32,
    /// Outcome number.
    pub outcome: u16,
    /// Ordinal of the leg a refusal points at.
    pub leg: Option<u16>,
    /// Instruction id (UUIDv7).
    pub id: [u8; 16],
    /// What the outcome refers to: the index of the entry that used the id, the number of the
    /// account opened; zero otherwise.
    pub detail: u64,
    /// The instruction as JSON, without its text fields.
    pub json: String,
    /// Commitment to the text part, if the instruction has one.
    pub text: Option<Hash>,
}

/// Any item.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all items are legs, and nobody keeps many of them"
)]
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Item {
    /// Item 0.
    Authorisation(Authorisation),
    /// A settled leg.
    Leg(LegItem),
    /// A governance or refused instruction.
    Instruction(InstructionItem),
    /// The genesis document, as JSON.
    Genesis(String),
    /// What a seal states, for auditors.
    Seal(SealItem),
}

impl Authorisation {
    /// Appends the item's bytes to `out`.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[ITEM_VERSION, TYPE_AUTHORISATION]);
        out.push(if self.atomic { FLAG_ATOMIC } else { 0 });
        put_text(out, &self.submitter);
        put_text(out, &self.content_type);
        out.extend_from_slice(self.body_hash.as_bytes());
        out.extend_from_slice(&self.created.to_be_bytes());
        put_text(out, &self.message_id);
        out.extend_from_slice(&self.instructions.to_be_bytes());
        debug_assert!(
            self.signatures.len() <= usize::from(u8::MAX),
            "signatures are limited"
        );
        out.push(u8::try_from(self.signatures.len()).unwrap_or(u8::MAX));
        for s in self.signatures.iter().take(usize::from(u8::MAX)) {
            put_text(out, &s.key_name);
            out.extend_from_slice(&s.key_id.get().to_be_bytes());
            out.extend_from_slice(&s.signature);
        }
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, ItemError> {
        let flags = r.u8()?;
        if flags & !FLAG_ATOMIC != 0 {
            return Err(ItemError::Field("flags"));
        }
        let submitter = r.text()?;
        let content_type = r.text()?;
        let body_hash = r.hash()?;
        let created = r.u64()?;
        let message_id = r.text()?;
        let instructions = r.u32()?;
        let count = r.u8()?;
        let mut signatures = Vec::with_capacity(r.room(count, SIGNATURE_BYTES_MIN));
        for _ in 0..count {
            let key_name = r.text()?;
            let key_id = KeyId::new(r.u32()?);
            signatures.push(AuthorisationSignature {
                key_name,
                key_id,
                signature: r.array()?,
            });
        }
        let atomic = flags & FLAG_ATOMIC != 0;
        Ok(Self {
            submitter,
            content_type,
            body_hash,
            created,
            message_id,
            atomic,
            instructions,
            signatures,
        })
    }
}

impl InstructionItem {
    /// Appends the item's bytes to `out`.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[ITEM_VERSION, TYPE_INSTRUCTION]);
        out.push(if self.text.is_some() { FLAG_TEXT } else { 0 });
        out.extend_from_slice(&self.instruction.to_be_bytes());
        out.extend_from_slice(&self.outcome.to_be_bytes());
        out.extend_from_slice(&self.leg.unwrap_or(NO_LEG).to_be_bytes());
        out.extend_from_slice(&self.id);
        out.extend_from_slice(&self.detail.to_be_bytes());
        put_json(out, &self.json);
        if let Some(text) = &self.text {
            out.extend_from_slice(text.as_bytes());
        }
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, ItemError> {
        let has_text = r.text_flag()?;
        let instruction = r.u32()?;
        let outcome = r.u16()?;
        let leg = Some(r.u16()?).filter(|leg| *leg != NO_LEG);
        let id = r.array()?;
        let detail = r.u64()?;
        let json = r.json()?;
        let text = if has_text { Some(r.hash()?) } else { None };
        Ok(Self {
            instruction,
            outcome,
            leg,
            id,
            detail,
            json,
            text,
        })
    }
}

impl Item {
    /// Reads an item, strictly: every byte is used and every flag is known.
    ///
    /// # Errors
    /// [`ItemError`], which names the first thing that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, ItemError> {
        let mut r = Reader::new(bytes);
        let version = r.u8()?;
        if version != ITEM_VERSION {
            return Err(ItemError::Version(version));
        }
        let item = match r.u8()? {
            TYPE_AUTHORISATION => Self::Authorisation(Authorisation::read(&mut r)?),
            TYPE_LEG => Self::Leg(LegItem::read(&mut r)?),
            TYPE_INSTRUCTION => Self::Instruction(InstructionItem::read(&mut r)?),
            TYPE_GENESIS => Self::Genesis(r.json()?),
            TYPE_SEAL => Self::Seal(SealItem::read(&mut r)?),
            other => return Err(ItemError::Type(other)),
        };
        r.finish()?;
        Ok(item)
    }

    /// Writes the item's bytes; [`Item::parse`] reads them back.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Self::Authorisation(item) => item.write(&mut out),
            Self::Leg(item) => item.write(&mut out),
            Self::Instruction(item) => item.write(&mut out),
            Self::Genesis(json) => {
                out.extend_from_slice(&[ITEM_VERSION, TYPE_GENESIS]);
                put_json(&mut out, json);
            }
            Self::Seal(item) => item.write(&mut out),
        }
        out
    }

    /// The commitments to private parts that the item holds, in order.
    #[must_use]
    pub fn private(&self) -> &[Hash] {
        match self {
            Self::Leg(leg) => &leg.private,
            _ => &[],
        }
    }

    /// The commitment to the text part that the item holds.
    #[must_use]
    pub const fn text(&self) -> Option<&Hash> {
        match self {
            Self::Leg(leg) => leg.text.as_ref(),
            Self::Instruction(instruction) => instruction.text.as_ref(),
            _ => None,
        }
    }
}

/// Any item; a leg, of which there are many, as it stands in its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemView<'a> {
    /// A settled leg.
    Leg(LegView<'a>),
    /// Any other item.
    Other(Item),
}

impl<'a> ItemView<'a> {
    /// Reads an item as [`Item::parse`] does.
    ///
    /// # Errors
    /// [`ItemError`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ItemError> {
        match bytes {
            &[ITEM_VERSION, TYPE_LEG, ref fields @ ..] => {
                let mut r = Reader::new(fields);
                let leg = LegView::read(&mut r)?;
                r.finish()?;
                Ok(Self::Leg(leg))
            }
            _ => Item::parse(bytes).map(Self::Other),
        }
    }

    /// The commitment to the text part that the item holds.
    #[must_use]
    pub const fn text(&self) -> Option<&Hash> {
        match self {
            Self::Leg(leg) => leg.text.as_ref(),
            Self::Other(item) => item.text(),
        }
    }
}

fn put_json(out: &mut Vec<u8>, json: &str) {
    debug_assert!(
        u32::try_from(json.len()).is_ok(),
        "bodies are limited to 1 MiB"
    );
    out.extend_from_slice(&u32::try_from(json.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(json.as_bytes());
}
