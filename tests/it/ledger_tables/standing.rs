//! How far banks take part, as tables: what moves in each state, which way leads where, and what stands
//! in the way.

mod tables;

use std::collections::BTreeSet;

use quittance::ledger::{
    AddParticipant, AdmitParticipant, IdentifyParticipant, Instruction, InstructionId,
    OfParticipant, Outcome, SetParticipantDays, SetVia, SuspendParticipant,
};

use super::words::{json, vkey};
use super::{Run, started};
use tables::{
    CARRIED, CASES, ENDS, FIRST, IDENTIFIED, NETS, PRECEDENCE, RESUMED, SUSPENDED, TESTED, UNDONE,
};

/// Reads an instruction about how far somebody takes part.
pub(super) fn instruction(id: InstructionId, words: &[&str]) -> Instruction {
    let participant = words[1].parse().unwrap();
    let value = |name: &str| words.iter().find_map(|word| word.strip_prefix(name));
    let bic = value("bic=").map(|bic| bic.parse().unwrap());
    let lei = value("lei=").map(|lei| lei.parse().unwrap());
    match words {
        ["participant", _, role, threshold, rest @ ..] => {
            let stated = ["bic=", "lei=", "state=", "via="];
            let keys = rest.iter().filter(|word| {
                let mut stated = stated.iter();
                !stated.any(|name| word.starts_with(name))
            });
            Instruction::AddParticipant(AddParticipant {
                id,
                participant,
                role: json(role),
                keys: keys.map(|key| vkey(key)).collect(),
                threshold: threshold.parse().unwrap(),
                bic,
                lei,
                state: value("state=").map(json),
                via: value("via=").map(|via| via.parse().unwrap()),
            })
        }
        ["via", _, via] => Instruction::SetVia(SetVia {
            id,
            participant,
            via: via.parse().unwrap(),
        }),
        ["closed", _, dates @ ..] => Instruction::SetParticipantDays(SetParticipantDays {
            id,
            participant,
            holidays: dates.iter().map(|date| date.parse().unwrap()).collect(),
        }),
        ["suspend", ..] => Instruction::SuspendParticipant(SuspendParticipant {
            id,
            participant,
            incoming: value("incoming=").map(json),
            queued: value("queued=").map(json),
        }),
        ["resume", _] => Instruction::ResumeParticipant(OfParticipant { id, participant }),
        ["end", _] => Instruction::TerminateParticipant(OfParticipant { id, participant }),
        ["admit", _, to] => Instruction::AdmitParticipant(AdmitParticipant {
            id,
            participant,
            to: json(to),
        }),
        ["identify", ..] => Instruction::IdentifyParticipant(IdentifyParticipant {
            id,
            participant,
            bic,
            lei,
        }),
        other => panic!("no instruction {other:?}"),
    }
}

/// A bank that is being prepared, with accounts, beside those of the setup.
const PREPARED: &str = "
operators: participant bank-t bank 1 bank-t/k1 state=onboarding         -> APPLIED
operators: participant bank-u bank 1 bank-u/k1 state=onboarding         -> APPLIED
operators {
  open bank-t:usd bank-t settlement USD                                 -> APPLIED
  open bank-u:usd bank-u settlement USD                                 -> APPLIED
  open bank-t:jpy bank-t settlement JPY                                 -> APPLIED
}
";

fn ran(table: &str) -> Run {
    let mut run = started();
    run.table(PREPARED);
    run.table(table);
    run
}

/// Outcomes that the tables of this page reach.
pub(super) fn reached() -> BTreeSet<Outcome> {
    let tables = [
        FIRST, TESTED, SUSPENDED, RESUMED, ENDS, CASES, NETS, CARRIED, UNDONE, IDENTIFIED,
        PRECEDENCE,
    ];
    tables
        .into_iter()
        .flat_map(|table| ran(table).reached)
        .collect()
}

#[test]
fn of_a_bank_that_is_prepared_nothing_moves() {
    ran(FIRST);
}

#[test]
fn in_test_money_moves_among_those_in_test_and_none_of_it_stays() {
    ran(TESTED);
}

#[test]
fn who_is_suspended_may_receive_or_not_and_what_waits_may_be_revoked() {
    ran(SUSPENDED);
}

#[test]
fn two_operators_let_a_bank_go_on() {
    ran(RESUMED);
}

#[test]
fn what_is_terminated_is_empty_and_stays_so() {
    ran(ENDS);
}

#[test]
fn open_cases_stand_in_the_way_of_the_end() {
    ran(CASES);
}

#[test]
fn nothing_is_netted_in_test_and_open_positions_stand_in_the_way_of_the_end() {
    ran(NETS);
}

#[test]
fn what_takes_two_operators_can_be_proposed() {
    ran(CARRIED);
}

#[test]
fn a_refused_message_changes_no_state() {
    ran(UNDONE);
}

#[test]
fn identifiers_are_unique_among_those_that_are_not_terminated() {
    ran(IDENTIFIED);
}

#[test]
fn refusals_of_states_stand_in_their_order() {
    ran(PRECEDENCE);
}

/// More legs than an entry holds: the bank is suspended without its queue, or the queue goes first.
#[test]
fn a_suspension_that_an_entry_does_not_hold_is_refused() {
    use std::fmt::Write;

    let mut run = started();
    run.world.fast = true;
    let legs = |count: usize| vec!["bank-a:usd bank-b:usd USD 300"; count].join(", ");
    let mut table = String::new();
    // 4,096 legs a submitter at most; what bank-b submits is agreed, within the bytes of a proposal.
    for n in 0..16 {
        let (n, legs) = (n + 100, legs(256));
        writeln!(table, "bank-a: #{n} pay {legs}; queue -> QUEUED").unwrap();
    }
    for (n, count) in (200..).zip([vec![203; 20], vec![15]].concat()) {
        let both = format!("{}, bank-b:usd bank-a:usd USD 1", legs(count));
        writeln!(
            table,
            "bank-b: #{n} propose 60000 [pay {both}; queue] -> PROPOSED"
        )
        .unwrap();
        writeln!(table, "bank-a: approve #{n} -> CARRIED_OUT").unwrap();
    }
    run.table(&table);
    run.table(
        "operators: suspend bank-a queued=revoke                       -> ENTRY_FULL
         bank-a: cancel #100                                           -> APPLIED
         operators: suspend bank-a queued=revoke                       -> APPLIED
         queue bank-a:usd",
    );
}
