//! Indirect participants as tables: whose keys sign for them, what they are not, and what becomes of them
//! when the direct one is suspended, moved away from, or terminated.

use std::collections::BTreeSet;

use quittance::ledger::Outcome;

use super::{Run, started};

/// `coop` is reached via bank-a, with accounts 8 and 9.
const COOP: &str = "
operators: participant coop bank 0 via=bank-a bic=DEUTDEFF500           -> APPLIED
operators {
  open coop:usd coop settlement USD                                     -> APPLIED
  open coop:jpy coop settlement JPY                                     -> APPLIED
}
operators: issue coop:usd 50                                            -> SETTLED
";

const SIGNS: &str = "
// Everybody pays to it as to anybody; for it the keys of bank-a sign, and nobody else's.
bank-b: pay bank-b:jpy coop:jpy JPY 100                                 -> SETTLED
bank-b: pay coop:usd bank-b:usd USD 1                                   -> NOT_OWNER leg 0
operators: pay coop:usd bank-b:usd USD 1                                -> NOT_OWNER leg 0
bank-a: pay coop:usd bank-b:usd USD 1                                   -> SETTLED
bank-a: pay coop:usd bank-a:usd USD 1, bank-a:usd bank-b:usd USD 1      -> SETTLED
bank-a: pay coop:usd bank-b:usd USD 1; net                              -> SETTLED
bank-a: split USD | coop:usd 2 | bank-b:usd rest                        -> SETTLED
bank-a: #1 reserve coop:usd bank-b:usd USD 2                            -> RESERVED
bank-a: void #1                                                         -> VOIDED
operators+bank-a: redeem coop:usd 1                                     -> SETTLED
operators: redeem coop:usd 1                                            -> NOT_OWNER
// What waits is of bank-a's own accounts and of those that it signs for.
bank-a: #2 pay coop:usd bank-b:usd USD 100; queue                       -> QUEUED
bank-a: #3 pay coop:usd bank-b:usd USD 100, bank-a:usd bank-b:usd USD 1; queue -> QUEUED
bank-b: pay coop:usd bank-b:usd USD 1; queue                            -> NOT_OWNER leg 0
bank-a: requeue #2 priority=high                                        -> APPLIED
bank-a: cancel #2                                                       -> APPLIED
bank-a: cancel #3                                                       -> APPLIED
// Accounts of its customers, mandates, and what several agree to.
bank-a: open coop:alice coop customer USD                               -> APPLIED
bank-b: open coop:bob coop customer USD                                 -> QUORUM_NOT_MET
bank-a: grant coop:usd to=bank-b total=3                                -> APPLIED
bank-b: #4 propose 60000 [pay coop:usd bank-b:usd USD 1 & pay bank-b:usd coop:usd USD 2] -> PROPOSED
bank-a: approve #4                                                      -> CARRIED_OUT
carried SETTLED SETTLED
balance coop:usd 45.00 45.00
// It submits nothing: it has no key, and what bank-a's key signs is bank-a's.
coop: pay coop:usd bank-b:usd USD 1                                     !! KEY_UNKNOWN
";

const REFUSED: &str = "
ladder
operators: participant co-2 bank 0 bank-x/k1 via=bank-x                 -> PARTICIPANT_UNKNOWN
operators: participant bank-a bank 0 co-2/k1 via=coop                   -> PARTICIPANT_EXISTS
operators: participant co-2 bank 2 co-2/k1 via=coop                     -> THRESHOLD_INVALID
operators: participant co-2 auditor 0 co-2/k1 via=coop                  -> PARTICIPANT_NOT_BANK
operators: participant co-2 bank 0 co-2/k1 via=coop                     -> PARTICIPANT_INDIRECT
end
operators: participant co-2 bank 0 co-2/k1 via=bank-a                   -> PARTICIPANT_INDIRECT
operators: participant co-2 bank 0 via=operators                        -> PARTICIPANT_NOT_BANK
operators: participant co-2 bank 0                                      -> THRESHOLD_INVALID
operators: participant bank-t bank 1 bank-t/k1 state=onboarding         -> APPLIED
operators: participant co-2 bank 0 via=bank-t                           -> STATE_NOT_ALLOWED
// What it is not.
operators+bank-a: key coop coop/k1                                      -> PARTICIPANT_INDIRECT
operators: key coop coop/k1                                             -> NOT_OWNER
operators: provider coop on                                             -> PARTICIPANT_INDIRECT
operators: model ach USD manual 0                                       -> APPLIED
operators: join ach coop:usd 100                                        -> PARTICIPANT_INDIRECT
// It has a first day as others.
operators: participant co-2 bank 0 via=bank-a state=onboarding          -> APPLIED
operators: open co-2:usd co-2 settlement USD                            -> APPLIED
bank-b: pay bank-b:usd co-2:usd USD 1                                   -> CREDITOR_NOT_ACTIVE leg 0
operators: admit co-2 active                                            -> APPLIED
operators: participant co-3 bank 0 via=co-2                             -> PARTICIPANT_INDIRECT
";

