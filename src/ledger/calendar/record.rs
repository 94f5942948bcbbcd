//! What the book knows of calendars: their versions, the present business day, and the days before.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::date::Date;
use super::instruction::CutoffPolicy;
use super::month::Month;
use super::version::CalendarVersion;
use crate::ledger::book::Book;
use crate::ledger::snapshot::{PartReader, PartWriter, SnapshotError};
use crate::limits::{BUSINESS_DAYS_KEPT, DATE_SEARCH_DAYS};

/// How far a business day has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayPhase {
    /// The calendar's first day has not opened: the asset moves as it did before.
    Ahead,
    /// The day before is over, and this one has not opened.
    Night,
    /// Open to everybody (since `STDY`).
    Open,
    /// Open to payments between banks (since `CUSC`).
    Interbank,
    /// No payment settles on this date any more (since `IBKC`).
    Cutoff,
    /// The date is over (since `SYSC`); the next one comes with the next entry.
    Closed,
}

/// Whom an asset is open to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Doors {
    /// To everybody.
    #[default]
    Open,
    /// To payments between banks.
    Banks,
    /// To nobody.
    Shut,
}

/// The present business day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusinessDay {
    /// Its date.
    pub date: Date,
    /// How far it has come.
    pub phase: DayPhase,
    /// Whether payments still have to be released or revoked, or fees charged, before it goes on.
    pub unfinished: bool,
    /// While it is closed: months that are over, and still to be charged.
    pub months: Vec<Month>,
    /// From which account on the first of them is.
    pub from_account: u64,
    /// Index of the first entry of the date.
    pub from: u64,
    /// Indexes of the entries that opened it, and that ended it for customers and for banks.
    pub marks: Vec<u64>,
    /// Whether the state at its close is sealed: not if another seal was outstanding for too long.
    pub sealed: bool,
    /// When the next thing is due, nanoseconds since 1970 UTC; 0 if at once.
    pub due: u64,
}

/// A business date that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastDay {
    /// The date.
    pub date: Date,
    /// Index of its first entry.
    pub from: u64,
    /// Index of its last entry, which closed it.
    pub to: u64,
    /// Index of the entry that opened it.
    pub opened: u64,
    /// Index of the entry that ended it for customers.
    pub customer_cutoff: u64,
    /// Index of the entry that ended it for banks.
    pub interbank_cutoff: u64,
    /// Whether the state behind its last entry is sealed.
    pub sealed: bool,
}

/// The calendar of one asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// Number, dense from 0.
    pub number: u32,
    /// Number of its asset.
    pub asset: u32,
    /// How many versions were ever set.
    pub set: u32,
    /// The version that holds for the present date, and those for later dates, in their order.
    pub versions: Vec<CalendarVersion>,
    /// The present business day.
    pub day: BusinessDay,
    /// Dates that are over, oldest first; the oldest of all are forgotten.
    pub past: Vec<PastDay>,
    /// The month of the last of them, as long as it goes on.
    pub month: Option<Month>,
}

/// All calendars. A clone shares them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendars {
    all: Vec<Arc<Calendar>>,
    by_asset: BTreeMap<u32, u32>,
    /// By number of the asset, as far as any has a calendar.
    doors: Vec<Doors>,
}

impl Doors {
    /// Whether they let a payment through: one of customers, or one between banks.
    #[inline]
    #[must_use]
    pub const fn admit(self, customer: bool) -> bool {
        match self {
            Self::Open => true,
            Self::Banks => !customer,
            Self::Shut => false,
        }
    }
}

impl Calendar {
    /// The version that holds for a date; the first, if none does.
    ///
    /// # Panics
    /// If there is none at all: a calendar is made with its first.
    #[must_use]
    pub fn version(&self, date: Date) -> &CalendarVersion {
        let then = self.versions.iter().rfind(|v| v.valid_from <= date);
        then.or_else(|| self.versions.first())
            .expect("a calendar has a version")
    }

