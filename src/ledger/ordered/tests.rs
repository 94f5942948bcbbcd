//! The ordered map against one that is known.

#![expect(clippy::arithmetic_side_effects, reason = "small numbers")]

use alloc::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// A value so large that a leaf has four keys, and a few hundred keys have several branches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fat(u16, [u128; 126]);

impl Fat {
    const fn of(n: u16) -> Self {
        Self(n, [0; 126])
    }
}

#[derive(Debug, Clone)]
enum Deed {
    Insert(u64, u16),
    /// Clears the leaf of a spot of values that have a remainder.
    Clear(u64, u16, u16),
    /// Keys in order, as they come from one sender.
    Row(u64, u16, u16),
    Below(u64),
    Capture,
    Rebuild,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        8 => (0u64..3, 0u16..900).prop_map(|(shard, key)| Deed::Insert(shard, key)),
        6 => (0u64..3, 0u16..900, 1u16..4).prop_map(|(s, k, n)| Deed::Clear(s, k, n)),
        2 => (0u64..3, 0u16..900, 1u16..300).prop_map(|(s, k, n)| Deed::Row(s, k, n)),
        1 => (0u64..3).prop_map(Deed::Below),
        1 => Just(Deed::Capture),
        1 => Just(Deed::Rebuild),
    ]
}

fn list(map: &Ordered<Fat>) -> Vec<(Spot, u16)> {
    map.iter().map(|(spot, value)| (spot, value.0)).collect()
}

/// Neither leaves nor branches are too large or empty, and each stands where it begins.
fn check_shape(map: &Ordered<Fat>) {
    let mut bytes = 0;
    for (first, branch) in &map.branches {
        assert!((1..=BRANCH_LEAVES).contains(&branch.leaves.len()));
        assert_eq!(branch.leaves.first().map(|(spot, _)| *spot), Some(*first));
        for (first, leaf) in &branch.leaves {
            assert!((1..=Leaf::<Fat>::ROOM).contains(&leaf.keys.len()));
            let key = leaf.keys.first().copied().unwrap();
            assert_eq!((leaf.shard, key), *first);
            bytes += leaf.bytes();
        }
    }
    assert_eq!(map.bytes(), bytes);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn it_is_a_map(deeds in prop::collection::vec(deed(), 1..80)) {
        assert_eq!(Leaf::<Fat>::ROOM, 4);
        let (mut map, mut model) = (Ordered::default(), BTreeMap::new());
        let mut captures = Vec::new();
        for (n, deed) in (0u16..).zip(deeds) {
            match deed {
                Deed::Insert(shard, key) => {
                    let spot = (shard, u128::from(key));
                    let before = map.insert(spot, Fat::of(n)).map(|value| value.0);
                    prop_assert_eq!(before, model.insert(spot, n));
                }
                Deed::Clear(shard, key, by) => {
                    let from = (shard, u128::from(key));
                    let before = list(&map);
                    let behind = map.clear_leaf(from, |value| value.0 % by != 0);
                    // Whole leaves go: from the last that begins before the spot to the next.
                    let start = before.iter().rposition(|(spot, _)| *spot <= from);
                    let gone = before.iter().filter(|(spot, _)| map.get(*spot).is_none());
                    for (spot, n) in gone {
                        prop_assert!(n % by == 0 && behind.is_none_or(|b| *spot < b));
                        model.remove(spot);
                    }
                    let at = start.and_then(|at| before.get(at));
                    if let Some((spot, n)) = at {
                        prop_assert_eq!(map.get(*spot).is_none(), n % by == 0);
                    }
                    prop_assert!(behind.is_none_or(|behind| from < behind));
                }
                Deed::Row(shard, from, count) => {
                    for spot in (from..from + count).map(|key| (shard, u128::from(key))) {
                        map.insert(spot, Fat::of(n));
                        model.insert(spot, n);
                    }
                }
                Deed::Below(shard) => {
                    while map.drop_leaf_below(shard) {}
                    model.retain(|spot, _| spot.0 >= shard);
                }
                Deed::Capture => captures.push((map.clone(), list(&map))),
                Deed::Rebuild => {
                    let mut filling = Filling::new();
                    map.iter().for_each(|(spot, value)| filling.push(spot, *value));
                    map = filling.finish();
                }
            }
            check_shape(&map);
        }
        let expected: Vec<(Spot, u16)> = model.iter().map(|(s, n)| (*s, *n)).collect();
        prop_assert_eq!(list(&map), expected);
        for spot in (0..3).flat_map(|shard| (0..1_200).map(move |key| (shard, key))) {
            let nearest = model.range((spot.0, 0)..=spot).next_back();
            let found = map.at_or_before(spot).map(|(key, value)| ((spot.0, key), value.0));
            prop_assert_eq!(found, nearest.map(|(spot, n)| (*spot, *n)));
        }
        // Whatever came after it, a capture is what it was.
        for (capture, then) in &captures {
            prop_assert_eq!(&list(capture), then);
        }
    }
}
