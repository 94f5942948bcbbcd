//! A store that loses power as sled does at best: everything synced stays, and of what came after
//! a prefix of the batches.
//!
//! The batches themselves are kept beside the disk; on the disk stands one sector for each, so that
//! the simulated power cut decides which of them survived, at the same instant as for the
//! write-ahead segments.

use std::sync::{Arc, Mutex};

use quittance::store::disk::{Disk, DiskFile, OpenMode};
use quittance::store::memory::MemoryStore;
use quittance::store::simdisk::{SECTOR, SimDisk};
use quittance::store::{Batch, EntryBytes, Head, Store, StoreError};

/// The file that counts batches.
pub(crate) const FILE: &str = "store";

/// The store on a disk that may lose power.
pub(crate) struct CutStore {
    inner: MemoryStore,
    batches: Mutex<Vec<Batch>>,
    file: Arc<dyn DiskFile>,
}

impl CutStore {
    /// Opens what `disk` still has of `batches`.
    pub(crate) fn open(disk: &SimDisk, mut batches: Vec<Batch>) -> Self {
        let file = disk.open(FILE, OpenMode::Create).unwrap();
        disk.sync_dir().unwrap();
        let kept = (0..batches.len()).take_while(|n| {
            let mut sector = [0; 8];
            let read = file.read_at(&mut sector, offset(*n));
            read.is_ok() && u64::from_be_bytes(sector) == *n as u64 + 1
        });
        batches.truncate(kept.count());
        file.set_len(offset(batches.len())).unwrap();
        let inner = MemoryStore::new();
        for batch in &batches {
            inner.apply(batch).unwrap();
        }
        Self {
            inner,
            batches: Mutex::new(batches),
            file,
        }
    }

    /// Every batch that was ever applied.
    pub(crate) fn batches(&self) -> Vec<Batch> {
        self.batches.lock().unwrap().clone()
    }
}

fn offset(batch: usize) -> u64 {
    (batch * SECTOR) as u64
}

impl Store for CutStore {
    fn apply(&self, batch: &Batch) -> Result<(), StoreError> {
        let mut batches = self.batches.lock().unwrap();
        self.inner.apply(batch)?;
        let n = batches.len();
        batches.push(batch.clone());
        let number = (n as u64 + 1).to_be_bytes();
        self.file.write_at(&number, offset(n)).unwrap();
        Ok(())
    }

    fn head(&self) -> Option<Head> {
        self.inner.head()
    }

    fn entries(&self, first: u64, max: usize) -> Result<Vec<EntryBytes>, StoreError> {
        self.inner.entries(first, max)
    }

    fn record(&self, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.record(index)
    }

    fn record_part(
        &self,
        index: u64,
        from: usize,
        len: usize,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.record_part(index, from, len)
    }

    fn tile(&self, level: u8, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.tile(level, number)
    }

    fn message(
        &self,
        created: u64,
        participant: &str,
        id: &str,
    ) -> Result<Option<u64>, StoreError> {
        self.inner.message(created, participant, id)
    }

    fn snapshot(
        &self,
        at_or_below: u64,
        each: &mut dyn FnMut(Vec<u8>),
    ) -> Result<Option<u64>, StoreError> {
        self.inner.snapshot(at_or_below, each)
    }

    fn sync(&self) -> Result<Option<Head>, StoreError> {
        let head = self.inner.head();
        self.file.sync_data().unwrap();
        Ok(head)
    }
}
