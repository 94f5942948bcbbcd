//! By how much value-dated balances differ from booked ones, at the close of each business date that a
//! value date may still be before (LEDGER F07).
//!
//! ```text
//!  date        Mon        Tue        Wed        Thu, the present one
//!  booked                                       payment of 100 with value date Tue
//!  differs       0       +100       +100          0       on the account that it credits
//! ```
//!
//! Kept for [`BACK_VALUE_DAYS_MAX`] days, whatever a calendar lets through: were it for its present
//! window alone, a wider one that is set later would find dates whose differences are forgotten.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::account::Account;
use super::book::Book;
use super::calendar::{Calendar, Date};
use super::shards::Shards;
use super::snapshot::{PartReader, PartWriter, SnapshotError};
use crate::limits::BACK_VALUE_DAYS_MAX;

/// Which difference: the order is that in which they are forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ValueKey {
    /// The business date.
    pub date: Date,
    /// Number of the calendar.
    pub calendar: u32,
    /// Number of the account.
    pub account: u64,
}

/// What differs, minor units; nothing is kept of what does not.
#[derive(Debug, Clone, Default)]
pub struct Values(Shards<ValueKey, i128>);

impl Values {
    /// By how much the value-dated balance is above the booked one.
    #[must_use]
    pub fn get(&self, key: ValueKey) -> i128 {
        self.0.get(key).copied().unwrap_or(0)
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.len() == 0
    }

    /// All of them, by date.
    pub fn iter(&self) -> impl Iterator<Item = (ValueKey, i128)> {
        self.0.iter().map(|(key, minor)| (key, *minor))
    }

    /// Puts a difference in the place of what was, which it gives back.
    pub(super) fn put(&mut self, key: ValueKey, minor: Option<i128>) -> Option<i128> {
        self.0.put(key, minor)
    }

    pub(super) fn write<E, F>(&self, out: &mut PartWriter<F>) -> Result<(), E>
    where
        F: FnMut(Vec<u8>, bool) -> Result<(), E>,
    {
        out.put(&self.0.len())?;
        for (key, minor) in self.0.iter() {
            out.put(&(key, *minor))?;
        }
        Ok(())
    }

    pub(super) fn read<I: Iterator<Item = Vec<u8>>>(
        from: &mut PartReader<I>,
    ) -> Result<Self, SnapshotError> {
        let mut values = Self::default();
        from.take_all(|(key, minor): (ValueKey, i128)| {
            values.put(key, Some(minor));
            Ok(())
        })?;
        Ok(values)
    }
}

impl Calendar {
    /// The first date whose differences are kept: no value date can be before it any more.
    #[must_use]
    pub const fn values_from(&self) -> Date {
        Date::from_days(self.day.date.days().saturating_sub(BACK_VALUE_DAYS_MAX))
    }

    /// The business date that a date's balances are those of: the last one at or before it, over or
    /// present. `None` for dates to come, and for those before the calendar or forgotten.
    #[must_use]
    pub fn business_date(&self, date: Date) -> Option<Date> {
        if date >= self.day.date {
            return (date == self.day.date).then_some(date);
        }
        let behind = self.past.partition_point(|day| day.date <= date);
        let day = self.past.get(behind.checked_sub(1)?)?;
        Some(day.date)
    }
}

impl Book {
    /// By how much value-dated balances differ from booked ones.
    #[inline]
    #[must_use]
    pub const fn values(&self) -> &Values {
        &self.values
    }

    /// By how much an account's value-dated balance at the close of a business date is above the booked
    /// one, minor units, as payments until now have it; `None` for dates before
    /// [`Calendar::values_from`].
    #[must_use]
    pub fn value_difference(&self, account: &Account, date: Date) -> Option<i128> {
        let calendar = self.calendars().of_asset(account.asset)?;
        let key = ValueKey {
            date,
            calendar: calendar.number,
            account: account.number,
        };
        (date >= calendar.values_from()).then(|| self.values.get(key))
    }

    /// The first difference that nobody can ask for any more.
    pub(super) fn value_to_forget(&self) -> Option<ValueKey> {
        let (key, _) = self.values.iter().next()?;
        let number = usize::try_from(key.calendar).ok()?;
        let calendar = self.calendars().all().get(number)?;
        (key.date < calendar.values_from()).then_some(key)
    }
}
