//! What is due for a month: of whom, when, what becomes of who cannot pay, and that each month is
//! charged once, whatever comes between.

use std::collections::BTreeSet;
use std::fmt::Write;

use quittance::assets::modules;
use quittance::ledger::{
    Applied, Draft, LegKind, Message, Outcome, State, Step, apply, outcomes, print_minor,
};

use super::charged;
use crate::ledger_tables::Run;

const MONTHS: &str = "
operators: calendar USD from=2026-11-24                                 -> APPLIED
operators: fees USD operators:fee tax=operators:tax/2000 [kind=customer flat=1] [kind=settlement owner=bank-a flat=5.13] -> APPLIED
clock 2026-11-27T19:00:00Z
due any
balance operators:fee 0.00 0.00
seal
clock 2026-11-30T18:29:59Z
due any
balance operators:fee 0.00 0.00
// The last business date of November: of bank-a:usd 5.13 and 1.03, of alice 1.00 and 0.20.
clock 2026-11-30T18:30:00Z
due DAY_CLOSED FEES_CHARGED SETTLED SETTLED FEE_OWED NEXT_DATE
day USD 2026-12-01 night
range USD 2026-11-30 sealed
balance bank-a:usd 93.84 93.84
balance bank-a:alice 98.80 98.80
balance bank-b:shop 0.00 0.00
balance bank-b:usd 100.00 100.00
balance operators:fee 6.13 6.13
balance operators:tax 1.23 1.23
seal
// Nothing more before the last business date of December. What was owed is not asked for again.
operators: issue bank-b:shop 2                                          -> SETTLED
clock 2026-12-31T18:29:59Z
due any
balance operators:fee 6.13 6.13
balance bank-b:shop 2.00 2.00
seal
clock 2026-12-31T18:40:00Z
due any
balance bank-b:shop 0.80 0.80
balance operators:fee 13.26 13.26
";

const WHOSE: &str = "
operators: calendar USD from=2026-11-24                                 -> APPLIED
operators: fees USD operators:fee [owner=bank-c flat=0] [flat=2]        -> APPLIED
// Of bank-c nothing is due, by the first rule that is for it. Of accounts opened within the month, all.
clock 2026-11-30T12:00:00Z
bank-a: open bank-a:late bank-a customer USD                            -> APPLIED
bank-a: open bank-a:gone bank-a customer USD                            -> APPLIED
bank-a: open bank-a:cold bank-a customer USD                            -> APPLIED
bank-a: open bank-a:kept bank-a customer USD                            -> APPLIED
bank-a: open bank-a:keen bank-a customer USD                            -> APPLIED
bank-b: open bank-b:held bank-b customer USD                            -> APPLIED
operators {
  issue bank-a:late 10                                                  -> SETTLED
  issue bank-a:cold 10                                                  -> SETTLED
  issue bank-a:kept 10                                                  -> SETTLED
  issue bank-a:keen 10                                                  -> SETTLED
  issue bank-b:held 10                                                  -> SETTLED
  close bank-a:gone                                                     -> APPLIED
  freeze bank-a:cold case-1 no_debit                                    -> APPLIED
  freeze bank-a:kept case-2 amount 9                                    -> APPLIED
}
bank-b: #9 reserve bank-b:held bank-a:usd USD 9                         -> RESERVED
bank-a: #8 pay bank-a:keen bank-b:usd USD 11; queue priority=urgent             -> QUEUED
bank-a: earmark bank-a:keen urgent=9                                    -> APPLIED
clock 2026-11-30T18:40:00Z
due any
balance bank-a:usd 98.00 98.00
balance bank-b:usd 98.00 98.00
balance bank-c:usd 0.00 0.00
balance bank-a:alice 98.00 98.00
balance bank-a:late 8.00 8.00
balance bank-a:gone 0.00 0.00
// A freeze, what it keeps and what a hold reserves come first: it is owed.
balance bank-a:cold 10.00 10.00
balance bank-a:kept 10.00 1.00
balance bank-b:held 10.00 1.00
// What waits urgently does not, nor what its owner reserves for such: nobody escapes it so.
balance bank-a:keen 8.00 8.00
reserved bank-a:keen 7.00 0.00
balance operators:fee 10.00 10.00
";

const BANKS: &str = "
operators: calendar USD from=2026-11-24                                 -> APPLIED
operators: fees USD operators:fee [flat=2]                              -> APPLIED
operators: suspend bank-b                                               -> APPLIED
clock 2026-11-30T18:40:00Z
due any
// Who is suspended pays nothing new: it owes it.
balance bank-b:usd 100.00 100.00
balance bank-a:usd 98.00 98.00
balance operators:fee 4.00 4.00
";

