//! Accounts, as readers are shown them. Amounts are strings with exactly the asset's decimal places.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::ledger::{
    Account, AccountKind, AccountStatus, Address, AssetId, Book, Bounds, CaseId, Date, FreezeLevel,
    ParticipantId, Period, Reserved, Time, VelocityDirection, print_minor,
};

/// One account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountView {
    /// Address.
    pub address: Address,
    /// Number.
    pub number: u64,
    /// Id of the owner.
    pub owner: ParticipantId,
    /// What it is for.
    pub kind: AccountKind,
    /// Asset id.
    pub asset: AssetId,
    /// Whether it takes postings.
    pub status: AccountStatus,
    /// Posted credits less posted debits.
    pub posted: String,
    /// Reserved for debits.
    pub pending_debits: String,
    /// Reserved for credits.
    pub pending_credits: String,
    /// What may still be debited, with what is reserved for urgent and high payments; negative when
    /// limits were lowered below present use.
    pub available: String,
    /// How far below zero it may go.
    pub credit_line: String,
    /// What must stay on it.
    pub min_balance: String,
    /// The largest single debit, if there is a limit.
    pub per_transfer_max: Option<String>,
    /// The most that may be on it with what is reserved for it, if there is a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_balance: Option<String>,
    /// How much and how often within a time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub velocity: Vec<VelocityView>,
    /// How much net to one participant in a day of UTC.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bilateral: Vec<BilateralView>,
    /// How much net to all other participants in a day of UTC, if there is a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multilateral: Option<String>,
    /// Freezes of the account and of its owner that are in force.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub freezes: Vec<FreezeView>,
    /// What is reserved on it for urgent and high payments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved: Option<ReservedView>,
    /// The value-dated balance that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_dated: Option<ValueDatedView>,
    /// Log index up to which this is true.
    pub at_index: u64,
}

/// What is reserved on an account for urgent and high payments, and what others may debit. All are null
/// for a moment before the changes that are remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReservedView {
    /// For payments that are urgent.
    pub urgent: Option<String>,
    /// For payments that are high; urgent ones may use it last.
    pub high: Option<String>,
    /// What is available beside that: to normal payments, and to all that does not wait.
    pub unreserved: Option<String>,
}

impl ReservedView {
    /// Of an account with so much available, minor units.
    fn of(
        book: &Book,
        account: &Account,
        (index, available): (u64, i128),
        scale: u8,
    ) -> Option<Self> {
        let then = book.reservation(account.number)?.at(index);
        let signed = |minor: u128| i128::try_from(minor).unwrap_or(i128::MAX);
        let print = |minor: i128| print_minor(minor, scale);
        let free = |held: Reserved| match available {
            ..0 => available,
            _ => available.saturating_sub(signed(held.sum())).max(0),
        };
        then.is_none_or(|held| !held.is_none()).then(|| Self {
            urgent: then.map(|held| print(signed(held.urgent))),
            high: then.map(|held| print(signed(held.high))),
            unreserved: then.map(|held| print(free(held))),
        })
    }
}

/// A value-dated balance: what is booked, with each payment counted from its value date on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueDatedView {
    /// The date that was asked for.
    pub date: Date,
    /// The business date whose close it is: that date, or the last one before it.
    pub business_date: Date,
    /// The value-dated balance, as payments up to `at_index` of the account have it.
    pub balance: String,
    /// The posted balance at the close of the business date; of the present one, up to now.
    pub booked: String,
    /// The log index at which that is exact.
    pub booked_at_index: u64,
    /// Whether no payment to come can change the value-dated balance any more.
    pub r#final: bool,
}

/// A velocity rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VelocityView {
    /// How long the window is, if it is one of seconds.
    pub seconds: Option<u32>,
    /// The period that is counted, if it is one.
    pub period: Option<Period>,
    /// What is counted.
    pub direction: VelocityDirection,
    /// The most that may move.
    pub amount: Option<String>,
    /// How many legs may move it.
    pub count: Option<u32>,
}

/// A limit towards one participant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BilateralView {
    /// The participant.
    pub counterparty: ParticipantId,
    /// The most that may go to it net.
    pub amount: String,
}

