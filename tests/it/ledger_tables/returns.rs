//! Returns, reversals and recalls as tables: what goes back, what does not, and every outcome.

use std::collections::BTreeSet;
use std::fmt::Write;

use chain::Hash;
use quittance::ledger::{
    Instruction, InstructionId, Original, Outcome, Recall, RefuseRecall, Return, Reverse,
};
use quittance::limits::TREE_NODES_KEPT;

use super::{Run, started};

/// Reads an instruction about an original or a recall.
pub(crate) fn instruction(
    id: InstructionId,
    words: &[&str],
    original: impl Fn(&str) -> Original,
    recall: impl Fn(&str) -> InstructionId,
) -> Option<Instruction> {
    let code = |word: &str| serde_json::Value::from(word);
    let amount = |rest: &[&str]| rest.first().map(|amount| amount.parse().unwrap());
    Some(match words {
        ["return", name, reason, rest @ ..] => Instruction::Return(Return {
            id,
            original: original(name),
            amount: amount(rest),
            reason: serde_json::from_value(code(reason)).unwrap(),
        }),
        ["reverse", name, reason, rest @ ..] => Instruction::Reverse(Reverse {
            id,
            original: original(name),
            amount: amount(rest),
            reason: serde_json::from_value(code(reason)).unwrap(),
        }),
        ["recall", name, reason] => Instruction::Recall(Recall {
            id,
            original: original(name),
            reason: serde_json::from_value(code(reason)).unwrap(),
        }),
        ["refuse_recall", of, reason] => Instruction::RefuseRecall(RefuseRecall {
            id,
            of: recall(of),
            reason: serde_json::from_value(code(reason)).unwrap(),
        }),
        _ => return None,
    })
}

/// Changes one thing of an original.
pub(super) fn forged(mut original: Original, what: &str) -> Original {
    match what {
        // Twice the amount, which stands behind version, type, kind, flags, ordinals, outcome, id and
        // scale.
        "amount" => original.item.0[29 + 15] ^= 1,
        "entry" => original.entry.0[23] ^= 1,
        "short" => {
            original.entry.0.pop();
        }
        "number" => original.n += 1,
        "salt" => original.salt = Hash::sha256(b"another").into(),
        "way" => original.proof[0] = Hash::sha256(b"another").into(),
        // A proof that goes on to a subtree that the log has not completed.
        "ahead" => original.proof.resize(40, Hash::ZERO.into()),
        "long" => original.proof.resize(64, Hash::ZERO.into()),
        "item_proof" => {
            original.item_proof.pop();
        }
        other => panic!("nothing to forge: {other}"),
    }
    original
}

