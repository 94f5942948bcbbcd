//! Netting in the runs: what is asked, and what is compared after every message.

use quittance::ledger::{
    Book, Clear, ClearPayment, CloseModel, CloseWindow, Instruction, InstructionId, JoinModel,
    ModelId, Turnover, print_minor,
};

use super::netted::{EVERY_S, MODELS, Model, POOL};
use super::reference::{Reference, Typed, Wish};
use super::wishes::typed;
use super::{BANKS, Random};
use crate::ledger_tables::Run;
use crate::ledger_world::World;

fn name(model: usize) -> ModelId {
    let name = MODELS.get(model).map_or("none", |model| model.0);
    name.parse().unwrap()
}

impl Random {
    pub(super) fn netting(&mut self) -> Wish {
        let model = match self.below(40) {
            0 => 3,
            1..=4 => 2,
            n => usize::from(n % 3 == 0),
        };
        match self.below(12) {
            0 if self.one_in(3) => {
                let amount = self.amount();
                Wish::Issue(POOL.into(), amount)
            }
            0..=1 => Wish::CloseWindow(model, false),
            2 if self.one_in(15) => Wish::CloseWindow(model, true),
            2..=3 => {
                let likely = match model {
                    1 => ":jpy",
                    _ => self.pick(&[":usd", ":two", ":spare"]),
                };
                let account = match self.one_in(4) {
                    true => self.account(),
                    false => format!("{}{likely}", self.pick(&BANKS)),
                };
                let owed = self.one_in(2).then(|| self.amount());
                Wish::Join(model, account, self.amount(), owed)
            }
            _ => {
                let count = self.pick(&[1, 1, 1, 2, 3]);
                let pay = |random: &mut Self| {
                    let amount = match (random.amount(), model) {
                        (Typed { units, .. }, 1) => Typed { units, decimals: 0 },
                        (amount, _) => amount,
                    };
                    (random.pick(&BANKS), random.pick(&BANKS), amount)
                };
                Wish::Clear(model, (0..count).map(|_| pay(self)).collect())
            }
        }
    }
}

pub(super) fn instruction(id: InstructionId, wish: &Wish) -> Instruction {
    match wish {
        Wish::Clear(model, payments) => Instruction::Clear(Clear {
            id,
            model: name(*model),
            payments: payments
                .iter()
                .map(|(from, to, amount)| ClearPayment {
                    from: from.parse().unwrap(),
                    to: to.parse().unwrap(),
                    amount: typed(*amount),
                })
                .collect(),
            end_to_end_id: None,
            remittance: None,
            debtor_name: None,
            creditor_name: None,
        }),
        Wish::CloseWindow(model, false) => Instruction::CloseWindow(CloseWindow {
            id,
            model: name(*model),
        }),
        Wish::CloseWindow(model, true) => Instruction::CloseModel(CloseModel {
            id,
            model: name(*model),
        }),
        Wish::Join(model, address, cap, owed) => Instruction::JoinModel(JoinModel {
            id,
            model: name(*model),
            account: address.parse().unwrap(),
            net_debit_cap: typed(*cap),
            still_owed: owed.map(typed),
        }),
        other => panic!("{other:?} is about no model"),
    }
}

/// Two models, and two banks in each of them; a pool for the first, and days for both.
pub(super) fn start(run: &mut Run, reference: &mut Reference, days: bool) {
    let (customers, end) = match days {
        true => ("day=CUSC", "day=SYSC"),
        false => ("", ""),
    };
    run.table(&format!(
        "operators: open {POOL} operators pool USD -> APPLIED
         operators: issue {POOL} 500.00 -> SETTLED"
    ));
    reference.open(POOL, "operators", 0, true);
    reference.fund(POOL, 50_000);
    let now = run.world.now;
    run.table(&format!(
        "operators {{
           model ach USD manual 0 {customers} pool={POOL} -> APPLIED
           model jp JPY every={EVERY_S} 5 none {end} -> APPLIED
           model mini USD manual 0 none -> APPLIED
         }}"
    ));
    for bank in BANKS {
        run.table(&format!(
            "operators: open {bank}:two {bank} settlement USD -> APPLIED"
        ));
        reference.open(&format!("{bank}:two"), bank, 0, true);
    }
    for n in 0..MODELS.len() {
        reference.models.push(Model::new(n, now, days));
    }
    for (n, account) in [(0, "usd"), (1, "jpy")] {
        for bank in &BANKS[..2] {
            let (model, _, _) = MODELS[n];
            run.table(&format!(
                "operators: join {model} {bank}:{account} 2000 -> APPLIED"
            ));
            let cap = Typed {
                units: 2_000,
                decimals: 0,
            };
            reference
                .join(n, &format!("{bank}:{account}"), cap, None)
                .unwrap();
        }
    }
}

fn turnover((sent, received): (i128, i128), found: &Turnover) -> bool {
    let sums = [found.sent, found.received].map(|sum| i128::try_from(sum).unwrap());
    sums == [sent, received]
}

