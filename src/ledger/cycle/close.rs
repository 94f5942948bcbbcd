//! The end of a window: it closes, by the operators or by its schedule; then it settles when every
//! net debtor has the funds. If they do not have them in time the log says who, and the window waits.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::Serialize;

use super::clear::{counters, draft};
use super::daily::closes_at;
use super::instruction::CloseWindow;
use super::model::open;
use super::pool::{Lack, covered_from, draws};
use super::record::{
    ClosedWindow, CycleEffect, Member, Model, ModelRecord, Moment, OpenWindow, WindowNet,
};
use crate::ledger::amount::print_minor;
use crate::ledger::apply::Work;
use crate::ledger::asset::AssetStatus;
use crate::ledger::book::{Book, Effect};
use crate::ledger::clearing::Net;
use crate::ledger::draft::{LegKind, OfWindow};
use crate::ledger::id::{InstructionId, ModelId, ParticipantId};
use crate::ledger::instruction::{Instruction, Priority};
use crate::ledger::outcome::Outcome;
use crate::ledger::reserving;
use crate::ledger::time::SECOND;
use crate::ledger::transfer::{Place, leg_number};
use crate::limits::WINDOWS_SETTLED_KEPT;

/// Closes the open window; gives its number.
pub(in crate::ledger) fn close_window(
    work: &mut Work<'_>,
    i: &CloseWindow,
) -> Result<u64, Outcome> {
    let record = &open(work.state.book(), &i.model)?.record;
    if record.open.from > work.index {
        return Err(Outcome::WindowEnds);
    }
    if !record.may_close() {
        return Err(Outcome::WindowsTooMany);
    }
    let number = record.number;
    Ok(close(work, number))
}

/// Ends the open window of a model with this entry; gives its number.
///
/// # Panics
/// If what was sent in it is not what was received: every payment counts on both sides.
pub(super) fn close(work: &mut Work<'_>, number: u32) -> u64 {
    let at = Moment {
        index: work.index,
        time: work.time,
    };
    let model = work.state.book().cycles().numbered(number);
    let model = model.expect("whoever closes a window has found its model");
    let mut record = model.record.clone();
    let OpenWindow {
        number: window,
        from,
        ..
    } = record.open;
    let active = model.members().filter(|(_, m)| m.now != Default::default());
    let members: Vec<(u32, Member)> = active.map(|(number, member)| (number, *member)).collect();
    let nets: Vec<WindowNet> = members
        .iter()
        .map(|(participant, member)| WindowNet {
            participant: *participant,
            account: member.account,
            turnover: member.now,
            drawn: 0,
        })
        .collect();
    let sum = nets.iter().fold(0i128, |sum, net| {
        sum.saturating_add(net.turnover.position())
    });
    assert_eq!(sum, 0, "what was sent in a window was received in it");
    let mut closed = ClosedWindow {
        number: window,
        from,
        closed: at,
        nets,
        settled: None,
        defaulted: None,
    };
    let at_once = record.unsettled() == 0 && closed.is_even();
    if at_once {
        closed.settled = Some(at);
        record.settled = window;
    }
    record.open = OpenWindow {
        number: window.saturating_add(1),
        from: at.index.saturating_add(1),
        since: at.time,
    };
    put(
        work,
        CycleEffect::Window(number, window, Some(Arc::new(closed))),
    );
    for (participant, mut member) in members {
        if !at_once {
            member.unsettled = member.whole();
        }
        member.now = Default::default();
        put(work, CycleEffect::Member(number, participant, Some(member)));
    }
    put(work, CycleEffect::Model(number, Some(Box::new(record))));
    forget(work, number);
    window
}

/// When the node has something to do for a model, nanoseconds since 1970 UTC.
pub(in crate::ledger) fn next_due(book: &Book) -> Option<u64> {
    let models = book.cycles().models().iter();
    models
        .filter_map(|model| {
            let waits = match model.front() {
                Some(window) => [
                    settles_from(book, model, window),
                    default_at(book, model, window),
                ],
                None => [None, None],
            };
            let due = waits.into_iter().chain([closes_at(book, &model.record)]);
            due.flatten().min()
        })
        .min()
}

/// Does one thing that is due: settles a window, closes one by schedule, or says who is in default.
/// Says whether anything was.
pub(in crate::ledger) fn step(work: &mut Work<'_>) -> bool {
    let book = work.state.book();
    if book.cycles().models().is_empty() {
        return false;
    }
    let number = |model: &Arc<Model>| model.record.number;
    let due = |time: Option<u64>| time.is_some_and(|time| time <= work.time);
    let funded = |model: &&Arc<Model>| {
        let front = model.front();
        front.is_some_and(|window| due(settles_from(book, model, window)))
    };
    if let Some(number) = book.cycles().models().iter().find(funded).map(number) {
        settle(work, number);
        return true;
    }
    let models = book.cycles().models().iter();
    let closing = models.filter(|model| due(closes_at(book, &model.record)));
    let first = closing.min_by_key(|model| (closes_at(book, &model.record), model.record.number));
    if let Some(number) = first.map(number) {
        close_by_itself(work, number);
        return true;
    }
    let late = |model: &&Arc<Model>| {
        let front = model.front();
        front.is_some_and(|window| due(default_at(book, model, window)))
    };
    match book.cycles().models().iter().find(late).map(number) {
        Some(number) => {
            say_default(work, number);
            true
        }
        None => false,
    }
}

