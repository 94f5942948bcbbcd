//! The tables of how far banks take part. The accounts of the setup have the numbers 0 to 7, those of
//! bank-t and bank-u 8 to 10.

pub(super) const FIRST: &str = "
// Keys, limits and accounts are prepared.
operators+bank-t: key bank-t bank-t/k2                                  -> APPLIED
operators: limits bank-t:usd max=50                                     -> APPLIED
bank-t: open bank-t:alice bank-t customer USD                           -> APPLIED
bank-t: grant bank-t:usd to=bank-a total=5                              -> APPLIED
mark
operators: issue bank-t:usd 10                                          -> CREDITOR_NOT_ACTIVE
operators+bank-t: redeem bank-t:usd 10                                  -> DEBTOR_NOT_ACTIVE
bank-a: pay bank-a:usd bank-t:usd USD 1                                 -> CREDITOR_NOT_ACTIVE leg 0
bank-a: pay @2 @8 - 1u                                                  -> CREDITOR_NOT_ACTIVE leg 0
bank-t: pay bank-t:usd bank-a:usd USD 1                                 -> DEBTOR_NOT_ACTIVE leg 0
bank-t: pay bank-t:usd bank-t:alice USD 1                               -> DEBTOR_NOT_ACTIVE leg 0
bank-t: pay bank-t:usd bank-u:usd USD 1                                 -> DEBTOR_NOT_ACTIVE leg 0
bank-a: reserve bank-a:usd bank-t:usd USD 1                             -> CREDITOR_NOT_ACTIVE leg 0
bank-a: pay bank-a:usd bank-t:usd USD 1; queue                          -> CREDITOR_NOT_ACTIVE leg 0
bank-a: pay bank-a:usd bank-t:usd USD 1; net                            -> CREDITOR_NOT_ACTIVE leg 0
bank-a: pay bank-a:usd bank-b:usd USD 1, bank-a:usd bank-t:usd USD 1    -> CREDITOR_NOT_ACTIVE leg 1
bank-a: split USD | bank-a:usd 5 | bank-b:usd 1, bank-t:usd rest        -> CREDITOR_NOT_ACTIVE leg 2
bank-a+bank-t: split USD | bank-a:usd 5, bank-t:usd 1 | bank-b:usd rest -> DEBTOR_NOT_ACTIVE leg 1
operators: provider bank-t on                                           -> APPLIED
bank-t: rate USD JPY desk 15025/100 15075/100 to=60000 via=bank-t:usd,bank-t:jpy,50.00 -> APPLIED
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=1 at=bank-t/desk      -> CREDITOR_NOT_ACTIVE leg 0
bank-t: quote bank-a bank-t:usd 1 bank-t:jpy bank-a:jpy 150 until=60000 -> DEBTOR_NOT_ACTIVE leg 0
unchanged
// Others are not concerned.
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> SETTLED
// It takes part at once, if that is wished.
operators: admit bank-t active                                          -> APPLIED
bank-a: pay bank-a:usd bank-t:usd USD 1                                 -> SETTLED
bank-t: pay bank-t:usd bank-u:usd USD 1                                 -> CREDITOR_NOT_ACTIVE leg 0
";

