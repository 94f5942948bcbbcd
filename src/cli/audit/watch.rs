//! `quittance audit --watch`: an auditor who never sleeps.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use chain::{Checkpoint, Note};

use super::{AuditArgs, saved, undone};
use crate::audit::{Alarm, MonitorMetrics, Report, Saved, Source, Trust, compare, serve};
use crate::cli::Context;
use crate::cli::error::{Failure, Kind};
use crate::cli::files;
use crate::cli::run::{Signals, Wish};
use crate::clock;
use crate::config::{Format, Level, Telemetry};
use crate::telemetry;

/// A monitor at work.
struct Watch<'a> {
    context: &'a Context,
    args: &'a AuditArgs,
    trust: Trust,
    file: PathBuf,
    saved: Option<Saved>,
    metrics: Arc<MonitorMetrics>,
    /// Whether a finding about the log was ever raised.
    found: bool,
}

/// What is wrong with the log, and what shows it.
struct Finding {
    kind: Alarm,
    told: String,
    report: Option<Report>,
    note: Vec<u8>,
}

/// Why a round ends without a good report.
enum Trouble {
    /// Something is wrong with the log.
    Found(Box<Finding>),
    /// The log cannot be read now.
    Unread(Failure),
}

pub(super) fn run(context: &Context, args: &AuditArgs) -> Result<ExitCode, Failure> {
    let lines = Telemetry {
        level: Level::Info,
        format: Format::Text,
    };
    telemetry::start(lines)
        .map_err(|error| Failure::new(Kind::Node, "lines cannot be written").because(error))?;
    let file = args.save.clone().unwrap_or_default();
    let from = args
        .since
        .clone()
        .or_else(|| file.exists().then(|| file.clone()));
    let mut watch = Watch {
        context,
        args,
        trust: args.trust()?,
        saved: from.as_deref().map(saved).transpose()?,
        file,
        metrics: Arc::default(),
        found: false,
    };
    let mut signals = Signals::catch()?;
    if let Some(listen) = args.listen {
        let bound = serve(Arc::clone(&watch.metrics), listen).map_err(|error| {
            Failure::new(Kind::Network, format_args!("cannot listen on {listen}")).because(error)
        })?;
        context
            .out
            .say(format_args!("numbers  http://{bound}/metrics"));
    }
    let every = Duration::from_secs(args.every);
    loop {
        watch.round();
        match signals.wait_for(every) {
            Some(Wish::Stop) => break,
            Some(Wish::Reload) | None => {}
        }
    }
    // A finding is not forgotten because somebody ended the program that made it.
    Ok(ExitCode::from(u8::from(watch.found)))
}

