//! Who pays how much, out of what; refusals in their order, one mended thing a line.

pub(super) const ACCOUNTS: &str = "
operators {
  open operators:fee operators fee USD                                  -> APPLIED
  open operators:tax operators fee USD                                  -> APPLIED
  open operators:yen operators fee JPY                                  -> APPLIED
  open bank-a:alice bank-a customer USD                                 -> APPLIED
  open bank-b:shop bank-b customer USD                                  -> APPLIED
}
operators: issue bank-b:usd 100.00                                      -> SETTLED
operators: issue bank-a:alice 100.00                                    -> SETTLED
";

pub(super) const PAYERS: &str = "
operators: fees USD operators:fee (bps=100 by=debtor)                   -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 10.00                             -> SETTLED
balance bank-a:usd 89.90 89.90
balance bank-b:usd 110.00 110.00
balance operators:fee 0.10 0.10
// The creditor pays out of what it receives, and the leg is what it was.
operators: fees USD operators:fee (bps=100 by=creditor)                 -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 10.00                             -> SETTLED
balance bank-a:usd 79.90 79.90
balance bank-b:usd 119.90 119.90
balance operators:fee 0.20 0.20
// Half of it each; the odd cent is the debtor's.
operators: fees USD operators:fee (flat=0.25 by=shared)                 -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 10.00                             -> SETTLED
balance bank-a:usd 69.77 69.77
balance bank-b:usd 129.78 129.78
balance operators:fee 0.45 0.45
// With tax on each half, half up: 0.13 and 0.12, of which a fifth is 0.026 and 0.024.
operators: fees USD operators:fee tax=operators:tax/2000 (flat=0.25 by=shared) -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 10.00                             -> SETTLED
balance bank-a:usd 59.61 59.61
balance bank-b:usd 139.64 139.64
balance operators:fee 0.70 0.70
balance operators:tax 0.05 0.05
";

pub(super) const BASES: &str = "
operators: fees USD operators:fee (bps=25 min=0.05 max=0.20 by=debtor)  -> APPLIED
// 0.25 % of 1.00 is 0.0025: the least is due. Of 22.00, 0.055: half up. Of 90.00, the most.
bank-a: pay bank-a:usd bank-b:usd USD 1.00                              -> SETTLED
balance operators:fee 0.05 0.05
bank-a: pay bank-a:usd bank-b:usd USD 22.00                             -> SETTLED
balance operators:fee 0.11 0.11
bank-b: pay bank-b:usd bank-a:usd USD 90.00                             -> SETTLED
balance operators:fee 0.31 0.31
// The tier that the whole amount lies in.
operators: fees USD operators:fee (tiers=10:0.50:-/50:0.10:100/-:-:50 by=debtor) -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 10.00                             -> SETTLED
balance operators:fee 0.81 0.81
bank-a: pay bank-a:usd bank-b:usd USD 10.01                             -> SETTLED
balance operators:fee 1.01 1.01
bank-a: pay bank-a:usd bank-b:usd USD 50.01                             -> SETTLED
balance operators:fee 1.26 1.26
";

pub(super) const RULES: &str = "
operators: fees USD operators:fee (debit=customer credit=customer none) (credit=customer from=bank-a flat=1 by=creditor) (from=bank-a to=bank-b flat=2 by=debtor) (debit=customer flat=3 by=debtor) -> APPLIED
// The first rule that is for the pair; none behind it is asked.
bank-a: pay bank-a:alice bank-b:shop USD 10                             -> SETTLED
balance operators:fee 0.00 0.00
bank-a: pay bank-a:usd bank-b:shop USD 10                               -> SETTLED
balance operators:fee 1.00 1.00
balance bank-b:shop 19.00 19.00
bank-a: pay bank-a:alice bank-b:usd USD 10                              -> SETTLED
balance operators:fee 3.00 3.00
bank-a: pay bank-a:alice bank-c:usd USD 10                              -> SETTLED
balance operators:fee 6.00 6.00
// No rule is for this pair.
bank-a: pay bank-a:usd bank-c:usd USD 10                                -> SETTLED
balance operators:fee 6.00 6.00
// Other assets are not concerned; nor is what operators move.
bank-b: pay bank-b:jpy bank-a:jpy JPY 10                                -> SETTLED
operators: fees USD operators:fee (flat=1 by=debtor)                    -> APPLIED
operators: pay operators:fee bank-a:usd USD 2                           -> SETTLED
operators: pay operators:suspense.usd bank-a:usd USD 2                  -> SETTLED
bank-a: pay bank-a:usd operators:suspense.usd USD 2                     -> SETTLED
balance operators:fee 4.00 4.00
// What funds, splits, conversions, returns and cleared payments move is not charged.
operators: issue bank-a:usd 5                                           -> SETTLED
operators+bank-a: redeem bank-a:usd 5                                   -> SETTLED
bank-a: split USD | bank-a:usd 5 | bank-b:usd rest               -> SETTLED
balance operators:fee 4.00 4.00
";

