//! `/openapi.json`, held against routes, codes and real answers.

mod schema;

use std::collections::BTreeSet;

use keys::SigningKey;
use quittance::api::{ADMIN_ROUTES, PUBLIC_ROUTES, admin_document, document};
use quittance::ledger::{InstructionId, Original, SECOND, Time};
use quittance::wire::{BodyLimits, ErrorCode, ReceiptFile, parse_body};
use serde_json::Value;

use crate::api_kit::Door;
use crate::kit::{Sandbox, soon};
use schema::conforms;
pub(crate) use schema::conforms_to;

/// Every operation of a document: method, path, and what is said about it.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            operations.push((method.clone(), path.clone(), operation.clone()));
        }
    }
    operations
}

fn documents() -> [Value; 2] {
    [document(), admin_document()].map(|text| serde_json::from_str(text).unwrap())
}

#[test]
fn the_documents_name_exactly_the_routes() {
    let door = Door::open();
    let served = [
        door.get("/openapi.json", Vec::new()),
        door.admin("/openapi.json"),
    ];
    let routes = [PUBLIC_ROUTES, ADMIN_ROUTES];
    for ((document, routes), served) in documents().iter().zip(routes).zip(served) {
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
        let documented: BTreeSet<_> = operations(document)
            .into_iter()
            .map(|(method, path, _)| (method, path))
            .collect();
        let routed: BTreeSet<_> = routes
            .iter()
            .map(|(method, path)| ((*method).to_owned(), path.replace(":.*}", "}")))
            .collect();
        assert_eq!(documented, routed);
        assert_eq!(&served.json(), document);
    }
}

#[test]
fn every_operation_says_how_it_can_fail() {
    let mut codes = BTreeSet::new();
    let mut names = BTreeSet::new();
    for document in documents() {
        for (method, path, operation) in operations(&document) {
            let place = format!("{method} {path}");
            let name = operation["operationId"].as_str().unwrap();
            assert!(
                names.insert(name.to_owned()) || path == "/openapi.json",
                "{name}"
            );
            let responses = operation["responses"].as_object().unwrap();
            for status in ["400", "429", "500"] {
                assert!(responses.contains_key(status), "{place}: {status}");
            }
            for (status, response) in responses {
                let status: u16 = status.parse().unwrap();
                let headers = &response["headers"];
                assert!(headers["Quittance-Request-Id"].is_object(), "{place}");
                if status < 400 {
                    continue;
                }
                let media = &response["content"]["application/problem+json"];
                let later = matches!(status, 429 | 503);
                assert_eq!(
                    headers["Retry-After"].is_object(),
                    later,
                    "{place} {status}"
                );
                let listed = media["schema"]["allOf"][1]["properties"]["code"]["enum"].clone();
                for code in listed.as_array().into_iter().flatten() {
                    let code = ErrorCode::from_code(code.as_str().unwrap()).unwrap();
                    assert_eq!(code.status(), status, "{place}: {code}");
                    codes.insert(code);
                }
            }
            let secured = operation["security"].is_array();
            assert_eq!(
                secured || path == "/v1/sessions",
                responses.contains_key("401"),
                "{place}"
            );
        }
    }
    let missing: Vec<_> = ErrorCode::ALL
        .iter()
        .filter(|code| !codes.contains(code))
        // Said of methods that no operation has.
        .filter(|code| **code != ErrorCode::MethodNotAllowed)
        .collect();
    assert!(missing.is_empty(), "no operation says {missing:?}");
}

/// Every `$ref` in a value.
fn references(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(fields) => {
            let own = fields.get("$ref").and_then(Value::as_str);
            own.into_iter()
                .chain(fields.values().flat_map(references))
                .collect()
        }
        Value::Array(values) => values.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn every_reference_leads_somewhere() {
    for document in documents() {
        let references = references(&document);
        assert!(references.len() > 20);
        for reference in references {
            let place = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(place).is_some(), "{reference}");
        }
    }
}

#[test]
fn examples_are_real() {
    let document = &documents()[0];
    for (method, path, operation) in operations(document) {
        let media = &operation["requestBody"]["content"]["application/json"];
        if media.is_null() {
            continue;
        }
        let examples = media["examples"].as_object().unwrap();
        assert!(!examples.is_empty(), "{method} {path}");
        for (name, example) in examples {
            let value = &example["value"];
            conforms(document, &media["schema"], value, name);
            parse_body(value.to_string().as_bytes(), &BodyLimits::default()).unwrap();
        }
    }
}

