//! The shapes of what is submitted, for `/openapi.json`: mirrors of [`crate::ledger::Instruction`].

#![expect(dead_code, reason = "read by the derive, which makes schemas of them")]

use utoipa::ToSchema;

use super::openapi_back::{Recall, RefuseRecall, Return, Reverse};
use super::openapi_calendar::SetCalendar;
use super::openapi_control::{Freeze, Lift, ReopenAccount, SetLimits};
use super::openapi_cycle::{Clear, CloseModel, CloseWindow, JoinModel, OpenModel};
use super::openapi_fees::SetFees;
use super::openapi_forms::{Condition, GrantMandate, RevokeMandate, SetPosting, Split};
use super::openapi_fx::{Convert, Quote, SetProvider, SetRate, WithdrawRate};
use super::openapi_proposal::{Approve, EndProposal, Propose};
use super::openapi_queue::{Cancel, QueueTerms, Requeue, SetReservation};
use super::openapi_standing::{
    AdmitParticipant, IdentifyParticipant, OfParticipant, ParticipantState, SetParticipantDays,
    SetVia, SuspendParticipant,
};
use super::openapi_words::{
    Address, Amount, AssetId, Bic, DateText, InstructionId, KeyId, Lei, MessageId, Nonce,
    ParticipantId, Time, Vkey,
};

/// A message with its instructions. Unknown fields are refused.
#[derive(ToSchema)]
pub(super) struct Body {
    message_id: MessageId,
    /// When the message was made; must lie inside the log's window.
    created: Time,
    nonce: Nonce,
    /// Whether the message is all-or-nothing.
    #[schema(required = false, default = false)]
    atomic: bool,
    #[schema(min_items = 1, max_items = 1000)]
    instructions: Vec<Instruction>,
}

/// One thing that is asked for: an object with one field, which names its kind.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(super) enum Instruction {
    Transfer(Transfer),
    Issue(Funds),
    Redeem(Funds),
    Reserve(Reserve),
    Capture(Capture),
    Void(Void),
    Cancel(Cancel),
    Requeue(Requeue),
    AddParticipant(AddParticipant),
    AddKey(AddKey),
    RevokeKey(RevokeKey),
    AddAsset(AddAsset),
    SetAssetStatus(SetAssetStatus),
    OpenAccount(OpenAccount),
    CloseAccount(CloseAccount),
    SetLimits(SetLimits),
    SetParameter(SetParameter),
    Protocol(Protocol),
    Erase(Erase),
    AddLogKey(AddLogKey),
    RetireLogKey(RetireLogKey),
    Propose(Propose),
    Approve(Approve),
    Withdraw(EndProposal),
    Decline(EndProposal),
    Freeze(Freeze),
    Lift(Lift),
    ReopenAccount(ReopenAccount),
    SuspendParticipant(SuspendParticipant),
    ResumeParticipant(OfParticipant),
    OpenModel(OpenModel),
    CloseModel(CloseModel),
    JoinModel(JoinModel),
    Clear(Clear),
    CloseWindow(CloseWindow),
    SetCalendar(SetCalendar),
    Return(Return),
    Reverse(Reverse),
    Recall(Recall),
    RefuseRecall(RefuseRecall),
    Split(Split),
    GrantMandate(GrantMandate),
    RevokeMandate(RevokeMandate),
    SetPosting(SetPosting),
    SetProvider(SetProvider),
    SetRate(SetRate),
    WithdrawRate(WithdrawRate),
    Quote(Quote),
    Convert(Convert),
    AdmitParticipant(AdmitParticipant),
    TerminateParticipant(OfParticipant),
    IdentifyParticipant(IdentifyParticipant),
    SetVia(SetVia),
    SetParticipantDays(SetParticipantDays),
    SetFees(SetFees),
    SetReservation(SetReservation),
}

