//! Witnesses as processes of their own: level 2, outages, and logs that are not what they were.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::cli::{line, run};
use crate::cli_node::{Node, ends, good, json_of, set_up};

/// A witness that the binary runs.
pub(crate) struct Witness {
    child: Child,
    pub(crate) address: String,
    /// Its line in a policy.
    pub(crate) line: String,
}

impl Witness {
    /// Starts one, on a port of its own or on that of an earlier one.
    pub(crate) fn start(folder: &Path, name: &str, listen: &str) -> Self {
        let pem = folder.join(format!("{name}.pem"));
        if !pem.exists() {
            let make = format!(
                "keys generate witness.example/{name} --out {name}.pem --passphrase-file secret"
            );
            good(folder, &make);
        }
        let words = folder.join(format!("{name}.words"));
        let mut child = Command::new(assert_cmd::cargo::cargo_bin!("quittance"))
            .env_clear()
            .current_dir(folder)
            .args(["witness", "--passphrase-file", "secret", "--listen", listen])
            .args(["--log", "data/log.vkey", "--dir", name, "--key"])
            .arg(&pem)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&words).unwrap())
            .spawn()
            .unwrap();
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let words = fs::read_to_string(&words).unwrap();
            if let Some(at) = words.find("serving  http://") {
                let address = words[at + 16..].lines().next().unwrap().to_owned();
                let policy = words.lines().find(|line| line.starts_with("  witness "));
                let line = policy.unwrap().trim().to_owned();
                return Self {
                    child,
                    address,
                    line,
                };
            }
            assert!(child.try_wait().unwrap().is_none(), "{words}");
            assert!(Instant::now() < end, "{words}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn policy(folder: &Path, witnesses: &[String], rules: &str) -> PathBuf {
    let vkey = fs::read_to_string(folder.join("data/log.vkey")).unwrap();
    let text = format!("log {}\n{}\n{rules}\n", vkey.trim(), witnesses.join("\n"));
    let file = folder.join("policy");
    fs::write(&file, text).unwrap();
    file
}

