//! Refusals of limits and freezes, in the order of their checks.

pub(super) const PRECEDENCE: &str = "
operators {
  open bank-a:closed bank-a settlement USD                              -> APPLIED
  open bank-b:tight bank-b settlement USD                               -> APPLIED
  open bank-b:free bank-b settlement USD                                -> APPLIED
  open bank-a:frozen bank-a settlement USD                              -> APPLIED
  open bank-a:capped bank-a settlement USD                              -> APPLIED
  close bank-a:closed                                                   -> APPLIED
  limits bank-b:tight top=1                                             -> APPLIED
  limits bank-a:frozen max=5                                            -> APPLIED
  freeze bank-a:frozen c-1 no_debit                                     -> APPLIED
  limits bank-a:capped max=5                                            -> APPLIED
  limits bank-a:usd debit/50=1 to:bank-b=2 all=3                        -> APPLIED
  suspend bank-a                                                        -> APPLIED
}
ladder
bank-a: pay bank-a:closed bank-b:tight USD 1000                         -> ACCOUNT_CLOSED leg 0
bank-a: pay bank-a:frozen bank-b:tight USD 1000                         -> ACCOUNT_FROZEN leg 0
bank-a: pay bank-a:capped bank-b:tight USD 1000                         -> PARTICIPANT_SUSPENDED leg 0
end
operators: resume bank-a                                                -> APPLIED
ladder
bank-a: pay bank-a:capped bank-b:tight USD 1000                         -> LIMIT_PER_TRANSFER leg 0
bank-a: pay bank-a:usd bank-b:tight USD 1000                            -> INSUFFICIENT_FUNDS leg 0
bank-a: pay bank-a:usd bank-b:tight USD 10                              -> MAX_BALANCE leg 0
bank-a: pay bank-a:usd bank-b:free USD 10                               -> LIMIT_VELOCITY leg 0
operators: limits bank-a:usd to:bank-b=2 all=3                          -> APPLIED
end
ladder
bank-a: pay bank-a:usd bank-b:free USD 10                               -> LIMIT_BILATERAL leg 0
bank-a: pay bank-a:usd bank-c:usd USD 10                                -> LIMIT_MULTILATERAL leg 0
bank-a: pay bank-a:usd bank-b:free USD 2                                -> SETTLED
end
ladder
bank-a: limits nowhere top=0.001 to:bank-x=1                            -> QUORUM_NOT_MET
operators: limits nowhere top=0.001 to:bank-x=1                         -> ACCOUNT_UNKNOWN
operators: limits operators:suspense.usd top=0.001 to:bank-x=1 to:bank-x=1 -> PRECISION_EXCEEDED
operators: limits operators:suspense.usd to:bank-x=79228162514264337593543950335 -> AMOUNT_TOO_LARGE
operators: limits bank-a:closed to:bank-x=1                             -> ACCOUNT_CLOSED
operators: limits operators:suspense.usd to:bank-x=1 to:bank-x=1        -> PARTICIPANT_UNKNOWN
operators: limits operators:suspense.usd to:bank-b=1 to:bank-b=1        -> ACCOUNT_KIND_NOT_ALLOWED
operators: limits bank-a:usd to:bank-b=1 to:bank-b=1                    -> LIMITS_INVALID
operators: limits bank-a:usd to:bank-b=1 to:bank-c=1                    -> APPLIED
end
operators: limits bank-a:usd to:bank-a=1                                -> LIMITS_INVALID
operators: limits bank-a:usd debit/60=-                                 -> LIMITS_INVALID
operators: limits bank-a:usd debit/0=1                                  -> LIMITS_INVALID
operators: limits bank-a:usd debit/2678401=1                            -> LIMITS_INVALID
operators: limits bank-a:usd debit/2678400=1                            -> APPLIED
operators: limits bank-a:usd net/60=1x1                                 -> LIMITS_INVALID
operators: limits bank-a:usd debit/60=1 debit/60=-x1                    -> LIMITS_INVALID
operators: limits bank-a:usd debit/1=1 debit/2=1 debit/3=1 debit/4=1 debit/5=1 -> LIMITS_INVALID
operators: limits bank-a:usd debit/1=1 credit/1=-x0 net/1=1 debit/4=1   -> APPLIED
ladder
bank-a: freeze nowhere c-1 amount 0.000 for=0                           -> QUORUM_NOT_MET
operators: freeze nowhere c-1 amount 0.000 for=0                        -> ACCOUNT_UNKNOWN
operators: freeze bank-a:usd c-1 amount 0.000 for=0                     -> AMOUNT_ZERO
operators: freeze bank-a:usd c-1 amount 0.001 for=0                     -> PRECISION_EXCEEDED
operators: freeze bank-a:usd c-1 amount 79228162514264337593543950335 for=0 -> AMOUNT_TOO_LARGE
operators: freeze operators:suspense.usd c-1 no_debit for=0             -> EXPIRY_INVALID
operators: freeze operators:suspense.usd c-1 no_debit                   -> ACCOUNT_KIND_NOT_ALLOWED
operators: freeze bank-a:frozen c-1 amount 1                            -> CASE_EXISTS
operators: freeze bank-a:frozen c-2 amount 1                            -> APPLIED
end
ladder
operators: freeze bank-x c-1 no_debit for=0                             -> PARTICIPANT_UNKNOWN
operators: freeze operators c-1 no_debit                                -> PARTICIPANT_NOT_BANK
operators: freeze bank-a c-1 no_debit                                   -> APPLIED
operators: freeze bank-a c-1 no_credit                                  -> CASE_EXISTS
end
operators: freeze auditor-1 c-1 no_debit for=0                          -> EXPIRY_INVALID
operators: freeze none c-1 no_debit                                     -> FREEZE_INVALID
operators: freeze both c-1 no_debit                                     -> FREEZE_INVALID
operators: freeze bank-a c-2 amount 1                                   -> FREEZE_INVALID
operators: freeze bank-a:usd c-2 amount                                 -> FREEZE_INVALID
operators: freeze bank-a:usd c-2 no_debit 1                             -> FREEZE_INVALID
operators: lift both c-1                                                -> FREEZE_INVALID
operators: key operators operators/k2                                   -> APPLIED
ladder
bank-a: lift nowhere c-9                                                -> QUORUM_NOT_MET
operators: lift nowhere c-9                                             -> ACCOUNT_UNKNOWN
operators: lift bank-x c-9                                              -> PARTICIPANT_UNKNOWN
operators: lift bank-a:usd c-1                                          -> CASE_UNKNOWN
operators: lift bank-a c-1                                              -> FOUR_EYES_NEEDED
operators/k1+operators/k2: lift bank-a c-1                              -> APPLIED
end
ladder
bank-a: reopen nowhere                                                  -> QUORUM_NOT_MET
operators: reopen nowhere                                               -> ACCOUNT_UNKNOWN
operators: reopen bank-a:usd                                            -> NO_CHANGE
operators: reopen bank-a:closed                                         -> APPLIED
end
ladder
bank-a: suspend bank-x                                                  -> QUORUM_NOT_MET
operators: suspend bank-x                                               -> PARTICIPANT_UNKNOWN
operators: resume bank-a                                                -> NO_CHANGE
operators: suspend operators                                            -> PARTICIPANT_NOT_BANK
operators: suspend bank-a                                               -> APPLIED
end
operators: suspend bank-a                                               -> NO_CHANGE
operators: resume auditor-1                                             -> PARTICIPANT_NOT_BANK
";
