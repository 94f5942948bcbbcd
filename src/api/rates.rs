//! How much of whom in which time: rates by participant and by address, and what becomes of an
//! address that sends bad signatures.
//!
//! Every table has a fixed number of cells, chosen by a hash with a secret of this process: memory
//! is bounded whoever comes, nothing is ever evicted, and nobody can aim at another's cell. Two
//! that share a cell share a budget; that happens once in [`ADDRESS_CELLS`] times.
//!
//! The address is that of the connection. `X-Forwarded-For` and its kind are never read: anybody
//! can write them.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use governor::clock::{Clock, DefaultClock};
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed, StateStore};
use governor::{Quota, RateLimiter};

use crate::clock;
use crate::config::ApiLimits;
use crate::ledger::ParticipantId;
use crate::limits::{ADDRESS_CELLS, ITEMS_MAX, PARTICIPANT_CELLS};

/// Who comes from where, as far as it is told apart: an IPv4 address, or 64 bits of an IPv6 one,
/// which is what one customer of a provider gets. It is the number of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Origin(usize);

/// Over the rate: how long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooSoon {
    /// Whole seconds, at least 1.
    pub(super) seconds: u64,
}

/// The rates of one node.
pub(super) struct Rates {
    secret: RandomState,
    start: Instant,
    address: Option<Limiter>,
    participant: Option<Limiter>,
    trials: Option<Limiter>,
    bad: Option<Limiter>,
    /// Until when an address is turned away, in milliseconds after the start.
    blocked_until: Box<[AtomicU64]>,
    penalty: Duration,
    /// Open connections by address.
    open: Box<[AtomicU32]>,
    open_max: u32,
}

impl Rates {
    pub(super) fn new(limits: &ApiLimits) -> Rates {
        let burst = limits.bad_signatures_burst;
        let bad = limits.bad_signatures_per_s.map(|rate| {
            let quota = Quota::per_second(rate).allow_burst(burst);
            Limiter::new(quota, ADDRESS_CELLS)
        });
        let even = |rate: Option<NonZeroU32>, cells| {
            rate.map(|rate| Limiter::new(Quota::per_second(rate), cells))
        };
        let trials = limits.dry_run_legs_per_s.map(|rate| {
            // The largest message can be tried, however low the rate.
            let largest = u32::try_from(ITEMS_MAX).ok().and_then(NonZeroU32::new);
            let burst = largest.map_or(rate, |largest| largest.max(rate));
            Limiter::new(
                Quota::per_second(rate).allow_burst(burst),
                PARTICIPANT_CELLS,
            )
        });
        Rates {
            secret: RandomState::new(),
            start: clock::instant(),
            address: even(limits.address_per_s, ADDRESS_CELLS),
            participant: even(limits.participant_per_s, PARTICIPANT_CELLS),
            trials,
            bad,
            blocked_until: (0..ADDRESS_CELLS).map(|_| AtomicU64::new(0)).collect(),
            penalty: limits.penalty,
            open: (0..ADDRESS_CELLS).map(|_| AtomicU32::new(0)).collect(),
            open_max: limits
                .connections_per_address
                .map_or(u32::MAX, NonZeroU32::get),
        }
    }

    /// Where an address comes from.
    pub(super) fn origin(&self, address: IpAddr) -> Origin {
        let hash = match address.to_canonical() {
            IpAddr::V4(v4) => self.secret.hash_one(v4.octets()),
            IpAddr::V6(v6) => self.secret.hash_one(v6.to_bits() >> 64),
        };
        Origin(cell(hash, ADDRESS_CELLS))
    }

    /// Counts a request from an address.
    pub(super) fn request(&self, from: Origin) -> Result<(), TooSoon> {
        self.address.as_ref().map_or(Ok(()), |l| l.take(from.0, 1))
    }

    /// Counts a verified request of a participant.
    pub(super) fn verified(&self, participant: &ParticipantId) -> Result<(), TooSoon> {
        let limiter = self.participant.as_ref();
        limiter.map_or(Ok(()), |l| l.take(self.participant_cell(participant), 1))
    }

    /// Counts the legs of a participant's dry run.
    pub(super) fn trial(&self, participant: &ParticipantId, legs: usize) -> Result<(), TooSoon> {
        let legs = u32::try_from(legs).unwrap_or(u32::MAX);
        let limiter = self.trials.as_ref();
        limiter.map_or(Ok(()), |l| l.take(self.participant_cell(participant), legs))
    }

    /// Notes a bad signature; says whether the address is turned away from now on.
    pub(super) fn bad_signature(&self, from: Origin) -> bool {
        let Some(bad) = &self.bad else { return false };
        if bad.take(from.0, 1).is_ok() {
            return false;
        }
        let until = self.now().saturating_add(millis(self.penalty));
        if let Some(cell) = self.blocked_until.get(from.0) {
            cell.store(until, Ordering::Relaxed);
        }
        true
    }

    /// How long an address is still turned away, if it is.
    pub(super) fn blocked(&self, from: Origin) -> Option<TooSoon> {
        let until = self.blocked_until.get(from.0)?.load(Ordering::Relaxed);
        let left = until.checked_sub(self.now()).filter(|left| *left > 0)?;
        Some(TooSoon {
            seconds: left.div_ceil(1_000),
        })
    }

    /// Counts a connection in; `false` if the address has as many as it may. It is counted out
    /// by [`Rates::left`] in both cases.
    pub(super) fn came(&self, from: Origin) -> bool {
        let cell = self.open.get(from.0);
        cell.is_none_or(|cell| cell.fetch_add(1, Ordering::Relaxed) < self.open_max)
    }

