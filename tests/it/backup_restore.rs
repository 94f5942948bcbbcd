//! Restoring: what was settled is there again, and no second history is ever signed.

use std::fs;
use std::time::Duration;

use chain::Hash;
use quittance::backup::{BackupError, Confirmed, Plan};
use quittance::node::{OpenError, Reply};
use quittance::wire::ReceiptLevel;

use crate::backup_kit::{World, confirmed, copy, open, payment, send};
use crate::kit;

fn posted(node: &quittance::node::Node, world: &World, address: &str) -> String {
    let viewer = world.sandbox.auditor();
    node.reader().account(address, &viewer).unwrap().posted
}

#[test]
fn a_restored_node_is_the_same_node() {
    let world = World::new();
    world.pay(300);
    let body = payment(world.sandbox.node());
    let Reply::Applied(applied) = send(world.sandbox.node(), &world.bank, &body) else {
        panic!("settled");
    };
    let old = world.sandbox.node();
    let receipt = old.reader().answer(&applied).unwrap().receipt.unwrap();
    let before = old.reader().checkpoint_data();
    world.take();
    let restored = world.restore("new", vec![world.kept()]).unwrap();
    assert!(restored.may_sign);
    assert_eq!((restored.size, restored.root), (before.size, before.root));

    old.shutdown();
    let node = world.open("new").unwrap();
    assert_eq!(node.reader().checkpoint_data(), before);
    for address in ["bank-a:usd", "bank-b:usd"] {
        assert_eq!(
            posted(&node, &world, address),
            world.sandbox.posted(address)
        );
    }
    // The receipt of before proves itself, and a fresh one can be had.
    receipt
        .to_receipt()
        .unwrap()
        .verify(&node.log_key())
        .unwrap();
    let viewer = world.sandbox.auditor();
    for index in [0, 1, before.size - 1] {
        let fresh = node
            .reader()
            .receipt(index, None, ReceiptLevel::LogSigned, &viewer)
            .unwrap();
        fresh.to_receipt().unwrap().verify(&node.log_key()).unwrap();
    }
    // The same bytes again move nothing; new ones do.
    let index = applied.logged.entry.index;
    let again = send(&node, &world.bank, &body);
    assert!(
        matches!(again, Reply::Replay { index: i } if i == index),
        "{again:?}"
    );
    kit::assert_good(&send(&node, &world.bank, &payment(&node)));
    assert_eq!(node.reader().size(), before.size + 1);
    // The log that grew is a continuation of what was backed up before.
    let taken = world.try_take(&node).unwrap();
    assert_eq!((taken.before, taken.size), (before.size, before.size + 1));
    world.verify().unwrap();
    node.shutdown();
    drop(node);
    world.open("new").unwrap().shutdown();
}

#[test]
fn without_a_confirmed_checkpoint_nothing_signs() {
    let world = World::new();
    world.pay(2);
    world.take();
    let restored = world.restore("copy", Vec::new()).unwrap();
    assert!(!restored.may_sign);
    assert!(!world.place("copy").join("data/head").exists());
    let refused = world.open("copy").err().unwrap();
    assert!(matches!(refused, OpenError::NoHead { size } if size == restored.size));
    assert!(
        refused.to_string().contains("restore --checkpoint"),
        "{refused}"
    );
}

#[test]
fn a_checkpoint_that_is_not_where_the_backup_ends_is_refused() {
    let mut world = World::new();
    let older = world.kept();
    world.pay(2);
    world.take();
    let at_backup = world.kept();
    let refused = world.restore("a", vec![older.clone()]).unwrap_err();
    assert!(
        matches!(refused, BackupError::NotNewest { .. }),
        "{refused}"
    );
    // The log went on and signed; a partner has seen it.
    let old = world.place("old");
    world
        .sandbox
        .reopen_after(|data| copy(data, &old.join("data")));
    world.pay(1);
    let newer = world.kept();
    for kept in [
        vec![newer.clone()],
        vec![at_backup.clone(), newer, older.clone()],
    ] {
        let refused = world.restore("b", kept).unwrap_err();
        assert!(
            matches!(refused, BackupError::EndsBelow { .. }),
            "{refused}"
        );
        assert!(refused.to_string().contains("second history"), "{refused}");
    }
    assert!(!world.place("b").exists(), "nothing was begun");
    // One that somebody else signed, and one that is no checkpoint.
    for note in [b"no note".to_vec(), forged(&at_backup)] {
        let by = "bank-b".to_owned();
        let refused = world
            .restore("c", vec![Confirmed { by, note }])
            .unwrap_err();
        assert!(
            matches!(refused, BackupError::Checkpoint { .. }),
            "{refused}"
        );
    }
    // All of them together, older ones included, are right.
    assert!(world.restore("d", vec![older, at_backup]).unwrap().may_sign);
}

