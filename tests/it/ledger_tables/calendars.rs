//! Calendars and the business day as tables: phases, rolls, what waits for a date, and every outcome.

mod closings;
mod tables;

use std::collections::BTreeSet;
use std::fmt::Write;

use quittance::assets::modules;
use quittance::ledger::{
    Applied, Batch, BatchTransfer, Date, DayPhase, Instruction, InstructionId, Message, Outcome,
    SealOrder, SetCalendar, State, Step, Time, apply,
};
use quittance::limits::{CALENDAR_VERSIONS_MAX, CALENDARS_MAX};
use serde_json::json;

use super::{Run, started};
use crate::ledger_world::batch_message;
use closings::{
    CHANGED, COOP, DATED, FREE, LATER, LIMITS, NO_CALENDAR, ON_THE_DAY, PAIRS, REFUSES,
};
use tables::{
    ACCEPTED, ADDED, DATES, DAY, HOLIDAYS, JOINT, LEAP, MEETING, MONTH_ENDS, NIGHTS, ORDER, QUEUES,
    RULES, SEALS, SLEEP, SUMMER, UNFUNDED, WITHOUT,
};

/// Reads `calendar USD from=2026-11-24`, then perhaps `days=mon,tue` and so on.
pub(crate) fn instruction(id: InstructionId, asset: &str, words: &[&str]) -> Instruction {
    let value = |name: &str, default: &str| {
        let word = words.iter().find_map(|word| word.strip_prefix(name));
        word.unwrap_or(default).to_owned()
    };
    let list = |text: String| -> Vec<String> {
        let parts = text.split(',').filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    };
    let number = |text: String| text.parse::<i64>().unwrap();
    let change = |word: &&str| {
        let (at, offset) = word.strip_prefix("zone@")?.split_once('=')?;
        Some(json!({"at": at, "offset_min": number(offset.to_owned())}))
    };
    let changes: Vec<_> = words.iter().filter_map(change).collect();
    let mut set = json!({
        "id": id.to_string(),
        "asset": asset,
        "valid_from": value("from=", ""),
        "good_days": list(value("days=", "mon,tue,wed,thu,fri")),
        "holidays": list(value("holidays=", "")),
        "offset_min": number(value("zone=", "0")),
        "opens": value("opens=", "07:00"),
        "customer_cutoff": value("customers=", "17:00"),
        "interbank_cutoff": value("banks=", "18:00"),
        "closes": value("closes=", "18:30"),
        "roll": value("roll=", "following"),
        "cutoff_policy": value("policy=", "reject"),
        "max_warehouse_days": number(value("ahead=", "10")),
    });
    let back = value("back=", "");
    if !back.is_empty() {
        set["back_value_days"] = number(back).into();
    }
    if words.contains(&"evening") {
        set["opens_day_before"] = true.into();
    }
    if !changes.is_empty() {
        set["offset_changes"] = changes.into();
    }
    Instruction::SetCalendar(serde_json::from_value::<SetCalendar>(set).unwrap())
}

/// The lines about days.
pub(super) fn directive(run: &mut Run, line: &str, context: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        ["clock", time] => {
            let time: Time = time.parse().unwrap();
            assert!(time.nanos() >= run.world.now, "{context}");
            run.world.now = time.nanos();
        }
        ["due", outcomes @ ..] => {
            run.world.tick();
            run.reached.extend(&run.world.due);
            let done = core::mem::take(&mut run.world.due);
            let done: Vec<_> = done.into_iter().map(Outcome::code).collect();
            assert!(
                *outcomes == ["any"] || done == outcomes,
                "{context}: {done:?}"
            );
        }
        ["day", asset, date, phase] => {
            let book = run.world.book();
            let asset = book.asset(&asset.parse().unwrap()).unwrap().number;
            let day = &book.calendars().of_asset(asset).unwrap().day;
            assert_eq!(day.date.to_string(), *date, "{context}");
            let phase: DayPhase = serde_json::from_value(json!(phase)).unwrap();
            assert_eq!(day.phase, phase, "{context}");
        }
        ["range", asset, date, sealed] => {
            let book = run.world.book();
            let asset = book.asset(&asset.parse().unwrap()).unwrap().number;
            let calendar = book.calendars().of_asset(asset).unwrap();
            let day = calendar.past(date.parse().unwrap()).expect(context);
            assert_eq!(day.sealed, *sealed != "unsealed", "{context}");
            if *sealed == "sealing" {
                let size = run.world.state.frozen_size();
                assert_eq!(size, Some(day.to + 1), "{context}");
            }
            for index in [day.from, day.to] {
                assert_eq!(calendar.date_of(index), Some(day.date), "{context}");
            }
            assert_ne!(calendar.date_of(day.to + 1), Some(day.date), "{context}");
        }
        ["seal"] => seal(run),
        _ => return false,
    }
    true
}

