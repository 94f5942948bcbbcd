//! Netting cycles with the real binary: cleared, closed, settled without traffic, in default; and
//! everything that reads a log afterwards.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::cli_node::{BANK, Node, ends, good, json_of, set_up, waits};
use crate::cli_readers::{everything_that_reads_a_log, restarted};

const PATIENCE: Duration = Duration::from_secs(60);
const OTHER: &str = "--key bank-b.pem --passphrase-file secret --log-vkey data/log.vkey";

fn govern(path: &Path, wishes: &[Value]) -> String {
    let wishes: Vec<String> = wishes
        .iter()
        .map(|wish| format!("--instruction {wish}"))
        .collect();
    good(path, &format!("submit {} --dir out", wishes.join(" ")))
}

fn clear(from: &str, to: &str, amount: &str, id: &str, signer: &str) -> String {
    let payment = json!({"from": from, "to": to, "amount": amount});
    let wish = json!({"clear": {"model": "ach", "payments": [payment], "end_to_end_id": "NET-7"}});
    format!("submit --instruction {wish} --message-id {id} --dir out {signer}")
}

fn as_json(path: &Path, command: &str) -> Value {
    json_of(path, &command.split(' ').collect::<Vec<_>>())
}

/// Looks until a window is in a state.
fn becomes(path: &Path, window: u64, state: &str) -> Value {
    let end = Instant::now() + PATIENCE;
    loop {
        let view = as_json(path, &format!("cycles ach {window} {BANK}"));
        if view["state"] == state {
            return view;
        }
        assert!(Instant::now() < end, "{view}");
        std::thread::sleep(Duration::from_millis(50));
    }
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
    let account = json!({"open_account": {"address": "bank-b:usd", "owner": "bank-b",
        "kind": "settlement", "asset": "USD"}});
    let model = json!({"open_model": {"model": "ach", "asset": "USD", "close": "manual",
        "funding_s": 1}});
    let join = |account: &str, cap: &str| json!({"join_model": {"model": "ach", "account": account, "net_debit_cap": cap}});
    let joins = [join("bank-a:usd", "50"), join("bank-b:usd", "20")];
    govern(path, &[&[bank, account, model][..], &joins].concat());
}

#[test]
fn payments_settle_as_nets_and_wait_for_funds() {
    let node = Node::start();
    let path = node.path();
    found(path);
    let told = waits(path, &clear("bank-a", "bank-b", "30.00", "c-1", BANK));
    assert!(told.contains("CLEARED"), "{told}");
    let receipt = "receipt verify out/c-1.receipt.json --log-vkey data/log.vkey";
    good(path, receipt);
    waits(path, &clear("bank-b", "bank-a", "12.50", "c-2", OTHER));
    let told = ends(path, 1, &clear("bank-a", "bank-b", "32.51", "c-3", BANK));
    assert!(told.contains("NDC_EXCEEDED"), "{told}");

    // Each sees its own position alone, and a stranger to the model nothing.
    let models = as_json(path, &format!("cycles {BANK}"));
    let member = &models[0]["members"];
    assert_eq!(member.as_array().unwrap().len(), 1, "{models}");
    assert_eq!(
        [&member[0]["position"], &member[0]["room"]],
        ["-17.50", "32.50"]
    );
    let told = good(path, &format!("cycles {OTHER}"));
    assert!(
        told.contains("17.50") && !told.contains("bank-a:usd"),
        "{told}"
    );
    ends(path, 1, &format!("cycles ach 2 {BANK}"));
    ends(path, 1, &format!("cycles fed 1 {BANK}"));

    let close = json!({"close_window": {"model": "ach"}});
    govern(path, std::slice::from_ref(&close));
    // Nobody submits anything: the node settles by itself.
    let view = becomes(path, 1, "settled");
    let nets = view["nets"].as_array().unwrap();
    assert_eq!(nets.len(), 1, "{view}");
    assert_eq!(
        [&nets[0]["sent"], &nets[0]["received"], &nets[0]["net"]],
        ["30.00", "12.50", "-17.50"]
    );
    let everybody = as_json(
        path,
        "cycles ach 1 --key auditor.pem --passphrase-file secret",
    );
    assert_eq!(everybody["nets"].as_array().unwrap().len(), 2);

    // History and statement: what was cleared is not booked, the net is.
    let history = as_json(path, &format!("accounts bank-a:usd --history {BANK}"));
    assert_eq!(history[0]["kind"], "net", "{history}");
    assert_eq!(
        [&history[0]["model"], &history[0]["amount"]],
        ["ach", "17.50"]
    );
    assert_eq!(history[2]["window"], 1);
    assert_eq!(history[2]["end_to_end_id"], "NET-7");
    let statement = as_json(path, &format!("statement bank-a:usd {BANK}"));
    assert_eq!(statement["total_debits"], "17.50", "{statement}");
    assert_eq!(statement["closing_balance"], "82.50");

    // Bank B has spent what came in, and does not fund its next net.
    let leg = json!({"debit": "bank-b:usd", "credit": "bank-a:usd", "asset": "USD",
        "amount": "17.50"});
    let pay = json!({"transfer": {"legs": [leg]}});
    good(
        path,
        &format!("submit --instruction {pay} --dir out {OTHER}"),
    );
    waits(path, &clear("bank-b", "bank-a", "9.00", "c-4", OTHER));
    govern(path, std::slice::from_ref(&close));
    becomes(path, 2, "defaulted");
    let told = good(path, &format!("cycles ach {BANK}"));
    assert!(told.contains("defaulted"), "{told}");
    rescued(node);
}

