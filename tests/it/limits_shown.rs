//! What readers are shown of limits, freezes and suspensions, and from when to when.

use serde_json::{Value, json};

use crate::api_document::conforms_to;
use crate::api_kit::{Door, Headers};
use crate::cli_node::{BANK, Node, good, json_of, set_up};
use crate::kit::assert_good;

/// A bank with an account, a rival, an auditor; sessions of bank, rival, auditor and operators.
struct Town {
    door: Door,
    sessions: [Headers; 4],
    bank: keys::SigningKey,
}

impl Town {
    fn new() -> Self {
        let door = Door::open();
        let sandbox = &door.sandbox;
        let (a, b) = (sandbox.bank("bank-a"), sandbox.bank("bank-b"));
        let auditor = keys::SigningKey::generate("auditor-1/key-1").unwrap();
        let vkey = chain::Signer::verifier_key(&auditor);
        sandbox.asset("USD");
        sandbox.account("bank-a", "bank-a:usd", "USD", "100.00");
        let town = json!({"participant": "auditor-1", "role": "auditor",
            "keys": [vkey.to_string()], "threshold": 1});
        govern(&door, "add_participant", town);
        let sessions = [
            door.session("bank-a", &a),
            door.session("bank-b", &b),
            door.session("auditor-1", &auditor),
            door.session("operators", &sandbox.operator),
        ];
        Self {
            door,
            sessions,
            bank: a,
        }
    }

    fn account(&self, who: usize, query: &str) -> Value {
        let path = format!("/v1/accounts/bank-a:usd{query}");
        let view = self.door.get(&path, self.sessions[who].clone()).json();
        conforms_to("Account", &view);
        view
    }

    fn suspended(&self, who: usize) -> Value {
        let all = self
            .door
            .get("/v1/participants", self.sessions[who].clone());
        let all = all.json();
        let mut all = all.as_array().unwrap().iter();
        let found = all.find(|participant| participant["id"] == "bank-a");
        let found = found.unwrap();
        conforms_to("Participant", found);
        found["status"].clone()
    }
}

/// Carries an instruction of the operators out; gives the log's size after it.
fn govern(door: &Door, kind: &str, mut fields: Value) -> u64 {
    fields["id"] = door.sandbox.id().to_string().into();
    assert_good(&door.sandbox.govern(&[json!({ kind: fields }).to_string()]));
    door.size()
}

fn limits() -> Value {
    json!({"address": "bank-a:usd", "credit_line": "5.00", "max_balance": "900",
        "velocity": [{"seconds": 3600, "direction": "debit", "amount": "60.0", "count": 9},
            {"period": "week", "direction": "net", "amount": "50"}],
        "bilateral": [{"counterparty": "bank-b", "amount": "40"}], "multilateral": "45.5"})
}

#[test]
fn a_reservation_is_shown_to_whoever_reads_the_account() {
    let town = Town::new();
    let (door, id) = (&town.door, town.door.sandbox.id());
    assert_eq!(town.account(0, "")["reserved"], Value::Null);
    let before = door.size() - 1;
    let wish = json!({"set_reservation":
        {"id": id.to_string(), "address": "bank-a:usd", "urgent": "70", "high": "40.00"}});
    let body = door.sandbox.body(&[wish.to_string()]);
    let answer = door.submit("bank-a", &[&town.bank], &body).json();
    assert_eq!(answer["outcomes"][0]["code"], "APPLIED", "{answer}");
    // More than there is: nothing is left for others.
    let shown = json!({"urgent": "70.00", "high": "40.00", "unreserved": "0.00"});
    for who in [0, 2, 3] {
        let view = town.account(who, "");
        assert_eq!(
            (&view["reserved"], &view["available"]),
            (&shown, &json!("100.00"))
        );
        let then = town.account(who, &format!("?at_index={before}"));
        assert_eq!(then["reserved"], Value::Null);
    }
    let rival = door.get("/v1/accounts/bank-a:usd", town.sessions[1].clone());
    assert_eq!(rival.problem(), "ACCOUNT_NOT_FOUND");
    // What a freeze keeps is not there.
    let freeze = json!({"account": "bank-a:usd", "case": "K-1", "level": "amount", "amount": "30"});
    govern(door, "freeze", freeze);
    assert_eq!(town.account(0, "")["available"], "70.00");
    // An item of its own, for who asked alone.
    let item = format!("/v1/receipts/{}?item=1", before + 1);
    let own = door.get(&item, town.sessions[0].clone());
    assert_eq!(own.status, 200);
    let rival = door.get(&item, town.sessions[1].clone());
    assert_eq!(rival.problem(), "ITEM_NOT_FOUND");
}

