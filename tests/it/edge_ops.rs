//! What operators hold in hand: the page of metrics, the unit for systemd.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use crate::api_kit::Door;

/// Unit, and when a number should wake somebody. Name, type and meaning come from the node.
const HINTS: &[(&str, &str, &str)] = &[
    (
        "quittance_applied_size",
        "entries",
        "above `quittance_log_size` for seconds: the disk does not keep up",
    ),
    (
        "quittance_disk_free_bytes",
        "bytes",
        "below twice `store.reserve_bytes`: make room; below it admission stops",
    ),
    ("quittance_entries", "entries", ""),
    (
        "quittance_foreseen_refusals",
        "submissions",
        "a jump: some client retries what cannot succeed",
    ),
    (
        "quittance_groups",
        "groups",
        "still while `quittance_queue_length` is above 0: the node hangs",
    ),
    (
        "quittance_http_answers",
        "answers, by `status`",
        "`5xx` above 1 % for minutes",
    ),
    (
        "quittance_http_bad_signatures",
        "signatures",
        "a rate above 1/s: a flood, or a bank with a wrong key",
    ),
    (
        "quittance_http_body_bytes",
        "bytes",
        "near `api.limits.body_bytes_in_flight_max`",
    ),
    ("quittance_http_connections", "connections", ""),
    (
        "quittance_http_connections_open",
        "connections",
        "near `api.connections_max`: newcomers wait",
    ),
    (
        "quittance_http_connections_refused",
        "connections",
        "any: an address has its `connections_per_address`",
    ),
    (
        "quittance_http_rate_limited",
        "requests, by `limit`",
        "`participant` for a bank that pays in time: raise its limit",
    ),
    (
        "quittance_http_submission_seconds",
        "seconds, histogram",
        "p99 above 0.1 for minutes",
    ),
    (
        "quittance_http_tls_certificate_seconds_left",
        "seconds",
        "below 1,209,600 (14 days), with TLS",
    ),
    (
        "quittance_http_tls_reloads",
        "reloads, by `status`",
        "any `bad`: the old certificate stays in force",
    ),
    ("quittance_items", "items", ""),
    (
        "quittance_log_size",
        "entries",
        "still while submissions are answered 201: impossible, report it",
    ),
    (
        "quittance_queue_bytes",
        "bytes",
        "near `sequencer.queue_bytes_max`",
    ),
    (
        "quittance_queue_full",
        "submissions",
        "any for minutes: more load than the node bears",
    ),
    (
        "quittance_queue_length",
        "submissions",
        "near `sequencer.queue_len_max`",
    ),
    (
        "quittance_refused",
        "instructions",
        "a jump against `quittance_settled`",
    ),
    (
        "quittance_settled",
        "instructions",
        "none in business hours",
    ),
    (
        "quittance_snapshot_pause_seconds",
        "seconds, histogram",
        "any above 0.005: report it",
    ),
    (
        "quittance_snapshot_size",
        "entries",
        "far behind `quittance_log_size`: a start after a crash replays what lies between",
    ),
    (
        "quittance_stored_size",
        "entries",
        "falling behind `quittance_log_size` for minutes: the store is slow",
    ),
    (
        "quittance_unstored_bytes",
        "bytes",
        "above half of `store.lag_bytes_max`: admission slows down at all of it",
    ),
    (
        "quittance_wal_live_bytes",
        "bytes",
        "above half of `store.lag_bytes_max`: admission slows down at all of it",
    ),
    (
        "quittance_wal_sync_seconds",
        "seconds, histogram",
        "p99 above 0.02: the disk is slow or failing",
    ),
    (
        "quittance_window_id_bytes",
        "bytes",
        "above 24 for each of `quittance_window_ids`: impossible, report it",
    ),
    (
        "quittance_window_ids",
        "ids",
        "near `window_ids_max` of one bank: its next ids meet `ID_WINDOW_FULL`",
    ),
    ("quittance_window_message_bytes", "bytes", ""),
    ("quittance_window_messages", "messages", ""),
    (
        "quittance_witness_cosignatures",
        "cosignatures",
        "with `witness.policy`, still while `quittance_log_size` grows",
    ),
    (
        "quittance_witness_failures",
        "questions",
        "a jump: a witness is down, or was not told of the log's key",
    ),
    (
        "quittance_witnessed_size",
        "entries",
        "with `witness.policy`, behind `quittance_log_size` for minutes",
    ),
    (
        "quittance_witnessed_timestamp_seconds",
        "seconds since 1970",
        "with `witness.policy`, older than ten minutes: receipts stay at level 1",
    ),
];

