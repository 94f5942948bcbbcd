//! Instructions about holds (LEDGER F08).

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::Leg;
use crate::ledger::amount::Amount;
use crate::ledger::id::InstructionId;
use crate::ledger::time::Time;

/// Reserves the amounts of 1 to 256 legs, all or nothing: a hold, named by the instruction's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reserve {
    /// Instruction id, and the hold's.
    pub id: InstructionId,
    /// Legs, reserved in this order.
    pub legs: Vec<Leg>,
    /// When what remains is given back; never, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Time>,
    /// Whether a capture may leave something reserved for the next one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multi: Option<bool>,
    /// How far captures together may go above what is reserved, in basis points of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over_capture_bp: Option<u16>,
    /// Whether the payer cannot void it, only the payee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guaranteed: Option<bool>,
    /// The payer's reference, kept in the erasable text part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_to_end_id: Option<String>,
    /// What it is for, kept in the erasable text part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remittance: Option<String>,
    /// Who pays, kept in the erasable text part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub debtor_name: Option<String>,
    /// Who receives, kept in the erasable text part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creditor_name: Option<String>,
}

/// Posts a part of a hold, or all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capture {
    /// Instruction id.
    pub id: InstructionId,
    /// The hold.
    pub hold: InstructionId,
    /// How much; all that remains, if left out. Only for a hold of one leg.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// Whether what remains then is given back: `true` unless the hold is `multi`.
    #[serde(default, rename = "final", skip_serializing_if = "Option::is_none")]
    pub last: Option<bool>,
}

/// Gives back what is left of a hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Void {
    /// Instruction id.
    pub id: InstructionId,
    /// The hold.
    pub hold: InstructionId,
}
