//! Opening the write-ahead segments: scan, choose, copy, sync.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use crate::limits::WAL_SEGMENT_BYTES_MAX;
use crate::store::disk::Disk;

use super::error::{Doing, Found, WalError};
use super::frame::{Frame, Mark, PAGE, Place};
use super::recovery::{Chain, Contradiction, Hole, choose, compare, settle};
use super::segment::{Segment, Unfit, parse_file_name};
use super::{Tail, Wal, WalOptions};

/// Sequences go on at the next multiple of this after an open, so that a number that was cut off
/// is never given again; the upper bits count the opens.
const SEQUENCE_STEP: u64 = 1 << 20;

/// What [`Wal::open`] found.
#[derive(Debug)]
pub struct Recovered {
    /// The live frames, oldest first, durable again. Payloads are read with [`Wal::payload`].
    pub frames: Vec<Frame>,
    /// Whole frames behind them that were never synced, and were left out.
    pub cut: usize,
    /// Where a frame lies that was interrupted while it was written.
    pub torn: Option<Place>,
}

impl Wal {
    /// Opens the segments in this folder, or makes the first ones.
    ///
    /// `mark` is the newest state of the log that is known from elsewhere (the head file). A tip
    /// that is a group ends where only its replay shows; the caller compares again after that.
    ///
    /// # Errors
    /// [`WalError::Damaged`] and its like name the place. Nothing was changed then.
    pub fn open(
        disk: Arc<dyn Disk>,
        options: &WalOptions,
        mark: Option<&Mark>,
    ) -> Result<(Self, Recovered), WalError> {
        let segment_bytes = options.segment_bytes;
        if !segment_bytes.is_multiple_of(PAGE)
            || !(2 * PAGE..=WAL_SEGMENT_BYTES_MAX).contains(&segment_bytes)
        {
            return Err(WalError::SegmentSize { segment_bytes });
        }
        let (mut segments, salt) = open_segments(&*disk)?;
        check_presence(&segments, mark)?;
        let salt = salt.unwrap_or(options.salt);
        let finds = Finds::scan(&mut segments, &salt)?;
        let Chain { mut frames, cut } =
            choose(&finds.frames).map_err(|hole| finds.name(&hole, &segments))?;
        if let Some(mark) = mark {
            compare(&frames, mark).map_err(|contradiction| name(contradiction, mark))?;
        }
        settle(&mut frames, &finds.frames);
        let mut wal = Self {
            disk,
            segment_bytes,
            payload_max: options.payload_max(),
            salt,
            segments,
            current: 0,
            last: frames.last().copied(),
            next_sequence: finds.next_sequence(),
            synced: 0,
            released_below: 0,
            tail: Tail::default(),
            buffer: Vec::new(),
            stopped: false,
            unsynced: false,
        };
        let torn = finds.torn(wal.last.as_ref());
        wal.remove_unfinished()?;
        wal.renew(&mut frames)?;
        while wal.segments.len() < options.segments as usize {
            wal.create_segment()?;
        }
        Ok((wal, Recovered { frames, cut, torn }))
    }

    /// Reads the segments as [`Wal::open`] does, and changes nothing.
    ///
    /// # Errors
    /// As [`Wal::open`].
    pub fn look(disk: &dyn Disk, mark: Option<&Mark>) -> Result<Recovered, WalError> {
        let (mut segments, salt) = open_segments(disk)?;
        check_presence(&segments, mark)?;
        let finds = Finds::scan(&mut segments, &salt.unwrap_or_default())?;
        let Chain { frames, cut } =
            choose(&finds.frames).map_err(|hole| finds.name(&hole, &segments))?;
        if let Some(mark) = mark {
            compare(&frames, mark).map_err(|contradiction| name(contradiction, mark))?;
        }
        let torn = finds.torn(frames.last());
        Ok(Recovered { frames, cut, torn })
    }

    /// Copies the live frames into segments that hold none of them, and syncs everything.
    fn renew(&mut self, frames: &mut [Frame]) -> Result<(), WalError> {
        let sources: BTreeSet<u32> = frames.iter().map(|frame| frame.place.segment).collect();
        let mut targets = vec![self.next_target(&sources, PAGE)?];
        for frame in frames.iter_mut() {
            if !self.current().has_room(frame.stored_len()) {
                targets.push(self.next_target(&sources, PAGE + frame.stored_len())?);
            }
            let id = self.current;
            let mut target = self
                .segments
                .remove(&id)
                .expect("the target was just chosen");
            let source = self.segments.get(&frame.place.segment);
            let source = source.expect("a frame lies in a segment that was scanned");
            frame.place = source
                .copy_frame(frame, &mut target)
                .map_err(WalError::io(Doing::Write(id)))?;
            self.segments.insert(id, target);
            self.tail
                .push(frame.sequence, frame.stored_len(), frame.kind);
        }
        for id in &targets {
            self.segments[id]
                .file
                .sync_data()
                .map_err(WalError::io(Doing::Sync(*id)))?;
        }
        self.disk
            .sync_dir()
            .map_err(WalError::io(Doing::Sync(self.current)))?;
        if let (Some(last), Some(tip)) = (&mut self.last, frames.last()) {
            last.place = tip.place;
            self.synced = last.sequence;
            self.released_below = last.links.live;
        }
        Ok(())
    }

