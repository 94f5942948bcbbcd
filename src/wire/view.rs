//! What readers are shown. Amounts are strings with exactly the asset's decimal places.

mod kind;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use super::account_view::AccountView;
use super::base64::{Bytes, HashText};
use crate::ledger::{
    Address, Asset, AssetId, AssetStatus, Bic, Date, Incoming, InstructionId, ItemRef, Key,
    KeyIdText, Lei, MessageId, ModelId, Month, OfOriginal, Outcome, Participant, ParticipantId,
    ParticipantState, Reference, Role, Time,
};
pub use kind::HistoryKind;

/// A page of accounts, by their numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountsPage {
    /// The accounts.
    pub items: Vec<AccountView>,
    /// The `cursor` to go on with, if there are more.
    pub next: Option<String>,
}

/// A page of an account's history, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoryPage {
    /// Address of the account.
    pub account: Address,
    /// The lines.
    pub items: Vec<HistoryRow>,
    /// Where to go on, if there is more.
    pub next: Option<Cursor>,
}

/// One line of an account's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryRow {
    /// Log index of the entry.
    pub index: u64,
    /// Number of the item in the entry.
    pub item: u32,
    /// Time of the entry.
    pub time: Time,
    /// Its business date, if the asset has a calendar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business_date: Option<Date>,
    /// From which date on it counts in value-dated balances, if the asset has a calendar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_date: Option<Date>,
    /// For which month something is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<Month>,
    /// What moved the money.
    pub kind: HistoryKind,
    /// Instruction id.
    pub id: InstructionId,
    /// Ordinal of the instruction in its message.
    pub instruction: u32,
    /// Ordinal of the leg in its instruction.
    pub leg: u16,
    /// Whether the account paid or received.
    pub direction: Direction,
    /// Amount.
    pub amount: String,
    /// The account on the other side: its address, or `#` and its number if a binary batch named
    /// it so and the reader may not read it otherwise.
    pub counterparty: String,
    /// The end-to-end reference of a record of a binary batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Reference>,
    /// Of which hold a capture or a void is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<InstructionId>,
    /// Under which mandate the account was debited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mandate: Option<InstructionId>,
    /// What became of it: `SETTLED`, if money moved; of a notice, what became of the payment that waits,
    /// of a recall, what became of that.
    pub outcome: Outcome,
    /// Whether the amount moved the balance; what is reserved, noticed, cleared or owed did not.
    pub booked: bool,
    /// Of which settlement model what was cleared, or a net, is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelId>,
    /// And of which of its windows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<u64>,
    /// Which item of the log it gives back, or asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<OriginalView>,
    /// At which rate or quote a leg of a conversion is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<InstructionId>,
    /// What was rounded away of its amount, in parts of a minor unit, such as `1/3`; nothing, if it is
    /// exact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub residue: Option<String>,
    /// Posted balance after the item: kinds that are not booked leave it as it was.
    pub balance: String,
    /// Message id, if the reader wrote or signed the message, or is an auditor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<MessageId>,
    /// The texts that came with it, for the owner and auditors, until they are erased.
    #[serde(flatten)]
    pub texts: RowTexts,
}

/// The item of the log that a line gives back, or asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OriginalView {
    /// Log index of its entry.
    pub index: u64,
    /// Number of the item in that entry.
    pub item: u32,
    /// Id of its instruction.
    pub id: InstructionId,
    /// Why, a code of ISO 20022.
    pub reason: String,
}

impl HistoryRow {
    /// By how much the line moved the balance: its amount with a minus where the account paid, and zero
    /// with the same decimals if it is not booked. Over a statement the sum is closing less opening
    /// balance.
    #[must_use]
    pub fn booked_amount(&self) -> String {
        let amount = &self.amount;
        match (self.booked, self.direction) {
            (true, Direction::Credit) => amount.clone(),
            (true, Direction::Debit) if amount.bytes().all(|b| matches!(b, b'0' | b'.')) => {
                amount.clone()
            }
            (true, Direction::Debit) => alloc::format!("-{amount}"),
            (false, _) => match amount.split_once('.') {
                Some((_, decimals)) => alloc::format!("0.{}", "0".repeat(decimals.len())),
                None => "0".into(),
            },
        }
    }
}

