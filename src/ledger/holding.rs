//! `reserve`, `capture`, `void`, and the expiry of holds: two-phase transfers (LEDGER F08).
//!
//! The instruction itself is an item for its submitter, and each leg one for its two parties.

use alloc::vec::Vec;

use super::account::Counters;
use super::apply::{Refusal, Work};
use super::book::Effect;
use super::draft::{About, HeldLeg, LegKind, OfHold};
use super::fees;
use super::guarding;
use super::hold::{Hold, HoldEnd, HoldEnded, HoldLeg, HoldTerms};
use super::id::InstructionId;
use super::instruction::{Capture, Instruction, Leg, Reserve, Void};
use super::outcome::Outcome;
use super::queue::QueuedLeg;
use super::time::DAY;
use super::transfer::{Place, authorise, leg_number, prepare, to_minor, usable};
use crate::limits::{HOLD_DAYS_MAX, ITEMS_MAX, OVER_CAPTURE_BP_MAX};

/// Reserves the amounts of all legs, or nothing.
pub(super) fn reserve(
    work: &mut Work<'_>,
    ordinal: u32,
    i: &Reserve,
    asked: &Instruction,
) -> Result<(), Refusal> {
    authorise(work, &i.legs)?;
    let legs = reserve_legs(work, ordinal, i.id, &i.legs, asked)?;
    let terms = terms(work, i)?;
    Ok(open(work, i.id, terms, legs)?)
}

/// Reserves what legs say whose payers have signed.
pub(super) fn reserve_legs(
    work: &mut Work<'_>,
    ordinal: u32,
    id: InstructionId,
    wanted: &[Leg],
    asked: &Instruction,
) -> Result<Vec<HoldLeg>, Refusal> {
    work.accept(ordinal, asked, Outcome::Reserved);
    let mut legs = Vec::with_capacity(wanted.len());
    for (n, leg) in wanted.iter().enumerate() {
        let n = leg_number(n);
        let prepared = prepare(work, leg, n)?;
        let place = Place {
            ordinal,
            leg: n,
            id,
        };
        let amount = prepared.check(work).map_err(|outcome| outcome.at_leg(n))?;
        let pair = (prepared.debit, prepared.credit);
        pending(work, &place, pair, amount).map_err(|outcome| outcome.at_leg(n))?;
        legs.push(HoldLeg {
            debit: prepared.debit,
            credit: prepared.credit,
            reserved: amount,
            captured: 0,
            remaining: amount,
        });
    }
    Ok(legs)
}

/// Puts a hold into the book whose legs are reserved.
pub(super) fn open(
    work: &mut Work<'_>,
    id: InstructionId,
    terms: HoldTerms,
    legs: Vec<HoldLeg>,
) -> Result<(), Outcome> {
    if work.hold(id).is_some() {
        return Err(Outcome::HoldExists);
    }
    let book = work.state.book();
    let own = u64::try_from(legs.len()).unwrap_or(u64::MAX);
    let open = book.hold_legs_open_of(work.submitter).saturating_add(own);
    if open > book.parameters().holds_open_max() {
        return Err(Outcome::HoldsTooMany);
    }
    let hold = Hold {
        id,
        submitter: work.submitter,
        index: work.index,
        time: work.time,
        terms,
        legs,
        ended: None,
    };
    work.write(Effect::Hold(id, Some(hold)));
    Ok(())
}

/// The terms of a hold, if they are within bounds at this entry's time.
fn terms(work: &Work<'_>, i: &Reserve) -> Result<HoldTerms, Outcome> {
    let expires = i.expires_at.map(super::time::Time::nanos);
    let latest = work.time.saturating_add(HOLD_DAYS_MAX.saturating_mul(DAY));
    if expires.is_some_and(|at| at <= work.time || at > latest) {
        return Err(Outcome::ExpiryInvalid);
    }
    let over_capture_bp = i.over_capture_bp.unwrap_or(0);
    if over_capture_bp > OVER_CAPTURE_BP_MAX {
        return Err(Outcome::OverCaptureTooHigh);
    }
    Ok(HoldTerms {
        expires,
        multi: i.multi.unwrap_or(false),
        over_capture_bp,
        guaranteed: i.guaranteed.unwrap_or(false),
        quote: None,
    })
}

