//! Transfers that are checked as a whole, and payments that wait: who goes when, and every outcome.

use std::collections::BTreeSet;
use std::fmt::Write;

use quittance::ledger::Outcome;
use quittance::limits::{LEGS_MAX, QUEUE_ACCOUNT_MAX, QUEUE_LEGS_MAX, QUEUE_PARTICIPANT_LEGS_MAX};

use super::{Run, started};

const AS_A_WHOLE: &str = "
operators: issue bank-b:usd 1                                           -> SETTLED
bank-a: pay bank-a:usd bank-c:usd USD 100                               -> SETTLED
bank-b: pay bank-b:usd bank-c:usd USD 1                                 -> SETTLED
operators: limits bank-c:usd min=101                                    -> APPLIED
// A ring of three without any money.
mark
bank-a+bank-b+bank-c/k1+bank-c/k2: pay bank-a:usd bank-b:usd USD 50, bank-b:usd bank-c:usd USD 50, bank-c:usd bank-a:usd USD 50 -> INSUFFICIENT_FUNDS leg 0
unchanged
bank-a+bank-b+bank-c/k1+bank-c/k2: pay bank-a:usd bank-b:usd USD 50, bank-b:usd bank-c:usd USD 50, bank-c:usd bank-a:usd USD 50; net -> SETTLED
balance bank-a:usd 0.00 0.00
balance bank-b:usd 0.00 0.00
// What is left over must be there: named is the first leg of whoever is short.
bank-a+bank-b+bank-c/k1+bank-c/k2: pay bank-a:usd bank-b:usd USD 50, bank-b:usd bank-c:usd USD 50.01, bank-c:usd bank-a:usd USD 50; net -> INSUFFICIENT_FUNDS leg 1
operators: issue bank-b:usd 1                                           -> SETTLED
bank-a+bank-b+bank-c/k1+bank-c/k2: pay bank-a:usd bank-b:usd USD 50, bank-b:usd bank-c:usd USD 51, bank-c:usd bank-a:usd USD 50; net -> SETTLED
balance bank-b:usd 0.00 0.00
balance bank-c:usd 102.00 1.00
// Everything else is looked at leg by leg.
operators: limits bank-c:usd max=10                                     -> APPLIED
bank-a+bank-b+bank-c/k1+bank-c/k2: pay bank-a:usd bank-b:usd USD 50, bank-b:usd bank-c:usd USD 50, bank-c:usd bank-a:usd USD 50; net -> LIMIT_PER_TRANSFER leg 2
bank-a+bank-b: pay bank-a:usd bank-b:usd USD 50, bank-b:usd bank-c:usd USD 50, bank-c:usd bank-a:usd USD 50; net -> NOT_OWNER leg 2
// One leg alone is a set too, and all or nothing holds for messages.
bank-b: pay bank-b:usd bank-a:usd USD 0.01; net                         -> INSUFFICIENT_FUNDS leg 0
operators: limits bank-c:usd                                            -> APPLIED
bank-c/k1+bank-c/k2 {
  pay bank-c:usd bank-b:usd USD 2; net                                  -> SETTLED
  pay bank-c:usd bank-b:usd USD 100                                     -> SETTLED
  pay bank-c:usd bank-b:usd USD 0.01; net                               -> INSUFFICIENT_FUNDS leg 0
}
mark
bank-b atomic {
  pay bank-b:usd bank-a:usd USD 2; net                                  -> MESSAGE_ABORTED
  pay bank-b:usd bank-a:usd USD 100.01; net                             -> INSUFFICIENT_FUNDS leg 0
}
unchanged
";

