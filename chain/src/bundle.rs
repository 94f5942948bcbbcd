//! Entry bundles: up to 256 entries, each with its length before it (C2SP tlog-tiles).
//!
//! ```text
//! (length u16 big-endian || entry)*        entry k hashes to hash k of the level-0 tile
//! ```

use alloc::vec::Vec;

use crate::text::array_at;
use crate::tile::{TileKind, TilePath};

/// Longest entry in bytes that a bundle can carry.
pub const BUNDLE_ENTRY_BYTES_MAX: usize = u16::MAX as usize;

/// Entries that fit no bundle, or bytes that are not the bundle of their path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// The path names a hash tile.
    #[error("{0} is not an entry bundle")]
    Kind(TilePath),
    /// An entry is longer than its length field can say.
    #[error("an entry of {0} bytes does not fit a bundle")]
    EntryLength(usize),
    /// Another number of entries than the width of the path.
    #[error("{path} has {found} entries")]
    Entries {
        /// The bundle.
        path: TilePath,
        /// The number of entries found, counted up to one too many.
        found: usize,
    },
    /// The bytes end inside an entry or its length.
    #[error("the bundle ends inside its entry {0}")]
    Truncated(usize),
}

/// Makes the bytes of the bundle at `path` from its entries.
///
/// # Errors
/// [`BundleError`] if the path names no bundle, the number of entries is not its width, or an entry
/// is too long.
pub fn encode_bundle<E: AsRef<[u8]>>(
    path: TilePath,
    entries: &[E],
) -> Result<Vec<u8>, BundleError> {
    check(path, entries.len())?;
    let mut bytes = Vec::new();
    for entry in entries {
        let entry = entry.as_ref();
        let length =
            u16::try_from(entry.len()).map_err(|_| BundleError::EntryLength(entry.len()))?;
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(entry);
    }
    Ok(bytes)
}

/// Takes the bytes of the bundle at `path` apart.
///
/// # Errors
/// [`BundleError`] if the path names no bundle, or if the bytes are not exactly as many entries as
/// its width.
pub fn decode_bundle(path: TilePath, bytes: &[u8]) -> Result<Vec<&[u8]>, BundleError> {
    // No more entries than there is room for their lengths.
    let mut entries = Vec::with_capacity(usize::from(path.width()).min(bytes.len() / 2));
    let mut rest = bytes;
    while !rest.is_empty() {
        if entries.len() == usize::from(path.width()) {
            check(path, entries.len() + 1)?;
        }
        let truncated = BundleError::Truncated(entries.len());
        let (length, after) = rest.split_at_checked(2).ok_or(truncated)?;
        let length = usize::from(u16::from_be_bytes(array_at(length, 0)));
        let (entry, after) = after.split_at_checked(length).ok_or(truncated)?;
        entries.push(entry);
        rest = after;
    }
    check(path, entries.len())?;
    Ok(entries)
}

fn check(path: TilePath, found: usize) -> Result<(), BundleError> {
    if path.kind() != TileKind::Entries {
        return Err(BundleError::Kind(path));
    }
    if found != usize::from(path.width()) {
        return Err(BundleError::Entries { path, found });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips_and_is_strict() {
        let path = TilePath::entries(0, 2).unwrap();
        let bytes = encode_bundle(path, &["", "ab"]).unwrap();
        assert_eq!(bytes, [0, 0, 0, 2, b'a', b'b']);
        assert_eq!(decode_bundle(path, &bytes).unwrap(), [&b""[..], b"ab"]);

        let decode = |bytes: &[u8]| decode_bundle(path, bytes).unwrap_err();
        assert_eq!(decode(&bytes[..5]), BundleError::Truncated(1));
        assert_eq!(
            decode(&[bytes.as_slice(), &[0]].concat()),
            BundleError::Entries { path, found: 3 }
        );
        assert_eq!(decode(&bytes[..2]), BundleError::Entries { path, found: 1 });
        assert_eq!(
            decode(&[bytes.as_slice(), &[0, 0]].concat()),
            BundleError::Entries { path, found: 3 }
        );
    }

    #[test]
    fn refuses_what_fits_no_bundle() {
        let path = TilePath::entries(0, 1).unwrap();
        let longest = alloc::vec![0; BUNDLE_ENTRY_BYTES_MAX];
        assert!(encode_bundle(path, &[&longest]).is_ok());
        let longer = alloc::vec![0; BUNDLE_ENTRY_BYTES_MAX + 1];
        assert_eq!(
            encode_bundle(path, &[&longer]),
            Err(BundleError::EntryLength(65_536))
        );
        let tile = TilePath::hashes(0, 0, 1).unwrap();
        assert_eq!(encode_bundle(tile, &[&[]]), Err(BundleError::Kind(tile)));
        assert_eq!(decode_bundle(tile, &[0, 0]), Err(BundleError::Kind(tile)));
    }
}
