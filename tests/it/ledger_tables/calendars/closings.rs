//! The tables of days on which a bank is closed. They begin on Monday, 2026-11-23, at 09:30 UTC.

pub(super) const LIMITS: &str = "
ladder
operators: closed bank-x                                                -> PARTICIPANT_UNKNOWN
operators: closed auditor-1                                             -> NO_CHANGE
operators: closed auditor-1 2026-11-25 2026-11-25                       -> PARTICIPANT_NOT_BANK
operators: closed bank-a 2026-11-25 2026-11-25                          -> CALENDAR_INVALID
end
operators: closed bank-a                                                -> NO_CHANGE
operators: closed operators 2026-11-25                                  -> PARTICIPANT_NOT_BANK
operators: closed bank-a 2026-11-26 2026-11-25                          -> CALENDAR_INVALID
operators: closed bank-a 2026-11-25 2026-11-26                          -> APPLIED entry 1
operators: closed bank-a 2026-11-25 2026-11-26                          -> NO_CHANGE
bank-a: closed bank-a 2026-11-27                                        -> QUORUM_NOT_MET
operators: closed bank-a                                                -> APPLIED entry 1
operators: participant bank-t bank 1 bank-t/k1                          -> APPLIED
operators: end bank-t                                                   -> APPLIED
operators: closed bank-t 2026-11-25                                     -> STATE_NOT_ALLOWED
";

pub(super) const NO_CALENDAR: &str = "
operators: closed bank-a 2026-11-23 2026-11-24                          -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> SETTLED
// Ahead of the first date the asset moves as it did before, also if the bank is closed on that.
operators: calendar USD from=2026-11-24                                 -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> SETTLED
bank-a: pay bank-a:usd bank-b:usd USD 1; date=2026-11-24                -> ROLLED entry 20261125
";

// Wednesday is a day of bank-b.
pub(super) const FREE: &str = "
operators: calendar USD from=2026-11-24 policy=roll                     -> APPLIED
operators: closed bank-b 2026-11-25                                     -> APPLIED
clock 2026-11-24T17:30:00Z
due DAY_OPENED CUSTOMER_CUTOFF
// Behind the cut-off of Tuesday the next date of who pays it is Thursday.
bank-a: #1 pay bank-a:alice bank-b:usd USD 1                            -> ROLLED entry 20261126
bank-a: #2 pay bank-a:alice bank-c:usd USD 1                            -> ROLLED entry 20261125
clock 2026-11-25T03:00:00Z
due INTERBANK_CUTOFF DAY_CLOSED NEXT_DATE
seal
// In its night the date is none for it, so that this is rolled; for others it is to come.
bank-a: #3 pay bank-a:usd bank-b:usd USD 2                              -> ROLLED entry 20261126
bank-a: #4 pay bank-a:usd bank-c:usd USD 2                              -> WAREHOUSED entry 20261125
clock 2026-11-25T08:00:00Z
due DAY_OPENED DAY_OPENED QUEUED QUEUED SETTLED SETTLED
// What debits or credits its accounts rolls all day; what is not the submitter's alone is refused.
bank-a: #5 pay bank-a:usd bank-b:usd USD 3                              -> ROLLED entry 20261126
bank-a: #6 pay bank-a:usd bank-b:bob USD 3                              -> ROLLED entry 20261126
bank-b: #7 pay bank-b:bob bank-b:usd USD 0                              -> AMOUNT_ZERO leg 0
bank-a: #8 pay bank-a:usd bank-c:usd USD 1, bank-a:usd bank-b:usd USD 1 -> ROLLED entry 20261126
bank-a+bank-b: pay bank-b:usd bank-a:usd USD 1                          -> CUTOFF_PASSED
bank-a: pay bank-a:usd bank-c:usd USD 1, bank-a:usd bank-c:usd USD 1    -> SETTLED
bank-a: split USD | bank-a:usd 1 | bank-b:usd rest                      -> CUTOFF_PASSED
bank-a: split USD | bank-a:usd 1 | bank-c:usd rest                      -> SETTLED
bank-a: pay bank-a:usd bank-b:usd USD 1; value=2026-11-25               -> CUTOFF_PASSED
// What was promised before goes on, and what the operators do; and so does an asset without a calendar.
bank-a: #9 reserve bank-a:usd bank-b:usd USD 1                          -> RESERVED
bank-b: capture #9 1                                                    -> SETTLED
operators: issue bank-b:usd 5                                           -> SETTLED
bank-b: pay bank-b:jpy bank-a:jpy JPY 1                                 -> SETTLED
queue bank-a:usd #3 #5 #6 #8
clock 2026-11-25T18:30:00Z
due CUSTOMER_CUTOFF INTERBANK_CUTOFF DAY_CLOSED NEXT_DATE
seal
queue bank-a:usd #3 #5 #6 #8
clock 2026-11-26T07:00:00Z
due DAY_OPENED DAY_OPENED QUEUED QUEUED QUEUED QUEUED QUEUED SETTLED SETTLED SETTLED SETTLED SETTLED
";

