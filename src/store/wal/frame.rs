//! One frame of the write-ahead segments, byte by byte.
//!
//! ```text
//!   0  magic "QWAL"        4   version u8 = 1    5  kind u8    6  zero u16
//!   8  sequence u64            strictly increasing over the life of the data folder
//!  16  previous u64            sequence of the frame before (0: none)
//!  24  synced u64              when this was written, all frames up to here were durable
//!  32  live u64                when this was written, frames below here were in sled for good
//!  40  size u64, root [32]     the log before this frame
//!  80  length u32, zero u32    bytes of payload
//!  88  checksum of the frame before [32]
//! 120  header check [8]        first bytes of SHA-256(salt || bytes 0..120)
//! 128  checksum [32]           SHA-256(salt || bytes 0..128 || payload)
//! 160  payload, then zeros up to the next multiple of 4,096
//! ```
//!
//! Integers are big-endian. `salt` is 32 random bytes kept in every segment's first page: payloads
//! are partly chosen by outsiders, and without the salt nobody can put bytes into a payload that a
//! recovery scan would take for a frame. Frames start on page boundaries so that writing one never
//! rewrites a page that holds an acknowledged other.

use chain::Hash;
use sha2::{Digest, Sha256};

/// The unit of alignment, in bytes; a frame starts and ends on a multiple.
pub const PAGE: u64 = 4096;

/// Bytes of a frame before its payload.
pub const HEADER: usize = 160;

const MAGIC: [u8; 4] = *b"QWAL";
const VERSION: u8 = 1;
const CHECKED: usize = 120;
const SUMMED: usize = 128;

/// What a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// The inputs of one group; its mark is the log before the group.
    Group,
    /// No payload; its mark is the log after the last group. It proves the frame before it whole.
    Close,
}

impl FrameKind {
    fn to_byte(self) -> u8 {
        match self {
            Self::Group => 1,
            Self::Close => 2,
        }
    }

    fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Group),
            2 => Some(Self::Close),
            _ => None,
        }
    }
}

/// A state of the log: how many entries, and the root over them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Number of entries.
    pub size: u64,
    /// RFC 6962 root over them.
    pub root: Hash,
}

/// Everything a frame says about itself, and where it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What the payload is.
    pub kind: FrameKind,
    /// Position in the order of all frames.
    pub sequence: u64,
    /// The log before this frame (for [`FrameKind::Close`]: after the last group).
    pub mark: Mark,
    /// Bytes of payload.
    pub length: u32,
    pub(super) links: Links,
    pub(super) checksum: [u8; 32],
    pub(super) place: Place,
}

/// Where a frame lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Number of the segment file.
    pub segment: u32,
    /// Byte offset in it.
    pub offset: u64,
}

/// How a frame hangs together with those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Links {
    pub(super) previous: u64,
    pub(super) previous_checksum: [u8; 32],
    pub(super) synced: u64,
    pub(super) live: u64,
}

impl Frame {
    /// Bytes the frame takes on disk, padding included.
    #[must_use]
    pub fn stored_len(&self) -> u64 {
        stored_len(u64::from(self.length))
    }

    /// Reads the first 160 bytes; `None` when they are not a frame's header made with this salt.
    pub(super) fn decode(header: &[u8], salt: &[u8; 32], place: Place) -> Option<Self> {
        let header: &[u8; HEADER] = header.first_chunk()?;
        let valid = header[..4] == MAGIC
            && header[4] == VERSION
            && header[6..8] == [0; 2]
            && header[84..88] == [0; 4]
            && header[CHECKED..SUMMED] == header_check(salt, &header[..CHECKED]);
        if !valid {
            return None;
        }
        Some(Self {
            kind: FrameKind::from_byte(header[5])?,
            sequence: u64_at(header, 8),
            mark: Mark {
                size: u64_at(header, 40),
                root: Hash::from_bytes(array_at(header, 48)),
            },
            length: u32::from_be_bytes(array_at(header, 80)),
            links: Links {
                previous: u64_at(header, 16),
                synced: u64_at(header, 24),
                live: u64_at(header, 32),
                previous_checksum: array_at(header, 88),
            },
            checksum: array_at(header, SUMMED),
            place,
        })
    }

