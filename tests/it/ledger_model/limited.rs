//! Limits in the reference: a tape of all that ever moved on an account, summed up
//! anew whenever somebody asks.

use std::collections::BTreeMap;

use super::banned::Ban;
use super::formed::kind;
use super::reference::{Answer, Reference, Typed};

const SECOND: u64 = 1_000_000_000;
const DAY: u64 = 86_400 * SECOND;

/// What a rule counts, as it is written.
pub(super) const KINDS: [&str; 3] = ["debit", "credit", "net"];
/// What goes by the calendar, as it is written.
pub(super) const PERIODS: [&str; 3] = ["day", "week", "month"];
/// Limits as they are asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    pub(super) top: Option<Typed>,
    /// Within what, which of [`KINDS`], how much, how often.
    pub(super) rules: Vec<(Within, usize, Option<Typed>, Option<u32>)>,
    pub(super) pairs: Vec<(&'static str, Typed)>,
    pub(super) all: Option<Typed>,
}

/// Seconds, or which of [`PERIODS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Within {
    Seconds(u32),
    Period(usize),
}

#[derive(Debug, Clone)]
struct Rule {
    within: Within,
    kind: usize,
    amount: Option<i128>,
    count: Option<i128>,
}

/// From when on something is looked at.
#[derive(Debug, Clone, Copy)]
struct Since {
    turn: u64,
    time: u64,
}

/// One line of the tape.
#[derive(Debug, Clone)]
struct Move {
    turn: u64,
    time: u64,
    /// The business date that had opened then, or the date in UTC.
    date: (bool, u32),
    /// Given back: all its numbers are below zero, at the time at which they were reserved.
    back: bool,
    pays: bool,
    other: Option<&'static str>,
    amount: i128,
    booked: i128,
    legs: i128,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Limited {
    top: Option<i128>,
    rules: Vec<Rule>,
    pairs: Vec<(&'static str, i128)>,
    all: Option<i128>,
    windows: BTreeMap<(Within, usize), Since>,
    days: BTreeMap<Option<&'static str>, Since>,
    tape: Vec<Move>,
    pub(super) bans: Vec<Ban>,
}

/// How a leg moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Settles,
    Funds,
    Reserves,
    /// Above what was reserved.
    Captures(i128),
}

impl Since {
    fn sees(&self, line: &Move) -> bool {
        line.turn > self.turn && (!line.back || line.time > self.time)
    }
}

impl Limited {
    /// The most that may be on the account.
    pub(super) const fn top(&self) -> Option<i128> {
        self.top
    }

    /// What the tape says of a window, by slices: no older than `age` of them.
    fn slices(&self, rule: &Rule, new: &Move, age: u64, of: impl Fn(&Move) -> i128) -> i128 {
        let since = self.windows[&(rule.within, rule.kind)];
        let lines = self.tape.iter().filter(|line| since.sees(line));
        let lines = lines.filter(|line| match rule.within {
            Within::Seconds(seconds) => {
                let slice = u64::from(seconds) * SECOND / 50;
                new.time / slice - line.time / slice <= age
            }
            Within::Period(period) => named(PERIODS[period], line) == named(PERIODS[period], new),
        });
        lines.map(of).sum()
    }

    /// The same to the nanosecond.
    fn exactly(&self, rule: &Rule, new: &Move, of: impl Fn(&Move) -> i128) -> i128 {
        let Within::Seconds(seconds) = rule.within else {
            return self.slices(rule, new, 0, of);
        };
        let since = self.windows[&(rule.within, rule.kind)];
        let lines = self.tape.iter().filter(|line| since.sees(line));
        let lines = lines.filter(|line| line.time + u64::from(seconds) * SECOND > new.time);
        lines.map(of).sum()
    }

    fn velocity(&self, new: &Move) -> Answer {
        let paid = |line: &Move| if line.pays { line.amount } else { 0 };
        let got = |line: &Move| if line.pays { 0 } else { line.amount };
        let booked = |line: &Move| if line.pays { 0 } else { line.booked };
        for rule in &self.rules {
            let legs = |line: &Move| if line.pays == new.pays { line.legs } else { 0 };
            let (moved, exact) = match (KINDS[rule.kind], new.pays) {
                ("debit", true) => (
                    self.slices(rule, new, 50, paid),
                    self.exactly(rule, new, paid),
                ),
                ("credit", false) => (
                    self.slices(rule, new, 50, got),
                    self.exactly(rule, new, got),
                ),
                ("net", true) => (
                    self.slices(rule, new, 50, paid) - self.slices(rule, new, 49, booked),
                    self.exactly(rule, new, paid) - self.exactly(rule, new, booked),
                ),
                _ => continue,
            };
            // The rounding never lets more through than the rule says.
            assert!(exact <= moved, "{rule:?}");
            if rule.amount.is_some_and(|most| moved + new.amount > most) {
                return Err("LIMIT_VELOCITY");
            }
            let legs = self.slices(rule, new, 50, legs);
            if rule.count.is_some_and(|most| legs + new.legs > most) {
                return Err("LIMIT_VELOCITY");
            }
        }
        Ok(())
    }

