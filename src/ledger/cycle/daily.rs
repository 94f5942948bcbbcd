//! Windows that close with the business day of their asset, in the very entries of its events.
//!
//! ```text
//!  ──SYSC──┬──STDY── ... ──CUSC──┬── ... ──SYSC──┬──STDY──      a model with `CUSC`
//!   date 1 │ window n            │ window n + 1  │ date 2
//! ```
//!
//! Whatever event a model names, its window closes with the end of the date as well: so each lies within
//! one. Where too many windows wait for one more, the payments of the next date are refused until one
//! has settled and the window has closed.

use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::close;
use super::record::{Model, ModelRecord};
use crate::ledger::apply::Work;
use crate::ledger::book::Book;

/// The event of a business day with which a window closes (ISO 20022, `ExternalSystemEventType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DayEvent {
    /// The cut-off for payments from and to customers.
    #[serde(rename = "CUSC")]
    CustomerCutoff,
    /// The cut-off for payments between banks.
    #[serde(rename = "IBKC")]
    InterbankCutoff,
    /// The end of the date.
    #[serde(rename = "SYSC")]
    Close,
}

/// Closes the windows that end with an event of an asset's business day, behind the word of it.
pub(in crate::ledger) fn close_with(work: &mut Work<'_>, asset: u32, event: DayEvent) {
    let closes = |model: &&Arc<Model>| {
        let (record, named) = (&model.record, model.record.terms.close_with_day);
        let with = named == Some(event) || named.is_some() && event == DayEvent::Close;
        with && record.asset == asset && record.closed.is_none() && record.may_close()
    };
    let models = work.state.book().cycles().models().iter();
    let closing: Vec<u32> = models.filter(closes).map(|m| m.record.number).collect();
    for number in closing {
        close::close_by_itself(work, number);
    }
}

/// Whether the date that a window began in is over, and the window could not close with it.
pub(super) fn is_overdue(book: &Book, record: &ModelRecord) -> bool {
    if record.terms.close_with_day.is_none() || record.closed.is_some() {
        return false;
    }
    let calendar = book.calendars().of_asset(record.asset);
    let last = calendar.and_then(|calendar| calendar.past.last());
    last.is_some_and(|day| record.open.from <= day.to)
}

/// When a window closes by itself, nanoseconds since 1970 UTC, events of the day apart.
pub(super) fn closes_at(book: &Book, record: &ModelRecord) -> Option<u64> {
    match record.may_close() && is_overdue(book, record) {
        true => Some(0),
        false => record.closes_at(),
    }
}
