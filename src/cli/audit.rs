//! `quittance audit`: everything read, hashed and computed again.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chain::Hash;
use clap::Args;

use super::Context;
use super::connect::{KeyArgs, NodeArgs, SessionArgs, TlsArgs};
use super::error::{Failure, Kind};
use super::files;
use super::output::Table;
use crate::audit::{AuditError, DirSource, Report, Source, Trust, Verdict, audit};
use crate::clock;
use crate::wire::ReceiptFile;

/// Audits a whole log: exit code 0 all of it holds, 1 it does not, 2 it could not be checked
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance audit ./export --log-vkey log.vkey")]
pub(crate) struct AuditArgs {
    #[command(flatten)]
    tls: TlsArgs,
    /// Address of a node, or an export folder
    source: String,
    /// The log's key as you had it by another way: a vkey, or a file with one
    #[arg(
        long,
        visible_alias = "vkey",
        value_name = "FILE|TEXT",
        env = "QUITTANCE_LOG_VKEY"
    )]
    log_vkey: Option<String>,
    /// The log's genesis hash as you had it by another way, base64
    #[arg(long, value_name = "HASH", env = "QUITTANCE_GENESIS_HASH")]
    genesis_hash: Option<String>,
    /// A checkpoint or receipt kept from before, which the log must extend; may be given again
    #[arg(long = "kept", value_name = "FILE", env = "QUITTANCE_KEPT")]
    kept: Vec<PathBuf>,
    /// The auditor's key file, for a node; without it only the public part is checked
    #[arg(long = "key", value_name = "FILE", env = "QUITTANCE_KEY")]
    key: Option<PathBuf>,
    /// File with the key's passphrase [default: QUITTANCE_PASSPHRASE, the terminal]
    #[arg(long, value_name = "FILE", env = "QUITTANCE_PASSPHRASE_FILE")]
    passphrase_file: Option<PathBuf>,
    /// Participant to act for [default: the one named by the key]
    #[arg(long = "as", value_name = "ID", env = "QUITTANCE_AS")]
    participant: Option<String>,
}

pub(super) fn run(context: &Context, args: &AuditArgs) -> Result<ExitCode, Failure> {
    let trust = args.trust()?;
    let mut source = args.source(context)?;
    let bar = context.out.progress(0, "entries");
    let began = clock::instant();
    let report = audit(&mut source, &trust, &mut |progress| {
        bar.set_length(progress.of);
        bar.set_position(progress.entries);
    });
    bar.finish_and_clear();
    let report = report.map_err(|error| {
        let hint = match &error {
            AuditError::Kept { .. } => "a kept file is a checkpoint or a receipt of this log",
            _ => "this says nothing about the log itself",
        };
        Failure::new(Kind::File, "the audit could not be done")
            .because(error)
            .hint(hint)
    })?;
    context.out.data(&report, || table(&report))?;
    say(context, &report, began.elapsed().as_secs_f64());
    Ok(ExitCode::from(exit(&report)))
}

const fn exit(report: &Report) -> u8 {
    if report.holds() {
        0
    } else if report.is_broken() {
        1
    } else {
        2
    }
}

impl AuditArgs {
    fn trust(&self) -> Result<Trust, Failure> {
        let genesis_hash = self.genesis_hash.as_deref().map(|text| {
            Hash::from_base64(text)
                .map_err(|error| Failure::usage(format_args!("{text:?} is no hash")).because(error))
        });
        let mut kept = Vec::with_capacity(self.kept.len());
        for path in &self.kept {
            kept.push((
                path.display().to_string(),
                checkpoint_in(&files::read(path)?),
            ));
        }
        Ok(Trust {
            log_vkey: self
                .log_vkey
                .as_deref()
                .map(super::connect::vkey)
                .transpose()?,
            genesis_hash: genesis_hash.transpose()?,
            kept,
        })
    }

