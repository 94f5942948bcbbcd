//! The publisher: waits until a group is durable, signs its checkpoint, lets readers see it, and
//! only then answers. Nothing above the watermark ever leaves the node.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chain::{Checkpoint, VerifierKey};
use crossbeam_channel::{Receiver, Sender};
use keys::RootGuard;

use super::copier::Order;
use super::fatal;
use super::group::{Applied, Done, Logged, Published, Reply, ToStore, Waiting};
use super::shared::{Shared, View};
use crate::clock;
use crate::ledger::{Effect, signing_at};

pub(super) struct Publisher {
    pub(super) done: Receiver<Done>,
    pub(super) durable: Receiver<u64>,
    pub(super) store: Sender<ToStore>,
    /// To the copying thread.
    pub(super) orders: Sender<Order>,
    pub(super) guard: RootGuard,
    pub(super) shared: Arc<Shared>,
    /// The file with the log's newest key, for whoever looks into the data folder.
    pub(super) vkey_file: PathBuf,
    /// Frame sequence of the last durable group.
    pub(super) sequence: u64,
}

impl Publisher {
    /// Runs until the sequencer hangs up.
    pub(super) fn run(mut self) {
        while let Ok(done) = self.done.recv() {
            if done.framed {
                match self.durable.recv() {
                    Ok(sequence) => self.sequence = sequence,
                    Err(_) => fatal("the commit thread is gone"),
                }
            }
            self.publish(done);
        }
    }

    fn publish(&mut self, done: Done) {
        let Done {
            entries,
            waiting,
            tree,
            mark,
            leaf,
            frozen,
            snapshot,
            framed,
        } = done;
        let mut tiles = Vec::new();
        if !entries.is_empty() {
            self.rekey(&entries, mark.size);
            let view = View {
                mark,
                checkpoint: self.sign(mark),
            };
            let absorbed = self.shared.absorb(&entries, &tree, view, frozen);
            tiles = absorbed.tiles;
            if let (Some(ticket), Some(size)) = (absorbed.frozen, frozen) {
                self.order(Order::Freeze { size, ticket });
            }
            self.shared.metrics.count(&entries);
        }
        let view = self.shared.view.load_full();
        for (asker, waiting) in waiting {
            let answer = match waiting {
                Waiting::Ready(reply) => reply,
                Waiting::Applied { at, balances } => {
                    let Some(logged) = entries.get(at).cloned() else {
                        continue;
                    };
                    let index = logged.entry.index;
                    let proof = chain::inclusion_proof(&tree, index, mark.size)
                        .unwrap_or_else(|error| fatal(&format!("no proof for {index}: {error}")));
                    let checkpoint = Arc::clone(&view.checkpoint);
                    Reply::Applied(Box::new(Applied {
                        logged,
                        balances,
                        proof,
                        checkpoint,
                    }))
                }
            };
            asker.answer(answer);
        }
        // A frame of replays and refusals alone leads to no entry, and is to be released all the same.
        if framed {
            let sequence = self.sequence;
            let published = ToStore::Group(Published {
                entries,
                tiles,
                mark,
                leaf,
                sequence,
            });
            if self.store.send(published).is_err() {
                fatal("the storing thread is gone");
            }
        }
        // The readers' book now stands where the capture was taken.
        if let Some(capture) = snapshot {
            let begun = clock::instant();
            let (head, ticket) = self.shared.begin_copy();
            self.shared.metrics.paused(begun);
            self.order(Order::Snapshot {
                capture,
                head: Box::new(head),
                ticket,
            });
        }
    }

    fn order(&self, order: Order) {
        if self.orders.send(order).is_err() {
            fatal("the copying thread is gone");
        }
    }

    /// Takes the keys that entries of the group add or retire.
    fn rekey(&mut self, entries: &[Arc<Logged>], size: u64) {
        let effects = entries.iter().flat_map(|logged| &logged.effects);
        let newest = effects.rev().find_map(|effect| match effect {
            Effect::LogKeys(keys) => Some(signing_at(keys, size)),
            _ => None,
        });
        let Some(keys) = newest else {
            return;
        };
        // The door asks whether a key is at hand before it lets it in.
        if let Err(error) = self.guard.sign_with(&keys) {
            fatal(&format!("the log's keys have changed: {error}"));
        }
        if let Some(newest) = keys.last() {
            write_vkey(&self.vkey_file, newest);
        }
        let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
        tracing::info!(keys = keys.join(", "), size, "checkpoints are signed by");
    }

    fn sign(&mut self, mark: crate::store::wal::Mark) -> Arc<str> {
        let origin = self.shared.origin.clone();
        let checkpoint = Checkpoint {
            origin,
            size: mark.size,
            root: mark.root,
        };
        match self.guard.sign(&checkpoint) {
            Ok(note) => note.into(),
            // Either the key is gone or the log would fork. Both are the end of this process.
            Err(error) => fatal(&format!("the checkpoint was not signed: {error}")),
        }
    }
}

/// Puts the log's newest key into its file. Clients that look there want it; nothing else needs it.
pub(super) fn write_vkey(file: &Path, key: &VerifierKey) {
    let making = file.with_extension("vkey.new");
    // What an interrupted attempt left.
    let _ = std::fs::remove_file(&making);
    let written = keys::write_vkey_file(&making, key).map_err(|error| error.to_string());
    let named =
        written.and_then(|()| std::fs::rename(&making, file).map_err(|error| error.to_string()));
    if let Err(error) = named {
        tracing::error!(error, file = %file.display(), "the log's new key is not in its file");
    }
}
