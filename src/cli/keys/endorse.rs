//! `quittance keys endorse`: the instruction that gives a log a further key.

use std::path::PathBuf;

use chain::statement::log_key_text;
use chain::{NoteSignature, Signer};
use clap::Args;
use serde_json::json;

use crate::cli::Context;
use crate::cli::error::{Failure, Kind};
use crate::cli::secret;

/// Shows that a new key of the log is held, as the instruction `add_log_key` for the operators
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance keys endorse log-2.pem")]
pub(crate) struct EndorseArgs {
    /// The new key's file; its name is the log's origin
    file: PathBuf,
    /// File with its passphrase [default: QUITTANCE_PASSPHRASE, a file `passphrase` beside the key,
    /// the terminal]
    #[arg(long, value_name = "FILE", env = "QUITTANCE_PASSPHRASE_FILE")]
    passphrase_file: Option<PathBuf>,
}

pub(super) fn run(context: &Context, args: &EndorseArgs) -> Result<(), Failure> {
    let key = secret::unlock(&args.file, args.passphrase_file.as_deref())?.key;
    let vkey = key.verifier_key();
    let proof = NoteSignature::sign(&log_key_text(vkey), &key as &dyn Signer)
        .map_err(|error| Failure::new(Kind::File, "the key did not sign").because(error))?;
    let wish = json!({"add_log_key": {"vkey": vkey.to_string(), "proof": proof.to_header()}});
    context.out.text(&wish.to_string())
}
