//! The largest set, against all subsets; and what a whole run leaves behind.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "small numbers"
)]

use super::*;
use crate::ledger::account::{Account, AccountKind, AccountStatus, Counters, Limits};
use crate::ledger::amount::MINOR_MAX;
use crate::ledger::asset::Asset;
use crate::ledger::book::Effect;
use crate::ledger::bounds::Bounds;
use crate::ledger::freezes::Freezes;
use crate::ledger::guard::Guard;
use crate::ledger::id::InstructionId;
use crate::ledger::instruction::Priority;
use crate::ledger::module::Mode;
use crate::ledger::parameter::Parameters;
use crate::ledger::participant::{Participant, ParticipantState, Role};
use crate::ledger::reserving::{Reservation, Reserved};

/// Numbers that look random and are the same for the same seed (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

fn bank(number: u32) -> Participant {
    Participant {
        number,
        id: alloc::format!("bank-{number}").parse().unwrap(),
        role: Role::Bank,
        keys: Vec::new(),
        threshold: 1,
        state: ParticipantState::Active,
        refuses: false,
        bic: None,
        lei: None,
        via: None,
        holidays: Vec::new(),
        freezes: Freezes::default(),
    }
}

/// A book with one asset and accounts that have these balances.
fn book(balances: &[u128]) -> Book {
    let mut book = Book::new(Mode::Sandbox, Parameters::default());
    let asset = Asset {
        number: 0,
        id: "USD".parse().unwrap(),
        module: "fiat".into(),
        module_version: 1,
        scale: 2,
        status: AssetStatus::Active,
        issuance: u64::MAX,
    };
    book.absorb(Effect::Asset(0, Some(asset)));
    for number in 0..=1 {
        book.absorb(Effect::Participant(number, Some(bank(number))));
    }
    for (number, balance) in (0u64..).zip(balances) {
        let account = Account {
            number,
            address: alloc::format!("bank:{number}").parse().unwrap(),
            owner: 1,
            kind: AccountKind::Settlement,
            asset: 0,
            status: AccountStatus::Active,
            guarded: false,
            kept: false,
            limits: Limits::default(),
            counters: Counters {
                credits_posted: *balance,
                ..Counters::default()
            },
            last: None,
            opened: 0,
            earlier: Vec::new(),
        };
        book.absorb(Effect::Account(number, Some(account)));
    }
    book
}

fn queue(book: &mut Book, n: u64, priority: Priority, legs: Vec<QueuedLeg>) -> Payment {
    let payment = Payment {
        answers: 0,
        rank: Rank {
            priority,
            order: i64::try_from(n).unwrap(),
            ordinal: 0,
            key: (1, InstructionId::from_parts(1, u128::from(n))),
        },
        index: n,
        time: 1,
        settle_from: None,
        day: None,
        till: None,
        overdue: false,
        until_cutoff: false,
        reject_at: None,
        legs,
    };
    let effect = Effect::Queued(payment.rank.key, Some(payment.clone()));
    book.absorb(effect);
    payment
}

fn reserve(book: &mut Book, number: u64, reserved: Reserved) {
    let mut reservation = Reservation::default();
    reservation.set(1, reserved);
    book.absorb(Effect::Reserved(number, Some(reservation)));
}

/// Up to eight payments between four accounts, some of them of several legs.
fn city(random: &mut Random) -> (Book, Vec<Payment>) {
    let mut balances = [0u128; 4];
    for balance in &mut balances {
        *balance = u128::from(random.below(3) * random.below(15));
    }
    let mut book = book(&balances);
    for number in 0..4 {
        let [urgent, high] = [(); 2].map(|()| u128::from(random.below(2) * random.below(15)));
        reserve(&mut book, number, Reserved { urgent, high });
    }
    let mut payments = Vec::new();
    for n in 0..=random.below(8) {
        let priority = [
            Priority::Urgent,
            Priority::High,
            Priority::Normal,
            Priority::Normal,
        ];
        let priority = priority[usize::try_from(random.below(4)).unwrap()];
        let legs = 1 + random.below(4) / 3;
        let legs = (0..legs).map(|_| {
            let debit = random.below(4);
            QueuedLeg {
                debit,
                credit: (debit + 1 + random.below(3)) % 4,
                amount: u128::from(1 + random.below(20)),
            }
        });
        let legs = legs.collect();
        payments.push(queue(&mut book, n, priority, legs));
    }
    payments.sort_by_key(|payment| payment.rank);
    (book, payments)
}

