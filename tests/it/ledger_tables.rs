//! The rules of money as tables; see [`language`] for how to read them.

mod calendars;
mod cycles;
mod fees;
mod forms;
mod fx;
mod guide;
mod holds;
mod indirect;
mod language;
mod limits;
mod meeting;
mod precedence;
mod proposals;
mod queues;
mod reasons;
mod reservations;
mod rests;
mod returns;
mod standing;
mod values;
mod window;
mod words;

pub(crate) use cycles::instruction as cycle_instruction;
pub(crate) use language::Run;

/// Three banks, two assets, some money. Bank-c signs with two keys of three.
const SETUP: &str = "
operators: participant bank-a bank 1 bank-a/k1                          -> APPLIED
operators: participant bank-b bank 1 bank-b/k1                          -> APPLIED
operators: participant bank-c bank 2 bank-c/k1 bank-c/k2 bank-c/k3      -> APPLIED
operators: participant auditor-1 auditor 1 auditor-1/k1                 -> APPLIED
operators: asset USD fiat                                               -> APPLIED
operators: asset JPY fiat                                               -> APPLIED
operators {
  open bank-a:usd bank-a settlement USD                                 -> APPLIED
  open bank-b:usd bank-b settlement USD                                 -> APPLIED
  open bank-c:usd bank-c settlement USD                                 -> APPLIED
  open bank-a:jpy bank-a settlement JPY                                 -> APPLIED
  open bank-b:jpy bank-b settlement JPY                                 -> APPLIED
  open operators:suspense.usd operators suspense USD                    -> APPLIED
}
operators: issue bank-a:usd 100.00                                      -> SETTLED
operators: issue bank-b:jpy 5000                                        -> SETTLED
";

pub(crate) fn started() -> Run {
    let mut run = Run::new();
    run.table(SETUP);
    run
}

#[test]
fn money_moves_and_comes_back() {
    started().table(
        "
balance operators:issuance.USD -100.00 -100.00
bank-a: pay bank-a:usd bank-b:usd USD 30.00                             -> SETTLED
bank-b: pay bank-b:usd bank-c:usd USD 10, bank-b:usd bank-a:usd USD 5.5 -> SETTLED
balance bank-a:usd 75.50 75.50
balance bank-b:usd 14.50 14.50
balance bank-c:usd 10.00 10.00
// A leg may spend what an earlier leg brought, not what a later one will.
bank-b+bank-a: pay bank-a:usd bank-b:usd USD 70, bank-b:usd bank-c:usd USD 84 -> SETTLED
bank-b+bank-a: pay bank-b:usd bank-c:usd USD 1, bank-a:usd bank-b:usd USD 5   -> INSUFFICIENT_FUNDS leg 0
// By number and in minor units, as records of a binary batch.
bank-a: pay @2 @3 - 50u                                                 -> SETTLED
bank-a: pay @2 @3 - 9900u                                               -> INSUFFICIENT_FUNDS leg 0
bank-a: pay @99 @3 - 1u                                                 -> ACCOUNT_UNKNOWN leg 0
balance bank-a:usd 5.00 5.00
",
    );
}

#[test]
fn limits_are_what_available_says() {
    started().table(
        "
operators: limits bank-a:usd credit=20 min=5.00 max=60                  -> APPLIED
balance bank-a:usd 100.00 115.00
bank-a: pay bank-a:usd bank-b:usd USD 60.01                             -> LIMIT_PER_TRANSFER leg 0
bank-a: pay bank-a:usd bank-b:usd USD 60.00                             -> SETTLED
bank-a: pay bank-a:usd bank-b:usd USD 55.01                             -> INSUFFICIENT_FUNDS leg 0
bank-a: pay bank-a:usd bank-b:usd USD 55.00                             -> SETTLED
balance bank-a:usd -15.00 0.00
// Limits may be lowered below present use: they block debits and undo nothing.
operators: limits bank-a:usd credit=1                                   -> APPLIED
balance bank-a:usd -15.00 -14.00
bank-a: pay bank-a:usd bank-b:usd USD 0.01                              -> INSUFFICIENT_FUNDS leg 0
bank-b: pay bank-b:usd bank-a:usd USD 16.00                             -> SETTLED
balance bank-a:usd 1.00 2.00
// Customers of a bank: opened by the bank itself, never below zero.
bank-a: open bank-a:alice bank-a customer USD                           -> APPLIED
operators: limits bank-a:alice credit=1                                 -> ACCOUNT_KIND_NOT_ALLOWED
bank-a: pay bank-a:alice bank-a:usd USD 0.01                            -> INSUFFICIENT_FUNDS leg 0
// A limit may be set and used in one message.
operators+bank-a {
  limits bank-a:usd credit=30                                           -> APPLIED
  pay bank-a:usd bank-a:alice USD 31                                    -> SETTLED
  limits bank-a:usd credit=0                                            -> APPLIED
}
balance bank-a:usd -30.00 -30.00
",
    );
}