impl OriginalView {
    /// Shows what a leg says of its original.
    #[must_use]
    pub fn of(of: &OfOriginal) -> Self {
        Self {
            index: of.original.index,
            item: of.original.item,
            id: of.id,
            reason: chain::OfOriginal::from(of).reason().into(),
        }
    }
}

/// The texts of a line, as the sender wrote them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowTexts {
    /// The payer's reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_to_end_id: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remittance: Option<String>,
    /// Who pays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub debtor_name: Option<String>,
    /// Who receives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creditor_name: Option<String>,
}

/// A page of entries, for auditors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntriesPage {
    /// The entries, by index.
    pub items: Vec<EntryView>,
    /// The index to go on with, if there are more.
    pub next: Option<u64>,
}

/// The content type of entries as records: what an export holds ([`chain::Record`]).
pub const RECORDS_TYPE: &str = "application/vnd.quittance.records";

/// Which side of a leg an account was on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// It paid.
    Debit,
    /// It received.
    Credit,
}

/// Where a page of history goes on: an item, as `index.item`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cursor(pub ItemRef);

/// A text that is no cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a cursor is `index.item`")]
pub struct CursorError;

/// An entry with all that belongs to it, as auditors read it one by one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryView {
    /// Log index.
    pub index: u64,
    /// The entry, 120 bytes.
    pub entry: Bytes,
    /// The entry's salt, from which all others derive.
    pub salt: HashText,
    /// Item bytes, item 0 first.
    pub items: Vec<Bytes>,
    /// Content type that item 0 states, also where there is no body (genesis, seals).
    pub content_type: Option<String>,
    /// The body, AES-256-GCM under `body_key` with a zero nonce; ciphertext, then tag.
    pub sealed_body: Option<Bytes>,
    /// The body's key. Absent if it was erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_key: Option<HashText>,
}

/// What a log says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogView {
    /// The log's origin.
    pub origin: String,
    /// Leaf hash of entry 0.
    pub genesis_hash: HashText,
    /// The key that signs checkpoints; the newest while one takes over from another.
    pub vkey: String,
    /// Every key that the log ever had, oldest first.
    pub keys: Vec<LogKeyView>,
    /// `live` or `sandbox`.
    pub mode: String,
    /// Protocol version in force.
    pub protocol: u32,
}

/// A key of the log. It signs checkpoints of sizes above `added`, up to and including `retired`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogKeyView {
    /// The key.
    pub vkey: String,
    /// Index of the entry that added it; 0 for the founding.
    pub added: u64,
    /// Index of the entry that retired it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired: Option<u64>,
}

/// One participant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParticipantView {
    /// Id.
    pub id: ParticipantId,
    /// Role.
    pub role: Role,
    /// Keys, in the order of registration.
    pub keys: Vec<KeyView>,
    /// How many distinct active keys must sign.
    pub threshold: u32,
    /// Its BIC, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bic: Option<Bic>,
    /// Its LEI, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lei: Option<Lei>,
    /// Via whom it is reached, if it has no keys of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<ParticipantId>,
    /// Dates on which it is closed, in order, whatever the calendars of assets say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holidays: Vec<Date>,
    /// How far it takes part. Whether it is active or suspended is for itself, operators and auditors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<ParticipantState>,
    /// Whether it receives nothing while it is suspended: for the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incoming: Option<Incoming>,
}

/// One key of a participant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyView {
    /// The key.
    pub vkey: String,
    /// Its key id.
    pub key_id: KeyIdText,
    /// Whether it counts.
    pub status: KeyStatus,
    /// Log index that registered it.
    pub added_at: u64,
    /// Log index that revoked it.
    pub revoked_at: Option<u64>,
}

/// Whether a key's signatures count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyStatus {
    /// They do.
    Active,
    /// They count for entries before it was revoked.
    Revoked,
}

/// One asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssetView {
    /// Id.
    pub id: AssetId,
    /// Name of the module that described it.
    pub module: String,
    /// Decimal places.
    pub scale: u8,
    /// Whether it takes postings.
    pub status: AssetStatus,
}

