//! Splits and conditions, and which kinds of accounts may pay which.

use quittance::ledger::{Draft, LegKind, Step};

use super::super::words;
use super::ran;

const SHARES: &str = "
operators: open bank-a:fees bank-a settlement USD                       -> APPLIED
operators: open bank-b:two bank-b settlement USD                        -> APPLIED
// By ratios: the largest remainder first, of equal ones the earliest.
bank-a: split USD | bank-a:usd 10 | bank-b:usd /1, bank-c:usd /1, bank-a:fees /1 -> SETTLED
balance bank-b:usd 3.34 3.34
balance bank-c:usd 3.33 3.33
balance bank-a:fees 3.33 3.33
bank-a: split USD | bank-a:usd 0.05 | bank-b:usd /3, bank-c:usd /3, bank-a:fees /4 -> SETTLED
balance bank-b:usd 3.36 3.36
balance bank-c:usd 3.34 3.34
balance bank-a:fees 3.35 3.35
// Stated amounts come first, what is left goes by ratios or to the last.
bank-a: split USD | bank-a:usd 10 | bank-b:usd 1, bank-c:usd /1, bank-b:two 2, bank-a:fees /6 -> SETTLED
balance bank-b:usd 4.36 4.36
balance bank-c:usd 4.34 4.34
balance bank-b:two 2.00 2.00
balance bank-a:fees 9.35 9.35
bank-a: split USD | bank-a:usd 20 | bank-a:fees 0.25, bank-b:usd rest   -> SETTLED
balance bank-b:usd 24.11 24.11
// Several payers, in the order of both lists; all of them have signed.
bank-a+bank-b: split USD | bank-a:usd 5, bank-b:usd 4.11 | bank-c:usd 3, bank-b:two rest -> SETTLED
balance bank-c:usd 7.34 7.34
balance bank-b:two 8.11 8.11
balance bank-b:usd 20.00 20.00
bank-a: split USD | bank-a:usd 5, bank-b:usd 4.11 | bank-c:usd rest     -> NOT_OWNER leg 1
// Nothing else would add up.
bank-a: split USD | bank-a:usd 5 | bank-b:usd 4, bank-c:usd 0.99        -> UNBALANCED
bank-a: split USD | bank-a:usd 5 | bank-b:usd 4, bank-c:usd 1.01        -> UNBALANCED
bank-a: split USD | bank-a:usd 5 | bank-b:usd 5.01, bank-c:usd /1       -> UNBALANCED
bank-a: split USD | bank-a:usd 5 | bank-b:usd 4, bank-c:usd 1           -> SETTLED
// What is left may be nothing.
bank-a: split USD | bank-a:usd 5 | bank-b:usd 5, bank-c:usd rest        -> SETTLED
";

