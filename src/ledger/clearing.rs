//! Which payments that wait can settle: own funds, pairs, and all together (LEDGER F10).
//!
//! A run looks at the payments that wait for funds, in rounds:
//!
//! 1. **Own funds.** Each payment in order settles if its accounts can pay it now. Before an urgent or
//!    high one of the same account nothing goes; a normal one that does not fit is passed over.
//! 2. **Pairs.** For any two accounts with payments of one leg to each other, as many of them settle
//!    as the difference allows.
//! 3. **All together** (Bech and Soramaki, "Gridlock resolution in interbank payment systems", 2001).
//!    Begin with all payments; while an account is short, leave out the last of its payments; the
//!    rest settles as one set. Under the order of each account's line this is the one largest set
//!    that can settle: whatever was left out is in no set that can.
//!
//! Nothing here changes the book: the result is a list, a pure function of the book. The legs of a
//! run are one set in one entry, so that no log prefix has an account below its floor.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::account::Account;
use super::amount::MINOR_MAX;
use super::asset::AssetStatus;
use super::book::Book;
use super::queue::{Payment, PaymentKey, QueuedLeg, Rank};
use crate::limits::CLEARING_ROUNDS_MAX;

/// What an account pays and receives in a set of legs, minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Net {
    pub(super) pays: u128,
    pub(super) gets: u128,
}

/// What each account pays and receives in these legs, by account number.
pub(super) fn nets<'a>(legs: impl IntoIterator<Item = &'a QueuedLeg>) -> BTreeMap<u64, Net> {
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
pub(super) struct Purse {
    /// Beside what freezes keep.
    available: i128,
    has_floor: bool,
    debits_left: u128,
    credits_left: u128,
}

impl Purse {
    pub(super) fn of(book: &Book, account: &Account, time: u64) -> Self {
        let c = &account.counters;
        Self {
            available: book.available(account, time),
            has_floor: account.has_floor(),
            debits_left: MINOR_MAX.saturating_sub(c.debits_posted),
            credits_left: MINOR_MAX.saturating_sub(c.credits_posted),
        }
    }

    /// Whether the account can pay, set off against what it gets.
    pub(super) fn affords(&self, net: Net) -> bool {
        let own = u128::try_from(self.available).unwrap_or(0);
        !self.has_floor || net.pays <= own.saturating_add(net.gets)
    }

    /// Whether its counters have room.
    pub(super) const fn has_room(&self, net: Net) -> bool {
        net.pays <= self.debits_left && net.gets <= self.credits_left
    }

    fn settle(&mut self, net: Net) {
        let signed = |minor: u128| i128::try_from(minor).unwrap_or(i128::MAX);
        let change = signed(net.gets).saturating_sub(signed(net.pays));
        self.available = self.available.saturating_add(change);
        self.debits_left = self.debits_left.saturating_sub(net.pays);
        self.credits_left = self.credits_left.saturating_sub(net.gets);
    }
}

/// A run: what waits, and what was decided so far.
struct Run<'a> {
    waiting: BTreeMap<Rank, &'a Payment>,
    lines: BTreeMap<u64, BTreeSet<Rank>>,
    purses: BTreeMap<u64, Purse>,
    /// Payments with a leg that does not move now: for its asset, a freeze or a suspension.
    stuck: BTreeSet<Rank>,
    /// Legs that the entry has room for.
    room: usize,
    settled: Vec<PaymentKey>,
}

/// What can settle now, in the order in which it settles; nothing that is not in the list can, but
/// for what would make it longer than `legs_max` legs, or than a run may take. Freezes are those in
/// force at `time`, nanoseconds since 1970 UTC.
pub(super) fn plan(book: &Book, time: u64, legs_max: usize) -> Vec<PaymentKey> {
    if book.queue().is_empty() {
        return Vec::new();
    }
    let mut run = Run::of(book, time, legs_max);
    for _ in 0..CLEARING_ROUNDS_MAX {
        let before = run.settled.len();
        run.own_funds();
        run.pairs();
        run.all_together();
        if run.settled.len() == before {
            break;
        }
    }
    run.settled
}

