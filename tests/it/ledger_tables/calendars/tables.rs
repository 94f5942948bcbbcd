//! The tables of calendars. They begin on Monday, 2026-11-23, at 09:30 UTC.

pub(super) const DAY: &str = "
operators: calendar USD from=2026-11-24                                 -> APPLIED
// Ahead of its first day the asset moves as it did before.
day USD 2026-11-24 ahead
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> SETTLED
clock 2026-11-24T06:59:59.999Z
due
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> SETTLED
due DAY_OPENED
day USD 2026-11-24 open
bank-a: pay bank-a:alice bank-b:bob USD 1                               -> SETTLED
clock 2026-11-24T16:59:59.999Z
bank-a: pay bank-a:alice bank-b:bob USD 1                               -> SETTLED
bank-a: pay bank-a:alice bank-b:bob USD 1                               -> CUTOFF_PASSED
due CUSTOMER_CUTOFF
day USD 2026-11-24 interbank
bank-a: pay bank-a:usd bank-b:bob USD 1                                 -> CUTOFF_PASSED
bank-a: pay bank-a:usd bank-b:usd USD 1, bank-a:usd bank-b:bob USD 1    -> CUTOFF_PASSED
bank-a: pay bank-a:usd bank-b:usd USD 1, bank-a:usd bank-b:usd USD 1    -> SETTLED
bank-a: pay bank-a:usd bank-b:usd USD 1; net                            -> SETTLED
clock 2026-11-24T18:00:00Z
due INTERBANK_CUTOFF
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> CUTOFF_PASSED
bank-a: pay bank-a:usd bank-b:usd USD 1; net                            -> CUTOFF_PASSED
bank-a: pay bank-a:usd bank-b:usd USD 1; queue                          -> CUTOFF_PASSED
bank-a: pay bank-a:usd bank-b:usd USD 1; date=2026-11-24                -> CUTOFF_PASSED
// Another asset is not concerned, nor what was promised before or is the operators'.
bank-b: pay bank-b:jpy bank-a:jpy JPY 1                                 -> SETTLED
operators: issue bank-a:usd 1                                           -> SETTLED
bank-a: #9 reserve bank-a:usd bank-b:usd USD 1                          -> RESERVED
bank-b: capture #9 1                                                    -> SETTLED
clock 2026-11-24T18:30:00Z
due DAY_CLOSED NEXT_DATE
day USD 2026-11-25 night
range USD 2026-11-24 sealed
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> CUTOFF_PASSED
seal
clock 2026-11-25T07:00:00Z
due DAY_OPENED
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> SETTLED
";

pub(super) const WITHOUT: &str = "
bank-a: pay bank-a:usd bank-b:usd USD 1; date=2026-11-24                -> CALENDAR_UNKNOWN
bank-a: pay bank-a:usd bank-b:usd USD 1; queue cutoff                   -> CALENDAR_UNKNOWN
operators: calendar JPY from=2026-11-24                                 -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 1; date=2026-11-24                -> CALENDAR_UNKNOWN
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> SETTLED
clock 2026-11-25T03:00:00Z
bank-b: pay bank-b:jpy bank-a:jpy JPY 1                                 -> CUTOFF_PASSED
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> SETTLED
";

