//! The shapes of bodies and answers for `/openapi.json`.
//!
//! The types themselves belong to the pure half, which knows nothing of OpenAPI. These mirrors say
//! the same in the document's words; a test holds real answers against them.

#![expect(dead_code, reason = "read by the derive, which makes schemas of them")]

use utoipa::ToSchema;

use super::openapi_body::{AccountKind, AssetStatus, Role};
use super::openapi_control::{BilateralLimit, FreezeInForce, VelocityLimit};
use super::openapi_standing::{Incoming, ParticipantState};
use super::openapi_words::{
    AccountName, Address, AssetId, Balance, Bic, Bytes, Code, DateText, HashText, InstructionId,
    KeyId, Lei, MonthText, ParticipantId, Residue, Time, Vkey,
};

/// The answer to a submission that is in the log.
#[derive(ToSchema)]
pub(super) struct Answer {
    /// Log index of the entry; in a dry run the index it would have had.
    index: u64,
    time: Time,
    /// One an instruction, in order; behind an approval that carried something out, those of what it
    /// carried out, with the same ordinal.
    outcomes: Vec<Outcome>,
    /// The submitter's own accounts that changed.
    balances: Vec<BalanceRow>,
    /// What the submitter's own accounts pay as fees; absent if nothing is charged.
    fees: Option<Vec<super::openapi_fees::FeeRow>>,
    /// In a dry run, the submitter's payments that would settle in the run of the queue right behind it.
    settles: Option<Vec<InstructionId>>,
    /// Absent in the answer to a dry run.
    receipt: Option<Receipt>,
}

/// The outcome of one instruction.
#[derive(ToSchema)]
pub(super) struct Outcome {
    /// Ordinal of the instruction in its message.
    instruction: u32,
    id: InstructionId,
    /// Such as `SETTLED` or `INSUFFICIENT_FUNDS`.
    code: Code,
    /// ISO 20022 transaction status.
    #[schema(pattern = "^(ACSC|ACSP|ACWC|CANC|PATC|PDNG|RJCT)$")]
    iso_status: String,
    /// ISO 20022 external status reason, of a refusal.
    #[schema(pattern = "^[A-Z0-9]{4}$")]
    iso_reason: Option<String>,
    /// The leg that a refusal points at.
    leg: Option<u16>,
    /// What the outcome refers to, where its meaning says so: the entry that used the id, or that ended
    /// the hold, for example; of `APPLIED` the number of what was made.
    detail: Option<u64>,
}

/// One account of the submitter's. Amounts are strings.
#[derive(ToSchema)]
pub(super) struct BalanceRow {
    account: Address,
    posted: Balance,
    pending_debits: Balance,
    available: Balance,
    /// Log index up to which this is true.
    at_index: u64,
}

/// What an account held at a seal, provable offline.
#[derive(ToSchema)]
pub(super) struct BalanceFile {
    /// Version of the form: 1.
    version: u32,
    /// The log's key as the log says it; whoever verifies brings their own.
    log_vkey: Vkey,
    /// The account as the seal states it.
    account: Bytes,
    /// The salt of its leaf.
    salt: HashText,
    /// From the leaf to the seal's `aux`, the leaf's sibling first.
    account_proof: Vec<HashText>,
    /// The seal's entry, 120 bytes.
    entry: Bytes,
    /// Inclusion proof of the entry, and checkpoint (C2SP tlog-proof).
    tlog_proof: String,
}

/// The receipt file; verify it with the log's key that you hold yourself.
#[derive(ToSchema)]
pub(super) struct Receipt {
    #[schema(minimum = 1, maximum = 1)]
    version: u32,
    /// What stands behind the checkpoint.
    #[schema(pattern = "^(log-signed|witnessed)$")]
    level: String,
    /// Informative: the verifier supplies its own.
    log_vkey: Vkey,
    /// The entry, 120 bytes, base64.
    entry: Bytes,
    items: Vec<ReceiptItem>,
    /// Items of the entry, those not opened here included.
    items_total: u32,
    /// C2SP tlog-proof.
    tlog_proof: String,
}

/// An item opened in a receipt; bytes and hashes are base64.
#[derive(ToSchema)]
pub(super) struct ReceiptItem {
    /// Number of the item in its entry.
    n: u32,
    bytes: Bytes,
    salt: Bytes,
    proof: Vec<HashText>,
    private: Option<Vec<ReceiptPrivate>>,
    text: Option<ReceiptText>,
}

/// A private part, opened to the account's owner.
#[derive(ToSchema)]
pub(super) struct ReceiptPrivate {
    k: u16,
    bytes: Bytes,
    salt: Bytes,
}

/// A text part, opened to the leg's parties.
#[derive(ToSchema)]
pub(super) struct ReceiptText {
    bytes: Bytes,
    salt: Bytes,
}