/// From when on a window can settle, nanoseconds since 1970 UTC: its debtors have the funds, or the pool
/// covers what they lack.
fn settles_from(book: &Book, model: &Model, window: &ClosedWindow) -> Option<u64> {
    if !passes(book, model, window) {
        return None;
    }
    let (funded, covered) = (funded_from(book, window), covered_from(book, model, window));
    funded.into_iter().chain(covered).min()
}

/// Whether the asset moves, and the model's own account takes the nets.
fn passes(book: &Book, model: &Model, window: &ClosedWindow) -> bool {
    let moved = window.debtors().map(|(_, amount)| amount);
    let moved = moved.fold(0u128, u128::saturating_add);
    let own = book.account_numbered(model.record.account);
    let fits = own.is_some_and(|own| {
        own.counters.credit(moved).is_some() && own.counters.debit(moved).is_some()
    });
    is_active(book, model) && fits
}

/// From when on every net debtor of a window has the funds and nothing else stands in its way,
/// nanoseconds since 1970 UTC: 0 if that is so already, `None` if time alone does not bring it about.
/// Freezes that end make it later.
fn funded_from(book: &Book, window: &ClosedWindow) -> Option<u64> {
    let account = |number| book.account_numbered(number);
    let mut from = 0;
    for (net, amount) in window.debtors() {
        let payer = account(net.account)?;
        payer.counters.debit(amount)?;
        // What waits urgently for funds keeps them from no net.
        let free = |time| {
            let available = u128::try_from(book.available(payer, time)).unwrap_or(0);
            amount <= available && !book.debits_frozen(payer, time)
        };
        from = from.max(book.free_from(payer, free)?);
    }
    for (net, amount) in window.creditors() {
        let payee = account(net.account)?;
        payee.counters.credit(amount)?;
        let free = |time| !book.credits_frozen(payee, time);
        from = from.max(book.free_from(payee, free)?);
    }
    Some(from)
}

fn is_active(book: &Book, model: &Model) -> bool {
    let asset = book.asset_numbered(model.record.asset);
    asset.is_some_and(|asset| asset.status == AssetStatus::Active)
}

/// When waiting for funds becomes a default. While the asset does not move, nobody can pay.
fn default_at(book: &Book, model: &Model, window: &ClosedWindow) -> Option<u64> {
    let patience = model.record.terms.funding_s.saturating_mul(SECOND);
    let waits = window.defaulted.is_none() && is_active(book, model);
    waits.then(|| window.closed.time.saturating_add(patience))
}

/// Settles the window that is next, with even ones behind it: each net debtor pays the model's
/// account, and each net creditor is paid from it. What debtors lack after their default comes from the
/// pool before that.
fn settle(work: &mut Work<'_>, number: u32) {
    let model = work.state.book().cycles().numbered(number);
    let model = model.expect("it was found");
    let mut record = model.record.clone();
    let mut front = model.front().cloned();
    if let Some(window) = &mut front {
        let lacks = draws(work.state.book(), model, window, work.time);
        move_money(work, &record, window, &lacks);
        let drawn = |net: WindowNet| {
            let lack = lacks
                .iter()
                .find(|lack| lack.participant == net.participant);
            let drawn = lack.map_or(0, |lack| lack.amount);
            WindowNet { drawn, ..net }
        };
        if !lacks.is_empty() {
            let window = Arc::make_mut(window);
            window.nets = window.nets.iter().copied().map(drawn).collect();
        }
    }
    while let Some(window) = front {
        record.settled = window.number;
        settled(work, number, &window);
        let model = work.state.book().cycles().numbered(number);
        let next = model.and_then(|model| model.window(window.number.saturating_add(1)));
        front = next.filter(|next| next.is_even()).cloned();
    }
    put(work, CycleEffect::Model(number, Some(Box::new(record))));
    forget(work, number);
}