    fn daily(&self, new: &Move) -> Answer {
        let Some(other) = new.other else {
            return Ok(());
        };
        let net = |to: Option<&'static str>| -> i128 {
            let since = self.days[&to];
            let lines = self.tape.iter().filter(|line| since.sees(line));
            let lines = lines.filter(|line| line.date == new.date);
            let lines = lines.filter(|line| match to {
                None => line.other.is_some(),
                to => line.other == to,
            });
            lines
                .map(|line| if line.pays { line.amount } else { -line.booked })
                .sum()
        };
        for (bank, most) in &self.pairs {
            if *bank == other && net(Some(bank)) + new.amount > *most {
                return Err("LIMIT_BILATERAL");
            }
        }
        match self.all.is_some_and(|most| net(None) + new.amount > most) {
            true => Err("LIMIT_MULTILATERAL"),
            false => Ok(()),
        }
    }
}

/// The day, week or month of a line.
fn named(period: &str, line: &Move) -> (bool, String) {
    let (business, date) = line.date;
    let days = jiff::Span::new().days(i64::from(date));
    let date = jiff::civil::date(1970, 1, 1) + days;
    let form = match period {
        "day" => "%Y-%m-%d",
        "week" => "%G-%V",
        _ => "%Y-%m",
    };
    (business, date.strftime(form).to_string())
}

impl Reference {
    pub(super) fn limits(
        &mut self,
        address: &str,
        limits: &[Option<Typed>; 3],
        asked: &Asked,
    ) -> Answer {
        let account = self.accounts.get(address).ok_or("ACCOUNT_UNKNOWN")?;
        let mut units = [None; 3];
        for (units, limit) in units.iter_mut().zip(limits) {
            *units = limit
                .map(|limit| limit.as_limit(account.asset))
                .transpose()?;
        }
        let credit_line = units[0].unwrap_or(0);
        self.limited(address, asked, credit_line)?;
        let account = self.accounts.get_mut(address).unwrap();
        account.credit_line = credit_line;
        account.min_balance = units[1].unwrap_or(0);
        account.largest = units[2];
        Ok(())
    }

    /// Whether an account of its kind may have such limits.
    pub(super) fn may_be_limited(&self, address: &str, credit_line: i128) -> Answer {
        let account = &self.accounts[address];
        let lends = kind(address) == "settlement";
        match !account.floor || (!lends && credit_line != 0) {
            true => Err("ACCOUNT_KIND_NOT_ALLOWED"),
            false => Ok(()),
        }
    }

    fn moves(&self, from: &str, to: &str, units: i128, how: How) -> [Move; 2] {
        let (payer, payee) = (self.owner(from), self.owner(to));
        let between = how != How::Funds && payer != payee;
        let line = |pays, other| Move {
            turn: 0,
            time: self.now,
            date: self.date_at(self.accounts[from].asset, self.now),
            back: false,
            pays,
            other: between.then_some(other),
            amount: units,
            booked: match how {
                How::Reserves => 0,
                How::Captures(all) => all,
                _ => units,
            },
            legs: i128::from(!matches!(how, How::Captures(_))),
        };
        [line(true, payee), line(false, payer)]
    }

    /// The date of an asset at a time, and whether it is a business date: that which had opened last.
    fn date_at(&self, asset: usize, time: u64) -> (bool, u32) {
        let opened = self.opened[asset].iter();
        match opened.rev().find(|(began, _)| *began <= time) {
            Some((_, date)) => (true, super::dated::date(i64::from(*date)).days()),
            None => (false, u32::try_from(time / DAY).unwrap()),
        }
    }

    fn write(&mut self, address: &str, mut line: Move) {
        self.turn += 1;
        line.turn = self.turn;
        self.accounts
            .get_mut(address)
            .unwrap()
            .limited
            .tape
            .push(line);
    }

