//! `quittance statement verify`: that nothing between two seals is missing, offline.

use std::path::PathBuf;

use chain::{AccountItem, ItemRef, ProvenBalance, VerifierKey, verify_complete};
use clap::Args;
use serde::Serialize;

use crate::cli::Context;
use crate::cli::connect::vkey;
use crate::cli::error::{Failure, Kind};
use crate::cli::files;
use crate::cli::output::Table;
use crate::ledger::{Counters, print_minor};
use crate::wire::{BalanceFile, ProvenStatement};

/// Verifies offline that a statement is complete: exit code 0 it is, 1 it is not, 2 not checked
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance statement verify statement.json --log-vkey log.vkey")]
pub(crate) struct VerifyArgs {
    /// The statement, or `-` for stdin [default: stdin, if something is piped in]
    file: Option<PathBuf>,
    /// The log's key as you had it by another way: a vkey, or a file with one
    #[arg(
        long,
        visible_alias = "vkey",
        value_name = "FILE|TEXT",
        env = "QUITTANCE_LOG_VKEY"
    )]
    log_vkey: String,
}

/// What a verified statement proves.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    account: String,
    asset: String,
    /// Entries below it are in the opening balance.
    from_size: u64,
    opening_balance: String,
    items: u64,
    total_credits: String,
    total_debits: String,
    /// Entries below it are in the closing balance.
    to_size: u64,
    closing_balance: String,
    log_key: String,
}

pub(super) fn run(context: &Context, args: &VerifyArgs) -> Result<(), Failure> {
    let key = vkey(&args.log_vkey)?;
    let bytes = files::read(&files::or_stdin(args.file.as_deref(), "statement")?)?;
    let statement = ProvenStatement::from_json(&bytes).map_err(|error| {
        Failure::new(
            Kind::File,
            "the statement cannot be read, so nothing was checked",
        )
        .because(error)
        .hint("`quittance statement prove` fetches a fresh one")
    })?;
    let summary = check(&statement, &key)?;
    context.out.data(&summary, || summary.table())?;
    context.out.say(format_args!(
        "{} {}",
        context.out.green("verified:"),
        summary.words()
    ));
    Ok(())
}

/// Verifies a balance proof.
pub(super) fn balance(file: &BalanceFile, key: &VerifierKey) -> Result<ProvenBalance, Failure> {
    let proof = file.to_proof().map_err(|error| fails().because(error))?;
    proof.verify(key).map_err(|error| fails().because(error))
}

/// Verifies everything: both ends, every receipt, and that one leads to the next.
pub(super) fn check(statement: &ProvenStatement, key: &VerifierKey) -> Result<Summary, Failure> {
    let older = statement.from.as_ref().map(|file| balance(file, key));
    let older = older.transpose()?;
    let newer = balance(&statement.to, key)?;
    let mut verified = Vec::with_capacity(statement.receipts.len());
    for file in &statement.receipts {
        let receipt = file.to_receipt().map_err(|error| fails().because(error))?;
        let index = receipt.entry.index;
        let found = receipt.verify(key).map_err(|error| {
            fails()
                .because(format!("the receipt of entry {index}"))
                .because(error)
        })?;
        verified.push((index, found));
    }
    let items = verified.iter().flat_map(|(index, found)| {
        found.items.iter().map(|item| AccountItem {
            at: ItemRef {
                index: *index,
                item: item.n,
            },
            item,
        })
    });
    let items: Vec<_> = items.collect();
    let opening = older.as_ref().map(|older| &older.account);
    let turnover =
        verify_complete(opening, &newer.account, &items).map_err(|error| fails().because(error))?;
    let account = &newer.account;
    let print = |minor: u128| {
        let minor = i128::try_from(minor).unwrap_or(i128::MAX);
        print_minor(minor, account.scale)
    };
    let posted =
        |counters: chain::Counters| print_minor(Counters::from(counters).posted(), account.scale);
    Ok(Summary {
        account: account.address.clone(),
        asset: account.asset.clone(),
        from_size: opening.map_or(0, |opening| opening.sealed_size),
        opening_balance: posted(opening.map_or_else(Default::default, |o| o.counters)),
        items: turnover.items,
        total_credits: print(turnover.credits),
        total_debits: print(turnover.debits),
        to_size: account.sealed_size,
        closing_balance: posted(account.counters),
        log_key: key.to_string(),
    })
}

fn fails() -> Failure {
    Failure::new(Kind::Invalid, "the statement does not hold")
}

impl Summary {
    /// In one line.
    pub(super) fn words(&self) -> String {
        format!(
            "{} items, and nothing is missing between {} and {} entries",
            self.items, self.from_size, self.to_size
        )
    }

    fn table(&self) -> Table {
        Table::pairs(&[
            ("account", self.account.clone()),
            (
                "opening balance",
                format!(
                    "{} {}, after {} entries",
                    self.opening_balance, self.asset, self.from_size
                ),
            ),
            ("items", self.items.to_string()),
            ("received", self.total_credits.clone()),
            ("paid", self.total_debits.clone()),
            (
                "closing balance",
                format!(
                    "{} {}, after {} entries",
                    self.closing_balance, self.asset, self.to_size
                ),
            ),
            ("log key", self.log_key.clone()),
        ])
    }
}
