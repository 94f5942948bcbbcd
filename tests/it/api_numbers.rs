//! `GET /v1/numbers`: who knows an address gets its number, and nothing else of the account.

use quittance::client::Client;
use quittance::ledger::{Address, Time};

use crate::api_kit::{Door, Headers};

struct Town {
    door: Door,
    bank: Headers,
    key: keys::SigningKey,
}

fn town() -> Town {
    let door = Door::open();
    let sandbox = &door.sandbox;
    for asset in ["USD", "JPY"] {
        sandbox.asset(asset);
    }
    let (key, _) = (sandbox.bank("bank-a"), sandbox.bank("bank-b"));
    sandbox.account("bank-a", "bank-a:usd", "USD", "100.00");
    sandbox.account("bank-b", "bank-b:jpy", "JPY", "0");
    let bank = door.session("bank-a", &key);
    Town { door, bank, key }
}

impl Town {
    fn ask(&self, addresses: &str) -> crate::api_kit::Answered {
        let path = format!("/v1/numbers?addresses={addresses}");
        self.door.get(&path, self.bank.clone())
    }
}

#[test]
fn numbers_and_assets_of_anybodys_accounts_and_nothing_else() {
    let town = town();
    let reader = town.door.sandbox.node().reader();
    let auditor = town.door.sandbox.auditor();
    let number = |address: &str| reader.account(address, &auditor).unwrap().number;
    let answer = town.ask("bank-b:jpy,bank-c:usd,bank-a:usd");
    let wanted = serde_json::json!({
        "at_index": town.door.size() - 1,
        "items": [
            { "address": "bank-b:jpy", "number": number("bank-b:jpy"), "asset": "JPY" },
            { "address": "bank-a:usd", "number": number("bank-a:usd"), "asset": "USD" },
        ],
        "unknown": ["bank-c:usd"],
    });
    assert_eq!((answer.status, answer.json()), (200, wanted));
    assert_ne!(number("bank-b:jpy"), number("bank-a:usd"));
}

#[test]
fn a_question_has_1_to_200_addresses_in_their_grammar() {
    let town = town();
    let list = |count: usize| vec!["x".repeat(64); count].join(",");
    let most = town.ask(&list(200));
    assert_eq!(most.json()["unknown"].as_array().unwrap().len(), 200);
    for wrong in ["", ",", "bank-a:usd,", "bank%20a", "%2317", &list(201)] {
        let answer = town.ask(wrong);
        assert_eq!(answer.problem(), "QUERY_INVALID", "{wrong}");
    }
    // In its other spelling a comma is one too.
    let both = town.ask("bank-a:usd%2Cbank-b:jpy").json();
    assert_eq!(both["items"].as_array().unwrap().len(), 2);
    let none = town.door.get("/v1/numbers", town.bank.clone());
    assert_eq!(none.problem(), "QUERY_INVALID");
}

#[test]
fn the_client_asks_for_any_number_of_them() {
    let town = town();
    let mut client = Client::new(&format!("http://{}", town.door.bound().public)).unwrap();
    let now = Time::from_nanos(town.door.sandbox.node().clock().now_ns());
    client
        .open_session("bank-a", &now.to_string(), &[7; 16], &town.key)
        .unwrap();
    let mut addresses: Vec<Address> = (0..450)
        .map(|n| Address::new(&format!("bank-z:{n}")).unwrap())
        .collect();
    addresses.insert(300, Address::new("bank-b:jpy").unwrap());
    let found = client.numbers(&addresses).unwrap();
    assert_eq!((found.items.len(), found.unknown.len()), (1, 450));
    assert_eq!(found.items[0].asset.as_str(), "JPY");
    assert_eq!(found.at_index, town.door.size() - 1);
}
