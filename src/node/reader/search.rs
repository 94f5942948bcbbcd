//! Look-ups by what a bank's own books say: a message id, an instruction's id.
//!
//! Neither has an index yet: entries are searched, a bounded number a request. What belongs to
//! others is passed over like what is not there, so that the two cannot be told apart.

use super::excerpt::Excerpt;
use super::trail::Meter;
use super::visible::{Sight, may_read_answer, name_in};
use super::{Held, ReadError, Reader, Viewer};
use crate::ledger::{
    Draft, InstructionId, LegKind, MessageId, Names, Outcome, OutcomeRow, ParticipantId, Reference,
    SECOND, Time, outcomes, print_minor,
};
use crate::node::record::Record;
use crate::wire::{InstructionLeg, InstructionView, OutcomeView};

/// The oldest that an id may be when it is executed: the largest `window_back_s` there can be.
const BACK: u64 = 86_400 * SECOND;
/// The newest: the largest `window_ahead_s`.
const AHEAD: u64 = 3_600 * SECOND;

/// Which message.
#[derive(Debug, Clone)]
pub struct MessageQuery {
    /// Who submitted it.
    pub participant: ParticipantId,
    /// Its message id.
    pub message_id: MessageId,
    /// Logged at or after this time.
    pub from_time: Option<Time>,
    /// Logged before this time.
    pub to_time: Option<Time>,
}

impl Reader {
    /// The newest entry of a participant's message with this id.
    ///
    /// # Errors
    /// [`ReadError::NotFound`]; [`ReadError::TooWide`] if it is not among the newest entries of the
    /// range, as many as one request may search.
    pub fn find_message(&self, viewer: &Viewer, query: &MessageQuery) -> Result<u64, ReadError> {
        if !may_read_answer(viewer, query.participant.as_str()) {
            return Err(ReadError::NotFound);
        }
        let size = self.size();
        let from = query.from_time.map(|time| self.first_from(time, size));
        let from = from.transpose()?.unwrap_or(0);
        let to = query.to_time.map(|time| self.first_from(time, size));
        let to = to.transpose()?.unwrap_or(size);
        let mut meter = self.meter();
        for index in (from..to).rev() {
            if meter.is_spent() {
                return Err(ReadError::TooWide(index.saturating_add(1)));
            }
            if self.is_message(index, query, &mut meter)? {
                return Ok(index);
            }
        }
        Err(ReadError::NotFound)
    }

    fn is_message(
        &self,
        index: u64,
        query: &MessageQuery,
        meter: &mut Meter,
    ) -> Result<bool, ReadError> {
        if let Some(logged) = self.recent(index) {
            meter.spend(0);
            let who = &logged.authorisation;
            return Ok(who.message_id == query.message_id && who.submitter == query.participant);
        }
        let damaged = |what: String| ReadError::Damaged(index, what);
        let bytes = self.shared.store.record(index)?;
        let bytes = bytes.ok_or_else(|| damaged("it is missing".to_owned()))?;
        meter.spend(bytes.len());
        let who = Record::peek_authorisation(&bytes).map_err(|error| damaged(error.to_string()))?;
        Ok(who.message_id == query.message_id.as_str()
            && who.submitter == query.participant.as_str())
    }

    /// What became of an instruction, as far as the viewer may know. The id carries its time, and
    /// nothing executes far from it: only the entries of that time are searched.
    ///
    /// # Errors
    /// [`ReadError::NotFound`]; [`ReadError::TooWide`] if that time has more entries than one
    /// request may search, and the instruction is not among the first of them.
    pub fn instruction(
        &self,
        id: InstructionId,
        viewer: &Viewer,
    ) -> Result<InstructionView, ReadError> {
        let size = self.size();
        let first = |nanos| self.first_from(Time::from_nanos(nanos), size);
        let start = first(id.time())?;
        let end = first(id.time().saturating_add(BACK).saturating_add(SECOND))?;
        let low = first(id.time().saturating_sub(AHEAD))?;
        let mut meter = self.meter();
        // Most ids are executed soon after they were made.
        for index in (start..end).chain((low..start).rev()) {
            if meter.is_spent() {
                return Err(ReadError::TooWide(index));
            }
            let held = self.fetch(index)?;
            meter.spend(held.weight());
            if let Some(view) = self.instruction_in(&held, id, viewer)? {
                return Ok(view);
            }
        }
        Err(ReadError::NotFound)
    }

