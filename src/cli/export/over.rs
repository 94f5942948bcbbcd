//! An export over an existing one: only of the same log, only forwards, and never in silence.

use std::fs;
use std::path::Path;

use chain::{Checkpoint, Note, VerifierKey};

use super::tree::Tree;
use crate::audit::layout::{self, Identity};
use crate::cli::error::{Failure, Kind};
use crate::cli::files;
use crate::client::Client;

/// Looks at the folder before anything in it is replaced: what lies there may be the only evidence
/// of what the log once said. Gives the checkpoint of the export that is there, if there is one.
pub(super) fn check(
    client: &Client,
    folder: &Path,
    now: &Checkpoint,
    public: bool,
) -> Result<Option<Checkpoint>, Failure> {
    let is = |name: &str| folder.join(name).exists();
    if is("wal") || is("sled") {
        return Err(refused(folder, "is a node's data folder"));
    }
    if !is(layout::GENESIS) && !is(layout::LOG_VKEY) && !is(layout::CHECKPOINT) {
        return empty(folder).map(|()| None);
    }
    same_log(client, folder)?;
    if public && is(layout::RECORDS) {
        return Err(refused(
            folder,
            "holds records, which --public would leave behind the new checkpoint",
        ));
    }
    // An export that was interrupted before its end has none; nothing speaks for what is there.
    if !is(layout::CHECKPOINT) {
        return Ok(None);
    }
    let unfit = |why: String| {
        refused(folder, "holds a checkpoint that this log has not signed").because(why)
    };
    let bytes = files::read(&folder.join(layout::CHECKPOINT))?;
    let note = Note::parse(&bytes).map_err(|error| unfit(error.to_string()))?;
    // A log may have changed its key since.
    let log = client.log()?;
    let keys = log.keys.iter().filter_map(|key| key.vkey.parse().ok());
    let keys: Vec<VerifierKey> = keys.chain([client.log_key()?.clone()]).collect();
    note.verify(&keys.iter().collect::<Vec<_>>())
        .map_err(|error| unfit(error.to_string()))?;
    let old = Checkpoint::parse_text(note.text()).map_err(|error| unfit(error.to_string()))?;
    if old.size > now.size {
        return Err(forked(
            folder,
            format!(
                "the log has {} entries now, and had signed {} when the export was made",
                now.size, old.size
            ),
        ));
    }
    Ok(Some(old))
}

/// Compares what the checkpoint that is there speaks for with the tree of today.
pub(super) fn continues(folder: &Path, tree: &Tree<'_>, old: &Checkpoint) -> Result<(), Failure> {
    if tree.root_at(old.size)? != old.root {
        let what = format!("the first {} entries of the log are others now", old.size);
        return Err(forked(folder, what));
    }
    Ok(())
}

/// A folder that is not there, or holds nothing.
fn empty(folder: &Path) -> Result<(), Failure> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(());
    };
    // What an export that was interrupted at its very start leaves is no more than a folder.
    let is_other = |name: &str| !name.starts_with('.') && name != "log";
    for entry in entries.flatten() {
        if is_other(&entry.file_name().to_string_lossy()) {
            return Err(refused(folder, "is not empty, and holds no export"));
        }
    }
    Ok(())
}

fn same_log(client: &Client, folder: &Path) -> Result<(), Failure> {
    let log = client.log()?;
    let file = folder.join(layout::GENESIS);
    if !file.exists() {
        return Err(refused(
            folder,
            "holds something of an export without its genesis.json",
        ));
    }
    let there: Identity = serde_json::from_slice(&files::read(&file)?).map_err(|error| {
        refused(folder, "holds a genesis.json that cannot be read").because(error)
    })?;
    if there.genesis_hash != log.genesis_hash {
        let what = format!(
            "holds an export of another log: {} (genesis {}), and this is {} (genesis {})",
            there.origin, there.genesis_hash.0, log.origin, log.genesis_hash.0
        );
        return Err(refused(folder, what));
    }
    Ok(())
}

fn refused(folder: &Path, what: impl std::fmt::Display) -> Failure {
    Failure::new(Kind::File, format_args!("{} {what}", folder.display()))
        .hint("nothing was changed: name another folder")
}

pub(super) fn forked(folder: &Path, what: String) -> Failure {
    Failure::new(
        Kind::Invalid,
        "this log is no continuation of the export that is there",
    )
    .because(what)
    .hint(format_args!(
        "nothing was changed: keep {}, export to another folder, and compare them with `quittance \
         audit NEW --kept {}`",
        folder.display(),
        folder.join(layout::CHECKPOINT).display()
    ))
}
