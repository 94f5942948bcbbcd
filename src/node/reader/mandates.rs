//! Mandates: to the owner of the account, who has them, operators and auditors; and which kinds of
//! accounts may pay which, to everybody.

use super::visible::{cursor, may_read};
use super::{ReadError, Reader, Viewer};
use crate::ledger::{Address, Book, InstructionId, Mandate};
use crate::limits::MANDATES_SCAN;
use crate::node::shared::read;
use crate::wire::{MandateView, MandatesPage, PostingView};

/// Which mandates.
#[derive(Debug, Clone, Default)]
pub struct MandatesQuery {
    /// Behind this one.
    pub after: Option<InstructionId>,
    /// Only those on this account.
    pub account: Option<Address>,
}

impl Reader {
    /// One mandate that was not revoked.
    ///
    /// # Errors
    /// [`ReadError::NotFound`].
    pub fn mandate(&self, id: InstructionId, viewer: &Viewer) -> Result<MandateView, ReadError> {
        let at = read(&self.shared.book);
        let mandate = at.book.mandate(id).ok_or(ReadError::NotFound)?;
        show(&at.book, mandate, at.size, viewer).ok_or(ReadError::NotFound)
    }

    /// A page of the mandates that the viewer may see, by id. The book is looked through in pieces,
    /// so that the publisher never waits for the whole of it: a page may have fewer lines than
    /// `limit`, even none, before the last.
    ///
    /// # Errors
    /// [`ReadError::NotFound`] if there is no such account, or the viewer can see no mandate on it.
    pub fn mandates(
        &self,
        viewer: &Viewer,
        query: &MandatesQuery,
        limit: usize,
    ) -> Result<MandatesPage, ReadError> {
        let at = read(&self.shared.book);
        if let Some(address) = &query.account {
            let account = at.book.account(address).ok_or(ReadError::NotFound)?;
            // An account has few: all of them are one page.
            let of = at.book.mandates_of(account.number);
            let of = of.filter(|mandate| query.after.is_none_or(|after| mandate.id > after));
            let items = of.filter_map(|mandate| show(&at.book, mandate, at.size, viewer));
            let items: Vec<_> = items.take(limit).collect();
            if items.is_empty() && query.after.is_none() && !may_read(viewer, account) {
                return Err(ReadError::NotFound);
            }
            let next = items.last().map(|last| last.id);
            let next = next.filter(|_| items.len() == limit);
            return Ok(MandatesPage { items, next });
        }
        let (mut items, mut last, mut seen) = (Vec::new(), None, 0usize);
        let mut rest = at.book.mandates_after(query.after);
        while items.len() < limit && seen < MANDATES_SCAN {
            let Some(mandate) = rest.next() else {
                return Ok(MandatesPage { items, next: None });
            };
            seen = seen.saturating_add(1);
            last = Some(mandate.id);
            items.extend(show(&at.book, mandate, at.size, viewer));
        }
        let shown = items.last().map(|view: &MandateView| view.id);
        let next = cursor(shown, last, rest.next().map(|one| one.id));
        Ok(MandatesPage { items, next })
    }

    /// Which kinds of accounts may pay which.
    #[must_use]
    pub fn postings(&self) -> Vec<PostingView> {
        PostingView::all(read(&self.shared.book).book.postings())
    }
}

fn show(book: &Book, mandate: &Mandate, size: u64, viewer: &Viewer) -> Option<MandateView> {
    let account = book.account_numbered(mandate.account)?;
    let seen = viewer.is(mandate.to) || may_read(viewer, account);
    let view = || MandateView::of(book, mandate, size.saturating_sub(1));
    seen.then(view).flatten()
}
