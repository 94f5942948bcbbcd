//! Exports over exports: only what is new is fetched, whatever interrupted the last one, and the
//! result is the one that a fresh export would have.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use serde_json::json;

use crate::cli_node::{Node, ends, good, json_of, set_up};
use crate::witness::pay;

const AUDITOR: &str = "--key auditor.pem --passphrase-file secret";

/// Every file below a folder, by its path in it.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_owned();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

fn same(one: &Path, other: &Path) {
    let (one, other) = (files(one), files(other));
    let names: Vec<_> = one.keys().collect();
    assert_eq!(names, other.keys().collect::<Vec<_>>());
    for (name, bytes) in &one {
        assert!(other[name] == *bytes, "{} differs", name.display());
    }
}

/// Many payments in few messages: an entry each costs a process each.
fn grow(path: &Path, entries: usize) {
    for _ in 0..entries {
        pay(path);
    }
}

/// Sets the time of every file back, so that those written later are told.
fn set_back(folder: &Path) -> SystemTime {
    let then = SystemTime::now() - Duration::from_secs(3_600);
    for name in files(folder).keys() {
        let file = fs::File::options()
            .append(true)
            .open(folder.join(name))
            .unwrap();
        file.set_modified(then).unwrap();
    }
    then
}

fn written_since(folder: &Path, then: SystemTime) -> Vec<String> {
    let late = |name: &&PathBuf| {
        let modified = fs::metadata(folder.join(name)).unwrap().modified().unwrap();
        modified > then + Duration::from_secs(60)
    };
    let all = files(folder);
    let late = all.keys().filter(late);
    late.map(|name| name.display().to_string()).collect()
}

#[test]
fn an_export_is_brought_up_to_date_and_is_a_fresh_one() {
    let node = Node::start();
    let path = node.path();
    set_up(path);
    grow(path, 12);
    good(path, &format!("export kept {AUDITOR}"));
    good(path, &format!("export fresh {AUDITOR}"));
    same(&path.join("kept"), &path.join("fresh"));
    // The same log again: nothing but what names the moment is written.
    let then = set_back(&path.join("kept"));
    good(path, &format!("export kept {AUDITOR}"));
    let written = written_since(&path.join("kept"), then);
    let named = ["body.keys", "genesis.json", "log/checkpoint", "log.vkey"];
    assert_eq!(written, named);
    // It grows, and a body of the old part is erased.
    grow(path, 3);
    let wish = json!({"erase": {"entry_index": 4, "basis": "a request"}}).to_string();
    json_of(path, &["submit", "--dir", "out", "--instruction", &wish]);
    let key_of_four = |folder: &str| {
        let keys = fs::read_to_string(path.join(folder).join("body.keys")).unwrap();
        keys.lines().any(|line| line.starts_with("4 "))
    };
    assert!(key_of_four("kept"));
    good(path, &format!("export kept {AUDITOR}"));
    assert!(!key_of_four("kept"), "the key of an erased body goes");
    fs::remove_dir_all(path.join("fresh")).unwrap();
    good(path, &format!("export fresh {AUDITOR}"));
    same(&path.join("kept"), &path.join("fresh"));
    good(path, "audit kept --log-vkey data/log.vkey");
    damaged(path);
}

/// What was damaged in between is fetched again, whatever it is.
fn damaged(path: &Path) {
    let kept = path.join("kept");
    for name in files(&kept).keys() {
        let file = kept.join(name);
        let mut bytes = fs::read(&file).unwrap();
        let at = bytes.len() / 2;
        bytes[at] ^= 1;
        fs::write(&file, &bytes).unwrap();
        let told = crate::cli::line(path, &format!("export kept {AUDITOR}"));
        if ["log/checkpoint", "genesis.json"].contains(&&*name.display().to_string()) {
            // What names the log, or is evidence, is not replaced in silence.
            assert_ne!(told.0, 0, "{}", name.display());
            fs::remove_dir_all(&kept).unwrap();
            good(path, &format!("export kept {AUDITOR}"));
            continue;
        }
        assert_eq!(told.0, 0, "{}: {}", name.display(), told.2);
        same(&kept, &path.join("fresh"));
    }
}

#[test]
fn an_export_that_was_killed_goes_on() {
    let node = Node::start();
    let path = node.path();
    set_up(path);
    grow(path, 20);
    good(path, &format!("export fresh {AUDITOR}"));
    // Killed as soon as something is there.
    for sight in [
        "log",
        "log.vkey",
        "genesis.json",
        "log/tile/entries/000.p",
        "log/tile/0/000.p",
        "body.keys.part",
        "records/000000.jsonl",
        "body.keys",
        "log/checkpoint",
    ] {
        let kept = path.join("kept");
        let _ = fs::remove_dir_all(&kept);
        let mut child = Command::new(assert_cmd::cargo::cargo_bin!("quittance"))
            .env_clear()
            .current_dir(path)
            .args(["export", "kept"])
            .args(AUDITOR.split(' '))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while !kept.join(sight).exists() && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        let _ = child.kill();
        child.wait().unwrap();
        // A file has its name only when it is whole.
        if kept.exists() {
            for (name, bytes) in files(&kept) {
                let text = name.display().to_string();
                if let Some(fresh) = files(&path.join("fresh")).get(&name) {
                    assert!(
                        text.starts_with('.') || bytes == *fresh,
                        "{text} is half a file"
                    );
                }
            }
        }
        good(path, &format!("export kept {AUDITOR}"));
        let hidden = files(&kept);
        for name in hidden.keys().filter(|name| {
            name.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with('.'))
        }) {
            fs::remove_file(kept.join(name)).unwrap();
        }
        same(&kept, &path.join("fresh"));
    }
}

/// A public export has tiles alone, and can be brought up to date by nobody in particular.
#[test]
fn a_public_export_needs_no_key_and_takes_no_records() {
    let node = Node::start();
    let path = node.path();
    set_up(path);
    grow(path, 3);
    good(path, "export open --public");
    grow(path, 2);
    good(path, "export open --public");
    good(path, "export again --public");
    same(&path.join("open"), &path.join("again"));
    assert!(!path.join("open/records").exists() && !path.join("open/body.keys").exists());
    ends(path, 2, "audit open --log-vkey data/log.vkey");
    let partial = fs::read_dir(path.join("open/log/tile/0/000.p"))
        .unwrap()
        .count();
    assert_eq!(partial, 1, "partial tiles of earlier sizes are gone");
}
