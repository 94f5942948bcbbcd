//! A look-up table whose order nobody can see: the one hash map the rules may use.
//!
//! Iteration over a hash map depends on the map's seed, so two machines would disagree. This
//! wrapper offers no iteration; what must be listed is listed from ordered data.
//!
//! It is many small tables instead of a large one: a table that is full is made anew as a whole, and
//! nobody shall wait for a million keys to be moved.

use alloc::vec::Vec;
use core::borrow::Borrow;
use core::hash::{BuildHasher, Hash};

use hashbrown::{DefaultHashBuilder, HashTable};

/// Tables; a power of two.
const TABLES: usize = 256;
/// The bits of a hash above which it names its table: a table itself uses the lowest and the seven
/// highest.
const TABLE_SHIFT: u32 = 40;

/// Keys to values, without an order.
#[derive(Debug, Clone)]
pub(super) struct Index<K, V> {
    hasher: DefaultHashBuilder,
    tables: Vec<HashTable<(K, V)>>,
}

impl<K, V> Default for Index<K, V> {
    fn default() -> Self {
        Self {
            hasher: DefaultHashBuilder::default(),
            tables: core::iter::repeat_with(HashTable::new)
                .take(TABLES)
                .collect(),
        }
    }
}

/// Which table a hash belongs to.
const fn table(hash: u64) -> usize {
    (hash >> TABLE_SHIFT) as usize % TABLES
}

impl<K: Eq + Hash, V> Index<K, V> {
    /// Looks a key up.
    pub(super) fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let hash = self.hasher.hash_one(key);
        let found = self.tables.get(table(hash))?;
        let found = found.find(hash, |(known, _)| known.borrow() == key)?;
        Some(&found.1)
    }

    /// Puts a key in; gives back what stood there.
    pub(super) fn insert(&mut self, key: K, value: V) -> Option<V> {
        let hash = self.hasher.hash_one(&key);
        let hasher = &self.hasher;
        let table = self.tables.get_mut(table(hash))?;
        match table.find_mut(hash, |(known, _)| *known == key) {
            Some((_, slot)) => Some(core::mem::replace(slot, value)),
            None => {
                table.insert_unique(hash, (key, value), |(known, _)| hasher.hash_one(known));
                None
            }
        }
    }

    /// Takes a key out.
    pub(super) fn remove<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let hash = self.hasher.hash_one(key);
        let table = self.tables.get_mut(table(hash))?;
        let found = table.find_entry(hash, |(known, _)| known.borrow() == key);
        found.ok().map(|entry| entry.remove().0.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::String;

    #[test]
    fn keys_are_found_replaced_and_taken_out() {
        let mut index: Index<String, u64> = Index::default();
        for n in 0..5_000 {
            assert_eq!(index.insert(format!("key-{n}"), n), None);
        }
        for n in 0..5_000 {
            assert_eq!(index.get(format!("key-{n}").as_str()), Some(&n));
        }
        assert_eq!(index.insert("key-7".into(), 70), Some(7));
        assert_eq!(index.remove("key-7"), Some(70));
        assert_eq!(index.remove("key-7"), None);
        assert_eq!(index.get("key-7"), None);
        assert_eq!(index.get("key-8"), Some(&8));
    }

    #[test]
    fn every_table_has_its_share() {
        let mut index: Index<u64, u64> = Index::default();
        (0..64_000).for_each(|n| _ = index.insert(n, n));
        // 250 each if even; twice that would mean that the hash's bits are not what is thought.
        let most = index.tables.iter().map(HashTable::len).max();
        assert!(most.unwrap() < 500, "{most:?}");
    }
}
