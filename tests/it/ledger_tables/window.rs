//! Ids, messages and the window: what executes once, what never, and when exactly that changes.

use quittance::ledger::{
    AccountRef, Amount, Applied, Funds, Instruction, InstructionId, Outcome, Rejection, SECOND,
    Step, outcomes,
};

use super::started;
use crate::ledger_world::{MILLISECOND, World, message};

/// Funds for bank-a, under an id of this time.
fn issue(time: u64, number: u128) -> Instruction {
    Instruction::Issue(Funds {
        id: InstructionId::from_parts(time / MILLISECOND, number),
        account: AccountRef::Address("bank-a:usd".parse().unwrap()),
        amount: Amount::of_minor_units(1),
    })
}

fn applied(step: Step) -> Applied {
    match step {
        Step::Applied(applied) => applied,
        other => panic!("{other:?}"),
    }
}

/// Sends one instruction of the operators' in a message of its own.
fn send(world: &mut World, name: &str, created: u64, instruction: Instruction) -> Step {
    world.send(&message(
        "operators",
        name,
        created,
        false,
        vec![instruction],
    ))
}

#[test]
fn a_message_sent_again_is_the_same_entry() {
    let mut world = started().world;
    let now = world.now;
    let first = message("operators", "again", now, false, vec![issue(now, 1)]);
    let index = applied(world.send(&first)).index;
    let balance = world.balance("bank-a:usd");
    assert_eq!(world.send(&first), Step::Replay(index));
    // Signatures are no part of a message's identity or content.
    let mut twice = first.clone();
    let signature = twice.authorisation.signatures[0].clone();
    twice.authorisation.signatures.push(signature);
    assert_eq!(world.send(&twice), Step::Replay(index));
    // Other content, or another time, under the same id is refused and names the entry.
    for other in [
        message("operators", "again", now, false, vec![issue(now, 2)]),
        message("operators", "again", now + 1, false, vec![issue(now, 1)]),
    ] {
        assert_eq!(
            world.send(&other),
            Step::Drop(Rejection::MessageIdReused(index))
        );
    }
    let mut typed = first.clone();
    typed.authorisation.content_type = "application/pain+xml".into();
    assert_eq!(
        world.send(&typed),
        Step::Drop(Rejection::MessageIdReused(index))
    );
    // Ids are each participant's own: another may use the same.
    let other = message("bank-b", "again", now, false, vec![issue(now, 1)]);
    let refused = applied(world.send(&other));
    assert_eq!(outcomes(&refused.drafts)[0].outcome, Outcome::QuorumNotMet);
    assert_eq!(world.balance("bank-a:usd"), balance);
}

#[test]
fn an_instruction_id_executes_once_whatever_its_content() {
    let mut world = started().world;
    let now = world.now;
    let index = applied(send(&mut world, "x", now, issue(now, 1))).index;
    let mut other = issue(now, 1);
    if let Instruction::Issue(funds) = &mut other {
        funds.amount = Amount::of_minor_units(2);
    }
    let again = applied(send(&mut world, "y", now, other));
    let row = outcomes(&again.drafts)[0];
    assert_eq!((row.outcome, row.detail), (Outcome::IdAlreadyUsed, index));
    // Twice inside one message: the first executes, the second is told the message's own index.
    let twice = message(
        "operators",
        "z",
        now,
        false,
        vec![issue(now, 2), issue(now, 2)],
    );
    let twice = applied(world.send(&twice));
    let rows = outcomes(&twice.drafts);
    assert_eq!(rows[0].outcome, Outcome::Settled);
    assert_eq!(
        (rows[1].outcome, rows[1].detail),
        (Outcome::IdAlreadyUsed, twice.index)
    );
}

#[test]
fn the_edges_of_the_window_are_exact() {
    let mut world = started().world;
    // An hour back and a minute ahead, edges included; `created` counts in nanoseconds.
    let (back, ahead) = (3_600 * SECOND, 60 * SECOND);
    let now = world.now;
    for (name, created, inside) in [
        ("a", now - back - 1, false),
        ("b", now + ahead + 1, false),
        ("c", now - back, true),
        ("d", now - back, false), // A millisecond has gone by.
        ("e", now + ahead + MILLISECOND, true),
        ("f", now + ahead + 2 * MILLISECOND + 1, false),
    ] {
        let at = world.now;
        let step = send(
            &mut world,
            name,
            created,
            issue(at, 1_000 + u128::from(name.as_bytes()[0])),
        );
        // What is dropped moves no time; the test's clock moves all the same.
        world.now = if inside { world.now } else { at };
        match step {
            Step::Applied(_) => assert!(inside, "{name}"),
            other => assert!(
                !inside && other == Step::Drop(Rejection::CreatedOutsideWindow),
                "{name}: {other:?}"
            ),
        }
    }
}

