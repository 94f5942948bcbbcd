//! What readers are told of payments that wait: their senders all of it, whoever they would pay that they
//! come, and nobody else anything.

use serde_json::{Value, json};

use crate::api_document::conforms_to;
use crate::api_kit::{Door, Headers};

#[test]
fn whoever_is_paid_sees_what_is_to_come() {
    let door = Door::open();
    let sandbox = &door.sandbox;
    let keys = ["bank-a", "bank-b", "bank-c"].map(|name| sandbox.bank(name));
    sandbox.asset("USD");
    for bank in ["bank-a", "bank-b", "bank-c"] {
        sandbox.account(bank, &format!("{bank}:usd"), "USD", "10.00");
    }
    let leg = |credit: &str, amount: &str| json!({"debit": "bank-a:usd", "credit": credit, "asset": "USD", "amount": amount});
    let wish = json!({"transfer": {"id": sandbox.id().to_string(), "queue": {"priority": "high"},
        "legs": [leg("bank-b:usd", "60.00"), leg("bank-c:usd", "5.00")]}});
    let body = sandbox.body(&[wish.to_string()]);
    let answer = door.submit("bank-a", &[&keys[0]], &body);
    assert_eq!(answer.outcomes(), ["QUEUED"], "{}", answer.text());

    let list = |session: &Headers, query: &str| -> Vec<Value> {
        let page = door.get(&format!("/v1/queue{query}"), session.clone());
        let page = page.json();
        let items = page["items"].as_array().unwrap_or_else(|| panic!("{page}"));
        items.iter().for_each(|item| conforms_to("Payment", item));
        items.clone()
    };
    let [a, b, c] = [0, 1, 2].map(|n| door.session(["bank-a", "bank-b", "bank-c"][n], &keys[n]));
    let own = &list(&a, "")[0];
    assert_eq!([&own["priority"], &own["state"]], ["high", "waiting"]);
    assert_eq!((&own["place"], &own["legs_total"]), (&json!(1), &json!(2)));
    assert_eq!(own["legs"].as_array().unwrap().len(), 2, "{own}");
    // Its own leg alone, and neither how urgent it is nor where it stands.
    for (session, address, amount) in [(&b, "bank-b:usd", "60.00"), (&c, "bank-c:usd", "5.00")] {
        let coming = list(session, &format!("?account={address}"));
        let [coming] = &coming[..] else {
            panic!("{coming:?}")
        };
        assert_eq!(coming["submitter"], "bank-a");
        assert_eq!(
            (&coming["priority"], &coming["place"]),
            (&Value::Null, &Value::Null)
        );
        let legs = coming["legs"].as_array().unwrap();
        assert_eq!(legs.len(), 1, "{coming}");
        assert_eq!([&legs[0]["credit"], &legs[0]["amount"]], [address, amount]);
    }
    let stranger = door.get("/v1/queue?account=bank-a:usd", b);
    assert_eq!(stranger.problem(), "ACCOUNT_NOT_FOUND");
}
