//! When a snapshot is taken: after so many instructions, one at a time, and not all the time.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::clock;

/// A snapshot that took a second is followed by so many seconds without one: a large state is written
/// less often instead of without end.
const REST: u32 = 3;

/// The pace of snapshots, between the sequencer, which begins them, and the storing thread, which
/// ends them.
pub(super) struct Pace {
    /// Instructions from one snapshot to the next.
    every: u64,
    inner: Mutex<Inner>,
}

struct Inner {
    instructions: u64,
    snapshots: Snapshots,
}

/// How the last snapshot stands.
enum Snapshots {
    UnderWay { begun: Instant },
    Resting { until: Option<Instant> },
}

impl Pace {
    pub(super) fn of(every: u64) -> Self {
        let snapshots = Snapshots::Resting { until: None };
        let inner = Mutex::new(Inner {
            instructions: 0,
            snapshots,
        });
        Self { every, inner }
    }

    /// Counts the instructions of a group. Says whether a snapshot begins behind it.
    pub(super) fn begins(&self, instructions: u64) -> bool {
        self.begins_at(instructions, clock::instant)
    }

    fn begins_at(&self, instructions: u64, now: impl Fn() -> Instant) -> bool {
        let mut inner = self.lock();
        inner.instructions = inner.instructions.saturating_add(instructions);
        if inner.instructions < self.every {
            return false;
        }
        let begun = now();
        let may = match inner.snapshots {
            Snapshots::UnderWay { .. } => false,
            Snapshots::Resting { until } => until.is_none_or(|until| until <= begun),
        };
        if may {
            inner.instructions = 0;
            inner.snapshots = Snapshots::UnderWay { begun };
        }
        may
    }

    /// The snapshot under way is in the store.
    pub(super) fn stored(&self) {
        self.stored_at(clock::instant());
    }

    fn stored_at(&self, now: Instant) {
        let mut inner = self.lock();
        if let Snapshots::UnderWay { begun } = inner.snapshots {
            let took: Duration = now.saturating_duration_since(begun);
            let until = now.checked_add(took.saturating_mul(REST));
            inner.snapshots = Snapshots::Resting { until };
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_and_a_quarter_of_the_time() {
        let (pace, start) = (Pace::of(10), clock::instant());
        let at = |seconds| start + Duration::from_secs(seconds);
        assert!(!pace.begins_at(9, || at(0)));
        assert!(pace.begins_at(1, || at(0)));
        // Under way: however much comes meanwhile.
        assert!(!pace.begins_at(50, || at(1)));
        pace.stored_at(at(2));
        assert!(!pace.begins_at(0, || at(7)));
        assert!(pace.begins_at(0, || at(8)));
        pace.stored_at(at(8));
        // It counts from the snapshot on, and a last one that nobody waited for changes nothing.
        pace.stored_at(at(100));
        assert!(!pace.begins_at(9, || at(9)));
        assert!(pace.begins_at(1, || at(9)));
    }
}
