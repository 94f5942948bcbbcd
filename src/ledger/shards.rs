//! Records by a key, in shards that a copy shares with what it was copied from: a snapshot takes one
//! without stopping anybody, and whoever changes a record afterwards copies it and the pointers of
//! one shard. What few accounts have is kept so, by number, and holds by their ids.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use core::ops::Bound;

use super::id::InstructionId;

/// Accounts in one shard have the same number above these bits.
const SHARD_BITS: u32 = 10;
/// Bits of an id below the first that its shard is named by: 80 behind its milliseconds, and 12 of
/// these, so that a shard is about four seconds of the ids' time.
const ID_SHARD_BITS: u32 = 80 + 12;

/// A key that says in which shard it stands; shards have the order of their keys.
pub(super) trait Sharded: Copy + Ord {
    /// The shard.
    fn shard(self) -> u64;
}

impl Sharded for u64 {
    fn shard(self) -> u64 {
        self >> SHARD_BITS
    }
}

impl Sharded for InstructionId {
    fn shard(self) -> u64 {
        // What is left are 36 bits.
        (self.to_u128() >> ID_SHARD_BITS) as u64
    }
}

/// One shard.
type Shard<K, V> = Arc<BTreeMap<K, Arc<V>>>;

/// Records by a key.
#[derive(Debug, Clone)]
pub(super) struct Shards<K, V> {
    shards: BTreeMap<u64, Shard<K, V>>,
    len: usize,
}

impl<K, V> Default for Shards<K, V> {
    fn default() -> Self {
        Self {
            shards: BTreeMap::new(),
            len: 0,
        }
    }
}

impl<K: Sharded, V: Clone> Shards<K, V> {
    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// The record of a key.
    pub(super) fn get(&self, key: K) -> Option<&V> {
        let shard = self.shards.get(&key.shard())?;
        shard.get(&key).map(|record| &**record)
    }

    /// The same to be changed.
    pub(super) fn get_mut(&mut self, key: K) -> Option<&mut V> {
        let shard = self.shards.get_mut(&key.shard())?;
        // Looked at before the shard is copied, for most accounts have none.
        shard.get(&key)?;
        let record = Arc::make_mut(shard).get_mut(&key)?;
        Some(Arc::make_mut(record))
    }

    /// Puts a record in the place of a key's, or takes it away; gives back what was.
    pub(super) fn put(&mut self, key: K, record: Option<V>) -> Option<V> {
        let of = key.shard();
        let shard = Arc::make_mut(self.shards.entry(of).or_default());
        let before = match record {
            Some(record) => {
                self.len = self.len.saturating_add(1);
                shard.insert(key, Arc::new(record))
            }
            None => shard.remove(&key),
        };
        if shard.is_empty() {
            self.shards.remove(&of);
        }
        let before = before.map(Arc::unwrap_or_clone);
        if before.is_some() {
            self.len = self.len.saturating_sub(1);
        }
        before
    }

    /// All of them, by their keys.
    pub(super) fn iter(&self) -> impl Iterator<Item = (K, &V)> {
        self.after(None)
    }

    /// Those behind a key, by their keys.
    pub(super) fn after(&self, key: Option<K>) -> impl Iterator<Item = (K, &V)> {
        let from = key.map_or(0, Sharded::shard);
        let shards = self.shards.range(from..);
        // Never from the beginning of a shard: whoever chooses ids may have filled one.
        let behind = (
            key.map_or(Bound::Unbounded, Bound::Excluded),
            Bound::Unbounded,
        );
        let records = shards.flat_map(move |(_, shard)| shard.range(behind));
        records.map(|(at, record)| (*at, &**record))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn a_copy_stays_as_it_was() {
        let mut shards = Shards::default();
        for account in [5_000, 0, 1_023, 1_024] {
            assert_eq!(shards.put(account, Some(account)), None);
        }
        let then = shards.clone();
        assert_eq!(shards.put(0, None), Some(0));
        assert_eq!(shards.put(1, None), None);
        assert_eq!(shards.put(5_000, Some(7)), Some(5_000));
        *shards.get_mut(1_023).unwrap() = 8;
        assert_eq!(shards.get_mut(1_022), None);
        let all =
            |shards: &Shards<u64, u64>| -> Vec<_> { shards.iter().map(|(a, r)| (a, *r)).collect() };
        assert_eq!(
            all(&then),
            [(0, 0), (1_023, 1_023), (1_024, 1_024), (5_000, 5_000)]
        );
        assert_eq!(all(&shards), [(1_023, 8), (1_024, 1_024), (5_000, 7)]);
        assert_eq!((then.len(), shards.len()), (4, 3));
        assert_eq!((shards.get(1_024), shards.get(0)), (Some(&1_024), None));
    }
}
