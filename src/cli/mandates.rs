//! `quittance mandates`: who may debit whose accounts, and how much of it is used.

use clap::Args;

use super::Context;
use super::connect::SessionArgs;
use super::error::Failure;
use super::output::Table;
use crate::ledger::{InstructionId, MandatePeriod};
use crate::wire::MandateView;

/// Lists mandates, granted and received, or shows one
#[derive(Debug, Args)]
#[command(
    before_help = "Example: quittance mandates --account bank-a:usd --key hsm-1.pem\n         \
                   quittance mandates 019a9c5e-7d40-7abc-8123-0123456789ab --key hsm-1.pem"
)]
pub(crate) struct MandatesArgs {
    /// Id of the instruction that granted it
    #[arg(conflicts_with = "account")]
    id: Option<InstructionId>,
    /// Only mandates on this account
    #[arg(long, value_name = "ADDRESS", env = "QUITTANCE_ACCOUNT")]
    account: Option<String>,
    /// Show at most so many
    #[arg(long, default_value_t = 50, value_name = "N", env = "QUITTANCE_LIMIT")]
    limit: usize,
    #[command(flatten)]
    session: SessionArgs,
}

pub(super) fn run(context: &Context, args: &MandatesArgs) -> Result<(), Failure> {
    let client = args.session.session(context)?;
    if let Some(id) = args.id {
        let mandate = client.mandate(id)?;
        return context
            .out
            .data(&mandate, || lines(std::slice::from_ref(&mandate)));
    }
    let mandates = client.mandates(args.account.as_deref(), args.limit)?;
    context.out.data(&mandates, || lines(&mandates))
}

fn lines(mandates: &[MandateView]) -> Table {
    let mut table = Table::new(&[
        "mandate",
        "account",
        "to",
        "asset",
        "each>",
        "total>",
        "used>",
        "period",
        "most>",
        "used then>",
        "expires",
    ]);
    for mandate in mandates {
        let most = |amount: &Option<String>| amount.clone().unwrap_or_else(|| "-".into());
        let period = mandate.period.map(|period| match period {
            MandatePeriod::Day => "day".to_owned(),
            MandatePeriod::Month => "month".to_owned(),
            MandatePeriod::EveryS(seconds) => format!("{seconds} s"),
        });
        let expires = mandate.expires_at.map(|time| time.to_string());
        table.row([
            mandate.id.to_string(),
            mandate.account.to_string(),
            mandate.to.to_string(),
            mandate.asset.to_string(),
            most(&mandate.per_transfer_max),
            most(&mandate.total_max),
            mandate.used.clone(),
            period.unwrap_or_else(|| "-".into()),
            most(&mandate.period_max),
            mandate.used_in_last_period.clone(),
            expires.unwrap_or_else(|| "never".into()),
        ]);
    }
    table
}
