//! `quittance keys generate`: a new key, encrypted, in a new file.

use std::path::PathBuf;

use ::keys::SigningKey;
use clap::Args;

use crate::cli::Context;
use crate::cli::error::Failure;
use crate::cli::secret;
use crate::ledger::ParticipantId;

/// Makes a key and writes it, encrypted, to a new file; the public key goes beside it
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance keys generate bank-a/hsm-1 --out hsm-1.pem")]
pub(crate) struct GenerateArgs {
    /// Name to sign under: `participant/label`, e.g. bank-a/hsm-1, or the origin for a log's key. A
    /// participant is 1 to 32 of a-z, 0-9 and `-`; a label 1 to 32 of A-Z, a-z, 0-9, `.`, `_` and `-`
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
        Failure::usage(format_args!("{:?} cannot name a key", args.name))
            .because(error)
            .hint(
                "a name is participant/label, e.g. bank-a/hsm-1: the participant 1 to 32 of a-z, \
                 0-9 and `-`, the label 1 to 32 of A-Z, a-z, 0-9, `.`, `_` and `-`",
            )
    })?;
    if let Some(why) = no_participant(&args.name) {
        context.out.say(why);
    }
    let passphrase = secret::for_new_key(args.passphrase_file.as_deref())?;
    super::store(context, &key, &args.out, &passphrase)
}

/// What to say of a name that no participant can have: it is good for a log's key only.
fn no_participant(name: &str) -> Option<String> {
    let participant = name.split_once('/').map(|(participant, _)| participant);
    match participant {
        Some(id) if ParticipantId::new(id).is_ok_and(|id| id.owns_key_name(name)) => None,
        Some(id) if ParticipantId::new(id).is_ok() => Some(format!(
            "no key of {id:?} has this label (1 to 32 of A-Z, a-z, 0-9, `.`, `_` and `-`): the key \
             can be a log's, whose origin is {name}, or a witness's, and nobody else's"
        )),
        Some(id) => Some(format!(
            "{id:?} is no participant (1 to 32 of a-z, 0-9 and `-`): the key can be a log's, whose \
             origin is {name}, or a witness's, and nobody else's"
        )),
        None => Some(format!(
            "the name has no label (participant/label): the key can be a log's, whose origin is \
             {name}, or a witness's, and nobody else's"
        )),
    }
}