pub(super) const TESTED: &str = "
operators: admit bank-t test                                            -> APPLIED
operators: admit bank-t test                                            -> NO_CHANGE
operators: issue bank-t:usd 40                                          -> SETTLED
bank-t: pay bank-t:usd bank-u:usd USD 1                                 -> DEBTOR_NOT_ACTIVE leg 0
operators: admit bank-u test                                            -> APPLIED
bank-t: pay bank-t:usd bank-u:usd USD 12                                -> SETTLED
bank-t: open bank-t:alice bank-t customer USD                           -> APPLIED
bank-t: pay bank-t:usd bank-t:alice USD 5                               -> SETTLED
bank-t: split USD | bank-t:usd 2 | bank-u:usd rest                      -> SETTLED
// Not with who is not in test, nor with the operators.
bank-t: pay bank-t:usd bank-a:usd USD 1                                 -> DEBTOR_NOT_ACTIVE leg 0
bank-t: pay bank-t:usd operators:suspense.usd USD 1                     -> DEBTOR_NOT_ACTIVE leg 0
bank-a: pay bank-a:usd bank-t:usd USD 1                                 -> CREDITOR_NOT_ACTIVE leg 0
bank-t: split USD | bank-t:usd 2 | bank-u:usd 1, bank-a:usd rest        -> DEBTOR_NOT_ACTIVE leg 0
bank-a: split USD | bank-a:usd 2 | bank-b:usd 1, bank-t:usd rest        -> CREDITOR_NOT_ACTIVE leg 2
// A test is not suspended.
operators: suspend bank-t                                               -> STATE_NOT_ALLOWED
operators: resume bank-t                                                -> STATE_NOT_ALLOWED
// None of what there was to test with is left when it takes part.
bank-t: #1 reserve bank-t:usd bank-u:usd USD 2                          -> RESERVED
bank-u: #2 pay bank-u:usd bank-t:usd USD 100; queue                     -> QUEUED
operators: admit bank-t active                                          -> BALANCE_LEFT entry 8
operators+bank-t: redeem bank-t:usd 19                                  -> SETTLED
bank-u: capture #1                                                      -> SETTLED
bank-u: #3 reserve bank-u:usd bank-t:usd USD 2                          -> RESERVED
operators: admit bank-t active                                          -> HOLD_OPEN entry 8
bank-t: void #3                                                         -> VOIDED
operators: admit bank-t active                                          -> PAYMENT_WAITS entry 8
bank-u: cancel #2                                                       -> APPLIED
operators: admit bank-t active                                          -> BALANCE_LEFT entry 11
operators+bank-t: redeem bank-t:alice 5                                 -> SETTLED
operators: admit bank-t active                                          -> APPLIED
operators: admit bank-t active                                          -> NO_CHANGE
operators: admit bank-t test                                            -> STATE_NOT_ALLOWED
operators: admit bank-t onboarding                                      -> STATE_NOT_ALLOWED
bank-u: pay bank-u:usd bank-t:usd USD 1                                 -> DEBTOR_NOT_ACTIVE leg 0
bank-t: pay bank-t:usd bank-u:usd USD 1                                 -> CREDITOR_NOT_ACTIVE leg 0
bank-a: pay bank-a:usd bank-t:usd USD 1                                 -> SETTLED
balance bank-u:usd 16.00 16.00
";

pub(super) const SUSPENDED: &str = "
operators: issue bank-b:usd 50                                          -> SETTLED
bank-b: #1 reserve bank-b:usd bank-a:usd USD 5                          -> RESERVED
operators: limits bank-a:usd debit/3600=1000                            -> APPLIED
bank-a: #2 pay bank-a:usd bank-b:usd USD 500; queue                     -> QUEUED
bank-b: #3 pay bank-b:usd bank-a:usd USD 600; queue                     -> QUEUED
bank-a: #4 pay bank-a:usd bank-c:usd USD 40, bank-a:usd bank-b:usd USD 400; queue -> QUEUED
// It receives and its payments wait, unless it is said otherwise.
operators: suspend bank-a incoming=accept queued=keep                   -> APPLIED
operators: suspend bank-a                                               -> NO_CHANGE
bank-b: pay bank-b:usd bank-a:usd USD 1                                 -> SETTLED
queue bank-a:usd #2 #4
operators: suspend bank-a incoming=refuse                               -> APPLIED
operators: suspend bank-a incoming=refuse                               -> NO_CHANGE
bank-b: pay bank-b:usd bank-a:usd USD 1                                 -> CREDITOR_NOT_ACTIVE leg 0
bank-b: pay bank-b:usd bank-a:usd USD 1; queue                          -> CREDITOR_NOT_ACTIVE leg 0
bank-b: split USD | bank-b:usd 5 | bank-c:usd 1, bank-a:usd rest        -> CREDITOR_NOT_ACTIVE leg 2
operators: issue bank-a:usd 1                                           -> CREDITOR_NOT_ACTIVE
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> PARTICIPANT_SUSPENDED leg 0
// What was promised is kept; what waits to come in goes on waiting.
bank-a: capture #1                                                      -> SETTLED
operators: issue bank-b:usd 600                                         -> SETTLED
node
// What waits is revoked in this very entry, and counts no more; what others would pay to it is not.
operators: suspend bank-a incoming=refuse queued=revoke                 -> APPLIED
queue bank-a:usd
queue bank-b:usd #3
operators: suspend bank-a incoming=refuse queued=revoke                 -> NO_CHANGE
bank-a: cancel #2                                                       -> PAYMENT_NOT_QUEUED
operators: suspend bank-a                                               -> APPLIED
node #3 SETTLED
operators: resume bank-a                                                -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 99                                -> SETTLED
operators: suspend bank-a queued=revoke                                 -> APPLIED
bank-b: pay bank-b:usd bank-a:usd USD 1                                 -> SETTLED
";

