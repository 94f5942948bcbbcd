//! The write-ahead segments under power cuts, damage and full disks.

use chain::Hash;
use quittance::store::disk::RealDisk;
use quittance::store::simdisk::{Fault, FaultKind, FaultOn, SimDisk};
use quittance::store::wal::{Frame, FrameKind, Mark, Wal, WalError, WalOptions};

const OPTIONS: WalOptions = WalOptions {
    segment_bytes: 16 * 4096,
    segments: 2,
    salt: [3; 32],
};

fn mark(size: u64) -> Mark {
    let mut root = [0; 32];
    root[..8].copy_from_slice(&size.to_be_bytes());
    Mark {
        size,
        root: Hash::from_bytes(root),
    }
}

/// A payload that says which one it is, of a length that depends on it.
fn payload(number: u64) -> Vec<u8> {
    let length = 8 + (number * 2711 % 9000) as usize;
    number
        .to_be_bytes()
        .into_iter()
        .cycle()
        .take(length)
        .collect()
}

fn open(disk: &SimDisk) -> Result<(Wal, Vec<(u64, u64)>), WalError> {
    open_at(disk, None)
}

/// Opens, and returns (sequence, number) of each frame after checking its whole payload.
fn open_at(disk: &SimDisk, at: Option<Mark>) -> Result<(Wal, Vec<(u64, u64)>), WalError> {
    let (wal, recovered) = Wal::open(disk.shared(), &OPTIONS, at.as_ref())?;
    let frames = recovered
        .frames
        .iter()
        .map(|frame| (frame.sequence, number(&wal, frame)));
    let frames = frames.collect();
    Ok((wal, frames))
}

fn number(wal: &Wal, frame: &Frame) -> u64 {
    assert_eq!(
        frame.mark,
        mark(frame.mark.size),
        "size and root belong together"
    );
    match frame.kind {
        FrameKind::Group => assert_eq!(wal.payload(frame).unwrap(), payload(frame.mark.size)),
        FrameKind::Close => assert_eq!(frame.length, 0),
    }
    frame.mark.size
}

fn group(wal: &mut Wal, number: u64) -> u64 {
    let bytes = payload(number);
    let (left, right) = bytes.split_at(5);
    wal.append(FrameKind::Group, mark(number), &[left, right])
        .unwrap()
}

/// A dice for the tests' own choices.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 33) % sides
    }
}

/// What one run of random work knows it was promised.
struct Promise {
    /// (sequence, number) of every frame written, in order, newest last.
    written: Vec<(u64, u64)>,
    synced: u64,
    released: u64,
}

/// Writes, syncs and releases at random, and returns what must still be there.
fn work(wal: &mut Wal, dice: &mut Dice, promise: &mut Promise) {
    for _ in 0..dice.below(40) {
        let number = promise.written.last().map_or(1, |(_, number)| number + 1);
        promise.written.push((group(wal, number), number));
        if dice.below(3) > 0 {
            wal.sync().unwrap();
            promise.synced = wal.last_sequence();
        }
        if dice.below(4) == 0 && promise.synced > 0 {
            let oldest = wal.tail().oldest().unwrap_or(promise.synced);
            let sequence = promise.synced.min(oldest + dice.below(8));
            wal.tail().release(sequence);
            promise.released = promise.released.max(sequence);
        }
    }
}

/// Runs work, power cut and open several times; says whether a promise was broken.
fn survives(seed: u64, lies: bool) -> bool {
    let disk = SimDisk::new();
    let mut dice = Dice(seed);
    let mut promise = Promise {
        written: Vec::new(),
        synced: 0,
        released: 0,
    };
    let (mut wal, _) = open(&disk).unwrap();
    disk.set_sync_lies(lies);
    for round in 0..4 {
        work(&mut wal, &mut dice, &mut promise);
        disk.power_cut(seed * 31 + round);
        let Ok((reopened, found)) = open(&disk) else {
            return false;
        };
        if !kept(&mut promise, &found) {
            return false;
        }
        wal = reopened;
    }
    true
}