pub(super) const DATES: &str = "
operators: calendar USD from=2026-11-24 policy=roll ahead=7             -> APPLIED
// Ahead of the first day it may wait for it already.
bank-a: #1 pay bank-a:usd bank-b:usd USD 1; date=2026-11-24             -> WAREHOUSED entry 20261124
bank-a: pay bank-a:usd bank-b:usd USD 1; date=2026-11-23                -> DATE_PAST
clock 2026-11-24T08:00:00Z
due DAY_OPENED DAY_OPENED QUEUED SETTLED
// Today is now; a weekend rolls to Monday.
bank-a: pay bank-a:usd bank-b:usd USD 1; date=2026-11-24                -> SETTLED
bank-a: #2 pay bank-a:usd bank-b:usd USD 30; date=2026-11-25            -> WAREHOUSED entry 20261125
bank-a: #3 pay bank-a:usd bank-b:usd USD 1; date=2026-11-28             -> ROLLED entry 20261130
bank-a: pay bank-a:usd bank-b:usd USD 1; date=2026-11-23                -> DATE_PAST
bank-a: #4 pay bank-a:usd bank-b:usd USD 1; date=2026-12-01             -> WAREHOUSED entry 20261201
bank-a: pay bank-a:usd bank-b:usd USD 1; date=2026-12-02                -> DATE_TOO_FAR
bank-a: pay bank-a:usd bank-b:usd USD 1; queue from=99 date=2026-11-25  -> QUEUE_TIMES_INVALID
bank-a+bank-b: pay bank-b:usd bank-a:usd USD 1; date=2026-11-25         -> QUEUE_NOT_SENDERS
queue bank-a:usd #2 #3 #4
// After the cut-off, and at night, today is tomorrow.
clock 2026-11-24T17:30:00Z
due CUSTOMER_CUTOFF
bank-a: #5 pay bank-a:alice bank-b:usd USD 2                            -> ROLLED entry 20261125
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> SETTLED
clock 2026-11-24T18:10:00Z
bank-a: #6 pay bank-a:usd bank-b:usd USD 3; date=2026-11-24             -> ROLLED entry 20261125
bank-a: #7 pay bank-a:usd bank-b:usd USD 80, bank-a:usd bank-b:usd USD 1 -> ROLLED entry 20261125
// What needs the signature of another never waits.
bank-a+bank-b: pay bank-b:usd bank-a:usd USD 1                          -> CUTOFF_PASSED
clock 2026-11-25T03:00:00Z
bank-a: #8 pay bank-a:usd bank-b:usd USD 1                              -> WAREHOUSED entry 20261125
bank-a: #10 pay bank-a:usd bank-b:usd USD 1; date=2026-11-25            -> WAREHOUSED entry 20261125
bank-a: cancel #10                                                      -> APPLIED
seal
queue bank-a:usd #2 #3 #4 #6 #7 #8
clock 2026-11-25T07:00:00Z
due INTERBANK_CUTOFF DAY_CLOSED NEXT_DATE DAY_OPENED DAY_OPENED QUEUED QUEUED QUEUED QUEUED QUEUED SETTLED SETTLED SETTLED SETTLED
queue bank-a:usd #3 #4 #7
balance bank-a:usd 63.00 63.00
// What was rolled is of one date: it does not wait for the next.
clock 2026-11-25T18:00:00Z
due CUSTOMER_CUTOFF INTERBANK_CUTOFF INTERBANK_CUTOFF REVOKED_AT_CUTOFF
queue bank-a:usd #3 #4
";

pub(super) const QUEUES: &str = "
operators: calendar USD from=2026-11-24                                 -> APPLIED
clock 2026-11-24T08:00:00Z
bank-a: #1 pay bank-a:usd bank-b:usd USD 200; queue cutoff              -> QUEUED
bank-a: #2 pay bank-a:usd bank-b:usd USD 150; queue                     -> QUEUED
bank-a: #3 pay bank-a:alice bank-b:bob USD 20; queue cutoff             -> QUEUED
bank-a: #4 pay bank-a:alice bank-b:bob USD 30; queue until=40000000     -> QUEUED
due DAY_OPENED
clock 2026-11-24T17:00:00Z
due CUSTOMER_CUTOFF CUSTOMER_CUTOFF REVOKED_AT_CUTOFF
queue bank-a:alice #4
queue bank-a:usd #1 #2
// Funds that come now are for the next day.
operators: issue bank-a:alice 20                                        -> SETTLED
due
balance bank-a:alice 30.00 30.00
clock 2026-11-24T18:00:00Z
due INTERBANK_CUTOFF INTERBANK_CUTOFF REVOKED_AT_CUTOFF
operators: issue bank-a:usd 100                                         -> SETTLED
due
queue bank-a:usd #2
clock 2026-11-24T18:30:00Z
due DAY_CLOSED NEXT_DATE
seal
clock 2026-11-24T20:00:00Z
due REVOKED_AT_REJECT_TIME
clock 2026-11-25T07:00:00Z
due DAY_OPENED SETTLED
balance bank-a:usd 50.00 50.00
// The day is asked for when its time has come.
clock 2026-11-25T17:59:00Z
bank-a: #5 pay bank-a:usd bank-b:usd USD 10; queue from=3600000         -> QUEUED
due CUSTOMER_CUTOFF
clock 2026-11-25T18:59:00.5Z
due INTERBANK_CUTOFF DAY_CLOSED NEXT_DATE QUEUED
seal
clock 2026-11-26T07:00:00Z
due DAY_OPENED SETTLED
balance bank-a:usd 40.00 40.00
";