const IN_TURN: &str = "
bank-a: #1 pay bank-a:usd bank-b:usd USD 60; queue                      -> SETTLED
bank-a: #2 pay bank-a:usd bank-b:usd USD 60; queue                      -> QUEUED
balance bank-a:usd 40.00 40.00
node
// Normal ones: a smaller one behind may go, with or without a place in the queue.
bank-a: #3 pay bank-a:usd bank-b:usd USD 10; queue                      -> SETTLED
bank-a: pay bank-a:usd bank-b:usd USD 10                                -> SETTLED
balance bank-a:usd 20.00 20.00
queue bank-a:usd #2
// High and urgent ones keep what is there: nobody overtakes them.
bank-a: #4 pay bank-a:usd bank-b:usd USD 30; queue priority=high        -> QUEUED
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> INSUFFICIENT_FUNDS leg 0
bank-a: pay bank-a:usd bank-b:usd USD 1; net                            -> INSUFFICIENT_FUNDS leg 0
bank-a: reserve bank-a:usd bank-b:usd USD 1                             -> INSUFFICIENT_FUNDS leg 0
bank-a+operators: redeem bank-a:usd 1                                   -> INSUFFICIENT_FUNDS
bank-a: #5 pay bank-a:usd bank-b:usd USD 1; queue                       -> QUEUED
bank-a: #6 pay bank-a:usd bank-b:usd USD 25; queue priority=urgent      -> QUEUED
bank-a: #7 pay bank-a:usd bank-b:usd USD 1; queue priority=urgent       -> QUEUED
bank-a: #8 pay bank-a:usd bank-b:usd USD 1; queue priority=high         -> QUEUED
queue bank-a:usd #6 #7 #4 #8 #2 #5
node
operators: close bank-b:usd                                             -> ACCOUNT_NOT_EMPTY
// Six more: the two urgent ones go; nothing is left for the high one but what does not do.
operators: issue bank-a:usd 6                                           -> SETTLED
node #6 SETTLED #7 SETTLED
balance bank-a:usd 0.00 0.00
operators: issue bank-a:usd 31                                          -> SETTLED
node #4 SETTLED #8 SETTLED
operators: issue bank-a:usd 5                                           -> SETTLED
node #5 SETTLED
queue bank-a:usd #2
operators: limits bank-a:usd credit=56                                  -> APPLIED
node #2 SETTLED
balance bank-a:usd -56.00 0.00
queue bank-a:usd
";

const AHEAD: &str = "
bank-a: #1 pay bank-a:usd bank-b:usd USD 110; queue priority=high        -> QUEUED
// What is more urgent than all that waits goes at once.
bank-a: pay bank-a:usd bank-b:usd USD 10; queue priority=urgent          -> SETTLED
bank-a: #2 pay bank-a:usd bank-b:usd USD 10; queue priority=high         -> QUEUED
bank-a: #3 pay bank-a:usd bank-b:usd USD 91; queue priority=urgent       -> QUEUED
queue bank-a:usd #3 #1 #2
node
balance bank-a:usd 90.00 90.00
";