/// Whatever else moves money costs nothing; and what is refused, or given back, does not either.
pub(super) const FREE: &str = "
operators: fees USD operators:fee (flat=1 by=debtor)                    -> APPLIED
operators: fees JPY operators:yen (flat=1 by=debtor)                    -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 10                                -> SETTLED
original paid 1
balance operators:fee 1.00 1.00
bank-a: pay bank-a:usd bank-b:usd USD 1000                              -> INSUFFICIENT_FUNDS leg 0
bank-b: return paid AC04                                                -> SETTLED
balance bank-a:usd 99.00 99.00
operators: issue bank-a:usd 5                                           -> SETTLED
original issued 1
operators: reverse issued MS03                                          -> SETTLED
operators: provider bank-b on                                           -> APPLIED
bank-b: rate USD JPY desk 150/1 150/1 to=60000 via=bank-b:usd,bank-b:jpy,50.00 -> APPLIED
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=150 at=bank-b/desk    -> SETTLED
bank-b: #1 quote bank-a bank-b:usd 1 bank-b:jpy bank-a:jpy 150 until=60000 -> RESERVED
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=150 at=#1             -> SETTLED
operators {
  model ach USD manual 60                                               -> APPLIED
  join ach bank-a:usd 100                                               -> APPLIED
  join ach bank-b:usd 100                                               -> APPLIED
}
bank-a: clear ach bank-a bank-b 7                                       -> CLEARED
operators: close_window ach                                             -> APPLIED
tick 1
window ach 1 settled
balance bank-a:usd 90.00 90.00
balance bank-a:jpy 300 300
balance operators:fee 1.00 1.00
balance operators:yen 0 0
";

pub(super) const FUNDS: &str = "
operators: fees USD operators:fee (flat=1 by=debtor)                    -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 99.01                             -> FEE_NOT_COVERED leg 0
bank-a: pay bank-a:usd bank-b:usd USD 100.01                            -> INSUFFICIENT_FUNDS leg 0
// Each leg is charged in its turn: what the second pays is gone for the first.
mark
bank-a: pay bank-a:usd bank-b:usd USD 60, bank-a:usd bank-c:usd USD 38.01 -> FEE_NOT_COVERED leg 1
unchanged
bank-a: pay bank-a:usd bank-b:usd USD 60, bank-a:usd bank-c:usd USD 38  -> SETTLED
balance bank-a:usd 0.00 0.00
// What freezes keep is not there for fees; what is frozen pays none.
operators: issue bank-a:usd 10                                          -> SETTLED
operators: freeze bank-a:usd case-1 amount 5                            -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 4.01                              -> FEE_NOT_COVERED leg 0
bank-a: pay bank-a:usd bank-b:usd USD 4                                 -> SETTLED
operators: fees USD operators:fee (flat=1 by=creditor)                  -> APPLIED
bank-b: pay bank-b:usd bank-a:usd USD 0.99                              -> FEE_EXCEEDS_AMOUNT leg 0
bank-b: pay bank-b:usd bank-a:usd USD 1                                 -> SETTLED
balance bank-a:usd 5.00 0.00
operators: freeze bank-a:usd case-2 no_debit                            -> APPLIED
bank-b: pay bank-b:usd bank-a:usd USD 9                                 -> ACCOUNT_FROZEN leg 0
operators: lift bank-a:usd case-2                                       -> APPLIED
// Who is below its floor may still be paid, and pays out of that.
operators: limits bank-a:usd min=50                                     -> APPLIED
bank-b: pay bank-b:usd bank-a:usd USD 9                                 -> SETTLED
balance bank-a:usd 13.00 -42.00
";

