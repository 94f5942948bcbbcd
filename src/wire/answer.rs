//! The answer to a submission that is in the log, even if every outcome refuses.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::detail::Detail;
use super::fees::FeeRow;
use super::receipt::ReceiptFile;
use crate::ledger::{
    Account, Asset, InstructionId, Outcome, OutcomeRow, Time, outcomes, print_minor,
};

/// The answer to a submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Log index of the entry.
    pub index: u64,
    /// Time of the entry.
    pub time: Time,
    /// One outcome an instruction, in order.
    pub outcomes: Vec<OutcomeView>,
    /// The submitter's own accounts that changed, as they stood when the answer was made.
    pub balances: Vec<BalanceRow>,
    /// What the submitter's own accounts pay as fees.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fees: Vec<FeeRow>,
    /// In the answer to a dry run: payments of the submitter, what waits by this message among them, that
    /// would settle right behind it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settles: Vec<InstructionId>,
    /// The receipt; `None` in the answer to a dry run, which proves nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<ReceiptFile>,
}

/// The outcome of one instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomeView {
    /// Ordinal of the instruction in its message.
    pub instruction: u32,
    /// Instruction id.
    pub id: InstructionId,
    /// The outcome's code.
    pub code: Outcome,
    /// ISO 20022 transaction status.
    pub iso_status: IsoStatus,
    /// ISO 20022 external status reason, of a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iso_reason: Option<IsoReason>,
    /// The leg a refusal points at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leg: Option<u16>,
    /// What the outcome refers to ([`Detail`]): the entry that used the id or ended the hold, the number
    /// of what was made, the business date as in 20261224.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<u64>,
}

/// ISO 20022 transaction status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum IsoStatus {
    /// Settled, or in force.
    Acsc,
    /// Reserved: accepted, and not settled yet.
    Acsp,
    /// Accepted with a change: it settles on another date.
    Acwc,
    /// Given back, or taken back.
    Canc,
    /// Waiting for others to agree.
    Patc,
    /// Waiting.
    Pdng,
    /// Rejected.
    Rjct,
}

impl IsoStatus {
    /// The status of an outcome.
    #[must_use]
    pub fn of(outcome: Outcome) -> Self {
        match outcome.iso_status() {
            "ACSC" => Self::Acsc,
            "ACSP" => Self::Acsp,
            "ACWC" => Self::Acwc,
            "CANC" => Self::Canc,
            "PATC" => Self::Patc,
            "PDNG" => Self::Pdng,
            _ => Self::Rjct,
        }
    }
}

/// ISO 20022 external status reason: four letters or digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IsoReason([u8; 4]);

/// A text that is no external status reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a reason is four capital letters or digits")]
pub struct IsoReasonError;

/// One account of the submitter's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BalanceRow {
    /// Address.
    pub account: String,
    /// Posted balance.
    pub posted: String,
    /// Reserved for debits.
    pub pending_debits: String,
    /// What may still be debited.
    pub available: String,
    /// Log index up to which this is true.
    pub at_index: u64,
}

impl OutcomeView {
    /// Shows one outcome. `detail` stands only where the outcome refers to something.
    #[must_use]
    pub fn of(row: &OutcomeRow) -> Self {
        let good = row.outcome.is_good();
        Self {
            instruction: row.instruction,
            id: row.id,
            code: row.outcome,
            iso_status: IsoStatus::of(row.outcome),
            iso_reason: IsoReason::new(row.outcome.iso_reason()).filter(|_| !good),
            leg: row.leg,
            detail: Detail::of(row.outcome).map(|_| row.detail),
        }
    }

    /// Shows the outcomes of a message from its drafts.
    #[must_use]
    pub fn all(drafts: &[crate::ledger::Draft]) -> Vec<Self> {
        outcomes(drafts).iter().map(Self::of).collect()
    }
}

impl BalanceRow {
    /// Shows an account as it stands after entry `at_index`.
    #[must_use]
    pub fn of(account: &Account, asset: &Asset, at_index: u64) -> Self {
        let pending = i128::try_from(account.counters.debits_pending).unwrap_or(i128::MAX);
        Self {
            account: account.address.as_str().into(),
            posted: print_minor(account.counters.posted(), asset.scale),
            pending_debits: print_minor(pending, asset.scale),
            available: print_minor(account.available(), asset.scale),
            at_index,
        }
    }
}

impl IsoReason {
    /// Checks the grammar.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let bytes: [u8; 4] = text.as_bytes().try_into().ok()?;
        let allowed = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit();
        bytes.iter().all(allowed).then_some(Self(bytes))
    }

    /// The four characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl TryFrom<String> for IsoReason {
    type Error = IsoReasonError;
    fn try_from(text: String) -> Result<Self, IsoReasonError> {
        Self::new(&text).ok_or(IsoReasonError)
    }
}

impl From<IsoReason> for String {
    fn from(reason: IsoReason) -> Self {
        reason.as_str().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_is_told_with_its_own_status() {
        for outcome in Outcome::ALL {
            let json = serde_json::to_value(IsoStatus::of(*outcome)).unwrap();
            assert_eq!(json, outcome.iso_status(), "{}", outcome.code());
        }
    }

    fn row(outcome: Outcome) -> OutcomeRow {
        OutcomeRow {
            instruction: 2,
            id: InstructionId::from_parts(1_700_000_000_000, 5),
            outcome,
            leg: None,
            detail: 0,
        }
    }

    #[test]
    fn an_answer_prints_as_on_the_wire_page() {
        let answer = Answer {
            index: 4711,
            time: "2026-11-23T09:30:00.123456789Z".parse().unwrap(),
            outcomes: alloc::vec![OutcomeView::of(&row(Outcome::Settled))],
            balances: alloc::vec![BalanceRow {
                account: "bank-a:usd".into(),
                posted: "8750.00".into(),
                pending_debits: "0.00".into(),
                available: "8750.00".into(),
                at_index: 4711,
            }],
            fees: Vec::new(),
            settles: Vec::new(),
            receipt: None,
        };
        let json = serde_json::to_string(&answer).unwrap();
        assert_eq!(
            json,
            "{\"index\":4711,\"time\":\"2026-11-23T09:30:00.123456789Z\",\"outcomes\":[\
             {\"instruction\":2,\"id\":\"018bcfe5-6800-7000-8000-000000000005\",\
             \"code\":\"SETTLED\",\"iso_status\":\"ACSC\"}],\"balances\":[\
             {\"account\":\"bank-a:usd\",\"posted\":\"8750.00\",\"pending_debits\":\"0.00\",\
             \"available\":\"8750.00\",\"at_index\":4711}]}"
        );
        assert_eq!(serde_json::from_str::<Answer>(&json).unwrap(), answer);
    }

    #[test]
    fn a_refusal_has_a_reason_and_what_it_refers_to() {
        let mut refused = row(Outcome::IdAlreadyUsed);
        refused.detail = 12;
        let view = OutcomeView::of(&refused);
        let json = serde_json::to_string(&view).unwrap();
        assert!(json.ends_with("\"iso_status\":\"RJCT\",\"iso_reason\":\"DU05\",\"detail\":12}"));
        assert_eq!(serde_json::from_str::<OutcomeView>(&json).unwrap(), view);
        for outcome in Outcome::ALL {
            assert!(IsoReason::new(outcome.iso_reason()).is_some());
        }
        assert_eq!(IsoReason::new("am04"), None);
    }
}
