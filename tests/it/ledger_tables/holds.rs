//! Holds as tables: reserve, capture, void, expiry, and every outcome in order of precedence.

use std::collections::BTreeSet;

use quittance::ledger::Outcome;
use quittance::limits::{HOLDS_ENDED_LEGS_MIN, LEGS_MAX};

use super::{Run, started};

const RESERVED_AND_BACK: &str = "
bank-a: #1 reserve bank-a:usd bank-b:usd USD 40.00                      -> RESERVED
balance bank-a:usd 100.00 60.00
balance bank-b:usd 0.00 0.00
pending bank-a:usd 40.00 0.00
pending bank-b:usd 0.00 40.00
bank-a: pay bank-a:usd bank-c:usd USD 60.01                             -> INSUFFICIENT_FUNDS leg 0
bank-a: reserve bank-a:usd bank-c:usd USD 60.01                         -> INSUFFICIENT_FUNDS leg 0
// The rest of a single capture is given back.
bank-b: capture #1 25.00                                                -> SETTLED
balance bank-a:usd 75.00 75.00
balance bank-b:usd 25.00 25.00
pending bank-a:usd 0.00 0.00
pending bank-b:usd 0.00 0.00
bank-b: capture #1 1.00                                                 -> HOLD_ALREADY_CAPTURED entry last
bank-a: void #1                                                         -> HOLD_ALREADY_CAPTURED
// A void by the payer; twice has no effect.
bank-a: #2 reserve bank-a:usd bank-b:usd USD 75                         -> RESERVED
bank-a: void #2                                                         -> VOIDED
bank-a: void #2                                                         -> HOLD_ALREADY_VOIDED entry last
bank-b: capture #2                                                      -> HOLD_ALREADY_VOIDED
balance bank-a:usd 75.00 75.00
operators: close bank-b:usd                                             -> ACCOUNT_NOT_EMPTY
";

/// The guide's section on funds in two steps, as it stands there.
const FUNDS: &str = "
// Out: reserved towards the operators when the payment order leaves, and the bank cannot take it back.
bank-a: #1 reserve bank-a:usd operators:suspense.usd USD 40; guaranteed -> RESERVED
balance bank-a:usd 100.00 60.00
bank-a: void #1                                                         -> NOT_OWNER leg 0
// The settlement bank has paid: booked, and out of circulation, in one message.
operators atomic {
  capture #1                                                            -> SETTLED
  redeem operators:suspense.usd 40                                      -> SETTLED
}
balance bank-a:usd 60.00 60.00
balance operators:suspense.usd 0.00 0.00
balance operators:issuance.USD -60.00 -60.00
operators: capture #1                                                   -> HOLD_ALREADY_CAPTURED
// Or it has not: all of it is back.
bank-a: #2 reserve bank-a:usd operators:suspense.usd USD 10; guaranteed -> RESERVED
operators: void #2                                                      -> VOIDED
balance bank-a:usd 60.00 60.00
// In: announced, seen by the bank, and not to be spent.
operators: #3 reserve operators:suspense.usd bank-a:usd USD 25          -> RESERVED
pending bank-a:usd 0.00 25.00
bank-a: pay bank-a:usd bank-b:usd USD 60.01                             -> INSUFFICIENT_FUNDS leg 0
operators atomic {
  issue operators:suspense.usd 25                                       -> SETTLED
  capture #3                                                            -> SETTLED
}
balance bank-a:usd 85.00 85.00
balance operators:suspense.usd 0.00 0.00
balance operators:issuance.USD -85.00 -85.00
// The same announcement is booked once; one that does not come is voided, or expires.
operators atomic {
  issue operators:suspense.usd 25                                       -> MESSAGE_ABORTED
  capture #3                                                            -> HOLD_ALREADY_CAPTURED
}
operators: #4 reserve operators:suspense.usd bank-a:usd USD 5; for=1000 -> RESERVED
later 1000
tick 1
balance bank-a:usd 85.00 85.00
pending bank-a:usd 0.00 0.00
";

