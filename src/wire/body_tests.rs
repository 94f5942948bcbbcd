//! Every kind of bad body, with the code and the place that it is answered with.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::body::{Body, BodyLimits, parse_body};
use super::body_error::BodyError;
use crate::ledger::{AccountRef, Instruction};

const ID: &str = "019a9c5e-7d40-7abc-8123-0123456789ab";
const NONCE: &str = "AAECAwQFBgcICQoLDA0ODw==";
/// A public key that is a point of the curve: its base point.
const BASE_POINT: [u8; 32] = {
    let mut bytes = [0x66; 32];
    bytes[0] = 0x58;
    bytes
};
const LEG: &str =
    r#"{"debit":"bank-a:usd","credit":"bank-b:usd","asset":"USD","amount":"1250.00"}"#;

fn parse(body: &str) -> Result<Body, BodyError> {
    parse_body(body.as_bytes(), &BodyLimits::default())
}

/// A message around instructions.
fn message(instructions: &str) -> String {
    format!(
        r#"{{"message_id":"m-1","created":"2026-11-23T09:30:00Z","nonce":"{NONCE}","instructions":[{instructions}]}}"#
    )
}

/// A transfer around legs.
fn transfer(legs: &str) -> String {
    format!(r#"{{"transfer":{{"id":"{ID}","legs":[{legs}]}}}}"#)
}

/// A one-leg transfer of an amount as it stands in JSON.
fn amount(json: &str) -> String {
    message(&transfer(&LEG.replace("\"1250.00\"", json)))
}

/// A transfer with one field more.
fn with_field(field: &str) -> String {
    message(&format!(
        r#"{{"transfer":{{"id":"{ID}","legs":[{LEG}],{field}}}}}"#
    ))
}

#[track_caller]
fn refused(body: &str, code: &str, pointer: &str) {
    let error = parse(body).unwrap_err();
    assert_eq!(
        (error.code, error.pointer.as_str()),
        (code, pointer),
        "{error}\n{body}"
    );
    assert_eq!(error.error_code().as_str(), code);
}

#[test]
fn the_body_of_the_wire_page_is_read() {
    let body = parse(&with_field(r#""end_to_end_id":"INV-88""#)).unwrap();
    assert_eq!(body.message_id.as_str(), "m-1");
    assert_eq!(body.created.to_string(), "2026-11-23T09:30:00Z");
    assert!(!body.atomic);
    let [Instruction::Transfer(transfer)] = body.instructions.as_slice() else {
        panic!("{body:?}")
    };
    assert_eq!(transfer.id.to_string(), ID);
    assert_eq!(transfer.legs[0].amount.to_string(), "1250.00");
    assert!(
        matches!(&transfer.legs[0].debit, AccountRef::Address(a) if a.as_str() == "bank-a:usd")
    );
    assert_eq!(transfer.end_to_end_id, None, "texts are taken out");
    assert_eq!(
        body.texts[0].as_deref(),
        Some(r#"{"end_to_end_id":"INV-88"}"#)
    );
}

#[test]
fn texts_come_in_one_order_whatever_the_order_in_the_body() {
    let body = with_field(
        r#""creditor_name":"Z\u00fcrich \"AG\"","remittance":"R [1]","end_to_end_id":"E""#,
    );
    let body = parse(&body).unwrap();
    assert_eq!(
        body.texts[0].as_deref(),
        Some(r#"{"end_to_end_id":"E","remittance":"R [1]","creditor_name":"Zürich \"AG\""}"#)
    );
    assert_eq!(parse(&amount("\"1\"")).unwrap().texts, [None]);
}

#[test]
fn what_is_not_json_is_syntax() {
    let trailing = format!("{} x", amount("\"1\""));
    let unfinished = amount("\"1\"").replace("]}", "]");
    let bom = format!("\u{feff}{}", amount("\"1\""));
    for body in [
        "",
        "x",
        "{",
        "{\"a\":1,}",
        "<Document/>",
        "{'a':1}",
        &trailing,
        &unfinished,
        &bom,
    ] {
        refused(body, "JSON_SYNTAX", "");
    }
    let error = parse_body(b"{\"message_id\":\"\xff\"}", &BodyLimits::default()).unwrap_err();
    assert_eq!(error.code, "JSON_SYNTAX");
    refused("null", "FIELD_TYPE", "");
    refused("7", "FIELD_TYPE", "");
}

#[test]
fn fields_are_known_present_and_single() {
    refused(
        &message("").replace("\"nonce\"", "\"nonse\""),
        "FIELD_UNKNOWN",
        "/nonse",
    );
    refused(
        &with_field(r#""note":"x""#),
        "FIELD_UNKNOWN",
        "/instructions/0/transfer/note",
    );
    refused(
        &with_field(r#""a/b~c":1"#),
        "FIELD_UNKNOWN",
        "/instructions/0/transfer/a~1b~0c",
    );
    let leg = LEG.replace("\"debit\"", "\"debtor\"");
    refused(
        &message(&transfer(&leg)),
        "FIELD_UNKNOWN",
        "/instructions/0/transfer/legs/0/debtor",
    );
    let body = amount("\"1\"").replace(&format!(",\"nonce\":\"{NONCE}\""), "");
    refused(&body, "FIELD_MISSING", "/nonce");
    let body = amount("\"1\"").replace(&format!("\"id\":\"{ID}\","), "");
    refused(&body, "FIELD_MISSING", "/instructions/0/transfer/id");
    let body = amount("\"1\"").replace("\"asset\":\"USD\",", "");
    refused(
        &body,
        "FIELD_MISSING",
        "/instructions/0/transfer/legs/0/asset",
    );
    let body = amount("\"1\"").replace("\"USD\"", "null");
    refused(
        &body,
        "FIELD_MISSING",
        "/instructions/0/transfer/legs/0/asset",
    );
    let body = amount("\"1\"").replace("{\"message_id\"", "{\"message_id\":\"x\",\"message_id\"");
    refused(&body, "FIELD_DUPLICATE", "/message_id");
    let body = amount("\"1\",\"amount\":\"2\"");
    refused(
        &body,
        "FIELD_DUPLICATE",
        "/instructions/0/transfer/legs/0/amount",
    );
    let body = message(&format!(
        r#"{{"transfer":{{"id":"{ID}","legs":[{LEG}]}},"transfer":{{"id":"{ID}","legs":[{LEG}]}}}}"#
    ));
    refused(&body, "FIELD_DUPLICATE", "/instructions/0");
}

#[test]
fn types_are_the_declared_ones() {
    let body = amount("\"1\"").replace("\"m-1\"", "7");
    refused(&body, "FIELD_TYPE", "/message_id");
    let body = amount("\"1\"").replace("{\"message_id\"", "{\"atomic\":1,\"message_id\"");
    refused(&body, "FIELD_TYPE", "/atomic");
    refused(
        &message(r#"{"teleport":{}}"#),
        "INSTRUCTION_UNKNOWN",
        "/instructions/0",
    );
    refused(
        &message("\"transfer\""),
        "FIELD_TYPE",
        "/instructions/0/transfer",
    );
    for json in ["[]", "7", "null"] {
        refused(&message(json), "FIELD_TYPE", "/instructions/0");
    }
}

#[test]
fn an_array_never_stands_for_an_object() {
    let leg = r#"["bank-a:usd","bank-b:usd","USD","1.00"]"#;
    refused(
        &message(&transfer(leg)),
        "FIELD_TYPE",
        "/instructions/0/transfer/legs/0",
    );
    let bare = format!(r#"{{"transfer":["{ID}",[{LEG}],null,null,null,null]}}"#);
    assert_eq!(parse(&message(&bare)).unwrap_err().code, "FIELD_TYPE");
    let whole = format!(
        r#"["m-1","2026-11-23T09:30:00Z","{NONCE}",false,[{}]]"#,
        transfer(LEG)
    );
    refused(&whole, "FIELD_TYPE", "");
    // Brackets in texts are no arrays.
    assert!(parse(&with_field(r#""remittance":"[[[[]""#)).is_ok());
}

#[test]
fn an_amount_is_a_plain_decimal_string() {
    let at = "/instructions/0/transfer/legs/0/amount";
    for number in ["1", "1250.00", "1e5", "-1", "18446744073709551616"] {
        refused(&amount(number), "AMOUNT_NOT_STRING", at);
    }
    for json in ["null", "true", "{}", "[]"] {
        refused(&amount(json), "FIELD_TYPE", at);
    }
    for text in [
        "1e5",
        "1_000",
        "+1",
        "-0",
        "-1",
        "00.5",
        "01",
        ".5",
        "5.",
        "",
        " 1",
        "1 ",
        "1,5",
        "0x1",
        "١",
        "NaN",
        "1250 minor units",
        "1.0000000000000000000",
    ] {
        refused(&amount(&format!("\"{text}\"")), "AMOUNT_GRAMMAR", at);
    }
    refused(
        &amount("\"79228162514264337593543950336\""),
        "AMOUNT_TOO_LARGE",
        at,
    );
    assert!(parse(&amount("\"79228162514264337593543950335\"")).is_ok());
    // The same text, spelt with escapes, is the same text.
    assert!(parse(&amount(r#""\u0031.5""#)).is_ok());
    refused(&amount(r#""1\u002e5e""#), "AMOUNT_GRAMMAR", at);
}

#[test]
fn names_break_their_grammar_in_place() {
    let leg = |from: &str, to: &str| message(&transfer(&LEG.replace(from, to)));
    let legs = "/instructions/0/transfer/legs/0";
    refused(
        &leg("bank-a:usd", "bank a"),
        "ADDRESS_GRAMMAR",
        &format!("{legs}/debit"),
    );
    refused(
        &leg("\"USD\"", "\"U$D\""),
        "ASSET_GRAMMAR",
        &format!("{legs}/asset"),
    );
    refused(
        &leg("\"bank-a:usd\"", "-1"),
        "FIELD_TYPE",
        &format!("{legs}/debit"),
    );
    let body = amount("\"1\"");
    refused(
        &body.replace("m-1", "m 1"),
        "MESSAGE_ID_GRAMMAR",
        "/message_id",
    );
    refused(
        &body.replace("m-1", ""),
        "MESSAGE_ID_GRAMMAR",
        "/message_id",
    );
    refused(
        &body.replace("09:30:00Z", "09:30:00"),
        "TIME_GRAMMAR",
        "/created",
    );
    refused(
        &body.replace(ID, &ID.to_uppercase()),
        "ID_GRAMMAR",
        "/instructions/0/transfer/id",
    );
    refused(
        &body.replace("7abc", "4abc"),
        "ID_GRAMMAR",
        "/instructions/0/transfer/id",
    );
    for nonce in [
        "",
        "AAEC",
        "AAECAwQFBgcICQoLDA0ODx==",
        "AAECAwQFBgcICQoLDA0ODxA=",
    ] {
        refused(&body.replace(NONCE, nonce), "NONCE_GRAMMAR", "/nonce");
    }
    // Escapes in names are read as what they stand for.
    let escaped = leg("bank-a:usd", "bank\\u002da:usd");
    let Instruction::Transfer(transfer) = &parse(&escaped).unwrap().instructions[0] else {
        panic!("a transfer")
    };
    assert!(
        matches!(&transfer.legs[0].debit, AccountRef::Address(a) if a.as_str() == "bank-a:usd")
    );
}

#[test]
fn counts_have_bounds() {
    refused(&message(""), "INSTRUCTIONS_COUNT", "/instructions");
    let many = |n: usize, one: &str| alloc::vec![one; n].join(",");
    let one = transfer(LEG);
    assert!(parse(&message(&many(1_000, &one))).is_ok());
    refused(
        &message(&many(1_001, &one)),
        "INSTRUCTIONS_COUNT",
        "/instructions",
    );
    let few = BodyLimits {
        instructions_max: 2,
        ..BodyLimits::default()
    };
    assert!(parse_body(message(&many(2, &one)).as_bytes(), &few).is_ok());
    assert!(parse_body(message(&many(3, &one)).as_bytes(), &few).is_err());
    let legs = |n| message(&transfer(&many(n, LEG)));
    refused(&legs(0), "LEGS_COUNT", "/instructions/0/transfer/legs");
    assert!(parse(&legs(256)).is_ok());
    refused(&legs(257), "LEGS_COUNT", "/instructions/0/transfer/legs");
    // 32 transfers of 256 legs are three legs more than an entry may hold.
    let wide = many(32, &transfer(&many(256, LEG)));
    refused(&message(&wide), "LEGS_COUNT", "/instructions");
}

#[test]
fn texts_have_lengths_and_no_control_characters() {
    let at = |name: &str| format!("/instructions/0/transfer/{name}");
    for (name, max) in [
        ("end_to_end_id", 35),
        ("remittance", 140),
        ("debtor_name", 140),
        ("creditor_name", 140),
    ] {
        let field = |text: &str| with_field(&format!("\"{name}\":\"{text}\""));
        assert!(
            parse(&field(&"é".repeat(max))).is_ok(),
            "characters, not bytes"
        );
        refused(&field(&"é".repeat(max + 1)), "TEXT_GRAMMAR", &at(name));
        for bad in ["", "a\\nb", "a\\u0000", "\\u009f"] {
            refused(&field(bad), "TEXT_GRAMMAR", &at(name));
        }
        assert!(
            parse(&with_field(&format!("\"{name}\":null")))
                .unwrap()
                .texts[0]
                .is_none()
        );
    }
}

#[test]
fn governance_is_checked_too() {
    let keys = |n: usize| {
        let key = chain::VerifierKey::new("bank-a/k", &BASE_POINT)
            .unwrap()
            .to_string();
        let keys: Vec<String> = (0..n).map(|_| format!("\"{key}\"")).collect();
        message(&format!(
            r#"{{"add_participant":{{"id":"{ID}","participant":"bank-a","role":"bank","keys":[{}],"threshold":1}}}}"#,
            keys.join(",")
        ))
    };
    let at = "/instructions/0/add_participant";
    assert!(parse(&keys(16)).is_ok());
    refused(&keys(0), "KEYS_COUNT", &format!("{at}/keys"));
    refused(&keys(17), "KEYS_COUNT", &format!("{at}/keys"));
    refused(
        &keys(1).replace("\"bank\"", "\"king\""),
        "FIELD_TYPE",
        &format!("{at}/role"),
    );
    refused(
        &keys(1).replace("bank-a/k+", "bank-a/l+"),
        "VKEY_GRAMMAR",
        &format!("{at}/keys/0"),
    );
}

#[test]
fn the_fields_of_governance_are_checked_in_place() {
    let one =
        |kind: &str, fields: &str| message(&format!(r#"{{"{kind}":{{"id":"{ID}",{fields}}}}}"#));
    for (kind, fields, code, field) in GOVERNANCE {
        refused(
            &one(kind, fields),
            code,
            &format!("/instructions/0/{kind}/{field}"),
        );
    }
    assert!(
        parse(&one(
            "set_limits",
            r#""address":"a","per_transfer_max":null"#
        ))
        .is_ok()
    );
}

/// Kind, its fields besides the id, the code it is refused with, the field pointed at.
const GOVERNANCE: [(&str, &str, &str, &str); 10] = [
    (
        "set_parameter",
        r#""name":"","value":1"#,
        "TEXT_GRAMMAR",
        "name",
    ),
    (
        "set_parameter",
        r#""name":"x","value":-1"#,
        "FIELD_TYPE",
        "value",
    ),
    (
        "erase",
        r#""entry_index":1,"basis":"a\tb""#,
        "TEXT_GRAMMAR",
        "basis",
    ),
    (
        "add_asset",
        r#""asset":"USD","module":"""#,
        "TEXT_GRAMMAR",
        "module",
    ),
    (
        "revoke_key",
        r#""participant":"a","key_id":"ABCD0123""#,
        "KEY_ID_GRAMMAR",
        "key_id",
    ),
    (
        "approve",
        r#""entry_index":1,"item":1,"item_leaf":"x""#,
        "HASH_GRAMMAR",
        "item_leaf",
    ),
    (
        "issue",
        r#""account":"a","amount":"1 minor units""#,
        "AMOUNT_GRAMMAR",
        "amount",
    ),
    (
        "redeem",
        r#""account":"a","amount":"1 minor units""#,
        "AMOUNT_GRAMMAR",
        "amount",
    ),
    (
        "set_limits",
        r#""address":"a","min_balance":"1 minor units""#,
        "AMOUNT_GRAMMAR",
        "min_balance",
    ),
    (
        "open_account",
        r#""address":"a","owner":"A","kind":"fee","asset":"USD""#,
        "PARTICIPANT_GRAMMAR",
        "owner",
    ),
];
