//! The door from outside: what it refuses, with which code, and that nothing is logged then.

use keys::SigningKey;
use quittance::ledger::{InstructionId, SECOND, Time};

use crate::api_kit::{Answered, Door};

/// Two banks with dollars, one of which wants to pay the other.
pub(crate) struct Town {
    pub(crate) door: Door,
    pub(crate) a: SigningKey,
    pub(crate) b: SigningKey,
}

impl Town {
    pub(crate) fn new() -> Town {
        Town::around(Door::open())
    }

    fn around(door: Door) -> Town {
        let sandbox = &door.sandbox;
        let (a, b) = (sandbox.bank("bank-a"), sandbox.bank("bank-b"));
        sandbox.asset("USD");
        sandbox.account("bank-a", "bank-a:usd", "USD", "1000.00");
        sandbox.account("bank-b", "bank-b:usd", "USD", "0");
        Town { door, a, b }
    }

    /// A message that pays this amount, as JSON text.
    pub(crate) fn pay(&self, amount: &str) -> String {
        let sandbox = &self.door.sandbox;
        sandbox.body(&[sandbox.transfer("bank-a:usd", "bank-b:usd", "USD", amount)])
    }

    fn submit(&self, body: &str) -> Answered {
        self.door.submit("bank-a", &[&self.a], body)
    }

    /// Checks that `send` is refused with this code and leaves no trace in the log.
    pub(crate) fn refused(
        &self,
        status: u16,
        code: &str,
        what: &str,
        send: impl FnOnce() -> Answered,
    ) {
        let before = self.door.size();
        let answered = send();
        assert_eq!(answered.problem(), code, "{what}: {}", answered.text());
        assert_eq!(answered.status, status, "{what}");
        assert_eq!(self.door.size(), before, "{what}");
    }

    /// Checks that a body is logged, with this outcome.
    fn outcome(&self, code: &str, body: &str) {
        let before = self.door.size();
        let answered = self.submit(body);
        assert_eq!(answered.status, 201, "{body}: {}", answered.text());
        assert_eq!(answered.outcomes(), [code], "{body}");
        assert_eq!(self.door.size(), before + 1, "{body}");
    }
}

#[test]
fn a_settlement_is_answered_with_its_receipt() {
    let town = Town::new();
    let body = town.pay("12.50");
    let first = town.submit(&body);
    assert_eq!(first.status, 201, "{}", first.text());
    assert_eq!(first.outcomes(), ["SETTLED"]);
    let answer = first.json();
    assert_eq!(answer["balances"].as_array().unwrap().len(), 1);
    assert_eq!(answer["balances"][0]["posted"], "987.50");
    let receipt = answer["receipt"].to_string();
    let receipt = quittance::wire::ReceiptFile::from_json(receipt.as_bytes()).unwrap();
    let receipt = receipt.to_receipt().unwrap();
    let verified = receipt.verify(&town.door.sandbox.node().log_key()).unwrap();
    assert_eq!(verified.items.len(), 2);

    // The same bytes again: the same index and outcomes, nothing moves.
    let size = town.door.size();
    let again = town.submit(&body);
    assert_eq!(again.status, 200);
    assert_eq!(again.header("quittance-replayed"), Some("true"));
    assert_eq!(first.header("quittance-replayed"), None);
    assert_eq!(again.json()["index"], answer["index"]);
    assert_eq!(again.json()["outcomes"], answer["outcomes"]);
    assert_eq!(town.door.size(), size);
    assert_eq!(town.door.sandbox.posted("bank-a:usd"), "987.50");
}

