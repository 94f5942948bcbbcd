//! What limits and freezes say to a leg, and how it is counted.
//!
//! Nobody is told of an account more than its owner's own refusals tell: who has not signed for it
//! gets one answer for a freeze, whatever it stops, and one for all limits on what it receives.

use super::account::Account;
use super::apply::Work;
use super::hold::HoldLeg;
use super::outcome::Outcome;
use super::queue::{Payment, QueuedLeg};
use super::usage::Count;
use super::{standing, transfer};

/// What a leg adds to the counts of its two accounts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leg {
    pub(super) debit: u64,
    pub(super) credit: u64,
    /// What moves or is reserved, and did not count before, minor units.
    pub(super) amount: u128,
    /// What is booked, minor units.
    pub(super) booked: u128,
    /// One, or none if it counts already.
    pub(super) legs: u32,
    /// Whether it is one between participants; else funds come in or go out.
    pub(super) settles: bool,
}

/// Whether freezes, suspensions and how far both owners take part let a new debit through; gives what
/// is kept on the account from it, minor units.
pub(super) fn may_join(
    work: &Work<'_>,
    debit: &Account,
    credit: &Account,
) -> Result<u128, Outcome> {
    let (book, time) = (work.state.book(), work.time);
    if book.debits_frozen(debit, time) || book.credits_frozen(credit, time) {
        return Err(Outcome::AccountFrozen);
    }
    if book.owner_suspended(debit) {
        return Err(Outcome::ParticipantSuspended);
    }
    standing::may_join(book, debit, credit)?;
    Ok(book.kept(debit, time))
}

/// Whether freezes let a part of a hold be booked.
pub(super) fn may_capture(work: &Work<'_>, leg: &HoldLeg) -> Result<(), Outcome> {
    let (book, time) = (work.state.book(), work.time);
    let debit = book.account_numbered(leg.debit);
    let credit = book.account_numbered(leg.credit);
    let frozen = debit.is_some_and(|account| book.debits_frozen(account, time))
        || credit.is_some_and(|account| book.credits_frozen(account, time));
    match frozen {
        true => Err(Outcome::AccountFrozen),
        false => Ok(()),
    }
}

/// Checks and counts what a capture takes of a leg: `over` of it was not reserved.
pub(super) fn take(
    work: &mut Work<'_>,
    leg: &HoldLeg,
    over: u128,
    booked: u128,
) -> Result<(), Outcome> {
    let counted = Leg {
        debit: leg.debit,
        credit: leg.credit,
        amount: over,
        booked,
        legs: 0,
        settles: true,
    };
    if over == 0 {
        count_booked(work, &counted);
        return Ok(());
    }
    let (book, time) = (work.state.book(), work.time);
    let payer = book.account_numbered(leg.debit);
    let payer = payer.ok_or(Outcome::AccountUnknown)?;
    if book.owner_suspended(payer) {
        let suspended = Outcome::ParticipantSuspended;
        return Err(told_of_payer(work, leg.debit, suspended));
    }
    if !transfer::affords(book, payer, over, book.kept(payer, time)) {
        return Err(Outcome::InsufficientFunds);
    }
    count(work, &counted)
}

/// Whether a freeze keeps the owner of an account from voiding what it reserved.
pub(super) fn debits_frozen(work: &Work<'_>, account: u64) -> bool {
    let book = work.state.book();
    let account = book.account_numbered(account);
    account.is_some_and(|account| book.debits_frozen(account, work.time))
}

/// Checks a leg against the limits of both accounts and counts it. Its accounts are as they were
/// before it.
pub(super) fn count(work: &mut Work<'_>, leg: &Leg) -> Result<(), Outcome> {
    let Some([paid, received]) = counts(work, leg, None) else {
        return Ok(());
    };
    work.open_usages([leg.debit, leg.credit]);
    may_receive(work, leg, &received)?;
    may_pay(work, leg, &paid)?;
    work.count(leg.debit, &paid, true);
    work.count(leg.credit, &received, true);
    Ok(())
}

/// Counts a leg that is let through whatever the limits are: it is what was reserved.
fn count_booked(work: &mut Work<'_>, leg: &Leg) {
    if let Some([_, received]) = counts(work, leg, None) {
        work.open_usages([leg.debit, leg.credit]);
        work.count(leg.credit, &received, true);
    }
}

/// Checks and counts a leg of a set: `booked` now, or counted while it waits.
pub(super) fn count_queued(
    work: &mut Work<'_>,
    leg: &QueuedLeg,
    booked: bool,
) -> Result<(), Outcome> {
    count(
        work,
        &of_queue(leg, leg.amount, if booked { leg.amount } else { 0 }, 1),
    )
}

