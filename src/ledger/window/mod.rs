//! The window: which ids were used lately, exactly. Outside it nothing executes, so nothing that
//! lies outside needs to be remembered here.
//!
//! ```text
//!        floor                      log time            + ahead
//!  ────────┼──────────────────────────┼─────────────────────┼────▶
//!          │ shard │ shard │   ...    │ shard │ ...             an id lives in the shard of its own time
//! ```
//!
//! A shard, a quarter of a second, is forgotten whole when it lies below the floor: at once by
//! everybody who asks, and by the memory a little with every entry, so that no entry pays for many.
//! Consecutive ids of one message are kept as one run. An id takes about 23 bytes.

mod saved;
mod spot;
#[cfg(test)]
mod tests;

use alloc::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::id::{InstructionId, MessageId};
use super::message::Authorisation;
use super::ordered::{Ordered, Spot};
use spot::{id_spot, message_spot, shard_of};

pub(super) use saved::SavedWindow;

/// Leaves of forgotten ids that an entry clears away: far more than it adds.
const LEAVES_A_TURN: usize = 16;
/// Entries, each of which adds one message, between two looks at a leaf of a hundred messages: what
/// is forgotten is a tenth more than what is known, at most.
const ENTRIES_A_LOOK: u8 = 8;

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

/// The index of an entry in six bytes: they are most of what an id takes beside itself.
type Index = [u8; 6];

/// How many ids a run has, and the entry that used them.
type Run = ([u8; 4], Index);

/// Consecutive ids of one participant that one entry used, on their way into the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tail {
    first: Spot,
    count: u32,
    index: u64,
}

impl Tail {
    /// Puts the run where it belongs.
    fn put(self, ids: &mut Ordered<Index>, runs: &mut Ordered<Run>) {
        let index = pack(self.index).expect("no log has 2^48 entries");
        if self.count == 1 {
            ids.insert(self.first, index);
        } else {
            runs.insert(self.first, (self.count.to_be_bytes(), index));
        }
    }
}

/// What one shard holds: enough to forget it without a look at its ids.
#[derive(Debug, Clone, Default)]
struct Shard {
    held: Held,
    /// How many ids each participant has here.
    counts: BTreeMap<u32, u64>,
}

/// How much is held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Held {
    /// Ids, in runs or by themselves.
    known: u64,
    /// Ids by themselves, and runs.
    ids: usize,
    messages: usize,
}

/// The ids and messages inside the window.
#[derive(Debug, Clone, Default)]
pub struct Window {
    floor: u64,
    /// Ids by themselves.
    ids: Ordered<Index>,
    /// Runs, by their first id.
    runs: Ordered<Run>,
    messages: Ordered<MessageRecord>,
    /// Where among the messages to look next for forgotten ones, and in how many entries.
    look: (Spot, u8),
    shards: BTreeMap<u64, Shard>,
    counts: BTreeMap<u32, u64>,
    held: Held,
    /// The run being extended; not yet among the others.
    tail: Option<Tail>,
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

impl Window {
    /// The earliest time that an id or `created` may have; never moves back.
    #[must_use]
    pub const fn floor(&self) -> u64 {
        self.floor
    }

    /// The oldest shard that is not forgotten.
    const fn oldest(&self) -> u64 {
        shard_of(self.floor)
    }

    /// Finds the entry that used an id.
    #[must_use]
    pub fn id(&self, participant: u32, id: InstructionId) -> Option<u64> {
        self.used_last(id_spot(participant, id), 1)
    }

    /// The entry that used the last of `count` ids from `first` on that was used.
    fn used_last(&self, first: Spot, count: u32) -> Option<u64> {
        if first.0 < self.oldest() {
            return None;
        }
        let last = last_of(first, count);
        let meets = |start: u128, count: u32| start <= last.1 && first.1 <= end(start, count);
        if let Some(tail) = &self.tail
            && tail.first.0 == first.0
            && meets(tail.first.1, tail.count)
        {
            return Some(tail.index);
        }
        // Ids and runs do not overlap: only the nearest can be met.
        if let Some((key, index)) = self.ids.at_or_before(last)
            && meets(key, 1)
        {
            return Some(unpack(*index));
        }
        let (key, (run, index)) = self.runs.at_or_before(last)?;
        meets(key, u32::from_be_bytes(*run)).then(|| unpack(*index))
    }

    /// Records that an entry used an id; the caller knows that it is new.
    pub fn insert_id(&mut self, participant: u32, id: InstructionId, index: u64) {
        let spot = id_spot(participant, id);
        self.count_up(spot.0, participant, 1);
        if let Some(tail) = &mut self.tail
            && tail.index == index
            && tail.first.0 == spot.0
            && end(tail.first.1, tail.count).checked_add(1) == Some(spot.1)
            && let Some(count) = tail.count.checked_add(1)
        {
            tail.count = count;
            return;
        }
        self.start_run(spot, 1, index);
    }

    /// Whether a participant has used none of `count` ids from `first` on. They have one time: a
    /// batch counts on in the random bits.
    #[must_use]
    pub fn is_run_free(&self, participant: u32, first: InstructionId, count: u32) -> bool {
        count == 0 || self.used_last(id_spot(participant, first), count).is_none()
    }

