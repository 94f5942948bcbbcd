//! What the owner of an account reserves on it for payments that are urgent or high (LEDGER F10).
//!
//! ```text
//!   |<---------------- available ---------------->|
//!   | for urgent ones | for high ones | for everybody |
//!   urgent payments:  1               3               2      in this order
//!   high payments:                    1               2
//! ```
//!
//! What is urgent may use all that is available: what is reserved for it first, then what is not
//! reserved, then what is reserved for high ones. What is high may use what is reserved for it, then
//! what is not reserved. All else may use what is not reserved. What is used of a reservation lowers
//! it. More may be reserved than is there: what comes in fills it, what is for urgent ones first.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::account::{Account, AccountStatus};
use super::apply::{Refusal, Work};
use super::book::{Book, Effect};
use super::clearing::{Net, Purse};
use super::instruction::{Instruction, SetReservation};
use super::outcome::Outcome;
use super::transfer::as_limit;
use crate::limits::RESERVATIONS_KEPT;

/// What is reserved on an account, minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reserved {
    /// For payments that are urgent.
    pub urgent: u128,
    /// For payments that are high; urgent ones may use it last.
    pub high: u128,
}

/// What payments ask of what is on an account, minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asks {
    pub(super) urgent: u128,
    pub(super) high: u128,
    pub(super) normal: u128,
}

impl Reserved {
    /// Whether nothing is.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.urgent == 0 && self.high == 0
    }

    /// All of it.
    #[must_use]
    pub const fn sum(&self) -> u128 {
        self.urgent.saturating_add(self.high)
    }

    /// What must be available for that to be paid.
    pub(super) fn needs(&self, asks: Asks) -> u128 {
        let urgent = asks.urgent.max(self.urgent);
        match asks {
            Asks { normal: 1.., .. } => {
                let high = asks.high.max(self.high);
                urgent.saturating_add(high).saturating_add(asks.normal)
            }
            Asks { high: 1.., .. } => urgent.saturating_add(asks.high),
            Asks { .. } => asks.urgent,
        }
    }

    /// What is left when that was paid out of what was available.
    pub(super) fn after(&self, available: u128, asks: Asks) -> Self {
        let free = available.saturating_sub(self.sum());
        let beyond = asks.urgent.saturating_sub(self.urgent);
        let high = self.high.saturating_sub(beyond.saturating_sub(free));
        Self {
            urgent: self.urgent.saturating_sub(asks.urgent),
            high: high.saturating_sub(asks.high),
        }
    }
}

/// What is reserved on an account that ever had a reservation, now and before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    now: Reserved,
    /// What was reserved before, oldest first, each with the index of the entry that changed it.
    earlier: Vec<(u64, Reserved)>,
    /// Before this entry nobody knows any more.
    known_from: u64,
}

impl Reservation {
    /// What is reserved now.
    #[must_use]
    pub const fn now(&self) -> Reserved {
        self.now
    }

    /// What was reserved after entry `index`, if it is still known.
    #[must_use]
    pub fn at(&self, index: u64) -> Option<Reserved> {
        let then = self.earlier.iter().find(|(until, _)| *until > index);
        let then = then.map_or(self.now, |(_, reserved)| *reserved);
        (index >= self.known_from).then_some(then)
    }

    /// Sets what is reserved from entry `index` on.
    pub(super) fn set(&mut self, index: u64, reserved: Reserved) {
        let before = core::mem::replace(&mut self.now, reserved);
        // Several changes in one entry are one: nothing is ever read from between them.
        if self.earlier.last().is_none_or(|(until, _)| *until != index) {
            self.earlier.push((index, before));
        }
        if self.earlier.len() > RESERVATIONS_KEPT {
            let (until, _) = self.earlier.remove(0);
            self.known_from = until;
        }
    }
}

impl Book {
    /// What is reserved on an account.
    #[inline]
    #[must_use]
    pub fn reserved(&self, account: &Account) -> Reserved {
        let all = account.kept.then(|| self.reservation(account.number));
        all.flatten()
            .map_or_else(Reserved::default, Reservation::now)
    }

    /// What is on an account at `time` that not everything may debit, minor units: what freezes keep,
    /// and what is reserved for payments that are urgent or high.
    pub(super) fn kept(&self, account: &Account, time: u64) -> u128 {
        let blocked = self.blocked(account, time);
        blocked.saturating_add(self.reserved(account).sum())
    }
}

/// Sets what is reserved on an account from now on.
pub(super) fn set(
    work: &mut Work<'_>,
    ordinal: u32,
    i: &SetReservation,
    asked: &Instruction,
) -> Result<(), Refusal> {
    let book = work.state.book();
    let account = book.account(&i.address).ok_or(Outcome::AccountUnknown)?;
    if !work.signed_by(account.owner) {
        return Err(Outcome::NotOwner.into());
    }
    let asset = book.asset_numbered(account.asset);
    let scale = asset.ok_or(Outcome::AssetUnknown)?.scale;
    let before = book.reserved(account);
    let minor = |amount: Option<_>, before| amount.map_or(Ok(before), |a| as_limit(a, scale));
    let reserved = Reserved {
        urgent: minor(i.urgent, before.urgent)?,
        high: minor(i.high, before.high)?,
    };
    if account.status == AccountStatus::Closed {
        return Err(Outcome::AccountClosed.into());
    }
    if !account.has_floor() {
        return Err(Outcome::AccountKindNotAllowed.into());
    }
    if reserved == before {
        return Err(Outcome::NoChange.into());
    }
    let number = account.number;
    let applied = Refusal {
        outcome: Outcome::Applied,
        leg: None,
        detail: number,
    };
    work.refuse(ordinal, asked, applied);
    put(work, number, reserved);
    Ok(())
}

/// Lowers reservations by what this account is about to pay.
pub(super) fn use_up(work: &mut Work<'_>, number: u64, net: Net) {
    let book = work.state.book();
    let Some(account) = book.account_numbered(number) else {
        return;
    };
    let before = book.reserved(account);
    if before.is_none() {
        return;
    }
    let mut purse = Purse::of(book, account, work.time);
    purse.settle(net);
    if purse.reserved != before {
        put(work, number, purse.reserved);
    }
}

/// Writes what is reserved.
pub(super) fn put(work: &mut Work<'_>, number: u64, reserved: Reserved) {
    let before = work.state.book().reservation(number);
    let mut reservation = before.cloned().unwrap_or_default();
    reservation.set(work.index, reserved);
    work.write(Effect::Reserved(number, Some(reservation)));
}

#[cfg(test)]
mod tests;