/// Counts a leg that waited, and settles: its amount counts since it was accepted.
pub(super) fn settle_queued(work: &mut Work<'_>, leg: &QueuedLeg) {
    count_booked(work, &of_queue(leg, 0, leg.amount, 0));
}

/// Takes off again what the legs of a payment counted that will not settle.
pub(super) fn drop_queued(work: &mut Work<'_>, payment: &Payment) {
    for leg in &payment.legs {
        take_off(work, payment.time, &of_queue(leg, leg.amount, 0, 1));
    }
}

const fn of_queue(leg: &QueuedLeg, amount: u128, booked: u128, legs: u32) -> Leg {
    Leg {
        debit: leg.debit,
        credit: leg.credit,
        amount,
        booked,
        legs,
        settles: true,
    }
}

/// Takes off again what a leg of a hold that was made at time `made` no longer has reserved. It
/// counts as a leg no more if nothing of it was ever booked.
pub(super) fn give_back(work: &mut Work<'_>, made: u64, leg: &HoldLeg, amount: u128, ends: bool) {
    let leg = Leg {
        debit: leg.debit,
        credit: leg.credit,
        amount,
        booked: 0,
        legs: u32::from(ends && leg.captured == 0),
        settles: true,
    };
    take_off(work, made, &leg);
}

/// Takes off again what was counted at time `made`.
fn take_off(work: &mut Work<'_>, made: u64, leg: &Leg) {
    if let Some([paid, received]) = counts(work, leg, Some(made)) {
        work.count(leg.debit, &paid, false);
        work.count(leg.credit, &received, false);
    }
}

/// The counts of both accounts, if either has to be asked: now, or to be given back from when it was
/// counted.
fn counts(work: &Work<'_>, leg: &Leg, back: Option<u64>) -> Option<[Count; 2]> {
    let book = work.state.book();
    let debit = book.account_numbered(leg.debit)?;
    let credit = book.account_numbered(leg.credit)?;
    if !debit.guarded && !credit.guarded {
        return None;
    }
    let towards = |other: &Account| {
        let between = leg.settles && debit.owner != credit.owner;
        between.then_some(other.owner)
    };
    let of = |pays: bool, other: &Account| Count {
        pays,
        counterparty: towards(other),
        amount: leg.amount,
        booked: leg.booked,
        legs: leg.legs,
        back,
    };
    Some([of(true, credit), of(false, debit)])
}

/// The limits on what an account receives.
fn may_receive(work: &Work<'_>, leg: &Leg, received: &Count) -> Result<(), Outcome> {
    let book = work.state.book();
    let account = book.account_numbered(leg.credit);
    let Some(account) = account else {
        return Ok(());
    };
    // Whoever counts knows it too, and is looked at in any case.
    let usage = work.state.usages.get(leg.credit);
    let most = match usage {
        Some(usage) => usage.max_balance(),
        None => book.max_balance(account).unwrap_or(u128::MAX),
    };
    let c = &account.counters;
    // Each has 96 bits. What is reserved for it may come at any time.
    let coming = c.credits_pending.saturating_add(leg.amount);
    let then = c.posted().saturating_add_unsigned(coming);
    if then > i128::try_from(most).unwrap_or(i128::MAX) {
        return Err(Outcome::MaxBalance);
    }
    let Some(usage) = usage else {
        return Ok(());
    };
    let told = |outcome| match work.signed_by(account.owner) || work.quorum() {
        true => outcome,
        false => Outcome::MaxBalance,
    };
    usage.lets(received).map_err(told)
}

/// What may be told of limits on what an account pays: to who did not sign for it, that there is
/// not enough, as of its funds.
fn told_of_payer(work: &Work<'_>, debit: u64, outcome: Outcome) -> Outcome {
    let account = work.state.book().account_numbered(debit);
    let known = account.is_some_and(|account| work.signed_by(account.owner)) || work.quorum();
    if known {
        outcome
    } else {
        Outcome::InsufficientFunds
    }
}

/// The limits on what an account pays.
fn may_pay(work: &Work<'_>, leg: &Leg, paid: &Count) -> Result<(), Outcome> {
    let Some(usage) = work.state.usages.get(leg.debit) else {
        return Ok(());
    };
    usage
        .lets(paid)
        .map_err(|outcome| told_of_payer(work, leg.debit, outcome))
}
