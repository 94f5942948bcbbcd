//! Tiles: the paths under which a log publishes its tree (C2SP tlog-tiles 0.1.0).
//!
//! ```text
//! tile/0/x001/067          hashes at level 0, tile 1067, full: 256 hashes, 8,192 bytes
//! tile/1/004.p/43          hashes at level 1, tile 4, partial: 43 hashes
//! tile/entries/x001/067    the 256 entries whose leaf hashes are in tile/0/x001/067
//! ```
//!
//! Hash `i` of tile `n` at level `l` is the complete subtree `(8 * l, 256 * n + i)`. Only complete
//! subtrees appear, so a full tile never changes. A truncated tile under a *full* path would be
//! cached for ever as if it were right: [`TilePath::check_len`] stands before every write and read.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::hash::Hash;
use crate::merkle::Nodes;
use crate::text::parse_decimal;

/// Number of hashes or entries in a full tile.
pub const TILE_WIDTH: u16 = 256;
/// Length of a full hash tile in bytes.
pub const FULL_TILE_BYTES: usize = TILE_WIDTH as usize * Hash::LEN;
/// Highest tile level in a path.
pub const TILE_LEVEL_MAX: u8 = 63;

/// Levels of the binary tree in one level of tiles.
const LEVEL_BITS: u32 = TILE_WIDTH.ilog2();

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileKind {
    /// Hashes of one tile level, 0 for leaf hashes.
    Hashes(u8),
    /// The entries themselves.
    Entries,
}

/// The place of a hash tile or entry bundle; `Display` and `FromStr` are the path pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TilePath {
    kind: TileKind,
    index: u64,
    width: u16,
}

/// A tile that cannot be, or bytes that are not the tile of their path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TileError {
    /// Not a tile path in its one spelling.
    #[error("{0:?} is not a tile path")]
    Path(String),
    /// A level above [`TILE_LEVEL_MAX`].
    #[error("no tile level {0}")]
    Level(u8),
    /// A width of 0 or above [`TILE_WIDTH`].
    #[error("a tile has 1 to 256 hashes, not {0}")]
    Width(u16),
    /// Hashes and entries need different readers.
    #[error("{0} holds other things than were asked for")]
    Kind(TilePath),
    /// The bytes have not the length of the tile.
    #[error("{path} has {expected} bytes, not {found}")]
    Length {
        /// The tile.
        path: TilePath,
        /// The length it must have.
        expected: usize,
        /// The length found.
        found: usize,
    },
    /// The source of nodes lacks a hash of the tile.
    #[error("missing the hash of subtree {index} at level {level}")]
    MissingNode {
        /// Level of the subtree.
        level: u8,
        /// Number of the subtree at its level.
        index: u64,
    },
}

/// How many tiles of one level a tree has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TileWidths {
    /// Number of full tiles.
    pub full: u64,
    /// Width of the partial tile that follows them; 0 if there is none.
    pub partial: u16,
}

impl TilePath {
    /// Names a hash tile.
    ///
    /// # Errors
    /// [`TileError::Level`] or [`TileError::Width`].
    pub fn hashes(level: u8, index: u64, width: u16) -> Result<TilePath, TileError> {
        if level > TILE_LEVEL_MAX {
            return Err(TileError::Level(level));
        }
        TilePath::new(TileKind::Hashes(level), index, width)
    }

    /// Names an entry bundle.
    ///
    /// # Errors
    /// [`TileError::Width`].
    pub fn entries(index: u64, width: u16) -> Result<TilePath, TileError> {
        TilePath::new(TileKind::Entries, index, width)
    }

    fn new(kind: TileKind, index: u64, width: u16) -> Result<TilePath, TileError> {
        if !(1..=TILE_WIDTH).contains(&width) {
            return Err(TileError::Width(width));
        }
        Ok(TilePath { kind, index, width })
    }

    /// Returns what the tile holds.
    #[must_use]
    pub fn kind(&self) -> TileKind {
        self.kind
    }

    /// Returns the number of the tile at its level, from the left.
    #[must_use]
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Returns the number of hashes or entries: 256 if full.
    #[must_use]
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Tells whether the tile is full and so never changes.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.width == TILE_WIDTH
    }

    /// Returns the full tile in the same place, which serves for any partial one.
    #[must_use]
    pub fn to_full(&self) -> TilePath {
        TilePath {
            width: TILE_WIDTH,
            ..*self
        }
    }

    /// Tells whether a tree of `size` leaves has all hashes or entries of this tile.
    #[must_use]
    pub fn is_within(&self, size: u64) -> bool {
        let level = match self.kind {
            TileKind::Hashes(level) => level,
            TileKind::Entries => 0,
        };
        let end = u128::from(self.index) * u128::from(TILE_WIDTH) + u128::from(self.width);
        end <= u128::from(subtree_count(level, size))
    }

    /// Checks the length of the bytes of a hash tile: 32 for each hash, so 8,192 under a full path.
    ///
    /// # Errors
    /// [`TileError::Kind`] for a bundle, [`TileError::Length`] for any other length.
    pub fn check_len(&self, found: usize) -> Result<(), TileError> {
        if self.kind == TileKind::Entries {
            return Err(TileError::Kind(*self));
        }
        let expected = usize::from(self.width) * Hash::LEN;
        if found == expected {
            Ok(())
        } else {
            Err(TileError::Length {
                path: *self,
                expected,
                found,
            })
        }
    }

    /// Makes the bytes of a hash tile from stored subtrees.
    ///
    /// # Errors
    /// [`TileError::Kind`] for a bundle, [`TileError::MissingNode`] if a hash is missing.
    pub fn encode_hashes(&self, nodes: &impl Nodes) -> Result<Vec<u8>, TileError> {
        let TileKind::Hashes(tile_level) = self.kind else {
            return Err(TileError::Kind(*self));
        };
        let mut bytes = Vec::with_capacity(usize::from(self.width) * Hash::LEN);
        for position in 0..u64::from(self.width) {
            // A level or index that does not fit is far beyond any tree, so the node is missing.
            let level = tile_level.saturating_mul(LEVEL_BITS as u8);
            let index = self
                .index
                .saturating_mul(u64::from(TILE_WIDTH))
                .saturating_add(position);
            let missing = TileError::MissingNode { level, index };
            bytes.extend_from_slice(nodes.node(level, index).ok_or(missing)?.as_bytes());
        }
        self.check_len(bytes.len())?;
        Ok(bytes)
    }

    /// Takes the bytes of a hash tile apart.
    ///
    /// # Errors
    /// As [`TilePath::check_len`].
    pub fn decode_hashes(&self, bytes: &[u8]) -> Result<Vec<Hash>, TileError> {
        self.check_len(bytes.len())?;
        let (hashes, _) = bytes.as_chunks::<{ Hash::LEN }>();
        Ok(hashes.iter().copied().map(Hash::from_bytes).collect())
    }
}

