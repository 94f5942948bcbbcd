//! Transfers that are looked at as a whole, and payments that wait: `check`, `queue`, `cancel`,
//! `requeue`, and what the node does with the queue by itself (LEDGER F05, F10).

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::apply::{Refusal, Work};
use super::book::Effect;
use super::calendar::{self, Date, Timing};
use super::clearing::{self, Net, Purse, classed, nets};
use super::draft::{About, HeldLeg, LegKind};
use super::fees::{self, Extra};
use super::holding::room;
use super::id::InstructionId;
use super::instruction::{
    Cancel, Instruction, Position, Priority, QueueTerms, Requeue, Transfer, Until,
};
use super::mandating::{self, Under};
use super::outcome::Outcome;
use super::queue::{Payment, PaymentKey, QueuedLeg, Rank};
use super::time::{DAY, Time};
use super::transfer::{Place, leg_number, prepare};
use super::{condition, guarding, reserving, telling, valuing};
use crate::limits::{
    ITEMS_MAX, QUEUE_ACCOUNT_MAX, QUEUE_DAYS_MAX, QUEUE_LEGS_MAX, QUEUE_PARTICIPANT_LEGS_MAX,
};

/// A transfer whose legs are one set: it settles as a whole, or waits, or is refused.
pub(super) fn transfer(
    work: &mut Work<'_>,
    ordinal: u32,
    i: &Transfer,
    asked: &Instruction,
) -> Result<(), Refusal> {
    let under = mandating::authorise(work, i)?;
    let under = under.as_ref();
    room(work, i.legs.len())?;
    condition::check(work, i.conditions.as_deref())?;
    let timing = calendar::timing(work, i)?;
    let value = valuing::check(work, i, timing)?;
    let mut legs = Vec::with_capacity(i.legs.len());
    for (n, leg) in i.legs.iter().enumerate() {
        let n = leg_number(n);
        let prepared = prepare(work, leg, n)?;
        mandating::take(work, under, &prepared).map_err(|outcome| outcome.at_leg(n))?;
        let told = |outcome| mandating::told(under, prepared.debit, outcome).at_leg(n);
        let amount = prepared.check_but_funds(work).map_err(told)?;
        legs.push(QueuedLeg {
            debit: prepared.debit,
            credit: prepared.credit,
            amount,
        });
    }
    let extra = fees::extra_of(work.state.book(), &legs, work.time).map_err(fees::at_leg)?;
    if let Timing::On { date, rolled } = timing {
        has_room(work, &legs, &extra)?;
        let terms = i.queue.unwrap_or_default();
        let mut payment = payment(work, ordinal, i, &terms, &legs)?;
        payment.day = Some(date);
        // Of one date, unless its sender says that it may wait for longer.
        payment.until_cutoff |= i.queue.is_none();
        let outcome = match rolled {
            true => Outcome::Rolled,
            false => Outcome::Warehoused,
        };
        return wait(work, asked, payment, (outcome, date.to_number()));
    }
    let whole = fees::with(&legs, &extra);
    let priority = priority_of(i.queue.as_ref());
    let lacks = |set: &[QueuedLeg]| short(work, &legs, (set, priority), i.queue.is_none());
    let short = lacks(&legs);
    let short_of_all = match &whole {
        Cow::Borrowed(_) => short,
        Cow::Owned(_) => short.or_else(|| lacks(&whole)),
    };
    match (&i.queue, short_of_all) {
        (None, Some(n)) => {
            if short.is_some() {
                return Err(Outcome::InsufficientFunds.at_leg(n));
            }
            has_room(work, &legs, &extra)?;
            return Err(Outcome::FeeNotCovered.at_leg(n));
        }
        (None, None) => has_room(work, &legs, &extra)?,
        (Some(terms), short) => {
            has_room(work, &legs, &extra)?;
            let payment = payment(work, ordinal, i, terms, &legs)?;
            if short.is_some() || payment.settle_from.is_some() || is_behind(work, &payment) {
                return wait(work, asked, payment, (Outcome::Queued, 0));
            }
        }
    }
    room(work, whole.len())?;
    work.accept(ordinal, asked, Outcome::Settled);
    if priority.is_strict() {
        for (number, net) in nets(classed(priority, &legs, &whole)) {
            reserving::use_up(work, number, net);
        }
    }
    settle_set(work, (ordinal, i.id), (under, value), (&legs, &extra))
}

/// How urgent a transfer is: normal, if it does not say.
fn priority_of(terms: Option<&QueueTerms>) -> Priority {
    terms.and_then(|terms| terms.priority).unwrap_or_default()
}

