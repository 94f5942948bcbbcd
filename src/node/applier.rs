//! The applier: the only code that changes the ledger and extends the log. No IO in here: the
//! same code runs behind the sequencer and when the WAL is replayed at open.

use std::sync::Arc;

use chain::{Frontier, Hash};

use super::body::EntryKey;
use super::frame::Input;
use super::group::{BalanceThen, Logged, LoggedItems};
use super::record::Record;
use super::submission::Submission;
use super::tree::GroupTree;
use crate::assets;
use crate::ledger::{
    self, Applied, Draft, Message, Modules, State, Step, Time, apply, finish_entry, seal_items,
    start_entry,
};
use crate::store::wal::Mark;

/// The ledger's state, which has the edge of the log.
pub(super) struct Applier {
    state: State,
    /// Leaf hash of the last entry: the next one's `prev`.
    leaf: Hash,
    modules: Modules<'static>,
    /// Items of batches are not hashed, in a sandbox that measures what this costs.
    unhashed: bool,
}

/// System entries that one tick leads to, at most. It is part of what the write-ahead log means.
const DUE_A_TICK: usize = 16;

/// What one input led to.
pub(super) struct Applies {
    /// System entries that came before it.
    pub(super) due: Vec<Arc<Logged>>,
    /// What became of the input itself.
    pub(super) verdict: Verdict,
}

/// The salt of the `j`-th system entry that an input made due.
pub(super) fn due_salt(trigger: &[u8; 32], j: usize) -> [u8; 32] {
    let j = u32::try_from(j).unwrap_or(u32::MAX);
    *chain::salt::system_salt(&Hash::from_bytes(*trigger), j).as_bytes()
}

/// What stands in the key slot of a system entry. It has no body and no texts, so that nothing is
/// encrypted under it; and it is not zero, which an empty slot is.
pub(super) fn due_key(salt: &[u8; 32]) -> EntryKey {
    EntryKey::new(*Hash::sha256_parts(&[salt, b"no body"]).as_bytes())
}

/// What became of one input.
pub(super) enum Verdict {
    Logged(Arc<Logged>, Vec<BalanceThen>),
    Replay(u64),
    Drop(ledger::Rejection),
}

impl Applier {
    /// Starts at a state that has the log's edge at the same size.
    #[must_use]
    pub(super) fn new(state: State, leaf: Hash) -> Self {
        debug_assert_eq!(
            state.next_index(),
            state.edge().size(),
            "state and log have one size"
        );
        Self {
            state,
            leaf,
            modules: assets::modules(),
            unhashed: false,
        }
    }

    /// From now on items of batches are not hashed.
    pub(super) const fn go_without_hashes(&mut self) {
        self.unhashed = true;
    }

    /// From now on the accounts of a frozen state are copied beside the applier.
    pub(super) const fn freeze_elsewhere(&mut self) {
        self.state.freeze_elsewhere();
    }

    /// The state.
    #[must_use]
    pub(super) const fn state(&self) -> &State {
        &self.state
    }

    /// The edge of the log.
    #[must_use]
    pub(super) const fn frontier(&self) -> &Frontier {
        self.state.edge().frontier()
    }

    /// Leaf hash of the last entry.
    #[must_use]
    pub(super) const fn leaf(&self) -> Hash {
        self.leaf
    }

    /// Size and root of the log.
    #[must_use]
    pub(super) fn mark(&self) -> Mark {
        Mark {
            size: self.frontier().size(),
            root: self.frontier().root(),
        }
    }

    /// Applies one input, with the system entries that fall due before it.
    pub(super) fn apply(&mut self, proposed: u64, input: &Input, tree: &mut GroupTree) -> Applies {
        let submission = &input.submission;
        let mut due = Vec::new();
        let verdict = loop {
            match apply(
                &mut self.state,
                proposed,
                &submission.message,
                &self.modules,
            ) {
                Step::Due(applied) => {
                    due.push(Arc::new(self.log_due(input, due.len(), applied, tree)));
                    // What is left asks for the next tick, so that no group is without bounds.
                    if submission.message.is_tick() && due.len() >= DUE_A_TICK {
                        let nobody = submission.message.authorisation.submitter.clone();
                        break Verdict::Drop(ledger::Rejection::RoleNotAllowed(nobody));
                    }
                }
                Step::Replay(index) => break Verdict::Replay(index),
                Step::Drop(rejection) => break Verdict::Drop(rejection),
                Step::Applied(applied) => {
                    let balances = self.balances(submission, &applied);
                    break Verdict::Logged(Arc::new(self.log(input, applied, tree)), balances);
                }
            }
        };
        Applies { due, verdict }
    }

