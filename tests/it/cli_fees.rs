//! Fees with the real binary: a schedule, what a payment would cost and what it did, in every place where
//! somebody looks; and everything that reads a log afterwards.

use std::path::Path;

use serde_json::{Value, json};

use crate::cli::run;
use crate::cli_node::{BANK, Node, ends, good, json_of, set_up};

fn submit(wishes: &[Value], id: &str, signer: &str) -> String {
    let wishes: Vec<String> = wishes
        .iter()
        .map(|wish| format!("--instruction {wish}"))
        .collect();
    let id = match id {
        "" => String::new(),
        id => format!("--message-id {id}"),
    };
    format!("submit {} {id} --dir out {signer}", wishes.join(" "))
}

fn as_json(path: &Path, command: &str) -> Value {
    json_of(path, &command.split_whitespace().collect::<Vec<_>>())
}

fn fees(rules: &Value) -> Value {
    json!({"set_fees": {"asset": "USD", "account": "operators:fees",
        "tax": {"account": "operators:vat", "bps": 2000}, "rules": rules}})
}

fn pay(amount: &str) -> Value {
    json!({"transfer": {"legs": [{"debit": "bank-a:usd", "credit": "bank-b:usd", "asset": "USD",
        "amount": amount}], "remittance": "for-the-bank-alone"}})
}

fn found(path: &Path) {
    set_up(path);
    good(
        path,
        "keys generate bank-b/one --out bank-b.pem --passphrase-file secret",
    );
    let vkey = std::fs::read_to_string(path.join("bank-b.vkey")).unwrap();
    let account = |address: &str, owner: &str, kind: &str| json!({"open_account": {"address": address, "owner": owner, "kind": kind, "asset": "USD"}});
    let founded = [
        json!({"add_participant": {"participant": "bank-b", "role": "bank", "threshold": 1,
            "keys": [vkey.trim_end()]}}),
        account("bank-b:usd", "bank-b", "settlement"),
        account("operators:fees", "operators", "fee"),
        account("operators:vat", "operators", "fee"),
    ];
    good(path, &submit(&founded, "", ""));
}

#[test]
fn what_a_payment_costs_is_told_before_and_after() {
    let node = Node::start();
    let path = node.path();
    found(path);
    let before = as_json(path, &format!("accounts bank-a:usd {BANK}"));
    assert_eq!(as_json(path, &format!("fees {BANK}")), json!([]));
    let unsound = fees(&json!([{"basis": {"bps": 25}}]));
    let told = ends(path, 1, &submit(&[unsound], "", ""));
    assert!(told.contains("FEES_INVALID"), "{told}");
    let rules = json!([
        {"debit_kind": "customer", "basis": "none"},
        {"credit_owner": "bank-b", "basis": {"tiered": [{"up_to": "1", "flat": "0.5"},
            {"bps": 25}]}, "max": "9.99", "payer": "debtor"},
    ]);
    good(path, &submit(&[fees(&rules)], "", ""));

    // Before: everybody reads the schedule, and a dry run says what a payment would cost.
    let shown = as_json(path, &format!("fees {BANK}"));
    let rule = &shown[0]["rules"][1];
    assert_eq!(
        [
            &shown[0]["asset"],
            &shown[0]["account"],
            &rule["charge_bearer"]
        ],
        ["USD", "operators:fees", "DEBT"]
    );
    assert_eq!(
        rule["tiers"],
        json!([{"up_to": "1.00", "flat": "0.50", "bps": 0},
        {"up_to": null, "flat": "0.00", "bps": 25}])
    );
    let told = good(path, &format!("fees --asset USD {BANK}"));
    assert!(
        told.contains("0.50 up to 1.00") && told.contains("20.00 %"),
        "{told}"
    );
    let expected = json!([
        {"instruction": 0, "leg": 0, "kind": "fee", "account": "bank-a:usd", "asset": "USD",
            "amount": "0.03"},
        {"instruction": 0, "leg": 0, "kind": "fee_tax", "account": "bank-a:usd", "asset": "USD",
            "amount": "0.01"},
    ]);
    let trial = as_json(
        path,
        &format!("{} --dry-run", submit(&[pay("10.00")], "", BANK)),
    );
    assert_eq!(trial["fees"], expected, "{trial}");

    told_after(path, &expected);
    let there = before["available"].as_str().unwrap();
    let less: f64 = there.parse::<f64>().unwrap() - 10.04;
    let told = ends(path, 1, &submit(&[pay(&format!("{less:.2}"))], "f-2", BANK));
    assert!(told.contains("FEE_NOT_COVERED"), "{told}");
    let told = good(path, "explain FEE_NOT_COVERED");
    assert!(told.contains("AM04"), "{told}");
    everything_that_reads_a_log(node);
}