const RETURNS: &str = "
bank-a: #1 pay bank-a:usd bank-b:usd USD 30.00                          -> SETTLED
original paid 1
balance bank-b:usd 30.00 30.00
bank-b: return paid AC04 10.00                                          -> SETTLED
balance bank-a:usd 80.00 80.00
balance bank-b:usd 20.00 20.00
// What is left: stated, or not. Nobody goes above it, and nobody returns twice.
mark
bank-b: return paid AC04 20.01                                          -> RETURN_EXCEEDS_ORIGINAL
unchanged
bank-b: return paid MS03 5                                              -> SETTLED
bank-b: #2 return paid MS03                                             -> SETTLED
balance bank-a:usd 100.00 100.00
mark
bank-b: return paid MS03                                                -> ALREADY_RETURNED entry last
bank-b: return paid MS03 0.01                                           -> ALREADY_RETURNED
// The same id again has no effect.
bank-b: #2 return paid MS03                                             -> ID_ALREADY_USED
unchanged
// A return is an entry like any other, and no original itself.
bank-a: pay bank-a:usd bank-b:usd USD 1.00, bank-a:usd bank-b:usd USD 2.00 -> SETTLED
original first 1
original second 2
bank-b: return second DUPL                                              -> SETTLED
original returned 2
balance bank-a:usd 99.00 99.00
bank-a: return returned DUPL                                            -> ORIGINAL_NOT_RETURNABLE
bank-a: recall returned DUPL                                            -> ORIGINAL_NOT_RETURNABLE
original instruction 1
bank-b: return instruction DUPL                                         -> ORIGINAL_NOT_RETURNABLE
bank-b: return first DUPL 0.5                                           -> SETTLED
// All of a message or nothing.
bank-b atomic {
  return first DUPL 0.25                                                -> MESSAGE_ABORTED
  return first DUPL 0.26                                                -> RETURN_EXCEEDS_ORIGINAL
}
bank-b {
  return first DUPL 0.25                                                -> SETTLED
  return first DUPL 0.26                                                -> RETURN_EXCEEDS_ORIGINAL
  return first DUPL 0.25                                                -> SETTLED
}
balance bank-a:usd 100.00 100.00
// Of captures, and of payments that waited.
bank-a: #3 reserve bank-a:usd bank-b:usd USD 40                         -> RESERVED
original reserved 2
bank-b: capture #3 25                                                   -> SETTLED
original captured 2
bank-b: return reserved CUST                                            -> ORIGINAL_NOT_RETURNABLE
bank-b: return captured CUST                                            -> SETTLED
bank-b: pay bank-b:usd bank-c:usd USD 7; queue                          -> QUEUED
bank-a: pay bank-a:usd bank-b:usd USD 7                                 -> SETTLED
tick 1
original queued 1
bank-c/k1+bank-c/k2: return queued CUST                                 -> SETTLED
balance bank-b:usd 7.00 7.00
";

/// Of splits and debits under a mandate, as of any transfer; not of conversions.
const REFUNDS: &str = "
bank-a: split USD | bank-a:usd 10 | bank-b:usd /1, bank-c:usd /1        -> SETTLED
original half 2
original other 3
bank-c/k1+bank-c/k2: return half CUST                                   -> NOT_OWNER
bank-b: return half CUST 2                                              -> SETTLED
bank-b: return half CUST 3.01                                           -> RETURN_EXCEEDS_ORIGINAL
bank-b: return half CUST                                                -> SETTLED
bank-b: return half CUST                                                -> ALREADY_RETURNED entry last
bank-a: #1 recall other DUPL                                            -> RECALLED
bank-c/k1+bank-c/k2: return other FOCR                                  -> SETTLED
bank-c/k1+bank-c/k2: refuse_recall #1 CUST                              -> RECALL_UNKNOWN
balance bank-a:usd 100.00 100.00
// Who got nothing has nothing to give back, and nobody asks for it.
bank-a: split USD | bank-a:usd 0.01 | bank-b:usd /1, bank-c:usd /1      -> SETTLED
original nothing 3
bank-c/k1+bank-c/k2: return nothing CUST                                -> ORIGINAL_NOT_RETURNABLE
bank-a: recall nothing CUST                                             -> ORIGINAL_NOT_RETURNABLE
// The mandate is used up all the same: what came back may not be debited again.
bank-a: #2 grant bank-a:usd to=bank-b total=20                          -> APPLIED
bank-b: pay bank-a:usd bank-b:usd USD 20; under=#2                      -> SETTLED
original debited 2
bank-b: recall debited FRAD                                             -> NOT_OWNER
bank-a: #3 recall debited FRAD                                          -> RECALLED
bank-a: return debited MD06                                             -> NOT_OWNER
bank-b: return debited MD06 5                                           -> SETTLED
bank-b: refuse_recall #3 CUST                                           -> RECALL_UNKNOWN
bank-b: return debited MD06                                             -> SETTLED
bank-b: return debited MD06 0.01                                        -> ALREADY_RETURNED entry last
balance bank-a:usd 99.99 99.99
bank-b: pay bank-a:usd bank-b:usd USD 0.01; under=#2                    -> MANDATE_EXCEEDED leg 0
operators: provider bank-b on                                           -> APPLIED
bank-b: rate USD JPY desk 15025/100 15075/100 to=60000 via=bank-b:usd,bank-b:jpy,50.00 -> APPLIED
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=1 at=bank-b/desk      -> SETTLED
original paid 2
original bought 3
bank-b: return paid CUST                                                -> ORIGINAL_NOT_RETURNABLE
bank-a: return bought CUST                                              -> ORIGINAL_NOT_RETURNABLE
bank-a: recall paid CUST                                                -> ORIGINAL_NOT_RETURNABLE
";

