//! `quittance keys generate`: a new key, encrypted, in a new file.

use std::path::PathBuf;

use ::keys::SigningKey;
use clap::Args;

use crate::cli::Context;
use crate::cli::error::Failure;
use crate::cli::secret;

/// Makes a key and writes it, encrypted, to a new file; the public key goes beside it
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance keys generate bank-a/hsm-1 --out hsm-1.pem")]
pub(crate) struct GenerateArgs {
    /// Name to sign under: `participant/label`, or the origin for a log's key
    name: String,
    /// The file to write, mode 0600; it must not exist
    #[arg(long, value_name = "FILE", env = "QUITTANCE_OUT")]
    out: PathBuf,
    /// File with the passphrase to encrypt with [default: QUITTANCE_PASSPHRASE, the terminal]
    #[arg(long, value_name = "FILE", env = "QUITTANCE_PASSPHRASE_FILE")]
    passphrase_file: Option<PathBuf>,
}

pub(super) fn run(context: &Context, args: &GenerateArgs) -> Result<(), Failure> {
    let key = SigningKey::generate(&args.name).map_err(|error| {
        Failure::usage(format_args!("{:?} cannot name a key", args.name)).because(error)
    })?;
    let passphrase = secret::for_new_key(args.passphrase_file.as_deref())?;
    super::store(context, &key, &args.out, &passphrase)
}
