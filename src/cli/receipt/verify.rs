//! `quittance receipt verify`: offline, with nothing of ours running.

use std::path::PathBuf;

use chain::{Receipt, VerifierKey};
use clap::Args;

use super::show::Summary;
use crate::cli::Context;
use crate::cli::connect::{named, vkey};
use crate::cli::error::{Failure, Kind};
use crate::cli::files;
use crate::wire::receipt::RECEIPT_VERSION;
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
    let file = read(&bytes)?;
    let receipt = file.to_receipt().map_err(|error| fails().because(error))?;
    let verified = receipt.verify(&key).map_err(|error| {
        other_key(&file, &receipt, &key).unwrap_or_else(|| {
            fails()
                .because(error)
                .hint("nothing in it can be relied on; ask the node for a fresh one")
        })
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

fn fails() -> Failure {
    Failure::new(Kind::Invalid, "the receipt does not hold")
}

/// Reads the file. One that was cut off, or is no receipt of this version, says nothing about what
/// it was a copy of: neither yes nor no.
fn read(bytes: &[u8]) -> Result<ReceiptFile, Failure> {
    let unread = |why: String| {
        Failure::new(
            Kind::File,
            "the receipt cannot be read, so nothing was checked",
        )
        .because(why)
    };
    if let Err(error) = serde_json::from_slice::<serde_json::Value>(bytes) {
        let why = if error.is_eof() {
            "the file is cut off".to_owned()
        } else {
            format!("it is no JSON: {error}")
        };
        return Err(unread(why).hint("`quittance receipt get` fetches a fresh one"));
    }
    match ReceiptFile::from_json(bytes) {
        Ok(file) if file.version != RECEIPT_VERSION => Err(unread(format!(
            "its version is {}, not {RECEIPT_VERSION}",
            file.version
        ))),
        Ok(file) => Ok(file),
        Err(error) => Err(fails().because(error)),
    }
}

/// A receipt that holds under the key it names, and not under the one that was brought.
fn other_key(file: &ReceiptFile, receipt: &Receipt, yours: &VerifierKey) -> Option<Failure> {
    let stated = VerifierKey::parse(&file.log_vkey).ok()?;
    if stated == *yours || receipt.verify(&stated).is_err() {
        return None;
    }
    let (kind, hint) = if stated.name() == yours.name() {
        let hint = "a log has one key for ever: your vkey was never this log's, or somebody runs \
                    another log under its name; ask the operators by another way";
        (Kind::Invalid, hint)
    } else {
        let hint = "this is a receipt of another log than your key's: nothing was checked";
        (Kind::File, hint)
    };
    let told = format!(
        "KEY MISMATCH: yours is {}, the receipt is signed by {}",
        named(yours),
        named(&stated)
    );
    Some(Failure::new(kind, told).hint(hint))
}
