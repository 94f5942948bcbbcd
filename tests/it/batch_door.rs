//! A binary batch through the door: the answer, the receipts, what each side may read, and the log
//! that comes of it.

use chain::outcomes::{OUTCOMES_CONTENT_TYPE, split_outcomes};
use chain::statement::{Purpose, submission_text};
use chain::{BatchHeader, BatchOutcome, BatchRecord, Hash, Item, ItemView, NoteSignature};
use keys::SigningKey;
use quittance::ledger::{BATCH_CONTENT_TYPE, Outcome};
use quittance::wire::ReceiptFile;

use crate::api_kit::{Answered, Door, Headers};

const REFERENCE: [u8; 32] = *b"INV-88\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

pub(crate) struct Stage {
    pub(crate) door: Door,
    pub(crate) bank_a: SigningKey,
    bank_b: SigningKey,
}

pub(crate) fn stage() -> Stage {
    let door = Door::open();
    let sandbox = &door.sandbox;
    sandbox.asset("USD");
    let (bank_a, bank_b) = (sandbox.bank("bank-a"), sandbox.bank("bank-b"));
    sandbox.account("bank-a", "bank-a:usd", "USD", "100.00");
    sandbox.account("bank-b", "bank-b:secret-name", "USD", "0");
    Stage {
        door,
        bank_a,
        bank_b,
    }
}

pub(crate) fn record(debit: u64, credit: u64, amount: u128) -> BatchRecord {
    BatchRecord {
        debit,
        credit,
        amount,
        pending_id: [0; 16],
        kind: 1,
        flags: 0,
        timeout: 0,
        reference: [0; 32],
    }
}

impl Stage {
    pub(crate) fn number(&self, address: &str) -> u64 {
        let reader = self.door.sandbox.node().reader();
        let account = reader.account(address, &self.door.sandbox.auditor());
        account.unwrap().number
    }

    pub(crate) fn body(&self, id: &str, records: &[BatchRecord]) -> Vec<u8> {
        let header = BatchHeader {
            atomic: false,
            count: u32::try_from(records.len()).unwrap(),
            created: self.door.sandbox.node().clock().now_ns(),
            message_id: id.into(),
            first_id: self.door.sandbox.id().to_bytes(),
        };
        let mut body = header.to_bytes().unwrap().to_vec();
        for record in records {
            body.extend_from_slice(&record.to_bytes());
        }
        body
    }

    fn headers(&self, purpose: Purpose, who: &str, key: &SigningKey, body: &[u8]) -> Headers {
        let node = self.door.sandbox.node();
        let hash = Hash::sha256(body);
        let (origin, genesis) = (node.origin(), node.genesis_hash());
        let text = submission_text(purpose, origin, &genesis, who, BATCH_CONTENT_TYPE, &hash);
        vec![
            ("Content-Type", BATCH_CONTENT_TYPE.to_owned()),
            ("Quittance-Submitter", who.to_owned()),
            (
                "Quittance-Signature",
                NoteSignature::sign(&text, key).unwrap().to_header(),
            ),
        ]
    }

    pub(crate) fn submit(&self, body: &[u8]) -> Answered {
        let headers = self.headers(Purpose::Submission, "bank-a", &self.bank_a, body);
        self.door.post("/v1/submissions", &headers, body)
    }

    fn receipt(&self, who: &str, key: &SigningKey, index: u64) -> Answered {
        let path = format!("/v1/receipts/{index}");
        self.door.get(&path, self.door.session(who, key))
    }
}

/// Index, outcomes and receipt of an answer.
pub(crate) fn read(answer: &Answered) -> (u64, Vec<u16>, ReceiptFile) {
    assert_eq!(answer.header("content-type"), Some(OUTCOMES_CONTENT_TYPE));
    let (header, rows, receipt) = split_outcomes(&answer.body).unwrap();
    let rows: Vec<u16> = rows
        .iter()
        .map(|row| BatchOutcome::from_bytes(row).unwrap().outcome)
        .collect();
    let settled = rows.iter().filter(|row| **row == Outcome::Settled.number());
    assert_eq!(header.good as usize, settled.count());
    let receipt = serde_json::from_slice(receipt).unwrap();
    (header.index, rows, receipt)
}

