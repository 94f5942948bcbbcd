//! The queue in the reference: one list, looked through from the top as often as it takes.

use std::collections::BTreeSet;

use super::earmarked::ends_badly;
use super::limited::How;
use super::reference::{Answer, Leg, Reference};

/// How often one run looks through the list.
const ROUNDS: usize = 16;

/// One payment on the list.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    /// 0 urgent, 1 high, 2 normal; then where it stands, then who and which.
    pub(super) rank: (u8, i64, usize, &'static str, u64),
    /// Who has a say in it.
    pub(super) speaker: &'static str,
    from: Option<u64>,
    /// The day that it waits for.
    pub(super) day: Option<u32>,
    until: Option<u64>,
    /// By when it should be gone, and whether that was said.
    till: Option<u64>,
    pub(super) late: bool,
    /// Whether it is gone when its day is cut off.
    pub(super) short_lived: bool,
    /// When it was accepted.
    made: u64,
    /// Payer, payee, units.
    pub(super) moves: Vec<(String, String, i128)>,
}

impl Waiting {
    pub(super) fn pays_from(&self, address: &str) -> bool {
        self.moves.iter().any(|(from, ..)| from == address)
    }

    pub(super) fn names(&self, address: &str) -> bool {
        let mut moves = self.moves.iter();
        moves.any(|(from, to, _)| from == address || to == address)
    }

    /// For funds, and not for its time.
    pub(super) const fn lines_up(&self) -> bool {
        self.from.is_none() && self.day.is_none()
    }

    fn urges(&self) -> bool {
        self.lines_up() && self.rank.0 < 2
    }

    pub(super) fn urges_from(&self, address: &str) -> bool {
        self.urges() && self.pays_from(address)
    }

    /// Whether a bank has a say in a payment, by its id; its own are looked for first.
    pub(super) fn is(&self, who: &'static str, id: u64, own: bool) -> bool {
        (self.speaker, self.rank.4) == (who, id) && (self.rank.3 == who) == own
    }
}

impl Reference {
    /// Legs as one set, each with its units.
    fn set(
        &self,
        signers: &[&'static str],
        legs: &[Leg],
    ) -> Result<Vec<(String, String, i128)>, &'static str> {
        self.owned(signers, legs)?;
        let mut moves = Vec::new();
        for leg in legs {
            self.joins(leg)?;
            let units = self.may_move(&leg.debit, &leg.credit, leg.amount)?;
            moves.push((leg.debit.clone(), leg.credit.clone(), units));
        }
        Ok(moves)
    }

    /// Whether everybody who gets on balance may have it.
    fn may_have(&self, moves: &[(String, String, i128)]) -> bool {
        let mut payees = moves.iter().map(|(_, address, _)| address);
        payees.all(|address| !self.is_over(address, moves))
    }

    /// Whether there would be more on an account than may be.
    fn is_over(&self, address: &str, moves: &[(String, String, i128)]) -> bool {
        let sum = |of: fn(&(String, String, i128)) -> &String| {
            let own = moves.iter().filter(|m| of(m) == address);
            own.map(|m| m.2).sum::<i128>()
        };
        let net = sum(|m| &m.1) - sum(|m| &m.0);
        let account = &self.accounts[address];
        let then = account.balance + account.receiving + net;
        net > 0 && account.limited.top().is_some_and(|top| then > top)
    }

    /// Whether something urgent waits for what is on an account.
    pub(super) fn is_kept(&self, address: &str) -> bool {
        let mut list = self.waiting.iter();
        list.any(|payment| payment.urges_from(address))
    }