/// An entry with all that belongs to it; bytes are base64.
#[derive(ToSchema)]
pub(super) struct Entry {
    index: u64,
    entry: Bytes,
    salt: Bytes,
    items: Vec<Bytes>,
    content_type: Option<String>,
    /// AES-256-GCM under `body_key`, zero nonce; ciphertext, then tag.
    sealed_body: Option<Bytes>,
    /// Absent when it was erased.
    body_key: Option<Bytes>,
}

/// An account. Amounts are strings with the asset's decimal places.
#[derive(ToSchema)]
pub(super) struct Account {
    address: Address,
    number: u64,
    owner: ParticipantId,
    kind: AccountKind,
    asset: AssetId,
    status: AccountStatus,
    posted: Balance,
    pending_debits: Balance,
    pending_credits: Balance,
    available: Balance,
    credit_line: Balance,
    min_balance: Balance,
    per_transfer_max: Option<Balance>,
    /// The most that may be on it with what is reserved for it.
    max_balance: Option<Balance>,
    /// How much and how often within a time; absent if there is no such rule.
    #[schema(required = false)]
    velocity: Vec<VelocityLimit>,
    /// How much net to one participant in a day of UTC; absent if there is no such limit.
    #[schema(required = false)]
    bilateral: Vec<BilateralLimit>,
    /// How much net to all other participants in a day of UTC.
    multilateral: Option<Balance>,
    /// Freezes of the account and of its owner that are in force; absent if there are none.
    #[schema(required = false)]
    freezes: Vec<FreezeInForce>,
    reserved: Option<super::openapi_queue::ReservedInForce>,
    value_dated: Option<super::openapi_calendar::ValueDated>,
    /// Log index up to which this is true.
    at_index: u64,
}

/// Whether an account takes postings.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(super) enum AccountStatus {
    Active,
    Closed,
}

/// A page of accounts.
#[derive(ToSchema)]
pub(super) struct AccountsPage {
    items: Vec<Account>,
    /// The `cursor` of the next page.
    next: Option<String>,
}

/// A page of an account's history, newest first.
#[derive(ToSchema)]
pub(super) struct HistoryPage {
    account: Address,
    items: Vec<HistoryRow>,
    /// The `cursor` of the next page.
    next: Option<String>,
}

/// One line of an account's history.
#[derive(ToSchema)]
pub(super) struct HistoryRow {
    index: u64,
    item: u32,
    time: Time,
    /// Its business date, if the asset has a calendar.
    business_date: Option<DateText>,
    /// From which date on it counts in value-dated balances, if the asset has a calendar.
    value_date: Option<DateText>,
    /// For which month something is due, as in `2026-12`.
    month: Option<MonthText>,
    #[schema(
        pattern = "^(transfer|issue|redeem|reserve|capture|void|expire|queued|notice|clear|net|draw|return|recall|split|mandated|exchange|valued|fee|fee_tax|period_fee|period_tax|owed)$"
    )]
    kind: String,
    id: InstructionId,
    instruction: u32,
    leg: u16,
    #[schema(pattern = "^(debit|credit)$")]
    direction: String,
    amount: Balance,
    counterparty: AccountName,
    /// The reference of a record of a binary batch: 64 hexadecimal digits.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    reference: Option<String>,
    /// Of which hold a capture or a void is.
    hold: Option<InstructionId>,
    /// Under which mandate the account was debited.
    mandate: Option<InstructionId>,
    /// `SETTLED`, if money moved; of a notice, what became of the payment that waits; of a recall, what
    /// became of that.
    outcome: Code,
    /// Whether the amount moved the balance. The booked amounts of a statement, credits less debits, are
    /// closing less opening balance.
    booked: bool,
    /// Of which settlement model what was cleared, or a net, is.
    #[schema(pattern = "^[a-z0-9-]{1,32}$")]
    model: Option<String>,
    /// And of which of its windows.
    window: Option<u64>,
    /// Which item a `return` gives back, or a `recall` is about.
    original: Option<super::openapi_back::OriginalOf>,
    /// At which rate or quote a leg of a conversion is.
    at: Option<InstructionId>,
    /// What was rounded away of its amount, in parts of a minor unit.
    residue: Option<Residue>,
    /// Posted balance after the item; what is not booked (`reserve`, `void`, `expire`, `notice`, `clear`,
    /// `recall`, `owed`) leaves it as it was.
    balance: Balance,
    /// For whoever wrote or signed the message, and auditors.
    message_id: Option<String>,
    /// This and the texts below: for the owner and auditors, until they are erased.
    end_to_end_id: Option<String>,
    remittance: Option<String>,
    debtor_name: Option<String>,
    creditor_name: Option<String>,
}

/// A page of an account's statement, oldest first. Opening balance, plus credits, less debits, is
/// the closing balance; every page says the same of the whole.
#[derive(ToSchema)]
pub(super) struct StatementPage {
    account: Address,
    owner: String,
    asset: String,
    /// First log index of the range.
    from_index: u64,
    /// Log index behind the range.
    to_index: u64,
    /// Whether entries may still come that belong to the range as it was asked for.
    interim: bool,
    opening_balance: Balance,
    total_credits: Balance,
    total_debits: Balance,
    closing_balance: Balance,
    items: Vec<HistoryRow>,
    /// The `cursor` of the next page.
    next: Option<String>,
}

