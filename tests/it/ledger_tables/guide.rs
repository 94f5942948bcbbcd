//! The day that docs/guide/settlement.md tells, from opening to close, with dollars for euros.

use super::started;

const DAY: &str = "
operators: calendar USD from=2026-11-23 policy=roll                     -> APPLIED
due DAY_OPENED
bank-b: open bank-b:bob bank-b customer USD                             -> APPLIED
operators {
  model ach USD manual 60                                               -> APPLIED
  join ach bank-a:usd 100                                               -> APPLIED
  join ach bank-b:usd 100                                               -> APPLIED
}
bank-a: pay bank-a:usd bank-b:usd USD 5                                 -> SETTLED
original yesterday 1
// Before the day has begun a payment waits for its opening.
clock 2026-11-24T06:40:00Z
due CUSTOMER_CUTOFF INTERBANK_CUTOFF DAY_CLOSED NEXT_DATE
seal
bank-a: pay bank-a:usd bank-b:usd USD 50                                -> WAREHOUSED entry 20261124
clock 2026-11-24T07:00:00Z
due DAY_OPENED DAY_OPENED QUEUED SETTLED
balance bank-a:usd 45.00 45.00
// A gridlock that resolves, and no balance has changed.
clock 2026-11-24T09:10:00Z
bank-a: pay bank-a:usd bank-b:usd USD 6000; queue                       -> QUEUED
bank-b: pay bank-b:usd bank-c:usd USD 6000; queue                       -> QUEUED
due
bank-c/k1+bank-c/k2: pay bank-c:usd bank-a:usd USD 6000; queue          -> QUEUED
due SETTLED SETTLED SETTLED
balance bank-a:usd 45.00 45.00
balance bank-b:usd 55.00 55.00
balance bank-c:usd 0.00 0.00
// A payment against a payment.
clock 2026-11-24T10:30:00Z
bank-a: #1 propose 900000 [pay bank-a:usd bank-b:usd USD 10, bank-b:jpy bank-a:jpy JPY 1500] -> PROPOSED
balance bank-a:usd 45.00 45.00
clock 2026-11-24T10:41:00Z
bank-b: approve #1                                                      -> CARRIED_OUT
carried SETTLED
balance bank-a:usd 35.00 35.00
balance bank-a:jpy 1500 1500
// Cleared: positions move, balances do not.
clock 2026-11-24T11:00:00Z
bank-a: clear ach bank-a bank-b 7                                       -> CLEARED
position ach bank-a -7.00
balance bank-a:usd 35.00 35.00
clock 2026-11-24T14:20:00Z
refresh yesterday
bank-b: return yesterday AC04                                           -> SETTLED
balance bank-a:usd 40.00 40.00
clock 2026-11-24T16:00:00Z
operators: close_window ach                                             -> APPLIED
due SETTLED
balance bank-a:usd 33.00 33.00
balance bank-b:usd 67.00 67.00
bank-a: #2 pay bank-a:usd bank-b:usd USD 500; queue cutoff              -> QUEUED
// The cut-offs.
clock 2026-11-24T17:00:00Z
due CUSTOMER_CUTOFF
clock 2026-11-24T17:05:00Z
bank-a: #3 pay bank-a:usd bank-b:bob USD 12                             -> ROLLED entry 20261125
clock 2026-11-24T18:00:00Z
due INTERBANK_CUTOFF INTERBANK_CUTOFF REVOKED_AT_CUTOFF
queue bank-a:usd #3
clock 2026-11-24T18:30:00Z
due DAY_CLOSED NEXT_DATE
range USD 2026-11-24 sealed
day USD 2026-11-25 night
";

#[test]
fn the_day_of_the_guide_is_true() {
    started().table(DAY);
}
