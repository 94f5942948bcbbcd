//! Statements, and what became of one instruction.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use super::answer::OutcomeView;
use super::view::{Cursor, CursorError, HistoryRow};
use crate::ledger::{Address, AssetId, ItemRef, Outcome, ParticipantId, Reference, Time};

/// A page of an account's statement, oldest first. Opening balance, plus credits, less debits, is
/// the closing balance; every page of a statement says the same of the whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatementPage {
    /// Address of the account.
    pub account: Address,
    /// Id of its owner.
    pub owner: ParticipantId,
    /// Asset id.
    pub asset: AssetId,
    /// First log index of the range.
    pub from_index: u64,
    /// Log index behind the range.
    pub to_index: u64,
    /// Whether entries may still come that belong to the range as it was asked for.
    pub interim: bool,
    /// Posted balance before entry `from_index`.
    pub opening_balance: String,
    /// Sum of what was received.
    pub total_credits: String,
    /// Sum of what was paid.
    pub total_debits: String,
    /// Posted balance before entry `to_index`.
    pub closing_balance: String,
    /// The lines of this page.
    pub items: Vec<HistoryRow>,
    /// Where to go on, if there are more.
    pub next: Option<StatementCursor>,
}

/// One end of a range: a log index, or an RFC 3339 time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Bound {
    /// A log index.
    Index(u64),
    /// A time.
    Time(Time),
}

/// A text that is neither an index nor a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("give a log index, or an RFC 3339 time with `+` sent as `%2B`")]
pub struct BoundError;

/// Where a statement goes on: its range, and the last item given, as `from-to.index.item`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StatementCursor {
    /// First log index of the range.
    pub from: u64,
    /// Log index behind it.
    pub to: u64,
    /// The last item of the page before.
    pub after: ItemRef,
}

/// What became of an instruction, as far as the reader may know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstructionView {
    /// Log index of its entry.
    pub index: u64,
    /// Time of the entry.
    pub time: Time,
    /// Its outcome.
    pub outcome: OutcomeView,
    /// Numbers of its items that the reader may see: `GET /v1/receipts/{index}?item=n`.
    pub items: Vec<u32>,
    /// Its settled legs that the reader may see.
    pub legs: Vec<InstructionLeg>,
    /// Of a payment that waited: how it stands now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub present: Option<PresentView>,
}

/// How a payment stands that waited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PresentView {
    /// Whether it waits, has settled, or is gone.
    pub state: PresentState,
    /// What became of it, once it waits no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Outcome>,
    /// Log index of the entry that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
    /// Time of that entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Time>,
    /// Numbers of its items in that entry that the reader may see.
    pub items: Vec<u32>,
    /// Its settled legs that the reader may see.
    pub legs: Vec<InstructionLeg>,
    /// Log index up to which this is true.
    pub at_index: u64,
}

/// How far a payment has come that waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PresentState {
    /// It waits for its time.
    Warehoused,
    /// It waits for funds.
    Waiting,
    /// It has settled.
    Settled,
    /// It left the queue, and moved nothing.
    Ended,
}

impl PresentView {
    /// A payment that waits still.
    #[must_use]
    pub const fn waits(state: PresentState, at_index: u64) -> Self {
        Self {
            state,
            code: None,
            index: None,
            time: None,
            items: Vec::new(),
            legs: Vec::new(),
            at_index,
        }
    }
}

/// A settled leg.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstructionLeg {
    /// Number of the item in the entry.
    pub item: u32,
    /// Ordinal of the leg in its instruction.
    pub leg: u16,
    /// The account that paid: its address, or `#` and its number if a binary batch named it so
    /// and the reader may not read it otherwise.
    pub debit: String,
    /// The account that received.
    pub credit: String,
    /// Asset id.
    pub asset: AssetId,
    /// Amount.
    pub amount: String,
    /// The end-to-end reference of a record of a binary batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Reference>,
}

/// Reads digits in their one spelling.
fn plain(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let plain = digits && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok()).flatten()
}

impl FromStr for Bound {
    type Err = BoundError;

    fn from_str(text: &str) -> Result<Self, BoundError> {
        match plain(text) {
            Some(index) => Ok(Self::Index(index)),
            None => text.parse().map(Self::Time).map_err(|_| BoundError),
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(index) => index.fmt(f),
            Self::Time(time) => time.fmt(f),
        }
    }
}

impl FromStr for StatementCursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let (range, after) = text.split_once('.').ok_or(CursorError)?;
        let (from, to) = range.split_once('-').ok_or(CursorError)?;
        let Cursor(after) = after.parse()?;
        Ok(Self {
            from: plain(from).ok_or(CursorError)?,
            to: plain(to).ok_or(CursorError)?,
            after,
        })
    }
}

impl fmt::Display for StatementCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}.{}", self.from, self.to, Cursor(self.after))
    }
}

macro_rules! as_text {
    ($($name:ident $error:ident),*) => {$(
        impl TryFrom<String> for $name {
            type Error = $error;
            fn try_from(text: String) -> Result<Self, $error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }
    )*};
}

as_text!(Bound BoundError, StatementCursor CursorError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_and_cursors_have_one_spelling() {
        assert_eq!("4711".parse(), Ok(Bound::Index(4711)));
        let time = "2026-11-23T09:30:00Z";
        assert_eq!(time.parse::<Bound>().unwrap().to_string(), time);
        for bad in ["", "-1", "01", "2026-11-23", "2026-11-23T09:30:00 01:00"] {
            assert_eq!(bad.parse::<Bound>(), Err(BoundError), "{bad}");
        }
        let cursor: StatementCursor = "1-200.150.2".parse().unwrap();
        assert_eq!((cursor.from, cursor.to), (1, 200));
        assert_eq!(cursor.to_string(), "1-200.150.2");
        for bad in ["", "1-2", "1.2.3", "1-2.3", "01-2.3.4", "1-2.3.4.5", "-.."] {
            assert_eq!(bad.parse::<StatementCursor>(), Err(CursorError), "{bad}");
        }
    }
}
