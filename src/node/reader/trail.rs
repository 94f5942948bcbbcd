//! Walking back an account's own chain of items, a bounded piece at a time.
//!
//! ```text
//!   book: last ──▶ item ──▶ item ──▶ ... ──▶ item ──▶ none        each names the one before
//!                            ▲ mark            ▲ mark               remembered every 256 steps
//! ```
//!
//! Nothing here holds a lock while it reads the store. A walk that is too long for one request
//! remembers where it stopped: whoever asks again goes on from there. Items never change once
//! they are in the log, so a mark is never out of date.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, PoisonError};

use chain::Entry;

use super::parts::{Found, Parted, Run};
use super::{Held, ReadError, Reader};
use crate::ledger::{Change, Draft, ItemRef};
use crate::limits::{READ_STEP_BYTES, TRAIL_MARKS_MAX};

/// Steps between two marks.
const STRIDE: usize = 256;

/// Entries that a walk may read whatever is spent already: who asks again always comes further,
/// also where one entry costs more than a request may.
const ENTRIES_FREE: usize = 2;

/// Items that walks have passed, by account.
#[derive(Default)]
pub(in crate::node) struct Trails(BTreeSet<(u64, ItemRef)>);

impl Trails {
    /// The marks of an account from log index `bound` on, oldest first.
    fn from(&self, account: u64, bound: u64) -> impl Iterator<Item = ItemRef> {
        let item = |index, item| (account, ItemRef { index, item });
        let marks = self.0.range(item(bound, 0)..=item(u64::MAX, u32::MAX));
        marks.map(|(_, item)| *item)
    }

    fn keep(&mut self, account: u64, item: ItemRef) {
        if self.0.len() >= TRAIL_MARKS_MAX {
            // Every second one, so that nobody who is on the way begins again.
            let mut stays = false;
            self.0.retain(|_| {
                stays = !stays;
                stays
            });
        }
        self.0.insert((account, item));
    }
}

/// What one request may still read.
pub(super) struct Meter(u64);

impl Meter {
    pub(super) const fn of(bytes: u64) -> Self {
        Self(bytes)
    }

    pub(super) fn spend(&mut self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.0 = self.0.saturating_sub(bytes.max(READ_STEP_BYTES));
    }

    pub(super) const fn is_spent(&self) -> bool {
        self.0 == 0
    }
}

/// One item of an account's chain.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) item: ItemRef,
    pub(super) change: Change,
}

/// Where a walk stands: an entry, or one run of its drafts.
pub(super) enum Place {
    Whole(Held),
    Run(Arc<Parted>, Run),
}

impl Place {
    pub(super) fn entry(&self) -> &Entry {
        match self {
            Self::Whole(held) => held.entry(),
            Self::Run(parted, _) => parted.entry(),
        }
    }

    pub(super) fn authorisation(&self) -> Result<chain::Authorisation, ReadError> {
        match self {
            Self::Whole(held) => held.authorisation(),
            Self::Run(parted, _) => Ok(parted.authorisation().clone()),
        }
    }

    /// The whole entry. What is read in parts has neither a body nor texts.
    pub(super) const fn held(&self) -> Option<&Held> {
        match self {
            Self::Whole(held) => Some(held),
            Self::Run(..) => None,
        }
    }

    fn draft(&self, item: u32) -> Option<&Draft> {
        match self {
            Self::Whole(held) => held.record().draft(item),
            Self::Run(_, run) => run.draft(item),
        }
    }

    fn change(&self, item: u32, account: u64) -> Option<(&Draft, Change)> {
        let draft = self.draft(item)?;
        let mut changes = draft.changes().iter();
        let change = changes.find(|change| change.account == account)?;
        Some((draft, *change))
    }
}

