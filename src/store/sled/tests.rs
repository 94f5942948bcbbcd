//! What only the engine's own keys can show.

use std::path::Path;

use super::*;
use crate::store::suite;
use crate::store::table::records;

fn open(path: &Path) -> SledStore {
    SledStore::open(&SledOptions {
        path: path.join("sled"),
        cache_bytes: 1 << 20,
    })
    .unwrap()
}

/// A batch of which everything but the head was written.
fn crash_while_writing(store: &SledStore, first: u64, end: u64) {
    let mut batch = Batch::new(first);
    for index in first..end {
        batch.entry(suite::entry(index, 9), vec![9; 3_000]);
        batch.message(20_000, "bank-a", &format!("message-{}", index + 1), index);
    }
    batch.tile(0, 0, vec![9; 8_192]);
    batch.snapshot_part(end, 0, vec![9; 10], true);
    store.write(&batch, None).unwrap();
}

#[test]
fn what_a_crash_left_above_the_head_is_never_seen() {
    let place = tempfile::tempdir().unwrap();
    let store = open(place.path());
    store.apply(&suite::batch(0, 250)).unwrap();
    crash_while_writing(&store, 250, 900);
    suite::holds(&store, 250);
    drop(store);
    let store = open(place.path());
    suite::holds(&store, 250);
    for (first, end) in [(250, 257), (257, 300), (290, 899), (899, 1_000)] {
        store.apply(&suite::batch(first, end)).unwrap();
    }
    suite::holds(&store, 1_000);
    assert_eq!(store.tile(0, 0).unwrap(), None);
    assert_eq!(suite::snapshot(&store, u64::MAX), None);
}

#[test]
fn a_message_key_of_a_lost_batch_is_not_believed() {
    let place = tempfile::tempdir().unwrap();
    let store = open(place.path());
    let mut lost = Batch::new(0);
    lost.entry(suite::entry(0, 9), Vec::new());
    lost.message(1, "bank-a", "lost", 0);
    store.write(&lost, None).unwrap();
    store.apply(&suite::batch(0, 1)).unwrap();
    assert_eq!(store.message(1, "bank-a", "lost").unwrap(), None);
}

#[test]
fn a_missing_page_is_named() {
    let place = tempfile::tempdir().unwrap();
    let store = open(place.path());
    store.apply(&suite::batch(0, 250)).unwrap();
    store.db.remove(entries::key(33)).unwrap();
    let error = store.entries(0, 100).unwrap_err();
    assert!(matches!(
        error,
        StoreError::Damaged {
            table: Table::Entries,
            index: 33
        }
    ));
    let (key, _) = store.db.get_lt(records::key(100, 0)).unwrap().unwrap();
    store.db.remove(&key).unwrap();
    let (first, _) = records::parse_key(&key).unwrap();
    let error = store.record(first).unwrap_err();
    assert!(
        matches!(error, StoreError::Damaged { table: Table::Records, index } if index == first)
    );
}

#[test]
fn a_part_needs_its_own_pages_only() {
    let place = tempfile::tempdir().unwrap();
    let store = open(place.path());
    let mut batch = Batch::new(0);
    batch.entry(suite::entry(0, 0), vec![7; 20_000]);
    batch.head(suite::head(1));
    store.apply(&batch).unwrap();
    store.db.remove(records::key(0, 2)).unwrap();
    assert_eq!(
        store.record_part(0, 0, 7_995).unwrap(),
        Some(vec![7; 7_995])
    );
    assert_eq!(
        store.record_part(0, 11_995, 9_999).unwrap(),
        Some(vec![7; 8_005])
    );
    for (from, len) in [(7_994, 2), (0, 20_000), (11_994, 1)] {
        let error = store.record_part(0, from, len).unwrap_err();
        assert!(
            matches!(
                error,
                StoreError::Damaged {
                    table: Table::Records,
                    index: 0
                }
            ),
            "{error:?}"
        );
    }
}

#[test]
fn another_format_and_a_lost_head_are_noticed() {
    let place = tempfile::tempdir().unwrap();
    let store = open(place.path());
    store.apply(&suite::batch(0, 2)).unwrap();
    store.db.remove(head::KEY).unwrap();
    assert!(matches!(
        store.sync(),
        Err(StoreError::HeadChanged { found: None, .. })
    ));
    store.db.insert(head::KEY, vec![2; 81]).unwrap();
    drop(store);
    let options = SledOptions {
        path: place.path().join("sled"),
        cache_bytes: 1 << 20,
    };
    let error = SledStore::open(&options).err().unwrap();
    assert!(
        matches!(
            error,
            StoreError::Format {
                expected: 1,
                found: 2
            }
        ),
        "{error:?}"
    );
}

#[test]
fn a_lock_that_lingers_is_waited_for() {
    let place = tempfile::tempdir().unwrap();
    drop(open(place.path()));
    // The engine's threads may keep its lock for a moment after the store is gone.
    let held = std::fs::File::open(place.path().join("sled/db")).unwrap();
    held.lock().unwrap();
    let (started, running) = std::sync::mpsc::channel();
    let holder = std::thread::spawn(move || {
        started.send(()).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(100));
        drop(held);
    });
    running.recv().unwrap();
    drop(open(place.path()));
    holder.join().unwrap();
}

#[test]
fn a_page_table_that_was_not_finished_does_not_stand_in_the_way() {
    let place = tempfile::tempdir().unwrap();
    let store = open(place.path());
    store.apply(&suite::batch(0, 2)).unwrap();
    store.sync().unwrap();
    let head = store.head();
    drop(store);
    let unfinished = place.path().join("sled/snap.0000000000FFFFFF.generating");
    std::fs::write(&unfinished, b"half").unwrap();
    assert_eq!(open(place.path()).head(), head);
    assert!(!unfinished.exists());
}
