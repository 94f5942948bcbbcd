//! The conformance suite that every [`Store`] passes.
//!
//! A test kit: it panics with what went wrong. [`all`] takes a way to make empty stores.

use chain::Hash;

use super::batch::{Batch, BatchError, EntryBytes, RECORD_BYTES_MAX, TILE_BYTES};
use super::{Head, Store, StoreError};

/// Runs every check, each on an empty store.
///
/// # Panics
/// When the store does not behave.
pub fn all<S: Store>(mut make: impl FnMut() -> S) {
    an_empty_store_has_nothing(&make());
    runs_are_read_back(&make());
    records_of_all_lengths_are_read_back(&make());
    applying_again_changes_nothing(&make());
    overlaps_must_be_equal(&make());
    contradictions_are_refused(&make());
    tiles_are_visible_below_the_head(&make());
    messages_are_found(&make());
    snapshots_are_found_and_forgotten(&make());
    a_large_batch_is_whole(&make());
    random_batches_match_a_model(&make());
}

/// Makes the entry at an index; `fork` makes different ones.
#[must_use]
pub fn entry(index: u64, fork: u8) -> EntryBytes {
    let mut entry = [fork; 120];
    entry[8..16].copy_from_slice(&index.to_be_bytes());
    entry
}

/// Makes the record of an entry, of a length that depends on the index.
#[must_use]
pub fn record(index: u64) -> Vec<u8> {
    let length = match index % 7 {
        0 => 0,
        1..=4 => 40 + index * 37 % 900,
        5 => 3_900 + index * 13 % 200,
        _ => 4_000 + index * 911 % 30_000,
    };
    (0..length)
        .map(|at| (at.wrapping_mul(7) ^ index).to_le_bytes()[0])
        .collect()
}

/// Makes the head after `size` entries.
#[must_use]
pub fn head(size: u64) -> Head {
    let leaf = size
        .checked_sub(1)
        .map_or(Hash::ZERO, |last| Hash::leaf(&entry(last, 0)));
    Head {
        size,
        root: Hash::sha256(&size.to_be_bytes()),
        leaf,
        time: size * 10,
    }
}

/// Makes the batch of entries `first..end`, with their records, messages and head.
#[must_use]
pub fn batch(first: u64, end: u64) -> Batch {
    let mut batch = Batch::new(first);
    for index in first..end {
        batch.entry(entry(index, 0), record(index));
        batch.message(20_000, "bank-a", &format!("message-{index}"), index);
    }
    batch.head(head(end));
    batch
}

fn apply(store: &impl Store, batch: &Batch) {
    store.apply(batch).expect("the batch is in order");
}

/// Checks that a store holds exactly the first `size` entries of the suite, whatever its history.
///
/// # Panics
/// When it does not.
pub fn holds(store: &impl Store, size: u64) {
    assert_eq!(store.head(), (size > 0).then(|| head(size)));
    let entries = store.entries(0, usize::MAX).expect("entries are readable");
    assert!(
        entries
            .into_iter()
            .eq((0..size).map(|index| entry(index, 0)))
    );
    for index in 0..size {
        let found = store.record(index).expect("records are readable");
        assert_eq!(found, Some(record(index)), "record {index} of {size}");
        let id = format!("message-{index}");
        let found = store
            .message(20_000, "bank-a", &id)
            .expect("messages are readable");
        assert_eq!(found, Some(index), "{id} of {size}");
    }
    for index in size..size + 40 {
        assert_eq!(store.record(index).expect("nothing is damaged"), None);
        let id = format!("message-{index}");
        let found = store
            .message(20_000, "bank-a", &id)
            .expect("nothing is damaged");
        assert_eq!(found, None, "{id} above {size}");
    }
}

fn an_empty_store_has_nothing(store: &impl Store) {
    holds(store, 0);
    assert_eq!(store.tile(0, 0).expect("nothing is damaged"), None);
    assert_eq!(snapshot(store, u64::MAX), None);
    assert_eq!(store.sync().expect("an empty store syncs"), None);
}