    fn next_target(&mut self, sources: &BTreeSet<u32>, bytes: u64) -> Result<u32, WalError> {
        let fits = |segment: &&Segment| {
            !sources.contains(&segment.id) && segment.first.is_none() && bytes <= segment.bytes
        };
        let free = self.segments.values().find(fits).map(|segment| segment.id);
        self.current = match free {
            Some(id) if id != self.current => id,
            _ => self.create_segment()?,
        };
        Ok(self.current)
    }

    /// Removes files whose making was interrupted.
    fn remove_unfinished(&self) -> Result<(), WalError> {
        let remove = || -> io::Result<()> {
            for name in self
                .disk
                .list()?
                .iter()
                .filter(|name| name.ends_with(".new"))
            {
                self.disk.remove(name)?;
            }
            Ok(())
        };
        remove().map_err(WalError::io(Doing::List))
    }
}

type Opened = (BTreeMap<u32, Segment>, Option<[u8; 32]>);

fn open_segments(disk: &dyn Disk) -> Result<Opened, WalError> {
    let names = disk.list().map_err(WalError::io(Doing::List))?;
    let (mut segments, mut common) = (BTreeMap::new(), None);
    for segment in names.iter().filter_map(|name| parse_file_name(name)) {
        let opened = Segment::open(disk, segment).map_err(WalError::io(Doing::Read(segment)))?;
        let (file, salt) = opened.map_err(|unfit| match unfit {
            Unfit::Header => WalError::SegmentHeader { segment },
            Unfit::Length { expected, found } => WalError::SegmentLength {
                segment,
                expected,
                found,
            },
        })?;
        if *common.get_or_insert(salt) != salt {
            return Err(WalError::SegmentForeign { segment });
        }
        segments.insert(segment, file);
    }
    Ok((segments, common))
}

/// Segments are numbered from 1 and never removed. The log's founding alone needs none.
fn check_presence(segments: &BTreeMap<u32, Segment>, mark: Option<&Mark>) -> Result<(), WalError> {
    match mark {
        Some(mark) if segments.is_empty() && mark.size > 1 => {
            return Err(WalError::NoSegments { size: mark.size });
        }
        _ => {}
    }
    let gap = segments.keys().zip(1..).find(|(id, at)| **id != *at);
    gap.map_or(Ok(()), |(_, segment)| {
        Err(WalError::SegmentMissing { segment })
    })
}

/// All that the scans found.
struct Finds {
    frames: Vec<Frame>,
    damaged: Vec<Frame>,
}

impl Finds {
    fn scan(segments: &mut BTreeMap<u32, Segment>, salt: &[u8; 32]) -> Result<Self, WalError> {
        let mut finds = Self {
            frames: Vec::new(),
            damaged: Vec::new(),
        };
        for segment in segments.values_mut() {
            let scan = segment
                .scan(salt)
                .map_err(WalError::io(Doing::Read(segment.id)))?;
            segment.dirty_to = scan.dirty_to;
            finds.frames.extend(scan.frames);
            finds.damaged.extend(scan.damaged);
        }
        Ok(finds)
    }

    fn next_sequence(&self) -> u64 {
        let all = self.frames.iter().chain(&self.damaged);
        let newest = all.map(|frame| frame.sequence).max();
        newest.map_or(1, |sequence| (sequence / SEQUENCE_STEP + 1) * SEQUENCE_STEP)
    }

    fn torn(&self, tip: Option<&Frame>) -> Option<Place> {
        let tip = tip.map_or(0, |frame| frame.sequence);
        self.damaged
            .iter()
            .find(|frame| frame.sequence > tip)
            .map(|frame| frame.place)
    }

    /// Says where the missing frame should lie, as precisely as can be known.
    fn name(&self, hole: &Hole, segments: &BTreeMap<u32, Segment>) -> WalError {
        let header = self
            .damaged
            .iter()
            .find(|frame| frame.sequence == hole.sequence);
        let (place, found) = match header {
            Some(frame) => (frame.place, Found::Payload),
            None => self.behind_the_one_before(hole, segments),
        };
        WalError::Damaged {
            segment: place.segment,
            offset: place.offset,
            sequence: hole.sequence,
            witness: hole.witness.0,
            found,
        }
    }

    fn behind_the_one_before(
        &self,
        hole: &Hole,
        segments: &BTreeMap<u32, Segment>,
    ) -> (Place, Found) {
        let older = self
            .frames
            .iter()
            .filter(|frame| frame.sequence < hole.sequence);
        let mut place = match older.max_by_key(|frame| frame.sequence) {
            Some(frame) => Place {
                segment: frame.place.segment,
                offset: frame.place.offset + frame.stored_len(),
            },
            None => Place {
                segment: hole.witness.1.segment,
                offset: PAGE,
            },
        };
        let full = segments
            .get(&place.segment)
            .is_some_and(|last| place.offset >= last.bytes);
        if full {
            place = Place {
                segment: hole.witness.1.segment,
                offset: PAGE,
            };
        }
        let other = self.frames.iter().find(|frame| frame.place == place);
        (
            place,
            other.map_or(Found::NoFrame, |frame| Found::Other(frame.sequence)),
        )
    }
}

fn name(contradiction: Contradiction, mark: &Mark) -> WalError {
    match contradiction {
        Contradiction::Root(frame) => WalError::Root {
            segment: frame.place.segment,
            offset: frame.place.offset,
            sequence: frame.sequence,
            size: mark.size,
            expected: mark.root,
            found: frame.mark.root,
        },
        Contradiction::Below(frame) => WalError::BelowMark {
            segment: frame.place.segment,
            offset: frame.place.offset,
            sequence: frame.sequence,
            expected: mark.size,
            found: frame.mark.size,
        },
    }
}
