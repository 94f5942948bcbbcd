//! Reads about fees.

use super::{Client, ClientError};
use crate::ledger::AssetId;
use crate::wire::FeesView;

impl Client {
    /// The schedules of fees in force of all assets; or the versions that are remembered of one, the
    /// newest first.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn fees(&self, asset: Option<&AssetId>) -> Result<Vec<FeesView>, ClientError> {
        let parameters = [("asset", asset.map(ToString::to_string))];
        self.list("/v1/fees", &parameters, usize::MAX)
    }
}