pub(super) const RESUMED: &str = "
operators: suspend bank-a incoming=refuse                               -> APPLIED
operators: key operators operators/k2                                   -> APPLIED
operators: resume bank-a                                                -> FOUR_EYES_NEEDED
operators/k1+operators/k2: resume bank-a                                -> APPLIED
operators: issue bank-a:usd 1                                           -> SETTLED
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> SETTLED
// One is enough to suspend: speed matters.
operators: suspend bank-a                                               -> APPLIED
operators: issue bank-a:usd 1                                           -> SETTLED
";

pub(super) const ENDS: &str = "
operators: key operators operators/k2                                   -> APPLIED
operators/k1+operators/k2: end bank-a                                   -> BALANCE_LEFT entry 2
bank-a: #1 reserve bank-a:usd bank-b:usd USD 100                        -> RESERVED
bank-b: #2 pay bank-b:usd bank-a:usd USD 7; queue                       -> QUEUED
operators/k1+operators/k2: end bank-b                                   -> HOLD_OPEN entry 3
bank-b: void #1                                                         -> VOIDED
operators/k1+operators/k2: end bank-b                                   -> PAYMENT_WAITS entry 3
bank-b: cancel #2                                                       -> APPLIED
operators/k1+operators/k2: end bank-b                                   -> BALANCE_LEFT entry 6
operators+bank-b: redeem bank-b:jpy 5000                                -> SETTLED
operators/k1+operators/k2: end bank-b                                   -> APPLIED
operators/k1+operators/k2: end bank-b                                   -> NO_CHANGE
// Its keys sign nothing any more, and it gets no others.
bank-b: pay bank-b:usd bank-a:usd USD 1                                 !! KEY_REVOKED
bank-a+bank-b: pay bank-a:usd bank-c:usd USD 1                          !! KEY_REVOKED
operators: key bank-b bank-b/k2                                         -> STATE_NOT_ALLOWED
operators: revoke bank-b bank-b/k1                                      -> KEY_UNKNOWN
// Nothing moves, and nobody lets it go on.
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> CREDITOR_NOT_ACTIVE leg 0
operators: issue bank-b:usd 1                                           -> CREDITOR_NOT_ACTIVE
operators: open bank-b:new bank-b settlement USD                        -> STATE_NOT_ALLOWED
operators: suspend bank-b                                               -> STATE_NOT_ALLOWED
operators/k1+operators/k2: resume bank-b                                -> STATE_NOT_ALLOWED
operators: admit bank-b active                                          -> STATE_NOT_ALLOWED
operators: admit bank-b terminated                                      -> NO_CHANGE
operators: identify bank-b bic=DEUTDEFF                                 -> STATE_NOT_ALLOWED
operators: participant bank-b bank 1 bank-b/k9                          -> PARTICIPANT_EXISTS
// From every other state there is a way to the end.
operators/k1+operators/k2: end bank-t                                   -> APPLIED
operators: admit bank-u test                                            -> APPLIED
operators/k1+operators/k2: end bank-u                                   -> APPLIED
operators: suspend bank-c incoming=refuse                               -> APPLIED
operators/k1+operators/k2: end bank-c                                   -> APPLIED
bank-a: pay bank-a:usd bank-c:usd USD 1                                 -> CREDITOR_NOT_ACTIVE leg 0
balance bank-a:usd 100.00 100.00
";

