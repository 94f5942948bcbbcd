//! Transfers that say more than their legs, and are carried out leg by leg as any other: under
//! conditions, under a mandate, or with a value date. The instruction is an item, and each leg one behind it.

use super::account::Counters;
use super::apply::{Refusal, Work};
use super::calendar::{self, Date, Timing};
use super::draft::{About, HeldLeg, LegKind, OfHold};
use super::instruction::{Instruction, Transfer};
use super::mandating::{self, Under};
use super::outcome::Outcome;
use super::queue::QueuedLeg;
use super::transfer::{Place, leg_number, prepare};
use super::{condition, fees, guarding, queueing, valuing};

/// Moves money leg by leg, if its conditions hold and its mandate lets it.
pub(super) fn transfer(
    work: &mut Work<'_>,
    ordinal: u32,
    i: &Transfer,
    asked: &Instruction,
) -> Result<(), Refusal> {
    let under = mandating::authorise(work, i)?;
    let under = under.as_ref();
    condition::check(work, i.conditions.as_deref())?;
    if calendar::timing(work, i)? != Timing::Now {
        return queueing::transfer(work, ordinal, i, asked);
    }
    let value = valuing::check(work, i, Timing::Now)?;
    work.accept(ordinal, asked, Outcome::Settled);
    for (n, asked) in i.legs.iter().enumerate() {
        let left = i.legs.len().saturating_sub(n.saturating_add(1));
        let n = leg_number(n);
        let leg = prepare(work, asked, n)?;
        mandating::take(work, under, &leg).map_err(|outcome| outcome.at_leg(n))?;
        let told = |outcome| mandating::told(under, leg.debit, outcome).at_leg(n);
        let amount = leg.check(work).map_err(told)?;
        let pair = (leg.debit, leg.credit);
        let moved = after(work, pair, amount).map_err(|outcome| outcome.at_leg(n))?;
        let counted = guarding::Leg {
            debit: leg.debit,
            credit: leg.credit,
            amount,
            booked: amount,
            legs: 1,
            settles: true,
        };
        guarding::count(work, &counted).map_err(|outcome| outcome.at_leg(n))?;
        let place = Place {
            ordinal,
            leg: n,
            id: i.id,
        };
        post(work, &place, (under, value), amount, moved);
        let moved = QueuedLeg {
            debit: leg.debit,
            credit: leg.credit,
            amount,
        };
        fees::charge(work, &place, &moved, left).map_err(|outcome| outcome.at_leg(n))?;
    }
    Ok(())
}

/// The counters of both accounts after a leg between them.
pub(super) fn after(
    work: &Work<'_>,
    (debit, credit): (u64, u64),
    amount: u128,
) -> Result<[(u64, Counters); 2], Outcome> {
    let book = work.state.book();
    let counters = |number| {
        let account = book.account_numbered(number);
        let account = account.ok_or(Outcome::AccountUnknown)?;
        Ok::<Counters, Outcome>(account.counters)
    };
    let full = Outcome::AmountOverflow;
    let debited = counters(debit)?.debit(amount).ok_or(full)?;
    let credited = counters(credit)?.credit(amount).ok_or(full)?;
    Ok([(debit, debited), (credit, credited)])
}

/// Posts the counters of a leg of a transfer, and drafts its item, which says under which mandate it
/// is, or which value date it has.
pub(super) fn post(
    work: &mut Work<'_>,
    place: &Place,
    (under, value): (Option<&Under>, Option<Date>),
    amount: u128,
    after: [(u64, Counters); 2],
) {
    if let Some(date) = value {
        return valuing::post(work, place, date, amount, after);
    }
    let [(debit, _), _] = after;
    let under = under.filter(|under| under.covers(debit));
    let kind = match under {
        Some(_) => LegKind::Mandated,
        None => LegKind::Transfer,
    };
    draft(work, place, kind, under.map(Under::of), amount, after);
}

/// Posts the counters of a leg and drafts its item, behind that of its instruction.
pub(super) fn draft(
    work: &mut Work<'_>,
    place: &Place,
    kind: LegKind,
    of: Option<OfHold>,
    amount: u128,
    after: [(u64, Counters); 2],
) {
    let leg = work.post_leg(place, kind, amount, after);
    work.draft_held(HeldLeg {
        leg,
        of,
        since: None,
        about: About::Nothing,
        outcome: kind.outcome(),
    });
}