/// Everything synced and not released is there, in order; beyond it at most more of what was
/// written.
fn kept(promise: &mut Promise, found: &[(u64, u64)]) -> bool {
    let Some((first, _)) = found.first() else {
        return promise.synced == 0;
    };
    let start = promise
        .written
        .iter()
        .position(|(sequence, _)| sequence == first);
    let Some(start) = start else { return false };
    let end = start + found.len();
    let fits = promise.written.get(start..end) == Some(found)
        && found[found.len() - 1].0 >= promise.synced;
    let missing = promise.written[..start]
        .iter()
        .any(|(sequence, _)| *sequence > promise.released);
    promise.written.truncate(end);
    promise.synced = found[found.len() - 1].0;
    fits && !missing
}

#[test]
fn what_was_synced_survives_a_power_cut() {
    for seed in 0..200 {
        assert!(survives(seed, false), "seed {seed}");
    }
}

#[test]
fn the_same_test_notices_a_sync_that_lies() {
    let lost = (0..40).filter(|seed| !survives(*seed, true)).count();
    assert!(lost > 20, "only {lost} of 40 runs lost something");
}

#[test]
fn frames_come_back_in_order_after_a_clean_stop_however_often() {
    let disk = SimDisk::new();
    let (mut wal, _) = open(&disk).unwrap();
    for number in 1..=40 {
        group(&mut wal, number);
    }
    wal.sync().unwrap();
    wal.commit(FrameKind::Close, mark(41), &[]).unwrap();
    drop(wal);
    for _ in 0..5 {
        let (_, found) = open_at(&disk, Some(mark(41))).unwrap();
        assert!(found.iter().map(|(_, number)| *number).eq(1..=41));
    }
    let files = disk.shared().list().unwrap().len();
    assert!(
        files <= 16,
        "opening again and again takes no more files: {files}"
    );
}

/// Three groups, a closing frame, one more group; all synced. Returns the file and its end.
fn small(disk: &SimDisk) -> (String, Vec<u8>, Vec<(u64, u64)>) {
    let options = WalOptions {
        segments: 1,
        ..OPTIONS
    };
    let (mut wal, _) = Wal::open(disk.shared(), &options, None).unwrap();
    let mut written = Vec::new();
    for number in 1..=2 {
        written.push((group(&mut wal, number), number));
        wal.sync().unwrap();
    }
    written.push((wal.commit(FrameKind::Close, mark(3), &[]).unwrap(), 3));
    written.push((group(&mut wal, 4), 4));
    wal.sync().unwrap();
    let name = disk.shared().list().unwrap().remove(0);
    let bytes = disk.contents(&name).unwrap();
    (name, bytes, written)
}

#[test]
fn every_flipped_byte_is_detected_or_harmless() {
    let disk = SimDisk::new();
    let (name, whole, written) = small(&disk);
    let end = whole.len() - whole.iter().rev().position(|byte| *byte != 0).unwrap();
    let (mut refused, mut cut, mut harmless) = (0, 0, 0);
    for at in 0..end {
        let mut damaged = whole.clone();
        damaged[at] ^= 1 << (at % 8);
        let trial = SimDisk::new();
        trial.put(&name, &damaged);
        match open(&trial) {
            Err(WalError::Damaged { segment: 1, .. } | WalError::SegmentHeader { segment: 1 }) => {
                refused += 1
            }
            Err(error) => panic!("byte {at}: {error}"),
            Ok((_, found)) if found == written => harmless += 1,
            Ok((_, found)) => {
                assert_eq!(
                    found,
                    written[..3],
                    "byte {at}: only the last frame may be cut"
                );
                cut += 1;
            }
        }
    }
    assert!(
        refused > 4096 && cut > 160 && harmless > 0,
        "{refused} {cut} {harmless}"
    );
}

