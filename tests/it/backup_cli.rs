//! Backups as an operator takes them: the binary beside a running node, beside a stopped one, and
//! the drill of a lost data folder.

use std::fs;
use std::process::{Command, Stdio};

use crate::backup_kit::files_below;
use crate::cli_node::{BANK, Node, balance, ends, good, json_of, pay, set_up};

#[test]
fn a_lost_data_folder_comes_back() {
    let node = Node::start();
    set_up(node.path());
    good(node.path(), &pay("12.50", "--message-id pay-1"));
    // Beside the running node, which goes on.
    let taken = json_of(node.path(), &["backup", "saved"]);
    assert_eq!(
        (taken["online"].as_bool(), taken["size"].as_u64()),
        (Some(true), Some(3))
    );
    good(node.path(), &pay("2.50", "--message-id pay-2"));
    let (code, folder) = node.stop();
    assert_eq!(code, Some(0));
    let path = folder.path();
    assert!(!path.join("data/backup.token").exists());
    // Of the stopped node: only what is new.
    let taken = json_of(path, &["backup", "saved"]);
    assert_eq!(taken["online"], false);
    assert_eq!(
        (taken["new"].as_u64(), taken["size"].as_u64()),
        (Some(1), Some(4))
    );
    let told = good(path, "backup verify saved --log-vkey data/log.vkey");
    assert!(told.contains("the backup holds"), "{told}");
    let told = good(path, "backup accounts saved --at-index 2");
    assert!(told.contains("87.50"), "{told}");
    let told = good(path, "backup accounts saved");
    assert!(told.contains("85.00"), "{told}");

    // The disk is gone; keys and receipts lie elsewhere.
    fs::rename(path.join("data"), path.join("lost")).unwrap();
    let receipt = "out/pay-2.receipt.json";
    let told = ends(
        path,
        1,
        "restore saved --into data --checkpoint out/pay-1.receipt.json",
    );
    assert!(told.contains("ask the partners"), "{told}");
    assert!(!path.join("data").exists());
    let trust = "--log-vkey lost/log.vkey";
    let told = good(
        path,
        &format!("restore saved --into data --checkpoint {receipt} {trust}"),
    );
    assert!(told.contains("a node may go on from here"), "{told}");
    fs::create_dir(path.join("data/keys")).unwrap();
    for key in ["log.pem", "operator-1.pem", "passphrase"] {
        let (from, to) = (path.join("lost/keys"), path.join("data/keys"));
        fs::copy(from.join(key), to.join(key)).unwrap();
    }
    fs::copy(path.join("lost/log.vkey"), path.join("data/log.vkey")).unwrap();
    let node = Node::start_in(folder);
    assert_eq!(balance(node.path()), "85.00");
    let told = good(node.path(), &format!("submit out/pay-2.json {BANK}"));
    assert!(told.contains("nothing moved again"), "{told}");
    good(node.path(), &pay("1.00", "--message-id pay-3"));
    good(
        node.path(),
        &format!("receipt verify {receipt} --log-vkey data/log.vkey"),
    );
    let told = good(node.path(), "backup saved");
    assert!(told.contains("1 entries added"), "{told}");
    drill(node);
}

/// A copy without a confirmed checkpoint: `run` refuses it, whatever else is put into it.
fn drill(node: Node) {
    let (_, folder) = node.stop();
    let path = folder.path();
    let told = good(path, "restore saved --into copy");
    assert!(told.contains("no node signs on it"), "{told}");
    fs::create_dir(path.join("copy/keys")).unwrap();
    for key in ["log.pem", "passphrase"] {
        let (from, to) = (path.join("data/keys"), path.join("copy/keys"));
        fs::copy(from.join(key), to.join(key)).unwrap();
    }
    let told = ends(path, 2, "run --set data.dir=copy");
    assert!(told.contains("no head file"), "{told}");
    let told = ends(path, 2, "restore saved --into copy");
    assert!(told.contains("not empty"), "{told}");
    good(path, "restore saved --into then --at-index 1");
    let told = ends(path, 2, "run --set data.dir=then");
    assert!(told.contains("no head file"), "{told}");
    // What is no backup, and what is damaged.
    ends(path, 2, "backup verify out");
    ends(path, 2, "backup verify nowhere");
    let segment = files_below(&path.join("saved/segments")).remove(0);
    let mut bytes = fs::read(&segment).unwrap();
    bytes[99] ^= 1;
    fs::write(&segment, bytes).unwrap();
    let told = ends(path, 1, "backup verify saved");
    assert!(told.contains("segments/000000000000-"), "{told}");
}

#[test]
fn variables_reach_the_commands_below_backup() {
    let folder = tempfile::tempdir().unwrap();
    let out = Command::new(assert_cmd::cargo::cargo_bin!("quittance"))
        .env_clear()
        .env("QUITTANCE_LOG_VKEY", "nonsense")
        .current_dir(folder.path())
        .args(["backup", "verify", "nowhere"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let told = String::from_utf8(out.stderr).unwrap();
    assert!(told.contains("neither a vkey nor a file"), "{told}");
    let (code, _, told) = crate::cli::line(folder.path(), "backup");
    assert!(code == 2 && told.contains("<FOLDER>"), "{told}");
    let told = ends(folder.path(), 2, "backup somewhere");
    assert!(told.contains("there is no log"), "{told}");
}
