//! `set_fees`: the schedule of an asset, by two operators.

use alloc::vec::Vec;

use super::instruction::{FeeBasis, FeeRule, FeeTax, FeeTier, SetFees};
use super::schedule::{FeeBand, FeeSchedule, FeeTerms, MonthlyTerms, TaxTerms};
use crate::ledger::account::{Account, AccountKind, AccountStatus};
use crate::ledger::apply::Work;
use crate::ledger::asset::{Asset, AssetStatus};
use crate::ledger::book::Effect;
use crate::ledger::id::{Address, ParticipantId};
use crate::ledger::outcome::Outcome;
use crate::ledger::transfer::as_limit;
use crate::limits::{FEE_RULES_MAX, FEE_TIERS_MAX, FEE_VERSIONS_KEPT};

/// Hundredths of a percent that a rate has at most: all of it.
const BPS_MAX: u32 = 10_000;

/// Sets the schedule of an asset from the next instruction on; gives its number.
pub(in crate::ledger) fn set_fees(work: &mut Work<'_>, i: &SetFees) -> Result<u64, Outcome> {
    let book = work.state.book();
    let accounts = named(work, i)?;
    let asset = book.asset(&i.asset).ok_or(Outcome::AssetUnknown)?;
    if accounts.iter().any(|account| account.asset != asset.number) {
        return Err(Outcome::AssetMismatch);
    }
    if asset.status == AssetStatus::Retired {
        return Err(Outcome::AssetRetired);
    }
    let rules = i.rules.iter().map(|rule| amounts(rule, asset));
    let amounts = rules.collect::<Result<Vec<_>, _>>()?;
    let monthly = i.by_period().iter();
    let monthly = monthly.map(|it| as_limit(it.flat, asset.scale));
    let monthly = monthly.collect::<Result<Vec<_>, _>>()?;
    if accounts.iter().any(|a| a.status == AccountStatus::Closed) {
        return Err(Outcome::AccountClosed);
    }
    let mut rules = Vec::with_capacity(i.rules.len());
    for (rule, amounts) in i.rules.iter().zip(amounts) {
        rules.push(terms(work, rule, amounts)?);
    }
    let monthly = monthly_terms(work, i, monthly)?;
    let kinds = i.rules.iter().flat_map(|r| [r.debit_kind, r.credit_kind]);
    let kinds = kinds.chain(i.by_period().iter().map(|it| it.account_kind));
    let charged = |kind| matches!(kind, AccountKind::Settlement | AccountKind::Customer);
    if accounts.iter().any(|a| a.kind != AccountKind::Fee)
        || kinds.flatten().any(|kind| !charged(kind))
    {
        return Err(Outcome::AccountKindNotAllowed);
    }
    let fees = book.fees();
    if is_none(i) && fees.in_force(asset.number).is_none() {
        return Err(Outcome::NoChange);
    }
    if !work.four_eyes() {
        return Err(Outcome::FourEyesNeeded);
    }
    // Months are those of its business dates.
    if !monthly.is_empty() && book.calendars().of_asset(asset.number).is_none() {
        return Err(Outcome::CalendarUnknown);
    }
    if !is_sound(i, &rules) {
        return Err(Outcome::FeesInvalid);
    }
    let (number, before) = (asset.number, fees.versions(asset.number));
    let schedule = FeeSchedule {
        number: before
            .last()
            .map_or(1, |last| last.number.saturating_add(1)),
        id: i.id,
        index: work.index,
        time: work.time,
        account: accounts.first().map_or(0, |account| account.number),
        tax: tax(&accounts, i.tax.as_ref()),
        rules,
        monthly,
    };
    let version = schedule.number;
    let kept = before
        .len()
        .saturating_sub(FEE_VERSIONS_KEPT.saturating_sub(1));
    let mut versions: Vec<FeeSchedule> = before.iter().skip(kept).cloned().collect();
    versions.push(schedule);
    work.write(Effect::Fees(number, versions));
    Ok(version)
}

/// What is due for months, with its amounts in minor units.
fn monthly_terms(
    work: &Work<'_>,
    i: &SetFees,
    amounts: Vec<u128>,
) -> Result<Vec<MonthlyTerms>, Outcome> {
    let periodic = i.by_period().iter().zip(amounts);
    let terms = periodic.map(|(it, flat)| {
        Ok(MonthlyTerms {
            kind: it.account_kind,
            owner: owner(work, it.account_owner.as_ref())?,
            flat,
        })
    });
    terms.collect()
}

