//! Mandates: who may debit an account that is not its own, within which bounds, and how much of them
//! is used.
//!
//! ```text
//!  grant_mandate ──▶ in force ──revoke_mandate──▶ forgotten
//!                       └──its time comes──▶ over ──the account's next grant──▶ forgotten
//! ```
//!
//! No entry says that the time of a mandate is over: log time alone does, as with freezes.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use jiff::Timestamp;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

use super::book::Book;
use super::id::InstructionId;
use super::instruction::MandatePeriod;
use super::shards::Shards;
use super::time::{DAY, SECOND};
use crate::limits::{MANDATES_OF_ACCOUNT_MAX, MANDATES_OF_PARTICIPANT_MAX};

/// The bounds of a mandate, minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MandateTerms {
    /// The largest single debit.
    pub per_transfer_max: Option<u128>,
    /// The most in all.
    pub total_max: Option<u128>,
    /// A span of time, and the most in one of them.
    pub period: Option<(Spans, u128)>,
    /// From when on it is no longer in force, nanoseconds since 1970 UTC.
    pub expires: Option<u64>,
    /// Numbers of the only accounts that may be credited; any, if there are none.
    pub creditors: Vec<u64>,
}

/// Spans of time that use is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Spans {
    /// Days of UTC.
    Day,
    /// Calendar months of UTC.
    Month,
    /// So many seconds, the first from 1970 UTC on.
    Seconds(u64),
}

/// What was debited under a mandate, minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MandateUsage {
    /// In all.
    pub total: u128,
    /// How many debits.
    pub debits: u64,
    /// In the span of the last debit.
    pub in_span: u128,
    /// Time of the last debit, nanoseconds since 1970 UTC.
    pub last: Option<u64>,
}

/// A mandate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mandate {
    /// The id of the instruction that granted it; no other that is known has it.
    pub id: InstructionId,
    /// Number of the account that may be debited.
    pub account: u64,
    /// Number of the account's owner.
    pub owner: u32,
    /// Number of the participant that may debit it.
    pub to: u32,
    /// Index of the entry that granted it.
    pub granted: u64,
    /// Its bounds.
    pub terms: MandateTerms,
    /// What of them is used.
    pub used: MandateUsage,
}

impl From<MandatePeriod> for Spans {
    fn from(period: MandatePeriod) -> Self {
        match period {
            MandatePeriod::Day => Self::Day,
            MandatePeriod::Month => Self::Month,
            MandatePeriod::EveryS(seconds) => Self::Seconds(seconds),
        }
    }
}

impl Spans {
    /// Number of the span that a time is in, nanoseconds since 1970 UTC; later ones have larger
    /// numbers.
    #[must_use]
    pub fn number(self, time: u64) -> u64 {
        match self {
            Self::Day => time / DAY,
            Self::Month => month(time),
            Self::Seconds(seconds) => {
                let span = seconds.saturating_mul(SECOND);
                time.checked_div(span).unwrap_or(0)
            }
        }
    }
}

/// Months since the year 0, by the proleptic Gregorian calendar.
fn month(time: u64) -> u64 {
    let time = Timestamp::from_nanosecond(i128::from(time)).unwrap_or(Timestamp::MAX);
    let date = Offset::UTC.to_datetime(time).date();
    let year = u64::try_from(date.year()).unwrap_or(0);
    let month = u64::try_from(date.month()).unwrap_or(1);
    year.saturating_mul(12).saturating_add(month)
}

impl Mandate {
    /// Whether its time is not over at `time`, nanoseconds since 1970 UTC.
    #[must_use]
    pub fn runs(&self, time: u64) -> bool {
        self.terms.expires.is_none_or(|expires| time < expires)
    }

    /// What was debited in the span of `time`, minor units.
    #[must_use]
    pub fn used_at(&self, time: u64) -> u128 {
        match (self.terms.period, self.used.last) {
            (Some((spans, _)), Some(last)) if spans.number(time) == spans.number(last) => {
                self.used.in_span
            }
            _ => 0,
        }
    }

