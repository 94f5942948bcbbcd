//! The keys of `node.toml` and what each may hold: one line a key.

use std::net::SocketAddr;

use toml::Value;

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
        "api.header_timeout_ms",
        Count(100, limits::HEADER_TIMEOUT_MS_MAX),
    ),
    key(
        "api.body_timeout_ms",
        Count(100, limits::BODY_TIMEOUT_MS_MAX),
    ),
    key("api.connections_max", Count(1, limits::CONNECTIONS_MAX)),
    key("api.keep_alive_s", Count(1, limits::KEEP_ALIVE_S_MAX)),
    key("admin.listen", Socket),
    key("sequencer.queue_len_max", Count(1, limits::QUEUE_LEN_MAX)),
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
    key("keys.passphrase_file", Text),
    key("keys.passphrase_env", Text),
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

/// The known key that looks most like `name`, if any looks like it at all.
pub(super) fn similar(name: &str) -> Option<&'static str> {
    let last = |text: &str| text.rsplit('.').next().map(str::to_owned);
    let by_distance = KEYS
        .iter()
        .map(|key| (distance(name, key.name), key.name))
        .min();
    let close = by_distance
        .filter(|(far, _)| *far <= 3)
        .map(|(_, known)| known);
    // The right key in the wrong section.
    close.or_else(|| {
        KEYS.iter()
            .map(|key| key.name)
            .find(|known| last(known) == last(name))
    })
}

/// Levenshtein distance in bytes.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (at, left) in from.bytes().enumerate() {
        let mut corner = at;
        let mut last = at + 1;
        for (cell, right) in row.iter_mut().skip(1).zip(to.bytes()) {
            let replaced = corner + usize::from(left != right);
            corner = *cell;
            last = replaced.min(*cell + 1).min(last + 1);
            *cell = last;
        }
        if let Some(first) = row.first_mut() {
            *first = at + 1;
        }
    }
    row.last().copied().unwrap_or(from.len())
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_what_was_meant() {
        assert_eq!(similar("api.listn"), Some("api.listen"));
        assert_eq!(similar("api.flush_ms"), Some("store.flush_ms"));
        assert_eq!(similar("nonsense"), None);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
    }

    #[test]
    fn sections_are_known() {
        assert!(is_section("assets") && is_section("assets.fiat") && is_section("api"));
        assert!(!is_section("ap") && !is_section("api.listen") && !is_section(""));
    }
}
