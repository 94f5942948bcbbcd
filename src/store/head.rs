//! The head file: the newest state of the log, kept outside sled.
//!
//! ```text
//! offset 0 and offset 4,096, one slot each:
//!   magic "QHED" | format u32 = 1 | number u64 | size u64 | root [32] | leaf [32] | time u64 |
//!   SHA-256 of the 96 bytes before [32]
//! ```
//!
//! Writes alternate between the two slots and are synced, so a torn write leaves the older head.
//! It is compared at every open and synced before a write-ahead segment is recycled; it never goes
//! backwards and never changes its mind about a size, because a checkpoint may have been signed
//! for it.

use std::io;
use std::sync::Arc;

use chain::Hash;
use sha2::{Digest, Sha256};

use super::disk::{Disk, DiskFile, OpenMode};

const NAME: &str = "head";
const MAKING: &str = "head.new";
const MAGIC: [u8; 4] = *b"QHED";
const FORMAT: u32 = 1;
const SUMMED: usize = 96;
const SLOT: usize = SUMMED + 32;
const OFFSETS: [u64; 2] = [0, 4096];

/// A state of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Number of entries.
    pub size: u64,
    /// RFC 6962 root over them.
    pub root: Hash,
    /// Leaf hash of the last entry (zeros for an empty log).
    pub leaf: Hash,
    /// Time of the last entry, in nanoseconds since 1970 UTC.
    pub time: u64,
}

/// Why the head file could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HeadError {
    /// The operating system reported an error; after a failed write the process must stop.
    #[error("head file: reading or writing failed")]
    Io(#[from] io::Error),
    /// Neither slot is whole.
    #[error(
        "head file: both copies are damaged; nothing may be signed until the newest size and root \
         are confirmed from outside (`restore --checkpoint`)"
    )]
    Damaged,
    /// The file has a format that this version does not know.
    #[error("head file: format {found} is not known, expected {FORMAT}")]
    Format {
        /// The format stated.
        found: u32,
    },
    /// The new head would go backwards.
    #[error("head file: size {new} is below the present {present}")]
    Backwards {
        /// The present size.
        present: u64,
        /// The size asked for.
        new: u64,
    },
    /// The new head states something else for the present size.
    #[error("head file: a second, different head for size {size}")]
    Fork {
        /// The size of both.
        size: u64,
    },
}

/// The open head file.
pub struct HeadFile {
    disk: Arc<dyn Disk>,
    file: Option<Arc<dyn DiskFile>>,
    number: u64,
    head: Option<Head>,
}

impl HeadFile {
    /// Opens the head file of a data folder; it is made at the first write.
    ///
    /// # Errors
    /// [`HeadError::Damaged`] when the file is there and neither slot is whole.
    pub fn open(disk: Arc<dyn Disk>) -> Result<Self, HeadError> {
        let file = match disk.open(NAME, OpenMode::Existing) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self {
                    disk,
                    file: None,
                    number: 0,
                    head: None,
                });
            }
            Err(error) => return Err(error.into()),
        };
        let mut newest: Option<(u64, Head)> = None;
        for offset in OFFSETS {
            let slot = read_slot(&*file, offset)?;
            if slot.map(|(number, _)| number) > newest.map(|(number, _)| number) {
                newest = slot;
            }
        }
        let (number, head) = newest.ok_or(HeadError::Damaged)?;
        Ok(Self {
            disk,
            file: Some(file),
            number,
            head: Some(head),
        })
    }

    /// Returns the newest head written.
    #[must_use]
    pub fn head(&self) -> Option<Head> {
        self.head
    }

    /// Writes a head; it is durable on return. Writing the present one again does nothing.
    ///
    /// # Errors
    /// [`HeadError::Backwards`] and [`HeadError::Fork`] before anything is written.
    pub fn write(&mut self, head: &Head) -> Result<(), HeadError> {
        if let Some(present) = self.head {
            if head.size < present.size {
                return Err(HeadError::Backwards {
                    present: present.size,
                    new: head.size,
                });
            }
            if head.size == present.size {
                let same = *head == present;
                return if same {
                    Ok(())
                } else {
                    Err(HeadError::Fork { size: head.size })
                };
            }
        }
        let number = self.number + 1;
        let slot = encode(number, head);
        match &self.file {
            Some(file) => {
                file.write_at(&slot, OFFSETS[usize::from(number % 2 == 1)])?;
                file.sync_data()?;
            }
            None => self.file = Some(create(&*self.disk, &slot)?),
        }
        (self.number, self.head) = (number, Some(*head));
        Ok(())
    }
}

/// Makes the file under another name first, with the head in both slots: when it has its name, it
/// is whole.
fn create(disk: &dyn Disk, slot: &[u8; SLOT]) -> io::Result<Arc<dyn DiskFile>> {
    let file = disk.open(MAKING, OpenMode::Create)?;
    for offset in OFFSETS {
        file.write_at(slot, offset)?;
    }
    file.sync_data()?;
    disk.rename(MAKING, NAME)?;
    disk.sync_dir()?;
    Ok(file)
}