#[test]
fn a_refused_transfer_leaves_no_trace() {
    started().table(
        "
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> SETTLED
mark
bank-a: pay bank-a:usd bank-b:usd USD 1, bank-a:usd bank-c:usd USD 2, bank-a:usd bank-b:usd USD 98 -> INSUFFICIENT_FUNDS leg 2
unchanged
bank-a: pay bank-a:usd bank-b:usd USD 1, bank-a:usd bank-c:usd USD 2, bank-a:usd bank-a:usd USD 1  -> SELF_TRANSFER leg 2
unchanged
bank-a {
  pay bank-a:usd bank-b:usd USD 1, bank-a:usd bank-b:usd USD 99         -> INSUFFICIENT_FUNDS leg 1
  pay bank-a:usd bank-b:usd USD 99                                      -> SETTLED
  pay bank-a:usd bank-b:usd USD 0.01                                    -> INSUFFICIENT_FUNDS leg 0
}
balance bank-a:usd 0.00 0.00
",
    );
}

#[test]
fn an_atomic_message_is_all_or_nothing() {
    started().table(
        "
mark
bank-a atomic {
  #1 pay bank-a:usd bank-b:usd USD 60                                   -> MESSAGE_ABORTED
  #2 pay bank-a:usd bank-c:usd USD 60                                   -> INSUFFICIENT_FUNDS leg 0
  #3 pay bank-a:usd bank-c:usd USD 1                                    -> MESSAGE_ABORTED
}
unchanged
// All three ids are used up.
bank-a: #1 pay bank-a:usd bank-b:usd USD 1                              -> ID_ALREADY_USED entry last
bank-a {
  #2 pay bank-a:usd bank-b:usd USD 1                                    -> ID_ALREADY_USED
  #3 pay bank-a:usd bank-b:usd USD 1                                    -> ID_ALREADY_USED
}
operators atomic {
  open bank-c:jpy bank-c settlement JPY                                 -> MESSAGE_ABORTED
  asset EUR fiat                                                        -> MESSAGE_ABORTED
  participant bank-d bank 1 bank-d/k1                                   -> MESSAGE_ABORTED
  key operators operators/k2                                            -> MESSAGE_ABORTED
  limits bank-a:usd max=1                                               -> MESSAGE_ABORTED
  parameter window_back_s 60                                            -> MESSAGE_ABORTED
  erase 1                                                               -> MESSAGE_ABORTED
  issue bank-a:usd 7                                                    -> MESSAGE_ABORTED
  parameter window_back_s 1                                             -> PARAMETER_OUT_OF_RANGE
}
unchanged
// Nothing of it was done, so all of it can be done.
operators atomic {
  open bank-c:jpy bank-c settlement JPY                                 -> APPLIED
  asset EUR fiat                                                        -> APPLIED
  participant bank-d bank 1 bank-d/k1                                   -> APPLIED
  key operators operators/k2                                            -> APPLIED
  open bank-d:eur bank-d settlement EUR                                 -> APPLIED
  erase 1                                                               -> APPLIED
  issue bank-d:eur 7                                                    -> SETTLED
}
bank-a atomic {
  pay bank-a:usd bank-b:usd USD 60                                      -> SETTLED
  pay bank-a:usd bank-c:usd USD 40                                      -> SETTLED
}
balance bank-c:usd 40.00 40.00
",
    );
}

