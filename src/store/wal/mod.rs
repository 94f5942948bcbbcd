//! The write-ahead segments: the tail of the log that sled has not provably taken.
//!
//! ```text
//!  append ──▶ [ frame | frame | frame | ......... ]  segment in use, preallocated
//!             [ frame | frame | frame | frame | .. ]  full, still needed
//!             [ (frame) | (frame) | ............... ]  released: overwritten next
//! ```
//!
//! * One commit is one `write_at` of whole pages and one `fdatasync`; nothing is acknowledged before
//!   the sync returned. An error from either stops the log for good ([`WalError::Stopped`]).
//! * Frames are chained by checksum and state what was durable and what was still needed when they
//!   were written (`frame`), so that recovery (`recovery`) needs no other file.
//! * A segment is overwritten after all its frames were released ([`Tail::release`]) *and* a later
//!   synced frame says so; until then a power cut finds everything that it needs.
//! * Reading a frame proves no durability: [`Wal::open`] copies the live frames into other segments
//!   and syncs them before it returns.

mod error;
mod frame;
mod open;
mod recovery;
mod segment;
mod tail;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::disk::Disk;

pub use error::{Doing, Found, WalError};
pub use frame::{Frame, FrameKind, HEADER, Mark, PAGE, Place};
pub use open::Recovered;
pub use tail::Tail;

use frame::{Links, stored_len};
use segment::Segment;

/// How to lay out the segments.
#[derive(Clone, Copy, Debug)]
pub struct WalOptions {
    /// Bytes of a new segment: a multiple of 4,096 from 8,192 to 1 GiB. Segments of another size
    /// are used on. The greatest payload is 4,256 bytes less.
    pub segment_bytes: u64,
    /// Number of segments to have ready at open.
    pub segments: u32,
    /// 32 random bytes for the first segment of a new data folder; unused afterwards.
    pub salt: [u8; 32],
}

impl WalOptions {
    /// 64 MiB a segment, six of them: room for a lag of 256 MiB without making files on the way.
    #[must_use]
    pub fn new(salt: [u8; 32]) -> Self {
        Self {
            segment_bytes: 64 << 20,
            segments: 6,
            salt,
        }
    }

    /// Returns the greatest payload of a frame, in bytes.
    #[must_use]
    pub fn payload_max(&self) -> u64 {
        self.segment_bytes - PAGE - HEADER as u64
    }
}

/// The write-ahead segments, open for appending by one thread.
pub struct Wal {
    disk: Arc<dyn Disk>,
    segment_bytes: u64,
    payload_max: u64,
    salt: [u8; 32],
    segments: BTreeMap<u32, Segment>,
    current: u32,
    /// The newest frame written.
    last: Option<Frame>,
    next_sequence: u64,
    /// All frames up to here are durable.
    synced: u64,
    /// Frames below here are released, and a durable frame says so.
    released_below: u64,
    tail: Tail,
    buffer: Vec<u8>,
    stopped: bool,
    /// Nothing is synced, in a sandbox that measures what this costs.
    unsynced: bool,
}

/// How far an erasure got, see [`Wal::scrub`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scrub {
    /// No byte of a frame below this sequence is left in any segment.
    pub cleared_below: u64,
    /// Segments, other than the one in use, that hold frames not yet released.
    pub waiting: Vec<u32>,
}

impl Wal {
    /// Writes a frame and makes it durable; returns its sequence.
    ///
    /// # Errors
    /// As [`Wal::append`] and [`Wal::sync`].
    pub fn commit(
        &mut self,
        kind: FrameKind,
        mark: Mark,
        payload: &[&[u8]],
    ) -> Result<u64, WalError> {
        let sequence = self.append(kind, mark, payload)?;
        self.sync()?;
        Ok(sequence)
    }

