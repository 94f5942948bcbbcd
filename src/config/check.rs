//! From what was typed to what it means: relations between keys, and typed values.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use super::error::{ConfigError, Place};
use super::raw::Raw;
use super::{
    Admin, Api, ApiLimits, Assets, Config, Format, Keys, Level, Log, ORIGIN_SANDBOX, Passphrase,
    Row, Sequencer, Sessions, Store, Telemetry, Tls, TlsVersion, Wal, Witness,
};
use crate::ledger::module::Mode;
use crate::limits;

/// Where each key's value came from, for messages.
pub(super) type Places<'a> = dyn Fn(&str) -> Place + 'a;

/// Checks what no key can tell by itself.
pub(super) fn relations(raw: &Raw, place: &Places<'_>) -> Vec<ConfigError> {
    let mut errors = Vec::new();
    let mut wrong = |key: &str, found: String, expected: String| {
        let key = key.to_owned();
        errors.push(ConfigError::Value {
            place: place(&key),
            key,
            found,
            expected,
        });
    };
    let live = raw.log.mode == "live";
    if !is_origin(&raw.log.origin) {
        let expected = format!(
            "a host name with an optional path, such as \"settle.example/eu1\", at most {} bytes",
            limits::ORIGIN_BYTES_MAX
        );
        wrong("log.origin", quoted(&raw.log.origin), expected);
    } else if live && raw.log.origin == ORIGIN_SANDBOX {
        let expected = "a name of your own: a live log is known by it for ever".to_owned();
        wrong("log.origin", quoted(&raw.log.origin), expected);
    }
    listeners(raw, live, &mut wrong);
    if raw.api.listen == raw.admin.listen && !raw.api.listen.ends_with(":0") {
        let expected = "another address than api.listen: health and metrics are not public";
        wrong(
            "admin.listen",
            quoted(&raw.admin.listen),
            expected.to_owned(),
        );
    }
    if raw.wal.segment_bytes < 2 * raw.sequencer.group_bytes_max {
        let expected = format!(
            "at least twice sequencer.group_bytes_max ({}): a frame never spans two segments",
            raw.sequencer.group_bytes_max
        );
        wrong(
            "wal.segment_bytes",
            raw.wal.segment_bytes.to_string(),
            expected,
        );
    }
    if raw.store.reserve_bytes < 2 * raw.store.lag_bytes_max {
        let expected = format!(
            "at least twice store.lag_bytes_max ({}): what is promised must fit the disk",
            raw.store.lag_bytes_max
        );
        wrong(
            "store.reserve_bytes",
            raw.store.reserve_bytes.to_string(),
            expected,
        );
    }
    let (file, env) = (&raw.keys.passphrase_file, &raw.keys.passphrase_env);
    if !env.is_empty() && !is_variable(env) {
        let expected = "the name of an environment variable: capitals, digits and underscores";
        wrong("keys.passphrase_env", quoted(env), expected.to_owned());
    }
    if !env.is_empty() && !file.is_empty() {
        let expected = "empty, since keys.passphrase_file is set: one source, not two";
        wrong("keys.passphrase_env", quoted(env), expected.to_owned());
    }
    if live && !file.is_empty() && is_beside_keys(raw) {
        let expected = "a place outside the data folder and the keys' folder: in live mode a \
                        passphrase does not lie beside its keys";
        wrong("keys.passphrase_file", quoted(file), expected.to_owned());
    }
    errors
}

/// What a public listener needs.
fn listeners(raw: &Raw, live: bool, wrong: &mut impl FnMut(&str, String, String)) {
    let tls = &raw.tls;
    if tls.cert.is_empty() != tls.key.is_empty() {
        let (key, other) = match tls.cert.is_empty() {
            true => ("tls.cert", "tls.key"),
            false => ("tls.key", "tls.cert"),
        };
        let expected = format!("a file, since {other} is set: a certificate and its key");
        wrong(key, quoted(""), expected);
    }
    if !tls.client_ca.is_empty() && tls.cert.is_empty() {
        let expected = "empty, or tls.cert and tls.key set: there is no mutual TLS without TLS";
        wrong("tls.client_ca", quoted(&tls.client_ca), expected.to_owned());
    }
    // The key's kind has checked the address, or there is another error.
    let address = raw.api.listen.parse::<SocketAddr>();
    let public = address.is_ok_and(|address| !address.ip().is_loopback());
    if live && public && tls.cert.is_empty() && !raw.api.plain_http {
        let expected = "a loopback address, or [tls], or api.plain_http = true: a live node does \
                        not speak plain HTTP to the world by mistake";
        wrong("api.listen", quoted(&raw.api.listen), expected.to_owned());
    }
}

