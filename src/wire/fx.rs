//! Rates and quotes, as readers are shown them.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::hold::HoldState;
use crate::ledger::{
    Address, AssetId, Book, Hold, InstructionId, ParticipantId, Rate, RateKey, Ratio, SourceId,
    Time, print_minor,
};

/// A rate that is in force, to come, or over and not yet followed by another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateView {
    /// Id of the instruction that stated it.
    pub id: InstructionId,
    /// Log index of its entry.
    pub index: u64,
    /// Who states it.
    pub provider: ParticipantId,
    /// Where it comes from.
    pub source: SourceId,
    /// The asset that is priced.
    pub base: AssetId,
    /// The asset that it is priced in.
    pub quote: AssetId,
    /// Units of the quote asset that are paid for one of the base asset.
    pub bid: Ratio,
    /// Units of the quote asset that one of the base asset costs.
    pub ask: Ratio,
    /// In force from this time on.
    pub valid_from: Time,
    /// And up to this time, which is not part of it; a later rate of its line may have made it earlier.
    pub valid_to: Time,
    /// The most that one conversion may be, in the base asset; none if the rate is indicative.
    pub max: Option<String>,
}

/// Rates, by provider, pair, source and time; those of one provider stand on one page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatesPage {
    /// The rates.
    pub items: Vec<RateView>,
    /// The `cursor` of the next page: the provider that it begins with.
    pub next: Option<ParticipantId>,
    /// Log index up to which this is true.
    pub at_index: u64,
}

/// A firm quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuoteView {
    /// Id of the instruction that made it: a conversion names it, and so does a `void`.
    pub id: InstructionId,
    /// Log index of its entry.
    pub index: u64,
    /// Who quotes: the owner of the account that pays the target amount.
    pub provider: ParticipantId,
    /// Who may use it.
    #[serde(rename = "for")]
    pub taker: ParticipantId,
    /// Whether it is open, or how it ended: `captured` is used, `voided` withdrawn.
    pub state: HoldState,
    /// The provider's account that the source amount is paid to.
    pub receive: Address,
    /// Asset of the source amount.
    pub source_asset: AssetId,
    /// What has to be paid.
    pub source_amount: String,
    /// The account that the target amount is for.
    pub credit: Address,
    /// Asset of the target amount.
    pub target_asset: AssetId,
    /// What is paid for it.
    pub target_amount: String,
    /// When it ends unused.
    pub expires_at: Option<Time>,
    /// Log index of the entry that ended it.
    pub ended_index: Option<u64>,
    /// Time of that entry.
    pub ended_at: Option<Time>,
    /// Log index up to which this is true.
    pub at_index: u64,
}

/// A page of quotes, in the order of their ids, which is that of their times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuotesPage {
    /// The quotes.
    pub items: Vec<QuoteView>,
    /// The `cursor` of the next page; a page may have no lines before the last.
    pub next: Option<InstructionId>,
}

impl RateView {
    /// Shows a rate of a line; `None` if the book does not know what the line names.
    #[must_use]
    pub fn of(book: &Book, key: &RateKey, rate: &Rate) -> Option<Self> {
        let base = book.asset_numbered(key.base)?;
        let print =
            |minor: u128| print_minor(i128::try_from(minor).unwrap_or(i128::MAX), base.scale);
        Some(Self {
            id: rate.id,
            index: rate.index,
            provider: book.participant_numbered(key.owner)?.id.clone(),
            source: key.source.clone(),
            base: base.id.clone(),
            quote: book.asset_numbered(key.quote)?.id.clone(),
            bid: rate.bid,
            ask: rate.ask,
            valid_from: Time::from_nanos(rate.from),
            valid_to: Time::from_nanos(rate.to),
            max: rate.execution.map(|execution| print(execution.max)),
        })
    }
}

impl QuoteView {
    /// Shows the quote that a hold is, as it stands in `book` after entry `at_index`; `None` if it is
    /// none, or the book does not know what it names.
    #[must_use]
    pub fn of(book: &Book, hold: &Hold, at_index: u64) -> Option<Self> {
        let quote = hold.terms.quote?;
        let leg = hold.legs.first()?;
        let receive = book.account_numbered(quote.receive)?;
        let debit = book.account_numbered(leg.debit)?;
        let source = book.asset_numbered(receive.asset)?;
        let target = book.asset_numbered(debit.asset)?;
        let print =
            |minor: u128, scale: u8| print_minor(i128::try_from(minor).unwrap_or(i128::MAX), scale);
        Some(Self {
            id: hold.id,
            index: hold.index,
            provider: book.participant_numbered(debit.owner)?.id.clone(),
            taker: book.participant_numbered(quote.taker)?.id.clone(),
            state: HoldState::of(hold),
            receive: receive.address.clone(),
            source_asset: source.id.clone(),
            source_amount: print(quote.source_amount, source.scale),
            credit: book.account_numbered(leg.credit)?.address.clone(),
            target_asset: target.id.clone(),
            target_amount: print(leg.reserved, target.scale),
            expires_at: hold.terms.expires.map(Time::from_nanos),
            ended_index: hold.ended.map(|ended| ended.index),
            ended_at: hold.ended.map(|ended| Time::from_nanos(ended.time)),
            at_index,
        })
    }
}
