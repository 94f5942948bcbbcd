//! Segment files: preallocated, written over and over, scanned at open.
//!
//! ```text
//! page 0    magic "QWSG" | version u8 = 1 | zero [3] | segment u32 | zero u32 | bytes u64 |
//!           salt [32] | SHA-256 of the 56 bytes before [32] | zeros
//! page 1..  frames, back to back; behind the newest one, remains of an earlier use
//! ```
//!
//! Page 0 is written once, before the file gets its name, and never again: damage to it is never
//! an interrupted write. A file is written full of zeros, synced and only then renamed into place,
//! so that later writes change neither its size nor its block map, which is what makes a commit
//! cheap.

use std::io;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::store::disk::{Disk, DiskFile, OpenMode};

use super::frame::{Frame, HEADER, PAGE, Place, Summer, array_at, u64_at};

const MAGIC: [u8; 4] = *b"QWSG";
const VERSION: u8 = 1;
const SUMMED: usize = 56;
/// Bytes read or written at a time when a whole segment is gone through.
const CHUNK: usize = 256 * 1024;
const PAGE_BYTES: usize = PAGE as usize;
static ZEROS: [u8; CHUNK] = [0; CHUNK];

/// An open segment file, and what is known of its contents.
pub(super) struct Segment {
    pub(super) id: u32,
    pub(super) file: Arc<dyn DiskFile>,
    /// Length of the file.
    pub(super) bytes: u64,
    /// Where the next frame goes; behind it may lie remains of an earlier use.
    pub(super) end: u64,
    /// From here on the file is zeros.
    pub(super) dirty_to: u64,
    /// Oldest sequence written in the present use.
    pub(super) first: Option<u64>,
    /// Newest sequence written in the present use.
    pub(super) last: u64,
}

/// What a scan found in one segment.
#[derive(Default)]
pub(super) struct Scan {
    pub(super) frames: Vec<Frame>,
    /// Whole headers whose payload does not fit their checksum.
    pub(super) damaged: Vec<Frame>,
    pub(super) dirty_to: u64,
}

/// Why a file is not a whole segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// The first page fails its checksum or names another segment.
    Header,
    /// The file is not as long as its first page says.
    Length { expected: u64, found: u64 },
}

/// Returns the file name of a segment.
pub(super) fn file_name(id: u32) -> String {
    format!("{id:08}.wal")
}

/// Reads a segment number out of a file name.
pub(super) fn parse_file_name(name: &str) -> Option<u32> {
    let id: u32 = name.strip_suffix(".wal")?.parse().ok()?;
    (file_name(id) == name).then_some(id)
}

impl Segment {
    /// Makes a new segment; on return its bytes and its name survive a power cut.
    pub(super) fn create(
        disk: &dyn Disk,
        id: u32,
        bytes: u64,
        salt: &[u8; 32],
    ) -> io::Result<Self> {
        let making = format!("{id:08}.new");
        let file = disk.open(&making, OpenMode::Create)?;
        file.set_len(0)?;
        write_zeros(&*file, 0, bytes)?;
        file.write_at(&first_page(id, bytes, salt), 0)?;
        file.sync_data()?;
        disk.rename(&making, &file_name(id))?;
        disk.sync_dir()?;
        Ok(Self::unused(id, file, bytes))
    }

    /// Opens a segment and returns its salt.
    pub(super) fn open(disk: &dyn Disk, id: u32) -> io::Result<Result<(Self, [u8; 32]), Unfit>> {
        let file = disk.open(&file_name(id), OpenMode::Existing)?;
        let found = file.len()?;
        let mut page = [0; PAGE_BYTES];
        if found < PAGE {
            return Ok(Err(Unfit::Length {
                expected: PAGE,
                found,
            }));
        }
        file.read_at(&mut page, 0)?;
        let bytes = u64_at(&page, 16);
        let salt = array_at(&page, 24);
        if page != first_page(id, bytes, &salt) {
            return Ok(Err(Unfit::Header));
        }
        if bytes != found {
            return Ok(Err(Unfit::Length {
                expected: bytes,
                found,
            }));
        }
        Ok(Ok((
            Self {
                dirty_to: bytes,
                ..Self::unused(id, file, bytes)
            },
            salt,
        )))
    }

    fn unused(id: u32, file: Arc<dyn DiskFile>, bytes: u64) -> Self {
        Self {
            id,
            file,
            bytes,
            end: PAGE,
            dirty_to: PAGE,
            first: None,
            last: 0,
        }
    }

