//! `quittance quotes`: firm quotes, and what became of them.

use clap::Args;

use super::Context;
use super::connect::SessionArgs;
use super::error::Failure;
use super::output::Table;
use super::whoami::word;
use crate::ledger::InstructionId;
use crate::wire::QuoteView;

/// Lists firm quotes, or shows one
#[derive(Debug, Args)]
#[command(
    before_help = "Example: quittance quotes --all --key hsm-1.pem\n         \
                   quittance quotes 019a9c5e-7d40-7abc-8123-0123456789ab --key hsm-1.pem"
)]
pub(crate) struct QuotesArgs {
    /// Id of the instruction that quoted
    #[arg(conflicts_with = "all")]
    id: Option<InstructionId>,
    /// Also those that ended lately
    #[arg(long, env = "QUITTANCE_ALL")]
    all: bool,
    /// Show at most so many
    #[arg(long, default_value_t = 50, value_name = "N", env = "QUITTANCE_LIMIT")]
    limit: usize,
    #[command(flatten)]
    session: SessionArgs,
}

pub(super) fn run(context: &Context, args: &QuotesArgs) -> Result<(), Failure> {
    let client = args.session.session(context)?;
    if let Some(id) = args.id {
        let quote = client.quote(id)?;
        return context
            .out
            .data(&quote, || lines(std::slice::from_ref(&quote)));
    }
    let quotes = client.quotes(!args.all, args.limit)?;
    context.out.data(&quotes, || lines(&quotes))
}

/// A line a quote.
fn lines(quotes: &[QuoteView]) -> Table {
    let mut table = Table::new(&[
        "quote", "state", "provider", "for", "pay>", "in", "receive>", "of", "on", "expires",
    ]);
    for quote in quotes {
        let expires = quote.expires_at.map(|time| time.to_string());
        table.row([
            quote.id.to_string(),
            word(&quote.state),
            quote.provider.to_string(),
            quote.taker.to_string(),
            quote.source_amount.clone(),
            quote.source_asset.to_string(),
            quote.target_amount.clone(),
            quote.target_asset.to_string(),
            quote.credit.to_string(),
            expires.unwrap_or_else(|| "never".into()),
        ]);
    }
    table
}
