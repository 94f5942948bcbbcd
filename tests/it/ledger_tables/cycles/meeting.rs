//! Netting cycles where there are freezes, suspensions, limits that are counted and queues.

use super::{ran, with_model};

const CLEARS: &str = "
operators: freeze bank-a:usd c-1 no_debit                                -> APPLIED
bank-a: clear ach bank-a bank-b 1                                        -> ACCOUNT_FROZEN leg 0
bank-b: clear ach bank-b bank-a 1                                        -> CLEARED
operators: lift bank-a:usd c-1                                           -> APPLIED
operators: freeze bank-b b-1 no_credit                                   -> APPLIED
bank-a: clear ach bank-a bank-c 1, bank-a bank-b 1                       -> ACCOUNT_FROZEN leg 1
bank-b: clear ach bank-b bank-a 1                                        -> CLEARED
operators: suspend bank-b                                                -> APPLIED
bank-b: clear ach bank-b bank-a 1                                        -> PARTICIPANT_SUSPENDED leg 0
operators: lift bank-b b-1                                               -> APPLIED
// Who is suspended is paid all the same.
bank-a: clear ach bank-a bank-b 1                                        -> CLEARED
operators: resume bank-b                                                 -> APPLIED
operators: freeze bank-b:usd c-2 none_allowed for=5000                   -> APPLIED
bank-a: clear ach bank-a bank-b 1                                        -> ACCOUNT_FROZEN leg 0
later 5000
bank-a: clear ach bank-a bank-b 1                                        -> CLEARED
// Another account of the bank is not what it has joined with.
operators: open bank-a:two bank-a settlement USD                         -> APPLIED
operators: freeze bank-a:two c-1 none_allowed                            -> APPLIED
bank-a: clear ach bank-a bank-b 1                                        -> CLEARED
";

const ORDER: &str = "
operators: suspend bank-a                                                -> APPLIED
operators: freeze bank-a:usd c-1 no_debit                                -> APPLIED
ladder
bank-a: clear ach bank-a bank-b 0                                        -> AMOUNT_ZERO leg 0
bank-a: clear ach bank-a bank-b 1000                                     -> ACCOUNT_FROZEN leg 0
operators: lift bank-a:usd c-1                                           -> APPLIED
bank-a: clear ach bank-a bank-b 1000                                     -> PARTICIPANT_SUSPENDED leg 0
operators: resume bank-a                                                 -> APPLIED
bank-a: clear ach bank-a bank-b 1000                                     -> NDC_EXCEEDED leg 0
end
operators: freeze bank-a:usd c-1 no_debit                                -> APPLIED
operators {
  end_model ach                                                          -> APPLIED
}
bank-a: clear ach bank-a bank-b 1                                        -> MODEL_CLOSED
";

// Neither checked nor counted.
const LIMITS: &str = "
operators: limits bank-a:usd debit/50=5x1 all=5                          -> APPLIED
operators: limits bank-b:usd top=5 credit/50=5x1                         -> APPLIED
bank-a: clear ach bank-a bank-b 30, bank-a bank-b 30                     -> CLEARED
operators: close_window ach                                              -> APPLIED
tick 1
window ach 1 settled
balance bank-b:usd 60.00 60.00
operators: limits bank-b:usd                                             -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 5                                  -> SETTLED
bank-a: pay bank-a:usd bank-b:usd USD 0.01                               -> LIMIT_VELOCITY leg 0
";

