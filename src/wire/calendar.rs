//! Calendars and business days, as readers are shown them.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::ledger::{
    AssetId, Book, Calendar, CalendarVersion, CutoffPolicy, Date, DayPhase, InstructionId,
    OffsetChange, PastDay, Roll, Time, TimeOfDay, Weekday,
};

/// All calendars.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarsPage {
    /// The calendars, in the order in which they were first set.
    pub items: Vec<CalendarView>,
}

/// The calendar of an asset, and its present business day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarView {
    /// Asset id.
    pub asset: AssetId,
    /// The present business date.
    pub business_date: Date,
    /// How far it has come.
    pub phase: DayPhase,
    /// Index of its first entry.
    pub from_index: u64,
    /// What comes next, and when.
    pub next: NextEvent,
    /// The date on which a payment from or to a customer would settle that came now without one;
    /// none, if it would be refused.
    pub customer_payments_settle: Option<Date>,
    /// The same for a payment between banks.
    pub interbank_payments_settle: Option<Date>,
    /// The version in force, then those for later dates.
    pub versions: Vec<VersionView>,
    /// Business dates that are over, newest first; in a list of calendars the newest alone.
    pub days: Vec<BusinessDayView>,
    /// Log index up to which this is true.
    pub at_index: u64,
}

/// What happens to a business day (ISO 20022 `ExternalSystemEventType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum CalendarEvent {
    /// It opens.
    Stdy,
    /// It ends for payments from and to customers.
    Cusc,
    /// It ends for payments between banks.
    Ibkc,
    /// It closes.
    Sysc,
    /// Fees of a month are charged.
    #[serde(rename = "fees")]
    Fees,
    /// The date after it begins.
    #[serde(rename = "next_date")]
    NextDate,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NextEvent {
    /// What.
    pub event: CalendarEvent,
    /// When; at once, if there is none.
    pub at: Option<Time>,
}

/// A calendar as one instruction set it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionView {
    /// Number, from 1 on.
    pub version: u32,
    /// Id of the instruction.
    pub id: InstructionId,
    /// Index of its entry.
    pub index: u64,
    /// The first date for which it holds.
    pub valid_from: Date,
    /// Days of the week that are good.
    pub good_days: Vec<Weekday>,
    /// Dates that are not good all the same.
    pub holidays: Vec<Date>,
    /// Minutes that local time is ahead of UTC, before the first change.
    pub offset_min: i16,
    /// When that changes.
    pub offset_changes: Vec<OffsetChange>,
    /// When a day opens, local time.
    pub opens: TimeOfDay,
    /// Whether that is in the evening before.
    pub opens_day_before: bool,
    /// Until when payments from or to customers settle.
    pub customer_cutoff: TimeOfDay,
    /// Until when payments between banks settle.
    pub interbank_cutoff: TimeOfDay,
    /// When the day closes.
    pub closes: TimeOfDay,
    /// What becomes of a settlement date that is no good day.
    pub roll: Roll,
    /// What becomes of a payment that comes when the day does not take it.
    pub cutoff_policy: CutoffPolicy,
    /// How many days ahead a settlement date may lie.
    pub max_warehouse_days: u32,
    /// How many days back a value date may lie.
    pub back_value_days: u32,
}

/// A business date that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BusinessDayView {
    /// The date.
    pub date: Date,
    /// Index of its first entry.
    pub from_index: u64,
    /// Index of its last entry, which closed it: balances after it are those of the date.
    pub to_index: u64,
    /// Index of the entry that opened it.
    pub opened_index: u64,
    /// Index of the entry that ended it for customers.
    pub customer_cutoff_index: u64,
    /// Index of the entry that ended it for banks.
    pub interbank_cutoff_index: u64,
    /// Whether a seal is of the state behind its last entry.
    pub sealed: bool,
}

impl CalendarView {
    /// Shows a calendar as it stands in `book` after entry `at_index`, with the newest `days` dates
    /// that are over; `None` if the book does not know its asset.
    #[must_use]
    pub fn of(book: &Book, calendar: &Calendar, at_index: u64, days: usize) -> Option<Self> {
        let day = &calendar.day;
        let over = calendar.past.iter().rev().take(days);
        Some(Self {
            asset: book.asset_numbered(calendar.asset)?.id.clone(),
            business_date: day.date,
            phase: day.phase,
            from_index: day.from,
            next: NextEvent {
                event: match day.phase {
                    DayPhase::Ahead | DayPhase::Night => CalendarEvent::Stdy,
                    DayPhase::Open => CalendarEvent::Cusc,
                    DayPhase::Interbank => CalendarEvent::Ibkc,
                    DayPhase::Cutoff => CalendarEvent::Sysc,
                    DayPhase::Closed if day.unfinished => CalendarEvent::Fees,
                    DayPhase::Closed => CalendarEvent::NextDate,
                },
                at: Some(day.due).filter(|due| *due > 0).map(Time::from_nanos),
            },
            customer_payments_settle: calendar.date_now(true),
            interbank_payments_settle: calendar.date_now(false),
            versions: calendar.versions.iter().map(VersionView::of).collect(),
            days: over.map(BusinessDayView::of).collect(),
            at_index,
        })
    }
}

impl VersionView {
    fn of(version: &CalendarVersion) -> Self {
        let good = |day: &Weekday| version.good_days & 1u8.wrapping_shl(*day as u32) != 0;
        Self {
            version: version.number,
            id: version.id,
            index: version.index,
            valid_from: version.valid_from,
            good_days: Weekday::ALL.into_iter().filter(good).collect(),
            holidays: version.holidays.clone(),
            offset_min: version.offset_min,
            offset_changes: version.offset_changes.clone(),
            opens: version.opens,
            opens_day_before: version.opens_day_before,
            customer_cutoff: version.customer_cutoff,
            interbank_cutoff: version.interbank_cutoff,
            closes: version.closes,
            roll: version.roll,
            cutoff_policy: version.policy,
            max_warehouse_days: version.max_warehouse_days,
            back_value_days: version.back_value_days,
        }
    }
}

impl BusinessDayView {
    fn of(day: &PastDay) -> Self {
        Self {
            date: day.date,
            from_index: day.from,
            to_index: day.to,
            opened_index: day.opened,
            customer_cutoff_index: day.customer_cutoff,
            interbank_cutoff_index: day.interbank_cutoff,
            sealed: day.sealed,
        }
    }
}
