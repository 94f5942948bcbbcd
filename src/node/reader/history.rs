//! The items that changed an account, newest first.

use super::receipt::Texts;
use super::trail::Walk;
use super::visible::{is_author, may_read_texts, name_in};
use super::{Held, ReadError, Reader, Viewer};
use crate::ledger::{
    Account, Change, Date, Draft, InstructionId, ItemRef, LegDraft, MessageId, Month, OfExchange,
    OfOriginal, OfWindow, Outcome, Reference, Role, Time, print_minor,
};
use crate::node::shared::read;
use crate::wire::{Cursor, Direction, HistoryPage, HistoryRow, OriginalView, RowTexts, reference};

/// Which lines of an account's history.
#[derive(Debug, Clone, Default)]
pub struct HistoryQuery {
    /// Where to go on.
    pub cursor: Option<Cursor>,
    /// Not before this time.
    pub from_time: Option<Time>,
    /// Before this time.
    pub to_time: Option<Time>,
    /// Only transfers with this reference of the payer: as a text, or in a binary batch.
    pub end_to_end_id: Option<String>,
}

/// Which part of an account's statement.
#[derive(Debug, Clone, Copy, Default)]
pub struct StatementQuery {
    /// The range's beginning, which is part of it; the beginning of the log if left out.
    pub from: Option<crate::wire::Bound>,
    /// The range's end, which is not part of it; the end of the log if left out.
    pub to: Option<crate::wire::Bound>,
    /// Where to go on.
    pub cursor: Option<crate::wire::StatementCursor>,
}

/// A line in the making: what the log says, before accounts have names.
pub(super) struct Line {
    item: ItemRef,
    time: Time,
    leg: LegDraft,
    hold: Option<InstructionId>,
    mandate: Option<InstructionId>,
    outcome: Outcome,
    window: Option<OfWindow>,
    original: Option<OfOriginal>,
    exchange: Option<OfExchange>,
    value_date: Option<Date>,
    month: Option<Month>,
    change: Change,
    message_id: Option<MessageId>,
    texts: RowTexts,
}

/// Makes the lines of one account for one viewer.
pub(super) struct Lines<'a> {
    reader: &'a Reader,
    viewer: &'a Viewer,
    account: &'a Account,
    /// The texts of the entry looked at last: its items often follow each other.
    texts: Option<(u64, Option<Texts>)>,
}

impl<'a> Lines<'a> {
    pub(super) const fn new(reader: &'a Reader, viewer: &'a Viewer, account: &'a Account) -> Self {
        Self {
            reader,
            viewer,
            account,
            texts: None,
        }
    }

    /// Reads one item with all that the viewer may see of it.
    pub(super) fn line(&mut self, walk: &mut Walk<'_>, item: ItemRef) -> Result<Line, ReadError> {
        let (place, draft, change) = walk.look(item)?;
        let lost = || ReadError::Damaged(item.index, "its item is no leg".to_owned());
        let leg = draft.leg().ok_or_else(lost)?.clone();
        let (hold, since) = (draft.of_hold().map(|of| of.hold), draft.since());
        let outcome = draft.notice().unwrap_or(leg.kind.outcome());
        let window = draft.of_window().cloned();
        let original = draft.of_original().copied();
        let mandate = draft.mandate();
        let (exchange, value_date) = (draft.of_exchange(), draft.value_date());
        let month = draft.month();
        let time = Time::from_nanos(place.entry().time);
        let authorisation = place.authorisation()?;
        let author = self.viewer.role == Role::Auditor || is_author(self.viewer, &authorisation);
        let message_id = MessageId::new(&authorisation.message_id).ok();
        let mut texts = None;
        if let Some(held) = place.held() {
            texts = self.texts(held, item, leg.instruction);
            let opened = held.record().sealed_body().len();
            if texts.is_some() {
                walk.meter.spend(opened);
            }
        }
        if let Some(index) = since {
            texts = self.texts_of_queued(walk, index, leg.id)?;
        }
        Ok(Line {
            item,
            time,
            leg,
            hold,
            mandate,
            outcome,
            window,
            original,
            exchange,
            value_date,
            month,
            change,
            message_id: message_id.filter(|_| author),
            texts: texts.unwrap_or_default(),
        })
    }

    /// The texts of a payment that waited: they came with the entry that put it into the queue.
    fn texts_of_queued(
        &mut self,
        walk: &mut Walk<'_>,
        index: u64,
        id: InstructionId,
    ) -> Result<Option<RowTexts>, ReadError> {
        let held = self.reader.held(index)?;
        let opened = held.record().sealed_body().len();
        walk.meter.spend(opened);
        let drafts = held.record().drafts.iter().zip(1u32..);
        let mut asked = drafts.filter_map(|(draft, item)| match draft {
            Draft::Instruction(i) if i.id == id => Some((item, i.instruction)),
            _ => None,
        });
        let found = asked.next();
        Ok(found.and_then(|(item, instruction)| {
            self.texts(&held, ItemRef { index, item }, instruction)
        }))
    }

