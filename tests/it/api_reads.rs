//! Reads over HTTP: who gets what, pages, tags, look-ups, statements as CSV, entries as records.

use quittance::ledger::Time;
use quittance::wire::EntryView;
use serde_json::Value;

use crate::api_kit::{Answered, Door, Headers};

/// Bank A pays bank C twice; bank B is curious. The sessions: a, b, c, operators, auditor.
struct Street {
    door: Door,
    sessions: [Headers; 5],
    bodies: Vec<String>,
    paid: Vec<Value>,
}

const A: usize = 0;
const B: usize = 1;
const C: usize = 2;
const OPERATORS: usize = 3;
const AUDITOR: usize = 4;

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
        let (mut bodies, mut paid) = (Vec::new(), Vec::new());
        for (amount, text) in [("12.50", "=INV-88"), ("0.75", "INV-89")] {
            let pay = sandbox.transfer("bank-a:usd", "bank-c:usd", "USD", amount);
            let text = format!("\"end_to_end_id\":\"{text}\",\"legs\"");
            let body = sandbox.body(&[pay.replace("\"legs\"", &text)]);
            let answer = door.submit("bank-a", &[&keys[0]], &body);
            assert_eq!(answer.outcomes(), ["SETTLED"]);
            paid.push(answer.json());
            bodies.push(body);
        }
        let sessions = [
            door.session("bank-a", &keys[0]),
            door.session("bank-b", &keys[1]),
            door.session("bank-c", &keys[2]),
            door.session("operators", &sandbox.operator),
            door.session("auditor-1", &auditor),
        ];
        Street {
            door,
            sessions,
            bodies,
            paid,
        }
    }

    fn get(&self, who: usize, path: &str) -> Answered {
        self.door.get(path, self.sessions[who].clone())
    }

    fn get_with(&self, who: usize, path: &str, name: &'static str, value: &str) -> Answered {
        let mut headers = self.sessions[who].clone();
        headers.push((name, value.to_owned()));
        self.door.get(path, headers)
    }

    fn index(&self, n: usize) -> u64 {
        self.paid[n]["index"].as_u64().unwrap()
    }

    /// The value of a field in the body of payment `n`.
    fn sent(&self, n: usize, field: &str) -> String {
        let rest = self.bodies[n]
            .split(&format!("\"{field}\":\""))
            .nth(1)
            .unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    fn code(&self, who: usize, path: &str) -> (u16, String) {
        let answer = self.get(who, path);
        let code = if answer.status == 200 {
            String::new()
        } else {
            answer.problem()
        };
        (answer.status, code)
    }
}

#[test]
fn each_role_reads_what_the_table_says() {
    let street = Street::new();
    let (message, id) = (street.sent(0, "message_id"), street.sent(0, "id"));
    let index = street.index(0);
    let account = |rest: &str| format!("/v1/accounts/bank-a:usd{rest}");
    let (yes, no) = ([200; 5], 404);
    // In the order a, b, c, operators, auditor.
    let table = [
        (account(""), [200, no, no, 200, 200]),
        (
            account(&format!("?at_index={index}")),
            [200, no, no, 200, 200],
        ),
        (account("?at_time=2020-01-01T00:00:00Z"), [404; 5]),
        (account("/history"), [200, no, no, 200, 200]),
        (account("/statement"), [200, no, no, 200, 200]),
        ("/v1/accounts".into(), yes),
        (format!("/v1/accounts?at_index={index}"), yes),
        (format!("/v1/instructions/{id}"), [200, no, 200, no, 200]),
        (
            format!("/v1/receipts/{index}?item=1"),
            [200, no, 200, no, 200],
        ),
        (
            format!("/v1/submissions?participant=bank-a&message_id={message}"),
            [200, no, no, no, 200],
        ),
        (
            format!("/v1/submissions?message_id={message}"),
            [200, no, no, no, no],
        ),
        (format!("/v1/entries/{index}"), [403, 403, 403, 403, 200]),
        ("/v1/entries?limit=2".into(), [403, 403, 403, 403, 200]),
        ("/v1/assets".into(), yes),
        ("/v1/participants".into(), yes),
    ];
    for (path, expected) in table {
        let found = [A, B, C, OPERATORS, AUDITOR].map(|who| street.get(who, &path).status);
        assert_eq!(found, expected, "{path}");
    }
    // What is somebody else's looks like what is not there.
    for (theirs, nothing) in [
        (
            account("?at_index=3"),
            "/v1/accounts/bank-x:usd?at_index=3".to_owned(),
        ),
        (
            account("/statement"),
            "/v1/accounts/bank-x:usd/statement".to_owned(),
        ),
        (
            format!("/v1/instructions/{id}"),
            format!("/v1/instructions/{}", street.door.sandbox.id()),
        ),
        (
            format!("/v1/submissions?message_id={message}"),
            "/v1/submissions?message_id=nothing".to_owned(),
        ),
    ] {
        let (theirs, nothing) = (street.get(B, &theirs), street.get(B, &nothing));
        assert_eq!(theirs.anonymous(), nothing.anonymous());
    }
}