#[test]
fn answers_have_the_shapes_of_the_document() {
    let [document, _] = documents();
    let door = Door::open();
    let sandbox = &door.sandbox;
    let (a, _) = (sandbox.bank("bank-a"), sandbox.bank("bank-b"));
    sandbox.asset("USD");
    sandbox.account("bank-a", "bank-a:usd", "USD", "10.00");
    sandbox.account("bank-b", "bank-b:usd", "USD", "0");
    let refused = sandbox.transfer("bank-b:usd", "bank-a:usd", "USD", "1.00");
    let paid = sandbox.transfer("bank-a:usd", "bank-b:usd", "USD", "1.00");
    let paid = paid.replace("\"legs\"", "\"remittance\":\"rent\",\"legs\"");
    let body = sandbox.body(&[paid, refused]);
    let holds = |schema: &str, value: &Value| {
        let named = &document["components"]["schemas"][schema];
        assert!(named.is_object(), "no schema {schema}");
        conforms(&document, named, value, schema);
    };
    holds("Body", &serde_json::from_str(&body).unwrap());
    let answer = door.submit("bank-a", &[&a], &body).json();
    holds("Answer", &answer);
    holds("Problem", &door.submit("bank-a", &[&a], "[").json());
    let index = answer["index"].as_u64().unwrap();
    let session = door.open_session(&door.session_note("bank-a", &a));
    holds("Session", &session.json());
    let bank = door.session("bank-a", &a);
    let get = |path: &str| door.get(path, bank.clone()).json();
    holds("Receipt", &get(&format!("/v1/receipts/{index}")));
    holds("AccountsPage", &get("/v1/accounts"));
    holds("Account", &get("/v1/accounts/bank-a:usd"));
    holds("HistoryPage", &get("/v1/accounts/bank-a:usd/history"));
    holds("WhoAmI", &get("/v1/whoami"));
    holds("Log", &get("/v1/log"));
    holds("Asset", &get("/v1/assets")[0]);
    holds("Participant", &get("/v1/participants")[0]);
    holds("Participant", &get("/v1/participants/bank-a"));
    let entry = sandbox.node().reader().entry(index).unwrap();
    holds("Entry", &serde_json::to_value(entry).unwrap());
    let body = sandbox.body(&netting(sandbox));
    holds("Body", &serde_json::from_str(&body).unwrap());
    let operators = door.submit("operators", &[&sandbox.operator, &a], &body);
    assert_eq!(operators.outcomes()[3], "CLEARED", "{}", operators.text());
    holds("CyclesPage", &get("/v1/cycles"));
    holds("HistoryPage", &get("/v1/accounts/bank-a:usd/history"));
    holds("CalendarsPage", &get("/v1/calendars"));
    holds("Calendar", &get("/v1/calendars/USD?limit=2"));
    let received = get(&format!("/v1/receipts/{index}?item=1"));
    let recall = recall(sandbox, &received);
    holds(
        "Body",
        &serde_json::from_str(&sandbox.body(std::slice::from_ref(&recall))).unwrap(),
    );
    let asked = door.submit("bank-a", &[&a], &sandbox.body(&[recall]));
    assert_eq!(asked.outcomes(), ["RECALLED"], "{}", asked.text());
    let page = get("/v1/recalls");
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    holds("RecallsPage", &page);
    holds("ReturnsPage", &get("/v1/returns"));
    holds("HistoryPage", &get("/v1/accounts/bank-a:usd/history"));
    for window in [1, 2] {
        holds("Window", &get(&format!("/v1/cycles/ach/{window}")));
    }
    formed(&door, &a, &holds, &get);
    dealt(&door, &a, &holds, &get);
    charged(&door, &a, &holds, &get);
}

/// The answers about fees.
fn charged(door: &Door, a: &SigningKey, holds: &dyn Fn(&str, &Value), get: &dyn Fn(&str) -> Value) {
    let sandbox = &door.sandbox;
    let body = sandbox.body(&sandbox.charging());
    holds("Body", &serde_json::from_str(&body).unwrap());
    let set = door.submit("operators", &[&sandbox.operator], &body);
    assert_eq!(set.outcomes(), ["APPLIED", "APPLIED"], "{}", set.text());
    holds("FeesPage", &get("/v1/fees"));
    holds("FeesPage", &get("/v1/fees?asset=USD"));
    let body = sandbox.body(&[sandbox.transfer("bank-a:usd", "bank-b:usd", "USD", "0.01")]);
    let paid = door.submit("bank-a", &[a], &body);
    assert_eq!(paid.json()["fees"].as_array().map(Vec::len), Some(2));
    holds("Answer", &paid.json());
}

