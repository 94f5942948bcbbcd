//! Foreign exchange as tables: rates, quotes, conversions, and every outcome.

mod ladders;
mod prefixes;

use std::collections::BTreeSet;
use std::fmt::Write;

use quittance::ledger::{
    Convert, ConvertAt, Execution, Fixed, Instruction, InstructionId, Outcome, Quote, RateName,
    SetProvider, SetRate, Time, WithdrawRate,
};
use quittance::limits::{PROVIDERS_MAX, RATE_LINES_MAX, RATES_IN_LINE_MAX};

use super::{Run, started};
use crate::ledger_world::MILLISECOND;
use ladders::{CONVERSIONS, LADDERS};

/// Reads an instruction about rates, quotes and conversions.
pub(super) fn instruction(
    id: InstructionId,
    words: &[&str],
    now: u64,
    hold: impl Fn(&str) -> Option<InstructionId>,
) -> Instruction {
    let value = |name: &str| words.iter().find_map(|word| word.strip_prefix(name));
    let after = |ms: &str| Time::from_nanos(now + ms.parse::<u64>().unwrap() * MILLISECOND);
    match words {
        ["provider", bank, active] => Instruction::SetProvider(SetProvider {
            id,
            participant: bank.parse().unwrap(),
            active: *active == "on",
        }),
        ["rate", base, quote, source, bid, ask, ..] => Instruction::SetRate(SetRate {
            id,
            base: base.parse().unwrap(),
            quote: quote.parse().unwrap(),
            source: source.parse().unwrap(),
            bid: bid.parse().unwrap(),
            ask: ask.parse().unwrap(),
            valid_from: value("from=").map(after),
            valid_to: after(value("to=").unwrap()),
            execute: value("via=").map(|via| {
                let [base, quote, max] = via.split(',').collect::<Vec<_>>()[..] else {
                    panic!("no execution {via}")
                };
                Execution {
                    base: base.parse().unwrap(),
                    quote: quote.parse().unwrap(),
                    max: max.parse().unwrap(),
                }
            }),
        }),
        ["end_rate", base, quote, source] => Instruction::WithdrawRate(WithdrawRate {
            id,
            base: base.parse().unwrap(),
            quote: quote.parse().unwrap(),
            source: source.parse().unwrap(),
        }),
        // quote bank-a bank-b:usd 10.00 bank-b:jpy bank-a:jpy 1500 until=MILLISECONDS
        ["quote", taker, receive, source, debit, credit, target, ..] => Instruction::Quote(Quote {
            id,
            taker: taker.parse().unwrap(),
            receive: receive.parse().unwrap(),
            source_amount: source.parse().unwrap(),
            debit: debit.parse().unwrap(),
            credit: credit.parse().unwrap(),
            target_amount: target.parse().unwrap(),
            expires_at: after(value("until=").unwrap()),
        }),
        // convert bank-a:usd bank-a:jpy pay 10.00 limit=1 at=bank-b/desk
        ["convert", debit, credit, fixed, amount, ..] => {
            let at = value("at=").unwrap();
            let at = match at.split_once('/') {
                Some((provider, source)) => ConvertAt::Rate(RateName {
                    provider: provider.parse().unwrap(),
                    source: source.parse().unwrap(),
                }),
                None => ConvertAt::Quote(hold(at).unwrap_or(id)),
            };
            let limit = value("limit=").unwrap();
            convert(id, [debit, credit, fixed, amount, limit], at)
        }
        other => panic!("no instruction {other:?}"),
    }
}

fn convert(
    id: InstructionId,
    [debit, credit, fixed, amount, limit]: [&str; 5],
    at: ConvertAt,
) -> Instruction {
    Instruction::Convert(Convert {
        id,
        debit: debit.parse().unwrap(),
        credit: credit.parse().unwrap(),
        fixed: match fixed {
            "pay" => Fixed::Source,
            _ => Fixed::Target,
        },
        amount: amount.parse().unwrap(),
        limit: limit.parse().unwrap(),
        at,
        end_to_end_id: None,
        remittance: None,
        debtor_name: None,
        creditor_name: None,
    })
}

/// Bank-b deals dollars and yen, of which it has 5000.
const DEALS: &str = "
operators: provider bank-b on                                           -> APPLIED
bank-b: #1 rate USD JPY desk 15025/100 15075/100 to=60000 via=bank-b:usd,bank-b:jpy,50.00 -> APPLIED
";

