//! Seals: the root over all accounts, computed again here from nothing but the legs in the log.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use chain::{
    BalanceProof, Counters, Entry, EntryKind, Hash, Item, ItemRef, SealItem, SealedAccount,
};
use quittance::node::ReadError;
use serde_json::json;

use crate::backup_kit::{payment, send, two_banks};
use crate::cli::{line, run};
use crate::cli_node::{BANK, Node, ends, good, json_of, pay, set_up};
use crate::kit::{Sandbox, assert_good};

const PATIENCE: Duration = Duration::from_secs(60);

/// An entry of the log with its items.
struct Seen {
    entry: Entry,
    items: Vec<Item>,
}

fn seen(sandbox: &Sandbox, index: u64) -> Seen {
    let view = sandbox.node().reader().entry(index).unwrap();
    let items = view.items.iter().map(|item| Item::parse(&item.0).unwrap());
    Seen {
        entry: Entry::from_bytes(&view.entry.0).unwrap(),
        items: items.collect(),
    }
}

/// A sandbox in which a seal falls due every second.
fn sealing() -> (Sandbox, keys::SigningKey) {
    let sandbox = Sandbox::new();
    let bank = two_banks(&sandbox);
    let id = sandbox.id();
    assert_good(&sandbox.govern(&[format!(
        r#"{{"set_parameter":{{"id":"{id}","name":"seal_interval_s","value":1}}}}"#
    )]));
    (sandbox, bank)
}

/// Pays until there is a seal at or behind `from`; gives its index.
fn seal_from(sandbox: &Sandbox, bank: &keys::SigningKey, from: u64) -> u64 {
    let (end, mut next) = (Instant::now() + PATIENCE, from);
    loop {
        while next < sandbox.node().reader().size() {
            if seen(sandbox, next).entry.kind == EntryKind::Seal {
                return next;
            }
            next += 1;
        }
        assert!(Instant::now() < end, "no seal in {next} entries");
        let body = payment(sandbox.node());
        assert_good(&send(sandbox.node(), bank, &body));
        std::thread::sleep(Duration::from_millis(150));
    }
}

/// The accounts at a log size, from the legs below it and the instructions that opened them.
fn accounts(sandbox: &Sandbox, size: u64) -> Vec<SealedAccount> {
    let mut accounts: BTreeMap<u64, SealedAccount> = BTreeMap::new();
    let number = |address: &str| {
        let viewer = sandbox.auditor();
        let reader = sandbox.node().reader();
        let account = reader.account_at(address, &viewer, Default::default());
        account.is_ok()
    };
    for index in 0..size {
        let seen = seen(sandbox, index);
        for (n, item) in (0u32..).zip(&seen.items) {
            let Item::Leg(leg) = item else { continue };
            assert!(number(&leg.debit_address));
            for (account, address) in [
                (leg.debit, &leg.debit_address),
                (leg.credit, &leg.credit_address),
            ] {
                let sealed = accounts.entry(account).or_insert_with(|| SealedAccount {
                    sealed_size: size,
                    accounts: 0,
                    number: account,
                    asset: leg.asset.clone(),
                    scale: leg.scale,
                    address: address.clone(),
                    counters: Counters::default(),
                    last: None,
                });
                match account == leg.debit {
                    true => sealed.counters.debits_posted += leg.amount,
                    false => sealed.counters.credits_posted += leg.amount,
                }
                sealed.last = Some(ItemRef { index, item: n });
            }
        }
    }
    let count = accounts.len() as u64;
    let mut accounts: Vec<_> = accounts.into_values().collect();
    accounts
        .iter_mut()
        .for_each(|account| account.accounts = count);
    accounts
}

fn statement_of(seal: &Seen) -> &SealItem {
    match seal.items.as_slice() {
        [Item::Authorisation(who), Item::Seal(seal)] => {
            assert_eq!(who.submitter, "operators");
            assert!(who.signatures.is_empty());
            seal
        }
        other => panic!("{other:?}"),
    }
}

/// Proofs that must not hold.
fn spoilt(good: &BalanceProof) -> Vec<BalanceProof> {
    let mut all = Vec::new();
    let mut change = |how: &dyn Fn(&mut BalanceProof)| {
        let mut proof = good.clone();
        how(&mut proof);
        all.push(proof);
    };
    for at in 0..good.account.len() {
        change(&|proof| proof.account[at] ^= 1);
    }
    change(&|proof| proof.salt = Hash::ZERO);
    change(&|proof| proof.entry.aux = Hash::ZERO);
    change(&|proof| proof.entry.kind = EntryKind::Submission);
    change(&|proof| proof.entry.index += 1);
    change(&|proof| proof.account_proof.truncate(proof.account_proof.len() - 1));
    change(&|proof| proof.account_proof.push(Hash::ZERO));
    change(&|proof| proof.proof.push(Hash::ZERO));
    change(&|proof| proof.checkpoint.truncate(proof.checkpoint.len() - 1));
    all
}

