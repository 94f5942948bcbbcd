//! The numbers and alarms of an audit that goes on for ever.
//!
//! ```text
//!   checkpoint ── shorter than before? ──▶ rollback
//!       │  └─── same size, other root, or no consistency proof? ──▶ fork
//!       └─ audit of what is new ──▶ log, rule, signer
//!   no new entry for long ──▶ stale      no answer ──▶ unreachable
//! ```

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use actix_web::{App, HttpResponse, HttpServer, rt, web};
use chain::{Checkpoint, consistency_proof, verify_consistency};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::report::Report;
use super::source::{Source, SourceError};

/// What a monitor raises its voice about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Alarm {
    /// The log is shorter than it was.
    Rollback,
    /// The log has another past than it had.
    Fork,
    /// The log is not intact.
    Log,
    /// The ledger broke its rules.
    Rule,
    /// The log is signed by somebody else.
    Signer,
    /// Nothing was added for long.
    Stale,
    /// The log cannot be read.
    Unreachable,
}

impl Alarm {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Rollback,
        Self::Fork,
        Self::Log,
        Self::Rule,
        Self::Signer,
        Self::Stale,
        Self::Unreachable,
    ];

    /// Whether it is a finding about the log, which stays one whatever comes later.
    #[must_use]
    pub const fn is_finding(self) -> bool {
        !matches!(self, Self::Stale | Self::Unreachable)
    }

    /// The kind as a word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rollback => "rollback",
            Self::Fork => "fork",
            Self::Log => "log",
            Self::Rule => "rule",
            Self::Signer => "signer",
            Self::Stale => "stale",
            Self::Unreachable => "unreachable",
        }
    }

    const fn label(self) -> Kind {
        Kind {
            kind: self.as_str(),
        }
    }

    /// What a report that does not hold is about.
    #[must_use]
    pub fn of(report: &Report) -> Option<Self> {
        if report.signer.is_other() {
            Some(Self::Signer)
        } else if report.log.divergence().is_some() {
            Some(Self::Log)
        } else if report.ledger.divergence().is_some() {
            Some(Self::Rule)
        } else {
            None
        }
    }
}

impl fmt::Display for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Holds a checkpoint against an earlier one of the same log; both are signed. The proof comes from
/// the source's tiles, which need not be believed.
///
/// # Errors
/// [`SourceError`] if the source does not give the tiles.
pub fn compare(
    source: &mut Source,
    before: &Checkpoint,
    now: &Checkpoint,
) -> Result<Option<Alarm>, SourceError> {
    if now.size < before.size {
        return Ok(Some(Alarm::Rollback));
    }
    if now.size == before.size {
        return Ok((now.root != before.root).then_some(Alarm::Fork));
    }
    let tree = source.tree(now.size);
    let proof = consistency_proof(&tree, before.size, now.size);
    if let Some(error) = tree.error() {
        return Err(error);
    }
    let proven = proof.is_ok_and(|proof| {
        verify_consistency(before.size, &before.root, now.size, &now.root, &proof).is_ok()
    });
    Ok((!proven).then_some(Alarm::Fork))
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    kind: &'static str,
}

/// A monitor's numbers; `encode` gives the Prometheus text form.
#[derive(Debug)]
pub struct MonitorMetrics {
    registry: Registry,
    /// Rounds done.
    pub rounds: Counter,
    /// Entries that were checked and hold.
    pub size: Gauge<u64, AtomicU64>,
    /// When the last round found nothing wrong, in seconds since 1970.
    pub last_good: Gauge<u64, AtomicU64>,
    /// When the log was last seen to grow, in seconds since 1970.
    pub last_growth: Gauge<u64, AtomicU64>,
    raised: Family<Kind, Counter>,
    active: Family<Kind, Gauge<u64, AtomicU64>>,
}

impl Default for MonitorMetrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("quittance_audit");
        let new = Self {
            rounds: Counter::default(),
            size: Gauge::default(),
            last_good: Gauge::default(),
            last_growth: Gauge::default(),
            raised: Family::default(),
            active: Family::default(),
            registry: Registry::default(),
        };
        let r = &mut registry;
        r.register("rounds", "Rounds done", new.rounds.clone());
        let help = "Entries that were checked and hold";
        r.register("size", help, new.size.clone());
        let help = "When the last round found nothing wrong; 0 for never";
        r.register("last_good_timestamp_seconds", help, new.last_good.clone());
        let help = "When the log was last seen to grow; 0 for never";
        r.register(
            "last_growth_timestamp_seconds",
            help,
            new.last_growth.clone(),
        );
        r.register("alarms", "Times an alarm was raised", new.raised.clone());
        let help = "Whether an alarm stands: 1 or 0";
        r.register("alarm", help, new.active.clone());
        for kind in Alarm::ALL {
            let _ = new.raised.get_or_create(&kind.label());
            new.active.get_or_create(&kind.label()).set(0);
        }
        Self { registry, ..new }
    }
}

impl MonitorMetrics {
    /// Raises an alarm; true if it did not stand yet.
    pub fn raise(&self, kind: Alarm) -> bool {
        let active = self.active.get_or_create(&kind.label());
        if active.set(1) == 1 {
            return false;
        }
        self.raised.get_or_create(&kind.label()).inc();
        true
    }

    /// Takes an alarm back; true if it stood.
    pub fn clear(&self, kind: Alarm) -> bool {
        self.active.get_or_create(&kind.label()).set(0) == 1
    }

    /// The alarms that stand.
    #[must_use]
    pub fn standing(&self) -> Vec<Alarm> {
        let stands = |kind: &Alarm| self.active.get_or_create(&kind.label()).get() == 1;
        Alarm::ALL.into_iter().filter(stands).collect()
    }

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
}

/// Serves `/metrics` and `/healthz` from a thread of its own until the process ends.
///
/// # Errors
/// What the system reports, if the address cannot be listened on.
pub fn serve(
    metrics: Arc<MonitorMetrics>,
    listen: std::net::SocketAddr,
) -> std::io::Result<std::net::SocketAddr> {
    let listener = std::net::TcpListener::bind(listen)?;
    let bound = listener.local_addr()?;
    let data = web::Data::from(metrics);
    let run = move || {
        let app = move || {
            App::new()
                .app_data(data.clone())
                .route("/metrics", web::get().to(text))
                .route("/healthz", web::get().to(health))
        };
        let server = HttpServer::new(app).workers(1).disable_signals();
        let served = server
            .listen(listener)
            .and_then(|server| rt::System::new().block_on(server.run()));
        if let Err(error) = served {
            tracing::error!(%error, "the numbers are not served any more");
        }
    };
    std::thread::Builder::new()
        .name("metrics".to_owned())
        .spawn(run)?;
    Ok(bound)
}

async fn text(metrics: web::Data<MonitorMetrics>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(metrics.encode())
}

/// 503 while an alarm stands, for machines that look at nothing else.
async fn health(metrics: web::Data<MonitorMetrics>) -> HttpResponse {
    let standing = metrics.standing();
    let words: Vec<&str> = standing.iter().map(|alarm| alarm.as_str()).collect();
    match words.is_empty() {
        true => HttpResponse::Ok().body("ok\n"),
        false => HttpResponse::ServiceUnavailable().body(words.join(" ") + "\n"),
    }
}