const SWEEPS: &str = "
operators: open bank-a:till bank-a settlement USD                       -> APPLIED
operators: open bank-a:safe bank-a settlement USD                       -> APPLIED
operators: issue bank-a:till 40                                         -> SETTLED
// As much as is there.
bank-a: split USD | bank-a:till all | bank-a:usd rest                   -> SETTLED
balance bank-a:till 0.00 0.00
balance bank-a:usd 140.00 140.00
// Nothing is no payment, unless nothing will do.
bank-a: split USD | bank-a:till all | bank-a:usd rest                   -> INSUFFICIENT_FUNDS leg 0
bank-a: split USD | bank-a:till all >=0 | bank-a:usd rest               -> SETTLED
bank-a: split USD | bank-a:till all >=0, bank-a:usd <=30 | bank-a:safe /1, bank-b:usd /2 -> SETTLED
balance bank-a:safe 10.00 10.00
balance bank-b:usd 20.00 20.00
bank-a: split USD | bank-a:safe <=30 | bank-a:usd rest                  -> SETTLED
balance bank-a:safe 0.00 0.00
bank-a: split USD | bank-a:usd <=1000 >=120.01 | bank-a:safe rest       -> INSUFFICIENT_FUNDS leg 0
bank-a: split USD | bank-a:usd <=1000 >=120 | bank-a:safe rest          -> SETTLED
balance bank-a:safe 120.00 120.00
// What is reserved, what must stay and what freezes keep is not available; a credit line is.
bank-a: reserve bank-a:safe bank-b:usd USD 20                           -> RESERVED
operators: limits bank-a:safe min=10                                    -> APPLIED
operators: freeze bank-a:safe case-1 amount 15                          -> APPLIED
bank-a: split USD | bank-a:safe all | bank-a:usd rest                   -> SETTLED
balance bank-a:safe 45.00 0.00
operators: limits bank-a:safe min=10 credit=7                           -> APPLIED
bank-a: split USD | bank-a:safe all | bank-a:usd rest                   -> SETTLED
balance bank-a:safe 38.00 0.00
// Nor is what something urgent waits for.
bank-a: pay bank-a:usd bank-b:usd USD 1000; queue priority=urgent       -> QUEUED
bank-a: split USD | bank-a:usd all | bank-a:till rest                   -> INSUFFICIENT_FUNDS leg 0
bank-a: split USD | bank-a:usd 1 | bank-a:till rest                     -> INSUFFICIENT_FUNDS leg 0
// A limit on one transfer is one on what a payer pays in all.
operators: limits bank-b:usd max=5                                      -> APPLIED
bank-b: split USD | bank-b:usd all | bank-a:till /1, bank-c:usd /1, bank-a:safe /4 -> LIMIT_PER_TRANSFER leg 0
bank-b: split USD | bank-b:usd <=5 | bank-a:till /1, bank-c:usd /4      -> SETTLED
balance bank-c:usd 4.00 4.00
// The operators' own accounts have no floor: what is on them is what they have.
operators: open operators:fees operators fee USD                        -> APPLIED
operators: split USD | operators:suspense.usd all | operators:fees rest -> INSUFFICIENT_FUNDS leg 0
operators: split USD | operators:suspense.usd 3 | operators:fees rest   -> SETTLED
operators: split USD | operators:fees all | operators:suspense.usd rest -> SETTLED
balance operators:suspense.usd 0.00 0.00
";

