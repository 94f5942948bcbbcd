//! Limits, freezes, suspensions and the life of accounts as tables.

mod order;
mod periods;

use std::collections::BTreeSet;

use quittance::ledger::Outcome;
use quittance::limits::{BILATERAL_LIMITS_MAX, FREEZES_MAX};

use super::{Run, started};
use order::PRECEDENCE;

const FREEZES: &str = "
bank-a: #1 reserve bank-a:usd bank-b:usd USD 10                         -> RESERVED
bank-a: #2 reserve bank-a:usd bank-b:usd USD 10                         -> RESERVED
bank-a: #3 reserve bank-a:usd bank-b:usd USD 10; for=5000               -> RESERVED
operators: freeze bank-a:usd c-1 no_debit                               -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> ACCOUNT_FROZEN leg 0
bank-a: pay bank-a:usd bank-b:usd USD 1000                              -> ACCOUNT_FROZEN leg 0
bank-a: pay @2 @3 - 1u                                                  -> ACCOUNT_FROZEN leg 0
bank-a: reserve bank-a:usd bank-b:usd USD 1                             -> ACCOUNT_FROZEN leg 0
bank-b: capture #1                                                      -> ACCOUNT_FROZEN leg 0
operators+bank-a: redeem bank-a:usd 1                                   -> ACCOUNT_FROZEN
// The payer cannot void, the payee and the operators can; holds expire; money comes in.
bank-a: void #1                                                         -> ACCOUNT_FROZEN leg 0
bank-b: void #1                                                         -> VOIDED
operators: void #2                                                      -> VOIDED
later 5000
tick 1
operators: issue bank-a:usd 1                                           -> SETTLED
balance bank-a:usd 101.00 101.00
// Another case beside it, on the other side: each is lifted for itself.
operators: freeze bank-a:usd c-2 no_credit                              -> APPLIED
operators: issue bank-a:usd 1                                           -> ACCOUNT_FROZEN
operators: lift bank-a:usd c-1                                          -> APPLIED
bank-a: #4 reserve bank-a:usd bank-b:usd USD 5                          -> RESERVED
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> SETTLED
bank-b: pay bank-b:usd bank-a:usd USD 1                                 -> ACCOUNT_FROZEN leg 0
bank-b: reserve bank-b:usd bank-a:usd USD 1                             -> ACCOUNT_FROZEN leg 0
operators: freeze bank-b:usd c-3 none_allowed for=5000                  -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> ACCOUNT_FROZEN leg 0
bank-b: pay bank-b:usd bank-c:usd USD 1                                 -> ACCOUNT_FROZEN leg 0
bank-a: capture #4                                                      -> ACCOUNT_FROZEN leg 0
// It ends by itself, and the case may come back.
later 5000
bank-a: capture #4                                                      -> SETTLED
bank-b: pay bank-b:usd bank-c:usd USD 1                                 -> SETTLED
operators: lift bank-b:usd c-3                                          -> CASE_UNKNOWN
operators: freeze bank-b:usd c-3 no_debit                               -> APPLIED
bank-b: pay bank-b:usd bank-c:usd USD 1                                 -> ACCOUNT_FROZEN leg 0
operators: lift bank-b:usd c-3                                          -> APPLIED
bank-b: pay bank-b:usd bank-c:usd USD 1                                 -> SETTLED
";

const BLOCKS: &str = "
operators: freeze bank-a:usd c-1 amount 30                              -> APPLIED
operators: freeze bank-a:usd c-2 amount 50 for=5000                     -> APPLIED
balance bank-a:usd 100.00 20.00
bank-a: pay bank-a:usd bank-b:usd USD 20.01                             -> INSUFFICIENT_FUNDS leg 0
bank-a: #1 reserve bank-a:usd bank-b:usd USD 10; over=10000             -> RESERVED
bank-b: capture #1 20.01                                                -> CAPTURE_EXCEEDS_RESERVED leg 0
bank-a: pay bank-a:usd bank-b:usd USD 5                                 -> SETTLED
bank-b: capture #1 15.01                                                -> INSUFFICIENT_FUNDS leg 0
bank-b: capture #1 15                                                   -> SETTLED
balance bank-a:usd 80.00 0.00
// More may be blocked than there is.
operators: freeze bank-a:usd c-3 amount 1000                            -> APPLIED
balance bank-a:usd 80.00 -1000.00
bank-b: pay bank-b:usd bank-a:usd USD 1                                 -> SETTLED
operators: lift bank-a:usd c-3                                          -> APPLIED
later 5000
bank-a: pay bank-a:usd bank-b:usd USD 51                                -> SETTLED
balance bank-a:usd 30.00 0.00
";