pub(super) const SETS: &str = "
operators: fees USD operators:fee (bps=100 by=debtor)                   -> APPLIED
// As a set both pay 10.00 less; their fees are not set off against anything.
bank-a+bank-b: pay bank-a:usd bank-b:usd USD 1000, bank-b:usd bank-a:usd USD 990; net -> SETTLED
balance bank-a:usd 80.00 80.00
balance bank-b:usd 100.10 100.10
bank-a: pay bank-a:usd bank-b:usd USD 80; net                           -> FEE_NOT_COVERED leg 0
bank-a: pay bank-a:usd bank-b:usd USD 80.01; net                        -> INSUFFICIENT_FUNDS leg 0
bank-a: pay bank-a:usd bank-b:usd USD 10; by=60000                   -> SETTLED
balance bank-a:usd 69.90 69.90
// Under a mandate the fee is the debited owner's, beside what the mandate lets through.
bank-a: #1 grant bank-a:usd to=bank-b total=10                             -> APPLIED
bank-b: pay bank-a:usd bank-b:usd USD 10; under=#1                      -> SETTLED
balance bank-a:usd 59.80 59.80
// What several have agreed to is charged when it is carried out.
bank-a: #2 propose 5000 [pay bank-a:usd bank-b:usd USD 10, bank-b:usd bank-a:usd USD 1] -> PROPOSED
bank-b: approve #2                                                      -> CARRIED_OUT
carried SETTLED
balance bank-a:usd 50.70 50.70
operators: fees USD operators:fee (flat=2 by=creditor)                  -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 1; net                            -> FEE_EXCEEDS_AMOUNT leg 0
bank-a: pay bank-a:usd bank-b:usd USD 1; queue                          -> FEE_EXCEEDS_AMOUNT leg 0
";

pub(super) const CAPTURES: &str = "
operators: fees USD operators:fee (flat=1 by=debtor)                    -> APPLIED
// What is reserved is all that its payer promised: whoever receives it pays.
bank-a: #1 reserve bank-a:usd bank-b:usd USD 100; multi                 -> RESERVED
bank-b: capture #1 40 more                                              -> SETTLED
balance bank-a:usd 60.00 0.00
balance bank-b:usd 139.00 139.00
bank-b: capture #1 0.99                                                 -> FEE_EXCEEDS_AMOUNT leg 0
operators: freeze bank-b:usd case-1 no_debit                            -> APPLIED
bank-b: capture #1                                                      -> ACCOUNT_FROZEN leg 0
operators: lift bank-b:usd case-1                                       -> APPLIED
bank-b: capture #1                                                      -> SETTLED
balance bank-a:usd 0.00 0.00
balance bank-b:usd 198.00 198.00
balance operators:fee 2.00 2.00
";

pub(super) const WAITS: &str = "
operators: fees USD operators:fee (flat=1 by=debtor)                    -> APPLIED
// Enough for what is paid, and not for the fee: it waits.
bank-a: #1 pay bank-a:usd bank-b:usd USD 100; queue                     -> QUEUED
operators: issue bank-a:usd 0.99                                        -> SETTLED
tick 0
operators: issue bank-a:usd 0.01                                        -> SETTLED
node #1 SETTLED
balance bank-a:usd 0.00 0.00
balance operators:fee 1.00 1.00
// A fee that is lowered lets go what waits; what counts is the schedule when it settles.
operators: issue bank-a:usd 10                                          -> SETTLED
bank-a: #2 pay bank-a:usd bank-b:usd USD 9.50; queue                    -> QUEUED
operators: fees USD operators:fee (flat=0.50 by=debtor)                 -> APPLIED
node #2 SETTLED
balance operators:fee 1.50 1.50
// A ring frees itself only if everybody affords its fee: bank-a has nothing.
bank-a: #3 pay bank-a:usd bank-c:usd USD 500; queue                     -> QUEUED
bank-c+bank-c/k2: #4 pay bank-c:usd bank-a:usd USD 500; queue           -> QUEUED
tick 0
operators: issue bank-a:usd 0.50                                        -> SETTLED
tick 0
operators: issue bank-c:usd 0.50                                        -> SETTLED
node #3 SETTLED #4 SETTLED
balance bank-a:usd 0.00 0.00
balance bank-c:usd 0.00 0.00
// One whose payee cannot pay the fee out of it stays; it settles when it can.
bank-a: #5 pay bank-a:usd bank-b:usd USD 3; queue                       -> QUEUED
operators: fees USD operators:fee (flat=4 by=creditor)                  -> APPLIED
operators: issue bank-a:usd 3                                           -> SETTLED
tick 0
operators: fees USD - -> APPLIED
node #5 SETTLED
balance operators:fee 2.50 2.50
// Half of it each, and both pay each other: nobody is short for being paid.
operators: fees USD operators:fee tax=operators:tax/1000 (bps=1000 by=shared) -> APPLIED
bank-a: #6 pay bank-a:usd bank-c:usd USD 100; queue                     -> QUEUED
bank-c+bank-c/k2: #7 pay bank-c:usd bank-a:usd USD 100; queue           -> QUEUED
operators: issue bank-c:usd 11                                          -> SETTLED
tick 0
operators: issue bank-a:usd 11                                          -> SETTLED
node #6 SETTLED #7 SETTLED
balance bank-a:usd 0.00 0.00
balance bank-c:usd 0.00 0.00
balance operators:tax 2.00 2.00
";