const AT_A_RATE: &str = "
// 10.01 * 150.25 = 1504.0025 yen: rounded down, against who converts.
bank-a: convert bank-a:usd bank-a:jpy pay 10.01 limit=1504 at=bank-b/desk -> SETTLED
balance bank-a:usd 89.99 89.99
balance bank-a:jpy 1504 1504
balance bank-b:usd 10.01 10.01
balance bank-b:jpy 3496 3496
// 1000 / 150.25 = 6.6555...: rounded up.
bank-a: convert bank-a:usd bank-a:jpy get 1000 limit=6.66 at=bank-b/desk -> SETTLED
balance bank-a:usd 83.33 83.33
balance bank-a:jpy 2504 2504
// The other way round, at the ask: 1000 / 150.75 = 6.6334...
bank-a: convert bank-a:jpy bank-a:usd pay 1000 limit=6.63 at=bank-b/desk -> SETTLED
balance bank-a:usd 89.96 89.96
// 1.00 * 150.75 = 150.75
bank-a: convert bank-a:jpy bank-a:usd get 1.00 limit=151 at=bank-b/desk  -> SETTLED
balance bank-a:usd 90.96 90.96
balance bank-a:jpy 1353 1353
// Whom it is paid to is free, as with a transfer; it is a payment in another asset.
bank-a: convert bank-a:jpy bank-c:usd pay 151 limit=0 at=bank-b/desk     -> SETTLED
balance bank-c:usd 1.00 1.00
// What it may cost is a limit, not a wish.
mark
bank-a: convert bank-a:usd bank-a:jpy pay 10.00 limit=1503 at=bank-b/desk -> AMOUNT_MISMATCH
bank-a: convert bank-a:usd bank-a:jpy get 1000 limit=6.65 at=bank-b/desk -> AMOUNT_MISMATCH
unchanged
// A provider may take what it offers.
bank-b: convert bank-b:usd bank-a:jpy pay 1.00 limit=0 at=bank-b/desk    -> SELF_TRANSFER leg 0
";

const SCALES: &str = "
operators: asset KWD fiat                                               -> APPLIED
operators {
  open bank-a:kwd bank-a settlement KWD                                 -> APPLIED
  open bank-b:kwd bank-b settlement KWD                                 -> APPLIED
  issue bank-a:kwd 10                                                   -> SETTLED
  issue bank-b:usd 50                                                   -> SETTLED
}
bank-b: rate KWD USD desk 325/100 330/100 to=60000 via=bank-b:kwd,bank-b:usd,50 -> APPLIED
bank-b: rate KWD JPY desk 48755/100 48755/100 to=60000 via=bank-b:kwd,bank-b:jpy,50 -> APPLIED
// Three places and two: 0.007 * 3.25 = 0.02275.
bank-a: convert bank-a:kwd bank-a:usd pay 0.007 limit=0.02 at=bank-b/desk -> SETTLED
balance bank-a:kwd 9.993 9.993
balance bank-a:usd 100.02 100.02
// 0.01 / 3.25 = 0.00307...
bank-a: convert bank-a:kwd bank-a:usd get 0.01 limit=0.004 at=bank-b/desk -> SETTLED
balance bank-a:kwd 9.989 9.989
// And back at the ask: 0.01 / 3.30 = 0.00303...
bank-a: convert bank-a:usd bank-a:kwd pay 0.01 limit=0.003 at=bank-b/desk -> SETTLED
balance bank-a:kwd 9.992 9.992
balance bank-a:usd 100.02 100.02
// Three places and none: 0.003 * 487.55 = 1.46265, and 1 / 487.55 = 0.00205...
bank-a: convert bank-a:kwd bank-a:jpy pay 0.003 limit=1 at=bank-b/desk   -> SETTLED
balance bank-a:jpy 1 1
bank-a: convert bank-a:jpy bank-a:kwd pay 1 limit=0.002 at=bank-b/desk   -> SETTLED
balance bank-a:kwd 9.991 9.991
bank-a: convert bank-a:kwd bank-a:jpy get 1 limit=0.003 at=bank-b/desk   -> SETTLED
balance bank-a:kwd 9.988 9.988
";

