//! `quittance backup`: the log in files, taken beside a running node or from a stopped one.

mod accounts;
mod verify;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::Context;
use super::connect::{self, RunFile};
use super::error::{Failure, Kind};
use super::output::Table;
use super::run::not_opened;
use crate::backup::{
    self, AdminSource, BackupError, NodeSource, Order, Source, SourceError, Taken, writable,
};
use crate::client::{Admin, ClientError};
use crate::clock::Clock;
use crate::config::Config;
use crate::ledger::Time;
use crate::node::{Node, OpenOptions};

/// Backs the log up into a folder; the next run adds what is new
#[derive(Debug, Args)]
#[command(
    before_help = "Example: quittance backup /mnt/backup",
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
pub(crate) struct BackupArgs {
    #[command(subcommand)]
    command: Option<Command>,
    /// The folder; a backup that is there already is continued
    #[arg(required = true)]
    folder: Option<PathBuf>,
    /// The log's key as you had it by another way: a vkey, or a file with one
    #[arg(
        long,
        visible_alias = "vkey",
        value_name = "FILE|TEXT",
        env = "QUITTANCE_LOG_VKEY"
    )]
    log_vkey: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Verify(verify::VerifyArgs),
    Accounts(accounts::AccountsArgs),
}

/// What a backup has done, as JSON.
#[derive(Debug, Serialize)]
struct TakenView {
    folder: String,
    origin: String,
    size: u64,
    root: String,
    new: u64,
    taken_over: u64,
    online: bool,
}

pub(super) fn run(context: &Context, args: &BackupArgs) -> Result<(), Failure> {
    match (&args.command, &args.folder) {
        (Some(Command::Verify(args)), _) => verify::run(context, args),
        (Some(Command::Accounts(args)), _) => accounts::run(context, args),
        (None, Some(folder)) => take(context, args, folder),
        (None, None) => Err(Failure::usage("name the folder to back up into")),
    }
}

fn take(context: &Context, args: &BackupArgs, folder: &Path) -> Result<(), Failure> {
    let config = context.config()?;
    let trusted = args.log_vkey.as_deref().map(connect::vkey).transpose()?;
    let mut from = From::find(context, &config)?;
    let disk = writable(folder).map_err(untaken)?;
    let now = Time::from_nanos(Clock::start().now_ns()).to_string();
    let bar = context.out.progress(0, "entries");
    let order = Order {
        trusted: trusted.as_ref(),
        ..Order::at(&now)
    };
    let taken = backup::take(from.source(), &disk, &order, &mut |progress| {
        bar.set_length(progress.of);
        bar.set_position(progress.entries);
    });
    bar.finish_and_clear();
    let online = from.end();
    let taken = taken.map_err(untaken)?;
    let view = view(folder, &taken, online);
    context.out.data(&view, || table(&view))?;
    let (new, size) = (view.new, view.size);
    let words = if new == 0 {
        format!("nothing is new: the backup ends where the log does, at {size} entries")
    } else {
        format!("{new} entries added, {size} in all; try it: `quittance backup verify`")
    };
    context.out.say(words);
    Ok(())
}

fn view(folder: &Path, taken: &Taken, online: bool) -> TakenView {
    TakenView {
        folder: folder.display().to_string(),
        origin: taken.origin.clone(),
        size: taken.size,
        root: taken.root.to_string(),
        new: taken.size.saturating_sub(taken.before),
        taken_over: taken.taken_over,
        online,
    }
}

fn table(view: &TakenView) -> Table {
    let from = if view.online {
        "the running node"
    } else {
        "the data folder of a stopped node"
    };
    Table::pairs(&[
        ("backup", view.folder.clone()),
        ("log", view.origin.clone()),
        ("from", from.to_owned()),
        ("entries", format!("{} ({} new)", view.size, view.new)),
        ("root", view.root.clone()),
    ])
}

/// Where the backup is taken from.
enum From {
    /// A node that runs beside us.
    Running(AdminSource),
    /// A node that we have opened for the purpose: nothing is submitted to it.
    Opened(Arc<Node>, NodeSource),
}

impl From {
    /// Finds the node that runs in the data folder; if none does, opens the folder.
    fn find(context: &Context, config: &Config) -> Result<Self, Failure> {
        if let Some(running) = running(config)? {
            return Ok(Self::Running(running));
        }
        let dir = config.data_dir.display();
        if !config.data_dir.is_dir() {
            return Err(Failure::new(
                Kind::Node,
                format_args!("there is no log in {dir}"),
            )
            .hint("--set data.dir=DIR names the data folder, or --config the node's configuration"));
        }
        context.out.say(format_args!(
            "no node runs in {dir}: its log is opened as `quittance run` would, and takes nothing in"
        ));
        let node = Node::open(config, &OpenOptions::default()).map_err(|error| {
            let what = "no backup was taken, and none is changed: the log in the data folder does not open";
            not_opened(what, error)
        })?;
        let source = NodeSource::new(Arc::clone(&node));
        Ok(Self::Opened(node, source))
    }

    fn source(&mut self) -> &mut dyn Source {
        match self {
            Self::Running(source) => source,
            Self::Opened(_, source) => source,
        }
    }

    /// Closes what was opened; says whether the node runs on.
    fn end(self) -> bool {
        match self {
            Self::Running(_) => true,
            Self::Opened(node, _) => {
                node.shutdown();
                false
            }
        }
    }
}

/// The node that runs in the data folder, if one does and answers.
fn running(config: &Config) -> Result<Option<AdminSource>, Failure> {
    let Some(run) = RunFile::read(&config.data_dir) else {
        return Ok(None);
    };
    let path = config.data_dir.join(RunFile::BACKUP_TOKEN);
    let token = match std::fs::read_to_string(&path) {
        Ok(token) => token,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            let path = path.display();
            let failure = Failure::new(Kind::File, format_args!("{path} cannot be read"));
            return Err(failure
                .because(error)
                .hint("backups are taken by the user that the node runs as, or by root"));
        }
    };
    let mut source = AdminSource(Admin::new(&format!("http://{}", run.admin), token)?);
    match source.state(0) {
        Ok(_) => Ok(Some(source)),
        // Left behind by a node that was killed.
        Err(SourceError::Client(error)) if matches!(*error, ClientError::Transport { .. }) => {
            Ok(None)
        }
        Err(error) => Err(untaken(error.into())),
    }
}

fn untaken(error: BackupError) -> Failure {
    let failure = failed(
        "no backup was taken; what was there before is unchanged",
        error,
    );
    failure.hint("`quittance backup verify DIR` says what the folder holds")
}

/// A failure with the exit code that fits: 1 for no, 2 for no answer.
pub(super) fn failed(message: &str, error: BackupError) -> Failure {
    let kind = match &error {
        error if error.is_no() => Kind::Invalid,
        BackupError::Source(_) => Kind::Network,
        _ => Kind::File,
    };
    Failure::new(kind, message).because(error)
}
