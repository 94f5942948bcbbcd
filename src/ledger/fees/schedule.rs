//! A schedule in minor units and numbers, and what is due by it: whole numbers, and one rounding for
//! each fee and each tax.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::instruction::FeePayer;
use crate::ledger::account::{Account, AccountKind};
use crate::ledger::id::InstructionId;

/// Hundredths of a percent in one.
const BPS: u128 = 10_000;

/// The schedule of an asset as one instruction set it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeeSchedule {
    /// Number, from 1 on, in its asset.
    pub number: u64,
    /// Id of the instruction.
    pub id: InstructionId,
    /// Index of its entry.
    pub index: u64,
    /// Time of that entry, nanoseconds since 1970 UTC: in force since then.
    pub time: u64,
    /// Number of the account that fees go to; of a schedule by which nothing is due, 0.
    pub account: u64,
    /// Tax on every fee.
    pub tax: Option<TaxTerms>,
    /// The rules, in order.
    pub rules: Vec<FeeTerms>,
    /// What is due for each month, in order.
    pub monthly: Vec<MonthlyTerms>,
}

/// A tax on fees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxTerms {
    /// Number of the account that it goes to.
    pub account: u64,
    /// Hundredths of a percent of the fee.
    pub bps: u32,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeeTerms {
    /// Kind of the account debited, if not any.
    pub debit_kind: Option<AccountKind>,
    /// Kind of the account credited, if not any.
    pub credit_kind: Option<AccountKind>,
    /// Number of the participant debited, if not anybody.
    pub debit_owner: Option<u32>,
    /// Number of the participant credited, if not anybody.
    pub credit_owner: Option<u32>,
    /// How much, by amounts; none if nothing is due.
    pub bands: Vec<FeeBand>,
    /// The least that it comes to, minor units.
    pub min: u128,
    /// The most.
    pub max: Option<u128>,
    /// Who pays it; nobody if nothing is due.
    pub payer: Option<FeePayer>,
}

/// One rule of what is due for a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthlyTerms {
    /// Kind of the account, if not any.
    pub kind: Option<AccountKind>,
    /// Number of its owner, if not anybody.
    pub owner: Option<u32>,
    /// How much, minor units; nothing is due if it is 0.
    pub flat: u128,
}

/// What is due on amounts up to a bound, minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeeBand {
    /// The largest amount in it; the last band has none.
    pub up_to: Option<u128>,
    /// The same for every amount.
    pub flat: u128,
    /// Hundredths of a percent of the amount, beside that.
    pub bps: u32,
}

/// What one side of a leg pays besides, minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::ledger) struct Charge {
    /// The fee.
    pub(in crate::ledger) fee: u128,
    /// The tax on it.
    pub(in crate::ledger) tax: u128,
}

impl Charge {
    /// Both.
    pub(in crate::ledger) const fn sum(self) -> u128 {
        self.fee.saturating_add(self.tax)
    }
}

/// Half-up, in hundredths of a percent. Both factors are far below what would not fit.
const fn part(amount: u128, bps: u32) -> u128 {
    amount
        .saturating_mul(bps as u128)
        .saturating_add(BPS / 2)
        .wrapping_div(BPS)
}

impl FeeTerms {
    fn is_for(&self, debit: &Account, credit: &Account) -> bool {
        self.debit_kind.is_none_or(|kind| kind == debit.kind)
            && self.credit_kind.is_none_or(|kind| kind == credit.kind)
            && self.debit_owner.is_none_or(|owner| owner == debit.owner)
            && self.credit_owner.is_none_or(|owner| owner == credit.owner)
    }

    /// The fee on an amount, minor units: rounded once, then not less than the least and not more than
    /// the most.
    #[must_use]
    pub fn on(&self, amount: u128) -> u128 {
        let within = |band: &&FeeBand| band.up_to.is_none_or(|most| amount <= most);
        let band = self.bands.iter().find(within);
        let fee = band.map_or(0, |band| band.flat.saturating_add(part(amount, band.bps)));
        let most = self.max.unwrap_or(u128::MAX);
        fee.max(self.min).min(most)
    }
}

/// Whether an account is of a kind that may be charged.
const fn is_charged(account: &Account) -> bool {
    matches!(
        account.kind,
        AccountKind::Settlement | AccountKind::Customer
    )
}

impl FeeSchedule {
    /// The rule for a pair of accounts by which something is due, if there is one. Only payments between
    /// participants' own and their customers' accounts are charged.
    pub(in crate::ledger) fn rule(&self, debit: &Account, credit: &Account) -> Option<&FeeTerms> {
        if !is_charged(debit) || !is_charged(credit) {
            return None;
        }
        let mut rules = self.rules.iter();
        let rule = rules.find(|rule| rule.is_for(debit, credit))?;
        rule.payer.is_some().then_some(rule)
    }

