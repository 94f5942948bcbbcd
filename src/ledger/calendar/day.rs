//! The business day goes on: it opens, is cut off for customers and for banks, closes, and the next
//! one begins. Each is an entry of the node's own, at its time or at the next chance behind it; after a
//! long stop all of them follow each other, none twice.
//!
//! ```text
//!  night ──STDY──▶ open ──CUSC──▶ interbank ──IBKC──▶ cutoff ──SYSC──▶ closed ──at once──▶ night
//!          release        revoke              revoke           seal     fees   next date
//! ```
//!
//! Where payments are released or revoked, or fees of a month charged, entries of their own do so before the day goes on, and the
//! last of them says that it is done. Nothing is kept but the log: whoever stops in between goes on
//! where the last entry ends.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::Serialize;

use super::closings::{is_shut_for, owners_of};
use super::date::Date;
use super::month::Month;
use super::record::{Calendar, DayPhase};
use super::timing::{has_customer, is_open_on};
use crate::ledger::apply::Work;
use crate::ledger::book::{Book, Effect};
use crate::ledger::cycle::{self, DayEvent};
use crate::ledger::fees;
use crate::ledger::guarding;
use crate::ledger::id::{AssetId, InstructionId};
use crate::ledger::outcome::Outcome;
use crate::ledger::queue::Payment;
use crate::ledger::queueing::notices;
use crate::ledger::time::{SECOND, Time};
use crate::limits::DAY_SEAL_WAIT_S;

/// What the log says of a business day.
#[derive(Serialize)]
struct Said {
    business_day: Told,
}

#[derive(Serialize)]
struct Told {
    id: InstructionId,
    asset: AssetId,
    date: Date,
    event: &'static str,
    /// When it was due; of what comes at once, nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<Time>,
    /// Of payments that are released or revoked, and of fees: `more` of them follow, or it is `done`.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<&'static str>,
    /// For which month fees are charged.
    #[serde(skip_serializing_if = "Option::is_none")]
    month: Option<Month>,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<Range>,
}

/// Of a date that is over: its entries, and whether the state behind them is sealed.
#[derive(Serialize)]
struct Range {
    from_index: u64,
    to_index: u64,
    sealed: bool,
}

/// When the node has something to do for a calendar, nanoseconds since 1970 UTC. `sealing` says
/// whether a seal is outstanding.
pub(in crate::ledger) fn next_due(book: &Book, sealing: bool) -> Option<u64> {
    let all = book.calendars().all().iter();
    all.map(|calendar| due(calendar, sealing)).min()
}

/// A day that would close waits for a seal that is outstanding, so that its own is not passed over;
/// but not for long.
fn due(calendar: &Calendar, sealing: bool) -> u64 {
    let day = &calendar.day;
    match sealing && day.phase == DayPhase::Cutoff && !day.unfinished {
        true => day
            .due
            .saturating_add(DAY_SEAL_WAIT_S.saturating_mul(SECOND)),
        false => day.due,
    }
}

/// Whether a day has closed and its seal is of the state here and now.
pub(in crate::ledger) fn is_to_seal(book: &Book, next_index: u64) -> bool {
    let all = book.calendars().all().iter();
    let mut closed = all.filter(|calendar| calendar.day.phase == DayPhase::Closed);
    closed.any(|calendar| {
        let to = calendar.past.last().map(|day| day.to);
        calendar.day.sealed && to.is_some_and(|to| to.saturating_add(1) == next_index)
    })
}

/// Whether a day closes by `time`: then no other seal begins before it.
pub(in crate::ledger) fn closes_by(book: &Book, time: u64) -> bool {
    let all = book.calendars().all().iter();
    let mut days = all.map(|calendar| &calendar.day);
    days.any(|day| day.phase == DayPhase::Cutoff && !day.unfinished && day.due <= time)
}

/// Whether a business day goes on before holds expire and payments are released or revoked: it was due
/// before them.
pub(in crate::ledger) fn goes_first(work: &Work<'_>) -> bool {
    let book = work.state.book();
    if book.calendars().is_empty() {
        return false;
    }
    let due = next_due(book, work.state.frozen_size().is_some());
    // Proposals and recalls that end move nothing, so they never hold a day up.
    let others = book.next_due_of_money();
    due.is_some_and(|due| due <= work.time && others.is_none_or(|other| due <= other))
}