/// The same note with one byte of its signature changed.
fn forged(kept: &Confirmed) -> Vec<u8> {
    let mut note = kept.note.clone();
    let at = note.len() - 10;
    note[at] = if note[at] == b'A' { b'B' } else { b'A' };
    note
}

#[test]
fn a_backup_of_a_forked_log_is_found_out_by_an_older_checkpoint() {
    let mut world = World::new();
    let old = world.place("old");
    world
        .sandbox
        .reopen_after(|data| copy(data, &old.join("data")));
    world.pay(1);
    let true_one = world.kept();
    let node = open(&kit::config(&old)).unwrap();
    kit::assert_good(&send(&node, &world.bank, &payment(&node)));
    let at_fork = confirmed(&node);
    kit::assert_good(&send(&node, &world.bank, &payment(&node)));
    world.try_take(&node).unwrap();
    let newest = confirmed(&node);
    // The backup ends at the newest checkpoint, and yet an older one, of the same size as a true
    // one, has another root.
    let refused = world
        .restore("a", vec![newest.clone(), true_one])
        .unwrap_err();
    assert!(
        matches!(refused, BackupError::OtherRoot { .. }),
        "{refused}"
    );
    assert!(!world.place("a").join("data/head").exists());
    assert!(world.restore("b", vec![newest, at_fork]).unwrap().may_sign);
    node.shutdown();
}

#[test]
fn a_point_in_time_is_a_copy_that_never_signs() {
    let world = World::new();
    world.pay(5);
    world.take();
    let size = world.sandbox.node().reader().size();
    let index = size - 4;
    let at = |at_index, confirmed| Plan {
        at_index: Some(at_index),
        confirmed,
        trusted: None,
    };
    let copy = world.restore_as("copy", &at(index, Vec::new())).unwrap();
    assert_eq!((copy.size, copy.may_sign), (index + 1, false));
    let root = world.sandbox.node().reader().root_at(index + 1);
    assert_eq!(Some(copy.root), root);
    let refused = world.open("copy").err().unwrap();
    assert!(matches!(refused, OpenError::NoHead { .. }), "{refused}");
    // Not even with a checkpoint that holds.
    let refused = world
        .restore_as("b", &at(index, vec![world.kept()]))
        .unwrap_err();
    assert!(matches!(refused, BackupError::CopyOnly { .. }), "{refused}");
    let refused = world.restore_as("b", &at(size, Vec::new())).unwrap_err();
    assert!(
        matches!(refused, BackupError::NoSuchIndex { .. }),
        "{refused}"
    );
    // The balances of then: two of the five payments were made.
    let disk = quittance::backup::readable(&world.dir()).unwrap();
    let then = quittance::backup::verify(&disk, None, Some(index + 1), &mut |_| ()).unwrap();
    let book = then.replay.state().unwrap().book();
    let account = book.account(&"bank-b:usd".parse().unwrap()).unwrap();
    assert_eq!(account.counters.posted(), 200);
    assert_ne!(then.root, Hash::ZERO);
}

#[test]
fn a_folder_that_is_not_empty_is_left_alone() {
    let world = World::new();
    world.take();
    let data = world.place("mine").join("data");
    fs::create_dir_all(&data).unwrap();
    fs::write(data.join("thesis.txt"), b"mine").unwrap();
    let refused = world.restore("mine", vec![world.kept()]).unwrap_err();
    assert!(matches!(refused, BackupError::NotEmpty { .. }), "{refused}");
    assert_eq!(fs::read_dir(&data).unwrap().count(), 1);
    // Nor is the folder of the node itself.
    let disk = quittance::backup::readable(&world.dir()).unwrap();
    let own = &world.sandbox.config.data_dir;
    let refused = quittance::backup::restore(&disk, own, &Plan::default(), &mut |_| ());
    assert!(matches!(refused, Err(BackupError::NotEmpty { .. })));
}

