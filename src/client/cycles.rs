//! Reads about settlement models.

use super::{Client, ClientError};
use crate::ledger::ModelId;
use crate::wire::{CyclesPage, ModelView, WindowView};

impl Client {
    /// The settlement models that the session may see.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn cycles(&self) -> Result<Vec<ModelView>, ClientError> {
        let page: CyclesPage = self.read_patiently("/v1/cycles")?;
        Ok(page.items)
    }

    /// One window of a model.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn cycle(&self, model: &ModelId, window: u64) -> Result<WindowView, ClientError> {
        self.read_patiently(&format!("/v1/cycles/{model}/{window}"))
    }
}
