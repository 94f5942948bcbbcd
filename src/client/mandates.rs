//! Reads about mandates, and about which kinds of accounts may pay which.

use super::pages::size;
use super::{Client, ClientError};
use crate::ledger::InstructionId;
use crate::limits::MANDATES_PAGE_MAX;
use crate::wire::{MandateView, PostingView};

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
        let parameters = [
            size(MANDATES_PAGE_MAX),
            ("account", account.map(ToOwned::to_owned)),
        ];
        self.list("/v1/mandates", &parameters, limit)
    }

    /// Which kinds of accounts may pay which.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn postings(&self) -> Result<Vec<PostingView>, ClientError> {
        self.read_patiently("/v1/postings")
    }
}
