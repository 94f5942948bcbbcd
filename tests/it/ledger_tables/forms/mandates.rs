//! Mandates: who may debit an account of somebody else, and how much.

use std::fmt::Write;

use quittance::ledger::{Draft, LegKind, Step};
use quittance::limits::MANDATES_OF_ACCOUNT_MAX;

use super::super::words;
use super::{Run, ran};

const BOUNDS: &str = "
bank-b: pay bank-a:usd bank-b:usd USD 1                                 -> NOT_OWNER leg 0
bank-b: pay bank-a:usd bank-b:usd USD 1; under=#7                       -> MANDATE_UNKNOWN
bank-a: #7 grant bank-a:usd to=bank-b max=10 total=25                   -> APPLIED
// Without a word about it, nothing is debited.
bank-b: pay bank-a:usd bank-b:usd USD 1                                 -> NOT_OWNER leg 0
bank-b: pay bank-a:usd bank-b:usd USD 10.01; under=#7                   -> MANDATE_EXCEEDED leg 0
bank-b: pay bank-a:usd bank-b:usd USD 10; under=#7                      -> SETTLED
balance bank-a:usd 90.00 90.00
// All legs of a transfer count, and what is refused does not.
mark
bank-b: pay bank-a:usd bank-b:usd USD 10, bank-a:usd bank-b:usd USD 5.01; under=#7 -> MANDATE_EXCEEDED leg 1
unchanged
bank-b: pay bank-a:usd bank-b:usd USD 10, bank-a:usd bank-b:usd USD 4.99; under=#7 -> SETTLED
bank-b: pay bank-a:usd bank-b:usd USD 0.02; under=#7                    -> MANDATE_EXCEEDED leg 0
bank-b atomic {
  pay bank-a:usd bank-b:usd USD 0.01; under=#7                          -> MESSAGE_ABORTED
  pay bank-a:usd bank-b:usd USD 0.01; under=#7                          -> MANDATE_EXCEEDED leg 0
}
bank-b: pay bank-a:usd bank-b:usd USD 0.01; under=#7                    -> SETTLED
bank-b: pay bank-a:usd bank-b:usd USD 0.01; under=#7                    -> MANDATE_EXCEEDED leg 0
balance bank-b:usd 25.00 25.00
// It is for who has it, and for the account that it is on.
bank-a: #8 grant bank-a:usd to=bank-b total=50 only=bank-b:usd          -> APPLIED
bank-c/k1+bank-c/k2: pay bank-a:usd bank-c:usd USD 1; under=#8          -> MANDATE_UNKNOWN
bank-b: pay bank-b:usd bank-a:usd USD 1; under=#8                       -> MANDATE_UNKNOWN
bank-a+bank-b: pay bank-a:jpy bank-b:jpy JPY 1; under=#8                -> MANDATE_UNKNOWN
bank-b: pay bank-a:usd bank-c:usd USD 1; under=#8                       -> MANDATE_NOT_FOR_CREDITOR leg 0
bank-b: pay bank-a:usd bank-b:usd USD 1, bank-a:usd bank-c:usd USD 1; under=#8 -> MANDATE_NOT_FOR_CREDITOR leg 1
bank-b: pay bank-a:usd bank-b:usd USD 1, bank-b:usd bank-c:usd USD 1; under=#8 -> SETTLED
bank-b: pay bank-a:usd bank-b:usd USD 1, bank-c:usd bank-b:usd USD 1; under=#8 -> NOT_OWNER leg 1
bank-b: pay bank-a:usd bank-b:usd USD 1, bank-a:jpy bank-b:jpy JPY 1; under=#8 -> NOT_OWNER leg 1
// As one set, and not in the queue: who waits keeps its own money.
bank-b: pay bank-a:usd bank-b:usd USD 9, bank-b:usd bank-a:usd USD 9; net under=#8 -> SETTLED
bank-b: pay bank-a:usd bank-b:usd USD 40.01, bank-b:usd bank-a:usd USD 9; net under=#8 -> MANDATE_EXCEEDED leg 0
bank-b: pay bank-a:usd bank-b:usd USD 1; queue under=#8                 -> QUEUE_NOT_SENDERS
// The owner may sign as well; it counts all the same.
bank-a+bank-b: pay bank-a:usd bank-b:usd USD 40.01; under=#8            -> MANDATE_EXCEEDED leg 0
bank-a+bank-b: pay bank-a:usd bank-b:usd USD 39; under=#8               -> SETTLED
bank-b: pay bank-a:usd bank-b:usd USD 1.01; under=#8                    -> MANDATE_EXCEEDED leg 0
// Holds, splits and funds out take the owner's own signature.
bank-b: reserve bank-a:usd bank-b:usd USD 1                             -> NOT_OWNER leg 0
bank-b: split USD | bank-a:usd 1 | bank-b:usd rest                      -> NOT_OWNER leg 0
// At once, by the owner or by who has it; of others' nothing is told.
bank-c/k1+bank-c/k2: revoke_mandate #8                                  -> MANDATE_UNKNOWN
operators: revoke_mandate #8                                            -> MANDATE_UNKNOWN
bank-a {
  revoke_mandate #8                                                     -> APPLIED
  revoke_mandate #8                                                     -> MANDATE_UNKNOWN
}
bank-b: pay bank-a:usd bank-b:usd USD 1; under=#8                       -> MANDATE_UNKNOWN
bank-b: revoke_mandate #7                                               -> APPLIED
";

