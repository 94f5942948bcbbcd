//! What a body's shape does not say: counts, lengths, and fields that only JSON bodies must have.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Display;

use super::body_error::BodyError;
use super::body_forms::{
    check_back, check_conditions, check_convert, check_fees, check_mandate, check_reservation,
    check_split,
};
use super::code::ErrorCode;
use crate::ledger::{
    AccountRef, AddParticipant, Amount, Approve, Clear, Funds, Instruction, Invalid, Leg, Propose,
    Reserve, SetLimits, Transfer,
};
use crate::limits;

/// Name of a rule parameter.
const PARAMETER_NAME_CHARS_MAX: usize = 64;
/// Name of an asset module.
const MODULE_NAME_CHARS_MAX: usize = 16;
/// Legal basis of an erasure.
const BASIS_CHARS_MAX: usize = limits::REMITTANCE_CHARS_MAX;

/// Checks one instruction, the `n`-th; of one that is proposed, `n` is its whole place.
pub(super) fn check_instruction(
    n: &dyn Display,
    instruction: &Instruction,
) -> Result<(), BodyError> {
    let at = |path: &str| format!("/instructions/{n}/{path}");
    match instruction {
        Instruction::Transfer(transfer) => check_transfer(n, transfer),
        Instruction::Reserve(reserve) => check_reserve(n, reserve),
        Instruction::Clear(clear) => check_clear(n, clear),
        Instruction::Split(split) => check_split(n, split),
        Instruction::GrantMandate(mandate) => check_mandate(n, mandate),
        Instruction::Convert(convert) => check_convert(n, convert),
        Instruction::SetFees(fees) => check_fees(n, fees),
        Instruction::Quote(i) => {
            check_amount(&i.source_amount, || at("quote/source_amount"))?;
            check_amount(&i.target_amount, || at("quote/target_amount"))
        }
        Instruction::SetReservation(i) => check_reservation(n, i),
        Instruction::SetRate(i) => i.execute.as_ref().map_or(Ok(()), |execute| {
            check_amount(&execute.max, || at("set_rate/execute/max"))
        }),
        Instruction::JoinModel(i) if i.net_debit_cap.is_minor_units() => Err(minor_units(
            at("join_model/net_debit_cap"),
            &i.net_debit_cap,
        )),
        Instruction::JoinModel(i) => i.still_owed.as_ref().map_or(Ok(()), |owed| {
            check_amount(owed, || at("join_model/still_owed"))
        }),
        Instruction::Capture(i) => {
            let amount = i.amount.as_ref();
            amount.map_or(Ok(()), |amount| {
                check_amount(amount, || at("capture/amount"))
            })
        }
        Instruction::Return(i) => check_back(&i.original, i.amount.as_ref(), |path| {
            at(&format!("return/{path}"))
        }),
        Instruction::Reverse(i) => check_back(&i.original, i.amount.as_ref(), |path| {
            at(&format!("reverse/{path}"))
        }),
        Instruction::Recall(i) => {
            check_back(&i.original, None, |path| at(&format!("recall/{path}")))
        }
        Instruction::Issue(funds) => check_funds(funds, |path| at(&format!("issue/{path}"))),
        Instruction::Redeem(funds) => check_funds(funds, |path| at(&format!("redeem/{path}"))),
        Instruction::SetLimits(i) => check_limits(n, i),
        Instruction::Freeze(i) => match &i.amount {
            Some(amount) if amount.is_minor_units() => {
                Err(minor_units(at("freeze/amount"), amount))
            }
            _ => Ok(()),
        },
        Instruction::AddParticipant(i) => check_participant(n, i),
        Instruction::AddAsset(i) => {
            check_text(&i.module, MODULE_NAME_CHARS_MAX, || at("add_asset/module"))
        }
        Instruction::SetParameter(i) => check_text(&i.name, PARAMETER_NAME_CHARS_MAX, || {
            at("set_parameter/name")
        }),
        Instruction::Erase(i) => check_text(&i.basis, BASIS_CHARS_MAX, || at("erase/basis")),
        Instruction::AddLogKey(i) => check_text(&i.proof, limits::LOG_KEY_PROOF_CHARS_MAX, || {
            at("add_log_key/proof")
        }),
        Instruction::Approve(i) => check_approve(n, i),
        Instruction::Propose(i) => check_propose(n, i),
        _ => Ok(()),
    }
}

