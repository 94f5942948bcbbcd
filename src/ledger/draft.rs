//! Drafts: the items of an entry as data, before salts and hashes. What `apply` gives back.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::account::{Counters, ItemRef};
use super::id::InstructionId;
use super::outcome::Outcome;
use super::seal::SealDraft;

/// What moved the money of a leg; the numbers are those of [`chain::LegKind`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "the variants are those of chain::LegKind, documented there"
)]
pub enum LegKind {
    Transfer,
    Issue,
    Redeem,
}

impl From<LegKind> for chain::LegKind {
    fn from(kind: LegKind) -> Self {
        match kind {
            LegKind::Transfer => Self::Transfer,
            LegKind::Issue => Self::Issue,
            LegKind::Redeem => Self::Redeem,
        }
    }
}

/// The change of one account by one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Account number.
    pub account: u64,
    /// Counters after the item.
    pub counters: Counters,
    /// The account's item before this one.
    pub previous: Option<ItemRef>,
}

impl Change {
    /// The private part this change becomes.
    #[must_use]
    pub fn to_private_part(&self) -> chain::PrivatePart {
        chain::PrivatePart {
            account: self.account,
            counters: self.counters.into(),
            previous: self.previous.map(Into::into),
        }
    }
}

/// A settled leg.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegDraft {
    /// What moved the money.
    pub kind: LegKind,
    /// Ordinal of the instruction.
    pub instruction: u32,
    /// Ordinal of the leg in its instruction.
    pub leg: u16,
    /// Instruction id.
    pub id: InstructionId,
    /// Minor units.
    pub amount: u128,
    /// The debited account, then the credited one.
    pub changes: [Change; 2],
    /// What stands for the addresses in a leg of a binary batch; records of batches have an
    /// encoding of their own.
    #[serde(skip)]
    pub numbered: Option<chain::Numbered>,
}

/// A governance instruction, or one that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstructionDraft {
    /// Ordinal of the instruction.
    pub instruction: u32,
    /// Its outcome.
    pub outcome: Outcome,
    /// The leg a refusal points at.
    pub leg: Option<u16>,
    /// Instruction id.
    pub id: InstructionId,
    /// What the outcome refers to, see [`chain::InstructionItem`].
    pub detail: u64,
    /// The instruction as JSON, without text.
    pub json: String,
}

/// An item in the making; item 0, the authorisation, is not among the drafts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Draft {
    /// A settled leg.
    Leg(LegDraft),
    /// A governance or refused instruction.
    Instruction(InstructionDraft),
    /// What a seal states.
    Seal(SealDraft),
}

/// The outcome of one instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutcomeRow {
    /// Ordinal of the instruction.
    pub instruction: u32,
    /// Its id.
    pub id: InstructionId,
    /// Its outcome.
    pub outcome: Outcome,
    /// The leg a refusal points at.
    pub leg: Option<u16>,
    /// What the outcome refers to.
    pub detail: u64,
}

impl Draft {
    /// Ordinal of the instruction that the item belongs to.
    #[must_use]
    pub const fn instruction(&self) -> u32 {
        match self {
            Self::Leg(leg) => leg.instruction,
            Self::Instruction(instruction) => instruction.instruction,
            Self::Seal(_) => 0,
        }
    }

    /// The accounts changed.
    #[must_use]
    pub const fn changes(&self) -> &[Change] {
        match self {
            Self::Leg(leg) => &leg.changes,
            Self::Instruction(_) | Self::Seal(_) => &[],
        }
    }
}

/// How many instructions of a message took effect, and how many were refused.
#[must_use]
pub fn tally(drafts: &[Draft]) -> (u64, u64) {
    let (mut good, mut refused) = (0u64, 0u64);
    for draft in drafts {
        match draft {
            // A transfer counts once, whatever it has of legs.
            Draft::Leg(leg) if leg.leg > 0 => {}
            Draft::Instruction(i) if !i.outcome.is_good() => refused = refused.saturating_add(1),
            Draft::Leg(_) | Draft::Instruction(_) => good = good.saturating_add(1),
            Draft::Seal(_) => {}
        }
    }
    (good, refused)
}

/// The outcomes of a message, one an instruction, from its drafts.
#[must_use]
pub fn outcomes(drafts: &[Draft]) -> Vec<OutcomeRow> {
    let mut rows: Vec<OutcomeRow> = Vec::with_capacity(drafts.len());
    for draft in drafts {
        match draft {
            Draft::Leg(leg) => {
                if rows
                    .last()
                    .is_none_or(|row| row.instruction != leg.instruction)
                {
                    rows.push(OutcomeRow {
                        instruction: leg.instruction,
                        id: leg.id,
                        outcome: Outcome::Settled,
                        leg: None,
                        detail: 0,
                    });
                }
            }
            Draft::Instruction(i) => rows.push(OutcomeRow {
                instruction: i.instruction,
                id: i.id,
                outcome: i.outcome,
                leg: i.leg,
                detail: i.detail,
            }),
            Draft::Seal(_) => {}
        }
    }
    rows
}
