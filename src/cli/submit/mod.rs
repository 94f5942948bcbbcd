//! `quittance submit`: signs exact bytes, sends them, keeps bytes and receipt.

mod compose;
mod exit;
mod message;
mod outcomes;
mod sending;

pub(super) use compose::{body, fresh_id};
pub(super) use exit::{not_sent, waits};
pub(super) use outcomes::outcomes;
pub(super) use sending::SendingArgs;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::Context;
use super::connect::{SessionArgs, participant_of, refuse_beside, signers};
use super::error::Failure;
use super::files;
use crate::client::{Client, Outgoing, Submitted};
use crate::limits;
use crate::wire::{FeeKind, FeeRow};
use outcomes::{about, say_more};

/// Signs and submits a body; exit code 0 done, 1 refused, 2 not sent, 3 something waits, 4 unknown
#[derive(Debug, Args)]
#[command(
    after_help = exit::TABLE,
    before_help = "Example: quittance submit payments.json --key hsm-1.pem\n         \
    make-payments | quittance submit --key hsm-1.pem\n         \
    quittance submit payments.json --key hsm-1.pem --sign-only payments.message.json\n         \
    quittance submit --instruction '{\"transfer\":{\"legs\":[{\"debit\":\"bank-a:usd\",\
    \"credit\":\"bank-b:usd\",\"asset\":\"USD\",\"amount\":\"1250.00\"}]}}' --key hsm-1.pem"
)]
pub(crate) struct SubmitArgs {
    /// The body, sent as it is, or a message of --sign-only; `-` for stdin [default: stdin, if
    /// something is piped in]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// An instruction to put into a new body; ids are added where they are missing
    #[arg(
        long, value_name = "JSON", conflicts_with = "file", env = "QUITTANCE_INSTRUCTION",
        value_parser = compose::instruction
    )]
    instruction: Vec<serde_json::Value>,
    /// Make the new body all-or-nothing
    #[arg(long, requires = "instruction", env = "QUITTANCE_ATOMIC")]
    atomic: bool,
    /// Message id of the new body [default: a fresh one]
    #[arg(
        long,
        value_name = "ID",
        requires = "instruction",
        env = "QUITTANCE_MESSAGE_ID"
    )]
    message_id: Option<String>,
    /// Ask what would happen; nothing is logged
    #[arg(long, env = "QUITTANCE_DRY_RUN")]
    dry_run: bool,
    /// Send nothing: write the message with your signatures to this new file, to which others add
    /// theirs with `quittance sign`; `quittance submit FILE` sends it
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "dry_run",
        env = "QUITTANCE_SIGN_ONLY"
    )]
    sign_only: Option<PathBuf>,
    /// Content type of the body [default: by the file's ending]
    #[arg(long, value_name = "TYPE", env = "QUITTANCE_CONTENT_TYPE")]
    content_type: Option<String>,
    /// Folder for the new body and the receipt [default: that of FILE, or the working folder]
    #[arg(long, value_name = "DIR", env = "QUITTANCE_DIR")]
    dir: Option<PathBuf>,
    #[command(flatten)]
    session: SessionArgs,
}

/// The content type of a body that says nothing else.
const JSON: &str = "application/json";

/// A body and where it is kept.
struct Body {
    bytes: Vec<u8>,
    /// The file with the bytes, if there is one; a dry run keeps none.
    file: Option<PathBuf>,
    receipt: PathBuf,
}

pub(super) fn run(context: &Context, args: &SubmitArgs) -> Result<ExitCode, Failure> {
    // What fails after it was sent says so itself.
    submit(context, args).map_err(not_sent)
}