pub(crate) fn with(policy: &Path) -> [(&'static str, String); 3] {
    [
        ("QUITTANCE__WITNESS__POLICY", policy.display().to_string()),
        ("QUITTANCE__WITNESS__EVERY_S", "1".to_owned()),
        ("QUITTANCE__WITNESS__TIMEOUT_MS", "1000".to_owned()),
    ]
}

/// Pays from one account to the other; gives the index of the entry.
pub(crate) fn pay(folder: &Path) -> u64 {
    let leg = json!({"debit": "bank-a:usd", "credit": "bank-a:reserve", "asset": "USD", "amount": "1.00"});
    let wish = json!({"transfer": {"legs": [leg]}}).to_string();
    let key = ["--key", "bank-a.pem", "--passphrase-file", "secret"];
    let args = [
        &["submit", "--dir", "out", "--instruction", &wish],
        &key[..],
    ]
    .concat();
    json_of(folder, &args)["index"].as_u64().unwrap()
}

/// Repeats a command until it succeeds.
pub(crate) fn until_good(folder: &Path, command: &str) -> String {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let (code, out, err) = line(folder, command);
        if code == 0 {
            return out + &err;
        }
        assert!(Instant::now() < end, "{command}: {out}{err}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn get(index: u64, more: &str) -> String {
    format!("receipt get {index} --key bank-a.pem --passphrase-file secret --out {more}")
}

#[test]
fn a_quorum_lifts_receipts_to_level_two_and_its_absence_stops_nothing() {
    let node = Node::start();
    set_up(node.path());
    let first = pay(node.path());
    let (_, folder) = node.stop();
    let one = Witness::start(folder.path(), "w1", "127.0.0.1:0");
    let two = Witness::start(folder.path(), "w2", "127.0.0.1:0");
    // A third that never was there: a key, and an address where nobody listens.
    let third = Witness::start(folder.path(), "w3", "127.0.0.1:0");
    let lines = [&one, &two, &third].map(|witness| witness.line.clone());
    third.kill();
    let file = policy(folder.path(), &lines, "group q 2 w1 w2 w3\nquorum q");
    let node = Node::start_with(folder, &with(&file));
    let path = node.path();

    good(path, &get(first, "one.json"));
    let told = ends(path, 1, "receipt verify one.json --policy policy");
    assert!(told.contains("no witness of the policy"), "{told}");
    until_good(path, "receipt refresh one.json --witnessed --policy policy");
    let verify = ["receipt", "verify", "one.json", "--policy", "policy"];
    let shown = json_of(path, &verify);
    assert_eq!(shown["level"], "witnessed");
    let names: Vec<_> = shown["witnesses"].as_array().unwrap().iter().collect();
    let names: Vec<_> = names.iter().map(|w| w["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["w1", "w2"]);
    let told = good(path, "receipt verify one.json --log-vkey data/log.vkey");
    assert!(told.contains("--policy"), "nobody looked: {told}");
    let told = good(path, "receipt refresh one.json");
    assert!(told.contains("log-signed"), "{told}");
    ends(path, 1, "receipt verify one.json --policy policy");

    // Without the quorum everything settles, and nothing is called witnessed.
    let address = two.address.clone();
    two.kill();
    let index = pay(path);
    good(path, &get(index, "two.json"));
    std::thread::sleep(Duration::from_millis(2_500));
    let told = ends(path, 1, &get(index, "three.json --witnessed"));
    assert!(told.contains("NOT_WITNESSED"), "{told}");
    assert!(!path.join("three.json").exists());
    let told = ends(path, 1, "receipt refresh two.json --witnessed");
    assert!(told.contains("witnesses have cosigned"), "{told}");
    // It comes back with its memory, and the log goes on from what it remembers.
    let _two = Witness::start(path, "w2", &address);
    until_good(path, &get(index, "three.json --witnessed"));
    good(path, "receipt verify three.json --policy policy");
    good(path, "export public --public");
    let note = fs::read_to_string(path.join("public/log/checkpoint.witnessed")).unwrap();
    assert_eq!(note.matches("witness.example/").count(), 2, "{note}");
    drop(one);
}

fn copy(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("-a").args([from, to]).status();
    assert!(status.unwrap().success());
}

#[test]
fn an_old_copy_is_found_out_by_a_witness() {
    let node = Node::start();
    set_up(node.path());
    let (_, folder) = node.stop();
    let witness = Witness::start(folder.path(), "w1", "127.0.0.1:0");
    let lines = [witness.line.clone()];
    let file = policy(folder.path(), &lines, "quorum w1");
    // A whole copy, head file and all: nothing on this disk tells that it is old.
    copy(&folder.path().join("data"), &folder.path().join("copy"));
    let node = Node::start_with(folder, &with(&file));
    let index = pay(node.path());
    until_good(node.path(), &get(index, "newest.json --witnessed"));
    let (_, folder) = node.stop();
    let path = folder.path();
    fs::rename(path.join("data"), path.join("true")).unwrap();
    copy(&path.join("copy"), &path.join("data"));

    let told = refused(path, &with(&file));
    assert!(told.contains("LOG_BEHIND"), "{told}");
    assert!(told.contains("witness w1 holds a checkpoint"), "{told}");
    // With the witness out of reach nobody can know; the copy is found out when it is back.
    let address = witness.address.clone();
    witness.kill();
    let mut node = Node::start_with(folder, &with(&file));
    let _witness = Witness::start(node.path(), "w1", &address);
    let end = Instant::now() + Duration::from_secs(60);
    while node.is_running() {
        assert!(Instant::now() < end, "{}", node.words());
        std::thread::sleep(Duration::from_millis(50));
    }
    let words = node.words();
    assert!(words.contains("nothing may be signed"), "{words}");
    // The bank's own receipt shows it too, to anybody.
    let (_, folder) = node.stop();
    let path = folder.path();
    fs::remove_dir_all(path.join("data")).unwrap();
    copy(&path.join("copy"), &path.join("data"));
    let node = Node::start_in(folder);
    let told = ends(node.path(), 1, "receipt refresh newest.json");
    assert!(told.contains("it is evidence"), "{told}");
    // And the true log is the one that goes on.
    let (_, folder) = node.stop();
    fs::remove_dir_all(folder.path().join("data")).unwrap();
    fs::rename(folder.path().join("true"), folder.path().join("data")).unwrap();
    let node = Node::start_with(folder, &with(&file));
    let index = pay(node.path());
    until_good(node.path(), &get(index, "after.json --witnessed"));
}

/// Starts a node that must not come up, and gives what it says.
pub(crate) fn refused(folder: &Path, env: &[(&str, String)]) -> String {
    let mut command = crate::cli::quittance(folder, &["run"]);
    for (name, value) in env {
        command.env(name, value);
    }
    let output = command
        .env("QUITTANCE__API__LISTEN", "127.0.0.1:0")
        .env("QUITTANCE__ADMIN__LISTEN", "127.0.0.1:0")
        .env("QUITTANCE__WAL__SEGMENT_BYTES", "16777216")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_policy_that_cannot_be_used_is_told_before_anything_is_signed() {
    let node = Node::start();
    let (_, folder) = node.stop();
    let path = folder.path();
    let other = "log settle.example/log1+34576c8c+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
    for (text, word) in [
        ("quorum nobody\n", "line 1"),
        (&*format!("{other}\nquorum none\n"), "no `log` line"),
    ] {
        fs::write(path.join("policy"), text).unwrap();
        let told = refused(path, &with(&path.join("policy")));
        assert!(told.contains("POLICY_UNUSABLE"), "{told}");
        assert!(told.contains(word), "{told}");
    }
    let told = refused(path, &with(&path.join("nowhere")));
    assert!(told.contains("POLICY_UNUSABLE"), "{told}");
    // `config check` finds the same before anybody starts anything.
    for (file, code) in [("nowhere", 1), ("policy", 0)] {
        let set = format!(
            "config check --set witness.policy={}",
            path.join(file).display()
        );
        let told = ends(path, code, &set);
        assert!(code == 0 || told.contains("witness.policy"), "{told}");
    }
    // The text of the key as a log's: a mistake that is easily made.
    let log = fs::read_to_string(path.join("data/log.vkey")).unwrap();
    let text = format!(
        "log {0}\nwitness w1 {0} http://127.0.0.1:1\nquorum w1\n",
        log.trim()
    );
    fs::write(path.join("policy"), text).unwrap();
    let told = refused(path, &with(&path.join("policy")));
    assert!(
        told.contains("line 2") && told.contains("is not a witness's"),
        "{told}"
    );
}

#[test]
fn a_witness_says_what_is_wrong_with_what_it_is_given() {
    let node = Node::start();
    let path = node.path();
    fs::write(path.join("secret"), "throw-away\n").unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(path.join("secret"), mode).unwrap();
    let witness = Witness::start(path, "w1", "127.0.0.1:0");
    let start = "witness --key w1.pem --passphrase-file secret --listen 127.0.0.1:0 --dir";
    let told = ends(path, 2, &format!("{start} w1 --log data/log.vkey"));
    assert!(told.contains("another witness works on"), "{told}");
    let told = ends(path, 2, &format!("{start} new --log nonsense"));
    assert!(told.contains("neither a vkey nor a file"), "{told}");
    witness.kill();
    let view: Value = json_of(path, &["keys", "show", "w1.pem", "--witness"]);
    assert!(view["vkey"].as_str().unwrap().contains("+B"), "{view}");
    let (code, _, _) = run(path, &["keys", "show", "w1.pem"]);
    assert_eq!(code, 0);
}
