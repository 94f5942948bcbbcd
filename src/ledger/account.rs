//! Accounts: one account, one asset, four counters, limits.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::amount::MINOR_MAX;
use super::id::Address;

/// The four counters of an account, minor units (see [`chain::Counters`]).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "the fields are those of chain::Counters, documented there"
)]
pub struct Counters {
    pub debits_pending: u128,
    pub debits_posted: u128,
    pub credits_pending: u128,
    pub credits_posted: u128,
}

impl From<Counters> for chain::Counters {
    fn from(c: Counters) -> Self {
        Self {
            debits_pending: c.debits_pending,
            debits_posted: c.debits_posted,
            credits_pending: c.credits_pending,
            credits_posted: c.credits_posted,
        }
    }
}

impl From<chain::Counters> for Counters {
    fn from(c: chain::Counters) -> Self {
        Self {
            debits_pending: c.debits_pending,
            debits_posted: c.debits_posted,
            credits_pending: c.credits_pending,
            credits_posted: c.credits_posted,
        }
    }
}

impl Counters {
    /// Adds to the posted debits.
    #[must_use]
    pub fn debit(mut self, amount: u128) -> Option<Self> {
        self.debits_posted = self
            .debits_posted
            .checked_add(amount)
            .filter(|n| *n <= MINOR_MAX)?;
        Some(self)
    }

    /// Adds to the posted credits.
    #[must_use]
    pub fn credit(mut self, amount: u128) -> Option<Self> {
        self.credits_posted = self
            .credits_posted
            .checked_add(amount)
            .filter(|n| *n <= MINOR_MAX)?;
        Some(self)
    }

    /// Posted credits less posted debits: the booked balance of a credit-normal account.
    #[must_use]
    pub const fn posted(&self) -> i128 {
        // Both are at most 2^96 - 1, so neither cast nor subtraction can lose anything.
        (self.credits_posted as i128).saturating_sub(self.debits_posted as i128)
    }
}

/// Names an item: the entry's log index and the item's number inside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ItemRef {
    /// Log index of the entry.
    pub index: u64,
    /// Number of the item inside the entry.
    pub item: u32,
}

impl From<ItemRef> for chain::ItemRef {
    fn from(r: ItemRef) -> Self {
        Self {
            index: r.index,
            item: r.item,
        }
    }
}

/// What an account is for. Numbers 8 and up are reserved for the kinds of LEDGER F02 to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum AccountKind {
    /// A participant's own account; may go negative down to its credit line.
    Settlement = 1,
    /// An account of a participant's customer; never negative.
    Customer = 2,
    /// The other side of funds in and funds out, one per asset.
    Issuance = 3,
    /// Money whose owner is being found out.
    Suspense = 4,
    /// Fees earned by the operators.
    Fee = 5,
    /// A settlement model's own: the nets of a window go through it, and nothing else.
    Netting = 6,
    /// What members paid in before, from which a settlement model funds windows of those who do not;
    /// never negative.
    Pool = 7,
}

impl AccountKind {
    /// Whether only instructions of their own move money on it, never a transfer, funds in or funds
    /// out. There is one for each asset or model, opened with it.
    #[must_use]
    pub const fn is_reserved(self) -> bool {
        matches!(self, Self::Issuance | Self::Netting)
    }
}

/// Whether an account takes postings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    /// Open.
    Active,
    /// Closed: takes nothing.
    Closed,
}

/// How far an account may go, minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Limits {
    /// How far below zero the account may go.
    pub credit_line: u128,
    /// What must stay on the account.
    pub min_balance: u128,
    /// The largest single debit.
    pub per_transfer_max: Option<u128>,
}

/// One account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Number, given at opening, dense from 0.
    pub number: u64,
    /// Address for people.
    pub address: Address,
    /// Number of the participant that owns it.
    pub owner: u32,
    /// What it is for.
    pub kind: AccountKind,
    /// Number of its asset, fixed at opening.
    pub asset: u32,
    /// Whether it takes postings.
    pub status: AccountStatus,
    /// Whether it has limits or freezes beside this record (see [`super::Guard`]).
    pub guarded: bool,
    /// Whether any of that is a freeze that was not lifted, or a reservation.
    pub kept: bool,
    /// How far it may go.
    pub limits: Limits,
    /// The four counters.
    pub counters: Counters,
    /// The last item that changed the counters.
    pub last: Option<ItemRef>,
    /// Log index of the entry that opened it.
    pub opened: u64,
    /// Terms that were in force before, oldest first: governance changes them, rarely, and whoever
    /// asks for the past wants what held then.
    pub earlier: Vec<Terms>,
}

/// Terms of an account that are no longer in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Log index of the entry that put others in their place.
    pub until: u64,
    /// Whether it took postings.
    pub status: AccountStatus,
    /// How far it might go.
    pub limits: Limits,
}

impl Account {
    /// A value that takes a look at most of the memory that a leg needs of it.
    #[inline]
    pub(super) fn glance(&self) -> u128 {
        let max = self.limits.per_transfer_max.unwrap_or(0);
        self.counters.debits_posted ^ max ^ u128::from(self.owner)
    }

    /// Sets status and limits from entry `index` on, and keeps what held before it.
    pub(super) fn set_terms(&mut self, index: u64, status: AccountStatus, limits: Limits) {
        // Several changes in one entry are one: nothing is ever read from between them.
        if self.earlier.last().is_none_or(|terms| terms.until != index) {
            self.earlier.push(Terms {
                until: index,
                status: self.status,
                limits: self.limits,
            });
        }
        self.status = status;
        self.limits = limits;
    }

    /// The account as it stood after entry `index`, with the counters that it had then; `None`
    /// before it was opened.
    #[must_use]
    pub fn at(&self, index: u64, counters: Counters) -> Option<Self> {
        if index < self.opened {
            return None;
        }
        let mut then = self.clone();
        then.counters = counters;
        if let Some(terms) = self.earlier.iter().find(|terms| terms.until > index) {
            then.status = terms.status;
            then.limits = terms.limits;
        }
        Some(then)
    }

    /// Whether debits are checked against what is available. The operators' own accounts, the
    /// other side of everybody else's money, may be negative (LEDGER F02); a pool is others' money that
    /// they keep.
    #[must_use]
    pub const fn has_floor(&self) -> bool {
        matches!(
            self.kind,
            AccountKind::Settlement | AccountKind::Customer | AccountKind::Pool
        )
    }

    /// What may still be debited; negative when limits were lowered below present use:
    /// posted - pending debits - minimum balance + credit line. Pending credits never count.
    #[must_use]
    pub const fn available(&self) -> i128 {
        self.available_with(&self.counters)
    }

    /// The same with other counters than it has now.
    #[must_use]
    pub const fn available_with(&self, counters: &Counters) -> i128 {
        counters
            .posted()
            .saturating_sub(counters.debits_pending as i128)
            .saturating_sub(self.limits.min_balance as i128)
            .saturating_add(self.limits.credit_line as i128)
    }
}