/// Logs the seal that is outstanding.
fn seal(run: &mut Run) {
    let (book, secret) = (run.world.book(), [7; 32]);
    let frozen = run.world.state.frozen().expect("one is outstanding");
    let leaves = frozen.leaves(book, &secret);
    let order = SealOrder {
        sealed_size: frozen.size,
        secret,
        computed: Some(frozen.seal(book, &secret, &leaves).into()),
    };
    let message = order.into_message(Time::from_nanos(run.world.now));
    run.world.seal(&message);
}

fn reached_by(table: &str) -> BTreeSet<Outcome> {
    let mut run = started();
    run.table(
        "bank-a: open bank-a:alice bank-a customer USD                  -> APPLIED\n\
         bank-b: open bank-b:bob bank-b customer USD                    -> APPLIED\n\
         operators: issue bank-a:alice 10                               -> SETTLED\n",
    );
    run.table(table);
    run.reached
}

/// All outcomes that these tables reach.
pub(super) fn reached() -> BTreeSet<Outcome> {
    let tables = [
        DAY, WITHOUT, DATES, QUEUES, RULES, HOLIDAYS, MONTH_ENDS, LEAP, JOINT, ORDER, LIMITS, FREE,
    ];
    let mut reached: BTreeSet<_> = tables.into_iter().flat_map(reached_by).collect();
    reached.extend(reached_by(&too_many_versions()));
    reached
}

#[test]
fn a_day_opens_is_cut_off_and_closes() {
    reached_by(DAY);
}

#[test]
fn an_asset_without_a_calendar_has_no_dates() {
    reached_by(WITHOUT);
}

#[test]
fn a_payment_waits_for_its_date() {
    reached_by(DATES);
}

#[test]
fn what_waits_for_one_date_goes_in_the_order_of_its_acceptance() {
    reached_by(ACCEPTED);
}

#[test]
fn a_swap_that_is_not_funded_is_revoked_with_the_day() {
    reached_by(UNFUNDED);
}

#[test]
fn what_waits_for_funds_keeps_to_the_day() {
    reached_by(QUEUES);
}

#[test]
fn limits_and_freezes_meet_what_waits_for_a_day() {
    reached_by(MEETING);
}

#[test]
fn outcomes_come_in_their_order() {
    reached_by(ORDER);
}

#[test]
fn calendars_are_set_by_rules() {
    reached_by(RULES);
}

/// LEDGER, what users of other ledgers were hurt by, 23: holidays were ignored.
#[test]
fn pain_23_a_holiday_is_no_business_day() {
    reached_by(HOLIDAYS);
}

#[test]
fn on_days_of_a_bank_what_concerns_it_rolls_or_is_refused() {
    reached_by(FREE);
    reached_by(REFUSES);
    reached_by(PAIRS);
    reached_by(DATED);
    reached_by(COOP);
}

#[test]
fn what_waits_stands_still_on_days_of_a_bank() {
    reached_by(ON_THE_DAY);
    reached_by(LATER);
}

#[test]
fn days_of_banks_are_set_by_rules() {
    reached_by(LIMITS);
    reached_by(CHANGED);
    reached_by(NO_CALENDAR);
}

#[test]
fn a_list_of_days_is_of_four_hundred_dates_within_ten_years() {
    let mut run = started();
    let day = |n: u32| Date::from_days(20_780 + n).to_string();
    let list = |count: u32| (0..count).map(day).collect::<Vec<_>>().join(" ");
    run.table(&format!(
        "operators: closed bank-a {} -> APPLIED\n\
         operators: closed bank-a {} -> CALENDAR_INVALID\n\
         operators: closed bank-a {} -> APPLIED\n\
         operators: closed bank-a {} -> CALENDAR_INVALID\n",
        list(400),
        list(401),
        day(3_660),
        day(3_661),
    ));
}

