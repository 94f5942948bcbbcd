//! `quittance init`: founding a log, once.

use std::path::{Path, PathBuf};

use chain::{NoteSignature, VerifierKey};
use clap::Args;
use serde::Serialize;

use super::Context;
use super::connect::vkey;
use super::error::{Failure, Kind};
use super::keys::read_document;
use super::output::Table;
use super::{files, secret};
use crate::config::Config;
use crate::ledger::{Mode, ParticipantId, Signature};
use crate::node::{self, Founded, Founding, InitError};

/// Founds a log: a sandbox, or with --live one for real obligations, signed by its founders
///
/// A live log is founded in two steps. First, without signatures, the genesis document is written;
/// every founding key signs it with `quittance keys sign-genesis`. Then the same command with all
/// the signatures founds the log.
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance init\n         \
    quittance init --live --origin settle.example/eu1 --founding-vkey f1.vkey --founding-vkey f2.vkey --threshold 2")]
pub(crate) struct InitArgs {
    /// Found a live log
    #[arg(long, env = "QUITTANCE_LIVE")]
    live: bool,
    /// Origin: the log's name for ever, also the name of its key
    #[arg(long, requires = "live", env = "QUITTANCE_ORIGIN")]
    origin: Option<String>,
    /// A founding operator's vkey, as text or file; give one for each
    #[arg(
        long,
        requires = "live",
        value_name = "FILE|TEXT",
        env = "QUITTANCE_FOUNDING_VKEY"
    )]
    founding_vkey: Vec<String>,
    /// How many operator keys must sign what governs
    #[arg(long, requires = "live", value_name = "M", env = "QUITTANCE_THRESHOLD")]
    threshold: Option<u32>,
    /// The genesis document: written by the first step, read by the second
    #[arg(
        long,
        default_value = "genesis-document.json",
        value_name = "FILE",
        env = "QUITTANCE_DOCUMENT"
    )]
    document: PathBuf,
    /// A founder's signature under the document, `name base64`; give one for each
    #[arg(
        long,
        requires = "live",
        value_name = "TEXT",
        env = "QUITTANCE_FOUNDING_SIGNATURE"
    )]
    founding_signature: Vec<String>,
}

#[derive(Debug, Serialize)]
struct FoundedView {
    origin: String,
    genesis_hash: String,
    log_vkey: String,
    log_vkey_file: PathBuf,
    operator_key: Option<PathBuf>,
    passphrase_file: Option<PathBuf>,
}

pub(super) fn run(context: &Context, args: &InitArgs) -> Result<(), Failure> {
    if !args.live {
        let config = context.config()?;
        let founded = node::init(&config, Founding::Sandbox).map_err(unfounded)?;
        return print(context, &founded);
    }
    if args.founding_signature.is_empty() {
        return draft(context, args);
    }
    found(context, args)
}

/// The configuration of the live log that is being founded.
fn live_config(context: &Context, origin: &str) -> Result<Config, Failure> {
    let live = [("log.mode", "live"), ("log.origin", origin)];
    // The check of the configuration refuses a passphrase beside its keys in live mode.
    context.config_with(live.map(|(key, value)| (key.to_owned(), value.to_owned())))
}

/// The first step: the document that the founders sign.
fn draft(context: &Context, args: &InitArgs) -> Result<(), Failure> {
    let (Some(origin), Some(threshold)) = (&args.origin, args.threshold) else {
        return Err(Failure::usage(
            "a live log needs --origin, --founding-vkey and --threshold",
        ));
    };
    let config = live_config(context, origin)?;
    let log_key = log_key(&config.keys.log, origin)?;
    let founders: Vec<VerifierKey> = args
        .founding_vkey
        .iter()
        .map(|text| vkey(text))
        .collect::<Result<_, _>>()?;
    let genesis =
        node::draft_genesis(Mode::Live, &log_key, &founders, threshold).map_err(unfounded)?;
    // Read back as every founder will: a document that cannot found a log is not shown to anybody.
    crate::ledger::Genesis::from_json(&genesis.to_json())
        .map_err(|error| Failure::usage("these founders cannot found a log").because(error))?;
    if args.document.exists() {
        let shown = args.document.display();
        return Err(Failure::new(Kind::File, format_args!("{shown} exists"))
            .hint("remove it, or name another with --document: signatures hang on it"));
    }
    files::write_atomic(
        &args.document,
        format!("{}\n", genesis.to_json()).as_bytes(),
        0o644,
    )?;
    context.out.text(&genesis.statement())?;
    let shown = args.document.display();
    context.out.say(format_args!(
        "the document is in {shown}; every founder checks and signs it:"
    ));
    context.out.say(format_args!(
        "  quittance keys sign-genesis {shown} --key FOUNDER.pem"
    ));
    context
        .out
        .say("then found the log with all the signatures:");
    context.out.say(format_args!(
        "  quittance init --live --document {shown} --founding-signature \"NAME BASE64\" ..."
    ));
    Ok(())
}

