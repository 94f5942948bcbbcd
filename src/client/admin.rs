//! The operators' listener, for backups: bytes and JSON behind a token from the data folder.

use serde::de::DeserializeOwned;

use super::Trust;
use super::error::ClientError;
use super::http::Http;

/// A connection to a node's operators' listener.
#[derive(Debug)]
pub struct Admin {
    http: Http,
}

impl Admin {
    /// Asks the listener at `base`, e.g. `http://127.0.0.1:7701`, with this token.
    ///
    /// # Errors
    /// [`ClientError::Address`].
    pub fn new(base: &str, token: String) -> Result<Self, ClientError> {
        let mut http = Http::new(base, &Trust::default())?;
        http.set_token(token);
        Ok(Self { http })
    }

    /// Asks for bytes.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn bytes(&self, path: &str) -> Result<Vec<u8>, ClientError> {
        Ok(self.http.get(path)?.good()?.bytes)
    }

    /// Asks for JSON.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn json<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.http.get(path)?.json()
    }
}