#[test]
fn bodies_that_cannot_be_are_never_logged() {
    let town = Town::new();
    let good = town.pay("1.00");
    let mut cases = vec![
        (400, "JSON_SYNTAX", good[..40].to_owned()),
        (400, "JSON_SYNTAX", format!("{good}{{}}")),
        (400, "JSON_SYNTAX", String::new()),
        (
            422,
            "FIELD_UNKNOWN",
            good.replace("\"amount\"", "\"amt\":1,\"amount\""),
        ),
        (
            422,
            "FIELD_UNKNOWN",
            good.replace("\"nonce\"", "\"fee\":\"1\",\"nonce\""),
        ),
        (
            422,
            "FIELD_MISSING",
            good.replace("\"amount\":\"1.00\"", "\"amount2\":\"1\"")
                .replace("amount2", "asset2")
                .replace(",\"asset2\":\"1\"", ""),
        ),
        (422, "AMOUNT_NOT_STRING", good.replace("\"1.00\"", "1.00")),
        (422, "AMOUNT_NOT_STRING", good.replace("\"1.00\"", "1")),
        (
            422,
            "AMOUNT_TOO_LARGE",
            good.replace("1.00", "79228162514264337593543950336"),
        ),
        (422, "ADDRESS_GRAMMAR", good.replace("bank-b:usd", "bank b")),
        (422, "ASSET_GRAMMAR", good.replace("USD", "U D")),
        (
            422,
            "INSTRUCTION_UNKNOWN",
            good.replace("{\"transfer\"", "{\"teleport\""),
        ),
        (
            422,
            "NONCE_GRAMMAR",
            good.replace("AAECAwQFBgcICQoLDA0ODw==", "AAEC"),
        ),
        (422, "INSTRUCTIONS_COUNT", town.door.sandbox.body(&[])),
        (422, "LEGS_COUNT", town.door.sandbox.body(&[legs(&town, 0)])),
        (
            422,
            "LEGS_COUNT",
            town.door.sandbox.body(&[legs(&town, 257)]),
        ),
    ];
    for amount in [
        "1e5", "1_000", "+1", "-1", "-0", "00.5", ".5", "5.", " 1", "1,5", "0x1", "", "1.1.1",
        "\u{661}", "NaN",
    ] {
        cases.push((422, "AMOUNT_GRAMMAR", good.replace("1.00", amount)));
    }
    for (status, code, body) in cases {
        town.refused(status, code, &body, || town.submit(&body));
    }
    let places = town.submit(&good.replace("1.00", "+1")).json();
    assert_eq!(places["errors"][0]["code"], "AMOUNT_GRAMMAR");
    assert_eq!(
        places["errors"][0]["pointer"],
        "/instructions/0/transfer/legs/0/amount"
    );
    assert_eq!(town.door.sandbox.posted("bank-a:usd"), "1000.00");
}

fn legs(town: &Town, count: usize) -> String {
    let one = town
        .door
        .sandbox
        .transfer("bank-a:usd", "bank-b:usd", "USD", "0.01");
    let (start, end) = (one.find('[').unwrap() + 1, one.rfind(']').unwrap());
    let legs = vec![&one[start..end]; count].join(",");
    format!("{}{legs}{}", &one[..start], &one[end..])
}

#[test]
fn what_needs_the_state_is_an_outcome_in_the_log() {
    let town = Town::new();
    let sandbox = &town.door.sandbox;
    sandbox.asset("EUR");
    sandbox.asset("CHF");
    sandbox.account("bank-a", "bank-a:chf", "CHF", "5.00");
    sandbox.account("bank-b", "bank-b:chf", "CHF", "0");
    let retire = sandbox.id();
    sandbox.govern(&[format!(
        r#"{{"set_asset_status":{{"id":"{retire}","asset":"CHF","status":"retired"}}}}"#
    )]);
    let pay = |debit: &str, credit: &str, asset: &str, amount: &str| {
        sandbox.body(&[sandbox.transfer(debit, credit, asset, amount)])
    };
    let (a, b) = ("bank-a:usd", "bank-b:usd");
    town.outcome("PRECISION_EXCEEDED", &pay(a, b, "USD", "1.001"));
    town.outcome("ASSET_UNKNOWN", &pay(a, b, "XYZ", "1.00"));
    town.outcome("ASSET_MISMATCH", &pay(a, b, "EUR", "1.00"));
    town.outcome(
        "ASSET_RETIRED",
        &pay("bank-a:chf", "bank-b:chf", "CHF", "1.00"),
    );
    town.outcome("ACCOUNT_UNKNOWN", &pay(a, "bank-b:nowhere", "USD", "1.00"));
    town.outcome("SELF_TRANSFER", &pay(a, a, "USD", "1.00"));
    town.outcome("NOT_OWNER", &pay(b, a, "USD", "1.00"));
    town.outcome("INSUFFICIENT_FUNDS", &pay(a, b, "USD", "1000.01"));
    town.outcome("AMOUNT_ZERO", &pay(a, b, "USD", "0.00"));
    town.outcome("SETTLED", &pay(a, b, "USD", "999.99"));

    // An instruction id that was used, in another message.
    let transfer = sandbox.transfer(a, b, "USD", "0.01");
    town.outcome("SETTLED", &sandbox.body(std::slice::from_ref(&transfer)));
    let used = sandbox.body(&[transfer]);
    let answer = town.submit(&used).json();
    assert_eq!(answer["outcomes"][0]["code"], "ID_ALREADY_USED");
    assert_eq!(answer["outcomes"][0]["detail"], town.door.size() - 2);

    // One public key under two names.
    let twin = |name: &str| SigningKey::from_seed(name, [9; 32]).unwrap();
    let add = |name: &str| {
        let vkey = chain::Signer::verifier_key(&twin(&format!("{name}/k"))).to_string();
        let id = sandbox.id();
        let body = sandbox.body(&[format!(
            r#"{{"add_participant":{{"id":"{id}","participant":"{name}","role":"bank","keys":["{vkey}"],"threshold":1}}}}"#
        )]);
        town.door
            .submit("operators", &[&sandbox.operator], &body)
            .outcomes()
    };
    assert_eq!(add("bank-x"), ["APPLIED"]);
    assert_eq!(add("bank-y"), ["KEY_ALREADY_REGISTERED"]);
}

