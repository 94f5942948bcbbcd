//! What the banks do: payments, a swap, wishes that are refused, a thousand at once.

use serde_json::{Value, json};

use super::world::World;
use super::{Figures, Teller, agreed, business, day, wrong};
use crate::cli::error::Failure;
use crate::cli::submit::body;
use crate::client::{ClientError, Outgoing, Submitted};
use crate::clock;
use crate::ledger::Outcome;

/// Settlements in the large message.
const BATCH: usize = 1_000;

pub(super) const A: usize = 0;
pub(super) const B: usize = 1;
pub(super) const C: usize = 2;

pub(super) fn play(
    world: &mut World,
    teller: Teller<'_>,
    figures: &mut Figures,
) -> Result<(), Failure> {
    payments(world, teller, figures)?;
    swap(world, teller, figures)?;
    refusals(world, teller, figures)?;
    twice(world, teller, figures)?;
    let day = business::begin(world, teller, figures)?;
    agreed::play(world, teller, figures)?;
    day::play(world, teller, figures)?;
    thousand(world, teller, figures)?;
    business::end(world, teller, &day)
}

pub(super) fn leg(from: &str, to: &str, asset: &str, amount: &str) -> Value {
    let address = |bank: &str| format!("{bank}:{}", asset.to_ascii_lowercase());
    json!({"debit": address(from), "credit": address(to), "asset": asset, "amount": amount})
}

fn transfer(legs: &[Value], reference: &str) -> Value {
    json!({"transfer": {"legs": legs, "end_to_end_id": reference}})
}

/// The one outcome of a submission.
fn outcome(done: &Submitted) -> Result<Outcome, Failure> {
    match done.answer.outcomes.as_slice() {
        [one] => Ok(one.code),
        others => Err(wrong(format_args!(
            "{} outcomes instead of one",
            others.len()
        ))),
    }
}

pub(super) fn expect(
    done: &Submitted,
    expected: Outcome,
    figures: &mut Figures,
) -> Result<(), Failure> {
    let found = outcome(done)?;
    if found != expected {
        return Err(wrong(format_args!(
            "{} instead of {}",
            found.code(),
            expected.code()
        )));
    }
    if found.is_good() {
        figures.settled += 1;
    } else {
        figures.refused += 1;
    }
    Ok(())
}

fn payments(world: &mut World, teller: Teller<'_>, figures: &mut Figures) -> Result<(), Failure> {
    teller.chapter("Payments")?;
    let one = transfer(&[leg("bank-a", "bank-b", "USD", "1250.00")], "INV-88");
    let done = world.submit(A, &[], &[one])?;
    expect(&done, Outcome::Settled, figures)?;
    let index = done.answer.index;
    teller.line(&format!("  entry {index}: bank-a pays bank-b 1250.00 USD"))?;

    let legs = [
        leg("bank-b", "bank-a", "EUR", "310.50"),
        leg("bank-b", "bank-c", "EUR", "89.50"),
        leg("bank-b", "bank-c", "KWD", "12.345"),
        leg("bank-b", "bank-a", "JPY", "50000"),
    ];
    let done = world.submit(B, &[], &[transfer(&legs, "PAYROLL-11")])?;
    expect(&done, Outcome::Settled, figures)?;
    let index = done.answer.index;
    teller.line(&format!(
        "  entry {index}: bank-b pays two banks in EUR, KWD (3 decimals) and JPY (none): four legs or none"
    ))
}

fn swap(world: &mut World, teller: Teller<'_>, figures: &mut Figures) -> Result<(), Failure> {
    let legs = [
        leg("bank-a", "bank-b", "USD", "1000.00"),
        leg("bank-b", "bank-a", "EUR", "915.00"),
        leg("bank-a", "bank-c", "USD", "1.50"),
        leg("bank-b", "bank-c", "EUR", "1.50"),
    ];
    let wish = transfer(&legs, "FX-2031");
    let alone = world.submit(A, &[], std::slice::from_ref(&wish))?;
    expect(&alone, Outcome::NotOwner, figures)?;
    let both = world.submit(A, &[B], &[wish])?;
    expect(&both, Outcome::Settled, figures)?;
    let index = both.answer.index;
    teller.line(&format!(
        "  entry {index}: bank-a swaps 1000.00 USD for bank-b's 915.00 EUR, both pay bank-c its fee;"
    ))?;
    teller
        .line("            both banks signed; signed by bank-a alone it was refused with NOT_OWNER")
}

