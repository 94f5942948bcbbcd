//! When a transfer settles: now, or on a business date to come, or never.
//!
//! A transfer that says no date settles while the day of each of its assets is open to it. One that
//! does settles on that date, or on the good day that the calendar rolls it to. Legs of several assets
//! settle together, so a date is good for them if it is so in each calendar, and nobody whose accounts
//! they debit or credit is closed on it.

use alloc::vec::Vec;

use super::closings::{is_shut, is_shut_for, owners_of};
use super::date::Date;
use super::instruction::{CutoffPolicy, Roll};
use super::record::{Calendar, DayPhase};
use crate::ledger::account::{Account, AccountKind};
use crate::ledger::apply::Work;
use crate::ledger::book::Book;
use crate::ledger::instruction::{Leg, Transfer, Until};
use crate::ledger::outcome::Outcome;
use crate::ledger::queue::Payment;
use crate::ledger::time::Time;
use crate::limits::DATE_SEARCH_DAYS;

/// When a transfer settles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ledger) enum Timing {
    /// As soon as it can.
    Now,
    /// When this business date opens. `rolled` says that the date is another than was asked for, or
    /// than the one it came on.
    On {
        /// The date.
        date: Date,
        /// Whether it is another.
        rolled: bool,
    },
}

/// What a transfer concerns.
struct Concern<'w> {
    book: &'w Book,
    /// The calendars of its assets, in the order of its legs.
    calendars: Vec<&'w Calendar>,
    /// Whose accounts pay or receive, as far as they have days of their own on which they are closed.
    owners: Vec<u32>,
    /// Whether an account of a customer pays or receives.
    customer: bool,
    /// Whether all accounts that pay are the submitter's.
    own: bool,
}

/// Whether the day of its asset takes a transfer of one leg now. Who has no calendar pays one look.
#[inline]
pub(in crate::ledger) fn admits(book: &Book, debit: &Account, credit: &Account) -> bool {
    let calendars = book.calendars();
    calendars.is_empty()
        || calendars
            .doors(debit.asset)
            .admit(is_customer(debit) || is_customer(credit))
            && !is_shut(
                book,
                [debit.asset].into_iter(),
                [debit.owner, credit.owner].into_iter(),
            )
}

/// Whether the days of all these accounts' assets take what moves between them now.
pub(in crate::ledger) fn admits_all<'a>(
    book: &Book,
    accounts: impl Iterator<Item = &'a Account> + Clone,
) -> bool {
    let calendars = book.calendars();
    if calendars.is_empty() {
        return true;
    }
    let customer = accounts.clone().any(is_customer);
    let mut all = accounts.clone();
    all.all(|account| calendars.doors(account.asset).admit(customer))
        && !is_shut(
            book,
            accounts.clone().map(|account| account.asset),
            accounts.map(|account| account.owner),
        )
}

fn is_customer(account: &Account) -> bool {
    account.kind == AccountKind::Customer
}

/// Says when a transfer settles whose accounts are all known.
pub(in crate::ledger) fn timing(work: &Work<'_>, i: &Transfer) -> Result<Timing, Outcome> {
    let terms = i.queue.as_ref();
    let until_cutoff = terms.is_some_and(|terms| terms.until == Some(Until::Cutoff));
    let asks = i.settlement_date.is_some() || until_cutoff;
    if work.state.book().calendars().is_empty() && !asks {
        return Ok(Timing::Now);
    }
    let of = concern(work, &i.legs);
    if of.calendars.is_empty() {
        return match asks {
            true => Err(Outcome::CalendarUnknown),
            false => Ok(Timing::Now),
        };
    }
    let from = terms.and_then(|terms| terms.settle_from).map(Time::nanos);
    match (i.settlement_date, from.filter(|from| *from > work.time)) {
        (Some(_), Some(_)) => Err(Outcome::QueueTimesInvalid),
        (Some(date), None) => of.on(date),
        // Its time has not come: the day is asked when it has.
        (None, Some(_)) => Ok(Timing::Now),
        (None, None) => of.any_date(),
    }
}

