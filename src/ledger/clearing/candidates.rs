//! The largest set of payments that can settle together: all, and then fewer, until everybody can.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::super::queue::{Payment, QueuedLeg, Rank};
use super::{Net, Purse, Run, classed, nets};

/// The payments that are still in the set with all that moves, and what each account pays and gets.
pub(super) struct Candidates<'a> {
    pub(super) payments: BTreeMap<Rank, (&'a Payment, &'a [QueuedLeg])>,
    lines: BTreeMap<u64, BTreeSet<Rank>>,
    pub(super) nets: BTreeMap<u64, Net>,
    /// Of each account that does not take just any amount: those that credit it.
    credits: BTreeMap<u64, BTreeSet<Rank>>,
}

impl<'a> Candidates<'a> {
    pub(super) fn of(run: &'a Run<'_>, ranks: &BTreeSet<Rank>) -> Self {
        let found = ranks.iter().filter_map(|rank| run.waiting.get(rank));
        let found = found.map(|p| (p.rank, (*p, run.whole(p.rank))));
        let payments: BTreeMap<Rank, (&Payment, &[QueuedLeg])> = found.collect();
        let mut lines: BTreeMap<u64, BTreeSet<Rank>> = BTreeMap::new();
        let mut credits: BTreeMap<u64, BTreeSet<Rank>> = BTreeMap::new();
        let limited = |number| run.purses.get(number).is_some_and(|p| p.room.is_some());
        for (payment, _) in payments.values() {
            for leg in &payment.legs {
                lines.entry(leg.debit).or_default().insert(payment.rank);
                if limited(&leg.credit) {
                    credits.entry(leg.credit).or_default().insert(payment.rank);
                }
            }
        }
        let legs = payments.values();
        let nets = nets(legs.flat_map(|(p, whole)| classed(p.rank.priority, &p.legs, whole)));
        Self {
            payments,
            lines,
            nets,
            credits,
        }
    }

    /// Leaves out the last of each account that cannot pay, until all can: of these accounts, and of
    /// those that get less by it.
    pub(super) fn leave_out_short(
        &mut self,
        purses: &BTreeMap<u64, Purse>,
        mut short: BTreeSet<u64>,
    ) {
        while let Some(account) = short.pop_first() {
            while !self.affords(purses, account) {
                let line = self.lines.get(&account).and_then(BTreeSet::last);
                let Some(last) = line.copied() else { break };
                // Whoever was paid by it may be short now.
                short.extend(self.leave_out(last));
            }
        }
    }

    fn affords(&self, purses: &BTreeMap<u64, Purse>, account: u64) -> bool {
        let net = self.nets.get(&account).copied().unwrap_or_default();
        purses.get(&account).is_some_and(|purse| purse.affords(net))
    }

    /// Finds the first account, by number, that does not take what the set brings, and leaves out the
    /// last that credits it. Gives that account, and those that get less than before.
    pub(super) fn leave_out_over(
        &mut self,
        purses: &BTreeMap<u64, Purse>,
    ) -> Option<(u64, BTreeSet<u64>)> {
        let over = |number: u64| {
            let net = self.nets.get(&number).copied().unwrap_or_default();
            purses.get(&number).is_some_and(|purse| !purse.takes(net))
        };
        let mut limited = self.credits.iter();
        let (account, last) = limited.find_map(|(number, credits)| {
            let last = credits.last().filter(|_| over(*number))?;
            Some((*number, *last))
        })?;
        Some((account, self.leave_out(last)))
    }

    /// Those with an account whose counters have no room for the set.
    pub(super) fn without_room(&self, purses: &BTreeMap<u64, Purse>) -> Vec<Rank> {
        let has_room = |number: &u64| {
            let net = self.nets.get(number).copied().unwrap_or_default();
            purses.get(number).is_some_and(|purse| purse.has_room(net))
        };
        let full = self.nets.keys().filter(|number| !has_room(number));
        let full: BTreeSet<u64> = full.copied().collect();
        if full.is_empty() {
            return Vec::new();
        }
        let hit = |leg: &QueuedLeg| full.contains(&leg.debit) || full.contains(&leg.credit);
        let payments = self.payments.iter();
        let crowded = payments.filter(|(_, (_, whole))| whole.iter().any(hit));
        crowded.map(|(rank, _)| *rank).collect()
    }

    /// Those that `room` legs have no place for, by the order of rank.
    pub(super) fn beyond(&self, mut room: usize) -> Vec<Rank> {
        let fits = |(_, whole): &&(&Payment, &[QueuedLeg])| {
            let left = room.checked_sub(whole.len());
            room = left.unwrap_or(room);
            left.is_some()
        };
        let inside = self.payments.values().take_while(fits).count();
        self.payments.keys().skip(inside).copied().collect()
    }

    /// Leaves a payment out, and whatever is behind it in the lines of its accounts. Gives the
    /// accounts that get less than before.
    pub(super) fn leave_out(&mut self, rank: Rank) -> BTreeSet<u64> {
        let (mut less, mut out) = (BTreeSet::new(), alloc::vec![rank]);
        while let Some(rank) = out.pop() {
            let Some((payment, whole)) = self.payments.remove(&rank) else {
                continue;
            };
            for (leg, priority) in classed(rank.priority, &payment.legs, whole) {
                if let Some(payer) = self.nets.get_mut(&leg.debit) {
                    payer.unpay(priority, leg.amount);
                }
                if let Some(payee) = self.nets.get_mut(&leg.credit) {
                    payee.gets = payee.gets.saturating_sub(leg.amount);
                }
                less.insert(leg.credit);
                if let Some(credits) = self.credits.get_mut(&leg.credit) {
                    credits.remove(&rank);
                }
            }
            for leg in &payment.legs {
                if let Some(line) = self.lines.get_mut(&leg.debit) {
                    out.extend(line.split_off(&rank));
                }
            }
        }
        less
    }
}