/// Checks how many keys a new participant has: none, if it is reached via another.
fn check_participant(n: &dyn Display, i: &AddParticipant) -> Result<(), BodyError> {
    // No submission could carry more signatures, so no policy could count more keys.
    let count = i.keys.len();
    let least = usize::from(i.via.is_none());
    if (least..=limits::SIGNATURES_MAX).contains(&count) {
        return Ok(());
    }
    let detail = format!("{count} keys; 1 to {} are allowed", limits::SIGNATURES_MAX);
    let pointer = format!("/instructions/{n}/add_participant/keys");
    Err(BodyError::at(ErrorCode::KeysCount, pointer, detail))
}

/// An approval names a proposal by id and hash, or an item as approvals did before there were
/// proposals: such bodies are in old logs.
fn check_approve(n: &dyn Display, i: &Approve) -> Result<(), BodyError> {
    let at = |path: &str| format!("/instructions/{n}/approve/{path}");
    let old = (&i.entry_index, &i.item, &i.item_leaf);
    let (hash, name) = match (&i.of, &i.hash, old) {
        (Some(_), Some(hash), (None, None, None)) => (hash, "hash"),
        (None, None, (Some(_), Some(_), Some(leaf))) => (leaf, "item_leaf"),
        (Some(_), Some(_), _) => {
            let detail = "a proposal is named by its id and its hash alone";
            return Err(BodyError::at(ErrorCode::FieldUnknown, at("item"), detail));
        }
        (of, ..) => {
            let detail = "an approval names a proposal by its id and its hash";
            let pointer = at(if of.is_some() { "hash" } else { "of" });
            return Err(BodyError::at(ErrorCode::FieldMissing, pointer, detail));
        }
    };
    match chain::Hash::from_base64(hash) {
        Ok(_) => Ok(()),
        Err(error) => Err(BodyError::at(
            ErrorCode::HashGrammar,
            at(name),
            error.to_string(),
        )),
    }
}

/// What is proposed is read as strictly as what is asked for at once. It has no texts: who approves
/// must know all that it says, and texts are in no hash.
fn check_propose(n: &dyn Display, i: &Propose) -> Result<(), BodyError> {
    let at = |path: &str| format!("/instructions/{n}/propose/{path}");
    let (count, max) = (i.instructions.len(), limits::PROPOSAL_INSTRUCTIONS_MAX);
    if !(1..=max).contains(&count) {
        let detail = format!("{count} instructions; 1 to {max} are allowed in a proposal");
        let pointer = at("instructions");
        return Err(BodyError::at(ErrorCode::InstructionsCount, pointer, detail));
    }
    for (m, proposed) in i.instructions.iter().enumerate() {
        if proposed.is_about_proposal() {
            let detail = "a proposal is not about proposals";
            let pointer = at(&format!("instructions/{m}"));
            return Err(BodyError::at(
                ErrorCode::InstructionUnknown,
                pointer,
                detail,
            ));
        }
        let place = format!("{n}/propose/instructions/{m}");
        check_instruction(&place, proposed)?;
        if let Some(path) = text_of(proposed) {
            let detail = "what is proposed has no texts";
            let pointer = at(&format!("instructions/{m}/{path}"));
            return Err(BodyError::at(ErrorCode::FieldUnknown, pointer, detail));
        }
    }
    Ok(())
}

