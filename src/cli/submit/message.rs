//! Messages that several sign on several machines: written here, sent here, signed by
//! `quittance sign` in between.

use std::path::Path;
use std::process::ExitCode;

use chain::Signer;

use super::{Body, SubmitArgs, exit, finish};
use crate::cli::Context;
use crate::cli::connect::{refuse_beside, signers};
use crate::cli::error::{Failure, Kind};
use crate::cli::files;
use crate::cli::sign::{message, refused};
use crate::client::{Client, Outgoing, SignedMessage};

/// Whether these bytes are such a message, and not a body.
pub(super) fn is_one(bytes: &[u8]) -> bool {
    SignedMessage::is_meant(bytes)
}

/// Writes a message with these signatures to a new file.
pub(super) fn write(
    context: &Context,
    client: &Client,
    out: &Outgoing<'_>,
    signers: &[&dyn Signer],
    file: &Path,
) -> Result<(), Failure> {
    let shown = file.display();
    if file.exists() {
        return Err(Failure::usage(format_args!("{shown} exists")).hint(
            "it may hold signatures of others: `quittance sign` adds yours to it; or name a new \
             file",
        ));
    }
    let mut message = SignedMessage::new(client.log()?, out).map_err(refused)?;
    for signer in signers {
        message.sign(*signer).map_err(refused)?;
    }
    files::write_atomic(file, message.to_json().as_bytes(), 0o600)?;
    crate::cli::sign::View::of(&message, file)?.print(context)?;
    context.out.say(format_args!(
        "nothing was sent: others sign with `quittance sign {shown} --key ...`, and `quittance \
         submit {shown}` sends it"
    ));
    Ok(())
}

/// Sends a message with the signatures that are in it, and those of the keys that are named.
pub(super) fn submit(
    context: &Context,
    args: &SubmitArgs,
    body: &Body,
) -> Result<ExitCode, Failure> {
    let mut message = message(&body.bytes)?;
    let unfit = |what: &str, hint: &str| Err(Failure::usage(what).hint(hint));
    if args.dry_run {
        let hint =
            "what was signed is a submission; the one who has the body can ask for a dry run";
        return unfit("a signed message cannot be tried", hint);
    }
    if args.sign_only.is_some() {
        let hint = "`quittance sign` adds a signature to it";
        return unfit("it is a signed message already", hint);
    }
    let other = args.session.participant.as_ref();
    if other.is_some_and(|participant| *participant != message.submitter)
        || args.content_type.is_some()
    {
        let hint = "submitter and content type are part of what was signed: leave them out";
        return unfit("a signed message says itself who submits it", hint);
    }
    let client = args.session.node.client(context)?;
    let log = client.log()?;
    if log.origin != message.origin || log.genesis_hash != message.genesis_hash {
        return Err(Failure::new(
            Kind::Invalid,
            format_args!(
                "the message was signed for {} (genesis {}), and this node is {} (genesis {})",
                message.origin, message.genesis_hash.0, log.origin, log.genesis_hash.0
            ),
        ));
    }
    if !args.session.keys.keys.is_empty() {
        let keys = args.session.keys.unlock(context)?;
        refuse_beside(&client, &keys)?;
        for signer in signers(&keys) {
            message.sign(signer).map_err(refused)?;
        }
    }
    let done = client
        .submit_signed(&message.outgoing(), &message.signatures)
        .map_err(|error| exit::sent(error, body))?;
    finish(context, args, &client, &done, body, &message.body.0)
}
