//! Numbers about the pipeline, for operators.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::group::Logged;
use crate::clock;
use crate::ledger::{Window, tally};

/// Time of a sync, and upper ends of its buckets in seconds: from a good disk to one that is failing.
const SYNC: (&str, &str, &[f64]) = (
    "wal_sync_seconds",
    "Time to write and sync one frame of the write-ahead log",
    &[
        0.000_1, 0.000_2, 0.000_5, 0.001, 0.002, 0.005, 0.02, 0.1, 1.0, 10.0,
    ],
);

/// The same of what a snapshot stops: from what nobody notices to what an answer would show.
const PAUSE: (&str, &str, &[f64]) = (
    "snapshot_pause_seconds",
    "Time that the writer, or the publisher behind it, stood still to begin a snapshot",
    &[
        0.000_01, 0.000_03, 0.000_1, 0.000_3, 0.001, 0.003, 0.005, 0.02, 0.1,
    ],
);

/// The node's metrics; `encode` gives the Prometheus text form.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// Groups applied.
    pub groups: Counter,
    /// Entries published.
    pub entries: Counter,
    /// Items published, authorisations left out.
    pub items: Counter,
    /// Instructions that took effect.
    pub settled: Counter,
    /// Instructions refused.
    pub refused: Counter,
    /// Submissions turned away because the queue was full.
    pub queue_full: Counter,
    /// Submissions refused before the queue, as the sequencer would have.
    pub foreseen: Counter,
    /// Size of the log, durable and signed.
    pub log_size: Gauge<u64, AtomicU64>,
    /// Entries that the store holds.
    pub stored_size: Gauge<u64, AtomicU64>,
    /// Bytes in the write-ahead log that the store has not provably taken.
    pub wal_live_bytes: Gauge<u64, AtomicU64>,
    /// Bytes of memory that entries take which the store does not hold yet.
    pub unstored_bytes: Gauge<u64, AtomicU64>,
    /// What the window holds.
    pub window: WindowMetrics,
    /// Submissions waiting for their answers.
    pub queue_length: Gauge<u64, AtomicU64>,
    /// Their bytes.
    pub queue_bytes: Gauge<u64, AtomicU64>,
    /// Size of the log as applied, durable or not.
    pub applied_size: Gauge<u64, AtomicU64>,
    /// Time of one `fdatasync` of the write-ahead log.
    pub sync_seconds: Histogram,
    /// Time that the writer, and the publisher behind it, stood still to begin a snapshot.
    pub snapshot_pause_seconds: Histogram,
    /// Size of the log that the newest snapshot stored since the start is of; 0 for none.
    pub snapshot_size: Gauge<u64, AtomicU64>,
    /// Entries that a quorum of witnesses has cosigned.
    pub witnessed_size: Gauge<u64, AtomicU64>,
    /// When it did last, in seconds since 1970; 0 for never.
    pub witnessed_time: Gauge<u64, AtomicU64>,
    /// Cosignatures received that hold.
    pub witness_cosignatures: Counter,
    /// Witnesses asked that gave none.
    pub witness_failures: Counter,
    /// Bytes free on the disk of the data folder.
    pub disk_free_bytes: Gauge<u64, AtomicU64>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("quittance");
        let r = &mut registry;
        Self {
            groups: counter(r, "groups", "Groups applied"),
            entries: counter(r, "entries", "Log entries published"),
            items: counter(r, "items", "Items published"),
            settled: counter(r, "settled", "Instructions that took effect"),
            refused: counter(r, "refused", "Instructions refused"),
            queue_full: counter(r, "queue_full", "Submissions turned away"),
            foreseen: counter(
                r,
                "foreseen_refusals",
                "Submissions refused before the queue",
            ),
            log_size: gauge(r, "log_size", "Entries in the log, durable and signed"),
            stored_size: gauge(r, "stored_size", "Entries that the store holds"),
            wal_live_bytes: gauge(
                r,
                "wal_live_bytes",
                "Bytes of the write-ahead log not yet provably stored",
            ),
            unstored_bytes: gauge(
                r,
                "unstored_bytes",
                "Bytes of memory of entries that the store does not hold yet",
            ),
            window: WindowMetrics::new(r),
            queue_length: gauge(r, "queue_length", "Submissions waiting for their answers"),
            queue_bytes: gauge(
                r,
                "queue_bytes",
                "Bytes of submissions waiting for their answers",
            ),
            applied_size: gauge(r, "applied_size", "Entries applied, durable or not"),
            sync_seconds: histogram(r, SYNC),
            snapshot_pause_seconds: histogram(r, PAUSE),
            snapshot_size: gauge(
                r,
                "snapshot_size",
                "Entries that the newest snapshot stored since the start has in it; 0 for none",
            ),
            witnessed_size: gauge(
                r,
                "witnessed_size",
                "Entries that a quorum of witnesses has cosigned",
            ),
            witnessed_time: gauge(
                r,
                "witnessed_timestamp_seconds",
                "When a quorum of witnesses cosigned last; 0 for never",
            ),
            witness_cosignatures: counter(
                r,
                "witness_cosignatures",
                "Cosignatures received that hold",
            ),
            witness_failures: counter(
                r,
                "witness_failures",
                "Witnesses asked that gave no cosignature",
            ),
            disk_free_bytes: gauge(
                r,
                "disk_free_bytes",
                "Bytes free on the disk of the data folder",
            ),
            registry,
        }
    }
}

