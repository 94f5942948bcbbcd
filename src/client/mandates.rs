//! Reads about mandates, and about which kinds of accounts may pay which.

use super::reads::with_query;
use super::{Client, ClientError};
use crate::ledger::InstructionId;
use crate::limits::MANDATES_PAGE_MAX;
use crate::wire::{MandateView, MandatesPage, PostingView};

impl Client {
    /// One mandate.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn mandate(&self, id: InstructionId) -> Result<MandateView, ClientError> {
        self.read_patiently(&format!("/v1/mandates/{id}"))
    }

    /// The mandates that the session may see, oldest first: on one account, or all; at most so many.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn mandates(
        &self,
        account: Option<&str>,
        limit: usize,
    ) -> Result<Vec<MandateView>, ClientError> {
        let (mut all, mut cursor) = (Vec::new(), None);
        while all.len() < limit {
            let path = with_query(
                "/v1/mandates",
                &[
                    ("limit", Some(MANDATES_PAGE_MAX.to_string())),
                    ("account", account.map(ToOwned::to_owned)),
                    ("cursor", cursor.map(|id: InstructionId| id.to_string())),
                ],
            );
            let page: MandatesPage = self.read_patiently(&path)?;
            all.extend(page.items);
            match page.next {
                None => break,
                next => cursor = next,
            }
        }
        all.truncate(limit);
        Ok(all)
    }

    /// Which kinds of accounts may pay which.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn postings(&self) -> Result<Vec<PostingView>, ClientError> {
        self.read_patiently("/v1/postings")
    }
}