    /// Asks the limits of both accounts, and writes both tapes.
    pub(super) fn counted(
        &mut self,
        signers: &[&'static str],
        (from, to): (&str, &str),
        units: i128,
        how: How,
    ) -> Answer {
        let [paid, got] = self.moves(from, to, units, how);
        let knows = |owner| signers.contains(&owner) || signers.contains(&"operators");
        let captured_within = matches!(how, How::Captures(_)) && units == 0;
        if !captured_within {
            let payee = &self.accounts[to];
            let then = payee.balance + payee.receiving + units;
            if payee.limited.top.is_some_and(|top| then > top) {
                return Err("MAX_BALANCE");
            }
            let told = |code| match knows(self.owner(to)) {
                true => code,
                false => "MAX_BALANCE",
            };
            payee.limited.velocity(&got).map_err(told)?;
            let payer = &self.accounts[from].limited;
            let answer = payer.velocity(&paid);
            let answer = answer.and_then(|()| payer.daily(&paid));
            answer.map_err(|code| match knows(self.owner(from)) {
                true => code,
                false => "INSUFFICIENT_FUNDS",
            })?;
        }
        if units > 0 {
            self.write(from, paid);
        }
        self.write(to, got);
        Ok(())
    }

    /// Strikes off what was reserved at a time and is no longer.
    pub(super) fn struck(&mut self, (from, to): (&str, &str), made: u64, units: i128, legs: i128) {
        for (address, mut line) in
            [from, to]
                .into_iter()
                .zip(self.moves(from, to, -units, How::Reserves))
        {
            line.time = made;
            line.date = self.date_at(self.accounts[from].asset, made);
            line.back = true;
            line.legs = -legs;
            self.write(address, line);
        }
    }

    pub(super) fn limited(&mut self, address: &str, asked: &Asked, line: i128) -> Answer {
        let account = &self.accounts[address];
        let (asset, owner) = (account.asset, self.owner(address));
        let closed = account.is_closed();
        let units = |amount: &Option<Typed>| amount.map(|a| a.as_limit(asset)).transpose();
        let mut new = Limited {
            top: units(&asked.top)?,
            all: units(&asked.all)?,
            ..Limited::default()
        };
        for (within, kind, amount, count) in &asked.rules {
            new.rules.push(Rule {
                within: *within,
                kind: *kind,
                amount: units(amount)?,
                count: count.map(i128::from),
            });
        }
        for (bank, amount) in &asked.pairs {
            new.pairs.push((bank, amount.as_limit(asset)?));
        }
        if closed {
            return Err("ACCOUNT_CLOSED");
        }
        if new.pairs.iter().any(|(bank, _)| *bank == "bank-x") {
            return Err("PARTICIPANT_UNKNOWN");
        }
        self.may_be_limited(address, line)?;
        let silent = |rule: &Rule| rule.amount.is_none() && rule.count.is_none();
        let counts_net = |rule: &Rule| KINDS[rule.kind] == "net" && rule.count.is_some();
        let rules = new.rules.iter().map(|rule| (rule.within, rule.kind));
        let banks = new.pairs.iter().map(|(bank, _)| *bank);
        let twice = has_twice(rules.collect()) || has_twice(banks.collect());
        if twice
            || new
                .rules
                .iter()
                .any(|rule| silent(rule) || counts_net(rule))
            || new.pairs.iter().any(|(bank, _)| *bank == owner)
        {
            return Err("LIMITS_INVALID");
        }
        self.turn += 1;
        let since = Since {
            turn: self.turn,
            time: self.now,
        };
        let limited = &mut self.accounts.get_mut(address).unwrap().limited;
        for rule in &new.rules {
            let key = (rule.within, rule.kind);
            let known = limited.windows.get(&key).copied();
            new.windows.insert(key, known.unwrap_or(since));
        }
        let banks = new.pairs.iter().map(|(bank, _)| Some(*bank));
        for to in banks.chain(new.all.map(|_| None)) {
            let known = limited.days.get(&to).copied();
            new.days.insert(to, known.unwrap_or(since));
        }
        new.tape = std::mem::take(&mut limited.tape);
        new.bans = std::mem::take(&mut limited.bans);
        *limited = new;
        Ok(())
    }
}

fn has_twice<T: Ord>(mut list: Vec<T>) -> bool {
    list.sort();
    list.windows(2).any(|pair| pair[0] == pair[1])
}