/// What an account pays at each priority, and what it gets.
#[derive(Clone, Copy, Default)]
struct Turnover {
    pays: [u128; 3],
    gets: u128,
}

fn turnovers(payments: &[&Payment]) -> [Turnover; 4] {
    let mut all = [Turnover::default(); 4];
    for payment in payments {
        for leg in &payment.legs {
            all[leg.debit as usize].pays[payment.rank.priority as usize] += leg.amount;
            all[leg.credit as usize].gets += leg.amount;
        }
    }
    all
}

/// Whether an account can pay, coin by coin: out of what comes in, the least urgent first; then each
/// out of the jars that are open to it.
fn can_pay(own: u128, reserved: Reserved, turnover: Turnover) -> bool {
    let Turnover { mut pays, mut gets } = turnover;
    for left in pays.iter_mut().rev() {
        while *left > 0 && gets > 0 {
            (*left, gets) = (*left - 1, gets - 1);
        }
    }
    let urgent = own.min(reserved.urgent);
    let high = (own - urgent).min(reserved.high);
    let mut jars = [urgent, high, own - urgent - high];
    let open: [&[usize]; 3] = [&[0, 2, 1], &[1, 2], &[2]];
    for (left, open) in pays.into_iter().zip(open) {
        for _ in 0..left {
            match open.iter().find(|jar| jars[**jar] > 0) {
                Some(jar) => jars[*jar] -= 1,
                None => return false,
            }
        }
    }
    true
}

/// Balances after a set of payments, by simple sums.
fn after(book: &Book, payments: &[&Payment]) -> Vec<(i128, i128)> {
    let start = book.accounts().iter().map(Account::available);
    let mut accounts: Vec<(i128, i128)> = start.map(|balance| (balance, 0)).collect();
    for leg in payments.iter().flat_map(|payment| &payment.legs) {
        let amount = i128::try_from(leg.amount).unwrap();
        let (payer, payee) = (leg.debit as usize, leg.credit as usize);
        accounts[payer].0 -= amount;
        accounts[payer].1 -= amount;
        accounts[payee].0 += amount;
        accounts[payee].1 += amount;
    }
    accounts
}

/// Whether a set keeps to every line and takes nobody below zero.
fn can_settle(book: &Book, all: &[Payment], set: &[&Payment]) -> bool {
    let debits = |payment: &Payment, account| payment.legs.iter().any(|l| l.debit == account);
    let in_line = |account: u64| {
        let line = all.iter().filter(|payment| debits(payment, account));
        let taken: Vec<bool> = line
            .map(|payment| set.iter().any(|other| other.rank == payment.rank))
            .collect();
        taken.is_sorted_by(|before, after| before >= after)
    };
    let funded = |(account, turnover): (&Account, Turnover)| {
        let own = u128::try_from(account.available()).unwrap();
        can_pay(own, book.reserved(account), turnover)
    };
    (0..4).all(in_line) && book.accounts().iter().zip(turnovers(set)).all(funded)
}

/// All subsets that can settle, as bits.
fn subsets<'a>(book: &'a Book, all: &'a [Payment]) -> impl Iterator<Item = usize> + 'a {
    (0..1usize << all.len()).filter(move |bits| {
        let set: Vec<&Payment> = (0..all.len())
            .filter(|n| bits >> n & 1 == 1)
            .map(|n| &all[n])
            .collect();
        can_settle(book, all, &set)
    })
}

fn bits(all: &[Payment], keys: &[PaymentKey]) -> usize {
    let mut bits = 0;
    for key in keys {
        let n = all.iter().position(|payment| payment.rank.key == *key);
        bits |= 1 << n.unwrap();
    }
    bits
}

