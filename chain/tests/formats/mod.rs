//! The formats that are Quittance's own: entries, statements, batches, and the examples in `SPEC.md`.

use chain::batch::split_batch;
use chain::outcomes::split_outcomes;
use chain::statement::{
    Purpose, genesis_text, parse_genesis, parse_session, parse_submission, session_text,
    submission_text,
};
use chain::{
    BatchHeader, BatchOutcome, BatchRecord, Entry, EntryKind, Frontier, Hash, NoteSignature,
    OutcomesHeader, Record, RecordParts, salt,
};
use serde_json::Value;

use crate::common::{TestSigner, bytes, hash, list, load, number, text};
use crate::key;

#[test]
fn entries() {
    let vectors = load("entry");
    let mut frontier = Frontier::new();
    let mut prev = Hash::ZERO;
    for (case, root) in list(&vectors, "entries")
        .iter()
        .zip(list(&vectors, "log_roots"))
    {
        let kind = match text(case, "kind") {
            "genesis" => EntryKind::Genesis,
            "submission" => EntryKind::Submission,
            "system" => EntryKind::System,
            "key" => EntryKind::Key,
            "seal" => EntryKind::Seal,
            "erasure" => EntryKind::Erasure,
            other => panic!("unknown kind {other}"),
        };
        let entry = Entry {
            kind,
            items: u32::try_from(number(case, "items")).unwrap(),
            index: number(case, "index"),
            time: number(case, "time"),
            prev: hash(&case["prev"]),
            payload_root: hash(&case["payload_root"]),
            aux: hash(&case["aux"]),
        };
        assert_eq!(entry.to_bytes(), bytes(&case["bytes"])[..]);
        assert_eq!(Entry::from_bytes(&bytes(&case["bytes"])), Ok(entry));
        assert_eq!(entry.leaf_hash(), hash(&case["leaf_hash"]));
        assert_eq!(entry.prev, prev);
        prev = entry.leaf_hash();
        frontier.push(prev, &mut |_, _, _| ());
        assert_eq!(frontier.root(), hash(root));
    }
    for case in list(&vectors, "refused") {
        assert!(Entry::from_bytes(&bytes(&case["bytes"])).is_err(), "{case}");
    }
}

#[test]
fn records() {
    let vectors = load("record");
    for case in list(&vectors, "records") {
        let (whole, key) = (bytes(&case["bytes"]), &case["key"]);
        let key: Option<[u8; 32]> = key.as_str().map(|_| bytes(key).try_into().unwrap());
        let entry: [u8; Entry::LEN] = bytes(&case["entry"]).try_into().unwrap();
        let items: Vec<Vec<u8>> = list(case, "items").iter().map(bytes).collect();
        let sealed_body = bytes(&case["sealed_body"]);
        let parts = RecordParts {
            entry: &entry,
            salt: &hash(&case["salt"]),
            key: key.as_ref(),
            sealed_body: &sealed_body,
        };
        let mut made = Vec::new();
        parts.write(&mut made, items.iter().map(Vec::as_slice));
        assert_eq!(made, whole);
        let (record, behind) = Record::split(&whole).unwrap();
        assert!(behind.is_empty());
        assert_eq!((record.entry, record.key), (&entry, key.as_ref()));
        assert_eq!(record.salt, *parts.salt);
        assert!(record.items.iter().eq(items.iter().map(Vec::as_slice)));
        assert_eq!(record.sealed_body, sealed_body);
        let leaves = (0u32..).zip(record.items);
        let leaves: Vec<Hash> = leaves
            .map(|(n, item)| salt::item_leaf(&salt::item_salt(&record.salt, n), item))
            .collect();
        let entry = Entry::from_bytes(record.entry).unwrap();
        assert_eq!(chain::root_of(&leaves), entry.payload_root);
    }
    for case in list(&vectors, "refused") {
        assert!(Record::split(&bytes(&case["bytes"])).is_err(), "{case}");
    }
}

