//! An entry: 120 bytes, one leaf of the log.
//!
//! ```text
//! 0       1      2     4       8       16      24       56              88       120
//! | version | kind | 0 | items | index | time | prev [32] | payload_root [32] | aux [32] |
//! ```
//!
//! Integers are big-endian. An entry commits to its payload and never holds it. `prev` is the leaf
//! hash of the entry before, so the entries form a hash chain that commits to the very hashes the
//! tree is built from.

use crate::hash::Hash;
use crate::text::array_at;

const VERSION: u8 = 1;

/// What an entry records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum EntryKind {
    /// Entry 0: the founding statement of the log.
    Genesis = 0,
    /// A signed submission of a participant.
    Submission = 1,
    /// What the node does by itself, deterministically, such as the expiry of holds.
    System = 2,
    /// A rotation of the log's own key.
    Key = 3,
    /// A seal: `aux` is the root over all account states.
    Seal = 4,
    /// An erasure of the body and texts of an earlier entry.
    Erasure = 5,
}

impl EntryKind {
    /// Returns the number that stands in the entry.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// Finds the kind with this number.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<EntryKind> {
        Some(match code {
            0 => EntryKind::Genesis,
            1 => EntryKind::Submission,
            2 => EntryKind::System,
            3 => EntryKind::Key,
            4 => EntryKind::Seal,
            5 => EntryKind::Erasure,
            _ => return None,
        })
    }
}

/// One leaf of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Entry {
    /// What is recorded.
    pub kind: EntryKind,
    /// Number of items under `payload_root`.
    pub items: u32,
    /// Position in the log, from 0.
    pub index: u64,
    /// Log time: nanoseconds since 1970 UTC, strictly increasing along the log.
    pub time: u64,
    /// Leaf hash of the entry before; zero for entry 0.
    pub prev: Hash,
    /// RFC 6962 root over the leaf inputs of the items.
    pub payload_root: Hash,
    /// The state root of a seal; zero for every other kind.
    pub aux: Hash,
}

/// Bytes that are not an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EntryError {
    /// Not 120 bytes.
    #[error("an entry has 120 bytes, not {0}")]
    Length(usize),
    /// A format version other than 1.
    #[error("unknown entry version {0}")]
    Version(u8),
    /// An unassigned kind.
    #[error("unknown entry kind {0}")]
    Kind(u8),
    /// Bytes 2 and 3 are not zero.
    #[error("reserved field of the entry is {0}, not zero")]
    Reserved(u16),
    /// Entry 0 is not a genesis, or a genesis is not entry 0.
    #[error("an entry of kind {kind:?} cannot have index {index}")]
    Index {
        /// The kind found.
        kind: EntryKind,
        /// The index found.
        index: u64,
    },
    /// Entry 0 names an entry before it.
    #[error("entry 0 names a previous entry: {0:?}")]
    Prev(Hash),
    /// An entry that is no seal has an `aux`.
    #[error("an entry of kind {kind:?} has aux {aux:?}")]
    Aux {
        /// The kind found.
        kind: EntryKind,
        /// The value found.
        aux: Hash,
    },
}

impl Entry {
    /// Length of an entry in bytes.
    pub const LEN: usize = 120;

