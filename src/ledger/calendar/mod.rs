//! Calendars and the business day: which dates an asset settles on, and from when until when
//! (LEDGER F11).
//!
//! ```text
//!  date       Thu 24                                Mon 28
//!  indexes    from ─────────────────────────── to │ from ─── ...      dates are ranges of indexes
//!  entries    STDY ─── CUSC ─── IBKC ─── SYSC ─── next_date ─── STDY
//! ```
//!
//! A calendar is what the operators said in the log: good days, holidays, offsets from UTC, times.
//! From it follows when each thing is due; the entries say that it was done. An asset without a
//! calendar has no dates, and moves at any time. A bank may have days of its own on which it is closed:
//! what concerns it does not move on them.
//!
//! Invariants: a business date never goes back; the ranges of dates are contiguous, so each entry has
//! one date; a date opens, is cut off and closes once.

mod closings;
mod date;
mod day;
mod instruction;
mod month;
mod record;
mod set;
mod timing;
mod version;

pub use date::{Date, TimeOfDay, Weekday};
pub use instruction::{CutoffPolicy, OffsetChange, Roll, SetCalendar};
pub use month::Month;
pub use record::{BusinessDay, Calendar, Calendars, DayPhase, Doors, PastDay};
pub use version::CalendarVersion;

pub(super) use closings::set_participant_days;
pub(super) use day::{closes_by, goes_first, is_to_seal, next_due, step};
pub(super) use set::set_calendar;
pub(super) use timing::{Timing, admits, admits_all, lets_settle, timing};
