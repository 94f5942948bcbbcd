//! The rules of money once more, in maps and signed integers: nothing here is the ledger's.

use std::collections::{BTreeMap, BTreeSet};

use super::backs::Moved;
use super::banned::Ban;
use super::limited::{How, Limited};
use super::waiting::Waiting;
pub(super) use super::wish::Wish;
use super::{dealt, formed};

pub(super) const ASSETS: [(&str, u32); 2] = [("USD", 2), ("JPY", 0)];

#[derive(Debug, Clone, Default)]
pub(super) struct Account {
    pub(super) owner: &'static str,
    pub(super) asset: usize,
    /// The how-manieth it is.
    pub(super) number: usize,
    pub(super) balance: i128,
    pub(super) credit_line: i128,
    pub(super) min_balance: i128,
    pub(super) largest: Option<i128>,
    pub(super) closed: bool,
    pub(super) floor: bool,
    /// Reserved to be paid, and to be received.
    pub(super) paying: i128,
    pub(super) receiving: i128,
    /// For urgent and for high payments.
    pub(super) earmarked: [i128; 2],
    pub(super) limited: Limited,
}

/// An amount as it is typed: so many units of 10^-decimals.
#[derive(Debug, Clone, Copy)]
pub(super) struct Typed {
    pub(super) units: i128,
    pub(super) decimals: u32,
}