    /// Counts a connection out.
    pub(super) fn left(&self, from: Origin) {
        if let Some(cell) = self.open.get(from.0) {
            cell.fetch_sub(1, Ordering::Relaxed);
        }
    }

    fn participant_cell(&self, participant: &ParticipantId) -> usize {
        cell(
            self.secret.hash_one(participant.as_str()),
            PARTICIPANT_CELLS,
        )
    }

    fn now(&self) -> u64 {
        millis(self.start.elapsed())
    }
}

fn cell(hash: u64, cells: usize) -> usize {
    // The remainder is below `cells`.
    usize::try_from(hash % (cells as u64)).unwrap_or_default()
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// One quota over a table of cells.
struct Limiter(RateLimiter<usize, Cells, DefaultClock>);

/// States of the generic cell rate algorithm, by number.
struct Cells(Box<[InMemoryState]>);

impl StateStore for Cells {
    type Key = usize;

    fn measure_and_replace<T, F, E>(&self, key: &usize, f: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        match self.0.get(*key) {
            Some(cell) => cell.measure_and_replace(&NotKeyed::NonKey, f),
            // Keys are made by `cell`, so there is none outside.
            None => f(None).map(|(taken, _)| taken),
        }
    }
}

impl Limiter {
    fn new(quota: Quota, cells: usize) -> Limiter {
        let cells = (0..cells).map(|_| InMemoryState::default()).collect();
        Limiter(RateLimiter::new(
            quota,
            Cells(cells),
            DefaultClock::default(),
        ))
    }

    fn take(&self, key: usize, n: u32) -> Result<(), TooSoon> {
        let Some(n) = NonZeroU32::new(n) else {
            return Ok(());
        };
        match self.0.check_key_n(&key, n) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(until)) => {
                let wait = until.wait_time_from(DefaultClock::default().now());
                let seconds = wait.as_secs().saturating_add(1);
                Err(TooSoon { seconds })
            }
            // More than may ever come at once; the bounds in limits.rs leave none.
            Err(_) => Err(TooSoon { seconds: 60 }),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::api) fn limits() -> ApiLimits {
        let n = NonZeroU32::new;
        ApiLimits {
            participant_per_s: n(1),
            address_per_s: n(2),
            connections_per_address: n(2),
            bad_signatures_per_s: n(1),
            bad_signatures_burst: NonZeroU32::MIN.saturating_add(2),
            penalty: Duration::from_secs(5),
            body_bytes_in_flight_max: 1 << 20,
            dry_run_legs_per_s: n(1),
            read_bytes_max: 1 << 20,
        }
    }

    #[test]
    fn an_address_is_ipv4_or_64_bits() {
        let rates = Rates::new(&limits());
        let origin = |text: &str| rates.origin(text.parse().unwrap());
        assert_eq!(origin("127.0.0.1"), origin("::ffff:127.0.0.1"));
        assert_eq!(origin("2001:db8::1"), origin("2001:db8::ffff:2"));
        // Different ones differ, up to the chance of a shared cell.
        let cells: std::collections::HashSet<usize> = (0..64u8)
            .map(|n| origin(&format!("127.0.0.{n}")).0)
            .collect();
        assert!(cells.len() > 48, "{}", cells.len());
        let cells: std::collections::HashSet<usize> = (0..64u8)
            .map(|n| origin(&format!("2001:db8:0:{n}::1")).0)
            .collect();
        assert!(cells.len() > 48, "{}", cells.len());
    }

    #[test]
    fn a_rate_is_kept_by_each_for_itself() {
        let rates = Rates::new(&limits());
        let (a, b) = (Origin(1), Origin(2));
        assert!(rates.request(a).is_ok() && rates.request(a).is_ok());
        assert!(rates.request(a).is_err_and(|soon| soon.seconds >= 1));
        assert!(rates.request(b).is_ok());
        // Nearly all at once, then one a second, however large the message.
        let bank = "bank-a".parse().unwrap();
        assert!(rates.trial(&bank, ITEMS_MAX).is_ok());
        assert!(rates.trial(&bank, 100).is_err_and(|soon| soon.seconds > 60));
    }

    #[test]
    fn bad_signatures_block_an_address_for_a_while() {
        let rates = Rates::new(&limits());
        let (a, b) = (Origin(1), Origin(2));
        assert!((0..3).all(|_| !rates.bad_signature(a)));
        assert_eq!(rates.blocked(a), None);
        assert!(rates.bad_signature(a));
        assert!(
            rates
                .blocked(a)
                .is_some_and(|soon| (1..=5).contains(&soon.seconds))
        );
        assert_eq!(rates.blocked(b), None);
    }

    #[test]
    fn zero_is_off() {
        let off = ApiLimits {
            participant_per_s: None,
            address_per_s: None,
            connections_per_address: None,
            bad_signatures_per_s: None,
            dry_run_legs_per_s: None,
            ..limits()
        };
        let rates = Rates::new(&off);
        let bank = "bank-a".parse().unwrap();
        for _ in 0..1_000 {
            assert!(rates.request(Origin(0)).is_ok() && rates.verified(&bank).is_ok());
            assert!(rates.trial(&bank, ITEMS_MAX).is_ok() && rates.came(Origin(0)));
            assert!(!rates.bad_signature(Origin(0)) && rates.blocked(Origin(0)).is_none());
        }
    }

    #[test]
    fn connections_are_counted_in_and_out() {
        let rates = Rates::new(&limits());
        assert!(rates.came(Origin(3)) && rates.came(Origin(3)));
        assert!(!rates.came(Origin(3)));
        rates.left(Origin(3));
        rates.left(Origin(3));
        assert!(rates.came(Origin(3)) && !rates.came(Origin(3)));
    }
}
