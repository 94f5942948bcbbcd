//! Who reads what: a rival bank learns nothing, an auditor everything.

use keys::SigningKey;
use serde_json::Value;

use crate::api_kit::{Answered, Door, Headers};

/// Bank A pays bank C; bank B is curious.
struct Street {
    door: Door,
    b: SigningKey,
    auditor: Headers,
    sessions: [Headers; 3],
    paid: Value,
    body: String,
}

impl Street {
    fn new() -> Street {
        let door = Door::open();
        let sandbox = &door.sandbox;
        let keys = ["bank-a", "bank-b", "bank-c"].map(|name| sandbox.bank(name));
        let auditor = sandbox.auditor_key("auditor-1");
        sandbox.asset("USD");
        sandbox.account("bank-a", "bank-a:usd", "USD", "1000.00");
        sandbox.account("bank-b", "bank-b:usd", "USD", "7.00");
        sandbox.account("bank-c", "bank-c:usd", "USD", "0");
        let body = sandbox.body(&[sandbox.transfer("bank-a:usd", "bank-c:usd", "USD", "12.50")]);
        let body = body.replace("\"legs\"", "\"end_to_end_id\":\"INV-88\",\"legs\"");
        let paid = door.submit("bank-a", &[&keys[0]], &body);
        assert_eq!(paid.outcomes(), ["SETTLED"]);
        let names = ["bank-a", "bank-b", "bank-c"];
        let sessions = [0, 1, 2].map(|n| door.session(names[n], &keys[n]));
        let [_, b, _] = keys;
        Street {
            auditor: door.session("auditor-1", &auditor),
            paid: paid.json(),
            door,
            b,
            sessions,
            body,
        }
    }

    fn get(&self, who: usize, path: &str) -> Answered {
        self.door.get(path, self.sessions[who].clone())
    }

    fn audit(&self, path: &str) -> Answered {
        self.door.get(path, self.auditor.clone())
    }

