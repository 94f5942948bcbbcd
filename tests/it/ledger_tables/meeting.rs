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
// What waits is looked at when it begins to, alone, and again when it settles: it waits on.
bank-a: pay bank-a:usd bank-c:usd USD 100                               -> SETTLED
bank-a: #1 pay bank-a:usd bank-b:usd USD 40; queue                      -> QUEUED
bank-a: #2 pay bank-a:usd bank-b:usd USD 40; queue                      -> QUEUED
bank-a: #3 pay bank-a:usd bank-b:usd USD 10; queue                      -> QUEUED
operators: issue bank-a:usd 90                                          -> SETTLED
node #1 SETTLED #3 SETTLED
balance bank-b:usd 50.00 50.00
// Others that have the money are in its way no more than a freeze would be, and it goes as soon as
// there is room: what leaves gives some, and so does what is no longer reserved.
bank-a: pay bank-a:usd bank-c:usd USD 1                                 -> SETTLED
bank-b: pay bank-b:usd bank-c:usd USD 38.99                             -> SETTLED
node
operators: issue bank-a:usd 1                                           -> SETTLED
bank-c/k1+bank-c/k2: #4 reserve bank-c:usd bank-b:usd USD 38.98         -> RESERVED
bank-b: pay bank-b:usd bank-c:usd USD 1.01                              -> SETTLED
node
bank-b: void #4                                                         -> VOIDED
node #2 SETTLED
balance bank-b:usd 50.00 50.00
// So does a higher limit, and a payment of its own that waits as well.
bank-a: #5 pay bank-a:usd bank-b:usd USD 20; queue                      -> MAX_BALANCE leg 0
operators: limits bank-b:usd top=70                                     -> APPLIED
bank-a: #6 pay bank-a:usd bank-b:usd USD 20; queue                      -> QUEUED
operators: limits bank-b:usd top=50                                     -> APPLIED
operators: issue bank-a:usd 20                                          -> SETTLED
node
operators: freeze bank-b:usd c-1 amount 100                             -> APPLIED
bank-b: #7 pay bank-b:usd bank-a:usd USD 20; queue                      -> QUEUED
node #6 SETTLED #7 SETTLED
balance bank-b:usd 50.00 -50.00
bank-a: #8 pay bank-a:usd bank-b:usd USD 0.01; queue                    -> MAX_BALANCE leg 0
operators: limits bank-b:usd top=60                                     -> APPLIED
bank-a: pay bank-a:usd bank-c:usd USD 20                                -> SETTLED
bank-a: #9 pay bank-a:usd bank-b:usd USD 10; queue                      -> QUEUED
operators: limits bank-b:usd top=50                                     -> APPLIED
operators: issue bank-a:usd 10                                          -> SETTLED
node
operators: limits bank-b:usd                                            -> APPLIED
node #9 SETTLED
";

/// Of several that an account does not take together the last by rank stays; who pays more than it gets
/// may always do so.
const CROWDED: &str = "
bank-a: pay bank-a:usd bank-c:usd USD 100                               -> SETTLED
operators: limits bank-b:usd top=35                                     -> APPLIED
bank-a: #1 pay bank-a:usd bank-b:usd USD 30; queue                      -> QUEUED
bank-a: #3 pay bank-a:usd bank-b:usd USD 10; queue priority=high        -> QUEUED
operators: limits bank-b:usd top=25                                     -> APPLIED
operators: issue bank-a:usd 40                                          -> SETTLED
node #3 SETTLED
bank-b: #2 pay bank-b:usd bank-a:usd USD 16; queue                      -> QUEUED
node #1 SETTLED #2 SETTLED
balance bank-b:usd 24.00 24.00
operators: limits bank-b:usd top=40                                     -> APPLIED
operators: freeze bank-a:usd c-1 amount 1000                            -> APPLIED
bank-a: #4 pay bank-a:usd bank-b:usd USD 14; queue                      -> QUEUED
bank-a: #5 pay bank-a:usd bank-b:usd USD 4; queue                       -> QUEUED
operators: limits bank-b:usd top=15                                     -> APPLIED
bank-b: #6 pay bank-b:usd bank-a:usd USD 26; queue                      -> QUEUED
node #4 SETTLED #5 SETTLED #6 SETTLED
balance bank-b:usd 16.00 16.00
operators: limits bank-b:usd top=60                                     -> APPLIED
bank-a: #7 pay bank-a:usd bank-b:usd USD 20; queue                      -> QUEUED
bank-a: #8 pay bank-a:usd bank-b:usd USD 4; queue                       -> QUEUED
operators: limits bank-b:usd top=25                                     -> APPLIED
operators: freeze bank-b:usd c-1 amount 1000                            -> APPLIED
bank-b: #9 pay bank-b:usd bank-a:usd USD 12; queue                      -> QUEUED
node
operators: lift bank-a:usd c-1                                          -> APPLIED
node #8 SETTLED
operators: limits bank-b:usd top=30                                     -> APPLIED
node #7 SETTLED #9 SETTLED
";

