//! Splits, conditions, mandates and the posting matrix in the runs: what is asked, and what is
//! compared after every message.

use quittance::ledger::{
    AccountKind, AccountRef, Check, Condition, GrantMandate, Instruction, InstructionId,
    MandatePeriod, Payee, Payer, RevokeMandate, SetPosting, Split, Time, Transfer,
};

use super::formed::{Gets, Grant, If, Pays, Shares, Told};
use super::reference::{Reference, Wish};
use super::wishes::{id, legs, typed};
use super::{BANKS, Random};
use crate::ledger_world::{MILLISECOND, World};

const KINDS: [&str; 5] = ["settlement", "customer", "issuance", "netting", "pool"];

impl Random {
    pub(super) fn forms(&mut self) -> Wish {
        match self.below(12) {
            0..=4 => Wish::Split(Box::new(self.shares())),
            5..=6 => {
                let count = self.pick(&[1, 1, 2, 3]);
                Wish::Told(Box::new(Told {
                    legs: (0..count).map(|_| self.leg()).collect(),
                    ifs: self.ifs(),
                    under: None,
                    net: self.one_in(3),
                    value: self.value_day(2),
                }))
            }
            7 => Wish::Grant(Box::new(self.grant())),
            8 if self.one_in(3) => Wish::Revoke(self.mandate().0),
            8 if self.one_in(4) => {
                // Mostly what lets the rest of the run go on.
                let allowed = !self.one_in(4);
                Wish::Rule(self.pick(&KINDS), self.pick(&KINDS), allowed)
            }
            _ => {
                let (of, from, to) = self.mandate();
                let mut legs = vec![self.leg()];
                if !self.one_in(8) {
                    legs[0].debit.clone_from(&from);
                    let asset = if from.ends_with("jpy") { "JPY" } else { "USD" };
                    legs[0].asset = asset;
                    legs[0].credit = match self.one_in(3) {
                        true => self.account(),
                        false => from.replace(&from[..6], to),
                    };
                }
                if self.one_in(4) {
                    let more = self.leg();
                    legs.push(more);
                }
                let ifs = match self.one_in(6) {
                    true => self.ifs(),
                    false => Vec::new(),
                };
                let (under, net) = (Some(of), self.one_in(5));
                let value = self.value_day(12);
                Wish::Told(Box::new(Told {
                    legs,
                    ifs,
                    under,
                    net,
                    value,
                }))
            }
        }
    }

    /// Its number, the account and who has it, of one that was granted lately.
    fn mandate(&mut self) -> (u64, String, &'static str) {
        let at = self.below(1 + self.mandates.len() as u64);
        let at = usize::try_from(at).unwrap();
        match self.mandates.get(at) {
            Some(mandate) => mandate.clone(),
            None => (77_777, "bank-a:usd".into(), "bank-b"),
        }
    }

    fn ifs(&mut self) -> Vec<If> {
        let one = |random: &mut Self| match random.below(4) {
            0 => If::By(random.pick(&[-5, 5, 30])),
            1 => If::Has(random.account(), random.amount()),
            _ => {
                let address = format!("{}:usd", random.submitter);
                let address = address.replace("operators", BANKS[0]);
                If::Has(address, random.amount())
            }
        };
        (0..self.pick(&[0, 1, 1, 2])).map(|_| one(self)).collect()
    }