/// A freeze.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FreezeView {
    /// Whether it is the account's own, or one of all accounts of its owner.
    pub of: FreezeOf,
    /// What it stops.
    pub level: FreezeLevel,
    /// What stays on the account, at the level `amount`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// From when on it is no longer in force; until it is lifted, if there is none.
    pub expires_at: Option<Time>,
    /// The operators' file on it, for operators and auditors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseId>,
}

/// What a freeze was imposed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FreezeOf {
    /// The account.
    Account,
    /// Its owner.
    Participant,
}

/// The moment of a view, and what its reader may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The entry after which the view is true.
    pub at_index: u64,
    /// Its time, nanoseconds since 1970 UTC; it matters for accounts that
    /// [`AccountView::needs_time`] names.
    pub time: u64,
    /// Whether the reader may know the cases of freezes: operators and auditors may.
    pub cases: bool,
}

impl AccountView {
    /// Whether the time of a view matters: freezes end by time alone.
    #[must_use]
    pub fn needs_time(book: &Book, account: &Account) -> bool {
        let owner = book.participant_numbered(account.owner);
        book.guard(account.number).is_some() || owner.is_some_and(|o| !o.freezes.is_empty())
    }

    /// Shows an account as it stands in `book` at a moment; `None` if the account is not one of the
    /// book's.
    #[must_use]
    pub fn of(book: &Book, account: &Account, seen: Seen) -> Option<Self> {
        let asset = book.asset_numbered(account.asset)?;
        let owner = book.participant_numbered(account.owner)?;
        let scale = asset.scale;
        // Counters and limits are below 2^96.
        let unsigned = |minor: u128| print_minor(i128::try_from(minor).unwrap_or(i128::MAX), scale);
        let (counters, limits) = (&account.counters, &account.limits);
        let none = Bounds::default();
        let guard = book.guard(account.number);
        let bounds = guard.map_or(&none, |guard| guard.bounds_at(seen.at_index));
        let (mut freezes, mut blocked) = (Vec::new(), 0i128);
        for (freeze, of_owner) in book.freezes_at(account, seen.at_index, seen.time) {
            let amount = i128::try_from(freeze.amount).unwrap_or(i128::MAX);
            blocked = blocked.saturating_add(amount);
            freezes.push(FreezeView {
                of: match of_owner {
                    false => FreezeOf::Account,
                    true => FreezeOf::Participant,
                },
                level: freeze.level,
                amount: (freeze.level == FreezeLevel::Amount).then(|| unsigned(freeze.amount)),
                expires_at: freeze.expires.map(Time::from_nanos),
                case: seen.cases.then(|| freeze.case.clone()),
            });
        }
        let available = account.available().saturating_sub(blocked);
        let reserved = ReservedView::of(book, account, (seen.at_index, available), scale);
        Some(Self {
            address: account.address.clone(),
            number: account.number,
            owner: owner.id.clone(),
            kind: account.kind,
            asset: asset.id.clone(),
            status: account.status,
            posted: print_minor(counters.posted(), scale),
            pending_debits: unsigned(counters.debits_pending),
            pending_credits: unsigned(counters.credits_pending),
            available: print_minor(available, scale),
            credit_line: unsigned(limits.credit_line),
            min_balance: unsigned(limits.min_balance),
            per_transfer_max: limits.per_transfer_max.map(unsigned),
            max_balance: bounds.max_balance.map(unsigned),
            velocity: velocity(bounds, unsigned),
            bilateral: bilateral(book, bounds, unsigned),
            multilateral: bounds.multilateral.map(unsigned),
            freezes,
            reserved,
            value_dated: None,
            at_index: seen.at_index,
        })
    }
}

fn velocity(bounds: &Bounds, print: impl Fn(u128) -> String) -> Vec<VelocityView> {
    let rules = bounds.velocity.iter();
    let view = rules.map(|rule| VelocityView {
        seconds: rule.window.seconds(),
        period: rule.window.period(),
        direction: rule.direction,
        amount: rule.amount.map(&print),
        count: rule.count,
    });
    view.collect()
}

fn bilateral(book: &Book, bounds: &Bounds, print: impl Fn(u128) -> String) -> Vec<BilateralView> {
    let limits = bounds.bilateral.iter();
    let view = limits.filter_map(|limit| {
        let counterparty = book.participant_numbered(limit.counterparty)?;
        Some(BilateralView {
            counterparty: counterparty.id.clone(),
            amount: print(limit.amount),
        })
    });
    view.collect()
}
