//! Reads about rates and quotes.

use super::reads::with_query;
use super::{Client, ClientError};
use crate::ledger::{AssetId, InstructionId, ParticipantId};
use crate::limits::HOLDS_PAGE_MAX;
use crate::wire::{QuoteView, QuotesPage, RateView, RatesPage};

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
        let (mut all, mut cursor) = (Vec::new(), None);
        loop {
            let path = with_query(
                "/v1/rates",
                &[
                    ("provider", provider.map(ToString::to_string)),
                    ("base", base.map(ToString::to_string)),
                    ("quote", quote.map(ToString::to_string)),
                    ("cursor", cursor.map(|id: ParticipantId| id.to_string())),
                ],
            );
            let page: RatesPage = self.read_patiently(&path)?;
            all.extend(page.items);
            match page.next {
                None => return Ok(all),
                next => cursor = next,
            }
        }
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
        let (mut all, mut cursor) = (Vec::new(), None);
        while all.len() < limit {
            let path = with_query(
                "/v1/quotes",
                &[
                    ("limit", Some(HOLDS_PAGE_MAX.to_string())),
                    ("open", open.then(|| "true".to_owned())),
                    ("cursor", cursor.map(|id: InstructionId| id.to_string())),
                ],
            );
            let page: QuotesPage = self.read_patiently(&path)?;
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