const MOVED: &str = "
bank-a: #1 pay coop:usd bank-b:usd USD 100; queue                       -> QUEUED
bank-a: #2 propose 60000 [pay coop:usd bank-c:usd USD 1 & pay bank-c:usd coop:usd USD 1] -> PROPOSED
bank-a: #3 propose 60000 [pay coop:usd bank-b:usd USD 1 & pay bank-b:usd coop:usd USD 1] -> PROPOSED
ladder
operators: via bank-x bank-b                                            -> PARTICIPANT_UNKNOWN
operators: via coop bank-a                                              -> NO_CHANGE
operators: via coop auditor-1                                           -> PARTICIPANT_NOT_BANK
operators: via bank-b coop                                              -> PARTICIPANT_INDIRECT
operators: via bank-b bank-a                                            -> PARTICIPANT_DIRECT
end
operators: via coop coop                                                -> PARTICIPANT_INDIRECT
operators: participant bank-t bank 1 bank-t/k1 state=onboarding         -> APPLIED
operators: via coop bank-t                                              -> STATE_NOT_ALLOWED
operators: via coop bank-b                                              -> APPLIED entry 5
bank-a: pay coop:usd bank-b:usd USD 1                                   -> NOT_OWNER leg 0
bank-b: pay coop:usd bank-b:usd USD 1                                   -> SETTLED
// What bank-a has proposed lacks the consent of who signs now, unless that is asked as well.
bank-c/k1+bank-c/k2: approve #2                                         -> NOT_OWNER leg 0
bank-b: approve #3                                                      -> CARRIED_OUT
// Who was asked ends it; bank-b was not, and nothing of it moves without it.
bank-b: decline #2                                                      -> NOTHING_PENDING
bank-a: withdraw #2                                                     -> WITHDRAWN
";

