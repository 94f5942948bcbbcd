//! Seals: the vector of three accounts, made by a program that shares no code with this crate.

use chain::{Counters, Hash, Item, ItemRef, SealItem, SealedAccount, SealedAsset, root_of, salt};
use serde_json::Value;

use crate::common::{bytes, hash, list, load, number, text};

fn counters(value: &Value) -> Counters {
    let counter = |n: usize| value[n].as_str().unwrap().parse().unwrap();
    Counters {
        debits_pending: counter(0),
        debits_posted: counter(1),
        credits_pending: counter(2),
        credits_posted: counter(3),
    }
}

fn account(vectors: &Value, case: &Value) -> SealedAccount {
    let last = case["last"].as_array().map(|last| ItemRef {
        index: last[0].as_u64().unwrap(),
        item: u32::try_from(last[1].as_u64().unwrap()).unwrap(),
    });
    SealedAccount {
        sealed_size: number(vectors, "sealed_size"),
        accounts: list(vectors, "accounts").len() as u64,
        number: number(case, "number"),
        asset: text(case, "asset").into(),
        scale: u8::try_from(number(case, "scale")).unwrap(),
        address: text(case, "address").into(),
        counters: counters(&case["counters"]),
        last,
    }
}

#[test]
fn seal() {
    let vectors = load("seal");
    let (secret, mut leaves, mut buffer) = (hash(&vectors["secret"]), Vec::new(), Vec::new());
    for case in list(&vectors, "accounts") {
        let account = account(&vectors, case);
        assert_eq!(account.to_bytes(), bytes(&case["bytes"]));
        assert_eq!(
            SealedAccount::parse(&bytes(&case["bytes"])),
            Ok(account.clone())
        );
        let salt = salt::account_salt(&secret, account.number);
        assert_eq!(salt, hash(&case["salt"]));
        let leaf = account.fields().leaf(&secret, &mut buffer);
        assert_eq!(leaf, hash(&case["leaf"]));
        leaves.push(leaf);
    }
    let aux = hash(&vectors["aux"]);
    assert_eq!(root_of(&leaves), aux);
    for (proof, (n, leaf)) in list(&vectors, "proofs").iter().zip((0u64..).zip(&leaves)) {
        let proof: Vec<Hash> = proof.as_array().unwrap().iter().map(hash).collect();
        let held = chain::verify_inclusion(leaf, n, leaves.len() as u64, &proof, &aux);
        assert_eq!(held, Ok(()));
    }
    let minor = |case: &Value, name: &str| text(case, name).parse().unwrap();
    let assets = list(&vectors, "totals").iter().map(|case| SealedAsset {
        asset: text(case, "asset").into(),
        scale: u8::try_from(number(case, "scale")).unwrap(),
        accounts: number(case, "accounts"),
        sums: counters(&case["sums"]),
        issued: minor(case, "issued"),
        redeemed: minor(case, "redeemed"),
    });
    let item = Item::Seal(SealItem {
        sealed_size: number(&vectors, "sealed_size"),
        secret,
        accounts: leaves.len() as u64,
        assets: assets.collect(),
    });
    assert_eq!(item.to_bytes(), bytes(&vectors["item"]));
    assert_eq!(Item::parse(&bytes(&vectors["item"])), Ok(item));
    for case in list(&vectors, "refused_accounts") {
        let refused = SealedAccount::parse(&bytes(&case["bytes"]));
        assert!(refused.is_err(), "{}", text(case, "why"));
    }
}