    /// Asks the limits leg by leg, and moves the money between, with what is due on it.
    pub(super) fn pay_each(
        &mut self,
        signers: &[&'static str],
        moves: &[(String, String, i128)],
        dues: &[Vec<(String, String, i128)>],
    ) -> Answer {
        for (one, due) in moves.iter().zip(dues) {
            self.counted(signers, (&one.0, &one.1), one.2, How::Settles)?;
            self.move_all(std::slice::from_ref(one));
            self.move_all(due);
        }
        Ok(())
    }

    /// What waited moves; what it takes was counted when it was accepted.
    fn let_go(&mut self, payment: &Waiting) {
        for (from, to, units) in &payment.moves {
            let asked = self.counted(&[], (from, to), 0, How::Captures(*units));
            asked.expect("nobody asks again");
        }
        self.move_all(&self.whole(&payment.moves));
    }

    /// What waited and will not move counts no more.
    pub(super) fn strike(&mut self, payment: &Waiting) {
        for (from, to, units) in &payment.moves {
            self.struck((from, to), payment.made, *units, 1);
        }
    }

    pub(super) fn net(
        &mut self,
        signers: &[&'static str],
        (ordinal, id): (usize, u64),
        legs: &[Leg],
    ) -> Answer {
        self.owned(signers, legs)?;
        if let Some(day) = self.timing(signers, legs, None, false)? {
            return self.wait_for(signers, (ordinal, id), legs, (day, true, 2, [None; 2]));
        }
        self.at_once(signers, legs)
    }

    /// A set that settles now or is refused.
    pub(super) fn at_once(&mut self, signers: &[&'static str], legs: &[Leg]) -> Answer {
        let moves = self.set(signers, legs)?;
        let dues = self.dues(&moves)?;
        self.covers(&moves)?;
        self.pay_each(signers, &moves, &dues)
    }

    /// Whether everybody can pay a set, and what is due on it.
    pub(super) fn covers(&self, moves: &[(String, String, i128)]) -> Answer {
        let plain = moves.iter().cloned().map(|(from, to, n)| (2, from, to, n));
        if !self.can_pay(&plain.collect()) {
            return Err("INSUFFICIENT_FUNDS");
        }
        match self.can_pay(&self.called(moves, 2)) {
            true => Ok(()),
            false => Err("FEE_NOT_COVERED"),
        }
    }

    pub(super) fn wait(
        &mut self,
        signers: &[&'static str],
        (ordinal, id): (usize, u64),
        legs: &[Leg],
        (priority, [until, from, till]): (u8, [Option<u64>; 3]),
    ) -> Answer {
        self.owned(signers, legs)?;
        if from.is_none_or(|ms| ms == 0)
            && let Some(day) = self.timing(signers, legs, None, false)?
        {
            return self.wait_for(
                signers,
                (ordinal, id),
                legs,
                (day, false, priority, [until, till]),
            );
        }
        let moves = self.set(signers, legs)?;
        let dues = self.dues(&moves)?;
        let mut foreign = moves
            .iter()
            .map(|(from, ..)| self.signer(from) != signers[0]);
        if foreign.any(|foreign| foreign) && !(self.on_paper && priority == 2) {
            return Err("QUEUE_NOT_SENDERS");
        }
        if ends_badly(from.unwrap_or(0), until, till) {
            return Err("QUEUE_TIMES_INVALID");
        }
        let at = |ms: u64| self.now + ms * 1_000_000;
        let payment = Waiting {
            rank: (priority, self.index, ordinal, signers[0], id),
            speaker: signers[0],
            from: from.filter(|ms| *ms > 0).map(at),
            day: None,
            until: until.map(at),
            till: till.map(at),
            late: false,
            short_lived: false,
            made: self.now,
            moves,
        };
        let behind = self.waiting.iter().any(|other| {
            let shares = payment.moves.iter().any(|(from, ..)| other.pays_from(from));
            other.urges() && shares && other.rank < payment.rank
        });
        let called = self.called(&payment.moves, priority);
        if behind || payment.from.is_some() || !self.all_pay(&called) {
            for (from, to, units) in &payment.moves {
                self.counted(signers, (from, to), *units, How::Reserves)?;
            }
            self.waiting.push(payment);
            Ok(())
        } else {
            // What waits behind it is no reason against it.
            self.empty_jars(&called);
            self.pay_each(signers, &payment.moves, &dues)
        }
    }

    /// As one set, for a day to come: which, whether for that day alone, priority, until when.
    pub(super) fn wait_for(
        &mut self,
        signers: &[&'static str],
        (ordinal, id): (usize, u64),
        legs: &[Leg],
        (day, short_lived, priority, [until, till]): (u32, bool, u8, [Option<u64>; 2]),
    ) -> Answer {
        let moves = self.set(signers, legs)?;
        self.dues(&moves)?;
        let own = |(from, ..): &(String, String, i128)| self.signer(from) == signers[0];
        if !(moves.iter().all(own) || self.on_paper && priority == 2) {
            return Err("QUEUE_NOT_SENDERS");
        }
        if ends_badly(0, until, till) {
            return Err("QUEUE_TIMES_INVALID");
        }
        for (from, to, units) in &moves {
            self.counted(signers, (from, to), *units, How::Reserves)?;
        }
        self.waiting.push(Waiting {
            rank: (priority, self.index, ordinal, signers[0], id),
            speaker: signers[0],
            from: None,
            day: Some(day),
            until: until.map(|ms| self.now + ms * 1_000_000),
            till: till.map(|ms| self.now + ms * 1_000_000),
            late: false,
            short_lived,
            made: self.now,
            moves,
        });
        self.said = Some(if self.rolled { "ROLLED" } else { "WAREHOUSED" });
        Ok(())
    }

    /// When the first of them is called, or its time is over.
    pub(super) fn next_call(&self) -> Option<u64> {
        let ends = |p: &Waiting| {
            [p.till.filter(|_| !p.late), p.until]
                .into_iter()
                .flatten()
                .min()
        };
        let times = self.waiting.iter().map(|p| p.from.or(ends(p)));
        times.flatten().min()
    }

    /// Takes out what a bank would pay; says how much that was.
    pub(super) fn revoke_waiting(&mut self, bank: &str) -> usize {
        let waiting = std::mem::take(&mut self.waiting);
        let pays = |payment: &Waiting| {
            let mut moves = payment.moves.iter();
            moves.any(|(from, ..)| self.owner(from) == bank)
        };
        let (gone, left): (Vec<_>, Vec<_>) = waiting.into_iter().partition(pays);
        self.waiting = left;
        for payment in &gone {
            self.strike(payment);
        }
        gone.len()
    }

    /// Lets go what has waited for its time, and takes off the list what has had it; says whether
    /// there was anything.
    pub(super) fn call(&mut self) -> bool {
        let (now, mut any) = (self.now, false);
        for mut payment in std::mem::take(&mut self.waiting) {
            // Released and revoked in one go, if it is late for both.
            if payment.from.is_some_and(|from| from <= now) {
                payment.from = None;
                any = true;
            }
            if payment.from.is_none() && payment.until.is_some_and(|until| until <= now) {
                self.strike(&payment);
                any = true;
            } else {
                if payment.from.is_none() && !payment.late && payment.till.is_some_and(|t| t <= now)
                {
                    payment.late = true;
                    any = true;
                }
                self.waiting.push(payment);
            }
        }
        any
    }

    /// Whether anything that waits could settle now.
    pub(super) fn can_settle(&self) -> bool {
        if self.waiting.is_empty() {
            return false;
        }
        let mut trial = self.clone();
        trial.look_through();
        trial.waiting.len() < self.waiting.len()
    }

    /// Settles what can settle, as far as one run goes.
    pub(super) fn look_through(&mut self) {
        for _ in 0..ROUNDS {
            self.waiting.sort_by_key(|payment| payment.rank);
            let before = self.waiting.len();
            self.one_by_one();
            self.two_by_two();
            let all = self.those(|_| true);
            self.as_one(all, true);
            if self.waiting.len() == before {
                return;
            }
        }
    }

    /// Places on the list of those that wait for funds.
    fn those(&self, wanted: impl Fn(&Waiting) -> bool) -> BTreeSet<usize> {
        let list = self.waiting.iter().enumerate();
        let list = list.filter(|(_, payment)| payment.lines_up() && wanted(payment));
        list.map(|(n, _)| n).collect()
    }

    fn is_stuck(&self, payment: &Waiting) -> bool {
        !self.lets(payment)
            || self.dues(&payment.moves).is_err()
            || payment.moves.iter().any(|(from, to, _)| {
                self.suspended[self.accounts[from].asset]
                    || !self.may_pay(from)
                    || !self.may_get(to)
                    || self.is_suspended(from)
                    || self.take_part(from, to).is_err()
            })
    }

    /// Nothing urgent of the same accounts is before it.
    fn has_way(&self, n: usize) -> bool {
        let payment = &self.waiting[n];
        let blocks = |other: &Waiting| {
            other.urges() && payment.moves.iter().any(|(from, ..)| other.pays_from(from))
        };
        !self.is_stuck(payment) && !self.waiting[..n].iter().any(blocks)
    }

    fn one_by_one(&mut self) {
        let mut n = 0;
        while n < self.waiting.len() {
            let payment = &self.waiting[n];
            let whole = self.whole(&payment.moves);
            let called = self.called(&payment.moves, payment.rank.0);
            let goes = self.all_pay(&called) && self.may_have(&whole);
            if payment.lines_up() && self.has_way(n) && goes {
                self.empty_jars(&called);
                let payment = self.waiting.remove(n);
                self.let_go(&payment);
            } else {
                n += 1;
            }
        }
    }

    fn two_by_two(&mut self) {
        let mut addresses: Vec<String> = self.accounts.keys().cloned().collect();
        addresses.sort_by_key(|address| self.accounts[address].number);
        // Who had way when the pairs began: one that gets it meanwhile waits for the next round.
        let ways: BTreeSet<(&str, u64)> = (0..self.waiting.len())
            .filter(|n| self.has_way(*n))
            .map(|n| (self.waiting[n].rank.3, self.waiting[n].rank.4))
            .collect();
        for (n, one) in addresses.iter().enumerate() {
            for other in &addresses[n + 1..] {
                let goes = |payment: &Waiting, from: &String, to: &String| {
                    let way = ways.contains(&(payment.rank.3, payment.rank.4));
                    way && payment.moves.len() == 1
                        && payment.moves[0].0 == *from
                        && payment.moves[0].1 == *to
                };
                let there = self.those(|payment| goes(payment, one, other));
                let back = self.those(|payment| goes(payment, other, one));
                if !there.is_empty() && !back.is_empty() {
                    self.as_one(&there | &back, false);
                }
            }
        }
    }

    /// Settles the largest part of a set of places.
    fn as_one(&mut self, mut set: BTreeSet<usize>, in_line: bool) {
        let all = set.clone();
        loop {
            if in_line {
                // Whoever is behind one that stays, stays.
                let stays = |n: &usize| !set.contains(n) || self.is_stuck(&self.waiting[*n]);
                let staying: Vec<usize> = all.iter().copied().filter(stays).collect();
                let behind = |n: &usize| {
                    let payment = &self.waiting[*n];
                    staying.iter().any(|before| {
                        let shares = |(from, ..): &(String, String, i128)| {
                            self.waiting[*before].pays_from(from)
                        };
                        before <= n && payment.moves.iter().any(shares)
                    })
                };
                set = set.iter().copied().filter(|n| !behind(n)).collect();
            }
            let moves = set.iter().flat_map(|n| self.whole(&self.waiting[*n].moves));
            let moves: Vec<_> = moves.collect();
            let called = self.called_all(&set);
            let mut payers = moves.iter().map(|(from, ..)| from);
            let short = payers.find(|address| self.jars_after(address, &called).is_none());
            let mut places = set.iter().rev();
            let last = match short {
                Some(address) => places.find(|n| self.waiting[**n].pays_from(address)),
                None => {
                    let payees = moves.iter().map(|(_, to, _)| to);
                    let over = payees.filter(|address| self.is_over(address, &moves));
                    let first = over.min_by_key(|address| self.accounts[*address].number);
                    places.find(|n| {
                        let mut moves = self.waiting[**n].moves.iter();
                        first.is_some_and(|first| moves.any(|(_, to, _)| to == first))
                    })
                }
            };
            let Some(last) = last.copied() else { break };
            set.remove(&last);
        }
        self.empty_jars(&self.called_all(&set));
        for n in set.into_iter().rev() {
            let payment = self.waiting.remove(n);
            self.let_go(&payment);
        }
    }
}
