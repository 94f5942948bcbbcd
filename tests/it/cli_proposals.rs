//! Two to agree, with the real binary: a payment against a payment of two banks, limits by two
//! operators, what is declined and what expires; and everything that reads a log afterwards.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use quittance::ledger::Time;
use serde_json::{Value, json};

use crate::cli_node::{BANK, Node, ends, good, json_of, set_up, waits};
use crate::cli_readers::{TRUST, everything_that_reads_a_log, export_and_audit, restarted};

const PATIENCE: Duration = Duration::from_secs(60);
const OTHER: &str = "--key bank-b.pem --passphrase-file secret --log-vkey data/log.vkey";
const SECOND: &str = "--key second.pem --passphrase-file secret --log-vkey data/log.vkey";

fn submit(wishes: &[Value], id: &str, signer: &str) -> String {
    let wishes: Vec<String> = wishes
        .iter()
        .map(|wish| format!("--instruction {wish}"))
        .collect();
    let wishes = wishes.join(" ");
    format!("submit {wishes} --message-id {id} --dir out {signer}")
        .trim_end()
        .to_owned()
}

fn propose(wishes: &[Value], seconds: u64) -> Value {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let then = now.unwrap() + Duration::from_secs(seconds);
    let then = Time::from_nanos(u64::try_from(then.as_nanos()).unwrap());
    json!({"propose": {"expires_at": then.to_string(), "instructions": wishes}})
}

fn approve(of: &Value, hash: &Value) -> Value {
    json!({"approve": {"of": of, "hash": hash}})
}

fn swap() -> Value {
    let leg = |debit: &str, credit: &str, asset: &str, amount: &str| json!({"debit": debit, "credit": credit, "asset": asset, "amount": amount});
    json!({"transfer": {"legs": [
        leg("bank-a:usd", "bank-b:usd", "USD", "10.00"),
        leg("bank-b:eur", "bank-a:eur", "EUR", "9.20"),
    ]}})
}

fn as_json(path: &Path, command: &str) -> Value {
    json_of(path, &command.split(' ').collect::<Vec<_>>())
}

/// A second bank, euros, and a second operator.
fn found(path: &Path) {
    set_up(path);
    for (name, file) in [("bank-b/one", "bank-b"), ("operators/two", "second")] {
        good(
            path,
            &format!("keys generate {name} --out {file}.pem --passphrase-file secret"),
        );
    }
    let vkey = |file: &str| std::fs::read_to_string(path.join(file)).unwrap();
    let open = |address: &str, owner: &str, asset: &str| json!({"open_account": {"address": address, "owner": owner, "kind": "settlement", "asset": asset}});
    let wishes = [
        json!({"add_participant": {"participant": "bank-b", "role": "bank", "threshold": 1,
            "keys": [vkey("bank-b.vkey").trim_end()]}}),
        json!({"add_key": {"participant": "operators", "vkey": vkey("second.vkey").trim_end()}}),
        json!({"add_asset": {"asset": "EUR", "module": "fiat"}}),
        open("bank-a:eur", "bank-a", "EUR"),
        open("bank-b:usd", "bank-b", "USD"),
        open("bank-b:eur", "bank-b", "EUR"),
        json!({"issue": {"account": "bank-b:eur", "amount": "20.00"}}),
    ];
    good(path, &submit(&wishes, "found", ""));
}

/// The newest proposal that somebody may see.
fn newest(path: &Path, who: &str) -> Value {
    let all = as_json(path, &format!("proposals --all {who}"));
    all.as_array().unwrap().last().unwrap().clone()
}

fn posted(path: &Path, address: &str, who: &str) -> Value {
    as_json(path, &format!("accounts {address} {who}"))["posted"].clone()
}

