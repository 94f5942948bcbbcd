//! `quittance rebuild`: a new store in the place of a damaged one.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::Context;
use super::backup::failed;
use super::error::{Failure, Kind};
use super::output::Table;
use crate::audit::DirSource;
use crate::backup::{BackupError, Export, Items, Origin, Rebuilt, rebuild};

/// Makes a new store for a data folder whose own is damaged or gone; the old one is kept aside
#[derive(Debug, Args)]
#[command(
    before_help = "Example: quittance rebuild                  (from what can be read of the store)\n         quittance rebuild --from /mnt/backup"
)]
pub(crate) struct RebuildArgs {
    /// A backup or an export with records to begin with [default: what can be read of the store]
    #[arg(long, value_name = "DIR", env = "QUITTANCE_FROM")]
    from: Option<PathBuf>,
}

/// What was rebuilt, as JSON.
#[derive(Debug, Serialize)]
struct RebuiltView {
    given: u64,
    size: u64,
    root: String,
    state_hash: String,
    aside: Option<String>,
}

pub(super) fn run(context: &Context, args: &RebuildArgs) -> Result<(), Failure> {
    let config = context.config()?;
    let bar = context.out.progress(0, "entries");
    let mut progress = |at: crate::backup::Progress| {
        bar.set_length(at.of);
        bar.set_position(at.entries);
    };
    let rebuilt = match &args.from {
        None => rebuild(&config, Origin::Store, &mut progress),
        Some(folder) if folder.join("backup.json").exists() => {
            rebuild(&config, Origin::Backup(folder.clone()), &mut progress)
        }
        Some(folder) => {
            let (checkpoint, mut next) = export(folder)?;
            let next = &mut *next;
            let origin = Origin::Export(Export { checkpoint, next });
            rebuild(&config, origin, &mut progress)
        }
    };
    bar.finish_and_clear();
    let rebuilt = rebuilt.map_err(not_rebuilt)?;
    let view = view(&rebuilt);
    context.out.data(&view, || table(&view))?;
    context.out.say(
        "every entry was replayed; the log ends where it was signed, or above. Start the node",
    );
    Ok(())
}

type Next = Box<dyn FnMut(u64) -> Result<Option<Items>, BackupError>>;

/// Reads an export entry by entry.
fn export(folder: &Path) -> Result<(Vec<u8>, Next), Failure> {
    let unreadable = |why: String| {
        let message = format_args!("{} is no backup, and no export", folder.display());
        Failure::new(Kind::File, message).because(why)
    };
    let mut source = DirSource::open(folder).map_err(|error| unreadable(error.to_string()))?;
    let size = source.size().map_err(unreadable)?;
    let checkpoint = source.checkpoint().map_err(unreadable)?;
    if !source.has_records() {
        return Err(
            Failure::usage("the export is a public one: it holds no records")
                .hint("`quittance export --key` as an auditor writes one that does"),
        );
    }
    let next = Box::new(move |index| {
        if index == size {
            return Ok(None);
        }
        let kept = source.kept(index).map_err(BackupError::Export)?;
        Ok(Some(Items {
            entry: kept.entry,
            salt: kept.salt,
            items: kept.items,
            sealed_body: kept.sealed_body,
        }))
    });
    Ok((checkpoint, next))
}

fn view(rebuilt: &Rebuilt) -> RebuiltView {
    RebuiltView {
        given: rebuilt.given,
        size: rebuilt.size,
        root: rebuilt.root.to_string(),
        state_hash: rebuilt.state.to_string(),
        aside: rebuilt
            .aside
            .as_ref()
            .map(|path| path.display().to_string()),
    }
}

fn table(view: &RebuiltView) -> Table {
    let tail = view.size.saturating_sub(view.given);
    Table::pairs(&[
        ("entries", view.size.to_string()),
        ("of these from the write-ahead log", tail.to_string()),
        ("root", view.root.clone()),
        ("hash of the state", view.state_hash.clone()),
        (
            "the former store",
            view.aside
                .clone()
                .unwrap_or_else(|| "was not there".to_owned()),
        ),
    ])
}

fn not_rebuilt(error: BackupError) -> Failure {
    let hint = match &error {
        BackupError::Open(error) => error.trouble().what_to_do(),
        BackupError::Short { .. } | BackupError::Store(_) => {
            "name a backup or an export with --from; `quittance restore` is for when there is nothing else"
        }
        _ => "the data folder is as it was; `quittance doctor` says what is wrong with it",
    };
    failed("the store was not rebuilt; nothing was signed", error).hint(hint)
}