const PROOFS: &str = "
bank-a: pay bank-a:usd bank-b:usd USD 30.00                             -> SETTLED
bank-a: pay bank-a:usd bank-b:usd USD 1.00                              -> SETTLED
bank-a: pay bank-a:usd bank-b:usd USD 2.00                              -> SETTLED
original paid 1
mark
forge bad paid amount
bank-b: return bad AC04                                                 -> ORIGINAL_UNKNOWN
forge bad paid entry
bank-b: return bad AC04                                                 -> ORIGINAL_UNKNOWN
forge bad paid short
bank-b: return bad AC04                                                 -> ORIGINAL_UNKNOWN
forge bad paid number
bank-b: return bad AC04                                                 -> ORIGINAL_UNKNOWN
forge bad paid salt
bank-b: return bad AC04                                                 -> ORIGINAL_UNKNOWN
forge bad paid item_proof
bank-b: return bad AC04                                                 -> ORIGINAL_UNKNOWN
forge bad paid ahead
bank-b: return bad AC04                                                 -> ORIGINAL_UNKNOWN
forge bad paid long
bank-b: return bad AC04                                                 -> ORIGINAL_UNKNOWN
unchanged
refresh paid
forge bad paid way
bank-b: return bad AC04                                                 -> ORIGINAL_UNKNOWN
unchanged
bank-b: return paid AC04                                                -> SETTLED
";

const ORDER: &str = "
operators: asset EUR fiat                                               -> APPLIED
operators {
  open bank-a:eur bank-a settlement EUR                                 -> APPLIED
  open bank-b:eur bank-b settlement EUR                                 -> APPLIED
  issue bank-a:eur 50                                                   -> SETTLED
}
original issued 3
bank-a: pay bank-a:eur bank-b:eur EUR 10                                -> SETTLED
original first 1
bank-a: pay bank-a:eur bank-b:eur EUR 10                                -> SETTLED
original second 1
bank-a: pay bank-a:eur bank-b:eur EUR 10                                -> SETTLED
original paid 1
forge bad paid amount
operators: parameter return_s 86400                                     -> APPLIED
operators: parameter returns_max 1                                      -> APPLIED
bank-b: return first AC04                                               -> SETTLED
operators: status EUR suspended                                         -> APPLIED
bank-a: return bad AC04 0.000                                           -> ORIGINAL_UNKNOWN
bank-a: return issued AC04 0.000                                        -> ORIGINAL_NOT_RETURNABLE
bank-a: return first AC04 0.000                                         -> NOT_OWNER
bank-b: return first AC04 0.000                                         -> ASSET_SUSPENDED
operators: status EUR retired                                           -> APPLIED
bank-b: return first AC04 0.000                                         -> ASSET_RETIRED
operators: status EUR active                                            -> APPLIED
bank-b: return first AC04 0.000                                         -> AMOUNT_ZERO
bank-b: return first AC04 11.001                                        -> PRECISION_EXCEEDED
bank-b: return first AC04 79228162514264337593543950335                 -> AMOUNT_TOO_LARGE
later 86390000
// The last moment, and the one after it.
bank-b: return first AC04 11                                            -> ALREADY_RETURNED
later 20000
bank-b: return first AC04 11                                            -> RETURN_WINDOW_CLOSED
bank-a: recall second AC03                                              -> RETURN_WINDOW_CLOSED
operators: parameter return_s 0                                         -> APPLIED
bank-b: return first AC04 11                                            -> ALREADY_RETURNED
bank-b: return second AC04 11                                           -> RETURN_EXCEEDS_ORIGINAL
operators: freeze bank-b:eur c-1 no_debit                               -> APPLIED
bank-b: return second AC04 10                                           -> RETURNS_TOO_MANY
operators: parameter returns_max 2                                      -> APPLIED
operators: limits bank-b:eur max=5                                      -> APPLIED
bank-b: return second AC04 10                                           -> ACCOUNT_FROZEN
operators: lift bank-b:eur c-1                                          -> APPLIED
bank-b: return second AC04 10                                           -> LIMIT_PER_TRANSFER
operators: limits bank-b:eur                                            -> APPLIED
bank-b: pay bank-b:eur bank-a:eur EUR 15                                -> SETTLED
bank-b: return second AC04 10                                           -> INSUFFICIENT_FUNDS
bank-b: return second AC04 5                                            -> SETTLED
operators: close bank-b:eur                                             -> APPLIED
bank-b: return second AC04 5                                            -> ACCOUNT_CLOSED
// A sum is kept for as long as anything may be returned, whatever the parameter says, and then goes.
later 34560000000
operators: parameter returns_max 1                                      -> APPLIED
bank-b: return second AC04 5                                            -> RETURN_WINDOW_CLOSED
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> SETTLED
original new 1
bank-b: return new AC04                                                 -> SETTLED
";

