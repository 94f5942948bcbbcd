//! What an auditor is told by `audit`, `receipt verify` and `export`: whose log it is, what was and
//! was not verified, what a path is.

use std::fs;
use std::path::Path;

use keys::{SigningKey, write_vkey_file};
use serde_json::Value;

use crate::cli::{line, run};
use crate::cli_node::{Node, ends, good, pay, set_up};
use crate::log_maker::LogMaker;

/// An export in a folder, with `impostor.vkey` (the log's name, another key) and `other.vkey`.
fn export() -> (tempfile::TempDir, LogMaker) {
    let maker = LogMaker::with_payments(3);
    let folder = tempfile::tempdir().unwrap();
    maker.export(&folder.path().join("copy"), maker.entries.len());
    let name = maker.log_key.verifier_key().name();
    for (file, name) in [
        ("impostor.vkey", name),
        ("other.vkey", "settle.example/other"),
    ] {
        let key = SigningKey::generate(name).unwrap();
        write_vkey_file(&folder.path().join(file), key.verifier_key()).unwrap();
    }
    (folder, maker)
}

#[test]
fn a_wrong_key_is_a_mismatch_with_both_names_and_never_tampering() {
    let (folder, maker) = export();
    let folder = folder.path();
    let receipt = folder.join("receipt.json");
    fs::write(&receipt, maker.receipt(3, 1).to_json()).unwrap();
    let log = maker.log_key.verifier_key();
    for (file, exit) in [("other.vkey", 2), ("impostor.vkey", 1)] {
        let yours = keys::read_vkey_file(&folder.join(file)).unwrap();
        for command in ["audit copy", "receipt verify receipt.json"] {
            let told = ends(folder, exit, &format!("{command} --log-vkey {file}"));
            assert!(told.contains("KEY MISMATCH"), "{told}");
            assert!(
                !told.contains("TAMPERED") && !told.contains("0 entries"),
                "{told}"
            );
            for key in [&yours, log] {
                let named = format!("{} (key id {})", key.name(), key.id());
                assert!(told.contains(&named), "{named}: {told}");
            }
        }
    }
    let args = [
        "audit",
        "copy",
        "--log-vkey",
        "impostor.vkey",
        "--output",
        "json",
    ];
    let (code, out, _) = run(folder, &args);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &report["signer"]["is"]), (1, &"other_key".into()));
    assert_eq!(report["signer"]["stated"], log.to_string());
    assert_eq!(report["log"]["verdict"], "unchecked");
}

#[test]
fn without_a_key_of_ones_own_the_log_holds_by_itself_and_ends_with_2() {
    let (folder, _) = export();
    let folder = folder.path();
    let told = ends(folder, 2, "audit copy");
    assert!(told.contains("NOT VERIFIED: who signed it"), "{told}");
    assert!(!told.contains("everything holds\n"), "{told}");
    let (_, out, _) = line(folder, "audit copy --output json");
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["signer"]["is"], "stated");
    assert_eq!(report["log_vkey_is_yours"], false);
    let genesis = report["genesis_hash"].as_str().unwrap();
    let (code, out, err) = line(folder, &format!("audit copy --genesis-hash {genesis}"));
    assert!(
        code == 0 && out.contains("entry 0, whose hash you brought"),
        "{out}{err}"
    );
}

#[test]
fn a_path_that_is_no_export_is_called_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for made in ["node/wal", "empty", "backup"] {
        fs::create_dir_all(folder.join(made)).unwrap();
    }
    fs::write(folder.join("backup/backup.json"), "{}").unwrap();
    fs::write(folder.join("file"), "").unwrap();
    for (given, told) in [
        ("", "there is nothing to audit"),
        ("nowhere", "nowhere does not exist"),
        ("127.0.0.1:7700", "http://127.0.0.1:7700?"),
        ("node", "is a node's data folder"),
        ("backup", "is a backup"),
        ("empty", "is no export"),
        ("file", "is no folder"),
    ] {
        let said = ends(folder, 2, &format!("audit {given}"));
        assert!(said.contains(told), "{given}: {said}");
    }
}