/// Whether it is worth while to look, when these accounts can pay more than they could and nothing
/// could settle before: whatever can settle now has a payment that debits one of them.
pub(super) fn may_help(book: &Book, time: u64, accounts: &BTreeSet<u64>) -> bool {
    accounts.iter().any(|number| {
        let account = book.account_numbered(*number);
        let purse = account.map(|account| Purse::of(book, account, time));
        let gets = book.queue().incoming(*number);
        purse.is_some_and(|purse| {
            book.queue().line(*number).any(|payment| {
                let own = payment.legs.iter().filter(|leg| leg.debit == *number);
                let pays = own.fold(0, |sum: u128, leg| sum.saturating_add(leg.amount));
                purse.affords(Net { pays, gets })
            })
        })
    })
}

/// Whether its asset, freezes and suspensions let a leg through at `time`.
fn moves(book: &Book, time: u64, leg: &QueuedLeg) -> bool {
    let accounts = [leg.debit, leg.credit].map(|number| book.account_numbered(number));
    let [Some(debit), Some(credit)] = accounts else {
        return false;
    };
    let asset = book.asset_numbered(debit.asset);
    let stopped = || {
        book.debits_frozen(debit, time)
            || book.credits_frozen(credit, time)
            || book.owner_suspended(debit)
    };
    asset.is_some_and(|asset| asset.status == AssetStatus::Active)
        && !(book.is_guarded(debit, credit) && stopped())
}

impl<'a> Run<'a> {
    fn of(book: &'a Book, time: u64, room: usize) -> Self {
        let mut run = Self {
            waiting: BTreeMap::new(),
            lines: BTreeMap::new(),
            purses: BTreeMap::new(),
            stuck: BTreeSet::new(),
            room,
            settled: Vec::new(),
        };
        for payment in book.queue().waiting() {
            let rank = payment.rank;
            run.waiting.insert(rank, payment);
            for leg in &payment.legs {
                run.lines.entry(leg.debit).or_default().insert(rank);
                for number in [leg.debit, leg.credit] {
                    if let Some(account) = book.account_numbered(number) {
                        run.purses.insert(number, Purse::of(book, account, time));
                    }
                }
                if !moves(book, time, leg) {
                    run.stuck.insert(rank);
                }
            }
        }
        run
    }

    /// Whether a payment may go before others of its accounts: nothing urgent or high is before it.
    fn is_free(&self, payment: &Payment) -> bool {
        let free = |leg: &QueuedLeg| {
            let first = self.lines.get(&leg.debit).and_then(BTreeSet::first);
            first.is_none_or(|first| *first == payment.rank || !first.priority.is_strict())
        };
        !self.stuck.contains(&payment.rank) && payment.legs.iter().all(free)
    }

    /// Whether legs can settle together, by funds and by the room of counters.
    fn fits(&self, nets: &BTreeMap<u64, Net>) -> bool {
        nets.iter().all(|(number, net)| {
            let purse = self.purses.get(number);
            purse.is_some_and(|purse| purse.affords(*net) && purse.has_room(*net))
        })
    }

    fn own_funds(&mut self) {
        let ranks: Vec<Rank> = self.waiting.keys().copied().collect();
        for rank in ranks {
            let Some(payment) = self.waiting.get(&rank).copied() else {
                continue;
            };
            let fits = payment.legs.len() <= self.room && self.is_free(payment);
            if fits && self.fits(&nets(&payment.legs)) {
                self.settle(&BTreeSet::from([rank]));
            }
        }
    }

    /// Pairs in the order of their account numbers, smaller one first.
    fn pairs(&mut self) {
        let mut pairs: BTreeMap<(u64, u64), [BTreeSet<Rank>; 2]> = BTreeMap::new();
        for (rank, payment) in &self.waiting {
            if let [leg] = payment.legs.as_slice()
                && self.is_free(payment)
            {
                let up = leg.debit < leg.credit;
                let pair = match up {
                    true => (leg.debit, leg.credit),
                    false => (leg.credit, leg.debit),
                };
                let [there, back] = pairs.entry(pair).or_default();
                match up {
                    true => there.insert(*rank),
                    false => back.insert(*rank),
                };
            }
        }
        for [there, back] in pairs.into_values() {
            if !there.is_empty() && !back.is_empty() {
                let both = there.into_iter().chain(back).collect();
                self.resolve(both);
            }
        }
    }

    fn all_together(&mut self) {
        let all = self.waiting.keys().copied().collect();
        self.resolve(all);
    }