/// Conditions are asked before days; nobody makes another's money wait by a mandate; what is shared
/// out, or converted at a rate, is refused as soon as the day is over, and a quote is good until it ends.
const FORMED: &str = "
operators: calendar USD from=2026-11-24 policy=roll ahead=7             -> APPLIED
clock 2026-11-24T08:00:00Z
due DAY_OPENED
bank-a: #9 grant bank-a:usd to=bank-b total=50                          -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 1; has:bank-a:usd=500 date=2026-11-20 -> PRECONDITION_FAILED
bank-a: pay bank-a:usd bank-b:usd USD 1; has:bank-a:usd=50 date=2026-11-20 -> DATE_PAST
bank-a: pay bank-a:usd bank-b:usd USD 1; has:bank-a:usd=50 date=2026-11-25 -> WAREHOUSED entry 20261125
bank-b: pay bank-a:usd bank-b:usd USD 1; under=#9 date=2026-11-25       -> QUEUE_NOT_SENDERS
bank-b: pay bank-a:usd bank-b:usd USD 1; under=#9 queue                 -> QUEUE_NOT_SENDERS
bank-b: pay bank-a:usd bank-b:usd USD 1; under=#9 date=2026-11-24       -> SETTLED
clock 2026-11-24T18:00:00Z
due CUSTOMER_CUTOFF INTERBANK_CUTOFF
bank-b: pay bank-a:usd bank-b:usd USD 1; under=#9                       -> CUTOFF_PASSED
bank-a+bank-b: pay bank-a:usd bank-b:usd USD 1; under=#9                -> QUEUE_NOT_SENDERS
bank-a: pay bank-a:usd bank-b:usd USD 1; by=9000                        -> ROLLED entry 20261125
bank-a: split USD | bank-a:usd 5 | bank-b:usd rest | has:bank-a:usd=500 -> PRECONDITION_FAILED
bank-a: split USD | bank-a:usd 5 | bank-b:usd rest, bank-c:usd rest     -> CUTOFF_PASSED
bank-a: split USD | bank-a:usd 5 | bank-b:usd rest                      -> CUTOFF_PASSED
operators: provider bank-b on                                           -> APPLIED
bank-b: rate USD JPY desk 15025/100 15075/100 to=90000000 via=bank-b:usd,bank-b:jpy,50.00 -> APPLIED
bank-b: #8 quote bank-a bank-b:usd 1.00 bank-b:jpy bank-a:jpy 150 until=60000 -> RESERVED
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=1 at=bank-b/desk      -> CUTOFF_PASSED
bank-a: convert bank-a:jpy bank-a:usd pay 1 limit=0 at=bank-b/desk      -> CUTOFF_PASSED
bank-b: convert bank-a:usd bank-a:jpy pay 1 limit=1 at=bank-b/desk      -> NOT_OWNER leg 0
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=1 at=#8               -> SETTLED
clock 2026-11-25T08:00:00Z
due any
bank-a: split USD | bank-a:usd 5 | bank-b:usd rest                      -> SETTLED
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=1 at=bank-b/desk      -> SETTLED
";

