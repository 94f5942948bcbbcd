//! `quittance recall`: asks for a payment back.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::Context;
use super::error::Failure;
use super::original::{OriginalArgs, send};

/// Asks whoever received a payment of yours to return it; exit code as of `submit`
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance recall 4711 --reason DUPL --key hsm-1.pem")]
pub(crate) struct RecallArgs {
    #[command(flatten)]
    original: OriginalArgs,
    /// Cancellation reason code of ISO 20022: AC03, AGNT, AM09, CURR, CUST, CUTA, DUPL, FRAD, TECH or
    /// UPAY
    #[arg(long, value_name = "CODE", env = "QUITTANCE_REASON")]
    reason: String,
}

pub(super) fn run(context: &Context, args: RecallArgs) -> Result<ExitCode, Failure> {
    let fields = json!({ "reason": args.reason });
    send(context, args.original, "recall", fields)
}
