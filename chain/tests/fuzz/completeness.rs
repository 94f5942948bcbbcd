//! Lists of items between two seals: what is believed adds up, and leaves no step out.

use chain::{
    AccountItem, Counters, Item, ItemRef, LegItem, LegKind, PrivatePart, SealedAccount,
    VerifiedItem, previous_of, verify_complete,
};

use crate::kit::fuzz;
use crate::mutate::Script;

const ACCOUNT: u64 = 7;

/// A list with its two ends.
#[derive(Clone)]
struct Story {
    older: Option<SealedAccount>,
    newer: SealedAccount,
    items: Vec<(ItemRef, VerifiedItem)>,
}

fn sealed(size: u64, counters: Counters, last: Option<ItemRef>) -> SealedAccount {
    SealedAccount {
        sealed_size: size,
        accounts: 9,
        number: ACCOUNT,
        asset: "USD".into(),
        scale: 2,
        address: "bank-a:usd".into(),
        counters,
        last,
    }
}

fn item(debit: u64, credit: u64, amount: u128, part: PrivatePart) -> VerifiedItem {
    VerifiedItem {
        n: 1,
        item: Item::Leg(LegItem {
            kind: LegKind::Transfer,
            instruction: 0,
            leg: 0,
            outcome: 1,
            id: [0; 16],
            scale: 2,
            amount,
            debit,
            credit,
            asset: "USD".into(),
            debit_address: "a".into(),
            credit_address: "b".into(),
            numbered: None,
            of_hold: None,
            since: None,
            of_window: None,
            of_original: None,
            mandate: None,
            of_exchange: None,
            value_date: None,
            month: None,
            text: None,
            private: Vec::new(),
        }),
        private: vec![part],
        text: None,
    }
}

fn story() -> Story {
    let (mut counters, mut last, mut items) = (Counters::default(), None, Vec::new());
    let mut older = None;
    for (index, amount) in (10..).zip([100, 30, 5, 1, 0, 70]) {
        let (debit, credit) = if index % 2 == 0 {
            (1, ACCOUNT)
        } else {
            (ACCOUNT, 2)
        };
        match debit == ACCOUNT {
            true => counters.debits_posted += amount,
            false => counters.credits_posted += amount,
        }
        let part = PrivatePart {
            account: ACCOUNT,
            counters,
            previous: last,
        };
        let at = ItemRef { index, item: 1 };
        items.push((at, item(debit, credit, amount, part)));
        last = Some(at);
        if index == 11 {
            older = Some(sealed(12, counters, last));
            items.clear();
        }
    }
    Story {
        older,
        newer: sealed(20, counters, last),
        items,
    }
}

/// A number to put in the place of another: near it, or far away.
fn other(script: &mut Script<'_>, number: u128) -> u128 {
    match script.byte() % 4 {
        0 => number.wrapping_add(1),
        1 => number.wrapping_sub(1),
        2 => u128::MAX - u128::from(script.byte()),
        _ => u128::from(script.number()),
    }
}

fn change(story: &mut Story, script: &mut Script<'_>) {
    let count = story.items.len();
    let kind = script.byte() % 12;
    if count == 0 || kind < 2 {
        match kind {
            0 => story.older = None,
            _ => story.newer.counters.credits_posted = other(script, 175),
        }
        return;
    }
    let (n, m) = (script.below(count), script.below(count));
    let copy = story.items[n].clone();
    let (at, item) = &mut story.items[n];
    let Item::Leg(leg) = &mut item.item else {
        unreachable!("a story is made of legs")
    };
    match kind {
        2 => drop(story.items.remove(n)),
        3 => story.items.swap(n, m),
        4 => story.items.insert(m, copy),
        5 => at.index = script.number(),
        6 => leg.amount = other(script, leg.amount),
        7 => (leg.debit, leg.credit) = (leg.credit, leg.debit),
        8 => (leg.debit, leg.credit) = (ACCOUNT, ACCOUNT),
        9 => {
            let counters = &mut item.private[0].counters;
            counters.debits_posted = other(script, counters.debits_posted);
        }
        10 => item.private[0].previous = script.one_in(2).then_some(copy.0),
        _ => item.private[0].account = script.number(),
    }
}

/// What a believed list must be, said another way.
fn adds_up(story: &Story, turnover: chain::Turnover) {
    let start = story
        .older
        .as_ref()
        .map(|older| older.counters)
        .unwrap_or_default();
    let end = story.newer.counters;
    assert_eq!(turnover.items, story.items.len() as u64);
    assert_eq!(start.debits_posted + turnover.debits, end.debits_posted);
    assert_eq!(start.credits_posted + turnover.credits, end.credits_posted);
    let mut last = story.older.as_ref().and_then(|older| older.last);
    for (at, item) in &story.items {
        assert_eq!(previous_of(item, ACCOUNT), Some(last));
        last = Some(*at);
    }
    assert_eq!(story.newer.last, last);
}

#[test]
fn complete_list() {
    let whole = story();
    let verify = |story: &Story| {
        let items = story
            .items
            .iter()
            .map(|(at, item)| AccountItem { at: *at, item });
        let items: Vec<AccountItem<'_>> = items.collect();
        verify_complete(story.older.as_ref(), &story.newer, &items)
    };
    adds_up(&whole, verify(&whole).unwrap());
    fuzz(bolero::check!(), |script| {
        let mut story = whole.clone();
        for _ in 0..=script.below(4) {
            change(&mut story, script);
        }
        match verify(&story) {
            Ok(turnover) => adds_up(&story, turnover),
            Err(refusal) => assert!(!refusal.to_string().is_empty()),
        }
    });
}
