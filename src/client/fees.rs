//! Reads about fees.

use super::reads::with_query;
use super::{Client, ClientError};
use crate::ledger::AssetId;
use crate::wire::{FeesPage, FeesView};

impl Client {
    /// The schedules of fees in force of all assets; or the versions that are remembered of one, the
    /// newest first.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn fees(&self, asset: Option<&AssetId>) -> Result<Vec<FeesView>, ClientError> {
        let (mut all, mut cursor) = (Vec::new(), None);
        loop {
            let path = with_query(
                "/v1/fees",
                &[
                    ("asset", asset.map(ToString::to_string)),
                    ("cursor", cursor.map(|id: AssetId| id.to_string())),
                ],
            );
            let page: FeesPage = self.read_patiently(&path)?;
            all.extend(page.items);
            match page.next {
                None => return Ok(all),
                next => cursor = next,
            }
        }
    }
}
