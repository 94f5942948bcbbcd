//! Reservations in the reference: money in three jars, paid out of by turns.

use std::collections::BTreeSet;

use quittance::ledger::{Instruction, InstructionId, Reserved, SetReservation};

use super::reference::{Answer, Reference, Typed, Wish};
use super::wishes::typed;
use super::{BANKS, Random};
use crate::ledger_world::World;

/// What moves, with 0 if it is urgent for its payer, 1 high, 2 neither: payer, payee, units.
pub(super) type Called = Vec<(u8, String, String, i128)>;

/// Out of which jars each may be paid, in this order: 0 for urgent ones, 1 for high ones, 2 for all.
const OPEN: [&[usize]; 3] = [&[0, 2, 1], &[1, 2], &[2]];

/// Whether a payment would end before it may begin, or be late only when it is gone.
pub(super) fn ends_badly(from: u64, until: Option<u64>, till: Option<u64>) -> bool {
    let early = |end: Option<u64>| end.is_some_and(|end| end <= from);
    early(until) || early(till) || until.is_some_and(|until| till >= Some(until))
}

impl Reference {
    /// The moves of a payment with what is due on them. Whoever only gets pays its fees as anybody.
    pub(super) fn called(&self, moves: &[(String, String, i128)], priority: u8) -> Called {
        let pays = |address: &String| moves.iter().any(|(from, ..)| from == address);
        let whole = self.whole(moves).into_iter();
        let all = whole.map(|(from, to, units)| {
            let priority = if pays(&from) { priority } else { 2 };
            (priority, from, to, units)
        });
        all.collect()
    }

    /// What is left of an account's two reservations when all this has moved; nothing, if it cannot
    /// pay. What comes in pays first: for what is least urgent.
    pub(super) fn jars_after(&self, address: &str, all: &Called) -> Option<[i128; 2]> {
        let account = &self.accounts[address];
        let marked = account.earmarked;
        let mut comes: i128 = all.iter().filter(|m| m.2 == address).map(|m| m.3).sum();
        let mut bills = [0, 1, 2].map(|priority| {
            let own = all.iter().filter(|m| m.0 == priority && m.1 == address);
            own.map(|m| m.3).sum::<i128>()
        });
        for bill in bills.iter_mut().rev() {
            let paid = comes.min(*bill);
            (*bill, comes) = (*bill - paid, comes - paid);
        }
        if !account.is_bounded() || bills == [0; 3] {
            return Some(marked);
        }
        let there = self.free(address).max(0);
        let first = there.min(marked[0]);
        let second = (there - first).min(marked[1]);
        let mut jars = [first, second, there - first - second];
        for (bill, open) in bills.into_iter().zip(OPEN) {
            let mut bill = bill;
            for jar in open {
                let paid = bill.min(jars[*jar]);
                (bill, jars[*jar]) = (bill - paid, jars[*jar] - paid);
            }
            if bill > 0 {
                return None;
            }
        }
        Some([
            marked[0] - (first - jars[0]),
            marked[1] - (second - jars[1]),
        ])
    }

    /// Whether everybody can pay.
    pub(super) fn all_pay(&self, all: &Called) -> bool {
        all.iter().all(|one| self.jars_after(&one.1, all).is_some())
    }

    /// Whether everybody who pays on balance can, as anybody, and nothing urgent waits for that.
    pub(super) fn can_pay(&self, moves: &Called) -> bool {
        let kept = moves.iter().any(|(_, address, ..)| {
            let out = moves.iter().filter(|m| m.1 == *address).map(|m| m.3);
            let back = moves.iter().filter(|m| m.2 == *address).map(|m| m.3);
            let net = out.sum::<i128>() - back.sum::<i128>();
            self.accounts[address].is_bounded() && net > 0 && self.is_kept(address)
        });
        !kept && self.all_pay(moves)
    }

    /// The same of several that wait, by their places on the list.
    pub(super) fn called_all(&self, set: &BTreeSet<usize>) -> Called {
        let payments = set.iter().map(|n| &self.waiting[*n]);
        let called = payments.flat_map(|one| self.called(&one.moves, one.rank.0));
        called.collect()
    }

