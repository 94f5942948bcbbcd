//! Money in two currencies.

use crate::ledger_tables::started;

/// A reservation with a rate held the funds and left no record, so that nobody could capture or void
/// it; or there was none, and whoever converted did it by two payments.
#[test]
fn pain_18_both_amounts_of_a_conversion_are_held_and_settle_as_one() {
    let mut run = started();
    run.table(
        "
operators: provider bank-b on                                            -> APPLIED
bank-b: #1 quote bank-a bank-b:usd 10.00 bank-b:jpy bank-a:jpy 1505 until=5000 -> RESERVED
pending bank-b:jpy 1505 0
pending bank-a:jpy 0 1505
bank-b: pay bank-b:jpy bank-a:jpy JPY 3496                               -> INSUFFICIENT_FUNDS leg 0
",
    );
    // The record of it has both amounts.
    let book = run.world.book();
    let holds: Vec<_> = book.holds().collect();
    let [hold] = holds[..] else {
        panic!("{holds:?}")
    };
    let quote = hold.terms.quote.expect("the hold of a quote");
    assert_eq!((quote.source_amount, hold.legs[0].reserved), (1_000, 1_505));
    run.table(
        "
// Neither leg without the other: the payer has not enough, and nothing has moved.
bank-a: pay bank-a:usd bank-c:usd USD 95                                 -> SETTLED
mark
bank-a: convert bank-a:usd bank-a:jpy pay 10.00 limit=1505 at=#1         -> INSUFFICIENT_FUNDS leg 0
unchanged
pending bank-b:jpy 1505 0
operators: issue bank-a:usd 5                                            -> SETTLED
bank-a: convert bank-a:usd bank-a:jpy pay 10.00 limit=1505 at=#1         -> SETTLED
balance bank-a:usd 0.00 0.00
balance bank-b:usd 10.00 10.00
balance bank-a:jpy 1505 1505
balance bank-b:jpy 3495 3495
pending bank-b:jpy 0 0
// One that is not used gives back what it held.
bank-b: #2 quote bank-a bank-b:usd 10.00 bank-b:jpy bank-a:jpy 3495 until=5000 -> RESERVED
balance bank-b:jpy 3495 0
later 5000
tick 1
balance bank-b:jpy 3495 3495
",
    );
}
