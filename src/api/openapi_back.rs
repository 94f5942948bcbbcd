//! What is asked of and told about returns, reversals and recalls, in the words of the interface's
//! document.

#![expect(dead_code, reason = "read by the derive, which makes schemas of them")]

use utoipa::ToSchema;

use super::openapi_words::{
    AccountName, Amount, AssetId, Balance, Bytes, HashText, InstructionId, ParticipantId, Time,
};

/// A leg of the log with its proof: what a receipt says of it. `proof` are the first hashes of the
/// receipt's proof of the entry, as many as the highest bit in which the entry's index differs from the
/// size in the checkpoint, counted from 0.
#[derive(ToSchema)]
pub(super) struct Original {
    /// The entry, 120 bytes.
    entry: Bytes,
    /// Number of the item in it.
    n: u32,
    /// The item.
    item: Bytes,
    salt: HashText,
    /// From the item to the entry, the leaf's sibling first.
    #[schema(max_items = 32)]
    item_proof: Vec<HashText>,
    /// From the entry to the root of a complete subtree of the log, the leaf's sibling first.
    #[schema(max_items = 63)]
    proof: Vec<HashText>,
}

/// Gives back what was received, by the owner of the account that received it.
#[derive(ToSchema)]
pub(super) struct Return {
    id: InstructionId,
    /// The leg that brought it: of a transfer, a split or a debit under a mandate, a capture, or a payment that
    /// had waited.
    original: Original,
    /// How much; all that was not returned yet, if left out.
    amount: Option<Amount>,
    /// External return reason code of ISO 20022.
    #[schema(
        pattern = "^(AC01|AC03|AC04|AC06|AG01|AM05|AM09|BE01|CURR|CUST|DUPL|FOCR|FRAD|LEGL|MD06|MD07|MS02|MS03|RC01|RR01|RR02|RR03|RR04|SVNR|TECH|UPAY)$"
    )]
    reason: String,
}

/// Corrects funds in or out that the operators booked by error; takes two operators.
#[derive(ToSchema)]
pub(super) struct Reverse {
    id: InstructionId,
    /// The leg of the `issue` or `redeem`.
    original: Original,
    /// How much; all that was not reversed yet, if left out.
    amount: Option<Amount>,
    /// External reversal reason code of ISO 20022.
    #[schema(pattern = "^(AM05|MS02|MS03)$")]
    reason: String,
}

/// Asks whoever received a payment to return it, by the owner of the account that paid it.
#[derive(ToSchema)]
pub(super) struct Recall {
    id: InstructionId,
    /// The leg that paid it.
    original: Original,
    /// External cancellation reason code of ISO 20022.
    #[schema(pattern = "^(AC03|AGNT|AM09|CURR|CUST|CUTA|DUPL|FRAD|TECH|UPAY)$")]
    reason: String,
}

/// Says no to a recall, by the owner of the account that received the payment.
#[derive(ToSchema)]
pub(super) struct RefuseRecall {
    id: InstructionId,
    /// The id of the `recall`.
    of: InstructionId,
    /// External code of ISO 20022 for a rejected cancellation.
    #[schema(pattern = "^(AC04|AM04|ARDT|CUST|LEGL|NOAS)$")]
    reason: String,
}

/// The item of the log that a line gives back, or asks for.
#[derive(ToSchema)]
pub(super) struct OriginalOf {
    /// Log index of its entry.
    index: u64,
    /// Number of the item in that entry.
    item: u32,
    id: InstructionId,
    /// Why, a code of ISO 20022.
    #[schema(pattern = "^[A-Z0-9]{4}$")]
    reason: String,
}

/// A recall that waits for its answer.
#[derive(ToSchema)]
pub(super) struct RecallOpen {
    id: InstructionId,
    /// The participant that asks for its money.
    sender: ParticipantId,
    original: OriginalOf,
    debit: AccountName,
    credit: AccountName,
    asset: AssetId,
    /// What had not been returned when it was asked.
    amount: Balance,
    /// Log index of the entry that asked.
    index: u64,
    /// When it ends unanswered.
    ends_at: Time,
    /// Log index up to which this is true.
    at_index: u64,
}

/// A page of open recalls, by id, which is by time.
#[derive(ToSchema)]
pub(super) struct RecallsPage {
    items: Vec<RecallOpen>,
    /// The `cursor` of the next page.
    next: Option<InstructionId>,
}

/// A payment of which something was given back.
#[derive(ToSchema)]
pub(super) struct PaymentReturned {
    /// Log index of the payment's entry.
    index: u64,
    /// Number of its item in that entry.
    item: u32,
    /// Who gave it back: the participant that had received it, or the operators, who reverse what they
    /// booked.
    by: ParticipantId,
    debit: AccountName,
    credit: AccountName,
    asset: AssetId,
    /// What the payment moved.
    amount: Balance,
    /// What was given back of it, all returns and reversals together.
    returned: Balance,
    /// What may still be asked for, until `until`.
    left: Balance,
    /// Log index of the entry that gave back the last of it.
    last_index: u64,
    /// Until when more may be given back.
    until: Time,
    /// Log index up to which this is true.
    at_index: u64,
}

/// A page of payments of which something was given back, in the order in which they were made.
#[derive(ToSchema)]
pub(super) struct ReturnsPage {
    items: Vec<PaymentReturned>,
    /// The `cursor` of the next page.
    next: Option<String>,
}
