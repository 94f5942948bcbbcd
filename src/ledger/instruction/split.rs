//! Splits: from one or more payers to one or more payees, in amounts that the ledger works out
//! (LEDGER F05).

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{AccountRef, Condition};
use crate::ledger::amount::Amount;
use crate::ledger::id::{AssetId, InstructionId};

/// Divides what the payers pay among the payees, all or nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// Instruction id.
    pub id: InstructionId,
    /// The asset of all accounts.
    pub asset: AssetId,
    /// Who pays, in this order.
    pub payers: Vec<Payer>,
    /// Who receives, in this order.
    pub payees: Vec<Payee>,
    /// What must hold when it is carried out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conditions: Option<Vec<Condition>>,
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

/// An account that pays: `amount`, at most `up_to`, or all that is available.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payer {
    /// The account.
    pub account: AccountRef,
    /// So much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// What is available, and not more than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<Amount>,
    /// `true`: all that is available.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all_available: Option<bool>,
    /// With the two forms before: the least that it must come to. One minor unit, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<Amount>,
}

/// An account that receives: `amount`, a part by `ratio`, or what is left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payee {
    /// The account.
    pub account: AccountRef,
    /// So much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// So many parts of what stated amounts leave, of as many as all ratios together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio: Option<u32>,
    /// `true`: what stated amounts leave. Only the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remainder: Option<bool>,
}

/// What a payer pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ledger) enum Paying {
    /// So much.
    Exact(Amount),
    /// What is available, at most so much if there is an amount.
    Available(Option<Amount>),
}

/// What a payee gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ledger) enum Getting {
    /// So much.
    Exact(Amount),
    /// A part of the rest, by this weight.
    Ratio(u32),
    /// The rest.
    Remainder,
}

impl Payer {
    /// What is asked of it, if one thing is.
    pub(in crate::ledger) const fn form(&self) -> Option<Paying> {
        match (self.amount, self.up_to, self.all_available, self.at_least) {
            (Some(amount), None, None, None) => Some(Paying::Exact(amount)),
            (None, Some(most), None, _) => Some(Paying::Available(Some(most))),
            (None, None, Some(true), _) => Some(Paying::Available(None)),
            _ => None,
        }
    }
}

impl Payee {
    /// What is asked for it, if one thing is.
    pub(in crate::ledger) const fn form(&self) -> Option<Getting> {
        match (self.amount, self.ratio, self.remainder) {
            (Some(amount), None, None) => Some(Getting::Exact(amount)),
            (None, Some(ratio), None) if ratio > 0 => Some(Getting::Ratio(ratio)),
            (None, None, Some(true)) => Some(Getting::Remainder),
            _ => None,
        }
    }
}

impl Split {
    /// How many accounts it names.
    #[must_use]
    pub const fn places(&self) -> usize {
        self.payers.len().saturating_add(self.payees.len())
    }

    /// Whether it can be worked out at all: each party has one form, what is left has one taker, and
    /// weights share it with nobody who takes the rest.
    pub(in crate::ledger) fn is_sound(&self) -> bool {
        let payers = !self.payers.is_empty() && self.payers.iter().all(|p| p.form().is_some());
        let forms: Option<Vec<Getting>> = self.payees.iter().map(Payee::form).collect();
        let Some(forms) = forms.filter(|forms| !forms.is_empty()) else {
            return false;
        };
        let rests = forms.iter().filter(|form| **form == Getting::Remainder);
        let by_weight = forms.iter().any(|form| matches!(form, Getting::Ratio(_)));
        payers
            && match rests.count() {
                0 => true,
                1 => !by_weight && forms.last() == Some(&Getting::Remainder),
                _ => false,
            }
    }
}