pub(super) const RULES: &str = "
ladder
bank-a: calendar FOO from=2026-11-22 days=                              -> QUORUM_NOT_MET
operators: calendar FOO from=2026-11-22 days=                           -> ASSET_UNKNOWN
operators: calendar USD from=2026-11-22 days=                           -> CALENDAR_INVALID
operators: calendar USD from=2026-11-22                                 -> CALENDAR_TOO_EARLY
operators: calendar USD from=2026-11-23                                 -> APPLIED
end
due DAY_OPENED
day USD 2026-11-23 open
// What contradicts itself, or is too much.
operators: calendar JPY from=2026-11-24 days=tue,mon                    -> CALENDAR_INVALID
operators: calendar JPY from=2026-11-24 days=mon,mon                    -> CALENDAR_INVALID
operators: calendar JPY from=2026-11-24 holidays=2026-12-25,2026-12-24  -> CALENDAR_INVALID
operators: calendar JPY from=2026-11-24 holidays=2026-12-25,2026-12-25  -> CALENDAR_INVALID
operators: calendar JPY from=2026-11-24 holidays=2036-12-25             -> CALENDAR_INVALID
operators: calendar JPY from=2026-11-24 zone=841                        -> CALENDAR_INVALID
operators: calendar JPY from=2026-11-24 zone@2027-03-28T01:00:00Z=-841  -> CALENDAR_INVALID
operators: calendar JPY from=2026-11-24 zone@2027-03-28T01:00:00Z=60 zone@2027-03-28T01:00:00Z=0 -> CALENDAR_INVALID
operators: calendar JPY from=2026-11-24 opens=17:00                     -> CALENDAR_INVALID
operators: calendar JPY from=2026-11-24 customers=18:01                 -> CALENDAR_INVALID
operators: calendar JPY from=2026-11-24 banks=18:31                     -> CALENDAR_INVALID
operators: calendar JPY from=2026-11-24 evening opens=18:29             -> CALENDAR_INVALID
operators: calendar JPY from=2026-11-24 ahead=367                       -> CALENDAR_INVALID
operators: calendar JPY from=2026-11-24 holidays=2036-11-30 evening opens=18:30 ahead=366 zone=-840 -> APPLIED
// The present date keeps its version once it has opened.
operators: calendar USD from=2026-11-23                                 -> CALENDAR_TOO_EARLY
operators: calendar USD from=2026-11-24                                 -> APPLIED
// Before that it may become a later one, and never an earlier one.
clock 2026-11-23T19:00:00Z
operators: calendar USD from=2026-11-24 holidays=2026-11-24             -> APPLIED
day USD 2026-11-25 night
operators: calendar USD from=2026-11-24                                 -> CALENDAR_TOO_EARLY
operators: calendar USD from=2026-11-25                                 -> APPLIED
day USD 2026-11-25 night
";

