//! `apply`: (state, time, message) to (outcomes, effects). The one place that changes the ledger.
//!
//! No clock, no IO, no randomness: the same log prefix gives the same state on any machine.

mod carry;
mod looks;
mod writes;

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use super::account::ItemRef;
use super::admit::{Admission, Admitted, Rejection, admit};
use super::book::Effect;
use super::draft::{Draft, HeldLeg, InstructionDraft, LegDraft, LinkedLeg};
use super::hold::Hold;
use super::id::InstructionId;
use super::instruction::Instruction;
use super::message::{Authorisation, Message};
use super::module::Modules;
use super::outcome::Outcome;
use super::state::State;
use super::window::MessageRecord;
use super::{batch, due, seal};
use writes::Undo;

/// What became of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// It is an entry now.
    Applied(Applied),
    /// Something falls due before it, and is an entry of its own now: apply the message again.
    Due(Applied),
    /// It was entry `0` already.
    Replay(u64),
    /// It is answered and forgotten.
    Drop(Rejection),
}

/// An entry in the making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// Log index.
    pub index: u64,
    /// Log time, nanoseconds since 1970 UTC.
    pub time: u64,
    /// Items 1 and up.
    pub drafts: Vec<Draft>,
    /// Writes to the book other than counters, in order.
    pub effects: Vec<Effect>,
}

/// How an instruction is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) outcome: Outcome,
    pub(super) leg: Option<u16>,
    pub(super) detail: u64,
}

impl From<Outcome> for Refusal {
    fn from(outcome: Outcome) -> Self {
        Self {
            outcome,
            leg: None,
            detail: 0,
        }
    }
}

impl Outcome {
    /// A refusal that points at a leg.
    pub(super) const fn at_leg(self, leg: u16) -> Refusal {
        Refusal {
            outcome: self,
            leg: Some(leg),
            detail: 0,
        }
    }
}

/// A message while it is being applied.
pub(super) struct Work<'a> {
    pub(super) state: &'a mut State,
    pub(super) modules: &'a Modules<'a>,
    pub(super) index: u64,
    /// Log time of the entry, nanoseconds since 1970 UTC.
    pub(super) time: u64,
    pub(super) submitter: u32,
    /// The window's floor, nanoseconds since 1970 UTC.
    floor: u64,
    signers: Vec<u32>,
    /// Distinct keys of the operators that signed, if their quorum did.
    operator_keys: u32,
    drafts: Vec<Draft>,
    effects: Vec<Effect>,
    /// Effects of the entry that no refusal takes back.
    kept: usize,
    /// Who asked, with all signatures; nobody in an entry of the node's own.
    who: Option<&'a Authorisation>,
    /// The instructions behind the one that is carried out.
    behind: &'a [Instruction],
    /// Whether what is carried out was proposed: all who sign have agreed to every word of it.
    agreed: bool,
    /// Items, at least, of what is proposed behind the instruction that is carried out.
    carried_behind: usize,
    undo: Vec<Undo>,
    /// Accounts with payments that wait, and that can pay more than before.
    relieved: BTreeSet<u64>,
    /// Whether that may be so of any account.
    all_relieved: bool,
    /// Whether payments that waited settled in a run.
    ran: bool,
    /// Ids of a dry run, which must not reach the window.
    dry: Option<BTreeSet<u128>>,
}

/// Applies a message at the proposed time.
pub fn apply(state: &mut State, proposed: u64, message: &Message, modules: &Modules<'_>) -> Step {
    if let Some(order) = &message.seal {
        return seal::seal(state, proposed, message, order);
    }
    if message.is_system() || message.is_tick() {
        return due::own(state, proposed, message, modules);
    }
    let admitted = match admit(state, proposed, message) {
        Admission::Go(admitted) => admitted,
        Admission::Replay(index) => return Step::Replay(index),
        Admission::Drop(rejection) => return Step::Drop(rejection),
    };
    let Admitted {
        time,
        floor,
        submitter,
        signers,
        operator_keys,
        message_key,
        content,
    } = admitted;
    if let Some(applied) = due::next(state, proposed, modules) {
        return Step::Due(applied);
    }
    let index = state.next_index;
    let created = message.authorisation.created.nanos();
    state.freeze_if_due(time);
    state.window.advance(floor);
    state.window.insert_message(
        message_key,
        MessageRecord {
            created,
            index,
            content,
        },
    );
    state.last_time = time;
    state.next_index = index.saturating_add(1);
    state.days.note(index, time);
    let forgotten = due::forget(state, floor, message.ids_used());
    let mut work = Work::new(state, modules, (index, time), floor, None);
    (work.submitter, work.signers) = (submitter, signers);
    work.operator_keys = operator_keys;
    work.kept = forgotten.len();
    work.effects = forgotten;
    work.message(message);
    Step::Applied(work.finish())
}

