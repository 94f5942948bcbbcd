//! Payments of some that wait, and everybody else: nobody has the node, or others' payments, stand
//! still by what it lets wait.

use std::fmt::Write;

use quittance::ledger::State;
use quittance::limits::{
    CLEARING_REST_NS, CLEARING_ROUNDS_MAX, ITEMS_MAX, QUEUE_PARTICIPANT_LEGS_MAX,
};

use super::{Run, started};
use crate::ledger_world::MILLISECOND;

/// More than a run settles of payments that free each other one by one.
const LINKS: usize = CLEARING_ROUNDS_MAX + 2;

/// Payments from each of the bank's accounts to the next, the last one first in rank, each behind one
/// that nobody can fund: one round of a run settles one of them.
fn chained() -> Run {
    let mut run = started();
    let (mut open, mut wait) = (String::from("operators {\n"), String::from("bank-a {\n"));
    for n in 0..=LINKS {
        writeln!(open, "open bank-a:{n} bank-a settlement USD -> APPLIED").unwrap();
    }
    for n in 0..LINKS {
        writeln!(wait, "pay bank-a:{n} bank-b:usd USD 500; queue -> QUEUED").unwrap();
    }
    for n in (0..LINKS).rev() {
        let next = n + 1;
        writeln!(
            wait,
            "#{n} pay bank-a:{n} bank-a:{next} USD 10; queue -> QUEUED"
        )
        .unwrap();
    }
    run.table(&(open + "}"));
    run.table(&(wait + "}"));
    run.table("node");
    run.table("operators: issue bank-a:0 10 -> SETTLED");
    run
}

/// The directive that says that so many of them have settled.
fn settled(links: core::ops::Range<usize>) -> String {
    let settled = links.map(|n| format!(" #{n} SETTLED"));
    format!("node{}", settled.collect::<String>())
}

/// Milliseconds that a rest lasts.
fn rest() -> u64 {
    CLEARING_REST_NS / MILLISECOND
}

#[test]
fn behind_a_run_that_its_bounds_end_others_have_their_turn() {
    let mut run = chained();
    let ran = run.world.now;
    run.table(&settled(0..CLEARING_ROUNDS_MAX));
    assert_eq!(run.world.state.next_due(), Some(ran + CLEARING_REST_NS));
    // Those of others go on meanwhile: what they pay, and what is due of holds and by time.
    run.table(
        "
operators: issue bank-b:usd 5                                           -> SETTLED
bank-b: pay bank-b:usd bank-c:usd USD 1                                 -> SETTLED
bank-b: #50 reserve bank-b:usd bank-c:usd USD 1; for=20                 -> RESERVED
bank-b: #51 pay bank-b:usd bank-c:usd USD 9; queue until=30             -> QUEUED
later 40
bank-b: pay bank-b:usd bank-c:usd USD 1                                 -> SETTLED
node #50 EXPIRED #51 REVOKED_AT_REJECT_TIME
",
    );
    // A snapshot knows it, to the nanosecond.
    run.world.state = State::from_snapshot(&run.world.state.to_snapshot()).unwrap();
    run.world.now = ran + CLEARING_REST_NS - MILLISECOND;
    run.table("node");
    run.table(&settled(CLEARING_ROUNDS_MAX..LINKS));
    run.table("balance bank-a:18 10.00 10.00");
    // Nothing is left, so nothing rests.
    run.table(
        "
bank-b: #52 pay bank-b:usd bank-c:usd USD 9; queue                      -> QUEUED
operators: issue bank-b:usd 9                                           -> SETTLED
node #52 SETTLED
",
    );
}

#[test]
fn what_is_cancelled_during_a_rest_is_not_waited_for() {
    let mut run = chained();
    run.table(&settled(0..CLEARING_ROUNDS_MAX));
    run.table(&format!("bank-a: cancel #{CLEARING_ROUNDS_MAX} -> APPLIED"));
    assert_eq!(run.world.state.next_due(), None);
    run.table(&format!("later {}\nnode", rest()));
}

#[test]
fn a_stranger_waits_for_one_run_and_not_for_all() {
    let mut run = chained();
    // The message is there already when the money comes.
    run.table("bank-b: pay bank-b:usd bank-c:usd USD 1 -> INSUFFICIENT_FUNDS leg 0");
    run.table(&settled(0..CLEARING_ROUNDS_MAX));
    // What can settle meanwhile settles with the rest of it, and no later.
    run.table(
        "
bank-b: #60 pay bank-b:usd bank-c:usd USD 7; queue                      -> QUEUED
operators: issue bank-b:usd 7                                           -> SETTLED
node
",
    );
    run.table(&format!("later {}", rest()));
    let both = settled(CLEARING_ROUNDS_MAX..CLEARING_ROUNDS_MAX + 1);
    let last = CLEARING_ROUNDS_MAX + 1;
    // By rank: the last link was sent first, and what the stranger sent came later.
    run.table(&format!("{both} #60 SETTLED #{last} SETTLED"));
}

