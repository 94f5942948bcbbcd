//! Where the node keeps what must not be lost.
//!
//! ```text
//!  format, lock   marker    checked and taken before anything else
//!  head           head      newest state of the log, outside sled, compared at every open
//!  wal/           wal       inputs that sled has not provably taken
//!  keys.slots     slots     erasable keys, one fixed slot an entry
//!  sled/          sled      the log's home: entries, records, tiles, message index, snapshots
//! ```
//!
//! The seam is [`Store`], with two twins that share no code: [`memory::MemoryStore`] and
//! [`sled::SledStore`]. Both pass [`suite`]. Records are opaque here: the store knows nothing of
//! money, and nothing outside this module knows of sled.
//!
//! **Invariant**: nothing at or above the head's size is ever read. A batch is written first and
//! its head last, so a crash in between leaves pages that nobody sees, which the next open removes
//! and the replay of the write-ahead segments writes again.

pub mod batch;
pub mod disk;
mod error;
pub mod head;
pub mod marker;
pub mod memory;
pub mod simdisk;
pub mod sled;
pub mod slots;
pub mod suite;
mod table;
pub mod wal;

pub use batch::{Batch, BatchError, EntryBytes};
pub use error::{EngineError, Kept, StoreError};
pub use head::Head;
pub use table::Table;

/// The home of the log: one writer, any number of readers.
pub trait Store: Send + Sync {
    /// Adds a batch; it is visible on return, and durable after the next [`Store::sync`].
    ///
    /// Applying one again changes nothing. Of a batch that begins below the head's size, the
    /// entries that are there must be equal; the rest is added.
    ///
    /// # Errors
    /// [`StoreError::Gap`] and [`StoreError::Conflict`] leave the store as it was.
    fn apply(&self, batch: &Batch) -> Result<(), StoreError>;

    /// Returns the head up to which everything is visible; `None` in a new store.
    fn head(&self) -> Option<Head>;

    /// Returns at most `max` entries from `first` on; none from the head's size on.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when an entry below the head's size cannot be read.
    fn entries(&self, first: u64, max: usize) -> Result<Vec<EntryBytes>, StoreError>;

    /// Returns the record of an entry; `None` from the head's size on.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when a record below the head's size cannot be read.
    fn record(&self, index: u64) -> Result<Option<Vec<u8>>, StoreError>;

    /// Returns at most `len` bytes of the record of an entry, from byte `from` on: fewer where it
    /// ends, `None` from the head's size on. Reads no more of a long record than they stand in.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when they cannot be read.
    fn record_part(
        &self,
        index: u64,
        from: usize,
        len: usize,
    ) -> Result<Option<Vec<u8>>, StoreError>;

    /// Returns a full tile; `None` when it was not given, or reaches past the head's size.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when half of it is missing.
    fn tile(&self, level: u8, number: u64) -> Result<Option<Vec<u8>>, StoreError>;

    /// Finds the entry of a message by its `created`, participant and message id.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when the index cannot be read.
    fn message(&self, created: u64, participant: &str, id: &str)
    -> Result<Option<u64>, StoreError>;

    /// Finds the newest whole snapshot at or below an index (and the head's size), hands its parts
    /// to `each`, in order and as they were given, and returns its index.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] names the snapshot; what `each` got then is worth nothing, and an
    /// older snapshot may be asked for.
    fn snapshot(
        &self,
        at_or_below: u64,
        each: &mut dyn FnMut(Vec<u8>),
    ) -> Result<Option<u64>, StoreError>;

    /// Makes everything visible when this is called durable, and returns the head up to which it
    /// is: frames of the write-ahead segments below it may be released.
    ///
    /// # Errors
    /// Any error is fatal: the process must stop and recover from the write-ahead segments.
    fn sync(&self) -> Result<Option<Head>, StoreError>;
}

/// Says how many entries a log must have for a full tile to be part of it.
fn tile_reach(level: u8, number: u64) -> Option<u64> {
    let width = 256_u64.checked_pow(u32::from(level) + 1)?;
    number.checked_add(1)?.checked_mul(width)
}
