//! Looks at the engine's files without the engine, changing nothing.
//!
//! Opening a database is not a reading act: the engine cuts the end of its log at the first message
//! that it cannot read, and fills segments that it takes for torn with zeros. So its files are read
//! here first, with the checksums that it wrote itself. The layout is that of 0.34:
//!
//! ```text
//! conf     text lines | CRC-32 of them, little-endian
//! snap.X   page table | length u64 | CRC-32 of the page table; X: where it stands, in hexadecimal
//! db       segments of 512 KiB: header [20], then messages back to back
//!          header   !CRC-32 | lsn | lsn that was stable, each XOR 0x7fff...
//!          message  CRC-32 (inverted, of the body and then of the rest of the header) |
//!                   kind u8 | length, segment number, page (1 to 9 bytes each) | body
//! ```
//!
//! Only segments at or above the newest `snap.` file are read at an open, as the engine does it:
//! the others it neither reads nor writes.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// The engine's segment size; it is never configured otherwise.
const SEGMENT: u64 = 512 * 1024;
const HEADER: usize = 20;
/// The engine leaves the end of a segment alone where no message header fits.
const RED_ZONE: usize = 32;
const FLIP: u64 = 0x7fff_ffff_ffff_ffff;

const KIND_CAP: u8 = 2;
const KIND_LAST: u8 = 11;

/// How much is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// What the engine reads when it opens.
    Tail,
    /// Every byte; what is damaged may be old and no longer needed.
    Everything,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// There is no database.
    Missing,
    /// All that was read is whole; `torn` says that the end was interrupted while it was written,
    /// which every crash leaves and which the engine cuts off.
    Whole {
        /// Bytes of the log that were read.
        bytes: u64,
        /// Whether the end was interrupted.
        torn: bool,
    },
    /// Something was whole once and is not any more.
    Damaged(Wound),
}

/// What is damaged, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wound {
    /// Name of the file inside the engine's folder.
    pub file: String,
    /// What is wrong.
    pub what: String,
}

impl std::fmt::Display for Wound {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}: {}", self.file, self.what)
    }
}

/// Reads the engine's files in `path`.
///
/// # Errors
/// What the operating system reports.
pub fn check(path: &Path, extent: Extent) -> io::Result<Health> {
    let file = match File::open(path.join("db")) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Health::Missing),
        Err(error) => return Err(error),
    };
    let wound = |file: &str, what: &str| {
        Health::Damaged(Wound {
            file: file.to_owned(),
            what: what.to_owned(),
        })
    };
    match fs::read(path.join("conf")) {
        Ok(conf) if !conf_is_whole(&conf) => return Ok(wound("conf", "fails its checksum")),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let snapshot = newest_snapshot(path)?;
    let (mut floor, mut known) = (0, 0);
    if let Some((name, lsn)) = snapshot {
        if !snapshot_is_whole(&fs::read(path.join(&name))?) {
            let what = "fails its checksum; move it away, the engine makes it anew from `db`";
            return Ok(wound(&name, what));
        }
        (floor, known) = (lsn / SEGMENT * SEGMENT, lsn);
    }
    if extent == Extent::Everything {
        floor = 0;
    }
    log(&file, floor, known)
}

/// Removes from a copy what is damaged and made anew at an open: configuration and page table.
/// With `tables`, every page table goes, whole or not.
pub(super) fn drop_what_is_made_anew(copy: &Path, tables: bool) -> io::Result<()> {
    let conf = copy.join("conf");
    if fs::read(&conf).is_ok_and(|bytes| !conf_is_whole(&bytes)) {
        fs::remove_file(conf)?;
    }
    while let Some((name, _)) = newest_snapshot(copy)? {
        if !tables && snapshot_is_whole(&fs::read(copy.join(&name))?) {
            break;
        }
        fs::remove_file(copy.join(name))?;
    }
    Ok(())
}

fn conf_is_whole(conf: &[u8]) -> bool {
    let Some((text, sum)) = conf.split_last_chunk::<4>() else {
        return false;
    };
    crc32fast::hash(text) == u32::from_le_bytes(*sum)
}

fn snapshot_is_whole(bytes: &[u8]) -> bool {
    let Some((rest, sum)) = bytes.split_last_chunk::<4>() else {
        return false;
    };
    let Some((table, length)) = rest.split_last_chunk::<8>() else {
        return false;
    };
    !table.is_empty()
        && crc32fast::hash(table) == u32::from_le_bytes(*sum)
        && u64::from_le_bytes(*length) == table.len() as u64
}

/// Name and place of the snapshot that the engine would read.
pub(super) fn newest_snapshot(path: &Path) -> io::Result<Option<(String, u64)>> {
    let mut newest: Option<(String, u64)> = None;
    for entry in fs::read_dir(path)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let lsn = name
            .strip_prefix("snap.")
            .and_then(|hex| u64::from_str_radix(hex, 16).ok());
        if let Some(lsn) = lsn
            && newest.as_ref().is_none_or(|(_, known)| *known < lsn)
        {
            newest = Some((name, lsn));
        }
    }
    Ok(newest)
}

/// A segment's header, as far as it can be read.
struct Head {
    at: u64,
    lsn: u64,
}

