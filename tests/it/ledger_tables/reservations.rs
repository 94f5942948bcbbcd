//! Reservations of an account for urgent and high payments, and payments that should settle by a time.

use std::collections::BTreeSet;

use quittance::assets::modules;
use quittance::ledger::{
    Effect, Instruction, InstructionId, Outcome, SetReservation, Step, dry_run, print_minor,
};

use super::words::amount;
use super::{Run, started};

/// `reserved bank-a:usd 30.00 0.00`: for urgent, for high payments.
pub(super) fn directive(run: &Run, line: &str, context: &str) {
    let words: Vec<&str> = line.split_whitespace().collect();
    let ["reserved", address, urgent, high] = words.as_slice() else {
        panic!("{line}");
    };
    let book = run.world.book();
    let account = book.account(&address.parse().unwrap()).unwrap();
    let scale = book.asset_numbered(account.asset).unwrap().scale;
    let print = |minor: u128| print_minor(i128::try_from(minor).unwrap(), scale);
    let found = book.reserved(account);
    let found = [print(found.urgent), print(found.high)];
    assert_eq!(found, [*urgent, *high], "{context}");
}

/// `earmark bank-a:usd urgent=40 high=30`, or one of the two.
pub(super) fn instruction(id: InstructionId, address: &str, words: &[&str]) -> Instruction {
    let of = |name| words.iter().find_map(|word| word.strip_prefix(name));
    Instruction::SetReservation(SetReservation {
        id,
        address: address.parse().unwrap(),
        urgent: of("urgent=").map(amount),
        high: of("high=").map(amount),
    })
}

const WHO_MAY_USE_IT: &str = "
bank-a: earmark bank-a:usd urgent=40 high=30                            -> APPLIED
reserved bank-a:usd 40.00 30.00
balance bank-a:usd 100.00 100.00
// 30 are there for everybody: whatever waits for nothing, and what is normal.
bank-a: pay bank-a:usd bank-b:usd USD 30.01                             -> INSUFFICIENT_FUNDS leg 0
bank-a: pay bank-a:usd bank-b:usd USD 30.01; net                        -> INSUFFICIENT_FUNDS leg 0
bank-a: pay @2 @3 - 3001u                                               -> INSUFFICIENT_FUNDS leg 0
bank-a: reserve bank-a:usd bank-b:usd USD 30.01                         -> INSUFFICIENT_FUNDS leg 0
bank-a+operators: redeem bank-a:usd 30.01                               -> INSUFFICIENT_FUNDS
bank-a: #1 pay bank-a:usd bank-b:usd USD 30.01; queue                    -> QUEUED
node
bank-a: cancel #1                                                       -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 10; queue                         -> SETTLED
reserved bank-a:usd 40.00 30.00
// High ones: their own part, then what is there for everybody.
bank-a: pay bank-a:usd bank-b:usd USD 20; queue priority=high           -> SETTLED
reserved bank-a:usd 40.00 10.00
bank-a: #2 pay bank-a:usd bank-b:usd USD 30.01; queue priority=high      -> QUEUED
bank-a: cancel #2                                                       -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 15; queue priority=high           -> SETTLED
reserved bank-a:usd 40.00 0.00
balance bank-a:usd 55.00 55.00
bank-a: pay bank-a:usd bank-b:usd USD 15.01                             -> INSUFFICIENT_FUNDS leg 0
// Urgent ones: their own part, then what is there for everybody, then what is for high ones.
bank-a: earmark bank-a:usd high=10                                      -> APPLIED
reserved bank-a:usd 40.00 10.00
bank-a: pay bank-a:usd bank-b:usd USD 25; queue priority=urgent         -> SETTLED
reserved bank-a:usd 15.00 10.00
bank-a: pay bank-a:usd bank-b:usd USD 19; queue priority=urgent         -> SETTLED
reserved bank-a:usd 0.00 10.00
bank-a: pay bank-a:usd bank-b:usd USD 4; queue priority=urgent          -> SETTLED
reserved bank-a:usd 0.00 7.00
balance bank-a:usd 7.00 7.00
bank-a: pay bank-a:usd bank-b:usd USD 0.01                              -> INSUFFICIENT_FUNDS leg 0
bank-a: earmark bank-a:usd high=0                                       -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 7                                 -> SETTLED
";

