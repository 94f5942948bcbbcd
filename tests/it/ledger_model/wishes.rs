//! What is wished for at random, and the instructions of the wishes.

use quittance::ledger::{
    AccountRef, Address, Bilateral, Capture, CaseId, CloseAccount, Freeze, Funds, Instruction,
    InstructionId, Leg, Lift, ParticipantId, ReopenAccount, Reserve, SetAssetStatus, SetLimits,
    Time, Transfer, Velocity, Void,
};

use super::banned::{LEVELS, Target};
use super::limited::{Asked, KINDS, PERIODS, Within};
use super::reference::{self, ASSETS, Typed, Wish};
use super::{
    BANKS, Random, agreed_run, backs, charges, dated, deals, earmarked, formed_run, netted_run,
    standing, waits,
};
use crate::ledger_world::{MILLISECOND, START, World};

impl Random {
    pub(super) fn amount(&mut self) -> Typed {
        self.amount_of(2)
    }

    /// An amount, mostly one that an asset of so many decimals has.
    pub(super) fn amount_of(&mut self, scale: u32) -> Typed {
        let units = match self.below(24) {
            0 => 0,
            1..=3 => self.below(3),
            4..=17 => self.below(5_000),
            _ => self.below(100_000),
        };
        let decimals = match self.below(20) {
            0 => 3,
            1 => 2,
            2..=6 => 0,
            _ => scale,
        };
        Typed {
            units: i128::from(units),
            decimals,
        }
    }

    pub(super) fn account(&mut self) -> String {
        if self.one_in(40) {
            return self
                .pick(&["nowhere", "operators:issuance.USD", "operators:pool"])
                .into();
        }
        if self.one_in(30) {
            return "coop:usd".into();
        }
        let bank = self.pick(&BANKS);
        format!(
            "{bank}:{}",
            self.pick(&[
                "usd", "usd", "usd", "jpy", "jpy", "customer", "customer", "spare"
            ])
        )
    }

    /// Mostly one that is empty.
    fn seldom_used(&mut self) -> String {
        match self.below(3) {
            0 if self.one_in(3) => self
                .pick(&["operators:tax.usd", "operators:tax.jpy", "operators:pool"])
                .into(),
            0 => self.account(),
            _ => format!("{}:spare", self.pick(&BANKS)),
        }
    }

    pub(super) fn leg(&mut self) -> reference::Leg {
        if self.one_in(16) {
            return self.tested();
        }
        let debit = self.account();
        // Mostly legs that could be meant: the same asset on both sides and in between.
        let asset = if debit.ends_with("jpy") { "JPY" } else { "USD" };
        let mut credit = self.account();
        if credit.ends_with("jpy") != debit.ends_with("jpy") && !self.one_in(10) {
            credit = debit.replace(&debit[..6], self.pick(&BANKS));
        }
        if credit == debit && !self.one_in(20) {
            credit = debit.replace(&debit[..6], self.pick(&BANKS));
        }
        let asset = if self.one_in(30) {
            self.pick(&["USD", "JPY", "EUR"])
        } else {
            asset
        };
        let amount = self.amount_of(if asset == "JPY" { 0 } else { 2 });
        reference::Leg {
            debit,
            credit,
            asset,
            amount,
        }
    }