const BANKS: &str = "
operators: issue bank-b:usd 50                                          -> SETTLED
bank-a: #1 reserve bank-a:usd bank-b:usd USD 10; over=10000             -> RESERVED
bank-a: #2 reserve bank-a:usd bank-b:usd USD 10                         -> RESERVED
operators: suspend bank-a                                               -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> PARTICIPANT_SUSPENDED leg 0
bank-a: pay bank-a:jpy bank-b:jpy JPY 1                                 -> PARTICIPANT_SUSPENDED leg 0
bank-a: reserve bank-a:usd bank-b:usd USD 1                             -> PARTICIPANT_SUSPENDED leg 0
operators+bank-a: redeem bank-a:usd 1                                   -> PARTICIPANT_SUSPENDED
// What was promised is kept, and no more; who asks is told as of its funds.
bank-b: capture #1 11                                                   -> INSUFFICIENT_FUNDS leg 0
bank-a: capture #1 11                                                   -> PARTICIPANT_SUSPENDED leg 0
bank-b: capture #1                                                      -> SETTLED
bank-a: void #2                                                         -> VOIDED
bank-b: pay bank-b:usd bank-a:usd USD 1                                 -> SETTLED
operators: issue bank-a:usd 1                                           -> SETTLED
operators: resume bank-a                                                -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> SETTLED
// A freeze of a bank is one of all its accounts, those to come too.
operators: freeze bank-a b-1 no_debit for=9000                          -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> ACCOUNT_FROZEN leg 0
bank-a: pay bank-a:jpy bank-b:jpy JPY 1                                 -> ACCOUNT_FROZEN leg 0
bank-b: pay bank-b:usd bank-a:usd USD 1                                 -> SETTLED
operators: freeze bank-a b-2 no_credit                                  -> APPLIED
operators: open bank-a:late bank-a settlement USD                       -> APPLIED
bank-b: pay bank-b:usd bank-a:late USD 1                                -> ACCOUNT_FROZEN leg 0
later 9000
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> SETTLED
operators: lift bank-a b-2                                              -> APPLIED
bank-b: pay bank-b:usd bank-a:late USD 1                                -> SETTLED
";

const FOUR_EYES: &str = "
operators: freeze bank-a:usd c-1 no_debit                               -> APPLIED
operators: freeze bank-a:usd c-2 no_debit                               -> APPLIED
// One key is enough while there never was another.
operators: lift bank-a:usd c-1                                          -> APPLIED
operators: key operators operators/k2                                   -> APPLIED
operators: lift bank-a:usd c-2                                          -> FOUR_EYES_NEEDED
operators/k1+operators/k1: lift bank-a:usd c-2                          -> FOUR_EYES_NEEDED
bank-a: lift bank-a:usd c-2                                             -> QUORUM_NOT_MET
bank-a+operators/k1: lift bank-a:usd c-2                                -> FOUR_EYES_NEEDED
// Nor may one operator make itself the only one.
operators: revoke operators operators/k2                                -> APPLIED
operators: lift bank-a:usd c-2                                          -> FOUR_EYES_NEEDED
operators: key operators operators/k3                                   -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> ACCOUNT_FROZEN leg 0
bank-a+operators/k1+operators/k3: lift bank-a:usd c-2                   -> APPLIED
operators/k1+operators/k3: lift bank-a:usd c-2                          -> CASE_UNKNOWN
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> SETTLED
";

const LIFE: &str = "
operators: close bank-b:usd                                             -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> ACCOUNT_CLOSED leg 0
operators: reopen bank-b:usd                                            -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> SETTLED
bank-b: pay bank-b:usd bank-a:usd USD 1                                 -> SETTLED
// What it was limited to it is limited to again.
operators: limits bank-b:usd top=5                                      -> APPLIED
operators: close bank-b:usd                                             -> APPLIED
operators: reopen bank-b:usd                                            -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 6                                 -> MAX_BALANCE leg 0
bank-a: pay bank-a:usd bank-b:usd USD 5                                 -> SETTLED
";

