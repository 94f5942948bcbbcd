//! Receipts: what a bank keeps, and how anybody checks one with nothing of ours running.
//!
//! ```text
//! private and text parts ──▶ commitments in the item
//! items + salts + proofs ──▶ payload_root in the entry
//! entry ──▶ leaf hash ──▶ inclusion proof ──▶ checkpoint ──▶ signature by the key YOU trust
//! ```

use alloc::vec::Vec;

use crate::item::{Item, ItemError};
use crate::policy::{Policy, PolicyRefusal, PolicyVerdict};
use crate::private_part::PrivatePart;
use crate::{Checkpoint, CheckpointError, Entry, Hash, Note, NoteError, ProofError, VerifierKey};
use crate::{salt, verify_inclusion};

/// A part of an item, opened: its bytes and the salt of its commitment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The part's bytes.
    pub bytes: Vec<u8>,
    /// The salt it was committed under.
    pub salt: Hash,
}

/// An item, opened, with its proof up to the entry's payload root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemOpening {
    /// Number of the item in its entry.
    pub n: u32,
    /// Item bytes.
    pub bytes: Vec<u8>,
    /// Item salt.
    pub salt: Hash,
    /// Inclusion proof in the payload tree, from the leaf upwards.
    pub proof: Vec<Hash>,
    /// Private parts that the holder may read, with their numbers.
    pub private: Vec<(u16, Opening)>,
    /// The text part, if there is one and the holder may read it.
    pub text: Option<Opening>,
}

/// A receipt: an entry, some of its items, and the proof that the log holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The log entry.
    pub entry: Entry,
    /// The items opened in this receipt.
    pub items: Vec<ItemOpening>,
    /// Inclusion proof of the entry in the log, from the leaf upwards.
    pub proof: Vec<Hash>,
    /// The checkpoint, verbatim, with its signatures.
    pub checkpoint: Vec<u8>,
}

/// Why a receipt proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptError {
    /// The receipt opens no item, so it says nothing.
    #[error("the receipt opens no item")]
    Empty,
    /// An item's bytes cannot be read.
    #[error("item {n}: {error}")]
    Item {
        /// Number of the item.
        n: u32,
        /// What is wrong with it.
        error: ItemError,
    },
    /// An item is opened twice or out of order.
    #[error("item {0} is opened twice or out of order")]
    Order(u32),
    /// An item does not lead to the entry's payload root.
    #[error("item {n} is not in the entry: {error}")]
    ItemProof {
        /// Number of the item.
        n: u32,
        /// How its proof fails.
        error: ProofError,
    },
    /// A private part is not the one that the item commits to.
    #[error("item {n}: private part {part} is not the one the item commits to")]
    Private {
        /// Number of the item.
        n: u32,
        /// Number of the private part.
        part: u16,
    },
    /// The text part is not the one that the item commits to.
    #[error("item {0}: the text is not the one the item commits to")]
    Text(u32),
    /// The checkpoint's note is not one that the trusted key signed.
    #[error("the checkpoint is not signed by the trusted key: {0}")]
    Note(NoteError),
    /// The checkpoint's text is malformed.
    #[error("the checkpoint cannot be read: {0}")]
    Checkpoint(CheckpointError),
    /// The checkpoint speaks for another log.
    #[error("the checkpoint speaks for another log than the trusted key's")]
    Origin,
    /// The policy refuses the checkpoint, whatever its quorum.
    #[error("the policy refuses the checkpoint: {0}")]
    Policy(PolicyRefusal),
    /// The entry does not lead to the checkpoint's root.
    #[error("the entry is not in the log: {0}")]
    EntryProof(ProofError),
}

/// What a verified receipt proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The checkpoint that the trusted key signed.
    pub checkpoint: Checkpoint,
    /// The items, read, with their numbers and the private parts opened.
    pub items: Vec<VerifiedItem>,
}

/// One item of a verified receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedItem {
    /// Number of the item in its entry.
    pub n: u32,
    /// The item.
    pub item: Item,
    /// Private parts that were opened and match their commitments.
    pub private: Vec<PrivatePart>,
    /// Text part that was opened and matches its commitment.
    pub text: Option<Vec<u8>>,
}