/// What money waits for, and days, come in the order in which they were due, whatever ends besides.
const SLEPT: &str = "
operators: calendar USD from=2026-11-24 customers=17:00 banks=18:00     -> APPLIED
clock 2026-11-24T08:00:00Z
due DAY_OPENED
bank-a: pay bank-a:usd bank-b:usd USD 5                                 -> SETTLED
original paid 1
operators: parameter recall_s 1                                         -> APPLIED
bank-a: propose 1000 [pay bank-a:usd bank-b:usd USD 1]                  -> PROPOSED
bank-a: recall paid DUPL                                                -> RECALLED
bank-a: reserve bank-a:usd bank-b:usd USD 1; for=34000000               -> RESERVED
clock 2026-11-24T18:00:00Z
due CUSTOMER_CUTOFF EXPIRED INTERBANK_CUTOFF PROPOSAL_EXPIRED RECALL_ENDED
";

/// Whom proposals of splits, conversions, mandates and rates ask.
const AGREED: &str = "
bank-a: pay bank-a:usd bank-b:usd USD 20                                -> SETTLED
bank-a: propose 60000 [split USD | nowhere 5 | nowhere rest]            -> ACCOUNT_UNKNOWN leg 0
bank-a: propose 60000 [split USD | bank-a:usd 5 | nowhere rest]         -> ACCOUNT_UNKNOWN leg 1
bank-b: propose 60000 [split USD | bank-a:usd 5 | bank-b:usd rest]      -> PROPOSAL_NOT_YOURS
bank-a: #1 propose 60000 [split USD | bank-a:usd 5, bank-b:usd 5 | bank-c:usd rest] -> PROPOSED
bank-b: approve #1                                                      -> CARRIED_OUT
carried SETTLED
balance bank-c:usd 10.00 10.00
operators: provider bank-b on                                           -> APPLIED
bank-b: rate USD JPY desk 15025/100 15075/100 to=60000 via=bank-b:usd,bank-b:jpy,50.00 -> APPLIED
bank-a: propose 60000 [convert nowhere bank-a:jpy pay 1 limit=1 at=bank-b/desk] -> ACCOUNT_UNKNOWN leg 0
bank-a: propose 60000 [convert bank-a:usd nowhere pay 1 limit=1 at=bank-b/desk] -> ACCOUNT_UNKNOWN leg 1
bank-b: propose 60000 [convert bank-a:usd bank-a:jpy pay 1 limit=1 at=bank-b/desk] -> PROPOSAL_NOT_YOURS
bank-a: #2 propose 60000 [convert bank-a:usd bank-a:jpy pay 10.01 limit=1504 at=bank-b/desk & redeem bank-a:usd 1] -> PROPOSED
operators: approve #2                                                   -> CARRIED_OUT
carried SETTLED SETTLED
balance bank-a:jpy 1504 1504
bank-a: #3 propose 60000 [grant bank-a:usd to=bank-b total=5 & pay bank-b:usd bank-a:usd USD 1] -> PROPOSED
bank-b: approve #3                                                      -> CARRIED_OUT
carried APPLIED SETTLED
bank-a: propose 60000 [posting settlement settlement no]                -> PROPOSAL_NOT_YOURS
bank-a: propose 60000 [provider bank-a on]                              -> PROPOSAL_NOT_YOURS
bank-a: propose 60000 [end_rate USD JPY desk]                           -> PROPOSAL_NOT_YOURS
bank-b: propose 60000 [end_rate USD JPY desk]                           -> PROPOSED
operators: propose 60000 [end_rate USD JPY desk]                        -> PROPOSED
";

#[test]
fn splits_conditions_and_mandates_meet_business_days() {
    started().table(FORMED);
}

#[test]
fn after_a_long_stop_days_and_holds_come_in_their_order() {
    started().table(SLEPT);
}

#[test]
fn splits_conversions_and_mandates_are_proposed() {
    started().table(AGREED);
}

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
fn a_maximum_is_looked_at_when_a_payment_is_accepted_and_when_it_settles() {
    started().table(TOPS);
    started().table(CROWDED);
}
