//! Reads about rates and quotes.

use super::pages::size;
use super::{Client, ClientError};
use crate::ledger::{AssetId, InstructionId, ParticipantId};
use crate::limits::HOLDS_PAGE_MAX;
use crate::wire::{QuoteView, RateView};

impl Client {
    /// All rates: of one provider, of one asset, in one asset, or of all.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn rates(
        &self,
        provider: Option<&ParticipantId>,
        base: Option<&AssetId>,
        quote: Option<&AssetId>,
    ) -> Result<Vec<RateView>, ClientError> {
        let parameters = [
            ("provider", provider.map(ToString::to_string)),
            ("base", base.map(ToString::to_string)),
            ("quote", quote.map(ToString::to_string)),
        ];
        self.list("/v1/rates", &parameters, usize::MAX)
    }

    /// One quote.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn quote(&self, id: InstructionId) -> Result<QuoteView, ClientError> {
        self.read_patiently(&format!("/v1/quotes/{id}"))
    }

    /// The quotes that concern the session, oldest first: open ones only, or also those that ended
    /// lately; at most so many.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn quotes(&self, open: bool, limit: usize) -> Result<Vec<QuoteView>, ClientError> {
        let parameters = [
            size(HOLDS_PAGE_MAX),
            ("open", open.then(|| "true".to_owned())),
        ];
        self.list("/v1/quotes", &parameters, limit)
    }
}