pub(super) const CASES: &str = "
bank-a: pay bank-a:usd bank-b:usd USD 10                                -> SETTLED
original paid 1
bank-b: #1 propose 5000 [pay bank-b:usd bank-a:usd USD 1, bank-a:usd bank-b:usd USD 1] -> PROPOSED
operators+bank-b: redeem bank-b:usd 10                                  -> SETTLED
operators+bank-b: redeem bank-b:jpy 5000                                -> SETTLED
operators: end bank-b                                                   -> CASE_OPEN
bank-a: decline #1                                                      -> DECLINED
refresh paid
bank-a: #2 recall paid DUPL                                             -> RECALLED
operators: end bank-b                                                   -> CASE_OPEN entry last
bank-b: refuse_recall #2 CUST                                           -> APPLIED
operators: end bank-b                                                   -> APPLIED
// Who asked is a party as well.
refresh paid
bank-a: recall paid DUPL                                                -> RECALLED
operators+bank-a: redeem bank-a:usd 90                                  -> SETTLED
operators: end bank-a                                                   -> CASE_OPEN
later 5356800000
operators: end bank-a                                                   -> APPLIED
";

pub(super) const NETS: &str = "
operators {
  model ach USD manual 60                                               -> APPLIED
  join ach bank-a:usd 100                                               -> APPLIED
  join ach bank-b:usd 100                                               -> APPLIED
  join ach bank-t:usd 100                                               -> APPLIED
  join ach bank-u:usd 100                                               -> APPLIED
}
bank-t: clear ach bank-t bank-u 1                                       -> DEBTOR_NOT_ACTIVE leg 0
bank-a: clear ach bank-a bank-t 1                                       -> CREDITOR_NOT_ACTIVE leg 0
// In tests nothing is netted: the others' window would wait for who cannot fund it.
operators { 
  admit bank-t test                                                     -> APPLIED
  admit bank-u test                                                     -> APPLIED
}
bank-t: clear ach bank-t bank-u 1                                       -> DEBTOR_NOT_ACTIVE leg 0
bank-a: clear ach bank-a bank-t 1                                       -> CREDITOR_NOT_ACTIVE leg 0
operators: admit bank-t active                                          -> APPLIED
bank-t: clear ach bank-t bank-u 1                                       -> CREDITOR_NOT_ACTIVE leg 0
bank-t: clear ach bank-t bank-a 1                                       -> CLEARED
operators: suspend bank-a incoming=refuse                               -> APPLIED
bank-t: clear ach bank-t bank-a 1                                       -> CREDITOR_NOT_ACTIVE leg 0
bank-a: clear ach bank-a bank-t 1                                       -> PARTICIPANT_SUSPENDED leg 0
operators: resume bank-a                                                -> APPLIED
operators: end bank-t                                                   -> POSITION_OPEN entry 0
// Even, it is open until it is settled.
bank-a: clear ach bank-a bank-t 1                                       -> CLEARED
operators: end bank-t                                                   -> POSITION_OPEN entry 0
operators: close_window ach                                             -> APPLIED
operators: end bank-t                                                   -> APPLIED
bank-a: clear ach bank-a bank-t 1                                       -> CREDITOR_NOT_ACTIVE leg 0
operators: close_window ach                                             -> APPLIED
";

pub(super) const CARRIED: &str = "
operators: key operators operators/k2                                   -> APPLIED
bank-a: #5 pay bank-a:usd bank-b:usd USD 500; queue                     -> QUEUED
operators/k1: #1 propose 60000 [suspend bank-a queued=revoke]           -> PROPOSED
operators/k2: approve #1                                                -> CARRIED_OUT
carried APPLIED
queue bank-a:usd
operators/k1: #2 propose 60000 [resume bank-a]                          -> PROPOSED
bank-a: approve #2                                                      -> NOTHING_PENDING
operators/k1: approve #2                                                -> SELF_APPROVAL
operators/k2: approve #2                                                -> CARRIED_OUT
carried APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> SETTLED
operators/k1: #3 propose 60000 [end bank-t & identify bank-u bic=DEUTDEFF] -> PROPOSED
operators/k2: approve #3                                                -> CARRIED_OUT
carried APPLIED APPLIED
operators/k1: #4 propose 60000 [end bank-a]                             -> PROPOSED
operators/k2: approve #4                                                -> BALANCE_LEFT entry 2
bank-a: propose 60000 [admit bank-u test]                               -> PROPOSAL_NOT_YOURS
";