pub(super) const HOLIDAYS: &str = "
operators: calendar USD from=2026-12-24 holidays=2026-12-25,2027-01-01 ahead=30 -> APPLIED
clock 2026-12-24T08:00:00Z
due DAY_OPENED
day USD 2026-12-24 open
bank-a: #1 pay bank-a:usd bank-b:usd USD 1; date=2026-12-25             -> ROLLED entry 20261228
bank-a: #2 pay bank-a:usd bank-b:usd USD 1; date=2026-12-26             -> ROLLED entry 20261228
bank-a: #3 pay bank-a:usd bank-b:usd USD 1; date=2027-01-01             -> ROLLED entry 20270104
clock 2026-12-25T12:00:00Z
due CUSTOMER_CUTOFF INTERBANK_CUTOFF DAY_CLOSED NEXT_DATE
// Friday is a holiday, and the weekend is behind it.
day USD 2026-12-28 night
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> CUTOFF_PASSED
seal
clock 2026-12-27T12:00:00Z
due
clock 2026-12-28T07:00:00Z
due DAY_OPENED DAY_OPENED QUEUED QUEUED SETTLED SETTLED
queue bank-a:usd #3
";

pub(super) const ADDED: &str = "
operators: calendar USD from=2026-11-24                                 -> APPLIED
clock 2026-11-24T08:00:00Z
bank-a: #1 pay bank-a:usd bank-b:usd USD 1; date=2026-11-26             -> WAREHOUSED entry 20261126
bank-a: #2 pay bank-a:usd bank-b:usd USD 2; date=2026-11-25             -> WAREHOUSED entry 20261125
// On Tuesday, Thursday is made a holiday; on Tuesday night, tomorrow is.
operators: calendar USD from=2026-11-26 holidays=2026-11-26             -> APPLIED
clock 2026-11-24T20:00:00Z
due DAY_OPENED CUSTOMER_CUTOFF INTERBANK_CUTOFF DAY_CLOSED NEXT_DATE
day USD 2026-11-25 night
operators: calendar USD from=2026-11-25 holidays=2026-11-25             -> APPLIED
day USD 2026-11-27 night
seal
clock 2026-11-26T12:00:00Z
due
clock 2026-11-27T07:00:00Z
due DAY_OPENED DAY_OPENED QUEUED QUEUED SETTLED SETTLED
range USD 2026-11-24 sealed
";

pub(super) const MONTH_ENDS: &str = "
operators: calendar USD from=2027-01-29 roll=modified_following ahead=366 -> APPLIED
operators: calendar JPY from=2027-01-29 roll=preceding                  -> APPLIED
clock 2027-01-29T08:00:00Z
due DAY_OPENED DAY_OPENED
// The last days of January are a weekend: Friday is today.
bank-a: pay bank-a:usd bank-b:usd USD 1; date=2027-01-30                -> SETTLED
bank-a: pay bank-a:usd bank-b:usd USD 1; date=2027-01-31                -> SETTLED
bank-a: pay bank-a:usd bank-b:usd USD 1; date=2027-02-06                -> ROLLED entry 20270208
bank-a: pay bank-a:usd bank-b:usd USD 1; date=2027-05-29                -> ROLLED entry 20270531
bank-a: pay bank-a:usd bank-b:usd USD 1; date=2027-07-31                -> ROLLED entry 20270730
bank-b: pay bank-b:jpy bank-a:jpy JPY 1; date=2027-01-31                -> SETTLED
bank-b: pay bank-b:jpy bank-a:jpy JPY 1; date=2027-02-07                -> ROLLED entry 20270205
";

pub(super) const LEAP: &str = "
clock 2028-02-28T08:00:00Z
operators: calendar USD from=2028-02-28 roll=none                       -> APPLIED
due DAY_OPENED
bank-a: #1 pay bank-a:usd bank-b:usd USD 1; date=2028-02-29             -> WAREHOUSED entry 20280229
bank-a: pay bank-a:usd bank-b:usd USD 1; date=2028-03-04                -> DATE_NOT_GOOD
clock 2028-02-29T07:00:00Z
due CUSTOMER_CUTOFF INTERBANK_CUTOFF DAY_CLOSED NEXT_DATE DAY_OPENED DAY_OPENED QUEUED SETTLED
day USD 2028-02-29 open
";

pub(super) const SUMMER: &str = "
operators: calendar USD from=2027-03-26 zone=60 zone@2027-03-28T01:00:00Z=120 zone@2027-10-31T01:00:00Z=60 -> APPLIED
clock 2027-03-26T05:59:59.999Z
due
due DAY_OPENED
clock 2027-03-26T17:30:00Z
due CUSTOMER_CUTOFF INTERBANK_CUTOFF DAY_CLOSED NEXT_DATE
day USD 2027-03-29 night
seal
clock 2027-03-29T04:59:59.999Z
due
due DAY_OPENED
day USD 2027-03-29 open
";