const IN_PARTS: &str = "
bank-a: #1 reserve bank-a:usd bank-b:usd USD 40.00; multi over=1500      -> RESERVED
bank-b: capture #1 10.00                                                -> SETTLED
pending bank-a:usd 30.00 0.00
bank-a: capture #1 10.00 more                                           -> SETTLED
balance bank-a:usd 80.00 60.00
// 15 % above 40.00 is 46.00 together.
bank-b: capture #1 26.01                                                -> CAPTURE_EXCEEDS_RESERVED leg 0
bank-b: capture #1 26.00                                                -> SETTLED
balance bank-a:usd 54.00 54.00
pending bank-b:usd 0.00 0.00
bank-b: capture #1 0.01                                                 -> HOLD_ALREADY_CAPTURED entry last
// What is above must be available.
bank-a: #2 reserve bank-a:usd bank-b:usd USD 50.00; over=10000           -> RESERVED
bank-b: capture #2 54.01                                                -> INSUFFICIENT_FUNDS leg 0
bank-b: capture #2 54.00                                                -> SETTLED
balance bank-a:usd 0.00 0.00
// The last of several captures gives back what is left.
operators: issue bank-a:usd 10.00                                       -> SETTLED
bank-a: #3 reserve bank-a:usd bank-b:usd USD 10.00; multi                -> RESERVED
bank-b: capture #3 1.00                                                 -> SETTLED
bank-b: capture #3 1.00 final                                           -> SETTLED
balance bank-a:usd 8.00 8.00
bank-a: #4 reserve bank-a:usd bank-b:usd USD 8.00; multi                 -> RESERVED
bank-b: capture #4                                                      -> SETTLED
balance bank-a:usd 0.00 0.00
bank-b: capture #4                                                      -> HOLD_ALREADY_CAPTURED entry last
";

const AS_ONE: &str = "
mark
bank-a+bank-b: reserve bank-a:usd bank-b:usd USD 60, bank-b:usd bank-c:usd USD 60 -> INSUFFICIENT_FUNDS leg 1
unchanged
bank-a+bank-b: #1 reserve bank-a:usd bank-b:usd USD 60, bank-b:jpy bank-a:jpy JPY 5000 -> RESERVED
pending bank-a:jpy 0 5000
bank-a: capture #1                                                      -> SETTLED
balance bank-a:jpy 5000 5000
balance bank-b:usd 60.00 60.00
bank-a+bank-b: #2 reserve bank-a:usd bank-b:usd USD 40, bank-a:jpy bank-b:jpy JPY 5000 -> RESERVED
bank-b: capture #2 1                                                    -> HOLD_HAS_LEGS
bank-c/k1+bank-c/k2: capture #2                                         -> HOLD_UNKNOWN
bank-b: void #2                                                         -> VOIDED
balance bank-a:jpy 5000 5000
// A party of one leg alone is none of the whole.
bank-a+bank-b: #3 reserve bank-a:usd bank-b:usd USD 1, bank-b:usd bank-c:usd USD 1 -> RESERVED
bank-a: capture #3                                                      -> NOT_OWNER leg 1
bank-c/k1+bank-c/k2: void #3                                            -> NOT_OWNER leg 0
bank-b: capture #3                                                      -> SETTLED
// Bulk: each item has its own result.
bank-a {
  #4 reserve bank-a:usd bank-b:usd USD 1                                -> RESERVED
  #5 reserve bank-a:usd bank-c:usd USD 2                                -> RESERVED
  capture #4                                                            -> SETTLED
  capture #4                                                            -> HOLD_ALREADY_CAPTURED
  void #5                                                               -> VOIDED
  void #6                                                               -> HOLD_UNKNOWN
}
mark
bank-a atomic {
  #7 reserve bank-a:usd bank-b:usd USD 1                                -> MESSAGE_ABORTED
  capture #7                                                            -> MESSAGE_ABORTED
  capture #7                                                            -> HOLD_ALREADY_CAPTURED
}
unchanged
bank-a: capture #7                                                      -> HOLD_UNKNOWN
";

const WHO: &str = "
bank-a: #1 reserve bank-a:usd bank-b:usd USD 1; guaranteed               -> RESERVED
bank-a: void #1                                                         -> NOT_OWNER leg 0
bank-c/k1+bank-c/k2: void #1                                            -> HOLD_UNKNOWN
bank-b: void #1                                                         -> VOIDED
bank-a: #2 reserve bank-a:usd bank-b:usd USD 1; guaranteed               -> RESERVED
operators: capture #2                                                   -> NOT_OWNER leg 0
operators: void #2                                                      -> VOIDED
bank-a: #3 reserve bank-a:usd bank-b:usd USD 1                           -> RESERVED
// A hold's id is nobody else's.
bank-b: #3 reserve bank-b:usd bank-a:usd USD 1                           -> INSUFFICIENT_FUNDS leg 0
bank-b: #3 pay bank-b:jpy bank-a:jpy JPY 1                              -> ID_ALREADY_USED entry last
operators: issue bank-c:usd 5                                           -> SETTLED
bank-c/k1+bank-c/k2: #3 reserve bank-c:usd bank-a:usd USD 1              -> HOLD_EXISTS
";