    /// Records that an entry used a run of ids; the caller knows that all are new.
    pub fn insert_run(&mut self, participant: u32, first: InstructionId, count: u32, index: u64) {
        if count == 0 {
            return;
        }
        let spot = id_spot(participant, first);
        self.count_up(spot.0, participant, u64::from(count));
        self.start_run(spot, count, index);
    }

    fn start_run(&mut self, first: Spot, count: u32, index: u64) {
        self.close_run();
        self.count_run(first.0);
        self.tail = Some(Tail {
            first,
            count,
            index,
        });
    }

    /// Moves the run being extended to the others.
    fn close_run(&mut self) {
        if let Some(tail) = self.tail.take() {
            tail.put(&mut self.ids, &mut self.runs);
        }
    }

    fn count_run(&mut self, shard: u64) {
        let shard = self.shards.entry(shard).or_default();
        for held in [&mut shard.held, &mut self.held] {
            held.ids = held.ids.saturating_add(1);
        }
    }

    fn count_up(&mut self, shard: u64, participant: u32, count: u64) {
        let shard = self.shards.entry(shard).or_default();
        for held in [&mut shard.held, &mut self.held] {
            held.known = held.known.saturating_add(count);
        }
        for counts in [&mut shard.counts, &mut self.counts] {
            let total = counts.entry(participant).or_insert(0);
            *total = total.saturating_add(count);
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
        let record = self.messages.get(message_spot(key))?;
        (shard_of(record.created) >= self.oldest()).then_some(record)
    }

    /// Records a message; the caller knows that it is new, or that an older one of its id lies below
    /// the floor.
    pub fn insert_message(&mut self, key: [u8; 32], record: MessageRecord) {
        if let Some(before) = self.messages.insert(message_spot(&key), record)
            && let Some(shard) = self.shards.get_mut(&shard_of(before.created))
        {
            shard.held.messages = shard.held.messages.saturating_sub(1);
            self.held.messages = self.held.messages.saturating_sub(1);
        }
        self.count_message(record.created);
    }

    fn count_message(&mut self, created: u64) {
        let shard = self.shards.entry(shard_of(created)).or_default();
        for held in [&mut shard.held, &mut self.held] {
            held.messages = held.messages.saturating_add(1);
        }
    }

    /// Raises the floor and forgets what lies below it.
    pub fn advance(&mut self, floor: u64) {
        if floor > self.floor {
            self.floor = floor;
            self.forget();
        }
        self.clear_away();
    }

    /// Forgets the shards below the floor.
    fn forget(&mut self) {
        let oldest = self.oldest();
        self.tail = self.tail.filter(|tail| tail.first.0 >= oldest);
        while let Some(shard) = self.shards.first_entry() {
            if *shard.key() >= oldest {
                break;
            }
            let Shard { held, counts } = shard.remove();
            self.held.known = self.held.known.saturating_sub(held.known);
            self.held.ids = self.held.ids.saturating_sub(held.ids);
            self.held.messages = self.held.messages.saturating_sub(held.messages);
            for (participant, count) in counts {
                if let Some(total) = self.counts.get_mut(&participant) {
                    *total = total.saturating_sub(count);
                }
            }
        }
    }

    /// Gives some memory of what is forgotten back.
    fn clear_away(&mut self) {
        let oldest = self.oldest();
        for _ in 0..LEAVES_A_TURN {
            let ids = self.ids.drop_leaf_below(oldest);
            let runs = self.runs.drop_leaf_below(oldest);
            if !ids && !runs {
                break;
            }
        }
        let (from, entries) = self.look;
        self.look.1 = entries.saturating_add(1) % ENTRIES_A_LOOK;
        if entries == 0 {
            let keep = |record: &MessageRecord| shard_of(record.created) >= oldest;
            self.look.0 = self.messages.clear_leaf(from, keep).unwrap_or_default();
        }
    }

    /// How many ids (runs count once) and messages are held.
    #[must_use]
    pub const fn size(&self) -> (usize, usize) {
        (self.held.ids, self.held.messages)
    }

    /// How many ids are known, in runs or by themselves.
    #[must_use]
    pub const fn known(&self) -> u64 {
        self.held.known
    }

    /// About how many bytes of memory ids and messages take, in this order.
    #[must_use]
    pub const fn bytes(&self) -> (usize, usize) {
        let ids = self.ids.bytes().saturating_add(self.runs.bytes());
        (ids, self.messages.bytes())
    }
}

/// The last of `count` keys from `first` on; `first` if there are none.
const fn end(first: u128, count: u32) -> u128 {
    first.saturating_add(count.saturating_sub(1) as u128)
}

/// The same in its shard.
const fn last_of((shard, first): Spot, count: u32) -> Spot {
    (shard, end(first, count))
}

const fn pack(index: u64) -> Option<Index> {
    match index.to_be_bytes() {
        [0, 0, packed @ ..] => Some(packed),
        _ => None,
    }
}

fn unpack(packed: Index) -> u64 {
    let mut index = [0; 8];
    if let Some(low) = index.last_chunk_mut() {
        *low = packed;
    }
    u64::from_be_bytes(index)
}