pub(super) const NIGHTS: &str = "
operators: calendar USD from=2026-11-24 evening opens=19:00 policy=roll -> APPLIED
clock 2026-11-23T19:00:00Z
due DAY_OPENED
day USD 2026-11-24 open
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> SETTLED
clock 2026-11-24T18:45:00Z
due CUSTOMER_CUTOFF INTERBANK_CUTOFF DAY_CLOSED NEXT_DATE
seal
clock 2026-11-24T19:00:00Z
due DAY_OPENED
day USD 2026-11-25 open
// On Friday evening nothing opens; for Monday it does on Sunday.
clock 2026-11-27T20:00:00Z
due CUSTOMER_CUTOFF INTERBANK_CUTOFF DAY_CLOSED NEXT_DATE DAY_OPENED CUSTOMER_CUTOFF INTERBANK_CUTOFF DAY_CLOSED NEXT_DATE DAY_OPENED CUSTOMER_CUTOFF INTERBANK_CUTOFF DAY_CLOSED NEXT_DATE
day USD 2026-11-30 night
range USD 2026-11-25 sealed
range USD 2026-11-26 unsealed
seal
clock 2026-11-29T19:00:00Z
due DAY_OPENED
day USD 2026-11-30 open
";

pub(super) const JOINT: &str = "
bank-a: pay bank-a:usd bank-b:usd USD 50                                -> SETTLED
operators: calendar USD from=2026-11-25 holidays=2026-11-26 policy=roll ahead=20 -> APPLIED
operators: calendar JPY from=2026-11-25 holidays=2026-11-27 policy=roll ahead=20 opens=00:00 customers=06:00 banks=08:00 closes=08:30 -> APPLIED
clock 2026-11-25T07:30:00Z
due DAY_OPENED CUSTOMER_CUTOFF DAY_OPENED
// Both are open to banks, and one alone to customers.
bank-b: pay bank-b:usd bank-a:usd USD 1, bank-b:jpy bank-a:jpy JPY 10 -> SETTLED
bank-b: #4 pay bank-b:bob bank-a:usd USD 1, bank-b:jpy bank-a:jpy JPY 10 -> ROLLED entry 20261130
clock 2026-11-25T08:00:00Z
// On Thursday one has a holiday, on Friday the other.
bank-b: #1 pay bank-b:usd bank-a:usd USD 1, bank-b:jpy bank-a:jpy JPY 10 -> ROLLED entry 20261130
bank-b: #2 pay bank-b:usd bank-a:usd USD 1, bank-b:jpy bank-a:jpy JPY 10; date=2026-11-26 -> ROLLED entry 20261130
bank-b: #3 pay bank-b:usd bank-a:usd USD 1, bank-b:jpy bank-a:jpy JPY 10; date=2026-12-01 -> WAREHOUSED entry 20261201
bank-b: pay bank-b:usd bank-a:usd USD 1                                 -> SETTLED
bank-b: cancel #4                                                       -> APPLIED
clock 2026-11-30T00:30:00Z
due any
day JPY 2026-11-30 open
day USD 2026-11-30 night
queue bank-b:usd #1 #2 #3
clock 2026-11-30T07:00:00Z
due CUSTOMER_CUTOFF DAY_OPENED DAY_OPENED QUEUED QUEUED SETTLED SETTLED
";

