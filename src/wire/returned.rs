//! Payments of which something was given back, as readers are shown them.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::view::Cursor;
use crate::ledger::{
    Account, AccountKind, AssetId, Book, ItemRef, ParticipantId, Returned, SECOND, Time,
    print_minor,
};
use crate::limits::RETURN_S_MAX;

/// A payment of which something was given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReturnedView {
    /// Log index of the payment's entry.
    pub index: u64,
    /// Number of its item in that entry.
    pub item: u32,
    /// Who gave it back: the participant that had received it, or the operators, who reverse what they
    /// booked.
    pub by: ParticipantId,
    /// The account that had paid: its address, or `#` and its number if the payment named it so and the
    /// reader may not read it otherwise.
    pub debit: String,
    /// The account that had received, in the same way.
    pub credit: String,
    /// Asset id.
    pub asset: AssetId,
    /// What the payment moved.
    pub amount: String,
    /// What was given back of it, all returns and reversals together.
    pub returned: String,
    /// What may still be asked for, until `until`.
    pub left: String,
    /// Log index of the entry that gave back the last of it.
    pub last_index: u64,
    /// Until when more may be given back.
    pub until: Time,
    /// Log index up to which this is true.
    pub at_index: u64,
}

/// A page of payments of which something was given back, in the order in which they were made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReturnsPage {
    /// The payments.
    pub items: Vec<ReturnedView>,
    /// The `cursor` of the next page; a page may have no lines before the last.
    pub next: Option<Cursor>,
}

impl ReturnedView {
    /// Shows what was given back of the leg at `at`, as it stands in `book` after entry `at_index`;
    /// `name` says what the reader may call an account. `None` if the book does not know what it names.
    #[must_use]
    pub fn of(
        book: &Book,
        (at, of): (ItemRef, &Returned),
        at_index: u64,
        name: impl Fn(&Account) -> String,
    ) -> Option<Self> {
        let debit = book.account_numbered(of.debit)?;
        let credit = book.account_numbered(of.credit)?;
        let asset = book.asset_numbered(debit.asset)?;
        let print = |minor: u128| {
            let minor = i128::try_from(minor).unwrap_or(i128::MAX);
            print_minor(minor, asset.scale)
        };
        // What is known is known for the longest window there may be; this is the one in force.
        let paid = of.until.saturating_sub(RETURN_S_MAX.saturating_mul(SECOND));
        let until = paid.saturating_add(book.parameters().return_window());
        // Funds in and out go back by the operators alone, whoever received them.
        let booked = [debit, credit].into_iter();
        let mut booked = booked.filter(|account| account.kind == AccountKind::Issuance);
        let by = booked.next().map_or(of.owner, |account| account.owner);
        Some(Self {
            index: at.index,
            item: at.item,
            by: book.participant_numbered(by)?.id.clone(),
            debit: name(debit),
            credit: name(credit),
            asset: asset.id.clone(),
            amount: print(of.whole),
            returned: print(of.amount),
            left: print(of.whole.saturating_sub(of.amount)),
            last_index: of.last,
            until: Time::from_nanos(until),
            at_index,
        })
    }
}
