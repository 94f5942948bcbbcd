//! What is more than a plain payment, on accounts of its own: holds that are captured, voided or
//! expire, payments that wait and settle against each other, limits, and netting.
//!
//! Nobody foretells here what becomes of a wish. [`Follower`] reads the log instead, applies it again,
//! and compares what the node says: open and ended holds, the queue, positions, balances.

use std::fmt::Debug;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use chain::{Entry, Item, ItemView};
use quittance::assets::modules;
use quittance::ledger::{
    Book, Draft, Genesis, State, Time, apply_again, check, message_from_items, print_minor,
};
use quittance::wire::{EntryView, HoldView, ModelView, PaymentView};

use crate::Dice;
use crate::evidence::Source;
use crate::world::BANKS;

/// Accounts of one bank that take part.
const EACH: u64 = 2;
/// How often a node is asked again that makes entries of its own meanwhile.
const ATTEMPTS: u32 = 100;

/// An account that takes part.
fn account(bank: usize, n: u64) -> String {
    format!("{}:rich-{n}", BANKS[bank])
}

/// The banks that take part, and what they remember: holds and payments by their ids, each with the
/// bank that made it.
pub(crate) struct Rich {
    banks: usize,
    made: Mutex<Made>,
}

#[derive(Debug, Default)]
struct Made {
    holds: Vec<(usize, String)>,
    waiting: Vec<(usize, String)>,
}

/// The ids and times of wishes: by a node's clock, or the system's.
pub(crate) trait Watch {
    /// A new instruction id.
    fn fresh(&self) -> String;
    /// A time so many milliseconds from now.
    fn time_in(&self, milliseconds: u64) -> String;
}

impl Rich {
    /// The first so many banks take part.
    pub(crate) fn of(banks: usize) -> Self {
        let made = Mutex::default();
        Self { banks, made }
    }

