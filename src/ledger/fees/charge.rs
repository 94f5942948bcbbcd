//! What is due on legs, and its posting.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::instruction::FeePayer;
use super::schedule::{Charge, FeeSchedule};
use crate::ledger::account::Account;
use crate::ledger::apply::{Refusal, Work};
use crate::ledger::book::Book;
use crate::ledger::draft::LegKind;
use crate::ledger::outcome::Outcome;
use crate::ledger::queue::QueuedLeg;
use crate::ledger::telling;
use crate::ledger::transfer::{Place, affords, leg_number};
use crate::limits::ITEMS_MAX;

/// One leg behind a leg: of a fee, or of the tax on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ledger) struct Extra {
    kind: LegKind,
    pub(in crate::ledger) leg: QueuedLeg,
}

/// Whether a payment between two accounts is charged.
#[inline]
pub(in crate::ledger) fn is_charged(book: &Book, debit: &Account, credit: &Account) -> bool {
    book.fees().any() && {
        let schedule = book.fees().in_force(debit.asset);
        schedule.is_some_and(|schedule| schedule.rule(debit, credit).is_some())
    }
}

/// What is due on a leg, in the order of its legs: first what the debtor pays. `Err` says why the
/// creditor cannot pay its part out of the leg.
fn due(
    book: &Book,
    leg: &QueuedLeg,
    time: u64,
    payer: Option<FeePayer>,
) -> Result<Vec<Extra>, Outcome> {
    let accounts = [leg.debit, leg.credit].map(|number| book.account_numbered(number));
    let [Some(debit), Some(credit)] = accounts else {
        return Err(Outcome::AccountUnknown);
    };
    let found = book.fees().in_force(debit.asset).and_then(|schedule| {
        let rule = schedule.rule(debit, credit)?;
        Some((schedule, rule, payer.or(rule.payer)?))
    });
    let Some((schedule, rule, payer)) = found else {
        return Ok(Vec::new());
    };
    let [pays, gets] = schedule.due(rule, leg.amount, payer);
    if let Some(gets) = gets {
        if book.is_guarded(debit, credit) && book.debits_frozen(credit, time) {
            return Err(Outcome::AccountFrozen);
        }
        if gets.sum() > leg.amount {
            return Err(Outcome::FeeExceedsAmount);
        }
    }
    let mut extra = Vec::new();
    for (account, charge) in [(leg.debit, pays), (leg.credit, gets)] {
        extra.extend(charge.into_iter().flat_map(|c| legs(schedule, account, c)));
    }
    Ok(extra)
}

/// The legs of what one side pays.
fn legs(schedule: &FeeSchedule, debit: u64, charge: Charge) -> impl Iterator<Item = Extra> {
    let extra = move |kind, credit, amount| Extra {
        kind,
        leg: QueuedLeg {
            debit,
            credit,
            amount,
        },
    };
    let fee = extra(LegKind::Fee, schedule.account, charge.fee);
    let tax = schedule.tax;
    let tax = tax.map(|tax| extra(LegKind::FeeTax, tax.account, charge.tax));
    core::iter::once(fee).chain(tax)
}

/// What is due on each of a set of legs; nothing at all, if nothing is. An error names the leg.
pub(in crate::ledger) fn extra_of(
    book: &Book,
    legs: &[QueuedLeg],
    time: u64,
) -> Result<Vec<Vec<Extra>>, (usize, Outcome)> {
    if !book.fees().any() {
        return Ok(Vec::new());
    }
    let due = |(n, leg)| due(book, leg, time, None).map_err(|outcome| (n, outcome));
    legs.iter().enumerate().map(due).collect()
}

/// All that moves when legs settle: they, and what is due on them. `None` if that cannot be paid out of
/// what it is due on.
pub(in crate::ledger) fn moves_of<'a>(
    book: &Book,
    legs: &'a [QueuedLeg],
    time: u64,
) -> Option<Cow<'a, [QueuedLeg]>> {
    let extra = extra_of(book, legs, time).ok()?;
    Some(with(legs, &extra))
}

/// Legs, and what is due on them.
pub(in crate::ledger) fn with<'a>(
    legs: &'a [QueuedLeg],
    extra: &[Vec<Extra>],
) -> Cow<'a, [QueuedLeg]> {
    let more = extra.iter().flatten().map(|extra| extra.leg);
    let mut more = more.peekable();
    match more.peek() {
        None => Cow::Borrowed(legs),
        Some(_) => Cow::Owned(legs.iter().copied().chain(more).collect()),
    }
}

/// Takes what is due on a leg that has just been posted, if something is; `left` legs of its
/// instruction are still to come.
#[inline]
pub(in crate::ledger) fn charge(
    work: &mut Work<'_>,
    place: &Place,
    leg: &QueuedLeg,
    left: usize,
) -> Result<(), Outcome> {
    match work.state.book().fees().any() {
        true => take(work, place, (leg, None), left),
        false => Ok(()),
    }
}

/// The same of a leg of a hold: what was reserved is all that its payer promised, so whoever receives
/// it pays what is due.
pub(in crate::ledger) fn receiver_pays(
    work: &mut Work<'_>,
    place: &Place,
    leg: &QueuedLeg,
    left: usize,
) -> Result<(), Outcome> {
    match work.state.book().fees().any() {
        true => take(work, place, (leg, Some(FeePayer::Creditor)), left),
        false => Ok(()),
    }
}

fn take(
    work: &mut Work<'_>,
    place: &Place,
    (leg, payer): (&QueuedLeg, Option<FeePayer>),
    left: usize,
) -> Result<(), Outcome> {
    let (book, time) = (work.state.book(), work.time);
    let extra = due(book, leg, time, payer)?;
    if extra.is_empty() {
        return Ok(());
    }
    let debtor = extra.iter().filter(|extra| extra.leg.debit == leg.debit);
    let pays = debtor.fold(0, |sum: u128, extra| sum.saturating_add(extra.leg.amount));
    let debit = book.account_numbered(leg.debit);
    let debit = debit.ok_or(Outcome::AccountUnknown)?;
    // Nothing is asked of a debtor who pays none of it.
    if pays > 0 && !affords(book, debit, pays, book.kept(debit, time)) {
        return Err(Outcome::FeeNotCovered);
    }
    let items = extra.len().saturating_add(left);
    let others = work.drafted().saturating_add(work.items_behind());
    if items.saturating_add(others) > ITEMS_MAX {
        return Err(Outcome::EntryFull);
    }
    post_extra(work, place, &extra)
}

/// Posts what is due on a leg.
pub(in crate::ledger) fn post_extra(
    work: &mut Work<'_>,
    place: &Place,
    extra: &[Extra],
) -> Result<(), Outcome> {
    for Extra { kind, leg } in extra {
        let after = telling::after(work, (leg.debit, leg.credit), leg.amount)?;
        telling::draft(work, place, *kind, None, leg.amount, after);
    }
    Ok(())
}

/// The same as a refusal of leg `n`.
pub(in crate::ledger) fn at_leg((n, outcome): (usize, Outcome)) -> Refusal {
    outcome.at_leg(leg_number(n))
}
