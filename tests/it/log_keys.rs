//! A log that changes its key: with overlap, and at once because the old one was stolen.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

use chain::{Checkpoint, Hash, Note, Receipt, TlogProof, VerifierKey};
use quittance::wire::ReceiptFile;
use tempfile::TempDir;

use crate::cli::run;
use crate::cli_node::{Node, ends, good, json_of, set_up};
use crate::witness::{Witness, pay, policy, refused, until_good, with};

const BANK: &str = "--key bank-a.pem --passphrase-file secret";
const AUDITOR: &str = "--key auditor.pem --passphrase-file secret";
const ORIGIN: &str = "localhost/sandbox";

fn next() -> [(&'static str, String); 1] {
    [("QUITTANCE__KEYS__LOG_NEXT", "keys/log-2.pem".to_owned())]
}

fn only_new() -> [(&'static str, String); 1] {
    [("QUITTANCE__KEYS__LOG", "keys/log-2.pem".to_owned())]
}

/// A sandbox with a bank and an auditor, and a second key of the log that signs nothing yet.
fn prepared() -> TempDir {
    let node = Node::start();
    set_up(node.path());
    let (_, folder) = node.stop();
    let path = folder.path();
    fs::copy(path.join("data/log.vkey"), path.join("old.vkey")).unwrap();
    let secret = "--passphrase-file data/keys/passphrase";
    let make = format!("keys generate {ORIGIN} --out data/keys/log-2.pem {secret}");
    good(path, &make);
    folder
}

/// What the operators send to add the second key.
fn endorsement(path: &Path) -> String {
    let told = run(path, &["keys", "endorse", "data/keys/log-2.pem"]);
    assert_eq!(told.0, 0, "{}", told.2);
    told.1.trim().to_owned()
}

fn govern(path: &Path, wishes: &[&str]) -> (i32, String) {
    let mut args = vec!["submit", "--atomic", "--dir", "out"];
    wishes
        .iter()
        .for_each(|wish| args.extend(["--instruction", wish]));
    let (code, out, err) = run(path, &args);
    (code, out + &err)
}

fn retire(path: &Path) -> String {
    let id = vkey(path, "old.vkey").id();
    format!(r#"{{"retire_log_key":{{"key_id":"{id}"}}}}"#)
}

fn vkey(path: &Path, file: &str) -> VerifierKey {
    let text = fs::read_to_string(path.join(file)).unwrap();
    VerifierKey::parse(text.trim()).unwrap()
}

fn fetch(path: &Path, index: u64, file: &str) {
    good(path, &format!("receipt get {index} --out {file} {BANK}"));
}

fn signed_by(path: &Path, file: &str) -> Vec<String> {
    let json = fs::read(path.join(file)).unwrap();
    let receipt = ReceiptFile::from_json(&json).unwrap().to_receipt().unwrap();
    let note = Note::parse(&receipt.checkpoint).unwrap();
    let lines = note.signatures().iter();
    lines.map(|line| line.id().to_string()).collect()
}

#[test]
fn a_log_changes_its_key_and_everybody_can_follow() {
    let node = Node::start_in(prepared());
    let path = node.path();
    let index = pay(path);
    fetch(path, index, "first.json");
    good(path, "backup copies --log-vkey old.vkey");
    let wish = endorsement(path);
    let (code, told) = govern(path, &[&wish]);
    assert!(code == 1 && told.contains("LOG_KEY_NOT_HELD"), "{told}");
    let (_, folder) = node.stop();
    let node = Node::start_with(folder, &next());
    let path = node.path();
    let other = wish.replace(
        "\"proof\":\"localhost/sandbox A",
        "\"proof\":\"localhost/sandbox B",
    );
    let spoilt = other.replace(
        "\"proof\":\"localhost/sandbox ",
        "\"proof\":\"localhost/sandbox  ",
    );
    let (code, told) = govern(path, &[&spoilt]);
    assert!(code == 1 && told.contains("KEY_UNACCEPTABLE"), "{told}");
    let (code, told) = govern(path, &[&wish]);
    assert_eq!(code, 0, "{told}");

    // Both sign; whoever trusts the old key is led to the new one.
    let (old, new) = (vkey(path, "old.vkey"), vkey(path, "data/log.vkey"));
    assert_ne!(old, new, "the file has the new key");
    let index = pay(path);
    fetch(path, index, "both.json");
    assert_eq!(
        signed_by(path, "both.json"),
        [old.id().to_string(), new.id().to_string()]
    );
    for key in ["old.vkey", "data/log.vkey"] {
        good(path, &format!("receipt verify both.json --log-vkey {key}"));
        good(
            path,
            &format!("export {key}.export --log-vkey {key} {AUDITOR}"),
        );
        good(
            path,
            &format!("audit {key}.export --log-vkey {key} --kept first.json"),
        );
    }
    let told = good(
        path,
        &format!("keys follow --log-vkey old.vkey --out new.vkey {BANK}"),
    );
    assert!(told.contains("your key has signed"), "{told}");
    assert_eq!(vkey(path, "new.vkey"), new);
    let told = good(
        path,
        &format!("keys follow --log-vkey new.vkey --out x {BANK}"),
    );
    assert!(told.contains("nothing to follow"), "{told}");

    // A node that lacks one of two keys does not start; one of the two is not enough.
    let (_, folder) = node.stop();
    let told = refused(folder.path(), &[]);
    assert!(told.contains("is signed by"), "{told}");
    let told = refused(folder.path(), &only_new());
    assert!(told.contains("is signed by"), "{told}");
    let node = Node::start_with(folder, &next());
    let (code, told) = govern(node.path(), &[&retire(node.path())]);
    assert_eq!(code, 0, "{told}");
    let (code, told) = govern(node.path(), &[&retire(node.path())]);
    assert!(code == 1 && told.contains("KEY_UNKNOWN"), "{told}");
    let (_, folder) = node.stop();
    let node = Node::start_with(folder, &only_new());
    after(node.path());
}

/// The old key is gone: old receipts are renewed, old trust is not enough, old checkpoints still
/// bind the log.
fn after(path: &Path) {
    let index = pay(path);
    fetch(path, index, "later.json");
    assert_eq!(
        signed_by(path, "later.json"),
        [vkey(path, "new.vkey").id().to_string()]
    );
    let told = ends(
        path,
        1,
        &format!("receipt get {index} --out x --log-vkey old.vkey {BANK}"),
    );
    assert!(told.contains("retired your key"), "{told}");
    ends(path, 1, "receipt verify later.json --log-vkey old.vkey");
    good(path, "receipt verify first.json --log-vkey old.vkey");
    good(
        path,
        "receipt refresh first.json --log-vkey new.vkey --out again.json",
    );
    good(path, "receipt verify again.json --log-vkey new.vkey");

    good(path, &format!("export now --log-vkey new.vkey {AUDITOR}"));
    good(path, "audit now --log-vkey new.vkey");
    // A receipt that the old key has signed leads the auditor to the new one.
    let report = json_of(path, &["audit", "now", "--kept", "first.json"]);
    assert_eq!(report["signer"]["by"], "kept");
    let with_old = ["audit", "now", "--log-vkey", "old.vkey"];
    let report = json_of(path, &[&with_old[..], &["--kept", "both.json"]].concat());
    assert_eq!(report["signer"]["by"], "kept");
    let told = ends(path, 1, "audit now --log-vkey old.vkey");
    assert!(told.contains("KEY MISMATCH"), "{told}");
    // The backup from before goes on under the new key.
    good(path, "backup copies --log-vkey new.vkey");
    good(path, "backup verify copies --log-vkey new.vkey");
}

#[test]
fn a_stolen_key_proves_nothing_once_the_log_has_another() {
    let folder = prepared();
    let node = Node::start_with(folder, &next());
    let path = node.path();
    let index = pay(path);
    fetch(path, index, "before.json");
    // In one message: checkpoints from here on are signed by the new key alone.
    let (code, told) = govern(path, &[&endorsement(path), &retire(path)]);
    assert_eq!(code, 0, "{told}");
    let (_, folder) = node.stop();
    let path = folder.path();
    // Witnesses are told of the new key, and of the old one no more.
    let witness = Witness::start(path, "w1", "127.0.0.1:0");
    let file = policy(path, std::slice::from_ref(&witness.line), "quorum w1");
    let env = [&only_new()[..], &with(&file)].concat();
    let node = Node::start_with(folder, &env);
    let path = node.path();
    until_good(
        path,
        "receipt refresh before.json --witnessed --policy policy --out after.json",
    );

    // The thief has the old key and signs another history.
    let passphrase = keys::Passphrase::from_file(&path.join("data/keys/passphrase")).unwrap();
    let stolen = keys::read_key_file(&path.join("data/keys/log.pem"), &passphrase).unwrap();
    let json = fs::read(path.join("before.json")).unwrap();
    let mut file = ReceiptFile::from_json(&json).unwrap();
    let forged = forge(&file.to_receipt().unwrap(), &stolen);
    file.tlog_proof = forged.to_string();
    fs::write(path.join("forged.json"), file.to_json()).unwrap();
    good(path, "receipt verify forged.json --log-vkey old.vkey");
    ends(
        path,
        1,
        "receipt verify forged.json --log-vkey data/log.vkey",
    );
    ends(path, 1, "receipt verify forged.json --policy policy");
    let told = ends(
        path,
        1,
        "receipt refresh forged.json --log-vkey data/log.vkey",
    );
    assert!(told.contains("it is evidence"), "{told}");
    // Nor does a witness take it for the log's.
    let body = format!("old 0\n\n{}", forged.checkpoint);
    let answer = post(&witness.address, "/add-checkpoint", &body);
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
}

fn post(address: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let head = format!("POST {path} HTTP/1.1\r\nHost: w\r\nContent-Length: {length}\r\n");
    write!(stream, "{head}Connection: close\r\n\r\n{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// A proof of the same entry in a log that never was: one entry more, and other entries before it.
fn forge(receipt: &Receipt, stolen: &keys::SigningKey) -> TlogProof {
    let index = receipt.entry.index;
    let leaf = |n: u64| Hash::leaf(&n.to_be_bytes());
    let mut leaves: Vec<Hash> = (0..index + 2).map(leaf).collect();
    leaves[usize::try_from(index).unwrap()] = receipt.entry.leaf_hash();
    let tree = chain::LeafTree::new(leaves);
    let checkpoint = Checkpoint {
        origin: ORIGIN.to_owned(),
        size: tree.size(),
        root: tree.root(),
    };
    TlogProof {
        index,
        proof: tree.inclusion_proof(index).unwrap(),
        checkpoint: checkpoint.sign(&[stolen]).unwrap().to_string(),
    }
}
