//! Snapshots and seals that are taken beside the writer: copies of the readers' book in small steps,
//! while messages of all kinds go on. What comes of them must be, byte for byte, what a writer that
//! had stopped would have written.

use std::convert::Infallible;

use chain::Hash;
use quittance::assets::modules;
use quittance::ledger::{
    Account, Applied, Book, BookHead, Change, Copies, Effect, Frozen, ItemRef, Message, SealOrder,
    State, StateCapture, Step, Ticket, Time, apply, dry_run,
};

use crate::ledger_model::Random;
use crate::ledger_world::World;

/// A writer that leaves freezing to others, a reader that follows it, and whoever copies from the
/// reader's book.
pub(crate) struct Copied {
    random: Random,
    writer: State,
    book: Book,
    copies: Copies,
    snapshots: Vec<Snapshot>,
    freeze: Option<Freeze>,
    /// The accounts under the seal that is outstanding, once they are copied.
    frozen: Option<Frozen>,
    /// Snapshots that were finished, and of those how many had a seal outstanding.
    pub(crate) finished: [u32; 2],
}

/// A snapshot under way, and what it must become.
struct Snapshot {
    capture: StateCapture,
    head: BookHead,
    ticket: Ticket,
    accounts: Vec<Account>,
    /// The accounts under the seal that is outstanding in it, once they are copied.
    frozen: Option<Frozen>,
    parts: Vec<Vec<u8>>,
}

/// A freeze under way, and what it must become.
struct Freeze {
    ticket: Ticket,
    expected: Frozen,
    counters: Vec<(quittance::ledger::Counters, Option<ItemRef>)>,
}

fn parts(state: &State) -> Vec<Vec<u8>> {
    let mut parts = Vec::new();
    let Ok(()) = state.write_parts(|part, _| {
        parts.push(part);
        Ok::<(), Infallible>(())
    });
    parts
}

impl Copied {
    pub(crate) fn of(state: &State, seed: u64) -> Self {
        let mut writer = state.clone();
        writer.freeze_elsewhere();
        Self {
            random: Random::new(seed),
            writer,
            book: state.book().clone(),
            copies: Copies::default(),
            snapshots: Vec::new(),
            freeze: None,
            frozen: None,
            finished: [0; 2],
        }
    }

    /// The book of the reader.
    pub(crate) fn book(&self) -> &Book {
        &self.book
    }

    /// Before a message: perhaps a snapshot begins; `state` is the same, and has stopped.
    pub(crate) fn before(&mut self, state: &State, now: u64, message: &Message) {
        if self.random.below(3) == 0 && self.snapshots.len() < 3 {
            let capture = self.writer.capture();
            let size = capture.frozen_elsewhere();
            let frozen = self.frozen.clone();
            self.snapshots.push(Snapshot {
                head: self.book.head(),
                ticket: self.copies.begin(&self.book),
                accounts: Vec::new(),
                frozen: frozen.filter(|frozen| Some(frozen.size) == size),
                parts: parts(state),
                capture,
            });
        }
        let _ = dry_run(&mut self.writer, now, message, &modules());
    }

    /// After a message: the writer does it too, the reader follows, and something is copied. `state`
    /// is the state after it, and `leaf` the hash of what it became.
    pub(crate) fn after(
        &mut self,
        state: &State,
        now: u64,
        message: &Message,
        (applied, leaf): (&Applied, Hash),
    ) {
        let before = self.writer.frozen_size();
        let step = apply(&mut self.writer, now, message, &modules());
        let (Step::Applied(own) | Step::Due(own)) = step else {
            panic!("{step:?}")
        };
        assert!(own == *applied, "both writers apply the same");
        self.writer.append(leaf, &mut |_, _, _| ());
        assert_eq!(self.writer.frozen_size(), state.frozen_size());
        assert!(self.writer.frozen().is_none());
        if before != self.writer.frozen_size() {
            self.frozen = None;
            if let Some(frozen) = state.frozen() {
                assert_eq!(frozen.size, applied.index);
                self.freeze = Some(Freeze {
                    ticket: self.copies.begin(&self.book),
                    expected: Frozen::clone(frozen),
                    counters: Vec::new(),
                });
            }
        }
        self.follow(applied);
        self.copy();
    }

    /// The seal that is outstanding, computed from the copy; `None` until it is complete.
    fn seal(&self, secret: [u8; 32]) -> Option<SealOrder> {
        let frozen = self.frozen.as_ref()?;
        let leaves = frozen.leaves(&self.book, &secret);
        Some(SealOrder {
            sealed_size: frozen.size,
            secret,
            computed: Some(frozen.seal(&self.book, &secret, &leaves).into()),
        })
    }

    fn follow(&mut self, applied: &Applied) {
        for effect in &applied.effects {
            self.absorb(effect);
        }
        for (item, draft) in (1..).zip(&applied.drafts) {
            let at = ItemRef {
                index: applied.index,
                item,
            };
            for change in draft.changes() {
                self.change(change, at);
            }
        }
    }

    fn absorb(&mut self, effect: &Effect) {
        self.copies.before_effect(&self.book, effect);
        self.book.absorb(effect.clone());
    }

    fn change(&mut self, change: &Change, at: ItemRef) {
        self.copies.before_change(&self.book, change.account);
        self.book.absorb_change(change, at);
    }

