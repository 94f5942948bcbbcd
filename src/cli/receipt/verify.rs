//! `quittance receipt verify`: offline, with nothing of ours running.

use std::path::PathBuf;

use clap::Args;

use super::show::Summary;
use crate::cli::Context;
use crate::cli::connect::vkey;
use crate::cli::error::{Failure, Kind};
use crate::cli::files;
use crate::wire::{ReceiptFile, ReceiptLevel};

/// Verifies a receipt offline: exit code 0 it holds, 1 it does not, 2 it could not be checked
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance receipt verify receipt.json --log-vkey log.vkey")]
pub(crate) struct VerifyArgs {
    /// The receipt, or `-` for stdin [default: stdin, if something is piped in]
    file: Option<PathBuf>,
    /// The log's key as you had it by another way: a vkey, or a file with one
    #[arg(
        long,
        visible_alias = "vkey",
        value_name = "FILE|TEXT",
        env = "QUITTANCE_LOG_VKEY"
    )]
    log_vkey: String,
}

pub(super) fn run(context: &Context, args: &VerifyArgs) -> Result<(), Failure> {
    let key = vkey(&args.log_vkey)?;
    let bytes = files::read(&files::or_stdin(args.file.as_deref(), "receipt")?)?;
    let fails = || Failure::new(Kind::Invalid, "the receipt does not hold");
    let file = ReceiptFile::from_json(&bytes).map_err(|error| fails().because(error))?;
    let receipt = file.to_receipt().map_err(|error| fails().because(error))?;
    let verified = receipt.verify(&key).map_err(|error| {
        fails()
            .because(error)
            .hint("nothing in it can be relied on; ask the node for a fresh one")
    })?;
    if file.level != ReceiptLevel::LogSigned {
        return Err(fails().because("it claims witnesses and carries no cosignature to check"));
    }
    let summary = Summary::of(&receipt.entry, &verified, &key);
    summary.print(context)?;
    context.out.say(format_args!(
        "{} every byte leads to the signed root",
        context.out.green("verified:")
    ));
    Ok(())
}
