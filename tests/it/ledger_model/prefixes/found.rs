//! What does not hold of a prefix is found: entries of a small log, changed or out of their order.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use quittance::ledger::{About, Applied, Book, Draft, LegKind};

use super::{
    Kept, Prefixes, conserved, dates, floors, freezes, held, lines, nets, returned, whole,
};
use crate::ledger_tables::started;

const LOG: &str = "
bank-a: #1 reserve bank-a:usd bank-b:usd USD 10; multi                  -> RESERVED
bank-b: capture #1 4                                                    -> SETTLED
bank-a: void #1                                                         -> VOIDED
bank-a: pay bank-a:usd bank-b:usd USD 1, bank-a:usd bank-c:usd USD 1; by=5000 -> SETTLED
original paid 2
operators: provider bank-b on                                           -> APPLIED
bank-b: rate USD JPY desk 150/1 150/1 to=60000 via=bank-b:usd,bank-b:jpy,50 -> APPLIED
bank-a: convert bank-a:usd bank-a:jpy pay 1 limit=0 at=bank-b/desk      -> SETTLED
operators {
  model ach USD manual 60                                               -> APPLIED
  join ach bank-a:usd 100                                               -> APPLIED
  join ach bank-b:usd 100                                               -> APPLIED
}
bank-a: clear ach bank-a bank-b 2                                       -> CLEARED
operators: close_window ach                                             -> APPLIED
tick 1
refresh paid
bank-b: return paid AC04                                                -> SETTLED
operators: freeze bank-a:usd c-1 no_debit                               -> APPLIED
operators: lift bank-a:usd c-1                                          -> APPLIED
bank-a: pay bank-a:usd bank-b:usd USD 500; queue priority=urgent        -> QUEUED
operators: calendar USD from=2026-11-24                                 -> APPLIED
clock 2026-11-25T08:00:00Z
due any
";

/// The entries of the log, each with the book behind it.
struct Tape(Vec<(Book, Applied)>);

impl Tape {
    fn new() -> Self {
        let mut run = started();
        run.world.prefixes = Some(Box::new(Prefixes {
            tape: Some(Vec::new()),
            ..Prefixes::default()
        }));
        run.table(LOG);
        Self(run.world.prefixes.unwrap().tape.unwrap())
    }

    /// The first entry of which this is true.
    fn find(&self, wanted: impl Fn(&Draft) -> bool) -> &(Book, Applied) {
        let mut all = self.0.iter();
        all.find(|(_, applied)| applied.drafts.iter().any(&wanted))
            .unwrap()
    }

    fn leg(&self, kind: LegKind) -> &(Book, Applied) {
        self.find(|draft| draft.leg().is_some_and(|leg| leg.kind == kind))
    }

    fn said(&self, word: &str) -> &(Book, Applied) {
        self.find(|draft| matches!(draft, Draft::Instruction(item) if item.json.contains(word)))
    }

    fn play(&self, mut entry: impl FnMut(&Book, &Applied)) {
        self.0
            .iter()
            .for_each(|(book, applied)| entry(book, applied));
    }
}

/// A copy of an entry with its legs of one kind changed.
fn forged(applied: &Applied, kind: LegKind, change: impl Fn(&mut Draft)) -> Applied {
    let mut forged = applied.clone();
    let of_it = |draft: &&mut Draft| draft.leg().is_some_and(|leg| leg.kind == kind);
    forged.drafts.iter_mut().filter(of_it).for_each(change);
    forged
}

#[track_caller]
fn found(what: &str, asked: impl FnOnce()) {
    let answer = catch_unwind(AssertUnwindSafe(asked));
    let told = answer.expect_err(what);
    let told = told.downcast_ref::<String>().map_or("", String::as_str);
    assert!(told.contains(what), "{what}: {told}");
}

fn nowhere() -> String {
    String::new()
}

#[test]
fn money_that_comes_from_nowhere_and_floors_that_are_passed_are_found() {
    let tape = Tape::new();
    let (book, applied) = tape.said("not_after");
    found("assertion", || {
        conserved(&mut BTreeMap::new(), book, &nowhere)
    });
    let kept = |balance| Kept {
        balance,
        floor: Some(0),
        ..Kept::default()
    };
    let step = |before: i128, after: i128| {
        let [before, after] = [before, after].map(|units| BTreeMap::from([(9, kept(units))]));
        floors(&before, &after, applied, &nowhere);
    };
    step(5, 0);
    step(-3, -2);
    found("from 5 to -1", || step(5, -1));
    found("from -3 to -4", || step(-3, -4));
}

