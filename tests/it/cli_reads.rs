//! The past from the command line: balances of then, statements over many pages, look-ups.

use std::path::Path;

use serde_json::{Value, json};

use crate::cli_node::{BANK, Node, ends, good, json_of, pay, set_up};

/// More than stand on one page.
const LEGS: usize = 250;

fn bank(folder: &Path, command: &str) -> Value {
    let line = format!("{command} {BANK}");
    json_of(folder, &line.split(' ').collect::<Vec<_>>())
}

/// Entry 1 brings 100.00, entry 2 pays 12.50 with a reference, entry 3 pays 250 times 0.01.
fn settled() -> Node {
    let node = Node::start();
    let folder = node.path();
    set_up(folder);
    let leg = |amount: &str| json!({"debit": "bank-a:usd", "credit": "bank-a:reserve", "asset": "USD", "amount": amount});
    let many = vec![leg("0.01"); LEGS];
    for (id, wish) in [
        (
            "pay-1",
            json!({"legs": [leg("12.50")], "end_to_end_id": "INV-88"}),
        ),
        ("pay-2", json!({"legs": many})),
    ] {
        let wish = json!({"transfer": wish});
        good(
            folder,
            &format!("submit --message-id {id} --instruction {wish} {BANK}"),
        );
    }
    node
}

#[test]
fn balances_are_those_of_then() {
    let node = settled();
    let folder = node.path();
    for (index, posted) in [(1, "100.00"), (2, "87.50"), (3, "85.00")] {
        let one = bank(folder, &format!("accounts bank-a:usd --as-of {index}"));
        assert_eq!(
            (&one["posted"], &one["at_index"]),
            (&json!(posted), &json!(index))
        );
        let all = bank(folder, &format!("accounts --as-of {index}"));
        assert_eq!(
            (&all[0]["posted"], all.as_array().unwrap().len()),
            (&json!(posted), 2)
        );
        assert_eq!(all[1]["at_index"], index);
    }
    let history = bank(folder, "accounts bank-a:usd --history --limit 300");
    let time = history.as_array().unwrap().last().unwrap()["time"].clone();
    let then = format!("accounts bank-a:usd --as-of {}", time.as_str().unwrap());
    assert_eq!(bank(folder, &then)["posted"], "100.00");
    let told = ends(folder, 1, &format!("accounts --as-of 4 {BANK}"));
    assert!(told.contains("INDEX_BEYOND_LOG"), "{told}");
    let told = ends(folder, 2, &format!("accounts --as-of yesterday {BANK}"));
    assert!(told.contains("2026-01-31T23:59:59Z"), "{told}");
}

#[test]
fn a_statement_is_whole_in_every_form() {
    let node = settled();
    let folder = node.path();
    let whole = bank(folder, "statement bank-a:usd");
    let rows = whole["items"].as_array().unwrap();
    assert_eq!(rows.len(), LEGS + 2);
    assert_eq!(
        (&whole["opening_balance"], &whole["closing_balance"]),
        (&json!("0.00"), &json!("85.00"))
    );
    assert_eq!(
        (&rows[LEGS + 1]["balance"], &whole["next"]),
        (&json!("85.00"), &Value::Null)
    );
    let (_, csv, _) = crate::cli::line(folder, &format!("statement bank-a:usd --csv {BANK}"));
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let lines: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(lines.len(), LEGS + 4);
    assert_eq!(
        (&lines[0][0], &lines[LEGS + 3][0], &lines[LEGS + 3][9]),
        ("opening", "closing", "85.00")
    );
    assert!(lines[1..LEGS + 3].iter().all(|line| &line[0] == "item"));
    let february = good(
        folder,
        &format!("statement bank-a:usd --from 2 --to 3 {BANK}"),
    );
    assert!(
        february.contains("-12.50") && !february.contains("+100.00"),
        "{february}"
    );
    let words = "opening 100.00 USD, received 0.00, paid 12.50, closing 87.50";
    assert!(
        february.contains(words) && !february.contains("interim"),
        "{february}"
    );
    let time = rows[1]["time"].as_str().unwrap();
    let until = bank(folder, &format!("statement bank-a:usd --to {time}"));
    assert_eq!(until["closing_balance"], "100.00");
    let told = ends(folder, 1, &format!("statement operators:usd {BANK}"));
    assert!(told.contains("ACCOUNT_NOT_FOUND"), "{told}");
}

#[test]
fn what_was_sent_is_found_again() {
    let node = settled();
    let folder = node.path();
    let answer = bank(folder, "find --message-id pay-1");
    assert_eq!(
        (&answer["index"], &answer["outcomes"][0]["code"]),
        (&json!(2), &json!("SETTLED"))
    );
    assert!(answer["receipt"].is_object());
    let id = answer["outcomes"][0]["id"].as_str().unwrap();
    let found = bank(folder, &format!("find --instruction {id}"));
    assert_eq!(
        (&found["index"], &found["legs"][0]["amount"]),
        (&json!(2), &json!("12.50"))
    );
    let lines = bank(folder, "find --end-to-end-id INV-88");
    let accounts: Vec<_> = lines
        .as_array()
        .unwrap()
        .iter()
        .map(|line| &line["account"])
        .collect();
    assert_eq!(accounts, ["bank-a:usd", "bank-a:reserve"]);
    assert_eq!(lines[0]["id"], *id);
    let one = bank(folder, "find --end-to-end-id INV-88 --account bank-a:usd");
    assert_eq!(one.as_array().unwrap().len(), 1);
    for (what, code) in [
        ("--message-id pay-9", "SUBMISSION_NOT_FOUND"),
        (
            "--instruction 019ab0c2-7d1e-7c3a-9d55-0242ac120002",
            "INSTRUCTION_NOT_FOUND",
        ),
        ("--end-to-end-id INV-8", "no transfer"),
    ] {
        let told = ends(folder, 1, &format!("find {what} {BANK}"));
        assert!(told.contains(code), "{what}: {told}");
    }
    ends(folder, 2, &format!("find {BANK}"));
    ends(
        folder,
        2,
        &format!("find --message-id pay-1 --end-to-end-id INV-88 {BANK}"),
    );
    // What is refused is found, too, and says why.
    ends(folder, 1, &pay("1000.00", "--message-id pay-3"));
    let told = good(folder, &format!("find --message-id pay-3 {BANK}"));
    assert!(
        told.contains("INSUFFICIENT_FUNDS") && told.contains("receipt get 4"),
        "{told}"
    );
}
