//! Limits of single accounts.

use crate::ledger_tables::started;

/// Whether an account might be overdrawn was decided once and for all, or for all accounts alike; how
/// far, by nobody. A limit that was lowered under what was in use made the account unusable, or was
/// not taken.
#[test]
fn pain_11_each_account_has_a_credit_line_that_changes_while_it_is_in_use() {
    started().table(
        "
bank-b: pay bank-b:usd bank-c:usd USD 0.01                               -> INSUFFICIENT_FUNDS leg 0
operators: limits bank-b:usd credit=50                                   -> APPLIED
bank-b: pay bank-b:usd bank-c:usd USD 50.01                              -> INSUFFICIENT_FUNDS leg 0
bank-b: pay bank-b:usd bank-c:usd USD 30                                 -> SETTLED
balance bank-b:usd -30.00 20.00
// Nobody else's.
bank-a: pay bank-a:usd bank-c:usd USD 100.01                             -> INSUFFICIENT_FUNDS leg 0
// Holds draw on it as well.
bank-b: #1 reserve bank-b:usd bank-c:usd USD 15                          -> RESERVED
bank-b: pay bank-b:usd bank-c:usd USD 5.01                               -> INSUFFICIENT_FUNDS leg 0
// Lowered below what is in use: nothing is undone, credits are taken, what was held is captured,
// and there are no new debits.
operators: limits bank-b:usd credit=10                                   -> APPLIED
balance bank-b:usd -30.00 -35.00
bank-b: pay bank-b:usd bank-c:usd USD 0.01                               -> INSUFFICIENT_FUNDS leg 0
bank-c/k1+bank-c/k2: capture #1                                          -> SETTLED
balance bank-b:usd -45.00 -35.00
bank-a: pay bank-a:usd bank-b:usd USD 40                                 -> SETTLED
balance bank-b:usd -5.00 5.00
bank-b: pay bank-b:usd bank-c:usd USD 5                                  -> SETTLED
bank-b: pay bank-b:usd bank-c:usd USD 0.01                               -> INSUFFICIENT_FUNDS leg 0
// Raised, and used in the same message.
operators+bank-b {
  limits bank-b:usd credit=12                                            -> APPLIED
  pay bank-b:usd bank-c:usd USD 2                                        -> SETTLED
  pay bank-b:usd bank-c:usd USD 0.01                                     -> INSUFFICIENT_FUNDS leg 0
}
balance bank-b:usd -12.00 0.00
",
    );
}
