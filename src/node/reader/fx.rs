//! Rates, to everybody who reads; quotes, to those whom they concern.

use super::visible::{cursor, may_read};
use super::{ReadError, Reader, Viewer};
use crate::ledger::{AssetId, Book, Hold, InstructionId, ParticipantId};
use crate::limits::{HOLDS_SCAN, RATES_PAGE};
use crate::node::shared::read;
use crate::wire::{QuoteView, QuotesPage, RateView, RatesPage};

/// Which rates.
#[derive(Debug, Clone, Default)]
pub struct RatesQuery {
    /// From this provider on.
    pub from: Option<ParticipantId>,
    /// Only of this provider.
    pub provider: Option<ParticipantId>,
    /// Only of this asset.
    pub base: Option<AssetId>,
    /// Only in this asset.
    pub quote: Option<AssetId>,
}

/// Which quotes.
#[derive(Debug, Clone, Copy, Default)]
pub struct QuotesQuery {
    /// Behind this one.
    pub after: Option<InstructionId>,
    /// Only those that are open.
    pub open: bool,
}

impl Reader {
    /// A page of rates: those of as many providers as have about a page of them.
    ///
    /// # Errors
    /// [`ReadError::Cursor`] if the cursor names nobody.
    pub fn rates(&self, query: &RatesQuery) -> Result<RatesPage, ReadError> {
        let at = read(&self.shared.book);
        let book = &at.book;
        let number = |id: &ParticipantId| book.participant(id).map(|found| found.number);
        let from = match &query.from {
            None => 0,
            Some(id) => number(id).ok_or(ReadError::Cursor)?,
        };
        let mut page = RatesPage {
            items: Vec::new(),
            next: None,
            at_index: at.size.saturating_sub(1),
        };
        let mut last = None;
        let lines = book.fx().lines().filter(|(key, _)| key.owner >= from);
        for (key, rates) in lines {
            if last != Some(key.owner) && page.items.len() >= RATES_PAGE {
                page.next = book.participant_numbered(key.owner).map(|p| p.id.clone());
                break;
            }
            last = Some(key.owner);
            let views = rates
                .iter()
                .filter_map(|rate| RateView::of(book, key, rate));
            page.items.extend(views.filter(|rate| wanted(query, rate)));
        }
        Ok(page)
    }

    /// One quote, to who quotes, who may use it, who is paid by it, operators and auditors. One that ended is
    /// known as long as ids are.
    ///
    /// # Errors
    /// [`ReadError::NotFound`].
    pub fn quote(&self, id: InstructionId, viewer: &Viewer) -> Result<QuoteView, ReadError> {
        let at = read(&self.shared.book);
        let hold = at.book.hold(id, 0).ok_or(ReadError::NotFound)?;
        let seen = concerns(&at.book, hold, viewer);
        let view = QuoteView::of(&at.book, hold, at.size.saturating_sub(1));
        view.filter(|_| seen).ok_or(ReadError::NotFound)
    }

    /// A page of the quotes that concern the viewer, by id: as who quotes, may use them, or is paid by
    /// them. A page may have fewer lines than `limit`, even none, before the last.
    ///
    /// # Errors
    /// None so far.
    pub fn quotes(
        &self,
        viewer: &Viewer,
        query: &QuotesQuery,
        limit: usize,
    ) -> Result<QuotesPage, ReadError> {
        let at = read(&self.shared.book);
        let (mut items, mut last, mut seen) = (Vec::new(), None, 0usize);
        let mut rest = at.book.holds_after(query.after);
        while items.len() < limit && seen < HOLDS_SCAN {
            let Some(hold) = rest.next() else {
                return Ok(QuotesPage { items, next: None });
            };
            seen = seen.saturating_add(1);
            last = Some(hold.id);
            let ended = query.open && !hold.is_open();
            if !ended && concerns(&at.book, hold, viewer) {
                items.extend(QuoteView::of(&at.book, hold, at.size.saturating_sub(1)));
            }
        }
        let shown = items.last().map(|view: &QuoteView| view.id);
        let next = cursor(shown, last, rest.next().map(|one| one.id));
        Ok(QuotesPage { items, next })
    }
}

fn wanted(query: &RatesQuery, rate: &RateView) -> bool {
    let is = |provider: &ParticipantId| *provider == rate.provider;
    query.provider.as_ref().is_none_or(is)
        && query.base.as_ref().is_none_or(|base| *base == rate.base)
        && query
            .quote
            .as_ref()
            .is_none_or(|quote| *quote == rate.quote)
}

fn concerns(book: &Book, hold: &Hold, viewer: &Viewer) -> bool {
    let may = |number: u64| {
        let account = book.account_numbered(number);
        account.is_some_and(|account| may_read(viewer, account))
    };
    let Some(quote) = hold.terms.quote else {
        return false;
    };
    viewer.is(quote.taker)
        || hold
            .legs
            .iter()
            .any(|leg| may(leg.debit) || may(leg.credit))
}