pub(super) const SLEEP: &str = "
operators: calendar USD from=2026-11-24 policy=roll                     -> APPLIED
clock 2026-11-24T08:00:00Z
bank-a: #1 pay bank-a:usd bank-b:usd USD 1; date=2026-11-25             -> WAREHOUSED
bank-a: #2 pay bank-a:usd bank-b:usd USD 2; date=2026-11-26             -> WAREHOUSED
bank-a: #3 pay bank-a:usd bank-b:usd USD 500; queue cutoff              -> QUEUED
due DAY_OPENED
clock 2026-11-27T08:00:00Z
due CUSTOMER_CUTOFF INTERBANK_CUTOFF INTERBANK_CUTOFF REVOKED_AT_CUTOFF DAY_CLOSED NEXT_DATE DAY_OPENED DAY_OPENED QUEUED SETTLED CUSTOMER_CUTOFF INTERBANK_CUTOFF DAY_CLOSED NEXT_DATE DAY_OPENED DAY_OPENED QUEUED SETTLED CUSTOMER_CUTOFF INTERBANK_CUTOFF DAY_CLOSED NEXT_DATE DAY_OPENED
day USD 2026-11-27 open
range USD 2026-11-24 sealed
range USD 2026-11-25 unsealed
range USD 2026-11-26 unsealed
due
";

pub(super) const SEALS: &str = "
operators: parameter seal_interval_s 3600                               -> APPLIED
operators: calendar USD from=2026-11-24 closes=19:00                    -> APPLIED
operators: calendar JPY from=2026-11-24 closes=19:00                    -> APPLIED
clock 2026-11-24T18:30:00Z
due any
seal
// It is an hour, too: the seal is of the close all the same, and of both assets.
clock 2026-11-24T19:00:00Z
due DAY_CLOSED DAY_CLOSED NEXT_DATE NEXT_DATE
range USD 2026-11-24 sealing
range JPY 2026-11-24 sealing
seal
// A close waits for a seal that is outstanding,
clock 2026-11-25T18:59:00Z
operators: issue bank-a:usd 1                                           -> SETTLED
due any
clock 2026-11-25T19:00:00Z
due
day USD 2026-11-25 cutoff
seal
due DAY_CLOSED DAY_CLOSED NEXT_DATE NEXT_DATE
range USD 2026-11-25 sealing
// but not for ever.
clock 2026-11-26T19:09:59.999Z
due any
day USD 2026-11-26 cutoff
clock 2026-11-26T19:10:00Z
due DAY_CLOSED DAY_CLOSED NEXT_DATE NEXT_DATE
range USD 2026-11-26 unsealed
";

pub(super) const ORDER: &str = "
operators: calendar USD from=2026-11-24 roll=none                       -> APPLIED
operators: calendar JPY from=2026-11-24                                 -> APPLIED
clock 2026-11-24T18:10:00Z
bank-a: #1 pay bank-a:usd bank-b:usd USD 1                              -> CUTOFF_PASSED
bank-a: #1 pay bank-b:usd nowhere USD 0; date=2026-11-23                -> ID_ALREADY_USED
bank-a: pay bank-b:usd nowhere USD 0; date=2026-11-23                   -> ACCOUNT_UNKNOWN leg 0
bank-a: pay bank-b:usd bank-a:usd USD 0; date=2026-11-23                -> NOT_OWNER leg 0
// The day comes before all else of the legs.
bank-a: pay bank-a:usd bank-a:usd JPY 0.001; queue from=9 date=2026-11-23 -> QUEUE_TIMES_INVALID
bank-a: pay bank-a:usd bank-a:usd JPY 0.001; date=2026-11-23            -> DATE_PAST
bank-a: pay bank-a:usd bank-a:usd JPY 0.001; date=2026-12-26            -> DATE_TOO_FAR
bank-a: pay bank-a:usd bank-a:usd JPY 0.001; date=2026-11-28            -> DATE_NOT_GOOD
bank-a: pay bank-a:usd bank-a:usd JPY 0.001; date=2026-11-24            -> CUTOFF_PASSED
bank-a: pay bank-a:usd bank-a:usd JPY 0.001; date=2026-11-25            -> ASSET_MISMATCH leg 0
bank-a: pay bank-a:usd bank-a:usd USD 0.001; date=2026-11-25            -> SELF_TRANSFER leg 0
bank-a: pay bank-a:usd bank-b:usd USD 0.001; date=2026-11-25            -> PRECISION_EXCEEDED leg 0
// Funds are looked for when it has come.
bank-a: pay bank-a:usd bank-b:usd USD 1000; date=2026-11-25             -> WAREHOUSED
mark
bank-a atomic {
  pay bank-a:usd bank-b:usd USD 1; date=2026-11-25                      -> MESSAGE_ABORTED
  pay bank-a:usd bank-b:usd USD 1                                       -> CUTOFF_PASSED
}
unchanged
";

