//! What an attacker or a power cut could do, and no longer can.

use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use quittance::node::Reply;

use crate::api_kit::Door;
use crate::kit::{Sandbox, assert_good, futures_block};

const SLOT: usize = 48;
/// What stands in the slot of an erased key.
const TOMBSTONE: [u8; 32] = [0xe5; 32];

fn two_banks() -> (Sandbox, keys::SigningKey, keys::SigningKey) {
    let sandbox = Sandbox::new();
    let (a, b) = (sandbox.bank("bank-a"), sandbox.bank("bank-b"));
    sandbox.asset("USD");
    sandbox.account("bank-a", "bank-a:usd", "USD", "1000.00");
    sandbox.account("bank-b", "bank-b:usd", "USD", "0");
    (sandbox, a, b)
}

/// Pays with a text part; gives the entry's index.
fn pay_with_text(sandbox: &Sandbox, key: &keys::SigningKey) -> u64 {
    let id = sandbox.id();
    let pay = format!(
        r#"{{"transfer":{{"id":"{id}","legs":[{{"debit":"bank-a:usd","credit":"bank-b:usd","asset":"USD","amount":"1.00"}}],"remittance":"for Erika Mustermann"}}}}"#
    );
    let body = sandbox.body(&[pay]);
    match sandbox.submit("bank-a", &[key], &body) {
        Reply::Applied(applied) => applied.logged.entry.index,
        other => panic!("{other:?}"),
    }
}

fn erase(sandbox: &Sandbox, index: u64) {
    let id = sandbox.id();
    assert_good(&sandbox.govern(&[format!(
        r#"{{"erase":{{"id":"{id}","entry_index":{index},"basis":"GDPR 17"}}}}"#
    )]));
}

fn text_of(sandbox: &Sandbox, index: u64) -> Option<Vec<u8>> {
    let viewer = sandbox.viewer("bank-b");
    let receipt = sandbox
        .node()
        .reader()
        .receipt(
            index,
            None,
            quittance::wire::ReceiptLevel::LogSigned,
            &viewer,
        )
        .unwrap();
    let receipt = receipt.to_receipt().unwrap();
    let verified = receipt.verify(&sandbox.node().log_key()).unwrap();
    verified.items[0].text.clone()
}

