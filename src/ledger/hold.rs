//! Holds: funds that are reserved, and what became of them (LEDGER F08).
//!
//! ```text
//!  reserve ──▶ open ──capture, in parts──▶ captured
//!                ├──void────────────────▶ voided       captured + released + remaining = reserved,
//!                └──its time comes──────▶ expired      but for what is captured above it
//! ```
//!
//! A hold ends once. One that has ended is known as long as ids are, so that whoever asks late is
//! told what became of it; then it is forgotten. Of what one participant made only the newest are.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::book::Book;
use super::ended::Ended;
use super::id::InstructionId;
use super::shards::Shards;
use crate::limits::HOLDS_ENDED_LEGS_MIN;

/// One leg of a hold, minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldLeg {
    /// Number of the account that pays.
    pub debit: u64,
    /// Number of the account that receives.
    pub credit: u64,
    /// What was reserved.
    pub reserved: u128,
    /// What was posted so far, also above what was reserved.
    pub captured: u128,
    /// What is still reserved.
    pub remaining: u128,
}

/// How a hold ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldEnd {
    /// By its last capture.
    Captured,
    /// By a void.
    Voided,
    /// By its time.
    Expired,
}

/// The end of a hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldEnded {
    /// How.
    pub how: HoldEnd,
    /// Index of the entry that ended it.
    pub index: u64,
    /// That entry's time, nanoseconds since 1970 UTC.
    pub time: u64,
}

/// The terms of a hold, from the instruction that made it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldTerms {
    /// When it expires, nanoseconds since 1970 UTC; never, if there is none.
    pub expires: Option<u64>,
    /// Whether a capture may leave something reserved for the next.
    pub multi: bool,
    /// How far captures together may go above what was reserved, in basis points of it.
    pub over_capture_bp: u16,
    /// Whether the payer cannot void it.
    pub guaranteed: bool,
    /// Of a firm quote: what has to be paid for it. Only a conversion books it.
    pub quote: Option<QuoteTerms>,
}

/// What a firm quote is besides the hold of what it pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuoteTerms {
    /// Number of the participant that may use it.
    pub taker: u32,
    /// Number of the account that the source amount is paid to.
    pub receive: u64,
    /// What has to be paid, minor units of that account's asset.
    pub source_amount: u128,
}

/// Reserved funds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// The id of the instruction that made it; nobody else's hold has it.
    pub id: InstructionId,
    /// Number of the participant that submitted it.
    pub submitter: u32,
    /// Index of the entry that made it.
    pub index: u64,
    /// That entry's time, nanoseconds since 1970 UTC.
    pub time: u64,
    /// Its terms.
    pub terms: HoldTerms,
    /// Its legs, at least one.
    pub legs: Vec<HoldLeg>,
    /// Its end, if it has come.
    pub ended: Option<HoldEnded>,
}

impl HoldLeg {
    /// The most that captures of this leg may come to together.
    #[must_use]
    pub const fn capture_max(&self, over_capture_bp: u16) -> u128 {
        // Amounts have 96 bits at most, so nothing is cut.
        let over = self.reserved.saturating_mul(over_capture_bp as u128) / 10_000;
        self.reserved.saturating_add(over)
    }
}

impl Hold {
    /// Whether it can still be captured, voided or expire.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.ended.is_none()
    }
}

/// Holds by their ids.
pub(super) type ById = Shards<InstructionId, Hold>;

/// All holds that are open, and those that ended lately.
#[derive(Debug, Clone, Default)]
pub(super) struct Holds {
    by_id: ById,
    /// Those that will expire, soonest first.
    due: BTreeSet<(u64, InstructionId)>,
    /// Those that ended, each as large as it has legs.
    ended: Ended,
    /// How many legs the open ones of each participant have.
    open: BTreeMap<u32, u64>,
}

impl Holds {
    /// A hold that is open or ended at or after `floor`.
    pub(super) fn get(&self, id: InstructionId, floor: u64) -> Option<&Hold> {
        let known = |hold: &&Hold| hold.ended.is_none_or(|ended| ended.time >= floor);
        self.by_id.get(id).filter(known)
    }

