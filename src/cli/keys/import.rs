//! `quittance keys import`: a key that another tool made.

use std::path::PathBuf;

use ::keys::{Passphrase, Unlock};
use clap::Args;

use crate::cli::Context;
use crate::cli::error::{Failure, Kind};
use crate::cli::secret;

/// Takes over an Ed25519 key in PKCS#8 that another tool made, under a name to sign by
#[derive(Debug, Args)]
#[command(
    before_help = "Example: quittance keys import openssl.pem --unencrypted --name bank-a/ops-1 --out ops-1.pem"
)]
pub(crate) struct ImportArgs {
    /// The key to take over
    file: PathBuf,
    /// Name to sign under, `participant/label`
    #[arg(long, env = "QUITTANCE_NAME")]
    name: String,
    /// The file to write, mode 0600; it must not exist
    #[arg(long, value_name = "FILE", env = "QUITTANCE_OUT")]
    out: PathBuf,
    /// The key to take over is not encrypted
    #[arg(long, env = "QUITTANCE_UNENCRYPTED")]
    unencrypted: bool,
    /// File with the passphrase of the key to take over [default: the terminal]
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "unencrypted",
        env = "QUITTANCE_FROM_PASSPHRASE_FILE"
    )]
    from_passphrase_file: Option<PathBuf>,
    /// File with the passphrase to encrypt with [default: QUITTANCE_PASSPHRASE, the terminal]
    #[arg(long, value_name = "FILE", env = "QUITTANCE_PASSPHRASE_FILE")]
    passphrase_file: Option<PathBuf>,
}

pub(super) fn run(context: &Context, args: &ImportArgs) -> Result<(), Failure> {
    let from = match (&args.from_passphrase_file, args.unencrypted) {
        (_, true) => None,
        (Some(file), _) => Some(Passphrase::from_file(file)),
        (None, _) => Some(Passphrase::prompt("Passphrase of the key to take over: ")),
    };
    let from = from.transpose().map_err(|error| {
        Failure::new(Kind::File, "there is no passphrase to open the key with")
            .because(error)
            .hint("name a file with --from-passphrase-file, or say --unencrypted")
    })?;
    let unlock = from
        .as_ref()
        .map_or(Unlock::Unencrypted, Unlock::Passphrase);
    let key = ::keys::import_key_file(&args.file, &args.name, unlock)
        .map_err(|error| secret::key_file(&args.file, error))?;
    let passphrase = secret::for_new_key(args.passphrase_file.as_deref())?;
    super::store(context, &key, &args.out, &passphrase)
}