    /// Copies a few accounts; compares what is complete.
    fn copy(&mut self) {
        if let Some(mut freeze) = self.freeze.take() {
            let max = self.random.below(4) as usize;
            let copying = self.copies.get(freeze.ticket).unwrap();
            freeze.counters.extend(copying.counters(&self.book, max));
            if freeze.counters.len() < copying.count() {
                self.freeze = Some(freeze);
            } else {
                self.copies.end(freeze.ticket).unwrap();
                let size = freeze.expected.size;
                let frozen = Frozen::from_accounts(size, freeze.counters);
                assert_eq!(frozen, freeze.expected);
                for snapshot in &mut self.snapshots {
                    if snapshot.capture.frozen_elsewhere() == Some(size) {
                        snapshot.frozen = Some(frozen.clone());
                    }
                }
                self.frozen = Some(frozen);
            }
        }
        let mut under_way = Vec::new();
        for mut snapshot in std::mem::take(&mut self.snapshots) {
            let max = self.random.below(5) as usize;
            let copying = self.copies.get(snapshot.ticket).unwrap();
            let more = copying.accounts(&self.book, max);
            snapshot.accounts.extend(more);
            let whole = snapshot.accounts.len() == copying.count();
            let frozen = snapshot.frozen.as_ref().map(|frozen| frozen.size);
            if whole && frozen == snapshot.capture.frozen_elsewhere() {
                self.copies.end(snapshot.ticket).unwrap();
                self.compare(&snapshot);
            } else {
                under_way.push(snapshot);
            }
        }
        self.snapshots = under_way;
    }

    fn compare(&mut self, snapshot: &Snapshot) {
        let mut parts = Vec::new();
        let frozen = snapshot.frozen.as_ref();
        let (head, accounts) = (&snapshot.head, &snapshot.accounts);
        let write = snapshot
            .capture
            .write_parts(head, accounts, frozen, |part, _| {
                parts.push(part);
                Ok::<(), Infallible>(())
            });
        assert_eq!(write, Ok(()));
        assert!(
            parts == snapshot.parts,
            "a snapshot taken beside the writer is that of a writer that stopped"
        );
        let state = State::from_parts(parts).unwrap();
        assert_eq!(state.next_index(), snapshot.capture.size());
        self.finished[0] += 1;
        self.finished[1] += u32::from(frozen.is_some());
    }
}

/// Hundreds of messages with seals in between; accounts are opened, changed by governance and by
/// money, and everything is now and then taken back.
#[test]
fn copies_beside_the_writer_are_those_of_a_writer_that_stopped() {
    for seed in 0..4 {
        let mut world = busy(seed);
        let mut random = Random::new(seed ^ 0x5ea1);
        let mut seals = 0;
        for step in 0..200 {
            for _ in 0..random.below(4) {
                let message = some_message(&mut world, &mut random, step);
                let _ = world.send(&message);
            }
            world.now += random.below(700) * crate::ledger_world::MILLISECOND;
            if random.below(2) == 0
                && let Some(order) = world.copied.seal([step as u8; 32])
            {
                let message = order.into_message(Time::from_nanos(world.now));
                world.seal(&message);
                seals += 1;
            }
        }
        let [finished, sealing] = world.copied.finished;
        assert!(finished > 20 && sealing > 3, "{finished} {sealing}");
        assert!(seals > 5, "{seals}");
    }
}

/// Banks with some money, and a seal that falls due every second.
fn busy(seed: u64) -> World {
    let mut run = crate::ledger_tables::Run::new();
    run.world.copied = Copied::of(&run.world.state, seed);
    run.table(
        "operators: asset USD fiat                               -> APPLIED
         operators: parameter seal_interval_s 1                  -> APPLIED",
    );
    for bank in ["bank-a", "bank-b"] {
        run.table(&format!(
            "operators: participant {bank} bank 1 {bank}/k1      -> APPLIED
             operators: open {bank}:usd {bank} settlement USD    -> APPLIED
             operators: issue {bank}:usd 1000.00                 -> SETTLED"
        ));
    }
    run.world
}

/// A message of several kinds, by everybody.
fn some_message(world: &mut World, random: &mut Random, step: u64) -> Message {
    let mut instructions = Vec::new();
    for n in 0..=random.below(4) {
        let id = world.id();
        let accounts = world.book().accounts().len() as u64;
        let account = |random: &mut Random| {
            let number = random.below(accounts);
            world
                .book()
                .account_numbered(number)
                .unwrap()
                .address
                .to_string()
        };
        let (one, other) = (account(random), account(random));
        let text = match random.below(12) {
            0 => format!(
                r#"{{"open_account":{{"id":"{id}","address":"bank-a:n-{step}-{n}","owner":"bank-a","kind":"settlement","asset":"USD"}}}}"#
            ),
            1 | 2 => format!(
                r#"{{"set_limits":{{"id":"{id}","address":"{one}","credit_line":"{}.00"}}}}"#,
                random.below(90)
            ),
            3 => format!(r#"{{"close_account":{{"id":"{id}","address":"{one}"}}}}"#),
            4 => format!(
                r#"{{"erase":{{"id":"{id}","entry_index":{},"basis":"a wish"}}}}"#,
                random.below(40)
            ),
            5 => format!(
                r#"{{"add_participant":{{"id":"{id}","participant":"bank-{step}-{n}","role":"bank","keys":["{}"],"threshold":1}}}}"#,
                crate::ledger_world::verifier_key(&format!("bank-{step}-{n}/k1"))
            ),
            6 => format!(r#"{{"issue":{{"id":"{id}","account":"{one}","amount":"5.00"}}}}"#),
            _ => format!(
                r#"{{"transfer":{{"id":"{id}","legs":[{{"debit":"{one}","credit":"{other}","asset":"USD","amount":"{}.00"}}]}}}}"#,
                random.below(60)
            ),
        };
        instructions.push(serde_json::from_str(&text).unwrap());
    }
    world.message(
        "operators+bank-a+bank-b",
        random.below(3) == 0,
        instructions,
    )
}
