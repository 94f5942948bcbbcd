//! `doctor`, `rebuild` and `backup` of a damaged folder through the binary: exit codes and words.

use std::fs;

use serde_json::Value;

use crate::cli::run;
use crate::cli_node::{Node, ends, good, set_up};

/// The finding about something in `doctor --output json`.
fn finding(report: &Value, about: &str) -> Value {
    let found = report["findings"].as_array().unwrap().iter();
    let mut about = found.filter(|one| one["about"] == about);
    about.next().cloned().unwrap_or_else(|| panic!("{report}"))
}

#[test]
fn a_damaged_store_is_named_and_rebuilt() {
    let node = Node::start();
    set_up(node.path());
    let (_, out, _) = run(node.path(), &["doctor", "--output", "json"]);
    let running: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(running["running"], true);
    let (code, folder) = node.stop();
    assert_eq!(code, Some(0));
    let path = folder.path();
    let told = good(path, "doctor");
    assert!(told.contains("each of the"), "{told}");

    // A damaged configuration of the engine never opens.
    let conf = path.join("data/sled/conf");
    let mut bytes = fs::read(&conf).unwrap();
    bytes[5] ^= 0x10;
    fs::write(&conf, bytes).unwrap();
    let told = ends(path, 1, "doctor");
    assert!(
        told.contains("WRONG") && told.contains("sled/conf elsewhere"),
        "{told}"
    );
    let (code, out, _) = run(path, &["doctor", "--output", "json"]);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, report["verdict"].as_str()), (1, Some("wrong")));
    assert_eq!(finding(&report, "store files")["level"], "wrong");

    // The backup does not open it, and says so in its own words; a copy is kept.
    let (code, out, err) = run(path, &["backup", "saved"]);
    let told = out + &err;
    assert!(code != 0 && told.contains("no backup was taken"), "{told}");
    assert!(!told.contains("the node does not start"), "{told}");
    assert!(path.join("data/sled.kept").exists());
    let (code, out, _) = run(path, &["doctor", "--output", "json"]);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, 1);
    assert_eq!(finding(&report, "kept copy")["level"], "wrong");

    let told = ends(path, 2, "rebuild --from nowhere");
    assert!(told.contains("is no backup, and no export"), "{told}");
    let (code, out, err) = run(path, &["rebuild", "--output", "json"]);
    assert_eq!(code, 0, "{out}{err}");
    let rebuilt: Value = serde_json::from_str(&out).unwrap();
    assert!(
        rebuilt["aside"]
            .as_str()
            .unwrap()
            .ends_with("sled.damaged-1")
    );
    assert!(path.join("data/sled.damaged-1.kept").exists());
    let told = good(path, "doctor");
    assert!(told.contains("sled.damaged-1"), "{told}");
    let told = good(path, "backup saved");
    assert!(told.contains("entries added"), "{told}");
}

#[test]
fn what_cannot_be_looked_at_is_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let told = ends(folder.path(), 2, "doctor --data nowhere");
    assert!(told.contains("cannot be looked at"), "{told}");
}
