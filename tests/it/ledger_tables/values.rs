//! Value dates as tables: which are taken, who may, by how much balances differ, and what is kept of it.
//! They begin on Monday, 2026-11-23, at 09:30 UTC.

use std::collections::BTreeSet;

use quittance::ledger::{Date, Draft, LegKind, Outcome, Step, print_minor};
use quittance::limits::BACK_VALUE_DAYS_MAX;

use super::{Run, started, words};

/// The lines about value-dated balances: `valued bank-a:usd 2026-11-23 -5.00`, by how much it is above
/// the booked one at the close of that date, or `closed` if that is not kept any more; `differences 3`,
/// how many are kept.
pub(super) fn directive(run: &Run, line: &str, context: &str) {
    let book = run.world.book();
    match line.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["valued", address, date, expected] => {
            let account = book.account(&address.parse().unwrap()).unwrap();
            let scale = book.asset_numbered(account.asset).unwrap().scale;
            let date: Date = date.parse().unwrap();
            let differs = book.value_difference(account, date);
            let found = differs.map(|minor| print_minor(minor, scale));
            let found = found.as_deref().unwrap_or("closed");
            assert_eq!(found, *expected, "{context}");
        }
        ["differences", count] => {
            assert_eq!(book.values().len().to_string(), *count, "{context}");
        }
        other => panic!("{other:?}"),
    }
}

const DATES: &str = "
operators: calendar USD from=2026-11-23 back=5                          -> APPLIED
due DAY_OPENED
// The present date is one too, and changes nothing.
bank-a: pay bank-a:usd bank-b:usd USD 10; value=2026-11-23              -> SETTLED
valued bank-a:usd 2026-11-23 0.00
differences 0
// Before the calendar there was no business date; and later ones are those of `settlement_date`.
bank-a: pay bank-a:usd bank-b:usd USD 1; value=2026-11-20               -> VALUE_DATE_NOT_GOOD leg 0
bank-a: pay bank-a:usd bank-b:usd USD 1; value=2026-11-17               -> VALUE_DATE_TOO_OLD leg 0
bank-a: pay bank-a:usd bank-b:usd USD 1; value=2026-11-24               -> VALUE_DATE_AHEAD leg 0
clock 2026-11-24T08:00:00Z
due CUSTOMER_CUTOFF INTERBANK_CUTOFF DAY_CLOSED NEXT_DATE DAY_OPENED
seal
bank-a: pay bank-a:usd bank-b:usd USD 5; value=2026-11-23               -> SETTLED
balance bank-a:usd 85.00 85.00
valued bank-a:usd 2026-11-23 -5.00
valued bank-b:usd 2026-11-23 5.00
valued bank-a:usd 2026-11-24 0.00
// Who had nothing then may give it all the same: what can be paid is what is booked.
operators: issue bank-c:usd 7                                           -> SETTLED
bank-c/k1+bank-c/k2: pay bank-c:usd bank-b:usd USD 7; value=2026-11-23  -> SETTLED
bank-c/k1+bank-c/k2: pay bank-c:usd bank-b:usd USD 1; value=2026-11-23  -> INSUFFICIENT_FUNDS leg 0
valued bank-c:usd 2026-11-23 -7.00
valued bank-b:usd 2026-11-23 12.00
differences 3
// What comes back with the same value date leaves no difference.
bank-b: pay bank-b:usd bank-c:usd USD 7; value=2026-11-23               -> SETTLED
differences 2
clock 2026-11-26T08:00:00Z
due any
seal
clock 2026-11-26T09:00:00Z
due any
day USD 2026-11-26 open
bank-a: pay bank-a:usd bank-b:usd USD 2; value=2026-11-24               -> SETTLED
valued bank-a:usd 2026-11-23 -5.00
valued bank-a:usd 2026-11-24 -2.00
valued bank-a:usd 2026-11-25 -2.00
valued bank-a:usd 2026-11-26 0.00
clock 2026-11-30T08:00:00Z
due any
day USD 2026-11-30 open
// A weekend has no business date, and rolls to none: nobody asked for another day's interest.
bank-a: pay bank-a:usd bank-b:usd USD 1; value=2026-11-28               -> VALUE_DATE_NOT_GOOD leg 0
bank-a: pay bank-a:usd bank-b:usd USD 1; value=2026-11-25               -> SETTLED
bank-a: pay bank-a:usd bank-b:usd USD 1; value=2026-11-24               -> VALUE_DATE_TOO_OLD leg 0
valued bank-a:usd 2026-11-27 -1.00
";

