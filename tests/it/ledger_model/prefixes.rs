//! What holds of every prefix of a log, asked behind every single entry: of what its items say, in a
//! notebook of its own, and of the book that the ledger has then. Nothing here asks what is allowed.

mod found;
mod freezes;
mod held;
mod lines;
mod nets;

use std::collections::BTreeMap;

use quittance::ledger::{
    AccountKind, Applied, Book, Date, DayPhase, Draft, Effect, ItemRef, LegDraft, LegKind, Outcome,
};
use serde_json::Value;

use super::reference::Wish;
use super::wishes::id;

/// What an account has, as its legs say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Kept {
    balance: i128,
    /// Reserved to be paid, and to be received.
    paying: i128,
    receiving: i128,
    /// How far below nothing it may go, if there is a floor: its credit line, less what must stay.
    floor: Option<i128>,
}

impl Kept {
    fn available(self) -> Option<i128> {
        Some(self.balance - self.paying + self.floor?)
    }
}

/// The notebook.
#[derive(Debug, Default)]
pub(crate) struct Prefixes {
    /// Of which run it is.
    pub(crate) run: String,
    /// Whether it is kept where nothing else is checked either, because the log is long.
    pub(crate) always: bool,
    accounts: BTreeMap<u64, Kept>,
    /// How many legs were asked for, by entry and id, where an item says so.
    asked: BTreeMap<(u64, String), usize>,
    /// What each leg of the log moved, and what came back of it.
    legs: BTreeMap<ItemRef, (i128, i128)>,
    dates: BTreeMap<u32, Date>,
    held: held::Held,
    nets: nets::Nets,
    freezes: freezes::Freezes,
    lines: lines::Lines,
    /// How often each was found, so that whoever asks knows that there was something to find.
    found: BTreeMap<&'static str, u64>,
    /// Where entries are kept, with the books behind them, instead of being looked at.
    tape: Option<Vec<(Book, Applied)>>,
}

/// Minor units with a sign.
fn signed(minor: u128) -> i128 {
    i128::try_from(minor).unwrap()
}

/// The kind of an instruction and its fields.
fn wished(json: &str) -> Option<(String, Value)> {
    let read: Value = serde_json::from_str(json).ok()?;
    let (kind, fields) = read.as_object()?.iter().next()?;
    Some((kind.clone(), fields.clone()))
}

/// Whether a leg moves what is booked.
const fn is_booked(kind: LegKind) -> bool {
    !matches!(
        kind,
        LegKind::Reserve
            | LegKind::Void
            | LegKind::Expire
            | LegKind::Notice
            | LegKind::Clear
            | LegKind::Recall
            | LegKind::Owed
    )
}

/// Whether a leg is one that somebody asked for, and not one that is due on another.
const fn is_asked(kind: LegKind) -> bool {
    matches!(
        kind,
        LegKind::Transfer
            | LegKind::Reserve
            | LegKind::Queued
            | LegKind::Mandated
            | LegKind::Valued
            | LegKind::Clear
    )
}

impl Prefixes {
    /// What there was to look at.
    pub(super) fn met(&self) -> impl Iterator<Item = &'static str> {
        let found = self.found.iter().filter(|(_, count)| **count > 0);
        found.map(|(what, _)| *what)
    }

    /// One more entry, and the book behind it.
    pub(crate) fn entry(&mut self, book: &Book, applied: &Applied) {
        if let Some(tape) = &mut self.tape {
            tape.push((book.clone(), applied.clone()));
            return;
        }
        let context = || {
            format!(
                "{}, entry {}: {:?}",
                self.run, applied.index, applied.drafts
            )
        };
        let before = self.accounts.clone();
        for draft in &applied.drafts {
            if let Some(leg) = draft.leg() {
                move_leg(&mut self.accounts, leg, draft);
            }
        }
        conserved(&mut self.accounts, book, &context);
        floors(&before, &self.accounts, applied, &context);
        self.held.entry(book, applied, &context);
        self.nets.entry(book, applied, &context);
        self.freezes.entry(book, applied, &context);
        self.lines.entry(book, applied, &context);
        let (whole, swaps) = whole(&mut self.asked, book, applied, &context);
        let returned = returned(&mut self.legs, applied, &context);
        let dates = dates(&mut self.dates, book, applied.index, &context);
        let counts = [
            ("sets of legs", whole),
            ("conversions", swaps),
            ("returns", returned),
            ("new dates", dates),
            ("ends of holds", self.held.ended),
            ("settled windows", self.nets.settled()),
            ("legs beside freezes", self.freezes.passed),
            ("payments beside urgent ones", self.lines.passed),
        ];
        for (what, more) in counts {
            *self.found.entry(what).or_default() += more;
        }
        (self.held.ended, self.freezes.passed, self.lines.passed) = (0, 0, 0);
    }
}

