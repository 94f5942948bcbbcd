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

pub(super) fn slots(found: &mut Diagnosis, disk: &dyn Disk, head: Option<&Head>) {
    let size = head.map_or(0, |head| head.size);
    match KeySlots::exist(disk) {
        Ok(false) if size > 1 => found.refusal("key slots", &OpenError::NoSlots { size }),
        Ok(false) => {}
        Ok(true) => match KeySlots::open(disk) {
            Ok(slots) if slots.written() < size && size > 1 => {
                let written = slots.written();
                let what = format!(
                    "they end at {written} of {size} entries: bodies behind stay closed unless the write-ahead log has their keys"
                );
                found.warn(
                    "key slots",
                    what,
                    "put `keys.slots` back from its own backup",
                );
            }
            Ok(slots) => found.ok(
                "key slots",
                format!("written for {} entries", slots.written()),
            ),
            Err(error) => found.refusal("key slots", &OpenError::Slots(error)),
        },
        Err(error) => found.refusal("key slots", &OpenError::Slots(error)),
    }
}
