//! Value dates: payments that count, in value-dated balances, from a business date before the present
//! one on (LEDGER F07).
//!
//! A value date gives away what the payer's account would have earned since. So it takes the payer's
//! own signature, and no mandate; and of the operators' accounts, which earn nothing, that of two. What
//! was booked stays as it was, and so does what can be paid: that is what is booked.

use super::apply::{Refusal, Work};
use super::book::Effect;
use super::calendar::{Calendar, Date, Timing};
use super::draft::{About, HeldLeg, LegKind};
use super::instruction::Transfer;
use super::outcome::Outcome;
use super::transfer::{Place, leg_number};
use super::values::ValueKey;
use super::{account::Counters, book::Book};

/// Number of the participant that the operators are.
const OPERATORS: u32 = 0;

/// Checks the value date that a transfer states, whose accounts are all known; gives it.
pub(super) fn check(
    work: &Work<'_>,
    i: &Transfer,
    timing: Timing,
) -> Result<Option<Date>, Refusal> {
    let Some(date) = i.value_date else {
        return Ok(None);
    };
    if i.queue.is_some() || i.settlement_date.is_some() || i.mandate.is_some() {
        return Err(Outcome::ValueDateNotTaken.into());
    }
    if timing != Timing::Now {
        return Err(Outcome::CutoffPassed.into());
    }
    let book = work.state.book();
    for (n, leg) in i.legs.iter().enumerate() {
        let Some(debit) = book.account_ref(&leg.debit) else {
            continue;
        };
        let n = leg_number(n);
        let calendar = book.calendars().of_asset(debit.asset);
        let calendar = calendar.ok_or_else(|| Outcome::CalendarUnknown.at_leg(n))?;
        lets(calendar, date).map_err(|outcome| outcome.at_leg(n))?;
        let before = date < calendar.day.date;
        if before && debit.owner == OPERATORS && !work.four_eyes() {
            return Err(Outcome::FourEyesNeeded.at_leg(n));
        }
    }
    Ok(Some(date))
}

/// Whether a calendar lets a payment that is booked now have this value date.
fn lets(calendar: &Calendar, date: Date) -> Result<(), Outcome> {
    let present = calendar.day.date;
    if date > present {
        return Err(Outcome::ValueDateAhead);
    }
    let window = calendar.version(present).back_value_days;
    if date < Date::from_days(present.days().saturating_sub(window)) {
        return Err(Outcome::ValueDateTooOld);
    }
    match calendar.business_date(date) == Some(date) {
        true => Ok(()),
        false => Err(Outcome::ValueDateNotGood),
    }
}

/// Posts the counters of a leg with a value date, drafts its item, and notes by how much balances at
/// the closes since that date differ.
pub(super) fn post(
    work: &mut Work<'_>,
    place: &Place,
    date: Date,
    amount: u128,
    after: [(u64, Counters); 2],
) {
    let kind = LegKind::Valued;
    let leg = work.post_leg(place, kind, amount, after);
    work.draft_held(HeldLeg {
        leg,
        of: None,
        since: None,
        about: About::ValueDate(date),
        outcome: kind.outcome(),
    });
    // Below 2^96, as all that an account was ever debited or credited is: sums of them fit.
    let amount = i128::try_from(amount).unwrap_or(i128::MAX);
    let [(debit, _), (credit, _)] = after;
    for (account, moved) in [(debit, amount.saturating_neg()), (credit, amount)] {
        for key in keys(work.state.book(), account, date) {
            let sum = work.state.book().values().get(key).saturating_add(moved);
            work.write(Effect::Value(key, (sum != 0).then_some(sum)));
        }
    }
}

/// The closes since a value date at which an account's booked balance is without what is booked now.
fn keys(book: &Book, account: u64, date: Date) -> alloc::vec::Vec<ValueKey> {
    let asset = book.account_numbered(account).map(|account| account.asset);
    let calendar = asset.and_then(|asset| book.calendars().of_asset(asset));
    let Some(calendar) = calendar else {
        return alloc::vec::Vec::new();
    };
    let past = calendar.past.iter().rev();
    let since = past.take_while(|day| day.date >= date);
    let keys = since.map(|day| ValueKey {
        date: day.date,
        calendar: calendar.number,
        account,
    });
    keys.collect()
}