#[test]
fn statements() {
    let vectors = load("statement");
    let key = key(&vectors["key"]);
    let signer = TestSigner::new(key.name(), &bytes(&vectors["seed"]));
    for case in list(&vectors, "statements") {
        let origin = text(case, "origin");
        let made = match text(case, "kind") {
            "session" => {
                let parsed = parse_session(text(case, "text")).unwrap();
                assert_eq!(parsed.nonce, bytes(&case["nonce"])[..]);
                let (genesis, time) = (hash(&case["genesis"]), text(case, "time"));
                session_text(
                    origin,
                    &genesis,
                    text(case, "participant"),
                    time,
                    &parsed.nonce,
                )
            }
            "genesis" => {
                let item_hash = Hash::sha256(text(case, "item").as_bytes());
                assert_eq!(
                    parse_genesis(text(case, "text")).unwrap().item_hash,
                    item_hash
                );
                genesis_text(origin, &item_hash)
            }
            kind => {
                let parsed = parse_submission(text(case, "text")).unwrap();
                assert_eq!(parsed.purpose == Purpose::DryRun, kind == "dry-run");
                let body_hash = Hash::sha256(text(case, "body").as_bytes());
                let (submitter, content_type) =
                    (text(case, "submitter"), text(case, "content_type"));
                let genesis = hash(&case["genesis"]);
                submission_text(
                    parsed.purpose,
                    origin,
                    &genesis,
                    submitter,
                    content_type,
                    &body_hash,
                )
            }
        };
        assert_eq!(made, text(case, "text"));
        let signature = NoteSignature::parse_header(text(case, "signature")).unwrap();
        assert_eq!(signature.verify(&made, &key), Ok(()));
        assert_eq!(NoteSignature::sign(&made, &signer), Ok(signature.clone()));
        assert!(signature.verify(&made.replace("v1", "v2"), &key).is_err());
    }
    for case in list(&vectors, "refused") {
        let text = text(case, "text");
        let refused = match case["kind"].as_str().unwrap() {
            "session" => parse_session(text).is_err(),
            "genesis" => parse_genesis(text).is_err(),
            _ => parse_submission(text).is_err(),
        };
        assert!(refused, "{case}");
    }
}

#[test]
fn batches() {
    let vectors = load("batch");
    let case = &vectors["header"];
    let header = BatchHeader {
        atomic: case["atomic"].as_bool().unwrap(),
        count: u32::try_from(number(case, "count")).unwrap(),
        created: number(case, "created"),
        message_id: text(case, "message_id").into(),
        first_id: bytes(&case["first_id"]).try_into().unwrap(),
    };
    let mut body = bytes(&vectors["header_bytes"]);
    assert_eq!(header.to_bytes().unwrap()[..], body);
    for (case, expected) in list(&vectors, "records")
        .iter()
        .zip(list(&vectors, "record_bytes"))
    {
        let record = BatchRecord {
            debit: number(case, "debit"),
            credit: number(case, "credit"),
            amount: text(case, "amount").parse().unwrap(),
            pending_id: bytes(&case["pending_id"]).try_into().unwrap(),
            kind: u16::try_from(number(case, "kind")).unwrap(),
            flags: u16::try_from(number(case, "flags")).unwrap(),
            timeout: u32::try_from(number(case, "timeout")).unwrap(),
            reference: bytes(&case["reference"]).try_into().unwrap(),
        };
        assert_eq!(record.to_bytes()[..], bytes(expected));
        assert_eq!(BatchRecord::from_bytes(&bytes(expected)), Ok(record));
        body.extend(bytes(expected));
    }
    let (found, records) = split_batch(&body).unwrap();
    assert_eq!((&found, records.len()), (&header, 2));
    for (position, id) in list(&vectors, "instruction_ids").iter().enumerate() {
        assert_eq!(
            header.instruction_id(u32::try_from(position).unwrap())[..],
            bytes(id)
        );
    }
    for case in list(&vectors, "accepted_headers") {
        let header = BatchHeader::from_bytes(&bytes(&case["bytes"])).unwrap();
        assert_eq!(
            header.to_bytes().unwrap()[..],
            bytes(&case["bytes"]),
            "{case}"
        );
    }
    for case in list(&vectors, "refused_headers") {
        assert!(
            BatchHeader::from_bytes(&bytes(&case["bytes"])).is_err(),
            "{case}"
        );
    }
    for case in list(&vectors, "refused_records") {
        assert!(
            BatchRecord::from_bytes(&bytes(&case["bytes"])).is_err(),
            "{case}"
        );
    }
    for case in list(&vectors, "refused_bodies") {
        assert!(split_batch(&bytes(&case["bytes"])).is_err(), "{case}");
    }
}

/// 64 digits, or text that zero bytes follow.
fn reference(text: &str) -> [u8; 32] {
    if text.len() == 64 {
        return bytes(&Value::from(text)).try_into().unwrap();
    }
    let mut reference = [0; 32];
    reference[..text.len()].copy_from_slice(text.as_bytes());
    reference
}

