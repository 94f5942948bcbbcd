//! `quittance queue`: payments that wait.

use clap::Args;

use super::Context;
use super::connect::SessionArgs;
use super::error::Failure;
use super::output::Table;
use super::whoami::word;
use crate::wire::PaymentView;

/// Lists payments that wait: your own, and those that would pay you
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance queue --account bank-a:usd --key hsm-1.pem")]
pub(crate) struct QueueArgs {
    /// Only payments that debit or credit this account
    #[arg(long, value_name = "ADDRESS", env = "QUITTANCE_ACCOUNT")]
    account: Option<String>,
    /// Show at most so many
    #[arg(long, default_value_t = 50, value_name = "N", env = "QUITTANCE_LIMIT")]
    limit: usize,
    #[command(flatten)]
    session: SessionArgs,
}

pub(super) fn run(context: &Context, args: &QueueArgs) -> Result<(), Failure> {
    let client = args.session.session(context)?;
    let payments = client.payments(args.account.as_deref(), args.limit)?;
    context.out.data(&payments, || lines(&payments))
}

/// When a payment that is warehoused begins to wait for funds: a time, or a business date.
fn from(payment: &PaymentView) -> String {
    match (payment.settle_from, payment.settlement_date) {
        (Some(time), _) => time.to_string(),
        (None, Some(date)) => date.to_string(),
        (None, None) => "-".to_owned(),
    }
}

/// By when a payment should settle, or that it has not.
fn till(payment: &PaymentView) -> String {
    match (payment.overdue, payment.till) {
        (false, None) => "-".to_owned(),
        (false, Some(time)) => time.to_string(),
        (true, None) => "overdue".to_owned(),
        (true, Some(time)) => format!("{time} overdue"),
    }
}

/// A line a leg.
fn lines(payments: &[PaymentView]) -> Table {
    let mut table = Table::new(&[
        "payment",
        "state",
        "priority",
        "place>",
        "from",
        "to",
        "asset",
        "amount>",
        "settle from",
        "till",
        "reject at",
    ]);
    let none = || "-".to_owned();
    for payment in payments {
        for leg in &payment.legs {
            table.row([
                payment.id.to_string(),
                word(&payment.state),
                payment.priority.as_ref().map_or_else(none, word),
                payment.place.map_or_else(none, |place| place.to_string()),
                leg.debit.to_string(),
                leg.credit.to_string(),
                leg.asset.to_string(),
                leg.amount.clone(),
                from(payment),
                till(payment),
                payment.reject_at.map_or_else(none, |time| time.to_string()),
            ]);
        }
    }
    table
}
