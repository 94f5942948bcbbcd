//! Proposals as tables: two to agree, every outcome, and what no log prefix ever shows.

mod tables;

use std::collections::BTreeSet;
use std::fmt::Write;

use quittance::ledger::{Draft, Outcome, Step, proposal_hash};
use quittance::limits::{
    PROPOSAL_BYTES_MAX, PROPOSAL_INSTRUCTIONS_MAX, PROPOSALS_ENDED_MAX, PROPOSALS_MAX,
    PROPOSALS_PARTICIPANT_MAX,
};

use super::{Run, started};
use crate::ledger_world::World;

/// The swap that most tables agree on.
const SWAP: &str = "pay bank-a:usd bank-b:usd USD 10, bank-b:jpy bank-a:jpy JPY 1500";

/// Operators who sign by two of three keys.
fn of_three() -> Run {
    let keys = ["operators/k1", "operators/k2", "operators/k3"];
    Run::of(World::founded(&keys, 2))
}

#[test]
fn the_tables_hold() {
    for table in tables::ALL {
        started().table(table);
    }
}

#[test]
fn what_operators_do_takes_their_quorum_from_as_many_messages() {
    of_three().table(tables::QUORUM);
}

/// Whatever is tried around a payment against a payment, no entry has one of its legs alone.
#[test]
fn no_log_prefix_has_one_leg_of_a_payment_versus_payment() {
    let mut run = started();
    let mut seen = Vec::new();
    for line in tables::ATTEMPTS.lines().filter(|line| !line.is_empty()) {
        run.table(line);
        let usd = run.world.balance("bank-b:usd").0;
        let jpy = run.world.balance("bank-a:jpy").0;
        let both = [(0, 0), (1_000, 1_500)];
        assert!(both.contains(&(usd, jpy)), "{line}: {usd} {jpy}");
        seen.push(usd);
    }
    assert_eq!(seen.first(), Some(&0));
    assert_eq!(seen.last(), Some(&1_000), "it did settle");
}

/// The same of the items: both legs stand behind the approval that completed it, with its ordinal.
#[test]
fn both_legs_stand_behind_the_last_approval() {
    let mut run = started();
    run.table(&format!("bank-a: #1 propose 60000 [#2 {SWAP}] -> PROPOSED"));
    let it = run.world.book().proposals_after(None).next().unwrap();
    let (hash, id) = (chain::Hash::from_bytes(it.hash), it.id);
    let maker = "bank-a".parse().unwrap();
    assert_eq!(proposal_hash(&maker, &it.json), it.hash);
    let approve = format!(
        r#"{{"approve":{{"id":"{}","of":"{id}","hash":"{hash}"}}}}"#,
        run.world.id()
    );
    let approve = serde_json::from_str(&approve).unwrap();
    let noop = format!(
        r#"{{"withdraw":{{"id":"{}","of":"{id}"}}}}"#,
        run.world.id()
    );
    let noop = serde_json::from_str(&noop).unwrap();
    let message = run.world.message("bank-b", false, vec![noop, approve]);
    let Step::Applied(applied) = run.world.send(&message) else {
        panic!("it is applied")
    };
    let [
        Draft::Instruction(first),
        Draft::Instruction(approval),
        Draft::Leg(usd),
        Draft::Leg(jpy),
    ] = applied.drafts.as_slice()
    else {
        panic!("{:?}", applied.drafts)
    };
    assert_eq!(first.outcome, Outcome::ProposalNotYours);
    assert_eq!(approval.outcome, Outcome::CarriedOut);
    assert_eq!([usd.instruction, jpy.instruction], [1, 1]);
    assert_eq!([usd.amount, jpy.amount], [1_000, 1_500]);
    assert_eq!(usd.id, jpy.id);
    assert_ne!(usd.id, approval.id);
}