const GRIDLOCK: &str = "
bank-a: pay bank-a:usd bank-c:usd USD 100                               -> SETTLED
bank-c/k1+bank-c/k2: pay bank-c:usd operators:suspense.usd USD 100      -> SETTLED
// Two that wait for each other: without any money.
bank-a: #1 pay bank-a:usd bank-b:usd USD 70; queue                      -> QUEUED
bank-b: #2 pay bank-b:usd bank-a:usd USD 60; queue                      -> QUEUED
node
bank-b: #3 pay bank-b:usd bank-a:usd USD 10; queue                      -> QUEUED
node #1 SETTLED #2 SETTLED #3 SETTLED
balance bank-a:usd 0.00 0.00
balance bank-b:usd 0.00 0.00
// A ring, urgent ones in it.
bank-a: #4 pay bank-a:usd bank-b:usd USD 50; queue priority=urgent      -> QUEUED
bank-b: #5 pay bank-b:usd bank-c:usd USD 50; queue                      -> QUEUED
node
bank-c/k1+bank-c/k2: #6 pay bank-c:usd bank-a:usd USD 50; queue priority=high -> QUEUED
node #4 SETTLED #6 SETTLED #5 SETTLED
// The last of whoever is short is left out, and what hangs on it.
bank-a {
  #7 pay bank-a:usd bank-b:usd USD 10; queue                            -> QUEUED
  #8 pay bank-a:usd bank-b:usd USD 30; queue                            -> QUEUED
}
bank-b {
  #9 pay bank-b:usd bank-c:usd USD 10; queue                            -> QUEUED
  #10 pay bank-b:usd bank-c:usd USD 30; queue                           -> QUEUED
}
bank-c/k1+bank-c/k2 {
  #11 pay bank-c:usd bank-a:usd USD 10; queue                           -> QUEUED
  #12 pay bank-c:usd bank-a:usd USD 29; queue                           -> QUEUED
}
node #7 SETTLED #9 SETTLED #11 SETTLED
// What is missing comes from outside: a credit to one of them.
operators: issue bank-b:usd 1                                           -> SETTLED
node
operators: issue bank-a:usd 1                                           -> SETTLED
node #8 SETTLED #10 SETTLED #12 SETTLED
balance bank-a:usd 0.00 0.00
balance bank-b:usd 1.00 1.00
balance bank-c:usd 1.00 1.00
// A pair behind others: normal ones that cannot go stand in nobody's way.
bank-a: #13 pay bank-a:usd bank-c:usd USD 500; queue                    -> QUEUED
bank-b: #14 pay bank-b:usd bank-c:usd USD 500; queue                    -> QUEUED
bank-a: #15 pay bank-a:usd bank-b:usd USD 20; queue                     -> QUEUED
bank-b: #16 pay bank-b:usd bank-a:usd USD 21; queue                     -> QUEUED
node #15 SETTLED #16 SETTLED
balance bank-a:usd 1.00 1.00
// Several legs, one set.
bank-b: #17 pay bank-b:usd bank-a:usd USD 5, bank-b:usd bank-c:usd USD 5, bank-b:jpy bank-a:jpy JPY 7; queue priority=high -> QUEUED
bank-a: #18 pay bank-a:usd bank-b:usd USD 11; queue priority=high       -> QUEUED
node
operators: issue bank-a:usd 5                                           -> SETTLED
node #17 SETTLED #18 SETTLED
balance bank-a:jpy 7 7
balance bank-b:usd 1.00 1.00
";

const CHANGED_MINDS: &str = "
bank-a: pay bank-a:usd bank-c:usd USD 100                               -> SETTLED
bank-a {
  #1 pay bank-a:usd bank-b:usd USD 10; queue priority=high              -> QUEUED
  #2 pay bank-a:usd bank-b:usd USD 20; queue priority=high              -> QUEUED
  #3 pay bank-a:usd bank-b:usd USD 30; queue                            -> QUEUED
}
queue bank-a:usd #1 #2 #3
bank-b: cancel #1                                                       -> PAYMENT_NOT_QUEUED
bank-b: requeue #1 position=last                                        -> PAYMENT_NOT_QUEUED
bank-a: requeue #1                                                      -> NO_CHANGE
bank-a: requeue #1 priority=high                                        -> NO_CHANGE
bank-a: requeue #1 position=first                                       -> NO_CHANGE
bank-a: requeue #1 position=last                                        -> APPLIED
queue bank-a:usd #2 #1 #3
bank-a: requeue #3 priority=high position=first                         -> APPLIED
queue bank-a:usd #3 #2 #1
bank-a: requeue #2 priority=urgent                                      -> APPLIED
bank-a: requeue #3 priority=normal                                      -> APPLIED
queue bank-a:usd #2 #1 #3
mark
bank-a atomic {
  requeue #3 priority=urgent                                            -> MESSAGE_ABORTED
  cancel #2                                                             -> MESSAGE_ABORTED
  cancel #4                                                             -> PAYMENT_NOT_QUEUED
}
unchanged
queue bank-a:usd #2 #1 #3
operators: issue bank-a:usd 10                                          -> SETTLED
node
// What stood before it is gone: now it can go.
bank-a: cancel #2                                                       -> APPLIED
node #1 SETTLED
bank-a: cancel #2                                                       -> PAYMENT_NOT_QUEUED
bank-a: cancel #1                                                       -> PAYMENT_NOT_QUEUED
operators: issue bank-a:usd 10                                          -> SETTLED
bank-a: #5 pay bank-a:usd bank-b:usd USD 15; queue priority=high        -> QUEUED
bank-a: #6 pay bank-a:usd bank-b:usd USD 10; queue priority=high        -> QUEUED
node
bank-a: requeue #6 position=first                                       -> APPLIED
node #6 SETTLED
queue bank-a:usd #5 #3
";