#[test]
fn damage_is_named() {
    let disk = SimDisk::new();
    let (name, mut bytes, written) = small(&disk);
    bytes[2 * 4096 + 1000] ^= 1;
    disk.put(&name, &bytes);
    let error = open(&disk).err().unwrap();
    let WalError::Damaged {
        segment,
        offset,
        sequence,
        witness,
        ..
    } = error
    else {
        panic!("{error}");
    };
    assert_eq!(
        (segment, offset, sequence, witness),
        (1, 8192, written[1].0, written[2].0)
    );
}

#[test]
fn a_cut_file_is_refused() {
    let disk = SimDisk::new();
    let (name, whole, _) = small(&disk);
    for length in [0, 100, 4096, 8192, 12288, whole.len() - 1] {
        disk.put(&name, &whole[..length]);
        let error = open(&disk).err().unwrap();
        assert!(
            matches!(error, WalError::SegmentLength { segment: 1, .. }),
            "{error}"
        );
    }
}

#[test]
fn a_mark_above_or_beside_the_last_closing_frame_is_refused() {
    let disk = SimDisk::new();
    let (mut wal, _) = open(&disk).unwrap();
    group(&mut wal, 1);
    wal.commit(FrameKind::Close, mark(5), &[]).unwrap();
    assert!(matches!(
        open_at(&disk, Some(mark(6))),
        Err(WalError::BelowMark { .. })
    ));
    let other = Mark {
        size: 5,
        root: Hash::ZERO,
    };
    assert!(matches!(
        open_at(&disk, Some(other)),
        Err(WalError::Root { .. })
    ));
    assert!(open_at(&disk, Some(mark(5))).is_ok());
    assert!(open_at(&disk, Some(mark(4))).is_ok());
}

#[test]
fn recycled_segments_never_give_old_frames_back() {
    let disk = SimDisk::new();
    let (mut wal, _) = open(&disk).unwrap();
    let mut newest = Vec::new();
    for number in 1..=300 {
        newest.push((group(&mut wal, number), number));
        wal.sync().unwrap();
        if newest.len() > 3 {
            newest.remove(0);
            wal.tail().release(newest[0].0 - 1);
        }
        if number % 50 == 0 {
            let copy = SimDisk::new();
            for name in disk.shared().list().unwrap() {
                copy.put(&name, &disk.contents(&name).unwrap());
            }
            let (_, found) = open(&copy).unwrap();
            assert!(found.ends_with(&newest) && found.len() <= newest.len() + 1);
        }
    }
    assert!(
        disk.shared().list().unwrap().len() <= 3,
        "segments are used again"
    );
}

#[test]
fn a_group_above_the_stated_limit_is_refused_and_nothing_else_changes() {
    let disk = SimDisk::new();
    let (mut wal, _) = open(&disk).unwrap();
    let limit = OPTIONS.payload_max();
    let too_long = vec![1; limit as usize + 1];
    let error = wal
        .append(FrameKind::Group, mark(1), &[&too_long])
        .unwrap_err();
    assert!(matches!(error, WalError::TooLong { limit: stated, .. } if stated == limit));
    let sequence = wal
        .commit(FrameKind::Group, mark(1), &[&too_long[1..]])
        .unwrap();
    let (wal, recovered) = Wal::open(disk.shared(), &OPTIONS, None).unwrap();
    assert_eq!(recovered.frames[0].sequence, sequence);
    assert_eq!(wal.payload(&recovered.frames[0]).unwrap(), too_long[1..]);
}

#[test]
fn a_failed_write_or_sync_stops_the_log_for_good() {
    for on in [FaultOn::Write, FaultOn::Sync] {
        for kind in [FaultKind::Io, FaultKind::Full] {
            let disk = SimDisk::new();
            let (mut wal, _) = open(&disk).unwrap();
            group(&mut wal, 1);
            disk.set_fault(Some(Fault { on, kind, after: 0 }));
            let failed = wal.commit(FrameKind::Group, mark(2), &[&payload(2)]);
            assert!(matches!(failed, Err(WalError::Io { .. })));
            disk.set_fault(None);
            assert!(matches!(wal.sync(), Err(WalError::Stopped)));
            let again = wal.commit(FrameKind::Close, mark(2), &[]);
            assert!(matches!(again, Err(WalError::Stopped)));
        }
    }
}