#[test]
fn legs_that_are_missing_are_found() {
    let tape = Tape::new();
    tape.play(|book, applied| _ = whole(&mut BTreeMap::new(), book, applied, &nowhere));
    let (book, applied) = tape.said("not_after");
    let mut less = applied.clone();
    less.drafts.pop();
    found("left == right", || {
        whole(&mut BTreeMap::new(), book, &less, &nowhere);
    });
    let (book, applied) = tape.leg(LegKind::Exchange);
    let mut less = applied.clone();
    less.drafts.pop();
    found("one leg alone", || {
        whole(&mut BTreeMap::new(), book, &less, &nowhere);
    });
}

#[test]
fn holds_that_do_not_add_up_or_end_twice_are_found() {
    let tape = Tape::new();
    let mut notes = held::Held::default();
    let (last, void) = tape.leg(LegKind::Void);
    tape.play(|book, applied| notes.entry(book, applied, &nowhere));
    found("is over", || notes.entry(last, void, &nowhere));
    let (book, capture) = tape.leg(LegKind::Capture);
    let more = forged(capture, LegKind::Capture, |draft| {
        if let Draft::Held(held) = draft {
            held.of.as_mut().unwrap().unreserved += 1;
        }
    });
    let mut notes = held::Held::default();
    let (first, reserve) = tape.leg(LegKind::Reserve);
    notes.entry(first, reserve, &nowhere);
    found("left == right", || notes.entry(book, &more, &nowhere));
}

#[test]
fn payments_of_another_window_and_windows_that_settle_twice_are_found() {
    let tape = Tape::new();
    let mut notes = nets::Nets::default();
    tape.play(|book, applied| notes.entry(book, applied, &nowhere));
    let (book, net) = tape.leg(LegKind::Net);
    found("settled twice", || notes.entry(book, net, &nowhere));
    let (book, clear) = tape.leg(LegKind::Clear);
    let other = forged(clear, LegKind::Clear, |draft| {
        if let Draft::Held(held) = draft
            && let About::Window(of) = &mut held.about
        {
            of.window += 1;
        }
    });
    found("left == right", || {
        nets::Nets::default().entry(book, &other, &nowhere);
    });
}

#[test]
fn what_is_booked_against_a_freeze_is_found() {
    let tape = Tape::new();
    let (book, pay) = tape.said("not_after");
    let mut notes = freezes::Freezes::default();
    tape.play(|book, applied| notes.entry(book, applied, &nowhere));
    // It was lifted.
    notes.entry(book, pay, &nowhere);
    let (book, freeze) = tape.said("no_debit");
    notes.entry(book, freeze, &nowhere);
    found("Freeze", || notes.entry(book, pay, &nowhere));
}

#[test]
fn what_overtakes_an_urgent_payment_is_found() {
    let tape = Tape::new();
    let (_, pay) = tape.said("not_after");
    let (book, urgent) = tape.said("urgent");
    let mut notes = lines::Lines::default();
    notes.entry(book, urgent, &nowhere);
    found("account", || notes.entry(book, pay, &nowhere));
}

#[test]
fn more_than_was_paid_and_dates_that_go_back_are_found() {
    let tape = Tape::new();
    let mut legs = BTreeMap::new();
    tape.play(|_, applied| _ = returned(&mut legs, applied, &nowhere));
    let (_, back) = tape.leg(LegKind::Return);
    found("ItemRef", || {
        returned(&mut legs, back, &nowhere);
    });
    let mut known = BTreeMap::new();
    let day = |n: usize| {
        let (book, applied) = &tape.0[n];
        (book, applied.index)
    };
    tape.play(|book, applied| _ = dates(&mut known, book, applied.index, &nowhere));
    let set = tape
        .0
        .iter()
        .position(|(book, _)| !book.calendars().all().is_empty());
    let (book, index) = day(set.unwrap());
    let back = catch_unwind(AssertUnwindSafe(|| {
        dates(&mut known, book, index, &nowhere)
    }));
    assert!(back.is_err());
}