    /// What debtor and creditor of a leg pay besides; `None` for a side that pays nothing.
    pub(in crate::ledger) fn due(
        &self,
        rule: &FeeTerms,
        amount: u128,
        payer: FeePayer,
    ) -> [Option<Charge>; 2] {
        let fee = rule.on(amount);
        let of = |fee: u128| {
            let tax = self.tax.map_or(0, |tax| part(fee, tax.bps));
            Some(Charge { fee, tax })
        };
        match payer {
            FeePayer::Debtor => [of(fee), None],
            FeePayer::Creditor => [None, of(fee)],
            FeePayer::Shared => {
                let half = fee.wrapping_div(2);
                [of(fee.saturating_sub(half)), of(half)]
            }
        }
    }

    /// What is due of an account for a month: by the first rule that is for it.
    pub(super) fn due_monthly(&self, account: &Account) -> Option<Charge> {
        let is_for = |rule: &&MonthlyTerms| {
            rule.kind.is_none_or(|kind| kind == account.kind)
                && rule.owner.is_none_or(|owner| owner == account.owner)
        };
        let rule = self.monthly.iter().find(is_for)?;
        let charged = is_charged(account) && rule.flat > 0;
        charged.then(|| Charge {
            fee: rule.flat,
            tax: self.tax.map_or(0, |tax| part(rule.flat, tax.bps)),
        })
    }

    /// Whether it says of anything that it is due.
    #[must_use]
    pub const fn charges(&self) -> bool {
        !self.rules.is_empty() || !self.monthly.is_empty()
    }

    /// Whether it names an account.
    pub(in crate::ledger) fn names(&self, account: u64) -> bool {
        let taxed = self.tax.is_some_and(|tax| tax.account == account);
        self.charges() && (self.account == account || taxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(bands: &[(Option<u128>, u128, u32)], min: u128, max: Option<u128>) -> FeeTerms {
        let bands = bands.iter().map(|(up_to, flat, bps)| FeeBand {
            up_to: *up_to,
            flat: *flat,
            bps: *bps,
        });
        FeeTerms {
            debit_kind: None,
            credit_kind: None,
            debit_owner: None,
            credit_owner: None,
            bands: bands.collect(),
            min,
            max,
            payer: Some(FeePayer::Shared),
        }
    }

    #[test]
    fn a_fee_is_rounded_half_up_once_and_bounded_after() {
        let bps = terms(&[(None, 0, 25)], 0, None);
        for (amount, fee) in [
            (0, 0),
            (199, 0),
            (200, 1),
            (599, 1),
            (600, 2),
            (40_000, 100),
        ] {
            assert_eq!(bps.on(amount), fee, "{amount}");
        }
        let bounded = terms(&[(None, 0, 25)], 5, Some(50));
        assert_eq!(
            [1, 2_200, 20_000, 1 << 95].map(|a| bounded.on(a)),
            [5, 6, 50, 50]
        );
        let tiers = terms(
            &[(Some(100), 10, 0), (Some(1_000), 5, 100), (None, 0, 50)],
            0,
            None,
        );
        assert_eq!(
            [1, 100, 101, 1_000, 1_001].map(|a| tiers.on(a)),
            [10, 10, 6, 15, 5]
        );
    }

    #[test]
    fn nothing_overflows() {
        let most = (1u128 << 96) - 1;
        let all = terms(&[(None, most, 10_000)], 0, None);
        assert_eq!(all.on(most), 2 * most);
    }

    #[test]
    fn halves_and_taxes_add_up() {
        let schedule = FeeSchedule {
            number: 1,
            id: InstructionId::from_parts(1, 1),
            index: 1,
            time: 1,
            account: 4,
            tax: Some(TaxTerms {
                account: 5,
                bps: 2_000,
            }),
            rules: Vec::new(),
            monthly: Vec::new(),
        };
        let flat = terms(&[(None, 25, 0)], 0, None);
        let charge = |fee, tax| Some(Charge { fee, tax });
        let due = |payer| schedule.due(&flat, 1_000, payer);
        assert_eq!(due(FeePayer::Debtor), [charge(25, 5), None]);
        assert_eq!(due(FeePayer::Creditor), [None, charge(25, 5)]);
        assert_eq!(due(FeePayer::Shared), [charge(13, 3), charge(12, 2)]);
    }
}
