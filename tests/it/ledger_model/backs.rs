//! Money that goes back, in the reference: which legs there were, what came back of each, who asks.

use chain::LegKind;
use quittance::ledger::{
    Applied, Instruction, InstructionId, Original, Recall, RecallReason, RefusalReason,
    RefuseRecall, Return, ReturnReason, ReversalReason, Reverse,
};

use super::Random;
use super::limited::How;
use super::reference::{Answer, Reference, Typed, Wish};
use super::wishes::{self, typed};
use crate::ledger_world::World;

/// Where a leg stands: entry and item.
pub(super) type Place = (u64, u32);

/// A leg that once moved money, and what came back of it.
#[derive(Debug, Clone)]
pub(super) struct Moved {
    place: Place,
    from: String,
    to: String,
    units: i128,
    /// Funds in or out.
    funds: bool,
    /// Nothing that can be given back: a return, or what moved nothing.
    other: bool,
    back: i128,
    /// The recall that asks for it.
    asked: Option<u64>,
}

impl Random {
    /// A wish about a leg that there was, or about one that nobody knows.
    pub(super) fn back(&mut self) -> Wish {
        // Mostly one of the newest, so that the same is asked for twice.
        let from = match self.one_in(3) {
            true => 0,
            false => self.places.len().saturating_sub(4),
        };
        let newest = self.places[from..].to_vec();
        let place = self.pick(&newest);
        let amount = match self.below(4) {
            0 => Some(self.amount()),
            // More than anybody has paid.
            1 if self.one_in(3) => Some(Typed {
                units: 1_000_000,
                decimals: 0,
            }),
            _ => None,
        };
        match self.below(12) {
            0 if self.one_in(3) => Wish::Return(None, amount),
            0..=5 => Wish::Return(Some(place), amount),
            6..=7 => Wish::Reverse(place, amount),
            8..=9 => {
                // The same again, for one recall may be open.
                let again = self.recalled.filter(|_| place.0.is_multiple_of(2));
                let place = again.unwrap_or(place);
                self.recalled = Some(place);
                Wish::Recall(place)
            }
            _ => {
                let asked = self.asked.last().copied().unwrap_or(3);
                Wish::RefuseRecall(asked)
            }
        }
    }
}

fn forged(mut original: Original) -> Original {
    original.n += 1;
    original
}

/// The instruction of a wish about a leg.
pub(super) fn instruction(world: &World, number: u64, wish: &Wish) -> Instruction {
    let id: InstructionId = wishes::id(number);
    let proven = |(index, n): Place| world.original(index, n);
    match wish {
        Wish::Return(place, amount) => Instruction::Return(Return {
            id,
            original: match place {
                Some(place) => proven(*place),
                None => forged(world.original(1, 1)),
            },
            amount: amount.map(typed),
            reason: ReturnReason::Ms03,
        }),
        Wish::Reverse(place, amount) => Instruction::Reverse(Reverse {
            id,
            original: proven(*place),
            amount: amount.map(typed),
            reason: ReversalReason::Ms03,
        }),
        Wish::Recall(place) => Instruction::Recall(Recall {
            id,
            original: proven(*place),
            reason: RecallReason::Dupl,
        }),
        Wish::RefuseRecall(of) => Instruction::RefuseRecall(RefuseRecall {
            id,
            of: wishes::id(*of),
            reason: RefusalReason::Cust,
        }),
        other => panic!("{other:?} is about no leg"),
    }
}

/// Writes down the legs of an entry, as anybody reads them in its items.
pub(super) fn note(
    world: &World,
    applied: &Applied,
    reference: &mut Reference,
    random: &mut Random,
) {
    for (item, draft) in (1u32..).zip(&applied.drafts) {
        let Some(leg) = draft.leg() else { continue };
        let name = |side: usize| {
            let number = leg.changes[side].account;
            world
                .book()
                .account_numbered(number)
                .unwrap()
                .address
                .to_string()
        };
        let kind = LegKind::from(leg.kind);
        let payment = match kind {
            LegKind::Transfer | LegKind::Capture | LegKind::Queued | LegKind::Valued => true,
            // Of a split somebody may get nothing, which nobody gives back.
            LegKind::Split | LegKind::Mandated => leg.amount > 0,
            _ => false,
        };
        let funds = matches!(kind, LegKind::Issue | LegKind::Redeem);
        let place = (applied.index, item);
        reference.moved.push(Moved {
            place,
            from: name(0),
            to: name(1),
            units: i128::try_from(leg.amount).unwrap(),
            funds,
            other: !payment && !funds,
            back: 0,
            asked: None,
        });
        random.places.push(place);
    }
}

impl Reference {
    fn moved(&mut self, place: Place) -> &mut Moved {
        let mut moved = self.moved.iter_mut();
        moved.find(|moved| moved.place == place).unwrap()
    }

