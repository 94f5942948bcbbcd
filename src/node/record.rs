//! Records: what the store keeps of an entry beside its 120 bytes, packed.
//!
//! Items are not stored as such. Their bytes follow from the drafts, the salt and the book, whose
//! addresses, assets and scales never change; what cannot be computed again is stored.

use std::sync::Arc;

use chain::{Hash, Item, LeafTree};
use serde::{Deserialize, Serialize};

use super::bytes::{Bytes, BytesRef};
use super::hashing::batch_tree;
use super::packed::{RUN_LEVEL, Unpackable, pack_drafts, unpack_drafts};
use crate::ledger::{Draft, Names, SealedItems, seal_items};

const VERSION: u8 = 1;
/// A batch: no body, no texts, drafts packed.
pub(super) const VERSION_BATCH: u8 = 2;

/// What every record begins with: version, salt, item 0.
pub(super) type Start<S, B> = (u8, S, B);

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
    /// Of a batch, the roots over runs of its items: see [`LeafTree::runs`].
    #[serde(skip)]
    pub(super) runs: Vec<Hash>,
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
    /// The drafts of a batch cannot be unpacked.
    #[error("the record of a batch cannot be decoded: {0}")]
    Packed(#[from] Unpackable),
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
        sealed_body: Arc<Vec<u8>>,
    ) -> Self {
        let mut item = Vec::new();
        authorisation.write(&mut item);
        Self {
            version: VERSION,
            salt,
            authorisation: Bytes(Arc::new(item)),
            drafts,
            texts,
            sealed_body: Bytes(sealed_body),
            genesis: None,
            runs: Vec::new(),
        }
    }

    /// The record of a batch, and the tree over its items.
    #[must_use]
    pub fn of_batch(
        salt: [u8; 32],
        authorisation: &chain::Authorisation,
        drafts: Vec<Draft>,
        book: &(impl Names + Sync),
    ) -> (Self, LeafTree) {
        let mut record = Self::new(salt, authorisation, drafts, Vec::new(), Arc::default());
        let item = &record.authorisation.0;
        let tree = batch_tree(book, item, &record.drafts, &Hash::from_bytes(salt));
        record.version = VERSION_BATCH;
        record.runs = tree.runs(RUN_LEVEL);
        (record, tree)
    }

    /// The same without a hash, to measure what they cost: nothing can be proven by it.
    pub(super) fn unhashed_batch(
        salt: [u8; 32],
        authorisation: &chain::Authorisation,
        drafts: Vec<Draft>,
    ) -> (Self, LeafTree) {
        let mut record = Self::new(salt, authorisation, drafts, Vec::new(), Arc::default());
        record.version = VERSION_BATCH;
        record.runs = vec![Hash::ZERO; (record.drafts.len() >> RUN_LEVEL) + 1];
        (record, LeafTree::new(vec![Hash::ZERO]))
    }

    /// The record of entry 0.
    #[must_use]
    pub fn of_genesis(salt: [u8; 32], authorisation: &chain::Authorisation, json: String) -> Self {
        let mut record = Self::new(salt, authorisation, Vec::new(), Vec::new(), Arc::default());
        record.genesis = Some(json);
        record
    }

    /// Encodes the record.
    ///
    /// # Panics
    /// Never: every part has an encoding.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        if self.version != VERSION_BATCH {
            return postcard::to_allocvec(self).expect("every part has an encoding");
        }
        let start: Start<&[u8; 32], BytesRef<'_>> =
            (self.version, &self.salt, BytesRef(&self.authorisation.0));
        let mut out = postcard::to_allocvec(&start).expect("every part has an encoding");
        pack_drafts(&self.drafts, &self.runs, &mut out);
        out
    }

    /// Decodes a record.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RecordError> {
        match bytes.first() {
            Some(&VERSION) => Ok(postcard::from_bytes(bytes)?),
            Some(&VERSION_BATCH) => {
                let (start, packed) = postcard::take_from_bytes::<Start<[u8; 32], Bytes>>(bytes)?;
                let (version, salt, authorisation) = start;
                let (drafts, runs) = unpack_drafts(packed)?;
                Ok(Self {
                    version,
                    salt,
                    authorisation,
                    drafts,
                    texts: Vec::new(),
                    sealed_body: Bytes::default(),
                    genesis: None,
                    runs,
                })
            }
            Some(other) => Err(RecordError::Version(*other)),
            None => Err(postcard::Error::DeserializeUnexpectedEnd.into()),
        }
    }

    /// Item 0 of an encoded record, without a look at the rest.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn peek_authorisation(bytes: &[u8]) -> Result<chain::Authorisation, RecordError> {
        let (start, _) = postcard::take_from_bytes::<Start<[u8; 32], Bytes>>(bytes)?;
        let (version, _, item) = start;
        if !matches!(version, VERSION | VERSION_BATCH) {
            return Err(RecordError::Version(version));
        }
        Self::parse_authorisation(&item.0)
    }

    /// Item 0.
    ///
    /// # Errors
    /// [`RecordError::Authorisation`].
    pub fn authorisation(&self) -> Result<chain::Authorisation, RecordError> {
        Self::parse_authorisation(&self.authorisation.0)
    }

    pub(super) fn parse_authorisation(item: &[u8]) -> Result<chain::Authorisation, RecordError> {
        match Item::parse(item) {
            Ok(Item::Authorisation(item)) => Ok(item),
            _ => Err(RecordError::Authorisation),
        }
    }

    /// The bytes of item 0.
    #[must_use]
    pub fn first_item(&self) -> &[u8] {
        &self.authorisation.0
    }

    /// The same, shared.
    pub(super) fn first_item_shared(&self) -> Bytes {
        self.authorisation.clone()
    }

    /// The sealed body; empty for genesis.
    #[must_use]
    pub fn sealed_body(&self) -> &[u8] {
        &self.sealed_body.0
    }

    /// The draft of item `n`; item 0 has none, and neither has genesis.
    #[must_use]
    pub fn draft(&self, n: u32) -> Option<&Draft> {
        self.drafts.get(usize::try_from(n).ok()?.checked_sub(1)?)
    }

    /// The commitment to the text part of item `n`.
    #[must_use]
    pub fn text(&self, n: u32) -> Option<Hash> {
        let at = self.texts.binary_search_by_key(&n, |(n, _)| *n).ok()?;
        self.texts.get(at).map(|(_, hash)| Hash::from_bytes(*hash))
    }

    /// Whether the items lead to a payload root, and what is kept of their tree is of it.
    ///
    /// # Errors
    /// [`RecordError::Authorisation`].
    pub fn leads_to(&self, book: &(impl Names + Sync), root: &Hash) -> Result<bool, RecordError> {
        if self.version != VERSION_BATCH {
            return Ok(self.items(book)?.root() == *root);
        }
        let salt = Hash::from_bytes(self.salt);
        let tree = batch_tree(book, &self.authorisation.0, &self.drafts, &salt);
        Ok(tree.root() == *root && tree.runs(RUN_LEVEL) == self.runs)
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