fn refusals(world: &mut World, teller: Teller<'_>, figures: &mut Figures) -> Result<(), Failure> {
    teller.chapter("Refusals")?;
    let poor = transfer(&[leg("bank-c", "bank-a", "KWD", "9999999.000")], "TOO-MUCH");
    let done = world.submit(C, &[], &[poor])?;
    expect(&done, Outcome::InsufficientFunds, figures)?;
    let index = done.answer.index;
    teller.line(&format!(
        "  entry {index}: INSUFFICIENT_FUNDS; a refusal is in the log like a success, with a receipt"
    ))?;

    let yen = transfer(&[leg("bank-a", "bank-b", "JPY", "100.50")], "NO-SEN");
    let done = world.submit(A, &[], &[yen])?;
    expect(&done, Outcome::PrecisionExceeded, figures)?;
    let index = done.answer.index;
    teller.line(&format!(
        "  entry {index}: PRECISION_EXCEEDED; the yen has no decimals, and nothing is rounded"
    ))?;

    let theft = transfer(&[leg("bank-a", "bank-b", "USD", "1.00")], "THEFT");
    let made = body(&[theft], false, None)?;
    let (thief, victim) = (world.bank(B)?, world.bank(A)?);
    let out = Outgoing {
        submitter: &victim.id,
        content_type: "application/json",
        body: &made.bytes,
    };
    match thief.client.submit(&out, &[&thief.key]) {
        Err(ClientError::Problem { problem, .. }) if problem.status == 401 => {
            figures.refused += 1;
            teller.line(&format!(
                "  not logged: {}; bank-b signs with its own key in bank-a's name",
                problem.code
            ))
        }
        Err(error) => Err(error.into()),
        Ok(_) => Err(wrong("a payment in another's name was accepted")),
    }
}

fn twice(world: &mut World, teller: Teller<'_>, figures: &mut Figures) -> Result<(), Failure> {
    let wish = transfer(&[leg("bank-a", "bank-b", "XTS", "100.00")], "ONCE");
    let made = body(&[wish], false, None)?;
    let first = world.submit_bytes(A, &[], &made.bytes)?;
    expect(&first, Outcome::Settled, figures)?;
    let before = world.balance(world.bank(A)?, "XTS")?;
    let second = world.submit_bytes(A, &[], &made.bytes)?;
    let after = world.balance(world.bank(A)?, "XTS")?;
    let same = second.answer.outcomes == first.answer.outcomes;
    if !second.replayed || second.answer.index != first.answer.index || !same || before != after {
        return Err(wrong("the same submission moved money twice"));
    }
    let index = first.answer.index;
    teller.line(&format!(
        "  sent twice, moved once: the repetition is answered with entry {index} and a fresh proof"
    ))
}

fn thousand(world: &mut World, teller: Teller<'_>, figures: &mut Figures) -> Result<(), Failure> {
    teller.chapter("A thousand at once")?;
    let wish = |n: usize| {
        let amount = format!("{}.{:02}", n / 100, n % 100);
        transfer(
            &[leg("bank-c", "bank-a", "USD", &amount)],
            &format!("SALARY-{n}"),
        )
    };
    let wishes: Vec<Value> = (1..=BATCH).map(wish).collect();
    let made = body(&wishes, false, None)?;
    let began = clock::instant();
    let done = world.submit_bytes(C, &[], &made.bytes)?;
    let seconds = began.elapsed().as_secs_f64();
    let settled = done
        .answer
        .outcomes
        .iter()
        .filter(|o| o.code == Outcome::Settled)
        .count();
    if settled != BATCH {
        return Err(wrong(format_args!("{settled} of {BATCH} settled")));
    }
    figures.settled += settled;
    figures.batch_settlements = settled;
    figures.batch_seconds = seconds;
    figures.batch_per_second = settled as f64 / seconds.max(1e-9);
    let (index, bytes) = (done.answer.index, made.bytes.len() / 1_000);
    teller.line(&format!(
        "  entry {index}: {settled} settlements in one signed message of {bytes} kB, durable and \
         answered in {:.0} ms",
        seconds * 1e3
    ))?;
    teller.line(&format!(
        "  {:.0} settlements a second by one client, one message at a time (`quittance bench` measures properly)",
        figures.batch_per_second
    ))?;
    // The payee proves one of them without seeing the others.
    let (file, _) = world.bank(A)?.client.receipt(index, Some(500))?;
    world.receipts.push(file);
    teller.line("  bank-a fetched its own receipt for number 500: the other 999 stay hidden in it")
}
