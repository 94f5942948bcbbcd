//! Payments that wait: one's own, and those that would pay one, or that one has agreed to pay.

use super::visible::{may_read, named};
use super::{ReadError, Reader, Viewer};
use crate::ledger::{Address, QueuedLeg, Role};
use crate::node::shared::read;
use crate::wire::{PaymentCursor, PaymentView, PaymentsPage};

/// Which payments.
#[derive(Debug, Clone, Default)]
pub struct PaymentsQuery {
    /// Behind this one.
    pub after: Option<PaymentCursor>,
    /// Only those with a leg that debits or credits this account.
    pub account: Option<Address>,
}

impl Reader {
    /// A page of the payments that wait and that the viewer may see, by submitter and id. All that wait
    /// are looked through for it, which are few: a cursor never names a payment that the viewer does
    /// not see.
    ///
    /// # Errors
    /// [`ReadError::NotFound`] if the account is not one that the viewer may read,
    /// [`ReadError::Cursor`] if the cursor names nobody.
    pub fn payments(
        &self,
        viewer: &Viewer,
        query: &PaymentsQuery,
        limit: usize,
    ) -> Result<PaymentsPage, ReadError> {
        let at = read(&self.shared.book);
        let book = &at.book;
        let account = named(book, viewer, query.account.as_ref())?;
        let names = |leg: &QueuedLeg| account.is_none_or(|n| leg.debit == n || leg.credit == n);
        let after = match &query.after {
            None => None,
            Some(cursor) => {
                let submitter = book.participant(&cursor.submitter);
                let number = submitter.ok_or(ReadError::Cursor)?.number;
                Some((number, cursor.id))
            }
        };
        let sees_all = matches!(viewer.role, Role::Auditor | Role::Operator);
        let concerns_viewer = |leg: &QueuedLeg| {
            [leg.debit, leg.credit].into_iter().any(|number| {
                let account = book.account_numbered(number);
                account.is_some_and(|account| may_read(viewer, account))
            })
        };
        let size = at.size.saturating_sub(1);
        let named = book.queue().after(after);
        let named = named.filter(|payment| payment.legs.iter().any(names));
        let mut seen = named.filter_map(|payment| {
            let own = [payment.submitter(), payment.answers].contains(&viewer.number);
            let own = sees_all || own;
            let view = PaymentView::of(book, payment, size, own, concerns_viewer)?;
            Some((payment, view))
        });
        let (mut items, mut last) = (Vec::new(), None);
        for (payment, view) in seen.by_ref().take(limit) {
            last = Some(payment);
            items.push(view);
        }
        let last = last.filter(|_| seen.next().is_some());
        let next = last.and_then(|payment| {
            Some(PaymentCursor {
                submitter: book.participant_numbered(payment.submitter())?.id.clone(),
                id: payment.id(),
            })
        });
        Ok(PaymentsPage { items, next })
    }
}