fn runs_are_read_back(store: &impl Store) {
    let mut size = 0;
    for length in [1, 1, 2, 33, 34, 100, 3] {
        apply(store, &batch(size, size + length));
        size += length;
        assert_eq!(store.sync().expect("the store syncs"), Some(head(size)));
    }
    holds(store, size);
    for (first, max, count) in [
        (0, 0, 0),
        (0, 1, 1),
        (35, 70, 70),
        (170, 50, 4),
        (174, 1, 0),
    ] {
        let found = store.entries(first, max).expect("entries are readable");
        assert_eq!(found.len(), count, "entries {first} and on, at most {max}");
        let expected = (first..).map(|index| entry(index, 0));
        assert!(
            found
                .into_iter()
                .zip(expected)
                .all(|(found, expected)| found == expected)
        );
    }
    assert!(
        store
            .entries(u64::MAX, 5)
            .expect("nothing is damaged")
            .is_empty()
    );
    assert_eq!(store.record(u64::MAX).expect("nothing is damaged"), None);
}

fn records_of_all_lengths_are_read_back(store: &impl Store) {
    let lengths = [
        0,
        1,
        3_992,
        3_993,
        3_994,
        3_995,
        3_996,
        3_997,
        7_995,
        8_000,
        2 << 20,
        5,
    ];
    let mut batch = Batch::new(0);
    for (index, length) in (0..).zip(lengths) {
        batch.entry(entry(index, 0), numbered(index, length));
    }
    batch.head(head(lengths.len() as u64));
    apply(store, &batch);
    for (index, length) in (0..).zip(lengths) {
        let found = store.record(index).expect("records are readable");
        assert_eq!(found, Some(numbered(index, length)), "{length} bytes");
        parts_are_read_back(store, index, &found.unwrap_or_default());
    }
    let above = lengths.len() as u64;
    for index in [above, u64::MAX] {
        let found = store.record_part(index, 0, 1);
        assert_eq!(found.expect("nothing is damaged"), None);
    }
}

