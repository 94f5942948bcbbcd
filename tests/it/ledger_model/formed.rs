//! Splits, conditions, mandates and the posting matrix in the reference: as done with a pencil.

mod shares;

use std::collections::BTreeMap;

use super::limited::How;
use super::reference::{ASSETS, Answer, Leg, Reference, Typed};
use shares::{divided, overlaps};

const SECOND: u64 = 1_000_000_000;
const DAY: u64 = 86_400 * SECOND;

/// What a payer is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Pays {
    Exactly(Typed),
    /// At most, at least.
    UpTo(Typed, Option<Typed>),
    /// At least.
    All(Option<Typed>),
    /// Nothing, or two things at once.
    Wrong(bool),
}

/// What a payee is to get.
#[derive(Debug, Clone, Copy)]
pub(super) enum Gets {
    Exactly(Typed),
    Parts(u32),
    Rest,
}

#[derive(Debug, Clone)]
pub(super) enum If {
    /// Milliseconds before now, or from now on.
    By(i64),
    Has(String, Typed),
}

#[derive(Debug, Clone)]
pub(super) struct Shares {
    pub(super) asset: &'static str,
    pub(super) pays: Vec<(String, Pays)>,
    pub(super) gets: Vec<(String, Gets)>,
    pub(super) ifs: Vec<If>,
}

/// Under which mandate somebody debits, and with which conditions.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) legs: Vec<Leg>,
    pub(super) ifs: Vec<If>,
    pub(super) under: Option<u64>,
    pub(super) net: bool,
    /// The day from the first Monday on from which it counts.
    pub(super) value: Option<i64>,
}

/// Bounds as they are asked for.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    pub(super) account: String,
    pub(super) to: &'static str,
    /// For each, in all.
    pub(super) bounds: [Option<Typed>; 2],
    /// Seconds of a span, or a day if there are none; and the most in it.
    pub(super) span: Option<(Option<u64>, Typed)>,
    /// Milliseconds until it is over.
    pub(super) after: Option<u64>,
    pub(super) only: Option<Vec<String>>,
}

#[derive(Debug, Clone)]
pub(super) struct Mandate {
    account: String,
    to: &'static str,
    each: Option<i128>,
    total: Option<i128>,
    span: Option<(u64, i128)>,
    until: Option<u64>,
    only: Option<Vec<String>>,
    /// When, and how much.
    debits: Vec<(u64, i128)>,
}

impl Mandate {
    pub(super) fn used(&self) -> i128 {
        self.debits.iter().map(|(_, units)| units).sum()
    }

    fn lets(&self, now: u64, units: i128) -> bool {
        let span = |(seconds, _): (u64, i128)| {
            let same = self.debits.iter();
            let same = same.filter(|(time, _)| time / SECOND / seconds == now / SECOND / seconds);
            same.map(|(_, units)| units).sum::<i128>()
        };
        self.each.is_none_or(|each| units <= each)
            && self.total.is_none_or(|total| self.used() + units <= total)
            && self.span.is_none_or(|s| span(s) + units <= s.1)
    }
}

/// What accounts are, by their names.
pub(super) fn kind(address: &str) -> &'static str {
    match address {
        _ if address.starts_with("operators:issuance") => "issuance",
        _ if address.ends_with(":customer") => "customer",
        super::netted::POOL => "pool",
        _ if address.starts_with("operators:") => "fee",
        _ => "settlement",
    }
}

impl Reference {
    pub(super) fn allowed(&self, from: &str, to: &str) -> Answer {
        match self.pairs(from, to) {
            true => Ok(()),
            false => Err("POSTING_NOT_ALLOWED"),
        }
    }

    /// Whether the operators let the one pay the other.
    fn pairs(&self, from: &str, to: &str) -> bool {
        !self.forbidden.contains(&(kind(from), kind(to)))
    }

    pub(super) fn rule(&mut self, from: &'static str, to: &'static str, allowed: bool) -> Answer {
        if from == "netting" || to == "netting" || (from, to) == ("issuance", "issuance") {
            return Err("ACCOUNT_KIND_NOT_ALLOWED");
        }
        let changed = match allowed {
            true => self.forbidden.remove(&(from, to)),
            false => self.forbidden.insert((from, to)),
        };
        changed.then_some(()).ok_or("NO_CHANGE")
    }

