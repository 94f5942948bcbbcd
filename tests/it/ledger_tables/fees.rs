//! Fees as tables: schedules, what is due on every kind of leg, and every outcome.

mod monthly;
mod tables;

use std::collections::BTreeSet;
use std::fmt::Write;

use quittance::ledger::{
    Batch, BatchTransfer, Draft, FeeBasis, FeePeriod, FeeRule, FeeTax, FeeTier, Instruction,
    InstructionId, LegKind, Outcome, PeriodicFee, SetFees, Step, outcomes,
};
use quittance::limits::{FEE_RULES_MAX, FEE_TIERS_MAX, FEE_VERSIONS_KEPT};

use super::words::json;
use super::{Run, started};
use crate::ledger_world::{MILLISECOND, batch_message};
use tables::{
    ACCOUNTS, BASES, CAPTURES, FREE, FUNDS, LADDERS, PAYERS, RULES, SETS, UNSOUND, WAITS,
};

/// Reads `fees USD operators:fee tax=operators:tax/2000 (bps=25 by=debtor) (flat=1 by=creditor)`: in
/// brackets rules, with `debit=` and `credit=` kinds, `from=` and `to=` participants, `min=`, `max=`,
/// and for a basis `none`, `flat=`, `bps=` or `tiers=UP_TO:FLAT:BPS/...`. A `-` is left out. Behind them,
/// in square brackets, what is due for a month: `[kind=customer owner=bank-a flat=1]`.
pub(super) fn instruction(id: InstructionId, wish: &str) -> Instruction {
    let (wish, periodic) = wish.split_once('[').unwrap_or((wish, ""));
    let (head, rules) = wish.split_once('(').unwrap_or((wish, ""));
    let ["fees", asset, account, rest @ ..] = &head.split_whitespace().collect::<Vec<_>>()[..]
    else {
        panic!("no fees {wish}")
    };
    let tax = rest.iter().find_map(|word| word.strip_prefix("tax="));
    Instruction::SetFees(SetFees {
        id,
        asset: asset.parse().unwrap(),
        account: (*account != "-").then(|| account.parse().unwrap()),
        tax: tax.map(|tax| {
            let (account, bps) = tax.split_once('/').unwrap();
            FeeTax {
                account: account.parse().unwrap(),
                bps: bps.parse().unwrap(),
            }
        }),
        rules: rules
            .split('(')
            .map(|rule| rule.trim().trim_end_matches(')'))
            .filter(|rule| !rule.is_empty())
            .map(rule)
            .collect(),
        periodic: (!periodic.is_empty()).then(|| periodic.split('[').map(by_period).collect()),
    })
}

fn by_period(text: &str) -> PeriodicFee {
    let text = text.trim().trim_end_matches(']');
    let value = |name: &str| text.split_whitespace().find_map(|w| w.strip_prefix(name));
    PeriodicFee {
        account_kind: value("kind=").map(json),
        account_owner: value("owner=").map(|id| id.parse().unwrap()),
        period: FeePeriod::Month,
        flat: value("flat=").unwrap().parse().unwrap(),
    }
}

fn rule(text: &str) -> FeeRule {
    let value = |name: &str| text.split_whitespace().find_map(|w| w.strip_prefix(name));
    let basis = if let Some(flat) = value("flat=") {
        FeeBasis::Flat(flat.parse().unwrap())
    } else if let Some(bps) = value("bps=") {
        FeeBasis::Bps(bps.parse().unwrap())
    } else if let Some(tiers) = value("tiers=") {
        FeeBasis::Tiered(
            tiers
                .split('/')
                .filter(|t| !t.is_empty())
                .map(tier)
                .collect(),
        )
    } else {
        FeeBasis::None
    };
    FeeRule {
        debit_kind: value("debit=").map(json),
        credit_kind: value("credit=").map(json),
        debit_owner: value("from=").map(|id| id.parse().unwrap()),
        credit_owner: value("to=").map(|id| id.parse().unwrap()),
        basis,
        min: value("min=").map(|min| min.parse().unwrap()),
        max: value("max=").map(|max| max.parse().unwrap()),
        payer: value("by=").map(json),
    }
}

