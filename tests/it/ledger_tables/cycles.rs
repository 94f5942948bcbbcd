//! Netting cycles as tables: windows, positions, settlement, default, and every outcome.

mod daily;
mod meeting;
mod pools;
mod tables;

use std::collections::BTreeSet;
use std::fmt::Write;

use quittance::ledger::{
    Clear, ClearPayment, CloseModel, CloseRule, CloseWindow, CountUnsettled, DayEvent, Instruction,
    InstructionId, JoinModel, ModelId, OpenModel, Outcome, print_minor,
};
use quittance::limits::{MEMBERS_MAX, MODELS_MAX, WINDOWS_SETTLED_KEPT, WINDOWS_UNSETTLED_MAX};

use super::{Run, started};
use crate::ledger_world::World;
use tables::{CAPS, DEFAULTS, MODEL, RACES, SCHEDULE, SCHEDULE_WAITS, SETTLES, SUMS, WAITS, WHO};

/// Reads an instruction about models.
pub(crate) fn instruction(id: InstructionId, wish: &str) -> Instruction {
    let words: Vec<&str> = wish.split_whitespace().collect();
    match words.as_slice() {
        ["model", model, asset, close, funding, count @ ..] => Instruction::OpenModel(OpenModel {
            id,
            model: model.parse().unwrap(),
            asset: asset.parse().unwrap(),
            close: match close.strip_prefix("every=") {
                Some(every) => CloseRule::EveryS(every.parse().unwrap()),
                None => CloseRule::Manual,
            },
            funding_s: funding.parse().unwrap(),
            count_unsettled_credits: count.contains(&"none").then_some(CountUnsettled::None),
            close_with_day: word(count, "day=").map(|event| match event {
                "CUSC" => DayEvent::CustomerCutoff,
                "IBKC" => DayEvent::InterbankCutoff,
                "SYSC" => DayEvent::Close,
                other => panic!("no event {other}"),
            }),
            pool: word(count, "pool=").map(|pool| pool.parse().unwrap()),
        }),
        ["end_model", model] => Instruction::CloseModel(CloseModel {
            id,
            model: model.parse().unwrap(),
        }),
        ["close_window", model] => Instruction::CloseWindow(CloseWindow {
            id,
            model: model.parse().unwrap(),
        }),
        ["join", model, account, cap, owed @ ..] => Instruction::JoinModel(JoinModel {
            id,
            model: model.parse().unwrap(),
            account: account.parse().unwrap(),
            net_debit_cap: cap.parse().unwrap(),
            still_owed: word(owed, "owed=").map(|owed| owed.parse().unwrap()),
        }),
        ["clear", model, ..] => {
            let (_, payments) = wish.split_once(model).unwrap();
            let payment = |text: &str| {
                let [from, to, amount] = text.split_whitespace().collect::<Vec<_>>()[..] else {
                    panic!("no payment {text}")
                };
                ClearPayment {
                    from: from.parse().unwrap(),
                    to: to.parse().unwrap(),
                    amount: amount.parse().unwrap(),
                }
            };
            Instruction::Clear(Clear {
                id,
                model: model.parse().unwrap(),
                payments: payments.split(',').map(payment).collect(),
                end_to_end_id: None,
                remittance: None,
                debtor_name: None,
                creditor_name: None,
            })
        }
        other => panic!("no instruction {other:?}"),
    }
}

fn word<'a>(words: &[&'a str], name: &str) -> Option<&'a str> {
    words.iter().find_map(|word| word.strip_prefix(name))
}

/// Checks a position, what is owed to the pool, or the state of a window.
pub(super) fn check(world: &World, line: &str, context: &str) {
    let words: Vec<&str> = line.split_whitespace().collect();
    let model: ModelId = words[1].parse().unwrap();
    let model = world.book().cycles().model(&model).expect(context);
    match words.as_slice() {
        ["position", _, participant, position] => {
            let participant = world.book().participant(&participant.parse().unwrap());
            let member = model.member(participant.unwrap().number).expect(context);
            let scale = world.book().asset_numbered(model.record.asset).unwrap();
            let found = print_minor(member.whole().position(), scale.scale);
            assert_eq!(found, *position, "{context}");
        }
        ["owed", _, participant, owed] => {
            let participant = world.book().participant(&participant.parse().unwrap());
            let member = model.member(participant.unwrap().number).expect(context);
            let scale = world.book().asset_numbered(model.record.asset).unwrap();
            let found = i128::try_from(member.owed).unwrap();
            assert_eq!(print_minor(found, scale.scale), *owed, "{context}");
        }
        ["window", _, number, state] => {
            let number: u64 = number.parse().unwrap();
            let open = model.record.closed.is_none() && number == model.record.open.number;
            let found = match model.window(number) {
                None if open => "open",
                None if number >= model.record.open.number => "none",
                None => "forgotten",
                Some(window) if window.settled.is_some() => "settled",
                Some(window) if window.defaulted.is_some() => "defaulted",
                Some(_) => "waits",
            };
            assert_eq!(found, *state, "{context}");
        }
        other => panic!("{other:?}"),
    }
}

fn with_model() -> Run {
    let mut run = started();
    run.table(MODEL);
    run
}

