//! Invariants: what must hold after every step, asserted by tests and audits.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};

use super::account::Counters;
use super::apply::Applied;
use super::book::{Book, Effect};
use super::draft::{Draft, LegDraft, LegKind};

/// A broken invariant. There is no good answer to one: the node stops, the audit fails.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Broken {
    /// The balances of an asset do not sum to zero.
    #[error("the balances in {asset} sum to {sum} minor units instead of zero")]
    Sum {
        /// Asset id.
        asset: String,
        /// The sum found.
        sum: i128,
    },
    /// The pending amounts of an asset do not match.
    #[error("the pending debits and credits in {0} differ")]
    Pending(String),
    /// A debit took an account below its floor.
    #[error("account {0} is below its floor after a debit")]
    Floor(u64),
    /// The two sides of a leg are accounts in different assets.
    #[error("a leg joins accounts {0} and {1} of different assets")]
    Assets(u64, u64),
}

/// Totals of one asset over all accounts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Sum of posted balances: zero.
    pub posted: i128,
    /// Pending debits less pending credits: zero.
    pub pending: i128,
    /// What the issuance account gave out: the money in circulation.
    pub issued: i128,
}

/// Sums every asset over all accounts.
#[must_use]
pub fn totals(book: &Book) -> BTreeMap<String, Totals> {
    let mut all: BTreeMap<String, Totals> = BTreeMap::new();
    for account in book.accounts() {
        let Some(asset) = book.asset_numbered(account.asset) else {
            continue;
        };
        let totals = all.entry(asset.id.to_string()).or_default();
        let c = &account.counters;
        totals.posted = totals.posted.saturating_add(c.posted());
        let pending = (c.debits_pending as i128).saturating_sub(c.credits_pending as i128);
        totals.pending = totals.pending.saturating_add(pending);
        if account.number == asset.issuance {
            totals.issued = c.posted().saturating_neg();
        }
    }
    all
}

/// Checks conservation: per asset the balances sum to zero.
///
/// # Errors
/// [`Broken`].
pub fn conservation(book: &Book) -> Result<(), Broken> {
    for (asset, totals) in totals(book) {
        if totals.posted != 0 {
            return Err(Broken::Sum {
                asset,
                sum: totals.posted,
            });
        }
        if totals.pending != 0 {
            return Err(Broken::Pending(asset));
        }
    }
    Ok(())
}

/// What a set of legs does to an account.
#[derive(Default)]
struct Set {
    /// Received less paid, minor units.
    moved: i128,
    /// After the last leg.
    counters: Counters,
}

/// Whether a leg of this kind takes no account below its floor. A capture takes what was reserved when
/// there was enough, and limits may be lower now.
const fn asks_for_funds(kind: LegKind) -> bool {
    matches!(
        kind,
        LegKind::Transfer
            | LegKind::Issue
            | LegKind::Redeem
            | LegKind::Reserve
            | LegKind::Net
            | LegKind::Draw
            | LegKind::Split
            | LegKind::Return
            | LegKind::Exchange
            | LegKind::PeriodFee
            | LegKind::PeriodTax
    )
}

/// The set of payments that a leg belongs to, if to one: its debits and credits are looked at together.
fn set_of(draft: &Draft, leg: &LegDraft) -> Option<u32> {
    let waited = leg.kind == LegKind::Queued;
    let told = matches!(
        leg.kind,
        LegKind::Transfer | LegKind::Mandated | LegKind::Valued
    );
    // All payments that a run settles are one set.
    match (waited, told && matches!(draft, Draft::Held(_))) {
        (true, _) => Some(0),
        (false, true) => Some(leg.instruction),
        (false, false) => None,
    }
}

/// Checks one step: both sides of each leg hold the same asset, and no debit went below a floor. Legs
/// that settle as one set, those of a transfer checked as a whole and those of payments that waited,
/// are looked at when the last of them is posted. `book` is the book after the step.
///
/// # Errors
/// [`Broken`].
pub fn step(book: &Book, applied: &Applied) -> Result<(), Broken> {
    let limits_changed = |account: u64| {
        let of =
            |effect: &Effect| matches!(effect, Effect::Account(number, _) if *number == account);
        applied.effects.iter().any(of)
    };
    let mut sets: BTreeMap<(u32, u64), Set> = BTreeMap::new();
    // Whose nets a pool made up: below its floor before, an account stays where it was.
    let mut drawn = BTreeSet::new();
    // What a fee is due on: who paid it, and the set that it belongs to, if to one.
    let mut due_on = (0, None);
    for draft in &applied.drafts {
        let Some(leg) = draft.leg() else { continue };
        let [debit, credit] = &leg.changes;
        let (Some(payer), Some(payee)) = (
            book.account_numbered(debit.account),
            book.account_numbered(credit.account),
        ) else {
            return Err(Broken::Assets(debit.account, credit.account));
        };
        if payer.asset != payee.asset {
            return Err(Broken::Assets(debit.account, credit.account));
        }
        let in_set = set_of(draft, leg);
        let charge = draft.is_charge();
        if !charge {
            due_on = (debit.account, in_set);
        }
        if let Some(set) = if charge { due_on.1 } else { in_set } {
            let amount = i128::try_from(leg.amount).unwrap_or(i128::MAX);
            for (change, moved) in [(debit, amount.saturating_neg()), (credit, amount)] {
                let at = sets.entry((set, change.account)).or_default();
                at.moved = at.moved.saturating_add(moved);
                at.counters = change.counters;
            }
            continue;
        }
        let is_debit = asks_for_funds(leg.kind);
        // A payee pays its part out of what it has just received.
        let is_debit = is_debit || charge && debit.account == due_on.0;
        // A leg of a split may come to nothing, from an account that is below its floor since before.
        let mut is_debit = is_debit && leg.amount > 0;
        match leg.kind {
            LegKind::Draw => _ = drawn.insert(credit.account),
            LegKind::Net => is_debit &= !drawn.contains(&debit.account),
            _ => {}
        }
        let available = payer.available_with(&debit.counters);
        // Limits that this very message changed may be tighter now than when the leg was posted.
        if is_debit && payer.has_floor() && !limits_changed(debit.account) && available < 0 {
            return Err(Broken::Floor(debit.account));
        }
    }
    for ((_, number), set) in sets {
        let account = book.account_numbered(number);
        let below = account.is_some_and(|account| {
            account.has_floor() && account.available_with(&set.counters) < 0
        });
        if set.moved < 0 && below && !limits_changed(number) {
            return Err(Broken::Floor(number));
        }
    }
    Ok(())
}
