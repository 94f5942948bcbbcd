//! `set_calendar`: governance of business days.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::instruction::SetCalendar;
use super::record::{BusinessDay, Calendar, DayPhase};
use super::version::CalendarVersion;
use crate::ledger::apply::Work;
use crate::ledger::book::Effect;
use crate::ledger::outcome::Outcome;
use crate::limits::{CALENDAR_VERSIONS_MAX, CALENDARS_MAX};

/// Sets the business days of an asset from a date on; gives the version's number.
pub(in crate::ledger) fn set_calendar(
    work: &mut Work<'_>,
    i: &SetCalendar,
) -> Result<u64, Outcome> {
    let book = work.state.book();
    let asset = book.asset(&i.asset).ok_or(Outcome::AssetUnknown)?.number;
    let calendars = book.calendars();
    let calendar = match calendars.of_asset(asset) {
        Some(known) => changed(known, i, work.index)?,
        None => {
            let number = u32::try_from(calendars.all().len()).unwrap_or(u32::MAX);
            let calendar = first(work, (number, asset), i)?;
            if calendars.all().len() >= CALENDARS_MAX {
                return Err(Outcome::CalendarsTooMany);
            }
            calendar
        }
    };
    let (number, version) = (calendar.number, calendar.set);
    work.write(Effect::Calendar(number, Some(Arc::new(calendar))));
    Ok(u64::from(version))
}

/// A calendar with its first version: its first date begins with the next entry, and until it opens
/// the asset moves as it did before.
fn first(
    work: &Work<'_>,
    (number, asset): (u32, u32),
    i: &SetCalendar,
) -> Result<Calendar, Outcome> {
    let version = CalendarVersion::of(i, 1, work.index).ok_or(Outcome::CalendarInvalid)?;
    if i.valid_from < version.local_date(work.time) {
        return Err(Outcome::CalendarTooEarly);
    }
    let mut calendar = Calendar {
        number,
        asset,
        set: 1,
        versions: alloc::vec![version],
        day: BusinessDay {
            date: i.valid_from,
            phase: DayPhase::Ahead,
            unfinished: false,
            months: Vec::new(),
            from_account: 0,
            from: work.index.saturating_add(1),
            marks: Vec::new(),
            sealed: false,
            due: 0,
        },
        past: Vec::new(),
        month: None,
    };
    let date = calendar.good_from(i.valid_from);
    calendar.day.date = date.ok_or(Outcome::CalendarInvalid)?;
    calendar.set_due();
    Ok(calendar)
}

/// The calendar with one more version. The present date keeps its own once it has opened; before,
/// it may become a later one.
fn changed(known: &Calendar, i: &SetCalendar, index: u64) -> Result<Calendar, Outcome> {
    let number = known.set.saturating_add(1);
    let version = CalendarVersion::of(i, number, index).ok_or(Outcome::CalendarInvalid)?;
    let day = &known.day;
    let opened = day.phase > DayPhase::Night;
    if i.valid_from < day.date || opened && i.valid_from == day.date {
        return Err(Outcome::CalendarTooEarly);
    }
    let mut calendar = known.clone();
    calendar.set = number;
    // For the same date there is one version, the last that was set.
    calendar.versions.retain(|v| v.valid_from != i.valid_from);
    calendar.versions.push(version);
    calendar.versions.sort_by_key(|v| v.valid_from);
    calendar.forget_versions();
    if calendar.versions.len() > CALENDAR_VERSIONS_MAX {
        return Err(Outcome::CalendarsTooMany);
    }
    if !opened {
        let date = calendar.good_from(day.date);
        calendar.day.date = date.ok_or(Outcome::CalendarInvalid)?;
        calendar.forget_versions();
    }
    calendar.set_due();
    Ok(calendar)
}

impl Calendar {
    /// Forgets versions that hold for no date from the present one on.
    pub(super) fn forget_versions(&mut self) {
        let date = self.day.date;
        let then = self.versions.iter().rposition(|v| v.valid_from <= date);
        self.versions.drain(..then.unwrap_or(0));
    }
}