const TIMES: &str = "
operators: issue bank-a:usd 900                                         -> SETTLED
bank-a {
  #1 grant bank-a:usd to=bank-b day=10                                  -> APPLIED
  #2 grant bank-a:usd to=bank-b month=10                                -> APPLIED
  #3 grant bank-a:usd to=bank-b every=60:10                             -> APPLIED
  #4 grant bank-a:usd to=bank-b total=10 for=60000                      -> APPLIED
}
bank-b {
  pay bank-a:usd bank-b:usd USD 10; under=#1                            -> SETTLED
  pay bank-a:usd bank-b:usd USD 0.01; under=#1                          -> MANDATE_EXCEEDED leg 0
  pay bank-a:usd bank-b:usd USD 4; under=#2                             -> SETTLED
  pay bank-a:usd bank-b:usd USD 6.01; under=#2                          -> MANDATE_EXCEEDED leg 0
  pay bank-a:usd bank-b:usd USD 10; under=#3                            -> SETTLED
  pay bank-a:usd bank-b:usd USD 4; under=#4                             -> SETTLED
}
later 60000
bank-b: pay bank-a:usd bank-b:usd USD 0.01; under=#4                    -> MANDATE_EXPIRED
bank-b: pay bank-a:usd bank-b:usd USD 10; under=#3                      -> SETTLED
bank-b: pay bank-a:usd bank-b:usd USD 0.01; under=#3                    -> MANDATE_EXCEEDED leg 0
bank-b: pay bank-a:usd bank-b:usd USD 0.01; under=#1                    -> MANDATE_EXCEEDED leg 0
// The next day, UTC, and not the next month.
later 86400000
bank-b: pay bank-a:usd bank-b:usd USD 10; under=#1                      -> SETTLED
bank-b: pay bank-a:usd bank-b:usd USD 6; under=#2                       -> SETTLED
bank-b: pay bank-a:usd bank-b:usd USD 0.01; under=#2                    -> MANDATE_EXCEEDED leg 0
// The next month.
later 604800000
bank-b: pay bank-a:usd bank-b:usd USD 10; under=#2                      -> SETTLED
// One whose time is over is known until its account grants another.
bank-b: pay bank-a:usd bank-b:usd USD 0.01; under=#4                    -> MANDATE_EXPIRED
bank-a: grant bank-a:jpy to=bank-b total=1                              -> APPLIED
bank-b: pay bank-a:usd bank-b:usd USD 0.01; under=#4                    -> MANDATE_EXPIRED
bank-a: grant bank-a:usd to=bank-b total=1                              -> APPLIED
bank-b: pay bank-a:usd bank-b:usd USD 0.01; under=#4                    -> MANDATE_UNKNOWN
bank-b: pay bank-a:usd bank-b:usd USD 10; under=#1                      -> SETTLED
";

