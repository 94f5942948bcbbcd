//! Open connections: whoever is neither asking nor waiting for an answer is hung up on.
//!
//! The framework's own timers end with the first request of a connection: one good request, and
//! then a head that never ends, would hold a connection for ever. So each connection remembers
//! since when nothing of it is being answered, and a look at all of them now and then ends those
//! that exceed the time for keeping alive and sending a head.

use std::any::Any;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use actix_web::dev::Extensions;
use actix_web::rt;

use crate::clock;

/// Stands for "a request is being answered" where otherwise the time since it was stands.
const BUSY: u64 = u64::MAX;

/// All open connections.
pub(super) struct Lines {
    start: Instant,
    open: Mutex<Vec<Weak<Line>>>,
}

/// One open connection.
pub(super) struct Line {
    /// A second handle of the socket, to shut it down by.
    socket: TcpStream,
    /// Milliseconds after the start at which the last answer was given, or [`BUSY`].
    idle_since: AtomicU64,
}

impl Lines {
    pub(super) fn new() -> Lines {
        Lines {
            start: clock::instant(),
            open: Mutex::default(),
        }
    }

    /// Remembers a connection for as long as its own data lives.
    pub(super) fn connected(&self, connection: &dyn Any, data: &mut Extensions) {
        let Some(stream) = connection.downcast_ref::<rt::net::TcpStream>() else {
            return;
        };
        // Without a second handle the framework's own timers must do.
        let Ok(handle) = stream.as_fd().try_clone_to_owned() else {
            return;
        };
        let line = Arc::new(Line {
            socket: handle.into(),
            idle_since: AtomicU64::new(self.now()),
        });
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.push(Arc::downgrade(&line));
        data.insert(line);
    }

    /// Notes that a request begins.
    pub(super) fn begin(line: &Line) {
        line.idle_since.store(BUSY, Ordering::Relaxed);
    }

    /// Notes that a request is answered.
    pub(super) fn end(&self, line: &Line) {
        line.idle_since.store(self.now(), Ordering::Relaxed);
    }

    /// Hangs up on everybody who has been idle for longer than `max`.
    pub(super) fn hang_up(&self, max: Duration) {
        let now = self.now();
        let max = u64::try_from(max.as_millis()).unwrap_or(u64::MAX);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|line| {
            let Some(line) = line.upgrade() else {
                return false;
            };
            let since = line.idle_since.load(Ordering::Relaxed);
            let over = since != BUSY && now.saturating_sub(since) > max;
            if over {
                // An error means that the other side was quicker.
                let _ = line.socket.shutdown(Shutdown::Both);
            }
            !over
        });
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(BUSY - 1)
    }
}
