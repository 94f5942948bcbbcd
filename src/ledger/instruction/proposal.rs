//! What may be asked of proposals: what takes the signatures of several, each in a message of its
//! own (LEDGER F05, F09, F18).

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::Instruction;
use crate::ledger::id::InstructionId;
use crate::ledger::time::Time;

/// Proposes instructions, all or nothing, to everybody whose signature they take. Nothing is done
/// before the last of them has approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Propose {
    /// Instruction id, and the proposal's.
    pub id: InstructionId,
    /// When it ends, if it was not carried out by then.
    pub expires_at: Time,
    /// What is to be done, in this order; without texts.
    pub instructions: Vec<Instruction>,
}

/// Agrees to a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approve {
    /// Instruction id.
    pub id: InstructionId,
    /// The proposal: the id of its `propose`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<InstructionId>,
    /// The proposal's hash, base64: what is agreed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// As approvals named an item before there were proposals: entries of old logs have it, and it
    /// finds nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry_index: Option<u64>,
    /// The same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<u32>,
    /// The same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item_leaf: Option<String>,
}

/// Ends a proposal before its time: `withdraw` by the participant that made it, `decline` by any whose
/// approval it takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndProposal {
    /// Instruction id.
    pub id: InstructionId,
    /// The proposal: the id of its `propose`.
    pub of: InstructionId,
}