/// What stands in the way of a close, one after the other: a balance of either sign, what is reserved
/// either way, what waits. What is closed is nobody's payee any more, and holds nothing that could end.
const CLOSES: &str = "
operators {
  open bank-a:new bank-a settlement USD                                 -> APPLIED
  limits bank-a:new credit=10                                           -> APPLIED
}
bank-a: pay bank-a:new bank-a:usd USD 1                                 -> SETTLED
operators: close bank-a:new                                             -> ACCOUNT_NOT_EMPTY
bank-a: pay bank-a:usd bank-a:new USD 2                                 -> SETTLED
operators: close bank-a:new                                             -> ACCOUNT_NOT_EMPTY
bank-a: pay bank-a:new bank-a:usd USD 1                                 -> SETTLED
balance bank-a:new 0.00 10.00
bank-a: #1 reserve bank-a:new bank-b:usd USD 5                          -> RESERVED
operators: close bank-a:new                                             -> ACCOUNT_NOT_EMPTY
operators: close bank-b:usd                                             -> ACCOUNT_NOT_EMPTY
bank-a: void #1                                                         -> VOIDED
bank-a: #2 pay bank-a:new bank-b:usd USD 50; queue                      -> QUEUED
operators: close bank-a:new                                             -> ACCOUNT_NOT_EMPTY
operators: close bank-b:usd                                             -> ACCOUNT_NOT_EMPTY
bank-a: cancel #2                                                       -> APPLIED
operators: close bank-a:new                                             -> APPLIED
bank-a: pay bank-a:usd bank-a:new USD 1                                 -> ACCOUNT_CLOSED leg 0
bank-a: pay bank-a:new bank-a:usd USD 1                                 -> ACCOUNT_CLOSED leg 0
bank-a: reserve bank-a:usd bank-a:new USD 1                             -> ACCOUNT_CLOSED leg 0
operators: issue bank-a:new 1                                           -> ACCOUNT_CLOSED
bank-a: reopen bank-a:new                                               -> QUORUM_NOT_MET
operators: reopen bank-a:new                                            -> APPLIED
";

const TOPS: &str = "
operators: limits bank-b:usd top=50                                     -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 50.01                             -> MAX_BALANCE leg 0
bank-a: pay bank-a:usd bank-b:usd USD 30                                -> SETTLED
// What is reserved for it may come, so it counts.
bank-a: #1 reserve bank-a:usd bank-b:usd USD 20.01                      -> MAX_BALANCE leg 0
bank-a: #1 reserve bank-a:usd bank-b:usd USD 20.01                      -> ID_ALREADY_USED
bank-a: #2 reserve bank-a:usd bank-b:usd USD 20; over=10000             -> RESERVED
bank-a: pay bank-a:usd bank-b:usd USD 0.01                              -> MAX_BALANCE leg 0
operators: issue bank-b:usd 0.01                                        -> MAX_BALANCE
bank-b: capture #2 20.01                                                -> MAX_BALANCE leg 0
bank-b: capture #2 20                                                   -> SETTLED
// Legs are looked at one after the other.
bank-a+bank-b: pay bank-b:usd bank-a:usd USD 1, bank-a:usd bank-b:usd USD 1 -> SETTLED
bank-a+bank-b: pay bank-a:usd bank-b:usd USD 1, bank-b:usd bank-a:usd USD 1 -> MAX_BALANCE leg 0
// Below present use it refuses and undoes nothing.
operators: limits bank-b:usd top=10                                     -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 0.01                              -> MAX_BALANCE leg 0
bank-b: pay bank-b:usd bank-a:usd USD 40.50                             -> SETTLED
bank-a: pay bank-a:usd bank-b:usd USD 0.50                              -> SETTLED
";

