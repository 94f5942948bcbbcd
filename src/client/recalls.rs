//! Reads about recalls, and about what was given back.

use super::pages::size;
use super::{Client, ClientError};
use crate::limits::RECALLS_PAGE_MAX;
use crate::wire::{RecallView, ReturnedView};

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
        let parameters = [
            size(RECALLS_PAGE_MAX),
            ("account", account.map(ToOwned::to_owned)),
        ];
        self.list("/v1/recalls", &parameters, limit)
    }

    /// The payments that the session may see and of which something was given back, oldest first: of one
    /// account, of one entry, or all; at most so many.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn returns(
        &self,
        account: Option<&str>,
        index: Option<u64>,
        limit: usize,
    ) -> Result<Vec<ReturnedView>, ClientError> {
        let parameters = [
            size(RECALLS_PAGE_MAX),
            ("account", account.map(ToOwned::to_owned)),
            ("index", index.map(|index| index.to_string())),
        ];
        self.list("/v1/returns", &parameters, limit)
    }
}