const MORE_THAN_IS_THERE: &str = "
bank-a: pay bank-a:usd bank-b:usd USD 95                                -> SETTLED
bank-a: earmark bank-a:usd urgent=20 high=10                            -> APPLIED
bank-a: #1 pay bank-a:usd bank-b:usd USD 1; queue                        -> QUEUED
bank-a: #2 pay bank-a:usd bank-b:usd USD 5; queue priority=high          -> QUEUED
node
// What comes in fills it, what is for urgent ones first.
operators: issue bank-a:usd 15                                          -> SETTLED
node
balance bank-a:usd 20.00 20.00
operators: issue bank-a:usd 5                                           -> SETTLED
node #2 SETTLED
reserved bank-a:usd 20.00 5.00
operators: issue bank-a:usd 5.99                                        -> SETTLED
node
operators: issue bank-a:usd 0.01                                        -> SETTLED
node #1 SETTLED
reserved bank-a:usd 20.00 5.00
balance bank-a:usd 25.00 25.00
// Taken off again: what waits goes.
bank-a: #3 pay bank-a:usd bank-b:usd USD 12; queue                       -> QUEUED
node
bank-a: earmark bank-a:usd urgent=13                                    -> APPLIED
node
bank-a: earmark bank-a:usd urgent=8                                     -> APPLIED
node #3 SETTLED
reserved bank-a:usd 8.00 5.00
// A credit line counts as what is there.
operators: limits bank-a:usd credit=10                                  -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 10.01                             -> INSUFFICIENT_FUNDS leg 0
bank-a: pay bank-a:usd bank-b:usd USD 10                                -> SETTLED
// What a freeze keeps is nobody's.
operators: freeze bank-a:usd c-17 amount 5                               -> APPLIED
bank-a: #4 pay bank-a:usd bank-b:usd USD 9; queue priority=urgent        -> QUEUED
bank-a: #5 pay bank-a:usd bank-b:usd USD 8; queue priority=urgent        -> QUEUED
bank-a: cancel #4                                                       -> APPLIED
node #5 SETTLED
reserved bank-a:usd 0.00 5.00
";

const TOGETHER: &str = "
bank-a: earmark bank-a:usd urgent=60 high=40                            -> APPLIED
// What a set brings pays for it, and for what is normal first; the rest is asked of what is there.
bank-a: #1 pay bank-a:usd bank-b:usd USD 70; queue                       -> QUEUED
bank-b: #2 pay bank-b:usd bank-a:usd USD 69.99; queue                    -> QUEUED
node
bank-b: #3 pay bank-b:usd bank-a:usd USD 0.01; queue                     -> QUEUED
node #1 SETTLED #2 SETTLED #3 SETTLED
reserved bank-a:usd 60.00 40.00
// An urgent one goes with a normal one, and uses what is its own.
bank-a {
  #4 pay bank-a:usd bank-c:usd USD 200; queue priority=urgent            -> QUEUED
  #5 pay bank-a:usd bank-c:usd USD 30; queue                             -> QUEUED
}
node
bank-c/k1+bank-c/k2: #6 pay bank-c:usd bank-a:usd USD 170; queue         -> QUEUED
node #4 SETTLED #6 SETTLED
reserved bank-a:usd 30.00 40.00
balance bank-a:usd 70.00 70.00
// In one message under other signatures: a set with legs both ways is as normal as it says.
bank-a+bank-b: pay bank-a:usd bank-b:usd USD 50, bank-b:usd bank-a:usd USD 50; net -> SETTLED
bank-a: cancel #5                                                       -> APPLIED
";

