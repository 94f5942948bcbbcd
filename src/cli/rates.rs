//! `quittance rates`: what assets are priced at.

use clap::Args;

use super::Context;
use super::connect::SessionArgs;
use super::error::Failure;
use super::output::Table;
use crate::ledger::{AssetId, ParticipantId};
use crate::wire::RateView;

/// Lists rates of exchange
#[derive(Debug, Args)]
#[command(
    before_help = "Example: quittance rates --base EUR --key hsm-1.pem\n         \
                   quittance rates --provider bank-x --key hsm-1.pem"
)]
pub(crate) struct RatesArgs {
    /// Only rates of this provider
    #[arg(long, value_name = "PARTICIPANT", env = "QUITTANCE_PROVIDER")]
    provider: Option<ParticipantId>,
    /// Only rates of this asset
    #[arg(long, value_name = "ASSET", env = "QUITTANCE_BASE")]
    base: Option<AssetId>,
    /// Only rates in this asset
    #[arg(long, value_name = "ASSET", env = "QUITTANCE_QUOTE")]
    quote: Option<AssetId>,
    #[command(flatten)]
    session: SessionArgs,
}

pub(super) fn run(context: &Context, args: &RatesArgs) -> Result<(), Failure> {
    let client = args.session.session(context)?;
    let (base, quote) = (args.base.as_ref(), args.quote.as_ref());
    let rates = client.rates(args.provider.as_ref(), base, quote)?;
    context.out.data(&rates, || lines(&rates))
}

/// A line a rate.
fn lines(rates: &[RateView]) -> Table {
    let mut table = Table::new(&[
        "provider", "source", "base", "quote", "bid", "ask", "from", "to", "up to>",
    ]);
    for rate in rates {
        table.row([
            rate.provider.to_string(),
            rate.source.to_string(),
            rate.base.to_string(),
            rate.quote.to_string(),
            rate.bid.to_string(),
            rate.ask.to_string(),
            rate.valid_from.to_string(),
            rate.valid_to.to_string(),
            rate.max.clone().unwrap_or_else(|| "indicative".into()),
        ]);
    }
    table
}
