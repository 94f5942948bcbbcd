//! What the node does by itself when its time comes: entries of kind `system`, which anybody who
//! applies the log computes again.
//!
//! Before a submission becomes an entry, everything that is due at its time is one, or several. When
//! nobody submits anything, a tick asks for what is due.

use alloc::vec::Vec;

use chain::Hash;

use super::admit::Rejection;
use super::apply::{Applied, Step, Work};
use super::book::Effect;
use super::id::{MessageId, ParticipantId};
use super::message::{Authorisation, Message};
use super::module::Modules;
use super::returns::ReturnsEffect;
use super::state::State;
use super::time::Time;
use super::{calendar, cycle, holding, proposing, queueing, returning};

/// The content type that the authorisation of a system entry names. No submission may have it.
pub const SYSTEM_CONTENT_TYPE: &str = "application/vnd.quittance.system";
/// The content type of a tick, by which a node asks for what is due. No entry has it.
pub const TICK_CONTENT_TYPE: &str = "application/vnd.quittance.tick";

/// Holds, and legs of which something was returned, proposals, and differences of value-dated balances
/// forgotten with one entry besides as many as its message has ids: each began with one of them, so
/// forgetting keeps up, and no entry pays for many.
const FORGOTTEN_AT_ONCE: usize = 64;

impl Message {
    /// What stands for a message in the system entry at `index`: nobody asked, and nobody signed.
    ///
    /// # Panics
    /// Never: the names in it keep to their grammar.
    #[must_use]
    pub fn of_system(index: u64, time: Time) -> Self {
        Self::of_node(SYSTEM_CONTENT_TYPE, index, time)
    }

    /// A tick: the wish for whatever is due.
    #[must_use]
    pub fn of_tick() -> Self {
        Self::of_node(TICK_CONTENT_TYPE, 0, Time::default())
    }

    fn of_node(content_type: &str, index: u64, time: Time) -> Self {
        let id = alloc::format!("system-{index}");
        Self {
            authorisation: Authorisation {
                submitter: ParticipantId::operators(),
                content_type: content_type.into(),
                body_hash: *Hash::sha256(&[]).as_bytes(),
                created: time,
                message_id: MessageId::new(&id).expect("a word and a number are a message id"),
                atomic: false,
                signatures: Vec::new(),
            },
            instructions: Vec::new(),
            batch: None,
            seal: None,
        }
    }

    /// Whether it is that of a system entry.
    #[must_use]
    pub fn is_system(&self) -> bool {
        self.authorisation.content_type == SYSTEM_CONTENT_TYPE
    }

    /// Whether it is a tick.
    #[must_use]
    pub fn is_tick(&self) -> bool {
        self.authorisation.content_type == TICK_CONTENT_TYPE
    }
}

/// The next system entry, if anything is due at the time of the next entry.
pub(super) fn next(state: &mut State, proposed: u64, modules: &Modules<'_>) -> Option<Applied> {
    let time = state.last_time.saturating_add(1).max(proposed);
    if state.next_due().is_none_or(|due| due > time) {
        return None;
    }
    let index = state.next_index;
    state.freeze_if_due(time);
    let mut work = Work::of_node(state, modules, (index, time));
    let done = step(&mut work);
    debug_assert!(done, "what says that it is due has something to do");
    let applied = done.then(|| work.finish())?;
    state.last_time = time;
    state.next_index = index.saturating_add(1);
    state.days.note(index, time);
    Some(applied)
}

/// Does the next thing that is due, as far as an entry has room for it: holds expire, payments are
/// released or revoked, proposals expire, windows of settlement models settle or close, recalls end,
/// payments settle, business days go on. Says whether anything was.
pub(super) fn step(work: &mut Work<'_>) -> bool {
    // After a long stop, what fell due behind a cut-off happens behind it.
    if calendar::goes_first(work) {
        return queueing::clear(work) || calendar::step(work);
    }
    holding::expire(work)
        || queueing::on_time(work)
        || proposing::expire(work)
        || cycle::step(work)
        || returning::on_time(work)
        || queueing::clear(work)
        || calendar::step(work)
}

/// Applies a message of the node's own: what is due, or nothing.
pub(super) fn own(
    state: &mut State,
    proposed: u64,
    message: &Message,
    modules: &Modules<'_>,
) -> Step {
    let rejected = || {
        let submitter = message.authorisation.submitter.clone();
        Step::Drop(Rejection::RoleNotAllowed(submitter))
    };
    if message.is_system() {
        let time = Time::from_nanos(state.last_time.saturating_add(1).max(proposed));
        if *message != Message::of_system(state.next_index, time) {
            return rejected();
        }
    }
    next(state, proposed, modules).map_or_else(rejected, Step::Due)
}

/// Forgets holds and proposals that ended before `floor`, legs of which nothing may be returned since
/// before it, and what no value date can be before any more: some with each message, and more with one that has many `ids`.
pub(super) fn forget(state: &mut State, floor: u64, ids: u64) -> Vec<Effect> {
    let at_once = usize::try_from(ids).unwrap_or(usize::MAX);
    let at_once = at_once.saturating_add(FORGOTTEN_AT_ONCE);
    let mut forgotten = Vec::new();
    while forgotten.len() < at_once {
        let effect = match state.book.hold_to_forget(floor) {
            Some(id) => Effect::Hold(id, None),
            None => match state.book.returns().to_forget(floor) {
                Some(original) => Effect::Returns(ReturnsEffect::Returned(original, None)),
                None => break,
            },
        };
        state.book.absorb(effect.clone());
        forgotten.push(effect);
    }
    while forgotten.len() < at_once
        && let Some(id) = state.book.proposals.ended_before(floor)
    {
        let effect = Effect::Proposal(id, None);
        state.book.absorb(effect.clone());
        forgotten.push(effect);
    }
    while forgotten.len() < FORGOTTEN_AT_ONCE
        && let Some(key) = state.book.value_to_forget()
    {
        let effect = Effect::Value(key, None);
        state.book.absorb(effect.clone());
        forgotten.push(effect);
    }
    forgotten
}
