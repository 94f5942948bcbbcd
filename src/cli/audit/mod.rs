//! `quittance audit`: everything read, hashed and computed again.

mod say;
mod watch;

use std::net::SocketAddr;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chain::Hash;
use clap::Args;

use super::Context;
use super::connect::{KeyArgs, NodeArgs, RunFile, SessionArgs, TlsArgs};
use super::error::{Failure, Kind};
use super::files;
use crate::audit::layout;
use crate::audit::{
    AuditError, DirSource, Progress, Report, Saved, SavedError, Signer, Source, Trust, audit_on,
    audit_since,
};
use crate::clock;
use crate::wire::ReceiptFile;
use say::{say, table};

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
    /// A saved audit (--save) to go on from: only what is new is read, and the log must extend it
    #[arg(long, value_name = "FILE", env = "QUITTANCE_SINCE")]
    since: Option<PathBuf>,
    /// Saves the audit to this file if everything holds, for --since; it holds every balance, and
    /// whoever can write it can deceive the next audit
    #[arg(long, value_name = "FILE", env = "QUITTANCE_SAVE")]
    save: Option<PathBuf>,
    /// Threads that hash and verify, beside one that reads and one that replays [default: one a core]
    #[arg(long, value_name = "COUNT", env = "QUITTANCE_THREADS",
          value_parser = clap::value_parser!(u16).range(1..=1_024))]
    threads: Option<u16>,
    /// Goes on for ever: audits what is new, round after round, and raises alarms; goes on from
    /// --save if that is there
    #[arg(long, requires = "save", env = "QUITTANCE_WATCH")]
    watch: bool,
    /// Seconds between two rounds
    #[arg(long, value_name = "SECONDS", default_value_t = 10, env = "QUITTANCE_EVERY",
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    every: u64,
    /// Seconds without a new entry after which it is an alarm; 0 for never
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 3_600,
        env = "QUITTANCE_STALE_AFTER"
    )]
    stale_after: u64,
    /// Address and port for /metrics and /healthz of --watch [default: none]
    #[arg(
        long,
        value_name = "ADDRESS",
        requires = "watch",
        env = "QUITTANCE_LISTEN"
    )]
    listen: Option<SocketAddr>,
}

pub(super) fn run(context: &Context, args: &AuditArgs) -> Result<ExitCode, Failure> {
    if args.watch {
        return watch::run(context, args);
    }
    let trust = args.trust()?;
    let since = args.since.as_deref().map(saved).transpose()?;
    let mut source = args.source(context)?;
    let bar = context.out.progress(0, "entries");
    let began = clock::instant();
    let audited = args.audit(&mut source, &trust, since.as_ref(), &mut |progress| {
        bar.set_length(progress.of);
        bar.set_position(progress.entries);
    });
    bar.finish_and_clear();
    let (report, next) = audited.map_err(undone)?;
    context.out.data(&report, || table(&report))?;
    say(context, &report, began.elapsed().as_secs_f64());
    if let (Some(path), Some(next)) = (&args.save, next) {
        files::write_atomic(path, &next.to_bytes(), 0o600)?;
        let path = path.display();
        context.out.say(format_args!(
            "saved: the next audit goes on with --since {path}"
        ));
    }
    Ok(ExitCode::from(exit(&report)))
}

/// What keeps an audit from being done at all.
fn undone(error: AuditError) -> Failure {
    let hint = match &error {
        AuditError::Kept { .. } => "a kept file is a checkpoint or a receipt of this log",
        _ => "this says nothing about the log itself",
    };
    Failure::new(Kind::File, "the audit could not be done")
        .because(error)
        .hint(hint)
}

/// Reads a saved audit.
fn saved(path: &Path) -> Result<Saved, Failure> {
    Saved::from_bytes(&files::read(path)?).map_err(|error: SavedError| {
        Failure::new(
            Kind::File,
            format_args!("{} is no saved audit", path.display()),
        )
        .because(error)
        .hint("without --since the audit begins at the first entry")
    })
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
    fn audit(
        &self,
        source: &mut Source,
        trust: &Trust,
        since: Option<&Saved>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(Report, Option<Saved>), AuditError> {
        match self.threads.and_then(|count| NonZero::new(count.into())) {
            Some(threads) => audit_on(threads, source, trust, since, progress),
            None => audit_since(source, trust, since, progress),
        }
    }

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