/// Counts and moves the legs of a set, each with what is due on it.
fn settle_set(
    work: &mut Work<'_>,
    (ordinal, id): (u32, InstructionId),
    by: (Option<&Under>, Option<Date>),
    (legs, extra): (&[QueuedLeg], &[Vec<Extra>]),
) -> Result<(), Refusal> {
    for (n, leg) in legs.iter().enumerate() {
        let extra = extra.get(n).map_or(&[][..], |extra| extra);
        let n = leg_number(n);
        let place = Place {
            ordinal,
            leg: n,
            id,
        };
        let at = |outcome: Outcome| outcome.at_leg(n);
        guarding::count_queued(work, leg, true).map_err(at)?;
        let after = telling::after(work, (leg.debit, leg.credit), leg.amount).map_err(at)?;
        telling::post(work, &place, by, leg.amount, after);
        fees::post_extra(work, &place, extra).map_err(at)?;
    }
    Ok(())
}

/// The first leg that debits an account which cannot pay what a set asks of it: these legs, and fees
/// on them, at a priority; `behind` whatever is urgent there, or in its own turn.
fn short(
    work: &Work<'_>,
    legs: &[QueuedLeg],
    (set, priority): (&[QueuedLeg], Priority),
    behind: bool,
) -> Option<u16> {
    let nets = nets(classed(priority, legs, set));
    let book = work.state.book();
    let short = |leg: &QueuedLeg| {
        let net = nets.get(&leg.debit).copied().unwrap_or_default();
        let account = book.account_numbered(leg.debit);
        account.is_none_or(|account| {
            // What is on it is kept for another; what the set itself brings is not.
            let kept = behind
                && account.has_floor()
                && book.queue().keeps(leg.debit)
                && net.pays > net.gets;
            kept || !Purse::of(book, account, work.time).affords(net)
        })
    };
    legs.iter().position(short).map(leg_number)
}

/// Checks that no counter would pass its bound by legs and the fees on them.
fn has_room(work: &Work<'_>, legs: &[QueuedLeg], extra: &[Vec<Extra>]) -> Result<(), Refusal> {
    let whole = fees::with(legs, extra);
    let nets = nets(classed(Priority::Normal, legs, &whole));
    let book = work.state.book();
    let full = |number: u64| {
        let net = nets.get(&number).copied().unwrap_or_default();
        let account = book.account_numbered(number);
        account.is_none_or(|account| !Purse::of(book, account, work.time).has_room(net))
    };
    let full = |leg: &QueuedLeg| full(leg.debit) || full(leg.credit);
    let mut legs = legs.iter().enumerate();
    let leg = legs.position(|(n, leg)| {
        let mut extra = extra.get(n).into_iter().flatten();
        full(leg) || extra.any(|extra| full(&extra.leg))
    });
    match leg {
        Some(n) => Err(Outcome::AmountOverflow.at_leg(leg_number(n))),
        None => Ok(()),
    }
}

/// What would wait, if its terms are within bounds at this entry's time.
fn payment(
    work: &Work<'_>,
    ordinal: u32,
    i: &Transfer,
    terms: &QueueTerms,
    legs: &[QueuedLeg],
) -> Result<Payment, Outcome> {
    // Whoever else pays has agreed that it waits, and not that it keeps what is on the account.
    let agreed = work.is_agreed() && !priority_of(Some(terms)).is_strict();
    // Who waits keeps its own place, and its own money.
    if i.mandate.is_some() || !(agreed || is_own(work, legs)) {
        return Err(Outcome::QueueNotSenders);
    }
    let settle_from = terms.settle_from.map(Time::nanos);
    let settle_from = settle_from.filter(|from| *from > work.time);
    let reject_at = terms.reject_at.map(Time::nanos);
    let latest = work.time.saturating_add(QUEUE_DAYS_MAX.saturating_mul(DAY));
    let free = settle_from.unwrap_or(work.time);
    let till = terms.till.map(Time::nanos);
    let end = reject_at.unwrap_or(latest.saturating_add(1));
    if till.is_some_and(|till| till <= free || till >= end) {
        return Err(Outcome::QueueTimesInvalid);
    }
    if free > latest || reject_at.is_some_and(|at| at <= free || at > latest) {
        return Err(Outcome::QueueTimesInvalid);
    }
    Ok(Payment {
        rank: Rank {
            priority: priority_of(Some(terms)),
            order: order(work.index),
            ordinal,
            key: (work.submitter, i.id),
        },
        answers: work.submitter,
        index: work.index,
        time: work.time,
        settle_from,
        day: None,
        till,
        overdue: false,
        reject_at,
        until_cutoff: terms.until == Some(Until::Cutoff),
        legs: legs.to_vec(),
    })
}

