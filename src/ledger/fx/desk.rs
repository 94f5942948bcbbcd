//! `set_provider`, `set_rate`, `withdraw_rate`: who states rates, and which.

use alloc::vec::Vec;
use core::cmp::Ordering;

use super::instruction::{Execution, SetProvider, SetRate, WithdrawRate};
use super::record::{FxEffect, Rate, RateExecution, RateKey};
use crate::ledger::account::{AccountKind, AccountStatus};
use crate::ledger::apply::Work;
use crate::ledger::asset::{Asset, AssetStatus};
use crate::ledger::book::Effect;
use crate::ledger::id::{AssetId, SourceId};
use crate::ledger::outcome::Outcome;
use crate::ledger::participant::Role;
use crate::ledger::time::{DAY, Time};
use crate::ledger::transfer::to_minor;
use crate::limits::{PROVIDERS_MAX, RATE_DAYS_MAX, RATE_LINES_MAX, RATES_IN_LINE_MAX};

/// Makes a bank a provider, or ends that with all its rates; gives its number.
pub(in crate::ledger) fn set_provider(
    work: &mut Work<'_>,
    i: &SetProvider,
) -> Result<u64, Outcome> {
    let book = work.state.book();
    let participant = book.participant(&i.participant);
    let participant = participant.ok_or(Outcome::ParticipantUnknown)?;
    let number = participant.number;
    if book.fx().is_provider(number) == i.active {
        return Err(Outcome::NoChange);
    }
    if participant.role != Role::Bank {
        return Err(Outcome::ParticipantNotBank);
    }
    if i.active && book.fx().providers().len() >= PROVIDERS_MAX {
        return Err(Outcome::ProvidersTooMany);
    }
    if book.signer_of(number) != number {
        return Err(Outcome::ParticipantIndirect);
    }
    let gone: Vec<RateKey> = book.fx().lines_of(number).cloned().collect();
    work.write(Effect::Fx(FxEffect::Provider(number, i.active)));
    for key in gone {
        work.write(Effect::Fx(FxEffect::Rates(key, Vec::new())));
    }
    Ok(u64::from(number))
}

/// Whose rates a message states: of a provider that submits it, else of the operators.
fn owner(work: &Work<'_>) -> u32 {
    match work.state.book().fx().is_provider(work.submitter) {
        true => work.submitter,
        false => 0,
    }
}

/// The line that is named, whose assets are not retired.
fn line(
    work: &Work<'_>,
    base: &AssetId,
    quote: &AssetId,
    source: &SourceId,
) -> Result<(RateKey, u8), Outcome> {
    let book = work.state.book();
    let asset = |id: &AssetId| book.asset(id).ok_or(Outcome::AssetUnknown);
    let (base, quote) = (asset(base)?, asset(quote)?);
    let retired = |asset: &Asset| asset.status == AssetStatus::Retired;
    if retired(base) || retired(quote) {
        return Err(Outcome::AssetRetired);
    }
    let key = RateKey {
        owner: owner(work),
        base: base.number,
        quote: quote.number,
        source: source.clone(),
    };
    Ok((key, base.scale))
}

/// States a rate. From its beginning on nothing is left of those of its line that were stated before.
pub(in crate::ledger) fn set_rate(work: &mut Work<'_>, i: &SetRate) -> Result<u64, Outcome> {
    let (key, scale) = line(work, &i.base, &i.quote, &i.source)?;
    let execution = i.execute.as_ref();
    let execution = execution.map(|execute| executed(work, &key, scale, execute));
    let execution = execution.transpose()?;
    let from = i.valid_from.map_or(0, Time::nanos).max(work.time);
    let (to, days) = (i.valid_to.nanos(), RATE_DAYS_MAX.saturating_mul(DAY));
    if to <= from || to > work.time.saturating_add(days) {
        return Err(Outcome::ExpiryInvalid);
    }
    if key.base == key.quote || i.bid.compare(i.ask) == Ordering::Greater {
        return Err(Outcome::RateInvalid);
    }
    let fx = work.state.book().fx();
    let mut rates: Vec<Rate> = Vec::with_capacity(RATES_IN_LINE_MAX);
    for rate in fx.line(&key) {
        let to = rate.to.min(from);
        if to > work.time && to > rate.from {
            rates.push(Rate { to, ..*rate });
        }
    }
    if fx.line(&key).is_empty() && fx.lines_of(key.owner).count() >= RATE_LINES_MAX {
        return Err(Outcome::RatesTooMany);
    }
    if rates.len() >= RATES_IN_LINE_MAX {
        return Err(Outcome::RatesTooMany);
    }
    rates.push(Rate {
        id: i.id,
        index: work.index,
        bid: i.bid,
        ask: i.ask,
        from,
        to,
        execution,
    });
    work.write(Effect::Fx(FxEffect::Rates(key, rates)));
    Ok(0)
}

/// The accounts of a rate, which are the provider's own.
fn executed(
    work: &Work<'_>,
    key: &RateKey,
    scale: u8,
    execute: &Execution,
) -> Result<RateExecution, Outcome> {
    let book = work.state.book();
    let unknown = Outcome::AccountUnknown;
    let base = book.account(&execute.base).ok_or(unknown)?;
    let quote = book.account(&execute.quote).ok_or(unknown)?;
    if base.owner != key.owner || quote.owner != key.owner {
        return Err(Outcome::NotOwner);
    }
    if (base.asset, quote.asset) != (key.base, key.quote) {
        return Err(Outcome::AssetMismatch);
    }
    let max = to_minor(execute.max, scale)?;
    if [base, quote]
        .iter()
        .any(|a| a.status == AccountStatus::Closed)
    {
        return Err(Outcome::AccountClosed);
    }
    // The operators' own accounts have no floor: nothing would bound what is converted.
    if [base, quote]
        .iter()
        .any(|a| a.kind != AccountKind::Settlement)
    {
        return Err(Outcome::AccountKindNotAllowed);
    }
    Ok(RateExecution {
        base: base.number,
        quote: quote.number,
        max,
    })
}

/// Ends all rates of a line.
pub(in crate::ledger) fn withdraw_rate(
    work: &mut Work<'_>,
    i: &WithdrawRate,
) -> Result<u64, Outcome> {
    let book = work.state.book();
    let asset = |id: &AssetId| book.asset(id).ok_or(Outcome::AssetUnknown);
    let key = RateKey {
        owner: owner(work),
        base: asset(&i.base)?.number,
        quote: asset(&i.quote)?.number,
        source: i.source.clone(),
    };
    if book.fx().line(&key).is_empty() {
        return Err(Outcome::NoChange);
    }
    work.write(Effect::Fx(FxEffect::Rates(key, Vec::new())));
    Ok(0)
}
