//! `quittance export`: a log in files, for auditors and for keeping.
//!
//! ```text
//!   checkpoint ─▶ tree ─▶ tiles, bundles ─▶ records, keys ─▶ checkpoint written ─▶ what is needless goes
//! ```
//!
//! Every file appears whole, and none is believed, there or fetched, that does not lead to the
//! signed checkpoint. So a run may be killed at any point: the next one keeps what it finds, and says
//! what of it was changed.

mod changed;
mod keys;
mod over;
mod records;
mod tiles;
mod tree;

use std::fs;
use std::path::{Path, PathBuf};

use chain::{Checkpoint, Note};
use clap::Args;

use super::Context;
use super::connect::SessionArgs;
use super::error::{Failure, Kind};
use super::files;
use crate::audit::layout::{self, Identity};
use crate::client::Client;
use crate::wire::ErrorCode;
use changed::Changed;
use tree::Tree;

/// Writes a log to a folder that `quittance audit` and other verifiers read; exit code 0 all of it is
/// there, 1 what is there was changed or is another log's, 2 not finished
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance export ./export --key auditor.pem")]
pub(crate) struct ExportArgs {
    /// The folder; an export of the same log that is there already, whole or interrupted, is
    /// brought up to date: what leads to the signed checkpoint stays, what is missing is fetched
    folder: PathBuf,
    /// Only what everybody may read: no items, no bodies, no session
    #[arg(long, env = "QUITTANCE_PUBLIC")]
    public: bool,
    /// Where a file is not what was exported, keep it in the folder `changed` and fetch what the log
    /// holds; without this the command says which it is and ends with 1
    #[arg(long, env = "QUITTANCE_MEND")]
    mend: bool,
    #[command(flatten)]
    session: SessionArgs,
}

pub(super) fn run(context: &Context, args: &ExportArgs) -> Result<(), Failure> {
    let client = if args.public {
        args.session.node.client(context)?
    } else {
        args.session.session(context)?
    };
    let size = write(context, &client, &args.folder, args.mend).map_err(|failure| {
        if failure.is_refused() && !args.public {
            let advice =
                "items are for auditors: name an auditor's key with --key, or say --public";
            return failure.hint(advice);
        }
        failure
    })?;
    context.out.say(format_args!(
        "{size} entries written to {}",
        args.folder.display()
    ));
    Ok(())
}

/// What was there already, and what was fetched.
#[derive(Debug, Default)]
struct Tally {
    tiles: [u64; 2],
    records: [u64; 2],
}

impl Tally {
    fn tile(&mut self, there: bool) {
        let [old, new] = &mut self.tiles;
        *(if there { old } else { new }) += 1;
    }

    fn records(&mut self, there: u64, fetched: u64) {
        let [old, new] = &mut self.records;
        *old += there;
        *new += fetched;
    }
}

/// Writes an export; gives the size of the log that was written. With a session, records too. Files
/// that were changed since they were exported end it, unless they are to be mended.
pub(super) fn write(
    context: &Context,
    client: &Client,
    folder: &Path,
    mend: bool,
) -> Result<u64, Failure> {
    let text = client.checkpoint()?;
    let checkpoint = verified(client, &text)?;
    let size = checkpoint.size;
    files::make_dir(folder)?;
    let _held = files::lock_dir(folder)?;
    let there = over::check(client, folder, &checkpoint, !client.has_session())?;
    let tree = Tree::open(client, folder, &checkpoint)?;
    let changed = Changed::new(context.out, folder, mend);
    if let Some(old) = &there {
        over::continues(folder, &tree, old)?;
        context.out.say(format_args!(
            "the export that is there holds {} entries, and this log continues it",
            old.size
        ));
    }
    files::remove_unfinished(folder)?;
    files::make_dir(&folder.join("log"))?;
    identity(client, folder, &changed)?;
    let mut tally = Tally::default();
    let bar = context.out.progress(size, "entries");
    tiles::write(&tree, folder, size, (&bar, &mut tally), &changed)?;
    if client.has_session() {
        let before = there.map_or(0, |old| old.size);
        records::write(
            client,
            &tree,
            (folder, &changed),
            (before, size),
            (&bar, &mut tally),
        )?;
    }
    bar.finish_and_clear();
    // After all that it speaks for, and before anything goes that the one before spoke for.
    keep(&folder.join(layout::CHECKPOINT), text.as_bytes())?;
    witnessed(client, folder)?;
    tiles::tidy(&tree, folder, size, &changed)?;
    let Tally { tiles, records } = tally;
    if tiles[0] > 0 || records[0] > 0 {
        context.out.say(format_args!(
            "there already, and right: {} tiles and bundles, {} records; fetched: {} and {}",
            tiles[0], records[0], tiles[1], records[1]
        ));
    }
    if changed.count() > 0 {
        context.out.say(format_args!(
            "{} files were not what was exported, and are written anew: find out why",
            changed.count()
        ));
    }
    Ok(size)
}

