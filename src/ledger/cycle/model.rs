//! `open_model`, `close_model`, `join_model`: governance of settlement models.

use alloc::boxed::Box;
use alloc::format;

use super::close::close;
use super::instruction::{CloseModel, CloseRule, JoinModel, OpenModel};
use super::pool;
use super::record::{CycleEffect, Member, Model, ModelRecord, ModelTerms, OpenWindow, Turnover};
use crate::ledger::account::{Account, AccountKind, AccountStatus, Counters, Limits};
use crate::ledger::apply::Work;
use crate::ledger::asset::AssetStatus;
use crate::ledger::book::{Book, Effect};
use crate::ledger::id::{Address, ModelId};
use crate::ledger::outcome::Outcome;
use crate::ledger::transfer::as_limit;
use crate::limits::{CLOSE_EVERY_S_MAX, CLOSE_EVERY_S_MIN, FUNDING_S_MAX, MEMBERS_MAX, MODELS_MAX};

/// Opens a model with its own account and its first window; gives its number.
pub(in crate::ledger) fn open_model(work: &mut Work<'_>, i: &OpenModel) -> Result<u64, Outcome> {
    let book = work.state.book();
    let asset = book.asset(&i.asset).ok_or(Outcome::AssetUnknown)?;
    if asset.status == AssetStatus::Retired {
        return Err(Outcome::AssetRetired);
    }
    let cycles = book.cycles();
    let known = cycles.model(&i.model).is_some();
    // Longest name and longest prefix are 50 characters.
    let address = Address::new(&format!("operators:netting.{}", i.model))
        .map_err(|_| Outcome::AccountExists)?;
    if !known && book.account(&address).is_some() {
        return Err(Outcome::AccountExists);
    }
    if known {
        return Err(Outcome::ModelExists);
    }
    if cycles.models().len() >= MODELS_MAX {
        return Err(Outcome::ModelsTooMany);
    }
    let terms = terms(work, asset.number, i)?;
    let number = u32::try_from(cycles.models().len()).unwrap_or(u32::MAX);
    let account = Account {
        number: u64::try_from(book.accounts().len()).unwrap_or(u64::MAX),
        address,
        owner: 0,
        kind: AccountKind::Netting,
        asset: asset.number,
        status: AccountStatus::Active,
        limits: Limits::default(),
        counters: Counters::default(),
        last: None,
        opened: work.index,
        earlier: alloc::vec::Vec::new(),
        guarded: false,
        kept: false,
    };
    let record = ModelRecord {
        number,
        id: i.id,
        name: i.model.clone(),
        asset: asset.number,
        account: account.number,
        terms,
        opened: work.index,
        closed: None,
        open: OpenWindow {
            number: 1,
            from: work.index,
            since: work.time,
        },
        settled: 0,
    };
    work.write(Effect::Account(account.number, Some(account)));
    let effect = CycleEffect::Model(number, Some(Box::new(record)));
    work.write(Effect::Cycle(effect));
    Ok(u64::from(number))
}

fn terms(work: &Work<'_>, asset: u32, i: &OpenModel) -> Result<ModelTerms, Outcome> {
    let every_s = match i.close {
        CloseRule::Manual => None,
        CloseRule::EveryS(every) => Some(every),
    };
    let every_fits = every_s.is_none_or(|s| (CLOSE_EVERY_S_MIN..=CLOSE_EVERY_S_MAX).contains(&s));
    if !every_fits || i.funding_s > FUNDING_S_MAX {
        return Err(Outcome::ScheduleInvalid);
    }
    let pool = i.pool.as_ref().map(|pool| pool::named(work, asset, pool));
    let pool = pool.transpose()?;
    let calendars = work.state.book().calendars();
    if i.close_with_day.is_some() && calendars.of_asset(asset).is_none() {
        return Err(Outcome::CalendarUnknown);
    }
    Ok(ModelTerms {
        every_s,
        funding_s: i.funding_s,
        count: i.count_unsettled_credits.unwrap_or_default(),
        close_with_day: i.close_with_day,
        pool,
    })
}