/// Reserves one leg's amount.
fn pending(
    work: &mut Work<'_>,
    place: &Place,
    (debit, credit): (u64, u64),
    amount: u128,
) -> Result<(), Outcome> {
    let counters = |n| work.state.book().account_numbered(n).map(|a| a.counters);
    let reserved = |c: Option<Counters>, of: fn(&mut Counters) -> &mut u128| {
        let mut c = c.ok_or(Outcome::AccountUnknown)?;
        let counter = of(&mut c);
        let sum = counter.checked_add(amount);
        *counter = sum
            .filter(|sum| *sum <= super::amount::MINOR_MAX)
            .ok_or(Outcome::AmountOverflow)?;
        Ok::<_, Outcome>(c)
    };
    let debited = reserved(counters(debit), |c| &mut c.debits_pending)?;
    let credited = reserved(counters(credit), |c| &mut c.credits_pending)?;
    let leg = guarding::Leg {
        debit,
        credit,
        amount,
        booked: 0,
        legs: 1,
        settles: true,
    };
    guarding::count(work, &leg)?;
    let after = [(debit, debited), (credit, credited)];
    draft(work, place, LegKind::Reserve, None, amount, after);
    Ok(())
}

/// Posts a part of a hold, or all of it.
pub(super) fn capture(
    work: &mut Work<'_>,
    ordinal: u32,
    i: &Capture,
    asked: &Instruction,
) -> Result<(), Refusal> {
    let mut hold = find(work, i.hold)?;
    let party = |work: &Work<'_>, leg: &HoldLeg| {
        signed_for(work, leg.credit) || signed_for(work, leg.debit)
    };
    for (n, leg) in hold.legs.iter().enumerate() {
        if !party(work, leg) {
            return Err(Outcome::NotOwner.at_leg(leg_number(n)));
        }
    }
    let amount = stated(work, &hold, i)?;
    is_open(&hold)?;
    if hold.terms.quote.is_some() {
        return Err(Outcome::HoldIsQuote.into());
    }
    if amount.is_some() && hold.legs.len() > 1 {
        return Err(Outcome::HoldHasLegs.into());
    }
    if i.last == Some(false) && !hold.terms.multi {
        return Err(Outcome::HoldNotMulti.into());
    }
    room(work, hold.legs.len())?;
    work.accept(ordinal, asked, Outcome::Settled);
    let mut part = Part {
        hold: hold.id,
        time: hold.time,
        over_bp: hold.terms.over_capture_bp,
        amount,
        ends: !hold.terms.multi || i.last == Some(true),
        behind: hold.legs.len(),
    };
    for (n, leg) in hold.legs.iter_mut().enumerate() {
        let n = leg_number(n);
        let place = Place {
            ordinal,
            leg: n,
            id: i.id,
        };
        part.behind = part.behind.saturating_sub(1);
        part.take(work, &place, leg).map_err(|o| o.at_leg(n))?;
    }
    if hold.legs.iter().all(|leg| leg.remaining == 0) {
        hold.ended = Some(end(work, HoldEnd::Captured));
    }
    put(work, hold);
    Ok(())
}

/// What a capture takes of each leg of its hold.
struct Part {
    hold: InstructionId,
    /// When the hold was made, nanoseconds since 1970 UTC.
    time: u64,
    /// How far above the reserved amount a capture may go, in basis points.
    over_bp: u16,
    /// The amount taken; none is all that is left of the leg.
    amount: Option<u128>,
    /// Whether what is left is given back.
    ends: bool,
    /// How many legs of the hold are still to be taken from.
    behind: usize,
}

impl Part {
    /// Takes it from `leg`, and what is charged for that from its receiver.
    fn take(&self, work: &mut Work<'_>, place: &Place, leg: &mut HoldLeg) -> Result<(), Outcome> {
        guarding::may_capture(work, leg)?;
        let take = self.amount.unwrap_or(leg.remaining);
        if leg.captured.saturating_add(take) > leg.capture_max(self.over_bp) {
            return Err(Outcome::CaptureExceedsReserved);
        }
        let used = take.min(leg.remaining);
        let left = leg.remaining.saturating_sub(used);
        let released = if self.ends { left } else { 0 };
        let over = take.saturating_sub(used);
        guarding::take(work, leg, over, take)?;
        guarding::give_back(work, self.time, leg, released, false);
        let moved = Moved {
            unreserved: used.saturating_add(released),
            posted: take,
        };
        let after = moved.both(work, leg)?;
        let of = OfHold {
            hold: self.hold,
            unreserved: moved.unreserved,
        };
        draft(work, place, LegKind::Capture, Some(of), take, after);
        let booked = QueuedLeg {
            debit: leg.debit,
            credit: leg.credit,
            amount: take,
        };
        fees::receiver_pays(work, place, &booked, self.behind)?;
        leg.captured = leg.captured.saturating_add(take);
        leg.remaining = left.saturating_sub(released);
        Ok(())
    }
}