fn submit(context: &Context, args: &SubmitArgs) -> Result<ExitCode, Failure> {
    // What is piped in is looked at before anybody is asked for a passphrase.
    let given = args.given()?;
    if let Some(body) = given.as_ref().filter(|body| message::is_one(&body.bytes)) {
        return message::submit(context, args, body);
    }
    let client = args.session.node.client(context)?;
    let keys = args.session.keys.unlock(context)?;
    refuse_beside(&client, &keys)?;
    let submitter = match &args.session.participant {
        Some(participant) => participant.clone(),
        None => participant_of(&keys)?,
    };
    let body = args.body(context, given)?;
    let content_type = args
        .content_type
        .as_deref()
        .unwrap_or_else(|| by_ending(args.file.as_deref()));
    let out = Outgoing {
        submitter: &submitter,
        content_type,
        body: &body.bytes,
    };
    let signers = signers(&keys);
    if let Some(file) = &args.sign_only {
        message::write(context, &client, &out, &signers, file)?;
        return Ok(ExitCode::SUCCESS);
    }
    if args.dry_run {
        let answer = client.dry_run(&out, &signers).map_err(exit::asked)?;
        context
            .out
            .data(&answer, || outcomes(&answer.outcomes, &about(&body.bytes)))?;
        say_fees(context, &answer.fees);
        say_more(context, &answer.outcomes);
        for id in &answer.settles {
            context
                .out
                .say(format_args!("would settle right behind it: {id}"));
        }
        context.out.say("a dry run: nothing was logged");
        return Ok(exit::of(&answer));
    }
    // Once it is known there is nothing left to ask before it is sent.
    client.log()?;
    let done = client
        .submit(&out, &signers)
        .map_err(|error| exit::sent(error, &body))?;
    finish(context, args, &client, &done, &body, &body.bytes)
}

/// Keeps the receipt and tells what came of it; what goes wrong here goes wrong after it was logged.
fn finish(
    context: &Context,
    args: &SubmitArgs,
    client: &Client,
    done: &Submitted,
    body: &Body,
    sent: &[u8],
) -> Result<ExitCode, Failure> {
    let told = keep_and_tell(context, args, client, done, body, sent);
    told.map_err(|failure| exit::logged(failure, &done.answer))?;
    Ok(exit::of(&done.answer))
}

fn keep_and_tell(
    context: &Context,
    args: &SubmitArgs,
    client: &Client,
    done: &Submitted,
    body: &Body,
    sent: &[u8],
) -> Result<(), Failure> {
    if let Some(receipt) = &done.answer.receipt {
        files::write_atomic(
            &body.receipt,
            format!("{}\n", receipt.to_json()).as_bytes(),
            0o644,
        )?;
    }
    context.out.data(&done.answer, || {
        outcomes(&done.answer.outcomes, &about(sent))
    })?;
    say_fees(context, &done.answer.fees);
    say_more(context, &done.answer.outcomes);
    tell(context, args, client, done, body)
}

/// Tells what the submitter's accounts pay as fees.
fn say_fees(context: &Context, fees: &[FeeRow]) {
    for fee in fees {
        let kind = match fee.kind {
            FeeKind::Fee => "fee",
            FeeKind::FeeTax => "tax on the fee",
        };
        let FeeRow {
            instruction,
            leg,
            account,
            asset,
            amount,
            ..
        } = fee;
        context.out.say(format_args!(
            "{kind} of instruction {instruction}, leg {leg}: {amount} {asset} from {account}"
        ));
    }
}

impl SubmitArgs {
    /// The body that exists, from a file or from standard input.
    fn given(&self) -> Result<Option<Body>, Failure> {
        if !self.instruction.is_empty() {
            return Ok(None);
        }
        let path = files::or_stdin(self.file.as_deref(), "body to submit")?;
        let bytes = files::read(&path)?;
        let is_stdin = path == Path::new("-");
        let shown = if is_stdin {
            "standard input".to_owned()
        } else {
            path.display().to_string()
        };
        if bytes.is_empty() {
            return Err(Failure::usage(format_args!(
                "{shown} is empty: there is nothing to submit"
            )));
        }
        let (len, max) = (bytes.len(), limits::BODY_BYTES_MAX);
        // A message holds its body in base64; its own limit is looked at when it is read.
        if len > max && !message::is_one(&bytes) {
            return Err(Failure::usage(format_args!(
                "{shown} has {len} bytes; a body has at most {max}"
            ))
            .hint("split it; `quittance batch submit` does so for payments in a CSV file"));
        }
        let is_text = self.content_type.is_none() && by_ending(self.file.as_deref()) == JSON;
        if is_text && str::from_utf8(&bytes).is_err() {
            return Err(
                Failure::usage(format_args!("{shown} is no JSON: it is not text"))
                    .hint("say what it is with --content-type"),
            );
        }
        let name = if is_stdin {
            PathBuf::from("submission.json")
        } else {
            path.clone()
        };
        Ok(Some(Body {
            bytes,
            file: (!is_stdin).then_some(path),
            receipt: self.in_dir(&name).with_extension("receipt.json"),
        }))
    }

