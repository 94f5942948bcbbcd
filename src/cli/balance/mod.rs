//! `quittance balance`: what an account held, proven by a seal.

mod get;
mod verify;

use chain::{ProvenBalance, VerifierKey};
use clap::Subcommand;
use serde::Serialize;

use super::Context;
use super::error::Failure;
use super::output::Table;
use crate::ledger::{Counters, Time, print_minor};

/// Fetches or verifies balance proofs
#[derive(Debug, Subcommand)]
#[command(before_help = "Example: quittance balance verify balance.json --log-vkey log.vkey")]
pub(crate) enum Command {
    Get(get::GetArgs),
    Verify(verify::VerifyArgs),
}

pub(super) fn run(context: &Context, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Get(args) => get::run(context, args),
        Command::Verify(args) => verify::run(context, args),
    }
}

/// What a verified balance proof proves.
#[derive(Debug, Serialize)]
struct Summary {
    account: String,
    asset: String,
    posted: String,
    pending_debits: String,
    pending_credits: String,
    /// Entries that count: those below this index.
    sealed_size: u64,
    /// The last item that changed the account: entry and item.
    last_entry: Option<u64>,
    last_item: Option<u32>,
    seal: u64,
    sealed_at: String,
    origin: String,
    log_size: u64,
    root: String,
    log_key: String,
}

impl Summary {
    fn of(entry: &chain::Entry, proven: &ProvenBalance, key: &VerifierKey) -> Self {
        let (account, checkpoint) = (&proven.account, &proven.checkpoint);
        let counters = Counters::from(account.counters);
        let pending = |minor: u128| {
            let minor = i128::try_from(minor).unwrap_or(i128::MAX);
            print_minor(minor, account.scale)
        };
        Self {
            account: account.address.clone(),
            asset: account.asset.clone(),
            posted: print_minor(counters.posted(), account.scale),
            pending_debits: pending(counters.debits_pending),
            pending_credits: pending(counters.credits_pending),
            sealed_size: account.sealed_size,
            last_entry: account.last.map(|last| last.index),
            last_item: account.last.map(|last| last.item),
            seal: entry.index,
            sealed_at: Time::from_nanos(entry.time).to_string(),
            origin: checkpoint.origin.clone(),
            log_size: checkpoint.size,
            root: checkpoint.root.to_string(),
            log_key: key.to_string(),
        }
    }

    fn print(&self, context: &Context) -> Result<(), Failure> {
        context.out.data(self, || {
            let last = match (self.last_entry, self.last_item) {
                (Some(entry), Some(item)) => format!("item {item} of entry {entry}"),
                _ => "none".to_owned(),
            };
            let log = format!(
                "{}, {} entries, root {}",
                self.origin, self.log_size, self.root
            );
            Table::pairs(&[
                ("account", self.account.clone()),
                ("balance", format!("{} {}", self.posted, self.asset)),
                ("pending debits", self.pending_debits.clone()),
                ("pending credits", self.pending_credits.clone()),
                ("exact after", format!("{} entries", self.sealed_size)),
                ("last change", last),
                ("seal", format!("entry {} of {}", self.seal, self.sealed_at)),
                ("log", log),
                ("log key", self.log_key.clone()),
            ])
        })
    }
}