pub(super) const UNDONE: &str = "
bank-a: #1 pay bank-a:usd bank-b:usd USD 500; queue                     -> QUEUED
operators: limits bank-a:usd all=600                                    -> APPLIED
mark
operators atomic {
  suspend bank-a incoming=refuse queued=revoke                          -> MESSAGE_ABORTED
  admit bank-t test                                                     -> MESSAGE_ABORTED
  end bank-u                                                            -> MESSAGE_ABORTED
  identify bank-b bic=DEUTDEFF                                          -> MESSAGE_ABORTED
  participant bank-v bank 1 bank-v/k1 state=onboarding lei=7LTWFZYICNSX8D621K86 -> MESSAGE_ABORTED
  issue bank-u:usd 1                                                    -> CREDITOR_NOT_ACTIVE
}
unchanged
queue bank-a:usd #1
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> SETTLED
bank-u: open bank-u:alice bank-u customer USD                           -> APPLIED
operators: issue bank-t:usd 1                                           -> CREDITOR_NOT_ACTIVE
operators: participant bank-v bank 1 bank-v/k1 lei=7LTWFZYICNSX8D621K86 bic=DEUTDEFF -> APPLIED
// A state holds in the very message that sets it.
operators {
  admit bank-t test                                                     -> APPLIED
  issue bank-t:usd 1                                                    -> SETTLED
  admit bank-t active                                                   -> BALANCE_LEFT entry 8
  end bank-u                                                            -> APPLIED
  open bank-u:more bank-u settlement USD                                -> STATE_NOT_ALLOWED
}
";

pub(super) const IDENTIFIED: &str = "
operators: identify bank-a bic=DEUTDEFF lei=7LTWFZYICNSX8D621K86        -> APPLIED
operators: identify bank-a bic=DEUTDEFF lei=7LTWFZYICNSX8D621K86        -> NO_CHANGE
operators: identify bank-b bic=DEUTDEFFXXX                              -> IDENTIFIER_EXISTS
operators: identify bank-b bic=DEUTDEFF                                 -> IDENTIFIER_EXISTS
operators: identify bank-b bic=DEUTDEFF500                              -> APPLIED
operators: identify bank-b bic=DEUTDEFF500 lei=7LTWFZYICNSX8D621K86     -> IDENTIFIER_EXISTS
// Its own are not in its way; what is left out is none.
operators: identify bank-a bic=DEUTDEFFXXX lei=7LTWFZYICNSX8D621K86     -> APPLIED
operators: identify bank-a lei=7LTWFZYICNSX8D621K86                     -> APPLIED
operators: identify bank-b bic=DEUTDEFF                                 -> APPLIED
operators: identify bank-b                                              -> APPLIED
operators: identify bank-b                                              -> NO_CHANGE
// Auditors and the operators have them too.
operators: identify auditor-1 lei=506700GE1G29325QX363                  -> APPLIED
operators: identify operators lei=506700GE1G29325QX363                  -> IDENTIFIER_EXISTS
operators: identify operators lei=HWUPKR0MPOU8FGXBT394                  -> APPLIED
operators: participant bank-v bank 1 bank-v/k1 lei=7LTWFZYICNSX8D621K86 -> IDENTIFIER_EXISTS
operators: participant bank-v bank 1 bank-v/k1 bic=DEUTDEFF             -> APPLIED
// Who comes back after its end is another participant, and has what it had.
operators: end bank-v                                                   -> APPLIED
operators: participant bank-w bank 1 bank-w/k1 bic=DEUTDEFF             -> APPLIED
operators: participant bank-x bank 1 bank-x/k1 bic=DEUTDEFFXXX          -> IDENTIFIER_EXISTS
";

