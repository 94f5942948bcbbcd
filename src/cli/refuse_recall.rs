//! `quittance refuse-recall`: says no to a recall.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::Context;
use super::error::Failure;
use super::submit::SendingArgs;
use crate::ledger::InstructionId;

/// Refuses to return a payment that somebody asks back; exit code as of `submit`
#[derive(Debug, Args)]
#[command(
    before_help = "Example: quittance refuse-recall 019a9c5e-7d40-7abc-8123-0123456789ab --reason CUST --key hsm-1.pem"
)]
pub(crate) struct RefuseRecallArgs {
    /// The recall, as `quittance recalls` names it
    #[arg(value_name = "RECALL")]
    id: InstructionId,
    /// Code of ISO 20022 for a rejected cancellation: AC04, AM04, ARDT, CUST, LEGL or NOAS
    #[arg(long, value_name = "CODE", env = "QUITTANCE_REASON")]
    reason: String,
    #[command(flatten)]
    sending: SendingArgs,
}

pub(super) fn run(context: &Context, args: RefuseRecallArgs) -> Result<ExitCode, Failure> {
    let instruction = json!({"refuse_recall": {"of": args.id, "reason": args.reason}});
    args.sending.send(context, instruction)
}
