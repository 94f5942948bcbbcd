//! Splits, conditions, mandates and the posting matrix with the real binary, and everything that reads
//! a log afterwards.

use std::path::Path;

use serde_json::{Value, json};

use crate::cli_node::{BANK, Node, ends, good, json_of, set_up};
use crate::cli_readers::{everything_that_reads_a_log, restarted};

const OTHER: &str = "--key bank-b.pem --passphrase-file secret --log-vkey data/log.vkey";

fn submit(wish: &Value, signer: &str) -> String {
    format!("submit --instruction {wish} --dir out {signer}")
}

fn govern(path: &Path, wishes: &[Value]) {
    let wishes = wishes.iter().map(|wish| format!("--instruction {wish}"));
    let wishes: Vec<String> = wishes.collect();
    good(path, &format!("submit {} --dir out", wishes.join(" ")));
}

fn as_json(path: &Path, command: &str) -> Value {
    json_of(path, &command.split(' ').collect::<Vec<_>>())
}

fn leg(debit: &str, credit: &str, amount: &str) -> Value {
    json!({"debit": debit, "credit": credit, "asset": "USD", "amount": amount})
}

fn found(path: &Path) {
    set_up(path);
    good(
        path,
        "keys generate bank-b/one --out bank-b.pem --passphrase-file secret",
    );
    let vkey = std::fs::read_to_string(path.join("bank-b.vkey")).unwrap();
    let bank = json!({"add_participant": {"participant": "bank-b", "role": "bank", "threshold": 1,
        "keys": [vkey.trim_end()]}});
    let open = |address: &str, owner: &str| {
        json!({"open_account": {"address": address,
        "owner": owner, "kind": "settlement", "asset": "USD"}})
    };
    let accounts = [
        open("bank-b:usd", "bank-b"),
        open("bank-a:fees", "bank-a"),
        open("bank-a:till", "bank-a"),
    ];
    govern(path, &[&[bank][..], &accounts].concat());
}

#[test]
fn amounts_are_worked_out_and_owners_let_others_debit() {
    let node = Node::start();
    let path = node.path();
    found(path);
    divides(path);
    let mandate = lets_another_debit(path);
    rules(path);
    let node = restarted(node);
    let path = node.path();
    // What was granted and stopped outlives a restart.
    let view = as_json(path, &format!("mandates {mandate} {OTHER}"));
    assert_eq!([&view["used"], &view["total_max"]], ["4.50", "9.00"]);
    let node = everything_that_reads_a_log(node);
    let path = node.path();
    let view = as_json(path, &format!("mandates --account bank-a:usd {BANK}"));
    assert_eq!(view[0]["id"], mandate.as_str(), "{view}");
    let told = good(path, &format!("postings {OTHER}"));
    assert!(told.contains("no"), "{told}");
}

/// A sum in three parts, a sweep back, and a condition that does not hold.
fn divides(path: &Path) {
    let split = json!({"split": {"asset": "USD", "end_to_end_id": "PARTS-1",
        "payers": [{"account": "bank-a:usd", "amount": "10.00"}],
        "payees": [{"account": "bank-b:usd", "ratio": 1}, {"account": "bank-a:fees", "ratio": 1},
            {"account": "bank-a:till", "ratio": 1}]}});
    let told = good(path, &submit(&split, &format!("--message-id s-1 {BANK}")));
    assert!(told.contains("SETTLED"), "{told}");
    good(
        path,
        "receipt verify out/s-1.receipt.json --log-vkey data/log.vkey",
    );
    let history = as_json(path, &format!("accounts bank-b:usd --history {OTHER}"));
    let line = &history[0];
    assert_eq!(
        [&line["kind"], &line["amount"], &line["end_to_end_id"]],
        ["split", "3.34", "PARTS-1"],
        "{history}"
    );
    let sweep = json!({"split": {"asset": "USD",
        "payers": [{"account": "bank-a:till", "all_available": true},
            {"account": "bank-a:fees", "up_to": "1.00"}],
        "payees": [{"account": "bank-a:usd", "remainder": true}],
        "conditions": [{"balance_at_least": {"account": "bank-a:till", "amount": "3.33"}}]}});
    good(path, &submit(&sweep, BANK));
    let told = ends(path, 1, &submit(&sweep, BANK));
    assert!(told.contains("PRECONDITION_FAILED"), "{told}");
    let fees = as_json(path, &format!("accounts bank-a:fees {BANK}"));
    assert_eq!(fees["posted"], "2.33");
    let told = good(path, "explain PRECONDITION_FAILED");
    assert!(told.contains("condition"), "{told}");
}

/// Grants, debits, and looks at what is used; gives the mandate's id.
fn lets_another_debit(path: &Path) -> String {
    let grant = json!({"grant_mandate": {"account": "bank-a:usd", "to": "bank-b",
        "total_max": "9.00", "per_transfer_max": "5.00", "period": "month", "period_max": "8.00"}});
    good(path, &submit(&grant, BANK));
    let mandates = as_json(path, &format!("mandates {OTHER}"));
    let mandate = mandates[0]["id"].as_str().unwrap().to_owned();
    let debit = |amount: &str| json!({"transfer": {"legs": [leg("bank-a:usd", "bank-b:usd", amount)], "mandate": mandate}});
    let plain = json!({"transfer": {"legs": [leg("bank-a:usd", "bank-b:usd", "1.00")]}});
    let told = ends(path, 1, &submit(&plain, OTHER));
    assert!(told.contains("NOT_OWNER"), "{told}");
    good(path, &submit(&debit("4.50"), OTHER));
    let told = ends(path, 1, &submit(&debit("4.51"), OTHER));
    assert!(told.contains("MANDATE_EXCEEDED"), "{told}");
    let view = as_json(path, &format!("mandates {mandate} {BANK}"));
    let used = [
        &view["used"],
        &view["used_in_last_period"],
        &view["period"],
        &view["owner"],
    ];
    assert_eq!(used, ["4.50", "4.50", "month", "bank-a"], "{view}");
    let table = good(path, &format!("mandates {BANK}"));
    assert!(table.contains("4.50") && table.contains("month"), "{table}");
    // The debited owner never signed it, and reads under which mandate it was.
    let history = as_json(path, &format!("accounts bank-a:usd --history {BANK}"));
    assert_eq!(
        [&history[0]["kind"], &history[0]["mandate"]],
        ["mandated", mandate.as_str()],
        "{history}"
    );
    mandate
}

fn rules(path: &Path) {
    let stop = json!({"set_posting": {"debit": "settlement", "credit": "suspense",
        "allowed": false}});
    govern(path, std::slice::from_ref(&stop));
    let postings = as_json(path, &format!("postings {BANK}"));
    let stopped: Vec<&Value> = postings
        .as_array()
        .unwrap()
        .iter()
        .filter(|pair| pair["allowed"] == false)
        .collect();
    assert_eq!(stopped.len(), 1, "{postings}");
    assert_eq!(
        [&stopped[0]["debit"], &stopped[0]["credit"]],
        ["settlement", "suspense"]
    );
}
