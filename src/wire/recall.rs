//! Open recalls, as readers are shown them.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::view::OriginalView;
use crate::ledger::{
    Account, AssetId, Book, InstructionId, OfOriginal, ParticipantId, RecallCase, Time, print_minor,
};

/// A recall that waits for its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecallView {
    /// Id of the instruction that asked.
    pub id: InstructionId,
    /// The participant that asks for its money.
    pub sender: ParticipantId,
    /// The payment that is asked back, and why.
    pub original: OriginalView,
    /// The account that paid: its address, or `#` and its number if the payment named it so and the
    /// reader may not read it otherwise.
    pub debit: String,
    /// The account that received, in the same way.
    pub credit: String,
    /// Asset id.
    pub asset: AssetId,
    /// What had not been returned when it was asked.
    pub amount: String,
    /// Log index of the entry that asked.
    pub index: u64,
    /// When it ends unanswered.
    pub ends_at: Time,
    /// Log index up to which this is true.
    pub at_index: u64,
}

/// A page of open recalls, by id, which is by time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecallsPage {
    /// The recalls.
    pub items: Vec<RecallView>,
    /// The `cursor` of the next page; a page may have no lines before the last.
    pub next: Option<InstructionId>,
}

impl RecallView {
    /// Shows a recall as it stands in `book` after entry `at_index`; `name` says what the reader may
    /// call an account. `None` if the book does not know what it names.
    #[must_use]
    pub fn of(
        book: &Book,
        case: &RecallCase,
        at_index: u64,
        name: impl Fn(&Account) -> String,
    ) -> Option<Self> {
        let debit = book.account_numbered(case.debit)?;
        let credit = book.account_numbered(case.credit)?;
        let asset = book.asset_numbered(debit.asset)?;
        let of = OfOriginal {
            original: case.original,
            id: case.of,
            reason: case.reason,
            numbered: case.numbered,
        };
        Some(Self {
            id: case.id,
            sender: book.participant_numbered(case.sender)?.id.clone(),
            original: OriginalView::of(&of),
            debit: name(debit),
            credit: name(credit),
            asset: asset.id.clone(),
            amount: print_minor(
                i128::try_from(case.amount).unwrap_or(i128::MAX),
                asset.scale,
            ),
            index: case.index,
            ends_at: Time::from_nanos(case.ends),
            at_index,
        })
    }
}