#[test]
fn a_commit_is_one_write_and_one_sync() {
    let disk = SimDisk::new();
    let (mut wal, _) = open(&disk).unwrap();
    let before = disk.counts();
    wal.commit(FrameKind::Group, mark(1), &[&payload(1), &payload(2)])
        .unwrap();
    let after = disk.counts();
    assert_eq!(
        (after.writes - before.writes, after.syncs - before.syncs),
        (1, 1)
    );
}

#[test]
fn an_erasure_leaves_no_byte_of_what_was_released() {
    let disk = SimDisk::new();
    let secret = *b"a key that must be gone for good";
    let (mut wal, _) = open(&disk).unwrap();
    for round in 0..3 {
        for number in 1..=20 {
            wal.commit(FrameKind::Group, mark(number), &[&secret, &payload(number)])
                .unwrap();
        }
        wal.tail()
            .release(wal.last_sequence() - if round == 2 { 5 } else { 0 });
    }
    let barrier = wal.rotate(mark(21)).unwrap();
    let scrub = wal.scrub().unwrap();
    assert!(scrub.cleared_below < barrier && !scrub.waiting.is_empty());
    wal.tail().release(barrier - 1);
    let scrub = wal.scrub().unwrap();
    assert!(scrub.cleared_below >= barrier && scrub.waiting.is_empty());
    disk.power_cut(1);
    for name in disk.shared().list().unwrap() {
        let bytes = disk.contents(&name).unwrap();
        assert!(
            !bytes.windows(secret.len()).any(|window| window == secret),
            "{name}"
        );
    }
    let (mut wal, found) = open_at(&disk, Some(mark(21))).unwrap();
    assert!(found.iter().all(|(_, number)| *number == 21));
    assert!(group(&mut wal, 22) > barrier, "sequences go on");
}

#[test]
fn bytes_in_a_payload_are_never_taken_for_a_frame() {
    let disk = SimDisk::new();
    let (_, whole, _) = small(&disk);
    let forged = &whole[4096..];
    let other = SimDisk::new();
    let options = WalOptions {
        segment_bytes: 32 * 4096,
        salt: [9; 32],
        ..OPTIONS
    };
    let (mut wal, _) = Wal::open(other.shared(), &options, None).unwrap();
    let pad = vec![0; 4096 - 160];
    wal.commit(FrameKind::Group, mark(7), &[&pad, forged])
        .unwrap();
    let name = other.shared().list().unwrap().remove(0);
    let mut bytes = other.contents(&name).unwrap();
    bytes[4096] ^= 1;
    other.put(&name, &bytes);
    let (_, recovered) = Wal::open(other.shared(), &options, None).unwrap();
    assert!(recovered.frames.is_empty() && recovered.cut == 0);
}

#[test]
fn real_files_work_the_same() {
    let place = tempfile::tempdir().unwrap();
    let disk = std::sync::Arc::new(RealDisk::create(place.path()).unwrap());
    let options = WalOptions {
        segment_bytes: 1 << 20,
        segments: 3,
        salt: [4; 32],
    };
    let (mut wal, _) = Wal::open(disk.clone(), &options, None).unwrap();
    for number in 1..=900 {
        group(&mut wal, number);
    }
    wal.sync().unwrap();
    drop(wal);
    let (wal, recovered) = Wal::open(disk, &options, None).unwrap();
    assert_eq!(recovered.frames.len(), 900);
    assert!(
        recovered
            .frames
            .iter()
            .map(|frame| number(&wal, frame))
            .eq(1..=900)
    );
    let stored: u64 = recovered.frames.iter().map(Frame::stored_len).sum();
    assert_eq!(wal.tail().live_bytes(), stored);
}