    /// Whether a date is a good day.
    #[must_use]
    pub fn is_good(&self, date: Date) -> bool {
        let version = self.version(date);
        version.valid_from <= date && version.is_good(date)
    }

    /// The first good day at or behind a date.
    #[must_use]
    pub fn good_from(&self, date: Date) -> Option<Date> {
        let mut dates = (0..DATE_SEARCH_DAYS).map(|n| date.plus(n));
        dates.find(|date| self.is_good(*date))
    }

    /// What becomes of a payment that comes when the present day does not take it.
    #[must_use]
    pub fn policy(&self) -> CutoffPolicy {
        self.version(self.day.date).policy
    }

    /// Whom the asset is open to.
    #[must_use]
    pub const fn doors(&self) -> Doors {
        match self.day.phase {
            DayPhase::Ahead => Doors::Open,
            DayPhase::Open if !self.day.unfinished => Doors::Open,
            DayPhase::Interbank => Doors::Banks,
            _ => Doors::Shut,
        }
    }

    /// Whether the present date has passed its cut-off for a payment: one of customers, or one between
    /// banks.
    #[must_use]
    pub fn is_past(&self, customer: bool) -> bool {
        match customer {
            true => self.day.phase >= DayPhase::Interbank,
            false => self.day.phase >= DayPhase::Cutoff,
        }
    }

    /// The date on which a payment would settle that came now and said none; `None` if it would be
    /// refused.
    #[must_use]
    pub fn date_now(&self, customer: bool) -> Option<Date> {
        let date = self.day.date;
        match (self.doors().admit(customer), self.policy()) {
            (true, _) => Some(date),
            (false, CutoffPolicy::Reject) => None,
            (false, CutoffPolicy::Roll) if self.is_past(customer) => self.good_from(date.plus(1)),
            (false, CutoffPolicy::Roll) => Some(date),
        }
    }

    /// The date that opened last; at night it is that of the day before.
    #[must_use]
    pub fn opened(&self) -> Option<Date> {
        match self.day.phase {
            DayPhase::Ahead => None,
            DayPhase::Night => self.past.last().map(|day| day.date),
            _ => Some(self.day.date),
        }
    }

    /// The business date of entry `index`; `None` before the calendar, and for dates that are
    /// forgotten.
    #[must_use]
    pub fn date_of(&self, index: u64) -> Option<Date> {
        if index >= self.day.from {
            let closed = self
                .past
                .last()
                .filter(|_| self.day.phase == DayPhase::Closed);
            // What comes behind a close, while months are charged, is of the date that is next.
            return match closed.is_some_and(|day| index > day.to) {
                true => self.good_from(self.day.date.plus(1)),
                false => Some(self.day.date),
            };
        }
        let behind = self.past.partition_point(|day| day.from <= index);
        let day = self.past.get(behind.checked_sub(1)?)?;
        (index <= day.to).then_some(day.date)
    }

    /// A date that is over.
    #[must_use]
    pub fn past(&self, date: Date) -> Option<&PastDay> {
        let at = self.past.binary_search_by_key(&date, |day| day.date).ok()?;
        self.past.get(at)
    }

    /// Says when the next thing is due, by the phase and the times of the date.
    pub(super) fn set_due(&mut self) {
        let (date, version) = (self.day.date, self.version(self.day.date));
        let due = match self.day.phase {
            _ if self.day.unfinished => 0,
            DayPhase::Ahead | DayPhase::Night => version.opens_at(date),
            DayPhase::Open => version.at(date, version.customer_cutoff),
            DayPhase::Interbank => version.at(date, version.interbank_cutoff),
            DayPhase::Cutoff => version.at(date, version.closes),
            DayPhase::Closed => 0,
        };
        self.day.due = due;
    }

    /// Keeps the present date, which is over with entry `to`, among those of before.
    pub(super) fn close(&mut self, to: u64, sealed: bool) {
        let mark = |n: usize| self.day.marks.get(n).copied().unwrap_or(to);
        let past = PastDay {
            date: self.day.date,
            from: self.day.from,
            to,
            opened: mark(0),
            customer_cutoff: mark(1),
            interbank_cutoff: mark(2),
            sealed,
        };
        self.day.sealed = sealed;
        if self.past.len() >= BUSINESS_DAYS_KEPT {
            self.past.remove(0);
        }
        self.past.push(past);
        self.end_months();
    }

