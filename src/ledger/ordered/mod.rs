//! An ordered map in small leaves, which captures share: what the window is made of, and whatever else
//! may grow long.
//!
//! ```text
//!  Ordered ──▶ branches ──Arc──▶ leaves ──Arc──▶ keys    k k k k k │ the same shard in one leaf,
//!              by first key      by first key    values  v v v v v │ sorted, with little room to spare
//! ```
//!
//! What is done for one key takes microseconds, however many there are: a full leaf is split, and
//! nothing is ever grown, hashed anew or sorted as a whole. A capture copies the pointers at the top;
//! whoever changes a leaf that is in a capture changes a copy of it. And the order is that of the
//! keys, so two machines list the same.

#[cfg(test)]
mod tests;

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::mem::size_of;

/// Where a key stands: its shard, and its place in there.
pub(super) type Spot = (u64, u128);

/// Bytes of keys and values in a leaf at most: what one insertion moves, and what the first change
/// after a capture copies.
const LEAF_BYTES: usize = 8_192;
/// Leaves of a branch at most.
const BRANCH_LEAVES: usize = 128;
/// Places that a leaf grows by at most: room to spare is what the memory of ids would go into.
const GROWTH_MAX: usize = 16;

/// Keys to small values, in the order of the keys.
#[derive(Debug, Clone)]
pub(super) struct Ordered<V> {
    branches: Vec<(Spot, Arc<Branch<V>>)>,
    bytes: usize,
}

#[derive(Debug, Clone)]
struct Branch<V> {
    leaves: Vec<(Spot, Arc<Leaf<V>>)>,
}

/// Keys of one shard, with their values.
#[derive(Debug, Clone)]
struct Leaf<V> {
    shard: u64,
    keys: Vec<u128>,
    values: Vec<V>,
}

/// What became of a leaf by an insertion.
struct Inserted<V> {
    before: Option<V>,
    /// A leaf that now stands behind it.
    behind: Option<Leaf<V>>,
}

impl<V> Default for Ordered<V> {
    fn default() -> Self {
        Self {
            branches: Vec::new(),
            bytes: 0,
        }
    }
}

impl<V: Copy> Ordered<V> {
    /// About how many bytes they take.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The value of a key.
    pub(super) fn get(&self, spot: Spot) -> Option<&V> {
        let (key, value) = self.at_or_before(spot)?;
        (key == spot.1).then_some(value)
    }

    /// The last key of the shard that is not behind `spot`, and its value.
    pub(super) fn at_or_before(&self, spot: Spot) -> Option<(u128, &V)> {
        let (_, branch) = self.branches.get(last_from(&self.branches, spot)?)?;
        let (_, leaf) = branch.leaves.get(last_from(&branch.leaves, spot)?)?;
        let at = leaf.keys.partition_point(|key| *key <= spot.1);
        let at = at.checked_sub(1).filter(|_| leaf.shard == spot.0)?;
        Some((*leaf.keys.get(at)?, leaf.values.get(at)?))
    }

    /// Everything, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Spot, &V)> {
        let leaves = self.branches.iter().flat_map(|(_, b)| b.leaves.iter());
        leaves.flat_map(|(_, leaf)| {
            let keys = leaf.keys.iter().map(|key| (leaf.shard, *key));
            keys.zip(&leaf.values)
        })
    }

    /// Puts a key in; gives back what stood there.
    pub(super) fn insert(&mut self, spot: Spot, value: V) -> Option<V> {
        let at = last_from(&self.branches, spot).unwrap_or(0);
        let Some((first, branch)) = self.branches.get_mut(at) else {
            let leaf = Leaf::of(spot, value);
            self.bytes = self.bytes.saturating_add(leaf.bytes());
            let leaves = alloc::vec![(spot, Arc::new(leaf))];
            self.branches.push((spot, Arc::new(Branch { leaves })));
            return None;
        };
        *first = spot.min(*first);
        let branch = Arc::make_mut(branch);
        let before = branch.insert(spot, value, &mut self.bytes);
        if branch.leaves.len() > BRANCH_LEAVES {
            let leaves = branch.leaves.split_off(BRANCH_LEAVES / 2);
            if let Some((first, _)) = leaves.first() {
                let behind = (*first, Arc::new(Branch { leaves }));
                self.branches.insert(at.saturating_add(1), behind);
            }
        }
        before
    }

    /// Takes out of one leaf, the first that does not end before `from`, what is not to be kept; gives
    /// the place behind that leaf, if anything is there.
    pub(super) fn clear_leaf(&mut self, from: Spot, keep: impl Fn(&V) -> bool) -> Option<Spot> {
        let at = last_from(&self.branches, from).unwrap_or(0);
        let next = self.branches.get(at.saturating_add(1));
        let next = next.map(|(first, _)| *first);
        let (first, branch) = self.branches.get_mut(at)?;
        let leaf = last_from(&branch.leaves, from).unwrap_or(0);
        let behind = branch.leaves.get(leaf.saturating_add(1));
        let behind = behind.map(|(first, _)| *first).or(next);
        // Looked at first: what stays as it is must not cost a copy.
        if branch.leaves.get(leaf)?.1.values.iter().all(&keep) {
            return behind;
        }
        let branch = Arc::make_mut(branch);
        branch.clear_leaf(leaf, keep, &mut self.bytes);
        match branch.leaves.first() {
            Some((leaf, _)) => *first = *leaf,
            None => drop(self.branches.remove(at)),
        }
        behind
    }

    /// Takes out the first leaf, if its shard lies below `shard`; says whether.
    pub(super) fn drop_leaf_below(&mut self, shard: u64) -> bool {
        let Some((first, branch)) = self.branches.first_mut() else {
            return false;
        };
        if first.0 >= shard {
            return false;
        }
        let branch = Arc::make_mut(branch);
        let (_, leaf) = branch.leaves.remove(0);
        self.bytes = self.bytes.saturating_sub(leaf.bytes());
        match branch.leaves.first() {
            Some((leaf, _)) => *first = *leaf,
            None => drop(self.branches.remove(0)),
        }
        true
    }
}

