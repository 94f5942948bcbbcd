//! Every outcome, in order of precedence. A ladder begins with a wish in which everything is wrong
//! and mends one thing a line: so each line proves that what is mended came before all the rest.

use std::fmt::Write;

use quittance::ledger::Outcome;
use quittance::limits::KEYS_PER_PARTICIPANT_MAX;

use super::{
    calendars, cycles, fees, forms, fx, holds, indirect, limits, proposals, queues, reservations,
    returns, standing, started, values,
};

const TRANSFERS: &str = "
operators: asset EUR fiat                                               -> APPLIED
operators {
  open bank-a:eur bank-a settlement EUR                                 -> APPLIED
  open bank-a:closed bank-a settlement USD                              -> APPLIED
  open bank-a:capped bank-a settlement USD                              -> APPLIED
  open bank-b:full bank-b settlement USD                                -> APPLIED
  limits bank-a:closed max=5                                            -> APPLIED
  close bank-a:closed                                                   -> APPLIED
  limits bank-a:capped max=5                                            -> APPLIED
  status EUR retired                                                    -> APPLIED
  issue bank-b:full 792281625142643375935439400.00                      -> SETTLED
}
bank-a: #1 pay bank-a:usd bank-b:usd USD 1                              -> SETTLED
bank-a atomic {
  pay bank-a:usd bank-a:usd USD 1                                       -> SELF_TRANSFER leg 0
  #1 pay nowhere bank-b:usd FOO 0.000                                   -> MESSAGE_ABORTED
}
ladder
bank-a: #1 pay nowhere bank-b:usd FOO 0.000                             -> ID_ALREADY_USED
bank-a: pay bank-b:usd bank-a:usd FOO 0.000, bank-b:usd nowhere FOO 0.000 -> ACCOUNT_UNKNOWN leg 1
bank-a: pay bank-b:usd bank-a:jpy FOO 0.000                             -> NOT_OWNER leg 0
bank-a: pay bank-a:eur bank-a:usd FOO 0.000                             -> ASSET_UNKNOWN leg 0
bank-a: pay bank-a:eur bank-a:eur USD 0.000                             -> ASSET_MISMATCH leg 0
bank-a: pay bank-a:eur bank-a:eur EUR 0.000                             -> ASSET_RETIRED leg 0
operators: status EUR suspended                                         -> APPLIED
end
bank-a: pay bank-a:eur bank-a:usd EUR 0.000                             -> ASSET_MISMATCH leg 0
ladder
bank-a: pay bank-a:eur bank-a:eur EUR 0.000                             -> ASSET_SUSPENDED leg 0
operators: pay operators:issuance.USD operators:issuance.USD USD 0.000  -> SELF_TRANSFER leg 0
operators: pay operators:issuance.USD bank-a:closed USD 0.000           -> POSTING_NOT_ALLOWED leg 0
bank-a: pay bank-a:closed bank-b:full USD 0.000                         -> AMOUNT_ZERO leg 0
bank-a: pay bank-a:closed bank-b:full USD 1000.001                      -> PRECISION_EXCEEDED leg 0
bank-a: pay bank-a:closed bank-b:full USD 79228162514264337593543950335 -> AMOUNT_TOO_LARGE leg 0
bank-a: pay bank-a:closed bank-b:full USD 1000                          -> ACCOUNT_CLOSED leg 0
bank-a: pay bank-a:capped bank-b:full USD 1000                          -> LIMIT_PER_TRANSFER leg 0
bank-a: pay bank-a:usd bank-b:full USD 1000                             -> INSUFFICIENT_FUNDS leg 0
operators: limits bank-a:usd credit=1000                                -> APPLIED
bank-a: pay bank-a:usd bank-b:full USD 1000                             -> AMOUNT_OVERFLOW leg 0
bank-a: pay bank-a:usd bank-b:full USD 50                               -> SETTLED
end
// The other side may be the closed one, or the issuance account.
bank-a: pay bank-a:usd bank-a:closed USD 1                              -> ACCOUNT_CLOSED leg 0
bank-a: pay bank-a:usd operators:issuance.USD USD 1                     -> POSTING_NOT_ALLOWED leg 0
bank-a: pay bank-a:usd bank-a:jpy USD 1                                 -> ASSET_MISMATCH leg 0
bank-a: pay bank-a:usd bank-b:usd JPY 1                                 -> ASSET_MISMATCH leg 0
";

