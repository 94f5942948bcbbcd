//! A payment against a payment between two banks, each of which signs a message of its own.

use std::time::Duration;

use serde_json::json;

use super::story::{A, B, expect, leg};
use super::world::World;
use super::{Figures, Teller, id_of, wrong};
use crate::cli::error::Failure;
use crate::clock::Clock;
use crate::ledger::{Outcome, Time};

/// How long the proposal may wait.
const HOUR: Duration = Duration::from_secs(3_600);

pub(super) fn play(
    world: &mut World,
    teller: Teller<'_>,
    figures: &mut Figures,
) -> Result<(), Failure> {
    teller.chapter("Payment versus payment, in two messages")?;
    let hour = u64::try_from(HOUR.as_nanos()).unwrap_or(u64::MAX);
    let until = Time::from_nanos(Clock::start().now_ns().saturating_add(hour)).to_string();
    let swap = json!({"transfer": {"legs": [
        leg("bank-a", "bank-b", "USD", "540.00"),
        leg("bank-b", "bank-a", "EUR", "500.00"),
    ]}});
    let wish = json!({"propose": {"expires_at": until, "instructions": [swap]}});
    let proposed = world.submit(A, &[], &[wish])?;
    expect(&proposed, Outcome::Proposed, figures)?;
    let before = world.balance(world.bank(B)?, "USD")?;
    let of = id_of(&proposed)?;
    // What bank-b approves is the hash that it has read, not whatever the id stands for.
    let hash = world.bank(B)?.client.proposal(of)?.hash.0;
    let wish = json!({"approve": {"of": of.to_string(), "hash": hash.to_string()}});
    let agreed = world.submit(B, &[], &[wish])?;
    let outcomes: Vec<_> = agreed.answer.outcomes.iter().map(|one| one.code).collect();
    if outcomes.first() != Some(&Outcome::CarriedOut) {
        return Err(wrong(format_args!("an agreed swap: {outcomes:?}")));
    }
    figures.settled += 1;
    let after = world.balance(world.bank(B)?, "USD")?;
    if before == after {
        return Err(wrong("an agreed swap moved no dollars"));
    }
    let (first, second) = (proposed.answer.index, agreed.answer.index);
    teller.line(&format!(
        "  entry {first}: bank-a proposes 540.00 USD against 500.00 EUR; nothing moves"
    ))?;
    teller.line(&format!(
        "  entry {second}: bank-b approves its hash, and both legs settle in that entry: no part of the log has one of them"
    ))
}
