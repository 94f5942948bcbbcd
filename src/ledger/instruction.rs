//! Instructions: what may be asked. The JSON shapes are those of the wire page; a field that is
//! not known is refused.

mod back;
mod condition;
mod hold;
mod key;
mod mandate;
mod posting;
mod proposal;
mod queue;
mod split;
mod standing;
mod text;

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::account::AccountKind;
use super::amount::Amount;
use super::asset::AssetStatus;
use super::calendar::{Date, SetCalendar};
use super::control::{Freeze, Lift, ReopenAccount, SetLimits};
use super::cycle::{Clear, CloseModel, CloseWindow, JoinModel, OpenModel};
use super::fees::SetFees;
use super::fx::{Convert, Quote, SetProvider, SetRate, WithdrawRate};
use super::id::{Address, AssetId, InstructionId, ParticipantId};
use super::reference::Reference;
pub use back::{
    Original, Recall, RecallReason, RefusalReason, RefuseRecall, Return, ReturnReason,
    ReversalReason, Reverse,
};
pub use condition::Condition;
pub use hold::{Capture, Reserve, Void};
pub use key::{KeyIdText, VerifierKeyText};
pub use mandate::{GrantMandate, MandatePeriod, RevokeMandate};
pub use posting::SetPosting;
pub use proposal::{Approve, EndProposal, Propose};
pub use queue::{Cancel, Check, Position, Priority, QueueTerms, Requeue, SetReservation, Until};
pub(super) use split::{Getting, Paying};
pub use split::{Payee, Payer, Split};
pub use standing::{
    AddParticipant, AdmitParticipant, IdentifyParticipant, Incoming, OfParticipant, Queued,
    SetParticipantDays, SetVia, SuspendParticipant,
};

/// One thing asked for in a submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[expect(missing_docs, reason = "each variant's struct says what it is")]
pub enum Instruction {
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

/// Names an account: by address, or by the number it got at opening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountRef {
    /// By address.
    Address(Address),
    /// By number.
    Number(u64),
}

/// One leg: debit one account, credit another, same asset, exact amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leg {
    /// The account that pays.
    pub debit: AccountRef,
    /// The account that receives.
    pub credit: AccountRef,
    /// The asset: a check against both accounts. Bodies in JSON must state it; legs that are
    /// replayed, and records of a binary batch, name accounts by number and have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset: Option<AssetId>,
    /// The amount.
    pub amount: Amount,
}

/// 1 to 256 legs, all or nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    /// Instruction id.
    pub id: InstructionId,
    /// Legs, applied in this order.
    #[serde(deserialize_with = "text::legs")]
    pub legs: Vec<Leg>,
    /// Whether funds are looked for at the end of all legs only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<Check>,
    /// How it waits if only funds are missing; without it, it is refused then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<QueueTerms>,
    /// The business date on which it settles; as soon as it can, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settlement_date: Option<Date>,
    /// From which business date on it counts in value-dated balances; from the present one, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_date: Option<Date>,
    /// What must hold when it is carried out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conditions: Option<Vec<Condition>>,
    /// The mandate under which it debits an account whose owner does not sign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mandate: Option<InstructionId>,
    /// The reference of a record of a binary batch, in the item of a refusal. Bodies in JSON have
    /// `end_to_end_id` instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Reference>,
    /// The payer's reference, kept in the erasable text part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_to_end_id: Option<String>,
    /// What it is for, kept in the erasable text part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remittance: Option<String>,
    /// Who pays, kept in the erasable text part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub debtor_name: Option<String>,
    /// Who receives, kept in the erasable text part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creditor_name: Option<String>,
}

/// Funds in (`issue`) or out (`redeem`), against the asset's issuance account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Funds {
    /// Instruction id.
    pub id: InstructionId,
    /// The account.
    pub account: AccountRef,
    /// The amount.
    pub amount: Amount,
}

/// Registers one more key of a participant; needs the participant's own policy too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddKey {
    /// Instruction id.
    pub id: InstructionId,
    /// Whose key.
    pub participant: ParticipantId,
    /// The key.
    pub vkey: VerifierKeyText,
}

/// Revokes a key from this entry on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevokeKey {
    /// Instruction id.
    pub id: InstructionId,
    /// Whose key.
    pub participant: ParticipantId,
    /// Its key id.
    pub key_id: KeyIdText,
}

/// Registers an asset that a module describes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddAsset {
    /// Instruction id.
    pub id: InstructionId,
    /// Asset id.
    pub asset: AssetId,
    /// Module name, e.g. `fiat`.
    pub module: String,
    /// Version of the module's descriptions; 1 if left out. Stated rather than "the newest", so
    /// that a replay by later software gets the same answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub module_version: Option<u16>,
}

/// Suspends, retires or reactivates an asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetAssetStatus {
    /// Instruction id.
    pub id: InstructionId,
    /// Asset id.
    pub asset: AssetId,
    /// New status.
    pub status: AssetStatus,
}

/// Opens an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenAccount {
    /// Instruction id.
    pub id: InstructionId,
    /// Its address.
    pub address: Address,
    /// Who owns it.
    pub owner: ParticipantId,
    /// What it is for.
    pub kind: AccountKind,
    /// Its asset.
    pub asset: AssetId,
}

/// Closes an account that is empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloseAccount {
    /// Instruction id.
    pub id: InstructionId,
    /// Its address.
    pub address: Address,
}

