//! The window in a snapshot.

use alloc::vec::Vec;

use super::spot::participant_of;
use super::{Index, MessageRecord, Run, Window, pack, shard_of, unpack};
use crate::ledger::ordered::{Filling, Ordered, Spot};
use crate::ledger::snapshot::{PartReader, PartWriter, SnapshotError};

/// How far a key lies behind the one before it: what differs is short.
type Step = (u64, u128, u64);

/// Ids or runs in their order, each as its distance from the one before.
struct Steps {
    spot: Spot,
    index: u64,
}

impl Steps {
    const fn new() -> Self {
        Self {
            spot: (0, 0),
            index: 0,
        }
    }

    fn to(&mut self, spot: Spot, index: &Index) -> Step {
        let shards = spot.0.wrapping_sub(self.spot.0);
        let from = if shards == 0 { self.spot.1 } else { 0 };
        let index = unpack(*index);
        // Entries of one shard are near each other, on both sides: the sign becomes the lowest bit.
        let apart = index.wrapping_sub(self.index).cast_signed();
        let zigzag = (apart.wrapping_shl(1) ^ apart.wrapping_shr(63)).cast_unsigned();
        *self = Self { spot, index };
        (shards, spot.1.wrapping_sub(from), zigzag)
    }

    fn from(&mut self, (shards, key, zigzag): Step) -> Result<(Spot, Index), SnapshotError> {
        let from = if shards == 0 { self.spot.1 } else { 0 };
        let spot = (self.spot.0.wrapping_add(shards), from.wrapping_add(key));
        let sign = (zigzag & 1).wrapping_neg();
        let index = self.index.wrapping_add((zigzag >> 1) ^ sign);
        let in_order = self.spot < spot || self.spot == (0, 0);
        *self = Self { spot, index };
        match pack(index) {
            Some(packed) if in_order => Ok((spot, packed)),
            _ => Err(SnapshotError::Unreadable),
        }
    }
}

/// What a snapshot has of a window. Its leaves are those of the window, so that it is taken at once,
/// whatever they hold; the window goes on with copies of those that it changes.
#[derive(Debug, Clone)]
pub(in crate::ledger) struct SavedWindow {
    floor: u64,
    ids: Ordered<Index>,
    runs: Ordered<Run>,
    messages: Ordered<MessageRecord>,
}

impl SavedWindow {
    /// Writes everything in its order: the same log prefix gives the same records, whether or not the
    /// window was itself read from a snapshot on the way.
    pub(in crate::ledger) fn write<E, F>(&self, out: &mut PartWriter<F>) -> Result<(), E>
    where
        F: FnMut(Vec<u8>, bool) -> Result<(), E>,
    {
        let oldest = shard_of(self.floor);
        out.put(&self.floor)?;
        // What is forgotten comes first.
        let ids = || self.ids.iter().skip_while(|(spot, _)| spot.0 < oldest);
        out.put(&ids().count())?;
        let mut steps = Steps::new();
        for (spot, index) in ids() {
            out.put(&steps.to(spot, index))?;
        }
        let runs = || self.runs.iter().skip_while(|(spot, _)| spot.0 < oldest);
        out.put(&runs().count())?;
        let mut steps = Steps::new();
        for (spot, (count, index)) in runs() {
            out.put(&(steps.to(spot, index), count))?;
        }
        let known = |record: &MessageRecord| shard_of(record.created) >= oldest;
        let messages = || self.messages.iter().filter(|(_, record)| known(record));
        out.put(&messages().count())?;
        for (spot, record) in messages() {
            out.put(&(spot.1.to_be_bytes(), record))?;
        }
        Ok(())
    }
}

impl Window {
    /// Takes what a snapshot has of the window. The run being extended counts as if it stood with the
    /// others already.
    pub(in crate::ledger) fn save(&self) -> SavedWindow {
        let (mut ids, mut runs) = (self.ids.clone(), self.runs.clone());
        if let Some(tail) = self.tail {
            tail.put(&mut ids, &mut runs);
        }
        SavedWindow {
            floor: self.floor,
            ids,
            runs,
            messages: self.messages.clone(),
        }
    }

    /// Reads what was written.
    pub(in crate::ledger) fn read<I: Iterator<Item = Vec<u8>>>(
        from: &mut PartReader<I>,
    ) -> Result<Self, SnapshotError> {
        let mut window = Self {
            floor: from.take()?,
            ..Self::default()
        };
        let (mut steps, mut ids) = (Steps::new(), Filling::new());
        from.take_all(|step: Step| {
            let (spot, index) = steps.from(step)?;
            window.held_again(spot, 1);
            ids.push(spot, index);
            Ok(())
        })?;
        let (mut steps, mut runs) = (Steps::new(), Filling::new());
        from.take_all(|(step, count): (Step, [u8; 4])| {
            let (spot, index) = steps.from(step)?;
            window.held_again(spot, u32::from_be_bytes(count));
            runs.push(spot, (count, index));
            Ok(())
        })?;
        let mut messages = Filling::new();
        let mut last = None;
        from.take_all(|(key, record): ([u8; 16], MessageRecord)| {
            let key = u128::from_be_bytes(key);
            if last.replace(key).is_some_and(|last| last >= key) {
                return Err(SnapshotError::Unreadable);
            }
            window.count_message(record.created);
            messages.push((0, key), record);
            Ok(())
        })?;
        window.ids = ids.finish();
        window.runs = runs.finish();
        window.messages = messages.finish();
        Ok(window)
    }

    fn held_again(&mut self, spot: Spot, count: u32) {
        self.count_up(spot.0, participant_of(spot.1), u64::from(count));
        self.count_run(spot.0);
    }
}