/// A payment is warehoused for a day that becomes a holiday.
#[test]
fn a_holiday_that_is_added_moves_what_waits_for_it() {
    reached_by(ADDED);
}

#[test]
fn the_end_of_a_month_and_a_leap_day() {
    reached_by(MONTH_ENDS);
    reached_by(LEAP);
}

#[test]
fn summer_time_moves_the_day_by_an_hour() {
    reached_by(SUMMER);
}

#[test]
fn a_day_may_open_on_the_evening_before() {
    reached_by(NIGHTS);
}

#[test]
fn two_assets_settle_on_a_day_that_is_good_for_both() {
    reached_by(JOINT);
}

#[test]
fn a_node_that_slept_for_three_days_makes_each_event_once() {
    reached_by(SLEEP);
}

#[test]
fn the_state_at_a_close_is_sealed() {
    reached_by(SEALS);
}

#[test]
fn a_record_of_a_batch_keeps_to_the_day_and_never_waits() {
    let mut run = started();
    run.table(
        "operators: calendar USD from=2026-11-24 policy=roll            -> APPLIED\n\
         bank-a: open bank-a:alice bank-a customer USD                  -> APPLIED\n\
         operators: issue bank-a:alice 10                               -> SETTLED\n\
         clock 2026-11-24T17:30:00Z\n",
    );
    let number = |run: &Run, address: &str| {
        let account = run.world.book().account(&address.parse().unwrap());
        account.unwrap().number
    };
    let names = [("bank-a:alice", "bank-b:usd"), ("bank-a:usd", "bank-b:usd")];
    let transfers = names.map(|(debit, credit)| BatchTransfer {
        debit: number(&run, debit),
        credit: number(&run, credit),
        amount: 100,
        reference: None,
    });
    let mut sent = |id: &str, expected: [(Outcome, Option<u16>); 2]| {
        let batch = Batch {
            first_id: run.world.id(),
            transfers: transfers.to_vec(),
        };
        // Ids of a batch count on: the next is behind them.
        let _ = run.world.id();
        let message = batch_message("bank-a", id, run.world.now, false, batch);
        let Step::Applied(applied) = run.world.send(&message) else {
            panic!("{id} is not applied")
        };
        let rows = quittance::ledger::outcomes(&applied.drafts);
        let rows: Vec<_> = rows.iter().map(|row| (row.outcome, row.leg)).collect();
        assert_eq!(rows, expected, "{id}");
        run.world.now += 3_600_000_000_000;
    };
    let (settled, passed) = ((Outcome::Settled, None), (Outcome::CutoffPassed, Some(0)));
    sent("interbank", [passed, settled]);
    sent("cutoff", [passed, passed]);
}

/// A version for a later date that is one too many.
fn too_many_versions() -> String {
    let mut table = String::from("operators: calendar USD from=2026-11-24 -> APPLIED\n");
    for n in 1..CALENDAR_VERSIONS_MAX {
        writeln!(
            table,
            "operators: calendar USD from=2026-12-{n:02} -> APPLIED"
        )
        .unwrap();
    }
    table.push_str(
        "operators: calendar USD from=2026-12-20 -> CALENDARS_TOO_MANY\n\
         // In the place of one for the same date, and when the first is over.\n\
         operators: calendar USD from=2026-12-01 -> APPLIED\n\
         clock 2026-12-02T20:00:00Z\n\
         operators: calendar USD from=2026-12-20 -> APPLIED\n",
    );
    table
}

#[test]
fn calendars_and_versions_are_limited() {
    reached_by(&too_many_versions());
    let assets = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD \
                  BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN \
                  ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD \
                  IRR ISK JMD JOD KES";
    let assets: Vec<&str> = assets.split_whitespace().collect();
    assert!(assets.len() > CALENDARS_MAX);
    let mut run = started();
    for (n, asset) in assets.iter().take(CALENDARS_MAX + 1).enumerate() {
        let outcome = match n < CALENDARS_MAX {
            true => "APPLIED",
            false => "CALENDARS_TOO_MANY",
        };
        run.table(&format!(
            "operators: asset {asset} fiat -> APPLIED\n\
             operators: calendar {asset} from=2026-11-24 -> {outcome}"
        ));
    }
}

