//! `node.toml`, the environment and the flags: precedence, and mistakes that are named well enough
//! to be mended.

use std::path::{Path, PathBuf};
use std::time::Duration;

use quittance::config::{Config, ConfigErrors, Passphrase, Place};
use quittance::ledger::module::Mode;

/// Loads `text` as a file, with variables and overrides.
fn load(text: &str, env: &[(&str, &str)], flags: &[(&str, &str)]) -> Result<Config, Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.toml");
    std::fs::write(&path, text).unwrap();
    let owned = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    };
    Config::load(Some(&path), owned(env), owned(flags)).map_err(|ConfigErrors(errors)| {
        let folder = format!("{}/", folder.path().display());
        errors
            .iter()
            .map(|error| error.to_string().replace(&folder, ""))
            .collect()
    })
}

fn refused(text: &str) -> Vec<String> {
    load(text, &[], &[]).unwrap_err()
}

fn default() -> Config {
    Config::load(None, [], []).unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_root_file_says_every_default() {
    let file = Config::load(Some(&root().join("node.toml")), [], []).unwrap();
    let defaults = default();
    for (written, built_in) in file.show().iter().zip(defaults.show()) {
        assert_eq!(
            (written.key, &written.value),
            (built_in.key, &built_in.value)
        );
        assert_eq!(
            written.origin(),
            "file",
            "{} is missing from node.toml",
            written.key
        );
        assert_eq!(built_in.origin(), "default");
    }
    assert_eq!(file.show().len(), defaults.show().len());
}

#[test]
fn the_root_file_explains_every_key() {
    let text = std::fs::read_to_string(root().join("node.toml")).unwrap();
    let mut before = "";
    for line in text.lines() {
        if line.contains(" = ") && !line.starts_with('#') {
            assert!(
                before.starts_with("# ") && before.len() > 20,
                "no reason above: {line}"
            );
            let unit = [
                ("_bytes", "Bytes"),
                ("_ms ", "Milliseconds"),
                ("_us ", "Microseconds"),
            ];
            for (ending, word) in unit {
                assert!(
                    !line.contains(ending) || before.contains(word),
                    "no unit above: {line}"
                );
            }
        }
        before = line;
    }
}

#[test]
fn defaults_mean_what_the_design_says() {
    let config = default();
    assert_eq!(config.data_dir, PathBuf::from("./data"));
    assert_eq!(
        (config.log.origin.as_str(), config.log.mode),
        ("localhost/sandbox", Mode::Sandbox)
    );
    assert_eq!(config.api.listen.to_string(), "127.0.0.1:7700");
    assert_eq!(config.admin.listen.to_string(), "127.0.0.1:7701");
    assert!(config.api.workers >= 1);
    assert_eq!(config.keys.log, PathBuf::from("./data/keys/log.pem"));
    let beside = PathBuf::from("./data/keys/passphrase");
    assert_eq!(config.keys.passphrase, Passphrase::File(beside));
    assert_eq!(config.store.lag_bytes_max, 256 << 20);
    assert!(config.assets.is_enabled("fiat") && !config.assets.is_enabled("simchain"));
}

#[test]
fn later_layers_win_and_are_named() {
    let text = "[api]\nlisten = \"127.0.0.1:1\"\nworkers = 1\nkeep_alive_s = 1\n";
    let env = [
        ("QUITTANCE__API__WORKERS", "2"),
        ("QUITTANCE__API__KEEP_ALIVE_S", "2"),
        ("QUITTANCE__ASSETS__FIAT__ENABLED", "false"),
        ("QUITTANCE_OTHER", "ignored"),
        ("PATH", "ignored"),
    ];
    let flags = [
        ("api.keep_alive_s", "3"),
        ("data.dir", "1e5"),
        ("api.keep_alive_s", "4"),
    ];
    let config = load(text, &env, &flags).unwrap();
    assert_eq!(config.api.listen.port(), 1);
    assert_eq!(config.api.workers, 2);
    assert_eq!(config.api.keep_alive, Duration::from_secs(4));
    assert_eq!(config.data_dir, PathBuf::from("1e5"));
    assert!(!config.assets.fiat_enabled);
    let origin = |key| {
        config
            .show()
            .iter()
            .find(|row| row.key == key)
            .unwrap()
            .origin()
    };
    assert_eq!(origin("api.listen"), "file");
    assert_eq!(origin("api.workers"), "env");
    assert_eq!(origin("api.keep_alive_s"), "flag");
    assert_eq!(origin("admin.listen"), "default");
    let row = config
        .show()
        .iter()
        .find(|row| row.key == "api.workers")
        .unwrap();
    assert_eq!(
        row.place,
        Place::Variable("QUITTANCE__API__WORKERS".to_owned())
    );
    assert_eq!(row.value, "2");
}

#[test]
fn unknown_keys_are_refused_wherever_they_stand() {
    let text = "top = 1\n[api]\nlistn = \"127.0.0.1:1\"\n[store]\n[stor]\n[assets.gold]\nx = 1\n";
    assert_eq!(
        refused(text),
        [
            "node.toml:1:1: unknown key `top`",
            "node.toml:3:1: unknown key `api.listn`: did you mean `api.listen`?",
            "node.toml:5:2: unknown section `[stor]`: did you mean `[store]`?",
            "node.toml:6:9: unknown section `[assets.gold]`",
        ]
    );
    let env = [
        ("QUITTANCE__API__WORKER", "1"),
        ("QUITTANCE__LISTEN", "127.0.0.1:0"),
        ("QUITTANCE__WAL__LISTEN", "127.0.0.1:0"),
        ("QUITTANCE_API_LISTEN", "127.0.0.1:0"),
        ("QUITTANCE_STORE__FLUSH_MS", "50"),
    ];
    let flags = [("api.flush_ms", "1"), ("gold", "1")];
    assert_eq!(
        load("", &env, &flags).unwrap_err(),
        [
            "QUITTANCE_API_LISTEN: this variable means nothing: did you mean \
             `QUITTANCE__API__LISTEN`?",
            "QUITTANCE_STORE__FLUSH_MS: this variable means nothing: did you mean \
             `QUITTANCE__STORE__FLUSH_MS`?",
            "QUITTANCE__API__WORKER: unknown key `api.worker`: did you mean \
             `QUITTANCE__API__WORKERS`?",
            "QUITTANCE__LISTEN: unknown key `listen`: did you mean `QUITTANCE__API__LISTEN` or \
             `QUITTANCE__ADMIN__LISTEN`?",
            "QUITTANCE__WAL__LISTEN: unknown key `wal.listen`: did you mean \
             `QUITTANCE__API__LISTEN` or `QUITTANCE__ADMIN__LISTEN`?",
            "command line: unknown key `api.flush_ms`: did you mean `store.flush_ms`?",
            "command line: unknown key `gold`",
        ]
    );
}

#[test]
fn a_mistake_hides_neither_the_next_one_nor_what_follows_from_others() {
    // Three errors of syntax, a key in the wrong place, and a relation that is broken by values
    // that are good by themselves.
    let text = "[api]\nlisten = \nworkers = = 2\nflush_ms = 50\n[store\nlag_bytes_max = 4194304\n\
                [admin]\nlisten = \"127.0.0.1:7700\"\n[wal]\nsegment_bytes = 1\n";
    let errors = refused(text);
    for expected in [
        "node.toml:2:",
        "node.toml:3:",
        "node.toml:4:1: unknown key `api.flush_ms`: `flush_ms` belongs to [store]",
        "node.toml:5:",
        "node.toml:8:10: admin.listen: found \"127.0.0.1:7700\", expected another address",
        "node.toml:10:17: wal.segment_bytes: found 1, expected a whole number from",
    ] {
        let found = errors.iter().filter(|error| error.starts_with(expected));
        assert_eq!(found.count(), 1, "{expected}: {errors:#?}");
    }
    // What is wrong by itself is not compared with anything.
    assert_eq!(errors.len(), 6, "{errors:#?}");
}

#[test]
fn a_mistake_is_shown_with_its_line_and_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.toml");
    std::fs::write(&path, "[keys]\nlog = 1\npassphrase = \"hunter2\"\n").unwrap();
    let shown = Config::load(Some(&path), [], []).unwrap_err().to_string();
    assert!(
        shown.contains("\n    2 | log = 1\n      |       ^\n"),
        "{shown}"
    );
    assert!(
        shown.contains("    3 | passphrase = ...\n      | ^^^^^^^^^^"),
        "{shown}"
    );
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn wrong_types_and_ranges_name_place_found_and_expected() {
    let text = "telemetry = 1\n[api]\nworkers = \"4\"\nbody_bytes_max = 1048577\n\
                keep_alive_s = -1\nlisten = \"localhost\"\n[assets.fiat]\nenabled = \"yes\"\n\
                [log]\nmode = \"Live\"\n[data]\ndir = \"\"\n";
    let socket = "an address and port, such as \"127.0.0.1:7700\" or \"[::1]:0\"";
    assert_eq!(
        refused(text),
        [
            "node.toml:1:13: telemetry: found 1, expected a section with keys of its own",
            "node.toml:3:11: api.workers: found \"4\", expected a whole number from 0 to 256, \
             without quotes",
            "node.toml:4:18: api.body_bytes_max: found 1048577, expected a whole number from 1024 \
             to 1048576",
            "node.toml:5:16: api.keep_alive_s: found -1, expected a whole number from 1 to 3600",
            &format!("node.toml:6:10: api.listen: found \"localhost\", expected {socket}"),
            "node.toml:8:11: assets.fiat.enabled: found \"yes\", expected true or false: \
             did you mean true?",
            "node.toml:10:8: log.mode: found \"Live\", expected one of \"sandbox\", \"live\": \
             did you mean \"live\"?",
            "node.toml:12:7: data.dir: found \"\", expected a path",
        ]
    );
    let env = [
        ("QUITTANCE__API__WORKERS", "many"),
        ("QUITTANCE__WAL__SEGMENTS_MIN", "1"),
    ];
    assert_eq!(
        load("", &env, &[]).unwrap_err(),
        [
            "QUITTANCE__API__WORKERS: api.workers: found \"many\", expected a whole number from 0 \
             to 256",
            "QUITTANCE__WAL__SEGMENTS_MIN: wal.segments_min: found 1, expected a whole number \
             from 2 to 64",
        ]
    );
}

#[test]
fn limits_go_downwards_only() {
    assert!(
        load(
            "[api]\nbody_bytes_max = 1048576\ninstructions_max = 1000",
            &[],
            &[]
        )
        .is_ok()
    );
    assert!(
        load(
            "[api]\nbody_bytes_max = 4096\ninstructions_max = 10",
            &[],
            &[]
        )
        .is_ok()
    );
    assert_eq!(refused("[api]\ninstructions_max = 1001").len(), 1);
    assert_eq!(refused("[store]\nlag_bytes_max = 268435457").len(), 1);
}

#[test]
fn keys_are_checked_against_each_other() {
    let text = "[wal]\nsegment_bytes = 8388608\n[store]\nreserve_bytes = 8388608\n\
                [admin]\nlisten = \"127.0.0.1:7700\"\n";
    assert_eq!(
        refused(text),
        [
            "node.toml:6:10: admin.listen: found \"127.0.0.1:7700\", expected another address than \
             api.listen: health and metrics are not public",
            "node.toml:2:17: wal.segment_bytes: found 8388608, expected at least twice \
             sequencer.group_bytes_max (8388608): a frame never spans two segments",
            "node.toml:4:17: store.reserve_bytes: found 8388608, expected at least twice \
             store.lag_bytes_max (268435456): what is promised must fit the disk",
        ]
    );
    let any = "[api]\nlisten = \"127.0.0.1:0\"\n[admin]\nlisten = \"127.0.0.1:0\"\n";
    assert!(load(any, &[], &[]).is_ok());
}

#[test]
fn a_live_log_needs_a_name_and_keeps_its_passphrase_elsewhere() {
    let live = |rest: &str| format!("[log]\nmode = \"live\"\n{rest}");
    let errors = refused(&live(""));
    assert!(
        errors.len() == 1 && errors[0].starts_with("default: log.origin: found"),
        "{errors:?}"
    );
    let named = live("origin = \"settle.example/eu1\"\n");
    let config = load(&named, &[], &[]).unwrap();
    assert_eq!(config.log.mode, Mode::Live);
    assert_eq!(config.keys.passphrase, Passphrase::Ask);
    let file = |path: &str| load(&named, &[], &[("keys.passphrase_file", path)]);
    for beside in ["keys/passphrase", "x", "sub/../keys/p", "./p"] {
        let errors = file(beside).unwrap_err();
        assert!(
            errors[0].starts_with("command line: keys.passphrase_file: found"),
            "{errors:?}"
        );
    }
    let elsewhere = file("../secrets/passphrase").unwrap();
    let path = PathBuf::from("./data/../secrets/passphrase");
    assert_eq!(elsewhere.keys.passphrase, Passphrase::File(path));
    let beside_key = [
        ("keys.log", "/secrets/log.pem"),
        ("keys.passphrase_file", "/secrets/pass"),
    ];
    assert_eq!(load(&named, &[], &beside_key).unwrap_err().len(), 1);
}

#[test]
fn a_passphrase_has_one_source() {
    let env = load("[keys]\npassphrase_env = \"LOG_PASSPHRASE\"", &[], &[]).unwrap();
    assert_eq!(
        env.keys.passphrase,
        Passphrase::Variable("LOG_PASSPHRASE".to_owned())
    );
    let both = "[keys]\npassphrase_env = \"A\"\npassphrase_file = \"b\"";
    assert_eq!(refused(both).len(), 1);
    for name in ["a", "1A", "A B", "A=B", "QUITTANCE__KEYS__X"] {
        assert_eq!(
            refused(&format!("[keys]\npassphrase_env = \"{name}\"")).len(),
            1,
            "{name}"
        );
    }
}

#[test]
fn origins_are_names_that_a_note_can_carry() {
    let origin = |text: &str| load("", &[], &[("log.origin", text)]).is_ok();
    for good in [
        "localhost/sandbox",
        "settle.example",
        "settle.example:8443/eu1/live",
        "a",
    ] {
        assert!(origin(good), "{good}");
        assert!(
            chain::is_origin(good),
            "{good}: no checkpoint could carry it"
        );
    }
    let long = format!("a/{}", "b".repeat(254));
    for bad in [
        "",
        "/",
        "a/",
        "/a",
        "a//b",
        "A.example",
        "a b",
        "a+b",
        "a:0",
        "a:",
        "https://a.b",
    ] {
        assert!(!origin(bad), "{bad}");
    }
    assert!(!origin(&long));
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let error = Config::load(Some(Path::new("/no/such/node.toml")), [], []).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("/no/such/node.toml: cannot be read: "),
        "{error}"
    );
    let errors = refused("[api]\nlisten = \n");
    assert!(errors[0].starts_with("node.toml:2:"), "{errors:?}");
    let errors = refused("[api]\nworkers = 1\nworkers = 2\n");
    assert!(
        errors[0].starts_with("node.toml:3:1: duplicate key"),
        "{errors:?}"
    );
    let large = format!("#{}", " ".repeat(1 << 20));
    assert_eq!(refused(&large), ["node.toml: larger than 1048576 bytes"]);
}

#[test]
fn the_crate_for_strangers_has_the_same_bounds() {
    use quittance::limits;

    assert_eq!(chain::Entry::LEN, limits::ENTRY_BYTES);
    assert_eq!(chain::ORIGIN_BYTES_MAX, limits::ORIGIN_BYTES_MAX);
    assert_eq!(chain::batch::BATCH_RECORD_BYTES, limits::BATCH_RECORD_BYTES);
    assert_eq!(
        chain::batch::BATCH_RECORDS_MAX as usize,
        limits::BATCH_RECORDS_MAX
    );
    assert_eq!(
        chain::batch::MESSAGE_ID_BYTES_MAX,
        limits::MESSAGE_ID_BYTES_MAX
    );
    assert_eq!(
        chain::statement::PARTICIPANT_BYTES_MAX,
        limits::PARTICIPANT_BYTES_MAX
    );
}
