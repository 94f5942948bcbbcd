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
//! What moves is a payment's legs and the fees due on them: whoever pays a leg must afford both, and
//! whoever receives one pays out of it, so that nobody is short for being paid.
//!
//! Only what is left then is measured against what accounts take (`max_balance`), and the room of
//! counters and of the entry: a payment that nobody can fund, however large, and however many there
//! are, keeps nobody else from settling.
//!
//! A run that leaves something to settle is followed by a rest in log time, in which entries of others
//! come: somebody who lets payments wait that free each other one by one would else have the node
//! make entry after entry of its own.
//!
//! What is reserved on an account for urgent and high payments counts for these alone. With it, too,
//! what an account must have for the first payments of its line is never more than for more of them,
//! and never gets more by what others pay to it; that is all that makes the largest set the only one.
//!
//! Nothing here changes the book: the result is a list, a pure function of the book. The legs of a
//! run are one set in one entry, so that no log prefix has an account below its floor.

mod candidates;
mod purse;

use alloc::borrow::Cow;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::asset::AssetStatus;
use super::book::Book;
use super::queue::{Payment, PaymentKey, QueuedLeg, Rank};
use super::reserving::Reserved;
use super::standing;
use super::{calendar, fees};
use crate::limits::{CLEARING_REST_NS, CLEARING_ROUNDS_MAX, ITEMS_MAX};

use candidates::Candidates;
pub(super) use purse::{Net, Purse, classed, nets};

/// What the end of the last entry said of payments that wait.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Outlook {
    /// Whether some of them can settle.
    can_settle: bool,
    /// No run comes before this log time, nanoseconds since 1970 UTC.
    rests_until: u64,
    /// Time of the entry after which somebody looked last for freezes that ended.
    pub(super) looked: u64,
}

impl Outlook {
    /// From when on a run is due, nanoseconds since 1970 UTC, if one is.
    pub(super) fn due(&self) -> Option<u64> {
        self.can_settle.then_some(self.rests_until)
    }

    /// What there is to say at the end of an entry of `time`; `ran` if it was a run.
    pub(super) fn next(self, time: u64, can_settle: bool, ran: bool) -> Self {
        let rests_until = match can_settle && ran {
            true => time.saturating_add(CLEARING_REST_NS),
            false => self.rests_until,
        };
        Self {
            can_settle,
            rests_until,
            looked: time,
        }
    }
}

/// A run: what waits, and what was decided so far.
struct Run<'a> {
    waiting: BTreeMap<Rank, &'a Payment>,
    lines: BTreeMap<u64, BTreeSet<Rank>>,
    purses: BTreeMap<u64, Purse>,
    /// What moves if a payment settles, fees too.
    whole: BTreeMap<Rank, Cow<'a, [QueuedLeg]>>,
    /// Payments with a leg that does not move now: for its asset and its business day, a freeze, a
    /// suspension, or a fee that its payee cannot pay out of it.
    stuck: BTreeSet<Rank>,
    /// Legs that the entry has room for.
    room: usize,
    settled: Vec<PaymentKey>,
    /// Accounts that did not take what could else have settled.
    full: BTreeSet<u64>,
}

/// What a run does.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// What settles, in this order.
    pub(super) keys: Vec<PaymentKey>,
    /// What is left of the reservations that it uses, by account number.
    pub(super) reserved: Vec<(u64, Reserved)>,
}

/// What can settle now, in the order in which it settles; nothing that is not in the list can, but
/// for what would make it longer than `legs_max` legs, or than a run may take. Freezes are those in
/// force at `time`, nanoseconds since 1970 UTC.
pub(super) fn plan(book: &Book, time: u64, legs_max: usize) -> Plan {
    if book.queue().is_empty() {
        return Plan::default();
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
    let purses = run.purses.iter();
    let used = purses.filter_map(|(number, purse)| {
        let account = book.account_numbered(*number)?;
        (book.reserved(account) != purse.reserved).then_some((*number, purse.reserved))
    });
    Plan {
        reserved: used.collect(),
        keys: run.settled,
    }
}

/// The payments of one submitter that settle by what is on its own accounts, as if nobody else's moved:
/// what a dry run may tell it. Whether more would settle depends on what others have.
pub(super) fn by_own_funds(book: &Book, time: u64, submitter: u32) -> Vec<PaymentKey> {
    let owns = |leg: &QueuedLeg| {
        let account = book.account_numbered(leg.debit);
        account.is_some_and(|account| book.signer_of(account.owner) == submitter)
    };
    let mut run = Run::of(book, time, ITEMS_MAX);
    let own = |payment: &Payment| payment.rank.key.0 == submitter && payment.legs.iter().all(owns);
    run.waiting.retain(|_, payment| own(payment));
    run.own_funds();
    run.settled
}

/// What the last look left for the next: it saves work, and changes no answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Hints {
    /// A payment that could settle alone.
    alone: Option<PaymentKey>,
    /// The accounts that did not take what could else have settled; nobody knows, if there are none.
    full: Option<BTreeSet<u64>>,
}

