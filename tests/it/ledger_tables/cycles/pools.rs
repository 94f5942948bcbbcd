//! Windows that a pool funds: who draws what and when, what is owed, and every refusal.

use super::{Run, ran};

const POOLED: &str = "
operators {
  open operators:pool operators pool USD                                -> APPLIED
  open bank-a:p bank-a settlement USD                                   -> APPLIED
  open bank-b:p bank-b settlement USD                                   -> APPLIED
  open bank-c:p bank-c settlement USD                                   -> APPLIED
  model wet USD manual 60 pool=operators:pool                           -> APPLIED
  join wet bank-a:p 100                                                 -> APPLIED
  join wet bank-b:p 100                                                 -> APPLIED
  join wet bank-c:p 100                                                 -> APPLIED
}
bank-a: pay bank-a:usd operators:pool USD 30                            -> SETTLED
bank-a: pay bank-a:usd bank-b:p USD 4                                   -> SETTLED
";

/// First what the defaulter has, then the pool, and not before the default was told.
const DRAWN: &str = "
bank-b: clear wet bank-b bank-c 10                                      -> CLEARED
operators: close_window wet                                             -> APPLIED
later 59990
tick 0
later 20
// The default, then the settlement.
tick 2
window wet 1 settled
balance bank-b:p 0.00 0.00
balance bank-c:p 10.00 10.00
balance operators:pool 24.00 24.00
balance operators:netting.wet 0.00 0.00
owed wet bank-b 6.00
owed wet bank-c 0.00
// Two defaulters; one of them pays some of it by itself. What is owed adds up.
bank-b+bank-a: clear wet bank-b bank-c 5, bank-a bank-c 8               -> CLEARED
bank-a: pay bank-a:usd bank-a:p USD 7                                   -> SETTLED
operators: close_window wet                                             -> APPLIED
later 60010
tick 2
owed wet bank-b 11.00
owed wet bank-a 1.00
balance operators:pool 18.00 18.00
// It pays back by a payment; the operators say what is left.
bank-c/k1+bank-c/k2: pay bank-c:p bank-b:p USD 11                       -> SETTLED
bank-b: pay bank-b:p operators:pool USD 8                               -> SETTLED
operators: join wet bank-b:p 100 owed=3                                 -> APPLIED
owed wet bank-b 3.00
operators: join wet bank-b:p 100 owed=3                                 -> NO_CHANGE
operators: join wet bank-b:p 100 owed=3.01                              -> OWED_EXCEEDED
operators: join wet bank-b:p 90                                         -> APPLIED
owed wet bank-b 3.00
// Even when the model is over.
operators: end_model wet                                                -> APPLIED
operators: join wet bank-b:p 80                                         -> MODEL_CLOSED
operators: join wet bank-b:p 90 owed=0                                  -> APPLIED
owed wet bank-b 0.00
";

/// All or nothing; funds that come later, of either, settle it.
const SHORT: &str = "
bank-b: clear wet bank-b bank-c 35                                      -> CLEARED
bank-a: clear wet bank-a bank-c 1                                       -> CLEARED
operators: close_window wet                                             -> APPLIED
later 60010
// 31 and 1 are lacking, and 30 are there.
tick 1
window wet 1 defaulted
tick 0
balance operators:pool 30.00 30.00
balance bank-b:p 4.00 4.00
operators: pay operators:pool operators:suspense.usd USD 30.01          -> INSUFFICIENT_FUNDS leg 0
bank-a: pay bank-a:usd bank-a:p USD 1                                   -> SETTLED
tick 0
bank-a: pay bank-a:usd operators:pool USD 0.99                          -> SETTLED
tick 0
bank-a: pay bank-a:usd operators:pool USD 0.01                          -> SETTLED
tick 1
window wet 1 settled
owed wet bank-b 31.00
owed wet bank-a 0.00
balance operators:pool 0.00 0.00
balance bank-c:p 36.00 36.00
// Whoever funds its net late draws nothing.
bank-b: clear wet bank-b bank-c 2                                       -> CLEARED
operators: close_window wet                                             -> APPLIED
later 60010
tick 1
bank-a: pay bank-a:usd bank-b:p USD 2                                   -> SETTLED
tick 1
owed wet bank-b 31.00
// A credit line goes before the pool.
operators: limits bank-b:p credit=3                                     -> APPLIED
bank-a: pay bank-a:usd operators:pool USD 5                             -> SETTLED
bank-b: clear wet bank-b bank-c 4                                       -> CLEARED
operators: close_window wet                                             -> APPLIED
later 60010
tick 2
owed wet bank-b 32.00
balance bank-b:p -3.00 0.00
// Who is below its floor owes its net, and not what it was below before.
operators: limits bank-b:p credit=1                                     -> APPLIED
bank-b: clear wet bank-b bank-c 2                                       -> CLEARED
operators: close_window wet                                             -> APPLIED
later 60010
tick 2
owed wet bank-b 34.00
balance bank-b:p -3.00 -2.00
balance operators:pool 2.00 2.00
";

