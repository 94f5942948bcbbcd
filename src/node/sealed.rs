//! The newest seal's tree, from which balance proofs are made.
//!
//! It stands in memory: about 160 bytes an account. A start makes it anew from the accounts' own
//! chains; until then, whoever asks for a proof is told to ask again.

use std::sync::Arc;

use chain::{Hash, LeafTree};

use crate::ledger::{Frozen, SealRef};

/// The accounts under a seal, and the tree over them.
pub(super) struct SealedTree {
    pub(super) frozen: Arc<Frozen>,
    pub(super) secret: Hash,
    pub(super) tree: LeafTree,
}

/// What is known of seals.
#[derive(Default)]
pub(super) struct Seals {
    /// Computed, and on its way to the log.
    pending: Option<Arc<SealedTree>>,
    /// The newest seal in the log.
    last: Option<SealRef>,
    /// Its tree, once there is one.
    tree: Option<Arc<SealedTree>>,
}

impl Seals {
    pub(super) fn starting_with(last: Option<SealRef>) -> Self {
        Self {
            last,
            ..Self::default()
        }
    }

    /// Keeps a tree until its seal is in the log.
    pub(super) fn expect(&mut self, tree: Arc<SealedTree>) {
        self.pending = Some(tree);
    }

    /// A seal is in the log, durable and published.
    pub(super) fn logged(&mut self, seal: SealRef) {
        let fits = |tree: &Arc<SealedTree>| tree.frozen.size == seal.sealed_size;
        self.tree = self.pending.take().filter(fits);
        self.last = Some(seal);
    }

    /// The tree of a seal from before this start, unless a newer one has come.
    pub(super) fn restored(&mut self, seal: SealRef, tree: Arc<SealedTree>) {
        if self.last == Some(seal) {
            self.tree = Some(tree);
        }
    }

    /// The newest seal and its tree.
    pub(super) fn newest(&self) -> (Option<SealRef>, Option<Arc<SealedTree>>) {
        (self.last, self.tree.clone())
    }
}
