//! Freezes in the reference: lists of what is stopped, looked through anew whenever somebody asks.

use super::reference::{Answer, Reference, Typed};

/// What a freeze stops, as it is written.
pub(super) const LEVELS: [&str; 4] = ["no_debit", "no_credit", "none_allowed", "amount"];

/// Whom a freeze is for.
#[derive(Debug, Clone)]
pub(super) enum Target {
    Account(String),
    Bank(&'static str),
}

#[derive(Debug, Clone)]
pub(super) struct Ban {
    case: u64,
    level: usize,
    amount: i128,
    until: Option<u64>,
}

impl Ban {
    fn holds(&self, now: u64) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

impl Reference {
    fn bans(&self, address: &str) -> impl Iterator<Item = &Ban> {
        let account = &self.accounts[address];
        let owner = self.banned.get(self.owner(address));
        let all = account
            .limited
            .bans
            .iter()
            .chain(owner.into_iter().flatten());
        all.filter(|ban| ban.holds(self.now))
    }

    pub(super) fn may_pay(&self, address: &str) -> bool {
        !self
            .bans(address)
            .any(|ban| ["no_debit", "none_allowed"].contains(&LEVELS[ban.level]))
    }

    pub(super) fn may_get(&self, address: &str) -> bool {
        !self
            .bans(address)
            .any(|ban| ["no_credit", "none_allowed"].contains(&LEVELS[ban.level]))
    }

    /// What may be paid, after what freezes keep.
    pub(super) fn free(&self, address: &str) -> i128 {
        let kept: i128 = self.bans(address).map(|ban| ban.amount).sum();
        self.accounts[address].available() - kept
    }

    fn list(&mut self, target: &Target) -> Result<&mut Vec<Ban>, &'static str> {
        match target {
            Target::Account(address) => {
                let account = self.accounts.get_mut(address).ok_or("ACCOUNT_UNKNOWN")?;
                Ok(&mut account.limited.bans)
            }
            Target::Bank("bank-x") => Err("PARTICIPANT_UNKNOWN"),
            Target::Bank(bank) => Ok(self.banned.entry(bank).or_default()),
        }
    }

    pub(super) fn ban(
        &mut self,
        target: &Target,
        case: u64,
        level: usize,
        amount: Option<Typed>,
        after: Option<u64>,
    ) -> Answer {
        self.list(target)?;
        let amount = match (LEVELS[level], amount, target) {
            ("amount", Some(amount), Target::Account(address)) => {
                amount.to_units(self.accounts[address].asset)?
            }
            ("amount", ..) | (_, Some(_), _) => return Err("FREEZE_INVALID"),
            _ => 0,
        };
        if after == Some(0) {
            return Err("EXPIRY_INVALID");
        }
        match target {
            Target::Account(address) if !self.accounts[address].is_bounded() => {
                return Err("ACCOUNT_KIND_NOT_ALLOWED");
            }
            Target::Bank("operators") => return Err("PARTICIPANT_NOT_BANK"),
            _ => {}
        }
        let now = self.now;
        let list = self.list(target)?;
        let in_force: Vec<&Ban> = list.iter().filter(|ban| ban.holds(now)).collect();
        if in_force.iter().any(|ban| ban.case == case) {
            return Err("CASE_EXISTS");
        }
        if in_force.len() >= 16 {
            return Err("FREEZES_TOO_MANY");
        }
        list.push(Ban {
            case,
            level,
            amount,
            until: after.map(|ms| now + ms * 1_000_000),
        });
        Ok(())
    }

    pub(super) fn unban(&mut self, signers: &[&'static str], target: &Target, case: u64) -> Answer {
        let now = self.now;
        let list = self.list(target)?;
        let before = list.len();
        list.retain(|ban| ban.case != case || !ban.holds(now));
        if list.len() == before {
            return Err("CASE_UNKNOWN");
        }
        match signers.contains(&"operators/k2") {
            true => Ok(()),
            false => Err("FOUR_EYES_NEEDED"),
        }
    }
}
