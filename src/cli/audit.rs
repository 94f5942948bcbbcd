//! `quittance audit`: everything read, hashed and computed again.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chain::{Hash, VerifierKey};
use clap::Args;

use super::Context;
use super::connect::{KeyArgs, NodeArgs, RunFile, SessionArgs, TlsArgs};
use super::error::{Failure, Kind};
use super::files;
use super::output::Table;
use crate::audit::layout;
use crate::audit::{Anchor, AuditError, DirSource, Report, Signer, Source, Trust, Verdict, audit};
use crate::clock;
use crate::wire::ReceiptFile;

/// Audits a whole log: exit code 0 all of it holds and you know whose it is, 1 it does not hold, 2 it
/// could not be checked
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance audit ./export --log-vkey log.vkey")]
pub(crate) struct AuditArgs {
    #[command(flatten)]
    tls: TlsArgs,
    /// Address of a node, or an export folder [default: the node that runs in the data folder]
    source: Option<String>,
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
    if report.passes() {
        0
    } else if report.is_broken() || matches!(report.signer, Signer::OtherKey { .. }) {
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
        match &self.source {
            Some(source) if !source.contains("://") => {
                let folder = Path::new(source);
                export_folder(folder, source)?;
                let open = DirSource::open(folder).map_err(|error| {
                    Failure::new(Kind::File, "the audit could not be done").because(error)
                });
                Ok(Source::Dir(open?))
            }
            None if context
                .data_dir()
                .and_then(|dir| RunFile::read(&dir))
                .is_none() =>
            {
                Err(Failure::usage("there is nothing to audit")
                    .hint("name an export folder, or the address of a node"))
            }
            _ => self.node(context),
        }
    }

    fn node(&self, context: &Context) -> Result<Source, Failure> {
        // The key is compared by the audit itself: another one is a finding, not a failure.
        let node = NodeArgs {
            url: self.source.clone(),
            log_vkey: None,
            tls: self.tls.clone(),
        };
        let mut client = node.client(context)?;
        if let Some(key) = &self.key {
            let keys = KeyArgs {
                keys: vec![key.clone()],
                passphrase_files: self.passphrase_file.clone().into_iter().collect(),
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

/// Says what a path is that is no export folder.
fn export_folder(folder: &Path, given: &str) -> Result<(), Failure> {
    let is = |name: &str| folder.join(name).exists();
    let (what, hint) = if !folder.exists() {
        let hint = format!("an address begins with http:// or https://: http://{given}?");
        (
            "does not exist",
            if given.contains(':') {
                hint
            } else {
                "name an export folder, or the address of a node".to_owned()
            },
        )
    } else if !folder.is_dir() {
        ("is no folder", "an export is a folder".to_owned())
    } else if is(layout::CHECKPOINT) || is(layout::LOG_VKEY) && is(layout::GENESIS) {
        return Ok(());
    } else if is("sled") || is("wal") {
        (
            "is a node's data folder, not an export",
            "audit the running node by its address, or an export of it (`quittance export`); \
             `quittance doctor` looks at data folders"
                .to_owned(),
        )
    } else if is(crate::backup::MANIFEST) {
        (
            "is a backup, not an export",
            "`quittance backup verify` replays backups".to_owned(),
        )
    } else {
        (
            "is no export: it has no log/checkpoint",
            "`quittance export` writes one".to_owned(),
        )
    };
    Err(Failure::new(Kind::File, format_args!("{given} {what}")).hint(hint))
}

/// The checkpoint in a receipt, or the bytes themselves.
pub(super) fn checkpoint_in(bytes: &[u8]) -> Vec<u8> {
    let receipt = ReceiptFile::from_json(bytes)
        .ok()
        .and_then(|file| file.to_receipt().ok());
    receipt.map_or_else(|| bytes.to_vec(), |receipt| receipt.checkpoint)
}

fn table(report: &Report) -> Table {
    let mut rows = if report.signer.is_other() {
        // Nothing was looked at: rows of zeros would read as findings.
        Vec::new()
    } else {
        looked_at(report)
    };
    rows.push((
        "the key is that of the log you mean",
        signer(&report.signer),
    ));
    rows.push(("the log is append-only and intact", verdict(&report.log)));
    rows.push(("the ledger follows its rules", verdict(&report.ledger)));
    Table::pairs(&rows)
}

fn looked_at(report: &Report) -> Vec<(&'static str, String)> {
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
    if counts.seals > 0 {
        let seals = format!("{} computed again, over all accounts", counts.seals);
        rows.push(("seals", seals));
    }
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
    rows
}

fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Holds => "yes".into(),
        Verdict::Broken(divergence) => format!("NO: {divergence}"),
        Verdict::Unchecked { reason } => format!("not checked: {reason}"),
    }
}

fn signer(signer: &Signer) -> String {
    match signer {
        Signer::Known { by } => match by {
            Anchor::LogVkey => "yes: you brought it".into(),
            Anchor::GenesisHash => "yes: entry 0, whose hash you brought, names it".into(),
            Anchor::Kept => "yes: it signed the checkpoint that you kept".into(),
        },
        Signer::Stated => "not verified: the source states it itself".into(),
        Signer::OtherLog { yours, stated } | Signer::OtherKey { yours, stated } => {
            format!("NO: yours is {}, this is {}", named(yours), named(stated))
        }
    }
}

/// A vkey as its name and key id.
fn named(vkey: &str) -> String {
    VerifierKey::parse(vkey).map_or_else(|_| vkey.to_owned(), |key| super::connect::named(&key))
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
    if report.signer.is_other() {
        return out.say(mismatch(context, &report.signer));
    }
    let rate = report.counts.items as f64 / seconds.max(1e-9);
    out.say(format_args!(
        "{} items in {seconds:.1} s, {rate:.0} a second",
        report.counts.items
    ));
    if report.signer == Signer::Stated && !report.is_broken() {
        out.say(
            "NOT VERIFIED: who signed it. The log's key came with the log itself, and whoever \
             wrote this log may have made all of it; bring the key as you had it by another way \
             with --log-vkey",
        );
    }
    out.say(match exit(report) {
        0 => out.green("everything holds"),
        1 => out.red("TAMPERED, or the node broke its rules: keep this copy and its checkpoint"),
        _ if report.holds() => out.bold("everything holds by itself; whose log it is, is open"),
        _ => out.bold("not everything could be checked"),
    });
}

/// Another log or key than the one that was meant, in words.
fn mismatch(context: &Context, signer: &Signer) -> String {
    let told = match signer {
        Signer::OtherKey { .. } => {
            "KEY MISMATCH: this log has the name of yours and is signed by another key. Either \
             it has changed its key since (a checkpoint or receipt that your key has signed, with \
             --kept, or the genesis hash shows it), or somebody runs another log under its name. \
             Go no further before the operators have told you which, by another way"
        }
        _ => {
            "KEY MISMATCH: this is a log of another name than your key's. Nothing was checked, \
             and nothing is said about either log: name the vkey of this one, or the source of \
             yours"
        }
    };
    context.out.red(told).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_indexes_are_shown_short() {
        assert_eq!(ranges(&[1, 2, 3, 7, 9, 10]), "1-3, 7, 9-10");
    }
}