    /// All of them.
    pub(super) const fn by_id(&self) -> &ById {
        &self.by_id
    }

    /// How many legs the open ones have that a participant made.
    pub(super) fn open_legs_of(&self, participant: u32) -> u64 {
        self.open.get(&participant).copied().unwrap_or(0)
    }

    /// When the next one expires, nanoseconds since 1970 UTC.
    pub(super) fn next_due(&self) -> Option<u64> {
        self.due.first().map(|(time, _)| *time)
    }

    /// The first that expires at or before `time`.
    pub(super) fn due_at(&self, time: u64) -> Option<&Hold> {
        let (at, id) = self.due.first()?;
        self.by_id.get(*id).filter(|_| *at <= time)
    }

    /// The first that ended before `floor`.
    pub(super) fn ended_before(&self, floor: u64) -> Option<InstructionId> {
        self.ended.before(floor)
    }

    /// The first of a participant's that ended, if they have more than `most` legs together.
    pub(super) fn ended_beyond(&self, participant: u32, most: u64) -> Option<InstructionId> {
        self.ended.beyond(participant, most)
    }

    /// Puts a hold in the place of what was known under its id, or forgets it; gives back what was.
    pub(super) fn put(&mut self, id: InstructionId, hold: Option<Hold>) -> Option<Hold> {
        if let Some(before) = self.by_id.get(id).cloned() {
            self.count(&before, false);
        }
        if let Some(hold) = &hold {
            self.count(hold, true);
        }
        self.by_id.put(id, hold)
    }

    fn count(&mut self, hold: &Hold, present: bool) {
        let legs = u64::try_from(hold.legs.len()).unwrap_or(u64::MAX);
        match (hold.ended, hold.terms.expires) {
            (Some(ended), _) => {
                let place = (ended.time, hold.id);
                self.ended.note(hold.submitter, place, legs, present);
            }
            (None, Some(time)) => {
                match present {
                    true => self.due.insert((time, hold.id)),
                    false => self.due.remove(&(time, hold.id)),
                };
            }
            (None, None) => {}
        }
        if hold.is_open() {
            let open = self.open.entry(hold.submitter).or_insert(0);
            *open = match present {
                true => open.saturating_add(legs),
                false => open.saturating_sub(legs),
            };
            if *open == 0 {
                self.open.remove(&hold.submitter);
            }
        }
    }
}

impl Book {
    /// A hold that is open or ended at or after `floor`, nanoseconds since 1970 UTC.
    #[must_use]
    pub fn hold(&self, id: InstructionId, floor: u64) -> Option<&Hold> {
        self.holds.get(id, floor)
    }

    /// All holds that are known, by id.
    pub fn holds(&self) -> impl Iterator<Item = &Hold> {
        self.holds_after(None)
    }

    /// The holds behind one with this id, by id.
    pub fn holds_after(&self, id: Option<InstructionId>) -> impl Iterator<Item = &Hold> {
        self.holds.by_id().after(id).map(|(_, hold)| hold)
    }

    /// How many legs the open holds have that a participant made.
    #[must_use]
    pub fn hold_legs_open_of(&self, participant: u32) -> u64 {
        self.holds.open_legs_of(participant)
    }

    /// The first hold that expires at or before `time`, nanoseconds since 1970 UTC.
    pub(super) fn hold_due(&self, time: u64) -> Option<&Hold> {
        self.holds.due_at(time)
    }

    /// The first hold that ended before `floor`: nobody is told of it any more.
    pub(super) fn hold_to_forget(&self, floor: u64) -> Option<InstructionId> {
        self.holds.ended_before(floor)
    }

