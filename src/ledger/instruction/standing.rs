//! How far a bank takes part, and by what the world knows a participant (LEDGER F17).

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::ledger::calendar::Date;
use crate::ledger::id::{InstructionId, ParticipantId};
use crate::ledger::identifier::{Bic, Lei};
use crate::ledger::instruction::VerifierKeyText;
use crate::ledger::participant::{ParticipantState, Role};

/// Registers a bank or an auditor with its first keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddParticipant {
    /// Instruction id.
    pub id: InstructionId,
    /// Id of the new participant.
    pub participant: ParticipantId,
    /// `bank` or `auditor`.
    pub role: Role,
    /// Its keys; none if it is reached via another.
    pub keys: Vec<VerifierKeyText>,
    /// How many of them must sign; 0 if there are none.
    pub threshold: u32,
    /// Its BIC, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bic: Option<Bic>,
    /// Its LEI, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lei: Option<Lei>,
    /// How far a bank takes part at first: `onboarding`, or `active`, which it is if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<ParticipantState>,
    /// The bank whose keys sign for it, if it has none of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<ParticipantId>,
}

/// Lets a bank that is being prepared take part: in tests, or for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdmitParticipant {
    /// Instruction id.
    pub id: InstructionId,
    /// The bank.
    pub participant: ParticipantId,
    /// `test` or `active`.
    pub to: ParticipantState,
}

/// Stops the accounts of a bank from paying.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuspendParticipant {
    /// Instruction id.
    pub id: InstructionId,
    /// The bank.
    pub participant: ParticipantId,
    /// What becomes of what others pay to it; it comes in, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incoming: Option<Incoming>,
    /// What becomes of its payments that wait; they go on waiting, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queued: Option<Queued>,
}

/// What becomes of what others pay to a bank that is suspended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Incoming {
    /// It comes in.
    #[default]
    Accept,
    /// It is refused.
    Refuse,
}

/// What becomes of payments that wait when their payer is suspended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Queued {
    /// They go on waiting.
    #[default]
    Keep,
    /// They leave the queue.
    Revoke,
}

/// Lets a bank that is suspended go on (`resume_participant`), or ends its part
/// (`terminate_participant`); needs the signatures of two operators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfParticipant {
    /// Instruction id.
    pub id: InstructionId,
    /// The bank.
    pub participant: ParticipantId,
}

/// Sets both identifiers of a participant; one that is left out is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentifyParticipant {
    /// Instruction id.
    pub id: InstructionId,
    /// The participant.
    pub participant: ParticipantId,
    /// Its BIC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bic: Option<Bic>,
    /// Its LEI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lei: Option<Lei>,
}

/// Has a bank without keys of its own be reached via another one than before; needs the signatures of two
/// operators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetVia {
    /// Instruction id.
    pub id: InstructionId,
    /// The bank.
    pub participant: ParticipantId,
    /// The bank whose keys sign for it from now on.
    pub via: ParticipantId,
}

/// States the dates on which a bank is closed, in every asset that has a calendar; in the place of those
/// that were stated before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetParticipantDays {
    /// Instruction id.
    pub id: InstructionId,
    /// The bank.
    pub participant: ParticipantId,
    /// The dates, in order; it is closed on none, if there are none.
    pub holidays: Vec<Date>,
}
