//! Latencies in bounded memory: three significant digits from a microsecond to an hour.

use serde::{Deserialize, Serialize};

/// The longest latency that is told from longer ones, in microseconds: an hour.
const LONGEST_US: u64 = 3_600_000_000;
const DIGITS: u8 = 3;

/// Counts of latencies. It travels as pairs of microseconds and count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<(u64, u64)>", into = "Vec<(u64, u64)>")]
pub(super) struct Histogram(hdrhistogram::Histogram<u64>);

impl Default for Histogram {
    fn default() -> Self {
        let made = hdrhistogram::Histogram::new_with_bounds(1, LONGEST_US, DIGITS);
        Self(made.expect("the bounds are constants and in order"))
    }
}

impl Histogram {
    /// Counts one latency; what is longer than an hour counts as an hour.
    pub(super) fn record(&mut self, us: u64) {
        self.0.saturating_record(us);
    }

    /// Adds the counts of another part of the same run.
    pub(super) fn merge(&mut self, other: &Self) {
        for (us, count) in other.pairs() {
            self.0.saturating_record_n(us, count);
        }
    }

    /// The latency in milliseconds that this part of all stayed at or below; 1 is the slowest.
    pub(super) fn ms(&self, part: f64) -> f64 {
        match self.0.is_empty() {
            true => 0.0,
            false => self.0.value_at_quantile(part) as f64 / 1_000.0,
        }
    }

    fn pairs(&self) -> impl Iterator<Item = (u64, u64)> {
        let counts = self.0.iter_recorded();
        counts.map(|at| (at.value_iterated_to(), at.count_at_value()))
    }
}

impl From<Vec<(u64, u64)>> for Histogram {
    fn from(pairs: Vec<(u64, u64)>) -> Self {
        let mut made = Self::default();
        for (us, count) in pairs {
            made.0.saturating_record_n(us, count);
        }
        made
    }
}

impl From<Histogram> for Vec<(u64, u64)> {
    fn from(histogram: Histogram) -> Self {
        histogram.pairs().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64) -> bool {
        (found - expected).abs() <= expected * 0.001
    }

    #[test]
    fn percentiles_are_those_of_the_sorted_list() {
        let mut histogram = Histogram::default();
        (1..=10_000).for_each(|n| histogram.record(n * 10));
        for (part, ms) in [(0.5, 50.0), (0.99, 99.0), (0.999, 99.9), (1.0, 100.0)] {
            assert!(
                near(histogram.ms(part), ms),
                "{part}: {}",
                histogram.ms(part)
            );
        }
        assert_eq!(Histogram::default().ms(0.5), 0.0);
    }

    #[test]
    fn parts_come_together_and_travel_without_loss() {
        let (mut all, mut one, mut two) = (
            Histogram::default(),
            Histogram::default(),
            Histogram::default(),
        );
        for n in 0..5_000_u64 {
            let us = n * n % 777_777;
            all.record(us);
            if n % 3 == 0 { &mut one } else { &mut two }.record(us);
        }
        let json = serde_json::to_string(&two).unwrap();
        one.merge(&serde_json::from_str(&json).unwrap());
        assert_eq!(one, all);
    }

    #[test]
    fn what_is_too_long_is_an_hour_and_memory_stays_bounded() {
        let mut histogram = Histogram::default();
        histogram.record(u64::MAX);
        histogram.record(0);
        assert!(
            near(histogram.ms(1.0), 3_600_000.0),
            "{}",
            histogram.ms(1.0)
        );
        assert!(histogram.0.distinct_values() < 100_000);
    }
}