/// A walk over one account's chain.
pub(super) struct Walk<'a> {
    reader: &'a Reader,
    account: u64,
    /// The account's last item in this view.
    last: Option<ItemRef>,
    pub(super) meter: Meter,
    /// Consecutive items of an account often stand in one entry.
    place: Option<Place>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(reader: &'a Reader, account: u64, last: Option<ItemRef>) -> Self {
        Self {
            reader,
            account,
            last,
            meter: reader.meter(),
            place: None,
        }
    }

    /// Goes on with what an earlier walk of the same request has left.
    pub(super) fn with(mut self, meter: Meter) -> Self {
        self.meter = meter;
        self
    }

    /// The entry of an item, with the leg and its change of the account.
    pub(super) fn look(&mut self, item: ItemRef) -> Result<(&Place, &Draft, Change), ReadError> {
        let place = self.place.take();
        let place = match place.filter(|place| place.entry().index == item.index) {
            Some(Place::Run(parted, run)) if !run.has(item.item) => self.run(parted, item)?,
            Some(place) => place,
            None => match self.reader.seek(item.index)? {
                Found::Whole(held) => {
                    self.meter.spend(held.weight());
                    Place::Whole(held)
                }
                Found::Parts(parted) => {
                    self.meter.spend(parted.weight());
                    self.run(parted, item)?
                }
            },
        };
        let place = self.place.insert(place);
        let found = place.change(item.item, self.account);
        let (leg, change) = found.ok_or(ReadError::Cursor)?;
        Ok((place, leg, change))
    }

    fn run(&mut self, parted: Arc<Parted>, item: ItemRef) -> Result<Place, ReadError> {
        if item.item >= parted.entry().items {
            return Err(ReadError::Cursor);
        }
        let run = self.reader.run(&parted, Run::of(item.item))?;
        self.meter.spend(run.weight);
        Ok(Place::Run(parted, run))
    }

    /// One item.
    pub(super) fn step(&mut self, item: ItemRef) -> Result<Step, ReadError> {
        let (_, _, change) = self.look(item)?;
        Ok(Step { item, change })
    }

    /// The account's newest item below log index `bound`.
    ///
    /// # Errors
    /// [`ReadError::Unfinished`] if it is too far away for one request; the next one is nearer.
    pub(super) fn newest_below(&mut self, bound: u64) -> Result<Option<Step>, ReadError> {
        let start = match self.last {
            Some(last) if last.index >= bound => self
                .marks(|t, account| t.from(account, bound).next().filter(|mark| *mark <= last))
                .or(Some(last)),
            last => last,
        };
        let (mut above, mut found) = (None, None);
        self.back(start, |step| {
            if step.item.index >= bound {
                above = Some(step.item);
            } else {
                found = Some(*step);
            }
            found.is_none()
        })?;
        if let Some(above) = above {
            // Whoever asks again is there at once.
            self.keep(above);
        }
        Ok(found)
    }

    /// Follows the chain from `start` for as long as `each` says so.
    pub(super) fn back(
        &mut self,
        start: Option<ItemRef>,
        mut each: impl FnMut(&Step) -> bool,
    ) -> Result<(), ReadError> {
        let mut next = start;
        let (mut steps, mut entries) = (0usize, 0usize);
        while let Some(item) = next {
            // Within an entry a step costs nothing, or little.
            let at = self.place.as_ref().map(|place| place.entry().index);
            if at != Some(item.index) {
                if self.meter.is_spent() && entries >= ENTRIES_FREE {
                    self.keep(item);
                    return Err(ReadError::Unfinished);
                }
                entries = entries.saturating_add(1);
            }
            let step = self.step(item)?;
            if !each(&step) {
                break;
            }
            steps = steps.saturating_add(1);
            if steps.is_multiple_of(STRIDE) {
                self.keep(item);
            }
            next = step.change.previous;
        }
        Ok(())
    }

    /// At most `limit` items behind `after` (or from log index `from` on) and below `end`, oldest
    /// first, and whether there may be more. There are fewer where more would cost too much.
    ///
    /// # Errors
    /// [`ReadError::Unfinished`] if the first of them is too far away for one request; the next
    /// one is nearer.
    pub(super) fn oldest(
        &mut self,
        from: u64,
        after: Option<ItemRef>,
        end: u64,
        limit: usize,
    ) -> Result<(Vec<ItemRef>, bool), ReadError> {
        let low = after.unwrap_or(ItemRef {
            index: from,
            item: 0,
        });
        let mut best = None;
        // From the nearest mark first: each try that does not arrive leaves a nearer one.
        let mut marks = 0usize;
        loop {
            // Item 0 never changes an account, so `low` itself is not wanted in either case.
            let near = self.marks(|t, account| {
                let above = t.from(account, low.index).filter(|mark| *mark > low);
                above.take_while(|mark| mark.index < end).nth(marks)
            });
            let (items, more) = match (self.between(low, near, end, limit), best) {
                (Ok(found), _) => found,
                (Err(ReadError::Unfinished), Some(best)) => return Ok((best, true)),
                (Err(error), _) => return Err(error),
            };
            if near.is_none() || more {
                return Ok((items, more));
            }
            // The mark was too near.
            best = Some(items);
            marks = marks.saturating_mul(2).max(1);
        }
    }

    /// The oldest items behind `low`, up to `near` or the newest below `end`.
    fn between(
        &mut self,
        low: ItemRef,
        near: Option<ItemRef>,
        end: u64,
        limit: usize,
    ) -> Result<(Vec<ItemRef>, bool), ReadError> {
        let start = match near {
            Some(near) => Some(near),
            None => self.newest_below(end)?.map(|step| step.item),
        };
        let mut items = VecDeque::new();
        self.back(start, |step| {
            let wanted = step.item > low;
            if wanted {
                items.push_front(step.item);
                items.truncate(limit.saturating_add(1));
            }
            wanted
        })?;
        let more = items.len() > limit;
        items.truncate(limit);
        Ok((items.into(), more))
    }

    fn marks<T>(&self, look: impl FnOnce(&Trails, u64) -> T) -> T {
        let trails = self.reader.shared.trails.lock();
        look(
            &trails.unwrap_or_else(PoisonError::into_inner),
            self.account,
        )
    }

    fn keep(&self, item: ItemRef) {
        let trails = self.reader.shared.trails.lock();
        trails
            .unwrap_or_else(PoisonError::into_inner)
            .keep(self.account, item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(index: u64) -> ItemRef {
        ItemRef { index, item: 1 }
    }

    #[test]
    fn marks_are_found_by_account_and_index_and_are_bounded() {
        let mut trails = Trails::default();
        for index in [5, 10, 20] {
            trails.keep(7, at(index));
        }
        trails.keep(8, at(12));
        assert_eq!(trails.from(7, 6).collect::<Vec<_>>(), [at(10), at(20)]);
        assert_eq!(trails.from(7, 20).next(), Some(at(20)));
        assert_eq!(trails.from(7, 21).next(), None);
        for index in 0..=TRAIL_MARKS_MAX as u64 {
            trails.keep(9, at(index));
        }
        assert!(trails.0.len() <= TRAIL_MARKS_MAX);
        // Nobody has lost all of them.
        assert!(trails.from(9, 0).count() >= TRAIL_MARKS_MAX / 2 - 4);
        assert!(trails.from(7, 0).next().is_some());
    }

    #[test]
    fn a_meter_counts_small_steps_too() {
        let mut meter = Meter::of(8 * READ_STEP_BYTES);
        for _ in 0..8 {
            assert!(!meter.is_spent());
            meter.spend(1);
        }
        assert!(meter.is_spent());
    }
}
