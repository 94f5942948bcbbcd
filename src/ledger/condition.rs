//! Conditions of a transfer or a split: all of them hold just before it, or nothing of it happens
//! (LEDGER F05).

use super::account::Account;
use super::apply::{Refusal, Work};
use super::instruction::{AccountRef, Condition};
use super::outcome::Outcome;
use super::transfer::as_limit;

/// Checks conditions in their order. A refusal by one has its number, from 0, as detail.
///
/// They are about accounts whose owners have signed: else whoever asks could find out the balance of
/// anybody by asking again and again.
pub(super) fn check(work: &Work<'_>, conditions: Option<&[Condition]>) -> Result<(), Refusal> {
    let all = conditions.unwrap_or_default();
    for (detail, condition) in (0u64..).zip(all) {
        let verdict = holds(work, condition).and_then(|holds| match holds {
            true => Ok(()),
            false => Err(Outcome::PreconditionFailed),
        });
        verdict.map_err(|outcome| Refusal {
            outcome,
            leg: None,
            detail,
        })?;
    }
    Ok(())
}

fn holds(work: &Work<'_>, condition: &Condition) -> Result<bool, Outcome> {
    match condition {
        Condition::NotAfter(time) => Ok(work.time <= time.nanos()),
        Condition::BalanceAtLeast { account, amount } => {
            let account = own(work, account)?;
            let asset = work.state.book().asset_numbered(account.asset);
            let least = as_limit(*amount, asset.ok_or(Outcome::AssetUnknown)?.scale)?;
            Ok(account.counters.posted() >= i128::try_from(least).unwrap_or(i128::MAX))
        }
        Condition::AccountVersion { account, index } => {
            let account = own(work, account)?;
            Ok(account.last.is_none_or(|last| last.index <= *index))
        }
    }
}

/// The account, if its owner has signed.
fn own<'w>(work: &'w Work<'_>, account: &AccountRef) -> Result<&'w Account, Outcome> {
    let account = work.state.book().account_ref(account);
    let account = account.ok_or(Outcome::AccountUnknown)?;
    match work.signed_by(account.owner) {
        true => Ok(account),
        false => Err(Outcome::NotOwner),
    }
}
