//! Who may do what.

use chain::statement::Purpose;
use keys::SigningKey;

use crate::api_kit::{Door, call};

/// Two banks, of which A has funds, and their keys.
fn open() -> (Door, SigningKey, SigningKey) {
    let door = Door::open();
    let sandbox = &door.sandbox;
    let (a, b) = (sandbox.bank("bank-a"), sandbox.bank("bank-b"));
    sandbox.asset("USD");
    sandbox.account("bank-a", "bank-a:usd", "USD", "100.00");
    sandbox.account("bank-b", "bank-b:usd", "USD", "0");
    (door, a, b)
}

/// Whoever reached the port could move everybody's money: without a signature, with one of a stranger, of
/// another bank, of other bytes, of a question.
#[test]
fn pain_20_nothing_is_taken_from_who_has_not_signed_it() {
    let (door, a, b) = open();
    let stranger = SigningKey::generate("bank-a/key-9").unwrap();
    let (size, pay) = (
        door.size(),
        door.sandbox
            .transfer("bank-a:usd", "bank-b:usd", "USD", "60.00"),
    );
    let body = door.sandbox.body(&[pay]);
    let unsigned = vec![
        ("Content-Type", "application/json".to_owned()),
        ("Quittance-Submitter", "bank-a".to_owned()),
    ];
    let other = body.replace("60.00", "6.00");
    let signed = |purpose, key, body: &str| door.signed(purpose, "bank-a", &[key], body);
    let cases = [
        (unsigned, "SIGNATURE_MISSING"),
        (signed(Purpose::Submission, &stranger, &body), "KEY_UNKNOWN"),
        (signed(Purpose::Submission, &b, &body), "POLICY_UNMET"),
        (signed(Purpose::Submission, &a, &other), "SIGNATURE_INVALID"),
        (signed(Purpose::DryRun, &a, &body), "SIGNATURE_INVALID"),
    ];
    for (headers, code) in cases {
        let answer = door.post("/v1/submissions", &headers, body.as_bytes());
        assert_eq!((answer.status, answer.problem().as_str()), (401, code));
    }
    assert_eq!(door.size(), size, "nothing of it is in the log");
    let answer = door.submit("bank-a", &[&a], &body);
    assert_eq!(answer.outcomes(), ["SETTLED"]);
}

/// Another's money is nobody's to move, to hold, to allow; and no bank makes any of its own.
#[test]
fn pain_20_a_bank_moves_nothing_that_is_not_its_own() {
    let (door, _, b) = open();
    let sandbox = &door.sandbox;
    let stranger = SigningKey::generate("bank-a/key-9").unwrap();
    let (id, vkey) = (|| sandbox.id(), chain::Signer::verifier_key(&stranger));
    let wishes = [
        (
            sandbox.transfer("bank-a:usd", "bank-b:usd", "USD", "1.00"),
            "NOT_OWNER",
        ),
        (
            sandbox.reserve("bank-a:usd", "bank-b:usd", "USD", "1.00"),
            "NOT_OWNER",
        ),
        (
            format!(
                r#"{{"issue":{{"id":"{}","account":"bank-b:usd","amount":"1.00"}}}}"#,
                id()
            ),
            "QUORUM_NOT_MET",
        ),
        (
            format!(
                r#"{{"set_limits":{{"id":"{}","address":"bank-b:usd","credit_line":"1.00"}}}}"#,
                id()
            ),
            "QUORUM_NOT_MET",
        ),
        (
            format!(
                r#"{{"add_key":{{"id":"{}","participant":"bank-a","vkey":"{vkey}"}}}}"#,
                id()
            ),
            "QUORUM_NOT_MET",
        ),
    ];
    for (wish, code) in wishes {
        let answer = door.submit("bank-b", &[&b], &sandbox.body(std::slice::from_ref(&wish)));
        assert_eq!(answer.outcomes(), [code], "{wish}");
    }
    assert_eq!(sandbox.posted("bank-a:usd"), "100.00");
    assert_eq!(sandbox.posted("bank-b:usd"), "0.00");
}

/// And could read everybody's balance: here nobody without a session, and nobody but the owner.
#[test]
fn pain_20_a_bank_reads_nothing_that_is_not_its_own() {
    let (door, a, b) = open();
    let (sandbox, public) = (&door.sandbox, door.bound().public);
    let body = sandbox.body(&[sandbox.transfer("bank-a:usd", "bank-b:usd", "USD", "60.00")]);
    let index = door.submit("bank-a", &[&a], &body).json()["index"].clone();
    let session = door.session("bank-b", &b);
    let paths = [
        "/v1/accounts/bank-a:usd".to_owned(),
        "/v1/accounts/bank-a:usd/history".to_owned(),
        "/v1/accounts/bank-a:usd/statement".to_owned(),
        "/v1/holds?account=bank-a:usd".to_owned(),
        format!("/v1/entries/{index}"),
    ];
    for path in &paths {
        let answer = call(public, "GET", path, &Vec::new(), b"");
        let found = (answer.status, answer.problem());
        assert_eq!(found, (401, "TOKEN_MISSING".to_owned()), "{path}");
        let answer = door.get(path, session.clone());
        let expected = if path.starts_with("/v1/entries") {
            403
        } else {
            404
        };
        assert_eq!(answer.status, expected, "{path}: {}", answer.text());
    }
    let listed = door.get("/v1/accounts", session).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
    let token = vec![("Authorization", "Bearer AAAA".to_owned())];
    let answer = door.get("/v1/accounts", token);
    assert_eq!(answer.problem(), "TOKEN_INVALID");
    // What operators watch and copy is not on the public address.
    for path in ["/metrics", "/readyz", "/backup/manifest"] {
        let answer = call(public, "GET", path, &Vec::new(), b"");
        assert_eq!(answer.status, 404, "{path}");
    }
}