const FIRM: &str = "
bank-b: #2 quote bank-a bank-b:usd 20.00 bank-b:jpy bank-a:jpy 3010 until=5000 -> RESERVED
pending bank-b:jpy 3010 0
pending bank-a:jpy 0 3010
balance bank-b:jpy 5000 1990
// What is reserved for one is not there for another.
bank-b: pay bank-b:jpy bank-a:jpy JPY 2000                              -> INSUFFICIENT_FUNDS leg 0
bank-c/k1+bank-c/k2: convert bank-c:usd bank-a:jpy pay 20.00 limit=0 at=#2 -> QUOTE_UNKNOWN
bank-a: convert bank-a:usd bank-a:jpy pay 20.01 limit=0 at=#2            -> AMOUNT_MISMATCH
bank-a: convert bank-a:usd bank-a:jpy pay 20.00 limit=3011 at=#2         -> AMOUNT_MISMATCH
bank-a: capture #2                                                      -> HOLD_IS_QUOTE
bank-b: capture #2                                                      -> HOLD_IS_QUOTE
bank-a: convert bank-a:usd bank-a:jpy get 3010 limit=20.00 at=#2         -> SETTLED
balance bank-a:usd 80.00 80.00
balance bank-a:jpy 3010 3010
balance bank-b:usd 20.00 20.00
balance bank-b:jpy 1990 1990
pending bank-b:jpy 0 0
pending bank-a:jpy 0 0
// Once.
bank-a: convert bank-a:usd bank-a:jpy get 3010 limit=20.00 at=#2         -> QUOTE_USED entry last
bank-b: void #2                                                         -> HOLD_ALREADY_CAPTURED
// Withdrawn by who made it, declined by who is paid.
bank-b: #3 quote bank-a bank-b:usd 1 bank-b:jpy bank-a:jpy 150 until=5000 -> RESERVED
bank-b: void #3                                                         -> VOIDED
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=0 at=#3                -> QUOTE_WITHDRAWN entry last
bank-b: #4 quote bank-a bank-b:usd 1 bank-b:jpy bank-a:jpy 150 until=5000 -> RESERVED
bank-a: void #4                                                         -> VOIDED
// It ends by itself, in the log, before whatever comes at its time.
bank-b: #5 quote bank-a bank-b:usd 1 bank-b:jpy bank-a:jpy 150 until=5000 -> RESERVED
later 4998
bank-a: void #9                                                         -> HOLD_UNKNOWN
balance bank-b:jpy 1990 1840
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=0 at=#5                -> QUOTE_EXPIRED
balance bank-b:jpy 1990 1990
// For another payee than the taker; the taker pays from any account of that asset.
bank-a: open bank-a:till bank-a customer USD                            -> APPLIED
bank-a: pay bank-a:usd bank-a:till USD 5                                -> SETTLED
operators: open bank-c:jpy bank-c settlement JPY                        -> APPLIED
bank-b: #6 quote bank-a bank-b:usd 1 bank-b:jpy bank-c:jpy 150 until=5000 -> RESERVED
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=0 at=#6                -> QUOTE_DIFFERS
bank-a: convert bank-a:jpy bank-c:jpy pay 1 limit=0 at=#6                -> QUOTE_DIFFERS
bank-a: convert bank-a:till bank-c:jpy pay 1 limit=0 at=#6               -> SETTLED
balance bank-c:jpy 150 150
// A hold is no quote.
bank-a: #7 reserve bank-a:usd bank-b:usd USD 1                           -> RESERVED
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=0 at=#7                -> QUOTE_UNKNOWN
// Quotes that ended are forgotten when ids are.
later 3700000
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=0 at=#6                -> QUOTE_UNKNOWN
";