    fn shares(&mut self) -> Shares {
        // Accounts of one asset, mostly, and each once, mostly.
        let jpy = self.one_in(4);
        let mut places: Vec<String> = Vec::new();
        let (payers, payees) = (self.pick(&[1, 1, 2, 3]), self.pick(&[1, 2, 2, 3]));
        while places.len() < payers + payees {
            let mut address = match jpy {
                true => format!("{}:jpy", self.pick(&BANKS)),
                false => format!(
                    "{}:{}",
                    self.pick(&BANKS),
                    self.pick(&["usd", "usd", "customer", "two"])
                ),
            };
            if self.one_in(40) {
                address = self.account();
            }
            if !places.contains(&address) || jpy && places.len() > 2 || self.one_in(30) {
                places.push(address);
            }
        }
        let asset = if jpy { "JPY" } else { "USD" };
        let scale = if jpy { 0 } else { 2 };
        let gets = places.split_off(payers);
        let paying = |random: &mut Self| {
            let at_least = random.one_in(3).then(|| random.amount_of(scale));
            match random.below(14) {
                0..=4 => Pays::Exactly(random.amount_of(scale)),
                5..=9 => Pays::UpTo(random.amount_of(scale), at_least),
                10 if random.one_in(4) => Pays::Wrong(random.one_in(2)),
                _ => Pays::All(at_least),
            }
        };
        let by_parts = self.one_in(2);
        let getting = |random: &mut Self, last: bool| match random.below(8) {
            0..=2 if !last => Gets::Exactly(random.amount_of(scale)),
            0 => Gets::Exactly(random.amount_of(scale)),
            _ if random.one_in(20) => random.pick(&[Gets::Rest, Gets::Parts(0)]),
            _ if by_parts => Gets::Parts(random.pick(&[1, 1, 2, 3, 7, 1_000_003])),
            _ if last => Gets::Rest,
            _ => Gets::Exactly(random.amount_of(scale)),
        };
        let last = gets.len() - 1;
        let gets = gets.into_iter().enumerate();
        Shares {
            asset: if self.one_in(30) { "EUR" } else { asset },
            pays: places.into_iter().map(|p| (p, paying(self))).collect(),
            gets: gets.map(|(n, p)| (p, getting(self, n == last))).collect(),
            ifs: if self.one_in(6) {
                self.ifs()
            } else {
                Vec::new()
            },
        }
    }

    fn grant(&mut self) -> Grant {
        let own = BANKS.contains(&self.submitter) && !self.one_in(6);
        let account = match own {
            true => {
                let name = self.pick(&["usd", "usd", "jpy", "customer"]);
                format!("{}:{name}", self.submitter)
            }
            false => self.account(),
        };
        let scale = if account.ends_with("jpy") { 0 } else { 2 };
        let bound = |random: &mut Self| random.one_in(2).then(|| random.amount_of(scale));
        let span = self.one_in(3).then(|| {
            let seconds = self.pick(&[None, Some(1), Some(2), Some(3_600), Some(0)]);
            (seconds, self.amount_of(scale))
        });
        let only = self.one_in(4).then(|| {
            let count = self.pick(&[0, 1, 2, 2]);
            let sibling = |random: &mut Self| {
                let bank = random.pick(&BANKS);
                match random.one_in(6) {
                    true => random.account(),
                    false => account.replace(&account[..6.min(account.len())], bank),
                }
            };
            (0..count).map(|_| sibling(self)).collect()
        });
        Grant {
            to: self.pick(&[
                "bank-a",
                "bank-b",
                "bank-c",
                "bank-c",
                "bank-b",
                "operators",
            ]),
            bounds: [bound(self), bound(self)],
            span,
            after: self.pick(&[None, None, None, Some(0), Some(40), Some(4_000)]),
            only,
            account,
        }
    }

    /// Remembers the newest mandates.
    pub(super) fn note_grants(&mut self, wishes: &[(u64, Wish)], answers: &[&str]) {
        for ((id, wish), answer) in wishes.iter().zip(answers) {
            if let (Wish::Grant(grant), &"APPLIED") = (wish, answer) {
                self.mandates.push((*id, grant.account.clone(), grant.to));
            }
        }
        let old = self.mandates.len().saturating_sub(5);
        self.mandates.drain(..old);
    }
}

fn account(address: &str) -> AccountRef {
    AccountRef::Address(address.parse().unwrap())
}

fn conditions(ifs: &[If], now: u64) -> Option<Vec<Condition>> {
    let condition = |one: &If| match one {
        If::By(ms) => {
            let ahead = now.saturating_add_signed(ms * i64::try_from(MILLISECOND).unwrap());
            Condition::NotAfter(Time::from_nanos(ahead))
        }
        If::Has(address, amount) => Condition::BalanceAtLeast {
            account: account(address),
            amount: typed(*amount),
        },
    };
    (!ifs.is_empty()).then(|| ifs.iter().map(condition).collect())
}