impl Watch<'_> {
    fn round(&mut self) {
        let ended = self.look();
        self.metrics.rounds.inc();
        let now = clock::unix_seconds();
        match ended {
            Ok(grown) => {
                self.calm(Alarm::Unreachable);
                if grown {
                    self.metrics.last_growth.set(now);
                }
                let stood_still = now.saturating_sub(self.metrics.last_growth.get());
                if self.args.stale_after > 0 && stood_still >= self.args.stale_after {
                    self.raise(Alarm::Stale, &format!("no new entry for {stood_still} s"));
                } else {
                    self.calm(Alarm::Stale);
                }
                if self
                    .metrics
                    .standing()
                    .iter()
                    .all(|alarm| !alarm.is_finding())
                {
                    self.metrics.last_good.set(now);
                }
            }
            Err(Trouble::Unread(failure)) => {
                let (told, causes, _) = failure.lines();
                let told = format!("{told}: {}", causes.join(": "));
                self.raise(Alarm::Unreachable, &told);
            }
            Err(Trouble::Found(finding)) => {
                self.calm(Alarm::Unreachable);
                self.found = true;
                if self.raise(finding.kind, &finding.told) {
                    self.keep(&finding);
                }
            }
        }
    }

    /// Looks once; true if the log has grown. The first look counts as growth.
    fn look(&mut self) -> Result<bool, Trouble> {
        let mut source = self.args.source(self.context).map_err(Trouble::Unread)?;
        let note = source
            .checkpoint_note()
            .map_err(|error| unread(error.into()))?;
        if let Some((kind, told)) = self.compare(&mut source, &note)? {
            return Err(found(kind, told, None, note));
        }
        let before = self.saved.as_ref();
        let audited = self
            .args
            .audit(&mut source, &self.trust, before, &mut |_| ());
        let (report, next) = audited.map_err(unread)?;
        if let Some(kind) = Alarm::of(&report) {
            return Err(found(kind, divergence(&report), Some(report), note));
        }
        let Some(next) = next else {
            let why =
                "not everything could be checked: an auditor's key, or an export with records";
            return Err(Trouble::Unread(Failure::new(Kind::File, why)));
        };
        let first = self.metrics.last_growth.get() == 0;
        let grown = first || before.is_none_or(|before| before.size() < next.size());
        self.metrics.size.set(next.size());
        if self.saved.as_ref() != Some(&next) {
            let written = files::write_atomic(&self.file, &next.to_bytes(), 0o600);
            written.map_err(Trouble::Unread)?;
            tracing::info!(
                size = next.size(),
                items = report.counts.items,
                "everything holds"
            );
        }
        self.saved = Some(next);
        Ok(grown)
    }

    /// Holds the newest checkpoint against the one that was audited last.
    fn compare(
        &self,
        source: &mut Source,
        note: &[u8],
    ) -> Result<Option<(Alarm, String)>, Trouble> {
        let Some(saved) = self.saved.as_ref() else {
            return Ok(None);
        };
        let Some(before) = saved.checkpoint() else {
            return Ok(None);
        };
        // One that is not signed, or no checkpoint at all, is for the audit to find.
        let now = Note::parse(note).ok();
        let now = now.and_then(|note| Checkpoint::parse_text(note.text()).ok());
        let Some(now) = now.filter(|now| now.origin == before.origin) else {
            return Ok(None);
        };
        if now == before || !saved.is_signer_of(note) {
            return Ok(None);
        }
        let alarm = compare(source, &before, &now).map_err(|error| unread(error.into()))?;
        Ok(alarm.map(|kind| {
            let told = format!(
                "it signed {} entries with root {} before, and now {} entries with root {}",
                before.size, before.root, now.size, now.root
            );
            (kind, told)
        }))
    }

    fn raise(&self, kind: Alarm, told: &str) -> bool {
        let new = self.metrics.raise(kind);
        if new {
            tracing::error!(alarm = %kind, "{told}");
        }
        new
    }

    /// Takes an alarm back that is about the moment; findings stand.
    fn calm(&self, kind: Alarm) {
        if self.metrics.clear(kind) {
            tracing::info!(alarm = %kind, "over");
        }
    }

    /// Keeps what was found, beside the saved audit: the checkpoint is signed, and it is evidence.
    fn keep(&self, finding: &Finding) {
        let (name, kind) = (self.file.display(), finding.kind);
        let base = format!("{name}.{kind}-{}", clock::unix_seconds());
        let before = self.saved.as_ref().map(|saved| saved.note().as_bytes());
        let report = finding.report.as_ref();
        let report = report.and_then(|report| serde_json::to_vec_pretty(report).ok());
        let parts = [
            ("checkpoint", Some(finding.note.as_slice())),
            ("before", before),
            ("json", report.as_deref()),
        ];
        for (part, bytes) in parts {
            let Some(bytes) = bytes else {
                continue;
            };
            let path = format!("{base}.{part}");
            if let Err(failure) = files::write_atomic(Path::new(&path), bytes, 0o600) {
                let why = failure.lines().0;
                tracing::error!(file = path, why, "the evidence cannot be kept");
            }
        }
        tracing::error!(files = base, "kept as evidence");
    }
}

fn found(kind: Alarm, told: String, report: Option<Report>, note: Vec<u8>) -> Trouble {
    Trouble::Found(Box::new(Finding {
        kind,
        told,
        report,
        note,
    }))
}

fn unread(error: crate::audit::AuditError) -> Trouble {
    Trouble::Unread(undone(error))
}

fn divergence(report: &Report) -> String {
    let found = report.log.divergence().or(report.ledger.divergence());
    found.map_or_else(
        || "the log is signed by another key".to_owned(),
        ToString::to_string,
    )
}
