//! The twin in memory: for tests, and to say what the other twin must do.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::batch::{Batch, EntryBytes};
use super::head::Head;
use super::{Store, StoreError, Table};

/// A store that forgets everything when it is dropped.
#[derive(Default)]
pub struct MemoryStore(Mutex<Contents>);

#[derive(Default)]
struct Contents {
    head: Option<Head>,
    entries: Vec<EntryBytes>,
    records: Vec<Vec<u8>>,
    tiles: BTreeMap<(u8, u64), Vec<u8>>,
    messages: BTreeMap<(u64, String, String), u64>,
    snapshots: BTreeMap<u64, Snapshot>,
}

#[derive(Default)]
struct Snapshot {
    parts: BTreeMap<u32, Vec<u8>>,
    /// Number of parts, once the last one was given.
    count: Option<u32>,
}

impl MemoryStore {
    /// Makes an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Contents {
    fn size(&self) -> u64 {
        self.entries.len() as u64
    }

    fn refuse(&self, batch: &Batch) -> Result<(), StoreError> {
        let Some(new) = batch.head else { return Ok(()) };
        if batch.first > self.size() {
            return Err(StoreError::Gap {
                expected: self.size(),
                found: batch.first,
            });
        }
        for (index, entry) in (batch.first..self.size()).zip(&batch.entries) {
            if self.entries.get(at(index)) != Some(entry) {
                return Err(StoreError::Conflict { index });
            }
        }
        match self.head {
            Some(present) if new.size == present.size && new != present => {
                Err(StoreError::Conflict { index: new.size })
            }
            _ => Ok(()),
        }
    }

    fn add(&mut self, batch: &Batch) {
        let known = at(self.size().saturating_sub(batch.first));
        self.entries.extend(batch.entries.iter().skip(known));
        self.records
            .extend(batch.records.iter().skip(known).cloned());
        for tile in &batch.tiles {
            self.tiles
                .insert((tile.level, tile.number), tile.bytes.clone());
        }
        for message in &batch.messages {
            let key = (
                message.created,
                message.participant.clone(),
                message.id.clone(),
            );
            self.messages.insert(key, message.index);
        }
        for part in &batch.snapshot {
            let snapshot = self.snapshots.entry(part.index).or_default();
            snapshot.parts.insert(part.part, part.bytes.clone());
            if part.last {
                snapshot.count = Some(part.part + 1);
                self.forget_snapshots(part.index);
            }
        }
        if let Some(head) = batch
            .head
            .filter(|head| Some(head.size) > self.head.map(|h| h.size))
        {
            self.head = Some(head);
        }
    }

    /// Keeps the newest two whole snapshots up to `newest`, and whatever is above.
    fn forget_snapshots(&mut self, newest: u64) {
        let whole = self
            .snapshots
            .range(..newest)
            .rev()
            .find(|(_, older)| older.count.is_some());
        let older = whole.map(|(index, _)| *index);
        self.snapshots
            .retain(|index, _| *index >= newest || Some(*index) == older);
    }
}

impl Store for MemoryStore {
    fn apply(&self, batch: &Batch) -> Result<(), StoreError> {
        batch.check()?;
        let mut contents = self.contents();
        contents.refuse(batch)?;
        contents.add(batch);
        Ok(())
    }

    fn head(&self) -> Option<Head> {
        self.contents().head
    }

    fn entries(&self, first: u64, max: usize) -> Result<Vec<EntryBytes>, StoreError> {
        let contents = self.contents();
        Ok(contents
            .entries
            .iter()
            .skip(at(first))
            .take(max)
            .copied()
            .collect())
    }

    fn record(&self, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.contents().records.get(at(index)).cloned())
    }

    fn record_part(
        &self,
        index: u64,
        from: usize,
        len: usize,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let contents = self.contents();
        let record = contents.records.get(at(index));
        Ok(record.map(|record| record.iter().skip(from).take(len).copied().collect()))
    }

    fn tile(&self, level: u8, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let contents = self.contents();
        // In u128 no product overflows.
        let reach = (u128::from(number) + 1) * 256_u128.pow(u32::from(level.min(8)) + 1);
        let visible = reach <= u128::from(contents.size());
        Ok(contents
            .tiles
            .get(&(level, number))
            .filter(|_| visible)
            .cloned())
    }

    fn message(
        &self,
        created: u64,
        participant: &str,
        id: &str,
    ) -> Result<Option<u64>, StoreError> {
        let key = (created, participant.to_owned(), id.to_owned());
        Ok(self.contents().messages.get(&key).copied())
    }

    fn snapshot(
        &self,
        at_or_below: u64,
        each: &mut dyn FnMut(Vec<u8>),
    ) -> Result<Option<u64>, StoreError> {
        let contents = self.contents();
        let limit = at_or_below.min(contents.size());
        let mut newest_first = contents.snapshots.range(..=limit).rev();
        let whole = newest_first.find_map(|(index, found)| Some((*index, found, found.count?)));
        let Some((index, found, count)) = whole else {
            return Ok(None);
        };
        for part in 0..count {
            let damaged = StoreError::Damaged {
                table: Table::Snapshots,
                index,
            };
            each(found.parts.get(&part).cloned().ok_or(damaged)?);
        }
        Ok(Some(index))
    }

    fn sync(&self) -> Result<Option<Head>, StoreError> {
        Ok(self.head())
    }
}

/// An index that no memory can hold is past every end.
fn at(index: u64) -> usize {
    usize::try_from(index).unwrap_or(usize::MAX)
}
