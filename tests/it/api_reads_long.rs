//! Reads that would look through more than one request may: they answer with less, or ask to be
//! asked again, and whoever does so arrives.

use keys::SigningKey;
use quittance::node::{At, ReadError};
use serde_json::Value;

use crate::api_kit::{Door, Headers};
use crate::kit::{Sandbox, assert_good};

const PAYMENTS: u64 = 400;
/// Entries that one request may look through.
const STEP: u64 = 64;
/// Tries that suffice for one account.
const TRIES: u64 = PAYMENTS / STEP + 2;

/// Two accounts with long chains and the smallest allowance, all of it in the store.
struct Long {
    door: Door,
    session: Headers,
    key: SigningKey,
    /// Index of the first payment, and its message id.
    first: u64,
    message: String,
}

impl Long {
    fn new() -> Long {
        let mut sandbox = Sandbox::new();
        let key = sandbox.bank("bank-a");
        sandbox.asset("USD");
        for (account, amount) in [("bank-a:x", "1000.00"), ("bank-a:y", "0")] {
            sandbox.account("bank-a", account, "USD", amount);
        }
        let first = sandbox.node().reader().size();
        let mut message = String::new();
        for _ in 0..PAYMENTS {
            let pay = sandbox.transfer("bank-a:x", "bank-a:y", "USD", "1.00");
            let body = sandbox.body(&[pay]);
            if message.is_empty() {
                let json: Value = serde_json::from_str(&body).unwrap();
                json["message_id"]
                    .as_str()
                    .unwrap()
                    .clone_into(&mut message);
            }
            assert_good(&sandbox.submit("bank-a", &[&key], &body));
        }
        sandbox.config.api.limits.read_bytes_max = STEP << 10;
        sandbox.reopen();
        let door = Door::serving(sandbox);
        let session = door.session("bank-a", &key);
        Long {
            door,
            session,
            key,
            first,
            message,
        }
    }

    /// Asks until there is an answer; says how often it was refused.
    fn ask(&self, path: &str) -> (Value, u64) {
        for tries in 0..PAYMENTS {
            let answer = self.door.get(path, self.session.clone());
            if answer.status == 200 {
                return (answer.json(), tries);
            }
            assert_eq!(answer.problem(), "READ_UNFINISHED", "{path}");
            assert_eq!(answer.status, 503);
            assert!(answer.header("retry-after").is_some());
        }
        panic!("{path} never ends");
    }
}

#[test]
fn a_balance_far_back_is_reached() {
    let long = Long::new();
    let path = |index: u64| format!("/v1/accounts/bank-a:x?at_index={index}");
    let (account, tries) = long.ask(&path(long.first));
    assert_eq!(account["posted"], "999.00");
    assert!((1..=TRIES).contains(&tries), "{tries}");
    // From there on everything is near.
    assert_eq!(long.ask(&path(long.first)).1, 0);
    let (account, tries) = long.ask(&path(long.first + PAYMENTS / 2));
    assert_eq!(account["posted"], "799.00");
    assert!(tries <= TRIES, "{tries}");
}

#[test]
fn a_list_far_back_is_complete() {
    let long = Long::new();
    let (mut found, mut tries) = (Vec::new(), 0);
    let mut path = format!("/v1/accounts?at_index={}", long.first);
    loop {
        let (page, more) = long.ask(&path);
        tries += more;
        for account in page["items"].as_array().unwrap() {
            let text = |key: &str| account[key].as_str().unwrap().to_owned();
            found.push((text("address"), text("posted")));
        }
        let Some(next) = page["next"].as_str() else {
            break;
        };
        path = format!("/v1/accounts?at_index={}&cursor={next}", long.first);
    }
    let account = |address: &str, posted: &str| (address.to_owned(), posted.to_owned());
    assert_eq!(
        found,
        [account("bank-a:x", "999.00"), account("bank-a:y", "1.00")]
    );
    assert!((1..=2 * TRIES).contains(&tries), "{tries}");
}

#[test]
fn a_statement_from_the_beginning_is_complete() {
    let long = Long::new();
    let (mut balances, mut tries) = (Vec::new(), 0);
    let base = "/v1/accounts/bank-a:y/statement?limit=50";
    let mut path = base.to_owned();
    loop {
        let (page, more) = long.ask(&path);
        tries += more;
        let rows = page["items"].as_array().unwrap();
        balances.extend(
            rows.iter()
                .map(|row| row["balance"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next"].as_str() else {
            break;
        };
        path = format!("{base}&cursor={next}");
    }
    let expected = (1..=PAYMENTS).map(|n| format!("{n}.00"));
    assert_eq!(balances, expected.collect::<Vec<_>>());
    assert!((1..=2 * TRIES).contains(&tries), "{tries}");
}

#[test]
fn a_search_says_how_far_it_came() {
    let long = Long::new();
    let path = format!("/v1/submissions?message_id={}", long.message);
    let answer = long.door.get(&path, long.session.clone());
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (422, "SEARCH_TOO_WIDE")
    );
    let id = long.door.sandbox.id();
    let answer = long
        .door
        .get(&format!("/v1/instructions/{id}"), long.session.clone());
    assert_eq!(answer.problem(), "SEARCH_TOO_WIDE");
    // The session's owner goes on meanwhile.
    let pay = long
        .door
        .sandbox
        .transfer("bank-a:y", "bank-a:x", "USD", "1.00");
    let body = long.door.sandbox.body(&[pay]);
    let answer = long.door.submit("bank-a", &[&long.key], &body);
    assert_eq!(answer.outcomes(), ["SETTLED"]);
}

/// One entry that costs more than a request may look through keeps nobody from the next.
#[test]
fn large_entries_are_passed_too() {
    let mut sandbox = Sandbox::new();
    let key = sandbox.bank("bank-a");
    sandbox.asset("USD");
    for (account, amount) in [("bank-a:x", "1000.00"), ("bank-a:y", "0")] {
        sandbox.account("bank-a", account, "USD", amount);
    }
    let first = sandbox.node().reader().size();
    for _ in 0..40 {
        let pay = |_| sandbox.transfer("bank-a:x", "bank-a:y", "USD", "0.01");
        let body = sandbox.body(&(0..1_000).map(pay).collect::<Vec<_>>());
        assert_good(&sandbox.submit("bank-a", &[&key], &body));
    }
    sandbox.config.api.limits.read_bytes_max = STEP << 10;
    sandbox.reopen();
    let (reader, viewer) = (sandbox.node().reader(), sandbox.viewer("bank-a"));
    let mut tries = 0;
    let view = loop {
        match reader.account_at("bank-a:x", &viewer, At::Index(first)) {
            Ok(view) => break view,
            Err(ReadError::Unfinished) => tries += 1,
            Err(error) => panic!("{error}"),
        }
        assert!(tries < 40);
    };
    assert_eq!(view.posted, "990.00");
    assert!(tries > 0);
}