/// A map in the making, whose keys come in their order: leaves and branches are filled to the last
/// place.
pub(super) struct Filling<V> {
    map: Ordered<V>,
    open: Option<Leaf<V>>,
}

impl<V: Copy> Filling<V> {
    pub(super) fn new() -> Self {
        Self {
            map: Ordered::default(),
            open: None,
        }
    }

    /// Puts a key behind all others.
    pub(super) fn push(&mut self, spot: Spot, value: V) {
        match &mut self.open {
            Some(leaf) if leaf.shard == spot.0 && leaf.keys.len() < Leaf::<V>::ROOM => {
                leaf.keys.push(spot.1);
                leaf.values.push(value);
            }
            _ => {
                self.close();
                self.open = Some(Leaf::of(spot, value));
            }
        }
    }

    /// The map.
    pub(super) fn finish(mut self) -> Ordered<V> {
        self.close();
        self.map
    }

    fn close(&mut self) {
        let Some(mut leaf) = self.open.take() else {
            return;
        };
        leaf.keys.shrink_to_fit();
        leaf.values.shrink_to_fit();
        let Some(key) = leaf.keys.first() else { return };
        let spot = (leaf.shard, *key);
        self.map.bytes = self.map.bytes.saturating_add(leaf.bytes());
        let slot = (spot, Arc::new(leaf));
        match self.map.branches.last_mut() {
            Some((_, branch)) if branch.leaves.len() < BRANCH_LEAVES => {
                Arc::make_mut(branch).leaves.push(slot);
            }
            _ => {
                let leaves = alloc::vec![slot];
                let branch = Arc::new(Branch { leaves });
                self.map.branches.push((spot, branch));
            }
        }
    }
}

/// The last of the children that begins at `spot` or before it.
fn last_from<T>(children: &[(Spot, T)], spot: Spot) -> Option<usize> {
    let behind = children.partition_point(|(first, _)| *first <= spot);
    behind.checked_sub(1)
}

impl<V: Copy> Branch<V> {
    fn insert(&mut self, spot: Spot, value: V, bytes: &mut usize) -> Option<V> {
        let at = last_from(&self.leaves, spot);
        // A leaf holds one shard: the key belongs behind those before it, or in front of the next.
        let next = at.map_or(0, |at| at.saturating_add(1));
        let holds = |at: usize| self.leaves.get(at).is_some_and(|(_, l)| l.shard == spot.0);
        let found = at.into_iter().chain([next]).find(|at| holds(*at));
        let Some((first, leaf)) = found.and_then(|at| self.leaves.get_mut(at)) else {
            let leaf = Leaf::of(spot, value);
            *bytes = bytes.saturating_add(leaf.bytes());
            self.leaves.insert(next, (spot, Arc::new(leaf)));
            return None;
        };
        *first = spot.min(*first);
        *bytes = bytes.saturating_sub(leaf.bytes());
        let leaf = Arc::make_mut(leaf);
        let inserted = leaf.insert(spot.1, value);
        *bytes = bytes.saturating_add(leaf.bytes());
        if let Some(behind) = inserted.behind
            && let Some(key) = behind.keys.first()
        {
            *bytes = bytes.saturating_add(behind.bytes());
            let slot = ((behind.shard, *key), Arc::new(behind));
            let at = found.unwrap_or(0).saturating_add(1);
            self.leaves.insert(at, slot);
        }
        inserted.before
    }

