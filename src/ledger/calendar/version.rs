//! One version of a calendar: which days are good, and when each begins and ends.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::date::{Date, TimeOfDay};
use super::instruction::{CutoffPolicy, OffsetChange, Roll, SetCalendar};
use crate::ledger::id::InstructionId;
use crate::ledger::time::SECOND;
use crate::limits::{
    BACK_VALUE_DAYS_MAX, HOLIDAYS_AHEAD_DAYS_MAX, HOLIDAYS_MAX, OFFSET_CHANGES_MAX, OFFSET_MIN_MAX,
    WAREHOUSE_DAYS_MAX,
};

const DAY_S: i64 = 86_400;

/// A calendar as one instruction set it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarVersion {
    /// Number, from 1 on.
    pub number: u32,
    /// Id of the instruction.
    pub id: InstructionId,
    /// Index of its entry.
    pub index: u64,
    /// The first date for which it holds.
    pub valid_from: Date,
    /// Days of the week that are good: bit 0 is Monday.
    pub good_days: u8,
    /// Dates that are not good all the same, in order.
    pub holidays: Vec<Date>,
    /// Minutes that local time is ahead of UTC, before the first change.
    pub offset_min: i16,
    /// When that changes, in order.
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
    pub policy: CutoffPolicy,
    /// How many days ahead a settlement date may lie.
    pub max_warehouse_days: u32,
    /// How many days back a value date may lie.
    pub back_value_days: u32,
}

impl CalendarVersion {
    /// What an instruction at `index` sets, as version `number`; `None` if it contradicts itself or is
    /// longer than it may be.
    #[must_use]
    pub fn of(i: &SetCalendar, number: u32, index: u64) -> Option<Self> {
        let changes = i.offset_changes.clone().unwrap_or_default();
        let offset = |min: i16| min.unsigned_abs() <= OFFSET_MIN_MAX;
        let evening = i.opens_day_before.unwrap_or(false);
        let back = i.back_value_days.unwrap_or(0);
        let last = i.holidays.last();
        let ahead = |date: &Date| date.days().saturating_sub(i.valid_from.days());
        // A day opens after the one before has closed, also on the evening before.
        let opens = match evening {
            true => i.opens >= i.closes,
            false => i.opens < i.customer_cutoff,
        };
        let fits = !i.good_days.is_empty()
            && i.good_days.is_sorted_by(|a, b| a < b)
            && i.holidays.len() <= HOLIDAYS_MAX
            && i.holidays.is_sorted_by(|a, b| a < b)
            && last.is_none_or(|last| ahead(last) <= HOLIDAYS_AHEAD_DAYS_MAX)
            && changes.len() <= OFFSET_CHANGES_MAX
            && changes.is_sorted_by(|a, b| a.at < b.at)
            && offset(i.offset_min)
            && changes.iter().all(|change| offset(change.offset_min))
            && opens
            && i.customer_cutoff <= i.interbank_cutoff
            && i.interbank_cutoff <= i.closes
            && i.max_warehouse_days <= WAREHOUSE_DAYS_MAX
            && back <= BACK_VALUE_DAYS_MAX;
        let bit = |bits: u8, day: &super::Weekday| bits | 1u8.wrapping_shl(*day as u32);
        fits.then(|| Self {
            number,
            id: i.id,
            index,
            valid_from: i.valid_from,
            good_days: i.good_days.iter().fold(0, bit),
            holidays: i.holidays.clone(),
            offset_min: i.offset_min,
            offset_changes: changes,
            opens: i.opens,
            opens_day_before: evening,
            customer_cutoff: i.customer_cutoff,
            interbank_cutoff: i.interbank_cutoff,
            closes: i.closes,
            roll: i.roll,
            policy: i.cutoff_policy,
            max_warehouse_days: i.max_warehouse_days,
            back_value_days: back,
        })
    }

    /// Whether a date is a good day, as far as this version holds for it.
    #[must_use]
    pub fn is_good(&self, date: Date) -> bool {
        let bit = 1u8.wrapping_shl(date.weekday() as u32);
        self.good_days & bit != 0 && self.holidays.binary_search(&date).is_err()
    }

    /// When a date opens, nanoseconds since 1970 UTC.
    #[must_use]
    pub fn opens_at(&self, date: Date) -> u64 {
        self.instant(date, self.opens, self.opens_day_before)
    }