/// Moves money: 1 to 256 legs, all or nothing.
#[derive(ToSchema)]
pub(super) struct Transfer {
    id: InstructionId,
    /// Applied in this order.
    #[schema(min_items = 1, max_items = 256)]
    legs: Vec<Leg>,
    /// `net`: funds must be there for what is left when all legs are set off against each other.
    #[schema(pattern = "^net$")]
    check: Option<String>,
    /// The payment waits if only funds are missing; its legs debit accounts of the submitter alone.
    queue: Option<QueueTerms>,
    /// The business date on which it settles, in the calendar of its asset; as soon as it can, if left
    /// out.
    settlement_date: Option<DateText>,
    /// A business date, not after the present one, from which on it counts in value-dated balances; the
    /// present one, if left out. Never beside `queue`, `settlement_date` or `mandate`.
    value_date: Option<DateText>,
    /// All of them hold just before it, or nothing happens.
    #[schema(min_items = 1, max_items = 16)]
    conditions: Option<Vec<Condition>>,
    /// The id of the `grant_mandate` under which it debits an account whose owner does not sign.
    mandate: Option<InstructionId>,
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

/// Reserves the amounts of 1 to 256 legs, all or nothing: a hold, named by the instruction's id.
#[derive(ToSchema)]
pub(super) struct Reserve {
    id: InstructionId,
    /// Reserved in this order.
    #[schema(min_items = 1, max_items = 256)]
    legs: Vec<Leg>,
    /// When what remains is given back; at most 400 days ahead. Never, if left out.
    expires_at: Option<Time>,
    /// Whether a capture may leave something reserved for the next one.
    multi: Option<bool>,
    /// How far captures together may go above what is reserved, in basis points of it.
    #[schema(maximum = 10000)]
    over_capture_bp: Option<u16>,
    /// Whether the payer cannot void it, only the payee.
    guaranteed: Option<bool>,
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

/// Posts a part of a hold, or all of it.
#[derive(ToSchema)]
pub(super) struct Capture {
    id: InstructionId,
    /// The id of the `reserve`.
    hold: InstructionId,
    /// How much; all that remains, if left out. Only for a hold of one leg.
    amount: Option<Amount>,
    /// Whether what remains then is given back: `true` unless the hold is `multi`.
    r#final: Option<bool>,
}

/// Gives back what is left of a hold.
#[derive(ToSchema)]
pub(super) struct Void {
    id: InstructionId,
    /// The id of the `reserve`.
    hold: InstructionId,
}

/// Debits one account and credits another.
#[derive(ToSchema)]
pub(super) struct Leg {
    debit: Address,
    credit: Address,
    asset: AssetId,
    amount: Amount,
}

/// Funds in (`issue`), or out (`redeem`).
#[derive(ToSchema)]
pub(super) struct Funds {
    id: InstructionId,
    account: Address,
    amount: Amount,
}

/// Registers a bank or an auditor.
#[derive(ToSchema)]
pub(super) struct AddParticipant {
    id: InstructionId,
    participant: ParticipantId,
    role: Role,
    /// At least one; none with `via`.
    #[schema(min_items = 0, max_items = 16)]
    keys: Vec<Vkey>,
    /// How many distinct keys must sign; 0 with `via`.
    threshold: u32,
    bic: Option<Bic>,
    lei: Option<Lei>,
    /// How far a bank takes part at first: `onboarding`, or `active`, which it is if left out.
    state: Option<ParticipantState>,
    /// The bank whose keys sign for it, if it has none of its own.
    via: Option<ParticipantId>,
}

/// What a participant may be; there is one operator from the beginning.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(super) enum Role {
    Operator,
    Bank,
    Auditor,
}

/// Adds a key to a participant.
#[derive(ToSchema)]
pub(super) struct AddKey {
    id: InstructionId,
    participant: ParticipantId,
    vkey: Vkey,
}

/// Ends a key's use.
#[derive(ToSchema)]
pub(super) struct RevokeKey {
    id: InstructionId,
    participant: ParticipantId,
    key_id: KeyId,
}

/// Registers an asset.
#[derive(ToSchema)]
pub(super) struct AddAsset {
    id: InstructionId,
    asset: AssetId,
    /// Name of the module that knows its rules.
    #[schema(min_length = 1, max_length = 16, example = "fiat")]
    module: String,
    /// Version of the module's rules; the first if left out.
    module_version: Option<u16>,
}

/// Suspends, retires or restores an asset.
#[derive(ToSchema)]
pub(super) struct SetAssetStatus {
    id: InstructionId,
    asset: AssetId,
    status: AssetStatus,
}

/// Whether an asset can be moved.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(super) enum AssetStatus {
    Active,
    Suspended,
    Retired,
}

/// Opens an account.
#[derive(ToSchema)]
pub(super) struct OpenAccount {
    id: InstructionId,
    address: Address,
    owner: ParticipantId,
    kind: AccountKind,
    asset: AssetId,
}

/// What an account is for.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(super) enum AccountKind {
    Settlement,
    Customer,
    Issuance,
    Suspense,
    Fee,
    Pool,
}

/// Closes an empty account.
#[derive(ToSchema)]
pub(super) struct CloseAccount {
    id: InstructionId,
    address: Address,
}

/// Sets a parameter of the rules.
#[derive(ToSchema)]
pub(super) struct SetParameter {
    id: InstructionId,
    #[schema(min_length = 1, max_length = 64, example = "window_back_s")]
    name: String,
    value: u64,
}

/// Changes the version of the rules from an index on.
#[derive(ToSchema)]
pub(super) struct Protocol {
    id: InstructionId,
    version: u32,
    from_index: u64,
}

/// Destroys the key of an entry's body and texts.
#[derive(ToSchema)]
pub(super) struct Erase {
    id: InstructionId,
    entry_index: u64,
    /// The legal basis.
    #[schema(min_length = 1, max_length = 140)]
    basis: String,
}

/// Adds a key that signs checkpoints beside the present one.
#[derive(ToSchema)]
pub(super) struct AddLogKey {
    id: InstructionId,
    /// Its name is the log's origin.
    vkey: Vkey,
    /// The new key's signature over `quittance log key v1` and the vkey, as `Quittance-Signature` has it.
    #[schema(min_length = 1, max_length = 512)]
    proof: String,
}

/// Ends a key of the log.
#[derive(ToSchema)]
pub(super) struct RetireLogKey {
    id: InstructionId,
    key_id: KeyId,
}