#[test]
fn all_together_is_the_one_largest_set_of_all_subsets() {
    let (mut random, mut met) = (Random(7), BTreeSet::new());
    for case in 0..4_000 {
        let (book, all) = city(&mut random);
        let largest = subsets(&book, &all).fold(0, |union, bits| union | bits);
        assert!(
            subsets(&book, &all).any(|bits| bits == largest),
            "{case}: one is above all"
        );
        let mut run = Run::of(&book, 1, 1_000);
        run.all_together();
        let found = bits(&all, &run.settled);
        assert_eq!(found, largest, "{case}: {all:?} {:?}", book.accounts());
        met.insert((found.count_ones(), found == (1 << all.len()) - 1));
    }
    // Nothing, a part and everything were right answers.
    assert!(met.contains(&(0, false)) && met.contains(&(3, false)) && met.contains(&(8, true)));
}

#[test]
fn a_whole_run_leaves_nothing_that_could_settle_and_overtakes_no_urgent_one() {
    let (mut random, mut uses) = (Random(11), 0);
    for case in 0..4_000 {
        let (mut book, all) = city(&mut random);
        let Plan {
            keys: settled,
            reserved: used,
        } = plan(&book, 1, 1_000);
        let set: Vec<&Payment> = all
            .iter()
            .filter(|payment| settled.contains(&payment.rank.key))
            .collect();
        let funded = |(balance, moved): (i128, i128)| moved >= 0 || balance >= 0;
        let then = after(&book, &set);
        assert!(then.iter().copied().all(funded), "{case}");
        for payment in &all {
            let gone = settled.contains(&payment.rank.key);
            let overtaken = |before: &&Payment| {
                let strict = before.rank.priority.is_strict() && before.rank < payment.rank;
                strict && !before.payers().is_disjoint(&payment.payers())
            };
            let mut overtaken = all.iter().filter(overtaken);
            assert!(
                !gone || overtaken.all(|p| settled.contains(&p.rank.key)),
                "{case}"
            );
        }
        // What is left, with the balances that are left.
        for (number, (_, moved)) in (0u64..).zip(&then) {
            let mut account = book.account_numbered(number).unwrap().clone();
            let c = &mut account.counters;
            match u128::try_from(*moved) {
                Ok(gained) => c.credits_posted += gained,
                Err(_) => c.debits_posted += moved.unsigned_abs(),
            }
            book.absorb(Effect::Account(number, Some(account)));
        }
        for (number, reserved) in used {
            let before = book.reserved(book.account_numbered(number).unwrap());
            assert!(
                reserved.urgent <= before.urgent && reserved.high <= before.high,
                "{case}"
            );
            uses += usize::from(reserved != before);
            reserve(&mut book, number, reserved);
        }
        // What is normal took nothing of what is reserved.
        for (account, turnover) in book.accounts().iter().zip(turnovers(&set)) {
            let free = account.available() - i128::try_from(book.reserved(account).sum()).unwrap();
            assert!(turnover.pays[2] <= turnover.gets || free >= 0, "{case}");
        }
        for key in &settled {
            book.absorb(Effect::Queued(*key, None));
        }
        let left: Vec<Payment> = book.queue().waiting().cloned().collect();
        assert!(
            plan(&book, 1, 1_000).keys.is_empty(),
            "{case}: a run is complete"
        );
        assert_eq!(subsets(&book, &left).max(), Some(0), "{case}: {left:?}");
    }
    assert!(uses > 500, "{uses}");
}

/// So many payments in rings that go through all accounts, and nobody has anything.
fn rings(accounts: u64, payments: u64) -> Book {
    let mut book = book(&alloc::vec![0; usize::try_from(accounts).unwrap()]);
    for n in 0..payments {
        let leg = QueuedLeg {
            debit: n % accounts,
            credit: (n + 1) % accounts,
            amount: u128::from(1 + n / accounts),
        };
        queue(&mut book, n, Priority::Normal, alloc::vec![leg]);
    }
    book
}