#[test]
fn authority_is_by_the_owner_of_every_debited_account() {
    started().table(
        "
bank-a: pay bank-b:jpy bank-a:jpy JPY 1                                 -> NOT_OWNER leg 0
bank-a: pay bank-a:usd bank-b:usd USD 1, bank-b:jpy bank-a:jpy JPY 1    -> NOT_OWNER leg 1
operators: pay bank-a:usd bank-b:usd USD 1                              -> NOT_OWNER leg 0
// A swap is one transfer that both have signed.
bank-a+bank-b: pay bank-a:usd bank-b:usd USD 10, bank-b:jpy bank-a:jpy JPY 1500 -> SETTLED
balance bank-a:jpy 1500 1500
balance bank-b:usd 10.00 10.00
// Funds out need the operators and the owner, whoever submits.
operators: redeem bank-a:usd 1                                          -> NOT_OWNER
bank-a: redeem bank-a:usd 1                                             -> QUORUM_NOT_MET
operators+bank-b: redeem bank-a:usd 1                                   -> NOT_OWNER
operators+bank-a: redeem bank-a:usd 1                                   -> SETTLED
bank-a+operators: redeem bank-a:usd 1                                   -> SETTLED
balance operators:issuance.USD -98.00 -98.00
bank-a: issue bank-a:usd 1                                              -> QUORUM_NOT_MET
// What a bank may do by itself, and what it may not.
bank-a: open bank-a:bob bank-a customer USD                             -> APPLIED
bank-a: open bank-a:two bank-a settlement USD                           -> QUORUM_NOT_MET
bank-a: open bank-b:bob bank-b customer USD                             -> QUORUM_NOT_MET
bank-a: open DE02120300000000202051 bank-a customer USD                 -> QUORUM_NOT_MET
operators: open DE02120300000000202051 bank-a customer USD              -> APPLIED
",
    );
}

#[test]
fn policies_count_distinct_active_keys() {
    started().table(
        "
operators: issue bank-c:usd 10                                          -> SETTLED
bank-c/k1: pay bank-c:usd bank-a:usd USD 1                              !! POLICY_UNMET
bank-c/k1+bank-c/k1: pay bank-c:usd bank-a:usd USD 1                    !! POLICY_UNMET
bank-c/k1+bank-c/k3: pay bank-c:usd bank-a:usd USD 1                    -> SETTLED
bank-c/k1+bank-c/k9: pay bank-c:usd bank-a:usd USD 1                    !! KEY_UNKNOWN
bank-x: pay bank-c:usd bank-a:usd USD 1                                 !! PARTICIPANT_UNKNOWN
bank-a+bank-x: pay bank-a:usd bank-c:usd USD 1                          !! PARTICIPANT_UNKNOWN
auditor-1: pay bank-a:usd bank-c:usd USD 1                              !! ROLE_NOT_ALLOWED
// A co-signer whose policy is not met counts for nothing.
bank-a+bank-c/k1: pay bank-c:usd bank-a:usd USD 1                       -> NOT_OWNER leg 0
bank-a+bank-c/k1+bank-c/k2: pay bank-c:usd bank-a:usd USD 1             -> SETTLED
// A key revoked in this very log counts no more from the next entry on.
operators {
  revoke bank-c bank-c/k1                                               -> APPLIED
  revoke bank-c bank-c/k1                                               -> KEY_UNKNOWN
}
bank-c/k1+bank-c/k3: pay bank-c:usd bank-a:usd USD 1                    !! KEY_REVOKED
bank-c/k2+bank-c/k3: pay bank-c:usd bank-a:usd USD 1                    -> SETTLED
bank-a+bank-c/k1: pay bank-a:usd bank-b:usd USD 1                       !! KEY_REVOKED
// A new key needs the bank as well as the operators, and never was anybody's.
operators: key bank-c bank-c/k4                                         -> NOT_OWNER
operators+bank-c/k2+bank-c/k3: key bank-c bank-c/k4=bank-c/k1           -> KEY_ALREADY_REGISTERED
operators+bank-c/k2+bank-c/k3: key bank-c bank-c/k4                     -> APPLIED
bank-c/k2+bank-c/k4: pay bank-c:usd bank-a:usd USD 1                    -> SETTLED
// A bank may lose its last key; the operators may not fall below their threshold.
operators: revoke bank-b bank-b/k1                                      -> APPLIED
bank-b: pay bank-b:jpy bank-a:jpy JPY 1                                 !! KEY_REVOKED
operators: revoke operators operators/k1                                -> THRESHOLD_INVALID
operators: key operators operators/k2                                   -> APPLIED
operators: revoke operators operators/k1                                -> APPLIED
operators: issue bank-a:usd 1                                           !! KEY_REVOKED
operators/k2: issue bank-a:usd 1                                        -> SETTLED
",
    );
}

#[test]
fn a_key_revoked_in_the_same_message_has_signed_it() {
    started().table(
        "
operators+bank-a {
  revoke bank-a bank-a/k1                                               -> APPLIED
  pay bank-a:usd bank-b:usd USD 1                                       -> SETTLED
}
bank-a: pay bank-a:usd bank-b:usd USD 1                                 !! KEY_REVOKED
",
    );
}
