//! Value dates in the reference: a list of what counts from an earlier day on. The balance of a day is
//! what was booked by its end, and what of the list counted by then and was booked later.

use super::Random;
use super::formed::Told;
use super::reference::{Answer, Reference};
use crate::ledger_world::World;

/// A payment that counts from an earlier day on.
#[derive(Debug, Clone)]
pub(super) struct Valued {
    from: String,
    to: String,
    units: i128,
    counts: i64,
    booked: i64,
}

impl Random {
    /// A value date, once in so many times.
    pub(super) fn value_day(&mut self, times: u64) -> Option<i64> {
        let day = self.pick(&[-3, -1, 0, 0, 0, 0, 0, 1, 1, 2]);
        self.one_in(times).then_some(day)
    }
}

impl Reference {
    /// Whether the value date that is asked for may be.
    pub(super) fn may_value(
        &self,
        signers: &[&'static str],
        told: &Told,
        value: i64,
        waits: bool,
    ) -> Answer {
        if told.under.is_some() {
            return Err("VALUE_DATE_NOT_TAKEN");
        }
        if waits {
            return Err("CUTOFF_PASSED");
        }
        for leg in &told.legs {
            let day = self.days[self.accounts[&leg.debit].asset].as_ref();
            let day = day.ok_or("CALENDAR_UNKNOWN")?;
            let present = i64::from(day.date);
            if value > present {
                return Err("VALUE_DATE_AHEAD");
            }
            if value < present - day.back {
                return Err("VALUE_DATE_TOO_OLD");
            }
            if value < 0 || !day.was_good(value) {
                return Err("VALUE_DATE_NOT_GOOD");
            }
            let operators = self.accounts[&leg.debit].owner == "operators";
            if operators && value < present && !signers.contains(&"operators/k2") {
                return Err("FOUR_EYES_NEEDED");
            }
        }
        Ok(())
    }

    /// Notes a payment of now with its value date.
    pub(super) fn value(&mut self, value: Option<i64>, (from, to): (&str, &str), units: i128) {
        let day = self.days[self.accounts[from].asset].as_ref();
        if let (Some(counts), Some(day)) = (value, day) {
            self.values.push(Valued {
                from: from.into(),
                to: to.into(),
                units,
                counts,
                booked: i64::from(day.date),
            });
        }
    }
}

/// By how much balances differ is what the list says.
pub(super) fn compare(world: &World, reference: &Reference, context: &dyn Fn() -> String) {
    let mut kept = 0;
    for (address, account) in &reference.accounts {
        let Some(present) = reference.days[account.asset].as_ref().map(|day| day.date) else {
            continue;
        };
        for day in 0..=i64::from(present) {
            let counts = |one: &&Valued| one.counts <= day && day < one.booked;
            let list = reference.values.iter().filter(counts);
            let expected: i128 = list
                .map(|one| match () {
                    () if one.from == *address => -one.units,
                    () if one.to == *address => one.units,
                    () => 0,
                })
                .sum();
            let found = world.book().account(&address.parse().unwrap()).unwrap();
            let found = world
                .book()
                .value_difference(found, super::dated::date(day));
            assert_eq!(found, Some(expected), "{address} on {day}: {}", context());
            kept += usize::from(expected != 0);
        }
    }
    assert_eq!(world.book().values().len(), kept, "{}", context());
}