/// Builds the checked form; every value has passed its key's check and [`relations`].
pub(super) fn build(raw: Raw, rows: Vec<Row>) -> Config {
    let mode = if raw.log.mode == "live" {
        Mode::Live
    } else {
        Mode::Sandbox
    };
    let data_dir = PathBuf::from(&raw.data.dir);
    Config {
        log: Log {
            origin: raw.log.origin,
            mode,
        },
        api: Api {
            listen: socket(&raw.api.listen),
            workers: workers(raw.api.workers),
            body_bytes_max: size(raw.api.body_bytes_max),
            instructions_max: size(raw.api.instructions_max),
            batch_records_max: u32::try_from(raw.api.batch_records_max).unwrap_or(u32::MAX),
            header_timeout: Duration::from_millis(raw.api.header_timeout_ms),
            body_timeout: Duration::from_millis(raw.api.body_timeout_ms),
            connections_max: size(raw.api.connections_max),
            keep_alive: Duration::from_secs(raw.api.keep_alive_s),
            limits: api_limits(&raw.api.limits),
        },
        tls: tls(&data_dir, &raw.tls),
        admin: Admin {
            listen: socket(&raw.admin.listen),
        },
        sequencer: sequencer(&raw.sequencer),
        wal: Wal {
            segment_bytes: raw.wal.segment_bytes,
            segments_min: size(raw.wal.segments_min),
        },
        store: Store {
            cache_bytes: raw.store.cache_bytes,
            lag_bytes_max: raw.store.lag_bytes_max,
            flush_interval: Duration::from_millis(raw.store.flush_ms),
            reserve_bytes: raw.store.reserve_bytes,
        },
        snapshot_every_instructions: raw.snapshot.every_instructions,
        keys: Keys {
            log: data_dir.join(raw.keys.log),
            log_next: (!raw.keys.log_next.is_empty()).then(|| data_dir.join(&raw.keys.log_next)),
            passphrase: passphrase(
                &data_dir,
                mode,
                &raw.keys.passphrase_file,
                raw.keys.passphrase_env,
            ),
        },
        witness: witness(&data_dir, &raw.witness),
        sessions: Sessions {
            ttl: Duration::from_secs(raw.sessions.ttl_s),
            max: size(raw.sessions.max),
        },
        assets: Assets {
            fiat_enabled: raw.assets.fiat.enabled,
        },
        telemetry: Telemetry {
            level: level(&raw.telemetry.level),
            format: if raw.telemetry.format == "json" {
                Format::Json
            } else {
                Format::Text
            },
        },
        data_dir,
        rows,
    }
}

fn tls(data_dir: &Path, raw: &super::raw::Tls) -> Option<Tls> {
    let file = |name: &str| (!name.is_empty()).then(|| data_dir.join(name));
    Some(Tls {
        cert: file(&raw.cert)?,
        key: file(&raw.key)?,
        client_ca: file(&raw.client_ca),
        min_version: match raw.min_version.as_str() {
            "1.3" => TlsVersion::Tls13,
            _ => TlsVersion::Tls12,
        },
    })
}

fn witness(data_dir: &Path, raw: &super::raw::Witness) -> Option<Witness> {
    let file = |name: &str| (!name.is_empty()).then(|| data_dir.join(name));
    Some(Witness {
        policy: file(&raw.policy)?,
        every: Duration::from_secs(raw.every_s),
        timeout: Duration::from_millis(raw.timeout_ms),
        ca: file(&raw.ca),
    })
}

