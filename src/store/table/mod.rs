//! The tables of the one sled tree: a letter, then big-endian numbers, so that order is order.
//!
//! | letter | file | key | value |
//! |---|---|---|---|
//! | `e` | `entries` | first index | up to 33 log entries |
//! | `p` | `records` | first index, page | records, several a page or several pages each |
//! | `t` | `tiles` | level, number, half | 128 hashes |
//! | `m` | `messages` | `created`, participant, id | entry index and a check |
//! | `s` | `snapshots` | index, part, page | a piece of a part; the last key says "whole" |
//! | `h` | `head` | | the head |
//!
//! Values stay near [`PAGE_BYTES`]: sled puts much longer ones into files of their own, which its
//! flush does not cover. Pages are written once; a look-up goes to the nearest key at or below.

pub(super) mod entries;
pub(super) mod head;
pub(super) mod messages;
pub(super) mod records;
pub(super) mod snapshots;
pub(super) mod tiles;

use std::fmt;

/// The longest value that this module chooses, in bytes (half a tile has 4,096).
pub(super) const PAGE_BYTES: usize = 4_000;

/// A table of the store, for messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// Log entries.
    Entries,
    /// Records of entries.
    Records,
    /// Full tiles.
    Tiles,
    /// Entries by message id.
    Messages,
    /// State snapshots.
    Snapshots,
    /// The head.
    Head,
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Entries => "the entry",
            Self::Records => "the record",
            Self::Tiles => "the tile",
            Self::Messages => "the message index",
            Self::Snapshots => "the snapshot",
            Self::Head => "the head",
        })
    }
}

/// Reads `N` bytes at an offset; `None` when there are fewer.
fn take<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}
