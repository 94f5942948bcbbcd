//! Lists that come in pages: asked for until there is no next one, or enough.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::reads::{Parameter, with_query};
use super::{Client, ClientError};

/// A page of any list, whatever else it says: the cursor goes back as it came.
#[derive(Debug, Deserialize)]
struct Page<T> {
    items: Vec<T>,
    next: Option<String>,
}

impl Client {
    /// At most `limit` lines of the list at `path` with these parameters, from its first page on.
    pub(super) fn list<T: DeserializeOwned>(
        &self,
        path: &str,
        parameters: &[Parameter],
        limit: usize,
    ) -> Result<Vec<T>, ClientError> {
        let (mut all, mut cursor) = (Vec::new(), None);
        while all.len() < limit {
            let place = [("cursor", cursor)];
            let path = with_query(path, &[parameters, &place].concat());
            let page: Page<T> = self.read_patiently(&path)?;
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

/// A parameter that says how many lines a page has.
pub(super) fn size(lines: usize) -> Parameter {
    ("limit", Some(lines.to_string()))
}