/// The account that fees go to, then that of the tax, as far as they are named.
fn named<'w>(work: &'w Work<'_>, i: &SetFees) -> Result<Vec<&'w Account>, Outcome> {
    let tax = i.tax.as_ref().map(|tax| &tax.account);
    let addresses = i.account.iter().chain(tax);
    let find = |address: &Address| work.state.book().account(address);
    addresses
        .map(|address| find(address).ok_or(Outcome::AccountUnknown))
        .collect()
}

fn tax(accounts: &[&Account], tax: Option<&FeeTax>) -> Option<TaxTerms> {
    let account = accounts.last()?;
    tax.map(|tax| TaxTerms {
        account: account.number,
        bps: tax.bps,
    })
}

/// The amounts of a rule, minor units.
struct Amounts {
    bands: Vec<FeeBand>,
    min: u128,
    max: Option<u128>,
}

fn amounts(rule: &FeeRule, asset: &Asset) -> Result<Amounts, Outcome> {
    let minor = |amount| as_limit(amount, asset.scale);
    let band = |up_to, flat, bps| FeeBand { up_to, flat, bps };
    let tier = |tier: &FeeTier| {
        let up_to = tier.up_to.map(minor).transpose()?;
        let flat = tier.flat.map(minor).transpose()?;
        Ok(band(up_to, flat.unwrap_or(0), tier.bps.unwrap_or(0)))
    };
    let bands = match &rule.basis {
        FeeBasis::None => Vec::new(),
        FeeBasis::Flat(flat) => alloc::vec![band(None, minor(*flat)?, 0)],
        FeeBasis::Bps(bps) => alloc::vec![band(None, 0, *bps)],
        FeeBasis::Tiered(tiers) => tiers.iter().map(tier).collect::<Result<_, Outcome>>()?,
    };
    Ok(Amounts {
        bands,
        min: rule.min.map(minor).transpose()?.unwrap_or(0),
        max: rule.max.map(minor).transpose()?,
    })
}

fn owner(work: &Work<'_>, id: Option<&ParticipantId>) -> Result<Option<u32>, Outcome> {
    let number = |id| {
        let participant = work.state.book().participant(id);
        participant
            .map(|participant| participant.number)
            .ok_or(Outcome::ParticipantUnknown)
    };
    id.map(number).transpose()
}

fn terms(work: &Work<'_>, rule: &FeeRule, amounts: Amounts) -> Result<FeeTerms, Outcome> {
    Ok(FeeTerms {
        debit_kind: rule.debit_kind,
        credit_kind: rule.credit_kind,
        debit_owner: owner(work, rule.debit_owner.as_ref())?,
        credit_owner: owner(work, rule.credit_owner.as_ref())?,
        bands: amounts.bands,
        min: amounts.min,
        max: amounts.max,
        payer: rule.payer,
    })
}

/// Whether nothing is ever due by it.
fn is_none(i: &SetFees) -> bool {
    i.rules.is_empty() && i.by_period().is_empty()
}

/// Whether a schedule can be worked out and is not longer than it may be.
fn is_sound(i: &SetFees, rules: &[FeeTerms]) -> bool {
    let complete = match is_none(i) {
        true => i.account.is_none() && i.tax.is_none(),
        false => i.account.is_some(),
    };
    let taxed = i.tax.as_ref().map_or(1, |tax| tax.bps);
    complete
        && rules.len() <= FEE_RULES_MAX
        && i.by_period().len() <= FEE_RULES_MAX
        && (1..=BPS_MAX).contains(&taxed)
        && i.rules
            .iter()
            .zip(rules)
            .all(|(rule, terms)| is_clear(rule, terms))
}

/// Whether a rule says what is due.
fn is_clear(rule: &FeeRule, terms: &FeeTerms) -> bool {
    if rule.basis == FeeBasis::None {
        return rule.payer.is_none() && rule.min.is_none() && rule.max.is_none();
    }
    let Some((last, inner)) = terms.bands.split_last() else {
        return false;
    };
    let bounds = inner.iter().map(|band| band.up_to);
    rule.payer.is_some()
        && terms.bands.len() <= FEE_TIERS_MAX
        && last.up_to.is_none()
        && inner.iter().all(|band| band.up_to.is_some())
        && bounds.is_sorted_by(|a, b| a < b)
        && terms.bands.iter().all(|band| band.bps <= BPS_MAX)
        && terms.max.is_none_or(|max| terms.min <= max)
}
