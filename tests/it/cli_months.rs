//! What is due for a month, with the real binary: the last business date of a month that is over as soon
//! as it is set, what both sides see of it, and everything that reads a log afterwards.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use quittance::ledger::{Date, Month};
use serde_json::{Value, json};

use crate::cli_calendar::one_in_the_night;
use crate::cli_node::{BANK, Node, ends, good, json_of, set_up};
use crate::cli_readers::{TRUST, everything_that_reads_a_log};

const PATIENCE: Duration = Duration::from_secs(60);

fn as_json(path: &Path, command: &str) -> Value {
    json_of(path, &command.split_whitespace().collect::<Vec<_>>())
}

fn submit(wishes: &[Value]) -> String {
    let wishes: Vec<String> = wishes
        .iter()
        .map(|wish| format!("--instruction {wish}"))
        .collect();
    format!("submit {} --dir out", wishes.join(" "))
}

fn schedule() -> Value {
    json!({"set_fees": {"asset": "USD", "account": "operators:fees",
        "tax": {"account": "operators:vat", "bps": 2000}, "rules": [],
        "periodic": [{"account_kind": "settlement", "period": "month", "flat": "30"},
            {"account_owner": "bank-a", "period": "month", "flat": "1.25"}]}})
}

/// A calendar by which it is one in the night, the day was over at midnight and a quarter, and every
/// other date of its month is a holiday; and that month.
fn last_of_its_month() -> (Value, Month) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let (offset, today) = one_in_the_night(now.as_secs());
    let later = (1..31).map(|days| today.plus(days));
    let rest: Vec<Date> = later.filter(|date| date.same_month(today)).collect();
    let set = json!({"set_calendar": {
        "asset": "USD",
        "valid_from": today,
        "good_days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
        "holidays": rest,
        "offset_min": offset,
        "opens": "00:05",
        "customer_cutoff": "00:10",
        "interbank_cutoff": "00:12",
        "closes": "00:15",
        "roll": "following",
        "cutoff_policy": "roll",
        "max_warehouse_days": 5,
    }});
    (set, Month::of(today))
}

#[test]
fn a_month_is_charged_when_its_last_business_date_is_over() {
    let node = Node::start();
    let path = node.path();
    set_up(path);
    let account = |address: &str, owner: &str, kind: &str| json!({"open_account": {"address": address, "owner": owner, "kind": kind, "asset": "USD"}});
    good(
        path,
        &submit(&[
            account("bank-a:poor", "bank-a", "customer"),
            account("operators:fees", "operators", "fee"),
            account("operators:vat", "operators", "fee"),
        ]),
    );
    let told = ends(path, 1, &submit(&[schedule()]));
    assert!(told.contains("CALENDAR_UNKNOWN"), "{told}");
    let (set, month) = last_of_its_month();
    good(path, &submit(&[set, schedule()]));

    let end = Instant::now() + PATIENCE;
    let day = loop {
        let view = as_json(path, &format!("calendar USD {BANK}"));
        if view["phase"] == "night" && view["days"] != json!([]) {
            break view["days"][0].clone();
        }
        assert!(Instant::now() < end, "{view}");
        std::thread::sleep(Duration::from_millis(50));
    };
    told_to_both(path, month, day["to_index"].as_u64().unwrap() + 1);
    let shown = as_json(path, &format!("fees {BANK}"));
    assert_eq!(
        shown[0]["periodic"],
        json!([
            {"account_kind": "settlement", "account_owner": null, "period": "month", "flat": "30.00"},
            {"account_kind": null, "account_owner": "bank-a", "period": "month", "flat": "1.25"},
        ])
    );
    let told = good(path, &format!("fees {BANK}"));
    assert!(
        told.contains("each month") && told.contains("bank-a"),
        "{told}"
    );
    // Once, also for whoever reads the log again.
    let node = everything_that_reads_a_log(node);
    let balance = as_json(node.path(), &format!("accounts bank-a:usd {BANK}"));
    assert_eq!(balance["posted"], "64.00", "{balance}");
}

/// In the history of who paid and of who owes it, in that of who earned it, and in a receipt.
fn told_to_both(path: &Path, month: Month, index: u64) {
    let month = month.to_string();
    let line = |address: &str, n: usize, signer: &str| {
        let history = as_json(path, &format!("accounts {address} --history {signer}"));
        let line = &history[n];
        assert_eq!(line["index"], index, "{history}");
        ["kind", "amount", "month", "balance"].map(|name| line[name].as_str().unwrap().to_owned())
    };
    assert_eq!(
        line("bank-a:usd", 1, BANK),
        ["period_fee", "30.00", &month, "70.00"]
    );
    assert_eq!(
        line("bank-a:usd", 0, BANK),
        ["period_tax", "6.00", &month, "64.00"]
    );
    assert_eq!(
        line("bank-a:poor", 0, BANK),
        ["owed", "1.50", &month, "0.00"]
    );
    // The operators see in one place who paid, and who owes: the other bank, too.
    assert_eq!(
        line("operators:fees", 0, ""),
        ["owed", "1.50", &month, "30.00"]
    );
    assert_eq!(
        line("operators:fees", 1, ""),
        ["owed", "36.00", &month, "30.00"]
    );
    assert_eq!(
        line("operators:fees", 2, ""),
        ["period_fee", "30.00", &month, "30.00"]
    );
    let csv = good(path, &format!("statement bank-a:usd --csv {BANK}"));
    assert!(csv.contains(",period_fee,debit,30.00,"), "{csv}");
    good(
        path,
        &format!("receipt get {index} --out month.json {BANK}"),
    );
    let told = good(path, &format!("receipt verify month.json {TRUST}"));
    assert!(told.contains(&month) && told.contains("FEE_OWED"), "{told}");
    let told = good(path, "explain FEE_OWED");
    assert!(told.contains("AM04"), "{told}");
}
