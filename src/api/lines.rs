//! Open connections: where they come from, whether they brought a good signature, and since when
//! nothing moves on them. Whoever is neither waiting for an answer nor taking one in is hung up on.
//!
//! ```text
//!  came ── requests inside: never over ── answer on its way: bytes taken are a sign of life ──▶ idle
//! ```
//!
//! The framework's own timers end with the first request of a connection: one good request, and
//! then a head that never ends, would hold a connection for ever. So each connection remembers
//! since when nothing of it moves, and a look at all of them now and then ends those that exceed
//! the time for keeping alive and sending a head. What comes in is no sign of life: a head may
//! come a byte at a time.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::Waker;
use std::time::{Duration, Instant};

use super::rates::{Origin, Rates};
use crate::clock;

/// All open connections.
pub(super) struct Lines {
    start: Instant,
    rates: Arc<Rates>,
    open: Mutex<Vec<Weak<Line>>>,
}

/// One open connection.
pub(super) struct Line {
    start: Instant,
    origin: Origin,
    rates: Arc<Rates>,
    /// Whether its last signature was good.
    proven: AtomicBool,
    /// Whether it was told that its address is turned away.
    warned: AtomicBool,
    /// Requests that are being answered; with HTTP/2 more than one.
    inside: AtomicU32,
    /// Answers that are on their way.
    sending: AtomicU32,
    /// Milliseconds after the start at which anything last moved.
    moved: AtomicU64,
    /// Whether it was hung up on.
    ended: AtomicBool,
    /// Whom to wake so that this is noticed.
    task: Mutex<Option<Waker>>,
}

impl Line {
    /// Where it comes from.
    pub(super) fn origin(&self) -> Origin {
        self.origin
    }

    /// Whether its last signature was good.
    pub(super) fn is_proven(&self) -> bool {
        self.proven.load(Ordering::Relaxed)
    }

    /// Notes how its newest signature was.
    pub(super) fn prove(&self, good: bool) {
        // Mostly nothing changes, and then nothing is written.
        if self.is_proven() != good {
            self.proven.store(good, Ordering::Relaxed);
        }
    }

    /// Notes that it is told that its address is turned away; says whether it was told before.
    pub(super) fn warn(&self) -> bool {
        self.warned.swap(true, Ordering::Relaxed)
    }

    /// Notes that a request begins.
    pub(super) fn begin(&self) {
        self.inside.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes that the answer to a request is known.
    pub(super) fn end(&self) {
        self.touch();
        self.inside.fetch_sub(1, Ordering::Relaxed);
    }

    /// Notes that a long answer goes out.
    pub(super) fn send(&self) {
        self.sending.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes that it is all handed over.
    pub(super) fn sent(&self) {
        self.touch();
        self.sending.fetch_sub(1, Ordering::Relaxed);
    }

    /// Notes that the other side took bytes: a sign of life while an answer goes out, and nothing
    /// otherwise, since an idle HTTP/2 connection may be made to write by pings for ever.
    pub(super) fn took(&self) {
        if self.sending.load(Ordering::Relaxed) > 0 {
            self.touch();
        }
    }

    /// Ends it at once.
    pub(super) fn hang_up(&self) {
        self.ended.store(true, Ordering::Release);
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(task) = task.take() {
            task.wake();
        }
    }

    /// Whether it was hung up on; if not yet, `task` is woken when it is.
    pub(super) fn is_ended(&self, task: &Waker) -> bool {
        let mut kept = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *kept {
            Some(kept) => kept.clone_from(task),
            None => *kept = Some(task.clone()),
        }
        drop(kept);
        // After the waker is in its place: whoever hangs up now wakes it.
        self.ended.load(Ordering::Acquire)
    }

    fn touch(&self) {
        self.moved.store(since(self.start), Ordering::Relaxed);
    }

    fn is_over(&self, now: u64, max: u64) -> bool {
        self.inside.load(Ordering::Relaxed) == 0
            && now.saturating_sub(self.moved.load(Ordering::Relaxed)) > max
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.rates.left(self.origin);
    }
}

impl Lines {
    pub(super) fn new(rates: Arc<Rates>) -> Lines {
        Lines {
            start: clock::instant(),
            rates,
            open: Mutex::default(),
        }
    }

    /// Remembers a connection for as long as somebody holds what is returned; nothing if its
    /// address has as many as it may. Such a one is closed without a word: a word would cost more
    /// than the connection.
    pub(super) fn connected(&self, peer: IpAddr) -> Option<Arc<Line>> {
        let origin = self.rates.origin(peer);
        let stays = self.rates.came(origin);
        let line = Arc::new(Line {
            start: self.start,
            origin,
            rates: Arc::clone(&self.rates),
            proven: AtomicBool::new(false),
            warned: AtomicBool::new(false),
            inside: AtomicU32::new(0),
            sending: AtomicU32::new(0),
            moved: AtomicU64::new(since(self.start)),
            ended: AtomicBool::new(false),
            task: Mutex::default(),
        });
        if !stays {
            return None;
        }
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.push(Arc::downgrade(&line));
        Some(line)
    }

    /// Hangs up on everybody where nothing moved for longer than `max`; says how many are open.
    pub(super) fn hang_up(&self, max: Duration) -> usize {
        let now = since(self.start);
        let max = u64::try_from(max.as_millis()).unwrap_or(u64::MAX);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|line| {
            let Some(line) = line.upgrade() else {
                return false;
            };
            let over = line.is_over(now, max);
            if over {
                line.hang_up();
            }
            !over
        });
        open.len()
    }

    /// How many are open.
    pub(super) fn count(&self) -> usize {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.iter().filter(|line| line.strong_count() > 0).count()
    }
}

/// Milliseconds.
fn since(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_where_nothing_moves_for_too_long_is_it_over() {
        let lines = Lines::new(Arc::new(Rates::new(&super::super::rates::tests::limits())));
        let line = lines.connected(IpAddr::from([127, 0, 0, 1])).unwrap();
        let late = u64::MAX;
        assert!(!line.is_over(0, 10) && line.is_over(late, 10));
        // A request inside, however long it takes.
        line.begin();
        line.begin();
        line.end();
        assert!(!line.is_over(late, 10));
        line.send();
        line.end();
        assert!(line.is_over(late, 10));
        // Bytes that the other side takes count while an answer goes out, and not otherwise.
        line.moved.store(0, Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(2));
        line.took();
        assert_ne!(line.moved.load(Ordering::Relaxed), 0);
        line.sent();
        line.moved.store(0, Ordering::Relaxed);
        line.took();
        assert_eq!(line.moved.load(Ordering::Relaxed), 0);
        assert!(!line.is_ended(Waker::noop()));
        line.hang_up();
        assert!(line.is_ended(Waker::noop()));
    }
}
