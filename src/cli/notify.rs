//! What the service manager is told (sd_notify): up, reloading, going down, alive. Without
//! `NOTIFY_SOCKET` nothing is sent.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use sd_notify::NotifyState;

use crate::node::Node;

/// How often more time is asked for while the log is recovered, and how much.
const EXTEND_EVERY: Duration = Duration::from_secs(5);
const EXTEND_BY_US: u32 = 30_000_000;

/// Says that the service is up, or up again.
pub(super) fn ready(status: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// Says that the configuration is read again.
pub(super) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => tracing::warn!(%error, "the monotonic clock cannot be read"),
    }
}

/// Says that the service goes down.
pub(super) fn stopping() {
    let status = NotifyState::Status("stopping: whoever is inside is answered first");
    tell(&[NotifyState::Stopping, status]);
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "the service manager cannot be told");
    }
}

/// Asks for more time for as long as it lives: replaying a long tail must not look like a failure.
pub(super) struct Recovering {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Recovering {
    pub(super) fn begin() -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&over);
        let extend = move || {
            while !seen.load(Ordering::Relaxed) {
                tell(&[
                    NotifyState::ExtendTimeoutUsec(EXTEND_BY_US),
                    NotifyState::Status("opening the log: recovering and comparing"),
                ]);
                thread::park_timeout(EXTEND_EVERY);
            }
        };
        // Without the thread the manager's own patience must do.
        let thread = thread::Builder::new()
            .name("notify".to_owned())
            .spawn(extend);
        Self {
            over,
            thread: thread.ok(),
        }
    }
}

impl Drop for Recovering {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // It only sends.
            let _ = thread.join();
        }
    }
}

/// Tells the manager's watchdog that the node lives: nothing waits, or answers were given since
/// the last time. It ends with the node.
pub(super) fn watch(node: &Arc<Node>) {
    let Some(within) = sd_notify::watchdog_enabled() else {
        return;
    };
    let node = Arc::downgrade(node);
    let watch = move || {
        let mut last = None;
        while let Some(answered) = alive(&node, last) {
            if answered.alive {
                tell(&[NotifyState::Watchdog]);
            } else {
                tracing::error!("submissions wait and none is answered: the watchdog is not fed");
            }
            last = Some(answered.count);
            thread::sleep(within / 3);
        }
    };
    if let Err(error) = thread::Builder::new()
        .name("watchdog".to_owned())
        .spawn(watch)
    {
        tracing::error!(%error, "the watchdog's thread cannot be started");
    }
}

struct Seen {
    alive: bool,
    count: u64,
}

fn alive(node: &Weak<Node>, last: Option<u64>) -> Option<Seen> {
    let pulse = node.upgrade()?.pulse();
    Some(Seen {
        alive: pulse.waiting == 0 || last != Some(pulse.answered),
        count: pulse.answered,
    })
}
