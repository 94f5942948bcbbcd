//! What an account can still do while sets of legs settle one after the other: pay, receive, and count.

use alloc::collections::BTreeMap;

use crate::ledger::account::Account;
use crate::ledger::amount::MINOR_MAX;
use crate::ledger::book::Book;
use crate::ledger::queue::QueuedLeg;

/// What an account pays and receives in a set of legs, minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::ledger) struct Net {
    pub(in crate::ledger) pays: u128,
    pub(in crate::ledger) gets: u128,
}

/// What each account pays and receives in these legs, by account number.
pub(in crate::ledger) fn nets<'a>(
    legs: impl IntoIterator<Item = &'a QueuedLeg>,
) -> BTreeMap<u64, Net> {
    let mut nets: BTreeMap<u64, Net> = BTreeMap::new();
    for leg in legs {
        // At most 2^14 legs of 2^96 each.
        let payer = nets.entry(leg.debit).or_default();
        payer.pays = payer.pays.saturating_add(leg.amount);
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
        !self.has_floor || net.pays <= own.saturating_add(net.gets)
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

    pub(super) fn settle(&mut self, net: Net) {
        let signed = |minor: u128| i128::try_from(minor).unwrap_or(i128::MAX);
        let change = signed(net.gets).saturating_sub(signed(net.pays));
        self.available = self.available.saturating_add(change);
        self.room = self.room.map(|room| room.saturating_sub(change));
        self.debits_left = self.debits_left.saturating_sub(net.pays);
        self.credits_left = self.credits_left.saturating_sub(net.gets);
    }
}
