//! The JSON body of a submission, read strictly.
//!
//! ```text
//! bytes ──serde, one pass──▶ shape ──check──▶ Body { instructions without text, texts apart }
//!   └──────only on an error, once more with paths──────▶ BodyError { code, pointer, detail }
//! ```
//!
//! The good path knows no paths and keeps no copies: it costs one pass. Field names that are not
//! known, fields that stand twice, numbers for amounts and arrays for objects are refused.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use super::body_check::check_instruction;
use super::body_error::{self, BodyError};
use super::body_lists::{arrays_fit, count_items};
use super::code::ErrorCode;
use crate::ledger::{Batch, Instruction, MessageId, Time};
use crate::limits;

/// What a node allows in a body; downwards only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyLimits {
    /// Instructions in one message, at most [`limits::INSTRUCTIONS_MAX`].
    pub instructions_max: usize,
    /// Records in one binary batch, at most [`chain::batch::BATCH_RECORDS_MAX`].
    pub batch_records_max: u32,
}

impl Default for BodyLimits {
    fn default() -> Self {
        Self {
            instructions_max: limits::INSTRUCTIONS_MAX,
            batch_records_max: chain::batch::BATCH_RECORDS_MAX,
        }
    }
}

/// A body, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// When the message says it was made.
    pub created: Time,
    /// The submitter's id for the message.
    pub message_id: MessageId,
    /// Whether the message is all-or-nothing.
    pub atomic: bool,
    /// What is asked for, in order, without text fields.
    pub instructions: Vec<Instruction>,
    /// What a binary batch asks for; then there are no other instructions and no texts.
    pub batch: Option<Batch>,
    /// The text part of each instruction: a JSON object of those fields that are present, in the
    /// order end_to_end_id, remittance, debtor_name, creditor_name, without spaces.
    pub texts: Vec<Option<Box<str>>>,
}

/// The body as it stands in JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Shape {
    message_id: MessageId,
    created: Time,
    #[expect(
        dead_code,
        reason = "it only has to be there: it keeps the body's hash from telling"
    )]
    nonce: Nonce,
    #[serde(default)]
    atomic: bool,
    instructions: Vec<Instruction>,
}

/// Sixteen random bytes that keep a body's hash from giving the body away.
struct Nonce;

impl<'de> Deserialize<'de> for Nonce {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Nonce;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the base64 of 16 bytes")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Nonce, E> {
                match super::base64::decode_exact::<{ limits::NONCE_BYTES }>(text) {
                    Some(_) => Ok(Nonce),
                    None => Err(E::custom(
                        "NONCE_GRAMMAR: a nonce is the base64 of 16 random bytes",
                    )),
                }
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

/// The text fields of a transfer, in the order in which the text part holds them.
#[derive(Serialize)]
struct Texts<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    end_to_end_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remittance: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    debtor_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    creditor_name: Option<&'a str>,
}

/// Reads a body and checks all that can be checked without the ledger's state.
///
/// # Errors
/// [`BodyError`] names the first thing that is wrong, and where it stands.
pub fn parse_body(bytes: &[u8], limits: &BodyLimits) -> Result<Body, BodyError> {
    // One look for UTF-8 at everything is much cheaper than one at each string.
    let text = core::str::from_utf8(bytes).map_err(|_| body_error::not_utf8())?;
    let shape: Shape = match serde_json::from_str(text) {
        Ok(shape) => shape,
        Err(error) => return Err(body_error::explain(bytes, &error)),
    };
    let Shape {
        message_id,
        created,
        atomic,
        mut instructions,
        ..
    } = shape;
    let max = limits.instructions_max.min(limits::INSTRUCTIONS_MAX);
    if !(1..=max).contains(&instructions.len()) {
        return Err(BodyError::at(
            ErrorCode::InstructionsCount,
            "/instructions",
            alloc::format!(
                "{} instructions; 1 to {max} are allowed",
                instructions.len()
            ),
        ));
    }
    arrays_fit(bytes, &instructions)?;
    for (n, instruction) in instructions.iter().enumerate() {
        check_instruction(&n, instruction)?;
    }
    count_items(&instructions)?;
    let texts = instructions.iter_mut().map(take_text).collect();
    Ok(Body {
        created,
        message_id,
        atomic,
        instructions,
        batch: None,
        texts,
    })
}

/// Takes the text fields out of an instruction.
fn take_text(instruction: &mut Instruction) -> Option<Box<str>> {
    let fields = match instruction {
        Instruction::Transfer(i) => [
            &mut i.end_to_end_id,
            &mut i.remittance,
            &mut i.debtor_name,
            &mut i.creditor_name,
        ],
        Instruction::Convert(i) => [
            &mut i.end_to_end_id,
            &mut i.remittance,
            &mut i.debtor_name,
            &mut i.creditor_name,
        ],
        Instruction::Clear(i) => [
            &mut i.end_to_end_id,
            &mut i.remittance,
            &mut i.debtor_name,
            &mut i.creditor_name,
        ],
        Instruction::Split(i) => [
            &mut i.end_to_end_id,
            &mut i.remittance,
            &mut i.debtor_name,
            &mut i.creditor_name,
        ],
        Instruction::Reserve(i) => [
            &mut i.end_to_end_id,
            &mut i.remittance,
            &mut i.debtor_name,
            &mut i.creditor_name,
        ],
        _ => return None,
    };
    let taken = fields.map(Option::take);
    if taken.iter().all(Option::is_none) {
        return None;
    }
    let [end_to_end_id, remittance, debtor_name, creditor_name] =
        taken.each_ref().map(Option::as_deref);
    let texts = Texts {
        end_to_end_id,
        remittance,
        debtor_name,
        creditor_name,
    };
    let json: String = serde_json::to_string(&texts).expect("texts have a JSON form");
    Some(json.into_boxed_str())
}