    /// When a time of day comes on a date, nanoseconds since 1970 UTC.
    #[must_use]
    pub fn at(&self, date: Date, time: TimeOfDay) -> u64 {
        self.instant(date, time, false)
    }

    /// Local times that a change of the offset leaves out come with the change; of those that come
    /// twice, the first counts.
    fn instant(&self, date: Date, time: TimeOfDay, evening: bool) -> u64 {
        let days = i64::from(date.days()).saturating_sub(i64::from(evening));
        let minutes = i64::from(time.minutes());
        let local = days
            .saturating_mul(DAY_S)
            .saturating_add(minutes.saturating_mul(60));
        let ahead = |min: i16| i64::from(min).saturating_mul(60);
        let (mut offset, mut since) = (ahead(self.offset_min), i64::MIN);
        for change in &self.offset_changes {
            let at = i64::try_from(change.at.nanos() / SECOND).unwrap_or(i64::MAX);
            if local.saturating_sub(offset) < at {
                break;
            }
            (offset, since) = (ahead(change.offset_min), at);
        }
        let seconds = local.saturating_sub(offset).max(since);
        u64::try_from(seconds).unwrap_or(0).saturating_mul(SECOND)
    }

    /// The local date of an instant, nanoseconds since 1970 UTC.
    #[must_use]
    pub fn local_date(&self, time: u64) -> Date {
        let past = |change: &&OffsetChange| change.at.nanos() / SECOND <= time / SECOND;
        let change = self.offset_changes.iter().rfind(past);
        let offset = change.map_or(self.offset_min, |change| change.offset_min);
        let seconds = i64::try_from(time / SECOND).unwrap_or(i64::MAX);
        let local = seconds.saturating_add(i64::from(offset).saturating_mul(60));
        Date::from_days(u32::try_from(local.div_euclid(DAY_S)).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Time;
    use alloc::format;
    use alloc::string::ToString;

    fn set(changes: &str) -> CalendarVersion {
        let json = format!(
            r#"{{"id":"01890000-0000-7000-8000-000000000000","asset":"EUR",
            "valid_from":"2026-03-02","good_days":["mon","tue","wed","thu","fri"],
            "holidays":["2026-04-03"],"offset_min":60,"offset_changes":{changes},
            "opens":"02:30","customer_cutoff":"03:30","interbank_cutoff":"18:00",
            "closes":"18:30","roll":"following","cutoff_policy":"roll","max_warehouse_days":10}}"#
        );
        let instruction: SetCalendar = serde_json::from_str(&json).unwrap();
        CalendarVersion::of(&instruction, 1, 7).unwrap()
    }

    fn told(nanos: u64) -> alloc::string::String {
        Time::from_nanos(nanos).to_string()
    }

    #[test]
    fn summer_time_comes_with_its_instant() {
        let version = set(r#"[{"at":"2026-03-29T01:00:00Z","offset_min":120},
                {"at":"2026-10-25T01:00:00Z","offset_min":60}]"#);
        let date = |text: &str| text.parse::<Date>().unwrap();
        // The day before, the day that has no 02:30, the day that has it twice, and the day after.
        for (day, opens, cutoff) in [
            ("2026-03-28", "2026-03-28T01:30:00Z", "2026-03-28T02:30:00Z"),
            ("2026-03-29", "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z"),
            ("2026-03-30", "2026-03-30T00:30:00Z", "2026-03-30T01:30:00Z"),
            ("2026-10-25", "2026-10-25T00:30:00Z", "2026-10-25T02:30:00Z"),
            ("2026-10-26", "2026-10-26T01:30:00Z", "2026-10-26T02:30:00Z"),
        ] {
            let (at, day) = (version.opens_at(date(day)), date(day));
            assert_eq!(told(at), opens);
            assert_eq!(told(version.at(day, version.customer_cutoff)), cutoff);
            assert_eq!(version.local_date(at), day);
        }
        let late: Time = "2026-03-28T22:59:59Z".parse().unwrap();
        assert_eq!(version.local_date(late.nanos()), date("2026-03-28"));
        assert_eq!(
            version.local_date(late.nanos() + SECOND),
            date("2026-03-29")
        );
    }

    #[test]
    fn good_days_are_the_pattern_less_the_holidays() {
        let version = set("[]");
        let good = |text: &str| version.is_good(text.parse().unwrap());
        assert!(good("2026-04-02") && !good("2026-04-03"));
        assert!(!good("2026-04-04") && !good("2026-04-05") && good("2026-04-06"));
    }
}