const REVERSALS: &str = "
operators: issue bank-b:usd 25                                          -> SETTLED
original issued 1
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> SETTLED
original paid 1
// One key of the operators is enough only while they never had a second.
bank-b: reverse issued MS03                                             -> QUORUM_NOT_MET
operators: key operators operators/k2                                   -> APPLIED
operators: reverse issued MS03                                          -> FOUR_EYES_NEEDED
operators/k1+operators/k2: reverse paid MS03                            -> ORIGINAL_NOT_RETURNABLE
operators/k1+operators/k2: reverse issued MS03 25.01                    -> RETURN_EXCEEDS_ORIGINAL
operators/k1+operators/k2: reverse issued MS03 5                        -> SETTLED
balance bank-b:usd 21.00 21.00
balance operators:issuance.USD -120.00 -120.00
bank-b: pay bank-b:usd bank-a:usd USD 1.01                              -> SETTLED
// Funds have to be there.
operators/k1+operators/k2: reverse issued MS03                          -> INSUFFICIENT_FUNDS
bank-a: pay bank-a:usd bank-b:usd USD 0.01                              -> SETTLED
operators/k1+operators/k2: reverse issued AM05                          -> SETTLED
operators/k1+operators/k2: reverse issued AM05                          -> ALREADY_RETURNED entry last
balance bank-b:usd 0.00 0.00
// Funds out come back in.
operators/k1+operators/k2+bank-a: redeem bank-a:usd 40                  -> SETTLED
original redeemed 1
operators/k1+operators/k2: reverse redeemed MS02                        -> SETTLED
balance bank-a:usd 100.00 100.00
forge bad redeemed salt
operators/k1+operators/k2: reverse bad MS02                             -> ORIGINAL_UNKNOWN
bank-a: return redeemed MS02                                            -> ORIGINAL_NOT_RETURNABLE
";