fn encode(number: u64, head: &Head) -> [u8; SLOT] {
    let mut slot = [0; SLOT];
    slot[..4].copy_from_slice(&MAGIC);
    slot[4..8].copy_from_slice(&FORMAT.to_be_bytes());
    slot[8..16].copy_from_slice(&number.to_be_bytes());
    slot[16..24].copy_from_slice(&head.size.to_be_bytes());
    slot[24..56].copy_from_slice(head.root.as_bytes());
    slot[56..88].copy_from_slice(head.leaf.as_bytes());
    slot[88..SUMMED].copy_from_slice(&head.time.to_be_bytes());
    let sum: [u8; 32] = Sha256::digest(&slot[..SUMMED]).into();
    slot[SUMMED..].copy_from_slice(&sum);
    slot
}

/// Reads one slot; `None` when it is damaged.
fn read_slot(file: &dyn DiskFile, offset: u64) -> Result<Option<(u64, Head)>, HeadError> {
    if file.len()? < offset + SLOT as u64 {
        return Ok(None);
    }
    let mut slot = [0; SLOT];
    file.read_at(&mut slot, offset)?;
    let sum: [u8; 32] = Sha256::digest(&slot[..SUMMED]).into();
    if slot[SUMMED..] != sum || slot[..4] != MAGIC {
        return Ok(None);
    }
    let found = u32::from_be_bytes(part(&slot, 4));
    if found != FORMAT {
        return Err(HeadError::Format { found });
    }
    let head = Head {
        size: u64::from_be_bytes(part(&slot, 16)),
        root: Hash::from_bytes(part(&slot, 24)),
        leaf: Hash::from_bytes(part(&slot, 56)),
        time: u64::from_be_bytes(part(&slot, 88)),
    };
    Ok(Some((u64::from_be_bytes(part(&slot, 8)), head)))
}

fn part<const N: usize>(slot: &[u8; SLOT], at: usize) -> [u8; N] {
    let mut part = [0; N];
    part.copy_from_slice(&slot[at..at + N]);
    part
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::simdisk::{Fault, FaultKind, FaultOn, SimDisk};

    fn head(size: u64) -> Head {
        let hash = Hash::from_bytes([u8::try_from(size % 251).unwrap(); 32]);
        Head {
            size,
            root: hash,
            leaf: hash,
            time: size * 7,
        }
    }

    fn read(disk: &SimDisk) -> Option<Head> {
        HeadFile::open(disk.shared()).unwrap().head()
    }

    #[test]
    fn the_newest_head_is_read_back() {
        let disk = SimDisk::new();
        assert_eq!(read(&disk), None);
        let mut file = HeadFile::open(disk.shared()).unwrap();
        for size in [1, 2, 5, 9] {
            file.write(&head(size)).unwrap();
            assert_eq!(read(&disk), Some(head(size)));
        }
    }

    #[test]
    fn a_head_never_goes_backwards_nor_changes_its_mind() {
        let disk = SimDisk::new();
        let mut file = HeadFile::open(disk.shared()).unwrap();
        file.write(&head(5)).unwrap();
        assert!(matches!(
            file.write(&head(4)),
            Err(HeadError::Backwards { present: 5, new: 4 })
        ));
        let fork = Head {
            root: Hash::ZERO,
            ..head(5)
        };
        assert!(matches!(
            file.write(&fork),
            Err(HeadError::Fork { size: 5 })
        ));
        file.write(&head(5)).unwrap();
    }

    #[test]
    fn a_torn_write_leaves_the_older_head() {
        let (mut older, mut newer) = (0, 0);
        for seed in 0..200 {
            let disk = SimDisk::new();
            let mut file = HeadFile::open(disk.shared()).unwrap();
            for size in 1..=seed % 4 {
                file.write(&head(size)).unwrap();
            }
            disk.set_fault(Some(Fault {
                on: FaultOn::Sync,
                kind: FaultKind::Io,
                after: 0,
            }));
            file.write(&head(10)).unwrap_err();
            disk.set_fault(None);
            disk.power_cut(seed);
            match read(&disk) {
                Some(found) if found == head(10) => newer += 1,
                found => {
                    assert_eq!(found.map_or(0, |head| head.size), seed % 4, "seed {seed}");
                    older += 1;
                }
            }
        }
        assert!(older > 20 && newer > 20, "{older} {newer}");
    }

    #[test]
    fn every_flipped_byte_gives_the_older_head_or_an_error() {
        let disk = SimDisk::new();
        let mut file = HeadFile::open(disk.shared()).unwrap();
        for size in 1..=3 {
            file.write(&head(size)).unwrap();
        }
        let whole = disk.contents(NAME).unwrap();
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 4;
            disk.put(NAME, &damaged);
            let found = read(&disk).unwrap();
            assert!(found == head(3) || found == head(2), "byte {at}");
        }
        for length in 0..SLOT {
            disk.put(NAME, &whole[..length]);
            assert!(matches!(
                HeadFile::open(disk.shared()),
                Err(HeadError::Damaged)
            ));
        }
        let mut both = whole;
        (both[40], both[4096 + 40]) = (0xff, 0xff);
        disk.put(NAME, &both);
        assert!(matches!(
            HeadFile::open(disk.shared()),
            Err(HeadError::Damaged)
        ));
    }
}