/// The answers about splits, conditions and mandates.
fn formed(door: &Door, a: &SigningKey, holds: &dyn Fn(&str, &Value), get: &dyn Fn(&str) -> Value) {
    let sandbox = &door.sandbox;
    let body = sandbox.body(&forms(sandbox));
    holds("Body", &serde_json::from_str(&body).unwrap());
    let answer = door.submit("bank-a", &[a], &body);
    assert_eq!(answer.outcomes(), ["SETTLED", "SETTLED", "APPLIED"]);
    holds("HistoryPage", &get("/v1/accounts/bank-a:usd/history"));
    holds("MandatesPage", &get("/v1/mandates"));
    holds("Posting", &get("/v1/postings")[0]);
    let id = get("/v1/mandates")["items"][0]["id"].clone();
    holds(
        "Mandate",
        &get(&format!("/v1/mandates/{}", id.as_str().unwrap())),
    );
}

/// The answers about rates, quotes and conversions.
fn dealt(door: &Door, a: &SigningKey, holds: &dyn Fn(&str, &Value), get: &dyn Fn(&str) -> Value) {
    let sandbox = &door.sandbox;
    let body = sandbox.body(&dealing(sandbox));
    holds("Body", &serde_json::from_str(&body).unwrap());
    let signers = [&sandbox.operator, a];
    let dealt = door.submit("operators", &signers, &body);
    assert_eq!(
        dealt.outcomes()[4..],
        ["APPLIED", "APPLIED", "RESERVED"],
        "{}",
        dealt.text()
    );
    holds("RatesPage", &get("/v1/rates"));
    holds("QuotesPage", &get("/v1/quotes"));
    let id = get("/v1/quotes")["items"][0]["id"].clone();
    holds(
        "FirmQuote",
        &get(&format!("/v1/quotes/{}", id.as_str().unwrap())),
    );
    holds("HoldsPage", &get("/v1/holds"));
    let body = sandbox.body(&[converting(sandbox)]);
    holds("Body", &serde_json::from_str(&body).unwrap());
    let converted = door.submit("bank-a", &[a], &body);
    assert_eq!(
        converted.outcomes(),
        ["RATE_INDICATIVE"],
        "{}",
        converted.text()
    );
}

/// A split, a transfer under conditions, and a mandate.
fn forms(sandbox: &Sandbox) -> [String; 3] {
    let split = format!(
        r#"{{"split":{{"id":"{}","asset":"USD","payers":[{{"account":"bank-a:usd","up_to":"0.05","at_least":"0.01"}}],"payees":[{{"account":"bank-b:usd","ratio":3}}]}}}}"#,
        sandbox.id()
    );
    let conditions = r#""conditions":[{"not_after":"2499-01-01T00:00:00Z"},{"balance_at_least":{"account":"bank-a:usd","amount":"0"}},{"account_version":{"account":"bank-a:usd","index":99999}}],"legs""#;
    let paid = sandbox.transfer("bank-a:usd", "bank-b:usd", "USD", "0.01");
    let mandate = format!(
        r#"{{"grant_mandate":{{"id":"{}","account":"bank-a:usd","to":"bank-b","period":{{"every_s":60}},"period_max":"1","creditors":["bank-b:usd"],"expires_at":"2499-01-01T00:00:00Z"}}}}"#,
        sandbox.id()
    );
    [split, paid.replace("\"legs\"", conditions), mandate]
}