    fn source(&self, context: &Context) -> Result<Source, Failure> {
        if !self.source.contains("://") {
            let folder = Path::new(&self.source);
            let open = DirSource::open(folder).map_err(|error| {
                Failure::new(Kind::File, "the audit could not be done").because(error)
            });
            return Ok(Source::Dir(open?));
        }
        // The key is compared by the audit itself: another one is a finding, not a failure.
        let node = NodeArgs {
            url: Some(self.source.clone()),
            log_vkey: None,
            tls: self.tls.clone(),
        };
        let mut client = node.client(context)?;
        if let Some(key) = &self.key {
            let keys = KeyArgs {
                keys: vec![key.clone()],
                passphrase_file: self.passphrase_file.clone(),
            };
            let unlocked = keys.unlock(context)?;
            let session = SessionArgs {
                node,
                keys,
                participant: self.participant.clone(),
            };
            session.open(&mut client, &unlocked)?;
        }
        Ok(Source::Http(client))
    }
}

/// The checkpoint in a receipt, or the bytes themselves.
pub(super) fn checkpoint_in(bytes: &[u8]) -> Vec<u8> {
    let receipt = ReceiptFile::from_json(bytes)
        .ok()
        .and_then(|file| file.to_receipt().ok());
    receipt.map_or_else(|| bytes.to_vec(), |receipt| receipt.checkpoint)
}

fn table(report: &Report) -> Table {
    let counts = &report.counts;
    let genesis = report.genesis_hash.clone().unwrap_or_default();
    let mode = report
        .mode
        .clone()
        .unwrap_or_else(|| "mode not read".into());
    let mut rows = vec![
        ("log", format!("{} ({mode})", report.origin)),
        ("log key", report.log_vkey.clone()),
        ("genesis", genesis),
        (
            "checkpoint",
            format!("{} entries, root {}", report.size, report.root),
        ),
        (
            "entries",
            format!(
                "{} linked, {} tiles and bundles compared",
                counts.entries, counts.tiles
            ),
        ),
        (
            "items",
            format!(
                "{} hashed, {} computed again",
                counts.items, counts.items_replayed
            ),
        ),
        (
            "signatures",
            format!("{} verified again", counts.signatures),
        ),
        ("bodies", format!("{} opened and compared", counts.bodies)),
    ];
    for (name, list) in [
        ("bodies erased", &counts.bodies_erased),
        ("bodies without key", &counts.bodies_closed),
    ] {
        if !list.is_empty() {
            rows.push((name, format!("{}: {}", list.len(), ranges(list))));
        }
    }
    if counts.kept_checkpoints > 0 {
        rows.push((
            "kept",
            format!(
                "the log extends {} kept checkpoints",
                counts.kept_checkpoints
            ),
        ));
    }
    for totals in &report.totals {
        let shown = format!(
            "{} in circulation, sum of all {} accounts {}",
            totals.issued, totals.accounts, totals.sum
        );
        rows.push(("asset", format!("{}  {shown}", totals.asset)));
    }
    rows.push(("the log is append-only and intact", verdict(&report.log)));
    rows.push(("the ledger follows its rules", verdict(&report.ledger)));
    Table::pairs(&rows)
}

fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Holds => "yes".into(),
        Verdict::Broken(divergence) => format!("NO: {divergence}"),
        Verdict::Unchecked { reason } => format!("not checked: {reason}"),
    }
}

/// A list of indexes, with runs as `first-last`.
fn ranges(list: &[u64]) -> String {
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for &index in list {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == index => *last = index,
            _ => runs.push((index, index)),
        }
    }
    let show = |(first, last): &(u64, u64)| {
        if first == last {
            first.to_string()
        } else {
            format!("{first}-{last}")
        }
    };
    runs.iter().map(show).collect::<Vec<_>>().join(", ")
}

fn say(context: &Context, report: &Report, seconds: f64) {
    let out = &context.out;
    if !report.log_vkey_is_yours {
        out.say("the log's key came with the log itself; bring your own with --log-vkey");
    }
    let rate = report.counts.items as f64 / seconds.max(1e-9);
    out.say(format_args!(
        "{} items in {seconds:.1} s, {rate:.0} a second",
        report.counts.items
    ));
    out.say(match exit(report) {
        0 => out.green("everything holds"),
        1 => out.red("TAMPERED, or the node broke its rules: keep this copy and its checkpoint"),
        _ => out.bold("not everything could be checked"),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_indexes_are_shown_short() {
        assert_eq!(ranges(&[1, 2, 3, 7, 9, 10]), "1-3, 7, 9-10");
    }
}
