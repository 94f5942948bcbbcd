//! Proposals: those that are open, and those that ended lately.

use super::visible::cursor;
use super::{ReadError, Reader, Viewer};
use crate::ledger::{InstructionId, Proposal, Role};
use crate::limits::PROPOSALS_SCAN;
use crate::node::shared::read;
use crate::wire::{ProposalView, ProposalsPage};

/// Which proposals.
#[derive(Debug, Clone, Default)]
pub struct ProposalsQuery {
    /// Behind this one.
    pub after: Option<InstructionId>,
    /// Only those that are open.
    pub open: bool,
}

impl Reader {
    /// One proposal, to those whose signatures it takes, operators and auditors. One that ended is known
    /// as long as ids are.
    ///
    /// # Errors
    /// [`ReadError::NotFound`].
    pub fn proposal(&self, id: InstructionId, viewer: &Viewer) -> Result<ProposalView, ReadError> {
        let at = read(&self.shared.book);
        let it = at.book.proposal(id, 0).filter(|it| sees(viewer, it));
        let view = it.and_then(|it| ProposalView::of(&at.book, it, at.size.saturating_sub(1)));
        view.ok_or(ReadError::NotFound)
    }

    /// A page of the proposals that the viewer may see, by id. A page may have fewer lines than
    /// `limit`, even none, before the last.
    ///
    /// # Errors
    /// None; as other reads.
    pub fn proposals(
        &self,
        viewer: &Viewer,
        query: &ProposalsQuery,
        limit: usize,
    ) -> Result<ProposalsPage, ReadError> {
        let at = read(&self.shared.book);
        let size = at.size.saturating_sub(1);
        let (mut items, mut last, mut seen) = (Vec::new(), None, 0usize);
        let mut rest = at.book.proposals_after(query.after);
        while items.len() < limit && seen < PROPOSALS_SCAN {
            let Some(it) = rest.next() else {
                return Ok(ProposalsPage { items, next: None });
            };
            seen = seen.saturating_add(1);
            last = Some(it.id);
            if sees(viewer, it) && (it.is_open() || !query.open) {
                items.extend(ProposalView::of(&at.book, it, size));
            }
        }
        let shown = items.last().map(|view: &ProposalView| view.id);
        let next = cursor(shown, last, rest.next().map(|one| one.id));
        Ok(ProposalsPage { items, next })
    }
}

fn sees(viewer: &Viewer, it: &Proposal) -> bool {
    matches!(viewer.role, Role::Auditor | Role::Operator) || it.asks(viewer.number)
}
