//! `quittance statement prove`: every item between two seals, with its receipt.

use std::path::PathBuf;

use chain::{ItemRef, previous_of};
use clap::Args;

use super::verify;
use crate::cli::Context;
use crate::cli::connect::SessionArgs;
use crate::cli::error::{Failure, Kind};
use crate::cli::files;
use crate::wire::{BalanceFile, PROVEN_VERSION, ProvenStatement};

/// Fetches everything that changed an account, from a balance proof kept before to the newest seal
#[derive(Debug, Args)]
#[command(
    before_help = "Example: quittance statement prove bank-a:usd --since balance.json --key hsm-1.pem --out statement.json"
)]
pub(crate) struct ProveArgs {
    /// Address of the account
    address: String,
    /// A balance proof of an earlier seal (`balance get`) [default: the account's opening]
    #[arg(long, value_name = "FILE", env = "QUITTANCE_SINCE")]
    since: Option<PathBuf>,
    /// The file to write [default: stdout]
    #[arg(long, value_name = "FILE", env = "QUITTANCE_OUT")]
    out: Option<PathBuf>,
    #[command(flatten)]
    session: SessionArgs,
}

pub(super) fn run(context: &Context, args: &ProveArgs) -> Result<(), Failure> {
    let from = match &args.since {
        None => None,
        Some(path) => Some(since(&files::read(path)?)?),
    };
    let client = args.session.session(context)?;
    let key = client.log_key()?.clone();
    let start = match &from {
        None => None,
        Some(file) => verify::balance(file, &key)?.account.last,
    };
    let (to, proven) = client.balance_proof(&args.address)?;
    let number = proven.account.number;
    let mut receipts = Vec::new();
    let mut next: Option<ItemRef> = proven.account.last;
    while let Some(at) = next.filter(|_| next != start) {
        let (file, verified) = client.receipt(at.index, Some(at.item))?;
        let item = verified.items.iter().find(|item| item.n == at.item);
        let previous = item.and_then(|item| previous_of(item, number));
        next = previous.ok_or_else(|| {
            let item = format!("item {} of entry {}", at.item, at.index);
            Failure::new(
                Kind::Invalid,
                "the node does not open what changed the account",
            )
            .because(item)
        })?;
        receipts.push(file);
        if next.is_none() && start.is_some() {
            return Err(Failure::new(
                Kind::Invalid,
                "the balance that you kept is not on the way: the account's items do not lead to it",
            ));
        }
    }
    receipts.reverse();
    let statement = ProvenStatement {
        version: PROVEN_VERSION,
        from,
        to,
        receipts,
    };
    let summary = verify::check(&statement, &key)?;
    let json = statement.to_json();
    match &args.out {
        None => context.out.text(&json)?,
        Some(path) => {
            files::write_atomic(path, format!("{json}\n").as_bytes(), 0o644)?;
            context
                .out
                .say(format_args!("written to {}", path.display()));
        }
    }
    context.out.say(summary.words());
    Ok(())
}

fn since(bytes: &[u8]) -> Result<BalanceFile, Failure> {
    BalanceFile::from_json(bytes).map_err(|error| {
        Failure::new(Kind::File, "the balance proof cannot be read")
            .because(error)
            .hint("`quittance balance get` writes one; keep it for the next statement")
    })
}