const RATES: &str = "
// Who states rates.
bank-a: rate USD JPY desk 1/1 1/1 to=1000                               -> QUORUM_NOT_MET
operators: provider bank-x on                                           -> PARTICIPANT_UNKNOWN
operators: provider operators on                                        -> PARTICIPANT_NOT_BANK
operators: provider auditor-1 on                                        -> PARTICIPANT_NOT_BANK
operators: provider bank-b on                                           -> NO_CHANGE
bank-b: provider bank-a on                                              -> QUORUM_NOT_MET
// The operators' are never executed: a rate of theirs has no accounts that could be.
operators: rate USD JPY ecb 151/1 151/1 to=60000                        -> APPLIED
operators: rate USD JPY ecb 151/1 151/1 to=60000 via=bank-b:usd,bank-b:jpy,1 -> NOT_OWNER
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=0 at=operators/ecb     -> RATE_INDICATIVE
bank-b: rate USD JPY desk 152/1 152/1 to=60000                          -> APPLIED
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=0 at=bank-b/desk       -> RATE_INDICATIVE
// The newest that is in force; one that is stated for later leaves the present one until then.
bank-b {
  rate USD JPY desk 100/1 100/1 to=60000 via=bank-b:usd,bank-b:jpy,50   -> APPLIED
  rate USD JPY desk 200/1 200/1 from=1000 to=3000 via=bank-b:usd,bank-b:jpy,50 -> APPLIED
}
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=100 at=bank-b/desk     -> SETTLED
balance bank-a:jpy 100 100
later 998
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=200 at=bank-b/desk     -> SETTLED
balance bank-a:jpy 300 300
// The one before does not come back.
later 2000
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=0 at=bank-b/desk       -> RATE_STALE
bank-b: rate USD JPY desk 1/1 1/1 from=500 to=1000 via=bank-b:usd,bank-b:jpy,50 -> APPLIED
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=0 at=bank-b/desk       -> RATE_GAP
later 500
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=1 at=bank-b/desk       -> SETTLED
// Withdrawn.
bank-b: end_rate USD JPY desk                                           -> APPLIED
bank-b: end_rate USD JPY desk                                           -> NO_CHANGE
bank-b: end_rate USD EUR desk                                           -> ASSET_UNKNOWN
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=0 at=bank-b/desk       -> RATE_GAP
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=0 at=bank-x/desk       -> RATE_GAP
// The pair as it stands goes before the pair turned round.
bank-b: rate JPY USD desk 1/100 1/50 to=9000 via=bank-b:jpy,bank-b:usd,5000 -> APPLIED
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=50 at=bank-b/desk      -> SETTLED
bank-b: rate USD JPY desk 70/1 70/1 to=9000 via=bank-b:usd,bank-b:jpy,50 -> APPLIED
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=70 at=bank-b/desk      -> SETTLED
// A provider that is none any more has no rates; its quotes are firm all the same.
bank-b: #5 quote bank-a bank-b:usd 1 bank-b:jpy bank-a:jpy 150 until=5000 -> RESERVED
operators: provider bank-b off                                          -> APPLIED
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=0 at=bank-b/desk       -> RATE_GAP
bank-b: rate USD JPY desk 1/1 1/1 to=1000                               -> QUORUM_NOT_MET
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=0 at=#5                -> SETTLED
operators: provider bank-b on                                           -> APPLIED
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=0 at=bank-b/desk       -> RATE_GAP
";

/// Runs tables one after the other, on banks of which one deals.
fn run(tables: &[&str]) -> Run {
    let mut run = started();
    run.table(DEALS);
    for table in tables {
        run.table(table);
    }
    run
}

fn ladders() -> Run {
    run(&[LADDERS, CONVERSIONS])
}

/// Outcomes that the tables of this page reach.
pub(super) fn reached() -> BTreeSet<Outcome> {
    let mut reached = BTreeSet::new();
    for tables in [&[AT_A_RATE][..], &[SCALES], &[FIRM], &[RATES]] {
        reached.extend(run(tables).reached);
    }
    reached.extend(ladders().reached);
    reached.extend(too_many().reached);
    reached
}

#[test]
fn conversions_at_a_rate_round_against_who_converts() {
    run(&[AT_A_RATE]);
    run(&[SCALES]);
}

#[test]
fn a_firm_quote_is_reserved_and_used_once() {
    run(&[FIRM]);
}

