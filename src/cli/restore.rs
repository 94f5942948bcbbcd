//! `quittance restore`: a new data folder from a backup.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::Context;
use super::audit::checkpoint_in;
use super::backup::failed;
use super::connect;
use super::error::Failure;
use super::files;
use super::output::Table;
use crate::backup::{BackupError, Confirmed, Plan, Restored, readable, restore};

/// Fills a new data folder from a backup
#[derive(Debug, Args)]
#[command(
    before_help = "Example: quittance restore /mnt/backup --into ./data --checkpoint newest.txt"
)]
pub(crate) struct RestoreArgs {
    /// The folder of the backup; it is only read
    folder: PathBuf,
    /// The data folder to make; it must be empty or missing
    #[arg(long, value_name = "DIR", env = "QUITTANCE_INTO")]
    into: PathBuf,
    /// A checkpoint or receipt that somebody outside has kept; may be given again. The newest must
    /// be where the backup ends: only then may a node go on from here
    #[arg(long, value_name = "FILE", env = "QUITTANCE_CHECKPOINT")]
    checkpoint: Vec<PathBuf>,
    /// Restore the log up to this entry only: a copy to look at, which can never sign
    #[arg(long, value_name = "INDEX", env = "QUITTANCE_AT_INDEX")]
    at_index: Option<u64>,
    /// The log's key as you had it by another way: a vkey, or a file with one
    #[arg(
        long,
        visible_alias = "vkey",
        value_name = "FILE|TEXT",
        env = "QUITTANCE_LOG_VKEY"
    )]
    log_vkey: Option<String>,
}

/// What was restored, as JSON.
#[derive(Debug, Serialize)]
struct RestoredView {
    folder: String,
    origin: String,
    size: u64,
    root: String,
    may_sign: bool,
}

pub(super) fn run(context: &Context, args: &RestoreArgs) -> Result<(), Failure> {
    let mut confirmed = Vec::with_capacity(args.checkpoint.len());
    for path in &args.checkpoint {
        confirmed.push(Confirmed {
            by: path.display().to_string(),
            note: checkpoint_in(&files::read(path)?),
        });
    }
    let plan = Plan {
        at_index: args.at_index,
        confirmed,
        trusted: args.log_vkey.as_deref().map(connect::vkey).transpose()?,
    };
    // A folder that was there before is somebody's: nobody is told to remove it.
    let ours = !args.into.exists();
    let disk = readable(&args.folder).map_err(|error| unrestored(error, ours))?;
    let bar = context.out.progress(0, "entries");
    let restored = restore(&disk, &args.into, &plan, &mut |progress| {
        bar.set_length(progress.of);
        bar.set_position(progress.entries);
    });
    bar.finish_and_clear();
    let restored = restored.map_err(|error| unrestored(error, ours))?;
    let view = view(&args.into, restored);
    context.out.data(&view, || table(&view))?;
    say(context, args, &view);
    Ok(())
}

fn view(into: &Path, restored: Restored) -> RestoredView {
    RestoredView {
        folder: into.display().to_string(),
        origin: restored.origin,
        size: restored.size,
        root: restored.root.to_string(),
        may_sign: restored.may_sign,
    }
}

fn table(view: &RestoredView) -> Table {
    let use_of = if view.may_sign {
        "a node may go on from here"
    } else {
        "a copy: no node signs on it"
    };
    Table::pairs(&[
        ("data folder", view.folder.clone()),
        ("log", view.origin.clone()),
        ("entries", view.size.to_string()),
        ("root", view.root.clone()),
        ("use", use_of.to_owned()),
    ])
}

fn say(context: &Context, args: &RestoreArgs, view: &RestoredView) {
    let out = &context.out;
    if view.may_sign {
        let keys = args.into.join("keys");
        out.say(format_args!(
            "next: put the log's key where keys.log says (by default {}), and start the node. \
             The keys of bodies come from the backup of `keys.slots`, if there is one.",
            keys.join("log.pem").display()
        ));
    } else if args.at_index.is_some() {
        out.say("this is the past: to look at balances, `quittance backup accounts` is enough");
    } else {
        out.say(
            "the backup restores. A node goes on from it only with --checkpoint: the newest one \
             that partners, auditors or witnesses hold",
        );
    }
}

/// Says why not. `ours`: the folder to fill was not there before.
fn unrestored(error: BackupError, ours: bool) -> Failure {
    let hint = match &error {
        BackupError::NotEmpty { .. } => "name a new folder with --into",
        BackupError::EndsBelow { .. } | BackupError::NotNewest { .. } => {
            "docs/operate/backup.md, \"The fork rule\""
        }
        _ if ours => "nothing that could sign was made; name a new folder for the next try",
        _ => "nothing that could sign was made",
    };
    failed("the backup was not restored", error).hint(hint)
}