pub(super) const MEETING: &str = "
operators: calendar USD from=2026-11-24                                 -> APPLIED
clock 2026-11-24T08:00:00Z
operators: limits bank-a:usd debit/86400=5.00                           -> APPLIED
// Limits are asked when it is accepted, and it counts from then on.
bank-a: #1 pay bank-a:usd bank-b:usd USD 6; date=2026-11-25             -> LIMIT_VELOCITY leg 0
bank-a: #2 pay bank-a:usd bank-b:usd USD 4; date=2026-11-25             -> WAREHOUSED
bank-a: pay bank-a:usd bank-b:usd USD 2                                 -> LIMIT_VELOCITY leg 0
operators: close bank-b:usd                                             -> ACCOUNT_NOT_EMPTY
operators: freeze bank-a:usd case-1 no_debit                            -> APPLIED
// A freeze keeps it waiting for its day, and no longer.
clock 2026-11-25T07:00:00Z
due DAY_OPENED CUSTOMER_CUTOFF INTERBANK_CUTOFF DAY_CLOSED NEXT_DATE DAY_OPENED DAY_OPENED QUEUED
queue bank-a:usd #2
clock 2026-11-25T18:00:00Z
due CUSTOMER_CUTOFF INTERBANK_CUTOFF INTERBANK_CUTOFF REVOKED_AT_CUTOFF
queue bank-a:usd
operators: lift bank-a:usd case-1                                       -> APPLIED
seal
// What was revoked counts no more.
clock 2026-11-26T07:30:00Z
bank-a: pay bank-a:usd bank-b:usd USD 5                                 -> SETTLED
";

/// What waits for one date goes in the order in which it was accepted, as far as there is money.
pub(super) const ACCEPTED: &str = "
operators: calendar USD from=2026-11-24                                 -> APPLIED
clock 2026-11-24T08:00:00Z
bank-a: #1 pay bank-a:usd bank-b:usd USD 70; date=2026-11-25            -> WAREHOUSED
bank-a: #2 pay bank-a:usd bank-b:usd USD 40; date=2026-11-25            -> WAREHOUSED
bank-a: #3 pay bank-a:usd bank-b:usd USD 30; date=2026-11-25            -> WAREHOUSED
clock 2026-11-25T07:00:00Z
due DAY_OPENED CUSTOMER_CUTOFF INTERBANK_CUTOFF DAY_CLOSED NEXT_DATE DAY_OPENED DAY_OPENED QUEUED QUEUED QUEUED SETTLED SETTLED
queue bank-a:usd #2
balance bank-a:usd 0.00 0.00
";

/// A payment against a payment that one side does not fund is revoked with the day, both legs of it.
pub(super) const UNFUNDED: &str = "
operators: calendar USD from=2026-11-24                                 -> APPLIED
operators: calendar JPY from=2026-11-24 banks=17:30                     -> APPLIED
clock 2026-11-24T08:00:00Z
bank-a: #1 propose 60000 [#2 pay bank-a:usd bank-b:usd USD 10, bank-b:jpy bank-a:jpy JPY 6000; queue cutoff] -> PROPOSED
bank-b: approve #1                                                      -> CARRIED_OUT
carried QUEUED
queue bank-a:usd #2
queue bank-b:jpy #2
due DAY_OPENED DAY_OPENED
clock 2026-11-24T17:30:00Z
// The first of its days that is cut off.
due CUSTOMER_CUTOFF CUSTOMER_CUTOFF INTERBANK_CUTOFF INTERBANK_CUTOFF REVOKED_AT_CUTOFF
queue bank-a:usd
queue bank-b:jpy
operators: issue bank-b:jpy 1000                                        -> SETTLED
due
balance bank-a:usd 100.00 100.00
balance bank-b:jpy 6000 6000
";