fn sequencer(raw: &super::raw::Sequencer) -> Sequencer {
    Sequencer {
        queue_len_max: size(raw.queue_len_max),
        queue_bytes_max: size(raw.queue_bytes_max),
        queue_share_percent: size(raw.queue_share_percent),
        group_bytes_max: size(raw.group_bytes_max),
        group_submissions_max: size(raw.group_submissions_max),
        group_wait_max: Duration::from_micros(raw.group_wait_us),
        shutdown_drain: Duration::from_millis(raw.shutdown_drain_ms),
    }
}

fn api_limits(raw: &super::raw::ApiLimits) -> ApiLimits {
    // Zero switches off; the bounds in limits.rs fit 32 bits.
    let rate = |number: u64| u32::try_from(number).ok().and_then(NonZeroU32::new);
    ApiLimits {
        participant_per_s: rate(raw.participant_per_s),
        address_per_s: rate(raw.address_per_s),
        connections_per_address: rate(raw.connections_per_address),
        bad_signatures_per_s: rate(raw.bad_signatures_per_s),
        bad_signatures_burst: rate(raw.bad_signatures_burst).unwrap_or(NonZeroU32::MIN),
        penalty: Duration::from_secs(raw.penalty_s),
        body_bytes_in_flight_max: size(raw.body_bytes_in_flight_max),
        dry_run_legs_per_s: rate(raw.dry_run_legs_per_s),
        read_bytes_max: raw.read_bytes_max,
    }
}

fn passphrase(data_dir: &Path, mode: Mode, file: &str, env: String) -> Passphrase {
    if !env.is_empty() {
        Passphrase::Variable(env)
    } else if !file.is_empty() {
        Passphrase::File(data_dir.join(file))
    } else if mode == Mode::Sandbox {
        Passphrase::File(data_dir.join("keys/passphrase"))
    } else {
        Passphrase::Ask
    }
}

/// A schema-less URL as a note's key name allows it: `host[:port][/path]`.
fn is_origin(text: &str) -> bool {
    let (host, path) = text.split_once('/').unwrap_or((text, "-"));
    let (host, port) = host.split_once(':').unwrap_or((host, "1"));
    let label = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let step = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.len() <= limits::ORIGIN_BYTES_MAX
        && host
            .split('.')
            .all(|part| !part.is_empty() && part.bytes().all(label))
        && port.bytes().all(|byte| byte.is_ascii_digit())
        && port.parse::<u16>().is_ok_and(|port| port > 0)
        && path
            .split('/')
            .all(|part| !part.is_empty() && part.bytes().all(step))
}

fn is_variable(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    text.bytes().all(plain)
        && text.bytes().next().is_some_and(|first| !first.is_ascii_digit())
        // Such a variable would itself be read as a key of the configuration.
        && !text.starts_with(super::layer::PREFIX)
}

/// Compares paths as they are written; whoever reads the files looks through links.
fn is_beside_keys(raw: &Raw) -> bool {
    let data = plain(Path::new(&raw.data.dir));
    let file = plain(&Path::new(&raw.data.dir).join(&raw.keys.passphrase_file));
    let key = plain(&Path::new(&raw.data.dir).join(&raw.keys.log));
    file.starts_with(data) || key.parent().is_some_and(|folder| file.starts_with(folder))
}

/// The absolute path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut plain = PathBuf::new();
    for part in absolute.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            _ => plain.push(part),
        }
    }
    plain
}

fn workers(count: u64) -> usize {
    match size(count) {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        count => count,
    }
}

fn socket(text: &str) -> SocketAddr {
    text.parse()
        .expect("the key's kind has parsed this address")
}

fn size(number: u64) -> usize {
    usize::try_from(number).expect("every bound in limits.rs fits a usize")
}

fn level(text: &str) -> Level {
    match text {
        "error" => Level::Error,
        "warn" => Level::Warn,
        "debug" => Level::Debug,
        "trace" => Level::Trace,
        _ => Level::Info,
    }
}

fn quoted(text: &str) -> String {
    format!("{text:?}")
}