    fn hold(&self, signers: &[&'static str], ifs: &[If]) -> Answer {
        for one in ifs {
            let holds = match one {
                If::By(ms) => *ms >= 0,
                If::Has(address, typed) => {
                    let account = self.accounts.get(address).ok_or("ACCOUNT_UNKNOWN")?;
                    if !signers.contains(&self.owner(address)) {
                        return Err("NOT_OWNER");
                    }
                    account.balance >= typed.as_limit(account.asset)?
                }
            };
            if !holds {
                return Err("PRECONDITION_FAILED");
            }
        }
        Ok(())
    }

    pub(super) fn split(&mut self, signers: &[&'static str], shares: &Shares) -> Answer {
        let (pays, gets) = (&shares.pays, &shares.gets);
        let payers: Vec<&String> = pays.iter().map(|(address, _)| address).collect();
        let payees: Vec<&String> = gets.iter().map(|(address, _)| address).collect();
        let all: Vec<&String> = payers.iter().chain(&payees).copied().collect();
        if !all.iter().all(|a| self.accounts.contains_key(*a)) {
            return Err("ACCOUNT_UNKNOWN");
        }
        if !payers.iter().all(|a| signers.contains(&self.owner(a))) {
            return Err("NOT_OWNER");
        }
        self.hold(signers, &shares.ifs)
            .and_then(|()| self.are_open(&all))?;
        let rests = gets.iter().filter(|(_, get)| matches!(get, Gets::Rest));
        let parts = gets.iter().any(|(_, get)| matches!(get, Gets::Parts(_)));
        let last = matches!(gets.last(), Some((_, Gets::Rest)));
        let rests = rests.count();
        let none = gets.iter().any(|(_, get)| matches!(get, Gets::Parts(0)));
        let wrong = pays.iter().any(|(_, pay)| matches!(pay, Pays::Wrong(_)));
        if wrong || none || rests > 1 || rests == 1 && (parts || !last) {
            return Err("SPLIT_INVALID");
        }
        let asset = self.may_share(shares.asset, &payers, &payees)?;
        let (most, stated) = typed(shares, asset)?;
        if all
            .iter()
            .any(|address| self.accounts[*address].is_closed())
        {
            return Err("ACCOUNT_CLOSED");
        }
        if !payers.iter().all(|a| self.may_pay(a)) || !payees.iter().all(|a| self.may_get(a)) {
            return Err("ACCOUNT_FROZEN");
        }
        self.all_take_part(&payers, &payees)?;
        let mut paid = Vec::new();
        for (address, (exact, most, least)) in payers.iter().zip(most) {
            let kept = self.is_kept(address);
            let there = if kept { 0 } else { self.loose(address).max(0) };
            let units = if exact { most } else { most.min(there) };
            if self.accounts[*address].largest.is_some_and(|l| units > l) {
                return Err("LIMIT_PER_TRANSFER");
            }
            if units > there || units < least {
                return Err("INSUFFICIENT_FUNDS");
            }
            paid.push(units);
        }
        let got = divided(paid.iter().sum(), &stated).ok_or("UNBALANCED")?;
        for (from, to, units) in overlaps(&payers, &paid, &payees, &got) {
            self.counted(signers, (&from, &to), units, How::Settles)?;
            self.accounts.get_mut(&from).unwrap().balance -= units;
            self.accounts.get_mut(&to).unwrap().balance += units;
        }
        Ok(())
    }

    /// All accounts are of one asset that moves, each stands once, and their kinds may pay each other;
    /// gives the asset.
    fn may_share(
        &self,
        asset: &str,
        payers: &[&String],
        payees: &[&String],
    ) -> Result<usize, &'static str> {
        let all: Vec<&String> = payers.iter().chain(payees).copied().collect();
        let asset = ASSETS.iter().position(|(name, _)| *name == asset);
        let asset = asset.ok_or("ASSET_UNKNOWN")?;
        if !all
            .iter()
            .all(|address| self.accounts[*address].asset == asset)
        {
            return Err("ASSET_MISMATCH");
        }
        if self.suspended[asset] {
            return Err("ASSET_SUSPENDED");
        }
        if (1..all.len()).any(|n| all[..n].contains(&all[n])) {
            return Err("SELF_TRANSFER");
        }
        if all.iter().any(|address| kind(address) == "issuance")
            || payers
                .iter()
                .any(|from| payees.iter().any(|to| !self.pairs(from, to)))
        {
            return Err("POSTING_NOT_ALLOWED");
        }
        Ok(asset)
    }

    /// Legs with conditions, or under a mandate, one after the other or as one set.
    pub(super) fn told(
        &mut self,
        signers: &[&'static str],
        (ordinal, id): (usize, u64),
        told: &Told,
    ) -> Answer {
        let legs = &told.legs;
        let under = match told.under {
            None => {
                self.owned(signers, legs)?;
                None
            }
            Some(id) => Some(self.mandated(signers, legs, id)?),
        };
        self.hold(signers, &told.ifs)?;
        let day = self.timing(signers, legs, None, false)?;
        if let Some(value) = told.value {
            self.may_value(signers, told, value, day.is_some())?;
        }
        if let (Some(day), None) = (day, under) {
            return self.wait_for(signers, (ordinal, id), legs, (day, true, 2, [None; 2]));
        }
        let mut moves = Vec::new();
        for leg in legs {
            self.joins(leg)?;
            let mandate = under.filter(|id| self.mandates[id].account == leg.debit);
            if let Some(id) = mandate {
                self.take(id, leg)?;
            }
            let knows = signers.contains(&self.owner(&leg.debit)) || signers.contains(&"operators");
            let hidden = |code| match code {
                "LIMIT_PER_TRANSFER" | "PARTICIPANT_SUSPENDED" if mandate.is_some() && !knows => {
                    "INSUFFICIENT_FUNDS"
                }
                code => code,
            };
            let pair = (&*leg.debit, &*leg.credit);
            if told.net || day.is_some() {
                let units = self.may_move(pair.0, pair.1, leg.amount).map_err(hidden)?;
                moves.push((leg.debit.clone(), leg.credit.clone(), units));
                continue;
            }
            let units = self.post(signers, pair, leg.amount, How::Settles);
            let units = units.map_err(hidden)?;
            self.collect(pair, units, false)?;
            self.value(told.value, pair, units);
        }
        let dues = self.dues(&moves)?;
        if day.is_some() {
            // Who has a mandate does not let others' money wait.
            return Err("QUEUE_NOT_SENDERS");
        }
        if told.net {
            self.covers(&moves)?;
        }
        self.pay_each(signers, &moves, &dues)?;
        for (from, to, units) in &moves {
            self.value(told.value, (from, to), *units);
        }
        Ok(())
    }

    /// The mandate that lets somebody who signed debit what its owner has not signed for.
    fn mandated(
        &self,
        signers: &[&'static str],
        legs: &[Leg],
        id: u64,
    ) -> Result<u64, &'static str> {
        let known = |address: &String| self.accounts.contains_key(address);
        if !legs
            .iter()
            .all(|leg| known(&leg.debit) && known(&leg.credit))
        {
            return Err("ACCOUNT_UNKNOWN");
        }
        let mandate = self.mandates.get(&id).ok_or("MANDATE_UNKNOWN")?;
        let names = legs.iter().any(|leg| leg.debit == mandate.account);
        if !signers.contains(&mandate.to) || !names {
            return Err("MANDATE_UNKNOWN");
        }
        if mandate.until.is_some_and(|until| until <= self.now) {
            return Err("MANDATE_EXPIRED");
        }
        let owned =
            |leg: &Leg| leg.debit == mandate.account || signers.contains(&self.owner(&leg.debit));
        match legs.iter().all(owned) {
            true => Ok(id),
            false => Err("NOT_OWNER"),
        }
    }

    fn take(&mut self, id: u64, leg: &Leg) -> Answer {
        let units = leg.amount.to_units(self.accounts[&leg.debit].asset)?;
        let now = self.now;
        let mandate = self.mandates.get_mut(&id).unwrap();
        if mandate
            .only
            .as_ref()
            .is_some_and(|only| !only.contains(&leg.credit))
        {
            return Err("MANDATE_NOT_FOR_CREDITOR");
        }
        if !mandate.lets(now, units) {
            return Err("MANDATE_EXCEEDED");
        }
        mandate.debits.push((now, units));
        Ok(())
    }

    pub(super) fn grant(&mut self, signers: &[&'static str], id: u64, asked: &Grant) -> Answer {
        let account = self.accounts.get(&asked.account).ok_or("ACCOUNT_UNKNOWN")?;
        let (asset, closed) = (account.asset, account.is_closed());
        if !signers.contains(&self.owner(&asked.account)) {
            return Err("NOT_OWNER");
        }
        for creditor in asked.only.iter().flatten() {
            let creditor = self.accounts.get(creditor).ok_or("ACCOUNT_UNKNOWN")?;
            if creditor.asset != asset {
                return Err("ASSET_MISMATCH");
            }
        }
        let units = |typed: Option<Typed>| typed.map(|t| t.to_units(asset)).transpose();
        let (each, total) = (units(asked.bounds[0])?, units(asked.bounds[1])?);
        let most = units(asked.span.map(|(_, most)| most))?;
        if closed {
            return Err("ACCOUNT_CLOSED");
        }
        if asked.after == Some(0) {
            return Err("EXPIRY_INVALID");
        }
        if asked.to == "bank-x" {
            return Err("PARTICIPANT_UNKNOWN");
        }
        if kind(&asked.account) == "issuance" {
            return Err("ACCOUNT_KIND_NOT_ALLOWED");
        }
        let own = self.owner(&asked.account) == asked.to;
        let bounded = each.is_some() || total.is_some() || most.is_some();
        let nobody = asked.only.as_ref().is_some_and(Vec::is_empty);
        let endless = matches!(asked.span, Some((Some(0), _)));
        if own || !bounded || nobody || endless {
            return Err("MANDATE_INVALID");
        }
        let now = self.now;
        let over = |mandate: &Mandate| mandate.until.is_some_and(|until| until <= now);
        self.mandates
            .retain(|_, mandate| mandate.account != asked.account || !over(mandate));
        if self.mandates.contains_key(&id) {
            return Err("MANDATE_EXISTS");
        }
        let mandate = Mandate {
            account: asked.account.clone(),
            to: asked.to,
            each,
            total,
            span: asked
                .span
                .map(|(s, _)| (s.unwrap_or(DAY / SECOND), most.unwrap())),
            until: asked.after.map(|ms| now + ms * 1_000_000),
            only: asked.only.clone(),
            debits: Vec::new(),
        };
        self.mandates.insert(id, mandate);
        Ok(())
    }

    pub(super) fn revoke(&mut self, signers: &[&'static str], id: u64) -> Answer {
        let mandate = self.mandates.get(&id).ok_or("MANDATE_UNKNOWN")?;
        let owner = self.owner(&mandate.account);
        if !signers.contains(&owner) && !signers.contains(&mandate.to) {
            return Err("MANDATE_UNKNOWN");
        }
        self.mandates.remove(&id);
        Ok(())
    }
}

/// Of each payer whether it is exact, at most and at least; of each payee a stated amount, or parts.
type Stated = (Vec<(bool, i128, i128)>, Vec<Result<i128, i128>>);

fn typed(shares: &Shares, asset: usize) -> Result<Stated, &'static str> {
    let mut pays = Vec::new();
    for (_, pay) in &shares.pays {
        let least = |least: &Option<Typed>| least.map_or(Ok(1), |least| least.as_limit(asset));
        pays.push(match pay {
            Pays::Exactly(amount) => {
                let units = amount.to_units(asset)?;
                (true, units, units)
            }
            Pays::UpTo(most, at_least) => (false, most.to_units(asset)?, least(at_least)?),
            Pays::All(at_least) => (false, i128::MAX, least(at_least)?),
            Pays::Wrong(_) => unreachable!("refused before"),
        });
    }
    let mut gets = Vec::new();
    for (_, get) in &shares.gets {
        gets.push(match get {
            Gets::Exactly(amount) => Ok(amount.to_units(asset)?),
            Gets::Parts(parts) => Err(i128::from(*parts)),
            Gets::Rest => Err(1),
        });
    }
    Ok((pays, gets))
}

/// Mandates by the number of their ids.
pub(super) type Mandates = BTreeMap<u64, Mandate>;