const FUNDS: &str = "
operators: asset EUR fiat                                               -> APPLIED
operators {
  #1 open bank-a:eur bank-a settlement EUR                              -> APPLIED
  open bank-a:closed bank-a settlement USD                              -> APPLIED
  close bank-a:closed                                                   -> APPLIED
  status EUR suspended                                                  -> APPLIED
}
bank-a: #2 redeem bank-a:usd 1                                          -> QUORUM_NOT_MET
ladder
bank-a: #2 issue nowhere 0.000                                          -> ID_ALREADY_USED
bank-a: issue nowhere 0.000                                             -> QUORUM_NOT_MET
operators: issue nowhere 0.000                                          -> ACCOUNT_UNKNOWN
operators: issue bank-a:eur 0.000                                       -> ASSET_SUSPENDED
operators: issue operators:issuance.USD 0.000                           -> POSTING_NOT_ALLOWED
operators: issue bank-a:closed 0.000                                    -> AMOUNT_ZERO
operators: issue bank-a:closed 0.001                                    -> PRECISION_EXCEEDED
operators: issue bank-a:closed 79228162514264337593543950335            -> AMOUNT_TOO_LARGE
operators: issue bank-a:closed 792281625142643375935439503.35           -> ACCOUNT_CLOSED
operators: issue bank-a:usd 792281625142643375935439503.35              -> AMOUNT_OVERFLOW
operators: issue bank-a:usd 1                                           -> SETTLED
end
ladder
operators: #1 redeem nowhere 0.000                                      -> ID_ALREADY_USED
bank-a: redeem nowhere 0.000                                            -> QUORUM_NOT_MET
operators: redeem nowhere 0.000                                         -> ACCOUNT_UNKNOWN
operators: redeem bank-a:eur 0.000                                      -> NOT_OWNER
operators+bank-a: redeem bank-a:eur 0.000                               -> ASSET_SUSPENDED
operators: redeem operators:issuance.USD 0.000                          -> POSTING_NOT_ALLOWED
operators+bank-a: redeem bank-a:closed 0.000                            -> AMOUNT_ZERO
operators+bank-a: redeem bank-a:closed 1                                -> ACCOUNT_CLOSED
operators+bank-a: redeem bank-a:usd 102                                 -> INSUFFICIENT_FUNDS
operators+bank-a: redeem bank-a:usd 101                                 -> SETTLED
end
";

const PARTICIPANTS: &str = "
operators: #1 asset EUR fiat                                            -> APPLIED
ladder
bank-a: participant bank-a operator 0 bank-x/k1!                        -> QUORUM_NOT_MET
operators: participant bank-a operator 0 bank-x/k1!                     -> PARTICIPANT_EXISTS
operators: participant bank-d bank 0 bank-x/k1!                         -> KEY_NAME_MISMATCH
operators: participant bank-d bank 0 bank-d/k1!                         -> KEY_UNACCEPTABLE
operators: participant bank-d bank 0 bank-d/k1=bank-a/k1                -> KEY_ALREADY_REGISTERED
operators: participant bank-d bank 0 bank-d/k1                          -> THRESHOLD_INVALID
operators: participant bank-d bank 1 bank-d/k1                          -> APPLIED
end
operators: participant bank-e operator 1 bank-e/k1                      -> PARTICIPANT_EXISTS
operators: participant bank-e bank 3 bank-e/k1 bank-e/k2                -> THRESHOLD_INVALID
operators: participant bank-e bank 1 bank-e/k1 bank-e/k2=bank-e/k1      -> KEY_ALREADY_REGISTERED
operators: participant bank-e bank 1 bank-e/k1=settle.example/test      -> KEY_ALREADY_REGISTERED
ladder
bank-a: key bank-x bank-x/k1!                                           -> QUORUM_NOT_MET
operators: key bank-a bank-x/k1!                                        -> NOT_OWNER
operators: key bank-x bank-y/k1!                                        -> PARTICIPANT_UNKNOWN
operators+bank-a: key bank-a bank-x/k1!                                 -> KEY_NAME_MISMATCH
operators+bank-a: key bank-a bank-a/k2!                                 -> KEY_UNACCEPTABLE
operators+bank-a: key bank-a bank-a/k2=bank-b/k1                        -> KEY_ALREADY_REGISTERED
operators+bank-a: key bank-a bank-a/k2                                  -> APPLIED
end
ladder
bank-a: revoke bank-x bank-x/k1                                         -> QUORUM_NOT_MET
operators: revoke bank-x bank-x/k1                                      -> PARTICIPANT_UNKNOWN
operators: revoke operators bank-x/k1                                   -> KEY_UNKNOWN
operators: revoke operators operators/k1                                -> THRESHOLD_INVALID
operators: revoke bank-a bank-a/k1                                      -> APPLIED
end
// The log's own: two at most, never none, and each shows that somebody holds it.
ladder
bank-b: log_key settle.example/other settle.example/test two            -> QUORUM_NOT_MET
operators: log_key settle.example/other settle.example/test two         -> KEY_NAME_MISMATCH
operators: log_key settle.example/test settle.example/test two          -> KEY_UNACCEPTABLE
operators: log_key settle.example/test settle.example/test settle.example/test -> KEY_ALREADY_REGISTERED
operators: log_key settle.example/test one one                          -> APPLIED
end
operators: log_key settle.example/test two two                          -> KEYS_TOO_MANY
operators: log_key settle.example/test one one                          -> KEY_ALREADY_REGISTERED
ladder
bank-b: retire_log_key settle.example/test two                          -> QUORUM_NOT_MET
operators: retire_log_key settle.example/test two                       -> KEY_UNKNOWN
operators: retire_log_key settle.example/test settle.example/test       -> APPLIED
end
operators: retire_log_key settle.example/test one                       -> THRESHOLD_INVALID
operators: retire_log_key settle.example/test settle.example/test       -> KEY_UNKNOWN
operators: log_key settle.example/test two two                          -> APPLIED
operators: retire_log_key settle.example/test one                       -> APPLIED
";

