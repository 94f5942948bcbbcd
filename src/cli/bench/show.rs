//! Reports as tables.

use crate::bench::{Report, Run};
use crate::cli::output::Table;

/// Every run in a row, and the median of each report.
pub(super) fn reports(reports: &[Report]) -> Table {
    let mut table = Table::new(&[
        "workload",
        "run>",
        "per second>",
        "seconds>",
        "p50 ms>",
        "p99 ms>",
        "p99.9 ms>",
        "p100 ms>",
        "refused>",
        "late>",
        "stalls>",
        "verified>",
        "ratio>",
        "",
    ]);
    for report in reports {
        for (n, run) in report.runs.iter().enumerate() {
            let figures = run.figures.iter();
            let figures: Vec<_> = figures.map(|(name, value)| figure(name, *value)).collect();
            let [p50, p99, p999, p100] = latencies(run);
            table.row([
                report.name.clone(),
                (n + 1).to_string(),
                rate(run.per_second),
                format!("{:.2}", run.seconds),
                p50,
                p99,
                p999,
                p100,
                run.refused.to_string(),
                run.late.to_string(),
                run.stalls.to_string(),
                run.verified.to_string(),
                ratio(run.ratio),
                figures.join("; "),
            ]);
        }
        median(&mut table, report);
    }
    table
}

fn median(table: &mut Table, report: &Report) {
    let middle = Run {
        p50_ms: report.p50_ms,
        p99_ms: report.p99_ms,
        p999_ms: report.p999_ms,
        p100_ms: report.p100_ms,
        ..Run::default()
    };
    let [p50, p99, p999, p100] = latencies(&middle);
    let mut words = vec![format!(
        "{}, spread {:.0} %",
        report.unit,
        report.spread * 100.0
    )];
    if let Some(rate) = report.rate {
        words.push(format!("{rate:.1} messages a second on schedule"));
    }
    if let Some(other) = &report.ratio_to {
        words.push(format!("ratio to {other}"));
    }
    if !report.target.is_empty() {
        words.push(format!("target {}", report.target));
    }
    table.row([
        report.name.clone(),
        "median".to_owned(),
        rate(report.per_second),
        String::new(),
        p50,
        p99,
        p999,
        p100,
        report.refused.to_string(),
        report.late.to_string(),
        report.stalls.to_string(),
        String::new(),
        ratio(report.ratio),
        words.join("; "),
    ]);
}

fn latencies(run: &Run) -> [String; 4] {
    [run.p50_ms, run.p99_ms, run.p999_ms, run.p100_ms].map(|ms| format!("{ms:.2}"))
}

/// A rate with as many digits as say something.
pub(super) fn rate(per_second: f64) -> String {
    match per_second >= 10.0 {
        true => format!("{per_second:.0}"),
        false => format!("{per_second:.3}"),
    }
}

fn ratio(ratio: Option<f64>) -> String {
    ratio.map_or_else(String::new, |ratio| format!("{:.0} %", ratio * 100.0))
}

/// Large figures are whole, small ones have three digits.
fn figure(name: &str, value: f64) -> String {
    match value.abs() >= 1_000.0 || value.fract() == 0.0 {
        true => format!("{name} {value:.0}"),
        false => format!("{name} {value:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_every_run_and_the_median() {
        let run = |per_second, disk| Run {
            per_second,
            ratio: Some(0.9),
            figures: [("disk bytes a transfer".to_owned(), disk)].into(),
            ..Run::default()
        };
        let report = Report {
            name: "W8".to_owned(),
            unit: "settlements".to_owned(),
            target: "much".to_owned(),
            per_second: 12_345.6,
            spread: 0.25,
            ratio: Some(0.5),
            ratio_to: Some("W1".to_owned()),
            runs: vec![run(0.25, 395.25), run(20_000.4, 4_000.5)],
            ..Report::default()
        };
        let text = format!("{:?}", reports(&[report]));
        for cell in [
            "0.250",
            "20000",
            "12346",
            "90 %",
            "50 %",
            "disk bytes a transfer 395.250",
            "disk bytes a transfer 4000",
            "settlements, spread 25 %; ratio to W1; target much",
        ] {
            assert!(text.contains(cell), "{cell}: {text}");
        }
    }
}
