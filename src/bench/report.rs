//! What a benchmark says: runs, their median and their spread.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::job::{Measured, Tally};

/// One measured run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// What the report counts, per second.
    pub per_second: f64,
    /// Seconds from the first request to the end of the clock.
    pub seconds: f64,
    /// How much of what the report counts was done.
    pub done: u64,
    /// Requests answered 503: the client would send the same bytes again.
    pub refused: u64,
    /// Answers more than a second after their request was due.
    pub late: u64,
    /// Times of more than 100 ms without an answer while one was due.
    pub stalls: u64,
    /// The longest time without an answer while one was due, milliseconds.
    pub longest_stall_ms: f64,
    /// Answers verified offline after the run.
    pub verified: u64,
    /// Median latency of a request, milliseconds.
    pub p50_ms: f64,
    /// 99th percentile.
    pub p99_ms: f64,
    /// 99.9th percentile.
    pub p999_ms: f64,
    /// The slowest request.
    pub p100_ms: f64,
    /// The rate as a part of the one that it is compared with, measured beside it.
    pub ratio: Option<f64>,
    /// Further figures, by name with unit.
    pub figures: BTreeMap<String, f64>,
}

/// A workload, measured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Name of the workload, or of its part; the same in every document.
    pub name: String,
    /// What is counted.
    pub unit: String,
    /// What it should reach on the reference machine; empty for a part that has no target.
    pub target: String,
    /// Connections, each with one request under way.
    pub connections: usize,
    /// Transfers in one message; 0 for reads.
    pub transfers_per_message: usize,
    /// Messages a second on a fixed schedule, if there is one.
    pub rate: Option<f64>,
    /// Median of the runs.
    pub per_second: f64,
    /// Fastest less slowest run, as a part of the median.
    pub spread: f64,
    /// Median of the runs' medians, milliseconds.
    pub p50_ms: f64,
    /// Median of the runs' 99th percentiles.
    pub p99_ms: f64,
    /// Median of the runs' 99.9th percentiles.
    pub p999_ms: f64,
    /// Median of the runs' slowest requests.
    pub p100_ms: f64,
    /// Requests answered 503 in all runs.
    pub refused: u64,
    /// Late answers in all runs.
    pub late: u64,
    /// Stalls in all runs.
    pub stalls: u64,
    /// Median of the runs' ratios.
    pub ratio: Option<f64>,
    /// Name of the report that the ratio is to.
    pub ratio_to: Option<String>,
    /// The runs.
    pub runs: Vec<Run>,
}

impl Run {
    /// A load of one series or more, each good answer of which counts for `counts`.
    pub(super) fn of(measured: &Measured, counts: u64) -> Self {
        Self {
            stalls: measured.stalls,
            longest_stall_ms: measured.longest_stall_ms,
            ..Self::of_tally(&measured.total(), measured.seconds, counts)
        }
    }

    /// One series of a load.
    pub(super) fn of_tally(tally: &Tally, seconds: f64, counts: u64) -> Self {
        let done = tally.good * counts;
        Self {
            per_second: done as f64 / seconds,
            seconds,
            done,
            refused: tally.refused,
            late: tally.late,
            verified: tally.verified,
            p50_ms: tally.latencies.ms(0.5),
            p99_ms: tally.latencies.ms(0.99),
            p999_ms: tally.latencies.ms(0.999),
            p100_ms: tally.latencies.ms(1.0),
            ..Self::default()
        }
    }

    /// Something that is done once, such as a start: its time stands for every percentile.
    pub(super) fn of_once(seconds: f64, done: u64) -> Self {
        let ms = seconds * 1_000.0;
        Self {
            per_second: done as f64 / seconds,
            seconds,
            done,
            p50_ms: ms,
            p99_ms: ms,
            p999_ms: ms,
            p100_ms: ms,
            ..Self::default()
        }
    }