const ACCOUNTS: &str = "
operators: open operators:issuance.EUR operators suspense USD           -> APPLIED
ladder
bank-a: asset USD gold                                                  -> QUORUM_NOT_MET
operators: asset USD gold                                               -> MODULE_UNKNOWN
operators: asset XXX fiat                                               -> ASSET_NOT_OFFERED
operators: asset USD fiat                                               -> ASSET_EXISTS
operators: asset EUR fiat                                               -> ACCOUNT_EXISTS
operators: asset CHF fiat                                               -> APPLIED
end
operators: status CHF retired                                           -> APPLIED
ladder
bank-a: open bank-a:usd bank-x issuance FOO                             -> QUORUM_NOT_MET
operators: open bank-a:usd bank-x issuance FOO                          -> ASSET_UNKNOWN
operators: open bank-a:usd bank-x issuance CHF                          -> ASSET_RETIRED
operators: open bank-a:usd bank-x issuance USD                          -> PARTICIPANT_UNKNOWN
operators: open bank-a:usd bank-b issuance USD                          -> ACCOUNT_EXISTS
operators: open bank-a:new bank-b issuance USD                          -> ADDRESS_RESERVED
operators: open bank-b:new bank-b issuance USD                          -> ACCOUNT_KIND_NOT_ALLOWED
operators: open bank-b:new bank-b settlement USD                        -> APPLIED
end
operators: open operators:a operators settlement USD                    -> ACCOUNT_KIND_NOT_ALLOWED
operators: open bank-b:fee bank-b fee USD                               -> ACCOUNT_KIND_NOT_ALLOWED
operators: open auditor-1:a auditor-1 customer USD                      -> ACCOUNT_KIND_NOT_ALLOWED
operators: open operators:fee operators fee USD                         -> APPLIED
ladder
bank-a: close nowhere                                                   -> QUORUM_NOT_MET
operators: close nowhere                                                -> ACCOUNT_UNKNOWN
operators: close operators:fee                                          -> APPLIED
operators: close operators:fee                                          -> ACCOUNT_CLOSED
operators: close operators:issuance.USD                                 -> ACCOUNT_KIND_NOT_ALLOWED
operators: close bank-a:usd                                             -> ACCOUNT_NOT_EMPTY
operators: close bank-b:new                                             -> APPLIED
end
ladder
bank-a: limits nowhere credit=0.001                                     -> QUORUM_NOT_MET
operators: limits nowhere credit=0.001                                  -> ACCOUNT_UNKNOWN
operators: limits operators:fee credit=0.001                            -> PRECISION_EXCEEDED
operators: limits operators:fee min=79228162514264337593543950335       -> AMOUNT_TOO_LARGE
operators: limits operators:fee credit=1                                -> ACCOUNT_CLOSED
operators: limits operators:suspense.usd credit=1                       -> ACCOUNT_KIND_NOT_ALLOWED
operators: limits bank-a:usd credit=1                                   -> APPLIED
end
";