    pub(super) fn wish(&mut self) -> Wish {
        if self.nets && self.one_in(2) {
            return self.netting();
        }
        if self.one_in(if self.days { 5 } else { 60 }) {
            return self.dated();
        }
        if !self.places.is_empty() && self.one_in(6) {
            return self.back();
        }
        if !self.calm && self.one_in(24) {
            return self.stands();
        }
        if self.one_in(30) {
            return Wish::Tariff(Box::new(self.tariff()));
        }
        if self.one_in(14) {
            return self.earmarks();
        }
        match self.below(42) {
            20..=23 => self.waits(),
            24..=27 => self.netting(),
            28..=33 => self.forms(),
            34.. => self.deals(),
            0..=1 => Wish::Issue(self.account(), self.amount()),
            2 => Wish::Redeem(self.account(), self.amount()),
            3 => {
                let limit = |random: &mut Self| random.one_in(2).then(|| random.amount());
                let account = self.account();
                let plain = [limit(self), limit(self), limit(self)];
                let asked = match !self.calm && !self.one_in(4) {
                    true => self.asked(),
                    false => Box::default(),
                };
                Wish::Limits(account, plain, asked)
            }
            4 if self.one_in(3) => Wish::Close(self.seldom_used()),
            4 if self.one_in(3) => Wish::Reopen(self.seldom_used()),
            4 | 6 if !self.calm && !self.one_in(3) => self.ban(),
            6..=10 => self.hold(),
            5 if !self.calm && self.one_in(2) => {
                let account = self.account();
                Wish::Limits(account, [None; 3], self.asked())
            }
            5 if self.one_in(3) => Wish::Suspend(usize::from(self.one_in(2)), self.one_in(6)),
            _ => {
                let legs = self.pick(&[1, 1, 1, 2, 3]);
                Wish::Pay((0..legs).map(|_| self.leg()).collect())
            }
        }
    }

    /// Limits that are counted, mostly sound ones.
    fn asked(&mut self) -> Box<Asked> {
        let mut asked = Asked {
            top: self.one_in(4).then(|| self.amount()),
            all: self.one_in(4).then(|| self.amount()),
            ..Asked::default()
        };
        for _ in 0..self.pick(&[0, 0, 1, 1, 2, 3]) {
            let kind = self.pick(&[0, 0, 1, 2]);
            let (amount, count) = match self.below(8) {
                0..=3 => (Some(self.amount()), None),
                4 => (Some(self.amount()), Some(self.pick(&[1, 2, 5]))),
                5 if kind == 2 => (Some(self.amount()), None),
                5..=6 => (None, Some(self.pick(&[0, 1, 3]))),
                _ if self.one_in(4) => (None, None),
                _ => (Some(self.amount()), None),
            };
            let seconds = self.pick(&[1, 2, 5, 60, 7_200, 2_678_400]);
            let within = match self.one_in(3) {
                true => Within::Period(self.pick(&[0, 0, 1, 2])),
                false => Within::Seconds(seconds),
            };
            asked.rules.push((within, kind, amount, count));
        }
        for _ in 0..self.pick(&[0, 0, 1, 2]) {
            let bank = self.pick(&["bank-a", "bank-b", "bank-c"]);
            let bank = if self.one_in(30) { "bank-x" } else { bank };
            asked.pairs.push((bank, self.amount()));
        }
        Box::new(asked)
    }

    fn target(&mut self) -> Target {
        match self.below(3) {
            0 if self.one_in(4) => Target::Bank(self.pick(&["operators", "bank-x"])),
            0 => Target::Bank(self.pick(&BANKS)),
            _ => Target::Account(self.account()),
        }
    }

    fn ban(&mut self) -> Wish {
        let (mut target, mut case) = (self.target(), self.below(2));
        // Now and then one more for what is frozen.
        if let Some(last) = self.bans.last().cloned()
            && self.one_in(2)
        {
            (target, case) = last;
        }
        match self.below(5) {
            0..=2 => {
                let level = usize::try_from(self.below(LEVELS.len() as u64)).unwrap();
                let mut amount = (LEVELS[level] == "amount").then(|| self.amount());
                if self.one_in(10) {
                    amount = self.one_in(2).then(|| self.amount());
                }
                let after = self.pick(&[None, Some(0), Some(3), Some(40), Some(40), Some(600)]);
                self.bans.push((target.clone(), case));
                Wish::Freeze(target, case, level, amount, after)
            }
            // Mostly one that was asked for lately.
            _ => match self.bans.pop() {
                Some((target, case)) if !self.one_in(4) => Wish::Lift(target, case),
                _ => Wish::Lift(target, case),
            },
        }
    }

