//! Reads about proposals.

use super::pages::size;
use super::{Client, ClientError};
use crate::ledger::InstructionId;
use crate::limits::PROPOSALS_PAGE_MAX;
use crate::wire::ProposalView;

impl Client {
    /// One proposal.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn proposal(&self, id: InstructionId) -> Result<ProposalView, ClientError> {
        self.read_patiently(&format!("/v1/proposals/{id}"))
    }

    /// The proposals that the session may see, oldest first: open ones only, or also those that ended
    /// lately; at most so many.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn proposals(&self, open: bool, limit: usize) -> Result<Vec<ProposalView>, ClientError> {
        let parameters = [
            size(PROPOSALS_PAGE_MAX),
            ("open", open.then(|| "true".to_owned())),
        ];
        self.list("/v1/proposals", &parameters, limit)
    }
}