fn ran(table: &str) -> Run {
    let mut run = with_model();
    run.table(table);
    run
}

/// The bounds on how many there are.
fn too_many() -> Run {
    let mut run = with_model();
    let mut table = String::new();
    for n in 0..WINDOWS_UNSETTLED_MAX {
        writeln!(table, "bank-b: clear ach bank-b bank-c 1 -> CLEARED").unwrap();
        writeln!(
            table,
            "operators: close_window ach -> APPLIED entry {}",
            n + 1
        )
        .unwrap();
    }
    writeln!(table, "operators: close_window ach -> WINDOWS_TOO_MANY").unwrap();
    writeln!(
        table,
        "operators: issue bank-b:usd 100 -> SETTLED\ntick {WINDOWS_UNSETTLED_MAX}"
    )
    .unwrap();
    for _ in 0..WINDOWS_SETTLED_KEPT {
        writeln!(table, "operators: close_window ach -> APPLIED").unwrap();
    }
    let old = WINDOWS_UNSETTLED_MAX;
    writeln!(
        table,
        "window ach {old} forgotten\nwindow ach {} settled",
        old + 1
    )
    .unwrap();
    for n in 1..MODELS_MAX {
        writeln!(table, "operators: model m-{n} USD manual 0 -> APPLIED").unwrap();
    }
    writeln!(
        table,
        "operators: model more USD manual 0 -> MODELS_TOO_MANY"
    )
    .unwrap();
    run.table(&table);
    run
}

/// As many participants as a model may have, each of which pays or receives.
fn many_members() -> Run {
    let mut run = with_model();
    let mut table = String::from("operators {\n");
    for n in 0..=MEMBERS_MAX - 3 {
        let bank = format!("b-{n}");
        writeln!(table, "participant {bank} bank 1 {bank}/k1 -> APPLIED").unwrap();
        writeln!(table, "open {bank}:usd {bank} settlement USD -> APPLIED").unwrap();
        let outcome = match n < MEMBERS_MAX - 3 {
            true => "APPLIED",
            false => "MEMBERS_TOO_MANY",
        };
        writeln!(table, "join ach {bank}:usd 1 -> {outcome}").unwrap();
    }
    table.push_str("}\n");
    let payments: Vec<_> = (0..250).map(|n| format!("bank-a b-{n} 0.01")).collect();
    let payments = payments.join(", ");
    writeln!(table, "bank-a: clear ach {payments} -> CLEARED").unwrap();
    let payments: Vec<_> = (250..497).map(|n| format!("bank-a b-{n} 0.01")).collect();
    let payments = payments.join(", ");
    writeln!(table, "bank-a: clear ach {payments} -> CLEARED").unwrap();
    table.push_str("operators: close_window ach -> APPLIED\ntick 1\nbalance b-496:usd 0.01 0.01\n");
    table.push_str("balance bank-a:usd 95.03 95.03\n");
    run.table(&table);
    run
}

fn schedule_waits() -> Run {
    let mut run = with_model();
    let mut table = String::from(
        "operators {
           model full USD every=600 2678400 -> APPLIED
           open bank-a:f bank-a settlement USD -> APPLIED
           open bank-b:f bank-b settlement USD -> APPLIED
           join full bank-a:f 100 -> APPLIED
           join full bank-b:f 100 -> APPLIED
         }\n",
    );
    for _ in 0..=WINDOWS_UNSETTLED_MAX {
        table.push_str("bank-b: clear full bank-b bank-a 1 -> CLEARED\n");
        table.push_str("later 600000\ntick 1\n");
    }
    // The last of these closes nothing.
    let last = table.rfind("later 600000\ntick 1\n").unwrap();
    table.truncate(last);
    run.table(&table);
    run.table(SCHEDULE_WAITS);
    run
}

/// Outcomes that the tables of this page reach.
pub(super) fn reached() -> BTreeSet<Outcome> {
    let tables = [SETTLES, WAITS, DEFAULTS, CAPS, RACES, SCHEDULE, WHO, SUMS];
    let runs = tables.into_iter().map(ran);
    let runs = runs.chain([too_many(), many_members(), schedule_waits()]);
    let runs = runs.chain(pools::runs()).chain(daily::runs());
    runs.flat_map(|run| run.reached).collect()
}

#[test]
fn nets_settle_after_the_close_and_nothing_before() {
    ran(SETTLES);
}

#[test]
fn a_window_waits_for_the_funds_of_all_and_for_those_before_it() {
    ran(WAITS);
}

#[test]
fn who_does_not_fund_in_time_is_named_and_can_be_rescued() {
    ran(DEFAULTS);
}

#[test]
fn positions_stay_within_their_caps() {
    ran(CAPS);
}

#[test]
fn a_payment_is_in_the_window_of_its_index() {
    ran(RACES);
}

#[test]
fn windows_close_by_schedule() {
    ran(SCHEDULE);
    schedule_waits();
}

#[test]
fn refusals_of_models_stand_in_their_order() {
    ran(WHO);
}

#[test]
fn sums_and_counts_are_bounded() {
    ran(SUMS);
    too_many();
    many_members();
}
