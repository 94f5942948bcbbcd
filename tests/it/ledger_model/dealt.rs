//! Foreign exchange in the reference: a price list, offers that are kept, and sums done as a fraction.

use super::formed::kind;
use super::held::Offer;
use super::limited::How;
use super::reference::{ASSETS, Answer, Leg, Reference, Typed};

/// A price: so many of one thing for so many of another.
pub(super) type Price = (i128, i128);

/// Where a price is kept to, and up to how much of the first asset.
pub(super) type Kept = (String, String, Typed);

/// A price on the list, with the times between which it holds, nanoseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) bid: Price,
    pub(super) ask: Price,
    pub(super) begins: u64,
    pub(super) ends: u64,
    kept: Option<(String, String, i128)>,
}

/// Prices of one bank and source, for one asset in another, one after the other.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) of: (&'static str, usize, usize, u8),
    pub(super) prices: Vec<Listed>,
}

/// What is asked for when somebody states a price.
#[derive(Debug, Clone)]
pub(super) struct Stated {
    pub(super) pair: (usize, usize),
    pub(super) source: u8,
    pub(super) bid: Price,
    pub(super) ask: Price,
    /// Milliseconds from now; a negative time is over.
    pub(super) begins: Option<i64>,
    pub(super) ends: i64,
    pub(super) kept: Option<Kept>,
}

