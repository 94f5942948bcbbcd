//! What a benchmark prints.

use serde::Serialize;

use super::Plan;
use super::load::Measured;

/// One measured run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Run {
    /// Settlements acknowledged per second.
    pub per_second: f64,
    /// Seconds from the first request to the last answer.
    pub seconds: f64,
    /// Settlements acknowledged.
    pub settled: usize,
    /// Requests answered 503.
    pub refused: usize,
    /// Receipts verified offline after the run.
    pub receipts_verified: usize,
    /// Median latency of a request, milliseconds.
    pub p50_ms: f64,
    /// 99th percentile.
    pub p99_ms: f64,
    /// 99.9th percentile.
    pub p999_ms: f64,
    /// The slowest request.
    pub max_ms: f64,
}

/// A workload, measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Name of the workload.
    pub workload: &'static str,
    /// Median of the runs: settlements per second.
    pub per_second: f64,
    /// Fastest less slowest run, as a part of the median.
    pub spread: f64,
    /// Connections, each with one request under way.
    pub connections: usize,
    /// Settlements in one message.
    pub settlements_per_message: usize,
    /// Version of this program.
    pub version: &'static str,
    /// Processor cores that the system shows.
    pub cores: usize,
    /// Processor, as the system names it.
    pub processor: String,
    /// The runs.
    pub runs: Vec<Run>,
}

fn ms(latencies_us: &[u64], per_mille: usize) -> f64 {
    let last = latencies_us.len().saturating_sub(1);
    let at = (latencies_us.len() * per_mille / 1_000).min(last);
    latencies_us.get(at).map_or(0.0, |us| *us as f64 / 1_000.0)
}

impl Run {
    pub(super) fn of(measured: &Measured, transfers: usize, receipts_verified: usize) -> Self {
        let seconds = measured.elapsed.as_secs_f64();
        let settled = measured.logged * transfers;
        Self {
            per_second: settled as f64 / seconds,
            seconds,
            settled,
            refused: measured.refused,
            receipts_verified,
            p50_ms: ms(&measured.latencies_us, 500),
            p99_ms: ms(&measured.latencies_us, 990),
            p999_ms: ms(&measured.latencies_us, 999),
            max_ms: ms(&measured.latencies_us, 1_000),
        }
    }

    pub(super) fn of_audit(seconds: f64, settled: usize) -> Self {
        Self {
            per_second: settled as f64 / seconds,
            seconds,
            settled,
            refused: 0,
            receipts_verified: 0,
            p50_ms: 0.0,
            p99_ms: 0.0,
            p999_ms: 0.0,
            max_ms: 0.0,
        }
    }
}

impl Report {
    pub(super) fn of(plan: &Plan, runs: Vec<Run>) -> Self {
        let workload = plan.workload;
        Self::named(
            workload.name(),
            plan.connections,
            workload.transfers(),
            runs,
        )
    }

    pub(super) fn named(
        workload: &'static str,
        connections: usize,
        settlements_per_message: usize,
        runs: Vec<Run>,
    ) -> Self {
        let mut rates: Vec<f64> = runs.iter().map(|run| run.per_second).collect();
        rates.sort_by(f64::total_cmp);
        let median = rates.get(rates.len() / 2).copied().unwrap_or(0.0);
        let spread = match (rates.first(), rates.last()) {
            (Some(low), Some(high)) if median > 0.0 => (high - low) / median,
            _ => 0.0,
        };
        Self {
            workload,
            per_second: median,
            spread,
            connections,
            settlements_per_message,
            version: env!("CARGO_PKG_VERSION"),
            cores: std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
            processor: processor(),
            runs,
        }
    }
}

pub(super) fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    name.map(|rest| rest.trim_start_matches([' ', '\t', ':']).to_string())
        .unwrap_or_default()
}
