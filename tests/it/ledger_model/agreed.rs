//! Proposals in the reference: a folder of papers, each with a list of who has to sign.

use std::collections::BTreeSet;

use super::BANKS;
use super::formed::If;
use super::reference::{Answer, Leg, Reference, Wish};
use super::standing::Change;

/// One paper.
#[derive(Debug, Clone)]
pub(super) struct Paper {
    pub(super) maker: &'static str,
    pub(super) what: Vec<(u64, Wish)>,
    made: u64,
    until: u64,
    pub(super) asked: BTreeSet<&'static str>,
    two_operators: bool,
    /// The keys that signed.
    pub(super) keys: BTreeSet<&'static str>,
    /// What whoever comes later is told.
    pub(super) over_with: Option<&'static str>,
}

/// Times in a paper are of the day on which it was written: so many milliseconds ago.
fn as_of_now(wish: &Wish, since: u64) -> Wish {
    let mut wish = wish.clone();
    let times = match &mut wish {
        Wish::Reserve(_, after, ..) | Wish::Freeze(_, _, _, _, after) => vec![after],
        Wish::Wait(_, _, times) => times.iter_mut().collect(),
        Wish::Grant(asked) => vec![&mut asked.after],
        _ => vec![],
    };
    for time in times.into_iter().flatten() {
        *time = time.saturating_sub(since);
    }
    match &mut wish {
        Wish::Told(told) => earlier(&mut told.ifs, since),
        Wish::Split(shares) => earlier(&mut shares.ifs, since),
        Wish::Price(stated) => {
            stated.begins = stated.begins.map(|ms| ms.saturating_sub_unsigned(since));
            stated.ends = stated.ends.saturating_sub_unsigned(since);
        }
        Wish::Offer(offered) => offered.ends = offered.ends.saturating_sub(since),
        _ => {}
    }
    wish
}

fn earlier(ifs: &mut [If], since: u64) {
    for one in ifs {
        if let If::By(ms) = one {
            *ms = ms.saturating_sub_unsigned(since);
        }
    }
}

