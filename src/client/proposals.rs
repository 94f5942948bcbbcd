//! Reads about proposals.

use super::reads::with_query;
use super::{Client, ClientError};
use crate::ledger::InstructionId;
use crate::limits::PROPOSALS_PAGE_MAX;
use crate::wire::{ProposalView, ProposalsPage};

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
        let (mut all, mut cursor) = (Vec::new(), None);
        while all.len() < limit {
            let path = with_query(
                "/v1/proposals",
                &[
                    ("limit", Some(PROPOSALS_PAGE_MAX.to_string())),
                    ("open", open.then(|| "true".to_owned())),
                    ("cursor", cursor.map(|id: InstructionId| id.to_string())),
                ],
            );
            let page: ProposalsPage = self.read_patiently(&path)?;
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
