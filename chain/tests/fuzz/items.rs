//! Parsers of items and of what hangs below them.

use chain::{
    Authorisation, AuthorisationSignature, Counters, Hash, InstructionItem, Item, ItemRef,
    ItemView, KeyId, LegItem, LegKind, Numbered, OfExchange, OfHold, OfOriginal, OfWindow,
    PrivatePart, Residue, SealItem, SealedAccount, SealedAsset,
};

use crate::common::{bytes, list, load};
use crate::kit::{self, canonical, expect_good, fuzz, metered};
use crate::mutate::{Corpus, Script};

fn reprint_item(input: &[u8]) -> Option<Vec<u8>> {
    let item = metered(input, || Item::parse(input));
    let view = metered(input, || ItemView::parse(input));
    // Both read the same, or nothing.
    assert_eq!(item.is_some(), view.is_some());
    let item = item?;
    match (&item, view?) {
        (Item::Leg(leg), ItemView::Leg(view)) => {
            let names = (view.asset, view.debit_address, view.credit_address);
            assert_eq!(
                names,
                (&*leg.asset, &*leg.debit_address, &*leg.credit_address)
            );
            assert_eq!((view.text, view.id), (leg.text, leg.id));
            assert_eq!(
                (view.kind, view.of_hold, view.since),
                (leg.kind, leg.of_hold, leg.since)
            );
            assert_eq!(
                (view.of_window, view.of_original),
                (leg.of_window, leg.of_original)
            );
            assert_eq!(view.mandate, leg.mandate);
            assert_eq!(view.of_exchange, leg.of_exchange);
            assert_eq!((view.value_date, view.month), (leg.value_date, leg.month));
            assert_eq!(view.private.len(), leg.private.len());
        }
        (item, ItemView::Other(other)) => assert_eq!(*item, other),
        (item, view) => panic!("{item:?}, {view:?}"),
    }
    assert!(item.private().len() <= usize::from(u8::MAX));
    Some(item.to_bytes())
}

fn counters(script: &mut Script<'_>) -> Counters {
    let counter =
        |script: &mut Script<'_>| u128::from(script.number()) << 64 | u128::from(script.number());
    Counters {
        debits_pending: counter(script),
        debits_posted: counter(script),
        credits_pending: counter(script),
        credits_posted: counter(script),
    }
}

/// The month of a leg, if its kind states one.
fn month(kind: LegKind, script: &mut Script<'_>) -> Option<u32> {
    let monthly = matches!(
        kind,
        LegKind::PeriodFee | LegKind::PeriodTax | LegKind::Owed
    );
    monthly.then(|| 202_601 + u32::from(script.byte() % 12))
}

/// With addresses and perhaps a text, or with numbers and perhaps a reference.
fn made_leg(script: &mut Script<'_>) -> LegItem {
    let numbered = script.one_in(2).then(|| Numbered {
        reference: Some(script.array()).filter(|reference| *reference != [0; 32]),
    });
    let address = |script: &mut Script<'_>| match numbered {
        None => script.text(),
        Some(_) => String::new(),
    };
    let numbers = [
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
    ];
    let number = numbers[usize::from(script.byte()) % numbers.len()];
    let kind = LegKind::from_u8(number).unwrap();
    let amount = u128::from_le_bytes(script.array());
    let of_hold = match kind {
        LegKind::Capture => Some(u128::from_le_bytes(script.array())),
        LegKind::Void => Some(amount),
        _ => None,
    };
    let of_window = match kind {
        LegKind::Clear | LegKind::Net | LegKind::Draw => Some(OfWindow {
            model: format!("m-{}", script.number()).parse().unwrap(),
            window: script.number(),
        }),
        _ => None,
    };
    let of_original = matches!(kind, LegKind::Return | LegKind::Recall).then(|| OfOriginal {
        index: script.number(),
        item: 1 + u32::from(script.byte()),
        id: script.array(),
        reason: *b"AC04",
    });
    let of_exchange = (kind == LegKind::Exchange).then(|| OfExchange {
        at: script.array(),
        residue: Residue::new(
            u128::from_le_bytes(script.array()),
            u128::from_le_bytes(script.array()),
        )
        .unwrap_or(Residue::NONE),
    });
    LegItem {
        kind,
        instruction: u32::from_le_bytes(script.array()),
        leg: u16::from(script.byte()),
        outcome: u16::from_le_bytes(script.array()),
        id: script.array(),
        scale: script.byte(),
        amount,
        debit: script.number(),
        credit: script.number(),
        asset: script.text(),
        debit_address: address(script),
        credit_address: address(script),
        numbered,
        since: matches!(kind, LegKind::Queued | LegKind::Notice)
            .then(|| u64::from_le_bytes(script.array())),
        of_hold: of_hold.map(|unreserved| OfHold {
            hold: script.array(),
            unreserved,
        }),
        of_window,
        of_original,
        mandate: (kind == LegKind::Mandated).then(|| script.array()),
        of_exchange,
        value_date: (kind == LegKind::Valued).then(|| u32::from_le_bytes(script.array()) % 157_054),
        month: month(kind, script),
        text: script.one_in(2).then(|| Hash::from_bytes(script.array())),
        private: (0..script.below(4))
            .map(|_| Hash::from_bytes(script.array()))
            .collect(),
    }
}

