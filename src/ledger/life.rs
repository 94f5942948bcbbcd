//! The operators' hand on accounts and banks: limits, freezes, and opening again what was closed.

use alloc::vec::Vec;

use super::account::{AccountKind, AccountStatus, Limits};
use super::amount::Amount;
use super::apply::Work;
use super::book::Effect;
use super::bounds::{BilateralLimit, Bounds, VelocityDirection, VelocityRule, VelocityWindow};
use super::control::{Freeze, Lift, ReopenAccount, SetLimits};
use super::freezes::{FreezeLevel, FreezeRecord, Freezes};
use super::guard::Guard;
use super::id::{Address, ParticipantId};
use super::outcome::Outcome;
use super::participant::{Participant, Role};
use super::transfer::{as_limit, to_minor};
use super::usage::Usage;
use crate::limits::{BILATERAL_LIMITS_MAX, FREEZES_MAX, VELOCITY_RULES_MAX, VELOCITY_SECONDS_MAX};

/// Sets all limits of an account anew.
pub(super) fn set_limits(work: &mut Work<'_>, i: &SetLimits) -> Result<u64, Outcome> {
    let book = work.state.book();
    let mut account = book
        .account(&i.address)
        .cloned()
        .ok_or(Outcome::AccountUnknown)?;
    let scale = book
        .asset_numbered(account.asset)
        .ok_or(Outcome::AssetUnknown)?
        .scale;
    let minor = |amount: &Option<Amount>| amount.map(|a| as_limit(a, scale)).transpose();
    let limits = Limits {
        credit_line: minor(&i.credit_line)?.unwrap_or(0),
        min_balance: minor(&i.min_balance)?.unwrap_or(0),
        per_transfer_max: minor(&i.per_transfer_max)?,
    };
    let mut bounds = Bounds {
        max_balance: minor(&i.max_balance)?,
        multilateral: minor(&i.multilateral)?,
        ..Bounds::default()
    };
    for rule in i.velocity.iter().flatten() {
        let window = match (rule.seconds, rule.period) {
            (Some(seconds), None) => VelocityWindow::Seconds(seconds),
            (None, Some(period)) => VelocityWindow::Period(period),
            // No window is as long: it is refused as unsound.
            _ => VelocityWindow::Seconds(0),
        };
        bounds.velocity.push(VelocityRule {
            window,
            direction: rule.direction,
            amount: minor(&rule.amount)?,
            count: rule.count,
        });
    }
    let mut bilateral = Vec::new();
    for limit in i.bilateral.iter().flatten() {
        bilateral.push((&limit.counterparty, as_limit(limit.amount, scale)?));
    }
    if account.status == AccountStatus::Closed {
        return Err(Outcome::AccountClosed);
    }
    for (counterparty, amount) in bilateral {
        let counterparty = book.participant(counterparty);
        bounds.bilateral.push(BilateralLimit {
            counterparty: counterparty.ok_or(Outcome::ParticipantUnknown)?.number,
            amount,
        });
    }
    let lends = account.kind == AccountKind::Settlement;
    if !account.has_floor() || (!lends && limits.credit_line != 0) {
        return Err(Outcome::AccountKindNotAllowed);
    }
    if !are_sound(&bounds, account.owner) {
        return Err(Outcome::LimitsInvalid);
    }
    account.set_terms(work.index, account.status, limits);
    let number = account.number;
    work.write(Effect::Account(number, Some(account)));
    set_bounds(work, number, bounds);
    Ok(number)
}

/// Whether limits say something, and say it once.
fn are_sound(bounds: &Bounds, owner: u32) -> bool {
    let rules = &bounds.velocity;
    let sound = |(n, rule): (usize, &VelocityRule)| {
        let same = |r: &VelocityRule| r.window == rule.window && r.direction == rule.direction;
        let net = rule.direction == VelocityDirection::Net;
        let seconds = rule.window.seconds();
        seconds.is_none_or(|seconds| (1..=VELOCITY_SECONDS_MAX).contains(&seconds))
            && (rule.amount.is_some() || rule.count.is_some())
            && !(net && rule.count.is_some())
            && !rules.iter().take(n).any(same)
    };
    let pairs = &bounds.bilateral;
    let once = |(n, limit): (usize, &BilateralLimit)| {
        let same = |l: &BilateralLimit| l.counterparty == limit.counterparty;
        limit.counterparty != owner && !pairs.iter().take(n).any(same)
    };
    rules.len() <= VELOCITY_RULES_MAX
        && pairs.len() <= BILATERAL_LIMITS_MAX
        && rules.iter().enumerate().all(sound)
        && pairs.iter().enumerate().all(once)
}

/// Puts limits in force; those of before are kept for whoever asks for the past.
fn set_bounds(work: &mut Work<'_>, number: u64, bounds: Bounds) {
    let guard = work.state.book().guard(number);
    if guard.map_or(bounds.is_none(), |guard| guard.bounds == bounds) {
        return;
    }
    let mut guard = guard.cloned().unwrap_or_default();
    let asset = work.state.book().account_numbered(number);
    let moment = work.moment(asset.map_or(0, |account| account.asset));
    let usage = Usage::retarget(work.state.usages.get(number), &bounds, moment);
    work.set_usage(number, usage);
    guard.set_bounds(work.index, bounds);
    work.write(Effect::Guard(number, Some(guard)));
}

