//! The tables of netting cycles.

pub(super) const MODEL: &str = "
operators {
  model ach USD manual 60                                               -> APPLIED
  join ach bank-a:usd 100                                               -> APPLIED
  join ach bank-b:usd 100                                               -> APPLIED
  join ach bank-c:usd 100                                               -> APPLIED
}
";

pub(super) const SETTLES: &str = "
bank-a: clear ach bank-a bank-b 60.00, bank-a bank-c 10.00               -> CLEARED
bank-b: clear ach bank-b bank-c 45.00                                    -> CLEARED
position ach bank-a -70.00
position ach bank-b 15.00
position ach bank-c 55.00
// Nothing has moved yet.
balance bank-a:usd 100.00 100.00
balance bank-b:usd 0.00 0.00
window ach 1 open
operators: close_window ach                                              -> APPLIED entry 1
window ach 1 waits
window ach 2 open
tick 1
window ach 1 settled
balance bank-a:usd 30.00 30.00
balance bank-b:usd 15.00 15.00
balance bank-c:usd 55.00 55.00
balance operators:netting.ach 0.00 0.00
position ach bank-a 0.00
position ach bank-c 0.00
// An empty window, and one in which everybody is even, settle as they close.
operators: close_window ach                                              -> APPLIED entry 2
window ach 2 settled
bank-a+bank-b: clear ach bank-a bank-b 20, bank-b bank-a 20              -> CLEARED
operators: close_window ach                                              -> APPLIED entry 3
window ach 3 settled
tick 0
// Whatever comes next finds it settled: nobody has to wait for a tick.
bank-c/k1+bank-c/k2: clear ach bank-c bank-a 50                          -> CLEARED
operators: close_window ach                                              -> APPLIED entry 4
bank-a: pay bank-a:usd bank-b:usd USD 80                                 -> SETTLED
window ach 4 settled
balance bank-c:usd 5.00 5.00
balance bank-a:usd 0.00 0.00
";

pub(super) const WAITS: &str = "
bank-b: clear ach bank-b bank-c 30                                       -> CLEARED
bank-a: clear ach bank-a bank-c 20                                       -> CLEARED
operators: close_window ach                                              -> APPLIED
tick 0
window ach 1 waits
// The next window takes payments, closes, and waits behind it, even or funded.
bank-a: clear ach bank-a bank-b 5                                        -> CLEARED
operators: close_window ach                                              -> APPLIED
operators: close_window ach                                              -> APPLIED
window ach 2 waits
window ach 3 waits
tick 0
// All or nothing: bank-a has paid nothing of its own.
balance bank-a:usd 100.00 100.00
bank-a: pay bank-a:usd bank-b:usd USD 29.99                              -> SETTLED
tick 0
// The credit that is enough; then everything behind it, each in its own entry.
bank-a: pay bank-a:usd bank-b:usd USD 0.01                               -> SETTLED
tick 2
window ach 1 settled
window ach 2 settled
window ach 3 settled
balance bank-a:usd 45.00 45.00
balance bank-b:usd 5.00 5.00
balance bank-c:usd 50.00 50.00
// What is reserved is no funds for a net, and comes back for it.
bank-a: #1 reserve bank-a:usd bank-b:usd USD 45                          -> RESERVED
bank-a: clear ach bank-a bank-b 1                                        -> CLEARED
operators: close_window ach                                              -> APPLIED
tick 0
bank-b: capture #1 44                                                    -> SETTLED
tick 1
balance bank-a:usd 0.00 0.00
// An asset that does not move: the window waits, and nobody is to blame.
bank-b: clear ach bank-b bank-a 1                                        -> CLEARED
operators: close_window ach                                              -> APPLIED
operators: status USD suspended                                          -> APPLIED
window ach 5 settled
operators: status USD active                                             -> APPLIED
bank-b: clear ach bank-b bank-a 1                                        -> CLEARED
operators {
  close_window ach                                                       -> APPLIED
  status USD suspended                                                   -> APPLIED
}
later 61000
tick 0
window ach 6 waits
operators: status USD active                                             -> APPLIED
tick 1
window ach 6 settled
";