    /// Starts a new use: what the segment held is not needed any more.
    pub(super) fn reuse(&mut self) {
        (self.end, self.first, self.last) = (PAGE, None, 0);
    }

    /// Says whether nothing in the segment is needed when all frames below a sequence are released.
    pub(super) fn is_free(&self, released_below: u64) -> bool {
        self.first.is_none() || self.last < released_below
    }

    /// Says whether a frame of this many bytes still fits.
    pub(super) fn has_room(&self, stored: u64) -> bool {
        self.end + stored <= self.bytes
    }

    /// Takes note of a frame written at the end.
    pub(super) fn written(&mut self, sequence: u64, stored: u64) {
        self.first.get_or_insert(sequence);
        self.last = sequence;
        self.end += stored;
        self.dirty_to = self.dirty_to.max(self.end);
    }

    /// Returns the oldest sequence of which bytes may still be found in the file.
    pub(super) fn oldest(&self) -> Option<u64> {
        if self.dirty_to > self.end {
            Some(0)
        } else {
            self.first
        }
    }

    /// Finds every whole frame, whatever lies between.
    pub(super) fn scan(&self, salt: &[u8; 32]) -> io::Result<Scan> {
        let mut found = Scan {
            dirty_to: PAGE,
            ..Scan::default()
        };
        let mut buffer = vec![0; CHUNK];
        let mut offset = PAGE;
        while offset + PAGE <= self.bytes {
            let size = (self.bytes - offset).min(CHUNK as u64) / PAGE * PAGE;
            let chunk = &mut buffer[..usize::try_from(size).map_err(io::Error::other)?];
            self.file.read_at(chunk, offset)?;
            offset += self.scan_chunk(salt, chunk, offset, &mut found)?;
        }
        Ok(found)
    }

    /// Looks through one chunk and returns how far to go on (past the chunk, when its last frame
    /// reaches past it).
    fn scan_chunk(
        &self,
        salt: &[u8; 32],
        chunk: &[u8],
        start: u64,
        found: &mut Scan,
    ) -> io::Result<u64> {
        let mut at = 0;
        while at < chunk.len() {
            let page = &chunk[at..at + PAGE_BYTES];
            if page == &ZEROS[..PAGE_BYTES] {
                at += PAGE_BYTES;
                continue;
            }
            let place = Place {
                segment: self.id,
                offset: start + at as u64,
            };
            found.dirty_to = found.dirty_to.max(place.offset + PAGE);
            let frame = Frame::decode(page, salt, place)
                .filter(|frame| frame.stored_len() <= self.bytes - place.offset);
            let Some(frame) = frame else {
                at += PAGE_BYTES;
                continue;
            };
            if self.sum(salt, &frame, &chunk[at..])? != frame.checksum {
                found.damaged.push(frame);
                at += PAGE_BYTES;
                continue;
            }
            found.frames.push(frame);
            found.dirty_to = found.dirty_to.max(place.offset + frame.stored_len());
            at += usize::try_from(frame.stored_len()).map_err(io::Error::other)?;
        }
        Ok(at as u64)
    }

    /// Computes a frame's checksum; `loaded` is what is in memory from its start on.
    fn sum(&self, salt: &[u8; 32], frame: &Frame, loaded: &[u8]) -> io::Result<[u8; 32]> {
        let mut sum = Summer::new(salt, loaded);
        let end = HEADER + frame.length as usize;
        sum.update(&loaded[HEADER..end.min(loaded.len())]);
        if end > loaded.len() {
            let from = frame.place.offset + loaded.len() as u64;
            self.for_each_chunk(from, (end - loaded.len()) as u64, |bytes, _| {
                sum.update(bytes);
                Ok(())
            })?;
        }
        Ok(sum.finish())
    }

    /// Copies a frame, byte for byte, to the end of another segment, and returns its new place.
    pub(super) fn copy_frame(&self, frame: &Frame, target: &mut Self) -> io::Result<Place> {
        let place = Place {
            segment: target.id,
            offset: target.end,
        };
        self.for_each_chunk(frame.place.offset, frame.stored_len(), |bytes, done| {
            target.file.write_at(bytes, place.offset + done)
        })?;
        target.written(frame.sequence, frame.stored_len());
        Ok(place)
    }