const VELOCITY: &str = "
operators: limits bank-a:usd debit/50=10x3                              -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 6                                 -> SETTLED
bank-a: pay bank-a:usd bank-b:usd USD 4.01                              -> LIMIT_VELOCITY leg 0
bank-a: pay @2 @3 - 401u                                                -> LIMIT_VELOCITY leg 0
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> SETTLED
bank-a: pay bank-a:usd bank-b:usd USD 1, bank-a:usd bank-b:usd USD 1    -> LIMIT_VELOCITY leg 1
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> SETTLED
bank-a: pay bank-a:usd bank-b:usd USD 0.01                              -> LIMIT_VELOCITY leg 0
// After the window and a fiftieth of it, it is surely free.
later 49000
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> LIMIT_VELOCITY leg 0
later 2000
bank-a: #1 reserve bank-a:usd bank-b:usd USD 10; over=10000              -> RESERVED
bank-a: pay bank-a:usd bank-b:usd USD 0.01                              -> LIMIT_VELOCITY leg 0
// A capture counts no more; above what is reserved it does.
bank-a: capture #1 10.01                                                -> LIMIT_VELOCITY leg 0
bank-b: capture #1 10.01                                                -> INSUFFICIENT_FUNDS leg 0
bank-b: capture #1 4                                                    -> SETTLED
// The rest was given back.
bank-a: pay bank-a:usd bank-b:usd USD 6.01                              -> LIMIT_VELOCITY leg 0
bank-a: #2 reserve bank-a:usd bank-b:usd USD 6                           -> RESERVED
bank-a: void #2                                                         -> VOIDED
bank-a: #3 reserve bank-a:usd bank-b:usd USD 5; for=1000                 -> RESERVED
later 1000
// Setting the same window again goes on counting.
operators: limits bank-a:usd debit/50=9                                 -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 5.01                              -> LIMIT_VELOCITY leg 0
bank-a: pay bank-a:usd bank-b:usd USD 5                                 -> SETTLED
// Redeeming is paying too.
operators+bank-a: redeem bank-a:usd 1                                   -> LIMIT_VELOCITY
operators: limits bank-a:usd                                            -> APPLIED
operators+bank-a: redeem bank-a:usd 1                                   -> SETTLED
operators: limits bank-a:usd debit/50=9                                 -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 9                                 -> SETTLED
";

const RECEIVED: &str = "
operators: limits bank-b:usd credit/50=10x2 net/50=5                    -> APPLIED
// To others it is as if there were enough on it.
bank-a: pay bank-a:usd bank-b:usd USD 10.01                             -> MAX_BALANCE leg 0
bank-a+bank-b: pay bank-a:usd bank-b:usd USD 10.01                      -> LIMIT_VELOCITY leg 0
operators: issue bank-b:usd 10.01                                       -> LIMIT_VELOCITY
operators: issue bank-b:usd 8                                           -> SETTLED
bank-a: #1 reserve bank-a:usd bank-b:usd USD 2                           -> RESERVED
bank-a: pay bank-a:usd bank-b:usd USD 0.01                              -> MAX_BALANCE leg 0
bank-a: void #1                                                         -> VOIDED
// Net: what came in may go out again, and five more.
bank-b: pay bank-b:usd bank-a:usd USD 8                                 -> SETTLED
operators: limits bank-b:usd credit=100 net/50=5                        -> APPLIED
bank-b: pay bank-b:usd bank-a:usd USD 5.01                              -> LIMIT_VELOCITY leg 0
bank-b: pay bank-b:usd bank-a:usd USD 5                                 -> SETTLED
// What is reserved for it is not there yet.
bank-a: #2 reserve bank-a:usd bank-b:usd USD 2                           -> RESERVED
bank-b: pay bank-b:usd bank-a:usd USD 0.01                              -> LIMIT_VELOCITY leg 0
bank-b: capture #2                                                      -> SETTLED
bank-b: pay bank-b:usd bank-a:usd USD 2.01                              -> LIMIT_VELOCITY leg 0
bank-b: pay bank-b:usd bank-a:usd USD 2                                 -> SETTLED
";