pub(super) const DEFAULTS: &str = "
bank-b: clear ach bank-b bank-c 30                                       -> CLEARED
operators: close_window ach                                              -> APPLIED
later 59990
tick 0
window ach 1 waits
later 20
tick 1
window ach 1 defaulted
tick 0
// It is never unwound, and said once; the next one waits for it, however late.
bank-a: clear ach bank-a bank-b 1                                        -> CLEARED
operators: close_window ach                                              -> APPLIED
later 600000
tick 0
window ach 2 waits
// Rescue: the operators fund it, and all goes on.
operators: issue bank-b:usd 30                                           -> SETTLED
tick 2
window ach 1 settled
window ach 2 settled
balance bank-b:usd 1.00 1.00
balance bank-c:usd 30.00 30.00
// A credit line is funds too.
bank-b: clear ach bank-b bank-c 11                                       -> CLEARED
operators: close_window ach                                              -> APPLIED
operators: limits bank-b:usd credit=10                                   -> APPLIED
tick 1
balance bank-b:usd -10.00 0.00
";

pub(super) const CAPS: &str = "
operators {
  join ach bank-b:usd 40                                                 -> APPLIED
  model cards USD manual 0 none                                          -> APPLIED
  open bank-a:cards bank-a settlement USD                                -> APPLIED
  open bank-b:cards bank-b settlement USD                                -> APPLIED
  join cards bank-a:cards 50                                             -> APPLIED
  join cards bank-b:cards 50                                             -> APPLIED
}
// In the same model, what comes in makes room for what goes out.
bank-b: clear ach bank-b bank-c 40.01                                    -> NDC_EXCEEDED leg 0
bank-b: clear ach bank-b bank-c 30, bank-b bank-a 10.01                  -> NDC_EXCEEDED leg 1
position ach bank-b 0.00
bank-b: clear ach bank-b bank-c 40                                       -> CLEARED
bank-b: clear ach bank-b bank-c 0.01                                     -> NDC_EXCEEDED leg 0
bank-a: clear ach bank-a bank-b 5                                        -> CLEARED
bank-b: clear ach bank-b bank-c 5                                        -> CLEARED
// Within one instruction the order counts.
bank-a+bank-b: clear ach bank-b bank-c 1, bank-a bank-b 1                -> NDC_EXCEEDED leg 0
bank-a+bank-b: clear ach bank-a bank-b 1, bank-b bank-c 1                -> CLEARED
// A window that waits still counts.
operators: close_window ach                                              -> APPLIED
bank-b: clear ach bank-b bank-c 0.01                                     -> NDC_EXCEEDED leg 0
// A lower cap blocks what is new and undoes nothing; a higher one makes room.
operators: join ach bank-b:usd 10                                        -> APPLIED
bank-a: clear ach bank-a bank-b 20                                       -> CLEARED
bank-b: clear ach bank-b bank-c 0.01                                     -> NDC_EXCEEDED leg 0
operators: join ach bank-b:usd 40                                        -> APPLIED
bank-b: clear ach bank-b bank-c 20                                       -> CLEARED
// Where unsettled credits count for nothing, they do not make room.
bank-a: clear cards bank-a bank-b 50                                     -> CLEARED
bank-a: clear cards bank-a bank-b 0.01                                   -> NDC_EXCEEDED leg 0
bank-b: clear cards bank-b bank-a 50                                     -> CLEARED
position cards bank-a 0.00
bank-a: clear cards bank-a bank-b 0.01                                   -> NDC_EXCEEDED leg 0
operators: close_window cards                                            -> APPLIED
bank-a: clear cards bank-a bank-b 50                                     -> CLEARED
";

/// Payments that race the close are in the window that is open at their very index.
pub(super) const RACES: &str = "
bank-a+operators {
  clear ach bank-a bank-b 1                                              -> CLEARED
  close_window ach                                                       -> APPLIED
  clear ach bank-a bank-b 2                                              -> WINDOW_ENDS
  close_window ach                                                       -> WINDOW_ENDS
  end_model ach                                                          -> WINDOW_ENDS
}
bank-a: clear ach bank-a bank-b 4                                        -> CLEARED
window ach 1 settled
balance bank-b:usd 1.00 1.00
// Taken back, a close closes nothing.
operators+bank-a atomic {
  close_window ach                                                       -> MESSAGE_ABORTED
  clear ach bank-a bank-b 2                                              -> WINDOW_ENDS
}
window ach 2 open
bank-a: clear ach bank-a bank-b 8                                        -> CLEARED
operators: close_window ach                                              -> APPLIED entry 2
tick 1
balance bank-b:usd 13.00 13.00
mark
bank-a atomic {
  clear ach bank-a bank-b 8                                              -> MESSAGE_ABORTED
  clear ach bank-a bank-b 100                                            -> NDC_EXCEEDED leg 0
}
position ach bank-a 0.00
unchanged
";