    /// Fills in the first 160 bytes of `buffer`, whose rest is the payload and its padding, and
    /// returns the checksum.
    pub(super) fn encode(&self, salt: &[u8; 32], buffer: &mut [u8]) -> [u8; 32] {
        let (header, payload) = buffer.split_at_mut(HEADER);
        header.fill(0);
        header[..4].copy_from_slice(&MAGIC);
        header[4] = VERSION;
        header[5] = self.kind.to_byte();
        header[8..16].copy_from_slice(&self.sequence.to_be_bytes());
        header[16..24].copy_from_slice(&self.links.previous.to_be_bytes());
        header[24..32].copy_from_slice(&self.links.synced.to_be_bytes());
        header[32..40].copy_from_slice(&self.links.live.to_be_bytes());
        header[40..48].copy_from_slice(&self.mark.size.to_be_bytes());
        header[48..80].copy_from_slice(self.mark.root.as_bytes());
        header[80..84].copy_from_slice(&self.length.to_be_bytes());
        header[88..CHECKED].copy_from_slice(&self.links.previous_checksum);
        let check = header_check(salt, &header[..CHECKED]);
        header[CHECKED..SUMMED].copy_from_slice(&check);
        let mut sum = Summer::new(salt, header);
        sum.update(&payload[..self.length as usize]);
        let checksum = sum.finish();
        header[SUMMED..].copy_from_slice(&checksum);
        checksum
    }
}

/// Computes a frame's checksum from its header and a payload that arrives in pieces.
pub(super) struct Summer(Sha256);

impl Summer {
    pub(super) fn new(salt: &[u8; 32], header: &[u8]) -> Self {
        Self(
            Sha256::new()
                .chain_update(salt)
                .chain_update(&header[..SUMMED]),
        )
    }

    pub(super) fn update(&mut self, payload: &[u8]) {
        self.0.update(payload);
    }

    pub(super) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

/// Bytes on disk for a payload of this length.
pub(super) fn stored_len(payload: u64) -> u64 {
    (payload + HEADER as u64).next_multiple_of(PAGE)
}

fn header_check(salt: &[u8; 32], bytes: &[u8]) -> [u8; SUMMED - CHECKED] {
    let digest: [u8; 32] = Sha256::new()
        .chain_update(salt)
        .chain_update(bytes)
        .finalize()
        .into();
    array_at(&digest, 0)
}

pub(super) fn array_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(&bytes[at..at + N]);
    array
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_be_bytes(array_at(bytes, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: [u8; 32] = [7; 32];
    const PLACE: Place = Place {
        segment: 1,
        offset: 4096,
    };

    fn sample() -> (Frame, Vec<u8>) {
        let mut frame = Frame {
            kind: FrameKind::Group,
            sequence: 9,
            mark: Mark {
                size: 3,
                root: Hash::from_bytes([5; 32]),
            },
            length: 11,
            links: Links {
                previous: 8,
                previous_checksum: [6; 32],
                synced: 8,
                live: 2,
            },
            checksum: [0; 32],
            place: PLACE,
        };
        let mut buffer = vec![0; HEADER];
        buffer.extend_from_slice(b"hello there");
        frame.checksum = frame.encode(&SALT, &mut buffer);
        (frame, buffer)
    }

    #[test]
    fn a_header_comes_back_as_it_was_written() {
        let (frame, buffer) = sample();
        assert_eq!(Frame::decode(&buffer, &SALT, PLACE), Some(frame));
        assert_eq!(frame.stored_len(), 4096);
        let mut sum = Summer::new(&SALT, &buffer);
        sum.update(b"hello");
        sum.update(b" there");
        assert_eq!(sum.finish(), frame.checksum);
    }

    #[test]
    fn another_salt_or_any_flipped_header_bit_is_noticed() {
        let (frame, buffer) = sample();
        assert_eq!(Frame::decode(&buffer, &[8; 32], PLACE), None);
        for at in 0..SUMMED * 8 {
            let mut damaged = buffer.clone();
            damaged[at / 8] ^= 1 << (at % 8);
            assert_eq!(Frame::decode(&damaged, &SALT, PLACE), None, "bit {at}");
        }
        let mut damaged = buffer;
        damaged[SUMMED] ^= 1;
        let decoded = Frame::decode(&damaged, &SALT, PLACE).unwrap();
        assert_ne!(decoded.checksum, frame.checksum);
    }
}
