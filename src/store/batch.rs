//! What is added to the store in one step.

use chain::Hash;

use crate::limits::{ENTRY_BYTES, MESSAGE_ID_BYTES_MAX, PARTICIPANT_BYTES_MAX};

use super::head::Head;

/// A log entry as it is hashed.
pub type EntryBytes = [u8; ENTRY_BYTES];

/// The longest record, in bytes: a group of the longest submissions with everything derived from
/// them stays far below.
pub const RECORD_BYTES_MAX: usize = 16 << 20;

/// The longest part of a snapshot, in bytes.
pub const SNAPSHOT_PART_BYTES_MAX: usize = 4 << 20;

/// Bytes of a full tile: 256 hashes.
pub const TILE_BYTES: usize = 8192;

/// Parts of a snapshot are numbered below this.
pub(super) const SNAPSHOT_PARTS_MAX: u32 = u32::MAX - 1;

/// A run of entries with all that belongs to them, and the head that makes them visible; or parts
/// of a snapshot; or both.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    pub(super) first: u64,
    pub(super) entries: Vec<EntryBytes>,
    pub(super) records: Vec<Vec<u8>>,
    pub(super) tiles: Vec<Tile>,
    pub(super) messages: Vec<Message>,
    pub(super) snapshot: Vec<SnapshotPart>,
    pub(super) head: Option<Head>,
}

/// A full tile of the log.
#[derive(Clone, Debug)]
pub(super) struct Tile {
    pub(super) level: u8,
    pub(super) number: u64,
    pub(super) bytes: Vec<u8>,
}

/// Where to find a message that is outside the window.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) created: u64,
    pub(super) participant: String,
    pub(super) id: String,
    pub(super) index: u64,
}

/// A piece of a snapshot.
#[derive(Clone, Debug)]
pub(super) struct SnapshotPart {
    pub(super) index: u64,
    pub(super) part: u32,
    pub(super) bytes: Vec<u8>,
    pub(super) last: bool,
}

/// How a batch contradicts itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// There are entries and no head, or the head does not end the run.
    #[error("{entries} entries from {first} do not end at head size {size:?}")]
    Size {
        /// Index of the first entry.
        first: u64,
        /// Number of entries.
        entries: u64,
        /// Size of the head.
        size: Option<u64>,
    },
    /// The head's leaf is not that of the last entry.
    #[error("the head's leaf is not that of entry {index}")]
    Leaf {
        /// Index of the last entry.
        index: u64,
    },
    /// A record, or a part of a snapshot, is too long.
    #[error("{bytes} bytes for index {index} exceed the limit of {limit}")]
    TooLong {
        /// Index of the entry or snapshot.
        index: u64,
        /// Its bytes.
        bytes: usize,
        /// The most that is taken.
        limit: usize,
    },
    /// A tile is not 256 hashes, or of a level that no log reaches.
    #[error("tile {number} of level {level} has {bytes} bytes")]
    Tile {
        /// Level of the tile.
        level: u8,
        /// Number of the tile.
        number: u64,
        /// Its bytes.
        bytes: usize,
    },
    /// A message names an entry outside the run, or its participant or id cannot be a key.
    #[error("the message for entry {index} names no entry of this batch or has no usable id")]
    Message {
        /// Index of the entry.
        index: u64,
    },
    /// The part number of a snapshot is out of range.
    #[error("snapshot {index} has too many parts")]
    Snapshot {
        /// Index of the snapshot.
        index: u64,
    },
}

impl Batch {
    /// Begins a batch whose first entry will have this index.
    #[must_use]
    pub fn new(first: u64) -> Self {
        Self {
            first,
            ..Self::default()
        }
    }

    /// Adds the next entry and its record, which the store keeps as it is.
    pub fn entry(&mut self, entry: EntryBytes, record: Vec<u8>) {
        self.entries.push(entry);
        self.records.push(record);
    }

    /// Adds a full tile.
    pub fn tile(&mut self, level: u8, number: u64, bytes: Vec<u8>) {
        self.tiles.push(Tile {
            level,
            number,
            bytes,
        });
    }