impl Hints {
    /// Whether it is worth while to look because there may be more on an account than before.
    pub(super) fn may_take(&self, account: u64) -> bool {
        self.full
            .as_ref()
            .is_none_or(|full| full.contains(&account))
    }
}

/// Whether [`plan`] would find anything.
pub(super) fn can_settle(book: &Book, time: u64, hints: &mut Hints) -> bool {
    let queue = book.queue();
    let known = hints.alone.and_then(|key| queue.get(key));
    let free = |payment: &Payment| !payment.legs.iter().any(|leg| queue.keeps(leg.debit));
    let waits = |payment: &&Payment| payment.is_waiting();
    let mut full = BTreeSet::new();
    if known
        .filter(waits)
        .is_some_and(|p| free(p) && goes(book, time, p, &mut full))
    {
        return true;
    }
    hints.alone = first_alone(book, time, &mut full);
    if hints.alone.is_some() || queue.is_empty() {
        return hints.alone.is_some();
    }
    let mut run = Run::of(book, time, ITEMS_MAX);
    run.pairs();
    run.all_together();
    full.append(&mut run.full);
    hints.full = Some(full);
    !run.settled.is_empty()
}

/// The first payment that can settle by its own funds; before it, accounts that are `full`.
fn first_alone(book: &Book, time: u64, full: &mut BTreeSet<u64>) -> Option<PaymentKey> {
    let mut kept = BTreeSet::new();
    let mut alone = book.queue().waiting().filter(|payment| {
        let free = !payment.legs.iter().any(|leg| kept.contains(&leg.debit));
        if payment.rank.priority.is_strict() {
            kept.extend(payment.legs.iter().map(|leg| leg.debit));
        }
        free && goes(book, time, payment, full)
    });
    alone.next().map(|payment| payment.rank.key)
}

/// Whether a payment that nothing is before can settle alone, with what is due on it. If only that is in
/// its way, `full` gets the accounts that do not take it.
fn goes(book: &Book, time: u64, payment: &Payment, full: &mut BTreeSet<u64>) -> bool {
    let Some(all) = fees::moves_of(book, &payment.legs, time) else {
        return false;
    };
    let mut over = Vec::new();
    let legs = classed(payment.rank.priority, &payment.legs, &all);
    let fits = nets(legs).into_iter().all(|(number, net)| {
        let account = book.account_numbered(number);
        account.is_some_and(|account| {
            let purse = Purse::of(book, account, time);
            if !purse.takes(net) {
                over.push(number);
            }
            purse.affords(net) && purse.has_room(net)
        })
    });
    let moves = |leg| moves(book, time, leg);
    let goes = fits && payment.legs.iter().all(moves) && calendar::lets_settle(book, payment);
    if goes {
        full.extend(&over);
    }
    goes && over.is_empty()
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
                let paid = Net::paid(payment.rank.priority, pays);
                purse.affords(Net { gets, ..paid })
            })
        })
    })
}