pub(super) const PRECEDENCE: &str = "
ladder
bank-a: participant bank-a bank 0 bank-a/k9 state=test bic=DEUTDEFF     -> QUORUM_NOT_MET
operators: participant bank-a bank 0 bank-a/k9 state=test bic=DEUTDEFF  -> PARTICIPANT_EXISTS
operators: participant bank-v bank 0 bank-x/k9 state=test bic=DEUTDEFF  -> KEY_NAME_MISMATCH
operators: participant bank-v bank 0 bank-v/k9 state=test bic=DEUTDEFF  -> THRESHOLD_INVALID
operators: participant bank-v auditor 1 bank-v/k9 state=test bic=DEUTDEFF -> PARTICIPANT_NOT_BANK
operators: participant bank-v bank 1 bank-v/k9 state=test bic=DEUTDEFF  -> STATE_NOT_ALLOWED
operators: participant bank-v bank 1 bank-v/k9 state=active bic=DEUTDEFF -> APPLIED
end
operators: participant audit-2 auditor 1 audit-2/k1 state=active        -> PARTICIPANT_NOT_BANK
operators: participant bank-y bank 1 bank-y/k1 state=suspended          -> STATE_NOT_ALLOWED
operators: participant bank-y bank 1 bank-y/k1 state=terminated         -> STATE_NOT_ALLOWED
ladder
bank-a: identify bank-x bic=DEUTDEFF                                    -> QUORUM_NOT_MET
operators: identify bank-x bic=DEUTDEFF                                 -> PARTICIPANT_UNKNOWN
operators: identify bank-a                                              -> NO_CHANGE
operators: identify bank-a bic=DEUTDEFF                                 -> IDENTIFIER_EXISTS
operators: identify bank-a bic=DEUTDEFF500                              -> APPLIED
end
ladder
bank-a: admit bank-x active                                             -> QUORUM_NOT_MET
operators: admit bank-x active                                          -> PARTICIPANT_UNKNOWN
operators: admit auditor-1 active                                       -> PARTICIPANT_NOT_BANK
operators: admit bank-a onboarding                                      -> STATE_NOT_ALLOWED
operators: admit bank-t active                                          -> APPLIED
end
operators: admit operators active                                       -> PARTICIPANT_NOT_BANK
operators: admit bank-a active                                          -> NO_CHANGE
operators: admit bank-u suspended                                       -> STATE_NOT_ALLOWED
operators: admit bank-u terminated                                      -> STATE_NOT_ALLOWED
operators: admit bank-u onboarding                                      -> NO_CHANGE
operators: key operators operators/k2                                   -> APPLIED
ladder
bank-a: end bank-x                                                      -> QUORUM_NOT_MET
operators: end bank-x                                                   -> PARTICIPANT_UNKNOWN
operators: end auditor-1                                                -> PARTICIPANT_NOT_BANK
operators: end bank-a                                                   -> FOUR_EYES_NEEDED
operators/k1+operators/k2: end bank-a                                   -> BALANCE_LEFT
operators/k1+operators/k2: end bank-t                                   -> APPLIED
end
operators: end bank-t                                                   -> NO_CHANGE
ladder
bank-a: resume bank-x                                                   -> QUORUM_NOT_MET
operators: resume bank-x                                                -> PARTICIPANT_UNKNOWN
operators: resume bank-a                                                -> NO_CHANGE
operators: resume operators                                             -> PARTICIPANT_NOT_BANK
operators: resume bank-u                                                -> STATE_NOT_ALLOWED
end
// Accounts: what is closed or frozen stands before, and what is asked of funds behind.
operators: suspend bank-a                                               -> APPLIED
operators: freeze bank-a:jpy c-1 no_debit                               -> APPLIED
ladder
bank-a: pay bank-a:jpy bank-b:jpy JPY 100000                            -> ACCOUNT_FROZEN leg 0
bank-a: pay bank-a:usd bank-u:usd USD 100000                            -> PARTICIPANT_SUSPENDED leg 0
bank-u: pay bank-u:usd bank-t:usd USD 100000                            -> DEBTOR_NOT_ACTIVE leg 0
bank-b: pay bank-b:usd bank-u:usd USD 100000                            -> CREDITOR_NOT_ACTIVE leg 0
end
bank-b: pay bank-b:usd bank-c:usd USD 100000                            -> INSUFFICIENT_FUNDS leg 0
";
