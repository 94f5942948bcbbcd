//! Items, private parts and receipts.

mod legs;

use chain::statement::{genesis_text, parse_submission};
use chain::{
    Authorisation, AuthorisationSignature, Counters, Entry, Hash, InstructionItem, Item, ItemError,
    ItemRef, KeyId, LegItem, LegKind, Numbered, OfExchange, OfHold, OfOriginal, OfWindow,
    PrivatePart, ReceiptError, Residue, VerifierKey, root_of, salt,
};
use serde_json::Value;

use crate::common::{TestSigner, bytes, hash, hashes, list, load, number, receipt, small, text};
use crate::key;

fn optional_hash(value: &Value) -> Option<Hash> {
    (!value.is_null()).then(|| hash(value))
}

fn array<const N: usize>(value: &Value) -> [u8; N] {
    bytes(value).try_into().unwrap()
}

/// The legs of some vectors: each is made from its fields, has the bytes that are stated, and is read
/// back from them.
fn legs_of(name: &str) -> Vec<LegItem> {
    let vectors = load("item");
    let read = |case| {
        let (made, bytes) = (item(case), bytes(&case["bytes"]));
        assert_eq!(made.to_bytes(), bytes);
        assert_eq!(Item::parse(&bytes).as_ref(), Ok(&made));
        let Item::Leg(leg) = made else {
            panic!("{case}")
        };
        leg
    };
    list(&vectors, name).iter().map(read).collect()
}

/// Makes an item from the fields that a vector states.
fn item(case: &Value) -> Item {
    let f = &case["fields"];
    match text(case, "type") {
        "authorisation" => Item::Authorisation(authorisation(f)),
        "leg" => Item::Leg(leg(f)),
        "instruction" => Item::Instruction(InstructionItem {
            instruction: small(f, "instruction"),
            outcome: small(f, "outcome"),
            leg: f["leg"].as_u64().map(|leg| u16::try_from(leg).unwrap()),
            id: array(&f["id"]),
            detail: number(f, "detail"),
            json: text(f, "json").into(),
            text: optional_hash(&f["text"]),
        }),
        "genesis" => Item::Genesis(text(f, "json").into()),
        other => panic!("unknown type {other}"),
    }
}

fn authorisation(f: &Value) -> Authorisation {
    let signature = |s: &Value| AuthorisationSignature {
        key_name: text(s, "key_name").into(),
        key_id: KeyId::new(u32::from_be_bytes(array(&s["key_id"]))),
        signature: array(&s["signature"]),
    };
    Authorisation {
        submitter: text(f, "submitter").into(),
        content_type: text(f, "content_type").into(),
        body_hash: hash(&f["body_hash"]),
        created: number(f, "created"),
        message_id: text(f, "message_id").into(),
        atomic: f["atomic"].as_bool().unwrap(),
        instructions: small(f, "instructions"),
        signatures: list(f, "signatures").iter().map(signature).collect(),
    }
}

fn numbered(f: &Value) -> Option<Numbered> {
    let f = f.as_object()?;
    let reference = f.get("reference").filter(|reference| !reference.is_null());
    Some(Numbered {
        reference: reference.map(array),
    })
}

fn of_hold(f: &Value) -> Option<OfHold> {
    let f = f.as_object()?;
    Some(OfHold {
        hold: array(&f["hold"]),
        unreserved: f["unreserved"].as_str()?.parse().unwrap(),
    })
}

fn of_window(f: &Value) -> Option<OfWindow> {
    let f = f.as_object()?;
    Some(OfWindow {
        model: f["model"].as_str()?.parse().unwrap(),
        window: f["window"].as_u64()?,
    })
}

fn of_original(f: &Value) -> Option<OfOriginal> {
    let f = f.as_object()?;
    Some(OfOriginal {
        index: f["index"].as_u64()?,
        item: u32::try_from(f["item"].as_u64()?).unwrap(),
        id: array(&f["id"]),
        reason: f["reason"].as_str()?.as_bytes().try_into().unwrap(),
    })
}

fn of_exchange(f: &Value) -> Option<OfExchange> {
    let f = f.as_object()?;
    let part = |name: &str| f[name].as_str().unwrap().parse().unwrap();
    Some(OfExchange {
        at: array(&f["at"]),
        residue: Residue::from_lowest(part("numerator"), part("denominator")).unwrap(),
    })
}