/// What bank-a let wait and reserved, and whom it let debit, before coop was reached via bank-b.
const HANDED_OVER: &str = "
operators: issue bank-b:usd 5                                           -> SETTLED
bank-a: #6 reserve coop:usd bank-c:usd USD 1                            -> RESERVED
bank-a: #7 grant coop:usd to=bank-c total=3                             -> APPLIED
bank-a: #1 pay coop:usd bank-b:usd USD 100; queue priority=urgent       -> QUEUED
bank-a: #2 pay coop:usd bank-b:usd USD 100, bank-a:usd bank-b:usd USD 1; queue -> QUEUED
bank-a: #3 pay bank-a:usd bank-b:usd USD 300; queue                     -> QUEUED
bank-a: #4 pay coop:usd bank-b:usd USD 100; queue                       -> QUEUED
operators: via coop bank-b                                              -> APPLIED entry 5
// Bank-b answers for what debits coop and nothing of bank-a's; bank-a for the rest, as before.
bank-a: cancel #1                                                       -> PAYMENT_NOT_QUEUED
bank-a: requeue #1 priority=normal                                      -> PAYMENT_NOT_QUEUED
bank-b: cancel #2                                                       -> PAYMENT_NOT_QUEUED
bank-b: cancel #3                                                       -> PAYMENT_NOT_QUEUED
bank-c/k1+bank-c/k2: cancel #1                                          -> PAYMENT_NOT_QUEUED
operators: cancel #1                                                    -> PAYMENT_NOT_QUEUED
bank-a: requeue #2 priority=high                                        -> QUEUE_NOT_SENDERS
bank-a: cancel #2                                                       -> APPLIED
bank-a: cancel #3                                                       -> APPLIED
// An urgent payment keeps the account for as long as bank-b lets it.
bank-b: pay coop:usd bank-b:usd USD 1                                   -> INSUFFICIENT_FUNDS leg 0
queue coop:usd #1 #4
bank-b: requeue #1 priority=normal                                      -> APPLIED
bank-b: requeue #4 position=first                                       -> APPLIED
queue coop:usd #4 #1
bank-b: pay coop:usd bank-b:usd USD 1                                   -> SETTLED
bank-b: cancel #1                                                       -> APPLIED
bank-b: cancel #1                                                       -> PAYMENT_NOT_QUEUED
// What is reserved, and who may debit it: by who signs for the account.
bank-a: void #6                                                         -> HOLD_UNKNOWN
bank-b: void #6                                                         -> VOIDED
bank-a: revoke_mandate #7                                               -> MANDATE_UNKNOWN
bank-b: revoke_mandate #7                                               -> APPLIED
// Back again, and what was sent is the sender's once more.
operators: via coop bank-a                                              -> APPLIED
bank-b: cancel #4                                                       -> PAYMENT_NOT_QUEUED
bank-a: cancel #4                                                       -> APPLIED
// Two of one id: first its own, then that of another.
bank-a: #8 pay coop:usd bank-b:usd USD 100; queue                       -> QUEUED
bank-b: #8 pay bank-b:usd bank-c:usd USD 100; queue                     -> QUEUED
operators: via coop bank-b                                              -> APPLIED
bank-b: cancel #8                                                       -> APPLIED
queue bank-b:usd
queue coop:usd #8
bank-b: cancel #8                                                       -> APPLIED
queue coop:usd
// What nobody takes back settles, whoever sent it.
bank-b: #9 pay coop:usd bank-c:usd USD 90; queue                        -> QUEUED
operators: via coop bank-a                                              -> APPLIED
operators: issue coop:usd 80                                            -> SETTLED
node #9 SETTLED
";

/// Coop leaves bank-a, and one payment of coop's and bank-a's other bank is handed on from bank to bank.
const TWO_OF_THEM: &str = "
operators: participant co-2 bank 0 via=bank-a                           -> APPLIED
operators: open co-2:usd co-2 settlement USD                            -> APPLIED
bank-a: #1 pay coop:usd bank-b:usd USD 100, co-2:usd bank-b:usd USD 1; queue -> QUEUED
operators: via coop bank-b                                              -> APPLIED
// Bank-a signs for co-2 still.
bank-b: cancel #1                                                       -> PAYMENT_NOT_QUEUED
operators: via co-2 bank-c                                              -> APPLIED
bank-a: cancel #1                                                       -> PAYMENT_NOT_QUEUED
bank-b: cancel #1                                                       -> PAYMENT_NOT_QUEUED
bank-c/k1+bank-c/k2: requeue #1 position=last                           -> QUEUE_NOT_SENDERS
operators: via co-2 bank-b                                              -> APPLIED
bank-b: requeue #1 priority=high                                        -> APPLIED
bank-b: cancel #1                                                       -> APPLIED
";

const SUSPENDED: &str = "
operators: suspend bank-a                                               -> APPLIED
// Its keys move nothing, for coop neither; coop is paid, and goes on via another.
bank-a: pay coop:usd bank-b:usd USD 1                                   -> PARTICIPANT_SUSPENDED leg 0
bank-a: #1 pay coop:usd bank-b:usd USD 1; queue                         -> PARTICIPANT_SUSPENDED leg 0
bank-b: pay bank-b:jpy coop:jpy JPY 5                                   -> SETTLED
operators: participant co-2 bank 0 via=bank-a                           -> STATE_NOT_ALLOWED
operators: via coop bank-b                                              -> APPLIED
bank-b: pay coop:usd bank-b:usd USD 1                                   -> SETTLED
// What waits does, too.
bank-b: #2 pay coop:usd bank-c:usd USD 60; queue                        -> QUEUED
operators: suspend bank-b                                               -> APPLIED
operators: issue coop:usd 20                                            -> SETTLED
tick 0
queue coop:usd #2
operators: resume bank-b                                                -> APPLIED
tick 1
queue coop:usd
balance coop:usd 9.00 9.00
// A suspension of its own is its own.
operators: suspend coop                                                 -> APPLIED
bank-b: pay coop:usd bank-b:usd USD 1                                   -> PARTICIPANT_SUSPENDED leg 0
bank-b: pay bank-b:usd bank-c:usd USD 1                                 -> SETTLED
";