const IN_ITS_TIME: &str = "
bank-a {
  #1 reserve bank-a:usd bank-b:usd USD 60; for=5000                      -> RESERVED
  #2 reserve bank-a:usd bank-c:usd USD 20; for=3000                      -> RESERVED
  #3 reserve bank-a:usd bank-c:usd USD 20                                -> RESERVED
}
tick 0
later 2990
bank-b: capture #2                                                      -> HOLD_UNKNOWN
later 20
// The funds of the one that expired are there for the very message that comes next.
bank-a: pay bank-a:usd bank-b:usd USD 20                                -> SETTLED
bank-c/k1+bank-c/k2: capture #2                                         -> HOLD_EXPIRED
bank-a: void #2                                                         -> HOLD_EXPIRED
balance bank-a:usd 80.00 0.00
later 5000
tick 1
tick 0
balance bank-a:usd 80.00 60.00
bank-b: capture #1 1                                                    -> HOLD_EXPIRED
// What has no time stays; what has ended is forgotten when ids are.
later 3700000
tick 0
bank-b: void #1                                                         -> HOLD_UNKNOWN
bank-a: void #3                                                         -> VOIDED
balance bank-a:usd 80.00 80.00
";

/// Outcomes that the tables of this page reach.
pub(super) fn reached() -> BTreeSet<Outcome> {
    let mut reached = BTreeSet::new();
    for table in [RESERVED_AND_BACK, IN_PARTS, AS_ONE, WHO, IN_ITS_TIME] {
        let mut run = started();
        run.table(table);
        reached.extend(run.reached);
    }
    reached.extend(too_many().reached);
    reached.extend(precedence().reached);
    reached
}

/// LEDGER F17: funds in and out in two steps need no rule of their own.
#[test]
fn funds_in_and_out_in_two_steps_are_holds_with_the_operators() {
    started().table(FUNDS);
}

#[test]
fn what_is_reserved_is_not_available_and_comes_back() {
    started().table(RESERVED_AND_BACK);
}

#[test]
fn captures_in_parts_and_above_what_is_reserved() {
    started().table(IN_PARTS);
}

#[test]
fn a_settlement_of_many_legs_is_reserved_and_captured_as_one() {
    started().table(AS_ONE);
}

#[test]
fn who_may_void_and_capture() {
    started().table(WHO);
}

#[test]
fn a_hold_expires_in_the_log_before_whatever_comes_at_its_time() {
    started().table(IN_ITS_TIME);
}

#[test]
fn many_holds_that_fall_due_at_once_expire_soonest_first() {
    let mut run = started();
    let mut message = String::from("bank-a {\n");
    for n in 0..300 {
        let after = 10_000 - (n * 7) % 1_000;
        message +=
            &format!("#{n} reserve bank-a:usd bank-b:usd USD 0.01; for={after} -> RESERVED\n");
    }
    run.table(&(message + "}\nlater 20000\ntick 300\nbalance bank-a:usd 100.00 100.00\n"));
    assert_eq!(run.world.book().hold_legs_open_of(1), 0);
    let due = run.world.expired.clone();
    let expires = |id| {
        let floor = run.world.state.window().floor();
        run.world.book().hold(id, floor).unwrap().terms.expires
    };
    assert!(due.is_sorted_by_key(|id| (expires(*id), *id)));
}

