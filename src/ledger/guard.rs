//! What few accounts and participants have beside their records: limits that are counted, and
//! freezes.
//!
//! An account that has any carries a mark, so that all others pay one look for it, and another if it
//! has freezes or reservations, so that those with limits alone do not pay for these.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::ops::Bound;

use serde::{Deserialize, Serialize};

use super::account::Account;
use super::book::Book;
use super::bounds::Bounds;
use super::freezes::{FreezeRecord, Freezes};
use super::participant::Participant;
use super::reserving::Reservation;
use super::sparse::Sparse;

/// Limits and freezes of one account, present and past.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guard {
    /// Its limits.
    pub bounds: Bounds,
    /// Limits that were in force before, oldest first, each with the index of the entry that put
    /// others in their place.
    pub earlier: Vec<(u64, Bounds)>,
    /// Its freezes.
    pub freezes: Freezes,
}

impl Guard {
    /// Whether nothing is in force that postings must be asked about.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.bounds.is_none() && self.freezes.is_idle()
    }

    /// The limits that were in force after entry `index`.
    #[must_use]
    pub fn bounds_at(&self, index: u64) -> &Bounds {
        let then = self.earlier.iter().find(|(until, _)| *until > index);
        then.map_or(&self.bounds, |(_, bounds)| bounds)
    }

    /// Sets the limits from entry `index` on, and keeps what held before it.
    pub(super) fn set_bounds(&mut self, index: u64, bounds: Bounds) {
        let before = core::mem::replace(&mut self.bounds, bounds);
        // Several changes in one entry are one: nothing is ever read from between them.
        if self.earlier.last().is_none_or(|(until, _)| *until != index) {
            self.earlier.push((index, before));
        }
    }
}

/// All guards, and the participants whose accounts are not free.
#[derive(Debug, Clone, Default)]
pub(super) struct Guards {
    by_account: Sparse<Guard>,
    /// What is reserved on accounts, of all that ever had a reservation.
    pub(super) reservations: Sparse<Reservation>,
    /// Participants that are suspended or frozen.
    restricted: BTreeSet<u32>,
    /// Those that do not take part, or in tests alone: a leg of others' need not be asked.
    apart: BTreeSet<u32>,
    /// How many freezes that are not lifted end by time, by when, nanoseconds since 1970 UTC.
    ends: BTreeMap<u64, u32>,
}

impl Guards {
    pub(super) fn get(&self, account: u64) -> Option<&Guard> {
        self.by_account.get(account)
    }

    /// All of them.
    pub(super) const fn by_account(&self) -> &Sparse<Guard> {
        &self.by_account
    }

    /// Puts a guard in the place of an account's, or takes it away; gives back what was.
    pub(super) fn put(&mut self, account: u64, guard: Option<Guard>) -> Option<Guard> {
        if let Some(guard) = &guard {
            self.count_ends(&guard.freezes, true);
        }
        let before = self.by_account.put(account, guard);
        if let Some(before) = &before {
            self.count_ends(&before.freezes, false);
        }
        before
    }

    /// The marks of an account: whether postings of it must be asked about anything here, and whether
    /// that is a freeze or a reservation.
    pub(super) fn marks(&self, account: u64) -> (bool, bool) {
        let reserved = self.reservations.get(account);
        let reserved = reserved.is_some_and(|reserved| !reserved.now().is_none());
        let guard = self.get(account);
        let kept = reserved || guard.is_some_and(|guard| !guard.freezes.is_idle());
        (kept || guard.is_some_and(|guard| !guard.is_idle()), kept)
    }

    /// Whether a freeze ends behind `after` and not behind `until`.
    pub(super) fn any_ends(&self, after: u64, until: u64) -> bool {
        let first = self.ends.range((Bound::Excluded(after), Bound::Unbounded));
        first
            .map(|(end, _)| *end)
            .next()
            .is_some_and(|end| end <= until)
    }

    fn count_ends(&mut self, freezes: &Freezes, present: bool) {
        for end in freezes.ends() {
            let count = self.ends.entry(end).or_default();
            *count = match present {
                true => count.saturating_add(1),
                false => count.saturating_sub(1),
            };
            if *count == 0 {
                self.ends.remove(&end);
            }
        }
    }

    /// Takes note of a participant's new record in the place of the one before.
    pub(super) fn note(
        &mut self,
        number: u32,
        before: Option<&Participant>,
        participant: Option<&Participant>,
    ) {
        if let Some(participant) = participant {
            self.count_ends(&participant.freezes, true);
        }
        if let Some(before) = before {
            self.count_ends(&before.freezes, false);
        }
        if participant.is_some_and(Participant::is_restricted) {
            self.restricted.insert(number);
        } else {
            self.restricted.remove(&number);
        }
        if participant.is_some_and(Participant::is_apart) {
            self.apart.insert(number);
        } else {
            self.apart.remove(&number);
        }
    }