const ENDS: &str = "
bank-a: pay bank-a:usd bank-b:usd USD 100                               -> SETTLED
operators: end bank-a                                                   -> INDIRECT_LEFT entry 5
operators: end coop                                                     -> BALANCE_LEFT entry 8
operators+bank-a: redeem coop:usd 50                                    -> SETTLED
operators: end coop                                                     -> APPLIED
operators: via coop bank-b                                              -> STATE_NOT_ALLOWED
bank-a: pay coop:usd bank-b:usd USD 1                                   -> DEBTOR_NOT_ACTIVE leg 0
operators: end bank-a                                                   -> APPLIED
bank-a: pay coop:usd bank-b:usd USD 1                                   !! KEY_REVOKED
";

fn ran(table: &str) -> Run {
    let mut run = started();
    run.table(COOP);
    run.table(table);
    run
}

/// Outcomes that the tables of this page reach.
pub(super) fn reached() -> BTreeSet<Outcome> {
    let tables = [
        SIGNS,
        REFUSED,
        MOVED,
        HANDED_OVER,
        TWO_OF_THEM,
        SUSPENDED,
        ENDS,
    ];
    let ran = tables.into_iter().map(ran);
    ran.flat_map(|run| run.reached).collect()
}

#[test]
fn the_keys_of_the_direct_one_sign() {
    ran(SIGNS);
}

#[test]
fn who_is_reached_via_another_is_neither_direct_nor_a_chain() {
    ran(REFUSED);
}

#[test]
fn operators_move_who_is_reached_to_another_direct_one() {
    ran(MOVED);
}

#[test]
fn who_signs_now_answers_for_what_waits() {
    ran(HANDED_OVER);
    ran(TWO_OF_THEM);
}

/// What is handed over counts among what the direct bank of now lets wait, and no more among the sender's.
#[test]
fn what_is_handed_over_takes_the_room_of_who_answers_for_it() {
    let mut run = ran("");
    run.world.fast = true;
    let legs = vec!["coop:usd bank-c:usd USD 1000"; 256].join(", ");
    for _ in 0..16 {
        run.table(&format!("bank-a: pay {legs}; queue -> QUEUED"));
    }
    run.table(
        "bank-a: pay coop:usd bank-c:usd USD 1000; queue                -> QUEUE_FULL
         bank-b: #1 pay bank-b:usd bank-c:usd USD 1000; queue           -> QUEUED
         operators: via coop bank-b                                     -> APPLIED
         bank-a: pay bank-a:usd bank-c:usd USD 1000; queue              -> QUEUED
         bank-b: pay bank-b:usd bank-c:usd USD 1000; queue              -> QUEUE_FULL
         operators: via coop bank-a                                     -> APPLIED
         bank-a: pay bank-a:usd bank-c:usd USD 1000; queue              -> QUEUE_FULL
         bank-b: pay bank-b:usd bank-c:usd USD 1000; queue              -> QUEUED",
    );
}

#[test]
fn while_the_direct_one_is_suspended_nothing_is_paid_by_its_keys() {
    ran(SUSPENDED);
}

#[test]
fn a_direct_one_is_terminated_last() {
    ran(ENDS);
}

/// Two pairs of eyes move somebody to another, where there are two.
#[test]
fn to_be_reached_via_another_takes_two_operators() {
    let mut run = started();
    run.table(
        "operators: participant coop bank 0 via=bank-a                  -> APPLIED\n\
         operators: key operators operators/k2                          -> APPLIED\n\
         operators: via coop bank-b                                     -> FOUR_EYES_NEEDED\n\
         operators: #1 propose 60000 [via coop bank-b]                  -> PROPOSED\n\
         operators/k2: approve #1                                       -> CARRIED_OUT\n\
         operators+operators/k2: via coop bank-b                        -> NO_CHANGE\n\
         operators+operators/k2: via coop bank-a                        -> APPLIED\n",
    );
}
