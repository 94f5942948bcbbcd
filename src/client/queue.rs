//! Reads about payments that wait.

use super::pages::size;
use super::{Client, ClientError};
use crate::limits::QUEUE_PAGE_MAX;
use crate::wire::PaymentView;

impl Client {
    /// The payments that wait and that the session may see: of one account, or of all; at most so
    /// many.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn payments(
        &self,
        account: Option<&str>,
        limit: usize,
    ) -> Result<Vec<PaymentView>, ClientError> {
        let parameters = [
            size(QUEUE_PAGE_MAX),
            ("account", account.map(ToOwned::to_owned)),
        ];
        self.list("/v1/queue", &parameters, limit)
    }
}
