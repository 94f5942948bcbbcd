//! The table of a packed batch, with which one run of its drafts is read without the others.

use std::ops::Range;

use chain::Hash;

use super::drafts::unpack_some;
use super::{Unpackable, Unpacker};
use crate::ledger::{Draft, InstructionId};

/// The level of the tree over the items whose nodes are kept.
pub(in crate::node) const RUN_LEVEL: u8 = 4;
/// Items of a run.
pub(in crate::node) const RUN: usize = 1 << RUN_LEVEL;
/// A row of the table.
pub(in crate::node) const ROW_BYTES: usize = 4 + Hash::LEN;

/// How many runs the items of so many drafts have; item 0 has no draft.
pub(super) const fn runs_of(drafts: usize) -> usize {
    drafts / RUN + 1
}

/// Where the runs of packed drafts are, and what their items lead to.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::node) struct Table {
    first: InstructionId,
    count: u32,
    starts: Vec<usize>,
    roots: Vec<Hash>,
}

impl Table {
    /// Unpacks what stands before the drafts of a batch, and gives back what is behind it: all of
    /// the drafts or as much of them as is at hand.
    ///
    /// # Errors
    /// [`Unpackable`].
    pub(in crate::node) fn unpack(bytes: &[u8]) -> Result<(Self, &[u8]), Unpackable> {
        let mut from = Unpacker(bytes);
        let wrong = from.wrong();
        let first = InstructionId::from_bytes(from.array()?).map_err(|_| wrong)?;
        let count = from.int()?;
        let drafts = usize::try_from(count).map_err(|_| wrong)?;
        if drafts == 0 {
            return Err(wrong);
        }
        let runs = runs_of(drafts);
        let mut rows = Unpacker(from.bytes(runs.saturating_mul(ROW_BYTES))?);
        let (mut starts, mut roots) = (Vec::with_capacity(runs), Vec::with_capacity(runs));
        for _ in 0..runs {
            let start = usize::try_from(u32::from_be_bytes(rows.array()?)).map_err(|_| wrong)?;
            if start < starts.last().copied().unwrap_or(0) || starts.is_empty() && start > 0 {
                return Err(wrong);
            }
            starts.push(start);
            roots.push(Hash::from_bytes(rows.array()?));
        }
        let table = Self {
            first,
            count,
            starts,
            roots,
        };
        Ok((table, from.0))
    }

    /// How many drafts there are.
    pub(in crate::node) fn drafts(&self) -> usize {
        usize::try_from(self.count).unwrap_or(usize::MAX)
    }

    /// Takes them out, for whoever keeps them elsewhere.
    pub(in crate::node) fn take_roots(&mut self) -> Vec<Hash> {
        std::mem::take(&mut self.roots)
    }

    /// Where the drafts of a run are, counted from behind the table; the last run ends where the
    /// drafts end. `None` if there is no such run.
    pub(in crate::node) fn bytes_of(&self, run: usize) -> Option<Range<usize>> {
        let start = *self.starts.get(run)?;
        let next = self.starts.get(run.saturating_add(1)).copied();
        Some(start..next.unwrap_or(usize::MAX))
    }

    /// Unpacks the drafts of a run from their bytes.
    ///
    /// # Errors
    /// [`Unpackable`].
    pub(in crate::node) fn unpack_run(
        &self,
        run: usize,
        bytes: &[u8],
    ) -> Result<Vec<Draft>, Unpackable> {
        // The draft of item 1 is draft 0.
        let number = |run: usize| {
            let item = u32::try_from(run.saturating_mul(RUN)).unwrap_or(u32::MAX);
            item.saturating_sub(1).min(self.count)
        };
        unpack_some(
            bytes,
            number(run)..number(run.saturating_add(1)),
            self.first,
        )
    }
}