#[test]
fn conversions_ask_which_kinds_may_pay_which() {
    run(&["
bank-b: #2 quote bank-a bank-b:usd 10.00 bank-b:jpy bank-a:jpy 1500 until=60000 -> RESERVED
operators: posting settlement settlement no                              -> APPLIED
bank-a: convert bank-a:usd bank-a:jpy pay 10.00 limit=0 at=bank-b/desk   -> POSTING_NOT_ALLOWED leg 0
bank-b: quote bank-a bank-b:usd 1 bank-b:jpy bank-a:jpy 150 until=60000  -> POSTING_NOT_ALLOWED leg 0
// The first leg of a conversion at a quote is a payment of now; what is reserved stays so.
bank-a: convert bank-a:usd bank-a:jpy pay 10.00 limit=0 at=#2            -> POSTING_NOT_ALLOWED leg 0
operators: posting settlement settlement yes                             -> APPLIED
bank-a: convert bank-a:usd bank-a:jpy pay 10.00 limit=0 at=#2            -> SETTLED
balance bank-a:jpy 1500 1500
"]);
}

#[test]
fn rates_follow_each_other_in_time() {
    run(&[RATES]);
}

#[test]
fn refusals_of_conversions_stand_in_their_order() {
    ladders();
}

/// The bounds on how many there are.
fn too_many() -> Run {
    let mut run = run(&[]);
    let mut table = String::new();
    for n in 2..PROVIDERS_MAX + 2 {
        let outcome = if n <= PROVIDERS_MAX {
            "APPLIED"
        } else {
            "PROVIDERS_TOO_MANY"
        };
        writeln!(
            table,
            "operators: participant p-{n} bank 1 p-{n}/k1 -> APPLIED"
        )
        .unwrap();
        writeln!(table, "operators: provider p-{n} on -> {outcome}").unwrap();
    }
    table += "operators: provider p-2 off -> APPLIED\n";
    writeln!(
        table,
        "operators: provider p-{} on -> APPLIED",
        PROVIDERS_MAX + 1
    )
    .unwrap();
    // One line is there already.
    for n in 1..=RATE_LINES_MAX {
        let outcome = if n < RATE_LINES_MAX {
            "APPLIED"
        } else {
            "RATES_TOO_MANY"
        };
        writeln!(
            table,
            "bank-b: rate USD JPY s-{n} 1/1 1/1 to=90000 -> {outcome}"
        )
        .unwrap();
    }
    table += "bank-b: end_rate USD JPY s-1 -> APPLIED\n";
    table += "bank-b: rate USD JPY s-0 1/1 1/1 to=90000 -> APPLIED\n";
    // And one of this line is in force.
    for n in 1..=RATES_IN_LINE_MAX {
        let outcome = if n < RATES_IN_LINE_MAX {
            "APPLIED"
        } else {
            "RATES_TOO_MANY"
        };
        let from = n * 1_000;
        writeln!(
            table,
            "bank-b: rate USD JPY s-0 1/1 1/1 from={from} to=90000 -> {outcome}"
        )
        .unwrap();
    }
    // The operators have lines of their own.
    table += "operators: rate USD JPY ecb 1/1 1/1 to=1000 -> APPLIED\n";
    run.table(&table);
    run
}

#[test]
fn providers_and_rates_are_bounded() {
    too_many();
}

/// There were no quotes elsewhere, and the rate moved between asking and executing
/// (LEDGER, what users of other ledgers were hurt by, 18).
#[test]
fn pain_18_a_rate_that_moves_in_between_costs_nobody_more_than_the_limit() {
    run(&["
// Bank-a reads 150.25, and before it asks the rate moves.
bank-b: rate USD JPY desk 14900/100 15000/100 to=60000 via=bank-b:usd,bank-b:jpy,50.00 -> APPLIED
bank-a: convert bank-a:usd bank-a:jpy pay 10.00 limit=1500 at=bank-b/desk -> AMOUNT_MISMATCH
bank-a: convert bank-a:usd bank-a:jpy pay 10.00 limit=1490 at=bank-b/desk -> SETTLED
// With a quote nothing moves in between.
bank-b: #2 quote bank-a bank-b:usd 10.00 bank-b:jpy bank-a:jpy 1490 until=5000 -> RESERVED
bank-b: rate USD JPY desk 10000/100 15000/100 to=60000 via=bank-b:usd,bank-b:jpy,50.00 -> APPLIED
bank-a: convert bank-a:usd bank-a:jpy pay 10.00 limit=1490 at=#2         -> SETTLED
// Two who would use one quote, or the same inventory: one after the other.
bank-b: #3 quote bank-a bank-b:usd 10.00 bank-b:jpy bank-a:jpy 2000 until=5000 -> RESERVED
bank-a {
  convert bank-a:usd bank-a:jpy pay 10.00 limit=2000 at=#3               -> SETTLED
  convert bank-a:usd bank-a:jpy pay 10.00 limit=2000 at=#3               -> QUOTE_USED
  convert bank-a:usd bank-a:jpy pay 1.00 limit=0 at=bank-b/desk          -> INVENTORY_SHORT leg 1
}
"]);
}
