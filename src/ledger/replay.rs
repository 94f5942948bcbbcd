//! Back from items to messages, so that anybody can apply a log again and compare.

use alloc::string::String;
use alloc::vec::Vec;

use chain::ItemView;

use super::admit::Rejection;
use super::amount::Amount;
use super::apply::{Applied, Step, apply};
use super::batch::{BATCH_CONTENT_TYPE, Batch, BatchTransfer};
use super::draft::{Draft, LegDraft, LegKind};
use super::due::SYSTEM_CONTENT_TYPE;
use super::id::InstructionId;
use super::instruction::{AccountRef, Funds, Instruction, Leg, Transfer};
use super::invalid::Invalid;
use super::message::{Authorisation, Message};
use super::module::Modules;
use super::seal::{SEAL_CONTENT_TYPE, SealOrder};
use super::state::State;

/// Why items do not make a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// A name in an item breaks its grammar.
    #[error("item {0}: {1}")]
    Invalid(usize, Invalid),
    /// The JSON of an instruction item cannot be read.
    #[error("item {0}: the instruction cannot be read: {1}")]
    Json(usize, String),
    /// An item stands where it cannot.
    #[error("item {0} stands where it cannot")]
    Misplaced(usize),
    /// The number of instructions is not the one that the authorisation states.
    #[error("{found} instructions where the authorisation states {stated}")]
    Count {
        /// Instructions found in the items.
        found: usize,
        /// Instructions stated by item 0.
        stated: u32,
    },
}

/// Why a logged message does not lead to an entry when it is applied again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Again {
    /// It repeats an earlier one.
    #[error("its message repeats that of entry {0}")]
    Replay(u64),
    /// It is not admitted.
    #[error("{0}")]
    Rejected(#[from] Rejection),
    /// It is a system entry's, and nothing is due, or its item 0 is not that of the place.
    #[error("no such system entry is due here")]
    NotDue,
    /// A system entry is missing before it.
    #[error("what was due before it has no entry")]
    Overdue,
}

/// Applies the message of a logged entry again, at that entry's time.
///
/// # Errors
/// [`Again`].
pub fn apply_again(
    state: &mut State,
    time: u64,
    message: &Message,
    modules: &Modules<'_>,
) -> Result<Applied, Again> {
    match apply(state, time, message, modules) {
        Step::Applied(applied) => Ok(applied),
        Step::Due(applied) if message.is_system() => Ok(applied),
        Step::Due(_) => Err(Again::Overdue),
        Step::Replay(index) => Err(Again::Replay(index)),
        Step::Drop(_) if message.is_system() => Err(Again::NotDue),
        Step::Drop(rejection) => Err(rejection.into()),
    }
}

/// A leg as found in an item.
struct FoundLeg {
    kind: LegKind,
    instruction: u32,
    leg: u16,
    id: InstructionId,
    debit: u64,
    credit: u64,
    amount: u128,
    numbered: Option<chain::Numbered>,
}

impl FoundLeg {
    const fn of(leg: &LegDraft) -> Self {
        let [debit, credit] = &leg.changes;
        Self {
            kind: leg.kind,
            instruction: leg.instruction,
            leg: leg.leg,
            id: leg.id,
            debit: debit.account,
            credit: credit.account,
            amount: leg.amount,
            numbered: leg.numbered,
        }
    }
}

/// Rebuilds the instructions of a message from its items, one after the other.
#[derive(Default)]
struct Builder {
    instructions: Vec<Instruction>,
    /// How many items were taken: the next one's number is one more.
    taken: usize,
    /// What a batch asked for; `first_id` is that of the first item.
    batch: Option<Vec<BatchTransfer>>,
    first_id: Option<InstructionId>,
    seal: Option<SealOrder>,
    /// Nobody's message, but what was due.
    system: bool,
}

