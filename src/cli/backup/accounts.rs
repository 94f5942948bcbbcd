//! `quittance backup accounts`: the balances at an index, without restoring anything.

use std::path::PathBuf;

use clap::Args;

use super::failed;
use crate::backup::{readable, verify};
use crate::cli::Context;
use crate::cli::accounts::balances;
use crate::cli::connect;
use crate::cli::error::Failure;
use crate::wire::{AccountView, Seen};

/// Shows all balances as they were after an entry, computed from a backup
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance backup accounts /mnt/backup --at-index 4711")]
pub(super) struct AccountsArgs {
    /// The folder of the backup; it is only read
    folder: PathBuf,
    /// The entry after which to look [default: the last one]
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

pub(super) fn run(context: &Context, args: &AccountsArgs) -> Result<(), Failure> {
    let trusted = args.log_vkey.as_deref().map(connect::vkey).transpose()?;
    let does_not = |error| failed("the balances cannot be computed", error);
    let disk = readable(&args.folder).map_err(does_not)?;
    let end = args.at_index.map(|index| index.saturating_add(1));
    let bar = context.out.progress(0, "entries");
    let verified = verify(&disk, trusted.as_ref(), end, &mut |progress| {
        bar.set_length(progress.of);
        bar.set_position(progress.entries);
    });
    bar.finish_and_clear();
    let verified = verified.map_err(does_not)?;
    let at_index = verified.size.saturating_sub(1);
    let accounts: Vec<AccountView> = verified.replay.state().map_or_else(Vec::new, |state| {
        let book = state.book();
        let seen = Seen {
            at_index,
            time: state.last_time().nanos(),
            // Whoever has the backup has the log.
            cases: true,
        };
        let view = |account| AccountView::of(book, account, seen);
        book.accounts().iter().filter_map(view).collect()
    });
    context.out.data(&accounts, || balances(&accounts))
}
