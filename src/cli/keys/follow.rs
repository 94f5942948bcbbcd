//! `quittance keys follow`: the log's new key, on the word of the old one.

use std::path::PathBuf;

use chain::{Item, Verified, VerifierKey};
use clap::Args;

use super::KeyView;
use crate::cli::Context;
use crate::cli::connect::SessionArgs;
use crate::cli::error::{Failure, Kind};
use crate::cli::files;
use crate::ledger::{Instruction, Outcome};

/// Fetches the key that takes over in a log, proven by an entry that your key has signed for
#[derive(Debug, Args)]
#[command(
    before_help = "Example: quittance keys follow --log-vkey log.vkey --key hsm-1.pem --out log-2.vkey"
)]
pub(crate) struct FollowArgs {
    /// The file to write the new vkey to
    #[arg(long, value_name = "FILE", env = "QUITTANCE_OUT")]
    out: PathBuf,
    #[command(flatten)]
    session: SessionArgs,
}

pub(super) fn run(context: &Context, args: &FollowArgs) -> Result<(), Failure> {
    if args.session.node.log_vkey.is_none() {
        return Err(Failure::usage("there is no key to go on from")
            .hint("bring the one that you trust with --log-vkey"));
    }
    let client = args.session.session(context)?;
    let yours = client.log_key()?.to_string();
    let newest = client.log()?.keys.iter().rfind(|key| key.retired.is_none());
    let Some(newest) = newest.filter(|key| key.vkey != yours) else {
        context
            .out
            .say("your key is the log's newest: nothing to follow");
        return Ok(());
    };
    // The receipt holds under the old key, which still signs.
    let (_, verified) = client.receipt(newest.added, None)?;
    if !adds(&verified, &newest.vkey) {
        return Err(Failure::new(
            Kind::Invalid,
            "the entry that the node names does not add the key that it states",
        )
        .hint("go no further, and tell the operators by another way"));
    }
    let key = VerifierKey::parse(&newest.vkey)
        .map_err(|error| Failure::new(Kind::Invalid, "the new key is none").because(error))?;
    files::write_atomic(&args.out, format!("{key}\n").as_bytes(), 0o644)?;
    context.out.say(format_args!(
        "entry {} adds it, in a log of {} entries that your key has signed: written to {}",
        newest.added,
        verified.checkpoint.size,
        args.out.display()
    ));
    KeyView::of(&key).print(context)
}

/// Whether an item of the entry has added this key to the log.
fn adds(verified: &Verified, vkey: &str) -> bool {
    verified.items.iter().any(|item| match &item.item {
        Item::Instruction(i) if i.outcome == Outcome::Applied as u16 => {
            let instruction = serde_json::from_str::<Instruction>(&i.json);
            matches!(instruction, Ok(Instruction::AddLogKey(i)) if i.vkey.as_str() == vkey)
        }
        _ => false,
    })
}
