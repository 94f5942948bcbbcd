//! The shapes of bodies and answers for `/openapi.json`.
//!
//! The types themselves belong to the pure half, which knows nothing of OpenAPI. These mirrors say
//! the same in the document's words; a test holds real answers against them.

#![expect(dead_code, reason = "read by the derive, which makes schemas of them")]

use std::collections::BTreeMap;

use utoipa::ToSchema;

/// A message with its instructions. Unknown fields are refused.
#[derive(ToSchema)]
pub(super) struct Body {
    /// The submitter's id for the message: 1 to 64 of `A-Z a-z 0-9 . _ : / -`.
    #[schema(pattern = "^[A-Za-z0-9._:/-]{1,64}$")]
    message_id: String,
    /// When the message was made; must lie inside the log's window.
    #[schema(format = DateTime)]
    created: String,
    /// 16 random bytes, base64.
    nonce: String,
    /// Whether the message is all-or-nothing.
    #[schema(default = false)]
    atomic: Option<bool>,
    /// 1 to 1,000 instructions. Each is an object with one field, which names its kind, such as
    /// `transfer`.
    #[schema(min_items = 1, max_items = 1000)]
    instructions: Vec<BTreeMap<String, serde_json::Value>>,
}

/// The answer to a submission that is in the log.
#[derive(ToSchema)]
pub(super) struct Answer {
    /// Log index of the entry; in a dry run the index it would have had.
    index: u64,
    #[schema(format = DateTime)]
    time: String,
    /// One an instruction, in order.
    outcomes: Vec<Outcome>,
    /// The submitter's own accounts that changed.
    balances: Vec<Balance>,
    /// Absent in the answer to a dry run.
    receipt: Option<Receipt>,
}

/// The outcome of one instruction.
#[derive(ToSchema)]
pub(super) struct Outcome {
    /// Ordinal of the instruction in its message.
    instruction: u32,
    /// Instruction id.
    id: String,
    /// Stable code, such as `SETTLED` or `INSUFFICIENT_FUNDS`.
    code: String,
    /// ISO 20022 transaction status.
    #[schema(pattern = "^(ACSC|RJCT)$")]
    iso_status: String,
    /// ISO 20022 external status reason, of a refusal.
    iso_reason: Option<String>,
    /// The leg that a refusal points at.
    leg: Option<u16>,
    /// What the outcome refers to.
    detail: Option<u64>,
}

/// One account of the submitter's. Amounts are strings.
#[derive(ToSchema)]
pub(super) struct Balance {
    account: String,
    posted: String,
    pending_debits: String,
    available: String,
    /// Log index up to which this is true.
    at_index: u64,
}

/// The receipt file; verify it with the log's key that you hold yourself.
#[derive(ToSchema)]
pub(super) struct Receipt {
    /// 1.
    version: u32,
    /// What stands behind the checkpoint.
    #[schema(pattern = "^(log-signed|witnessed)$")]
    level: String,
    /// Informative: the verifier supplies its own.
    log_vkey: String,
    /// The entry, 120 bytes, base64.
    entry: String,
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
    bytes: String,
    salt: String,
    proof: Vec<String>,
    private: Option<Vec<ReceiptPrivate>>,
    text: Option<ReceiptText>,
}

/// A private part, opened to the account's owner.
#[derive(ToSchema)]
pub(super) struct ReceiptPrivate {
    k: u16,
    bytes: String,
    salt: String,
}

/// A text part, opened to the leg's parties.
#[derive(ToSchema)]
pub(super) struct ReceiptText {
    bytes: String,
    salt: String,
}

/// An entry with all that belongs to it; bytes are base64.
#[derive(ToSchema)]
pub(super) struct Entry {
    index: u64,
    entry: String,
    salt: String,
    items: Vec<String>,
    content_type: Option<String>,
    /// AES-256-GCM under `body_key`, zero nonce; ciphertext, then tag.
    sealed_body: Option<String>,
    /// Absent when it was erased.
    body_key: Option<String>,
}

/// An account. Amounts are strings with the asset's decimal places.
#[derive(ToSchema)]
pub(super) struct Account {
    address: String,
    number: u64,
    owner: String,
    kind: String,
    asset: String,
    status: String,
    posted: String,
    pending_debits: String,
    pending_credits: String,
    available: String,
    credit_line: String,
    min_balance: String,
    per_transfer_max: Option<String>,
    /// Log index up to which this is true.
    at_index: u64,
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
    account: String,
    items: Vec<HistoryRow>,
    /// The `cursor` of the next page.
    next: Option<String>,
}

/// One line of an account's history.
#[derive(ToSchema)]
pub(super) struct HistoryRow {
    index: u64,
    item: u32,
    #[schema(format = DateTime)]
    time: String,
    #[schema(pattern = "^(transfer|issue|redeem)$")]
    kind: String,
    id: String,
    instruction: u32,
    leg: u16,
    #[schema(pattern = "^(debit|credit)$")]
    direction: String,
    amount: String,
    counterparty: String,
    /// Posted balance after the item.
    balance: String,
}

/// An asset.
#[derive(ToSchema)]
pub(super) struct Asset {
    id: String,
    module: String,
    /// Decimal places.
    scale: u8,
    status: String,
}

/// A participant.
#[derive(ToSchema)]
pub(super) struct Participant {
    id: String,
    #[schema(pattern = "^(operator|bank|auditor)$")]
    role: String,
    keys: Vec<ParticipantKey>,
    /// How many distinct active keys must sign.
    threshold: u32,
}

/// A key of a participant.
#[derive(ToSchema)]
pub(super) struct ParticipantKey {
    vkey: String,
    key_id: String,
    #[schema(pattern = "^(active|revoked)$")]
    status: String,
    added_at: u64,
    revoked_at: Option<u64>,
}

/// Whose session it is.
#[derive(ToSchema)]
pub(super) struct WhoAmI {
    participant: String,
    role: String,
    #[schema(format = DateTime)]
    expires_at: String,
}

/// Which log this is.
#[derive(ToSchema)]
pub(super) struct Log {
    origin: String,
    /// Leaf hash of entry 0, base64.
    genesis_hash: String,
    vkey: String,
    #[schema(pattern = "^(live|sandbox)$")]
    mode: String,
    protocol: u32,
}

/// A session for reading.
#[derive(ToSchema)]
pub(super) struct Session {
    /// Send it as `Authorization: Bearer <token>`.
    token: String,
    #[schema(format = DateTime)]
    expires_at: String,
}

/// A problem (RFC 9457). Match on `code`, never on prose.
#[derive(ToSchema)]
pub(super) struct Problem {
    r#type: String,
    title: String,
    status: u16,
    /// Stable.
    code: String,
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
    code: String,
}
