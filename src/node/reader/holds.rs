//! Holds: those that are open, and those that ended lately.

use super::visible::{cursor, may_read};
use super::{ReadError, Reader, Viewer};
use crate::ledger::{Address, Book, Hold, HoldLeg, InstructionId};
use crate::limits::HOLDS_SCAN;
use crate::node::shared::read;
use crate::wire::{HoldView, HoldsPage};

/// Which holds.
#[derive(Debug, Clone, Default)]
pub struct HoldsQuery {
    /// Behind this one.
    pub after: Option<InstructionId>,
    /// Only those with a leg that debits or credits this account.
    pub account: Option<Address>,
    /// Only those that are open.
    pub open: bool,
}

impl Reader {
    /// One hold, to its submitter, the parties of its legs, operators and auditors. One that ended is
    /// known as long as ids are.
    ///
    /// # Errors
    /// [`ReadError::NotFound`].
    pub fn hold(&self, id: InstructionId, viewer: &Viewer) -> Result<HoldView, ReadError> {
        let at = read(&self.shared.book);
        let hold = at.book.hold(id, 0).ok_or(ReadError::NotFound)?;
        show(&at.book, hold, at.size, viewer).ok_or(ReadError::NotFound)
    }

    /// A page of the holds that the viewer may see, by id. The book is looked through in pieces, so
    /// that the publisher never waits for the whole of it: a page may have fewer lines than `limit`,
    /// even none, before the last.
    ///
    /// # Errors
    /// [`ReadError::NotFound`] if the account is not one that the viewer may read.
    pub fn holds(
        &self,
        viewer: &Viewer,
        query: &HoldsQuery,
        limit: usize,
    ) -> Result<HoldsPage, ReadError> {
        let at = read(&self.shared.book);
        let account = match &query.account {
            None => None,
            Some(address) => {
                let account = at.book.account(address).filter(|a| may_read(viewer, a));
                Some(account.ok_or(ReadError::NotFound)?.number)
            }
        };
        let names = |leg: &HoldLeg| account.is_none_or(|n| leg.debit == n || leg.credit == n);
        let (mut items, mut last, mut seen) = (Vec::new(), None, 0usize);
        let mut rest = at.book.holds_after(query.after);
        while items.len() < limit && seen < HOLDS_SCAN {
            let Some(hold) = rest.next() else {
                return Ok(HoldsPage { items, next: None });
            };
            seen = seen.saturating_add(hold.legs.len());
            last = Some(hold.id);
            if query.open && !hold.is_open() || !hold.legs.iter().any(names) {
                continue;
            }
            items.extend(show(&at.book, hold, at.size, viewer));
        }
        let shown = items.last().map(|hold: &HoldView| hold.id);
        let next = cursor(shown, last, rest.next().map(|hold| hold.id));
        Ok(HoldsPage { items, next })
    }
}

fn show(book: &Book, hold: &Hold, size: u64, viewer: &Viewer) -> Option<HoldView> {
    let may = |number: u64| {
        let account = book.account_numbered(number);
        account.is_some_and(|account| may_read(viewer, account))
    };
    HoldView::of(book, hold, size.saturating_sub(1), |leg| {
        hold.submitter == viewer.number || may(leg.debit) || may(leg.credit)
    })
}