/// Whether legs debit accounts of the submitter alone.
fn is_own(work: &Work<'_>, legs: &[QueuedLeg]) -> bool {
    legs.iter().all(|leg| {
        let book = work.state.book();
        let account = book.account_numbered(leg.debit);
        account.is_some_and(|account| book.signer_of(account.owner) == work.submitter)
    })
}

/// The place of what is accepted in this entry.
fn order(index: u64) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}

/// Whether an urgent or high payment of one of its accounts waits before it.
fn is_behind(work: &Work<'_>, payment: &Payment) -> bool {
    let queue = work.state.book().queue();
    let behind = |account: &u64| {
        let mut waiting = queue.line(*account).filter(|p| p.is_waiting());
        let first = waiting.next();
        first.is_some_and(|first| first.rank.priority.is_strict() && first.rank < payment.rank)
    };
    let mut payers = payment.payers().into_iter();
    payers.any(|account| queue.keeps(account) && behind(&account))
}

/// Puts a payment into the queue, with this outcome and what it refers to.
fn wait(
    work: &mut Work<'_>,
    asked: &Instruction,
    payment: Payment,
    (outcome, detail): (Outcome, u64),
) -> Result<(), Refusal> {
    let book = work.state.book();
    let queue = book.queue();
    let legs = u64::try_from(payment.legs.len()).unwrap_or(u64::MAX);
    let mut payers = payment.payers().into_iter();
    let own = queue.legs_of(payment.submitter()).saturating_add(legs);
    let full = queue.legs_total().saturating_add(legs) > QUEUE_LEGS_MAX;
    if payers.any(|account| queue.line_len(account) >= QUEUE_ACCOUNT_MAX)
        || own > QUEUE_PARTICIPANT_LEGS_MAX
        || full && own > book.equal_part(QUEUE_LEGS_MAX)
    {
        return Err(Outcome::QueueFull.into());
    }
    let accepted = Refusal {
        outcome,
        leg: None,
        detail,
    };
    work.refuse(payment.rank.ordinal, asked, accepted);
    for (n, leg) in payment.legs.iter().enumerate() {
        let counted = guarding::count_queued(work, leg, false);
        counted.map_err(|outcome| outcome.at_leg(leg_number(n)))?;
    }
    work.write(Effect::Queued(payment.rank.key, Some(payment)));
    Ok(())
}

/// A payment that waits, and that the submitter answers for.
fn find(work: &Work<'_>, id: InstructionId) -> Result<Payment, Outcome> {
    let payment = work.state.book().queue().answered(work.submitter, id);
    payment.cloned().ok_or(Outcome::PaymentNotQueued)
}

/// Takes a payment out of the queue.
pub(super) fn cancel(
    work: &mut Work<'_>,
    ordinal: u32,
    i: &Cancel,
    asked: &Instruction,
) -> Result<(), Refusal> {
    let payment = find(work, i.of)?;
    room(work, payment.legs.len())?;
    work.accept(ordinal, asked, Outcome::Applied);
    revoke(work, ordinal, &payment, Outcome::CancelledBySender);
    Ok(())
}

/// Takes a payment out of the queue, and tells its parties what became of it.
pub(super) fn revoke(work: &mut Work<'_>, ordinal: u32, payment: &Payment, outcome: Outcome) {
    notices(work, ordinal, payment, outcome);
    guarding::drop_queued(work, payment);
    work.write(Effect::Queued(payment.rank.key, None));
}

/// Changes where a payment stands.
pub(super) fn requeue(
    work: &mut Work<'_>,
    ordinal: u32,
    i: &Requeue,
    asked: &Instruction,
) -> Result<(), Refusal> {
    let mut payment = find(work, i.of)?;
    if !is_own(work, &payment.legs) {
        return Err(Outcome::QueueNotSenders.into());
    }
    let before = payment.rank;
    payment.rank.priority = i.priority.unwrap_or(before.priority);
    match i.position {
        None => {}
        Some(Position::Last) => {
            (payment.rank.order, payment.rank.ordinal) = (order(work.index), ordinal);
        }
        Some(Position::First) => {
            let queue = work.state.book().queue();
            let payers = payment.payers();
            let others = payers.iter().flat_map(|account| queue.line(*account));
            let others = others.filter(|other| {
                other.rank.priority == payment.rank.priority && other.rank.key != before.key
            });
            if let Some(first) = others.map(|other| other.rank).min()
                && payment.rank > first
            {
                payment.rank.order = first.order.saturating_sub(1);
            }
        }
    }
    if payment.rank == before {
        return Err(Outcome::NoChange.into());
    }
    work.accept(ordinal, asked, Outcome::Applied);
    work.write(Effect::Queued(before.key, Some(payment)));
    Ok(())
}