/// The legs of a window that settles: what is drawn, what debtors pay, what creditors receive.
fn move_money(work: &mut Work<'_>, record: &ModelRecord, window: &ClosedWindow, lacks: &[Lack]) {
    let of = OfWindow {
        model: record.name.clone(),
        window: window.number,
    };
    let pool = record.terms.pool;
    let drawn = lacks.iter().filter_map(|lack| {
        let (pool, to) = (pool?, lack.account);
        Some((LegKind::Draw, pool, to, lack.amount))
    });
    let own = record.account;
    let paid = window.debtors();
    let paid = paid.map(|(net, n)| (LegKind::Net, net.account, own, n));
    let received = window.creditors();
    let received = received.map(|(net, n)| (LegKind::Net, own, net.account, n));
    let legs = drawn.chain(paid).chain(received);
    for (n, (kind, debit, credit, amount)) in legs.enumerate() {
        let place = Place {
            ordinal: 0,
            leg: leg_number(n),
            id: record.id,
        };
        if credit == own {
            // What is owed to everybody is paid as what is most urgent.
            reserving::use_up(work, debit, Net::paid(Priority::Urgent, amount));
        }
        let fits = "a window that is funded settles";
        let debited = counters(work, debit).debit(amount).expect(fits);
        let credited = counters(work, credit).credit(amount).expect(fits);
        let after = [(debit, debited), (credit, credited)];
        draft(work, &place, kind, amount, after, &of);
    }
}

/// Takes a window out of what its members have unsettled, and adds what was drawn to what they owe.
fn settled(work: &mut Work<'_>, number: u32, window: &ClosedWindow) {
    for net in &window.nets {
        let model = work.state.book().cycles().numbered(number);
        let Some(mut member) = model.and_then(|m| m.member(net.participant)).copied() else {
            continue;
        };
        member.unsettled = member.unsettled.less(net.turnover);
        member.owed = member.owed.saturating_add(net.drawn);
        put(
            work,
            CycleEffect::Member(number, net.participant, Some(member)),
        );
    }
    let window = ClosedWindow {
        settled: Some(Moment {
            index: work.index,
            time: work.time,
        }),
        ..window.clone()
    };
    let effect = CycleEffect::Window(number, window.number, Some(Arc::new(window)));
    put(work, effect);
}

/// Forgets the oldest windows of a model that have settled.
fn forget(work: &mut Work<'_>, number: u32) {
    let oldest = |work: &Work<'_>| {
        let model = work.state.book().cycles().numbered(number)?;
        let oldest = model.windows().next()?.number;
        let old = oldest.saturating_add(WINDOWS_SETTLED_KEPT) <= model.record.settled;
        old.then_some(oldest)
    };
    while let Some(window) = oldest(work) {
        put(work, CycleEffect::Window(number, window, None));
    }
}

/// Closes a window whose time, or day, has come. Its item is what the operators would have sent.
pub(super) fn close_by_itself(work: &mut Work<'_>, number: u32) {
    let window = close(work, number);
    let model = work.state.book().cycles().numbered(number);
    let record = &model.expect("its window was closed").record;
    let id = record.id;
    let model = record.name.clone();
    let asked = Instruction::CloseWindow(CloseWindow { id, model }).to_json();
    work.notice((0, id), Outcome::WindowClosed, window, asked);
}

/// What the log says of a window that was not funded in time.
#[derive(Serialize)]
struct Said {
    window_defaulted: Defaulted,
}

#[derive(Serialize)]
struct Defaulted {
    id: InstructionId,
    model: ModelId,
    window: u64,
    short: Vec<Short>,
}

/// Who had too little available beside what freezes keep, and how much was missing.
#[derive(Serialize)]
struct Short {
    participant: ParticipantId,
    amount: String,
}

/// Says who did not fund the window that is next. It goes on waiting.
fn say_default(work: &mut Work<'_>, number: u32) {
    let (book, time) = (work.state.book(), work.time);
    let model = book.cycles().numbered(number).expect("it was found");
    let window = model.front().expect("it was found").clone();
    let scale = book
        .asset_numbered(model.record.asset)
        .map_or(0, |asset| asset.scale);
    let short = window.debtors().filter_map(|(net, amount)| {
        let available = book.available(book.account_numbered(net.account)?, time);
        let missing = i128::try_from(amount).ok()?.saturating_sub(available);
        let participant = book.participant_numbered(net.participant)?.id.clone();
        let amount = print_minor(missing, scale);
        (missing > 0).then_some(Short {
            participant,
            amount,
        })
    });
    let said = Said {
        window_defaulted: Defaulted {
            id: model.record.id,
            model: model.record.name.clone(),
            window: window.number,
            short: short.collect(),
        },
    };
    let json = serde_json::to_string(&said).expect("every field has a JSON form");
    let defaulted = Some(Moment {
        index: work.index,
        time: work.time,
    });
    let (id, at) = (model.record.id, window.number);
    let window = ClosedWindow {
        defaulted,
        ..ClosedWindow::clone(&window)
    };
    put(
        work,
        CycleEffect::Window(number, at, Some(Arc::new(window))),
    );
    work.notice((0, id), Outcome::Defaulted, at, json);
}

fn put(work: &mut Work<'_>, effect: CycleEffect) {
    work.write(Effect::Cycle(effect));
}
