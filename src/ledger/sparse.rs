//! What only some accounts have beside their records, by the number of the account, in pages that a
//! copy shares with what it was copied from: a snapshot takes one without stopping anybody, and whoever
//! changes a record afterwards copies it and the pointers of one page.
//!
//! Numbers of accounts are dense, so a record is found by two steps, however many there are. What has
//! keys of other kinds is in [`super::shards::Shards`].

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::array;

/// Records in one page.
const PAGE: usize = 1 << 8;

/// One page.
type Page<V> = Arc<[Option<Arc<V>>; PAGE]>;

/// Records by the numbers of accounts.
#[derive(Debug, Clone)]
pub(super) struct Sparse<V> {
    /// By number; a page without records is there only if it had some.
    pages: Vec<Option<Page<V>>>,
    len: usize,
}

impl<V> Default for Sparse<V> {
    fn default() -> Self {
        Self {
            pages: Vec::new(),
            len: 0,
        }
    }
}

/// The page of an account, and its place there.
fn place(account: u64) -> Option<(usize, usize)> {
    let account = usize::try_from(account).ok()?;
    Some((account / PAGE, account % PAGE))
}

impl<V: Clone> Sparse<V> {
    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// The record of an account.
    #[inline]
    pub(super) fn get(&self, account: u64) -> Option<&V> {
        let (page, at) = place(account)?;
        self.pages.get(page)?.as_ref()?.get(at)?.as_deref()
    }

    /// The same to be changed.
    #[inline]
    pub(super) fn get_mut(&mut self, account: u64) -> Option<&mut V> {
        let (page, at) = place(account)?;
        let page = self.pages.get_mut(page)?.as_mut()?;
        // Looked at before the page is copied, for most accounts have none.
        page.get(at)?.as_ref()?;
        let record = Arc::make_mut(page).get_mut(at)?.as_mut()?;
        Some(Arc::make_mut(record))
    }

    /// Puts a record in the place of an account's, or takes it away; gives back what was.
    ///
    /// Accounts that may be named here exist, so there are no more pages than accounts need.
    pub(super) fn put(&mut self, account: u64, record: Option<V>) -> Option<V> {
        let (page, at) = place(account)?;
        if record.is_none() {
            self.get(account)?;
        }
        if page >= self.pages.len() {
            self.pages.resize_with(page.saturating_add(1), || None);
        }
        let empty = || Arc::new(array::from_fn(|_| None));
        let page = self.pages.get_mut(page)?.get_or_insert_with(empty);
        let slot = Arc::make_mut(page).get_mut(at)?;
        let present = record.is_some();
        let before = core::mem::replace(slot, record.map(Arc::new));
        self.len = match (before.is_some(), present) {
            (false, true) => self.len.saturating_add(1),
            (true, false) => self.len.saturating_sub(1),
            (true, true) | (false, false) => self.len,
        };
        before.map(Arc::unwrap_or_clone)
    }

    /// All of them, by number.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, &V)> {
        let pages = (0u64..).step_by(PAGE).zip(&self.pages);
        let slots =
            pages.flat_map(|(first, page)| (first..).zip(page.iter().flat_map(|p| p.iter())));
        slots.filter_map(|(account, slot)| Some((account, slot.as_deref()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeMap;

    fn all(sparse: &Sparse<u64>) -> Vec<(u64, u64)> {
        sparse.iter().map(|(key, record)| (key, *record)).collect()
    }

    #[test]
    fn a_copy_stays_as_it_was() {
        let mut sparse = Sparse::default();
        for account in [5_000, 0, 255, 256] {
            assert_eq!(sparse.put(account, Some(account)), None);
        }
        let then = sparse.clone();
        assert_eq!(sparse.put(0, None), Some(0));
        assert_eq!(sparse.put(1, None), None);
        assert_eq!(sparse.put(900_000, None), None);
        assert_eq!(sparse.put(5_000, Some(7)), Some(5_000));
        *sparse.get_mut(255).unwrap() = 8;
        assert_eq!(sparse.get_mut(254), None);
        assert_eq!(all(&then), [(0, 0), (255, 255), (256, 256), (5_000, 5_000)]);
        assert_eq!(all(&sparse), [(255, 8), (256, 256), (5_000, 7)]);
        assert_eq!((then.len(), sparse.len()), (4, 3));
        assert_eq!((sparse.get(256), sparse.get(0)), (Some(&256), None));
        assert_eq!(sparse.get(u64::MAX), None);
    }

    #[test]
    fn it_is_what_one_map_would_be() {
        let (mut sparse, mut map) = (Sparse::default(), BTreeMap::new());
        let mut seed = 3u64;
        for round in 0..20_000u64 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(9);
            let key = (seed >> 20) % 3_000;
            let record = (!(seed >> 50).is_multiple_of(3)).then_some(round);
            let before = match record {
                Some(record) => map.insert(key, record),
                None => map.remove(&key),
            };
            assert_eq!(sparse.put(key, record), before);
            if let Some(record) = map.get_mut(&(key / 2)) {
                *record = round;
            }
            if let Some(record) = sparse.get_mut(key / 2) {
                *record = round;
            }
            assert_eq!(sparse.get(key / 2), map.get(&(key / 2)));
            assert_eq!(sparse.len(), map.len());
        }
        let wanted: Vec<(u64, u64)> = map.iter().map(|(k, v)| (*k, *v)).collect();
        assert_eq!(all(&sparse), wanted);
    }
}
