//! What the book knows of settlement models.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::daily::DayEvent;
use super::instruction::CountUnsettled;
use crate::ledger::id::{InstructionId, ModelId};
use crate::ledger::snapshot::{PartReader, PartWriter, SnapshotError};
use crate::ledger::time::SECOND;
use crate::limits::WINDOWS_UNSETTLED_MAX;

/// The terms of a model, from the instruction that opened it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelTerms {
    /// Seconds between closes by schedule; none, if only the operators close windows.
    pub every_s: Option<u64>,
    /// Seconds that a closed window may wait for funds before that is a default.
    pub funding_s: u64,
    /// What unsettled credits count for in a position.
    pub count: CountUnsettled,
    /// The event of the business day with which its windows close.
    pub close_with_day: Option<DayEvent>,
    /// Number of the account from which what defaulters lack is drawn.
    pub pool: Option<u64>,
}

/// The window that takes payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenWindow {
    /// Number, from 1 on.
    pub number: u64,
    /// Index of the first entry that is in it.
    pub from: u64,
    /// When it began: time of the entry that made it, nanoseconds since 1970 UTC.
    pub since: u64,
}

/// A model without its members and windows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelRecord {
    /// Number, dense from 0.
    pub number: u32,
    /// Id of the instruction that opened it.
    pub id: InstructionId,
    /// Name.
    pub name: ModelId,
    /// Number of its asset.
    pub asset: u32,
    /// Number of its own account, through which nets go.
    pub account: u64,
    /// Its terms.
    pub terms: ModelTerms,
    /// Index of the entry that opened it.
    pub opened: u64,
    /// Index of the entry that closed it.
    pub closed: Option<u64>,
    /// Its open window; of a closed model, the one that would have come next.
    pub open: OpenWindow,
    /// Number of the last window that has settled; 0 before the first.
    pub settled: u64,
}

/// What a participant sent and received, minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turnover {
    /// Sum of what it sent.
    pub sent: u128,
    /// Sum of what it received.
    pub received: u128,
    /// Payments that it sent.
    pub payments: u64,
}

/// A participant of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Number of the account that its nets are settled on.
    pub account: u64,
    /// How far below zero its position may go, minor units.
    pub cap: u128,
    /// In the open window.
    pub now: Turnover,
    /// In windows that are closed and not settled.
    pub unsettled: Turnover,
    /// What was drawn for it from the pool and is owed still, minor units.
    pub owed: u128,
}

/// One participant's part in a closed window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowNet {
    /// Number of the participant.
    pub participant: u32,
    /// Number of the account that the net is settled on.
    pub account: u64,
    /// What it sent and received.
    pub turnover: Turnover,
    /// What was drawn for it from the pool as the window settled, minor units.
    pub drawn: u128,
}

/// An entry and its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// Index.
    pub index: u64,
    /// Time, nanoseconds since 1970 UTC.
    pub time: u64,
}

/// A window that takes no payments any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedWindow {
    /// Number, from 1 on.
    pub number: u64,
    /// Index of the first entry that is in it.
    pub from: u64,
    /// The entry that closed it, the last that is in it.
    pub closed: Moment,
    /// Those who sent or received anything, by participant.
    pub nets: Vec<WindowNet>,
    /// The entry that settled it.
    pub settled: Option<Moment>,
    /// The entry that said who had not funded it in time.
    pub defaulted: Option<Moment>,
}

/// A settlement model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// Name, terms, open window.
    pub record: ModelRecord,
    members: BTreeMap<u32, Member>,
    windows: BTreeMap<u64, Arc<ClosedWindow>>,
}

/// All settlement models. A clone shares them, and whoever changes one afterwards copies that one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cycles {
    models: Vec<Arc<Model>>,
}

/// One write to a model, as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CycleEffect {
    /// The record of model `0`; `None` takes the newest model away again.
    Model(u32, Option<Box<ModelRecord>>),
    /// What model `0` knows of participant `1`; `None` takes it away again.
    Member(u32, u32, Option<Member>),
    /// Closed window `1` of model `0`; `None` forgets it.
    Window(u32, u64, Option<Arc<ClosedWindow>>),
}

