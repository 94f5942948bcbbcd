//! `quittance accounts`: balances, and the history of one account.

use clap::Args;

use super::Context;
use super::connect::SessionArgs;
use super::error::Failure;
use super::output::Table;
use super::whoami::word;
use crate::client::Client;
use crate::ledger::Date;
use crate::wire::reference::shown;
use crate::wire::{
    AccountView, BilateralView, Bound, Cursor, Direction, FreezeOf, FreezeView, HistoryRow,
    ReservedView, VelocityView,
};

/// Shows balances, or the history of one account
#[derive(Debug, Args)]
#[command(
    before_help = "Example: quittance accounts bank-a:usd --history --key hsm-1.pem\n         \
                   quittance accounts --as-of 2026-01-31T23:59:59Z --key hsm-1.pem\n         \
                   quittance accounts bank-a:usd --value-date 2026-01-30 --key hsm-1.pem"
)]
pub(crate) struct AccountsArgs {
    /// Address of one account
    address: Option<String>,
    /// Show what moved, newest first
    #[arg(
        long,
        requires = "address",
        conflicts_with = "as_of",
        env = "QUITTANCE_HISTORY"
    )]
    history: bool,
    /// Show balances after the last entry at or before this time (RFC 3339), or after the entry
    /// with this log index [default: now]
    #[arg(long, value_name = "TIME|INDEX", value_parser = bound, env = "QUITTANCE_AS_OF")]
    as_of: Option<Bound>,
    /// Show beside it the balance at this date, with each payment counted from its value date on
    #[arg(
        long,
        value_name = "DATE",
        requires = "address",
        conflicts_with_all = ["as_of", "history"],
        env = "QUITTANCE_VALUE_DATE"
    )]
    value_date: Option<Date>,
    /// Show at most so many lines of history
    #[arg(long, default_value_t = 50, value_name = "N", env = "QUITTANCE_LIMIT")]
    limit: usize,
    #[command(flatten)]
    session: SessionArgs,
}

pub(super) fn run(context: &Context, args: &AccountsArgs) -> Result<(), Failure> {
    let client = args.session.session(context)?;
    let Some(address) = &args.address else {
        let accounts = client.accounts_at(args.as_of)?;
        return context.out.data(&accounts, || balances(&accounts));
    };
    if args.history {
        let rows = history(&client, address, args.limit)?;
        return context.out.data(&rows, || lines(&rows));
    }
    let account = match args.value_date {
        Some(date) => client.account_valued(address, date)?,
        None => client.account_at(address, args.as_of)?,
    };
    context.out.data(&account, || details(&account))
}

fn history(client: &Client, address: &str, limit: usize) -> Result<Vec<HistoryRow>, Failure> {
    let mut rows = Vec::new();
    let mut cursor: Option<Cursor> = None;
    while rows.len() < limit {
        let page = client.history(address, cursor)?;
        rows.extend(page.items);
        match page.next {
            None => break,
            next => cursor = next,
        }
    }
    rows.truncate(limit);
    Ok(rows)
}

/// Many accounts, a line each. If something is reserved on one of them for urgent and high payments,
/// there is a column for that.
pub(super) fn balances(accounts: &[AccountView]) -> Table {
    let mut columns = vec!["account", "asset", "posted>", "available>"];
    let some = accounts.iter().any(|account| account.reserved.is_some());
    columns.extend(some.then_some("reserved"));
    columns.extend(["kind", "status", "at index>"]);
    let mut table = Table::new(&columns);
    for account in accounts {
        let mut cells = vec![
            account.address.to_string(),
            account.asset.to_string(),
            account.posted.clone(),
            account.available.clone(),
        ];
        cells.extend(some.then(|| account.reserved.as_ref().map_or_else(String::new, reserved)));
        cells.extend([
            word(&account.kind),
            word(&account.status),
            account.at_index.to_string(),
        ]);
        table.row(cells);
    }
    table
}

fn details(account: &AccountView) -> Table {
    let mut pairs = vec![
        ("account", account.address.to_string()),
        ("number", account.number.to_string()),
        ("owner", account.owner.to_string()),
        ("kind", word(&account.kind)),
        ("status", word(&account.status)),
        ("asset", account.asset.to_string()),
        ("posted", account.posted.clone()),
        ("pending debits", account.pending_debits.clone()),
        ("pending credits", account.pending_credits.clone()),
        ("available", account.available.clone()),
        ("credit line", account.credit_line.clone()),
        ("minimum balance", account.min_balance.clone()),
        (
            "maximum per transfer",
            or_none(account.per_transfer_max.as_ref()),
        ),
        ("maximum balance", or_none(account.max_balance.as_ref())),
        (
            "velocity",
            or_none(each(&account.velocity, velocity).as_ref()),
        ),
        (
            "net per day to",
            or_none(each(&account.bilateral, bilateral).as_ref()),
        ),
        ("net per day to all", or_none(account.multilateral.as_ref())),
        ("freezes", or_none(each(&account.freezes, freeze).as_ref())),
        (
            "reserved",
            or_none(account.reserved.as_ref().map(reserved).as_ref()),
        ),
        ("at index", account.at_index.to_string()),
    ];
    if let Some(valued) = &account.value_dated {
        let last = match valued.r#final {
            true => "yes",
            false => "no: a payment to come may have an earlier value date",
        };
        pairs.extend([
            ("value date", valued.date.to_string()),
            ("business date", valued.business_date.to_string()),
            ("value-dated balance", valued.balance.clone()),
            ("booked by then", valued.booked.clone()),
            ("booked at index", valued.booked_at_index.to_string()),
            ("final", last.into()),
        ]);
    }
    Table::pairs(&pairs)
}