/// Says what `apply` would answer now, and leaves the state as it is. The effects are those by
/// which payments of the submitter would leave the queue next, by its own funds.
pub fn dry_run(state: &mut State, proposed: u64, message: &Message, modules: &Modules<'_>) -> Step {
    let admitted = match admit(state, proposed, message) {
        Admission::Go(admitted) => admitted,
        Admission::Replay(index) => return Step::Replay(index),
        Admission::Drop(rejection) => return Step::Drop(rejection),
    };
    let (index, time) = (state.next_index, admitted.time);
    let dry = Some(BTreeSet::new());
    let mut work = Work::new(state, modules, (index, time), admitted.floor, dry);
    (work.submitter, work.signers) = (admitted.submitter, admitted.signers);
    work.operator_keys = admitted.operator_keys;
    let (outlook, hints) = (work.state.outlook, work.state.hints.clone());
    // What falls due before it would be entries of their own; their items are not the answer.
    while due::step(&mut work) {
        work.drafts.clear();
        work.look();
        work.index = work.index.saturating_add(1);
        work.time = work.time.saturating_add(1);
    }
    work.message(message);
    let drafts = core::mem::take(&mut work.drafts);
    let (index, time) = (work.index, work.time);
    let effects = work.settles_next();
    work.revert(0);
    (work.state.outlook, work.state.hints) = (outlook, hints);
    Step::Applied(Applied {
        index,
        time,
        drafts,
        effects,
    })
}

