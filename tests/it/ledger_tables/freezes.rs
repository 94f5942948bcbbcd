//! Freezes, suspensions and the life of accounts as tables.

use std::collections::BTreeSet;

use quittance::ledger::Outcome;

use super::started;

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

/// Outcomes that the tables of this page reach.
pub(super) fn reached() -> BTreeSet<Outcome> {
    let mut reached = BTreeSet::new();
    for table in [FREEZES, BLOCKS, BANKS, FOUR_EYES, LIFE] {
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
