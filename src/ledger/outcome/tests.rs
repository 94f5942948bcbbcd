//! Numbers and codes of outcomes.

use super::*;

#[test]
fn numbers_rise_and_codes_are_unique() {
    let numbers = Outcome::ALL.iter().map(|outcome| outcome.number());
    assert!(numbers.is_sorted_by(|a, b| a < b));
    for outcome in Outcome::ALL {
        let same = Outcome::ALL
            .iter()
            .filter(|o| o.code() == outcome.code())
            .count();
        assert_eq!(same, 1, "{}", outcome.code());
        assert_eq!(Outcome::from_number(outcome.number()), Some(*outcome));
        assert_eq!(outcome.iso_reason().len(), 4);
        let json = serde_json::to_string(outcome).unwrap();
        assert_eq!(serde_json::from_str::<Outcome>(&json).unwrap(), *outcome);
    }
}