pub(super) const SCHEDULE: &str = "
operators {
  model hourly USD every=60 30                                           -> APPLIED
  open bank-a:h bank-a settlement USD                                    -> APPLIED
  open bank-b:h bank-b settlement USD                                    -> APPLIED
  join hourly bank-a:h 100                                               -> APPLIED
  join hourly bank-b:h 100                                               -> APPLIED
  issue bank-a:h 10                                                      -> SETTLED
}
bank-a: clear hourly bank-a bank-b 10                                    -> CLEARED
// The log began at a multiple of a minute, and a second is over.
later 58900
tick 0
window hourly 1 open
later 100
// What is due comes before the payment that comes at its time, which is in the next window.
bank-a: clear hourly bank-a bank-b 3                                     -> CLEARED
window hourly 1 settled
window hourly 2 open
balance bank-b:h 10.00 10.00
// Long silence is one window.
later 600000
tick 1
window hourly 2 waits
window hourly 3 open
later 600000
tick 2
window hourly 2 defaulted
window hourly 3 waits
bank-b: pay bank-b:h bank-a:h USD 3                                      -> SETTLED
tick 1
window hourly 2 settled
window hourly 3 settled
balance bank-a:h 0.00 0.00
// Together with a hold that expires.
bank-b: reserve bank-b:h bank-a:h USD 10; for=60000                      -> RESERVED
bank-b: clear hourly bank-b bank-a 1                                     -> CLEARED
later 60100
tick 3
balance bank-a:h 1.00 1.00
operators: end_model hourly                                              -> APPLIED entry 5
window hourly 6 none
later 60100
tick 0
";