    fn texts(&mut self, held: &Held, item: ItemRef, instruction: u32) -> Option<RowTexts> {
        held.record().text(item.item)?;
        if !may_read_texts(self.viewer, self.account) {
            return None;
        }
        let index = item.index;
        if self.texts.as_ref().is_none_or(|(at, _)| *at != index) {
            let erased = read(&self.reader.shared.book)
                .book
                .erased()
                .contains(&index);
            self.texts = Some((index, self.reader.texts(held, erased)));
        }
        let (_, texts) = self.texts.as_ref()?;
        let text = texts
            .as_ref()?
            .texts
            .get(usize::try_from(instruction).ok()?)?;
        serde_json::from_str(text.as_deref()?).ok()
    }

    /// Gives the lines their accounts' names.
    pub(super) fn rows(&self, lines: Vec<Line>) -> Result<Vec<HistoryRow>, ReadError> {
        let at = read(&self.reader.shared.book);
        let scale = at.book.asset_numbered(self.account.asset).map(|a| a.scale);
        let calendar = at.book.calendars().of_asset(self.account.asset);
        let mut rows = Vec::with_capacity(lines.len());
        for line in lines {
            let lost = || ReadError::Damaged(line.item.index, "its account is unknown".to_owned());
            let [debit, credit] = &line.leg.changes;
            let (direction, other) = match debit.account == self.account.number {
                true => (Direction::Debit, credit.account),
                false => (Direction::Credit, debit.account),
            };
            let scale = scale.ok_or_else(lost)?;
            let counterparty = at.book.account_numbered(other).ok_or_else(lost)?;
            let amount = i128::try_from(line.leg.amount).unwrap_or(i128::MAX);
            let business_date = calendar.and_then(|c| c.date_of(line.item.index));
            rows.push(HistoryRow {
                index: line.item.index,
                item: line.item.item,
                time: line.time,
                business_date,
                value_date: line.value_date.or(business_date),
                month: line.month,
                kind: chain::LegKind::from(line.leg.kind).into(),
                id: line.leg.id,
                instruction: line.leg.instruction,
                leg: line.leg.leg,
                direction,
                amount: print_minor(amount, scale),
                counterparty: name_in(line.is_numbered(), counterparty, self.viewer),
                reference: line.reference(),
                hold: line.hold,
                mandate: line.mandate,
                outcome: line.outcome,
                booked: chain::LegKind::from(line.leg.kind).is_posted(),
                window: line.window.as_ref().map(|of| of.window),
                original: line.original.as_ref().map(OriginalView::of),
                model: line.window.map(|of| of.model),
                at: line.exchange.map(|of| of.at),
                residue: line.exchange.and_then(residue),
                balance: print_minor(line.change.counters.posted(), scale),
                message_id: line.message_id,
                texts: line.texts,
            });
        }
        Ok(rows)
    }
}

impl Reader {
    /// The items that changed an account, newest first, by following the account's own chain. A
    /// page ends early, even without a line, when it has cost as much as a request may.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn history(
        &self,
        address: &str,
        viewer: &Viewer,
        query: &HistoryQuery,
        limit: usize,
    ) -> Result<HistoryPage, ReadError> {
        let (account, size) = self.readable(address, viewer)?;
        let from = query.from_time.map(|time| self.first_from(time, size));
        let from = from.transpose()?.unwrap_or(0);
        let to = query.to_time.map(|time| self.first_from(time, size));
        let to = to.transpose()?.unwrap_or(size);
        if from > to {
            return Err(ReadError::Range);
        }
        let mut walk = Walk::new(self, account.number, account.last);
        let mut next = match query.cursor {
            None => walk.newest_below(to)?.map(|step| step.item),
            Some(Cursor(item)) if item.index < to && item.index >= from => Some(item),
            Some(_) => return Err(ReadError::Cursor),
        };
        let wanted = query.end_to_end_id.as_deref();
        let referred = wanted.and_then(|text| reference::parse(text).ok());
        let mut lines = Vec::new();
        let mut maker = Lines::new(self, viewer, &account);
        while let Some(item) = next.filter(|item| item.index >= from)
            && lines.len() < limit
            && !walk.meter.is_spent()
        {
            let line = maker.line(&mut walk, item)?;
            next = line.change.previous;
            let is_it = |wanted: &str| {
                line.texts.end_to_end_id.as_deref() == Some(wanted)
                    || referred.is_some() && line.reference() == referred
            };
            if wanted.is_none_or(is_it) {
                lines.push(line);
            }
        }
        Ok(HistoryPage {
            account: account.address.clone(),
            items: maker.rows(lines)?,
            next: next.filter(|item| item.index >= from).map(Cursor),
        })
    }
}

/// What the rounding of a conversion left, if anything.
fn residue(of: OfExchange) -> Option<String> {
    let residue = of.residue();
    let text = format!("{}/{}", residue.numerator(), residue.denominator());
    (residue.numerator() > 0).then_some(text)
}

impl Line {
    /// The item that the line stands for.
    pub(super) const fn item(&self) -> ItemRef {
        self.item
    }

    /// Whether it names accounts by number.
    fn is_numbered(&self) -> bool {
        self.leg.numbered.is_some() || self.original.is_some_and(|of| of.numbered)
    }

    fn reference(&self) -> Option<Reference> {
        Reference::new(self.leg.numbered?.reference?)
    }
}
