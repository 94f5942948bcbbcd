//! The commit thread: writes the inputs of each group to the WAL and waits for the disk, while the
//! applier is already computing what they lead to.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};
use prometheus_client::metrics::histogram::Histogram;

use super::fatal;
use super::frame::Group;
use crate::clock;
use crate::store::wal::{FrameKind, Mark, Wal, WalError};

/// What the commit thread is told to do, in order.
pub(super) enum Commit {
    /// Make a group durable; `Mark` is the log before it.
    Group(Arc<Group>, Mark),
    /// State where the log stands: nothing follows for now.
    Close(Mark),
    /// Leave no erased key in any segment.
    Scrub(Scrub),
}

/// An order to leave no byte of what was written before in any segment.
pub(super) struct Scrub {
    /// More was erased since the last order: what was written up to now has to go.
    pub(super) fresh: bool,
    /// Hears whether it is done. If not, it is to be ordered again after further frames were
    /// released.
    pub(super) done: Sender<bool>,
}

/// How far an erasure has come.
#[derive(Default)]
struct Erasure {
    /// The segments are to be rotated as soon as it is known where the log stands.
    wanted: bool,
    /// Frames below this sequence must be gone.
    barrier: Option<u64>,
}

/// Runs until nobody can commit any more. Each durable group's frame sequence goes to `durable`;
/// `start` is where the log stands now.
/// `took` hears how long each sync took.
pub(super) fn run(
    mut wal: Wal,
    start: Mark,
    commits: &Receiver<Commit>,
    durable: &Sender<u64>,
    took: &Histogram,
) {
    let mut erasure = Erasure::default();
    // Where the log stands, unless the last frame is a group.
    let mut at = Some(start);
    for commit in commits {
        let result = match commit {
            Commit::Group(group, mark) => {
                at = None;
                erasure.rotate(&mut wal, Some(mark)).and_then(|()| {
                    let bytes = group.to_bytes();
                    let started = clock::instant();
                    let sequence = wal.commit(FrameKind::Group, mark, &[&bytes])?;
                    took.observe(started.elapsed().as_secs_f64());
                    // The publisher is gone only when the process is going down.
                    let _ = durable.send(sequence);
                    Ok(())
                })
            }
            Commit::Close(mark) => {
                at = Some(mark);
                let closed = wal.commit(FrameKind::Close, mark, &[]);
                closed.and_then(|_| erasure.rotate(&mut wal, at))
            }
            Commit::Scrub(Scrub { fresh, done }) => {
                erasure.scrub(&mut wal, at, fresh).map(|clear| {
                    let _ = done.send(clear);
                })
            }
        };
        if let Err(error) = result {
            // State was applied beyond what is durable; it dies with the process, unseen.
            fatal(&format!(
                "the write-ahead log failed: {}",
                super::chain_of(&error)
            ));
        }
    }
}

impl Erasure {
    /// Moves on to another segment, if an erasure waits for that and `at` is known.
    fn rotate(&mut self, wal: &mut Wal, at: Option<Mark>) -> Result<(), WalError> {
        if self.wanted
            && let Some(mark) = at
        {
            self.barrier = Some(wal.rotate(mark)?);
            self.wanted = false;
        }
        Ok(())
    }

    fn scrub(&mut self, wal: &mut Wal, at: Option<Mark>, fresh: bool) -> Result<bool, WalError> {
        // An older barrier does not cover what was erased since.
        self.wanted |= fresh || self.barrier.is_none();
        self.rotate(wal, at)?;
        let Some(barrier) = self.barrier.filter(|_| !self.wanted) else {
            return Ok(false);
        };
        let clear = wal.scrub()?.cleared_below >= barrier;
        if clear {
            self.barrier = None;
        }
        Ok(clear)
    }
}

#[cfg(test)]
mod tests {
    use chain::Hash;
    use crossbeam_channel::{bounded, unbounded};

    use super::*;
    use crate::store::disk::Disk;
    use crate::store::simdisk::SimDisk;
    use crate::store::wal::WalOptions;

    fn group(secret: u64) -> Arc<Group> {
        let inputs = Vec::new();
        Arc::new(Group {
            proposed: secret,
            inputs,
        })
    }

    fn on_disk(disk: &SimDisk, group: &Group) -> bool {
        let bytes = group.to_bytes();
        let files = disk.list().unwrap();
        let contents = files.iter().filter_map(|name| disk.contents(name));
        contents
            .into_iter()
            .any(|file| file.windows(bytes.len()).any(|window| window == bytes))
    }

    /// The first erasure still waits for a release when the second one comes.
    #[test]
    fn an_order_covers_what_was_erased_since_the_one_before() {
        let disk = SimDisk::new();
        let mut options = WalOptions::new([7; 32]);
        (options.segment_bytes, options.segments) = (64 << 10, 4);
        let (wal, _) = Wal::open(disk.shared(), &options, None).unwrap();
        let tail = wal.tail();
        let mark = Mark {
            size: 1,
            root: Hash::ZERO,
        };
        let (commits, queue) = bounded(4);
        let (durable, sequences) = unbounded();
        let thread =
            std::thread::spawn(move || run(wal, mark, &queue, &durable, &Histogram::new([1.0])));
        let write = |group: &Arc<Group>| {
            commits
                .send(Commit::Group(Arc::clone(group), mark))
                .unwrap();
            commits.send(Commit::Close(mark)).unwrap();
            sequences.recv().unwrap()
        };
        let scrub = |fresh| {
            let (done, answer) = bounded(1);
            commits.send(Commit::Scrub(Scrub { fresh, done })).unwrap();
            answer.recv().unwrap()
        };
        let (first, second) = (group(0x0123_4567_89ab_cdef), group(0xfedc_ba98_7654_3210));
        write(&first);
        assert!(!scrub(true), "its frame is not released");
        tail.release(write(&second));
        assert!(on_disk(&disk, &first) && on_disk(&disk, &second));
        let mut fresh = true;
        while !scrub(std::mem::take(&mut fresh)) {}
        assert!(!on_disk(&disk, &first) && !on_disk(&disk, &second));
        drop(commits);
        thread.join().unwrap();
    }
}
