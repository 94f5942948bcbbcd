//! The command line without a node: keys, receipts, configuration, codes, exit codes.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

use crate::log_maker::LogMaker;

/// The binary in a folder of its own, with nothing of the caller's environment.
pub(crate) fn quittance(folder: &Path, args: &[&str]) -> Command {
    let mut command = assert_cmd::cargo_bin_cmd!("quittance");
    command.env_clear().current_dir(folder).args(args);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Runs and gives exit code, stdout and stderr.
pub(crate) fn run(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let out = quittance(folder, args).output().unwrap();
    (
        out.status.code().unwrap(),
        text(&out.stdout),
        text(&out.stderr),
    )
}

/// The same, for a command written as one line.
pub(crate) fn line(folder: &Path, line: &str) -> (i32, String, String) {
    run(folder, &line.split_whitespace().collect::<Vec<_>>())
}

fn folder_with_passphrase() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let passphrase = keys::Passphrase::new("throw-away").unwrap();
    passphrase
        .write_file(&folder.path().join("secret"))
        .unwrap();
    folder
}

#[test]
fn a_key_is_made_shown_and_never_overwritten() {
    let folder = folder_with_passphrase();
    let make = [
        "keys",
        "generate",
        "bank-a/one",
        "--out",
        "one.pem",
        "--passphrase-file",
        "secret",
    ];
    let (code, out, err) = run(folder.path(), &[&make[..], &["--output", "json"]].concat());
    assert_eq!((code, err.as_str()), (0, ""));
    let made: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(made["name"], "bank-a/one");
    let vkey = fs::read_to_string(folder.path().join("one.vkey")).unwrap();
    assert_eq!(made["vkey"], vkey.trim_end());
    for file in ["one.pem", "one.vkey"] {
        let (code, out, _) = run(folder.path(), &["keys", "show", file]);
        assert!(code == 0 && out.contains(vkey.trim_end()), "{out}");
    }
    let (code, _, err) = run(folder.path(), &make);
    assert!(code == 2 && err.contains("hint: "), "{err}");
    for (name, exit, told) in [
        ("bank a/one", 2, "a name is participant/label"),
        ("Bank-A/one", 0, "is no participant"),
        ("bank-a/hsm#1", 0, "has this label"),
        ("bank-a", 0, "the name has no label"),
    ] {
        let out = format!("{}.pem", name.len() + usize::from(name == "Bank-A/one"));
        let make = [
            "keys",
            "generate",
            name,
            "--out",
            &out,
            "--passphrase-file",
            "secret",
        ];
        let (code, _, err) = run(folder.path(), &make);
        assert!(code == exit && err.contains(told), "{name}: {err}");
    }
}

#[test]
fn a_key_without_a_passphrase_asks_nobody_when_there_is_no_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, err) = run(
        folder.path(),
        &["keys", "generate", "bank-a/one", "--out", "one.pem"],
    );
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("--passphrase-file"), "{err}");
    assert!(!folder.path().join("one.pem").exists());
    let variable = quittance(
        folder.path(),
        &["keys", "generate", "bank-a/one", "--out", "one.pem"],
    )
    .env("QUITTANCE_PASSPHRASE", "throw-away")
    .output()
    .unwrap();
    assert!(variable.status.success());
}

#[test]
fn a_key_of_openssl_is_taken_over_under_a_name() {
    let folder = folder_with_passphrase();
    let source = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/keys/testdata/throw-away-openssl.pem"
    );
    let target = folder.path().join("openssl.pem");
    fs::copy(source, &target).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(&target, mode).unwrap();
    let import = [
        "keys",
        "import",
        "openssl.pem",
        "--name",
        "bank-a/ops",
        "--out",
        "ops.pem",
    ];
    let rest = ["--unencrypted", "--passphrase-file", "secret"];
    let (code, out, err) = run(folder.path(), &[&import[..], &rest].concat());
    assert!(code == 0 && out.contains("bank-a/ops+"), "{err}");
}

