//! `quittance keys sign-genesis`: a founder's signature under the document of a live log.

use std::path::PathBuf;

use chain::NoteSignature;
use clap::Args;
use serde::Serialize;

use crate::cli::Context;
use crate::cli::error::{Failure, Kind};
use crate::cli::output::Table;
use crate::cli::{files, secret};
use crate::ledger::Genesis;

/// Signs the genesis document of a live log with a founding key, after showing what it says
#[derive(Debug, Args)]
#[command(
    before_help = "Example: quittance keys sign-genesis genesis-document.json --key founder-1.pem"
)]
pub(crate) struct SignGenesisArgs {
    /// The document that `quittance init --live` wrote
    document: PathBuf,
    /// The founding key
    #[arg(long, value_name = "FILE", env = "QUITTANCE_KEY")]
    key: PathBuf,
    /// File with its passphrase [default: QUITTANCE_PASSPHRASE, the terminal]
    #[arg(long, value_name = "FILE", env = "QUITTANCE_PASSPHRASE_FILE")]
    passphrase_file: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct Signed {
    key: String,
    signature: String,
}

pub(super) fn run(context: &Context, args: &SignGenesisArgs) -> Result<(), Failure> {
    let genesis = read_document(&args.document)?;
    let out = &context.out;
    out.say(format_args!(
        "origin      {} ({})",
        genesis.origin, genesis.mode
    ));
    out.say(format_args!("log key     {}", genesis.log_vkey.as_str()));
    for key in &genesis.operators.keys {
        out.say(format_args!("operator    {}", key.as_str()));
    }
    let keys = genesis.operators.keys.len();
    out.say(format_args!(
        "quorum      {} of {keys}",
        genesis.operators.threshold
    ));
    let unlocked = secret::unlock(&args.key, args.passphrase_file.as_deref())?;
    if unlocked.beside && genesis.mode != "sandbox" {
        return Err(Failure::usage(
            "the passphrase of a founding key lies beside it, and the log is live",
        )
        .hint("keep the passphrase elsewhere, and name its file with --passphrase-file"));
    }
    let name = unlocked.key.verifier_key().to_string();
    if !genesis
        .operators
        .keys
        .iter()
        .any(|key| key.as_str() == name)
    {
        return Err(Failure::usage(format_args!(
            "{name} is not among the founding keys"
        )));
    }
    let signature = NoteSignature::sign(&genesis.statement(), &unlocked.key)
        .map_err(|error| Failure::new(Kind::File, "the key did not sign").because(error))?;
    let signed = Signed {
        key: name,
        signature: signature.to_header(),
    };
    if out.is_json() {
        return out.data(&signed, || Table::new(&[]));
    }
    out.text(&signed.signature)
}

/// Reads a genesis document that says what it hashes to.
pub(crate) fn read_document(path: &std::path::Path) -> Result<Genesis, Failure> {
    let bytes = files::read(path)?;
    let unfit = |why: String| {
        Failure::new(
            Kind::Invalid,
            format_args!("{} is no genesis document", path.display()),
        )
        .because(why)
    };
    let text = String::from_utf8(bytes).map_err(|error| unfit(error.to_string()))?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let genesis = Genesis::from_json(text).map_err(|error| unfit(error.to_string()))?;
    if genesis.to_json() != text {
        return Err(unfit(
            "it is not written as `quittance init --live` writes it".into(),
        ));
    }
    Ok(genesis)
}