/// Who has a mandate learns no more of the account than what a refusal of any debit must tell.
const TOLD: &str = "
operators: open bank-a:small bank-a settlement USD                      -> APPLIED
operators: issue bank-a:small 50                                        -> SETTLED
operators: limits bank-a:small max=5 debit/60=8                         -> APPLIED
bank-a: #1 grant bank-a:small to=bank-b total=1000                      -> APPLIED
bank-b: pay bank-a:small bank-b:usd USD 51; under=#1                    -> INSUFFICIENT_FUNDS leg 0
bank-b: pay bank-a:small bank-b:usd USD 5.01; under=#1                  -> INSUFFICIENT_FUNDS leg 0
bank-a+bank-b: pay bank-a:small bank-b:usd USD 5.01; under=#1           -> LIMIT_PER_TRANSFER leg 0
bank-b: pay bank-a:small bank-b:usd USD 5.01; net under=#1              -> INSUFFICIENT_FUNDS leg 0
bank-b: pay bank-a:small bank-b:usd USD 5; under=#1                     -> SETTLED
bank-b: pay bank-a:small bank-b:usd USD 3.01; under=#1                  -> INSUFFICIENT_FUNDS leg 0
bank-b+operators: pay bank-a:small bank-b:usd USD 3.01; under=#1        -> LIMIT_VELOCITY leg 0
operators: suspend bank-a                                               -> APPLIED
bank-b: pay bank-a:small bank-b:usd USD 1; under=#1                     -> INSUFFICIENT_FUNDS leg 0
bank-a+bank-b: pay bank-a:small bank-b:usd USD 1; under=#1              -> PARTICIPANT_SUSPENDED leg 0
operators: resume bank-a                                                -> APPLIED
operators: freeze bank-a:small case-1 no_debit                          -> APPLIED
bank-b: pay bank-a:small bank-b:usd USD 1; under=#1                     -> ACCOUNT_FROZEN leg 0
operators: lift bank-a:small case-1                                     -> APPLIED
// Nor by conditions, nor by what is available.
bank-b: pay bank-a:small bank-b:usd USD 1; under=#1 has:bank-a:small=0  -> NOT_OWNER entry 0
bank-b: pay bank-a:small bank-b:usd USD 1; under=#1 by=5000 has:bank-b:usd=5 -> SETTLED
";

const LADDER: &str = "
operators: open bank-a:closed bank-a settlement USD                     -> APPLIED
operators: close bank-a:closed                                          -> APPLIED
bank-a: #5 grant bank-a:usd to=bank-b max=1                             -> APPLIED
ladder
bank-b: #5 grant nowhere to=bank-x max=0.000 for=0 only=nowhere         -> ACCOUNT_UNKNOWN
bank-b: grant bank-a:closed to=bank-x max=0.000 for=0 only=bank-a:jpy   -> NOT_OWNER
bank-a: grant bank-a:closed to=bank-x max=0.000 for=0 only=bank-a:jpy   -> ASSET_MISMATCH
bank-a: grant bank-a:closed to=bank-x max=0.000 for=0                   -> AMOUNT_ZERO
bank-a: grant bank-a:closed to=bank-x max=0.001 for=0                   -> PRECISION_EXCEEDED
bank-a: grant bank-a:closed to=bank-x max=79228162514264337593543950335 for=0 -> AMOUNT_TOO_LARGE
bank-a: grant bank-a:closed to=bank-x max=1 for=0                       -> ACCOUNT_CLOSED
bank-a: grant bank-a:usd to=bank-x max=1 for=0                          -> EXPIRY_INVALID
bank-a: grant bank-a:usd to=bank-x max=1                                -> PARTICIPANT_UNKNOWN
operators: grant operators:suspense.usd to=operators max=1              -> ACCOUNT_KIND_NOT_ALLOWED
bank-a: grant bank-a:usd to=bank-a max=1                                -> MANDATE_INVALID
end
bank-a: grant bank-a:usd to=auditor-1 max=1                             -> MANDATE_INVALID
bank-a: grant bank-a:usd to=bank-b                                      -> MANDATE_INVALID
bank-a: grant bank-a:usd to=bank-b total=1 day=                         -> MANDATE_INVALID
bank-a: grant bank-a:usd to=bank-b total=1 most=1                       -> MANDATE_INVALID
bank-a: grant bank-a:usd to=bank-b every=0:1                            -> MANDATE_INVALID
bank-a: grant bank-a:usd to=bank-b every=31622401:1                     -> MANDATE_INVALID
bank-a: grant bank-a:usd to=bank-b every=31622400:1                     -> APPLIED
bank-a: grant bank-a:usd to=bank-b max=1 only=                          -> MANDATE_INVALID
bank-a: grant bank-a:usd to=bank-b max=1 only=nowhere                   -> ACCOUNT_UNKNOWN
bank-a: grant bank-a:usd to=operators max=1                             -> APPLIED
// An id names one mandate, whoever uses it.
bank-c/k1+bank-c/k2+bank-a: #5 grant bank-a:usd to=bank-b max=1         -> MANDATE_EXISTS
bank-a: revoke_mandate #5                                               -> APPLIED
";