    /// Returns the bytes that are hashed into the log.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Entry::LEN] {
        let mut bytes = [0; Entry::LEN];
        bytes[0] = VERSION;
        bytes[1] = self.kind.code();
        bytes[4..8].copy_from_slice(&self.items.to_be_bytes());
        bytes[8..16].copy_from_slice(&self.index.to_be_bytes());
        bytes[16..24].copy_from_slice(&self.time.to_be_bytes());
        bytes[24..56].copy_from_slice(self.prev.as_bytes());
        bytes[56..88].copy_from_slice(self.payload_root.as_bytes());
        bytes[88..120].copy_from_slice(self.aux.as_bytes());
        bytes
    }

    /// Reads the bytes that [`Entry::to_bytes`] writes.
    ///
    /// # Errors
    /// [`EntryError`] unless every field, reserved ones included, has a value this version allows.
    pub fn from_bytes(bytes: &[u8]) -> Result<Entry, EntryError> {
        let bytes: &[u8; Entry::LEN] = bytes
            .try_into()
            .map_err(|_| EntryError::Length(bytes.len()))?;
        if bytes[0] != VERSION {
            return Err(EntryError::Version(bytes[0]));
        }
        let reserved = u16::from_be_bytes(array_at(bytes, 2));
        if reserved != 0 {
            return Err(EntryError::Reserved(reserved));
        }
        let entry = Entry {
            kind: EntryKind::from_code(bytes[1]).ok_or(EntryError::Kind(bytes[1]))?,
            items: u32::from_be_bytes(array_at(bytes, 4)),
            index: u64::from_be_bytes(array_at(bytes, 8)),
            time: u64::from_be_bytes(array_at(bytes, 16)),
            prev: Hash::from_bytes(array_at(bytes, 24)),
            payload_root: Hash::from_bytes(array_at(bytes, 56)),
            aux: Hash::from_bytes(array_at(bytes, 88)),
        };
        entry.check()?;
        Ok(entry)
    }

    /// Checks the rules between fields that bytes alone cannot break.
    ///
    /// # Errors
    /// [`EntryError::Index`], [`EntryError::Prev`] or [`EntryError::Aux`].
    pub fn check(&self) -> Result<(), EntryError> {
        let Entry {
            kind,
            index,
            prev,
            aux,
            ..
        } = *self;
        if (index == 0) != (kind == EntryKind::Genesis) {
            return Err(EntryError::Index { kind, index });
        }
        if index == 0 && prev != Hash::ZERO {
            return Err(EntryError::Prev(prev));
        }
        if kind != EntryKind::Seal && aux != Hash::ZERO {
            return Err(EntryError::Aux { kind, aux });
        }
        Ok(())
    }

    /// Computes the hash that stands in the level-0 tile and in `prev` of the next entry.
    #[must_use]
    pub fn leaf_hash(&self) -> Hash {
        Hash::leaf(&self.to_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Entry {
        Entry {
            kind: EntryKind::Submission,
            items: 3,
            index: 4711,
            time: 1_795_426_200_123_456_789,
            prev: Hash::from_bytes([0xaa; 32]),
            payload_root: Hash::from_bytes([0xbb; 32]),
            aux: Hash::ZERO,
        }
    }

    #[test]
    fn round_trips_with_prev_at_byte_24() {
        let bytes = example().to_bytes();
        assert_eq!(bytes[24..56], [0xaa; 32]);
        assert_eq!(Entry::from_bytes(&bytes), Ok(example()));
    }

    #[test]
    fn refuses_each_wrong_field() {
        let good = example().to_bytes();
        let with = |at: usize, value: u8| {
            let mut bytes = good;
            bytes[at] = value;
            Entry::from_bytes(&bytes)
        };
        assert_eq!(
            Entry::from_bytes(&good[..119]),
            Err(EntryError::Length(119))
        );
        assert_eq!(with(0, 2), Err(EntryError::Version(2)));
        assert_eq!(with(1, 6), Err(EntryError::Kind(6)));
        assert_eq!(with(3, 1), Err(EntryError::Reserved(1)));
        assert_eq!(
            with(1, 0),
            Err(EntryError::Index {
                kind: EntryKind::Genesis,
                index: 4711
            })
        );
        assert!(matches!(with(119, 1), Err(EntryError::Aux { .. })));
    }

    #[test]
    fn entry_0_is_a_genesis_without_a_past() {
        let genesis = Entry {
            kind: EntryKind::Genesis,
            index: 0,
            prev: Hash::ZERO,
            ..example()
        };
        assert_eq!(Entry::from_bytes(&genesis.to_bytes()), Ok(genesis));
        let wrong = Entry {
            prev: Hash::leaf(b"x"),
            ..genesis
        };
        assert_eq!(
            Entry::from_bytes(&wrong.to_bytes()),
            Err(EntryError::Prev(wrong.prev))
        );
        let wrong = Entry {
            kind: EntryKind::Seal,
            ..genesis
        };
        assert_eq!(
            Entry::from_bytes(&wrong.to_bytes()),
            Err(EntryError::Index {
                kind: EntryKind::Seal,
                index: 0
            })
        );
    }

    #[test]
    fn kinds_round_trip() {
        for code in 0..=u8::MAX {
            assert_eq!(
                EntryKind::from_code(code).map(EntryKind::code),
                (code < 6).then_some(code)
            );
        }
    }
}
