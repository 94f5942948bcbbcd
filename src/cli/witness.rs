//! `quittance witness`: remembers the checkpoints of logs and cosigns what continues them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::Context;
use super::connect::vkey;
use super::error::{Failure, Kind};
use super::secret;
use crate::config::{Format, Level, Telemetry};
use crate::telemetry;
use crate::witness::{self, MemoryError, Witness};

/// Runs a witness: cosigns checkpoints of the logs it was told of, and never two histories of one
#[derive(Debug, Args)]
#[command(
    before_help = "Example: quittance witness --key w1.pem --log log.vkey --dir witness --listen 127.0.0.1:7800"
)]
pub(crate) struct WitnessArgs {
    /// The witness's key file, made by `quittance keys generate witness.example/w1`
    #[arg(long, value_name = "FILE", env = "QUITTANCE_KEY")]
    key: PathBuf,
    /// File with the passphrase of the key [default: QUITTANCE_PASSPHRASE, a file `passphrase`
    /// beside the key, the terminal]
    #[arg(long, value_name = "FILE", env = "QUITTANCE_PASSPHRASE_FILE")]
    passphrase_file: Option<PathBuf>,
    /// A log's key as you had it by another way: a vkey, or a file with one; give it again for each
    /// further log, and for the new key of one that changes its key
    #[arg(
        long = "log",
        value_name = "FILE|TEXT",
        env = "QUITTANCE_LOG_VKEY",
        value_delimiter = ',',
        required = true
    )]
    logs: Vec<String>,
    /// The folder of its memory; who loses it must begin again under another key
    #[arg(
        long,
        value_name = "DIR",
        default_value = "./witness",
        env = "QUITTANCE_DIR"
    )]
    dir: PathBuf,
    /// Address and port; put a proxy with TLS before it
    #[arg(
        long,
        value_name = "ADDRESS",
        default_value = "127.0.0.1:7800",
        env = "QUITTANCE_LISTEN"
    )]
    listen: SocketAddr,
}

pub(super) fn run(context: &Context, args: &WitnessArgs) -> Result<(), Failure> {
    let lines = Telemetry {
        level: Level::Info,
        format: Format::Text,
    };
    telemetry::start(lines)
        .map_err(|error| Failure::new(Kind::Node, "lines cannot be written").because(error))?;
    let logs = args.logs.iter().map(|log| vkey(log));
    let logs: Vec<_> = logs.collect::<Result<_, _>>()?;
    let key = secret::unlock(&args.key, args.passphrase_file.as_deref())?.key;
    let witness = Witness::open_folder(&args.dir, Box::new(key), &logs).map_err(|error| {
        let kind = match error {
            MemoryError::Damaged { .. } => Kind::Invalid,
            _ => Kind::File,
        };
        Failure::new(kind, "the witness does not start; nothing was cosigned").because(error)
    })?;
    let name = witness.key().name().to_owned();
    let serving = witness::serve(Arc::new(witness), args.listen, |bound, witness| {
        for (origin, size) in witness.logs() {
            context
                .out
                .say(format_args!("log      {origin}, {size} entries remembered"));
        }
        let short = name.rsplit('/').next().unwrap_or(&name);
        context
            .out
            .say("for the policies of logs and verifiers (C2SP tlog-policy):");
        let line = format!("  witness {short} {} http://{bound}", witness.key());
        context.out.say(line);
        context.out.say(format_args!("serving  http://{bound}"));
    });
    serving.map_err(|error| {
        Failure::new(Kind::Node, format_args!("cannot listen on {}", args.listen)).because(error)
    })
}
