//! Which of the frames found on disk count: a pure function.
//!
//! A scan finds whole frames of the present and of earlier uses of the segments, in any order, some
//! of them twice. Every frame names its predecessor (sequence and checksum), the newest frame that
//! was durable when it was written (`synced`), and the oldest that was still needed (`live`). So:
//!
//! * the greatest `synced` of all is the **floor**: frames up to it were acknowledged;
//! * the **tip** is the newest frame from which the predecessors can be followed down to the oldest
//!   that it still needs; these frames, in order, are the live ones;
//! * a predecessor missing at or below the floor is damage, and stops the node. Missing above the
//!   floor it was never synced, and the frames that followed it are cut: nobody has heard of them.
//!
//! A frame of an earlier use is left out because nothing that counts names it, not because of where
//! it lies.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::frame::{Frame, FrameKind, Mark, Place};

/// The frames that count, oldest first.
#[derive(Debug, Default)]
pub(super) struct Chain {
    pub(super) frames: Vec<Frame>,
    /// Whole frames newer than the last one that counts.
    pub(super) cut: usize,
}

/// A frame that must be there and is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hole {
    /// Sequence of the missing frame.
    pub(super) sequence: u64,
    /// Sequence and place of the frame that proves that it was there.
    pub(super) witness: (u64, Place),
}

/// Chooses the frames that count.
pub(super) fn choose(found: &[Frame]) -> Result<Chain, Hole> {
    let by_checksum: BTreeMap<[u8; 32], Frame> =
        found.iter().map(|frame| (frame.checksum, *frame)).collect();
    let Some(floor) = by_checksum.values().max_by_key(|frame| frame.links.synced) else {
        return Ok(Chain::default());
    };
    let mut newest_first: Vec<&Frame> = by_checksum.values().collect();
    newest_first.sort_unstable_by_key(|frame| Reverse(frame.sequence));
    for (cut, tip) in newest_first.iter().enumerate() {
        if tip.sequence < floor.links.synced {
            break;
        }
        match follow(tip, &by_checksum) {
            Ok(frames) => return Ok(Chain { frames, cut }),
            Err(hole) if hole.sequence <= floor.links.synced => return Err(hole),
            Err(_) => {}
        }
    }
    if floor.links.synced == 0 {
        return Ok(Chain {
            frames: Vec::new(),
            cut: newest_first.len(),
        });
    }
    Err(Hole {
        sequence: floor.links.synced,
        witness: (floor.sequence, floor.place),
    })
}

fn follow(tip: &Frame, by_checksum: &BTreeMap<[u8; 32], Frame>) -> Result<Vec<Frame>, Hole> {
    let mut frames = vec![*tip];
    let mut frame = *tip;
    while frame.sequence > tip.links.live && frame.links.previous != 0 {
        let hole = Hole {
            sequence: frame.links.previous,
            witness: (frame.sequence, frame.place),
        };
        let previous = by_checksum
            .get(&frame.links.previous_checksum)
            .ok_or(hole)?;
        if previous.sequence != frame.links.previous {
            return Err(hole);
        }
        frame = *previous;
        frames.push(frame);
    }
    frames.reverse();
    Ok(frames)
}

/// Sets each frame's place to one of its copies, so that they lie in as few segments as possible.
pub(super) fn settle(frames: &mut [Frame], found: &[Frame]) {
    let wanted: BTreeSet<[u8; 32]> = frames.iter().map(|frame| frame.checksum).collect();
    let mut by_segment: BTreeMap<u32, Vec<&Frame>> = BTreeMap::new();
    for copy in found
        .iter()
        .filter(|frame| wanted.contains(&frame.checksum))
    {
        by_segment.entry(copy.place.segment).or_default().push(copy);
    }
    let mut fullest_first: Vec<Vec<&Frame>> = by_segment.into_values().collect();
    fullest_first.sort_by_key(|copies| Reverse(copies.len()));
    let mut places: BTreeMap<[u8; 32], Place> = BTreeMap::new();
    for copy in fullest_first.into_iter().flatten() {
        places.entry(copy.checksum).or_insert(copy.place);
    }
    for frame in frames {
        frame.place = places.get(&frame.checksum).copied().unwrap_or(frame.place);
    }
}

/// How the frames that count contradict a mark kept elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Contradiction {
    /// This frame states another root for the mark's size.
    Root(Box<Frame>),
    /// This last frame says that the log ended below the mark.
    Below(Box<Frame>),
}