fn concern<'w>(work: &'w Work<'_>, legs: &[Leg]) -> Concern<'w> {
    let book = work.state.book();
    let mut of = Concern {
        book,
        calendars: Vec::new(),
        owners: Vec::new(),
        customer: false,
        own: true,
    };
    for leg in legs {
        let accounts = [&leg.debit, &leg.credit].map(|account| book.account_ref(account));
        let [Some(debit), Some(credit)] = accounts else {
            continue;
        };
        of.customer |= is_customer(debit) || is_customer(credit);
        of.own &= book.signer_of(debit.owner) == work.submitter;
        let owners = [debit.owner, credit.owner].into_iter();
        of.owners
            .extend(owners.filter(|owner| book.with_holidays.contains(owner)));
        let calendar = book.calendars().of_asset(debit.asset);
        let new = calendar.filter(|c| of.calendars.iter().all(|known| known.number != c.number));
        of.calendars.extend(new);
    }
    of
}

impl Concern<'_> {
    /// A transfer that says no date.
    fn any_date(&self) -> Result<Timing, Outcome> {
        let open =
            |calendar: &&Calendar| calendar.doors().admit(self.customer) && !self.is_shut(calendar);
        if self.calendars.iter().all(open) {
            return Ok(Timing::Now);
        }
        if self.rejects() || !self.own {
            return Err(Outcome::CutoffPassed);
        }
        let rolled = self.calendars.iter().any(|c| self.is_past(c));
        let date = self.good_from(self.earliest()?)?;
        Ok(Timing::On { date, rolled })
    }

    /// A transfer that asks for a date.
    fn on(&self, asked: Date) -> Result<Timing, Outcome> {
        let present = self.calendars.iter().map(|c| c.day.date).max();
        let present = present.unwrap_or(asked);
        let versions = self.calendars.iter().map(|c| c.version(c.day.date));
        let most = versions.map(|v| v.max_warehouse_days).min().unwrap_or(0);
        if asked < present {
            return Err(Outcome::DatePast);
        }
        if asked > present.plus(most) {
            return Err(Outcome::DateTooFar);
        }
        let mut date = self.rolled(asked, present)?;
        let earliest = self.earliest()?;
        if date < earliest {
            if self.rejects() {
                return Err(Outcome::CutoffPassed);
            }
            date = self.good_from(earliest)?;
        }
        let open = |calendar: &&Calendar| {
            is_open(calendar, self.customer, date) && !self.is_shut(calendar)
        };
        if self.calendars.iter().all(open) {
            return Ok(Timing::Now);
        }
        let rolled = date != asked;
        Ok(Timing::On { date, rolled })
    }

    /// The date itself, if it is good, or the one that the first calendar's rule says.
    fn rolled(&self, asked: Date, present: Date) -> Result<Date, Outcome> {
        if self.is_good(asked) {
            return Ok(asked);
        }
        let none = || Outcome::DateNotGood;
        let rules = self.calendars.iter().map(|c| c.version(c.day.date).roll);
        let rule = match rules.clone().any(|roll| roll == Roll::None) {
            true => Roll::None,
            false => rules.clone().next().unwrap_or(Roll::None),
        };
        let days = present.days()..asked.days();
        let mut before = days.rev().map(Date::from_days);
        match rule {
            Roll::None => Err(none()),
            Roll::Following => self.good_from(asked),
            Roll::Preceding => before.find(|date| self.is_good(*date)).ok_or_else(none),
            Roll::ModifiedFollowing => {
                let following = self.good_from(asked)?;
                if following.same_month(asked) {
                    return Ok(following);
                }
                before.find(|date| self.is_good(*date)).ok_or_else(none)
            }
        }
    }

    fn is_good(&self, date: Date) -> bool {
        let good = |c: &&Calendar| date >= c.day.date && c.is_good(date);
        let closed = |owner: &u32| self.book.is_closed_on(*owner, date);
        self.calendars.iter().all(good) && !self.owners.iter().any(closed)
    }

    /// Whether somebody whom it concerns is closed on the present date of a calendar.
    fn is_shut(&self, calendar: &Calendar) -> bool {
        is_shut_for(self.book, calendar, self.owners.iter().copied())
    }

    /// Whether it is too late for the present date of a calendar, or that is none for it.
    fn is_past(&self, calendar: &Calendar) -> bool {
        calendar.is_past(self.customer) || self.is_shut(calendar)
    }

    /// The first date that is good in all calendars and for all owners, at or behind one.
    fn good_from(&self, date: Date) -> Result<Date, Outcome> {
        let mut dates = (0..DATE_SEARCH_DAYS).map(|n| date.plus(n));
        dates
            .find(|date| self.is_good(*date))
            .ok_or(Outcome::DateTooFar)
    }

    /// The first date on which it may still settle, as far as each calendar by itself says.
    fn earliest(&self) -> Result<Date, Outcome> {
        let mut earliest = Date::from_days(0);
        for calendar in &self.calendars {
            let date = match self.is_past(calendar) {
                true => calendar.good_from(calendar.day.date.plus(1)),
                false => Some(calendar.day.date),
            };
            earliest = earliest.max(date.ok_or(Outcome::DateTooFar)?);
        }
        Ok(earliest)
    }

    fn rejects(&self) -> bool {
        let mut policies = self.calendars.iter().map(|c| c.policy());
        policies.any(|policy| policy == CutoffPolicy::Reject)
    }
}