    /// Says which months are over with the present date: its own, if the next date lies in another; and
    /// before it that of the date before, if what was to be its last date became a holiday.
    fn end_months(&mut self) {
        let date = self.day.date;
        let month = Month::of(date);
        let next = self.good_from(date.plus(1)).map(Month::of);
        let over = next != Some(month);
        let before = self.month.filter(|before| *before != month);
        self.day.months = before.into_iter().chain(over.then_some(month)).collect();
        self.day.from_account = 0;
        self.month = (!over).then_some(month);
    }
}

impl Book {
    /// The calendars of assets.
    #[inline]
    #[must_use]
    pub const fn calendars(&self) -> &Calendars {
        &self.calendars
    }
}

impl Calendars {
    /// Whether there are none.
    #[inline]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// All of them, by number.
    #[must_use]
    pub fn all(&self) -> &[Arc<Calendar>] {
        &self.all
    }

    /// The calendar of an asset.
    #[must_use]
    pub fn of_asset(&self, asset: u32) -> Option<&Calendar> {
        let number = *self.by_asset.get(&asset)?;
        let calendar = self.all.get(usize::try_from(number).ok()?)?;
        Some(calendar)
    }

    /// Whom an asset is open to; to everybody, if it has no calendar.
    #[inline]
    #[must_use]
    pub fn doors(&self, asset: u32) -> Doors {
        let at = usize::try_from(asset).unwrap_or(usize::MAX);
        self.doors.get(at).copied().unwrap_or_default()
    }

    /// Puts a calendar in the place of the one of this number, or takes the newest away; gives back
    /// what was.
    pub(in crate::ledger) fn put(
        &mut self,
        number: u32,
        calendar: Option<Arc<Calendar>>,
    ) -> Option<Arc<Calendar>> {
        let at = usize::try_from(number).ok()?;
        let Some(calendar) = calendar else {
            debug_assert_eq!(at.saturating_add(1), self.all.len(), "the newest goes");
            let gone = self.all.pop()?;
            self.by_asset.remove(&gone.asset);
            self.set_doors(gone.asset, Doors::Open);
            return Some(gone);
        };
        self.set_doors(calendar.asset, calendar.doors());
        match self.all.get_mut(at) {
            Some(slot) => Some(core::mem::replace(slot, calendar)),
            None => {
                debug_assert_eq!(at, self.all.len(), "numbers are dense");
                self.by_asset.insert(calendar.asset, number);
                self.all.push(calendar);
                None
            }
        }
    }

    fn set_doors(&mut self, asset: u32, doors: Doors) {
        let at = usize::try_from(asset).unwrap_or(usize::MAX);
        if self.doors.len() <= at && doors != Doors::Open {
            self.doors.resize(at.saturating_add(1), Doors::Open);
        }
        if let Some(slot) = self.doors.get_mut(at) {
            *slot = doors;
        }
        // Two books that hold the same are equal, whatever was in them before.
        while self.doors.last() == Some(&Doors::Open) {
            self.doors.pop();
        }
    }

    pub(in crate::ledger) fn write<E, F>(&self, out: &mut PartWriter<F>) -> Result<(), E>
    where
        F: FnMut(Vec<u8>, bool) -> Result<(), E>,
    {
        out.put(&self.all.len())?;
        for calendar in &self.all {
            out.put(&**calendar)?;
        }
        Ok(())
    }

    pub(in crate::ledger) fn read<I: Iterator<Item = Vec<u8>>>(
        from: &mut PartReader<I>,
    ) -> Result<Self, SnapshotError> {
        let mut calendars = Self::default();
        from.take_all(|calendar: Calendar| {
            calendars.put(calendar.number, Some(Arc::new(calendar)));
            Ok(())
        })?;
        Ok(calendars)
    }
}
