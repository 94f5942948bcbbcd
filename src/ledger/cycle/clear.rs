//! `clear`: a payment counts in the positions of both its parties, in the window that is open at its
//! very index.
//!
//! Its item changes no counter. It stands in the chains of both accounts all the same, so that each
//! party can prove every payment of a window, and that there is no other: its position is their sum.
//! The position itself is not in the item, for the other party must not learn it.

use alloc::vec::Vec;

use super::daily::is_overdue;
use super::instruction::{Clear, CountUnsettled};
use super::record::{CycleEffect, Member, Model, Turnover};
use crate::ledger::account::Counters;
use crate::ledger::amount::MINOR_MAX;
use crate::ledger::apply::{Refusal, Work};
use crate::ledger::book::Effect;
use crate::ledger::draft::{About, HeldLeg, LegKind, OfWindow};
use crate::ledger::guarding;
use crate::ledger::instruction::Instruction;
use crate::ledger::outcome::Outcome;
use crate::ledger::standing;
use crate::ledger::transfer::{Place, leg_number, to_minor, usable};

/// One payment, its parties found.
struct Found {
    from: u32,
    to: u32,
    amount: u128,
}

/// Counts all payments, or nothing.
pub(in crate::ledger) fn clear(
    work: &mut Work<'_>,
    ordinal: u32,
    i: &Clear,
    asked: &Instruction,
) -> Result<(), Refusal> {
    let model = model_of(work, i)?;
    let found = find(work, model, i)?;
    let record = &model.record;
    if record.closed.is_some() {
        return Err(Outcome::ModelClosed.into());
    }
    if record.open.from > work.index {
        return Err(Outcome::WindowEnds.into());
    }
    if is_overdue(work.state.book(), record) {
        return Err(Outcome::WindowsTooMany.into());
    }
    let (number, count) = (record.number, record.terms.count);
    let of = OfWindow {
        model: record.name.clone(),
        window: record.open.number,
    };
    work.accept(ordinal, asked, Outcome::Cleared);
    for (n, payment) in found.iter().enumerate() {
        let n = leg_number(n);
        let accounts = post(work, number, payment, count).map_err(|outcome| outcome.at_leg(n))?;
        let place = Place {
            ordinal,
            leg: n,
            id: i.id,
        };
        let after = accounts.map(|account| (account, counters(work, account)));
        draft(work, &place, LegKind::Clear, payment.amount, after, &of);
    }
    Ok(())
}

/// The model, if somebody who signed is of it; of others nothing is told.
fn model_of<'w>(work: &'w Work<'_>, i: &Clear) -> Result<&'w Model, Outcome> {
    let model = work.state.book().cycles().model(&i.model);
    let model = model.ok_or(Outcome::ModelUnknown)?;
    let of_it = |participant: &u32| model.member(*participant).is_some();
    match work.quorum() || work.signers().iter().any(of_it) {
        true => Ok(model),
        false => Err(Outcome::ModelUnknown),
    }
}

/// Finds the parties, then checks authority over all payments, then asset and amounts.
fn find(work: &Work<'_>, model: &Model, i: &Clear) -> Result<Vec<Found>, Refusal> {
    let book = work.state.book();
    let (mut found, mut not_owned) = (Vec::with_capacity(i.payments.len()), None);
    for (n, payment) in i.payments.iter().enumerate() {
        let n = leg_number(n);
        let party = |id| {
            let participant = book.participant(id)?;
            model.member(participant.number)?;
            Some(participant.number)
        };
        let unknown = || Outcome::MemberUnknown.at_leg(n);
        let from = party(&payment.from).ok_or_else(unknown)?;
        let to = party(&payment.to).ok_or_else(unknown)?;
        if not_owned.is_none() && !work.signed_by(from) {
            not_owned = Some(n);
        }
        let amount = 0;
        found.push(Found { from, to, amount });
    }
    if let Some(n) = not_owned {
        return Err(Outcome::NotOwner.at_leg(n));
    }
    let asset = book.asset_numbered(model.record.asset);
    let asset = asset.ok_or(Outcome::AssetUnknown)?;
    usable(asset)?;
    for (n, (found, payment)) in found.iter_mut().zip(&i.payments).enumerate() {
        let n = leg_number(n);
        if found.from == found.to {
            return Err(Outcome::SelfTransfer.at_leg(n));
        }
        let amount = to_minor(payment.amount, asset.scale);
        found.amount = amount.map_err(|outcome| outcome.at_leg(n))?;
    }
    Ok(found)
}