#[test]
fn what_a_pool_paid_is_shown_to_whom_it_concerns() {
    let node = Node::start();
    let path = node.path();
    found(path);
    let account = |address: &str, owner: &str, kind: &str| json!({"open_account": {"address": address, "owner": owner, "kind": kind, "asset": "USD"}});
    let join = |account: &str| json!({"join_model": {"model": "wet", "account": account, "net_debit_cap": "50"}});
    let close = json!({"close_window": {"model": "wet"}});
    let pool = "operators:pool";
    govern(
        path,
        &[
            account("bank-a:wet", "bank-a", "settlement"),
            account("bank-b:wet", "bank-b", "settlement"),
            account(pool, "operators", "pool"),
            json!({"issue": {"account": pool, "amount": "8.00"}}),
            json!({"open_model": {"model": "wet", "asset": "USD", "close": "manual",
                "funding_s": 0, "pool": pool}}),
            join("bank-a:wet"),
            join("bank-b:wet"),
        ],
    );
    let payment = clear("bank-a", "bank-b", "7.50", "c-9", BANK).replace("ach", "wet");
    waits(path, &payment);
    govern(path, std::slice::from_ref(&close));
    let end = Instant::now() + PATIENCE;
    let window = loop {
        let view = as_json(path, &format!("cycles wet 1 {BANK}"));
        if view["state"] == "settled" {
            break view;
        }
        assert!(Instant::now() < end, "{view}");
        std::thread::sleep(Duration::from_millis(50));
    };
    assert!(window["defaulted_index"].is_u64(), "{window}");
    let net = &window["nets"][0];
    assert_eq!([&net["net"], &net["drawn"]], ["-7.50", "7.50"], "{window}");
    let of = |who: &str| {
        let models = as_json(path, &format!("cycles wet {who}"));
        let members = models[0]["members"].as_array().unwrap();
        assert_eq!(members.len(), 1, "{models}");
        assert_eq!(models[0]["pool"], pool, "{models}");
        members[0]["owed"].clone()
    };
    assert_eq!([of(BANK), of(OTHER)], ["7.50", "0.00"]);
    let history = as_json(path, &format!("accounts bank-a:wet --history {BANK}"));
    let line = |n: usize| {
        [
            &history[n]["kind"],
            &history[n]["amount"],
            &history[n]["model"],
        ]
    };
    assert_eq!(
        [line(0), line(1)],
        [["net", "7.50", "wet"], ["draw", "7.50", "wet"]]
    );
    let told = good(path, &format!("cycles {BANK}"));
    assert!(told.contains("OWED") && told.contains("7.50"), "{told}");
    let still = json!({"join_model": {"model": "wet", "account": "bank-a:wet",
        "net_debit_cap": "50", "still_owed": "2.25"}});
    govern(path, &[still]);
    assert_eq!(of(BANK), "2.25");
}

/// A restart in the middle of a default, a rescue, and everything that reads a log.
fn rescued(node: Node) {
    let node = restarted(node);
    let path = node.path();
    becomes(path, 2, "defaulted");
    govern(
        path,
        &[json!({"issue": {"account": "bank-b:usd", "amount": "9.00"}})],
    );
    becomes(path, 2, "settled");
    let node = everything_that_reads_a_log(node);
    let path = node.path();
    let balance = as_json(path, &format!("accounts bank-a:usd {BANK}"));
    assert_eq!(balance["posted"], "109.00");
    becomes(path, 2, "settled");
}
