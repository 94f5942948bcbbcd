//! The configuration of one node.
//!
//! ```text
//!   defaults < node.toml < QUITTANCE__SECTION__KEY < flags
//!        └── each layer checked key by key ──▶ Raw ── relations ──▶ Config
//! ```
//!
//! `Raw` is what was typed, [`Config`] what it means. Unknown keys are refused, all mistakes are
//! reported together, and everything that can be checked is checked before any other file is
//! opened. Relative paths in `[keys]` start at the data folder, `data.dir` itself at the working
//! folder.
//!
//! **Nothing here changes what the ledger's `apply` does.** `log.origin` and `log.mode` are used
//! when a log is founded and compared with its genesis afterwards; limits may only be lowered and
//! act at the door; `[assets]` decides what the door lets in, never what replay knows.

mod check;
mod error;
mod key;
mod layer;
mod raw;
mod schema;
mod similar;
mod source;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use config::builder::DefaultState;
use config::{ConfigBuilder, Value};

pub use error::{ConfigError, ConfigErrors, Place};
use layer::{Layer, Setting};
use raw::Raw;
pub use schema::schema;
pub use similar::Advice;
pub use source::Excerpt;

use crate::ledger::module::Mode;

/// The file that is read when no other is named.
pub const FILE: &str = "node.toml";

/// The origin of a log that nobody named; refused in live mode.
pub const ORIGIN_SANDBOX: &str = "localhost/sandbox";

/// The checked configuration of a node.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder with everything the node writes.
    pub data_dir: PathBuf,
    /// What a new log is called.
    pub log: Log,
    /// The public listener.
    pub api: Api,
    /// TLS of the public listener; without it plain HTTP is spoken.
    pub tls: Option<Tls>,
    /// The listener for operators.
    pub admin: Admin,
    /// The one writer.
    pub sequencer: Sequencer,
    /// The write-ahead segments.
    pub wal: Wal,
    /// The store behind the WAL.
    pub store: Store,
    /// Instructions between two snapshots.
    pub snapshot_every_instructions: u64,
    /// Where the node's key is.
    pub keys: Keys,
    /// Who is asked to cosign checkpoints; `None`: nobody.
    pub witness: Option<Witness>,
    /// Read sessions.
    pub sessions: Sessions,
    /// Asset modules that the door lets in.
    pub assets: Assets,
    /// What is written to stderr.
    pub telemetry: Telemetry,
    rows: Vec<Row>,
}

/// Section `[log]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// The name of the log and of its key.
    pub origin: String,
    /// Live or sandbox.
    pub mode: Mode,
}

/// Section `[api]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Api {
    /// The address; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Worker threads, at least 1: 0 in the file has become the number of cores.
    pub workers: usize,
    /// The largest body, in bytes.
    pub body_bytes_max: usize,
    /// The most instructions in one JSON message.
    pub instructions_max: usize,
    /// The most records in one binary batch.
    pub batch_records_max: u32,
    /// Time to send the request head.
    pub header_timeout: Duration,
    /// Time to send the body.
    pub body_timeout: Duration,
    /// Open connections.
    pub connections_max: usize,
    /// Life of an idle connection.
    pub keep_alive: Duration,
    /// Against floods.
    pub limits: ApiLimits,
}

/// Section `[api.limits]`. Nobody is exempt; `None` means off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiLimits {
    /// Verified requests a second by one participant; as many may come at once.
    pub participant_per_s: Option<NonZeroU32>,
    /// Requests a second from one address; as many may come at once.
    pub address_per_s: Option<NonZeroU32>,
    /// Open connections from one address.
    pub connections_per_address: Option<NonZeroU32>,
    /// Bad signatures a second from one address in the long run.
    pub bad_signatures_per_s: Option<NonZeroU32>,
    /// Bad signatures that may come at once.
    pub bad_signatures_burst: NonZeroU32,
    /// How long an address is turned away.
    pub penalty: Duration,
    /// Bytes of bodies that are read or handled at one time.
    pub body_bytes_in_flight_max: usize,
    /// Legs a second in the dry runs of one participant.
    pub dry_run_legs_per_s: Option<NonZeroU32>,
    /// Stored bytes that one read may look through.
    pub read_bytes_max: u64,
}

