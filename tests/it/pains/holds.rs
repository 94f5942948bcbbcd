//! Holds: counted, ended once, captured in bulk and above.

use crate::ledger_tables::started;

/// Holds were not counted in what may be spent: a second hold, or a payment, took the same money.
#[test]
fn pain_02_what_is_held_is_spent_by_nobody_else() {
    started().table(
        "
bank-a {
  #1 reserve bank-a:usd bank-b:usd USD 60                                -> RESERVED
  reserve bank-a:usd bank-c:usd USD 60                                   -> INSUFFICIENT_FUNDS leg 0
  pay bank-a:usd bank-c:usd USD 40.01                                    -> INSUFFICIENT_FUNDS leg 0
  pay @2 @4 - 4001u                                                      -> INSUFFICIENT_FUNDS leg 0
  reserve bank-a:usd bank-c:usd USD 40                                   -> RESERVED
  pay bank-a:usd bank-c:usd USD 0.01                                     -> INSUFFICIENT_FUNDS leg 0
}
balance bank-a:usd 100.00 0.00
// What is only coming is nothing to spend.
bank-b: pay bank-b:usd bank-c:usd USD 0.01                               -> INSUFFICIENT_FUNDS leg 0
bank-b: reserve bank-b:usd bank-c:usd USD 0.01                           -> INSUFFICIENT_FUNDS leg 0
// A payment that waits for funds does not find them in a hold.
bank-a: #2 pay bank-a:usd bank-c:usd USD 1; queue                        -> QUEUED
tick 0
queue bank-a:usd #2
bank-b: capture #1 59                                                    -> SETTLED
node #2 SETTLED
balance bank-a:usd 40.00 0.00
",
    );
}

/// A hold that was refused could be captured all the same, and overdrew the payer; one that had ended
/// could be voided again, with an answer that said it had been.
#[test]
fn pain_03_a_hold_that_was_refused_or_has_ended_does_nothing_more() {
    started().table(
        "
bank-a: #1 reserve bank-a:usd bank-b:usd USD 100.01                      -> INSUFFICIENT_FUNDS leg 0
mark
bank-b: capture #1                                                       -> HOLD_UNKNOWN
bank-b: capture #1 1                                                     -> HOLD_UNKNOWN
bank-a: void #1                                                          -> HOLD_UNKNOWN
unchanged
bank-a: #1 reserve bank-a:usd bank-b:usd USD 1                           -> ID_ALREADY_USED
bank-b: capture #1                                                       -> HOLD_UNKNOWN
unchanged
bank-a {
  #2 reserve bank-a:usd bank-b:usd USD 10                                -> RESERVED
  #3 reserve bank-a:usd bank-b:usd USD 10                                -> RESERVED
  #4 reserve bank-a:usd bank-b:usd USD 10; for=1000                      -> RESERVED
}
bank-a: void #2                                                          -> VOIDED
bank-b: capture #3 4                                                     -> SETTLED
later 1000
tick 1
mark
bank-a: void #2                                                          -> HOLD_ALREADY_VOIDED
bank-b: void #2                                                          -> HOLD_ALREADY_VOIDED
bank-b: capture #2                                                       -> HOLD_ALREADY_VOIDED
bank-b: capture #3 6                                                     -> HOLD_ALREADY_CAPTURED
bank-a: void #3                                                          -> HOLD_ALREADY_CAPTURED
bank-b: capture #4                                                       -> HOLD_EXPIRED
bank-a: void #4                                                          -> HOLD_EXPIRED
unchanged
balance bank-a:usd 96.00 96.00
balance bank-b:usd 4.00 4.00
pending bank-a:usd 0.00 0.00
pending bank-b:usd 0.00 0.00
",
    );
}

/// Many holds could only be ended one request at a time, and none above what was reserved.
#[test]
fn pain_22_holds_are_captured_and_voided_in_bulk_each_with_its_own_result() {
    started().table(
        "
bank-a {
  #1 reserve bank-a:usd bank-b:usd USD 10                                -> RESERVED
  #2 reserve bank-a:usd bank-b:usd USD 10; over=2000                     -> RESERVED
  #3 reserve bank-a:usd bank-b:usd USD 10; multi                         -> RESERVED
  #4 reserve bank-a:usd bank-b:usd USD 10; over=10000                    -> RESERVED
  #5 reserve bank-a:usd bank-b:usd USD 10                                -> RESERVED
}
bank-b {
  capture #1                                                             -> SETTLED
  capture #1                                                             -> HOLD_ALREADY_CAPTURED
  capture #9                                                             -> HOLD_UNKNOWN
  capture #2 12.01                                                       -> CAPTURE_EXCEEDS_RESERVED leg 0
  capture #2 12                                                          -> SETTLED
  capture #3 3                                                           -> SETTLED
  capture #3 3                                                           -> SETTLED
  void #3                                                                -> VOIDED
  capture #3 1                                                           -> HOLD_ALREADY_VOIDED
  void #5                                                                -> VOIDED
}
balance bank-a:usd 72.00 62.00
// Above what was reserved only what is there.
bank-a: pay bank-a:usd bank-c:usd USD 55                                 -> SETTLED
bank-b: capture #4 17.01                                                 -> INSUFFICIENT_FUNDS leg 0
bank-b: capture #4 17                                                    -> SETTLED
balance bank-a:usd 0.00 0.00
pending bank-b:usd 0.00 0.00
",
    );
}