/// The bounds on how many there are.
pub(super) fn too_many() -> Run {
    let mut run = started();
    run.table(
        "
operators: parameter holds_max 2                                        -> APPLIED
bank-a: #1 reserve bank-a:usd bank-b:usd USD 1                           -> RESERVED
bank-a: reserve bank-a:usd bank-b:usd USD 1                              -> RESERVED
bank-a: reserve bank-a:usd bank-b:usd USD 1                              -> HOLDS_TOO_MANY
bank-b: void #1                                                         -> VOIDED
// Each leg counts.
bank-a: reserve bank-a:usd bank-b:usd USD 1, bank-a:usd bank-b:usd USD 1 -> HOLDS_TOO_MANY
bank-a: reserve bank-a:usd bank-b:usd USD 1                              -> RESERVED
operators: parameter holds_max 1000001                                  -> PARAMETER_OUT_OF_RANGE
operators: parameter holds_max 0                                        -> APPLIED
bank-a: reserve bank-a:usd bank-b:usd USD 1                              -> RESERVED
",
    );
    // Holds of many legs are made by small messages, and are too much for one entry together.
    let legs = vec!["bank-a:usd bank-b:usd USD 0.01"; 256].join(", ");
    let mut captures = String::from("bank-b {\n");
    for n in 10..42 {
        run.table(&format!("bank-a: #{n} reserve {legs} -> RESERVED"));
        // What stands behind must have room too, whatever becomes of it.
        let outcome = if n < 41 { "SETTLED" } else { "ENTRY_FULL" };
        captures += &format!("capture #{n} -> {outcome}\n");
    }
    let pay = vec!["bank-b:usd bank-a:usd USD 0.01"; 221].join(", ");
    captures += &format!("pay {pay} -> SETTLED\n");
    run.table(&(captures + "}\nbank-b: capture #41 -> SETTLED"));
    run
}

#[test]
fn holds_and_the_items_of_an_entry_are_bounded() {
    too_many();
}

#[test]
fn of_holds_that_ended_the_newest_are_known() {
    let mut run = started();
    run.world.fast = true;
    run.table("operators: parameter holds_max 1000 -> APPLIED");
    let legs = vec!["bank-a:usd bank-b:usd USD 0.01"; LEGS_MAX].join(", ");
    // As many as are known, and one leg more.
    let known = usize::try_from(HOLDS_ENDED_LEGS_MIN).unwrap() / LEGS_MAX;
    for n in 0..known {
        run.table(&format!("bank-a: #{n} reserve {legs} -> RESERVED"));
        run.table(&format!("bank-b: void #{n} -> VOIDED"));
    }
    run.table(
        "
bank-b: void #0                                                         -> HOLD_ALREADY_VOIDED
bank-a: #90 reserve bank-a:usd bank-b:usd USD 1                         -> RESERVED
bank-b: void #90                                                        -> VOIDED
bank-b: void #0                                                         -> HOLD_UNKNOWN
bank-b: void #1                                                         -> HOLD_ALREADY_VOIDED
",
    );
    // What is taken back is known again, and so is what was forgotten for it.
    run.table(&format!("bank-a: #91 reserve {legs} -> RESERVED"));
    run.table(
        "
bank-b atomic {
  void #91                                                              -> MESSAGE_ABORTED
  void #0                                                               -> HOLD_UNKNOWN
}
bank-b: void #1                                                         -> HOLD_ALREADY_VOIDED
bank-b: capture #91                                                     -> SETTLED
bank-b: void #1                                                         -> HOLD_UNKNOWN
bank-b: void #2                                                         -> HOLD_ALREADY_VOIDED
// Those of others are their own.
bank-b: #92 reserve bank-b:usd bank-a:usd USD 1; for=5                  -> RESERVED
later 10
bank-b: void #92                                                        -> HOLD_EXPIRED
bank-b: void #2                                                         -> HOLD_ALREADY_VOIDED
",
    );
}

#[test]
fn what_ended_is_forgotten_as_fast_as_it_can_be_made() {
    let mut run = started();
    run.world.fast = true;
    let mut n = 0;
    // A thousand of each in one message, for three windows of ids.
    for _ in 0..12 {
        let mut message = String::from("bank-a {\n");
        for _ in 0..500 {
            message += &format!("#{n} reserve bank-a:usd bank-b:usd USD 0.01 -> RESERVED\n");
            message += &format!("void #{n} -> VOIDED\n");
            n += 1;
        }
        run.table(&(message + "}\nlater 900000"));
    }
    let known = run.world.book().holds().count();
    assert!(known <= 5 * 500, "{known}");
}

#[test]
fn refusals_of_holds_stand_in_their_order() {
    precedence();
}