/// Bytes of which no page is like another.
fn numbered(index: u64, length: usize) -> Vec<u8> {
    let word = |at: u64| (at ^ index << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let words = (0..).flat_map(|at| word(at).to_be_bytes());
    words.take(length).collect()
}

/// Reads parts that begin and end around the edges of pages and of the record.
fn parts_are_read_back(store: &impl Store, index: u64, record: &[u8]) {
    let edges = [0, 1, 3_994, 3_995, 3_996, 7_994, 7_995, 7_996, 1 << 20];
    let ends = [record.len().saturating_sub(1), record.len(), usize::MAX];
    for from in edges.into_iter().chain(ends) {
        for len in [0, 1, 2, 4_000, 4_001, 9_000, usize::MAX] {
            let end = from.saturating_add(len).min(record.len());
            let wanted = record.get(from.min(end)..end).unwrap_or_default();
            let found = store.record_part(index, from, len);
            let found = found.expect("records are readable");
            assert_eq!(
                found.as_deref(),
                Some(wanted),
                "{len} bytes from {from} of {}",
                record.len()
            );
        }
    }
}

fn applying_again_changes_nothing(store: &impl Store) {
    for (first, end) in [(0, 5), (5, 50), (0, 5), (5, 50), (0, 50), (20, 30)] {
        apply(store, &batch(first, end));
    }
    holds(store, 50);
    apply(store, &Batch::new(0));
    holds(store, 50);
}

fn overlaps_must_be_equal(store: &impl Store) {
    apply(store, &batch(0, 10));
    apply(store, &batch(4, 25));
    holds(store, 25);
    let mut fork = Batch::new(24);
    fork.entry(entry(24, 1), Vec::new());
    fork.head(Head {
        leaf: Hash::leaf(&entry(24, 1)),
        ..head(25)
    });
    let refused = store.apply(&fork);
    assert!(
        matches!(refused, Err(StoreError::Conflict { index: 24 })),
        "{refused:?}"
    );
    let mut other_root = batch(20, 25);
    other_root.head(Head {
        root: Hash::ZERO,
        ..head(25)
    });
    let refused = store.apply(&other_root);
    assert!(
        matches!(refused, Err(StoreError::Conflict { index: 25 })),
        "{refused:?}"
    );
    holds(store, 25);
}

fn contradictions_are_refused(store: &impl Store) {
    apply(store, &batch(0, 3));
    let gap = store.apply(&batch(4, 5));
    assert!(
        matches!(
            gap,
            Err(StoreError::Gap {
                expected: 3,
                found: 4
            })
        ),
        "{gap:?}"
    );
    let refused = |change: &dyn Fn(&mut Batch)| {
        let mut batch = batch(3, 5);
        change(&mut batch);
        match store.apply(&batch) {
            Err(StoreError::Batch(error)) => error,
            other => panic!("expected a contradiction, found {other:?}"),
        }
    };
    let error = refused(&|batch| batch.head(head(6)));
    assert!(matches!(
        error,
        BatchError::Size {
            first: 3,
            entries: 2,
            size: Some(6)
        }
    ));
    let error = refused(&|batch| {
        batch.head(Head {
            leaf: Hash::ZERO,
            ..head(5)
        })
    });
    assert_eq!(error, BatchError::Leaf { index: 4 });
    let error = refused(&|batch| batch.message(1, "bank-a", "x", 5));
    assert_eq!(error, BatchError::Message { index: 5 });
    let error = refused(&|batch| batch.message(1, "bank\0a", "x", 4));
    assert_eq!(error, BatchError::Message { index: 4 });
    let error = refused(&|batch| batch.tile(0, 0, vec![0; TILE_BYTES - 1]));
    assert!(matches!(
        error,
        BatchError::Tile {
            level: 0,
            number: 0,
            ..
        }
    ));
    let error = refused(&|batch| {
        batch.entry(entry(5, 0), vec![0; RECORD_BYTES_MAX + 1]);
        batch.head(head(6));
    });
    assert!(matches!(error, BatchError::TooLong { index: 5, .. }));
    holds(store, 3);
}

fn tiles_are_visible_below_the_head(store: &impl Store) {
    let tile: Vec<u8> = (0..TILE_BYTES)
        .map(|at| (at / 9).to_le_bytes()[0])
        .collect();
    let mut first = batch(0, 255);
    first.tile(0, 0, tile.clone());
    first.tile(0, u64::MAX, tile.clone());
    first.tile(7, 0, tile.clone());
    apply(store, &first);
    assert_eq!(
        store.tile(0, 0).expect("nothing is damaged"),
        None,
        "it reaches past the head"
    );
    apply(store, &batch(255, 256));
    let mut second = batch(256, 520);
    second.tile(0, 0, tile.clone());
    second.tile(0, 1, tile.clone());
    apply(store, &second);
    for (level, number, visible) in [
        (0, 0, true),
        (0, 1, true),
        (0, 2, false),
        (1, 0, false),
        (7, 0, false),
        (8, 0, false),
    ] {
        let found = store.tile(level, number).expect("nothing is damaged");
        assert_eq!(
            found,
            visible.then(|| tile.clone()),
            "tile {level} {number}"
        );
    }
    assert_eq!(store.tile(0, u64::MAX).expect("nothing is damaged"), None);
}

fn messages_are_found(store: &impl Store) {
    let mut run = Batch::new(0);
    let names = [
        (1, "ab", "c"),
        (1, "a", "bc"),
        (2, "a", "bc"),
        (u64::MAX, "é", "x y/z"),
    ];
    for (index, (created, participant, id)) in (0..).zip(names) {
        run.entry(entry(index, 0), Vec::new());
        run.message(created, participant, id, index);
    }
    run.head(head(4));
    apply(store, &run);
    for (index, (created, participant, id)) in (0..).zip(names) {
        let found = store
            .message(created, participant, id)
            .expect("nothing is damaged");
        assert_eq!(found, Some(index));
    }
    for (created, participant, id) in [(0, "ab", "c"), (1, "ab", ""), (1, "", "abc"), (1, "a", "b")]
    {
        assert_eq!(
            store
                .message(created, participant, id)
                .expect("nothing is damaged"),
            None
        );
    }
}

/// Reads the newest snapshot at or below an index whole.
///
/// # Panics
/// When the store is damaged.
pub fn snapshot(store: &impl Store, at_or_below: u64) -> Option<(u64, Vec<Vec<u8>>)> {
    let mut parts = Vec::new();
    let index = store.snapshot(at_or_below, &mut |part| parts.push(part));
    index
        .expect("snapshots are readable")
        .map(|index| (index, parts))
}

fn put_snapshot(store: &impl Store, index: u64, lengths: &[usize], finish: bool) -> Vec<Vec<u8>> {
    let byte = index.to_le_bytes()[0];
    let parts: Vec<Vec<u8>> = lengths.iter().map(|length| vec![byte; *length]).collect();
    for (number, part) in (0..).zip(&parts) {
        let mut batch = Batch::new(0);
        let last = finish && number + 1 == parts.len() as u64;
        let number = u32::try_from(number).expect("there are few parts");
        batch.snapshot_part(index, number, part.clone(), last);
        apply(store, &batch);
    }
    parts
}

fn snapshots_are_found_and_forgotten(store: &impl Store) {
    apply(store, &batch(0, 100));
    put_snapshot(store, 5, &[10, 20], false);
    assert_eq!(
        snapshot(store, 100),
        None,
        "an unfinished snapshot does not exist"
    );
    let ten = put_snapshot(store, 10, &[0, 3_996, 3_997, 100_000, 1], true);
    assert_eq!(snapshot(store, 100), Some((10, ten.clone())));
    assert_eq!(snapshot(store, 9), None);
    let twenty = put_snapshot(store, 20, &[7], true);
    put_snapshot(store, 25, &[7; 3], false);
    assert_eq!(snapshot(store, 100), Some((20, twenty.clone())));
    assert_eq!(snapshot(store, 19), Some((10, ten)));
    let thirty = put_snapshot(store, 30, &[5_000_usize; 300], true);
    assert_eq!(snapshot(store, u64::MAX), Some((30, thirty)));
    assert_eq!(snapshot(store, 29), Some((20, twenty)));
    assert_eq!(
        snapshot(store, 19),
        None,
        "all but the newest two are deleted"
    );
    let ahead = put_snapshot(store, 120, &[9, 9], true);
    assert_eq!(
        snapshot(store, u64::MAX).map(|(index, _)| index),
        Some(30),
        "above the head"
    );
    apply(store, &batch(100, 120));
    assert_eq!(snapshot(store, u64::MAX), Some((120, ahead)));
    holds(store, 120);
}

fn a_large_batch_is_whole(store: &impl Store) {
    let mut large = Batch::new(0);
    for index in 0..3_000 {
        large.entry(entry(index, 0), vec![index.to_le_bytes()[0]; 2_100]);
        large.message(20_000, "bank-b", &format!("{index}"), index);
    }
    large.head(head(3_000));
    apply(store, &large);
    assert_eq!(
        store.entries(0, 5_000).expect("entries are readable").len(),
        3_000
    );
    for index in (0..3_000).step_by(7) {
        let found = store.record(index).expect("records are readable");
        assert_eq!(found, Some(vec![index.to_le_bytes()[0]; 2_100]));
        let found = store.message(20_000, "bank-b", &format!("{index}"));
        assert_eq!(found.expect("messages are readable"), Some(index));
    }
}

fn random_batches_match_a_model(store: &impl Store) {
    let mut dice = 9_u64;
    let mut below = |sides: u64| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (dice >> 33) % sides
    };
    let mut size = 0;
    while size < 600 {
        let first = size - below(size.min(20) + 1);
        let end = first + 1 + below(60);
        apply(store, &batch(first, end));
        size = size.max(end);
    }
    holds(store, size);
}
