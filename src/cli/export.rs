//! `quittance export`: a log in files, for auditors and for keeping.

use std::path::{Path, PathBuf};

use chain::{Checkpoint, Note, TILE_WIDTH, TilePath, TileWidths, tiles_between};
use clap::Args;
use indicatif::ProgressBar;

use super::Context;
use super::connect::SessionArgs;
use super::error::{Failure, Kind};
use super::export_over;
use super::files::{self, AtomicFile};
use crate::audit::layout::{self, Identity};
use crate::client::Client;
use crate::wire::ErrorCode;

/// Writes a log to a folder that `quittance audit` and other verifiers read
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance export ./export --key auditor.pem")]
pub(crate) struct ExportArgs {
    /// The folder; an export of the same log that is there already is brought up to date
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
    let there = export_over::check(client, folder, &checkpoint, !client.has_session())?;
    if let Some(old) = there {
        context.out.say(format_args!(
            "the export that is there holds {old} entries, and this log continues it"
        ));
    }
    files::make_dir(&folder.join("log"))?;
    let log = client.log()?;
    let vkey = format!("{}\n", client.log_key()?);
    files::write_atomic(&folder.join(layout::LOG_VKEY), vkey.as_bytes(), 0o644)?;
    let identity = Identity {
        origin: log.origin.clone(),
        genesis_hash: log.genesis_hash,
    };
    let identity = serde_json::to_vec(&identity)
        .map_err(|error| Failure::new(Kind::File, "genesis.json cannot be made").because(error))?;
    files::write_atomic(&folder.join(layout::GENESIS), &identity, 0o644)?;
    let bar = context.out.progress(size, "entries");
    if client.has_session() {
        records(client, folder, size, &bar)?;
    }
    tiles(client, folder, size)?;
    bar.finish_and_clear();
    // Last, so that it never speaks for what is not there yet.
    files::write_atomic(&folder.join(layout::CHECKPOINT), text.as_bytes(), 0o644)?;
    witnessed(client, folder)?;
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

fn records(client: &Client, folder: &Path, size: u64, bar: &ProgressBar) -> Result<(), Failure> {
    files::make_dir(&folder.join(layout::RECORDS))?;
    let mut keys = AtomicFile::create(&folder.join(layout::BODY_KEYS), 0o600)?;
    let mut file: Option<AtomicFile> = None;
    for index in 0..size {
        if index.is_multiple_of(layout::RECORDS_PER_FILE) {
            file.take().map_or(Ok(()), AtomicFile::commit)?;
            file = Some(AtomicFile::create(
                &folder.join(layout::records_file(index)),
                0o600,
            )?);
        }
        let mut view = client.entry(index)?;
        if let Some(key) = view.body_key.take() {
            keys.write(layout::body_key_line(index, key.0.as_bytes()).as_bytes())?;
        }
        let mut line = serde_json::to_vec(&view)
            .map_err(|error| Failure::new(Kind::File, "a record cannot be made").because(error))?;
        line.push(b'\n');
        if let Some(file) = &mut file {
            file.write(&line)?;
        }
        bar.set_position(index + 1);
    }
    file.map_or(Ok(()), AtomicFile::commit)?;
    keys.commit()
}

fn tiles(client: &Client, folder: &Path, size: u64) -> Result<(), Failure> {
    let widths = TileWidths::at(0, size);
    let full = (0..widths.full).map(|n| (n, TILE_WIDTH));
    let partial = (widths.partial > 0).then_some((widths.full, widths.partial));
    let bundles = full
        .chain(partial)
        .map(|(n, width)| TilePath::entries(n, width));
    for path in tiles_between(0, size).into_iter().map(Ok).chain(bundles) {
        let path = path.map_err(|error| Failure::new(Kind::File, "no such tile").because(error))?;
        let bytes = client.tile(&path)?;
        let file = folder.join("log").join(path.to_string());
        if let Some(parent) = file.parent() {
            files::make_dir(parent)?;
        }
        files::write_atomic(&file, &bytes, 0o644)?;
    }
    Ok(())
}
