//! Segments: files of entries, written once.
//!
//! ```text
//!  magic "QBAK" | format u32 = 1 | first index u64 | genesis hash [32] | frames | SHA-256 [32]
//! ```
//!
//! The sum at the end lets the next run take over what an interrupted one has written, before any
//! manifest speaks for it.

use std::io;
use std::sync::Arc;

use chain::Hash;

use super::error::BackupError;
use super::frame::{self, Frame};
use super::manifest::{SEGMENTS, Segment, hex, segment_name};
use crate::node::StoredEntry;
use crate::store::disk::{Disk, OpenMode};

const MAGIC: [u8; 4] = *b"QBAK";
const FORMAT: u32 = 1;
const HEADER: usize = 4 + 4 + 8 + Hash::LEN;
const MAKING: &str = "making.new";
/// A segment is closed when it has this many bytes: few files, and one fits the memory.
pub(super) const SEGMENT_BYTES: u64 = 64 << 20;
/// No segment is longer: the last frame may begin just below the bound.
const SEGMENT_BYTES_MAX: u64 = SEGMENT_BYTES + (32 << 20);

/// A segment under way, in memory.
pub(super) struct Open {
    first: u64,
    entries: u64,
    bytes: Vec<u8>,
}

impl Open {
    pub(super) fn new(first: u64, genesis: &Hash) -> Self {
        let mut bytes = Vec::new();
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&FORMAT.to_be_bytes());
        bytes.extend_from_slice(&first.to_be_bytes());
        bytes.extend_from_slice(genesis.as_bytes());
        Self {
            first,
            entries: 0,
            bytes,
        }
    }

    pub(super) fn put(&mut self, stored: &StoredEntry) {
        frame::put(&mut self.bytes, stored);
        self.entries += 1;
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.entries == 0
    }

    pub(super) const fn entries(&self) -> u64 {
        self.entries
    }

    pub(super) const fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// The same behind the segments given, which are the ones before it, the newest first.
    pub(super) fn behind(self, before: &[Loaded], genesis: &Hash) -> Self {
        let Some(first) = before.last() else {
            return self;
        };
        let mut merged = Self::new(first.first, genesis);
        for loaded in before.iter().rev() {
            merged.bytes.extend_from_slice(loaded.body());
            merged.entries += loaded.frames().count() as u64;
        }
        merged
            .bytes
            .extend_from_slice(self.bytes.get(HEADER..).unwrap_or_default());
        merged.entries += self.entries;
        merged
    }

    /// Writes the file: whole under its name or not at all, and durably.
    pub(super) fn close(mut self, segments: &dyn Disk) -> Result<Segment, BackupError> {
        let sum = Hash::sha256(&self.bytes);
        self.bytes.extend_from_slice(sum.as_bytes());
        let name = segment_name(self.first, self.entries);
        let io = |source| BackupError::Io {
            path: segments.path().join(&name),
            source,
        };
        let file = segments.open(MAKING, OpenMode::Create).map_err(io)?;
        file.set_len(0).map_err(io)?;
        file.write_at(&self.bytes, 0).map_err(io)?;
        file.sync_data().map_err(io)?;
        segments.rename(MAKING, &name).map_err(io)?;
        segments.sync_dir().map_err(io)?;
        Ok(Segment {
            first: self.first,
            entries: self.entries,
            bytes: self.bytes.len() as u64,
            sha256: hex(&Hash::sha256(&self.bytes)),
        })
    }
}

/// A segment that was read whole and has the right sums.
pub(super) struct Loaded {
    name: String,
    bytes: Vec<u8>,
    first: u64,
}

