//! `quittance keys show`: the public half of a key.

use std::path::PathBuf;

use chain::WitnessKey;
use clap::Args;

use super::KeyView;
use crate::cli::Context;
use crate::cli::error::{Failure, Kind};
use crate::cli::secret;

/// Shows the public key that a key file or vkey file states; asks for no passphrase
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance keys show hsm-1.pem")]
pub(crate) struct ShowArgs {
    /// A key file, or a file with a vkey
    file: PathBuf,
    /// The key as a witness's, which cosigns (C2SP tlog-cosignature), for policies
    #[arg(long, env = "QUITTANCE_WITNESS")]
    witness: bool,
}

pub(super) fn run(context: &Context, args: &ShowArgs) -> Result<(), Failure> {
    let file = args.file.as_path();
    let is_vkey = file
        .extension()
        .is_some_and(|extension| extension == "vkey");
    let key = if is_vkey {
        ::keys::read_vkey_file(file).map_err(|error| {
            Failure::new(
                Kind::File,
                format_args!("{} cannot be shown", file.display()),
            )
            .because(error)
        })
    } else {
        ::keys::read_key_file_public(file).map_err(|error| secret::key_file(file, error))
    };
    let key = key?;
    if args.witness {
        let witness = WitnessKey::new(key.name(), &key.public_key());
        let witness = witness.map_err(|error| {
            Failure::new(Kind::File, "the key cannot be a witness's").because(error)
        })?;
        return KeyView {
            key_id: witness.id().to_string(),
            vkey: witness.to_string(),
            ..KeyView::of(&key)
        }
        .print(context);
    }
    KeyView::of(&key).print(context)
}
