//! Dates, days of the week and times of day as a calendar states them: without a zone, never a clock.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use jiff::Span;
use jiff::civil::Date as Civil;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ledger::invalid::Invalid;
use crate::ledger::time::DAY;

/// A date: days since 1970-01-01, up to 2399-12-31. ISO 8601 `YYYY-MM-DD` outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(u32);

const EPOCH: Civil = Civil::constant(1970, 1, 1);

impl Date {
    /// The last date that can be stated: times are nanoseconds in 64 bits.
    pub const LAST: Self = Self(157_053);

    /// Takes days since 1970-01-01; what is behind the last date is the last date.
    #[must_use]
    pub const fn from_days(days: u32) -> Self {
        match days < Self::LAST.0 {
            true => Self(days),
            false => Self::LAST,
        }
    }

    /// The date in UTC of a time, nanoseconds since 1970.
    #[must_use]
    pub fn of_time(time: u64) -> Self {
        Self::from_days(u32::try_from(time / DAY).unwrap_or(u32::MAX))
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn days(self) -> u32 {
        self.0
    }

    /// The date so many days later.
    #[must_use]
    pub const fn plus(self, days: u32) -> Self {
        Self::from_days(self.0.saturating_add(days))
    }

    /// The day of the week.
    #[must_use]
    pub const fn weekday(self) -> Weekday {
        // 1970-01-01 was a Thursday.
        match self.0 % 7 {
            0 => Weekday::Thu,
            1 => Weekday::Fri,
            2 => Weekday::Sat,
            3 => Weekday::Sun,
            4 => Weekday::Mon,
            5 => Weekday::Tue,
            _ => Weekday::Wed,
        }
    }

    /// Whether both lie in one month of one year.
    #[must_use]
    pub fn same_month(self, other: Self) -> bool {
        let (a, b) = (self.civil(), other.civil());
        (a.year(), a.month()) == (b.year(), b.month())
    }

    /// The date as a number that people can read: 20261224.
    #[must_use]
    pub fn to_number(self) -> u64 {
        let civil = self.civil();
        let part = |n: i8| u64::from(n.unsigned_abs());
        let year = u64::from(civil.year().unsigned_abs());
        let (month, day) = (part(civil.month()), part(civil.day()));
        year.saturating_mul(10_000)
            .saturating_add(month.saturating_mul(100))
            .saturating_add(day)
    }

    fn civil(self) -> Civil {
        let days = Span::new().days(i64::from(self.0));
        EPOCH.checked_add(days).unwrap_or(EPOCH)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let civil = self.civil();
        let (year, month, day) = (civil.year(), civil.month(), civil.day());
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl FromStr for Date {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid = || Invalid::Date(text.chars().take(32).collect::<String>());
        let number = |from, to| digits(text, from, to).ok_or_else(invalid);
        let dashes =
            text.len() == 10 && [4, 7].map(|at| text.as_bytes().get(at)) == [Some(&b'-'); 2];
        if !dashes {
            return Err(invalid());
        }
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let part = |n: u16| i8::try_from(n).map_err(|_| invalid());
        let year = i16::try_from(year).map_err(|_| invalid())?;
        let civil = Civil::new(year, part(month)?, part(day)?).map_err(|_| invalid())?;
        let span = EPOCH.until(civil).map_err(|_| invalid())?;
        let days = u32::try_from(span.get_days()).map_err(|_| invalid())?;
        match days <= Self::LAST.0 {
            true => Ok(Self(days)),
            false => Err(invalid()),
        }
    }
}

/// A number of decimal digits alone.
fn digits(text: &str, from: usize, to: usize) -> Option<u16> {
    let part = text.get(from..to)?;
    let all = part.bytes().all(|b| b.is_ascii_digit());
    all.then(|| part.parse().ok())?
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the days of the week")]
pub enum Weekday {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Weekday {
    /// All of them, Monday first (ISO 8601).
    pub const ALL: [Self; 7] = [
        Self::Mon,
        Self::Tue,
        Self::Wed,
        Self::Thu,
        Self::Fri,
        Self::Sat,
        Self::Sun,
    ];
}

/// A time of day to the minute, `HH:MM` from `00:00` to `23:59`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// Minutes since midnight.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        self.0
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl FromStr for TimeOfDay {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid = || Invalid::TimeOfDay(text.chars().take(32).collect::<String>());
        let shape = text.len() == 5 && text.as_bytes().get(2) == Some(&b':');
        let (hours, minutes) = (digits(text, 0, 2), digits(text, 3, 5));
        match (shape, hours, minutes) {
            (true, Some(hours @ 0..24), Some(minutes @ 0..60)) => {
                Ok(Self(hours.saturating_mul(60).saturating_add(minutes)))
            }
            _ => Err(invalid()),
        }
    }
}

macro_rules! as_text {
    ($name:ident, $inner:ty, $expecting:literal, $make:expr) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    self.0.serialize(serializer)
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Visitor;
                impl serde::de::Visitor<'_> for Visitor {
                    type Value = $name;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expecting)
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        text.parse().map_err(E::custom)
                    }
                }
                if deserializer.is_human_readable() {
                    deserializer.deserialize_str(Visitor)
                } else {
                    <$inner>::deserialize(deserializer).map($make)
                }
            }
        }
    };
}

as_text!(Date, u32, "a date such as 2026-12-24", Date::from_days);
as_text!(TimeOfDay, u16, "a time of day such as 17:30", TimeOfDay);

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn dates_are_those_of_the_gregorian_calendar() {
        for (text, days, weekday) in [
            ("1970-01-01", 0, Weekday::Thu),
            ("2000-02-29", 11_016, Weekday::Tue),
            ("2026-11-29", 20_786, Weekday::Sun),
            ("2028-02-29", 21_243, Weekday::Tue),
            ("2100-03-01", 47_541, Weekday::Mon),
            ("2399-12-31", 157_053, Weekday::Fri),
        ] {
            let date: Date = text.parse().unwrap();
            assert_eq!((date.days(), date.weekday()), (days, weekday), "{text}");
            assert_eq!(date.to_string(), text);
            let number: u64 = text.replace('-', "").parse().unwrap();
            assert_eq!(date.to_number(), number);
        }
        for bad in [
            "2026-2-9",
            "2026-02-29",
            "2100-02-29",
            "2026-13-01",
            "1969-12-31",
            "2400-01-01",
            "2026-02-2x",
            "20260228",
            "",
            "2026-02-28T00:00:00Z",
            "+026-02-28",
        ] {
            assert!(bad.parse::<Date>().is_err(), "{bad}");
        }
        assert_eq!(Date::LAST.plus(1), Date::LAST);
    }

    #[test]
    fn times_of_day_are_minutes() {
        for (text, minutes) in [("00:00", 0), ("09:05", 545), ("23:59", 1_439)] {
            let time: TimeOfDay = text.parse().unwrap();
            assert_eq!((time.minutes(), time.to_string().as_str()), (minutes, text));
        }
        for bad in [
            "24:00", "9:00", "09:60", "0900", "", "09:00:00", "-1:00", "+9:00",
        ] {
            assert!(bad.parse::<TimeOfDay>().is_err(), "{bad}");
        }
    }
}
