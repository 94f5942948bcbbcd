//! Writes to the book, as data, and how each is applied and undone.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::{Book, indirect_of, with_holidays};
use crate::ledger::account::Account;
use crate::ledger::asset::Asset;
use crate::ledger::calendar::Calendar;
use crate::ledger::cycle::CycleEffect;
use crate::ledger::dense::Records;
use crate::ledger::fees::FeeSchedule;
use crate::ledger::fx::FxEffect;
use crate::ledger::guard::Guard;
use crate::ledger::hold::Hold;
use crate::ledger::id::InstructionId;
use crate::ledger::mandate::Mandate;
use crate::ledger::parameter::Parameters;
use crate::ledger::participant::{Key, Participant};
use crate::ledger::posting::Postings;
use crate::ledger::proposal::Proposal;
use crate::ledger::queue::{Payment, PaymentKey};
use crate::ledger::reserving::Reservation;
use crate::ledger::returns::ReturnsEffect;
use crate::ledger::values::ValueKey;

/// One write to the book, as data. Applying an effect gives the effect that undoes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// The record of account `0`; `None` takes the newest account away again.
    Account(u64, Option<Account>),
    /// The record of asset `0`; `None` takes the newest asset away again.
    Asset(u32, Option<Asset>),
    /// The record of participant `0`; `None` takes the newest participant away again.
    Participant(u32, Option<Participant>),
    /// Whether a public key counts as registered.
    PublicKey([u8; 32], bool),
    /// The rule parameters.
    Parameters(Parameters),
    /// The protocol version in force and its first index.
    Protocol(u32, u64),
    /// Whether an entry's body counts as erased.
    Erased(u64, bool),
    /// The log's own keys, oldest first.
    LogKeys(Vec<Key>),
    /// What is known of the hold of this id; `None` forgets it.
    Hold(InstructionId, Option<Hold>),
    /// What is known of the proposal of this id; `None` forgets it.
    Proposal(InstructionId, Option<Proposal>),
    /// Limits and freezes of account `0`; `None` takes them away.
    Guard(u64, Option<Guard>),
    /// What is reserved on account `0`; `None` forgets it.
    Reserved(u64, Option<Reservation>),
    /// The payment that waits under this key; `None` takes it out of the queue.
    Queued(PaymentKey, Option<Payment>),
    /// A write to a settlement model.
    Cycle(CycleEffect),
    /// Calendar `0`; `None` takes the newest calendar away again.
    Calendar(u32, Option<Arc<Calendar>>),
    /// A write to what was given back, or to an open recall.
    Returns(ReturnsEffect),
    /// The mandate of this id; `None` forgets it.
    Mandate(InstructionId, Option<Mandate>),
    /// Which kinds of accounts may pay which.
    Postings(Postings),
    /// A write to providers and rates.
    Fx(FxEffect),
    /// By how much a value-dated balance differs from the booked one; `None` if it does not, or nobody
    /// can ask for it any more.
    Value(ValueKey, Option<i128>),
    /// The versions of the schedule of fees of asset `0`; none takes it away.
    Fees(u32, Vec<FeeSchedule>),
}

impl Book {
    /// Puts an account's record, and finds it by its address from now on; gives back what was.
    fn put_account(&mut self, number: u64, record: Option<Account>) -> Option<Account> {
        let before = self.accounts.put(number, record);
        if let Some(gone) = &before {
            self.addresses.remove(&gone.address);
        }
        if let Some(account) = self.account_numbered(number) {
            let address = account.address.clone();
            self.addresses.insert(address, number);
        }
        before
    }

    fn put_participant(&mut self, number: u32, record: Option<Participant>) -> Option<Participant> {
        let at = usize::try_from(number).unwrap_or(usize::MAX);
        let before = self.participants.get(at);
        self.guards.note(number, before, record.as_ref());
        let before = self.participants.put(u64::from(number), record);
        let numbers = self.participants.iter().map(|p| (p.id.clone(), p.number));
        self.participant_numbers = numbers.collect();
        self.indirect = indirect_of(&self.participants);
        self.with_holidays = with_holidays(&self.participants);
        before
    }

    /// Marks an account that has anything beside its record which postings must be asked about.
    fn mark(&mut self, number: u64) {
        let marks = self.guards.marks(number);
        let at = usize::try_from(number).unwrap_or(usize::MAX);
        if let Some(account) = self.accounts.slot(at) {
            (account.guarded, account.kept) = marks;
        }
    }

    /// Applies one effect; gives back the effect that undoes it.
    pub fn absorb(&mut self, effect: Effect) -> Effect {
        match effect {
            Effect::Account(number, record) => {
                Effect::Account(number, self.put_account(number, record))
            }
            Effect::Asset(number, record) => {
                let before = self.assets.put(u64::from(number), record);
                self.asset_numbers = self
                    .assets
                    .iter()
                    .map(|a| (a.id.clone(), a.number))
                    .collect();
                Effect::Asset(number, before)
            }
            Effect::Participant(number, record) => {
                Effect::Participant(number, self.put_participant(number, record))
            }
            Effect::PublicKey(public, present) => {
                let was = if present {
                    !self.public_keys.insert(public)
                } else {
                    self.public_keys.remove(&public)
                };
                Effect::PublicKey(public, was)
            }
            Effect::Parameters(parameters) => {
                Effect::Parameters(core::mem::replace(&mut self.parameters, parameters))
            }
            Effect::Protocol(version, from_index) => {
                let (version, from_index) =
                    core::mem::replace(&mut self.protocol, (version, from_index));
                Effect::Protocol(version, from_index)
            }
            Effect::Cycle(effect) => Effect::Cycle(self.cycles.put(effect)),
            Effect::Calendar(n, record) => Effect::Calendar(n, self.calendars.put(n, record)),
            Effect::Returns(effect) => Effect::Returns(self.returns.put(effect)),
            Effect::Fx(effect) => Effect::Fx(Arc::make_mut(&mut self.fx).put(effect)),
            Effect::Value(key, minor) => Effect::Value(key, self.values.put(key, minor)),
            Effect::Fees(n, it) => Effect::Fees(n, Arc::make_mut(&mut self.fees).put(n, it)),
            Effect::Hold(id, hold) => Effect::Hold(id, self.holds.put(id, hold)),
            Effect::Proposal(id, it) => Effect::Proposal(id, self.proposals.put(id, it)),
            Effect::Mandate(id, mandate) => Effect::Mandate(id, self.mandates.put(id, mandate)),
            Effect::Postings(postings) => {
                Effect::Postings(core::mem::replace(&mut self.postings, postings))
            }
            Effect::Guard(number, guard) => {
                let before = self.guards.put(number, guard);
                self.mark(number);
                Effect::Guard(number, before)
            }
            Effect::Reserved(number, it) => {
                let before = self.guards.reservations.put(number, it);
                self.mark(number);
                Effect::Reserved(number, before)
            }
            Effect::Queued(key, payment) => Effect::Queued(key, self.queue.put(key, payment)),
            Effect::LogKeys(keys) => Effect::LogKeys(core::mem::replace(&mut self.log_keys, keys)),
            Effect::Erased(index, erased) => {
                let was = if erased {
                    !self.erased.insert(index)
                } else {
                    self.erased.remove(&index)
                };
                Effect::Erased(index, was)
            }
        }
    }
}
