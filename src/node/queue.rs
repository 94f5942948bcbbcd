//! Who has how much in the queue: bytes in all, and a share for each participant.
//!
//! A submission counts from the moment it is let in until it is answered. One participant may have
//! a stated part of the places and bytes, so that the others always find room.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Unavailable;
use crate::config::Sequencer;
use crate::ledger::ParticipantId;

/// The accounts of the queue.
pub(super) struct Queue {
    bytes_max: usize,
    share_len_max: usize,
    share_bytes_max: usize,
    bytes: AtomicUsize,
    /// Places given back since the start.
    answered: AtomicU64,
    /// Only participants that have something inside: bounded by what is inside.
    loads: Mutex<HashMap<ParticipantId, Load>>,
}

#[derive(Default)]
struct Load {
    submissions: usize,
    bytes: usize,
}

/// A place in the queue; it is free again when this is dropped.
pub(super) struct Place {
    queue: Arc<Queue>,
    participant: ParticipantId,
    bytes: usize,
}

impl Queue {
    pub(super) fn new(settings: &Sequencer) -> Arc<Self> {
        let share = |whole: usize| {
            (whole / 100).saturating_mul(settings.queue_share_percent)
                + (whole % 100).saturating_mul(settings.queue_share_percent) / 100
        };
        Arc::new(Self {
            bytes_max: settings.queue_bytes_max,
            share_len_max: share(settings.queue_len_max).max(1),
            share_bytes_max: share(settings.queue_bytes_max),
            bytes: AtomicUsize::new(0),
            answered: AtomicU64::new(0),
            loads: Mutex::default(),
        })
    }

    /// Lets a submission in, if there is room for it and its participant has not had its share.
    /// The first of a participant needs room only: a share is never too small for one.
    pub(super) fn enter(
        self: &Arc<Self>,
        participant: &ParticipantId,
        bytes: usize,
    ) -> Result<Place, Unavailable> {
        let mut loads = self.lock();
        let load = loads.entry(participant.clone()).or_default();
        if load.submissions > 0
            && (load.submissions >= self.share_len_max
                || load.bytes.saturating_add(bytes) > self.share_bytes_max)
        {
            return Err(Unavailable::QueueShare);
        }
        let used = self.bytes.load(Ordering::Relaxed);
        if used > 0 && used.saturating_add(bytes) > self.bytes_max {
            if load.submissions == 0 {
                loads.remove(participant);
            }
            return Err(Unavailable::QueueFull);
        }
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        load.submissions += 1;
        load.bytes = load.bytes.saturating_add(bytes);
        Ok(Place {
            queue: Arc::clone(self),
            participant: participant.clone(),
            bytes,
        })
    }

    /// Whether something of a participant waits for its answer.
    pub(super) fn has(&self, participant: &ParticipantId) -> bool {
        self.lock().contains_key(participant)
    }

    /// Submissions and bytes inside.
    pub(super) fn len(&self) -> (usize, usize) {
        let submissions = self.lock().values().map(|load| load.submissions).sum();
        (submissions, self.bytes.load(Ordering::Relaxed))
    }

    /// Places given back since the start.
    pub(super) fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ParticipantId, Load>> {
        self.loads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut loads = self.queue.lock();
        self.queue.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
        self.queue.answered.fetch_add(1, Ordering::Relaxed);
        if let Some(load) = loads.get_mut(&self.participant) {
            load.submissions = load.submissions.saturating_sub(1);
            load.bytes = load.bytes.saturating_sub(self.bytes);
            if load.submissions == 0 {
                loads.remove(&self.participant);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn queue() -> Arc<Queue> {
        Queue::new(&Sequencer {
            queue_len_max: 8,
            queue_bytes_max: 1_000,
            queue_share_percent: 50,
            group_bytes_max: 1,
            group_submissions_max: 1,
            group_wait_max: Duration::ZERO,
            shutdown_drain: Duration::ZERO,
        })
    }

    #[test]
    fn nobody_takes_more_than_a_share() {
        let queue = queue();
        let (a, b) = ("bank-a".parse().unwrap(), "bank-b".parse().unwrap());
        let mut inside: Vec<Place> = (0..4).map(|_| queue.enter(&a, 10).ok().unwrap()).collect();
        assert_eq!(queue.enter(&a, 10).err(), Some(Unavailable::QueueShare));
        inside.push(queue.enter(&b, 10).ok().unwrap());
        assert!(queue.has(&a) && queue.has(&b));
        inside.remove(0);
        assert!(queue.enter(&a, 10).is_ok());
        inside.clear();
        assert!(!queue.has(&a) && queue.len() == (0, 0));
    }

    #[test]
    fn bytes_are_bounded_and_one_always_fits() {
        let queue = queue();
        let (a, b) = ("bank-a".parse().unwrap(), "bank-b".parse().unwrap());
        // Larger than its share, and alone.
        let large = queue.enter(&a, 700).ok().unwrap();
        assert_eq!(queue.enter(&a, 1).err(), Some(Unavailable::QueueShare));
        assert_eq!(queue.enter(&b, 301).err(), Some(Unavailable::QueueFull));
        assert!(!queue.has(&b));
        assert!(queue.enter(&b, 300).is_ok());
        drop(large);
        assert_eq!(queue.len(), (0, 0));
    }
}
