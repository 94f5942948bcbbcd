//! Messages are sent, and what was settled is counted: W1 to W5, and those that compare W1 and W3
//! with themselves under other conditions: W10, W11, and `rules` for W12.

use super::bodies::Payers;
use super::options::Options;
use super::report::{Report, Run};
use super::sandbox::{Manner, Places};
use super::site::{Pace, Site};
use super::table::Workload;
use super::{BenchError, Say};

/// What W10 makes of W3: shorter, since each run is made twice.
const HOT_BATCH_PART: usize = 5;

impl Workload {
    /// An empty report over it.
    pub(super) fn report(&self, name: String, connections: usize, rate: Option<f64>) -> Report {
        Report {
            name,
            unit: "settlements".to_owned(),
            target: self.target.to_owned(),
            connections,
            transfers_per_message: self.transfers,
            rate,
            ..Report::default()
        }
    }

    /// Makes the site that it needs.
    pub(super) fn site(
        &self,
        places: &Places,
        manner: Manner,
        say: Say<'_>,
    ) -> Result<Site, BenchError> {
        Site::make(places, manner, self.accounts, say)
    }

    /// One run, on a warm site or after a warm-up.
    pub(super) fn run(
        &self,
        site: &Site,
        payers: Payers,
        messages: u64,
        pace: Pace,
        say: Say<'_>,
    ) -> Result<Run, BenchError> {
        let measured = site.settle(self.kind(payers), messages, pace, say)?;
        let run = Run::of(&measured, self.transfers as u64);
        let answered = run.done as f64 / measured.answered_seconds;
        let answered = pace.catch_up.then_some(answered);
        Ok(run.figure("per second until the last answer", answered))
    }
}

/// Measures one of W1 to W5.
pub(super) fn run(
    workload: &Workload,
    options: &Options,
    say: Say<'_>,
) -> Result<Vec<Report>, BenchError> {
    let places = Places::new(options.folder.as_deref());
    let messages = workload.messages(options.settlements(workload));
    let all = options.connections(workload);
    let mut site = workload.site(&places, Manner::default(), say)?;
    let mut reports = Vec::new();
    for connections in &all {
        let pace = options.pace(workload, *connections);
        let mut runs = Vec::new();
        for n in 0..options.runs(workload) {
            if n > 0 && workload.fresh {
                // The old one ends before the new one begins.
                drop(site);
                site = workload.site(&places, Manner::default(), say)?;
            }
            if n == 0 || workload.fresh {
                say("warming up");
                let closed = Pace { rate: None, ..pace };
                workload.run(&site, Payers::Many, workload.warm_up(messages), closed, say)?;
            }
            say(&format!(
                "{}: run {} over {connections} connections",
                workload.id,
                n + 1
            ));
            runs.push(workload.run(&site, Payers::Many, messages, pace, say)?);
        }
        let name = match (all.len(), connections) {
            (1, _) => workload.id.to_owned(),
            (_, 1) => format!("{}, 1 connection", workload.id),
            _ => format!("{}, {connections} connections", workload.id),
        };
        reports.push(workload.report(name, *connections, options.rate).with(runs));
    }
    Ok(reports)
}

/// One side of a comparison: a workload on a site, and what is particular about it.
pub(super) struct Side<'a> {
    pub(super) name: String,
    pub(super) site: &'a Site,
    pub(super) payers: Payers,
}

/// Measures a workload twice in each round, once on each side, so that whatever else the machine
/// does meets both.
pub(super) fn compare(
    workload: &Workload,
    options: &Options,
    target: &str,
    sides: [Side<'_>; 2],
    say: Say<'_>,
) -> Result<[Report; 2], BenchError> {
    let messages = workload.messages(options.settlements(workload));
    let connections = options.connections(workload).first().copied().unwrap_or(1);
    let pace = options.pace(workload, connections);
    for side in &sides {
        say("warming up");
        let closed = Pace { rate: None, ..pace };
        workload.run(
            side.site,
            side.payers,
            workload.warm_up(messages),
            closed,
            say,
        )?;
    }
    let [plain, other] = &sides;
    let (mut plains, mut others) = (Vec::new(), Vec::new());
    for n in 1..=options.runs(workload) {
        say(&format!("{}: run {n}", plain.name));
        let first = workload.run(plain.site, plain.payers, messages, pace, say)?;
        say(&format!("{}: run {n}", other.name));
        let second = workload.run(other.site, other.payers, messages, pace, say)?;
        others.push(second.against(&first));
        plains.push(first);
    }
    let [plain, other] = sides.map(|side| side.name);
    let report = |name: String| workload.report(name, connections, options.rate);
    let plain = Report {
        target: String::new(),
        ..report(plain)
    };
    let other = Report {
        ratio_to: Some(plain.name.clone()),
        target: target.to_owned(),
        ..report(other)
    };
    Ok([plain.with(plains), other.with(others)])
}

/// W10: every transfer of W1, and of W3, is paid by one account.
pub(super) fn run_hot(
    workload: &Workload,
    options: &Options,
    say: Say<'_>,
) -> Result<Vec<Report>, BenchError> {
    let places = Places::new(options.folder.as_deref());
    let mut reports = Vec::new();
    for id in ["W1", "W3"] {
        let Some(base) = Workload::named(id) else {
            continue;
        };
        let mut options = options.clone();
        options.settlements = options.settlements.or(match base.transfers {
            1 => None,
            _ => Some(base.settlements / HOT_BATCH_PART),
        });
        let site = base.site(&places, Manner::default(), say)?;
        let side = |name: &str, payers| Side {
            name: format!("{}, {id}{name}", workload.id),
            site: &site,
            payers,
        };
        let sides = [side("", Payers::Many), side(" with one payer", Payers::One)];
        reports.extend(compare(base, &options, workload.target, sides, say)?);
    }
    Ok(reports)
}

/// W11: W1 over TLS 1.3, against W1 on a node without.
pub(super) fn run_tls(
    workload: &Workload,
    options: &Options,
    say: Say<'_>,
) -> Result<Vec<Report>, BenchError> {
    let places = Places::new(options.folder.as_deref());
    let plain = workload.site(&places, Manner::default(), say)?;
    let tls = Manner {
        tls: true,
        ..Manner::default()
    };
    let secure = workload.site(&places, tls, say)?;
    let side = |name: &str, site| Side {
        name: format!("{}, {name}", workload.id),
        site,
        payers: Payers::Many,
    };
    let sides = [side("plain", &plain), side("TLS 1.3", &secure)];
    compare(workload, options, workload.target, sides, say).map(Vec::from)
}
