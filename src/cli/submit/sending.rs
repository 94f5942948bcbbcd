//! How a command sends the one instruction that it makes.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::SubmitArgs;
use crate::cli::Context;
use crate::cli::connect::SessionArgs;
use crate::cli::error::Failure;

/// What becomes of the instruction.
#[derive(Debug, Args)]
pub(crate) struct SendingArgs {
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
    pub(in crate::cli) session: SessionArgs,
}

impl SendingArgs {
    /// Submits the instruction in a new body, or tries it, or writes it to a file for others to sign.
    pub(in crate::cli) fn send(
        self,
        context: &Context,
        instruction: serde_json::Value,
    ) -> Result<ExitCode, Failure> {
        let submit = SubmitArgs {
            file: None,
            instruction: vec![instruction],
            atomic: false,
            message_id: None,
            dry_run: self.dry_run,
            sign_only: self.sign_only,
            content_type: None,
            dir: self.dir,
            session: self.session,
        };
        super::run(context, &submit)
    }
}