#[test]
fn a_damaged_backup_makes_nothing_that_could_sign() {
    let world = World::new();
    world.pay(3);
    world.take();
    let path = world.segment();
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    fs::write(&path, bytes).unwrap();
    let refused = world.restore("new", vec![world.kept()]).unwrap_err();
    assert!(matches!(refused, BackupError::Damaged { .. }), "{refused}");
    assert!(!world.place("new").join("data/head").exists());
    assert!(world.open("new").is_err());
}

#[test]
fn an_erased_body_stays_erased_though_an_older_copy_of_its_key_comes_back() {
    let mut world = World::new();
    world.pay(2);
    let index = world.sandbox.node().reader().size() - 1;
    let slots = world.place("keys.slots");
    world.sandbox.reopen_after(|data| {
        fs::copy(data.join("keys.slots"), &slots).unwrap();
    });
    let viewer = world.sandbox.auditor();
    let key_at = |node: &quittance::node::Node, index| {
        node.reader().entry(index).unwrap().body_key.is_some()
    };
    assert!(key_at(world.sandbox.node(), index));
    let id = world.sandbox.id();
    kit::assert_good(&world.sandbox.govern(&[format!(
        r#"{{"erase":{{"id":"{id}","entry_index":{index},"basis":"request 7"}}}}"#
    )]));
    world.take();
    assert!(world.restore("new", vec![world.kept()]).unwrap().may_sign);
    fs::copy(&slots, world.place("new").join("data/keys.slots")).unwrap();
    let node = world.open("new").unwrap();
    assert!(
        !key_at(&node, index),
        "erased again before anybody could ask"
    );
    assert!(key_at(&node, index - 1), "the others are readable again");
    assert!(
        node.reader()
            .receipt(index, None, ReceiptLevel::LogSigned, &viewer)
            .is_ok()
    );
    node.shutdown();
}

#[test]
fn a_lost_store_comes_back_with_the_surviving_head_file_and_write_ahead_log() {
    let mut world = World::new();
    // A node whose store lags: what is acknowledged stays in the write-ahead log.
    world.sandbox.config.store.flush_interval = Duration::from_secs(3_600);
    world.sandbox.reopen();
    world.pay(2);
    world.take();
    let taken = world.sandbox.node().reader().size();
    world.pay(3);
    let before = world.sandbox.node().reader().checkpoint_data();
    assert!(before.size > taken);
    // The machine stops here. Of the data folder everything survives but the store.
    let surviving = world.place("surviving");
    let data = world.sandbox.config.data_dir.clone();
    copy(&data.join("wal"), &surviving.join("wal"));
    for file in ["head", "keys.slots"] {
        fs::copy(data.join(file), surviving.join(file)).unwrap();
    }
    assert!(!world.restore("new", Vec::new()).unwrap().may_sign);
    let new = world.place("new").join("data");
    copy(&surviving, &new);
    let node = world.open("new").unwrap();
    assert_eq!(node.reader().checkpoint_data(), before, "nothing is lost");
    assert_eq!(posted(&node, &world, "bank-b:usd"), "5.00");
    node.shutdown();
    // One that may not reach the first frame: all of it again, or a refusal, and nothing between.
    for index in 0..3 {
        let at_index = Some(index);
        let plan = Plan {
            at_index,
            ..Plan::default()
        };
        let name = format!("short-{index}");
        world.restore_as(&name, &plan).unwrap();
        copy(&surviving, &world.place(&name).join("data"));
        match world.open(&name) {
            Ok(node) => {
                assert_eq!(node.reader().checkpoint_data(), before);
                node.shutdown();
            }
            Err(refused) => assert!(matches!(refused, OpenError::Gap { .. }), "{refused}"),
        }
    }
}
