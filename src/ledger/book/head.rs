//! What a snapshot has of a book before its accounts.

use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::Book;
use crate::ledger::asset::Asset;
use crate::ledger::calendar::Calendars;
use crate::ledger::cycle::Cycles;
use crate::ledger::fees::Fees;
use crate::ledger::fx::Fx;
use crate::ledger::guard::Guard;
use crate::ledger::hold::ById;
use crate::ledger::mandate;
use crate::ledger::parameter::Parameters;
use crate::ledger::participant::{Key, Participant};
use crate::ledger::posting::Postings;
use crate::ledger::proposal;
use crate::ledger::queue::Payment;
use crate::ledger::reserving::Reservation;
use crate::ledger::returns::SavedReturns;
use crate::ledger::snapshot::PartWriter;
use crate::ledger::sparse::Sparse;
use crate::ledger::values::Values;

/// A book without its accounts: what a snapshot has of it before them.
#[derive(Debug, Clone)]
pub struct BookHead {
    mode: u8,
    parameters: Parameters,
    protocol: (u32, u64),
    participants: Vec<Participant>,
    assets: Vec<Asset>,
    public_keys: BTreeSet<[u8; 32]>,
    erased: BTreeSet<u64>,
    log_keys: Vec<Key>,
    holds: ById,
    proposals: proposal::ById,
    guards: Sparse<Guard>,
    reservations: Sparse<Reservation>,
    /// Few: there is a bound for the whole log.
    queue: Vec<Payment>,
    cycles: Cycles,
    calendars: Calendars,
    returns: SavedReturns,
    mandates: mandate::ById,
    postings: Postings,
    fx: Arc<Fx>,
    values: Values,
    fees: Arc<Fees>,
    /// How many accounts follow.
    accounts: usize,
}

impl BookHead {
    /// How many accounts the book has.
    #[must_use]
    pub const fn accounts(&self) -> usize {
        self.accounts
    }

    /// Writes everything but the accounts, and how many of them follow.
    pub(in crate::ledger) fn write<E, F>(&self, out: &mut PartWriter<F>) -> Result<(), E>
    where
        F: FnMut(Vec<u8>, bool) -> Result<(), E>,
    {
        out.put(&(self.mode, self.protocol))?;
        out.put(&self.parameters)?;
        out.put(&self.log_keys)?;
        out.put_all(self.participants.iter())?;
        out.put_all(self.assets.iter())?;
        out.put_all(self.public_keys.iter())?;
        out.put_all(self.erased.iter())?;
        out.put(&self.holds.len())?;
        for (_, hold) in self.holds.iter() {
            out.put(hold)?;
        }
        out.put(&self.proposals.len())?;
        for (_, proposal) in self.proposals.iter() {
            out.put(proposal)?;
        }
        out.put(&self.guards.len())?;
        for guard in self.guards.iter() {
            out.put(&guard)?;
        }
        out.put(&self.reservations.len())?;
        for reservation in self.reservations.iter() {
            out.put(&reservation)?;
        }
        out.put_all(self.queue.iter())?;
        self.cycles.write(out)?;
        self.calendars.write(out)?;
        self.returns.write(out)?;
        out.put(&self.postings)?;
        out.put(&self.mandates.len())?;
        for (_, mandate) in self.mandates.iter() {
            out.put(mandate)?;
        }
        self.fx.write(out)?;
        self.values.write(out)?;
        self.fees.write(out)?;
        out.put(&self.accounts)
    }
}

impl Book {
    /// The book without its accounts and look-up tables.
    #[must_use]
    pub fn head(&self) -> BookHead {
        BookHead {
            mode: self.mode,
            parameters: self.parameters.clone(),
            protocol: self.protocol,
            participants: self.participants.clone(),
            assets: self.assets.clone(),
            public_keys: self.public_keys.clone(),
            erased: self.erased.clone(),
            log_keys: self.log_keys.clone(),
            holds: self.holds.by_id().clone(),
            proposals: self.proposals.by_id().clone(),
            guards: self.guards.by_account().clone(),
            reservations: self.guards.reservations.clone(),
            queue: self.queue.iter().cloned().collect(),
            cycles: self.cycles.clone(),
            calendars: self.calendars.clone(),
            returns: self.returns.save(),
            mandates: self.mandates.by_id().clone(),
            postings: self.postings,
            fx: self.fx.clone(),
            values: self.values.clone(),
            fees: self.fees.clone(),
            accounts: self.accounts.len(),
        }
    }
}