/// Rebuilds the message of an entry from its stored drafts.
///
/// # Errors
/// [`ReplayError`].
pub fn message_from_drafts(
    authorisation: Authorisation,
    drafts: &[Draft],
) -> Result<Message, ReplayError> {
    let mut builder = Builder::of(&authorisation, drafts.len());
    for draft in drafts {
        if builder.is_carried_out(draft.instruction()) {
            continue;
        }
        match draft {
            Draft::Leg(leg) => builder.leg(&FoundLeg::of(leg))?,
            Draft::Held(held) => builder.held(&FoundLeg::of(&held.leg))?,
            Draft::Linked(linked) => builder.held(&FoundLeg::of(&linked.leg))?,
            Draft::Instruction(i) => builder.json(i.instruction, &i.json)?,
            Draft::Seal(seal) => builder.seal(&authorisation, seal.to_order())?,
        }
    }
    builder.message(authorisation)
}

/// Rebuilds the message of an entry from its items, one after the other: whoever reads a long list
/// need not keep it.
pub struct MessageFromItems {
    builder: Builder,
    authorisation: Authorisation,
    /// Instructions that item 0 states.
    stated: u32,
}

impl MessageFromItems {
    /// Begins with item 0, of so many items.
    ///
    /// # Errors
    /// [`ReplayError`].
    pub fn begin(first: &chain::Authorisation, items: usize) -> Result<Self, ReplayError> {
        let authorisation =
            Authorisation::from_item(first).map_err(|error| ReplayError::Invalid(0, error))?;
        Ok(Self {
            builder: Builder::of(&authorisation, items),
            authorisation,
            stated: first.instructions,
        })
    }

    /// Takes the next item.
    ///
    /// # Errors
    /// [`ReplayError`].
    pub fn take(&mut self, item: &ItemView<'_>) -> Result<(), ReplayError> {
        let builder = &mut self.builder;
        let ordinal = match item {
            ItemView::Leg(leg) => Some(leg.instruction),
            ItemView::Other(chain::Item::Instruction(i)) => Some(i.instruction),
            ItemView::Other(_) => None,
        };
        if ordinal.is_some_and(|ordinal| builder.is_carried_out(ordinal)) {
            return Ok(());
        }
        match item {
            ItemView::Leg(leg) => {
                let at = builder.at();
                let id = InstructionId::from_bytes(leg.id)
                    .map_err(|error| ReplayError::Invalid(at, error))?;
                let found = FoundLeg {
                    kind: leg.kind.into(),
                    instruction: leg.instruction,
                    leg: leg.leg,
                    id,
                    debit: leg.debit,
                    credit: leg.credit,
                    amount: leg.amount,
                    numbered: leg.numbered,
                };
                match found.kind {
                    LegKind::Transfer if builder.is_told(&found) => builder.held(&found),
                    LegKind::Transfer | LegKind::Issue | LegKind::Redeem => builder.leg(&found),
                    _ => builder.held(&found),
                }
            }
            ItemView::Other(chain::Item::Instruction(i)) => builder.json(i.instruction, &i.json),
            ItemView::Other(chain::Item::Seal(seal)) => {
                let order = SealOrder {
                    sealed_size: seal.sealed_size,
                    secret: *seal.secret.as_bytes(),
                    computed: None,
                };
                builder.seal(&self.authorisation, order)
            }
            ItemView::Other(_) => Err(ReplayError::Misplaced(builder.at())),
        }
    }

    /// Gives the message.
    ///
    /// # Errors
    /// [`ReplayError`].
    pub fn finish(self) -> Result<Message, ReplayError> {
        let message = self.builder.message(self.authorisation)?;
        if message.len() != self.stated {
            return Err(ReplayError::Count {
                found: usize::try_from(message.len()).unwrap_or(usize::MAX),
                stated: self.stated,
            });
        }
        Ok(message)
    }
}