const ORDER: &str = "
operators: asset EUR fiat                                               -> APPLIED
operators {
  open bank-a:eur bank-a settlement EUR                                 -> APPLIED
  open bank-a:closed bank-a settlement USD                              -> APPLIED
  open bank-a:capped bank-a settlement USD                              -> APPLIED
  open bank-b:full bank-b settlement USD                                -> APPLIED
  close bank-a:closed                                                   -> APPLIED
  limits bank-a:capped max=5                                            -> APPLIED
  issue bank-b:full 792281625142643375935439400.00                      -> SETTLED
  status EUR retired                                                    -> APPLIED
}
mark
// Accounts and authority first, then the conditions, then whether it can be worked out.
ladder
bank-a: split FOO | bank-b:usd - | nowhere - | has:nowhere=0            -> ACCOUNT_UNKNOWN leg 1
bank-a: split FOO | bank-b:usd - | bank-a:usd - | has:nowhere=0         -> NOT_OWNER leg 0
end
bank-a: split FOO | bank-a:usd - | bank-b:usd - | has:nowhere=0         -> ACCOUNT_UNKNOWN entry 0
bank-a: split FOO | bank-a:usd - | bank-b:usd - | by=9 has:bank-b:usd=0 -> NOT_OWNER entry 1
bank-a: split FOO | bank-a:usd - | bank-b:usd - | has:bank-a:usd=0.001  -> PRECISION_EXCEEDED entry 0
bank-a: split FOO | bank-a:usd - | bank-b:usd - | has:bank-a:usd=100.01 -> PRECONDITION_FAILED entry 0
bank-a: split FOO | bank-a:usd - | bank-b:usd - | has:bank-a:usd=100    -> SPLIT_INVALID
ladder
bank-a: split FOO | bank-a:eur 0.000 | bank-a:eur rest                  -> ASSET_UNKNOWN
bank-a: split USD | bank-a:eur 0.000 | bank-a:eur rest                  -> ASSET_MISMATCH leg 0
bank-a: split EUR | bank-a:eur 0.000 | bank-a:eur rest                  -> ASSET_RETIRED
operators: status EUR suspended                                         -> APPLIED
end
ladder
bank-a: split EUR | bank-a:eur 0.000 | bank-a:eur rest                  -> ASSET_SUSPENDED
operators: split USD | operators:issuance.USD 0.000 | operators:issuance.USD rest -> SELF_TRANSFER leg 1
operators: split USD | operators:issuance.USD 0.000 | bank-a:closed rest -> POSTING_NOT_ALLOWED leg 0
bank-a: split USD | bank-a:closed 0.000 | bank-b:full rest              -> AMOUNT_ZERO leg 0
bank-a: split USD | bank-a:closed 1000.001 | bank-b:full rest           -> PRECISION_EXCEEDED leg 0
bank-a: split USD | bank-a:closed 79228162514264337593543950335 | bank-b:full rest -> AMOUNT_TOO_LARGE leg 0
bank-a: split USD | bank-a:closed 1000 | bank-b:full rest               -> ACCOUNT_CLOSED leg 0
bank-a: split USD | bank-a:capped 1000 | bank-b:full rest               -> LIMIT_PER_TRANSFER leg 0
bank-a: split USD | bank-a:usd 1000 | bank-b:full rest                  -> INSUFFICIENT_FUNDS leg 0
unchanged
operators: limits bank-a:usd credit=2000                                -> APPLIED
bank-a: split USD | bank-a:usd 1000 | bank-b:full rest                  -> AMOUNT_OVERFLOW leg 1
bank-a: split USD | bank-a:usd 50 | bank-b:full 49                      -> UNBALANCED
bank-a: split USD | bank-a:usd 50 | bank-b:full 50                      -> SETTLED
end
// The same of payees and of amounts beside the first.
bank-a: split USD | bank-a:usd 1 | operators:issuance.USD rest          -> POSTING_NOT_ALLOWED leg 1
bank-a: split USD | bank-a:usd 1 | bank-b:usd 0.00, bank-c:usd rest     -> AMOUNT_ZERO leg 1
bank-a: split USD | bank-a:usd <=0.001 | bank-b:usd rest                -> PRECISION_EXCEEDED leg 0
bank-a: split USD | bank-a:usd all >=0.001 | bank-b:usd rest            -> PRECISION_EXCEEDED leg 0
bank-a: split USD | bank-a:usd 1 | bank-a:closed rest                   -> ACCOUNT_CLOSED leg 1
bank-a: split USD | bank-a:usd 1 | bank-b:usd /1, bank-a:jpy /1         -> ASSET_MISMATCH leg 2
bank-a: split USD | bank-a:usd 1 | bank-b:usd /1, bank-b:usd /1         -> SELF_TRANSFER leg 2
bank-a: split USD | bank-a:usd 1, bank-a:usd 1 | bank-b:usd rest        -> SELF_TRANSFER leg 1
// No form, two forms, ratios beside a remainder, a remainder that is not the last, or two of them.
bank-a: split USD | bank-a:usd 1 all | bank-b:usd rest                  -> SPLIT_INVALID
bank-a: split USD | bank-a:usd 1 >=1 | bank-b:usd rest                  -> SPLIT_INVALID
bank-a: split USD | bank-a:usd <=1 all | bank-b:usd rest                -> SPLIT_INVALID
bank-a: split USD | bank-a:usd 1 | bank-b:usd 1 rest                    -> SPLIT_INVALID
bank-a: split USD | bank-a:usd 1 | bank-b:usd /0                        -> SPLIT_INVALID
bank-a: split USD | bank-a:usd 1 | bank-b:usd /1, bank-c:usd rest       -> SPLIT_INVALID
bank-a: split USD | bank-a:usd 1 | bank-b:usd rest, bank-c:usd 1        -> SPLIT_INVALID
bank-a: split USD | bank-a:usd 1 | bank-b:usd rest, bank-c:usd rest     -> SPLIT_INVALID
// Freezes, suspensions, and limits that are counted.
operators: freeze bank-b:usd case-1 no_credit                           -> APPLIED
bank-a: split USD | bank-a:usd 5000 | bank-b:usd rest                   -> ACCOUNT_FROZEN leg 1
operators: lift bank-b:usd case-1                                       -> APPLIED
operators: freeze bank-a:usd case-2 no_debit                            -> APPLIED
bank-a: split USD | bank-a:usd 5000 | bank-b:usd rest                   -> ACCOUNT_FROZEN leg 0
operators: lift bank-a:usd case-2                                       -> APPLIED
operators: suspend bank-a                                               -> APPLIED
bank-a: split USD | bank-a:usd 5000 | bank-b:usd rest                   -> PARTICIPANT_SUSPENDED leg 0
operators: resume bank-a                                                -> APPLIED
operators: limits bank-b:usd top=3                                      -> APPLIED
bank-a: split USD | bank-a:usd 8 | bank-c:usd /1, bank-b:usd /1         -> MAX_BALANCE leg 2
bank-a: split USD | bank-a:usd 6 | bank-c:usd /1, bank-b:usd /1         -> SETTLED
operators: limits bank-a:usd credit=2000 debit/60=5                     -> APPLIED
mark
bank-a: split USD | bank-a:usd 8 | bank-c:usd /1, bank-a:capped /1      -> LIMIT_VELOCITY leg 2
unchanged
bank-a: split USD | bank-a:usd 5 | bank-c:usd /1, bank-a:capped /1      -> SETTLED
bank-a: split USD | bank-a:usd 0.01 | bank-c:usd /1, bank-a:capped /1   -> LIMIT_VELOCITY leg 1
// A message that is all or nothing takes a split back as a whole.
operators: limits bank-a:usd                                            -> APPLIED
mark
bank-a atomic {
  split USD | bank-a:capped all | bank-c:usd rest                       -> MESSAGE_ABORTED
  split USD | bank-a:capped all | bank-c:usd rest                       -> INSUFFICIENT_FUNDS leg 0
}
unchanged
";

