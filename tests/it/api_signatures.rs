//! Who signed what: the door believes nothing before every signature holds.

use chain::Hash;
use chain::statement::Purpose;
use keys::SigningKey;

use crate::api::Town;
use crate::api_kit::{Headers, signed_for};

/// A signed request that is right, to be bent.
struct Letter<'t> {
    town: &'t Town,
    body: String,
    good: Headers,
}

impl<'t> Letter<'t> {
    fn to(town: &'t Town) -> Letter<'t> {
        let body = town.pay("1.00");
        let purpose = Purpose::Submission;
        let good = town.door.signed(purpose, "bank-a", &[&town.a], &body);
        Letter { town, body, good }
    }

    fn by(&self, who: &str, signers: &[&SigningKey]) -> Headers {
        let door = &self.town.door;
        door.signed(Purpose::Submission, who, signers, &self.body)
    }

    fn for_log(&self, origin: &str, genesis: &Hash) -> Headers {
        let signers = [&self.town.a];
        let purpose = Purpose::Submission;
        signed_for(purpose, (origin, genesis), "bank-a", &signers, &self.body)
    }

    fn without(&self, name: &str) -> Headers {
        let others = self.good.iter().filter(|(n, _)| *n != name);
        others.cloned().collect()
    }

    fn with(&self, name: &'static str, value: &str) -> Headers {
        let mut headers = self.good.clone();
        headers.push((name, value.to_owned()));
        headers
    }

    fn replacing(&self, name: &'static str, value: &str) -> Headers {
        let mut headers = self.without(name);
        headers.push((name, value.to_owned()));
        headers
    }

    fn refused(&self, status: u16, code: &str, headers: &Headers) {
        let post = || {
            let door = &self.town.door;
            door.post("/v1/submissions", headers, self.body.as_bytes())
        };
        let what = format!("{headers:?}");
        self.town.refused(status, code, &what, post);
    }
}

const SUBMITTER: &str = "Quittance-Submitter";
const SIGNATURE: &str = "Quittance-Signature";
const TYPE: &str = "Content-Type";

#[test]
fn headers_are_read_strictly() {
    let town = Town::new();
    let letter = Letter::to(&town);
    let line = letter.good[2].1.clone();
    let many = (0..17).fold(letter.without(SIGNATURE), |mut headers, n| {
        let key = SigningKey::generate(&format!("bank-a/k{n}")).unwrap();
        headers.push(letter.by("bank-a", &[&key])[2].clone());
        headers
    });
    for (status, code, headers) in [
        (401, "SIGNATURE_MISSING", letter.without(SIGNATURE)),
        (400, "SUBMITTER_MISSING", letter.without(SUBMITTER)),
        (415, "CONTENT_TYPE_UNSUPPORTED", letter.without(TYPE)),
        (
            401,
            "SIGNATURE_MALFORMED",
            letter.replacing(SIGNATURE, "bank-a/key-1 x"),
        ),
        (
            401,
            "SIGNATURE_MALFORMED",
            letter.replacing(SIGNATURE, "bank-a/key-1"),
        ),
        (400, "SIGNATURE_DUPLICATE", letter.with(SIGNATURE, &line)),
        (400, "SIGNATURES_TOO_MANY", many),
        (400, "HEADER_DUPLICATE", letter.with(SUBMITTER, "bank-a")),
        (
            400,
            "HEADER_DUPLICATE",
            letter.with(TYPE, "application/json"),
        ),
        (
            400,
            "SUBMITTER_MALFORMED",
            letter.replacing(SUBMITTER, "Bank A"),
        ),
        (
            415,
            "CONTENT_TYPE_UNSUPPORTED",
            letter.replacing(TYPE, "text/plain"),
        ),
        (
            415,
            "CONTENT_TYPE_UNSUPPORTED",
            letter.replacing(TYPE, "application/xml"),
        ),
        (
            415,
            "CONTENT_TYPE_UNSUPPORTED",
            letter.replacing(TYPE, "application/json; v=1"),
        ),
    ] {
        letter.refused(status, code, &headers);
    }
    // A header's charset is not signed, and changes nothing.
    let typed = letter.replacing(TYPE, "application/json; charset=utf-8");
    let answer = town
        .door
        .post("/v1/submissions", &typed, letter.body.as_bytes());
    assert_eq!(answer.status, 201);
}

#[test]
fn a_signature_is_for_one_body_one_log_one_purpose_and_one_submitter() {
    let town = Town::new();
    let letter = Letter::to(&town);
    let (door, node) = (&town.door, town.door.sandbox.node());
    let (origin, genesis) = (node.origin().to_owned(), node.genesis_hash());
    let mut damaged = letter.good[2].1.clone().into_bytes();
    let last = damaged.len() - 4;
    damaged[last] = if damaged[last] == b'A' { b'B' } else { b'A' };
    let damaged = String::from_utf8(damaged).unwrap();
    let of_b = letter.by("bank-b", &[&town.a]);
    let stranger = SigningKey::generate("bank-a/key-2").unwrap();
    let trial = door.signed(Purpose::DryRun, "bank-a", &[&town.a], &letter.body);
    for (status, code, headers) in [
        (
            401,
            "SIGNATURE_INVALID",
            letter.replacing(SIGNATURE, &damaged),
        ),
        (
            401,
            "SIGNATURE_INVALID",
            letter.for_log("localhost/other", &genesis),
        ),
        (
            401,
            "SIGNATURE_INVALID",
            letter.for_log(&origin, &Hash::sha256(b"other")),
        ),
        (401, "SIGNATURE_INVALID", trial),
        (
            401,
            "SIGNATURE_INVALID",
            letter.replacing(SIGNATURE, &of_b[2].1),
        ),
        (401, "KEY_UNKNOWN", letter.by("bank-a", &[&stranger])),
        (
            401,
            "KEY_UNKNOWN",
            letter.by("bank-a", &[&town.a, &stranger]),
        ),
        (401, "POLICY_UNMET", letter.by("bank-a", &[&town.b])),
        (401, "PARTICIPANT_UNKNOWN", letter.by("bank-z", &[&town.a])),
    ] {
        letter.refused(status, code, &headers);
    }
    // Signed for the real path, it serves neither a dry run nor another body.
    town.refused(401, "SIGNATURE_INVALID", "dry run", || {
        door.post("/v1/dry-runs", &letter.good, letter.body.as_bytes())
    });
    town.refused(401, "SIGNATURE_INVALID", "body", || {
        let other = letter.body.replace("1.00", "9.00");
        door.post("/v1/submissions", &letter.good, other.as_bytes())
    });
    assert_eq!(door.sandbox.posted("bank-a:usd"), "1000.00");
}

#[test]
fn a_revoked_key_is_refused() {
    let town = Town::new();
    let sandbox = &town.door.sandbox;
    let second = SigningKey::generate("bank-a/key-2").unwrap();
    let vkey = chain::Signer::verifier_key(&second).clone();
    let add = format!(
        r#"{{"add_key":{{"id":"{}","participant":"bank-a","vkey":"{vkey}"}}}}"#,
        sandbox.id()
    );
    let body = sandbox.body(&[add]);
    let added = town
        .door
        .submit("operators", &[&sandbox.operator, &town.a], &body);
    assert_eq!(added.outcomes(), ["APPLIED"], "{}", added.text());
    let pay = |key| town.door.submit("bank-a", &[key], &town.pay("1.00"));
    assert_eq!(pay(&second).outcomes(), ["SETTLED"]);
    let session = town.door.session("bank-a", &second);
    sandbox.govern(&[format!(
        r#"{{"revoke_key":{{"id":"{}","participant":"bank-a","key_id":"{}"}}}}"#,
        sandbox.id(),
        vkey.id()
    )]);
    town.refused(401, "KEY_REVOKED", "revoked", || pay(&second));
    assert_eq!(pay(&town.a).outcomes(), ["SETTLED"]);
    // Sessions end with the key that opened them.
    town.refused(401, "TOKEN_INVALID", "session", || {
        town.door.get("/v1/whoami", session)
    });
}

/// A bank changes its key: the new one is added, the old one revoked by the operators alone.
#[test]
fn a_rotated_key_leaves_what_it_signed_valid() {
    let town = Town::new();
    let sandbox = &town.door.sandbox;
    let paid = town.door.submit("bank-a", &[&town.a], &town.pay("1.00"));
    let index = paid.json()["index"].as_u64().unwrap();
    let new = SigningKey::generate("bank-a/key-2").unwrap();
    let add = |key: &SigningKey| {
        let (id, vkey) = (sandbox.id(), chain::Signer::verifier_key(key).clone());
        let add =
            format!(r#"{{"add_key":{{"id":"{id}","participant":"bank-a","vkey":"{vkey}"}}}}"#);
        sandbox.body(&[add])
    };
    let signers = [&sandbox.operator, &town.a];
    let added = town.door.submit("operators", &signers, &add(&new));
    assert_eq!(added.outcomes(), ["APPLIED"]);
    let (id, old) = (sandbox.id(), chain::Signer::verifier_key(&town.a).id());
    sandbox.govern(&[format!(
        r#"{{"revoke_key":{{"id":"{id}","participant":"bank-a","key_id":"{old}"}}}}"#
    )]);
    town.refused(401, "KEY_REVOKED", "the old key", || {
        town.door.submit("bank-a", &[&town.a], &town.pay("1.00"))
    });
    let note = town.door.session_note("bank-a", &town.a);
    assert_eq!(town.door.open_session(&note).status, 401);
    let pay = town.door.submit("bank-a", &[&new], &town.pay("1.00"));
    assert_eq!(pay.outcomes(), ["SETTLED"]);
    // A revoked key never comes back, not even with everybody's consent.
    let signers = [&sandbox.operator, &new];
    let again = town.door.submit("operators", &signers, &add(&town.a));
    assert_eq!(again.outcomes(), ["KEY_ALREADY_REGISTERED"]);
    let viewer = sandbox.viewer("bank-a");
    let reader = sandbox.node().reader();
    let receipt = reader
        .receipt(
            index,
            None,
            quittance::wire::ReceiptLevel::LogSigned,
            &viewer,
        )
        .unwrap();
    let receipt = receipt.to_receipt().unwrap();
    receipt.verify(&sandbox.node().log_key()).unwrap();
}