#[test]
fn the_past_is_asked_for_in_one_way() {
    let street = Street::new();
    let (first, second) = (street.index(0), street.index(1));
    let posted = |query: &str| {
        let answer = street
            .get(A, &format!("/v1/accounts/bank-a:usd?{query}"))
            .json();
        (
            answer["posted"].as_str().unwrap().to_owned(),
            answer["at_index"].as_u64().unwrap(),
        )
    };
    assert_eq!(
        posted(&format!("at_index={first}")),
        ("987.50".into(), first)
    );
    assert_eq!(
        posted(&format!("at_index={}", first - 1)),
        ("1000.00".into(), first - 1)
    );
    let time = street.paid[0]["time"].as_str().unwrap();
    assert_eq!(posted(&format!("at_time={time}")), ("987.50".into(), first));
    let zoned = time.replace('Z', "%2B00:00");
    assert_eq!(
        posted(&format!("at_time={zoned}")),
        ("987.50".into(), first)
    );
    assert_eq!(posted(&format!("at_index={second}")).0, "986.75");

    let tomorrow = street.door.sandbox.node().clock().now_ns() + 86_400_000_000_000;
    let tomorrow = Time::from_nanos(tomorrow);
    for (query, status, code) in [
        ("at_index=99999".to_owned(), 422, "INDEX_BEYOND_LOG"),
        (format!("at_time={tomorrow}"), 422, "TIME_AHEAD"),
        ("at_index=0".into(), 404, "ACCOUNT_NOT_FOUND"),
        ("at_index=01".into(), 400, "QUERY_INVALID"),
        ("at_time=2026-01-01".into(), 400, "QUERY_INVALID"),
        (
            "at_index=1&at_time=2026-01-01T00:00:00Z".into(),
            400,
            "QUERY_INVALID",
        ),
        ("at=1".into(), 400, "QUERY_INVALID"),
    ] {
        let path = format!("/v1/accounts/bank-a:usd?{query}");
        assert_eq!(street.code(A, &path), (status, code.to_owned()), "{query}");
    }
    let early = street.get(A, "/v1/accounts/bank-a:usd?at_index=0").text();
    assert!(early.contains("opened later, by entry"), "{early}");
}

/// Follows `Link` to the end; gives all lines.
fn follow(street: &Street, who: usize, path: &str) -> Vec<Value> {
    let (mut path, mut items) = (path.to_owned(), Vec::new());
    loop {
        let page = street.get(who, &path);
        let json = page.json();
        items.extend(json["items"].as_array().unwrap().iter().cloned());
        let Some(link) = page.header("link") else {
            assert!(json["next"].is_null());
            return items;
        };
        assert!(link.ends_with("; rel=\"next\"") && !json["next"].is_null());
        path = link.split(['<', '>']).nth(1).unwrap().to_owned();
    }
}