/// In the answer, in the history and the statements of both, and in the receipt.
fn told_after(path: &Path, expected: &Value) {
    let answer = as_json(path, &submit(&[pay("10.00")], "f-1", BANK));
    assert_eq!(&answer["fees"], expected, "{answer}");
    good(
        path,
        "receipt verify out/f-1.receipt.json --log-vkey data/log.vkey",
    );
    let history = as_json(path, &format!("accounts bank-a:usd --history {BANK}"));
    let line = |n: usize| {
        let line = &history[n];
        [&line["kind"], &line["amount"], &line["counterparty"]]
            .map(|v| v.as_str().unwrap().to_owned())
    };
    assert_eq!(line(0), ["fee_tax", "0.01", "operators:vat"]);
    assert_eq!(line(1), ["fee", "0.03", "operators:fees"]);
    assert_eq!(line(2), ["transfer", "10.00", "bank-b:usd"]);
    let csv = good(path, &format!("statement bank-a:usd --csv {BANK}"));
    assert!(
        csv.contains(",fee,debit,0.03,") && csv.contains(",fee_tax,debit,0.01,"),
        "{csv}"
    );
    // Whoever receives the fee does not read what the payment was for.
    let earned = as_json(path, "accounts operators:fees --history");
    assert_eq!(
        [&earned[0]["amount"], &earned[0]["direction"]],
        ["0.03", "credit"]
    );
    assert_eq!(earned[0]["remittance"], Value::Null, "{earned}");
    assert_eq!(history[2]["remittance"], "for-the-bank-alone");
}

/// Restart, export, audit, and rebuild from a backup; the next version of the schedule goes on counting.
fn everything_that_reads_a_log(node: Node) {
    let (code, folder) = node.stop();
    assert_eq!(code, Some(0));
    let node = Node::start_in(folder);
    let path = node.path();
    let auditor = "--key auditor.pem --passphrase-file secret";
    let trust = "--log-vkey data/log.vkey";
    good(path, &format!("export copy {auditor}"));
    good(path, &format!("audit copy {trust}"));
    json_of(path, &["backup", "saved"]);
    let (code, folder) = node.stop();
    assert_eq!(code, Some(0));
    let (code, out, err) = run(folder.path(), &["rebuild", "--from", "saved"]);
    assert_eq!(code, 0, "{out}{err}");
    let node = Node::start_in(folder);
    let path = node.path();
    let ended = json!({"set_fees": {"asset": "USD", "rules": []}});
    good(path, &submit(&[ended], "", ""));
    assert_eq!(as_json(path, &format!("fees {BANK}")), json!([]));
    let versions = as_json(path, &format!("fees --asset USD {BANK}"));
    let numbers = [&versions[0]["version"], &versions[1]["version"]];
    assert_eq!(numbers, [&json!(2), &json!(1)], "{versions}");
    assert_eq!(versions[1]["until"], versions[0]["from"]);
    let trial = as_json(
        path,
        &format!("{} --dry-run", submit(&[pay("10.00")], "", BANK)),
    );
    assert_eq!(trial["fees"], Value::Null, "{trial}");
}
