//! The only place that asks the system for the time (`tests/it/tidy.rs` holds it to that).
//!
//! ```text
//!   now = wall clock at start + time since boot that has passed since + offset (tests)
//! ```
//!
//! The wall clock is read once. After that, time runs with the boot clock, which nobody can set
//! and which goes on while the machine sleeps: an administrator who corrects the clock of a running
//! node neither stops the log's time nor makes it jump. What the ledger sees is not even this, but
//! `max(last + 1, now)`, stamped by the sequencer.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::limits::{CLOCK_AHEAD_S_MAX, CLOCK_BEHIND_S_MAX};

/// A running clock; share it by reference.
#[derive(Debug)]
pub struct Clock {
    /// Wall clock at start, in nanoseconds since 1970 UTC.
    base_ns: u64,
    /// Boot clock at start.
    base_boot: Duration,
    /// What tests have moved the clock by, in nanoseconds.
    offset_ns: AtomicI64,
}

impl Clock {
    /// Starts at the system's wall clock.
    pub fn start() -> Clock {
        Clock::starting_at(wall_ns())
    }

    /// Starts at a given time, in nanoseconds since 1970 UTC: an operator's `--accept-time`, or a
    /// test's.
    pub fn starting_at(unix_ns: u64) -> Clock {
        Clock {
            base_ns: unix_ns,
            base_boot: boot(),
            offset_ns: AtomicI64::new(0),
        }
    }

    /// The time in nanoseconds since 1970 UTC. Never less than before while nobody moves the
    /// offset back.
    pub fn now_ns(&self) -> u64 {
        let now = self.base_ns.saturating_add(saturating_ns(self.running()));
        now.saturating_add_signed(self.offset_ns.load(Ordering::Relaxed))
    }

    /// How long the clock has been running, time asleep included; the offset does not count.
    pub fn running(&self) -> Duration {
        boot().saturating_sub(self.base_boot)
    }

    /// By how much the system's wall clock is ahead of this one, in nanoseconds: a metric, since
    /// nothing follows it.
    pub fn drift_ns(&self) -> i64 {
        let drift = i128::from(wall_ns()) - i128::from(self.now_ns());
        i64::try_from(drift).unwrap_or(if drift < 0 { i64::MIN } else { i64::MAX })
    }

    /// Moves the clock to `offset_ns` from its own time; for tests of what time brings.
    pub fn set_offset_ns(&self, offset_ns: i64) {
        self.offset_ns.store(offset_ns, Ordering::Relaxed);
    }

    /// Compares the clock with the last time in the log, at start.
    ///
    /// # Errors
    /// The clock is so far off that an operator has to say what time it is.
    pub fn check(&self, log_last_ns: u64) -> Result<(), ClockError> {
        let now_ns = self.now_ns();
        if log_last_ns.saturating_sub(now_ns) > CLOCK_BEHIND_S_MAX * NS_PER_S {
            Err(ClockError::Behind {
                now_ns,
                log_last_ns,
            })
        } else if now_ns.saturating_sub(log_last_ns) > CLOCK_AHEAD_S_MAX * NS_PER_S {
            Err(ClockError::Ahead {
                now_ns,
                log_last_ns,
            })
        } else {
            Ok(())
        }
    }
}

/// The clock and the log disagree about the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClockError {
    /// The log has entries from the clock's future.
    #[error("the clock is {} s behind the log's last entry", seconds(*.log_last_ns, *.now_ns))]
    Behind {
        /// The clock, in nanoseconds since 1970 UTC.
        now_ns: u64,
        /// The log's last time, in nanoseconds since 1970 UTC.
        log_last_ns: u64,
    },
    /// The log's last entry is long ago: either the node was, or the clock is wrong.
    #[error("the clock is {} s ahead of the log's last entry", seconds(*.now_ns, *.log_last_ns))]
    Ahead {
        /// The clock, in nanoseconds since 1970 UTC.
        now_ns: u64,
        /// The log's last time, in nanoseconds since 1970 UTC.
        log_last_ns: u64,
    },
}

/// A moment to measure durations from: deadlines, latencies, rates. Not for anything logged.
pub fn instant() -> Instant {
    Instant::now()
}

/// Seconds since 1970 UTC by the wall clock: for what the outside world dates, such as
/// certificates. Not for anything logged.
pub fn unix_seconds() -> u64 {
    wall_ns() / NS_PER_S
}

const NS_PER_S: u64 = 1_000_000_000;

fn seconds(later_ns: u64, earlier_ns: u64) -> u64 {
    later_ns.saturating_sub(earlier_ns) / NS_PER_S
}

/// A clock set before 1970 reads as 1970, which [`Clock::check`] then refuses.
fn wall_ns() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, saturating_ns)
}

fn saturating_ns(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Time since boot, asleep included.
#[cfg(target_os = "linux")]
fn boot() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Duration::try_from(time).unwrap_or_default()
}

/// Elsewhere the monotonic clock has to do; it may stand still while the machine sleeps.
#[cfg(not(target_os = "linux"))]
fn boot() -> Duration {
    use std::sync::OnceLock;
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON_NS: u64 = 1_790_000_000 * NS_PER_S;

    #[test]
    fn runs_forwards_from_where_it_starts() {
        let clock = Clock::starting_at(NOON_NS);
        let mut last = clock.now_ns();
        assert!((NOON_NS..NOON_NS + 60 * NS_PER_S).contains(&last));
        for _ in 0..1_000 {
            let now = clock.now_ns();
            assert!(now >= last);
            last = now;
        }
        assert!(clock.drift_ns() != 0);
        assert!(Clock::start().drift_ns().unsigned_abs() < 60 * NS_PER_S);
    }

    #[test]
    fn the_offset_moves_it() {
        let clock = Clock::starting_at(NOON_NS);
        clock.set_offset_ns(3_600_000_000_000);
        assert!(clock.now_ns() >= NOON_NS + 3_600 * NS_PER_S);
        clock.set_offset_ns(-3_600_000_000_000);
        assert!(clock.now_ns() < NOON_NS);
        clock.set_offset_ns(i64::MIN);
        assert_eq!(clock.now_ns(), 0);
    }

    #[test]
    fn a_bad_clock_is_noticed_at_start() {
        let clock = Clock::starting_at(NOON_NS);
        assert_eq!(clock.check(NOON_NS), Ok(()));
        assert_eq!(clock.check(NOON_NS + 10 * NS_PER_S), Ok(()));
        let error = clock.check(NOON_NS + 100 * NS_PER_S);
        assert!(matches!(error, Err(ClockError::Behind { .. })), "{error:?}");
        assert_eq!(clock.check(NOON_NS - 86_000 * NS_PER_S), Ok(()));
        let error = clock.check(NOON_NS - 90_000 * NS_PER_S);
        assert!(matches!(error, Err(ClockError::Ahead { .. })), "{error:?}");
        assert!(Clock::starting_at(0).check(u64::MAX).is_err());
    }
}