    /// Writes a frame, whose payload is the given pieces one after the other, and returns its
    /// sequence. It is durable after [`Wal::sync`].
    ///
    /// # Errors
    /// [`WalError::TooLong`] before anything is written; every other error is fatal.
    pub fn append(
        &mut self,
        kind: FrameKind,
        mark: Mark,
        payload: &[&[u8]],
    ) -> Result<u64, WalError> {
        let bytes: u64 = payload.iter().map(|piece| piece.len() as u64).sum();
        let length = u32::try_from(bytes)
            .ok()
            .filter(|_| bytes <= self.payload_max);
        let Some(length) = length else {
            return Err(WalError::TooLong {
                bytes,
                limit: self.payload_max,
            });
        };
        self.guarded(|wal| {
            let stored = stored_len(bytes);
            if !wal.current().has_room(stored) {
                wal.next_segment(stored)?;
            }
            wal.write(kind, mark, length, payload)
        })
    }

    /// Makes all frames written so far durable.
    ///
    /// # Errors
    /// Every error is fatal.
    pub fn sync(&mut self) -> Result<(), WalError> {
        self.guarded(Self::sync_current)
    }

    /// Returns the handle by which whoever fills sled releases frames.
    #[must_use]
    pub fn tail(&self) -> Tail {
        self.tail.clone()
    }

    /// Returns the greatest payload of a frame, in bytes.
    #[must_use]
    pub fn payload_max(&self) -> u64 {
        self.payload_max
    }

    /// Returns the sequence of the newest frame (0: none yet).
    #[must_use]
    pub fn last_sequence(&self) -> u64 {
        self.last.map_or(0, |frame| frame.sequence)
    }

    /// Reads a frame's payload, one at a time, so that a long tail is never in memory whole.
    ///
    /// # Errors
    /// [`WalError::Changed`] when the frame was overwritten after it was released, or the disk
    /// gives other bytes than before.
    pub fn payload(&self, frame: &Frame) -> Result<Vec<u8>, WalError> {
        let Place { segment, offset } = frame.place;
        let changed = WalError::Changed {
            segment,
            offset,
            sequence: frame.sequence,
        };
        let Some(found) = self.segments.get(&segment) else {
            return Err(changed);
        };
        found
            .payload(&self.salt, frame)
            .map_err(WalError::io(Doing::Read(segment)))?
            .ok_or(changed)
    }

    /// Begins an erasure: moves on to another segment, starting with a durable
    /// [`FrameKind::Close`] that states `mark`, the log after the last group.
    ///
    /// Returns the barrier: once [`Wal::scrub`] reports `cleared_below` at or above it, no byte
    /// written before this call is left in any segment.
    ///
    /// # Errors
    /// Every error is fatal.
    pub fn rotate(&mut self, mark: Mark) -> Result<u64, WalError> {
        self.guarded(|wal| {
            let stored = stored_len(0);
            wal.next_segment(stored)?;
            let sequence = wal.write(FrameKind::Close, mark, 0, &[])?;
            wal.sync_current()?;
            Ok(sequence)
        })
    }

    /// Overwrites with zeros, and syncs, whatever is not needed any more: segments whose frames are
    /// all released, and remains of an earlier use behind frames that are still needed. It is
    /// called again after further releases until the barrier is reached.
    ///
    /// Zeros written over a file reach the same blocks on file systems that write in place (ext4,
    /// XFS); a copy-on-write file system or a flash device may keep what lay there before.
    ///
    /// # Errors
    /// Every error is fatal.
    pub fn scrub(&mut self) -> Result<Scrub, WalError> {
        self.guarded(|wal| {
            wal.publish_release()?;
            let (current, released_below) = (wal.current, wal.released_below);
            for segment in wal.segments.values_mut() {
                if segment.id != current && segment.is_free(released_below) {
                    segment.reuse();
                }
                segment
                    .clear_rest()
                    .map_err(WalError::io(Doing::Clear(segment.id)))?;
            }
            let used = |segment: &&Segment| segment.id != current && segment.first.is_some();
            let oldest = wal.segments.values().filter_map(Segment::oldest).min();
            Ok(Scrub {
                cleared_below: oldest.unwrap_or(wal.next_sequence),
                waiting: wal
                    .segments
                    .values()
                    .filter(used)
                    .map(|segment| segment.id)
                    .collect(),
            })
        })
    }