#[test]
fn a_batch_is_answered_with_outcomes_and_a_receipt() {
    let stage = stage();
    let (a, b) = (
        stage.number("bank-a:usd"),
        stage.number("bank-b:secret-name"),
    );
    let mut referenced = record(a, b, 250);
    referenced.reference = REFERENCE;
    let body = stage.body("b-1", &[referenced, record(a, b, 99_999), record(b, a, 1)]);
    let answer = stage.submit(&body);
    assert_eq!(answer.status, 201, "{}", answer.text());
    let (index, rows, file) = read(&answer);
    let wanted = [
        Outcome::Settled,
        Outcome::InsufficientFunds,
        Outcome::NotOwner,
    ];
    assert_eq!(rows, wanted.map(Outcome::number));
    let receipt = file.to_receipt().unwrap();
    let verified = receipt
        .verify(&stage.door.sandbox.node().log_key())
        .unwrap();
    let Item::Authorisation(who) = &verified.items[0].item else {
        panic!("item 0")
    };
    assert_eq!(who.body_hash, Hash::sha256(&body));
    assert_eq!((who.instructions, verified.items.len()), (3, 1));

    // Sent again: the same answer but for its proof; other content under the same id: refused.
    let again = stage.submit(&body);
    assert_eq!(again.status, 200);
    assert_eq!(again.header("quittance-replayed"), Some("true"));
    let (again_index, again_rows, _) = read(&again);
    assert_eq!((again_index, again_rows), (index, rows));
    let mut other = body.clone();
    other[128 + 16] ^= 1;
    assert_eq!(stage.submit(&other).problem(), "MESSAGE_ID_REUSED");
    assert_eq!(stage.door.sandbox.posted("bank-a:usd"), "97.50");

    // A dry run says what would come of it, and proves nothing.
    let next = stage.body("b-2", &[record(a, b, 1), record(a, a, 1)]);
    let headers = stage.headers(Purpose::DryRun, "bank-a", &stage.bank_a, &next);
    let trial = stage.door.post("/v1/dry-runs", &headers, &next);
    let (header, rows, receipt) = split_outcomes(&trial.body).unwrap();
    assert_eq!((trial.status, header.good, rows.len()), (200, 1, 2));
    assert!(receipt.is_empty());
    assert_eq!(stage.door.sandbox.posted("bank-a:usd"), "97.50");
}

#[test]
fn a_number_never_leads_to_anothers_address() {
    let stage = stage();
    let (a, b) = (
        stage.number("bank-a:usd"),
        stage.number("bank-b:secret-name"),
    );
    let mut referenced = record(a, b, 250);
    referenced.reference = REFERENCE;
    let answer = stage.submit(&stage.body("b-1", &[referenced, record(a, b, 99_999)]));
    let (index, _, _) = read(&answer);
    let session = stage.door.session("bank-a", &stage.bank_a);
    let id = |n: u32| {
        let held = stage.door.sandbox.node().reader().entry(index).unwrap();
        match Item::parse(&held.items[n as usize].0).unwrap() {
            Item::Leg(leg) => quittance::ledger::InstructionId::from_bytes(leg.id).unwrap(),
            other => panic!("{other:?}"),
        }
    };
    let path = format!("/v1/instructions/{}", id(1));
    for path in [
        format!("/v1/receipts/{index}"),
        "/v1/accounts/bank-a:usd/history".into(),
        "/v1/accounts/bank-a:usd/statement".into(),
        path,
    ] {
        let told = stage.door.get(&path, session.clone());
        assert_eq!(told.status, 200, "{path}: {}", told.text());
        let text = told.text();
        assert!(!text.contains("secret-name"), "{path}: {text}");
        // In receipts, items are base64.
        let encoded = quittance::wire::base64::encode(b"secret-name");
        assert!(!text.contains(encoded.trim_end_matches('=')), "{path}");
    }
    let told = |path: &str| stage.door.get(path, session.clone()).json();
    let history = told("/v1/accounts/bank-a:usd/history");
    assert_eq!(history["items"][0]["counterparty"], format!("#{b}"));
    let reference = history["items"][0]["reference"].as_str().unwrap();
    assert!(reference.starts_with("494e562d3838") && reference.len() == 64);
    let leg = &told(&format!("/v1/instructions/{}", id(1)))["legs"][0];
    assert_eq!(
        (&leg["credit"], &leg["reference"]),
        (&format!("#{b}").into(), &reference.into())
    );
    // It is looked for as a text or as digits.
    for (wanted, found) in [("INV-88", 1), (reference, 1), ("INV-8", 0)] {
        let path = format!("/v1/accounts/bank-a:usd/history?end_to_end_id={wanted}");
        assert_eq!(
            told(&path)["items"].as_array().unwrap().len(),
            found,
            "{wanted}"
        );
    }

    // The creditor gets its own item, with the reference and its own balance, and no other.
    let file: ReceiptFile =
        serde_json::from_slice(&stage.receipt("bank-b", &stage.bank_b, index).body).unwrap();
    let receipt = file.to_receipt().unwrap();
    let verified = receipt
        .verify(&stage.door.sandbox.node().log_key())
        .unwrap();
    let [item] = verified.items.as_slice() else {
        panic!("{} items", verified.items.len())
    };
    let Item::Leg(leg) = &item.item else {
        panic!("{:?}", item.item)
    };
    assert_eq!((leg.debit, leg.credit, leg.amount), (a, b, 250));
    assert_eq!(leg.numbered.unwrap().reference, Some(REFERENCE));
    assert_eq!(leg.debit_name(), format!("#{a}"));
    assert_eq!(item.private.len(), 1);
}

