//! Fees in the reference: a tariff for each asset, and what somebody at a counter would add to a slip.

use super::formed::kind;
use super::limited::How;
use super::reference::{ASSETS, Answer, Reference, Typed};

/// What an asset's payments cost from now on.
#[derive(Debug, Clone)]
pub(super) struct Tariff {
    pub(super) asset: &'static str,
    /// Who gets it, and who the tax on it, with hundredths of a percent.
    pub(super) to: Option<String>,
    pub(super) tax: Option<(String, u32)>,
    pub(super) lines: Vec<Tarif>,
    pub(super) monthly: Option<Vec<Monthly>>,
}

/// What a month costs: which kind of account, of whom, how much.
pub(super) type Monthly = (Option<&'static str>, Option<&'static str>, Typed);

/// One line of it: for whom, how much, and who pays.
#[derive(Debug, Clone)]
pub(super) struct Tarif {
    pub(super) kinds: [Option<&'static str>; 2],
    pub(super) banks: [Option<&'static str>; 2],
    pub(super) price: Price,
    pub(super) least: Option<Typed>,
    pub(super) most: Option<Typed>,
    /// 0 who pays, 1 who is paid, 2 both.
    pub(super) payer: Option<u8>,
}

/// How much: nothing at all, or by steps of amounts; each up to some amount, so much, so many hundredths
/// of a percent.
#[derive(Debug, Clone)]
pub(super) enum Price {
    Free,
    Fixed(Typed),
    Part(u32),
    Steps(Vec<(Option<Typed>, Option<Typed>, Option<u32>)>),
}

/// From, to, units.
type Move = (String, String, i128);

impl Price {
    fn steps(&self) -> Vec<(Option<Typed>, Option<Typed>, Option<u32>)> {
        match self {
            Self::Free => Vec::new(),
            Self::Fixed(fixed) => vec![(None, Some(*fixed), None)],
            Self::Part(part) => vec![(None, None, Some(*part))],
            Self::Steps(steps) => steps.clone(),
        }
    }
}

/// Rounded to the nearest unit; a half counts as one.
fn nearest(part: i128, whole: i128) -> i128 {
    let more = part % whole;
    part / whole + i128::from(more * 2 >= whole)
}

impl Tarif {
    fn is_for(&self, reference: &Reference, pair: [&str; 2]) -> bool {
        let side = |n: usize| {
            self.kinds[n].is_none_or(|wanted| wanted == kind(pair[n]))
                && self.banks[n].is_none_or(|bank| bank == reference.owner(pair[n]))
        };
        side(0) && side(1)
    }

    fn units(typed: Option<Typed>, asset: usize) -> Option<i128> {
        typed.map(|typed| typed.as_limit(asset).unwrap())
    }

    fn fee(&self, asset: usize, units: i128) -> i128 {
        let steps = self.price.steps();
        let step = steps
            .iter()
            .find(|(most, ..)| Self::units(*most, asset).is_none_or(|most| units <= most));
        let (_, fixed, part) = step.unwrap();
        let mut fee = Self::units(*fixed, asset).unwrap_or(0);
        fee += nearest(units * i128::from(part.unwrap_or(0)), 10_000);
        if let Some(least) = Self::units(self.least, asset) {
            fee = fee.max(least);
        }
        match Self::units(self.most, asset) {
            Some(most) => fee.min(most),
            None => fee,
        }
    }

    /// Every amount in it, as it is read.
    fn amounts(&self) -> Vec<Typed> {
        let steps = self.price.steps();
        let steps = steps.iter().flat_map(|(most, fixed, _)| [*most, *fixed]);
        steps.chain([self.least, self.most]).flatten().collect()
    }

    fn makes_sense(&self, asset: usize) -> bool {
        let steps = self.price.steps();
        if matches!(self.price, Price::Free) {
            return self.payer.is_none() && self.least.is_none() && self.most.is_none();
        }
        let ends: Vec<Option<i128>> = steps.iter().map(|s| Self::units(s.0, asset)).collect();
        let Some((None, before)) = ends.split_last().map(|(last, before)| (*last, before)) else {
            return false;
        };
        let mut top = -1;
        for end in before {
            match end {
                Some(end) if *end > top => top = *end,
                _ => return false,
            }
        }
        let least = Self::units(self.least, asset).unwrap_or(0);
        self.payer.is_some()
            && steps.iter().all(|step| step.2.unwrap_or(0) <= 10_000)
            && Self::units(self.most, asset).is_none_or(|most| least <= most)
    }
}

impl Reference {
    /// Funds in or out, which cost nothing.
    pub(super) fn funded(
        &mut self,
        signers: &[&'static str],
        (from, to): (&str, &str),
        amount: Typed,
    ) -> Answer {
        self.allowed(from, to)?;
        let moved = self.post(signers, (from, to), amount, How::Funds);
        moved.map(|_| ())
    }

    pub(super) fn charge(&mut self, signers: &[&'static str], tariff: &Tariff) -> Answer {
        let named = tariff.to.iter().chain(tariff.tax.iter().map(|(to, _)| to));
        let named: Vec<&String> = named.collect();
        if !named
            .iter()
            .all(|address| self.accounts.contains_key(*address))
        {
            return Err("ACCOUNT_UNKNOWN");
        }
        let asset = ASSETS.iter().position(|(name, _)| *name == tariff.asset);
        let asset = asset.ok_or("ASSET_UNKNOWN")?;
        if named
            .iter()
            .any(|address| self.accounts[*address].asset != asset)
        {
            return Err("ASSET_MISMATCH");
        }
        for amount in tariff.lines.iter().flat_map(Tarif::amounts) {
            amount.as_limit(asset)?;
        }
        let monthly = tariff.monthly.as_deref().unwrap_or_default();
        for (_, _, amount) in monthly {
            amount.as_limit(asset)?;
        }
        if named
            .iter()
            .any(|address| self.accounts[*address].is_closed())
        {
            return Err("ACCOUNT_CLOSED");
        }
        let banks = tariff.lines.iter().flat_map(|line| line.banks).flatten();
        let mut banks = banks.chain(monthly.iter().filter_map(|line| line.1));
        if banks.any(|bank| bank == "bank-x") {
            return Err("PARTICIPANT_UNKNOWN");
        }
        let kinds = tariff.lines.iter().flat_map(|line| line.kinds).flatten();
        let mut kinds = kinds.chain(monthly.iter().filter_map(|line| line.0));
        if named.iter().any(|address| kind(address) != "fee")
            || kinds.any(|kind| !["settlement", "customer"].contains(&kind))
        {
            return Err("ACCOUNT_KIND_NOT_ALLOWED");
        }
        let empty = tariff.lines.is_empty() && monthly.is_empty();
        if empty && self.tariffs[asset].1.is_none() {
            return Err("NO_CHANGE");
        }
        if !signers.contains(&"operators/k2") {
            return Err("FOUR_EYES_NEEDED");
        }
        if !monthly.is_empty() && self.days[asset].is_none() {
            return Err("CALENDAR_UNKNOWN");
        }
        let sense = tariff.lines.iter().all(|line| line.makes_sense(asset));
        let taxed = tariff
            .tax
            .as_ref()
            .is_none_or(|(_, bps)| (1..=10_000).contains(bps));
        if empty != tariff.to.is_none() || empty && tariff.tax.is_some() || !sense || !taxed {
            return Err("FEES_INVALID");
        }
        self.tariffs[asset].0 += 1;
        self.tariffs[asset].1 = (!empty).then(|| tariff.clone());
        Ok(())
    }

    /// Whether fees, or tax on them, go to an account.
    pub(super) fn is_paid_fees(&self, address: &str) -> bool {
        let mut tariffs = self
            .tariffs
            .iter()
            .filter_map(|(_, tariff)| tariff.as_ref());
        tariffs.any(|tariff| {
            tariff.to.as_deref() == Some(address)
                || tariff.tax.as_ref().is_some_and(|(to, _)| to == address)
        })
    }

    /// What a month costs each account, in the order in which they were opened: whose, and how much, with
    /// the tax on it.
    fn bills(&self, asset: usize) -> Vec<(String, i128, i128)> {
        let Some(tariff) = &self.tariffs[asset].1 else {
            return Vec::new();
        };
        let mut accounts: Vec<_> = self.accounts.iter().collect();
        accounts.sort_by_key(|(_, account)| account.number);
        let bill = |(address, account): (&String, &super::reference::Account)| {
            let takes_part = ["active", "suspended"].contains(&self.state(address));
            if account.asset != asset
                || account.is_closed()
                || !["settlement", "customer"].contains(&kind(address))
            {
                return None;
            }
            let monthly = tariff.monthly.as_deref().unwrap_or_default();
            let line = monthly.iter().find(|(of, bank, _)| {
                of.is_none_or(|of| of == kind(address))
                    && bank.is_none_or(|bank| bank == account.owner)
            });
            let fee = line?.2.as_limit(asset).unwrap();
            let tax = tariff.tax.as_ref();
            let tax = tax.map_or(0, |(_, bps)| nearest(fee * i128::from(*bps), 10_000));
            (takes_part && fee > 0).then(|| (address.clone(), fee, tax))
        };
        accounts.into_iter().filter_map(bill).collect()
    }

    pub(super) fn has_bills(&self, asset: usize) -> bool {
        !self.bills(asset).is_empty()
    }

    /// A month is over: whoever can pay does, and of the others it is noted.
    pub(super) fn bill_all(&mut self, asset: usize) {
        let bills = self.bills(asset);
        let tariff = self.tariffs[asset].1.clone().unwrap();
        self.billed.push("FEES_CHARGED");
        for (address, fee, tax) in bills {
            let pays = !self.suspended[asset]
                && self.may_pay(&address)
                && !self.is_suspended(&address)
                && fee + tax <= self.free(&address);
            if !pays {
                self.billed.push("FEE_OWED");
                continue;
            }
            let mut moves = vec![(address.clone(), tariff.to.clone().unwrap(), fee)];
            moves.extend(
                tariff
                    .tax
                    .as_ref()
                    .map(|(to, _)| (address, to.clone(), tax)),
            );
            // Nothing is too urgent to go behind it.
            self.use_jars(&moves[0].0, fee + tax);
            self.move_all(&moves);
        }
    }

    /// What has to be paid besides, when so much is paid; `paid_pays` if whoever is paid pays it.
    fn due(
        &self,
        (from, to): (&str, &str),
        units: i128,
        paid_pays: bool,
    ) -> Result<Vec<Move>, &'static str> {
        let asset = self.accounts[from].asset;
        let pair = [from, to];
        let Some(tariff) = &self.tariffs[asset].1 else {
            return Ok(Vec::new());
        };
        if !pair
            .iter()
            .all(|address| ["settlement", "customer"].contains(&kind(address)))
        {
            return Ok(Vec::new());
        }
        let line = tariff.lines.iter().find(|line| line.is_for(self, pair));
        let Some((line, payer)) = line.and_then(|line| Some((line, line.payer?))) else {
            return Ok(Vec::new());
        };
        let fee = line.fee(asset, units);
        let shares = match if paid_pays { 1 } else { payer } {
            0 => [Some(fee), None],
            1 => [None, Some(fee)],
            _ => [Some(fee - fee / 2), Some(fee / 2)],
        };
        let mut moves = Vec::new();
        for (payer, share) in pair.into_iter().zip(shares) {
            let Some(share) = share else { continue };
            let mut add = |to: &String, units| moves.push((payer.to_owned(), to.clone(), units));
            add(tariff.to.as_ref().unwrap(), share);
            if let Some((to, bps)) = &tariff.tax {
                add(to, nearest(share * i128::from(*bps), 10_000));
            }
        }
        if shares[1].is_some() {
            if !self.may_pay(to) {
                return Err("ACCOUNT_FROZEN");
            }
            let own = moves.iter().filter(|one| one.0 == to).map(|one| one.2);
            if own.sum::<i128>() > units {
                return Err("FEE_EXCEEDS_AMOUNT");
            }
        }
        Ok(moves)
    }

    /// What is due on each of a set.
    pub(super) fn dues(&self, moves: &[Move]) -> Result<Vec<Vec<Move>>, &'static str> {
        let due = |one: &Move| self.due((&one.0, &one.1), one.2, false);
        moves.iter().map(due).collect()
    }

    /// All that moves with a set, if what is due can be paid.
    pub(super) fn whole(&self, moves: &[Move]) -> Vec<Move> {
        let dues = self.dues(moves).unwrap_or_default();
        moves
            .iter()
            .cloned()
            .chain(dues.into_iter().flatten())
            .collect()
    }

    /// Takes what is due on what was paid just now.
    pub(super) fn collect(
        &mut self,
        (from, to): (&str, &str),
        units: i128,
        paid_pays: bool,
    ) -> Answer {
        let moves = self.due((from, to), units, paid_pays)?;
        let out = moves.iter().filter(|one| one.0 == from).map(|one| one.2);
        let out = out.sum::<i128>();
        if out > 0 && (out > self.loose(from) || self.is_kept(from)) {
            return Err("FEE_NOT_COVERED");
        }
        self.move_all(&moves);
        Ok(())
    }

    pub(super) fn move_all(&mut self, moves: &[Move]) {
        for (from, to, units) in moves {
            self.accounts.get_mut(from).unwrap().balance -= units;
            self.accounts.get_mut(to).unwrap().balance += units;
        }
    }
}
