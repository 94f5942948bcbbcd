//! The keys of `node.toml` and what each may hold: one line a key.

use std::net::SocketAddr;

use toml::Value;

use super::similar;
use crate::limits;

/// One key, by its full name (`api.listen`).
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
}

/// What a key may hold.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// A whole number in this range, bounds included.
    Count(u64, u64),
    /// `true` or `false`.
    Switch,
    /// One of these words.
    Word(&'static [&'static str]),
    /// `address:port`; port 0 lets the system choose.
    Socket,
    /// A path; not empty.
    Path,
    /// Any text, checked together with others.
    Text,
}

use Kind::{Count, Path, Socket, Switch, Text, Word};

const MEBI: u64 = 1 << 20;
/// One submission of the largest size must fit a group.
const GROUP_BYTES_MIN: u64 =
    (limits::BODY_BYTES_MAX + limits::SUBMISSION_OVERHEAD_BYTES_MAX) as u64;

/// All keys, in the order of the file.
pub(super) const KEYS: &[Key] = &[
    key("data.dir", Path),
    key("log.origin", Text),
    key("log.mode", Word(&["sandbox", "live"])),
    key("api.listen", Socket),
    key("api.workers", Count(0, limits::WORKERS_MAX)),
    key(
        "api.body_bytes_max",
        Count(1_024, limits::BODY_BYTES_MAX as u64),
    ),
    key(
        "api.instructions_max",
        Count(1, limits::INSTRUCTIONS_MAX as u64),
    ),
    key(
        "api.batch_records_max",
        Count(1, limits::BATCH_RECORDS_MAX as u64),
    ),
    key(
        "api.header_timeout_ms",
        Count(100, limits::HEADER_TIMEOUT_MS_MAX),
    ),
    key(
        "api.body_timeout_ms",
        Count(100, limits::BODY_TIMEOUT_MS_MAX),
    ),
    key("api.connections_max", Count(1, limits::CONNECTIONS_MAX)),
    key("api.keep_alive_s", Count(1, limits::KEEP_ALIVE_S_MAX)),
    key("api.plain_http", Switch),
    key(
        "api.limits.participant_per_s",
        Count(0, limits::RATE_PER_S_MAX),
    ),
    key("api.limits.address_per_s", Count(0, limits::RATE_PER_S_MAX)),
    key(
        "api.limits.connections_per_address",
        Count(0, limits::CONNECTIONS_MAX),
    ),
    key(
        "api.limits.bad_signatures_per_s",
        Count(0, limits::BAD_SIGNATURES_PER_S_MAX),
    ),
    key(
        "api.limits.bad_signatures_burst",
        Count(1, limits::BAD_SIGNATURES_PER_S_MAX),
    ),
    key("api.limits.penalty_s", Count(1, limits::PENALTY_S_MAX)),
    key(
        "api.limits.body_bytes_in_flight_max",
        Count(
            limits::BODY_BYTES_MAX as u64,
            limits::BODY_BYTES_IN_FLIGHT_MAX,
        ),
    ),
    key(
        "api.limits.dry_run_legs_per_s",
        Count(0, limits::RATE_PER_S_MAX),
    ),
    key(
        "api.limits.read_bytes_max",
        Count(limits::READ_BYTES_MIN, limits::READ_BYTES_MAX),
    ),
    key("tls.cert", Text),
    key("tls.key", Text),
    key("tls.client_ca", Text),
    key("tls.min_version", Word(&["1.2", "1.3"])),
    key("admin.listen", Socket),
    key("sequencer.queue_len_max", Count(1, limits::QUEUE_LEN_MAX)),
    key(
        "sequencer.queue_bytes_max",
        Count(GROUP_BYTES_MIN, limits::QUEUE_BYTES_MAX),
    ),
    key("sequencer.queue_share_percent", Count(1, 100)),
    key(
        "sequencer.group_bytes_max",
        Count(GROUP_BYTES_MIN, limits::GROUP_BYTES_MAX),
    ),
    key(
        "sequencer.group_submissions_max",
        Count(1, limits::GROUP_SUBMISSIONS_MAX),
    ),
    key(
        "sequencer.group_wait_us",
        Count(0, limits::GROUP_WAIT_US_MAX),
    ),
    key(
        "sequencer.shutdown_drain_ms",
        Count(0, limits::SHUTDOWN_DRAIN_MS_MAX),
    ),
    key(
        "wal.segment_bytes",
        Count(4 * MEBI, limits::WAL_SEGMENT_BYTES_MAX),
    ),
    key("wal.segments_min", Count(2, limits::WAL_SEGMENTS_MAX)),
    key(
        "store.cache_bytes",
        Count(8 * MEBI, limits::STORE_CACHE_BYTES_MAX),
    ),
    key(
        "store.lag_bytes_max",
        Count(4 * MEBI, limits::STORE_LAG_BYTES_MAX),
    ),
    key("store.flush_ms", Count(50, limits::STORE_FLUSH_MS_MAX)),
    key(
        "store.reserve_bytes",
        Count(8 * MEBI, limits::STORE_RESERVE_BYTES_MAX),
    ),
    key(
        "snapshot.every_instructions",
        Count(1_000, limits::SNAPSHOT_EVERY_INSTRUCTIONS_MAX),
    ),
    key("keys.log", Path),
    key("keys.log_next", Text),
    key("keys.passphrase_file", Text),
    key("keys.passphrase_env", Text),
    key("witness.policy", Text),
    key("witness.every_s", Count(1, limits::WITNESS_EVERY_S_MAX)),
    key(
        "witness.timeout_ms",
        Count(100, limits::WITNESS_TIMEOUT_MS_MAX),
    ),
    key("witness.ca", Text),
    key("sessions.ttl_s", Count(10, limits::SESSION_TTL_S_MAX)),
    key("sessions.max", Count(1, limits::SESSIONS_MAX)),
    key("assets.fiat.enabled", Switch),
    key(
        "telemetry.level",
        Word(&["error", "warn", "info", "debug", "trace"]),
    ),
    key("telemetry.format", Word(&["text", "json"])),
];

