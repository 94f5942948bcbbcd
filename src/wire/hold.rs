//! Holds, as readers are shown them.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::ledger::{
    Address, AssetId, Book, Hold, HoldEnd, HoldLeg, InstructionId, ParticipantId, Time, print_minor,
};

/// A hold, with the legs that concern the reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldView {
    /// Id of the instruction that made it.
    pub id: InstructionId,
    /// Who submitted that.
    pub submitter: ParticipantId,
    /// Log index of its entry.
    pub index: u64,
    /// Whether it is open, or how it ended.
    pub state: HoldState,
    /// When it expires, unless it ends before.
    pub expires_at: Option<Time>,
    /// Whether a capture may leave something reserved for the next one.
    pub multi: bool,
    /// How far captures together may go above what was reserved, in basis points of it.
    pub over_capture_bp: u16,
    /// Whether the payer cannot void it.
    pub guaranteed: bool,
    /// Whether it is a firm quote, which a conversion uses and nobody captures.
    pub quote: bool,
    /// How many legs it has; the reader may see fewer.
    pub legs_total: usize,
    /// The legs that the reader may see.
    pub legs: Vec<HoldLegView>,
    /// Log index of the entry that ended it.
    pub ended_index: Option<u64>,
    /// Time of that entry.
    pub ended_at: Option<Time>,
    /// Log index up to which this is true.
    pub at_index: u64,
}

/// Whether a hold is open, or how it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldState {
    /// It can be captured or voided.
    Open,
    /// By its last capture.
    Captured,
    /// By a void.
    Voided,
    /// By its time.
    Expired,
}

/// One leg of a hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldLegView {
    /// Its ordinal.
    pub leg: u16,
    /// Address of the account that pays.
    pub debit: Address,
    /// Address of the account that receives.
    pub credit: Address,
    /// Asset id.
    pub asset: AssetId,
    /// What was reserved.
    pub reserved: String,
    /// What was posted so far.
    pub captured: String,
    /// What is still reserved.
    pub remaining: String,
}

/// A page of holds, in the order of their ids, which is that of their times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldsPage {
    /// The holds.
    pub items: Vec<HoldView>,
    /// The `cursor` of the next page; a page may have no lines before the last.
    pub next: Option<InstructionId>,
}

impl HoldView {
    /// Shows a hold as it stands in `book` after entry `at_index`, with the legs that `sees` says;
    /// `None` if there are none, or the book does not know what it names.
    #[must_use]
    pub fn of(
        book: &Book,
        hold: &Hold,
        at_index: u64,
        sees: impl Fn(&HoldLeg) -> bool,
    ) -> Option<Self> {
        let mut legs = Vec::new();
        for (n, leg) in (0u16..).zip(&hold.legs).filter(|(_, leg)| sees(leg)) {
            legs.push(HoldLegView::of(book, n, leg)?);
        }
        if legs.is_empty() {
            return None;
        }
        Some(Self {
            id: hold.id,
            submitter: book.participant_numbered(hold.submitter)?.id.clone(),
            index: hold.index,
            state: HoldState::of(hold),
            expires_at: hold.terms.expires.map(Time::from_nanos),
            multi: hold.terms.multi,
            over_capture_bp: hold.terms.over_capture_bp,
            guaranteed: hold.terms.guaranteed,
            quote: hold.terms.quote.is_some(),
            legs_total: hold.legs.len(),
            legs,
            ended_index: hold.ended.map(|ended| ended.index),
            ended_at: hold.ended.map(|ended| Time::from_nanos(ended.time)),
            at_index,
        })
    }
}

impl HoldState {
    /// That of a hold.
    #[must_use]
    pub fn of(hold: &Hold) -> Self {
        match hold.ended.map(|ended| ended.how) {
            None => Self::Open,
            Some(HoldEnd::Captured) => Self::Captured,
            Some(HoldEnd::Voided) => Self::Voided,
            Some(HoldEnd::Expired) => Self::Expired,
        }
    }
}

impl HoldLegView {
    fn of(book: &Book, n: u16, leg: &HoldLeg) -> Option<Self> {
        let debit = book.account_numbered(leg.debit)?;
        let credit = book.account_numbered(leg.credit)?;
        let asset = book.asset_numbered(debit.asset)?;
        // What a hold counts is below twice 2^96.
        let print =
            |minor: u128| print_minor(i128::try_from(minor).unwrap_or(i128::MAX), asset.scale);
        Some(Self {
            leg: n,
            debit: debit.address.clone(),
            credit: credit.address.clone(),
            asset: asset.id.clone(),
            reserved: print(leg.reserved),
            captured: print(leg.captured),
            remaining: print(leg.remaining),
        })
    }
}
