//! Settlement models and their windows: to those who have joined them, operators and auditors.

use super::{ReadError, Reader, Viewer};
use crate::ledger::{Model, ModelId, Role};
use crate::node::shared::read;
use crate::wire::{CyclesPage, ModelView, WindowView};

impl Reader {
    /// All models that the viewer may see. Banks see of each model their own position alone.
    ///
    /// # Errors
    /// [`ReadError::Damaged`] if the book does not know what a model names.
    pub fn cycles(&self, viewer: &Viewer) -> Result<CyclesPage, ReadError> {
        let at = read(&self.shared.book);
        let models = at.book.cycles().models().iter();
        let seen = models.filter(|model| sees_model(viewer, model));
        let view = |model: &Model| {
            let last = at.size.saturating_sub(1);
            let view = ModelView::of(&at.book, model, last, |number| sees(viewer, number));
            let lost = || "what the model names is unknown".to_owned();
            view.ok_or_else(|| ReadError::Damaged(model.record.opened, lost()))
        };
        let items = seen.map(|model| view(model)).collect::<Result<_, _>>()?;
        Ok(CyclesPage { items })
    }

    /// One window of a model, with what the viewer sent and received in it; operators and auditors see
    /// what everybody did.
    ///
    /// # Errors
    /// [`ReadError::NotFound`]: also of windows that settled long ago.
    pub fn cycle(
        &self,
        model: &ModelId,
        window: u64,
        viewer: &Viewer,
    ) -> Result<WindowView, ReadError> {
        let at = read(&self.shared.book);
        let model = at.book.cycles().model(model);
        let model = model.filter(|model| sees_model(viewer, model));
        let model = model.ok_or(ReadError::NotFound)?;
        let last = at.size.saturating_sub(1);
        let view = WindowView::of(&at.book, model, window, last, |n| sees(viewer, n));
        view.ok_or(ReadError::NotFound)
    }
}

fn sees(viewer: &Viewer, participant: u32) -> bool {
    matches!(viewer.role, Role::Auditor | Role::Operator) || participant == viewer.number
}

fn sees_model(viewer: &Viewer, model: &Model) -> bool {
    matches!(viewer.role, Role::Auditor | Role::Operator) || model.member(viewer.number).is_some()
}