fn leg(f: &Value) -> LegItem {
    LegItem {
        kind: match text(f, "kind") {
            "transfer" => LegKind::Transfer,
            "issue" => LegKind::Issue,
            "redeem" => LegKind::Redeem,
            "reserve" => LegKind::Reserve,
            "capture" => LegKind::Capture,
            "void" => LegKind::Void,
            "expire" => LegKind::Expire,
            "queued" => LegKind::Queued,
            "notice" => LegKind::Notice,
            "clear" => LegKind::Clear,
            "net" => LegKind::Net,
            "draw" => LegKind::Draw,
            "return" => LegKind::Return,
            "recall" => LegKind::Recall,
            "split" => LegKind::Split,
            "mandated" => LegKind::Mandated,
            "exchange" => LegKind::Exchange,
            "valued" => LegKind::Valued,
            "fee" => LegKind::Fee,
            "fee_tax" => LegKind::FeeTax,
            "period_fee" => LegKind::PeriodFee,
            "period_tax" => LegKind::PeriodTax,
            "owed" => LegKind::Owed,
            other => panic!("unknown kind {other}"),
        },
        instruction: small(f, "instruction"),
        leg: small(f, "leg"),
        outcome: small(f, "outcome"),
        id: array(&f["id"]),
        scale: small(f, "scale"),
        amount: text(f, "amount").parse().unwrap(),
        debit: number(f, "debit"),
        credit: number(f, "credit"),
        asset: text(f, "asset").into(),
        debit_address: text(f, "debit_address").into(),
        credit_address: text(f, "credit_address").into(),
        numbered: numbered(&f["numbered"]),
        of_hold: of_hold(&f["of_hold"]),
        since: f["since"].as_u64(),
        of_window: of_window(&f["of_window"]),
        of_original: of_original(&f["of_original"]),
        mandate: f["mandate"].as_str().map(|_| array(&f["mandate"])),
        of_exchange: of_exchange(&f["of_exchange"]),
        value_date: f["value_date"]
            .as_u64()
            .map(|days| u32::try_from(days).unwrap()),
        month: f["month"].as_u64().map(|n| u32::try_from(n).unwrap()),
        text: optional_hash(&f["text"]),
        private: hashes(f, "private"),
    }
}

fn private_part(f: &Value) -> PrivatePart {
    let counter = |name| text(f, name).parse().unwrap();
    PrivatePart {
        account: number(f, "account"),
        counters: Counters {
            debits_pending: counter("debits_pending"),
            debits_posted: counter("debits_posted"),
            credits_pending: counter("credits_pending"),
            credits_posted: counter("credits_posted"),
        },
        previous: f["previous"].as_array().map(|previous| ItemRef {
            index: previous[0].as_u64().unwrap(),
            item: u32::try_from(previous[1].as_u64().unwrap()).unwrap(),
        }),
    }
}

/// Checks items and their way up to the entry's leaf hash.
fn check_entry(case: &Value) -> (Vec<Item>, Entry) {
    let entry_salt = hash(&case["salt"]);
    let mut leaves = Vec::new();
    let mut items = Vec::new();
    for (n, case) in list(case, "items").iter().enumerate() {
        let (item, bytes) = (item(case), bytes(&case["bytes"]));
        assert_eq!(item.to_bytes(), bytes);
        assert_eq!(Item::parse(&bytes).as_ref(), Ok(&item));
        let item_salt = salt::item_salt(&entry_salt, u32::try_from(n).unwrap());
        leaves.push(salt::item_leaf(&item_salt, &bytes));
        items.push(item);
    }
    assert_eq!(leaves, hashes(case, "leaf_hashes"));
    let entry = Entry::from_bytes(&bytes(&case["entry"])).unwrap();
    assert_eq!(entry.payload_root, root_of(&leaves));
    assert_eq!(entry.payload_root, hash(&case["payload_root"]));
    assert_eq!(usize::try_from(entry.items), Ok(leaves.len()));
    assert_eq!(entry.leaf_hash(), hash(&case["entry_leaf"]));
    (items, entry)
}

#[test]
fn genesis_items() {
    let vectors = load("item");
    let case = &vectors["genesis"];
    let (items, entry) = check_entry(case);
    let [Item::Authorisation(who), genesis] = items.as_slice() else {
        panic!("{items:?}")
    };
    assert_eq!((entry.index, entry.time), (0, who.created));
    let document: Value = serde_json::from_str(text(&case["items"][1]["fields"], "json")).unwrap();
    let item_hash = Hash::sha256(&genesis.to_bytes());
    assert_eq!(who.body_hash, item_hash);
    let statement = genesis_text(text(&document, "origin"), &item_hash);
    assert_eq!(statement, text(case, "statement"));
    let founder = key(&document["operators"]["keys"][0]);
    assert_eq!(who.signatures[0].key_id, founder.id());
    let signature = &who.signatures[0].signature;
    assert_eq!(founder.verify(statement.as_bytes(), signature), Ok(()));
}