const ASSETS: &str = "
operators: calendar USD from=2026-11-24                                 -> APPLIED
operators: fees USD operators:fee [flat=2]                              -> APPLIED
operators: status USD suspended                                         -> APPLIED
clock 2026-11-30T18:40:00Z
due any
balance bank-a:usd 100.00 100.00
operators: status USD retired                                           -> APPLIED
seal
clock 2026-12-31T18:30:00Z
due any
clock 2027-01-01T18:30:00Z
due any
balance operators:fee 0.00 0.00
";

const CHANGED: &str = "
operators: calendar USD from=2026-11-24                                 -> APPLIED
operators: fees USD operators:fee [kind=customer flat=2]                -> APPLIED
clock 2026-11-30T18:29:00Z
due any
// What is in force at the close decides, for the whole month.
operators: fees USD operators:fee [kind=customer flat=3]                -> APPLIED
clock 2026-11-30T18:40:00Z
due any
balance bank-a:alice 97.00 97.00
operators: fees USD -                                                   -> APPLIED
seal
clock 2027-02-01T08:00:00Z
due any
balance bank-a:alice 97.00 97.00
";

const SLEEP: &str = "
operators: calendar USD from=2026-11-24                                 -> APPLIED
operators: fees USD operators:fee [kind=customer flat=2]                -> APPLIED
// Nobody asked for four months: November, December, January and February are charged once each.
clock 2027-03-05T08:00:00Z
due any
balance bank-a:alice 92.00 92.00
balance operators:fee 8.00 8.00
";

const MOVED: &str = "
operators: calendar USD from=2026-11-24                                 -> APPLIED
operators: fees USD operators:fee [kind=customer flat=2]                -> APPLIED
clock 2026-11-27T19:00:00Z
due any
// On Friday evening Monday, the last of the month, becomes a holiday: November is charged with the
// first date behind it, and once.
operators: calendar USD from=2026-11-30 holidays=2026-11-30             -> APPLIED
day USD 2026-12-01 night
seal
clock 2026-12-01T18:40:00Z
due any
balance bank-a:alice 98.00 98.00
seal
clock 2026-12-30T18:40:00Z
due any
balance bank-a:alice 98.00 98.00
seal
clock 2026-12-31T18:40:00Z
due any
balance bank-a:alice 96.00 96.00
";

const LATE: &str = "
operators: calendar USD from=2026-11-24                                 -> APPLIED
operators: fees USD operators:fee [kind=customer flat=2]                -> APPLIED
clock 2026-11-27T19:00:00Z
due any
// All that is left of November, and December but its last date, become holidays: both months are over
// with that date.
operators: calendar USD from=2026-11-30 holidays=2026-11-30,2026-12-01,2026-12-02,2026-12-03,2026-12-04,2026-12-07,2026-12-08,2026-12-09,2026-12-10,2026-12-11,2026-12-14,2026-12-15,2026-12-16,2026-12-17,2026-12-18,2026-12-21,2026-12-22,2026-12-23,2026-12-24,2026-12-25,2026-12-28,2026-12-29,2026-12-30 -> APPLIED
day USD 2026-12-31 night
seal
clock 2026-12-31T18:29:59Z
due any
balance bank-a:alice 100.00 100.00
clock 2026-12-31T18:30:00Z
due DAY_CLOSED FEES_CHARGED SETTLED FEE_OWED FEES_CHARGED SETTLED FEE_OWED NEXT_DATE
balance bank-a:alice 96.00 96.00
";

const REFUSED: &str = "
ladder
operators: fees USD operators:nobody [owner=bank-x kind=fee flat=0.001] -> ACCOUNT_UNKNOWN
operators: fees XXX operators:yen [owner=bank-x kind=fee flat=0.001]    -> ASSET_UNKNOWN
operators: fees USD operators:yen [owner=bank-x kind=fee flat=0.001]    -> ASSET_MISMATCH
operators: fees USD operators:fee [owner=bank-x kind=fee flat=0.001]    -> PRECISION_EXCEEDED
operators: fees USD operators:fee [owner=bank-x kind=fee flat=7922816251426433759354395033] -> AMOUNT_TOO_LARGE
operators: fees USD operators:fee [owner=bank-x kind=fee flat=1]        -> PARTICIPANT_UNKNOWN
operators: fees USD operators:fee [owner=bank-a kind=fee flat=1]        -> ACCOUNT_KIND_NOT_ALLOWED
operators: fees USD -                                                   -> NO_CHANGE
operators: fees USD operators:fee [owner=bank-a kind=customer flat=1]   -> CALENDAR_UNKNOWN
end
operators: calendar USD from=2026-11-24                                 -> APPLIED
operators: fees USD - [owner=bank-a kind=customer flat=1]               -> FEES_INVALID
operators: fees USD operators:fee [owner=bank-a kind=customer flat=1]   -> APPLIED entry 1
operators: close operators:fee                                          -> FEE_ACCOUNT_IN_USE
// Payments are not charged by it, and batches are what they were.
bank-a: pay bank-a:usd bank-b:usd USD 100                               -> SETTLED
operators: fees USD -                                                   -> APPLIED entry 2
operators: close operators:fee                                          -> APPLIED
";

