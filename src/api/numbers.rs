//! Numbers about the door, for operators.

use std::time::Duration;

use actix_web::http::StatusCode;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Upper ends of the latency buckets, in seconds: around the targets of a settlement.
const BUCKETS_S: [f64; 12] = [
    0.000_25, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0, 10.0,
];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Class {
    status: &'static str,
}

/// Why somebody is turned away before anything is done for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turned {
    /// Too many requests from the address.
    Address,
    /// Too many of the participant.
    Participant,
    /// Too many legs in the participant's dry runs.
    DryRun,
    /// The address sent too many bad signatures.
    Blocked,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Why {
    limit: &'static str,
}

/// The door's metrics.
pub(super) struct Numbers {
    registry: Registry,
    turned: [Counter; 4],
    bad_signatures: Counter,
    connections: Counter,
    connections_refused: Counter,
    connections_open: Gauge,
    body_bytes: Gauge,
    certificate_seconds: Gauge,
    reloads: [Counter; 2],
    /// Answers by class of status: 1xx to 5xx.
    answers: [Counter; 5],
    submission: Histogram,
}

impl Default for Numbers {
    fn default() -> Numbers {
        let mut registry = Registry::with_prefix("quittance_http");
        let family = Family::<Class, Counter>::default();
        let classes = ["1xx", "2xx", "3xx", "4xx", "5xx"];
        let answers = classes.map(|status| family.get_or_create_owned(&Class { status }));
        registry.register("answers", "Answers by class of status", family);
        let submission = Histogram::new(BUCKETS_S);
        registry.register(
            "submission_seconds",
            "Time from a verified submission to its durable answer",
            submission.clone(),
        );
        let family = Family::<Why, Counter>::default();
        let limits = ["address", "participant", "dry_run", "bad_signatures"];
        let turned = limits.map(|limit| family.get_or_create_owned(&Why { limit }));
        registry.register(
            "rate_limited",
            "Requests answered 429, by the limit that they met",
            family,
        );
        let counter = |registry: &mut Registry, name, help| {
            let counter = Counter::default();
            registry.register(name, help, counter.clone());
            counter
        };
        let gauge = |registry: &mut Registry, name, help| {
            let gauge = Gauge::default();
            registry.register(name, help, gauge.clone());
            gauge
        };
        let r = &mut registry;
        let bad = "Signatures that do not hold, or are by keys that are unknown or revoked";
        let bad_signatures = counter(r, "bad_signatures", bad);
        let connections = counter(r, "connections", "Connections accepted");
        let refused = "Connections closed at once: their address has as many as it may";
        let connections_refused = counter(r, "connections_refused", refused);
        let connections_open = gauge(r, "connections_open", "Connections open now");
        let body_bytes = gauge(r, "body_bytes", "Bytes of bodies being read or parsed");
        let left = "Seconds until the TLS certificate expires; 0 without TLS";
        let certificate_seconds = gauge(r, "tls_certificate_seconds_left", left);
        let family = Family::<Class, Counter>::default();
        let reloads = ["good", "bad"].map(|status| family.get_or_create_owned(&Class { status }));
        r.register("tls_reloads", "Times the TLS files were read again", family);
        Numbers {
            certificate_seconds,
            reloads,
            turned,
            bad_signatures,
            connections,
            connections_refused,
            connections_open,
            body_bytes,
            registry,
            answers,
            submission,
        }
    }
}

impl Numbers {
    /// Counts an answer.
    pub(super) fn answered(&self, status: StatusCode) {
        let class = usize::from(status.as_u16() / 100).saturating_sub(1);
        if let Some(counter) = self.answers.get(class) {
            counter.inc();
        }
    }

    /// Counts somebody who is turned away.
    pub(super) fn turned_away(&self, why: Turned) {
        if let Some(counter) = self.turned.get(why as usize) {
            counter.inc();
        }
    }

    /// Counts a bad signature.
    pub(super) fn bad_signature(&self) {
        self.bad_signatures.inc();
    }

    /// Counts a connection.
    pub(super) fn connected(&self, stays: bool) {
        self.connections.inc();
        if !stays {
            self.connections_refused.inc();
        }
    }

    /// Notes what there is right now.
    pub(super) fn look(&self, connections: usize, body_bytes: usize) {
        let gauge = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        self.connections_open.set(gauge(connections));
        self.body_bytes.set(gauge(body_bytes));
    }

    /// Notes how long the certificate lives.
    pub(super) fn certificate(&self, seconds: i64) {
        self.certificate_seconds.set(seconds);
    }

    /// Counts a reading of the TLS files.
    pub(super) fn reloaded(&self, good: bool) {
        let [fine, failed] = &self.reloads;
        if good { fine } else { failed }.inc();
    }

    /// Records how long a submission took.
    pub(super) fn submitted(&self, took: Duration) {
        self.submission.observe(took.as_secs_f64());
    }

    /// Puts these numbers behind those of the node: one OpenMetrics text with one end.
    pub(super) fn append_to(&self, mut text: String) -> String {
        if let Some(end) = text.rfind("# EOF") {
            text.truncate(end);
        }
        encode(&mut text, &self.registry).expect("writing to a string cannot fail");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_has_one_end() {
        let numbers = Numbers::default();
        numbers.answered(StatusCode::CREATED);
        numbers.submitted(Duration::from_millis(3));
        let text = numbers.append_to("# EOF\n".to_owned());
        assert_eq!(text.matches("# EOF").count(), 1);
        assert!(
            text.contains("quittance_http_answers_total{status=\"2xx\"} 1"),
            "{text}"
        );
        assert!(
            text.contains("quittance_http_submission_seconds_count 1"),
            "{text}"
        );
    }
}