/// Freezes: of the defaulter, of a creditor, of the pool, and of an amount.
const FROZEN: &str = "
bank-b: clear wet bank-b bank-c 10                                      -> CLEARED
operators: close_window wet                                             -> APPLIED
operators: freeze bank-b:p c-1 amount 4 for=100000                      -> APPLIED
operators: freeze operators:pool c-2 no_debit for=80000                 -> APPLIED
operators: freeze bank-c:p c-3 no_credit for=90000                      -> APPLIED
later 60010
tick 1
later 20010
tick 0
later 10010
// What is blocked is no funds: all of the net is drawn.
tick 1
owed wet bank-b 10.00
balance operators:pool 20.00 20.00
";

const WHO: &str = "
operators {
  open operators:closed operators pool USD                              -> APPLIED
  close operators:closed                                                -> APPLIED
  open operators:jpool operators pool JPY                               -> APPLIED
}
bank-a: open bank-a:pool bank-a pool USD                                -> QUORUM_NOT_MET
operators: open bank-a:pool bank-a pool USD                             -> ACCOUNT_KIND_NOT_ALLOWED
operators: limits operators:pool credit=1                               -> ACCOUNT_KIND_NOT_ALLOWED
operators: model new USD every=9 0 day=SYSC pool=operators:none         -> SCHEDULE_INVALID
operators: model new USD manual 0 day=SYSC pool=operators:none          -> ACCOUNT_UNKNOWN
operators: model new USD manual 0 day=SYSC pool=operators:jpool         -> ASSET_MISMATCH
operators: model new USD manual 0 day=SYSC pool=operators:closed        -> ACCOUNT_CLOSED
operators: model new USD manual 0 day=SYSC pool=operators:suspense.usd  -> ACCOUNT_KIND_NOT_ALLOWED
operators: model new USD manual 0 day=SYSC pool=operators:pool          -> CALENDAR_UNKNOWN
operators: model new USD manual 0 pool=operators:pool                   -> APPLIED
// Nobody else takes from it, and it goes no lower than zero.
bank-a: pay operators:pool bank-a:usd USD 1                             -> NOT_OWNER leg 0
operators: pay operators:pool operators:suspense.usd USD 30             -> SETTLED
operators: pay operators:pool operators:suspense.usd USD 0.01           -> INSUFFICIENT_FUNDS leg 0
operators: close operators:pool                                         -> POOL_NAMED
operators: end_model wet                                                -> APPLIED
operators: close operators:pool                                         -> POOL_NAMED
operators: end_model new                                                -> APPLIED
operators: close operators:pool                                         -> APPLIED
// What a member owes still comes behind where it is joined.
ladder
operators: join wet bank-a:p 1.00 owed=0.001                            -> PRECISION_EXCEEDED
operators: join wet bank-a:p 1.00 owed=79228162514264337593543950335    -> AMOUNT_TOO_LARGE
operators: join wet bank-a:usd 1.00 owed=1                              -> MEMBER_EXISTS
operators: join wet bank-a:p 1.00 owed=0.01                             -> OWED_EXCEEDED
operators: join wet bank-a:p 1.00 owed=0                                -> APPLIED
end
operators: model last USD manual 0                                      -> APPLIED
operators: join last bank-a:p 1.00 owed=0.01                            -> OWED_EXCEEDED
operators: join last bank-a:p 1.00 owed=0.00                            -> APPLIED
";

fn pooled(table: &str) -> Run {
    let mut run = ran(POOLED);
    run.table(table);
    run
}

pub(super) fn runs() -> [Run; 4] {
    [DRAWN, SHORT, FROZEN, WHO].map(pooled)
}

#[test]
fn what_defaulters_lack_is_drawn_and_owed() {
    pooled(DRAWN);
}

#[test]
fn a_pool_covers_a_window_or_nothing_of_it() {
    pooled(SHORT);
}

#[test]
fn freezes_stop_draws_and_what_is_blocked_is_drawn() {
    pooled(FROZEN);
}

#[test]
fn refusals_about_pools_stand_in_their_order() {
    pooled(WHO);
}