pub(super) fn reached() -> BTreeSet<Outcome> {
    let mut reached = BTreeSet::new();
    for table in [MONTHS, REFUSED] {
        reached.extend(run(table).reached);
    }
    reached
}

fn run(table: &str) -> Run {
    let mut run = charged();
    run.table(table);
    run
}

#[test]
fn a_month_is_charged_at_the_end_of_its_last_business_date() {
    run(MONTHS);
}

#[test]
fn who_cannot_pay_owes_it_and_nobody_waits() {
    run(WHOSE);
    run(BANKS);
    run(ASSETS);
}

#[test]
fn what_is_in_force_at_the_close_decides_for_the_whole_month() {
    run(CHANGED);
}

#[test]
fn a_node_that_slept_for_months_charges_each_once() {
    run(SLEEP);
}

#[test]
fn a_month_whose_last_date_becomes_a_holiday_is_charged_with_the_next_date() {
    run(MOVED);
    run(LATE);
}

#[test]
fn what_is_due_for_months_is_refused_when_it_is_set() {
    run(REFUSED);
}

/// Money to test with never becomes the operators'.
#[test]
fn who_is_being_prepared_or_in_test_is_not_charged() {
    let mut run = charged();
    run.table(
        "operators: participant bank-t bank 1 bank-t/k1 state=onboarding -> APPLIED\n\
         operators: open bank-t:usd bank-t settlement USD               -> APPLIED\n\
         operators: admit bank-t test                                   -> APPLIED\n\
         operators: issue bank-t:usd 10                                 -> SETTLED\n\
         operators: calendar USD from=2026-11-24                        -> APPLIED\n\
         operators: fees USD operators:fee [owner=bank-t flat=2]        -> APPLIED\n\
         clock 2026-11-30T18:40:00Z\n\
         due any\n\
         day USD 2026-12-01 night\n\
         balance bank-t:usd 10.00 10.00\n",
    );
}

/// A counter that is full holds nobody up.
#[test]
fn where_there_is_no_room_for_a_fee_it_is_owed() {
    let mut run = charged();
    let issued = 2u128.pow(96) - 1 - issued(&run);
    let issued = print_minor(i128::try_from(issued).unwrap(), 2);
    let mut table = format!("operators: issue operators:fee {issued} -> SETTLED\n");
    // Whatever goes round counts.
    for _ in 0..3 {
        table.push_str(
            "bank-a: pay bank-a:usd operators:fee USD 99 -> SETTLED\n\
             operators: pay operators:fee bank-a:usd USD 99 -> SETTLED\n",
        );
    }
    table.push_str(
        "bank-a: pay bank-a:usd operators:fee USD 2.50 -> SETTLED\n\
         operators: calendar USD from=2026-11-24 -> APPLIED\n\
         operators: fees USD operators:fee [owner=bank-a kind=customer flat=0.40] [flat=0.30] -> APPLIED\n\
         clock 2026-11-30T18:40:00Z\n\
         due any\n\
         day USD 2026-12-01 night\n",
    );
    run.table(&table);
    let fee = run.world.book().account(&"operators:fee".parse().unwrap());
    let room = 2u128.pow(96) - 1 - fee.unwrap().counters.credits_posted;
    // 0.50 were left: room for one of 0.30, and not for the others.
    assert_eq!(room, 20);
    run.table("balance bank-a:usd 97.20 97.20\nbalance bank-b:usd 100.00 100.00\n");
}

fn issued(run: &Run) -> u128 {
    let book = run.world.book();
    let usd = book.asset(&"USD".parse().unwrap()).unwrap();
    let issuance = book.account_numbered(usd.issuance).unwrap();
    issuance.counters.debits_posted
}