/// What became of an instruction.
#[derive(ToSchema)]
pub(super) struct InstructionFound {
    /// Log index of its entry.
    index: u64,
    #[schema(format = DateTime)]
    time: String,
    outcome: Outcome,
    /// Numbers of its items that the reader may see.
    items: Vec<u32>,
    /// Its settled legs that the reader may see.
    legs: Vec<InstructionLeg>,
    /// Of a payment that waited: how it stands now.
    present: Option<super::openapi_queue::PaymentNow>,
}

/// A settled leg.
#[derive(ToSchema)]
pub(super) struct InstructionLeg {
    /// Number of the item in the entry.
    item: u32,
    leg: u16,
    debit: AccountName,
    credit: AccountName,
    asset: String,
    amount: Balance,
    /// The reference of a record of a binary batch: 64 hexadecimal digits.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    reference: Option<String>,
}

/// A page of entries.
#[derive(ToSchema)]
pub(super) struct EntriesPage {
    items: Vec<Entry>,
    /// The `cursor` of the next page.
    next: Option<u64>,
}

/// An asset.
#[derive(ToSchema)]
pub(super) struct Asset {
    id: AssetId,
    module: String,
    /// Decimal places.
    scale: u8,
    status: AssetStatus,
}

/// A participant.
#[derive(ToSchema)]
pub(super) struct Participant {
    id: ParticipantId,
    role: Role,
    keys: Vec<ParticipantKey>,
    /// How many distinct active keys must sign.
    threshold: u32,
    bic: Option<Bic>,
    lei: Option<Lei>,
    /// The bank whose keys sign for it, if it has none of its own.
    via: Option<ParticipantId>,
    /// Dates on which it is closed, in order, whatever the calendars of assets say; none, if left out.
    #[schema(max_items = 400)]
    holidays: Option<Vec<DateText>>,
    /// How far it takes part. Whether it is active or suspended is for itself, operators and auditors.
    status: Option<ParticipantState>,
    /// Whether it receives nothing while it is suspended; for the same.
    incoming: Option<Incoming>,
}

/// A key of a participant.
#[derive(ToSchema)]
pub(super) struct ParticipantKey {
    vkey: Vkey,
    key_id: KeyId,
    #[schema(pattern = "^(active|revoked)$")]
    status: String,
    added_at: u64,
    revoked_at: Option<u64>,
}

/// Whose session it is.
#[derive(ToSchema)]
pub(super) struct WhoAmI {
    participant: ParticipantId,
    role: Role,
    expires_at: Time,
}

/// A key of the log: it signs checkpoints of sizes above `added`, up to and including `retired`.
#[derive(ToSchema)]
pub(super) struct LogKey {
    vkey: Vkey,
    /// Index of the entry that added it; 0 for the founding.
    added: u64,
    /// Index of the entry that retired it.
    retired: Option<u64>,
}

/// Which log this is.
#[derive(ToSchema)]
pub(super) struct Log {
    origin: String,
    /// Leaf hash of entry 0, base64.
    genesis_hash: HashText,
    vkey: Vkey,
    /// Every key that the log ever had, oldest first.
    keys: Vec<LogKey>,
    #[schema(pattern = "^(live|sandbox)$")]
    mode: String,
    protocol: u32,
}

/// A session for reading.
#[derive(ToSchema)]
pub(super) struct Session {
    /// Send it as `Authorization: Bearer <token>`.
    token: String,
    expires_at: Time,
}

/// A problem (RFC 9457). Match on `code`, never on prose.
#[derive(ToSchema)]
pub(super) struct Problem {
    /// A path on the listener that told it: a page about the code.
    #[schema(format = "uri-reference")]
    r#type: String,
    title: String,
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    code: Code,
    detail: String,
    /// Also in the header `Quittance-Request-Id`.
    request_id: String,
    /// Where in the body, if that is known.
    errors: Option<Vec<ProblemPlace>>,
}

/// One place in a body.
#[derive(ToSchema)]
pub(super) struct ProblemPlace {
    /// JSON pointer (RFC 6901).
    pointer: String,
    code: Code,
}

/// What an operator's question is answered with.
#[derive(ToSchema)]
pub(super) struct Status {
    #[schema(pattern = "^(ok|ready)$")]
    status: String,
}

/// Which software this is.
#[derive(ToSchema)]
pub(super) struct Version {
    name: String,
    version: String,
    /// Newest version of the ledger's rules that it knows.
    protocol: u32,
}

/// Where a log stands.
#[derive(ToSchema)]
pub(super) struct LogState {
    log: Log,
    /// The newest checkpoint, a signed note.
    checkpoint: String,
    /// The root at the size that was asked for; `null` if the log is shorter.
    root_at: Option<HashText>,
}
