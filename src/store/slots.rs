//! The key slots: one erasable key per log entry, outside sled and outside ordinary backups.
//!
//! ```text
//! slot i, at byte 48 * i:
//!   key [32] | first 16 bytes of SHA-256(0x16 || u64be i || key)          a key
//!   tombstone [32] | first 16 bytes of SHA-256(0x17 || u64be i || tombstone)   erased
//!   zeros [48]                                                            never written
//! ```
//!
//! Slots are fixed in place, so that erasing one overwrites the very bytes. A slot that was not
//! synced may be torn by a power cut; the write-ahead frame still carries its key then, for a frame
//! is released only after [`KeySlots::sync`]. An erased slot stays erased: replaying an older frame
//! does not bring its key back.

use std::io;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use super::disk::{Disk, DiskFile, OpenMode};

/// Bytes of one slot.
pub const SLOT_LEN: usize = 48;

const NAME: &str = "keys.slots";
const KEY: usize = 32;
const TOMBSTONE: [u8; KEY] = [0xe5; KEY];
const DOMAIN_KEY: u8 = 0x16;
const DOMAIN_ERASED: u8 = 0x17;
/// The file grows by this many slots at a time, so that few syncs carry a new file size.
const GROWTH: u64 = 16_384;

/// What a slot holds.
#[derive(PartialEq, Eq)]
pub enum Slot {
    /// The key; it is wiped from memory when dropped.
    Key(Zeroizing<[u8; KEY]>),
    /// The key was erased.
    Erased,
    /// Nothing was ever written.
    Empty,
    /// The bytes fail their check.
    Damaged,
}

impl std::fmt::Debug for Slot {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::Key(_) => "Key",
            Self::Erased => "Erased",
            Self::Empty => "Empty",
            Self::Damaged => "Damaged",
        })
    }
}

/// Why the key slots could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SlotsError {
    /// The operating system reported an error; after a failed write or sync the process must stop.
    #[error("key slots: reading or writing failed")]
    Io(#[from] io::Error),
    /// The index has no place in a file.
    #[error("key slots: entry index {index} is out of range")]
    Range {
        /// The index asked for.
        index: u64,
    },
}

/// The open key slots; any thread may use them.
pub struct KeySlots {
    file: Arc<dyn DiskFile>,
    state: Mutex<State>,
}

struct State {
    /// Slots the file has room for.
    room: u64,
    /// Slots from here on were never written.
    fresh: u64,
}