/// Compares the frames that count with a mark kept elsewhere.
///
/// A tip that is a group cannot be compared: where it ends is known after it was applied. The
/// caller compares again then.
pub(super) fn compare(frames: &[Frame], mark: &Mark) -> Result<(), Contradiction> {
    let differs = |frame: &&Frame| frame.mark.size == mark.size && frame.mark.root != mark.root;
    if let Some(frame) = frames.iter().find(differs) {
        return Err(Contradiction::Root(Box::new(*frame)));
    }
    match frames.last() {
        Some(tip) if tip.kind == FrameKind::Close && tip.mark.size < mark.size => {
            Err(Contradiction::Below(Box::new(*tip)))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use chain::Hash;

    use super::super::frame::Links;
    use super::*;

    /// A frame whose checksum is its sequence, after `previous`.
    fn frame(sequence: u64, previous: u64, synced: u64, live: u64) -> Frame {
        Frame {
            kind: FrameKind::Close,
            sequence,
            mark: Mark {
                size: sequence,
                root: Hash::ZERO,
            },
            length: 0,
            links: Links {
                previous,
                previous_checksum: sum(previous),
                synced,
                live,
            },
            checksum: sum(sequence),
            place: Place {
                segment: 1,
                offset: sequence * 4096,
            },
        }
    }

    fn sum(sequence: u64) -> [u8; 32] {
        let mut sum = [0; 32];
        sum[..8].copy_from_slice(&sequence.to_be_bytes());
        sum
    }

    fn sequences(chain: &Chain) -> Vec<u64> {
        chain.frames.iter().map(|frame| frame.sequence).collect()
    }

    #[test]
    fn live_frames_come_out_in_order_and_released_ones_do_not() {
        let found = [frame(3, 2, 2, 2), frame(1, 0, 0, 1), frame(2, 1, 1, 1)];
        let chain = choose(&found).unwrap();
        assert_eq!((sequences(&chain), chain.cut), (vec![2, 3], 0));
        assert!(choose(&[]).unwrap().frames.is_empty());
    }

    #[test]
    fn a_hole_below_the_floor_is_damage() {
        let found = [frame(1, 0, 0, 1), frame(3, 2, 2, 1)];
        assert_eq!(choose(&found).unwrap_err().sequence, 2);
        let released = [frame(3, 2, 2, 3)];
        assert_eq!(sequences(&choose(&released).unwrap()), [3]);
    }

    #[test]
    fn a_hole_above_the_floor_cuts_what_follows() {
        let found = [
            frame(1, 0, 0, 1),
            frame(2, 1, 1, 1),
            frame(4, 3, 1, 1),
            frame(5, 4, 1, 1),
        ];
        let chain = choose(&found).unwrap();
        assert_eq!((sequences(&chain), chain.cut), (vec![1, 2], 2));
        let only_unsynced = [frame(2, 1, 0, 1), frame(3, 2, 0, 1)];
        assert!(choose(&only_unsynced).unwrap().frames.is_empty());
    }

    #[test]
    fn the_floor_itself_must_be_there() {
        let found = [frame(1, 0, 0, 1), frame(2, 1, 1, 1), frame(5, 4, 3, 1)];
        assert_eq!(choose(&found).unwrap_err().sequence, 3);
    }

    #[test]
    fn copies_are_taken_from_the_fullest_segment() {
        let mut frames = [frame(1, 0, 0, 1), frame(2, 1, 1, 1)];
        let found = [0, 0, 1, 0].map(|at| frames[at]);
        let found: Vec<Frame> = (0..)
            .zip(found)
            .map(|(at, frame)| moved(frame, at / 2))
            .collect();
        settle(&mut frames, &found);
        assert_eq!(frames.map(|frame| frame.place.segment), [0, 1]);
        let copies = [found[0], found[2], moved(frames[0], 1)];
        settle(&mut frames, &copies);
        assert_eq!(frames.map(|frame| frame.place.segment), [1, 1]);
    }

    fn moved(mut frame: Frame, segment: u32) -> Frame {
        frame.place.segment = segment;
        frame
    }

    #[test]
    fn a_mark_is_compared_by_root_and_by_size() {
        let frames = [frame(4, 3, 3, 4), frame(6, 4, 4, 4)];
        let mark = |size, byte| Mark {
            size,
            root: Hash::from_bytes([byte; 32]),
        };
        assert_eq!(compare(&frames, &mark(6, 0)), Ok(()));
        assert_eq!(compare(&frames, &mark(5, 1)), Ok(()));
        assert_eq!(
            compare(&frames, &mark(4, 1)),
            Err(Contradiction::Root(Box::new(frames[0])))
        );
        assert_eq!(
            compare(&frames, &mark(7, 0)),
            Err(Contradiction::Below(Box::new(frames[1])))
        );
    }
}
