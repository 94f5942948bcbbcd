//! The window against one that is nothing but maps.

#![expect(clippy::arithmetic_side_effects, reason = "small numbers")]

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::convert::Infallible;

use proptest::prelude::*;

use super::spot::SHARD;
use super::*;
use crate::ledger::snapshot::{PartReader, PartWriter};

/// A whole second, in milliseconds.
const START: u64 = 1_795_426_200_000;
const MILLISECOND: u64 = 1_000_000;

fn id(millis: u64, n: u128) -> InstructionId {
    InstructionId::from_parts(START + millis, n)
}

/// The window as a snapshot has it.
fn parts(window: &Window) -> Vec<Vec<u8>> {
    let mut parts = Vec::new();
    let mut out = PartWriter::new(|part, _| {
        parts.push(part);
        Ok::<(), Infallible>(())
    });
    let Ok(()) = window.save().write(&mut out);
    let Ok(()) = out.finish();
    parts
}

fn restored(window: &Window) -> Window {
    let mut from = PartReader::new(parts(window).into_iter());
    let restored = Window::read(&mut from).unwrap();
    from.finish().unwrap();
    restored
}

#[test]
fn ids_are_exact_and_consecutive_ones_are_one_run() {
    let mut window = Window::default();
    for n in 10..1_010 {
        window.insert_id(1, id(0, n), 7);
    }
    window.insert_id(1, id(0, 5_000), 8);
    window.insert_id(2, id(0, 5_001), 8);
    for check in [window.clone(), restored(&window)] {
        assert_eq!(check.id(1, id(0, 9)), None);
        assert_eq!(check.id(1, id(0, 10)), Some(7));
        assert_eq!(check.id(1, id(0, 1_009)), Some(7));
        assert_eq!(check.id(1, id(0, 1_010)), None);
        assert_eq!(check.id(2, id(0, 10)), None);
        assert_eq!(check.id(1, id(0, 5_000)), Some(8));
        assert_eq!(check.id(2, id(0, 5_001)), Some(8));
        assert_eq!(check.count(1), 1_001);
        assert_eq!(check.size(), (3, 0));
    }
}

/// What a batch notes at once is what its ids would note one by one.
#[test]
fn a_run_is_what_its_ids_are() {
    let mut window = Window::default();
    window.insert_id(1, id(0, 50), 3);
    window.insert_run(1, id(0, 100), 10, 4);
    window.insert_run(2, id(0, 100), 1, 5);
    let mut one_by_one = Window::default();
    one_by_one.insert_id(1, id(0, 50), 3);
    for n in 100..110 {
        one_by_one.insert_id(1, id(0, n), 4);
    }
    one_by_one.insert_id(2, id(0, 100), 5);
    assert_eq!(parts(&window), parts(&one_by_one));
    assert_eq!(window.count(1), 11);
}

#[test]
fn the_floor_never_moves_back_and_shards_go_whole() {
    let edge = (START * MILLISECOND).next_multiple_of(SHARD);
    let first = edge / MILLISECOND - START;
    let mut window = Window::default();
    window.insert_id(1, id(first - 1, 1), 1);
    window.insert_id(1, id(first, 1), 2);
    window.advance(edge - 1);
    assert_eq!(window.id(1, id(first - 1, 1)), Some(1));
    window.advance(edge);
    assert_eq!(window.id(1, id(first - 1, 1)), None);
    assert_eq!(window.id(1, id(first, 1)), Some(2));
    assert_eq!(window.count(1), 1);
    window.advance(5);
    assert_eq!(window.floor(), edge);
}

/// The window as everybody would write it first.
#[derive(Default)]
struct Model {
    floor: u64,
    ids: BTreeMap<(u32, InstructionId), u64>,
    messages: BTreeMap<[u8; 32], MessageRecord>,
}

impl Model {
    fn advance(&mut self, floor: u64) {
        self.floor = self.floor.max(floor);
        let oldest = self.floor / SHARD;
        self.ids.retain(|(_, id), _| id.time() / SHARD >= oldest);
        self.messages
            .retain(|_, record| record.created / SHARD >= oldest);
    }

    fn free(&self, participant: u32, first: InstructionId, count: u32) -> bool {
        (0..count).all(|n| !self.ids.contains_key(&(participant, first.count_on(n))))
    }
}

/// One thing that happens to a window. Times are milliseconds from the start.
#[derive(Debug, Clone)]
enum Deed {
    Ids(u32, u64, u128, u8),
    Run(u32, u64, u128, u32),
    Message(u8, u64),
    Floor(u64),
    Restore,
}

