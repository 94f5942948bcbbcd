//! What an account can still do while sets of legs settle one after the other: pay, receive, and count.
//!
//! What a set brings to an account pays for what the set asks of it: first for what is normal, then for
//! what is high, then for what is urgent. The rest is paid by what is on it, of which some may be
//! reserved (see [`Reserved`]).

use alloc::collections::BTreeMap;

use crate::ledger::account::Account;
use crate::ledger::amount::MINOR_MAX;
use crate::ledger::book::Book;
use crate::ledger::instruction::Priority;
use crate::ledger::queue::QueuedLeg;
use crate::ledger::reserving::{Asks, Reserved};

/// What an account pays and receives in a set of legs, minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::ledger) struct Net {
    /// All that it pays.
    pub(in crate::ledger) pays: u128,
    /// What it pays of that for payments that are urgent.
    pub(in crate::ledger) urgent: u128,
    /// The same for those that are high.
    pub(in crate::ledger) high: u128,
    pub(in crate::ledger) gets: u128,
}

impl Net {
    /// What is paid at this priority.
    pub(in crate::ledger) fn paid(priority: Priority, amount: u128) -> Self {
        let mut net = Self::default();
        net.pay(priority, amount);
        net
    }

    fn pay(&mut self, priority: Priority, amount: u128) {
        self.pays = self.pays.saturating_add(amount);
        match priority {
            Priority::Urgent => self.urgent = self.urgent.saturating_add(amount),
            Priority::High => self.high = self.high.saturating_add(amount),
            Priority::Normal => {}
        }
    }

    /// Takes off what is not paid any more.
    pub(super) fn unpay(&mut self, priority: Priority, amount: u128) {
        self.pays = self.pays.saturating_sub(amount);
        match priority {
            Priority::Urgent => self.urgent = self.urgent.saturating_sub(amount),
            Priority::High => self.high = self.high.saturating_sub(amount),
            Priority::Normal => {}
        }
    }

    /// What is left to be paid out of what is on the account.
    fn asks(&self) -> Asks {
        let mut gets = self.gets;
        let mut left = |pays: u128| {
            let (pays, rest) = (pays.saturating_sub(gets), gets.saturating_sub(pays));
            gets = rest;
            pays
        };
        let others = self.pays.saturating_sub(self.urgent);
        let normal = left(others.saturating_sub(self.high));
        let high = left(self.high);
        Asks {
            urgent: left(self.urgent),
            high,
            normal,
        }
    }
}

/// The legs of a payment and the fees due on them, each with its priority for the account that it
/// debits: that of the payment, but for fees of somebody who only receives.
pub(in crate::ledger) fn classed<'a>(
    priority: Priority,
    legs: &'a [QueuedLeg],
    whole: &'a [QueuedLeg],
) -> impl Iterator<Item = (&'a QueuedLeg, Priority)> {
    whole.iter().enumerate().map(move |(n, leg)| {
        let own = n < legs.len() || legs.iter().any(|of| of.debit == leg.debit);
        (leg, if own { priority } else { Priority::Normal })
    })
}

/// What each account pays and receives in these legs, by account number.
pub(in crate::ledger) fn nets<'a>(
    legs: impl IntoIterator<Item = (&'a QueuedLeg, Priority)>,
) -> BTreeMap<u64, Net> {
    let mut nets: BTreeMap<u64, Net> = BTreeMap::new();
    for (leg, priority) in legs {
        // At most 2^14 legs of 2^96 each.
        nets.entry(leg.debit).or_default().pay(priority, leg.amount);
        let payee = nets.entry(leg.credit).or_default();
        payee.gets = payee.gets.saturating_add(leg.amount);
    }
    nets
}

/// What an account can still do.
#[derive(Debug, Clone, Copy)]
pub(in crate::ledger) struct Purse {
    /// Beside what freezes keep.
    available: i128,
    /// What is left of a reservation; a part of what is available, as far as that goes.
    pub(in crate::ledger) reserved: Reserved,
    has_floor: bool,
    debits_left: u128,
    credits_left: u128,
    /// How much more there may be on it, beside what is reserved for it, if there is a limit; negative if
    /// there is more.
    pub(super) room: Option<i128>,
}

impl Purse {
    pub(in crate::ledger) fn of(book: &Book, account: &Account, time: u64) -> Self {
        let c = &account.counters;
        Self {
            available: book.available(account, time),
            reserved: book.reserved(account),
            has_floor: account.has_floor(),
            debits_left: MINOR_MAX.saturating_sub(c.debits_posted),
            credits_left: MINOR_MAX.saturating_sub(c.credits_posted),
            room: book.max_balance(account).map(|most| {
                let coming = i128::try_from(c.credits_pending).unwrap_or(i128::MAX);
                let most = i128::try_from(most).unwrap_or(i128::MAX);
                most.saturating_sub(c.posted()).saturating_sub(coming)
            }),
        }
    }

    /// Whether the account can pay, set off against what it gets.
    pub(in crate::ledger) fn affords(&self, net: Net) -> bool {
        let own = u128::try_from(self.available).unwrap_or(0);
        !self.has_floor
            || match self.reserved.is_none() {
                true => net.pays <= own.saturating_add(net.gets),
                false => self.reserved.needs(net.asks()) <= own,
            }
    }

    /// Whether its counters have room.
    pub(in crate::ledger) const fn has_room(&self, net: Net) -> bool {
        net.pays <= self.debits_left && net.gets <= self.credits_left
    }

    /// Whether there may be so much on the account. One that pays more than it gets may always do so.
    pub(in crate::ledger) fn takes(&self, net: Net) -> bool {
        let more = net.gets.saturating_sub(net.pays);
        let fits = |room: i128| i128::try_from(more).is_ok_and(|more| more <= room);
        more == 0 || self.room.is_none_or(fits)
    }

    pub(in crate::ledger) fn settle(&mut self, net: Net) {
        if !self.reserved.is_none() {
            let own = u128::try_from(self.available).unwrap_or(0);
            self.reserved = self.reserved.after(own, net.asks());
        }
        let signed = |minor: u128| i128::try_from(minor).unwrap_or(i128::MAX);
        let change = signed(net.gets).saturating_sub(signed(net.pays));
        self.available = self.available.saturating_add(change);
        self.room = self.room.map(|room| room.saturating_sub(change));
        self.debits_left = self.debits_left.saturating_sub(net.pays);
        self.credits_left = self.credits_left.saturating_sub(net.gets);
    }
}
