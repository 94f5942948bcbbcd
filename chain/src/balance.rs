//! Balance proofs: what one account held at a log size, proven by a seal and without a replay.

use alloc::vec::Vec;

use crate::item::ItemError;
use crate::receipt::in_log;
use crate::{
    Checkpoint, Entry, EntryKind, Hash, ProofError, ReceiptError, SealedAccount, VerifierKey, salt,
    verify_inclusion,
};

/// One account under a seal, with the way to a signed checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceProof {
    /// The sealed account's bytes.
    pub account: Vec<u8>,
    /// The salt of its leaf.
    pub salt: Hash,
    /// From the leaf to `aux`, the leaf's sibling first.
    pub account_proof: Vec<Hash>,
    /// The seal's entry.
    pub entry: Entry,
    /// From the entry to the checkpoint's root.
    pub proof: Vec<Hash>,
    /// The checkpoint: a signed note.
    pub checkpoint: Vec<u8>,
}

/// What a verified balance proof proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenBalance {
    /// The account as it was when the log had `sealed_size` entries.
    pub account: SealedAccount,
    /// The checkpoint that the trusted key signed.
    pub checkpoint: Checkpoint,
}

/// The first link of a balance proof that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BalanceError {
    /// The account's bytes cannot be read.
    #[error("the account cannot be read: {0}")]
    Account(ItemError),
    /// The entry is no seal.
    #[error("entry {0} is no seal")]
    NoSeal(u64),
    /// The account claims a state that came after its seal.
    #[error("the account is of log size {sealed}, after the seal at {seal}")]
    Later {
        /// The size that the account states.
        sealed: u64,
        /// Index of the seal.
        seal: u64,
    },
    /// The account does not lead to the seal's root.
    #[error("the account is not in the seal: {0}")]
    AccountProof(ProofError),
    /// The seal does not stand in the log that the trusted key signs for.
    #[error(transparent)]
    Log(#[from] ReceiptError),
}

impl BalanceProof {
    /// Verifies everything the proof says, trusting nothing but `key`.
    ///
    /// # Errors
    /// [`BalanceError`], which names the first link of the chain that does not hold.
    pub fn verify(&self, key: &VerifierKey) -> Result<ProvenBalance, BalanceError> {
        let account = SealedAccount::parse(&self.account).map_err(BalanceError::Account)?;
        let seal = self.entry.index;
        if self.entry.kind != EntryKind::Seal {
            return Err(BalanceError::NoSeal(seal));
        }
        if account.sealed_size > seal {
            let sealed = account.sealed_size;
            return Err(BalanceError::Later { sealed, seal });
        }
        verify_inclusion(
            &salt::item_leaf(&self.salt, &self.account),
            account.number,
            account.accounts,
            &self.account_proof,
            &self.entry.aux,
        )
        .map_err(BalanceError::AccountProof)?;
        let checkpoint = in_log(&self.entry, &self.proof, &self.checkpoint, key)?;
        Ok(ProvenBalance {
            account,
            checkpoint,
        })
    }
}