    /// Makes an entry of this batch findable by its message: `created` (nanoseconds since 1970 UTC),
    /// the participant and the message id.
    pub fn message(&mut self, created: u64, participant: &str, id: &str, index: u64) {
        let (participant, id) = (participant.to_owned(), id.to_owned());
        self.messages.push(Message {
            created,
            participant,
            id,
            index,
        });
    }

    /// Adds a part of the snapshot of the state after `index` entries.
    ///
    /// Parts are numbered from 0 and may come in several batches, in order; the snapshot exists
    /// from the `last` one on. Then all but the newest two snapshots are deleted.
    pub fn snapshot_part(&mut self, index: u64, part: u32, bytes: Vec<u8>, last: bool) {
        self.snapshot.push(SnapshotPart {
            index,
            part,
            bytes,
            last,
        });
    }

    /// Ends the run: the state of the log after its last entry.
    pub fn head(&mut self, head: Head) {
        self.head = Some(head);
    }

    /// The head that the batch ends with.
    #[must_use]
    pub const fn new_head(&self) -> Option<Head> {
        self.head
    }

    /// Returns the bytes of entries, records, tiles and snapshot parts.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.entries.len() * ENTRY_BYTES
            + self.records.iter().map(Vec::len).sum::<usize>()
            + self.tiles.len() * TILE_BYTES
            + self
                .snapshot
                .iter()
                .map(|part| part.bytes.len())
                .sum::<usize>()
    }

    /// Checks what can be checked without a store.
    ///
    /// # Errors
    /// The first contradiction.
    pub fn check(&self) -> Result<(), BatchError> {
        self.check_run()?;
        for (index, record) in (self.first..).zip(&self.records) {
            within(index, record.len(), RECORD_BYTES_MAX)?;
        }
        for Tile {
            level,
            number,
            bytes,
        } in &self.tiles
        {
            if bytes.len() != TILE_BYTES || *level > 7 {
                let (level, number, bytes) = (*level, *number, bytes.len());
                return Err(BatchError::Tile {
                    level,
                    number,
                    bytes,
                });
            }
        }
        for Message {
            participant,
            id,
            index,
            ..
        } in &self.messages
        {
            let usable = is_key_text(participant, PARTICIPANT_BYTES_MAX)
                && is_key_text(id, MESSAGE_ID_BYTES_MAX)
                && self.entry_at(*index).is_some();
            if !usable {
                return Err(BatchError::Message { index: *index });
            }
        }
        for SnapshotPart {
            index, part, bytes, ..
        } in &self.snapshot
        {
            within(*index, bytes.len(), SNAPSHOT_PART_BYTES_MAX)?;
            if *part >= SNAPSHOT_PARTS_MAX {
                return Err(BatchError::Snapshot { index: *index });
            }
        }
        Ok(())
    }

    fn check_run(&self) -> Result<(), BatchError> {
        let (first, entries) = (self.first, self.entries.len() as u64);
        let size = self.head.map(|head| head.size);
        match (self.entries.last(), self.head) {
            (None, None) => Ok(()),
            (Some(last), Some(head)) if first.checked_add(entries) == size => {
                let same = Hash::leaf(last) == head.leaf;
                same.then_some(()).ok_or(BatchError::Leaf {
                    index: head.size - 1,
                })
            }
            _ => Err(BatchError::Size {
                first,
                entries,
                size,
            }),
        }
    }

    /// Returns an entry of this batch by its index in the log.
    pub(super) fn entry_at(&self, index: u64) -> Option<&EntryBytes> {
        self.entries
            .get(usize::try_from(index.checked_sub(self.first)?).ok()?)
    }
}

fn within(index: u64, bytes: usize, limit: usize) -> Result<(), BatchError> {
    if bytes <= limit {
        Ok(())
    } else {
        Err(BatchError::TooLong {
            index,
            bytes,
            limit,
        })
    }
}

/// Zero bytes separate the parts of a key.
fn is_key_text(text: &str, bytes_max: usize) -> bool {
    !text.is_empty() && text.len() <= bytes_max && !text.contains('\0')
}