    /// Whoever received gives back, as far as anything is left.
    pub(super) fn give_back(
        &mut self,
        signers: &[&'static str],
        place: Option<Place>,
        amount: Option<Typed>,
    ) -> Answer {
        let moved = self.moved(place.ok_or("ORIGINAL_UNKNOWN")?).clone();
        if moved.funds || moved.other {
            return Err("ORIGINAL_NOT_RETURNABLE");
        }
        if !signers.contains(&self.owner(&moved.to)) {
            return Err("NOT_OWNER");
        }
        self.carry_back(signers, &moved, amount, How::Settles)
    }

    /// Two operators take back what they put in or took out.
    pub(super) fn reverse(
        &mut self,
        signers: &[&'static str],
        place: Place,
        amount: Option<Typed>,
    ) -> Answer {
        if !signers.contains(&"operators") {
            return Err("QUORUM_NOT_MET");
        }
        if !signers.contains(&"operators/k2") {
            return Err("FOUR_EYES_NEEDED");
        }
        let moved = self.moved(place).clone();
        if !moved.funds {
            return Err("ORIGINAL_NOT_RETURNABLE");
        }
        self.carry_back(signers, &moved, amount, How::Funds)
    }

    fn carry_back(
        &mut self,
        signers: &[&'static str],
        moved: &Moved,
        amount: Option<Typed>,
        how: How,
    ) -> Answer {
        let asset = self.accounts[&moved.to].asset;
        if self.suspended[asset] {
            return Err("ASSET_SUSPENDED");
        }
        let stated = amount.map(|amount| amount.to_units(asset)).transpose()?;
        let left = moved.units - moved.back;
        if left == 0 {
            return Err("ALREADY_RETURNED");
        }
        let units = stated.unwrap_or(left);
        if units > left {
            return Err("RETURN_EXCEEDS_ORIGINAL");
        }
        let decimals = super::reference::ASSETS[asset].1;
        let amount = Typed { units, decimals };
        self.post(signers, (&moved.to, &moved.from), amount, how)?;
        let moved = self.moved(moved.place);
        moved.back += units;
        moved.asked = None;
        Ok(())
    }

    /// Whoever paid asks for it.
    pub(super) fn ask_back(&mut self, signers: &[&'static str], id: u64, place: Place) -> Answer {
        let taken = self.moved.iter().any(|moved| moved.asked == Some(id));
        let moved = self.moved(place).clone();
        if moved.funds || moved.other {
            return Err("ORIGINAL_NOT_RETURNABLE");
        }
        if !signers.contains(&self.owner(&moved.from)) {
            return Err("NOT_OWNER");
        }
        if moved.units == moved.back {
            return Err("ALREADY_RETURNED");
        }
        if moved.asked.is_some() {
            return Err("RECALL_ALREADY_OPEN");
        }
        if taken {
            return Err("RECALL_EXISTS");
        }
        self.moved(place).asked = Some(id);
        Ok(())
    }

    /// Whether a recall of what a bank paid or received is open.
    pub(super) fn is_asked_back(&self, bank: &str) -> bool {
        let mut asked = self.moved.iter().filter(|moved| moved.asked.is_some());
        asked.any(|moved| [self.owner(&moved.from), self.owner(&moved.to)].contains(&bank))
    }

    /// Whoever received says no.
    pub(super) fn refuse_back(&mut self, signers: &[&'static str], of: u64) -> Answer {
        let asked = self.moved.iter().find(|moved| moved.asked == Some(of));
        let asked = asked.ok_or("RECALL_UNKNOWN")?.clone();
        let parties = ["operators", self.owner(&asked.from), self.owner(&asked.to)];
        if !parties.iter().any(|party| signers.contains(party)) {
            return Err("RECALL_UNKNOWN");
        }
        if !signers.contains(&self.owner(&asked.to)) {
            return Err("NOT_OWNER");
        }
        self.moved(asked.place).asked = None;
        Ok(())
    }
}

/// Compares what came back of every leg, and the recalls that are open; nothing ever comes back of a
/// leg that it did not bring.
pub(super) fn compare(world: &World, reference: &Reference, context: &str) {
    let returns = world.book().returns();
    let found: Vec<(Place, i128)> = returns
        .all_returned()
        .map(|(at, returned)| {
            let units = i128::try_from(returned.amount).unwrap();
            ((at.index, at.item), units)
        })
        .collect();
    let back = reference.moved.iter().filter(|moved| moved.back > 0);
    let expected: Vec<(Place, i128)> = back.map(|moved| (moved.place, moved.back)).collect();
    assert_eq!(found, expected, "{context}");
    assert!(
        reference
            .moved
            .iter()
            .all(|moved| moved.back <= moved.units),
        "{context}"
    );
    let open = returns.recalls_after(None).map(|case| case.id);
    let asked = reference.moved.iter().filter_map(|moved| moved.asked);
    let mut asked: Vec<InstructionId> = asked.map(wishes::id).collect();
    asked.sort_unstable();
    assert_eq!(open.collect::<Vec<_>>(), asked, "{context}");
}