const IN_ITS_TIME: &str = "
bank-a {
  #1 pay bank-a:usd bank-b:usd USD 60; queue from=5000 until=9000        -> QUEUED
  #2 pay bank-a:usd bank-b:usd USD 30; queue from=5000 priority=urgent   -> QUEUED
  #3 pay bank-a:usd bank-b:usd USD 70; queue until=7000                  -> SETTLED
}
// What is warehoused keeps nothing.
bank-a: pay bank-a:usd bank-b:usd USD 20                                -> SETTLED
node
later 5000
node #1 QUEUED #2 QUEUED
queue bank-a:usd #2 #1
balance bank-a:usd 10.00 10.00
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> INSUFFICIENT_FUNDS leg 0
later 4000
node #1 REVOKED_AT_REJECT_TIME
bank-a: cancel #1                                                       -> PAYMENT_NOT_QUEUED
// Revoked first, then funds: of two things that fall due, time goes first.
bank-a: #4 pay bank-a:usd bank-b:usd USD 90; queue until=1000            -> QUEUED
later 2000
operators: issue bank-a:usd 20                                          -> SETTLED
node #4 REVOKED_AT_REJECT_TIME #2 SETTLED
balance bank-a:usd 0.00 0.00
// Released, and settled at once.
operators: issue bank-a:usd 10                                          -> SETTLED
bank-a: #5 pay bank-a:usd bank-b:usd USD 10; queue from=1000             -> QUEUED
bank-a: #6 pay bank-a:usd bank-b:usd USD 1; queue from=500               -> QUEUED
bank-a: cancel #6                                                       -> APPLIED
later 1000
node #5 QUEUED #5 SETTLED
// An hour later ids are forgotten; what waits, is not.
bank-a: #7 pay bank-a:usd bank-b:usd USD 10; queue                       -> QUEUED
later 3700000
operators: issue bank-a:usd 10                                          -> SETTLED
node #7 SETTLED
";

const HELD_UP: &str = "
operators: asset EUR fiat                                               -> APPLIED
operators {
  open bank-a:eur bank-a settlement EUR                                 -> APPLIED
  open bank-b:eur bank-b settlement EUR                                 -> APPLIED
}
bank-a: #1 pay bank-a:eur bank-b:eur EUR 10; queue                       -> QUEUED
operators {
  status EUR suspended                                                  -> APPLIED
  status USD suspended                                                  -> APPLIED
}
operators {
  status USD active                                                     -> APPLIED
  issue bank-a:usd 1                                                    -> SETTLED
}
node
operators {
  status EUR active                                                     -> APPLIED
  issue bank-a:eur 10                                                   -> SETTLED
  status EUR suspended                                                  -> APPLIED
}
node
operators: status EUR active                                            -> APPLIED
node #1 SETTLED
";

/// The same through a hold that is given back, and one that is captured.
const BESIDE_HOLDS: &str = "
bank-a: #1 reserve bank-a:usd bank-b:usd USD 90; for=5000                -> RESERVED
bank-a: #2 pay bank-a:usd bank-c:usd USD 50; queue priority=high         -> QUEUED
bank-b: capture #1 40                                                   -> SETTLED
node #2 SETTLED
bank-a: #3 reserve bank-a:usd bank-b:usd USD 10; over=10000 for=5000     -> RESERVED
bank-a: #4 pay bank-a:usd bank-c:usd USD 5; queue priority=high          -> QUEUED
bank-b: capture #3 11                                                   -> INSUFFICIENT_FUNDS leg 0
later 5000
node #3 EXPIRED #4 SETTLED
balance bank-a:usd 5.00 5.00
";

/// Outcomes that the tables of this page reach.
pub(super) fn reached() -> BTreeSet<Outcome> {
    let mut reached = BTreeSet::new();
    for table in [
        AS_A_WHOLE,
        IN_TURN,
        AHEAD,
        GRIDLOCK,
        CHANGED_MINDS,
        IN_ITS_TIME,
        HELD_UP,
        BESIDE_HOLDS,
    ] {
        let mut run = started();
        run.table(table);
        reached.extend(run.reached);
    }
    reached.extend(precedence().reached);
    reached.extend(full().reached);
    reached
}