/// Compares windows and positions.
pub(super) fn compare(world: &World, reference: &Reference, context: &str) {
    let book = world.book();
    for (found, model) in book.cycles().models().iter().zip(&reference.models) {
        let record = &found.record;
        let windows = (record.open.number, record.settled, record.closed.is_some());
        let expected = (model.window, model.settled, model.over);
        assert_eq!(windows, expected, "{}: {context}", record.name);
        assert_eq!(found.members().len(), model.members.len(), "{context}");
        for (bank, (address, _)) in &model.members {
            let number = book.participant(&bank.parse().unwrap()).unwrap().number;
            let member = found.member(number).unwrap();
            let account = book.account_numbered(member.account).unwrap();
            assert_eq!(account.address.as_str(), *address, "{context}");
            let whole = model.open_turnover(bank);
            assert!(turnover(whole, &member.whole()), "{bank}: {context}");
            assert_eq!(
                i128::try_from(member.owed),
                Ok(model.owed(bank)),
                "{context}"
            );
            // Every payment is in its window, and in no other.
            for window in found.windows() {
                let net = window.nets.iter().find(|net| net.participant == number);
                let sums = net.map(|net| net.turnover).unwrap_or_default();
                let drawn = model.drawn.iter();
                let drawn = drawn.filter(|(w, whose, _)| (*w, *whose) == (window.number, *bank));
                let drawn: i128 = drawn.map(|(.., units)| units).sum();
                let found = net.map_or(0, |net| net.drawn);
                assert_eq!(i128::try_from(found), Ok(drawn), "{bank}: {context}");
                let expected = model.turnover(bank, |w| w == window.number);
                assert!(
                    turnover(expected, &sums),
                    "{bank}, {}: {context}",
                    window.number
                );
            }
        }
        if record.terms.close_with_day.is_some() {
            within_days(book, found, model, context);
        }
        let own = book.account_numbered(record.account).unwrap();
        assert_eq!(own.counters.posted(), 0, "{context}");
    }
}

/// Windows lie within one date, but for those that could not close with it.
fn within_days(book: &Book, found: &quittance::ledger::Model, model: &Model, context: &str) {
    let calendar = book.calendars().of_asset(found.record.asset).unwrap();
    for window in found.windows() {
        let ends = |index: &u64| (window.from..window.closed.index).contains(index);
        let crosses = calendar.past.iter().map(|day| day.to).any(|to| ends(&to));
        let expected = model.crossed.contains(&window.number);
        assert_eq!(crosses, expected, "{}: {context}", window.number);
    }
}

fn send(run: &mut Run, signers: &str, wish: &str) {
    let id = run.world.id();
    let instruction = crate::ledger_tables::cycle_instruction(id, wish);
    let message = run.world.message(signers, false, vec![instruction]);
    run.world.send(&message);
}

/// Under `none`, whoever keeps its cap on its account can pay every window, whatever else settles: the
/// settlement of one never makes the next unfundable.
#[test]
fn a_cap_that_is_covered_funds_every_window() {
    for seed in 0..20 {
        let mut random = Random::new(seed);
        let mut run = Run::new();
        run.world.fast = seed > 3;
        run.table(
            "operators: asset USD fiat -> APPLIED\noperators: model m USD manual 1 none -> APPLIED",
        );
        for bank in BANKS {
            run.table(&format!(
                "operators: participant {bank} bank 1 {bank}/k1 -> APPLIED
                 operators: open {bank}:usd {bank} settlement USD -> APPLIED
                 operators: issue {bank}:usd 100 -> SETTLED
                 operators: join m {bank}:usd 100 -> APPLIED"
            ));
        }
        let mut closed = 0;
        for _ in 0..150 {
            for bank in BANKS {
                // The operators keep each cap within what is there.
                let (_, available) = run.world.balance(&format!("{bank}:usd"));
                let cap = format!("join m {bank}:usd {}", print_minor(available, 2));
                send(&mut run, "operators", &cap);
            }
            let count = 1 + random.below(3);
            let payments: Vec<_> = (0..count)
                .map(|_| {
                    let from = random.below(3);
                    let to = (from + 1 + random.below(2)) % 3;
                    let bank = |n: u64| BANKS[usize::try_from(n).unwrap()];
                    let amount = format!("{}", 1 + random.below(60));
                    format!("{} {} {amount}", bank(from), bank(to))
                })
                .collect();
            let wish = format!("clear m {}", payments.join(", "));
            send(&mut run, "bank-a+bank-b+bank-c", &wish);
            if random.below(4) == 0 {
                run.table("operators: close_window m -> APPLIED");
                run.world.tick();
                closed += 1;
            }
            let book = run.world.book();
            let model = &book.cycles().models()[0];
            for (_, member) in model.members() {
                let account = book.account_numbered(member.account).unwrap();
                let sent = i128::try_from(member.whole().sent).unwrap();
                assert!(account.available() >= sent, "seed {seed}");
            }
            assert!(model.record.unsettled() <= 1, "seed {seed}");
        }
        assert!(closed > 10);
    }
}
