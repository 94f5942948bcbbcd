//! `quittance returns`: payments of which something was given back.

use clap::Args;

use super::Context;
use super::connect::SessionArgs;
use super::error::Failure;
use super::output::Table;
use crate::wire::ReturnedView;

/// Lists payments of yours of which something was given back, by you or to you
#[derive(Debug, Args)]
#[command(
    before_help = "Example: quittance returns --account bank-b:usd --key hsm-1.pem\n         \
                   quittance returns 4711 --key hsm-1.pem"
)]
pub(crate) struct ReturnsArgs {
    /// Only payments of the entry with this log index
    #[arg(value_name = "INDEX")]
    index: Option<u64>,
    /// Only payments that debited or credited this account
    #[arg(long, value_name = "ADDRESS", env = "QUITTANCE_ACCOUNT")]
    account: Option<String>,
    /// Show at most so many
    #[arg(long, default_value_t = 50, value_name = "N", env = "QUITTANCE_LIMIT")]
    limit: usize,
    #[command(flatten)]
    session: SessionArgs,
}

pub(super) fn run(context: &Context, args: &ReturnsArgs) -> Result<(), Failure> {
    let client = args.session.session(context)?;
    let returns = client.returns(args.account.as_deref(), args.index, args.limit)?;
    context.out.data(&returns, || lines(&returns))
}

fn lines(returns: &[ReturnedView]) -> Table {
    let mut table = Table::new(&[
        "entry>",
        "item>",
        "returned by",
        "from",
        "to",
        "asset",
        "amount>",
        "returned>",
        "left>",
        "last entry>",
        "until",
    ]);
    for one in returns {
        table.row([
            one.index.to_string(),
            one.item.to_string(),
            one.by.to_string(),
            one.debit.clone(),
            one.credit.clone(),
            one.asset.to_string(),
            one.amount.clone(),
            one.returned.clone(),
            one.left.clone(),
            one.last_index.to_string(),
            one.until.to_string(),
        ]);
    }
    table
}