    /// The instruction in an entry, unless it is not there, or not for this viewer, or was refused
    /// because another entry had used its id.
    fn instruction_in(
        &self,
        held: &Held,
        id: InstructionId,
        viewer: &Viewer,
    ) -> Result<Option<InstructionView>, ReadError> {
        let drafts = &held.record().drafts;
        let is_it = |draft: &Draft| match draft {
            Draft::Instruction(i) => i.id == id && i.outcome != Outcome::IdAlreadyUsed,
            draft => draft.leg().is_some_and(|leg| leg.id == id),
        };
        let mut found = (1u32..)
            .zip(drafts)
            .filter(|(_, draft)| is_it(draft))
            .peekable();
        if found.peek().is_none() {
            return Ok(None);
        }
        let found: Vec<_> = found.collect();
        let index = held.entry().index;
        let excerpt = self.excerpt(index, found.iter().map(|(_, draft)| *draft), []);
        let sight = Sight::new(&excerpt, viewer, &held.authorisation()?);
        let visible = found.iter().filter(|(_, draft)| sight.draft(draft));
        let visible: Vec<_> = visible.collect();
        let Some(row) = row_of(drafts, id, &visible) else {
            return Ok(None);
        };
        let mut legs = Vec::new();
        for (n, draft) in &visible {
            legs.extend(shown(&excerpt, viewer, index, (*n, *draft))?);
        }
        let waited = visible.iter().find_map(|(_, d)| self.waited(index, d));
        let present = waited.map(|waited| self.present(waited, viewer));
        Ok(Some(InstructionView {
            index,
            time: Time::from_nanos(held.entry().time),
            outcome: OutcomeView::of(&row),
            items: visible.iter().map(|(n, _)| *n).collect(),
            legs,
            present: present.transpose()?,
        }))
    }
}

/// The outcome of an instruction of which these items are visible.
fn row_of(drafts: &[Draft], id: InstructionId, visible: &[&(u32, &Draft)]) -> Option<OutcomeRow> {
    let sees = |instruction| {
        let mut items = visible.iter();
        items.any(|(_, draft)| draft.instruction() == instruction)
    };
    let mut rows = outcomes(drafts).into_iter();
    let row = rows.find(|row| row.id == id && sees(row.instruction));
    // A notice behind the instruction that it comes of has no row of its own.
    row.or_else(|| {
        visible.iter().find_map(|(_, draft)| {
            Some(OutcomeRow {
                instruction: draft.instruction(),
                id,
                outcome: draft.notice()?,
                leg: None,
                detail: 0,
            })
        })
    })
}

/// A leg that moved money, as it is shown; of what is no such leg nothing.
pub(super) fn shown(
    excerpt: &Excerpt,
    viewer: &Viewer,
    index: u64,
    (n, draft): (u32, &Draft),
) -> Result<Option<InstructionLeg>, ReadError> {
    let Some(leg) = draft.leg().filter(|leg| leg.kind != LegKind::Notice) else {
        return Ok(None);
    };
    let [debit, credit] = leg.changes.each_ref().map(|c| c.account);
    let lost = || ReadError::Damaged(index, "its account is unknown".to_owned());
    let debit = excerpt.account_numbered(debit).ok_or_else(lost)?;
    let credit = excerpt.account_numbered(credit).ok_or_else(lost)?;
    let asset = excerpt.asset_numbered(debit.asset).ok_or_else(lost)?;
    let of_original = draft.of_original();
    let numbered = leg.numbered.is_some() || of_original.is_some_and(|of| of.numbered);
    let amount = i128::try_from(leg.amount).unwrap_or(i128::MAX);
    Ok(Some(InstructionLeg {
        item: n,
        leg: leg.leg,
        debit: name_in(numbered, debit, viewer),
        credit: name_in(numbered, credit, viewer),
        asset: asset.id.clone(),
        amount: print_minor(amount, asset.scale),
        reference: leg.numbered.and_then(|n| Reference::new(n.reference?)),
    }))
}