#[test]
fn a_receipt_is_verified_offline_and_said_in_words() {
    let maker = LogMaker::with_payments(2);
    let folder = tempfile::tempdir().unwrap();
    maker.export(folder.path(), maker.entries.len());
    let receipt = maker.receipt(3, 1);
    fs::write(folder.path().join("receipt.json"), receipt.to_json()).unwrap();
    let verify = [
        "receipt",
        "verify",
        "receipt.json",
        "--log-vkey",
        "log.vkey",
    ];
    let (code, out, err) = run(folder.path(), &verify);
    assert_eq!(code, 0, "{err}");
    assert!(
        out.contains("SETTLED  1.00 USD  from bank-a:usd  to bank-b:usd"),
        "{out}"
    );
    assert!(out.contains("3 of 2026-11-23T09:30:00.003Z"), "{out}");
    let (_, out, _) = run(
        folder.path(),
        &[&verify[..], &["--output", "json"]].concat(),
    );
    let json: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["items"][0]["amount"], "1.00");

    let mut forged = receipt.clone();
    forged.items[0].bytes.0[44] ^= 1;
    fs::write(folder.path().join("forged.json"), forged.to_json()).unwrap();
    fs::write(folder.path().join("nonsense.json"), "{}").unwrap();
    let mut boastful = receipt;
    boastful.level = quittance::wire::ReceiptLevel::Witnessed;
    fs::write(folder.path().join("boastful.json"), boastful.to_json()).unwrap();
    for (file, key, expected) in [
        ("forged.json", "log.vkey", 1),
        ("nonsense.json", "log.vkey", 1),
        ("boastful.json", "log.vkey", 1),
        ("missing.json", "log.vkey", 2),
        ("receipt.json", "missing.vkey", 2),
    ] {
        let (code, out, err) = run(
            folder.path(),
            &["receipt", "verify", file, "--log-vkey", key],
        );
        assert_eq!((code, out.as_str()), (expected, ""), "{file}: {err}");
        assert!(err.starts_with("error: "), "{err}");
    }
}

#[test]
fn an_export_is_audited_with_exit_codes() {
    let maker = LogMaker::with_payments(3);
    let folder = tempfile::tempdir().unwrap();
    maker.export(folder.path(), maker.entries.len());
    fs::write(folder.path().join("kept"), maker.checkpoint(2)).unwrap();
    fs::write(folder.path().join("receipt"), maker.receipt(2, 0).to_json()).unwrap();
    let audit = [
        "audit",
        ".",
        "--log-vkey",
        "log.vkey",
        "--kept",
        "kept",
        "--kept",
        "receipt",
    ];
    let (code, out, err) = run(folder.path(), &audit);
    assert!(code == 0 && err.contains("everything holds"), "{out}{err}");
    assert!(out.contains("the log extends 2 kept checkpoints"), "{out}");
    let (_, out, _) = run(folder.path(), &[&audit[..], &["--output", "json"]].concat());
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["log"]["verdict"], "holds");

    let bundle = folder.path().join("log/tile/entries/000.p/5");
    let mut bytes = fs::read(&bundle).unwrap();
    bytes[300] ^= 1;
    fs::write(&bundle, bytes).unwrap();
    let (code, out, err) = run(folder.path(), &["audit", "."]);
    assert!(code == 1 && err.contains("TAMPERED"), "{out}{err}");
    assert!(out.contains("NO: entry 2: tile/entries/000.p/5"), "{out}");
    fs::remove_file(&bundle).unwrap();
    assert_eq!(run(folder.path(), &["audit", "."]).0, 2);
    assert_eq!(run(folder.path(), &["audit", "nowhere"]).0, 2);
}

#[test]
fn codes_are_explained_and_near_misses_are_hinted_at() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, _) = run(folder.path(), &["explain", "insufficient-funds"]);
    assert!(code == 0 && out.contains("AM04"), "{out}");
    let (code, _, err) = run(folder.path(), &["explain", "FUNDS"]);
    assert!(code == 2 && err.contains("INSUFFICIENT_FUNDS"), "{err}");
    let (_, _, err) = run(folder.path(), &["explain", "NOPE"]);
    assert!(!err.contains("did you mean"), "{err}");
    let (_, out, _) = run(folder.path(), &["explain"]);
    assert!(out.lines().count() > 40, "{out}");
}

