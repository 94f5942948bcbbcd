//! `quittance refuse-recall`: says no to a recall.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::Context;
use super::connect::SessionArgs;
use super::error::Failure;
use super::submit::SubmitArgs;
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
    /// Ask what would happen; nothing is logged
    #[arg(long, env = "QUITTANCE_DRY_RUN")]
    dry_run: bool,
    /// Send nothing: write the message with your signatures to this new file, to which others add
    /// theirs with `quittance sign`
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "dry_run",
        env = "QUITTANCE_SIGN_ONLY"
    )]
    sign_only: Option<PathBuf>,
    /// Folder for the new body and its receipt [default: the working folder]
    #[arg(long, value_name = "DIR", env = "QUITTANCE_DIR")]
    dir: Option<PathBuf>,
    #[command(flatten)]
    session: SessionArgs,
}

pub(super) fn run(context: &Context, args: RefuseRecallArgs) -> Result<ExitCode, Failure> {
    let instruction = json!({"refuse_recall": {"of": args.id, "reason": args.reason}});
    let files = (args.sign_only, args.dir);
    let submit = SubmitArgs::of(instruction, args.dry_run, files, args.session);
    super::submit::run(context, &submit)
}
