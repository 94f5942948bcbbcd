//! Frames: an entry and its record, as they lie in segments and travel from the node.
//!
//! ```text
//!  frame = record length u32 | entry [120] | record
//!  run   = frames | SHA-256 of the frames [32]          (an answer of the node)
//! ```

use chain::{Entry, Hash};

use crate::node::StoredEntry;

/// The longest record, as the store takes it.
const RECORD_BYTES_MAX: usize = crate::store::batch::RECORD_BYTES_MAX;

/// Why bytes are not frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The sum at the end is not that of the bytes before it.
    #[error("the bytes do not have the SHA-256 that is stated")]
    Sum,
    /// The bytes end inside a frame.
    #[error("a frame is cut off")]
    Cut,
    /// A record is longer than any can be.
    #[error("a record of {0} bytes is longer than any can be")]
    Long(usize),
}

/// A frame in memory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'a> {
    pub(super) entry: &'a [u8; Entry::LEN],
    pub(super) record: &'a [u8],
}

/// Appends a frame.
pub(super) fn put(out: &mut Vec<u8>, stored: &StoredEntry) {
    let length = u32::try_from(stored.record.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(&stored.entry);
    out.extend_from_slice(&stored.record);
}

/// Reads the frame at the start of `bytes`, and gives what is left.
pub(super) fn split(bytes: &[u8]) -> Result<(Frame<'_>, &[u8]), FrameError> {
    let (length, rest) = bytes.split_first_chunk::<4>().ok_or(FrameError::Cut)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
    if length > RECORD_BYTES_MAX {
        return Err(FrameError::Long(length));
    }
    let (entry, rest) = rest
        .split_first_chunk::<{ Entry::LEN }>()
        .ok_or(FrameError::Cut)?;
    let (record, rest) = rest.split_at_checked(length).ok_or(FrameError::Cut)?;
    Ok((Frame { entry, record }, rest))
}

/// Splits a sum off the end of `bytes`, and checks it.
pub(super) fn summed(bytes: &[u8]) -> Result<&[u8], FrameError> {
    let (bytes, sum) = bytes
        .split_last_chunk::<{ Hash::LEN }>()
        .ok_or(FrameError::Cut)?;
    if Hash::sha256(bytes).as_bytes() != sum {
        return Err(FrameError::Sum);
    }
    Ok(bytes)
}

/// Encodes a run of entries, with its sum.
#[must_use]
pub fn encode_run(entries: &[StoredEntry]) -> Vec<u8> {
    let mut out = Vec::new();
    for stored in entries {
        put(&mut out, stored);
    }
    let sum = Hash::sha256(&out);
    out.extend_from_slice(sum.as_bytes());
    out
}

/// Reads what [`encode_run`] writes.
///
/// # Errors
/// [`FrameError`].
pub fn decode_run(bytes: &[u8]) -> Result<Vec<StoredEntry>, FrameError> {
    let mut rest = summed(bytes)?;
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let (frame, behind) = split(rest)?;
        entries.push(StoredEntry {
            entry: *frame.entry,
            record: frame.record.to_vec(),
        });
        rest = behind;
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_round_trip_and_every_flipped_byte_is_seen() {
        let run: Vec<StoredEntry> = (0..3u8)
            .map(|n| StoredEntry {
                entry: [n; Entry::LEN],
                record: vec![n; usize::from(n) * 7],
            })
            .collect();
        let bytes = encode_run(&run);
        assert_eq!(decode_run(&bytes).unwrap(), run);
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert_eq!(decode_run(&damaged), Err(FrameError::Sum), "byte {at}");
            assert!(decode_run(&bytes[..at]).is_err(), "cut at {at}");
        }
        assert_eq!(decode_run(&encode_run(&[])).unwrap(), []);
    }

    #[test]
    fn a_length_that_no_record_has_is_not_believed() {
        let mut bytes = vec![0xff; 4 + Entry::LEN];
        assert!(matches!(split(&bytes), Err(FrameError::Long(_))));
        bytes[..4].copy_from_slice(&1u32.to_be_bytes());
        assert!(matches!(split(&bytes), Err(FrameError::Cut)));
    }
}
