//! Splits, conditions, mandates and the posting matrix as tables: what is worked out, who may, and
//! every outcome.

mod mandates;
mod splits;

use std::collections::BTreeSet;

use quittance::ledger::{
    AccountRef, Condition, GrantMandate, Instruction, InstructionId, MandatePeriod, Outcome, Payee,
    Payer, RevokeMandate, SetPosting, Split, Time,
};

use super::{Run, started};
use crate::ledger_world::MILLISECOND;

/// Reads an instruction: `split USD | PAYERS | PAYEES | CONDITIONS`, `grant`, `revoke_mandate`,
/// `posting`.
pub(super) fn instruction(
    id: InstructionId,
    wish: &str,
    now: u64,
    named: impl Fn(&str) -> Option<InstructionId>,
) -> Instruction {
    let words: Vec<&str> = wish.split_whitespace().collect();
    match words.as_slice() {
        ["split", ..] => split(id, wish.strip_prefix("split ").unwrap(), now),
        ["grant", account, rest @ ..] => grant(id, account, rest, now),
        ["revoke_mandate", of] => Instruction::RevokeMandate(RevokeMandate {
            id,
            mandate: named(of).unwrap_or(id),
        }),
        ["posting", debit, credit, allowed] => Instruction::SetPosting(SetPosting {
            id,
            debit: super::words::json(debit),
            credit: super::words::json(credit),
            allowed: *allowed == "yes",
        }),
        other => panic!("no instruction {other:?}"),
    }
}

fn account(word: &str) -> AccountRef {
    AccountRef::Address(word.parse().unwrap())
}

/// Payers are `ACCOUNT 5`, `ACCOUNT <=5`, `ACCOUNT all`, the last two perhaps with `>=1`; payees
/// `ACCOUNT 5`, `ACCOUNT /2`, `ACCOUNT rest`. `-` is no form at all, and two are two.
fn split(id: InstructionId, text: &str, now: u64) -> Instruction {
    let parts: Vec<&str> = text.split('|').map(str::trim).collect();
    let [asset, payers, payees, rest @ ..] = parts.as_slice() else {
        panic!("no split {text}")
    };
    let payer = |text: &str| {
        let words: Vec<&str> = text.split_whitespace().collect();
        let value = |name| words.iter().find_map(|word| word.strip_prefix(name));
        let plain = words
            .iter()
            .skip(1)
            .find(|word| word.parse::<f64>().is_ok());
        Payer {
            account: account(words[0]),
            amount: plain.map(|word| word.parse().unwrap()),
            up_to: value("<=").map(|word| word.parse().unwrap()),
            all_available: words.contains(&"all").then_some(true),
            at_least: value(">=").map(|word| word.parse().unwrap()),
        }
    };
    let payee = |text: &str| {
        let words: Vec<&str> = text.split_whitespace().collect();
        let plain = words
            .iter()
            .skip(1)
            .find(|word| word.parse::<f64>().is_ok());
        let ratio = words.iter().find_map(|word| word.strip_prefix('/'));
        Payee {
            account: account(words[0]),
            amount: plain.map(|word| word.parse().unwrap()),
            ratio: ratio.map(|word| word.parse().unwrap()),
            remainder: words.contains(&"rest").then_some(true),
        }
    };
    Instruction::Split(Split {
        id,
        asset: asset.parse().unwrap(),
        payers: payers.split(',').map(str::trim).map(payer).collect(),
        payees: payees.split(',').map(str::trim).map(payee).collect(),
        conditions: rest.first().and_then(|text| conditions(text, now)),
        end_to_end_id: None,
        remittance: None,
        debtor_name: None,
        creditor_name: None,
    })
}

/// Conditions `by=MILLISECONDS`, `has:ACCOUNT=5`, `since:ACCOUNT=INDEX`.
pub(super) fn conditions(text: &str, now: u64) -> Option<Vec<Condition>> {
    let condition = |word: &str| {
        if let Some(ms) = word.strip_prefix("by=") {
            let after = ms.parse::<u64>().unwrap() * MILLISECOND;
            return Some(Condition::NotAfter(Time::from_nanos(now + after)));
        }
        if let Some(rest) = word.strip_prefix("has:") {
            let (of, amount) = rest.split_once('=').unwrap();
            return Some(Condition::BalanceAtLeast {
                account: account(of),
                amount: amount.parse().unwrap(),
            });
        }
        let (of, index) = word.strip_prefix("since:")?.split_once('=')?;
        Some(Condition::AccountVersion {
            account: account(of),
            index: index.parse().unwrap(),
        })
    };
    let all: Vec<_> = text.split_whitespace().filter_map(condition).collect();
    (!all.is_empty()).then_some(all)
}

/// `grant bank-a:usd to=bank-b`, with `max=5`, `total=5`, a period and its most as `day=5`, `month=5`
/// or `every=60:5` (either may lack: `day=`, `most=5`), `for=MILLISECONDS`, `only=ACCOUNT,ACCOUNT`.
fn grant(id: InstructionId, of: &str, words: &[&str], now: u64) -> Instruction {
    let value = |name: &str| words.iter().find_map(|word| word.strip_prefix(name));
    let amount = |word: &str| (!word.is_empty()).then(|| word.parse().unwrap());
    let calendar = [
        ("day=", MandatePeriod::Day),
        ("month=", MandatePeriod::Month),
    ];
    let calendar = calendar.iter().find_map(|(name, period)| {
        let most = value(name)?;
        Some((Some(*period), amount(most)))
    });
    let every = value("every=").map(|word| {
        let (seconds, most) = word.split_once(':').unwrap();
        let period = MandatePeriod::EveryS(seconds.parse().unwrap());
        (Some(period), amount(most))
    });
    let alone = value("most=").map(|most| (None, amount(most)));
    let (period, period_max) = calendar.or(every).or(alone).unwrap_or_default();
    let after = |ms: &str| Time::from_nanos(now + ms.parse::<u64>().unwrap() * MILLISECOND);
    let only = |list: &str| {
        let list = list.split(',').filter(|word| !word.is_empty());
        list.map(|word| word.parse().unwrap()).collect()
    };
    Instruction::GrantMandate(GrantMandate {
        id,
        account: of.parse().unwrap(),
        to: value("to=").unwrap().parse().unwrap(),
        per_transfer_max: value("max=").and_then(amount),
        total_max: value("total=").and_then(amount),
        period,
        period_max,
        expires_at: value("for=").map(after),
        creditors: value("only=").map(only),
    })
}

fn ran(table: &str) -> Run {
    let mut run = started();
    run.table(table);
    run
}

/// All outcomes that the tables here reach.
pub(super) fn reached() -> BTreeSet<Outcome> {
    let tables = splits::TABLES.iter().chain(mandates::TABLES);
    let mut reached: BTreeSet<_> = tables.flat_map(|table| ran(table).reached).collect();
    reached.extend(mandates::too_many().reached);
    reached
}
