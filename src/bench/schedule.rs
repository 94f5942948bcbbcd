//! When each message is due, if a run has a fixed rate; and how long nothing was answered.
//!
//! A latency counts from the moment a message was *due*: a node that stands still makes all those
//! late that would have been sent meanwhile, though nobody could send them (coordinated omission).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

/// The shortest sleep between two looks at the clock: messages of faster rates leave together.
const TURN: Duration = Duration::from_micros(100);
/// No answer for so long, though one was due, is a stall.
const STALL: Duration = Duration::from_millis(100);

/// Messages at equal distances, the first at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Schedule {
    per_second: f64,
}

impl Schedule {
    pub(super) const fn new(per_second: f64) -> Self {
        Self { per_second }
    }

    /// When message `n` is due, from the start on.
    pub(super) fn due(self, n: u64) -> Duration {
        Duration::try_from_secs_f64(n as f64 / self.per_second).unwrap_or(Duration::MAX)
    }

    /// How many messages are due by then.
    fn due_by(self, elapsed: Duration) -> u64 {
        let mut count = (elapsed.as_secs_f64() * self.per_second) as u64;
        // Rounding may miss by one.
        while self.due(count) <= elapsed {
            count += 1;
        }
        count
    }

    /// Hands out one permit for each message as it comes due, from a thread of its own: the timers
    /// of the runtime count whole milliseconds.
    pub(super) fn pace(
        self,
        started: Instant,
        messages: u64,
        permits: Arc<Semaphore>,
        over: Arc<AtomicBool>,
    ) -> std::io::Result<()> {
        let run = move || {
            let mut given = 0;
            while given < messages && !over.load(Ordering::Relaxed) {
                let due = self.due_by(started.elapsed()).min(messages);
                permits.add_permits(usize::try_from(due - given).unwrap_or(0));
                given = due;
                std::thread::sleep(self.due(given).saturating_sub(started.elapsed()).max(TURN));
            }
        };
        let thread = std::thread::Builder::new().name("schedule".to_owned());
        thread.spawn(run).map(drop)
    }
}

/// Times without an answer while one was due.
#[derive(Debug, Default)]
pub(super) struct Stalls {
    under_way: u64,
    /// When somebody was answered last, or began to wait after that.
    pub(super) since: Duration,
    pub(super) count: u64,
    pub(super) longest: Duration,
}

impl Stalls {
    /// A message that was due at `due` is under way.
    pub(super) fn sent(&mut self, due: Duration) {
        if self.under_way == 0 {
            self.since = self.since.max(due);
        }
        self.under_way += 1;
    }

    /// One of them was answered.
    pub(super) fn answered(&mut self, now: Duration) {
        let silent = now.saturating_sub(self.since);
        self.count += u64::from(silent > STALL);
        self.longest = self.longest.max(silent);
        self.under_way = self.under_way.saturating_sub(1);
        self.since = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn messages_are_due_at_equal_distances() {
        let schedule = Schedule::new(40_000.0);
        assert_eq!(schedule.due(0), Duration::ZERO);
        assert_eq!(schedule.due(40_000), Duration::from_secs(1));
        assert_eq!(schedule.due(3), Duration::from_micros(75));
    }

    #[test]
    fn a_message_counts_as_due_at_its_very_moment() {
        for rate in [0.3, 7.0, 997.0, 40_000.0, 123_456.7] {
            let schedule = Schedule::new(rate);
            for n in [0, 1, 2, 10, 999, 1_000_000] {
                let due = schedule.due(n);
                assert_eq!(schedule.due_by(due), n + 1, "{rate}, {n}");
                if n > 0 {
                    assert_eq!(schedule.due_by(due - Duration::from_nanos(1)), n, "{rate}");
                }
            }
        }
    }

    #[test]
    fn every_message_gets_its_permit_and_no_more() {
        let permits = Arc::new(Semaphore::new(0));
        let over = Arc::new(AtomicBool::new(false));
        let started = crate::clock::instant();
        let schedule = Schedule::new(1_000_000.0);
        schedule
            .pace(started, 500, Arc::clone(&permits), over)
            .unwrap();
        while permits.available_permits() < 500 {
            std::thread::yield_now();
        }
        std::thread::sleep(5 * MS);
        assert_eq!(permits.available_permits(), 500);
    }

    #[test]
    fn silence_is_a_stall_only_while_an_answer_is_due() {
        let mut stalls = Stalls::default();
        stalls.sent(Duration::ZERO);
        stalls.answered(20 * MS);
        // Nothing is due for a second.
        stalls.sent(1_020 * MS);
        stalls.sent(1_021 * MS);
        stalls.answered(1_100 * MS);
        assert_eq!((stalls.count, stalls.longest), (0, 80 * MS));
        stalls.answered(1_300 * MS);
        assert_eq!((stalls.count, stalls.longest), (1, 200 * MS));
        // Two connections that wait at one time make one stall.
        stalls.sent(1_300 * MS);
        stalls.sent(1_300 * MS);
        stalls.answered(1_500 * MS);
        stalls.answered(1_501 * MS);
        assert_eq!((stalls.count, stalls.longest), (2, 200 * MS));
    }
}