/// What is written is what is read.
fn made_item(script: &mut Script<'_>) {
    let count = script.below(20);
    let hash = |script: &mut Script<'_>| Hash::from_bytes(script.array());
    let item = match script.byte() % 5 {
        0 => Item::Authorisation(Authorisation {
            submitter: script.text(),
            content_type: script.text().repeat(5),
            body_hash: hash(script),
            created: script.number(),
            message_id: script.text(),
            atomic: script.one_in(2),
            instructions: u32::from_le_bytes(script.array()),
            signatures: (0..count)
                .map(|n| AuthorisationSignature {
                    key_name: script.text(),
                    key_id: KeyId::new(n as u32),
                    signature: script.array(),
                })
                .collect(),
        }),
        1 => Item::Instruction(InstructionItem {
            instruction: u32::from_le_bytes(script.array()),
            outcome: u16::from_le_bytes(script.array()),
            leg: script.one_in(2).then(|| u16::from(script.byte())),
            id: script.array(),
            detail: script.number(),
            json: script.text().repeat(count),
            text: script.one_in(2).then(|| hash(script)),
        }),
        2 => Item::Genesis(script.text().repeat(count)),
        3 => Item::Leg(made_leg(script)),
        _ => Item::Seal(SealItem {
            sealed_size: script.number(),
            secret: hash(script),
            accounts: script.number(),
            assets: (0..count)
                .map(|_| SealedAsset {
                    asset: script.text(),
                    scale: script.byte(),
                    accounts: script.number(),
                    sums: counters(script),
                    issued: u128::from_le_bytes(script.array()),
                    redeemed: u128::from_le_bytes(script.array()),
                })
                .collect(),
        }),
    };
    assert_eq!(Item::parse(&item.to_bytes()), Ok(item));
}

#[test]
fn item() {
    let mut corpus = Corpus::of_bytes("item", "refused_items", "refused_items");
    let vectors = load("item");
    let entries = [&vectors["genesis"], &vectors["submission"]];
    let items = entries.iter().flat_map(|entry| list(entry, "items"));
    let items = items.chain(list(&vectors, "numbered"));
    let items = items.chain(list(&vectors, "held"));
    let items = items.chain(list(&vectors, "queued"));
    let items = items.chain(list(&vectors, "netted"));
    let items = items.chain(list(&vectors, "linked"));
    let items = items.chain(list(&vectors, "formed"));
    let items = items.chain(list(&vectors, "exchanged"));
    let items = items.chain(list(&vectors, "charged"));
    corpus.good = items.map(|item| bytes(&item["bytes"])).collect();
    corpus.good.push(bytes(&vectors["no_leg"]["bytes"]));
    corpus.good.push(bytes(&load("seal")["item"]));
    expect_good(&corpus, reprint_item);
    fuzz(bolero::check!(), |script| match script.one_in(4) {
        true => made_item(script),
        false => canonical(&corpus.input(script), reprint_item),
    });
}

#[test]
fn private_part() {
    let mut corpus = Corpus::of_bytes("item", "refused_private", "refused_private");
    let parts = &load("item")["submission"];
    corpus.good = list(parts, "private")
        .iter()
        .map(|part| bytes(&part["bytes"]))
        .collect();
    kit::bytes(bolero::check!(), &corpus, |input| {
        let part = metered(input, || PrivatePart::parse(input))?;
        Some(part.to_bytes().to_vec())
    });
}

fn reprint_account(input: &[u8]) -> Option<Vec<u8>> {
    let account = metered(input, || SealedAccount::parse(input))?;
    assert!(account.number < account.accounts);
    Some(account.to_bytes())
}

fn made_account(script: &mut Script<'_>) {
    let number = script.number() / 2;
    let account = SealedAccount {
        sealed_size: script.number(),
        accounts: number + 1 + script.number() / 4,
        number,
        asset: script.text(),
        scale: script.byte(),
        address: script.text().repeat(5),
        counters: counters(script),
        last: script.one_in(2).then(|| ItemRef {
            index: script.number() / 2,
            item: u32::from(script.byte()),
        }),
    };
    assert_eq!(SealedAccount::parse(&account.to_bytes()), Ok(account));
}

#[test]
fn sealed_account() {
    let corpus = Corpus::of_bytes("seal", "accounts", "refused_accounts");
    expect_good(&corpus, reprint_account);
    fuzz(bolero::check!(), |script| match script.one_in(4) {
        true => made_account(script),
        false => canonical(&corpus.input(script), reprint_account),
    });
}
