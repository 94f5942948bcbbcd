//! Refusals in their order, one mended thing a line.

pub(super) const LADDERS: &str = "
operators: asset EUR fiat                                               -> APPLIED
operators: asset CHF fiat                                               -> APPLIED
operators {
  open bank-b:closed bank-b settlement USD                              -> APPLIED
  close bank-b:closed                                                   -> APPLIED
  open bank-a:closed bank-a settlement USD                              -> APPLIED
  close bank-a:closed                                                   -> APPLIED
  open bank-a:capped bank-a settlement USD                              -> APPLIED
  limits bank-a:capped max=5                                            -> APPLIED
  open bank-a:eur bank-a settlement EUR                                 -> APPLIED
  open bank-b:eur bank-b settlement EUR                                 -> APPLIED
  issue bank-a:eur 100                                                  -> SETTLED
  status CHF retired                                                    -> APPLIED
}
bank-b: open bank-b:kid bank-b customer USD                             -> APPLIED
bank-a: rate USD XXX desk 2/1 1/1 to=0 via=bank-a:usd,nowhere,0.000      -> QUORUM_NOT_MET
ladder
bank-b: rate USD JPY desk 2/1 1/1 to=0 via=bank-a:usd,nowhere,0.000      -> ACCOUNT_UNKNOWN
bank-b: rate USD JPY desk 2/1 1/1 to=0 via=bank-a:usd,bank-b:usd,0.000   -> NOT_OWNER
bank-b: rate USD JPY desk 2/1 1/1 to=0 via=bank-b:closed,bank-b:usd,0.000 -> ASSET_MISMATCH
bank-b: rate USD USD desk 2/1 1/1 to=0 via=bank-b:closed,bank-b:kid,0.000 -> AMOUNT_ZERO
bank-b: rate USD USD desk 2/1 1/1 to=0 via=bank-b:closed,bank-b:kid,0.001 -> PRECISION_EXCEEDED
bank-b: rate USD USD desk 2/1 1/1 to=0 via=bank-b:closed,bank-b:kid,79228162514264337593543950335 -> AMOUNT_TOO_LARGE
bank-b: rate USD USD desk 2/1 1/1 to=0 via=bank-b:closed,bank-b:kid,1    -> ACCOUNT_CLOSED
bank-b: rate USD USD desk 2/1 1/1 to=0 via=bank-b:usd,bank-b:kid,1       -> ACCOUNT_KIND_NOT_ALLOWED
end
bank-b: rate USD XXX desk 2/1 1/1 to=0 via=bank-a:usd,nowhere,0.000      -> ASSET_UNKNOWN
bank-b: rate CHF JPY desk 2/1 1/1 to=0                                  -> ASSET_RETIRED
bank-b: rate USD USD desk 2/1 1/1 to=0                                  -> EXPIRY_INVALID
bank-b: rate USD USD desk 2/1 1/1 from=5 to=5                           -> EXPIRY_INVALID
bank-b: rate USD JPY desk 1/1 1/1 to=34560000001                        -> EXPIRY_INVALID
bank-b: rate USD USD desk 1/1 1/1 to=1000                               -> RATE_INVALID
bank-b: rate USD JPY other 3/2 2/2 to=1000                              -> RATE_INVALID
bank-b: rate USD JPY other 3/2 6/4 to=34560000000                       -> APPLIED
ladder
bank-b: quote bank-x nowhere 0.000 bank-a:usd bank-b:usd 0.000 until=0   -> ACCOUNT_UNKNOWN
bank-b: quote bank-x bank-a:usd 0.000 bank-a:usd bank-b:usd 0.000 until=0 -> NOT_OWNER leg 0
bank-b: quote bank-x bank-b:usd 0.000 bank-b:usd bank-b:usd 0.000 until=0 -> ASSET_MISMATCH
bank-b: quote bank-x bank-b:usd 0.000 bank-b:jpy bank-b:jpy 0.000 until=0 -> AMOUNT_ZERO
bank-b: quote bank-x bank-b:usd 0.001 bank-b:jpy bank-b:jpy 0.000 until=0 -> PRECISION_EXCEEDED
bank-b: quote bank-x bank-b:usd 79228162514264337593543950335 bank-b:jpy bank-b:jpy 0.000 until=0 -> AMOUNT_TOO_LARGE
end
bank-b: quote bank-x bank-a:usd 1 bank-b:jpy bank-a:jpy 1 until=0        -> NOT_OWNER
bank-b: quote bank-x bank-b:usd 1 bank-b:jpy bank-b:jpy 0.000 until=0    -> SELF_TRANSFER leg 0
bank-b: quote bank-x bank-b:usd 1 bank-b:jpy bank-a:usd 0.000 until=0    -> ASSET_MISMATCH leg 0
ladder
bank-b: quote bank-x bank-b:usd 1 bank-b:jpy bank-a:jpy 9999 until=0     -> INSUFFICIENT_FUNDS leg 0
bank-b: quote bank-x bank-b:usd 1 bank-b:jpy bank-a:jpy 1 until=0        -> EXPIRY_INVALID
bank-b: quote bank-x bank-b:usd 1 bank-b:jpy bank-a:jpy 1 until=9000     -> PARTICIPANT_UNKNOWN
end
bank-b: quote bank-x bank-b:usd 1 bank-b:jpy bank-a:jpy 1 until=34560000001 -> EXPIRY_INVALID
";

