//! Returns, recalls and reversals with the real binary, by index and by receipt; and everything that
//! reads a log afterwards.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::cli::run;
use crate::cli_node::{BANK, Node, ends, good, json_of, pay, set_up, waits};
use crate::cli_readers::{everything_that_reads_a_log, export_and_audit};

const PATIENCE: Duration = Duration::from_secs(60);

fn as_json(path: &Path, command: &str) -> Value {
    let command = format!("{command} {BANK}");
    json_of(path, &command.split(' ').collect::<Vec<_>>())
}

/// The entry that a message became, as it was told.
fn index(told: &str) -> u64 {
    let mut words = told.split("entry ").skip(1);
    let found = words.find_map(|word| word.split(' ').next()?.parse().ok());
    found.unwrap_or_else(|| panic!("no entry: {told}"))
}

fn paid(path: &Path, amount: &str, id: &str) -> u64 {
    index(&good(path, &pay(amount, &format!("--message-id {id}"))))
}

#[test]
fn payments_are_returned_recalled_and_reversed() {
    let node = Node::start();
    let path = node.path();
    set_up(path);
    let back = |what: &str, more: &str| format!("return {what} {more} --dir out {BANK}");
    let first = paid(path, "40.00", "p-1");

    // By index, asked first, in parts, and not twice.
    let told = good(path, &back(&first.to_string(), "--reason AC04 --dry-run"));
    assert!(
        told.contains("SETTLED") && told.contains("nothing was logged"),
        "{told}"
    );
    let told = good(
        path,
        &back(&first.to_string(), "--amount 15.5 --reason AC04"),
    );
    assert!(told.contains("SETTLED"), "{told}");
    let told = ends(
        path,
        1,
        &back(&first.to_string(), "--amount 24.51 --reason AC04"),
    );
    assert!(told.contains("RETURN_EXCEEDS_ORIGINAL"), "{told}");
    // By its receipt, whose own proof is as old as the payment.
    good(path, &back("out/p-1.receipt.json", "--reason MS03"));
    let told = ends(path, 1, &back("out/p-1.receipt.json", "--reason MS03"));
    assert!(told.contains("ALREADY_RETURNED"), "{told}");
    assert_eq!(as_json(path, "accounts bank-a:usd")["posted"], "100.00");
    ends(path, 2, &back("out/p-1.receipt.json", "--reason ZZZZ"));
    ends(path, 2, &back("out/nowhere.receipt.json", "--reason MS03"));

    let second = printed(path);
    let third = asked_back(path);
    named(path, third);
    reversed(path, second);
    ended(node);
}

/// The instruction alone, from the receipt, without a node; the receipt was never refreshed.
fn printed(path: &Path) -> u64 {
    let second = paid(path, "10.00", "p-2");
    let told = good(
        path,
        "return out/p-2.receipt.json --reason CUST --print --url http://127.0.0.1:1",
    );
    let instruction: Value = serde_json::from_str(told.trim()).unwrap();
    assert_eq!(instruction["return"]["original"]["n"], 1, "{told}");
    good(
        path,
        &format!("submit --instruction {instruction} --message-id r-2 --dir out {BANK}"),
    );
    second
}

/// A recall, its refusal, another one, and the return that answers it.
fn asked_back(path: &Path) -> u64 {
    let back = |what: &str, more: &str| format!("return {what} {more} --dir out {BANK}");
    let third = paid(path, "7.00", "p-3");
    let told = waits(
        path,
        &format!("recall {third} --reason DUPL --dir out {BANK}"),
    );
    assert!(told.contains("RECALLED"), "{told}");
    let recalls = as_json(path, "recalls --account bank-a:usd");
    assert_eq!(recalls[0]["original"]["index"], third, "{recalls}");
    assert_eq!(recalls[0]["amount"], "7.00");
    let told = good(path, &format!("recalls {BANK}"));
    assert!(
        told.contains("DUPL") && told.contains("bank-a:reserve"),
        "{told}"
    );
    let refuse = |more: &str| {
        let recall = recalls[0]["id"].as_str().unwrap();
        format!("refuse-recall {recall} {more} --dir out {BANK}")
    };
    ends(path, 2, &refuse("--reason DUPL"));
    good(path, &refuse("--reason CUST --dry-run"));
    assert_ne!(as_json(path, "recalls"), json!([]));
    let told = good(path, &refuse("--reason CUST"));
    assert!(told.contains("APPLIED"), "{told}");
    let told = ends(path, 1, &refuse("--reason CUST"));
    assert!(told.contains("RECALL_UNKNOWN"), "{told}");
    assert_eq!(as_json(path, "recalls"), json!([]));
    waits(
        path,
        &format!("recall {third} --reason CUST --dir out {BANK}"),
    );
    good(
        path,
        &back(&third.to_string(), "--amount 3.00 --reason FOCR"),
    );
    assert_eq!(as_json(path, "recalls"), json!([]));
    let returns = as_json(path, &format!("returns {third}"));
    let one = &returns[0];
    assert_eq!([&one["index"], &one["item"]], [&json!(third), &json!(1)]);
    assert_eq!(
        [&one["amount"], &one["returned"], &one["left"]],
        ["7.00", "3.00", "4.00"]
    );
    let all = as_json(path, "returns --account bank-a:usd");
    assert!(all.as_array().unwrap().len() > 1 && all.as_array().unwrap().contains(one));
    assert_eq!(as_json(path, "returns 999999"), json!([]));
    let told = ends(path, 2, &back("999999", "--reason MS03"));
    assert!(told.contains("ITEM_NOT_FOUND"), "{told}");
    let told = good(path, "explain ITEM_NOT_FOUND");
    assert!(
        told.contains("the log may not have so many entries"),
        "{told}"
    );
    let told = good(path, &format!("returns {BANK}"));
    assert!(told.contains("bank-a:reserve"), "{told}");
    third
}

