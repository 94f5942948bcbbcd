//! `quittance return`: gives back what was received.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::Context;
use super::error::Failure;
use super::original::{OriginalArgs, send};
use crate::ledger::Amount;

/// Returns a payment that you received, all of it or a part; exit code as of `submit`
#[derive(Debug, Args)]
#[command(
    before_help = "Example: quittance return 4711 --reason AC04 --key hsm-1.pem\n         \
                   quittance return payment.receipt.json --amount 12.50 --reason DUPL --key hsm-1.pem"
)]
pub(crate) struct ReturnArgs {
    #[command(flatten)]
    original: OriginalArgs,
    /// How much [default: all that was not returned yet]
    #[arg(long, value_name = "AMOUNT", env = "QUITTANCE_AMOUNT")]
    amount: Option<Amount>,
    /// Return reason code of ISO 20022, for example AC04, AM09, CUST, DUPL, FOCR or MS03
    #[arg(long, value_name = "CODE", env = "QUITTANCE_REASON")]
    reason: String,
}

pub(super) fn run(context: &Context, args: ReturnArgs) -> Result<ExitCode, Failure> {
    let mut fields = json!({ "reason": args.reason });
    if let Some(amount) = args.amount {
        fields["amount"] = amount.to_string().into();
    }
    send(context, args.original, "return", fields)
}
