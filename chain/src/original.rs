//! Originals: the proof that a leg is in the log, as a return, a reversal or a recall brings it.
//!
//! ```text
//! item + salt ──item_proof──▶ payload_root in the entry ──▶ leaf hash ──proof──▶ root of a subtree
//! ```
//!
//! It ends at the root of a complete subtree of the log, not at a checkpoint: that root stays the same
//! however much the log grows, so whoever follows the log can remember it.

use alloc::vec::Vec;

use crate::receipt::Receipt;
use crate::{Checkpoint, Entry, Hash, Note, ProofError, salt, verify_inclusion};

/// Hashes from a leaf to the root of the largest subtree that a log can have.
const LEVELS_MAX: usize = 63;

/// An item of the log, with what proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Original {
    /// Its entry.
    pub entry: Entry,
    /// Number of the item in the entry.
    pub n: u32,
    /// The item.
    pub item: Vec<u8>,
    /// The item's salt.
    pub salt: Hash,
    /// Inclusion proof in the tree under the entry's `payload_root`, the leaf's sibling first.
    pub item_proof: Vec<Hash>,
    /// From the entry's leaf to the root of a complete subtree of the log, the leaf's sibling first:
    /// as many hashes as the subtree has levels below its root.
    pub proof: Vec<Hash>,
}

/// A complete subtree: the one number `index` of those with `2^level` leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subtree {
    /// Levels below its root.
    pub level: u8,
    /// Which of its level.
    pub index: u64,
    /// Its root.
    pub root: Hash,
}

/// Why something is not the proof of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OriginalError {
    /// The item is not in the entry.
    #[error("the item is not in the entry: {0}")]
    Item(#[from] ProofError),
    /// No log has a subtree with so many levels.
    #[error("a proof of {0} hashes is too long")]
    TooLong(usize),
}

impl Original {
    /// Takes item `n` out of a receipt, with what of its proof stays as the log grows. `None` if the
    /// receipt does not open the item, or its checkpoint is none. Nothing is verified.
    #[must_use]
    pub fn of_receipt(receipt: &Receipt, n: u32) -> Option<Self> {
        let opening = receipt.items.iter().find(|item| item.n == n)?;
        let note = Note::parse(&receipt.checkpoint).ok()?;
        let size = Checkpoint::parse_text(note.text()).ok()?.size;
        let index = receipt.entry.index;
        // The subtrees that make up a tree are those of the set bits of its size: the entry's is that
        // of the highest bit in which its index differs.
        let level = (index < size).then(|| (index ^ size).ilog2())?;
        Some(Self {
            entry: receipt.entry,
            n,
            item: opening.bytes.clone(),
            salt: opening.salt,
            item_proof: opening.proof.clone(),
            proof: receipt.proof.get(..level as usize)?.to_vec(),
        })
    }

    /// Checks that the item is in the entry, and computes to which subtree the entry leads.
    ///
    /// # Errors
    /// [`OriginalError`].
    pub fn subtree(&self) -> Result<Subtree, OriginalError> {
        let leaf = salt::item_leaf(&self.salt, &self.item);
        let (n, items) = (u64::from(self.n), u64::from(self.entry.items));
        verify_inclusion(&leaf, n, items, &self.item_proof, &self.entry.payload_root)?;
        let level = u8::try_from(self.proof.len()).unwrap_or(u8::MAX);
        if usize::from(level) > LEVELS_MAX {
            return Err(OriginalError::TooLong(self.proof.len()));
        }
        let mut index = self.entry.index;
        let mut root = self.entry.leaf_hash();
        for sibling in &self.proof {
            root = match index % 2 {
                0 => Hash::node(&root, sibling),
                _ => Hash::node(sibling, &root),
            };
            index >>= 1;
        }
        Ok(Subtree { level, index, root })
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::vec;

    use super::*;
    use crate::receipt::ItemOpening;
    use crate::{EntryKind, Frontier, KeyId, LeafTree, NoteSignature, inclusion_proof};

    fn entry(index: u64, payload_root: Hash) -> Entry {
        Entry {
            kind: EntryKind::Submission,
            items: 3,
            index,
            time: 1 + index,
            prev: Hash::sha256(&index.to_be_bytes()),
            payload_root,
            aux: Hash::ZERO,
        }
    }

    /// Every entry of every small log, by the receipt of every size: the subtree is one that the log
    /// completed.
    #[test]
    fn a_receipt_leads_to_a_subtree_that_the_log_completed() {
        let item = vec![1, 2, 3];
        let salt = Hash::sha256(b"salt");
        let leaves = [0u8, 1, 2].map(|n| match n {
            1 => salt::item_leaf(&salt, &item),
            n => Hash::leaf(&[n]),
        });
        let items = LeafTree::new(leaves.to_vec());
        for size in 1..20u64 {
            let entries: Vec<Entry> = (0..size).map(|i| entry(i, items.root())).collect();
            let hashes: Vec<Hash> = entries.iter().map(Entry::leaf_hash).collect();
            let (mut frontier, mut nodes) = (Frontier::new(), Vec::new());
            for hash in &hashes {
                frontier.push(*hash, &mut |level, index, root| {
                    nodes.push(Subtree { level, index, root });
                });
            }
            let tree = LeafTree::new(hashes);
            let root = tree.root();
            for entry in &entries {
                let proof = inclusion_proof(&tree, entry.index, size).unwrap();
                let opening = ItemOpening {
                    n: 1,
                    bytes: item.clone(),
                    salt,
                    proof: items.inclusion_proof(1).unwrap(),
                    private: Vec::new(),
                    text: None,
                };
                let signature = NoteSignature::new("o", KeyId::new(1), &[1; 64]).unwrap();
                let line = signature.to_line();
                let receipt = Receipt {
                    entry: *entry,
                    items: vec![opening],
                    proof,
                    checkpoint: format!("o\n{size}\n{root}\n\n{line}").into_bytes(),
                };
                assert_eq!(Original::of_receipt(&receipt, 0), None);
                let original = Original::of_receipt(&receipt, 1).unwrap();
                let subtree = original.subtree().unwrap();
                assert!(nodes.contains(&subtree), "{} of {size}", entry.index);
                assert_eq!(subtree.index, entry.index >> subtree.level);
                let mut other = original.clone();
                other.item[0] ^= 1;
                assert!(matches!(other.subtree(), Err(OriginalError::Item(_))));
                let mut long = original.clone();
                long.proof = vec![Hash::ZERO; 64];
                assert_eq!(long.subtree(), Err(OriginalError::TooLong(64)));
                for n in 0..original.proof.len() {
                    let mut other = original.clone();
                    other.proof[n] = Hash::ZERO;
                    assert_ne!(other.subtree().unwrap().root, subtree.root);
                }
            }
        }
    }
}
