//! Freezes: what the operators stop an account or a participant from doing, and until when
//! (LEDGER F19).
//!
//! ```text
//!  freeze ──▶ in force ──lift, by two──▶ past
//!                └──its time comes─────▶ past        no entry says so: log time alone does
//! ```
//!
//! Several stand beside each other, each for a case of its own: the strictest holds, and amounts
//! that are blocked add up.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::id::CaseId;

/// What a freeze stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FreezeLevel {
    /// Nothing leaves.
    NoDebit,
    /// Nothing comes in.
    NoCredit,
    /// Nothing leaves and nothing comes in.
    NoneAllowed,
    /// An amount stays.
    Amount,
}

/// One freeze.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreezeRecord {
    /// The operators' file on it.
    pub case: CaseId,
    /// What it stops.
    pub level: FreezeLevel,
    /// What stays on the account, minor units; 0 at other levels.
    pub amount: u128,
    /// From when on it is no longer in force, nanoseconds since 1970 UTC.
    pub expires: Option<u64>,
    /// Index of the entry that imposed it.
    pub imposed: u64,
    /// Index of the entry that lifted it, or found that its time was over.
    pub ended: Option<u64>,
}

/// The freezes of one account or participant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freezes {
    /// Those that were not lifted, oldest first; the time of some may be over.
    current: Vec<FreezeRecord>,
    /// The others, kept for whoever asks for the past.
    past: Vec<FreezeRecord>,
}

impl FreezeRecord {
    /// Whether its time is not over at `time`, nanoseconds since 1970 UTC.
    #[must_use]
    pub fn runs(&self, time: u64) -> bool {
        self.expires.is_none_or(|expires| time < expires)
    }
}

impl Freezes {
    /// Whether none is left that was not lifted.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        self.current.is_empty()
    }

    /// Whether there never was one.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.current.is_empty() && self.past.is_empty()
    }

    /// Those in force at `time`, nanoseconds since 1970 UTC, by what was last decided.
    pub fn in_force(&self, time: u64) -> impl Iterator<Item = &FreezeRecord> {
        self.current.iter().filter(move |freeze| freeze.runs(time))
    }

    /// When those that were not lifted end by time, nanoseconds since 1970 UTC.
    pub(super) fn ends(&self) -> impl Iterator<Item = u64> {
        self.current.iter().filter_map(|freeze| freeze.expires)
    }

    /// Those that were in force after entry `index`, whose time is `time`.
    pub fn at(&self, index: u64, time: u64) -> impl Iterator<Item = &FreezeRecord> {
        let all = self.past.iter().chain(&self.current);
        all.filter(move |freeze| {
            let lasted = freeze.ended.is_none_or(|ended| index < ended);
            freeze.imposed <= index && lasted && freeze.runs(time)
        })
    }

    /// Whether nothing may leave at `time`.
    #[must_use]
    pub fn stops_debits(&self, time: u64) -> bool {
        use FreezeLevel::{NoDebit, NoneAllowed};
        self.in_force(time)
            .any(|freeze| matches!(freeze.level, NoDebit | NoneAllowed))
    }

    /// Whether nothing may come in at `time`.
    #[must_use]
    pub fn stops_credits(&self, time: u64) -> bool {
        use FreezeLevel::{NoCredit, NoneAllowed};
        self.in_force(time)
            .any(|freeze| matches!(freeze.level, NoCredit | NoneAllowed))
    }

    /// What stays on the account at `time`, minor units: all that is blocked together.
    #[must_use]
    pub fn blocked(&self, time: u64) -> u128 {
        let amounts = self.in_force(time).map(|freeze| freeze.amount);
        amounts.fold(0, u128::saturating_add)
    }

    /// Adds a freeze.
    pub(super) fn impose(&mut self, freeze: FreezeRecord) {
        self.current.push(freeze);
    }

    /// Puts those whose time is over at `time` among the past ones; `index` is the entry that does.
    pub(super) fn sweep(&mut self, index: u64, time: u64) {
        self.end(index, |freeze| !freeze.runs(time));
    }

    /// Lifts that of a case; says whether there was one.
    pub(super) fn lift(&mut self, index: u64, case: &CaseId) -> bool {
        let before = self.past.len();
        self.end(index, |freeze| freeze.case == *case);
        self.past.len() > before
    }

    fn end(&mut self, index: u64, ends: impl Fn(&FreezeRecord) -> bool) {
        for mut freeze in core::mem::take(&mut self.current) {
            if ends(&freeze) {
                freeze.ended = Some(index);
                self.past.push(freeze);
            } else {
                self.current.push(freeze);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn freeze(case: &str, level: FreezeLevel, amount: u128, expires: Option<u64>) -> FreezeRecord {
        FreezeRecord {
            case: CaseId::new(case).unwrap(),
            level,
            amount,
            expires,
            imposed: 3,
            ended: None,
        }
    }

    #[test]
    fn the_strictest_holds_and_amounts_add_up() {
        let mut freezes = Freezes::default();
        freezes.impose(freeze("a", FreezeLevel::Amount, 5, None));
        freezes.impose(freeze("b", FreezeLevel::Amount, 7, Some(100)));
        assert_eq!((freezes.blocked(99), freezes.blocked(100)), (12, 5));
        assert!(!freezes.stops_debits(1) && !freezes.stops_credits(1));
        freezes.impose(freeze("c", FreezeLevel::NoCredit, 0, None));
        assert!(!freezes.stops_debits(1) && freezes.stops_credits(1));
        freezes.impose(freeze("d", FreezeLevel::NoneAllowed, 0, Some(50)));
        assert!(freezes.stops_debits(49) && !freezes.stops_debits(50));
        assert!(freezes.lift(9, &CaseId::new("c").unwrap()));
        assert!(!freezes.lift(9, &CaseId::new("c").unwrap()));
        assert!(freezes.stops_credits(49) && !freezes.stops_credits(50));
    }

    #[test]
    fn the_past_is_as_it_was() {
        let mut freezes = Freezes::default();
        freezes.impose(freeze("a", FreezeLevel::NoDebit, 0, None));
        freezes.impose(freeze("b", FreezeLevel::NoDebit, 0, Some(100)));
        freezes.lift(8, &CaseId::new("a").unwrap());
        freezes.sweep(9, 200);
        assert!(freezes.is_idle());
        let cases = |index, time| -> Vec<&str> {
            freezes.at(index, time).map(|f| f.case.as_str()).collect()
        };
        let none: Vec<&str> = Vec::new();
        assert_eq!(cases(2, 1), none);
        assert_eq!(cases(3, 1), ["a", "b"]);
        assert_eq!(cases(7, 100), ["a"]);
        assert_eq!(cases(8, 50), ["b"]);
        assert_eq!(cases(9, 200), none);
    }
}