    /// The mandate after one more debit at `time`, if that is within its bounds.
    pub(super) fn after(&self, amount: u128, time: u64) -> Option<Self> {
        let terms = &self.terms;
        let total = self.used.total.checked_add(amount)?;
        let in_span = self.used_at(time).checked_add(amount)?;
        let within = |most: Option<u128>, amount: u128| most.is_none_or(|most| amount <= most);
        let fits = within(terms.per_transfer_max, amount)
            && within(terms.total_max, total)
            && within(terms.period.map(|(_, most)| most), in_span);
        fits.then(|| Self {
            used: MandateUsage {
                total,
                debits: self.used.debits.saturating_add(1),
                in_span,
                last: Some(time),
            },
            ..self.clone()
        })
    }

    /// Whether an account may be credited under it.
    #[must_use]
    pub fn lets_credit(&self, account: u64) -> bool {
        self.terms.creditors.is_empty() || self.terms.creditors.contains(&account)
    }
}

/// Mandates by their ids.
pub(super) type ById = Shards<InstructionId, Mandate>;

/// All mandates that are known.
#[derive(Debug, Clone, Default)]
pub(super) struct Mandates {
    by_id: ById,
    of_account: BTreeSet<(u64, InstructionId)>,
    /// How many each participant granted.
    of_owner: BTreeMap<u32, u64>,
}

impl Mandates {
    /// A mandate, also one whose time is over.
    pub(super) fn get(&self, id: InstructionId) -> Option<&Mandate> {
        self.by_id.get(id)
    }

    /// All of them.
    pub(super) const fn by_id(&self) -> &ById {
        &self.by_id
    }

    /// Those on an account, by id.
    pub(super) fn of_account(&self, account: u64) -> impl Iterator<Item = &Mandate> {
        let of = self
            .of_account
            .range((account, InstructionId::from_parts(0, 0))..);
        let of = of.take_while(move |(of, _)| *of == account);
        of.filter_map(|(_, id)| self.by_id.get(*id))
    }

    /// Whether an account, or a participant in all, has granted as many as may be.
    pub(super) fn are_full(&self, account: u64, owner: u32) -> bool {
        let owned = self.of_owner.get(&owner).copied().unwrap_or(0);
        self.of_account(account).count() >= MANDATES_OF_ACCOUNT_MAX
            || owned >= MANDATES_OF_PARTICIPANT_MAX
    }

    /// Puts a mandate in the place of what was known under its id, or forgets it; gives back what was.
    pub(super) fn put(&mut self, id: InstructionId, mandate: Option<Mandate>) -> Option<Mandate> {
        if let Some(mandate) = &mandate {
            self.of_account.insert((mandate.account, id));
            let owned = self.of_owner.entry(mandate.owner).or_default();
            *owned = owned.saturating_add(1);
        }
        let kept = mandate.as_ref().map(|mandate| mandate.account);
        let before = self.by_id.put(id, mandate);
        if let Some(before) = &before {
            // Account and owner of a mandate never change.
            if kept != Some(before.account) {
                self.of_account.remove(&(before.account, id));
            }
            if let Some(owned) = self.of_owner.get_mut(&before.owner) {
                *owned = owned.saturating_sub(1);
                if *owned == 0 {
                    self.of_owner.remove(&before.owner);
                }
            }
        }
        before
    }
}

impl Book {
    /// A mandate that was not revoked, also if its time is over.
    #[must_use]
    pub fn mandate(&self, id: InstructionId) -> Option<&Mandate> {
        self.mandates.get(id)
    }

    /// The mandates behind one with this id, by id.
    pub fn mandates_after(&self, id: Option<InstructionId>) -> impl Iterator<Item = &Mandate> {
        self.mandates.by_id().after(id).map(|(_, mandate)| mandate)
    }

    /// Those on an account, by id.
    pub fn mandates_of(&self, account: u64) -> impl Iterator<Item = &Mandate> {
        self.mandates.of_account(account)
    }

