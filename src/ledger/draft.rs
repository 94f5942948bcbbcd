//! Drafts: the items of an entry as data, before salts and hashes. What `apply` gives back.

mod held;
mod kind;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::account::{Counters, ItemRef};
use super::calendar::{Date, Month};
use super::fx::OfExchange;
use super::id::{InstructionId, ModelId};
use super::outcome::Outcome;
use super::seal::SealDraft;
pub use held::{About, HeldLeg};
pub use kind::LegKind;
pub(crate) use kind::leg_kinds;

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

/// Of which hold a leg is (see [`chain::OfHold`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "the fields are those of chain::OfHold, documented there"
)]
pub struct OfHold {
    pub hold: InstructionId,
    pub unreserved: u128,
}

impl From<OfHold> for chain::OfHold {
    fn from(of: OfHold) -> Self {
        Self {
            hold: of.hold.to_bytes(),
            unreserved: of.unreserved,
        }
    }
}

/// Of which netting window a leg is (see [`chain::OfWindow`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "the fields are those of chain::OfWindow, documented there"
)]
pub struct OfWindow {
    pub model: ModelId,
    pub window: u64,
}

impl From<&OfWindow> for chain::OfWindow {
    fn from(of: &OfWindow) -> Self {
        let model = of.model.as_str().parse();
        Self {
            model: model.expect("the names of models have one grammar"),
            window: of.window,
        }
    }
}

/// Which leg of the log is given back, or asked for (see [`chain::OfOriginal`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfOriginal {
    /// Where it stands.
    pub original: ItemRef,
    /// Id of its instruction.
    pub id: InstructionId,
    /// Why, an ISO 20022 code.
    pub reason: [u8; 4],
    /// Whether it names accounts by number, as those of a binary batch do; then this one does too.
    pub numbered: bool,
}

impl From<&OfOriginal> for chain::OfOriginal {
    fn from(of: &OfOriginal) -> Self {
        Self {
            index: of.original.index,
            item: of.original.item,
            id: of.id.to_bytes(),
            reason: of.reason,
        }
    }
}

/// A leg that gives another one back, or tells of its recall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedLeg {
    /// The leg.
    pub leg: LegDraft,
    /// What became of it.
    pub outcome: Outcome,
    /// The other one.
    pub of: OfOriginal,
}

