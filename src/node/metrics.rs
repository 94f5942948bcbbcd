//! Numbers about the pipeline, for operators.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::group::Logged;

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
    /// Size of the log, durable and signed.
    pub log_size: Gauge<u64, AtomicU64>,
    /// Entries that the store holds.
    pub stored_size: Gauge<u64, AtomicU64>,
    /// Bytes in the write-ahead log that the store has not provably taken.
    pub wal_live_bytes: Gauge<u64, AtomicU64>,
    /// Submissions waiting for the sequencer.
    pub queue_length: Gauge<u64, AtomicU64>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("quittance"),
            groups: Counter::default(),
            entries: Counter::default(),
            items: Counter::default(),
            settled: Counter::default(),
            refused: Counter::default(),
            queue_full: Counter::default(),
            log_size: Gauge::default(),
            stored_size: Gauge::default(),
            wal_live_bytes: Gauge::default(),
            queue_length: Gauge::default(),
        };
        let r = &mut metrics.registry;
        r.register("groups", "Groups applied", metrics.groups.clone());
        r.register("entries", "Log entries published", metrics.entries.clone());
        r.register("items", "Items published", metrics.items.clone());
        r.register(
            "settled",
            "Instructions that took effect",
            metrics.settled.clone(),
        );
        r.register("refused", "Instructions refused", metrics.refused.clone());
        r.register(
            "queue_full",
            "Submissions turned away",
            metrics.queue_full.clone(),
        );
        r.register(
            "log_size",
            "Entries in the log, durable and signed",
            metrics.log_size.clone(),
        );
        r.register(
            "stored_size",
            "Entries that the store holds",
            metrics.stored_size.clone(),
        );
        r.register(
            "wal_live_bytes",
            "Bytes of the write-ahead log not yet provably stored",
            metrics.wal_live_bytes.clone(),
        );
        r.register(
            "queue_length",
            "Submissions waiting",
            metrics.queue_length.clone(),
        );
        metrics
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

    /// Counts a published group.
    pub(super) fn count(&self, entries: &[Arc<Logged>]) {
        for logged in entries {
            self.entries.inc();
            self.items
                .inc_by(u64::from(logged.entry.items).saturating_sub(1));
            let outcomes = logged.outcomes();
            let good = outcomes.iter().filter(|row| row.outcome.is_good()).count();
            self.settled.inc_by(good as u64);
            self.refused.inc_by((outcomes.len() - good) as u64);
            self.log_size.set(logged.entry.index + 1);
        }
    }
}
