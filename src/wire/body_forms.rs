//! What the shapes of splits, conditions, mandates, conversions, fees and returns do not say: counts, and amounts and accounts as
//! people write them.

use alloc::format;
use alloc::string::String;
use core::fmt::Display;

use super::body_check::{check_account, check_amount, check_texts};
use super::body_error::BodyError;
use super::code::ErrorCode;
use crate::ledger::{
    Amount, Condition, Convert, FeeBasis, GrantMandate, Original, SetFees, SetReservation, Split,
};
use crate::limits;

/// A split has payers and payees, and not more of them than fit.
pub(super) fn check_split(n: &dyn Display, split: &Split) -> Result<(), BodyError> {
    let at = |path: &str| format!("/instructions/{n}/split/{path}");
    let (payers, payees) = (split.payers.len(), split.payees.len());
    for (count, name) in [(payers, "payers"), (payees, "payees")] {
        let places = split.places();
        if count == 0 || places > limits::PLACES_MAX {
            let max = limits::PLACES_MAX;
            let detail =
                format!("{count} {name} of {places} accounts; 1 and more of at most {max}");
            return Err(BodyError::at(ErrorCode::LegsCount, at(name), detail));
        }
    }
    for (m, payer) in split.payers.iter().enumerate() {
        let at = |path: &str| at(&format!("payers/{m}/{path}"));
        check_account(&payer.account, || at("account"))?;
        let amounts = [
            (&payer.amount, "amount"),
            (&payer.up_to, "up_to"),
            (&payer.at_least, "at_least"),
        ];
        for (amount, name) in amounts {
            check_some(amount.as_ref(), || at(name))?;
        }
    }
    for (m, payee) in split.payees.iter().enumerate() {
        let at = |path: &str| at(&format!("payees/{m}/{path}"));
        check_account(&payee.account, || at("account"))?;
        check_some(payee.amount.as_ref(), || at("amount"))?;
    }
    check_conditions(split.conditions.as_deref(), at)?;
    let texts = [
        &split.end_to_end_id,
        &split.remittance,
        &split.debtor_name,
        &split.creditor_name,
    ];
    check_texts(texts, at)
}

/// Conditions are one or more, about accounts that are named by address.
pub(super) fn check_conditions(
    conditions: Option<&[Condition]>,
    at: impl Fn(&str) -> String,
) -> Result<(), BodyError> {
    let Some(conditions) = conditions else {
        return Ok(());
    };
    let (count, max) = (conditions.len(), limits::CONDITIONS_MAX);
    if !(1..=max).contains(&count) {
        let detail = format!("{count} conditions; 1 to {max} are allowed");
        let pointer = at("conditions");
        return Err(BodyError::at(ErrorCode::ConditionsCount, pointer, detail));
    }
    for (m, condition) in conditions.iter().enumerate() {
        let at = |path: &str| at(&format!("conditions/{m}/{path}"));
        match condition {
            Condition::NotAfter(_) => {}
            Condition::BalanceAtLeast { account, amount } => {
                check_account(account, || at("balance_at_least/account"))?;
                check_amount(amount, || at("balance_at_least/amount"))?;
            }
            Condition::AccountVersion { account, .. } => {
                check_account(account, || at("account_version/account"))?;
            }
        }
    }
    Ok(())
}

/// The bounds of a mandate are amounts as people type them.
pub(super) fn check_mandate(n: &dyn Display, i: &GrantMandate) -> Result<(), BodyError> {
    let at = |path: &str| format!("/instructions/{n}/grant_mandate/{path}");
    check_some(i.per_transfer_max.as_ref(), || at("per_transfer_max"))?;
    check_some(i.total_max.as_ref(), || at("total_max"))?;
    check_some(i.period_max.as_ref(), || at("period_max"))
}

fn check_some(
    amount: Option<&crate::ledger::Amount>,
    pointer: impl Fn() -> String,
) -> Result<(), BodyError> {
    amount.map_or(Ok(()), |amount| check_amount(amount, pointer))
}

/// A schedule of fees names amounts as people write them.
pub(super) fn check_fees(n: &dyn Display, fees: &SetFees) -> Result<(), BodyError> {
    for (m, rule) in fees.rules.iter().enumerate() {
        let at = |path: &str| format!("/instructions/{n}/set_fees/rules/{m}/{path}");
        check_some(rule.min.as_ref(), || at("min"))?;
        check_some(rule.max.as_ref(), || at("max"))?;
        match &rule.basis {
            FeeBasis::None | FeeBasis::Bps(_) => {}
            FeeBasis::Flat(flat) => check_amount(flat, || at("basis/flat"))?,
            FeeBasis::Tiered(tiers) => {
                for (k, tier) in tiers.iter().enumerate() {
                    let at = |path: &str| at(&format!("basis/tiered/{k}/{path}"));
                    check_some(tier.up_to.as_ref(), || at("up_to"))?;
                    check_some(tier.flat.as_ref(), || at("flat"))?;
                }
            }
        }
    }
    for (m, fee) in fees.by_period().iter().enumerate() {
        let at = || format!("/instructions/{n}/set_fees/periodic/{m}/flat");
        check_amount(&fee.flat, at)?;
    }
    Ok(())
}

/// A reservation names amounts as people write them.
pub(super) fn check_reservation(n: &dyn Display, i: &SetReservation) -> Result<(), BodyError> {
    let at = |path: &str| format!("/instructions/{n}/set_reservation/{path}");
    check_some(i.urgent.as_ref(), || at("urgent"))?;
    check_some(i.high.as_ref(), || at("high"))
}

/// A conversion names amounts as people write them.
pub(super) fn check_convert(n: &dyn Display, convert: &Convert) -> Result<(), BodyError> {
    let at = |path: &str| format!("/instructions/{n}/convert/{path}");
    check_amount(&convert.amount, || at("amount"))?;
    check_amount(&convert.limit, || at("limit"))?;
    let texts = [
        &convert.end_to_end_id,
        &convert.remittance,
        &convert.debtor_name,
        &convert.creditor_name,
    ];
    check_texts(texts, at)
}

/// An original, and how much of it is given back.
pub(super) fn check_back(
    original: &Original,
    amount: Option<&Amount>,
    at: impl Fn(&str) -> String,
) -> Result<(), BodyError> {
    let long = |what: &str, max: usize, of: &str| {
        let detail = format!("longer than the {max} {of} that it may have");
        BodyError::at(
            ErrorCode::FieldType,
            at(&format!("original/{what}")),
            detail,
        )
    };
    let lists = [
        (
            &original.item_proof,
            limits::ITEM_PROOF_HASHES_MAX,
            "item_proof",
        ),
        (&original.proof, limits::SUBTREE_PROOF_HASHES_MAX, "proof"),
    ];
    for (hashes, max, name) in lists {
        if hashes.len() > max {
            return Err(long(name, max, "hashes"));
        }
    }
    let texts = [
        (&original.entry, limits::ENTRY_BYTES, "entry"),
        (&original.item, limits::PROVEN_ITEM_BYTES_MAX, "item"),
    ];
    for (bytes, max, name) in texts {
        if bytes.0.len() > max {
            return Err(long(name, max, "bytes"));
        }
    }
    amount.map_or(Ok(()), |amount| check_amount(amount, || at("amount")))
}