    /// Whether an account, or a participant in all, has granted as many as may be.
    pub(super) fn mandates_are_full(&self, account: u64, owner: u32) -> bool {
        self.mandates.are_full(account, owner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nanos(text: &str) -> u64 {
        text.parse::<super::super::time::Time>().unwrap().nanos()
    }

    fn mandate(n: u128, account: u64, terms: MandateTerms) -> Mandate {
        Mandate {
            id: InstructionId::from_parts(1, n),
            account,
            owner: 3,
            to: 4,
            granted: 9,
            terms,
            used: MandateUsage::default(),
        }
    }

    fn terms(
        per: Option<u128>,
        total: Option<u128>,
        period: Option<(Spans, u128)>,
    ) -> MandateTerms {
        MandateTerms {
            per_transfer_max: per,
            total_max: total,
            period,
            expires: None,
            creditors: Vec::new(),
        }
    }

    #[test]
    fn spans_end_where_the_calendar_says() {
        let same =
            |spans: Spans, a: &str, b: &str| spans.number(nanos(a)) == spans.number(nanos(b));
        let (last, first) = ("2028-02-29T23:59:59.999999999Z", "2028-03-01T00:00:00Z");
        assert!(same(Spans::Month, "2028-02-01T00:00:00Z", last));
        for spans in [Spans::Month, Spans::Day, Spans::Seconds(3_600)] {
            assert!(!same(spans, last, first));
            assert!(spans.number(nanos(last)) + 1 == spans.number(nanos(first)));
        }
        assert!(!same(
            Spans::Month,
            "2027-02-03T00:00:00Z",
            "2028-02-03T00:00:00Z"
        ));
        assert!(same(Spans::Day, "2028-02-29T00:00:00Z", last));
        assert_eq!(Spans::Month.number(0), 1970 * 12 + 1);
        assert_eq!(Spans::Seconds(0).number(5), 0);
        assert_eq!(Spans::Seconds(10).number(20 * SECOND), 2);
    }

    #[test]
    fn each_bound_is_kept_to_the_unit() {
        let one = mandate(1, 7, terms(Some(10), None, None));
        assert!(one.after(10, 0).is_some() && one.after(11, 0).is_none());
        let two = mandate(1, 7, terms(None, Some(10), None))
            .after(6, 0)
            .unwrap();
        assert!(two.after(4, 0).is_some() && two.after(5, 0).is_none());
        assert_eq!((two.used.total, two.used.debits), (6, 1));
        let day = terms(None, None, Some((Spans::Day, 10)));
        let three = mandate(1, 7, day).after(6, DAY - 1).unwrap();
        assert!(three.after(5, DAY - 1).is_none());
        let four = three.after(9, DAY).unwrap();
        assert_eq!((four.used.in_span, four.used.total), (9, 15));
        assert_eq!((four.used_at(DAY), four.used_at(2 * DAY)), (9, 0));
        let most = mandate(1, 7, terms(None, None, None)).after(u128::MAX, 0);
        assert!(most.unwrap().after(1, 0).is_none());
    }

    #[test]
    fn what_is_granted_is_counted_and_forgotten() {
        let mut mandates = Mandates::default();
        let none = || terms(Some(1), None, None);
        for n in 0..5 {
            let one = mandate(n, 7, none());
            assert_eq!(mandates.put(one.id, Some(one.clone())), None);
            let used = one.after(1, 0).unwrap();
            assert_eq!(mandates.put(one.id, Some(used)), Some(one));
        }
        let other = mandate(9, 8, none());
        mandates.put(other.id, Some(other.clone()));
        assert_eq!(mandates.of_account(7).count(), 5);
        assert_eq!(mandates.of_account(8).collect::<Vec<_>>(), [&other]);
        assert_eq!(mandates.of_owner.get(&3), Some(&6));
        for n in 0..5 {
            assert!(
                mandates
                    .put(InstructionId::from_parts(1, n), None)
                    .is_some()
            );
        }
        assert_eq!(mandates.put(InstructionId::from_parts(1, 0), None), None);
        assert_eq!(mandates.put(other.id, None), Some(other));
        assert!(mandates.of_account.is_empty() && mandates.of_owner.is_empty());
        assert_eq!(mandates.by_id().len(), 0);
    }

    #[test]
    fn an_account_and_a_participant_may_grant_so_many() {
        let mut mandates = Mandates::default();
        let mut n = 0u64;
        for account in 0.. {
            for _ in 0..MANDATES_OF_ACCOUNT_MAX {
                if n == MANDATES_OF_PARTICIPANT_MAX {
                    break;
                }
                assert!(!mandates.are_full(account, 3));
                let mut one = mandate(0, account, terms(Some(1), None, None));
                one.id = InstructionId::from_parts(n * 100, u128::from(n));
                mandates.put(one.id, Some(one));
                n += 1;
            }
            if n == MANDATES_OF_PARTICIPANT_MAX {
                break;
            }
            assert!(mandates.are_full(account, 3));
        }
        assert!(mandates.are_full(u64::MAX, 3));
        assert!(!mandates.are_full(u64::MAX, 4));
    }
}