impl Turnover {
    /// The sum of both, if it has a number.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        Some(Self {
            sent: self.sent.checked_add(other.sent)?,
            received: self.received.checked_add(other.received)?,
            payments: self.payments.checked_add(other.payments)?,
        })
    }

    /// The difference, which is of a part and so never negative.
    #[must_use]
    pub const fn less(self, part: Self) -> Self {
        Self {
            sent: self.sent.saturating_sub(part.sent),
            received: self.received.saturating_sub(part.received),
            payments: self.payments.saturating_sub(part.payments),
        }
    }

    /// What it received less what it sent.
    #[must_use]
    pub const fn position(&self) -> i128 {
        // Sums are below 2^96.
        (self.received as i128).saturating_sub(self.sent as i128)
    }
}

impl Member {
    /// All that is not settled, in the open window and before it.
    #[must_use]
    pub fn whole(&self) -> Turnover {
        // Each payment is counted once, and all of them together are below 2^96.
        self.now.plus(self.unsettled).unwrap_or(self.now)
    }

    /// What counts against the cap, minor units; negative if it has more to receive.
    #[must_use]
    pub fn counted(&self, count: CountUnsettled) -> i128 {
        let whole = self.whole();
        match count {
            CountUnsettled::None => whole.sent as i128,
            CountUnsettled::SameModel => whole.position().saturating_neg(),
        }
    }
}

impl ClosedWindow {
    /// Whether nobody has anything to pay.
    #[must_use]
    pub fn is_even(&self) -> bool {
        self.nets.iter().all(|net| net.turnover.position() == 0)
    }

    /// Those who pay, and how much, by participant.
    pub fn debtors(&self) -> impl Iterator<Item = (&WindowNet, u128)> {
        self.owing(i128::is_negative)
    }

    /// Those who receive, and how much, by participant.
    pub fn creditors(&self) -> impl Iterator<Item = (&WindowNet, u128)> {
        self.owing(i128::is_positive)
    }

    fn owing(&self, side: fn(i128) -> bool) -> impl Iterator<Item = (&WindowNet, u128)> {
        let nets = self.nets.iter().map(|net| (net, net.turnover.position()));
        nets.filter(move |(_, net)| side(*net))
            .map(|(of, net)| (of, net.unsigned_abs()))
    }
}

impl ModelRecord {
    /// How many windows are closed and not settled.
    #[must_use]
    pub const fn unsettled(&self) -> u64 {
        self.open
            .number
            .saturating_sub(1)
            .saturating_sub(self.settled)
    }

    /// Whether one more may wait for settlement.
    #[must_use]
    pub const fn may_close(&self) -> bool {
        self.unsettled() < WINDOWS_UNSETTLED_MAX
    }

    /// When its window closes by schedule, nanoseconds since 1970 UTC. One that cannot close yet does
    /// when a window before it has settled.
    #[must_use]
    pub fn closes_at(&self) -> Option<u64> {
        let every = self.terms.every_s?.saturating_mul(SECOND);
        let slot = self.open.since.checked_div(every)?;
        let open = self.closed.is_none() && self.may_close();
        open.then(|| slot.saturating_add(1).saturating_mul(every))
    }
}

impl Model {
    /// What it knows of a participant.
    #[must_use]
    pub fn member(&self, participant: u32) -> Option<&Member> {
        self.members.get(&participant)
    }

    /// Its participants, by number.
    pub fn members(&self) -> impl ExactSizeIterator<Item = (u32, &Member)> {
        self.members
            .iter()
            .map(|(number, member)| (*number, member))
    }

    /// A closed window; the oldest that have settled are forgotten.
    #[must_use]
    pub fn window(&self, number: u64) -> Option<&Arc<ClosedWindow>> {
        self.windows.get(&number)
    }

    /// Closed windows that are not forgotten, oldest first.
    pub fn windows(&self) -> impl DoubleEndedIterator<Item = &ClosedWindow> {
        self.windows.values().map(|window| &**window)
    }

