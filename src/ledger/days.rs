//! On which day an entry was logged: what a retention period is counted from.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::time::DAY;

/// The first entry of every day, UTC, that has one. The time of each entry would be eight bytes an
/// entry in every node's memory; this is sixteen a day, and periods of retention are days.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Days(Vec<(u64, u64)>);

impl Days {
    /// Takes note of entry `index` at `time`, nanoseconds since 1970 UTC; entries come in order.
    pub(super) fn note(&mut self, index: u64, time: u64) {
        let day = time / DAY;
        if self.0.last().is_none_or(|(_, last)| *last < day) {
            self.0.push((index, day));
        }
    }

    /// The end of the day of entry `index`, nanoseconds since 1970 UTC.
    pub(super) fn end_of(&self, index: u64) -> Option<u64> {
        let behind = self.0.partition_point(|(first, _)| *first <= index);
        let (_, day) = self.0.get(behind.checked_sub(1)?)?;
        Some(day.saturating_add(1).saturating_mul(DAY))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_belongs_to_the_day_that_began_before_it() {
        let mut days = Days::default();
        assert_eq!(days.end_of(0), None);
        for (index, time) in [(0, 5), (1, DAY - 1), (2, DAY), (3, DAY + 1), (4, 9 * DAY)] {
            days.note(index, time);
        }
        let ends: Vec<_> = (0..6).map(|index| days.end_of(index)).collect();
        let expected = [1, 1, 2, 2, 10, 10].map(|day| Some(day * DAY));
        assert_eq!(ends, expected);
        assert_eq!(days.0.len(), 3);
    }
}