fn deed() -> impl Strategy<Value = Deed> {
    // Few participants, milliseconds and numbers, so that they meet; and a batch now and then that
    // fills leaves.
    let number = || prop_oneof![4 => 0u128..60, 1 => (0u128..4).prop_map(|n| n << 62)];
    let time = || prop_oneof![3 => 0u64..3, 2 => 0u64..4_000];
    prop_oneof![
        6 => (0u32..3, time(), number(), 1u8..5).prop_map(|(p, t, n, c)| Deed::Ids(p, t, n, c)),
        3 => (0u32..3, time(), number(), 1u32..9).prop_map(|(p, t, n, c)| Deed::Run(p, t, n, c)),
        3 => (any::<u8>(), 0u64..4_000).prop_map(|(key, t)| Deed::Message(key % 16, t)),
        1 => (0u64..4_500).prop_map(Deed::Floor),
        1 => Just(Deed::Restore),
    ]
}

/// Does a deed to both, as `apply` would: what is there already is not put in again.
fn carry_out(deed: &Deed, window: &mut Window, model: &mut Model, index: u64) {
    let inside = |millis: u64| (START + millis) * MILLISECOND >= model.floor;
    match *deed {
        Deed::Ids(participant, millis, first, count) if inside(millis) => {
            for id in (0..u32::from(count)).map(|n| id(millis, first).count_on(n)) {
                let used = model.ids.get(&(participant, id)).copied();
                assert_eq!(window.id(participant, id), used);
                if used.is_none() {
                    window.insert_id(participant, id, index);
                    model.ids.insert((participant, id), index);
                }
            }
        }
        Deed::Run(participant, millis, first, count) if inside(millis) => {
            let first = id(millis, first);
            let free = window.is_run_free(participant, first, count);
            assert_eq!(free, model.free(participant, first, count));
            if free {
                window.insert_run(participant, first, count, index);
                let ids = (0..count).map(|n| ((participant, first.count_on(n)), index));
                model.ids.extend(ids);
            }
        }
        Deed::Message(key, millis) if inside(millis) => {
            let key = [key; 32];
            let known = model.messages.get(&key).copied();
            assert_eq!(window.message(&key).copied(), known);
            // An id that is in use stays with its message until that is below the floor.
            if known.is_none_or(|known| known.created < model.floor) {
                let record = MessageRecord {
                    created: (START + millis) * MILLISECOND + index,
                    index,
                    content: [7; 32],
                };
                window.insert_message(key, record);
                model.messages.insert(key, record);
            }
        }
        Deed::Floor(millis) => {
            let floor = (START + millis) * MILLISECOND + index;
            window.advance(floor);
            model.advance(floor);
        }
        Deed::Restore => *window = restored(window),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_window_knows_what_maps_know(deeds in prop::collection::vec(deed(), 1..120)) {
        let (mut window, mut model) = (Window::default(), Model::default());
        // One that is never saved and read back.
        let (mut unsaved, mut same) = (Window::default(), Model::default());
        for (index, deed) in (1u64..).zip(&deeds) {
            carry_out(deed, &mut window, &mut model, index);
            if !matches!(deed, Deed::Restore) {
                carry_out(deed, &mut unsaved, &mut same, index);
            }
            prop_assert!(parts(&window) == parts(&unsaved), "saving and reading changes something");
        }
        for window in [&window, &unsaved] {
            for participant in 0..3 {
                let ids = model.ids.keys().filter(|(p, _)| *p == participant);
                prop_assert_eq!(window.count(participant), ids.count() as u64);
            }
            for ((participant, id), index) in &model.ids {
                prop_assert_eq!(window.id(*participant, *id), Some(*index));
            }
            prop_assert_eq!(window.known(), model.ids.len() as u64);
            prop_assert_eq!(window.size().1, model.messages.len());
            prop_assert_eq!(window.floor(), model.floor);
        }
        // Far ahead everything is forgotten at once, and cleared away by and by.
        for _ in 0..=deeds.len() + usize::from(ENTRIES_A_LOOK) {
            window.advance((START + 100_000) * MILLISECOND);
            prop_assert_eq!(window.size(), (0, 0));
            prop_assert_eq!(window.count(0), 0);
        }
        prop_assert_eq!(window.bytes(), (0, 0));
    }
}

/// Random ids of several banks, two seconds of 30,000 each: the shards are full, and their leaves as
/// full as they come.
#[test]
fn an_id_takes_at_most_24_bytes() {
    let mut window = Window::default();
    let mut random = 1u128;
    let count = 60_000u32;
    for n in 0..count {
        random = random.wrapping_mul(0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645) | 1;
        window.insert_id(n % 7, id(u64::from(n) / 30, random >> 50), u64::from(n));
    }
    let (bytes, _) = window.bytes();
    assert_eq!(window.size().0, count as usize);
    let least = count as usize * 22;
    let most = count as usize * 24;
    assert!((least..=most).contains(&bytes), "{bytes} bytes");
}