const WHO: &str = "
bank-b: pay bank-b:jpy bank-a:jpy JPY 1; value=2026-11-23               -> CALENDAR_UNKNOWN leg 0
operators: calendar USD from=2026-11-23 back=5 policy=roll              -> APPLIED
operators: key operators operators/k2                                   -> APPLIED
operators: issue operators:suspense.usd 20                              -> SETTLED
bank-a: #7 grant bank-a:usd to=bank-b total=50                          -> APPLIED
bank-a+bank-b: pay bank-a:usd bank-b:usd USD 1, bank-b:jpy bank-a:jpy JPY 1; value=2026-11-23 -> CALENDAR_UNKNOWN leg 1
clock 2026-11-24T08:00:00Z
due any
seal
// Who pays gives value away, and nobody else does.
bank-b: pay bank-a:usd bank-b:usd USD 1; value=2026-11-23               -> NOT_OWNER leg 0
bank-b: pay bank-a:usd bank-b:usd USD 1; under=#7 value=2026-11-23      -> VALUE_DATE_NOT_TAKEN
bank-a+bank-b: pay bank-a:usd bank-b:usd USD 1; under=#7 value=2026-11-24 -> VALUE_DATE_NOT_TAKEN
// Of the operators' own accounts, which earn nothing, it takes two.
operators: pay operators:suspense.usd bank-b:usd USD 1; value=2026-11-24 -> SETTLED
operators: pay operators:suspense.usd bank-b:usd USD 1; value=2026-11-23 -> FOUR_EYES_NEEDED leg 0
bank-a+operators: pay bank-a:usd bank-b:usd USD 1, operators:suspense.usd bank-b:usd USD 1; value=2026-11-23 -> FOUR_EYES_NEEDED leg 1
operators/k1+operators/k2: pay operators:suspense.usd bank-b:usd USD 1; value=2026-11-23 -> SETTLED
valued operators:suspense.usd 2026-11-23 -1.00
// It is booked now or not at all.
bank-a: pay bank-a:usd bank-b:usd USD 1; queue value=2026-11-24         -> VALUE_DATE_NOT_TAKEN
bank-a: pay bank-a:usd bank-b:usd USD 1; date=2026-11-24 value=2026-11-23 -> VALUE_DATE_NOT_TAKEN
bank-a: pay bank-a:usd bank-b:usd USD 1; date=2026-11-25 value=2026-11-23 -> VALUE_DATE_NOT_TAKEN
bank-a: pay bank-a:usd bank-a:usd JPY 0; value=2026-11-25               -> VALUE_DATE_AHEAD leg 0
bank-a: pay bank-a:usd bank-a:usd JPY 0; value=2026-11-23               -> ASSET_MISMATCH leg 0
bank-a: pay bank-a:usd bank-b:usd USD 1000; value=2026-11-23            -> INSUFFICIENT_FUNDS leg 0
bank-a: pay bank-a:usd bank-b:usd USD 1; by=0 has:bank-a:usd=1000 value=2026-11-25 -> PRECONDITION_FAILED entry 1
bank-a: pay bank-a:usd bank-b:usd USD 1; by=0 value=2026-11-23          -> SETTLED
bank-a+bank-b: pay bank-a:usd bank-b:usd USD 50, bank-b:usd bank-a:usd USD 49; net value=2026-11-23 -> SETTLED
valued bank-a:usd 2026-11-23 -2.00
valued bank-b:usd 2026-11-23 3.00
mark
bank-a atomic {
  pay bank-a:usd bank-b:usd USD 9; value=2026-11-23                     -> MESSAGE_ABORTED
  pay bank-a:usd bank-b:usd USD 1000; value=2026-11-23                  -> INSUFFICIENT_FUNDS leg 0
}
unchanged
valued bank-a:usd 2026-11-23 -2.00
differences 3
clock 2026-11-24T18:10:00Z
bank-a: pay bank-a:usd bank-b:usd USD 1; value=2026-11-23               -> CUTOFF_PASSED
bank-a: pay bank-a:usd bank-b:usd USD 1; net value=2026-11-24           -> CUTOFF_PASSED
";