    /// The window that settles next.
    #[must_use]
    pub fn front(&self) -> Option<&Arc<ClosedWindow>> {
        self.windows.get(&self.record.settled.saturating_add(1))
    }

    /// Whether nothing can come of it any more.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.record.closed.is_some() && self.record.unsettled() == 0
    }
}

impl Cycles {
    /// All models, by number.
    #[must_use]
    pub fn models(&self) -> &[Arc<Model>] {
        &self.models
    }

    /// Finds a model by name.
    #[must_use]
    pub fn model(&self, name: &ModelId) -> Option<&Model> {
        let mut models = self.models.iter();
        models
            .find(|model| model.record.name == *name)
            .map(|model| &**model)
    }

    /// Finds a model by number.
    #[must_use]
    pub fn numbered(&self, number: u32) -> Option<&Model> {
        let model = self.models.get(usize::try_from(number).ok()?)?;
        Some(model)
    }

    /// Carries out one effect; gives back the effect that undoes it.
    pub(in crate::ledger) fn put(&mut self, effect: CycleEffect) -> CycleEffect {
        match effect {
            CycleEffect::Model(number, record) => {
                CycleEffect::Model(number, self.put_record(number, record))
            }
            CycleEffect::Member(number, participant, member) => {
                let before = self.change(number, |model| match member {
                    Some(member) => model.members.insert(participant, member),
                    None => model.members.remove(&participant),
                });
                CycleEffect::Member(number, participant, before.flatten())
            }
            CycleEffect::Window(number, window, record) => {
                let before = self.change(number, |model| match record {
                    Some(record) => model.windows.insert(window, record),
                    None => model.windows.remove(&window),
                });
                CycleEffect::Window(number, window, before.flatten())
            }
        }
    }

    fn change<T>(&mut self, number: u32, change: impl FnOnce(&mut Model) -> T) -> Option<T> {
        let model = self.models.get_mut(usize::try_from(number).ok()?);
        debug_assert!(model.is_some(), "models are never removed");
        Some(change(Arc::make_mut(model?)))
    }

    fn put_record(
        &mut self,
        number: u32,
        record: Option<Box<ModelRecord>>,
    ) -> Option<Box<ModelRecord>> {
        let Some(record) = record else {
            let gone = self.models.pop()?;
            return Some(Box::new(gone.record.clone()));
        };
        let at = usize::try_from(number).ok()?;
        match self.models.get_mut(at) {
            Some(model) => {
                let model = Arc::make_mut(model);
                Some(Box::new(core::mem::replace(&mut model.record, *record)))
            }
            None => {
                debug_assert_eq!(at, self.models.len(), "numbers are dense");
                self.models.push(Arc::new(Model {
                    record: *record,
                    members: BTreeMap::new(),
                    windows: BTreeMap::new(),
                }));
                None
            }
        }
    }

    pub(in crate::ledger) fn write<E, F>(&self, out: &mut PartWriter<F>) -> Result<(), E>
    where
        F: FnMut(Vec<u8>, bool) -> Result<(), E>,
    {
        out.put(&self.models.len())?;
        for model in &self.models {
            out.put(&model.record)?;
            out.put_all(model.members())?;
            out.put(&model.windows.len())?;
            for window in model.windows() {
                out.put(window)?;
            }
        }
        Ok(())
    }

    pub(in crate::ledger) fn read<I: Iterator<Item = Vec<u8>>>(
        from: &mut PartReader<I>,
    ) -> Result<Self, SnapshotError> {
        let mut models = Vec::new();
        let count: usize = from.take()?;
        for _ in 0..count {
            let record = from.take()?;
            let members = from.take_list::<(u32, Member)>()?;
            let windows = from.take_list::<ClosedWindow>()?;
            let windows = windows.into_iter().map(|w| (w.number, Arc::new(w)));
            models.push(Arc::new(Model {
                record,
                members: members.into_iter().collect(),
                windows: windows.collect(),
            }));
        }
        Ok(Self { models })
    }
}
