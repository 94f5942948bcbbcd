//! What can go wrong with the write-ahead segments.

use std::io;

use chain::Hash;

/// Why the write-ahead segments could not be opened, written or read.
///
/// All but [`WalError::TooLong`] are fatal: after one of them nothing is known about what is
/// durable, and the process must stop.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WalError {
    /// The operating system reported an error.
    #[error("write-ahead segments: {doing} failed")]
    Io {
        /// What was being done.
        doing: Doing,
        /// What was reported.
        #[source]
        source: io::Error,
    },
    /// An earlier call failed; nothing may be written any more.
    #[error("write-ahead segments: an earlier write or sync failed; restart the node")]
    Stopped,
    /// The payload does not fit a segment.
    #[error("a group of {bytes} bytes exceeds the limit of {limit} bytes for one frame")]
    TooLong {
        /// Bytes of the payload.
        bytes: u64,
        /// The greatest payload that a segment takes.
        limit: u64,
    },
    /// The options make no sense.
    #[error("segment size {segment_bytes} is not a multiple of 4,096 from 8,192 to 1 GiB")]
    SegmentSize {
        /// The size asked for.
        segment_bytes: u64,
    },
    /// There is no segment at all, although the log has grown past its founding.
    #[error(
        "the write-ahead segments are gone: the log had {size} entries or more, and what was \
         acknowledged last may have stood in them alone. Put them back, or restore"
    )]
    NoSegments {
        /// The size that is known from elsewhere.
        size: u64,
    },
    /// A segment with a higher number is there, and this one is not.
    #[error("segment {segment} is gone, though later ones are there")]
    SegmentMissing {
        /// Number of the segment.
        segment: u32,
    },
    /// A segment's first page, which is written once, fails its checksum.
    #[error("segment {segment}: the first page is damaged")]
    SegmentHeader {
        /// Number of the segment.
        segment: u32,
    },
    /// A segment's file was cut or lengthened.
    #[error("segment {segment}: expected {expected} bytes, found {found}")]
    SegmentLength {
        /// Number of the segment.
        segment: u32,
        /// Bytes it was made with.
        expected: u64,
        /// Bytes it has.
        found: u64,
    },
    /// A segment carries another salt than the rest.
    #[error("segment {segment} belongs to another data folder")]
    SegmentForeign {
        /// Number of the segment.
        segment: u32,
    },
    /// A frame that was acknowledged is damaged or gone.
    #[error(
        "segment {segment}, offset {offset}: expected frame {sequence}, which frame {witness} \
         proves to have been written and synced; found {found}"
    )]
    Damaged {
        /// Number of the segment where the frame should lie.
        segment: u32,
        /// Byte offset where it should lie.
        offset: u64,
        /// Sequence of the frame.
        sequence: u64,
        /// Sequence of a whole frame that proves that it was there.
        witness: u64,
        /// What lies there.
        found: Found,
    },
    /// A frame and the head kept elsewhere state different roots for one size.
    #[error(
        "segment {segment}, offset {offset}: frame {sequence} states root {found} at size {size}, \
         expected {expected}"
    )]
    Root {
        /// Number of the segment.
        segment: u32,
        /// Byte offset of the frame.
        offset: u64,
        /// Sequence of the frame.
        sequence: u64,
        /// The size both speak of.
        size: u64,
        /// The root of the head.
        expected: Hash,
        /// The root of the frame.
        found: Hash,
    },
    /// The last frame says that the log ended before the head kept elsewhere.
    #[error(
        "segment {segment}, offset {offset}: the last frame, {sequence}, ends the log at size \
         {found}, expected at least {expected}: later frames are damaged or gone"
    )]
    BelowMark {
        /// Number of the segment.
        segment: u32,
        /// Byte offset of the last frame.
        offset: u64,
        /// Sequence of the last frame.
        sequence: u64,
        /// The size of the head.
        expected: u64,
        /// The size of the last frame.
        found: u64,
    },
    /// A frame read again is not what it was at open.
    #[error("segment {segment}, offset {offset}: frame {sequence} cannot be read back whole")]
    Changed {
        /// Number of the segment.
        segment: u32,
        /// Byte offset of the frame.
        offset: u64,
        /// Sequence of the frame.
        sequence: u64,
    },
}

/// What was being done when the operating system reported an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Listing the folder, or removing an unfinished file.
    List,
    /// Making a segment.
    Create(u32),
    /// Reading a segment.
    Read(u32),
    /// Writing to a segment.
    Write(u32),
    /// Syncing a segment.
    Sync(u32),
    /// Overwriting a segment with zeros.
    Clear(u32),
}

impl std::fmt::Display for Doing {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::List => write!(out, "listing the folder"),
            Self::Create(segment) => write!(out, "making segment {segment}"),
            Self::Read(segment) => write!(out, "reading segment {segment}"),
            Self::Write(segment) => write!(out, "writing segment {segment}"),
            Self::Sync(segment) => write!(out, "syncing segment {segment}"),
            Self::Clear(segment) => write!(out, "clearing segment {segment}"),
        }
    }
}

/// What lies where a frame should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Its header, and a payload that does not fit its checksum.
    Payload,
    /// Bytes that are no frame.
    NoFrame,
    /// Another whole frame, with this sequence.
    Other(u64),
}

impl std::fmt::Display for Found {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Payload => write!(out, "its header with a damaged payload or checksum"),
            Self::NoFrame => write!(out, "bytes that are no frame"),
            Self::Other(sequence) => write!(out, "frame {sequence}"),
        }
    }
}

impl WalError {
    pub(super) fn io(doing: Doing) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, source }
    }
}