/// Whether its asset, freezes, suspensions and how far both owners take part let a leg through at
/// `time`.
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
            || standing::may_join(book, debit, credit).is_err()
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
            whole: BTreeMap::new(),
            stuck: BTreeSet::new(),
            room,
            settled: Vec::new(),
            full: BTreeSet::new(),
        };
        for payment in book.queue().waiting() {
            let rank = payment.rank;
            run.waiting.insert(rank, payment);
            for leg in &payment.legs {
                run.lines.entry(leg.debit).or_default().insert(rank);
                if !moves(book, time, leg) {
                    run.stuck.insert(rank);
                }
            }
            if !calendar::lets_settle(book, payment) {
                run.stuck.insert(rank);
            }
            let whole = fees::moves_of(book, &payment.legs, time).unwrap_or_else(|| {
                run.stuck.insert(rank);
                Cow::Borrowed(&payment.legs)
            });
            for number in whole.iter().flat_map(|leg| [leg.debit, leg.credit]) {
                if let Some(account) = book.account_numbered(number) {
                    run.purses.insert(number, Purse::of(book, account, time));
                }
            }
            run.whole.insert(rank, whole);
        }
        run
    }

    /// All that moves if a payment settles.
    fn whole(&self, rank: Rank) -> &[QueuedLeg] {
        self.whole.get(&rank).map_or(&[], |legs| legs)
    }

    /// What each account pays and gets if these payments settle as one set.
    fn nets_of(&self, ranks: &BTreeSet<Rank>) -> BTreeMap<u64, Net> {
        let payments = ranks.iter().filter_map(|rank| self.waiting.get(rank));
        let legs = payments.flat_map(|p| classed(p.rank.priority, &p.legs, self.whole(p.rank)));
        nets(legs)
    }

    /// Whether a payment may go before others of its accounts: nothing urgent or high is before it.
    fn is_free(&self, payment: &Payment) -> bool {
        let free = |leg: &QueuedLeg| {
            let first = self.lines.get(&leg.debit).and_then(BTreeSet::first);
            first.is_none_or(|first| *first == payment.rank || !first.priority.is_strict())
        };
        !self.stuck.contains(&payment.rank) && payment.legs.iter().all(free)
    }

    /// Whether legs can settle together, by funds, by what accounts take and by the room of counters.
    fn fits(&self, nets: &BTreeMap<u64, Net>) -> bool {
        nets.iter().all(|(number, net)| {
            let purse = self.purses.get(number);
            purse.is_some_and(|purse| {
                purse.affords(*net) && purse.takes(*net) && purse.has_room(*net)
            })
        })
    }

    fn own_funds(&mut self) {
        let ranks: Vec<Rank> = self.waiting.keys().copied().collect();
        for rank in ranks {
            let Some(payment) = self.waiting.get(&rank).copied() else {
                continue;
            };
            let fits = self.whole(rank).len() <= self.room && self.is_free(payment);
            let alone = BTreeSet::from([rank]);
            if fits && self.fits(&self.nets_of(&alone)) {
                self.settle(&alone);
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
                let both: BTreeSet<Rank> = there.into_iter().chain(back).collect();
                self.resolve(&both);
            }
        }
    }

    fn all_together(&mut self) {
        let all: BTreeSet<Rank> = self.waiting.keys().copied().collect();
        self.resolve(&all);
    }

    /// Settles the largest part of a set that can settle together.
    fn resolve(&mut self, candidates: &BTreeSet<Rank>) {
        let mut set = Candidates::of(self, candidates);
        let stuck = candidates.iter().filter(|rank| self.stuck.contains(rank));
        let mut out: Vec<Rank> = stuck.copied().collect();
        let mut short: BTreeSet<u64> = set.nets.keys().copied().collect();
        let mut full = BTreeSet::new();
        loop {
            for rank in out {
                short.append(&mut set.leave_out(rank));
            }
            set.leave_out_short(&self.purses, core::mem::take(&mut short));
            if let Some((account, mut less)) = set.leave_out_over(&self.purses) {
                full.insert(account);
                short.append(&mut less);
                out = Vec::new();
                continue;
            }
            out = set.without_room(&self.purses);
            if out.is_empty() {
                out = set.beyond(self.room);
            }
            if out.is_empty() {
                break;
            }
        }
        let settles = set.payments.into_keys().collect();
        self.full.append(&mut full);
        self.settle(&settles);
    }

    /// Settles payments as one set.
    fn settle(&mut self, ranks: &BTreeSet<Rank>) {
        for (number, net) in self.nets_of(ranks) {
            if let Some(purse) = self.purses.get_mut(&number) {
                purse.settle(net);
            }
        }
        for rank in ranks {
            let Some(rank) = self.waiting.remove(rank).map(|payment| payment.rank) else {
                continue;
            };
            let whole = self.whole.remove(&rank).unwrap_or_default();
            for leg in whole.iter() {
                if let Some(line) = self.lines.get_mut(&leg.debit) {
                    line.remove(&rank);
                }
            }
            self.room = self.room.saturating_sub(whole.len());
            self.settled.push(rank.key);
        }
    }
}

#[cfg(test)]
mod tests;