/// Everything that is due, with a word whether the state is written and read back after each step.
fn due(state: &mut State, now: u64, interrupted: bool) -> Vec<Applied> {
    let mut done = Vec::new();
    while let Step::Due(applied) = apply(state, now, &Message::of_tick(), &modules()) {
        done.push(applied);
        if interrupted {
            *state = State::from_snapshot(&state.to_snapshot()).unwrap();
        }
    }
    done
}

fn kinds(applied: &Applied) -> [usize; 3] {
    [LegKind::PeriodFee, LegKind::PeriodTax, LegKind::Owed].map(|kind| {
        let legs = applied.drafts.iter().filter_map(Draft::leg);
        legs.filter(|leg| leg.kind == kind).count()
    })
}

/// LEDGER, what users of other ledgers were hurt by, 23: a job at the end of the day that was
/// interrupted left accounts locked. More accounts than an entry has room for are charged in several,
/// by a state that lives on and by one that is stopped and started between any two entries.
#[test]
fn pain_23_charges_of_many_accounts_take_several_entries_and_go_on_where_they_ended() {
    const ACCOUNTS: usize = 5_000;
    let mut run = charged();
    run.world.fast = true;
    run.table(
        "operators: calendar USD from=2026-11-24 -> APPLIED\n\
         operators: fees USD operators:fee tax=operators:tax/2000 [kind=customer owner=bank-c flat=0.01] -> APPLIED\n",
    );
    for n in 0..ACCOUNTS {
        let mut table = String::new();
        writeln!(
            table,
            "operators: open bank-c:{n} bank-c customer USD -> APPLIED"
        )
        .unwrap();
        // Every third has nothing.
        if n % 3 > 0 {
            writeln!(table, "operators: issue bank-c:{n} 1 -> SETTLED").unwrap();
        }
        run.table(&table);
    }
    run.table("clock 2026-11-30T18:40:00Z\n");
    let now = run.world.now;
    let (mut whole, mut cut) = (run.world.state.clone(), run.world.state.clone());
    let (once, again) = (due(&mut whole, now, false), due(&mut cut, now, true));
    assert_eq!(once, again);
    assert!(whole.to_snapshot() == cut.to_snapshot());
    let charging: Vec<[usize; 3]> = once.iter().map(kinds).filter(|n| *n != [0; 3]).collect();
    // 4,094 accounts an entry: as many as there would be room for if all could pay. Of 0.01 the tax is
    // 0.002, which rounds to nothing and stands there all the same.
    assert_eq!(charging, [[2_729, 2_729, 1_365], [604, 604, 302]]);
    assert!(due(&mut cut, now, true).is_empty());
    let rows = once.iter().flat_map(|applied| outcomes(&applied.drafts));
    let events: Vec<Outcome> = rows
        .map(|row| row.outcome)
        .filter(|outcome| outcome.is_notice())
        .collect();
    let end = [
        Outcome::DayClosed,
        Outcome::FeesCharged,
        Outcome::FeesCharged,
        Outcome::NextDate,
    ];
    assert_eq!(events[events.len() - 4..], end);
    // Each account once: nobody paid twice.
    let book = cut.book();
    for n in 0..ACCOUNTS {
        let account = book.account(&format!("bank-c:{n}").parse().unwrap());
        let paid = account.unwrap().counters.debits_posted;
        assert_eq!(paid, u128::from(n % 3 > 0), "{n}");
    }
}

#[test]
fn what_stands_behind_a_close_is_of_the_next_date_from_the_start() {
    let mut run = charged();
    run.table(
        "operators: calendar USD from=2026-11-24 -> APPLIED\n\
         operators: fees USD operators:fee [kind=customer flat=0.01] -> APPLIED\n\
         clock 2026-11-30T18:40:00Z\n",
    );
    let mut state = run.world.state.clone();
    let date_of = |state: &State, index| {
        let usd = state.book().asset(&"USD".parse().unwrap()).unwrap().number;
        let calendar = state.book().calendars().of_asset(usd).unwrap();
        calendar.date_of(index).unwrap().to_string()
    };
    let mut told = Vec::new();
    while let Step::Due(applied) = apply(&mut state, run.world.now, &Message::of_tick(), &modules())
    {
        told.push((applied.index, date_of(&state, applied.index)));
    }
    let behind = told.iter().filter(|(_, date)| date == "2026-12-01");
    assert_eq!(
        behind.count(),
        2,
        "what is charged, and the next date: {told:?}"
    );
    for (index, date) in told {
        assert_eq!(date_of(&state, index), date, "{index}");
    }
}