const fn key(name: &'static str, kind: Kind) -> Key {
    Key { name, kind }
}

/// The key with this name.
pub(super) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// Whether some key stands under this section (`assets`, `assets.fiat`).
pub(super) fn is_section(name: &str) -> bool {
    KEYS.iter().any(|key| {
        key.name
            .strip_prefix(name)
            .is_some_and(|rest| rest.starts_with('.'))
    })
}

impl Kind {
    /// Reads the text of a variable or a flag; `None` when it is not of this kind at all.
    pub(super) fn parse(self, text: &str) -> Option<Value> {
        match self {
            Count(..) => text.parse().ok().map(Value::Integer),
            Switch => text.parse().ok().map(Value::Boolean),
            Word(_) | Socket | Path | Text => Some(Value::String(text.to_owned())),
        }
    }

    /// Whether a value is of this kind and in its range.
    pub(super) fn accepts(self, value: &Value) -> bool {
        match (self, value) {
            (Count(min, max), Value::Integer(number)) => {
                u64::try_from(*number).is_ok_and(|number| (min..=max).contains(&number))
            }
            (Switch, Value::Boolean(_)) | (Text, Value::String(_)) => true,
            (Word(words), Value::String(text)) => words.contains(&text.as_str()),
            (Socket, Value::String(text)) => text.parse::<SocketAddr>().is_ok(),
            (Path, Value::String(text)) => !text.is_empty() && !text.contains(['\0', '\u{fffd}']),
            _ => false,
        }
    }

    /// What the kind expects, in words.
    pub(super) fn expected(self) -> String {
        match self {
            Count(min, max) => format!("a whole number from {min} to {max}"),
            Switch => "true or false".to_owned(),
            Word(words) => format!("one of \"{}\"", words.join("\", \"")),
            Socket => "an address and port, such as \"127.0.0.1:7700\" or \"[::1]:0\"".to_owned(),
            Path => "a path".to_owned(),
            Text => "a text in quotes".to_owned(),
        }
    }

    /// The same, with a word about this value: what it may have been meant to be.
    pub(super) fn expected_for(self, value: &Value) -> String {
        let expected = self.expected();
        let text = value.as_str().unwrap_or_default();
        let meant = match self {
            Count(..) if text.parse::<i64>().is_ok() => {
                return format!("{expected}, without quotes");
            }
            Switch if text.parse::<bool>().is_ok() => {
                return format!("{expected}, without quotes");
            }
            Switch => match text.to_ascii_lowercase().as_str() {
                "yes" | "on" | "1" => Some("true".to_owned()),
                "no" | "off" | "0" => Some("false".to_owned()),
                _ => None,
            },
            Word(words) => similar::word(text, words).map(|word| format!("\"{word}\"")),
            Socket => socket_meant(text),
            _ => None,
        };
        match meant {
            Some(meant) => format!("{expected}: did you mean {meant}?"),
            None => expected,
        }
    }

    /// The kind as JSON Schema.
    pub(super) fn schema(self) -> serde_json::Value {
        use serde_json::json;
        match self {
            Count(min, max) => json!({"type": "integer", "minimum": min, "maximum": max}),
            Switch => json!({"type": "boolean"}),
            Word(words) => json!({"type": "string", "enum": words}),
            Socket => json!({"type": "string", "pattern": "^.+:[0-9]{1,5}$"}),
            Path => json!({"type": "string", "minLength": 1}),
            Text => json!({"type": "string"}),
        }
    }
}

/// An address that was written as people say it: a name, or a port alone.
fn socket_meant(text: &str) -> Option<String> {
    let (host, port) = text.rsplit_once(':').unwrap_or(("", text));
    let port: u16 = port.parse().ok()?;
    matches!(host, "" | "localhost").then(|| format!("\"127.0.0.1:{port}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_known() {
        assert!(is_section("assets") && is_section("assets.fiat") && is_section("api"));
        assert!(!is_section("ap") && !is_section("api.listen") && !is_section(""));
    }
}