/// Whom a freeze is for.
enum Target {
    Account(u64, Guard),
    Participant(Participant),
}

impl Target {
    fn find(
        work: &Work<'_>,
        account: Option<&Address>,
        participant: Option<&ParticipantId>,
    ) -> Result<Self, Outcome> {
        let book = work.state.book();
        match (account, participant) {
            (Some(address), None) => {
                let account = book.account(address).ok_or(Outcome::AccountUnknown)?;
                let guard = book.guard(account.number).cloned();
                Ok(Self::Account(account.number, guard.unwrap_or_default()))
            }
            (None, Some(id)) => {
                let participant = book.participant(id).cloned();
                Ok(Self::Participant(
                    participant.ok_or(Outcome::ParticipantUnknown)?,
                ))
            }
            _ => Err(Outcome::FreezeInvalid),
        }
    }

    const fn freezes(&mut self) -> &mut Freezes {
        match self {
            Self::Account(_, guard) => &mut guard.freezes,
            Self::Participant(participant) => &mut participant.freezes,
        }
    }

    /// Writes it; gives its number.
    fn write(self, work: &mut Work<'_>) -> u64 {
        match self {
            Self::Account(number, guard) => {
                work.write(Effect::Guard(number, Some(guard)));
                number
            }
            Self::Participant(participant) => {
                let number = participant.number;
                work.write(Effect::Participant(number, Some(participant)));
                u64::from(number)
            }
        }
    }
}

/// Imposes a freeze.
pub(super) fn freeze(work: &mut Work<'_>, i: &Freeze) -> Result<u64, Outcome> {
    let (index, time) = (work.index, work.time);
    let mut target = Target::find(work, i.account.as_ref(), i.participant.as_ref())?;
    let amount = amount(work, &target, i)?;
    let expires = i.expires_at.map(super::time::Time::nanos);
    if expires.is_some_and(|at| at <= time) {
        return Err(Outcome::ExpiryInvalid);
    }
    match &target {
        Target::Account(number, _) => {
            let account = work.state.book().account_numbered(*number);
            if account.is_none_or(|account| !account.has_floor()) {
                return Err(Outcome::AccountKindNotAllowed);
            }
        }
        Target::Participant(participant) if participant.role != Role::Bank => {
            return Err(Outcome::ParticipantNotBank);
        }
        Target::Participant(_) => {}
    }
    let freezes = target.freezes();
    freezes.sweep(index, time);
    if freezes.in_force(time).any(|freeze| freeze.case == i.case) {
        return Err(Outcome::CaseExists);
    }
    if freezes.in_force(time).count() >= FREEZES_MAX {
        return Err(Outcome::FreezesTooMany);
    }
    freezes.impose(FreezeRecord {
        case: i.case.clone(),
        level: i.level,
        amount,
        expires,
        imposed: index,
        ended: None,
    });
    Ok(target.write(work))
}

/// The amount that a freeze keeps, minor units: one at the level `amount`, which is for accounts.
fn amount(work: &Work<'_>, target: &Target, i: &Freeze) -> Result<u128, Outcome> {
    match (target, i.level, &i.amount) {
        (Target::Account(number, _), FreezeLevel::Amount, Some(amount)) => {
            let book = work.state.book();
            let account = book.account_numbered(*number);
            let asset = account.and_then(|account| book.asset_numbered(account.asset));
            to_minor(*amount, asset.ok_or(Outcome::AssetUnknown)?.scale)
        }
        (_, FreezeLevel::Amount, _) | (_, _, Some(_)) => Err(Outcome::FreezeInvalid),
        (_, _, None) => Ok(0),
    }
}

/// Lifts a freeze, by two pairs of eyes.
pub(super) fn lift(work: &mut Work<'_>, i: &Lift) -> Result<u64, Outcome> {
    let (index, time) = (work.index, work.time);
    let mut target = Target::find(work, i.account.as_ref(), i.participant.as_ref())?;
    let freezes = target.freezes();
    freezes.sweep(index, time);
    if !freezes.lift(index, &i.case) {
        return Err(Outcome::CaseUnknown);
    }
    if !work.four_eyes() {
        return Err(Outcome::FourEyesNeeded);
    }
    Ok(target.write(work))
}

/// Opens a closed account again.
pub(super) fn reopen(work: &mut Work<'_>, i: &ReopenAccount) -> Result<u64, Outcome> {
    let account = work.state.book().account(&i.address).cloned();
    let mut account = account.ok_or(Outcome::AccountUnknown)?;
    if account.status == AccountStatus::Active {
        return Err(Outcome::NoChange);
    }
    account.set_terms(work.index, AccountStatus::Active, account.limits);
    let number = account.number;
    work.write(Effect::Account(number, Some(account)));
    Ok(number)
}
