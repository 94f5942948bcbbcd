//! `quittance holds`: reserved funds, and what became of one hold.

use clap::Args;

use super::Context;
use super::connect::SessionArgs;
use super::error::Failure;
use super::output::Table;
use super::whoami::word;
use crate::ledger::InstructionId;
use crate::wire::HoldView;

/// Lists holds, or shows one
#[derive(Debug, Args)]
#[command(
    before_help = "Example: quittance holds --account bank-a:usd --key hsm-1.pem\n         \
                   quittance holds 019a9c5e-7d40-7abc-8123-0123456789ab --key hsm-1.pem"
)]
pub(crate) struct HoldsArgs {
    /// Id of the instruction that reserved
    #[arg(conflicts_with_all = ["account", "all"])]
    id: Option<InstructionId>,
    /// Only holds that debit or credit this account
    #[arg(long, value_name = "ADDRESS", env = "QUITTANCE_ACCOUNT")]
    account: Option<String>,
    /// Also those that ended lately
    #[arg(long, env = "QUITTANCE_ALL")]
    all: bool,
    /// Show at most so many
    #[arg(long, default_value_t = 50, value_name = "N", env = "QUITTANCE_LIMIT")]
    limit: usize,
    #[command(flatten)]
    session: SessionArgs,
}

pub(super) fn run(context: &Context, args: &HoldsArgs) -> Result<(), Failure> {
    let client = args.session.session(context)?;
    if let Some(id) = args.id {
        let hold = client.hold(id)?;
        return context
            .out
            .data(&hold, || lines(std::slice::from_ref(&hold)));
    }
    let holds = client.holds(args.account.as_deref(), !args.all, args.limit)?;
    context.out.data(&holds, || lines(&holds))
}

/// A line a leg.
fn lines(holds: &[HoldView]) -> Table {
    let mut table = Table::new(&[
        "hold",
        "state",
        "from",
        "to",
        "asset",
        "reserved>",
        "captured>",
        "remaining>",
        "expires",
    ]);
    for hold in holds {
        for leg in &hold.legs {
            let expires = hold.expires_at.map(|time| time.to_string());
            table.row([
                hold.id.to_string(),
                word(&hold.state),
                leg.debit.to_string(),
                leg.credit.to_string(),
                leg.asset.to_string(),
                leg.reserved.clone(),
                leg.captured.clone(),
                leg.remaining.clone(),
                expires.unwrap_or_else(|| "never".into()),
            ]);
        }
    }
    table
}