const WINDOWS: &str = "
operators: calendar USD from=2026-11-23 back=32                         -> CALENDAR_INVALID
operators: calendar USD from=2026-11-23 back=1                          -> APPLIED
// Ahead of the first day, and on it, there is nothing behind.
bank-a: pay bank-a:usd bank-b:usd USD 1; value=2026-11-23               -> SETTLED
clock 2026-11-24T08:00:00Z
bank-a: pay bank-a:usd bank-b:usd USD 2; value=2026-11-23               -> SETTLED
operators: calendar USD from=2026-11-26 back=31                         -> APPLIED
seal
clock 2026-11-25T08:00:00Z
bank-a: pay bank-a:usd bank-b:usd USD 1; value=2026-11-23               -> VALUE_DATE_TOO_OLD leg 0
seal
// A wider window finds what was kept although it lay outside of the narrow one.
clock 2026-11-26T08:00:00Z
bank-a: pay bank-a:usd bank-b:usd USD 4; value=2026-11-23               -> SETTLED
valued bank-a:usd 2026-11-23 -6.00
valued bank-a:usd 2026-11-24 -4.00
valued bank-a:usd 2026-11-25 -4.00
operators: calendar USD from=2026-11-27                                 -> APPLIED
clock 2026-11-27T08:00:00Z
bank-a: pay bank-a:usd bank-b:usd USD 1; value=2026-11-26               -> VALUE_DATE_TOO_OLD leg 0
valued bank-a:usd 2026-11-23 -6.00
differences 6
// A month later it is closed, and forgotten by what comes then.
clock 2026-12-24T08:00:00Z
due any
day USD 2026-12-24 open
valued bank-a:usd 2026-11-23 -6.00
clock 2026-12-25T08:00:00Z
due any
day USD 2026-12-25 open
valued bank-a:usd 2026-11-23 closed
valued bank-a:usd 2026-11-24 -4.00
differences 6
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> SETTLED
differences 4
";

fn reached_by(table: &str) -> BTreeSet<Outcome> {
    let mut run = started();
    run.table(table);
    run.reached
}

/// All outcomes that these tables reach.
pub(super) fn reached() -> BTreeSet<Outcome> {
    let tables = [DATES, WHO, WINDOWS];
    tables.into_iter().flat_map(reached_by).collect()
}

/// LEDGER, what users of other ledgers were hurt by, 16: entries could not be dated back, or lost the
/// date.
#[test]
fn pain_16_a_payment_has_a_value_date_and_booked_balances_stay() {
    reached_by(DATES);
}

#[test]
fn value_is_given_away_by_who_pays_now() {
    reached_by(WHO);
}

#[test]
fn differences_are_kept_for_the_widest_window_and_no_longer() {
    assert_eq!(BACK_VALUE_DAYS_MAX, 31);
    reached_by(WINDOWS);
}

/// The leg says so itself, so that the receiver's receipt proves it; and it goes back as any other.
#[test]
fn the_leg_states_the_date() {
    let mut run = started();
    run.table(
        "operators: calendar USD from=2026-11-23 back=5                  -> APPLIED\n\
         clock 2026-11-24T08:00:00Z\n\
         due any\n\
         seal\n",
    );
    let id = run.world.id();
    let wish = "pay bank-a:usd bank-b:usd USD 2, bank-a:usd bank-c:usd USD 1; value=2026-11-23";
    let wish = words::instruction(id, wish, run.world.now, |_| None);
    let message = run.world.message("bank-a", false, vec![wish]);
    let Step::Applied(applied) = run.world.send(&message) else {
        panic!("refused")
    };
    let date: Date = "2026-11-23".parse().unwrap();
    let legs = applied.drafts.iter().filter_map(|draft| {
        let leg = draft.leg()?;
        Some((leg.kind, draft.value_date()))
    });
    let told = [(LegKind::Valued, Some(date)); 2];
    assert_eq!(legs.collect::<Vec<_>>(), told);
    let stated = "\"value_date\":\"2026-11-23\"";
    assert!(matches!(&applied.drafts[0], Draft::Instruction(i) if i.json.contains(stated)));
    // What goes back is booked and valued today.
    run.table(
        "original paid 2\n\
         bank-b: return paid AC04                                        -> SETTLED\n\
         valued bank-b:usd 2026-11-23 2.00\n\
         valued bank-a:usd 2026-11-23 -3.00\n",
    );
}