    fn clear_leaf(&mut self, at: usize, keep: impl Fn(&V) -> bool, bytes: &mut usize) {
        let Some((first, leaf)) = self.leaves.get_mut(at) else {
            return;
        };
        *bytes = bytes.saturating_sub(leaf.bytes());
        let leaf = Arc::make_mut(leaf);
        leaf.retain(keep);
        let Some(key) = leaf.keys.first() else {
            self.leaves.remove(at);
            return;
        };
        *first = (leaf.shard, *key);
        *bytes = bytes.saturating_add(leaf.bytes());
        self.join(at, bytes);
    }

    /// Joins a leaf that has become small with the one behind it, if both are small: a map that
    /// shrinks must not be left with leaves of one key each.
    fn join(&mut self, at: usize, bytes: &mut usize) {
        let next = at.saturating_add(1);
        let (Some((_, leaf)), Some((_, behind))) = (self.leaves.get(at), self.leaves.get(next))
        else {
            return;
        };
        let together = leaf.keys.len().saturating_add(behind.keys.len());
        if leaf.shard != behind.shard || together > Leaf::<V>::ROOM / 4 {
            return;
        }
        let (_, behind) = self.leaves.remove(next);
        if let Some((_, leaf)) = self.leaves.get_mut(at) {
            let apart = leaf.bytes().saturating_add(behind.bytes());
            let leaf = Arc::make_mut(leaf);
            leaf.keys.extend_from_slice(&behind.keys);
            leaf.values.extend_from_slice(&behind.values);
            *bytes = bytes.saturating_sub(apart).saturating_add(leaf.bytes());
        }
    }
}

impl<V: Copy> Leaf<V> {
    const PAIR: usize = size_of::<u128>() + size_of::<V>();
    /// The leaf itself, its counters of owners and its place in a branch.
    const FIXED: usize =
        size_of::<Self>() + 2 * size_of::<usize>() + size_of::<(Spot, Arc<Self>)>();
    /// Keys at most.
    const ROOM: usize = LEAF_BYTES / Self::PAIR;

    fn of((shard, key): Spot, value: V) -> Self {
        Self {
            shard,
            keys: alloc::vec![key],
            values: alloc::vec![value],
        }
    }

    /// About how many bytes the leaf takes, with its place in a branch.
    const fn bytes(&self) -> usize {
        self.keys
            .capacity()
            .saturating_mul(Self::PAIR)
            .saturating_add(Self::FIXED)
    }

    fn insert(&mut self, key: u128, value: V) -> Inserted<V> {
        let (before, mut behind) = match self.keys.binary_search(&key) {
            Ok(at) => {
                let slot = self.values.get_mut(at);
                (slot.map(|slot| core::mem::replace(slot, value)), None)
            }
            Err(at) if self.keys.len() < Self::ROOM => {
                self.put(at, key, value);
                (None, None)
            }
            // Keys that come in order leave full leaves behind them.
            Err(at) if at == self.keys.len() => (None, Some(Self::of((self.shard, key), value))),
            Err(at) => {
                let mut behind = self.split();
                match at.checked_sub(self.keys.len()) {
                    Some(at) => behind.put(at, key, value),
                    None => self.put(at, key, value),
                }
                (None, Some(behind))
            }
        };
        behind.iter_mut().for_each(Self::tighten);
        Inserted { before, behind }
    }

    /// Puts a key at a place, where there is room or a little can be made.
    fn put(&mut self, at: usize, key: u128, value: V) {
        let len = self.keys.len();
        if len == self.keys.capacity() {
            let growth = (len / 8).clamp(1, GROWTH_MAX);
            self.keys.reserve_exact(growth);
            self.values.reserve_exact(growth);
        }
        self.keys.insert(at, key);
        self.values.insert(at, value);
    }

    /// Takes the upper half away.
    fn split(&mut self) -> Self {
        let half = self.keys.len() / 2;
        let behind = Self {
            shard: self.shard,
            keys: self.keys.split_off(half),
            values: self.values.split_off(half),
        };
        self.tighten();
        behind
    }

    fn retain(&mut self, keep: impl Fn(&V) -> bool) {
        let kept: Vec<bool> = self.values.iter().map(&keep).collect();
        let mut stays = kept.iter();
        self.keys.retain(|_| stays.next() != Some(&false));
        self.values.retain(keep);
        self.tighten();
    }

    /// Gives room back, unless there is little of it.
    fn tighten(&mut self) {
        let spare = self.keys.capacity().saturating_sub(self.keys.len());
        if spare > GROWTH_MAX.saturating_mul(2) {
            self.keys.shrink_to(self.keys.len().saturating_add(1));
            self.values.shrink_to(self.values.len().saturating_add(1));
        }
    }
}
