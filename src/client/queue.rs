//! Reads about payments that wait.

use super::reads::with_query;
use super::{Client, ClientError};
use crate::limits::QUEUE_PAGE_MAX;
use crate::wire::{PaymentCursor, PaymentView, PaymentsPage};

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
        let (mut all, mut cursor) = (Vec::new(), None);
        while all.len() < limit {
            let path = with_query(
                "/v1/queue",
                &[
                    ("limit", Some(QUEUE_PAGE_MAX.to_string())),
                    ("account", account.map(ToOwned::to_owned)),
                    (
                        "cursor",
                        cursor.map(|cursor: PaymentCursor| cursor.to_string()),
                    ),
                ],
            );
            let page: PaymentsPage = self.read_patiently(&path)?;
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