/// Everything that is due, with a word whether the state is written and read back after each step.
fn due(state: &mut State, now: u64, interrupted: bool) -> Vec<Applied> {
    let mut done = Vec::new();
    while let Step::Due(applied) = apply(state, now, &Message::of_tick(), &modules()) {
        done.push(applied);
        if interrupted {
            *state = State::from_snapshot(&state.to_snapshot()).unwrap();
        }
    }
    done
}

/// LEDGER, what users of other ledgers were hurt by, 23: a job at the end of the day that was
/// interrupted left accounts locked.
#[test]
fn pain_23_an_end_of_day_that_is_interrupted_at_every_step_goes_on() {
    let mut run = started();
    run.table(
        "operators: calendar USD from=2026-11-24 policy=roll            -> APPLIED\n\
         bank-a: open bank-a:alice bank-a customer USD                  -> APPLIED\n\
         operators: issue bank-a:alice 10                               -> SETTLED\n\
         clock 2026-11-24T08:00:00Z\n\
         bank-a: pay bank-a:alice bank-b:usd USD 70; queue cutoff       -> QUEUED\n\
         bank-b: pay bank-b:usd bank-a:usd USD 70; queue cutoff         -> QUEUED\n\
         bank-a: pay bank-a:usd bank-b:usd USD 1; date=2026-11-25       -> WAREHOUSED\n\
         bank-a: pay bank-a:alice bank-b:usd USD 2; date=2026-11-26     -> WAREHOUSED\n",
    );
    // Two days later: whatever happened in them, by one state that lives on and by one that is
    // stopped and started between any two entries.
    let now = run.world.now + 2 * 86_400_000_000_000;
    let (mut whole, mut cut) = (run.world.state.clone(), run.world.state.clone());
    let (once, again) = (due(&mut whole, now, false), due(&mut cut, now, true));
    assert_eq!(once, again);
    assert!(whole.to_snapshot() == cut.to_snapshot());
    let events = once.iter().filter(|applied| {
        let rows = quittance::ledger::outcomes(&applied.drafts);
        rows.iter().any(|row| row.outcome == Outcome::DayClosed)
    });
    assert_eq!(events.count(), 2);
    assert!(once.len() > 12);
    // Nothing is left, and nothing is locked.
    assert!(due(&mut cut, now, true).is_empty());
    let book = cut.book();
    assert!(book.queue().is_empty());
    let day = &book.calendars().all()[0].day;
    assert_eq!(
        (day.date.to_string().as_str(), day.phase),
        ("2026-11-26", DayPhase::Open)
    );
}

/// More payments than an entry has room for are revoked in several, and the day waits for them.
#[test]
fn a_cut_off_of_many_payments_takes_several_entries() {
    let mut run = started();
    run.table(
        "operators: calendar USD from=2026-11-24                         -> APPLIED\n\
         clock 2026-11-24T08:00:00Z\n",
    );
    run.world.fast = true;
    // Legs of one participant are limited, so several send.
    let pay = |from: &str, to: &str| {
        let leg = format!("{from} {to} USD 1000");
        let legs = vec![leg; 256].join(", ");
        format!("pay {legs}; queue cutoff -> QUEUED\n")
    };
    let mut table = String::new();
    for _ in 0..16 {
        write!(table, "bank-a: {}", pay("bank-a:usd", "bank-b:usd")).unwrap();
        write!(table, "bank-b: {}", pay("bank-b:usd", "bank-c:usd")).unwrap();
        write!(
            table,
            "bank-c/k1+bank-c/k2: {}",
            pay("bank-c:usd", "operators:suspense.usd")
        )
        .unwrap();
    }
    run.table(&table);
    run.world.now += 10 * 3_600_000_000_000;
    let now = run.world.now;
    let done = due(&mut run.world.state, now, false);
    let legs = |applied: &Applied| {
        let legs = applied.drafts.iter().filter(|draft| draft.leg().is_some());
        legs.count()
    };
    let legs: Vec<usize> = done.iter().map(legs).collect();
    // Opened before; customers' cut-off, banks' cut-off, and 48 payments of 256 legs each.
    assert_eq!(legs, [0, 0, 31 * 256, 17 * 256]);
    assert!(run.world.book().queue().is_empty());
}