#[test]
fn every_metric_is_documented() {
    let door = Door::open();
    let text = door.admin("/metrics").text();
    let mut metrics: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    for line in text.lines() {
        let mut words = line.splitn(4, ' ');
        let (_, what, name, rest) = (words.next(), words.next(), words.next(), words.next());
        let (Some(name), Some(rest)) = (name, rest) else {
            continue;
        };
        let metric = metrics.entry(name);
        match what {
            Some("HELP") => metric.or_default().1 = rest.trim_end_matches('.'),
            Some("TYPE") => metric.or_default().0 = rest,
            _ => {}
        }
    }
    let mut page = String::from(
        "# Metrics\n\nGenerated from what a node gives at `/metrics` of the operators' listener \
         (OpenMetrics text; counters end in `_total`, histograms in `_bucket`, `_sum` and `_count`).\n\n\
         | name | type | unit | means | look when |\n|---|---|---|---|---|\n",
    );
    for (name, (kind, help)) in &metrics {
        let hint = HINTS.iter().find(|(known, ..)| known == name);
        let (_, unit, hint) = hint.unwrap_or_else(|| panic!("{name} has no unit and hint here"));
        writeln!(page, "| `{name}` | {kind} | {unit} | {help} | {hint} |").unwrap();
    }
    for (name, ..) in HINTS {
        assert!(metrics.contains_key(name), "{name} is gone");
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/metrics.md");
    if std::env::var_os("QUITTANCE_UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == page,
        "docs/reference/metrics.md is not what the node gives; run \
         `QUITTANCE_UPDATE_DOCS=1 cargo test --test it metric`"
    );
}

/// The unit, checked by systemd itself where it is installed.
#[test]
fn the_unit_is_one() {
    let unit = Path::new(env!("CARGO_MANIFEST_DIR")).join("ops/quittance.service");
    let text = std::fs::read_to_string(&unit).unwrap();
    for line in [
        "Type=notify-reload",
        "WatchdogSec=",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
    ] {
        assert!(text.lines().any(|l| l.starts_with(line)), "{line}");
    }
    let descriptors = text.lines().find_map(|l| l.strip_prefix("LimitNOFILE="));
    let descriptors: usize = descriptors.unwrap().parse().unwrap();
    let config = quittance::config::Config::load(None, [], []).unwrap();
    assert!(descriptors >= 2 * config.api.connections_max + 4_096);
    let folder = tempfile::tempdir().unwrap();
    // The program need not be installed where the unit says.
    let here = folder.path().join("quittance.service");
    let program = env!("CARGO_BIN_EXE_quittance");
    std::fs::write(&here, text.replace("/usr/bin/quittance", program)).unwrap();
    let Ok(checked) = Command::new("systemd-analyze")
        .arg("verify")
        .arg(&here)
        .output()
    else {
        return;
    };
    let said = String::from_utf8_lossy(&checked.stderr);
    // Only about our unit: others of the machine are none of our business.
    // Versions before 253 do not know the type yet.
    let known = |line: &&str| line.contains("quittance") && !line.contains("notify-reload");
    let ours: Vec<&str> = said.lines().filter(known).collect();
    assert!(ours.is_empty(), "{said}");
}
