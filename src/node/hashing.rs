//! The tree over the items of a batch, hashed on several cores.
//!
//! Hashing is most of what a batch costs behind its door: a dozen compressions a transfer. The items
//! do not depend on each other, so parts of a batch are hashed side by side.

use std::num::NonZero;
use std::sync::LazyLock;

use chain::{Hash, LeafTree};

use crate::ledger::{Draft, Names, hash_leaves};

/// Fewer drafts than this are hashed sooner than a thread is started.
const PART_MIN: usize = 512;
/// Threads that are used at most.
const THREADS_MAX: usize = 4;

static THREADS: LazyLock<usize> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    cores.min(THREADS_MAX)
});

/// Hashes the items of a batch; `authorisation` is item 0 as bytes.
#[must_use]
pub(super) fn batch_tree(
    book: &(impl Names + Sync),
    authorisation: &[u8],
    drafts: &[Draft],
    salt: &Hash,
) -> LeafTree {
    let part = drafts.len().div_ceil(*THREADS).max(PART_MIN);
    let hash = |(drafts, from)| hash_leaves(book, authorisation, drafts, from, salt);
    if drafts.len() <= part {
        return LeafTree::new(hash((drafts, 0)));
    }
    let (first, rest) = drafts.split_at(part);
    let parts = rest.chunks(part).zip((0u32..).step_by(part).skip(1));
    let leaves = std::thread::scope(|scope| {
        let others: Vec<_> = parts.map(|part| scope.spawn(move || hash(part))).collect();
        // This thread takes its part, too.
        let mut leaves = hash((first, 0));
        leaves.reserve(drafts.len());
        for other in others {
            match other.join() {
                Ok(part) => leaves.extend(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        leaves
    });
    LeafTree::new(leaves)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Account, Asset};
    use crate::ledger::{InstructionDraft, InstructionId, Outcome};

    struct Nobody;

    impl Names for Nobody {
        fn account_numbered(&self, _: u64) -> Option<&Account> {
            None
        }
        fn asset_numbered(&self, _: u32) -> Option<&Asset> {
            None
        }
    }

    #[test]
    fn parts_make_the_tree_of_the_whole() {
        let salt = Hash::sha256(b"salt");
        for count in [1, 2, PART_MIN, PART_MIN + 1, 2 * PART_MIN + 3, 5_000] {
            let draft = |n: usize| {
                Draft::Instruction(InstructionDraft {
                    instruction: u32::try_from(n).unwrap(),
                    outcome: Outcome::NotOwner,
                    leg: Some(0),
                    id: InstructionId::from_parts(1, n as u128),
                    detail: 0,
                    json: String::from("{}"),
                })
            };
            let drafts: Vec<Draft> = (0..count).map(draft).collect();
            let whole = LeafTree::new(hash_leaves(&Nobody, b"first", &drafts, 0, &salt));
            assert_eq!(whole.size(), count as u64 + 1);
            assert_eq!(
                batch_tree(&Nobody, b"first", &drafts, &salt),
                whole,
                "{count}"
            );
        }
    }
}