    /// Logs the `j`-th system entry that an input made due.
    fn log_due(
        &mut self,
        input: &Input,
        j: usize,
        applied: Applied,
        tree: &mut GroupTree,
    ) -> Logged {
        let salt = due_salt(&input.salt, j);
        let message = Message::of_system(applied.index, Time::from_nanos(applied.time));
        let submission = Submission {
            message,
            texts: Vec::new(),
            key: due_key(&salt),
            sealed_body: Arc::default(),
        };
        let input = Input {
            salt,
            submission: Box::new(submission),
        };
        self.log(&input, applied, tree)
    }

    /// Says what would become of a submission; changes nothing.
    pub(super) fn dry_run(&mut self, proposed: u64, submission: &Submission) -> Step {
        ledger::dry_run(
            &mut self.state,
            proposed,
            &submission.message,
            &self.modules,
        )
    }

    fn log(&mut self, input: &Input, applied: Applied, tree: &mut GroupTree) -> Logged {
        let submission = &input.submission;
        let message = &submission.message;
        let authorisation = message.authorisation.to_item(message.len());
        let started = start_entry(&applied, self.leaf);
        let texts = texts(submission, &applied.drafts);
        let Applied {
            drafts, effects, ..
        } = applied;
        let book = self.state.book();
        let (record, items, entry) = if message.batch.is_some() {
            let (record, tree) = match self.unhashed {
                false => Record::of_batch(input.salt, &authorisation, drafts, book),
                true => Record::unhashed_batch(input.salt, &authorisation, drafts),
            };
            let entry = finish_entry(started, &tree);
            (record, LoggedItems::first_of(&tree), entry)
        } else {
            let salt = Hash::from_bytes(input.salt);
            let text = |n, instruction| submission.text_commitment(n, instruction);
            let items = seal_items(book, &authorisation, &drafts, &salt, text);
            let entry = finish_entry(started, items.tree());
            let body = submission.sealed_body.clone();
            let record = Record::new(input.salt, &authorisation, drafts, texts, body);
            (record, LoggedItems::Whole(items), entry)
        };
        self.leaf = entry.leaf_hash();
        self.state.append(self.leaf, &mut |level, index, hash| {
            tree.push(level, index, hash)
        });
        Logged {
            entry,
            record,
            items,
            key: submission.key.clone(),
            authorisation: message.authorisation.clone(),
            effects,
        }
    }

    /// The submitter's own accounts that the message touched, as they are right after it.
    fn balances(&self, submission: &Submission, applied: &Applied) -> Vec<BalanceThen> {
        // A batch is answered with outcomes: its accounts may be thousands.
        if submission.message.batch.is_some() {
            return Vec::new();
        }
        let book = self.state.book();
        let submitter = &submission.message.authorisation.submitter;
        let Some(owner) = book.participant(submitter).map(|p| p.number) else {
            return Vec::new();
        };
        let changes = applied.drafts.iter().flat_map(Draft::changes);
        let mut numbers: Vec<u64> = changes.map(|change| change.account).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let accounts = numbers
            .into_iter()
            .filter_map(|number| book.account_numbered(number));
        accounts
            .filter(|account| book.signer_of(account.owner) == owner)
            .map(|account| BalanceThen {
                account: account.number,
                posted: account.counters.posted(),
                pending_debits: account.counters.debits_pending,
                available: account.available(),
            })
            .collect()
    }
}

/// The commitments to text parts, which cannot be computed again once the key is erased.
fn texts(submission: &Submission, drafts: &[Draft]) -> Vec<(u32, [u8; 32])> {
    if submission.texts.iter().all(Option::is_none) {
        return Vec::new();
    }
    let items = drafts.iter().zip(1u32..);
    let items = items.filter(|(draft, _)| !draft.is_charge());
    items
        .filter_map(|(draft, n)| {
            let commitment = submission.text_commitment(n, draft.instruction())?;
            Some((n, *commitment.as_bytes()))
        })
        .collect()
}