#[test]
fn two_agree_and_both_legs_settle_at_once() {
    let node = Node::start();
    let path = node.path();
    found(path);
    let told = waits(path, &submit(&[propose(&[swap()], 600)], "p-1", BANK));
    assert!(told.contains("PROPOSED"), "{told}");
    assert_eq!(posted(path, "bank-a:usd", BANK), "100.00", "nothing moved");
    let paper = newest(path, OTHER);
    assert_eq!(
        (&paper["state"], &paper["maker"]),
        (&json!("open"), &json!("bank-a"))
    );
    assert_eq!(
        paper["asked"][1],
        json!({"participant": "bank-b", "signed": 0, "missing": 1})
    );
    let (id, hash) = (&paper["id"], &paper["hash"]);
    let shown = good(path, &format!("proposals {} {OTHER}", id.as_str().unwrap()));
    for words in [
        "10.00 USD from bank-a:usd to bank-b:usd",
        "9.20 EUR from bank-b:eur to bank-a:eur",
        hash.as_str().unwrap(),
    ] {
        assert!(shown.contains(words), "{shown}");
    }
    // Who is asked has a proof of what was proposed, before anything is signed.
    let index = &paper["index"];
    good(
        path,
        &format!("receipt get {index} --out out/asked.json {OTHER}"),
    );
    let told = good(path, &format!("receipt verify out/asked.json {TRUST}"));
    assert!(told.contains("PROPOSED"), "{told}");
    let other = json!("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    let told = ends(path, 1, &submit(&[approve(id, &other)], "a-0", OTHER));
    assert!(told.contains("BODY_CHANGED"), "{told}");
    let told = ends(path, 1, &submit(&[approve(id, hash)], "a-1", BANK));
    assert!(told.contains("SELF_APPROVAL"), "{told}");
    let told = good(path, &submit(&[approve(id, hash)], "a-2", OTHER));
    assert!(
        told.contains("CARRIED_OUT") && told.contains("SETTLED"),
        "{told}"
    );
    assert_eq!(posted(path, "bank-a:eur", BANK), "9.20");
    assert_eq!(posted(path, "bank-b:usd", OTHER), "10.00");
    for receipt in ["p-1", "a-2"] {
        good(
            path,
            &format!("receipt verify out/{receipt}.receipt.json {TRUST}"),
        );
    }
    let paper = newest(path, BANK);
    assert_eq!(paper["state"], "carried_out", "{paper}");
    assert_eq!(
        (&paper["ended_by"], &paper["content"]),
        (&json!("bank-b"), &Value::Null)
    );
    let told = ends(path, 1, &submit(&[approve(id, hash)], "a-3", OTHER));
    assert!(told.contains("PROPOSAL_OVER"), "{told}");
    declined_and_expired(path);
    two_operators(path);
    lives_through_all(node);
}

fn declined_and_expired(path: &Path) {
    waits(path, &submit(&[propose(&[swap()], 600)], "p-2", BANK));
    let id = newest(path, OTHER)["id"].clone();
    let told = good(
        path,
        &submit(&[json!({"decline": {"of": id}})], "d-1", OTHER),
    );
    assert!(told.contains("DECLINED"), "{told}");
    let paper = newest(path, BANK);
    assert_eq!(paper["ended_by"], "bank-b");
    let index = &paper["ended_index"];
    good(
        path,
        &format!("receipt get {index} --out out/declined.json {BANK}"),
    );
    waits(path, &submit(&[propose(&[swap()], 600)], "p-3", BANK));
    let id = newest(path, BANK)["id"].clone();
    let told = good(
        path,
        &submit(&[json!({"withdraw": {"of": id}})], "w-1", BANK),
    );
    assert!(told.contains("WITHDRAWN"), "{told}");
    // Nobody does anything, and it ends all the same.
    waits(path, &submit(&[propose(&[swap()], 5)], "p-4", BANK));
    let end = Instant::now() + PATIENCE;
    let paper = loop {
        let paper = newest(path, OTHER);
        if paper["state"] == "expired" {
            break paper;
        }
        assert!(Instant::now() < end, "{paper}");
        std::thread::sleep(Duration::from_millis(100));
    };
    let told = ends(
        path,
        1,
        &submit(&[approve(&paper["id"], &paper["hash"])], "a-4", OTHER),
    );
    assert!(told.contains("APPROVAL_EXPIRED"), "{told}");
    // Whoever was asked may read, and keep, what the log says of it.
    let index = &paper["ended_index"];
    good(
        path,
        &format!("receipt get {index} --out out/expired.json {OTHER}"),
    );
    let told = good(path, &format!("receipt verify out/expired.json {TRUST}"));
    assert!(told.contains("PROPOSAL_EXPIRED"), "{told}");
}

/// A limit by two operators, from two messages.
fn two_operators(path: &Path) {
    let limits = json!({"set_limits": {"address": "bank-a:usd", "credit_line": "25.00"}});
    waits(path, &submit(&[propose(&[limits], 600)], "p-5", ""));
    let paper = newest(path, SECOND);
    let shown = good(
        path,
        &format!("proposals {} {SECOND}", paper["id"].as_str().unwrap()),
    );
    assert!(shown.contains("credit line 25.00"), "{shown}");
    let agree = [approve(&paper["id"], &paper["hash"])];
    let told = ends(path, 1, &submit(&agree, "a-5", ""));
    assert!(told.contains("SELF_APPROVAL"), "{told}");
    let told = good(path, &submit(&agree, "a-6", SECOND));
    assert!(
        told.contains("CARRIED_OUT") && told.contains("APPLIED"),
        "{told}"
    );
    let account = as_json(path, &format!("accounts bank-a:usd {BANK}"));
    assert_eq!(account["available"], "115.00", "{account}");
}

/// A proposal that is open lives through a restart and everything that reads a log.
fn lives_through_all(node: Node) {
    let path = node.path();
    waits(path, &submit(&[propose(&[swap()], 600)], "p-6", BANK));
    let node = restarted(node);
    assert_eq!(newest(node.path(), OTHER)["state"], "open");
    let node = everything_that_reads_a_log(node);
    let path = node.path();
    let paper = newest(path, OTHER);
    let told = good(
        path,
        &submit(&[approve(&paper["id"], &paper["hash"])], "a-7", OTHER),
    );
    assert!(told.contains("CARRIED_OUT"), "{told}");
    assert_eq!(posted(path, "bank-a:eur", BANK), "18.40");
    export_and_audit(path);
}
