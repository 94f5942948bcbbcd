//! What the book knows of fees.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::schedule::FeeSchedule;
use crate::ledger::snapshot::{PartReader, PartWriter, SnapshotError};

/// The schedules of all assets, each with the versions before it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fees {
    /// By number of the asset: versions, oldest first; the last is in force.
    assets: BTreeMap<u32, Vec<FeeSchedule>>,
    /// Whether any schedule in force charges payments: a posting asks for this first.
    any: bool,
}

impl Fees {
    /// Whether any payment may be charged at all.
    #[inline]
    #[must_use]
    pub const fn any(&self) -> bool {
        self.any
    }

    /// The schedule in force of an asset, if anything is due by it.
    #[must_use]
    pub fn in_force(&self, asset: u32) -> Option<&FeeSchedule> {
        let last = self.versions(asset).last();
        last.filter(|schedule| schedule.charges())
    }

    /// The versions that are remembered of an asset's schedule, oldest first.
    #[must_use]
    pub fn versions(&self, asset: u32) -> &[FeeSchedule] {
        self.assets.get(&asset).map_or(&[], |versions| versions)
    }

    /// All of them, by number of the asset.
    pub fn all(&self) -> impl Iterator<Item = (u32, &[FeeSchedule])> {
        let all = self.assets.iter();
        all.map(|(asset, versions)| (*asset, &**versions))
    }

    /// Whether a schedule in force names an account of an asset.
    pub(in crate::ledger) fn names(&self, asset: u32, account: u64) -> bool {
        let schedule = self.in_force(asset);
        schedule.is_some_and(|schedule| schedule.names(account))
    }

    /// Puts the versions of an asset; gives back what they were.
    pub(in crate::ledger) fn put(
        &mut self,
        asset: u32,
        versions: Vec<FeeSchedule>,
    ) -> Vec<FeeSchedule> {
        let before = match versions.is_empty() {
            true => self.assets.remove(&asset),
            false => self.assets.insert(asset, versions),
        };
        let mut last = self.assets.values().filter_map(|versions| versions.last());
        self.any = last.any(|schedule| !schedule.rules.is_empty());
        before.unwrap_or_default()
    }

    pub(in crate::ledger) fn write<E, F>(&self, out: &mut PartWriter<F>) -> Result<(), E>
    where
        F: FnMut(Vec<u8>, bool) -> Result<(), E>,
    {
        out.put_all(self.assets.iter())
    }

    pub(in crate::ledger) fn read<I: Iterator<Item = Vec<u8>>>(
        from: &mut PartReader<I>,
    ) -> Result<Self, SnapshotError> {
        let mut fees = Self::default();
        for (asset, versions) in from.take_list::<(u32, Vec<FeeSchedule>)>()? {
            fees.put(asset, versions);
        }
        Ok(fees)
    }
}
