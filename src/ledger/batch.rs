//! A binary batch: many transfers of one leg, by account numbers, whose ids count on from one.
//!
//! Nothing here allocates for a transfer that settles. A refused one becomes an instruction item
//! like any other, so that a refusal replays from the log alone.

use alloc::string::String;
use alloc::vec::Vec;

use super::amount::Amount;
use super::apply::{Refusal, Work};
use super::id::InstructionId;
use super::instruction::{AccountRef, Instruction, Leg, Transfer};
use super::message::Authorisation;
use super::outcome::Outcome;
use super::reference::Reference;
use super::transfer;
use super::usage::Usage;

/// Content type of a binary batch.
pub const BATCH_CONTENT_TYPE: &str = "application/vnd.quittance.batch";
/// The number of a transfer among the kinds of a record; the others are reserved.
pub const RECORD_KIND_TRANSFER: u16 = 1;

/// How many transfers are looked ahead for.
const AHEAD: usize = 16;

/// One transfer of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchTransfer {
    /// Number of the account that pays.
    pub debit: u64,
    /// Number of the account that receives.
    pub credit: u64,
    /// Minor units of the accounts' asset.
    pub amount: u128,
    /// End-to-end reference; `None` stands for 32 zeros.
    pub reference: Option<[u8; 32]>,
}

/// The transfers of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Id of the first; the others count on.
    pub first_id: InstructionId,
    /// 1 to 8,189 of them.
    pub transfers: Vec<BatchTransfer>,
}

impl Batch {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> u32 {
        u32::try_from(self.transfers.len()).unwrap_or(u32::MAX)
    }

    /// Whether there are none, which no door lets in.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.transfers.is_empty()
    }

    /// The id of transfer `n`.
    #[must_use]
    pub const fn id(&self, n: u32) -> InstructionId {
        self.first_id.count_on(n)
    }

    /// Transfer `n` as the instruction that stands in the item of a refusal.
    fn instruction(&self, n: u32, transfer: &BatchTransfer) -> Instruction {
        let leg = Leg {
            debit: AccountRef::Number(transfer.debit),
            credit: AccountRef::Number(transfer.credit),
            asset: None,
            amount: Amount::of_minor_units(transfer.amount),
        };
        Instruction::Transfer(Transfer {
            reference: transfer.reference.and_then(Reference::new),
            ..Transfer::of_legs(self.id(n), alloc::vec![leg])
        })
    }

    /// Reads a transfer back from the instruction of a refusal; `None` if it can be none of a
    /// batch.
    #[must_use]
    pub fn transfer_of(instruction: &Instruction) -> Option<(InstructionId, BatchTransfer)> {
        let Instruction::Transfer(transfer) = instruction else {
            return None;
        };
        let [leg] = transfer.legs.as_slice() else {
            return None;
        };
        let (AccountRef::Number(debit), AccountRef::Number(credit)) = (&leg.debit, &leg.credit)
        else {
            return None;
        };
        let texts = [
            &transfer.end_to_end_id,
            &transfer.remittance,
            &transfer.debtor_name,
            &transfer.creditor_name,
        ];
        if !transfer.is_plain() || leg.asset.is_some() || texts.iter().any(|text| text.is_some()) {
            return None;
        }
        Some((
            transfer.id,
            BatchTransfer {
                debit: *debit,
                credit: *credit,
                amount: leg.amount.as_minor_units()?,
                reference: transfer.reference.map(Reference::to_bytes),
            },
        ))
    }

    /// The body that was sent: bytes follow from what the log keeps, so none are kept.
    ///
    /// # Errors
    /// [`chain::BatchError`] if no batch can have this message id, number of transfers or first id.
    pub fn to_body(&self, who: &Authorisation) -> Result<Vec<u8>, chain::BatchError> {
        let header = chain::BatchHeader {
            atomic: who.atomic,
            count: self.len(),
            created: who.created.nanos(),
            message_id: String::from(who.message_id.as_str()),
            first_id: self.first_id.to_bytes(),
        };
        let size = chain::batch::BATCH_RECORD_BYTES;
        let mut body =
            Vec::with_capacity(self.transfers.len().saturating_add(1).saturating_mul(size));
        body.extend_from_slice(&header.to_bytes()?);
        for transfer in &self.transfers {
            let record = chain::BatchRecord {
                debit: transfer.debit,
                credit: transfer.credit,
                amount: transfer.amount,
                pending_id: [0; 16],
                kind: RECORD_KIND_TRANSFER,
                flags: 0,
                timeout: 0,
                reference: transfer.reference.unwrap_or_default(),
            };
            body.extend_from_slice(&record.to_bytes());
        }
        Ok(body)
    }
}

/// Applies the transfers of a batch, in order.
pub(super) fn settle(work: &mut Work<'_>, batch: &Batch, atomic: bool) {
    work.reserve(batch.transfers.len());
    // Almost always no id was used before: then one look and one note do for all of them.
    let fresh = work.consume_run(batch.first_id, batch.len());
    let mut numbers = 0u32..;
    for some in batch.transfers.chunks(AHEAD) {
        look_ahead(work, some);
        // In this order no number is taken for a transfer that is not there.
        for (transfer, n) in some.iter().zip(numbers.by_ref()) {
            let used = match fresh {
                true => None,
                false => work.consume(batch.id(n)),
            };
            let refusal = match used {
                Some(used) => Some(used),
                None => transfer::numbered(work, n, batch.id(n), transfer).err(),
            };
            match refusal {
                Some(refusal) if atomic => return abort(work, batch, n, refusal, fresh),
                Some(refusal) => work.refuse(n, &batch.instruction(n, transfer), refusal),
                None => {}
            }
            if !atomic {
                work.settled();
            }
        }
    }
}

/// Reads a little of all that the next transfers need, and does nothing with it: memory answers many
/// questions in the time of one, if none of them waits for another's answer.
fn look_ahead(work: &Work<'_>, transfers: &[BatchTransfer]) {
    let (book, usages) = (work.state.book(), &work.state.usages);
    let mut read = 0u128;
    for transfer in transfers {
        for number in [transfer.debit, transfer.credit] {
            let Some(account) = book.account_numbered(number) else {
                continue;
            };
            read ^= account.glance();
            if account.guarded {
                read ^= usages.get(number).map_or(0, Usage::glance);
            }
        }
    }
    core::hint::black_box(read);
}

/// Takes an all-or-nothing batch back: the one refused keeps its reason.
fn abort(work: &mut Work<'_>, batch: &Batch, refused: u32, refusal: Refusal, fresh: bool) {
    work.take_back();
    for (n, transfer) in (0u32..).zip(&batch.transfers) {
        if n > refused && !fresh {
            // Refused like the others, and its id is used up like theirs.
            let _ = work.consume(batch.id(n));
        }
        let aborted = Refusal::from(Outcome::MessageAborted);
        let reason = if n == refused { refusal } else { aborted };
        work.refuse(n, &batch.instruction(n, transfer), reason);
    }
}