fn split(id: InstructionId, shares: &Shares, now: u64) -> Instruction {
    let payer = |(address, pays): &(String, Pays)| {
        let (mut amount, mut up_to, mut all_available, mut at_least) = (None, None, None, None);
        match pays {
            Pays::Exactly(exact) => amount = Some(typed(*exact)),
            Pays::UpTo(most, least) => {
                (up_to, at_least) = (Some(typed(*most)), least.map(typed));
            }
            Pays::All(least) => (all_available, at_least) = (Some(true), least.map(typed)),
            Pays::Wrong(both) => {
                all_available = Some(*both);
                amount = both.then(|| "1".parse().unwrap());
            }
        }
        Payer {
            account: account(address),
            amount,
            up_to,
            all_available,
            at_least,
        }
    };
    let payee = |(address, gets): &(String, Gets)| {
        let (mut amount, mut ratio, mut remainder) = (None, None, None);
        match gets {
            Gets::Exactly(exact) => amount = Some(typed(*exact)),
            Gets::Parts(parts) => ratio = Some(*parts),
            Gets::Rest => remainder = Some(true),
        }
        Payee {
            account: account(address),
            amount,
            ratio,
            remainder,
        }
    };
    Instruction::Split(Split {
        id,
        asset: shares.asset.parse().unwrap(),
        payers: shares.pays.iter().map(payer).collect(),
        payees: shares.gets.iter().map(payee).collect(),
        conditions: conditions(&shares.ifs, now),
        end_to_end_id: None,
        remittance: None,
        debtor_name: None,
        creditor_name: None,
    })
}

fn kind(name: &str) -> AccountKind {
    serde_json::from_str(&format!("\"{name}\"")).unwrap()
}

pub(super) fn instruction(number: InstructionId, wish: &Wish, now: u64) -> Instruction {
    match wish {
        Wish::Split(shares) => split(number, shares, now),
        Wish::Told(told) => Instruction::Transfer(Transfer {
            check: told.net.then_some(Check::Net),
            conditions: conditions(&told.ifs, now),
            mandate: told.under.map(id),
            value_date: told.value.map(super::dated::date),
            ..Transfer::of_legs(number, legs(&told.legs))
        }),
        Wish::Grant(grant) => Instruction::GrantMandate(GrantMandate {
            id: number,
            account: grant.account.parse().unwrap(),
            to: grant.to.parse().unwrap(),
            per_transfer_max: grant.bounds[0].map(typed),
            total_max: grant.bounds[1].map(typed),
            period: grant.span.map(|(seconds, _)| match seconds {
                Some(seconds) => MandatePeriod::EveryS(seconds),
                None => MandatePeriod::Day,
            }),
            period_max: grant.span.map(|(_, most)| typed(most)),
            expires_at: grant
                .after
                .map(|ms| Time::from_nanos(now + ms * MILLISECOND)),
            creditors: grant.only.as_ref().map(|only| {
                let only = only.iter();
                only.map(|address| address.parse().unwrap()).collect()
            }),
        }),
        Wish::Revoke(of) => Instruction::RevokeMandate(RevokeMandate {
            id: number,
            mandate: id(*of),
        }),
        Wish::Rule(from, to, allowed) => Instruction::SetPosting(SetPosting {
            id: number,
            debit: kind(from),
            credit: kind(to),
            allowed: *allowed,
        }),
        other => panic!("{other:?} is about no form"),
    }
}

/// The same mandates are known, with the same use, and the same kinds may pay each other.
pub(super) fn compare(world: &World, reference: &Reference, context: &dyn Fn() -> String) {
    let known = world.book().mandates_after(None);
    let known: Vec<_> = known
        .map(|mandate| (mandate.id, i128::try_from(mandate.used.total).unwrap()))
        .collect();
    let listed = reference.mandates.iter();
    let mut listed: Vec<_> = listed.map(|(n, one)| (id(*n), one.used())).collect();
    listed.sort_unstable();
    assert_eq!(known, listed, "{}", context());
    for from in &KINDS[..3] {
        for to in &KINDS[..3] {
            let allowed = world.book().postings().allows(kind(from), kind(to));
            let listed = !reference.forbidden.contains(&(*from, *to));
            assert_eq!(allowed, listed, "{from} {to}: {}", context());
        }
    }
}