/// Does the next thing that is due for a calendar. Says whether anything was.
pub(in crate::ledger) fn step(work: &mut Work<'_>) -> bool {
    let calendars = work.state.book().calendars();
    if calendars.is_empty() {
        return false;
    }
    let (sealing, time) = (work.state.frozen_size().is_some(), work.time);
    let is_due = |calendar: &&Arc<Calendar>| due(calendar, sealing) <= time;
    let all = calendars.all().iter().filter(is_due);
    let Some(first) = all.min_by_key(|c| (due(c, sealing), c.number)) else {
        return false;
    };
    let first = Arc::clone(first);
    match first.day.phase {
        DayPhase::Closed if first.day.unfinished => charge(work, &first),
        _ if first.day.unfinished => go_on(work, &first),
        DayPhase::Ahead | DayPhase::Night => {
            mark(work, &first, DayPhase::Open, Outcome::DayOpened);
        }
        DayPhase::Open => mark(work, &first, DayPhase::Interbank, Outcome::CustomerCutoff),
        DayPhase::Interbank => mark(work, &first, DayPhase::Cutoff, Outcome::InterbankCutoff),
        // All that close at one time do so in one entry: one seal is of all of them.
        phase @ (DayPhase::Cutoff | DayPhase::Closed) => {
            let same = |c: &&Arc<Calendar>| c.day.phase == phase && !c.day.unfinished;
            let all = work.state.book().calendars().all().iter();
            let all: Vec<_> = all.filter(is_due).filter(same).cloned().collect();
            for calendar in &all {
                match phase {
                    DayPhase::Cutoff => close(work, calendar, !sealing),
                    _ => next_date(work, calendar),
                }
            }
        }
    }
    true
}

/// The day opens, or is cut off.
fn mark(work: &mut Work<'_>, known: &Calendar, phase: DayPhase, outcome: Outcome) {
    let due = Some(Time::from_nanos(known.day.due));
    say(work, known, outcome, |told| told.due = due);
    let mut calendar = known.clone();
    calendar.day.phase = phase;
    calendar.day.marks.push(work.index);
    calendar.day.unfinished = false;
    let concerned = concerned(work.state.book(), &calendar);
    calendar.day.unfinished = !concerned.is_empty();
    let asset = calendar.asset;
    put(work, calendar);
    match phase {
        DayPhase::Interbank => cycle::close_with(work, asset, DayEvent::CustomerCutoff),
        DayPhase::Cutoff => cycle::close_with(work, asset, DayEvent::InterbankCutoff),
        _ => {}
    }
}

/// Releases or revokes payments, as many as an entry has room for.
fn go_on(work: &mut Work<'_>, known: &Calendar) {
    let payments = concerned(work.state.book(), known);
    let opens = known.day.phase == DayPhase::Open;
    // Behind the word itself, which is an item too.
    let mut legs = 1usize;
    let fits = |payment: &&Payment| {
        legs = legs.saturating_add(payment.legs.len());
        legs <= crate::limits::ITEMS_MAX
    };
    let now: Vec<Payment> = payments.iter().take_while(fits).cloned().collect();
    let more = now.len() < payments.len();
    let outcome = match known.day.phase {
        DayPhase::Open => Outcome::DayOpened,
        DayPhase::Interbank => Outcome::CustomerCutoff,
        _ => Outcome::InterbankCutoff,
    };
    let step = if more { "more" } else { "done" };
    say(work, known, outcome, |told| told.step = Some(step));
    for (mut payment, ordinal) in now.into_iter().zip(1u32..) {
        let key = payment.rank.key;
        let left = match opens {
            true => {
                payment.day = None;
                notices(work, ordinal, &payment, Outcome::Queued);
                Some(payment)
            }
            false => {
                notices(work, ordinal, &payment, Outcome::RevokedAtCutoff);
                guarding::drop_queued(work, &payment);
                None
            }
        };
        work.write(Effect::Queued(key, left));
    }
    let mut calendar = known.clone();
    calendar.day.unfinished = more;
    put(work, calendar);
}