#[test]
fn ids_have_their_own_time() {
    let mut world = started().world;
    let (back, ahead) = (3_600 * SECOND, 60 * SECOND);
    let now = world.now;
    assert_eq!(now % MILLISECOND, 0);
    for (name, time, inside) in [
        ("a", now - back - MILLISECOND, false),
        ("b", now + ahead + MILLISECOND, false),
        ("c", now + ahead, true),
        ("d", now - back + MILLISECOND, true),
        ("e", now - back + MILLISECOND, false),
    ] {
        let at = world.now;
        let step = send(
            &mut world,
            name,
            at,
            issue(time, u128::from(name.as_bytes()[0])),
        );
        world.now = if inside { world.now } else { at };
        match step {
            Step::Applied(_) => assert!(inside, "{name}"),
            other => assert!(
                !inside && other == Step::Drop(Rejection::IdOutsideWindow(0)),
                "{name}: {other:?}"
            ),
        }
    }
    // One id outside keeps the whole message out, and the answer says which.
    let now = world.now;
    let mixed = vec![issue(now, 500), issue(now - back - MILLISECOND, 501)];
    let mixed = message("operators", "mixed", now, false, mixed);
    assert_eq!(
        world.send(&mixed),
        Step::Drop(Rejection::IdOutsideWindow(1))
    );
}

#[test]
fn a_message_is_known_as_long_as_it_could_be_meant() {
    let mut world = started().world;
    let now = world.now;
    let first = message("operators", "old", now, false, vec![issue(now, 1)]);
    let index = applied(world.send(&first)).index;
    // At the floor it is still known, and so is its instruction's id.
    world.now = now + 3_600 * SECOND;
    assert_eq!(world.send(&first), Step::Replay(index));
    let created = world.now;
    let again = applied(send(
        &mut world,
        "new",
        created,
        issue(now + MILLISECOND, 2),
    ));
    assert_eq!(outcomes(&again.drafts)[0].outcome, Outcome::Settled);
    // Just below it the message id is free again, though its shard is still kept.
    world.now = now + 3_600 * SECOND + 2 * MILLISECOND;
    let created = world.now;
    let other = send(&mut world, "old", created, issue(created, 4));
    let other = applied(other).index;
    assert_eq!(
        world.send(&first),
        Step::Drop(Rejection::CreatedOutsideWindow)
    );
    world.now += 120 * SECOND;
    let at = world.now;
    applied(send(&mut world, "newest", at, issue(at, 5)));
    let second = message("operators", "old", created, false, vec![issue(created, 4)]);
    assert_eq!(world.send(&second), Step::Replay(other));
    // Far beyond, everything is forgotten and nothing can execute.
    world.now = now + 2 * 3_600 * SECOND;
    let created = world.now;
    applied(send(&mut world, "newer", created, issue(created, 3)));
    assert_eq!(
        world.send(&first),
        Step::Drop(Rejection::CreatedOutsideWindow)
    );
}

#[test]
fn the_floor_never_moves_back() {
    let mut run = started();
    run.table("operators: parameter window_back_s 10 -> APPLIED");
    let start = run.world.now;
    run.table("later 5000\noperators: issue bank-a:usd 1 -> SETTLED");
    let floor = run.world.state.window().floor();
    assert_eq!(floor, run.world.state.last_time().nanos() - 10 * SECOND);
    run.table("operators: parameter window_back_s 86400 -> APPLIED");
    run.table("operators: issue bank-a:usd 1 -> SETTLED");
    let world = &mut run.world;
    assert!(world.state.window().floor() >= floor);
    let floor = world.state.window().floor();
    // The window grows forwards only: what lay below the floor stays below it.
    let step = send(world, "below", floor - 1, issue(start, 77));
    assert_eq!(step, Step::Drop(Rejection::CreatedOutsideWindow));
    let step = send(world, "at", floor, issue(start, 77));
    assert_eq!(outcomes(&applied(step).drafts)[0].outcome, Outcome::Settled);
}

#[test]
fn time_never_stands_still_and_never_goes_back() {
    let mut world = started().world;
    let now = world.now;
    let first = applied(send(&mut world, "a", now, issue(now, 1)));
    world.now = now;
    let second = applied(send(&mut world, "b", now, issue(now, 2)));
    world.now = now - 10 * SECOND;
    let third = applied(send(&mut world, "c", now, issue(now, 3)));
    assert_eq!(
        [first.time, second.time, third.time],
        [now, now + 1, now + 2]
    );
    assert_eq!(
        [second.index, third.index],
        [first.index + 1, first.index + 2]
    );
}

#[test]
fn a_participant_fills_its_own_window_only() {
    let mut run = started();
    run.table("operators: parameter window_ids_max 10000 -> APPLIED");
    let world = &mut run.world;
    let batch = |world: &World, name: &str, first: u128, count: u128| {
        let now = world.now;
        let instructions = (first..first + count).map(|n| issue(now, n)).collect();
        message("bank-a", name, now, false, instructions)
    };
    let full = batch(world, "full", 1, 10_000);
    applied(world.send(&full));
    let more = batch(world, "more", 20_000, 1);
    assert_eq!(world.send(&more), Step::Drop(Rejection::IdWindowFull));
    assert_eq!(
        world.send(&full),
        Step::Replay(world.state.next_index() - 1)
    );
    let now = world.now;
    applied(send(world, "operators-go-on", now, issue(now, 1)));
    // When its ids have left the window, there is room again.
    world.now += 3_720 * SECOND;
    let later = batch(world, "later", 1, 1);
    assert_eq!(world.send(&later), Step::Drop(Rejection::IdWindowFull));
    let now = world.now;
    applied(send(world, "moves-the-floor", now, issue(now, 2)));
    let later = batch(world, "later", 1, 1);
    applied(world.send(&later));
}