impl KeySlots {
    /// Opens the slots of a data folder, making the file when it is not there.
    ///
    /// # Errors
    /// What the operating system reports.
    pub fn open(disk: &dyn Disk) -> Result<Self, SlotsError> {
        let file = match disk.open(NAME, OpenMode::Existing) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let file = disk.open(NAME, OpenMode::Create)?;
                file.sync_data()?;
                disk.sync_dir()?;
                file
            }
            Err(error) => return Err(error.into()),
        };
        let room = file.len()? / SLOT_LEN as u64;
        let fresh = first_fresh(&*file, room)?;
        Ok(Self {
            file,
            state: Mutex::new(State { room, fresh }),
        })
    }

    /// Whether the file is there.
    ///
    /// # Errors
    /// What the operating system reports, other than that it is not.
    pub fn exist(disk: &dyn Disk) -> Result<bool, SlotsError> {
        match disk.open(NAME, OpenMode::Existing) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Returns the number of slots up to the last one that was ever written.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.lock().fresh
    }

    /// Writes one key; durable after [`KeySlots::sync`]. An erased slot stays as it is.
    ///
    /// # Errors
    /// What the operating system reports.
    pub fn put(&self, index: u64, key: &[u8; KEY]) -> Result<(), SlotsError> {
        self.put_run(index, &[*key])
    }

    /// Writes the keys of consecutive entries at once, which is cheaper than one by one.
    ///
    /// # Errors
    /// As [`KeySlots::put`].
    pub fn put_run(&self, first: u64, keys: &[[u8; KEY]]) -> Result<(), SlotsError> {
        let end = first
            .checked_add(keys.len() as u64)
            .ok_or(SlotsError::Range { index: first })?;
        offset(end)?;
        let mut state = self.lock();
        let mut run = Zeroizing::new(Vec::with_capacity(keys.len() * SLOT_LEN));
        for (index, key) in (first..).zip(keys) {
            let erased = index < state.fresh && self.read(&state, index)? == Slot::Erased;
            let slot = if erased {
                tombstone(index)
            } else {
                seal(DOMAIN_KEY, index, key)
            };
            run.extend_from_slice(&*slot);
        }
        self.write(&mut state, first, &run)
    }

    /// Reads one slot.
    ///
    /// # Errors
    /// What the operating system reports.
    pub fn get(&self, index: u64) -> Result<Slot, SlotsError> {
        let state = self.lock();
        self.read(&state, index)
    }

    /// Finds the slots of entries `first` to below `end` that hold neither a key nor its erasure.
    ///
    /// # Errors
    /// What the operating system reports.
    pub fn gaps(&self, first: u64, end: u64) -> Result<Vec<Range<u64>>, SlotsError> {
        let mut gaps: Vec<Range<u64>> = Vec::new();
        for index in first..end {
            if matches!(self.get(index)?, Slot::Key(_) | Slot::Erased) {
                continue;
            }
            match gaps.last_mut() {
                Some(gap) if gap.end == index => gap.end = index + 1,
                _ => gaps.push(index..index + 1),
            }
        }
        Ok(gaps)
    }

    /// Overwrites a key for good; durable on return. The write-ahead segments that carried it are
    /// the caller's to clear.
    ///
    /// # Errors
    /// What the operating system reports.
    pub fn erase(&self, index: u64) -> Result<(), SlotsError> {
        offset(index)?;
        let mut state = self.lock();
        self.write(&mut state, index, &*tombstone(index))?;
        drop(state);
        self.sync()
    }

    /// Makes all keys put so far durable.
    ///
    /// # Errors
    /// What the operating system reports; the process must stop then.
    pub fn sync(&self) -> Result<(), SlotsError> {
        // Not under the lock: keys may be put while the disk works.
        Ok(self.file.sync_data()?)
    }

    fn read(&self, state: &State, index: u64) -> Result<Slot, SlotsError> {
        let at = offset(index)?;
        if index >= state.room {
            return Ok(Slot::Empty);
        }
        let mut slot = Zeroizing::new([0; SLOT_LEN]);
        self.file.read_at(&mut *slot, at)?;
        if *slot == [0; SLOT_LEN] {
            return Ok(Slot::Empty);
        }
        if *slot == *tombstone(index) {
            return Ok(Slot::Erased);
        }
        let mut key = Zeroizing::new([0; KEY]);
        key.copy_from_slice(&slot[..KEY]);
        let whole = *slot == *seal(DOMAIN_KEY, index, &key);
        Ok(if whole { Slot::Key(key) } else { Slot::Damaged })
    }

    fn write(&self, state: &mut State, first: u64, run: &[u8]) -> Result<(), SlotsError> {
        let end = first + (run.len() / SLOT_LEN) as u64;
        if end > state.room {
            let room = end.next_multiple_of(GROWTH);
            self.file.set_len(offset(room)?)?;
            state.room = room;
        }
        self.file.write_at(run, offset(first)?)?;
        state.fresh = state.fresh.max(end);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn seal(domain: u8, index: u64, key: &[u8; KEY]) -> Zeroizing<[u8; SLOT_LEN]> {
    let hash = Sha256::new()
        .chain_update([domain])
        .chain_update(index.to_be_bytes());
    let mut check: [u8; 32] = hash.chain_update(key).finalize().into();
    let mut slot = Zeroizing::new([0; SLOT_LEN]);
    slot[..KEY].copy_from_slice(key);
    slot[KEY..].copy_from_slice(&check[..SLOT_LEN - KEY]);
    check.zeroize();
    slot
}

fn tombstone(index: u64) -> Zeroizing<[u8; SLOT_LEN]> {
    seal(DOMAIN_ERASED, index, &TOMBSTONE)
}

/// Offsets stay below 2^63, which is what file systems take.
fn offset(index: u64) -> Result<u64, SlotsError> {
    let offset = index.checked_mul(SLOT_LEN as u64);
    offset
        .filter(|offset| *offset < 1 << 63)
        .ok_or(SlotsError::Range { index })
}

/// Goes back from the end of the file to the last slot that is not zeros.
fn first_fresh(file: &dyn DiskFile, room: u64) -> io::Result<u64> {
    const STEP: u64 = 1024;
    let mut end = room;
    while end > 0 {
        let start = end.saturating_sub(STEP);
        let length = usize::try_from(end - start).unwrap_or(0) * SLOT_LEN;
        let mut bytes = Zeroizing::new(vec![0; length]);
        file.read_at(&mut bytes, start * SLOT_LEN as u64)?;
        if let Some(last) = bytes.iter().rposition(|byte| *byte != 0) {
            return Ok(start + (last / SLOT_LEN) as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::simdisk::SimDisk;

    fn key(byte: u8) -> Slot {
        Slot::Key(Zeroizing::new([byte; KEY]))
    }

    #[test]
    fn keys_come_back_and_the_four_states_differ() {
        let disk = SimDisk::new();
        let slots = KeySlots::open(&disk).unwrap();
        slots.put_run(3, &[[1; KEY], [2; KEY], [0; KEY]]).unwrap();
        slots.put(GROWTH + 5, &TOMBSTONE).unwrap();
        slots.erase(4).unwrap();
        let slots = KeySlots::open(&disk).unwrap();
        assert_eq!(slots.get(2).unwrap(), Slot::Empty);
        assert_eq!(slots.get(3).unwrap(), key(1));
        assert_eq!(slots.get(4).unwrap(), Slot::Erased);
        assert_eq!(slots.get(5).unwrap(), key(0));
        assert_eq!(slots.get(GROWTH + 5).unwrap(), key(0xe5));
        assert_eq!(slots.get(GROWTH * 9).unwrap(), Slot::Empty);
        assert!(matches!(slots.get(u64::MAX), Err(SlotsError::Range { .. })));
        assert!(slots.put(u64::MAX, &[1; KEY]).is_err());
    }

    #[test]
    fn an_erased_key_is_gone_and_is_not_put_back() {
        let disk = SimDisk::new();
        let slots = KeySlots::open(&disk).unwrap();
        slots.put(7, &[9; KEY]).unwrap();
        slots.erase(7).unwrap();
        slots.put(7, &[9; KEY]).unwrap();
        slots.sync().unwrap();
        disk.power_cut(3);
        assert!(
            !disk
                .contents(NAME)
                .unwrap()
                .windows(KEY)
                .any(|bytes| bytes == [9; KEY])
        );
        assert_eq!(KeySlots::open(&disk).unwrap().get(7).unwrap(), Slot::Erased);
    }

    #[test]
    fn synced_slots_survive_a_power_cut_and_torn_ones_are_noticed() {
        let mut damaged = 0;
        for seed in 0..200 {
            let disk = SimDisk::new();
            let slots = KeySlots::open(&disk).unwrap();
            slots.put_run(0, &[[1; KEY]; 20]).unwrap();
            slots.sync().unwrap();
            slots.put_run(20, &[[2; KEY]; 40]).unwrap();
            disk.power_cut(seed);
            let slots = KeySlots::open(&disk).unwrap();
            for index in 0..20 {
                assert_eq!(
                    slots.get(index).unwrap(),
                    key(1),
                    "seed {seed}, slot {index}"
                );
            }
            for index in 20..60 {
                match slots.get(index).unwrap() {
                    Slot::Damaged => damaged += 1,
                    slot => assert!(slot == key(2) || slot == Slot::Empty),
                }
            }
            slots.put_run(20, &[[2; KEY]; 40]).unwrap();
            assert_eq!(slots.get(30).unwrap(), key(2), "replay mends a torn slot");
        }
        assert!(damaged > 10, "{damaged}");
    }

    #[test]
    fn every_flipped_bit_and_a_moved_slot_are_noticed() {
        let disk = SimDisk::new();
        let slots = KeySlots::open(&disk).unwrap();
        slots.put_run(0, &[[1; KEY], [2; KEY]]).unwrap();
        slots.erase(1).unwrap();
        let whole = disk.contents(NAME).unwrap();
        for bit in 0..2 * SLOT_LEN * 8 {
            let mut damaged = whole.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            disk.put(NAME, &damaged);
            let slots = KeySlots::open(&disk).unwrap();
            let index = (bit / 8 / SLOT_LEN) as u64;
            assert_eq!(slots.get(index).unwrap(), Slot::Damaged, "bit {bit}");
        }
        let mut moved = whole.clone();
        moved.copy_within(0..2 * SLOT_LEN, 2 * SLOT_LEN);
        disk.put(NAME, &moved);
        let slots = KeySlots::open(&disk).unwrap();
        assert_eq!(slots.get(2).unwrap(), Slot::Damaged);
        assert_eq!(slots.get(3).unwrap(), Slot::Damaged);
    }

    #[test]
    fn debug_shows_no_key() {
        assert_eq!(format!("{:?}", key(1)), "Key");
    }
}