impl Receipt {
    /// Verifies everything the receipt says, trusting nothing but `key`.
    ///
    /// # Errors
    /// [`ReceiptError`], which names the first link of the chain that does not hold.
    pub fn verify(&self, key: &VerifierKey) -> Result<Verified, ReceiptError> {
        let items = self.verify_items()?;
        let checkpoint = in_log(&self.entry, &self.proof, &self.checkpoint, key)?;
        Ok(Verified { checkpoint, items })
    }

    /// Verifies everything the receipt says, trusting nothing but `policy`. Whether its quorum is
    /// met stands in the verdict and is for the caller to judge.
    ///
    /// # Errors
    /// [`ReceiptError`], which names the first link of the chain that does not hold.
    pub fn verify_by(&self, policy: &Policy) -> Result<(Verified, PolicyVerdict), ReceiptError> {
        let items = self.verify_items()?;
        let note = Note::parse(&self.checkpoint).map_err(ReceiptError::Note)?;
        let stated = Checkpoint::parse_text(note.text()).map_err(ReceiptError::Checkpoint)?;
        let verdict = policy
            .evaluate(&note, &stated.origin)
            .map_err(ReceiptError::Policy)?;
        let checkpoint = verdict.checkpoint.clone();
        let (leaf, index) = (self.entry.leaf_hash(), self.entry.index);
        verify_inclusion(&leaf, index, checkpoint.size, &self.proof, &checkpoint.root)
            .map_err(ReceiptError::EntryProof)?;
        Ok((Verified { checkpoint, items }, verdict))
    }

    fn verify_items(&self) -> Result<Vec<VerifiedItem>, ReceiptError> {
        if self.items.is_empty() {
            return Err(ReceiptError::Empty);
        }
        let mut items = Vec::with_capacity(self.items.len());
        let mut next = 0;
        for opening in &self.items {
            if opening.n < next {
                return Err(ReceiptError::Order(opening.n));
            }
            next = opening.n.saturating_add(1);
            items.push(opening.verify(&self.entry)?);
        }
        Ok(items)
    }
}

/// Verifies that an entry stands in the log that `key` signs for; gives the checkpoint.
pub(crate) fn in_log(
    entry: &Entry,
    proof: &[Hash],
    checkpoint: &[u8],
    key: &VerifierKey,
) -> Result<Checkpoint, ReceiptError> {
    let note = Note::parse(checkpoint).map_err(ReceiptError::Note)?;
    note.verify(&[key]).map_err(ReceiptError::Note)?;
    let checkpoint = Checkpoint::parse_text(note.text()).map_err(ReceiptError::Checkpoint)?;
    if checkpoint.origin != key.name() {
        return Err(ReceiptError::Origin);
    }
    let (leaf, index) = (entry.leaf_hash(), entry.index);
    verify_inclusion(&leaf, index, checkpoint.size, proof, &checkpoint.root)
        .map_err(ReceiptError::EntryProof)?;
    Ok(checkpoint)
}

impl ItemOpening {
    /// Verifies the item against `entry`: its place in the payload tree and the parts opened.
    ///
    /// # Errors
    /// [`ReceiptError`], which names the first link that does not hold.
    pub fn verify(&self, entry: &Entry) -> Result<VerifiedItem, ReceiptError> {
        let n = self.n;
        let item = Item::parse(&self.bytes).map_err(|error| ReceiptError::Item { n, error })?;
        let leaf = salt::item_leaf(&self.salt, &self.bytes);
        let (index, size) = (u64::from(n), u64::from(entry.items));
        verify_inclusion(&leaf, index, size, &self.proof, &entry.payload_root)
            .map_err(|error| ReceiptError::ItemProof { n, error })?;
        let mut private = Vec::with_capacity(self.private.len());
        for (part, opening) in &self.private {
            let commitment = salt::commit(&opening.salt, &opening.bytes);
            if item.private().get(usize::from(*part)) != Some(&commitment) {
                return Err(ReceiptError::Private { n, part: *part });
            }
            let opened = PrivatePart::parse(&opening.bytes);
            private.push(opened.map_err(|error| ReceiptError::Item { n, error })?);
        }
        let text = match &self.text {
            None => None,
            Some(opening) => {
                let commitment = salt::commit(&opening.salt, &opening.bytes);
                if item.text() != Some(&commitment) {
                    return Err(ReceiptError::Text(n));
                }
                Some(opening.bytes.clone())
            }
        };
        Ok(VerifiedItem {
            n,
            item,
            private,
            text,
        })
    }
}
