//! How far banks take part, at the door and on the command line: who is told what, and how one is found.

use serde_json::{Value, json};

use crate::api_document::conforms_to;
use crate::api_kit::{Answered, Door, Headers};
use crate::cli_node::{BANK, Node, ends, good, json_of, set_up};
use crate::kit::assert_good;

const LEI: &str = "7LTWFZYICNSX8D621K86";

/// Two banks and their sessions, and that of the operators.
struct Town {
    door: Door,
    sessions: [Headers; 3],
}

impl Town {
    fn new() -> Self {
        let door = Door::open();
        let sandbox = &door.sandbox;
        let (a, b) = (sandbox.bank("bank-a"), sandbox.bank("bank-b"));
        sandbox.asset("USD");
        sandbox.account("bank-a", "bank-a:usd", "USD", "100.00");
        let sessions = [
            door.session("bank-a", &a),
            door.session("bank-b", &b),
            door.session("operators", &sandbox.operator),
        ];
        Self { door, sessions }
    }

    fn govern(&self, kind: &str, mut fields: Value) {
        fields["id"] = self.door.sandbox.id().to_string().into();
        let wish = json!({ kind: fields }).to_string();
        assert_good(&self.door.sandbox.govern(&[wish]));
    }

    /// Submits for the operators; gives the answer whatever it is.
    fn asked(&self, kind: &str, mut fields: Value) -> Answered {
        let sandbox = &self.door.sandbox;
        fields["id"] = sandbox.id().to_string().into();
        let body = sandbox.body(&[json!({ kind: fields }).to_string()]);
        self.door.submit("operators", &[&sandbox.operator], &body)
    }

    fn found(&self, who: usize, name: &str) -> Value {
        let path = format!("/v1/participants/{name}");
        let found = self.door.get(&path, self.sessions[who].clone()).json();
        conforms_to("Participant", &found);
        found
    }

    fn statuses(&self, name: &str) -> [Value; 3] {
        [0, 1, 2].map(|who| self.found(who, name)["status"].clone())
    }
}

/// A bank that is registered; its key signs nothing here.
fn newcomer(id: &str) -> Value {
    let key = keys::SigningKey::generate(&format!("{id}/key-1")).unwrap();
    let vkey = chain::Signer::verifier_key(&key).to_string();
    json!({"participant": id, "role": "bank", "keys": [vkey], "threshold": 1})
}

#[test]
fn when_a_bank_is_closed_is_told_to_all() {
    let town = Town::new();
    let absent = town.found(0, "bank-b");
    assert!(absent.get("holidays").is_none(), "{absent}");
    let days = json!(["2026-12-24", "2026-12-31"]);
    let set = json!({"participant": "bank-b", "holidays": days});
    town.govern("set_participant_days", set.clone());
    for who in 0..3 {
        assert_eq!(town.found(who, "bank-b")["holidays"], days);
    }
    let again = town.asked("set_participant_days", set);
    assert_eq!(again.outcomes(), ["NO_CHANGE"], "{}", again.text());
    town.govern(
        "set_participant_days",
        json!({"participant": "bank-b", "holidays": []}),
    );
    assert_eq!(town.found(0, "bank-b"), absent);
}

#[test]
fn who_takes_part_is_told_to_all_and_who_is_suspended_is_not() {
    let town = Town::new();
    let mut fresh = newcomer("bank-t");
    fresh["state"] = "onboarding".into();
    town.govern("add_participant", fresh);
    assert_eq!(town.statuses("bank-t"), ["onboarding"; 3]);
    let test = json!({"participant": "bank-t", "to": "test"});
    town.govern("admit_participant", test);
    assert_eq!(town.statuses("bank-t"), ["test"; 3]);
    town.govern(
        "admit_participant",
        json!({"participant": "bank-t", "to": "active"}),
    );
    let told = town.statuses("bank-t");
    assert_eq!(told, [Value::Null, Value::Null, "active".into()]);
    let suspension = json!({"participant": "bank-a", "incoming": "refuse"});
    town.govern("suspend_participant", suspension);
    let told = town.statuses("bank-a");
    assert_eq!(told, ["suspended".into(), Value::Null, json!("suspended")]);
    let refuses = [0, 1, 2].map(|who| town.found(who, "bank-a")["incoming"].clone());
    assert_eq!(refuses, ["refuse".into(), Value::Null, json!("refuse")]);
    // What stands in the way of the end is said with its place.
    let left = town.asked("terminate_participant", json!({"participant": "bank-a"}));
    let outcome = &left.json()["outcomes"][0];
    assert_eq!(outcome["code"], "BALANCE_LEFT", "{outcome}");
    let number = town
        .door
        .get("/v1/accounts/bank-a:usd", town.sessions[0].clone());
    assert_eq!(outcome["detail"], number.json()["number"]);
    town.govern("terminate_participant", json!({"participant": "bank-t"}));
    assert_eq!(town.statuses("bank-t"), ["terminated"; 3]);
    assert_eq!(town.found(1, "bank-t")["keys"][0]["status"], "revoked");
}

#[test]
fn a_session_ends_with_the_bank() {
    let town = Town::new();
    let list = "/v1/participants";
    assert_eq!(town.door.get(list, town.sessions[1].clone()).status, 200);
    town.govern("terminate_participant", json!({"participant": "bank-b"}));
    let told = town.door.get(list, town.sessions[1].clone());
    assert_eq!(told.problem(), "TOKEN_INVALID");
}