#[test]
fn every_list_links_to_its_next_page() {
    let street = Street::new();
    let index = street.index(0);
    let accounts = follow(
        &street,
        AUDITOR,
        &format!("/v1/accounts?limit=1&at_index={index}"),
    );
    assert_eq!(accounts.len(), 4);
    assert!(accounts.iter().all(|account| account["at_index"] == index));
    let history = follow(&street, A, "/v1/accounts/bank-a:usd/history?limit=1");
    let mut statement = follow(&street, A, "/v1/accounts/bank-a:usd/statement?limit=1");
    statement.reverse();
    assert_eq!(history, statement);
    assert_eq!(history.len(), 3);
    assert_eq!(history[1]["end_to_end_id"], "=INV-88");
    assert_eq!(history[1]["message_id"], street.sent(0, "message_id"));
    let entries = follow(&street, AUDITOR, "/v1/entries?limit=3");
    assert_eq!(entries.len() as u64, street.door.size());
    // By the payer's reference: the creditor sees it, and not whose message it was.
    let path = "/v1/accounts/bank-c:usd/history?limit=1&end_to_end_id=%3DINV-88";
    let found = follow(&street, C, path);
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&found[0]["index"], &found[0]["message_id"]),
        (&index.into(), &Value::Null)
    );
    // Operators see amounts, and no texts.
    let seen = follow(&street, OPERATORS, "/v1/accounts/bank-c:usd/history");
    assert_eq!(
        (&seen[1]["amount"], &seen[1]["end_to_end_id"]),
        (&"12.50".into(), &Value::Null)
    );
    for path in [
        "/v1/accounts",
        "/v1/accounts/bank-a:usd/history",
        "/v1/entries",
    ] {
        for wrong in ["limit=0", "limit=201", "cursor=x"] {
            assert_eq!(
                street.code(AUDITOR, &format!("{path}?{wrong}")).0,
                400,
                "{path} {wrong}"
            );
        }
    }
    for (query, code) in [
        ("cursor=1-2.3.4", "CURSOR_INVALID"),
        ("from=x", "QUERY_INVALID"),
        ("from=5&to=4", "QUERY_INVALID"),
        ("to=99999", "INDEX_BEYOND_LOG"),
    ] {
        let path = format!("/v1/accounts/bank-a:usd/statement?{query}");
        assert_eq!(street.code(A, &path).1, code, "{query}");
    }
    // In the words of whoever asked.
    let detail = |path: &str| {
        let answer = street.door.get(path, street.sessions[A].clone());
        answer.json()["detail"].as_str().unwrap().to_owned()
    };
    for (path, words) in [
        ("/v1/accounts?limit=x", "`limit=x` cannot be read: "),
        ("/v1/accounts?pages=2", "unknown parameter `pages`"),
        (
            "/v1/receipts/007",
            "`/v1/receipts/007` is no path of anything: ",
        ),
    ] {
        let detail = detail(path);
        assert!(detail.contains(words), "{detail}");
        assert!(!detail.contains("deserialize"), "{detail}");
    }
}

/// Records say what JSON says, page by page, each with its body's key.
#[test]
fn entries_are_to_be_had_as_records() {
    let street = Street::new();
    let kind = "application/vnd.quittance.records";
    let get = |path: &str, who| street.get_with(who, path, "Accept", kind);
    let views = follow(&street, AUDITOR, "/v1/entries?limit=3");
    let (mut at, mut path) = (0, Some("/v1/entries?limit=3".to_owned()));
    while let Some(this) = path {
        let answer = get(&this, AUDITOR);
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, Some(kind))
        );
        let mut rest = answer.body.as_slice();
        while !rest.is_empty() {
            let (record, behind) = chain::Record::split(rest).unwrap();
            let view: EntryView = serde_json::from_value(views[at].clone()).unwrap();
            assert_eq!(*record.entry, view.entry.0[..]);
            assert_eq!(record.salt, view.salt.0);
            assert!(
                record
                    .items
                    .iter()
                    .eq(view.items.iter().map(|item| &item.0[..]))
            );
            let body = view.sealed_body.map_or(Vec::new(), |body| body.0);
            assert_eq!(record.sealed_body, body);
            let key = view.body_key.map(|key| *key.0.as_bytes());
            assert_eq!((record.key, at > 0), (key.as_ref(), key.is_some()));
            let alone = get(&format!("/v1/entries/{at}"), AUDITOR).body;
            assert_eq!(alone, rest[..rest.len() - behind.len()]);
            (at, rest) = (at + 1, behind);
        }
        let link = answer.header("link");
        path = link.map(|link| link.split(['<', '>']).nth(1).unwrap().to_owned());
    }
    assert_eq!(at, views.len());
    for path in ["/v1/entries", "/v1/entries/1"] {
        assert_eq!(get(path, A).status, 403);
        let answer = street.get(AUDITOR, path);
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
    assert_eq!(get("/v1/entries?cursor=99999", AUDITOR).status, 422);
}

