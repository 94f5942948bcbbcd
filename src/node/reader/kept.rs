//! What readers made of entries, kept for whoever asks next.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Things that were made lately, by log index. Entries never change, so none is ever out of date.
/// Nobody reads, hashes or waits under its lock.
pub(in crate::node) struct Kept<T>(Mutex<Inner<T>>);

struct Inner<T> {
    by_index: BTreeMap<u64, Slot<T>>,
    /// Indexes by when they were used last.
    by_use: BTreeMap<u64, u64>,
    uses: u64,
    bytes: usize,
    bytes_max: usize,
}

struct Slot<T> {
    used: u64,
    weight: usize,
    thing: Arc<T>,
}

impl<T> Kept<T> {
    /// Keeps so many bytes at most.
    pub(in crate::node) const fn with_room(bytes_max: usize) -> Self {
        Self(Mutex::new(Inner {
            by_index: BTreeMap::new(),
            by_use: BTreeMap::new(),
            uses: 0,
            bytes: 0,
            bytes_max,
        }))
    }

    fn inner(&self) -> MutexGuard<'_, Inner<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self, index: u64) -> Option<Arc<T>> {
        let mut inner = self.inner();
        let inner = &mut *inner;
        let slot = inner.by_index.get_mut(&index)?;
        inner.by_use.remove(&slot.used);
        inner.uses = inner.uses.saturating_add(1);
        slot.used = inner.uses;
        inner.by_use.insert(slot.used, index);
        Some(Arc::clone(&slot.thing))
    }

    /// Keeps a thing of about so many bytes; those that nobody has used for longest go when all
    /// take too much.
    pub(super) fn keep(&self, index: u64, weight: usize, thing: &Arc<T>) {
        let mut inner = self.inner();
        // Two readers may have missed it at one time.
        if inner.by_index.contains_key(&index) {
            return;
        }
        inner.uses = inner.uses.saturating_add(1);
        inner.bytes = inner.bytes.saturating_add(weight);
        let slot = Slot {
            used: inner.uses,
            weight,
            thing: Arc::clone(thing),
        };
        inner.by_use.insert(slot.used, index);
        inner.by_index.insert(index, slot);
        while inner.bytes > inner.bytes_max
            && let Some((_, oldest)) = inner.by_use.pop_first()
        {
            if let Some(gone) = inner.by_index.remove(&oldest) {
                inner.bytes = inner.bytes.saturating_sub(gone.weight);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_uses_goes_first() {
        let kept = Kept::with_room(100);
        for index in 0..10 {
            kept.keep(index, 10, &Arc::new(index));
            assert!(kept.get(0).is_some());
        }
        // A second time it counts once.
        kept.keep(10, 11, &Arc::new(10));
        kept.keep(10, 11, &Arc::new(10));
        for index in [1, 2] {
            assert!(kept.get(index).is_none(), "{index}");
        }
        for index in [0, 3, 10] {
            assert_eq!(kept.get(index).as_deref(), Some(&index));
        }
        {
            let inner = kept.inner();
            assert_eq!((inner.bytes, inner.by_index.len()), (91, 9));
            assert_eq!(inner.by_use.len(), 9);
        }
        // What is too large for all of it is not kept, and leaves nothing behind.
        kept.keep(11, 101, &Arc::new(11));
        let inner = kept.inner();
        assert_eq!((inner.bytes, inner.by_use.len()), (0, 0));
    }
}