#[derive(Debug, Clone)]
pub(super) struct Leg {
    pub(super) debit: String,
    pub(super) credit: String,
    pub(super) asset: &'static str,
    pub(super) amount: Typed,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Reference {
    pub(super) accounts: BTreeMap<String, Account>,
    pub(super) suspended: [bool; 2],
    used: BTreeSet<(&'static str, u64)>,
    pub(super) holds: BTreeMap<u64, super::held::Hold>,
    /// Freezes of banks, and how far they take part.
    pub(super) banned: BTreeMap<&'static str, Vec<Ban>>,
    pub(super) standings: super::standing::Standings,
    /// Banks without keys of their own, and whose keys sign for them.
    pub(super) reached: BTreeMap<&'static str, &'static str>,
    /// Counts what is written on tapes.
    pub(super) turn: u64,
    pub(super) waiting: Vec<Waiting>,
    /// Whether some of them could settle when the last message was done, and from when on they may.
    ready: bool,
    rests_until: u64,
    /// Index of the entry that the message becomes.
    pub(super) index: i64,
    pub(super) models: Vec<super::netted::Model>,
    pub(super) papers: BTreeMap<u64, super::agreed::Paper>,
    /// Whether all have agreed on paper to what is done.
    pub(super) on_paper: bool,
    /// The keys under the message.
    pub(super) keys: Vec<&'static str>,
    /// What approvals of the message carried out, with the answers.
    pub(super) carried: Vec<(u64, &'static str)>,
    /// Legs that there were, in their order.
    pub(super) moved: Vec<Moved>,
    pub(super) mandates: formed::Mandates,
    /// Kinds of accounts that may not pay each other.
    pub(super) forbidden: BTreeSet<(&'static str, &'static str)>,
    /// Banks that state prices, and all prices.
    pub(super) dealers: BTreeSet<&'static str>,
    pub(super) prices: Vec<dealt::Line>,
    /// For each asset how often its tariff was set, and what it is.
    pub(super) tariffs: [(u64, Option<super::charged::Tariff>); 2],
    /// What the ends of months came to: that they were billed, and what is owed.
    pub(super) billed: Vec<&'static str>,
    /// The time, nanoseconds.
    pub(super) now: u64,
    /// How far the day of each asset has come, if it has any.
    pub(super) days: [Option<super::days::Day>; 2],
    /// When which of its dates opened.
    pub(super) opened: [Vec<(u64, u32)>; 2],
    /// The days on which a bank is away.
    pub(super) away: BTreeMap<&'static str, Vec<i64>>,
    /// Whether a seal of a close is outstanding: nobody seals here.
    pub(super) sealing: bool,
    /// What a payment is told that waits for a day, and whether it is another day.
    pub(super) said: Option<&'static str>,
    /// What counts from an earlier day on than that on which it was booked.
    pub(super) values: Vec<super::valued::Valued>,
    pub(super) rolled: bool,
}

pub(super) type Answer = Result<(), &'static str>;

/// How long nothing that waits settles behind a run that left something.
const REST_NS: u64 = 250_000_000;

impl Account {
    pub(super) const fn is_closed(&self) -> bool {
        self.closed
    }

    pub(super) const fn is_bounded(&self) -> bool {
        self.floor
    }

    pub(super) fn available(&self) -> i128 {
        self.balance - self.paying - self.min_balance + self.credit_line
    }
}

impl Reference {
    pub(super) fn open(&mut self, address: &str, owner: &'static str, asset: usize, floor: bool) {
        let account = Account {
            owner,
            asset,
            floor,
            number: self.accounts.len(),
            ..Account::default()
        };
        self.accounts.insert(address.into(), account);
    }

    /// Money that is there from the beginning.
    pub(super) fn fund(&mut self, address: &str, units: i128) {
        let asset = self.accounts[address].asset;
        self.accounts.get_mut(address).unwrap().balance += units;
        self.accounts.get_mut(&issuance(asset)).unwrap().balance -= units;
    }

    /// Answers a message: one word an instruction.
    pub(super) fn message(
        &mut self,
        signers: &[&'static str],
        atomic: bool,
        wishes: &[(u64, Wish)],
    ) -> Vec<&'static str> {
        self.by_itself();
        self.carried.clear();
        let signers = self.with_reached(signers);
        let answers = self.answers(&signers, atomic, wishes);
        self.ready = self.can_settle();
        answers
    }

    /// What is due before the message: holds, then the time of payments that wait, then netting, then
    /// what of the payments can settle; and the last two again, for what they brought each other.
    fn by_itself(&mut self) {
        let mut look = self.days_go_on(self.ready);
        let (ended, called) = (self.expire(), self.call());
        self.throw_away();
        look |= ended || called;
        loop {
            look |= self.cycle();
            if !look {
                return;
            }
            look = self.run();
        }
    }

    /// A run, unless there is a rest. Says whether anything settled.
    pub(super) fn run(&mut self) -> bool {
        if self.now < self.rests_until {
            return false;
        }
        let before = self.waiting.len();
        self.look_through();
        let settled = self.waiting.len() < before;
        if settled && self.can_settle() {
            self.rests_until = self.now + REST_NS;
        }
        settled
    }

    fn answers(
        &mut self,
        signers: &[&'static str],
        atomic: bool,
        wishes: &[(u64, Wish)],
    ) -> Vec<&'static str> {
        let before = self.kept();
        let mut answers = Vec::new();
        for (n, (id, wish)) in wishes.iter().enumerate() {
            let (kept, list) = (self.kept(), self.waiting.len());
            self.said = None;
            let answer = self.instruction(signers, (n, *id), wish);
            answers.push(match answer {
                Err(code) => code,
                Ok(()) => self.said.unwrap_or_else(|| self.word(wish, list)),
            });
            if answer.is_err() {
                self.restore(kept);
                if atomic {
                    self.restore(before);
                    for (id, wish) in wishes {
                        self.used.insert((signers[0], *id));
                        self.use_up(signers[0], wish);
                    }
                    let refused = answers[n];
                    answers = vec!["MESSAGE_ABORTED"; wishes.len()];
                    answers[n] = refused;
                    return answers;
                }
            }
        }
        answers
    }

    /// Uses up the ids of what is proposed; says whether one of them was used before.
    fn use_up(&mut self, who: &'static str, wish: &Wish) -> bool {
        let Wish::Propose(what, _) = wish else {
            return false;
        };
        let fresh = what.iter().filter(|(id, _)| self.used.insert((who, *id)));
        fresh.count() < what.len()
    }

    /// Everything as it stands, but for the ids that are used up.
    fn kept(&mut self) -> Self {
        let used = std::mem::take(&mut self.used);
        let kept = self.clone();
        self.used = used;
        kept
    }

    fn restore(&mut self, kept: Self) {
        let (used, turn) = (std::mem::take(&mut self.used), self.turn);
        *self = Self { used, turn, ..kept };
    }

    fn instruction(
        &mut self,
        signers: &[&'static str],
        (ordinal, id): (usize, u64),
        wish: &Wish,
    ) -> Answer {
        let fresh = self.used.insert((signers[0], id));
        if self.use_up(signers[0], wish) || !fresh {
            return Err("ID_ALREADY_USED");
        }
        self.carry(signers, (ordinal, id), wish)
    }

    pub(super) fn carry(
        &mut self,
        signers: &[&'static str],
        (ordinal, id): (usize, u64),
        wish: &Wish,
    ) -> Answer {
        let quorum = signers.contains(&"operators");
        match wish {
            Wish::Pay(legs) => self.pay(signers, (ordinal, id), legs),
            Wish::Dated(legs, day, how) => self.dated(signers, (ordinal, id), legs, (*day, *how)),
            Wish::Reserve(legs, after, multi, over, guaranteed) => {
                let terms = (*after, *multi, *over, *guaranteed);
                self.reserve(signers, id, legs, terms)
            }
            Wish::Capture(hold, amount, last) => self.capture(signers, *hold, *amount, *last),
            Wish::Void(hold) => self.void(signers, *hold),
            Wish::Net(legs) => self.net(signers, (ordinal, id), legs),
            Wish::Wait(legs, priority, times) => {
                self.wait(signers, (ordinal, id), legs, (*priority, *times))
            }
            Wish::Cancel(of) => self.cancel(signers[0], *of),
            Wish::Requeue(of, priority, first) => {
                self.requeue((signers[0], ordinal), *of, *priority, *first)
            }
            Wish::Earmark(address, wished) => self.earmark(signers, address, *wished),
            Wish::Clear(model, payments) => self.clear(signers, *model, payments),
            Wish::Propose(what, after) => self.propose(signers[0], id, what, *after),
            Wish::Agree(of, _, as_it_is) => self.agree(ordinal, *of, *as_it_is),
            Wish::EndPaper(of, maker) => self.end_paper(signers[0], *of, *maker),
            Wish::Return(place, amount) => self.give_back(signers, *place, *amount),
            Wish::Reverse(place, amount) => self.reverse(signers, *place, *amount),
            Wish::Recall(place) => self.ask_back(signers, id, *place),
            Wish::RefuseRecall(of) => self.refuse_back(signers, *of),
            Wish::Split(shares) => self.split(signers, shares),
            Wish::Told(told) => self.told(signers, (ordinal, id), told),
            Wish::Grant(asked) => self.grant(signers, id, asked),
            Wish::Revoke(of) => self.revoke(signers, *of),
            Wish::Price(stated) => self.state_price(signers, stated),
            Wish::EndPrice(pair, source) => self.end_price(signers, *pair, *source),
            Wish::Offer(offered) => self.offer(signers, id, offered),
            Wish::Exchange(wish) => self.exchange(signers, wish),
            _ if !quorum => Err("QUORUM_NOT_MET"),
            Wish::Issue(to, amount) => {
                let from = issuance(self.funds(to, None)?);
                self.funded(signers, (&from, to), *amount)
            }
            Wish::Redeem(from, amount) => {
                let to = issuance(self.funds(from, Some(signers))?);
                self.funded(signers, (from, &to), *amount)
            }
            Wish::Limits(address, limits, asked) => self.limits(address, limits, asked),
            Wish::Freeze(target, case, level, amount, after) => {
                self.ban(target, *case, *level, *amount, *after)
            }
            Wish::Lift(target, case) => self.unban(signers, target, *case),
            Wish::Stand(bank, change) => self.stand(signers, bank, change),
            Wish::Reopen(address) => {
                let account = self.accounts.get_mut(address).ok_or("ACCOUNT_UNKNOWN")?;
                match std::mem::replace(&mut account.closed, false) {
                    true => Ok(()),
                    false => Err("NO_CHANGE"),
                }
            }
            Wish::Rule(from, to, allowed) => self.rule(from, to, *allowed),
            Wish::Tariff(tariff) => self.charge(signers, tariff),
            Wish::Provider(bank, active) => self.provider(bank, *active),
            Wish::CloseWindow(model, last) => self.close_window(*model, *last),
            Wish::Join(model, address, cap, owed) => self.join(*model, address, *cap, *owed),
            Wish::Close(address) => self.close_account(address),
            Wish::Suspend(asset, suspend) => {
                match std::mem::replace(&mut self.suspended[*asset], *suspend) == *suspend {
                    true => Err("NO_CHANGE"),
                    false => Ok(()),
                }
            }
        }
    }

    /// The asset of an account that funds go to or, signed by its owner, come from.
    fn funds(
        &self,
        address: &str,
        signers: Option<&[&'static str]>,
    ) -> Result<usize, &'static str> {
        let account = self.accounts.get(address).ok_or("ACCOUNT_UNKNOWN")?;
        if signers.is_some_and(|signers| !signers.contains(&account.owner)) {
            return Err("NOT_OWNER");
        }
        if self.suspended[account.asset] {
            return Err("ASSET_SUSPENDED");
        }
        if address.starts_with("operators:issuance") {
            return Err("POSTING_NOT_ALLOWED");
        }
        Ok(account.asset)
    }

    fn pay(
        &mut self,
        signers: &[&'static str],
        (ordinal, id): (usize, u64),
        legs: &[Leg],
    ) -> Answer {
        self.owned(signers, legs)?;
        if let Some(day) = self.timing(signers, legs, None, false)? {
            return self.wait_for(signers, (ordinal, id), legs, (day, true, 2, [None; 2]));
        }
        for leg in legs {
            self.joins(leg)?;
            let pair = (&*leg.debit, &*leg.credit);
            let units = self.post(signers, pair, leg.amount, How::Settles)?;
            self.collect(pair, units, false)?;
        }
        Ok(())
    }

    /// Every account is there, and every payer has signed.
    pub(super) fn owned(&self, signers: &[&'static str], legs: &[Leg]) -> Answer {
        let known = |address: &String| self.accounts.contains_key(address);
        if !legs
            .iter()
            .all(|leg| known(&leg.debit) && known(&leg.credit))
        {
            return Err("ACCOUNT_UNKNOWN");
        }
        let owned = |leg: &Leg| signers.contains(&self.accounts[&leg.debit].owner);
        match legs.iter().all(owned) {
            true => Ok(()),
            false => Err("NOT_OWNER"),
        }
    }

    /// Its two accounts may be joined by a leg.
    pub(super) fn joins(&self, leg: &Leg) -> Answer {
        let (debit, credit) = (&self.accounts[&leg.debit], &self.accounts[&leg.credit]);
        let asset = ASSETS.iter().position(|(name, _)| *name == leg.asset);
        let asset = asset.ok_or("ASSET_UNKNOWN")?;
        if asset != debit.asset || asset != credit.asset {
            return Err("ASSET_MISMATCH");
        }
        if self.suspended[asset] {
            return Err("ASSET_SUSPENDED");
        }
        if leg.debit == leg.credit {
            return Err("SELF_TRANSFER");
        }
        let issues = |address: &str| address.starts_with("operators:issuance");
        match issues(&leg.debit) || issues(&leg.credit) {
            true => Err("POSTING_NOT_ALLOWED"),
            false => self.allowed(&leg.debit, &leg.credit),
        }
    }

    pub(super) fn post(
        &mut self,
        signers: &[&'static str],
        (from, to): (&str, &str),
        amount: Typed,
        how: How,
    ) -> Result<i128, &'static str> {
        let units = self.affords(signers, (from, to), amount, how)?;
        self.accounts.get_mut(from).unwrap().balance -= units;
        self.accounts.get_mut(to).unwrap().balance += units;
        Ok(units)
    }

    /// Amount, status, freezes, limits, funds, and the limits that are counted: in this order.
    pub(super) fn affords(
        &mut self,
        signers: &[&'static str],
        (from, to): (&str, &str),
        amount: Typed,
        how: How,
    ) -> Result<i128, &'static str> {
        let units = self.may_move(from, to, amount)?;
        let debit = &self.accounts[from];
        if debit.floor && (units > self.loose(from) || self.is_kept(from)) {
            return Err("INSUFFICIENT_FUNDS");
        }
        self.counted(signers, (from, to), units, how)?;
        Ok(units)
    }

    /// The same without funds.
    pub(super) fn may_move(
        &self,
        from: &str,
        to: &str,
        amount: Typed,
    ) -> Result<i128, &'static str> {
        let (debit, credit) = (&self.accounts[from], &self.accounts[to]);
        let units = amount.to_units(debit.asset)?;
        if debit.closed || credit.closed {
            return Err("ACCOUNT_CLOSED");
        }
        if !self.may_pay(from) || !self.may_get(to) {
            return Err("ACCOUNT_FROZEN");
        }
        if self.is_suspended(from) {
            return Err("PARTICIPANT_SUSPENDED");
        }
        self.take_part(from, to)?;
        if debit.largest.is_some_and(|largest| units > largest) {
            return Err("LIMIT_PER_TRANSFER");
        }
        Ok(units)
    }
}

fn issuance(asset: usize) -> String {
    format!("operators:issuance.{}", ASSETS[asset].0)
}