#[test]
fn owners_see_levels_and_operators_see_cases() {
    let town = Town::new();
    let door = &town.door;
    let before = door.size();
    let plain = town.account(0, "");
    for absent in [
        "max_balance",
        "velocity",
        "bilateral",
        "multilateral",
        "freezes",
    ] {
        assert!(plain.get(absent).is_none(), "{plain}");
    }
    govern(door, "set_limits", limits());
    let limited = town.account(0, "");
    assert_eq!(limited["max_balance"], "900.00");
    assert_eq!(
        limited["velocity"],
        json!([{"seconds": 3600, "period": null, "direction": "debit", "amount": "60.00", "count": 9},
            {"seconds": null, "period": "week", "direction": "net", "amount": "50.00", "count": null}])
    );
    let pairs = json!([{"counterparty": "bank-b", "amount": "40.00"}]);
    assert_eq!(limited["bilateral"], pairs);
    assert_eq!(limited["multilateral"], "45.50");
    let freeze = json!({"account": "bank-a:usd", "case": "2026-17", "level": "amount",
        "amount": "30"});
    govern(door, "freeze", freeze);
    let frozen = govern(
        door,
        "freeze",
        json!({"participant": "bank-a", "case": "K-9", "level": "no_credit"}),
    );
    let own = town.account(0, "");
    assert_eq!(own["available"], "75.00", "100.00 and 5.00, less 30.00");
    assert_eq!(
        own["freezes"],
        json!([{"of": "account", "level": "amount", "amount": "30.00", "expires_at": null},
            {"of": "participant", "level": "no_credit", "expires_at": null}])
    );
    for who in [2, 3] {
        let view = town.account(who, "");
        let cases = [&view["freezes"][0]["case"], &view["freezes"][1]["case"]];
        assert_eq!(cases, ["2026-17", "K-9"], "{view}");
    }
    let rival = door.get("/v1/accounts/bank-a:usd", town.sessions[1].clone());
    assert_eq!(rival.problem(), "ACCOUNT_NOT_FOUND");
    // The item that imposed it is not its owner's to read: it names the case.
    let item = format!("/v1/receipts/{}?item=1", frozen - 1);
    let own = door.get(&item, town.sessions[0].clone());
    assert_eq!(own.problem(), "ITEM_NOT_FOUND");
    // What held then is what is shown of then.
    govern(door, "set_limits", json!({"address": "bank-a:usd"}));
    govern(
        door,
        "lift",
        json!({"account": "bank-a:usd", "case": "2026-17"}),
    );
    let now = town.account(3, "");
    assert_eq!(now["available"], "100.00");
    assert!(now.get("velocity").is_none(), "{now}");
    assert_eq!(now["freezes"].as_array().unwrap().len(), 1);
    let then = town.account(0, &format!("?at_index={}", frozen - 1));
    assert_eq!(
        (&then["available"], &then["bilateral"]),
        (&json!("75.00"), &pairs)
    );
    assert_eq!(then["freezes"].as_array().unwrap().len(), 2);
    let first = town.account(0, &format!("?at_index={}", before - 1));
    assert_eq!(first["available"], "100.00");
    assert!(first.get("freezes").is_none() && first.get("velocity").is_none());
}

#[test]
fn a_suspension_is_told_to_whom_it_concerns() {
    let town = Town::new();
    govern(
        &town.door,
        "suspend_participant",
        json!({"participant": "bank-a"}),
    );
    let told = [0, 1, 2, 3].map(|who| town.suspended(who));
    let suspended = json!("suspended");
    assert_eq!(
        told,
        [suspended.clone(), Value::Null, suspended.clone(), suspended]
    );
    govern(
        &town.door,
        "resume_participant",
        json!({"participant": "bank-a"}),
    );
    assert_eq!(town.suspended(0), "active");
}

