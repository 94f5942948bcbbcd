//! Both stores pass one suite; the one on disk keeps what it was given.

use std::fs;
use std::path::Path;

use quittance::store::memory::MemoryStore;
use quittance::store::sled::{SledOptions, SledStore};
use quittance::store::{Batch, Store, StoreError, suite};

fn open(path: &Path) -> Result<SledStore, StoreError> {
    let options = SledOptions {
        path: path.join("sled"),
        cache_bytes: 64 << 20,
    };
    SledStore::open(&options)
}

#[test]
fn the_memory_store_conforms() {
    suite::all(MemoryStore::new);
}

#[test]
fn the_sled_store_conforms() {
    let mut places = Vec::new();
    suite::all(|| {
        let place = tempfile::tempdir().unwrap();
        let store = open(place.path()).unwrap();
        places.push(place);
        store
    });
}

#[test]
fn everything_is_there_after_opening_again() {
    let place = tempfile::tempdir().unwrap();
    let mut size = 0;
    for length in [1, 40, 200, 7] {
        let store = open(place.path()).unwrap();
        suite::holds(&store, size);
        store.apply(&suite::batch(size, size + length)).unwrap();
        size += length;
        let mut snapshot = Batch::new(0);
        snapshot.snapshot_part(size, 0, vec![1; 10_000], true);
        store.apply(&snapshot).unwrap();
        assert_eq!(store.sync().unwrap(), Some(suite::head(size)));
    }
    let store = open(place.path()).unwrap();
    suite::holds(&store, size);
    assert_eq!(
        suite::snapshot(&store, size),
        Some((size, vec![vec![1; 10_000]]))
    );
}

#[test]
fn a_second_opener_is_refused_with_advice() {
    let place = tempfile::tempdir().unwrap();
    let _first = open(place.path()).unwrap();
    let error = open(place.path()).err().unwrap();
    assert!(matches!(error, StoreError::Open { .. }), "{error:?}");
    assert!(error.to_string().contains("quittance doctor"));
}

#[test]
fn damaged_files_are_refused_or_harmless_and_never_give_other_bytes() {
    let place = tempfile::tempdir().unwrap();
    let store = open(place.path()).unwrap();
    store.apply(&suite::batch(0, 60)).unwrap();
    store.sync().unwrap();
    drop(store);
    let whole = fs::read(place.path().join("sled/db")).unwrap();
    let used = whole.len() - whole.iter().rev().position(|byte| *byte != 0).unwrap();
    let (mut refused, mut lost) = (0, 0);
    for trial in 0..12 {
        let copy = tempfile::tempdir().unwrap();
        fs::create_dir(copy.path().join("sled")).unwrap();
        for name in ["db", "conf"] {
            fs::copy(
                place.path().join("sled").join(name),
                copy.path().join("sled").join(name),
            )
            .unwrap();
        }
        let mut bytes = whole.clone();
        bytes[used * (2 * trial + 1) / 24] ^= 0x40;
        fs::write(copy.path().join("sled/db"), bytes).unwrap();
        let store = match open(copy.path()) {
            Ok(store) => store,
            Err(StoreError::Open { .. } | StoreError::OpenPanicked { .. }) => {
                refused += 1;
                continue;
            }
            Err(_) => continue,
        };
        // What the engine lost shows in the head, which the node compares with the head file.
        let size = store.head().map_or(0, |head| head.size);
        lost += u64::from(size < 60);
        for index in 0..size {
            if let Ok(found) = store.record(index) {
                assert_eq!(found, Some(suite::record(index)), "trial {trial}");
            }
        }
    }
    println!("{refused} refused, {lost} lost the head");
}
