//! What the book knows of providers and rates. Quotes are holds (`ledger/hold.rs`).

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::ratio::Ratio;
use crate::ledger::id::{InstructionId, SourceId};
use crate::ledger::snapshot::{PartReader, PartWriter, SnapshotError};

/// Names a line of rates: they follow each other in time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RateKey {
    /// Number of the participant that states them; 0 is the operators.
    pub owner: u32,
    /// Number of the asset that is priced.
    pub base: u32,
    /// Number of the asset that it is priced in.
    pub quote: u32,
    /// Where they come from.
    pub source: SourceId,
}

/// Where conversions at a rate are executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateExecution {
    /// Number of the provider's account in the base asset.
    pub base: u64,
    /// Number of the provider's account in the quote asset.
    pub quote: u64,
    /// The most that one conversion may be, minor units of the base asset.
    pub max: u128,
}

/// One rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// Id of the instruction that stated it.
    pub id: InstructionId,
    /// Index of its entry.
    pub index: u64,
    /// Units of the quote asset that are paid for one of the base asset.
    pub bid: Ratio,
    /// Units of the quote asset that one of the base asset costs.
    pub ask: Ratio,
    /// In force from this time on, nanoseconds since 1970 UTC.
    pub from: u64,
    /// And up to this time, which is not part of it.
    pub to: u64,
    /// Where it is executed, if it is more than indicative.
    pub execution: Option<RateExecution>,
}

/// What is in force of a line at some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InForce<'a> {
    /// This rate.
    Rate(&'a Rate),
    /// None: the last one is over.
    Stale,
    /// None: there was none, or only later ones are known.
    Gap,
}

/// Providers and rates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fx {
    providers: BTreeSet<u32>,
    /// The rates of each line by time; no two overlap.
    rates: BTreeMap<RateKey, Vec<Rate>>,
}

/// One write to them, as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FxEffect {
    /// Whether participant `0` is a provider.
    Provider(u32, bool),
    /// The rates of a line; none takes the line away.
    Rates(RateKey, Vec<Rate>),
}

impl Fx {
    /// Whether a participant states rates.
    #[must_use]
    pub fn is_provider(&self, participant: u32) -> bool {
        self.providers.contains(&participant)
    }

    /// Those who do, by number.
    #[must_use]
    pub const fn providers(&self) -> &BTreeSet<u32> {
        &self.providers
    }

    /// All lines with their rates, by owner, assets and source.
    pub fn lines(&self) -> impl Iterator<Item = (&RateKey, &[Rate])> {
        self.rates.iter().map(|(key, rates)| (key, &**rates))
    }

    /// The rates of a line, first in force first.
    #[must_use]
    pub fn line(&self, key: &RateKey) -> &[Rate] {
        self.rates.get(key).map_or(&[], |rates| rates)
    }

    /// How many lines a participant has.
    pub(super) fn lines_of(&self, owner: u32) -> impl Iterator<Item = &RateKey> {
        self.rates.keys().filter(move |key| key.owner == owner)
    }

    /// What is in force of a line at `time`, nanoseconds since 1970 UTC.
    #[must_use]
    pub fn in_force(&self, key: &RateKey, time: u64) -> InForce<'_> {
        let line = self.line(key);
        match line
            .iter()
            .find(|rate| (rate.from..rate.to).contains(&time))
        {
            Some(rate) => InForce::Rate(rate),
            None if line.iter().any(|rate| rate.to <= time) => InForce::Stale,
            None => InForce::Gap,
        }
    }

    /// Carries out one effect; gives back the effect that undoes it.
    pub(in crate::ledger) fn put(&mut self, effect: FxEffect) -> FxEffect {
        match effect {
            FxEffect::Provider(number, active) => {
                let was = match active {
                    true => !self.providers.insert(number),
                    false => self.providers.remove(&number),
                };
                FxEffect::Provider(number, was)
            }
            FxEffect::Rates(key, rates) => {
                let before = match rates.is_empty() {
                    true => self.rates.remove(&key),
                    false => self.rates.insert(key.clone(), rates),
                };
                FxEffect::Rates(key, before.unwrap_or_default())
            }
        }
    }

    pub(in crate::ledger) fn write<E, F>(&self, out: &mut PartWriter<F>) -> Result<(), E>
    where
        F: FnMut(Vec<u8>, bool) -> Result<(), E>,
    {
        out.put_all(self.providers.iter())?;
        out.put_all(self.rates.iter())
    }

    pub(in crate::ledger) fn read<I: Iterator<Item = Vec<u8>>>(
        from: &mut PartReader<I>,
    ) -> Result<Self, SnapshotError> {
        let providers = from.take_list::<u32>()?.into_iter().collect();
        let rates = from.take_list::<(RateKey, Vec<Rate>)>()?;
        Ok(Self {
            providers,
            rates: rates.into_iter().collect(),
        })
    }
}