const DAILY: &str = "
operators {
  limits bank-a:usd to:bank-b=10 all=15                                 -> APPLIED
  limits bank-b:usd credit=100                                          -> APPLIED
  open bank-a:two bank-a settlement USD                                 -> APPLIED
}
bank-a: pay bank-a:usd bank-b:usd USD 10.01                             -> LIMIT_BILATERAL leg 0
bank-a: pay bank-a:usd bank-b:usd USD 9                                 -> SETTLED
bank-a: #1 reserve bank-a:usd bank-b:usd USD 1; over=10000               -> RESERVED
bank-a: pay bank-a:usd bank-b:usd USD 0.01                              -> LIMIT_BILATERAL leg 0
bank-a: pay bank-a:usd bank-c:usd USD 5.01                              -> LIMIT_MULTILATERAL leg 0
bank-a: pay bank-a:usd bank-c:usd USD 5                                 -> SETTLED
bank-a: capture #1 1.01                                                 -> LIMIT_BILATERAL leg 0
bank-b: capture #1 1.01                                                 -> INSUFFICIENT_FUNDS leg 0
bank-b: capture #1                                                      -> SETTLED
// What is its own, and funds out, are no settlement.
bank-a: pay bank-a:usd bank-a:two USD 20                                -> SETTLED
operators+bank-a: redeem bank-a:usd 20                                  -> SETTLED
// What comes back gives room.
bank-b: pay bank-b:usd bank-a:usd USD 4                                 -> SETTLED
bank-a: pay bank-a:usd bank-b:usd USD 4.01                              -> LIMIT_BILATERAL leg 0
bank-a: pay bank-a:usd bank-c:usd USD 1                                 -> SETTLED
bank-a: pay bank-a:usd bank-b:usd USD 3                                 -> SETTLED
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> LIMIT_MULTILATERAL leg 0
// Raising one goes on counting.
operators: limits bank-a:usd to:bank-b=10 all=16                        -> APPLIED
bank-a: #2 reserve bank-a:usd bank-b:usd USD 1                           -> RESERVED
bank-a: pay bank-a:usd bank-c:usd USD 0.01                              -> LIMIT_MULTILATERAL leg 0
// A new day begins at midnight of UTC; what is given back then is not of it.
later 86400000
bank-a: void #2                                                         -> VOIDED
bank-a: pay bank-a:usd bank-b:usd USD 10.01                             -> LIMIT_BILATERAL leg 0
bank-a: #3 reserve bank-a:usd bank-b:usd USD 10                          -> RESERVED
bank-a: void #3                                                         -> VOIDED
bank-a: pay bank-a:usd bank-b:usd USD 10                                -> SETTLED
";

/// The example of docs/guide/settlement.md; the log begins at 09:30 and is moved to 09:00 of the next
/// day.
const GUIDE: &str = "
operators: issue bank-a:usd 20000000                                    -> SETTLED
operators: limits bank-a:usd debit/3600=8000000x500 to:bank-b=6000000    -> APPLIED
later 84600000
bank-a: pay bank-a:usd bank-b:usd USD 5000000                           -> SETTLED
later 600000
bank-a: pay bank-a:usd bank-b:usd USD 1500000                           -> LIMIT_BILATERAL leg 0
later 600000
bank-a: #1 reserve bank-a:usd bank-c:usd USD 2000000                     -> RESERVED
later 300000
bank-b: pay bank-b:usd bank-a:usd USD 3000000                           -> SETTLED
later 300000
bank-a: pay bank-a:usd bank-b:usd USD 1500000                           -> LIMIT_VELOCITY leg 0
later 600000
bank-a: capture #1 500000                                               -> SETTLED
later 300000
bank-a: pay bank-a:usd bank-b:usd USD 1500000                           -> SETTLED
bank-a: pay bank-a:usd bank-b:usd USD 1000000.01                        -> LIMIT_VELOCITY leg 0
";

/// Nothing of a message that was refused or tried is counted.
const UNDONE: &str = "
operators: limits bank-a:usd debit/50=10x9 to:bank-b=10                 -> APPLIED
bank-a atomic {
  pay bank-a:usd bank-b:usd USD 4                                       -> MESSAGE_ABORTED
  #1 reserve bank-a:usd bank-b:usd USD 5                                 -> MESSAGE_ABORTED
  void #1                                                               -> MESSAGE_ABORTED
  pay bank-a:usd bank-b:usd USD 7                                       -> LIMIT_VELOCITY leg 0
}
bank-a {
  #2 reserve bank-a:usd bank-b:usd USD 3                                 -> RESERVED
  pay bank-a:usd bank-b:usd USD 4, bank-a:usd bank-b:usd USD 4          -> LIMIT_VELOCITY leg 1
  pay bank-a:usd bank-b:usd USD 7                                       -> SETTLED
  pay bank-a:usd bank-b:usd USD 1                                       -> LIMIT_VELOCITY leg 0
  void #2                                                               -> VOIDED
  pay bank-a:usd bank-b:usd USD 3                                       -> SETTLED
}
operators atomic {
  limits bank-a:usd                                                     -> MESSAGE_ABORTED
  freeze bank-a:usd c-1 no_debit                                        -> MESSAGE_ABORTED
  suspend bank-a                                                        -> MESSAGE_ABORTED
  suspend bank-x                                                        -> PARTICIPANT_UNKNOWN
}
bank-a: pay bank-a:usd bank-b:usd USD 0.01                              -> LIMIT_VELOCITY leg 0
later 100000
bank-a: pay bank-a:usd bank-b:usd USD 0.01                              -> LIMIT_BILATERAL leg 0
// A rule holds in the very message that sets it.
operators+bank-a {
  limits bank-a:usd debit/60=1                                          -> APPLIED
  pay bank-a:usd bank-b:usd USD 0.6                                     -> SETTLED
  pay bank-a:usd bank-b:usd USD 0.6                                     -> LIMIT_VELOCITY leg 0
}
";