#[test]
fn a_batch_of_lines() {
    let vectors = load("batch");
    let case = &vectors["encoder"];
    let lines = list(case, "lines");
    let header = BatchHeader {
        atomic: case["atomic"].as_bool().unwrap(),
        count: u32::try_from(lines.len()).unwrap(),
        created: number(case, "created"),
        message_id: text(case, "message_id").into(),
        first_id: bytes(&case["first_id"]).try_into().unwrap(),
    };
    let mut body = header.to_bytes().unwrap().to_vec();
    for line in lines {
        let cells: Vec<&str> = line.as_str().unwrap().split(',').collect();
        let record = BatchRecord {
            debit: cells[0].parse().unwrap(),
            credit: cells[1].parse().unwrap(),
            amount: cells[2].parse().unwrap(),
            pending_id: [0; 16],
            kind: 1,
            flags: 0,
            timeout: 0,
            reference: reference(cells[3]),
        };
        body.extend(record.to_bytes());
    }
    assert_eq!(body, bytes(&case["body"]));
    assert_eq!(Hash::sha256(&body), hash(&case["sha256"]));
}

#[test]
fn answers_to_batches() {
    let vectors = load("batch");
    let case = &vectors["answer"];
    let receipt = text(case, "receipt");
    let header = OutcomesHeader {
        count: u32::try_from(number(case, "count")).unwrap(),
        receipt_len: u32::try_from(receipt.len()).unwrap(),
        index: number(case, "index"),
        time: number(case, "time"),
        good: u32::try_from(number(case, "good")).unwrap(),
    };
    let mut answer = header.to_bytes().to_vec();
    for row in list(case, "rows") {
        let row = BatchOutcome {
            outcome: u16::try_from(number(row, "outcome")).unwrap(),
            leg: row["leg"].as_u64().map(|leg| u16::try_from(leg).unwrap()),
            detail: number(row, "detail"),
        };
        assert_eq!(BatchOutcome::from_bytes(&row.to_bytes()), Ok(row));
        answer.extend(row.to_bytes());
    }
    answer.extend(receipt.as_bytes());
    assert_eq!(answer, bytes(&case["bytes"]));
    let (found, rows, found_receipt) = split_outcomes(&answer).unwrap();
    assert_eq!((found, rows.len()), (header, list(case, "rows").len()));
    assert_eq!(found_receipt, receipt.as_bytes());
    for case in list(&vectors, "accepted_answers") {
        assert!(split_outcomes(&bytes(&case["bytes"])).is_ok(), "{case}");
    }
    for case in list(&vectors, "refused_answers") {
        assert!(split_outcomes(&bytes(&case["bytes"])).is_err(), "{case}");
    }
    for case in list(&vectors, "refused_rows") {
        let row: [u8; 16] = bytes(&case["bytes"]).try_into().unwrap();
        assert!(BatchOutcome::from_bytes(&row).is_err(), "{case}");
    }
}

#[test]
fn the_examples_in_the_specification_are_vectors() {
    let specification = include_str!("../../SPEC.md");
    let (notes, logs, statements) = (load("note"), load("checkpoint"), load("statement"));
    let proof = text(&logs["proof"], "text").split_once("\n\n").unwrap().0;
    let mut examples = vec![
        text(&notes["valid"][0], "note"),
        notes["valid"][0]["keys"][0].as_str().unwrap(),
        text(&logs["signed"], "vkey"),
        text(&logs["signed"], "cosigned_note"),
        proof,
        text(&statements, "key"),
        text(&statements["statements"][0], "signature"),
    ];
    for index in [0, 2, 3] {
        examples.push(text(&statements["statements"][index], "text"));
    }
    for example in examples {
        assert!(specification.contains(example), "{example}");
    }
    // Hex stands there in groups.
    let hex: String = specification
        .chars()
        .filter(char::is_ascii_hexdigit)
        .collect();
    let (entries, batch, tree) = (load("entry"), load("batch"), load("tree"));
    for index in [0, 1] {
        assert!(hex.contains(text(&entries["entries"][index], "bytes")));
        assert!(hex.contains(text(&entries["entries"][index], "leaf_hash")));
    }
    for example in [&batch["header_bytes"], &batch["record_bytes"][0]] {
        assert!(hex.contains(&example.as_str().unwrap()[..64]), "{example}");
    }
    let case = list(&tree, "inclusion")
        .iter()
        .find(|c| c["index"] == 2 && c["size"] == 3);
    assert!(hex.contains(case.unwrap()["proof"][0].as_str().unwrap()));
}