impl TileWidths {
    /// Counts the hash tiles at `level` of a tree of `size` leaves (level 0 counts bundles too).
    #[must_use]
    pub fn at(level: u8, size: u64) -> TileWidths {
        let hashes = subtree_count(level, size);
        TileWidths {
            full: hashes / u64::from(TILE_WIDTH),
            partial: (hashes % u64::from(TILE_WIDTH)) as u16,
        }
    }
}

/// Lists the hash tiles that a tree of `new` leaves has and one of `old` leaves has not: what must
/// be written before a checkpoint of size `new` is published. The bundles are those of level 0.
#[must_use]
pub fn tiles_between(old: u64, new: u64) -> Vec<TilePath> {
    let mut tiles = Vec::new();
    for level in 0..u64::BITS.div_ceil(LEVEL_BITS) as u8 {
        if subtree_count(level, old) >= subtree_count(level, new) {
            continue;
        }
        let (old, new) = (TileWidths::at(level, old), TileWidths::at(level, new));
        let kind = TileKind::Hashes(level);
        tiles.extend((old.full..new.full).map(|index| TilePath {
            kind,
            index,
            width: TILE_WIDTH,
        }));
        if new.partial != 0 {
            tiles.push(TilePath {
                kind,
                index: new.full,
                width: new.partial,
            });
        }
    }
    tiles
}

/// Counts the complete subtrees that stand in tiles of `level`.
fn subtree_count(level: u8, size: u64) -> u64 {
    size.checked_shr(u32::from(level) * LEVEL_BITS).unwrap_or(0)
}

/// Computes the node of any complete subtree from tiles: `tile(level, number)` gives hashes.
#[must_use]
pub fn node_from_tiles(
    level: u8,
    index: u64,
    tile: impl FnOnce(u8, u64) -> Option<Vec<Hash>>,
) -> Option<Hash> {
    let (tile_level, height) = (level / 8, level % 8);
    let width = u64::from(TILE_WIDTH);
    let first = index.checked_shl(u32::from(height))?;
    let hashes = tile(tile_level, first / width)?;
    let start = usize::try_from(first % width).ok()?;
    let nodes = hashes.get(start..start.checked_add(1 << height)?)?;
    let mut nodes = nodes.to_vec();
    while nodes.len() > 1 {
        nodes = nodes
            .chunks_exact(2)
            .map(|pair| Hash::node(&pair[0], &pair[1]))
            .collect();
    }
    nodes.first().copied()
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Hashes(level) => write!(f, "tile/{level}/")?,
            TileKind::Entries => write!(f, "tile/entries/")?,
        }
        // Groups of three digits from the left, all but the last marked with `x`.
        let groups = self.index.checked_ilog(1000).unwrap_or(0);
        for group in (1..=groups).rev() {
            write!(f, "x{:03}/", self.index / 1000_u64.pow(group) % 1000)?;
        }
        write!(f, "{:03}", self.index % 1000)?;
        if self.is_full() {
            Ok(())
        } else {
            write!(f, ".p/{}", self.width)
        }
    }
}

impl FromStr for TilePath {
    type Err = TileError;

    fn from_str(text: &str) -> Result<TilePath, TileError> {
        parse_path(text)
            .filter(|path| alloc::format!("{path}") == text)
            .ok_or_else(|| TileError::Path(text.into()))
    }
}

/// Reads a path leniently; the caller compares it with its one spelling.
fn parse_path(text: &str) -> Option<TilePath> {
    let (kind, rest) = text.strip_prefix("tile/")?.split_once('/')?;
    let (groups, width) = match rest.split_once(".p/") {
        Some((groups, width)) => (groups, parse_decimal(width)?.try_into().ok()?),
        None => (rest, TILE_WIDTH),
    };
    let mut index = 0_u64;
    for group in groups.split('/') {
        let digits = group.strip_prefix('x').unwrap_or(group);
        if digits.len() != 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        index = index.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
    }
    if kind == "entries" {
        TilePath::entries(index, width).ok()
    } else {
        TilePath::hashes(parse_decimal(kind)?.try_into().ok()?, index, width).ok()
    }
}
