//! Audits of binary batches: no body is kept, so it is made from the items, and what they hold beyond
//! it has no place.

use chain::{Item, LegItem};
use quittance::audit::Trust;

use crate::audit_threads::{all_say, exported};
use crate::log_maker::{Cheat, LogMaker};

/// A log of batches between payments, one of which the node has changed.
fn with(cheat: Option<Cheat>) -> LogMaker {
    let mut maker = LogMaker::with_payments(1);
    maker.pay_batch(&[1, 2, 3], None);
    maker.pay_batch(&[4, 5, 1_000_000, 6], cheat);
    maker.pay("0.10", None);
    maker.pay_batch(&[7], None);
    maker
}

/// Changes the leg in item 1.
fn leg(items: &mut [Vec<u8>], change: impl FnOnce(&mut LegItem)) {
    let Ok(Item::Leg(mut leg)) = Item::parse(&items[1]) else {
        panic!("item 1 is a leg")
    };
    change(&mut leg);
    items[1] = Item::Leg(leg).to_bytes();
}

#[test]
fn batches_hold_without_a_body_or_a_key() {
    let folder = exported(&with(None));
    let told = all_say("batches", folder.path(), &Trust::default());
    for part in [
        // Genesis has no body; all others are compared.
        "\"bodies\": 6,",
        "\"bodies_closed\": []",
        "\"signatures\": 6,",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!(told.matches("\"verdict\": \"holds\"").count(), 2, "{told}");
}

#[test]
fn what_the_bank_has_not_signed_is_caught() {
    let cheats: [(Cheat, &str); 6] = [
        // The private parts no longer fit.
        (|items| leg(items, |leg| leg.amount += 1), "item 1"),
        (|items| leg(items, |leg| leg.credit = leg.debit), "item 1"),
        (
            |items| leg(items, |leg| leg.text = Some(chain::Hash::sha256(b"x"))),
            "the text of item 1",
        ),
        (
            |items| {
                leg(items, |leg| {
                    leg.numbered = Some(chain::Numbered {
                        reference: Some([7; 32]),
                    });
                });
            },
            "the body that the items make up",
        ),
        (|items| drop(items.pop()), "the items"),
        (|items| items.swap(1, 2), "the items"),
    ];
    for (cheat, expected) in cheats {
        let folder = exported(&with(Some(cheat)));
        let told = all_say(expected, folder.path(), &Trust::default());
        let named = format!("\"index\": 4,\n    \"what\": \"{expected}");
        assert!(told.contains(&named), "{expected}: {told}");
        assert_eq!(told.matches("\"verdict\": \"holds\"").count(), 1, "{told}");
    }
}

/// A record may not bring what its entry does not commit to.
#[test]
fn a_batch_brings_no_sealed_body_and_has_no_key() {
    let mut maker = with(None);
    let body = quittance::wire::Bytes(vec![7; 40]);
    maker.views[4].sealed_body = Some(body);
    let told = all_say("a body", exported(&maker).path(), &Trust::default());
    assert!(told.contains("\"what\": \"the sealed body\""), "{told}");
    let mut maker = with(None);
    maker.views[4].body_key = maker.views[2].body_key;
    let told = all_say("a key", exported(&maker).path(), &Trust::default());
    assert!(told.contains("\"what\": \"the body's key\""), "{told}");
}
