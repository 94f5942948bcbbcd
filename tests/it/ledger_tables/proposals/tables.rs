//! The tables.

/// Those that begin with the usual banks.
pub(super) const ALL: &[&str] = &[
    SWAP, PRECEDENCE, ENDS, KEYS, REFUSED, OPERATORS, KINDS, MEETING, WAITS,
];

/// Two banks, two messages, one swap.
const SWAP: &str = "
mark
bank-a: #1 propose 60000 [#2 pay bank-a:usd bank-b:usd USD 10, bank-b:jpy bank-a:jpy JPY 1500] -> PROPOSED
unchanged
bank-b: approve #1                                                      -> CARRIED_OUT entry last
carried SETTLED
balance bank-a:usd 90.00 90.00
balance bank-b:usd 10.00 10.00
balance bank-a:jpy 1500 1500
balance bank-b:jpy 3500 3500
// Once: the proposal is over, and the ids in it are used up.
bank-b: approve #1                                                      -> PROPOSAL_OVER entry last
bank-a: #2 pay bank-a:usd bank-b:usd USD 10                             -> ID_ALREADY_USED
bank-b: #2 pay bank-b:usd bank-a:usd USD 1                              -> SETTLED
// What is proposed has other ids than what proposes it.
bank-a: #3 propose 60000 [#3 pay bank-a:usd bank-b:usd USD 10]          -> ID_ALREADY_USED
bank-a: propose 60000 [#2 pay bank-a:usd bank-b:usd USD 10 & #4 pay bank-a:usd bank-b:usd USD 1] -> ID_ALREADY_USED
bank-a: #4 pay bank-a:usd bank-b:usd USD 1                              -> ID_ALREADY_USED entry last
// A message may carry signatures of others at once: they count, and it still takes an approval.
bank-a+bank-b: #5 propose 60000 [pay bank-a:usd bank-b:usd USD 1, bank-b:usd bank-c:usd USD 1] -> PROPOSED
bank-b: approve #5                                                      -> SELF_APPROVAL
operators+bank-a: key bank-a bank-a/k2                                  -> APPLIED
bank-a/k2: approve #5                                                   -> CARRIED_OUT
carried SETTLED
// Three to agree, and several instructions as one.
bank-c/k1: #6 propose 60000 [pay bank-c:usd bank-a:usd USD 0.50 & pay bank-a:usd bank-b:usd USD 0.50 & pay bank-b:usd bank-c:usd USD 0.50] -> PROPOSED
bank-b: approve #6                                                      -> APPROVED
bank-b: approve #6                                                      -> SELF_APPROVAL
bank-a: approve #6                                                      -> APPROVED
bank-c/k1: approve #6                                                   -> SELF_APPROVAL
bank-c/k1+bank-c/k2: approve #6                                         -> SELF_APPROVAL
bank-c/k3: approve #6                                                   -> CARRIED_OUT
carried SETTLED SETTLED SETTLED
balance bank-c:usd 1.00 1.00
";

/// What is refused, first things first.
const PRECEDENCE: &str = "
bank-b: #9 propose 60000 [pay bank-b:jpy bank-a:jpy JPY 1]              -> PROPOSED
bank-a: #3 pay bank-a:usd bank-b:usd USD 1                              -> SETTLED
ladder
bank-a: propose 0 [#3 pay nowhere bank-b:usd USD 1]                     -> ID_ALREADY_USED
bank-a: #9 propose 0 [pay bank-a:usd nowhere USD 1 & log_key x y z]     -> ACCOUNT_UNKNOWN leg 0
bank-a: propose 0 [limits bank-a:usd credit=1]                          -> EXPIRY_INVALID
bank-c/k1: #9 propose 60000 [limits bank-a:usd credit=1]                -> PROPOSAL_NOT_YOURS
operators: #9 propose 60000 [limits bank-a:usd credit=1 & log_key x y z] -> PROPOSAL_EXISTS
operators: propose 60000 [limits bank-a:usd credit=1 & log_key x y z]   -> NOT_PROPOSABLE
end
operators: propose 2678400001 [limits bank-a:usd credit=1]              -> EXPIRY_INVALID
operators: propose 2678400000 [limits bank-a:usd credit=1]              -> PROPOSED
operators: propose 60000 [redeem nowhere 1]                             -> ACCOUNT_UNKNOWN
operators: propose 60000 [key nobody nobody/k1]                         -> PARTICIPANT_UNKNOWN
bank-a: #8 propose 60000 [pay bank-a:usd bank-b:usd USD 10, bank-b:jpy bank-a:jpy JPY 1500] -> PROPOSED
bank-a: #7 propose 60000 [pay bank-a:usd bank-b:usd USD 10, bank-b:jpy bank-a:jpy JPY 1500] -> PROPOSED
bank-a: withdraw #7                                                     -> WITHDRAWN
bank-a: approve #7 other                                                -> PROPOSAL_OVER entry last
ladder
bank-c/k1: approve #8 other                                             -> NOTHING_PENDING
bank-a: approve #7 other                                                -> PROPOSAL_OVER
bank-a: approve #8 other                                                -> BODY_CHANGED
bank-a: approve #8                                                      -> SELF_APPROVAL
bank-b: approve #8                                                      -> CARRIED_OUT
end
";

/// How a proposal ends without being carried out.
const ENDS: &str = "
bank-a: #1 propose 60000 [pay bank-a:usd bank-b:usd USD 10, bank-b:jpy bank-a:jpy JPY 1500] -> PROPOSED
bank-c/k1: withdraw #1                                                  -> NOTHING_PENDING
bank-b: withdraw #1                                                     -> PROPOSAL_NOT_YOURS
bank-c/k1: decline #1                                                   -> NOTHING_PENDING
operators: decline #1                                                   -> NOTHING_PENDING
bank-a: withdraw #1                                                     -> WITHDRAWN
bank-a: withdraw #1                                                     -> PROPOSAL_OVER entry last
bank-a: #2 propose 60000 [pay bank-a:usd bank-b:usd USD 10, bank-b:jpy bank-a:jpy JPY 1500] -> PROPOSED
bank-b: decline #2                                                      -> DECLINED
bank-b: approve #2                                                      -> PROPOSAL_OVER entry last
bank-b: decline #2                                                      -> PROPOSAL_OVER
bank-c/k1: approve #2                                                   -> NOTHING_PENDING
// Its time comes: to the nanosecond, before whatever comes at that time.
bank-a: #3 propose 5000 [pay bank-a:usd bank-b:usd USD 10, bank-b:jpy bank-a:jpy JPY 1500] -> PROPOSED
bank-a: #4 propose 4000 [pay bank-a:usd bank-b:usd USD 10, bank-b:jpy bank-a:jpy JPY 1500] -> PROPOSED
later 3990
tick 0
later 100
node #4 PROPOSAL_EXPIRED
later 5000
bank-b: approve #3                                                      -> APPROVAL_EXPIRED
bank-b: approve #4                                                      -> APPROVAL_EXPIRED
node #3 PROPOSAL_EXPIRED
// It is remembered as long as ids are.
later 3600000
bank-b: approve #4                                                      -> NOTHING_PENDING
bank-b: approve #2                                                      -> NOTHING_PENDING
balance bank-a:usd 100.00 100.00
balance bank-b:jpy 5000 5000
";

/// Keys count once, and only while they are active; a bank's own policy is asked in the end.
const KEYS: &str = "
operators: issue bank-c:usd 10                                          -> SETTLED
bank-c/k1: pay bank-c:usd bank-a:usd USD 1                              !! POLICY_UNMET
bank-c/k1: #1 propose 60000 [pay bank-c:usd bank-a:usd USD 1]           -> PROPOSED
bank-c/k1 {
  decline #1                                                            -> DECLINED
  withdraw #1                                                           -> PROPOSAL_OVER
}
// One signature is enough only where nothing else is asked for.
bank-c/k1 {
  propose 60000 [pay bank-c:usd bank-a:usd USD 1]                       !! POLICY_UNMET
  pay bank-c:usd bank-a:usd USD 1                                       !! POLICY_UNMET
}
bank-c/k9: propose 60000 [pay bank-c:usd bank-a:usd USD 1]              !! KEY_UNKNOWN
auditor-1: propose 60000 [pay bank-c:usd bank-a:usd USD 1]              !! ROLE_NOT_ALLOWED
bank-c/k1: #2 propose 60000 [pay bank-c:usd bank-a:usd USD 1]           -> PROPOSED
operators: revoke bank-c bank-c/k1                                      -> APPLIED
bank-c/k1: approve #2                                                   !! KEY_REVOKED
bank-c/k2: approve #2                                                   -> APPROVED
balance bank-c:usd 10.00 10.00
bank-c/k3: approve #2                                                   -> CARRIED_OUT
balance bank-c:usd 9.00 9.00
// Also of the last approval's own message.
bank-c/k2: #3 propose 60000 [pay bank-c:usd bank-a:usd USD 1]           -> PROPOSED
operators+bank-c/k3 {
  revoke bank-c bank-c/k2                                               -> APPLIED
  approve #3                                                            -> APPROVED
}
// Who submits does not matter, who signs does.
bank-b: #4 propose 60000 [pay bank-b:jpy bank-a:jpy JPY 1, bank-a:usd bank-b:usd USD 1] -> PROPOSED
operators+bank-a: approve #4                                            -> CARRIED_OUT
bank-b: #5 propose 60000 [pay bank-b:jpy bank-a:jpy JPY 1, bank-a:usd bank-b:usd USD 1] -> PROPOSED
operators+bank-a: decline #5                                            -> DECLINED
";

/// What cannot be carried out when all agree stays as it was, and may be approved again.
const REFUSED: &str = "
bank-a: #1 propose 60000 [pay bank-a:usd bank-b:usd USD 10, bank-b:jpy bank-a:jpy JPY 6000] -> PROPOSED
mark
bank-b: approve #1                                                      -> INSUFFICIENT_FUNDS leg 1
unchanged
bank-b atomic {
  approve #1                                                            -> INSUFFICIENT_FUNDS leg 1
  pay bank-b:jpy bank-a:jpy JPY 1                                       -> MESSAGE_ABORTED
}
unchanged
operators: issue bank-b:jpy 1000                                        -> SETTLED
bank-b atomic {
  approve #1                                                            -> MESSAGE_ABORTED
  pay bank-b:jpy bank-a:jpy JPY 1                                       -> INSUFFICIENT_FUNDS leg 0
}
balance bank-b:jpy 6000 6000
bank-b: approve #1                                                      -> CARRIED_OUT
balance bank-a:jpy 6000 6000
// Several instructions are all or nothing too.
bank-a: #2 propose 60000 [pay bank-a:usd bank-b:usd USD 10 & pay bank-b:usd bank-c:usd USD 20 & pay bank-b:usd bank-c:usd USD 1] -> PROPOSED
mark
bank-b: approve #2                                                      -> INSUFFICIENT_FUNDS leg 0
unchanged
bank-a: #3 propose 60000 [pay bank-a:usd bank-b:usd USD 10 & pay bank-b:usd bank-c:usd USD 20] -> PROPOSED
bank-b: approve #3                                                      -> CARRIED_OUT
carried SETTLED SETTLED
balance bank-c:usd 20.00 20.00
// The other's right to refuse is not used up either.
bank-b: decline #2                                                      -> DECLINED
";

/// Operators by themselves: an approval takes another key, whatever the quorum is.
const OPERATORS: &str = "
operators: #1 propose 60000 [limits bank-a:usd credit=20]               -> PROPOSED
operators: approve #1                                                   -> SELF_APPROVAL
bank-a: approve #1                                                      -> NOTHING_PENDING
bank-a: propose 60000 [limits bank-a:usd credit=20]                     -> PROPOSAL_NOT_YOURS
operators: key operators operators/k2                                   -> APPLIED
operators/k2: approve #1                                                -> CARRIED_OUT
carried APPLIED
balance bank-a:usd 100.00 120.00
// Lifting a freeze takes two, from two messages.
operators: freeze bank-a:usd case-1 no_debit                            -> APPLIED
operators: lift bank-a:usd case-1                                       -> FOUR_EYES_NEEDED
operators/k2: #2 propose 60000 [lift bank-a:usd case-1]                 -> PROPOSED
operators/k1: approve #2                                                -> CARRIED_OUT
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> SETTLED
operators: freeze bank-a:usd case-2 no_debit                            -> APPLIED
operators: #3 propose 60000 [lift bank-a:usd case-2]                    -> PROPOSED
operators/k2: key operators operators/k3                                -> APPLIED
operators/k2: revoke operators operators/k1                             -> APPLIED
operators/k2: approve #3                                                -> APPROVED
operators/k3: approve #3                                                -> CARRIED_OUT
// What takes the operators and a bank.
operators/k2: #4 propose 60000 [redeem bank-a:usd 1]                    -> PROPOSED
operators/k3: approve #4                                                -> APPROVED
bank-a: approve #4                                                      -> CARRIED_OUT
carried SETTLED
bank-a: #5 propose 60000 [key bank-a bank-a/k2]                         -> PROPOSED
operators/k2: approve #5                                                -> CARRIED_OUT
bank-a/k2: pay bank-a:usd bank-b:usd USD 1                              -> SETTLED
balance bank-a:usd 97.00 117.00
";

/// The same with a quorum of two of three.
pub(super) const QUORUM: &str = "
operators/k1+operators/k2: asset USD fiat                               -> APPLIED
operators/k1: participant bank-a bank 1 bank-a/k1                       !! POLICY_UNMET
operators/k1: #1 propose 60000 [participant bank-a bank 1 bank-a/k1 & open bank-a:usd bank-a settlement USD & issue bank-a:usd 5] -> PROPOSED
operators/k2: approve #1                                                -> CARRIED_OUT
carried APPLIED APPLIED SETTLED
balance bank-a:usd 5.00 5.00
operators/k3: #2 propose 60000 [parameter window_back_s 60]             -> PROPOSED
operators/k3: approve #2                                                -> SELF_APPROVAL
operators/k1+operators/k2: revoke operators operators/k3                -> APPLIED
operators/k1: approve #2                                                -> APPROVED
operators/k2: approve #2                                                -> CARRIED_OUT
// They cannot fall below their quorum this way either.
operators/k1: #3 propose 60000 [revoke operators operators/k2]          -> PROPOSED
operators/k2: approve #3                                                -> THRESHOLD_INVALID
operators/k2: decline #3                                                -> DECLINED
";

/// Whatever may be asked for may be proposed, with few exceptions.
const KINDS: &str = "
operators: key operators operators/k2                                   -> APPLIED
operators: #1 propose 60000 [participant bank-d bank 1 bank-d/k1 & asset EUR fiat & open bank-d:eur bank-d settlement EUR & issue bank-d:eur 7 & limits bank-d:eur credit=1 & freeze bank-d:eur c-1 no_debit & lift bank-d:eur c-1 & suspend bank-d & resume bank-d & status EUR suspended & status EUR active & parameter window_back_s 3000 & model ach EUR every=3600 60 & join ach bank-d:eur 5] -> PROPOSED
operators/k2: approve #1                                                -> CARRIED_OUT
carried APPLIED APPLIED APPLIED SETTLED APPLIED APPLIED APPLIED APPLIED APPLIED APPLIED APPLIED APPLIED APPLIED APPLIED
operators: #2 propose 60000 [open bank-d:two bank-d settlement EUR & close bank-d:two & reopen bank-d:two & erase 3 & revoke bank-d bank-d/k1 & close_window ach] -> PROPOSED
operators/k2: approve #2                                                -> CARRIED_OUT
operators: #5 propose 60000 [end_model ach]                            -> PROPOSED
operators/k2: approve #5                                                -> CARRIED_OUT
carried APPLIED
operators: #3 propose 60000 [log_key settle.example/test a a]           -> NOT_PROPOSABLE
bank-a: #4 propose 60000 [withdraw #4]                                  -> NOT_PROPOSABLE
bank-a: propose 60000 [propose 60000 [pay bank-a:usd bank-b:usd USD 1]] -> NOT_PROPOSABLE
";

/// Where proposals meet holds, queues, windows and freezes.
const MEETING: &str = "
bank-c/k1: #1 propose 60000 [#2 reserve bank-c:usd bank-a:usd USD 5; multi] -> PROPOSED
bank-c/k2: approve #1                                                   -> INSUFFICIENT_FUNDS leg 0
operators: issue bank-c:usd 10                                          -> SETTLED
bank-c/k2: approve #1                                                   -> CARRIED_OUT
carried RESERVED
pending bank-c:usd 5.00 0.00
bank-c/k3: #3 propose 60000 [capture #2 2 more & void #2]               -> PROPOSED
bank-c/k1: approve #3                                                   -> CARRIED_OUT
carried SETTLED VOIDED
balance bank-c:usd 8.00 8.00
// A payment may wait, and be taken back, by the same two hands.
bank-c/k1: #4 propose 60000 [#5 pay bank-c:usd bank-a:usd USD 50; queue] -> PROPOSED
bank-c/k2: approve #4                                                   -> CARRIED_OUT
carried QUEUED
queue bank-c:usd #5
bank-c/k1: #6 propose 60000 [requeue #5 priority=high & cancel #5]      -> PROPOSED
bank-c/k2: approve #6                                                   -> CARRIED_OUT
carried APPLIED APPLIED
queue bank-c:usd
// An approval may bring what lets a payment of the queue settle, in the next entry.
bank-b: #7 pay bank-b:usd bank-c:usd USD 3; queue                       -> QUEUED
bank-a: #8 propose 60000 [pay bank-a:usd bank-b:usd USD 3, bank-b:jpy bank-a:jpy JPY 400] -> PROPOSED
bank-b: approve #8                                                      -> CARRIED_OUT
node #7 SETTLED
// A freeze stops what is agreed as it stops all else.
bank-a: #9 propose 60000 [pay bank-a:usd bank-b:usd USD 3]              -> PROPOSED
operators+bank-a: key bank-a bank-a/k2                                  -> APPLIED
operators: freeze bank-a:usd c-1 no_debit                               -> APPLIED
bank-a/k2: approve #9                                                   -> ACCOUNT_FROZEN leg 0
operators: lift bank-a:usd c-1                                          -> APPLIED
bank-a/k2: approve #9                                                   -> CARRIED_OUT
// Cleared payments by two hands.
operators {
  model ach USD every=3600 60                                           -> APPLIED
  join ach bank-a:usd 50                                                -> APPLIED
  join ach bank-b:usd 50                                                -> APPLIED
}
bank-a: #10 propose 60000 [clear ach bank-a bank-b 5]                   -> PROPOSED
bank-a/k2: approve #10                                                  -> CARRIED_OUT
carried CLEARED
position ach bank-a -5.00
bank-b: #11 propose 60000 [clear ach bank-a bank-b 5]                   -> PROPOSAL_NOT_YOURS
bank-b: #12 propose 60000 [clear ach nobody bank-b 5]                   -> MEMBER_UNKNOWN leg 0
";

/// Where both have agreed that it waits, the swap settles as soon as both are funded.
const WAITS: &str = "
bank-a: #1 propose 60000 [#2 pay bank-a:usd bank-b:usd USD 10, bank-b:jpy bank-a:jpy JPY 6000; queue until=50000] -> PROPOSED
bank-b: approve #1                                                      -> CARRIED_OUT
carried QUEUED
queue bank-a:usd #2
queue bank-b:jpy #2
balance bank-a:usd 100.00 100.00
// It keeps nothing: either may spend what it has, and then it waits for both.
bank-a: pay bank-a:usd bank-c:usd USD 95                                -> SETTLED
operators: issue bank-b:jpy 1000                                        -> SETTLED
tick 0
operators: issue bank-a:usd 5                                           -> SETTLED
node #2 SETTLED
balance bank-b:usd 10.00 10.00
balance bank-a:jpy 6000 6000
balance bank-b:jpy 0 0
// Its maker may take it back, and nobody moves it: it is not one bank's to decide.
bank-a: #3 propose 60000 [#4 pay bank-a:usd bank-b:usd USD 10, bank-b:jpy bank-a:jpy JPY 6000; queue] -> PROPOSED
bank-b: approve #3                                                      -> CARRIED_OUT
bank-a: requeue #4 position=first                                       -> QUEUE_NOT_SENDERS
bank-b: requeue #4 position=first                                       -> PAYMENT_NOT_QUEUED
bank-b: cancel #4                                                       -> PAYMENT_NOT_QUEUED
bank-a: cancel #4                                                       -> APPLIED
queue bank-b:jpy
// Revoked as a whole.
bank-b: #5 propose 60000 [#6 pay bank-a:usd bank-b:usd USD 10, bank-b:jpy bank-a:jpy JPY 6000; queue until=50] -> PROPOSED
bank-a: approve #5                                                      -> CARRIED_OUT
later 100
node #6 REVOKED_AT_REJECT_TIME
// What keeps an account is for its owner alone, and so is what is not proposed.
bank-a: #7 propose 60000 [pay bank-a:usd bank-b:usd USD 10, bank-b:jpy bank-a:jpy JPY 6000; queue priority=high] -> PROPOSED
bank-b: approve #7                                                      -> QUEUE_NOT_SENDERS
bank-a+bank-b: pay bank-a:usd bank-b:usd USD 10, bank-b:jpy bank-a:jpy JPY 6000; queue -> QUEUE_NOT_SENDERS
";

/// Everything that may go wrong around one swap; then it settles.
pub(super) const ATTEMPTS: &str = "
bank-a: #1 propose 60000 [#2 pay bank-a:usd bank-b:usd USD 10, bank-b:jpy bank-a:jpy JPY 1500] -> PROPOSED
bank-b: approve #1 other -> BODY_CHANGED
bank-a: approve #1 -> SELF_APPROVAL
bank-c/k1: approve #1 -> NOTHING_PENDING
operators: freeze bank-b:jpy c-1 no_debit -> APPLIED
bank-b: approve #1 -> ACCOUNT_FROZEN leg 1
operators: lift bank-b:jpy c-1 -> APPLIED
operators: status JPY suspended -> APPLIED
bank-b: approve #1 -> ASSET_SUSPENDED leg 1
operators: status JPY active -> APPLIED
operators: limits bank-b:jpy max=1 -> APPLIED
bank-b: approve #1 -> LIMIT_PER_TRANSFER leg 1
operators: limits bank-b:jpy min=4000 -> APPLIED
bank-b: approve #1 -> INSUFFICIENT_FUNDS leg 1
operators: limits bank-b:jpy credit=1 -> APPLIED
bank-b: decline #1 -> DECLINED
bank-b: approve #1 -> PROPOSAL_OVER
bank-b: #3 propose 500 [pay bank-b:jpy bank-a:jpy JPY 1500, bank-a:usd bank-b:usd USD 10] -> PROPOSED
later 501
bank-a: approve #3 -> APPROVAL_EXPIRED
bank-b: #4 propose 500 [pay bank-b:jpy bank-a:jpy JPY 1500 & pay bank-a:usd bank-b:usd USD 10] -> PROPOSED
operators: limits bank-a:usd min=95 -> APPLIED
bank-a: approve #4 -> INSUFFICIENT_FUNDS leg 0
operators: limits bank-a:usd credit=1 -> APPLIED
bank-a: approve #4 -> CARRIED_OUT
bank-a: approve #4 -> PROPOSAL_OVER
";