fn tier(text: &str) -> FeeTier {
    let [up_to, flat, bps] = text.split(':').collect::<Vec<_>>()[..] else {
        panic!("no tier {text}")
    };
    let stated = |word: &str| (word != "-").then(|| word.to_owned());
    FeeTier {
        up_to: stated(up_to).map(|most| most.parse().unwrap()),
        flat: stated(flat).map(|flat| flat.parse().unwrap()),
        bps: stated(bps).map(|bps| bps.parse().unwrap()),
    }
}

fn charged() -> Run {
    let mut run = started();
    run.table(ACCOUNTS);
    run
}

pub(super) fn reached() -> BTreeSet<Outcome> {
    let mut reached = BTreeSet::new();
    for table in [FUNDS, LADDERS] {
        let mut run = charged();
        run.table(table);
        reached.extend(run.reached);
    }
    reached.extend(batches());
    reached.extend(monthly::reached());
    reached
}

#[test]
fn whoever_the_rule_names_pays() {
    charged().table(PAYERS);
}

#[test]
fn a_fee_follows_from_the_amount_by_its_basis() {
    charged().table(BASES);
}

#[test]
fn the_first_rule_for_a_pair_decides() {
    charged().table(RULES);
}

#[test]
fn nothing_but_transfers_and_captures_is_charged() {
    charged().table(FREE);
}

#[test]
fn whoever_pays_affords_leg_and_fee() {
    charged().table(FUNDS);
}

#[test]
fn sets_mandates_and_proposals_are_charged() {
    charged().table(SETS);
}

#[test]
fn the_payee_of_a_capture_pays() {
    charged().table(CAPTURES);
}

#[test]
fn what_waits_is_covered_with_its_fee() {
    charged().table(WAITS);
}

#[test]
fn a_schedule_is_refused_when_it_is_set() {
    charged().table(LADDERS);
    let mut table = String::new();
    // So that to end a schedule is a change.
    writeln!(
        table,
        "operators: fees USD operators:fee (flat=1 by=debtor) -> APPLIED"
    )
    .unwrap();
    for wish in UNSOUND {
        writeln!(table, "operators: {wish} -> FEES_INVALID").unwrap();
    }
    let many = |count: usize, one: &str| one.repeat(count);
    for (count, outcome) in [
        (FEE_RULES_MAX, "APPLIED"),
        (FEE_RULES_MAX + 1, "FEES_INVALID"),
    ] {
        let rules = many(count, "(flat=1 by=debtor) ");
        writeln!(
            table,
            "operators: fees USD operators:fee {rules} -> {outcome}"
        )
        .unwrap();
    }
    for (count, outcome) in [
        (FEE_TIERS_MAX, "APPLIED"),
        (FEE_TIERS_MAX + 1, "FEES_INVALID"),
    ] {
        let mut tiers = String::new();
        for n in 1..count {
            write!(tiers, "{n}:1:1/").unwrap();
        }
        writeln!(
            table,
            "operators: fees USD operators:fee (tiers={tiers}-:1:1 by=debtor) -> {outcome}"
        )
        .unwrap();
    }
    charged().table(&table);
}

#[test]
fn so_many_versions_are_remembered_and_all_are_numbered() {
    let mut run = charged();
    for n in 1..=FEE_VERSIONS_KEPT + 3 {
        run.table(&format!(
            "operators: fees USD operators:fee (flat={n} by=debtor) -> APPLIED entry {n}"
        ));
    }
    let fees = run.world.book().fees();
    let asset = run
        .world
        .book()
        .asset(&"USD".parse().unwrap())
        .unwrap()
        .number;
    let numbers: Vec<u64> = fees.versions(asset).iter().map(|v| v.number).collect();
    let last = FEE_VERSIONS_KEPT as u64 + 3;
    assert_eq!(numbers, (4..=last).collect::<Vec<_>>());
    assert_eq!(fees.in_force(asset).unwrap().number, last);
}

