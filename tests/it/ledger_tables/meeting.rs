//! Payments that wait where there are freezes, suspensions and limits that are counted.

use super::started;

const FROZEN: &str = "
operators: freeze bank-a:usd c-1 no_debit                               -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 1; queue                          -> ACCOUNT_FROZEN leg 0
bank-a: pay bank-a:usd bank-b:usd USD 1; net                            -> ACCOUNT_FROZEN leg 0
operators: lift bank-a:usd c-1                                          -> APPLIED
operators: freeze bank-b b-1 no_credit                                  -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 1; queue                          -> ACCOUNT_FROZEN leg 0
operators: lift bank-b b-1                                              -> APPLIED
operators: suspend bank-a                                               -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 1; queue                          -> PARTICIPANT_SUSPENDED leg 0
operators: resume bank-a                                                -> APPLIED
// What waits is stuck, as with an asset that does not move, and goes when nothing stops it.
bank-a: #1 pay bank-a:usd bank-b:usd USD 110; queue                     -> QUEUED
operators: freeze bank-a:usd c-1 no_debit                               -> APPLIED
operators: freeze bank-b b-1 no_credit                                  -> APPLIED
operators: suspend bank-a                                               -> APPLIED
operators: issue bank-a:usd 10                                          -> SETTLED
node
operators: lift bank-a:usd c-1                                          -> APPLIED
node
operators: lift bank-b b-1                                              -> APPLIED
node
operators: resume bank-a                                                -> APPLIED
node #1 SETTLED
balance bank-a:usd 0.00 0.00
// It is in nobody's way but of those behind it.
bank-b: #2 pay bank-b:usd bank-a:usd USD 120; queue                     -> QUEUED
operators: freeze bank-b:usd c-2 no_debit                               -> APPLIED
bank-a: #3 pay bank-a:usd bank-b:usd USD 20; queue                      -> QUEUED
node
operators: issue bank-a:usd 20                                          -> SETTLED
node #3 SETTLED
operators: lift bank-b:usd c-2                                          -> APPLIED
node #2 SETTLED
";

const ENDED: &str = "
bank-a: #1 pay bank-a:usd bank-b:usd USD 110; queue                     -> QUEUED
operators: freeze bank-b:usd c-1 none_allowed for=5000                  -> APPLIED
operators: issue bank-a:usd 10                                          -> SETTLED
node
// Nothing says that a freeze has ended: the next entry finds it.
later 5000
node
bank-c/k1+bank-c/k2: pay bank-c:usd bank-a:usd USD 1                    -> INSUFFICIENT_FUNDS leg 0
node #1 SETTLED
balance bank-b:usd 110.00 110.00
// So it is with a freeze of a bank, and with one that is found by what the node does.
operators: issue bank-a:usd 10                                          -> SETTLED
bank-a: #2 pay bank-a:usd bank-b:usd USD 20; queue                      -> QUEUED
bank-a: #3 pay bank-a:usd bank-c:usd USD 99; queue until=9000           -> QUEUED
operators: freeze bank-a b-1 no_debit for=5000                          -> APPLIED
operators: issue bank-a:usd 10                                          -> SETTLED
node
later 9000
node #3 REVOKED_AT_REJECT_TIME #2 SETTLED
";

const BLOCKED: &str = "
operators: freeze bank-a:usd c-1 amount 30                              -> APPLIED
bank-a: #1 pay bank-a:usd bank-b:usd USD 80; queue                      -> QUEUED
bank-a: pay bank-a:usd bank-b:usd USD 80; net                           -> INSUFFICIENT_FUNDS leg 0
bank-a+bank-b: pay bank-a:usd bank-b:usd USD 80, bank-b:usd bank-a:usd USD 10; net -> SETTLED
balance bank-a:usd 30.00 0.00
operators: issue bank-a:usd 79                                          -> SETTLED
node
operators: freeze bank-a:usd c-2 amount 5 for=5000                      -> APPLIED
operators: issue bank-a:usd 1                                           -> SETTLED
node
operators: lift bank-a:usd c-2                                          -> APPLIED
node #1 SETTLED
balance bank-a:usd 30.00 0.00
bank-a: #2 pay bank-a:usd bank-b:usd USD 30; queue                      -> QUEUED
operators: lift bank-a:usd c-1                                          -> APPLIED
node #2 SETTLED
// More may be blocked than there is; what comes in pays what goes out all the same.
operators: freeze bank-a:usd c-3 amount 1000                            -> APPLIED
bank-a+bank-b: pay bank-a:usd bank-b:usd USD 5, bank-b:usd bank-a:usd USD 5; net -> SETTLED
bank-a: #3 pay bank-a:usd bank-b:usd USD 5; queue                       -> QUEUED
bank-b: #4 pay bank-b:usd bank-a:usd USD 5; queue                       -> SETTLED
node
";

