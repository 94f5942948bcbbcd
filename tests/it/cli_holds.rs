//! Holds with the real binary: reserved, captured in parts, voided, expired without traffic; and
//! everything that reads a log afterwards.

use std::path::Path;
use std::time::{Duration, Instant};

use quittance::ledger::Time;
use serde_json::{Value, json};

use crate::cli::run;
use crate::cli_node::{BANK, Node, ends, good, json_of, set_up};
use crate::cli_readers::{TRUST, everything_that_reads_a_log, export_and_audit};

/// Longer than the longest hold that ends by itself.
const PATIENCE: Duration = Duration::from_secs(120);

fn submit(wish: &Value, id: &str) -> String {
    format!("submit --instruction {wish} --message-id {id} --dir out {BANK}")
}

fn reserve(amount: &str, expires_at: Option<String>, multi: bool) -> Value {
    let leg = json!({"debit": "bank-a:usd", "credit": "bank-a:reserve", "asset": "USD",
        "amount": amount});
    let mut reserve = json!({"legs": [leg], "end_to_end_id": "ROOM-12"});
    if let Some(at) = expires_at {
        reserve["expires_at"] = at.into();
    }
    if multi {
        reserve["multi"] = true.into();
    }
    json!({ "reserve": reserve })
}

/// The hold that a message made, if the log took it.
fn asked(path: &Path, wish: &Value, id: &str) -> Option<String> {
    let args = [
        "submit",
        "--message-id",
        id,
        "--dir",
        "out",
        "--key",
        "bank-a.pem",
        "--passphrase-file",
        "secret",
        "--log-vkey",
        "data/log.vkey",
        "--output",
        "json",
        "--instruction",
    ];
    let (_, out, err) = run(path, &[&args[..], &[&wish.to_string()]].concat());
    let answer: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    let outcome = &answer["outcomes"][0];
    match outcome["code"].as_str() {
        Some("RESERVED") => Some(outcome["id"].as_str().unwrap().to_owned()),
        Some("EXPIRY_INVALID") => None,
        _ => panic!("{answer}"),
    }
}

/// The hold that a message made.
fn made(path: &Path, wish: &Value, id: &str) -> String {
    asked(path, wish, id).expect("a hold without an end is made")
}

/// A hold that ends soon: as soon as this machine lets one be made before it ends.
fn ending(path: &Path, amount: &str, id: &str) -> String {
    let times = [1_000, 4_000, 16_000, 64_000].into_iter();
    let mut holds = times.filter_map(|ms| {
        let wish = reserve(amount, Some(in_ms(ms)), false);
        asked(path, &wish, &format!("{id}-{ms}"))
    });
    holds.next().expect("a minute is enough for one command")
}

fn as_json(path: &Path, command: &str) -> Value {
    let command = format!("{command} {BANK}");
    json_of(path, &command.split(' ').collect::<Vec<_>>())
}

