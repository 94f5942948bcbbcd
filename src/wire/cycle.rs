//! Settlement models and their windows, as readers are shown them.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::ledger::{
    Address, AssetId, Book, ClosedWindow, CountUnsettled, DayEvent, InstructionId, Member, Model,
    ModelId, Moment, ParticipantId, Time, Turnover, print_minor,
};

/// All settlement models that the reader may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CyclesPage {
    /// The models, in the order in which they were opened.
    pub items: Vec<ModelView>,
}

/// A settlement model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelView {
    /// Its name.
    pub model: ModelId,
    /// Id of the instruction that opened it; the nets of its windows have it.
    pub id: InstructionId,
    /// Asset id.
    pub asset: AssetId,
    /// Whether it takes payments.
    pub open: bool,
    /// Seconds between closes by schedule.
    pub close_every_s: Option<u64>,
    /// The event of the business day with which its windows close too, and at the end of the date.
    pub close_with_day: Option<DayEvent>,
    /// When its window closes next, by schedule.
    pub closes_at: Option<Time>,
    /// Seconds that a closed window may wait for funds.
    pub funding_s: u64,
    /// What unsettled credits count for in a position.
    pub count_unsettled_credits: CountUnsettled,
    /// The account from which windows are funded that were not in time.
    pub pool: Option<Address>,
    /// Its participants that the reader may see.
    pub members: Vec<MemberView>,
    /// Its windows, newest first, without what each participant sent and received.
    pub windows: Vec<WindowView>,
    /// Log index up to which this is true.
    pub at_index: u64,
}

/// A participant of a model, with all that is not settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberView {
    /// Its id.
    pub participant: ParticipantId,
    /// The account that its nets are settled on.
    pub account: Address,
    /// How far below zero its position may go.
    pub net_debit_cap: String,
    /// What it sent.
    pub sent: String,
    /// What it received.
    pub received: String,
    /// What it received less what it sent.
    pub position: String,
    /// What may still be sent; negative if the cap was lowered below present use.
    pub room: String,
    /// What was drawn for it from the pool and is owed still.
    pub owed: String,
}

/// How far a window has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowState {
    /// It takes payments.
    Open,
    /// It is closed, and waits for funds or for the window before it.
    Pending,
    /// The same, and the time for funding is over.
    Defaulted,
    /// Its nets have settled.
    Settled,
}

/// A window of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowView {
    /// Name of the model.
    pub model: ModelId,
    /// Number of the window in its model.
    pub window: u64,
    /// How far it has come.
    pub state: WindowState,
    /// Index of the first entry in it.
    pub from_index: u64,
    /// Index of the last entry in it, which closed it.
    pub to_index: Option<u64>,
    /// Time of that entry.
    pub closed_at: Option<Time>,
    /// Index of the entry that settled it.
    pub settled_index: Option<u64>,
    /// Time of that entry.
    pub settled_at: Option<Time>,
    /// Index of the entry that said who had not funded it in time.
    pub defaulted_index: Option<u64>,
    /// What those sent and received that the reader may see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nets: Option<Vec<NetView>>,
    /// Log index up to which this is true.
    pub at_index: u64,
}

/// One participant's part in a window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetView {
    /// Its id.
    pub participant: ParticipantId,
    /// The account that its net is settled on.
    pub account: Address,
    /// Payments that it sent.
    pub payments: u64,
    /// What it sent.
    pub sent: String,
    /// What it received.
    pub received: String,
    /// What it received less what it sent: what it is paid, or pays if it is negative.
    pub net: String,
    /// What of that was drawn from the pool.
    pub drawn: String,
}

/// Amounts of one model.
struct Scale(u8);

impl Scale {
    fn of(book: &Book, model: &Model) -> Self {
        let asset = book.asset_numbered(model.record.asset);
        Self(asset.map_or(0, |asset| asset.scale))
    }

    fn unsigned(&self, minor: u128) -> String {
        self.signed(i128::try_from(minor).unwrap_or(i128::MAX))
    }

    fn signed(&self, minor: i128) -> String {
        print_minor(minor, self.0)
    }
}

