//! `quittance statement`: what a bank books and reconciles from, whole; and with proofs.

mod prove;
mod verify;

use clap::{Args, Subcommand};

use super::Context;
use super::accounts::{bound, lines};
use super::connect::SessionArgs;
use super::error::Failure;
use crate::wire::{Bound, StatementPage};

/// Shows an account's statement; opening balance, every line oldest first, closing balance
#[derive(Debug, Args)]
#[command(
    before_help = "Example: quittance statement bank-a:usd --from 2026-01-01T00:00:00Z --key hsm-1.pem\n         \
                   quittance statement bank-a:usd --csv --key hsm-1.pem > statement.csv",
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
pub(crate) struct StatementArgs {
    #[command(subcommand)]
    command: Option<Command>,
    /// Address of the account
    #[arg(required = true)]
    address: Option<String>,
    /// Entries at or after this time (RFC 3339) or log index [default: the first]
    #[arg(long, value_name = "TIME|INDEX", value_parser = bound, env = "QUITTANCE_STATEMENT_FROM")]
    from: Option<Bound>,
    /// Entries before this time or log index; the `--from` of the next statement [default: now]
    #[arg(long, value_name = "TIME|INDEX", value_parser = bound, env = "QUITTANCE_STATEMENT_TO")]
    to: Option<Bound>,
    /// Print CSV (RFC 4180) instead, with all columns, whatever --output says
    #[arg(long, env = "QUITTANCE_CSV")]
    csv: bool,
    #[command(flatten)]
    session: SessionArgs,
}

/// Statements that prove themselves
#[derive(Debug, Subcommand)]
enum Command {
    Prove(Box<prove::ProveArgs>),
    Verify(verify::VerifyArgs),
}

pub(super) fn run(context: &Context, args: &StatementArgs) -> Result<(), Failure> {
    match &args.command {
        Some(Command::Prove(args)) => return prove::run(context, args),
        Some(Command::Verify(args)) => return verify::run(context, args),
        None => {}
    }
    let address = args.address.as_deref().unwrap_or_default();
    let client = args.session.session(context)?;
    if args.csv {
        let csv = client.statement_csv(address, args.from, args.to)?;
        return context.out.text(&csv);
    }
    let statement = client.statement(address, args.from, args.to)?;
    context.out.data(&statement, || lines(&statement.items))?;
    if !context.out.is_json() {
        totals(context, &statement);
    }
    Ok(())
}

/// What stands above and below the lines on paper.
fn totals(context: &Context, statement: &StatementPage) {
    let StatementPage {
        account,
        asset,
        from_index,
        to_index,
        ..
    } = statement;
    context.out.say(format_args!(
        "{account}: opening {} {asset}, received {}, paid {}, closing {}; entries {from_index} to \
         before {to_index}",
        statement.opening_balance,
        statement.total_credits,
        statement.total_debits,
        statement.closing_balance,
    ));
    if statement.interim {
        context
            .out
            .say("interim: entries may still come that belong to this range");
    }
}