#[test]
fn bodies_of_limits_and_freezes_are_read_strictly() {
    let town = Town::new();
    let sandbox = &town.door.sandbox;
    let refused = |kind: &str, fields: Value| {
        let mut fields = fields;
        fields["id"] = sandbox.id().to_string().into();
        let body = sandbox.body(&[json!({ kind: fields }).to_string()]);
        let signers = [&sandbox.operator];
        let answer = town.door.submit("operators", &signers, &body);
        let pointer = answer.json()["errors"][0]["pointer"].clone();
        let pointer = pointer.as_str().unwrap().replace("/instructions/0/", "");
        (answer.problem(), pointer)
    };
    let rule = json!({"seconds": 60, "direction": "debit", "amount": "1"});
    let limits = |velocity: Value| json!({"address": "bank-a:usd", "velocity": velocity});
    let freeze =
        |case: &str, level: &str| json!({"account": "bank-a:usd", "case": case, "level": level});
    let pair = |code: &str, pointer: &str| (code.to_owned(), pointer.to_owned());
    for (found, code, pointer) in [
        (
            refused("set_limits", limits(json!([]))),
            "LIMITS_COUNT",
            "set_limits/velocity",
        ),
        (
            refused("set_limits", limits(json!([rule, rule, rule, rule, rule]))),
            "LIMITS_COUNT",
            "set_limits/velocity",
        ),
        (
            refused("set_limits", limits(json!([[60, null, "debit", "1"]]))),
            "FIELD_TYPE",
            "set_limits/velocity/0",
        ),
        (
            refused(
                "set_limits",
                limits(json!([{"seconds": 60, "direction": "debit", "amount": "5 minor units"}])),
            ),
            "AMOUNT_GRAMMAR",
            "set_limits/velocity/0/amount",
        ),
        (
            refused(
                "set_limits",
                limits(json!([{"seconds": 60, "direction": "debit", "amount": 5}])),
            ),
            "AMOUNT_NOT_STRING",
            "set_limits/velocity/0/amount",
        ),
        (
            refused(
                "set_limits",
                limits(json!([{"period": "year", "direction": "debit", "amount": "5"}])),
            ),
            "FIELD_TYPE",
            "set_limits/velocity/0/period",
        ),
        (
            refused("freeze", freeze("A. Miller", "no_debit")),
            "CASE_GRAMMAR",
            "freeze/case",
        ),
        (
            refused("freeze", freeze("c-1", "all")),
            "FIELD_TYPE",
            "freeze/level",
        ),
    ] {
        assert_eq!(found, pair(code, pointer));
    }
}

#[test]
fn the_command_line_says_what_stops_an_account() {
    let node = Node::start();
    let path = node.path();
    set_up(path);
    let operator = |kind: &str, fields: Value| {
        let wish = json!({ kind: fields }).to_string().replace(' ', "");
        good(path, &format!("submit --instruction {wish} --dir out"));
    };
    operator(
        "set_limits",
        json!({"address": "bank-a:usd", "velocity":
        [{"seconds": 3600, "direction": "debit", "amount": "60", "count": 9},
         {"period": "month", "direction": "net", "amount": "65"}],
        "multilateral": "70"}),
    );
    operator(
        "freeze",
        json!({"account": "bank-a:usd", "case": "C-1", "level": "no_debit",
        "expires_at": "2100-01-01T00:00:00Z"}),
    );
    operator("suspend_participant", json!({"participant": "bank-a"}));
    let told = good(path, &format!("accounts bank-a:usd {BANK}"));
    for words in [
        "debit 60.00, 9 legs in 3600 s; net 65.00 a month",
        "no_debit until 2100-01-01T00:00:00Z",
        "70.00",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(!told.contains("C-1"), "{told}");
    let told = good(path, &format!("participants {BANK}"));
    assert!(told.contains("bank, suspended"), "{told}");
    // What the node has of it survives a stop, and whoever computes it again finds the same.
    let view = json_of(
        path,
        &format!("accounts bank-a:usd {BANK}")
            .split(' ')
            .collect::<Vec<_>>(),
    );
    let (_, folder) = node.stop();
    let node = Node::start_in(folder);
    let path = node.path();
    let again = json_of(
        path,
        &format!("accounts bank-a:usd {BANK}")
            .split(' ')
            .collect::<Vec<_>>(),
    );
    assert_eq!(again, view);
}