/// Reads the segments at or above `floor`. Below `known` the page table has read every message once,
/// so that an end there was no interrupted write, and the engine refuses it after rewriting it.
fn log(file: &File, floor: u64, known: u64) -> io::Result<Health> {
    let length = file.metadata()?.len();
    let mut heads = Vec::new();
    let mut strange = None;
    for at in (0..length).step_by(usize::try_from(SEGMENT).unwrap_or(usize::MAX)) {
        let mut bytes = [0; HEADER];
        if length - at < HEADER as u64 {
            break;
        }
        file.read_exact_at(&mut bytes, at)?;
        match segment_header(&bytes) {
            Some(lsn) if lsn >= floor => heads.push(Head { at, lsn }),
            Some(_) => {}
            // Freed segments are zeros.
            None if bytes == [0; HEADER] => {}
            None => strange = strange.or(Some(at)),
        }
    }
    heads.sort_unstable_by_key(|head| head.lsn);
    if let Some(at) = strange {
        return Ok(damaged_at(at, "a segment's header fails its checksum"));
    }
    let mut read = 0;
    let mut buffer = vec![0; usize::try_from(SEGMENT).unwrap_or(0)];
    let last = heads.last().map(|head| head.lsn);
    let mut torn = false;
    for head in &heads {
        let size = usize::try_from(SEGMENT.min(length - head.at)).unwrap_or(0);
        file.read_exact_at(&mut buffer[..size], head.at)?;
        read += size as u64;
        let Some(offset) = unreadable_from(&buffer[..size], head.lsn) else {
            continue;
        };
        // After a power cut this may be a hole among writes that were never synced: it cannot be
        // told from damage, so it is treated as such.
        // The engine counts an end that leaves no room for a message as the end of the segment.
        let read_once = head.lsn + (offset as u64) < known && offset + RED_ZONE < buffer.len();
        if Some(head.lsn) != last || read_once || resumes(&buffer[..size], offset, head.lsn) {
            return Ok(damaged_at(
                head.at + offset as u64,
                "a message fails its checksum",
            ));
        }
        // What was never written is zeros.
        torn = buffer[offset..size].iter().any(|byte| *byte != 0);
    }
    Ok(Health::Whole { bytes: read, torn })
}

fn damaged_at(at: u64, what: &str) -> Health {
    Health::Damaged(Wound {
        file: "db".to_owned(),
        what: format!("{what} at byte {at}"),
    })
}

/// The position that a header states; `None` when it fails its checksum.
fn segment_header(bytes: &[u8; HEADER]) -> Option<u64> {
    let (sum, rest) = bytes.split_first_chunk::<4>()?;
    let lsn = rest.first_chunk::<8>()?;
    let whole = crc32fast::hash(rest) == !u32::from_le_bytes(*sum);
    let lsn = u64::from_le_bytes(*lsn) ^ FLIP;
    (whole && lsn.is_multiple_of(SEGMENT)).then_some(lsn)
}

/// The offset of the first message that cannot be read; `None` when all can.
fn unreadable_from(segment: &[u8], lsn: u64) -> Option<usize> {
    let mut at = HEADER;
    let full = usize::try_from(SEGMENT).unwrap_or(usize::MAX);
    while at + RED_ZONE <= full {
        match message(segment.get(at..).unwrap_or_default(), lsn / SEGMENT) {
            Some((KIND_CAP, _)) => return None,
            Some((_, length)) => at += length,
            None => return Some(at),
        }
    }
    None
}

/// Whether a whole message lies behind the one that cannot be read.
fn resumes(segment: &[u8], from: usize, lsn: u64) -> bool {
    (from + 1..segment.len()).any(|at| message(&segment[at..], lsn / SEGMENT).is_some())
}

/// Kind and length of the message at the start of these bytes, if it is whole.
fn message(bytes: &[u8], number: u64) -> Option<(u8, usize)> {
    let (sum, rest) = bytes.split_first_chunk::<4>()?;
    let kind = *rest.first()?;
    if !(1..=KIND_LAST).contains(&kind) {
        return None;
    }
    let mut at = 5;
    let length = varint(bytes, &mut at)?;
    let found = varint(bytes, &mut at)?;
    varint(bytes, &mut at)?;
    if found != number {
        return None;
    }
    let end = at.checked_add(usize::try_from(length).ok()?)?;
    let body = bytes.get(at..end)?;
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(body);
    hasher.update(&bytes[4..at]);
    (!hasher.finalize() == u32::from_le_bytes(*sum)).then_some((kind, end))
}

/// The engine's numbers of 1 to 9 bytes.
fn varint(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let first = *bytes.get(*at)?;
    let (value, used) = match first {
        0..=240 => (u64::from(first), 1),
        241..=248 => {
            let low = u64::from(*bytes.get(*at + 1)?);
            (240 + 256 * (u64::from(first) - 241) + low, 2)
        }
        249 => {
            let (high, low) = (*bytes.get(*at + 1)?, *bytes.get(*at + 2)?);
            (2_288 + 256 * u64::from(high) + u64::from(low), 3)
        }
        _ => {
            let size = usize::from(first) - 247;
            let mut value = [0; 8];
            value[..size].copy_from_slice(bytes.get(*at + 1..=*at + size)?);
            (u64::from_le_bytes(value), size + 1)
        }
    };
    *at += used;
    Some(value)
}