    /// Lets a durable frame state what was released, where a segment waits for it. Only a closing
    /// frame is repeated: behind a group, the next group or its closing frame will do it.
    fn publish_release(&mut self) -> Result<(), WalError> {
        let live = self.tail.oldest().unwrap_or(self.next_sequence);
        let waits = |segment: &Segment| {
            segment.id != self.current
                && segment.is_free(live)
                && !segment.is_free(self.released_below)
        };
        let waiting = self.segments.values().any(waits);
        match self.last {
            Some(last) if waiting && last.kind == FrameKind::Close => {
                let stored = stored_len(0);
                if !self.current().has_room(stored) {
                    self.next_segment(stored)?;
                }
                self.write(FrameKind::Close, last.mark, 0, &[])?;
                self.sync_current()
            }
            _ => Ok(()),
        }
    }

    fn write(
        &mut self,
        kind: FrameKind,
        mark: Mark,
        length: u32,
        payload: &[&[u8]],
    ) -> Result<u64, WalError> {
        let sequence = self.next_sequence;
        let place = Place {
            segment: self.current,
            offset: self.current().end,
        };
        let links = Links {
            previous: self.last_sequence(),
            previous_checksum: self.last.map_or([0; 32], |frame| frame.checksum),
            synced: self.synced,
            live: self.tail.oldest().unwrap_or(sequence),
        };
        let mut frame = Frame {
            kind,
            sequence,
            mark,
            length,
            links,
            checksum: [0; 32],
            place,
        };
        self.buffer.clear();
        self.buffer.resize(HEADER, 0);
        for piece in payload {
            self.buffer.extend_from_slice(piece);
        }
        let stored = frame.stored_len();
        self.buffer
            .resize(usize::try_from(stored).unwrap_or(usize::MAX), 0);
        frame.checksum = frame.encode(&self.salt, &mut self.buffer);
        let file = &self.current().file;
        file.write_at(&self.buffer, place.offset)
            .map_err(WalError::io(Doing::Write(place.segment)))?;
        self.current_mut().written(sequence, stored);
        self.tail.push(sequence, stored, kind);
        self.last = Some(frame);
        self.next_sequence += 1;
        Ok(sequence)
    }

    /// From now on nothing is synced, and nothing is durable.
    pub const fn go_without_sync(&mut self) {
        self.unsynced = true;
    }

    fn sync_current(&mut self) -> Result<(), WalError> {
        let Some(last) = self.last.filter(|last| last.sequence > self.synced) else {
            return Ok(());
        };
        let id = self.current;
        if !self.unsynced {
            let synced = self.current().file.sync_data();
            synced.map_err(WalError::io(Doing::Sync(id)))?;
        }
        self.synced = last.sequence;
        self.released_below = last.links.live;
        Ok(())
    }

    /// Moves on to a segment that nobody needs, making one where there is none.
    fn next_segment(&mut self, stored: u64) -> Result<(), WalError> {
        self.sync_current()?;
        let free = |segment: &&mut Segment| {
            segment.id != self.current
                && segment.is_free(self.released_below)
                && PAGE + stored <= segment.bytes
        };
        if let Some(segment) = self.segments.values_mut().find(free) {
            segment.reuse();
            self.current = segment.id;
            return Ok(());
        }
        self.current = self.create_segment()?;
        Ok(())
    }

    fn create_segment(&mut self) -> Result<u32, WalError> {
        let id = self.segments.last_key_value().map_or(1, |(id, _)| id + 1);
        let segment = Segment::create(&*self.disk, id, self.segment_bytes, &self.salt)
            .map_err(WalError::io(Doing::Create(id)))?;
        self.segments.insert(id, segment);
        Ok(id)
    }

    fn current(&self) -> &Segment {
        self.segments
            .get(&self.current)
            .expect("the segment in use is never removed")
    }

    fn current_mut(&mut self) -> &mut Segment {
        self.segments
            .get_mut(&self.current)
            .expect("the segment in use is never removed")
    }

    /// Runs one step that touches the disk; after a failure there is no second one.
    fn guarded<T>(
        &mut self,
        step: impl FnOnce(&mut Self) -> Result<T, WalError>,
    ) -> Result<T, WalError> {
        if self.stopped {
            return Err(WalError::Stopped);
        }
        self.stopped = true;
        let done = step(self)?;
        self.stopped = false;
        Ok(done)
    }
}
