//! Holds in the reference: what a bookkeeper's list of reserved amounts would look like.

use std::collections::BTreeMap;

use super::limited::How;
use super::reference::{Account, Answer, Leg, Reference, Typed};

/// One line of the list.
#[derive(Debug, Clone)]
pub(super) struct Line {
    from: String,
    to: String,
    asked: i128,
    taken: i128,
    left: i128,
}

/// What has to be paid for what is held, by whom, and where to.
#[derive(Debug, Clone)]
pub(super) struct Offer {
    pub(super) taker: &'static str,
    pub(super) receive: String,
    pub(super) source: i128,
}

#[derive(Debug, Clone)]
pub(super) struct Hold {
    lines: Vec<Line>,
    until: Option<u64>,
    multi: bool,
    over: i128,
    guaranteed: bool,
    /// When it was made.
    made: u64,
    /// What it is an offer for, if it is one.
    offer: Option<Offer>,
    /// What the answer is when it has ended.
    over_with: Option<&'static str>,
}

impl Reference {
    /// When the first of them ends by itself.
    pub(super) fn next_expiry(&self) -> Option<u64> {
        let open = self.holds.values().filter(|hold| hold.over_with.is_none());
        open.filter_map(|hold| hold.until).min()
    }

    /// Ends what has run out by now; says whether anything had.
    pub(super) fn expire(&mut self) -> bool {
        let (now, mut any) = (self.now, false);
        let due = |hold: &Hold| hold.until.is_some_and(|until| until <= now);
        let ids: Vec<u64> = self.holds.keys().copied().collect();
        for id in ids {
            let mut hold = self.holds[&id].clone();
            if hold.over_with.is_none() && due(&hold) {
                self.end(&mut hold, "HOLD_EXPIRED");
                self.holds.insert(id, hold);
                any = true;
            }
        }
        any
    }