/// Closes a model and its open window; gives that window's number.
pub(in crate::ledger) fn close_model(work: &mut Work<'_>, i: &CloseModel) -> Result<u64, Outcome> {
    let model = open(work.state.book(), &i.model)?;
    let mut record = model.record.clone();
    if record.open.from > work.index {
        return Err(Outcome::WindowEnds);
    }
    record.closed = Some(work.index);
    let number = record.number;
    let effect = CycleEffect::Model(number, Some(Box::new(record)));
    work.write(Effect::Cycle(effect));
    Ok(close(work, number))
}

/// Joins a participant, or sets its cap and what it owes still; gives its number.
pub(in crate::ledger) fn join_model(work: &mut Work<'_>, i: &JoinModel) -> Result<u64, Outcome> {
    let book = work.state.book();
    let account = book.account(&i.account).ok_or(Outcome::AccountUnknown)?;
    let model = book.cycles().model(&i.model);
    let model = model.ok_or(Outcome::ModelUnknown)?;
    if account.asset != model.record.asset {
        return Err(Outcome::AssetMismatch);
    }
    let asset = book.asset_numbered(account.asset);
    let scale = asset.ok_or(Outcome::AssetUnknown)?.scale;
    let cap = as_limit(i.net_debit_cap, scale)?;
    let still = i.still_owed.map(|owed| as_limit(owed, scale)).transpose()?;
    if account.status == AccountStatus::Closed {
        return Err(Outcome::AccountClosed);
    }
    if account.kind != AccountKind::Settlement {
        return Err(Outcome::AccountKindNotAllowed);
    }
    let known = model.member(account.owner);
    let owed = known.map_or(0, |member| member.owed);
    let same = |member: &Member| member.account == account.number && member.cap == cap;
    if known.is_some_and(same) && still.is_none_or(|still| still == owed) {
        return Err(Outcome::NoChange);
    }
    // What a member owes outlasts the model.
    if model.record.closed.is_some() && (known.is_none() || still.is_none()) {
        return Err(Outcome::ModelClosed);
    }
    let left = still.unwrap_or(owed);
    let member = match known {
        Some(member) if member.account != account.number => return Err(Outcome::MemberExists),
        _ if left > owed => return Err(Outcome::OwedExceeded),
        Some(member) => Member {
            cap,
            owed: left,
            ..*member
        },
        None if is_joined(book, account) => return Err(Outcome::ModelOverlap),
        None if model.members().len() >= MEMBERS_MAX => return Err(Outcome::MembersTooMany),
        None if book.signer_of(account.owner) != account.owner => {
            return Err(Outcome::ParticipantIndirect);
        }
        None => Member {
            account: account.number,
            cap,
            now: Turnover::default(),
            unsettled: Turnover::default(),
            owed: 0,
        },
    };
    let (number, owner) = (model.record.number, account.owner);
    let effect = CycleEffect::Member(number, owner, Some(member));
    work.write(Effect::Cycle(effect));
    Ok(u64::from(owner))
}

/// Whether nets may still be settled on an account.
pub(in crate::ledger) fn is_joined(book: &Book, account: &Account) -> bool {
    let joined = |model: &Model| {
        let member = model.member(account.owner);
        !model.is_over() && member.is_some_and(|member| member.account == account.number)
    };
    book.cycles().models().iter().any(|model| joined(model))
}

/// A model that takes payments.
pub(super) fn open<'a>(book: &'a Book, name: &ModelId) -> Result<&'a Model, Outcome> {
    let model = book.cycles().model(name).ok_or(Outcome::ModelUnknown)?;
    match model.record.closed {
        Some(_) => Err(Outcome::ModelClosed),
        None => Ok(model),
    }
}