pub(super) const REFUSES: &str = "
operators: calendar USD from=2026-11-24                                 -> APPLIED
operators: closed bank-b 2026-11-24                                     -> APPLIED
clock 2026-11-24T08:00:00Z
due DAY_OPENED
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> CUTOFF_PASSED
bank-a: pay bank-a:usd bank-b:usd USD 1; queue                          -> CUTOFF_PASSED
bank-a: pay bank-a:usd bank-b:usd USD 1; net                            -> CUTOFF_PASSED
bank-b: pay bank-b:bob bank-b:usd USD 1                                 -> CUTOFF_PASSED
bank-a: pay bank-a:usd bank-c:usd USD 1                                 -> SETTLED
// By numbers, as in a binary batch.
bank-a: pay @2 @3 - 50u                                                 -> CUTOFF_PASSED
bank-a: pay @2 @4 - 50u                                                 -> SETTLED
";

// Of two assets whose calendars differ, and two banks.
pub(super) const PAIRS: &str = "
operators: calendar USD from=2026-11-24 policy=roll                     -> APPLIED
operators: calendar JPY from=2026-11-24 policy=roll holidays=2026-11-25 -> APPLIED
operators: issue bank-a:jpy 500                                         -> SETTLED
operators: closed bank-a 2026-11-26                                     -> APPLIED
operators: closed bank-b 2026-11-24 2026-11-27                          -> APPLIED
clock 2026-11-24T08:00:00Z
due DAY_OPENED DAY_OPENED
// Tuesday is bank-b's, Wednesday a holiday, Thursday bank-a's, Friday bank-b's.
bank-a: pay bank-a:usd bank-b:usd USD 1, bank-a:jpy bank-b:jpy JPY 1    -> ROLLED entry 20261130
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> ROLLED entry 20261125
bank-a: pay bank-a:jpy bank-b:jpy JPY 1                                 -> ROLLED entry 20261130
";

// A date that is asked for is treated as a holiday.
pub(super) const DATED: &str = "
operators: calendar USD from=2026-11-24 policy=roll                     -> APPLIED
operators: calendar JPY from=2026-11-24 roll=none                       -> APPLIED
operators: closed bank-b 2026-11-24 2026-11-26 2026-11-30               -> APPLIED
clock 2026-11-24T08:00:00Z
due DAY_OPENED DAY_OPENED
bank-a: pay bank-a:usd bank-b:usd USD 1; date=2026-11-26                -> ROLLED entry 20261127
bank-a: pay bank-a:usd bank-b:usd USD 1; date=2026-11-24                -> ROLLED entry 20261125
bank-a: pay bank-a:usd bank-b:usd USD 1; date=2026-11-27                -> WAREHOUSED entry 20261127
bank-a: pay bank-a:usd bank-c:usd USD 1; date=2026-11-26                -> WAREHOUSED entry 20261126
bank-a: pay bank-a:usd bank-c:usd USD 1; date=2026-11-24                -> SETTLED
bank-b: pay bank-b:jpy bank-a:jpy JPY 1; date=2026-11-26                -> DATE_NOT_GOOD
bank-b: pay bank-b:jpy bank-a:jpy JPY 1; date=2026-11-25                -> WAREHOUSED entry 20261125
operators: calendar USD from=2026-11-25 roll=modified_following         -> APPLIED
operators: calendar JPY from=2026-11-25 roll=preceding                  -> APPLIED
clock 2026-11-25T08:00:00Z
due any
seal
// The first date behind the last of the month is in another.
bank-a: pay bank-a:usd bank-b:usd USD 1; date=2026-11-30                -> ROLLED entry 20261127
bank-b: pay bank-b:jpy bank-a:jpy JPY 1; date=2026-11-30                -> ROLLED entry 20261127
bank-b: pay bank-b:jpy bank-a:jpy JPY 1; date=2026-11-26                -> SETTLED
";

