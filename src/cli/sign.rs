//! `quittance sign`: one more signature under a message, on a machine that asks no node.

use std::path::{Path, PathBuf};

use chain::Hash;
use clap::Args;
use serde::Serialize;
use serde_json::Value;

use super::Context;
use super::connect::{KeyArgs, signers};
use super::error::{Failure, Kind};
use super::files;
use super::output::Table;
use crate::client::{SignedMessage, SignedMessageError};
use crate::wire::{BodyLimits, parse_body};

/// Adds signatures to a message of `submit --sign-only`; shows it, and asks no node
#[derive(Debug, Args)]
#[command(
    before_help = "Example: quittance sign payments.message.json --key hsm-2.pem\n         \
    quittance sign payments.message.json --show\n         \
    quittance sign payments.message.json --copy from-bank-b.message.json"
)]
pub(crate) struct SignArgs {
    /// The message; the signature is added to this file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Show what would be signed, and change nothing
    #[arg(long, env = "QUITTANCE_SHOW")]
    show: bool,
    /// A copy of the same message whose signatures are taken over; may be given again
    #[arg(
        long,
        value_name = "FILE",
        env = "QUITTANCE_COPY",
        value_delimiter = ','
    )]
    copy: Vec<PathBuf>,
    #[command(flatten)]
    keys: KeyArgs,
}

pub(super) fn run(context: &Context, args: &SignArgs) -> Result<(), Failure> {
    let mut message = message(&files::read(&args.file)?)?;
    let view = View::of(&message, &args.file)?;
    if args.show {
        return view.print(context);
    }
    if args.keys.keys.is_empty() && args.copy.is_empty() {
        return Err(Failure::usage("there is no key to sign with")
            .hint("name yours with --key; --show only shows the message"));
    }
    let mut words = Vec::new();
    for file in &args.copy {
        let copy = self::message(&files::read(file)?)?;
        let shown = file.display();
        match message.take(&copy).map_err(refused)? {
            Some(taken) => words.push(format!("{taken} signatures taken over from {shown}")),
            None => {
                return Err(Failure::new(
                    Kind::Invalid,
                    format_args!("{shown} is no copy of {}", args.file.display()),
                )
                .because("its signatures are under another statement"));
            }
        }
    }
    if !args.keys.keys.is_empty() {
        let keys = args.keys.unlock(context)?;
        if message.mode != "sandbox"
            && let Some(beside) = keys.iter().find(|unlocked| unlocked.beside)
        {
            return Err(super::connect::lies_beside(beside));
        }
        for signer in signers(&keys) {
            let name = signer.verifier_key().name();
            words.push(match message.sign(signer).map_err(refused)? {
                true => format!("signed by {name}"),
                false => format!("{name} has signed it before"),
            });
        }
    }
    files::write_atomic(&args.file, message.to_json().as_bytes(), 0o600)?;
    View::of(&message, &args.file)?.print(context)?;
    words.iter().for_each(|word| context.out.say(word));
    Ok(())
}

/// Reads a message, strictly.
pub(super) fn message(bytes: &[u8]) -> Result<SignedMessage, Failure> {
    SignedMessage::from_json(bytes).map_err(|error| {
        Failure::new(Kind::File, "it is no message of `submit --sign-only`").because(error)
    })
}

/// A message that no node would take, or that could not be signed.
pub(super) fn refused(error: SignedMessageError) -> Failure {
    Failure::usage("the message cannot be signed").because(error)
}

/// What stands above a signature.
#[derive(Debug, Serialize)]
pub(super) struct View {
    file: PathBuf,
    origin: String,
    genesis_hash: String,
    submitter: String,
    content_type: String,
    body_sha256: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Value>,
    signed_by: Vec<String>,
}

impl View {
    /// Refuses a JSON body that the node would refuse: nobody shall sign what nobody can read.
    pub(super) fn of(message: &SignedMessage, file: &Path) -> Result<Self, Failure> {
        let bytes = &message.body.0;
        let body = if message.content_type == "application/json" {
            parse_body(bytes, &BodyLimits::default()).map_err(|error| {
                Failure::usage("the node would refuse this body").because(format!(
                    "{} at {:?}: {}",
                    error.code, error.pointer, error.detail
                ))
            })?;
            serde_json::from_slice(bytes).ok()
        } else {
            None
        };
        let signed = message.signed().map_err(refused)?;
        Ok(Self {
            file: file.to_owned(),
            origin: message.origin.clone(),
            genesis_hash: message.genesis_hash.0.to_string(),
            submitter: message.submitter.clone(),
            content_type: message.content_type.clone(),
            body_sha256: Hash::sha256(bytes).to_string(),
            body,
            signed_by: signed
                .iter()
                .map(|by| format!("{} (key id {})", by.name(), by.id()))
                .collect(),
        })
    }

    pub(super) fn print(&self, context: &Context) -> Result<(), Failure> {
        context.out.data(self, || {
            let mut rows = vec![
                ("log", self.origin.clone()),
                ("genesis", self.genesis_hash.clone()),
                ("submitter", self.submitter.clone()),
                (
                    "body",
                    format!("{}, SHA-256 {}", self.content_type, self.body_sha256),
                ),
            ];
            for name in ["message_id", "created", "atomic"] {
                if let Some(value) = self.body.as_ref().and_then(|body| body.get(name)) {
                    let shown = value.as_str().map_or_else(|| value.to_string(), Into::into);
                    rows.push((name, shown));
                }
            }
            let wishes = self.body.as_ref().and_then(|body| body.get("instructions"));
            for wish in wishes.and_then(Value::as_array).into_iter().flatten() {
                rows.push(("instruction", wish.to_string()));
            }
            rows.extend(self.signed_by.iter().map(|by| ("signed by", by.clone())));
            Table::pairs(&rows)
        })
    }
}
