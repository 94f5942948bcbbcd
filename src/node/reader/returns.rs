//! Payments of which something was given back: to the owners of both accounts, operators and auditors.

use super::visible::{may_read, name_in, named};
use super::{ReadError, Reader, Viewer};
use crate::ledger::{Address, ItemRef, Returned};
use crate::limits::RECALLS_SCAN;
use crate::node::shared::read;
use crate::wire::view::Cursor;
use crate::wire::{ReturnedView, ReturnsPage};

/// Which payments.
#[derive(Debug, Clone, Default)]
pub struct ReturnsQuery {
    /// Behind this one.
    pub after: Option<Cursor>,
    /// Only those that debited or credited this account.
    pub account: Option<Address>,
    /// Only those of this entry.
    pub index: Option<u64>,
}

impl Reader {
    /// A page of the payments of which something was given back and that the viewer may see, in the order
    /// in which they were made. The book is looked through in pieces, so that the publisher never waits
    /// for the whole of it: a page may have fewer lines than `limit`, even none, before the last.
    ///
    /// # Errors
    /// [`ReadError::NotFound`] if the account is not one that the viewer may read.
    pub fn returns(
        &self,
        viewer: &Viewer,
        query: &ReturnsQuery,
        limit: usize,
    ) -> Result<ReturnsPage, ReadError> {
        let at = read(&self.shared.book);
        let book = &at.book;
        let account = named(book, viewer, query.account.as_ref())?;
        let sees = |number: u64| {
            let account = book.account_numbered(number);
            account.is_some_and(|account| may_read(viewer, account))
        };
        let wanted = |of: &Returned| {
            let named = account.is_none_or(|n| of.debit == n || of.credit == n);
            named && (sees(of.debit) || sees(of.credit))
        };
        let after = query.after.map(|Cursor(after)| after);
        let size = at.size.saturating_sub(1);
        let (mut items, mut last, mut seen) = (Vec::new(), None, 0usize);
        let inside = |(place, _): &(ItemRef, &Returned)| {
            query.index.is_none_or(|index| place.index <= index)
        };
        let mut rest = book.returns().returned_after(from(query.index, after));
        while items.len() < limit && seen < RECALLS_SCAN {
            let Some((place, of)) = rest.next().filter(inside) else {
                return Ok(ReturnsPage { items, next: None });
            };
            seen = seen.saturating_add(1);
            last = Some(place);
            if wanted(of) {
                let name = |account: &_| name_in(of.numbered, account, viewer);
                items.extend(ReturnedView::of(book, (place, of), size, name));
            }
        }
        let shown = items.last().map(|view: &ReturnedView| ItemRef {
            index: view.index,
            item: view.item,
        });
        let next = rest.next().filter(inside).map(|(next, _)| next);
        let next = last
            .zip(next)
            .map(|(last, next)| match shown == Some(last) {
                true => last,
                // Somebody else's: nobody is told which payments of others come back.
                false => blurred(last, next),
            });
        Ok(ReturnsPage {
            items,
            next: next.map(Cursor),
        })
    }
}

/// Behind which place to begin: the cursor, or the last place before an entry.
fn from(index: Option<u64>, after: Option<ItemRef>) -> Option<ItemRef> {
    let before = index.and_then(|index| index.checked_sub(1));
    let before = before.map(|index| ItemRef {
        index,
        item: u32::MAX,
    });
    after.max(before)
}

/// A place that is not below `last` and below `next`, and says as little as there may be of it: the first
/// bits of its index, as far as both have them in common.
fn blurred(last: ItemRef, next: ItemRef) -> ItemRef {
    let ones = |last: u64, next: u64| {
        let differ = (last ^ next).checked_ilog2().unwrap_or(0);
        last | 1u64.wrapping_shl(differ).wrapping_sub(1)
    };
    match last.index == next.index {
        true => {
            let item = ones(u64::from(last.item), u64::from(next.item));
            ItemRef {
                index: last.index,
                item: u32::try_from(item).unwrap_or(last.item),
            }
        }
        false => ItemRef {
            index: ones(last.index, next.index),
            item: u32::MAX,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blurred_place_lies_between_two() {
        let at = |index, item| ItemRef { index, item };
        for (last, next) in [
            (at(0, 1), at(1, 1)),
            (at(4_096, 9), at(5_000, 1)),
            (at(4_999, 9), at(5_000, 1)),
            (at(7, 1), at(7, 2)),
            (at(7, 4), at(7, 4_000)),
            (at(1, 1), at(u64::MAX, 1)),
        ] {
            let between = blurred(last, next);
            assert!(last <= between && between < next, "{last:?} {between:?}");
        }
        assert_eq!(blurred(at(4_096, 9), at(5_000, 1)), at(4_607, u32::MAX));
    }
}
