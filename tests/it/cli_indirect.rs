//! A bank that is reached via another, with the real binary: whose keys sign and read for it, what others
//! see, and everything that reads a log afterwards.

use std::path::Path;

use serde_json::{Value, json};

use crate::cli_node::{BANK, Node, ends, good, json_of, set_up, waits as waiting};
use crate::cli_readers::{TRUST, everything_that_reads_a_log};

const OTHER: &str = "--key bank-b.pem --passphrase-file secret --log-vkey data/log.vkey";

fn as_json(path: &Path, command: &str) -> Value {
    json_of(path, &command.split_whitespace().collect::<Vec<_>>())
}

fn submit(wishes: &[Value], signer: &str) -> String {
    let wishes: Vec<String> = wishes
        .iter()
        .map(|wish| format!("--instruction {wish}"))
        .collect();
    format!("submit {} --dir out {signer}", wishes.join(" "))
}

fn pay(debit: &str, credit: &str, amount: &str) -> Value {
    json!({"transfer": {"legs": [{"debit": debit, "credit": credit, "asset": "USD",
        "amount": amount}], "remittance": "rent"}})
}

fn found(path: &Path) {
    set_up(path);
    good(
        path,
        "keys generate bank-b/one --out bank-b.pem --passphrase-file secret",
    );
    let vkey = std::fs::read_to_string(path.join("bank-b.vkey")).unwrap();
    let account = |address: &str, owner: &str| json!({"open_account": {"address": address, "owner": owner, "kind": "settlement", "asset": "USD"}});
    let founded = [
        json!({"add_participant": {"participant": "bank-b", "role": "bank", "threshold": 1,
            "keys": [vkey.trim_end()]}}),
        account("bank-b:usd", "bank-b"),
        json!({"add_participant": {"participant": "coop", "role": "bank", "threshold": 0,
            "keys": [], "via": "bank-a", "bic": "DEUTDEFF500"}}),
        account("coop:main", "coop"),
    ];
    good(path, &submit(&founded, ""));
}

#[test]
fn the_direct_bank_signs_and_reads_for_who_is_reached_via_it() {
    let node = Node::start();
    let path = node.path();
    found(path);
    // It is paid as anybody, and found by its BIC.
    good(
        path,
        &submit(&[pay("bank-a:usd", "coop:main", "10.00")], BANK),
    );
    let shown = as_json(path, &format!("participants DEUTDEFF500 {OTHER}"));
    assert_eq!([&shown["id"], &shown["via"]], ["coop", "bank-a"]);
    assert_eq!(shown["keys"], json!([]));
    let told = good(path, &format!("participants {OTHER}"));
    assert!(told.contains("via bank-a"), "{told}");
    assert!(
        told.contains("BIC") && told.contains("DEUTDEFF500"),
        "{told}"
    );
    // Another bank's key moves nothing, and reads nothing.
    let told = ends(
        path,
        1,
        &submit(&[pay("coop:main", "bank-b:usd", "1")], OTHER),
    );
    assert!(told.contains("NOT_OWNER"), "{told}");
    for command in ["accounts coop:main", "accounts coop:main --history"] {
        ends(path, 1, &format!("{command} {OTHER}"));
    }
    let all = as_json(path, &format!("accounts {OTHER}"));
    assert_eq!(all.as_array().unwrap().len(), 1, "{all}");
    seen(path);
    // Another direct bank, and the history comes along.
    let mut waits = pay("coop:main", "bank-b:usd", "900");
    waits["transfer"]["queue"] = json!({"priority": "urgent"});
    waiting(path, &submit(&[waits], BANK));
    let moved = json!({"set_via": {"participant": "coop", "via": "bank-b"}});
    good(path, &submit(&[moved], ""));
    handed_over(path);
    ends(path, 1, &format!("accounts coop:main {BANK}"));
    let told = ends(
        path,
        1,
        &submit(&[pay("coop:main", "bank-b:usd", "1")], BANK),
    );
    assert!(told.contains("NOT_OWNER"), "{told}");
    good(path, &submit(&[pay("coop:main", "bank-b:usd", "2")], OTHER));
    let node = everything_that_reads_a_log(node);
    let history = as_json(
        node.path(),
        &format!("accounts coop:main --history {OTHER}"),
    );
    assert_eq!(history.as_array().unwrap().len(), 5, "{history}");
    let balance = as_json(node.path(), &format!("accounts coop:main {OTHER}"));
    assert_eq!(balance["posted"], "5.50", "{balance}");
}

/// What bank-a let wait is read by both, and bank-b takes it back.
fn handed_over(path: &Path) {
    let queues = [BANK, OTHER].map(|who| as_json(path, &format!("queue {who}")));
    assert_eq!(queues[0], queues[1]);
    let payment = &queues[0][0];
    let named = ["submitter", "answers", "priority"].map(|name| &payment[name]);
    assert_eq!(named, ["bank-a", "bank-b", "urgent"], "{payment}");
    let cancel = json!({"cancel": {"of": payment["id"]}});
    let told = ends(path, 1, &submit(std::slice::from_ref(&cancel), BANK));
    assert!(told.contains("PAYMENT_NOT_QUEUED"), "{told}");
    good(path, &submit(&[cancel], OTHER));
    let left = as_json(path, &format!("queue {OTHER}"));
    assert_eq!(left, json!([]));
}

/// What the direct bank is answered, and reads.
fn seen(path: &Path) {
    let answer = as_json(
        path,
        &format!(
            "{} --message-id c-1",
            submit(&[pay("coop:main", "bank-b:usd", "2.50")], BANK)
        ),
    );
    assert_eq!(answer["balances"][0]["account"], "coop:main", "{answer}");
    assert_eq!(answer["balances"][0]["posted"], "7.50", "{answer}");
    let told = good(
        path,
        &format!("receipt verify out/c-1.receipt.json {TRUST}"),
    );
    assert!(told.contains("7.50"), "{told}");
    let history = as_json(path, &format!("accounts coop:main --history {BANK}"));
    assert_eq!(
        [&history[0]["amount"], &history[0]["remittance"]],
        ["2.50", "rent"]
    );
    let all = as_json(path, &format!("accounts {BANK}"));
    let addresses = all.as_array().unwrap().iter().map(|one| &one["address"]);
    assert!(addresses.clone().any(|one| one == "coop:main"), "{all}");
    good(path, &format!("statement coop:main --csv {BANK}"));
    // What waits, and holds.
    let mut waits = pay("coop:main", "bank-b:usd", "100");
    waits["transfer"]["queue"] = json!({});
    waiting(path, &submit(&[waits], BANK));
    let queue = as_json(path, &format!("queue {BANK}"));
    let id = queue[0]["id"].as_str().unwrap().to_owned();
    good(path, &submit(&[json!({"cancel": {"of": id}})], BANK));
}
