//! Payments that wait, as readers are shown them.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ledger::{
    Address, AssetId, Book, Date, InstructionId, ParticipantId, Payment, Priority, QueuedLeg, Time,
    print_minor,
};

/// A payment that waits. What its sender decides about it is for the sender, who answers for it, operators
/// and auditors; whoever it would pay is shown that it comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentView {
    /// Id of its instruction.
    pub id: InstructionId,
    /// Who submitted it.
    pub submitter: ParticipantId,
    /// Who may take it back or move it, if that is another than its submitter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<ParticipantId>,
    /// Log index of its entry.
    pub index: u64,
    /// What it waits for.
    pub state: PaymentState,
    /// How urgent it is.
    pub priority: Option<Priority>,
    /// Its place among all payments of the first account that it debits, from 1.
    pub place: Option<u64>,
    /// When it may settle at the earliest, while it is warehoused.
    pub settle_from: Option<Time>,
    /// The business date with which it begins to wait for funds, while it is warehoused.
    pub settlement_date: Option<Date>,
    /// By when it should have settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub till: Option<Time>,
    /// Whether it had not by then, and its parties were told.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub overdue: bool,
    /// When it is revoked, unless it settles before.
    pub reject_at: Option<Time>,
    /// Whether it is revoked when the business day on which it waits is cut off.
    pub until_cutoff: Option<bool>,
    /// How many legs it has; the reader may see fewer.
    pub legs_total: usize,
    /// The legs that the reader may see.
    pub legs: Vec<PaymentLegView>,
    /// Log index up to which this is true.
    pub at_index: u64,
}

/// What a payment waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// Its time.
    Warehoused,
    /// Funds.
    Waiting,
}

/// One leg of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentLegView {
    /// Its ordinal.
    pub leg: u16,
    /// Address of the account that pays.
    pub debit: Address,
    /// Address of the account that receives.
    pub credit: Address,
    /// Asset id.
    pub asset: AssetId,
    /// How much.
    pub amount: String,
}

/// A page of payments, by submitter and id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentsPage {
    /// The payments.
    pub items: Vec<PaymentView>,
    /// The `cursor` of the next page; a page may have no lines before the last.
    pub next: Option<PaymentCursor>,
}

/// Where a page goes on: a payment, as `submitter.id`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PaymentCursor {
    /// Who submitted it.
    pub submitter: ParticipantId,
    /// Id of its instruction.
    pub id: InstructionId,
}

/// A text that names no payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a cursor is `submitter.id`")]
pub struct PaymentCursorError;

impl PaymentView {
    /// Shows a payment as it stands in `book` after entry `at_index`: all of it if it is the reader's
    /// `own`, else the legs that `sees` says. `None` if there are none, or the book does not know what
    /// it names.
    #[must_use]
    pub fn of(
        book: &Book,
        payment: &Payment,
        at_index: u64,
        own: bool,
        sees: impl Fn(&QueuedLeg) -> bool,
    ) -> Option<Self> {
        let mut legs = Vec::new();
        for (n, leg) in (0u16..).zip(&payment.legs) {
            if own || sees(leg) {
                legs.push(PaymentLegView::of(book, n, leg)?);
            }
        }
        if legs.is_empty() {
            return None;
        }
        let first = payment.legs.first()?.debit;
        let place = || {
            let mut line = book.queue().line(first);
            let ahead = line.position(|other| other.rank == payment.rank)?;
            u64::try_from(ahead.saturating_add(1)).ok()
        };
        Some(Self {
            id: payment.id(),
            submitter: book.participant_numbered(payment.submitter())?.id.clone(),
            answers: answers(book, payment)?,
            index: payment.index,
            state: match payment.is_waiting() {
                false => PaymentState::Warehoused,
                true => PaymentState::Waiting,
            },
            priority: own.then_some(payment.rank.priority),
            place: own.then(place).flatten(),
            settle_from: payment.settle_from.filter(|_| own).map(Time::from_nanos),
            settlement_date: payment.day.filter(|_| own),
            till: payment.till.filter(|_| own).map(Time::from_nanos),
            overdue: payment.overdue,
            reject_at: payment.reject_at.filter(|_| own).map(Time::from_nanos),
            until_cutoff: own.then_some(payment.until_cutoff),
            legs_total: payment.legs.len(),
            legs,
            at_index,
        })
    }
}

/// Who answers for a payment, if it is another than who sent it.
fn answers(book: &Book, payment: &Payment) -> Option<Option<ParticipantId>> {
    if payment.answers == payment.submitter() {
        return Some(None);
    }
    let participant = book.participant_numbered(payment.answers)?;
    Some(Some(participant.id.clone()))
}

impl PaymentLegView {
    fn of(book: &Book, n: u16, leg: &QueuedLeg) -> Option<Self> {
        let debit = book.account_numbered(leg.debit)?;
        let credit = book.account_numbered(leg.credit)?;
        let asset = book.asset_numbered(debit.asset)?;
        Some(Self {
            leg: n,
            debit: debit.address.clone(),
            credit: credit.address.clone(),
            asset: asset.id.clone(),
            // Amounts are below 2^96.
            amount: print_minor(i128::try_from(leg.amount).unwrap_or(i128::MAX), asset.scale),
        })
    }
}

impl fmt::Display for PaymentCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.submitter, self.id)
    }
}

impl FromStr for PaymentCursor {
    type Err = PaymentCursorError;

    fn from_str(text: &str) -> Result<Self, PaymentCursorError> {
        let (submitter, id) = text.rsplit_once('.').ok_or(PaymentCursorError)?;
        Ok(Self {
            submitter: submitter.parse().map_err(|_| PaymentCursorError)?,
            id: id.parse().map_err(|_| PaymentCursorError)?,
        })
    }
}

impl TryFrom<String> for PaymentCursor {
    type Error = PaymentCursorError;
    fn try_from(text: String) -> Result<Self, PaymentCursorError> {
        text.parse()
    }
}

impl From<PaymentCursor> for String {
    fn from(cursor: PaymentCursor) -> Self {
        alloc::format!("{cursor}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn a_cursor_has_one_spelling() {
        let text = "bank-a.019a9c5e-7d40-7abc-8123-0123456789ab";
        let cursor: PaymentCursor = text.parse().unwrap();
        assert_eq!(cursor.to_string(), text);
        for bad in [
            "",
            ".",
            "bank-a",
            "bank-a.",
            "bank-a.1",
            "Bank.019a9c5e-7d40-7abc-8123-0123456789ab",
        ] {
            assert_eq!(
                bad.parse::<PaymentCursor>(),
                Err(PaymentCursorError),
                "{bad}"
            );
        }
    }
}
