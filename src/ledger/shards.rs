//! What few accounts have, by account number, in shards that a copy shares with what it was copied
//! from: a snapshot takes one without stopping anybody, and whoever changes a record afterwards
//! copies it and the pointers of one shard.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;

/// Accounts in one shard have the same number above these bits.
const SHARD_BITS: u32 = 10;

/// Records by account number.
#[derive(Debug, Clone)]
pub(super) struct Shards<V> {
    shards: BTreeMap<u64, Arc<BTreeMap<u64, Arc<V>>>>,
    len: usize,
}

impl<V> Default for Shards<V> {
    fn default() -> Self {
        Self {
            shards: BTreeMap::new(),
            len: 0,
        }
    }
}

impl<V: Clone> Shards<V> {
    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// The record of an account.
    pub(super) fn get(&self, account: u64) -> Option<&V> {
        let shard = self.shards.get(&(account >> SHARD_BITS))?;
        shard.get(&account).map(|record| &**record)
    }

    /// The same to be changed.
    pub(super) fn get_mut(&mut self, account: u64) -> Option<&mut V> {
        let shard = self.shards.get_mut(&(account >> SHARD_BITS))?;
        // Looked at before the shard is copied, for most accounts have none.
        shard.get(&account)?;
        let record = Arc::make_mut(shard).get_mut(&account)?;
        Some(Arc::make_mut(record))
    }

    /// Puts a record in the place of an account's, or takes it away; gives back what was.
    pub(super) fn put(&mut self, account: u64, record: Option<V>) -> Option<V> {
        let of = account >> SHARD_BITS;
        let shard = Arc::make_mut(self.shards.entry(of).or_default());
        let before = match record {
            Some(record) => {
                self.len = self.len.saturating_add(1);
                shard.insert(account, Arc::new(record))
            }
            None => shard.remove(&account),
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

    /// All of them, by account number.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, &V)> {
        let records = self.shards.values().flat_map(|shard| shard.iter());
        records.map(|(account, record)| (*account, &**record))
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
            |shards: &Shards<u64>| -> Vec<_> { shards.iter().map(|(a, r)| (a, *r)).collect() };
        assert_eq!(
            all(&then),
            [(0, 0), (1_023, 1_023), (1_024, 1_024), (5_000, 5_000)]
        );
        assert_eq!(all(&shards), [(1_023, 8), (1_024, 1_024), (5_000, 7)]);
        assert_eq!((then.len(), shards.len()), (4, 3));
        assert_eq!((shards.get(1_024), shards.get(0)), (Some(&1_024), None));
    }
}
