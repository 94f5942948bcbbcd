//! Recalls that wait for an answer: to both parties, operators and auditors.

use super::visible::{cursor, may_read, name_in, named};
use super::{ReadError, Reader, Viewer};
use crate::ledger::{Address, InstructionId, RecallCase};
use crate::limits::RECALLS_SCAN;
use crate::node::shared::read;
use crate::wire::{RecallView, RecallsPage};

/// Which recalls.
#[derive(Debug, Clone, Default)]
pub struct RecallsQuery {
    /// Behind this one.
    pub after: Option<InstructionId>,
    /// Only those of payments that debited or credited this account.
    pub account: Option<Address>,
}

impl Reader {
    /// A page of the open recalls that the viewer may see, by id. A page may have fewer lines than
    /// `limit`, even none, before the last.
    ///
    /// # Errors
    /// [`ReadError::NotFound`] if the account is not one that the viewer may read.
    pub fn recalls(
        &self,
        viewer: &Viewer,
        query: &RecallsQuery,
        limit: usize,
    ) -> Result<RecallsPage, ReadError> {
        let at = read(&self.shared.book);
        let book = &at.book;
        let account = named(book, viewer, query.account.as_ref())?;
        let sees = |number: u64| {
            let account = book.account_numbered(number);
            account.is_some_and(|account| may_read(viewer, account))
        };
        let wanted = |case: &RecallCase| {
            let named = account.is_none_or(|n| case.debit == n || case.credit == n);
            named && (sees(case.debit) || sees(case.credit))
        };
        let (mut items, mut last, mut seen) = (Vec::new(), None, 0usize);
        let mut rest = book.returns().recalls_after(query.after);
        while items.len() < limit && seen < RECALLS_SCAN {
            let Some(case) = rest.next() else {
                return Ok(RecallsPage { items, next: None });
            };
            seen = seen.saturating_add(1);
            last = Some(case.id);
            if wanted(case) {
                let size = at.size.saturating_sub(1);
                let name = |account: &_| name_in(case.numbered, account, viewer);
                items.extend(RecallView::of(book, case, size, name));
            }
        }
        let shown = items.last().map(|view: &RecallView| view.id);
        let next = cursor(shown, last, rest.next().map(|one| one.id));
        Ok(RecallsPage { items, next })
    }
}