/// The first text of an instruction, by kind and name.
fn text_of(instruction: &Instruction) -> Option<String> {
    let (kind, texts) = match instruction {
        Instruction::Transfer(i) => (
            "transfer",
            [
                &i.end_to_end_id,
                &i.remittance,
                &i.debtor_name,
                &i.creditor_name,
            ],
        ),
        Instruction::Reserve(i) => (
            "reserve",
            [
                &i.end_to_end_id,
                &i.remittance,
                &i.debtor_name,
                &i.creditor_name,
            ],
        ),
        Instruction::Clear(i) => (
            "clear",
            [
                &i.end_to_end_id,
                &i.remittance,
                &i.debtor_name,
                &i.creditor_name,
            ],
        ),
        _ => return None,
    };
    let names = [
        "end_to_end_id",
        "remittance",
        "debtor_name",
        "creditor_name",
    ];
    let mut named = texts.into_iter().zip(names);
    let (_, name) = named.find(|(text, _)| text.is_some())?;
    Some(format!("{kind}/{name}"))
}

/// Amounts are as people type them, and lists not longer than an account may have rules.
fn check_limits(n: &dyn Display, i: &SetLimits) -> Result<(), BodyError> {
    let at = |path: &str| format!("/instructions/{n}/set_limits/{path}");
    let mut amounts = alloc::vec![
        (i.credit_line, at("credit_line")),
        (i.min_balance, at("min_balance")),
        (i.per_transfer_max, at("per_transfer_max")),
        (i.max_balance, at("max_balance")),
        (i.multilateral, at("multilateral")),
    ];
    let lists = [
        (
            i.velocity.as_ref().map(Vec::len),
            limits::VELOCITY_RULES_MAX,
            "velocity",
        ),
        (
            i.bilateral.as_ref().map(Vec::len),
            limits::BILATERAL_LIMITS_MAX,
            "bilateral",
        ),
    ];
    for (count, max, name) in lists {
        let count = count.unwrap_or(1);
        if !(1..=max).contains(&count) {
            let detail = format!("{count} of them; 1 to {max} are allowed");
            return Err(BodyError::at(ErrorCode::LimitsCount, at(name), detail));
        }
    }
    for (m, rule) in i.velocity.iter().flatten().enumerate() {
        amounts.push((rule.amount, at(&format!("velocity/{m}/amount"))));
    }
    for (m, limit) in i.bilateral.iter().flatten().enumerate() {
        amounts.push((Some(limit.amount), at(&format!("bilateral/{m}/amount"))));
    }
    for (amount, pointer) in amounts {
        match amount {
            Some(amount) if amount.is_minor_units() => return Err(minor_units(pointer, &amount)),
            _ => {}
        }
    }
    Ok(())
}

fn check_transfer(n: &dyn Display, transfer: &Transfer) -> Result<(), BodyError> {
    let at = |path: &str| format!("/instructions/{n}/transfer/{path}");
    if transfer.reference.is_some() {
        let detail = "a reference is for binary batches; here it is `end_to_end_id`";
        return Err(BodyError::at(
            ErrorCode::FieldUnknown,
            at("reference"),
            detail,
        ));
    }
    check_legs(&transfer.legs, at)?;
    check_conditions(transfer.conditions.as_deref(), at)?;
    let texts = [
        &transfer.end_to_end_id,
        &transfer.remittance,
        &transfer.debtor_name,
        &transfer.creditor_name,
    ];
    check_texts(texts, at)
}

fn check_reserve(n: &dyn Display, reserve: &Reserve) -> Result<(), BodyError> {
    let at = |path: &str| format!("/instructions/{n}/reserve/{path}");
    check_legs(&reserve.legs, at)?;
    let texts = [
        &reserve.end_to_end_id,
        &reserve.remittance,
        &reserve.debtor_name,
        &reserve.creditor_name,
    ];
    check_texts(texts, at)
}