    /// The bytes to send. New ones are on disk before they are sent.
    fn body(&self, context: &Context, given: Option<Body>) -> Result<Body, Failure> {
        if let Some(given) = given {
            return Ok(given);
        }
        let new = compose::body(&self.instruction, self.atomic, self.message_id.as_deref())?;
        let stem: String = new.message_id.replace(['/', ':'], "-");
        let file = self.in_dir(Path::new(&format!("{stem}.json")));
        let receipt = file.with_extension("receipt.json");
        // A dry run keeps no bytes, and a signed message holds them itself.
        if self.dry_run || self.sign_only.is_some() {
            return Ok(Body {
                bytes: new.bytes,
                file: None,
                receipt,
            });
        }
        if file.exists() {
            let shown = file.display();
            return Err(
                Failure::usage(format_args!("{shown} exists: the message id was used")).hint(
                    format_args!(
                        "send it again with `quittance submit {shown}`, or choose another id"
                    ),
                ),
            );
        }
        if let Some(dir) = &self.dir {
            files::make_dir(dir)?;
        }
        files::write_atomic(&file, &new.bytes, 0o600)?;
        context.out.say(format_args!(
            "the exact bytes are kept in {}",
            file.display()
        ));
        Ok(Body {
            bytes: new.bytes,
            file: Some(file),
            receipt,
        })
    }

    fn in_dir(&self, path: &Path) -> PathBuf {
        match (&self.dir, path.file_name()) {
            (Some(dir), Some(name)) => dir.join(name),
            _ => path.to_owned(),
        }
    }
}

fn by_ending(file: Option<&Path>) -> &'static str {
    match file
        .and_then(Path::extension)
        .and_then(|ending| ending.to_str())
    {
        Some("xml") => "application/xml",
        Some("qtb") => "application/vnd.quittance.batch",
        _ => JSON,
    }
}

fn tell(
    context: &Context,
    args: &SubmitArgs,
    client: &Client,
    done: &Submitted,
    body: &Body,
) -> Result<(), Failure> {
    let out = &context.out;
    let answer = &done.answer;
    let again = if done.replayed {
        " (it was there before; nothing moved again)"
    } else {
        ""
    };
    out.say(format_args!(
        "entry {} at {}{again}",
        answer.index, answer.time
    ));
    for balance in &answer.balances {
        out.say(format_args!(
            "{}: {} available",
            balance.account, balance.available
        ));
    }
    match (&answer.receipt, &done.verified) {
        (Some(receipt), Some(verified)) => {
            let (opened, total) = (verified.items.len(), receipt.items_total);
            let shown = body.receipt.display();
            let opens = match u32::try_from(opened) == Ok(total) {
                true => format!("it opens all {total} items of the entry"),
                false => format!(
                    "it opens {opened} of the entry's {total} items and proves that the others are \
                     there; `quittance receipt get {} --item N` opens one of yours",
                    answer.index
                ),
            };
            out.say(format_args!(
                "receipt verified and kept in {shown}: {opens}"
            ));
        }
        _ => out.say(format_args!(
            "no receipt came: `quittance receipt get {}`",
            answer.index
        )),
    }
    if args.session.node.log_vkey.is_none() {
        let key = client.log_key()?;
        out.say(format_args!(
            "the log's key came from the node itself: {key}"
        ));
    }
    Ok(())
}
