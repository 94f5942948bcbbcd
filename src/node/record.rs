//! Records: what the store keeps of an entry beside its 120 bytes, packed.
//!
//! Items are not stored as such. Their bytes follow from the drafts, the salt and the book, whose
//! addresses, assets and scales never change; what cannot be computed again is stored.

use chain::{Hash, Item};
use serde::{Deserialize, Serialize};

use super::bytes::Bytes;
use crate::ledger::{Draft, Names, SealedItems, seal_items};

const VERSION: u8 = 1;

/// The stored part of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    version: u8,
    /// Entry salt.
    pub salt: [u8; 32],
    /// Item 0, as bytes.
    authorisation: Bytes,
    /// Items 1 and up, in the making.
    pub drafts: Vec<Draft>,
    /// Commitments to text parts, by item number.
    pub texts: Vec<(u32, [u8; 32])>,
    /// The body under the entry's key; empty for genesis.
    sealed_body: Bytes,
    /// The genesis document, in entry 0 only.
    pub genesis: Option<String>,
}

/// Why a stored record cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The encoding is broken.
    #[error("the record cannot be decoded: {0}")]
    Encoding(#[from] postcard::Error),
    /// The version is not one this code knows.
    #[error("the record has version {0}")]
    Version(u8),
    /// Item 0 is not an authorisation.
    #[error("item 0 is not an authorisation")]
    Authorisation,
}

impl Record {
    /// The record of a submission's entry.
    #[must_use]
    pub fn new(
        salt: [u8; 32],
        authorisation: &chain::Authorisation,
        drafts: Vec<Draft>,
        texts: Vec<(u32, [u8; 32])>,
        sealed_body: Vec<u8>,
    ) -> Self {
        let mut item = Vec::new();
        authorisation.write(&mut item);
        Self {
            version: VERSION,
            salt,
            authorisation: Bytes(item),
            drafts,
            texts,
            sealed_body: Bytes(sealed_body),
            genesis: None,
        }
    }

    /// The record of entry 0.
    #[must_use]
    pub fn of_genesis(salt: [u8; 32], authorisation: &chain::Authorisation, json: String) -> Self {
        let mut record = Self::new(salt, authorisation, Vec::new(), Vec::new(), Vec::new());
        record.genesis = Some(json);
        record
    }

    /// Encodes the record.
    ///
    /// # Panics
    /// Never: every part has an encoding.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        postcard::to_allocvec(self).expect("every part has an encoding")
    }

    /// Decodes a record.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RecordError> {
        let record: Self = postcard::from_bytes(bytes)?;
        if record.version != VERSION {
            return Err(RecordError::Version(record.version));
        }
        Ok(record)
    }

    /// Item 0 of an encoded record, without a look at the rest.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn peek_authorisation(bytes: &[u8]) -> Result<chain::Authorisation, RecordError> {
        type Start = (u8, [u8; 32], Bytes);
        let ((version, _, item), _) = postcard::take_from_bytes::<Start>(bytes)?;
        if version != VERSION {
            return Err(RecordError::Version(version));
        }
        match Item::parse(&item.0) {
            Ok(Item::Authorisation(item)) => Ok(item),
            _ => Err(RecordError::Authorisation),
        }
    }

    /// Item 0.
    ///
    /// # Errors
    /// [`RecordError::Authorisation`].
    pub fn authorisation(&self) -> Result<chain::Authorisation, RecordError> {
        match Item::parse(&self.authorisation.0) {
            Ok(Item::Authorisation(item)) => Ok(item),
            _ => Err(RecordError::Authorisation),
        }
    }

    /// The sealed body; empty for genesis.
    #[must_use]
    pub fn sealed_body(&self) -> &[u8] {
        &self.sealed_body.0
    }

    /// The commitment to the text part of item `n`.
    #[must_use]
    pub fn text(&self, n: u32) -> Option<Hash> {
        let at = self.texts.binary_search_by_key(&n, |(n, _)| *n).ok()?;
        self.texts.get(at).map(|(_, hash)| Hash::from_bytes(*hash))
    }

    /// Makes the items again.
    ///
    /// # Errors
    /// [`RecordError::Authorisation`].
    pub fn items(&self, book: &impl Names) -> Result<SealedItems, RecordError> {
        let salt = Hash::from_bytes(self.salt);
        let authorisation = self.authorisation()?;
        if let Some(json) = &self.genesis {
            return Ok(SealedItems::of_genesis(&authorisation, json, &salt));
        }
        Ok(seal_items(
            book,
            &authorisation,
            &self.drafts,
            &salt,
            |n, _| self.text(n),
        ))
    }
}
