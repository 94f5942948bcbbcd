//! Legs that state more than who pays whom.

use super::legs_of;

#[test]
fn legs_of_conversions_say_at_what_and_what_was_rounded_away() {
    let mut found = Vec::new();
    for leg in legs_of("exchanged") {
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
fn fees_are_legs_that_may_come_to_nothing() {
    let mut found = Vec::new();
    for leg in legs_of("charged") {
        assert!(leg.kind.is_posted());
        found.push((leg.kind as u8, leg.leg, leg.amount));
    }
    assert_eq!(found, [(21, 1, 25), (22, 1, 6), (21, 1, 0)]);
}

#[test]
fn what_is_due_for_a_month_says_which() {
    let mut found = Vec::new();
    for leg in legs_of("monthly") {
        found.push((leg.kind as u8, leg.kind.is_posted(), leg.amount, leg.month));
    }
    let expected = [
        (23, true, 250, Some(202_611)),
        (24, true, 50, Some(202_611)),
        (25, false, 300, Some(202_612)),
    ];
    assert_eq!(found, expected);
}

#[test]
fn legs_with_value_dates_say_which() {
    let mut found = Vec::new();
    for leg in legs_of("valued") {
        assert!(leg.kind.is_posted());
        found.push((leg.kind as u8, leg.amount, leg.value_date));
    }
    // 2026-11-30, and the last date there is.
    let expected = [(26, 125_000, Some(20_787)), (26, 1, Some(157_053))];
    assert_eq!(found, expected);
}