const OTHERS: &str = "
// A capture takes what its hold has; what is above that sees what is not reserved.
bank-a: #1 reserve bank-a:usd bank-b:usd USD 50; over=10000 for=5000     -> RESERVED
bank-a: earmark bank-a:usd urgent=45                                    -> APPLIED
bank-b: capture #1 55.01                                                -> INSUFFICIENT_FUNDS leg 0
bank-b: capture #1 55                                                   -> SETTLED
reserved bank-a:usd 45.00 0.00
// All that is available to a split is what is not reserved.
operators: issue bank-a:usd 12                                          -> SETTLED
bank-a: split USD | bank-a:usd all | bank-b:usd rest                     -> SETTLED
balance bank-a:usd 45.00 45.00
// What a window's net owes is as what is urgent, whatever else is reserved.
operators {
  model ach USD manual 60                                               -> APPLIED
  join ach bank-a:usd 100                                               -> APPLIED
  join ach bank-b:usd 100                                               -> APPLIED
}
bank-a: earmark bank-a:usd high=20                                      -> APPLIED
bank-a: clear ach bank-a bank-b 44.00                                   -> CLEARED
operators: close_window ach                                             -> APPLIED entry 1
tick 1
window ach 1 settled
reserved bank-a:usd 1.00 20.00
balance bank-a:usd 1.00 1.00
// Fees are of the priority of what they are due on.
operators: open operators:fee operators fee USD                         -> APPLIED
operators: fees USD operators:fee (flat=1 by=debtor)                    -> APPLIED
operators: issue bank-a:usd 30                                          -> SETTLED
bank-a: earmark bank-a:usd urgent=21 high=0                             -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 9.01                              -> FEE_NOT_COVERED leg 0
bank-a: pay bank-a:usd bank-b:usd USD 9                                 -> SETTLED
bank-a: pay bank-a:usd bank-b:usd USD 10; queue priority=urgent         -> SETTLED
reserved bank-a:usd 10.00 0.00
// Whoever gets something pays its fee out of it, whatever it has reserved.
operators: fees USD operators:fee (flat=1 by=creditor)                  -> APPLIED
bank-b: pay bank-b:usd bank-a:usd USD 2                                 -> SETTLED
bank-b: pay bank-b:usd bank-a:usd USD 2; queue priority=urgent          -> SETTLED
reserved bank-a:usd 10.00 0.00
balance bank-a:usd 12.00 12.00
";

const BY_A_TIME: &str = "
bank-a: #1 pay bank-a:usd bank-b:usd USD 120; queue till=1000 until=9000  -> QUEUED
bank-a: #2 pay bank-a:usd bank-b:usd USD 110; queue till=2000            -> QUEUED
bank-a: #3 pay bank-a:usd bank-b:usd USD 300; queue till=3000 until=3500 -> QUEUED
node
later 1000
node #1 OVERDUE
node
// It goes on waiting, and settles as any other.
queue bank-a:usd #1 #2 #3
operators: issue bank-a:usd 20                                          -> SETTLED
node #1 SETTLED
operators: issue bank-a:usd 110                                         -> SETTLED
node #2 SETTLED
// Late for both at once: only revoked.
later 3000
node #3 REVOKED_AT_REJECT_TIME
// It is told once it waits, and once.
bank-a: #4 pay bank-a:usd bank-b:usd USD 130; queue from=500 till=1000 until=2000 -> QUEUED
later 500
node #4 QUEUED
later 500
node #4 OVERDUE
bank-a: requeue #4 priority=high                                        -> APPLIED
later 1000
node #4 REVOKED_AT_REJECT_TIME
// After the time from which it may settle, and before it is revoked.
bank-a: pay bank-a:usd bank-b:usd USD 1; queue till=0                   -> QUEUE_TIMES_INVALID
bank-a: pay bank-a:usd bank-b:usd USD 1; queue from=5 till=5            -> QUEUE_TIMES_INVALID
bank-a: pay bank-a:usd bank-b:usd USD 1; queue till=5 until=5           -> QUEUE_TIMES_INVALID
bank-a: pay bank-a:usd bank-b:usd USD 1; queue till=34560000001         -> QUEUE_TIMES_INVALID
";

/// Refusals of what is wished for accounts, in their order.
fn precedence() -> Run {
    let mut run = started();
    run.table(
        "
operators {
  open bank-a:closed bank-a settlement USD                              -> APPLIED
  close bank-a:closed                                                   -> APPLIED
}
bank-a: #1 earmark bank-a:usd urgent=1                                   -> APPLIED
ladder
bank-a: #1 earmark nowhere urgent=0.001                                  -> ID_ALREADY_USED
bank-a: earmark nowhere urgent=0.001                                    -> ACCOUNT_UNKNOWN
bank-a: earmark bank-b:usd urgent=0.001                                 -> NOT_OWNER
bank-a: earmark bank-a:closed high=0.001                                -> PRECISION_EXCEEDED
bank-a: earmark bank-a:closed urgent=1 high=79228162514264337593543950335 -> AMOUNT_TOO_LARGE
bank-a: earmark bank-a:closed urgent=0                                  -> ACCOUNT_CLOSED
bank-a: earmark bank-a:usd urgent=1                                     -> NO_CHANGE
end
operators: earmark operators:suspense.usd urgent=0                      -> ACCOUNT_KIND_NOT_ALLOWED
bank-a: earmark bank-a:usd                                              -> NO_CHANGE
bank-a: earmark bank-a:usd urgent=0                                     -> APPLIED
bank-a: earmark bank-a:usd high=0                                       -> NO_CHANGE
// Two of three of its keys, as for whatever else bank-c wants.
bank-c/k1: earmark bank-c:usd high=1                                    !! POLICY_UNMET
bank-c/k1+bank-c/k2: earmark bank-c:usd high=1                          -> APPLIED
// It may be proposed, and is its maker's.
bank-c/k1: #9 propose 5000 [earmark bank-c:usd urgent=3]                 -> PROPOSED
bank-c/k2: approve #9                                                   -> CARRIED_OUT
carried APPLIED
reserved bank-c:usd 3.00 1.00
",
    );
    run
}

