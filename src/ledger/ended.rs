//! What has ended and is remembered for a while, so that whoever comes late is told what became of it:
//! for as long as ids are, and of one participant only the newest, so that nobody fills the memory of
//! every node by beginning and ending the same again and again.

use alloc::collections::{BTreeMap, BTreeSet};

use super::id::InstructionId;

/// When something ended, nanoseconds since 1970 UTC, and its id: the smaller is forgotten first.
type Place = (u64, InstructionId);

/// What has ended, by time and by whose it was.
#[derive(Debug, Clone, Default)]
pub(super) struct Ended {
    all: BTreeSet<Place>,
    of: BTreeMap<u32, Own>,
}

/// What of one participant has ended.
#[derive(Debug, Clone, Default)]
struct Own {
    places: BTreeSet<Place>,
    size: u64,
}

impl Ended {
    /// Takes note of something of participant `whose` that has this size, or strikes it off.
    pub(super) fn note(&mut self, whose: u32, place: Place, size: u64, present: bool) {
        let own = self.of.entry(whose).or_default();
        match present {
            true => {
                self.all.insert(place);
                own.places.insert(place);
                own.size = own.size.saturating_add(size);
            }
            false => {
                self.all.remove(&place);
                own.places.remove(&place);
                own.size = own.size.saturating_sub(size);
            }
        }
        if own.places.is_empty() {
            self.of.remove(&whose);
        }
    }

    /// The first that ended before `floor`.
    pub(super) fn before(&self, floor: u64) -> Option<InstructionId> {
        let (time, id) = self.all.first()?;
        (*time < floor).then_some(*id)
    }

    /// The first of a participant's, if all of them together are larger than `most`.
    pub(super) fn beyond(&self, whose: u32, most: u64) -> Option<InstructionId> {
        let own = self.of.get(&whose).filter(|own| own.size > most)?;
        own.places.first().map(|(_, id)| *id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_of_each_are_known() {
        let mut ended = Ended::default();
        let id = |n: u128| InstructionId::from_parts(1, n);
        for (whose, time, n, size) in [(7, 5, 1, 3), (7, 5, 0, 2), (7, 4, 2, 1), (8, 3, 3, 9)] {
            ended.note(whose, (time, id(n)), size, true);
        }
        assert_eq!((ended.before(3), ended.before(4)), (None, Some(id(3))));
        assert_eq!(ended.beyond(7, 6), None);
        assert_eq!(ended.beyond(7, 5), Some(id(2)));
        ended.note(7, (4, id(2)), 1, false);
        assert_eq!(
            (ended.beyond(7, 5), ended.beyond(7, 4)),
            (None, Some(id(0)))
        );
        assert_eq!(
            (ended.beyond(8, 8), ended.beyond(9, 0)),
            (Some(id(3)), None)
        );
        for (whose, time, n, size) in [(7, 5, 0, 2), (7, 5, 1, 3), (8, 3, 3, 9)] {
            ended.note(whose, (time, id(n)), size, false);
        }
        assert!(ended.all.is_empty() && ended.of.is_empty());
    }
}
