//! The writing side: pages first, the head last.

use super::SledStore;
use super::writer::Writer;
use crate::store::batch::Batch;
use crate::store::head::Head;
use crate::store::table::{entries, head, messages, records, snapshots, tiles};
use crate::store::{Store, StoreError};

impl SledStore {
    /// Compares what a batch says about known entries with what is there.
    pub(super) fn refuse(&self, batch: &Batch, new: &Head) -> Result<(), StoreError> {
        let present = self.head();
        let size = present.map_or(0, |head| head.size);
        if batch.first > size {
            return Err(StoreError::Gap {
                expected: size,
                found: batch.first,
            });
        }
        let overlap = usize::try_from(size - batch.first).unwrap_or(usize::MAX);
        let known = self.entries(batch.first, overlap.min(batch.entries.len()))?;
        for (index, (known, given)) in (batch.first..).zip(known.iter().zip(&batch.entries)) {
            if known != given {
                return Err(StoreError::Conflict { index });
            }
        }
        match present {
            Some(present) if present.size == new.size && present != *new => {
                Err(StoreError::Conflict { index: new.size })
            }
            _ => Ok(()),
        }
    }

    pub(super) fn write(&self, batch: &Batch, new: Option<&Head>) -> Result<(), StoreError> {
        let mut writer = Writer::new(&self.db);
        let size = self.size();
        let known = usize::try_from(size.saturating_sub(batch.first)).unwrap_or(usize::MAX);
        if let (Some(fresh), Some(fresh_records)) =
            (batch.entries.get(known..), batch.records.get(known..))
        {
            let first = batch.first.max(size);
            for (key, page) in entries::pages(first, fresh) {
                writer.put(key, page)?;
            }
            records::pages(first, fresh_records, |key, page| writer.put(key, page))?;
        }
        for tile in &batch.tiles {
            for (key, half) in tiles::halves(tile.level, tile.number, &tile.bytes) {
                writer.put(key, half)?;
            }
        }
        for message in &batch.messages {
            if let Some(entry) = batch.entry_at(message.index) {
                let key = messages::key(message.created, &message.participant, &message.id);
                writer.put(key, messages::value(message.index, entry))?;
            }
        }
        for part in &batch.snapshot {
            let pages = |key, page| writer.put(key, page);
            snapshots::pages(part.index, part.part, &part.bytes, pages)?;
            if part.last {
                let count = (part.part + 1).to_be_bytes();
                writer.put(snapshots::whole_key(part.index), count)?;
                self.forget_snapshots(part.index, &mut writer)?;
            }
        }
        writer.finish(new.map(|head| (head::KEY, head::value(head))))
    }

    /// Removes all snapshots below `newest` but the newest whole one.
    fn forget_snapshots(&self, newest: u64, writer: &mut Writer<'_>) -> Result<(), StoreError> {
        let before = newest.checked_sub(1);
        let older = before
            .map(|before| self.whole_snapshot(before))
            .transpose()?
            .flatten();
        let start = snapshots::key(0, 0, 0);
        let end = snapshots::key(newest, 0, 0);
        match older {
            Some((older, _)) => {
                writer.remove_range(&start, &snapshots::key(older, 0, 0))?;
                writer.remove_range(&snapshots::key(older + 1, 0, 0), &end)
            }
            None => writer.remove_range(&start, &end),
        }
    }

    /// Removes what a crash left at or above the head.
    pub(super) fn tidy(&self) -> Result<(), StoreError> {
        let size = self.size();
        let mut writer = Writer::new(&self.db);
        writer.remove_range(&entries::key(size), b"f")?;
        writer.remove_range(&records::key(size, 0), b"q")?;
        if let Some(above) = size.checked_add(1) {
            writer.remove_range(&snapshots::key(above, 0, 0), b"t")?;
        }
        for level in 0..8_u8 {
            let number = size.checked_shr(8 * (u32::from(level) + 1)).unwrap_or(0);
            writer.remove_range(&tiles::key(level, number, 0), &tiles::key(level + 1, 0, 0))?;
        }
        writer.finish(None::<(&[u8], &[u8])>)
    }
}