#[test]
fn what_has_not_changed_is_not_sent_again() {
    let street = Street::new();
    let index = street.index(0);
    for path in [
        format!("/v1/accounts/bank-a:usd?at_index={index}"),
        "/v1/accounts/bank-a:usd".into(),
        "/v1/accounts".into(),
        "/v1/accounts/bank-a:usd/history".into(),
        "/v1/accounts/bank-a:usd/statement".into(),
        format!("/v1/entries/{index}"),
        format!("/v1/receipts/{index}"),
        format!("/v1/instructions/{}", street.sent(0, "id")),
        "/log/checkpoint".into(),
        "/log/tile/0/000.p/5".into(),
    ] {
        let who = if path.contains("entries") { AUDITOR } else { A };
        let answer = street.get(who, &path);
        assert_eq!(answer.status, 200, "{path}");
        let tag = answer.header("etag").unwrap().to_owned();
        assert!(tag.starts_with('"'), "a strong tag");
        let cache = answer.header("cache-control").unwrap();
        assert_eq!(
            cache.contains("private"),
            path.starts_with("/v1/"),
            "{path}: {cache}"
        );
        let same = street.get_with(who, &path, "If-None-Match", &tag);
        assert_eq!((same.status, same.body.len()), (304, 0), "{path}");
        assert_eq!(same.header("etag"), Some(tag.as_str()));
        let other = street.get_with(who, &path, "If-None-Match", "\"other\"");
        assert_eq!(other.status, 200);
    }
    let tile = street.get(A, "/log/tile/0/000.p/5");
    assert!(tile.header("cache-control").unwrap().contains("immutable"));
    // A balance of now has another tag as soon as the log is longer.
    let path = "/v1/accounts/bank-a:usd";
    let tag = street.get(A, path).header("etag").unwrap().to_owned();
    street.door.sandbox.asset("EUR");
    assert_eq!(street.get_with(A, path, "If-None-Match", &tag).status, 200);
}

#[test]
fn submissions_and_instructions_are_found_by_what_a_bank_knows() {
    let street = Street::new();
    let (message, id) = (street.sent(1, "message_id"), street.sent(1, "id"));
    let found = street
        .get(A, &format!("/v1/submissions?message_id={message}"))
        .json();
    assert_eq!(found["index"], street.index(1));
    let created = street.sent(1, "created");
    let path = format!("/v1/submissions?message_id={message}&created={created}");
    assert_eq!(street.get(A, &path).json()["index"], street.index(1));
    let before = format!("/v1/submissions?message_id={message}&to_time={created}");
    assert_eq!(
        street.code(A, &before),
        (404, "SUBMISSION_NOT_FOUND".into())
    );
    let both = format!("{path}&to_time={created}");
    assert_eq!(street.code(A, &both), (400, "QUERY_INVALID".into()));

    for who in [A, C, AUDITOR] {
        let found = street.get(who, &format!("/v1/instructions/{id}")).json();
        assert_eq!(found["index"], street.index(1));
        assert_eq!(found["outcome"]["code"], "SETTLED");
        assert_eq!(found["legs"][0]["amount"], "0.75");
        assert_eq!(found["legs"][0]["item"], 1);
    }
    let wrong = "/v1/instructions/019A9C5E-7d40-7abc-8123-0123456789ab";
    assert_eq!(street.code(A, wrong), (400, "PATH_INVALID".into()));
}

#[test]
fn a_statement_is_csv_for_whoever_asks() {
    let street = Street::new();
    let path = "/v1/accounts/bank-c:usd/statement";
    let answer = street.get_with(C, path, "Accept", "text/csv");
    assert!(
        answer
            .header("content-type")
            .unwrap()
            .starts_with("text/csv")
    );
    let csv = answer.text();
    let lines: Vec<_> = csv.split("\r\n").collect();
    assert_eq!(lines.len(), 6, "{csv}");
    assert!(lines[1].starts_with("opening,,0,") && lines[1].contains(",0.00,"));
    assert!(lines[2].contains(",credit,12.50,12.50,bank-a:usd,"));
    assert!(lines[2].contains("'=INV-88"), "no formula: {}", lines[2]);
    assert!(lines[4].starts_with("closing,") && lines[4].contains(",13.25,"));
}
