//! Legs that state more than who pays whom.

use chain::Item;

use super::item;
use crate::common::{bytes, list, load};

#[test]
fn legs_of_conversions_say_at_what_and_what_was_rounded_away() {
    let vectors = load("item");
    let mut found = Vec::new();
    for case in list(&vectors, "exchanged") {
        let (made, bytes) = (item(case), bytes(&case["bytes"]));
        assert_eq!(made.to_bytes(), bytes);
        assert_eq!(Item::parse(&bytes).as_ref(), Ok(&made));
        let Item::Leg(leg) = made else {
            panic!("{case}")
        };
        let residue = leg.of_exchange.unwrap().residue;
        let posted = leg.kind.is_posted();
        found.push((
            leg.kind as u8,
            posted,
            residue.numerator(),
            residue.denominator(),
        ));
    }
    assert_eq!(found, [(20, true, 0, 1), (20, true, 3, 4)]);
}

#[test]
fn legs_with_value_dates_say_which() {
    let vectors = load("item");
    let mut found = Vec::new();
    for case in list(&vectors, "valued") {
        let (made, bytes) = (item(case), bytes(&case["bytes"]));
        assert_eq!(made.to_bytes(), bytes);
        assert_eq!(Item::parse(&bytes).as_ref(), Ok(&made));
        let Item::Leg(leg) = made else {
            panic!("{case}")
        };
        assert!(leg.kind.is_posted());
        found.push((leg.kind as u8, leg.amount, leg.value_date));
    }
    // 2026-11-30, and the last date there is.
    let expected = [(26, 125_000, Some(20_787)), (26, 1, Some(157_053))];
    assert_eq!(found, expected);
}
