//! Reads about holds.

use super::reads::with_query;
use super::{Client, ClientError};
use crate::ledger::InstructionId;
use crate::limits::HOLDS_PAGE_MAX;
use crate::wire::{HoldView, HoldsPage};

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
        let (mut all, mut cursor) = (Vec::new(), None);
        while all.len() < limit {
            let path = with_query(
                "/v1/holds",
                &[
                    ("limit", Some(HOLDS_PAGE_MAX.to_string())),
                    ("account", account.map(ToOwned::to_owned)),
                    ("open", open.then(|| "true".to_owned())),
                    ("cursor", cursor.map(|id: InstructionId| id.to_string())),
                ],
            );
            let page: HoldsPage = self.read_patiently(&path)?;
            all.extend(page.items);
            match page.next {
                None => break,
                next => cursor = next,
            }
        }
        all.truncate(limit);
        Ok(all)
    }
}