/// Section `[tls]`, if it names a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// File with the certificate and what leads to its CA, PEM.
    pub cert: PathBuf,
    /// File with its key, PEM, not encrypted.
    pub key: PathBuf,
    /// File with the CAs that clients' certificates must come from; `None`: none is asked for.
    pub client_ca: Option<PathBuf>,
    /// The oldest version that is spoken.
    pub min_version: TlsVersion,
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsVersion {
    /// RFC 5246.
    Tls12,
    /// RFC 8446.
    Tls13,
}

/// Section `[admin]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admin {
    /// The address; port 0 lets the system choose.
    pub listen: SocketAddr,
}

/// Section `[sequencer]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequencer {
    /// Submissions that may wait; beyond it the door answers 503.
    pub queue_len_max: usize,
    /// Bytes that may wait for their answers; beyond it the door answers 503.
    pub queue_bytes_max: usize,
    /// The part of both that one participant may take, in percent.
    pub queue_share_percent: usize,
    /// Bytes in one group; the largest submission fits.
    pub group_bytes_max: usize,
    /// Submissions in one group.
    pub group_submissions_max: usize,
    /// The longest wait for company; the window adapts below it and is 0 when idle.
    pub group_wait_max: Duration,
    /// Time to finish what is queued at shutdown.
    pub shutdown_drain: Duration,
}

/// Section `[wal]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wal {
    /// Size of one preallocated segment file; at least two groups fit.
    pub segment_bytes: u64,
    /// Segment files kept at least.
    pub segments_min: usize,
}

/// Section `[store]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// Page cache.
    pub cache_bytes: u64,
    /// How far the store may be behind the WAL before admission slows down.
    pub lag_bytes_max: u64,
    /// Time between two flushes.
    pub flush_interval: Duration,
    /// Disk space below which admission stops.
    pub reserve_bytes: u64,
}

/// Section `[keys]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// The log's key file.
    pub log: PathBuf,
    /// The file of the key that takes over from it, if one does.
    pub log_next: Option<PathBuf>,
    /// Where its passphrase comes from.
    pub passphrase: Passphrase,
}

/// Where a passphrase comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Passphrase {
    /// The first line of this file.
    File(PathBuf),
    /// The environment variable with this name.
    Variable(String),
    /// The terminal, or an unencrypted backend of the keys: nothing is configured.
    Ask,
}

/// Section `[witness]`, if it names a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// File with the policy (C2SP tlog-policy): logs, witnesses, quorum.
    pub policy: PathBuf,
    /// Time between two rounds.
    pub every: Duration,
    /// Time that a witness has for an answer.
    pub timeout: Duration,
    /// File with the CAs of witnesses that are asked over TLS; `None`: those of the web.
    pub ca: Option<PathBuf>,
}

/// Section `[sessions]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sessions {
    /// Life of a token.
    pub ttl: Duration,
    /// Tokens alive at once.
    pub max: usize,
}

/// Section `[assets]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assets {
    /// Whether the door accepts `add_asset` with module `fiat`.
    pub fiat_enabled: bool,
}

impl Assets {
    /// Whether the door accepts `add_asset` with this module.
    pub fn is_enabled(&self, module: &str) -> bool {
        module == "fiat" && self.fiat_enabled
    }
}

/// Section `[telemetry]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Telemetry {
    /// The least important line that is written.
    pub level: Level,
    /// For people or for machines.
    pub format: Format,
}

/// How important a line of the log for people is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Something failed and needs a person.
    Error,
    /// Something is odd and may need a person.
    Warn,
    /// What happens.
    Info,
    /// How it happens.
    Debug,
    /// Everything.
    Trace,
}

/// The form of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// One line of `config show`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The full name, e.g. `api.listen`.
    pub key: &'static str,
    /// The value as TOML.
    pub value: String,
    /// Where it was written.
    pub place: Place,
}