#[test]
fn the_configuration_is_checked_and_shown_with_its_places() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("node.toml"),
        "[api]\nlisten = \"127.0.0.1:0\"\n",
    )
    .unwrap();
    let (code, out, _) = run(
        folder.path(),
        &["config", "show", "--set", "data.dir=elsewhere"],
    );
    assert_eq!(code, 0);
    let line = |key: &str| {
        out.lines()
            .find(|line| line.starts_with(key))
            .unwrap_or_default()
    };
    assert!(line("api.listen").ends_with("node.toml:2:1"), "{out}");
    assert!(line("data.dir").ends_with("command line"), "{out}");
    let (_, out, _) = line_in(
        &folder,
        "config show --origin flag --set data.dir=elsewhere",
    );
    assert_eq!(out.lines().count(), 2, "{out}");
    let (code, out, _) = line_in(&folder, "config schema");
    let schema: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &schema["additionalProperties"]), (0, &false.into()));
}

#[test]
fn mistakes_in_the_configuration_are_told_all_at_once() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("node.toml"),
        "[api]\nlisen = 1\n[wal]\nsegments_min = 1\n",
    )
    .unwrap();
    let (code, out, check) = line_in(&folder, "config check");
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(
        check.contains("2 mistakes") && check.contains("node.toml:2:1"),
        "{check}"
    );
    assert!(check.contains("did you mean `api.listen`?"), "{check}");
    // A node that starts with it says the same, founds nothing and ends with 2: no answer.
    let (code, _, run) = line_in(&folder, "run");
    assert_eq!((code, run), (2, check));
    assert!(!folder.path().join("data").exists());
    let (code, out, err) = line_in(&folder, "config check --output json");
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (code, err.as_str(), &report["good"]),
        (1, "", &false.into())
    );
    let second = &report["mistakes"][1];
    assert_eq!(
        (&second["line"], &second["column"]),
        (&4.into(), &16.into())
    );
    assert_eq!(second["key"], "wal.segments_min");
    let (code, _, err) = line_in(&folder, "config check --config missing.toml");
    assert!(
        code == 2 && err.contains("missing.toml: cannot be read"),
        "{err}"
    );
    fs::write(folder.path().join("node.toml"), "").unwrap();
    let (code, out, _) = line_in(&folder, "config check --output json");
    assert!(code == 0 && out.contains("\"good\": true"), "{out}");
}

#[test]
fn files_of_tls_are_looked_at_before_anything_is_founded() {
    let folder = tempfile::tempdir().unwrap();
    let toml = "[tls]\ncert = \"../server.pem\"\nkey = \"../server.key\"\n";
    std::fs::write(folder.path().join("node.toml"), toml).unwrap();
    let (code, _, check) = line_in(&folder, "config check");
    assert_eq!(code, 1, "{check}");
    assert!(check.contains("server.pem"), "{check}");
    let (code, out, _) = line_in(&folder, "config check --output json");
    assert_eq!(code, 1);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["mistakes"][0]["key"], "tls", "{out}");
    let (code, _, err) = line_in(&folder, "run");
    assert_eq!(code, 1, "{err}");
    assert!(
        err.contains("server.pem") && !err.contains("another address"),
        "{err}"
    );
    assert!(
        !folder.path().join("data").exists(),
        "a sandbox was founded"
    );
}

#[test]
fn the_file_of_a_node_that_was_killed_is_called_stale() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = std::process::Command::new("true").spawn().unwrap();
    child.wait().unwrap();
    let run = format!(
        r#"{{"pid":{},"public":"127.0.0.1:1","admin":"127.0.0.1:1","tls":false}}"#,
        child.id()
    );
    std::fs::create_dir(folder.path().join("data")).unwrap();
    std::fs::write(folder.path().join("data/run.json"), run).unwrap();
    let (code, _, err) = line_in(&folder, "assets");
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("which runs no more"), "{err}");
}

fn line_in(folder: &TempDir, command: &str) -> (i32, String, String) {
    line(folder.path(), command)
}