/// Releases what was warehoused until now, revokes what has not settled by now, and says what should
/// have: soonest first, as many as an entry has room for. Says whether there were any.
pub(super) fn on_time(work: &mut Work<'_>) -> bool {
    let mut ordinal = 0u32;
    while let Some(payment) = work.state.book().queue().due_at(work.time) {
        let mut payment = payment.clone();
        if ordinal > 0 && room(work, payment.legs.len()).is_err() {
            break;
        }
        let key = payment.rank.key;
        let over = payment.reject_at.is_some_and(|at| at <= work.time);
        let left = if payment.settle_from.take().is_some() {
            notices(work, ordinal, &payment, Outcome::Queued);
            Some(payment)
        } else if over {
            notices(work, ordinal, &payment, Outcome::RevokedAtRejectTime);
            guarding::drop_queued(work, &payment);
            None
        } else {
            notices(work, ordinal, &payment, Outcome::Overdue);
            payment.overdue = true;
            Some(payment)
        };
        work.write(Effect::Queued(key, left));
        ordinal = ordinal.saturating_add(1);
    }
    ordinal > 0
}

/// Settles what can settle, unless a run rests. Says whether anything could.
pub(super) fn clear(work: &mut Work<'_>) -> bool {
    if work.state.outlook.due().is_none_or(|due| due > work.time) {
        return false;
    }
    work.runs();
    let plan = clearing::plan(work.state.book(), work.time, ITEMS_MAX);
    for (ordinal, key) in (0u32..).zip(&plan.keys) {
        settle(work, ordinal, *key);
    }
    for (account, reserved) in plan.reserved {
        reserving::put(work, account, reserved);
    }
    !plan.keys.is_empty()
}

fn settle(work: &mut Work<'_>, ordinal: u32, key: PaymentKey) {
    let Some(payment) = work.state.book().queue().get(key).cloned() else {
        return;
    };
    let extra = fees::extra_of(work.state.book(), &payment.legs, work.time);
    let extra = extra.expect("what is due on it can be paid, or it were stuck");
    for (n, leg) in payment.legs.iter().enumerate() {
        let place = Place {
            ordinal,
            leg: leg_number(n),
            id: payment.id(),
        };
        guarding::settle_queued(work, leg);
        post(work, &place, leg, LegKind::Queued, Some(payment.index));
        let extra = extra.get(n).map_or(&[][..], |extra| extra);
        fees::post_extra(work, &place, extra).expect("the room of counters was looked at before");
    }
    work.write(Effect::Queued(key, None));
}

/// Moves the money of a leg.
fn post(work: &mut Work<'_>, place: &Place, leg: &QueuedLeg, kind: LegKind, since: Option<u64>) {
    let gets = Net {
        gets: leg.amount,
        ..Net::default()
    };
    let moves = [Net::paid(Priority::Normal, leg.amount), gets];
    draft(work, place, leg, kind, moves, since, kind.outcome());
}

/// Tells the parties of each leg what became of a payment.
pub(super) fn notices(work: &mut Work<'_>, ordinal: u32, payment: &Payment, outcome: Outcome) {
    for (n, leg) in payment.legs.iter().enumerate() {
        let place = Place {
            ordinal,
            leg: leg_number(n),
            id: payment.id(),
        };
        let since = Some(payment.index);
        let moves = [Net::default(); 2];
        draft(work, &place, leg, LegKind::Notice, moves, since, outcome);
    }
}

/// Posts the counters of a leg and drafts its item.
fn draft(
    work: &mut Work<'_>,
    place: &Place,
    leg: &QueuedLeg,
    kind: LegKind,
    moves: [Net; 2],
    since: Option<u64>,
    outcome: Outcome,
) {
    let [debit, credit] = moves;
    let after = [(leg.debit, debit), (leg.credit, credit)].map(|(number, moved)| {
        let account = work.state.book().account_numbered(number);
        let counters = account.expect("accounts never go").counters;
        let counters = counters.debit(moved.pays);
        let counters = counters.and_then(|counters| counters.credit(moved.gets));
        let counters = counters.expect("the room of counters was looked at before");
        (number, counters)
    });
    let leg = work.post_leg(place, kind, leg.amount, after);
    work.draft_held(HeldLeg {
        leg,
        of: None,
        since,
        about: About::Nothing,
        outcome,
    });
}
