//! The shapes of rates, quotes and conversions, for `/openapi.json`.

#![expect(dead_code, reason = "read by the derive, which makes schemas of them")]

use utoipa::ToSchema;

use super::openapi_words::{
    Address, Amount, AssetId, Balance, InstructionId, ParticipantId, Ratio, SourceId, Time,
};

/// Lets a bank state rates, or ends that: its rates go with it.
#[derive(ToSchema)]
pub(super) struct SetProvider {
    id: InstructionId,
    participant: ParticipantId,
    /// Whether it states rates from now on.
    active: bool,
}

/// On which accounts conversions at a rate are executed, and how much one may be.
#[derive(ToSchema)]
pub(super) struct Execution {
    /// The provider's account in the base asset.
    base: Address,
    /// The provider's account in the quote asset.
    quote: Address,
    /// The most that one conversion may be, in the base asset.
    max: Amount,
}

/// States a rate: of a bank that is a provider, or of the operators, whose rates are never executed.
#[derive(ToSchema)]
pub(super) struct SetRate {
    id: InstructionId,
    /// The asset that is priced.
    base: AssetId,
    /// The asset that it is priced in.
    quote: AssetId,
    /// Where the rate comes from; rates of one source and pair follow each other.
    source: SourceId,
    /// Units of the quote asset that are paid for one of the base asset.
    bid: Ratio,
    /// Units of the quote asset that one of the base asset costs.
    ask: Ratio,
    /// From when on it is in force; at once, if left out or past.
    valid_from: Option<Time>,
    /// Until when; at most 400 days ahead.
    valid_to: Time,
    /// The accounts that conversions at it go through; without them it is indicative.
    execute: Option<Execution>,
}

/// Ends all rates of one source and pair, at once.
#[derive(ToSchema)]
pub(super) struct WithdrawRate {
    id: InstructionId,
    base: AssetId,
    quote: AssetId,
    source: SourceId,
}

/// A firm quote: reserves what it pays until it is used once, withdrawn (`void`), or expires.
#[derive(ToSchema)]
pub(super) struct Quote {
    id: InstructionId,
    /// The participant that may use it.
    r#for: ParticipantId,
    /// The account that the source amount is paid to.
    receive: Address,
    /// What has to be paid.
    source_amount: Amount,
    /// The account that the target amount is reserved on; of the same owner.
    debit: Address,
    /// The account that the target amount is for.
    credit: Address,
    /// What is paid for it.
    target_amount: Amount,
    /// When it ends unused; at most 400 days ahead.
    expires_at: Time,
}

/// Whose rate.
#[derive(ToSchema)]
pub(super) struct RateName {
    provider: ParticipantId,
    source: SourceId,
}

/// What a conversion is at.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(super) enum ConvertAt {
    /// A firm quote.
    Quote(InstructionId),
    /// The rate in force, of the pair of both accounts.
    Rate(RateName),
}

/// Pays an amount of one asset for an amount of another, both or none.
#[derive(ToSchema)]
pub(super) struct Convert {
    id: InstructionId,
    /// The account that pays the source amount.
    debit: Address,
    /// The account that receives the target amount.
    credit: Address,
    /// Which amount is stated: what is paid, or what is received.
    #[schema(pattern = "^(source|target)$")]
    fixed: String,
    /// It.
    amount: Amount,
    /// The worst that the other amount may be: the least that is received, or the most that is paid.
    limit: Amount,
    at: ConvertAt,
    /// The payer's reference. Texts can be erased later.
    #[schema(min_length = 1, max_length = 35)]
    end_to_end_id: Option<String>,
    /// What it is for.
    #[schema(min_length = 1, max_length = 140)]
    remittance: Option<String>,
    /// Who pays.
    #[schema(min_length = 1, max_length = 140)]
    debtor_name: Option<String>,
    /// Who is paid.
    #[schema(min_length = 1, max_length = 140)]
    creditor_name: Option<String>,
}

/// A rate that is in force, to come, or over and not yet followed by another.
#[derive(ToSchema)]
pub(super) struct Rate {
    id: InstructionId,
    /// Log index of its entry.
    index: u64,
    provider: ParticipantId,
    source: SourceId,
    base: AssetId,
    quote: AssetId,
    bid: Ratio,
    ask: Ratio,
    valid_from: Time,
    /// Not part of it; a later rate of its line may have made it earlier.
    valid_to: Time,
    /// The most that one conversion may be, in the base asset; null if the rate is indicative.
    max: Option<Amount>,
}

/// Rates, by provider, pair, source and time; those of one provider stand on one page.
#[derive(ToSchema)]
pub(super) struct RatesPage {
    items: Vec<Rate>,
    /// The `cursor` of the next page.
    next: Option<ParticipantId>,
    /// Log index up to which this is true.
    at_index: u64,
}

/// A firm quote.
#[derive(ToSchema)]
pub(super) struct FirmQuote {
    id: InstructionId,
    /// Log index of its entry.
    index: u64,
    /// Who quotes.
    provider: ParticipantId,
    /// Who may use it.
    r#for: ParticipantId,
    /// `captured` is used, `voided` withdrawn.
    #[schema(pattern = "^(open|captured|voided|expired)$")]
    state: String,
    receive: Address,
    source_asset: AssetId,
    source_amount: Balance,
    credit: Address,
    target_asset: AssetId,
    target_amount: Balance,
    expires_at: Option<Time>,
    /// Log index of the entry that ended it.
    ended_index: Option<u64>,
    ended_at: Option<Time>,
    /// Log index up to which this is true.
    at_index: u64,
}

/// A page of quotes, by id, which is by time.
#[derive(ToSchema)]
pub(super) struct QuotesPage {
    items: Vec<FirmQuote>,
    /// The `cursor` of the next page.
    next: Option<InstructionId>,
}
