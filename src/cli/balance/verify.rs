//! `quittance balance verify`: offline, with nothing of ours running.

use std::path::PathBuf;

use clap::Args;

use super::Summary;
use crate::cli::Context;
use crate::cli::connect::vkey;
use crate::cli::error::{Failure, Kind};
use crate::cli::files;
use crate::wire::{BalanceFile, BalanceFileError};

/// Verifies a balance proof offline: exit code 0 it holds, 1 it does not, 2 it could not be checked
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance balance verify balance.json --log-vkey log.vkey")]
pub(crate) struct VerifyArgs {
    /// The proof, or `-` for stdin [default: stdin, if something is piped in]
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
    let bytes = files::read(&files::or_stdin(args.file.as_deref(), "balance proof")?)?;
    let file = BalanceFile::from_json(&bytes).map_err(|error| match error {
        // Cut off, or of another version: neither yes nor no.
        BalanceFileError::Json(_) | BalanceFileError::Version(_) => Failure::new(
            Kind::File,
            "the balance proof cannot be read, so nothing was checked",
        )
        .because(error)
        .hint("`quittance balance get` fetches a fresh one"),
        error => fails().because(error),
    })?;
    let proof = file.to_proof().map_err(|error| fails().because(error))?;
    let proven = proof.verify(&key).map_err(|error| {
        fails()
            .because(error)
            .hint("nothing in it can be relied on; ask the node for a fresh one")
    })?;
    Summary::of(&proof.entry, &proven, &key).print(context)?;
    context.out.say(format_args!(
        "{} the balance leads to the signed root",
        context.out.green("verified:")
    ));
    Ok(())
}

fn fails() -> Failure {
    Failure::new(Kind::Invalid, "the balance proof does not hold")
}