    /// Settles the largest part of a set that can settle together.
    fn resolve(&mut self, mut candidates: BTreeSet<Rank>) {
        let mut room = self.room;
        let fits = |rank: &Rank| {
            let legs = self.waiting.get(rank).map_or(0, |p| p.legs.len());
            let left = room.checked_sub(legs);
            room = left.unwrap_or(0);
            left.is_some()
        };
        let last = candidates.iter().copied().take_while(fits).last();
        candidates.retain(|rank| last.is_some_and(|last| *rank <= last));
        let mut set = Candidates::of(self, &candidates);
        let unfit: Vec<Rank> = candidates
            .iter()
            .filter(|rank| self.stuck.contains(rank) || set.is_full(self, rank))
            .copied()
            .collect();
        for rank in unfit {
            set.leave_out(rank);
        }
        let mut short: BTreeSet<u64> = set.nets.keys().copied().collect();
        while let Some(account) = short.pop_first() {
            let affords = |set: &Candidates<'_>| {
                let net = set.nets.get(&account).copied().unwrap_or_default();
                self.purses.get(&account).is_some_and(|p| p.affords(net))
            };
            while !affords(&set) {
                let line = set.lines.get(&account).and_then(BTreeSet::last);
                let Some(last) = line.copied() else { break };
                // Whoever was paid by it may be short now.
                short.extend(set.leave_out(last));
            }
        }
        self.settle(&set.payments.into_keys().collect());
    }

    fn settle(&mut self, ranks: &BTreeSet<Rank>) {
        for rank in ranks {
            let Some(payment) = self.waiting.remove(rank) else {
                continue;
            };
            for (number, net) in nets(&payment.legs) {
                if let Some(purse) = self.purses.get_mut(&number) {
                    purse.settle(net);
                }
                if let Some(line) = self.lines.get_mut(&number) {
                    line.remove(rank);
                }
            }
            self.room = self.room.saturating_sub(payment.legs.len());
            self.settled.push(rank.key);
        }
    }
}

/// The payments that are still in the set, with what each account pays and gets in it.
struct Candidates<'a> {
    payments: BTreeMap<Rank, &'a Payment>,
    lines: BTreeMap<u64, BTreeSet<Rank>>,
    nets: BTreeMap<u64, Net>,
}

impl<'a> Candidates<'a> {
    fn of(run: &Run<'a>, ranks: &BTreeSet<Rank>) -> Self {
        let found = ranks.iter().filter_map(|rank| run.waiting.get(rank));
        let payments: BTreeMap<Rank, &Payment> = found.map(|p| (p.rank, *p)).collect();
        let mut lines: BTreeMap<u64, BTreeSet<Rank>> = BTreeMap::new();
        for payment in payments.values() {
            for leg in &payment.legs {
                lines.entry(leg.debit).or_default().insert(payment.rank);
            }
        }
        let nets = nets(payments.values().flat_map(|payment| &payment.legs));
        Self {
            payments,
            lines,
            nets,
        }
    }

    /// Whether a payment has an account whose counters have no room for the whole set.
    fn is_full(&self, run: &Run<'_>, rank: &Rank) -> bool {
        let legs = self.payments.get(rank).map(|payment| &payment.legs);
        let mut numbers = legs
            .into_iter()
            .flatten()
            .flat_map(|leg| [leg.debit, leg.credit]);
        numbers.any(|number| {
            let net = self.nets.get(&number).copied().unwrap_or_default();
            run.purses.get(&number).is_none_or(|p| !p.has_room(net))
        })
    }

    /// Leaves a payment out, and whatever is behind it in the lines of its accounts. Gives the
    /// accounts that get less than before.
    fn leave_out(&mut self, rank: Rank) -> BTreeSet<u64> {
        let (mut less, mut out) = (BTreeSet::new(), alloc::vec![rank]);
        while let Some(rank) = out.pop() {
            let Some(payment) = self.payments.remove(&rank) else {
                continue;
            };
            for leg in &payment.legs {
                if let Some(payer) = self.nets.get_mut(&leg.debit) {
                    payer.pays = payer.pays.saturating_sub(leg.amount);
                }
                if let Some(payee) = self.nets.get_mut(&leg.credit) {
                    payee.gets = payee.gets.saturating_sub(leg.amount);
                }
                less.insert(leg.credit);
                if let Some(line) = self.lines.get_mut(&leg.debit) {
                    out.extend(line.split_off(&rank));
                }
            }
        }
        less
    }
}

#[cfg(test)]
mod tests;