    /// The first of a participant's holds that ended, if they have more legs together than is remembered.
    pub(super) fn hold_beyond(&self, participant: u32) -> Option<InstructionId> {
        let most = self.parameters().holds_open_max();
        let most = most.max(HOLDS_ENDED_LEGS_MIN);
        self.holds.ended_beyond(participant, most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEG: HoldLeg = HoldLeg {
        debit: 1,
        credit: 2,
        reserved: 5,
        captured: 0,
        remaining: 5,
    };

    fn hold(n: u128, expires: Option<u64>) -> Hold {
        Hold {
            id: InstructionId::from_parts(1, n),
            submitter: 7,
            index: 1,
            time: 1,
            terms: HoldTerms {
                expires,
                ..HoldTerms::default()
            },
            legs: alloc::vec![LEG; 2],
            ended: None,
        }
    }

    #[test]
    fn what_is_due_and_what_ended_follow_every_change_and_its_undoing() {
        let mut holds = Holds::default();
        let (early, late, never) = (hold(1, Some(5)), hold(2, Some(9)), hold(3, None));
        for hold in [&late, &never, &early] {
            assert_eq!(holds.put(hold.id, Some(hold.clone())), None);
        }
        assert_eq!((holds.open_legs_of(7), holds.next_due()), (6, Some(5)));
        assert_eq!(holds.due_at(4), None);
        assert_eq!(holds.due_at(5), Some(&early));
        let mut ended = early.clone();
        ended.ended = Some(HoldEnded {
            how: HoldEnd::Expired,
            index: 2,
            time: 6,
        });
        assert_eq!(
            holds.put(early.id, Some(ended.clone())),
            Some(early.clone())
        );
        assert_eq!((holds.open_legs_of(7), holds.next_due()), (4, Some(9)));
        assert_eq!(holds.get(early.id, 6), Some(&ended));
        assert_eq!(holds.get(early.id, 7), None);
        assert_eq!(holds.ended_before(6), None);
        assert_eq!(holds.ended_before(7), Some(early.id));
        // Undone: as if it had never ended.
        assert_eq!(holds.put(early.id, Some(early.clone())), Some(ended));
        assert_eq!((holds.ended_before(7), holds.next_due()), (None, Some(5)));
        for hold in [early, late, never] {
            assert!(holds.put(hold.id, None).is_some());
        }
        assert_eq!((holds.open_legs_of(7), holds.next_due()), (0, None));
        assert_eq!(
            (holds.by_id().len(), holds.by_id().after(None).count()),
            (0, 0)
        );
    }

    #[test]
    fn a_clone_keeps_what_it_had_and_ids_are_listed_in_order() {
        let mut holds = Holds::default();
        let id = |n: u64| InstructionId::from_parts(n * 1_000, u128::from(n));
        for n in (0..100).rev() {
            let mut hold = hold(0, None);
            hold.id = id(n);
            holds.put(hold.id, Some(hold));
        }
        let then = holds.by_id().clone();
        for n in 0..50 {
            assert!(holds.put(id(n * 2), None).is_some());
            assert!(holds.put(id(n * 2), None).is_none());
        }
        let ids =
            |by_id: &ById, after| -> Vec<_> { by_id.after(after).map(|(id, _)| id).collect() };
        assert_eq!((then.len(), holds.by_id().len()), (100, 50));
        assert_eq!(ids(&then, None), (0..100).map(id).collect::<Vec<_>>());
        let odd: Vec<_> = (26..50).map(|n| id(n * 2 + 1)).collect();
        assert_eq!(ids(holds.by_id(), Some(id(51))), odd);
        assert_eq!(ids(holds.by_id(), Some(id(52))), odd);
    }

    #[test]
    fn the_tolerance_is_a_part_of_what_was_reserved_rounded_down() {
        let leg = |reserved| HoldLeg {
            debit: 1,
            credit: 2,
            reserved,
            captured: 0,
            remaining: reserved,
        };
        assert_eq!(leg(999).capture_max(0), 999);
        assert_eq!(leg(999).capture_max(1_500), 999 + 149);
        let most = super::super::amount::MINOR_MAX;
        assert_eq!(leg(most).capture_max(10_000), most * 2);
    }
}
