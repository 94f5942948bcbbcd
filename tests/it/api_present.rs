//! How a payment stands that waited, over HTTP: to its sender, to whom it pays, to nobody else.

use keys::SigningKey;
use serde_json::{Value, json};

use crate::api_document::conforms_to;
use crate::api_kit::{Door, Headers};
use crate::kit::assert_good;

/// Bank A, which has nothing, owes bank C; bank B is curious.
struct Town {
    door: Door,
    payer: SigningKey,
    sessions: [Headers; 4],
}

const A: usize = 0;
const B: usize = 1;
const C: usize = 2;
const AUDITOR: usize = 3;

impl Town {
    fn new() -> Self {
        let door = Door::open();
        let sandbox = &door.sandbox;
        let keys = ["bank-a", "bank-b", "bank-c"].map(|name| sandbox.bank(name));
        let auditor = sandbox.auditor_key("auditor-1");
        sandbox.asset("USD");
        for bank in ["bank-a", "bank-b", "bank-c"] {
            sandbox.account(bank, &format!("{bank}:usd"), "USD", "0");
        }
        let sessions = [
            door.session("bank-a", &keys[0]),
            door.session("bank-b", &keys[1]),
            door.session("bank-c", &keys[2]),
            door.session("auditor-1", &auditor),
        ];
        let [payer, ..] = keys;
        Self {
            door,
            payer,
            sessions,
        }
    }

    /// Submits an instruction of bank A's; gives its id and the entry.
    fn ask(&self, wish: &str, code: &str) -> (String, Value) {
        let body = self.door.sandbox.body(&[wish.to_owned()]);
        let answer = self.door.submit("bank-a", &[&self.payer], &body);
        assert_eq!(answer.outcomes(), [code]);
        let answer = answer.json();
        let id = answer["outcomes"][0]["id"].as_str().unwrap().to_owned();
        (id, answer["index"].clone())
    }

    /// A payment to bank C, which waits.
    fn queue(&self, amount: &str) -> (String, Value) {
        let pay = self
            .door
            .sandbox
            .transfer("bank-a:usd", "bank-c:usd", "USD", amount);
        self.ask(&pay.replace("\"legs\"", "\"queue\":{},\"legs\""), "QUEUED")
    }

    fn find(&self, who: usize, id: &str) -> Value {
        let path = format!("/v1/instructions/{id}");
        let answer = self.door.get(&path, self.sessions[who].clone());
        assert_eq!(answer.status, 200, "{}", answer.text());
        conforms_to("InstructionFound", &answer.json());
        answer.json()
    }

    fn knows_nothing(&self, who: usize, id: &str) {
        let path = format!("/v1/instructions/{id}");
        let answer = self.door.get(&path, self.sessions[who].clone());
        assert_eq!(answer.problem(), "INSTRUCTION_NOT_FOUND");
    }

    /// Waits until the node has settled something of bank C's, or told it something.
    fn newest(&self) -> Value {
        let path = "/v1/accounts/bank-c:usd/history?limit=1";
        for _ in 0..600 {
            let rows = self.door.get(path, self.sessions[C].clone()).json();
            if let Some(row) = rows["items"].get(0) {
                return row.clone();
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("nothing happens")
    }
}

#[test]
fn a_payment_that_waited_is_found_where_it_is_now() {
    let town = Town::new();
    let (id, queued) = town.queue("10.00");
    for who in [A, AUDITOR] {
        let found = town.find(who, &id);
        assert_eq!(
            (&found["index"], &found["outcome"]["code"]),
            (&queued, &json!("QUEUED"))
        );
        let present = &found["present"];
        assert_eq!(present["state"], "waiting", "{found}");
        assert_eq!(
            (&present["code"], &present["index"], &present["items"]),
            (&Value::Null, &Value::Null, &json!([]))
        );
        assert!(present["at_index"].as_u64() >= queued.as_u64());
    }
    town.knows_nothing(B, &id);
    town.knows_nothing(C, &id);

    let sandbox = &town.door.sandbox;
    let issue = format!(
        r#"{{"issue":{{"id":"{}","account":"bank-a:usd","amount":"10.00"}}}}"#,
        sandbox.id()
    );
    assert_good(&sandbox.govern(&[issue]));
    let settled = town.newest();
    assert_eq!(
        (&settled["kind"], &settled["booked"]),
        (&json!("queued"), &json!(true))
    );
    for who in [A, AUDITOR] {
        let found = town.find(who, &id);
        assert_eq!(found["index"], queued, "what was answered stays");
        let present = &found["present"];
        assert_eq!(
            (&present["state"], &present["code"]),
            (&json!("settled"), &json!("SETTLED"))
        );
        assert_eq!(
            (&present["index"], &present["time"]),
            (&settled["index"], &settled["time"])
        );
        assert_eq!(present["items"], json!([settled["item"]]));
        let leg = &present["legs"][0];
        assert_eq!(
            [&leg["debit"], &leg["credit"], &leg["amount"]],
            ["bank-a:usd", "bank-c:usd", "10.00"]
        );
        let receipt = format!(
            "/v1/receipts/{}?item={}",
            present["index"], present["items"][0]
        );
        let receipt = town.door.get(&receipt, town.sessions[who].clone());
        assert_eq!(receipt.status, 200, "{}", receipt.text());
    }
    // Whoever was paid finds the settlement itself.
    let found = town.find(C, &id);
    assert_eq!(
        (
            &found["index"],
            &found["outcome"]["code"],
            &found["present"]
        ),
        (&settled["index"], &json!("SETTLED"), &Value::Null)
    );
    town.knows_nothing(B, &id);
}

#[test]
fn a_payment_that_was_taken_back_is_gone_for_both_sides() {
    let town = Town::new();
    let (id, queued) = town.queue("10.00");
    // Something else happens on the account in between.
    let (other, _) = town.queue("20.00");
    let cancel = format!(
        r#"{{"cancel":{{"id":"{}","of":"{id}"}}}}"#,
        town.door.sandbox.id()
    );
    let (_, gone) = town.ask(&cancel, "APPLIED");
    let found = town.find(A, &id);
    assert_eq!(found["index"], queued);
    let present = &found["present"];
    assert_eq!(
        (&present["state"], &present["code"], &present["index"]),
        (&json!("ended"), &json!("CANCELLED_BY_SENDER"), &gone)
    );
    assert_eq!(
        (&present["items"], &present["legs"]),
        (&json!([2]), &json!([]))
    );
    // The other side was told by a notice, which moved nothing.
    let found = town.find(C, &id);
    assert_eq!(
        (&found["index"], &found["outcome"]["code"], &found["legs"]),
        (&gone, &json!("CANCELLED_BY_SENDER"), &json!([]))
    );
    assert_eq!(found["present"]["state"], "ended");
    assert_eq!(town.find(A, &other)["present"]["state"], "waiting");
    town.knows_nothing(B, &id);
}