impl Row {
    /// One word for the layer: `default`, `file`, `env` or `flag`.
    pub fn origin(&self) -> &'static str {
        match self.place {
            Place::Default => "default",
            Place::File { .. } => "file",
            Place::Variable(_) => "env",
            Place::Flag => "flag",
        }
    }
}

impl Config {
    /// Reads and checks a configuration.
    ///
    /// `path` is the file, or `None` for none at all ([`Config::file`] finds the usual one);
    /// `env` the environment, of which only `QUITTANCE__SECTION__KEY` counts; `overrides` pairs of
    /// full key and value from the command line, the last one for a key wins.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the layers.
    pub fn load(
        path: Option<&Path>,
        env: impl IntoIterator<Item = (String, String)>,
        overrides: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Config, ConfigErrors> {
        let mut layer = path.map(Layer::file).unwrap_or_default();
        for above in [Layer::environment(env), Layer::flags(overrides)] {
            layer.settings.extend(above.settings);
            layer.errors.extend(above.errors);
        }
        let raw = merge(&layer.settings).map_err(|error| ConfigErrors(vec![error.into()]))?;
        let mut errors = layer.errors;
        let place = |key: &str| place(&layer.settings, key, |setting| &setting.value_place);
        // Whatever a wrong value is compared with says nothing yet.
        let known: Vec<_> = errors
            .iter()
            .filter_map(ConfigError::key)
            .map(str::to_owned)
            .collect();
        let relations = check::relations(&raw, &place).into_iter();
        errors.extend(relations.filter(|error| !known.iter().any(|key| error.follows_from(key))));
        if !errors.is_empty() {
            return Err(ConfigErrors(errors));
        }
        let rows = rows(&raw, &layer.settings);
        Ok(check::build(raw, rows))
    }

    /// The file that is read when none is named: `node.toml` in the working folder, if there is
    /// one.
    pub fn file() -> Option<&'static Path> {
        let path = Path::new(FILE);
        path.exists().then_some(path)
    }

    /// The variables of this process that [`Config::load`] wants to see.
    pub fn environment() -> Vec<(String, String)> {
        // A variable that is no Unicode keeps its replacement characters and is refused as a path.
        let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
        std::env::vars_os()
            .map(|(name, value)| (text(name), text(value)))
            .filter(|(name, _)| layer::is_ours(name))
            .collect()
    }

    /// Every key with its value and where that came from, in the order of the file.
    pub fn show(&self) -> &[Row] {
        &self.rows
    }
}

/// Lays the settings over the defaults, in order.
fn merge(settings: &[Setting]) -> Result<Raw, config::ConfigError> {
    let defaults = config::Config::try_from(&Raw::default())?;
    let mut builder = ConfigBuilder::<DefaultState>::default().add_source(defaults);
    for setting in settings {
        let kind = match &setting.value {
            toml::Value::Integer(number) => config::ValueKind::I64(*number),
            toml::Value::Boolean(switch) => config::ValueKind::Boolean(*switch),
            other => config::ValueKind::String(other.as_str().unwrap_or_default().to_owned()),
        };
        builder = builder.set_override(setting.key, Value::new(None, kind))?;
    }
    builder.build()?.try_deserialize()
}

/// Where the value in force was written: its key, or the value itself.
fn place(settings: &[Setting], key: &str, which: impl Fn(&Setting) -> &Place) -> Place {
    let last = settings.iter().rev().find(|setting| setting.key == key);
    last.map_or(Place::Default, |setting| which(setting).clone())
}

fn rows(raw: &Raw, settings: &[Setting]) -> Vec<Row> {
    let root = toml::Table::try_from(raw).map(toml::Value::Table);
    let root = root.expect("the raw configuration consists of tables, texts, numbers and switches");
    let row = |name: &'static str| {
        let value = name
            .split('.')
            .try_fold(&root, |value, part| value.get(part));
        let value = value.expect("every key has a field").to_string();
        Row {
            key: name,
            value,
            place: place(settings, name, |setting| &setting.place),
        }
    };
    key::KEYS.iter().map(|key| row(key.name)).collect()
}
