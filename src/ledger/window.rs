//! The window: which ids were used lately, exactly. Outside it nothing executes, so nothing that
//! lies outside needs to be remembered here.
//!
//! ```text
//!        floor                      log time            + ahead
//!  ────────┼──────────────────────────┼─────────────────────┼────▶
//!          │ minute │ minute │ minute │ minute │            an id lives in the shard of its own time
//! ```
//!
//! A shard is dropped whole when its minute lies below the floor. Consecutive ids of one message
//! are kept as one run.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::id::{InstructionId, MessageId};
use super::index::Index;
use super::message::Authorisation;

/// Width of a shard in nanoseconds: one minute.
const SHARD: u64 = 60_000_000_000;

/// What is known of a message inside the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRecord {
    /// `created` of the message, nanoseconds.
    pub created: u64,
    /// Index of its entry.
    pub index: u64,
    /// SHA-256 over content type and body hash.
    pub content: [u8; 32],
}

/// Consecutive ids of one participant that one entry used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Run {
    participant: u32,
    first: u128,
    last: u128,
    index: u64,
}

/// The ids whose own time lies in one minute.
#[derive(Debug, Clone, Default)]
struct Shard {
    ids: Index<(u32, u128), u64>,
    /// Keyed by participant and first id.
    runs: BTreeMap<(u32, u128), Run>,
    /// Keys of messages created in this minute.
    messages: Vec<[u8; 32]>,
    /// How many ids each participant has here.
    counts: BTreeMap<u32, u64>,
}

/// The ids and messages inside the window.
#[derive(Debug, Clone, Default)]
pub struct Window {
    floor: u64,
    shards: BTreeMap<u64, Shard>,
    messages: Index<[u8; 32], MessageRecord>,
    counts: BTreeMap<u32, u64>,
    /// The run being extended; not yet in its shard.
    tail: Option<Run>,
}

/// The window as plain lists, for snapshots.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WindowSnapshot {
    floor: u64,
    ids: Vec<(u32, u128, u64)>,
    runs: Vec<(u32, u128, u128, u64)>,
    messages: Vec<([u8; 32], MessageRecord)>,
}

/// The key of a message: SHA-256 over participant and message id, so that keys have one size.
#[must_use]
pub(super) fn message_key(participant: u32, id: &MessageId) -> [u8; 32] {
    *chain::Hash::sha256_parts(&[&participant.to_be_bytes(), id.as_str().as_bytes()]).as_bytes()
}

/// The content of a submission, as one hash: content type and body hash.
#[must_use]
pub fn content_hash(authorisation: &Authorisation) -> [u8; 32] {
    let parts: [&[u8]; 2] = [
        &authorisation.body_hash,
        authorisation.content_type.as_bytes(),
    ];
    *chain::Hash::sha256_parts(&parts).as_bytes()
}

const fn shard_of(time: u64) -> u64 {
    time / SHARD
}

impl Window {
    /// The earliest time that an id or `created` may have; never moves back.
    #[must_use]
    pub const fn floor(&self) -> u64 {
        self.floor
    }

    /// Finds the entry that used an id.
    #[must_use]
    pub fn id(&self, participant: u32, id: InstructionId) -> Option<u64> {
        let number = id.to_u128();
        if let Some(run) = &self.tail
            && run.participant == participant
            && (run.first..=run.last).contains(&number)
        {
            return Some(run.index);
        }
        let shard = self.shards.get(&shard_of(id.time()))?;
        if let Some(index) = shard.ids.get(&(participant, number)) {
            return Some(*index);
        }
        let (_, run) = shard.runs.range(..=(participant, number)).next_back()?;
        (run.participant == participant && number <= run.last).then_some(run.index)
    }

    /// Records that an entry used an id; the caller knows that it is new.
    pub fn insert_id(&mut self, participant: u32, id: InstructionId, index: u64) {
        let number = id.to_u128();
        let shard = shard_of(id.time());
        add(
            &mut self.shards.entry(shard).or_default().counts,
            participant,
            1,
        );
        add(&mut self.counts, participant, 1);
        if let Some(run) = &mut self.tail
            && run.participant == participant
            && run.index == index
            && run.last.checked_add(1) == Some(number)
            && run_shard(run) == shard
        {
            run.last = number;
            return;
        }
        self.close_run();
        self.tail = Some(Run {
            participant,
            first: number,
            last: number,
            index,
        });
    }

