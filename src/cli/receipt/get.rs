//! `quittance receipt get`: a fresh receipt from the node, verified on arrival.

use std::path::PathBuf;

use clap::Args;

use crate::cli::Context;
use crate::cli::connect::SessionArgs;
use crate::cli::error::Failure;
use crate::cli::files;
use crate::wire::ReceiptLevel;

/// Fetches a fresh receipt and verifies it
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance receipt get 4711 --key hsm-1.pem --out receipt.json")]
pub(crate) struct GetArgs {
    /// Log index of the entry
    index: u64,
    /// One item of it
    #[arg(long, value_name = "N", env = "QUITTANCE_ITEM")]
    item: Option<u32>,
    /// At the newest checkpoint that a quorum of witnesses has cosigned: level 2
    #[arg(long, env = "QUITTANCE_WITNESSED")]
    witnessed: bool,
    /// The file to write [default: stdout]
    #[arg(long, value_name = "FILE", env = "QUITTANCE_OUT")]
    out: Option<PathBuf>,
    #[command(flatten)]
    session: SessionArgs,
}

pub(super) fn run(context: &Context, args: &GetArgs) -> Result<(), Failure> {
    let client = args.session.session(context)?;
    let level = if args.witnessed {
        ReceiptLevel::Witnessed
    } else {
        ReceiptLevel::LogSigned
    };
    let (file, verified) = client.receipt_at(args.index, args.item, level)?;
    let json = file.to_json();
    match &args.out {
        None => context.out.text(&json)?,
        Some(path) => {
            files::write_atomic(path, format!("{json}\n").as_bytes(), 0o644)?;
            context
                .out
                .say(format_args!("written to {}", path.display()));
        }
    }
    let key = client.log_key()?;
    context.out.say(format_args!(
        "verified: {} items of entry {}, in a log of {} entries signed by {}",
        verified.items.len(),
        args.index,
        verified.checkpoint.size,
        key.name(),
    ));
    if args.session.node.log_vkey.is_none() {
        context
            .out
            .say("the log's key came from the node itself; bring your own with --log-vkey");
    }
    Ok(())
}
