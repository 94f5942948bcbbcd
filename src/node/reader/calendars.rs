//! Calendars and business days: every participant may see them.

use super::past::NO_CALENDAR;
use super::{ReadError, Reader};
use crate::ledger::{AssetId, Calendar};
use crate::node::shared::read;
use crate::wire::{CalendarView, CalendarsPage};

/// Days that are over, of each calendar in the list.
const DAYS_IN_LIST: usize = 1;

impl Reader {
    /// All calendars, each with the newest business date that is over.
    ///
    /// # Errors
    /// [`ReadError::Damaged`] if the book does not know the asset of one.
    pub fn calendars(&self) -> Result<CalendarsPage, ReadError> {
        let at = read(&self.shared.book);
        let last = at.size.saturating_sub(1);
        let view = |calendar: &Calendar| {
            let view = CalendarView::of(&at.book, calendar, last, DAYS_IN_LIST);
            let lost = || "the asset of a calendar is unknown".to_owned();
            view.ok_or_else(|| ReadError::Damaged(last, lost()))
        };
        let all = at.book.calendars().all().iter();
        let items = all.map(|calendar| view(calendar));
        Ok(CalendarsPage {
            items: items.collect::<Result<_, _>>()?,
        })
    }

    /// The calendar of an asset, with the newest `days` business dates that are over.
    ///
    /// # Errors
    /// [`ReadError::NoDay`] if there is no such asset, or it has none.
    pub fn calendar(&self, asset: &AssetId, days: usize) -> Result<CalendarView, ReadError> {
        let at = read(&self.shared.book);
        let known = at.book.asset(asset);
        let number = known
            .ok_or(ReadError::NoDay("the log has no such asset"))?
            .number;
        let calendar = at.book.calendars().of_asset(number);
        let calendar = calendar.ok_or(ReadError::NoDay(NO_CALENDAR))?;
        let last = at.size.saturating_sub(1);
        CalendarView::of(&at.book, calendar, last, days).ok_or(ReadError::NotFound)
    }
}