/// Looks until a hold is in a state.
fn becomes(path: &Path, hold: &str, state: &str) -> Value {
    let end = Instant::now() + PATIENCE;
    loop {
        let view = as_json(path, &format!("holds {hold}"));
        if view["state"] == state {
            return view;
        }
        assert!(Instant::now() < end, "{view}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn in_ms(after: u64) -> String {
    let now = std::time::SystemTime::now();
    let now = now.duration_since(std::time::UNIX_EPOCH).unwrap();
    let at = u64::try_from(now.as_nanos()).unwrap() + after * 1_000_000;
    Time::from_nanos(at).to_string()
}

#[test]
fn holds_are_captured_voided_and_expire_by_themselves() {
    let node = Node::start();
    let path = node.path();
    set_up(path);
    let (first, second) = (
        made(path, &reserve("40.00", None, true), "r-1"),
        made(path, &reserve("30.00", None, false), "r-2"),
    );
    let account = as_json(path, "accounts bank-a:usd");
    assert_eq!(
        [
            &account["posted"],
            &account["pending_debits"],
            &account["available"]
        ],
        ["100.00", "70.00", "30.00"]
    );
    let holds = as_json(path, "holds --account bank-a:usd");
    let ids: Vec<&str> = holds
        .as_array()
        .unwrap()
        .iter()
        .map(|h| h["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, [first.as_str(), second.as_str()]);
    ends(path, 1, &format!("holds --account bank-b:usd {BANK}"));

    let capture = |hold: &str, amount: &str| json!({"capture": {"hold": hold, "amount": amount}});
    let told = good(path, &submit(&capture(&first, "15.00"), "c-1"));
    assert!(told.contains("SETTLED"), "{told}");
    let told = ends(path, 1, &submit(&capture(&first, "25.01"), "c-2"));
    assert!(told.contains("CAPTURE_EXCEEDS_RESERVED"), "{told}");
    good(
        path,
        &format!("receipt verify out/c-1.receipt.json {TRUST}"),
    );

    // Nobody submits anything: the node itself sees that the time has come.
    good(path, &submit(&json!({"void": {"hold": second}}), "v-0"));
    let third = ending(path, "30.00", "r-3");
    let view = becomes(path, &third, "expired");
    assert_eq!(view["legs"][0]["remaining"], "0.00");
    let told = ends(path, 1, &submit(&capture(&third, "1.00"), "c-3"));
    let ended = &view["ended_index"];
    assert!(
        told.contains("HOLD_EXPIRED") && told.contains(&format!("(entry {ended})")),
        "{told}"
    );
    good(path, &submit(&json!({"void": {"hold": first}}), "v-1"));
    let ended = as_json(path, &format!("holds {first}"))["ended_index"].clone();
    let told = ends(path, 1, &submit(&json!({"void": {"hold": first}}), "v-2"));
    assert!(
        told.contains("HOLD_ALREADY_VOIDED") && told.contains(&format!("(entry {ended})")),
        "{told}"
    );
    // The interface says it too.
    let again = submit(&json!({"void": {"hold": first}}), "v-3") + " --output json";
    let (code, out, err) = run(path, &again.split(' ').collect::<Vec<_>>());
    let answer: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    assert_eq!((code, &answer["outcomes"][0]["detail"]), (1, &ended));

    // History and statement: what is booked, and what only was pending.
    let told = good(path, &format!("accounts bank-a:usd --history {BANK}"));
    for word in ["reserve", "capture", "void", "expire"] {
        assert!(told.contains(word), "{word}: {told}");
    }
    let history = as_json(path, "accounts bank-a:usd --history");
    assert_eq!(history[6]["end_to_end_id"], "ROOM-12", "{history}");
    assert_eq!(
        history[0]["hold"], history[6]["id"],
        "a void names its hold"
    );
    let statement = as_json(path, "statement bank-a:usd");
    assert_eq!(statement["closing_balance"], "85.00", "{statement}");
    assert_eq!(statement["total_debits"], "15.00");
    booked(path, &statement);
    proven_and_read(node, &first);
}

/// The balance proof over all of it, a restart, and everything that reads a log.
fn proven_and_read(node: Node, hold: &str) {
    let path = node.path();
    let wish = json!({"set_parameter": {"name": "seal_interval_s", "value": 1}});
    good(path, &format!("submit --instruction {wish} --dir out"));
    std::thread::sleep(Duration::from_millis(1_100));
    let third = made(path, &reserve("5.00", None, false), "r-4");
    let end = Instant::now() + PATIENCE;
    while run(
        path,
        &format!("balance get bank-a:usd --out at.json {BANK}")
            .split(' ')
            .collect::<Vec<_>>(),
    )
    .0 != 0
    {
        assert!(Instant::now() < end, "no seal");
        std::thread::sleep(Duration::from_millis(100));
    }
    good(
        path,
        &format!("statement prove bank-a:usd --out whole.json {BANK}"),
    );
    let told = good(path, &format!("statement verify whole.json {TRUST}"));
    assert!(told.contains("nothing is missing"), "{told}");
    let fourth = ending(path, "6.00", "r-5");
    let (code, folder) = node.stop();
    assert_eq!(code, Some(0));
    // Where a machine is quick enough it expires while nobody is there; the start says so.
    std::thread::sleep(Duration::from_millis(1_100));
    let node = Node::start_in(folder);
    let path = node.path();
    becomes(path, &fourth, "expired");
    becomes(path, &third, "open");
    becomes(path, hold, "voided");
    let node = everything_that_reads_a_log(node);
    let path = node.path();
    good(path, &submit(&json!({"capture": {"hold": third}}), "c-4"));
    assert_eq!(as_json(path, "accounts bank-a:usd")["available"], "80.00");
    export_and_audit(path);
}

/// Of all lines of a statement only those that are booked add up to what the balance changed by.
fn booked(path: &Path, statement: &Value) {
    let cents = |text: &str| text.replace('.', "").parse::<i64>().unwrap();
    let balance = |name: &str| cents(statement[name].as_str().unwrap());
    let change = balance("closing_balance") - balance("opening_balance");
    let command = format!("statement bank-a:usd --csv {BANK}");
    let (code, csv, err) = run(path, &command.split(' ').collect::<Vec<_>>());
    assert_eq!(code, 0, "{err}");
    let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    let column = |name: &str| lines[0].iter().position(|column| *column == name).unwrap();
    let (outcome, booked) = (column("outcome"), column("booked_amount"));
    let items: Vec<_> = lines.iter().filter(|line| line[0] == "item").collect();
    let sum: i64 = items.iter().map(|line| cents(line[booked])).sum();
    assert_eq!(sum, change, "{csv}");
    let nothing = items.iter().filter(|line| line[booked] == "0.00");
    let outcomes: Vec<&str> = nothing.map(|line| line[outcome]).collect();
    assert!(
        outcomes.contains(&"RESERVED") && outcomes.contains(&"EXPIRED"),
        "{csv}"
    );
    assert!(!outcomes.contains(&"SETTLED"), "{csv}");
    let rows = statement["items"].as_array().unwrap();
    for (row, line) in rows.iter().zip(&items) {
        assert_eq!(row["booked"], line[booked] != "0.00", "{row}");
        assert_eq!(row["outcome"], line[outcome], "{row}");
    }
}