const CONDITIONS: &str = "
// Not after a time of the log.
bank-a: pay bank-a:usd bank-b:usd USD 1; by=0                           -> SETTLED
bank-a: pay bank-a:usd bank-b:usd USD 1; by=5000                        -> SETTLED
// So much is booked, before each instruction of a message.
bank-a {
  pay bank-a:usd bank-b:usd USD 40; has:bank-a:usd=98                   -> SETTLED
  pay bank-a:usd bank-b:usd USD 40; has:bank-a:usd=98                   -> PRECONDITION_FAILED entry 0
  pay bank-a:usd bank-b:usd USD 40; by=9 has:bank-a:usd=58 has:bank-a:usd=58.01 -> PRECONDITION_FAILED entry 2
}
balance bank-a:usd 58.00 58.00
// What is reserved is still booked.
bank-a: reserve bank-a:usd bank-b:usd USD 8                             -> RESERVED
bank-a: pay bank-a:usd bank-b:usd USD 1; has:bank-a:usd=58              -> SETTLED
// Nothing changed an account since, in this message neither.
bank-a: pay bank-a:usd bank-b:usd USD 1; since:bank-a:usd=0             -> PRECONDITION_FAILED entry 0
bank-a {
  pay bank-a:usd bank-b:usd USD 1; since:bank-a:usd=999999              -> SETTLED
  pay bank-a:usd bank-b:usd USD 1; since:bank-a:jpy=0                   -> SETTLED
}
// Only about accounts of who has signed; nobody else's balance is told.
bank-a: pay bank-a:usd bank-b:usd USD 1; has:bank-b:usd=0               -> NOT_OWNER entry 0
bank-a: pay bank-a:usd bank-b:usd USD 1; by=9 since:bank-b:usd=0        -> NOT_OWNER entry 1
bank-a+bank-b: pay bank-a:usd bank-b:usd USD 1; has:bank-b:usd=1        -> SETTLED
bank-a: pay bank-a:usd bank-b:usd USD 1; has:nowhere=0                  -> ACCOUNT_UNKNOWN entry 0
bank-a: pay bank-a:usd bank-b:usd USD 1; has:bank-a:usd=0.001           -> PRECISION_EXCEEDED entry 0
bank-a: pay bank-a:usd bank-b:usd USD 1; has:bank-a:usd=79228162514264337593543950335 -> AMOUNT_TOO_LARGE entry 0
// Authority comes first, everything else later.
bank-a: pay bank-b:usd bank-a:usd USD 0; has:bank-a:usd=1000            -> NOT_OWNER leg 0
bank-a: pay bank-a:usd bank-b:usd USD 0; has:bank-a:usd=1000            -> PRECONDITION_FAILED entry 0
bank-a: pay bank-a:usd bank-b:usd USD 0; has:bank-a:usd=0               -> AMOUNT_ZERO leg 0
bank-a: pay bank-a:usd bank-b:usd USD 1000; has:bank-a:usd=0            -> INSUFFICIENT_FUNDS leg 0
// With `check` and `queue` they are asked when the payment is accepted, and not again.
bank-a: #1 pay bank-a:usd bank-b:usd USD 100; queue by=5000 has:bank-a:usd=50 -> QUEUED
bank-a: pay bank-a:usd bank-b:usd USD 100; queue has:bank-a:usd=5000    -> PRECONDITION_FAILED entry 0
bank-a: pay bank-a:usd bank-b:usd USD 1; net has:bank-a:usd=5000        -> PRECONDITION_FAILED entry 0
bank-a: pay bank-a:usd bank-b:usd USD 20; net has:bank-a:usd=20         -> SETTLED
later 6000
operators: issue bank-a:usd 100                                         -> SETTLED
node #1 SETTLED
// A condition holds for a message that is all or nothing.
mark
bank-a atomic {
  pay bank-a:usd bank-b:usd USD 1                                       -> MESSAGE_ABORTED
  pay bank-a:usd bank-b:usd USD 1; since:bank-a:usd=0                   -> PRECONDITION_FAILED entry 0
}
unchanged
later 2000
bank-a: #2 pay bank-a:usd bank-b:usd USD 1; by=0                        -> SETTLED
";