const STOPPED: &str = "
bank-a: clear ach bank-a bank-b 60, bank-a bank-c 10                     -> CLEARED
operators: freeze bank-a:usd c-1 no_debit                                -> APPLIED
operators: freeze bank-b b-1 no_credit                                   -> APPLIED
operators: close_window ach                                              -> APPLIED
tick 0
window ach 1 waits
operators: lift bank-b b-1                                               -> APPLIED
tick 0
operators: lift bank-a:usd c-1                                           -> APPLIED
tick 1
window ach 1 settled
// Freezes that stop the other side are in nobody's way, nor is a suspension.
bank-a: clear ach bank-a bank-b 10                                       -> CLEARED
operators: freeze bank-a:usd c-1 no_credit                               -> APPLIED
operators: freeze bank-b:usd c-1 no_debit                                -> APPLIED
operators: suspend bank-a                                                -> APPLIED
operators: close_window ach                                              -> APPLIED
tick 1
window ach 2 settled
balance bank-a:usd 20.00 20.00
operators: resume bank-a                                                 -> APPLIED
operators: lift bank-a:usd c-1                                           -> APPLIED
// The time at which the last of them ends is when it settles.
bank-a: clear ach bank-a bank-b 10                                       -> CLEARED
operators: freeze bank-a:usd c-2 no_debit for=5000                       -> APPLIED
operators: freeze bank-b b-2 no_credit for=9000                          -> APPLIED
operators: close_window ach                                              -> APPLIED
later 5000
tick 0
later 4000
tick 1
window ach 3 settled
// Nobody is short, and it is late all the same.
bank-a: clear ach bank-a bank-b 10                                       -> CLEARED
operators: freeze bank-a:usd c-2 no_debit                                -> APPLIED
operators: close_window ach                                              -> APPLIED
later 60000
tick 1
window ach 4 defaulted
operators: lift bank-a:usd c-2                                           -> APPLIED
tick 1
window ach 4 settled
";

const BLOCKED: &str = "
bank-a: clear ach bank-a bank-b 60                                       -> CLEARED
operators: freeze bank-a:usd c-1 amount 40.01                            -> APPLIED
operators: freeze bank-a:usd c-2 amount 1000 for=5000                    -> APPLIED
operators: close_window ach                                              -> APPLIED
tick 0
later 5000
tick 0
operators: issue bank-a:usd 0.01                                         -> SETTLED
tick 1
window ach 1 settled
";

const QUEUES: &str = "
// What is urgent keeps the account, and not from the net, which goes first.
bank-a: clear ach bank-a bank-b 60                                       -> CLEARED
bank-a: #1 pay bank-a:usd bank-c:usd USD 101; queue priority=urgent      -> QUEUED
bank-a: pay bank-a:usd bank-c:usd USD 1                                  -> INSUFFICIENT_FUNDS leg 0
operators {
  close_window ach                                                       -> APPLIED
  issue bank-a:usd 1                                                     -> SETTLED
}
tick 1
window ach 1 settled
balance bank-a:usd 41.00 41.00
queue bank-a:usd #1
// A net relieves whoever is credited, as any other credit.
bank-b: clear ach bank-b bank-a 60                                       -> CLEARED
operators: close_window ach                                              -> APPLIED
tick 2
window ach 2 settled
balance bank-a:usd 0.00 0.00
// And what the queue brings funds a window that waits.
bank-b: clear ach bank-b bank-a 5                                        -> CLEARED
bank-c/k1+bank-c/k2: #2 pay bank-c:usd bank-b:usd USD 102; queue         -> QUEUED
operators: close_window ach                                              -> APPLIED
tick 0
operators: issue bank-c:usd 1                                            -> SETTLED
tick 2
window ach 3 settled
balance bank-b:usd 97.00 97.00
";

#[test]
fn freezes_and_suspensions_refuse_what_is_cleared() {
    ran(CLEARS);
}

#[test]
fn they_stand_behind_amounts_and_before_the_cap() {
    ran(ORDER);
}

#[test]
fn limits_that_are_counted_do_not_apply() {
    ran(LIMITS);
}

#[test]
fn a_window_waits_while_a_freeze_stops_a_net() {
    ran(STOPPED);
}

#[test]
fn what_is_blocked_is_no_funds() {
    ran(BLOCKED);
}

#[test]
fn windows_settle_before_the_queue_and_relieve_it() {
    with_model().table(QUEUES);
}
