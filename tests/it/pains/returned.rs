//! Money that goes back.

use crate::ledger_tables::started;

/// A repeated refund was answered with a conflict, and moved money all the same: the second request
/// gave back the first refund, so that the payment stood again. Elsewhere each repetition refunded
/// once more.
#[test]
fn pain_01_a_return_that_is_asked_for_again_moves_nothing() {
    started().table(
        "
bank-a: pay bank-a:usd bank-b:usd USD 1.00                              -> SETTLED
original paid 1
bank-b: #2 return paid MS03                                             -> SETTLED
original back 2
balance bank-a:usd 100.00 100.00
balance bank-b:usd 0.00 0.00
mark
// Under a new id, as often as anybody likes; whole, in part, by the operators.
bank-b: return paid MS03                                                -> ALREADY_RETURNED
unchanged
bank-b: return paid MS03                                                -> ALREADY_RETURNED
unchanged
bank-b: return paid DUPL 0.01                                           -> ALREADY_RETURNED
unchanged
// Under its own id.
bank-b: #2 return paid MS03                                             -> ID_ALREADY_USED
unchanged
// The return itself is nothing that could be given back, by either side.
bank-a: return back MS03                                                -> ORIGINAL_NOT_RETURNABLE
bank-b: return back MS03                                                -> ORIGINAL_NOT_RETURNABLE
operators: reverse back MS03                                            -> ORIGINAL_NOT_RETURNABLE
unchanged
// Among others of one message, of which all or one may be a repetition.
bank-a: pay bank-a:usd bank-b:usd USD 2.00                              -> SETTLED
original second 1
bank-b {
  return second MS03 1.50                                               -> SETTLED
  return second MS03 1.50                                               -> RETURN_EXCEEDS_ORIGINAL
  return paid MS03                                                      -> ALREADY_RETURNED
  return second MS03                                                    -> SETTLED
  return second MS03                                                    -> ALREADY_RETURNED
}
balance bank-a:usd 100.00 100.00
balance bank-b:usd 0.00 0.00
",
    );
}
