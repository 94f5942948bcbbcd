//! Head file, write-ahead segments, key slots, clock.

use std::sync::Arc;

use super::Diagnosis;
use crate::clock::Clock;
use crate::config::Config;
use crate::node::error::OpenError;
use crate::store::disk::{Disk, RealDisk};
use crate::store::head::{Head, HeadFile};
use crate::store::slots::KeySlots;
use crate::store::wal::{Frame, Mark, Wal};

pub(super) fn head(found: &mut Diagnosis, disk: &Arc<RealDisk>) -> Option<Head> {
    match HeadFile::open(Arc::<RealDisk>::clone(disk)) {
        Ok(file) => {
            let head = file.head();
            match head {
                Some(head) => {
                    let what = format!("{} entries were signed and stored", head.size);
                    found.ok("head file", what);
                }
                None => found.refusal("head file", &OpenError::NoHead { size: 2 }),
            }
            head
        }
        Err(error) => {
            found.refusal("head file", &OpenError::Head(error));
            None
        }
    }
}

pub(super) fn clock(found: &mut Diagnosis, head: Option<&Head>) {
    let Some(head) = head else { return };
    match Clock::start().check(head.time) {
        Ok(()) => found.ok("clock", "near the log's last time, and not before it"),
        Err(error @ crate::clock::ClockError::Ahead { .. }) => {
            let mend =
                "if the clock is right, a live log starts with `quittance run --accept-time`";
            found.warn("clock", error, mend);
        }
        Err(error) => found.refusal("clock", &OpenError::Clock(error)),
    }
}

/// Reads the segments; gives the frames that count.
pub(super) fn wal(
    found: &mut Diagnosis,
    config: &Config,
    disk: &Arc<RealDisk>,
    head: &Head,
) -> Option<Vec<Frame>> {
    let path = config.data_dir.join("wal");
    let io = |source| OpenError::Io {
        path: path.clone(),
        source,
    };
    let mark = Mark {
        size: head.size,
        root: head.root,
    };
    let looked = match (path.exists(), head.size) {
        // None was made yet.
        (false, 0..=1) => return Some(Vec::new()),
        (false, size) => {
            let error = crate::store::wal::WalError::NoSegments { size };
            found.refusal("write-ahead log", &OpenError::Wal(error));
            return None;
        }
        (true, _) => disk.folder("wal").map_err(io),
    };
    let looked = looked.and_then(|disk| Ok(Wal::look(&*disk, Some(&mark))?));
    match looked {
        Ok(recovered) => {
            let frames = recovered.frames.len();
            let mut what = format!("{frames} frames count, all of them whole");
            if recovered.cut > 0 || recovered.torn.is_some() {
                what.push_str("; the last write was interrupted, as after a crash");
            }
            found.ok("write-ahead log", what);
            Some(recovered.frames)
        }
        Err(error) => {
            found.refusal("write-ahead log", &error);
            None
        }
    }
}

/// Gaps that are named one by one.
const GAPS_NAMED: usize = 5;

pub(super) fn slots(
    found: &mut Diagnosis,
    disk: &dyn Disk,
    head: Option<&Head>,
    frames: Option<&[Frame]>,
) {
    let size = head.map_or(0, |head| head.size);
    match KeySlots::exist(disk) {
        Ok(false) if size > 1 => found.refusal("key slots", &OpenError::NoSlots { size }),
        Ok(false) => {}
        Ok(true) => {
            // Entry 0 has no body; the frames that count bring the keys of what they hold.
            let wal = frames
                .and_then(<[Frame]>::first)
                .map(|frame| frame.mark.size);
            let end = wal.map_or(size, |wal| wal.min(size));
            match KeySlots::open(disk).and_then(|slots| slots.gaps(1, end)) {
                Ok(gaps) => tell_gaps(found, &gaps, end),
                Err(error) => found.refusal("key slots", &OpenError::Slots(error)),
            }
        }
        Err(error) => found.refusal("key slots", &OpenError::Slots(error)),
    }
}

/// Says which entries need a slot that is empty or damaged.
fn tell_gaps(found: &mut Diagnosis, gaps: &[std::ops::Range<u64>], end: u64) {
    if gaps.is_empty() {
        let need = end.saturating_sub(1);
        let what = format!("each of the {need} entries that need one has its slot");
        return found.ok("key slots", what);
    }
    let lost: u64 = gaps.iter().map(|gap| gap.end - gap.start).sum();
    let named = gaps.iter().take(GAPS_NAMED).map(|gap| {
        let last = gap.end - 1;
        if gap.start == last {
            last.to_string()
        } else {
            format!("{} to {last}", gap.start)
        }
    });
    let mut named = named.collect::<Vec<_>>().join(", ");
    if gaps.len() > GAPS_NAMED {
        named += &format!(" and {} more gaps", gaps.len() - GAPS_NAMED);
    }
    let what = format!(
        "{lost} slots are empty or damaged: the bodies of entries {named} stay closed, money and proofs do without"
    );
    let mend = "put `keys.slots` back from its own backup, before the node runs";
    found.warn("key slots", what, mend);
}
