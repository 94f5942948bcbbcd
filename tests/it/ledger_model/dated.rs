//! What the random messages ask of business days, and whether both have come as far.

use quittance::ledger::{Date, Instruction, InstructionId, QueueTerms, Transfer, Until};

use super::Random;
use super::days::Day;
use super::reference::{ASSETS, Reference, Wish};
use super::standing::Change;
use super::wishes::legs;
use crate::ledger_tables::Run;
use crate::ledger_world::World;

/// The first Monday, days since 1970.
const MONDAY: u32 = 20_780;

impl Random {
    /// A bank that is away on some days, mostly ones to come.
    fn away(&mut self) -> Wish {
        let bank = self.pick(&["bank-a", "bank-b", "bank-c", "coop", "bank-t"]);
        let bank = match self.one_in(20) {
            true => self.pick(&["operators", "bank-x"]),
            false => bank,
        };
        let mut days: Vec<i64> = Vec::new();
        for _ in 0..self.pick(&[0, 1, 1, 2, 3]) {
            days.push(self.pick(&[0, 1, 1, 2, 3, 4, 7]));
        }
        if !self.one_in(20) {
            days.sort_unstable();
            days.dedup();
        }
        Wish::Stand(bank, Change::Days(days))
    }

    pub(super) fn dated(&mut self) -> Wish {
        if self.one_in(8) {
            return self.away();
        }
        let count = self.pick(&[1, 1, 1, 2]);
        let legs = (0..count).map(|_| self.own_leg()).collect();
        let how = self.pick(&[0, 0, 1, 2]);
        let day = self.pick(&[-1, 0, 0, 1, 1, 1, 2, 3, 5, 6, 9]);
        let day = (how == 0 || self.one_in(2)).then_some(day);
        Wish::Dated(legs, day, how)
    }
}

/// The date of a day from the first Monday on.
pub(super) fn date(day: i64) -> Date {
    Date::from_days(MONDAY.saturating_add_signed(day.try_into().unwrap()))
}

pub(super) fn instruction(id: InstructionId, wish: &Wish) -> Instruction {
    let Wish::Dated(wished, day, how) = wish else {
        panic!("no wish for a day: {wish:?}")
    };
    let date = day.map(date);
    Instruction::Transfer(Transfer {
        settlement_date: date,
        queue: (*how > 0).then(|| QueueTerms {
            until: (*how == 2).then_some(Until::Cutoff),
            ..QueueTerms::default()
        }),
        ..Transfer::of_legs(id, legs(wished))
    })
}

/// One asset rolls and opens in the evening; the other refuses, and has a holiday on Tuesday. If the month
/// `ends`, the first is closed from Tuesday on until December.
pub(super) fn start(run: &mut Run, reference: &mut Reference, ends: bool) {
    let closed: &[u32] = if ends { &[1, 2, 3, 4, 7] } else { &[] };
    let dates: Vec<String> = closed
        .iter()
        .map(|day| date(i64::from(*day)).to_string())
        .collect();
    let dates = dates.join(",");
    run.table(&format!(
        "operators: calendar USD from=2026-11-23 evening opens=21:00 customers=13:00 policy=roll ahead=6 back=2 closes=20:00 holidays={dates} -> APPLIED
         operators: calendar JPY from=2026-11-23 opens=08:00 customers=12:00 banks=16:00 closes=17:00 holidays=2026-11-24 roll=none ahead=5 -> APPLIED",
    ));
    let day = |times, refuses: bool, holidays: &[u32]| {
        Some(Day {
            date: 0,
            stage: 0,
            busy: false,
            times,
            refuses,
            rolls: !refuses,
            ahead: if refuses { 5 } else { 6 },
            back: if refuses { 0 } else { 2 },
            holidays: holidays.to_vec(),
        })
    };
    reference.days = [
        day([-180, 780, 1_080, 1_200], false, closed),
        day([480, 720, 960, 1_020], true, &[1]),
    ];
}

/// The days are the same dates, and have come as far.
pub(super) fn compare(world: &World, reference: &Reference, context: &dyn Fn() -> String) {
    for (asset, (name, _)) in ASSETS.iter().enumerate() {
        let number = world.book().asset(&name.parse().unwrap()).unwrap().number;
        let calendar = world.book().calendars().of_asset(number);
        let found = calendar.map(|calendar| {
            let day = &calendar.day;
            (day.date.days() - MONDAY, day.phase as usize, day.unfinished)
        });
        let expected = reference.days[asset].as_ref();
        // There the day ahead of the first and the night are one.
        let expected = expected.map(|day| (day.date, day.stage + 1, day.busy));
        assert_eq!(found, expected, "{}", context());
    }
}
