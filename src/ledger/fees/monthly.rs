//! What is due for a month: at the end of its last business date, of each account that a rule is for.
//!
//! ```text
//!  SYSC ─▶ fees: more ─▶ ... ─▶ fees: done ─▶ next_date
//!          account 4: fee, tax      account 9000: owed
//! ```
//!
//! Whoever cannot pay at that moment owes it: the log says so, and nobody waits for it. So no end of a
//! day is held up by an account.

use alloc::vec::Vec;

use super::schedule::{Charge, FeeSchedule};
use crate::ledger::account::{Account, AccountStatus};
use crate::ledger::apply::Work;
use crate::ledger::asset::AssetStatus;
use crate::ledger::book::Book;
use crate::ledger::calendar::Month;
use crate::ledger::clearing::{Net, Purse, nets};
use crate::ledger::draft::{About, HeldLeg, LegKind};
use crate::ledger::instruction::Priority;
use crate::ledger::participant::Participant;
use crate::ledger::queue::QueuedLeg;
use crate::ledger::reserving;
use crate::ledger::transfer::Place;
use crate::limits::ITEMS_MAX;

/// The schedule by which something is due for a month in an asset.
fn schedule(book: &Book, asset: u32) -> Option<&FeeSchedule> {
    let retired = |number| {
        let asset = book.asset_numbered(number);
        asset.is_none_or(|asset| asset.status == AssetStatus::Retired)
    };
    let schedule = book.fees().in_force(asset)?;
    (!schedule.monthly.is_empty() && !retired(asset)).then_some(schedule)
}

/// What is due of an account for a month: nothing of one that is closed, nor of who does not take part
/// or in tests alone.
fn due(book: &Book, schedule: &FeeSchedule, account: &Account) -> Option<Charge> {
    let owner = book.participant_numbered(account.owner);
    if account.status == AccountStatus::Closed || owner.is_none_or(Participant::is_apart) {
        return None;
    }
    schedule.due_monthly(account)
}

/// Accounts from a number on of which something is due for a month.
fn charged(book: &Book, asset: u32, from: u64) -> impl Iterator<Item = u64> {
    let schedule = schedule(book, asset);
    // Without one no account is looked at: a day ends every day.
    let from = schedule.and_then(|_| usize::try_from(from).ok());
    let accounts = book
        .accounts()
        .range(from.unwrap_or(usize::MAX)..usize::MAX);
    let due = move |account: &&Account| {
        let schedule = schedule.filter(|_| account.asset == asset);
        schedule.is_some_and(|schedule| due(book, schedule, account).is_some())
    };
    accounts.filter(due).map(|account| account.number)
}

/// Whether something is due of any account for a month.
pub(in crate::ledger) fn charges_any(book: &Book, asset: u32) -> bool {
    charged(book, asset, 0).next().is_some()
}

/// The accounts from a number on that one entry charges: as many as it would have room for behind its
/// first item if all could pay; and the first that is left.
pub(in crate::ledger) fn of_one_entry(
    book: &Book,
    asset: u32,
    from: u64,
) -> (Vec<u64>, Option<u64>) {
    let taxed = schedule(book, asset).is_some_and(|schedule| schedule.tax.is_some());
    let room = ITEMS_MAX.saturating_sub(1);
    let most = if taxed { room.wrapping_div(2) } else { room };
    let mut charged = charged(book, asset, from);
    let now = charged.by_ref().take(most).collect();
    (now, charged.next())
}

/// Charges accounts for a month, each with an ordinal of its own behind that of what the entry says.
pub(in crate::ledger) fn charge_month(work: &mut Work<'_>, month: Month, accounts: &[u64]) {
    for (number, ordinal) in accounts.iter().zip(1u32..) {
        let book = work.state.book();
        let account = book.account_numbered(*number);
        let account = account.expect("accounts never go");
        let schedule = schedule(book, account.asset);
        let found = schedule.and_then(|of| Some((of, due(book, of, account)?)));
        let (schedule, charge) = found.expect("nothing comes between that changes what is due");
        let legs = legs(schedule, *number, charge);
        let place = Place {
            ordinal,
            leg: 0,
            id: schedule.id,
        };
        let kinds = [LegKind::PeriodFee, LegKind::PeriodTax];
        match (can_pay(work, account, &legs), legs.first()) {
            (true, _) => {
                // What is owed to the operators goes before what waits, as a net does, and uses what is
                // reserved as what is urgent: nobody escapes it by reserving.
                let sum = charge.sum();
                reserving::use_up(work, *number, Net::paid(Priority::Urgent, sum));
                for (kind, leg) in kinds.into_iter().zip(&legs) {
                    post(work, &place, (kind, month), leg, leg.amount);
                }
            }
            (false, Some(fee)) => {
                let amount = charge.sum();
                let all = QueuedLeg { amount, ..*fee };
                post(work, &place, (LegKind::Owed, month), &all, 0);
            }
            (false, None) => {}
        }
    }
}

/// The fee, and the tax on it if there is one.
fn legs(schedule: &FeeSchedule, debit: u64, charge: Charge) -> Vec<QueuedLeg> {
    let leg = |credit, amount| QueuedLeg {
        debit,
        credit,
        amount,
    };
    let tax = schedule.tax.map(|tax| leg(tax.account, charge.tax));
    let fee = leg(schedule.account, charge.fee);
    core::iter::once(fee).chain(tax).collect()
}

/// Whether an account can pay all of it now: its asset moves, nothing stops its debits, it has the funds
/// beside what freezes keep, and the counters have room. What is urgent and waits does not stand in the
/// way, for fees rank before it.
fn can_pay(work: &Work<'_>, account: &Account, legs: &[QueuedLeg]) -> bool {
    let (book, time) = (work.state.book(), work.time);
    let asset = book.asset_numbered(account.asset);
    let moves = asset.is_some_and(|asset| asset.status == AssetStatus::Active);
    let stopped = || book.debits_frozen(account, time) || book.owner_suspended(account);
    let sum = legs
        .iter()
        .fold(0u128, |sum, leg| sum.saturating_add(leg.amount));
    let fits = || {
        let legs = legs.iter().map(|leg| (leg, Priority::Urgent));
        nets(legs).into_iter().all(|(number, net)| {
            let account = book.account_numbered(number);
            account.is_some_and(|account| Purse::of(book, account, time).has_room(net))
        })
    };
    let own = u128::try_from(book.available(account, time)).unwrap_or(0);
    moves && !stopped() && sum <= own && fits()
}

/// Posts what moves of a leg, and drafts its item.
fn post(
    work: &mut Work<'_>,
    place: &Place,
    (kind, month): (LegKind, Month),
    leg: &QueuedLeg,
    moved: u128,
) {
    let counters = |number| {
        let account = work.state.book().account_numbered(number);
        account.expect("accounts never go").counters
    };
    let room = "the room of counters was looked at before";
    let debit = counters(leg.debit).debit(moved).expect(room);
    let credit = counters(leg.credit).credit(moved).expect(room);
    let after = [(leg.debit, debit), (leg.credit, credit)];
    let leg = work.post_leg(place, kind, leg.amount, after);
    work.draft_held(HeldLeg {
        leg,
        of: None,
        since: None,
        about: About::Month(month),
        outcome: kind.outcome(),
    });
}