/// Files of a folder with their bytes.
fn bytes_of(folder: &Path) -> Vec<Vec<u8>> {
    ["log/checkpoint", "log.vkey", "genesis.json"]
        .iter()
        .map(|name| fs::read(folder.join(name)).unwrap())
        .collect()
}

#[test]
fn an_export_replaces_only_an_older_export_of_the_same_log() {
    let node = Node::start();
    let folder = node.path();
    set_up(folder);
    let key = "--key auditor.pem --passphrase-file secret";
    good(folder, &format!("export copy {key}"));
    let before = bytes_of(&folder.join("copy"));
    // Of the same log: it goes on, and says so.
    good(folder, &pay("1.00", ""));
    let told = good(folder, &format!("export copy {key}"));
    assert!(
        told.contains("holds 2 entries, and this log continues it"),
        "{told}"
    );
    assert_ne!(before, bytes_of(&folder.join("copy")));
    good(folder, "audit copy --log-vkey data/log.vkey");
    let said = ends(folder, 2, "export copy --public");
    assert!(said.contains("holds records"), "{said}");
    // A folder of something else, or of another log, is left alone.
    fs::create_dir(folder.join("work")).unwrap();
    fs::write(folder.join("work/payroll.csv"), "").unwrap();
    let said = ends(folder, 2, &format!("export work {key}"));
    assert!(said.contains("is not empty, and holds no export"), "{said}");
    let said = ends(folder, 2, &format!("export data {key}"));
    assert!(said.contains("is a node's data folder"), "{said}");
    let other = LogMaker::with_payments(1);
    other.export(&folder.join("other"), other.entries.len());
    let before = bytes_of(&folder.join("other"));
    let said = ends(folder, 2, &format!("export other {key}"));
    assert!(
        said.contains("an export of another log: settle.example/test"),
        "{said}"
    );
    assert_eq!(before, bytes_of(&folder.join("other")));
    // Signed by this log, and of another past or longer: evidence, and never replaced.
    let (log, mine) = (folder.join("copy"), folder.join("copy/log/checkpoint"));
    let passphrase = fs::read_to_string(folder.join("data/keys/passphrase")).unwrap();
    let passphrase = keys::Passphrase::new(passphrase.trim_end()).unwrap();
    let signer = keys::read_key_file(&folder.join("data/keys/log.pem"), &passphrase).unwrap();
    let text = fs::read_to_string(&mine).unwrap();
    let origin = text.lines().next().unwrap();
    for (size, what) in [(2, "the first 2 entries"), (9, "and had signed 9")] {
        let root = chain::Hash::sha256(b"another past");
        let note = chain::Note::sign(&format!("{origin}\n{size}\n{root}\n"), &[&signer]).unwrap();
        fs::write(&mine, note.to_string()).unwrap();
        let before = bytes_of(&log);
        let said = ends(folder, 1, &format!("export copy {key}"));
        assert!(
            said.contains("no continuation") && said.contains(what),
            "{said}"
        );
        assert_eq!(before, bytes_of(&log));
    }
}

#[test]
fn a_receipt_that_was_cut_off_was_not_checked() {
    let (folder, maker) = export();
    let json = maker.receipt(3, 1).to_json();
    let file = folder.path().join("receipt.json");
    let verify = "receipt verify receipt.json --log-vkey copy/log.vkey";
    for (bytes, told) in [
        (&json[..json.len() - 1], "the file is cut off"),
        (&json[..0], "the file is cut off"),
        ("not a receipt", "it is no JSON"),
        (
            &json.replacen("\"version\":1", "\"version\":9", 1),
            "its version is 9",
        ),
    ] {
        fs::write(&file, bytes).unwrap();
        let said = ends(folder.path(), 2, verify);
        assert!(
            said.contains("nothing was checked") && said.contains(told),
            "{said}"
        );
    }
    fs::write(&file, "{}").unwrap();
    ends(folder.path(), 1, verify);
}