/// Whether a day has come at which payments of this kind settle that wait for a date.
fn is_open(calendar: &Calendar, customer: bool, date: Date) -> bool {
    let begun = calendar.day.phase != DayPhase::Ahead;
    begun && calendar.day.date >= date && calendar.doors().admit(customer)
}

/// Whether all days are open to a payment that waits for a date; `opening` is a calendar that opens
/// just now.
pub(super) fn is_open_on(book: &Book, payment: &Payment, date: Date, opening: &Calendar) -> bool {
    let customer = has_customer(book, payment);
    let shut = |calendar: &Calendar| is_shut_for(book, calendar, owners_of(book, payment));
    assets_of(book, payment).all(|asset| match asset == opening.asset {
        true => opening.day.date >= date && !shut(opening),
        false => {
            let calendar = book.calendars().of_asset(asset);
            calendar.is_none_or(|it| is_open(it, customer, date) && !shut(it))
        }
    })
}

/// The assets of the accounts that a payment debits.
fn assets_of<'a>(book: &'a Book, payment: &'a Payment) -> impl Iterator<Item = u32> + 'a {
    let debits = payment.legs.iter().map(|leg| leg.debit);
    debits.filter_map(move |number| Some(book.account_numbered(number)?.asset))
}

/// Whether an account of a customer pays or receives in a payment that waits.
pub(super) fn has_customer(book: &Book, payment: &Payment) -> bool {
    let numbers = payment.legs.iter().flat_map(|leg| [leg.debit, leg.credit]);
    let mut accounts = numbers.filter_map(|number| book.account_numbered(number));
    accounts.any(is_customer)
}

/// Whether the days of its assets let a payment that waits for funds settle.
pub(in crate::ledger) fn lets_settle(book: &Book, payment: &Payment) -> bool {
    let calendars = book.calendars();
    if calendars.is_empty() {
        return true;
    }
    let customer = has_customer(book, payment);
    payment.legs.iter().all(|leg| {
        let account = book.account_numbered(leg.debit);
        account.is_some_and(|account| calendars.doors(account.asset).admit(customer))
    }) && !is_shut(book, assets_of(book, payment), owners_of(book, payment))
}
