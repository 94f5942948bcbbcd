//! Reads about calendars and business days.

use super::{Client, ClientError, encoded};
use crate::ledger::AssetId;
use crate::wire::{CalendarView, CalendarsPage};

impl Client {
    /// The calendars of all assets that have one.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn calendars(&self) -> Result<Vec<CalendarView>, ClientError> {
        let page: CalendarsPage = self.read_patiently("/v1/calendars")?;
        Ok(page.items)
    }

    /// The calendar of an asset, with at most so many business dates that are over.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn calendar(&self, asset: &AssetId, days: u32) -> Result<CalendarView, ClientError> {
        let asset = encoded(asset.as_str());
        self.read_patiently(&format!("/v1/calendars/{asset}?limit={days}"))
    }
}
