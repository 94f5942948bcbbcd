//! What was typed: the shape of `node.toml`, with its defaults and nothing checked.

use serde::{Deserialize, Serialize};

/// The file as a structure. Every field of every section has a default.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Raw {
    pub(super) data: Data,
    pub(super) log: Log,
    pub(super) api: Api,
    pub(super) tls: Tls,
    pub(super) admin: Admin,
    pub(super) sequencer: Sequencer,
    pub(super) wal: Wal,
    pub(super) store: Store,
    pub(super) snapshot: Snapshot,
    pub(super) keys: Keys,
    pub(super) witness: Witness,
    pub(super) sessions: Sessions,
    pub(super) assets: Assets,
    pub(super) telemetry: Telemetry,
}

/// Declares a section: its fields, their types and their defaults, side by side.
macro_rules! section {
    ($name:ident { $($field:ident: $type:ty = $default:expr,)* }) => {
        #[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
        #[serde(default, deny_unknown_fields)]
        pub(super) struct $name {
            $(pub(super) $field: $type,)*
        }

        impl Default for $name {
            fn default() -> $name {
                $name { $($field: $default.into(),)* }
            }
        }
    };
}

section!(Data {
    dir: String = "./data",
});

section!(Log {
    origin: String = super::ORIGIN_SANDBOX,
    mode: String = "sandbox",
});

section!(Api {
    listen: String = "127.0.0.1:7700",
    workers: u64 = 0u64,
    body_bytes_max: u64 = 1_048_576u64,
    instructions_max: u64 = 1_000u64,
    batch_records_max: u64 = 8_189u64,
    header_timeout_ms: u64 = 5_000u64,
    body_timeout_ms: u64 = 10_000u64,
    connections_max: u64 = 2_048u64,
    keep_alive_s: u64 = 60u64,
    plain_http: bool = false,
    limits: ApiLimits = ApiLimits::default(),
});

section!(ApiLimits {
    participant_per_s: u64 = 100_000u64,
    address_per_s: u64 = 100_000u64,
    connections_per_address: u64 = 1_024u64,
    bad_signatures_per_s: u64 = 10u64,
    bad_signatures_burst: u64 = 100u64,
    penalty_s: u64 = 10u64,
    body_bytes_in_flight_max: u64 = 268_435_456u64,
    dry_run_legs_per_s: u64 = 20_000u64,
    read_bytes_max: u64 = 67_108_864u64,
});

section!(Tls {
    cert: String = "",
    key: String = "",
    client_ca: String = "",
    min_version: String = "1.2",
});

section!(Admin {
    listen: String = "127.0.0.1:7701",
});

section!(Sequencer {
    queue_len_max: u64 = 2_048u64,
    queue_bytes_max: u64 = 134_217_728u64,
    queue_share_percent: u64 = 50u64,
    group_bytes_max: u64 = 8_388_608u64,
    group_submissions_max: u64 = 1_024u64,
    group_wait_us: u64 = 750u64,
    shutdown_drain_ms: u64 = 10_000u64,
});

section!(Wal {
    segment_bytes: u64 = 67_108_864u64,
    segments_min: u64 = 4u64,
});

section!(Store {
    cache_bytes: u64 = 268_435_456u64,
    lag_bytes_max: u64 = 268_435_456u64,
    flush_ms: u64 = 2_000u64,
    reserve_bytes: u64 = 536_870_912u64,
});

section!(Snapshot {
    every_instructions: u64 = 4_000_000u64,
});

section!(Keys {
    log: String = "keys/log.pem",
    log_next: String = "",
    passphrase_file: String = "",
    passphrase_env: String = "",
});

section!(Witness {
    policy: String = "",
    every_s: u64 = 10u64,
    timeout_ms: u64 = 2_000u64,
    ca: String = "",
});

section!(Sessions {
    ttl_s: u64 = 900u64,
    max: u64 = 10_000u64,
});

section!(Fiat {
    enabled: bool = true,
});

/// One section for each asset module.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Assets {
    pub(super) fiat: Fiat,
}

section!(Telemetry {
    level: String = "info",
    format: String = "text",
});