/// The payments that the day releases as it opens, or revokes as it is cut off, in the order in which
/// they were accepted.
fn concerned(book: &Book, calendar: &Calendar) -> Vec<Payment> {
    let names = |payment: &&Payment| {
        let mut legs = payment.legs.iter();
        legs.any(|leg| {
            let account = book.account_numbered(leg.debit);
            account.is_some_and(|account| account.asset == calendar.asset)
        })
    };
    let is = |payment: &&Payment| match calendar.day.phase {
        DayPhase::Open => payment
            .day
            .is_some_and(|date| is_open_on(book, payment, date, calendar)),
        // For whom the date was none it does not end.
        _ => {
            let own = payment.until_cutoff && payment.is_waiting();
            own && calendar.is_past(has_customer(book, payment))
                && !is_shut_for(book, calendar, owners_of(book, payment))
        }
    };
    let mut found: Vec<Payment> = book
        .queue()
        .iter()
        .filter(names)
        .filter(is)
        .cloned()
        .collect();
    found.sort_by_key(|payment| (payment.index, payment.rank.key));
    found
}

/// The date is over.
fn close(work: &mut Work<'_>, known: &Calendar, sealed: bool) {
    let due = Some(Time::from_nanos(known.day.due));
    let (from_index, to_index) = (known.day.from, work.index);
    say(work, known, Outcome::DayClosed, |told| {
        told.due = due;
        told.range = Some(Range {
            from_index,
            to_index,
            sealed,
        });
    });
    let mut calendar = known.clone();
    calendar.close(work.index, sealed);
    calendar.day.phase = DayPhase::Closed;
    let charged = fees::charges_any(work.state.book(), calendar.asset);
    if !charged {
        calendar.day.months.clear();
    }
    calendar.day.unfinished = !calendar.day.months.is_empty();
    put(work, calendar);
    cycle::close_with(work, known.asset, DayEvent::Close);
}

/// Charges what is due for a month that is over, of as many accounts as an entry has room for.
fn charge(work: &mut Work<'_>, known: &Calendar) {
    let mut calendar = known.clone();
    let (asset, from) = (calendar.asset, calendar.day.from_account);
    let month = calendar.day.months.first().copied();
    let month = month.expect("what is unfinished at a close is a month");
    let (accounts, next) = fees::of_one_entry(work.state.book(), asset, from);
    calendar.day.from_account = next.unwrap_or(0);
    if next.is_none() {
        calendar.day.months.remove(0);
    }
    calendar.day.unfinished = !calendar.day.months.is_empty();
    let step = match calendar.day.unfinished {
        true => "more",
        false => "done",
    };
    say(work, known, Outcome::FeesCharged, |told| {
        (told.step, told.month) = (Some(step), Some(month));
    });
    fees::charge_month(work, month, &accounts);
    put(work, calendar);
}

/// The next date begins, with this very entry.
fn next_date(work: &mut Work<'_>, known: &Calendar) {
    let mut calendar = known.clone();
    // Every version leaves good days for ever, so one is found.
    let date = calendar.good_from(known.day.date.plus(1));
    calendar.day.date = date.unwrap_or(Date::LAST);
    calendar.day.phase = DayPhase::Night;
    calendar.day.from = known
        .past
        .last()
        .map_or(work.index, |day| day.to.saturating_add(1));
    calendar.day.marks = Vec::new();
    calendar.day.sealed = false;
    calendar.forget_versions();
    calendar.set_due();
    let due = Some(Time::from_nanos(calendar.day.due));
    say(work, &calendar, Outcome::NextDate, |told| told.due = due);
    put(work, calendar);
}

fn say(work: &mut Work<'_>, calendar: &Calendar, outcome: Outcome, more: impl FnOnce(&mut Told)) {
    let date = calendar.day.date;
    let id = calendar.version(date).id;
    let asset = work.state.book().asset_numbered(calendar.asset);
    let mut told = Told {
        id,
        asset: asset.expect("assets never go").id.clone(),
        date,
        event: event(outcome),
        due: None,
        step: None,
        month: None,
        range: None,
    };
    more(&mut told);
    let said = Said { business_day: told };
    let json: String = serde_json::to_string(&said).expect("every field has a JSON form");
    work.notice((0, id), outcome, date.to_number(), json);
}

/// The ISO 20022 code of a system event (`ExternalSystemEventType`); of fees and of the next date, a
/// word of our own.
const fn event(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::DayOpened => "STDY",
        Outcome::CustomerCutoff => "CUSC",
        Outcome::InterbankCutoff => "IBKC",
        Outcome::DayClosed => "SYSC",
        Outcome::FeesCharged => "fees",
        _ => "next_date",
    }
}

fn put(work: &mut Work<'_>, mut calendar: Calendar) {
    calendar.set_due();
    work.write(Effect::Calendar(calendar.number, Some(Arc::new(calendar))));
}