/// In history and statement each names the payment.
fn named(path: &Path, payment: u64) {
    let history = as_json(path, "accounts bank-a:usd --history");
    let kinds: Vec<&str> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["kind"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds[..4],
        ["return", "recall", "recall", "recall"],
        "{history}"
    );
    assert_eq!(history[0]["original"]["index"], payment);
    assert_eq!(history[0]["original"]["reason"], "FOCR");
    assert_eq!(history[2]["outcome"], "RECALL_REFUSED");
    let statement = as_json(path, "statement bank-a:usd");
    assert_eq!(statement["closing_balance"], "96.00", "{statement}");
}

/// The operators of a sandbox have one key, which is enough: they never had another.
fn reversed(path: &Path, payment: u64) {
    let issue = json!({"issue": {"account": "bank-a:usd", "amount": "30.00"}});
    let issued = index(&good(
        path,
        &format!("submit --instruction {issue} --dir out"),
    ));
    let original = |index: u64| {
        let command = format!("return {index} --reason MS03 --print {BANK}");
        let (_, told, _) = run(path, &command.split(' ').collect::<Vec<_>>());
        let instruction: Value = serde_json::from_str(told.trim()).unwrap();
        instruction["return"]["original"].clone()
    };
    let reverse = |index, amount: &str| {
        let fields = json!({"original": original(index), "amount": amount, "reason": "MS03"});
        format!(
            "submit --instruction {} --dir out",
            json!({ "reverse": fields })
        )
    };
    let told = ends(path, 1, &reverse(payment, "1.00"));
    assert!(told.contains("ORIGINAL_NOT_RETURNABLE"), "{told}");
    let told = good(path, &reverse(issued, "30.00"));
    assert!(told.contains("SETTLED"), "{told}");
    assert_eq!(as_json(path, "accounts bank-a:usd")["posted"], "96.00");
    // It was not the bank that gave it back.
    let returns = as_json(path, &format!("returns {issued}"));
    assert_eq!(returns[0]["by"], "operators", "{returns}");
}

/// A recall that nobody answers ends while nobody submits anything, and over a restart; then audit,
/// backup and rebuild.
fn ended(node: Node) {
    let path = node.path();
    let short = json!({"set_parameter": {"name": "recall_s", "value": 1}});
    good(path, &format!("submit --instruction {short} --dir out"));
    let fourth = paid(path, "5.00", "p-4");
    waits(
        path,
        &format!("recall {fourth} --reason TECH --dir out {BANK}"),
    );
    until_none(path);
    let fifth = paid(path, "6.00", "p-5");
    waits(
        path,
        &format!("recall {fifth} --reason TECH --dir out {BANK}"),
    );
    let (code, folder) = node.stop();
    assert_eq!(code, Some(0));
    std::thread::sleep(Duration::from_millis(1_100));
    let node = Node::start_in(folder);
    let path = node.path();
    until_none(path);
    let history = as_json(path, "accounts bank-a:usd --history");
    assert_eq!(history[0]["outcome"], "RECALL_ENDED", "{history}");
    // The restarted node remembers what a proof leads to.
    good(
        path,
        &format!("return out/p-4.receipt.json --reason TECH --dir out {BANK}"),
    );
    let node = everything_that_reads_a_log(node);
    let path = node.path();
    good(
        path,
        &format!("return {fifth} --reason TECH --dir out {BANK}"),
    );
    assert_eq!(as_json(path, "accounts bank-a:usd")["posted"], "96.00");
    export_and_audit(path);
}

/// Looks until no recall is open.
fn until_none(path: &Path) {
    let end = Instant::now() + PATIENCE;
    while as_json(path, "recalls") != json!([]) {
        assert!(Instant::now() < end, "the recall does not end");
        std::thread::sleep(Duration::from_millis(50));
    }
}