fn move_leg(accounts: &mut BTreeMap<u64, Kept>, leg: &LegDraft, draft: &Draft) {
    let units = signed(leg.amount);
    let [from, to] = leg.changes.each_ref().map(|change| change.account);
    let booked = if is_booked(leg.kind) { units } else { 0 };
    let pending = match leg.kind {
        LegKind::Reserve => units,
        LegKind::Void | LegKind::Expire => -units,
        LegKind::Capture => -signed(draft.of_hold().unwrap().unreserved),
        _ => 0,
    };
    let payer = accounts.entry(from).or_default();
    (payer.balance, payer.paying) = (payer.balance - booked, payer.paying + pending);
    let payee = accounts.entry(to).or_default();
    (payee.balance, payee.receiving) = (payee.balance + booked, payee.receiving + pending);
}

/// Nothing comes from nowhere, and every account has what its legs say.
fn conserved(accounts: &mut BTreeMap<u64, Kept>, book: &Book, context: &dyn Fn() -> String) {
    let mut sums: BTreeMap<u32, (i128, i128)> = BTreeMap::new();
    for account in book.accounts() {
        let kept = accounts.entry(account.number).or_default();
        let c = &account.counters;
        let found = (
            signed(c.credits_posted) - signed(c.debits_posted),
            signed(c.debits_pending),
            signed(c.credits_pending),
        );
        let noted = (kept.balance, kept.paying, kept.receiving);
        assert_eq!(found, noted, "{}: {}", account.address, context());
        let bounded = matches!(
            account.kind,
            AccountKind::Settlement | AccountKind::Customer | AccountKind::Pool
        );
        let limits = &account.limits;
        let floor = signed(limits.credit_line) - signed(limits.min_balance);
        kept.floor = bounded.then_some(floor);
        let sum = sums.entry(account.asset).or_default();
        *sum = (sum.0 + noted.0, sum.1 + noted.1 - noted.2);
    }
    assert!(sums.values().all(|sum| *sum == (0, 0)), "{}", context());
}

/// No entry takes an account below its floor, or further below: only its limits may have risen.
fn floors(
    before: &BTreeMap<u64, Kept>,
    after: &BTreeMap<u64, Kept>,
    applied: &Applied,
    context: &dyn Fn() -> String,
) {
    let limited = |number: &u64| {
        let mut effects = applied.effects.iter();
        effects.any(|effect| matches!(effect, Effect::Account(of, _) if of == number))
    };
    for (number, kept) in after {
        let then = before.get(number).and_then(|kept| kept.available());
        let (Some(then), Some(now)) = (then, kept.available()) else {
            continue;
        };
        assert!(
            now >= then.min(0) || limited(number),
            "account {number} from {then} to {now}: {}",
            context()
        );
    }
}

/// All legs that were asked for together are in one entry, or none of them; of a conversion both.
fn whole(
    asked: &mut BTreeMap<(u64, String), usize>,
    book: &Book,
    applied: &Applied,
    context: &dyn Fn() -> String,
) -> (u64, u64) {
    let mut made = BTreeMap::<(u64, String), usize>::new();
    let mut swaps: BTreeMap<(u32, String), Vec<&LegDraft>> = BTreeMap::new();
    for draft in &applied.drafts {
        if let Draft::Instruction(item) = draft {
            if item.outcome == Outcome::CarriedOut {
                // What was proposed there is asked for here.
                let proposed = (item.detail, String::new())..(item.detail + 1, String::new());
                let proposed: Vec<_> = asked
                    .range(proposed)
                    .map(|((_, id), legs)| ((applied.index, id.clone()), *legs))
                    .collect();
                asked.extend(proposed);
            }
            if item.outcome.is_good() {
                note(asked, applied.index, wished(&item.json));
            }
        }
        let Some(leg) = draft.leg() else { continue };
        if is_asked(leg.kind) {
            let place = match leg.kind {
                LegKind::Queued => draft.since().unwrap(),
                _ => applied.index,
            };
            *made.entry((place, leg.id.to_string())).or_default() += 1;
        }
        if matches!(leg.kind, LegKind::Exchange | LegKind::Capture) {
            let key = (leg.instruction, leg.id.to_string());
            swaps.entry(key).or_default().push(leg);
        }
    }
    let mut known = 0;
    for (key, legs) in &made {
        if let Some(expected) = asked.get(key) {
            assert_eq!(legs, expected, "{key:?}: {}", context());
            known += 1;
        }
    }
    swaps.retain(|_, legs| legs[0].kind == LegKind::Exchange);
    for legs in swaps.values() {
        let [paid, got] = legs[..] else {
            panic!("one leg alone: {}", context())
        };
        let account = |leg: &LegDraft, side: usize| {
            let number = leg.changes[side].account;
            book.account_numbered(number).unwrap()
        };
        let (till, from) = (account(paid, 1), account(got, 0));
        assert_eq!(till.owner, from.owner, "{}", context());
        assert_ne!(till.asset, from.asset, "{}", context());
    }
    (known, swaps.len() as u64)
}

