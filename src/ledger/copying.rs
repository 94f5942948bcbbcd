//! Accounts as they stood at one log size, copied little by little out of a book that goes on.
//!
//! ```text
//!  accounts   0 ........ next ........ count ........
//!             copied     │ a first change here keeps │ opened since:
//!             already    │ what stood there before   │ not in the copy
//! ```
//!
//! Whoever changes the book says so before each change; whoever copies takes some accounts at a time.
//! What a change keeps is small (counters and last item), and nothing that is kept grows by being
//! moved, so no change pays for many. Nothing in such a book is ever taken back: it follows entries
//! that are in the log ([`Book::absorb_change`]).

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicUsize, Ordering};

use super::account::{Account, Counters, ItemRef};
use super::book::{Book, Effect};

/// What a change of an account's counters replaces.
type Image = (Counters, Option<ItemRef>);

/// Images that are kept in one piece.
const PIECE: usize = 4_096;

/// Names a copy under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket(u64);

/// The copies of a book that are under way.
#[derive(Debug, Default)]
pub struct Copies {
    tickets: u64,
    under_way: Vec<(Ticket, Copying)>,
}

impl Copies {
    /// Begins a copy of the book as it stands.
    pub fn begin(&mut self, book: &Book) -> Ticket {
        self.tickets = self.tickets.saturating_add(1);
        let ticket = Ticket(self.tickets);
        self.under_way.push((ticket, Copying::of(book)));
        ticket
    }

    /// The copy of a ticket, until it was ended.
    #[must_use]
    pub fn get(&self, ticket: Ticket) -> Option<&Copying> {
        let mut copies = self.under_way.iter();
        copies.find_map(|(of, copying)| (*of == ticket).then_some(copying))
    }

    /// Ends a copy: what is kept for it can be dropped, which takes a while.
    pub fn end(&mut self, ticket: Ticket) -> Option<Copying> {
        let at = self.under_way.iter().position(|(of, _)| *of == ticket)?;
        Some(self.under_way.swap_remove(at).1)
    }

    /// To be called before the counters of an account change.
    pub fn before_change(&mut self, book: &Book, number: u64) {
        for (_, copying) in &mut self.under_way {
            copying.keep_counters(book, number);
        }
    }

    /// To be called before an effect is absorbed.
    pub fn before_effect(&mut self, book: &Book, effect: &Effect) {
        // A guard and a reservation set a mark on the record.
        if let Effect::Account(number, _) | Effect::Guard(number, _) | Effect::Reserved(number, _) =
            effect
        {
            for (_, copying) in &mut self.under_way {
                copying.keep_record(book, *number);
            }
        }
    }
}

/// A copy under way.
#[derive(Debug)]
pub struct Copying {
    /// How many accounts there were.
    count: usize,
    /// Those below are copied. Whoever copies moves it on, and only reads otherwise.
    next: AtomicUsize,
    /// By account number, which image is its own, plus one; 0 for none.
    places: Vec<u32>,
    images: Vec<Vec<Image>>,
    /// How many images there are.
    kept: u32,
    /// Records that governance has changed.
    records: BTreeMap<usize, Account>,
}

impl Copying {
    fn of(book: &Book) -> Self {
        let count = book.accounts().len();
        Self {
            count,
            next: AtomicUsize::new(0),
            // The system gives zeros without writing them: nobody waits for this.
            places: alloc::vec![0; count],
            images: Vec::new(),
            kept: 0,
            records: BTreeMap::new(),
        }
    }

    /// How many accounts the copy has in the end.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// Copies the next accounts, at most so many; none at the end.
    pub fn accounts(&self, book: &Book, max: usize) -> Vec<Account> {
        self.step(book, max, |at, present| {
            let mut account = self.records.get(&at).unwrap_or(present).clone();
            if let Some((counters, last)) = self.image(at) {
                (account.counters, account.last) = (*counters, *last);
            }
            account
        })
    }

    /// The same, of what a seal states: counters and last item.
    pub fn counters(&self, book: &Book, max: usize) -> Vec<(Counters, Option<ItemRef>)> {
        self.step(book, max, |at, present| {
            let image = self.image(at).copied();
            image.unwrap_or((present.counters, present.last))
        })
    }

    fn step<T>(&self, book: &Book, max: usize, each: impl Fn(usize, &Account) -> T) -> Vec<T> {
        let from = self.next.load(Ordering::Relaxed);
        let to = from.saturating_add(max).min(self.count);
        let present = book.accounts().range(from..to);
        let copied = (from..).zip(present).map(|(at, p)| each(at, p)).collect();
        self.next.store(to, Ordering::Relaxed);
        copied
    }

    fn image(&self, at: usize) -> Option<&Image> {
        let place = usize::try_from(*self.places.get(at)?).ok()?;
        let place = place.checked_sub(1)?;
        self.images.get(place / PIECE)?.get(place % PIECE)
    }

    /// The account, if it is still to be copied.
    fn missing<'a>(&self, book: &'a Book, number: u64) -> Option<(usize, &'a Account)> {
        let at = usize::try_from(number).ok()?;
        let missing = (self.next.load(Ordering::Relaxed)..self.count).contains(&at);
        missing.then(|| book.accounts().get(at))?.map(|a| (at, a))
    }

    fn keep_counters(&mut self, book: &Book, number: u64) {
        let Some((at, account)) = self.missing(book, number) else {
            return;
        };
        let Some(place) = self.places.get_mut(at).filter(|place| **place == 0) else {
            return;
        };
        let kept = self.kept.checked_add(1);
        self.kept = kept.expect("a node has fewer than 2^32 accounts");
        *place = self.kept;
        let image = (account.counters, account.last);
        match self.images.last_mut() {
            Some(piece) if piece.len() < PIECE => piece.push(image),
            _ => {
                let mut piece = Vec::with_capacity(PIECE);
                piece.push(image);
                self.images.push(piece);
            }
        }
    }

    /// A record may bring other counters with it, so they are kept as well.
    fn keep_record(&mut self, book: &Book, number: u64) {
        let Some((at, account)) = self.missing(book, number) else {
            return;
        };
        self.records.entry(at).or_insert_with(|| account.clone());
        self.keep_counters(book, number);
    }
}