/// Whose key it is: each bank has one, the operators two.
fn whose(key: &'static str) -> &'static str {
    key.split('/').next().unwrap()
}

impl Reference {
    /// Ends the papers whose time has come.
    pub(super) fn throw_away(&mut self) {
        let now = self.now;
        for paper in self.papers.values_mut() {
            if paper.over_with.is_none() && paper.until <= now {
                paper.over_with = Some("APPROVAL_EXPIRED");
            }
        }
    }

    pub(super) fn propose(
        &mut self,
        maker: &'static str,
        id: u64,
        what: &[(u64, Wish)],
        after: u64,
    ) -> Answer {
        let (asked, two_operators) = self.asks(maker, what)?;
        if after == 0 {
            return Err("EXPIRY_INVALID");
        }
        if !asked.contains(maker) {
            return Err("PROPOSAL_NOT_YOURS");
        }
        if self.papers.contains_key(&id) {
            return Err("PROPOSAL_EXISTS");
        }
        let paper = Paper {
            maker,
            what: what.to_vec(),
            made: self.now,
            until: self.now + after * 1_000_000,
            keys: self.pens(&asked),
            asked,
            two_operators,
            over_with: None,
        };
        self.papers.insert(id, paper);
        Ok(())
    }

    /// Who has to sign, and whether it takes two operators.
    fn asks(
        &self,
        maker: &'static str,
        what: &[(u64, Wish)],
    ) -> Result<(BTreeSet<&'static str>, bool), &'static str> {
        let (mut asked, mut two_operators) = (BTreeSet::new(), false);
        for (_, wish) in what {
            match wish {
                Wish::Pay(legs) | Wish::Net(legs) => self.payers(legs, &mut asked)?,
                Wish::Wait(legs, ..) | Wish::Dated(legs, ..) => self.payers(legs, &mut asked)?,
                Wish::Reserve(legs, ..) => self.payers(legs, &mut asked)?,
                Wish::Clear(_, payments) => {
                    for (from, ..) in payments {
                        if !BANKS.contains(from) && *from != "operators" {
                            return Err("MEMBER_UNKNOWN");
                        }
                        asked.insert(*from);
                    }
                }
                Wish::Redeem(from, _) => {
                    if !self.accounts.contains_key(from) {
                        return Err("ACCOUNT_UNKNOWN");
                    }
                    asked.extend(["operators", self.signer(from)]);
                }
                Wish::Lift(..)
                | Wish::Reverse(..)
                | Wish::Stand(_, Change::Resume | Change::End | Change::Via(_))
                | Wish::Tariff(_) => {
                    asked.insert("operators");
                    two_operators = true;
                }
                Wish::Split(shares) => {
                    for (address, _) in &shares.pays {
                        self.there([address])?;
                        asked.insert(self.signer(address));
                    }
                    self.there(shares.gets.iter().map(|(address, _)| address))?;
                }
                Wish::Told(told) => self.payers(&told.legs, &mut asked)?,
                Wish::Exchange(wish) => {
                    self.there([&wish.debit, &wish.credit])?;
                    asked.insert(self.signer(&wish.debit));
                }
                Wish::Price(_) | Wish::EndPrice(..) if !self.dealers.contains(maker) => {
                    asked.insert("operators");
                }
                Wish::Price(_) | Wish::EndPrice(..) | Wish::Offer(_) => {
                    asked.insert(maker);
                }
                Wish::Grant(_) | Wish::Revoke(_) => {
                    asked.insert(maker);
                }
                Wish::Return(..) | Wish::Recall(_) | Wish::RefuseRecall(_) => {
                    asked.insert(maker);
                }
                Wish::Capture(..)
                | Wish::Void(_)
                | Wish::Cancel(_)
                | Wish::Requeue(..)
                | Wish::Earmark(..) => {
                    asked.insert(maker);
                }
                _ => {
                    asked.insert("operators");
                }
            }
        }
        Ok((asked, two_operators))
    }

    fn payers(&self, legs: &[Leg], asked: &mut BTreeSet<&'static str>) -> Answer {
        for leg in legs {
            self.there([&leg.debit, &leg.credit])?;
            asked.insert(self.signer(&leg.debit));
        }
        Ok(())
    }

    fn there<'a>(&self, addresses: impl IntoIterator<Item = &'a String>) -> Answer {
        let mut addresses = addresses.into_iter();
        match addresses.all(|address| self.accounts.contains_key(address)) {
            true => Ok(()),
            false => Err("ACCOUNT_UNKNOWN"),
        }
    }

    /// What is said of a wish that was granted, when so many payments waited before.
    pub(super) fn word(&self, wish: &Wish, list: usize) -> &'static str {
        match wish {
            Wish::Pay(_) | Wish::Issue(..) | Wish::Redeem(..) | Wish::Capture(..) => "SETTLED",
            Wish::Return(..) | Wish::Reverse(..) => "SETTLED",
            Wish::Recall(_) => "RECALLED",
            Wish::Net(_) | Wish::Split(_) | Wish::Told(_) | Wish::Exchange(_) => "SETTLED",
            Wish::Dated(..) if self.waiting.len() > list => "QUEUED",
            Wish::Dated(..) => "SETTLED",
            Wish::Wait(..) if self.waiting.len() > list => "QUEUED",
            Wish::Wait(..) => "SETTLED",
            Wish::Reserve(..) | Wish::Offer(_) => "RESERVED",
            Wish::Void(_) => "VOIDED",
            Wish::Clear(..) => "CLEARED",
            Wish::Propose(..) => "PROPOSED",
            Wish::Agree(of, ..) if self.papers[of].over_with.is_some() => "CARRIED_OUT",
            Wish::Agree(..) => "APPROVED",
            Wish::EndPaper(_, true) => "WITHDRAWN",
            Wish::EndPaper(_, false) => "DECLINED",
            _ => "APPLIED",
        }
    }

    /// The keys under this message of those who are asked.
    fn pens(&self, asked: &BTreeSet<&'static str>) -> BTreeSet<&'static str> {
        let keys = self.keys.iter().copied();
        keys.filter(|key| asked.contains(whose(key))).collect()
    }

    /// A paper that somebody who signs is asked to sign.
    fn paper(&self, of: u64) -> Result<Paper, &'static str> {
        let paper = self.papers.get(&of).ok_or("NOTHING_PENDING")?;
        match self.pens(&paper.asked).is_empty() {
            true => Err("NOTHING_PENDING"),
            false => Ok(paper.clone()),
        }
    }

    pub(super) fn agree(&mut self, ordinal: usize, of: u64, as_it_is: bool) -> Answer {
        let mut paper = self.paper(of)?;
        if let Some(answer) = paper.over_with {
            return Err(answer);
        }
        if !as_it_is {
            return Err("BODY_CHANGED");
        }
        let pens = self.pens(&paper.asked);
        if !paper.keys.is_disjoint(&pens) {
            return Err("SELF_APPROVAL");
        }
        paper.keys.extend(pens);
        let signed = |who: &&'static str| paper.keys.iter().any(|key| whose(key) == *who);
        let operators = paper.keys.iter().filter(|key| whose(key) == "operators");
        let both = operators.count() == 2;
        if paper.asked.iter().all(signed) && (both || !paper.two_operators) {
            let mut signers = vec![paper.maker];
            signers.extend(paper.asked.iter().filter(|who| **who != paper.maker));
            if both {
                signers.push("operators/k2");
            }
            let signers = self.with_reached(&signers);
            let since = (self.now - paper.made) / 1_000_000;
            for (id, wish) in &paper.what {
                let wish = &as_of_now(wish, since);
                let list = self.waiting.len();
                self.on_paper = true;
                self.said = None;
                let answer = self.carry(&signers, (ordinal, *id), wish);
                self.on_paper = false;
                answer?;
                let word = self.said.take().unwrap_or_else(|| self.word(wish, list));
                self.carried.push((*id, word));
            }
            paper.over_with = Some("PROPOSAL_OVER");
        }
        self.papers.insert(of, paper);
        Ok(())
    }

    pub(super) fn end_paper(&mut self, submitter: &'static str, of: u64, maker: bool) -> Answer {
        let mut paper = self.paper(of)?;
        if maker && paper.maker != submitter {
            return Err("PROPOSAL_NOT_YOURS");
        }
        if let Some(answer) = paper.over_with {
            return Err(answer);
        }
        paper.over_with = Some("PROPOSAL_OVER");
        self.papers.insert(of, paper);
        Ok(())
    }
}