fn check_clear(n: &dyn Display, clear: &Clear) -> Result<(), BodyError> {
    let at = |path: &str| format!("/instructions/{n}/clear/{path}");
    let count = clear.payments.len();
    if !(1..=limits::LEGS_MAX).contains(&count) {
        let max = limits::LEGS_MAX;
        let detail = format!("{count} payments; 1 to {max} are allowed");
        return Err(BodyError::at(ErrorCode::LegsCount, at("payments"), detail));
    }
    for (m, payment) in clear.payments.iter().enumerate() {
        check_amount(&payment.amount, || at(&format!("payments/{m}/amount")))?;
    }
    let texts = [
        &clear.end_to_end_id,
        &clear.remittance,
        &clear.debtor_name,
        &clear.creditor_name,
    ];
    check_texts(texts, at)
}

fn check_legs(legs: &[Leg], at: impl Fn(&str) -> String) -> Result<(), BodyError> {
    let count = legs.len();
    if !(1..=limits::LEGS_MAX).contains(&count) {
        let detail = format!("{count} legs; 1 to {} are allowed", limits::LEGS_MAX);
        return Err(BodyError::at(ErrorCode::LegsCount, at("legs"), detail));
    }
    for (m, leg) in legs.iter().enumerate() {
        if leg.asset.is_none() {
            let pointer = at(&format!("legs/{m}/asset"));
            let detail = "a leg states its asset, as a check against both accounts";
            return Err(BodyError::at(ErrorCode::FieldMissing, pointer, detail));
        }
        if leg.amount.is_minor_units() {
            return Err(minor_units(at(&format!("legs/{m}/amount")), &leg.amount));
        }
        check_account(&leg.debit, || at(&format!("legs/{m}/debit")))?;
        check_account(&leg.credit, || at(&format!("legs/{m}/credit")))?;
    }
    Ok(())
}

/// Checks the text fields of an instruction, in the order in which text parts hold them.
pub(super) fn check_texts(
    texts: [&Option<String>; 4],
    at: impl Fn(&str) -> String,
) -> Result<(), BodyError> {
    let bounds = [
        (limits::END_TO_END_ID_CHARS_MAX, "end_to_end_id"),
        (limits::REMITTANCE_CHARS_MAX, "remittance"),
        (limits::NAME_CHARS_MAX, "debtor_name"),
        (limits::NAME_CHARS_MAX, "creditor_name"),
    ];
    for (text, (max, name)) in texts.into_iter().zip(bounds) {
        if let Some(text) = text {
            check_text(text, max, || at(name))?;
        }
    }
    Ok(())
}

/// Bodies name accounts by address. Numbers are dense, so whoever could pay to a number could
/// count through everybody's accounts and learn the addresses of other banks' customers.
pub(super) fn check_account(
    account: &AccountRef,
    pointer: impl Fn() -> String,
) -> Result<(), BodyError> {
    match account {
        AccountRef::Address(_) => Ok(()),
        AccountRef::Number(_) => {
            let detail = "an account is named by its address";
            Err(BodyError::at(ErrorCode::FieldType, pointer(), detail))
        }
    }
}

fn check_funds(funds: &Funds, at: impl Fn(&str) -> String) -> Result<(), BodyError> {
    check_amount(&funds.amount, || at("amount"))?;
    check_account(&funds.account, || at("account"))
}

pub(super) fn check_amount(amount: &Amount, pointer: impl Fn() -> String) -> Result<(), BodyError> {
    match amount.is_minor_units() {
        true => Err(minor_units(pointer(), amount)),
        false => Ok(()),
    }
}

/// The form in which items carry the amounts of a batch is not one for bodies.
fn minor_units(pointer: String, amount: &Amount) -> BodyError {
    BodyError::invalid(pointer, &Invalid::Amount(amount.to_string()))
}

fn check_text(text: &str, max: usize, pointer: impl Fn() -> String) -> Result<(), BodyError> {
    // A character has at most four bytes: most texts need no counting.
    let short = text.len() <= max || text.chars().count() <= max;
    if text.is_empty() || !short || text.chars().any(char::is_control) {
        return Err(BodyError::invalid(pointer(), &Invalid::Text(max)));
    }
    Ok(())
}
