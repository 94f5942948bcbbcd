//! Reads about recalls, and about what was given back.

use super::reads::with_query;
use super::{Client, ClientError};
use crate::ledger::InstructionId;
use crate::limits::RECALLS_PAGE_MAX;
use crate::wire::{Cursor, RecallView, RecallsPage, ReturnedView, ReturnsPage};

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
        let (mut all, mut cursor) = (Vec::new(), None);
        while all.len() < limit {
            let path = with_query(
                "/v1/recalls",
                &[
                    ("limit", Some(RECALLS_PAGE_MAX.to_string())),
                    ("account", account.map(ToOwned::to_owned)),
                    ("cursor", cursor.map(|id: InstructionId| id.to_string())),
                ],
            );
            let page: RecallsPage = self.read_patiently(&path)?;
            all.extend(page.items);
            match page.next {
                None => break,
                next => cursor = next,
            }
        }
        all.truncate(limit);
        Ok(all)
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
        let (mut all, mut cursor) = (Vec::new(), None);
        while all.len() < limit {
            let path = with_query(
                "/v1/returns",
                &[
                    ("limit", Some(RECALLS_PAGE_MAX.to_string())),
                    ("account", account.map(ToOwned::to_owned)),
                    ("index", index.map(|index| index.to_string())),
                    ("cursor", cursor.map(|at: Cursor| at.to_string())),
                ],
            );
            let page: ReturnsPage = self.read_patiently(&path)?;
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