#[test]
fn identity_and_window() {
    let town = Town::new();
    let sandbox = &town.door.sandbox;
    let now = sandbox.node().clock().now_ns();
    let body = town.pay("1.00");
    let created = body.split("\"created\":\"").nth(1).unwrap();
    let created = created.split('"').next().unwrap().to_owned();
    for offset in [-7_200_i64, 120] {
        let other = now.saturating_add_signed(offset * SECOND as i64);
        let moved = body.replace(&created, &Time::from_nanos(other).to_string());
        town.refused(422, "CREATED_OUTSIDE_WINDOW", &moved, || {
            town.submit(&moved)
        });
        let id = InstructionId::from_parts(other / 1_000_000, 7);
        let own = body
            .split("\"id\":\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        let moved = body.replace(own, &id.to_string());
        town.refused(422, "ID_OUTSIDE_WINDOW", &moved, || town.submit(&moved));
    }
    assert_eq!(town.submit(&body).status, 201);
    let other = body.replace("1.00", "2.00");
    town.refused(409, "MESSAGE_ID_REUSED", "other content", || {
        town.submit(&other)
    });
    assert_eq!(sandbox.posted("bank-a:usd"), "999.00");

    // Long after the window: looked up, never executed.
    sandbox.node().clock().set_offset_ns(7_200_000_000_000);
    let late = town.submit(&body);
    assert_eq!(
        (late.status, late.header("quittance-replayed")),
        (200, Some("true"))
    );
    assert_eq!(late.outcomes(), ["SETTLED"]);
    town.refused(409, "MESSAGE_ID_REUSED", "late", || town.submit(&other));
    let fresh = body.replace("\"m-", "\"n-");
    town.refused(422, "CREATED_OUTSIDE_WINDOW", "late", || {
        town.submit(&fresh)
    });
    assert_eq!(sandbox.posted("bank-a:usd"), "999.00");
}

#[test]
fn a_module_that_is_switched_off_is_refused_at_the_door() {
    let town = Town::around(Door::open_with(|config| config.assets.fiat_enabled = true));
    let sandbox = &town.door.sandbox;
    let add = |module: &str| {
        sandbox.body(&[format!(
            r#"{{"add_asset":{{"id":"{}","asset":"SEK","module":"{module}"}}}}"#,
            sandbox.id()
        )])
    };
    let submit =
        |door: &Door, body: &str| door.submit("operators", &[&door.sandbox.operator], body);
    assert_eq!(
        submit(&town.door, &add("magic")).outcomes(),
        ["MODULE_UNKNOWN"]
    );
    assert_eq!(submit(&town.door, &add("fiat")).outcomes(), ["APPLIED"]);

    let door = Door::open_with(|config| config.assets.fiat_enabled = false);
    let body = door.sandbox.body(&[format!(
        r#"{{"add_asset":{{"id":"{}","asset":"SEK","module":"fiat"}}}}"#,
        door.sandbox.id()
    )]);
    let refused = submit(&door, &body);
    assert_eq!(
        (refused.status, refused.problem().as_str()),
        (422, "MODULE_DISABLED")
    );
    assert_eq!(door.size(), 1);
}
