//! Records by a key, in shards that a copy shares with what it was copied from: a snapshot takes one
//! without stopping anybody, and whoever changes a record afterwards copies it and the pointers of
//! one shard. Holds and proposals are kept so, by their ids.
//!
//! A shard that has become too large is cut in two, so whoever chooses its keys makes none large: a
//! million ids of one millisecond are as many shards as any other million.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use core::ops::Bound;

/// Records in one shard, at most. A shard without any goes; one with few stays.
const SHARD_MAX: usize = 1_024;

/// One shard.
type Shard<K, V> = Arc<BTreeMap<K, Arc<V>>>;

/// Records by a key.
#[derive(Debug, Clone)]
pub(super) struct Shards<K, V> {
    /// By the least key that may stand in it.
    shards: BTreeMap<K, Shard<K, V>>,
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

impl<K: Copy + Ord, V: Clone> Shards<K, V> {
    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// The least key of the shard that a key stands in, if there is one.
    fn place(&self, key: K) -> Option<K> {
        let found = self.shards.range(..=key).next_back();
        found.map(|(least, _)| *least)
    }

    /// The same for a key that comes in: below all of them, the first shard reaches down to it.
    fn opened(&mut self, key: K) -> K {
        if let Some(place) = self.place(key) {
            return place;
        }
        if let Some((_, first)) = self.shards.pop_first() {
            self.shards.insert(key, first);
        }
        key
    }

    /// The record of a key.
    pub(super) fn get(&self, key: K) -> Option<&V> {
        let shard = self.shards.get(&self.place(key)?)?;
        shard.get(&key).map(|record| &**record)
    }

    /// Puts a record in the place of a key's, or takes it away; gives back what was.
    pub(super) fn put(&mut self, key: K, record: Option<V>) -> Option<V> {
        let before = match record {
            Some(record) => {
                let place = self.opened(key);
                self.len = self.len.saturating_add(1);
                let shard = Arc::make_mut(self.shards.entry(place).or_default());
                let before = shard.insert(key, Arc::new(record));
                let other = (shard.len() > SHARD_MAX).then(|| halved(shard)).flatten();
                if let Some((least, other)) = other {
                    self.shards.insert(least, Arc::new(other));
                }
                before
            }
            None => {
                let place = self.place(key)?;
                let shard = self.shards.get_mut(&place)?;
                // Looked at before the shard is copied.
                shard.get(&key)?;
                let shard = Arc::make_mut(shard);
                let before = shard.remove(&key);
                if shard.is_empty() {
                    self.shards.remove(&place);
                }
                before
            }
        };
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
        let from = key.and_then(|key| self.place(key));
        let from = from.map_or(Bound::Unbounded, Bound::Included);
        let shards = self.shards.range((from, Bound::Unbounded));
        let behind = (
            key.map_or(Bound::Unbounded, Bound::Excluded),
            Bound::Unbounded,
        );
        let records = shards.flat_map(move |(_, shard)| shard.range(behind));
        records.map(|(at, record)| (*at, &**record))
    }
}

/// Cuts the upper half off a shard; gives it with its least key.
fn halved<K: Copy + Ord, V>(shard: &mut BTreeMap<K, V>) -> Option<(K, BTreeMap<K, V>)> {
    let middle = *shard.keys().nth(shard.len() / 2)?;
    Some((middle, shard.split_off(&middle)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::id::InstructionId;
    use alloc::vec::Vec;

    fn all(shards: &Shards<u64, u64>) -> Vec<(u64, u64)> {
        shards.iter().map(|(key, record)| (key, *record)).collect()
    }

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
        assert_eq!(shards.put(1_023, Some(8)), Some(1_023));
        assert_eq!(
            all(&then),
            [(0, 0), (1_023, 1_023), (1_024, 1_024), (5_000, 5_000)]
        );
        assert_eq!(all(&shards), [(1_023, 8), (1_024, 1_024), (5_000, 7)]);
        assert_eq!((then.len(), shards.len()), (4, 3));
        assert_eq!((shards.get(1_024), shards.get(0)), (Some(&1_024), None));
    }

    #[test]
    fn no_shard_is_large_whatever_the_keys_are() {
        let mut shards: Shards<InstructionId, u64> = Shards::default();
        let mut seed = 1u64;
        for n in 0..20_000u64 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(9);
            // All of one millisecond.
            let id = InstructionId::from_parts(7, u128::from(seed >> 8));
            shards.put(id, Some(n));
        }
        assert_eq!(shards.len(), 20_000);
        let sizes = shards.shards.values().map(|shard| shard.len());
        assert!(sizes.clone().all(|size| size <= SHARD_MAX));
        assert!(sizes.count() < 80);
    }

    #[test]
    fn it_is_what_one_map_would_be() {
        let (mut shards, mut map) = (Shards::default(), BTreeMap::new());
        let mut seed = 3u64;
        for round in 0..60_000u64 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(9);
            // It grows, shrinks until nothing is left, and grows again.
            let grows = round % 30_000 < 12_000;
            let key = match grows {
                true => (seed >> 20) % 9_000,
                false => *map.keys().nth(usize::from(map.len() > 1)).unwrap_or(&0),
            };
            let record = grows.then_some(round);
            let before = match record {
                Some(record) => map.insert(key, record),
                None => map.remove(&key),
            };
            assert_eq!(shards.put(key, record), before);
            if round % 1_000 == 0 {
                let wanted: Vec<(u64, u64)> = map.iter().map(|(k, v)| (*k, *v)).collect();
                assert_eq!((all(&shards), shards.len()), (wanted, map.len()));
                let after: Vec<u64> = shards.after(Some(key)).map(|(key, _)| key).collect();
                let behind = map.range((Bound::Excluded(key), Bound::Unbounded));
                assert_eq!(after, behind.map(|(key, _)| *key).collect::<Vec<_>>());
                assert_eq!(shards.get(key), map.get(&key));
            }
        }
        assert_eq!(
            (shards.len(), shards.shards.len()),
            (map.len(), map.len().min(1))
        );
    }
}
