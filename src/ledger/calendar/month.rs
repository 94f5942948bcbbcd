//! A month of business dates.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::date::Date;
use crate::ledger::invalid::Invalid;

/// A month of one year, as the number 202612; `2026-12` outside (ISO 8601).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(u32);

impl Month {
    /// The month that a date lies in.
    #[must_use]
    pub fn of(date: Date) -> Self {
        let number = date.to_number().checked_div(100).unwrap_or(0);
        Self(u32::try_from(number).unwrap_or(u32::MAX))
    }

    /// As an item states it: 202612.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }

    /// Takes such a number.
    #[must_use]
    pub const fn from_number(number: u32) -> Option<Self> {
        match (number, number % 100) {
            (197_001..=239_912, 1..=12) => Some(Self(number)),
            _ => None,
        }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0 / 100, self.0 % 100)
    }
}

impl FromStr for Month {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid = || Invalid::Date(text.chars().take(32).collect::<String>());
        let (year, month) = text.split_once('-').ok_or_else(invalid)?;
        let sized = (year.len(), month.len()) == (4, 2);
        let digits = [year, month].concat();
        let all = digits.bytes().all(|b| b.is_ascii_digit());
        let number = digits.parse().ok().filter(|_| sized && all);
        number.and_then(Self::from_number).ok_or_else(invalid)
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serializer.is_human_readable() {
            true => serializer.collect_str(self),
            false => serializer.serialize_u32(self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wrong = || serde::de::Error::custom("no month");
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            return text.parse().map_err(serde::de::Error::custom);
        }
        Self::from_number(u32::deserialize(deserializer)?).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_that_of_its_dates() {
        for (date, month) in [
            ("1970-01-01", "1970-01"),
            ("2026-11-30", "2026-11"),
            ("2399-12-31", "2399-12"),
        ] {
            let of = Month::of(date.parse().unwrap());
            assert_eq!(alloc::format!("{of}"), month);
            assert_eq!(month.parse(), Ok(of));
            assert_eq!(Month::from_number(of.number()), Some(of));
        }
        for wrong in [
            "2026-13", "2026-00", "1969-12", "2026-1", "202-601", "+026-01", "202601",
        ] {
            assert!(wrong.parse::<Month>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn people_read_it_and_the_store_has_a_number() {
        let month: Month = "2026-12".parse().unwrap();
        assert_eq!(serde_json::to_string(&month).unwrap(), "\"2026-12\"");
        let stored = postcard::to_allocvec(&month).unwrap();
        assert_eq!(postcard::from_bytes(&stored), Ok(month));
        assert!(
            postcard::from_bytes::<Month>(&postcard::to_allocvec(&202_613u32).unwrap()).is_err()
        );
    }
}