#[test]
fn thousands_that_wait_for_each_other_settle_in_two_runs() {
    let mut book = rings(50, 10_000);
    let first = plan(&book, 1, 8_189).keys;
    assert_eq!(
        first.len(),
        8_150,
        "as many whole rings as an entry has room for"
    );
    for key in &first {
        book.absorb(Effect::Queued(*key, None));
    }
    assert_eq!(plan(&book, 1, 8_189).keys.len(), 10_000 - 8_150);
}

#[test]
fn counters_that_are_full_hold_up_only_those_who_have_to_do_with_them() {
    let mut book = book(&[10, MINOR_MAX - 1, 0, 0]);
    let leg = |debit, credit, amount| {
        alloc::vec![QueuedLeg {
            debit,
            credit,
            amount,
        }]
    };
    queue(&mut book, 1, Priority::Normal, leg(0, 1, 5));
    queue(&mut book, 2, Priority::Normal, leg(1, 0, 5));
    let third = queue(&mut book, 3, Priority::High, leg(2, 3, 7));
    let fourth = queue(&mut book, 4, Priority::High, leg(3, 2, 7));
    let found = plan(&book, 1, 100).keys;
    // The second brings nothing that does not fit; the first does.
    assert_eq!(found[..1], [(1, InstructionId::from_parts(1, 2))]);
    assert_eq!(bits(&[third, fourth], &found[1..]), 3);
}

#[test]
fn a_run_ends_and_says_where_the_next_goes_on() {
    // Each brings what the one before it in order needs, and each is behind one that never goes.
    let accounts = 40u64;
    let mut balances = alloc::vec![0u128; usize::try_from(accounts).unwrap()];
    balances[usize::try_from(accounts - 1).unwrap()] = 1;
    let mut book = book(&balances);
    for n in 0..accounts - 1 {
        let leg = |amount, credit| {
            alloc::vec![QueuedLeg {
                debit: n + 1,
                credit,
                amount,
            }]
        };
        queue(&mut book, n, Priority::Normal, leg(100, n));
        queue(&mut book, 1_000 + n, Priority::Normal, leg(1, n));
    }
    let found = plan(&book, 1, 1_000).keys;
    assert_eq!(found.len(), CLEARING_ROUNDS_MAX);
}

#[test]
fn nobody_gets_more_than_it_takes_and_a_look_notes_who_is_full() {
    let (mut random, mut full, mut settles) = (Random(13), 0, 0);
    for case in 0..4_000 {
        let (mut book, all) = city(&mut random);
        let tops: Vec<u128> = (0..4).map(|_| u128::from(random.below(30))).collect();
        for (number, top) in (0u64..).zip(&tops) {
            let bounds = Bounds {
                max_balance: Some(*top),
                ..Bounds::default()
            };
            let guard = Guard {
                bounds,
                ..Guard::default()
            };
            book.absorb(Effect::Guard(number, Some(guard)));
        }
        let settled = plan(&book, 1, 1_000).keys;
        settles += usize::from(!settled.is_empty());
        let gone = |payment: &&Payment| settled.contains(&payment.rank.key);
        let set: Vec<&Payment> = all.iter().filter(gone).collect();
        for ((balance, moved), top) in after(&book, &set).into_iter().zip(&tops) {
            let most = i128::try_from(*top).unwrap();
            assert!(moved >= 0 || balance >= 0, "{case}");
            assert!(moved <= 0 || balance <= most, "{case}: {all:?}");
        }
        let mut hints = Hints::default();
        let found = super::can_settle(&book, 1, &mut hints);
        assert_eq!(found, !settled.is_empty(), "{case}");
        // Where nothing is noted, more room is no help.
        for number in (0..4u64).filter(|_| !found) {
            match hints.may_take(number) {
                true => full += 1,
                false => {
                    let mut wider = book.clone();
                    wider.absorb(Effect::Guard(number, None));
                    assert!(plan(&wider, 1, 1_000).keys.is_empty(), "{case}: {number}");
                }
            }
        }
    }
    assert!(full > 100 && settles > 1_000, "{full} {settles}");
}
