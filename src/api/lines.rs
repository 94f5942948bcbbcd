//! Open connections: where they come from, whether they brought a good signature, and since when
//! they are silent. Whoever is neither asking nor waiting for an answer is hung up on.
//!
//! The framework's own timers end with the first request of a connection: one good request, and
//! then a head that never ends, would hold a connection for ever. So each connection remembers
//! since when nothing of it is being answered, and a look at all of them now and then ends those
//! that exceed the time for keeping alive and sending a head.

use std::any::Any;
use std::net::{Shutdown, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::dev::Extensions;
use actix_web::rt;

use super::rates::{Origin, Rates};
use crate::clock;

/// Stands for "a request is being answered" where otherwise the time since it was stands.
const BUSY: u64 = u64::MAX;

/// All open connections.
pub(super) struct Lines {
    start: Instant,
    rates: Arc<Rates>,
    open: Mutex<Vec<Weak<Line>>>,
}

/// One open connection.
pub(super) struct Line {
    /// A second handle of the socket, to shut it down by.
    socket: TcpStream,
    origin: Origin,
    rates: Arc<Rates>,
    /// Whether its last signature was good.
    proven: AtomicBool,
    /// Whether it was told that its address is turned away.
    warned: AtomicBool,
    /// Milliseconds after the start at which the last answer was given, or [`BUSY`].
    idle_since: AtomicU64,
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

    /// Ends it at once.
    pub(super) fn hang_up(&self) {
        // An error means that the other side was quicker.
        let _ = self.socket.shutdown(Shutdown::Both);
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

    /// Remembers a connection for as long as its own data lives; says whether it may stay. One
    /// that may not is closed without a word: a word would cost more than the connection.
    pub(super) fn connected(&self, connection: &dyn Any, data: &mut Extensions) -> bool {
        let Some((fd, peer)) = socket_of(connection) else {
            return true;
        };
        let origin = self.rates.origin(peer.ip());
        // Without a second handle the framework's own timers must do.
        let Ok(handle) = fd.try_clone_to_owned() else {
            return true;
        };
        let stays = self.rates.came(origin);
        let line = Arc::new(Line {
            socket: handle.into(),
            origin,
            rates: Arc::clone(&self.rates),
            proven: AtomicBool::new(false),
            warned: AtomicBool::new(false),
            idle_since: AtomicU64::new(self.now()),
        });
        if !stays {
            line.hang_up();
            return false;
        }
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.push(Arc::downgrade(&line));
        drop(open);
        data.insert(line);
        true
    }

    /// Notes that a request begins.
    pub(super) fn begin(line: &Line) {
        line.idle_since.store(BUSY, Ordering::Relaxed);
    }

    /// Notes that a request is answered.
    pub(super) fn end(&self, line: &Line) {
        line.idle_since.store(self.now(), Ordering::Relaxed);
    }

    /// Hangs up on everybody who has been idle for longer than `max`; says how many are open.
    pub(super) fn hang_up(&self, max: Duration) -> usize {
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

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(BUSY - 1)
    }
}

/// The socket of a connection, and who is at its other end.
fn socket_of(connection: &dyn Any) -> Option<(BorrowedFd<'_>, std::net::SocketAddr)> {
    let stream = match connection.downcast_ref::<TlsStream<rt::net::TcpStream>>() {
        Some(tls) => tls.get_ref().0,
        None => connection.downcast_ref::<rt::net::TcpStream>()?,
    };
    Some((stream.as_fd(), stream.peer_addr().ok()?))
}