fn or_none(text: Option<&String>) -> String {
    text.cloned().unwrap_or_else(|| "none".into())
}

/// What a list says, with semicolons; nothing of an empty one.
fn each<T>(list: &[T], say: fn(&T) -> String) -> Option<String> {
    let said: Vec<String> = list.iter().map(say).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

/// For example `debit 100.00, 5 legs in 3600 s`, or `net 100.00 a month`.
fn velocity(rule: &VelocityView) -> String {
    let count = rule.count.map(|count| format!("{count} legs"));
    let most: Vec<String> = rule.amount.clone().into_iter().chain(count).collect();
    let direction = word(&rule.direction);
    let most = most.join(", ");
    match (rule.seconds, &rule.period) {
        (Some(seconds), _) => format!("{direction} {most} in {seconds} s"),
        (None, Some(period)) => format!("{direction} {most} a {}", word(period)),
        (None, None) => format!("{direction} {most}"),
    }
}

fn bilateral(limit: &BilateralView) -> String {
    format!("{} {}", limit.counterparty, limit.amount)
}

/// For example `urgent 50.00, high 0.00; unreserved 120.00`.
fn reserved(reserved: &ReservedView) -> String {
    let ReservedView {
        urgent: Some(urgent),
        high: Some(high),
        unreserved: Some(unreserved),
    } = reserved
    else {
        return "not remembered".into();
    };
    format!("urgent {urgent}, high {high}; unreserved {unreserved}")
}

/// For example `amount 100.00 until 2026-12-01T00:00:00Z, case 17`.
fn freeze(freeze: &FreezeView) -> String {
    let mut said = word(&freeze.level);
    if let Some(amount) = &freeze.amount {
        said += &format!(" {amount}");
    }
    if freeze.of == FreezeOf::Participant {
        said += " of the owner";
    }
    if let Some(time) = freeze.expires_at {
        said += &format!(" until {time}");
    }
    if let Some(case) = &freeze.case {
        said += &format!(", case {case}");
    }
    said
}

/// Reads a log index or a time, for flags.
pub(super) fn bound(text: &str) -> Result<Bound, String> {
    let wrong = "give a log index, or a time such as 2026-01-31T23:59:59Z";
    text.parse().map_err(|_| wrong.to_owned())
}

/// What moved on an account, or was told about it, a line each; `booked` is what moved. The last columns are there if a line has a reference, or a
/// value date of its own.
pub(super) fn lines(rows: &[HistoryRow]) -> Table {
    let mut columns = vec![
        "time",
        "item",
        "kind",
        "outcome",
        "amount>",
        "booked>",
        "balance>",
        "counterparty",
        "instruction",
    ];
    let referenced = rows.iter().any(|row| row.reference.is_some());
    columns.extend(referenced.then_some("reference"));
    let valued = rows.iter().any(is_valued);
    columns.extend(valued.then_some("value date"));
    let mut table = Table::new(&columns);
    for row in rows {
        let mut cells = vec![
            row.time.to_string(),
            format!("{}.{}", row.index, row.item),
            word(&row.kind),
            row.outcome.code().to_owned(),
            signed(row),
            booked(row),
            row.balance.clone(),
            row.counterparty.clone(),
            row.id.to_string(),
        ];
        cells.extend(referenced.then(|| reference(row)));
        let date = || row.value_date.map_or_else(String::new, |d| d.to_string());
        cells.extend(valued.then(date));
        table.row(cells);
    }
    table
}

/// The amount of a line, and whether the account pays or receives it.
pub(super) fn signed(row: &HistoryRow) -> String {
    let sign = match row.direction {
        Direction::Debit => "-",
        Direction::Credit => "+",
    };
    format!("{sign}{}", row.amount)
}

/// The same where it moved the balance.
pub(super) fn booked(row: &HistoryRow) -> String {
    match row.booked {
        true => signed(row),
        false => "no".to_owned(),
    }
}

/// Whether a line has another value date than the date on which it was booked.
fn is_valued(row: &HistoryRow) -> bool {
    row.value_date != row.business_date
}

/// What a line is referred to by: in a binary batch, or as the payer's text.
pub(super) fn reference(row: &HistoryRow) -> String {
    match row.reference {
        Some(reference) => shown(reference),
        None => row.texts.end_to_end_id.clone().unwrap_or_default(),
    }
}