fn counter(registry: &mut Registry, name: &str, help: &str) -> Counter {
    let counter = Counter::default();
    registry.register(name, help, counter.clone());
    counter
}

fn histogram(registry: &mut Registry, (name, help, ends): (&str, &str, &[f64])) -> Histogram {
    let histogram = Histogram::new(ends.iter().copied());
    registry.register(name, help, histogram.clone());
    histogram
}

fn gauge(registry: &mut Registry, name: &str, help: &str) -> Gauge<u64, AtomicU64> {
    let gauge = Gauge::default();
    registry.register(name, help, gauge.clone());
    gauge
}

/// Numbers about the window of ids.
#[derive(Debug)]
pub struct WindowMetrics {
    /// Instruction ids known.
    pub ids: Gauge<u64, AtomicU64>,
    /// Bytes of memory that they take.
    pub id_bytes: Gauge<u64, AtomicU64>,
    /// Messages known.
    pub messages: Gauge<u64, AtomicU64>,
    /// Bytes of memory that they take.
    pub message_bytes: Gauge<u64, AtomicU64>,
}

impl WindowMetrics {
    fn new(r: &mut Registry) -> Self {
        Self {
            ids: gauge(r, "window_ids", "Instruction ids known inside the window"),
            id_bytes: gauge(
                r,
                "window_id_bytes",
                "Bytes of memory that the ids inside the window take",
            ),
            messages: gauge(r, "window_messages", "Messages known inside the window"),
            message_bytes: gauge(
                r,
                "window_message_bytes",
                "Bytes of memory that the messages inside the window take",
            ),
        }
    }

    /// Notes how much a window holds.
    pub(super) fn measure(&self, window: &Window) {
        let (ids, messages) = window.bytes();
        self.ids.set(window.known());
        self.id_bytes.set(ids as u64);
        self.messages.set(window.size().1 as u64);
        self.message_bytes.set(messages as u64);
    }
}

impl Metrics {
    /// The Prometheus text form.
    ///
    /// # Panics
    /// Never: writing to a string cannot fail.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("writing to a string cannot fail");
        text
    }

    /// Notes that somebody stood still for a snapshot from `begun` until now.
    pub(super) fn paused(&self, begun: Instant) {
        let took = clock::instant().saturating_duration_since(begun);
        self.snapshot_pause_seconds.observe(took.as_secs_f64());
    }

    /// Counts a published group.
    pub(super) fn count(&self, entries: &[Arc<Logged>]) {
        for logged in entries {
            self.entries.inc();
            self.items
                .inc_by(u64::from(logged.entry.items).saturating_sub(1));
            let (good, refused) = tally(logged.drafts());
            self.settled.inc_by(good);
            self.refused.inc_by(refused);
            self.log_size.set(logged.entry.index + 1);
        }
    }
}
