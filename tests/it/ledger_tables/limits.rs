//! Limits that are counted as tables, and the refusals of limits and freezes in their order.

use std::collections::BTreeSet;

use quittance::ledger::Outcome;
use quittance::limits::{BILATERAL_LIMITS_MAX, FREEZES_MAX};

use super::{Run, started};

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

const PRECEDENCE: &str = "
operators {
  open bank-a:closed bank-a settlement USD                              -> APPLIED
  open bank-b:tight bank-b settlement USD                               -> APPLIED
  open bank-b:free bank-b settlement USD                                -> APPLIED
  open bank-a:frozen bank-a settlement USD                              -> APPLIED
  open bank-a:capped bank-a settlement USD                              -> APPLIED
  close bank-a:closed                                                   -> APPLIED
  limits bank-b:tight top=1                                             -> APPLIED
  limits bank-a:frozen max=5                                            -> APPLIED
  freeze bank-a:frozen c-1 no_debit                                     -> APPLIED
  limits bank-a:capped max=5                                            -> APPLIED
  limits bank-a:usd debit/50=1 to:bank-b=2 all=3                        -> APPLIED
  suspend bank-a                                                        -> APPLIED
}
ladder
bank-a: pay bank-a:closed bank-b:tight USD 1000                         -> ACCOUNT_CLOSED leg 0
bank-a: pay bank-a:frozen bank-b:tight USD 1000                         -> ACCOUNT_FROZEN leg 0
bank-a: pay bank-a:capped bank-b:tight USD 1000                         -> PARTICIPANT_SUSPENDED leg 0
end
operators: resume bank-a                                                -> APPLIED
ladder
bank-a: pay bank-a:capped bank-b:tight USD 1000                         -> LIMIT_PER_TRANSFER leg 0
bank-a: pay bank-a:usd bank-b:tight USD 1000                            -> INSUFFICIENT_FUNDS leg 0
bank-a: pay bank-a:usd bank-b:tight USD 10                              -> MAX_BALANCE leg 0
bank-a: pay bank-a:usd bank-b:free USD 10                               -> LIMIT_VELOCITY leg 0
operators: limits bank-a:usd to:bank-b=2 all=3                          -> APPLIED
end
ladder
bank-a: pay bank-a:usd bank-b:free USD 10                               -> LIMIT_BILATERAL leg 0
bank-a: pay bank-a:usd bank-c:usd USD 10                                -> LIMIT_MULTILATERAL leg 0
bank-a: pay bank-a:usd bank-b:free USD 2                                -> SETTLED
end
ladder
bank-a: limits nowhere top=0.001 to:bank-x=1                            -> QUORUM_NOT_MET
operators: limits nowhere top=0.001 to:bank-x=1                         -> ACCOUNT_UNKNOWN
operators: limits operators:suspense.usd top=0.001 to:bank-x=1 to:bank-x=1 -> PRECISION_EXCEEDED
operators: limits operators:suspense.usd to:bank-x=79228162514264337593543950335 -> AMOUNT_TOO_LARGE
operators: limits bank-a:closed to:bank-x=1                             -> ACCOUNT_CLOSED
operators: limits operators:suspense.usd to:bank-x=1 to:bank-x=1        -> PARTICIPANT_UNKNOWN
operators: limits operators:suspense.usd to:bank-b=1 to:bank-b=1        -> ACCOUNT_KIND_NOT_ALLOWED
operators: limits bank-a:usd to:bank-b=1 to:bank-b=1                    -> LIMITS_INVALID
operators: limits bank-a:usd to:bank-b=1 to:bank-c=1                    -> APPLIED
end
operators: limits bank-a:usd to:bank-a=1                                -> LIMITS_INVALID
operators: limits bank-a:usd debit/60=-                                 -> LIMITS_INVALID
operators: limits bank-a:usd debit/0=1                                  -> LIMITS_INVALID
operators: limits bank-a:usd debit/2678401=1                            -> LIMITS_INVALID
operators: limits bank-a:usd debit/2678400=1                            -> APPLIED
operators: limits bank-a:usd net/60=1x1                                 -> LIMITS_INVALID
operators: limits bank-a:usd debit/60=1 debit/60=-x1                    -> LIMITS_INVALID
operators: limits bank-a:usd debit/1=1 debit/2=1 debit/3=1 debit/4=1 debit/5=1 -> LIMITS_INVALID
operators: limits bank-a:usd debit/1=1 credit/1=-x0 net/1=1 debit/4=1   -> APPLIED
ladder
bank-a: freeze nowhere c-1 amount 0.000 for=0                           -> QUORUM_NOT_MET
operators: freeze nowhere c-1 amount 0.000 for=0                        -> ACCOUNT_UNKNOWN
operators: freeze bank-a:usd c-1 amount 0.000 for=0                     -> AMOUNT_ZERO
operators: freeze bank-a:usd c-1 amount 0.001 for=0                     -> PRECISION_EXCEEDED
operators: freeze bank-a:usd c-1 amount 79228162514264337593543950335 for=0 -> AMOUNT_TOO_LARGE
operators: freeze operators:suspense.usd c-1 no_debit for=0             -> EXPIRY_INVALID
operators: freeze operators:suspense.usd c-1 no_debit                   -> ACCOUNT_KIND_NOT_ALLOWED
operators: freeze bank-a:frozen c-1 amount 1                            -> CASE_EXISTS
operators: freeze bank-a:frozen c-2 amount 1                            -> APPLIED
end
ladder
operators: freeze bank-x c-1 no_debit for=0                             -> PARTICIPANT_UNKNOWN
operators: freeze operators c-1 no_debit                                -> PARTICIPANT_NOT_BANK
operators: freeze bank-a c-1 no_debit                                   -> APPLIED
operators: freeze bank-a c-1 no_credit                                  -> CASE_EXISTS
end
operators: freeze auditor-1 c-1 no_debit for=0                          -> EXPIRY_INVALID
operators: freeze none c-1 no_debit                                     -> FREEZE_INVALID
operators: freeze both c-1 no_debit                                     -> FREEZE_INVALID
operators: freeze bank-a c-2 amount 1                                   -> FREEZE_INVALID
operators: freeze bank-a:usd c-2 amount                                 -> FREEZE_INVALID
operators: freeze bank-a:usd c-2 no_debit 1                             -> FREEZE_INVALID
operators: lift both c-1                                                -> FREEZE_INVALID
operators: key operators operators/k2                                   -> APPLIED
ladder
bank-a: lift nowhere c-9                                                -> QUORUM_NOT_MET
operators: lift nowhere c-9                                             -> ACCOUNT_UNKNOWN
operators: lift bank-x c-9                                              -> PARTICIPANT_UNKNOWN
operators: lift bank-a:usd c-1                                          -> CASE_UNKNOWN
operators: lift bank-a c-1                                              -> FOUR_EYES_NEEDED
operators/k1+operators/k2: lift bank-a c-1                              -> APPLIED
end
ladder
bank-a: reopen nowhere                                                  -> QUORUM_NOT_MET
operators: reopen nowhere                                               -> ACCOUNT_UNKNOWN
operators: reopen bank-a:usd                                            -> NO_CHANGE
operators: reopen bank-a:closed                                         -> APPLIED
end
ladder
bank-a: suspend bank-x                                                  -> QUORUM_NOT_MET
operators: suspend bank-x                                               -> PARTICIPANT_UNKNOWN
operators: resume bank-a                                                -> NO_CHANGE
operators: suspend operators                                            -> PARTICIPANT_NOT_BANK
operators: suspend bank-a                                               -> APPLIED
end
operators: suspend bank-a                                               -> NO_CHANGE
operators: resume auditor-1                                             -> PARTICIPANT_NOT_BANK
";

const TABLES: [&str; 7] = [GUIDE, TOPS, VELOCITY, RECEIVED, DAILY, UNDONE, PRECEDENCE];

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
