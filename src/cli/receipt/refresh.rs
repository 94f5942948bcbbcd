//! `quittance receipt refresh`: a newer proof of the same items, from public tiles alone.

use std::path::PathBuf;

use clap::Args;

use super::verify::{self, Believed};
use crate::cli::Context;
use crate::cli::connect::NodeArgs;
use crate::cli::error::{Failure, Kind};
use crate::cli::files;
use crate::client::ClientError;
use crate::wire::ReceiptLevel;

/// Makes the proof of a receipt anew at the log's newest checkpoint; needs no key and no session
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance receipt refresh receipt.json --witnessed")]
pub(crate) struct RefreshArgs {
    /// The receipt
    file: PathBuf,
    /// At the newest checkpoint that a quorum of witnesses has cosigned: level 2
    #[arg(long, env = "QUITTANCE_WITNESSED")]
    witnessed: bool,
    /// Verifies the new proof against this policy (C2SP tlog-policy) before it is written
    #[arg(long, value_name = "FILE", env = "QUITTANCE_POLICY")]
    policy: Option<PathBuf>,
    /// The file to write [default: the receipt itself, in one step]
    #[arg(long, value_name = "FILE", env = "QUITTANCE_OUT")]
    out: Option<PathBuf>,
    #[command(flatten)]
    node: NodeArgs,
}

pub(super) fn run(context: &Context, args: &RefreshArgs) -> Result<(), Failure> {
    let file = verify::read(&files::read(&args.file)?)?;
    let client = args.node.client(context)?;
    let level = if args.witnessed {
        ReceiptLevel::Witnessed
    } else {
        ReceiptLevel::LogSigned
    };
    let (fresh, verified) = client.refresh(&file, level).map_err(|error| match error {
        ClientError::Behind { .. } | ClientError::Forked(_) => Failure::new(
            Kind::Invalid,
            "the log contradicts the receipt: keep the file, it is evidence",
        )
        .because(error)
        .hint("tell the operators and your auditors; `quittance audit` looks closer"),
        ClientError::NotCovered(_) => Failure::new(Kind::Refused, "not witnessed yet")
            .because(error)
            .hint("ask again after the next round of witnesses"),
        error => Failure::from(error),
    })?;
    if let Some(policy) = &args.policy {
        let receipt = fresh.to_receipt().map_err(verify::broken)?;
        Believed::by_policy(&receipt, policy)?;
    }
    let out = args.out.as_ref().unwrap_or(&args.file);
    files::write_atomic(out, format!("{}\n", fresh.to_json()).as_bytes(), 0o644)?;
    let level = match level {
        ReceiptLevel::LogSigned => "log-signed",
        ReceiptLevel::Witnessed => "witnessed",
    };
    context.out.say(format_args!(
        "{}: entry {} in a log of {} entries, {level}",
        out.display(),
        fresh.to_receipt().map_err(verify::broken)?.entry.index,
        verified.checkpoint.size,
    ));
    Ok(())
}