#[test]
fn legs_may_be_checked_as_a_whole() {
    started().table(AS_A_WHOLE);
}

#[test]
fn payments_wait_for_their_turn() {
    started().table(IN_TURN);
    started().table(AHEAD);
}

#[test]
fn gridlocks_are_resolved() {
    started().table(GRIDLOCK);
}

#[test]
fn senders_cancel_and_move_what_waits() {
    started().table(CHANGED_MINDS);
}

#[test]
fn payments_are_released_and_revoked_in_time() {
    started().table(IN_ITS_TIME);
}

#[test]
fn what_does_not_move_waits_on() {
    started().table(HELD_UP);
    started().table(BESIDE_HOLDS);
}

/// A warehoused payment whose sender takes it back before its time is gone.
fn precedence() -> Run {
    let mut run = started();
    run.table(
        "
operators: asset EUR fiat                                               -> APPLIED
operators {
  open bank-a:eur bank-a settlement EUR                                 -> APPLIED
  open bank-a:closed bank-a settlement USD                              -> APPLIED
  open bank-a:capped bank-a settlement USD                              -> APPLIED
  open bank-b:full bank-b settlement USD                                -> APPLIED
  close bank-a:closed                                                   -> APPLIED
  limits bank-a:capped max=5                                            -> APPLIED
  issue bank-b:full 792281625142643375935439400.00                      -> SETTLED
}
bank-a: #1 pay bank-a:usd bank-b:usd USD 1; queue                        -> SETTLED
ladder
bank-a: #1 pay bank-b:usd nowhere FOO 0.000; queue until=0               -> ID_ALREADY_USED
bank-a: pay bank-b:usd nowhere FOO 0.000; queue until=0                  -> ACCOUNT_UNKNOWN leg 0
bank-a: pay bank-b:usd bank-a:jpy FOO 0.000; queue until=0               -> NOT_OWNER leg 0
bank-a: pay bank-a:usd bank-a:jpy FOO 0.000; queue until=0               -> ASSET_UNKNOWN leg 0
bank-a: pay bank-a:usd bank-a:jpy USD 0.000; queue until=0               -> ASSET_MISMATCH leg 0
operators: status EUR suspended                                         -> APPLIED
bank-a: pay bank-a:eur bank-a:eur EUR 0.000; queue until=0               -> ASSET_SUSPENDED leg 0
bank-a: pay bank-a:usd bank-a:usd USD 0.000; queue until=0               -> SELF_TRANSFER leg 0
bank-a: pay bank-a:usd operators:issuance.USD USD 0.000; queue until=0   -> POSTING_NOT_ALLOWED leg 0
bank-a: pay bank-a:closed bank-b:full USD 0.000; queue until=0           -> AMOUNT_ZERO leg 0
bank-a: pay bank-a:closed bank-b:full USD 0.001; queue until=0           -> PRECISION_EXCEEDED leg 0
bank-a: pay bank-a:closed bank-b:full USD 79228162514264337593543950335; queue until=0 -> AMOUNT_TOO_LARGE leg 0
bank-a: pay bank-a:closed bank-b:full USD 1000; queue until=0            -> ACCOUNT_CLOSED leg 0
bank-a: pay bank-a:capped bank-b:full USD 1000; queue until=0            -> LIMIT_PER_TRANSFER leg 0
bank-a: pay bank-a:usd bank-b:full USD 1000; net                        -> INSUFFICIENT_FUNDS leg 0
bank-b+bank-a: pay bank-a:usd bank-b:full USD 1000; queue until=0        -> AMOUNT_OVERFLOW leg 0
bank-b+bank-a: pay bank-a:usd bank-b:usd USD 1000; queue until=0         -> QUEUE_NOT_SENDERS
bank-a: pay bank-a:usd bank-b:usd USD 1000; queue until=0                -> QUEUE_TIMES_INVALID
bank-a: pay bank-a:usd bank-b:usd USD 1000; queue until=1000             -> QUEUED
end
bank-a: pay bank-a:usd bank-b:usd USD 1; queue from=10 until=10          -> QUEUE_TIMES_INVALID
bank-a: pay bank-a:usd bank-b:usd USD 1; queue until=34560000001         -> QUEUE_TIMES_INVALID
bank-a: pay bank-a:usd bank-b:usd USD 1; queue from=34560000001          -> QUEUE_TIMES_INVALID
bank-a: #2 pay bank-a:usd bank-b:usd USD 1; queue from=34560000000       -> QUEUED
bank-a: cancel #2                                                       -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 1; queue from=0                    -> SETTLED
ladder
bank-a: #2 cancel #2                                                    -> ID_ALREADY_USED
bank-a: cancel #2                                                       -> PAYMENT_NOT_QUEUED
end
",
    );
    run
}