/// The second step: entry 0.
fn found(context: &Context, args: &InitArgs) -> Result<(), Failure> {
    let genesis = read_document(&args.document)?;
    if args
        .origin
        .as_ref()
        .is_some_and(|origin| *origin != genesis.origin)
    {
        return Err(Failure::usage(format_args!(
            "the document is for the origin {}",
            genesis.origin
        )));
    }
    let config = live_config(context, &genesis.origin)?;
    let log_key = log_key(&config.keys.log, &genesis.origin)?;
    if log_key.to_string() != genesis.log_vkey.as_str() {
        let path = config.keys.log.display();
        return Err(Failure::usage(format_args!(
            "{path} is not the log key that the document names"
        )));
    }
    let signatures = args
        .founding_signature
        .iter()
        .map(|text| signature(text))
        .collect::<Result<_, _>>()?;
    let founding = Founding::Live {
        genesis: Box::new(genesis),
        signatures,
    };
    let founded = node::init(&config, founding).map_err(unfounded)?;
    context
        .out
        .say("put this into node.toml, and start with `quittance run`:");
    context.out.say(format_args!(
        "  [log]\n  mode = \"live\"\n  origin = {:?}",
        founded.origin
    ));
    print(context, &founded)
}

fn log_key(path: &Path, origin: &str) -> Result<VerifierKey, Failure> {
    let key = keys::read_key_file_public(path).map_err(|error| {
        secret::key_file(path, error).hint(format_args!(
            "make it first: quittance keys generate {origin} --out {}; keys.log in node.toml names \
             the file, outside the data folder",
            path.display()
        ))
    })?;
    if key.name() == origin {
        return Ok(key);
    }
    Err(Failure::usage(format_args!(
        "the log's key is named {:?}, not {origin:?}",
        key.name()
    )))
}

fn signature(text: &str) -> Result<Signature, Failure> {
    let wrong = || Failure::usage(format_args!("{text:?} is no founding signature"));
    let line = NoteSignature::parse_header(text).map_err(|error| wrong().because(error))?;
    let signature = line.signature().try_into().map_err(|_| wrong())?;
    Ok(Signature {
        participant: ParticipantId::operators(),
        key_name: line.name().to_owned(),
        key_id: line.id().get(),
        signature,
    })
}

fn unfounded(error: InitError) -> Failure {
    Failure::new(Kind::Node, "the log cannot be founded").because(error)
}

fn print(context: &Context, founded: &Founded) -> Result<(), Failure> {
    let view = FoundedView {
        origin: founded.origin.clone(),
        genesis_hash: founded.genesis_hash.to_string(),
        log_vkey: founded.log_vkey.to_string(),
        log_vkey_file: founded.log_vkey_file.clone(),
        operator_key: founded.operator_key.clone(),
        passphrase_file: founded.passphrase_file.clone(),
    };
    context.out.data(&view, || {
        let mut rows = vec![
            ("origin", view.origin.clone()),
            ("genesis hash", view.genesis_hash.clone()),
            ("log key", view.log_vkey.clone()),
            ("log key file", view.log_vkey_file.display().to_string()),
        ];
        let shown = |path: &PathBuf| path.display().to_string();
        rows.extend(
            view.operator_key
                .as_ref()
                .map(|path| ("operator's key", shown(path))),
        );
        rows.extend(
            view.passphrase_file
                .as_ref()
                .map(|path| ("passphrase", shown(path))),
        );
        Table::pairs(&rows)
    })?;
    context
        .out
        .say("tell everybody origin, genesis hash and log key by another way than the log itself");
    Ok(())
}
