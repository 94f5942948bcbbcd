//! Turns any number of changes into engine batches of a safe size.

use ::sled::Tree;

use crate::store::StoreError;

use super::engine;

/// Longer batches leak memory beyond the cache's capacity.
const KEYS_MAX: usize = 1_024;

/// Gathers changes and applies them in order; [`Writer::finish`] applies the rest.
pub(super) struct Writer<'a> {
    tree: &'a Tree,
    batch: ::sled::Batch,
    keys: usize,
    /// An earlier part was applied already, so the whole is not atomic any more.
    split: bool,
}

impl<'a> Writer<'a> {
    pub(super) fn new(tree: &'a Tree) -> Self {
        Self {
            tree,
            batch: ::sled::Batch::default(),
            keys: 0,
            split: false,
        }
    }

    pub(super) fn put(
        &mut self,
        key: impl AsRef<[u8]>,
        value: impl AsRef<[u8]>,
    ) -> Result<(), StoreError> {
        self.make_room()?;
        self.batch.insert(key.as_ref(), value.as_ref());
        Ok(())
    }

    /// Removes all keys from `start` to before `end` that are in the tree now.
    pub(super) fn remove_range(&mut self, start: &[u8], end: &[u8]) -> Result<(), StoreError> {
        for key in self.tree.range(start..end).keys() {
            let key = key.map_err(engine("reading"))?;
            self.make_room()?;
            self.batch.remove(key);
        }
        Ok(())
    }

    /// Applies what is left. `last` goes with it when everything fits one batch, which is atomic;
    /// otherwise alone, after everything else.
    pub(super) fn finish(
        mut self,
        last: Option<(impl AsRef<[u8]>, impl AsRef<[u8]>)>,
    ) -> Result<(), StoreError> {
        if let Some((key, value)) = last {
            if self.split || self.keys == KEYS_MAX {
                self.apply()?;
            }
            self.put(key, value)?;
        }
        self.apply()
    }

    fn make_room(&mut self) -> Result<(), StoreError> {
        if self.keys == KEYS_MAX {
            self.apply()?;
            self.split = true;
        }
        self.keys += 1;
        Ok(())
    }

    fn apply(&mut self) -> Result<(), StoreError> {
        if self.keys > 0 {
            self.keys = 0;
            let batch = std::mem::take(&mut self.batch);
            self.tree.apply_batch(batch).map_err(engine("writing"))?;
        }
        Ok(())
    }
}