/// Legs of an entry: kind, leg number, amount.
fn legs(step: &Step) -> Vec<(LegKind, u16, u128)> {
    let Step::Applied(applied) = step else {
        panic!("{step:?}")
    };
    let legs = applied.drafts.iter().filter_map(Draft::leg);
    legs.map(|leg| (leg.kind, leg.leg, leg.amount)).collect()
}

#[test]
fn fees_stand_behind_what_they_are_due_on_and_nothing_is_recorded_too() {
    let mut run = charged();
    run.table("operators: fees USD operators:fee tax=operators:tax/2500 (to=bank-b bps=10 by=shared) -> APPLIED");
    let wish = run.instruction("pay bank-a:usd bank-b:usd USD 20.00, bank-a:usd bank-c:usd USD 1, bank-a:usd bank-b:usd USD 1");
    let message = run.world.message("bank-a", false, vec![wish]);
    let step = run.world.send(&message);
    let (transfer, fee, tax) = (LegKind::Transfer, LegKind::Fee, LegKind::FeeTax);
    let expected = [
        (transfer, 0, 2_000),
        (fee, 0, 1),
        (tax, 0, 0),
        (fee, 0, 1),
        (tax, 0, 0),
        (transfer, 1, 100),
        // 0.1 % of 1.00 is a tenth of a cent: nothing, and that is told.
        (transfer, 2, 100),
        (fee, 2, 0),
        (tax, 2, 0),
        (fee, 2, 0),
        (tax, 2, 0),
    ];
    assert_eq!(legs(&step), expected);
    let Step::Applied(applied) = &step else {
        unreachable!()
    };
    let rows = outcomes(&applied.drafts);
    assert_eq!(rows.len(), 1, "a fee is no outcome");
    assert_eq!(quittance::ledger::tally(&applied.drafts), (1, 0));
}

/// Records between accounts that are charged are refused, and others settle.
fn batches() -> BTreeSet<Outcome> {
    let mut run = charged();
    run.table("operators: fees USD operators:fee (to=bank-b flat=1 by=debtor) -> APPLIED");
    let number = |address: &str| {
        let account = run.world.book().account(&address.parse().unwrap());
        account.unwrap().number
    };
    let record = |credit: &str, amount| BatchTransfer {
        debit: number("bank-a:usd"),
        credit: number(credit),
        amount,
        reference: None,
    };
    let transfers = vec![
        record("bank-b:usd", 100),
        record("bank-c:usd", 100),
        record("bank-b:usd", 1_000_000),
    ];
    let mut reached = BTreeSet::new();
    for atomic in [false, true] {
        let first_id =
            InstructionId::from_parts(run.world.now / MILLISECOND, 1 + u128::from(atomic) * 8);
        let batch = Batch {
            first_id,
            transfers: transfers.clone(),
        };
        let (id, now) = (format!("fees-{atomic}"), run.world.now);
        let step = run
            .world
            .send(&batch_message("bank-a", &id, now, atomic, batch));
        let Step::Applied(applied) = step else {
            panic!("{step:?}")
        };
        let rows = outcomes(&applied.drafts);
        let found: Vec<Outcome> = rows.iter().map(|row| row.outcome).collect();
        let (taken, other) = match atomic {
            true => (Outcome::MessageAborted, Outcome::MessageAborted),
            false => (Outcome::Settled, Outcome::InsufficientFunds),
        };
        assert_eq!(found, [Outcome::FeeNotInBatch, taken, other]);
        reached.extend(found);
    }
    reached
}

#[test]
fn a_batch_takes_no_fee() {
    assert!(batches().contains(&Outcome::FeeNotInBatch));
}