/// Writes down how many legs an instruction asks for, and those that it proposes.
fn note(asked: &mut BTreeMap<(u64, String), usize>, index: u64, wish: Option<(String, Value)>) {
    let Some((kind, fields)) = wish else { return };
    if kind == "propose" {
        for wish in fields["instructions"].as_array().unwrap() {
            let (kind, fields) = wish.as_object().unwrap().iter().next().unwrap();
            note(asked, index, Some((kind.clone(), fields.clone())));
        }
    }
    let legs = match kind.as_str() {
        "clear" => &fields["payments"],
        "transfer" | "reserve" => &fields["legs"],
        _ => return,
    };
    let id = fields["id"].as_str().unwrap().to_owned();
    asked.insert((index, id), legs.as_array().unwrap().len());
}

/// The same of plain payments, whose legs are all that the log has of them.
pub(super) fn plain(wishes: &[(u64, Wish)], answers: &[&str], applied: &Applied, context: &str) {
    for ((number, wish), answer) in wishes.iter().zip(answers) {
        let (Wish::Pay(legs), &"SETTLED") = (wish, answer) else {
            continue;
        };
        let made = applied.drafts.iter().filter_map(Draft::leg);
        let made = made.filter(|leg| leg.id == id(*number) && leg.kind == LegKind::Transfer);
        assert_eq!(made.count(), legs.len(), "{number}: {context}");
    }
}

/// Of no leg more comes back than it brought.
fn returned(
    legs: &mut BTreeMap<ItemRef, (i128, i128)>,
    applied: &Applied,
    context: &dyn Fn() -> String,
) -> u64 {
    let mut count = 0;
    for (item, draft) in (1u32..).zip(&applied.drafts) {
        let Some(leg) = draft.leg() else { continue };
        let units = signed(leg.amount);
        let place = ItemRef {
            index: applied.index,
            item,
        };
        legs.insert(place, (units, 0));
        if leg.kind == LegKind::Return {
            let of = draft.of_original().unwrap().original;
            let (brought, back) = legs.get_mut(&of).unwrap();
            *back += units;
            assert!(*back <= *brought, "{of:?}: {}", context());
            count += 1;
        }
    }
    count
}

/// A date never goes back; dates that are over are ranges without a gap, and this entry is behind them.
fn dates(
    dates: &mut BTreeMap<u32, Date>,
    book: &Book,
    index: u64,
    context: &dyn Fn() -> String,
) -> u64 {
    let mut new = 0;
    for calendar in book.calendars().all() {
        let date = calendar.day.date;
        let before = dates.insert(calendar.asset, date);
        assert!(before.is_none_or(|before| before <= date), "{}", context());
        new += u64::from(before.is_some_and(|before| before < date));
        for two in calendar.past.windows(2) {
            let [one, next] = two else { continue };
            let follows = one.date < next.date && one.to + 1 == next.from;
            assert!(follows, "{one:?} {next:?}: {}", context());
        }
        if let Some(last) = calendar.past.last() {
            assert!(last.from <= last.to && last.to <= index, "{}", context());
            // Between `SYSC` and the next date the one that is over is still the present one.
            let begins = match calendar.day.phase {
                DayPhase::Closed => (last.date, last.from),
                _ => (date.max(last.date.plus(1)), last.to + 1),
            };
            assert_eq!((date, calendar.day.from), begins, "{}", context());
        }
    }
    new
}