pub(super) const CONVERSIONS: &str = "
bank-b: #7 quote bank-a bank-b:usd 1 bank-b:jpy bank-a:jpy 150 until=9000 -> RESERVED
bank-a: reserve bank-a:usd bank-b:usd USD 0.01                           -> RESERVED
bank-b: rate EUR JPY desk 1/1000 1/1000 to=60000 via=bank-b:eur,bank-b:jpy,50 -> APPLIED
bank-b: rate EUR USD desk 1000000000000000000/1 1000000000000000000/1 to=60000 via=bank-b:eur,bank-b:usd,50 -> APPLIED
bank-a: convert nowhere bank-b:jpy pay 0.000 limit=0.0001 at=#9          -> ACCOUNT_UNKNOWN leg 0
bank-b: convert bank-a:usd nowhere pay 0.000 limit=0.0001 at=#9          -> ACCOUNT_UNKNOWN leg 1
operators: status EUR suspended                                         -> APPLIED
ladder
bank-b: convert bank-a:eur bank-a:jpy pay 0.000 limit=0.0001 at=#9       -> NOT_OWNER leg 0
bank-a: convert bank-a:eur bank-a:jpy pay 0.000 limit=0.0001 at=#9       -> ASSET_SUSPENDED leg 0
end
bank-a: convert bank-a:usd bank-a:eur pay 0.000 limit=0.0001 at=#9       -> ASSET_SUSPENDED leg 1
operators: status EUR active                                            -> APPLIED
ladder
bank-a: convert bank-a:closed bank-a:jpy pay 0.000 limit=0.1 at=#9       -> AMOUNT_ZERO
bank-a: convert bank-a:closed bank-a:jpy pay 0.001 limit=0.1 at=#9       -> PRECISION_EXCEEDED
end
bank-a: convert bank-a:closed bank-a:jpy pay 100 limit=0.1 at=#9         -> PRECISION_EXCEEDED
ladder
bank-a: convert bank-a:closed bank-a:jpy pay 792281625142643375935439504 limit=0 at=#9 -> AMOUNT_TOO_LARGE
bank-a: convert bank-a:closed bank-a:jpy pay 100 limit=99999 at=#9       -> QUOTE_UNKNOWN
bank-a: convert bank-a:closed bank-c:usd pay 100 limit=99999 at=#7       -> QUOTE_DIFFERS
bank-a: convert bank-a:closed bank-a:jpy pay 100 limit=99999 at=#7       -> AMOUNT_MISMATCH
end
ladder
bank-a: convert bank-a:closed bank-a:jpy pay 100 limit=99999 at=bank-b/other2 -> RATE_GAP
bank-a: convert bank-a:closed bank-a:jpy pay 100 limit=99999 at=bank-b/other -> RATE_INDICATIVE
bank-a: convert bank-a:eur bank-a:jpy pay 100 limit=99999 at=bank-b/desk -> ROUNDS_TO_ZERO
bank-a: convert bank-a:closed bank-a:jpy pay 100 limit=99999 at=bank-b/desk -> CONVERSION_TOO_LARGE
bank-a: convert bank-a:closed bank-a:jpy pay 40 limit=99999 at=bank-b/desk -> AMOUNT_MISMATCH
end
bank-a: convert bank-a:eur bank-a:usd pay 792281625142643375935439502 limit=0 at=bank-b/desk -> AMOUNT_TOO_LARGE
ladder
bank-a: convert bank-a:closed bank-a:jpy pay 40 limit=0 at=bank-b/desk   -> ACCOUNT_CLOSED leg 0
bank-a: convert bank-a:capped bank-a:jpy pay 40 limit=0 at=bank-b/desk   -> LIMIT_PER_TRANSFER leg 0
bank-a: convert bank-a:capped bank-a:jpy pay 4 limit=0 at=bank-b/desk    -> INSUFFICIENT_FUNDS leg 0
mark
bank-a: convert bank-a:usd bank-a:jpy pay 40 limit=0 at=bank-b/desk      -> INVENTORY_SHORT leg 1
unchanged
bank-a: convert bank-a:usd bank-a:jpy pay 4 limit=0 at=bank-b/desk       -> SETTLED
end
operators: pay operators:issuance.USD bank-a:usd USD 1                  -> POSTING_NOT_ALLOWED leg 0
operators: convert operators:issuance.USD bank-a:jpy pay 1 limit=0 at=bank-b/desk -> POSTING_NOT_ALLOWED leg 0
bank-a: convert bank-a:usd operators:issuance.JPY pay 1 limit=0 at=bank-b/desk -> POSTING_NOT_ALLOWED leg 1
// What is told of the provider: that it cannot pay, not why.
operators: limits bank-b:jpy max=100                                    -> APPLIED
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=0 at=bank-b/desk       -> INVENTORY_SHORT leg 1
operators: limits bank-b:jpy debit/60=100                               -> APPLIED
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=0 at=bank-b/desk       -> INVENTORY_SHORT leg 1
operators: limits bank-b:jpy                                            -> APPLIED
operators: suspend bank-b                                               -> APPLIED
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=0 at=bank-b/desk       -> INVENTORY_SHORT leg 1
// What it has reserved is paid all the same, as what anybody has reserved.
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=0 at=#7                -> SETTLED
operators: resume bank-b                                                -> APPLIED
// Freezes: one answer for both sides.
operators: freeze bank-b:jpy case-1 no_debit                            -> APPLIED
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=0 at=bank-b/desk       -> ACCOUNT_FROZEN leg 1
operators: lift bank-b:jpy case-1                                       -> APPLIED
bank-b: #8 quote bank-a bank-b:usd 1 bank-b:jpy bank-a:jpy 150 until=9000 -> RESERVED
operators: freeze bank-a:jpy case-2 no_credit                           -> APPLIED
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=0 at=#8                -> ACCOUNT_FROZEN leg 1
operators: lift bank-a:jpy case-2                                       -> APPLIED
// Limits of who is paid, and of who pays.
operators: limits bank-a:jpy top=700                                    -> APPLIED
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=0 at=bank-b/desk       -> MAX_BALANCE leg 1
operators: limits bank-a:jpy                                            -> APPLIED
operators: limits bank-a:usd to:bank-b=0.50                             -> APPLIED
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=0 at=bank-b/desk       -> LIMIT_BILATERAL leg 0
operators: limits bank-a:usd                                            -> APPLIED
// An atomic message takes back whole conversions.
mark
bank-a atomic {
  convert bank-a:usd bank-a:jpy pay 1 limit=0 at=bank-b/desk            -> MESSAGE_ABORTED
  convert bank-a:usd bank-a:jpy pay 1 limit=0 at=#8                     -> MESSAGE_ABORTED
  convert bank-a:usd bank-a:jpy pay 1 limit=0 at=#8                     -> QUOTE_USED
}
unchanged
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=0 at=#8                -> SETTLED
";
