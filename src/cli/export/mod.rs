//! `quittance export`: a log in files, for auditors and for keeping.

mod over;
mod records;
mod tiles;

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

/// Writes a log to a folder that `quittance audit` and other verifiers read
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance export ./export --key auditor.pem")]
pub(crate) struct ExportArgs {
    /// The folder; an export of the same log that is there already, or was interrupted, is brought up
    /// to date, and what is there and holds is not fetched again
    folder: PathBuf,
    /// Only what everybody may read: no items, no bodies, no session
    #[arg(long, env = "QUITTANCE_PUBLIC")]
    public: bool,
    #[command(flatten)]
    session: SessionArgs,
}

pub(super) fn run(context: &Context, args: &ExportArgs) -> Result<(), Failure> {
    let client = if args.public {
        args.session.node.client(context)?
    } else {
        args.session.session(context)?
    };
    let size = write(context, &client, &args.folder).map_err(|failure| {
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

/// Writes an export; gives the size of the log that was written. With a session, records too.
pub(super) fn write(context: &Context, client: &Client, folder: &Path) -> Result<u64, Failure> {
    let text = client.checkpoint()?;
    let checkpoint = verified(client, &text)?;
    let size = checkpoint.size;
    let there = over::check(client, folder, &checkpoint, !client.has_session())?;
    if let Some(old) = there {
        context.out.say(format_args!(
            "the export that is there holds {old} entries, and this log continues it"
        ));
    }
    files::make_dir(&folder.join("log"))?;
    let log = client.log()?;
    // What says whose it is comes first: an export that was interrupted is known again by it.
    let identity = Identity {
        origin: log.origin.clone(),
        genesis_hash: log.genesis_hash,
    };
    let identity = serde_json::to_vec(&identity)
        .map_err(|error| Failure::new(Kind::File, "genesis.json cannot be made").because(error))?;
    files::write_atomic(&folder.join(layout::GENESIS), &identity, 0o644)?;
    let vkey = format!("{}\n", client.log_key()?);
    files::write_atomic(&folder.join(layout::LOG_VKEY), vkey.as_bytes(), 0o644)?;
    let bar = context.out.progress(size, "entries");
    let seen = tiles::write(client, folder, &checkpoint, &bar)?;
    if client.has_session() {
        records::write(client, folder, size, &seen.erasures, &bar)?;
    }
    bar.finish_and_clear();
    // Last, so that it never speaks for what is not there yet.
    files::write_atomic(&folder.join(layout::CHECKPOINT), text.as_bytes(), 0o644)?;
    witnessed(client, folder)?;
    tiles::sweep(folder, size)?;
    Ok(size)
}

/// Writes what a quorum of witnesses has cosigned last, if there is such a thing.
fn witnessed(client: &Client, folder: &Path) -> Result<(), Failure> {
    let path = folder.join(layout::WITNESSED);
    match client.witnessed_checkpoint() {
        Ok(note) => {
            verified(client, &note)?;
            files::write_atomic(&path, note.as_bytes(), 0o644)
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
