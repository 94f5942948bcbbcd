//! Bad bodies of returns and recalls: originals out of their bounds, with the place that is answered.

use alloc::format;
use alloc::string::String;
use alloc::vec;

use super::body::{BodyLimits, parse_body};
use crate::ledger::Instruction;
use crate::ledger::base64::encode;
use crate::limits::{ITEM_PROOF_HASHES_MAX, PROVEN_ITEM_BYTES_MAX, SUBTREE_PROOF_HASHES_MAX};

const ID: &str = "019a9c5e-7d40-7abc-8123-0123456789ab";

/// A body with one instruction about an original of so many bytes and hashes.
fn body(kind: &str, bytes: [usize; 2], hashes: [usize; 2], more: &str) -> String {
    let [entry, item] = bytes.map(|count| encode(&vec![1; count]));
    let hash = format!("\"{}\"", encode(&[7; 32]));
    let [item_proof, proof] = hashes.map(|count| vec![hash.as_str(); count].join(","));
    let original = format!(
        r#"{{"entry":"{entry}","n":1,"item":"{item}","salt":{hash},"item_proof":[{item_proof}],"proof":[{proof}]}}"#
    );
    format!(
        r#"{{"message_id":"m-1","created":"2026-11-23T09:30:00Z","nonce":"AAECAwQFBgcICQoLDA0ODw==","instructions":[{{"{kind}":{{"id":"{ID}","original":{original},"reason":"CUST"{more}}}}}]}}"#
    )
}

#[track_caller]
fn refused(body: &str, code: &str, pointer: &str) {
    let error = parse_body(body.as_bytes(), &BodyLimits::default()).unwrap_err();
    let pointer = format!("/instructions/0/{pointer}");
    assert_eq!((error.code, error.pointer), (code, pointer), "{body}");
}

#[test]
fn originals_have_bounds() {
    let (items, subtree) = (ITEM_PROOF_HASHES_MAX, SUBTREE_PROOF_HASHES_MAX);
    let most = body("return", [120, PROVEN_ITEM_BYTES_MAX], [items, subtree], "");
    let read = parse_body(most.as_bytes(), &BodyLimits::default()).unwrap();
    let Instruction::Return(read) = &read.instructions[0] else {
        panic!("a return")
    };
    assert_eq!((read.original.proof.len(), read.amount), (subtree, None));
    for kind in ["return", "recall"] {
        let at = |name: &str| format!("{kind}/original/{name}");
        let more = |bytes, hashes| body(kind, bytes, hashes, "");
        refused(&more([121, 1], [0, 0]), "FIELD_TYPE", &at("entry"));
        let long = PROVEN_ITEM_BYTES_MAX + 1;
        refused(&more([120, long], [0, 0]), "FIELD_TYPE", &at("item"));
        refused(
            &more([120, 1], [items + 1, 0]),
            "FIELD_TYPE",
            &at("item_proof"),
        );
        refused(
            &more([120, 1], [0, subtree + 1]),
            "FIELD_TYPE",
            &at("proof"),
        );
    }
}

#[test]
fn what_is_brought_is_spelled_as_in_receipts() {
    let good = body("return", [120, 9], [1, 1], r#","amount":"1.00""#);
    assert!(parse_body(good.as_bytes(), &BodyLimits::default()).is_ok());
    let minor = good.replace("1.00", "1 minor units");
    refused(&minor, "AMOUNT_GRAMMAR", "return/amount");
    refused(&good.replace("CUST", "cust"), "FIELD_TYPE", "return/reason");
    // A reason of another kind of instruction.
    refused(&good.replace("CUST", "AGNT"), "FIELD_TYPE", "return/reason");
    // It says why.
    let silent = good.replace(r#","reason":"CUST""#, "");
    refused(&silent, "FIELD_MISSING", "return/reason");
    let short = good.replace(&encode(&[7; 32]), &encode(&[7; 31]));
    refused(&short, "FIELD_TYPE", "return/original/salt");
    let twice = good.replace("\"n\":1", "\"n\":1,\"n\":1");
    refused(&twice, "FIELD_DUPLICATE", "return/original/n");
    let array = good
        .replace(r#""entry":""#, r#""entry":["#)
        .replacen(r#"","n""#, r#"],"n""#, 1);
    assert!(parse_body(array.as_bytes(), &BodyLimits::default()).is_err());
}