    fn made(&self) -> MutexGuard<'_, Made> {
        self.made.lock().unwrap()
    }

    /// What makes accounts, limits and a model for so many banks, whose windows `close` as it says: for
    /// the operators, when banks and USD are there.
    pub(crate) fn governance(banks: usize, close: &str, id: &dyn Fn() -> String) -> Vec<String> {
        let mut all = vec![format!(
            r#"{{"open_model":{{"id":"{}","model":"rich","asset":"USD","close":{close},"funding_s":1}}}}"#,
            id()
        )];
        for (bank, owner) in BANKS.iter().enumerate().take(banks) {
            for n in 0..EACH {
                let address = account(bank, n);
                all.push(format!(
                    r#"{{"open_account":{{"id":"{}","address":"{address}","owner":"{owner}","kind":"settlement","asset":"USD"}}}}"#,
                    id()
                ));
                all.push(format!(
                    r#"{{"issue":{{"id":"{}","account":"{address}","amount":"800.00"}}}}"#,
                    id()
                ));
            }
            let (first, second) = (account(bank, 0), account(bank, 1));
            all.push(format!(
                r#"{{"set_limits":{{"id":"{}","address":"{first}","velocity":[{{"seconds":2,"direction":"debit","amount":"900.00","count":200}}],"multilateral":"100000.00"}}}}"#,
                id()
            ));
            all.push(format!(
                r#"{{"join_model":{{"id":"{}","model":"rich","account":"{second}","net_debit_cap":"300.00"}}}}"#,
                id()
            ));
        }
        all
    }

    /// One to three wishes of a bank.
    pub(crate) fn wishes(&self, dice: &mut Dice, bank: usize, watch: &dyn Watch) -> Vec<String> {
        let count = 1 + dice.below(3);
        (0..count).map(|_| self.wish(dice, bank, watch)).collect()
    }

    /// The end of a window, by the operators.
    pub(crate) fn close(watch: &dyn Watch) -> String {
        let id = watch.fresh();
        format!(r#"{{"close_window":{{"id":"{id}","model":"rich"}}}}"#)
    }

    fn wish(&self, dice: &mut Dice, bank: usize, watch: &dyn Watch) -> String {
        let id = watch.fresh();
        match dice.below(14) {
            0..3 => self.reserve(dice, bank, watch, id),
            3..5 => match pick(dice, &self.made().holds) {
                Some((_, hold)) => capture(dice, &id, &hold),
                None => self.clear(dice, bank, &id),
            },
            5 => match pick(dice, &self.made().holds) {
                Some((_, hold)) => format!(r#"{{"void":{{"id":"{id}","hold":"{hold}"}}}}"#),
                None => self.clear(dice, bank, &id),
            },
            6..10 => self.wait(dice, bank, watch, id),
            10 => match pick(dice, &self.made().waiting) {
                Some((_, of)) => change(dice, &id, &of),
                None => self.clear(dice, bank, &id),
            },
            11 => {
                let legs = self.leg(dice, bank);
                format!(r#"{{"transfer":{{"id":"{id}","legs":[{legs}]}}}}"#)
            }
            _ => self.clear(dice, bank, &id),
        }
    }

    /// A leg from an account of a bank to another account.
    fn leg(&self, dice: &mut Dice, bank: usize) -> String {
        let from = dice.below(EACH);
        let debit = account(bank, from);
        let to = usize::try_from(dice.below(self.banks as u64)).unwrap();
        let credit = match to == bank {
            true => account(bank, (from + 1) % EACH),
            false => account(to, dice.below(EACH)),
        };
        // Where not all banks pay, what has left one does not come back.
        let circles = to == bank || self.banks == BANKS.len();
        let cents = 1 + dice.below(if circles { 60_000 } else { 300 });
        format!(
            r#"{{"debit":"{debit}","credit":"{credit}","asset":"USD","amount":"{}.{:02}"}}"#,
            cents / 100,
            cents % 100
        )
    }

    fn reserve(&self, dice: &mut Dice, bank: usize, watch: &dyn Watch, id: String) -> String {
        let legs: Vec<String> = (0..=dice.below(2)).map(|_| self.leg(dice, bank)).collect();
        let mut terms = String::new();
        if dice.below(3) > 0 {
            let soon = watch.time_in(2 + dice.below(200));
            terms += &format!(r#","expires_at":"{soon}""#);
        }
        if dice.below(2) == 0 {
            terms += r#","multi":true,"over_capture_bp":1000"#;
        }
        let wish = format!(
            r#"{{"reserve":{{"id":"{id}","legs":[{}]{terms}}}}}"#,
            legs.join(",")
        );
        remember(&mut self.made().holds, bank, id);
        wish
    }

    fn wait(&self, dice: &mut Dice, bank: usize, watch: &dyn Watch, id: String) -> String {
        let legs: Vec<String> = (0..=dice.below(3) / 2)
            .map(|_| self.leg(dice, bank))
            .collect();
        let priority = ["urgent", "high", "normal", "normal"];
        let mut terms = vec![format!(
            r#""priority":"{}""#,
            priority[usize::try_from(dice.below(4)).unwrap()]
        )];
        if dice.below(4) > 0 {
            // Most are revoked before long, so that the queue stays small.
            let late = watch.time_in(60 + dice.below(300));
            terms.push(format!(r#""reject_at":"{late}""#));
        }
        if dice.below(4) == 0 {
            let soon = watch.time_in(dice.below(50));
            terms.push(format!(r#""settle_from":"{soon}""#));
        }
        let wish = format!(
            r#"{{"transfer":{{"id":"{id}","legs":[{}],"queue":{{{}}}}}}}"#,
            legs.join(","),
            terms.join(",")
        );
        remember(&mut self.made().waiting, bank, id);
        wish
    }

    fn clear(&self, dice: &mut Dice, bank: usize, id: &str) -> String {
        let to = (bank + 1) % self.banks;
        let (from, to, cents) = (BANKS[bank], BANKS[to], 1 + dice.below(9_000));
        format!(
            r#"{{"clear":{{"id":"{id}","model":"rich","payments":[{{"from":"{from}","to":"{to}","amount":"{}.{:02}"}}]}}}}"#,
            cents / 100,
            cents % 100
        )
    }
}

fn remember(list: &mut Vec<(usize, String)>, bank: usize, id: String) {
    list.push((bank, id));
    if list.len() > 40 {
        list.remove(0);
    }
}

fn pick(dice: &mut Dice, list: &[(usize, String)]) -> Option<(usize, String)> {
    let at = dice.below(list.len().max(1) as u64);
    list.get(usize::try_from(at).unwrap()).cloned()
}

fn capture(dice: &mut Dice, id: &str, hold: &str) -> String {
    let how = [r#","final":true"#, r#","amount":"1.00""#, ""];
    let how = how[usize::try_from(dice.below(3)).unwrap()];
    format!(r#"{{"capture":{{"id":"{id}","hold":"{hold}"{how}}}}}"#)
}

fn change(dice: &mut Dice, id: &str, of: &str) -> String {
    match dice.below(2) {
        0 => format!(r#"{{"cancel":{{"id":"{id}","of":"{of}"}}}}"#),
        _ => format!(r#"{{"requeue":{{"id":"{id}","of":"{of}","position":"first"}}}}"#),
    }
}

/// What a node says beside its log, or what somebody says who has applied the log.
#[derive(Debug, PartialEq)]
struct Said {
    holds: Vec<HoldView>,
    payments: Vec<PaymentView>,
    models: Vec<ModelView>,
    /// Of each account that takes part: booked, and reserved on both sides.
    accounts: Vec<[String; 3]>,
}

impl Said {
    fn by(source: &dyn Source, addresses: &[String]) -> Result<Self, String> {
        let accounts = addresses.iter().map(|address| source.standing(address));
        Ok(Self {
            holds: source.holds()?,
            payments: source.payments()?,
            models: source.models()?,
            accounts: accounts.collect::<Result<_, _>>()?,
        })
    }

    /// What follows from a book at its log's size.
    fn of(book: &Book, size: u64, addresses: &[String]) -> Option<Self> {
        let last = size - 1;
        let holds = book.holds_after(None);
        let holds = holds.map(|hold| HoldView::of(book, hold, last, |_| true));
        let payments = book.queue().iter();
        let payments = payments.map(|one| PaymentView::of(book, one, last, true, |_| true));
        let models = book.cycles().models().iter();
        let models = models.map(|model| ModelView::of(book, model, last, |_| true));
        let accounts = addresses.iter().map(|address| {
            let account = book.account(&address.parse().ok()?)?;
            let c = account.counters;
            let minor = |minor: u128| i128::try_from(minor).unwrap();
            let all = [
                c.posted(),
                minor(c.debits_pending),
                minor(c.credits_pending),
            ];
            Some(all.map(|minor| print_minor(minor, 2)))
        });
        Some(Self {
            holds: holds.collect::<Option<_>>()?,
            payments: payments.collect::<Option<_>>()?,
            models: models.collect::<Option<_>>()?,
            accounts: accounts.collect::<Option<_>>()?,
        })
    }
}

impl Said {
    /// The first thing of each kind in which they differ.
    fn difference(&self, other: &Self) -> String {
        fn first<T: PartialEq + Debug>(ours: &[T], theirs: &[T]) -> Option<String> {
            let longer = ours.len().max(theirs.len());
            let at = (0..longer).find(|at| ours.get(*at) != theirs.get(*at))?;
            let (one, other) = (ours.get(at), theirs.get(at));
            Some(format!("number {at} is {one:?} and not {other:?}"))
        }
        let all = [
            first(&self.holds, &other.holds),
            first(&self.payments, &other.payments),
            first(&self.models, &other.models),
            first(&self.accounts, &other.accounts),
        ];
        all.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}

/// Somebody who has applied a log as far as it was read. Across the lives of a node it goes on where
/// it was: what was read once stays.
#[derive(Default)]
pub(crate) struct Follower {
    state: Option<State>,
    size: u64,
    /// How much of what is more than a payment took effect.
    pub(crate) rich: u64,
}

impl Follower {
    /// Applies the next entry, which somebody has read already.
    pub(crate) fn take(&mut self, view: &EntryView) -> Result<(), String> {
        let index = self.size;
        self.step(view)
            .map_err(|why| format!("entry {index}: {why}"))?;
        self.size += 1;
        Ok(())
    }

    /// Reads on to the end of the log, applies it, and compares what the node says with what follows
    /// from it.
    pub(crate) fn follow(&mut self, source: &dyn Source) -> Result<(), String> {
        let mut apart = String::from("the log does not come to rest");
        for _ in 0..ATTEMPTS {
            let size = size_of(&source.checkpoint()?)?;
            while self.size < size {
                self.take(&source.entry(self.size)?)?;
            }
            let book = self.state.as_ref().ok_or("an empty log")?.book();
            check::conservation(book).map_err(|error| error.to_string())?;
            let addresses = (0..BANKS.len()).flat_map(|bank| (0..EACH).map(move |n| (bank, n)));
            let addresses: Vec<String> = addresses
                .map(|(bank, n)| account(bank, n))
                .filter(|address| book.account(&address.parse().unwrap()).is_some())
                .collect();
            let found = Said::by(source, &addresses)?;
            let expected = Said::of(book, size, &addresses).ok_or("what a book names is in it")?;
            if found == expected {
                return Ok(());
            }
            // Unless the node has made an entry of its own meanwhile, as when a hold expires.
            apart = format!("of a log of {size}: {}", found.difference(&expected));
            std::thread::sleep(Duration::from_millis(20));
        }
        Err(apart)
    }

    /// Applies one more entry, and compares what it leads to with what is in the log.
    fn step(&mut self, view: &EntryView) -> Result<(), String> {
        let entry = Entry::from_bytes(&view.entry.0).map_err(|error| error.to_string())?;
        let items = view.items.iter().map(|item| ItemView::parse(&item.0));
        let items: Vec<ItemView<'_>> = items
            .collect::<Result<_, _>>()
            .map_err(|error| error.to_string())?;
        let Some(state) = &mut self.state else {
            let [_, ItemView::Other(Item::Genesis(json))] = items.as_slice() else {
                return Err("no genesis document".into());
            };
            let genesis = Genesis::from_json(json).map_err(|error| error.to_string())?;
            let state = genesis.state(Time::from_nanos(entry.time));
            self.state = Some(state.map_err(|error| error.to_string())?);
            return Ok(());
        };
        let message = message_from_items(&items).map_err(|error| error.to_string())?;
        let applied = apply_again(state, entry.time, &message, &modules());
        let applied = applied.map_err(|error| error.to_string())?;
        if (applied.index, applied.time) != (entry.index, entry.time) {
            return Err(format!("it is {} at {}", applied.index, applied.time));
        }
        // Returns are proven by hashes of the tree.
        state.append(entry.leaf_hash(), &mut |_, _, _| ());
        let expected: Vec<(u32, u16)> = applied.drafts.iter().filter_map(drafted).collect();
        let found: Vec<(u32, u16)> = items.iter().filter_map(found).collect();
        if expected != found {
            return Err(format!("outcomes {found:?}, and not {expected:?}"));
        }
        let held = |draft: &&Draft| matches!(draft, Draft::Held(_));
        self.rich += applied.drafts.iter().filter(held).count() as u64;
        Ok(())
    }
}

/// Ordinal and outcome of an item, as somebody makes it who applies the log.
fn drafted(draft: &Draft) -> Option<(u32, u16)> {
    let (instruction, outcome) = match draft {
        Draft::Leg(leg) => (leg.instruction, leg.kind.outcome()),
        Draft::Held(held) => (held.leg.instruction, held.outcome),
        Draft::Linked(linked) => (linked.leg.instruction, linked.outcome),
        Draft::Instruction(i) => (i.instruction, i.outcome),
        Draft::Seal(_) => return None,
    };
    Some((instruction, outcome.number()))
}

/// The same as it stands in the log.
fn found(item: &ItemView<'_>) -> Option<(u32, u16)> {
    match item {
        ItemView::Leg(leg) => Some((leg.instruction, leg.outcome)),
        ItemView::Other(Item::Instruction(i)) => Some((i.instruction, i.outcome)),
        ItemView::Other(_) => None,
    }
}

/// The size that a checkpoint states.
fn size_of(checkpoint: &str) -> Result<u64, String> {
    let size = checkpoint.lines().nth(1).and_then(|line| line.parse().ok());
    size.ok_or_else(|| format!("no size in {checkpoint}"))
}