    fn hold(&mut self) -> Wish {
        let of = self.below(1 + self.holds.len() as u64);
        let of = usize::try_from(of).unwrap();
        let hold = self.holds.get(of).copied().unwrap_or(77_777);
        match self.below(8) {
            0..=2 => {
                let legs = self.pick(&[1, 1, 2, 2, 3]);
                let legs = (0..legs).map(|_| self.leg()).collect();
                let after = self.pick(&[None, None, Some(0), Some(4), Some(30), Some(2_000)]);
                let over = self.pick(&[0, 0, 0, 333, 333, 10_000, 10_001]);
                Wish::Reserve(legs, after, self.one_in(2), over, self.one_in(4))
            }
            3..=4 => Wish::Void(hold),
            _ => {
                let last = self.pick(&[None, None, Some(true), Some(false)]);
                let amount = self.one_in(3).then(|| self.amount());
                Wish::Capture(hold, amount, last)
            }
        }
    }

    /// Who signs; the first submits.
    pub(super) fn signers(&mut self) -> Vec<&'static str> {
        let all = ["bank-a", "bank-b", "bank-c", "operators"];
        let mut signers = vec![self.pick(&all)];
        let everybody = self.nets || self.one_in(2);
        for other in all {
            if !signers.contains(&other) && (everybody || self.one_in(2)) {
                signers.push(other);
            }
        }
        if self.one_in(3) {
            signers.extend(["bank-t", "bank-u"]);
        }
        // The other operator.
        if signers.contains(&"operators") && self.one_in(2) {
            signers.push("operators/k2");
        }
        signers
    }
}