#[test]
fn a_participant_is_found_by_id_bic_and_lei() {
    let town = Town::new();
    let named = json!({"participant": "bank-a", "bic": "DEUTDEFF", "lei": LEI});
    town.govern("identify_participant", named);
    for name in ["bank-a", "DEUTDEFF", "DEUTDEFFXXX", LEI] {
        let found = town.found(1, name);
        assert_eq!(found["id"], "bank-a", "{name}");
        assert_eq!(
            (&found["bic"], &found["lei"]),
            (&json!("DEUTDEFF"), &json!(LEI))
        );
    }
    for name in [
        "bank-x",
        "DEUTDEFF500",
        "506700GE1G29325QX363",
        "deutdeff",
        "x",
    ] {
        let path = format!("/v1/participants/{name}");
        let told = town.door.get(&path, town.sessions[0].clone());
        assert!(told.status == 404, "{name}: {}", told.text());
    }
    // Who has it now comes before who had it.
    let mut gone = newcomer("bank-g");
    gone["bic"] = "NEDSZAJJ".into();
    town.govern("add_participant", gone);
    town.govern("terminate_participant", json!({"participant": "bank-g"}));
    assert_eq!(town.found(0, "NEDSZAJJ")["id"], "bank-g");
    let named = json!({"participant": "bank-b", "bic": "NEDSZAJJXXX"});
    town.govern("identify_participant", named);
    assert_eq!(town.found(0, "NEDSZAJJ")["id"], "bank-b");
}

#[test]
fn identifiers_and_states_are_read_strictly() {
    let town = Town::new();
    let refused = |kind: &str, fields: Value| {
        let answer = town.asked(kind, fields);
        let pointer = answer.json()["errors"][0]["pointer"].clone();
        let pointer = pointer.as_str().unwrap_or_default().to_owned();
        (answer.problem(), pointer.replace("/instructions/0/", ""))
    };
    let named = |field: &str, value: Value| {
        let mut fields = json!({"participant": "bank-a"});
        fields[field] = value;
        fields
    };
    for (field, value, code) in [
        ("bic", json!("DEUTDEF"), "BIC_GRAMMAR"),
        ("bic", json!("deutdeff"), "BIC_GRAMMAR"),
        ("bic", json!(""), "BIC_GRAMMAR"),
        ("lei", json!("7LTWFZYICNSX8D621K85"), "LEI_GRAMMAR"),
        ("lei", json!("7LTWFZYICNSX8D621K8"), "LEI_GRAMMAR"),
        ("lei", json!(7), "FIELD_TYPE"),
        ("iban", json!("x"), "FIELD_UNKNOWN"),
    ] {
        let (found, pointer) = refused("identify_participant", named(field, value));
        assert_eq!(found, code, "{field} {pointer}");
        assert!(pointer.starts_with("identify_participant"), "{pointer}");
    }
    let to = refused("admit_participant", named("to", json!("asleep")));
    assert_eq!(to.0, "FIELD_TYPE");
    let queued = refused("suspend_participant", named("queued", json!(true)));
    assert_eq!(queued.0, "FIELD_TYPE");
    let mut auditor = newcomer("bank-v");
    auditor["state"] = "born".into();
    assert_eq!(refused("add_participant", auditor).0, "FIELD_TYPE");
}

#[test]
fn the_command_line_leads_a_bank_from_its_first_day_to_its_last() {
    let node = Node::start();
    let path = node.path();
    set_up(path);
    good(
        path,
        "keys generate bank-t/one --out bank-t.pem --passphrase-file secret",
    );
    let vkey = std::fs::read_to_string(path.join("bank-t.vkey")).unwrap();
    let submit = |wishes: &[Value]| {
        let wishes: Vec<String> = wishes
            .iter()
            .map(|wish| format!("--instruction {wish}"))
            .collect();
        format!("submit {} --dir out", wishes.join(" "))
    };
    let account = json!({"open_account": {"address": "bank-t:usd", "owner": "bank-t",
        "kind": "settlement", "asset": "USD"}});
    let first = json!({"add_participant": {"participant": "bank-t", "role": "bank", "threshold": 1,
        "keys": [vkey.trim_end()], "bic": "DEUTDEFF500", "lei": LEI, "state": "onboarding"}});
    good(path, &submit(&[first, account]));
    let told = good(path, &format!("participants {BANK}"));
    assert!(told.contains("bank, onboarding"), "{told}");
    let issue = json!({"issue": {"account": "bank-t:usd", "amount": "5.00"}});
    let refused = ends(path, 1, &submit(std::slice::from_ref(&issue)));
    assert!(refused.contains("CREDITOR_NOT_ACTIVE"), "{refused}");
    let admit = |to: &str| json!({"admit_participant": {"participant": "bank-t", "to": to}});
    good(path, &submit(&[admit("test"), issue]));
    let refused = ends(path, 1, &submit(&[admit("active")]));
    assert!(refused.contains("(account "), "{refused}");
    let told = good(path, &format!("participants DEUTDEFF500 {BANK}"));
    for words in ["bank-t", "bank, test", "DEUTDEFF500", LEI, "1 of 1"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    // What the node has of it survives a stop, and whoever computes it again finds the same.
    let view = json_of(path, &["participants", LEI]);
    let (_, folder) = node.stop();
    let node = Node::start_in(folder);
    let path = node.path();
    assert_eq!(json_of(path, &["participants", LEI]), view);
    let nobody = ends(path, 1, "participants nobody");
    assert!(nobody.contains("PARTICIPANT_NOT_FOUND"), "{nobody}");
}
