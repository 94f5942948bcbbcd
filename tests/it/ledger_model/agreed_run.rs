//! What the random messages propose and approve, and whether both folders are the same.

use std::collections::BTreeSet;

use chain::Hash;
use quittance::ledger::{
    Approve, EndProposal, Instruction, InstructionId, Outcome, OutcomeRow, Propose, Time,
};

use super::Random;
use super::reference::{Leg, Reference, Typed, Wish};
use super::wishes::{id, instruction as single};
use crate::ledger_world::{MILLISECOND, World};

/// Ids of what is proposed are beyond those of what is asked for.
const PROPOSED: u64 = 1 << 20;

impl Random {
    /// Who signs a message about proposals, and by which keys: mostly one alone.
    pub(super) fn parties(&mut self) -> (Vec<&'static str>, Vec<&'static str>) {
        let first = self.pick(&[
            "bank-a",
            "bank-a",
            "bank-b",
            "bank-b",
            "bank-c",
            "operators",
        ]);
        let mut signers = vec![first];
        if self.one_in(8) {
            signers.extend(
                ["bank-a", "bank-b", "operators"]
                    .iter()
                    .filter(|s| **s != first),
            );
        }
        let mut keys = signers.clone();
        if let Some(at) = keys.iter().position(|key| *key == "operators") {
            match self.below(5) {
                0..=1 => keys[at] = "operators/k2",
                2 => {
                    keys.push("operators/k2");
                    signers.push("operators/k2");
                }
                _ => {}
            }
        }
        (signers, keys)
    }

    /// Something about proposals; `n` gives what is proposed its ids.
    pub(super) fn proposal(&mut self, n: u64) -> Wish {
        let of = self.below(1 + self.papers.len() as u64);
        let paper = self.papers.get(usize::try_from(of).unwrap()).copied();
        let (of, hash) = paper.unwrap_or((77_777, Hash::ZERO));
        match self.below(10) {
            0..=3 => {
                let after = self.pick(&[0, 4, 60, 600, 60_000, 60_000, 60_000]);
                let count = self.pick(&[1, 1, 1, 2, 3]);
                let what = (0..count).map(|k| {
                    let wish = match self.one_in(2) {
                        true => self.swap(),
                        false => self.wish(),
                    };
                    let own = PROPOSED + n * 4 + k;
                    let own = if self.one_in(40) { n } else { own };
                    (own, wish)
                });
                Wish::Propose(what.collect(), after)
            }
            4 => Wish::EndPaper(of, self.one_in(2)),
            _ if self.one_in(12) => Wish::Agree(of, Hash::sha256(b"another"), false),
            _ => Wish::Agree(of, hash, true),
        }
    }

    /// A payment against a payment.
    fn swap(&mut self) -> Wish {
        let mut leg = |debit: &str, credit: &str, asset: &'static str, decimals| Leg {
            debit: debit.into(),
            credit: credit.into(),
            asset,
            amount: Typed {
                units: i128::from(1 + self.below(3_000)),
                decimals,
            },
        };
        let there = leg("bank-a:usd", "bank-b:usd", "USD", 2);
        let back = leg("bank-b:jpy", "bank-a:jpy", "JPY", 0);
        let legs = vec![there, back];
        match self.below(4) {
            0 => Wish::Reserve(legs, None, true, 0, false),
            1 if self.one_in(2) => Wish::Net(legs),
            1 => Wish::Wait(
                legs,
                self.pick(&[2, 2, 2, 1]),
                [self.pick(&[None, Some(90)]), None, None],
            ),
            _ => Wish::Pay(legs),
        }
    }

    /// Remembers the newest proposals, with the hashes that one approves them by.
    pub(super) fn keep_papers(&mut self, world: &World, wishes: &[(u64, Wish)], answers: &[&str]) {
        for ((number, _), _) in wishes
            .iter()
            .zip(answers)
            .filter(|(_, code)| **code == "PROPOSED")
        {
            let hash = world.book().proposal(id(*number), 0).unwrap().hash;
            self.papers.push((*number, Hash::from_bytes(hash)));
        }
        let old = self.papers.len().saturating_sub(5);
        self.papers.drain(..old);
    }
}

pub(super) fn instruction(world: &World, id: InstructionId, wish: &Wish) -> Instruction {
    match wish {
        Wish::Propose(what, after) => Instruction::Propose(Propose {
            id,
            expires_at: Time::from_nanos(world.now + after * MILLISECOND),
            instructions: what
                .iter()
                .map(|(id, wish)| single(world, *id, wish))
                .collect(),
        }),
        Wish::Agree(of, hash, _) => Instruction::Approve(Approve {
            id,
            of: Some(super::wishes::id(*of)),
            hash: Some(hash.to_string()),
            entry_index: None,
            item: None,
            item_leaf: None,
        }),
        Wish::EndPaper(of, maker) => {
            let of = super::wishes::id(*of);
            match maker {
                true => Instruction::Withdraw(EndProposal { id, of }),
                false => Instruction::Decline(EndProposal { id, of }),
            }
        }
        other => panic!("{other:?} is about no proposal"),
    }
}

/// The outcomes of what was asked for, and apart from them those of what approvals carried out.
pub(super) fn apart(rows: &[OutcomeRow]) -> (Vec<&'static str>, Vec<&'static str>) {
    let (mut asked, mut carried, mut by) = (Vec::new(), Vec::new(), None);
    for row in rows {
        if by == Some(row.instruction) {
            carried.push(row.outcome.code());
            continue;
        }
        by = (row.outcome == Outcome::CarriedOut).then_some(row.instruction);
        asked.push(row.outcome.code());
    }
    (asked, carried)
}

/// The same proposals are open, signed by as many keys, and ask the same participants.
pub(super) fn compare(world: &World, reference: &Reference, context: &dyn Fn() -> String) {
    let book = world.book();
    let mut open = 0;
    for it in book.proposals_after(None).filter(|it| it.is_open()) {
        let found = reference
            .papers
            .iter()
            .find(|(number, _)| id(**number) == it.id);
        let (_, paper) = found.unwrap_or_else(|| panic!("{}", context()));
        let name = |number: &u32| book.participant_numbered(*number).unwrap().id.as_str();
        let asked: BTreeSet<&str> = it.asked.iter().map(name).collect();
        let listed: BTreeSet<&str> = paper.asked.iter().copied().collect();
        assert_eq!(asked, listed, "{}", context());
        assert_eq!(it.keys.len(), paper.keys.len(), "{}", context());
        assert_eq!(name(&it.maker), paper.maker, "{}", context());
        assert_eq!(it.instructions().len(), paper.what.len(), "{}", context());
        assert_eq!(paper.over_with, None, "{}", context());
        open += 1;
    }
    let listed = reference
        .papers
        .values()
        .filter(|paper| paper.over_with.is_none());
    assert_eq!(open, listed.count(), "{}", context());
}
