//! W9: what banks read: receipts of old entries, balances, pages of history.

use std::ops::Range;

use super::job::{AnswerForm, Series};
use super::made::Made;
use super::options::Options;
use super::report::{Report, Run};
use super::site::{Pace, Site};
use super::table::Workload;
use super::{BenchError, Say};

/// The log that is read, by equal parts.
const LOG: &[&str] = &["W1", "W4", "W3"];
/// Reads in one run, in a log of so many settlements or more; fewer in a smaller one.
const READS: u64 = 100_000;
/// A run ends after so many seconds, done or not.
const RUN_S: f64 = 10.0;

/// What is read.
#[derive(Debug, Clone)]
pub(super) enum Read {
    /// A receipt of one item of an entry of this range, each of which has so many.
    Receipt(Range<u64>, u64),
    /// The balance of an account.
    Account,
    /// The newest page of an account's history.
    History,
}

impl Read {
    pub(super) const fn answer(&self) -> AnswerForm {
        match self {
            Self::Receipt(..) => AnswerForm::Receipt,
            Self::Account => AnswerForm::Account,
            Self::History => AnswerForm::History,
        }
    }

    /// A request, for something that no cache foresees.
    pub(super) fn request(&self, site: &Site, token: &str) -> Vec<u8> {
        let path = match self {
            Self::Receipt(entries, items) => {
                let spread = (site.banks.spread() >> 64) as u64;
                let entries_len = (entries.end - entries.start).max(1);
                let index = entries.start + (spread >> 20) % entries_len;
                format!("/v1/receipts/{index}?item={}", (spread >> 3) % items + 1)
            }
            Self::Account => format!("/v1/accounts/{}", site.banks.any_payer()),
            Self::History => format!("/v1/accounts/{}/history", site.banks.any_payer()),
        };
        site.banks.read(token, &path)
    }
}

/// Measures all reads, each by itself.
pub(super) fn run(
    workload: &Workload,
    options: &Options,
    say: Say<'_>,
) -> Result<Vec<Report>, BenchError> {
    let settlements = options.settlements(workload);
    let made = Made::new(LOG, settlements, options, say)?;
    let connections = options.connections(workload).first().copied().unwrap_or(1);
    let pace = Pace {
        rate: options.rate,
        seconds: Some(RUN_S),
        ..Pace::closed(connections)
    };
    let mut wanted = Vec::new();
    for (id, entries) in LOG.iter().zip(&made.parts) {
        let items = Workload::named(id).map_or(1, |workload| workload.transfers as u64);
        let name = match items {
            1 => "receipts of single settlements".to_owned(),
            _ => format!("receipts of items of {items}"),
        };
        wanted.push((name, Read::Receipt(entries.clone(), items)));
    }
    wanted.push(("balances".to_owned(), Read::Account));
    wanted.push(("pages of history".to_owned(), Read::History));
    let mut reports = Vec::new();
    for (name, read) in wanted {
        let mut runs = Vec::new();
        for n in 0..=options.runs(workload) {
            say(&format!("W9, {name}: run {n}"));
            let count = READS.min(settlements as u64);
            let count = if n == 0 { count.div_ceil(10) } else { count };
            let token = made.site.banks.session(&made.site.sandbox)?;
            let series = [Series::reads(&name, read.answer())];
            let mut make = |_| Ok((0, read.request(&made.site, &token)));
            let measured = made.site.load(&series, count, pace, &mut make, say)?;
            if n > 0 {
                runs.push(Run::of(&measured, 1));
            }
        }
        let report = workload.report(format!("W9, {name}"), connections, options.rate);
        let report = Report {
            unit: "reads".to_owned(),
            transfers_per_message: 0,
            ..report
        };
        reports.push(report.with(runs));
    }
    Ok(reports)
}
