//! `quittance recalls`: payments that are asked back.

use clap::Args;

use super::Context;
use super::connect::SessionArgs;
use super::error::Failure;
use super::output::Table;
use crate::wire::RecallView;

/// Lists recalls that wait for an answer: your own, and those that ask you for money
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance recalls --account bank-b:usd --key hsm-1.pem")]
pub(crate) struct RecallsArgs {
    /// Only recalls of payments that debited or credited this account
    #[arg(long, value_name = "ADDRESS", env = "QUITTANCE_ACCOUNT")]
    account: Option<String>,
    /// Show at most so many
    #[arg(long, default_value_t = 50, value_name = "N", env = "QUITTANCE_LIMIT")]
    limit: usize,
    #[command(flatten)]
    session: SessionArgs,
}

pub(super) fn run(context: &Context, args: &RecallsArgs) -> Result<(), Failure> {
    let client = args.session.session(context)?;
    let recalls = client.recalls(args.account.as_deref(), args.limit)?;
    context.out.data(&recalls, || lines(&recalls))
}

fn lines(recalls: &[RecallView]) -> Table {
    let mut table = Table::new(&[
        "recall", "sender", "from", "to", "asset", "amount>", "reason", "entry>", "item>", "ends",
    ]);
    for recall in recalls {
        table.row([
            recall.id.to_string(),
            recall.sender.to_string(),
            recall.debit.clone(),
            recall.credit.clone(),
            recall.asset.to_string(),
            recall.amount.clone(),
            recall.original.reason.clone(),
            recall.original.index.to_string(),
            recall.original.item.to_string(),
            recall.ends_at.to_string(),
        ]);
    }
    table
}
