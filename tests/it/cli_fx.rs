//! Foreign exchange with the real binary: rates, conversions, firm quotes that are used and that
//! expire without traffic; and everything that reads a log afterwards.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::cli_node::{BANK, Node, ends, good, json_of, set_up};
use crate::cli_readers::{everything_that_reads_a_log, restarted};
use crate::kit::soon;

const PATIENCE: Duration = Duration::from_secs(60);
const DEALER: &str = "--key bank-b.pem --passphrase-file secret --log-vkey data/log.vkey";

fn submit(wishes: &[Value], id: &str, signer: &str) -> String {
    let wishes: Vec<String> = wishes
        .iter()
        .map(|wish| format!("--instruction {wish}"))
        .collect();
    let id = if id.is_empty() {
        String::new()
    } else {
        format!("--message-id {id}")
    };
    format!("submit {} {id} --dir out {signer}", wishes.join(" "))
}

fn as_json(path: &Path, command: &str) -> Value {
    json_of(path, &command.split_whitespace().collect::<Vec<_>>())
}

fn convert(fixed: &str, amount: &str, limit: &str, at: &Value) -> Value {
    json!({"convert": {"debit": "bank-a:usd", "credit": "bank-a:jpy", "fixed": fixed,
        "amount": amount, "limit": limit, "at": at, "end_to_end_id": "FX-1"}})
}

fn desk() -> Value {
    json!({"rate": {"provider": "bank-b", "source": "desk"}})
}

/// Bank-b deals dollars and yen.
fn found(path: &Path) {
    set_up(path);
    good(
        path,
        "keys generate bank-b/one --out bank-b.pem --passphrase-file secret",
    );
    let vkey = std::fs::read_to_string(path.join("bank-b.vkey")).unwrap();
    let account = |address: &str, owner: &str, asset: &str| {
        json!({"open_account": {"address": address, "owner": owner, "kind": "settlement",
            "asset": asset}})
    };
    let founded = [
        json!({"add_participant": {"participant": "bank-b", "role": "bank", "threshold": 1,
            "keys": [vkey.trim_end()]}}),
        json!({"add_asset": {"asset": "JPY", "module": "fiat"}}),
        account("bank-a:jpy", "bank-a", "JPY"),
        account("bank-b:jpy", "bank-b", "JPY"),
        account("bank-b:usd", "bank-b", "USD"),
        json!({"issue": {"account": "bank-b:jpy", "amount": "10000"}}),
        json!({"set_provider": {"participant": "bank-b", "active": true}}),
    ];
    good(path, &submit(&founded, "", ""));
    let rate = json!({"set_rate": {"base": "USD", "quote": "JPY", "source": "desk",
        "bid": "15025/100", "ask": "15075/100", "valid_to": soon(),
        "execute": {"base": "bank-b:usd", "quote": "bank-b:jpy", "max": "50.00"}}});
    good(path, &submit(&[rate], "", DEALER));
}

fn quote(target: &str, until: &str) -> Value {
    json!({"quote": {"for": "bank-a", "receive": "bank-b:usd", "source_amount": "10.00",
        "debit": "bank-b:jpy", "credit": "bank-a:jpy", "target_amount": target,
        "expires_at": until}})
}