pub(super) fn precedence() -> Run {
    let mut run = started();
    run.table(
        "
operators: asset EUR fiat                                               -> APPLIED
operators {
  open bank-a:eur bank-a settlement EUR                                 -> APPLIED
  open bank-b:eur bank-b settlement EUR                                 -> APPLIED
  open bank-a:closed bank-a settlement USD                              -> APPLIED
  open bank-a:capped bank-a settlement USD                              -> APPLIED
  close bank-a:closed                                                   -> APPLIED
  limits bank-a:capped max=5                                            -> APPLIED
  issue bank-a:eur 100                                                  -> SETTLED
}
bank-a: #1 reserve bank-a:usd bank-b:usd USD 1                           -> RESERVED
ladder
bank-a: #1 reserve nowhere bank-b:usd FOO 0.000; for=0 over=10001        -> ID_ALREADY_USED
bank-a: reserve bank-b:usd nowhere FOO 0.000; for=0 over=10001           -> ACCOUNT_UNKNOWN leg 0
bank-a: reserve bank-b:usd bank-a:jpy FOO 0.000; for=0 over=10001        -> NOT_OWNER leg 0
bank-a: reserve bank-a:usd bank-a:jpy FOO 0.000; for=0 over=10001        -> ASSET_UNKNOWN leg 0
bank-a: reserve bank-a:usd bank-a:jpy USD 0.000; for=0 over=10001        -> ASSET_MISMATCH leg 0
operators: status EUR suspended                                         -> APPLIED
bank-a: reserve bank-a:eur bank-a:eur EUR 0.000; for=0 over=10001        -> ASSET_SUSPENDED leg 0
operators: status EUR active                                            -> APPLIED
bank-a: reserve bank-a:eur bank-a:eur EUR 0.000; for=0 over=10001        -> SELF_TRANSFER leg 0
bank-a: reserve bank-a:usd operators:issuance.USD USD 0.000; for=0 over=10001 -> POSTING_NOT_ALLOWED leg 0
bank-a: reserve bank-a:closed bank-b:usd USD 0.000; for=0 over=10001     -> AMOUNT_ZERO leg 0
bank-a: reserve bank-a:closed bank-b:usd USD 0.001; for=0 over=10001     -> PRECISION_EXCEEDED leg 0
bank-a: reserve bank-a:closed bank-b:usd USD 79228162514264337593543950335; for=0 over=10001 -> AMOUNT_TOO_LARGE leg 0
bank-a: reserve bank-a:closed bank-b:usd USD 1000; for=0 over=10001      -> ACCOUNT_CLOSED leg 0
bank-a: reserve bank-a:capped bank-b:usd USD 1000; for=0 over=10001      -> LIMIT_PER_TRANSFER leg 0
bank-a: reserve bank-a:usd bank-b:usd USD 1000; for=0 over=10001         -> INSUFFICIENT_FUNDS leg 0
bank-a: reserve bank-a:usd bank-b:usd USD 1; for=0 over=10001            -> EXPIRY_INVALID
end
// 400 days and no longer.
bank-a: reserve bank-a:usd bank-b:usd USD 1; for=34560000001 over=10001  -> EXPIRY_INVALID
bank-a: reserve bank-a:usd bank-b:usd USD 1; for=34560000000 over=10001  -> OVER_CAPTURE_TOO_HIGH
bank-a: #2 reserve bank-a:eur bank-b:eur EUR 10; multi over=100          -> RESERVED
bank-a: #3 reserve bank-a:eur bank-b:eur EUR 10                          -> RESERVED
bank-a: #4 reserve bank-a:eur bank-b:eur EUR 10                          -> RESERVED
bank-b: void #4                                                         -> VOIDED
operators: status EUR suspended                                         -> APPLIED
ladder
bank-b: #10 capture #9 0.000 more                                       -> HOLD_UNKNOWN
end
ladder
bank-b: #10 capture #4 0.000 more                                       -> ID_ALREADY_USED
operators: capture #4 0.000 more                                        -> NOT_OWNER leg 0
bank-b: capture #4 0.000 more                                           -> ASSET_SUSPENDED leg 0
operators: status EUR active                                            -> APPLIED
bank-b: capture #4 0.000 more                                           -> AMOUNT_ZERO
bank-b: capture #4 0.001 more                                           -> PRECISION_EXCEEDED
bank-b: capture #4 79228162514264337593543950335 more                   -> AMOUNT_TOO_LARGE
bank-b: capture #4 1000 more                                            -> HOLD_ALREADY_VOIDED
end
ladder
bank-b: capture #3 1000 more                                            -> HOLD_NOT_MULTI
bank-b: capture #3 1000                                                 -> CAPTURE_EXCEEDS_RESERVED leg 0
bank-b: capture #3 10                                                   -> SETTLED
end
// What is suspended cannot be captured, but it can be given back.
operators: status EUR suspended                                         -> APPLIED
bank-b: capture #2                                                      -> ASSET_SUSPENDED leg 0
bank-b: void #2                                                         -> VOIDED
",
    );
    run
}
