//! `quittance balance get`: a balance proof from the node, verified on arrival.

use std::path::PathBuf;

use clap::Args;

use crate::cli::Context;
use crate::cli::connect::SessionArgs;
use crate::cli::error::Failure;
use crate::cli::files;

/// Fetches the proof of a balance at the newest seal and verifies it
#[derive(Debug, Args)]
#[command(
    before_help = "Example: quittance balance get bank-a:usd --key hsm-1.pem --out balance.json"
)]
pub(crate) struct GetArgs {
    /// The account's address
    address: String,
    /// The file to write [default: stdout]
    #[arg(long, value_name = "FILE", env = "QUITTANCE_OUT")]
    out: Option<PathBuf>,
    #[command(flatten)]
    session: SessionArgs,
}

pub(super) fn run(context: &Context, args: &GetArgs) -> Result<(), Failure> {
    let client = args.session.session(context)?;
    let (file, proven) = client.balance_proof(&args.address)?;
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
    context.out.say(format_args!(
        "verified: {} after {} entries, under a seal in a log of {} entries signed by {}",
        proven.account.address,
        proven.account.sealed_size,
        proven.checkpoint.size,
        client.log_key()?.name(),
    ));
    if args.session.node.log_vkey.is_none() {
        context
            .out
            .say("the log's key came from the node itself; bring your own with --log-vkey");
    }
    Ok(())
}
