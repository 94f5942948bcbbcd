//! Reads about holds.

use super::pages::size;
use super::{Client, ClientError};
use crate::ledger::InstructionId;
use crate::limits::HOLDS_PAGE_MAX;
use crate::wire::HoldView;

impl Client {
    /// One hold.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn hold(&self, id: InstructionId) -> Result<HoldView, ClientError> {
        self.read_patiently(&format!("/v1/holds/{id}"))
    }

    /// The holds that the session may see, oldest first: of one account, or of all; open ones only,
    /// or also those that ended lately; at most so many.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn holds(
        &self,
        account: Option<&str>,
        open: bool,
        limit: usize,
    ) -> Result<Vec<HoldView>, ClientError> {
        let parameters = [
            size(HOLDS_PAGE_MAX),
            ("account", account.map(ToOwned::to_owned)),
            ("open", open.then(|| "true".to_owned())),
        ];
        self.list("/v1/holds", &parameters, limit)
    }
}
