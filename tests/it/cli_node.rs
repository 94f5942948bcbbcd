//! The command line with a node: the binary founds, serves, settles, exports and stops.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::cli::{line, run};

/// A sandbox that the binary runs in a temporary folder.
pub(crate) struct Node {
    folder: TempDir,
    child: Child,
}

impl Node {
    pub(crate) fn start() -> Self {
        Self::start_in(tempfile::tempdir().unwrap())
    }

    pub(crate) fn start_in(folder: TempDir) -> Self {
        Self::start_with(folder, &[])
    }

    /// With further variables.
    pub(crate) fn start_with(folder: TempDir, env: &[(&str, String)]) -> Self {
        let words = fs::File::create(folder.path().join("words")).unwrap();
        let child = Command::new(assert_cmd::cargo::cargo_bin!("quittance"))
            .env_clear()
            .env("QUITTANCE__API__LISTEN", "127.0.0.1:0")
            .env("QUITTANCE__ADMIN__LISTEN", "127.0.0.1:0")
            .env("QUITTANCE__WAL__SEGMENT_BYTES", "16777216")
            .envs(env.iter().map(|(name, value)| (name, value)))
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(words)
            .spawn()
            .unwrap();
        let mut node = Self { folder, child };
        let end = Instant::now() + Duration::from_secs(60);
        // The words come last.
        while !node.path().join("data/run.json").exists() || !node.words().contains("serving") {
            assert!(node.child.try_wait().unwrap().is_none(), "{}", node.words());
            assert!(Instant::now() < end, "{}", node.words());
            std::thread::sleep(Duration::from_millis(20));
        }
        node
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Where the public listener is.
    pub(crate) fn address(&self) -> String {
        let run_file = fs::read(self.path().join("data/run.json")).unwrap();
        let run_file: Value = serde_json::from_slice(&run_file).unwrap();
        run_file["public"].as_str().unwrap().to_owned()
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    pub(crate) fn words(&self) -> String {
        fs::read_to_string(self.path().join("words")).unwrap()
    }

    /// Asks the node to end, and gives its exit code and folder.
    pub(crate) fn stop(mut self) -> (Option<i32>, TempDir) {
        let pid = self.child.id().to_string();
        if self.is_running() {
            assert!(Command::new("kill").arg(&pid).status().unwrap().success());
        }
        let code = self.child.wait().unwrap().code();
        (code, self.into_folder())
    }

    /// Ends the node with SIGKILL, and gives its folder.
    pub(crate) fn kill(mut self) -> TempDir {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let _ = fs::remove_file(self.path().join("data/run.json"));
        self.into_folder()
    }

    fn into_folder(mut self) -> TempDir {
        std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap())
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn json_of(folder: &Path, args: &[&str]) -> Value {
    let (code, out, err) = run(folder, &[args, &["--output", "json"]].concat());
    assert_eq!(code, 0, "{args:?}: {out}{err}");
    serde_json::from_str(&out).unwrap()
}

/// Runs a command that must succeed, written as one line; gives stdout and stderr together.
pub(crate) fn good(folder: &Path, command: &str) -> String {
    let (code, out, err) = line(folder, command);
    assert_eq!(code, 0, "{command}: {out}{err}");
    out + &err
}

/// The same for a submission that is accepted, and of which something waits.
pub(crate) fn waits(folder: &Path, command: &str) -> String {
    ends(folder, 3, command)
}

/// The same for one that must end with this exit code.
pub(crate) fn ends(folder: &Path, expected: i32, command: &str) -> String {
    let (code, out, err) = line(folder, command);
    assert_eq!(code, expected, "{command}: {out}{err}");
    out + &err
}

fn write_secret(folder: &Path) {
    let passphrase = keys::Passphrase::new("throw-away").unwrap();
    passphrase.write_file(&folder.join("secret")).unwrap();
}

/// Makes keys and registers a bank with two accounts, and an auditor.
pub(crate) fn set_up(folder: &Path) {
    write_secret(folder);
    let mut wishes = Vec::new();
    for (id, role) in [("bank-a", "bank"), ("auditor", "auditor")] {
        let make = format!("keys generate {id}/one --out {id}.pem --passphrase-file secret");
        good(folder, &make);
        let vkey = fs::read_to_string(folder.join(format!("{id}.vkey"))).unwrap();
        wishes.push(json!({"add_participant":
            {"participant": id, "role": role, "threshold": 1, "keys": [vkey.trim_end()]}}));
    }
    wishes.push(json!({"add_asset": {"asset": "USD", "module": "fiat"}}));
    for account in ["bank-a:usd", "bank-a:reserve"] {
        wishes.push(
            json!({"open_account": {"address": account, "owner": "bank-a",
            "kind": "settlement", "asset": "USD"}}),
        );
    }
    wishes.push(json!({"issue": {"account": "bank-a:usd", "amount": "100.00"}}));
    let wishes: Vec<String> = wishes.iter().map(ToString::to_string).collect();
    let mut args = vec!["submit", "--atomic", "--message-id", "set-up"];
    wishes
        .iter()
        .for_each(|wish| args.extend(["--instruction", wish]));
    let answer = json_of(folder, &args);
    assert_eq!(answer["outcomes"].as_array().unwrap().len(), 6);
    assert!(folder.join("set-up.json").exists() && folder.join("set-up.receipt.json").exists());
}

pub(crate) const BANK: &str = "--key bank-a.pem --passphrase-file secret --log-vkey data/log.vkey";
const AUDITOR: &str = "--key auditor.pem --passphrase-file secret";

pub(crate) fn pay(amount: &str, more: &str) -> String {
    let (debit, credit) = ("bank-a:usd", "bank-a:reserve");
    let leg = json!({"debit": debit, "credit": credit, "asset": "USD", "amount": amount});
    let wish = json!({"transfer": {"legs": [leg]}});
    format!("submit --instruction {wish} --dir out {more} {BANK}")
}

pub(crate) fn balance(folder: &Path) -> Value {
    let args: Vec<_> = BANK.split(' ').collect();
    json_of(folder, &[&["accounts", "bank-a:usd"][..], &args].concat())["posted"].clone()
}

/// A bank pays, asks first, is refused, and sends the same bytes again.
fn settle(folder: &Path) {
    let told = good(folder, &pay("1.00", "--dry-run"));
    assert!(
        told.contains("SETTLED") && told.contains("nothing was logged"),
        "{told}"
    );
    assert!(!folder.join("out").exists());
    let told = good(folder, &pay("12.50", "--message-id pay-1"));
    assert!(
        told.contains("SETTLED") && told.contains("bank-a:usd: 87.50 available"),
        "{told}"
    );
    let told = ends(folder, 1, &pay("1000.00", "--message-id pay-2"));
    assert!(told.contains("INSUFFICIENT_FUNDS"), "{told}");
    let told = good(folder, &format!("submit out/pay-1.json {BANK}"));
    assert!(told.contains("nothing moved again"), "{told}");
    let told = ends(folder, 2, &pay("12.50", "--message-id pay-1"));
    assert!(told.contains("the message id was used"), "{told}");
    assert_eq!(balance(folder), "87.50");
    let told = good(folder, &format!("accounts bank-a:usd --history {BANK}"));
    assert!(
        told.contains("-12.50") && told.contains("+100.00"),
        "{told}"
    );
}

/// What the bank and the auditor can prove.
fn prove(folder: &Path) {
    let trust = "--log-vkey data/log.vkey";
    let told = good(
        folder,
        &format!("receipt verify out/pay-1.receipt.json {trust}"),
    );
    assert!(told.contains("12.50 USD"), "{told}");
    good(
        folder,
        &format!("receipt get 2 --item 1 --out fresh.json {BANK}"),
    );
    good(folder, &format!("receipt verify fresh.json {trust}"));

    let told = ends(folder, 1, "export copy");
    assert!(told.contains("auditor's key"), "{told}");
    good(folder, &format!("export copy {AUDITOR}"));
    let kept = format!("--kept out/pay-1.receipt.json {trust}");
    good(folder, &format!("audit copy {kept}"));
    good(folder, "export open --public");
    let told = ends(folder, 2, "audit open");
    assert!(told.contains("not checked"), "{told}");

    let run_file = fs::read(folder.join("data/run.json")).unwrap();
    let run_file: Value = serde_json::from_slice(&run_file).unwrap();
    let url = format!("http://{}", run_file["public"].as_str().unwrap());
    good(folder, &format!("audit {url} {AUDITOR} {kept}"));
    ends(folder, 2, &format!("audit {url}"));
    let other = fs::read_to_string(folder.join("bank-a.vkey")).unwrap();
    let told = ends(folder, 2, &format!("audit {url} --log-vkey {other}"));
    assert!(told.contains("KEY MISMATCH"), "{told}");
    ends(folder, 1, &format!("whoami --url {url} --log-vkey {other}"));
}

#[test]
fn a_sandbox_from_nothing_to_an_audited_export() {
    let node = Node::start();
    let words = node.words();
    assert!(words.contains("a sandbox was founded"), "{words}");
    assert_eq!(
        json_of(node.path(), &["whoami"])["participant"],
        "operators"
    );
    set_up(node.path());
    settle(node.path());
    prove(node.path());
    let (code, folder) = node.stop();
    assert_eq!(code, Some(0));
    assert!(!folder.path().join("data/run.json").exists());
    // What was settled is there after a restart.
    let node = Node::start_in(folder);
    assert_eq!(balance(node.path()), "87.50");
}

#[test]
fn the_demo_says_what_it_measured_and_leaves_an_export() {
    let folder = tempfile::tempdir().unwrap();
    let figures = json_of(folder.path(), &["demo", "--export", "copy"]);
    assert_eq!(figures["batch_settlements"], 1_000);
    assert!(
        figures["receipts_verified"].as_u64().unwrap() >= 10,
        "{figures}"
    );
    let caught = figures["forgery_caught"].as_str().unwrap();
    assert!(caught.starts_with("entry 2"), "{caught}");
    let told = ends(folder.path(), 2, "audit copy");
    assert!(told.contains("NOT VERIFIED: who signed it"), "{told}");
    good(folder.path(), "audit copy --log-vkey copy/log.vkey");
    let told = good(folder.path(), "demo");
    assert!(
        told.contains("CAUGHT") && told.contains("sent twice, moved once"),
        "{told}"
    );
}

#[test]
fn a_live_log_is_founded_in_two_steps_by_its_founders() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write_secret(folder);
    for (name, file) in [
        ("settle.example/eu1", "log"),
        ("operators/one", "one"),
        ("operators/two", "two"),
    ] {
        good(
            folder,
            &format!("keys generate {name} --out {file}.pem --passphrase-file secret"),
        );
    }
    let log_key = format!("--set keys.log={}", folder.join("log.pem").display());
    let set = format!("{log_key} --set keys.passphrase_env=SECRET");
    let draft = "init --live --origin settle.example/eu1 --threshold 2 \
                 --founding-vkey one.vkey --founding-vkey two.vkey";
    let told = good(folder, &format!("{draft} {set}"));
    assert!(
        told.starts_with("quittance genesis v1\nsettle.example/eu1\n"),
        "{told}"
    );
    let sign = |key: &str| {
        let args = [
            "keys",
            "sign-genesis",
            "genesis-document.json",
            "--key",
            key,
        ];
        let signed = json_of(
            folder,
            &[&args[..], &["--passphrase-file", "secret"]].concat(),
        );
        signed["signature"].as_str().unwrap().to_owned()
    };
    let (one, two) = (sign("one.pem"), sign("two.pem"));
    let found = |signatures: &[&String]| {
        let mut args = vec!["init", "--live"];
        signatures
            .iter()
            .for_each(|s| args.extend(["--founding-signature", s]));
        args.extend(set.split(' '));
        run(folder, &args)
    };
    let (code, _, err) = found(&[&one]);
    assert!(code == 2 && err.contains("operators/two"), "{err}");
    let (code, out, err) = found(&[&one, &two]);
    assert!(code == 0 && out.contains("genesis hash"), "{out}{err}");
    // A log key beside its passphrase founds no live log.
    let beside = format!("keys.passphrase_file={}", folder.join("secret").display());
    let told = ends(folder, 2, &format!("{draft} {log_key} --set {beside}"));
    assert!(told.contains("does not lie beside its keys"), "{told}");
    // Started without its passphrase it signs nothing, and says why.
    let live = "run --set log.mode=live --set log.origin=settle.example/eu1";
    let told = ends(folder, 2, &format!("{live} {set}"));
    assert!(told.contains("SECRET"), "{told}");
}