/// What is asked for when somebody makes an offer.
#[derive(Debug, Clone)]
pub(super) struct Offered {
    pub(super) taker: &'static str,
    pub(super) receive: String,
    pub(super) source: Typed,
    pub(super) debit: String,
    pub(super) credit: String,
    pub(super) target: Typed,
    /// Milliseconds from now.
    pub(super) ends: u64,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum At {
    Offer(u64),
    Price(&'static str, u8),
}

/// What is asked for when somebody exchanges.
#[derive(Debug, Clone)]
pub(super) struct Exchanged {
    pub(super) debit: String,
    pub(super) credit: String,
    /// Whether what is paid is stated, or what is received.
    pub(super) pays: bool,
    pub(super) amount: Typed,
    pub(super) limit: Typed,
    pub(super) at: At,
}

/// What is paid and received, and through which accounts of the dealer.
struct Deal {
    paid: i128,
    received: i128,
    till: (String, String),
    offer: Option<u64>,
}

fn later(now: u64, milliseconds: i64) -> u64 {
    now.saturating_add_signed(milliseconds * 1_000_000)
}

impl Reference {
    pub(super) fn provider(&mut self, bank: &'static str, active: bool) -> Answer {
        match bank {
            "bank-x" => return Err("PARTICIPANT_UNKNOWN"),
            "operators" if active => return Err("PARTICIPANT_NOT_BANK"),
            _ => {}
        }
        if self.dealers.contains(bank) == active {
            return Err("NO_CHANGE");
        }
        match active {
            true => self.dealers.insert(bank),
            false => self.dealers.remove(bank),
        };
        self.prices.retain(|line| line.of.0 != bank);
        Ok(())
    }

    fn lister(&self, signers: &[&'static str]) -> Result<&'static str, &'static str> {
        match self.dealers.contains(signers[0]) {
            true => Ok(signers[0]),
            false if signers.contains(&"operators") => Ok("operators"),
            false => Err("QUORUM_NOT_MET"),
        }
    }

    pub(super) fn state_price(&mut self, signers: &[&'static str], stated: &Stated) -> Answer {
        let lister = self.lister(signers)?;
        let (base, quote) = stated.pair;
        if base >= ASSETS.len() || quote >= ASSETS.len() {
            return Err("ASSET_UNKNOWN");
        }
        let kept = match &stated.kept {
            None => None,
            Some((first, second, most)) => {
                let known = |address: &String| self.accounts.get(address).ok_or("ACCOUNT_UNKNOWN");
                let (one, other) = (known(first)?, known(second)?);
                if self.owner(first) != lister || self.owner(second) != lister {
                    return Err("NOT_OWNER");
                }
                if (one.asset, other.asset) != stated.pair {
                    return Err("ASSET_MISMATCH");
                }
                let most = most.to_units(base)?;
                if one.is_closed() || other.is_closed() {
                    return Err("ACCOUNT_CLOSED");
                }
                let till = |address: &String| kind(address) == "settlement";
                if !till(first) || !till(second) {
                    return Err("ACCOUNT_KIND_NOT_ALLOWED");
                }
                Some((first.clone(), second.clone(), most))
            }
        };
        let begins = stated
            .begins
            .map_or(0, |ms| later(self.now, ms))
            .max(self.now);
        let ends = later(self.now, stated.ends);
        if ends <= begins {
            return Err("EXPIRY_INVALID");
        }
        let ((bid, of_bid), (ask, of_ask)) = (stated.bid, stated.ask);
        if base == quote || bid * of_ask > ask * of_bid {
            return Err("RATE_INVALID");
        }
        let of = (lister, base, quote, stated.source);
        let mut line = self.take_line(of);
        line.prices
            .retain(|price| price.begins < begins && price.ends > self.now);
        for price in &mut line.prices {
            price.ends = price.ends.min(begins);
        }
        line.prices.retain(|price| price.ends > self.now);
        if line.prices.len() >= 8 {
            return Err("RATES_TOO_MANY");
        }
        let (bid, ask) = (stated.bid, stated.ask);
        line.prices.push(Listed {
            bid,
            ask,
            begins,
            ends,
            kept,
        });
        self.prices.push(line);
        Ok(())
    }

    fn take_line(&mut self, of: (&'static str, usize, usize, u8)) -> Line {
        match self.prices.iter().position(|line| line.of == of) {
            Some(at) => self.prices.remove(at),
            None => Line {
                of,
                prices: Vec::new(),
            },
        }
    }

    pub(super) fn end_price(
        &mut self,
        signers: &[&'static str],
        (base, quote): (usize, usize),
        source: u8,
    ) -> Answer {
        let lister = self.lister(signers)?;
        if base >= ASSETS.len() || quote >= ASSETS.len() {
            return Err("ASSET_UNKNOWN");
        }
        let before = self.prices.len();
        self.prices
            .retain(|line| line.of != (lister, base, quote, source));
        match self.prices.len() < before {
            true => Ok(()),
            false => Err("NO_CHANGE"),
        }
    }

    pub(super) fn offer(&mut self, signers: &[&'static str], id: u64, offered: &Offered) -> Answer {
        let known = |address: &String| self.accounts.contains_key(address);
        let Offered { receive, debit, .. } = offered;
        if !known(receive) || !known(debit) || !known(&offered.credit) {
            return Err("ACCOUNT_UNKNOWN");
        }
        let dealer = self.owner(debit);
        if !signers.contains(&dealer) || self.owner(receive) != dealer {
            return Err("NOT_OWNER");
        }
        let (paid, received) = (self.accounts[receive].asset, self.accounts[debit].asset);
        if paid == received {
            return Err("ASSET_MISMATCH");
        }
        let source = offered.source.to_units(paid)?;
        let leg = Leg {
            debit: debit.clone(),
            credit: offered.credit.clone(),
            asset: ASSETS[received].0,
            amount: offered.target,
        };
        let offer = Offer {
            taker: offered.taker,
            receive: receive.clone(),
            source,
        };
        self.keep_offer(signers, id, (leg, offer), offered.ends)
    }

    pub(super) fn exchange(&mut self, signers: &[&'static str], wish: &Exchanged) -> Answer {
        let Exchanged { debit, credit, .. } = wish;
        let payer = self.accounts.get(debit).ok_or("ACCOUNT_UNKNOWN")?;
        let payee = self.accounts.get(credit).ok_or("ACCOUNT_UNKNOWN")?;
        if !signers.contains(&self.owner(debit)) {
            return Err("NOT_OWNER");
        }
        let pair = (payer.asset, payee.asset);
        if self.suspended[pair.0] || self.suspended[pair.1] {
            return Err("ASSET_SUSPENDED");
        }
        if matches!(wish.at, At::Price(..)) {
            self.are_open(&[debit, credit])?;
        }
        let (stated, other) = match wish.pays {
            true => pair,
            false => (pair.1, pair.0),
        };
        let amount = wish.amount.to_units(stated)?;
        let limit = wish.limit.as_limit(other)?;
        let deal = match wish.at {
            At::Offer(id) => self.offered(signers, id, wish, amount)?,
            At::Price(bank, source) => self.priced((bank, source), pair, wish.pays, amount)?,
        };
        let good = match wish.pays {
            true => deal.received >= limit,
            false => deal.paid <= limit,
        };
        if !good {
            return Err("AMOUNT_MISMATCH");
        }
        self.hand_over(signers, (debit, &deal.till.0), deal.paid)?;
        if let Some(id) = deal.offer {
            return self.take_offer(signers, id);
        }
        let answer = self.hand_over(signers, (&deal.till.1, credit), deal.received);
        answer.map_err(|code| match code {
            "INSUFFICIENT_FUNDS" | "LIMIT_PER_TRANSFER" | "PARTICIPANT_SUSPENDED" => {
                "INVENTORY_SHORT"
            }
            other => other,
        })
    }

    /// One side of it: a payment like any other.
    fn hand_over(
        &mut self,
        signers: &[&'static str],
        (from, to): (&str, &str),
        units: i128,
    ) -> Answer {
        let asset = self.accounts[from].asset;
        let (name, decimals) = ASSETS[asset];
        let amount = Typed { units, decimals };
        self.joins(&Leg {
            debit: from.into(),
            credit: to.into(),
            asset: name,
            amount,
        })?;
        self.post(signers, (from, to), amount, How::Settles)?;
        Ok(())
    }

    fn offered(
        &self,
        signers: &[&'static str],
        id: u64,
        wish: &Exchanged,
        amount: i128,
    ) -> Result<Deal, &'static str> {
        let (offer, till, credit, received) = self.find_offer(signers, id)?;
        let same = self.accounts[&offer.receive].asset == self.accounts[&wish.debit].asset;
        if credit != wish.credit || !same {
            return Err("QUOTE_DIFFERS");
        }
        if amount != if wish.pays { offer.source } else { received } {
            return Err("AMOUNT_MISMATCH");
        }
        Ok(Deal {
            paid: offer.source,
            received,
            till: (offer.receive, till),
            offer: Some(id),
        })
    }

    fn priced(
        &self,
        (bank, source): (&'static str, u8),
        (from, to): (usize, usize),
        pays: bool,
        amount: i128,
    ) -> Result<Deal, &'static str> {
        let line = |base, quote| {
            let of = (bank, base, quote, source);
            self.prices.iter().find(|line| line.of == of)
        };
        let (line, sells) = match (line(from, to), line(to, from)) {
            (Some(line), _) => (line, true),
            (None, Some(line)) => (line, false),
            (None, None) => return Err("RATE_GAP"),
        };
        let holds = |price: &&Listed| price.begins <= self.now && self.now < price.ends;
        let over = line.prices.iter().any(|price| price.ends <= self.now);
        let missing = if over { "RATE_STALE" } else { "RATE_GAP" };
        let price = line.prices.iter().find(holds).ok_or(missing)?;
        let (first, second, most) = price.kept.clone().ok_or("RATE_INDICATIVE")?;
        // received / paid, in the units that each asset has.
        let (up, down) = match sells {
            true => price.bid,
            false => (price.ask.1, price.ask.0),
        };
        let (up, down) = (
            up * 10i128.pow(ASSETS[to].1),
            down * 10i128.pow(ASSETS[from].1),
        );
        let (paid, received) = match pays {
            true => (amount, (amount * up).div_euclid(down)),
            false => (-(-amount * down).div_euclid(up), amount),
        };
        if received == 0 {
            return Err("ROUNDS_TO_ZERO");
        }
        let (in_base, till) = match sells {
            true => (paid, (first, second)),
            false => (received, (second, first)),
        };
        if in_base > most {
            return Err("CONVERSION_TOO_LARGE");
        }
        Ok(Deal {
            paid,
            received,
            till,
            offer: None,
        })
    }
}
