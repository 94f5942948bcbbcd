//! What takes longer than a moment: funds that are reserved, payments that wait, and what the node
//! does by itself.

use std::time::Duration;

use serde_json::json;

use super::story::{A, B, C, expect, leg};
use super::world::World;
use super::{Figures, Teller, id_of, wrong};
use crate::cli::error::Failure;
use crate::clock::{self, Clock};
use crate::ledger::{ModelId, Outcome, Time};
use crate::wire::HoldState;

/// How long the second hold lives.
const MOMENT: Duration = Duration::from_millis(50);
/// How long to wait for the node to end it.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) fn play(
    world: &mut World,
    teller: Teller<'_>,
    figures: &mut Figures,
) -> Result<(), Failure> {
    teller.chapter("Reserve now, settle later")?;
    let room = json!({"legs": [leg("bank-a", "bank-b", "EUR", "300.00")], "multi": true});
    let reserved = world.submit(A, &[], &[json!({ "reserve": room })])?;
    expect(&reserved, Outcome::Reserved, figures)?;
    let hold = id_of(&reserved)?;
    let part = json!({"capture": {"hold": hold.to_string(), "amount": "120.00"}});
    let captured = world.submit(B, &[], &[part])?;
    expect(&captured, Outcome::Settled, figures)?;
    let (first, second) = (reserved.answer.index, captured.answer.index);
    teller.line(&format!(
        "  entry {first}: bank-a reserves 300.00 EUR for bank-b, which captures 120.00 of it in entry {second}"
    ))?;
    let void = json!({"void": {"hold": hold.to_string()}});
    let voided = world.submit(B, &[], std::slice::from_ref(&void))?;
    expect(&voided, Outcome::Voided, figures)?;
    let again = world.submit(B, &[], &[void])?;
    expect(&again, Outcome::HoldAlreadyVoided, figures)?;
    let index = voided.answer.index;
    teller.line(&format!(
        "  entry {index}: bank-b gives the rest back; asked for a second time it moves nothing: HOLD_ALREADY_VOIDED"
    ))?;
    expiry(world, teller, figures)?;
    gridlock(world, teller, figures)?;
    cycle(world, teller, figures)
}

/// Payments that settle net: what three banks owe each other all day is one entry at its end.
fn cycle(world: &mut World, teller: Teller<'_>, figures: &mut Figures) -> Result<(), Failure> {
    teller.chapter("A netting cycle")?;
    let model = "ach";
    let mut wishes = vec![json!({"open_model": {
        "model": model, "asset": "EUR", "close": "manual", "funding_s": 600,
    }})];
    wishes.extend(["bank-a", "bank-b", "bank-c"].map(|bank| {
        json!({"join_model": {
            "model": model, "account": format!("{bank}:eur"), "net_debit_cap": "50000.00",
        }})
    }));
    world.govern(&wishes)?;
    let cleared = [
        (A, "bank-a", "bank-b", "9000.00"),
        (B, "bank-b", "bank-c", "8500.00"),
        (C, "bank-c", "bank-a", "8900.00"),
    ];
    let (mut first, mut last) = (None, 0);
    for (bank, from, to, amount) in cleared {
        let payment = json!({"from": from, "to": to, "amount": amount});
        let wish = json!({"clear": {"model": model, "payments": [payment]}});
        let done = world.submit(bank, &[], &[wish])?;
        expect(&done, Outcome::Cleared, figures)?;
        last = done.answer.index;
        first = first.or(Some(last));
    }
    let first = first.unwrap_or(last);
    teller.line(&format!(
        "  entries {first} to {last}: 26400.00 EUR go round between three banks; no balance moves, positions do: CLEARED"
    ))?;
    let before = world.balance(world.bank(A)?, "EUR")?;
    let closed = world.govern(&[json!({"close_window": {"model": model}})])?;
    let name = ModelId::new(model).map_err(wrong)?;
    let window = world.settled_window(&name, PATIENCE, MOMENT)?;
    let after = world.balance(world.bank(A)?, "EUR")?;
    if after == before {
        return Err(wrong("a net of 100.00 EUR moved no balance"));
    }
    teller.line(&format!(
        "  entry {closed} closes the window, entry {window} settles it: bank-a pays 100.00, bank-b is paid 500.00, bank-c pays 400.00"
    ))
}

/// Three payments that nobody could make alone: together they settle, and no balance changes.
fn gridlock(world: &mut World, teller: Teller<'_>, figures: &mut Figures) -> Result<(), Failure> {
    teller.chapter("A gridlock that resolves")?;
    let ring = [
        (A, "bank-a", "bank-b"),
        (B, "bank-b", "bank-c"),
        (C, "bank-c", "bank-a"),
    ];
    let before = world.balance(world.bank(A)?, "XTS")?;
    let mut last = 0;
    for (bank, from, to) in ring {
        let legs = [leg(from, to, "XTS", "6000.00")];
        let wish = json!({"transfer": {"legs": legs, "queue": {}}});
        let done = world.submit(bank, &[], &[wish])?;
        expect(&done, Outcome::Queued, figures)?;
        last = done.answer.index;
    }
    let began = clock::instant();
    while !world.bank(A)?.client.payments(None, 1)?.is_empty() {
        if began.elapsed() > PATIENCE {
            return Err(wrong("a ring of payments did not settle"));
        }
        std::thread::sleep(MOMENT);
    }
    if world.balance(world.bank(A)?, "XTS")? != before {
        return Err(wrong("a ring of payments changed a balance"));
    }
    teller.line(&format!(
        "  entries {} to {last}: bank-a owes bank-b 6000.00 XTS, bank-b bank-c, bank-c bank-a, and none of them has it: QUEUED",
        last.saturating_sub(2)
    ))?;
    teller.line(&format!(
        "  entry {}: the node settles all three at once; no balance was needed, none has changed",
        last.saturating_add(1)
    ))
}

/// A hold that nobody ends: the node does, in an entry of its own.
fn expiry(world: &mut World, teller: Teller<'_>, figures: &mut Figures) -> Result<(), Failure> {
    let moment = u64::try_from(MOMENT.as_nanos()).unwrap_or(u64::MAX);
    let end = Time::from_nanos(Clock::start().now_ns().saturating_add(moment));
    let wish = json!({"reserve": {
        "legs": [leg("bank-a", "bank-b", "USD", "75.00")], "expires_at": end.to_string(),
    }});
    let reserved = world.submit(A, &[], &[wish])?;
    expect(&reserved, Outcome::Reserved, figures)?;
    let hold = id_of(&reserved)?;
    let began = clock::instant();
    loop {
        let view = world.bank(A)?.client.hold(hold)?;
        match (view.state, view.ended_index) {
            (HoldState::Expired, Some(index)) => {
                return teller.line(&format!(
                    "  entry {index}: nobody came for 75.00 USD; at its time the node gave it back, and audits compute that again"
                ));
            }
            (HoldState::Open, _) if began.elapsed() < PATIENCE => std::thread::sleep(MOMENT),
            _ => return Err(wrong("a hold did not expire at its time")),
        }
    }
}