const POSTINGS: &str = "
operators: open bank-a:alice bank-a customer USD                        -> APPLIED
bank-a: #1 reserve bank-a:usd bank-b:usd USD 10                         -> RESERVED
bank-a: #2 pay bank-a:usd bank-b:usd USD 200; queue                     -> QUEUED
ladder
bank-a: posting settlement netting yes                                  -> QUORUM_NOT_MET
operators: posting settlement netting yes                               -> ACCOUNT_KIND_NOT_ALLOWED
operators: posting settlement settlement yes                            -> NO_CHANGE
end
operators: posting issuance issuance no                                 -> ACCOUNT_KIND_NOT_ALLOWED
operators: posting settlement settlement no                             -> APPLIED
operators: posting settlement settlement no                             -> NO_CHANGE
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> POSTING_NOT_ALLOWED leg 0
bank-a: pay @2 @3 - 1u                                                  -> POSTING_NOT_ALLOWED leg 0
bank-a: pay bank-a:usd bank-b:usd USD 1; net                            -> POSTING_NOT_ALLOWED leg 0
bank-a: pay bank-a:usd bank-b:usd USD 1; has:bank-a:usd=0               -> POSTING_NOT_ALLOWED leg 0
bank-a: reserve bank-a:usd bank-b:usd USD 1                             -> POSTING_NOT_ALLOWED leg 0
bank-a: split USD | bank-a:usd 1 | bank-a:alice /1, bank-b:usd /1       -> POSTING_NOT_ALLOWED leg 2
// Other pairs go on, and so does what was accepted before.
bank-a: pay bank-a:usd bank-a:alice USD 1, bank-a:alice bank-b:usd USD 1 -> SETTLED
bank-a: pay bank-b:usd bank-a:alice USD 1                               -> NOT_OWNER leg 0
bank-b: capture #1                                                      -> SETTLED
operators: issue bank-a:usd 200                                         -> SETTLED
node #2 SETTLED
// Funds in and out are pairs with the issuance account.
operators: posting issuance customer no                                 -> APPLIED
operators: issue bank-a:alice 1                                         -> POSTING_NOT_ALLOWED
operators: issue bank-a:usd 1                                           -> SETTLED
operators: posting settlement issuance no                               -> APPLIED
operators+bank-a: redeem bank-a:usd 1                                   -> POSTING_NOT_ALLOWED
operators: posting settlement issuance yes                              -> APPLIED
operators+bank-a: redeem bank-a:usd 1                                   -> SETTLED
operators atomic {
  posting settlement settlement yes                                     -> MESSAGE_ABORTED
  posting settlement settlement yes                                     -> NO_CHANGE
}
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> POSTING_NOT_ALLOWED leg 0
operators: posting settlement settlement yes                            -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 1                                 -> SETTLED
";

pub(super) const TABLES: &[&str] = &[SHARES, SWEEPS, ORDER, CONDITIONS, POSTINGS];

#[test]
fn shares_are_exact() {
    ran(SHARES);
}

#[test]
fn sweeps_take_what_is_available() {
    ran(SWEEPS);
}

#[test]
fn splits_are_refused_in_order_of_precedence() {
    ran(ORDER);
}

#[test]
fn conditions_hold_or_nothing_happens() {
    ran(CONDITIONS);
}

