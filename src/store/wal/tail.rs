//! The frames that sled has not provably taken yet, shared with whoever fills sled.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::frame::FrameKind;

/// A handle on the live frames; clones share one state, and no call waits for the disk.
#[derive(Clone, Debug, Default)]
pub struct Tail(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// Oldest first. The first is never a closing frame: one with no live group before it says
    /// nothing that the next frame does not say as well.
    frames: VecDeque<Live>,
    bytes: u64,
}

#[derive(Clone, Copy, Debug)]
struct Live {
    sequence: u64,
    bytes: u64,
    kind: FrameKind,
}

impl Tail {
    /// States that all frames up to and including `sequence` are provably in sled, and the head
    /// file and key slots are synced: their segments may be overwritten from the next frame on.
    pub fn release(&self, sequence: u64) {
        let mut state = self.lock();
        let done = |live: &mut Live| live.sequence <= sequence || live.kind == FrameKind::Close;
        while let Some(live) = state.frames.pop_front_if(done) {
            state.bytes -= live.bytes;
        }
    }

    /// Returns the bytes on disk of all frames not yet released.
    #[must_use]
    pub fn live_bytes(&self) -> u64 {
        self.lock().bytes
    }

    /// Returns the oldest sequence not yet released.
    #[must_use]
    pub fn oldest(&self) -> Option<u64> {
        self.lock().frames.front().map(|live| live.sequence)
    }

    pub(super) fn push(&self, sequence: u64, bytes: u64, kind: FrameKind) {
        let mut state = self.lock();
        if state.frames.is_empty() && kind == FrameKind::Close {
            return;
        }
        state.frames.push_back(Live {
            sequence,
            bytes,
            kind,
        });
        state.bytes += bytes;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn release_takes_from_the_old_end_and_is_idempotent() {
        let tail = Tail::default();
        for sequence in [3, 5, 6] {
            tail.push(sequence, 4096, FrameKind::Group);
        }
        tail.release(2);
        assert_eq!((tail.live_bytes(), tail.oldest()), (3 * 4096, Some(3)));
        tail.release(5);
        tail.release(4);
        assert_eq!((tail.live_bytes(), tail.oldest()), (4096, Some(6)));
        tail.release(100);
        assert_eq!((tail.live_bytes(), tail.oldest()), (0, None));
    }

    #[test]
    fn a_closing_frame_is_live_behind_a_live_group_only() {
        let tail = Tail::default();
        tail.push(1, 4096, FrameKind::Close);
        assert_eq!((tail.live_bytes(), tail.oldest()), (0, None));
        for (sequence, kind) in [
            (2, FrameKind::Group),
            (3, FrameKind::Close),
            (4, FrameKind::Group),
            (5, FrameKind::Close),
        ] {
            tail.push(sequence, 4096, kind);
        }
        assert_eq!((tail.live_bytes(), tail.oldest()), (4 * 4096, Some(2)));
        tail.release(2);
        assert_eq!((tail.live_bytes(), tail.oldest()), (2 * 4096, Some(4)));
        tail.release(4);
        assert_eq!((tail.live_bytes(), tail.oldest()), (0, None));
    }
}