/// A governance instruction, one that says more than its legs, or one that was refused.
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
    /// A leg behind its instruction, or of the node's own.
    Held(Box<HeldLeg>),
    /// The same of one that gives another one back, or tells of its recall.
    Linked(Box<LinkedLeg>),
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
            Self::Held(held) => held.leg.instruction,
            Self::Linked(linked) => linked.leg.instruction,
            Self::Instruction(instruction) => instruction.instruction,
            Self::Seal(_) => 0,
        }
    }

    /// The leg, if it is one.
    #[must_use]
    pub const fn leg(&self) -> Option<&LegDraft> {
        match self {
            Self::Leg(leg) => Some(leg),
            Self::Held(held) => Some(&held.leg),
            Self::Linked(linked) => Some(&linked.leg),
            Self::Instruction(_) | Self::Seal(_) => None,
        }
    }

    /// Whether it is a fee, or tax on one: due on a leg before it, and no part of what was asked for.
    #[must_use]
    pub const fn is_charge(&self) -> bool {
        match self.leg() {
            Some(leg) => matches!(leg.kind, LegKind::Fee | LegKind::FeeTax),
            None => false,
        }
    }

    /// For which month the leg is, if something is due for one.
    #[must_use]
    pub const fn month(&self) -> Option<Month> {
        match self {
            Self::Held(held) => held.month(),
            _ => None,
        }
    }

    /// What became of a leg that stands behind its instruction.
    #[must_use]
    pub const fn leg_outcome(&self) -> Option<Outcome> {
        match self {
            Self::Held(held) => Some(held.outcome),
            Self::Linked(linked) => Some(linked.outcome),
            _ => None,
        }
    }

    /// Of which hold the leg is, where its own id does not tell.
    #[must_use]
    pub const fn of_hold(&self) -> Option<OfHold> {
        match self {
            Self::Held(held) => held.of_hold(),
            _ => None,
        }
    }

    /// The mandate that the leg is under.
    #[must_use]
    pub const fn mandate(&self) -> Option<InstructionId> {
        match self {
            Self::Held(held) => held.mandate(),
            _ => None,
        }
    }

    /// The entry that put the payment into the queue whose leg it is.
    #[must_use]
    pub const fn since(&self) -> Option<u64> {
        match self {
            Self::Held(held) => held.since,
            _ => None,
        }
    }

    /// Which other leg it gives back, or tells of the recall of.
    #[must_use]
    pub const fn of_original(&self) -> Option<&OfOriginal> {
        match self {
            Self::Linked(linked) => Some(&linked.of),
            _ => None,
        }
    }

    /// What became of the payment that the leg is a notice of, or of the recall.
    #[must_use]
    pub const fn notice(&self) -> Option<Outcome> {
        match self {
            Self::Held(held) if matches!(held.leg.kind, LegKind::Notice) => Some(held.outcome),
            Self::Linked(linked) if matches!(linked.leg.kind, LegKind::Recall) => {
                Some(linked.outcome)
            }
            _ => None,
        }
    }

    /// Of which netting window the leg is.
    #[must_use]
    pub const fn of_window(&self) -> Option<&OfWindow> {
        match self {
            Self::Held(held) => held.window(),
            _ => None,
        }
    }

    /// At which rate or quote the leg is.
    #[must_use]
    pub const fn of_exchange(&self) -> Option<OfExchange> {
        match self {
            Self::Held(held) => held.exchange(),
            _ => None,
        }
    }

    /// From which date on the leg counts in value-dated balances, if it says so.
    #[must_use]
    pub const fn value_date(&self) -> Option<Date> {
        match self {
            Self::Held(held) => held.value_date(),
            _ => None,
        }
    }

    /// The accounts changed.
    #[must_use]
    pub const fn changes(&self) -> &[Change] {
        match self {
            Self::Leg(leg) => &leg.changes,
            Self::Held(held) => &held.leg.changes,
            Self::Linked(linked) => &linked.leg.changes,
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
            Draft::Instruction(i) if i.outcome.is_notice() => {}
            Draft::Instruction(i) if !i.outcome.is_good() => refused = refused.saturating_add(1),
            Draft::Leg(_) | Draft::Instruction(_) => good = good.saturating_add(1),
            // Such legs stand behind their instruction, which counts.
            Draft::Held(_) | Draft::Linked(_) | Draft::Seal(_) => {}
        }
    }
    (good, refused)
}

/// The outcomes of a message, one an instruction, from its drafts; behind an approval that carried
/// something out, those of what it carried out, with the same ordinal.
#[must_use]
pub fn outcomes(drafts: &[Draft]) -> Vec<OutcomeRow> {
    let mut rows: Vec<OutcomeRow> = Vec::with_capacity(drafts.len());
    // Ordinal of the approval that carried something out.
    let mut carried = None;
    for draft in drafts {
        let (leg, outcome) = match draft {
            Draft::Leg(leg) => (leg, Outcome::Settled),
            Draft::Held(held) => (&held.leg, held.outcome),
            Draft::Instruction(i) => {
                if i.outcome == Outcome::CarriedOut {
                    carried = Some(i.instruction);
                }
                rows.push(OutcomeRow {
                    instruction: i.instruction,
                    id: i.id,
                    outcome: i.outcome,
                    leg: i.leg,
                    detail: i.detail,
                });
                continue;
            }
            Draft::Linked(linked) => (&linked.leg, linked.outcome),
            Draft::Seal(_) => continue,
        };
        // A notice is of a payment that is told of elsewhere.
        let another = carried == Some(leg.instruction) && leg.kind != LegKind::Notice;
        let known =
            |row: &OutcomeRow| row.instruction == leg.instruction && (row.id == leg.id || !another);
        if !rows.last().is_some_and(known) {
            rows.push(OutcomeRow {
                instruction: leg.instruction,
                id: leg.id,
                outcome,
                leg: None,
                detail: 0,
            });
        }
    }
    rows
}
