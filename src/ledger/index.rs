//! A look-up table whose order nobody can see: the one hash map the rules may use.
//!
//! Iteration over a hash map depends on the map's seed, so two machines would disagree. This
//! wrapper offers no iteration; what must be listed is listed from ordered data.

use core::borrow::Borrow;
use core::hash::Hash;

use hashbrown::HashMap;

/// Keys to values, without an order.
#[derive(Debug, Clone)]
pub(super) struct Index<K, V>(HashMap<K, V>);

impl<K, V> Default for Index<K, V> {
    fn default() -> Self {
        Self(HashMap::default())
    }
}

impl<K: Eq + Hash, V> Index<K, V> {
    /// Looks a key up.
    pub(super) fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0.get(key)
    }

    /// Puts a key in; gives back what stood there.
    pub(super) fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.0.insert(key, value)
    }

    /// Takes a key out.
    pub(super) fn remove<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.0.remove(key)
    }
}