/// Books all that a hold of one leg has reserved, as that leg of another instruction.
pub(super) fn deliver(work: &mut Work<'_>, place: &Place, mut hold: Hold) -> Result<(), Outcome> {
    for leg in &mut hold.legs {
        guarding::may_capture(work, leg)?;
        let take = leg.remaining;
        guarding::take(work, leg, 0, take)?;
        let moved = Moved {
            unreserved: take,
            posted: take,
        };
        let after = moved.both(work, leg)?;
        let of = OfHold {
            hold: hold.id,
            unreserved: take,
        };
        draft(work, place, LegKind::Capture, Some(of), take, after);
        (leg.captured, leg.remaining) = (take, 0);
    }
    hold.ended = Some(end(work, HoldEnd::Captured));
    put(work, hold);
    Ok(())
}

/// Gives back what is left of a hold.
pub(super) fn void(
    work: &mut Work<'_>,
    ordinal: u32,
    i: &Void,
    asked: &Instruction,
) -> Result<(), Refusal> {
    let mut hold = find(work, i.hold)?;
    let mut frozen = None;
    for (n, leg) in hold.legs.iter().enumerate() {
        let payer = !hold.terms.guaranteed && signed_for(work, leg.debit);
        let others = signed_for(work, leg.credit) || work.quorum();
        if !payer && !others {
            return Err(Outcome::NotOwner.at_leg(leg_number(n)));
        }
        if !others && frozen.is_none() && guarding::debits_frozen(work, leg.debit) {
            frozen = Some(leg_number(n));
        }
    }
    is_open(&hold)?;
    if let Some(n) = frozen {
        return Err(Outcome::AccountFrozen.at_leg(n));
    }
    room(work, hold.legs.len())?;
    work.accept(ordinal, asked, Outcome::Voided);
    let place = Place {
        ordinal,
        leg: 0,
        id: i.id,
    };
    give_back(work, &mut hold, &place, LegKind::Void)?;
    hold.ended = Some(end(work, HoldEnd::Voided));
    put(work, hold);
    Ok(())
}

/// Ends the holds whose time has come, soonest first, as many as an entry has room for. Says whether
/// there were any.
pub(super) fn expire(work: &mut Work<'_>) -> bool {
    let mut ordinal = 0u32;
    while let Some(hold) = work.state.book().hold_due(work.time) {
        let mut hold = hold.clone();
        if ordinal > 0 && work.drafted().saturating_add(hold.legs.len()) > ITEMS_MAX {
            break;
        }
        let place = Place {
            ordinal,
            leg: 0,
            id: hold.id,
        };
        give_back(work, &mut hold, &place, LegKind::Expire)
            .expect("accounts of open holds have what is pending");
        hold.ended = Some(end(work, HoldEnd::Expired));
        put(work, hold);
        ordinal = ordinal.saturating_add(1);
    }
    ordinal > 0
}

/// Releases all that remains of every leg.
fn give_back(
    work: &mut Work<'_>,
    hold: &mut Hold,
    place: &Place,
    kind: LegKind,
) -> Result<(), Refusal> {
    let (id, made) = (hold.id, hold.time);
    for (n, leg) in hold.legs.iter_mut().enumerate() {
        let n = leg_number(n);
        let moved = Moved {
            unreserved: leg.remaining,
            posted: 0,
        };
        let after = moved.both(work, leg).map_err(|o| o.at_leg(n))?;
        let place = Place { leg: n, ..*place };
        let of = (kind == LegKind::Void).then_some(OfHold {
            hold: id,
            unreserved: leg.remaining,
        });
        guarding::give_back(work, made, leg, leg.remaining, true);
        draft(work, &place, kind, of, leg.remaining, after);
        leg.remaining = 0;
    }
    Ok(())
}

/// What a step does to a leg of a hold, minor units.
struct Moved {
    unreserved: u128,
    posted: u128,
}