    /// Whether a participant has used none of `count` ids from `first` on. They have one time: a
    /// batch counts on in the random bits.
    #[must_use]
    pub fn is_run_free(&self, participant: u32, first: InstructionId, count: u32) -> bool {
        let Some(last) = last_of(first, count) else {
            return true;
        };
        let (low, high) = (first.to_u128(), last.to_u128());
        let meets =
            |run: &Run| run.participant == participant && run.first <= high && low <= run.last;
        if self.tail.as_ref().is_some_and(meets) {
            return false;
        }
        let Some(shard) = self.shards.get(&shard_of(first.time())) else {
            return true;
        };
        let mut below = shard.runs.range(..=(participant, high));
        if below.next_back().is_some_and(|(_, run)| meets(run)) {
            return false;
        }
        shard.ids.len() == 0
            || (0..count)
                .map(|n| first.count_on(n).to_u128())
                .all(|id| shard.ids.get(&(participant, id)).is_none())
    }

    /// Records that an entry used a run of ids; the caller knows that all are new.
    pub fn insert_run(&mut self, participant: u32, first: InstructionId, count: u32, index: u64) {
        let Some(last) = last_of(first, count) else {
            return;
        };
        self.close_run();
        let run = Run {
            participant,
            first: first.to_u128(),
            last: last.to_u128(),
            index,
        };
        let shard = self.shards.entry(run_shard(&run)).or_default();
        add(&mut shard.counts, participant, u64::from(count));
        add(&mut self.counts, participant, u64::from(count));
        self.tail = Some(run);
    }

    /// Moves the run being extended into its shard.
    fn close_run(&mut self) {
        let Some(run) = self.tail.take() else { return };
        let shard = self.shards.entry(run_shard(&run)).or_default();
        if run.first == run.last {
            shard.ids.insert((run.participant, run.first), run.index);
        } else {
            shard.runs.insert((run.participant, run.first), run);
        }
    }

    /// How many ids a participant has inside the window.
    #[must_use]
    pub fn count(&self, participant: u32) -> u64 {
        self.counts.get(&participant).copied().unwrap_or(0)
    }

    /// Finds a message by its key.
    #[must_use]
    pub fn message(&self, key: &[u8; 32]) -> Option<&MessageRecord> {
        self.messages.get(key)
    }

    /// Records a message; the caller knows that it is new, or that an older one of its id lies below
    /// the floor.
    pub fn insert_message(&mut self, key: [u8; 32], record: MessageRecord) {
        self.shards
            .entry(shard_of(record.created))
            .or_default()
            .messages
            .push(key);
        self.messages.insert(key, record);
    }

    /// Raises the floor and forgets what lies below it.
    pub fn advance(&mut self, floor: u64) {
        if floor <= self.floor {
            return;
        }
        self.floor = floor;
        let oldest = shard_of(floor);
        if self
            .tail
            .as_ref()
            .is_some_and(|run| run_shard(run) < oldest)
        {
            self.close_run();
        }
        while let Some(entry) = self.shards.first_entry() {
            if *entry.key() >= oldest {
                break;
            }
            let (number, shard) = entry.remove_entry();
            for key in &shard.messages {
                // The id may have come back since: then its record lives in a later shard.
                let mine = |record: &MessageRecord| shard_of(record.created) == number;
                if self.messages.get(key).is_some_and(mine) {
                    self.messages.remove(key);
                }
            }
            for (participant, count) in shard.counts {
                if let Some(total) = self.counts.get_mut(&participant) {
                    *total = total.saturating_sub(count);
                }
            }
        }
    }

    /// How many ids (runs count once) and messages are held.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        let ids: usize = self
            .shards
            .values()
            .map(|s| s.ids.len().saturating_add(s.runs.len()))
            .sum();
        (ids, self.messages.len())
    }

    /// Everything as plain, sorted lists: the same log prefix gives the same lists, whether or not
    /// the window was itself rebuilt from a snapshot on the way.
    #[must_use]
    pub fn snapshot(&self) -> WindowSnapshot {
        let mut snapshot = WindowSnapshot {
            floor: self.floor,
            ids: Vec::new(),
            runs: Vec::new(),
            messages: self.messages.sorted(),
        };
        for (number, shard) in &self.shards {
            let mut ids = shard.ids.sorted();
            let mut runs: Vec<Run> = shard.runs.values().copied().collect();
            // The run being extended counts as if it stood in its shard already.
            if let Some(tail) = self.tail.filter(|tail| run_shard(tail) == *number) {
                if tail.first == tail.last {
                    ids.push(((tail.participant, tail.first), tail.index));
                    ids.sort_unstable();
                } else {
                    runs.push(tail);
                    runs.sort_unstable_by_key(|run| (run.participant, run.first));
                }
            }
            let ids = ids.into_iter().map(|((p, id), index)| (p, id, index));
            snapshot.ids.extend(ids);
            let runs = runs
                .iter()
                .map(|r| (r.participant, r.first, r.last, r.index));
            snapshot.runs.extend(runs);
        }
        snapshot
    }

    /// Rebuilds the window from a snapshot.
    #[must_use]
    pub fn restore(snapshot: WindowSnapshot) -> Self {
        let mut window = Self {
            floor: snapshot.floor,
            ..Self::default()
        };
        for (participant, id, index) in snapshot.ids {
            window.restore_run(Run {
                participant,
                first: id,
                last: id,
                index,
            });
        }
        for (participant, first, last, index) in snapshot.runs {
            window.restore_run(Run {
                participant,
                first,
                last,
                index,
            });
        }
        for (key, record) in snapshot.messages {
            window.insert_message(key, record);
        }
        window
    }

    fn restore_run(&mut self, run: Run) {
        let count = run.last.saturating_sub(run.first).saturating_add(1);
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        add(
            &mut self.shards.entry(run_shard(&run)).or_default().counts,
            run.participant,
            count,
        );
        add(&mut self.counts, run.participant, count);
        self.tail = Some(run);
        self.close_run();
    }
}