#[test]
fn completions_and_version_are_data() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (code, out, err) = run(folder.path(), &["completions", shell]);
        assert!(code == 0 && err.is_empty(), "{shell}: {err}");
        assert!(
            out.contains("quittance") && out.contains("sign-genesis"),
            "{shell}"
        );
        fs::write(folder.path().join(shell), out).unwrap();
    }
    let bash = std::process::Command::new("bash")
        .args(["-n", "bash"])
        .current_dir(folder.path())
        .status();
    assert!(bash.unwrap().success());
    let (_, out, _) = run(folder.path(), &["version", "--output", "json"]);
    let version: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, err) = line_in(&folder, "man --dir man");
    assert!(
        code == 0 && out.is_empty() && err.contains("pages written"),
        "{err}"
    );
    let pages = folder.path().join("man");
    let mut todo = vec![String::new()];
    let mut expected = 0;
    while let Some(command) = todo.pop() {
        let args = format!("{command} --help");
        let (_, help, _) = line_in(&folder, &args);
        let name = format!("quittance{command}").replace(' ', "-");
        let page = fs::read_to_string(pages.join(format!("{name}.1"))).unwrap_or_default();
        assert!(
            page.contains(".SH EXAMPLES") && page.contains(".SH OPTIONS"),
            "{name}"
        );
        expected += 1;
        // Commands stand in the help with two spaces before them, under a heading that ends in a
        // colon.
        let mut listing = false;
        for line in help.lines() {
            let heading = line.ends_with(':') && !line.starts_with(' ');
            listing = if heading {
                line.starts_with("Commands") || command.is_empty()
            } else {
                listing
            };
            let word = line
                .strip_prefix("  ")
                .and_then(|line| line.split(' ').next());
            let word = word.filter(|word| listing && !word.is_empty() && *word != "help");
            todo.extend(
                word.filter(|w| {
                    w.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !w.starts_with('-')
                })
                .map(|word| format!("{command} {word}")),
            );
        }
    }
    assert!(expected > 25, "{expected}");
    assert_eq!(fs::read_dir(&pages).unwrap().count(), expected);
    let (_, out, _) = line_in(&folder, "man");
    assert_eq!(out, fs::read_to_string(pages.join("quittance.1")).unwrap());
}

#[test]
fn a_body_is_piped_in_and_bounded() {
    let folder = folder_with_passphrase();
    let submit = |input: Vec<u8>| {
        let out = quittance(folder.path(), &["submit"])
            .write_stdin(input)
            .output()
            .unwrap();
        (out.status.code().unwrap(), text(&out.stderr))
    };
    for (input, expected) in [
        (Vec::new(), "standard input is empty"),
        (vec![b' '; (1 << 20) + 1], "a body has at most 1048576"),
        (vec![0xff, 0xfe, 0], "it is not text"),
        (b"{}".to_vec(), "there is no key"),
    ] {
        let (code, err) = submit(input);
        assert!(code == 2 && err.contains(expected), "{err}");
    }
    let maker = LogMaker::with_payments(2);
    maker.export(folder.path(), maker.entries.len());
    let verify = quittance(
        folder.path(),
        &["receipt", "verify", "--log-vkey", "log.vkey"],
    )
    .write_stdin(maker.receipt(3, 1).to_json())
    .output()
    .unwrap();
    assert!(verify.status.success(), "{}", text(&verify.stderr));
}

#[test]
fn a_wrong_command_line_is_told_on_stderr() {
    let folder = tempfile::tempdir().unwrap();
    for args in [
        &["submit"][..],
        &["receipt", "verify", "x"],
        &["audit"],
        &["--set", "x"],
        &["nothing"],
    ] {
        let (code, out, err) = run(folder.path(), args);
        assert_eq!((code, out.as_str()), (2, ""), "{args:?}");
        assert!(!err.is_empty());
    }
    // A node that is not there.
    let (code, _, err) = run(
        folder.path(),
        &["whoami", "--url", "http://127.0.0.1:9", "--key", "no.pem"],
    );
    assert!(code == 2 && err.contains("no.pem"), "{err}");
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        0,
        "nothing was written"
    );
}
