//! The copying thread: takes the accounts as they stood at one log size out of the readers' book, a
//! few at a time, and makes snapshots and frozen accounts of them. Nobody stops for it.
//!
//! ```text
//!  sequencer ──StateCapture──▶ publisher ──Order──▶ copier ──Part──▶ filler
//!  (window, counts)       marks where          │   ▲
//!                         the book stands      │   └── accounts, under a read lock, few at a time
//!                                              └──Frozen──▶ sealer
//! ```
//!
//! A freeze comes before a snapshot: the sooner it is copied, the fewer changes have to keep what
//! they replace.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};

use super::fatal;
use super::group::{Part, ToStore};
use super::shared::{Shared, read, write};
use crate::ledger::{Account, BookHead, Copying, Frozen, StateCapture, Ticket};

/// Accounts copied under one lock of the readers' book: the publisher waits no longer than that.
const STRIDE: usize = 512;
/// Parts of a snapshot that may wait for the store: what a snapshot takes of memory.
pub(super) const PARTS_AHEAD: usize = 4;

/// What is to be copied.
pub(super) enum Order {
    /// Counters and last items, for a seal of the state at log size `size`.
    Freeze { size: u64, ticket: Ticket },
    /// The accounts, for a snapshot.
    Snapshot {
        capture: Box<StateCapture>,
        head: Box<BookHead>,
        ticket: Ticket,
    },
}

pub(super) struct Copier {
    pub(super) orders: Receiver<Order>,
    pub(super) shared: Arc<Shared>,
    pub(super) store: Sender<ToStore>,
    /// Takes a word for each part, until the storing thread takes one out.
    pub(super) room: Sender<()>,
    /// To the sealing thread.
    pub(super) frozen: Sender<Arc<Frozen>>,
    pub(super) state: CopyState,
}

/// What the copying thread remembers from order to order.
#[derive(Default)]
pub(super) struct CopyState {
    /// The newest frozen accounts.
    newest: Option<Arc<Frozen>>,
    /// A snapshot that was ordered while another was under way.
    ahead: Option<Order>,
}

/// A newer snapshot has been ordered: the node is going down, and nobody needs the older one.
struct Overtaken;

impl Copier {
    /// Runs until the publisher hangs up, and finishes what it has ordered.
    pub(super) fn run(mut self) {
        while let Some(order) = self.next() {
            match order {
                Order::Freeze { size, ticket } => self.freeze(size, ticket),
                Order::Snapshot {
                    capture,
                    head,
                    ticket,
                } => {
                    // Overtaken, it is left unfinished, and the store forgets it.
                    let _ = self.snapshot(&capture, &head, ticket);
                }
            }
        }
    }

    fn next(&mut self) -> Option<Order> {
        let ahead = self.state.ahead.take();
        ahead.or_else(|| self.orders.recv().ok())
    }

    fn freeze(&mut self, size: u64, ticket: Ticket) {
        let mut accounts = Vec::new();
        let copy = Copy::new(&self.shared, ticket);
        while copy.step(|copying, at| {
            accounts.reserve_exact(copying.count() - accounts.len());
            let more = copying.counters(&at.book, STRIDE);
            let any = !more.is_empty();
            accounts.extend(more);
            any
        }) {}
        drop(copy);
        let frozen = Arc::new(Frozen::from_accounts(size, accounts));
        self.state.newest = Some(Arc::clone(&frozen));
        // The sealing thread ends with the sequencer; then the next start seals.
        let _ = self.frozen.send(frozen);
    }

    fn snapshot(
        &mut self,
        capture: &StateCapture,
        head: &BookHead,
        ticket: Ticket,
    ) -> Result<(), Overtaken> {
        let frozen = capture.frozen_elsewhere().map(|size| {
            // The freeze was ordered before the snapshot.
            let newest = self.state.newest.clone().filter(|f| f.size == size);
            newest.unwrap_or_else(|| fatal(&format!("the accounts at {size} were not frozen")))
        });
        let shared = Arc::clone(&self.shared);
        let accounts = Accounts {
            copy: Copy::new(&shared, ticket),
            some: Vec::new().into_iter(),
        };
        let (size, mut number) = (capture.size(), 0);
        capture.write_parts(head, accounts, frozen.as_deref(), |bytes, last| {
            self.look_up()?;
            self.send(Part {
                size,
                number,
                bytes,
                last,
            });
            number += 1;
            Ok(())
        })
    }

    /// Between two parts of a snapshot: sees to a freeze.
    fn look_up(&mut self) -> Result<(), Overtaken> {
        while let Ok(order) = self.orders.try_recv() {
            match order {
                Order::Freeze { size, ticket } => self.freeze(size, ticket),
                newer @ Order::Snapshot { .. } => self.state.ahead = Some(newer),
            }
        }
        match self.state.ahead {
            Some(_) => Err(Overtaken),
            None => Ok(()),
        }
    }

    fn send(&self, part: Part) {
        let sent = self.room.send(()).is_ok() && self.store.send(ToStore::Part(part)).is_ok();
        if !sent {
            fatal("the storing thread is gone");
        }
    }
}

/// A copy under way; dropped, it is ended, and nothing is kept for it any more.
struct Copy<'a> {
    shared: &'a Shared,
    ticket: Ticket,
}

impl<'a> Copy<'a> {
    const fn new(shared: &'a Shared, ticket: Ticket) -> Self {
        Self { shared, ticket }
    }

    /// Lets `with` copy something; nobody changes the book meanwhile.
    fn step<T>(&self, with: impl FnOnce(&Copying, &super::shared::BookAt) -> T) -> T {
        let at = read(&self.shared.book);
        let Some(copying) = at.copies.get(self.ticket) else {
            fatal("a copy of the book was ended before its time");
        };
        with(copying, &at)
    }
}

impl Drop for Copy<'_> {
    fn drop(&mut self) {
        let ended = write(&self.shared.book).copies.end(self.ticket);
        // Giving back what it kept takes a while, and nobody waits for that.
        drop(ended);
    }
}

/// The accounts of a copy, one by one.
struct Accounts<'a> {
    copy: Copy<'a>,
    some: std::vec::IntoIter<Account>,
}

impl Iterator for Accounts<'_> {
    type Item = Account;

    fn next(&mut self) -> Option<Account> {
        if let Some(account) = self.some.next() {
            return Some(account);
        }
        let more =
            |copying: &Copying, at: &super::shared::BookAt| copying.accounts(&at.book, STRIDE);
        self.some = self.copy.step(more).into_iter();
        self.some.next()
    }
}