pub(super) const WHO: &str = "
operators {
  open bank-a:2 bank-a settlement USD                                    -> APPLIED
  open bank-a:c bank-a customer USD                                      -> APPLIED
  open bank-a:closed bank-a settlement USD                               -> APPLIED
  close bank-a:closed                                                    -> APPLIED
  open operators:netting.taken operators suspense USD                    -> APPLIED
  asset EUR fiat                                                         -> APPLIED
}
operators: #1 status EUR retired                                         -> APPLIED
ladder
operators: #1 model ach FOO every=9 2678401                              -> ID_ALREADY_USED
bank-a: model ach FOO every=9 2678401                                    -> QUORUM_NOT_MET
operators: model ach FOO every=9 2678401                                 -> ASSET_UNKNOWN
operators: model ach EUR every=9 2678401                                 -> ASSET_RETIRED
operators: model taken USD every=9 2678401                               -> ACCOUNT_EXISTS
operators: model ach USD every=9 2678401                                 -> MODEL_EXISTS
operators: model new USD every=9 2678401                                 -> SCHEDULE_INVALID
operators: model new USD every=2678400 2678400                           -> APPLIED
end
operators: model newer USD every=2678401 0                               -> SCHEDULE_INVALID
operators: model newer USD manual 2678401                                -> SCHEDULE_INVALID
bank-a: join none bank-a:x 1.000                                         -> QUORUM_NOT_MET
operators: join none bank-a:x 1.000                                      -> ACCOUNT_UNKNOWN
operators: join none bank-a:jpy 1.000                                    -> MODEL_UNKNOWN
ladder
operators: join ach bank-a:jpy 1.000                                     -> ASSET_MISMATCH
operators: join ach bank-a:closed 1.000                                  -> PRECISION_EXCEEDED
operators: join ach bank-a:closed 79228162514264337593543950335          -> AMOUNT_TOO_LARGE
operators: join ach bank-a:closed 1.00                                   -> ACCOUNT_CLOSED
operators: join ach bank-a:c 1.00                                        -> ACCOUNT_KIND_NOT_ALLOWED
operators: join ach bank-a:usd 100.00                                    -> NO_CHANGE
operators: join ach bank-a:2 1.00                                        -> MEMBER_EXISTS
operators: join new bank-a:usd 1.00                                      -> MODEL_OVERLAP
operators: join new bank-a:2 1.00                                        -> APPLIED
end
operators: join ach operators:suspense.usd 1.00                          -> ACCOUNT_KIND_NOT_ALLOWED
operators: join ach operators:netting.ach 1.00                           -> ACCOUNT_KIND_NOT_ALLOWED
// Who is not of a model learns nothing of it.
bank-b: clear new bank-a bank-b 1                                        -> MODEL_UNKNOWN
bank-b: clear none bank-a bank-b 1                                       -> MODEL_UNKNOWN
bank-a: clear new bank-a bank-b 1                                        -> MEMBER_UNKNOWN leg 0
bank-a: clear ach bank-b bank-a 0.000, bank-a nobody 0.000               -> MEMBER_UNKNOWN leg 1
operators: status USD suspended                                          -> APPLIED
ladder
bank-a: #1 clear ach bank-b bank-b 0.000                                 -> NOT_OWNER leg 0
bank-a: clear ach bank-a bank-a 0.000                                    -> ASSET_SUSPENDED
operators: status USD active                                             -> APPLIED
bank-a: clear ach bank-a bank-a 0.000                                    -> SELF_TRANSFER leg 0
bank-a: clear ach bank-a bank-b 1, bank-a bank-b 0.000                   -> AMOUNT_ZERO leg 1
bank-a: clear ach bank-a bank-b 0.001                                    -> PRECISION_EXCEEDED leg 0
bank-a: clear ach bank-a bank-b 79228162514264337593543950335            -> AMOUNT_TOO_LARGE leg 0
bank-a: clear ach bank-a bank-b 1000                                     -> NDC_EXCEEDED leg 0
end
operators: clear ach bank-a bank-b 1                                     -> NOT_OWNER leg 0
bank-a+operators: clear ach bank-a bank-b 1                              -> CLEARED
// What belongs to a model is for nothing else.
bank-a: pay bank-a:usd operators:netting.ach USD 1                       -> POSTING_NOT_ALLOWED leg 0
operators: issue operators:netting.ach 1                                 -> POSTING_NOT_ALLOWED
operators: close operators:netting.ach                                   -> ACCOUNT_KIND_NOT_ALLOWED
operators: open operators:x operators netting USD                        -> ACCOUNT_KIND_NOT_ALLOWED
operators: limits operators:netting.ach min=1                            -> ACCOUNT_KIND_NOT_ALLOWED
operators: close bank-b:usd                                              -> ACCOUNT_JOINED
ladder
bank-a: close_window none                                                -> QUORUM_NOT_MET
operators: close_window none                                             -> MODEL_UNKNOWN
operators: end_model new                                                 -> APPLIED
operators: close_window new                                              -> MODEL_CLOSED
end
operators: end_model new                                                 -> MODEL_CLOSED
operators: end_model none                                                -> MODEL_UNKNOWN
operators: join new bank-b:usd 1                                         -> MODEL_CLOSED
bank-a: clear new bank-a bank-a 0                                        -> SELF_TRANSFER leg 0
operators: join new bank-a:2 2                                           -> MODEL_CLOSED
operators: close bank-a:2                                                -> APPLIED
// The end of a model is the end of its window, and what is in it settles.
operators: end_model ach                                                 -> APPLIED entry 1
bank-a: clear ach bank-a bank-b 1                                        -> MODEL_CLOSED
tick 0
window ach 1 settled
balance bank-b:usd 1.00 1.00
operators: model ach USD manual 0                                        -> MODEL_EXISTS
";

/// Sums of what is not settled fit an account's counter.
pub(super) const SUMS: &str = "
operators {
  join ach bank-a:usd 792281625142643375935439503.35                     -> APPLIED
  join ach bank-b:usd 792281625142643375935439503.35                     -> APPLIED
}
bank-a: clear ach bank-a bank-b 792281625142643375935439503.35           -> CLEARED
bank-b: clear ach bank-b bank-a 792281625142643375935439503.35           -> CLEARED
bank-a: clear ach bank-a bank-c 0.01                                     -> AMOUNT_OVERFLOW leg 0
bank-c/k1+bank-c/k2: clear ach bank-c bank-a 0.01                        -> AMOUNT_OVERFLOW leg 0
bank-c/k1+bank-c/k2: clear ach bank-c bank-b 0.01                        -> AMOUNT_OVERFLOW leg 0
operators: close_window ach                                              -> APPLIED
bank-c/k1+bank-c/k2: clear ach bank-c bank-a 0.01                        -> CLEARED
";

/// A schedule that cannot close waits for room, and takes it at once.
pub(super) const SCHEDULE_WAITS: &str = "
later 1200000
tick 0
window full 17 open
operators: issue bank-b:f 1                                              -> SETTLED
tick 2
window full 1 settled
window full 17 waits
";