impl<'a> Work<'a> {
    fn new(
        state: &'a mut State,
        modules: &'a Modules<'a>,
        (index, time): (u64, u64),
        floor: u64,
        dry: Option<BTreeSet<u128>>,
    ) -> Self {
        let (drafts, effects, undo) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            state,
            modules,
            index,
            time,
            submitter: 0,
            floor,
            signers: Vec::new(),
            operator_keys: 0,
            drafts,
            effects,
            kept: 0,
            who: None,
            behind: &[],
            agreed: false,
            carried_behind: 0,
            undo,
            relieved: BTreeSet::new(),
            all_relieved: false,
            ran: false,
            dry,
        }
    }

    /// The work of an entry that is the node's own.
    pub(super) fn of_node(
        state: &'a mut State,
        modules: &'a Modules<'a>,
        place: (u64, u64),
    ) -> Self {
        let floor = state.window.floor();
        Self::new(state, modules, place, floor, None)
    }

    /// The window's floor, nanoseconds since 1970 UTC.
    pub(super) const fn floor(&self) -> u64 {
        self.floor
    }

    /// A hold that is open, or ended inside the window.
    pub(super) fn hold(&self, id: InstructionId) -> Option<&Hold> {
        self.state.book.hold(id, self.floor)
    }

    /// What became of it.
    pub(super) fn finish(mut self) -> Applied {
        self.look();
        Applied {
            index: self.index,
            time: self.time,
            drafts: self.drafts,
            effects: self.effects,
        }
    }

    /// The participants whose signing policies are met, by number.
    pub(super) fn signers(&self) -> &[u32] {
        &self.signers
    }

    /// Whether a participant's signing policy is met.
    pub(super) fn signed_by(&self, participant: u32) -> bool {
        self.signers.contains(&participant)
    }

    /// Whether the operators' quorum has signed. The operators are participant 0.
    pub(super) fn quorum(&self) -> bool {
        self.signed_by(0)
    }

    /// Whether two operators have signed: by two keys, whatever their quorum is. A log that never
    /// had more than one key of theirs, as a sandbox, makes do with it.
    pub(super) fn four_eyes(&self) -> bool {
        let operators = self.state.book.participant_numbered(0);
        let alone = operators.is_some_and(|operators| operators.keys.len() == 1);
        self.quorum() && (alone || self.operator_keys >= 2)
    }

    fn message(&mut self, message: &'a Message) {
        let atomic = message.authorisation.atomic;
        self.who = Some(&message.authorisation);
        if let Some(batch) = &message.batch {
            return batch::settle(self, batch, atomic);
        }
        self.reserve(message.instructions.len());
        for (i, instruction) in message.instructions.iter().enumerate() {
            let ordinal = u32::try_from(i).unwrap_or(u32::MAX);
            self.behind = message
                .instructions
                .get(i.saturating_add(1)..)
                .unwrap_or_default();
            let refusal = self.instruction(ordinal, instruction);
            match refusal {
                Some(refusal) if atomic => return self.abort(message, ordinal, refusal),
                Some(refusal) => self.refuse(ordinal, instruction, refusal),
                None => {}
            }
            if !atomic {
                self.settled();
            }
        }
    }

    /// Makes room for the items of so many instructions.
    pub(super) fn reserve(&mut self, instructions: usize) {
        self.drafts.reserve(instructions);
    }

    /// What was done so far will not be taken back, except in a dry run.
    pub(super) fn settled(&mut self) {
        if self.dry.is_none() {
            self.undo.clear();
        }
    }

    /// Takes everything back that was done.
    pub(super) fn take_back(&mut self) {
        self.revert(0);
        self.drafts.clear();
        self.effects.truncate(self.kept);
    }

    /// Runs one instruction; on a refusal everything it did is undone.
    fn instruction(&mut self, ordinal: u32, instruction: &Instruction) -> Option<Refusal> {
        if let Some(refusal) = self.consume_all(instruction) {
            return Some(refusal);
        }
        let mark = self.undo.len();
        let (drafts, effects) = (self.drafts.len(), self.effects.len());
        let result = self.carry(ordinal, instruction);
        let refusal = result.err()?;
        self.revert(mark);
        self.drafts.truncate(drafts);
        self.effects.truncate(effects);
        Some(refusal)
    }

    /// Takes an all-or-nothing message back: the one refused keeps its reason.
    fn abort(&mut self, message: &Message, refused: u32, refusal: Refusal) {
        self.take_back();
        for (i, instruction) in message.instructions.iter().enumerate() {
            let ordinal = u32::try_from(i).unwrap_or(u32::MAX);
            if ordinal > refused {
                // Refused like the others, and its id is used up like theirs.
                let _ = self.consume_all(instruction);
            }
            let aborted = Refusal::from(Outcome::MessageAborted);
            let reason = if ordinal == refused { refusal } else { aborted };
            self.refuse(ordinal, instruction, reason);
        }
    }

    /// Drafts an instruction item: a refusal, or a governance instruction that took effect.
    pub(super) fn refuse(&mut self, ordinal: u32, instruction: &Instruction, refusal: Refusal) {
        let json: String = instruction.to_json();
        self.drafts.push(Draft::Instruction(InstructionDraft {
            instruction: ordinal,
            outcome: refusal.outcome,
            leg: refusal.leg,
            id: instruction.id(),
            detail: refusal.detail,
            json,
        }));
    }

    /// Drafts the item of an instruction whose legs follow.
    pub(super) fn accept(&mut self, ordinal: u32, instruction: &Instruction, outcome: Outcome) {
        self.refuse(ordinal, instruction, outcome.into());
    }

    /// Drafts what the node says by itself: nobody asked for it.
    pub(super) fn notice(
        &mut self,
        (ordinal, id): (u32, InstructionId),
        outcome: Outcome,
        detail: u64,
        json: String,
    ) {
        self.drafts.push(Draft::Instruction(InstructionDraft {
            instruction: ordinal,
            outcome,
            leg: None,
            id,
            detail,
            json,
        }));
    }

    /// How many items are drafted.
    pub(super) fn drafted(&self) -> usize {
        self.drafts.len()
    }

    /// How many items the instructions behind this one are at least.
    pub(super) fn items_behind(&self) -> usize {
        let behind: usize = self.behind.iter().map(Instruction::items).sum();
        behind.saturating_add(self.carried_behind)
    }

    /// Drafts a leg of a hold whose changes have been posted.
    pub(super) fn draft_held(&mut self, held: HeldLeg) {
        self.drafts.push(Draft::Held(Box::new(held)));
    }

    /// Drafts a leg that gives another one back, or tells of its recall.
    pub(super) fn draft_linked(&mut self, linked: LinkedLeg) {
        self.drafts.push(Draft::Linked(Box::new(linked)));
    }

    /// Drafts a leg whose changes have been posted.
    pub(super) fn draft_leg(&mut self, leg: LegDraft) {
        self.drafts.push(Draft::Leg(leg));
    }

    /// The reference of the next item.
    pub(super) fn next_item(&self) -> ItemRef {
        let item = u32::try_from(self.drafts.len())
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        ItemRef {
            index: self.index,
            item,
        }
    }
}