#[test]
fn submission_items() {
    let vectors = load("item");
    let case = &vectors["submission"];
    let (items, entry) = check_entry(case);
    let entry_salt = hash(&case["salt"]);
    for (n, expected) in hashes(case, "item_salts").iter().enumerate() {
        let n = u32::try_from(n).unwrap();
        assert_eq!(salt::item_salt(&entry_salt, n), *expected);
    }
    for case in list(case, "private") {
        let (part, n, k) = (
            private_part(&case["fields"]),
            small(case, "item"),
            small(case, "k"),
        );
        assert_eq!(part.to_bytes(), bytes(&case["bytes"])[..]);
        assert_eq!(PrivatePart::parse(&part.to_bytes()), Ok(part));
        let salt = salt::private_salt(&entry_salt, n, k);
        assert_eq!(salt, hash(&case["salt"]));
        let commitment = salt::commit(&salt, &part.to_bytes());
        assert_eq!(commitment, hash(&case["commitment"]));
        assert_eq!(items[1].private()[usize::from(k)], commitment);
    }
    let part = &case["text"];
    let salt = salt::text_salt(&array(&case["key"]), small(part, "item"));
    assert_eq!(salt, hash(&part["salt"]));
    let commitment = salt::commit(&salt, text(part, "bytes").as_bytes());
    assert_eq!(commitment, hash(&part["commitment"]));
    assert_eq!(items[1].text(), Some(&commitment));

    // Item 0 says who asked: its signature is over the statement, which names this very log.
    let Item::Authorisation(who) = &items[0] else {
        panic!("{items:?}")
    };
    let statement = parse_submission(text(case, "statement")).unwrap();
    assert_eq!(statement.genesis, hash(&vectors["genesis"]["entry_leaf"]));
    assert_eq!(
        statement.body_hash,
        Hash::sha256(text(case, "body").as_bytes())
    );
    assert_eq!(statement.body_hash, who.body_hash);
    assert_eq!(statement.submitter, who.submitter);
    let signer = key(&case["signer"]);
    let signature = &who.signatures[0].signature;
    let signed = signer.verify(text(case, "statement").as_bytes(), signature);
    assert_eq!(signed, Ok(()));
    for case in list(&vectors, "system_salts") {
        let salt = salt::system_salt(&entry_salt, small(case, "j"));
        assert_eq!(salt, hash(&case["salt"]));
    }
    assert_eq!(entry.index, 5);
}

#[test]
fn legs_of_batches_state_numbers_and_no_addresses() {
    let vectors = load("item");
    let cases = list(&vectors, "numbered");
    let mut references = Vec::new();
    for case in cases {
        let (made, bytes) = (item(case), bytes(&case["bytes"]));
        assert_eq!(made.to_bytes(), bytes);
        let Ok(Item::Leg(leg)) = Item::parse(&bytes) else {
            panic!("{case}")
        };
        assert_eq!(Item::Leg(leg.clone()), made);
        assert_eq!([leg.debit_name(), leg.credit_name()], ["#3", "#17"]);
        references.push(leg.numbered.unwrap().reference.is_some());
    }
    assert_eq!(references, [false, true]);
}

#[test]
fn legs_of_holds_say_of_which_hold_they_are() {
    let vectors = load("item");
    let mut kinds = Vec::new();
    for case in list(&vectors, "held") {
        let (made, bytes) = (item(case), bytes(&case["bytes"]));
        assert_eq!(made.to_bytes(), bytes);
        assert_eq!(Item::parse(&bytes).as_ref(), Ok(&made));
        match made {
            Item::Leg(leg) => kinds.push((leg.kind as u8, leg.outcome, leg.of_hold.is_some())),
            Item::Authorisation(who) => assert_eq!(who.body_hash, Hash::sha256(&[])),
            _ => panic!("{case}"),
        }
    }
    let captures = [(5, 1, true); 3];
    let ends = [(6, 4, true), (7, 5, false)];
    assert_eq!(kinds, [&[(4, 3, false)], &captures[..], &ends].concat());
}

#[test]
fn legs_of_queued_payments_say_where_they_were_queued() {
    let mut kinds = Vec::new();
    for leg in legs_of("queued") {
        assert!(leg.kind.is_posted() == (leg.outcome == 1));
        kinds.push((leg.kind as u8, leg.outcome, leg.since));
    }
    let since = Some(4);
    let notices = [(9, 6, since), (9, 84, since), (9, 85, since)];
    assert_eq!(kinds, [&[(8, 1, since)], &notices[..]].concat());
}