    fn created(&self) -> String {
        let rest = self.body.split("\"created\":\"").nth(1).unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    fn lookup(&self, who: &str) -> String {
        let id = self.body.split("\"message_id\":\"").nth(1).unwrap();
        let id = id.split('"').next().unwrap();
        let created = self.created();
        format!("/v1/submissions?participant={who}&created={created}&message_id={id}")
    }
}

#[test]
fn a_rival_learns_nothing() {
    let street = Street::new();
    let index = street.paid["index"].as_u64().unwrap();
    let pairs = [
        // What is there and not its own, and what is not there at all.
        ("/v1/accounts/bank-a:usd", "/v1/accounts/bank-a:eur"),
        (
            "/v1/accounts/bank-a:usd/history",
            "/v1/accounts/bank-a:eur/history",
        ),
        (&*format!("/v1/receipts/{index}"), "/v1/receipts/99999"),
        (
            &*format!("/v1/receipts/{index}?item=1"),
            "/v1/receipts/99999?item=1",
        ),
        (&*street.lookup("bank-a"), &*street.lookup("bank-b")),
    ];
    for (theirs, nothing) in pairs {
        let (theirs, nothing) = (street.get(1, theirs), street.get(1, nothing));
        assert_eq!(
            (theirs.status, nothing.status),
            (404, 404),
            "{}",
            theirs.text()
        );
        theirs.problem();
        assert_eq!(theirs.anonymous(), nothing.anonymous());
        for secret in ["12.5", "987", "1000", "INV-88"] {
            assert!(!theirs.text().contains(secret));
        }
    }
    let entry = street.get(1, &format!("/v1/entries/{index}"));
    assert_eq!((entry.status, entry.problem().as_str()), (403, "FORBIDDEN"));
    let accounts = street.get(1, "/v1/accounts").json();
    assert_eq!(accounts["items"].as_array().unwrap().len(), 1);
    assert_eq!(accounts["items"][0]["address"], "bank-b:usd");
}

#[test]
fn a_rival_cannot_search_balances_by_dry_run() {
    let street = Street::new();
    let sandbox = &street.door.sandbox;
    let tried = |debit: &str, amount: &str| {
        let body = sandbox.body(&[sandbox.transfer(debit, "bank-b:usd", "USD", amount)]);
        let answer = street.door.dry_run("bank-b", &[&street.b], &body);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let mut outcome = answer.json()["outcomes"][0].clone();
        outcome.as_object_mut().unwrap().remove("id");
        assert_eq!(answer.json()["balances"], serde_json::json!([]));
        outcome
    };
    let size = street.door.size();
    let small = tried("bank-a:usd", "0.01");
    assert_eq!(small["code"], "NOT_OWNER");
    assert_eq!(small, tried("bank-a:usd", "987.50"));
    assert_eq!(small, tried("bank-a:usd", "987.51"));
    assert_eq!(small, tried("bank-a:usd", "1000000000.00"));
    // Of its own account it may know.
    let own = |amount: &str| {
        let body = sandbox.body(&[sandbox.transfer("bank-b:usd", "bank-c:usd", "USD", amount)]);
        street
            .door
            .dry_run("bank-b", &[&street.b], &body)
            .outcomes()
    };
    assert_eq!(own("7.00"), ["SETTLED"]);
    assert_eq!(own("7.01"), ["INSUFFICIENT_FUNDS"]);
    assert_eq!(street.door.size(), size, "dry runs are not logged");
}

#[test]
fn parties_and_auditors_read_what_is_theirs() {
    let street = Street::new();
    let index = street.paid["index"].as_u64().unwrap();
    let key = street.door.sandbox.node().log_key().clone();
    // The creditor gets its item, with its own private part alone.
    let receipt = street.get(2, &format!("/v1/receipts/{index}?item=1"));
    assert_eq!(receipt.status, 200, "{}", receipt.text());
    let file = quittance::wire::ReceiptFile::from_json(&receipt.body).unwrap();
    file.to_receipt().unwrap().verify(&key).unwrap();
    assert_eq!(
        receipt.json()["items"][0]["private"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        street
            .get(2, &format!("/v1/receipts/{index}?item=0"))
            .status,
        404
    );
    assert_eq!(
        street
            .get(2, &format!("/v1/receipts/{index}?item=2"))
            .status,
        404
    );

    let found = street.get(0, &street.lookup("bank-a"));
    assert_eq!(found.status, 200, "{}", found.text());
    assert_eq!(found.json()["index"], index);
    assert_eq!(found.json()["outcomes"], street.paid["outcomes"]);
    let history = street.get(0, "/v1/accounts/bank-a:usd/history").json();
    assert_eq!(history["items"][0]["amount"], "12.50");
    assert_eq!(history["items"][0]["direction"], "debit");
    assert_eq!(history["items"][0]["counterparty"], "bank-c:usd");

    assert_eq!(street.audit(&format!("/v1/receipts/{index}")).status, 200);
    let entry = street.audit(&format!("/v1/entries/{index}"));
    assert_eq!(entry.json()["items"].as_array().unwrap().len(), 2);
    let beyond = street.audit("/v1/entries/99999");
    assert_eq!(
        (beyond.status, beyond.problem().as_str()),
        (404, "ENTRY_NOT_FOUND")
    );
    assert_eq!(street.audit("/v1/whoami").json()["role"], "auditor");
}

#[test]
fn pages_follow_each_other() {
    let street = Street::new();
    let mut path = "/v1/accounts?limit=1".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = street.audit(&path);
        let json = page.json();
        assert_eq!(json["items"].as_array().unwrap().len(), 1);
        seen.push(json["items"][0]["address"].as_str().unwrap().to_owned());
        let Some(link) = page.header("link") else {
            assert!(json["next"].is_null());
            break;
        };
        let (next, relation) = link.split_once(';').unwrap();
        assert_eq!(relation.trim(), "rel=\"next\"");
        path = next.trim_matches(['<', '>']).to_owned();
    }
    assert_eq!(seen.len(), 4, "{seen:?}");
    assert_eq!(&seen[1..], ["bank-a:usd", "bank-b:usd", "bank-c:usd"]);

    let history = street.get(0, "/v1/accounts/bank-a:usd/history?limit=1");
    let link = history.header("link").unwrap();
    let next = link.split(['<', '>']).nth(1).unwrap();
    let older = street.get(0, next).json();
    assert_eq!(older["items"][0]["kind"], "issue");
    for wrong in [
        "cursor=",
        "cursor=x",
        "cursor=1.2.3",
        "limit=0",
        "limit=201",
        "limit=x",
        "page=2",
    ] {
        let answer = street.get(0, &format!("/v1/accounts/bank-a:usd/history?{wrong}"));
        assert_eq!(answer.status, 400, "{wrong}");
        answer.problem();
    }
    // Another's account is no cursor: it would tell that it exists.
    for cursor in ["bank-a:usd", "nobody:usd"] {
        let answer = street.get(1, &format!("/v1/accounts?cursor={cursor}"));
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (400, "CURSOR_INVALID")
        );
    }
}

#[test]
fn a_session_opens_once_and_for_its_holder() {
    let street = Street::new();
    let door = &street.door;
    let note = door.session_note("bank-b", &street.b);
    assert_eq!(door.open_session(&note).status, 201);
    let codes = [
        (note.clone(), 401, "SESSION_NONCE_REUSED"),
        (
            note.replace("bank-b\n", "bank-a\n"),
            401,
            "SIGNATURE_INVALID",
        ),
        (
            note.replace("session v1", "submission v1"),
            400,
            "SESSION_NOTE_INVALID",
        ),
        (
            door.session_note("bank-a", &street.b),
            401,
            "SIGNATURE_INVALID",
        ),
        ("hello".to_owned(), 400, "SESSION_NOTE_INVALID"),
    ];
    for (note, status, code) in codes {
        let answer = door.open_session(&note);
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (status, code),
            "{note}"
        );
    }
    let old = door.session_note("bank-b", &street.b);
    door.sandbox.node().clock().set_offset_ns(61_000_000_000);
    assert_eq!(door.open_session(&old).problem(), "SESSION_EXPIRED");

    assert_eq!(
        door.get("/v1/whoami", Vec::new()).problem(),
        "TOKEN_MISSING"
    );
    for value in ["Bearer qs_wrong", "Bearer x"] {
        let headers = vec![("Authorization", value.to_owned())];
        let answer = door.get("/v1/whoami", headers);
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (401, "TOKEN_INVALID")
        );
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
    let me = street.get(1, "/v1/whoami").json();
    assert_eq!(
        (&me["participant"], &me["role"]),
        (&"bank-b".into(), &"bank".into())
    );
    // Tokens end by themselves.
    door.sandbox.node().clock().set_offset_ns(901_000_000_000);
    assert_eq!(street.get(1, "/v1/whoami").problem(), "TOKEN_INVALID");
}
