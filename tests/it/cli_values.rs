//! Value dates with the real binary: a payment that counts from the day before on, and all that shows it.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::cli_calendar::one_in_the_night;
use crate::cli_node::{BANK, Node, ends, good, json_of, set_up};

fn as_json(node: &Node, command: &str) -> Value {
    json_of(node.path(), &command.split(' ').collect::<Vec<_>>())
}

#[test]
fn a_payment_counts_from_yesterday_on() {
    let node = Node::start();
    let path = node.path();
    set_up(path);
    let account = json!({"open_account": {"address": "bank-a:two", "owner": "bank-a",
        "kind": "customer", "asset": "USD"}});
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let (offset, today) = one_in_the_night(now.as_secs());
    let tomorrow = today.plus(1);
    let calendar = json!({"set_calendar": {"asset": "USD", "valid_from": today,
        "good_days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "holidays": [],
        "offset_min": offset, "opens": "00:30", "opens_day_before": true,
        "customer_cutoff": "00:10", "interbank_cutoff": "00:20", "closes": "00:30",
        "roll": "none", "cutoff_policy": "reject", "max_warehouse_days": 5, "back_value_days": 1}});
    let wishes = format!("--instruction {account} --instruction {calendar}");
    good(path, &format!("submit {wishes} --dir out"));
    let pay = |value: &str, id: &str| {
        let leg = json!({"debit": "bank-a:usd", "credit": "bank-a:two", "asset": "USD",
            "amount": "4.00"});
        let wish = json!({"transfer": {"value_date": value, "legs": [leg]}});
        format!("submit --instruction {wish} --message-id {id} --dir out {BANK}")
    };
    good(path, &pay(&today.to_string(), "v-1"));
    let verify = "receipt verify out/v-1.receipt.json --log-vkey data/log.vkey";
    let told = good(path, verify);
    assert!(told.contains(&today.to_string()), "{told}");
    let told = ends(path, 1, &pay(&today.plus(2).to_string(), "v-2"));
    assert!(told.contains("VALUE_DATE_AHEAD"), "{told}");

    let view = as_json(
        &node,
        &format!("accounts bank-a:usd --value-date {today} {BANK}"),
    );
    let valued = &view["value_dated"];
    assert_eq!(
        [&valued["balance"], &valued["booked"]],
        ["96.00", "100.00"],
        "{view}"
    );
    let told = good(
        path,
        &format!("accounts bank-a:usd --value-date {today} {BANK}"),
    );
    assert!(
        told.contains("value-dated balance") && told.contains("96.00"),
        "{told}"
    );
    let told = ends(
        path,
        1,
        &format!("accounts bank-a:usd --value-date {} {BANK}", today.plus(9)),
    );
    assert!(told.contains("CALENDAR_NOT_FOUND"), "{told}");
    let told = good(path, &format!("accounts bank-a:usd --history {BANK}"));
    assert!(
        told.contains("VALUE DATE") && told.contains(&today.to_string()),
        "{told}"
    );
    let told = good(path, &format!("statement bank-a:usd --csv {BANK}"));
    assert!(told.contains(&format!(",{tomorrow},{today}")), "{told}");
    let told = good(path, &format!("calendar USD {BANK}"));
    assert!(told.contains(&tomorrow.to_string()), "{told}");
}