impl Moved {
    /// The counters of both accounts after it.
    fn both(&self, work: &Work<'_>, leg: &HoldLeg) -> Result<[(u64, Counters); 2], Outcome> {
        let book = work.state.book();
        let of = |n| book.account_numbered(n).map(|account| account.counters);
        let debit = of(leg.debit).ok_or(Outcome::AccountUnknown)?;
        let credit = of(leg.credit).ok_or(Outcome::AccountUnknown)?;
        let mut debited = debit.debit(self.posted).ok_or(Outcome::AmountOverflow)?;
        let mut credited = credit.credit(self.posted).ok_or(Outcome::AmountOverflow)?;
        for pending in [&mut debited.debits_pending, &mut credited.credits_pending] {
            *pending = pending
                .checked_sub(self.unreserved)
                .expect("what an open hold has reserved is pending");
        }
        Ok([(leg.debit, debited), (leg.credit, credited)])
    }
}

/// Posts the counters of a leg and drafts its item.
fn draft(
    work: &mut Work<'_>,
    place: &Place,
    kind: LegKind,
    of: Option<OfHold>,
    amount: u128,
    after: [(u64, Counters); 2],
) {
    let leg = work.post_leg(place, kind, amount, after);
    work.draft_held(HeldLeg {
        outcome: kind.outcome(),
        leg,
        of,
        since: None,
        about: About::Nothing,
    });
}

/// A hold that somebody who signed is a party of; of others nothing is told.
fn find(work: &Work<'_>, id: InstructionId) -> Result<Hold, Outcome> {
    let hold = work.hold(id).ok_or(Outcome::HoldUnknown)?;
    let party = |leg: &HoldLeg| signed_for(work, leg.debit) || signed_for(work, leg.credit);
    match work.quorum() || hold.legs.iter().any(party) {
        true => Ok(hold.clone()),
        false => Err(Outcome::HoldUnknown),
    }
}

fn is_open(hold: &Hold) -> Result<(), Refusal> {
    let Some(ended) = hold.ended else {
        return Ok(());
    };
    let outcome = match ended.how {
        HoldEnd::Captured => Outcome::HoldAlreadyCaptured,
        HoldEnd::Voided => Outcome::HoldAlreadyVoided,
        HoldEnd::Expired => Outcome::HoldExpired,
    };
    Err(Refusal {
        outcome,
        leg: None,
        detail: ended.index,
    })
}

/// The amount that a capture states, minor units; checks that its assets move at all.
fn stated(work: &Work<'_>, hold: &Hold, i: &Capture) -> Result<Option<u128>, Refusal> {
    let book = work.state.book();
    let mut scale = 0;
    for (n, leg) in hold.legs.iter().enumerate() {
        let n = leg_number(n);
        let account = book.account_numbered(leg.debit);
        let asset = account.and_then(|account| book.asset_numbered(account.asset));
        let asset = asset.ok_or_else(|| Outcome::AssetUnknown.at_leg(n))?;
        usable(asset).map_err(|outcome| outcome.at_leg(n))?;
        scale = asset.scale;
    }
    let Some(amount) = &i.amount else {
        return Ok(None);
    };
    Ok(Some(to_minor(*amount, scale)?))
}

fn signed_for(work: &Work<'_>, account: u64) -> bool {
    let account = work.state.book().account_numbered(account);
    account.is_some_and(|account| work.signed_by(account.owner))
}

/// Whether an entry has room for so many legs with their instruction, and for all that follows.
pub(super) fn room(work: &Work<'_>, legs: usize) -> Result<(), Outcome> {
    let own = legs.saturating_add(1);
    let others = work.drafted().saturating_add(work.items_behind());
    match own.saturating_add(others) <= ITEMS_MAX {
        true => Ok(()),
        false => Err(Outcome::EntryFull),
    }
}

/// Writes a hold that has changed. If it has ended, the oldest that did are forgotten beyond what is
/// remembered of one participant.
fn put(work: &mut Work<'_>, hold: Hold) {
    let (whose, over) = (hold.submitter, !hold.is_open());
    work.write(Effect::Hold(hold.id, Some(hold)));
    while over && let Some(id) = work.state.book().hold_beyond(whose) {
        work.write(Effect::Hold(id, None));
    }
}

const fn end(work: &Work<'_>, how: HoldEnd) -> HoldEnded {
    HoldEnded {
        how,
        index: work.index,
        time: work.time,
    }
}