/// A ring of three banks without money.
const RING: &str = "
bank-a: pay bank-a:usd operators:suspense.usd USD 100                   -> SETTLED
bank-a: #1 pay bank-a:usd bank-b:usd USD 50; queue                      -> QUEUED
bank-b: #2 pay bank-b:usd bank-c:usd USD 50; queue                      -> QUEUED
bank-c/k1+bank-c/k2: #3 pay bank-c:usd bank-a:usd USD 50; queue         -> QUEUED
";

#[test]
fn a_payment_that_nobody_can_fund_keeps_nobody_from_settling() {
    let mut run = started();
    // All that the counter of bank-b's account has room for.
    run.table(
        "
operators: participant bank-d bank 1 bank-d/k1                          -> APPLIED
operators: open bank-d:usd bank-d settlement USD                        -> APPLIED
bank-d: pay bank-d:usd bank-b:usd USD 792281625142643375935439503.35; queue priority=urgent -> QUEUED
",
    );
    run.table(RING);
    run.table("node #1 SETTLED #2 SETTLED #3 SETTLED");
}

#[test]
fn what_leaves_the_queue_makes_room_for_others() {
    let mut run = started();
    // Bank-d has the money, and the payee's counter is too full for it when its time comes: as long
    // as it waits, nothing else to that account settles together with others. Nobody there can pay
    // more when it leaves.
    run.table(
        "
operators: participant bank-d bank 1 bank-d/k1                          -> APPLIED
operators {
  open bank-d:usd bank-d settlement USD                                 -> APPLIED
  open bank-d:two bank-d settlement USD                                 -> APPLIED
  issue bank-d:usd 400000000000000000000000000                          -> SETTLED
  issue bank-d:two 390000000000000000000000000                          -> SETTLED
}
bank-d: #4 pay bank-d:usd operators:suspense.usd USD 400000000000000000000000000; queue from=1000 -> QUEUED
bank-d: pay bank-d:two operators:suspense.usd USD 390000000000000000000000000 -> SETTLED
operators: pay operators:suspense.usd bank-d:two USD 390000000000000000000000000 -> SETTLED
bank-d: pay bank-d:two operators:suspense.usd USD 390000000000000000000000000 -> SETTLED
later 1000
node #4 QUEUED
bank-a: pay bank-a:usd bank-c:usd USD 99                                -> SETTLED
bank-a: #1 pay bank-a:usd bank-b:usd USD 51, bank-a:usd operators:suspense.usd USD 1; queue -> QUEUED
bank-b: #2 pay bank-b:usd bank-a:usd USD 51; queue                      -> QUEUED
node
bank-d: cancel #4                                                       -> APPLIED
node #1 SETTLED #2 SETTLED
balance bank-a:usd 0.00 0.00
",
    );
}

#[test]
fn however_many_wait_others_that_can_settle_together_do() {
    let mut run = started();
    let mut message = String::from("operators {\n");
    for bank in ["bank-d", "bank-e"] {
        run.table(&format!(
            "operators: participant {bank} bank 1 {bank}/k1 -> APPLIED"
        ));
        for n in 0..5 {
            let open = format!("open {bank}:{n} {bank} settlement USD -> APPLIED");
            writeln!(message, "{open}").unwrap();
        }
    }
    run.table(&(message + "}"));
    run.world.fast = true;
    // More legs than an entry holds, all before the ring, and no money for any of them.
    let legs = "operators:suspense.usd USD 0.01; queue priority=urgent -> QUEUED";
    for bank in ["bank-d", "bank-e"] {
        for n in 0..4 {
            let message = format!("pay {bank}:{n} {legs}\n").repeat(1_000);
            run.table(&format!("{bank} {{\n{message}}}"));
        }
        let many = vec![format!("{bank}:4 operators:suspense.usd USD 0.01"); 96].join(", ");
        run.table(&format!(
            "{bank}: pay {many}; queue priority=urgent -> QUEUED"
        ));
    }
    assert!(run.world.book().queue().legs_total() > ITEMS_MAX as u64);
    run.table(RING);
    assert_eq!(run.world.tick(), 1);
    let queue = run.world.book().queue();
    assert_eq!(queue.legs_total(), 2 * QUEUE_PARTICIPANT_LEGS_MAX);
}