impl Loaded {
    /// Reads the segment that a manifest names.
    pub(super) fn listed(
        segments: &dyn Disk,
        segment: &Segment,
        genesis: &Hash,
    ) -> Result<Self, BackupError> {
        let name = format!("{SEGMENTS}/{}", segment.name());
        let bytes = match read(segments, &segment.name())? {
            Some(bytes) => bytes,
            None => return Err(BackupError::damaged(name, "the file is missing")),
        };
        if bytes.len() as u64 != segment.bytes || hex(&Hash::sha256(&bytes)) != segment.sha256 {
            let why = "length or SHA-256 are not those in the manifest";
            return Err(BackupError::damaged(name, why));
        }
        let loaded = Self::parse(name, bytes, segment.first, genesis)?;
        if loaded.frames().count() as u64 != segment.entries {
            let why = "the number of entries is not that in the manifest";
            return Err(BackupError::damaged(loaded.name, why));
        }
        Ok(loaded)
    }

    /// Reads a segment that no manifest names: left by a run that was interrupted.
    pub(super) fn left_over(
        segments: &dyn Disk,
        name: &str,
        first: u64,
        genesis: &Hash,
    ) -> Result<Self, BackupError> {
        match read(segments, name)? {
            Some(bytes) => Self::parse(name.to_owned(), bytes, first, genesis),
            None => Err(BackupError::damaged(name, "the file is missing")),
        }
    }

    fn parse(
        name: String,
        bytes: Vec<u8>,
        first: u64,
        genesis: &Hash,
    ) -> Result<Self, BackupError> {
        let body = match frame::summed(&bytes) {
            Ok(body) => body,
            Err(error) => return Err(BackupError::damaged(name, error)),
        };
        let header = Open::new(first, genesis).bytes;
        let Some(mut rest) = body.strip_prefix(header.as_slice()) else {
            let why = "the header is not one of this log at this index";
            return Err(BackupError::damaged(name, why));
        };
        while !rest.is_empty() {
            rest = match frame::split(rest) {
                Ok((_, rest)) => rest,
                Err(error) => return Err(BackupError::damaged(name, error)),
            };
        }
        Ok(Self { name, bytes, first })
    }

    /// The frames as bytes.
    fn body(&self) -> &[u8] {
        let end = self.bytes.len().saturating_sub(Hash::LEN);
        self.bytes.get(HEADER..end).unwrap_or_default()
    }

    /// The entries, in order.
    pub(super) fn frames(&self) -> impl Iterator<Item = Frame<'_>> {
        let mut rest = self.body();
        std::iter::from_fn(move || {
            // The frames were counted through when the file was read.
            let (frame, behind) = frame::split(rest).ok()?;
            rest = behind;
            Some(frame)
        })
    }

    /// What a manifest says of it.
    pub(super) fn segment(&self) -> Segment {
        Segment {
            first: self.first,
            entries: self.frames().count() as u64,
            bytes: self.bytes.len() as u64,
            sha256: hex(&Hash::sha256(&self.bytes)),
        }
    }
}

/// Opens the folder of segments.
pub(super) fn folder(disk: &dyn Disk) -> Result<Arc<dyn Disk>, BackupError> {
    disk.folder(SEGMENTS).map_err(|source| BackupError::Io {
        path: disk.path().join(SEGMENTS),
        source,
    })
}

/// Removes a segment that no manifest names.
pub(super) fn remove(segments: &dyn Disk, name: &str) -> Result<(), BackupError> {
    segments.remove(name).map_err(|source| BackupError::Io {
        path: segments.path().join(name),
        source,
    })
}

/// The names of all files beside each other.
pub(super) fn names(segments: &dyn Disk) -> Result<Vec<String>, BackupError> {
    segments.list().map_err(|source| BackupError::Io {
        path: segments.path(),
        source,
    })
}

fn read(segments: &dyn Disk, name: &str) -> Result<Option<Vec<u8>>, BackupError> {
    let io = |source| BackupError::Io {
        path: segments.path().join(name),
        source,
    };
    let file = match segments.open(name, OpenMode::Existing) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io(error)),
    };
    let length = file.len().map_err(io)?;
    if length > SEGMENT_BYTES_MAX {
        return Err(BackupError::damaged(name, "longer than any segment"));
    }
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
    file.read_at(&mut bytes, 0).map_err(io)?;
    Ok(Some(bytes))
}
