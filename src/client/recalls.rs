//! Reads about recalls.

use super::reads::with_query;
use super::{Client, ClientError};
use crate::ledger::InstructionId;
use crate::limits::RECALLS_PAGE_MAX;
use crate::wire::{RecallView, RecallsPage};

impl Client {
    /// The open recalls that the session may see, oldest first: of one account, or of all; at most so
    /// many.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn recalls(
        &self,
        account: Option<&str>,
        limit: usize,
    ) -> Result<Vec<RecallView>, ClientError> {
        let (mut all, mut cursor) = (Vec::new(), None);
        while all.len() < limit {
            let path = with_query(
                "/v1/recalls",
                &[
                    ("limit", Some(RECALLS_PAGE_MAX.to_string())),
                    ("account", account.map(ToOwned::to_owned)),
                    ("cursor", cursor.map(|id: InstructionId| id.to_string())),
                ],
            );
            let page: RecallsPage = self.read_patiently(&path)?;
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
