//! The last step before a window waits for ever: what its defaulters lack is drawn from a pool that the
//! members paid into before.
//!
//! ```text
//!  pool ──draw, what is lacking──▶ defaulter ──net, as it is──▶ model ──net──▶ creditors
//! ```
//!
//! A draw is a leg of its own before the nets of the window, in their entry. A defaulter gives all that
//! it has, down to its floor, and owes the pool the rest until the operators say that it owes less.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::record::{ClosedWindow, Model};
use crate::ledger::account::{Account, AccountKind, AccountStatus};
use crate::ledger::apply::Work;
use crate::ledger::book::Book;
use crate::ledger::id::Address;
use crate::ledger::outcome::Outcome;

/// What a participant lacks for its net.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lack {
    /// Number of the participant.
    pub(super) participant: u32,
    /// Number of its account.
    pub(super) account: u64,
    /// How much of its net it lacks, minor units.
    pub(super) amount: u128,
}

/// Whether a model that may still settle names an account as its pool.
pub(in crate::ledger) fn is_pool(book: &Book, account: u64) -> bool {
    let mut models = book.cycles().models().iter();
    models.any(|model| model.record.terms.pool == Some(account) && !model.is_over())
}

/// The account that a new model names as its pool; its number.
pub(super) fn named(work: &Work<'_>, asset: u32, pool: &Address) -> Result<u64, Outcome> {
    let book = work.state.book();
    let account = book.account(pool).ok_or(Outcome::AccountUnknown)?;
    if account.asset != asset {
        return Err(Outcome::AssetMismatch);
    }
    if account.status == AccountStatus::Closed {
        return Err(Outcome::AccountClosed);
    }
    match account.kind {
        AccountKind::Pool => Ok(account.number),
        _ => Err(Outcome::AccountKindNotAllowed),
    }
}

/// Those who lack funds at `time`, by participant. Nobody lacks more than its net.
pub(super) fn lacks(book: &Book, window: &ClosedWindow, time: u64) -> Vec<Lack> {
    let lack = |(net, amount): (&super::record::WindowNet, u128)| {
        let account = book.account_numbered(net.account)?;
        let has = u128::try_from(book.available(account, time)).unwrap_or(0);
        Some(Lack {
            participant: net.participant,
            account: net.account,
            amount: amount.checked_sub(has).filter(|lack| *lack > 0)?,
        })
    };
    window.debtors().filter_map(lack).collect()
}

/// What is drawn for a window as it settles at `time`: nothing before its default was told.
pub(super) fn draws(book: &Book, model: &Model, window: &ClosedWindow, time: u64) -> Vec<Lack> {
    match (model.record.terms.pool, window.defaulted) {
        (Some(_), Some(_)) => lacks(book, window, time),
        _ => Vec::new(),
    }
}

/// From when on the pool covers what is lacking, and nothing else stands in the way of the window,
/// nanoseconds since 1970 UTC; `None` if time alone does not bring it about.
pub(super) fn covered_from(book: &Book, model: &Model, window: &ClosedWindow) -> Option<u64> {
    window.defaulted?;
    let pool = book.account_numbered(model.record.terms.pool?)?;
    let nets = window
        .nets
        .iter()
        .filter(|net| net.turnover.position() != 0);
    let accounts =
        nets.map(|net| Some((net.turnover.position(), book.account_numbered(net.account)?)));
    let accounts: Vec<(i128, &Account)> = accounts.collect::<Option<_>>()?;
    let free = |time| is_covered(book, pool, window, &accounts, time);
    // What stops it ends with freezes, and once it is covered they make it no less so.
    if free(0) {
        return Some(0);
    }
    let frozen = accounts.iter().map(|(_, account)| *account).chain([pool]);
    let mut ends: Vec<u64> = frozen
        .flat_map(|account| book.freezes_end(account))
        .collect();
    ends.sort_unstable();
    ends.into_iter().find(|end| free(*end))
}

fn is_covered(
    book: &Book,
    pool: &Account,
    window: &ClosedWindow,
    accounts: &[(i128, &Account)],
    time: u64,
) -> bool {
    let lacks = lacks(book, window, time);
    let drawn = lacks
        .iter()
        .fold(0u128, |sum, lack| sum.saturating_add(lack.amount));
    let has = u128::try_from(book.available(pool, time)).unwrap_or(0);
    let covered = drawn <= has
        && pool.counters.debit(drawn).is_some()
        && (drawn == 0 || !book.debits_frozen(pool, time));
    let lacking: BTreeMap<u64, u128> = lacks.iter().map(|l| (l.account, l.amount)).collect();
    let passes = |(net, account): &(i128, &Account)| {
        let amount = net.unsigned_abs();
        if *net > 0 {
            let fits = account.counters.credit(amount).is_some();
            return fits && !book.credits_frozen(account, time);
        }
        let drawn = lacking.get(&account.number).copied().unwrap_or(0);
        let after = account.counters.credit(drawn).and_then(|c| c.debit(amount));
        after.is_some() && !book.debits_frozen(account, time)
    };
    covered && accounts.iter().all(passes)
}