#[test]
fn legs_of_netting_windows_say_of_which_window_they_are() {
    let mut found = Vec::new();
    for leg in legs_of("netted") {
        let of = leg.of_window.unwrap();
        found.push((leg.kind as u8, leg.kind.is_posted(), of.window));
    }
    let nets = [(10, false, 17), (11, true, 17), (11, true, u64::MAX)];
    let expected = [&nets[..], &[(14, true, 17)]].concat();
    assert_eq!(found, expected);
}

#[test]
fn legs_that_go_back_say_of_which_leg_they_are() {
    let mut found = Vec::new();
    for leg in legs_of("linked") {
        assert_eq!(leg.kind.is_posted(), leg.outcome == 1);
        let of = leg.of_original.unwrap();
        let reason = of.reason().to_owned();
        found.push((
            leg.kind as u8,
            leg.outcome,
            leg.numbered.is_some(),
            of.index,
            reason,
        ));
    }
    let expected = [
        (18, 1, false, 5, "AC04"),
        (18, 1, true, u64::MAX, "MS03"),
        (19, 160, false, 5, "DUPL"),
        (19, 161, false, 5, "NOAS"),
        (19, 162, true, 5, "FRAD"),
    ];
    let expected = expected.map(|(k, o, n, i, reason)| (k, o, n, i, reason.to_owned()));
    assert_eq!(found, expected);
}

#[test]
fn legs_of_splits_and_under_mandates() {
    let mut found = Vec::new();
    for leg in legs_of("formed") {
        assert!(leg.kind.is_posted());
        found.push((leg.kind as u8, leg.amount, leg.mandate.is_some()));
    }
    assert_eq!(
        found,
        [(16, 3_334, false), (16, 0, false), (17, 125_000, true)]
    );
}

#[test]
fn items_are_read_strictly() {
    let vectors = load("item");
    let without_leg = &vectors["no_leg"];
    assert_eq!(item(without_leg).to_bytes(), bytes(&without_leg["bytes"]));
    assert_eq!(
        Item::parse(&bytes(&without_leg["bytes"])),
        Ok(item(without_leg))
    );
    for case in list(&vectors, "refused_items") {
        assert!(Item::parse(&bytes(&case["bytes"])).is_err(), "{case}");
    }
    for case in list(&vectors, "refused_private") {
        assert!(
            PrivatePart::parse(&bytes(&case["bytes"])).is_err(),
            "{case}"
        );
    }
    // Whatever can be read prints the same bytes; whatever is shorter cannot be read.
    let entries = [&vectors["genesis"], &vectors["submission"]];
    let items = entries.iter().flat_map(|entry| list(entry, "items"));
    let legs = [
        "numbered",
        "held",
        "queued",
        "netted",
        "linked",
        "formed",
        "exchanged",
        "charged",
        "monthly",
    ];
    let legs = legs.iter().flat_map(|name| list(&vectors, name));
    for case in items.chain(legs) {
        let good = bytes(&case["bytes"]);
        for at in 0..good.len() {
            assert!(Item::parse(&good[..at]).is_err(), "{at}");
            for bit in 0..8 {
                let mut changed = good.clone();
                changed[at] ^= 1 << bit;
                if let Ok(item) = Item::parse(&changed) {
                    assert_eq!(item.to_bytes(), changed, "{at}");
                }
            }
        }
        let longer = [good.as_slice(), &[0]].concat();
        assert_eq!(Item::parse(&longer), Err(ItemError::Trailing(1)));
    }
}

#[test]
fn receipts() {
    let vectors = load("receipt");
    let items = load("item");
    let key: VerifierKey = key(&vectors["key"]);
    for case in list(&vectors, "valid") {
        let receipt = receipt(&case["receipt"]);
        let verified = receipt.verify(&key).unwrap();
        assert_eq!(
            verified.checkpoint.size,
            number(&vectors, "checkpoint_size")
        );
        assert_eq!(verified.checkpoint.root, hash(&vectors["checkpoint_root"]));
        for opened in &verified.items {
            let n = usize::try_from(opened.n).unwrap();
            assert_eq!(opened.item, item(&items["submission"]["items"][n]));
            for part in &opened.private {
                let parts = list(&items["submission"], "private");
                let stated = parts.iter().map(|part| private_part(&part["fields"]));
                assert!(stated.into_iter().any(|stated| stated == *part));
            }
            assert_eq!(opened.text.is_some(), opened.n == 1);
        }
        // The same receipt, with a key that the verifier does not trust.
        let stranger = TestSigner::new(key.name(), &[7; 32]);
        let stranger = chain::Signer::verifier_key(&stranger).clone();
        assert!(matches!(
            receipt.verify(&stranger),
            Err(ReceiptError::Note(_))
        ));
    }
    for case in list(&vectors, "unbelieved") {
        assert!(
            receipt(&case["receipt"]).verify(&key).is_err(),
            "{}",
            case["why"]
        );
    }
}