    pub(super) fn reserve(
        &mut self,
        signers: &[&'static str],
        id: u64,
        legs: &[Leg],
        (after, multi, over, guaranteed): (Option<u64>, bool, u16, bool),
    ) -> Answer {
        self.owned(signers, legs)?;
        let lines = self.hold_back(signers, legs)?;
        if after == Some(0) {
            return Err("EXPIRY_INVALID");
        }
        if over > 10_000 {
            return Err("OVER_CAPTURE_TOO_HIGH");
        }
        if self.holds.contains_key(&id) {
            return Err("HOLD_EXISTS");
        }
        let hold = Hold {
            lines,
            until: after.map(|ms| self.now + ms * 1_000_000),
            multi,
            over: i128::from(over),
            guaranteed,
            made: self.now,
            offer: None,
            over_with: None,
        };
        self.holds.insert(id, hold);
        Ok(())
    }

    /// An offer: what it pays is held back.
    pub(super) fn keep_offer(
        &mut self,
        signers: &[&'static str],
        id: u64,
        (leg, offer): (Leg, Offer),
        ends: u64,
    ) -> Answer {
        let lines = self.hold_back(signers, &[leg])?;
        if ends == 0 {
            return Err("EXPIRY_INVALID");
        }
        if offer.taker == "bank-x" {
            return Err("PARTICIPANT_UNKNOWN");
        }
        if self.holds.contains_key(&id) {
            return Err("HOLD_EXISTS");
        }
        let hold = Hold {
            lines,
            until: Some(self.now + ends * 1_000_000),
            multi: false,
            over: 0,
            guaranteed: false,
            made: self.now,
            offer: Some(offer),
            over_with: None,
        };
        self.holds.insert(id, hold);
        Ok(())
    }

    /// An offer to somebody who signed: with where it pays from and to, and how much.
    pub(super) fn find_offer(
        &self,
        signers: &[&'static str],
        id: u64,
    ) -> Result<(Offer, String, String, i128), &'static str> {
        let hold = self.holds.get(&id).ok_or("QUOTE_UNKNOWN")?;
        let offer = hold.offer.clone().ok_or("QUOTE_UNKNOWN")?;
        if !signers.contains(&offer.taker) {
            return Err("QUOTE_UNKNOWN");
        }
        let line = &hold.lines[0];
        match hold.over_with {
            None => Ok((offer, line.from.clone(), line.to.clone(), line.asked)),
            Some("HOLD_ALREADY_CAPTURED") => Err("QUOTE_USED"),
            Some("HOLD_ALREADY_VOIDED") => Err("QUOTE_WITHDRAWN"),
            Some(_) => Err("QUOTE_EXPIRED"),
        }
    }

    /// What an offer has held back is paid.
    pub(super) fn take_offer(&mut self, signers: &[&'static str], id: u64) -> Answer {
        let mut hold = self.holds[&id].clone();
        for line in &mut hold.lines {
            if !self.may_pay(&line.from) || !self.may_get(&line.to) {
                return Err("ACCOUNT_FROZEN");
            }
            self.counted(signers, (&line.from, &line.to), 0, How::Captures(line.left))?;
            let payer = self.accounts.get_mut(&line.from).unwrap();
            payer.balance -= line.left;
            payer.paying -= line.left;
            let payee = self.accounts.get_mut(&line.to).unwrap();
            payee.balance += line.left;
            payee.receiving -= line.left;
            (line.taken, line.left) = (line.left, 0);
        }
        hold.over_with = Some("HOLD_ALREADY_CAPTURED");
        self.holds.insert(id, hold);
        Ok(())
    }

    /// Reserves what legs say.
    fn hold_back(
        &mut self,
        signers: &[&'static str],
        legs: &[Leg],
    ) -> Result<Vec<Line>, &'static str> {
        let mut lines = Vec::new();
        for leg in legs {
            self.joins(leg)?;
            let pair = (&*leg.debit, &*leg.credit);
            let units = self.affords(signers, pair, leg.amount, How::Reserves)?;
            self.accounts.get_mut(&leg.debit).unwrap().paying += units;
            self.accounts.get_mut(&leg.credit).unwrap().receiving += units;
            lines.push(Line {
                from: leg.debit.clone(),
                to: leg.credit.clone(),
                asked: units,
                taken: 0,
                left: units,
            });
        }
        Ok(lines)
    }

    /// The hold, if somebody who signed has to do with it.
    fn party(&self, signers: &[&'static str], id: u64) -> Result<Hold, &'static str> {
        let hold = self.holds.get(&id).ok_or("HOLD_UNKNOWN")?;
        let mine = |line: &Line| {
            signers.contains(&self.owner(&line.from)) || signers.contains(&self.owner(&line.to))
        };
        match signers.contains(&"operators") || hold.lines.iter().any(mine) {
            true => Ok(hold.clone()),
            false => Err("HOLD_UNKNOWN"),
        }
    }

    pub(super) fn capture(
        &mut self,
        signers: &[&'static str],
        id: u64,
        amount: Option<Typed>,
        last: Option<bool>,
    ) -> Answer {
        let mut hold = self.party(signers, id)?;
        let own = |line: &Line| {
            signers.contains(&self.owner(&line.from)) || signers.contains(&self.owner(&line.to))
        };
        if !hold.lines.iter().all(own) {
            return Err("NOT_OWNER");
        }
        let asset = |line: &Line| self.accounts[&line.from].asset;
        if hold.lines.iter().any(|line| self.suspended[asset(line)]) {
            return Err("ASSET_SUSPENDED");
        }
        let units = amount.map(|amount| amount.to_units(asset(hold.lines.last().unwrap())));
        let units = units.transpose()?;
        if let Some(answer) = hold.over_with {
            return Err(answer);
        }
        if hold.offer.is_some() {
            return Err("HOLD_IS_QUOTE");
        }
        if units.is_some() && hold.lines.len() > 1 {
            return Err("HOLD_HAS_LEGS");
        }
        if last == Some(false) && !hold.multi {
            return Err("HOLD_NOT_MULTI");
        }
        let is_last = last.unwrap_or(!hold.multi);
        let made = hold.made;
        for line in &mut hold.lines {
            if !self.may_pay(&line.from) || !self.may_get(&line.to) {
                return Err("ACCOUNT_FROZEN");
            }
            let units = units.unwrap_or(line.left);
            if (line.taken + units) * 10_000 > line.asked * (10_000 + hold.over) {
                // Rounded down: a part of a unit is no unit.
                let most = line.asked + line.asked * hold.over / 10_000;
                assert!(line.taken + units > most);
                return Err("CAPTURE_EXCEEDS_RESERVED");
            }
            let above = units - line.left;
            let pair = (&*line.from, &*line.to);
            self.above(signers, pair, above.max(0), units)?;
            let inside = units.min(line.left);
            for (address, sign) in [(&line.from, -1), (&line.to, 1)] {
                let account = self.accounts.get_mut(address).unwrap();
                account.balance += sign * units;
                match sign {
                    1 => account.receiving -= inside,
                    _ => account.paying -= inside,
                }
            }
            self.collect(pair, units, true)?;
            line.taken += units;
            line.left -= inside;
            if is_last {
                self.struck(pair, made, line.left, 0);
                give_back(&mut self.accounts, line);
            }
        }
        if hold.lines.iter().all(|line| line.left == 0) {
            hold.over_with = Some("HOLD_ALREADY_CAPTURED");
        }
        self.holds.insert(id, hold);
        Ok(())
    }

    /// What is captured above what was reserved, which must be free, and within the limits.
    fn above(
        &mut self,
        signers: &[&'static str],
        (from, to): (&str, &str),
        above: i128,
        units: i128,
    ) -> Answer {
        if above > 0 {
            let knows = signers.contains(&self.owner(from)) || signers.contains(&"operators");
            if self.is_suspended(from) {
                return Err(match knows {
                    true => "PARTICIPANT_SUSPENDED",
                    false => "INSUFFICIENT_FUNDS",
                });
            }
            let kept = self.is_kept(from);
            if self.accounts[from].is_bounded() && (kept || above > self.loose(from)) {
                return Err("INSUFFICIENT_FUNDS");
            }
        }
        self.counted(signers, (from, to), above, How::Captures(units))
    }

    fn end(&mut self, hold: &mut Hold, answer: &'static str) {
        for line in &mut hold.lines {
            let legs = i128::from(line.taken == 0);
            self.struck((&line.from, &line.to), hold.made, line.left, legs);
            give_back(&mut self.accounts, line);
        }
        hold.over_with = Some(answer);
    }

    pub(super) fn void(&mut self, signers: &[&'static str], id: u64) -> Answer {
        let mut hold = self.party(signers, id)?;
        let mut blocked = false;
        for line in &hold.lines {
            let payee = signers.contains(&self.owner(&line.to));
            let payer = signers.contains(&self.owner(&line.from)) && !hold.guaranteed;
            if !payee && !payer && !signers.contains(&"operators") {
                return Err("NOT_OWNER");
            }
            let alone = !payee && !signers.contains(&"operators");
            blocked |= alone && !self.may_pay(&line.from);
        }
        if let Some(answer) = hold.over_with {
            return Err(answer);
        }
        if blocked {
            return Err("ACCOUNT_FROZEN");
        }
        self.end(&mut hold, "HOLD_ALREADY_VOIDED");
        self.holds.insert(id, hold);
        Ok(())
    }

    /// What each account must have reserved, by the list alone.
    pub(super) fn listed(&self, address: &str) -> (i128, i128) {
        let lines = self.holds.values().flat_map(|hold| &hold.lines);
        let sum = |of: fn(&Line) -> &String| {
            let own = lines.clone().filter(|line| of(line) == address);
            own.map(|line| line.left).sum::<i128>()
        };
        (sum(|line| &line.from), sum(|line| &line.to))
    }
}

fn give_back(accounts: &mut BTreeMap<String, Account>, line: &mut Line) {
    accounts.get_mut(&line.from).unwrap().paying -= line.left;
    accounts.get_mut(&line.to).unwrap().receiving -= line.left;
    line.left = 0;
}
