//! The sealing thread: computes the root over all accounts beside the applier, which goes on
//! meanwhile, and hands the seal to the sequencer.

use std::sync::Arc;
use std::time::Duration;

use chain::{Hash, LeafTree};
use crossbeam_channel::{Receiver, Sender};
use zeroize::Zeroizing;

use super::fatal;
use super::reader::Reader;
use super::sealed::SealedTree;
use super::shared::{Shared, read};
use super::submission::Submission;
use crate::ledger::{Frozen, SealOrder, SealRef, Time};

/// Accounts hashed under one lock of the readers' book: the publisher waits no longer than that.
const STRIDE: u64 = 1_024;
/// How long to wait for the readers' book to reach a frozen state: a group's time on the disk.
const NAP: Duration = Duration::from_millis(1);

pub(super) struct Sealer {
    pub(super) frozen: Receiver<Arc<Frozen>>,
    pub(super) seals: Sender<Box<Submission>>,
    pub(super) shared: Arc<Shared>,
    /// The newest seal at the start.
    pub(super) last: Option<SealRef>,
}

impl Sealer {
    /// Runs until the sequencer hangs up.
    pub(super) fn run(self) {
        if let Some(last) = self.last {
            self.restore(last);
        }
        for frozen in &self.frozen {
            // Names are read from the book of the readers, which is behind by a group or two.
            while read(&self.shared.book).size < frozen.size {
                std::thread::sleep(NAP);
            }
            let seal = self.seal(&frozen);
            // The sequencer is gone when the node is going down; the next start seals.
            if self.seals.send(Box::new(seal)).is_err() {
                return;
            }
        }
    }

    fn seal(&self, frozen: &Arc<Frozen>) -> Submission {
        let (secret, key) = (random(), random());
        let leaves = self.leaves(frozen, &secret);
        let draft = frozen.seal(&read(&self.shared.book).book, &secret, &leaves);
        let order = SealOrder {
            computed: Some(Arc::new(draft)),
            sealed_size: frozen.size,
            secret: *secret,
        };
        let tree = tree(frozen, &secret, leaves);
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
        let tree = tree(&frozen, &seal.secret, self.leaves(&frozen, &seal.secret));
        match reader.seal_root(seal.index) {
            Ok(root) if root == tree.tree.root() => self.shared.seals().restored(seal, tree),
            _ => tracing::error!(
                index = seal.index,
                "the accounts' own chains do not lead to the seal: run an audit"
            ),
        }
    }

    fn leaves(&self, frozen: &Frozen, secret: &[u8; 32]) -> Vec<Hash> {
        let (secret, mut buffer) = (Hash::from_bytes(*secret), Vec::new());
        let mut leaves = Vec::with_capacity(frozen.len());
        let end = frozen.len() as u64;
        let mut next = 0;
        while next < end {
            let at = read(&self.shared.book);
            let stop = end.min(next + STRIDE);
            for number in next..stop {
                let Some(leaf) = frozen.leaf(&at.book, number, &secret, &mut buffer) else {
                    fatal(&format!("account {number} is not in the book"));
                };
                leaves.push(leaf);
            }
            next = stop;
        }
        leaves
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