    /// Whether one of two owners does not take part, or in tests alone.
    fn keeps_apart(&self, debit: u32, credit: u32) -> bool {
        !self.apart.is_empty() && (self.apart.contains(&debit) || self.apart.contains(&credit))
    }
}

impl Book {
    /// Limits and freezes of an account, if it ever had any besides [`super::Limits`].
    #[must_use]
    pub fn guard(&self, account: u64) -> Option<&Guard> {
        self.guards.get(account)
    }

    /// What is reserved on an account, if it ever had a reservation.
    #[must_use]
    pub fn reservation(&self, account: u64) -> Option<&Reservation> {
        self.guards.reservations.get(account)
    }

    /// The most that may be on an account, minor units; any amount, if there is none.
    pub(super) fn max_balance(&self, account: &Account) -> Option<u128> {
        let guard = account.guarded.then(|| self.guard(account.number));
        guard.flatten().and_then(|guard| guard.bounds.max_balance)
    }

    /// Guards of all accounts that ever had any, by number.
    pub fn guards(&self) -> impl Iterator<Item = (u64, &Guard)> {
        self.guards.by_account().iter()
    }

    /// Whether a leg between two accounts must be asked about more than their records say.
    #[inline]
    pub(super) fn is_guarded(&self, debit: &Account, credit: &Account) -> bool {
        debit.guarded
            | credit.guarded
            | !self.guards.restricted.is_empty()
            | self.guards.keeps_apart(debit.owner, credit.owner)
    }

    /// The owner of an account, if it is suspended or frozen.
    fn restricted_owner(&self, account: &Account) -> Option<&Participant> {
        match self.guards.restricted.contains(&account.owner) {
            true => self.participant_numbered(account.owner),
            false => None,
        }
    }

    fn freezes_of(&self, account: &Account) -> [Option<&Freezes>; 2] {
        let guard = account.kept.then(|| self.guard(account.number));
        [
            guard.flatten().map(|guard| &guard.freezes),
            self.restricted_owner(account).map(|owner| &owner.freezes),
        ]
    }

    /// Whether a freeze lets nothing leave an account at `time`, nanoseconds since 1970 UTC.
    #[must_use]
    pub fn debits_frozen(&self, account: &Account, time: u64) -> bool {
        let all = self.freezes_of(account);
        all.into_iter().flatten().any(|f| f.stops_debits(time))
    }

    /// Whether a freeze lets nothing come in at `time`.
    #[must_use]
    pub fn credits_frozen(&self, account: &Account, time: u64) -> bool {
        let all = self.freezes_of(account);
        all.into_iter().flatten().any(|f| f.stops_credits(time))
    }

    /// Whether the owner of an account is suspended, or who signs for it.
    #[must_use]
    pub fn owner_suspended(&self, account: &Account) -> bool {
        let owner = self.restricted_owner(account);
        owner.is_some_and(Participant::is_suspended) || self.signer_suspended(account)
    }

    /// What freezes keep on an account at `time`, minor units.
    #[must_use]
    pub fn blocked(&self, account: &Account, time: u64) -> u128 {
        let guard = account.kept.then(|| self.guard(account.number));
        guard
            .flatten()
            .map_or(0, |guard| guard.freezes.blocked(time))
    }

    /// What may still be debited at `time`, minor units.
    #[must_use]
    pub fn available(&self, account: &Account, time: u64) -> i128 {
        let blocked = i128::try_from(self.blocked(account, time)).unwrap_or(i128::MAX);
        account.available().saturating_sub(blocked)
    }

    /// The earliest time at which `free` is true of an account, nanoseconds since 1970 UTC: 0 if it
    /// is under all freezes that were not lifted, else the end of one of them. `free` must not get
    /// false again as freezes end.
    pub(super) fn free_from(&self, account: &Account, free: impl Fn(u64) -> bool) -> Option<u64> {
        if free(0) {
            return Some(0);
        }
        let ends = self.freezes_end(account);
        ends.filter(|end| free(*end)).min()
    }

    /// When the freezes end that an account is under and that were not lifted, nanoseconds since 1970
    /// UTC.
    pub(super) fn freezes_end(&self, account: &Account) -> impl Iterator<Item = u64> {
        let all = self.freezes_of(account);
        all.into_iter().flatten().flat_map(Freezes::ends)
    }

    /// The freezes that an account was under after entry `index`, whose time is `time`: its own,
    /// then those of its owner.
    pub fn freezes_at(
        &self,
        account: &Account,
        index: u64,
        time: u64,
    ) -> impl Iterator<Item = (&FreezeRecord, bool)> {
        let own = self.guard(account.number).map(|guard| &guard.freezes);
        let owner = self.participant_numbered(account.owner);
        let owners = owner.map(|owner| &owner.freezes);
        let own = own.into_iter().flat_map(move |f| f.at(index, time));
        let owners = owners.into_iter().flat_map(move |f| f.at(index, time));
        own.map(|f| (f, false)).chain(owners.map(|f| (f, true)))
    }
}