/// Rebuilds the message of an entry from all of its items, item 0 first.
///
/// # Errors
/// [`ReplayError`].
pub fn message_from_items(items: &[ItemView<'_>]) -> Result<Message, ReplayError> {
    let [
        ItemView::Other(chain::Item::Authorisation(first)),
        rest @ ..,
    ] = items
    else {
        return Err(ReplayError::Misplaced(0));
    };
    let mut message = MessageFromItems::begin(first, rest.len())?;
    for item in rest {
        message.take(item)?;
    }
    message.finish()
}

impl Builder {
    /// Begins with a message of so many items.
    fn of(who: &Authorisation, items: usize) -> Self {
        let batch = who.content_type == BATCH_CONTENT_TYPE;
        Self {
            system: who.content_type == SYSTEM_CONTENT_TYPE,
            batch: batch.then(|| Vec::with_capacity(items)),
            ..Self::default()
        }
    }

    /// Appends a transfer of a batch, whose ids count on from the first.
    fn transfer(&mut self, id: InstructionId, transfer: BatchTransfer) -> Result<(), ReplayError> {
        let misplaced = ReplayError::Misplaced(self.at());
        let n = self.next_ordinal();
        let first = *self.first_id.get_or_insert(id);
        match &mut self.batch {
            Some(batch) if first.count_on(n) == id => batch.push(transfer),
            _ => return Err(misplaced),
        }
        self.taken = self.taken.saturating_add(1);
        Ok(())
    }

    /// A seal stands alone, in a message of its kind, which is one with nothing else in it.
    fn seal(&mut self, who: &Authorisation, order: SealOrder) -> Result<(), ReplayError> {
        let of_its_kind = who.content_type == SEAL_CONTENT_TYPE && self.taken == 0;
        let hash = chain::Hash::sha256(&order.to_bytes());
        if !of_its_kind || who.body_hash != *hash.as_bytes() || !who.signatures.is_empty() {
            return Err(ReplayError::Misplaced(self.at()));
        }
        self.taken = self.taken.saturating_add(1);
        self.seal = Some(order);
        Ok(())
    }

    fn message(self, authorisation: Authorisation) -> Result<Message, ReplayError> {
        let sealed = self.seal.is_some();
        let alone = self.instructions.is_empty();
        let node = sealed || self.system;
        if sealed != (authorisation.content_type == SEAL_CONTENT_TYPE) || node && !alone {
            return Err(ReplayError::Misplaced(1));
        }
        if self.system && self.taken == 0 {
            return Err(ReplayError::Misplaced(1));
        }
        let batch = match (self.batch, self.first_id) {
            (None, _) => None,
            (Some(_), None) => return Err(ReplayError::Misplaced(1)),
            (Some(transfers), Some(first_id)) => Some(Batch {
                first_id,
                transfers,
            }),
        };
        Ok(Message {
            authorisation,
            instructions: self.instructions,
            batch,
            seal: self.seal,
        })
    }

    const fn at(&self) -> usize {
        self.taken.saturating_add(1)
    }

    fn next_ordinal(&self) -> u32 {
        let batch = self.batch.as_ref().map(Vec::len);
        u32::try_from(batch.unwrap_or(self.instructions.len())).unwrap_or(u32::MAX)
    }

    fn json(&mut self, ordinal: u32, json: &str) -> Result<(), ReplayError> {
        if self.system {
            // Nobody asked: what is in it is computed again and compared.
            self.taken = self.taken.saturating_add(1);
            return Ok(());
        }
        if ordinal != self.next_ordinal() {
            return Err(ReplayError::Misplaced(self.at()));
        }
        let instruction = serde_json::from_str(json)
            .map_err(|error| ReplayError::Json(self.at(), alloc::format!("{error}")))?;
        if self.batch.is_some() {
            let misplaced = ReplayError::Misplaced(self.at());
            let (id, transfer) = Batch::transfer_of(&instruction).ok_or(misplaced)?;
            return self.transfer(id, transfer);
        }
        self.instructions.push(instruction);
        self.taken = self.taken.saturating_add(1);
        Ok(())
    }

    /// Takes an item that stands behind an approval, and says whether it does: what had been agreed to
    /// is carried out there. It is computed again and compared.
    fn is_carried_out(&mut self, ordinal: u32) -> bool {
        let approves = matches!(self.instructions.last(), Some(Instruction::Approve(_)));
        let behind = approves && self.next_ordinal().checked_sub(1) == Some(ordinal);
        if behind {
            self.taken = self.taken.saturating_add(1);
        }
        behind
    }

    /// Whether the instruction that a leg stands behind says all that was asked for.
    fn is_told(&self, found: &FoundLeg) -> bool {
        let behind = self.next_ordinal().checked_sub(1) == Some(found.instruction);
        let told = |i: &Instruction| matches!(i, Instruction::Transfer(i) if !i.is_plain());
        behind && self.instructions.last().is_some_and(told)
    }

    /// A leg that stands behind its instruction, which says all that was asked for, or in a system
    /// entry, for which nobody asked. What is in it is computed again and compared.
    fn held(&mut self, found: &FoundLeg) -> Result<(), ReplayError> {
        let behind = self.next_ordinal().checked_sub(1) == Some(found.instruction);
        let fits = match found.kind {
            LegKind::Expire
            | LegKind::Queued
            | LegKind::Net
            | LegKind::PeriodFee
            | LegKind::PeriodTax
            | LegKind::Owed
            | LegKind::Draw => self.system,
            LegKind::Notice | LegKind::Recall | LegKind::Fee | LegKind::FeeTax => {
                self.system || behind
            }
            _ => !self.system && behind,
        };
        if self.batch.is_some() || !fits {
            return Err(ReplayError::Misplaced(self.at()));
        }
        self.taken = self.taken.saturating_add(1);
        Ok(())
    }

    fn leg(&mut self, found: &FoundLeg) -> Result<(), ReplayError> {
        let at = self.at();
        if self.batch.is_some() != found.numbered.is_some() {
            return Err(ReplayError::Misplaced(at));
        }
        if let Some(numbered) = found.numbered {
            let first = found.leg == 0 && found.instruction == self.next_ordinal();
            if !first || found.kind != LegKind::Transfer {
                return Err(ReplayError::Misplaced(at));
            }
            let transfer = BatchTransfer {
                debit: found.debit,
                credit: found.credit,
                amount: found.amount,
                reference: numbered.reference,
            };
            return self.transfer(found.id, transfer);
        }
        let named = match found.kind {
            LegKind::Issue => found.credit,
            _ => found.debit,
        };
        let amount = Amount::of_minor_units(found.amount);
        match found.kind {
            LegKind::Transfer => {
                let leg = Leg {
                    debit: AccountRef::Number(found.debit),
                    credit: AccountRef::Number(found.credit),
                    asset: None,
                    amount,
                };
                self.transfer_leg(found, leg)?;
            }
            _ => {
                if found.instruction != self.next_ordinal() || found.leg != 0 {
                    return Err(ReplayError::Misplaced(at));
                }
                let funds = Funds {
                    id: found.id,
                    account: AccountRef::Number(named),
                    amount,
                };
                self.instructions.push(match found.kind {
                    LegKind::Issue => Instruction::Issue(funds),
                    _ => Instruction::Redeem(funds),
                });
            }
        }
        self.taken = self.taken.saturating_add(1);
        Ok(())
    }

    /// Appends a leg to the transfer under way, or begins the next transfer.
    fn transfer_leg(&mut self, found: &FoundLeg, leg: Leg) -> Result<(), ReplayError> {
        let misplaced = ReplayError::Misplaced(self.at());
        if found.leg == 0 {
            if found.instruction != self.next_ordinal() {
                return Err(misplaced);
            }
            let transfer = Transfer::of_legs(found.id, alloc::vec![leg]);
            self.instructions.push(Instruction::Transfer(transfer));
            return Ok(());
        }
        let current = self.next_ordinal().checked_sub(1) == Some(found.instruction);
        match self.instructions.last_mut() {
            Some(Instruction::Transfer(transfer))
                if current
                    && transfer.id == found.id
                    && transfer.legs.len() == usize::from(found.leg) =>
            {
                transfer.legs.push(leg);
                Ok(())
            }
            _ => Err(misplaced),
        }
    }
}
