//! `quittance backup verify`: every byte hashed, every entry replayed.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::failed;
use crate::backup::{Verified, readable, verify};
use crate::cli::Context;
use crate::cli::connect;
use crate::cli::error::Failure;
use crate::cli::output::Table;

/// Checks a whole backup: exit code 0 it holds, 1 it does not, 2 it could not be read
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance backup verify /mnt/backup --log-vkey log.vkey")]
pub(super) struct VerifyArgs {
    /// The folder of the backup; it is only read
    folder: PathBuf,
    /// The log's key as you had it by another way: a vkey, or a file with one
    #[arg(
        long,
        visible_alias = "vkey",
        value_name = "FILE|TEXT",
        env = "QUITTANCE_LOG_VKEY"
    )]
    log_vkey: Option<String>,
}

/// What was verified, as JSON.
#[derive(Debug, Serialize)]
struct VerifiedView {
    origin: String,
    log_vkey: String,
    /// Whether that key was brought; otherwise the backup vouches for its own.
    log_vkey_is_yours: bool,
    genesis_hash: String,
    size: u64,
    root: String,
    taken_at: String,
    last_entry_at: String,
    segments: usize,
    bytes: u64,
    accounts: usize,
    state_hash: String,
}

pub(super) fn run(context: &Context, args: &VerifyArgs) -> Result<(), Failure> {
    let trusted = args.log_vkey.as_deref().map(connect::vkey).transpose()?;
    let does_not = |error| failed("the backup does not hold", error);
    let disk = readable(&args.folder).map_err(does_not)?;
    let bar = context.out.progress(0, "entries");
    let verified = verify(&disk, trusted.as_ref(), None, &mut |progress| {
        bar.set_length(progress.of);
        bar.set_position(progress.entries);
    });
    bar.finish_and_clear();
    let view = view(&verified.map_err(does_not)?, trusted.is_some());
    context.out.data(&view, || table(&view))?;
    if trusted.is_none() {
        context
            .out
            .say("the log's key came with the backup itself; bring your own with --log-vkey");
        context
            .out
            .say("the backup holds by itself; whose log it is, is open");
        return Ok(());
    }
    context.out.say(context.out.green("the backup holds"));
    Ok(())
}

fn view(verified: &Verified, is_yours: bool) -> VerifiedView {
    let manifest = &verified.manifest;
    let state = verified.replay.state();
    VerifiedView {
        origin: manifest.origin.clone(),
        log_vkey: manifest.log_vkey.clone(),
        log_vkey_is_yours: is_yours,
        genesis_hash: manifest.genesis_hash.0.to_string(),
        size: verified.size,
        root: verified.root.to_string(),
        taken_at: manifest.taken_at.clone(),
        last_entry_at: state.map_or_else(String::new, |state| state.last_time().to_string()),
        segments: manifest.segments.len(),
        bytes: verified.bytes,
        accounts: state.map_or(0, |state| state.book().accounts().len()),
        state_hash: state.map_or_else(String::new, |state| state.hash().to_string()),
    }
}

fn table(view: &VerifiedView) -> Table {
    Table::pairs(&[
        ("log", view.origin.clone()),
        ("log key", view.log_vkey.clone()),
        ("genesis", view.genesis_hash.clone()),
        (
            "checkpoint",
            format!("{} entries, root {}", view.size, view.root),
        ),
        ("taken at", view.taken_at.clone()),
        ("last entry at", view.last_entry_at.clone()),
        (
            "files",
            format!("{} segments, {} bytes hashed", view.segments, view.bytes),
        ),
        (
            "replayed",
            format!(
                "every link, signature and outcome; balances of {} accounts",
                view.accounts
            ),
        ),
        ("hash of the state", view.state_hash.clone()),
        ("bodies", "sealed: a backup holds no keys".to_owned()),
    ])
}
