//! Velocity rules by the day, the week and the month, and limits of a day.

/// It is Monday, half past nine.
pub(super) const UTC: &str = "
operators: limits bank-a:usd debit/day=10 debit/week=16 debit/month=24x20 -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 10                                -> SETTLED
bank-a: pay bank-a:usd bank-b:usd USD 0.01                              -> LIMIT_VELOCITY leg 0
clock 2026-11-24T00:00:00Z
bank-a: #1 reserve bank-a:usd bank-b:usd USD 6                          -> RESERVED
bank-a: pay bank-a:usd bank-b:usd USD 0.01                              -> LIMIT_VELOCITY leg 0
bank-a: void #1                                                         -> VOIDED
bank-a: pay bank-a:usd bank-b:usd USD 4                                 -> SETTLED
// On the next Monday, in the same month.
clock 2026-11-29T23:59:59Z
bank-a: pay bank-a:usd bank-b:usd USD 2.01                              -> LIMIT_VELOCITY leg 0
clock 2026-11-30T00:00:00Z
bank-a: pay bank-a:usd bank-b:usd USD 10                                -> SETTLED
bank-a: pay bank-a:usd bank-b:usd USD 0.01                              -> LIMIT_VELOCITY leg 0
// In the next month, in the same week.
clock 2026-12-01T00:00:00Z
bank-a: pay bank-a:usd bank-b:usd USD 6.01                              -> LIMIT_VELOCITY leg 0
bank-a: pay bank-a:usd bank-b:usd USD 6                                 -> SETTLED
operators {
  limits bank-a:usd debit/day=10 debit/day=5                            -> LIMITS_INVALID
  limits bank-a:usd net/day=-x5                                         -> LIMITS_INVALID
  limits bank-a:usd debit/day=5 credit/day=5 debit/week=5 debit/60=5    -> APPLIED
}
";

/// It is Monday, half past nine; the first business date is Tuesday.
pub(super) const BUSINESS: &str = "
operators {
  calendar USD from=2026-11-24 opens=07:00                              -> APPLIED
  limits bank-a:usd debit/day=10 debit/week=15 to:bank-b=12             -> APPLIED
}
bank-a: #1 reserve bank-a:usd bank-b:usd USD 10                         -> RESERVED
bank-a: pay bank-a:usd bank-c:usd USD 0.01                              -> LIMIT_VELOCITY leg 0
clock 2026-11-24T06:59:59Z
due
bank-a: pay bank-a:usd bank-b:usd USD 5                                 -> SETTLED
bank-a: pay bank-a:usd bank-c:usd USD 0.01                              -> LIMIT_VELOCITY leg 0
// A business date and the week of it have nothing of a date in UTC, nor gets back what was its.
clock 2026-11-24T07:00:00Z
due DAY_OPENED
bank-a: pay bank-a:usd bank-b:usd USD 9                                 -> SETTLED
bank-a: void #1                                                         -> VOIDED
bank-a: pay bank-a:usd bank-c:usd USD 1.01                              -> LIMIT_VELOCITY leg 0
bank-a: #2 reserve bank-a:usd bank-b:usd USD 1                          -> RESERVED
// At night the date that opened last goes on, past midnight.
clock 2026-11-25T06:59:59Z
due CUSTOMER_CUTOFF INTERBANK_CUTOFF DAY_CLOSED NEXT_DATE
bank-a: reserve bank-a:usd bank-c:usd USD 0.01                          -> LIMIT_VELOCITY leg 0
bank-a: void #2                                                         -> VOIDED
bank-a: #3 reserve bank-a:usd bank-c:usd USD 1                          -> RESERVED
clock 2026-11-25T07:00:00Z
due DAY_OPENED
bank-a: pay bank-a:usd bank-b:usd USD 5.01                              -> LIMIT_VELOCITY leg 0
bank-a: pay bank-a:usd bank-b:usd USD 4                                 -> SETTLED
// What the last date reserved, the week has back and the day has not.
bank-a: void #3                                                         -> VOIDED
bank-a: pay bank-a:usd bank-b:usd USD 2.01                              -> LIMIT_VELOCITY leg 0
bank-a: pay bank-a:usd bank-b:usd USD 2                                 -> SETTLED
";

/// A payment counts whatever its priority is: the operators set limits, and priorities are the bank's.
pub(super) const URGENT: &str = "
operators: limits bank-a:usd to:bank-b=10 debit/day=12                  -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 10.01; queue priority=urgent      -> LIMIT_BILATERAL leg 0
bank-a: pay bank-a:usd bank-b:usd USD 9; queue priority=urgent          -> SETTLED
bank-a: pay bank-a:usd bank-b:usd USD 1.01                              -> LIMIT_BILATERAL leg 0
bank-a: pay bank-a:usd bank-b:usd USD 1.01; queue priority=high         -> LIMIT_BILATERAL leg 0
bank-a: pay bank-a:usd bank-c:usd USD 3.01; queue priority=urgent       -> LIMIT_VELOCITY leg 0
bank-a: pay bank-a:usd bank-c:usd USD 3; queue priority=high            -> SETTLED
";