impl ModelView {
    /// Shows a model as it stands in `book` after entry `at_index`, with the participants that `sees`
    /// says; `None` if the book does not know what it names.
    #[must_use]
    pub fn of(
        book: &Book,
        model: &Model,
        at_index: u64,
        sees: impl Fn(u32) -> bool,
    ) -> Option<Self> {
        let (record, scale) = (&model.record, Scale::of(book, model));
        let members = model.members().filter(|(number, _)| sees(*number));
        let members = members
            .map(|(number, member)| MemberView::of(book, model, (number, member), &scale))
            .collect::<Option<Vec<_>>>()?;
        let pool = record.terms.pool;
        let pool = pool.and_then(|number| book.account_numbered(number));
        let pool = pool.map(|account| account.address.clone());
        let open = WindowView::open(model, at_index);
        let closed = model.windows().rev();
        let closed = closed.map(|window| WindowView::closed(model, window, at_index));
        Some(Self {
            model: record.name.clone(),
            id: record.id,
            asset: book.asset_numbered(record.asset)?.id.clone(),
            open: record.closed.is_none(),
            close_every_s: record.terms.every_s,
            close_with_day: record.terms.close_with_day,
            closes_at: record.closes_at().map(Time::from_nanos),
            funding_s: record.terms.funding_s,
            count_unsettled_credits: record.terms.count,
            pool,
            members,
            windows: open.into_iter().chain(closed).collect(),
            at_index,
        })
    }
}

impl MemberView {
    fn of(
        book: &Book,
        model: &Model,
        (number, member): (u32, &Member),
        scale: &Scale,
    ) -> Option<Self> {
        let whole = member.whole();
        let cap = i128::try_from(member.cap).unwrap_or(i128::MAX);
        let room = cap.saturating_sub(member.counted(model.record.terms.count));
        Some(Self {
            participant: book.participant_numbered(number)?.id.clone(),
            account: book.account_numbered(member.account)?.address.clone(),
            net_debit_cap: scale.unsigned(member.cap),
            sent: scale.unsigned(whole.sent),
            received: scale.unsigned(whole.received),
            position: scale.signed(whole.position()),
            room: scale.signed(room),
            owed: scale.unsigned(member.owed),
        })
    }
}

impl WindowView {
    /// Shows a window with the participants that `sees` says; `None` if it is not known any more, or
    /// not yet.
    #[must_use]
    pub fn of(
        book: &Book,
        model: &Model,
        number: u64,
        at_index: u64,
        sees: impl Fn(u32) -> bool,
    ) -> Option<Self> {
        let scale = Scale::of(book, model);
        let net = |(number, account, turnover, drawn): (u32, u64, Turnover, u128)| {
            Some(NetView {
                participant: book.participant_numbered(number)?.id.clone(),
                account: book.account_numbered(account)?.address.clone(),
                payments: turnover.payments,
                sent: scale.unsigned(turnover.sent),
                received: scale.unsigned(turnover.received),
                net: scale.signed(turnover.position()),
                drawn: scale.unsigned(drawn),
            })
        };
        let (mut view, nets): (Self, Vec<_>) = match model.window(number) {
            Some(window) => {
                let nets = window.nets.iter();
                let nets = nets.map(|net| (net.participant, net.account, net.turnover, net.drawn));
                (Self::closed(model, window, at_index), nets.collect())
            }
            None => {
                let open = Self::open(model, at_index).filter(|open| open.window == number)?;
                let active = model
                    .members()
                    .filter(|(_, m)| m.now != Turnover::default());
                let nets = active.map(|(number, member)| (number, member.account, member.now, 0));
                (open, nets.collect())
            }
        };
        let seen = nets.into_iter().filter(|(number, ..)| sees(*number));
        view.nets = Some(seen.map(net).collect::<Option<_>>()?);
        Some(view)
    }

    fn open(model: &Model, at_index: u64) -> Option<Self> {
        let record = &model.record;
        record.closed.is_none().then(|| Self {
            model: record.name.clone(),
            window: record.open.number,
            state: WindowState::Open,
            from_index: record.open.from,
            to_index: None,
            closed_at: None,
            settled_index: None,
            settled_at: None,
            defaulted_index: None,
            nets: None,
            at_index,
        })
    }

    fn closed(model: &Model, window: &ClosedWindow, at_index: u64) -> Self {
        let time = |at: Moment| Time::from_nanos(at.time);
        Self {
            model: model.record.name.clone(),
            window: window.number,
            state: match (window.settled, window.defaulted) {
                (Some(_), _) => WindowState::Settled,
                (None, Some(_)) => WindowState::Defaulted,
                (None, None) => WindowState::Pending,
            },
            from_index: window.from,
            to_index: Some(window.closed.index),
            closed_at: Some(time(window.closed)),
            settled_index: window.settled.map(|at| at.index),
            settled_at: window.settled.map(time),
            defaulted_index: window.defaulted.map(|at| at.index),
            nets: None,
            at_index,
        }
    }
}