/// Counts a payment in both positions, if the payer's stays within its cap; gives their accounts.
fn post(
    work: &mut Work<'_>,
    number: u32,
    payment: &Found,
    count: CountUnsettled,
) -> Result<[u64; 2], Outcome> {
    let mut parties = [
        (payment.from, payment.amount, 0),
        (payment.to, 0, payment.amount),
    ]
    .map(|(participant, sent, received)| {
        let turnover = Turnover {
            sent,
            received,
            payments: u64::from(sent > 0),
        };
        (participant, turnover, None::<Member>)
    });
    let model = work.state.book().cycles().numbered(number);
    let model = model.ok_or(Outcome::ModelUnknown)?;
    for (participant, turnover, after) in &mut parties {
        let member = model.member(*participant).ok_or(Outcome::MemberUnknown)?;
        *after = Some(added(member, *turnover).ok_or(Outcome::AmountOverflow)?);
    }
    let accounts = parties.map(|(_, _, after)| after.map_or(0, |member| member.account));
    may_clear(work, accounts)?;
    if let Some(payer) = &parties[0].2
        && payer.counted(count) > i128::try_from(payer.cap).unwrap_or(i128::MAX)
    {
        return Err(Outcome::NdcExceeded);
    }
    for (participant, _, after) in parties {
        let effect = CycleEffect::Member(number, participant, after);
        work.write(Effect::Cycle(effect));
    }
    Ok(accounts)
}

/// Whether freezes, suspensions and how far both owners take part let a payment between two accounts
/// through, as they would a transfer; nothing is netted in tests, for the others' window would wait for
/// whoever cannot fund it. Limits that are counted do not apply: nothing moves.
fn may_clear(work: &Work<'_>, accounts: [u64; 2]) -> Result<(), Outcome> {
    let book = work.state.book();
    let [Some(debit), Some(credit)] = accounts.map(|number| book.account_numbered(number)) else {
        return Err(Outcome::AccountUnknown);
    };
    if book.is_guarded(debit, credit) {
        guarding::may_join(work, debit, credit)?;
        standing::may_net(book, debit, credit)?;
    }
    Ok(())
}

/// A member with one more payment; what is not settled stays below 2^96 on either side, so that a net
/// always fits an account's counter by itself.
fn added(member: &Member, turnover: Turnover) -> Option<Member> {
    let now = member.now.plus(turnover)?;
    let whole = now.plus(member.unsettled)?;
    let fits = whole.sent <= MINOR_MAX && whole.received <= MINOR_MAX;
    fits.then_some(Member { now, ..*member })
}

pub(super) fn counters(work: &Work<'_>, account: u64) -> Counters {
    let account = work.state.book().account_numbered(account);
    account.map_or_else(Counters::default, |account| account.counters)
}

/// Posts the counters of a leg and drafts its item.
pub(super) fn draft(
    work: &mut Work<'_>,
    place: &Place,
    kind: LegKind,
    amount: u128,
    after: [(u64, Counters); 2],
    of: &OfWindow,
) {
    let leg = work.post_leg(place, kind, amount, after);
    work.draft_held(HeldLeg {
        leg,
        of: None,
        since: None,
        about: About::Window(of.clone()),
        outcome: kind.outcome(),
    });
}