/// Sets a rule parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetParameter {
    /// Instruction id.
    pub id: InstructionId,
    /// Name.
    pub name: String,
    /// Value.
    pub value: u64,
}

/// Activates a protocol version from an index on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protocol {
    /// Instruction id.
    pub id: InstructionId,
    /// Version.
    pub version: u32,
    /// First index under the new rules.
    pub from_index: u64,
}

/// Erases the body and text parts of an entry by destroying their key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erase {
    /// Instruction id.
    pub id: InstructionId,
    /// The entry.
    pub entry_index: u64,
    /// Legal basis.
    pub basis: String,
}

/// Adds a key that signs checkpoints beside the present one, from this entry on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddLogKey {
    /// Instruction id.
    pub id: InstructionId,
    /// The key; its name is the log's origin.
    pub vkey: VerifierKeyText,
    /// The new key's own signature over [`chain::statement::log_key_text`], as a signature header
    /// has it: name, then base64 of key id and signature.
    pub proof: String,
}

/// Ends a key of the log: checkpoints from this entry on do without it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetireLogKey {
    /// Instruction id.
    pub id: InstructionId,
    /// Its key id.
    pub key_id: KeyIdText,
}

impl Instruction {
    /// The instruction's id.
    #[must_use]
    pub const fn id(&self) -> InstructionId {
        match self {
            Self::Transfer(i) => i.id,
            Self::Issue(i) | Self::Redeem(i) => i.id,
            Self::Reserve(i) => i.id,
            Self::Capture(i) => i.id,
            Self::Void(i) => i.id,
            Self::Cancel(i) => i.id,
            Self::Requeue(i) => i.id,
            Self::AddParticipant(i) => i.id,
            Self::AddKey(i) => i.id,
            Self::RevokeKey(i) => i.id,
            Self::AddAsset(i) => i.id,
            Self::SetAssetStatus(i) => i.id,
            Self::OpenAccount(i) => i.id,
            Self::CloseAccount(i) => i.id,
            Self::SetLimits(i) => i.id,
            Self::SetParameter(i) => i.id,
            Self::Protocol(i) => i.id,
            Self::Erase(i) => i.id,
            Self::AddLogKey(i) => i.id,
            Self::RetireLogKey(i) => i.id,
            Self::Propose(i) => i.id,
            Self::Approve(i) => i.id,
            Self::Withdraw(i) | Self::Decline(i) => i.id,
            Self::Freeze(i) => i.id,
            Self::Lift(i) => i.id,
            Self::ReopenAccount(i) => i.id,
            Self::SuspendParticipant(i) => i.id,
            Self::ResumeParticipant(i) | Self::TerminateParticipant(i) => i.id,
            Self::AdmitParticipant(i) => i.id,
            Self::IdentifyParticipant(i) => i.id,
            Self::SetVia(i) => i.id,
            Self::SetParticipantDays(i) => i.id,
            Self::OpenModel(i) => i.id,
            Self::CloseModel(i) => i.id,
            Self::JoinModel(i) => i.id,
            Self::Clear(i) => i.id,
            Self::CloseWindow(i) => i.id,
            Self::SetCalendar(i) => i.id,
            Self::Return(i) => i.id,
            Self::Reverse(i) => i.id,
            Self::Recall(i) => i.id,
            Self::RefuseRecall(i) => i.id,
            Self::Split(i) => i.id,
            Self::GrantMandate(i) => i.id,
            Self::RevokeMandate(i) => i.id,
            Self::SetPosting(i) => i.id,
            Self::SetProvider(i) => i.id,
            Self::SetRate(i) => i.id,
            Self::WithdrawRate(i) => i.id,
            Self::Quote(i) => i.id,
            Self::Convert(i) => i.id,
            Self::SetFees(i) => i.id,
            Self::SetReservation(i) => i.id,
        }
    }

    /// What it proposes: its ids are used up with its own.
    #[must_use]
    pub fn proposed(&self) -> &[Self] {
        match self {
            Self::Propose(i) => &i.instructions,
            _ => &[],
        }
    }

    /// Whether it is about a proposal: a message of such instructions alone takes one signature of
    /// its submitter, for its policy is asked when something is carried out.
    #[must_use]
    pub const fn is_about_proposal(&self) -> bool {
        matches!(
            self,
            Self::Propose(_) | Self::Approve(_) | Self::Withdraw(_) | Self::Decline(_)
        )
    }

    /// How many items it is at least, if it takes effect; a refusal is one. Captures, voids,
    /// cancellations, suspensions and approvals may come to be more, and legs on which fees are due, for
    /// that is known only when they are carried out. A split may come to be less.
    #[must_use]
    pub fn items(&self) -> usize {
        match self {
            Self::Transfer(i) if i.is_plain() => i.legs.len(),
            Self::Transfer(i) => i.legs.len().saturating_add(1),
            // The instruction is an item of its own.
            Self::Reserve(i) => i.legs.len().saturating_add(1),
            Self::Clear(i) => i.payments.len().saturating_add(1),
            Self::Return(_) | Self::Reverse(_) | Self::Recall(_) | Self::RefuseRecall(_) => 2,
            // At most one leg less than there are accounts.
            Self::Split(i) => i.places(),
            Self::Quote(_) => 2,
            Self::Convert(_) => 3,
            _ => 1,
        }
    }

    /// The instruction as JSON, exactly as items carry it.
    ///
    /// # Panics
    /// Never: every field has a JSON form.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("every field of an instruction has a JSON form")
    }
}