#[test]
fn a_batch_outlives_a_restart_and_its_body_is_made_from_its_items() {
    let mut stage = stage();
    let (a, b) = (
        stage.number("bank-a:usd"),
        stage.number("bank-b:secret-name"),
    );
    let records: Vec<BatchRecord> = (0..300).map(|n| record(a, b, 1 + n % 80)).collect();
    let body = stage.body("b-1", &records);
    let (index, rows, file) = read(&stage.submit(&body));
    assert!(rows.contains(&Outcome::InsufficientFunds.number()));
    let balance = stage.door.sandbox.posted("bank-a:usd");
    stage.door.stop();
    stage.door.sandbox.reopen();
    let door = Door::serving(stage.door.sandbox);
    assert_eq!(door.sandbox.posted("bank-a:usd"), balance);
    let reader = door.sandbox.node().reader();
    let kept = reader.entry(index).unwrap();
    assert_eq!((&kept.sealed_body, &kept.body_key), (&None, &None));
    let items: Vec<ItemView<'_>> = kept
        .items
        .iter()
        .map(|item| ItemView::parse(&item.0).unwrap())
        .collect();
    let message = quittance::ledger::message_from_items(&items).unwrap();
    let made = message.batch.unwrap().to_body(&message.authorisation);
    assert_eq!(made.unwrap(), body);
    file.to_receipt()
        .unwrap()
        .verify(&door.sandbox.node().log_key())
        .unwrap();
    let viewer = door.sandbox.viewer("bank-a");
    let again = reader.stored_batch_answer(index, &viewer).unwrap();
    let (_, again, _) = split_outcomes(&again).unwrap();
    let again: Vec<u16> = again
        .iter()
        .map(|row| BatchOutcome::from_bytes(row).unwrap().outcome)
        .collect();
    assert_eq!(again, rows);
}

#[test]
fn what_is_no_batch_is_refused_with_its_place_and_not_logged() {
    let stage = stage();
    let a = stage.number("bank-a:usd");
    let size = stage.door.size();
    let good = stage.body("b-1", &[record(a, a, 1), record(a, a, 1)]);
    let changed = |at: usize, byte: u8| {
        let mut body = good.clone();
        body[at] = byte;
        body
    };
    let cases = [
        (good[..300].to_vec(), 400, "BATCH_MALFORMED", ""),
        (changed(0, b'X'), 400, "BATCH_MALFORMED", "/header/magic"),
        (changed(8, 3), 400, "BATCH_MALFORMED", ""),
        (
            changed(102, 0x40),
            400,
            "BATCH_MALFORMED",
            "/header/first_id",
        ),
        (
            changed(128 + 48, 2),
            422,
            "INSTRUCTION_UNKNOWN",
            "/records/0/kind",
        ),
        (
            changed(256 + 127, 1),
            400,
            "BATCH_MALFORMED",
            "/records/1/reserved",
        ),
        (b"{}".to_vec(), 400, "BATCH_MALFORMED", ""),
    ];
    for (body, status, code, pointer) in cases {
        let answer = stage.submit(&body);
        assert_eq!((answer.status, answer.problem().as_str()), (status, code));
        assert_eq!(answer.json()["errors"][0]["pointer"], pointer, "{code}");
    }
    assert_eq!(stage.door.size(), size);
}
