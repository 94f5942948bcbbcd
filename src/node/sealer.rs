//! The sealing thread: computes the root over all accounts that the copying thread has copied, while
//! the applier goes on, and hands the seal to the sequencer.

use std::sync::Arc;

use chain::{Hash, LeafTree};
use crossbeam_channel::{Receiver, Sender};
use zeroize::Zeroizing;

use super::fatal;
use super::reader::Reader;
use super::sealed::SealedTree;
use super::shared::{Shared, read};
use super::submission::Submission;
use crate::ledger::{Frozen, SealOrder, SealRef, SealTotals, Time};

/// Accounts hashed under one lock of the readers' book: the publisher waits no longer than that.
const STRIDE: usize = 512;

pub(super) struct Sealer {
    pub(super) frozen: Receiver<Arc<Frozen>>,
    pub(super) seals: Sender<Box<Submission>>,
    pub(super) shared: Arc<Shared>,
    /// The newest seal at the start.
    pub(super) last: Option<SealRef>,
}

impl Sealer {
    /// Runs until the copying thread hangs up.
    pub(super) fn run(self) {
        if let Some(last) = self.last {
            self.restore(last);
        }
        for frozen in &self.frozen {
            let seal = self.seal(&frozen);
            // The sequencer is gone when the node is going down; the next start seals.
            if self.seals.send(Box::new(seal)).is_err() {
                return;
            }
        }
    }

    fn seal(&self, frozen: &Arc<Frozen>) -> Submission {
        let (secret, key) = (random(), random());
        let (leaves, totals) = self.leaves(frozen, &secret);
        let tree = tree(frozen, &secret, leaves);
        let draft = frozen.seal_with(&secret, &tree.tree.root(), totals);
        let order = SealOrder {
            computed: Some(Arc::new(draft)),
            sealed_size: frozen.size,
            secret: *secret,
        };
        self.shared.seals().expect(tree);
        let created = Time::from_nanos(self.shared.clock.now_ns());
        Submission::of_seal(order, created, key)
    }

    /// Makes the tree of a seal from before this start. Without it there are no proofs until the
    /// next seal: reason enough for a word, and not to go down.
    fn restore(&self, seal: SealRef) {
        let reader = Reader::new(Arc::clone(&self.shared));
        let frozen = match reader.frozen_at(seal.sealed_size) {
            Ok(frozen) => Arc::new(frozen),
            Err(error) => {
                let error = super::chain_of(&error);
                tracing::error!(
                    index = seal.index,
                    error,
                    "the accounts under the seal cannot be read"
                );
                return;
            }
        };
        let (leaves, _) = self.leaves(&frozen, &seal.secret);
        let tree = tree(&frozen, &seal.secret, leaves);
        match reader.seal_root(seal.index) {
            Ok(root) if root == tree.tree.root() => self.shared.seals().restored(seal, tree),
            _ => tracing::error!(
                index = seal.index,
                "the accounts' own chains do not lead to the seal: run an audit"
            ),
        }
    }

    /// The leaves of all accounts, by number, and the totals of the assets.
    fn leaves(&self, frozen: &Frozen, secret: &[u8; 32]) -> (Vec<Hash>, Vec<SealTotals>) {
        let (secret, mut buffer) = (Hash::from_bytes(*secret), Vec::new());
        let (mut leaves, mut totals) = (Vec::with_capacity(frozen.len()), Vec::new());
        while leaves.len() < frozen.len() {
            let some = leaves.len()..frozen.len().min(leaves.len() + STRIDE);
            let at = read(&self.shared.book);
            frozen.add_totals(&at.book, some.clone(), &mut totals);
            for number in some {
                let leaf = frozen.leaf(&at.book, number as u64, &secret, &mut buffer);
                let Some(leaf) = leaf else {
                    fatal(&format!("account {number} is not in the book"));
                };
                leaves.push(leaf);
            }
        }
        (leaves, totals)
    }
}

fn tree(frozen: &Arc<Frozen>, secret: &[u8; 32], leaves: Vec<Hash>) -> Arc<SealedTree> {
    Arc::new(SealedTree {
        frozen: Arc::clone(frozen),
        secret: Hash::from_bytes(*secret),
        tree: LeafTree::new(leaves),
    })
}

fn random() -> Zeroizing<[u8; 32]> {
    let mut bytes = Zeroizing::new([0; 32]);
    if let Err(error) = getrandom::fill(&mut *bytes) {
        fatal(&format!("the system gives no random numbers: {error}"));
    }
    bytes
}