const COUNTED: &str = "
operators: limits bank-a:usd debit/50=150x4                             -> APPLIED
// It counts from when it waits, and is refused then.
bank-a: #1 pay bank-a:usd bank-b:usd USD 140; queue                     -> QUEUED
bank-a: pay bank-a:usd bank-b:usd USD 10.01; queue                      -> LIMIT_VELOCITY leg 0
bank-a: pay bank-a:usd bank-b:usd USD 1000; queue                       -> LIMIT_VELOCITY leg 0
bank-a: pay bank-a:usd bank-b:usd USD 5, bank-a:usd bank-b:usd USD 5.01; queue -> LIMIT_VELOCITY leg 1
bank-a: pay bank-a:usd bank-b:usd USD 5, bank-a:usd bank-b:usd USD 5.01; net -> LIMIT_VELOCITY leg 1
bank-a: pay bank-a:usd bank-b:usd USD 5, bank-a:usd bank-b:usd USD 5; net -> SETTLED
// Nobody asks again when it settles, and it does not count twice.
operators: limits bank-a:usd debit/50=20                                -> APPLIED
operators: issue bank-a:usd 50                                          -> SETTLED
node #1 SETTLED
operators: limits bank-a:usd debit/50=160                               -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 10.01; queue                      -> LIMIT_VELOCITY leg 0
bank-a: #2 pay bank-a:usd bank-b:usd USD 10; queue from=100 until=200   -> QUEUED
bank-a: pay bank-a:usd bank-b:usd USD 0.01; queue                       -> LIMIT_VELOCITY leg 0
// What is taken back or revoked counts no more.
bank-a: cancel #2                                                       -> APPLIED
bank-a: #3 pay bank-a:usd bank-b:usd USD 10; queue until=200            -> QUEUED
bank-a: pay bank-a:usd bank-b:usd USD 0.01; queue                       -> LIMIT_VELOCITY leg 0
later 200
node #3 REVOKED_AT_REJECT_TIME
bank-a: #4 pay bank-a:usd bank-b:usd USD 10; queue                      -> QUEUED
bank-a atomic {
  cancel #4                                                             -> MESSAGE_ABORTED
  pay bank-a:usd bank-b:usd USD 10.01; queue                            -> LIMIT_VELOCITY leg 0
}
bank-a: pay bank-a:usd bank-b:usd USD 0.01; queue                       -> LIMIT_VELOCITY leg 0
";

const DAYS: &str = "
operators: limits bank-a:usd to:bank-b=120 all=150                    -> APPLIED
bank-a: #1 pay bank-a:usd bank-b:usd USD 120; queue                     -> QUEUED
bank-a: pay bank-a:usd bank-b:usd USD 0.01; queue                       -> LIMIT_BILATERAL leg 0
bank-a: #2 pay bank-a:usd bank-c:usd USD 120; queue                     -> LIMIT_MULTILATERAL leg 0
bank-a: #3 pay bank-a:usd bank-c:usd USD 30; queue                      -> SETTLED
// What is booked gives room, what waits to come in does not.
operators: issue bank-b:usd 60                                          -> SETTLED
operators: freeze bank-a:usd c-1 amount 1000                            -> APPLIED
bank-b: #4 pay bank-b:usd bank-a:usd USD 70; queue                      -> QUEUED
bank-a: pay bank-a:usd bank-b:usd USD 10; queue                         -> LIMIT_BILATERAL leg 0
bank-b: pay bank-b:usd bank-a:usd USD 10                                -> SETTLED
bank-a: #5 pay bank-a:usd bank-b:usd USD 10; queue                      -> QUEUED
operators: issue bank-b:usd 20                                          -> SETTLED
node #4 SETTLED
bank-a: #6 pay bank-a:usd bank-b:usd USD 70; queue                      -> QUEUED
bank-a: pay bank-a:usd bank-b:usd USD 0.01; queue                       -> LIMIT_BILATERAL leg 0
";

const TOPS: &str = "
operators: limits bank-b:usd top=50                                     -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 110; queue                        -> MAX_BALANCE leg 0
bank-a+bank-b: pay bank-a:usd bank-b:usd USD 51, bank-b:usd bank-a:usd USD 51; net -> MAX_BALANCE leg 0
bank-a+bank-b: pay bank-b:usd bank-a:usd USD 51, bank-a:usd bank-b:usd USD 51; net -> SETTLED
// What waits is looked at when it begins to, and alone.
bank-a: pay bank-a:usd bank-c:usd USD 100                               -> SETTLED
bank-a: #1 pay bank-a:usd bank-b:usd USD 40; queue                      -> QUEUED
bank-a: #2 pay bank-a:usd bank-b:usd USD 40; queue                      -> QUEUED
operators: issue bank-a:usd 80                                          -> SETTLED
node #1 SETTLED #2 SETTLED
balance bank-b:usd 80.00 80.00
";

#[test]
fn what_is_frozen_refuses_and_keeps_waiting() {
    started().table(FROZEN);
}

#[test]
fn the_next_entry_finds_that_a_freeze_has_ended() {
    started().table(ENDED);
}

#[test]
fn what_is_blocked_pays_for_nothing_that_waits() {
    started().table(BLOCKED);
}

#[test]
fn what_waits_counts_from_when_it_is_accepted() {
    started().table(COUNTED);
    started().table(DAYS);
}

#[test]
fn a_maximum_is_looked_at_when_a_payment_is_accepted() {
    started().table(TOPS);
}