#[test]
fn kinds_pay_kinds_as_the_operators_say() {
    ran(POSTINGS);
}

/// Sends what a line says; gives the drafts.
fn drafts(run: &mut super::Run, signers: &str, wish: &str) -> Vec<Draft> {
    let id = run.world.id();
    let wish = words::instruction(id, wish, run.world.now, |_| None);
    let message = run.world.message(signers, false, vec![wish]);
    match run.world.send(&message) {
        Step::Applied(applied) => applied.drafts,
        step => panic!("{step:?}"),
    }
}

/// An account has a version: the newest entry that changed it.
#[test]
fn an_account_changed_since_is_not_debited() {
    let mut run = ran("bank-a: pay bank-a:usd bank-b:usd USD 1 -> SETTLED");
    let address = "bank-a:usd".parse().unwrap();
    let last = run.world.book().account(&address).unwrap().last.unwrap();
    let wish = |index: u64| format!("pay bank-a:usd bank-b:usd USD 1; since:bank-a:usd={index}");
    run.table(&format!(
        "bank-a: {} -> PRECONDITION_FAILED entry 0
         bank-a: {} -> SETTLED
         bank-a: {} -> PRECONDITION_FAILED entry 0",
        wish(last.index - 1),
        wish(last.index),
        wish(last.index)
    ));
}

/// A part that rounds to nothing posts nothing and is told, to its payee too; nothing is minted and
/// nothing lost (LEDGER F15).
#[test]
fn a_part_of_nothing_is_told() {
    let mut run = ran("operators: limits bank-c:usd credit/60=-x1 -> APPLIED");
    let wish = "split USD | bank-a:usd 0.01 | bank-b:usd /1, bank-c:usd /1, bank-a:jpy /1";
    let refused = drafts(&mut run, "bank-a", wish);
    assert_eq!(refused.len(), 1);
    let wish = "split USD | bank-a:usd 0.01 | bank-b:usd /1, bank-c:usd /1";
    // As often as one likes: what is nothing counts in no limit.
    for _ in 0..2 {
        let made = drafts(&mut run, "bank-a", wish);
        let [
            Draft::Instruction(asked),
            Draft::Held(one),
            Draft::Held(none),
        ] = &made[..]
        else {
            panic!("{made:?}")
        };
        assert!(asked.json.contains("\"ratio\":1") && asked.outcome.code() == "SETTLED");
        assert_eq!((one.leg.amount, none.leg.amount), (1, 0));
        assert_eq!(
            (one.leg.kind, none.leg.kind),
            (LegKind::Split, LegKind::Split)
        );
        // It stands in the chains of both accounts, which it leaves as they were.
        let [payer, payee] = &none.leg.changes;
        assert_eq!(payer.counters, one.leg.changes[0].counters);
        assert_eq!(payer.previous.unwrap().item, 2);
        assert_eq!(payee.counters.credits_posted, 0);
    }
    run.table("balance bank-c:usd 0.00 0.00");
}

/// Many payers and many payees: each is in a leg, and there are at most one less than there are.
#[test]
fn many_pay_many() {
    let mut run = ran("operators: issue bank-b:usd 7 -> SETTLED");
    let wish = "split USD | bank-a:usd 5, bank-b:usd all | \
                bank-c:usd 2, operators:suspense.usd /1, bank-a:two rest";
    assert_eq!(drafts(&mut run, "bank-a+bank-b", wish).len(), 1);
    run.table("operators: open bank-a:two bank-a settlement USD -> APPLIED");
    let wish = "split USD | bank-a:usd 5, bank-b:usd all | \
                bank-c:usd 2, operators:suspense.usd 3, bank-a:two rest";
    let made = drafts(&mut run, "bank-a+bank-b", wish);
    let legs = made.iter().filter_map(Draft::leg);
    let legs: Vec<_> = legs
        .map(|leg| (leg.changes[0].account, leg.changes[1].account, leg.amount))
        .collect();
    let number = |address: &str| {
        let address = address.parse().unwrap();
        run.world.book().account(&address).unwrap().number
    };
    let (a, b) = (number("bank-a:usd"), number("bank-b:usd"));
    let (c, s, two) = (
        number("bank-c:usd"),
        number("operators:suspense.usd"),
        number("bank-a:two"),
    );
    assert_eq!(legs, [(a, c, 200), (a, s, 300), (b, two, 700)]);
}