/// Outcomes that the tables of this page reach.
pub(super) fn reached() -> BTreeSet<Outcome> {
    let mut reached = precedence().reached;
    let mut run = started();
    run.table(BY_A_TIME);
    reached.extend(run.reached);
    reached
}

#[test]
fn who_may_use_what_is_reserved() {
    started().table(WHO_MAY_USE_IT);
}

#[test]
fn more_may_be_reserved_than_is_there() {
    started().table(MORE_THAN_IS_THERE);
}

#[test]
fn what_settles_together_keeps_to_reservations() {
    started().table(TOGETHER);
}

#[test]
fn everything_else_sees_what_is_not_reserved() {
    started().table(OTHERS);
}

#[test]
fn payments_that_are_late_are_told_of() {
    started().table(BY_A_TIME);
}

/// Which payments a dry run says would settle right behind a message of one instruction.
fn foretold(run: &mut Run, who: &str, wish: &str) -> Vec<InstructionId> {
    let instruction = run.instruction(wish);
    let message = run.world.message(who, false, vec![instruction]);
    let (state, now) = (&mut run.world.state, run.world.now);
    let before = state.to_snapshot();
    let step = dry_run(state, now, &message, &modules());
    assert!(state.to_snapshot() == before, "a dry run changes nothing");
    let Step::Applied(applied) = step else {
        panic!("{wish}: {step:?}");
    };
    let settles = applied.effects.iter().map(|effect| match effect {
        Effect::Queued((_, id), None) => *id,
        other => panic!("{other:?}"),
    });
    settles.collect()
}

#[test]
fn a_dry_run_says_what_would_settle_behind_it() {
    let mut run = started();
    run.table(
        "
bank-a: pay bank-a:usd operators:suspense.usd USD 100                   -> SETTLED
bank-a: #1 pay bank-a:usd bank-b:usd USD 50; queue priority=high         -> QUEUED
bank-b: #2 pay bank-b:usd bank-c:usd USD 50; queue                       -> QUEUED
",
    );
    let keys = "bank-c/k1+bank-c/k2";
    let less = "pay bank-c:usd bank-a:usd USD 49; queue";
    assert_eq!(foretold(&mut run, keys, less), []);
    // All three would settle; but that depends on what others have, and nobody is told.
    let enough = "#3 pay bank-c:usd bank-a:usd USD 50; queue";
    assert_eq!(foretold(&mut run, keys, enough), []);
    // A reservation that is taken off, and nothing of what is not for funds.
    run.table(
        "
bank-c/k1+bank-c/k2: #3 pay bank-c:usd bank-a:usd USD 50; queue          -> QUEUED
node #1 SETTLED #2 SETTLED #3 SETTLED
operators: issue bank-a:usd 10                                          -> SETTLED
bank-a: earmark bank-a:usd urgent=10                                    -> APPLIED
bank-a: #4 pay bank-a:usd bank-b:usd USD 10; queue                       -> QUEUED
bank-a: #5 pay bank-a:usd bank-b:usd USD 1; queue from=5000              -> QUEUED
",
    );
    assert_eq!(
        foretold(&mut run, "bank-a", "earmark bank-a:usd urgent=1"),
        []
    );
    let freed = foretold(&mut run, "bank-a", "earmark bank-a:usd urgent=0");
    let fourth = run.world.book().queue().waiting().next();
    assert_eq!(freed, [fourth.unwrap().id()]);
}

#[test]
fn refusals_of_reservations_stand_in_their_order() {
    precedence();
}