/// Looks until a quote is in a state.
fn becomes(path: &Path, state: &str) -> Value {
    let end = Instant::now() + PATIENCE;
    loop {
        let quotes = as_json(path, &format!("quotes --all {BANK}"));
        let newest = quotes.as_array().unwrap().last().unwrap().clone();
        if newest["state"] == state {
            return newest;
        }
        assert!(Instant::now() < end, "{quotes}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_bank_converts_at_rates_and_at_quotes() {
    let node = Node::start();
    let path = node.path();
    found(path);
    let rates = as_json(path, &format!("rates --base USD {BANK}"));
    assert_eq!(
        [&rates[0]["bid"], &rates[0]["max"]],
        ["15025/100", "50.00"],
        "{rates}"
    );
    let told = good(path, &format!("rates --provider bank-b {BANK}"));
    assert!(told.contains("15075/100"), "{told}");
    assert_eq!(
        as_json(path, &format!("rates --quote USD {BANK}")),
        json!([])
    );

    // 10.01 * 150.25 = 1504.0025
    let wish = convert("source", "10.01", "1504", &desk());
    let told = good(path, &submit(&[wish], "x-1", BANK));
    assert!(told.contains("SETTLED"), "{told}");
    good(
        path,
        "receipt verify out/x-1.receipt.json --log-vkey data/log.vkey",
    );
    let wish = convert("source", "10.00", "1503", &desk());
    let told = ends(path, 1, &submit(&[wish], "x-2", BANK));
    assert!(told.contains("AMOUNT_MISMATCH"), "{told}");
    let history = as_json(path, &format!("accounts bank-a:jpy --history {BANK}"));
    let line = &history[0];
    assert_eq!(
        [&line["kind"], &line["amount"], &line["residue"]],
        ["exchange", "1504", "1/400"]
    );
    assert_eq!(line["at"], rates[0]["id"]);
    assert_eq!(line["end_to_end_id"], "FX-1");

    quotes(path);
    let node = everything_that_reads_a_log(restarted(node));
    let path = node.path();
    let balance = as_json(path, &format!("accounts bank-a:jpy {BANK}"));
    assert_eq!(balance["posted"], "3014");
    let rates = as_json(path, &format!("rates {BANK}"));
    assert_eq!(rates[0]["ask"], "15075/100", "{rates}");
}

/// A quote: reserved, shown to both, used once; and one that ends by itself.
fn quotes(path: &Path) {
    good(path, &submit(&[quote("1510", &soon())], "q-1", DEALER));
    let quotes = as_json(path, &format!("quotes {BANK}"));
    let made = &quotes[0];
    assert_eq!(
        [&made["state"], &made["provider"], &made["for"]],
        ["open", "bank-b", "bank-a"]
    );
    assert_eq!(
        [&made["source_amount"], &made["target_amount"]],
        ["10.00", "1510"]
    );
    let one = format!("quotes {}", made["id"].as_str().unwrap());
    assert_eq!(as_json(path, &format!("{one} {BANK}"))["id"], made["id"]);
    let told = good(path, &format!("{one} {DEALER}"));
    assert!(told.contains("1510"), "{told}");
    let nowhere = "quotes 019a9c5e-7d40-7abc-8123-0123456789ab";
    let told = ends(path, 1, &format!("{nowhere} {BANK}"));
    assert!(told.contains("QUOTE_NOT_FOUND"), "{told}");
    let told = good(path, &format!("quotes {DEALER}"));
    assert!(told.contains("1510") && told.contains("JPY"), "{told}");
    let holds = as_json(path, &format!("holds {BANK}"));
    assert_eq!(
        [&holds[0]["id"], &holds[0]["quote"]],
        [&made["id"], &json!(true)]
    );
    let at = json!({"quote": made["id"]});
    good(
        path,
        &submit(&[convert("target", "1510", "10.00", &at)], "x-3", BANK),
    );
    let told = ends(
        path,
        1,
        &submit(&[convert("target", "1510", "10.00", &at)], "x-4", BANK),
    );
    assert!(told.contains("QUOTE_USED"), "{told}");
    assert_eq!(as_json(path, &format!("quotes {BANK}")), json!([]));
    becomes(path, "captured");
    let statement = as_json(path, &format!("statement bank-a:usd {BANK}"));
    assert_eq!(statement["total_debits"], "20.01", "{statement}");

    // Nobody submits anything: it expires by itself.
    let brief = {
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap();
        let then = now + Duration::from_millis(6_000);
        quittance::ledger::Time::from_nanos(u64::try_from(then.as_nanos()).unwrap()).to_string()
    };
    good(path, &submit(&[quote("100", &brief)], "q-2", DEALER));
    let ended = becomes(path, "expired");
    let at = json!({"quote": ended["id"]});
    let told = ends(
        path,
        1,
        &submit(&[convert("target", "100", "10.00", &at)], "x-5", BANK),
    );
    assert!(told.contains("QUOTE_EXPIRED"), "{told}");
}
