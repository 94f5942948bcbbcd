//! Two documents side by side: which differences are larger than what runs differ by themselves.

use serde::Serialize;

use super::machine::{Circumstances, Document};
use super::report::{Report, Run, median, spread, values};

/// What is compared of each report: name, value of a run, and whether more is better.
type Figure = (&'static str, fn(&Run) -> f64, bool);

const FIGURES: [Figure; 5] = [
    ("per second", |run| run.per_second, true),
    ("p50 ms", |run| run.p50_ms, false),
    ("p99 ms", |run| run.p99_ms, false),
    ("p99.9 ms", |run| run.p999_ms, false),
    ("p100 ms", |run| run.p100_ms, false),
];

/// Two documents, compared.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Where and when the first was made.
    pub a: Circumstances,
    /// Where and when the second was made.
    pub b: Circumstances,
    /// Every figure of every report that both have.
    pub rows: Vec<Row>,
    /// What keeps the two from being compared without care.
    pub remarks: Vec<String>,
}

/// One figure in both.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Name of the report.
    pub name: String,
    /// Name of the figure.
    pub figure: &'static str,
    /// Median in the first.
    pub a: f64,
    /// Median in the second.
    pub b: f64,
    /// The second as a part of the first.
    pub ratio: f64,
    /// Spread of the runs of the first, as a part of the median.
    pub spread_a: f64,
    /// Spread of the runs of the second.
    pub spread_b: f64,
    /// What is to be made of it.
    pub verdict: Verdict,
}

/// Whether a difference is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The second is better by more than both spreads.
    Better,
    /// The second is worse by more than both spreads.
    Worse,
    /// Runs differ among themselves by as much.
    WithinSpread,
    /// One of the two has a single run, and nobody knows its spread.
    OneRun,
}

/// Compares two documents.
#[must_use]
pub fn compare(a: &Document<Vec<Report>>, b: &Document<Vec<Report>>) -> Comparison {
    let (mut rows, mut remarks) = (Vec::new(), Vec::new());
    if a.circumstances.machine != b.circumstances.machine {
        remarks
            .push("the machines are not the same: only ratios within each say anything".to_owned());
    }
    for report in &a.reports {
        let Some(other) = b.reports.iter().find(|other| other.name == report.name) else {
            remarks.push(format!("{}: only in the first", report.name));
            continue;
        };
        if conditions(report) != conditions(other) {
            remarks.push(format!(
                "{}: connections, transfers in a message, rate or length of a run are not the same",
                report.name
            ));
        }
        rows.extend(
            FIGURES
                .iter()
                .filter_map(|figure| row(report, other, figure)),
        );
    }
    for report in &b.reports {
        if !a.reports.iter().any(|other| other.name == report.name) {
            remarks.push(format!("{}: only in the second", report.name));
        }
    }
    Comparison {
        a: a.circumstances.clone(),
        b: b.circumstances.clone(),
        rows,
        remarks,
    }
}

/// What must be equal: connections, transfers in a message, a fixed rate, how much a run does.
fn conditions(report: &Report) -> (usize, usize, bool, u64) {
    let longest = report.runs.iter().map(|run| run.done + run.refused).max();
    (
        report.connections,
        report.transfers_per_message,
        report.rate.is_some(),
        // On a schedule a faster node is sent more; reads end when their time is over.
        longest
            .filter(|_| report.rate.is_none() && report.transfers_per_message > 0)
            .unwrap_or(0),
    )
}

fn row(a: &Report, b: &Report, (figure, value, more_is_better): &Figure) -> Option<Row> {
    let (of_a, of_b) = (values(&a.runs, *value), values(&b.runs, *value));
    let (median_a, median_b) = (median(&of_a), median(&of_b));
    if median_a <= 0.0 || median_b <= 0.0 {
        return None;
    }
    let ratio = median_b / median_a;
    let (spread_a, spread_b) = (spread(&of_a), spread(&of_b));
    let widest = (spread_a * median_a).max(spread_b * median_b);
    let verdict = if of_a.len() < 2 || of_b.len() < 2 {
        Verdict::OneRun
    } else if (median_b - median_a).abs() <= widest {
        Verdict::WithinSpread
    } else if (ratio > 1.0) == *more_is_better {
        Verdict::Better
    } else {
        Verdict::Worse
    };
    Some(Row {
        name: a.name.clone(),
        figure,
        a: median_a,
        b: median_b,
        ratio,
        spread_a,
        spread_b,
        verdict,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(name: &str, rates: &[f64], p99_ms: f64) -> Report {
        let run = |rate: &f64| Run {
            per_second: *rate,
            done: 1_000,
            p99_ms,
            ..Run::default()
        };
        let report = Report {
            name: name.to_owned(),
            connections: 8,
            transfers_per_message: 1,
            ..Report::default()
        };
        report.with(rates.iter().map(run).collect())
    }

    fn document(reports: Vec<Report>) -> Document<Vec<Report>> {
        Document {
            circumstances: Circumstances::now(),
            reports,
        }
    }

    fn verdicts(comparison: &Comparison) -> Vec<(&str, Verdict)> {
        comparison
            .rows
            .iter()
            .map(|row| (row.figure, row.verdict))
            .collect()
    }

    #[test]
    fn a_difference_counts_when_it_is_larger_than_both_spreads() {
        let a = document(vec![report("W1", &[95.0, 100.0, 105.0], 10.0)]);
        for (rates, verdict) in [
            ([108.0, 109.0, 110.0], Verdict::WithinSpread),
            ([110.0, 111.0, 112.0], Verdict::Better),
            ([80.0, 81.0, 82.0], Verdict::Worse),
            ([1.0, 1.0, 4.0], Verdict::Worse),
            // Its own spread is larger than the difference.
            ([90.0, 120.0, 121.0], Verdict::WithinSpread),
        ] {
            let comparison = compare(&a, &document(vec![report("W1", &rates, 10.0)]));
            let expected = [("per second", verdict), ("p99 ms", Verdict::WithinSpread)];
            assert_eq!(verdicts(&comparison), expected, "{rates:?}");
            assert!(comparison.remarks.is_empty());
        }
    }

    #[test]
    fn less_latency_is_better_and_one_run_says_nothing() {
        let a = document(vec![report("W1", &[100.0, 100.0], 10.0)]);
        let b = document(vec![report("W1", &[100.0, 100.0], 9.0)]);
        let expected = [
            ("per second", Verdict::WithinSpread),
            ("p99 ms", Verdict::Better),
        ];
        assert_eq!(verdicts(&compare(&a, &b)), expected);
        let b = document(vec![report("W1", &[200.0], 9.0)]);
        let expected = [("per second", Verdict::OneRun), ("p99 ms", Verdict::OneRun)];
        assert_eq!(verdicts(&compare(&a, &b)), expected);
        assert_eq!(compare(&a, &b).rows[0].ratio, 2.0);
    }

    #[test]
    fn what_cannot_be_compared_is_said() {
        let a = document(vec![report("W1", &[1.0], 0.0), report("W2", &[1.0], 0.0)]);
        let mut b = document(vec![report("W1", &[1.0], 0.0), report("W4", &[1.0], 0.0)]);
        b.reports[0].runs[0].done += 1;
        b.circumstances.machine.cores += 1;
        let remarks = compare(&a, &b).remarks.join("\n");
        for said in [
            "the machines",
            "W1: connections",
            "W2: only in the first",
            "W4: only in the second",
        ] {
            assert!(remarks.contains(said), "{remarks}");
        }
    }
}