fn too_many() -> Run {
    let mut run = started();
    run.world.fast = true;
    let mut table = String::new();
    let participants = 12;
    for n in 3..10 {
        let _ = writeln!(
            table,
            "operators: participant bank-{n} bank 1 bank-{n}/k1 -> APPLIED\n\
             operators: open bank-{n}:usd bank-{n} settlement USD -> APPLIED"
        );
    }
    let ask = |n: &str| format!("bank-{n}: propose 60000 [pay bank-{n}:usd bank-b:usd USD 1]");
    let full = PROPOSALS_MAX / PROPOSALS_PARTICIPANT_MAX;
    for n in ["a", "3", "4", "5", "6", "7", "8", "9"]
        .into_iter()
        .take(full)
    {
        for _ in 0..PROPOSALS_PARTICIPANT_MAX {
            let _ = writeln!(table, "{} -> PROPOSED", ask(n));
        }
        let _ = writeln!(table, "{} -> PROPOSALS_TOO_MANY", ask(n));
    }
    // Everybody else has its part of them all the same, and no more until one of them ends.
    for _ in 0..PROPOSALS_MAX / participants {
        let _ = writeln!(table, "{} -> PROPOSED", ask("b"));
    }
    let _ = writeln!(table, "{} -> PROPOSALS_TOO_MANY", ask("b"));
    let _ = writeln!(
        table,
        "operators: propose 60000 [parameter holds_max 5] -> PROPOSED"
    );
    let _ = writeln!(table, "later 60001");
    let _ = writeln!(table, "{} -> PROPOSED", ask("b"));
    run.table(&table);
    assert_eq!(run.world.book().participants().len(), participants);
    run
}

#[test]
fn there_is_a_bound_for_each_participant_and_for_all() {
    too_many();
}

#[test]
fn of_proposals_that_ended_the_newest_are_known() {
    let mut run = started();
    run.world.fast = true;
    let mut table = String::new();
    for n in 0..PROPOSALS_ENDED_MAX {
        let _ = writeln!(
            table,
            "bank-a: #{n} propose 60000 [pay bank-a:usd bank-b:usd USD 1] -> PROPOSED\n\
             bank-a: withdraw #{n} -> WITHDRAWN"
        );
    }
    run.table(&table);
    run.table(
        "
bank-a: withdraw #0                                                     -> PROPOSAL_OVER
bank-a: #900 propose 60000 [pay bank-a:usd bank-b:usd USD 1]            -> PROPOSED
bank-a: withdraw #0                                                     -> PROPOSAL_OVER
bank-a: withdraw #900                                                   -> WITHDRAWN
bank-a: withdraw #0                                                     -> NOTHING_PENDING
bank-a: withdraw #1                                                     -> PROPOSAL_OVER
bank-b: #901 propose 60000 [pay bank-b:usd bank-a:usd USD 1]            -> PROPOSED
bank-b: withdraw #901                                                   -> WITHDRAWN
bank-a: withdraw #1                                                     -> PROPOSAL_OVER
",
    );
}

fn too_large() -> Run {
    let mut run = started();
    let leg = "bank-a:usd bank-b:usd USD 1";
    // Each leg is as long; what the rest takes is found by one of them.
    let one = r#"{"debit":"bank-a:usd","credit":"bank-b:usd","asset":"USD","amount":"1"},"#;
    let many = PROPOSAL_BYTES_MAX / one.len();
    let legs = |n: usize| vec![leg; n].join(", ");
    let list = |n: usize| vec!["pay bank-a:usd bank-b:usd USD 1"; n].join(" & ");
    run.table(&format!(
        "bank-a: propose 60000 [pay {}] -> PROPOSAL_TOO_LARGE\n\
         bank-a: propose 60000 [pay {}] -> PROPOSED\n\
         bank-a: propose 60000 [{}] -> PROPOSAL_TOO_LARGE\n\
         bank-a: propose 60000 [{}] -> PROPOSED\n",
        legs(many),
        legs(many - 4),
        list(PROPOSAL_INSTRUCTIONS_MAX + 1),
        list(PROPOSAL_INSTRUCTIONS_MAX),
    ));
    run
}

#[test]
fn there_is_a_bound_for_one_proposal() {
    too_large();
}

pub(super) fn reached() -> BTreeSet<Outcome> {
    let mut reached = too_many().reached;
    reached.extend(too_large().reached);
    for table in tables::ALL {
        let mut run = started();
        run.table(table);
        reached.extend(run.reached);
    }
    reached
}