    /// Takes out of the jars what is paid, before it moves.
    pub(super) fn empty_jars(&mut self, all: &Called) {
        let left = all.iter().map(|one| {
            let left = self.jars_after(&one.1, all).expect("all of them can pay");
            (one.1.clone(), left)
        });
        for (address, left) in left.collect::<Vec<_>>() {
            self.accounts.get_mut(&address).unwrap().earmarked = left;
        }
    }

    /// Takes out of an account's jars what it pays as what is urgent, before it moves, though there may be
    /// less on it: then a pool pays, and the jars are used all the same.
    pub(super) fn use_jars(&mut self, address: &str, units: i128) {
        let own = self.free(address).max(0);
        let [urgent, high] = self.accounts[address].earmarked;
        let loose = (own - urgent - high).max(0);
        let beyond = (units - urgent).max(0) - loose;
        let left = [(urgent - units).max(0), (high - beyond.max(0)).max(0)];
        self.accounts.get_mut(address).unwrap().earmarked = left;
    }

    /// What anybody may pay who is neither urgent nor high.
    pub(super) fn loose(&self, address: &str) -> i128 {
        let marked: i128 = self.accounts[address].earmarked.iter().sum();
        (self.free(address) - marked).max(0)
    }

    pub(super) fn earmark(
        &mut self,
        signers: &[&'static str],
        address: &str,
        wished: [Option<Typed>; 2],
    ) -> Answer {
        let account = self.accounts.get(address).ok_or("ACCOUNT_UNKNOWN")?;
        if !signers.contains(&account.owner) {
            return Err("NOT_OWNER");
        }
        let mut marked = account.earmarked;
        for (mark, wished) in marked.iter_mut().zip(wished) {
            if let Some(wished) = wished {
                *mark = wished.as_limit(account.asset)?;
            }
        }
        if account.is_closed() {
            return Err("ACCOUNT_CLOSED");
        }
        if !account.is_bounded() {
            return Err("ACCOUNT_KIND_NOT_ALLOWED");
        }
        if marked == account.earmarked {
            return Err("NO_CHANGE");
        }
        self.accounts.get_mut(address).unwrap().earmarked = marked;
        Ok(())
    }
}

impl Random {
    pub(super) fn earmarks(&mut self) -> Wish {
        let address = match self.below(8) {
            0 => "operators:issuance.USD".into(),
            1 => format!("{}:customer", self.pick(&BANKS)),
            2 => format!("{}:jpy", self.pick(&BANKS)),
            _ if BANKS.contains(&self.submitter) => format!("{}:usd", self.submitter),
            _ => format!("{}:usd", self.pick(&BANKS)),
        };
        let mut amount = || {
            let units = self.pick(&[0, 0, 500, 10_000, 50_000, 200_000, 900_000]);
            let decimals = if self.one_in(20) { 3 } else { 2 };
            let decimals = if address.ends_with(":jpy") {
                0
            } else {
                decimals
            };
            (!self.one_in(3)).then_some(Typed { units, decimals })
        };
        let wished = [amount(), amount()];
        Wish::Earmark(address, wished)
    }
}

pub(super) fn instruction(id: InstructionId, wish: &Wish) -> Instruction {
    let Wish::Earmark(address, [urgent, high]) = wish else {
        unreachable!("no wish about reservations: {wish:?}");
    };
    Instruction::SetReservation(SetReservation {
        id,
        address: address.parse().unwrap(),
        urgent: urgent.map(typed),
        high: high.map(typed),
    })
}

/// The same is reserved everywhere, and it is never less than nothing.
pub(super) fn compare(world: &World, reference: &Reference, context: &dyn Fn() -> String) {
    for (address, account) in &reference.accounts {
        let found = world.book().account(&address.parse().unwrap()).unwrap();
        let [urgent, high] = account
            .earmarked
            .map(|units| u128::try_from(units).unwrap());
        let reserved = world.book().reserved(found);
        assert_eq!(
            reserved,
            Reserved { urgent, high },
            "{address}: {}",
            context()
        );
        let kept = world.book().reservation(found.number);
        let kept = kept.map_or_else(Reserved::default, |kept| kept.now());
        assert_eq!(kept, reserved, "the mark of {address}: {}", context());
    }
}