pub(super) const TABLES: &[&str] = &[BOUNDS, TIMES, TOLD, LADDER];

/// As many mandates on one account as may be, and one more.
pub(super) fn too_many() -> Run {
    let mut table = String::from("bank-a: #1 grant bank-a:usd to=bank-b max=1 -> APPLIED\n");
    for n in 2..=MANDATES_OF_ACCOUNT_MAX {
        // One of them for a minute only.
        let term = if n == 2 { "for=60000" } else { "" };
        let to = if n % 2 == 0 { "bank-b" } else { "bank-c" };
        writeln!(
            table,
            "bank-a: grant bank-a:usd to={to} max=1 {term} -> APPLIED"
        )
        .unwrap();
    }
    table.push_str(
        "bank-a: grant bank-a:usd to=bank-b max=1                -> MANDATES_TOO_MANY\n\
         bank-a: grant bank-a:jpy to=bank-b max=1                -> APPLIED\n\
         bank-a: revoke_mandate #1                               -> APPLIED\n\
         bank-a: grant bank-a:usd to=bank-b max=1                -> APPLIED\n\
         bank-a: grant bank-a:usd to=bank-b max=1                -> MANDATES_TOO_MANY\n\
         later 60000\n\
         bank-a: grant bank-a:usd to=bank-b max=1                -> APPLIED\n\
         bank-a: grant bank-a:usd to=bank-b max=1                -> MANDATES_TOO_MANY\n",
    );
    ran(&table)
}

#[test]
fn debits_stay_within_their_mandate() {
    ran(BOUNDS);
}

#[test]
fn mandates_are_counted_by_the_calendar_and_end() {
    ran(TIMES);
}

#[test]
fn a_mandate_tells_nothing_of_limits() {
    ran(TOLD);
}

#[test]
fn mandates_are_granted_in_order_of_precedence() {
    ran(LADDER);
    too_many();
}

/// The item of the debited owner says under which mandate: whoever signed for it never (LEDGER F05: a
/// third party cannot pull money).
#[test]
fn a_debit_under_a_mandate_says_so() {
    let mut run = ran("bank-a: #1 grant bank-a:usd to=bank-b total=9 -> APPLIED");
    let mandate = run.world.book().mandates_after(None).next().unwrap().id;
    let id = run.world.id();
    let wish = "pay bank-a:usd bank-b:usd USD 2, bank-b:usd bank-c:usd USD 1; under=#1";
    let wish = words::instruction(id, wish, run.world.now, |_| Some(mandate));
    let message = run.world.message("bank-b", false, vec![wish]);
    let Step::Applied(applied) = run.world.send(&message) else {
        panic!("refused")
    };
    let legs = applied.drafts.iter().filter_map(|draft| {
        let leg = draft.leg()?;
        Some((leg.kind, draft.mandate(), draft.of_hold()))
    });
    let told = [
        (LegKind::Mandated, Some(mandate), None),
        (LegKind::Transfer, None, None),
    ];
    assert_eq!(legs.collect::<Vec<_>>(), told);
    assert!(matches!(&applied.drafts[0], Draft::Instruction(i) if i.json.contains("\"mandate\":")));
    let mandate = run.world.book().mandate(mandate).unwrap();
    assert_eq!((mandate.used.total, mandate.used.debits), (200, 1));
}
