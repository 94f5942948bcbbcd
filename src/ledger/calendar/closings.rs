//! Days on which a bank is closed, whatever the calendars of assets say (LEDGER F11).
//!
//! They concern a payment that debits or credits an account of the bank: a date on which somebody is
//! closed whom it concerns is no good day for it, and the day of an asset does not take it.

use super::date::Date;
use super::record::{Calendar, DayPhase};
use crate::ledger::apply::Work;
use crate::ledger::book::{Book, Effect};
use crate::ledger::instruction::SetParticipantDays;
use crate::ledger::outcome::Outcome;
use crate::ledger::queue::Payment;
use crate::ledger::standing::{bank, find, is_not_over};
use crate::ledger::time::DAY;
use crate::limits::{HOLIDAYS_AHEAD_DAYS_MAX, HOLIDAYS_MAX};

impl Book {
    /// Whether a participant is closed on a date that is a day of its own.
    #[must_use]
    pub fn is_closed_on(&self, participant: u32, date: Date) -> bool {
        let known = || self.participant_numbered(participant);
        self.with_holidays.contains(&participant)
            && known().is_some_and(|it| it.holidays.binary_search(&date).is_ok())
    }
}

/// Whether one of these participants is closed on the present date of a calendar. Ahead of its first
/// date an asset moves as it did before.
pub(super) fn is_shut_for(
    book: &Book,
    calendar: &Calendar,
    mut owners: impl Iterator<Item = u32>,
) -> bool {
    calendar.day.phase != DayPhase::Ahead
        && owners.any(|owner| book.is_closed_on(owner, calendar.day.date))
}

/// The same of the calendars of assets. Who has no such days pays one look.
#[inline]
pub(super) fn is_shut(
    book: &Book,
    mut assets: impl Iterator<Item = u32>,
    owners: impl Iterator<Item = u32> + Clone,
) -> bool {
    !book.with_holidays.is_empty()
        && assets.any(|asset| {
            let calendar = book.calendars().of_asset(asset);
            calendar.is_some_and(|calendar| is_shut_for(book, calendar, owners.clone()))
        })
}

/// The owners of all accounts that a payment debits or credits.
pub(super) fn owners_of<'a>(
    book: &'a Book,
    payment: &'a Payment,
) -> impl Iterator<Item = u32> + Clone + 'a {
    let legs = payment.legs.iter();
    let accounts = legs.flat_map(|leg| [leg.debit, leg.credit]);
    accounts.filter_map(move |number| Some(book.account_numbered(number)?.owner))
}

/// States the days of a bank; gives its number. A date that has opened stays what it was for it.
pub(in crate::ledger) fn set_participant_days(
    work: &mut Work<'_>,
    i: &SetParticipantDays,
) -> Result<u64, Outcome> {
    if find(work, &i.participant)?.holidays == i.holidays {
        return Err(Outcome::NoChange);
    }
    let mut bank = bank(work, &i.participant)?;
    let today = u32::try_from(work.time / DAY).unwrap_or(u32::MAX);
    let ahead = |date: &Date| date.days().saturating_sub(today);
    let last = i.holidays.last();
    let fits = i.holidays.len() <= HOLIDAYS_MAX
        && i.holidays.is_sorted_by(|a, b| a < b)
        && last.is_none_or(|last| ahead(last) <= HOLIDAYS_AHEAD_DAYS_MAX);
    if !fits {
        return Err(Outcome::CalendarInvalid);
    }
    let changes = |date: &Date| bank.holidays.contains(date) != i.holidays.contains(date);
    let all = work.state.book().calendars().all().iter();
    let mut opened = all.filter(|calendar| calendar.day.phase > DayPhase::Night);
    if opened.any(|calendar| changes(&calendar.day.date)) {
        return Err(Outcome::CalendarTooEarly);
    }
    is_not_over(&bank)?;
    bank.holidays.clone_from(&i.holidays);
    let number = bank.number;
    work.write(Effect::Participant(number, Some(bank)));
    Ok(u64::from(number))
}
