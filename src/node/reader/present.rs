//! How a payment stands that waited: it waits still, or a later entry settled it or took it away.
//!
//! The ledger forgets a payment that has left its queue. The account that pays does not: the item
//! that settled the payment, or the notice that it is gone, is one of its chain.

use super::search::shown;
use super::trail::Walk;
use super::visible::Sight;
use super::{ReadError, Reader, Viewer};
use crate::ledger::{
    AccountRef, Draft, HeldLeg, Instruction, InstructionId, ItemRef, LegKind, Outcome, Time,
};
use crate::node::shared::read;
use crate::wire::{PresentState, PresentView};

/// Items looked at between two walks.
const PAGE: usize = 256;

/// A payment that waited.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waited {
    /// The id of its instruction.
    pub(super) id: InstructionId,
    /// Index of the entry that put it into the queue.
    pub(super) since: u64,
    /// Number of the first account that it debits.
    pub(super) payer: u64,
}

impl Reader {
    /// The payment that entry `index` put into the queue by this draft, or that the draft is a notice
    /// of; `None` if it is about no payment that waits.
    pub(super) fn waited(&self, index: u64, draft: &Draft) -> Option<Waited> {
        match draft {
            Draft::Held(held) if held.leg.kind == LegKind::Notice => {
                let [debit, _] = &held.leg.changes;
                Some(Waited {
                    id: held.leg.id,
                    since: held.since?,
                    payer: debit.account,
                })
            }
            Draft::Instruction(i) => {
                let waits = [Outcome::Queued, Outcome::Warehoused, Outcome::Rolled];
                if !waits.contains(&i.outcome) {
                    return None;
                }
                let Ok(Instruction::Transfer(transfer)) = serde_json::from_str(&i.json) else {
                    return None;
                };
                let payer = match &transfer.legs.first()?.debit {
                    AccountRef::Number(number) => *number,
                    AccountRef::Address(address) => {
                        let at = read(&self.shared.book);
                        at.book.account(address)?.number
                    }
                };
                Some(Waited {
                    id: i.id,
                    since: index,
                    payer,
                })
            }
            _ => None,
        }
    }

    /// How such a payment stands now.
    ///
    /// # Errors
    /// [`ReadError::Unfinished`] if more lies between than one request may walk; the next one comes
    /// further.
    pub(super) fn present(
        &self,
        waited: Waited,
        viewer: &Viewer,
    ) -> Result<PresentView, ReadError> {
        let Waited { id, since, payer } = waited;
        let lost = || ReadError::Damaged(since, "its payment is unknown".to_owned());
        let (size, last, waits) = {
            let at = read(&self.shared.book);
            let account = at.book.account_numbered(payer).ok_or_else(lost)?;
            let mut line = at.book.queue().line(payer);
            let payment = line.find(|payment| payment.id() == id && payment.index == since);
            let waits = payment.map(|payment| match payment.is_waiting() {
                true => PresentState::Waiting,
                false => PresentState::Warehoused,
            });
            (at.size, account.last, waits)
        };
        let at_index = size.saturating_sub(1);
        if let Some(state) = waits {
            return Ok(PresentView::waits(state, at_index));
        }
        let walk = Walk::new(self, payer, last);
        let end = self.end_of(waited, walk, size)?.ok_or_else(lost)?;
        let held = self.fetch(end.index)?;
        let drafts = &held.record().drafts;
        let its = |draft: &Draft| is_of(draft, &waited).is_some();
        let found: Vec<_> = (1u32..).zip(drafts).filter(|(_, d)| its(d)).collect();
        let excerpt = self.excerpt(end.index, found.iter().map(|(_, draft)| *draft), []);
        let sight = Sight::new(&excerpt, viewer, &held.authorisation()?);
        let (mut items, mut legs) = (Vec::new(), Vec::new());
        for (n, draft) in found.into_iter().filter(|(_, draft)| sight.draft(draft)) {
            items.push(n);
            if end.outcome == Outcome::Settled {
                legs.extend(shown(&excerpt, viewer, end.index, (n, draft))?);
            }
        }
        Ok(PresentView {
            state: match end.outcome {
                Outcome::Settled => PresentState::Settled,
                _ => PresentState::Ended,
            },
            code: Some(end.outcome),
            index: Some(end.index),
            time: Some(Time::from_nanos(held.entry().time)),
            items,
            legs,
            at_index,
        })
    }

    /// The first item of the payer's that says how a payment left the queue.
    fn end_of(
        &self,
        waited: Waited,
        mut walk: Walk<'_>,
        size: u64,
    ) -> Result<Option<End>, ReadError> {
        let mut after: Option<ItemRef> = None;
        loop {
            let (items, more) = walk.oldest(waited.since, after, size, PAGE)?;
            for item in &items {
                let (_, draft, _) = walk.look(*item)?;
                if let Some(outcome) = is_of(draft, &waited).and_then(ends) {
                    let index = item.index;
                    return Ok(Some(End { index, outcome }));
                }
            }
            match items.last() {
                Some(last) if more => after = Some(*last),
                _ => return Ok(None),
            }
        }
    }
}

/// How a payment left the queue.
struct End {
    index: u64,
    outcome: Outcome,
}

/// A leg of a payment that waited, or a notice of one.
fn is_of<'d>(draft: &'d Draft, waited: &Waited) -> Option<&'d HeldLeg> {
    match draft {
        Draft::Held(held) if held.leg.id == waited.id && held.since == Some(waited.since) => {
            Some(held)
        }
        _ => None,
    }
}

/// What became of the payment, if it is in the queue no longer.
fn ends(held: &HeldLeg) -> Option<Outcome> {
    match (held.leg.kind, held.outcome) {
        (LegKind::Queued, outcome) => Some(outcome),
        // Free to go, and late: it waits on.
        (LegKind::Notice, Outcome::Queued | Outcome::Overdue) => None,
        (LegKind::Notice, outcome) => Some(outcome),
        _ => None,
    }
}