pub(super) fn typed(amount: Typed) -> quittance::ledger::Amount {
    let (units, decimals) = (amount.units, usize::try_from(amount.decimals).unwrap());
    let digits = format!("{units:0>width$}", width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    let text = match decimals {
        0 => whole.to_owned(),
        _ => format!("{whole}.{fraction}"),
    };
    text.parse().unwrap()
}

fn account(address: &str) -> AccountRef {
    AccountRef::Address(address.parse().unwrap())
}

fn funds(id: InstructionId, address: &str, amount: Typed) -> Funds {
    Funds {
        id,
        account: account(address),
        amount: typed(amount),
    }
}

pub(super) fn legs(legs: &[reference::Leg]) -> Vec<Leg> {
    let leg = |leg: &reference::Leg| Leg {
        debit: account(&leg.debit),
        credit: account(&leg.credit),
        asset: Some(leg.asset.parse().unwrap()),
        amount: typed(leg.amount),
    };
    legs.iter().map(leg).collect()
}

pub(super) fn id(number: u64) -> InstructionId {
    InstructionId::from_parts(START / MILLISECOND, u128::from(number))
}

pub(super) fn instruction(world: &World, number: u64, wish: &Wish) -> Instruction {
    let (id, now) = (id(number), world.now);
    match wish {
        Wish::Return(..) | Wish::Reverse(..) | Wish::Recall(_) | Wish::RefuseRecall(_) => {
            backs::instruction(world, number, wish)
        }
        Wish::Reserve(wished, after, multi, over, guaranteed) => Instruction::Reserve(Reserve {
            id,
            legs: legs(wished),
            expires_at: after.map(|ms| Time::from_nanos(now + ms * MILLISECOND)),
            multi: Some(*multi),
            over_capture_bp: Some(*over),
            guaranteed: Some(*guaranteed),
            end_to_end_id: None,
            remittance: None,
            debtor_name: None,
            creditor_name: None,
        }),
        Wish::Capture(hold, amount, last) => Instruction::Capture(Capture {
            id,
            hold: self::id(*hold),
            amount: amount.map(typed),
            last: *last,
        }),
        Wish::Void(hold) => Instruction::Void(Void {
            id,
            hold: self::id(*hold),
        }),
        Wish::Dated(..) => dated::instruction(id, wish),
        Wish::Net(_) | Wish::Wait(..) | Wish::Cancel(_) | Wish::Requeue(..) => {
            waits::instruction(id, wish, now)
        }
        Wish::Earmark(..) => earmarked::instruction(id, wish),
        Wish::Clear(..) | Wish::CloseWindow(..) | Wish::Join(..) => {
            netted_run::instruction(id, wish)
        }
        Wish::Propose(..) | Wish::Agree(..) | Wish::EndPaper(..) => {
            agreed_run::instruction(world, id, wish)
        }
        Wish::Split(_) | Wish::Told(_) | Wish::Grant(_) | Wish::Revoke(_) | Wish::Rule(..) => {
            formed_run::instruction(id, wish, now)
        }
        Wish::Provider(..)
        | Wish::Price(_)
        | Wish::EndPrice(..)
        | Wish::Offer(_)
        | Wish::Exchange(_) => deals::instruction(id, wish, now),
        Wish::Tariff(tariff) => charges::instruction(id, tariff),
        Wish::Pay(wished) => Instruction::Transfer(Transfer::of_legs(id, legs(wished))),
        Wish::Issue(address, amount) => Instruction::Issue(funds(id, address, *amount)),
        Wish::Redeem(address, amount) => Instruction::Redeem(funds(id, address, *amount)),
        Wish::Close(address) => Instruction::CloseAccount(CloseAccount {
            id,
            address: address.parse().unwrap(),
        }),
        Wish::Suspend(asset, suspend) => {
            let status = if *suspend {
                "\"suspended\""
            } else {
                "\"active\""
            };
            Instruction::SetAssetStatus(SetAssetStatus {
                id,
                asset: ASSETS[*asset].0.parse().unwrap(),
                status: serde_json::from_str(status).unwrap(),
            })
        }
        other => control(id, other, now),
    }
}

/// What the operators limit and freeze by.
fn control(id: InstructionId, wish: &Wish, now: u64) -> Instruction {
    match wish {
        Wish::Limits(address, plain, asked) => {
            Instruction::SetLimits(limits(id, address, plain, asked))
        }
        Wish::Freeze(target, case, level, amount, after) => {
            let (account, participant) = of(target);
            Instruction::Freeze(Freeze {
                id,
                account,
                participant,
                case: self::case(*case),
                level: word(LEVELS[*level]),
                amount: amount.map(typed),
                expires_at: after.map(|ms| Time::from_nanos(now + ms * MILLISECOND)),
            })
        }
        Wish::Lift(target, case) => {
            let (account, participant) = of(target);
            Instruction::Lift(Lift {
                id,
                account,
                participant,
                case: self::case(*case),
            })
        }
        Wish::Reopen(address) => Instruction::ReopenAccount(ReopenAccount {
            id,
            address: address.parse().unwrap(),
        }),
        Wish::Stand(bank, change) => standing::instruction(id, bank, change),
        other => panic!("{other:?}"),
    }
}

fn word<T: serde::de::DeserializeOwned>(word: &str) -> T {
    serde_json::from_str(&format!("\"{word}\"")).unwrap()
}

fn case(number: u64) -> CaseId {
    format!("case-{number}").parse().unwrap()
}

fn of(target: &Target) -> (Option<Address>, Option<ParticipantId>) {
    match target {
        Target::Account(address) => (address.parse().ok(), None),
        Target::Bank(bank) => (None, bank.parse().ok()),
    }
}

fn limits(
    id: InstructionId,
    address: &str,
    [credit_line, min_balance, largest]: &[Option<Typed>; 3],
    asked: &Asked,
) -> SetLimits {
    let velocity = asked.rules.iter();
    let velocity = velocity.map(|(within, kind, amount, count)| Velocity {
        seconds: match within {
            Within::Seconds(seconds) => Some(*seconds),
            Within::Period(_) => None,
        },
        period: match within {
            Within::Seconds(_) => None,
            Within::Period(period) => Some(word(PERIODS[*period])),
        },
        direction: word(KINDS[*kind]),
        amount: amount.map(typed),
        count: *count,
    });
    let bilateral = asked.pairs.iter().map(|(bank, amount)| Bilateral {
        counterparty: bank.parse().unwrap(),
        amount: typed(*amount),
    });
    SetLimits {
        id,
        address: address.parse().unwrap(),
        credit_line: credit_line.map(typed),
        min_balance: min_balance.map(typed),
        per_transfer_max: largest.map(typed),
        max_balance: asked.top.map(typed),
        velocity: (!asked.rules.is_empty()).then(|| velocity.collect()),
        bilateral: (!asked.pairs.is_empty()).then(|| bilateral.collect()),
        multilateral: asked.all.map(typed),
    }
}