/// The last of `count` ids from `first` on; none if there are none.
fn last_of(first: InstructionId, count: u32) -> Option<InstructionId> {
    Some(first.count_on(count.checked_sub(1)?))
}

fn add(counts: &mut BTreeMap<u32, u64>, participant: u32, count: u64) {
    let total = counts.entry(participant).or_insert(0);
    *total = total.saturating_add(count);
}

/// The shard of a run: its first id decides, and runs never leave their shard.
const fn run_shard(run: &Run) -> u64 {
    shard_of(((run.first >> 80) as u64).saturating_mul(1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(millis: u64, n: u128) -> InstructionId {
        InstructionId::from_parts(millis, n)
    }

    #[test]
    fn ids_are_exact_and_consecutive_ones_are_one_run() {
        let mut window = Window::default();
        for n in 10..1_010 {
            window.insert_id(1, id(60_000, n), 7);
        }
        window.insert_id(1, id(60_000, 5_000), 8);
        window.insert_id(2, id(60_000, 5_001), 8);
        for check in [window.clone(), Window::restore(window.snapshot())] {
            assert_eq!(check.id(1, id(60_000, 9)), None);
            assert_eq!(check.id(1, id(60_000, 10)), Some(7));
            assert_eq!(check.id(1, id(60_000, 1_009)), Some(7));
            assert_eq!(check.id(1, id(60_000, 1_010)), None);
            assert_eq!(check.id(2, id(60_000, 10)), None);
            assert_eq!(check.id(1, id(60_000, 5_000)), Some(8));
            assert_eq!(check.id(2, id(60_000, 5_001)), Some(8));
            assert_eq!(check.count(1), 1_001);
        }
    }

    /// What a batch notes at once is what its ids would note one by one.
    #[test]
    fn a_run_is_free_or_not_like_its_ids() {
        let mut window = Window::default();
        window.insert_id(1, id(60_000, 50), 3);
        window.insert_run(1, id(60_000, 100), 10, 4);
        window.insert_run(2, id(60_000, 100), 1, 5);
        for restored in [window.clone(), Window::restore(window.snapshot())] {
            for participant in [1, 2, 3] {
                for (first, count) in [(40, 10), (40, 11), (51, 49), (51, 50), (109, 1), (110, 9)] {
                    let ids = (first..first + u128::from(count)).map(|n| id(60_000, n));
                    let free = ids
                        .map(|id| restored.id(participant, id))
                        .all(|at| at.is_none());
                    let run = restored.is_run_free(participant, id(60_000, first), count);
                    assert_eq!(run, free, "{participant}: {count} from {first}");
                }
            }
        }
        let mut one_by_one = Window::default();
        one_by_one.insert_id(1, id(60_000, 50), 3);
        for n in 100..110 {
            one_by_one.insert_id(1, id(60_000, n), 4);
        }
        one_by_one.insert_id(2, id(60_000, 100), 5);
        let [a, b] = [&window, &one_by_one].map(|w| postcard::to_allocvec(&w.snapshot()).unwrap());
        assert_eq!(a, b);
        assert_eq!(window.count(1), 11);
    }

    #[test]
    fn the_floor_never_moves_back_and_shards_go_whole() {
        let mut window = Window::default();
        window.insert_id(1, id(59_999, 1), 1);
        window.insert_id(1, id(60_000, 1), 2);
        window.advance(60_000_000_000);
        assert_eq!(window.id(1, id(59_999, 1)), None);
        assert_eq!(window.id(1, id(60_000, 1)), Some(2));
        assert_eq!(window.count(1), 1);
        window.advance(5);
        assert_eq!(window.floor(), 60_000_000_000);
    }
}