const TABLES: [&str; 16] = [
    GUIDE,
    FREEZES,
    BLOCKS,
    BANKS,
    FOUR_EYES,
    LIFE,
    CLOSES,
    TOPS,
    VELOCITY,
    RECEIVED,
    periods::UTC,
    periods::BUSINESS,
    periods::URGENT,
    DAILY,
    UNDONE,
    PRECEDENCE,
];

/// Outcomes that the tables of this page reach.
pub(super) fn reached() -> BTreeSet<Outcome> {
    let mut reached = too_many().reached;
    for table in TABLES {
        let mut run = started();
        run.table(table);
        reached.extend(run.reached);
    }
    reached
}

#[test]
fn a_freeze_stops_what_it_says_until_it_is_lifted_or_ends() {
    started().table(FREEZES);
}

#[test]
fn blocked_amounts_are_not_available_and_add_up() {
    started().table(BLOCKS);
}

#[test]
fn a_bank_is_suspended_or_frozen_with_all_its_accounts() {
    started().table(BANKS);
}

#[test]
fn a_freeze_is_lifted_by_two_operators() {
    started().table(FOUR_EYES);
}

#[test]
fn a_closed_account_can_be_opened_again() {
    started().table(LIFE);
}

#[test]
fn an_account_is_closed_when_nothing_is_on_it_or_on_its_way() {
    started().table(CLOSES);
}

#[test]
fn an_account_takes_no_more_than_its_maximum() {
    started().table(TOPS);
}

#[test]
fn velocity_rules_hold_what_is_paid_in_a_time() {
    started().table(VELOCITY);
}

#[test]
fn velocity_rules_hold_what_is_received_and_the_net() {
    started().table(RECEIVED);
}

#[test]
fn periods_begin_anew_with_the_day_the_week_and_the_month() {
    started().table(periods::UTC);
    started().table(periods::BUSINESS);
}

#[test]
fn an_urgent_payment_counts_as_any_other() {
    started().table(periods::URGENT);
}

#[test]
fn limits_of_the_day_hold_what_goes_to_others_net() {
    started().table(DAILY);
}

#[test]
fn the_example_of_the_guide_is_true() {
    started().table(GUIDE);
}

#[test]
fn what_is_undone_is_not_counted() {
    started().table(UNDONE);
}

#[test]
fn refusals_of_limits_and_freezes_stand_in_their_order() {
    started().table(PRECEDENCE);
}

#[test]
fn freezes_and_limits_are_bounded() {
    too_many();
}

fn too_many() -> Run {
    let mut run = started();
    let mut table = String::new();
    for n in 0..FREEZES_MAX {
        let ends = if n == 0 { " for=5000" } else { "" };
        table += &format!("operators: freeze bank-a:usd c-{n} no_credit{ends} -> APPLIED\n");
    }
    table += "operators: freeze bank-a:usd more no_credit -> FREEZES_TOO_MANY\n\
              operators: lift bank-a:usd c-3 -> APPLIED\n\
              operators: freeze bank-a:usd more no_credit -> APPLIED\n\
              operators: freeze bank-a:usd most no_credit -> FREEZES_TOO_MANY\n\
              later 5000\n\
              operators: freeze bank-a:usd most no_credit -> APPLIED\n";
    let mut limits = String::new();
    for n in 0..=BILATERAL_LIMITS_MAX {
        table += &format!("operators: participant many-{n} bank 1 many-{n}/k1 -> APPLIED\n");
        if n < BILATERAL_LIMITS_MAX {
            limits += &format!(" to:many-{n}=1");
        }
    }
    table += &format!("operators: limits bank-a:usd{limits} -> APPLIED\n");
    let more = BILATERAL_LIMITS_MAX;
    table += &format!("operators: limits bank-a:usd{limits} to:many-{more}=1 -> LIMITS_INVALID\n");
    run.table(&table);
    run
}