    /// The same with its rate as a part of another's.
    pub(super) fn against(mut self, other: &Self) -> Self {
        self.ratio = Some(self.per_second / other.per_second);
        self
    }

    /// Adds a figure, if there is one.
    pub(super) fn figure(mut self, name: &str, value: Option<f64>) -> Self {
        if let Some(value) = value {
            self.figures.insert(name.to_owned(), value);
        }
        self
    }
}

impl Report {
    /// Fills in what follows from the runs.
    pub(super) fn with(self, runs: Vec<Run>) -> Self {
        let of = |figure: fn(&Run) -> f64| median(&values(&runs, figure));
        let ratios: Vec<f64> = runs.iter().filter_map(|run| run.ratio).collect();
        Self {
            per_second: of(|run| run.per_second),
            spread: spread(&values(&runs, |run| run.per_second)),
            p50_ms: of(|run| run.p50_ms),
            p99_ms: of(|run| run.p99_ms),
            p999_ms: of(|run| run.p999_ms),
            p100_ms: of(|run| run.p100_ms),
            refused: runs.iter().map(|run| run.refused).sum(),
            late: runs.iter().map(|run| run.late).sum(),
            stalls: runs.iter().map(|run| run.stalls).sum(),
            ratio: (!ratios.is_empty()).then(|| median(&ratios)),
            runs,
            ..self
        }
    }
}

pub(super) fn values(runs: &[Run], figure: fn(&Run) -> f64) -> Vec<f64> {
    runs.iter().map(figure).collect()
}

/// The middle one, or the mean of the two middle ones; 0 of none.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |n: usize| sorted.get(n).copied().unwrap_or(0.0);
    let half = sorted.len() / 2;
    match sorted.len() % 2 {
        0 if half > 0 => f64::midpoint(at(half - 1), at(half)),
        _ => at(half),
    }
}

/// Largest less smallest, as a part of the median; 0 of one.
pub(super) fn spread(values: &[f64]) -> f64 {
    let middle = median(values);
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if middle > 0.0 {
        (high - low) / middle
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(per_second: f64, p99_ms: f64) -> Run {
        Run {
            per_second,
            p99_ms,
            refused: 1,
            ..Run::default()
        }
    }

    #[test]
    fn a_report_is_the_median_of_its_runs() {
        let base = run(200.0, 0.0);
        let runs = vec![
            run(90.0, 7.0),
            run(120.0, 5.0).against(&base),
            run(100.0, 6.0),
        ];
        let report = Report::default().with(runs);
        assert_eq!(
            (report.per_second, report.p99_ms, report.refused),
            (100.0, 6.0, 3)
        );
        assert!((report.spread - 0.3).abs() < 1e-9 && report.ratio == Some(0.6));
        assert_eq!(Report::default().with(Vec::new()).per_second, 0.0);
    }

    #[test]
    fn medians_and_spreads_of_few_values() {
        assert_eq!((median(&[]), spread(&[])), (0.0, 0.0));
        assert_eq!((median(&[3.0]), spread(&[3.0])), (3.0, 0.0));
        assert_eq!((median(&[4.0, 2.0]), spread(&[4.0, 2.0])), (3.0, 2.0 / 3.0));
    }

    #[test]
    fn a_run_counts_what_was_answered_well() {
        let mut measured = Measured {
            seconds: 2.0,
            stalls: 1,
            series: vec![Tally::default()],
            ..Measured::default()
        };
        measured.series[0].good = 10;
        measured.series[0].refused = 2;
        for us in [1_000, 2_000, 3_000] {
            measured.series[0].latencies.record(us);
        }
        let run = Run::of(&measured, 100);
        assert_eq!(
            (run.per_second, run.done, run.refused, run.stalls),
            (500.0, 1_000, 2, 1)
        );
        assert!((run.p50_ms - 2.0).abs() < 0.01 && (run.p100_ms - 3.0).abs() < 0.01);
    }
}