// The days of who is reached via another are its own.
pub(super) const COOP: &str = "
operators: calendar USD from=2026-11-24                                 -> APPLIED
operators: participant coop bank 0 via=bank-a                           -> APPLIED
operators: open coop:usd coop settlement USD                            -> APPLIED
operators: issue coop:usd 5                                             -> SETTLED
operators: closed bank-a 2026-11-24                                     -> APPLIED
operators: closed coop 2026-11-25                                       -> APPLIED
clock 2026-11-24T08:00:00Z
due DAY_OPENED
bank-a: pay coop:usd bank-b:usd USD 1                                   -> SETTLED
bank-a: pay coop:usd bank-a:usd USD 1                                   -> CUTOFF_PASSED
clock 2026-11-25T08:00:00Z
due any
seal
bank-a: pay coop:usd bank-b:usd USD 1                                   -> CUTOFF_PASSED
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> SETTLED
";

// What waits when a day of its bank comes.
pub(super) const ON_THE_DAY: &str = "
operators: calendar USD from=2026-11-24                                 -> APPLIED
clock 2026-11-24T08:00:00Z
due DAY_OPENED
bank-a: #1 pay bank-a:usd bank-b:usd USD 150; queue                     -> QUEUED
bank-a: #2 pay bank-a:usd bank-b:usd USD 160; queue cutoff from=90000000 -> QUEUED
bank-a: #3 pay bank-a:usd bank-c:usd USD 170; queue                     -> QUEUED
operators: closed bank-b 2026-11-25                                     -> APPLIED
clock 2026-11-25T08:00:00Z
due any
seal
operators: issue bank-a:usd 100                                         -> SETTLED
due SETTLED
// That to bank-c has gone through; those to bank-b stand still, although there is enough for them.
queue bank-a:usd #1 #2
operators: issue bank-a:usd 300                                         -> SETTLED
clock 2026-11-25T10:00:00Z
due QUEUED
queue bank-a:usd #1 #2
// For whom the date is none it does not end.
clock 2026-11-25T18:30:00Z
due CUSTOMER_CUTOFF INTERBANK_CUTOFF DAY_CLOSED NEXT_DATE
seal
queue bank-a:usd #1 #2
clock 2026-11-26T07:00:00Z
due DAY_OPENED SETTLED SETTLED
";

// A payment waits for a date that becomes a day of its bank: it goes on waiting for the next.
pub(super) const LATER: &str = "
operators: calendar USD from=2026-11-24                                 -> APPLIED
clock 2026-11-24T08:00:00Z
due DAY_OPENED
bank-a: #1 pay bank-a:usd bank-b:usd USD 1; date=2026-11-25             -> WAREHOUSED entry 20261125
bank-a: #2 pay bank-a:usd bank-c:usd USD 1; date=2026-11-25             -> WAREHOUSED entry 20261125
clock 2026-11-24T20:00:00Z
due CUSTOMER_CUTOFF INTERBANK_CUTOFF DAY_CLOSED NEXT_DATE
seal
operators: closed bank-b 2026-11-25 2026-11-26                          -> APPLIED
clock 2026-11-25T07:00:00Z
due DAY_OPENED DAY_OPENED QUEUED SETTLED
queue bank-a:usd #1
clock 2026-11-26T07:00:00Z
due CUSTOMER_CUTOFF INTERBANK_CUTOFF DAY_CLOSED NEXT_DATE DAY_OPENED
seal
queue bank-a:usd #1
clock 2026-11-27T07:00:00Z
due CUSTOMER_CUTOFF INTERBANK_CUTOFF DAY_CLOSED NEXT_DATE DAY_OPENED DAY_OPENED QUEUED SETTLED
";

// A date that has opened stays what it was, by each calendar; what is past says nothing.
pub(super) const CHANGED: &str = "
operators: calendar USD from=2026-11-24                                 -> APPLIED
operators: calendar JPY from=2026-11-25                                 -> APPLIED
operators: closed bank-a 2026-11-24                                     -> APPLIED
clock 2026-11-24T06:00:00Z
operators: closed bank-a                                                -> APPLIED
operators: closed bank-a 2026-11-24                                     -> APPLIED
clock 2026-11-24T08:00:00Z
due DAY_OPENED
operators: closed bank-a                                                -> CALENDAR_TOO_EARLY
operators: closed bank-b 2026-11-24                                     -> CALENDAR_TOO_EARLY
operators: closed bank-b 2026-11-23 2026-11-25                          -> APPLIED
operators: closed bank-a 2026-11-24 2026-11-25                          -> APPLIED
clock 2026-11-24T18:30:00Z
due any
seal
operators: closed bank-a 2026-11-25                                     -> APPLIED
operators: closed bank-a                                                -> APPLIED
";