#[test]
fn refusals_of_queues_stand_in_their_order() {
    precedence();
}

/// A message of so many payments of a cent, each of so many legs.
fn many(run: &mut Run, account: &str, payments: usize, legs: usize, last: &str) {
    let (bank, _) = account.split_once(':').unwrap();
    let legs = vec![format!("{account} operators:suspense.usd USD 0.01"); legs].join(", ");
    let mut message = format!("{bank} {{\n");
    for n in 0..payments {
        let outcome = if n + 1 == payments { last } else { "QUEUED" };
        writeln!(message, "pay {legs}; queue -> {outcome}").unwrap();
    }
    run.table(&(message + "}"));
}

/// The bounds on how many wait.
fn full() -> Run {
    let mut run = started();
    let mut message = String::from("operators {\n");
    let accounts = usize::try_from(QUEUE_PARTICIPANT_LEGS_MAX).unwrap() / QUEUE_ACCOUNT_MAX + 1;
    for bank in ["bank-a", "bank-b", "bank-d", "bank-e"] {
        if bank > "bank-c" {
            run.table(&format!(
                "operators: participant {bank} bank 1 {bank}/k1 -> APPLIED"
            ));
        }
        for n in 0..accounts {
            let open = format!("open {bank}:{n} {bank} settlement USD -> APPLIED");
            writeln!(message, "{open}").unwrap();
        }
    }
    run.table(&(message + "}"));
    run.table("operators: participant coop bank 0 via=bank-a -> APPLIED");
    run.world.fast = true;
    many(&mut run, "bank-a:0", QUEUE_ACCOUNT_MAX, 1, "QUEUED");
    many(&mut run, "bank-a:0", 1, 1, "QUEUE_FULL");
    for bank in ["bank-a", "bank-b", "bank-d", "bank-e"] {
        for n in 0..4 {
            if (bank, n) != ("bank-a", 0) {
                many(
                    &mut run,
                    &format!("{bank}:{n}"),
                    QUEUE_ACCOUNT_MAX,
                    1,
                    "QUEUED",
                );
            }
        }
        many(&mut run, &format!("{bank}:4"), 97, 1, "QUEUE_FULL");
    }
    assert_eq!(run.world.book().queue().legs_total(), QUEUE_LEGS_MAX);
    // One that has nothing in the queue has its part of it all the same, and no more; who has no keys lets
    // nothing wait.
    let signing = run.world.book().participants().len() - 1;
    let part = QUEUE_LEGS_MAX / u64::try_from(signing).unwrap();
    let mut left = usize::try_from(part).unwrap();
    let mut wait = |legs: usize, outcome: &str| {
        let legs = vec!["bank-c:usd bank-b:usd USD 0.01"; legs].join(", ");
        run.table(&format!(
            "bank-c/k1+bank-c/k2: pay {legs}; queue -> {outcome}"
        ));
    };
    while left > LEGS_MAX {
        wait(LEGS_MAX, "QUEUED");
        left -= LEGS_MAX;
    }
    wait(left + 1, "QUEUE_FULL");
    wait(left, "QUEUED");
    wait(1, "QUEUE_FULL");
    many(&mut run, "bank-a:4", 1, 1, "QUEUE_FULL");
    run
}

#[test]
fn how_many_wait_is_bounded() {
    full();
}
