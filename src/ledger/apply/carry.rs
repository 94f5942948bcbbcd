//! Carrying out an instruction: one that somebody asks for, or one that several have agreed to.

use alloc::vec::Vec;

use super::{Refusal, Work};
use crate::ledger::id::InstructionId;
use crate::ledger::instruction::Instruction;
use crate::ledger::outcome::Outcome;
use crate::ledger::proposal::{KeyRef, Proposal};
use crate::ledger::{
    cycle, fx, governance, holding, proposing, queueing, reserving, returning, splitting, standing,
    transfer,
};
use crate::limits::ITEMS_MAX;

impl Work<'_> {
    /// A proposal that is open, or ended inside the window.
    pub(in crate::ledger) fn proposal(&self, id: InstructionId) -> Option<&Proposal> {
        self.state.book.proposal(id, self.floor)
    }

    /// Whether the instruction at hand was proposed, and all who are asked have agreed to it.
    pub(in crate::ledger) const fn is_agreed(&self) -> bool {
        self.agreed
    }

    /// The keys of these participants that signed the message, ascending.
    pub(in crate::ledger) fn keys_of(&self, participants: &[u32]) -> Vec<KeyRef> {
        let signatures = self.who.map_or(&[][..], |who| &who.signatures);
        let book = self.state.book();
        let found = signatures.iter().filter_map(|signature| {
            let participant = book.participant(&signature.participant)?;
            let number = participant.number;
            participants.contains(&number).then_some(())?;
            let mut keys = participant.keys.iter();
            let (name, id) = (&signature.key_name, signature.key_id);
            let at = keys.position(|key| key.id == id && key.name == *name)?;
            Some(KeyRef {
                participant: number,
                key: u32::try_from(at).ok()?,
            })
        });
        let mut keys: Vec<KeyRef> = found.collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// Carries out one instruction; what it did before a refusal is for the caller to undo.
    pub(super) fn carry(&mut self, ordinal: u32, instruction: &Instruction) -> Result<(), Refusal> {
        match instruction {
            Instruction::Transfer(i) => transfer::transfer(self, ordinal, i, instruction),
            Instruction::Issue(i) => transfer::issue(self, ordinal, i),
            Instruction::Redeem(i) => transfer::redeem(self, ordinal, i),
            Instruction::Reserve(i) => holding::reserve(self, ordinal, i, instruction),
            Instruction::Capture(i) => holding::capture(self, ordinal, i, instruction),
            Instruction::Void(i) => holding::void(self, ordinal, i, instruction),
            Instruction::Cancel(i) => queueing::cancel(self, ordinal, i, instruction),
            Instruction::Requeue(i) => queueing::requeue(self, ordinal, i, instruction),
            Instruction::SetReservation(i) => reserving::set(self, ordinal, i, instruction),
            Instruction::Clear(i) => cycle::clear(self, ordinal, i, instruction),
            Instruction::Return(i) => returning::give_back(self, ordinal, i, instruction),
            Instruction::Reverse(i) => returning::reverse(self, ordinal, i, instruction),
            Instruction::Recall(i) => returning::recall(self, ordinal, i, instruction),
            Instruction::RefuseRecall(i) => returning::refuse(self, ordinal, i, instruction),
            Instruction::Split(i) => splitting::split(self, ordinal, i, instruction),
            Instruction::Quote(i) => fx::quote(self, ordinal, i, instruction),
            Instruction::Convert(i) => fx::convert(self, ordinal, i, instruction),
            Instruction::SuspendParticipant(i) => standing::suspend(self, ordinal, i, instruction),
            Instruction::Propose(i) => proposing::propose(self, ordinal, i, instruction),
            Instruction::Approve(i) => proposing::approve(self, ordinal, i, instruction),
            Instruction::Withdraw(i) => proposing::withdraw(self, ordinal, i, instruction),
            Instruction::Decline(i) => proposing::decline(self, ordinal, i, instruction),
            other => governance::govern(self, other).map(|detail| {
                let applied = Refusal {
                    outcome: Outcome::Applied,
                    leg: None,
                    detail,
                };
                self.refuse(ordinal, other, applied);
            }),
        }
    }

    /// Carries out what is proposed, all or nothing, as if its maker had sent it now with all the
    /// signatures that were gathered; the items have the ordinal of the approval. The ids were used
    /// up by the proposal.
    pub(in crate::ledger) fn carry_out(
        &mut self,
        ordinal: u32,
        it: &Proposal,
    ) -> Result<(), Refusal> {
        let instructions = it.instructions();
        let items = |of: &[Instruction]| of.iter().map(Instruction::items).sum::<usize>();
        let others = self.drafted().saturating_add(self.items_behind());
        if items(&instructions).saturating_add(others) > ITEMS_MAX {
            return Err(Outcome::EntryFull.into());
        }
        let operator_keys = it.signed(self.state.book(), 0);
        let submitter = core::mem::replace(&mut self.submitter, it.maker);
        let signed = self.state.book.with_indirect(it.asked.clone());
        let signers = core::mem::replace(&mut self.signers, signed);
        let operator_keys = core::mem::replace(&mut self.operator_keys, operator_keys);
        self.agreed = true;
        let mut rest = instructions.as_slice();
        let mut result = Ok(());
        while let (Ok(()), [first, behind @ ..]) = (&result, rest) {
            self.carried_behind = items(behind);
            result = self.carry(ordinal, first);
            rest = behind;
        }
        self.agreed = false;
        self.carried_behind = 0;
        self.submitter = submitter;
        self.signers = signers;
        self.operator_keys = operator_keys;
        result
    }
}