const RULES: &str = "
ladder
bank-a: status FOO active                                               -> QUORUM_NOT_MET
operators: status FOO active                                            -> ASSET_UNKNOWN
operators: status USD active                                            -> NO_CHANGE
operators: status USD suspended                                         -> APPLIED
end
ladder
bank-a: parameter colour 0                                              -> QUORUM_NOT_MET
operators: parameter colour 0                                           -> PARAMETER_UNKNOWN
operators: parameter window_back_s 0                                    -> PARAMETER_OUT_OF_RANGE
operators: parameter window_back_s 600                                  -> APPLIED
end
ladder
bank-a: protocol 2 0                                                    -> QUORUM_NOT_MET
operators: protocol 2 1000                                              -> PROTOCOL_UNSUPPORTED
operators: protocol 1 1000                                              -> NO_CHANGE
end
operators: protocol 1 1                                                 -> PROTOCOL_UNSUPPORTED
ladder
bank-a: erase 0                                                         -> QUORUM_NOT_MET
operators: erase 0                                                      -> ENTRY_UNKNOWN
operators: erase 3                                                      -> APPLIED
operators: erase 3                                                      -> ALREADY_ERASED
end
operators: erase 999                                                    -> ENTRY_UNKNOWN
// A body is kept until so many days after its own have passed; the rule in force decides.
operators: parameter retention_days 36526                               -> PARAMETER_OUT_OF_RANGE
operators: parameter retention_days 3                                   -> APPLIED
operators: erase 5                                                      -> RETENTION_ACTIVE
operators: parameter retention_days 0                                   -> APPLIED
operators: erase 5                                                      -> APPLIED
operators: parameter retention_days 3                                   -> APPLIED
operators: erase 5                                                      -> ALREADY_ERASED
later 259200000
ladder
bank-a: erase 4                                                         -> QUORUM_NOT_MET
operators: erase 4                                                      -> RETENTION_ACTIVE
later 86400000
operators: erase 4                                                      -> APPLIED
end
// As approvals were asked for before there were proposals: nothing waits for them.
bank-a: approve 1 1                                                     -> NOTHING_PENDING
";

/// A participant's keys are limited: the one too many is refused, until another is revoked.
fn too_many_keys() -> std::collections::BTreeSet<Outcome> {
    let mut table = String::new();
    for n in 2..=KEYS_PER_PARTICIPANT_MAX {
        writeln!(table, "operators+bank-a: key bank-a bank-a/k{n} -> APPLIED").unwrap();
    }
    table.push_str(
        "operators+bank-a: key bank-a bank-a/more          -> KEYS_TOO_MANY\n\
         operators: revoke bank-a bank-a/k2                -> APPLIED\n\
         operators+bank-a: key bank-a bank-a/more          -> APPLIED\n",
    );
    let mut run = started();
    run.table(&table);
    run.reached.into_iter().collect()
}

#[test]
fn every_outcome_is_reached_in_order_of_precedence() {
    let mut reached = std::collections::BTreeSet::new();
    for table in [TRANSFERS, FUNDS, PARTICIPANTS, ACCOUNTS, RULES] {
        let mut run = started();
        run.table(table);
        reached.extend(run.reached);
    }
    reached.extend(too_many_keys());
    reached.extend(holds::reached());
    reached.extend(limits::reached());
    reached.extend(queues::reached());
    reached.extend(reservations::reached());
    reached.extend(cycles::reached());
    reached.extend(proposals::reached());
    reached.extend(calendars::reached());
    reached.extend(returns::reached());
    reached.extend(forms::reached());
    reached.extend(fx::reached());
    reached.extend(values::reached());
    reached.extend(standing::reached());
    reached.extend(fees::reached());
    reached.extend(indirect::reached());
    let missing: Vec<_> = Outcome::ALL
        .iter()
        .filter(|o| !reached.contains(o))
        .collect();
    assert!(missing.is_empty(), "no table reaches {missing:?}");
}
