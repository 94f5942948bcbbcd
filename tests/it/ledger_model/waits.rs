//! What the random messages ask of queues, and whether both lists are the same.

use quittance::ledger::{
    Cancel, Check, Instruction, InstructionId, Position, Priority, QueueTerms, Requeue, Time,
    Transfer,
};

use super::reference::{self, Reference, Typed, Wish};
use super::wishes::{id, legs};
use super::{BANKS, Random};
use crate::ledger_world::{MILLISECOND, World};

impl Random {
    /// Mostly one that the submitter may let wait, and that may be set off against others.
    pub(super) fn own_leg(&mut self) -> reference::Leg {
        if !BANKS.contains(&self.submitter) || self.one_in(4) {
            return self.leg();
        }
        let own = format!("{}:usd", self.submitter);
        reference::Leg {
            debit: if self.one_in(6) {
                "coop:usd".into()
            } else {
                own
            },
            credit: format!("{}:usd", self.pick(&BANKS)),
            asset: "USD",
            amount: Typed {
                units: i128::from(self.pick(&[1, 2, 2, 3])) * 100_000,
                decimals: 2,
            },
        }
    }

    pub(super) fn waits(&mut self) -> Wish {
        let of = self.below(1 + self.waiting.len() as u64);
        let of = usize::try_from(of).unwrap();
        let of = self.waiting.get(of).copied().unwrap_or(77_777);
        let priority = self.pick(&[0, 1, 2, 2, 2]);
        match self.below(12) {
            0 => Wish::Cancel(of),
            1..=2 => {
                let priority = self.one_in(2).then_some(priority);
                let first = self.pick(&[None, Some(true), Some(false)]);
                Wish::Requeue(of, priority, first)
            }
            3..=4 => {
                let legs = self.pick(&[1, 2, 3, 3]);
                Wish::Net((0..legs).map(|_| self.leg()).collect())
            }
            _ => {
                let legs = self.pick(&[1, 1, 1, 1, 2]);
                let legs = (0..legs).map(|_| self.own_leg()).collect();
                let times = [
                    None,
                    None,
                    None,
                    None,
                    Some(0),
                    Some(4),
                    Some(30),
                    Some(200),
                ];
                let (until, from) = (self.pick(&times), self.pick(&times));
                let till = self.one_in(4).then(|| self.pick(&[0, 3, 20, 100]));
                Wish::Wait(legs, priority, [until, from, till])
            }
        }
    }

    /// Remembers which payments wait; those that are gone are asked for too, and not for ever.
    pub(super) fn note(&mut self, wishes: &[(u64, Wish)], answers: &[&str]) {
        let made = wishes.iter().zip(answers);
        let made = made.filter(|(_, code)| ["QUEUED", "WAREHOUSED", "ROLLED"].contains(code));
        self.waiting.extend(made.map(|((id, _), _)| *id));
        let old = self.waiting.len().saturating_sub(6);
        self.waiting.drain(..old);
    }
}

pub(super) fn instruction(id: InstructionId, wish: &Wish, now: u64) -> Instruction {
    match wish {
        Wish::Net(wished) => Instruction::Transfer(Transfer {
            check: Some(Check::Net),
            ..Transfer::of_legs(id, legs(wished))
        }),
        Wish::Wait(wished, priority, [until, from, till]) => {
            let after = |ms: u64| Time::from_nanos(now + ms * MILLISECOND);
            Instruction::Transfer(Transfer {
                queue: Some(QueueTerms {
                    priority: Some(urgency(*priority)),
                    till: till.map(after),
                    reject_at: until.map(after),
                    settle_from: from.map(after),
                    until: None,
                }),
                ..Transfer::of_legs(id, legs(wished))
            })
        }
        Wish::Cancel(of) => Instruction::Cancel(Cancel {
            id,
            of: super::wishes::id(*of),
        }),
        Wish::Requeue(of, priority, first) => Instruction::Requeue(Requeue {
            id,
            of: super::wishes::id(*of),
            priority: priority.map(urgency),
            position: first.map(|first| match first {
                true => Position::First,
                false => Position::Last,
            }),
        }),
        other => unreachable!("no wish about queues: {other:?}"),
    }
}

fn urgency(priority: u8) -> Priority {
    [Priority::Urgent, Priority::High, Priority::Normal][usize::from(priority)]
}

/// The same payments wait in the same order.
pub(super) fn compare(world: &World, reference: &Reference, context: &dyn Fn() -> String) {
    let mut listed: Vec<_> = reference.waiting.iter().map(|p| p.rank).collect();
    listed.sort_unstable();
    let listed: Vec<_> = listed.iter().map(|rank| id(rank.4)).collect();
    let mut queue: Vec<_> = world.book().queue().iter().collect();
    queue.sort_by_key(|payment| payment.rank);
    let queue: Vec<_> = queue.iter().map(|payment| payment.id()).collect();
    assert_eq!(queue, listed, "{}", context());
    for payment in &reference.waiting {
        let named = |who: &str| world.book().participant(&who.parse().unwrap()).unwrap();
        let sender = named(payment.rank.3).number;
        let found = world.book().queue().get((sender, id(payment.rank.4)));
        let speaker = found.map(|found| found.answers);
        assert_eq!(
            speaker,
            Some(named(payment.speaker).number),
            "{}",
            context()
        );
    }
    let late = world
        .book()
        .queue()
        .iter()
        .filter(|payment| payment.overdue);
    let told = reference.waiting.iter().filter(|payment| payment.late);
    assert_eq!(late.count(), told.count(), "{}", context());
}