const RECALLS: &str = "
bank-a: pay bank-a:usd bank-b:usd USD 30                                -> SETTLED
original paid 1
bank-a: pay bank-a:usd bank-b:usd USD 5                                 -> SETTLED
original other 1
forge bad paid amount
mark
bank-a: recall bad DUPL                                                 -> ORIGINAL_UNKNOWN
bank-b: recall paid DUPL                                                -> NOT_OWNER
operators: recall paid DUPL                                             -> NOT_OWNER
unchanged
bank-a: #1 recall paid DUPL                                             -> RECALLED
original asked 2
// Nothing has moved, and nothing does without the receiver.
balance bank-a:usd 65.00 65.00
balance bank-b:usd 35.00 35.00
bank-a: recall paid FRAD                                                -> RECALL_ALREADY_OPEN entry last
bank-a: return asked CUST                                               -> ORIGINAL_NOT_RETURNABLE
// A recall is named by its id: another bank's of the same id would be taken for it.
bank-b: pay bank-b:usd bank-c:usd USD 1                                 -> SETTLED
original theirs 1
bank-b: #1 recall theirs DUPL                                           -> RECALL_EXISTS
operators: parameter returns_max 1                                      -> APPLIED
bank-a: recall other DUPL                                               -> RECALLS_TOO_MANY
operators: parameter returns_max 0                                      -> APPLIED
// Who is no party is told nothing, and only the receiver says no.
bank-c/k1+bank-c/k2: refuse_recall #1 CUST                              -> RECALL_UNKNOWN
bank-a: refuse_recall #1 CUST                                           -> NOT_OWNER
operators: refuse_recall #1 CUST                                        -> NOT_OWNER
bank-b: refuse_recall #1 CUST                                           -> APPLIED
bank-b: refuse_recall #1 CUST                                           -> RECALL_UNKNOWN
balance bank-a:usd 65.00 65.00
// It may be asked again, and a return answers it, be it of a part.
bank-a: #2 recall paid CUST                                             -> RECALLED
bank-b: return paid FOCR 10                                             -> SETTLED
bank-b: refuse_recall #2 LEGL                                           -> RECALL_UNKNOWN
bank-a: #3 recall paid CUST                                             -> RECALLED
bank-b: return paid FOCR                                                -> SETTLED
bank-a: recall paid CUST                                                -> ALREADY_RETURNED entry last
balance bank-a:usd 95.00 95.00
// Nobody answers: it ends by its time, in an entry of the node's.
operators: parameter recall_s 86400                                     -> APPLIED
bank-a: #4 recall other UPAY                                            -> RECALLED
later 1000
bank-b: #5 recall theirs UPAY                                           -> RECALLED
later 86398000
node
later 2000
node #4 RECALL_ENDED #5 RECALL_ENDED
bank-b: refuse_recall #4 NOAS                                           -> RECALL_UNKNOWN
bank-a: #6 recall other UPAY                                            -> RECALLED
later 86400000
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> SETTLED
node #6 RECALL_ENDED
";

/// A proof is good until so many subtrees have followed its own.
fn outdated() -> Run {
    let mut run = started();
    let mut table = String::from(
        "bank-a: pay bank-a:usd bank-b:usd USD 30 -> SETTLED\noriginal paid 1\noriginal kept 1\n",
    );
    let pay = "bank-a: pay bank-a:usd bank-c:usd USD 0.01 -> SETTLED\n";
    run.table(&table);
    table.clear();
    let name = ["paid", "kept"];
    let level = run.level(name[0]);
    let follow = (TREE_NODES_KEPT << level) - 1;
    for _ in 0..follow {
        table.push_str(pay);
    }
    writeln!(table, "bank-b: return paid AC04 1 -> SETTLED").unwrap();
    for _ in 0..1u64 << level {
        table.push_str(pay);
    }
    table.push_str(
        "bank-b: return kept AC04 1 -> PROOF_OUTDATED\n\
         refresh kept\n\
         bank-b: return kept AC04 1 -> SETTLED\n",
    );
    run.table(&table);
    run
}

fn ran(table: &str) -> Run {
    let mut run = started();
    run.table(table);
    run
}

/// The outcomes that these tables reach.
pub(super) fn reached() -> BTreeSet<Outcome> {
    let tables = [RETURNS, REFUNDS, PROOFS, ORDER, REVERSALS, RECALLS];
    let runs = tables.into_iter().map(ran).chain([outdated()]);
    runs.flat_map(|run| run.reached).collect()
}

#[test]
fn what_was_received_is_returned_once() {
    ran(RETURNS);
}

#[test]
fn legs_of_splits_and_mandates_are_returned_and_those_of_conversions_are_not() {
    ran(REFUNDS);
}

#[test]
fn an_original_is_proven_or_unknown() {
    ran(PROOFS);
}

#[test]
fn returns_are_refused_in_this_order() {
    ran(ORDER);
}

#[test]
fn operators_reverse_what_they_booked_by_two() {
    ran(REVERSALS);
}

#[test]
fn a_recall_is_answered_or_ends() {
    ran(RECALLS);
}

#[test]
fn a_proof_holds_until_too_many_subtrees_have_followed() {
    outdated();
}