#[test]
fn a_seal_states_every_account_as_the_legs_in_the_log_leave_it() {
    let (mut sandbox, bank) = sealing();
    let from = sandbox.node().reader().size();
    let first = seal_from(&sandbox, &bank, from);
    let second = seal_from(&sandbox, &bank, first + 1);
    for index in [first, second] {
        let seal = seen(&sandbox, index);
        let stated = statement_of(&seal);
        assert!(stated.sealed_size <= index);
        let accounts = accounts(&sandbox, stated.sealed_size);
        // Every account of this sandbox has been paid from or to.
        assert_eq!(stated.accounts, accounts.len() as u64);
        let mut buffer = Vec::new();
        let leaves: Vec<Hash> = accounts
            .iter()
            .map(|account| account.fields().leaf(&stated.secret, &mut buffer))
            .collect();
        assert_eq!(chain::root_of(&leaves), seal.entry.aux);
        let [usd] = stated.assets.as_slice() else {
            panic!("{stated:?}")
        };
        let debits: u128 = accounts.iter().map(|a| a.counters.debits_posted).sum();
        assert_eq!(
            (usd.asset.as_str(), usd.sums.debits_posted),
            ("USD", debits)
        );
        assert_eq!(usd.sums.credits_posted, debits);
        assert_eq!(usd.issued, accounts[0].counters.debits_posted);
    }
    let secrets = [first, second].map(|index| statement_of(&seen(&sandbox, index)).secret);
    assert_ne!(secrets[0], secrets[1]);
    // The owner gets a proof, also after a start, and nobody else does.
    let proven = |sandbox: &Sandbox, name: &str, address: &str| {
        let end = Instant::now() + PATIENCE;
        loop {
            let viewer = sandbox.viewer(name);
            match sandbox.node().reader().balance_proof(address, &viewer) {
                Err(ReadError::Unfinished) => assert!(Instant::now() < end),
                Err(ReadError::NotFound) => return None,
                file => {
                    let proof = file.unwrap().to_proof().unwrap();
                    let proven = proof.verify(&sandbox.node().log_key()).unwrap();
                    return Some((proof, proven));
                }
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    assert!(proven(&sandbox, "bank-b", "bank-a:usd").is_none());
    let (proof, told) = proven(&sandbox, "bank-a", "bank-a:usd").unwrap();
    let of_seal = statement_of(&seen(&sandbox, proof.entry.index)).sealed_size;
    let model = accounts(&sandbox, of_seal);
    assert!(model.contains(&told.account), "{told:?}");
    for (n, changed) in spoilt(&proof).iter().enumerate() {
        assert!(changed.verify(&sandbox.node().log_key()).is_err(), "{n}");
    }
    sandbox.reopen();
    let (again, told_again) = proven(&sandbox, "bank-a", "bank-a:usd").unwrap();
    assert_eq!(
        (&again.account, told_again.account),
        (&proof.account, told.account)
    );
    // A start replays them, also the one that may be outstanding, and goes on sealing.
    sandbox.reopen();
    let size = sandbox.node().reader().size();
    seal_from(&sandbox, &bank, size);
}

/// Pays until a seal covers more than `size` entries; gives how many.
fn sealed_behind(path: &std::path::Path, size: u64) -> u64 {
    let end = Instant::now() + PATIENCE;
    loop {
        assert!(Instant::now() < end, "no seal behind {size} entries");
        good(path, &pay("0.01", ""));
        let (code, out, _) = line(
            path,
            &format!("balance get bank-a:usd --out at.json {BANK}"),
        );
        if code == 0 {
            let told = run(
                path,
                &[
                    "balance",
                    "verify",
                    "at.json",
                    "--log-vkey",
                    "data/log.vkey",
                    "--output",
                    "json",
                ],
            )
            .1;
            let told: serde_json::Value =
                serde_json::from_str(&told).unwrap_or_else(|_| panic!("{out}{told}"));
            let sealed = told["sealed_size"].as_u64().unwrap();
            if sealed > size {
                return sealed;
            }
        }
        std::thread::sleep(Duration::from_millis(300));
    }
}

#[test]
fn a_statement_between_two_seals_is_whole_or_found_out() {
    let node = Node::start();
    let path = node.path();
    set_up(path);
    let wish = json!({"set_parameter": {"name": "seal_interval_s", "value": 1}});
    good(path, &format!("submit --instruction {wish} --dir out"));
    let first = sealed_behind(path, 0);
    std::fs::rename(path.join("at.json"), path.join("older.json")).unwrap();
    let second = sealed_behind(path, first + 2);
    let trust = "--log-vkey data/log.vkey";
    let told = good(
        path,
        &format!("statement prove bank-a:usd --since older.json --out part.json {BANK}"),
    );
    assert!(told.contains("nothing is missing"), "{told}");
    good(
        path,
        &format!("statement prove bank-a:usd --out whole.json {BANK}"),
    );
    for file in ["part.json", "whole.json"] {
        let told = good(path, &format!("statement verify {file} {trust}"));
        assert!(told.contains("nothing is missing"), "{told}");
    }
    let part = std::fs::read(path.join("part.json")).unwrap();
    let part: serde_json::Value = serde_json::from_slice(&part).unwrap();
    let receipts = part["receipts"].as_array().unwrap().clone();
    assert!(receipts.len() >= 2 && second > first);
    // A line left out, at every place; two swapped; the end cut off; the beginning of others.
    let mut lists: Vec<Vec<serde_json::Value>> = (0..receipts.len())
        .map(|gone| {
            let kept = receipts.iter().enumerate().filter(|(n, _)| *n != gone);
            kept.map(|(_, receipt)| receipt.clone()).collect()
        })
        .collect();
    let mut swapped = receipts.clone();
    swapped.swap(0, 1);
    lists.push(swapped);
    lists.push([receipts.clone(), receipts.clone()].concat());
    for list in lists {
        let mut file = part.clone();
        file["receipts"] = list.into();
        std::fs::write(path.join("bad.json"), file.to_string()).unwrap();
        ends(path, 1, &format!("statement verify bad.json {trust}"));
    }
    let mut file = part.clone();
    file["from"] = serde_json::Value::Null;
    std::fs::write(path.join("bad.json"), file.to_string()).unwrap();
    let told = ends(path, 1, &format!("statement verify bad.json {trust}"));
    assert!(told.contains("something is missing before"), "{told}");
    ends(path, 2, &format!("statement verify older.json {trust}"));
}

#[test]
fn a_seal_holds_through_export_audit_backup_and_rebuild() {
    let node = Node::start();
    let path = node.path();
    set_up(path);
    let wish = json!({"set_parameter": {"name": "seal_interval_s", "value": 1}});
    good(path, &format!("submit --instruction {wish} --dir out"));
    let size = |path| {
        json_of(path, &["backup", "saved"])["size"]
            .as_u64()
            .unwrap()
    };
    let (mut paid, before) = (0, size(path));
    let end = Instant::now() + PATIENCE;
    while size(path) < before + paid + 2 {
        assert!(Instant::now() < end, "no seal after {paid} payments");
        good(path, &pay("0.01", &format!("--message-id pay-{paid}")));
        paid += 1;
    }
    good(
        path,
        "export copy --key auditor.pem --passphrase-file secret",
    );
    let trust = "--log-vkey data/log.vkey";
    good(path, &format!("audit copy {trust}"));
    good(path, &format!("backup verify saved {trust}"));
    good(
        path,
        &format!("balance get bank-a:usd --out held.json {BANK}"),
    );
    let told = good(path, &format!("balance verify held.json {trust}"));
    assert!(
        told.contains("bank-a:usd") && told.contains("USD"),
        "{told}"
    );
    let held = std::fs::read_to_string(path.join("held.json")).unwrap();
    std::fs::write(path.join("cut.json"), &held[..99]).unwrap();
    ends(path, 2, &format!("balance verify cut.json {trust}"));
    let mut other: serde_json::Value = serde_json::from_str(&held).unwrap();
    other["salt"] = other["account_proof"][0].clone();
    std::fs::write(path.join("other.json"), other.to_string()).unwrap();
    ends(path, 1, &format!("balance verify other.json {trust}"));
    ends(path, 1, &format!("balance get bank-a:nothing {BANK}"));
    let (code, folder) = node.stop();
    assert_eq!(code, Some(0));
    let path = folder.path();
    for from in ["saved", "copy"] {
        let (code, out, err) = run(path, &["rebuild", "--from", from]);
        assert_eq!(code, 0, "{from}: {out}{err}");
    }
    let node = Node::start_in(folder);
    good(node.path(), &pay("0.01", "--message-id after"));
    good(
        node.path(),
        "export copy --key auditor.pem --passphrase-file secret",
    );
    good(node.path(), &format!("audit copy {trust}"));
}