pub(super) const LADDERS: &str = "
operators: asset EUR fiat                                               -> APPLIED
operators {
  open operators:gone operators fee USD                                 -> APPLIED
  close operators:gone                                                  -> APPLIED
  open operators:eur operators fee EUR                                  -> APPLIED
  status EUR retired                                                    -> APPLIED
}
ladder
bank-a: fees XXX nowhere tax=nowhere/0 (flat=0.001 from=bank-x debit=fee) -> QUORUM_NOT_MET
operators: fees XXX nowhere tax=nowhere/0 (flat=0.001 from=bank-x debit=fee) -> ACCOUNT_UNKNOWN
operators: fees XXX bank-a:usd tax=operators:gone/0 (flat=0.001 from=bank-x debit=fee) -> ASSET_UNKNOWN
operators: fees EUR bank-a:usd tax=operators:gone/0 (flat=0.001 from=bank-x debit=fee) -> ASSET_MISMATCH
operators: fees EUR operators:eur tax=operators:eur/0 (flat=0.001 from=bank-x debit=fee) -> ASSET_RETIRED
operators: fees USD bank-a:usd tax=operators:gone/0 (flat=0.001 from=bank-x debit=fee) -> PRECISION_EXCEEDED
operators: fees USD bank-a:usd tax=operators:gone/0 (flat=79228162514264337593543950335 from=bank-x debit=fee) -> AMOUNT_TOO_LARGE
operators: fees USD bank-a:usd tax=operators:gone/0 (flat=1 from=bank-x debit=fee) -> ACCOUNT_CLOSED
operators: fees USD bank-a:usd tax=operators:tax/0 (flat=1 from=bank-x debit=fee) -> PARTICIPANT_UNKNOWN
operators: fees USD bank-a:usd tax=operators:tax/0 (flat=1 debit=fee)   -> ACCOUNT_KIND_NOT_ALLOWED
operators: key operators operators/k2                                   -> APPLIED
operators: fees USD operators:fee tax=operators:tax/0 (flat=1)          -> FOUR_EYES_NEEDED
operators/k1+operators/k2: fees USD operators:fee tax=operators:tax/0 (flat=1) -> FEES_INVALID
operators/k1+operators/k2: fees USD operators:fee tax=operators:tax/1 (flat=1 by=debtor) -> APPLIED
end
operators/k1+operators/k2: fees JPY -                                   -> NO_CHANGE
operators/k1+operators/k2: fees USD -                                   -> APPLIED
operators/k1+operators/k2: fees USD -                                   -> NO_CHANGE
// Both of the legs that a schedule names are in use, until it ends.
operators/k1+operators/k2: fees USD operators:fee tax=operators:tax/1 (flat=1 by=debtor) -> APPLIED
operators: close operators:fee                                          -> FEE_ACCOUNT_IN_USE
operators: close operators:tax                                          -> FEE_ACCOUNT_IN_USE
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> SETTLED
operators: close operators:fee                                          -> ACCOUNT_NOT_EMPTY
operators/k1+operators/k2: fees USD -                                   -> APPLIED
operators: close operators:tax                                          -> APPLIED
// Two operators may agree one after the other.
operators/k1: #1 propose 5000 [fees USD operators:fee (flat=1 by=debtor)] -> PROPOSED
operators/k2: approve #1                                                -> CARRIED_OUT
carried APPLIED
";

pub(super) const UNSOUND: &[&str] = &[
    "fees USD - (flat=1 by=debtor)",
    "fees USD operators:fee",
    "fees USD - tax=operators:tax/1",
    "fees USD operators:fee tax=operators:tax/10001 (flat=1 by=debtor)",
    "fees USD operators:fee (none by=debtor)",
    "fees USD operators:fee (none min=1)",
    "fees USD operators:fee (none max=1)",
    "fees USD operators:fee (bps=10001 by=debtor)",
    "fees USD operators:fee (flat=1 min=2 max=1 by=debtor)",
    "fees USD operators:fee (tiers=/ by=debtor)",
    "fees USD operators:fee (tiers=1:1:1 by=debtor)",
    "fees USD operators:fee (tiers=2:1:1/2:1:1/-:1:1 by=debtor)",
    "fees USD operators:fee (tiers=2:1:1/1:1:1/-:1:1 by=debtor)",
    "fees USD operators:fee (tiers=-:1:1/1:1:1/-:1:1 by=debtor)",
    "fees USD operators:fee (tiers=1:1:10001/-:1:1 by=debtor)",
];