/// Who a session belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhoAmI {
    /// The participant.
    pub participant: ParticipantId,
    /// Its role.
    pub role: Role,
    /// When the session ends.
    pub expires_at: Time,
}

impl ParticipantView {
    /// Shows a participant, and whether it is suspended if that `concerns` the reader: who takes part
    /// at all is no secret.
    #[must_use]
    pub fn of(participant: &Participant, via: Option<ParticipantId>, concerns: bool) -> Self {
        let state = participant.state;
        let incoming = match participant.refuses {
            true => Incoming::Refuse,
            false => Incoming::Accept,
        };
        Self {
            id: participant.id.clone(),
            role: participant.role,
            keys: participant.keys.iter().map(KeyView::of).collect(),
            threshold: participant.threshold,
            bic: participant.bic.clone(),
            lei: participant.lei.clone(),
            via,
            holidays: participant.holidays.clone(),
            status: (concerns || participant.is_apart()).then_some(state),
            incoming: (concerns && participant.is_suspended()).then_some(incoming),
        }
    }
}

impl KeyView {
    /// Shows a key.
    #[must_use]
    pub fn of(key: &Key) -> Self {
        let vkey = key.verifier_key();
        Self {
            vkey: vkey
                .map(|vkey| alloc::string::ToString::to_string(&vkey))
                .unwrap_or_default(),
            key_id: KeyIdText::from_u32(key.id),
            status: match key.revoked {
                None => KeyStatus::Active,
                Some(_) => KeyStatus::Revoked,
            },
            added_at: key.added,
            revoked_at: key.revoked,
        }
    }
}

impl AssetView {
    /// Shows an asset.
    #[must_use]
    pub fn of(asset: &Asset) -> Self {
        Self {
            id: asset.id.clone(),
            module: asset.module.clone(),
            scale: asset.scale,
            status: asset.status,
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0.index, self.0.item)
    }
}

impl FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let plain = |part: &str| {
            let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            digits && (part == "0" || !part.starts_with('0'))
        };
        let (index, item) = text.split_once('.').ok_or(CursorError)?;
        if !plain(index) || !plain(item) {
            return Err(CursorError);
        }
        Ok(Self(ItemRef {
            index: index.parse().map_err(|_| CursorError)?,
            item: item.parse().map_err(|_| CursorError)?,
        }))
    }
}

impl TryFrom<String> for Cursor {
    type Error = CursorError;
    fn try_from(text: String) -> Result<Self, CursorError> {
        text.parse()
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        alloc::format!("{cursor}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn a_cursor_has_one_spelling() {
        let cursor: Cursor = "4711.2".parse().unwrap();
        let expected = ItemRef {
            index: 4711,
            item: 2,
        };
        assert_eq!(cursor.0, expected);
        assert_eq!(cursor.to_string(), "4711.2");
        for bad in [
            "",
            ".",
            "1",
            "1.",
            ".1",
            "01.1",
            "1.01",
            "+1.1",
            "1.2.3",
            "1.4294967296",
        ] {
            assert_eq!(bad.parse::<Cursor>(), Err(CursorError), "{bad}");
        }
    }

    #[test]
    fn an_entry_view_keeps_to_the_contract() {
        let view = EntryView {
            index: 3,
            entry: Bytes(alloc::vec![1]),
            salt: HashText(chain::Hash::ZERO),
            items: alloc::vec![Bytes(alloc::vec![2])],
            content_type: None,
            sealed_body: None,
            body_key: None,
        };
        let json = serde_json::to_string(&view).unwrap();
        assert_eq!(
            json,
            "{\"index\":3,\"entry\":\"AQ==\",\
             \"salt\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\",\"items\":[\"Ag==\"],\
             \"content_type\":null,\"sealed_body\":null}"
        );
        assert_eq!(serde_json::from_str::<EntryView>(&json).unwrap(), view);
        let with_null = json.replace("}", ",\"body_key\":null}");
        assert_eq!(serde_json::from_str::<EntryView>(&with_null).unwrap(), view);
        let unknown = json.replace("}", ",\"more\":1}");
        assert!(serde_json::from_str::<EntryView>(&unknown).is_err());
    }
}
