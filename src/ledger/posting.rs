//! The posting matrix: which kinds of accounts may pay which (LEDGER F02). One look at a bit for each
//! posting.

use serde::{Deserialize, Serialize};

use super::account::AccountKind;
use super::apply::Work;
use super::book::Effect;
use super::instruction::SetPosting;
use super::outcome::Outcome;

/// Rows, and bits in a row: more than there are kinds.
const KINDS: usize = 16;

/// Which pairs of kinds may be joined by a posting, as far as the operators decide it. A log begins
/// with all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Postings([u16; KINDS]);

impl Default for Postings {
    fn default() -> Self {
        Self([u16::MAX; KINDS])
    }
}

const fn bit(credit: AccountKind) -> u16 {
    1u16.wrapping_shl(credit as u32)
}

impl Postings {
    /// Whether an account of the one kind may pay one of the other.
    #[inline]
    #[must_use]
    pub fn allows(&self, debit: AccountKind, credit: AccountKind) -> bool {
        let row = self.0.get(usize::from(debit as u8));
        row.is_some_and(|row| row & bit(credit) != 0)
    }

    /// The same with one pair changed.
    #[must_use]
    fn with(mut self, debit: AccountKind, credit: AccountKind, allowed: bool) -> Self {
        if let Some(row) = self.0.get_mut(usize::from(debit as u8)) {
            match allowed {
                true => *row |= bit(credit),
                false => *row &= !bit(credit),
            }
        }
        self
    }

    /// The pairs that the operators decide about: all kinds that transfers join, and funds in and out
    /// (`issuance` on one side). Nets of settlement models go by rules of their own.
    #[must_use]
    pub const fn is_decided(debit: AccountKind, credit: AccountKind) -> bool {
        let netting =
            matches!(debit, AccountKind::Netting) || matches!(credit, AccountKind::Netting);
        let issuance =
            matches!(debit, AccountKind::Issuance) && matches!(credit, AccountKind::Issuance);
        !netting && !issuance
    }
}

/// Allows a pair of kinds, or stops it. What was accepted before goes on: holds are captured, payments
/// that wait settle.
pub(super) fn set(work: &mut Work<'_>, i: &SetPosting) -> Result<u64, Outcome> {
    if !Postings::is_decided(i.debit, i.credit) {
        return Err(Outcome::AccountKindNotAllowed);
    }
    let postings = *work.state.book().postings();
    if postings.allows(i.debit, i.credit) == i.allowed {
        return Err(Outcome::NoChange);
    }
    let postings = postings.with(i.debit, i.credit, i.allowed);
    work.write(Effect::Postings(postings));
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [AccountKind; 7] = [
        AccountKind::Settlement,
        AccountKind::Customer,
        AccountKind::Issuance,
        AccountKind::Suspense,
        AccountKind::Fee,
        AccountKind::Netting,
        AccountKind::Pool,
    ];

    #[test]
    fn one_pair_is_changed_and_no_other() {
        let all = Postings::default();
        for debit in ALL {
            for credit in ALL {
                assert!(all.allows(debit, credit));
                let less = all.with(debit, credit, false);
                for one in ALL {
                    for other in ALL {
                        assert_eq!(less.allows(one, other), (one, other) != (debit, credit));
                    }
                }
                assert_eq!(less.with(debit, credit, true), all);
            }
        }
    }
}