/// The erasable key of an entry, as it stands in its slot.
fn key_in_slot(data: &Path, index: u64) -> [u8; 32] {
    let at = usize::try_from(index).unwrap() * SLOT;
    // Slots are filled behind the answer, with the store.
    let start = Instant::now();
    loop {
        let slots = std::fs::read(data.join("keys.slots")).unwrap();
        match slots.get(at..at + 32) {
            Some(key) if key.iter().any(|byte| *byte != 0) => return key.try_into().unwrap(),
            _ => assert!(start.elapsed() < Duration::from_secs(60), "no key at {at}"),
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Whether any write-ahead segment holds these bytes.
fn in_segments(data: &Path, bytes: &[u8]) -> bool {
    let files = std::fs::read_dir(data.join("wal")).unwrap();
    files.into_iter().any(|file| {
        let contents = std::fs::read(file.unwrap().path()).unwrap();
        let mut rest = contents.as_slice();
        while let Some(at) = rest.iter().position(|byte| *byte == bytes[0]) {
            rest = &rest[at..];
            if rest.starts_with(bytes) {
                return true;
            }
            rest = &rest[1..];
        }
        false
    })
}

fn until(what: &str, done: impl Fn() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Frames that lead to no entry were never released: a few resent megabytes stopped the node.
#[test]
fn resent_bodies_do_not_fill_the_write_ahead_log() {
    let (mut sandbox, a, _) = two_banks();
    sandbox.config.store.lag_bytes_max = 1 << 20;
    sandbox.reopen();
    let body = sandbox.body(&[sandbox.transfer("bank-a:usd", "bank-b:usd", "USD", "1.00")]);
    let body = format!("{}{body}", " ".repeat(300_000));
    assert_good(&sandbox.submit("bank-a", &[&a], &body));
    let node = sandbox.node().clone();
    let (sender, answers) = mpsc::channel();
    let again: Vec<_> = (0..12)
        .map(|_| sandbox.submission("bank-a", &[&a], &body))
        .collect();
    std::thread::spawn(move || {
        for submission in again {
            let reply = futures_block(node.submit(submission)).unwrap();
            sender.send(matches!(reply, Reply::Replay { .. })).unwrap();
        }
    });
    for n in 0..12 {
        let answer = answers.recv_timeout(Duration::from_secs(60));
        if answer.is_err() {
            // A node that hangs would hang the shutdown, too.
            std::mem::forget(sandbox);
            panic!("resend {n} is not answered");
        }
        assert_eq!(answer, Ok(true));
    }
}

/// Slots and store reach the disk in any order before a sync; the frames still have the keys.
#[test]
fn keys_that_a_power_cut_took_come_back_from_the_write_ahead_log() {
    let (mut sandbox, a, _) = two_banks();
    sandbox.config.store.flush_interval = Duration::from_secs(60);
    sandbox.reopen();
    let index = pay_with_text(&sandbox, &a);
    sandbox.reopen_after(|data| {
        let mut slots = std::fs::read(data.join("keys.slots")).unwrap();
        let at = usize::try_from(index).unwrap() * SLOT;
        slots[at..].fill(0);
        std::fs::write(data.join("keys.slots"), slots).unwrap();
    });
    assert!(text_of(&sandbox, index).is_some());
}

/// The process may die between storing an erasure and overwriting the slot.
#[test]
fn an_erasure_that_was_interrupted_is_finished_at_the_next_start() {
    let (mut sandbox, a, _) = two_banks();
    let index = pay_with_text(&sandbox, &a);
    let data = sandbox.config.data_dir.clone();
    until("the key gets its slot", || {
        key_in_slot(&data, index) != [0; 32]
    });
    let key = key_in_slot(&data, index);
    let before = std::fs::read(data.join("keys.slots")).unwrap();
    erase(&sandbox, index);
    sandbox.reopen_after(|data| std::fs::write(data.join("keys.slots"), &before).unwrap());
    assert_eq!(key_in_slot(&data, index), TOMBSTONE);
    until("the segments are cleared", || !in_segments(&data, &key));
}

/// A second erasure must not be taken for done when the first one is, nor wait for more traffic.
#[test]
fn erased_keys_leave_the_write_ahead_log() {
    let (sandbox, a, _) = two_banks();
    let data = sandbox.config.data_dir.clone();
    let paid = [(); 3].map(|()| pay_with_text(&sandbox, &a));
    until("the keys get their slots", || {
        paid.iter()
            .all(|index| key_in_slot(&data, *index) != [0; 32])
    });
    let keys = paid.map(|index| key_in_slot(&data, index));
    for index in paid {
        erase(&sandbox, index);
    }
    for key in keys {
        until("the segments are cleared", || !in_segments(&data, &key));
    }
}

/// A message id may come back once the window has passed; the first submission stays findable.
#[test]
fn a_message_id_that_comes_back_does_not_hide_the_first() {
    let (mut sandbox, a, _) = two_banks();
    let body = |sandbox: &Sandbox| {
        let pay = sandbox.transfer("bank-a:usd", "bank-b:usd", "USD", "1.00");
        let body = sandbox.body(&[pay]);
        let (before, rest) = body.split_once("\"m-").unwrap();
        format!("{before}\"salaries{}", &rest[rest.find('"').unwrap()..])
    };
    let parse = |body: &str| quittance::wire::parse_body(body.as_bytes(), &Default::default());
    let bodies = [0, 1].map(|_| {
        let body = body(&sandbox);
        assert_good(&sandbox.submit("bank-a", &[&a], &body));
        let later = sandbox.node().clock().now_ns() + 2 * 3_600 * 1_000_000_000;
        sandbox.options.accept_time = Some(later);
        sandbox.reopen();
        body
    });
    let bank: quittance::ledger::ParticipantId = "bank-a".parse().unwrap();
    let found = bodies.map(|body| {
        let body = parse(&body).unwrap();
        let reader = sandbox.node().reader();
        reader
            .find_submission(&bank, body.created, &body.message_id)
            .unwrap()
    });
    assert!(found[0].is_some() && found[0] < found[1], "{found:?}");
}

/// Whoever prints a reply for a log must not print keys.
#[test]
fn a_printed_reply_holds_no_key() {
    let (sandbox, a, _) = two_banks();
    let body = sandbox.body(&[sandbox.transfer("bank-a:usd", "bank-b:usd", "USD", "1.00")]);
    let reply = sandbox.submit("bank-a", &[&a], &body);
    let printed = format!("{reply:?}");
    let data = sandbox.config.data_dir.clone();
    let Reply::Applied(applied) = reply else {
        panic!()
    };
    let index = applied.logged.entry.index;
    until("the key gets its slot", || {
        key_in_slot(&data, index) != [0; 32]
    });
    for secret in [key_in_slot(&data, index), applied.logged.record.salt] {
        assert!(!printed.contains(&format!("{secret:?}")), "{printed}");
    }
}

/// One participant's key must not use up everybody's sessions.
#[test]
fn nobody_takes_all_sessions() {
    let door = Door::open_with(|_| {});
    let (a, b) = (door.sandbox.bank("bank-a"), door.sandbox.bank("bank-b"));
    let statuses: Vec<u16> = (0..10_000 / 8 + 1)
        .map(|_| {
            let note = door.session_note("bank-a", &a);
            match door.sandbox.node().sessions().open(note.as_bytes()) {
                Ok(_) => 201,
                Err(_) => 503,
            }
        })
        .collect();
    assert_eq!(statuses.iter().filter(|s| **s == 503).count(), 1);
    door.session("bank-b", &b);
}