/// Writes what names the log.
fn identity(client: &Client, folder: &Path, changed: &Changed<'_>) -> Result<(), Failure> {
    let log = client.log()?;
    let vkey = format!("{}\n", client.log_key()?);
    let identity = Identity {
        origin: log.origin.clone(),
        genesis_hash: log.genesis_hash,
    };
    let identity = serde_json::to_vec(&identity)
        .map_err(|error| Failure::new(Kind::File, "genesis.json cannot be made").because(error))?;
    let there = |name: &str| fs::read(folder.join(name)).ok();
    if there(layout::GENESIS).is_some_and(|there| there != identity) {
        let why = "it does not name this log, or not in these bytes";
        changed.found(&folder.join(layout::GENESIS), why)?;
    }
    // A log may have changed its key since.
    let keys = log.keys.iter().map(|key| format!("{}\n", key.vkey));
    let mut keys = keys.chain([vkey.clone()]);
    if let Some(there) = there(layout::LOG_VKEY)
        && !keys.any(|key| key.as_bytes() == there)
    {
        let why = "it is no key that the log ever had";
        changed.found(&folder.join(layout::LOG_VKEY), why)?;
    }
    // First what an interrupted export is known again by.
    keep(&folder.join(layout::GENESIS), &identity)?;
    keep(&folder.join(layout::LOG_VKEY), vkey.as_bytes())
}

/// Writes a file unless it holds these bytes already.
fn keep(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    match fs::read(path) {
        Ok(there) if there == bytes => Ok(()),
        _ => files::write_atomic(path, bytes, 0o644),
    }
}

/// Writes what a quorum of witnesses has cosigned last, if there is such a thing.
fn witnessed(client: &Client, folder: &Path) -> Result<(), Failure> {
    match client.witnessed_checkpoint() {
        Ok(note) => {
            verified(client, &note)?;
            keep(&folder.join(layout::WITNESSED), note.as_bytes())
        }
        Err(error) if error.code() == Some(ErrorCode::NotWitnessed) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn verified(client: &Client, text: &str) -> Result<Checkpoint, Failure> {
    let key = client.log_key()?;
    let wrong =
        |why: String| Failure::new(Kind::Invalid, "the checkpoint does not hold").because(why);
    let note = Note::parse(text.as_bytes()).map_err(|error| wrong(error.to_string()))?;
    note.verify(&[key])
        .map_err(|error| wrong(error.to_string()))?;
    Checkpoint::parse_text(note.text()).map_err(|error| wrong(error.to_string()))
}

/// What the node gave is not what it has signed.
fn untrue(what: impl std::fmt::Display, leads: &str) -> Failure {
    let message = format_args!("{what}, as the node gives it, does not lead to {leads}");
    Failure::new(Kind::Invalid, message)
        .hint("nothing of it was written; try again, and keep the answer if it stays")
}