    /// Reads a frame's payload; `None` when what lies there is not this frame.
    pub(super) fn payload(&self, salt: &[u8; 32], frame: &Frame) -> io::Result<Option<Vec<u8>>> {
        let mut header = [0; HEADER];
        self.file.read_at(&mut header, frame.place.offset)?;
        let mut payload = vec![0; frame.length as usize];
        self.file
            .read_at(&mut payload, frame.place.offset + HEADER as u64)?;
        let mut sum = Summer::new(salt, &header);
        sum.update(&payload);
        let whole = Frame::decode(&header, salt, frame.place) == Some(*frame)
            && sum.finish() == frame.checksum;
        Ok(whole.then_some(payload))
    }

    fn for_each_chunk(
        &self,
        offset: u64,
        length: u64,
        mut each: impl FnMut(&[u8], u64) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut buffer = vec![0; usize::try_from(length).unwrap_or(CHUNK).min(CHUNK)];
        let mut done = 0;
        while done < length {
            let size = usize::try_from(length - done).unwrap_or(CHUNK).min(CHUNK);
            self.file.read_at(&mut buffer[..size], offset + done)?;
            each(&buffer[..size], done)?;
            done += size as u64;
        }
        Ok(())
    }

    /// Overwrites everything behind the end with zeros and syncs.
    pub(super) fn clear_rest(&mut self) -> io::Result<()> {
        if self.dirty_to > self.end {
            write_zeros(&*self.file, self.end, self.dirty_to)?;
            self.file.sync_data()?;
            self.dirty_to = self.end;
        }
        Ok(())
    }
}

fn write_zeros(file: &dyn DiskFile, start: u64, end: u64) -> io::Result<()> {
    let mut offset = start;
    while offset < end {
        let size = usize::try_from(end - offset).unwrap_or(CHUNK).min(CHUNK);
        file.write_at(&ZEROS[..size], offset)?;
        offset += size as u64;
    }
    Ok(())
}

fn first_page(id: u32, bytes: u64, salt: &[u8; 32]) -> [u8; PAGE_BYTES] {
    let mut page = [0; PAGE_BYTES];
    page[..4].copy_from_slice(&MAGIC);
    page[4] = VERSION;
    page[8..12].copy_from_slice(&id.to_be_bytes());
    page[16..24].copy_from_slice(&bytes.to_be_bytes());
    page[24..SUMMED].copy_from_slice(salt);
    let sum: [u8; 32] = Sha256::digest(&page[..SUMMED]).into();
    page[SUMMED..SUMMED + 32].copy_from_slice(&sum);
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::simdisk::SimDisk;

    const BYTES: u64 = 16 * PAGE;

    #[test]
    fn a_new_segment_is_zeros_and_opens_again() {
        let disk = SimDisk::new();
        Segment::create(&disk, 3, BYTES, &[1; 32]).unwrap();
        disk.power_cut(1);
        let (segment, salt) = Segment::open(&disk, 3).unwrap().ok().unwrap();
        assert_eq!((salt, segment.bytes), ([1; 32], BYTES));
        let scan = segment.scan(&salt).unwrap();
        assert!(scan.frames.is_empty());
        assert_eq!(scan.dirty_to, PAGE);
    }

    #[test]
    fn damage_to_the_first_page_and_a_cut_file_are_noticed() {
        let disk = SimDisk::new();
        Segment::create(&disk, 3, BYTES, &[1; 32]).unwrap();
        let whole = disk.contents(&file_name(3)).unwrap();
        for at in 0..PAGE_BYTES {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x10;
            disk.put(&file_name(3), &damaged);
            assert!(Segment::open(&disk, 3).unwrap().is_err(), "byte {at}");
        }
        for length in [0, 1, PAGE_BYTES - 1, PAGE_BYTES, whole.len() - 1] {
            disk.put(&file_name(3), &whole[..length]);
            assert!(Segment::open(&disk, 3).unwrap().is_err(), "cut to {length}");
        }
        disk.put(&file_name(4), &whole);
        assert_eq!(Segment::open(&disk, 4).unwrap().err(), Some(Unfit::Header));
    }

    #[test]
    fn file_names_are_strict() {
        assert_eq!(parse_file_name("00000007.wal"), Some(7));
        for name in [
            "7.wal",
            "00000007.new",
            "+0000007.wal",
            "000000007.wal",
            "wal",
        ] {
            assert_eq!(parse_file_name(name), None, "{name}");
        }
    }
}