/// A recall of item 1 of a receipt.
fn recall(sandbox: &Sandbox, receipt: &Value) -> String {
    let file = ReceiptFile::from_json(receipt.to_string().as_bytes()).unwrap();
    let proof = chain::Original::of_receipt(&file.to_receipt().unwrap(), 1).unwrap();
    let original = serde_json::to_string(&Original::from(&proof)).unwrap();
    let id = sandbox.id();
    format!(r#"{{"recall":{{"id":"{id}","original":{original},"reason":"DUPL"}}}}"#)
}

#[test]
fn proposals_are_what_the_document_says() {
    let [document, _] = documents();
    let door = Door::open();
    let sandbox = &door.sandbox;
    let a = sandbox.bank("bank-a");
    sandbox.asset("USD");
    sandbox.account("bank-a", "bank-a:usd", "USD", "10.00");
    let holds = |schema: &str, value: &Value| {
        let named = &document["components"]["schemas"][schema];
        assert!(named.is_object(), "no schema {schema}");
        conforms(&document, named, value, schema);
    };
    let bank = door.session("bank-a", &a);
    let get = |path: &str| door.get(path, bank.clone()).json();
    let (id, propose) = proposal(sandbox);
    let body = sandbox.body(&[propose]);
    holds("Body", &serde_json::from_str(&body).unwrap());
    let proposed = door.submit("bank-a", &[&a], &body);
    holds("Answer", &proposed.json());
    assert_eq!(proposed.outcomes(), ["PROPOSED"], "{}", proposed.text());
    holds("ProposalsPage", &get("/v1/proposals"));
    let path = format!("/v1/proposals/{id}");
    let open = get(&path);
    holds("Proposal", &open);
    let approve = format!(
        r#"{{"approve":{{"id":"{}","of":"{id}","hash":{}}}}}"#,
        sandbox.id(),
        open["hash"]
    );
    let body = sandbox.body(&[approve]);
    holds("Body", &serde_json::from_str(&body).unwrap());
    let carried = door.submit("operators", &[&sandbox.operator], &body);
    holds("Answer", &carried.json());
    assert_eq!(carried.outcomes(), ["CARRIED_OUT", "SETTLED"]);
    holds("Proposal", &get(&path));
}

/// Funds out, which a bank proposes and the operators approve: its id, and the instruction.
fn proposal(sandbox: &Sandbox) -> (InstructionId, String) {
    let (id, wish) = (sandbox.id(), sandbox.id());
    let later = Time::from_nanos(id.time() + 3_600 * SECOND);
    let propose = format!(
        r#"{{"propose":{{"id":"{id}","expires_at":"{later}","instructions":[{{"redeem":{{"id":"{wish}","account":"bank-a:usd","amount":"0.01"}}}}]}}}}"#
    );
    (id, propose)
}

/// A settlement model in which something is cleared, in a window that closes.
fn netting(sandbox: &Sandbox) -> Vec<String> {
    let asked = [
        (
            "open_model",
            r#""model":"ach","asset":"USD","close":{"every_s":3600},"funding_s":60"#,
        ),
        (
            "join_model",
            r#""model":"ach","account":"bank-a:usd","net_debit_cap":"5.00""#,
        ),
        (
            "join_model",
            r#""model":"ach","account":"bank-b:usd","net_debit_cap":"5.00""#,
        ),
        (
            "clear",
            r#""model":"ach","payments":[{"from":"bank-a","to":"bank-b","amount":"1.00"}]"#,
        ),
        ("close_window", r#""model":"ach""#),
        (
            "set_calendar",
            r#""asset":"USD","valid_from":"2399-01-02","good_days":["fri"],"holidays":["2399-12-25"],"offset_min":60,"offset_changes":[{"at":"2399-04-01T01:00:00Z","offset_min":120}],"opens":"07:00","customer_cutoff":"17:00","interbank_cutoff":"18:00","closes":"18:30","roll":"none","cutoff_policy":"reject","max_warehouse_days":5"#,
        ),
    ];
    let instruction =
        |(kind, fields)| format!(r#"{{"{kind}":{{"id":"{}",{fields}}}}}"#, sandbox.id());
    asked.into_iter().map(instruction).collect()
}

/// A bank that states rates, a rate of the operators, and a quote of bank A's.
fn dealing(sandbox: &Sandbox) -> Vec<String> {
    let soon = soon();
    let asked = [
        ("add_asset", r#""asset":"JPY","module":"fiat""#.to_owned()),
        (
            "open_account",
            r#""address":"bank-a:jpy","owner":"bank-a","kind":"settlement","asset":"JPY""#
                .to_owned(),
        ),
        (
            "open_account",
            r#""address":"bank-b:jpy","owner":"bank-b","kind":"settlement","asset":"JPY""#
                .to_owned(),
        ),
        (
            "issue",
            r#""account":"bank-a:jpy","amount":"1000""#.to_owned(),
        ),
        (
            "set_provider",
            r#""participant":"bank-b","active":true"#.to_owned(),
        ),
        (
            "set_rate",
            format!(
                r#""base":"USD","quote":"JPY","source":"fix","bid":"150/1","ask":"301/2","valid_to":"{soon}""#
            ),
        ),
        (
            "quote",
            format!(
                r#""for":"bank-b","receive":"bank-a:usd","source_amount":"1.00","debit":"bank-a:jpy","credit":"bank-b:jpy","target_amount":"150","expires_at":"{soon}""#
            ),
        ),
    ];
    let instruction =
        |(kind, fields)| format!(r#"{{"{kind}":{{"id":"{}",{fields}}}}}"#, sandbox.id());
    asked.into_iter().map(instruction).collect()
}

/// A conversion at a rate that nobody executes.
fn converting(sandbox: &Sandbox) -> String {
    format!(
        r#"{{"convert":{{"id":"{}","debit":"bank-a:usd","credit":"bank-a:jpy","fixed":"target","amount":"10","limit":"1.00","at":{{"rate":{{"provider":"operators","source":"fix"}}}}}}}}"#,
        sandbox.id()
    )
}
